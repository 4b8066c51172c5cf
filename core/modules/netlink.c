/* netlink: many operations in few messages to the kernel. The functions of a batch encode as ever,
 * and what they made waits until enough is there; each error comes back to the line it belongs
 * to. */
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

/* What is sent at once. Its keys and options are in a table, the user value of its number. */
struct load {
  struct nl_batch messages;
  struct origin *origins;
  size_t n, cap, sent;   /* origins that wait, that there is room for, of the last flush */
  uint32_t base, failed; /* requests of earlier flushes; errors of this one */
  size_t first;          /* the first that failed */
  struct nl_answer answer;
  int things;         /* which user value */
  bool tells;         /* somebody will want to know of each how it went */
  bool changes_links; /* names may mean others then */
};

/* One load is filled while the other may be under way. */
struct batch {
  struct schema_buf buf;
  struct netns_ref netns;
  struct load loads[2];
  struct load *filling, *flying; /* NULL: nothing is under way */
  struct nl_flight flight;
  uint64_t done;
};

enum { FLUSH_BYTES = 128 * 1024 };

static void close_fds(struct batch *b)
{
  while (b->buf.nfds > 0)
    close(b->buf.fds[--b->buf.nfds]);
}

/* The origins of the last flush are forgotten when there are new ones. */
static void drop_origins(struct load *l)
{
  for (size_t i = 0; i < l->sent; i++) {
    free(l->origins[i].answer);
    l->origins[i].answer = NULL;
  }
  l->sent = 0;
}

static void free_load(struct load *l)
{
  nl_batch_free(&l->messages);
  drop_origins(l);
  free(l->origins);
  l->origins = NULL;
  l->n = l->cap = 0;
}

static int batch_close(lua_State *L)
{
  struct batch *b = lua_touserdata(L, 1);
  nl_flight_close(&b->flight);
  b->flying = NULL;
  object_close_buf(&b->buf);
  free_load(&b->loads[0]);
  free_load(&b->loads[1]);
  return 0;
}

static const struct rt_class batch_class = {.name = "nslab.batch", .close = batch_close};

struct batch *batch_of_call(lua_State *L)
{
  return lua_isnone(L, lua_upvalueindex(1)) ? NULL : rt_test(L, lua_upvalueindex(1), &batch_class);
}

enum { FDS_EACH = 2 }; /* that one message can name */

static void land(lua_State *L, struct batch *b, struct rt_op *op, int box);
static void flush_ahead(lua_State *L, struct batch *b, struct rt_op *op);

/* Whether the operation is one that waits in the batch. */
static bool waits(const struct rt_op *op)
{
  static const char *const verbs[] = {"add", "replace", "append", "set", "delete"};
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
    if (strcmp(op->verb, verbs[i]) == 0)
      return true;
  return false;
}

struct schema_buf *batch_buf(lua_State *L, struct batch *b, struct rt_op *op)
{
  if (b->buf.sock.fd < 0)
    rt_raisef(L, op, EBADF, NULL, "What is added to a batch is added while its function runs.",
              "the batch has ended");
  if (b->flying && !waits(op)) /* who looks sees what was sent */
    land(L, b, op, lua_upvalueindex(1));
  if (b->buf.nfds > SCHEMA_FDS - FDS_EACH)
    batch_flush(L, b, op);
  return &b->buf;
}

const struct netns_ref *batch_netns(const struct batch *b)
{
  return &b->netns;
}

/* ---- adding ---------------------------------------------------------------------------------- */

