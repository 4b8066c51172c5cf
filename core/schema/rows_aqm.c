/* rows_aqm: queues that keep themselves short, as rows - cake, red, choke, sfb, pie, fq_pie, hhf;
 * codel and its like are in rows_tc.c. Numbers and structs from linux/pkt_sched.h; words from
 * tc-cake(8), tc-red(8) ... */
#include "schema/tc.h"
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <stddef.h>

#define NUMBER(key_, attr_, codec_, words_, doc_)                                                  \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(attr_), .codec = &codec_, .words = words_, .doc = doc_                \
  }
#define CABLE "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"

/* ---- cake ------------------------------------------------------------------------------------ */

static const struct schema_name diffserv_names[] = {
    {"diffserv3", CAKE_DIFFSERV_DIFFSERV3}, {"diffserv4", CAKE_DIFFSERV_DIFFSERV4},
    {"diffserv8", CAKE_DIFFSERV_DIFFSERV8}, {"besteffort", CAKE_DIFFSERV_BESTEFFORT},
    {"precedence", CAKE_DIFFSERV_PRECEDENCE}, {NULL, 0}};
static const struct schema_name flowmode_names[] = {
    {"flowblind", CAKE_FLOW_NONE}, {"srchost", CAKE_FLOW_SRC_IP},
    {"dsthost", CAKE_FLOW_DST_IP}, {"hosts", CAKE_FLOW_HOSTS},
    {"flows", CAKE_FLOW_FLOWS}, {"dual-srchost", CAKE_FLOW_DUAL_SRC},
    {"dual-dsthost", CAKE_FLOW_DUAL_DST}, {"triple-isolate", CAKE_FLOW_TRIPLE}, {NULL, 0}};
static const struct schema_name ack_names[] = {{"no-ack-filter", CAKE_ACK_NONE},
                                               {"ack-filter", CAKE_ACK_FILTER},
                                               {"ack-filter-aggressive", CAKE_ACK_AGGRESSIVE},
                                               {NULL, 0}};
static const struct schema_name atm_names[] = {
    {"noatm", CAKE_ATM_NONE}, {"atm", CAKE_ATM_ATM}, {"ptm", CAKE_ATM_PTM}, {NULL, 0}};

#define WORD(key_, attr_, names_, doc_)                                                            \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(attr_), .codec = &schema_enum32, .arg = names_, .words = "=",         \
    .doc = doc_                                                                                    \
  }
static const struct schema_row cake_rows[] = {
    NUMBER("bandwidth_mbit", TCA_CAKE_BASE_RATE64, schema_tc_rate_u64, "bandwidth",
           "how fast it sends, in megabits per second; 0: as fast as the link"),
    NUMBER("autorate_ingress", TCA_CAKE_AUTORATE, schema_tc_autorate, "autorate-ingress",
           "finds out how fast by itself, from what comes"),
    WORD("diffserv", TCA_CAKE_DIFFSERV_MODE, diffserv_names,
         "classes of traffic: diffserv3, diffserv4, diffserv8, besteffort (one), precedence"),
    WORD("flowmode", TCA_CAKE_FLOW_MODE, flowmode_names,
         "who gets equal shares: triple-isolate (hosts, then flows), flows, hosts, srchost, "
         "dual-srchost, flowblind (none) ..."),
    NUMBER("nat", TCA_CAKE_NAT, schema_tc_bool, "nat|nonat", "looks behind NAT for the hosts"),
    NUMBER("wash", TCA_CAKE_WASH, schema_tc_bool, "wash|nowash", "takes the DSCP off"),
    NUMBER("ingress", TCA_CAKE_INGRESS, schema_tc_bool, "ingress|egress",
           "counts what it drops as received"),
    WORD("ack_filter", TCA_CAKE_ACK_FILTER, ack_names,
         "leaves acknowledgements out: no-ack-filter, ack-filter, ack-filter-aggressive"),
    NUMBER("split_gso", TCA_CAKE_SPLIT_GSO, schema_tc_bool, "split-gso|no-split-gso",
           "takes large packets apart"),
    NUMBER("rtt_ms", TCA_CAKE_RTT, schema_tc_us_ms, "rtt", "how long an answer takes"),
    NUMBER("target_ms", TCA_CAKE_TARGET, schema_tc_rtt_target, "",
           "the delay that is fine; a twentieth of rtt_ms unless given"),
    NUMBER("raw", TCA_CAKE_RAW, schema_tc_present, "raw",
           "the size of a packet is that which the kernel says"),
    WORD("atm", TCA_CAKE_ATM, atm_names, "cells that packets are sent in: noatm, atm, ptm"),
    {.key = "overhead_bytes", SCHEMA_ATTR(TCA_CAKE_OVERHEAD), .codec = &schema_tc_s32,
     .arg = &(const struct schema_range){-64, 256}, .words = "overhead",
     .doc = "added to the size of each packet"},
    {.key = "mpu_bytes", SCHEMA_ATTR(TCA_CAKE_MPU), .codec = &schema_tc_u32,
     .arg = &(const struct schema_range){0, 256}, .words = "mpu",
     .doc = "smaller packets count as this"},
    NUMBER("memlimit_bytes", TCA_CAKE_MEMORY, schema_tc_size, "memlimit",
           "memory of all that waits"),
    NUMBER("fwmark", TCA_CAKE_FWMARK, schema_tc_u32, "fwmark",
           "bits of the mark that say the class of traffic"),
    SCHEMA_END};
