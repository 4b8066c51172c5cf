/* rows_action_watch: the actions that know connections, or tell somebody about packets, as rows.
 * Numbers and structs from linux/tc_act; words from tc-ct(8), tc-connmark(8), tc-sample(8),
 * tc-simple(8). */
#include "schema/action.h"
#include <linux/pkt_cls.h>
#include <linux/tc_act/tc_connmark.h>
#include <linux/tc_act/tc_ct.h>
#include <linux/tc_act/tc_defact.h>
#include <linux/tc_act/tc_sample.h>

/* ---- ct -------------------------------------------------------------------------------------- */

#define CT_FLAG(key_, bit_, doc_)                                                                  \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(TCA_CT_ACTION), .codec = &schema_tc_flagbit16,                        \
    .arg = &(const struct schema_bit){.mask = bit_}, .words = key_, .doc = doc_                    \
  }
static const struct schema_name nat_kinds[] = {{"src", TCA_CT_ACT_NAT | TCA_CT_ACT_NAT_SRC},
                                               {"dst", TCA_CT_ACT_NAT | TCA_CT_ACT_NAT_DST},
                                               {"known", TCA_CT_ACT_NAT},
                                               {NULL, 0}};
static const struct schema_row ct_rows[] = {
    CT_FLAG("commit", TCA_CT_ACT_COMMIT, "keeps the connection: the next packets are its"),
    CT_FLAG("force", TCA_CT_ACT_FORCE, "one that was made from the other side is made anew"),
    CT_FLAG("clear", TCA_CT_ACT_CLEAR, "forgets what connection it is of"),
    {.key = "zone", SCHEMA_ATTR(TCA_CT_ZONE), .codec = &schema_u16, .words = "zone",
     .doc = "the table of connections; 0 unless given"},
    {.key = "mark", SCHEMA_ATTR(TCA_CT_MARK), .codec = &schema_tc_masked,
     .arg = &(const struct tc_masked){.mask = TCA_CT_MARK_MASK, .len = 4, .host = true},
     .words = "mark", .doc = "mark that the connection gets: 5, or some of its bits, \"5/0xff\""},
    {.key = "label", SCHEMA_ATTR(TCA_CT_LABELS), .codec = &schema_tc_label,
     .other = TCA_CT_LABELS_MASK, .words = "label",
     .doc = "label that it gets: hexadecimal, \"01/03\" with a mask"},
    {.key = "nat", SCHEMA_ATTR(TCA_CT_ACTION), .codec = &schema_tc_nat_kind, .arg = nat_kinds,
     .words = "nat",
     .doc = "src or dst: a new connection gets another address; known: as the connection has it"},
    {.key = "nat_addr", SCHEMA_ATTR(TCA_CT_NAT_IPV4_MIN), .codec = &schema_tc_ends,
     .arg = &(const struct tc_ends){TCA_CT_NAT_IPV4_MIN, TCA_CT_NAT_IPV4_MAX, TCA_CT_NAT_IPV6_MIN,
                                    TCA_CT_NAT_IPV6_MAX},
     .words = "addr", .doc = "that address, or one of some: \"10.0.0.1-10.0.0.9\""},
    {.key = "nat_port", SCHEMA_ATTR(TCA_CT_NAT_PORT_MIN), .codec = &schema_tc_ends,
     .arg = &(const struct tc_ends){TCA_CT_NAT_PORT_MIN, TCA_CT_NAT_PORT_MAX, 0, 0},
     .words = "port", .doc = "and port: 80, or one of some: \"1000-2000\""},
    ACTION_CONTROL(TCA_CT_PARMS, tc_ct, "pipe"),
    ACTION_GENERIC(TCA_CT_PARMS, tc_ct),
    ACTION_TIMES(TCA_CT_TM),
    SCHEMA_END};
static const struct schema_name ct_attrs[] = {
    SCHEMA_NAME(TCA_CT_MARK_MASK),    SCHEMA_NAME(TCA_CT_LABELS_MASK),
    SCHEMA_NAME(TCA_CT_NAT_IPV4_MAX), SCHEMA_NAME(TCA_CT_NAT_IPV6_MIN),
    SCHEMA_NAME(TCA_CT_NAT_IPV6_MAX), SCHEMA_NAME(TCA_CT_NAT_PORT_MAX), {NULL, 0}};
const struct schema schema_ct = {
    .name = "filter.ct",
    .doc = "Shows the packet to connection tracking, whose answer a later flower can ask for.",
    .example = ACTION_EXAMPLE("{ { ct = { zone = 1 } }, \"goto chain 1\" }"),
    .attrs = ct_attrs,
    .rows = ct_rows};

/* ---- connmark -------------------------------------------------------------------------------- */

static const struct schema_row connmark_rows[] = {
    {.key = "zone", TC_IN(TCA_CONNMARK_PARMS, tc_connmark, zone), .codec = &schema_tc_u16,
     .words = "zone", .doc = "the table of connections; 0 unless given"},
    ACTION_CONTROL(TCA_CONNMARK_PARMS, tc_connmark, "pipe"),
    ACTION_GENERIC(TCA_CONNMARK_PARMS, tc_connmark),
    ACTION_TIMES(TCA_CONNMARK_TM),
    SCHEMA_END};
const struct schema schema_connmark = {
    .name = "filter.connmark",
    .doc = "Gives the packet the mark of its connection.",
    .example = ACTION_EXAMPLE("{ connmark = {} }"),
    .rows = connmark_rows};

/* ---- sample ---------------------------------------------------------------------------------- */

#define SAMPLE(key_, a, flags_, doc_)                                                              \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(a), .codec = &schema_u32, .words = key_, .flags = flags_, .doc = doc_ \
  }
static const struct schema_row sample_rows[] = {
    SAMPLE("rate", TCA_SAMPLE_RATE, SCHEMA_REQUIRED, "one of so many packets"),
    SAMPLE("group", TCA_SAMPLE_PSAMPLE_GROUP, SCHEMA_REQUIRED, "group of psample that hears of it"),
    SAMPLE("trunc", TCA_SAMPLE_TRUNC_SIZE, 0, "so many bytes of it; all unless given"),
    ACTION_CONTROL(TCA_SAMPLE_PARMS, tc_sample, "pipe"),
    ACTION_GENERIC(TCA_SAMPLE_PARMS, tc_sample),
    ACTION_TIMES(TCA_SAMPLE_TM),
    SCHEMA_END};
const struct schema schema_sample = {
    .name = "filter.sample",
    .doc = "Tells the programs that listen about some of the packets.",
    .example = ACTION_EXAMPLE("{ sample = { rate = 100, group = 1 } }"),
    .rows = sample_rows};

/* ---- simple ---------------------------------------------------------------------------------- */

static const struct schema_row simple_rows[] = {
    {.key = "sdata", SCHEMA_ATTR(TCA_DEF_DATA), .codec = &schema_string,
     .arg = &(const struct schema_range){1, 30}, .words = "sdata", .flags = SCHEMA_REQUIRED,
     .doc = "the text; at most 30 letters"},
    ACTION_CONTROL(TCA_DEF_PARMS, tc_defact, "pipe"),
    ACTION_GENERIC(TCA_DEF_PARMS, tc_defact),
    ACTION_TIMES(TCA_DEF_TM),
    SCHEMA_END};
const struct schema schema_simple = {
    .name = "filter.simple",
    .doc = "Writes a text and a number into the kernel's log: which packet of that filter it is.",
    .example = ACTION_EXAMPLE("{ simple = { sdata = \"seen\" } }"),
    .rows = simple_rows};
