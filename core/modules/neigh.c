/* neigh: the neighbour tables - ARP for IPv4, neighbour discovery for IPv6. */
#include "modules/object.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* An entry that somebody makes by hand stays, unless he says otherwise, or leaves it to the
 * kernel to find out where it is. */
static void defaults(struct schema_enc *e, const char *verb)
{
  struct ndmsg *m = (void *)e->hdr;
  if (schema_given(e, "managed"))
    return;
  if (strcmp(verb, "delete") != 0 && strcmp(verb, "flush") != 0 && !schema_given(e, "nud"))
    m->ndm_state = NUD_PERMANENT;
}

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  (void)verb;
  if (error->err == ENOENT) {
    error->text = "there is no such neighbour";
    error->hint = lua_pushfstring(e->L, "neigh.list() shows those that %s knows.", e->op->netns);
  }
  if (error->err != EINVAL)
    return;
  if (!schema_given(e, "lladdr")) {
    error->text = "the hardware address is missing";
    error->hint = "An entry that is valid needs it: lladdr = \"02:00:00:00:00:01\".";
  } else if (error->kernel && strstr(error->kernel, "link address")) {
    error->field = "lladdr";
    error->text = "it is no address of such a link";
    error->hint = "That of an Ethernet has six bytes: \"02:00:00:00:00:01\".";
  }
}

/* The neighbour lies in the network. */
static bool in_network(lua_State *L, int want, int record)
{
  lua_getfield(L, record, "dst");
  return object_lies_in(L, -1, want, record);
}

static const struct object_filter filters[] = {
    {"to", in_network}, {"unused", object_seen_to}, {"master", object_seen_to}, {NULL, NULL}};

/* Whether a route or a socket holds the entry although those were asked for that none does. */
static bool is_in_use(const struct nlmsghdr *nlh, lua_State *L, int filter)
{
  struct nda_cacheinfo info;
  const struct nlattr *a = object_attr(nlh, sizeof(struct ndmsg), NDA_CACHEINFO, sizeof info);
  if (a == NULL || !object_asked(L, filter, "unused"))
    return false;
  memcpy(&info, mnl_attr_get_payload(a), sizeof info);
  return info.ndm_refcnt != 0;
}

/* ip neigh hides entries that say nothing (none) and those that need no resolution (noarp). */
static bool shown(const struct nlmsghdr *nlh, lua_State *L, int filter)
{
  const struct ndmsg *m = mnl_nlmsg_get_payload(nlh);
  if (mnl_nlmsg_get_payload_len(nlh) < sizeof *m || is_in_use(nlh, L, filter))
    return false;
  return object_asked(L, filter, "nud") ||
         (m->ndm_state != NUD_NONE && !(m->ndm_state & NUD_NOARP)) || (m->ndm_flags & NTF_PROXY);
}

enum { NO_MASTER = -1 };

/* Those on the links of one bridge or vrf, or of none: the kernel knows which they are. */
static void narrow_master(struct schema_enc *e, int filter)
{
  if (!object_asked(e->L, filter, "master"))
    return;
  lua_getfield(e->L, filter, "master");
  if (lua_toboolean(e->L, -1))
    object_narrow_by(e, filter, "master");
  else
    mnl_attr_put_u32(e->nlh, NDA_MASTER, (uint32_t)NO_MASTER);
  lua_pop(e->L, 1);
}

/* Entries that are answered for others (proxy) are a table of their own. */
static void narrow(struct schema_enc *e, int filter)
{
  if (filter == 0)
    return;
  narrow_master(e, filter);
  if (lua_getfield(e->L, filter, "proxy") == LUA_TBOOLEAN && lua_toboolean(e->L, -1))
    ((struct ndmsg *)(void *)e->hdr)->ndm_flags = NTF_PROXY;
  lua_pop(e->L, 1);
}

static const struct object neigh_object = {
    .module = "neigh",
    .schema = &schema_neigh,
    .key = "dst",
    .new = RTM_NEWNEIGH,
    .del = RTM_DELNEIGH,
    .get = RTM_GETNEIGH,
    .exists_hint = "An entry for %s exists; neigh.replace changes it.",
    .absent_hint =
        "neigh.list() shows those that %s knows; an address that nobody asked for yet is "
        "not there.",
    .defaults = defaults,
    .filters = filters,
    .shown = shown,
    .narrow = narrow,
    .explain = explain};

/* A flush leaves what somebody entered by hand, as ip neigh flush does, unless it asks for a
 * state; "all" are not those that need no resolution, nor those that had none. */
static bool flushed(const struct nlmsghdr *nlh, lua_State *L, int filter)
{
  const struct ndmsg *m = mnl_nlmsg_get_payload(nlh);
  if (mnl_nlmsg_get_payload_len(nlh) < sizeof *m || is_in_use(nlh, L, filter))
    return false;
  if (!object_asked(L, filter, "nud"))
    return !(m->ndm_state & (NUD_PERMANENT | NUD_NOARP | NUD_FAILED));
  return !object_asks(L, filter, "nud", "all") || !(m->ndm_state & (NUD_NOARP | NUD_FAILED));
}

