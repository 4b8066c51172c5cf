/* rows_action: what filters do with packets, as rows. Numbers and structs from linux/pkt_cls.h and
 * linux/tc_act; words from tc-mirred(8), tc-police(8), tc-skbedit(8), tc-vlan(8). */
#include "schema/tc.h"
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_skbedit.h>
#include <linux/tc_act/tc_vlan.h>

/* TCA_ACT_* begins as the kinds of links do. */
_Static_assert(TCA_ACT_KIND == (int)TCA_KIND && TCA_ACT_OPTIONS == (int)TCA_OPTIONS,
               "a kind and its options");

static const struct schema_name controls[] = {
    {"pass", TC_ACT_OK},     {"drop", TC_ACT_SHOT},     {"pipe", TC_ACT_PIPE},
    {"stolen", TC_ACT_STOLEN}, {"reclassify", TC_ACT_RECLASSIFY},
    {"continue", (uint32_t)TC_ACT_UNSPEC}, {"trap", TC_ACT_TRAP}, {"ok", TC_ACT_OK},
    {"shot", TC_ACT_SHOT}, {NULL, 0}};
static const struct schema_name modes[] = {{"egress redirect", TCA_EGRESS_REDIR},
                                           {"egress mirror", TCA_EGRESS_MIRROR},
                                           {"ingress redirect", TCA_INGRESS_REDIR},
                                           {"ingress mirror", TCA_INGRESS_MIRROR},
                                           {NULL, 0}};
#define EXAMPLE(action_)                                                                           \
  "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"                                               \
  "qdisc.add { dev = \"v0\", type = \"clsact\" }\n"                                               \
  "filter.add { dev = \"v0\", egress = true, matchall = { action = " action_ " } }"
#define CONTROL_DOC "pass, drop, pipe (to the next action), reclassify, continue, stolen, trap"

#define GENERIC(attr_, T)                                                                          \
  {.key = "index", TC_IN(attr_, T, index), .codec = &schema_tc_u32, .words = "index",              \
   .flags = SCHEMA_OWN, .doc = "its number among those of its kind"},                              \
  {.key = "refs", TC_IN(attr_, T, refcnt), .codec = &schema_tc_u32, .flags = SCHEMA_READONLY,      \
   .doc = "who knows it"},                                                                         \
  {.key = "binds", TC_IN(attr_, T, bindcnt), .codec = &schema_tc_u32, .flags = SCHEMA_READONLY,    \
   .doc = "filters that use it"}

static const struct schema_row gact_rows[] = {
    {.key = "control", TC_IN(TCA_GACT_PARMS, tc_gact, action), .codec = &schema_tc_word,
     .arg = controls, .words = "", .flags = SCHEMA_REQUIRED, .doc = CONTROL_DOC},
    GENERIC(TCA_GACT_PARMS, tc_gact),
    SCHEMA_END};
static const struct schema schema_gact = {
    .name = "filter.gact", .doc = "What becomes of the packet, and nothing more.",
    .example = EXAMPLE("{ gact = { control = \"drop\" } }"),
    .rows = gact_rows};

static const struct schema_row mirred_rows[] = {
    {.key = "mode", TC_IN(TCA_MIRRED_PARMS, tc_mirred, eaction), .codec = &schema_tc_word,
     .arg = modes, .words = "", .implied = "egress redirect",
     .doc = "egress redirect, egress mirror, ingress redirect, ingress mirror"},
    {.key = "dev", TC_IN(TCA_MIRRED_PARMS, tc_mirred, ifindex), .codec = &schema_tc_to_dev,
     .words = "dev", .flags = SCHEMA_REQUIRED, .doc = "the link that it goes to"},
    {.key = "control", TC_IN(TCA_MIRRED_PARMS, tc_mirred, action),
     .codec = &schema_tc_after_mirred, .arg = controls, .words = "",
     .doc = "what becomes of the packet then; stolen when redirected, pipe when mirrored"},
    GENERIC(TCA_MIRRED_PARMS, tc_mirred),
    SCHEMA_END};
static const struct schema schema_mirred = {
    .name = "filter.mirred", .doc = "Sends the packet, or a copy of it, through another link.",
    .example = EXAMPLE("{ mirred = { dev = \"lo\", mode = \"egress mirror\" } }"),
    .rows = mirred_rows};

#define POLICE(m) TC_IN(TCA_POLICE_TBF, tc_police, m)

