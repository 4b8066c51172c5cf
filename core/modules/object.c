/* object: the verbs that change a netlink object - add, set, replace, append, delete - from the
 * arguments that Lua gave to the answer of the kernel. What an object has of its own is in its rows
 * and in its module; reading is object_list.c. */
#include "modules/object.h"
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <unistd.h>

/* ---- the box of one call --------------------------------------------------------------------- */

void object_close_buf(struct schema_buf *b)
{
  nl_close(&b->sock);
  nl_close(&b->there);
  while (b->nfds > 0)
    close(b->fds[--b->nfds]);
  if (b->owns_netns)
    close(b->netns);
  b->owns_netns = false;
}

static int buf_close(lua_State *L)
{
  object_close_buf(lua_touserdata(L, 1));
  return 0;
}

static const struct rt_class buf_class = {.name = "nslab.request", .close = buf_close};

static void clear_buf(struct schema_buf *b)
{
  b->sock = b->there = NL_CLOSED;
  b->owns_netns = false;
  b->links.keep = b->zeroed = false;
  b->nfds = 0;
}

struct schema_buf *object_new_buf(lua_State *L)
{
  struct schema_buf *b = lua_newuserdatauv(L, sizeof *b, 0);
  clear_buf(b);
  rt_set_class(L, &buf_class);
  return b;
}

/* The boxes of calls that are over serve the next ones. A new one for each would be more garbage
 * than all the rest of a script, and of the worst kind: what has a finalizer survives a collection,
 * the collector takes it for what the script needs, and waits until there is twice as much. */
struct call_box {
  struct schema_buf buf;
  bool in_use;
};

static const char
    spares_key; /* registry: a closed box, whose user value is the next one; or false */

static int call_box_close(lua_State *L)
{
  struct call_box *box = lua_touserdata(L, 1);
  object_close_buf(&box->buf);
  if (box->in_use) {
    box->in_use = false;
    lua_settop(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &spares_key);
    lua_setiuservalue(L, 1, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &spares_key);
  }
  return 0;
}

static const struct rt_class call_box_class = {.name = "nslab.call", .close = call_box_close};

static struct call_box *new_call_box(lua_State *L)
{
  struct call_box *box = lua_newuserdatauv(L, sizeof *box, 1);
  clear_buf(&box->buf);
  box->in_use = false;
  rt_set_class(L, &call_box_class);
  return box;
}

static struct schema_buf *take_buf(lua_State *L)
{
  struct call_box *box;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &spares_key) == LUA_TUSERDATA) {
    box = lua_touserdata(L, -1);
    lua_getiuservalue(L, -1, 1);
  } else {
    lua_pop(L, 1);
    box = new_call_box(L);
    lua_pushboolean(L, 0); /* from now on the key is there: giving back allocates nothing */
  }
  lua_rawsetp(L, LUA_REGISTRYINDEX, &spares_key);
  box->in_use = true;
  return &box->buf;
}

void object_open_buf(lua_State *L, struct rt_op *op, const struct netns_ref *netns,
                     struct schema_buf *b)
{
  int err = netns_ref_open(netns, &b->netns, &b->owns_netns);
  if (err == 0)
    err = nl_open(&b->sock, b->netns, NETLINK_ROUTE);
  if (err) {
    object_close_buf(b);
    netns_raise(L, op, NULL, netns, -err);
  }
}

int object_open_netns(lua_State *L, struct rt_op *op, int idx, const char *field)
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
  if (ref.kind == NETNS_FD && !nl_netns_is(fd) && fcntl(fd, F_GETFD) >= 0)
    rt_raisef(L, op, EINVAL, field, "red, \"red\", a pid, or an open file under /proc/PID/ns.",
              "this file is no network namespace");
  copy = fd == NL_HERE ? open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
                       : fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (copy < 0)
    rt_raise(L, op, &(struct rt_error){.err = errno, .field = field});
  return copy;
}

void object_key_among_options(struct object_call *c, const char *name)
{
  lua_State *L = c->enc.L;
  lua_newtable(L);
  int copy = lua_gettop(L), key = copy - 1;
  if (c->options)
    for (lua_pushnil(L); lua_next(L, c->options);) {
      lua_pushvalue(L, -2);
      lua_insert(L, -2);
      lua_settable(L, copy);
    }
  lua_pushvalue(L, key);
  lua_setfield(L, copy, name);
  lua_insert(L, key); /* the key stays on the top */
  c->options = key;
  c->enc.skip = NULL;
}

