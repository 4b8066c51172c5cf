/* link: network interfaces. Of its own it has: names in place of keys, ends that are born in other
 * namespaces, and the second message for what the kernel takes only from a link that exists. */
#include "modules/link.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <string.h>

/* The name of a link that exists; raises for what can be none. */
static const char *want_name(struct object_call *c)
{
  lua_State *L = c->enc.L;
  size_t n;
  const char *name = lua_tolstring(L, -1, &n);
  if (n == 0 || strlen(name) != n)
    rt_raisef(L, &c->op, EINVAL, NULL, "link.list() shows what there is.",
              "the name of a link is needed");
  if (n >= ALTIFNAMSIZ)
    rt_raisef(L, &c->op, ENAMETOOLONG, NULL, NULL, "a name of a link has at most %d characters",
              ALTIFNAMSIZ - 1);
  return name;
}

/* A link that exists is found by number, by name, or by one of its other names. */
void link_put_key(struct object_call *c, const char *verb)
{
  lua_State *L = c->enc.L;
  struct ifinfomsg *m = (void *)c->enc.hdr;
  if (strcmp(verb, "add") == 0) {
    schema_put_key(&c->enc, "name");
    return;
  }
  if (lua_isinteger(L, -1)) {
    m->ifi_index =
        (int)schema_ifindex(&c->enc, schema_row_of(&schema_link, "ifindex"), &c->enc.buf->sock, -1);
    return;
  }
  const char *name = want_name(c);
  bool renames = c->options && lua_getfield(L, c->options, "name") != LUA_TNIL;
  if (c->options)
    lua_pop(L, 1);
  if (renames)
    m->ifi_index =
        (int)schema_ifindex(&c->enc, schema_row_of(&schema_link, "name"), &c->enc.buf->sock, -1);
  else
    mnl_attr_put_strz(c->enc.nlh, strlen(name) < IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME, name);
}

const struct object link_object = {.module = "link",
                                   .schema = &schema_link,
                                   .key = "name",
                                   .new = RTM_NEWLINK,
                                   .del = RTM_DELLINK,
                                   .get = RTM_GETLINK,
                                   .put_key = link_put_key,
                                   .explain = link_explain};

/* ---- born in place --------------------------------------------------------------------------- */

/* The header of the other end of a veth inside the message, or NULL. */
static struct ifinfomsg *peer_header(struct schema_enc *e)
{
  static const struct schema_step info[] = {{IFLA_LINKINFO, ""}, {0, NULL}},
                                  data[] = {{IFLA_LINKINFO, ""}, {IFLA_INFO_DATA, ""}, {0, NULL}};
  struct schema_dec d;
  schema_open(&d, e->L, &schema_link, e->hdr, mnl_nlmsg_get_payload_len(e->nlh), 0);
  const struct nlattr *kind = schema_find(&d, info, IFLA_INFO_KIND);
  if (kind == NULL || mnl_attr_get_payload_len(kind) != 4 ||
      memcmp(mnl_attr_get_payload(kind), "veth", 4) != 0)
    return NULL; /* other kinds have other things under that number */
  const struct nlattr *a = schema_find(&d, data, VETH_INFO_PEER);
  return a ? mnl_attr_get_payload(a) : NULL;
}

/* Which numbers of the ends we have chosen ourselves. */
struct numbers {
  bool own, peer;
};

/* Both ends of a pair whose ends are born in different namespaces get numbers that no other link
 * of the lab has: old kernels bring such a pair up at once, and a pair with equal numbers late. A
 * number that is asked for the other end alone is passed over by the kernel unless ours has one. */
static struct numbers number_ends(struct schema_enc *e)
{
  struct numbers ours = {false, false};
  struct ifinfomsg *m = (void *)e->hdr, *peer = peer_header(e);
  if (rt_foreseen() && m->ifi_index == 0) {
    ours.own = true;
    m->ifi_index = ifindex_next();
  }
  if (peer == NULL)
    return ours;
  bool chosen = ours.own || m->ifi_index == 0;
  ours.peer = (e->elsewhere || rt_foreseen()) && chosen && peer->ifi_index == 0;
  if (!ours.own && m->ifi_index == 0 && (ours.peer || peer->ifi_index)) {
    ours.own = true;
    m->ifi_index = ifindex_next();
  }
  if (ours.peer)
    peer->ifi_index = ifindex_next();
  return ours;
}

