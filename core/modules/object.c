/* object: the verbs that every netlink object shares - change, delete, list, each, flush - from the
 * arguments that Lua gave to the answer of the kernel. What an object has of its own is in its rows
 * and in its module. */
#include "modules/object.h"
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the box of one call --------------------------------------------------------------------- */

static int buf_close(lua_State *L)
{
  struct schema_buf *b = lua_touserdata(L, 1);
  nl_close(&b->sock);
  while (b->nfds > 0)
    close(b->fds[--b->nfds]);
  if (b->owns_netns)
    close(b->netns);
  b->owns_netns = false;
  return 0;
}

static const struct rt_class buf_class = {.name = "nslab.request", .close = buf_close};

static struct schema_buf *new_buf(lua_State *L)
{
  struct schema_buf *b = lua_newuserdatauv(L, sizeof *b, 0);
  b->sock = NL_CLOSED; /* the message is zeroed when one begins */
  b->owns_netns = false;
  b->nfds = 0;
  rt_set_class(L, &buf_class);
  return b;
}

static void open_buf(lua_State *L, struct rt_op *op, const struct netns_ref *netns,
                     struct schema_buf *b)
{
  int err = netns_ref_open(netns, &b->netns, &b->owns_netns);
  if (err)
    netns_raise(L, op, NULL, netns, -err);
  err = nl_open(&b->sock, b->netns, NETLINK_ROUTE);
  if (err)
    netns_raise(L, op, NULL, netns, -err);
}

static int open_netns(lua_State *L, struct rt_op *op, int idx, const char *field)
{
  struct netns_ref ref;
  bool owned;
  int fd, copy = -1;
  netns_ref_of_value(L, op, idx, field, &ref);
  int err = netns_ref_open(&ref, &fd, &owned);
  if (err)
    netns_raise(L, op, field, &ref, -err);
  if (owned)
    return fd;
  copy = fd == NL_HERE ? open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
                       : fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (copy < 0)
    rt_raise(L, op, &(struct rt_error){.err = errno, .field = field});
  return copy;
}

static const char *key_text(lua_State *L, int idx)
{
  if (lua_type(L, idx) == LUA_TSTRING)
    return lua_tostring(L, idx);
  const char *s = luaL_tolstring(L, idx, NULL);
  lua_replace(L, idx); /* keeps the text alive; a number stays readable as one */
  return s;
}

/* A record may stand for its key and its options: addr.delete(record). */
static void take_record(lua_State *L, struct object_call *c, const struct object *o)
{
  if (o->key == NULL || schema_record(L, 1) == NULL)
    return;
  if (schema_record(L, 1) != o->schema)
    rt_raisef(L, &c->op, EINVAL, NULL, NULL, "this record is of another kind: %s",
              schema_record(L, 1)->name);
  if (lua_isnoneornil(L, 2))
    lua_pushvalue(L, 1), lua_replace(L, 2);
  lua_getfield(L, 1, o->key);
  lua_replace(L, 1);
}

static void read_arguments(lua_State *L, struct object_call *c, const struct object *o)
{
  lua_settop(L, o->key ? 2 : 1);
  take_record(L, c, o);
  c->key = o->key ? 1 : 0;
  c->options = lua_gettop(L);
  if (c->key && lua_isnil(L, 1))
    rt_raisef(L, &c->op, EINVAL, NULL, NULL, "the first argument is missing: the %s", o->key);
  if (c->key && !lua_isinteger(L, 1) && lua_type(L, 1) != LUA_TSTRING)
    rt_raisef(L, &c->op, EINVAL, NULL, NULL, "the first argument is the %s, not a %s", o->key,
              luaL_typename(L, 1));
  if (c->key && lua_type(L, 1) == LUA_TSTRING)
    c->op.key = key_text(L, 1);
  else if (c->key)
    c->op.key = (lua_pushvalue(L, 1), lua_tostring(L, -1));
  if (lua_isnil(L, c->options))
    c->options = 0;
  else if (!lua_istable(L, c->options) && schema_record(L, c->options) == NULL)
    rt_raisef(L, &c->op, EINVAL, NULL, NULL, "a table of options is needed, not a %s",
              luaL_typename(L, c->options));
  c->op.options = c->options;
}

