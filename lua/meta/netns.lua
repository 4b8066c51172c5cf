---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Network namespaces. netns "red" is a handle of the namespace of that name, whether it exists yet
---or not.
---@class netns
---@field host netns.Handle the namespace that the script started in
---@overload fun(which: string|integer|file*|netns.Handle|{ fd: integer }): netns.Handle
netns = {}

---Makes a namespace. It has a loopback link that is down, and nothing else.
---
---Raises:
---* EEXIST a namespace of that name exists
---* EINVAL the name cannot name one
---* ENAMETOOLONG the name is too long
---* EPERM no privilege and no sandbox
---
---```lua
---local red = netns.add "red"
---print(red.link.list())
---```
---
---See ip-netns(8).
---@param name string its name, a file name under /run/netns, at most 255 bytes
---@return netns.Handle handle the namespace
function netns.add(name) end

---Removes the name of a namespace. The namespace ends when no process is left in it.
---
---Raises:
---* ENOENT there is no namespace of that name
---
---```lua
---netns.add "red"
---netns.delete "red"
---```
---
---See ip-netns(8).
---@param name string|netns.Handle which
function netns.delete(name) end

---The namespaces that have a name, in alphabetical order.
---
---```lua
---netns.add "red"
---assert(#netns.list() == 1)
---```
---
---See ip-netns(8).
---@return netns.Handle[] handles printing it prints what ip netns list shows
function netns.list() end

---The handle of a namespace that exists.
---
---```lua
---assert(netns.get "red" == nil)
---```
---@param name string|netns.Handle which
---@return netns.Handle? handle nil when there is none
---@return nslab.Error? error why
function netns.get(name) end

---The namespace the script runs in: the host, or that of the innermost run.
---
---```lua
---assert(netns.current() == netns.host)
---```
---@return netns.Handle handle the namespace
function netns.current() end

---Tells what changes in the lab as it changes, in every namespace that has a name: an iterator, or
---with a function a loop that calls it until it returns true. The watcher has next(timeout_ms),
---fd() and close(). An event has `event` ("new", "delete", or "lost" when the kernel's queue
---overran: read again what matters), `object` (netns, link, addr, route, neigh, rule, nexthop,
---nexthop_bucket, fdb, vlan, vlan_global, mdb, vni, qdisc, class, filter, mroute, mpls, netconf,
---nsid, nftables), `netns`, and `record`, or `key` for a namespace, or `what` for nftables. Only
---those who ask for `port` get what a bridge says of its ports besides, as records of links.
---
---Raises:
---* EINVAL an object that cannot be watched
---
---```lua
---local w = netns.watch{ timeout_ms = 1000, objects = { "link" } }
---link.add("br0", { type = "bridge" })
---for event in w do
---  if event.record.name == "br0" then break end
---end
---```
---
---See rtnetlink(7), linux/netlink.h NETLINK_LISTEN_ALL_NSID.
---@param options? { timeout_ms?: integer, objects?: string[] } ends after so many milliseconds without an event; only these objects
---@param fn? fun(event: netns.Event): boolean? called for each; true ends it
---@return netns.Watcher watcher for a generic for; nothing with a function
function netns.watch(options, fn) end

---A namespace. It is a name and keeps nothing alive.
---@class netns.Handle
---@field name string as shown: "red", "host", "pid 42"
---@field link link the module, acting in this namespace
---@field addr addr the module, acting in this namespace
---@field route route the module, acting in this namespace
---@field neigh neigh the module, acting in this namespace
---@field rule rule the module, acting in this namespace
---@field nexthop nexthop the module, acting in this namespace
---@field nexthop_bucket nexthop_bucket the module, acting in this namespace
---@field fdb fdb the module, acting in this namespace
---@field vlan vlan the module, acting in this namespace
---@field vlan_global vlan_global the module, acting in this namespace
---@field mdb mdb the module, acting in this namespace
---@field vni vni the module, acting in this namespace
---@field qdisc qdisc the module, acting in this namespace
---@field class class the module, acting in this namespace
---@field filter filter the module, acting in this namespace
---@field chain chain the module, acting in this namespace
---@field socket socket the module, acting in this namespace
---@field wireguard wireguard the module, acting in this namespace
---@field addrlabel addrlabel the module, acting in this namespace
---@field fou fou the module, acting in this namespace
---@field macsec macsec the module, acting in this namespace
---@field mroute mroute the module, acting in this namespace
---@field mpls mpls the module, acting in this namespace
---@field netconf netconf the module, acting in this namespace
---@field nsid nsid the module, acting in this namespace
---@field sysctl sysctl the module, acting in this namespace
---@field netlink netlink the module, acting in this namespace
---@field iptables iptables the module, acting in this namespace
---@field ip6tables ip6tables the module, acting in this namespace
local handle = {}

