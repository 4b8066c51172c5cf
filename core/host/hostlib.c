/* hostlib: require "nslab.host", what the Lua library asks the program it runs in: the version, the
 * packaged labs, the terminal, JSON. Nothing here acts on the kernel's network. */
#include "host/host.h"
#include "runtime/runtime.h"
#include "sandbox/sandbox.h"
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct host_call *call_of(lua_State *L)
{
  return lua_touserdata(L, lua_upvalueindex(1));
}

/* ---- labs ----------------------------------------------------------------------------------- */

/* Lua: labs() -> array of names */
static int host_labs(lua_State *L)
{
  lua_newtable(L);
  char **names = host_files_labs();
  lua_Integer n = 0;
  for (char **at = names; at && *at; at++) {
    lua_pushstring(L, *at);
    lua_rawseti(L, -2, ++n);
  }
  host_files_free_names(names);
  return 1;
}

static int push_text(lua_State *L, const struct host_text *t)
{
  lua_pushlstring(L, t->bytes, t->len);
  lua_pushstring(L, t->chunkname);
  return 2;
}

/* Lua: lab(name) -> source, chunkname; nil without such a lab. The file that `run` was given counts
 * as one: it was read before the sandbox could hide it. */
static int host_lab(lua_State *L)
{
  const char *name = luaL_checkstring(L, 1);
  const struct host_call *call = call_of(L);
  if (call->has_text && call->nwords > 0 && strcmp(call->words[0], name) == 0)
    return push_text(L, &call->text);
  struct host_text text;
  int err = host_files_lab(name, &text);
  if (err == -ENOENT)
    return 0;
  if (err)
    return luaL_error(L, "lab %s: %s", name, strerror(-err));
  int n = push_text(L, &text);
  host_text_free(&text);
  return n;
}

/* ---- the terminal --------------------------------------------------------------------------- */

/* Lua: isatty(fd) -> boolean */
static int host_isatty(lua_State *L)
{
  lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
  return 1;
}

/* Lua: columns(fd) -> width of the terminal; that of COLUMNS, else 80, where there is none. */
static int host_columns(lua_State *L)
{
  struct winsize size;
  int fd = (int)luaL_checkinteger(L, 1), columns = 0;
  const char *env = getenv("COLUMNS");
  if (ioctl(fd, TIOCGWINSZ, &size) == 0)
    columns = size.ws_col;
  if (columns <= 0 && env)
    columns = atoi(env);
  lua_pushinteger(L, columns > 0 ? columns : 80);
  return 1;
}

/* The locale's name says it where that locale is not installed, as in most containers. */
static bool named_utf8(void)
{
  const char *name = NULL;
  static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  for (int i = 0; i < 3 && (name == NULL || name[0] == '\0'); i++)
    name = getenv(variables[i]);
  return name && (strcasestr(name, "utf-8") || strcasestr(name, "utf8"));
}

/* Lua: utf8() -> whether the terminal is to get UTF-8 */
static int host_utf8(lua_State *L)
{
  locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
  if (locale == (locale_t)0) {
    lua_pushboolean(L, named_utf8());
    return 1;
  }
  lua_pushboolean(L, strcasecmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0);
  freelocale(locale);
  return 1;
}

/* ---- the rest ------------------------------------------------------------------------------- */

/* Lua: time_ms() -> milliseconds of a clock that only goes forward */
static int host_time_ms(lua_State *L)
{
  lua_pushnumber(L, host_now() * 1e3);
  return 1;
}

/* Lua: json(value, [keys that come first]) -> text in one line */
static int host_json(lua_State *L)
{
  luaL_checkany(L, 1);
  lua_settop(L, 2);
  if (!lua_isnil(L, 2))
    luaL_checktype(L, 2, LUA_TTABLE);
  host_json_encode(L, 1, lua_isnil(L, 2) ? 0 : 2);
  return 1;
}

/* Lua: json_decode(text) -> value; nil and what is wrong with it. null becomes nil. */
static int host_json_decode_lua(lua_State *L)
{
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  return host_json_decode(L, text, len);
}

/* Lua: interrupted() -> the signal that asked the script to end, or nil */
static int host_interrupted(lua_State *L)
{
  if (rt_interrupted)
    lua_pushinteger(L, rt_interrupted);
  else
    lua_pushnil(L);
  return 1;
}

/* Lua: sandboxed() -> whether this is inside a sandbox that nslab made */
static int host_sandboxed(lua_State *L)
{
  lua_pushboolean(L, sandbox_inside());
  return 1;
}

int luaopen_nslab_host(lua_State *L)
{
  static const luaL_Reg functions[] = {
      {"labs", host_labs},
      {"lab", host_lab},
      {"isatty", host_isatty},
      {"columns", host_columns},
      {"utf8", host_utf8},
      {"time_ms", host_time_ms},
      {"json", host_json},
      {"json_decode", host_json_decode_lua},
      {"interrupted", host_interrupted},
      {"timer", host_timer},
      {"mailbox", host_mailbox},
      {"state", host_state},
      {"set_state", host_set_state},
      {"rehearsal", host_rehearsal},
      {"poll", host_poll},
      {"restart", host_restart},
      {"deadline", host_deadline},
      {"waited", host_waited},
      {"timed_out", host_timed_out_lua},
      {"restarted", host_restarted},
      {"sandboxed", host_sandboxed},
      {"repl", host_repl},
      {NULL, NULL},
  };
  luaL_newlibtable(L, functions);
  lua_pushvalue(L, lua_upvalueindex(1));
  luaL_setfuncs(L, functions, 1);
  luaL_setfuncs(L, host_running_functions, 0);
  luaL_setfuncs(L, host_journal_functions, 0);
  lua_pushliteral(L, NSLAB_VERSION);
  lua_setfield(L, -2, "version");
  return 1;
}
