/* nexthop_bucket: into which parts a resilient group of nexthops hashes flows, and which nexthop
 * each of them has. The kernel makes and moves them (nexthop.add with type = "resilient"). */
#include "modules/object.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* The kernel looks for them by what they lead through. */
static void narrow(struct schema_enc *e, int filter)
{
  object_narrow_by(e, filter, "id");
  object_narrow_by(e, filter, "dev");
  object_narrow_by(e, filter, "master");
}

static const struct object_filter filters[] = {
    {"dev", object_seen_to}, {"master", object_seen_to}, {NULL, NULL}};

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  (void)verb;
  if (error->err == ENOENT || error->err == EINVAL)
    error->hint = lua_pushfstring(e->L,
                                  "Groups with type = \"resilient\" have buckets; "
                                  "nexthop.list{ groups = true } shows the groups of %s.",
                                  e->op->netns);
}

static const struct object bucket_object = {.module = "nexthop_bucket",
                                            .schema = &schema_nexthop_bucket,
                                            .key = "id",
                                            .get = RTM_GETNEXTHOPBUCKET,
                                            .absent_hint =
                                                "nexthop_bucket.list() shows those of %s.",
                                            .filters = filters,
                                            .narrow = narrow,
                                            .explain = explain};

static int nexthop_bucket_get(lua_State *L)
{
  struct object_call c;
  object_open(L, &c, &bucket_object, "get");
  object_encode(&c, &bucket_object, RTM_GETNEXTHOPBUCKET, 0, false);
  if (!schema_given(&c.enc, "index"))
    rt_raisef(L, &c.op, EINVAL, "index", "nexthop_bucket.get(ID, { index = 0 })",
              "which bucket of the group is needed");
  return object_lookup(&c, &bucket_object);
}

static int nexthop_bucket_list(lua_State *L)
{
  return object_list(L, &bucket_object);
}

static int nexthop_bucket_each(lua_State *L)
{
  return object_each(L, &bucket_object);
}

#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "nexthop_bucket.Filter", "id of the group, nhid, dev, master"                       \
  }
#define GROUP                                                                                      \
  "link.add(\"v0\", { up = true, veth = { peer = { name = \"v1\", up = true } } })\n"              \
  "addr.add(\"10.0.0.1/24\", { dev = \"v0\" })\n"                                                  \
  "nexthop.add(1, { via = \"10.0.0.2\", dev = \"v0\" })\n"                                         \
  "nexthop.add(2, { via = \"10.0.0.3\", dev = \"v0\" })\n"                                         \
  "nexthop.add(10, { group = { 1, 2 }, type = \"resilient\", buckets = 8 })\n"

static const struct rt_func funcs[] = {
    {.name = "get",
     .fn = nexthop_bucket_get,
     .doc = "One bucket of a resilient group.",
     .params = {{"id", "integer", "number of the group"},
                {"options", "nexthop_bucket.Options", "index: which of its buckets"}},
     .returns = {{"bucket", "nexthop_bucket.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = GROUP "assert(nexthop_bucket.get(10, { index = 7 }).nhid == 1)",
     .source = "ip-nexthop(8), linux/nexthop.h"},
    {.name = "list",
     .fn = nexthop_bucket_list,
     .doc = "The buckets of all resilient groups, or those that the filter describes.",
     .params = {FILTER},
     .returns = {{"buckets", "nexthop_bucket.Record[]",
                  "printing it prints what ip nexthop bucket shows"}},
     .errors = "ENOENT there is no group of that number\nEINVAL that group has no buckets\n"
               "EAGAIN they kept changing while they were read",
     .example = GROUP "assert(#nexthop_bucket.list{ nhid = 2 } == 4)"},
    {.name = "each",
     .fn = nexthop_bucket_each,
     .doc = "Iterates over the buckets without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): nexthop_bucket.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = GROUP "for b in nexthop_bucket.each{ id = 10 } do print(b.index, b.nhid) end"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {{"show", "list"}, {NULL, NULL}};

const struct rt_module nexthop_bucket_module = {
    .name = "nexthop_bucket",
    .doc = "Buckets of resilient groups of nexthops: which flows go which way.",
    .funcs = {funcs},
    .lacks = lacks,
    .bound = true};
