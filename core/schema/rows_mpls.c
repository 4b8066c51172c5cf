/* rows_mpls: routes of MPLS, as rows: what becomes of a packet that comes in with a label. They are
 * routes of a family of their own, whose addresses are labels. Numbers from linux/rtnetlink.h, words
 * from ip-route(8). */
#include "schema/encap.h"
#include "schema/names.h"
#include <linux/rtnetlink.h>
#include <sys/socket.h>

static const struct schema_name families[] = {{"mpls", AF_MPLS}, {NULL, 0}};

static const struct schema_name mpls_flags[] = {{"dead", RTNH_F_DEAD},
                                                {"onlink", RTNH_F_ONLINK},
                                                {"pervasive", RTNH_F_PERVASIVE},
                                                {"offload", RTNH_F_OFFLOAD},
                                                {"linkdown", RTNH_F_LINKDOWN},
                                                {"unresolved", RTNH_F_UNRESOLVED},
                                                {NULL, 0}};

#define AS_DOC "the labels that take its place, the outermost first: 200 or \"200/300\"; none: it is taken off"
#define VIA_DOC "the gateway, an IPv4 or IPv6 address that can be reached directly"

/* ---- one way of several ---------------------------------------------------------------------- */

static const struct schema_row way_rows[] = {
    {.key = "as", SCHEMA_ATTR(RTA_NEWDST), .codec = &schema_labels, .words = "as ?to", .doc = AS_DOC},
    {.key = "via", SCHEMA_ATTR(RTA_VIA), .other = RTA_VIA, .codec = &schema_via, .words = "via",
     .doc = VIA_DOC},
    {.key = "dev", SCHEMA_HEAD(rtnexthop, rtnh_ifindex), .codec = &schema_dev, .words = "dev",
     .doc = "the link to send through"},
    {.key = "flags", SCHEMA_HEAD(rtnexthop, rtnh_flags), .codec = &schema_flagset,
     .arg = mpls_flags, .flags = SCHEMA_READONLY, .doc = "dead, linkdown ..."},
    SCHEMA_END};

static const struct schema_member way_members[] = {
    SCHEMA_MEMBER(rtnexthop, rtnh_len, NULL, false),
    SCHEMA_MEMBER(rtnexthop, rtnh_flags, mpls_flags, true),
    SCHEMA_MEMBER(rtnexthop, rtnh_hops, NULL, false),
    SCHEMA_MEMBER(rtnexthop, rtnh_ifindex, NULL, false),
    {.name = NULL}};

static const struct schema schema_way = {.name = "mpls.nexthop",
                                         .doc = "One of the ways of a route.",
                                         .hdr = sizeof(struct rtnexthop),
                                         .members = way_members,
                                         .rows = way_rows,
                                         .repeats = true};

/* ---- entries --------------------------------------------------------------------------------- */

/* The label says the family, which decides how a gateway behind it is put. */
static void label_put(struct schema_enc *e, const struct schema_row *r)
{
  *e->family = AF_MPLS;
  schema_labels.put(e, r);
}

static bool label_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  return schema_labels.get(d, r, p, n);
}

static const struct schema_codec label = {.name = "string",
                                          .type = "integer|string",
                                          .put = label_put,
                                          .get = label_get,
                                          .read_type = "string",
                                          .plain = true};

static const struct schema_row mpls_rows[] = {
    {.key = "family", SCHEMA_HEAD(rtmsg, rtm_family), .codec = &schema_enum8, .arg = families,
     .flags = SCHEMA_HIDDEN | SCHEMA_READONLY, .doc = "mpls"},
    {.key = "label", SCHEMA_ATTR(RTA_DST), .codec = &label, .words = "to",
     .doc = "the label that a packet comes in with"},
    {.key = "as", SCHEMA_ATTR(RTA_NEWDST), .codec = &schema_labels, .words = "as ?to",
     .doc = AS_DOC},
    {.key = "via", SCHEMA_ATTR(RTA_VIA), .other = RTA_VIA, .codec = &schema_via, .words = "via",
     .doc = VIA_DOC},
    {.key = "dev", SCHEMA_ATTR(RTA_OIF), .codec = &schema_dev, .words = "dev, oif",
     .doc = "the link to send through; \"lo\": what is left of the packet is looked at here"},
    {.key = "protocol", SCHEMA_HEAD(rtmsg, rtm_protocol), .codec = &schema_enum8,
     .arg = schema_protocols, .words = "proto, pro*tocol", .doc = "who made it: boot, static, ldp ..."},
    {.key = "ttl_propagate", SCHEMA_ATTR(RTA_TTL_PROPAGATE), .codec = &schema_bool8,
     .words = "ttl-propagate enabled|disabled",
     .doc = "the packet takes over the time to live of the label that goes; unless said: as "
            "net.mpls.ip_ttl_propagate"},
    {.key = "flags", SCHEMA_HEAD(rtmsg, rtm_flags), .codec = &schema_flagset, .arg = mpls_flags,
     .flags = SCHEMA_READONLY, .doc = "dead, linkdown ..."},
    {.key = "nexthops", SCHEMA_ATTR(RTA_MULTIPATH), .codec = &schema_nexthops, .arg = &schema_way,
     .words = "nexthop", .doc = "several ways, { { as = 200, via = ... }, ... }: flows are spread over them"},
    SCHEMA_END};

static const struct schema_member mpls_members[] = {
    SCHEMA_MEMBER(rtmsg, rtm_family, families, false),
    SCHEMA_MEMBER(rtmsg, rtm_dst_len, NULL, false),
    SCHEMA_MEMBER(rtmsg, rtm_src_len, NULL, false),
    SCHEMA_MEMBER(rtmsg, rtm_tos, NULL, false),
    SCHEMA_MEMBER(rtmsg, rtm_table, schema_tables, false),
    SCHEMA_MEMBER(rtmsg, rtm_protocol, schema_protocols, false),
    SCHEMA_MEMBER(rtmsg, rtm_scope, schema_scopes, false),
    SCHEMA_MEMBER(rtmsg, rtm_type, schema_route_types, false),
    SCHEMA_MEMBER(rtmsg, rtm_flags, mpls_flags, true),
    {.name = NULL}};

const struct schema schema_mpls = {.name = "mpls",
                                   .doc = "What becomes of packets with a label of MPLS.",
                                   .hdr = sizeof(struct rtmsg),
                                   .members = mpls_members,
                                   .rows = mpls_rows};
