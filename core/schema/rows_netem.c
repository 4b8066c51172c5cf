/* rows_netem: the imitated network, as rows: delay, loss, duplicates, damage, disorder, a rate, slots.
 * Numbers and structs from linux/pkt_sched.h; words from tc-netem(8). */
#include "schema/tc.h"
#include <linux/pkt_sched.h>
#include <stddef.h>

#ifndef TCA_NETEM_PRNG_SEED
#define TCA_NETEM_PRNG_SEED 14 /* from Linux 6.7 */
#endif

#define HEAD(m) SCHEMA_HEAD(tc_netem_qopt, m)
#define PERCENT(key_, where_, words_, doc_)                                                        \
  {                                                                                                \
    .key = key_, where_, .codec = &schema_tc_percent, .words = words_, .doc = doc_                 \
  }

/* ---- models of loss -------------------------------------------------------------------------- */

#define GI(key_, m, place, doc_)                                                                   \
  {                                                                                                \
    .key = key_, SCHEMA_HEAD(tc_netem_gimodel, m), .codec = &schema_tc_percent, .words = place,    \
    .doc = doc_                                                                                    \
  }
static const struct schema_row state_rows[] = {
    GI("p13_percent", p13, "#1", "from receiving to losing in a burst"),
    GI("p31_percent", p31, "#2", "back from there"),
    GI("p32_percent", p32, "#3", "from losing in a burst to receiving within it"),
    GI("p23_percent", p23, "#4", "back from there"),
    GI("p14_percent", p14, "#5", "one packet lost by itself"),
    SCHEMA_END};
static const struct schema_member netem_gimodel_members[] = {
    SCHEMA_MEMBER(tc_netem_gimodel, p13, NULL, false),
    SCHEMA_MEMBER(tc_netem_gimodel, p31, NULL, false),
    SCHEMA_MEMBER(tc_netem_gimodel, p32, NULL, false),
    SCHEMA_MEMBER(tc_netem_gimodel, p14, NULL, false),
    SCHEMA_MEMBER(tc_netem_gimodel, p23, NULL, false),
    {.name = NULL}};
static const struct schema schema_state = {.name = "qdisc.netem.loss_state",
                                           .doc = "Loss by four states, as of a Markov chain.",
                                           .hdr = sizeof(struct tc_netem_gimodel),
                                           .members = netem_gimodel_members,
                                           .rows = state_rows};

static const struct schema_row gemodel_rows[] = {
    {.key = "p_percent", SCHEMA_HEAD(tc_netem_gemodel, p), .codec = &schema_tc_percent,
     .words = "#1", .doc = "from the good state to the bad one"},
    {.key = "r_percent", SCHEMA_HEAD(tc_netem_gemodel, r), .codec = &schema_tc_percent,
     .words = "#2", .doc = "back from there"},
    {.key = "loss_bad_percent", SCHEMA_HEAD(tc_netem_gemodel, h),
     .codec = &schema_tc_less_percent, .words = "#3", .doc = "loss in the bad state (tc's 1-h)"},
    {.key = "loss_good_percent", SCHEMA_HEAD(tc_netem_gemodel, k1), .codec = &schema_tc_percent,
     .words = "#4", .doc = "loss in the good state (tc's 1-k)"},
    SCHEMA_END};
static const struct schema_member netem_gemodel_members[] = {
    SCHEMA_MEMBER(tc_netem_gemodel, p, NULL, false),
    SCHEMA_MEMBER(tc_netem_gemodel, r, NULL, false),
    SCHEMA_MEMBER(tc_netem_gemodel, h, NULL, false),
    SCHEMA_MEMBER(tc_netem_gemodel, k1, NULL, false),
    {.name = NULL}};
static const struct schema schema_gemodel = {
    .name = "qdisc.netem.loss_gemodel",
    .doc = "Loss by a good and a bad state (Gilbert and Elliott).",
    .hdr = sizeof(struct tc_netem_gemodel),
    .members = netem_gemodel_members,
    .rows = gemodel_rows};

static const struct schema_step loss[] = {{SCHEMA_ATTR(TCA_NETEM_LOSS)}, {0, NULL}};

/* ---- netem ----------------------------------------------------------------------------------- */

#define RATE(m) TC_IN(TCA_NETEM_RATE, tc_netem_rate, m)
#define SLOT(m) TC_IN(TCA_NETEM_SLOT, tc_netem_slot, m)
#define SLOT_MS(key_, m, words_, doc_)                                                             \
  {                                                                                                \
    .key = key_, SLOT(m), .codec = &schema_tc_ns_ms, .words = words_, .doc = doc_                  \
  }

