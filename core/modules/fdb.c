/* fdb: the forwarding tables of bridges and vxlans - which hardware address is behind which port,
 * or behind which machine. */
#include "modules/object.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* As bridge(8): in the table of the link itself, and permanent, unless something else is said. */
static void defaults(struct schema_enc *e, const char *verb)
{
  struct ndmsg *m = (void *)e->hdr;
  (void)verb;
  m->ndm_family = AF_BRIDGE;
  if (!(m->ndm_flags & (NTF_SELF | NTF_MASTER)))
    m->ndm_flags |= NTF_SELF;
  if (!schema_given(e, "state"))
    m->ndm_state = NUD_PERMANENT | NUD_NOARP;
}

/* Of one bridge: its own addresses and those of its ports. The kernel knows which they are. */
static void narrow(struct schema_enc *e, int filter)
{
  lua_State *L = e->L;
  ((struct ndmsg *)(void *)e->hdr)->ndm_family = AF_BRIDGE;
  if (!object_asked(L, filter, "bridge"))
    return;
  lua_getfield(L, filter, "bridge");
  uint32_t bridge = schema_ifindex(e, schema_row_of(e->schema, "bridge"), &e->buf->sock, -1);
  lua_pop(L, 1);
  mnl_attr_put_u32(e->nlh, NDA_MASTER, bridge);
}

static bool shown(const struct nlmsghdr *nlh, lua_State *L, int filter)
{
  const struct ndmsg *m = mnl_nlmsg_get_payload(nlh);
  (void)L, (void)filter;
  return mnl_nlmsg_get_payload_len(nlh) >= sizeof *m && m->ndm_family == AF_BRIDGE;
}

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  (void)verb;
  lua_getfield(e->L, e->t, "dev");
  const char *dev = luaL_tolstring(e->L, -1, NULL);
  if (error->err == ENOENT) {
    error->text = "there is no such entry";
    error->hint =
        lua_pushfstring(e->L, "fdb.list{ dev = \"%s\" } shows those that there are.", dev);
  }
  if (error->err == EINVAL && lua_getfield(e->L, e->t, "vlan") != LUA_TNIL &&
      !(error->kernel && error->kernel[0])) {
    error->field = "vlan";
    error->text = lua_pushfstring(e->L, "%s has not the VLAN %s", dev, rt_shown(e->L, -1));
    error->hint =
        "vlan.add(ID, { dev = ... }) gives a port a VLAN, on a bridge with VLAN filtering.";
  }
  if (error->err == EOPNOTSUPP) {
    error->text = lua_pushfstring(e->L, "%s has no such table", dev);
    error->hint =
        "master = true: the table of the bridge that the link is in; self = true: that of "
        "the link.";
  }
}

static const struct object fdb_object = {.module = "fdb",
                                         .schema = &schema_fdb,
                                         .key = "lladdr",
                                         .new = RTM_NEWNEIGH,
                                         .del = RTM_DELNEIGH,
                                         .get = RTM_GETNEIGH,
                                         .exists_hint =
                                             "An entry for %s exists; fdb.replace changes it.",
                                         .absent_hint = "fdb.list() shows those of %s.",
                                         .defaults = defaults,
                                         .shown = shown,
                                         .narrow = narrow,
                                         .by_kernel = "bridge",
                                         .explain = explain};

/* The addresses of the ports themselves stay, unless a state is asked for. */
static bool flushed(const struct nlmsghdr *nlh, lua_State *L, int filter)
{
  const struct ndmsg *m = mnl_nlmsg_get_payload(nlh);
  return shown(nlh, L, filter) &&
         (object_asked(L, filter, "state") || !(m->ndm_state & NUD_PERMANENT));
}

static const struct object flush_object = {.module = "fdb",
                                           .schema = &schema_fdb,
                                           .key = "lladdr",
                                           .del = RTM_DELNEIGH,
                                           .get = RTM_GETNEIGH,
                                           .defaults = defaults,
                                           .shown = flushed,
                                           .narrow = narrow,
                                           .by_kernel = "bridge",
                                           .explain = explain};

static int fdb_add(lua_State *L)
{
  return object_change(L, &fdb_object, "add", NLM_F_CREATE | NLM_F_EXCL);
}

static int fdb_append(lua_State *L)
{
  return object_change(L, &fdb_object, "append", NLM_F_CREATE | NLM_F_APPEND);
}

static int fdb_replace(lua_State *L)
{
  return object_change(L, &fdb_object, "replace", NLM_F_CREATE | NLM_F_REPLACE);
}

static int fdb_delete(lua_State *L)
{
  return object_delete(L, &fdb_object);
}

static int fdb_get(lua_State *L)
{
  return object_first(L, &fdb_object);
}

static int fdb_list(lua_State *L)
{
  return object_list(L, &fdb_object);
}

