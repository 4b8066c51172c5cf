/* native: what kernel specs need and the product must not have: a test in namespaces of its own. The
 * test runs in a forked child, so whatever it does, crash included, happens to nobody else. */
#include "native.h"
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((visibility("default"))) int luaopen_native(lua_State *L);

/* A network with nothing but `lo`, an empty /run/netns, and a /sys that shows that network. */
static const char *enter(void)
{
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0)
    return "unshare";
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
    return "make / private";
  if (mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0)
    return "mount on /run";
  if (mkdir("/run/netns", 0755) < 0)
    return "mkdir /run/netns";
  if (mount("sysfs", "/sys", "sysfs", 0, NULL) < 0)
    return "mount on /sys";
  return NULL;
}

/* Writes one letter for the kind of outcome and the text at the top of the stack. */
static void tell(lua_State *L, int fd, char kind)
{
  size_t len;
  const char *text = luaL_tolstring(L, -1, &len);
  if (write(fd, &kind, 1) != 1 || write(fd, text, len) != (ssize_t)len)
    abort();
}

/* busted marks what `pending` raises by the metatable's __type. */
static bool is_pending(lua_State *L)
{
  int type = luaL_getmetafield(L, -1, "__type");
  bool yes = type == LUA_TSTRING && strcmp(lua_tostring(L, -1), "pending") == 0;
  lua_pop(L, type == LUA_TNIL ? 0 : 1);
  return yes;
}

static int to_message(lua_State *L)
{
  if (lua_type(L, 1) == LUA_TSTRING)
    luaL_traceback(L, L, lua_tostring(L, 1), 1);
  return 1;
}

static _Noreturn void child(lua_State *L, int fd)
{
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const char *step = enter();
  if (step) {
    lua_pushfstring(L, "%s: %s", step, strerror(errno));
    tell(L, fd, 'x');
    exit(1);
  }
  lua_pushcfunction(L, to_message);
  lua_pushvalue(L, 1);
  if (lua_pcall(L, 0, 0, -2) == LUA_OK) {
    lua_pushliteral(L, "");
    tell(L, fd, 'k');
  } else {
    lua_settop(L, 3);
    tell(L, fd, is_pending(L) ? 'p' : 'x');
  }
  exit(0); /* with the leak sanitizer's check */
}

/* Everything the child writes; the first letter is the outcome. "" when it wrote nothing. */
static void push_all(lua_State *L, int fd)
{
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (;;) {
    char *into = luaL_prepbuffer(&b);
    ssize_t n = read(fd, into, LUAL_BUFFERSIZE);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      break;
    luaL_addsize(&b, (size_t)n);
  }
  luaL_pushresult(&b);
}

/* Lua: isolated(fn) -> "k" | "p" | "x", text: it went well, is pending, or failed. */
static int isolated(lua_State *L)
{
  int fds[2], status;
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  if (pipe2(fds, O_CLOEXEC) < 0)
    return luaL_error(L, "pipe: %s", strerror(errno));
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0)
    child(L, fds[1]);
  close(fds[1]);
  push_all(L, fds[0]);
  close(fds[0]);
  if (pid < 0)
    return luaL_error(L, "fork failed");
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    ;
  const char *told = lua_tostring(L, -1);
  if (WIFSIGNALED(status))
    lua_pushfstring(L, "xthe test was ended by signal %d", WTERMSIG(status));
  else if (told[0] == '\0' || (WEXITSTATUS(status) != 0 && told[0] != 'x'))
    lua_pushfstring(L, "xthe test ended with exit status %d", WEXITSTATUS(status));
  told = lua_tostring(L, -1);
  lua_pushlstring(L, told, 1);
  lua_pushstring(L, told + 1);
  return 2;
}

/* Lua: powerless(): this process, and what it starts, can look at the network and change nothing. */
static int powerless(lua_State *L)
{
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];
  memset(none, 0, sizeof none);
  for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
    if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
      return luaL_error(L, "drop capability %d: %s", (int)cap, strerror(errno));
  if (syscall(SYS_capset, &header, none) < 0)
    return luaL_error(L, "capset: %s", strerror(errno));
  return 0;
}

int luaopen_native(lua_State *L)
{
  static const luaL_Reg functions[] = {{"isolated", isolated},
                                       {"powerless", powerless},
                                       {"terminal", harness_terminal},
                                       {NULL, NULL}};
  harness_open_terminal(L);
  luaL_newlib(L, functions);
  return 1;
}
