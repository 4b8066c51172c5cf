---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Routes of MPLS: what becomes of packets that come in with a label.
---@class mpls
mpls = {}

---Says what becomes of packets that come in with the label: `as` others instead, or none. A link
---takes labels when sysctl net.mpls.conf.LINK.input is 1.
---
---Raises:
---* EEXIST there is a route of that label
---* EINVAL there is no room for the label
---* EOPNOTSUPP the kernel has no MPLS, or has not loaded it
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---if not pcall(sysctl.set, "net.mpls.platform_labels", 1000) then return end -- no MPLS
---mpls.add(100, { as = "200/300", via = "10.0.0.2", dev = "v0" })
---mpls.add(101, { dev = "lo" }) -- the last one is taken off here
---print(mpls.list())
---```
---
---See ip-route(8), linux/rtnetlink.h.
---@param label integer that packets come in with, from 16
---@param options mpls.Options via or dev; as, protocol, ttl_propagate, nexthops
function mpls.add(label, options) end

---Adds the route of a label, or puts it in the place of the one there.
---
---Raises:
---* as for add, without EEXIST
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---if not pcall(sysctl.set, "net.mpls.platform_labels", 1000) then return end -- no MPLS
---mpls.add(100, { as = 200, via = "10.0.0.2", dev = "v0" })
---mpls.replace(100, { as = 201, via = "10.0.0.2", dev = "v0" })
---assert(mpls.get(100).as == "201")
---```
---
---See ip-route(8).
---@param label integer that packets come in with, from 16
---@param options mpls.Options via or dev; as, protocol, ttl_propagate, nexthops
function mpls.replace(label, options) end

---Changes the route of a label that has one.
---
---Raises:
---* ENOENT there is none
---* EOPNOTSUPP the kernel has no MPLS, or has not loaded it
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---if not pcall(sysctl.set, "net.mpls.platform_labels", 1000) then return end -- no MPLS
---mpls.add(100, { as = 200, via = "10.0.0.2", dev = "v0" })
---mpls.set(100, { as = 201, via = "10.0.0.2", dev = "v0" })
---```
---
---See ip-route(8).
---@param label integer that packets come in with, from 16
---@param options mpls.Options via or dev; as, protocol, ttl_propagate, nexthops
function mpls.set(label, options) end

---Removes the route of a label. The kernel says nothing when there is none.
---
---Raises:
---* EOPNOTSUPP the kernel has no MPLS, or has not loaded it
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---if not pcall(sysctl.set, "net.mpls.platform_labels", 1000) then return end -- no MPLS
---mpls.add(100, { as = 200, via = "10.0.0.2", dev = "v0" })
---mpls.delete(100)
---assert(#mpls.list() == 0)
---```
---
---See ip-route(8).
---@param label integer|mpls.Record the label, or the record
---@param options? mpls.Options what it must agree with
function mpls.delete(label, options) end

---The route of a label.
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---if not pcall(sysctl.set, "net.mpls.platform_labels", 1000) then return end -- no MPLS
---mpls.add(100, { as = 200, via = "10.0.0.2", dev = "v0" })
---assert(mpls.get(100).via == "10.0.0.2")
---```
---@param label integer that packets come in with, from 16
---@param filter? mpls.Filter e.g. { dev = "v0" }, { protocol = "static" }
---@return mpls.Record? route nil when there is none
---@return nslab.Error? error why
function mpls.get(label, filter) end

---All routes of labels, or those that the filter describes.
---
---Raises:
---* EAGAIN they kept changing while they were read
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---if not pcall(sysctl.set, "net.mpls.platform_labels", 1000) then return end -- no MPLS
---mpls.add(100, { as = 200, via = "10.0.0.2", dev = "v0" })
---assert(#mpls.list{ dev = "v0" } == 1)
---```
---@param filter? mpls.Filter e.g. { dev = "v0" }, { protocol = "static" }
---@return mpls.Record[] routes printing it prints what ip -f mpls route shows
function mpls.list(filter) end

