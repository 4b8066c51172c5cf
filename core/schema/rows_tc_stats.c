/* rows_tc_stats: what qdiscs and classes have counted, as rows: what all have in common, and what
 * only one kind has. Structs from linux/gen_stats.h and linux/pkt_sched.h. */
#include "schema/tc.h"
#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stddef.h>

/* ---- in common ------------------------------------------------------------------------------- */

#define COUNT(key_, attr_, T, m, codec_, doc_)                                                     \
  {                                                                                                \
    .key = key_, TC_IN(attr_, T, m), .codec = &codec_, .flags = SCHEMA_READONLY, .doc = doc_       \
  }
#define COMMON                                                                                     \
  COUNT("bytes", TCA_STATS_BASIC, gnet_stats_basic, bytes, schema_tc_u64, "that were sent"),       \
      COUNT("packets", TCA_STATS_BASIC, gnet_stats_basic, packets, schema_tc_u32,                  \
            "that were sent"),                                                                     \
      COUNT("drops", TCA_STATS_QUEUE, gnet_stats_queue, drops, schema_tc_u32, "packets dropped"),  \
      COUNT("overlimits", TCA_STATS_QUEUE, gnet_stats_queue, overlimits, schema_tc_u32,            \
            "how often there was no room, or it was too early"),                                   \
      COUNT("requeues", TCA_STATS_QUEUE, gnet_stats_queue, requeues, schema_tc_u32,                \
            "packets that the driver gave back"),                                                  \
      COUNT("backlog_bytes", TCA_STATS_QUEUE, gnet_stats_queue, backlog, schema_tc_u32,            \
            "that wait"),                                                                          \
      COUNT("qlen", TCA_STATS_QUEUE, gnet_stats_queue, qlen, schema_tc_u32, "packets that wait")

static const struct schema_name stats_attrs[] = {SCHEMA_NAME(TCA_STATS_RATE_EST),
                                                 SCHEMA_NAME(TCA_STATS_APP),
                                                 SCHEMA_NAME(TCA_STATS_RATE_EST64),
                                                 SCHEMA_NAME(TCA_STATS_PAD),
                                                 SCHEMA_NAME(TCA_STATS_BASIC_HW),
                                                 SCHEMA_NAME(TCA_STATS_PKT64),
                                                 {NULL, 0}};

static const struct schema_row stats_rows[] = {COMMON, SCHEMA_END};
const struct schema tc_stats = {.name = "filter.action.stats",
                                .doc = "What went through.",
                                .attrs = stats_attrs,
                                .rows = stats_rows};

/* ---- of one kind: structs -------------------------------------------------------------------- */

#define TOLD(T, key_, m, codec_, doc_)                                                             \
  {                                                                                                \
    .key = key_, SCHEMA_HEAD(T, m), .codec = &codec_, .flags = SCHEMA_READONLY, .doc = doc_        \
  }
#define KIND(id, name_, T, doc_)                                                                   \
  static const struct schema counts_##id = {                                                       \
      .name = name_, .doc = doc_, .hdr = sizeof(struct T), .rows = id##_rows};

#define CODEL(key_, m, codec_, doc_) TOLD(tc_codel_xstats, key_, m, codec_, doc_)
static const struct schema_row codel_rows[] = {
    CODEL("maxpacket_bytes", maxpacket, schema_tc_u32, "the largest packet so far"),
    CODEL("count", count, schema_tc_u32, "dropped since it began to drop"),
    CODEL("lastcount", lastcount, schema_tc_u32, "what count was when it began to drop"),
    CODEL("ldelay_us", ldelay, schema_tc_u32, "how long the last packet waited"),
    CODEL("drop_next_us", drop_next, schema_tc_s32, "when the next one is dropped"),
    CODEL("drop_overlimit", drop_overlimit, schema_tc_u32, "dropped because it was full"),
    CODEL("ecn_mark", ecn_mark, schema_tc_u32, "marked in place of being dropped"),
    CODEL("dropping", dropping, schema_tc_bool, "whether it drops now"),
    CODEL("ce_mark", ce_mark, schema_tc_u32, "marked above ce_threshold"),
    SCHEMA_END};
