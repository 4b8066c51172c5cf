/* rows_filter: filters, as rows: which packets go to which class. Flower has rows_flower.c, what is done
 * with packets rows_action.c. Numbers and structs from linux/pkt_cls.h; words from tc(8), tc-u32(8),
 * tc-matchall(8). */
#include "schema/tc.h"
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

const struct schema_name tc_protocols[] = {
    {"all", ETH_P_ALL},       {"ip", ETH_P_IP},          {"ipv6", ETH_P_IPV6}, {"arp", ETH_P_ARP},
    {"802.1Q", ETH_P_8021Q},  {"802.1ad", ETH_P_8021AD}, {"mpls_uc", ETH_P_MPLS_UC},
    {"ipv4", ETH_P_IP},       {NULL, 0}};

const struct schema_name tc_cls_flags[] = {{"skip_hw", TCA_CLS_FLAGS_SKIP_HW},
                                           {"skip_sw", TCA_CLS_FLAGS_SKIP_SW},
                                           {"in_hw", TCA_CLS_FLAGS_IN_HW},
                                           {"not_in_hw", TCA_CLS_FLAGS_NOT_IN_HW},
                                           {NULL, 0}};

/* ---- u32 ------------------------------------------------------------------------------------- */

#define SEL SCHEMA_ATTR(TCA_U32_SEL), .len = sizeof(struct tc_u32_sel)
#define SEL_IN(m) TC_IN(TCA_U32_SEL, tc_u32_sel, m)
#define PCNT(key_, m, doc_)                                                                        \
  {                                                                                                \
    .key = key_, TC_IN(TCA_U32_PCNT, tc_u32_pcnt, m), .codec = &schema_tc_u64,                     \
    .flags = SCHEMA_READONLY, .doc = doc_                                                          \
  }
#define FIELD(key_, proto_, off_, mask_, shift_, port_, words_, doc_)                              \
  {                                                                                                \
    .key = key_, SEL, .codec = &schema_tc_field,                                                   \
    .arg = &(const struct tc_u32_field){off_, mask_, shift_, proto_, port_}, .words = words_,      \
    .doc = doc_                                                                                    \
  }
#define NETWORK(key_, proto_, off_, words_, doc_)                                                  \
  {                                                                                                \
    .key = key_, SEL, .codec = &schema_tc_network,                                                 \
    .arg = &(const struct tc_u32_field){off_, 0, 0, proto_, false}, .words = words_, .doc = doc_   \
  }
#define IP(key_, ...) FIELD(key_, ETH_P_IP, __VA_ARGS__)
#define IP6(key_, ...) FIELD(key_, ETH_P_IPV6, __VA_ARGS__)

