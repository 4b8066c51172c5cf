/* record: what get and list return - a userdata over the raw message, decoded field by field when
 * it is read. A field that is assigned is kept beside the message; the bytes never change. */
#include "schema/schema.h"
#include <libmnl/libmnl.h>
#include <stdio.h>
#include <string.h>

struct record {
  const struct schema *schema;
  uint32_t mark;          /* what tells a record from other userdata, with its length */
  uint32_t len : 31;      /* of the payload */
  uint32_t has_cache : 1; /* there is one among the user values; most records never have */
  _Alignas(8) char payload[];
};

enum { MARK = 0x7265636f };      /* "reco" */
enum { CONTEXT = 1, CACHE = 2 }; /* user values */

/* The record at idx, or NULL. Comparing metatables, as other classes do, takes three times as long,
 * and every field that is read asks. */
static struct record *to_record(lua_State *L, int idx)
{
  struct record *r = lua_touserdata(L, idx);
  size_t size = r ? lua_rawlen(L, idx) : 0;
  if (size < sizeof *r || r->mark != MARK || size != offsetof(struct record, payload) + r->len)
    return NULL;
  return r;
}

static struct record *check_record(lua_State *L, int idx)
{
  struct record *r = to_record(L, idx);
  if (r == NULL)
    luaL_typeerror(L, idx, "record");
  return r;
}

/* The cache holds tables that were decoded (so that a field is the same table each time) and what
 * the script assigned; its [1] names the assigned ones, since nil may be assigned. It is nil until
 * needed. */
enum { ASSIGNED = 1 };

/* Pushes the cache, made if need be. */
static void want_cache(lua_State *L, int rec)
{
  if (lua_getiuservalue(L, rec, CACHE) == LUA_TTABLE)
    return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, rec, CACHE);
  ((struct record *)lua_touserdata(L, rec))->has_cache = true;
}

static bool assigned(lua_State *L, int rec, const char *key)
{
  int top = lua_gettop(L);
  bool is = lua_getiuservalue(L, rec, CACHE) == LUA_TTABLE &&
            lua_rawgeti(L, -1, ASSIGNED) == LUA_TTABLE && lua_getfield(L, -1, key) != LUA_TNIL;
  lua_settop(L, top);
  return is;
}

/* Pushes what the cache has for the field and returns true; false, with nothing pushed. */
static bool get_cached(lua_State *L, int rec, const char *key)
{
  int top = lua_gettop(L);
  if (lua_getiuservalue(L, rec, CACHE) == LUA_TTABLE &&
      (lua_getfield(L, -1, key) != LUA_TNIL || assigned(L, rec, key))) {
    lua_remove(L, -2);
    return true;
  }
  lua_settop(L, top);
  return false;
}

/* Pushes the shared context and gives its index. */
static int push_context(lua_State *L, int rec)
{
  return lua_getiuservalue(L, rec, CONTEXT) == LUA_TTABLE ? lua_gettop(L) : 0;
}

/* Pushes what the message has for the field, or nil. */
static inline void push_read(lua_State *L, const struct record *r, const struct schema_row *row,
                             int context)
{
  struct schema_dec d;
  bool none = row->flags & SCHEMA_FILTER;
  if (none || !schema_open(&d, L, r->schema, r->payload, r->len, context) || !schema_get(&d, row))
    lua_pushnil(L);
}

/* Pushes the field of the row, or nil. */
static __attribute__((noinline)) void push_field(lua_State *L, int rec, const struct record *r,
                                                 const struct schema_row *row)
{
  if (r->has_cache && get_cached(L, rec, row->key))
    return;
  push_read(L, r, row, push_context(L, rec));
  if (lua_type(L, -1) != LUA_TTABLE)
    return;
  want_cache(L, rec); /* the same table each time, and a computed one only once */
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, row->key);
  lua_pop(L, 1);
}

/* rec() -> a plain copy of every field; rec:table() where no field of that name is in the way, as
 * the routing table is in routes and rules. */