KIND(codel, "qdisc.stats.codel", tc_codel_xstats, "What a codel counts.")

#define QUEUES(key_, m, codec_, doc_) TOLD(tc_fq_codel_xstats, key_, qdisc_stats.m, codec_, doc_)
static const struct schema_row fq_codel_rows[] = {
    QUEUES("maxpacket_bytes", maxpacket, schema_tc_u32, "the largest packet so far"),
    QUEUES("drop_overlimit", drop_overlimit, schema_tc_u32, "dropped because it was full"),
    QUEUES("ecn_mark", ecn_mark, schema_tc_u32, "marked in place of being dropped"),
    QUEUES("new_flow_count", new_flow_count, schema_tc_u32, "how often a flow was new"),
    QUEUES("new_flows_len", new_flows_len, schema_tc_u32, "new flows that wait"),
    QUEUES("old_flows_len", old_flows_len, schema_tc_u32, "other flows that wait"),
    QUEUES("ce_mark", ce_mark, schema_tc_u32, "marked above ce_threshold"),
    QUEUES("memory_used_bytes", memory_usage, schema_tc_u32, "memory of all that waits"),
    QUEUES("drop_overmemory", drop_overmemory, schema_tc_u32, "dropped for want of memory"),
    SCHEMA_END};
KIND(fq_codel, "qdisc.stats.fq_codel", tc_fq_codel_xstats, "What a fq_codel counts.")

#define FLOW(key_, m, codec_, doc_) TOLD(tc_fq_codel_xstats, key_, class_stats.m, codec_, doc_)
static const struct schema_row flow_rows[] = {
    FLOW("deficit_bytes", deficit, schema_tc_s32, "what it may still send in this turn"),
    FLOW("ldelay_us", ldelay, schema_tc_u32, "how long its last packet waited"),
    FLOW("count", count, schema_tc_u32, "dropped since it began to drop"),
    FLOW("lastcount", lastcount, schema_tc_u32, "what count was when it began to drop"),
    FLOW("dropping", dropping, schema_tc_bool, "whether it drops now"),
    FLOW("drop_next_us", drop_next, schema_tc_s32, "when the next one is dropped"),
    SCHEMA_END};
static const struct schema counts_fq_codel_flow = {
    .name = "class.stats.fq_codel",
    .doc = "What a flow of a fq_codel counts.",
    .hdr = offsetof(struct tc_fq_codel_xstats, class_stats) + sizeof(struct tc_fq_codel_cl_stats),
    .rows = flow_rows};

#define FQ(key_, m, codec_, doc_) TOLD(tc_fq_qd_stats, key_, m, codec_, doc_)
static const struct schema_row fq_rows[] = {
    FQ("flows", flows, schema_tc_u32, "that it knows"),
    FQ("inactive_flows", inactive_flows, schema_tc_u32, "of which nothing waits"),
    FQ("throttled_flows", throttled_flows, schema_tc_u32, "that wait for their time"),
    FQ("next_packet_delay_ns", time_next_delayed_flow, schema_tc_u64, "until one of them sends"),
    FQ("gc_flows", gc_flows, schema_tc_u64, "that were forgotten"),
    FQ("highprio_packets", highprio_packets, schema_tc_u64, "packets that went before all others"),
    FQ("tcp_retrans", tcp_retrans, schema_tc_u64, "packets that TCP sent again"),
    FQ("throttled", throttled, schema_tc_u64, "how often a flow had to wait"),
    FQ("flows_plimit", flows_plimit, schema_tc_u64, "dropped because a flow had too many"),
    FQ("pkts_too_long", pkts_too_long, schema_tc_u64, "packets too long for pacing"),
    FQ("allocation_errors", allocation_errors, schema_tc_u64, "for want of memory"),
    FQ("latency_ns", unthrottle_latency_ns, schema_tc_u32, "how late those that waited were"),
    FQ("ce_mark", ce_mark, schema_tc_u64, "marked above ce_threshold"),
    FQ("horizon_drops", horizon_drops, schema_tc_u64, "dropped: their time was too far off"),
    FQ("horizon_caps", horizon_caps, schema_tc_u64, "sent earlier: their time was too far off"),
    SCHEMA_END};
