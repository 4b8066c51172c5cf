/* nexthop: ways that routes lead through as objects of their own, and groups of them. Many routes
 * that name one object are changed at once when it is replaced. */
#include "modules/object.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* As ip(8): IPv4, unless the gateway says otherwise; a group has no family. */
static void defaults(struct schema_enc *e, const char *verb)
{
  bool makes = strcmp(verb, "add") == 0 || strcmp(verb, "replace") == 0;
  if (makes && *e->family == AF_UNSPEC && !schema_given(e, "group"))
    *e->family = AF_INET;
}

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  lua_State *L = e->L;
  if (error->err == ENOENT) {
    error->text = "there is no such nexthop";
    error->hint = lua_pushfstring(L, "nexthop.list() shows those of %s.", e->op->netns);
  }
  if (error->err == ENETDOWN && schema_given(e, "blackhole"))
    error->hint = "What is dropped goes to lo: link.set(\"lo\", { up = true }).";
  if (strcmp(verb, "delete") == 0 || lua_getfield(L, e->t, "dev") != LUA_TSTRING)
    return;
  if (error->err == ENETDOWN) {
    error->field = "dev";
    error->text = lua_pushfstring(L, "the link %s is down", lua_tostring(L, -1));
    error->hint = lua_pushfstring(L, "Bring it up first: link.set(\"%s\", { up = true }).",
                                  lua_tostring(L, -2));
  }
}

/* A group is what has members. */
static bool is_group(lua_State *L, int want, int record)
{
  bool group = lua_getfield(L, record, "group") != LUA_TNIL;
  return group == lua_toboolean(L, want);
}

static const struct object_filter filters[] = {
    {"groups", is_group}, {"master", object_seen_to}, {NULL, NULL}};

static void narrow(struct schema_enc *e, int filter)
{
  object_narrow_by(e, filter, "master");
}

static const struct object nexthop_object = {
    .module = "nexthop",
    .schema = &schema_nexthop,
    .key = "id",
    .key_alone = true,
    .new = RTM_NEWNEXTHOP,
    .del = RTM_DELNEXTHOP,
    .get = RTM_GETNEXTHOP,
    .exists_hint = "A nexthop of that number exists; nexthop.replace(%s, ...) changes it.",
    .defaults = defaults,
    .filters = filters,
    .narrow = narrow,
    .explain = explain};

static int nexthop_add(lua_State *L)
{
  return object_change(L, &nexthop_object, "add", NLM_F_CREATE | NLM_F_EXCL);
}

static int nexthop_replace(lua_State *L)
{
  return object_change(L, &nexthop_object, "replace", NLM_F_CREATE | NLM_F_REPLACE);
}

static int nexthop_delete(lua_State *L)
{
  return object_delete(L, &nexthop_object);
}

static int nexthop_get(lua_State *L)
{
  struct object_call c;
  object_open(L, &c, &nexthop_object, "get");
  object_encode(&c, &nexthop_object, RTM_GETNEXTHOP, 0, false);
  return object_lookup(&c, &nexthop_object);
}

static int nexthop_list(lua_State *L)
{
  return object_list(L, &nexthop_object);
}

static int nexthop_each(lua_State *L)
{
  return object_each(L, &nexthop_object);
}

static int nexthop_flush(lua_State *L)
{
  return object_flush(L, &nexthop_object);
}

#define ID                                                                                         \
  {                                                                                                \
    "id", "integer", "its number, from 1"                                                          \
  }
#define OPTIONS                                                                                    \
  {                                                                                                \
    "options", "nexthop.Options", "via and dev, or dev, or blackhole, or a group of others"        \
  }
#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "nexthop.Filter", "e.g. { dev = \"eth0\" }, { protocol = \"static\" }"              \
  }
#define LINK_UP                                                                                    \
  "link.add(\"v0\", { up = true, veth = { peer = { name = \"v1\", up = true } } })\n"              \
  "addr.add(\"10.0.0.1/24\", { dev = \"v0\" })\n"
#define TWO                                                                                        \
  LINK_UP "nexthop.add(1, { via = \"10.0.0.2\", dev = \"v0\" })\n"                                 \
          "nexthop.add(2, { via = \"10.0.0.3\", dev = \"v0\" })\n"

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = nexthop_add,
     .doc = "Makes a nexthop, or a group of them; routes name it by nhid.",
     .params = {ID, OPTIONS},
     .errors = "EEXIST there is one of that number\nENETDOWN the link is down\n"
               "EINVAL a nexthop of the group is not there\nENODEV there is no such link",
     .example = TWO "nexthop.add(10, { group = { { id = 1, weight = 3 }, 2 } })\n"
                    "route.add(\"10.9.0.0/16\", { nhid = 10 })\n"
                    "print(nexthop.list())",
     .source = "ip-nexthop(8), linux/nexthop.h"},
    {.name = "replace",
     .fn = nexthop_replace,
     .doc = "Makes a nexthop, or changes it: every route that names it changes with it.",
     .params = {ID, OPTIONS},
     .errors = "as for add, without EEXIST",
     .example = TWO "nexthop.replace(1, { via = \"10.0.0.4\", dev = \"v0\" })\n"
                    "assert(nexthop.get(1).via == \"10.0.0.4\")",
     .source = "ip-nexthop(8)"},
    {.name = "delete",
     .fn = nexthop_delete,
     .doc = "Removes a nexthop, and the routes that name it.",
     .params = {{"id", "integer|nexthop.Record", "its number, or the record"}},
     .errors = "ENOENT there is no such nexthop",
     .example = TWO "nexthop.delete(1)\nassert(#nexthop.list() == 1)",
     .source = "ip-nexthop(8)"},
    {.name = "get",
     .fn = nexthop_get,
     .doc = "The record of one nexthop.",
     .params = {ID},
     .returns = {{"nexthop", "nexthop.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = TWO "assert(nexthop.get(2).dev == \"v0\")",
     .source = "ip-nexthop(8)"},
    {.name = "list",
     .fn = nexthop_list,
     .doc = "All nexthops, or those that the filter describes.",
     .params = {FILTER},
     .returns = {{"nexthops", "nexthop.Record[]", "printing it prints what ip nexthop shows"}},
     .errors = "EAGAIN the nexthops kept changing while they were read",
     .example = TWO "assert(#nexthop.list{ dev = \"v0\" } == 2)"},
    {.name = "each",
     .fn = nexthop_each,
     .doc = "Iterates over the nexthops without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): nexthop.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = TWO "for n in nexthop.each() do print(n.id, n.via) end"},
    {.name = "flush",
     .fn = nexthop_flush,
     .doc = "Removes every nexthop that the filter describes, and the routes that name them.",
     .params = {FILTER},
     .returns = {{"count", "integer", "how many there were"}},
     .example = TWO "assert(nexthop.flush{ dev = \"v0\" } == 2)"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {
    {"set", "replace"}, {"change", "replace"}, {"show", "list"}, {"del", "delete"}, {NULL, NULL}};

const struct rt_module nexthop_module = {
    .name = "nexthop",
    .doc = "Nexthops: ways that routes lead through, as objects, and groups of them.",
    .funcs = {funcs},
    .lacks = lacks,
    .bound = true};
