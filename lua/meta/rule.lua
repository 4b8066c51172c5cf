---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Rules of policy routing.
---@class rule
rule = {}

---Adds a rule.
---
---Raises:
---* EEXIST the same rule exists
---* EAFNOSUPPORT the kernel has no policy routing
---
---```lua
---rule.add{ from = "10.0.0.0/24", table = 100, priority = 1000 }
---print(rule.list())
---```
---
---See ip-rule(8), linux/fib_rules.h.
---@param rule rule.Options from, to, iif, oif, fwmark ..., and table or action
function rule.add(rule) end

---Removes the first rule that agrees with what is given.
---
---Raises:
---* ENOENT there is no such rule
---
---```lua
---rule.add{ from = "10.0.0.0/24", table = 100, priority = 1000 }
---rule.delete{ priority = 1000 }
---```
---
---See ip-rule(8).
---@param rule rule.Options|rule.Record some of its fields, or the record
function rule.delete(rule) end

---The first rule that the filter describes.
---
---```lua
---rule.add{ from = "10.0.0.0/24", table = 100, priority = 1000 }
---assert(rule.get{ priority = 1000 }.table == 100)
---```
---@param filter? rule.Filter family ("inet" unless given), priority, table ...
---@return rule.Record? rule nil when there is none
---@return nslab.Error? error why
function rule.get(filter) end

---The rules, in the order in which they are asked.
---
---Raises:
---* EAGAIN the rules kept changing while they were read
---
---```lua
---assert(rule.list()[1].table == "local")
---```
---@param filter? rule.Filter family ("inet" unless given), priority, table ...
---@return rule.Record[] rules printing it prints what ip rule shows
function rule.list(filter) end

---Iterates over the rules without building a list.
---
---Raises:
---* EAGAIN at the end: something changed while it was read
---
---```lua
---for r in rule.each() do print(r.priority, r.table) end
---```
---@param filter? rule.Filter family ("inet" unless given), priority, table ...
---@return fun(): rule.Record iterator for a generic for
function rule.each(filter) end

---Removes every rule that the filter describes.
---
---```lua
---rule.add{ from = "10.0.0.0/24", table = 100, priority = 1000 }
---assert(rule.flush{ table = 100 } == 1)
---```
---@param filter? rule.Filter family ("inet" unless given), priority, table ...
---@return integer count how many there were
function rule.flush(filter) end

---A rule of policy routing: which table is asked when.
---@class rule.Options
---@field family? "inet"|"inet6" follows from the addresses; "inet" when none is given
---@field invert? boolean for packets that do not match
---@field from? string source network, or "all"
---@field to? string destination network
---@field tos? "AF11"|"AF12"|"AF13"|"AF21"|"AF22"|"AF23"|"AF31"|"AF32"|"AF33"|"AF41"|"AF42"|"AF43"|"CS1"|"CS2"|"CS3"|"CS4"|"CS5"|"CS6"|"CS7"|"EF"|integer type of service: a number, or AF11, CS1, EF ...
---@field fwmark? integer mark of the packet
---@field fwmask? integer bits of the mark that count
---@field iif? string name of the link it came in by; "lo": made here
---@field oif? string name of the link that the socket is bound to
---@field ipproto? string|integer the IP protocol: tcp, udp, icmp ... or its number
---@field sport? integer|string source port of TCP, UDP ..., or a range: "1000-2000"
---@field dport? integer|string destination port, or a range
---@field uidrange? integer|string users whose packets it is: "1000-1999"
---@field tun_id? integer key of the tunnel it came by
---@field l3mdev? boolean look in the table of the VRF that the link is in
---@field realms? integer|string classes of routes: DESTINATION or "SOURCE/DESTINATION"
---@field action? "lookup"|"goto"|"nop"|"blackhole"|"unreachable"|"prohibit"|integer lookup (a table), goto, nop, blackhole, unreachable, prohibit
---@field table? "default"|"main"|"local"|integer routing table to look in: main, local, default or a number
---@field target? integer priority of the rule to go on with
---@field suppress_prefixlength? integer ignore routes with so short a prefix
---@field suppress_ifgroup? "default"|integer ignore routes out of links of this group
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer who made it
---@field priority? integer rules are asked in this order