KIND(fq, "qdisc.stats.fq", tc_fq_qd_stats, "What a fq counts.")

#define RED(T, key_, m, doc_) TOLD(T, key_, m, schema_tc_u32, doc_)
#define EARLY(T)                                                                                   \
  RED(T, "early", early, "dropped early"), RED(T, "pdrop", pdrop, "dropped because it was full"),  \
      RED(T, "other", other, "dropped for another reason"),                                        \
      RED(T, "marked", marked, "marked in place of being dropped")
static const struct schema_row red_rows[] = {EARLY(tc_red_xstats), SCHEMA_END};
KIND(red, "qdisc.stats.red", tc_red_xstats, "What a red counts.")
static const struct schema_row choke_rows[] = {
    EARLY(tc_choke_xstats),
    RED(tc_choke_xstats, "matched", matched, "dropped: of the flow that was being dropped"),
    SCHEMA_END};
KIND(choke, "qdisc.stats.choke", tc_choke_xstats, "What a choke counts.")

#define PIE(key_, m, codec_, doc_) TOLD(tc_pie_xstats, key_, m, codec_, doc_)
static const struct schema_row pie_rows[] = {
    PIE("prob", prob, schema_tc_share64, "how likely it drops: 0 to 1"),
    PIE("delay_us", delay, schema_tc_u32, "how long packets wait"),
    PIE("avg_dq_rate", avg_dq_rate, schema_tc_u32, "how fast it sends"),
    PIE("dq_rate_estimating", dq_rate_estimating, schema_tc_bool, "whether it measures that"),
    PIE("packets_in", packets_in, schema_tc_u32, "packets that came"),
    PIE("dropped", dropped, schema_tc_u32, "dropped early"),
    PIE("overlimit", overlimit, schema_tc_u32, "dropped because it was full"),
    PIE("maxq", maxq, schema_tc_u32, "the most packets that waited"),
    PIE("ecn_mark", ecn_mark, schema_tc_u32, "marked in place of being dropped"),
    SCHEMA_END};
KIND(pie, "qdisc.stats.pie", tc_pie_xstats, "What a pie counts.")

#define FQ_PIE(key_, m, doc_) TOLD(tc_fq_pie_xstats, key_, m, schema_tc_u32, doc_)
static const struct schema_row fq_pie_rows[] = {
    FQ_PIE("packets_in", packets_in, "packets that came"),
    FQ_PIE("dropped", dropped, "dropped early"),
    FQ_PIE("overlimit", overlimit, "dropped because it was full"),
    FQ_PIE("overmemory", overmemory, "dropped for want of memory"),
    FQ_PIE("ecn_mark", ecn_mark, "marked in place of being dropped"),
    FQ_PIE("new_flow_count", new_flow_count, "how often a flow was new"),
    FQ_PIE("new_flows_len", new_flows_len, "new flows that wait"),
    FQ_PIE("old_flows_len", old_flows_len, "other flows that wait"),
    FQ_PIE("memory_used_bytes", memory_usage, "memory of all that waits"),
    SCHEMA_END};
KIND(fq_pie, "qdisc.stats.fq_pie", tc_fq_pie_xstats, "What a fq_pie counts.")

