---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---The networks (VNIs) that a vxlan with `vnifilter` takes frames of.
---@class vni
vni = {}

---Takes a network, or each of a range, into the list of a vxlan: frames of others are dropped.
---`remote` or `group`: where those for unknown addresses go. One that is there already gets it
---anew.
---
---Raises:
---* EOPNOTSUPP the vxlan has no list, or the kernel has none (before Linux 5.18)
---* EINVAL this is no vxlan, or one without `dev` that shall send to a group
---* ENODEV there is no such link
---
---```lua
---link.add("vx0", { vxlan = { external = true, vnifilter = true, dstport = 4789 } })
---vni.add(100, { dev = "vx0" })
---vni.add("200-210", { dev = "vx0", remote = "10.0.0.2" })
---print(vni.list{ dev = "vx0" })
---```
---
---See bridge(8), linux/if_link.h.
---@param vni integer|string the number, 1 to 16777215, or a range of them: "100-110"
---@param options vni.Options dev is needed; remote or group
function vni.add(vni, options) end

---Takes a network, or each of a range, out of the list of a vxlan.
---
---Raises:
---* ENOENT the list lacks one of them; those before it are gone
---* EOPNOTSUPP the vxlan has no list
---
---```lua
---link.add("vx0", { vxlan = { external = true, vnifilter = true, dstport = 4789 } })
---vni.add("100-110", { dev = "vx0", remote = "10.0.0.2" })
---vni.delete("100-104", { dev = "vx0" })
---vni.delete(vni.get(110, { dev = "vx0" }))
---assert(#vni.list() == 0)
---```
---
---See bridge(8).
---@param vni integer|string|vni.Record the number or range, or the record
---@param options? vni.Options dev is needed, unless a record was given
function vni.delete(vni, options) end

---The record of one network, or of the range that it is in.
---
---```lua
---link.add("vx0", { vxlan = { external = true, vnifilter = true, dstport = 4789 } })
---vni.add("100-110", { dev = "vx0", remote = "10.0.0.2" })
---assert(vni.get(105, { dev = "vx0" }).vni == "100-110")
---```
---@param vni integer|string the number, 1 to 16777215, or a range of them: "100-110"
---@param filter? vni.Filter e.g. { dev = "vx0" }
---@return vni.Record? network nil when there is none
---@return nslab.Error? error why
function vni.get(vni, filter) end

---The networks of all vxlans that have a list, or those that the filter describes. Neighbours that
---are alike are one record: its `vni` is a range.
---
---Raises:
---* EOPNOTSUPP the kernel has no such lists, or has not loaded vxlan yet
---* EAGAIN they kept changing while they were read
---
---```lua
---link.add("vx0", { vxlan = { external = true, vnifilter = true, dstport = 4789 } })
---vni.add("100-110", { dev = "vx0", remote = "10.0.0.2" })
---assert(#vni.list{ dev = "vx0", vni = "90-100" } == 1)
---```
---@param filter? vni.Filter e.g. { dev = "vx0", vni = 100 }
---@return vni.Record[] networks printing it prints what bridge vni shows
function vni.list(filter) end

---Iterates over the networks without building a list.
---
---Raises:
---* EAGAIN at the end: something changed while it was read
---
---```lua
---link.add("vx0", { vxlan = { external = true, vnifilter = true, dstport = 4789 } })
---vni.add("100-110", { dev = "vx0", remote = "10.0.0.2" })
---for n in vni.each() do print(n.dev, n.vni, n.remote) end
---```
---@param filter? vni.Filter e.g. { dev = "vx0", vni = 100 }
---@return fun(): vni.Record iterator for a generic for
function vni.each(filter) end

---A network that a vxlan with a list of them takes frames of.
---@class vni.Options
---@field dev string|integer the vxlan: external, with vnifilter
---@field group? string multicast address of the network; the vxlan needs `dev` then
---@field remote? string the one host at the other end

---A network that a vxlan with a list of them takes frames of. As it is read; called, it is a plain
---table.
---@class vni.Record
---@field dev? string the vxlan: external, with vnifilter
---@field vni? integer|string number of the network, or a range of them: "100-110"
---@field group? string multicast address of the network; the vxlan needs `dev` then
---@field remote? string the one host at the other end
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local vni_record = {}

---A plain copy of every field.
---@return table
function vni_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class vni.Filter
---@field dev? string|integer|false the vxlan: external, with vnifilter
---@field vni? integer|string|false number of the network, or a range of them: "100-110"
---@field group? string|false multicast address of the network; the vxlan needs `dev` then
---@field remote? string|false the one host at the other end
---@field exact? string another word for the key of the object
