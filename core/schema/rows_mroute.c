/* rows_mroute: multicast routes, as rows. A daemon makes them, over a socket of its own; rtnetlink only
 * tells of them, as routes of a family of their own. Numbers from linux/rtnetlink.h and linux/mroute.h,
 * words from ip-mroute(8). */
#include "schema/names.h"
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define RO(key_, attr_, codec_, arg_, words_, doc_)                                                \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(attr_), .codec = &(codec_), .arg = arg_, .words = words_,             \
    .flags = SCHEMA_READONLY, .doc = doc_                                                          \
  }

/* ---- where copies go out --------------------------------------------------------------------- */

static const struct schema_row oif_rows[] = {
    {.key = "dev", SCHEMA_HEAD(rtnexthop, rtnh_ifindex), .codec = &schema_dev,
     .flags = SCHEMA_READONLY, .doc = "the link"},
    {.key = "ttl", SCHEMA_HEAD(rtnexthop, rtnh_hops), .codec = &schema_u8, .flags = SCHEMA_READONLY,
     .doc = "packets with a smaller one stay"},
    SCHEMA_END};

static const struct schema_member oif_members[] = {
    SCHEMA_MEMBER(rtnexthop, rtnh_len, NULL, false),
    SCHEMA_MEMBER(rtnexthop, rtnh_flags, NULL, false),
    SCHEMA_MEMBER(rtnexthop, rtnh_hops, NULL, false),
    SCHEMA_MEMBER(rtnexthop, rtnh_ifindex, NULL, false),
    {.name = NULL}};

static const struct schema schema_oif = {.name = "mroute.oif",
                                         .doc = "A link that copies go out by.",
                                         .hdr = sizeof(struct rtnexthop),
                                         .members = oif_members,
                                         .rows = oif_rows,
                                         .repeats = true};

/* ---- counters -------------------------------------------------------------------------------- */

static bool counter_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  uint64_t v;
  if (n < r->off + sizeof v)
    return false;
  memcpy(&v, (const char *)p + r->off, sizeof v);
  lua_pushinteger(d->L, (lua_Integer)v);
  return true;
}

static const struct schema_codec counter = {.name = "u64", .type = "integer", .get = counter_get};

#define COUNTER(key_, attr_, off_, doc_)                                                           \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(attr_), .off = (off_), .codec = &counter,                             \
    .flags = SCHEMA_READONLY | SCHEMA_COUNTER, .doc = doc_                                         \
  }
#define MFC(member) offsetof(struct rta_mfc_stats, member)

/* ---- entries --------------------------------------------------------------------------------- */

/* Those of the messages; and those that the addresses of a filter imply. */
static const struct schema_name families[] = {{"inet", RTNL_FAMILY_IPMR},
                                              {"inet6", RTNL_FAMILY_IP6MR},
                                              {"inet", AF_INET},
                                              {"inet6", AF_INET6},
                                              {NULL, 0}};

static const struct schema_row mroute_rows[] = {
    {.key = "family", SCHEMA_HEAD(rtmsg, rtm_family), .codec = &schema_enum8, .arg = families,
     .flags = SCHEMA_HIDDEN | SCHEMA_READONLY, .doc = "inet unless given, or inet6"},
    RO("group", RTA_DST, schema_address, NULL, NULL, "the multicast address"),
    RO("from", RTA_SRC, schema_address, NULL, NULL, "who sends to it"),
    RO("iif", RTA_IIF, schema_dev, NULL, "iif", "the link that its packets come in by"),
    RO("oifs", RTA_MULTIPATH, schema_nexthops, &schema_oif, NULL,
       "where copies go out: { { dev = \"eth1\", ttl = 1 }, ... }"),
    RO("table", RTA_TABLE, schema_table, schema_tables, "table",
       "\"default\" unless given; \"all\" for all"),
    {.key = "resolved", SCHEMA_HEAD(rtmsg, rtm_flags), .codec = &schema_bit32,
     .arg = &(const struct schema_bit){RTNH_F_UNRESOLVED, 0, true}, .flags = SCHEMA_READONLY,
     .doc = "the daemon has said where its packets go; until then they wait"},
    COUNTER("packets", RTA_MFC_STATS, MFC(mfcs_packets), "how many were passed on"),
    COUNTER("bytes", RTA_MFC_STATS, MFC(mfcs_bytes), "how many bytes they had"),
    COUNTER("wrong_if", RTA_MFC_STATS, MFC(mfcs_wrong_if), "how many came in by another link"),
    COUNTER("unused_cs", RTA_EXPIRES, 0, "hundredths of a second since the last one"),
    SCHEMA_END};

static const struct schema_member mroute_members[] = {
    SCHEMA_MEMBER(rtmsg, rtm_family, families, false),
    SCHEMA_MEMBER(rtmsg, rtm_dst_len, NULL, false),
    SCHEMA_MEMBER(rtmsg, rtm_src_len, NULL, false),
    SCHEMA_MEMBER(rtmsg, rtm_tos, NULL, false),
    SCHEMA_MEMBER(rtmsg, rtm_table, schema_tables, false),
    SCHEMA_MEMBER(rtmsg, rtm_protocol, schema_protocols, false),
    SCHEMA_MEMBER(rtmsg, rtm_scope, schema_scopes, false),
    SCHEMA_MEMBER(rtmsg, rtm_type, schema_route_types, false),
    SCHEMA_MEMBER(rtmsg, rtm_flags, NULL, false),
    {.name = NULL}};

const struct schema schema_mroute = {
    .name = "mroute",
    .doc = "Where packets to a multicast address from one sender go.",
    .hdr = sizeof(struct rtmsg),
    .members = mroute_members,
    .rows = mroute_rows};
