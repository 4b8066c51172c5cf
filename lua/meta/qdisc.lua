---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Queueing disciplines: how packets wait at a link.
---@class qdisc
qdisc = {}

---Puts a queueing discipline on a link, or into a class of one.
---
---Raises:
---* EEXIST there is one already; replace takes its place
---* ENOENT the kernel was built without that kind
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, tbf = { rate_mbit = 1, burst_bytes = 5000, limit_bytes = 20000 } }
---print(qdisc.list{ dev = "v0" })
---```
---
---See tc(8).
---@param qdisc qdisc.Options dev, root or parent, handle, and a table named after the kind
function qdisc.add(qdisc) end

---Changes options of one that is there. What waits in it goes on waiting. What the kind does not
---keep by itself must be said again.
---
---Raises:
---* ENOENT there is none of that kind in that place
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, tbf = { rate_mbit = 1, burst_bytes = 5000, limit_bytes = 20000 } }
---qdisc.change{ dev = "v0", root = true, tbf = { rate_mbit = 2, burst_bytes = 5000, limit_bytes = 20000 } }
---assert(qdisc.get{ dev = "v0" }.tbf.rate_mbit == 2)
---```
---
---See tc(8).
---@param qdisc qdisc.Options dev, root or parent, handle, and a table named after the kind
function qdisc.change(qdisc) end

---Adds it, or changes the one of the same kind that is there, or takes the place of one of another
---kind.
---
---Raises:
---* ENOENT the kernel was built without that kind
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, tbf = { rate_mbit = 1, burst_bytes = 5000, limit_bytes = 20000 } }
---qdisc.replace{ dev = "v0", root = true, pfifo = { limit_packets = 10 } }
---assert(qdisc.get{ dev = "v0" }.type == "pfifo")
---```
---
---See tc(8).
---@param qdisc qdisc.Options dev, root or parent, handle, and a table named after the kind
function qdisc.replace(qdisc) end

---Takes it away, with all classes and filters that it has.
---
---Raises:
---* ENOENT there is none
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, tbf = { rate_mbit = 1, burst_bytes = 5000, limit_bytes = 20000 } }
---qdisc.delete{ dev = "v0", root = true }
---```
---
---See tc(8).
---@param qdisc qdisc.Options|qdisc.Record dev and root or parent; type = "ingress"; or the record
function qdisc.delete(qdisc) end

---The first that the filter describes.
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, tbf = { rate_mbit = 1, burst_bytes = 5000, limit_bytes = 20000 } }
---assert(qdisc.get{ dev = "v0" }.tbf.rate_mbit == 1)
---```
---@param filter? qdisc.Filter dev, root, parent, type ...
---@return qdisc.Record? qdisc nil when there is none
---@return nslab.Error? error why
function qdisc.get(filter) end

---The queueing disciplines of all links, or of one.
---
---Raises:
---* ENODEV there is no such link
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---qdisc.add{ dev = "v0", root = true, tbf = { rate_mbit = 1, burst_bytes = 5000, limit_bytes = 20000 } }
---assert(#qdisc.list{ type = "tbf" } == 1)
---```
---@param filter? qdisc.Filter dev, root, parent, type ...
---@return qdisc.Record[] qdiscs printing it prints what tc qdisc shows
function qdisc.list(filter) end

---Iterates over them without building a list.
---
---Raises:
---* EAGAIN at the end: something changed while it was read
---
---```lua
---for q in qdisc.each() do print(q.dev, q.type) end
---```
---@param filter? qdisc.Filter dev, root, parent, type ...
---@return fun(): qdisc.Record iterator for a generic for
function qdisc.each(filter) end

---A queueing discipline: how the packets of a link wait.
---@class qdisc.Options
---@field dev string|integer the link whose packets it is about
---@field parent? string the class it is of: "1:10"; ingress and clsact need none
---@field root? boolean it is the link's own: every packet goes through it
---@field handle? string its name for classes and filters: "1:"
---@field type? string its kind; a table of that kind's options implies it
---@field netem? qdisc.netem.Options options of an imitated network
---@field tbf? qdisc.tbf.Options options of a bucket of tokens
---@field htb? qdisc.htb.Options options of a tree of classes
---@field prio? qdisc.prio.Options options of bands by priority
---@field pfifo? qdisc.pfifo.Options options of a queue that counts packets
---@field bfifo? qdisc.bfifo.Options options of a queue that counts bytes
---@field pfifo_head_drop? qdisc.pfifo.Options the same, but the oldest packet is dropped
---@field pfifo_fast? qdisc.pfifo_fast.Options bands by priority, as they are unless said
---@field fq_codel? qdisc.fq_codel.Options options of fair and short queues
---@field codel? qdisc.codel.Options options of a short queue
---@field fq? qdisc.fq.Options options of a queue with pacing
---@field sfq? qdisc.sfq.Options options of queues that take turns
---@field cake? qdisc.cake.Options options of a shaper that is fair
---@field red? qdisc.red.Options options of random early detection
---@field choke? qdisc.choke.Options options of a red that looks at flows
---@field sfb? qdisc.sfb.Options options of stochastic fair blue
---@field pie? qdisc.pie.Options options of a queue with a short delay
---@field fq_pie? qdisc.fq_pie.Options options of a pie for each flow
---@field hhf? qdisc.hhf.Options options of a filter of heavy flows
---@field hfsc? qdisc.hfsc.Options options of a tree of classes with curves
---@field ets? qdisc.ets.Options options of strict bands and of others
---@field multiq? qdisc.multiq.Options what a band for each queue tells
---@field skbprio? qdisc.skbprio.Options options of a queue by priority
---@field plug? qdisc.plug.Options what a plug is to do
---@field cbs? qdisc.cbs.Options options of a credit
---@field etf? qdisc.etf.Options options of a queue by time

