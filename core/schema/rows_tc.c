/* rows_tc: queueing disciplines and classes, as rows; netem has rows_netem.c, filters have
 * rows_filter.c. Numbers and structs from linux/pkt_sched.h and linux/rtnetlink.h; words from tc(8),
 * tc-htb(8), tc-tbf(8), tc-fq_codel(8) ... */
#include "schema/tc.h"
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stddef.h>

/* schema_kind and its like were written for links: the same two numbers. */
_Static_assert(TCA_KIND == (int)IFLA_INFO_KIND && TCA_OPTIONS == (int)IFLA_INFO_DATA,
               "a kind and its options");

/* ---- what the three objects share ------------------------------------------------------------ */

const struct schema_name tc_root[] = {{"root", TC_H_ROOT}, {NULL, 0}};
const struct schema_name tc_ingress[] = {{"ingress", TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)},
                                         {NULL, 0}};
const struct schema_name tc_egress[] = {{"egress", TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)},
                                        {NULL, 0}};
const struct schema_name tc_qdisc_places[] = {{"root", TC_H_ROOT}, {NULL, 0}};
const struct schema_name tc_places[] = {
    {"ingress", TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)},
    {"egress", TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)}, {NULL, 0}};

const struct schema_name tc_attrs[] = {
    SCHEMA_NAME(TCA_STATS),       SCHEMA_NAME(TCA_XSTATS),      SCHEMA_NAME(TCA_RATE),
    SCHEMA_NAME(TCA_FCNT),        SCHEMA_NAME(TCA_STAB),        SCHEMA_NAME(TCA_PAD),
    SCHEMA_NAME(TCA_DUMP_INVISIBLE), SCHEMA_NAME(TCA_HW_OFFLOAD), SCHEMA_NAME(TCA_INGRESS_BLOCK),
    SCHEMA_NAME(TCA_EGRESS_BLOCK), SCHEMA_NAME(TCA_DUMP_FLAGS), {NULL, 0}};

const struct schema_member tc_members[] = {SCHEMA_MEMBER(tcmsg, tcm_family, schema_families, false),
                                           SCHEMA_MEMBER(tcmsg, tcm_ifindex, NULL, false),
                                           SCHEMA_MEMBER(tcmsg, tcm_handle, NULL, false),
                                           SCHEMA_MEMBER(tcmsg, tcm_parent, NULL, false),
                                           SCHEMA_MEMBER(tcmsg, tcm_info, NULL, false),
                                           {.name = NULL}};

static const struct schema_name linklayers[] = {{"ethernet", TC_LINKLAYER_ETHERNET},
                                                {"atm", TC_LINKLAYER_ATM},
                                                {"adsl", TC_LINKLAYER_ATM},
                                                {NULL, 0}};

/* ---- tbf ------------------------------------------------------------------------------------- */

#define TBF(m) TC_IN(TCA_TBF_PARMS, tc_tbf_qopt, m)

