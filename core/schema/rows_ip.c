/* rows_ip: addresses, routes, neighbours and policy rules, as rows. Numbers and names from
 * linux/if_addr.h, linux/rtnetlink.h, linux/neighbour.h, linux/fib_rules.h; words from
 * ip-address(8), ip-route(8), ip-neighbour(8), ip-rule(8). */
#include "schema/schema.h"
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/in_route.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

static const struct schema_name scopes[] = {{"global", RT_SCOPE_UNIVERSE}, {"site", RT_SCOPE_SITE},
                                            {"link", RT_SCOPE_LINK},       {"host", RT_SCOPE_HOST},
                                            {"nowhere", RT_SCOPE_NOWHERE}, {NULL, 0}};

static const struct schema_name protocols[] = {
    {"unspec", RTPROT_UNSPEC},   {"redirect", RTPROT_REDIRECT},
    {"kernel", RTPROT_KERNEL},   {"boot", RTPROT_BOOT},
    {"static", RTPROT_STATIC},   {"gated", RTPROT_GATED},
    {"ra", RTPROT_RA},           {"mrt", RTPROT_MRT},
    {"zebra", RTPROT_ZEBRA},     {"bird", RTPROT_BIRD},
    {"dnrouted", RTPROT_DNROUTED}, {"xorp", RTPROT_XORP},
    {"ntk", RTPROT_NTK},         {"dhcp", RTPROT_DHCP},
    {"keepalived", RTPROT_KEEPALIVED}, {"babel", RTPROT_BABEL},
    {"openr", RTPROT_OPENR},     {"bgp", RTPROT_BGP},
    {"isis", RTPROT_ISIS},       {"ospf", RTPROT_OSPF},
    {"rip", RTPROT_RIP},         {"eigrp", RTPROT_EIGRP},
    {NULL, 0}};

/* Differentiated services, as in iproute2's rt_dsfield; the usual 0 has no word. */
static const struct schema_name dsfields[] = {
    {"AF11", 0x28}, {"AF12", 0x30}, {"AF13", 0x38}, {"AF21", 0x48}, {"AF22", 0x50},
    {"AF23", 0x58}, {"AF31", 0x68}, {"AF32", 0x70}, {"AF33", 0x78}, {"AF41", 0x88},
    {"AF42", 0x90}, {"AF43", 0x98}, {"CS1", 0x20},  {"CS2", 0x40},  {"CS3", 0x60},
    {"CS4", 0x80},  {"CS5", 0xa0},  {"CS6", 0xc0},  {"CS7", 0xe0},  {"EF", 0xb8},
    {NULL, 0}};

static const struct schema_name tables[] = {{"default", RT_TABLE_DEFAULT},
                                            {"main", RT_TABLE_MAIN},
                                            {"local", RT_TABLE_LOCAL},
                                            {NULL, 0}};

/* ---- addresses ------------------------------------------------------------------------------- */

#define ADDR_BIT(key_, bit, words_, flags_, doc_)                                                  \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(IFA_FLAGS), .codec = &schema_bit32,                                   \
    .arg = &(const struct schema_bit){(bit), 0, false}, .words = words_, .flags = flags_,          \
    .doc = doc_                                                                                    \
  }
#define LIFETIME(key_, member, words_, doc_)                                                       \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(IFA_CACHEINFO), .off = offsetof(struct ifa_cacheinfo, member),        \
    .codec = &schema_cacheinfo, .words = words_, .doc = doc_                                       \
  }

static const struct schema_range label_len = {0, 15};

