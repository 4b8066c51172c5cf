/* json: Lua values to JSON text and back, through jansson. An array is a table whose keys are 1..n;
 * every other table is an object, an empty one too unless its metatable has __jsontype = "array".
 * Keys are sorted, so that the same value is always the same text. */
#include "host/host.h"
#include <jansson.h>
#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 100, DIGITS = 15 };

/* ---- the owner of a json_t ------------------------------------------------------------------ */

#define BOX "nslab.json"

static int box_close(lua_State *L)
{
  json_t **box = luaL_checkudata(L, 1, BOX);
  json_decref(*box);
  *box = NULL;
  return 0;
}

/* Whatever is being filled from Lua lies in a box on the stack, so that a raised error frees it. */
static json_t **new_box(lua_State *L)
{
  json_t **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  if (luaL_newmetatable(L, BOX)) {
    lua_pushcfunction(L, box_close);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return box;
}

static json_t *unbox(lua_State *L, json_t **box)
{
  json_t *j = *box;
  *box = NULL;
  lua_pop(L, 1);
  return j;
}

/* ---- encoding ------------------------------------------------------------------------------- */

static json_t *encode(lua_State *L, int idx, int depth, int order);

/* The bytes of the UTF-8 character at s, 0 if there is none: overlong forms and surrogates too. */
static size_t character(const unsigned char *s, size_t len)
{
  static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
  size_t n = s[0] < 0x80   ? 1
             : s[0] < 0xc2 ? 0
             : s[0] < 0xe0 ? 2
             : s[0] < 0xf0 ? 3
             : s[0] < 0xf5 ? 4
                           : 0;
  if (n < 2)
    return n;
  unsigned code = s[0] & (0x7fu >> n);
  if (n > len)
    return 0;
  for (size_t i = 1; i < n; i++) {
    if ((s[i] & 0xc0) != 0x80)
      return 0;
    code = code << 6 | (s[i] & 0x3fu);
  }
  return code < least[n] || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff ? 0 : n;
}

/* Replaces the string at the top by one in which every byte that belongs to no character is
 * U+FFFD. */
static void make_utf8(lua_State *L)
{
  size_t len, n;
  const char *s = lua_tolstring(L, -1, &len);
  size_t good = 0;
  while (good < len && (n = character((const unsigned char *)s + good, len - good)) > 0)
    good += n;
  if (good == len)
    return;
  luaL_Buffer b;
  int source = lua_gettop(L);
  luaL_buffinit(L, &b);
  for (size_t at = 0; at < len; at += n ? n : 1) {
    n = character((const unsigned char *)s + at, len - at);
    luaL_addlstring(&b, n ? s + at : "\xef\xbf\xbd", n ? n : 3);
  }
  luaL_pushresult(&b);
  lua_replace(L, source);
}

static json_t *encode_string(lua_State *L, int idx)
{
  size_t len;
  luaL_tolstring(L, idx, NULL);
  make_utf8(L);
  const char *s = lua_tolstring(L, -1, &len);
  json_t *j = json_stringn_nocheck(s, len);
  lua_pop(L, 1);
  return j;
}

static json_t *encode_number(lua_State *L, int idx)
{
  if (lua_isinteger(L, idx))
    return json_integer(lua_tointeger(L, idx));
  lua_Number v = lua_tonumber(L, idx);
  return isfinite(v) ? json_real(v) : json_null();
}

/* Length of a sequence, -1 if the table is none. */
static lua_Integer sequence(lua_State *L, int idx)
{
  lua_Integer keys = 0, length = (lua_Integer)lua_rawlen(L, idx);
  for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1), keys++)
    if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1 || lua_tointeger(L, -2) > length) {
      lua_pop(L, 2);
      return -1;
    }
  if (keys > 0 || luaL_getmetafield(L, idx, "__jsontype") == LUA_TNIL)
    return keys > 0 && keys == length ? keys : -1;
  bool array = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "array") == 0;
  lua_pop(L, 1);
  return array ? 0 : -1;
}

static void encode_array(lua_State *L, int idx, int depth, json_t *into, lua_Integer length)
{
  for (lua_Integer i = 1; i <= length; i++) {
    lua_rawgeti(L, idx, i);
    if (json_array_append_new(into, encode(L, lua_gettop(L), depth, 0)) != 0)
      luaL_error(L, "not enough memory");
    lua_pop(L, 1);
  }
}

static const char *check_key(lua_State *L, int idx)
{
  size_t len;
  const char *key = lua_tolstring(L, idx, &len);
  if (strlen(key) != len)
    luaL_error(L, "a key with a zero byte cannot be JSON");
  return key;
}

/* Puts the value at the top under the key below it, and pops the value. */
static void put(lua_State *L, int depth, json_t *into)
{
  lua_pushvalue(L, -2);
  luaL_tolstring(L, -1, NULL);
  make_utf8(L);
  const char *key = check_key(L, -1);
  if (json_object_get(into, key) == NULL &&
      json_object_set_new_nocheck(into, key, encode(L, lua_gettop(L) - 2, depth, 0)) != 0)
    luaL_error(L, "not enough memory");
  lua_pop(L, 3);
}

