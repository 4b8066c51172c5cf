---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---VLANs of bridges and their ports. (A link that is in a VLAN: link.add with `vlan`.)
---@class vlan
vlan = {}

---Makes the port a member of the VLAN, or of each of a range. `pvid`: what comes in without a tag
---belongs to it; `untagged`: it leaves without one. One that is there already gets these anew.
---`self` is for the bridge itself. With `tunnel_id` a VLAN that is there gets its number in a
---vxlan.
---
---Raises:
---* EOPNOTSUPP the link is no port of a bridge, or the kernel's bridges have no VLANs
---* ENODEV there is no such link
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---if not pcall(vlan.list) then return end -- this kernel has none
---link.set("br0", { bridge = { vlan_filtering = true } })
---vlan.add(10, { dev = "v0", pvid = true, untagged = true })
---vlan.add("100-200", { dev = "v0" })
---vlan.add(10, { dev = "br0", self = true })
---print(vlan.list{ dev = "v0" })
---```
---
---See bridge(8), linux/if_bridge.h.
---@param vid integer|string the number, 1 to 4094, or a range of them: "100-200"
---@param options vlan.Options dev is needed; pvid, untagged, self, tunnel_id
function vlan.add(vid, options) end

---Changes what a VLAN that is there has of its own: `state` of the spanning tree, `mcast_router`.
---
---Raises:
---* ENOENT the port has no such VLAN
---* EOPNOTSUPP the link is no port of a bridge, or the kernel's bridges have no VLANs
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---if not pcall(vlan.list) then return end -- this kernel has none
---link.set("br0", { bridge = { vlan_filtering = true } })
---vlan.add("100-200", { dev = "v0" })
---vlan.set("100-120", { dev = "v0", state = "blocking" })
---assert(vlan.get(110, { dev = "v0" }).state == "blocking")
---```
---
---See bridge(8).
---@param vid integer|string the number, 1 to 4094, or a range of them: "100-200"
---@param options vlan.Options dev is needed; state, mcast_router
function vlan.set(vid, options) end

---Takes the port out of the VLAN, or of each of a range. With `tunnel_id` only that goes.
---
---Raises:
---* EOPNOTSUPP the link is no port of a bridge, or the kernel's bridges have no VLANs
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---if not pcall(vlan.list) then return end -- this kernel has none
---link.set("br0", { bridge = { vlan_filtering = true } })
---vlan.add("100-200", { dev = "v0" })
---vlan.delete("150-200", { dev = "v0" })
---vlan.delete(vlan.get(100, { dev = "v0" }))
---```
---
---See bridge(8).
---@param vid integer|string|vlan.Record the number or range, or the record
---@param options? vlan.Options dev is needed, unless a record was given; self
function vlan.delete(vid, options) end

---The record of one VLAN, or of the range that it is in.
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---if not pcall(vlan.list) then return end -- this kernel has none
---link.set("br0", { bridge = { vlan_filtering = true } })
---vlan.add("100-200", { dev = "v0" })
---assert(vlan.get(150, { dev = "v0" }).vid == "100-200")
---```
---@param vid integer|string the number, 1 to 4094, or a range of them: "100-200"
---@param filter? vlan.Filter e.g. { dev = "v0" }
---@return vlan.Record? vlan nil when there is none
---@return nslab.Error? error why
function vlan.get(vid, filter) end

---The VLANs of all bridges and their ports, or those that the filter describes. Neighbours that are
---alike are one record: its `vid` is a range.
---
---Raises:
---* EOPNOTSUPP the kernel's bridges have no VLANs
---* EAGAIN they kept changing while they were read
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---if not pcall(vlan.list) then return end -- this kernel has none
---link.set("br0", { bridge = { vlan_filtering = true } })
---vlan.add("100-200", { dev = "v0" })
---assert(#vlan.list{ dev = "v0", vid = "100-110" } == 1)
---```
---@param filter? vlan.Filter e.g. { dev = "v0", vid = 10 }
---@return vlan.Record[] vlans printing it prints what bridge vlan shows
function vlan.list(filter) end

---Iterates over the VLANs without building a list.
---
---Raises:
---* EAGAIN at the end: something changed while it was read
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---link.add("v0", { master = "br0", up = true, veth = { peer = { name = "v1", up = true } } })
---if not pcall(vlan.list) then return end -- this kernel has none
---link.set("br0", { bridge = { vlan_filtering = true } })
---vlan.add("100-200", { dev = "v0" })
---for v in vlan.each() do print(v.dev, v.vid, v.pvid) end
---```
---@param filter? vlan.Filter e.g. { dev = "v0", vid = 10 }
---@return fun(): vlan.Record iterator for a generic for
function vlan.each(filter) end

---A VLAN of a port of a bridge, or of the bridge itself.
---@class vlan.Options
---@field dev string|integer the port, or the bridge itself
---@field pvid? boolean frames that come in without a tag belong to it
---@field untagged? boolean its frames go out without their tag
---@field state? "disabled"|"listening"|"learning"|"forwarding"|"blocking"|integer of the spanning tree there: disabled, listening, learning, forwarding, blocking; set changes it
---@field mcast_router? integer a multicast router is there: 0 never, 1 learned, 2 always; set changes it
---@field tunnel_id? integer|string its number in the vxlan that the port is; of a range as many: "1000-1100"
---@field self? boolean of the bridge itself
---@field master? boolean of a port, in the bridge that it is in; so unless self is given

---A VLAN of a port of a bridge, or of the bridge itself. As it is read; called, it is a plain
---table.
---@class vlan.Record
---@field dev? string the port, or the bridge itself
---@field vid? integer|string number of the VLAN, or a range of them: "100-200"
---@field pvid? boolean frames that come in without a tag belong to it
---@field untagged? boolean its frames go out without their tag
---@field state? "disabled"|"listening"|"learning"|"forwarding"|"blocking"|integer of the spanning tree there: disabled, listening, learning, forwarding, blocking; set changes it
---@field mcast_router? integer a multicast router is there: 0 never, 1 learned, 2 always; set changes it
---@field tunnel_id? integer|string its number in the vxlan that the port is; of a range as many: "1000-1100"
---@field self? boolean of the bridge itself
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local vlan_record = {}

---A plain copy of every field.
---@return table
function vlan_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class vlan.Filter
---@field dev? string|integer|false the port, or the bridge itself
---@field vid? integer|string|false number of the VLAN, or a range of them: "100-200"
---@field pvid? boolean frames that come in without a tag belong to it
---@field untagged? boolean its frames go out without their tag
---@field state? "disabled"|"listening"|"learning"|"forwarding"|"blocking"|integer|false of the spanning tree there: disabled, listening, learning, forwarding, blocking; set changes it
---@field mcast_router? integer|false a multicast router is there: 0 never, 1 learned, 2 always; set changes it
---@field tunnel_id? integer|string|false its number in the vxlan that the port is; of a range as many: "1000-1100"
---@field self? boolean of the bridge itself
---@field exact? string another word for the key of the object