enum { NUMBER_TRIES = 8 };

/* Whether the kernel refused a number that we have chosen. It says EBUSY, or EEXIST as for a
 * name. */
static bool number_taken(struct object_call *c, const struct nl_answer *answer)
{
  lua_State *L = c->enc.L;
  char peer[IFNAMSIZ];
  struct netns_ref own = c->netns, other = c->netns;
  if (answer->err != -EEXIST)
    return answer->err == -EBUSY;
  link_own_netns(L, &c->op, c->options, &own);
  bool paired = link_other_end(L, &c->op, c->options, &other, peer);
  return !object_has_link(&own, c->op.key) && !(paired && object_has_link(&other, peer));
}

/* Sends; a number that somebody took in the meantime is chosen again, and at last left to the
 * kernel. */
static void send_new(struct object_call *c)
{
  struct nl_answer answer;
  struct ifinfomsg *m = (void *)c->enc.hdr, *peer = peer_header(&c->enc);
  struct numbers ours = number_ends(&c->enc);
  object_request(c, &answer);
  for (int i = 1; i <= NUMBER_TRIES && ours.own && number_taken(c, &answer); i++) {
    ifindex_refresh();
    m->ifi_index = 0;
    if (ours.peer)
      peer->ifi_index = 0;
    if (i < NUMBER_TRIES)
      number_ends(&c->enc);
    object_request(c, &answer);
  }
  if (answer.err)
    object_raise(c, &link_object, &answer);
}

/* ---- the second message
 * -------------------------------------------------------------------------- */

static bool asks_up(lua_State *L, int options)
{
  bool up = options && lua_getfield(L, options, "up") == LUA_TBOOLEAN && lua_toboolean(L, -1);
  if (options)
    lua_pop(L, 1);
  return up;
}

/* Pushes the name of the link that the call is about. */
static const char *push_name(lua_State *L, struct object_call *c)
{
  _Alignas(8) char buf[64] = "";
  const struct nlmsghdr *msg;
  struct nl_answer answer;
  if (lua_type(L, c->key) == LUA_TSTRING) {
    lua_pushvalue(L, c->key);
    return lua_tostring(L, -1);
  }
  struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
  nlh->nlmsg_type = RTM_GETLINK;
  struct ifinfomsg *m = mnl_nlmsg_put_extra_header(nlh, sizeof *m);
  m->ifi_index = (int)lua_tointeger(L, c->key);
  const struct nlattr *a = NULL;
  if (nl_get(&c->enc.buf->sock, nlh, &msg, &answer) == 0)
    a = object_attr(msg, sizeof *m, IFLA_IFNAME, 1);
  return lua_pushstring(L, a ? mnl_attr_get_payload(a) : "");
}

/* What came up is waited for before the first packet. */
static void note_up(lua_State *L, struct object_call *c)
{
  struct netns_ref where = c->netns;
  if (!asks_up(L, c->options))
    return;
  link_own_netns(L, &c->op, c->options, &where);
  if (lua_getfield(L, c->options, "name") == LUA_TSTRING)
    barrier_note(&where, lua_tostring(L, -1));
  else
    barrier_note(&where, push_name(L, c));
}

/* Rows that a second message is made of, should there be one. */
static bool is_later(const struct schema_row *r)
{
  return r && (r->flags & SCHEMA_LATER);
}

/* A new link has some of them, but the rest only later. */
static bool needs_add_first(const struct schema_row *r)
{
  return is_later(r) && r->codec != &schema_up;
}

static bool is_up(const struct schema_row *r)
{
  return r && r->codec == &schema_up;
}

/* While it comes up, a link gets its IPv6 address, in whatever way was set before. */
static bool needs_set_first(const struct schema_row *r)
{
  return strcmp(r->key, "addrgenmode") == 0;
}

/* With an option that wants it, splits the options in two: pushes the rest and what goes later, and
 * returns true; else false, with nothing pushed. */
