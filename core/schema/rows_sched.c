/* rows_sched: who sends when, as rows - hfsc, drr, qfq and ets with their classes, multiq, skbprio,
 * cbs, etf, plug; htb and prio are in rows_tc.c. Numbers and structs from linux/pkt_sched.h; words
 * from tc-hfsc(8), tc-ets(8) ... */
#include "schema/tc.h"
#include <linux/pkt_sched.h>
#include <stddef.h>
#include <time.h>

#define CABLE "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
#define ROOT(kind) CABLE "qdisc.add { dev = \"v0\", root = true, handle = \"1:\", " kind " }\n"
#define CLASS(kind)                                                                                \
  "class.add { dev = \"v0\", parent = \"1:\", classid = \"1:10\", " kind " }"

/* ---- hfsc ------------------------------------------------------------------------------------ */

static const struct schema_row hfsc_rows[] = {
    {.key = "default", SCHEMA_HEAD(tc_hfsc_qopt, defcls), .codec = &schema_tc_minor,
     .words = "default", .doc = "the class of what no filter speaks of: \"30\" is 1:30"},
    SCHEMA_END};
static const struct schema_member hfsc_members[] = {
    SCHEMA_MEMBER(tc_hfsc_qopt, defcls, NULL, false), {.name = NULL}};
const struct schema schema_hfsc = {
    .name = "qdisc.hfsc",
    .doc = "A tree of classes, each with curves of what is due to it: rates and delays.",
    .example = ROOT("hfsc = { default = \"10\" }"),
    .hdr = sizeof(struct tc_hfsc_qopt),
    .members = hfsc_members,
    .rows = hfsc_rows};

#define CURVE(m) SCHEMA_HEAD(tc_service_curve, m)
static const struct schema_row curve_rows[] = {
    {.key = "m1_mbit", CURVE(m1), .codec = &schema_tc_rate, .words = "m1",
     .doc = "how fast at first, in megabits per second"},
    {.key = "d_ms", CURVE(d), .codec = &schema_tc_us_ms, .words = "d",
     .doc = "how long that is, in milliseconds"},
    {.key = "m2_mbit", CURVE(m2), .codec = &schema_tc_rate, .words = "m2",
     .doc = "how fast from then on"},
    SCHEMA_END};
static const struct schema_member curve_members[] = {
    SCHEMA_MEMBER(tc_service_curve, m1, NULL, false),
    SCHEMA_MEMBER(tc_service_curve, d, NULL, false),
    SCHEMA_MEMBER(tc_service_curve, m2, NULL, false),
    {.name = NULL}};
static const struct schema schema_curve = {.name = "class.hfsc.curve",
                                           .doc = "How much is due by when: two slopes.",
                                           .hdr = sizeof(struct tc_service_curve),
                                           .members = curve_members,
                                           .rows = curve_rows};

static const struct schema_row hfsc_class_rows[] = {
    {.key = "sc", SCHEMA_ATTR(TCA_HFSC_RSC), .other = TCA_HFSC_FSC, .codec = &schema_tc_curves,
     .arg = &schema_curve, .words = "sc", .flags = SCHEMA_OWN,
     .doc = "rt and ls at once (written; read as these two)"},
    {.key = "rt", SCHEMA_ATTR(TCA_HFSC_RSC), .codec = &schema_nest, .arg = &schema_curve,
     .words = "rt", .doc = "what it is sure of"},
    {.key = "ls", SCHEMA_ATTR(TCA_HFSC_FSC), .codec = &schema_nest, .arg = &schema_curve,
     .words = "ls", .doc = "its share of what is left"},
    {.key = "ul", SCHEMA_ATTR(TCA_HFSC_USC), .codec = &schema_nest, .arg = &schema_curve,
     .words = "ul", .doc = "the most that it may send; beside ls or sc"},
    SCHEMA_END};
const struct schema schema_hfsc_class = {
    .name = "class.hfsc",
    .doc = "A class of a hfsc.",
    .example = ROOT("hfsc = { default = \"10\" }")
        CLASS("hfsc = { sc = { m1_mbit = 5, d_ms = 10, m2_mbit = 1 }, ul = { m2_mbit = 8 } }"),
    .rows = hfsc_class_rows};

/* ---- drr, qfq -------------------------------------------------------------------------------- */

static const struct schema_row drr_class_rows[] = {
    {.key = "quantum_bytes", SCHEMA_ATTR(TCA_DRR_QUANTUM), .codec = &schema_tc_size,
     .words = "quantum", .doc = "what it sends before another one's turn"},
    SCHEMA_END};
const struct schema schema_drr_class = {
    .name = "class.drr",
    .doc = "A class of a drr: they take turns.",
    .example = ROOT("type = \"drr\"") CLASS("drr = { quantum_bytes = 3000 }"),
    .rows = drr_class_rows};

