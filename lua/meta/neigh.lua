---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Neighbours: which hardware address an IP address has (the ARP table).
---@class neigh
neigh = {}

---Adds an entry, permanent unless `nud` says otherwise.
---
---Raises:
---* EEXIST there is an entry
---* ENODEV there is no such link
---* EINVAL lladdr is missing
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---neigh.add("10.0.0.2", { dev = "v0", lladdr = "02:00:00:00:00:02" })
---print(neigh.list())
---```
---
---See ip-neighbour(8), linux/neighbour.h.
---@param dst string the neighbour's IP address
---@param options neigh.Options dev is needed; lladdr, nud, router, proxy
function neigh.add(dst, options) end

---Changes an entry that exists.
---
---Raises:
---* ENOENT there is no such neighbour
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---neigh.add("10.0.0.2", { dev = "v0", lladdr = "02:00:00:00:00:02" })
---neigh.set("10.0.0.2", { dev = "v0", lladdr = "02:00:00:00:00:03" })
---```
---
---See ip-neighbour(8).
---@param dst string the neighbour's IP address
---@param options neigh.Options dev is needed; lladdr, nud, router, proxy
function neigh.set(dst, options) end

---Adds an entry or changes it.
---
---Raises:
---* ENODEV there is no such link
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---neigh.replace("10.0.0.2", { dev = "v0", lladdr = "02:00:00:00:00:02" })
---```
---
---See ip-neighbour(8).
---@param dst string the neighbour's IP address
---@param options neigh.Options dev is needed; lladdr, nud, router, proxy
function neigh.replace(dst, options) end

---Removes an entry.
---
---Raises:
---* ENOENT there is no such neighbour
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---neigh.add("10.0.0.2", { dev = "v0", lladdr = "02:00:00:00:00:02" })
---neigh.delete("10.0.0.2", { dev = "v0" })
---```
---
---See ip-neighbour(8).
---@param dst string|neigh.Record the address, or the record
---@param options? neigh.Options dev is needed, unless a record was given
function neigh.delete(dst, options) end

---The record of one neighbour.
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---neigh.add("10.0.0.2", { dev = "v0", lladdr = "02:00:00:00:00:02" })
---assert(neigh.get("10.0.0.2").nud == "permanent")
---```
---@param dst string the neighbour's IP address
---@param filter? neigh.Filter e.g. { dev = "eth0" }
---@return neigh.Record? neighbour nil when there is none
---@return nslab.Error? error why
function neigh.get(dst, filter) end

---The neighbours, without those of state none and noarp unless the filter asks.
---
---Raises:
---* EAGAIN the table kept changing while it was read
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---neigh.add("10.0.0.2", { dev = "v0", lladdr = "02:00:00:00:00:02" })
---assert(#neigh.list{ dev = "v0" } == 1)
---```
---@param filter? neigh.Filter dev, nud ("all": of every state), to (a network), master, unused ...
---@return neigh.Record[] neighbours printing it prints what ip neigh shows
function neigh.list(filter) end

---Iterates over the neighbours without building a list.
---
---Raises:
---* EAGAIN at the end: something changed while it was read
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---neigh.add("10.0.0.2", { dev = "v0", lladdr = "02:00:00:00:00:02" })
---for n in neigh.each() do print(n.dst, n.lladdr) end
---```
---@param filter? neigh.Filter dev, nud ("all": of every state), to (a network), master, unused ...
---@return fun(): neigh.Record iterator for a generic for
function neigh.each(filter) end

---Removes every neighbour that the filter describes. Permanent ones stay, unless the filter has
---`nud`.
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---neigh.add("10.0.0.2", { dev = "v0", lladdr = "02:00:00:00:00:02" })
---assert(neigh.flush{ dev = "v0", nud = "permanent" } == 1)
---```
---@param filter? neigh.Filter dev, nud ("all": of every state), to (a network), master, unused ...
---@return integer count how many there were
function neigh.flush(filter) end

---A neighbour: which hardware address an IP address has.
---@class neigh.Options
---@field family? "inet"|"inet6" follows from the address
---@field lladdr? string its hardware address
---@field nud? "none"|"incomplete"|"reachable"|"stale"|"delay"|"probe"|"failed"|"noarp"|"permanent"|integer state: permanent, reachable, stale, noarp, failed ...
---@field dev string|integer the link it is on
---@field router? boolean it is a router (IPv6)
---@field proxy? boolean answer for it
---@field extern_learn? boolean learned by a program
---@field managed? boolean the kernel keeps it resolved
---@field use? boolean resolve it now
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer who made it

---A neighbour: which hardware address an IP address has. As it is read; called, it is a plain
---table.
---@class neigh.Record
---@field family? "inet"|"inet6" follows from the address
---@field dst? string the neighbour's IP address
---@field lladdr? string its hardware address
---@field nud? "none"|"incomplete"|"reachable"|"stale"|"delay"|"probe"|"failed"|"noarp"|"permanent"|integer state: permanent, reachable, stale, noarp, failed ...
---@field dev? string the link it is on
---@field router? boolean it is a router (IPv6)
---@field proxy? boolean answer for it
---@field extern_learn? boolean learned by a program
---@field managed? boolean the kernel keeps it resolved
---@field use? boolean resolve it now
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer who made it
---@field offload? boolean the hardware has it
---@field probes? integer how often it was asked in vain
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local neigh_record = {}

---A plain copy of every field.
---@return table
function neigh_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class neigh.Filter
---@field family? "inet"|"inet6"|false follows from the address
---@field dst? string|false the neighbour's IP address
---@field lladdr? string|false its hardware address
---@field nud? "none"|"incomplete"|"reachable"|"stale"|"delay"|"probe"|"failed"|"noarp"|"permanent"|integer|false state: permanent, reachable, stale, noarp, failed ...
---@field dev? string|integer|false the link it is on
---@field router? boolean it is a router (IPv6)
---@field proxy? boolean answer for it
---@field extern_learn? boolean learned by a program
---@field managed? boolean the kernel keeps it resolved
---@field use? boolean resolve it now
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer|false who made it
---@field offload? boolean the hardware has it
---@field probes? integer|false how often it was asked in vain
---@field to? string|false those in this network
---@field master? string|integer|false|false those on links of this bridge, bond or vrf; false: of none
---@field unused? boolean those that nothing holds
---@field exact? string another word for the key of the object
