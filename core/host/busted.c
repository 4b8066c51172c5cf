/* busted: `nslab --busted [--sandbox] ARGS` runs test specs inside this program, so that they see
 * the modules. busted itself is the system's; it is needed for the tests only. */
#include "host/host.h"
#include <lauxlib.h>
#include <string.h>

/* When a test failed, busted ends with os.exit(status, true). That would close the state under our
 * feet: an error with this value leads back here instead. */
static const char exit_key;
static int exit_status = HOST_OK;

static int busted_exit(lua_State *L)
{
  exit_status = lua_isboolean(L, 1) ? !lua_toboolean(L, 1) : (int)luaL_optinteger(L, 1, HOST_OK);
  lua_pushlightuserdata(L, (void *)(size_t)&exit_key);
  return lua_error(L);
}

static void replace_exit(lua_State *L)
{
  lua_getglobal(L, "os");
  lua_pushcfunction(L, busted_exit);
  lua_setfield(L, -2, "exit");
  lua_pop(L, 1);
}

int host_busted(lua_State *L, const struct host_call *call)
{
  /* The runner reads `arg`, and takes itself for a program when the chunk's name is "=...". */
  static const char chunk[] = "local exit = ...\n"
                              "local run = require 'busted.runner'\n"
                              "local ended, raised = pcall(run, { standalone = false })\n"
                              "if not ended and raised ~= exit then error(raised, 0) end\n";
  (void)call;
  replace_exit(L);
  if (luaL_loadbuffer(L, chunk, sizeof chunk - 1, "=busted") != LUA_OK)
    return HOST_FAILED;
  lua_pushlightuserdata(L, (void *)(size_t)&exit_key);
  return host_call_lua(L, 1, 0) == LUA_OK ? exit_status : HOST_FAILED;
}
