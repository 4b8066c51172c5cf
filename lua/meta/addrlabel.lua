---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Labels of networks, by which own IPv6 addresses are chosen.
---@class addrlabel
addrlabel = {}

---Gives a network a label. Of its own addresses the kernel prefers one with the label of the
---destination (RFC 6724).
---
---Raises:
---* EEXIST the network has one
---* EINVAL this is no IPv6 network, or the label is missing
---* EPERM no privilege
---
---```lua
---addrlabel.add("2001:db8::/32", { label = 99 })
---assert(addrlabel.get("2001:db8::/32").label == 99)
---```
---
---See ip-addrlabel(8), linux/if_addrlabel.h.
---@param prefix string an IPv6 network: "2001:db8::/32"
---@param options addrlabel.Options label; dev
function addrlabel.add(prefix, options) end

---Takes the label of a network away.
---
---Raises:
---* ESRCH the network has none
---* EPERM no privilege
---
---```lua
---addrlabel.add("2001:db8::/32", { label = 99 })
---addrlabel.delete("2001:db8::/32")
---assert(addrlabel.get("2001:db8::/32") == nil)
---```
---
---See ip-addrlabel(8).
---@param prefix string|addrlabel.Record the network, or the record
---@param options? addrlabel.Options dev, where the label has one
function addrlabel.delete(prefix, options) end

---The label of exactly this network.
---
---```lua
---print(addrlabel.get("fc00::/7"))
---```
---@param prefix string an IPv6 network: "2001:db8::/32"
---@param filter? addrlabel.Filter e.g. { dev = "eth0" }
---@return addrlabel.Record? label nil when there is none
---@return nslab.Error? error why
function addrlabel.get(prefix, filter) end

---All labels, or those that the filter describes. The kernel has some to begin with.
---
---```lua
---print(addrlabel.list())
---```
---
---See ip-addrlabel(8).
---@param filter? addrlabel.Filter e.g. { label = 99 }
---@return addrlabel.Record[] labels printing it prints what ip addrlabel shows
function addrlabel.list(filter) end

---Iterates over them without building a list.
---
---```lua
---for a in addrlabel.each() do print(a.prefix, a.label) end
---```
---@param filter? addrlabel.Filter e.g. { label = 99 }
---@return fun(): addrlabel.Record iterator for a generic for
function addrlabel.each(filter) end

---Takes all labels away, or those that the filter describes.
---
---Raises:
---* EPERM no privilege
---
---```lua
---addrlabel.add("2001:db8::/32", { label = 99 })
---assert(addrlabel.flush{ label = 99 } == 1)
---```
---
---See ip-addrlabel(8).
---@param filter? addrlabel.Filter e.g. { label = 99 }
---@return integer count how many
function addrlabel.flush(filter) end

---A label of a network, for choosing addresses.
---@class addrlabel.Options
---@field dev? string|integer only for what leaves by this link
---@field label? integer a number; an own address with that of the destination is preferred

---A label of a network, for choosing addresses. As it is read; called, it is a plain table.
---@class addrlabel.Record
---@field prefix? string the network: "2001:db8::/32"
---@field dev? string only for what leaves by this link
---@field label? integer a number; an own address with that of the destination is preferred
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local addrlabel_record = {}

---A plain copy of every field.
---@return table
function addrlabel_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class addrlabel.Filter
---@field prefix? string|false the network: "2001:db8::/32"
---@field dev? string|integer|false only for what leaves by this link
---@field label? integer|false a number; an own address with that of the destination is preferred
---@field exact? string another word for the key of the object