void object_open(lua_State *L, struct object_call *c, const struct object *o, const char *verb)
{
  struct batch *batch = batch_of_call(L);
  memset(c, 0, sizeof *c);
  c->netns = batch ? *batch_netns(batch) : *netns_ref_of_call(L);
  c->op = (struct rt_op){.module = o->module, .verb = verb, .netns = c->netns.name};
  read_arguments(L, c, o);
  rt_op_begin(L, &c->op);
  c->enc = (struct schema_enc){.L = L, .op = &c->op, .schema = o->schema, .open_netns = open_netns};
  if (batch) {
    c->enc.buf = batch_buf(batch);
    return;
  }
  c->enc.buf = new_buf(L);
  lua_toclose(L, -1);
  open_buf(L, &c->op, &c->netns, c->enc.buf);
}

/* ---- encoding and sending -------------------------------------------------------------------- */

/* What the first argument says is no option as well; but link.set takes a new name. */
static void refuse_key_twice(struct object_call *c, const struct object *o)
{
  lua_State *L = c->enc.L;
  bool plain = c->options && lua_istable(L, c->options);
  c->enc.skip = o->key;
  if (!plain)
    return;
  if (strcmp(c->op.verb, "set") == 0 && strcmp(o->key, "name") == 0)
    c->enc.skip = NULL;
  else if (lua_getfield(L, c->options, o->key) != LUA_TNIL)
    rt_raisef(L, &c->op, EINVAL, o->key, NULL, "this is the first argument, not an option");
}

void object_encode(struct object_call *c, const struct object *o, uint16_t type, uint16_t flags,
                   bool strict)
{
  lua_State *L = c->enc.L;
  schema_begin(&c->enc, type, flags);
  if (c->key) {
    refuse_key_twice(c, o);
    lua_pushvalue(L, c->key);
    if (o->put_key)
      o->put_key(c, c->op.verb);
    else
      schema_put_key(&c->enc, o->key);
    lua_pop(L, 1);
  }
  if (c->options == 0) {
    lua_newtable(L);
    c->options = lua_gettop(L);
  }
  schema_put(&c->enc, c->options, strict);
  if (o->defaults)
    o->defaults(&c->enc, c->op.verb);
}

/* What to do about an error that has the same meaning everywhere. */
static const char *common_hint(struct object_call *c, const struct object *o, int err)
{
  lua_State *L = c->enc.L;
  if (err == EEXIST && o->exists_hint)
    return lua_pushfstring(L, o->exists_hint, c->op.key);
  if (err == EPERM)
    return "This needs CAP_NET_ADMIN: run it in nslab's sandbox (the default), or as root.";
  return NULL;
}

void object_raise(struct object_call *c, const struct object *o, const struct nl_answer *answer)
{
  char field[128];
  struct rt_error error = {.err = -answer->err, .kernel = answer->text};
  if (answer->missing)
    schema_field_missing(o->schema, c->enc.nlh, answer->missing_nest, answer->missing, field,
                         sizeof field);
  else
    schema_field_at(o->schema, c->enc.nlh, answer->offset, field, sizeof field);
  if (o->key && strcmp(field, o->key) == 0)
    field[0] = '\0'; /* the key is named already */
  error.field = field;
  error.hint = common_hint(c, o, error.err);
  if (o->explain)
    o->explain(&c->enc, c->op.verb, &error);
  rt_raise(c->enc.L, &c->op, &error);
}

void object_send(struct object_call *c, const struct object *o)
{
  lua_State *L = c->enc.L;
  struct nl_answer answer;
  struct batch *batch = batch_of_call(L);
  rt_op_message(L, &c->op, true, c->enc.nlh, c->enc.nlh->nlmsg_len);
  if (batch) {
    batch_add(L, batch, c, o);
    return;
  }
  int err = nl_request(&c->enc.buf->sock, c->enc.nlh, &answer);
  if (err)
    object_raise(c, o, &answer);
}

