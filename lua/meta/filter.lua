---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Filters of packets, and what is done with them.
---@class filter
filter = {}

---Adds a filter.
---
---Raises:
---* EEXIST there is one of that pref and handle
---* EINVAL the link has no such qdisc
---* ENOENT the kernel was built without that kind
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, handle = "1:", type = "htb" }
---class.add{ dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
---filter.add{ dev = "v0", parent = "1:", pref = 1, u32 = { ip_dst = "10.0.0.0/24", ip_protocol = 6, ip_dport = 80, classid = "1:10" } }
---print(filter.list{ dev = "v0" })
---```
---
---See tc(8), tc-u32(8), tc-flower(8).
---@param filter filter.Options dev, parent or ingress or egress, pref, and a table named after the kind
function filter.add(filter) end

---Changes one that is there.
---
---Raises:
---* ENOENT there is none of that pref and handle
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, handle = "1:", type = "htb" }
---class.add{ dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
---filter.add{ dev = "v0", parent = "1:", pref = 1, u32 = { ip_dst = "10.0.0.0/24", ip_protocol = 6, ip_dport = 80, classid = "1:10" } }
---local one = filter.get{ dev = "v0", handle = "800::800" }
---filter.change{ dev = "v0", parent = "1:", pref = 1, protocol = "ip", handle = one.handle, u32 = { ip_dst = "10.0.0.0/24", ip_protocol = 6, ip_dport = 80, classid = "1:20" } }
---```
---
---See tc(8).
---@param filter filter.Options dev, parent or ingress or egress, pref, and a table named after the kind
function filter.change(filter) end

---Adds it, or changes the one of that pref and handle.
---
---Raises:
---* EINVAL the link has no such qdisc
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, handle = "1:", type = "htb" }
---class.add{ dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
---filter.add{ dev = "v0", parent = "1:", pref = 1, u32 = { ip_dst = "10.0.0.0/24", ip_protocol = 6, ip_dport = 80, classid = "1:10" } }
---filter.replace{ dev = "v0", parent = "1:", pref = 2, u32 = { ip_src = "10.0.0.7", classid = "1:10" } }
---```
---
---See tc(8).
---@param filter filter.Options dev, parent or ingress or egress, pref, and a table named after the kind
function filter.replace(filter) end

---Takes filters away: all of a pref, or one of them by its handle.
---
---Raises:
---* ENOENT there is none
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, handle = "1:", type = "htb" }
---class.add{ dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
---filter.add{ dev = "v0", parent = "1:", pref = 1, u32 = { ip_dst = "10.0.0.0/24", ip_protocol = 6, ip_dport = 80, classid = "1:10" } }
---filter.delete{ dev = "v0", parent = "1:", pref = 1 }
---assert(#filter.list{ dev = "v0" } == 0)
---```
---
---See tc(8).
---@param filter filter.Options|filter.Record dev, parent, pref; or the record
function filter.delete(filter) end

---The first that the filter describes.
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, handle = "1:", type = "htb" }
---class.add{ dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
---filter.add{ dev = "v0", parent = "1:", pref = 1, u32 = { ip_dst = "10.0.0.0/24", ip_protocol = 6, ip_dport = 80, classid = "1:10" } }
---assert(filter.get{ dev = "v0", handle = "800::800" }.u32.ip_dport == 80)
---```
---@param filter filter.Filter dev, and parent, ingress, egress, pref ...
---@return filter.Record? filter nil when there is none
---@return nslab.Error? error why
function filter.get(filter) end

---The filters of one qdisc of a link: of the link's own, of a parent, of ingress or egress. The
---kernel tells a u32's tables as if they were filters.
---
---Raises:
---* ENODEV there is no such link
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, handle = "1:", type = "htb" }
---class.add{ dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
---filter.add{ dev = "v0", parent = "1:", pref = 1, u32 = { ip_dst = "10.0.0.0/24", ip_protocol = 6, ip_dport = 80, classid = "1:10" } }
---assert(#filter.list{ dev = "v0", pref = 1 } == 3)
---```
---@param filter filter.Filter dev, and parent, ingress, egress, pref ...
---@return filter.Record[] filters printing it prints what tc filter shows
function filter.list(filter) end

---Iterates over them without building a list.
---
---Raises:
---* EAGAIN at the end: something changed while it was read
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, handle = "1:", type = "htb" }
---class.add{ dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
---filter.add{ dev = "v0", parent = "1:", pref = 1, u32 = { ip_dst = "10.0.0.0/24", ip_protocol = 6, ip_dport = 80, classid = "1:10" } }
---for f in filter.each{ dev = "v0" } do print(f.pref, f.type, f.handle) end
---```
---@param filter filter.Filter dev, and parent, ingress, egress, pref ...
---@return fun(): filter.Record iterator for a generic for
function filter.each(filter) end

---Which packets go to a class, or what is done with them.
---@class filter.Options
---@field dev string|integer the link whose packets it is about
---@field parent? string the qdisc it is of: "1:"; the link's own unless given
---@field ingress? boolean of what comes in: the link has a qdisc clsact or ingress
---@field egress? boolean of what goes out: the link has a qdisc clsact
---@field protocol? string|integer which packets it is asked about: all, ip, ipv6, arp, 802.1Q ...; what it asks of them implies it
---@field pref? integer filters are asked in this order, the smallest first
---@field handle? string|integer its number: 1, or of u32 "800::800"; of fw the mark
---@field chain? integer the chain it is in; 0 unless given
---@field type? string its kind; a table of that kind's options implies it
---@field u32? filter.u32.Options by bits of the packet
---@field flower? filter.flower.Options by headers of the packet
---@field matchall? filter.matchall.Options every packet
---@field basic? filter.basic.Options every packet, or those of an expression
---@field fw? filter.fw.Options by the mark of the packet

---Which packets go to a class, or what is done with them. As it is read; called, it is a plain
---table.
---@class filter.Record
---@field dev? string the link whose packets it is about
---@field parent? string the qdisc it is of: "1:"; the link's own unless given
---@field ingress? boolean of what comes in: the link has a qdisc clsact or ingress
---@field egress? boolean of what goes out: the link has a qdisc clsact
---@field protocol? string|integer which packets it is asked about: all, ip, ipv6, arp, 802.1Q ...; what it asks of them implies it
---@field pref? integer filters are asked in this order, the smallest first
---@field handle? string|integer its number: 1, or of u32 "800::800"; of fw the mark
---@field chain? integer the chain it is in; 0 unless given
---@field type? string its kind; a table of that kind's options implies it
---@field u32? filter.u32.Record by bits of the packet
---@field flower? filter.flower.Record by headers of the packet
---@field matchall? filter.matchall.Record every packet
---@field basic? filter.basic.Record every packet, or those of an expression
---@field fw? filter.fw.Record by the mark of the packet
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local filter_record = {}

---A plain copy of every field.
---@return table
function filter_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class filter.Filter
---@field dev? string|integer|false the link whose packets it is about
---@field parent? string|false the qdisc it is of: "1:"; the link's own unless given
---@field ingress? boolean of what comes in: the link has a qdisc clsact or ingress
---@field egress? boolean of what goes out: the link has a qdisc clsact
---@field protocol? string|integer|false which packets it is asked about: all, ip, ipv6, arp, 802.1Q ...; what it asks of them implies it
---@field pref? integer|false filters are asked in this order, the smallest first
---@field handle? string|integer|false its number: 1, or of u32 "800::800"; of fw the mark
---@field chain? integer|false the chain it is in; 0 unless given
---@field type? string|false its kind; a table of that kind's options implies it
---@field u32? table|false by bits of the packet
---@field flower? table|false by headers of the packet
---@field matchall? table|false every packet
---@field basic? table|false every packet, or those of an expression
---@field fw? table|false by the mark of the packet

---What is done with a packet.
---@class filter.action.Options
---@field type? string its kind; a table of that kind's options implies it
---@field gact? filter.gact.Options lets it pass, drops it ...
---@field mirred? filter.mirred.Options sends it, or a copy, through another link
---@field police? filter.police.Options lets no more through than a rate

---What is done with a packet.
---@class filter.action.Record
---@field type? string its kind; a table of that kind's options implies it
---@field gact? filter.gact.Record lets it pass, drops it ...
---@field mirred? filter.mirred.Record sends it, or a copy, through another link
---@field police? filter.police.Record lets no more through than a rate
---@field stats? qdisc.stats.Record what it was done with
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Actions, one after the other.
---@class filter.actions.Options
---@field [1] filter.action.Options in this order
---@field [2] filter.action.Options in this order
---@field [3] filter.action.Options in this order
---@field [4] filter.action.Options in this order
---@field [5] filter.action.Options in this order
---@field [6] filter.action.Options in this order
---@field [7] filter.action.Options in this order
---@field [8] filter.action.Options in this order

---Actions, one after the other.
---@class filter.actions.Record
---@field [1] filter.action.Record in this order
---@field [2] filter.action.Record in this order
---@field [3] filter.action.Record in this order
---@field [4] filter.action.Record in this order
---@field [5] filter.action.Record in this order
---@field [6] filter.action.Record in this order
---@field [7] filter.action.Record in this order
---@field [8] filter.action.Record in this order
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Every packet, or those of an expression of tc's own (which is kept as bytes).
---@class filter.basic.Options
---@field classid? string the class that the packets go to: "1:10"
---@field action? filter.actions.Options|string what is done: "drop", { mirred = { dev = ... } }, { police = {...} }, or an array

---Every packet, or those of an expression of tc's own (which is kept as bytes).
---@class filter.basic.Record
---@field classid? string the class that the packets go to: "1:10"
---@field action? filter.action.Record[] what is done: "drop", { mirred = { dev = ... } }, { police = {...} }, or an array
---@field unknown? table<integer, string> attributes without a row, by their numbers

---By the headers of the packet.
---@class filter.flower.Options
---@field classid? string the class that the packets go to: "1:10"
---@field dst_mac? string hardware address that it is to
---@field src_mac? string hardware address that it is from
---@field ip_proto? "tcp"|"udp"|"sctp"|"icmp"|"icmpv6"|integer tcp, udp, sctp, icmp, icmpv6 or a number
---@field src_ip? string address or network that it is from
---@field dst_ip? string address or network that it is to
---@field src_port? integer port that it is from; needs ip_proto
---@field dst_port? integer port that it is to; needs ip_proto
---@field ip_tos? integer type of service
---@field ip_ttl? integer hops that it may still make
---@field icmp_type? integer of an ICMP message: 8 asks for an echo
---@field icmp_code? integer of an ICMP message
---@field vlan_id? integer of the VLAN; the filter's protocol is 802.1Q
---@field vlan_prio? integer priority in the VLAN's tag
---@field action? filter.actions.Options|string what is done: "drop", { mirred = { dev = ... } }, { police = {...} }, or an array
---@field eth_type? integer the filter's protocol again, as a number

---By the headers of the packet.
---@class filter.flower.Record
---@field classid? string the class that the packets go to: "1:10"
---@field dst_mac? string hardware address that it is to
---@field src_mac? string hardware address that it is from
---@field ip_proto? "tcp"|"udp"|"sctp"|"icmp"|"icmpv6"|integer tcp, udp, sctp, icmp, icmpv6 or a number
---@field src_ip? string address or network that it is from
---@field dst_ip? string address or network that it is to
---@field src_port? integer port that it is from; needs ip_proto
---@field dst_port? integer port that it is to; needs ip_proto
---@field ip_tos? integer type of service
---@field ip_ttl? integer hops that it may still make
---@field icmp_type? integer of an ICMP message: 8 asks for an echo
---@field icmp_code? integer of an ICMP message
---@field vlan_id? integer of the VLAN; the filter's protocol is 802.1Q
---@field vlan_prio? integer priority in the VLAN's tag
---@field action? filter.action.Record[] what is done: "drop", { mirred = { dev = ... } }, { police = {...} }, or an array
---@field flags? string[] whether the card does it: not_in_hw, in_hw
---@field eth_type? integer the filter's protocol again, as a number
---@field unknown? table<integer, string> attributes without a row, by their numbers

---By the mark that iptables gave the packet: it is the filter's handle.
---@class filter.fw.Options
---@field classid? string the class that the packets go to: "1:10"
---@field action? filter.actions.Options|string what is done: "drop", { mirred = { dev = ... } }, { police = {...} }, or an array

---By the mark that iptables gave the packet: it is the filter's handle.
---@class filter.fw.Record
---@field classid? string the class that the packets go to: "1:10"
---@field action? filter.action.Record[] what is done: "drop", { mirred = { dev = ... } }, { police = {...} }, or an array
---@field mask? integer which bits of the mark count
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What becomes of the packet, and nothing more.
---@class filter.gact.Options
---@field control string pass, drop, pipe (to the next action), reclassify, continue, stolen, trap
---@field index? integer its number among those of its kind

---What becomes of the packet, and nothing more.
---@class filter.gact.Record
---@field control? string pass, drop, pipe (to the next action), reclassify, continue, stolen, trap
---@field index? integer its number among those of its kind
---@field refs? integer who knows it
---@field binds? integer filters that use it
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Every packet.
---@class filter.matchall.Options
---@field classid? string the class that the packets go to: "1:10"
---@field action? filter.actions.Options|string what is done: "drop", { mirred = { dev = ... } }, { police = {...} }, or an array

---Every packet.
---@class filter.matchall.Record
---@field classid? string the class that the packets go to: "1:10"
---@field action? filter.action.Record[] what is done: "drop", { mirred = { dev = ... } }, { police = {...} }, or an array
---@field flags? string[] whether the card does it: not_in_hw, in_hw
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Sends the packet, or a copy of it, through another link.
---@class filter.mirred.Options
---@field mode? string egress redirect (unless given), egress mirror, ingress redirect, ingress mirror
---@field dev string|integer the link that it goes to
---@field control? string what becomes of the packet then; stolen when redirected, pipe when mirrored
---@field index? integer its number among those of its kind

---Sends the packet, or a copy of it, through another link.
---@class filter.mirred.Record
---@field mode? string egress redirect (unless given), egress mirror, ingress redirect, ingress mirror
---@field dev? string the link that it goes to
---@field control? string what becomes of the packet then; stolen when redirected, pipe when mirrored
---@field index? integer its number among those of its kind
---@field refs? integer who knows it
---@field binds? integer filters that use it
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Lets no more through than a rate.
---@class filter.police.Options
---@field rate_mbit number how fast they may come, in megabits per second
---@field burst_bytes integer what may come at once, in bytes
---@field exceed? string what becomes of what comes faster; reclassify unless given
---@field conform? string what becomes of the rest
---@field mtu_bytes? integer packets that are longer exceed
---@field index? integer its number among those of its kind

---Lets no more through than a rate.
---@class filter.police.Record
---@field rate_mbit? number how fast they may come, in megabits per second
---@field burst_bytes? integer what may come at once, in bytes
---@field exceed? string what becomes of what comes faster; reclassify unless given
---@field conform? string what becomes of the rest
---@field mtu_bytes? integer packets that are longer exceed
---@field burst_us? integer how long the burst lasts
---@field index? integer its number among those of its kind
---@field refs? integer who knows it
---@field binds? integer filters that use it
---@field unknown? table<integer, string> attributes without a row, by their numbers

---By bits of the packet.
---@class filter.u32.Options
---@field classid? string the class that the packets go to: "1:10"
---@field action? filter.actions.Options|string what is done: "drop", { mirred = { dev = ... } }, { police = {...} }, or an array
---@field ip_src? string packets from this IPv4 address or network
---@field ip_dst? string packets to this IPv4 address or network
---@field ip_tos? integer type of service
---@field ip_protocol? integer number of the protocol: 1 ICMP, 6 TCP, 17 UDP
---@field ip_sport? integer port that it is from, in a packet without IP options
---@field ip_dport? integer port that it is to
---@field raw? { value: integer, mask: integer, at: integer }[] 32 bits of the packet each: { { value = 0x50, mask = 0xffff, at = 20 } }

---By bits of the packet.
---@class filter.u32.Record
---@field classid? string the class that the packets go to: "1:10"
---@field action? filter.action.Record[] what is done: "drop", { mirred = { dev = ... } }, { police = {...} }, or an array
---@field divisor? integer buckets of a table of filters
---@field table? integer number of the table that it is in
---@field flags? string[] whether the card does it: not_in_hw, in_hw
---@field ip_src? string packets from this IPv4 address or network
---@field ip_dst? string packets to this IPv4 address or network
---@field ip_tos? integer type of service
---@field ip_protocol? integer number of the protocol: 1 ICMP, 6 TCP, 17 UDP
---@field ip_sport? integer port that it is from, in a packet without IP options
---@field ip_dport? integer port that it is to
---@field raw? { value: integer, mask: integer, at: integer }[] 32 bits of the packet each: { { value = 0x50, mask = 0xffff, at = 20 } }
---@field keys? string[] all of it as tc shows it
---@field unknown? table<integer, string> attributes without a row, by their numbers