static const struct schema_row addr_rows[] = {
    {.key = "family", SCHEMA_HEAD(ifaddrmsg, ifa_family), .codec = &schema_family,
     .flags = SCHEMA_HIDDEN, .doc = "follows from the address"},
    {.key = "address", SCHEMA_ATTR(IFA_LOCAL), .codec = &schema_ifaddr, .words = "local",
     .doc = "the address with its prefix length: \"192.168.15.1/24\""},
    {.key = "peer", SCHEMA_ATTR(IFA_ADDRESS), .codec = &schema_addresslen, .words = "peer, remote",
     .doc = "the other end of a point-to-point link"},
    {.key = "broadcast", SCHEMA_ATTR(IFA_BROADCAST), .codec = &schema_broadcast,
     .words = "b*roadcast, brd",
     .doc = "broadcast address; \"+\": the last one of the network, \"-\": the first"},
    {.key = "dev", SCHEMA_HEAD(ifaddrmsg, ifa_index), .codec = &schema_dev, .words = "dev",
     .flags = SCHEMA_REQUIRED, .doc = "the link that has it"},
    {.key = "scope", SCHEMA_HEAD(ifaddrmsg, ifa_scope), .codec = &schema_enum8, .arg = scopes,
     .words = "scope", .doc = "how far it is valid: global, site, link, host or a number"},
    {.key = "label", SCHEMA_ATTR(IFA_LABEL), .codec = &schema_string, .arg = &label_len,
     .words = "label", .doc = "the link's name, or that with a colon and more (IPv4)"},
    {.key = "metric", SCHEMA_ATTR(IFA_RT_PRIORITY), .codec = &schema_u32,
     .words = "m*etric, p*riority, pr*eference", .doc = "of the route that comes with it"},
    LIFETIME("valid_lft", ifa_valid, "v*alid_lft", "valid for so many seconds, or \"forever\""),
    LIFETIME("preferred_lft", ifa_prefered, "preferr*ed_lft",
             "preferred for so many seconds, or \"forever\""),
    ADDR_BIT("nodad", IFA_F_NODAD, "nodad 6", 0, "no duplicate address detection (IPv6)"),
    ADDR_BIT("home", IFA_F_HOMEADDRESS, "home 6", 0, "home address (RFC 6275)"),
    ADDR_BIT("mngtmpaddr", IFA_F_MANAGETEMPADDR, "mngtmpaddr 6", 0,
             "the kernel makes temporary addresses from it"),
    ADDR_BIT("optimistic", IFA_F_OPTIMISTIC, "optimistic 6", 0,
             "used while duplicate address detection goes on"),
    ADDR_BIT("noprefixroute", IFA_F_NOPREFIXROUTE, "noprefixroute", 0, "no route comes with it"),
    ADDR_BIT("autojoin", IFA_F_MCAUTOJOIN, "autojoin", 0, "joins its multicast group"),
    ADDR_BIT("secondary", IFA_F_SECONDARY, "secondary, temporary, !primary", SCHEMA_READONLY,
             "not the first of its network (IPv4), temporary (IPv6)"),
    ADDR_BIT("tentative", IFA_F_TENTATIVE, "tentative", SCHEMA_READONLY,
             "duplicate address detection has not ended"),
    ADDR_BIT("dadfailed", IFA_F_DADFAILED, "dadfailed", SCHEMA_READONLY, "somebody else has it"),
    ADDR_BIT("deprecated", IFA_F_DEPRECATED, "deprecated", SCHEMA_READONLY, "no longer preferred"),
    ADDR_BIT("stable_privacy", IFA_F_STABLE_PRIVACY, "stable-privacy", SCHEMA_READONLY,
             "made from a secret (RFC 7217)"),
    ADDR_BIT("permanent", IFA_F_PERMANENT, "permanent, !dynamic", SCHEMA_READONLY, "has no lifetime"),
    SCHEMA_END};
static const struct schema_name addr_flags[] = {{"secondary", IFA_F_SECONDARY},
                                                {"nodad", IFA_F_NODAD},
                                                {"optimistic", IFA_F_OPTIMISTIC},
                                                {"dadfailed", IFA_F_DADFAILED},
                                                {"home", IFA_F_HOMEADDRESS},
                                                {"deprecated", IFA_F_DEPRECATED},
                                                {"tentative", IFA_F_TENTATIVE},
                                                {"permanent", IFA_F_PERMANENT},
                                                {NULL, 0}};

