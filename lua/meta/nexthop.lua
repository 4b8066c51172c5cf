---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Nexthops: ways that routes lead through, as objects, and groups of them.
---@class nexthop
nexthop = {}

---Makes a nexthop, or a group of them; routes name it by nhid.
---
---Raises:
---* EEXIST there is one of that number
---* ENETDOWN the link is down
---* EINVAL a nexthop of the group is not there
---* ENODEV there is no such link
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---nexthop.add(1, { via = "10.0.0.2", dev = "v0" })
---nexthop.add(2, { via = "10.0.0.3", dev = "v0" })
---nexthop.add(10, { group = { { id = 1, weight = 3 }, 2 } })
---route.add("10.9.0.0/16", { nhid = 10 })
---print(nexthop.list())
---```
---
---See ip-nexthop(8), linux/nexthop.h.
---@param id integer its number, from 1
---@param options nexthop.Options via and dev, or dev, or blackhole, or a group of others
function nexthop.add(id, options) end

---Makes a nexthop, or changes it: every route that names it changes with it.
---
---Raises:
---* as for add, without EEXIST
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---nexthop.add(1, { via = "10.0.0.2", dev = "v0" })
---nexthop.add(2, { via = "10.0.0.3", dev = "v0" })
---nexthop.replace(1, { via = "10.0.0.4", dev = "v0" })
---assert(nexthop.get(1).via == "10.0.0.4")
---```
---
---See ip-nexthop(8).
---@param id integer its number, from 1
---@param options nexthop.Options via and dev, or dev, or blackhole, or a group of others
function nexthop.replace(id, options) end