static const struct schema_row u32_rows[] = {
    TC_CLASSID(TCA_U32_CLASSID),
    TC_ACTION(TCA_U32_ACT),
    {.key = "police", SCHEMA_ATTR(TCA_U32_POLICE), .codec = &schema_nest, .arg = &schema_police,
     .words = "police", .doc = "as action = { police = {...} }, in the way of before there were actions"},
    {.key = "divisor", SCHEMA_ATTR(TCA_U32_DIVISOR), .codec = &schema_tc_u32, .words = "divisor",
     .doc = "makes a table of filters, of so many buckets, whose name is the handle: \"2:\""},
    {.key = "ht", SCHEMA_ATTR(TCA_U32_HASH), .codec = &schema_tc_ht, .words = "ht",
     .doc = "the table and bucket that it is in: \"2:7b:\"; the first table unless given"},
    {.key = "order", SEL_IN(flags), .codec = &schema_tc_order, .words = "order",
     .flags = SCHEMA_OWN, .doc = "its place in the bucket; in a record a part of the handle"},
    {.key = "link", SCHEMA_ATTR(TCA_U32_LINK), .codec = &schema_tc_ht, .words = "link",
     .doc = "goes on in this table: \"2:\""},
    {.key = "mark", SCHEMA_ATTR(TCA_U32_MARK), .codec = &schema_tc_u32_mark, .words = "",
     .doc = "packets with that mark: 5, or some of its bits, \"5/0xff\""},
    {.key = "indev", SCHEMA_ATTR(TCA_U32_INDEV), .codec = &schema_ifname, .words = "indev",
     .doc = "name of the link that it came in by"},
    TC_SKIP("skip_hw", TCA_U32_FLAGS, TCA_CLS_FLAGS_SKIP_HW, "the kernel does it, no card"),
    TC_SKIP("skip_sw", TCA_U32_FLAGS, TCA_CLS_FLAGS_SKIP_SW, "a card does it or nobody"),
    TC_FLAGS(TCA_U32_FLAGS),
    PCNT("asked", rcnt, "how many packets it was asked about"),
    PCNT("matched", rhit, "how many it took"),
    {.key = "mark_matched", TC_IN(TCA_U32_MARK, tc_u32_mark, success), .codec = &schema_tc_u32,
     .flags = SCHEMA_READONLY, .doc = "how many had the mark"},
    {.key = "key_matched", SCHEMA_ATTR(TCA_U32_PCNT), .codec = &schema_tc_key_counts,
     .flags = SCHEMA_READONLY, .doc = "how many each of the keys took"},
    /* The selector is the message's last attribute: keys are put behind it. */
    {.key = "hashkey", SEL, .codec = &schema_tc_hashkey, .words = "",
     .doc = "the bits of the packet that say in which bucket: { mask = 0xff, at = 12 }"},
    {.key = "offset", SEL, .codec = &schema_tc_offset, .words = "",
     .doc = "how far on the next header is: { at = 0, mask = 0x0f00, shift = 6, plus = 0, eat = "
            "true }; eat: what follows counts from there"},
    NETWORK("ip_src", ETH_P_IP, 12, "match+ip+src", "packets from this IPv4 address or network"),
    NETWORK("ip_dst", ETH_P_IP, 16, "match+ip+dst", "packets to this IPv4 address or network"),
    IP("ip_tos", 0, 0x00ff0000, 16, false, "match+ip+tos 0xff, match+ip+dsfield 0xff",
       "type of service"),
    IP("ip_protocol", 8, 0x00ff0000, 16, false, "match+ip+protocol 0xff",
       "number of the protocol: 1 ICMP, 6 TCP, 17 UDP"),
    IP("ip_sport", 20, 0xffff0000, 16, true, "match+ip+sport 0xffff",
       "port that it is from, in a packet without IP options"),
    IP("ip_dport", 20, 0x0000ffff, 0, true, "match+ip+dport 0xffff", "port that it is to"),
    IP("ip_icmp_type", 20, 0xff000000, 24, false, "match+ip+icmp_type 0xff",
       "of an ICMP message: 8 asks for an echo"),
    IP("ip_icmp_code", 20, 0x00ff0000, 16, false, "match+ip+icmp_code 0xff", "of an ICMP message"),
    NETWORK("ip6_src", ETH_P_IPV6, 8, "match+ip6+src", "packets from this IPv6 address or network"),
    NETWORK("ip6_dst", ETH_P_IPV6, 24, "match+ip6+dst", "packets to this IPv6 address or network"),
    IP6("ip6_priority", 0, 0x0ff00000, 20, false, "match+ip6+priority 0xff", "traffic class"),
    IP6("ip6_flowlabel", 0, 0x000fffff, 0, false, "match+ip6+flowlabel 0xfffff", "label of the flow"),
    IP6("ip6_protocol", 4, 0x0000ff00, 8, false, "match+ip6+protocol 0xff",
        "number of the protocol: 58 ICMPv6, 6 TCP, 17 UDP"),
    IP6("ip6_sport", 40, 0xffff0000, 16, true, "match+ip6+sport 0xffff",
        "port that it is from, in a packet without extension headers"),
    IP6("ip6_dport", 40, 0x0000ffff, 0, true, "match+ip6+dport 0xffff", "port that it is to"),
    IP6("ip6_icmp_type", 40, 0xff000000, 24, false, "match+ip6+icmp_type 0xff",
        "of an ICMPv6 message: 128 asks for an echo"),
    IP6("ip6_icmp_code", 40, 0x00ff0000, 16, false, "match+ip6+icmp_code 0xff",
        "of an ICMPv6 message"),
    {.key = "raw", SEL, .codec = &schema_tc_raw, .words = "",
     .doc = "32 bits of the packet each: { { value = 0x50, mask = 0xffff, at = 20 } }; with "
            "nexthdr = true behind the header that the offset told of"},
    {.key = "terminal", SEL, .codec = &schema_tc_terminal, .flags = SCHEMA_READONLY,
     .doc = "what it takes is asked about no further"},
    {.key = "keys", SEL, .codec = &schema_tc_keys, .flags = SCHEMA_READONLY,
     .doc = "all of it as tc shows it"},
    SCHEMA_END};
