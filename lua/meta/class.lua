---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Classes of queueing disciplines: shares of a link.
---@class class
class = {}

---Adds a class.
---
---Raises:
---* EEXIST there is one of that number
---* ENOENT the link has no such qdisc
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, handle = "1:", htb = { default = "10" } }
---class.add{ dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
---print(class.list{ dev = "v0" })
---```
---
---See tc(8), tc-htb(8).
---@param class class.Options dev, parent, classid, and a table named after the kind
function class.add(class) end

---Changes options of one that is there.
---
---Raises:
---* ENOENT there is none
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, handle = "1:", htb = { default = "10" } }
---class.add{ dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
---class.change{ dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 8 } }
---```
---
---See tc(8).
---@param class class.Options dev, parent, classid, and a table named after the kind
function class.change(class) end

---Adds it, or changes the one that is there.
---
---Raises:
---* ENOENT the link has no such qdisc
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, handle = "1:", htb = { default = "10" } }
---class.add{ dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
---class.replace{ dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 8, ceil_mbit = 10 } }
---```
---
---See tc(8).
---@param class class.Options dev, parent, classid, and a table named after the kind
function class.replace(class) end

---Takes a class away.
---
---Raises:
---* EBUSY it is used: by classes below it or by a filter
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, handle = "1:", htb = { default = "10" } }
---class.add{ dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
---class.delete{ dev = "v0", classid = "1:10" }
---```
---
---See tc(8).
---@param class class.Options|class.Record dev and classid, or the record
function class.delete(class) end

