/* rows_filter: filters and actions, as rows: which packets go to which class, and what is done with
 * them. Numbers and structs from linux/pkt_cls.h and linux/tc_act; words from tc(8), tc-u32(8),
 * tc-flower(8), tc-matchall(8), tc-mirred(8), tc-police(8). */
#include "schema/tc.h"
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <netinet/in.h>

/* TCA_ACT_* begins as the kinds of links do. */
_Static_assert(TCA_ACT_KIND == (int)TCA_KIND && TCA_ACT_OPTIONS == (int)TCA_OPTIONS,
               "a kind and its options");

static const struct schema_name protocols[] = {
    {"all", ETH_P_ALL},       {"ip", ETH_P_IP},          {"ipv6", ETH_P_IPV6}, {"arp", ETH_P_ARP},
    {"802.1Q", ETH_P_8021Q},  {"802.1ad", ETH_P_8021AD}, {"mpls_uc", ETH_P_MPLS_UC},
    {NULL, 0}};

/* ---- actions --------------------------------------------------------------------------------- */

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
    .rows = gact_rows};

static const struct schema_row mirred_rows[] = {
    {.key = "mode", TC_IN(TCA_MIRRED_PARMS, tc_mirred, eaction), .codec = &schema_tc_mode,
     .arg = modes, .words = "",
     .doc = "egress redirect (unless given), egress mirror, ingress redirect, ingress mirror"},
    {.key = "dev", TC_IN(TCA_MIRRED_PARMS, tc_mirred, ifindex), .codec = &schema_tc_to_dev,
     .words = "dev", .flags = SCHEMA_REQUIRED, .doc = "the link that it goes to"},
    {.key = "control", TC_IN(TCA_MIRRED_PARMS, tc_mirred, action),
     .codec = &schema_tc_after_mirred, .arg = controls, .words = "",
     .doc = "what becomes of the packet then; stolen when redirected, pipe when mirrored"},
    GENERIC(TCA_MIRRED_PARMS, tc_mirred),
    SCHEMA_END};