static const struct schema_row qfq_class_rows[] = {
    {.key = "weight", SCHEMA_ATTR(TCA_QFQ_WEIGHT), .codec = &schema_tc_u32, .words = "weight",
     .doc = "its share, beside the weights of the others: 1 to 1023"},
    {.key = "maxpkt_bytes", SCHEMA_ATTR(TCA_QFQ_LMAX), .codec = &schema_tc_u32,
     .words = "maxpkt", .doc = "the largest packet"},
    SCHEMA_END};
const struct schema schema_qfq_class = {
    .name = "class.qfq",
    .doc = "A class of a qfq: shares by weight.",
    .example = ROOT("type = \"qfq\"") CLASS("qfq = { weight = 10 }"),
    .rows = qfq_class_rows};

/* ---- ets ------------------------------------------------------------------------------------- */

static const struct schema_row ets_rows[] = {
    {.key = "bands", SCHEMA_ATTR(TCA_ETS_NBANDS), .codec = &schema_tc_ets_bands, .words = "bands",
     .doc = "how many; strict and quanta unless given"},
    {.key = "strict", SCHEMA_ATTR(TCA_ETS_NSTRICT), .codec = &schema_tc_u8,
     .arg = &(const struct schema_range){0, TCQ_ETS_MAX_BANDS}, .words = "strict",
     .doc = "so many of them send whenever they can, the first one first"},
    {.key = "quanta", SCHEMA_ATTR(TCA_ETS_QUANTA), .codec = &schema_tc_series,
     .arg = &(const struct tc_series){TCA_ETS_QUANTA_BAND, 4, UINT32_MAX, false, false},
     .words = "quanta", .doc = "what each of the others sends before the next one's turn, in bytes"},
    {.key = "priomap", SCHEMA_ATTR(TCA_ETS_PRIOMAP), .codec = &schema_tc_series,
     .arg = &(const struct tc_series){TCA_ETS_PRIOMAP_BAND, 1, TCQ_ETS_MAX_BANDS - 1, false, false},
     .words = "priomap", .doc = "which band each of the 16 priorities of packets goes to"},
    SCHEMA_END};
const struct schema schema_ets = {
    .name = "qdisc.ets",
    .doc = "Bands: some before all others, the rest take turns.",
    .example = ROOT("ets = { strict = 2, quanta = { 4000, 3000 }, priomap = { 3, 2, 1, 0 } }"),
    .rows = ets_rows};

static const struct schema_row ets_class_rows[] = {
    {.key = "quantum_bytes", SCHEMA_ATTR(TCA_ETS_QUANTA_BAND), .codec = &schema_tc_u32,
     .words = "quantum", .doc = "what it sends before the next one's turn; none if it is strict"},
    SCHEMA_END};
const struct schema schema_ets_class = {
    .name = "class.ets",
    .doc = "A band of an ets.",
    .example = ROOT("ets = { bands = 2, quanta = { 4000, 3000 } }")
        "class.change { dev = \"v0\", classid = \"1:1\", ets = { quantum_bytes = 5000 } }",
    .rows = ets_class_rows};

/* ---- multiq, skbprio, plug ------------------------------------------------------------------- */

static const struct schema_row multiq_rows[] = {
    {.key = "bands", SCHEMA_HEAD(tc_multiq_qopt, bands), .codec = &schema_tc_u16,
     .flags = SCHEMA_READONLY, .doc = "one for each queue of the link that is in use"},
    {.key = "max_bands", SCHEMA_HEAD(tc_multiq_qopt, max_bands), .codec = &schema_tc_u16,
     .flags = SCHEMA_READONLY, .doc = "one for each queue of the link"},
    SCHEMA_END};
static const struct schema_member multiq_members[] = {
    SCHEMA_MEMBER(tc_multiq_qopt, bands, NULL, false),
    SCHEMA_MEMBER(tc_multiq_qopt, max_bands, NULL, false),
    {.name = NULL}};
const struct schema schema_multiq = {
    .name = "qdisc.multiq",
    .doc = "A band for each queue of the link.",
    .example = "link.add(\"v0\", { numtxqueues = 4, veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", root = true, type = \"multiq\" }",
    .hdr = sizeof(struct tc_multiq_qopt),
    .members = multiq_members,
    .rows = multiq_rows};

static const struct schema_name mqprio_modes[] = {
    {"dcb", TC_MQPRIO_MODE_DCB}, {"channel", TC_MQPRIO_MODE_CHANNEL}, {NULL, 0}};
static const struct schema_name mqprio_shapers[] = {
    {"dcb", TC_MQPRIO_SHAPER_DCB}, {"bw_rlimit", TC_MQPRIO_SHAPER_BW_RATE}, {NULL, 0}};
