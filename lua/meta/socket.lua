---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Sockets: who listens, who is connected.
---@class socket
socket = {}

---The sockets of the namespace, TCP's and UDP's unless said, with the programs that have them.
---
---Raises:
---* ENOENT the kernel cannot list such sockets (inet_diag, raw_diag, unix_diag)
---
---```lua
---local server = netns.host:spawn { "sleep", "1" }
---for _, s in ipairs(socket.list { listening = true, protocol = "tcp" }) do
---  print(s.address, s.port, s.processes and s.processes[1].name)
---end
---assert(#socket.list { port = 4711 } == 0)
---```
---
---See ss(8), sock_diag(7).
---@param filter? socket.Filter which ones; all unless given
---@return socket.Socket[] sockets printing it prints what ss -n shows
function socket.list(filter) end

---Which sockets are meant.
---@class socket.Filter
---@field protocol? string|string[] tcp, udp, raw, unix, or several; tcp and udp unless given
---@field family? "inet"|"inet6" only these
---@field listening? boolean true: who waits for others; false: who is connected; else both
---@field state? string LISTEN, ESTAB, UNCONN, TIME-WAIT ...
---@field address? string either end has it; of a unix socket its path, or "@" and its name
---@field port? integer either end has it
---@field src? string this end has that address
---@field dst? string the other end has it
---@field sport? integer this end has that port
---@field dport? integer the other end has it
---@field uid? integer of this user, as the sandbox numbers them
---@field processes? boolean false: do not look for the programs

---A socket.
---@class socket.Socket
---@field protocol "tcp"|"udp"|"raw"|"unix" what it speaks
---@field family "inet"|"inet6"|"unix" an IPv6 socket may take IPv4 as well, unless v6only
---@field type? "stream"|"dgram"|"seqpacket" of a unix socket
---@field state string as ss shows it: LISTEN, ESTAB, UNCONN ...
---@field address string of this end; 0.0.0.0 or ::, any; of a unix socket its path, or @ and its name
---@field port? integer of this end; of a raw socket the number of the protocol
---@field peer_address? string of the other end
---@field peer_port? integer of the other end; 0: any
---@field peer_inode? integer of a unix socket: the number of the other end; 0: there is none
---@field recv_queue integer bytes to read; of one that listens, connections to accept
---@field send_queue integer bytes not acknowledged; of one that listens, the most that may wait
---@field uid integer user
---@field inode integer its number
---@field v6only? boolean an IPv6 socket that takes no IPv4
---@field dev? string the link that it is bound to
---@field processes? { name: string, pid: integer, fd: integer }[] programs of the lab that have it