int object_change(lua_State *L, const struct object *o, const char *verb, uint16_t flags)
{
  struct object_call c;
  object_open(L, &c, o, verb);
  object_encode(&c, o, o->new, flags, true);
  object_send(&c, o);
  rt_op_end(L, &c.op, 0);
  return 0;
}

int object_delete(lua_State *L, const struct object *o)
{
  struct object_call c;
  object_open(L, &c, o, "delete");
  object_encode(&c, o, o->del, 0, false);
  object_send(&c, o);
  rt_op_end(L, &c.op, 0);
  return 0;
}

const struct nlattr *object_attr(const struct nlmsghdr *msg, size_t hdr, uint16_t type, size_t size)
{
  const struct schema raw = {.name = "raw", .hdr = hdr};
  struct schema_dec d;
  if (!schema_open(&d, NULL, &raw, mnl_nlmsg_get_payload(msg), mnl_nlmsg_get_payload_len(msg), 0))
    return NULL;
  const struct nlattr *a = schema_find(&d, NULL, type);
  return a && mnl_attr_get_payload_len(a) >= size ? a : NULL;
}

/* ---- what a context knows ---------------------------------------------------------------------- */

void object_push_context(lua_State *L, const struct netns_ref *netns)
{
  lua_createtable(L, 0, 2);
  netns_push(L, netns);
  lua_setfield(L, -2, "netns");
  lua_newtable(L);
  lua_setfield(L, -2, "names");
}

/* The socket of the namespace that the context came from, opened for one question. Pushes the box. */
static struct schema_buf *context_socket(lua_State *L, int context)
{
  struct netns_ref *ref;
  struct rt_class handle = {.name = "nslab.netns"};
  struct schema_buf *b = new_buf(L);
  lua_getfield(L, context, "netns");
  ref = rt_test(L, -1, &handle);
  lua_pop(L, 1);
  if (ref == NULL || netns_ref_open(ref, &b->netns, &b->owns_netns) < 0)
    return NULL;
  return nl_open(&b->sock, b->netns, NETLINK_ROUTE) < 0 ? NULL : b;
}

/* Asks for one link by its number, in the namespace of that number (-1: the socket's own). */
static const struct nlmsghdr *get_link(struct schema_buf *b, uint32_t ifindex, int nsid)
{
  struct nl_answer answer;
  const struct nlmsghdr *msg;
  memset(b->msg, 0, 64);
  struct nlmsghdr *nlh = mnl_nlmsg_put_header(b->msg);
  nlh->nlmsg_type = RTM_GETLINK;
  nlh->nlmsg_flags = NLM_F_REQUEST;
  struct ifinfomsg *m = mnl_nlmsg_put_extra_header(nlh, sizeof *m);
  m->ifi_index = (int)ifindex;
  mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  if (nsid >= 0)
    mnl_attr_put_u32(nlh, IFLA_TARGET_NETNSID, (uint32_t)nsid);
  return nl_get(&b->sock, nlh, &msg, &answer) < 0 ? NULL : msg;
}

static bool push_ifname(lua_State *L, const struct nlmsghdr *msg)
{
  struct schema_dec d;
  return msg && schema_open(&d, L, &schema_link, mnl_nlmsg_get_payload(msg),
                            mnl_nlmsg_get_payload_len(msg), 0) &&
         schema_get(&d, schema_row_of(&schema_link, "name"));
}

