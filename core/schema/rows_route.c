/* rows_route: entries of routing tables and what they lead through, as rows. Numbers and names
 * from linux/rtnetlink.h, words from ip-route(8). */
#include "schema/names.h"
#include <linux/in_route.h>
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

#define METRIC(key_, attr_, words_, doc_)                                                          \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(attr_), .in = metrics, .codec = &schema_u32, .words = words_,         \
    .doc = doc_                                                                                    \
  }

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
    {.key = "via", SCHEMA_ATTR(RTA_GATEWAY), .codec = &schema_address, .words = "via",
     .doc = "the gateway, an address that can be reached directly"},
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
    METRIC("mtu", RTAX_MTU, "mtu", "of the path, in bytes"),
    METRIC("window", RTAX_WINDOW, "w*indow", "largest TCP window to advertise, in bytes"),
    METRIC("advmss", RTAX_ADVMSS, "advmss", "largest TCP segment to advertise, in bytes"),
    METRIC("hoplimit", RTAX_HOPLIMIT, "hoplimit", "hop limit of packets"),
    METRIC("initcwnd", RTAX_INITCWND, "i*nitcwnd", "first TCP congestion window, in segments"),
    METRIC("initrwnd", RTAX_INITRWND, "initr*wnd", "first TCP receive window, in segments"),
    {.key = "pref", SCHEMA_ATTR(RTA_PREF), .codec = &schema_enum8, .arg = prefs, .words = "pre*f",
     .doc = "router preference (RFC 4191): low, medium, high"},
    {.key = "mark", SCHEMA_ATTR(RTA_MARK), .codec = &schema_u32, .words = "mark",
     .doc = "for a packet with this mark (get)"},
    {.key = "uid", SCHEMA_ATTR(RTA_UID), .codec = &schema_u32, .words = "uid",
     .doc = "for a packet of this user (get)"},
    {.key = "flags", SCHEMA_HEAD(rtmsg, rtm_flags), .codec = &schema_flagset, .arg = route_flags,
     .flags = SCHEMA_READONLY, .doc = "dead, linkdown, onlink, cache ..."},
    {.key = "expires", SCHEMA_ATTR(RTA_CACHEINFO),
     .off = offsetof(struct rta_cacheinfo, rta_expires), .codec = &schema_expires, .flags = SCHEMA_READONLY, .doc = "gone in so many seconds"},
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
    SCHEMA_NAME(RTA_MULTIPATH), SCHEMA_NAME(RTA_FLOW),   SCHEMA_NAME(RTA_CACHEINFO),
    SCHEMA_NAME(RTA_MFC_STATS), SCHEMA_NAME(RTA_VIA),    SCHEMA_NAME(RTA_ENCAP_TYPE),
    SCHEMA_NAME(RTA_ENCAP),     SCHEMA_NAME(RTA_EXPIRES), SCHEMA_NAME(RTA_NH_ID),
    {NULL, 0}};

const struct schema schema_route = {.name = "route",
                                    .doc = "An entry of a routing table.",
                                    .hdr = sizeof(struct rtmsg),
                                    .members = route_members,
                                    .attrs = route_attrs,
                                    .rows = route_rows};
