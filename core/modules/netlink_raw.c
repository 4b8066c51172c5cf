/* netlink_raw: messages by hand, for the curious: netlink.request makes one of any type, of fields
 * that have rows and of attributes that have none; netlink.decode takes bytes apart. */
#include "modules/object.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>

static const struct schema_name flag_names[] = {
    {"ack", NLM_F_ACK},       {"echo", NLM_F_ECHO},
    {"dump", NLM_F_DUMP},     {"replace", NLM_F_REPLACE},
    {"create", NLM_F_CREATE}, {"excl", NLM_F_EXCL},
    {"append", NLM_F_APPEND}, {NULL, 0}};

/* ---- what is asked for ----------------------------------------------------------------------- */

static const char *next_type(void *arg)
{
  const struct schema_message **m = arg;
  return (*m)->schema ? (*m)++->sym : NULL;
}

static uint16_t want_type(lua_State *L, struct rt_op *op)
{
  const struct schema_message *at = schema_messages;
  int kind = lua_getfield(L, op->options, "type");
  if (kind == LUA_TNUMBER)
    return (uint16_t)rt_opt_integer(L, op, op->options, "type", NLMSG_MIN_TYPE, UINT16_MAX, 0);
  const char *s = kind == LUA_TSTRING ? lua_tostring(L, -1) : "";
  for (const struct schema_message *m = schema_messages; m->schema; m++)
    if (strcmp(m->sym, s) == 0)
      return m->type;
  const char *near = rt_nearest(s, next_type, &at);
  rt_raisef(L, op, EINVAL, "type", near ? lua_pushfstring(L, "Did you mean \"%s\"?", near) : NULL,
            "a type of message is needed, \"RTM_GETLINK\" or a number");
}

/* What a request of the type looks like, which may be another thing than what is told. */
static const struct schema_message *message_of_request(uint16_t type)
{
  const struct schema_message *told = schema_message_of(type);
  for (const struct schema_message *m = told; m && m->schema && told->schema->part; m++)
    if (m->type == type && m->request)
      return m;
  return told;
}

/* What the type carries; some carry several objects, of which one is named. NULL: it has no
 * rows. */
static const struct schema_message *want_object(lua_State *L, struct rt_op *op, uint16_t type)
{
  const char *name = rt_opt_string(L, op, op->options, "object", NULL);
  if (name == NULL)
    return message_of_request(type);
  for (const struct schema_message *m = schema_messages; m->schema; m++)
    if (m->type == type && strcmp(m->schema->name, name) == 0)
      return m;
  rt_raisef(L, op, EINVAL, "object", "Without it, it is what the type has: a link, a route ...",
            "this type of message is about no %s", name);
}

static uint16_t want_flags(lua_State *L, struct rt_op *op)
{
  uint32_t flags = 0;
  if (lua_getfield(L, op->options, "flags") == LUA_TNIL)
    return 0;
  if (!lua_istable(L, -1))
    rt_raisef(L, op, EINVAL, "flags", "{ \"dump\" }", "a list of words is needed");
  for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++, lua_pop(L, 1)) {
    const struct schema_name *n = flag_names;
    const char *s = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    while (n->name && strcmp(n->name, s) != 0)
      n++;
    if (n->name == NULL)
      rt_raisef(L, op, EINVAL, "flags", "dump, ack, echo, create, excl, replace, append.",
                "\"%s\" is no flag of a request", s);
    // cppcheck-suppress nullPointerRedundantCheck ; rt_raisef does not return
    flags |= n->value;
  }
  return (uint16_t)flags;
}

enum { LAST_ATTR = 0x3fff }; /* the two bits above say other things */

/* The smallest key of the table at t above `after`; 0 when there is none. */
static lua_Integer next_attr(lua_State *L, struct rt_op *op, int t, lua_Integer after)
{
  lua_Integer best = 0;
  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) {
    lua_Integer key = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;
    if (key < 1 || key > LAST_ATTR)
      rt_raisef(L, op, EINVAL, "attributes", "{ [3] = \"eth0\\0\", [18] = { [1] = \"bridge\" } }",
                "the number of an attribute is in 1..16383");
    if (key > after && (best == 0 || key < best))
      best = key;
  }
  return best;
}

