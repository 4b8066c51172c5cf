/* netlink: many operations in few messages to the kernel. The functions of a batch encode as ever,
 * and what they made waits until enough is there; each error comes back to the line it belongs to.
 */
#include "modules/object.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the box --------------------------------------------------------------------------------- */

/* Where a request came from: enough to name it, should the kernel refuse it. */
struct origin {
  const struct object *object;
  const char *verb;
  size_t offset;            /* of its message in the buffer */
  int line;                 /* of the script, 0 if there is none */
  int err;                  /* 0, or -errno: the kernel refused it */
  struct nl_answer *answer; /* then what it said, NULL if there was no memory for it */
  char source[LUA_IDSIZE];
};

enum { KEYS = 1, OPTIONS = 2 }; /* user values: of what waits */

struct batch {
  struct schema_buf buf;
  struct nl_batch waiting;
  struct netns_ref netns;
  struct origin *origins;
  size_t n, cap, sent; /* origins that wait, that there is room for, of the last flush */
  uint64_t done;
  uint32_t base, failed; /* requests of earlier flushes; errors of this one */
  size_t first;          /* the first that failed */
  struct nl_answer answer;
};

enum { FLUSH_BYTES = 256 * 1024 };

static void close_fds(struct batch *b)
{
  while (b->buf.nfds > 0)
    close(b->buf.fds[--b->buf.nfds]);
}

/* The origins of the last flush are forgotten when there are new ones. */
static void drop_origins(struct batch *b, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    free(b->origins[i].answer);
    b->origins[i].answer = NULL;
  }
}

static int batch_close(lua_State *L)
{
  struct batch *b = lua_touserdata(L, 1);
  object_close_buf(&b->buf);
  nl_batch_free(&b->waiting);
  drop_origins(b, b->sent);
  free(b->origins);
  b->origins = NULL;
  b->n = b->cap = b->sent = 0;
  return 0;
}

static const struct rt_class batch_class = {.name = "nslab.batch", .close = batch_close};

struct batch *batch_of_call(lua_State *L)
{
  return lua_isnone(L, lua_upvalueindex(1)) ? NULL : rt_test(L, lua_upvalueindex(1), &batch_class);
}

enum { FDS_EACH = 2 }; /* that one message can name */

struct schema_buf *batch_buf(lua_State *L, struct batch *b, struct rt_op *op)
{
  if (b->buf.sock.fd < 0)
    rt_raisef(L, op, EBADF, NULL, "What is added to a batch is added while its function runs.",
              "the batch has ended");
  if (b->buf.nfds > SCHEMA_FDS - FDS_EACH)
    batch_flush(L, b, op);
  return &b->buf;
}

const struct netns_ref *batch_netns(const struct batch *b)
{
  return &b->netns;
}

/* ---- adding ---------------------------------------------------------------------------------- */

static int grow(struct batch *b)
{
  if (b->n < b->cap)
    return 0;
  size_t cap = b->cap ? b->cap * 2 : 64;
  struct origin *grown = realloc(b->origins, cap * sizeof *grown);
  if (grown == NULL)
    return -ENOMEM;
  b->origins = grown;
  b->cap = cap;
  return 0;
}

/* The line of the script that asks, whatever of ours lies between. */
static void take_place(lua_State *L, struct origin *o)
{
  lua_Debug ar;
  for (int level = 1; lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline <= 0 || strncmp(ar.source, "=nslab/", 7) == 0)
      continue;
    memcpy(o->source, ar.short_src, sizeof o->source);
    o->line = ar.currentline;
    return;
  }
}