static bool resolve_ifname(lua_State *L, int context, uint32_t ifindex)
{
  int top = lua_gettop(L);
  lua_getfield(L, context, "names");
  if (lua_rawgeti(L, -1, ifindex) == LUA_TSTRING) {
    lua_replace(L, top + 1);
    return true;
  }
  lua_pop(L, 1);
  struct schema_buf *b = context_socket(L, context);
  bool found = b && push_ifname(L, get_link(b, ifindex, -1));
  if (found) {
    lua_pushvalue(L, -1);
    lua_rawseti(L, top + 1, ifindex);
    lua_replace(L, top + 1);
  }
  lua_pushcfunction(L, buf_close);
  lua_pushvalue(L, top + 2);
  lua_call(L, 1, 0);
  lua_settop(L, found ? top + 1 : top);
  return found;
}

/* The other end of a veth: { name, netns, ifindex }; less when its namespace has no number here. */
static bool resolve_peer(lua_State *L, int context, uint32_t ifindex, int nsid)
{
  struct netns_ref ref;
  int top = lua_gettop(L);
  struct schema_buf *b = context_socket(L, context);
  bool found = b && push_ifname(L, get_link(b, ifindex, nsid));
  if (found) {
    lua_createtable(L, 0, 3);
    lua_insert(L, -2);
    lua_setfield(L, -2, "name");
    lua_pushinteger(L, ifindex);
    lua_setfield(L, -2, "ifindex");
    if (nsid < 0)
      lua_getfield(L, context, "netns");
    else if (netns_find_nsid(&b->sock, nsid, &ref))
      netns_push(L, &ref);
    else
      lua_pushnil(L);
    lua_setfield(L, -2, "netns");
  }
  lua_pushcfunction(L, buf_close);
  lua_pushvalue(L, top + 1);
  lua_call(L, 1, 0);
  if (found)
    lua_replace(L, top + 1);
  lua_settop(L, found ? top + 1 : top);
  return found;
}

__attribute__((constructor)) static void set_resolver(void)
{
  schema_resolver = (struct schema_resolver){resolve_ifname, resolve_peer};
}

/* ---- lists ------------------------------------------------------------------------------------ */

enum { TRIES = 12 }; /* of a dump that something changed under */

static const char *next_key(void *arg)
{
  const struct schema_row **r = arg;
  return (*r)->key ? (*r)++->key : NULL;
}

/* A filter has the keys of the object, read-only ones too. */
static void check_filter(lua_State *L, struct object_call *c, const struct object *o)
{
  if (c->options == 0)
    return;
  if (!lua_istable(L, c->options))
    rt_raisef(L, &c->op, EINVAL, NULL, NULL, "a filter is a table");
  for (lua_pushnil(L); lua_next(L, c->options); lua_pop(L, 1)) {
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
    const struct schema_row *at = o->schema->rows;
    if (schema_row_of(o->schema, key) || strcmp(key, "exact") == 0)
      continue;
    const char *near = rt_nearest(key, next_key, &at), *hint = NULL;
    if (near)
      hint = lua_pushfstring(L, "Did you mean \"%s\"?", near);
    rt_raisef(L, &c->op, EINVAL, key, hint, "%s cannot be filtered by this", o->module);
  }
}

/* A sub-table in a filter asks for the kind and for each of its values. */
static bool equal(lua_State *L, int a, int b)
{
  a = lua_absindex(L, a);
  b = lua_absindex(L, b);
  if (!lua_istable(L, a) || !lua_istable(L, b))
    return lua_compare(L, a, b, LUA_OPEQ);
  bool same = true;
  for (lua_pushnil(L); lua_next(L, a); lua_pop(L, 1)) {
    lua_pushvalue(L, -2);
    lua_gettable(L, b);
    same = same && equal(L, -2, -1);
    lua_pop(L, 1);
  }
  return same;
}

/* Whether the record on the top is what the filter asks for. */
static bool matches(lua_State *L, const struct object *o, int filter)
{
  bool same = true;
  if (filter == 0)
    return true;
  for (lua_pushnil(L); lua_next(L, filter); lua_pop(L, 1)) {
    const char *key = lua_tostring(L, -2);
    bool all = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "all") == 0;
    if (all && strcmp(key, "table") == 0)
      continue; /* every table */
    lua_getfield(L, -3, strcmp(key, "exact") == 0 ? o->key : key);
    same = same && equal(L, -2, -1);
    lua_pop(L, 1);
  }
  return same;
}

