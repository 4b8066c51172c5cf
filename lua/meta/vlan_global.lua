---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---What the VLANs of a bridge have for all of its ports: bridge vlan global.
---@class vlan_global
vlan_global = {}

---Changes what a VLAN of a bridge has for all of its ports: whether there is multicast snooping in
---it, a querier, its timers.
---
---Raises:
---* ENOENT the bridge itself has no such VLAN
---* EOPNOTSUPP the link is no bridge, or the kernel's bridges have no VLANs
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---if not pcall(vlan.list) then return end -- this kernel has none
---link.set("br0", { bridge = { vlan_filtering = true, mcast_vlan_snooping = true } })
---vlan.add("10-20", { dev = "br0", self = true })
---vlan_global.set("10-12", { dev = "br0", mcast_querier = true })
---assert(vlan_global.get(11, { dev = "br0" }).mcast_querier)
---```
---
---See bridge(8), linux/if_bridge.h.
---@param vid integer|string the number, 1 to 4094, or a range of them: "100-200"
---@param options vlan_global.Options dev, the bridge, is needed
function vlan_global.set(vid, options) end

---The record of one VLAN, or of the range that it is in.
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---if not pcall(vlan.list) then return end -- this kernel has none
---link.set("br0", { bridge = { vlan_filtering = true, mcast_vlan_snooping = true } })
---vlan.add("10-20", { dev = "br0", self = true })
---assert(vlan_global.get(15, { dev = "br0" }).mcast_snooping)
---```
---@param vid integer|string the number, 1 to 4094, or a range of them: "100-200"
---@param filter? vlan_global.Filter e.g. { dev = "br0", vid = 10 }
---@return vlan_global.Record? vlan nil when there is none
---@return nslab.Error? error why
function vlan_global.get(vid, filter) end

---What the VLANs of all bridges have, or those that the filter describes. Neighbours that are alike
---are one record: its `vid` is a range.
---
---Raises:
---* EOPNOTSUPP the kernel's bridges have no VLANs
---* EAGAIN they kept changing while they were read
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---if not pcall(vlan.list) then return end -- this kernel has none
---link.set("br0", { bridge = { vlan_filtering = true, mcast_vlan_snooping = true } })
---vlan.add("10-20", { dev = "br0", self = true })
---print(vlan_global.list{ dev = "br0" })
---```
---@param filter? vlan_global.Filter e.g. { dev = "br0", vid = 10 }
---@return vlan_global.Record[] vlans printing it prints what bridge vlan global shows
function vlan_global.list(filter) end

---Iterates over them without building a list.
---
---Raises:
---* EAGAIN at the end: something changed while it was read
---
---```lua
---link.add("br0", { type = "bridge", up = true })
---if not pcall(vlan.list) then return end -- this kernel has none
---link.set("br0", { bridge = { vlan_filtering = true, mcast_vlan_snooping = true } })
---vlan.add("10-20", { dev = "br0", self = true })
---for v in vlan_global.each() do print(v.dev, v.vid, v.mcast_querier) end
---```
---@param filter? vlan_global.Filter e.g. { dev = "br0", vid = 10 }
---@return fun(): vlan_global.Record iterator for a generic for
function vlan_global.each(filter) end

---What a VLAN of a bridge has for all of its ports.
---@class vlan_global.Options
---@field dev string|integer the bridge
---@field mcast_snooping? boolean frames to groups go to the ports that have asked for them; the bridge needs mcast_vlan_snooping
---@field mcast_querier? boolean the bridge asks who wants which groups
---@field mcast_igmp_version? integer 2 or 3: how it asks in IPv4
---@field mcast_mld_version? integer 1 or 2: how it asks in IPv6
---@field mcast_last_member_count? integer how often it asks when somebody has left a group
---@field mcast_last_member_interval? integer hundredths of a second between these
---@field mcast_startup_query_count? integer how often it asks when it begins
---@field mcast_startup_query_interval? integer hundredths of a second between these
---@field mcast_membership_interval? integer hundredths of a second until a port is taken out of a group that it no longer asks for
---@field mcast_querier_interval? integer hundredths of a second until another querier counts as gone
---@field mcast_query_interval? integer hundredths of a second between questions
---@field mcast_query_response_interval? integer hundredths of a second in which answers may come

---What a VLAN of a bridge has for all of its ports. As it is read; called, it is a plain table.
---@class vlan_global.Record
---@field dev? string the bridge
---@field vid? integer|string number of the VLAN, or a range of them: "100-200"
---@field mcast_snooping? boolean frames to groups go to the ports that have asked for them; the bridge needs mcast_vlan_snooping
---@field mcast_querier? boolean the bridge asks who wants which groups
---@field mcast_igmp_version? integer 2 or 3: how it asks in IPv4
---@field mcast_mld_version? integer 1 or 2: how it asks in IPv6
---@field mcast_last_member_count? integer how often it asks when somebody has left a group
---@field mcast_last_member_interval? integer hundredths of a second between these
---@field mcast_startup_query_count? integer how often it asks when it begins
---@field mcast_startup_query_interval? integer hundredths of a second between these
---@field mcast_membership_interval? integer hundredths of a second until a port is taken out of a group that it no longer asks for
---@field mcast_querier_interval? integer hundredths of a second until another querier counts as gone
---@field mcast_query_interval? integer hundredths of a second between questions
---@field mcast_query_response_interval? integer hundredths of a second in which answers may come
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local vlan_global_record = {}

---A plain copy of every field.
---@return table
function vlan_global_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class vlan_global.Filter
---@field dev? string|integer|false the bridge
---@field vid? integer|string|false number of the VLAN, or a range of them: "100-200"
---@field mcast_snooping? boolean frames to groups go to the ports that have asked for them; the bridge needs mcast_vlan_snooping
---@field mcast_querier? boolean the bridge asks who wants which groups
---@field mcast_igmp_version? integer|false 2 or 3: how it asks in IPv4
---@field mcast_mld_version? integer|false 1 or 2: how it asks in IPv6
---@field mcast_last_member_count? integer|false how often it asks when somebody has left a group
---@field mcast_last_member_interval? integer|false hundredths of a second between these
---@field mcast_startup_query_count? integer|false how often it asks when it begins
---@field mcast_startup_query_interval? integer|false hundredths of a second between these
---@field mcast_membership_interval? integer|false hundredths of a second until a port is taken out of a group that it no longer asks for
---@field mcast_querier_interval? integer|false hundredths of a second until another querier counts as gone
---@field mcast_query_interval? integer|false hundredths of a second between questions
---@field mcast_query_response_interval? integer|false hundredths of a second in which answers may come
---@field exact? string another word for the key of the object
