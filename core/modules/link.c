/* link: network interfaces. Of its own it has: names in place of keys, ends that are born in other
 * namespaces, and the second message that brings the other end of a veth up. */
#include "modules/object.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <string.h>

/* A link that exists is found by number, by name, or by one of its other names. */
static void put_key(struct object_call *c, const char *verb)
{
  lua_State *L = c->enc.L;
  struct ifinfomsg *m = (void *)c->enc.hdr;
  size_t n;
  if (strcmp(verb, "add") == 0) {
    if (lua_type(L, -1) != LUA_TSTRING)
      rt_raisef(L, &c->op, EINVAL, NULL, NULL, "a name is needed for a new link, not a number");
    schema_put_key(&c->enc, "name");
    return;
  }
  if (lua_isinteger(L, -1)) {
    m->ifi_index = (int)lua_tointeger(L, -1);
    return;
  }
  const char *name = lua_tolstring(L, -1, &n);
  bool renames = c->options && lua_getfield(L, c->options, "name") != LUA_TNIL;
  if (c->options)
    lua_pop(L, 1);
  if (renames)
    m->ifi_index = (int)schema_ifindex(&c->enc, schema_row_of(&schema_link, "name"), -1);
  else if (n < IFNAMSIZ)
    mnl_attr_put_strz(c->enc.nlh, IFLA_IFNAME, name);
  else if (n < 128)
    mnl_attr_put_strz(c->enc.nlh, IFLA_ALT_IFNAME, name);
  else
    rt_raisef(L, &c->op, ENAMETOOLONG, NULL, NULL, "a name of a link has at most 127 characters");
}

static bool exists(struct schema_enc *e, const char *name)
{
  _Alignas(8) char buf[128] = "";
  const struct nlmsghdr *msg;
  struct nl_answer answer;
  struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
  nlh->nlmsg_type = RTM_GETLINK;
  mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
  mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
  return nl_get(&e->buf->sock, nlh, &msg, &answer) == 0;
}

/* The kernel does not say which of the two names of a veth pair is taken. */
static void explain_exists(struct schema_enc *e, struct rt_error *error)
{
  lua_State *L = e->L;
  if (exists(e, e->op->key) || !lua_istable(L, e->op->options))
    return;
  if (lua_getfield(L, e->op->options, "veth") != LUA_TTABLE)
    return;
  lua_getfield(L, -1, "peer");
  if (lua_istable(L, -1))
    lua_getfield(L, -1, "name");
  const char *peer = lua_tostring(L, -1);
  if (peer == NULL)
    return;
  error->field = "veth.peer.name";
  error->hint = lua_pushfstring(L, "A link named \"%s\" exists where the other end is to be.", peer);
}

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  lua_State *L = e->L;
  if (error->err == EEXIST && strcmp(verb, "add") == 0)
    explain_exists(e, error);
  if (error->err == ENODEV && strcmp(verb, "add") != 0) {
    error->text = lua_pushfstring(L, "there is no link \"%s\"", e->op->key);
    error->hint = lua_pushfstring(
        L, "link.list() shows the links of %s; it may be in another namespace.", e->op->netns);
  }
  if (error->err == EOPNOTSUPP && error->kernel && strstr(error->kernel, "Unknown device type"))
    error->hint = "This kernel has no links of that type; nslab doctor lists what it has.";
}

static const struct object link_object = {
    .module = "link",
    .schema = &schema_link,
    .key = "name",
    .new = RTM_NEWLINK,
    .del = RTM_DELLINK,
    .get = RTM_GETLINK,
    .put_key = put_key,
    .exists_hint = "A link of that name exists; link.delete(\"%s\") removes it.",
    .explain = explain};

/* ---- born in place --------------------------------------------------------------------------- */

/* The header of the other end inside the message, or NULL. */
static struct ifinfomsg *peer_header(struct schema_enc *e)
{
  static const struct schema_step path[] = {
      {IFLA_LINKINFO, ""}, {IFLA_INFO_DATA, ""}, {0, NULL}};
  struct schema_dec d;
  schema_open(&d, e->L, &schema_link, e->hdr, mnl_nlmsg_get_payload_len(e->nlh), 0);
  const struct nlattr *a = schema_find(&d, path, VETH_INFO_PEER);
  return a ? mnl_attr_get_payload(a) : NULL;
}