const struct schema schema_cake_qdisc = {
    .name = "qdisc.cake",
    .doc = "Shapes, is fair to hosts and flows, and keeps queues short.",
    .example = CABLE "qdisc.add { dev = \"v0\", root = true, cake = { bandwidth_mbit = 20, "
                     "diffserv = \"diffserv4\" } }",
    .rows = cake_rows};

/* ---- red, choke ------------------------------------------------------------------------------ */

#define RED(m) TC_IN(TCA_RED_PARMS, tc_red_qopt, m)
#define RED_FLAG(key_, bit_, words_, doc_)                                                         \
  {                                                                                                \
    .key = key_, TC_IN(TCA_RED_FLAGS, nla_bitfield32, value), .codec = &schema_tc_flag,            \
    .arg = &(const struct tc_flag){bit_, 4, NULL}, .words = words_, .doc = doc_                          \
  }
/* What the constants are made of. */
#define MADE_OF(stab)                                                                              \
  {.key = "avpkt_bytes", SCHEMA_ATTR(stab), .codec = &schema_tc_red_size, .words = "avpkt",        \
   .doc = "the mean size of packets (1000 unless given)"},                                         \
      {.key = "burst_packets", SCHEMA_ATTR(stab), .codec = &schema_tc_red_burst,                   \
       .words = "burst",                                                                           \
       .doc = "packets that may come at once; (2 min + max) / 3 unless given"},                    \
      {.key = "bandwidth_mbit", SCHEMA_ATTR(stab), .codec = &schema_tc_red_rate,                   \
       .words = "bandwidth", .doc = "how fast the link is (10 unless given)"}
/* What came of it; only read. */
#define CONSTANT(T, a, key_, m, doc_)                                                              \
  {                                                                                                \
    .key = key_, TC_IN(a, T, m), .codec = &schema_tc_u8, .flags = SCHEMA_READONLY, .doc = doc_     \
  }
#define CONSTANTS(T, a)                                                                            \
  CONSTANT(T, a, "ewma", Wlog, "the weight of what waits in the average: 2^-ewma"),                \
      CONSTANT(T, a, "plog", Plog, "how steep the probability is"),                                \
      CONSTANT(T, a, "scell_log", Scell_log, "how the average falls")

static const struct tc_red red = {"limit_bytes", "min_bytes", "max_bytes", false, true,
                                  TCA_RED_PARMS, TCA_RED_STAB, TCA_RED_MAX_P, TCA_RED_FLAGS};