static const struct schema_row police_rows[] = {
    {.key = "rate_mbit", POLICE(rate.rate), .codec = &schema_tc_police_rate,
     .arg = &(const struct tc_rate64){TCA_POLICE_RATE64, NULL, true}, .words = "rate",
     .flags = SCHEMA_REQUIRED, .doc = "how fast they may come, in megabits per second"},
    {.key = "burst_bytes", POLICE(burst), .codec = &schema_tc_burst,
     .arg = &(const struct tc_burst){"rate_mbit", offsetof(struct tc_police, rate.rate),
                                     TCA_POLICE_RATE64, 0, false, NULL},
     .words = "burst, buffer, maxburst", .flags = SCHEMA_REQUIRED,
     .doc = "what may come at once, in bytes"},
    {.key = "exceed", POLICE(action), .codec = &schema_tc_word, .arg = controls,
     .words = "", .implied = "reclassify", .doc = "what becomes of what comes faster"},
    {.key = "conform", SCHEMA_ATTR(TCA_POLICE_RESULT), .codec = &schema_tc_word, .arg = controls,
     .words = "", .doc = "what becomes of the rest"},
    {.key = "mtu_bytes", POLICE(mtu), .codec = &schema_tc_size, .words = "mtu",
     .doc = "packets that are longer exceed"},
    {.key = "burst_us", POLICE(burst), .codec = &schema_tc_burst_us, .flags = SCHEMA_READONLY,
     .doc = "how long the burst lasts"},
    GENERIC(TCA_POLICE_TBF, tc_police),
    SCHEMA_END};
static const struct schema_name police_attrs[] = {
    SCHEMA_NAME(TCA_POLICE_RATE), SCHEMA_NAME(TCA_POLICE_TM), {NULL, 0}};
const struct schema schema_police = {.name = "filter.police",
                                            .doc = "Lets no more through than a rate.",
                                            .attrs = police_attrs,
                                            .example = EXAMPLE("{ police = { rate_mbit = 1, burst_bytes = 10000, exceed = \"drop\" } }"),
    .rows = police_rows};

#define SKBEDIT(key_, a, codec_, doc_)                                                             \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(a), .codec = &codec_, .words = key_, .doc = doc_                      \
  }
static const struct schema_name ptypes[] = {
    {"host", 0}, {"broadcast", 1}, {"multicast", 2}, {"otherhost", 3}, {NULL, 0}};

static const struct schema_row skbedit_rows[] = {
    SKBEDIT("priority", TCA_SKBEDIT_PRIORITY, schema_tc_handle,
            "class that it goes to, \"1:10\", or its priority, \":6\""),
    SKBEDIT("queue_mapping", TCA_SKBEDIT_QUEUE_MAPPING, schema_u16, "queue of the card"),
    {.key = "mark", SCHEMA_ATTR(TCA_SKBEDIT_MARK), .codec = &schema_tc_masked,
     .arg = &(const struct tc_masked){.mask = TCA_SKBEDIT_MASK, .len = 4, .host = true, .bare = true},
     .words = "mark",
     .doc = "the mark that iptables and rules see: 5, or some of its bits, \"5/0xff\""},
    {.key = "ptype", SCHEMA_ATTR(TCA_SKBEDIT_PTYPE), .codec = &schema_enum16, .arg = ptypes,
     .words = "ptype", .doc = "whom it is for: host, broadcast, multicast, otherhost"},
    {.key = "control", TC_IN(TCA_SKBEDIT_PARMS, tc_skbedit, action), .codec = &schema_tc_word,
     .arg = controls, .words = "", .implied = "pipe", .doc = CONTROL_DOC},
    GENERIC(TCA_SKBEDIT_PARMS, tc_skbedit),
    SCHEMA_END};
static const struct schema_name skbedit_attrs[] = {
    SCHEMA_NAME(TCA_SKBEDIT_TM), SCHEMA_NAME(TCA_SKBEDIT_MASK), SCHEMA_NAME(TCA_SKBEDIT_FLAGS),
    {NULL, 0}};
static const struct schema schema_skbedit = {.name = "filter.skbedit",
                                             .doc = "Changes what the kernel knows of the packet.",
                                             .attrs = skbedit_attrs,
                                             .example = EXAMPLE("{ skbedit = { mark = 5 } }"),
    .rows = skbedit_rows};

static const struct schema_name vlan_modes[] = {{"pop", TCA_VLAN_ACT_POP},
                                                {"push", TCA_VLAN_ACT_PUSH},
                                                {"modify", TCA_VLAN_ACT_MODIFY},
                                                {NULL, 0}};
