/* rows_route: entries of routing tables and what they lead through, as rows. Numbers and names
 * from linux/rtnetlink.h, words from ip-route(8). */
#include "schema/encap.h"
#include "schema/names.h"
#include <linux/in_route.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>

/* In the order and with the words of ip(8); those from local on are of what route.get answers. */
static const struct schema_name route_flags[] = {{"dead", RTNH_F_DEAD},
                                                 {"onlink", RTNH_F_ONLINK},
                                                 {"pervasive", RTNH_F_PERVASIVE},
                                                 {"offload", RTNH_F_OFFLOAD},
                                                 {"linkdown", RTNH_F_LINKDOWN},
                                                 {"unresolved", RTNH_F_UNRESOLVED},
                                                 {"notify", RTM_F_NOTIFY},
                                                 {"cache", RTM_F_CLONED},
                                                 {"local", RTCF_LOCAL},
                                                 {"mc", RTCF_MULTICAST},
                                                 {"brd", RTCF_BROADCAST},
                                                 {"redirected", RTCF_REDIRECTED},
                                                 {"redirect", RTCF_DOREDIRECT},
                                                 {NULL, 0}};

static const struct schema_name prefs[] = {{"low", 3}, {"medium", 0}, {"high", 1}, {NULL, 0}};

static const struct schema_step metrics[] = {{SCHEMA_ATTR(RTA_METRICS)}, {0, NULL}};

#define METRIC_OF(key_, attr_, codec_, arg_, words_, doc_)                                         \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(attr_), .in = metrics, .codec = &(codec_), .arg = arg_,               \
    .words = words_, .doc = doc_                                                                   \
  }
#define METRIC(key_, attr_, words_, doc_)                                                          \
  METRIC_OF(key_, attr_, schema_u32, NULL, words_, doc_)

static const struct schema_scale times[] = {{1}, {4}, {8}};

#define LOCK(name_, attr_)                                                                         \
  {                                                                                                \
    .name = name_, .value = 1U << (attr_)                                                          \
  }
/* By the words of ip(8), which are the keys. */
static const struct schema_name locks[] = {
    LOCK("mtu", RTAX_MTU),           LOCK("window", RTAX_WINDOW),
    LOCK("rtt", RTAX_RTT),           LOCK("rttvar", RTAX_RTTVAR),
    LOCK("ssthresh", RTAX_SSTHRESH), LOCK("cwnd", RTAX_CWND),
    LOCK("advmss", RTAX_ADVMSS),     LOCK("reordering", RTAX_REORDERING),
    LOCK("hoplimit", RTAX_HOPLIMIT), LOCK("initcwnd", RTAX_INITCWND),
    LOCK("rto_min", RTAX_RTO_MIN),   LOCK("initrwnd", RTAX_INITRWND),
    LOCK("congctl", RTAX_CC_ALGO),   {NULL, 0}};

static const struct schema_name features[] = {{"ecn", RTAX_FEATURE_ECN}, {NULL, 0}};
static const struct schema_range congctl_len = {1, 15};

/* ---- one way of several ---------------------------------------------------------------------- */

static const struct schema_name nexthop_flags[] = {{"dead", RTNH_F_DEAD},
                                                   {"onlink", RTNH_F_ONLINK},
                                                   {"pervasive", RTNH_F_PERVASIVE},
                                                   {"offload", RTNH_F_OFFLOAD},
                                                   {"linkdown", RTNH_F_LINKDOWN},
                                                   {"unresolved", RTNH_F_UNRESOLVED},
                                                   {NULL, 0}};

static const struct schema_row way_rows[] = {
    SCHEMA_ENCAP(RTA_ENCAP, RTA_ENCAP_TYPE),
    {.key = "via", SCHEMA_ATTR(RTA_GATEWAY), .other = RTA_VIA, .codec = &schema_via,
     .words = "via", .doc = "the gateway"},
    {.key = "dev", SCHEMA_HEAD(rtnexthop, rtnh_ifindex), .codec = &schema_dev, .words = "dev",
     .doc = "the link to send through"},
    {.key = "weight", SCHEMA_HEAD(rtnexthop, rtnh_hops), .codec = &schema_weight,
     .words = "weight", .doc = "its share, from 1 to 256"},
    {.key = "realms", SCHEMA_ATTR(RTA_FLOW), .codec = &schema_realms, .words = "r*ealms",
     .doc = "classes of routes: DESTINATION or \"SOURCE/DESTINATION\""},
    {.key = "onlink", SCHEMA_HEAD(rtnexthop, rtnh_flags), .codec = &schema_bit8,
     .arg = &(const struct schema_bit){RTNH_F_ONLINK, 0, false}, .words = "onlink",
     .doc = "believe that the gateway is on the link"},
    {.key = "flags", SCHEMA_HEAD(rtnexthop, rtnh_flags), .codec = &schema_flagset,
     .arg = nexthop_flags, .flags = SCHEMA_READONLY, .doc = "dead, linkdown ..."},
    SCHEMA_END};