static const struct schema_row red_rows[] = {
    {.key = "limit_bytes", RED(limit), .codec = &schema_tc_red, .arg = &red, .words = "limit",
     .flags = SCHEMA_REQUIRED, .doc = "what may wait, in bytes"},
    {.key = "min_bytes", RED(qth_min), .codec = &schema_tc_red_part, .words = "min",
     .doc = "so many may wait on average; a third of max_bytes unless given"},
    {.key = "max_bytes", RED(qth_max), .codec = &schema_tc_red_part, .words = "max",
     .doc = "from so many on all are dropped; three times min_bytes, or a quarter of the limit"},
    MADE_OF(TCA_RED_STAB),
    {.key = "probability", SCHEMA_ATTR(TCA_RED_MAX_P), .codec = &schema_tc_probability,
     .words = "probability", .doc = "how likely one is dropped at the maximum (0.02 unless given)"},
    RED_FLAG("adaptive", TC_RED_ADAPTATIVE, "adaptive, adaptative", "adapts the probability"),
    RED_FLAG("ecn", TC_RED_ECN, "ecn", "marks packets, where possible, in place of dropping them"),
    RED_FLAG("harddrop", TC_RED_HARDDROP, "harddrop", "but drops them above the maximum"),
    RED_FLAG("nodrop", TC_RED_NODROP, "nodrop", "does not drop those that cannot be marked"),
    NUMBER("early_drop_block", TCA_RED_EARLY_DROP_BLOCK, schema_tc_u32, "qevent+early_drop+block",
           "filters of this shared block see what is dropped early"),
    NUMBER("mark_block", TCA_RED_MARK_BLOCK, schema_tc_u32, "qevent+mark+block",
           "filters of this shared block see what is marked"),
    CONSTANTS(tc_red_qopt, TCA_RED_PARMS),
    SCHEMA_END};
const struct schema schema_red = {
    .name = "qdisc.red",
    .doc = "Random early detection: drops the more the longer the queue is.",
    .example = CABLE "qdisc.add { dev = \"v0\", root = true, red = { limit_bytes = 400000, "
                     "min_bytes = 30000, max_bytes = 90000, avpkt_bytes = 1000, ecn = true } }",
    .rows = red_rows};

#define CHOKE(m) TC_IN(TCA_CHOKE_PARMS, tc_red_qopt, m)
static const struct tc_red choke = {
    "limit_packets", "min_packets", "max_packets", true, false,
    TCA_CHOKE_PARMS, TCA_CHOKE_STAB, TCA_CHOKE_MAX_P, 0};
static const struct schema_row choke_rows[] = {
    {.key = "limit_packets", CHOKE(limit), .codec = &schema_tc_red, .arg = &choke,
     .words = "limit", .flags = SCHEMA_REQUIRED, .doc = "packets that may wait"},
    {.key = "min_packets", CHOKE(qth_min), .codec = &schema_tc_red_packets, .words = "min",
     .doc = "so many may wait on average; a third of max_packets unless given"},
    {.key = "max_packets", CHOKE(qth_max), .codec = &schema_tc_red_packets, .words = "max",
     .doc = "from so many on all are dropped; a quarter of the limit unless given"},
    MADE_OF(TCA_CHOKE_STAB),
    {.key = "probability", SCHEMA_ATTR(TCA_CHOKE_MAX_P), .codec = &schema_tc_probability,
     .words = "probability", .doc = "how likely one is dropped at the maximum (0.02 unless given)"},
    {.key = "ecn", CHOKE(flags), .codec = &schema_tc_flag,
     .arg = &(const struct tc_flag){TC_RED_ECN, 1, NULL}, .words = "ecn",
     .doc = "marks packets, where possible, in place of dropping them"},
    CONSTANTS(tc_red_qopt, TCA_CHOKE_PARMS),
    SCHEMA_END};
const struct schema schema_choke = {
    .name = "qdisc.choke",
    .doc = "A red that drops packets of those flows which fill the queue.",
    .example = CABLE "qdisc.add { dev = \"v0\", root = true, choke = { limit_packets = 1000, "
                     "bandwidth_mbit = 10 } }",
    .rows = choke_rows};

