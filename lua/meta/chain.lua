---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Chains of filters, which goto chain leads to.
---@class chain
chain = {}

---Makes a chain. One that is empty stays until it is deleted.
---
---Raises:
---* EEXIST there is one of that number
---* EINVAL the link has no such qdisc
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", type = "clsact" }
---chain.add{ dev = "v0", egress = true, chain = 5 }
---print(chain.list{ dev = "v0", egress = true })
---```
---
---See tc(8).
---@param chain chain.Options dev, parent or ingress or egress, chain; a template
function chain.add(chain) end

---Takes a chain away, with all filters in it.
---
---Raises:
---* ENOENT there is none of that number
---* EINVAL the link has no such qdisc
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", type = "clsact" }
---chain.add{ dev = "v0", egress = true, chain = 5 }
---chain.delete{ dev = "v0", egress = true, chain = 5 }
---assert(#chain.list{ dev = "v0", egress = true } == 0)
---```
---
---See tc(8).
---@param chain chain.Options dev, parent or ingress or egress, chain; a template
function chain.delete(chain) end

---The first that the filter describes.
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", type = "clsact" }
---chain.add{ dev = "v0", egress = true, chain = 5 }
---assert(chain.get{ dev = "v0", egress = true, chain = 5 })
---```
---@param filter chain.Filter dev, and parent, ingress, egress, chain
---@return chain.Record? chain nil when there is none
---@return nslab.Error? error why
function chain.get(filter) end

---The chains at one place of a link: of its own qdisc, of a parent, of ingress or egress.
---
---Raises:
---* ENODEV there is no such link
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", type = "clsact" }
---chain.add{ dev = "v0", egress = true, chain = 5 }
---assert(chain.list{ dev = "v0", egress = true }[1].chain == 5)
---```
---@param filter chain.Filter dev, and parent, ingress, egress, chain
---@return chain.Record[] chains printing it prints what tc chain shows
function chain.list(filter) end

---Iterates over them without building a list.
---
---Raises:
---* EAGAIN at the end: something changed while it was read
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", type = "clsact" }
---chain.add{ dev = "v0", egress = true, chain = 5 }
---for c in chain.each{ dev = "v0", egress = true } do print(c.chain) end
---```
---@param filter chain.Filter dev, and parent, ingress, egress, chain
---@return fun(): chain.Record iterator for a generic for
function chain.each(filter) end

---A chain of filters.
---@class chain.Options
---@field dev string|integer the link whose packets it is about
---@field parent? string the qdisc it is of: "1:"; the link's own unless given
---@field ingress? boolean of what comes in: the link has a qdisc clsact or ingress
---@field egress? boolean of what goes out: the link has a qdisc clsact
---@field protocol? string|integer which packets its template is about; what that asks of them implies it
---@field chain integer its number
---@field type? string the kind of its template
---@field flower? filter.flower.Options a template: its filters ask for these fields, and no others

---A chain of filters. As it is read; called, it is a plain table.
---@class chain.Record
---@field dev? string the link whose packets it is about
---@field parent? string the qdisc it is of: "1:"; the link's own unless given
---@field ingress? boolean of what comes in: the link has a qdisc clsact or ingress
---@field egress? boolean of what goes out: the link has a qdisc clsact
---@field protocol? string|integer which packets its template is about; what that asks of them implies it
---@field chain? integer its number
---@field type? string the kind of its template
---@field flower? filter.flower.Record a template: its filters ask for these fields, and no others
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local chain_record = {}

---A plain copy of every field.
---@return table
function chain_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class chain.Filter
---@field dev? string|integer|false the link whose packets it is about
---@field parent? string|false the qdisc it is of: "1:"; the link's own unless given
---@field ingress? boolean of what comes in: the link has a qdisc clsact or ingress
---@field egress? boolean of what goes out: the link has a qdisc clsact
---@field protocol? string|integer|false which packets its template is about; what that asks of them implies it
---@field chain? integer|false its number
---@field type? string|false the kind of its template
---@field flower? table|false a template: its filters ask for these fields, and no others