static const struct schema_row tbf_rows[] = {
    {.key = "rate_mbit", TBF(rate.rate), .codec = &schema_tc_rate,
     .arg = &(const struct tc_rate64){TCA_TBF_RATE64, NULL, true}, .words = "rate",
     .flags = SCHEMA_REQUIRED, .doc = "how fast it sends, in megabits per second"},
    {.key = "burst_bytes", TBF(buffer), .codec = &schema_tc_burst,
     .arg = &(const struct tc_burst){"rate_mbit", offsetof(struct tc_tbf_qopt, rate.rate),
                                     TCA_TBF_RATE64, TCA_TBF_BURST, false, NULL},
     .words = "burst, buffer, maxburst", .flags = SCHEMA_REQUIRED,
     .doc = "what may be sent at once, in bytes"},
    {.key = "peakrate_mbit", TBF(peakrate.rate), .codec = &schema_tc_rate,
     .arg = &(const struct tc_rate64){TCA_TBF_PRATE64, NULL, true}, .words = "peakrate",
     .doc = "how fast it sends within a burst"},
    {.key = "mtu_bytes", TBF(mtu), .codec = &schema_tc_burst,
     .arg = &(const struct tc_burst){"peakrate_mbit", offsetof(struct tc_tbf_qopt, peakrate.rate),
                                     TCA_TBF_PRATE64, TCA_TBF_PBURST, false, NULL},
     .words = "mtu, minburst", .doc = "what may be sent at the peak rate at once, in bytes"},
    {.key = "limit_bytes", TBF(limit), .codec = &schema_tc_size, .words = "limit",
     .doc = "what may wait, in bytes; or say latency_ms"},
    {.key = "latency_ms", TBF(limit), .codec = &schema_tc_latency, .words = "latency",
     .flags = SCHEMA_OWN, .doc = "how long a packet waits at most: in place of limit_bytes"},
    {.key = "overhead_bytes", TBF(rate.overhead), .codec = &schema_tc_overhead, .words = "overhead",
     .doc = "added to the size of each packet"},
    {.key = "mpu_bytes", TBF(rate.mpu), .codec = &schema_tc_overhead, .words = "mpu",
     .doc = "smaller packets count as this"},
    {.key = "linklayer", TBF(rate.linklayer), .codec = &schema_tc_linklayer, .arg = linklayers,
     .words = "linklayer", .doc = "ethernet, or atm (adsl): packets count as whole cells"},
    {.key = "burst_us", TBF(buffer), .codec = &schema_tc_burst_us, .flags = SCHEMA_READONLY,
     .doc = "how long the burst lasts"},
    {.key = "mtu_us", TBF(mtu), .codec = &schema_tc_burst_us, .flags = SCHEMA_READONLY,
     .doc = "how long what goes at the peak rate lasts"},
    SCHEMA_END};
static const struct schema_name tbf_attrs[] = {
    SCHEMA_NAME(TCA_TBF_RTAB), SCHEMA_NAME(TCA_TBF_PTAB), {NULL, 0}};
static const struct schema schema_tbf = {
    .name = "qdisc.tbf",
    .doc = "A bucket of tokens: sends no faster than a rate.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", root = true, tbf = { rate_mbit = 1, burst_bytes = 5000, "
               "limit_bytes = 20000 } }",
    .attrs = tbf_attrs,
    .rows = tbf_rows};

/* ---- fifos ----------------------------------------------------------------------------------- */

static const struct schema_row pfifo_rows[] = {
    {.key = "limit_packets", SCHEMA_HEAD(tc_fifo_qopt, limit), .codec = &schema_tc_u32,
     .words = "limit", .flags = SCHEMA_REQUIRED, .doc = "packets that may wait"},
    SCHEMA_END};
static const struct schema_member fifo_qopt_members[] = {
    SCHEMA_MEMBER(tc_fifo_qopt, limit, NULL, false),
    {.name = NULL}};
static const struct schema schema_pfifo = {
    .name = "qdisc.pfifo",
    .doc = "First in, first out; counts packets.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", root = true, pfifo = { limit_packets = 100 } }",
    .hdr = sizeof(struct tc_fifo_qopt),
    .members = fifo_qopt_members,
    .rows = pfifo_rows};

static const struct schema_row bfifo_rows[] = {
    {.key = "limit_bytes", SCHEMA_HEAD(tc_fifo_qopt, limit), .codec = &schema_tc_size,
     .words = "limit", .flags = SCHEMA_REQUIRED, .doc = "bytes that may wait"},
    SCHEMA_END};
static const struct schema schema_bfifo = {
    .name = "qdisc.bfifo",
    .doc = "First in, first out; counts bytes.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", root = true, bfifo = { limit_bytes = 100000 } }",
    .hdr = sizeof(struct tc_fifo_qopt),
    .members = fifo_qopt_members,
    .rows = bfifo_rows};

/* ---- prio ------------------------------------------------------------------------------------ */

static const struct schema_row prio_rows[] = {
    {.key = "bands", SCHEMA_HEAD(tc_prio_qopt, bands), .codec = &schema_tc_u32,
     .arg = &(const struct schema_range){2, TCQ_PRIO_BANDS}, .words = "bands", .implied = "3",
     .doc = "how many"},
    {.key = "priomap", SCHEMA_HEAD(tc_prio_qopt, priomap), .codec = &schema_tc_priomap,
     .words = "priomap", .implied = "1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1",
     .doc = "which band each of the 16 priorities of packets goes to"},
    SCHEMA_END};
