/* mdb: which multicast groups are behind which port of a bridge. */
#include "modules/object.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>

static void defaults(struct schema_enc *e, const char *verb)
{
  bool makes = strcmp(verb, "add") == 0 || strcmp(verb, "replace") == 0;
  schema_mdb_finish(e, makes);
}

static void narrow(struct schema_enc *e, int filter)
{
  (void)filter;
  schema_mdb_ask(e);
}

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  bool silent = error->kernel == NULL || error->kernel[0] == '\0';
  if (strcmp(verb, "delete") != 0 || !silent || (error->err != EINVAL && error->err != ENOENT))
    return;
  lua_getfield(e->L, e->t, "dev");
  error->text = "there is no such entry";
  error->hint = lua_pushfstring(e->L, "mdb.list{ dev = \"%s\" } shows those that there are.",
                                luaL_tolstring(e->L, -1, NULL));
}

static const struct object mdb_object = {.module = "mdb",
                                         .schema = &schema_mdb,
                                         .told = &schema_mdb_told,
                                         .key = "grp",
                                         .key_word = "group",
                                         .new = RTM_NEWMDB,
                                         .del = RTM_DELMDB,
                                         .get = RTM_GETMDB,
                                         .exists_hint =
                                             "The port has an entry for %s; mdb.delete removes it.",
                                         .absent_hint = "mdb.list() shows those of %s.",
                                         .defaults = defaults,
                                         .narrow = narrow,
                                         .explain = explain};

static int mdb_add(lua_State *L)
{
  return object_change(L, &mdb_object, "add", NLM_F_CREATE | NLM_F_EXCL);
}

static int mdb_replace(lua_State *L)
{
  return object_change(L, &mdb_object, "replace", NLM_F_CREATE | NLM_F_REPLACE);
}

static int mdb_delete(lua_State *L)
{
  return object_delete(L, &mdb_object);
}

static int mdb_get(lua_State *L)
{
  return object_first(L, &mdb_object);
}

static int mdb_list(lua_State *L)
{
  return object_list(L, &mdb_object);
}

static int mdb_each(lua_State *L)
{
  return object_each(L, &mdb_object);
}

static int mdb_flush(lua_State *L)
{
  return object_flush(L, &mdb_object);
}

#define GRP                                                                                        \
  {                                                                                                \
    "grp", "string", "the group: an IP address, or a hardware address"                             \
  }
#define OPTIONS                                                                                    \
  {                                                                                                \
    "options", "mdb.Options",                                                                      \
        "dev and port are needed; state, src, vid, filter_mode and source_list"                    \
  }
#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "mdb.Filter", "e.g. { dev = \"br0\", state = \"permanent\" }"                       \
  }
#define PORT                                                                                       \
  "link.add(\"br0\", { type = \"bridge\", up = true })\n"                                          \
  "link.add(\"v0\", { master = \"br0\", up = true, veth = { peer = { name = \"v1\", up = true } "  \
  "} })\n"
#define ENTRY                                                                                      \
  PORT "mdb.add(\"239.1.1.1\", { dev = \"br0\", port = \"v0\", state = \"permanent\" })\n"

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = mdb_add,
     .doc = "Enters that a group is behind a port; behind the bridge itself: the machine listens. "
            "It is "
            "forgotten after a while, unless `state` is \"permanent\". `source_list`, "
            "`filter_mode` and "
            "`protocol` are heard by kernels since 6.3.",
     .params = {GRP, OPTIONS},
     .errors = "EEXIST there is an entry\nEINVAL this is no group, or the bridge is down",
     .example = ENTRY "print(mdb.list{ dev = \"br0\", port = \"v0\" })",
     .source = "bridge(8), linux/if_bridge.h"},
    {.name = "replace",
     .fn = mdb_replace,
     .doc =
         "Enters that a group is behind a port, or changes the entry. Kernels before 6.3 refuse to "
         "change one.",
     .params = {GRP, OPTIONS},
     .errors = "as for add",
     .example =
         PORT "mdb.replace(\"239.1.1.1\", { dev = \"br0\", port = \"v0\", state = \"permanent\" })",
     .source = "bridge(8)"},
    {.name = "delete",
     .fn = mdb_delete,
     .doc = "Removes an entry.",
     .params = {{"grp", "string|mdb.Record", "the group, or the record"},
                {"options?", "mdb.Options", "dev and port are needed, unless a record was given"}},
     .errors = "EINVAL there is no such entry",
     .example = ENTRY "mdb.delete(\"239.1.1.1\", { dev = \"br0\", port = \"v0\" })",
     .source = "bridge(8)"},
    {.name = "get",
     .fn = mdb_get,
     .doc = "The record of one entry.",
     .params = {GRP, {"filter?", "mdb.Filter", "e.g. { port = \"v0\" }"}},
     .returns = {{"entry", "mdb.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = ENTRY "assert(mdb.get(\"239.1.1.1\").port == \"v0\")"},
    {.name = "list",
     .fn = mdb_list,
     .doc = "All entries of all bridges, or those that the filter describes.",
     .params = {FILTER},
     .returns = {{"entries", "mdb.Record[]", "printing it prints what bridge mdb shows"}},
     .errors = "EAGAIN they kept changing while they were read",
     .example = ENTRY "assert(#mdb.list{ port = \"v0\", state = \"permanent\" } == 1)"},
    {.name = "each",
     .fn = mdb_each,
     .doc = "Iterates over the entries without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): mdb.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = ENTRY "for e in mdb.each() do print(e.grp, e.port) end"},
    {.name = "flush",
     .fn = mdb_flush,
     .doc = "Removes every entry that the filter describes.",
     .params = {FILTER},
     .returns = {{"count", "integer", "how many there were"}},
     .example = ENTRY "assert(mdb.flush{ state = \"permanent\" } == 1)"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {{"set", "replace"}, {"change", "replace"}, {"append", "add"},
                                       {"show", "list"},   {"del", "delete"},     {NULL, NULL}};

const struct rt_module mdb_module = {
    .name = "mdb",
    .doc = "Multicast groups of bridges: behind which port somebody listens to a group.",
    .funcs = {funcs},
    .lacks = lacks,
    .bound = true};
