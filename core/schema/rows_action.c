/* rows_action: what filters do with packets, as rows. Numbers and structs from linux/pkt_cls.h and
 * linux/tc_act; words from tc-mirred(8), tc-police(8), tc-skbedit(8), tc-vlan(8). Those that write
 * into packets are in rows_action_packet.c, those of connections and observers in
 * rows_action_watch.c. */
#include "schema/action.h"
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_skbedit.h>
#include <linux/tc_act/tc_vlan.h>

/* TCA_ACT_* begins as the kinds of links do. */
_Static_assert(TCA_ACT_KIND == (int)TCA_KIND && TCA_ACT_OPTIONS == (int)TCA_OPTIONS,
               "a kind and its options");

const struct schema_name tc_controls[] = {
    {"pass", TC_ACT_OK},     {"drop", TC_ACT_SHOT},     {"pipe", TC_ACT_PIPE},
    {"stolen", TC_ACT_STOLEN}, {"reclassify", TC_ACT_RECLASSIFY},
    {"continue", (uint32_t)TC_ACT_UNSPEC}, {"trap", TC_ACT_TRAP}, {"ok", TC_ACT_OK},
    {"shot", TC_ACT_SHOT}, {NULL, 0}};
static const struct schema_name modes[] = {{"egress redirect", TCA_EGRESS_REDIR},
                                           {"egress mirror", TCA_EGRESS_MIRROR},
                                           {"ingress redirect", TCA_INGRESS_REDIR},
                                           {"ingress mirror", TCA_INGRESS_MIRROR},
                                           {NULL, 0}};
static const struct schema_name randoms[] = {{"none", PGACT_NONE}, {"netrand", PGACT_NETRAND},
                                             {"determ", PGACT_DETERM}, {NULL, 0}};
static const struct schema_row gact_rows[] = {
    {.key = "control", TC_IN(TCA_GACT_PARMS, tc_gact, action), .codec = &schema_tc_gact_control,
     .arg = tc_controls, .words = "", .flags = SCHEMA_REQUIRED, .doc = CONTROL_DOC},
    {.key = "random", TC_IN(TCA_GACT_PROB, tc_gact_p, ptype), .codec = &schema_tc_word16,
     .arg = randoms, .words = "random",
     .doc = "some packets meet another fate: netrand (by chance), determ (each one of so many)"},
    {.key = "random_control", TC_IN(TCA_GACT_PROB, tc_gact_p, paction),
     .codec = &schema_tc_control, .arg = tc_controls, .words = "random #2",
     .doc = "what becomes of those"},
    {.key = "random_value", TC_IN(TCA_GACT_PROB, tc_gact_p, pval), .codec = &schema_tc_u16,
     .words = "random #3", .doc = "one of so many packets; at most 10000"},
    ACTION_GENERIC(TCA_GACT_PARMS, tc_gact),
    ACTION_TIMES(TCA_GACT_TM),
    SCHEMA_END};
static const struct schema schema_gact = {
    .name = "filter.gact", .doc = "What becomes of the packet, and nothing more.",
    .example = ACTION_EXAMPLE("{ gact = { control = \"drop\" } }"),
    .rows = gact_rows};

static const struct schema_row mirred_rows[] = {
    {.key = "mode", TC_IN(TCA_MIRRED_PARMS, tc_mirred, eaction), .codec = &schema_tc_word,
     .arg = modes, .words = "", .implied = "egress redirect",
     .doc = "egress redirect, egress mirror, ingress redirect, ingress mirror"},
    {.key = "dev", TC_IN(TCA_MIRRED_PARMS, tc_mirred, ifindex), .codec = &schema_tc_to_dev,
     .words = "dev", .doc = "the link that it goes to; needed unless `index` names one that is there"},
    {.key = "control", TC_IN(TCA_MIRRED_PARMS, tc_mirred, action),
     .codec = &schema_tc_after_mirred, .arg = tc_controls, .words = "",
     .doc = "what becomes of the packet then; stolen when redirected, pipe when mirrored"},
    ACTION_GENERIC(TCA_MIRRED_PARMS, tc_mirred),
    ACTION_TIMES(TCA_MIRRED_TM),
    SCHEMA_END};
static const struct schema schema_mirred = {
    .name = "filter.mirred", .doc = "Sends the packet, or a copy of it, through another link.",
    .example = ACTION_EXAMPLE("{ mirred = { dev = \"lo\", mode = \"egress mirror\" } }"),
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
    {.key = "exceed", POLICE(action), .codec = &schema_tc_control, .arg = tc_controls,
     .words = "", .implied = "reclassify", .doc = "what becomes of what comes faster"},
    {.key = "conform", SCHEMA_ATTR(TCA_POLICE_RESULT), .codec = &schema_tc_control, .arg = tc_controls,
     .words = "", .doc = "what becomes of the rest"},
    {.key = "mtu_bytes", POLICE(mtu), .codec = &schema_tc_size, .words = "mtu",
     .doc = "packets that are longer exceed"},
    {.key = "burst_us", POLICE(burst), .codec = &schema_tc_burst_us, .flags = SCHEMA_READONLY,
     .doc = "how long the burst lasts"},
    ACTION_GENERIC(TCA_POLICE_TBF, tc_police),
    ACTION_TIMES(TCA_POLICE_TM),
    SCHEMA_END};
static const struct schema_name police_attrs[] = {
    SCHEMA_NAME(TCA_POLICE_RATE), {NULL, 0}};