static const struct schema_member prio_qopt_members[] = {
    SCHEMA_MEMBER(tc_prio_qopt, bands, NULL, false),
    {.name = "priomap", .off = offsetof(struct tc_prio_qopt, priomap), .len = 16},
    {.name = NULL}};
static const struct schema schema_prio = {
    .name = "qdisc.prio",
    .doc = "Bands: one sends when those before it are empty.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", root = true, handle = \"1:\", prio = { bands = 4 } }",
    .hdr = sizeof(struct tc_prio_qopt),
    .members = prio_qopt_members,
    .rows = prio_rows};
static const struct schema schema_pfifo_fast = {
    .name = "qdisc.pfifo_fast",
    .doc = "Three bands by priority: what a link has when nothing was said. Only read.",
    .hdr = sizeof(struct tc_prio_qopt),
    .members = prio_qopt_members,
    .rows = prio_rows};

/* ---- htb ------------------------------------------------------------------------------------- */

#define HTB_INIT(m) TC_IN(TCA_HTB_INIT, tc_htb_glob, m)

static const struct schema_row htb_rows[] = {
    {.key = "r2q", HTB_INIT(rate2quantum), .codec = &schema_tc_r2q, .words = "r2q",
     .implied = "10", .doc = "a class's quantum is its rate through this"},
    {.key = "default", HTB_INIT(defcls), .codec = &schema_tc_minor, .words = "default",
     .doc = "the class of what no filter speaks of: \"30\" is 1:30"},
    {.key = "direct_qlen", SCHEMA_ATTR(TCA_HTB_DIRECT_QLEN), .codec = &schema_tc_u32,
     .words = "direct_qlen", .doc = "packets without a class that may wait"},
    {.key = "version", HTB_INIT(version), .codec = &schema_tc_u32, .flags = SCHEMA_READONLY,
     .doc = "of the kernel's htb: 0x30011 is 3.17"},
    {.key = "direct_packets", HTB_INIT(direct_pkts), .codec = &schema_tc_u32,
     .flags = SCHEMA_READONLY, .doc = "packets that went without a class"},
    SCHEMA_END};
static const struct schema_name htb_attrs[] = {
    SCHEMA_NAME(TCA_HTB_CTAB), SCHEMA_NAME(TCA_HTB_RTAB), {NULL, 0}};
static const struct schema schema_htb = {
    .name = "qdisc.htb",
    .doc = "A tree of classes, each with a rate that it is sure of and one it may reach.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", root = true, handle = \"1:\", htb = { default = 0x10 } }",
    .attrs = htb_attrs,
    .rows = htb_rows};

#define HTB(m) TC_IN(TCA_HTB_PARMS, tc_htb_opt, m)