static void start_dump(struct object_call *c, const struct object *o)
{
  schema_begin(&c->enc, o->get, NLM_F_DUMP);
  if (o->narrow)
    o->narrow(&c->enc, c->options);
  int err = nl_dump(&c->enc.buf->sock, c->enc.nlh);
  if (err)
    rt_raise(c->enc.L, &c->op, &(struct rt_error){.err = -err});
}

/* Pushes the next record that the filter lets through; 0 at the end, -EAGAIN to start again. */
static int next_record(struct object_call *c, const struct object *o, int context)
{
  lua_State *L = c->enc.L;
  const struct nlmsghdr *msg;
  struct nl_answer answer;
  int r;
  while ((r = nl_next(&c->enc.buf->sock, &msg, &answer)) == 1) {
    rt_op_message(L, &c->op, false, msg, msg->nlmsg_len);
    if (o->shown && !o->shown(msg, L, c->options))
      continue;
    schema_push_record(L, o->schema, msg, context);
    if (matches(L, o, c->options))
      return 1;
    lua_pop(L, 1);
  }
  if (r < 0 && r != -EAGAIN)
    object_raise(c, o, &answer);
  return r;
}

/* Pushes the list. A dump that is not one state is thrown away and read again. */
static void push_list(struct object_call *c, const struct object *o)
{
  lua_State *L = c->enc.L;
  int r = -EAGAIN;
  object_push_context(L, &c->netns);
  int context = lua_gettop(L);
  for (int i = 0; i < TRIES && r == -EAGAIN; i++) {
    lua_settop(L, context);
    lua_newtable(L);
    start_dump(c, o);
    rt_op_message(L, &c->op, true, c->enc.nlh, c->enc.nlh->nlmsg_len);
    for (lua_Integer n = 1; (r = next_record(c, o, context)) == 1; n++)
      lua_rawseti(L, context + 1, n);
  }
  if (r == -EAGAIN)
    rt_raisef(L, &c->op, EAGAIN, NULL, NULL, "it kept changing while it was read");
  netns_set_list_metatable(L);
}

/* list and flush have no key: the filter is their only argument. */
static void open_list(lua_State *L, struct object_call *c, const struct object *o, const char *verb)
{
  struct object keyless = *o;
  keyless.key = NULL;
  object_open(L, c, &keyless, verb);
  check_filter(L, c, o);
}

int object_list(lua_State *L, const struct object *o)
{
  struct object_call c;
  open_list(L, &c, o, "list");
  push_list(&c, o);
  rt_op_end(L, &c.op, -1);
  return 1;
}

/* Deletes everything the filter lets through, in one batch of requests. */
int object_flush(lua_State *L, const struct object *o)
{
  struct object_call c;
  open_list(L, &c, o, "flush");
  push_list(&c, o);
  int list = lua_gettop(L), context = list - 1;
  lua_Integer n = (lua_Integer)lua_rawlen(L, list);
  for (lua_Integer i = 1; i <= n; i++) {
    struct nl_answer answer;
    lua_rawgeti(L, list, i);
    c.options = lua_gettop(L);
    c.enc.schema = o->schema;
    object_encode(&c, o, o->del, 0, false);
    int err = nl_request(&c.enc.buf->sock, c.enc.nlh, &answer);
    if (err && err != -ENOENT && err != -ESRCH && err != -EADDRNOTAVAIL)
      object_raise(&c, o, &answer); /* those went with another one */
    rt_op_message(L, &c.op, true, c.enc.nlh, c.enc.nlh->nlmsg_len);
    lua_settop(L, list);
  }
  (void)context;
  lua_pushinteger(L, n);
  rt_op_end(L, &c.op, -1);
  return 1;
}