/* ---- sfb ------------------------------------------------------------------------------------- */

#define SFB(key_, m, codec_, words_, implied_, doc_)                                               \
  {                                                                                                \
    .key = key_, TC_IN(TCA_SFB_PARMS, tc_sfb_qopt, m), .codec = &codec_, .words = words_,          \
    .implied = implied_, .doc = doc_                                                               \
  }
static const struct schema_row sfb_rows[] = {
    SFB("rehash_ms", rehash_interval, schema_tc_u32, "rehash", "600000",
        "how often flows are spread anew"),
    SFB("db_ms", warmup_time, schema_tc_u32, "db", "60000",
        "how long before that the new bins are filled"),
    SFB("limit_packets", limit, schema_tc_u32, "limit", "0",
        "packets that may wait; 0: as many as the link's queue has"),
    SFB("max_packets", max, schema_tc_sfb_max, "max", NULL,
        "packets of a bin that may wait; 25, or by the target, unless given"),
    SFB("target_packets", bin_size, schema_tc_sfb_target, "target", NULL,
        "so many of a bin are fine; four fifths of max_packets unless given"),
    SFB("increment", increment, schema_tc_sfb_increment, "increment", NULL,
        "by how much the probability grows: 0 to 1 (0.0005 unless given)"),
    SFB("decrement", decrement, schema_tc_sfb_decrement, "decrement", NULL,
        "by how much it falls (0.00005 unless given)"),
    SFB("penalty_rate", penalty_rate, schema_tc_u32, "penalty_rate", "10",
        "packets per second of flows that do not slow down"),
    SFB("penalty_burst", penalty_burst, schema_tc_u32, "penalty_burst", "20",
        "packets that these may send at once"),
    SCHEMA_END};
const struct schema schema_sfb = {
    .name = "qdisc.sfb",
    .doc = "Stochastic fair blue: drops more of those flows which do not slow down.",
    .example = CABLE "qdisc.add { dev = \"v0\", root = true, sfb = { limit_packets = 500 } }",
    .rows = sfb_rows};

/* ---- pie, fq_pie, hhf ------------------------------------------------------------------------ */

#define WEIGHT(key_, attr_, doc_)                                                                  \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(attr_), .codec = &schema_tc_u32,                                      \
    .arg = &(const struct schema_range){0, 32}, .words = key_, .doc = doc_                         \
  }
static const struct schema_row pie_rows[] = {
    NUMBER("limit_packets", TCA_PIE_LIMIT, schema_tc_u32, "limit", "packets that may wait"),
    NUMBER("target_ms", TCA_PIE_TARGET, schema_tc_us_ms, "target", "the delay that is fine"),
    NUMBER("tupdate_ms", TCA_PIE_TUPDATE, schema_tc_us_ms, "tupdate",
           "how often it reckons anew how likely it drops"),
    WEIGHT("alpha", TCA_PIE_ALPHA, "weight of how far the delay is from that, of 16"),
    WEIGHT("beta", TCA_PIE_BETA, "weight of how the delay changes, of 16"),
    NUMBER("ecn", TCA_PIE_ECN, schema_tc_bool, "ecn|noecn",
           "marks packets, where that is possible, in place of dropping them"),
    NUMBER("bytemode", TCA_PIE_BYTEMODE, schema_tc_bool, "bytemode|nobytemode",
           "small packets are less likely dropped"),
    NUMBER("dq_rate_estimator", TCA_PIE_DQ_RATE_ESTIMATOR, schema_tc_bool,
           "dq_rate_estimator|no_dq_rate_estimator",
           "reckons the delay from how fast it sends, not from the times of packets"),
    SCHEMA_END};
const struct schema schema_pie = {
    .name = "qdisc.pie",
    .doc = "Drops the more the longer packets wait.",
    .example = CABLE "qdisc.add { dev = \"v0\", root = true, pie = { target_ms = 20 } }",
    .rows = pie_rows};