static const struct schema_row htb_class_rows[] = {
    {.key = "prio", HTB(prio), .codec = &schema_tc_u32, .words = "prio",
     .doc = "who may borrow first: 0 is first, 7 last"},
    {.key = "rate_mbit", HTB(rate.rate), .codec = &schema_tc_rate,
     .arg = &(const struct tc_rate64){TCA_HTB_RATE64, NULL, true}, .words = "rate",
     .flags = SCHEMA_REQUIRED, .doc = "what it is sure of, in megabits per second"},
    {.key = "ceil_mbit", HTB(ceil.rate), .codec = &schema_tc_rate,
     .arg = &(const struct tc_rate64){TCA_HTB_CEIL64, "rate_mbit", true}, .words = "ceil",
     .doc = "what it may reach by borrowing; its rate unless given"},
    {.key = "burst_bytes", HTB(buffer), .codec = &schema_tc_burst,
     .arg = &(const struct tc_burst){"rate_mbit", offsetof(struct tc_htb_opt, rate.rate),
                                     TCA_HTB_RATE64, 0, true, NULL},
     .words = "burst, buffer, maxburst", .doc = "what may be sent at the ceiling at once, in bytes"},
    {.key = "cburst_bytes", HTB(cbuffer), .codec = &schema_tc_burst,
     .arg = &(const struct tc_burst){"ceil_mbit", offsetof(struct tc_htb_opt, ceil.rate),
                                     TCA_HTB_CEIL64, 0, true, "rate_mbit"},
     .words = "cburst, cbuffer, cmaxburst",
     .doc = "what may be sent at the link's speed at once, in bytes"},
    {.key = "quantum_bytes", HTB(quantum), .codec = &schema_tc_size, .words = "quantum",
     .doc = "what it sends before another one's turn, in bytes"},
    {.key = "overhead_bytes", HTB(rate.overhead), .codec = &schema_tc_overhead, .words = "overhead",
     .doc = "added to the size of each packet"},
    {.key = "mpu_bytes", HTB(rate.mpu), .codec = &schema_tc_overhead, .words = "mpu",
     .doc = "smaller packets count as this"},
    {.key = "linklayer", HTB(rate.linklayer), .codec = &schema_tc_linklayer, .arg = linklayers,
     .words = "linklayer", .doc = "ethernet, or atm (adsl): packets count as whole cells"},
    {.key = "mtu_bytes", HTB(rate.cell_log), .codec = &schema_tc_packet, .words = "mtu",
     .doc = "the largest packet: the burst that is not given (1600 unless given)"},
    {.key = "level", HTB(level), .codec = &schema_tc_u32, .flags = SCHEMA_READONLY,
     .doc = "0: a leaf of the tree"},
    {.key = "burst_us", HTB(buffer), .codec = &schema_tc_burst_us, .flags = SCHEMA_READONLY,
     .doc = "how long the burst lasts at the rate"},
    {.key = "cburst_us", HTB(cbuffer), .codec = &schema_tc_burst_us, .flags = SCHEMA_READONLY,
     .doc = "how long the other burst lasts at the ceiling"},
    SCHEMA_END};
static const struct schema schema_htb_class = {
    .name = "class.htb",
    .doc = "A class of an htb.",
    .example =
        "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
        "qdisc.add { dev = \"v0\", root = true, handle = \"1:\", htb = { default = 0x10 } }\n"
        "class.add { dev = \"v0\", parent = \"1:\", classid = \"1:10\", htb = { rate_mbit = 1, "
        "ceil_mbit = 2 } }",
    .attrs = htb_attrs,
    .rows = htb_class_rows};

/* ---- fair queues ----------------------------------------------------------------------------- */

#define NUMBER(key_, attr_, codec_, words_, doc_)                                                  \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(attr_), .codec = &codec_, .words = words_, .doc = doc_                \
  }

static const struct schema_row fq_codel_rows[] = {
    NUMBER("limit_packets", TCA_FQ_CODEL_LIMIT, schema_tc_u32, "limit", "packets that may wait"),
    NUMBER("flows", TCA_FQ_CODEL_FLOWS, schema_tc_u32, "flows", "queues, among which flows spread"),
    NUMBER("quantum_bytes", TCA_FQ_CODEL_QUANTUM, schema_tc_size, "quantum",
           "what a queue sends before another one's turn"),
    NUMBER("interval_ms", TCA_FQ_CODEL_INTERVAL, schema_tc_us_ms, "interval",
           "how long the delay must be too long before packets are dropped"),
    NUMBER("target_ms", TCA_FQ_CODEL_TARGET, schema_tc_us_ms, "target", "the delay that is fine"),
    NUMBER("ce_threshold_ms", TCA_FQ_CODEL_CE_THRESHOLD, schema_tc_us_ms, "ce_threshold",
           "packets that waited longer are marked"),
    NUMBER("memory_limit_bytes", TCA_FQ_CODEL_MEMORY_LIMIT, schema_tc_size, "memory_limit",
           "memory of all that waits"),
    NUMBER("drop_batch", TCA_FQ_CODEL_DROP_BATCH_SIZE, schema_tc_u32, "drop_batch",
           "packets that are dropped at once when it is full"),
    {.key = "ecn", SCHEMA_ATTR(TCA_FQ_CODEL_ECN), .codec = &schema_tc_bool, .words = "ecn|noecn",
     .doc = "marks packets, where that is possible, in place of dropping them"},
    SCHEMA_END};
