/* rows_vlan_global: what a VLAN of a bridge has for all of its ports - multicast, with a querier and
 * timers of its own - as rows. Numbers and names from linux/if_bridge.h, words from bridge(8). */
#include "schema/codec.h"
#include "schema/rows_link.h"
#include <libmnl/libmnl.h>
#include <linux/if_bridge.h>
#include <linux/rtnetlink.h>
#include <string.h>

enum { VID_MAX = 4094 };
static const struct schema_range vids_range = {1, VID_MAX};
static const struct schema_step options[] = {
    {BRIDGE_VLANDB_GLOBAL_OPTIONS, "BRIDGE_VLANDB_GLOBAL_OPTIONS"}, {0, NULL}};

static uint16_t number(const struct nlattr *a, uint16_t otherwise)
{
  return a && mnl_attr_get_payload_len(a) >= sizeof otherwise ? mnl_attr_get_u16(a) : otherwise;
}

/* The end of the range lies beside its beginning; by itself it is a number too. */
static bool vid_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  const struct nlattr *first = schema_find(d, r->in, r->attr);
  uint16_t v;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  bool begins = first && mnl_attr_get_payload(first) == p;
  codec_push_span(d->L, v, begins ? number(schema_find(d, r->in, r->other), v) : v);
  return true;
}

static void vid_put(struct schema_enc *e, const struct schema_row *r)
{
  struct codec_span v = codec_want_span(e, r, r->arg);
  uint16_t first = (uint16_t)v.first, last = (uint16_t)v.last;
  schema_emit(e, r, &first, sizeof first);
  if (last > first)
    codec_emit(e, r, r->other, &last, sizeof last);
}

static const struct schema_codec vids = {
    .name = "span", .type = "integer|string", .put = vid_put, .get = vid_get};

#define OPTION(key_, attr_, codec_, doc_)                                                          \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(BRIDGE_VLANDB_GOPTS_MCAST_##attr_), .in = options,                    \
    .codec = &(codec_), .words = key_, .flags = SCHEMA_OWN, .doc = doc_                            \
  }

static const struct schema_row global_rows[] = {
    {.key = "dev", SCHEMA_HEAD(br_vlan_msg, ifindex), .codec = &schema_dev, .words = "dev",
     .flags = SCHEMA_REQUIRED | SCHEMA_FIRST, .doc = "the bridge"},
    {.key = "vid", SCHEMA_ATTR(BRIDGE_VLANDB_GOPTS_ID), .other = BRIDGE_VLANDB_GOPTS_RANGE,
     .in = options, .codec = &vids, .arg = &vids_range, .words = "vid", .flags = SCHEMA_REQUIRED,
     .doc = "number of the VLAN, or a range of them: \"100-200\""},
    OPTION("mcast_snooping", SNOOPING, schema_bool8,
           "frames to groups go to the ports that have asked for them; the bridge needs "
           "mcast_vlan_snooping"),
    OPTION("mcast_querier", QUERIER, schema_bool8, "the bridge asks who wants which groups"),
    OPTION("mcast_igmp_version", IGMP_VERSION, schema_u8, "2 or 3: how it asks in IPv4"),
    OPTION("mcast_mld_version", MLD_VERSION, schema_u8, "1 or 2: how it asks in IPv6"),
    OPTION("mcast_last_member_count", LAST_MEMBER_CNT, schema_u32,
           "how often it asks when somebody has left a group"),
    OPTION("mcast_last_member_interval", LAST_MEMBER_INTVL, schema_u64,
           "hundredths of a second between these"),
    OPTION("mcast_startup_query_count", STARTUP_QUERY_CNT, schema_u32,
           "how often it asks when it begins"),
    OPTION("mcast_startup_query_interval", STARTUP_QUERY_INTVL, schema_u64,
           "hundredths of a second between these"),
    OPTION("mcast_membership_interval", MEMBERSHIP_INTVL, schema_u64,
           "hundredths of a second until a port is taken out of a group that it no longer asks for"),
    OPTION("mcast_querier_interval", QUERIER_INTVL, schema_u64,
           "hundredths of a second until another querier counts as gone"),
    OPTION("mcast_query_interval", QUERY_INTVL, schema_u64, "hundredths of a second between questions"),
    OPTION("mcast_query_response_interval", QUERY_RESPONSE_INTVL, schema_u64,
           "hundredths of a second in which answers may come"),
    SCHEMA_END};

/* A message about a bridge has an entry for each VLAN, or for each range of equal ones. */
static bool split_global(struct schema_split *s)
{
  const char *hdr = mnl_nlmsg_get_payload(s->msg);
  size_t skip = SCHEMA_ALIGN(sizeof(struct br_vlan_msg));
  s->outer = schema_next_attr(hdr + skip, mnl_nlmsg_get_payload_len(s->msg) - skip, s->outer,
                              BRIDGE_VLANDB_GLOBAL_OPTIONS);
  return s->outer && schema_part_begin(s, hdr, sizeof(struct br_vlan_msg)) &&
         schema_part_put(s, BRIDGE_VLANDB_GLOBAL_OPTIONS, mnl_attr_get_payload(s->outer),
                         mnl_attr_get_payload_len(s->outer));
}

void schema_vlan_global_span(const struct nlmsghdr *nlh, lua_State *L, uint32_t *ret_first,
                             uint32_t *ret_last)
{
  struct schema_dec d;
  *ret_first = *ret_last = 0;
  if (!schema_open(&d, L, &schema_vlan_global, mnl_nlmsg_get_payload(nlh),
                   mnl_nlmsg_get_payload_len(nlh), 0))
    return;
  *ret_first = number(schema_find(&d, options, BRIDGE_VLANDB_GOPTS_ID), 0);
  *ret_last = number(schema_find(&d, options, BRIDGE_VLANDB_GOPTS_RANGE), (uint16_t)*ret_first);
}

static const struct schema_member global_members[] = {
    SCHEMA_MEMBER(br_vlan_msg, family, schema_families, false),
    SCHEMA_MEMBER(br_vlan_msg, reserved1, NULL, false),
    SCHEMA_MEMBER(br_vlan_msg, reserved2, NULL, false),
    SCHEMA_MEMBER(br_vlan_msg, ifindex, NULL, false),
    {.name = NULL}};
static const struct schema_name global_attrs[] = {
    SCHEMA_NAME(BRIDGE_VLANDB_GOPTS_RANGE), {NULL, 0}};

const struct schema schema_vlan_global = {.name = "vlan_global",
                                          .doc = "What a VLAN of a bridge has for all of its ports.",
                                          .hdr = sizeof(struct br_vlan_msg),
                                          .members = global_members,
                                          .attrs = global_attrs,
                                          .split = split_global,
                                          .rows = global_rows};
