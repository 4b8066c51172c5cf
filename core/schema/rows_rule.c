/* rows_rule: rules of policy routing, as rows. Numbers and names from linux/fib_rules.h, words
 * from ip-rule(8). */
#include "schema/names.h"
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

static const struct schema_name actions[] = {
    {"lookup", FR_ACT_TO_TBL},           {"goto", FR_ACT_GOTO},
    {"nop", FR_ACT_NOP},                 {"blackhole", FR_ACT_BLACKHOLE},
    {"unreachable", FR_ACT_UNREACHABLE}, {"prohibit", FR_ACT_PROHIBIT},
    {NULL, 0}};

static const struct schema_name rule_states[] = {{"unresolved", FIB_RULE_UNRESOLVED},
                                                {"iif_detached", FIB_RULE_IIF_DETACHED},
                                                {"oif_detached", FIB_RULE_OIF_DETACHED},
                                                {NULL, 0}};

static const struct schema_name groups[] = {{"default", 0}, {NULL, 0}};
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
    {.key = "tos", SCHEMA_HEAD(fib_rule_hdr, tos), .codec = &schema_enum8, .arg = schema_dsfields,
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
    {.key = "sport", SCHEMA_ATTR(FRA_SPORT_RANGE), .codec = &schema_portrange, .words = "sport",
     .doc = "source port of TCP, UDP ..., or a range: \"1000-2000\""},
    {.key = "dport", SCHEMA_ATTR(FRA_DPORT_RANGE), .codec = &schema_portrange, .words = "dport",
     .doc = "destination port, or a range"},
    {.key = "uidrange", SCHEMA_ATTR(FRA_UID_RANGE), .codec = &schema_uidrange, .words = "uidrange",
     .doc = "users whose packets it is: \"1000-1999\""},
    {.key = "tun_id", SCHEMA_ATTR(FRA_TUN_ID), .codec = &schema_be64, .words = "tun_id",
     .doc = "key of the tunnel it came by"},
    {.key = "l3mdev", SCHEMA_ATTR(FRA_L3MDEV), .codec = &schema_yes8, .words = "l3mdev",
     .doc = "look in the table of the VRF that the link is in"},
    {.key = "realms", SCHEMA_ATTR(FRA_FLOW), .codec = &schema_realms, .words = "r*ealms",
     .doc = "classes of routes: DESTINATION or \"SOURCE/DESTINATION\""},
    {.key = "action", SCHEMA_HEAD(fib_rule_hdr, action), .codec = &schema_enum8, .arg = actions,
     .words = "[type]", .doc = "lookup (a table), goto, nop, blackhole, unreachable, prohibit"},
    {.key = "table", SCHEMA_ATTR(FRA_TABLE), .codec = &schema_table, .arg = schema_tables,
     .words = "lookup, ta*ble",
     .doc = "routing table to look in: main, local, default or a number"},
    {.key = "target", SCHEMA_ATTR(FRA_GOTO), .codec = &schema_u32, .words = "g*oto",
     .doc = "priority of the rule to go on with"},
    {.key = "suppress_prefixlength", SCHEMA_ATTR(FRA_SUPPRESS_PREFIXLEN), .codec = &schema_s32,
     .words = "s*uppress_prefixlength, sup_pl", .doc = "ignore routes with so short a prefix"},
    {.key = "suppress_ifgroup", SCHEMA_ATTR(FRA_SUPPRESS_IFGROUP), .codec = &schema_enum32,
     .arg = groups, .words = "suppress_i*fgroup, sup_group",
     .doc = "ignore routes out of links of this group"},
    {.key = "protocol", SCHEMA_ATTR(FRA_PROTOCOL), .codec = &schema_enum8, .arg = schema_protocols,
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
    SCHEMA_MEMBER(fib_rule_hdr, table, schema_tables, false),
    SCHEMA_MEMBER(fib_rule_hdr, res1, NULL, false),
    SCHEMA_MEMBER(fib_rule_hdr, res2, NULL, false),
    SCHEMA_MEMBER(fib_rule_hdr, action, actions, false),
    SCHEMA_MEMBER(fib_rule_hdr, flags, rule_flags, true),
    {.name = NULL}};

const struct schema schema_rule = {.name = "rule",
                                   .doc = "A rule of policy routing: which table is asked when.",
                                   .hdr = sizeof(struct fib_rule_hdr),
                                   .members = rule_members,
                                   .rows = rule_rows};