---A queueing discipline: how the packets of a link wait. As it is read; called, it is a plain
---table.
---@class qdisc.Record
---@field dev? string the link whose packets it is about
---@field parent? string the class it is of: "1:10"; ingress and clsact need none
---@field root? boolean it is the link's own: every packet goes through it
---@field handle? string its name for classes and filters: "1:"
---@field type? string its kind; a table of that kind's options implies it
---@field netem? qdisc.netem.Record options of an imitated network
---@field tbf? qdisc.tbf.Record options of a bucket of tokens
---@field htb? qdisc.htb.Record options of a tree of classes
---@field prio? qdisc.prio.Record options of bands by priority
---@field pfifo? qdisc.pfifo.Record options of a queue that counts packets
---@field bfifo? qdisc.bfifo.Record options of a queue that counts bytes
---@field pfifo_head_drop? qdisc.pfifo.Record the same, but the oldest packet is dropped
---@field pfifo_fast? qdisc.pfifo_fast.Record bands by priority, as they are unless said
---@field fq_codel? qdisc.fq_codel.Record options of fair and short queues
---@field codel? qdisc.codel.Record options of a short queue
---@field fq? qdisc.fq.Record options of a queue with pacing
---@field sfq? qdisc.sfq.Record options of queues that take turns
---@field cake? qdisc.cake.Record options of a shaper that is fair
---@field red? qdisc.red.Record options of random early detection
---@field choke? qdisc.choke.Record options of a red that looks at flows
---@field sfb? qdisc.sfb.Record options of stochastic fair blue
---@field pie? qdisc.pie.Record options of a queue with a short delay
---@field fq_pie? qdisc.fq_pie.Record options of a pie for each flow
---@field hhf? qdisc.hhf.Record options of a filter of heavy flows
---@field hfsc? qdisc.hfsc.Record options of a tree of classes with curves
---@field ets? qdisc.ets.Record options of strict bands and of others
---@field multiq? qdisc.multiq.Record what a band for each queue tells
---@field skbprio? qdisc.skbprio.Record options of a queue by priority
---@field plug? qdisc.plug.Record what a plug is to do
---@field cbs? qdisc.cbs.Record options of a credit
---@field etf? qdisc.etf.Record options of a queue by time
---@field refcnt? integer how often it is used
---@field stats? qdisc.stats.Record what went through
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local qdisc_record = {}

---A plain copy of every field.
---@return table
function qdisc_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class qdisc.Filter
---@field dev? string|integer|false the link whose packets it is about
---@field parent? string|false the class it is of: "1:10"; ingress and clsact need none
---@field root? boolean it is the link's own: every packet goes through it
---@field handle? string|false its name for classes and filters: "1:"
---@field type? string|false its kind; a table of that kind's options implies it
---@field netem? table|false options of an imitated network
---@field tbf? table|false options of a bucket of tokens
---@field htb? table|false options of a tree of classes
---@field prio? table|false options of bands by priority
---@field pfifo? table|false options of a queue that counts packets
---@field bfifo? table|false options of a queue that counts bytes
---@field pfifo_head_drop? table|false the same, but the oldest packet is dropped
---@field pfifo_fast? table|false bands by priority, as they are unless said
---@field fq_codel? table|false options of fair and short queues
---@field codel? table|false options of a short queue
---@field fq? table|false options of a queue with pacing
---@field sfq? table|false options of queues that take turns
---@field cake? table|false options of a shaper that is fair
---@field red? table|false options of random early detection
---@field choke? table|false options of a red that looks at flows
---@field sfb? table|false options of stochastic fair blue
---@field pie? table|false options of a queue with a short delay
---@field fq_pie? table|false options of a pie for each flow
---@field hhf? table|false options of a filter of heavy flows
---@field hfsc? table|false options of a tree of classes with curves
---@field ets? table|false options of strict bands and of others
---@field multiq? table|false what a band for each queue tells
---@field skbprio? table|false options of a queue by priority
---@field plug? table|false what a plug is to do
---@field cbs? table|false options of a credit
---@field etf? table|false options of a queue by time
---@field refcnt? integer|false how often it is used
---@field stats? table|false what went through

---First in, first out; counts bytes.
---@class qdisc.bfifo.Options
---@field limit_bytes integer bytes that may wait

---First in, first out; counts bytes.
---@class qdisc.bfifo.Record
---@field limit_bytes? integer bytes that may wait
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Shapes, is fair to hosts and flows, and keeps queues short.
---@class qdisc.cake.Options
---@field bandwidth_mbit? number how fast it sends, in megabits per second; 0: as fast as the link
---@field autorate_ingress? boolean finds out how fast by itself, from what comes
---@field diffserv? "diffserv3"|"diffserv4"|"diffserv8"|"besteffort"|"precedence"|integer classes of traffic: diffserv3, diffserv4, diffserv8, besteffort (one), precedence
---@field flowmode? "flowblind"|"srchost"|"dsthost"|"hosts"|"flows"|"dual-srchost"|"dual-dsthost"|"triple-isolate"|integer who gets equal shares: triple-isolate (hosts, then flows), flows, hosts, srchost, dual-srchost, flowblind (none) ...
---@field nat? boolean looks behind NAT for the hosts
---@field wash? boolean takes the DSCP off
---@field ingress? boolean counts what it drops as received
---@field ack_filter? "no-ack-filter"|"ack-filter"|"ack-filter-aggressive"|integer leaves acknowledgements out: no-ack-filter, ack-filter, ack-filter-aggressive
---@field split_gso? boolean takes large packets apart
---@field rtt_ms? number how long an answer takes
---@field target_ms? number the delay that is fine; a twentieth of rtt_ms unless given
---@field raw? boolean the size of a packet is that which the kernel says
---@field atm? "noatm"|"atm"|"ptm"|integer cells that packets are sent in: noatm, atm, ptm
---@field overhead_bytes? integer added to the size of each packet
---@field mpu_bytes? integer smaller packets count as this
---@field memlimit_bytes? integer memory of all that waits
---@field fwmark? integer bits of the mark that say the class of traffic