void batch_add(lua_State *L, struct batch *b, struct object_call *c, const struct object *o)
{
  if (b->n == 0) {
    drop_origins(b, b->sent);
    b->sent = 0;
  }
  int err = grow(b);
  size_t offset = b->waiting.len;
  if (err == 0)
    err = nl_batch_add(&b->waiting, c->enc.nlh);
  if (err)
    rt_raise(L, &c->op, &(struct rt_error){.err = -err});
  b->origins[b->n] = (struct origin){.object = o, .verb = c->op.verb, .offset = offset};
  take_place(L, &b->origins[b->n++]);
  lua_getiuservalue(L, lua_upvalueindex(1), KEYS);
  if (c->key)
    lua_pushvalue(L, c->key);
  else
    lua_pushboolean(L, 0);
  lua_rawseti(L, -2, (lua_Integer)b->n);
  lua_getiuservalue(L, lua_upvalueindex(1), OPTIONS);
  lua_pushvalue(L, c->options);
  lua_rawseti(L, -2, (lua_Integer)b->n);
  lua_pop(L, 2);
  if (o->new == RTM_NEWLINK) /* names may mean others then */
    b->buf.links.n = 0;
  c->op.messages = 0; /* the observer is told when the kernel has answered */
  if (b->waiting.len >= FLUSH_BYTES)
    batch_flush(L, b, &c->op);
}

/* ---- sending --------------------------------------------------------------------------------- */

static void on_answer(void *arg, uint32_t index, const struct nl_answer *answer)
{
  struct batch *b = arg;
  struct origin *at = &b->origins[index - b->base];
  if (b->failed++ == 0) {
    b->first = index - b->base;
    b->answer = *answer;
  }
  at->err = answer->err;
  at->answer = malloc(sizeof *at->answer);
  if (at->answer)
    *at->answer = *answer;
}

/* Makes the call of one origin again, as far as an error or an observer needs it; key and options
 * are pushed. */
static void recall(lua_State *L, struct batch *b, size_t i, int box, struct object_call *ret)
{
  const struct origin *at = &b->origins[i];
  *ret = (struct object_call){.netns = b->netns};
  lua_getiuservalue(L, box, KEYS);
  if (lua_rawgeti(L, -1, (lua_Integer)i + 1) == LUA_TBOOLEAN)
    lua_pushnil(L);
  ret->op = (struct rt_op){.module = at->object->module,
                           .verb = at->verb,
                           .netns = b->netns.name,
                           .key = lua_tostring(L, -1)};
  lua_getiuservalue(L, box, OPTIONS);
  lua_rawgeti(L, -1, (lua_Integer)i + 1);
  ret->options = ret->op.options = lua_gettop(L);
  ret->enc = (struct schema_enc){.L = L,
                                 .op = &ret->op,
                                 .buf = &b->buf,
                                 .schema = at->object->schema,
                                 .nlh = (void *)(b->waiting.buf + at->offset),
                                 .t = ret->options};
}

/* Tells the observer of each operation, now that it is known how it went. */
static void tell_all(lua_State *L, struct batch *b, int box)
{
  int top = lua_gettop(L);
  for (size_t i = 0; i < b->sent && (rt_observed(L) || rt_foreseen()); i++, lua_settop(L, top)) {
    char field[128];
    struct rt_error error;
    struct object_call c;
    const struct origin *at = &b->origins[i];
    struct nl_answer answer = {.err = at->err};
    luaL_checkstack(L, 12, "batch");
    recall(L, b, i, box, &c);
    rt_op_begin(L, &c.op);
    rt_op_message(L, &c.op, true, c.enc.nlh, c.enc.nlh->nlmsg_len);
    if (at->err == 0) {
      rt_op_end(L, &c.op, 0);
      continue;
    }
    object_describe(&c, at->object, at->answer ? at->answer : &answer, field, sizeof field, &error);
    rt_push_error(L, &c.op, &error);
  }
}

/* Raises for the first that failed, at its own line. */
static _Noreturn void raise_first(lua_State *L, struct batch *b, int box)
{
  static const char many[] = "%d more of the batch failed; what did not fail is done.";
  char field[128];
  struct rt_error error;
  struct object_call c;
  const struct origin *at = &b->origins[b->first];
  recall(L, b, b->first, box, &c);
  object_describe(&c, at->object, &b->answer, field, sizeof field, &error);
  const char *rest = b->failed > 1 ? lua_pushfstring(L, many, (int)b->failed - 1)
                                   : "What else was in the batch is done.";
  error.hint = error.hint ? lua_pushfstring(L, "%s\n  %s", error.hint, rest) : rest;
  rt_make_error(L, &c.op, &error);
  if (at->line) {
    lua_pushfstring(L, "%s:%d", at->source, at->line);
    lua_setfield(L, -2, "where");
  }
  lua_error(L);
  __builtin_unreachable();
}