static const struct schema_row mqprio_rows[] = {
    {.key = "num_tc", SCHEMA_HEAD(tc_mqprio_qopt, num_tc), .codec = &schema_tc_u8,
     .arg = &(const struct schema_range){0, TC_QOPT_MAX_QUEUE}, .words = "num_tc", .implied = "8",
     .doc = "classes of traffic"},
    {.key = "map", SCHEMA_HEAD(tc_mqprio_qopt, prio_tc_map), .codec = &schema_tc_priomap,
     .words = "map", .implied = "0 1 2 3 4 5 6 7 0 1 1 1 3 3 3 3",
     .doc = "which class each of the 16 priorities of packets is"},
    {.key = "queues", .off = offsetof(struct tc_mqprio_qopt, count),
     .len = 2 * sizeof(((struct tc_mqprio_qopt *)0)->count), .sym = "count, offset",
     .codec = &schema_tc_queues, .words = "queues",
     .doc = "queues of the link that each class has: { \"2@0\", \"1@2\" }, counts and offsets"},
    {.key = "hw", SCHEMA_HEAD(tc_mqprio_qopt, hw), .codec = &schema_tc_u8, .words = "hw",
     .implied = "1", .doc = "1: the card decides; links of a lab want 0"},
    {.key = "mode", SCHEMA_ATTR(TCA_MQPRIO_MODE), .codec = &schema_enum16, .arg = mqprio_modes,
     .words = "mode", .doc = "dcb, or channel: queues stay with their class"},
    {.key = "shaper", SCHEMA_ATTR(TCA_MQPRIO_SHAPER), .codec = &schema_enum16,
     .arg = mqprio_shapers, .words = "shaper", .doc = "dcb, or bw_rlimit: rates for each class"},
    {.key = "min_rate_mbit", SCHEMA_ATTR(TCA_MQPRIO_MIN_RATE64), .codec = &schema_tc_series,
     .arg = &(const struct tc_series){TCA_MQPRIO_MIN_RATE64, 8, 0, true, true},
     .words = "min_rate", .doc = "what each class is sure of, in megabits per second"},
    {.key = "max_rate_mbit", SCHEMA_ATTR(TCA_MQPRIO_MAX_RATE64), .codec = &schema_tc_series,
     .arg = &(const struct tc_series){TCA_MQPRIO_MAX_RATE64, 8, 0, true, true},
     .words = "max_rate", .doc = "the most that each class sends"},
    SCHEMA_END};
static const struct schema_member mqprio_members[] = {
    SCHEMA_MEMBER(tc_mqprio_qopt, num_tc, NULL, false),
    SCHEMA_MEMBER(tc_mqprio_qopt, prio_tc_map, NULL, false),
    SCHEMA_MEMBER(tc_mqprio_qopt, hw, NULL, false),
    SCHEMA_MEMBER(tc_mqprio_qopt, count, NULL, false),
    SCHEMA_MEMBER(tc_mqprio_qopt, offset, NULL, false),
    {.name = NULL}};
