/* error: the value that every failed operation raises, and the sentences it prints. It never
 * formats what a row or the kernel can say better; it only puts the parts in their places. */
#include "runtime/runtime.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ERROR_CLASS "nslab.error"

const char *rt_code(int err)
{
  static char number[16];
  const char *name = strerrorname_np(err);
  if (name)
    return name;
  snprintf(number, sizeof number, "E%d", err);
  return number;
}

/* The place in the user's own script: the innermost Lua line that is not of our library. */
static void push_where(lua_State *L)
{
  lua_Debug ar;
  for (int level = 0; lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline > 0 && strncmp(ar.source, "=nslab/", 7) != 0) {
      lua_pushfstring(L, "%s:%d", ar.short_src, ar.currentline);
      return;
    }
  }
  lua_pushnil(L);
}

static void set_string(lua_State *L, const char *key, const char *value)
{
  if (value == NULL || value[0] == '\0')
    return;
  lua_pushstring(L, value);
  lua_setfield(L, -2, key);
}

/* What a user gave stands in the sentence, whatever it was: it shall stay one line, and one that
 * can be read. Of what is very long the two ends are enough. */
enum { LONG = 600, ENDS = 200 };

static bool is_control(char c)
{
  return (unsigned char)c < ' ' || c == 127;
}

static void add_visible(luaL_Buffer *b, const char *text, size_t n)
{
  static const char named[] = "\aa\bb\tt\nn\vv\ff\rr";
  char hex[8];
  for (size_t i = 0; i < n; i++) {
    const char *name = is_control(text[i]) && text[i] ? strchr(named, text[i]) : NULL;
    if (name) {
      luaL_addchar(b, '\\');
      luaL_addchar(b, name[1]);
    } else if (is_control(text[i])) {
      snprintf(hex, sizeof hex, "\\x%02x", (unsigned char)text[i]);
      luaL_addstring(b, hex);
    } else {
      luaL_addchar(b, text[i]);
    }
  }
}

/* Where a character of UTF-8 begins, at or before that place. */
static size_t begin_of(const char *text, size_t at)
{
  for (int back = 0; back < 3 && at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80; back++)
    at--;
  return at;
}

/* Replaces the text at the top by one that can be shown. */
static const char *make_visible(lua_State *L)
{
  luaL_Buffer b;
  size_t n;
  const char *text = lua_tolstring(L, -1, &n);
  bool plain = n <= LONG;
  for (size_t i = 0; i < n && plain; i++)
    plain = !is_control(text[i]);
  if (plain)
    return text;
  luaL_buffinit(L, &b);
  size_t head = n > LONG ? begin_of(text, ENDS) : n, tail = n > LONG ? begin_of(text, n - ENDS) : n;
  add_visible(&b, text, head);
  if (tail > head)
    luaL_addstring(&b, " ... ");
  add_visible(&b, text + tail, n - tail);
  luaL_pushresult(&b);
  lua_replace(L, -2);
  return lua_tostring(L, -1);
}

/* One field as text, "" when it is absent. The text is one value more on the stack. */
static const char *part(lua_State *L, const char *key)
{
  if (lua_getfield(L, 1, key) == LUA_TNIL) {
    lua_pushliteral(L, "");
    lua_replace(L, -2);
  }
  luaL_tolstring(L, -1, NULL);
  lua_replace(L, -2);
  return make_visible(L);
}

static int error_tostring(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  luaL_checkstack(L, 24, "error text");
  const char *where = part(L, "where"), *op = part(L, "op"), *key = part(L, "key");
  const char *netns = part(L, "netns"), *field = part(L, "field"), *hint = part(L, "hint");
  const char *text = part(L, "text"), *code = part(L, "code");
  size_t n = strlen(text);
  if (n > 0 && text[n - 1] == '.')
    n--;
  lua_pushfstring(L, "%s%s%s%s%s%s%s: %s%s", where, where[0] ? ": " : "", op, key[0] ? " " : "",
                  key, netns[0] ? " in " : "", netns, field, field[0] ? ": " : "");
  lua_pushlstring(L, text, n);
  lua_pushfstring(L, " (%s).%s%s", code, hint[0] ? "\n  " : "", hint);
  lua_concat(L, 3);
  return 1;
}

static void push_metatable(lua_State *L)
{
  if (luaL_newmetatable(L, ERROR_CLASS)) {
    lua_pushcfunction(L, error_tostring);
    lua_setfield(L, -2, "__tostring");
  }
}

static const char *sentence(const struct rt_error *e)
{
  if (e->text && e->text[0])
    return e->text;
  if (e->kernel && e->kernel[0])
    return e->kernel;
  return strerror(e->err);
}

void rt_make_error(lua_State *L, const struct rt_op *op, const struct rt_error *e)
{
  luaL_checkstack(L, 10, "error value");
  lua_createtable(L, 0, 10);
  lua_pushfstring(L, "%s.%s", op->module, op->verb);
  lua_setfield(L, -2, "op");
  set_string(L, "netns", op->netns);
  set_string(L, "key", op->key);
  lua_pushinteger(L, e->err);
  lua_setfield(L, -2, "errno");
  set_string(L, "code", rt_code(e->err));
  set_string(L, "kernel", e->kernel);
  set_string(L, "field", e->field);
  set_string(L, "text", sentence(e));
  set_string(L, "hint", e->hint);
  push_where(L);
  lua_setfield(L, -2, "where");
  push_metatable(L);
  lua_setmetatable(L, -2);
}

void rt_raise(lua_State *L, struct rt_op *op, const struct rt_error *e)
{
  rt_push_error(L, op, e);
  lua_error(L);
  __builtin_unreachable();
}

void rt_raisef(lua_State *L, struct rt_op *op, int err, const char *field, const char *hint,
               const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  const char *text = lua_pushvfstring(L, fmt, ap);
  va_end(ap);
  rt_raise(L, op, &(struct rt_error){.err = err, .field = field, .text = text, .hint = hint});
}

int rt_error_value(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_getfield(L, 1, "errno");
  lua_Integer err = luaL_checkinteger(L, -1);
  lua_settop(L, 1);
  set_string(L, "code", rt_code((int)err));
  if (lua_getfield(L, 1, "text") == LUA_TNIL) {
    lua_pushstring(L, strerror((int)err));
    lua_setfield(L, 1, "text");
  }
  lua_settop(L, 1);
  push_where(L);
  lua_setfield(L, 1, "where");
  push_metatable(L);
  lua_setmetatable(L, 1);
  return 1;
}

volatile int rt_interrupted;

/* Whoever set a hook that raises at the next instruction has been heard: it would raise within what
 * is closed now, which would stay open. It looks again later, should the script go on. */
static void postpone_hook(lua_State *L)
{
  enum { LATER = 10000 };
  if (lua_gethook(L) && lua_gethookcount(L) == 1)
    lua_sethook(L, lua_gethook(L), LUA_MASKCOUNT, LATER);
}

void rt_check_interrupt(lua_State *L, struct rt_op *op)
{
  if (rt_interrupted == 0)
    return;
  postpone_hook(L);
  rt_raisef(L, op, EINTR, NULL, NULL, "interrupted");
}