/* Both ends of a pair whose ends are born in different namespaces get numbers that no other link
 * of the lab has: old kernels bring such a pair up at once, and a pair with equal numbers late. */
static bool number_ends(struct schema_enc *e)
{
  struct ifinfomsg *m = (void *)e->hdr, *peer = peer_header(e);
  bool elsewhere = e->buf->nfds > 0;
  if (peer == NULL || !elsewhere || m->ifi_index || peer->ifi_index)
    return false;
  m->ifi_index = ifindex_next();
  peer->ifi_index = ifindex_next();
  return true;
}

/* The name and namespace of the other end, as its options say. */
static void other_end(lua_State *L, struct object_call *c, struct netns_ref *ret_netns,
                      char *ret_name)
{
  *ret_netns = c->netns;
  lua_getfield(L, c->options, "netns");
  if (!lua_isnil(L, -1))
    netns_ref_of_value(L, &c->op, -1, "netns", ret_netns);
  lua_getfield(L, c->options, "veth");
  lua_getfield(L, -1, "peer");
  lua_getfield(L, -1, "netns");
  if (!lua_isnil(L, -1))
    netns_ref_of_value(L, &c->op, -1, "veth.peer.netns", ret_netns);
  lua_getfield(L, -2, "name");
  snprintf(ret_name, IFNAMSIZ, "%s", lua_isstring(L, -1) ? lua_tostring(L, -1) : "");
  lua_pop(L, 5);
}

/* The message that the kernel refuses as part of the first. */
static void bring_peer_up(lua_State *L, struct object_call *c)
{
  struct netns_ref where;
  char name[IFNAMSIZ];
  other_end(L, c, &where, name);
  netns_push(L, &where);
  lua_getfield(L, -1, "link");
  lua_getfield(L, -1, "set");
  lua_pushstring(L, name);
  lua_createtable(L, 0, 1);
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "up");
  lua_call(L, 2, 0);
  lua_pop(L, 2);
}

static bool asks_up(lua_State *L, int options)
{
  bool up = options && lua_getfield(L, options, "up") == LUA_TBOOLEAN && lua_toboolean(L, -1);
  if (options)
    lua_pop(L, 1);
  return up;
}

/* What came up is waited for before the first packet. */
static void note_up(lua_State *L, struct object_call *c)
{
  struct netns_ref where = c->netns;
  if (!asks_up(L, c->options) || c->op.key == NULL)
    return;
  lua_getfield(L, c->options, "netns");
  if (!lua_isnil(L, -1))
    netns_ref_of_value(L, &c->op, -1, "netns", &where);
  if (lua_getfield(L, c->options, "name") == LUA_TSTRING)
    barrier_note(&where, lua_tostring(L, -1));
  else
    barrier_note(&where, c->op.key);
  lua_pop(L, 2);
}

enum { NUMBER_TRIES = 8 };

/* Sends; a number that somebody took in the meantime is chosen again. */
static void send_new(lua_State *L, struct object_call *c)
{
  struct nl_answer answer;
  int err = -EBUSY;
  for (int i = 0; i < NUMBER_TRIES && err == -EBUSY; i++) {
    struct ifinfomsg *m = (void *)c->enc.hdr, *peer = peer_header(&c->enc);
    if (i > 0) {
      ifindex_refresh();
      m->ifi_index = peer->ifi_index = 0;
    }
    bool ours = number_ends(&c->enc);
    if (i == 0)
      rt_op_message(L, &c->op, true, c->enc.nlh, c->enc.nlh->nlmsg_len);
    err = nl_request(&c->enc.buf->sock, c->enc.nlh, &answer);
    if (!ours)
      break;
  }
  if (err)
    object_raise(c, &link_object, &answer);
}

