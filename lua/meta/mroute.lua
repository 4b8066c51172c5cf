---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Multicast routes. A daemon makes them (pimd, smcrouted ...), so they are only read here.
---@class mroute
mroute = {}

---All multicast routes, or those that the filter describes.
---
---```lua
---for _, m in ipairs(mroute.list()) do print(m.group, m.from, #m.oifs) end
---```
---
---See ip-mroute(8).
---@param filter? mroute.Filter e.g. { family = "inet6" }, { group = "239.1.1.1" }
---@return mroute.Record[] mroutes printing it prints what ip mroute shows
function mroute.list(filter) end

---Iterates over them without building a list.
---
---```lua
---for m in mroute.each{ family = "inet6" } do print(m.group) end
---```
---@param filter? mroute.Filter e.g. { family = "inet6" }, { group = "239.1.1.1" }
---@return fun(): mroute.Record iterator for a generic for
function mroute.each(filter) end

---Where packets to a multicast address from one sender go.
---@class mroute.Options

---Where packets to a multicast address from one sender go. As it is read; called, it is a plain
---table.
---@class mroute.Record
---@field family? "inet"|"inet6"|"inet"|"inet6"|integer inet unless given, or inet6
---@field group? string the multicast address
---@field from? string who sends to it
---@field iif? string the link that its packets come in by
---@field oifs? mroute.oif.Record where copies go out: { { dev = "eth1", ttl = 1 }, ... }
---@field table? "default"|"main"|"local"|integer "default" unless given; "all" for all
---@field resolved? boolean the daemon has said where its packets go; until then they wait
---@field packets? integer how many were passed on
---@field bytes? integer how many bytes they had
---@field wrong_if? integer how many came in by another link
---@field unused_cs? integer hundredths of a second since the last one
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table

---Which ones are meant. Every field that is given must agree; false: has none.
---@class mroute.Filter
---@field family? "inet"|"inet6"|"inet"|"inet6"|integer|false inet unless given, or inet6
---@field group? string|false the multicast address
---@field from? string|false who sends to it
---@field iif? string|integer|false the link that its packets come in by
---@field oifs? table|false where copies go out: { { dev = "eth1", ttl = 1 }, ... }
---@field table? "default"|"main"|"local"|integer|"all"|false "default" unless given; "all" for all
---@field resolved? boolean the daemon has said where its packets go; until then they wait
---@field packets? integer|false how many were passed on
---@field bytes? integer|false how many bytes they had
---@field wrong_if? integer|false how many came in by another link
---@field unused_cs? integer|false hundredths of a second since the last one

---A link that copies go out by.
---@class mroute.oif.Options

---A link that copies go out by.
---@class mroute.oif.Record
---@field dev? string the link
---@field ttl? integer packets with a smaller one stay
---@field unknown? table<integer, string> attributes without a row, by their numbers
