---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---What all modules share: messages to the kernel, many at a time.
---@class netlink
netlink = {}

---Collects many changes and sends them in few messages, on one socket. The function gets the
---modules link, addr, route, neigh, rule, nexthop and fdb of the batch; their add, set, replace,
---append and delete wait in it. It is no transaction: what did not fail is done.
---
---Raises:
---* the first that the kernel refused, with the line of the script that asked for it
---
---```lua
---link.set("lo", { up = true })
---local n = netlink.batch(function(b)
---  for i = 1, 200 do b.route.add("10.0." .. i .. ".0/24", { dev = "lo" }) end
---end)
---assert(n == 200)
---```
---@param fn fun(b: netlink.Batch) makes the changes through b.route.add and so on
---@return integer count how many changes were made
function netlink.batch(fn) end

---What the function of netlink.batch gets.
---@class netlink.Batch
---@field link link as the module, but what changes something waits
---@field addr addr the same
---@field route route the same
---@field neigh neigh the same
---@field rule rule the same
---@field nexthop nexthop the same
---@field fdb fdb the same
---@field qdisc qdisc the same
---@field class class the same
---@field filter filter the same