#define HHF(key_, m, doc_) TOLD(tc_hhf_xstats, key_, m, schema_tc_u32, doc_)
static const struct schema_row hhf_rows[] = {
    HHF("drop_overlimit", drop_overlimit, "dropped because it was full"),
    HHF("hh_overlimit", hh_overlimit, "flows that were too many to be called heavy"),
    HHF("hh_tot_count", hh_tot_count, "heavy flows so far"),
    HHF("hh_cur_count", hh_cur_count, "heavy flows now"), SCHEMA_END};
KIND(hhf, "qdisc.stats.hhf", tc_hhf_xstats, "What a hhf counts.")

#define SFB(key_, m, doc_) TOLD(tc_sfb_xstats, key_, m, schema_tc_u32, doc_)
#define SFB_SHARE(key_, m, doc_) TOLD(tc_sfb_xstats, key_, m, schema_tc_share16, doc_)
static const struct schema_row sfb_rows[] = {
    SFB("earlydrop", earlydrop, "dropped early"),
    SFB("penaltydrop", penaltydrop, "dropped: of flows that do not slow down"),
    SFB("bucketdrop", bucketdrop, "dropped because a bin was full"),
    SFB("queuedrop", queuedrop, "dropped because it was full"),
    SFB("childdrop", childdrop, "dropped by the qdisc in it"),
    SFB("marked", marked, "marked in place of being dropped"),
    SFB("maxqlen", maxqlen, "packets in the fullest bin"),
    SFB_SHARE("maxprob", maxprob, "how likely it drops at most: 0 to 1"),
    SFB_SHARE("avgprob", avgprob, "how likely it drops"),
    SCHEMA_END};
KIND(sfb, "qdisc.stats.sfb", tc_sfb_xstats, "What a sfb counts.")

static const struct schema_row sfq_rows[] = {
    TOLD(tc_sfq_xstats, "allot_bytes", allot, schema_tc_s32, "what it may still send in this turn"),
    SCHEMA_END};
KIND(sfq, "class.stats.sfq", tc_sfq_xstats, "What a flow of a sfq counts.")

#define HTB(key_, m, codec_, doc_) TOLD(tc_htb_xstats, key_, m, codec_, doc_)
static const struct schema_row htb_rows[] = {
    HTB("lended", lends, schema_tc_u32, "packets sent with tokens of its own"),
    HTB("borrowed", borrows, schema_tc_u32, "packets sent with tokens of another class"),
    HTB("giants", giants, schema_tc_u32, "0 since Linux 3.8"),
    HTB("tokens", tokens, schema_tc_s32, "ticks that it may still send at its rate"),
    HTB("ctokens", ctokens, schema_tc_s32, "ticks that it may still send at its ceiling"),
    SCHEMA_END};
KIND(htb, "class.stats.htb", tc_htb_xstats, "What a class of an htb counts.")

#define HFSC(key_, m, codec_, doc_) TOLD(tc_hfsc_stats, key_, m, codec_, doc_)
static const struct schema_row hfsc_rows[] = {
    HFSC("period", period, schema_tc_u32, "how often it became busy"),
    HFSC("work_bytes", work, schema_tc_u64, "all that was sent"),
    HFSC("rtwork_bytes", rtwork, schema_tc_u64, "what was sent because it was due"),
    HFSC("level", level, schema_tc_u32, "0: a leaf of the tree"), SCHEMA_END};
KIND(hfsc, "class.stats.hfsc", tc_hfsc_stats, "What a class of a hfsc counts.")

static const struct schema_row drr_rows[] = {TOLD(tc_drr_stats, "deficit_bytes", deficit,
                                                  schema_tc_u32,
                                                  "what it may still send in this turn"),
                                             SCHEMA_END};
KIND(drr, "class.stats.drr", tc_drr_stats, "What a class of a drr counts.")

/* ---- of one kind: cake, which has attributes ------------------------------------------------- */

#define ATTR(key_, attr_, codec_, doc_)                                                            \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(attr_), .codec = &codec_, .flags = SCHEMA_READONLY, .doc = doc_       \
  }