/* ---- arguments ------------------------------------------------------------------------------- */

void object_push_options(lua_State *L, const struct object *o, int idx, const char *skip)
{
  idx = lua_absindex(L, idx);
  schema_push_options(L, idx, skip);
  if (o->of_record)
    o->of_record(L, idx, lua_gettop(L));
}

/* A record may stand for its key, for its options, or for both: addr.delete(record). */
static void take_records(lua_State *L, struct object_call *c, const struct object *o)
{
  int options = lua_gettop(L);
  if (!lua_isuserdata(L, 1) && !lua_isuserdata(L, options))
    return;
  const struct schema *told = schema_part(o->told ? o->told : o->schema);
  for (int i = 1; i <= options; i++)
    if (schema_record(L, i) && schema_record(L, i) != told)
      rt_raisef(L, &c->op, EINVAL, NULL, NULL, "this record is of another kind: %s",
                schema_record(L, i)->name);
  if (o->key && schema_record(L, 1)) {
    if (lua_isnil(L, options)) {
      lua_pushvalue(L, 1);
      lua_replace(L, options);
    }
    lua_getfield(L, 1, o->key);
    lua_replace(L, 1);
  }
  if (schema_record(L, options)) {
    object_push_options(L, o, options, o->key);
    lua_replace(L, options);
  }
}

static const char *hint_example(lua_State *L, const struct rt_op *op)
{
  return lua_pushfstring(L, "help(%s.%s) shows an example.", op->module, op->verb);
}

static void read_key(lua_State *L, struct object_call *c, const struct object *o)
{
  c->key = 1;
  if (lua_isnil(L, 1))
    rt_raisef(L, &c->op, EINVAL, NULL, hint_example(L, &c->op),
              "the first argument is missing: the %s", o->key_word ? o->key_word : o->key);
  if (!lua_isinteger(L, 1) && lua_type(L, 1) != LUA_TSTRING) {
    const char *is = rt_typename(L, 1);
    rt_raisef(L, &c->op, EINVAL, NULL, hint_example(L, &c->op),
              "the first argument is the %s, not %s", o->key_word ? o->key_word : o->key, is);
  }
  if (lua_type(L, 1) == LUA_TNUMBER)
    lua_pushvalue(L, 1); /* its text, which stays on the stack; the number stays one */
  c->op.key = lua_tostring(L, lua_type(L, 1) == LUA_TNUMBER ? -1 : 1);
}

static void read_arguments(lua_State *L, struct object_call *c, const struct object *o)
{
  int options = o->key ? 2 : 1;
  lua_settop(L, options);
  take_records(L, c, o);
  if (o->key)
    read_key(L, c, o);
  if (lua_isnil(L, options))
    return;
  if (!lua_istable(L, options)) {
    const char *is = rt_typename(L, options);
    rt_raisef(L, &c->op, EINVAL, NULL, hint_example(L, &c->op),
              "a table of options is needed, not %s", is);
  }
  c->options = c->op.options = options;
}

void object_netns(lua_State *L, struct netns_ref *ret)
{
  const struct batch *batch = batch_of_call(L);
  *ret = batch ? *batch_netns(batch) : *netns_ref_of_call(L);
}

void object_begin(lua_State *L, struct object_call *c, const struct object *o, const char *verb)
{
  memset(c, 0, sizeof *c);
  c->batch = batch_of_call(L);
  c->netns = c->batch ? *batch_netns(c->batch) : *netns_ref_of_call(L);
  c->op = (struct rt_op){.module = o->module, .verb = verb, .netns = c->netns.name};
  read_arguments(L, c, o);
  rt_op_begin(L, &c->op);
  c->enc = (struct schema_enc){
      .L = L, .op = &c->op, .schema = o->schema, .netns = -1, .open_netns = object_open_netns};
}

void object_open(lua_State *L, struct object_call *c, const struct object *o, const char *verb)
{
  object_begin(L, c, o, verb);
  if (c->batch) {
    c->enc.buf = batch_buf(L, c->batch, &c->op);
    return;
  }
  c->enc.buf = take_buf(L);
  lua_toclose(L, -1);
  object_open_buf(L, &c->op, &c->netns, c->enc.buf);
}