static int record_table(lua_State *L)
{
  const struct record *r = check_record(L, 1);
  struct schema_dec d;
  lua_settop(L, 1);
  int context = push_context(L, 1);
  if (schema_open(&d, L, r->schema, r->payload, r->len, context))
    schema_get_all(&d);
  else
    lua_newtable(L);
  int copy = lua_gettop(L);
  if (lua_getiuservalue(L, 1, CACHE) != LUA_TTABLE) {
    lua_settop(L, copy);
    return 1;
  }
  for (lua_pushnil(L); lua_next(L, copy + 1); lua_pop(L, 1))
    if (lua_type(L, -2) == LUA_TSTRING) {
      lua_pushvalue(L, -2);
      lua_pushvalue(L, -2);
      lua_settable(L, copy);
    }
  if (lua_rawgeti(L, copy + 1, ASSIGNED) == LUA_TTABLE)
    for (lua_pushnil(L); lua_next(L, copy + 2); lua_pop(L, 1)) {
      lua_pushvalue(L, -2);
      lua_gettable(L, copy + 1);
      lua_setfield(L, copy, lua_tostring(L, -3));
    }
  lua_settop(L, copy);
  return 1;
}

/* What is no field: rec.table where that is the copying function, and what has no row. */
static __attribute__((noinline)) int index_other(lua_State *L, const char *key)
{
  if (strcmp(key, "table") == 0) {
    lua_pushcfunction(L, record_table);
    return 1;
  }
  if (strcmp(key, "unknown") != 0)
    return 0;
  lua_settop(L, 1);
  record_table(L);
  lua_getfield(L, -1, "unknown");
  return 1;
}

static int record_index(lua_State *L)
{
  const struct record *r = check_record(L, 1);
  const char *key = lua_tostring(L, 2);
  const struct schema_row *row = key ? schema_row_of(r->schema, key) : NULL;
  if (row == NULL)
    return key ? index_other(L, key) : 0;
  if (row->codec->plain && !r->has_cache)
    push_read(L, r, row, 0); /* needs no context, is no table: most of what scripts read */
  else
    push_field(L, 1, r, row);
  return 1;
}

static int record_newindex(lua_State *L)
{
  const struct record *r = check_record(L, 1);
  const char *key = luaL_checkstring(L, 2);
  if (schema_row_of(r->schema, key) == NULL)
    return luaL_error(L, "%s has no field \"%s\"", r->schema->name, key);
  lua_settop(L, 3);
  want_cache(L, 1);
  lua_pushvalue(L, 3);
  lua_setfield(L, 4, key);
  if (lua_rawgeti(L, 4, ASSIGNED) != LUA_TTABLE) {
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, 4, ASSIGNED);
  }
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, key);
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

/* The bytes of one field; NULL when it is absent. */
static const void *bytes_of(const struct schema_dec *d, const struct schema_row *r, size_t *ret_len)
{
  *ret_len = r->len;
  if (r->attr == 0)
    return d->hdr + r->off;
  const struct nlattr *a = schema_find(d, r->in, r->attr);
  if (a == NULL && r->other && r->codec != &schema_expires) /* which ticks */
    a = schema_find(d, r->in, r->other);
  *ret_len = a ? mnl_attr_get_payload_len(a) : 0;
  return a ? mnl_attr_get_payload(a) : NULL;
}

/* Two records are equal when the kernel told the same in every field that has a row. What has none
 * (counters, ages) changes by itself and does not count. */