---Shapes, is fair to hosts and flows, and keeps queues short.
---@class qdisc.cake.Record
---@field bandwidth_mbit? number how fast it sends, in megabits per second; 0: as fast as the link
---@field autorate_ingress? boolean finds out how fast by itself, from what comes
---@field diffserv? "diffserv3"|"diffserv4"|"diffserv8"|"besteffort"|"precedence"|integer classes of traffic: diffserv3, diffserv4, diffserv8, besteffort (one), precedence
---@field flowmode? "flowblind"|"srchost"|"dsthost"|"hosts"|"flows"|"dual-srchost"|"dual-dsthost"|"triple-isolate"|integer who gets equal shares: triple-isolate (hosts, then flows), flows, hosts, srchost, dual-srchost, flowblind (none) ...
---@field nat? boolean looks behind NAT for the hosts
---@field wash? boolean takes the DSCP off
---@field ingress? boolean counts what it drops as received
---@field ack_filter? "no-ack-filter"|"ack-filter"|"ack-filter-aggressive"|integer leaves acknowledgements out: no-ack-filter, ack-filter, ack-filter-aggressive
---@field split_gso? boolean takes large packets apart
---@field rtt_ms? number how long an answer takes
---@field target_ms? number the delay that is fine; a twentieth of rtt_ms unless given
---@field raw? boolean the size of a packet is that which the kernel says
---@field atm? "noatm"|"atm"|"ptm"|integer cells that packets are sent in: noatm, atm, ptm
---@field overhead_bytes? integer added to the size of each packet
---@field mpu_bytes? integer smaller packets count as this
---@field memlimit_bytes? integer memory of all that waits
---@field fwmark? integer bits of the mark that say the class of traffic
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Credit for a class of traffic (802.1Qav).
---@class qdisc.cbs.Options
---@field hicredit_bytes? integer the most that it may be in credit; 0 unless given
---@field locredit_bytes? integer the most that it may be in debt: less than 0; 0 unless given
---@field sendslope_kbit? integer how fast credit falls while it sends; 0 unless given
---@field idleslope_kbit? integer how fast it grows while it waits; 0 unless given
---@field offload? integer 1: the card does it

---Credit for a class of traffic (802.1Qav).
---@class qdisc.cbs.Record
---@field hicredit_bytes? integer the most that it may be in credit; 0 unless given
---@field locredit_bytes? integer the most that it may be in debt: less than 0; 0 unless given
---@field sendslope_kbit? integer how fast credit falls while it sends; 0 unless given
---@field idleslope_kbit? integer how fast it grows while it waits; 0 unless given
---@field offload? integer 1: the card does it
---@field unknown? table<integer, string> attributes without a row, by their numbers

---A red that drops packets of those flows which fill the queue.
---@class qdisc.choke.Options
---@field limit_packets integer packets that may wait
---@field min_packets? integer so many may wait on average; a third of max_packets unless given
---@field max_packets? integer from so many on all are dropped; a quarter of the limit unless given
---@field avpkt_bytes? integer the mean size of packets (1000 unless given)
---@field burst_packets? integer packets that may come at once; (2 min + max) / 3 unless given
---@field bandwidth_mbit? number how fast the link is (10 unless given)
---@field probability? number how likely one is dropped at the maximum (0.02 unless given)
---@field ecn? boolean marks packets, where possible, in place of dropping them

---A red that drops packets of those flows which fill the queue.
---@class qdisc.choke.Record
---@field limit_packets? integer packets that may wait
---@field min_packets? integer so many may wait on average; a third of max_packets unless given
---@field max_packets? integer from so many on all are dropped; a quarter of the limit unless given
---@field probability? number how likely one is dropped at the maximum (0.02 unless given)
---@field ecn? boolean marks packets, where possible, in place of dropping them
---@field ewma? integer the weight of what waits in the average: 2^-ewma
---@field plog? integer how steep the probability is
---@field scell_log? integer how the average falls
---@field unknown? table<integer, string> attributes without a row, by their numbers

---One queue, kept short.
---@class qdisc.codel.Options
---@field limit_packets? integer packets that may wait
---@field interval_ms? number how long the delay must be too long before packets are dropped
---@field target_ms? number the delay that is fine
---@field ce_threshold_ms? number packets that waited longer are marked
---@field ecn? boolean marks packets, where that is possible, in place of dropping them

---One queue, kept short.
---@class qdisc.codel.Record
---@field limit_packets? integer packets that may wait
---@field interval_ms? number how long the delay must be too long before packets are dropped
---@field target_ms? number the delay that is fine
---@field ce_threshold_ms? number packets that waited longer are marked
---@field ecn? boolean marks packets, where that is possible, in place of dropping them
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Each packet at the time that its socket says.
---@class qdisc.etf.Options
---@field delta_ns? integer so long before its time a packet is handed to the card; 0 unless given
---@field clockid string whose time that is: TAI (the only one that the kernel takes so far), REALTIME ...
---@field offload? boolean the card does it
---@field deadline_mode? boolean a packet may be sent before its time
---@field skip_sock_check? boolean packets may be of any socket

---Each packet at the time that its socket says.
---@class qdisc.etf.Record
---@field delta_ns? integer so long before its time a packet is handed to the card; 0 unless given
---@field clockid? string whose time that is: TAI (the only one that the kernel takes so far), REALTIME ...
---@field offload? boolean the card does it
---@field deadline_mode? boolean a packet may be sent before its time
---@field skip_sock_check? boolean packets may be of any socket
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Bands: some before all others, the rest take turns.
---@class qdisc.ets.Options
---@field bands? integer how many; strict and quanta unless given
---@field strict? integer so many of them send whenever they can, the first one first
---@field quanta? number[] what each of the others sends before the next one's turn, in bytes
---@field priomap? number[] which band each of the 16 priorities of packets goes to

---Bands: some before all others, the rest take turns.
---@class qdisc.ets.Record
---@field bands? integer how many; strict and quanta unless given
---@field strict? integer so many of them send whenever they can, the first one first
---@field quanta? number[] what each of the others sends before the next one's turn, in bytes
---@field priomap? number[] which band each of the 16 priorities of packets goes to
---@field unknown? table<integer, string> attributes without a row, by their numbers