static const struct schema_member addr_members[] = {
    SCHEMA_MEMBER(ifaddrmsg, ifa_family, schema_families, false),
    SCHEMA_MEMBER(ifaddrmsg, ifa_prefixlen, NULL, false),
    SCHEMA_MEMBER(ifaddrmsg, ifa_flags, addr_flags, true),
    SCHEMA_MEMBER(ifaddrmsg, ifa_scope, scopes, false),
    SCHEMA_MEMBER(ifaddrmsg, ifa_index, NULL, false),
    {.name = NULL}};

const struct schema schema_addr = {.name = "addr",
                                   .doc = "An IPv4 or IPv6 address of a link.",
                                   .hdr = sizeof(struct ifaddrmsg),
                                   .members = addr_members,
                                   .rows = addr_rows};

/* ---- routes ---------------------------------------------------------------------------------- */

static const struct schema_name route_types[] = {
    {"unicast", RTN_UNICAST},         {"local", RTN_LOCAL},         {"broadcast", RTN_BROADCAST},
    {"anycast", RTN_ANYCAST},         {"multicast", RTN_MULTICAST}, {"blackhole", RTN_BLACKHOLE},
    {"unreachable", RTN_UNREACHABLE}, {"prohibit", RTN_PROHIBIT},   {"throw", RTN_THROW},
    {NULL, 0}};

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
    {.key = "type", SCHEMA_HEAD(rtmsg, rtm_type), .codec = &schema_enum8, .arg = route_types,
     .words = "[ty*pe]", .flags = SCHEMA_FIRST,
     .doc = "unicast, local, blackhole, unreachable, prohibit, throw ..."},
    {.key = "dst", SCHEMA_ATTR(RTA_DST), .off = offsetof(struct rtmsg, rtm_dst_len),
     .codec = &schema_prefix, .arg = "default", .words = "to",
     .doc = "the network it leads to, or \"default\""},
    {.key = "from", SCHEMA_ATTR(RTA_SRC), .off = offsetof(struct rtmsg, rtm_src_len),
     .codec = &schema_prefix, .words = "from", .doc = "for packets from this network (IPv6, get)"},
    {.key = "tos", SCHEMA_HEAD(rtmsg, rtm_tos), .codec = &schema_enum8, .arg = dsfields,
     .words = "tos 0x, d*sfield 0x", .doc = "type of service: a number, or AF11, CS1, EF ..."},
    {.key = "via", SCHEMA_ATTR(RTA_GATEWAY), .codec = &schema_address, .words = "via",
     .doc = "the gateway, an address that can be reached directly"},
    {.key = "dev", SCHEMA_ATTR(RTA_OIF), .codec = &schema_dev, .words = "dev, oif",
     .doc = "the link to send through"},
    {.key = "iif", SCHEMA_ATTR(RTA_IIF), .codec = &schema_dev, .words = "iif",
     .doc = "for a packet that came in here (get)"},
    {.key = "protocol", SCHEMA_HEAD(rtmsg, rtm_protocol), .codec = &schema_enum8,
     .arg = protocols, .words = "proto, pro*tocol",
     .doc = "who made it: kernel, boot, static, dhcp, ra ..."},
    {.key = "scope", SCHEMA_HEAD(rtmsg, rtm_scope), .codec = &schema_enum8, .arg = scopes,
     .words = "scope", .doc = "how far away the destination is: global, link, host"},
    {.key = "src", SCHEMA_ATTR(RTA_PREFSRC), .codec = &schema_address, .words = "src",
     .doc = "the source address that packets get"},
    {.key = "metric", SCHEMA_ATTR(RTA_PRIORITY), .codec = &schema_u32,
     .words = "m*etric, p*riority, preference", .doc = "the smaller wins among routes to one network"},
    {.key = "table", SCHEMA_ATTR(RTA_TABLE), .codec = &schema_table, .arg = tables,
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
    SCHEMA_MEMBER(rtmsg, rtm_table, tables, false),
    SCHEMA_MEMBER(rtmsg, rtm_protocol, protocols, false),
    SCHEMA_MEMBER(rtmsg, rtm_scope, scopes, false),
    SCHEMA_MEMBER(rtmsg, rtm_type, route_types, false),
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

/* ---- neighbours ------------------------------------------------------------------------------ */

static const struct schema_name nud_states[] = {
    {"none", NUD_NONE},   {"incomplete", NUD_INCOMPLETE}, {"reachable", NUD_REACHABLE},
    {"stale", NUD_STALE}, {"delay", NUD_DELAY},           {"probe", NUD_PROBE},
    {"failed", NUD_FAILED}, {"noarp", NUD_NOARP},         {"permanent", NUD_PERMANENT},
    {NULL, 0}};

#define NEIGH_BIT(key_, bit, words_, flags_, doc_)                                                 \
  {                                                                                                \
    .key = key_, SCHEMA_HEAD(ndmsg, ndm_flags), .codec = &schema_bit8,                             \
    .arg = &(const struct schema_bit){(bit), 0, false}, .words = words_, .flags = flags_,          \
    .doc = doc_                                                                                    \
  }

static const struct schema_row neigh_rows[] = {
    {.key = "family", SCHEMA_HEAD(ndmsg, ndm_family), .codec = &schema_family,
     .flags = SCHEMA_HIDDEN, .doc = "follows from the address"},
    {.key = "dst", SCHEMA_ATTR(NDA_DST), .codec = &schema_address, .words = "to",
     .doc = "the neighbour's IP address"},
    {.key = "lladdr", SCHEMA_ATTR(NDA_LLADDR), .codec = &schema_mac, .words = "l*laddr",
     .doc = "its hardware address"},
    {.key = "nud", SCHEMA_HEAD(ndmsg, ndm_state), .codec = &schema_enum16, .arg = nud_states,
     .words = "nud ~permanent|reachable|failed", .doc = "state: permanent, reachable, stale, noarp, failed ..."},
    {.key = "dev", SCHEMA_HEAD(ndmsg, ndm_ifindex), .codec = &schema_dev, .words = "dev",
     .flags = SCHEMA_REQUIRED, .doc = "the link it is on"},
    NEIGH_BIT("router", NTF_ROUTER, "router", 0, "it is a router (IPv6)"),
    NEIGH_BIT("proxy", NTF_PROXY, "p*roxy", SCHEMA_FIRST, "answer for it"),
    NEIGH_BIT("extern_learn", NTF_EXT_LEARNED, "e*xtern_learn", 0, "learned by a program"),
    NEIGH_BIT("use", NTF_USE, "use", 0, "resolve it now"),
    {.key = "protocol", SCHEMA_ATTR(NDA_PROTOCOL), .codec = &schema_enum8, .arg = protocols,
     .words = "prot*ocol", .doc = "who made it"},
    SCHEMA_END};
static const struct schema_name neigh_flags[] = {
    {"use", NTF_USE},     {"self", NTF_SELF},   {"master", NTF_MASTER},
    {"proxy", NTF_PROXY}, {"extern_learn", NTF_EXT_LEARNED}, {"offload", NTF_OFFLOADED},
    {"sticky", NTF_STICKY}, {"router", NTF_ROUTER}, {NULL, 0}};

static const struct schema_member neigh_members[] = {
    SCHEMA_MEMBER(ndmsg, ndm_family, schema_families, false),
    SCHEMA_MEMBER(ndmsg, ndm_pad1, NULL, false),
    SCHEMA_MEMBER(ndmsg, ndm_pad2, NULL, false),
    SCHEMA_MEMBER(ndmsg, ndm_ifindex, NULL, false),
    SCHEMA_MEMBER(ndmsg, ndm_state, nud_states, false),
    SCHEMA_MEMBER(ndmsg, ndm_flags, neigh_flags, true),
    SCHEMA_MEMBER(ndmsg, ndm_type, route_types, false),
    {.name = NULL}};

static const struct schema_name neigh_attrs[] = {SCHEMA_NAME(NDA_CACHEINFO), SCHEMA_NAME(NDA_PROBES),
                                                 SCHEMA_NAME(NDA_VLAN), SCHEMA_NAME(NDA_MASTER),
                                                 {NULL, 0}};

const struct schema schema_neigh = {.name = "neigh",
                                    .doc = "A neighbour: which hardware address an IP address has.",
                                    .hdr = sizeof(struct ndmsg),
                                    .members = neigh_members,
                                    .attrs = neigh_attrs,
                                    .rows = neigh_rows};

/* ---- policy rules ---------------------------------------------------------------------------- */

static const struct schema_name actions[] = {
    {"lookup", FR_ACT_TO_TBL},           {"goto", FR_ACT_GOTO},
    {"nop", FR_ACT_NOP},                 {"blackhole", FR_ACT_BLACKHOLE},
    {"unreachable", FR_ACT_UNREACHABLE}, {"prohibit", FR_ACT_PROHIBIT},
    {NULL, 0}};

static const struct schema_name rule_states[] = {{"unresolved", FIB_RULE_UNRESOLVED},
                                                {"iif_detached", FIB_RULE_IIF_DETACHED},
                                                {"oif_detached", FIB_RULE_OIF_DETACHED},
                                                {NULL, 0}};

static const struct schema_range ifname_len = {1, 15};

static const struct schema_row rule_rows[] = {
    {.key = "family", SCHEMA_HEAD(fib_rule_hdr, family), .codec = &schema_family,
     .flags = SCHEMA_HIDDEN, .doc = "follows from the addresses; \"inet\" when none is given"},
    {.key = "invert", SCHEMA_HEAD(fib_rule_hdr, flags), .codec = &schema_bit32,
     .arg = &(const struct schema_bit){FIB_RULE_INVERT, 0, false}, .words = "not",
     .doc = "for packets that do not match"},
    {.key = "from", SCHEMA_ATTR(FRA_SRC), .off = offsetof(struct fib_rule_hdr, src_len),
     .codec = &schema_selector, .arg = "all", .words = "from",
     .doc = "source network, or \"all\""},
    {.key = "to", SCHEMA_ATTR(FRA_DST), .off = offsetof(struct fib_rule_hdr, dst_len),
     .codec = &schema_selector, .words = "to", .doc = "destination network"},
    {.key = "tos", SCHEMA_HEAD(fib_rule_hdr, tos), .codec = &schema_enum8, .arg = dsfields,
     .words = "tos 0x, d*sfield 0x", .doc = "type of service: a number, or AF11, CS1, EF ..."},
    {.key = "fwmark", SCHEMA_ATTR(FRA_FWMARK), .codec = &schema_u32, .words = "fwmark/fwmask",
     .doc = "mark of the packet"},
    {.key = "fwmask", SCHEMA_ATTR(FRA_FWMASK), .codec = &schema_u32, .flags = SCHEMA_HIDDEN,
     .doc = "bits of the mark that count"},
    {.key = "iif", SCHEMA_ATTR(FRA_IIFNAME), .codec = &schema_string, .arg = &ifname_len,
     .words = "iif, dev", .doc = "name of the link it came in by; \"lo\": made here"},
    {.key = "oif", SCHEMA_ATTR(FRA_OIFNAME), .codec = &schema_string, .arg = &ifname_len,
     .words = "oif", .doc = "name of the link that the socket is bound to"},
    {.key = "ipproto", SCHEMA_ATTR(FRA_IP_PROTO), .codec = &schema_ipproto, .words = "ipproto",
     .doc = "the IP protocol: tcp, udp, icmp ... or its number"},
    {.key = "action", SCHEMA_HEAD(fib_rule_hdr, action), .codec = &schema_enum8, .arg = actions,
     .words = "[type]", .doc = "lookup (a table), goto, nop, blackhole, unreachable, prohibit"},
    {.key = "table", SCHEMA_ATTR(FRA_TABLE), .codec = &schema_table, .arg = tables,
     .words = "lookup, ta*ble",
     .doc = "routing table to look in: main, local, default or a number"},
    {.key = "target", SCHEMA_ATTR(FRA_GOTO), .codec = &schema_u32, .words = "g*oto",
     .doc = "priority of the rule to go on with"},
    {.key = "suppress_prefixlength", SCHEMA_ATTR(FRA_SUPPRESS_PREFIXLEN), .codec = &schema_s32,
     .words = "s*uppress_prefixlength, sup_pl", .doc = "ignore routes with so short a prefix"},
    {.key = "protocol", SCHEMA_ATTR(FRA_PROTOCOL), .codec = &schema_enum8, .arg = protocols,
     .words = "pro*tocol", .doc = "who made it"},
    {.key = "priority", SCHEMA_ATTR(FRA_PRIORITY), .codec = &schema_u32_or_0,
     .words = "pri*ority, p*reference, o*rder", .doc = "rules are asked in this order"},
    {.key = "flags", SCHEMA_HEAD(fib_rule_hdr, flags), .codec = &schema_flagset, .arg = rule_states,
     .flags = SCHEMA_READONLY,
     .doc = "unresolved (goto a rule that is not there), iif_detached, oif_detached (no such link)"},
    SCHEMA_END};
static const struct schema_name rule_flags[] = {{"permanent", FIB_RULE_PERMANENT},
                                                {"invert", FIB_RULE_INVERT},
                                                {"unresolved", FIB_RULE_UNRESOLVED},
                                                {"iif_detached", FIB_RULE_IIF_DETACHED},
                                                {"oif_detached", FIB_RULE_OIF_DETACHED},
                                                {NULL, 0}};

static const struct schema_member rule_members[] = {
    SCHEMA_MEMBER(fib_rule_hdr, family, schema_families, false),
    SCHEMA_MEMBER(fib_rule_hdr, dst_len, NULL, false),
    SCHEMA_MEMBER(fib_rule_hdr, src_len, NULL, false),
    SCHEMA_MEMBER(fib_rule_hdr, tos, NULL, false),
    SCHEMA_MEMBER(fib_rule_hdr, table, tables, false),
    SCHEMA_MEMBER(fib_rule_hdr, res1, NULL, false),
    SCHEMA_MEMBER(fib_rule_hdr, res2, NULL, false),
    SCHEMA_MEMBER(fib_rule_hdr, action, actions, false),
    SCHEMA_MEMBER(fib_rule_hdr, flags, rule_flags, true),
    {.name = NULL}};

static const struct schema_name rule_attrs[] = {
    SCHEMA_NAME(FRA_FLOW),           SCHEMA_NAME(FRA_TUN_ID),      SCHEMA_NAME(FRA_SUPPRESS_IFGROUP),
    SCHEMA_NAME(FRA_L3MDEV),         SCHEMA_NAME(FRA_UID_RANGE),   SCHEMA_NAME(FRA_SPORT_RANGE),
    SCHEMA_NAME(FRA_DPORT_RANGE),    {NULL, 0}};

const struct schema schema_rule = {.name = "rule",
                                   .doc = "A rule of policy routing: which table is asked when.",
                                   .hdr = sizeof(struct fib_rule_hdr),
                                   .members = rule_members,
                                   .attrs = rule_attrs,
                                   .rows = rule_rows};
