---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Forwarding tables of bridges and vxlans: behind which port an address is.
---@class fdb
fdb = {}

---Enters where an address is. Permanent and in the table of the link itself, unless `state` and
---`master` say otherwise.
---
---Raises:
---* EEXIST there is an entry
---* ENODEV there is no such link
---* EOPNOTSUPP the link has no such table
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---fdb.add("02:00:00:00:00:07", { dev = "v0", master = true, state = "static" })
---print(fdb.list{ dev = "v0" })
---```
---
---See bridge(8), linux/neighbour.h.
---@param lladdr string the hardware address
---@param options fdb.Options dev is needed; master, state, vlan; dst and others for a vxlan
function fdb.add(lladdr, options) end

---Enters one more machine for an address of a vxlan: what is for all goes to each.
---
---Raises:
---* as for add, without EEXIST
---
---```lua
---link.add("vx0", { vxlan = { id = 7, dstport = 4789, learning = false } })
---fdb.append("00:00:00:00:00:00", { dev = "vx0", dst = "10.0.0.2" })
---fdb.append("00:00:00:00:00:00", { dev = "vx0", dst = "10.0.0.3" })
---assert(#fdb.list{ dev = "vx0" } == 2)
---```
---
---See bridge(8).
---@param lladdr string the hardware address
---@param options fdb.Options dev is needed; master, state, vlan; dst and others for a vxlan
function fdb.append(lladdr, options) end

---Enters where an address is, or changes the entry.
---
---Raises:
---* as for add, without EEXIST
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---fdb.replace("02:00:00:00:00:07", { dev = "v0", master = true, state = "static" })
---```
---
---See bridge(8).
---@param lladdr string the hardware address
---@param options fdb.Options dev is needed; master, state, vlan; dst and others for a vxlan
function fdb.replace(lladdr, options) end

---Removes an entry.
---
---Raises:
---* ENOENT there is no such entry
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---fdb.add("02:00:00:00:00:07", { dev = "v0", master = true, state = "static" })
---fdb.delete("02:00:00:00:00:07", { dev = "v0", master = true })
---```
---
---See bridge(8).
---@param lladdr string|fdb.Record the address, or the record
---@param options? fdb.Options dev is needed, unless a record was given
function fdb.delete(lladdr, options) end

---The record of one entry.
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---fdb.add("02:00:00:00:00:07", { dev = "v0", master = true, state = "static" })
---assert(fdb.get("02:00:00:00:00:07").bridge == "br0")
---```
---@param lladdr string the hardware address
---@param filter? fdb.Filter e.g. { dev = "v0" }
---@return fdb.Record? entry nil when there is none
---@return nslab.Error? error why
function fdb.get(lladdr, filter) end

---All entries, or those that the filter describes.
---
---Raises:
---* EAGAIN the table kept changing while it was read
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---fdb.add("02:00:00:00:00:07", { dev = "v0", master = true, state = "static" })
---assert(#fdb.list{ dev = "v0", state = "static" } == 1)
---```
---@param filter? fdb.Filter e.g. { bridge = "br0" }, { dev = "eth0", state = "dynamic" }
---@return fdb.Record[] entries printing it prints what bridge fdb shows
function fdb.list(filter) end

---Iterates over the entries without building a list.
---
---Raises:
---* EAGAIN at the end: something changed while it was read
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---fdb.add("02:00:00:00:00:07", { dev = "v0", master = true, state = "static" })
---for e in fdb.each() do print(e.lladdr, e.dev) end
---```
---@param filter? fdb.Filter e.g. { bridge = "br0" }, { dev = "eth0", state = "dynamic" }
---@return fun(): fdb.Record iterator for a generic for
function fdb.each(filter) end

---Removes every entry that the filter describes. Permanent ones stay, unless the filter has
---`state`.
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---fdb.add("02:00:00:00:00:07", { dev = "v0", master = true, state = "static" })
---assert(fdb.flush{ dev = "v0", state = "static" } == 1)
---```
---@param filter? fdb.Filter e.g. { bridge = "br0" }, { dev = "eth0", state = "dynamic" }
---@return integer count how many there were
function fdb.flush(filter) end

---Which hardware address is behind which port of a bridge.
---@class fdb.Options
---@field dev string|integer the port it is behind, or the bridge or vxlan itself
---@field dst? string the machine it is behind (vxlan)
---@field vlan? integer number of the VLAN in which it is
---@field port? integer UDP port of that machine (vxlan)
---@field vni? integer network identifier to send with (vxlan)
---@field src_vni? integer network identifier it is in (vxlan with external)
---@field via? string|integer the link to reach that machine through (vxlan)
---@field nhid? integer number of the nexthop group of machines it is behind (vxlan)
---@field self? boolean in the table of the link itself; so unless master is given
---@field master? boolean in the table of the bridge that the link is in
---@field router? boolean it is a router (vxlan)
---@field extern_learn? boolean learned by a program
---@field sticky? boolean it stays behind its port
---@field use? boolean refresh it, as if a frame had come
---@field state? "permanent"|"local"|"static"|"temp"|"dynamic"|"stale"|integer permanent (or local): an address of the machine itself; static (or temp): entered by hand; dynamic: forgotten after a while

---Which hardware address is behind which port of a bridge. As it is read; called, it is a plain
---table.
---@class fdb.Record
---@field lladdr? string the hardware address; of a vxlan all zeroes: any
---@field dev? string the port it is behind, or the bridge or vxlan itself
---@field dst? string the machine it is behind (vxlan)
---@field vlan? integer number of the VLAN in which it is
---@field port? integer UDP port of that machine (vxlan)
---@field vni? integer network identifier to send with (vxlan)
---@field src_vni? integer network identifier it is in (vxlan with external)
---@field via? string the link to reach that machine through (vxlan)
---@field nhid? integer number of the nexthop group of machines it is behind (vxlan)
---@field self? boolean in the table of the link itself; so unless master is given
---@field master? boolean in the table of the bridge that the link is in
---@field router? boolean it is a router (vxlan)
---@field extern_learn? boolean learned by a program
---@field sticky? boolean it stays behind its port
---@field use? boolean refresh it, as if a frame had come
---@field state? "permanent"|"local"|"static"|"temp"|"dynamic"|"stale"|integer permanent (or local): an address of the machine itself; static (or temp): entered by hand; dynamic: forgotten after a while
---@field bridge? string the bridge whose table it is in; in a filter: what a bridge and its ports have
---@field offload? boolean the hardware has it
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local fdb_record = {}

---A plain copy of every field.
---@return table
function fdb_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class fdb.Filter
---@field lladdr? string|false the hardware address; of a vxlan all zeroes: any
---@field dev? string|integer|false the port it is behind, or the bridge or vxlan itself
---@field dst? string|false the machine it is behind (vxlan)
---@field vlan? integer|false number of the VLAN in which it is
---@field port? integer|false UDP port of that machine (vxlan)
---@field vni? integer|false network identifier to send with (vxlan)
---@field src_vni? integer|false network identifier it is in (vxlan with external)
---@field via? string|integer|false the link to reach that machine through (vxlan)
---@field nhid? integer|false number of the nexthop group of machines it is behind (vxlan)
---@field self? boolean in the table of the link itself; so unless master is given
---@field master? boolean in the table of the bridge that the link is in
---@field router? boolean it is a router (vxlan)
---@field extern_learn? boolean learned by a program
---@field sticky? boolean it stays behind its port
---@field use? boolean refresh it, as if a frame had come
---@field state? "permanent"|"local"|"static"|"temp"|"dynamic"|"stale"|integer|false permanent (or local): an address of the machine itself; static (or temp): entered by hand; dynamic: forgotten after a while
---@field bridge? string|integer|false the bridge whose table it is in; in a filter: what a bridge and its ports have
---@field offload? boolean the hardware has it
---@field exact? string another word for the key of the object
