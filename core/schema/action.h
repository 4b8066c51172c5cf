/* action: what the files with rows of actions share. For the files of this room alone. */
#pragma once
#include "schema/tc.h"

extern const struct schema_name tc_controls[];
extern const struct schema schema_nat, schema_csum, schema_mpls_action, schema_tunnel_key, schema_skbmod,
    schema_pedit, schema_ct, schema_connmark, schema_sample, schema_simple;

#define ACTION_EXAMPLE(action_)                                                                    \
  "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"                                               \
  "qdisc.add { dev = \"v0\", type = \"clsact\" }\n"                                                \
  "filter.add { dev = \"v0\", egress = true, matchall = { action = " action_ " } }"

#define CONTROL_DOC                                                                                \
  "pass, drop, pipe (to the next action), reclassify, continue, stolen, trap, \"goto chain 5\", "  \
  "\"jump 2\" (over actions)"
/* What becomes of the packet then, and what it is when nobody says it. */
#define ACTION_CONTROL(attr_, T, implied_)                                                         \
  {                                                                                                \
    .key = "control", TC_IN(attr_, T, action), .codec = &schema_tc_control, .arg = tc_controls,    \
    .words = "", .implied = implied_, .doc = CONTROL_DOC                                           \
  }
/* What all have behind it. */
#define ACTION_GENERIC(attr_, T)                                                                   \
  {.key = "index", TC_IN(attr_, T, index), .codec = &schema_tc_u32, .words = "index",              \
   .flags = SCHEMA_OWN, .doc = "its number among those of its kind"},                              \
  {.key = "refs", TC_IN(attr_, T, refcnt), .codec = &schema_tc_u32, .flags = SCHEMA_READONLY,      \
   .doc = "who knows it"},                                                                         \
  {.key = "binds", TC_IN(attr_, T, bindcnt), .codec = &schema_tc_u32, .flags = SCHEMA_READONLY,    \
   .doc = "filters that use it"}
/* When it was made and used: a struct tcf_t. */
#define ACTION_TIMES(attr_)                                                                        \
  {.key = "installed_s", TC_IN(attr_, tcf_t, install), .codec = &schema_tc_ago,                    \
   .flags = SCHEMA_READONLY | SCHEMA_COUNTER, .doc = "seconds since it was made"},                 \
  {.key = "used_s", TC_IN(attr_, tcf_t, lastuse), .codec = &schema_tc_ago,                         \
   .flags = SCHEMA_READONLY | SCHEMA_COUNTER, .doc = "seconds since it was used last"},            \
  {.key = "first_used_s", TC_IN(attr_, tcf_t, firstuse), .codec = &schema_tc_ago,                  \
   .flags = SCHEMA_READONLY | SCHEMA_COUNTER, .doc = "seconds since it was used first"}

/* A bit of a number of the struct that the attribute is, of four bytes or of eight. */
struct tc_bit {
  uint32_t mask;
  bool wide;
};
/* A value whose presence a bit of another attribute's struct says. */
struct tc_with_bit {
  uint16_t attr;
  uint16_t off, len; /* of the number in the struct, of the struct */
  uint32_t mask;
};
/* Where the two ends of a range are, the second for IPv6 (0: there is none). */
struct tc_ends {
  uint16_t from, to, from6, to6;
};

extern const struct schema_codec schema_tc_control, schema_tc_gact_control, schema_tc_word16, schema_tc_ago, schema_tc_bit,
    schema_tc_nat_old, schema_tc_ip4, schema_tc_flagged_mac, schema_tc_flagged_u16,
    schema_tc_flagbit16, schema_tc_nat_kind, schema_tc_label, schema_tc_ends, schema_tc_no8,
    schema_tc_mpls_protocol,
    schema_tc_skip64, schema_tc_munge, schema_tc_munge_keys, schema_tc_pedit_ex, schema_tc_pedit_u32,
    schema_tc_pedit_control;