static const struct schema_member way_members[] = {
    SCHEMA_MEMBER(rtnexthop, rtnh_len, NULL, false),
    SCHEMA_MEMBER(rtnexthop, rtnh_flags, nexthop_flags, true),
    SCHEMA_MEMBER(rtnexthop, rtnh_hops, NULL, false),
    SCHEMA_MEMBER(rtnexthop, rtnh_ifindex, NULL, false),
    {.name = NULL}};

static const struct schema_name way_attrs[] = {SCHEMA_NAME(RTA_VIA), SCHEMA_NAME(RTA_ENCAP_TYPE),
                                              {NULL, 0}};

static const struct schema schema_way = {.name = "route.nexthop",
                                         .doc = "One of the ways of a route.",
                                         .hdr = sizeof(struct rtnexthop),
                                         .members = way_members,
                                         .attrs = way_attrs,
                                         .rows = way_rows,
                                         .repeats = true};

/* ---- entries --------------------------------------------------------------------------------- */

static const struct schema_row route_rows[] = {
    {.key = "family", SCHEMA_HEAD(rtmsg, rtm_family), .codec = &schema_family,
     .flags = SCHEMA_HIDDEN, .doc = "follows from the addresses; \"inet\" when none is given"},
    {.key = "type", SCHEMA_HEAD(rtmsg, rtm_type), .codec = &schema_enum8, .arg = schema_route_types,
     .words = "[ty*pe]", .flags = SCHEMA_FIRST,
     .doc = "unicast, local, blackhole, unreachable, prohibit, throw ..."},
    {.key = "dst", SCHEMA_ATTR(RTA_DST), .off = offsetof(struct rtmsg, rtm_dst_len),
     .codec = &schema_prefix, .arg = "default", .words = "to",
     .doc = "the network it leads to, or \"default\""},
    {.key = "from", SCHEMA_ATTR(RTA_SRC), .off = offsetof(struct rtmsg, rtm_src_len),
     .codec = &schema_prefix, .words = "from", .doc = "for packets from this network (IPv6, get)"},
    {.key = "tos", SCHEMA_HEAD(rtmsg, rtm_tos), .codec = &schema_enum8, .arg = schema_dsfields,
     .words = "tos 0x, d*sfield 0x", .doc = "type of service: a number, or AF11, CS1, EF ..."},
    {.key = "nhid", SCHEMA_ATTR(RTA_NH_ID), .codec = &schema_u32, .words = "nhid",
     .doc = "number of the nexthop (or group) that it leads through, see nexthop.add"},
    {.key = "via", SCHEMA_ATTR(RTA_GATEWAY), .other = RTA_VIA, .codec = &schema_via,
     .words = "via",
     .doc = "the gateway, an address that can be reached directly; an IPv4 route may have an IPv6 "
            "one"},
    {.key = "dev", SCHEMA_ATTR(RTA_OIF), .codec = &schema_dev, .words = "dev, oif",
     .doc = "the link to send through"},
    {.key = "iif", SCHEMA_ATTR(RTA_IIF), .codec = &schema_dev, .words = "iif",
     .doc = "for a packet that came in here (get)"},
    {.key = "protocol", SCHEMA_HEAD(rtmsg, rtm_protocol), .codec = &schema_enum8,
     .arg = schema_protocols, .words = "proto, pro*tocol",
     .doc = "who made it: kernel, boot, static, dhcp, ra ..."},
    {.key = "scope", SCHEMA_HEAD(rtmsg, rtm_scope), .codec = &schema_enum8, .arg = schema_scopes,
     .words = "scope", .doc = "how far away the destination is: global, link, host"},
    {.key = "src", SCHEMA_ATTR(RTA_PREFSRC), .codec = &schema_address, .words = "src",
     .doc = "the source address that packets get"},
    {.key = "metric", SCHEMA_ATTR(RTA_PRIORITY), .codec = &schema_u32,
     .words = "m*etric, p*riority, preference", .doc = "the smaller wins among routes to one network"},
    {.key = "table", SCHEMA_ATTR(RTA_TABLE), .codec = &schema_table, .arg = schema_tables,
     .words = "t*able", .doc = "routing table: main, local, default or a number"},
    {.key = "onlink", SCHEMA_HEAD(rtmsg, rtm_flags), .codec = &schema_bit32,
     .arg = &(const struct schema_bit){RTNH_F_ONLINK, 0, false}, .words = "onlink",
     .doc = "believe that the gateway is on the link"},
    {.key = "lock", SCHEMA_ATTR(RTAX_LOCK), .in = metrics, .codec = &schema_locks, .arg = locks,
     .flags = SCHEMA_HIDDEN, /* its word stands before the values of the others */
     .doc = "the metrics among these that stay as they are: \"mtu\", \"rtt\" ..."},
    METRIC("mtu", RTAX_MTU, "mtu +lock", "of the path, in bytes"),
    METRIC("window", RTAX_WINDOW, "w*indow +lock", "largest TCP window to advertise, in bytes"),
    METRIC_OF("rtt_ms", RTAX_RTT, schema_ms32, &times[2], "rtt +lock",
              "first estimate of the round trip time"),
    METRIC_OF("rttvar_ms", RTAX_RTTVAR, schema_ms32, &times[1], "rttv*ar +lock",
              "first estimate of its variance"),
    METRIC("ssthresh", RTAX_SSTHRESH, "s*sthresh +lock", "first TCP slow start threshold"),
    METRIC("cwnd", RTAX_CWND, "c*wnd +lock", "most of the TCP congestion window, in segments"),
    METRIC("advmss", RTAX_ADVMSS, "advmss +lock", "largest TCP segment to advertise, in bytes"),
    METRIC("reordering", RTAX_REORDERING, "r*eordering +lock",
           "how far TCP segments may be out of order"),
    METRIC("hoplimit", RTAX_HOPLIMIT, "hoplimit +lock", "hop limit of packets"),
    METRIC("initcwnd", RTAX_INITCWND, "i*nitcwnd +lock",
           "first TCP congestion window, in segments"),
    METRIC_OF("features", RTAX_FEATURES, schema_words, features, "f*eatures",
              "of TCP to use: \"ecn\""),
    METRIC_OF("rto_min_ms", RTAX_RTO_MIN, schema_ms32, &times[0], "rto_min",
              "least TCP retransmission time; always locked"),
    METRIC("initrwnd", RTAX_INITRWND, "initr*wnd +lock", "first TCP receive window, in segments"),
    METRIC_OF("quickack", RTAX_QUICKACK, schema_bool32, NULL, "q*uickack",
              "acknowledge at once"),
    METRIC_OF("fastopen_no_cookie", RTAX_FASTOPEN_NO_COOKIE, schema_bool32, NULL,
              "fastopen_no_cookie", "TCP fast open without a cookie"),
    METRIC_OF("congctl", RTAX_CC_ALGO, schema_string, &congctl_len, "co*ngctl +lock",
              "TCP congestion control: \"reno\", \"cubic\" ..."),
    {.key = "realms", SCHEMA_ATTR(RTA_FLOW), .codec = &schema_realms, .words = "rea*lms",
     .doc = "classes of routes: DESTINATION or \"SOURCE/DESTINATION\""},
    {.key = "pref", SCHEMA_ATTR(RTA_PREF), .codec = &schema_enum8, .arg = prefs, .words = "pre*f",
     .doc = "router preference (RFC 4191): low, medium, high"},
    {.key = "expires", SCHEMA_ATTR(RTA_EXPIRES), .other = RTA_CACHEINFO,
     .off = offsetof(struct rta_cacheinfo, rta_expires), .codec = &schema_expires,
     .words = "expires", .doc = "gone in so many seconds (IPv6)"},
    {.key = "mark", SCHEMA_ATTR(RTA_MARK), .codec = &schema_u32, .words = "mark",
     .doc = "for a packet with this mark (get)"},
    {.key = "uid", SCHEMA_ATTR(RTA_UID), .codec = &schema_u32, .words = "uid",
     .doc = "for a packet of this user (get)"},
    {.key = "ipproto", SCHEMA_ATTR(RTA_IP_PROTO), .codec = &schema_ipproto, .words = "ipproto",
     .doc = "for a packet of this protocol: tcp, udp, icmp ... (get)"},
    {.key = "sport", SCHEMA_ATTR(RTA_SPORT), .codec = &schema_port, .words = "sport",
     .doc = "for a packet from this port (get)"},
    {.key = "dport", SCHEMA_ATTR(RTA_DPORT), .codec = &schema_port, .words = "dport",
     .doc = "for a packet to this port (get)"},
    {.key = "fibmatch", SCHEMA_HEAD(rtmsg, rtm_flags), .codec = &schema_asked32,
     .arg = &(const struct schema_bit){RTM_F_FIB_MATCH, 0, false}, .words = "fibmatch",
     .doc = "answer with the entry of the table that decides (get)"},
    {.key = "cached", SCHEMA_HEAD(rtmsg, rtm_flags), .codec = &schema_bit32,
     .arg = &(const struct schema_bit){RTM_F_CLONED, 0, false}, .flags = SCHEMA_READONLY,
     .words = "cache", .doc = "what the kernel learned of one destination, a smaller MTU say"},
    {.key = "flags", SCHEMA_HEAD(rtmsg, rtm_flags), .codec = &schema_flagset, .arg = route_flags,
     .flags = SCHEMA_READONLY, .doc = "dead, linkdown, onlink, cache ..."},
    SCHEMA_ENCAP(RTA_ENCAP, RTA_ENCAP_TYPE), /* so late: words of its own are words of a route too */
    {.key = "nexthops", SCHEMA_ATTR(RTA_MULTIPATH), .codec = &schema_nexthops, .arg = &schema_way,
     .words = "nexthop",
     .doc = "several ways, { { via = ..., dev = ..., weight = 2 }, ... }: flows are spread over "
            "them"},
    {.key = "root", SCHEMA_ATTR(RTA_DST), .off = offsetof(struct rtmsg, rtm_dst_len),
     .codec = &schema_prefix, .arg = "default", .words = "root", .flags = SCHEMA_FILTER,
     .doc = "those to this network and to parts of it"},
    {.key = "match", SCHEMA_ATTR(RTA_DST), .off = offsetof(struct rtmsg, rtm_dst_len),
     .codec = &schema_prefix, .arg = "default", .words = "match", .flags = SCHEMA_FILTER,
     .doc = "those that lead to this network or address: the same, or a larger one"},
    {.key = "vrf", SCHEMA_ATTR(RTA_OIF), .codec = &schema_dev, .words = "vrf",
     .flags = SCHEMA_FILTER, .doc = "those of the table of this vrf"},
    SCHEMA_END};
