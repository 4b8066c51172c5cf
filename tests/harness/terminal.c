/* terminal: a program on a pseudo-terminal, for specs that type keys and read the screen. */
#include "native.h"
#include <errno.h>
#include <lauxlib.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLASS "harness.terminal"

struct terminal {
  int fd;    /* of the master; -1 when closed */
  pid_t pid; /* 0 when it has been waited for */
  int status;
};

static struct terminal *check(lua_State *L)
{
  return luaL_checkudata(L, 1, CLASS);
}

/* The words of the table at idx, ended by NULL. They live as long as the table. */
static char **words_of(lua_State *L, int idx)
{
  size_t n = lua_rawlen(L, idx);
  char **words = lua_newuserdatauv(L, (n + 1) * sizeof *words, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, idx, (lua_Integer)i + 1);
    words[i] = (char *)(size_t)luaL_checkstring(L, -1);
    lua_pop(L, 1);
  }
  words[n] = NULL;
  return words;
}

/* Lua: terminal({ program, words... }, columns) -> terminal of that width and 24 lines */
int harness_terminal(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)luaL_optinteger(L, 2, 80)};
  char **words = words_of(L, 1);
  struct terminal *t = lua_newuserdatauv(L, sizeof *t, 0);
  *t = (struct terminal){.fd = -1};
  luaL_setmetatable(L, CLASS);
  t->pid = forkpty(&t->fd, NULL, NULL, &size);
  if (t->pid == 0) {
    execvp(words[0], words);
    _exit(127);
  }
  if (t->pid < 0) {
    t->pid = 0;
    return luaL_error(L, "forkpty: %s", strerror(errno));
  }
  return 1;
}

/* Lua: t:read(timeout_ms) -> what came; "" when nothing did; nil when the program is gone */
static int terminal_read(lua_State *L)
{
  struct terminal *t = check(L);
  struct pollfd p = {.fd = t->fd, .events = POLLIN};
  char bytes[4096];
  int ready;
  while ((ready = poll(&p, 1, (int)luaL_checkinteger(L, 2))) < 0 && errno == EINTR)
    ;
  ssize_t n = ready > 0 ? read(t->fd, bytes, sizeof bytes) : 0;
  if (ready > 0 && n <= 0)
    return 0;
  lua_pushlstring(L, bytes, (size_t)n);
  return 1;
}

/* Lua: t:write(keys) */
static int terminal_write(lua_State *L)
{
  struct terminal *t = check(L);
  size_t len;
  const char *bytes = luaL_checklstring(L, 2, &len);
  if (write(t->fd, bytes, len) != (ssize_t)len)
    return luaL_error(L, "write: %s", strerror(errno));
  return 0;
}

/* Lua: t:resize(columns) */
static int terminal_resize(lua_State *L)
{
  struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)luaL_checkinteger(L, 2)};
  if (ioctl(check(L)->fd, TIOCSWINSZ, &size) < 0)
    return luaL_error(L, "TIOCSWINSZ: %s", strerror(errno));
  return 0;
}

static void hang_up(struct terminal *t)
{
  if (t->fd >= 0)
    close(t->fd);
  t->fd = -1;
}

static void reap(struct terminal *t)
{
  while (t->pid > 0 && waitpid(t->pid, &t->status, 0) < 0 && errno == EINTR)
    ;
  t->pid = 0;
}

/* Lua: t:kill(signal), of the program alone */
static int terminal_kill(lua_State *L)
{
  struct terminal *t = check(L);
  if (t->pid > 0)
    kill(t->pid, (int)luaL_checkinteger(L, 2));
  return 0;
}

/* Lua: t:hang_up(): the terminal is closed, as when its window is. */
static int terminal_hang_up(lua_State *L)
{
  hang_up(check(L));
  return 0;
}

/* Lua: t:wait() -> exit status, 128 and the signal's number */
static int terminal_wait(lua_State *L)
{
  struct terminal *t = check(L);
  reap(t);
  lua_pushinteger(L, WIFSIGNALED(t->status) ? 128 + WTERMSIG(t->status) : WEXITSTATUS(t->status));
  return 1;
}

static int terminal_close(lua_State *L)
{
  struct terminal *t = check(L);
  if (t->pid > 0)
    kill(t->pid, SIGKILL);
  hang_up(t);
  reap(t);
  return 0;
}

void harness_open_terminal(lua_State *L)
{
  static const luaL_Reg methods[] = {
      {"read", terminal_read},         {"write", terminal_write}, {"resize", terminal_resize},
      {"hang_up", terminal_hang_up},   {"wait", terminal_wait},   {"kill", terminal_kill},
      {"__close", terminal_close},     {"__gc", terminal_close},  {NULL, NULL}};
  luaL_newmetatable(L, CLASS);
  luaL_setfuncs(L, methods, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