static const struct schema_row fq_pie_rows[] = {
    NUMBER("limit_packets", TCA_FQ_PIE_LIMIT, schema_tc_u32, "limit", "packets that may wait"),
    NUMBER("flows", TCA_FQ_PIE_FLOWS, schema_tc_u32, "flows", "queues, among which flows spread"),
    NUMBER("target_ms", TCA_FQ_PIE_TARGET, schema_tc_us_ms, "target", "the delay that is fine"),
    NUMBER("tupdate_ms", TCA_FQ_PIE_TUPDATE, schema_tc_us_ms, "tupdate",
           "how often it reckons anew how likely it drops"),
    WEIGHT("alpha", TCA_FQ_PIE_ALPHA, "weight of how far the delay is from that, of 16"),
    WEIGHT("beta", TCA_FQ_PIE_BETA, "weight of how the delay changes, of 16"),
    NUMBER("quantum_bytes", TCA_FQ_PIE_QUANTUM, schema_tc_size, "quantum",
           "what a queue sends before another one's turn"),
    NUMBER("memory_limit_bytes", TCA_FQ_PIE_MEMORY_LIMIT, schema_tc_size, "memory_limit",
           "memory of all that waits"),
    {.key = "ecn_prob_percent", SCHEMA_ATTR(TCA_FQ_PIE_ECN_PROB), .codec = &schema_tc_u32,
     .arg = &(const struct schema_range){0, 99}, .words = "ecn_prob",
     .doc = "it marks while it would drop fewer than so many of a hundred"},
    NUMBER("ecn", TCA_FQ_PIE_ECN, schema_tc_bool, "ecn|noecn",
           "marks packets, where that is possible, in place of dropping them"),
    NUMBER("bytemode", TCA_FQ_PIE_BYTEMODE, schema_tc_bool, "bytemode|nobytemode",
           "small packets are less likely dropped"),
    NUMBER("dq_rate_estimator", TCA_FQ_PIE_DQ_RATE_ESTIMATOR, schema_tc_bool,
           "dq_rate_estimator|no_dq_rate_estimator",
           "reckons the delay from how fast it sends, not from the times of packets"),
    SCHEMA_END};
const struct schema schema_fq_pie = {
    .name = "qdisc.fq_pie",
    .doc = "A pie for each flow.",
    .example = CABLE "qdisc.add { dev = \"v0\", root = true, fq_pie = { flows = 512 } }",
    .rows = fq_pie_rows};

static const struct schema_row hhf_rows[] = {
    NUMBER("limit_packets", TCA_HHF_BACKLOG_LIMIT, schema_tc_u32, "limit",
           "packets that may wait"),
    NUMBER("quantum_bytes", TCA_HHF_QUANTUM, schema_tc_u32, "quantum",
           "what one kind of flows sends before the other's turn"),
    NUMBER("hh_limit", TCA_HHF_HH_FLOWS_LIMIT, schema_tc_u32, "hh_limit",
           "flows that may be called heavy"),
    NUMBER("reset_timeout_ms", TCA_HHF_RESET_TIMEOUT, schema_tc_us_ms, "reset_timeout",
           "how often it counts anew"),
    NUMBER("admit_bytes", TCA_HHF_ADMIT_BYTES, schema_tc_u32, "admit_bytes",
           "a flow that sends more in that time is heavy"),
    NUMBER("evict_timeout_ms", TCA_HHF_EVICT_TIMEOUT, schema_tc_us_ms, "evict_timeout",
           "one that rested so long is heavy no more"),
    NUMBER("non_hh_weight", TCA_HHF_NON_HH_WEIGHT, schema_tc_u32, "non_hh_weight",
           "how much more the other flows send"),
    SCHEMA_END};
const struct schema schema_hhf = {
    .name = "qdisc.hhf",
    .doc = "Heavy flows wait behind the others.",
    .example = CABLE "qdisc.add { dev = \"v0\", root = true, hhf = { limit_packets = 500 } }",
    .rows = hhf_rows};
