/* args: reading the options tables of functions that have no schema (ping, exec, sysctl ...), and
 * the nearest word that every message about a wrong one names. */
#include "runtime/runtime.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MAX = 32 };

static size_t least(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* Edits (a letter put in, left out, changed, or swapped with its neighbour) from a to b. */
static size_t distance(const char *a, const char *b)
{
  size_t la = strlen(a), lb = strlen(b), d[WORD_MAX + 1][WORD_MAX + 1];
  if (la > WORD_MAX || lb > WORD_MAX)
    return WORD_MAX;
  for (size_t i = 0; i <= la; i++)
    d[i][0] = i;
  for (size_t j = 0; j <= lb; j++)
    d[0][j] = j;
  for (size_t i = 1; i <= la; i++)
    for (size_t j = 1; j <= lb; j++) {
      d[i][j] =
          least(least(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[la][lb];
}

const char *rt_nearest(const char *word, const char *(*next)(void *), void *arg)
{
  size_t limit = strlen(word) < 3 ? 1 : (strlen(word) + 1) / 3, best = limit + 1;
  const char *ret = NULL, *candidate;
  while ((candidate = next(arg)) != NULL) {
    size_t d = distance(word, candidate);
    if (d < best) {
      best = d;
      ret = candidate;
    }
  }
  return ret;
}

struct words {
  const char *at, *end;
};

static const char *next_word(void *arg)
{
  struct words *w = arg;
  const char *word = w->at;
  if (word >= w->end)
    return NULL;
  w->at += strlen(word) + 1;
  return word;
}

const char *rt_nearest_of(const char *word, const char *words, size_t len)
{
  struct words w = {words, words + len};
  return rt_nearest(word, next_word, &w);
}

void rt_set_text(lua_State *L, const char *key, const char *text)
{
  lua_pushstring(L, text);
  lua_setfield(L, -2, key);
}

const char *rt_typename(lua_State *L, int idx)
{
  static const char *const words[] = {
      [LUA_TNIL] = "nothing",         [LUA_TBOOLEAN] = "a boolean", [LUA_TNUMBER] = "a number",
      [LUA_TSTRING] = "a string",     [LUA_TTABLE] = "a table",     [LUA_TFUNCTION] = "a function",
      [LUA_TUSERDATA] = "a userdata", [LUA_TTHREAD] = "a coroutine"};
  static const char *const ours[][2] = {{"nslab.netns", "a namespace"},
                                        {"nslab.record", "a record"}};
  int type = lua_type(L, idx), top = lua_gettop(L);
  const char *word = "nothing";
  if (type >= 0 && (size_t)type < sizeof words / sizeof *words && words[type])
    word = words[type];
  if (type == LUA_TUSERDATA && luaL_getmetafield(L, idx, "__name") == LUA_TSTRING)
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
      if (strcmp(ours[i][0], lua_tostring(L, -1)) == 0)
        word = ours[i][1];
  lua_settop(L, top);
  return word;
}

const char *rt_shown(lua_State *L, int idx)
{
  int type = lua_type(L, idx);
  bool speaks = type == LUA_TSTRING || type == LUA_TNUMBER || type == LUA_TBOOLEAN;
  if (!speaks && luaL_getmetafield(L, idx, "__tostring") != LUA_TNIL) {
    lua_pop(L, 1);
    speaks = true;
  }
  return speaks ? luaL_tolstring(L, idx, NULL) : lua_pushstring(L, rt_typename(L, idx));
}

static const char *next_key(void *arg)
{
  const char *const **at = arg;
  return **at ? *(*at)++ : NULL;
}

static bool in_list(const char *const *keys, const char *key)
{
  for (; *keys; keys++)
    if (strcmp(*keys, key) == 0)
      return true;
  return false;
}

static _Noreturn void unknown_key(lua_State *L, struct rt_op *op, const char *key,
                                  const char *const *keys)
{
  const char *const *at = keys;
  const char *near = rt_nearest(key, next_key, &at), *hint = NULL;
  if (near)
    hint = lua_pushfstring(L, "Did you mean \"%s\"?", near);
  rt_raisef(L, op, EINVAL, key, hint, "no such option");
}

void rt_check_keys(lua_State *L, struct rt_op *op, int idx, const char *const *keys)
{
  if (lua_isnoneornil(L, idx))
    return;
  if (!lua_istable(L, idx))
    rt_raisef(L, op, EINVAL, NULL, NULL, "a table of options is needed, not %s",
              rt_typename(L, idx));
  for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1))
    if (lua_type(L, -2) == LUA_TSTRING && !in_list(keys, lua_tostring(L, -2)))
      unknown_key(L, op, lua_tostring(L, -2), keys);
}

/* Pushes the option; false (and nothing pushed) when it is absent. */
static bool push_option(lua_State *L, int idx, const char *key)
{
  if (lua_isnoneornil(L, idx))
    return false;
  if (lua_getfield(L, idx, key) != LUA_TNIL)
    return true;
  lua_pop(L, 1);
  return false;
}

static _Noreturn void wrong_type(lua_State *L, struct rt_op *op, const char *key, const char *want)
{
  rt_raisef(L, op, EINVAL, key, NULL, "%s is needed, not %s", want, rt_typename(L, -1));
}

lua_Integer rt_opt_integer(lua_State *L, struct rt_op *op, int idx, const char *key,
                           lua_Integer min, lua_Integer max, lua_Integer def)
{
  if (!push_option(L, idx, key))
    return def;
  int ok;
  lua_Integer v = lua_tointegerx(L, -1, &ok);
  if (!ok || lua_type(L, -1) != LUA_TNUMBER)
    wrong_type(L, op, key, "an integer");
  if (v < min || v > max)
    rt_raisef(L, op, ERANGE, key, NULL, "%I is not in %I..%I", (LUAI_UACINT)v, (LUAI_UACINT)min,
              (LUAI_UACINT)max);
  lua_pop(L, 1);
  return v;
}

lua_Number rt_opt_number(lua_State *L, struct rt_op *op, int idx, const char *key, lua_Number min,
                         lua_Number max, lua_Number def)
{
  if (!push_option(L, idx, key))
    return def;
  if (lua_type(L, -1) != LUA_TNUMBER)
    wrong_type(L, op, key, "a number");
  lua_Number v = lua_tonumber(L, -1);
  if (!(v >= min && v <= max))
    rt_raisef(L, op, ERANGE, key, NULL, "%f is not in %f..%f", v, min, max);
  lua_pop(L, 1);
  return v;
}

bool rt_opt_boolean(lua_State *L, struct rt_op *op, int idx, const char *key, bool def)
{
  if (!push_option(L, idx, key))
    return def;
  if (!lua_isboolean(L, -1))
    wrong_type(L, op, key, "true or false");
  bool v = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return v;
}

const char *rt_opt_string(lua_State *L, struct rt_op *op, int idx, const char *key, const char *def)
{
  if (!push_option(L, idx, key))
    return def;
  if (lua_type(L, -1) != LUA_TSTRING)
    wrong_type(L, op, key, "a string");
  const char *v = lua_tostring(L, -1);
  lua_pop(L, 1);
  return v;
}