static const struct schema schema_mirred = {
    .name = "filter.mirred", .doc = "Sends the packet, or a copy of it, through another link.",
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
    {.key = "exceed", POLICE(action), .codec = &schema_tc_exceed, .arg = controls,
     .words = "",
     .doc = "what becomes of what comes faster; reclassify unless given"},
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
static const struct schema schema_police = {.name = "filter.police",
                                            .doc = "Lets no more through than a rate.",
                                            .attrs = police_attrs,
                                            .rows = police_rows};

static const struct schema_row action_rows[] = {
    {.key = "type", SCHEMA_ATTR(TCA_ACT_KIND), .codec = &schema_kind, .words = "",
     .doc = "its kind; a table of that kind's options implies it"},
    {.key = "gact", SCHEMA_ATTR(TCA_ACT_OPTIONS), .codec = &schema_kind_data, .arg = &schema_gact,
     .doc = "lets it pass, drops it ..."},
    {.key = "mirred", SCHEMA_ATTR(TCA_ACT_OPTIONS), .codec = &schema_kind_data,
     .arg = &schema_mirred, .doc = "sends it, or a copy, through another link"},
    {.key = "police", SCHEMA_ATTR(TCA_ACT_OPTIONS), .codec = &schema_kind_data,
     .arg = &schema_police, .doc = "lets no more through than a rate"},
    {.key = "stats", SCHEMA_ATTR(TCA_ACT_STATS), .codec = &schema_nest, .arg = &tc_stats,
     .flags = SCHEMA_READONLY, .doc = "what it was done with"},
    SCHEMA_END};
static const struct schema_name action_attrs[] = {
    SCHEMA_NAME(TCA_ACT_INDEX),    SCHEMA_NAME(TCA_ACT_COOKIE),  SCHEMA_NAME(TCA_ACT_FLAGS),
    SCHEMA_NAME(TCA_ACT_HW_STATS), SCHEMA_NAME(TCA_ACT_USED_HW_STATS),
    SCHEMA_NAME(TCA_ACT_IN_HW_COUNT), {NULL, 0}};
static const struct schema schema_action = {.name = "filter.action",
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
static const struct schema schema_actions = {
    .name = "filter.actions", .doc = "Actions, one after the other.", .rows = nth_rows};

/* ---- what every kind has ---------------------------------------------------------------------- */

#define CLASSID(a)                                                                                 \
  {                                                                                                \
    .key = "classid", SCHEMA_ATTR(a), .codec = &schema_tc_handle, .words = "classid, flowid",      \
    .doc = "the class that the packets go to: \"1:10\""                                            \
  }
#define ACTION(a)                                                                                  \
  {                                                                                                \
    .key = "action", SCHEMA_ATTR(a), .codec = &schema_tc_actions, .arg = &schema_actions,          \
    .words = "action",                                                                             \
    .doc = "what is done: \"drop\", { mirred = { dev = ... } }, { police = {...} }, or an array"   \
  }
#define FLAGS(a)                                                                                   \
  {                                                                                                \
    .key = "flags", SCHEMA_ATTR(a), .codec = &schema_flagset, .arg = cls_flags,                    \
    .flags = SCHEMA_READONLY, .doc = "whether the card does it: not_in_hw, in_hw"                  \
  }
static const struct schema_name cls_flags[] = {{"skip_hw", TCA_CLS_FLAGS_SKIP_HW},
                                               {"skip_sw", TCA_CLS_FLAGS_SKIP_SW},
                                               {"in_hw", TCA_CLS_FLAGS_IN_HW},
                                               {"not_in_hw", TCA_CLS_FLAGS_NOT_IN_HW},
                                               {NULL, 0}};

/* ---- u32 ------------------------------------------------------------------------------------- */

#define SEL SCHEMA_ATTR(TCA_U32_SEL), .len = sizeof(struct tc_u32_sel)
#define FIELD(key_, off_, mask_, shift_, words_, doc_)                                             \
  {                                                                                                \
    .key = key_, SEL, .codec = &schema_tc_field,                                                   \
    .arg = &(const struct tc_u32_field){off_, mask_, shift_}, .words = words_, .doc = doc_         \
  }
#define NETWORK(key_, off_, words_, doc_)                                                          \
  {                                                                                                \
    .key = key_, SEL, .codec = &schema_tc_network, .arg = &(const struct tc_u32_field){off_, 0, 0}, \
    .words = words_, .doc = doc_                                                                   \
  }

static const struct schema_row u32_rows[] = {
    CLASSID(TCA_U32_CLASSID),
    ACTION(TCA_U32_ACT),
    {.key = "divisor", SCHEMA_ATTR(TCA_U32_DIVISOR), .codec = &schema_tc_u32,
     .flags = SCHEMA_READONLY, .doc = "buckets of a table of filters"},
    {.key = "table", SCHEMA_ATTR(TCA_U32_HASH), .codec = &schema_tc_u32,
     .flags = SCHEMA_READONLY, .doc = "number of the table that it is in"},
    FLAGS(TCA_U32_FLAGS),
    NETWORK("ip_src", 12, "match+ip+src", "packets from this IPv4 address or network"),
    NETWORK("ip_dst", 16, "match+ip+dst", "packets to this IPv4 address or network"),
    FIELD("ip_tos", 0, 0x00ff0000, 16, "match+ip+tos 0xff", "type of service"),
    FIELD("ip_protocol", 8, 0x00ff0000, 16, "match+ip+protocol 0xff",
          "number of the protocol: 1 ICMP, 6 TCP, 17 UDP"),
    FIELD("ip_sport", 20, 0xffff0000, 16, "match+ip+sport 0xffff",
          "port that it is from, in a packet without IP options"),
    FIELD("ip_dport", 20, 0x0000ffff, 0, "match+ip+dport 0xffff", "port that it is to"),
    {.key = "raw", SEL, .codec = &schema_tc_raw, .words = "",
     .doc = "32 bits of the packet each: { { value = 0x50, mask = 0xffff, at = 20 } }"},
    {.key = "keys", SEL, .codec = &schema_tc_keys, .flags = SCHEMA_READONLY,
     .doc = "all of it as tc shows it"},
    SCHEMA_END};
static const struct schema_name u32_attrs[] = {SCHEMA_NAME(TCA_U32_LINK), SCHEMA_NAME(TCA_U32_PCNT),
                                               SCHEMA_NAME(TCA_U32_MARK),
                                               SCHEMA_NAME(TCA_U32_INDEV), {NULL, 0}};
static const struct schema schema_u32_filter = {
    .name = "filter.u32",
    .doc = "By bits of the packet.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", type = \"ingress\" }\n"
               "filter.add { dev = \"v0\", ingress = true, u32 = { ip_dst = \"192.0.2.1\", action "
               "= \"drop\" } }",
    .attrs = u32_attrs,
    .rows = u32_rows};

/* ---- flower ---------------------------------------------------------------------------------- */

#define F(x) TCA_FLOWER_KEY_##x
#define MASKED(key_, a, mask_, wrap_, codec_, n, words_, doc_)                                     \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(a), .codec = &wrap_, .arg = &(const struct tc_masked){&codec_, mask_, n}, \
    .words = words_, .doc = doc_                                                                   \
  }
static const struct schema_name ip_protos[] = {{"tcp", IPPROTO_TCP},       {"udp", IPPROTO_UDP},
                                               {"sctp", IPPROTO_SCTP},     {"icmp", IPPROTO_ICMP},
                                               {"icmpv6", IPPROTO_ICMPV6}, {NULL, 0}};

static const struct schema_row flower_rows[] = {
    CLASSID(TCA_FLOWER_CLASSID),
    MASKED("dst_mac", F(ETH_DST), F(ETH_DST_MASK), schema_tc_masked_mac, schema_mac, 6, "dst_mac",
           "hardware address that it is to"),
    MASKED("src_mac", F(ETH_SRC), F(ETH_SRC_MASK), schema_tc_masked_mac, schema_mac, 6, "src_mac",
           "hardware address that it is from"),
    {.key = "ip_proto", SCHEMA_ATTR(TCA_FLOWER_KEY_IP_PROTO), .codec = &schema_enum8,
     .arg = ip_protos, .words = "ip_proto", .doc = "tcp, udp, sctp, icmp, icmpv6 or a number"},
    {.key = "src_ip", SCHEMA_ATTR(TCA_FLOWER_KEY_IPV4_SRC), .codec = &schema_tc_flower_ip,
     .arg = &(const struct tc_flower_ip){F(IPV4_SRC), F(IPV4_SRC_MASK), F(IPV6_SRC),
                                         F(IPV6_SRC_MASK)},
     .words = "src_ip", .doc = "address or network that it is from"},
    {.key = "dst_ip", SCHEMA_ATTR(TCA_FLOWER_KEY_IPV4_DST), .codec = &schema_tc_flower_ip,
     .arg = &(const struct tc_flower_ip){F(IPV4_DST), F(IPV4_DST_MASK), F(IPV6_DST),
                                         F(IPV6_DST_MASK)},
     .words = "dst_ip", .doc = "address or network that it is to"},
    {.key = "src_port", SCHEMA_ATTR(TCA_FLOWER_KEY_TCP_SRC), .codec = &schema_tc_flower_port,
     .arg = &(const struct tc_flower_port){F(TCP_SRC), F(UDP_SRC), F(SCTP_SRC)},
     .words = "src_port", .doc = "port that it is from; needs ip_proto"},
    {.key = "dst_port", SCHEMA_ATTR(TCA_FLOWER_KEY_TCP_DST), .codec = &schema_tc_flower_port,
     .arg = &(const struct tc_flower_port){F(TCP_DST), F(UDP_DST), F(SCTP_DST)},
     .words = "dst_port", .doc = "port that it is to; needs ip_proto"},
    MASKED("ip_tos", F(IP_TOS), F(IP_TOS_MASK), schema_tc_masked, schema_u8, 1, "ip_tos 0x",
           "type of service"),
    MASKED("ip_ttl", F(IP_TTL), F(IP_TTL_MASK), schema_tc_masked, schema_u8, 1, "ip_ttl",
           "hops that it may still make"),
    MASKED("icmp_type", F(ICMPV4_TYPE), F(ICMPV4_TYPE_MASK), schema_tc_masked, schema_u8, 1, "type",
           "of an ICMP message: 8 asks for an echo"),
    MASKED("icmp_code", F(ICMPV4_CODE), F(ICMPV4_CODE_MASK), schema_tc_masked, schema_u8, 1, "code",
           "of an ICMP message"),
    {.key = "vlan_id", SCHEMA_ATTR(TCA_FLOWER_KEY_VLAN_ID), .codec = &schema_u16,
     .words = "vlan_id", .doc = "of the VLAN; the filter's protocol is 802.1Q"},
    {.key = "vlan_prio", SCHEMA_ATTR(TCA_FLOWER_KEY_VLAN_PRIO), .codec = &schema_u8,
     .words = "vlan_prio", .doc = "priority in the VLAN's tag"},
    ACTION(TCA_FLOWER_ACT),
    FLAGS(TCA_FLOWER_FLAGS),
    {.key = "eth_type", SCHEMA_ATTR(TCA_FLOWER_KEY_ETH_TYPE), .codec = &schema_tc_ethtype,
     .flags = SCHEMA_HIDDEN | SCHEMA_OWN, .doc = "the filter's protocol again, as a number"},
    SCHEMA_END};
static const struct schema_name flower_attrs[] = {
    SCHEMA_NAME(TCA_FLOWER_KEY_IPV4_SRC_MASK), SCHEMA_NAME(TCA_FLOWER_KEY_IPV4_DST_MASK),
    SCHEMA_NAME(TCA_FLOWER_KEY_IPV6_SRC),      SCHEMA_NAME(TCA_FLOWER_KEY_IPV6_SRC_MASK),
    SCHEMA_NAME(TCA_FLOWER_KEY_IPV6_DST),      SCHEMA_NAME(TCA_FLOWER_KEY_IPV6_DST_MASK),
    SCHEMA_NAME(TCA_FLOWER_KEY_UDP_SRC),       SCHEMA_NAME(TCA_FLOWER_KEY_UDP_DST),
    SCHEMA_NAME(TCA_FLOWER_KEY_SCTP_SRC),      SCHEMA_NAME(TCA_FLOWER_KEY_SCTP_DST),
    SCHEMA_NAME(TCA_FLOWER_KEY_ETH_DST_MASK),  SCHEMA_NAME(TCA_FLOWER_KEY_ETH_SRC_MASK),
    SCHEMA_NAME(TCA_FLOWER_KEY_IP_TOS_MASK),   SCHEMA_NAME(TCA_FLOWER_KEY_IP_TTL_MASK),
    SCHEMA_NAME(TCA_FLOWER_KEY_ICMPV4_TYPE_MASK), SCHEMA_NAME(TCA_FLOWER_KEY_ICMPV4_CODE_MASK),
    SCHEMA_NAME(TCA_FLOWER_KEY_TCP_SRC_MASK),  SCHEMA_NAME(TCA_FLOWER_KEY_TCP_DST_MASK),
    SCHEMA_NAME(TCA_FLOWER_KEY_UDP_SRC_MASK),  SCHEMA_NAME(TCA_FLOWER_KEY_UDP_DST_MASK),
    SCHEMA_NAME(TCA_FLOWER_IN_HW_COUNT),       {NULL, 0}};
static const struct schema schema_flower = {.name = "filter.flower",
                                            .doc = "By the headers of the packet.",
                                            .example =
                                                "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
                                                "qdisc.add { dev = \"v0\", type = \"ingress\" }\n"
                                                "filter.add { dev = \"v0\", ingress = true, flower "
                                                "= { dst_ip = \"192.0.2.1\", action = \"drop\" } }",
                                            .attrs = flower_attrs,
                                            .rows = flower_rows};

/* ---- matchall, basic, fw --------------------------------------------------------------------- */

static const struct schema_row matchall_rows[] = {
    CLASSID(TCA_MATCHALL_CLASSID), ACTION(TCA_MATCHALL_ACT), FLAGS(TCA_MATCHALL_FLAGS), SCHEMA_END};
static const struct schema_name matchall_attrs[] = {SCHEMA_NAME(TCA_MATCHALL_PCNT), {NULL, 0}};
static const struct schema schema_matchall = {
    .name = "filter.matchall",
    .doc = "Every packet.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", type = \"ingress\" }\n"
               "filter.add { dev = \"v0\", ingress = true, matchall = { action = \"drop\" } }",
    .attrs = matchall_attrs,
    .rows = matchall_rows};

static const struct schema_row basic_rows[] = {CLASSID(TCA_BASIC_CLASSID), ACTION(TCA_BASIC_ACT),
                                               SCHEMA_END};
static const struct schema_name basic_attrs[] = {SCHEMA_NAME(TCA_BASIC_EMATCHES),
                                                 SCHEMA_NAME(TCA_BASIC_PCNT), {NULL, 0}};
static const struct schema schema_basic = {
    .name = "filter.basic",
    .doc = "Every packet, or those of an expression of tc's "
           "own (which is kept as bytes).",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", type = \"ingress\" }\n"
               "filter.add { dev = \"v0\", ingress = true, basic = { action = \"drop\" } }",
    .attrs = basic_attrs,
    .rows = basic_rows};

static const struct schema_row fw_rows[] = {
    CLASSID(TCA_FW_CLASSID), ACTION(TCA_FW_ACT),
    {.key = "mask", SCHEMA_ATTR(TCA_FW_MASK), .codec = &schema_u32, .flags = SCHEMA_READONLY,
     .doc = "which bits of the mark count"},
    SCHEMA_END};
static const struct schema schema_fw = {
    .name = "filter.fw",
    .doc = "By the mark that iptables gave the packet: it is the filter's handle.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", type = \"ingress\" }\n"
               "filter.add { dev = \"v0\", ingress = true, fw = { action = \"drop\" } }",
    .rows = fw_rows};

/* ---- filters --------------------------------------------------------------------------------- */

static const struct schema_row filter_rows[] = {
    TC_DEV,
    {.key = "parent", SCHEMA_HEAD(tcmsg, tcm_parent), .codec = &schema_tc_parent, .arg = tc_places,
     .words = "parent", .doc = "the qdisc it is of: \"1:\"; the link's own unless given"},
    TC_AT("ingress", tc_ingress, "of what comes in: the link has a qdisc clsact or ingress"),
    TC_AT("egress", tc_egress, "of what goes out: the link has a qdisc clsact"),
    {.key = "protocol", SCHEMA_HEAD(tcmsg, tcm_info), .codec = &schema_tc_protocol,
     .arg = protocols, .words = "protocol",
     .doc = "which packets it is asked about: all, ip, ipv6, arp, 802.1Q ...; "
            "what it asks of them implies it"},
    {.key = "pref", SCHEMA_HEAD(tcmsg, tcm_info), .codec = &schema_tc_pref,
     .words = "pref, prio, priority, preference",
     .doc = "filters are asked in this order, the smallest first"},
    {.key = "handle", SCHEMA_HEAD(tcmsg, tcm_handle), .codec = &schema_tc_number,
     .words = "handle", .flags = SCHEMA_OWN,
     .doc = "its number: 1, or of u32 \"800::800\"; of fw the mark"},
    {.key = "chain", SCHEMA_ATTR(TCA_CHAIN), .codec = &schema_u32, .words = "chain",
     .doc = "the chain it is in; 0 unless given"},
    {.key = "type", SCHEMA_ATTR(TCA_KIND), .codec = &schema_kind, .words = "",
     .doc = "its kind; a table of that kind's options implies it"},
    TC_KIND("u32", schema_u32_filter, "by bits of the packet"),
    TC_KIND("flower", schema_flower, "by headers of the packet"),
    TC_KIND("matchall", schema_matchall, "every packet"),
    TC_KIND("basic", schema_basic, "every packet, or those of an expression"),
    TC_KIND("fw", schema_fw, "by the mark of the packet"),
    SCHEMA_END};

const struct schema schema_filter = {
    .name = "filter",
    .doc = "Which packets go to a class, or what is done with them.",
    .hdr = sizeof(struct tcmsg),
    .members = tc_members,
    .attrs = tc_attrs,
    .rows = filter_rows};