#define TIN(key_, suffix, codec_, doc_) ATTR(key_, TCA_CAKE_TIN_STATS_##suffix, codec_, doc_)
static const struct schema_row tin_rows[] = {
    TIN("threshold_mbit", THRESHOLD_RATE64, schema_tc_rate_u64, "its rate, while others are busy"),
    TIN("target_us", TARGET_US, schema_tc_u32, "the delay that is fine"),
    TIN("interval_us", INTERVAL_US, schema_tc_u32, "how long it must be too long"),
    TIN("peak_delay_us", PEAK_DELAY_US, schema_tc_u32, "the longest wait"),
    TIN("avg_delay_us", AVG_DELAY_US, schema_tc_u32, "the mean wait"),
    TIN("base_delay_us", BASE_DELAY_US, schema_tc_u32, "the wait of sparse flows"),
    TIN("backlog_bytes", BACKLOG_BYTES, schema_tc_u32, "that wait"),
    TIN("backlog_packets", BACKLOG_PACKETS, schema_tc_u32, "that wait"),
    TIN("sent_packets", SENT_PACKETS, schema_tc_u32, "that were sent"),
    TIN("sent_bytes", SENT_BYTES64, schema_tc_u64, "that were sent"),
    TIN("way_indirect_hits", WAY_INDIRECT_HITS, schema_tc_u32, "flows found beside their place"),
    TIN("way_misses", WAY_MISSES, schema_tc_u32, "flows that were new"),
    TIN("way_collisions", WAY_COLLISIONS, schema_tc_u32, "flows that share a queue"),
    TIN("drops", DROPPED_PACKETS, schema_tc_u32, "packets dropped"),
    TIN("dropped_bytes", DROPPED_BYTES64, schema_tc_u64, "bytes dropped"),
    TIN("ecn_mark", ECN_MARKED_PACKETS, schema_tc_u32, "packets marked"),
    TIN("ecn_marked_bytes", ECN_MARKED_BYTES64, schema_tc_u64, "bytes marked"),
    TIN("ack_drops", ACKS_DROPPED_PACKETS, schema_tc_u32, "acknowledgements left out"),
    TIN("ack_dropped_bytes", ACKS_DROPPED_BYTES64, schema_tc_u64, "bytes of those"),
    TIN("sparse_flows", SPARSE_FLOWS, schema_tc_u32, "flows with little to send"),
    TIN("bulk_flows", BULK_FLOWS, schema_tc_u32, "flows with much to send"),
    TIN("unresponsive_flows", UNRESPONSIVE_FLOWS, schema_tc_u32, "flows that do not slow down"),
    TIN("max_len_bytes", MAX_SKBLEN, schema_tc_u32, "the largest packet so far"),
    TIN("quantum_bytes", FLOW_QUANTUM, schema_tc_u32,
        "what a flow sends before another one's turn"),
    SCHEMA_END};
static const struct schema schema_tin = {
    .name = "qdisc.stats.cake.tin", .doc = "What one class of traffic counts.", .rows = tin_rows};

#define NTH(n)                                                                                     \
  {                                                                                                \
    .key = "[" #n "]", .attr = (n), .sym = "tin " #n, .codec = &schema_nest, .arg = &schema_tin,   \
    .flags = SCHEMA_READONLY, .doc = "in this order"                                               \
  }
static const struct schema_row nth_rows[] = {NTH(1), NTH(2), NTH(3), NTH(4),    NTH(5),
                                             NTH(6), NTH(7), NTH(8), SCHEMA_END};
static const struct schema schema_tins = {
    .name = "qdisc.stats.cake.tins", .doc = "Classes of traffic.", .rows = nth_rows};