---A queue for each flow, sent at the flow's pace.
---@class qdisc.fq.Options
---@field limit_packets? integer packets that may wait
---@field flow_limit_packets? integer packets of one flow that may wait
---@field quantum_bytes? integer what a flow sends before another one's turn
---@field initial_quantum_bytes? integer what a new flow sends first
---@field buckets_log? integer flows spread among two to the power of this
---@field orphan_mask? integer packets without a socket spread among so many
---@field low_rate_threshold_mbit? number slower flows are paced packet by packet
---@field refill_delay_ms? number a flow that rested so long counts as new
---@field timer_slack_ns? integer how late a timer may be, in nanoseconds
---@field horizon_ms? number packets that are to be sent later than this are not kept
---@field horizon_drop? boolean but dropped; else they are sent at that time
---@field maxrate_mbit? number no flow sends faster, in megabits per second
---@field pacing? boolean sends at the rate that the flow's socket wants

---A queue for each flow, sent at the flow's pace.
---@class qdisc.fq.Record
---@field limit_packets? integer packets that may wait
---@field flow_limit_packets? integer packets of one flow that may wait
---@field quantum_bytes? integer what a flow sends before another one's turn
---@field initial_quantum_bytes? integer what a new flow sends first
---@field buckets_log? integer flows spread among two to the power of this
---@field orphan_mask? integer packets without a socket spread among so many
---@field low_rate_threshold_mbit? number slower flows are paced packet by packet
---@field refill_delay_ms? number a flow that rested so long counts as new
---@field timer_slack_ns? integer how late a timer may be, in nanoseconds
---@field horizon_ms? number packets that are to be sent later than this are not kept
---@field horizon_drop? boolean but dropped; else they are sent at that time
---@field maxrate_mbit? number no flow sends faster, in megabits per second
---@field pacing? boolean sends at the rate that the flow's socket wants
---@field unknown? table<integer, string> attributes without a row, by their numbers

---A queue for each flow, kept short.
---@class qdisc.fq_codel.Options
---@field limit_packets? integer packets that may wait
---@field flows? integer queues, among which flows spread
---@field quantum_bytes? integer what a queue sends before another one's turn
---@field interval_ms? number how long the delay must be too long before packets are dropped
---@field target_ms? number the delay that is fine
---@field ce_threshold_ms? number packets that waited longer are marked
---@field memory_limit_bytes? integer memory of all that waits
---@field drop_batch? integer packets that are dropped at once when it is full
---@field ecn? boolean marks packets, where that is possible, in place of dropping them

---A queue for each flow, kept short.
---@class qdisc.fq_codel.Record
---@field limit_packets? integer packets that may wait
---@field flows? integer queues, among which flows spread
---@field quantum_bytes? integer what a queue sends before another one's turn
---@field interval_ms? number how long the delay must be too long before packets are dropped
---@field target_ms? number the delay that is fine
---@field ce_threshold_ms? number packets that waited longer are marked
---@field memory_limit_bytes? integer memory of all that waits
---@field drop_batch? integer packets that are dropped at once when it is full
---@field ecn? boolean marks packets, where that is possible, in place of dropping them
---@field unknown? table<integer, string> attributes without a row, by their numbers

---A pie for each flow.
---@class qdisc.fq_pie.Options
---@field limit_packets? integer packets that may wait
---@field flows? integer queues, among which flows spread
---@field target_ms? number the delay that is fine
---@field tupdate_ms? number how often it reckons anew how likely it drops
---@field alpha? integer weight of how far the delay is from that, of 16
---@field beta? integer weight of how the delay changes, of 16
---@field quantum_bytes? integer what a queue sends before another one's turn
---@field memory_limit_bytes? integer memory of all that waits
---@field ecn_prob_percent? integer it marks while it would drop fewer than so many of a hundred
---@field ecn? boolean marks packets, where that is possible, in place of dropping them
---@field bytemode? boolean small packets are less likely dropped
---@field dq_rate_estimator? boolean reckons the delay from how fast it sends, not from the times of packets

---A pie for each flow.
---@class qdisc.fq_pie.Record
---@field limit_packets? integer packets that may wait
---@field flows? integer queues, among which flows spread
---@field target_ms? number the delay that is fine
---@field tupdate_ms? number how often it reckons anew how likely it drops
---@field alpha? integer weight of how far the delay is from that, of 16
---@field beta? integer weight of how the delay changes, of 16
---@field quantum_bytes? integer what a queue sends before another one's turn
---@field memory_limit_bytes? integer memory of all that waits
---@field ecn_prob_percent? integer it marks while it would drop fewer than so many of a hundred
---@field ecn? boolean marks packets, where that is possible, in place of dropping them
---@field bytemode? boolean small packets are less likely dropped
---@field dq_rate_estimator? boolean reckons the delay from how fast it sends, not from the times of packets
---@field unknown? table<integer, string> attributes without a row, by their numbers

---A tree of classes, each with curves of what is due to it: rates and delays.
---@class qdisc.hfsc.Options
---@field default? string|integer the class of what no filter speaks of: "30" is 1:30

---A tree of classes, each with curves of what is due to it: rates and delays.
---@class qdisc.hfsc.Record
---@field default? string|integer the class of what no filter speaks of: "30" is 1:30
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Heavy flows wait behind the others.
---@class qdisc.hhf.Options
---@field limit_packets? integer packets that may wait
---@field quantum_bytes? integer what one kind of flows sends before the other's turn
---@field hh_limit? integer flows that may be called heavy
---@field reset_timeout_ms? number how often it counts anew
---@field admit_bytes? integer a flow that sends more in that time is heavy
---@field evict_timeout_ms? number one that rested so long is heavy no more
---@field non_hh_weight? integer how much more the other flows send