static const struct schema schema_fq_codel = {
    .name = "qdisc.fq_codel",
    .doc = "A queue for each flow, kept short.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", root = true, fq_codel = { limit_packets = 1000 } }",
    .rows = fq_codel_rows};

static const struct schema_row codel_rows[] = {
    NUMBER("limit_packets", TCA_CODEL_LIMIT, schema_tc_u32, "limit", "packets that may wait"),
    NUMBER("interval_ms", TCA_CODEL_INTERVAL, schema_tc_us_ms, "interval",
           "how long the delay must be too long before packets are dropped"),
    NUMBER("target_ms", TCA_CODEL_TARGET, schema_tc_us_ms, "target", "the delay that is fine"),
    NUMBER("ce_threshold_ms", TCA_CODEL_CE_THRESHOLD, schema_tc_us_ms, "ce_threshold",
           "packets that waited longer are marked"),
    {.key = "ecn", SCHEMA_ATTR(TCA_CODEL_ECN), .codec = &schema_tc_bool, .words = "ecn|noecn",
     .doc = "marks packets, where that is possible, in place of dropping them"},
    SCHEMA_END};
static const struct schema schema_codel = {
    .name = "qdisc.codel",
    .doc = "One queue, kept short.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", root = true, codel = { limit_packets = 1000 } }",
    .rows = codel_rows};

static const struct schema_row fq_rows[] = {
    NUMBER("limit_packets", TCA_FQ_PLIMIT, schema_tc_u32, "limit", "packets that may wait"),
    NUMBER("flow_limit_packets", TCA_FQ_FLOW_PLIMIT, schema_tc_u32, "flow_limit",
           "packets of one flow that may wait"),
    NUMBER("quantum_bytes", TCA_FQ_QUANTUM, schema_tc_size, "quantum",
           "what a flow sends before another one's turn"),
    NUMBER("initial_quantum_bytes", TCA_FQ_INITIAL_QUANTUM, schema_tc_size, "initial_quantum",
           "what a new flow sends first"),
    NUMBER("buckets_log", TCA_FQ_BUCKETS_LOG, schema_tc_u32, "",
           "flows spread among two to the power of this"),
    NUMBER("orphan_mask", TCA_FQ_ORPHAN_MASK, schema_tc_u32, "orphan_mask",
           "packets without a socket spread among so many"),
    NUMBER("low_rate_threshold_mbit", TCA_FQ_LOW_RATE_THRESHOLD, schema_tc_rate,
           "low_rate_threshold", "slower flows are paced packet by packet"),
    NUMBER("refill_delay_ms", TCA_FQ_FLOW_REFILL_DELAY, schema_tc_us_ms, "refill_delay",
           "a flow that rested so long counts as new"),
    NUMBER("timer_slack_ns", TCA_FQ_TIMER_SLACK, schema_tc_u32, "",
           "how late a timer may be, in nanoseconds"),
    NUMBER("horizon_ms", TCA_FQ_HORIZON, schema_tc_us_ms, "horizon",
           "packets that are to be sent later than this are not kept"),
    NUMBER("horizon_drop", TCA_FQ_HORIZON_DROP, schema_bool8, "horizon_drop|horizon_cap",
           "but dropped; else they are sent at that time"),
    NUMBER("maxrate_mbit", TCA_FQ_FLOW_MAX_RATE, schema_tc_rate, "maxrate",
           "no flow sends faster, in megabits per second"),
    {.key = "pacing", SCHEMA_ATTR(TCA_FQ_RATE_ENABLE), .codec = &schema_tc_bool,
     .words = "pacing|nopacing", .doc = "sends at the rate that the flow's socket wants"},
    SCHEMA_END};
static const struct schema schema_fq = {
    .name = "qdisc.fq",
    .doc = "A queue for each flow, sent at the flow's pace.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", root = true, fq = { limit_packets = 1000 } }",
    .rows = fq_rows};

