/* restart: a fresh sandbox within the same command. Body says so in memory that it shares with the
 * runner, and ends; with it the kernel removes all that is in its sandbox. The runner, which holds
 * the terminal and standard input, makes the next one and runs the same command in it, which
 * finds the text that was left for it. */
#include "host/host.h"
#include "runtime/runtime.h"
#include "sandbox/sandbox.h"
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST = 64 * 1024 };

static struct request {
  bool wanted; /* by the body that has just ended */
  bool left;   /* there is a text, from the body before this one */
  size_t len;
  char text[MOST];
} * request; /* NULL: this command has no sandbox to make anew */

void host_restart_open(void)
{
  void *p = mmap(NULL, sizeof *request, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  request = p == MAP_FAILED ? NULL : p;
}

bool host_restart_wanted(void)
{
  bool wanted = request && request->wanted;
  if (wanted)
    request->wanted = false;
  return wanted;
}

/* Lua: restart(text): ends everything in this sandbox and starts the command anew in a fresh one,
 * where restarted() is the text. Does not return. */
int host_restart(lua_State *L)
{
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  if (request == NULL || !sandbox_inside())
    return luaL_error(L, "there is no sandbox here that could be made anew");
  luaL_argcheck(L, len <= MOST, 1, "the text is too long");
  if (rt_interrupted)
    return luaL_error(L, "interrupted");
  memcpy(request->text, text, len);
  request->len = len;
  request->left = request->wanted = true;
  fflush(NULL);
  _exit(HOST_OK);
}

/* Lua: restarted() -> the text that restart was given, nil in the first sandbox of the command */
int host_restarted(lua_State *L)
{
  if (request == NULL || !request->left)
    return 0;
  lua_pushlstring(L, request->text, request->len);
  return 1;
}
