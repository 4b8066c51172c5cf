/* rows_bucket: the parts into which a resilient group of nexthops hashes flows, as rows: which nexthop
 * each has, and since when it is idle. Numbers from linux/nexthop.h, words from ip-nexthop(8). */
#include "schema/names.h"
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>

static const struct schema_step bucket[] = {{SCHEMA_ATTR(NHA_RES_BUCKET)}, {0, NULL}};

/* Hundredths of a second, as seconds. */
static bool seconds_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  enum { HUNDREDTHS = 100 };
  uint64_t v;
  (void)r;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  if (v % HUNDREDTHS == 0)
    lua_pushinteger(d->L, (lua_Integer)(v / HUNDREDTHS));
  else
    lua_pushnumber(d->L, (lua_Number)v / HUNDREDTHS);
  return true;
}

static const struct schema_codec seconds = {.name = "number", .type = "number", .get = seconds_get};

static const struct schema_name bucket_flags[] = {{"offload", RTNH_F_OFFLOAD}, {NULL, 0}};

static const struct schema_row bucket_rows[] = {
    {.key = "family", SCHEMA_HEAD(nhmsg, nh_family), .codec = &schema_family,
     .flags = SCHEMA_HIDDEN | SCHEMA_READONLY, .doc = "none"},
    {.key = "id", SCHEMA_ATTR(NHA_ID), .codec = &schema_u32, .words = "id", .flags = SCHEMA_FIRST,
     .doc = "number of the group"},
    {.key = "index", SCHEMA_ATTR(NHA_RES_BUCKET_INDEX), .in = bucket, .codec = &schema_u16,
     .words = "index", .doc = "which of the buckets, from 0"},
    {.key = "idle_time", SCHEMA_ATTR(NHA_RES_BUCKET_IDLE_TIME), .in = bucket, .codec = &seconds,
     .flags = SCHEMA_READONLY | SCHEMA_COUNTER, .doc = "seconds since the last packet"},
    {.key = "nhid", SCHEMA_ATTR(NHA_RES_BUCKET_NH_ID), .in = bucket, .codec = &schema_u32,
     .flags = SCHEMA_READONLY, .words = "nhid", .doc = "number of the nexthop that it leads through"},
    {.key = "flags", SCHEMA_HEAD(nhmsg, nh_flags), .codec = &schema_flagset, .arg = bucket_flags,
     .flags = SCHEMA_READONLY, .doc = "offload: the hardware has it"},
    {.key = "dev", SCHEMA_ATTR(NHA_OIF), .codec = &schema_dev, .words = "dev",
     .flags = SCHEMA_FILTER, .doc = "those that lead out of this link"},
    {.key = "master", SCHEMA_ATTR(NHA_MASTER), .codec = &schema_dev, .words = "master, vrf",
     .flags = SCHEMA_FILTER, .doc = "those that lead through links of this vrf or bridge"},
    SCHEMA_END};

static const struct schema_member bucket_members[] = {
    SCHEMA_MEMBER(nhmsg, nh_family, schema_families, false),
    SCHEMA_MEMBER(nhmsg, nh_scope, schema_scopes, false),
    SCHEMA_MEMBER(nhmsg, nh_protocol, schema_protocols, false),
    SCHEMA_MEMBER(nhmsg, resvd, NULL, false),
    SCHEMA_MEMBER(nhmsg, nh_flags, bucket_flags, true),
    {.name = NULL}};

const struct schema schema_nexthop_bucket = {
    .name = "nexthop_bucket",
    .doc = "A part of the flows of a resilient group of nexthops.",
    .hdr = sizeof(struct nhmsg),
    .members = bucket_members,
    .rows = bucket_rows};