---Heavy flows wait behind the others.
---@class qdisc.hhf.Record
---@field limit_packets? integer packets that may wait
---@field quantum_bytes? integer what one kind of flows sends before the other's turn
---@field hh_limit? integer flows that may be called heavy
---@field reset_timeout_ms? number how often it counts anew
---@field admit_bytes? integer a flow that sends more in that time is heavy
---@field evict_timeout_ms? number one that rested so long is heavy no more
---@field non_hh_weight? integer how much more the other flows send
---@field unknown? table<integer, string> attributes without a row, by their numbers

---A tree of classes, each with a rate that it is sure of and one it may reach.
---@class qdisc.htb.Options
---@field r2q? integer a class's quantum is its rate through this; 10 unless given
---@field default? string|integer the class of what no filter speaks of: "30" is 1:30
---@field direct_qlen? integer packets without a class that may wait

---A tree of classes, each with a rate that it is sure of and one it may reach.
---@class qdisc.htb.Record
---@field r2q? integer a class's quantum is its rate through this; 10 unless given
---@field default? string|integer the class of what no filter speaks of: "30" is 1:30
---@field direct_qlen? integer packets without a class that may wait
---@field direct_packets? integer packets that went without a class
---@field unknown? table<integer, string> attributes without a row, by their numbers

---A band for each queue of the link.
---@class qdisc.multiq.Options

---A band for each queue of the link.
---@class qdisc.multiq.Record
---@field bands? integer one for each queue of the link that is in use
---@field max_bands? integer one for each queue of the link
---@field unknown? table<integer, string> attributes without a row, by their numbers

---An imitated network: delay, loss, duplicates, damage, disorder, a rate.
---@class qdisc.netem.Options
---@field limit_packets? integer packets that may wait; without any it drops everything; 1000 unless given
---@field delay_ms? number every packet is so late, in milliseconds
---@field jitter_ms? number by how much the delay varies, either way
---@field delay_correlation_percent? number how much a delay is like the one before
---@field distribution? "uniform"|"normal"|"pareto"|"paretonormal" how delays spread: uniform, normal, pareto, paretonormal (written, not read)
---@field loss_percent? number packets that are lost
---@field loss_correlation_percent? number how much a loss is like the one before
---@field loss_state? qdisc.netem.loss_state.Options a model of four states
---@field loss_gemodel? qdisc.netem.loss_gemodel.Options a model of a good and a bad state
---@field ecn? boolean marks packets in place of losing them
---@field duplicate_percent? number packets that come twice
---@field duplicate_correlation_percent? number how much this is like the one before
---@field reorder_percent? number packets that are sent at once, before those that are late; needs a delay
---@field reorder_correlation_percent? number how much this is like the one before
---@field gap? integer every so many packets one is sent at once; 1 unless given beside reorder_percent
---@field corrupt_percent? number packets with a bit that is wrong
---@field corrupt_correlation_percent? number how much this is like the one before
---@field rate_mbit? number how fast it sends, in megabits per second
---@field packet_overhead_bytes? integer added to the size of each packet
---@field cell_size_bytes? integer packets are sent in cells of this size
---@field cell_overhead_bytes? integer added to the size of each cell
---@field slot_min_ms? number packets leave together, at least so long apart
---@field slot_max_ms? number and at most so long
---@field slot_packets? integer packets that leave together
---@field slot_bytes? integer bytes that leave together
---@field slot_delay_ms? number the mean of what lies between, by a distribution
---@field slot_jitter_ms? number and by how much that varies
---@field slot_distribution? "uniform"|"normal"|"pareto"|"paretonormal" uniform, normal, pareto, paretonormal (written)
---@field seed? integer of the random numbers, from Linux 6.7 on