static int grow(struct load *l)
{
  if (l->n < l->cap)
    return 0;
  size_t cap = l->cap ? l->cap * 2 : 64;
  struct origin *grown = realloc(l->origins, cap * sizeof *grown);
  if (grown == NULL)
    return -ENOMEM;
  l->origins = grown;
  l->cap = cap;
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

/* Keeps key and options of the last that was added, for an error or an observer. */
static void keep_things(lua_State *L, const struct load *l, const struct object_call *c)
{
  lua_getiuservalue(L, lua_upvalueindex(1), l->things);
  if (c->key)
    lua_pushvalue(L, c->key);
  else
    lua_pushboolean(L, 0);
  lua_rawseti(L, -2, 2 * (lua_Integer)l->n - 1);
  lua_pushvalue(L, c->options);
  lua_rawseti(L, -2, 2 * (lua_Integer)l->n);
  lua_pop(L, 1);
}

void batch_add(lua_State *L, struct batch *b, struct object_call *c, const struct object *o)
{
  struct load *l = b->filling;
  if (l->n == 0)
    drop_origins(l);
  int err = grow(l);
  size_t offset = l->messages.len;
  if (err == 0)
    err = nl_batch_add(&l->messages, c->enc.nlh);
  if (err)
    rt_raise(L, &c->op, &(struct rt_error){.err = -err});
  l->origins[l->n] = (struct origin){.object = o, .verb = c->op.verb, .offset = offset};
  take_place(L, &l->origins[l->n++]);
  keep_things(L, l, c);
  if (o->new == RTM_NEWLINK) {
    l->changes_links = true;
    b->buf.links.n = 0;
  }
  c->op.messages = 0; /* the observer is told when the kernel has answered */
  if (l->messages.len >= FLUSH_BYTES)
    flush_ahead(L, b, &c->op);
}

/* ---- sending --------------------------------------------------------------------------------- */

/* Perhaps in another thread. */
static void on_answer(void *arg, uint32_t index, const struct nl_answer *answer)
{
  struct load *l = arg;
  struct origin *at = &l->origins[index - l->base];
  if (l->failed++ == 0) {
    l->first = index - l->base;
    l->answer = *answer;
  }
  at->err = answer->err;
  at->answer = l->tells ? malloc(sizeof *at->answer) : NULL;
  if (at->answer)
    *at->answer = *answer;
}

/* Makes the call of one origin again, as far as an error or an observer needs it; key and options
 * are pushed. */
static void recall(lua_State *L, struct batch *b, const struct load *l, size_t i, int box,
                   struct object_call *ret)
{
  const struct origin *at = &l->origins[i];
  *ret = (struct object_call){.netns = b->netns};
  lua_getiuservalue(L, box, l->things);
  int things = lua_gettop(L);
  if (lua_rawgeti(L, things, 2 * (lua_Integer)i + 1) == LUA_TBOOLEAN)
    lua_pushnil(L);
  ret->op = (struct rt_op){.module = at->object->module,
                           .verb = at->verb,
                           .netns = b->netns.name,
                           .key = lua_tostring(L, -1)};
  lua_rawgeti(L, things, 2 * (lua_Integer)i + 2);
  ret->options = ret->op.options = lua_gettop(L);
  ret->enc = (struct schema_enc){.L = L,
                                 .op = &ret->op,
                                 .buf = &b->buf,
                                 .schema = at->object->schema,
                                 .nlh = (void *)(l->messages.buf + at->offset),
                                 .t = ret->options,
                                 .ngiven = SCHEMA_GIVEN + 1};
}

/* Tells the observer of each operation, now that it is known how it went. */
static void tell_all(lua_State *L, struct batch *b, const struct load *l, int box)
{
  int top = lua_gettop(L);
  for (size_t i = 0; i < l->sent && (rt_observed(L) || rt_foreseen()); i++, lua_settop(L, top)) {
    char field[128];
    struct rt_error error;
    struct object_call c;
    const struct origin *at = &l->origins[i];
    struct nl_answer answer = {.err = at->err};
    luaL_checkstack(L, 12, "batch");
    recall(L, b, l, i, box, &c);
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
static _Noreturn void raise_first(lua_State *L, struct batch *b, const struct load *l, int box)
{
  static const char many[] = "%d more of the batch failed; what did not fail is done.";
  char field[128];
  struct rt_error error;
  struct object_call c;
  const struct origin *at = &l->origins[l->first];
  luaL_checkstack(L, 12, "batch");
  recall(L, b, l, l->first, box, &c);
  object_describe(&c, at->object, &l->answer, field, sizeof field, &error);
  const char *rest = l->failed > 1 ? lua_pushfstring(L, many, (int)l->failed - 1)
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

/* The load is about to be sent: whatever comes, there is nothing in it after. */
static struct load *take_off(lua_State *L, struct batch *b)
{
  struct load *l = b->filling;
  b->buf.links.n = 0;
  l->sent = l->n;
  l->n = 0;
  l->failed = 0;
  l->base = l->messages.sent;
  l->tells = rt_observed(L) || rt_foreseen();
  l->changes_links = false;
  return l;
}

/* The load was sent, and this is what the socket said. */
static void arrive(lua_State *L, struct batch *b, struct load *l, int err, struct rt_op *op,
                   int box)
{
  b->done += l->sent - l->failed;
  if (err)
    rt_raise(L, op, &(struct rt_error){.err = -err});
  if (l->tells)
    tell_all(L, b, l, box);
  if (l->failed)
    raise_first(L, b, l, box);
}

/* Waits for what is under way. */
static void land(lua_State *L, struct batch *b, struct rt_op *op, int box)
{
  struct load *l = b->flying;
  if (l == NULL)
    return;
  b->flying = NULL;
  arrive(L, b, l, nl_flight_wait(&b->flight), op, box);
}

static void flush_box(lua_State *L, struct batch *b, struct rt_op *op, int box)
{
  land(L, b, op, box);
  struct load *l = take_off(L, b);
  int err = nl_batch_send(&b->buf.sock, &l->messages, on_answer, l);
  close_fds(b);
  arrive(L, b, l, err, op, box);
}

void batch_flush(lua_State *L, struct batch *b, struct rt_op *op)
{
  flush_box(L, b, op, lua_upvalueindex(1));
}

/* The same while the function goes on to fill the other load, if nothing in it depends on this
 * one. */
static void flush_ahead(lua_State *L, struct batch *b, struct rt_op *op)
{
  land(L, b, op, lua_upvalueindex(1));
  struct load *l = b->filling;
  bool alone = l->changes_links || b->buf.nfds > 0 || rt_observed(L) || rt_foreseen();
  size_t sent = l->sent, n = l->n;
  if (alone) {
    batch_flush(L, b, op);
    return;
  }
  take_off(L, b);
  if (nl_flight_start(&b->flight, b->buf.netns, &l->messages, on_answer, l) == 0) {
    b->flying = l;
    b->filling = &b->loads[l == b->loads];
    return;
  }
  l->sent = sent;
  l->n = n;
  batch_flush(L, b, op);
}

/* ---- netlink.batch --------------------------------------------------------------------------- */

static const struct rt_module *const parts[] = {
    &link_module,    &addr_module,  &route_module,  &neigh_module, &rule_module,
    &nexthop_module, &fdb_module,   &vlan_module,   &mdb_module,   &vni_module,
    &qdisc_module,   &class_module, &filter_module, NULL};

static struct batch *open_batch(lua_State *L, struct rt_op *op)
{
  struct batch *b = rt_new(L, &batch_class, sizeof *b, 2);
  b->buf.sock = b->buf.there = NL_CLOSED;
  b->buf.links.keep = true;
  b->filling = &b->loads[0];
  b->netns = *netns_ref_of_call(L);
  op->netns = b->netns.name;
  lua_toclose(L, -1);
  int err = netns_ref_open(&b->netns, &b->buf.netns, &b->buf.owns_netns);
  if (err == 0)
    err = nl_open(&b->buf.sock, b->buf.netns, NETLINK_ROUTE);
  if (err)
    netns_raise(L, op, NULL, &b->netns, -err);
  nl_batch_widen(&b->buf.sock);
  for (int i = 0; i < 2; i++) {
    b->loads[i].things = i + 1;
    lua_newtable(L);
    lua_setiuservalue(L, -2, i + 1);
  }
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
         "the modules link, addr, route, neigh, rule, nexthop, fdb, vlan, mdb and vni of the "
         "batch; their add, set, replace, "
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
     .doc =
         "Sends one message, made by hand, and returns what the kernel answers: records, or "
         "{ type, bytes } for a type that nslab has no rows for. `fields` are the options of the "
         "object that the type is of; `attributes` are bytes by their numbers, or tables of such; "
         "`header` is the fixed header's bytes.",
     .params = {{"request", "netlink.Request", "type, flags, fields, header, attributes"}},
     .returns = {{"answers", "table[]", "empty for a request that is only acknowledged"}},
     .errors = "whatever the kernel says to it",
     .example =
         "local IFLA_IFNAME, IFLA_MTU = 3, 4\n"
         "local lo = netlink.request { type = \"RTM_GETLINK\", fields = { name = \"lo\" } }[1]\n"
         "assert(lo.ifindex == 1)\n"
         "for _, route in ipairs(netlink.request { type = \"RTM_GETROUTE\", flags = { \"dump\" } "
         "}) "
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
    {"vni", "vni", "the same"},
    {"qdisc", "qdisc", "the same"},
    {"class", "class", "the same"},
    {"filter", "filter", "the same"},
    {NULL, NULL, NULL}};

static const struct rt_param request_fields[] = {
    {"type", "string|integer", "\"RTM_GETLINK\", or its number"},
    {"object?", "string",
     "which one, where a type is about several: \"fdb\", a bridge's neighbours"},
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