---A rule of policy routing: which table is asked when. As it is read; called, it is a plain table.
---@class rule.Record
---@field family? "inet"|"inet6" follows from the addresses; "inet" when none is given
---@field invert? boolean for packets that do not match
---@field from? string source network, or "all"
---@field to? string destination network
---@field tos? "AF11"|"AF12"|"AF13"|"AF21"|"AF22"|"AF23"|"AF31"|"AF32"|"AF33"|"AF41"|"AF42"|"AF43"|"CS1"|"CS2"|"CS3"|"CS4"|"CS5"|"CS6"|"CS7"|"EF"|integer type of service: a number, or AF11, CS1, EF ...
---@field fwmark? integer mark of the packet
---@field fwmask? integer bits of the mark that count
---@field iif? string name of the link it came in by; "lo": made here
---@field oif? string name of the link that the socket is bound to
---@field ipproto? string|integer the IP protocol: tcp, udp, icmp ... or its number
---@field sport? integer|string source port of TCP, UDP ..., or a range: "1000-2000"
---@field dport? integer|string destination port, or a range
---@field uidrange? string users whose packets it is: "1000-1999"
---@field tun_id? integer key of the tunnel it came by
---@field l3mdev? boolean look in the table of the VRF that the link is in
---@field realms? integer|string classes of routes: DESTINATION or "SOURCE/DESTINATION"
---@field action? "lookup"|"goto"|"nop"|"blackhole"|"unreachable"|"prohibit"|integer lookup (a table), goto, nop, blackhole, unreachable, prohibit
---@field table? "default"|"main"|"local"|integer routing table to look in: main, local, default or a number
---@field target? integer priority of the rule to go on with
---@field suppress_prefixlength? integer ignore routes with so short a prefix
---@field suppress_ifgroup? "default"|integer ignore routes out of links of this group
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer who made it
---@field priority? integer rules are asked in this order
---@field flags? string[] unresolved (goto a rule that is not there), iif_detached, oif_detached (no such link)
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table

---Which ones are meant. Every field that is given must agree; false: has none.
---@class rule.Filter
---@field family? "inet"|"inet6"|false follows from the addresses; "inet" when none is given
---@field invert? boolean for packets that do not match
---@field from? string|false source network, or "all"
---@field to? string|false destination network
---@field tos? "AF11"|"AF12"|"AF13"|"AF21"|"AF22"|"AF23"|"AF31"|"AF32"|"AF33"|"AF41"|"AF42"|"AF43"|"CS1"|"CS2"|"CS3"|"CS4"|"CS5"|"CS6"|"CS7"|"EF"|integer|false type of service: a number, or AF11, CS1, EF ...
---@field fwmark? integer|false mark of the packet
---@field fwmask? integer|false bits of the mark that count
---@field iif? string|false name of the link it came in by; "lo": made here
---@field oif? string|false name of the link that the socket is bound to
---@field ipproto? string|integer|false the IP protocol: tcp, udp, icmp ... or its number
---@field sport? integer|string|false source port of TCP, UDP ..., or a range: "1000-2000"
---@field dport? integer|string|false destination port, or a range
---@field uidrange? integer|string|false users whose packets it is: "1000-1999"
---@field tun_id? integer|false key of the tunnel it came by
---@field l3mdev? boolean look in the table of the VRF that the link is in
---@field realms? integer|string|false classes of routes: DESTINATION or "SOURCE/DESTINATION"
---@field action? "lookup"|"goto"|"nop"|"blackhole"|"unreachable"|"prohibit"|integer|false lookup (a table), goto, nop, blackhole, unreachable, prohibit
---@field table? "default"|"main"|"local"|integer|"all"|false routing table to look in: main, local, default or a number
---@field target? integer|false priority of the rule to go on with
---@field suppress_prefixlength? integer|false ignore routes with so short a prefix
---@field suppress_ifgroup? "default"|integer|false ignore routes out of links of this group
---@field protocol? "unspec"|"redirect"|"kernel"|"boot"|"static"|"gated"|"ra"|"mrt"|"zebra"|"bird"|"dnrouted"|"xorp"|"ntk"|"dhcp"|"keepalived"|"babel"|"openr"|"bgp"|"isis"|"ospf"|"rip"|"eigrp"|integer|false who made it
---@field priority? integer|false rules are asked in this order
---@field flags? string[]|false unresolved (goto a rule that is not there), iif_detached, oif_detached (no such link)
