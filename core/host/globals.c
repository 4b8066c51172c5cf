/* globals: what a script finds without `require`. Nothing written in Lua is loaded before it is
 * used: _G has an __index that knows where the rest is, and a searcher finds nslab's own modules
 * among the embedded files. */
#include "host/host.h"
#include "modules/modules.h"
#include <errno.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

/* ---- require -------------------------------------------------------------------------------- */

/* "nslab.lab" -> "lua/nslab/lab.lua"; false for what is not ours. */
static bool module_path(const char *name, char *ret_path, size_t size)
{
  if (strncmp(name, "nslab.", 6) != 0)
    return false;
  int n = snprintf(ret_path, size, "lua/%s.lua", name);
  if (n < 0 || (size_t)n >= size)
    return false;
  for (char *at = ret_path; at < ret_path + n - 4; at++)
    if (*at == '.')
      *at = '/';
  return true;
}

static int search(lua_State *L)
{
  char path[200];
  const char *name = luaL_checkstring(L, 1);
  struct host_text text;
  if (!module_path(name, path, sizeof path))
    return 0;
  int err = host_files_find(path, &text);
  if (err) {
    lua_pushfstring(L, "no file '%s' in nslab or NSLAB_PATH (%s)", path, strerror(-err));
    return 1;
  }
  int status = host_load(L, &text);
  host_text_free(&text);
  if (status != LUA_OK)
    return lua_error(L);
  lua_pushfstring(L, ":nslab:%s", path);
  return 2;
}

/* Second place: package.preload stays first. */
static void add_searcher(lua_State *L)
{
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "searchers");
  for (lua_Integer i = (lua_Integer)lua_rawlen(L, -1); i >= 2; i--) {
    lua_rawgeti(L, -1, i);
    lua_rawseti(L, -2, i + 1);
  }
  lua_pushcfunction(L, search);
  lua_rawseti(L, -2, 2);
  lua_pop(L, 2);
}

/* ---- globals -------------------------------------------------------------------------------- */

static const struct {
  const char *name, *module, *field; /* field NULL: the module itself */
} rows[] = {
    {"lab", "nslab.lab", "lab"}, {"step", "nslab.lab", "step"},       {"help", "nslab.help", NULL},
    {"sh", "nslab.words", "sh"}, {"scratch", "nslab.lab", "scratch"},
};
enum { ROWS = sizeof rows / sizeof *rows };

/* __index of _G (1: table, 2: key): loads, stores, returns. */
static int load_global(lua_State *L)
{
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  for (int i = 0; i < ROWS; i++) {
    if (strcmp(rows[i].name, name) != 0)
      continue;
    lua_getglobal(L, "require");
    lua_pushstring(L, rows[i].module);
    lua_call(L, 1, 1);
    if (rows[i].field)
      lua_getfield(L, -1, rows[i].field);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    return 1;
  }
  return 0;
}

/* __index of the module "nslab" (1: table, 2: key): the globals of this file under its roof. */
static int nslab_index(lua_State *L)
{
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  bool known = false;
  for (int i = 0; i < ROWS; i++)
    known = known || strcmp(rows[i].name, name) == 0;
  for (const struct rt_module *const *m = modules_all; *m; m++)
    known = known || strcmp((*m)->name, name) == 0;
  if (!known)
    return 0;
  lua_getglobal(L, name);
  return 1;
}

static int open_nslab(lua_State *L)
{
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, nslab_index);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  return 1;
}

void host_open_globals(lua_State *L)
{
  add_searcher(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, open_nslab);
  lua_setfield(L, -2, "nslab");
  lua_pop(L, 1);
  lua_pushglobaltable(L);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, load_global);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_pop(L, 1);
}