static const struct object flush_object = {.module = "neigh",
                                           .schema = &schema_neigh,
                                           .key = "dst",
                                           .del = RTM_DELNEIGH,
                                           .get = RTM_GETNEIGH,
                                           .filters = filters,
                                           .shown = flushed,
                                           .narrow = narrow,
                                           .explain = explain};

static int neigh_add(lua_State *L)
{
  return object_change(L, &neigh_object, "add", NLM_F_CREATE | NLM_F_EXCL);
}

static int neigh_set(lua_State *L)
{
  return object_change(L, &neigh_object, "set", NLM_F_REPLACE);
}

static int neigh_replace(lua_State *L)
{
  return object_change(L, &neigh_object, "replace", NLM_F_CREATE | NLM_F_REPLACE);
}

static int neigh_delete(lua_State *L)
{
  return object_delete(L, &neigh_object);
}

/* The list without its hidden entries would not tell a failed entry from none. */
static int neigh_get(lua_State *L)
{
  return object_first(L, &neigh_object);
}

static int neigh_list(lua_State *L)
{
  return object_list(L, &neigh_object);
}

static int neigh_each(lua_State *L)
{
  return object_each(L, &neigh_object);
}

static int neigh_flush(lua_State *L)
{
  return object_flush(L, &flush_object);
}

#define DST                                                                                        \
  {                                                                                                \
    "dst", "string", "the neighbour's IP address"                                                  \
  }
#define OPTIONS                                                                                    \
  {                                                                                                \
    "options", "neigh.Options", "dev is needed; lladdr, nud, router, proxy"                        \
  }
#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "neigh.Filter",                                                                     \
        "dev, nud (\"all\": of every state), to (a network), master, unused ..."                   \
  }
#define VETH "link.add(\"v0\", { up = true, veth = { peer = { name = \"v1\", up = true } } })\n"
#define ENTRY VETH "neigh.add(\"10.0.0.2\", { dev = \"v0\", lladdr = \"02:00:00:00:00:02\" })\n"

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = neigh_add,
     .doc = "Adds an entry, permanent unless `nud` says otherwise.",
     .params = {DST, OPTIONS},
     .errors = "EEXIST there is an entry\nENODEV there is no such link\nEINVAL lladdr is missing",
     .example = ENTRY "print(neigh.list())",
     .source = "ip-neighbour(8), linux/neighbour.h"},
    {.name = "set",
     .fn = neigh_set,
     .doc = "Changes an entry that exists.",
     .params = {DST, OPTIONS},
     .errors = "ENOENT there is no such neighbour",
     .example = ENTRY "neigh.set(\"10.0.0.2\", { dev = \"v0\", lladdr = \"02:00:00:00:00:03\" })",
     .source = "ip-neighbour(8)"},
    {.name = "replace",
     .fn = neigh_replace,
     .doc = "Adds an entry or changes it.",
     .params = {DST, OPTIONS},
     .errors = "ENODEV there is no such link",
     .example =
         VETH "neigh.replace(\"10.0.0.2\", { dev = \"v0\", lladdr = \"02:00:00:00:00:02\" })",
     .source = "ip-neighbour(8)"},
    {.name = "delete",
     .fn = neigh_delete,
     .doc = "Removes an entry.",
     .params = {{"dst", "string|neigh.Record", "the address, or the record"},
                {"options?", "neigh.Options", "dev is needed, unless a record was given"}},
     .errors = "ENOENT there is no such neighbour",
     .example = ENTRY "neigh.delete(\"10.0.0.2\", { dev = \"v0\" })",
     .source = "ip-neighbour(8)"},
    {.name = "get",
     .fn = neigh_get,
     .doc = "The record of one neighbour.",
     .params = {DST, {"filter?", "neigh.Filter", "e.g. { dev = \"eth0\" }"}},
     .returns = {{"neighbour", "neigh.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = ENTRY "assert(neigh.get(\"10.0.0.2\").nud == \"permanent\")"},
    {.name = "list",
     .fn = neigh_list,
     .doc = "The neighbours, without those of state none and noarp unless the filter asks.",
     .params = {FILTER},
     .returns = {{"neighbours", "neigh.Record[]", "printing it prints what ip neigh shows"}},
     .errors = "EAGAIN the table kept changing while it was read",
     .example = ENTRY "assert(#neigh.list{ dev = \"v0\" } == 1)"},
    {.name = "each",
     .fn = neigh_each,
     .doc = "Iterates over the neighbours without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): neigh.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = ENTRY "for n in neigh.each() do print(n.dst, n.lladdr) end"},
    {.name = "flush",
     .fn = neigh_flush,
     .doc = "Removes every neighbour that the filter describes. Permanent ones stay, unless the "
            "filter has `nud`.",
     .params = {FILTER},
     .returns = {{"count", "integer", "how many there were"}},
     .example = ENTRY "assert(neigh.flush{ dev = \"v0\", nud = \"permanent\" } == 1)"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {
    {"change", "set"}, {"show", "list"}, {"del", "delete"}, {NULL, NULL}};

const struct rt_module neigh_module = {
    .name = "neigh",
    .doc = "Neighbours: which hardware address an IP address has (the ARP table).",
    .funcs = {funcs},
    .lacks = lacks,
    .bound = true};