int object_first(lua_State *L, const struct object *o)
{
  struct object_call c;
  lua_settop(L, o->key ? 2 : 1);
  if (o->key) { /* the key is one more thing to filter by */
    bool given = !lua_isnoneornil(L, 2);
    luaL_checkany(L, 1);
    lua_newtable(L);
    if (given)
      for (lua_pushnil(L); lua_next(L, 2);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_settable(L, 3);
      }
    lua_pushvalue(L, 1);
    lua_setfield(L, 3, o->key);
    lua_replace(L, 1);
    lua_settop(L, 1);
  }
  open_list(L, &c, o, "get");
  if (o->key && c.options && lua_getfield(L, c.options, o->key) == LUA_TSTRING)
    c.op.key = lua_tostring(L, -1);
  push_list(&c, o);
  if (lua_rawgeti(L, -1, 1) != LUA_TNIL) {
    rt_op_end(L, &c.op, -1);
    return 1;
  }
  rt_push_error(L, &c.op, &(struct rt_error){.err = ENOENT, .text = "there is none"});
  return 2;
}

int object_lookup(struct object_call *c, const struct object *o)
{
  lua_State *L = c->enc.L;
  const struct nlmsghdr *msg;
  struct nl_answer answer;
  rt_op_message(L, &c->op, true, c->enc.nlh, c->enc.nlh->nlmsg_len);
  int err = nl_get(&c->enc.buf->sock, c->enc.nlh, &msg, &answer);
  if (err == 0) {
    rt_op_message(L, &c->op, false, msg, msg->nlmsg_len);
    object_push_context(L, &c->netns);
    schema_push_record(L, o->schema, msg, lua_gettop(L));
    rt_op_end(L, &c->op, -1);
    return 1;
  }
  if (err == -EPERM)
    object_raise(c, o, &answer);
  struct rt_error error = {.err = -err, .kernel = answer.text};
  if (o->explain)
    o->explain(&c->enc, c->op.verb, &error);
  lua_pushnil(L);
  rt_push_error(L, &c->op, &error);
  return 2;
}

/* ---- each --------------------------------------------------------------------------------------- */

/* The generic for: iterator, state, control, closing value. The state is the box, whose user value
 * is the context; what C needs of the call is in a string of bytes beside it. */
struct each {
  struct object_call call;
  const struct object *object;
};

static int each_next(lua_State *L)
{
  struct each *e = lua_touserdata(L, lua_upvalueindex(1));
  lua_settop(L, 0);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_pushvalue(L, lua_upvalueindex(3));
  e->call.enc.L = L;
  e->call.enc.op = &e->call.op;
  e->call.op.messages = 0;
  e->call.options = lua_isnil(L, 2) ? 0 : 2;
  int r = next_record(&e->call, e->object, 1);
  if (r == 1)
    return 1;
  if (r == -EAGAIN)
    rt_raisef(L, &e->call.op, EAGAIN, NULL, "list() reads again until it is one state.",
              "something changed while it was read; what came before may be incomplete");
  return 0;
}

int object_each(lua_State *L, const struct object *o)
{
  struct each *e = lua_newuserdatauv(L, sizeof *e, 1);
  lua_insert(L, 1);
  struct object_call *c = &e->call;
  memset(e, 0, sizeof *e);
  e->object = o;
  c->netns = *netns_ref_of_call(L);
  c->op = (struct rt_op){.module = o->module, .verb = "each", .netns = c->netns.name};
  lua_settop(L, 2);
  c->options = lua_isnil(L, 2) ? 0 : 2;
  check_filter(L, c, o);
  c->enc = (struct schema_enc){.L = L, .op = &c->op, .schema = o->schema};
  c->enc.buf = new_buf(L); /* 3: closed by the loop, whichever way it ends */
  lua_pushvalue(L, 3);
  lua_setiuservalue(L, 1, 1);
  open_buf(L, &c->op, &c->netns, c->enc.buf);
  start_dump(c, o);
  lua_pushvalue(L, 1);
  object_push_context(L, &c->netns);
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, each_next, 3);
  lua_pushnil(L);
  lua_pushnil(L);
  lua_pushvalue(L, 3);
  return 4;
}