/* Puts the attributes of the table at the top, by their numbers: bytes, or a table of such. */
static void put_attributes(struct schema_enc *e)
{
  lua_State *L = e->L;
  size_t room = sizeof e->buf->msg, len;
  int t = lua_gettop(L);
  luaL_checkstack(L, 8, "attributes");
  for (lua_Integer key = 0; (key = next_attr(L, e->op, t, key)) != 0; lua_settop(L, t)) {
    bool fits = true;
    if (lua_rawgeti(L, t, key) == LUA_TTABLE) {
      struct nlattr *nest = mnl_attr_nest_start_check(e->nlh, room, (uint16_t)key);
      fits = nest != NULL;
      if (fits) {
        put_attributes(e);
        mnl_attr_nest_end(e->nlh, nest);
      }
    } else if (lua_type(L, -1) == LUA_TSTRING) {
      const char *bytes = lua_tolstring(L, -1, &len);
      fits = len < room && mnl_attr_put_check(e->nlh, room, (uint16_t)key, len, bytes);
    } else {
      rt_raisef(L, e->op, EINVAL, "attributes",
                "string.pack(\"I4\", 1500) makes bytes of a number.",
                "attribute %d: bytes or a table are needed, not %s", (int)key, rt_typename(L, -1));
    }
    if (!fits)
      rt_raisef(L, e->op, EMSGSIZE, "attributes", NULL, "the message is full");
  }
}

static void put_parts(struct object_call *c, const char *header, size_t len)
{
  lua_State *L = c->enc.L;
  if (header)
    memcpy(c->enc.hdr, header, len);
  if (lua_getfield(L, c->op.options, "fields") == LUA_TTABLE)
    schema_put(&c->enc, lua_gettop(L), false);
  else if (!lua_isnil(L, -1))
    rt_raisef(L, &c->op, EINVAL, "fields", NULL, "a table is needed, not %s", rt_typename(L, -1));
  if (lua_getfield(L, c->op.options, "attributes") == LUA_TTABLE)
    put_attributes(&c->enc);
  else if (!lua_isnil(L, -1))
    rt_raisef(L, &c->op, EINVAL, "attributes", NULL, "a table is needed, not %s",
              rt_typename(L, -1));
}

/* ---- what comes back ------------------------------------------------------------------------- */

/* Pushes { type, bytes } for a message that has no rows. */
static void push_bytes(lua_State *L, const struct nlmsghdr *nlh)
{
  lua_createtable(L, 0, 2);
  lua_pushinteger(L, nlh->nlmsg_type);
  lua_setfield(L, -2, "type");
  lua_pushlstring(L, mnl_nlmsg_get_payload(nlh), mnl_nlmsg_get_payload_len(nlh));
  lua_setfield(L, -2, "bytes");
}

enum { PART_BYTES = 4096 };

/* Adds to the list at the top what the message tells: a record for each object. */
static void add_message(lua_State *L, const struct nlmsghdr *nlh, int context)
{
  _Alignas(8) char buf[PART_BYTES];
  struct schema_split split;
  const struct nlmsghdr *part;
  lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
  const struct schema_message *m = schema_message_at(nlh);
  if (m == NULL) {
    push_bytes(L, nlh);
    lua_rawseti(L, -2, n + 1);
    return;
  }
  schema_split_begin(&split, m->schema, nlh, buf, sizeof buf);
  while ((part = schema_split_next(&split))) {
    schema_push_record(L, schema_part(m->schema), part, context);
    lua_rawseti(L, -2, ++n);
  }
}

static _Noreturn void raise(struct object_call *c, const struct nl_answer *answer)
{
  char field[128] = "";
  struct rt_error error = {.err = -answer->err, .kernel = answer->text, .field = field};
  schema_field_at(c->enc.schema, c->enc.nlh, answer->offset, field, sizeof field);
  rt_raise(c->enc.L, &c->op, &error);
}

/* Adds every message of the dump to the list at the top. */
static void dump(struct object_call *c, int context)
{
  lua_State *L = c->enc.L;
  const struct nlmsghdr *msg;
  struct nl_answer answer;
  rt_op_message(L, &c->op, true, c->enc.nlh, c->enc.nlh->nlmsg_len);
  int r = nl_dump(&c->enc.buf->sock, c->enc.nlh);
  if (r < 0)
    rt_raise(L, &c->op, &(struct rt_error){.err = -r});
  while ((r = nl_next(&c->enc.buf->sock, &msg, &answer)) == 1) {
    rt_op_message(L, &c->op, false, msg, msg->nlmsg_len);
    add_message(L, msg, context);
  }
  if (r == -EAGAIN)
    rt_raisef(L, &c->op, EAGAIN, NULL, "Ask again.", "something changed while it was read");
  if (r < 0)
    raise(c, &answer);
}

static void ask(struct object_call *c, int context)
{
  lua_State *L = c->enc.L;
  const struct nlmsghdr *msg = NULL;
  struct nl_answer answer;
  bool gets = c->enc.nlh->nlmsg_type >= RTM_BASE && c->enc.nlh->nlmsg_type % 4 == 2;
  if (!gets && !(c->enc.nlh->nlmsg_flags & NLM_F_ECHO)) {
    object_request(c, &answer);
    if (answer.err)
      raise(c, &answer);
    return;
  }
  rt_op_message(L, &c->op, true, c->enc.nlh, c->enc.nlh->nlmsg_len);
  if (nl_get(&c->enc.buf->sock, c->enc.nlh, &msg, &answer) < 0)
    raise(c, &answer);
  if (msg == NULL)
    return;
  rt_op_message(L, &c->op, false, msg, msg->nlmsg_len);
  add_message(L, msg, context);
}