static int fdb_each(lua_State *L)
{
  return object_each(L, &fdb_object);
}

static int fdb_flush(lua_State *L)
{
  return object_flush(L, &flush_object);
}

#define LLADDR                                                                                     \
  {                                                                                                \
    "lladdr", "string", "the hardware address"                                                     \
  }
#define OPTIONS                                                                                    \
  {                                                                                                \
    "options", "fdb.Options", "dev is needed; master, state, vlan; dst and others for a vxlan"     \
  }
#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "fdb.Filter", "e.g. { bridge = \"br0\" }, { dev = \"eth0\", state = \"dynamic\" }"  \
  }
#define PORT                                                                                       \
  "link.add(\"br0\", { type = \"bridge\", up = true })\n"                                          \
  "link.add(\"v0\", { master = \"br0\", up = true, veth = { peer = { name = \"v1\", up = true } "  \
  "} })\n"
#define ENTRY                                                                                      \
  PORT "fdb.add(\"02:00:00:00:00:07\", { dev = \"v0\", master = true, state = \"static\" })\n"

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = fdb_add,
     .doc = "Enters where an address is. Permanent and in the table of the link itself, unless "
            "`state` and `master` say otherwise.",
     .params = {LLADDR, OPTIONS},
     .errors = "EEXIST there is an entry\nENODEV there is no such link\n"
               "EOPNOTSUPP the link has no such table",
     .example = ENTRY "print(fdb.list{ dev = \"v0\" })",
     .source = "bridge(8), linux/neighbour.h"},
    {.name = "append",
     .fn = fdb_append,
     .doc = "Enters one more machine for an address of a vxlan: what is for all goes to each.",
     .params = {LLADDR, OPTIONS},
     .errors = "as for add, without EEXIST",
     .example = "link.add(\"vx0\", { vxlan = { id = 7, dstport = 4789, learning = false } })\n"
                "fdb.append(\"00:00:00:00:00:00\", { dev = \"vx0\", dst = \"10.0.0.2\" })\n"
                "fdb.append(\"00:00:00:00:00:00\", { dev = \"vx0\", dst = \"10.0.0.3\" })\n"
                "assert(#fdb.list{ dev = \"vx0\" } == 2)",
     .source = "bridge(8)"},
    {.name = "replace",
     .fn = fdb_replace,
     .doc = "Enters where an address is, or changes the entry.",
     .params = {LLADDR, OPTIONS},
     .errors = "as for add, without EEXIST",
     .example = PORT "fdb.replace(\"02:00:00:00:00:07\", { dev = \"v0\", master = true, "
                     "state = \"static\" })",
     .source = "bridge(8)"},
    {.name = "delete",
     .fn = fdb_delete,
     .doc = "Removes an entry.",
     .params = {{"lladdr", "string|fdb.Record", "the address, or the record"},
                {"options?", "fdb.Options", "dev is needed, unless a record was given"}},
     .errors = "ENOENT there is no such entry",
     .example = ENTRY "fdb.delete(\"02:00:00:00:00:07\", { dev = \"v0\", master = true })",
     .source = "bridge(8)"},
    {.name = "get",
     .fn = fdb_get,
     .doc = "The record of one entry.",
     .params = {LLADDR, {"filter?", "fdb.Filter", "e.g. { dev = \"v0\" }"}},
     .returns = {{"entry", "fdb.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = ENTRY "assert(fdb.get(\"02:00:00:00:00:07\").bridge == \"br0\")"},
    {.name = "list",
     .fn = fdb_list,
     .doc = "All entries, or those that the filter describes.",
     .params = {FILTER},
     .returns = {{"entries", "fdb.Record[]", "printing it prints what bridge fdb shows"}},
     .errors = "EAGAIN the table kept changing while it was read",
     .example = ENTRY "assert(#fdb.list{ dev = \"v0\", state = \"static\" } == 1)"},
    {.name = "each",
     .fn = fdb_each,
     .doc = "Iterates over the entries without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): fdb.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = ENTRY "for e in fdb.each() do print(e.lladdr, e.dev) end"},
    {.name = "flush",
     .fn = fdb_flush,
     .doc = "Removes every entry that the filter describes. Permanent ones stay, unless the filter "
            "has `state`.",
     .params = {FILTER},
     .returns = {{"count", "integer", "how many there were"}},
     .example = ENTRY "assert(fdb.flush{ dev = \"v0\", state = \"static\" } == 1)"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {
    {"set", "replace"}, {"change", "replace"}, {"show", "list"}, {"del", "delete"}, {NULL, NULL}};

const struct rt_module fdb_module = {
    .name = "fdb",
    .doc = "Forwarding tables of bridges and vxlans: behind which port an address is.",
    .funcs = {funcs},
    .lacks = lacks,
    .bound = true};