static const struct schema_row vlan_rows[] = {
    {.key = "mode", TC_IN(TCA_VLAN_PARMS, tc_vlan, v_action), .codec = &schema_tc_word,
     .arg = vlan_modes, .words = "", .flags = SCHEMA_REQUIRED,
     .doc = "push (gives it a tag), pop (takes one away), modify"},
    {.key = "id", SCHEMA_ATTR(TCA_VLAN_PUSH_VLAN_ID), .codec = &schema_u16, .words = "id",
     .doc = "of the VLAN"},
    {.key = "protocol", SCHEMA_ATTR(TCA_VLAN_PUSH_VLAN_PROTOCOL), .codec = &schema_tc_ethname,
     .arg = tc_protocols, .words = "protocol", .doc = "802.1Q or 802.1ad"},
    {.key = "priority", SCHEMA_ATTR(TCA_VLAN_PUSH_VLAN_PRIORITY), .codec = &schema_u8,
     .words = "priority", .doc = "in the tag"},
    {.key = "control", TC_IN(TCA_VLAN_PARMS, tc_vlan, action), .codec = &schema_tc_word,
     .arg = controls, .words = "", .implied = "pipe", .doc = CONTROL_DOC},
    GENERIC(TCA_VLAN_PARMS, tc_vlan),
    SCHEMA_END};
static const struct schema_name vlan_attrs[] = {SCHEMA_NAME(TCA_VLAN_TM), {NULL, 0}};
static const struct schema schema_vlan_action = {.name = "filter.vlan",
                                                 .doc = "Puts a VLAN's tag on, or takes it off.",
                                                 .attrs = vlan_attrs,
                                                 .example = EXAMPLE("{ vlan = { mode = \"push\", id = 5 } }"),
    .rows = vlan_rows};

static const struct schema_row action_rows[] = {
    {.key = "type", SCHEMA_ATTR(TCA_ACT_KIND), .codec = &schema_kind, .words = "",
     .doc = "its kind; a table of that kind's options implies it"},
    {.key = "gact", SCHEMA_ATTR(TCA_ACT_OPTIONS), .codec = &schema_kind_data, .arg = &schema_gact,
     .doc = "lets it pass, drops it ..."},
    {.key = "mirred", SCHEMA_ATTR(TCA_ACT_OPTIONS), .codec = &schema_kind_data,
     .arg = &schema_mirred, .doc = "sends it, or a copy, through another link"},
    {.key = "police", SCHEMA_ATTR(TCA_ACT_OPTIONS), .codec = &schema_kind_data,
     .arg = &schema_police, .doc = "lets no more through than a rate"},
    {.key = "skbedit", SCHEMA_ATTR(TCA_ACT_OPTIONS), .codec = &schema_kind_data,
     .arg = &schema_skbedit, .doc = "gives it a mark, a priority, a queue"},
    {.key = "vlan", SCHEMA_ATTR(TCA_ACT_OPTIONS), .codec = &schema_kind_data,
     .arg = &schema_vlan_action, .doc = "puts a VLAN's tag on, or takes it off"},
    {.key = "stats", SCHEMA_ATTR(TCA_ACT_STATS), .codec = &schema_nest, .arg = &tc_stats,
     .flags = SCHEMA_READONLY, .doc = "what it was done with"},
    SCHEMA_END};
static const struct schema_name action_attrs[] = {
    SCHEMA_NAME(TCA_ACT_INDEX),    SCHEMA_NAME(TCA_ACT_COOKIE),  SCHEMA_NAME(TCA_ACT_FLAGS),
    SCHEMA_NAME(TCA_ACT_HW_STATS), SCHEMA_NAME(TCA_ACT_USED_HW_STATS),
    SCHEMA_NAME(TCA_ACT_IN_HW_COUNT), {NULL, 0}};
const struct schema schema_action = {.name = "filter.action",
                                            .doc = "What is done with a packet.",
                                            .attrs = action_attrs,
                                            .rows = action_rows};

#define NTH(n)                                                                                     \
  {                                                                                                \
    .key = "[" #n "]", .attr = (n), .sym = "TCA_ACT_" #n, .codec = &schema_nest,                      \
    .words = "", .arg = &schema_action, .doc = "in this order"                                                  \
  }
static const struct schema_row nth_rows[] = {NTH(1), NTH(2), NTH(3), NTH(4), NTH(5),
                                             NTH(6), NTH(7), NTH(8), SCHEMA_END};
const struct schema schema_actions = {
    .name = "filter.actions", .doc = "Actions, one after the other.", .rows = nth_rows};