const struct schema schema_mqprio = {
    .name = "qdisc.mqprio",
    .doc = "Classes of traffic, each with queues of the link.",
    .example = "link.add(\"v0\", { numtxqueues = 4, veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", root = true, mqprio = { num_tc = 2, hw = 0, "
               "map = { 0, 1 }, queues = { \"1@0\", \"3@1\" } } }",
    .hdr = sizeof(struct tc_mqprio_qopt),
    .members = mqprio_members,
    .rows = mqprio_rows};

static const struct schema_row skbprio_rows[] = {
    {.key = "limit_packets", SCHEMA_HEAD(tc_skbprio_qopt, limit), .codec = &schema_tc_size,
     .words = "limit", .flags = SCHEMA_REQUIRED, .doc = "packets that may wait"},
    SCHEMA_END};
static const struct schema_member skbprio_members[] = {
    SCHEMA_MEMBER(tc_skbprio_qopt, limit, NULL, false), {.name = NULL}};
const struct schema schema_skbprio = {
    .name = "qdisc.skbprio",
    .doc = "By priority; when it is full the lowest one is dropped.",
    .example = CABLE "qdisc.add { dev = \"v0\", root = true, skbprio = { limit_packets = 50 } }",
    .hdr = sizeof(struct tc_skbprio_qopt),
    .members = skbprio_members,
    .rows = skbprio_rows};

static const struct schema_name plug_actions[] = {
    {"block", TCQ_PLUG_BUFFER}, {"release", TCQ_PLUG_RELEASE_ONE},
    {"release_indefinite", TCQ_PLUG_RELEASE_INDEFINITE}, {NULL, 0}};
static const struct schema_row plug_rows[] = {
    {.key = "mode", SCHEMA_HEAD(tc_plug_qopt, action), .codec = &schema_tc_plug_action,
     .arg = plug_actions, .words = "=",
     .doc = "block, release (what came before the block), release_indefinite (written, not read)"},
    {.key = "limit_bytes", SCHEMA_HEAD(tc_plug_qopt, limit), .codec = &schema_tc_plug_limit,
     .words = "limit", .doc = "what may wait, in bytes; an action by itself (written, not read)"},
    SCHEMA_END};
static const struct schema_member plug_members[] = {
    SCHEMA_MEMBER(tc_plug_qopt, action, plug_actions, false),
    SCHEMA_MEMBER(tc_plug_qopt, limit, NULL, false),
    {.name = NULL}};
const struct schema schema_plug = {
    .name = "qdisc.plug",
    .doc = "Holds packets back until they are released.",
    .example = CABLE "qdisc.add { dev = \"v0\", root = true, handle = \"1:\", type = \"plug\" }\n"
                     "qdisc.change { dev = \"v0\", root = true, handle = \"1:\", "
                     "plug = { mode = \"release_indefinite\" } }",
    .hdr = sizeof(struct tc_plug_qopt),
    .members = plug_members,
    .rows = plug_rows};

/* ---- cbs, etf -------------------------------------------------------------------------------- */

#define CBS(key_, m, words_, doc_)                                                                 \
  {                                                                                                \
    .key = key_, TC_IN(TCA_CBS_PARMS, tc_cbs_qopt, m), .codec = &schema_tc_s32, .words = words_,   \
    .implied = "0", .doc = doc_                                                                    \
  }
static const struct schema_row cbs_rows[] = {
    CBS("hicredit_bytes", hicredit, "hicredit", "the most that it may be in credit"),
    CBS("locredit_bytes", locredit, "locredit", "the most that it may be in debt: less than 0"),
    CBS("sendslope_kbit", sendslope, "sendslope", "how fast credit falls while it sends"),
    CBS("idleslope_kbit", idleslope, "idleslope", "how fast it grows while it waits"),
    {.key = "offload", TC_IN(TCA_CBS_PARMS, tc_cbs_qopt, offload), .codec = &schema_tc_u8,
     .arg = &(const struct schema_range){0, 1}, .words = "offload", .doc = "1: the card does it"},
    SCHEMA_END};
const struct schema schema_cbs = {
    .name = "qdisc.cbs",
    .doc = "Credit for a class of traffic (802.1Qav).",
    .example = CABLE "qdisc.add { dev = \"v0\", root = true, cbs = { hicredit_bytes = 153, "
                     "locredit_bytes = -1389, sendslope_kbit = -980000, idleslope_kbit = 20000 } }",
    .rows = cbs_rows};

static const struct schema_name clocks[] = {
    {"TAI", CLOCK_TAI}, {"REALTIME", CLOCK_REALTIME}, {"BOOTTIME", CLOCK_BOOTTIME},
    {"MONOTONIC", CLOCK_MONOTONIC}, {"CLOCK_TAI", CLOCK_TAI}, {"CLOCK_REALTIME", CLOCK_REALTIME},
    {"CLOCK_BOOTTIME", CLOCK_BOOTTIME}, {"CLOCK_MONOTONIC", CLOCK_MONOTONIC}, {NULL, 0}};
#define ETF(m) TC_IN(TCA_ETF_PARMS, tc_etf_qopt, m)
#define ETF_FLAG(key_, bit_, doc_)                                                                 \
  {                                                                                                \
    .key = key_, ETF(flags), .codec = &schema_tc_flag, .arg = &(const struct tc_flag){bit_, 4, NULL},    \
    .words = key_, .doc = doc_                                                                     \
  }
static const struct schema_row etf_rows[] = {
    {.key = "delta_ns", ETF(delta), .codec = &schema_tc_s32, .words = "delta", .implied = "0",
     .doc = "so long before its time a packet is handed to the card"},
    {.key = "clockid", ETF(clockid), .codec = &schema_tc_word, .arg = clocks, .words = "clockid",
     .flags = SCHEMA_REQUIRED,
     .doc = "whose time that is: TAI (the only one that the kernel takes so far), REALTIME ..."},
    ETF_FLAG("offload", TC_ETF_OFFLOAD_ON, "the card does it"),
    ETF_FLAG("deadline_mode", TC_ETF_DEADLINE_MODE_ON, "a packet may be sent before its time"),
    ETF_FLAG("skip_sock_check", TC_ETF_SKIP_SOCK_CHECK, "packets may be of any socket"),
    SCHEMA_END};
const struct schema schema_etf = {
    .name = "qdisc.etf",
    .doc = "Each packet at the time that its socket says.",
    .example = CABLE "qdisc.add { dev = \"v0\", root = true, etf = { clockid = \"TAI\", "
                     "delta_ns = 200000 } }",
    .rows = etf_rows};