static const struct schema schema_u32_filter = {
    .name = "filter.u32",
    .doc = "By bits of the packet.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", type = \"ingress\" }\n"
               "filter.add { dev = \"v0\", ingress = true, u32 = { ip_dst = \"192.0.2.1\", action "
               "= \"drop\" } }",
    .rows = u32_rows};

/* ---- matchall, basic, fw --------------------------------------------------------------------- */

static const struct schema_row matchall_rows[] = {
    TC_CLASSID(TCA_MATCHALL_CLASSID), TC_ACTION(TCA_MATCHALL_ACT),
    TC_SKIP("skip_hw", TCA_MATCHALL_FLAGS, TCA_CLS_FLAGS_SKIP_HW, "the kernel does it, no card"),
    TC_SKIP("skip_sw", TCA_MATCHALL_FLAGS, TCA_CLS_FLAGS_SKIP_SW, "a card does it or nobody"),
    TC_FLAGS(TCA_MATCHALL_FLAGS),
    {.key = "matched", TC_IN(TCA_MATCHALL_PCNT, tc_matchall_pcnt, rhit), .codec = &schema_tc_u64,
     .flags = SCHEMA_READONLY, .doc = "how many packets it took"},
    SCHEMA_END};
static const struct schema schema_matchall = {
    .name = "filter.matchall",
    .doc = "Every packet.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", type = \"ingress\" }\n"
               "filter.add { dev = \"v0\", ingress = true, matchall = { action = \"drop\" } }",
    .rows = matchall_rows};

static const struct schema_row basic_rows[] = {TC_CLASSID(TCA_BASIC_CLASSID), TC_ACTION(TCA_BASIC_ACT),
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
    TC_CLASSID(TCA_FW_CLASSID), TC_ACTION(TCA_FW_ACT),
    {.key = "mask", SCHEMA_ATTR(TCA_FW_MASK), .codec = &schema_u32, .words = "",
     .doc = "which bits of the mark count; all unless given"},
    {.key = "indev", SCHEMA_ATTR(TCA_FW_INDEV), .codec = &schema_ifname, .words = "indev",
     .doc = "name of the link that it came in by"},
    SCHEMA_END};
static const struct schema schema_fw = {
    .name = "filter.fw",
    .doc = "By the mark that iptables gave the packet: it is the filter's handle.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", type = \"ingress\" }\n"
               "filter.add { dev = \"v0\", ingress = true, fw = { action = \"drop\" } }",
    .rows = fw_rows};

/* ---- route, cgroup --------------------------------------------------------------------------- */

#define REALM(key_, a, doc_)                                                                       \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(a), .codec = &schema_tc_realm, .words = key_, .doc = doc_             \
  }
static const struct schema_row route_rows[] = {
    REALM("to", TCA_ROUTE4_TO, "realm of the route that it goes by, a number"),
    REALM("from", TCA_ROUTE4_FROM, "realm of the route back to where it is from"),
    {.key = "fromif", SCHEMA_ATTR(TCA_ROUTE4_IIF), .codec = &schema_tc_realm_dev, .words = "fromif",
     .doc = "the link that it came in by"},
    TC_CLASSID(TCA_ROUTE4_CLASSID),
    TC_ACTION(TCA_ROUTE4_ACT),
    SCHEMA_END};