int netlink_request(lua_State *L)
{
  static const char *const keys[] = {"type",   "object",     "flags", "fields",
                                     "header", "attributes", NULL};
  static const struct object anything = {.module = "netlink"};
  struct object_call c;
  struct schema raw = {.name = "netlink", .rows = (const struct schema_row[]){SCHEMA_END}};
  size_t len = 0;
  object_open(L, &c, &anything, "request");
  if (c.op.options == 0)
    rt_raisef(L, &c.op, EINVAL, NULL, "help(netlink.request) shows an example.",
              "a table is needed: type, flags, fields, attributes");
  rt_check_keys(L, &c.op, c.op.options, keys);
  uint16_t type = want_type(L, &c.op), flags = want_flags(L, &c.op);
  const struct schema_message *m = want_object(L, &c.op, type);
  const char *header = rt_opt_string(L, &c.op, c.op.options, "header", NULL);
  if (header)
    len = (lua_getfield(L, c.op.options, "header"), lua_rawlen(L, -1));
  raw.hdr = m ? m->schema->hdr : len;
  if (len > raw.hdr || len > 256)
    rt_raisef(L, &c.op, EINVAL, "header", NULL, "it has %d bytes, %d are the most", (int)len,
              m ? (int)raw.hdr : 256);
  c.enc.schema = m ? m->schema : &raw;
  schema_begin(&c.enc, type, flags);
  if (m && m->family)
    *c.enc.family = m->family;
  put_parts(&c, header, len);
  object_push_context(L, &c.netns);
  lua_newtable(L);
  int list = lua_gettop(L);
  if ((flags & NLM_F_DUMP) == NLM_F_DUMP)
    dump(&c, list - 1);
  else
    ask(&c, list - 1);
  rt_op_end(L, &c.op, list);
  lua_settop(L, list);
  return 1;
}

/* ---- netlink.decode -------------------------------------------------------------------------- */

static void set_integer(lua_State *L, const char *key, lua_Integer v)
{
  lua_pushinteger(L, v);
  lua_setfield(L, -2, key);
}

/* Pushes what one message says. */
static void push_decoded(lua_State *L, const struct nlmsghdr *h)
{
  const struct schema_message *m = schema_message_at(h);
  const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
  lua_createtable(L, 0, 6);
  set_integer(L, "type", h->nlmsg_type);
  set_integer(L, "flags", h->nlmsg_flags);
  set_integer(L, "seq", h->nlmsg_seq);
  set_integer(L, "port", h->nlmsg_pid);
  if (h->nlmsg_type == NLMSG_ERROR && mnl_nlmsg_get_payload_len(h) >= sizeof e->error) {
    set_integer(L, "errno", -e->error);
    lua_pushstring(L, e->error ? rt_code(-e->error) : NULL);
    lua_setfield(L, -2, "code");
  }
  if (m) {
    lua_pushstring(L, m->sym);
    lua_setfield(L, -2, "type");
    lua_pushstring(L, m->schema->name);
    lua_setfield(L, -2, "object");
  }
  if (m || h->nlmsg_type > NLMSG_DONE) {
    lua_newtable(L);
    add_message(L, h, 0);
    lua_rawgeti(L, -1, 1);
    if (!m)
      lua_getfield(L, -1, "bytes"), lua_remove(L, -2);
    lua_setfield(L, -3, m ? "record" : "bytes");
    if (m && m->schema->split)
      lua_setfield(L, -2, "records");
    else
      lua_pop(L, 1);
  }
}

int netlink_decode(lua_State *L)
{
  struct rt_op op = {.module = "netlink", .verb = "decode", .netns = netns_here()->name};
  size_t n;
  if (lua_type(L, 1) != LUA_TSTRING)
    rt_raisef(L, &op, EINVAL, NULL, "An observed operation has them: op.messages[1].bytes.",
              "bytes are needed, not %s", rt_typename(L, 1));
  const char *bytes = lua_tolstring(L, 1, &n);
  char *at = lua_newuserdatauv(L, n + 1, 0), *end = at + n; /* a string need not be aligned */
  memcpy(at, bytes, n);
  lua_newtable(L);
  for (lua_Integer i = 1; at < end; i++) {
    const struct nlmsghdr *h = (const void *)at;
    size_t left = (size_t)(end - at);
    if (left < sizeof *h || h->nlmsg_len < sizeof *h || h->nlmsg_len > left)
      rt_raisef(L, &op, EINVAL, NULL, NULL, "at byte %d no message begins", (int)(n - left));
    push_decoded(L, h);
    lua_rawseti(L, -2, i);
    size_t whole = NLMSG_ALIGN((size_t)h->nlmsg_len);
    at += whole < left ? whole : left;
  }
  return 1;
}
