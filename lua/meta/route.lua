---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Routing tables.
---@class route
route = {}

---Adds a route.
---
---Raises:
---* EEXIST a route to that network exists
---* ENETUNREACH the gateway cannot be reached
---* ENETDOWN the link is down
---* ENODEV there is no such link
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---route.add("default", { via = "10.0.0.254" })
---print(route.list())
---```
---
---See ip-route(8), linux/rtnetlink.h.
---@param dst string the network: "default", "10.0.0.0/8", "fd00::/64"
---@param options route.Options via or dev, or a type that needs neither
function route.add(dst, options) end

---Adds a route behind others to the same network.
---
---Raises:
---* as for add, without EEXIST
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---route.append("10.9.0.0/16", { via = "10.0.0.254", metric = 9 })
---```
---
---See ip-route(8).
---@param dst string the network: "default", "10.0.0.0/8", "fd00::/64"
---@param options route.Options via or dev, or a type that needs neither
function route.append(dst, options) end

---Adds a route, or puts it in the place of one to the same network.
---
---Raises:
---* as for add, without EEXIST
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---route.replace("default", { via = "10.0.0.254" })
---```
---
---See ip-route(8).
---@param dst string the network: "default", "10.0.0.0/8", "fd00::/64"
---@param options route.Options via or dev, or a type that needs neither
function route.replace(dst, options) end

---Changes a route that exists.
---
---Raises:
---* ENOENT there is no route to that network
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---route.add("10.9.0.0/16", { dev = "v0" })
---route.set("10.9.0.0/16", { via = "10.0.0.254" })
---```
---
---See ip-route(8).
---@param dst string the network: "default", "10.0.0.0/8", "fd00::/64"
---@param options route.Options via or dev, or a type that needs neither
function route.set(dst, options) end

---Removes the first route that agrees with what is given.
---
---Raises:
---* ESRCH there is no such route
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---route.delete("10.0.0.0/24")
---```
---
---See ip-route(8).
---@param dst string|route.Record the network, or the record
---@param options? route.Options to choose among several
function route.delete(dst, options) end

---Asks the kernel which way a packet would take.
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---assert(route.get("10.0.0.7").dev == "v0")
---```
---
---See ip-route(8).
---@param address string of the destination
---@param options? route.Options from, iif, dev, mark, tos, uid
---@return route.Record? route nil when there is no way
---@return nslab.Error? error why: ENETUNREACH, EHOSTUNREACH, EACCES ...
function route.get(address, options) end

---The routes of the main table, or those that the filter describes.
---
---Raises:
---* EAGAIN the routes kept changing while they were read
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---assert(route.list{ exact = "10.0.0.0/24" }[1].protocol == "kernel")
---```
---@param filter? route.Filter table ("main" unless given; "all" for all), family ("inet" unless given, or all tables are), exact, dev, via ...
---@return route.Record[] routes printing it prints what ip route shows
function route.list(filter) end

---Iterates over the routes without building a list.
---
---Raises:
---* EAGAIN at the end: something changed while it was read
---
---```lua
---for r in route.each{ table = "all" } do print(r.dst, r.table) end
---```
---@param filter? route.Filter table ("main" unless given; "all" for all), family ("inet" unless given, or all tables are), exact, dev, via ...
---@return fun(): route.Record iterator for a generic for
function route.each(filter) end

---Removes every route that the filter describes.
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---assert(route.flush{ dev = "v0" } == 1)
---```
---@param filter? route.Filter table ("main" unless given; "all" for all), family ("inet" unless given, or all tables are), exact, dev, via ...
---@return integer count how many there were
function route.flush(filter) end

---An entry of a routing table.
---@class route.Options
---@field family? "inet"|"inet6" follows from the addresses; "inet" when none is given
---@field type? "unicast"|"local"|"broadcast"|"anycast"|"multicast"|"blackhole"|"unreachable"|"prohibit"|"throw"|integer unicast, local, blackhole, unreachable, prohibit, throw ...
---@field from? string for packets from this network (IPv6, get)
---@field tos? "AF11"|"AF12"|"AF13"|"AF21"|"AF22"|"AF23"|"AF31"|"AF32"|"AF33"|"AF41"|"AF42"|"AF43"|"CS1"|"CS2"|"CS3"|"CS4"|"CS5"|"CS6"|"CS7"|"EF"|integer type of service: a number, or AF11, CS1, EF ...
---@field via? string the gateway, an address that can be reached directly
---@field dev? string|integer the link to send through
---@field iif? string|integer for a packet that came in here (get)
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer who made it: kernel, boot, static, dhcp, ra ...
---@field scope? "global"|"site"|"link"|"host"|"nowhere"|integer how far away the destination is: global, link, host
---@field src? string the source address that packets get
---@field metric? integer the smaller wins among routes to one network
---@field table? "default"|"main"|"local"|integer routing table: main, local, default or a number
---@field onlink? boolean believe that the gateway is on the link
---@field mtu? integer of the path, in bytes
---@field window? integer largest TCP window to advertise, in bytes
---@field advmss? integer largest TCP segment to advertise, in bytes
---@field hoplimit? integer hop limit of packets
---@field initcwnd? integer first TCP congestion window, in segments
---@field initrwnd? integer first TCP receive window, in segments
---@field pref? "low"|"medium"|"high"|integer router preference (RFC 4191): low, medium, high
---@field mark? integer for a packet with this mark (get)
---@field uid? integer for a packet of this user (get)