#define SFQ(m) .off = offsetof(struct tc_sfq_qopt_v1, m), .len = 4, .sym = #m

#define SFQ_FLAG(key_, bit_, doc_)                                                                 \
  {                                                                                                \
    .key = key_, SCHEMA_HEAD(tc_sfq_qopt_v1, flags), .codec = &schema_tc_flag,                     \
    .arg = &(const struct tc_flag){bit_, 1, "redflowlimit_bytes"}, .words = key_, .flags = SCHEMA_OWN, .doc = doc_      \
  }
#define SFQ_COUNT(m, doc_)                                                                         \
  {                                                                                                \
    .key = #m, SFQ(stats.m), .codec = &schema_tc_u32, .flags = SCHEMA_READONLY | SCHEMA_COUNTER,   \
    .doc = doc_                                                                                    \
  }
static const struct tc_red sfq_red = {.limit = "redflowlimit_bytes", .min = "min_bytes",
                                      .max = "max_bytes"};
static const struct schema_row sfq_rows[] = {
    {.key = "quantum_bytes", SFQ(v0.quantum), .codec = &schema_tc_size, .words = "quantum",
     .doc = "what a flow sends before another one's turn"},
    {.key = "perturb_s", SFQ(v0.perturb_period), .codec = &schema_tc_s32, .words = "perturb",
     .doc = "how often flows are spread anew"},
    {.key = "limit_packets", SFQ(v0.limit), .codec = &schema_tc_u32, .words = "limit",
     .doc = "packets that may wait"},
    {.key = "divisor", SFQ(v0.divisor), .codec = &schema_tc_u32, .words = "divisor",
     .doc = "size of the table of flows"},
    {.key = "flows", SFQ(v0.flows), .codec = &schema_tc_u32, .words = "flows",
     .doc = "queues, among which flows spread"},
    {.key = "depth", SFQ(depth), .codec = &schema_tc_u32, .words = "depth",
     .doc = "packets of one flow that may wait"},
    {.key = "headdrop", SFQ(headdrop), .codec = &schema_tc_bool, .words = "headdrop",
     .doc = "drops the oldest packet, not the newest"},
    {.key = "redflowlimit_bytes", SFQ(limit), .codec = &schema_tc_red, .arg = &sfq_red,
     .words = "redflowlimit", .flags = SCHEMA_OWN,
     .doc = "a red for each flow: what of one may wait, in bytes (written; the kernel does not "
            "tell it, so that a record given again has no red)"},
    {.key = "min_bytes", SFQ(qth_min), .codec = &schema_tc_red_part, .arg = "redflowlimit_bytes",
     .words = "min", .flags = SCHEMA_OWN,
     .doc = "of that so many may wait on average; a third of max_bytes unless given"},
    {.key = "max_bytes", SFQ(qth_max), .codec = &schema_tc_red_part, .arg = "redflowlimit_bytes",
     .words = "max", .flags = SCHEMA_OWN,
     .doc = "from so many on all are dropped; a quarter of redflowlimit_bytes unless given"},
    {.key = "avpkt_bytes", SFQ(limit), .codec = &schema_tc_red_size, .arg = "redflowlimit_bytes",
     .words = "avpkt",
     .doc = "the mean size of packets (1000 unless given)"},
    {.key = "burst_packets", SFQ(limit), .codec = &schema_tc_red_burst, .arg = "redflowlimit_bytes",
     .words = "burst",
     .doc = "packets that may come at once; (2 min + max) / 3 unless given"},
    {.key = "probability", SFQ(max_P), .codec = &schema_tc_probability, .arg = "redflowlimit_bytes",
     .words = "probability", .flags = SCHEMA_OWN,
     .doc = "how likely one is dropped at the maximum (0.02 unless given)"},
    SFQ_FLAG("ecn", TC_RED_ECN, "marks packets, where possible, in place of dropping them"),
    SFQ_FLAG("harddrop", TC_RED_HARDDROP, "but drops them above the maximum"),
    {.key = "ewma", SCHEMA_HEAD(tc_sfq_qopt_v1, Wlog), .codec = &schema_tc_u8,
     .flags = SCHEMA_READONLY, .doc = "the weight of what waits in the average: 2^-ewma"},
    SFQ_COUNT(prob_mark, "marked early"),
    SFQ_COUNT(prob_mark_head, "marked early, the oldest one"),
    SFQ_COUNT(prob_drop, "dropped early"),
    SFQ_COUNT(forced_mark, "marked above the maximum"),
    SFQ_COUNT(forced_mark_head, "marked above the maximum, the oldest one"),
    SFQ_COUNT(forced_drop, "dropped above the maximum"),
    SCHEMA_END};