/* ---- encoding and sending -------------------------------------------------------------------- */

/* What the first argument says is no option as well; but link.set takes a new name. */
static const char *key_to_skip(const struct object_call *c, const struct object *o)
{
  bool renames = c->options && strcmp(c->op.verb, "set") == 0 && strcmp(o->key, "name") == 0;
  return renames ? NULL : o->key;
}

void object_encode(struct object_call *c, const struct object *o, uint16_t type, uint16_t flags,
                   bool strict)
{
  lua_State *L = c->enc.L;
  schema_begin(&c->enc, type, flags);
  if (c->key) {
    c->enc.skip = key_to_skip(c, o);
    lua_pushvalue(L, c->key);
    c->enc.key = true;
    if (o->put_key)
      o->put_key(c, c->op.verb);
    else
      schema_put_key(&c->enc, o->key);
    c->enc.key = false;
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

void object_describe(struct object_call *c, const struct object *o, const struct nl_answer *answer,
                     char *field, size_t size, struct rt_error *ret)
{
  *ret = (struct rt_error){.err = -answer->err, .kernel = answer->text};
  if (answer->missing)
    schema_field_missing(o->schema, c->enc.nlh, answer->missing_nest, answer->missing, field, size);
  else
    schema_field_at(o->schema, c->enc.nlh, answer->offset, field, size);
  if (o->key && strcmp(field, o->key) == 0)
    field[0] = '\0'; /* the key is named already */
  ret->field = field;
  ret->hint = common_hint(c, o, ret->err);
  if (o->explain)
    o->explain(&c->enc, c->op.verb, ret);
}

void object_raise(struct object_call *c, const struct object *o, const struct nl_answer *answer)
{
  char field[128];
  struct rt_error error;
  object_describe(c, o, answer, field, sizeof field, &error);
  rt_raise(c->enc.L, &c->op, &error);
}

void object_request(struct object_call *c, struct nl_answer *ret)
{
  struct nl_sock *s = &c->enc.buf->sock;
  c->enc.nlh->nlmsg_flags |= NLM_F_ACK;
  rt_op_message(c->enc.L, &c->op, true, c->enc.nlh, c->enc.nlh->nlmsg_len);
  if (nl_request(s, c->enc.nlh, ret) == 0 || s->rlen > 0) /* the answer is still in the buffer */
    rt_op_message(c->enc.L, &c->op, false, s->rbuf, s->rlen);
}

void object_send(struct object_call *c, const struct object *o)
{
  struct nl_answer answer;
  if (c->batch) {
    rt_op_message(c->enc.L, &c->op, true, c->enc.nlh, c->enc.nlh->nlmsg_len);
    batch_add(c->enc.L, c->batch, c, o);
    c->op.waits = true;
    return;
  }
  object_request(c, &answer);
  if (answer.err)
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
  if (o->key_alone)
    c.options = 0; /* a record has more */
  object_encode(&c, o, o->del, 0, true);
  object_send(&c, o);
  rt_op_end(L, &c.op, 0);
  return 0;
}

/* ---- looking --------------------------------------------------------------------------------- */

const struct nlattr *object_attr(const struct nlmsghdr *msg, size_t hdr, uint16_t type, size_t size)
{
  const struct schema raw = {.name = "raw", .hdr = hdr};
  struct schema_dec d;
  if (!schema_open(&d, NULL, &raw, mnl_nlmsg_get_payload(msg), mnl_nlmsg_get_payload_len(msg), 0))
    return NULL;
  const struct nlattr *a = schema_find(&d, NULL, type);
  return a && mnl_attr_get_payload_len(a) >= size ? a : NULL;
}

uint8_t object_link_u8(const struct nlmsghdr *msg, uint16_t type, uint8_t otherwise)
{
  const struct nlattr *a = object_attr(msg, sizeof(struct ifinfomsg), type, 1);
  return a ? mnl_attr_get_u8(a) : otherwise;
}

bool object_link_exists(struct nl_sock *s, const char *name)
{
  const struct nlmsghdr *msg;
  return schema_ask_link(s, name, &msg) >= 0;
}