static bool split_options(lua_State *L, int options, bool (*wants)(const struct schema_row *),
                          bool (*later)(const struct schema_row *))
{
  bool any = false;
  for (const struct schema_row *r = schema_link.rows; r->key && !any && options; r++)
    if (wants(r)) {
      any = lua_getfield(L, options, r->key) != LUA_TNIL;
      lua_pop(L, 1);
    }
  if (!any)
    return false;
  lua_newtable(L);
  lua_newtable(L);
  int rest = lua_gettop(L) - 1;
  for (lua_pushnil(L); lua_next(L, options);) {
    const struct schema_row *r =
        lua_type(L, -2) == LUA_TSTRING ? schema_row_of(&schema_link, lua_tostring(L, -2)) : NULL;
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_settable(L, later(r) ? rest + 1 : rest);
    lua_pop(L, 1);
  }
  return true;
}

/* In a namespace: set(name, the table at the top). Pops the table. */
static void set_in(lua_State *L, const struct netns_ref *where, const char *name)
{
  netns_push(L, where);
  lua_getfield(L, -1, "link");
  lua_getfield(L, -1, "set");
  lua_pushstring(L, name);
  lua_rotate(L, -5, -1); /* the table behind the name */
  lua_call(L, 2, 0);
  lua_pop(L, 2);
}

static void set_later(lua_State *L, struct object_call *c, int later)
{
  struct netns_ref where = c->netns;
  link_own_netns(L, &c->op, c->options, &where);
  const char *name = c->op.key;
  if (lua_getfield(L, c->options, "name") == LUA_TSTRING)
    name = lua_tostring(L, -1);
  lua_pushvalue(L, later);
  set_in(L, &where, name);
}

static void bring_peer_up(lua_State *L, struct object_call *c)
{
  struct netns_ref where = c->netns;
  char name[IFNAMSIZ];
  link_other_end(L, &c->op, c->options, &where, name);
  lua_createtable(L, 0, 1);
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "up");
  set_in(L, &where, name);
}

static void want_kind(struct object_call *c)
{
  for (const struct schema_row *r = schema_link.rows; r->key; r++) {
    if (r->codec != &schema_kind && !schema_is_kind(r))
      continue;
    bool given = lua_getfield(c->enc.L, c->options, r->key) != LUA_TNIL;
    lua_pop(c->enc.L, 1);
    if (given)
      return;
  }
  rt_raisef(c->enc.L, &c->op, EINVAL, "type",
            "type = \"bridge\", or a table of the kind's own options: veth = { peer = \"NAME\" }.",
            "which kind of link is needed");
}

/* Whatever a tun or tap link has beside what it is made with. */
static bool is_after_tun(const struct schema_row *r)
{
  static const char *const made_with[] = {"tun", "type", "netns", "ifindex", "name", NULL};
  for (const char *const *key = made_with; r && *key; key++)
    if (strcmp(r->key, *key) == 0)
      return false;
  return r != NULL;
}

/* It is made by itself, and then gets the rest as a link that exists. */
static int add_tun(lua_State *L, struct object_call *c, struct batch *batch)
{
  struct netns_ref where = c->netns;
  if (batch)
    batch_flush(L, batch, &c->op);
  number_ends(&c->enc);
  link_own_netns(L, &c->op, c->options, &where);
  bool more = split_options(L, c->options, is_after_tun, is_after_tun);
  int later = lua_gettop(L);
  if (more)
    c->op.options = later - 1;
  link_make_tun(c, &where);
  rt_op_end(L, &c->op, 0);
  c->op.key = lua_tostring(L, -1);
  if (more)
    set_later(L, c, later);
  return 0;
}

static int link_add(lua_State *L)
{
  struct object_call c;
  struct batch *batch = batch_of_call(L);
  object_open(L, &c, &link_object, "add");
  c.enc.later = split_options(L, c.options, needs_add_first, is_later);
  int later = lua_gettop(L);
  if (c.enc.later)
    c.op.options = later - 1;
  object_encode(&c, &link_object, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, true);
  want_kind(&c);
  if (link_is_tun(&c.enc))
    return add_tun(L, &c, batch);
  if (batch) {
    number_ends(&c.enc);
    object_send(&c, &link_object);
  } else {
    send_new(&c);
  }
  if (batch && (c.enc.peer_up || c.enc.later))
    batch_flush(L, batch, &c.op);
  rt_op_end(L, &c.op, 0);
  if (c.enc.later)
    set_later(L, &c, later);
  else
    note_up(L, &c);
  if (c.enc.peer_up)
    bring_peer_up(L, &c);
  return 0;
}

