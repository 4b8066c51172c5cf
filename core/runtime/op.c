/* op: the one observation point. Every operation of every module passes rt_op_begin and ends in
 * rt_op_end or in an error; whoever set an observer gets one table for each. Without an observer
 * an operation costs one comparison more. */
#include "runtime/runtime.h"

/* There is one Lua state in a process; its observer is in that state's registry. */
static struct {
  bool set, busy;
} observer;
static const char observer_key; /* its address is the registry key */

void (*rt_netns_made)(const char *name, uint64_t inode);

bool rt_observed(lua_State *L)
{
  (void)L;
  return observer.set && !observer.busy;
}

bool rt_observing(void)
{
  return observer.busy;
}

int rt_observe(lua_State *L)
{
  if (!lua_isnoneornil(L, 1))
    luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &observer_key);
  lua_pushvalue(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &observer_key);
  observer.set = !lua_isnil(L, 1);
  return 1;
}

static void set_field(lua_State *L, const char *key, int idx)
{
  if (idx == 0 || lua_isnoneornil(L, idx))
    return;
  lua_pushvalue(L, idx);
  lua_setfield(L, -2, key);
}

static void push_op(lua_State *L, const struct rt_op *op)
{
  lua_createtable(L, 0, 8);
  rt_set_text(L, "module", op->module);
  rt_set_text(L, "verb", op->verb);
  rt_set_text(L, "netns", op->netns);
  rt_set_text(L, "key", op->key);
  rt_set_text(L, "command", op->command);
  set_field(L, "options", op->options);
}

/* Calls the function at the registry key with the table at the top. Operations that it does itself
 * are nobody's business. */
static void call(lua_State *L, const void *key)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, key);
  lua_insert(L, -2);
  observer.busy = true;
  int status = lua_pcall(L, 1, 0, 0);
  observer.busy = false;
  if (status != LUA_OK)
    lua_error(L);
}

/* ---- before ---------------------------------------------------------------------------------- */

static bool foreseen;
static const char foreseer_key;

bool rt_foreseen(void)
{
  return foreseen && !observer.busy;
}

int rt_foresee(lua_State *L)
{
  if (!lua_isnoneornil(L, 1))
    luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  foreseen = !lua_isnil(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &foreseer_key);
  return 0;
}

static void foresee(lua_State *L, const struct rt_op *op, const void *bytes, size_t len, bool done)
{
  if (!rt_foreseen())
    return;
  luaL_checkstack(L, 8, "operation");
  push_op(L, op);
  lua_pushboolean(L, done);
  lua_setfield(L, -2, "done");
  if (bytes) {
    lua_pushlstring(L, bytes, len);
    lua_setfield(L, -2, "bytes");
  }
  call(L, &foreseer_key);
}

/* ---- after ----------------------------------------------------------------------------------- */

void rt_op_begin(lua_State *L, struct rt_op *op)
{
  op->messages = 0;
  foresee(L, op, NULL, 0, false);
  if (!rt_observed(L))
    return;
  luaL_checkstack(L, 8, "trace");
  lua_newtable(L);
  op->messages = lua_gettop(L);
}

void rt_op_intend(lua_State *L, const struct rt_op *op, const void *bytes, size_t len)
{
  foresee(L, op, bytes, len, false);
}

void rt_op_message(lua_State *L, struct rt_op *op, bool sent, const void *bytes, size_t len)
{
  if (sent)
    foresee(L, op, bytes, len, false);
  if (op->messages == 0)
    return;
  luaL_checkstack(L, 4, "trace");
  lua_createtable(L, 0, 2);
  lua_pushboolean(L, sent);
  lua_setfield(L, -2, "sent");
  lua_pushlstring(L, bytes, len);
  lua_setfield(L, -2, "bytes");
  lua_rawseti(L, op->messages, (lua_Integer)lua_rawlen(L, op->messages) + 1);
}

/* Calls the observer; operations that it does itself are not observed. */
static void tell(lua_State *L, struct rt_op *op, const char *outcome, int idx)
{
  if (op->messages == 0 || !rt_observed(L))
    return;
  luaL_checkstack(L, 6, "observer");
  push_op(L, op);
  set_field(L, "messages", op->messages);
  set_field(L, outcome, idx);
  op->messages = 0;
  call(L, &observer_key);
}

void rt_op_end(lua_State *L, struct rt_op *op, int result)
{
  if (!op->waits)
    foresee(L, op, NULL, 0, true);
  tell(L, op, "result", result ? lua_absindex(L, result) : 0);
}

void rt_push_error(lua_State *L, struct rt_op *op, const struct rt_error *e)
{
  rt_make_error(L, op, e);
  foresee(L, op, NULL, 0, true);
  tell(L, op, "error", lua_gettop(L));
}