static void flush_box(lua_State *L, struct batch *b, struct rt_op *op, int box)
{
  b->buf.links.n = 0;
  b->sent = b->n;
  b->n = 0; /* whatever comes, the batch is empty after */
  b->failed = 0;
  b->base = b->waiting.sent;
  int err = nl_batch_send(&b->buf.sock, &b->waiting, on_answer, b);
  close_fds(b);
  b->done += b->sent - b->failed;
  if (err)
    rt_raise(L, op, &(struct rt_error){.err = -err});
  tell_all(L, b, box);
  if (b->failed)
    raise_first(L, b, box);
}

void batch_flush(lua_State *L, struct batch *b, struct rt_op *op)
{
  flush_box(L, b, op, lua_upvalueindex(1));
}

/* ---- netlink.batch --------------------------------------------------------------------------- */

static const struct rt_module *const parts[] = {&link_module,  &addr_module, &route_module,
                                                &neigh_module, &rule_module, &nexthop_module, &fdb_module, &vlan_module, &mdb_module,
                                                &qdisc_module, &class_module, &filter_module, NULL};

static struct batch *open_batch(lua_State *L, struct rt_op *op)
{
  struct batch *b = rt_new(L, &batch_class, sizeof *b, 2);
  b->buf.sock = b->buf.there = NL_CLOSED;
  b->buf.links.keep = true;
  b->netns = *netns_ref_of_call(L);
  op->netns = b->netns.name;
  lua_toclose(L, -1);
  int err = netns_ref_open(&b->netns, &b->buf.netns, &b->buf.owns_netns);
  if (err == 0)
    err = nl_open(&b->buf.sock, b->buf.netns, NETLINK_ROUTE);
  if (err)
    netns_raise(L, op, NULL, &b->netns, -err);
  lua_newtable(L);
  lua_setiuservalue(L, -2, KEYS);
  lua_newtable(L);
  lua_setiuservalue(L, -2, OPTIONS);
  return b;
}

static int netlink_batch(lua_State *L)
{
  struct rt_op op = {.module = "netlink", .verb = "batch", .netns = netns_here()->name};
  lua_settop(L, 1);
  if (!lua_isfunction(L, 1))
    rt_raisef(L, &op, EINVAL, NULL, "netlink.batch(function(b) b.link.add(...) ... end)",
              "a function is needed, not %s", rt_typename(L, 1));
  struct batch *b = open_batch(L, &op);
  lua_newtable(L);
  for (const struct rt_module *const *m = parts; *m; m++) {
    rt_push_module(L, *m, 2);
    lua_setfield(L, -2, (*m)->name);
  }
  lua_pushvalue(L, 1);
  lua_insert(L, -2);
  lua_call(L, 1, 0);
  flush_box(L, b, &op, 2);
  lua_pushinteger(L, (lua_Integer)b->done);
  return 1;
}

