---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Buckets of resilient groups of nexthops: which flows go which way.
---@class nexthop_bucket
nexthop_bucket = {}

---One bucket of a resilient group.
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---nexthop.add(1, { via = "10.0.0.2", dev = "v0" })
---nexthop.add(2, { via = "10.0.0.3", dev = "v0" })
---nexthop.add(10, { group = { 1, 2 }, type = "resilient", buckets = 8 })
---assert(nexthop_bucket.get(10, { index = 7 }).nhid == 1)
---```
---
---See ip-nexthop(8), linux/nexthop.h.
---@param id integer number of the group
---@param options nexthop_bucket.Options index: which of its buckets
---@return nexthop_bucket.Record? bucket nil when there is none
---@return nslab.Error? error why
function nexthop_bucket.get(id, options) end

---The buckets of all resilient groups, or those that the filter describes.
---
---Raises:
---* ENOENT there is no group of that number
---* EINVAL that group has no buckets
---* EAGAIN they kept changing while they were read
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---nexthop.add(1, { via = "10.0.0.2", dev = "v0" })
---nexthop.add(2, { via = "10.0.0.3", dev = "v0" })
---nexthop.add(10, { group = { 1, 2 }, type = "resilient", buckets = 8 })
---assert(#nexthop_bucket.list{ nhid = 2 } == 4)
---```
---@param filter? nexthop_bucket.Filter id of the group, nhid, dev, master
---@return nexthop_bucket.Record[] buckets printing it prints what ip nexthop bucket shows
function nexthop_bucket.list(filter) end

---Iterates over the buckets without building a list.
---
---Raises:
---* EAGAIN at the end: something changed while it was read
---
---```lua
---link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
---addr.add("10.0.0.1/24", { dev = "v0" })
---nexthop.add(1, { via = "10.0.0.2", dev = "v0" })
---nexthop.add(2, { via = "10.0.0.3", dev = "v0" })
---nexthop.add(10, { group = { 1, 2 }, type = "resilient", buckets = 8 })
---for b in nexthop_bucket.each{ id = 10 } do print(b.index, b.nhid) end
---```
---@param filter? nexthop_bucket.Filter id of the group, nhid, dev, master
---@return fun(): nexthop_bucket.Record iterator for a generic for
function nexthop_bucket.each(filter) end

---A part of the flows of a resilient group of nexthops.
---@class nexthop_bucket.Options
---@field index? integer which of the buckets, from 0

---A part of the flows of a resilient group of nexthops. As it is read; called, it is a plain table.
---@class nexthop_bucket.Record
---@field family? "inet"|"inet6" none
---@field id? integer number of the group
---@field index? integer which of the buckets, from 0
---@field idle_time? number seconds since the last packet
---@field nhid? integer number of the nexthop that it leads through
---@field flags? string[] offload: the hardware has it
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local nexthop_bucket_record = {}

---A plain copy of every field.
---@return table
function nexthop_bucket_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class nexthop_bucket.Filter
---@field family? "inet"|"inet6"|false none
---@field id? integer|false number of the group
---@field index? integer|false which of the buckets, from 0
---@field idle_time? number|false seconds since the last packet
---@field nhid? integer|false number of the nexthop that it leads through
---@field flags? string[]|false offload: the hardware has it
---@field dev? string|integer|false those that lead out of this link
---@field master? string|integer|false those that lead through links of this vrf or bridge
---@field exact? string another word for the key of the object