static const struct schema_name route_attrs[] = {SCHEMA_NAME(TCA_ROUTE4_POLICE), {NULL, 0}};
static const struct schema schema_route_filter = {
    .name = "filter.route",
    .doc = "By the realms of routes: route.add(..., { realms = \"5\" }) gives them.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", type = \"clsact\" }\n"
               "filter.add { dev = \"v0\", egress = true, protocol = \"ip\", route = { to = 5, "
               "action = \"drop\" } }",
    .attrs = route_attrs,
    .rows = route_rows};

static const struct schema_row cgroup_rows[] = {TC_ACTION(TCA_CGROUP_ACT), SCHEMA_END};
static const struct schema_name cgroup_attrs[] = {
    SCHEMA_NAME(TCA_CGROUP_POLICE), SCHEMA_NAME(TCA_CGROUP_EMATCHES), {NULL, 0}};
static const struct schema schema_cgroup = {
    .name = "filter.cgroup",
    .doc = "By the class that the control group of who sends it names (net_cls.classid).",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", type = \"clsact\" }\n"
               "filter.add { dev = \"v0\", egress = true, handle = 1, cgroup = { action = "
               "\"drop\" } }",
    .attrs = cgroup_attrs,
    .rows = cgroup_rows};

/* ---- filters --------------------------------------------------------------------------------- */

static const struct schema_row filter_rows[] = {
    TC_DEV,
    {.key = "parent", SCHEMA_HEAD(tcmsg, tcm_parent), .codec = &schema_tc_parent, .arg = tc_places,
     .words = "parent", .doc = "the qdisc it is of: \"1:\"; the link's own unless given"},
    TC_AT("ingress", tc_ingress, "of what comes in: the link has a qdisc clsact or ingress"),
    TC_AT("egress", tc_egress, "of what goes out: the link has a qdisc clsact"),
    {.key = "protocol", SCHEMA_HEAD(tcmsg, tcm_info), .codec = &schema_tc_protocol,
     .arg = tc_protocols, .words = "protocol, proto",
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
    TC_KIND("route", schema_route_filter, "by the realms of routes"),
    TC_KIND_ALWAYS("cgroup", schema_cgroup, "by the control group of who sends it"),
    SCHEMA_END};

const struct schema schema_filter = {
    .name = "filter",
    .doc = "Which packets go to a class, or what is done with them.",
    .hdr = sizeof(struct tcmsg),
    .members = tc_members,
    .attrs = tc_attrs,
    .rows = filter_rows};

/* ---- chains of filters ----------------------------------------------------------------------- */

static const struct schema_row chain_rows[] = {
    TC_DEV,
    {.key = "parent", SCHEMA_HEAD(tcmsg, tcm_parent), .codec = &schema_tc_parent, .arg = tc_places,
     .words = "parent", .doc = "the qdisc it is of: \"1:\"; the link's own unless given"},
    TC_AT("ingress", tc_ingress, "of what comes in: the link has a qdisc clsact or ingress"),
    TC_AT("egress", tc_egress, "of what goes out: the link has a qdisc clsact"),
    {.key = "protocol", SCHEMA_HEAD(tcmsg, tcm_info), .codec = &schema_tc_protocol,
     .arg = tc_protocols, .words = "protocol, proto",
     .doc = "which packets its template is about; what that asks of them implies it"},
    {.key = "chain", SCHEMA_ATTR(TCA_CHAIN), .codec = &schema_u32, .words = "chain",
     .flags = SCHEMA_REQUIRED, .doc = "its number"},
    {.key = "type", SCHEMA_ATTR(TCA_KIND), .codec = &schema_kind, .words = "",
     .doc = "the kind of its template"},
    TC_KIND("flower", schema_flower, "a template: its filters ask for these fields, and no others"),
    SCHEMA_END};

const struct schema schema_chain = {.name = "chain",
                                    .doc = "A chain of filters.",
                                    .hdr = sizeof(struct tcmsg),
                                    .members = tc_members,
                                    .attrs = tc_attrs,
                                    .rows = chain_rows};