static const struct schema_row netem_rows[] = {
    {.key = "limit_packets", HEAD(limit), .codec = &schema_tc_u32, .words = "limit",
     .implied = "1000", .doc = "packets that may wait; without any it drops everything"},
    {.key = "delay_ms", SCHEMA_ATTR(TCA_NETEM_LATENCY64),
     .off = offsetof(struct tc_netem_qopt, latency), .codec = &schema_tc_delay,
     .words = "delay, latency", .doc = "every packet is so late, in milliseconds"},
    {.key = "jitter_ms", SCHEMA_ATTR(TCA_NETEM_JITTER64),
     .off = offsetof(struct tc_netem_qopt, jitter), .codec = &schema_tc_delay, .words = "delay #2",
     .doc = "by how much the delay varies, either way"},
    PERCENT("delay_correlation_percent", TC_IN(TCA_NETEM_CORR, tc_netem_corr, delay_corr),
            "delay #3", "how much a delay is like the one before"),
    {.key = "distribution", SCHEMA_ATTR(TCA_NETEM_DELAY_DIST), .codec = &schema_tc_distribution,
     .words = "distribution",
     .doc = "how delays spread: uniform, normal, pareto, paretonormal (written, not read)"},
    PERCENT("loss_percent", HEAD(loss), "loss, loss+random, drop", "packets that are lost"),
    PERCENT("loss_correlation_percent", TC_IN(TCA_NETEM_CORR, tc_netem_corr, loss_corr),
            "loss #2", "how much a loss is like the one before"),
    {.key = "loss_state", SCHEMA_ATTR(NETEM_LOSS_GI), .in = loss, .codec = &schema_nest,
     .arg = &schema_state, .words = "loss+state", .doc = "a model of four states"},
    {.key = "loss_gemodel", SCHEMA_ATTR(NETEM_LOSS_GE), .in = loss, .codec = &schema_nest,
     .arg = &schema_gemodel, .words = "loss+gemodel", .doc = "a model of a good and a bad state"},
    {.key = "ecn", SCHEMA_ATTR(TCA_NETEM_ECN), .codec = &schema_tc_bool, .words = "ecn",
     .doc = "marks packets in place of losing them"},
    PERCENT("duplicate_percent", HEAD(duplicate), "duplicate", "packets that come twice"),
    PERCENT("duplicate_correlation_percent", TC_IN(TCA_NETEM_CORR, tc_netem_corr, dup_corr),
            "duplicate #2", "how much this is like the one before"),
    PERCENT("reorder_percent", TC_IN(TCA_NETEM_REORDER, tc_netem_reorder, probability), "reorder",
            "packets that are sent at once, before those that are late; needs a delay"),
    PERCENT("reorder_correlation_percent",
            TC_IN(TCA_NETEM_REORDER, tc_netem_reorder, correlation), "reorder #2",
            "how much this is like the one before"),
    {.key = "gap", HEAD(gap), .codec = &schema_tc_gap, .words = "gap",
     .doc = "every so many packets one is sent at once; 1 unless given beside reorder_percent"},
    PERCENT("corrupt_percent", TC_IN(TCA_NETEM_CORRUPT, tc_netem_corrupt, probability), "corrupt",
            "packets with a bit that is wrong"),
    PERCENT("corrupt_correlation_percent",
            TC_IN(TCA_NETEM_CORRUPT, tc_netem_corrupt, correlation), "corrupt #2",
            "how much this is like the one before"),
    {.key = "rate_mbit", RATE(rate), .codec = &schema_tc_rate,
     .arg = &(const struct tc_rate64){TCA_NETEM_RATE64, NULL, false}, .words = "rate",
     .doc = "how fast it sends, in megabits per second"},
    {.key = "packet_overhead_bytes", RATE(packet_overhead), .codec = &schema_tc_s32,
     .words = "rate #2", .doc = "added to the size of each packet"},
    {.key = "cell_size_bytes", RATE(cell_size), .codec = &schema_tc_u32, .words = "rate #3",
     .doc = "packets are sent in cells of this size"},
    {.key = "cell_overhead_bytes", RATE(cell_overhead), .codec = &schema_tc_s32,
     .words = "rate #4", .doc = "added to the size of each cell"},
    SLOT_MS("slot_min_ms", min_delay, "slot", "packets leave together, at least so long apart"),
    SLOT_MS("slot_max_ms", max_delay, "slot #2", "and at most so long"),
    {.key = "slot_packets", SLOT(max_packets), .codec = &schema_tc_s32, .words = "packets",
     .doc = "packets that leave together"},
    {.key = "slot_bytes", SLOT(max_bytes), .codec = &schema_tc_s32, .words = "bytes",
     .doc = "bytes that leave together"},
    SLOT_MS("slot_delay_ms", dist_delay, "", "the mean of what lies between, by a distribution"),
    SLOT_MS("slot_jitter_ms", dist_jitter, "", "and by how much that varies"),
    {.key = "slot_distribution", SCHEMA_ATTR(TCA_NETEM_SLOT_DIST),
     .codec = &schema_tc_distribution, .words = "",
     .doc = "uniform, normal, pareto, paretonormal (written)"},
    {.key = "seed", SCHEMA_ATTR(TCA_NETEM_PRNG_SEED), .codec = &schema_tc_u64, .words = "seed",
     .flags = SCHEMA_OWN, .doc = "of the random numbers, from Linux 6.7 on"},
    SCHEMA_END};

static const struct schema_member netem_qopt_members[] = {
    SCHEMA_MEMBER(tc_netem_qopt, latency, NULL, false),
    SCHEMA_MEMBER(tc_netem_qopt, limit, NULL, false),
    SCHEMA_MEMBER(tc_netem_qopt, loss, NULL, false),
    SCHEMA_MEMBER(tc_netem_qopt, gap, NULL, false),
    SCHEMA_MEMBER(tc_netem_qopt, duplicate, NULL, false),
    SCHEMA_MEMBER(tc_netem_qopt, jitter, NULL, false),
    {.name = NULL}};

extern const struct schema schema_netem;
const struct schema schema_netem = {
    .name = "qdisc.netem",
    .doc = "An imitated network: delay, loss, duplicates, damage, disorder, a rate.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", root = true, netem = { delay_ms = 20, jitter_ms = 5, "
               "loss_percent = 1 } }",
    .hdr = sizeof(struct tc_netem_qopt),
    .members = netem_qopt_members,
    .rows = netem_rows};