---An entry of a routing table. As it is read; called, it is a plain table.
---@class route.Record
---@field family? "inet"|"inet6" follows from the addresses; "inet" when none is given
---@field type? "unicast"|"local"|"broadcast"|"anycast"|"multicast"|"blackhole"|"unreachable"|"prohibit"|"throw"|integer unicast, local, blackhole, unreachable, prohibit, throw ...
---@field dst? string the network it leads to, or "default"
---@field from? string for packets from this network (IPv6, get)
---@field tos? "AF11"|"AF12"|"AF13"|"AF21"|"AF22"|"AF23"|"AF31"|"AF32"|"AF33"|"AF41"|"AF42"|"AF43"|"CS1"|"CS2"|"CS3"|"CS4"|"CS5"|"CS6"|"CS7"|"EF"|integer type of service: a number, or AF11, CS1, EF ...
---@field via? string the gateway, an address that can be reached directly
---@field dev? string the link to send through
---@field iif? string for a packet that came in here (get)
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer who made it: kernel, boot, static, dhcp, ra ...
---@field scope? "global"|"site"|"link"|"host"|"nowhere"|integer how far away the destination is: global, link, host
---@field src? string the source address that packets get
---@field metric? integer the smaller wins among routes to one network
---@field table? "default"|"main"|"local"|integer routing table: main, local, default or a number
---@field onlink? boolean believe that the gateway is on the link
---@field mtu? integer of the path, in bytes
---@field window? integer largest TCP window to advertise, in bytes
---@field advmss? integer largest TCP segment to advertise, in bytes
---@field hoplimit? integer hop limit of packets
---@field initcwnd? integer first TCP congestion window, in segments
---@field initrwnd? integer first TCP receive window, in segments
---@field pref? "low"|"medium"|"high"|integer router preference (RFC 4191): low, medium, high
---@field mark? integer for a packet with this mark (get)
---@field uid? integer for a packet of this user (get)
---@field flags? string[] dead, linkdown, onlink, cache ...
---@field expires? integer gone in so many seconds
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table

---Which ones are meant. Every field that is given must agree; false: has none.
---@class route.Filter
---@field family? "inet"|"inet6"|false follows from the addresses; "inet" when none is given
---@field type? "unicast"|"local"|"broadcast"|"anycast"|"multicast"|"blackhole"|"unreachable"|"prohibit"|"throw"|integer|false unicast, local, blackhole, unreachable, prohibit, throw ...
---@field dst? string|false the network it leads to, or "default"
---@field from? string|false for packets from this network (IPv6, get)
---@field tos? "AF11"|"AF12"|"AF13"|"AF21"|"AF22"|"AF23"|"AF31"|"AF32"|"AF33"|"AF41"|"AF42"|"AF43"|"CS1"|"CS2"|"CS3"|"CS4"|"CS5"|"CS6"|"CS7"|"EF"|integer|false type of service: a number, or AF11, CS1, EF ...
---@field via? string|false the gateway, an address that can be reached directly
---@field dev? string|integer|false the link to send through
---@field iif? string|integer|false for a packet that came in here (get)
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer|false who made it: kernel, boot, static, dhcp, ra ...
---@field scope? "global"|"site"|"link"|"host"|"nowhere"|integer|false how far away the destination is: global, link, host
---@field src? string|false the source address that packets get
---@field metric? integer|false the smaller wins among routes to one network
---@field table? "default"|"main"|"local"|integer|"all"|false routing table: main, local, default or a number
---@field onlink? boolean believe that the gateway is on the link
---@field mtu? integer|false of the path, in bytes
---@field window? integer|false largest TCP window to advertise, in bytes
---@field advmss? integer|false largest TCP segment to advertise, in bytes
---@field hoplimit? integer|false hop limit of packets
---@field initcwnd? integer|false first TCP congestion window, in segments
---@field initrwnd? integer|false first TCP receive window, in segments
---@field pref? "low"|"medium"|"high"|integer|false router preference (RFC 4191): low, medium, high
---@field mark? integer|false for a packet with this mark (get)
---@field uid? integer|false for a packet of this user (get)
---@field flags? string[]|false dead, linkdown, onlink, cache ...
---@field expires? integer|false gone in so many seconds
---@field exact? string another word for the key of the object
