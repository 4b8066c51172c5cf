---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---IPv4 and IPv6 addresses of links.
---@class addr
addr = {}

---Gives a link an address. An IPv6 address is usable at once in a sandbox (nodad), unless nodad =
---false asks for duplicate address detection; nslab --dad keeps that for all.
---
---Raises:
---* EEXIST the link has it already
---* EINVAL no prefix length, or no address
---* ENODEV there is no such link
---
---```lua
---addr.add("192.168.15.1/24", { dev = "lo" })
---print(addr.list{ dev = "lo" })
---```
---
---See ip-address(8), linux/if_addr.h.
---@param address string with its prefix length: "192.168.15.1/24", "fd00::1/64"
---@param options addr.Options dev is needed
function addr.add(address, options) end

---Gives a link an address, or changes the options of one that it has. What add says of nodad holds
---here too.
---
---Raises:
---* ENODEV there is no such link
---
---```lua
---addr.replace("10.0.0.1/8", { dev = "lo", valid_lft = 60, preferred_lft = 60 })
---```
---
---See ip-address(8).
---@param address string with its prefix length: "192.168.15.1/24", "fd00::1/64"
---@param options addr.Options dev is needed
function addr.replace(address, options) end

---Takes an address from a link.
---
---Raises:
---* EADDRNOTAVAIL the link has no such address
---* ENODEV there is no such link
---
---```lua
---addr.add("10.0.0.1/8", { dev = "lo" })
---addr.delete("10.0.0.1/8", { dev = "lo" })
---```
---@param address string|addr.Record with its prefix length, or the record
---@param options? addr.Options dev is needed, unless a record was given
function addr.delete(address, options) end

---The record of one address.
---
---```lua
---addr.add("10.0.0.1/8", { dev = "lo" })
---assert(addr.get("10.0.0.1/8").dev == "lo")
---```
---@param address string with its prefix length: "192.168.15.1/24", "fd00::1/64"
---@param filter? addr.Filter e.g. { dev = "eth0" }
---@return addr.Record? address nil when there is none
---@return nslab.Error? error why
function addr.get(address, filter) end

---All addresses, or those that the filter describes.
---
---Raises:
---* EAGAIN the addresses kept changing while they were read
---
---```lua
---for _, a in ipairs(addr.list()) do print(a.address, a.dev) end
---```
---@param filter? addr.Filter e.g. { dev = "eth0", family = "inet" }; a label may be a pattern: "eth0:*"
---@return addr.Record[] addresses printing it prints them as ip -o addr does
function addr.list(filter) end

---Iterates over the addresses without building a list.
---
---Raises:
---* EAGAIN at the end: something changed while it was read
---
---```lua
---for a in addr.each{ family = "inet6" } do print(a.address) end
---```
---@param filter? addr.Filter e.g. { dev = "eth0", family = "inet" }; a label may be a pattern: "eth0:*"
---@return fun(): addr.Record iterator for a generic for
function addr.each(filter) end

---Removes every address that the filter describes.
---
---```lua
---addr.add("10.0.0.1/8", { dev = "lo" })
---addr.flush{ dev = "lo" }
---```
---@param filter? addr.Filter e.g. { dev = "eth0", family = "inet" }; a label may be a pattern: "eth0:*"
---@return integer count how many there were
function addr.flush(filter) end

---An IPv4 or IPv6 address of a link.
---@class addr.Options
---@field family? "inet"|"inet6" follows from the address
---@field peer? string the other end of a point-to-point link
---@field broadcast? string broadcast address; "+": the last one of the network, "-": the first
---@field dev string|integer the link that has it
---@field scope? "global"|"site"|"link"|"host"|"nowhere"|integer how far it is valid: global, site, link, host or a number
---@field label? string the link's name, or that with a colon and more (IPv4)
---@field metric? integer of the route that comes with it
---@field valid_lft? integer|"forever" valid for so many seconds, or "forever"
---@field preferred_lft? integer|"forever" preferred for so many seconds, or "forever"
---@field nodad? boolean no duplicate address detection (IPv6); true unless given, in a sandbox
---@field home? boolean home address (RFC 6275)
---@field mngtmpaddr? boolean the kernel makes temporary addresses from it
---@field optimistic? boolean used while duplicate address detection goes on
---@field noprefixroute? boolean no route comes with it
---@field autojoin? boolean joins its multicast group

---An IPv4 or IPv6 address of a link. As it is read; called, it is a plain table.
---@class addr.Record
---@field family? "inet"|"inet6" follows from the address
---@field address? string the address with its prefix length: "192.168.15.1/24"
---@field peer? string the other end of a point-to-point link
---@field broadcast? string broadcast address; "+": the last one of the network, "-": the first
---@field dev? string the link that has it
---@field scope? "global"|"site"|"link"|"host"|"nowhere"|integer how far it is valid: global, site, link, host or a number
---@field label? string the link's name, or that with a colon and more (IPv4)
---@field metric? integer of the route that comes with it
---@field valid_lft? integer|"forever" valid for so many seconds, or "forever"
---@field preferred_lft? integer|"forever" preferred for so many seconds, or "forever"
---@field nodad? boolean no duplicate address detection (IPv6); true unless given, in a sandbox
---@field home? boolean home address (RFC 6275)
---@field mngtmpaddr? boolean the kernel makes temporary addresses from it
---@field optimistic? boolean used while duplicate address detection goes on
---@field noprefixroute? boolean no route comes with it
---@field autojoin? boolean joins its multicast group
---@field secondary? boolean not the first of its network (IPv4), temporary (IPv6)
---@field tentative? boolean duplicate address detection has not ended
---@field dadfailed? boolean somebody else has it
---@field deprecated? boolean no longer preferred
---@field stable_privacy? boolean made from a secret (RFC 7217)
---@field permanent? boolean has no lifetime
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local addr_record = {}

---A plain copy of every field.
---@return table
function addr_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class addr.Filter
---@field family? "inet"|"inet6"|false follows from the address
---@field address? string|false the address with its prefix length: "192.168.15.1/24"
---@field peer? string|false the other end of a point-to-point link
---@field broadcast? string|false broadcast address; "+": the last one of the network, "-": the first
---@field dev? string|integer|false the link that has it
---@field scope? "global"|"site"|"link"|"host"|"nowhere"|integer|false how far it is valid: global, site, link, host or a number
---@field label? string|false the link's name, or that with a colon and more (IPv4)
---@field metric? integer|false of the route that comes with it
---@field valid_lft? integer|"forever"|false valid for so many seconds, or "forever"
---@field preferred_lft? integer|"forever"|false preferred for so many seconds, or "forever"
---@field nodad? boolean no duplicate address detection (IPv6); true unless given, in a sandbox
---@field home? boolean home address (RFC 6275)
---@field mngtmpaddr? boolean the kernel makes temporary addresses from it
---@field optimistic? boolean used while duplicate address detection goes on
---@field noprefixroute? boolean no route comes with it
---@field autojoin? boolean joins its multicast group
---@field secondary? boolean not the first of its network (IPv4), temporary (IPv6)
---@field tentative? boolean duplicate address detection has not ended
---@field dadfailed? boolean somebody else has it
---@field deprecated? boolean no longer preferred
---@field stable_privacy? boolean made from a secret (RFC 7217)
---@field permanent? boolean has no lifetime
---@field exact? string another word for the key of the object