static void put_first(lua_State *L, int idx, int depth, json_t *into, int order)
{
  for (lua_Integer i = 1; lua_rawgeti(L, order, i) != LUA_TNIL; i++) {
    lua_pushvalue(L, -1);
    if (lua_rawget(L, idx) == LUA_TNIL)
      lua_pop(L, 1);
    else
      put(L, depth, into);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static int compare_keys(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The sorted string keys, in memory of Lua's that is pushed. The strings live in the table. */
static const char **sorted_keys(lua_State *L, int idx, size_t *ret_count)
{
  size_t n = 0;
  for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1))
    n += lua_type(L, -2) == LUA_TSTRING;
  const char **keys = lua_newuserdatauv(L, (n + 1) * sizeof *keys, 0);
  n = 0;
  for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1))
    if (lua_type(L, -2) == LUA_TSTRING)
      keys[n++] = check_key(L, -2);
  qsort(keys, n, sizeof *keys, compare_keys);
  *ret_count = n;
  return keys;
}

static void encode_object(lua_State *L, int idx, int depth, json_t *into, int order)
{
  size_t count;
  if (order)
    put_first(L, idx, depth, into, order);
  const char **keys = sorted_keys(L, idx, &count);
  for (size_t i = 0; i < count; i++) {
    lua_pushstring(L, keys[i]);
    lua_pushvalue(L, -1);
    lua_rawget(L, idx);
    put(L, depth, into);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  for (lua_pushnil(L); lua_next(L, idx);)
    if (lua_type(L, -2) == LUA_TSTRING)
      lua_pop(L, 1);
    else
      put(L, depth, into);
}

static json_t *encode_table(lua_State *L, int idx, int depth, int order)
{
  if (depth >= DEPTH_MAX)
    luaL_error(L, "a table this deep, or one that holds itself, cannot be JSON");
  lua_Integer length = sequence(L, idx);
  json_t **box = new_box(L);
  *box = length >= 0 ? json_array() : json_object();
  if (*box == NULL)
    luaL_error(L, "not enough memory");
  if (length >= 0)
    encode_array(L, idx, depth + 1, *box, length);
  else
    encode_object(L, idx, depth + 1, *box, order);
  return unbox(L, box);
}

/* NULL without memory: jansson's *_new functions take that for an answer. idx is absolute. */
static json_t *encode(lua_State *L, int idx, int depth, int order)
{
  luaL_checkstack(L, 12, "JSON");
  int type = lua_type(L, idx);
  if (type == LUA_TTABLE)
    return encode_table(L, idx, depth, order);
  if (type == LUA_TNIL)
    return json_null();
  if (type == LUA_TBOOLEAN)
    return json_boolean(lua_toboolean(L, idx));
  if (type == LUA_TNUMBER)
    return encode_number(L, idx);
  if (type == LUA_TFUNCTION || type == LUA_TTHREAD)
    luaL_error(L, "a %s cannot be JSON", lua_typename(L, type));
  return encode_string(L, idx);
}

void host_json_encode(lua_State *L, int idx, int order)
{
  idx = lua_absindex(L, idx);
  json_t **box = new_box(L);
  *box = encode(L, idx, 0, order);
  const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(DIGITS);
  size_t len = *box ? json_dumpb(*box, NULL, 0, flags) : 0;
  char *text = lua_newuserdatauv(L, len + 1, 0);
  if (len == 0 || json_dumpb(*box, text, len, flags) != len)
    luaL_error(L, "not enough memory");
  lua_pushlstring(L, text, len);
  json_decref(*box);
  *box = NULL;
  lua_replace(L, -3);
  lua_pop(L, 1);
}

/* ---- decoding ------------------------------------------------------------------------------- */

static void push_value(lua_State *L, json_t *j);

static void push_array(lua_State *L, json_t *j)
{
  size_t n = json_array_size(j);
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    push_value(L, json_array_get(j, i));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

static void push_object(lua_State *L, json_t *j)
{
  const char *key;
  json_t *value;
  lua_newtable(L);
  json_object_foreach(j, key, value)
  {
    lua_pushstring(L, key);
    push_value(L, value);
    lua_rawset(L, -3);
  }
}

static void push_value(lua_State *L, json_t *j)
{
  luaL_checkstack(L, 6, "JSON");
  if (json_is_object(j))
    push_object(L, j);
  else if (json_is_array(j))
    push_array(L, j);
  else if (json_is_string(j))
    lua_pushlstring(L, json_string_value(j), json_string_length(j));
  else if (json_is_integer(j))
    lua_pushinteger(L, json_integer_value(j));
  else if (json_is_real(j))
    lua_pushnumber(L, json_real_value(j));
  else if (json_is_boolean(j))
    lua_pushboolean(L, json_is_true(j));
  else
    lua_pushnil(L);
}

int host_json_decode(lua_State *L, const char *text, size_t len)
{
  json_error_t error;
  json_t **box = new_box(L);
  *box = json_loadb(text, len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
  if (*box == NULL) {
    lua_pushnil(L);
    lua_pushfstring(L, "column %d: %s", error.column, error.text);
    return 2;
  }
  push_value(L, *box);
  lua_insert(L, -2);
  json_decref(unbox(L, box));
  return 1;
}