const struct schema schema_police = {.name = "filter.police",
                                            .doc = "Lets no more through than a rate.",
                                            .attrs = police_attrs,
                                            .example = ACTION_EXAMPLE("{ police = { rate_mbit = 1, burst_bytes = 10000, exceed = \"drop\" } }"),
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
    {.key = "inheritdsfield", SCHEMA_ATTR(TCA_SKBEDIT_FLAGS), .codec = &schema_tc_skip64,
     .arg = &(const struct schema_bit){.mask = SKBEDIT_F_INHERITDSFIELD}, .words = "inheritdsfield",
     .doc = "its priority is what the type of service in the packet says"},
    {.key = "ptype", SCHEMA_ATTR(TCA_SKBEDIT_PTYPE), .codec = &schema_enum16, .arg = ptypes,
     .words = "ptype", .doc = "whom it is for: host, broadcast, multicast, otherhost"},
    ACTION_CONTROL(TCA_SKBEDIT_PARMS, tc_skbedit, "pipe"),
    ACTION_GENERIC(TCA_SKBEDIT_PARMS, tc_skbedit),
    ACTION_TIMES(TCA_SKBEDIT_TM),
    SCHEMA_END};
static const struct schema_name skbedit_attrs[] = {
    SCHEMA_NAME(TCA_SKBEDIT_MASK), {NULL, 0}};
static const struct schema schema_skbedit = {.name = "filter.skbedit",
                                             .doc = "Changes what the kernel knows of the packet.",
                                             .attrs = skbedit_attrs,
                                             .example = ACTION_EXAMPLE("{ skbedit = { mark = 5 } }"),
    .rows = skbedit_rows};

static const struct schema_name vlan_modes[] = {{"pop", TCA_VLAN_ACT_POP},
                                                {"push", TCA_VLAN_ACT_PUSH},
                                                {"modify", TCA_VLAN_ACT_MODIFY},
                                                {"push_eth", TCA_VLAN_ACT_PUSH_ETH},
                                                {"pop_eth", TCA_VLAN_ACT_POP_ETH},
                                                {NULL, 0}};
static const struct schema_row vlan_rows[] = {
    {.key = "mode", TC_IN(TCA_VLAN_PARMS, tc_vlan, v_action), .codec = &schema_tc_word,
     .arg = vlan_modes, .words = "", .flags = SCHEMA_REQUIRED,
     .doc = "push (gives it a tag), pop (takes one away), modify; push_eth and pop_eth: an Ethernet "
            "header"},
    {.key = "id", SCHEMA_ATTR(TCA_VLAN_PUSH_VLAN_ID), .codec = &schema_u16, .words = "id",
     .doc = "of the VLAN"},
    {.key = "protocol", SCHEMA_ATTR(TCA_VLAN_PUSH_VLAN_PROTOCOL), .codec = &schema_tc_ethname,
     .arg = tc_protocols, .words = "protocol", .doc = "802.1Q or 802.1ad"},
    {.key = "priority", SCHEMA_ATTR(TCA_VLAN_PUSH_VLAN_PRIORITY), .codec = &schema_u8,
     .words = "priority", .doc = "in the tag"},
    {.key = "dst_mac", SCHEMA_ATTR(TCA_VLAN_PUSH_ETH_DST), .codec = &schema_mac,
     .words = "dst_mac", .doc = "to whom, in the header that push_eth puts on"},
    {.key = "src_mac", SCHEMA_ATTR(TCA_VLAN_PUSH_ETH_SRC), .codec = &schema_mac,
     .words = "src_mac", .doc = "from whom, in that header"},
    ACTION_CONTROL(TCA_VLAN_PARMS, tc_vlan, "pipe"),
    ACTION_GENERIC(TCA_VLAN_PARMS, tc_vlan),
    ACTION_TIMES(TCA_VLAN_TM),
    SCHEMA_END};
static const struct schema schema_vlan_action = {.name = "filter.vlan",
                                                 .doc = "Puts a VLAN's tag on, or takes it off.",
                                                 .example = ACTION_EXAMPLE("{ vlan = { mode = \"push\", id = 5 } }"),
    .rows = vlan_rows};

#define KIND(key_, schema_, doc_)                                                                  \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(TCA_ACT_OPTIONS), .codec = &schema_kind_data, .arg = &(schema_),      \
    .doc = doc_                                                                                    \
  }

static const struct schema_row action_rows[] = {
    {.key = "type", SCHEMA_ATTR(TCA_ACT_KIND), .codec = &schema_kind, .words = "",
     .doc = "its kind; a table of that kind's options implies it"},
    KIND("gact", schema_gact, "lets it pass, drops it ..."),
    KIND("mirred", schema_mirred, "sends it, or a copy, through another link"),
    KIND("police", schema_police, "lets no more through than a rate"),
    KIND("skbedit", schema_skbedit, "gives it a mark, a priority, a queue"),
    KIND("vlan", schema_vlan_action, "puts a VLAN's tag on, or takes it off"),
    KIND("pedit", schema_pedit, "writes into the packet"),
    KIND("nat", schema_nat, "gives it another address"),
    KIND("csum", schema_csum, "reckons its checksums anew"),
    KIND("tunnel_key", schema_tunnel_key, "says which tunnel it goes through"),
    KIND("mpls", schema_mpls_action, "puts a label on, changes it, or takes it off"),
    KIND("skbmod", schema_skbmod, "changes its Ethernet header"),
    KIND("ct", schema_ct, "shows it to connection tracking"),
    KIND("connmark", schema_connmark, "gives it the mark of its connection"),
    KIND("sample", schema_sample, "tells a program about some"),
    KIND("simple", schema_simple, "writes a line into the kernel's log"),
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