/* Whether the options say it, or both directions of it at once: `key` is ikey and okey. */
static bool is_given(lua_State *L, int options, const struct schema_row *r)
{
  bool both = r->codec == &schema_gre_key || r->codec == &schema_gre_flag;
  int top = lua_gettop(L);
  bool is = lua_getfield(L, options, r->key) != LUA_TNIL ||
            (both && lua_getfield(L, options, r->key + 1) != LUA_TNIL);
  lua_settop(L, top);
  return is;
}

/* Pushes the options at the top of the stack together with what the link has besides. */
static void push_whole(lua_State *L, const struct schema *s, int has)
{
  int given = lua_gettop(L);
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, given);) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_settable(L, given + 1);
  }
  for (const struct schema_row *r = s->rows; r->key; r++)
    if (!(r->flags & SCHEMA_READONLY) && !is_given(L, given, r)) {
      lua_getfield(L, has, r->key);
      lua_setfield(L, given + 1, r->key);
    }
}

/* The kernel forgets of a tunnel what is not said when something is changed: what it has is read,
 * and said again. Replaces the options of the call. */
static void keep_the_rest(lua_State *L, struct object_call *c)
{
  for (const struct schema_row *r = schema_link.rows; r->key; r++) {
    int top = lua_gettop(L);
    bool whole = schema_is_kind(r) && ((const struct schema *)r->arg)->whole;
    if (!whole || lua_getfield(L, c->options, r->key) != LUA_TTABLE) {
      lua_settop(L, top);
      continue;
    }
    netns_push(L, &c->netns);
    lua_getfield(L, -1, "link");
    lua_getfield(L, -1, "get");
    lua_pushvalue(L, c->key);
    lua_call(L, 1, 1);
    bool same = schema_record(L, -1) && lua_getfield(L, -1, r->key) == LUA_TTABLE;
    if (same) {
      int has = lua_gettop(L);
      lua_newtable(L);
      for (lua_pushnil(L); lua_next(L, c->options);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_settable(L, has + 1);
      }
      lua_getfield(L, c->options, r->key);
      push_whole(L, r->arg, has);
      lua_setfield(L, has + 1, r->key);
      lua_settop(L, has + 1);
      lua_replace(L, top + 1);
      lua_settop(L, top + 1);
      c->options = top + 1; /* the observer is told what was asked for */
      return;
    }
    lua_settop(L, top);
  }
}

static int link_set(lua_State *L)
{
  struct object_call c;
  object_open(L, &c, &link_object, "set");
  if (c.options == 0)
    rt_raisef(L, &c.op, EINVAL, NULL, "For example { up = true }.",
              "what is to change is not said");
  if (c.options && lua_getfield(L, c.options, "ifindex") != LUA_TNIL)
    rt_raisef(L, &c.op, EINVAL, "ifindex", NULL, "the number of a link is given when it is made");
  bool two = asks_up(L, c.options) && split_options(L, c.options, needs_set_first, is_up);
  int up = lua_gettop(L);
  if (two)
    c.options = c.op.options = up - 1;
  int asked = c.options;
  keep_the_rest(L, &c);
  object_encode(&c, &link_object, RTM_NEWLINK, 0, true);
  c.options = asked;
  object_send(&c, &link_object);
  if (two && batch_of_call(L))
    batch_flush(L, batch_of_call(L), &c.op);
  rt_op_end(L, &c.op, 0);
  if (two)
    set_later(L, &c, up);
  note_up(L, &c);
  return 0;
}

static void explain_group(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  (void)verb;
  error->field = "group";
  if (error->err == ENODEV) {
    error->text = "no link is in that group";
    error->hint = "link.list() shows the groups.";
  } else if (error->err == EPERM) {
    error->text = "the links of the group default are not removed together";
    error->hint = "Everything is in it that was put in no other.";
  }
  (void)e;
}

static const struct object group_object = {
    .module = "link", .schema = &schema_link, .del = RTM_DELLINK, .explain = explain_group};

