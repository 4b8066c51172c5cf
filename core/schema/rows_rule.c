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
    {.key = "action", SCHEMA_HEAD(fib_rule_hdr, action), .codec = &schema_enum8, .arg = actions,
     .words = "[type]", .doc = "lookup (a table), goto, nop, blackhole, unreachable, prohibit"},
    {.key = "table", SCHEMA_ATTR(FRA_TABLE), .codec = &schema_table, .arg = schema_tables,
     .words = "lookup, ta*ble",
     .doc = "routing table to look in: main, local, default or a number"},
    {.key = "target", SCHEMA_ATTR(FRA_GOTO), .codec = &schema_u32, .words = "g*oto",
     .doc = "priority of the rule to go on with"},
    {.key = "suppress_prefixlength", SCHEMA_ATTR(FRA_SUPPRESS_PREFIXLEN), .codec = &schema_s32,
     .words = "s*uppress_prefixlength, sup_pl", .doc = "ignore routes with so short a prefix"},
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