---An imitated network: delay, loss, duplicates, damage, disorder, a rate.
---@class qdisc.netem.Record
---@field limit_packets? integer packets that may wait; without any it drops everything; 1000 unless given
---@field delay_ms? number every packet is so late, in milliseconds
---@field jitter_ms? number by how much the delay varies, either way
---@field delay_correlation_percent? number how much a delay is like the one before
---@field loss_percent? number packets that are lost
---@field loss_correlation_percent? number how much a loss is like the one before
---@field loss_state? qdisc.netem.loss_state.Record a model of four states
---@field loss_gemodel? qdisc.netem.loss_gemodel.Record a model of a good and a bad state
---@field ecn? boolean marks packets in place of losing them
---@field duplicate_percent? number packets that come twice
---@field duplicate_correlation_percent? number how much this is like the one before
---@field reorder_percent? number packets that are sent at once, before those that are late; needs a delay
---@field reorder_correlation_percent? number how much this is like the one before
---@field gap? integer every so many packets one is sent at once; 1 unless given beside reorder_percent
---@field corrupt_percent? number packets with a bit that is wrong
---@field corrupt_correlation_percent? number how much this is like the one before
---@field rate_mbit? number how fast it sends, in megabits per second
---@field packet_overhead_bytes? integer added to the size of each packet
---@field cell_size_bytes? integer packets are sent in cells of this size
---@field cell_overhead_bytes? integer added to the size of each cell
---@field slot_min_ms? number packets leave together, at least so long apart
---@field slot_max_ms? number and at most so long
---@field slot_packets? integer packets that leave together
---@field slot_bytes? integer bytes that leave together
---@field slot_delay_ms? number the mean of what lies between, by a distribution
---@field slot_jitter_ms? number and by how much that varies
---@field seed? integer of the random numbers, from Linux 6.7 on
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Loss by a good and a bad state (Gilbert and Elliott).
---@class qdisc.netem.loss_gemodel.Options
---@field p_percent? number from the good state to the bad one
---@field r_percent? number back from there
---@field loss_bad_percent? number loss in the bad state (tc's 1-h)
---@field loss_good_percent? number loss in the good state (tc's 1-k)

---Loss by a good and a bad state (Gilbert and Elliott).
---@class qdisc.netem.loss_gemodel.Record
---@field p_percent? number from the good state to the bad one
---@field r_percent? number back from there
---@field loss_bad_percent? number loss in the bad state (tc's 1-h)
---@field loss_good_percent? number loss in the good state (tc's 1-k)
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Loss by four states, as of a Markov chain.
---@class qdisc.netem.loss_state.Options
---@field p13_percent? number from receiving to losing in a burst
---@field p31_percent? number back from there
---@field p32_percent? number from losing in a burst to receiving within it
---@field p23_percent? number back from there
---@field p14_percent? number one packet lost by itself

---Loss by four states, as of a Markov chain.
---@class qdisc.netem.loss_state.Record
---@field p13_percent? number from receiving to losing in a burst
---@field p31_percent? number back from there
---@field p32_percent? number from losing in a burst to receiving within it
---@field p23_percent? number back from there
---@field p14_percent? number one packet lost by itself
---@field unknown? table<integer, string> attributes without a row, by their numbers

---First in, first out; counts packets.
---@class qdisc.pfifo.Options
---@field limit_packets integer packets that may wait

---First in, first out; counts packets.
---@class qdisc.pfifo.Record
---@field limit_packets? integer packets that may wait
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Three bands by priority: what a link has when nothing was said. Only read.
---@class qdisc.pfifo_fast.Options
---@field bands? integer how many; 3 unless given
---@field priomap? integer[] which band each of the 16 priorities of packets goes to; 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1 unless given

---Three bands by priority: what a link has when nothing was said. Only read.
---@class qdisc.pfifo_fast.Record
---@field bands? integer how many; 3 unless given
---@field priomap? integer[] which band each of the 16 priorities of packets goes to; 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1 unless given
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Drops the more the longer packets wait.
---@class qdisc.pie.Options
---@field limit_packets? integer packets that may wait
---@field target_ms? number the delay that is fine
---@field tupdate_ms? number how often it reckons anew how likely it drops
---@field alpha? integer weight of how far the delay is from that, of 16
---@field beta? integer weight of how the delay changes, of 16
---@field ecn? boolean marks packets, where that is possible, in place of dropping them
---@field bytemode? boolean small packets are less likely dropped
---@field dq_rate_estimator? boolean reckons the delay from how fast it sends, not from the times of packets

---Drops the more the longer packets wait.
---@class qdisc.pie.Record
---@field limit_packets? integer packets that may wait
---@field target_ms? number the delay that is fine
---@field tupdate_ms? number how often it reckons anew how likely it drops
---@field alpha? integer weight of how far the delay is from that, of 16
---@field beta? integer weight of how the delay changes, of 16
---@field ecn? boolean marks packets, where that is possible, in place of dropping them
---@field bytemode? boolean small packets are less likely dropped
---@field dq_rate_estimator? boolean reckons the delay from how fast it sends, not from the times of packets
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Holds packets back until they are released.
---@class qdisc.plug.Options
---@field mode? "block"|"release"|"release_indefinite"|integer block, release (what came before the block), release_indefinite (written, not read)
---@field limit_bytes? integer what may wait, in bytes; an action by itself (written, not read)

---Holds packets back until they are released.
---@class qdisc.plug.Record
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Bands: one sends when those before it are empty.
---@class qdisc.prio.Options
---@field bands? integer how many; 3 unless given
---@field priomap? integer[] which band each of the 16 priorities of packets goes to; 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1 unless given

---Bands: one sends when those before it are empty.
---@class qdisc.prio.Record
---@field bands? integer how many; 3 unless given
---@field priomap? integer[] which band each of the 16 priorities of packets goes to; 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1 unless given
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Random early detection: drops the more the longer the queue is.
---@class qdisc.red.Options
---@field limit_bytes integer what may wait, in bytes
---@field min_bytes? integer so many may wait on average; a third of max_bytes unless given
---@field max_bytes? integer from so many on all are dropped; three times min_bytes, or a quarter of the limit
---@field avpkt_bytes? integer the mean size of packets (1000 unless given)
---@field burst_packets? integer packets that may come at once; (2 min + max) / 3 unless given
---@field bandwidth_mbit? number how fast the link is (10 unless given)
---@field probability? number how likely one is dropped at the maximum (0.02 unless given)
---@field adaptive? boolean adapts the probability
---@field ecn? boolean marks packets, where possible, in place of dropping them
---@field harddrop? boolean but drops them above the maximum
---@field nodrop? boolean does not drop those that cannot be marked
---@field early_drop_block? integer filters of this shared block see what is dropped early
---@field mark_block? integer filters of this shared block see what is marked

---Random early detection: drops the more the longer the queue is.
---@class qdisc.red.Record
---@field limit_bytes? integer what may wait, in bytes
---@field min_bytes? integer so many may wait on average; a third of max_bytes unless given
---@field max_bytes? integer from so many on all are dropped; three times min_bytes, or a quarter of the limit
---@field probability? number how likely one is dropped at the maximum (0.02 unless given)
---@field adaptive? boolean adapts the probability
---@field ecn? boolean marks packets, where possible, in place of dropping them
---@field harddrop? boolean but drops them above the maximum
---@field nodrop? boolean does not drop those that cannot be marked
---@field early_drop_block? integer filters of this shared block see what is dropped early
---@field mark_block? integer filters of this shared block see what is marked
---@field ewma? integer the weight of what waits in the average: 2^-ewma
---@field plog? integer how steep the probability is
---@field scell_log? integer how the average falls
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Stochastic fair blue: drops more of those flows which do not slow down.
---@class qdisc.sfb.Options
---@field rehash_ms? integer how often flows are spread anew; 600000 unless given
---@field db_ms? integer how long before that the new bins are filled; 60000 unless given
---@field limit_packets? integer packets that may wait; 0: as many as the link's queue has; 0 unless given
---@field max_packets? integer packets of a bin that may wait; 25, or by the target, unless given
---@field target_packets? integer so many of a bin are fine; four fifths of max_packets unless given
---@field increment? number by how much the probability grows: 0 to 1 (0.0005 unless given)
---@field decrement? number by how much it falls (0.00005 unless given)
---@field penalty_rate? integer packets per second of flows that do not slow down; 10 unless given
---@field penalty_burst? integer packets that these may send at once; 20 unless given

---Stochastic fair blue: drops more of those flows which do not slow down.
---@class qdisc.sfb.Record
---@field rehash_ms? integer how often flows are spread anew; 600000 unless given
---@field db_ms? integer how long before that the new bins are filled; 60000 unless given
---@field limit_packets? integer packets that may wait; 0: as many as the link's queue has; 0 unless given
---@field max_packets? integer packets of a bin that may wait; 25, or by the target, unless given
---@field target_packets? integer so many of a bin are fine; four fifths of max_packets unless given
---@field increment? number by how much the probability grows: 0 to 1 (0.0005 unless given)
---@field decrement? number by how much it falls (0.00005 unless given)
---@field penalty_rate? integer packets per second of flows that do not slow down; 10 unless given
---@field penalty_burst? integer packets that these may send at once; 20 unless given
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Flows take turns.
---@class qdisc.sfq.Options
---@field quantum_bytes? integer what a flow sends before another one's turn
---@field perturb_s? integer how often flows are spread anew
---@field limit_packets? integer packets that may wait
---@field divisor? integer size of the table of flows
---@field flows? integer queues, among which flows spread
---@field depth? integer packets of one flow that may wait

---Flows take turns.
---@class qdisc.sfq.Record
---@field quantum_bytes? integer what a flow sends before another one's turn
---@field perturb_s? integer how often flows are spread anew
---@field limit_packets? integer packets that may wait
---@field divisor? integer size of the table of flows
---@field flows? integer queues, among which flows spread
---@field depth? integer packets of one flow that may wait
---@field unknown? table<integer, string> attributes without a row, by their numbers

---By priority; when it is full the lowest one is dropped.
---@class qdisc.skbprio.Options
---@field limit_packets integer packets that may wait

---By priority; when it is full the lowest one is dropped.
---@class qdisc.skbprio.Record
---@field limit_packets? integer packets that may wait
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What went through.
---@class qdisc.stats.Options

---What went through.
---@class qdisc.stats.Record
---@field bytes? integer that were sent
---@field packets? integer that were sent
---@field drops? integer packets dropped
---@field overlimits? integer how often there was no room, or it was too early
---@field requeues? integer packets that the driver gave back
---@field backlog_bytes? integer that wait
---@field qlen? integer packets that wait
---@field fq_codel? qdisc.stats.fq_codel.Record what only this kind counts
---@field codel? qdisc.stats.codel.Record what only this kind counts
---@field fq? qdisc.stats.fq.Record what only this kind counts
---@field cake? qdisc.stats.cake.Record what only this kind counts
---@field red? qdisc.stats.red.Record what only this kind counts
---@field choke? qdisc.stats.choke.Record what only this kind counts
---@field pie? qdisc.stats.pie.Record what only this kind counts
---@field fq_pie? qdisc.stats.fq_pie.Record what only this kind counts
---@field hhf? qdisc.stats.hhf.Record what only this kind counts
---@field sfb? qdisc.stats.sfb.Record what only this kind counts
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What a cake counts.
---@class qdisc.stats.cake.Options

---What a cake counts.
---@class qdisc.stats.cake.Record
---@field memory_used_bytes? integer memory of all that waits
---@field memory_limit_bytes? integer the most it may be
---@field capacity_estimate_mbit? number how fast the link is, by autorate_ingress
---@field min_netlen_bytes? integer the smallest packet
---@field max_netlen_bytes? integer the largest packet
---@field min_adjlen_bytes? integer the smallest, with its overhead
---@field max_adjlen_bytes? integer the largest, with its overhead
---@field avg_hdr_offset_bytes? integer the mean size of frames' headers
---@field tins? qdisc.stats.cake.tins.Record its classes of traffic
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What one class of traffic counts.
---@class qdisc.stats.cake.tin.Options

---What one class of traffic counts.
---@class qdisc.stats.cake.tin.Record
---@field threshold_mbit? number its rate, while others are busy
---@field target_us? integer the delay that is fine
---@field interval_us? integer how long it must be too long
---@field peak_delay_us? integer the longest wait
---@field avg_delay_us? integer the mean wait
---@field base_delay_us? integer the wait of sparse flows
---@field backlog_bytes? integer that wait
---@field backlog_packets? integer that wait
---@field sent_packets? integer that were sent
---@field sent_bytes? integer that were sent
---@field way_indirect_hits? integer flows found beside their place
---@field way_misses? integer flows that were new
---@field way_collisions? integer flows that share a queue
---@field drops? integer packets dropped
---@field dropped_bytes? integer bytes dropped
---@field ecn_mark? integer packets marked
---@field ecn_marked_bytes? integer bytes marked
---@field ack_drops? integer acknowledgements left out
---@field ack_dropped_bytes? integer bytes of those
---@field sparse_flows? integer flows with little to send
---@field bulk_flows? integer flows with much to send
---@field unresponsive_flows? integer flows that do not slow down
---@field max_len_bytes? integer the largest packet so far
---@field quantum_bytes? integer what a flow sends before another one's turn
---@field unknown? table<integer, string> attributes without a row, by their numbers

---Classes of traffic.
---@class qdisc.stats.cake.tins.Options

---Classes of traffic.
---@class qdisc.stats.cake.tins.Record
---@field [1] qdisc.stats.cake.tin.Record in this order
---@field [2] qdisc.stats.cake.tin.Record in this order
---@field [3] qdisc.stats.cake.tin.Record in this order
---@field [4] qdisc.stats.cake.tin.Record in this order
---@field [5] qdisc.stats.cake.tin.Record in this order
---@field [6] qdisc.stats.cake.tin.Record in this order
---@field [7] qdisc.stats.cake.tin.Record in this order
---@field [8] qdisc.stats.cake.tin.Record in this order
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What a choke counts.
---@class qdisc.stats.choke.Options

---What a choke counts.
---@class qdisc.stats.choke.Record
---@field early? integer dropped early
---@field pdrop? integer dropped because it was full
---@field other? integer dropped for another reason
---@field marked? integer marked in place of being dropped
---@field matched? integer dropped: of the flow that was being dropped
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What a codel counts.
---@class qdisc.stats.codel.Options

---What a codel counts.
---@class qdisc.stats.codel.Record
---@field maxpacket_bytes? integer the largest packet so far
---@field count? integer dropped since it began to drop
---@field lastcount? integer what count was when it began to drop
---@field ldelay_us? integer how long the last packet waited
---@field drop_next_us? integer when the next one is dropped
---@field drop_overlimit? integer dropped because it was full
---@field ecn_mark? integer marked in place of being dropped
---@field dropping? boolean whether it drops now
---@field ce_mark? integer marked above ce_threshold
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What a fq counts.
---@class qdisc.stats.fq.Options

---What a fq counts.
---@class qdisc.stats.fq.Record
---@field flows? integer that it knows
---@field inactive_flows? integer of which nothing waits
---@field throttled_flows? integer that wait for their time
---@field next_packet_delay_ns? integer until one of them sends
---@field gc_flows? integer that were forgotten
---@field highprio_packets? integer packets that went before all others
---@field tcp_retrans? integer packets that TCP sent again
---@field throttled? integer how often a flow had to wait
---@field flows_plimit? integer dropped because a flow had too many
---@field pkts_too_long? integer packets too long for pacing
---@field allocation_errors? integer for want of memory
---@field latency_ns? integer how late those that waited were
---@field ce_mark? integer marked above ce_threshold
---@field horizon_drops? integer dropped: their time was too far off
---@field horizon_caps? integer sent earlier: their time was too far off
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What a fq_codel counts.
---@class qdisc.stats.fq_codel.Options

---What a fq_codel counts.
---@class qdisc.stats.fq_codel.Record
---@field maxpacket_bytes? integer the largest packet so far
---@field drop_overlimit? integer dropped because it was full
---@field ecn_mark? integer marked in place of being dropped
---@field new_flow_count? integer how often a flow was new
---@field new_flows_len? integer new flows that wait
---@field old_flows_len? integer other flows that wait
---@field ce_mark? integer marked above ce_threshold
---@field memory_used_bytes? integer memory of all that waits
---@field drop_overmemory? integer dropped for want of memory
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What a fq_pie counts.
---@class qdisc.stats.fq_pie.Options

---What a fq_pie counts.
---@class qdisc.stats.fq_pie.Record
---@field packets_in? integer packets that came
---@field dropped? integer dropped early
---@field overlimit? integer dropped because it was full
---@field overmemory? integer dropped for want of memory
---@field ecn_mark? integer marked in place of being dropped
---@field new_flow_count? integer how often a flow was new
---@field new_flows_len? integer new flows that wait
---@field old_flows_len? integer other flows that wait
---@field memory_used_bytes? integer memory of all that waits
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What a hhf counts.
---@class qdisc.stats.hhf.Options

---What a hhf counts.
---@class qdisc.stats.hhf.Record
---@field drop_overlimit? integer dropped because it was full
---@field hh_overlimit? integer flows that were too many to be called heavy
---@field hh_tot_count? integer heavy flows so far
---@field hh_cur_count? integer heavy flows now
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What a pie counts.
---@class qdisc.stats.pie.Options

---What a pie counts.
---@class qdisc.stats.pie.Record
---@field prob? number how likely it drops: 0 to 1
---@field delay_us? integer how long packets wait
---@field avg_dq_rate? integer how fast it sends
---@field dq_rate_estimating? boolean whether it measures that
---@field packets_in? integer packets that came
---@field dropped? integer dropped early
---@field overlimit? integer dropped because it was full
---@field maxq? integer the most packets that waited
---@field ecn_mark? integer marked in place of being dropped
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What a red counts.
---@class qdisc.stats.red.Options

---What a red counts.
---@class qdisc.stats.red.Record
---@field early? integer dropped early
---@field pdrop? integer dropped because it was full
---@field other? integer dropped for another reason
---@field marked? integer marked in place of being dropped
---@field unknown? table<integer, string> attributes without a row, by their numbers

---What a sfb counts.
---@class qdisc.stats.sfb.Options

---What a sfb counts.
---@class qdisc.stats.sfb.Record
---@field earlydrop? integer dropped early
---@field penaltydrop? integer dropped: of flows that do not slow down
---@field bucketdrop? integer dropped because a bin was full
---@field queuedrop? integer dropped because it was full
---@field childdrop? integer dropped by the qdisc in it
---@field marked? integer marked in place of being dropped
---@field maxqlen? integer packets in the fullest bin
---@field maxprob? number how likely it drops at most: 0 to 1
---@field avgprob? number how likely it drops
---@field unknown? table<integer, string> attributes without a row, by their numbers

---A bucket of tokens: sends no faster than a rate.
---@class qdisc.tbf.Options
---@field rate_mbit number how fast it sends, in megabits per second
---@field burst_bytes integer what may be sent at once, in bytes
---@field peakrate_mbit? number how fast it sends within a burst
---@field mtu_bytes? integer what may be sent at the peak rate at once, in bytes
---@field limit_bytes? integer what may wait, in bytes; or say latency_ms
---@field latency_ms? number how long a packet waits at most: in place of limit_bytes
---@field overhead_bytes? integer added to the size of each packet
---@field mpu_bytes? integer smaller packets count as this

---A bucket of tokens: sends no faster than a rate.
---@class qdisc.tbf.Record
---@field rate_mbit? number how fast it sends, in megabits per second
---@field burst_bytes? integer what may be sent at once, in bytes
---@field peakrate_mbit? number how fast it sends within a burst
---@field mtu_bytes? integer what may be sent at the peak rate at once, in bytes
---@field limit_bytes? integer what may wait, in bytes; or say latency_ms
---@field latency_ms? number how long a packet waits at most: in place of limit_bytes
---@field overhead_bytes? integer added to the size of each packet
---@field mpu_bytes? integer smaller packets count as this
---@field burst_us? integer how long the burst lasts
---@field mtu_us? integer how long what goes at the peak rate lasts
---@field unknown? table<integer, string> attributes without a row, by their numbers