static const struct schema_member sfq_qopt_v1_members[] = {
    SCHEMA_MEMBER(tc_sfq_qopt_v1, v0.quantum, NULL, false),
    SCHEMA_MEMBER(tc_sfq_qopt_v1, v0.perturb_period, NULL, false),
    SCHEMA_MEMBER(tc_sfq_qopt_v1, v0.limit, NULL, false),
    SCHEMA_MEMBER(tc_sfq_qopt_v1, v0.divisor, NULL, false),
    SCHEMA_MEMBER(tc_sfq_qopt_v1, v0.flows, NULL, false),
    SCHEMA_MEMBER(tc_sfq_qopt_v1, depth, NULL, false),
    SCHEMA_MEMBER(tc_sfq_qopt_v1, headdrop, NULL, false),
    SCHEMA_MEMBER(tc_sfq_qopt_v1, limit, NULL, false),
    SCHEMA_MEMBER(tc_sfq_qopt_v1, qth_min, NULL, false),
    SCHEMA_MEMBER(tc_sfq_qopt_v1, qth_max, NULL, false),
    {.name = "Wlog ...", .off = offsetof(struct tc_sfq_qopt_v1, Wlog),
     .len = sizeof(struct tc_sfq_qopt_v1) - offsetof(struct tc_sfq_qopt_v1, Wlog)},
    {.name = NULL}};
static const struct schema schema_sfq = {
    .name = "qdisc.sfq",
    .doc = "Flows take turns.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", root = true, sfq = { perturb_s = 10 } }",
    .hdr = sizeof(struct tc_sfq_qopt_v1),
    .members = sfq_qopt_v1_members,
    .rows = sfq_rows};

/* ---- qdiscs ---------------------------------------------------------------------------------- */

extern const struct schema schema_netem;