---Calls a function with the thread inside the namespace, and leaves it on every way out. What the
---function opens is the namespace's. It must not yield.
---
---Raises:
---* ENOENT there is no namespace of that name
---* what the function raised
---
---```lua
---local red = netns.add "red"
---red:run(function() assert(netns.current() == red) end)
---```
---@param fn fun(...: any): any the function
---@param ... any its arguments
---@return any ... what the function returned
function handle:run(fn, ...) end

---Removes its name, as netns.delete does.
---
---Raises:
---* ENOENT there is no namespace of that name
---
---```lua
---local red = netns.add "red"
---red:delete()
---```
function handle:delete() end

---Runs a program in the namespace to its end and collects what it says. A string goes to the shell.
---`stdin` is text for it to read; `check` makes a failure raise; after `timeout_ms` it is ended;
---`env` changes variables (false removes one); `pid` and `mount` give it namespaces of its own, as
---in spawn. What it leaves in the background goes on.
---
---Raises:
---* ENOENT there is no such program, or no such namespace
---* EACCES it may not be run
---* ECHILD it failed, with check
---* ETIMEDOUT it took too long, with check
---* EINTR the script was interrupted
---
---```lua
---local red = netns.add "red"
---print(red:exec{ "ip", "-brief", "link", check = true })
---```
---
---See ip-netns(8).
---@param words string|{ [integer]: string|number, stdin?: string, cwd?: string, env?: table<string, string|number|false>, timeout_ms?: integer, check?: boolean, pid?: boolean, mount?: boolean } the program, its arguments, and options
---@return { code: integer, signal?: string, stdout: string, stderr: string, timed_out?: boolean } result printing it prints stdout
function handle:exec(words) end

---Starts a program in the namespace and returns a value that owns it: when that is closed or
---collected, the program ends. It has `pid`, `running`, `command`, and `code` and `signal` once it
---has ended. stdin, stdout and stderr are "null", "inherit", "pipe", a path with a slash or an open
---file; without them the first two are "null" and stderr is ours. stderr = "stdout" joins the two.
---With `pid` it is PID 1 of a PID namespace (pid_inside is 1) and has its own /proc; with `mount`
---what it mounts is its own. `terminal` puts it in front of our terminal, for a shell.
---
---Raises:
---* ENOENT there is no such program, or no such namespace
---* EACCES it may not be run
---
---```lua
---local red = netns.add "red"
---local p <close> = red:spawn{ "sleep", 60, pid = true }
---print(p, p.pid, p.pid_inside)
---```
---
---See pid_namespaces(7).
---@param words string|{ [integer]: string|number, stdin?: string|file*, stdout?: string|file*, stderr?: string|file*, cwd?: string, env?: table<string, string|number|false>, pid?: boolean, mount?: boolean, terminal?: boolean } the program, its arguments, and options
---@return netns.Process process close it, or declare it <close>
function handle:spawn(words) end

---Sends ICMP echo requests from the namespace and waits for their answers. Silence is no error:
---received is 0 then. Packet after packet leaves at its time, whether the one before was answered
---or not. Printing the result gives "1 sent, 1 received, rtt 0.05 ms".
---
---Raises:
---* ENETUNREACH there is no route to the address
---* EHOSTUNREACH a route says that it cannot be reached
---* EACCES a broadcast address, or a route that prohibits it
---* EPERM a firewall rule forbids it
---* ENODEV there is no such link
---* EINVAL this is no address
---
---```lua
---local red = netns.add "red"
---red.link.set("lo", { up = true })
---assert(red:ping("127.0.0.1").received == 1)
---```
---
---See ping(8), RFC 792, RFC 4443.
---@param address string IPv4 or IPv6; a link-local one with its link: fe80::1%eth0
---@param options? { count?: integer, interval_ms?: integer, timeout_ms?: integer, size_bytes?: integer, dev?: string } how many (1), how far apart (1000, as ping does), how long each is waited for (1000), bytes after the ICMP header (56), the link to send through
---@return { sent: integer, received: integer, rtts_ms: number[], unreachable?: string } result round-trip times in the order in which the answers came; unreachable is the code of the last ICMP error that came instead, EHOSTUNREACH for example
function handle:ping(address, options) end

---A program that red:spawn has started; ends with the value.
---@class netns.Process
---@field pid integer its number
---@field running boolean has not ended yet
---@field command string as one would type it
---@field code? integer exit status, or 128 and the signal's number; once it has ended
---@field signal? string that ended it
local netns_process = {}