static const struct schema_member route_members[] = {
    SCHEMA_MEMBER(rtmsg, rtm_family, schema_families, false),
    SCHEMA_MEMBER(rtmsg, rtm_dst_len, NULL, false),
    SCHEMA_MEMBER(rtmsg, rtm_src_len, NULL, false),
    SCHEMA_MEMBER(rtmsg, rtm_tos, NULL, false),
    SCHEMA_MEMBER(rtmsg, rtm_table, schema_tables, false),
    SCHEMA_MEMBER(rtmsg, rtm_protocol, schema_protocols, false),
    SCHEMA_MEMBER(rtmsg, rtm_scope, schema_scopes, false),
    SCHEMA_MEMBER(rtmsg, rtm_type, schema_route_types, false),
    SCHEMA_MEMBER(rtmsg, rtm_flags, route_flags, true),
    {.name = NULL}};

static const struct schema_name route_attrs[] = {
    SCHEMA_NAME(RTA_CACHEINFO), SCHEMA_NAME(RTA_MFC_STATS), SCHEMA_NAME(RTA_VIA),
    SCHEMA_NAME(RTA_ENCAP_TYPE), {NULL, 0}};

const struct schema schema_route = {.name = "route",
                                    .doc = "An entry of a routing table.",
                                    .hdr = sizeof(struct rtmsg),
                                    .members = route_members,
                                    .attrs = route_attrs,
                                    .rows = route_rows};