/* All of a group at once: the kernel waits only once for what may still use them. */
static int link_flush(lua_State *L)
{
  struct object_call c;
  object_open(L, &c, &group_object, "flush");
  bool grouped = c.options && lua_getfield(L, c.options, "group") != LUA_TNIL;
  for (lua_pushnil(L); c.options && lua_next(L, c.options); lua_pop(L, 1))
    if (lua_type(L, -2) != LUA_TSTRING || strcmp(lua_tostring(L, -2), "group") != 0)
      grouped = false;
  if (!grouped)
    rt_raisef(L, &c.op, EINVAL, NULL, "link.flush { group = 5 }",
              "it takes a group and nothing else");
  object_encode(&c, &group_object, RTM_DELLINK, 0, false);
  object_send(&c, &group_object);
  rt_op_end(L, &c.op, 0);
  return 0;
}

void link_take_name(lua_State *L)
{
  if (schema_record(L, 1) == &schema_link) {
    lua_getfield(L, 1, "name");
    lua_replace(L, 1);
  }
}

/* delete and get have a name and no options; a record has both. */
static void only_name(lua_State *L, const char *verb)
{
  struct rt_op op = {.module = "link", .verb = verb, .netns = netns_ref_of_call(L)->name};
  if (!lua_isnoneornil(L, 2))
    rt_raisef(L, &op, EINVAL, NULL, "link.list{ ... } takes a filter.",
              "it takes the name of a link and nothing else");
  lua_settop(L, 1);
  link_take_name(L);
}

static int link_delete(lua_State *L)
{
  only_name(L, "delete");
  return object_delete(L, &link_object);
}

static int link_get(lua_State *L)
{
  struct object_call c;
  only_name(L, "get");
  object_open(L, &c, &link_object, "get");
  object_encode(&c, &link_object, RTM_GETLINK, 0, false);
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

#define IMPAIR_DOC                                                                                 \
  "Imitates a worse cable: packets that leave through the link are late, lost, damaged or slow. "  \
  "Called again it changes that, without losing what is under way; {} makes the link fine. It is " \
  "a netem at the link's root; its options are those of qdisc.add{ netem = {...} }. Packets that " \
  "come in are left alone: for those, impair the link at the other end."

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
    {.name = "flush",
     .fn = link_flush,
     .doc = "Removes all links of a group, in the time that one takes.",
     .params = {{"which", "link.Filter", "{ group = NUMBER }"}},
     .errors = "ENODEV no link is in the group\nEPERM the group is `default`, or no privilege",
     .example = "for i = 1, 5 do link.add(\"br\" .. i, { type = \"bridge\", group = 7 }) end\n"
                "link.flush { group = 7 }\n"
                "assert(#link.list { type = \"bridge\" } == 0)",
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
     .params = {{"filter?", "link.Filter", "e.g. { type = \"bridge\" }, { master = \"br0\" }"}},
     .returns = {{"links", "link.Record[]", "printing it prints what ip link shows"}},
     .errors = "EAGAIN the links kept changing while they were read",
     .example = "print(link.list())\nassert(#link.list{ type = \"bridge\" } == 0)"},
    {.name = "impair",
     .fn = link_impair,
     .doc = IMPAIR_DOC,
     .params = {{"name", "string|integer|link.Record", "the link"},
                {"what", "qdisc.netem.Options",
                 "delay_ms, jitter_ms, loss_percent, rate_mbit ...; {}: nothing"}},
     .errors = "ENOENT this kernel has no netem; nslab doctor says so\n"
               "EEXIST the link has a qdisc of another kind, which somebody put there",
     .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
                "local ok, err = pcall(link.impair, \"v0\", { delay_ms = 20, loss_percent = 1, "
                "rate_mbit = 10 })\n"
                "if ok then link.impair(\"v0\", {}) else assert(err.code == \"ENOENT\") end",
     .source = "tc-netem(8)"},
    {.name = "each",
     .fn = link_each,
     .doc = "Iterates over the links without building a list.",
     .params = {{"filter?", "link.Filter", "as for list"}},
     .returns = {{"iterator", "fun(): link.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = "for l in link.each() do print(l.name) end"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {
    {"replace", "set"}, {"change", "set"}, {"show", "list"}, {"del", "delete"}, {NULL, NULL}};

const struct rt_module link_module = {.name = "link",
                                      .doc = "Network interfaces.",
                                      .funcs = {funcs, link_altname_funcs, link_wait_funcs},
                                      .lacks = lacks,
                                      .bound = true};