#define CAKE(key_, suffix, codec_, doc_) ATTR(key_, TCA_CAKE_STATS_##suffix, codec_, doc_)
static const struct schema_row cake_rows[] = {
    CAKE("memory_used_bytes", MEMORY_USED, schema_tc_u32, "memory of all that waits"),
    CAKE("memory_limit_bytes", MEMORY_LIMIT, schema_tc_u32, "the most it may be"),
    CAKE("capacity_estimate_mbit", CAPACITY_ESTIMATE64, schema_tc_rate_u64,
         "how fast the link is, by autorate_ingress"),
    CAKE("min_netlen_bytes", MIN_NETLEN, schema_tc_u32, "the smallest packet"),
    CAKE("max_netlen_bytes", MAX_NETLEN, schema_tc_u32, "the largest packet"),
    CAKE("min_adjlen_bytes", MIN_ADJLEN, schema_tc_u32, "the smallest, with its overhead"),
    CAKE("max_adjlen_bytes", MAX_ADJLEN, schema_tc_u32, "the largest, with its overhead"),
    CAKE("avg_hdr_offset_bytes", AVG_NETOFF, schema_tc_u32, "the mean size of frames' headers"),
    {.key = "tins",
     SCHEMA_ATTR(TCA_CAKE_STATS_TIN_STATS),
     .codec = &schema_tc_nth,
     .arg = &schema_tins,
     .flags = SCHEMA_READONLY,
     .doc = "its classes of traffic"},
    SCHEMA_END};
static const struct schema counts_cake = {
    .name = "qdisc.stats.cake", .doc = "What a cake counts.", .rows = cake_rows};

static const struct schema_row cake_flow_rows[] = {
    CAKE("deficit_bytes", DEFICIT, schema_tc_s32, "what it may still send in this turn"),
    CAKE("count", COBALT_COUNT, schema_tc_u32, "dropped since it began to drop"),
    CAKE("dropping", DROPPING, schema_tc_bool, "whether it drops now"),
    CAKE("drop_next_us", DROP_NEXT_US, schema_tc_s32, "when the next one is dropped"),
    CAKE("blue_prob", P_DROP, schema_tc_u32, "how likely it drops, of 2^32 - 1"),
    CAKE("blue_timer_us", BLUE_TIMER_US, schema_tc_s32, "since that changed"),
    SCHEMA_END};
static const struct schema counts_cake_flow = {
    .name = "class.stats.cake", .doc = "What a flow of a cake counts.", .rows = cake_flow_rows};

/* ---- by kind --------------------------------------------------------------------------------- */

#define APP(key_, schema_)                                                                         \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(TCA_STATS_APP), .codec = &schema_tc_app, .arg = &schema_,             \
    .flags = SCHEMA_READONLY, .doc = "what only this kind counts"                                  \
  }

static const struct schema_row qdisc_stats_rows[] = {COMMON,
                                                     APP("fq_codel", counts_fq_codel),
                                                     APP("codel", counts_codel),
                                                     APP("fq", counts_fq),
                                                     APP("cake", counts_cake),
                                                     APP("red", counts_red),
                                                     APP("choke", counts_choke),
                                                     APP("pie", counts_pie),
                                                     APP("fq_pie", counts_fq_pie),
                                                     APP("hhf", counts_hhf),
                                                     APP("sfb", counts_sfb),
                                                     SCHEMA_END};
const struct schema tc_qdisc_stats = {.name = "qdisc.stats",
                                      .doc = "What went through.",
                                      .attrs = stats_attrs,
                                      .rows = qdisc_stats_rows};

static const struct schema_row class_stats_rows[] = {COMMON,
                                                     APP("htb", counts_htb),
                                                     APP("hfsc", counts_hfsc),
                                                     APP("drr", counts_drr),
                                                     APP("fq_codel", counts_fq_codel_flow),
                                                     APP("cake", counts_cake_flow),
                                                     APP("sfq", counts_sfq),
                                                     SCHEMA_END};
const struct schema tc_class_stats = {.name = "class.stats",
                                      .doc = "What went through.",
                                      .attrs = stats_attrs,
                                      .rows = class_stats_rows};
