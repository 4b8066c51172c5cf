/* record: what get and list return - a userdata over the raw message, decoded field by field when
 * it is read. A field that is assigned is kept beside the message; the bytes never change. */
#include "schema/schema.h"
#include <libmnl/libmnl.h>
#include <string.h>

struct record {
  const struct schema *schema;
  uint32_t len;
  _Alignas(8) char payload[];
};

enum { CONTEXT = 1, CACHE = 2 }; /* user values */

static struct record *check_record(lua_State *L, int idx);

/* The cache holds what was computed at a cost, and what the script assigned; nil until needed. */
static void set_cached(lua_State *L, int rec, const char *key)
{
  rec = lua_absindex(L, rec);
  if (lua_getiuservalue(L, rec, CACHE) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, rec, CACHE);
  }
  lua_insert(L, -2);
  lua_setfield(L, -2, key);
  lua_pop(L, 1);
}

static bool get_cached(lua_State *L, int rec, const char *key)
{
  if (lua_getiuservalue(L, rec, CACHE) == LUA_TTABLE && lua_getfield(L, -1, key) != LUA_TNIL) {
    lua_remove(L, -2);
    return true;
  }
  lua_settop(L, lua_gettop(L) - (lua_istable(L, -1) ? 1 : lua_istable(L, -2) ? 2 : 1));
  return false;
}

/* Pushes the shared context and gives its index. */
static int push_context(lua_State *L, int rec)
{
  return lua_getiuservalue(L, rec, CONTEXT) == LUA_TTABLE ? lua_gettop(L) : 0;
}

/* Pushes the field, or nil. */
static void push_field(lua_State *L, int rec, const struct record *r, const char *key)
{
  int top = lua_gettop(L);
  if (get_cached(L, rec, key))
    return;
  const struct schema_row *row = schema_row_of(r->schema, key);
  struct schema_dec d;
  int context = push_context(L, rec);
  if (row && schema_open(&d, L, r->schema, r->payload, r->len, context) && schema_get(&d, row)) {
    if (lua_istable(L, -1)) { /* the same table each time, and a computed one only once */
      lua_pushvalue(L, -1);
      set_cached(L, rec, key);
    }
  } else {
    lua_pushnil(L);
  }
  lua_replace(L, top + 1);
  lua_settop(L, top + 1);
}

/* rec() -> a plain copy of every field; rec:table() where no field of that name is in the way, as
 * the routing table is in routes and rules. */
static int record_table(lua_State *L)
{
  const struct record *r = check_record(L, 1);
  struct schema_dec d;
  lua_settop(L, 1);
  int context = push_context(L, 1);
  schema_open(&d, L, r->schema, r->payload, r->len, context);
  schema_get_all(&d);
  if (lua_getiuservalue(L, 1, CACHE) != LUA_TTABLE) {
    lua_pop(L, 1);
    return 1;
  }
  for (lua_pushnil(L); lua_next(L, -2);) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_settable(L, -5);
  }
  lua_pop(L, 1);
  return 1;
}

static int record_index(lua_State *L)
{
  const struct record *r = check_record(L, 1);
  if (lua_type(L, 2) != LUA_TSTRING)
    return 0;
  const char *key = lua_tostring(L, 2);
  if (strcmp(key, "table") == 0 && schema_row_of(r->schema, "table") == NULL) {
    lua_pushcfunction(L, record_table);
    return 1;
  }
  if (strcmp(key, "unknown") == 0) {
    lua_settop(L, 1);
    record_table(L);
    lua_getfield(L, -1, "unknown");
    return 1;
  }
  push_field(L, 1, r, key);
  return 1;
}

static int record_newindex(lua_State *L)
{
  check_record(L, 1);
  const char *key = luaL_checkstring(L, 2);
  lua_settop(L, 3);
  set_cached(L, 1, key);
  return 0;
}

static int record_next(lua_State *L)
{
  lua_settop(L, 2);
  return lua_next(L, 1) ? 2 : 0;
}

static int record_pairs(lua_State *L)
{
  record_table(L);
  lua_pushcfunction(L, record_next);
  lua_insert(L, -2);
  return 2;
}

static int record_eq(lua_State *L)
{
  const struct schema *a = schema_record(L, 1), *b = schema_record(L, 2);
  if (a == NULL || a != b)
    return 0;
  const struct record *x = lua_touserdata(L, 1), *y = lua_touserdata(L, 2);
  lua_pushboolean(L, x->len == y->len && memcmp(x->payload, y->payload, x->len) == 0);
  return 1;
}

/* Printing is the business of Lua: require("nslab.format")[object](record). */
static int record_tostring(lua_State *L)
{
  const struct record *r = check_record(L, 1);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "nslab.format");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, r->schema->name);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

static const luaL_Reg record_meta[] = {{"__index", record_index},       {"__newindex", record_newindex},
                                       {"__pairs", record_pairs},       {"__eq", record_eq},
                                       {"__tostring", record_tostring}, {"__call", record_table},
                                       {NULL, NULL}};
static const struct rt_class record_class = {.name = "nslab.record", .metamethods = record_meta};

static struct record *check_record(lua_State *L, int idx)
{
  struct record *r = rt_test(L, idx, &record_class);
  if (r == NULL)
    luaL_typeerror(L, idx, "record");
  return r;
}

const struct schema *schema_record(lua_State *L, int idx)
{
  const struct record *r = rt_test(L, idx, &record_class);
  return r ? r->schema : NULL;
}

void schema_push_record(lua_State *L, const struct schema *s, const struct nlmsghdr *nlh,
                        int context)
{
  uint32_t len = (uint32_t)mnl_nlmsg_get_payload_len(nlh);
  struct record *r = rt_new(L, &record_class, sizeof *r + len, 2);
  r->schema = s;
  r->len = len;
  memcpy(r->payload, mnl_nlmsg_get_payload(nlh), len);
  if (context == 0)
    return;
  lua_pushvalue(L, context);
  lua_setiuservalue(L, -2, CONTEXT);
}