---Removes a nexthop, and the routes that name it.
---
---Raises:
---* ENOENT there is no such nexthop
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---nexthop.add(1, { via = "10.0.0.2", dev = "v0" })
---nexthop.add(2, { via = "10.0.0.3", dev = "v0" })
---nexthop.delete(1)
---assert(#nexthop.list() == 1)
---```
---
---See ip-nexthop(8).
---@param id integer|nexthop.Record its number, or the record
function nexthop.delete(id) end

---The record of one nexthop.
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---nexthop.add(1, { via = "10.0.0.2", dev = "v0" })
---nexthop.add(2, { via = "10.0.0.3", dev = "v0" })
---assert(nexthop.get(2).dev == "v0")
---```
---
---See ip-nexthop(8).
---@param id integer its number, from 1
---@return nexthop.Record? nexthop nil when there is none
---@return nslab.Error? error why
function nexthop.get(id) end

---All nexthops, or those that the filter describes.
---
---Raises:
---* EAGAIN the nexthops kept changing while they were read
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---nexthop.add(1, { via = "10.0.0.2", dev = "v0" })
---nexthop.add(2, { via = "10.0.0.3", dev = "v0" })
---assert(#nexthop.list{ dev = "v0" } == 2)
---```
---@param filter? nexthop.Filter e.g. { dev = "eth0" }, { protocol = "static" }
---@return nexthop.Record[] nexthops printing it prints what ip nexthop shows
function nexthop.list(filter) end

---Iterates over the nexthops without building a list.
---
---Raises:
---* EAGAIN at the end: something changed while it was read
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---nexthop.add(1, { via = "10.0.0.2", dev = "v0" })
---nexthop.add(2, { via = "10.0.0.3", dev = "v0" })
---for n in nexthop.each() do print(n.id, n.via) end
---```
---@param filter? nexthop.Filter e.g. { dev = "eth0" }, { protocol = "static" }
---@return fun(): nexthop.Record iterator for a generic for
function nexthop.each(filter) end

---Removes every nexthop that the filter describes, and the routes that name them.
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---nexthop.add(1, { via = "10.0.0.2", dev = "v0" })
---nexthop.add(2, { via = "10.0.0.3", dev = "v0" })
---assert(nexthop.flush{ dev = "v0" } == 2)
---```
---@param filter? nexthop.Filter e.g. { dev = "eth0" }, { protocol = "static" }
---@return integer count how many there were
function nexthop.flush(filter) end

---A way that routes lead through, or a group of such.
---@class nexthop.Options
---@field family? "inet"|"inet6" follows from the gateway; "inet" when none is given
---@field group? table[] the nexthops that flows are spread over: { 1, 2 } or { { id = 1, weight = 3 }, 2 }
---@field type? "mpath"|"resilient"|integer of a group: mpath, or resilient, which keeps flows where they are
---@field buckets? integer of a resilient group: into how many parts flows are hashed
---@field idle_timer? integer of a resilient group: seconds without a packet until a bucket may move
---@field unbalanced_timer? integer of a resilient group: seconds until buckets move although they are in use
---@field encap? route.encap.Options what packets are wrapped into: { mpls = { labels = 100 } }, ip, ip6, seg6, seg6local, xfrm
---@field via? string the gateway, an address that can be reached directly
---@field dev? string|integer the link to send through
---@field blackhole? boolean packets are dropped
---@field fdb? boolean for the forwarding table of a vxlan, not for routes
---@field onlink? boolean believe that the gateway is on the link
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer who made it

---A way that routes lead through, or a group of such. As it is read; called, it is a plain table.
---@class nexthop.Record
---@field family? "inet"|"inet6" follows from the gateway; "inet" when none is given
---@field id? integer its number, by which routes and groups name it
---@field group? { id: integer, weight: integer }[] the nexthops that flows are spread over: { 1, 2 } or { { id = 1, weight = 3 }, 2 }
---@field type? "mpath"|"resilient"|integer of a group: mpath, or resilient, which keeps flows where they are
---@field buckets? integer of a resilient group: into how many parts flows are hashed
---@field idle_timer? integer of a resilient group: seconds without a packet until a bucket may move
---@field unbalanced_timer? integer of a resilient group: seconds until buckets move although they are in use
---@field unbalanced_time? integer of a resilient group: seconds that it has been out of balance
---@field encap? route.encap.Record what packets are wrapped into: { mpls = { labels = 100 } }, ip, ip6, seg6, seg6local, xfrm
---@field via? string the gateway, an address that can be reached directly
---@field dev? string the link to send through
---@field scope? "global"|"site"|"link"|"host"|"nowhere"|integer how far away it is
---@field blackhole? boolean packets are dropped
---@field fdb? boolean for the forwarding table of a vxlan, not for routes
---@field onlink? boolean believe that the gateway is on the link
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer who made it
---@field flags? string[] dead, linkdown ...
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local nexthop_record = {}

---A plain copy of every field.
---@return table
function nexthop_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class nexthop.Filter
---@field family? "inet"|"inet6"|false follows from the gateway; "inet" when none is given
---@field id? integer|false its number, by which routes and groups name it
---@field group? table[]|false the nexthops that flows are spread over: { 1, 2 } or { { id = 1, weight = 3 }, 2 }
---@field type? "mpath"|"resilient"|integer|false of a group: mpath, or resilient, which keeps flows where they are
---@field buckets? integer|false of a resilient group: into how many parts flows are hashed
---@field idle_timer? integer|false of a resilient group: seconds without a packet until a bucket may move
---@field unbalanced_timer? integer|false of a resilient group: seconds until buckets move although they are in use
---@field unbalanced_time? integer|false of a resilient group: seconds that it has been out of balance
---@field encap? table|false what packets are wrapped into: { mpls = { labels = 100 } }, ip, ip6, seg6, seg6local, xfrm
---@field via? string|false the gateway, an address that can be reached directly
---@field dev? string|integer|false the link to send through
---@field scope? "global"|"site"|"link"|"host"|"nowhere"|integer|false how far away it is
---@field blackhole? boolean packets are dropped
---@field fdb? boolean for the forwarding table of a vxlan, not for routes
---@field onlink? boolean believe that the gateway is on the link
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer|false who made it
---@field flags? string[]|false dead, linkdown ...
---@field groups? boolean groups alone
---@field master? string|integer|false those through links of this vrf or bridge
---@field exact? string another word for the key of the object
