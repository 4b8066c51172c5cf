/* nsid: the numbers by which a namespace knows others. A link whose other end is elsewhere says
 * only such a number, and events from elsewhere come with it. */
#include "modules/object.h"
#include <errno.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <string.h>

static const char *name_at(lua_State *L, int idx)
{
  const struct netns_ref *ref = netns_ref_of_handle(L, idx);
  return ref ? ref->name : lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx) : "";
}

/* A namespace is asked for by its name or its handle. */
static bool netns_matches(lua_State *L, int want, int record)
{
  bool none = lua_getfield(L, record, "netns") == LUA_TNIL;
  if (lua_isboolean(L, want))
    return none && !lua_toboolean(L, want);
  return !none && strcmp(name_at(L, want), name_at(L, -1)) == 0;
}

static const struct object_filter filters[] = {{"netns", netns_matches}, {NULL, NULL}};

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  (void)verb;
  if (error->err == EEXIST)
    error->hint =
        "A namespace keeps the number that it has once got, and none has two; nsid.list() "
        "shows them.";
  if (error->err == ENOENT && !schema_given(e, "netns")) {
    error->field = "nsid";
    error->text = "no namespace has that number here";
    error->hint = "nsid.list() shows those that are known.";
  }
}

static const struct object nsid_object = {.module = "nsid",
                                          .schema = &schema_nsid_object,
                                          .new = RTM_NEWNSID,
                                          .get = RTM_GETNSID,
                                          .filters = filters,
                                          .explain = explain};

static void want_one(lua_State *L, const char *verb, const char *key, const char *hint)
{
  struct rt_op op = {.module = "nsid", .verb = verb, .netns = netns_ref_of_call(L)->name};
  bool has = lua_istable(L, 1) && lua_getfield(L, 1, key) != LUA_TNIL;
  if (!has)
    rt_raisef(L, &op, EINVAL, key, hint, "this option is needed");
  lua_settop(L, 1);
}

static int nsid_set(lua_State *L)
{
  if (schema_record(L, 1) == NULL)
    want_one(L, "set", "netns", "nsid.set{ netns = \"red\", nsid = 5 }");
  return object_change(L, &nsid_object, "set", 0);
}

/* The kernel answers -1 for a namespace without a number. */
static int nsid_get(lua_State *L)
{
  struct object_call c;
  if (lua_istable(L, 1) && lua_getfield(L, 1, "nsid") == LUA_TNIL)
    want_one(L, "get", "netns", "nsid.get{ netns = \"red\" } or nsid.get{ nsid = 5 }");
  object_open(L, &c, &nsid_object, "get");
  object_encode(&c, &nsid_object, RTM_GETNSID, 0, false);
  int n = object_lookup(&c, &nsid_object);
  if (n != 1 || lua_getfield(L, -1, "nsid") == LUA_TNIL || lua_tointeger(L, -1) >= 0) {
    lua_settop(L, lua_gettop(L) - (n == 1));
    return n;
  }
  struct rt_error error = {.err = ENOENT,
                           .text = "it has no number here",
                           .hint = "It gets one with nsid.set, or when a link leads there."};
  lua_pushnil(L);
  rt_push_error(L, &c.op, &error);
  return 2;
}

static int nsid_list(lua_State *L)
{
  return object_list(L, &nsid_object);
}

static int nsid_each(lua_State *L)
{
  return object_each(L, &nsid_object);
}

#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "nsid.Filter", "{ nsid = 5 } or { netns = \"red\" }"                                \
  }
#define SOURCE "ip-netns(8), linux/net_namespace.h"
#define RED "netns.add \"red\"\n"

static const struct rt_func funcs[] = {
    {.name = "set",
     .fn = nsid_set,
     .doc = "Gives another namespace a number here.",
     .params = {{"nsid", "nsid.Options", "netns is needed; nsid is \"auto\" unless given"}},
     .errors = "EEXIST it has a number, or another one has that number\nENOENT there is no such "
               "namespace",
     .example =
         RED "nsid.set{ netns = \"red\", nsid = 5 }\nassert(nsid.get{ netns = \"red\" }.nsid == 5)",
     .source = SOURCE},
    {.name = "get",
     .fn = nsid_get,
     .doc = "The number of a namespace, or the namespace of a number.",
     .params = {{"which", "nsid.Options", "netns, or nsid"}},
     .returns = {{"nsid", "nsid.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = RED "nsid.set{ netns = \"red\", nsid = 5 }\n"
                    "assert(nsid.get{ nsid = 5 }.netns == netns \"red\")",
     .source = SOURCE},
    {.name = "list",
     .fn = nsid_list,
     .doc = "All numbers that the namespace has for others.",
     .params = {FILTER},
     .returns = {{"nsids", "nsid.Record[]", "printing it prints what ip netns list-id shows"}},
     .example = RED "nsid.set{ netns = \"red\" }\nprint(nsid.list())",
     .source = SOURCE},
    {.name = "each",
     .fn = nsid_each,
     .doc = "Iterates over them without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): nsid.Record", "for a generic for"}},
     .example = "for n in nsid.each() do print(n.nsid, n.netns) end"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {{"add", "set"}, {"show", "list"}, {NULL, NULL}};

const struct rt_module nsid_module = {
    .name = "nsid",
    .doc =
        "The numbers by which a namespace knows others. The kernel forgets one with its namespace.",
    .funcs = {funcs},
    .lacks = lacks,
    .bound = true};