---Iterates over the routes of labels without building a list.
---
---Raises:
---* EAGAIN at the end: something changed while it was read
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---if not pcall(sysctl.set, "net.mpls.platform_labels", 1000) then return end -- no MPLS
---mpls.add(100, { as = 200, via = "10.0.0.2", dev = "v0" })
---for r in mpls.each() do print(r.label, r.as, r.via) end
---```
---@param filter? mpls.Filter e.g. { dev = "v0" }, { protocol = "static" }
---@return fun(): mpls.Record iterator for a generic for
function mpls.each(filter) end

---Removes every route of a label that the filter describes.
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---if not pcall(sysctl.set, "net.mpls.platform_labels", 1000) then return end -- no MPLS
---mpls.add(100, { as = 200, via = "10.0.0.2", dev = "v0" })
---assert(mpls.flush{ dev = "v0" } == 1)
---```
---@param filter? mpls.Filter e.g. { dev = "v0" }, { protocol = "static" }
---@return integer count how many there were
function mpls.flush(filter) end

---What becomes of packets with a label of MPLS.
---@class mpls.Options
---@field as? integer|string the labels that take its place, the outermost first: 200 or "200/300"; none: it is taken off
---@field via? string the gateway, an IPv4 or IPv6 address that can be reached directly
---@field dev? string|integer the link to send through; "lo": what is left of the packet is looked at here
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer who made it: boot, static, ldp ...
---@field ttl_propagate? boolean the packet takes over the time to live of the label that goes; unless said: as net.mpls.ip_ttl_propagate
---@field nexthops? mpls.nexthop.Options[] several ways, { { as = 200, via = ... }, ... }: flows are spread over them

---What becomes of packets with a label of MPLS. As it is read; called, it is a plain table.
---@class mpls.Record
---@field family? "mpls"|integer mpls
---@field label? string the label that a packet comes in with
---@field as? string the labels that take its place, the outermost first: 200 or "200/300"; none: it is taken off
---@field via? string the gateway, an IPv4 or IPv6 address that can be reached directly
---@field dev? string the link to send through; "lo": what is left of the packet is looked at here
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer who made it: boot, static, ldp ...
---@field ttl_propagate? boolean the packet takes over the time to live of the label that goes; unless said: as net.mpls.ip_ttl_propagate
---@field flags? string[] dead, linkdown ...
---@field nexthops? mpls.nexthop.Record several ways, { { as = 200, via = ... }, ... }: flows are spread over them
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local mpls_record = {}

---A plain copy of every field.
---@return table
function mpls_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class mpls.Filter
---@field family? "mpls"|integer|false mpls
---@field label? integer|string|false the label that a packet comes in with
---@field as? integer|string|false the labels that take its place, the outermost first: 200 or "200/300"; none: it is taken off
---@field via? string|false the gateway, an IPv4 or IPv6 address that can be reached directly
---@field dev? string|integer|false the link to send through; "lo": what is left of the packet is looked at here
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer|false who made it: boot, static, ldp ...
---@field ttl_propagate? boolean the packet takes over the time to live of the label that goes; unless said: as net.mpls.ip_ttl_propagate
---@field flags? string[]|false dead, linkdown ...
---@field nexthops? table|false several ways, { { as = 200, via = ... }, ... }: flows are spread over them
---@field exact? string another word for the key of the object

---One of the ways of a route.
---@class mpls.nexthop.Options
---@field as? integer|string the labels that take its place, the outermost first: 200 or "200/300"; none: it is taken off
---@field via? string the gateway, an IPv4 or IPv6 address that can be reached directly
---@field dev? string|integer the link to send through

---One of the ways of a route.
---@class mpls.nexthop.Record
---@field as? string the labels that take its place, the outermost first: 200 or "200/300"; none: it is taken off
---@field via? string the gateway, an IPv4 or IPv6 address that can be reached directly
---@field dev? string the link to send through
---@field flags? string[] dead, linkdown ...
---@field unknown? table<integer, string> attributes without a row, by their numbers
