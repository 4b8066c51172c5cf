/* rows_filter: filters, as rows: which packets go to which class, or what is done with them. Numbers
 * and structs from linux/pkt_cls.h; words from tc(8), tc-u32(8), tc-flower(8), tc-matchall(8). */
#include "schema/tc.h"
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

static const struct schema_row filter_rows[] = {
    TC_DEV,
    {.key = "parent", SCHEMA_HEAD(tcmsg, tcm_parent), .codec = &schema_tc_parent,
     .arg = tc_qdisc_places, .words = "parent", .doc = "the qdisc it is of: \"1:\"; the link's own unless given"},
    TC_AT("ingress", tc_ingress, "of what comes in: the link has a qdisc clsact or ingress"),
    TC_AT("egress", tc_egress, "of what goes out: the link has a qdisc clsact"),
    {.key = "type", SCHEMA_ATTR(TCA_KIND), .codec = &schema_kind,
     .doc = "its kind; a table of that kind's options implies it"},
    SCHEMA_END};

const struct schema schema_filter = {.name = "filter",
                                     .doc = "Which packets go to a class, or what is done with them.",
                                     .hdr = sizeof(struct tcmsg),
                                     .members = tc_members,
                                     .attrs = tc_attrs,
                                     .rows = filter_rows};