static int record_eq(lua_State *L)
{
  const struct record *x = to_record(L, 1), *y = to_record(L, 2);
  struct schema_dec a, b;
  bool same = x && y && x->schema == y->schema &&
              schema_open(&a, L, x->schema, x->payload, x->len, 0) &&
              schema_open(&b, L, y->schema, y->payload, y->len, 0);
  for (const struct schema_row *r = same ? x->schema->rows : NULL; r && r->key && same; r++) {
    size_t n, m;
    if (r->flags & (SCHEMA_COUNTER | SCHEMA_FILTER)) /* a filter's row may look at ages */
      continue;
    const void *p = bytes_of(&a, r, &n), *q = bytes_of(&b, r, &m);
    same = n == m && !p == !q && (p == NULL || memcmp(p, q, n) == 0);
  }
  lua_pushboolean(L, same);
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

static const luaL_Reg record_meta[] = {{"__index", record_index},
                                       {"__newindex", record_newindex},
                                       {"__pairs", record_pairs},
                                       {"__eq", record_eq},
                                       {"__tostring", record_tostring},
                                       {"__call", record_table},
                                       {NULL, NULL}};
static const struct rt_class record_class = {.name = "nslab.record", .metamethods = record_meta};

const struct schema *schema_record(lua_State *L, int idx)
{
  const struct record *r = to_record(L, idx);
  return r ? r->schema : NULL;
}

static bool not_given(const struct schema_row *r)
{
  return r->flags & (SCHEMA_READONLY | SCHEMA_OWN | SCHEMA_FILTER);
}

static void copy_options(lua_State *L, const struct schema *s);

/* The row of the key at idx; a place in a list has the row "[1]". */
static const struct schema_row *row_of_key(lua_State *L, const struct schema *s, int idx)
{
  char place[32];
  if (lua_type(L, idx) == LUA_TSTRING)
    return schema_row_of(s, lua_tostring(L, idx));
  snprintf(place, sizeof place, "[%lld]", (long long)lua_tointeger(L, idx));
  return schema_row_of(s, place);
}

/* Pushes a copy of the table at the top, which has the rows of the schema, without what only the
 * kernel sets. */
static void copy_nested(lua_State *L, const struct schema *s)
{
  int from = lua_gettop(L);
  luaL_checkstack(L, 6, s->name);
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, from);) {
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    const struct schema_row *r = row_of_key(L, s, -2);
    if (strcmp(key, "unknown") == 0 || (r && not_given(r))) {
      lua_pop(L, 1);
      continue;
    }
    if (r && schema_nested(r) && lua_istable(L, -1)) {
      copy_options(L, schema_nested(r));
      lua_remove(L, -2);
    }
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_settable(L, from + 1);
  }
}

/* The same for a nest, which may be a list of such tables. */
static void copy_options(lua_State *L, const struct schema *s)
{
  int from = lua_gettop(L);
  if (!s->repeats) {
    copy_nested(L, s);
    return;
  }
  lua_newtable(L);
  for (lua_Integer i = 1; lua_rawgeti(L, from, i) == LUA_TTABLE; i++) {
    copy_nested(L, s);
    lua_rawseti(L, from + 1, i);
    lua_pop(L, 1);
  }
  lua_settop(L, from + 1);
}

void schema_push_options(lua_State *L, int idx, const char *skip)
{
  const struct schema *s = schema_record(L, idx);
  idx = lua_absindex(L, idx);
  lua_newtable(L);
  for (const struct schema_row *r = s->rows; r->key; r++) {
    bool ours = assigned(L, idx, r->key);
    if ((skip && strcmp(skip, r->key) == 0) || (not_given(r) && !ours))
      continue;
    if (lua_getfield(L, idx, r->key) == LUA_TTABLE && schema_nested(r) && !ours) {
      copy_options(L, schema_nested(r));
      lua_remove(L, -2);
    }
    lua_setfield(L, -2, r->key);
  }
}

int schema_netns_of(lua_State *L)
{
  if (schema_record(L, 1) == NULL || push_context(L, 1) == 0)
    return 0;
  lua_getfield(L, -1, "netns");
  return 1;
}

void schema_push_record_class(lua_State *L)
{
  rt_push_class(L, &record_class);
}

void schema_push_record_of(lua_State *L, const struct schema *s, const struct nlmsghdr *nlh,
                           int context, int class)
{
#ifdef NSLAB_HOSTILE
  lua_gc(L, LUA_GCCOLLECT, 0); /* as rt_new does */
#endif
  uint32_t len = nlh->nlmsg_len - NLMSG_HDRLEN;
  struct record *r = lua_newuserdatauv(L, offsetof(struct record, payload) + len, 2);
  r->schema = s;
  r->mark = MARK;
  r->len = len & INT32_MAX;
  r->has_cache = false;
  memcpy(r->payload, (const char *)nlh + NLMSG_HDRLEN, len);
  lua_pushvalue(L, class);
  lua_setmetatable(L, -2);
  if (context == 0)
    return;
  lua_pushvalue(L, context);
  lua_setiuservalue(L, -2, CONTEXT);
}

void schema_push_record(lua_State *L, const struct schema *s, const struct nlmsghdr *nlh,
                        int context)
{
  schema_push_record_class(L);
  schema_push_record_of(L, s, nlh, context, lua_gettop(L));
  lua_remove(L, -2);
}

int schema_of(lua_State *L)
{
  const struct schema *s = schema_record(L, 1);
  lua_pushstring(L, s ? s->name : NULL);
  return 1;
}