static int link_new(lua_State *L, const char *verb, uint16_t flags)
{
  struct object_call c;
  object_open(L, &c, &link_object, verb);
  object_encode(&c, &link_object, RTM_NEWLINK, flags, true);
  if ((flags & NLM_F_CREATE) && batch_of_call(L) == NULL)
    send_new(L, &c);
  else
    object_send(&c, &link_object);
  if (c.enc.peer_up && batch_of_call(L))
    batch_flush(L, batch_of_call(L), &c.op);
  rt_op_end(L, &c.op, 0);
  if (c.enc.peer_up)
    bring_peer_up(L, &c);
  note_up(L, &c);
  return 0;
}

static int link_add(lua_State *L)
{
  return link_new(L, "add", NLM_F_CREATE | NLM_F_EXCL);
}

static int link_set(lua_State *L)
{
  return link_new(L, "set", 0);
}

static int link_delete(lua_State *L)
{
  return object_delete(L, &link_object);
}

static int link_get(lua_State *L)
{
  struct object_call c;
  object_open(L, &c, &link_object, "get");
  object_encode(&c, &link_object, RTM_GETLINK, 0, false);
  mnl_attr_put_u32(c.enc.nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  return object_lookup(&c, &link_object);
}

static int link_list(lua_State *L)
{
  return object_list(L, &link_object);
}

static int link_each(lua_State *L)
{
  return object_each(L, &link_object);
}

#define NAME                                                                                       \
  {                                                                                                \
    "name", "string|integer", "its name, an altname, or its number"                                \
  }

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = link_add,
     .doc = "Makes a link. The kind is the sub-table given, or `type`. Both ends of a veth can be "
            "born in their namespaces with `netns` and `veth.peer.netns`, which takes 0.1 ms where "
            "moving a link takes 17.",
     .params = {{"name", "string", "at most 15 characters"},
                {"options", "link.Options", "of the link and its kind"}},
     .errors = "EEXIST a link of that name exists, at either end\nENAMETOOLONG over 15 characters\n"
               "EOPNOTSUPP the kernel has no such kind\nEPERM no privilege",
     .example = "link.add(\"veth-red\", { up = true, veth = { peer = \"veth-blue\" } })\n"
                "print(link.get \"veth-red\")",
     .source = "ip-link(8), linux/if_link.h"},
    {.name = "set",
     .fn = link_set,
     .doc = "Changes a link: up, address, mtu, master, name, netns and the options of its kind.",
     .params = {NAME, {"options", "link.Options", "what changes"}},
     .errors = "ENODEV there is no such link\nEPERM no privilege",
     .example = "link.set(\"lo\", { up = true, mtu = 9000 })",
     .source = "ip-link(8)"},
    {.name = "delete",
     .fn = link_delete,
     .doc = "Removes a link; with one end of a veth the other goes too.",
     .params = {NAME},
     .errors = "ENODEV there is no such link\nEOPNOTSUPP it cannot be removed (lo)",
     .example = "link.add(\"br0\", { type = \"bridge\" })\nlink.delete \"br0\"",
     .source = "ip-link(8)"},
    {.name = "get",
     .fn = link_get,
     .doc = "One link.",
     .params = {NAME},
     .returns = {{"link", "link.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = "assert(link.get(\"lo\").ifindex == 1)"},
    {.name = "list",
     .fn = link_list,
     .doc = "All links, or those that the filter describes.",
     .params = {{"filter?", "link.Options", "e.g. { type = \"bridge\" }, { master = \"br0\" }"}},
     .returns = {{"links", "link.Record[]", "printing it prints what ip link shows"}},
     .errors = "EAGAIN the links kept changing while they were read",
     .example = "print(link.list())\nassert(#link.list{ type = \"bridge\" } == 0)"},
    {.name = "each",
     .fn = link_each,
     .doc = "Iterates over the links without building a list.",
     .params = {{"filter?", "link.Options", "as for list"}},
     .returns = {{"iterator", "fun(): link.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = "for l in link.each() do print(l.name) end"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {
    {"replace", "set"}, {"change", "set"}, {"show", "list"}, {"del", "delete"}, {"flush", "delete"},
    {NULL, NULL}};

const struct rt_module link_module = {.name = "link",
                                      .doc = "Network interfaces.",
                                      .funcs = {funcs},
                                      .lacks = lacks,
                                      .bound = true};