---The first that the filter describes.
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, handle = "1:", htb = { default = "10" } }
---class.add{ dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
---assert(class.get{ dev = "v0", classid = "1:10" }.htb.ceil_mbit == 5)
---```
---@param filter class.Filter dev, and parent, classid ...
---@return class.Record? class nil when there is none
---@return nslab.Error? error why
function class.get(filter) end

---The classes of a link.
---
---Raises:
---* ENODEV there is no such link
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, handle = "1:", htb = { default = "10" } }
---class.add{ dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
---assert(#class.list{ dev = "v0" } == 1)
---```
---@param filter class.Filter dev, and parent, classid ...
---@return class.Record[] classes printing it prints what tc class shows
function class.list(filter) end

---Iterates over the classes of a link without building a list.
---
---Raises:
---* EAGAIN at the end: something changed while it was read
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, handle = "1:", htb = { default = "10" } }
---class.add{ dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
---for c in class.each{ dev = "v0" } do print(c.classid, c.htb.rate_mbit) end
---```
---@param filter class.Filter dev, and parent, classid ...
---@return fun(): class.Record iterator for a generic for
function class.each(filter) end

---A class of a queueing discipline: a share of a link.
---@class class.Options
---@field dev string|integer the link whose packets it is about
---@field parent? string the qdisc ("1:") or class it is of
---@field root? boolean it has no other class above it (read)
---@field classid? string its name: "1:10"
---@field type? string the kind of its qdisc; a table of that kind's options implies it
---@field htb? class.htb.Options options of a class of an htb
---@field hfsc? class.hfsc.Options options of a class of a hfsc
---@field drr? class.drr.Options options of a class of a drr
---@field qfq? class.qfq.Options options of a class of a qfq
---@field ets? class.ets.Options options of a band of an ets

---A class of a queueing discipline: a share of a link. As it is read; called, it is a plain table.
---@class class.Record
---@field dev? string the link whose packets it is about
---@field parent? string the qdisc ("1:") or class it is of
---@field root? boolean it has no other class above it (read)
---@field classid? string its name: "1:10"
---@field type? string the kind of its qdisc; a table of that kind's options implies it
---@field htb? class.htb.Record options of a class of an htb
---@field hfsc? class.hfsc.Record options of a class of a hfsc
---@field drr? class.drr.Record options of a class of a drr
---@field qfq? class.qfq.Record options of a class of a qfq
---@field ets? class.ets.Record options of a band of an ets
---@field leaf? string the qdisc that its packets wait in
---@field stats? class.stats.Record what went through
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local class_record = {}

---A plain copy of every field.
---@return table
function class_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class class.Filter
---@field dev? string|integer|false the link whose packets it is about
---@field parent? string|false the qdisc ("1:") or class it is of
---@field root? boolean it has no other class above it (read)
---@field classid? string|false its name: "1:10"
---@field type? string|false the kind of its qdisc; a table of that kind's options implies it
---@field htb? table|false options of a class of an htb
---@field hfsc? table|false options of a class of a hfsc
---@field drr? table|false options of a class of a drr
---@field qfq? table|false options of a class of a qfq
---@field ets? table|false options of a band of an ets
---@field leaf? string|false the qdisc that its packets wait in
---@field stats? table|false what went through

---A class of a drr: they take turns.
---@class class.drr.Options
---@field quantum_bytes? integer what it sends before another one's turn

---A class of a drr: they take turns.
---@class class.drr.Record
---@field quantum_bytes? integer what it sends before another one's turn
---@field unknown? table<integer, string> attributes without a row, by their numbers

---A band of an ets.
---@class class.ets.Options
---@field quantum_bytes? integer what it sends before the next one's turn; none if it is strict

---A band of an ets.
---@class class.ets.Record
---@field quantum_bytes? integer what it sends before the next one's turn; none if it is strict
---@field unknown? table<integer, string> attributes without a row, by their numbers

---A class of a hfsc.
---@class class.hfsc.Options
---@field sc? class.hfsc.curve.Options rt and ls at once (written; read as these two)
---@field rt? class.hfsc.curve.Options what it is sure of
---@field ls? class.hfsc.curve.Options its share of what is left
---@field ul? class.hfsc.curve.Options the most that it may send; beside ls or sc

---A class of a hfsc.
---@class class.hfsc.Record
---@field rt? class.hfsc.curve.Record what it is sure of
---@field ls? class.hfsc.curve.Record its share of what is left
---@field ul? class.hfsc.curve.Record the most that it may send; beside ls or sc
---@field unknown? table<integer, string> attributes without a row, by their numbers

---How much is due by when: two slopes.
---@class class.hfsc.curve.Options
---@field m1_mbit? number how fast at first, in megabits per second
---@field d_ms? number how long that is, in milliseconds
---@field m2_mbit? number how fast from then on

---How much is due by when: two slopes.
---@class class.hfsc.curve.Record
---@field m1_mbit? number how fast at first, in megabits per second
---@field d_ms? number how long that is, in milliseconds
---@field m2_mbit? number how fast from then on
---@field unknown? table<integer, string> attributes without a row, by their numbers

---A class of an htb.
---@class class.htb.Options
---@field prio? integer who may borrow first: 0 is first, 7 last
---@field rate_mbit number what it is sure of, in megabits per second
---@field ceil_mbit? number what it may reach by borrowing; its rate unless given
---@field burst_bytes? integer what may be sent at the ceiling at once, in bytes
---@field cburst_bytes? integer what may be sent at the link's speed at once, in bytes
---@field quantum_bytes? integer what it sends before another one's turn, in bytes
---@field overhead_bytes? integer added to the size of each packet
---@field mpu_bytes? integer smaller packets count as this
---@field linklayer? "ethernet"|"atm"|"adsl"|integer ethernet, or atm (adsl): packets count as whole cells
---@field mtu_bytes? integer the largest packet: the burst that is not given (1600 unless given)

---A class of an htb.
---@class class.htb.Record
---@field prio? integer who may borrow first: 0 is first, 7 last
---@field rate_mbit? number what it is sure of, in megabits per second
---@field ceil_mbit? number what it may reach by borrowing; its rate unless given
---@field burst_bytes? integer what may be sent at the ceiling at once, in bytes
---@field cburst_bytes? integer what may be sent at the link's speed at once, in bytes
---@field quantum_bytes? integer what it sends before another one's turn, in bytes
---@field overhead_bytes? integer added to the size of each packet
---@field mpu_bytes? integer smaller packets count as this
---@field linklayer? "ethernet"|"atm"|"adsl"|integer ethernet, or atm (adsl): packets count as whole cells
---@field level? integer 0: a leaf of the tree
---@field burst_us? integer how long the burst lasts at the rate
---@field cburst_us? integer how long the other burst lasts at the ceiling
---@field unknown? table<integer, string> attributes without a row, by their numbers

---A class of a qfq: shares by weight.
---@class class.qfq.Options
---@field weight? integer its share, beside the weights of the others: 1 to 1023
---@field maxpkt_bytes? integer the largest packet

---A class of a qfq: shares by weight.
---@class class.qfq.Record
---@field weight? integer its share, beside the weights of the others: 1 to 1023
---@field maxpkt_bytes? integer the largest packet
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What went through.
---@class class.stats.Options

---What went through.
---@class class.stats.Record
---@field bytes? integer that were sent
---@field packets? integer that were sent
---@field drops? integer packets dropped
---@field overlimits? integer how often there was no room, or it was too early
---@field requeues? integer packets that the driver gave back
---@field backlog_bytes? integer that wait
---@field qlen? integer packets that wait
---@field htb? class.stats.htb.Record what only this kind counts
---@field hfsc? class.stats.hfsc.Record what only this kind counts
---@field drr? class.stats.drr.Record what only this kind counts
---@field fq_codel? class.stats.fq_codel.Record what only this kind counts
---@field cake? class.stats.cake.Record what only this kind counts
---@field sfq? class.stats.sfq.Record what only this kind counts
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What a flow of a cake counts.
---@class class.stats.cake.Options

---What a flow of a cake counts.
---@class class.stats.cake.Record
---@field deficit_bytes? integer what it may still send in this turn
---@field count? integer dropped since it began to drop
---@field dropping? boolean whether it drops now
---@field drop_next_us? integer when the next one is dropped
---@field blue_prob? integer how likely it drops, of 2^32 - 1
---@field blue_timer_us? integer since that changed
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What a class of a drr counts.
---@class class.stats.drr.Options

---What a class of a drr counts.
---@class class.stats.drr.Record
---@field deficit_bytes? integer what it may still send in this turn
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What a flow of a fq_codel counts.
---@class class.stats.fq_codel.Options

---What a flow of a fq_codel counts.
---@class class.stats.fq_codel.Record
---@field deficit_bytes? integer what it may still send in this turn
---@field ldelay_us? integer how long its last packet waited
---@field count? integer dropped since it began to drop
---@field lastcount? integer what count was when it began to drop
---@field dropping? boolean whether it drops now
---@field drop_next_us? integer when the next one is dropped
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What a class of a hfsc counts.
---@class class.stats.hfsc.Options

---What a class of a hfsc counts.
---@class class.stats.hfsc.Record
---@field period? integer how often it became busy
---@field work_bytes? integer all that was sent
---@field rtwork_bytes? integer what was sent because it was due
---@field level? integer 0: a leaf of the tree
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What a class of an htb counts.
---@class class.stats.htb.Options

---What a class of an htb counts.
---@class class.stats.htb.Record
---@field lended? integer packets sent with tokens of its own
---@field borrowed? integer packets sent with tokens of another class
---@field giants? integer 0 since Linux 3.8
---@field tokens? integer ticks that it may still send at its rate
---@field ctokens? integer ticks that it may still send at its ceiling
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What a flow of a sfq counts.
---@class class.stats.sfq.Options

---What a flow of a sfq counts.
---@class class.stats.sfq.Record
---@field allot_bytes? integer what it may still send in this turn
---@field unknown? table<integer, string> attributes without a row, by their numbers
