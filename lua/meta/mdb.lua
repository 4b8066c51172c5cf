---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Multicast groups of bridges: behind which port somebody listens to a group.
---@class mdb
mdb = {}

---Enters that a group is behind a port; behind the bridge itself: the machine listens. It is
---forgotten after a while, unless `state` is "permanent". `source_list`, `filter_mode` and
---`protocol` are heard by kernels since 6.3.
---
---Raises:
---* EEXIST there is an entry
---* EINVAL this is no group, or the bridge is down
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---mdb.add("239.1.1.1", { dev = "br0", port = "v0", state = "permanent" })
---print(mdb.list{ dev = "br0", port = "v0" })
---```
---
---See bridge(8), linux/if_bridge.h.
---@param grp string the group: an IP address, or a hardware address
---@param options mdb.Options dev and port are needed; state, src, vid, filter_mode and source_list
function mdb.add(grp, options) end

---Enters that a group is behind a port, or changes the entry. Kernels before 6.3 refuse to change
---one.
---
---Raises:
---* as for add
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---mdb.replace("239.1.1.1", { dev = "br0", port = "v0", state = "permanent" })
---```
---
---See bridge(8).
---@param grp string the group: an IP address, or a hardware address
---@param options mdb.Options dev and port are needed; state, src, vid, filter_mode and source_list
function mdb.replace(grp, options) end

---Removes an entry.
---
---Raises:
---* EINVAL there is no such entry
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---mdb.add("239.1.1.1", { dev = "br0", port = "v0", state = "permanent" })
---mdb.delete("239.1.1.1", { dev = "br0", port = "v0" })
---```
---
---See bridge(8).
---@param grp string|mdb.Record the group, or the record
---@param options? mdb.Options dev and port are needed, unless a record was given
function mdb.delete(grp, options) end

---The record of one entry.
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---mdb.add("239.1.1.1", { dev = "br0", port = "v0", state = "permanent" })
---assert(mdb.get("239.1.1.1").port == "v0")
---```
---@param grp string the group: an IP address, or a hardware address
---@param filter? mdb.Filter e.g. { port = "v0" }
---@return mdb.Record? entry nil when there is none
---@return nslab.Error? error why
function mdb.get(grp, filter) end

---All entries of all bridges, or those that the filter describes.
---
---Raises:
---* EAGAIN they kept changing while they were read
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---mdb.add("239.1.1.1", { dev = "br0", port = "v0", state = "permanent" })
---assert(#mdb.list{ port = "v0", state = "permanent" } == 1)
---```
---@param filter? mdb.Filter e.g. { dev = "br0", state = "permanent" }
---@return mdb.Record[] entries printing it prints what bridge mdb shows
function mdb.list(filter) end

---Iterates over the entries without building a list.
---
---Raises:
---* EAGAIN at the end: something changed while it was read
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---mdb.add("239.1.1.1", { dev = "br0", port = "v0", state = "permanent" })
---for e in mdb.each() do print(e.grp, e.port) end
---```
---@param filter? mdb.Filter e.g. { dev = "br0", state = "permanent" }
---@return fun(): mdb.Record iterator for a generic for
function mdb.each(filter) end

---Removes every entry that the filter describes.
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---mdb.add("239.1.1.1", { dev = "br0", port = "v0", state = "permanent" })
---assert(mdb.flush{ state = "permanent" } == 1)
---```
---@param filter? mdb.Filter e.g. { dev = "br0", state = "permanent" }
---@return integer count how many there were
function mdb.flush(filter) end

---A multicast group behind a port of a bridge.
---@class mdb.Options
---@field dev string|integer the bridge
---@field port string|integer the port that the group is behind; the bridge itself when the machine listens
---@field src? string only what this source sends
---@field source_list? string[] the sources that filter_mode speaks of
---@field filter_mode? "include"|"exclude"|integer include: only what they send; exclude: what everybody else sends
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer who made it
---@field state? "temp"|"permanent"|integer permanent; or temp: forgotten after a while
---@field vid? integer number of the VLAN

---A multicast group behind a port of a bridge. As it is read; called, it is a plain table.
---@class mdb.Record
---@field dev? string the bridge
---@field port? string the port that the group is behind; the bridge itself when the machine listens
---@field grp? string the group: an IP address, or a hardware address
---@field src? string only what this source sends
---@field source_list? string[] the sources that filter_mode speaks of
---@field filter_mode? "include"|"exclude"|integer include: only what they send; exclude: what everybody else sends
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer who made it
---@field timer? integer until it is forgotten, in 1/100 s
---@field state? "temp"|"permanent"|integer permanent; or temp: forgotten after a while
---@field vid? integer number of the VLAN
---@field offload? boolean the hardware has it
---@field fast_leave? boolean it is left at once
---@field added_by_star_ex? boolean it follows from one for all sources
---@field blocked? boolean nothing is forwarded
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local mdb_record = {}

---A plain copy of every field.
---@return table
function mdb_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class mdb.Filter
---@field dev? string|integer|false the bridge
---@field port? string|integer|false the port that the group is behind; the bridge itself when the machine listens
---@field grp? string|false the group: an IP address, or a hardware address
---@field src? string|false only what this source sends
---@field source_list? string[]|false the sources that filter_mode speaks of
---@field filter_mode? "include"|"exclude"|integer|false include: only what they send; exclude: what everybody else sends
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer|false who made it
---@field timer? integer|false until it is forgotten, in 1/100 s
---@field state? "temp"|"permanent"|integer|false permanent; or temp: forgotten after a while
---@field vid? integer|false number of the VLAN
---@field offload? boolean the hardware has it
---@field fast_leave? boolean it is left at once
---@field added_by_star_ex? boolean it follows from one for all sources
---@field blocked? boolean nothing is forwarded
---@field exact? string another word for the key of the object
