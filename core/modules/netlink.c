/* netlink: many operations in few messages to the kernel. The functions of a batch encode as ever,
 * and what they made waits until enough is there; each error comes back to the line it belongs to. */
#include "modules/object.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the box ---------------------------------------------------------------------------------- */

/* Where a request came from: enough to name it, should the kernel refuse it. */
struct origin {
  const struct object *object;
  const char *verb;
  size_t offset; /* of its message in the buffer */
  int line;
};

enum { KEYS = 1, SOURCE = 2 }; /* user values: the keys of what waits; the chunk it came from */

struct batch {
  struct schema_buf buf;
  struct nl_batch waiting;
  struct netns_ref netns;
  struct origin *origins;
  size_t n, cap;
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

static int batch_close(lua_State *L)
{
  struct batch *b = lua_touserdata(L, 1);
  nl_close(&b->buf.sock);
  close_fds(b);
  if (b->buf.owns_netns)
    close(b->buf.netns);
  b->buf.owns_netns = false;
  nl_batch_free(&b->waiting);
  free(b->origins);
  b->origins = NULL;
  b->n = b->cap = 0;
  return 0;
}

static const struct rt_class batch_class = {.name = "nslab.batch", .close = batch_close};

struct batch *batch_of_call(lua_State *L)
{
  return lua_isnone(L, lua_upvalueindex(1)) ? NULL : rt_test(L, lua_upvalueindex(1), &batch_class);
}

struct schema_buf *batch_buf(struct batch *b)
{
  return &b->buf;
}

const struct netns_ref *batch_netns(const struct batch *b)
{
  return &b->netns;
}

/* ---- adding ------------------------------------------------------------------------------------ */

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

/* The line of the script; its chunk is kept once for the batch. */
static int script_line(lua_State *L)
{
  lua_Debug ar;
  if (!lua_getstack(L, 1, &ar))
    return 0;
  lua_getinfo(L, "l", &ar);
  return ar.currentline;
}

void batch_add(lua_State *L, struct batch *b, struct object_call *c, const struct object *o)
{
  if (b->buf.sock.fd < 0)
    rt_raisef(L, &c->op, EBADF, NULL, NULL, "the batch has ended");
  int err = grow(b);
  size_t offset = b->waiting.len;
  if (err == 0)
    err = nl_batch_add(&b->waiting, c->enc.nlh);
  if (err)
    rt_raise(L, &c->op, &(struct rt_error){.err = -err});
  b->origins[b->n++] = (struct origin){o, c->op.verb, offset, script_line(L)};
  lua_getiuservalue(L, lua_upvalueindex(1), KEYS);
  if (c->key)
    lua_pushvalue(L, c->key);
  else
    lua_pushboolean(L, 0);
  lua_rawseti(L, -2, (lua_Integer)b->n);
  lua_pop(L, 1);
  bool many_fds = b->buf.nfds > SCHEMA_FDS - 2;
  if (b->waiting.len >= FLUSH_BYTES || many_fds)
    batch_flush(L, b, &c->op);
}

/* ---- sending ----------------------------------------------------------------------------------- */

static void on_answer(void *arg, uint32_t index, const struct nl_answer *answer)
{
  struct batch *b = arg;
  if (b->failed++ == 0) {
    b->first = index - b->base;
    b->answer = *answer;
  }
}

/* Raises for the first that failed, at its own line. */
static _Noreturn void raise_first(lua_State *L, struct batch *b, int box)
{
  const struct origin *at = &b->origins[b->first];
  struct object_call c = {.netns = b->netns, .key = 0};
  lua_getiuservalue(L, box, KEYS);
  if (lua_rawgeti(L, -1, (lua_Integer)b->first + 1) == LUA_TBOOLEAN)
    lua_pushnil(L);
  c.op = (struct rt_op){.module = at->object->module,
                        .verb = at->verb,
                        .netns = b->netns.name,
                        .key = lua_tostring(L, -1)};
  c.enc = (struct schema_enc){.L = L, .op = &c.op, .buf = &b->buf, .schema = at->object->schema};
  c.enc.nlh = (void *)(b->waiting.buf + at->offset);
  char field[128];
  schema_field_at(at->object->schema, c.enc.nlh, b->answer.offset, field, sizeof field);
  const char *hint = b->failed > 1 ? lua_pushfstring(L, "%d more of the batch failed; what did not "
                                                        "fail is done.", (int)b->failed - 1)
                                   : "What else was in the batch is done.";
  rt_make_error(L, &c.op,
                &(struct rt_error){.err = -b->answer.err, .kernel = b->answer.text,
                                   .field = field, .hint = hint});
  lua_getiuservalue(L, box, SOURCE);
  lua_pushfstring(L, "%s:%d", lua_isstring(L, -1) ? lua_tostring(L, -1) : "?", at->line);
  lua_setfield(L, -3, "where");
  lua_pop(L, 1);
  b->n = 0;
  lua_error(L);
  __builtin_unreachable();
}

static void flush_box(lua_State *L, struct batch *b, struct rt_op *op, int box)
{
  box = box < LUA_REGISTRYINDEX ? box : lua_absindex(L, box);
  b->failed = 0;
  b->base = b->waiting.sent;
  int err = nl_batch_send(&b->buf.sock, &b->waiting, on_answer, b);
  close_fds(b);
  b->done += b->n - b->failed;
  if (err)
    rt_raise(L, op, &(struct rt_error){.err = -err});
  if (b->failed)
    raise_first(L, b, box);
  b->n = 0;
}

void batch_flush(lua_State *L, struct batch *b, struct rt_op *op)
{
  flush_box(L, b, op, lua_upvalueindex(1));
}

/* ---- netlink.batch ----------------------------------------------------------------------------- */

static const struct rt_module *const parts[] = {&link_module,  &addr_module, &route_module,
                                                &neigh_module, &rule_module, NULL};

static void push_source(lua_State *L)
{
  lua_Debug ar;
  lua_pushnil(L);
  for (int level = 1; lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline <= 0)
      continue;
    lua_pushstring(L, ar.short_src);
    lua_replace(L, -2);
    return;
  }
}

static struct batch *open_batch(lua_State *L, struct rt_op *op)
{
  struct batch *b = rt_new(L, &batch_class, sizeof *b, 2);
  b->buf.sock = NL_CLOSED;
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
  push_source(L);
  lua_setiuservalue(L, -2, SOURCE);
  return b;
}

static int netlink_batch(lua_State *L)
{
  struct rt_op op = {.module = "netlink", .verb = "batch", .netns = netns_here()->name};
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
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
     .doc = "Collects many changes and sends them in few messages, on one socket. The function gets "
            "the modules link, addr, route, neigh and rule of the batch; their add, set, replace, "
            "append and delete wait in it. It is no transaction: what did not fail is done.",
     .params = {{"fn", "fun(b: netlink.Batch)", "makes the changes through b.route.add and so on"}},
     .returns = {{"count", "integer", "how many changes were made"}},
     .errors = "the first that the kernel refused, with the line of the script that asked for it",
     .example = "link.set(\"lo\", { up = true })\n"
                "local n = netlink.batch(function(b)\n"
                "  for i = 1, 200 do b.route.add(\"10.0.\" .. i .. \".0/24\", { dev = \"lo\" }) end\n"
                "end)\n"
                "assert(n == 200)"},
    {.name = NULL}};

const struct rt_module netlink_module = {
    .name = "netlink",
    .doc = "What all modules share: messages to the kernel, many at a time.",
    .funcs = {funcs},
    .bound = true};