static const struct rt_func funcs[] = {
    {.name = "batch",
     .fn = netlink_batch,
     .doc =
         "Collects many changes and sends them in few messages, on one socket. The function gets "
         "the modules link, addr, route, neigh, rule, nexthop, fdb, vlan and mdb of the batch; their add, set, replace, "
         "append and delete wait in it. It is no transaction: what did not fail is done.",
     .params = {{"fn", "fun(b: netlink.Batch)", "makes the changes through b.route.add and so on"}},
     .returns = {{"count", "integer", "how many changes were made"}},
     .errors = "the first that the kernel refused, with the line of the script that asked for it",
     .example =
         "link.set(\"lo\", { up = true })\n"
         "local n = netlink.batch(function(b)\n"
         "  for i = 1, 200 do b.route.add(\"10.0.\" .. i .. \".0/24\", { dev = \"lo\" }) end\n"
         "end)\n"
         "assert(n == 200)"},
    {.name = "request",
     .fn = netlink_request,
     .doc = "Sends one message, made by hand, and returns what the kernel answers: records, or "
            "{ type, bytes } for a type that nslab has no rows for. `fields` are the options of the "
            "object that the type is of; `attributes` are bytes by their numbers, or tables of such; "
            "`header` is the fixed header's bytes.",
     .params = {{"request", "netlink.Request", "type, flags, fields, header, attributes"}},
     .returns = {{"answers", "table[]", "empty for a request that is only acknowledged"}},
     .errors = "whatever the kernel says to it",
     .example = "local IFLA_IFNAME, IFLA_MTU = 3, 4\n"
                "local lo = netlink.request { type = \"RTM_GETLINK\", fields = { name = \"lo\" } }[1]\n"
                "assert(lo.ifindex == 1)\n"
                "for _, route in ipairs(netlink.request { type = \"RTM_GETROUTE\", flags = { \"dump\" } }) "
                "do print(route) end\n"
                "netlink.request { type = \"RTM_NEWLINK\", attributes = {\n"
                "  [IFLA_IFNAME] = \"lo\\0\", [IFLA_MTU] = string.pack(\"I4\", 1400) } }\n"
                "assert(link.get \"lo\".mtu == 1400)",
     .source = "netlink(7), rtnetlink(7)"},
    {.name = "decode",
     .fn = netlink_decode,
     .doc = "Takes the bytes of messages apart: what was captured, or what an observed operation "
            "sent. What has no row is kept under `unknown`.",
     .params = {{"bytes", "string", "one message or more, as on the wire"}},
     .returns = {{"messages", "netlink.Message[]", "in their order"}},
     .errors = "EINVAL no message begins where one should",
     .example = "local header = string.pack(\"I1I1I2i4I4I4\", 0, 0, 0, 1, 0, 0)\n"
                "local bytes = string.pack(\"I4I2I2I4I4\", 16 + #header, 18, 1, 7, 0) .. header\n"
                "local message = netlink.decode(bytes)[1]\n"
                "assert(message.type == \"RTM_GETLINK\" and message.record.ifindex == 1)"},
    {.name = NULL}};

static const struct rt_param batch_fields[] = {
    {"link", "link", "as the module, but what changes something waits"},
    {"addr", "addr", "the same"},
    {"route", "route", "the same"},
    {"neigh", "neigh", "the same"},
    {"rule", "rule", "the same"},
    {"nexthop", "nexthop", "the same"},
    {"fdb", "fdb", "the same"},
    {"vlan", "vlan", "the same"},
    {"mdb", "mdb", "the same"},
    {"qdisc", "qdisc", "the same"},
    {"class", "class", "the same"},
    {"filter", "filter", "the same"},
    {NULL, NULL, NULL}};

static const struct rt_param request_fields[] = {
    {"type", "string|integer", "\"RTM_GETLINK\", or its number"},
    {"object?", "string", "which one, where a type is about several: \"fdb\", a bridge's neighbours"},
    {"flags?", "string[]", "dump, ack, echo, create, excl, replace, append"},
    {"fields?", "table", "options of the object, as add takes them"},
    {"header?", "string", "bytes of the fixed header"},
    {"attributes?", "table<integer, string|table>", "bytes by the attribute's number"},
    {NULL, NULL, NULL}};

static const struct rt_param message_fields[] = {
    {"type", "string|integer", "its name where nslab has rows for it, else its number"},
    {"flags", "integer", "NLM_F_*"},
    {"seq", "integer", "sequence number"},
    {"port", "integer", "port of the socket"},
    {"object?", "string", "what it is about: link, addr ..."},
    {"record?", "table", "that, taken apart"},
    {"records?", "table[]", "all that a message about several tells: VLANs, multicast groups"},
    {"bytes?", "string", "what follows the header of a message without rows"},
    {"errno?", "integer", "of an answer: 0, or what went wrong"},
    {"code?", "string", "its name: EEXIST"},
    {NULL, NULL, NULL}};

static const struct rt_value values[] = {
    {"netlink.Request", "A message, made by hand.", request_fields, NULL},
    {"netlink.Message", "A message, taken apart.", message_fields, NULL},
    {"netlink.Batch", "What the function of netlink.batch gets.", batch_fields, NULL},
    {NULL, NULL, NULL, NULL}};

const struct rt_module netlink_module = {
    .name = "netlink",
    .doc = "What all modules share: messages to the kernel, many at a time.",
    .funcs = {funcs},
    .values = values,
    .bound = true};
