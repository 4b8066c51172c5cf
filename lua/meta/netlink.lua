---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---What all modules share: messages to the kernel, many at a time.
---@class netlink
netlink = {}

---Collects many changes and sends them in few messages, on one socket. The function gets the
---modules link, addr, route, neigh, rule, nexthop, fdb, vlan, mdb and vni of the batch; their add,
---set, replace, append and delete wait in it. It is no transaction: what did not fail is done.
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

---Sends one message, made by hand, and returns what the kernel answers: records, or { type, bytes }
---for a type that nslab has no rows for. `fields` are the options of the object that the type is
---of; `attributes` are bytes by their numbers, or tables of such; `header` is the fixed header's
---bytes.
---
---Raises:
---* whatever the kernel says to it
---
---```lua
---local IFLA_IFNAME, IFLA_MTU = 3, 4
---local lo = netlink.request { type = "RTM_GETLINK", fields = { name = "lo" } }[1]
---assert(lo.ifindex == 1)
---for _, route in ipairs(netlink.request { type = "RTM_GETROUTE", flags = { "dump" } }) do print(route) end
---netlink.request { type = "RTM_NEWLINK", attributes = {
---  [IFLA_IFNAME] = "lo\0", [IFLA_MTU] = string.pack("I4", 1400) } }
---assert(link.get "lo".mtu == 1400)
---```
---
---See netlink(7), rtnetlink(7).
---@param request netlink.Request type, flags, fields, header, attributes
---@return table[] answers empty for a request that is only acknowledged
function netlink.request(request) end

---Takes the bytes of messages apart: what was captured, or what an observed operation sent. What
---has no row is kept under `unknown`.
---
---Raises:
---* EINVAL no message begins where one should
---
---```lua
---local header = string.pack("I1I1I2i4I4I4", 0, 0, 0, 1, 0, 0)
---local bytes = string.pack("I4I2I2I4I4", 16 + #header, 18, 1, 7, 0) .. header
---local message = netlink.decode(bytes)[1]
---assert(message.type == "RTM_GETLINK" and message.record.ifindex == 1)
---```
---@param bytes string one message or more, as on the wire
---@return netlink.Message[] messages in their order
function netlink.decode(bytes) end

---A message, made by hand.
---@class netlink.Request
---@field type string|integer "RTM_GETLINK", or its number
---@field object? string which one, where a type is about several: "fdb", a bridge's neighbours
---@field flags? string[] dump, ack, echo, create, excl, replace, append
---@field fields? table options of the object, as add takes them
---@field header? string bytes of the fixed header
---@field attributes? table<integer, string|table> bytes by the attribute's number

---A message, taken apart.
---@class netlink.Message
---@field type string|integer its name where nslab has rows for it, else its number
---@field flags integer NLM_F_*
---@field seq integer sequence number
---@field port integer port of the socket
---@field object? string what it is about: link, addr ...
---@field record? table that, taken apart
---@field records? table[] all that a message about several tells: VLANs, multicast groups
---@field bytes? string what follows the header of a message without rows
---@field errno? integer of an answer: 0, or what went wrong
---@field code? string its name: EEXIST

---What the function of netlink.batch gets.
---@class netlink.Batch
---@field link link as the module, but what changes something waits
---@field addr addr the same
---@field route route the same
---@field neigh neigh the same
---@field rule rule the same
---@field nexthop nexthop the same
---@field fdb fdb the same
---@field vlan vlan the same
---@field mdb mdb the same
---@field vni vni the same
---@field qdisc qdisc the same
---@field class class the same
---@field filter filter the same
