---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---UDP ports behind which packets are taken out (foo over UDP, GUE).
---@class fou
fou = {}

---Opens a UDP port, and takes packets out of what comes there. The tunnel that sends there has
---`encap = "fou"` or "gue" and `encap_dport`.
---
---Raises:
---* EALREADY the port is in use
---* EINVAL nothing says what is inside
---* EOPNOTSUPP the kernel has no fou, or has not loaded it
---* EPERM the kernel wants root of the machine, in any sandbox
---
---```lua
---local ok, err = pcall(fou.add, 5555, { ipproto = 4 })
---if ok then print(fou.list()) else print(err) end
---```
---
---See ip-fou(8), linux/fou.h.
---@param port integer 1 to 65535
---@param options fou.Options ipproto, or gue = true
function fou.add(port, options) end

---Closes a port. One that was opened for an address, a peer or a link is named by them.
---
---Raises:
---* ENOENT no such port is open
---* EINVAL the same
---* EOPNOTSUPP the kernel has no fou
---
---```lua
---if pcall(fou.add, 5555, { gue = true }) then
---  fou.delete(5555)
---  assert(#fou.list() == 0)
---end
---```
---
---See ip-fou(8).
---@param port integer|fou.Record the port, or its record
---@param options? fou.Options family, local_address, peer, peer_port, dev
function fou.delete(port, options) end

---The ports that are open.
---
---Raises:
---* EOPNOTSUPP the kernel has no fou, or has not loaded it
---
---```lua
---local ok, ports = pcall(fou.list)
---if ok then print(ports) end
---```
---@return fou.Record[] ports printing it prints what ip fou show shows
function fou.list() end

---A UDP port behind which packets are taken out.
---@class fou.Options
---@field family? string inet or inet6; without it that of the addresses, or inet
---@field ipproto? string|integer what is inside, as in the header of an IP packet: 4 (IPv4), 41 (IPv6), 47 (GRE)
---@field gue? boolean a header (generic UDP encapsulation) says what is inside
---@field remcsum_nopartial? boolean remote checksums are made whole at once
---@field local_address? string only packets to this address
---@field peer? string only packets from this address; needs `peer_port`
---@field peer_port? integer only packets from this port
---@field dev? string|integer only packets from this link

---A UDP port behind which packets are taken out. As it is read; called, it is a plain table.
---@class fou.Record
---@field port? integer UDP port
---@field family? string inet or inet6; without it that of the addresses, or inet
---@field ipproto? integer what is inside, as in the header of an IP packet: 4 (IPv4), 41 (IPv6), 47 (GRE)
---@field gue? boolean a header (generic UDP encapsulation) says what is inside
---@field remcsum_nopartial? boolean remote checksums are made whole at once
---@field local_address? string only packets to this address
---@field peer? string only packets from this address; needs `peer_port`
---@field peer_port? integer only packets from this port
---@field dev? string only packets from this link
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local fou_record = {}

---A plain copy of every field.
---@return table
function fou_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class fou.Filter
---@field port? integer|false UDP port
---@field family? string|false inet or inet6; without it that of the addresses, or inet
---@field ipproto? string|integer|false what is inside, as in the header of an IP packet: 4 (IPv4), 41 (IPv6), 47 (GRE)
---@field gue? boolean a header (generic UDP encapsulation) says what is inside
---@field remcsum_nopartial? boolean remote checksums are made whole at once
---@field local_address? string|false only packets to this address
---@field peer? string|false only packets from this address; needs `peer_port`
---@field peer_port? integer|false only packets from this port
---@field dev? string|integer|false only packets from this link
---@field exact? string another word for the key of the object