static const struct schema_row qdisc_rows[] = {
    TC_DEV,
    {.key = "parent", SCHEMA_HEAD(tcmsg, tcm_parent), .codec = &schema_tc_parent,
     .arg = tc_qdisc_places, .words = "parent",
     .doc = "the class it is of: \"1:10\"; ingress and clsact need none"},
    TC_AT("root", tc_root, "it is the link's own: every packet goes through it"),
    {.key = "handle", SCHEMA_HEAD(tcmsg, tcm_handle), .codec = &schema_tc_handle,
     .words = "handle", .doc = "its name for classes and filters: \"1:\""},
    {.key = "type", SCHEMA_ATTR(TCA_KIND), .codec = &schema_kind, .words = "",
     .doc = "its kind; a table of that kind's options implies it"},
    TC_KIND_ALWAYS("netem", schema_netem, "options of an imitated network"),
    TC_KIND("tbf", schema_tbf, "options of a bucket of tokens"),
    TC_KIND_ALWAYS("htb", schema_htb, "options of a tree of classes"),
    TC_KIND_ALWAYS("prio", schema_prio, "options of bands by priority"),
    TC_KIND("pfifo", schema_pfifo, "options of a queue that counts packets"),
    TC_KIND("bfifo", schema_bfifo, "options of a queue that counts bytes"),
    TC_KIND("pfifo_head_drop", schema_pfifo, "the same, but the oldest packet is dropped"),
    TC_KIND("pfifo_fast", schema_pfifo_fast, "bands by priority, as they are unless said"),
    TC_KIND_ALWAYS("fq_codel", schema_fq_codel, "options of fair and short queues"),
    TC_KIND_ALWAYS("codel", schema_codel, "options of a short queue"),
    TC_KIND_ALWAYS("fq", schema_fq, "options of a queue with pacing"),
    TC_KIND("sfq", schema_sfq, "options of queues that take turns"),
    TC_KIND_ALWAYS("cake", schema_cake_qdisc, "options of a shaper that is fair"),
    TC_KIND("red", schema_red, "options of random early detection"),
    TC_KIND("choke", schema_choke, "options of a red that looks at flows"),
    TC_KIND_ALWAYS("sfb", schema_sfb, "options of stochastic fair blue"),
    TC_KIND_ALWAYS("pie", schema_pie, "options of a queue with a short delay"),
    TC_KIND_ALWAYS("fq_pie", schema_fq_pie, "options of a pie for each flow"),
    TC_KIND_ALWAYS("hhf", schema_hhf, "options of a filter of heavy flows"),
    TC_KIND_ALWAYS("hfsc", schema_hfsc, "options of a tree of classes with curves"),
    TC_KIND("ets", schema_ets, "options of strict bands and of others"),
    TC_KIND_ALWAYS("multiq", schema_multiq, "what a band for each queue tells"),
    TC_KIND_ALWAYS("mqprio", schema_mqprio, "options of queues by class of traffic"),
    TC_KIND("skbprio", schema_skbprio, "options of a queue by priority"),
    TC_KIND("plug", schema_plug, "what a plug is to do"),
    TC_KIND_ALWAYS("cbs", schema_cbs, "options of a credit"),
    TC_KIND("etf", schema_etf, "options of a queue by time"),
    {.key = "refcnt", SCHEMA_HEAD(tcmsg, tcm_info), .codec = &schema_tc_u32,
     .flags = SCHEMA_READONLY, .doc = "how often it is used"},
    TC_STATS(tc_qdisc_stats),
    SCHEMA_END};

const struct schema schema_qdisc = {.name = "qdisc",
                                    .doc = "A queueing discipline: how the packets of a link wait.",
                                    .hdr = sizeof(struct tcmsg),
                                    .members = tc_members,
                                    .attrs = tc_attrs,
                                    .rows = qdisc_rows};

/* ---- classes --------------------------------------------------------------------------------- */

static const struct schema_row class_rows[] = {
    TC_DEV,
    {.key = "parent", SCHEMA_HEAD(tcmsg, tcm_parent), .codec = &schema_tc_parent,
     .arg = tc_qdisc_places, .words = "parent", .doc = "the qdisc (\"1:\") or class it is of"},
    TC_AT("root", tc_root, "it has no other class above it (read)"),
    {.key = "classid", SCHEMA_HEAD(tcmsg, tcm_handle), .codec = &schema_tc_handle,
     .words = "classid", .doc = "its name: \"1:10\""},
    {.key = "type", SCHEMA_ATTR(TCA_KIND), .codec = &schema_kind, .words = "",
     .doc = "the kind of its qdisc; a table of that kind's options implies it"},
    TC_KIND("htb", schema_htb_class, "options of a class of an htb"),
    TC_KIND("hfsc", schema_hfsc_class, "options of a class of a hfsc"),
    TC_KIND_ALWAYS("drr", schema_drr_class, "options of a class of a drr"),
    TC_KIND_ALWAYS("qfq", schema_qfq_class, "options of a class of a qfq"),
    TC_KIND_ALWAYS("ets", schema_ets_class, "options of a band of an ets"),
    {.key = "leaf", SCHEMA_HEAD(tcmsg, tcm_info), .codec = &schema_tc_handle,
     .flags = SCHEMA_READONLY, .doc = "the qdisc that its packets wait in"},
    TC_STATS(tc_class_stats),
    SCHEMA_END};

const struct schema schema_class = {.name = "class",
                                    .doc = "A class of a queueing discipline: a share of a link.",
                                    .hdr = sizeof(struct tcmsg),
                                    .members = tc_members,
                                    .attrs = tc_attrs,
                                    .rows = class_rows};