---Waits for its end. `code` is its exit status, or 128 and the number of the signal that ended it,
---whose name is then in `signal`.
---
---Raises:
---* EINTR the script was interrupted
---
---```lua
---local p <close> = netns.host:spawn{ "true" }
---assert(p:wait().code == 0)
---```
---@param timeout_ms? integer without it, as long as it takes
---@return { code: integer, signal?: string }? status nil when it has not ended in time
---@return string? why then "timeout"
function netns_process:wait(timeout_ms) end

---Sends a signal to it and to all of its process group.
---
---Raises:
---* EINVAL there is no such signal
---
---```lua
---local p <close> = netns.host:spawn{ "sleep", 60 }
---p:kill "KILL"
---assert(p:wait().signal == "KILL")
---```
---
---See signal(7).
---@param signal? string|integer "TERM" without it
---@return boolean sent false when it has ended already
function netns_process:kill(signal) end

---Reads from its standard output, which has to be a pipe.
---
---Raises:
---* EBADF its output is no pipe
---
---```lua
---local p <close> = netns.host:spawn{ "echo", "ready", stdout = "pipe" }
---assert(p:read("l", 5000) == "ready")
---```
---@param what? "l"|"a"|integer a line without its end (so without it), all there is to come, or at most so many bytes
---@param timeout_ms? integer without it, as long as it takes
---@return string? text nil at the end, or when it did not come in time
---@return string? why then "timeout"
function netns_process:read(what, timeout_ms) end

---The lines of its standard output, which has to be a pipe, for a generic for.
---
---Raises:
---* EBADF its output is no pipe
---
---```lua
---local p <close> = netns.host:spawn{ "seq", 3, stdout = "pipe" }
---for line in p:lines() do print(line) end
---```
---@return fun(): string? next the iterator
function netns_process:lines() end

---Writes to its standard input, which has to be a pipe.
---
---Raises:
---* EBADF its input is no pipe
---* EPIPE nobody reads it any more
---
---```lua
---local p <close> = netns.host:spawn{ "cat", stdin = "pipe", stdout = "pipe" }
---p:write "hello\n"
---assert(p:read() == "hello")
---```
---@param text string the bytes
---@return netns.Process process itself
function netns_process:write(text) end

---Closes the pipe to its standard input, so that it reads the end of it.
---
---```lua
---local p <close> = netns.host:spawn{ "cat", stdin = "pipe" }
---p:close_stdin()
---assert(p:wait(5000).code == 0)
---```
function netns_process:close_stdin() end

---Ends it: SIGTERM, and SIGKILL for it and its whole group 0.7 s later. A variable declared <close>
---does that by itself; safe twice.
---
---```lua
---local p = netns.host:spawn{ "sleep", 60 }
---p:close()
---assert(not p.running)
---```
function netns_process:close() end

---What netns.watch returns: an iterator that can be asked by hand, too.
---@class netns.Watcher
local netns_watcher = {}

---Waits for the next event.
---
---Raises:
---* EINTR the script was interrupted
---* EBADF it is closed
---
---```lua
---local w <close> = netns.watch{ objects = { "link" } }
---link.set("lo", { mtu = 9000 })
---assert(w:next(1000).record.name == "lo")
---```
---@param timeout_ms? integer that of the watcher unless given; -1: as long as it takes
---@return netns.Event? event nil when none came in time
function netns_watcher:next(timeout_ms) end

---A descriptor to poll beside others, for input: when it is readable, call next(0) until that
---returns nil.
---
---Raises:
---* EBADF it is closed
---
---```lua
---local w <close> = netns.watch{ objects = { "link" } }
---assert(w:fd() >= 0)
---```
---@return integer fd closed with the watcher
function netns_watcher:fd() end

---Ends it. A variable declared <close>, or a generic for, does that by itself; safe twice.
---
---```lua
---local w = netns.watch()
---w:close()
---```
function netns_watcher:close() end

---One thing that netns.watch tells.
---@class netns.Event
---@field event "new"|"delete"|"lost" lost: the kernel's queue overran, read again what matters
---@field object? string netns, link, addr, route, neigh, rule, nexthop, nexthop_bucket, fdb, vlan, vlan_global, mdb, vni, qdisc, class, filter, mroute, mpls, netconf, nsid, nftables, port
---@field netns? netns.Handle where; of object netns: which
---@field record? link.Record|addr.Record|route.Record|neigh.Record|rule.Record|nexthop.Record|nexthop_bucket.Record|fdb.Record|vlan.Record|mdb.Record|vni.Record|qdisc.Record|class.Record|filter.Record|mroute.Record|mpls.Record|netconf.Record|nsid.Record what it is now
---@field key? string the name, of a namespace
---@field what? string table, chain, rule, set ...; of nftables
