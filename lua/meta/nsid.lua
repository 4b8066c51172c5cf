---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---The numbers by which a namespace knows others. The kernel forgets one with its namespace.
---@class nsid
nsid = {}

---Gives another namespace a number here.
---
---Raises:
---* EEXIST it has a number, or another one has that number
---* ENOENT there is no such namespace
---
---```lua
---netns.add "red"
---nsid.set{ netns = "red", nsid = 5 }
---assert(nsid.get{ netns = "red" }.nsid == 5)
---```
---
---See ip-netns(8), linux/net_namespace.h.
---@param nsid nsid.Options netns is needed; nsid is "auto" unless given
function nsid.set(nsid) end

---The number of a namespace, or the namespace of a number.
---
---```lua
---netns.add "red"
---nsid.set{ netns = "red", nsid = 5 }
---assert(nsid.get{ nsid = 5 }.netns == netns "red")
---```
---
---See ip-netns(8), linux/net_namespace.h.
---@param which nsid.Options netns, or nsid
---@return nsid.Record? nsid nil when there is none
---@return nslab.Error? error why
function nsid.get(which) end

---All numbers that the namespace has for others.
---
---```lua
---netns.add "red"
---nsid.set{ netns = "red" }
---print(nsid.list())
---```
---
---See ip-netns(8), linux/net_namespace.h.
---@param filter? nsid.Filter { nsid = 5 } or { netns = "red" }
---@return nsid.Record[] nsids printing it prints what ip netns list-id shows
function nsid.list(filter) end

---Iterates over them without building a list.
---
---```lua
---for n in nsid.each() do print(n.nsid, n.netns) end
---```
---@param filter? nsid.Filter { nsid = 5 } or { netns = "red" }
---@return fun(): nsid.Record iterator for a generic for
function nsid.each(filter) end

---The number by which a namespace knows another.
---@class nsid.Options
---@field netns? netns.Handle|string|integer|file* the other namespace: a handle, a name or a pid
---@field nsid? integer|"auto" its number here; "auto": the first one that is free

---The number by which a namespace knows another. As it is read; called, it is a plain table.
---@class nsid.Record
---@field netns? netns.Handle the other namespace: a handle, a name or a pid
---@field nsid? integer its number here; "auto": the first one that is free
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local nsid_record = {}

---A plain copy of every field.
---@return table
function nsid_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class nsid.Filter
---@field netns? netns.Handle|string|integer|file*|false the other namespace: a handle, a name or a pid
---@field nsid? integer|"auto"|false its number here; "auto": the first one that is free