/* ---- nexthop objects ------------------------------------------------------------------------- */

static const struct schema_name group_types[] = {
    {"mpath", NEXTHOP_GRP_TYPE_MPATH}, {"resilient", NEXTHOP_GRP_TYPE_RES}, {NULL, 0}};

static const struct schema_step resilient[] = {{SCHEMA_ATTR(NHA_RES_GROUP)}, {0, NULL}};
static const struct schema_scale centiseconds = {100};

static const struct schema_row nexthop_rows[] = {
    {.key = "family", SCHEMA_HEAD(nhmsg, nh_family), .codec = &schema_family,
     .flags = SCHEMA_HIDDEN, .doc = "follows from the gateway; \"inet\" when none is given"},
    {.key = "id", SCHEMA_ATTR(NHA_ID), .codec = &schema_u32, .words = "id",
     .doc = "its number, by which routes and groups name it"},
    {.key = "group", SCHEMA_ATTR(NHA_GROUP), .codec = &schema_group, .words = "group",
     .doc = "the nexthops that flows are spread over: { 1, 2 } or { { id = 1, weight = 3 }, 2 }"},
    {.key = "type", SCHEMA_ATTR(NHA_GROUP_TYPE), .codec = &schema_enum16, .arg = group_types,
     .words = "type", .doc = "of a group: mpath, or resilient, which keeps flows where they are"},
    {.key = "buckets", SCHEMA_ATTR(NHA_RES_GROUP_BUCKETS), .in = resilient, .codec = &schema_u16,
     .words = "buckets", .doc = "of a resilient group: into how many parts flows are hashed"},
    {.key = "idle_timer", SCHEMA_ATTR(NHA_RES_GROUP_IDLE_TIMER), .in = resilient,
     .codec = &schema_scaled32, .arg = &centiseconds, .words = "idle_timer",
     .doc = "of a resilient group: seconds without a packet until a bucket may move"},
    {.key = "unbalanced_timer", SCHEMA_ATTR(NHA_RES_GROUP_UNBALANCED_TIMER), .in = resilient,
     .codec = &schema_scaled32, .arg = &centiseconds, .words = "unbalanced_timer",
     .doc = "of a resilient group: seconds until buckets move although they are in use"},
    {.key = "unbalanced_time", SCHEMA_ATTR(NHA_RES_GROUP_UNBALANCED_TIME), .in = resilient,
     .codec = &schema_scaled64, .arg = &centiseconds, .flags = SCHEMA_READONLY,
     .doc = "of a resilient group: seconds that it has been out of balance"},
    SCHEMA_ENCAP(NHA_ENCAP, NHA_ENCAP_TYPE),
    {.key = "via", SCHEMA_ATTR(NHA_GATEWAY), .codec = &schema_via, .words = "via",
     .doc = "the gateway, an address that can be reached directly"},
    {.key = "dev", SCHEMA_ATTR(NHA_OIF), .codec = &schema_dev, .words = "dev",
     .doc = "the link to send through"},
    {.key = "scope", SCHEMA_HEAD(nhmsg, nh_scope), .codec = &schema_enum8, .arg = schema_scopes,
     .flags = SCHEMA_READONLY, .doc = "how far away it is"},
    {.key = "blackhole", SCHEMA_ATTR(NHA_BLACKHOLE), .codec = &schema_flag, .words = "blackhole",
     .doc = "packets are dropped"},
    {.key = "fdb", SCHEMA_ATTR(NHA_FDB), .codec = &schema_flag, .words = "fdb",
     .doc = "for the forwarding table of a vxlan, not for routes"},
    {.key = "onlink", SCHEMA_HEAD(nhmsg, nh_flags), .codec = &schema_bit32,
     .arg = &(const struct schema_bit){RTNH_F_ONLINK, 0, false}, .words = "onlink",
     .doc = "believe that the gateway is on the link"},
    {.key = "protocol", SCHEMA_HEAD(nhmsg, nh_protocol), .codec = &schema_enum8,
     .arg = schema_protocols, .words = "proto, p*rotocol", .doc = "who made it"},
    {.key = "flags", SCHEMA_HEAD(nhmsg, nh_flags), .codec = &schema_flagset, .arg = nexthop_flags,
     .flags = SCHEMA_READONLY, .doc = "dead, linkdown ..."},
    {.key = "groups", SCHEMA_ATTR(NHA_GROUPS), .codec = &schema_flag, .words = "groups",
     .flags = SCHEMA_FILTER, .doc = "groups alone"},
    {.key = "master", SCHEMA_ATTR(NHA_MASTER), .codec = &schema_dev, .words = "master, vrf",
     .flags = SCHEMA_FILTER, .doc = "those through links of this vrf or bridge"},
    SCHEMA_END};

static const struct schema_member nexthop_members[] = {
    SCHEMA_MEMBER(nhmsg, nh_family, schema_families, false),
    SCHEMA_MEMBER(nhmsg, nh_scope, schema_scopes, false),
    SCHEMA_MEMBER(nhmsg, nh_protocol, schema_protocols, false),
    SCHEMA_MEMBER(nhmsg, resvd, NULL, false),
    SCHEMA_MEMBER(nhmsg, nh_flags, nexthop_flags, true),
    {.name = NULL}};

static const struct schema_name nexthop_attrs[] = {SCHEMA_NAME(NHA_ENCAP_TYPE),
                                                   SCHEMA_NAME(NHA_GROUPS),
                                                   SCHEMA_NAME(NHA_MASTER),
                                                   {NULL, 0}};

const struct schema schema_nexthop = {.name = "nexthop",
                                      .doc = "A way that routes lead through, or a group of such.",
                                      .hdr = sizeof(struct nhmsg),
                                      .members = nexthop_members,
                                      .attrs = nexthop_attrs,
                                      .rows = nexthop_rows};
