/* wait: waiting for several things at once, for the parts of the program that talk to a person
 * while something else goes on: host.poll. What is waited for belongs to the caller. */
#include "host/host.h"
#include "runtime/runtime.h"
#include "sandbox/sandbox.h"
#include <errno.h>
#include <lauxlib.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST = 64 }; /* descriptors of one call */

/* The kernel's own files (/proc/self/mountinfo) can always be read; that they changed is
 * POLLPRI. */
static short events_of(int fd)
{
  struct stat st;
  return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? POLLPRI : POLLIN;
}

/* Fills fds from the array at idx; returns how many. */
static unsigned read_fds(lua_State *L, int idx, struct pollfd *fds)
{
  size_t n = lua_istable(L, idx) ? lua_rawlen(L, idx) : 0;
  luaL_argcheck(L, n < MOST, idx, "too many descriptors");
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, idx, (lua_Integer)i + 1);
    int fd = (int)luaL_checkinteger(L, -1);
    fds[i] = (struct pollfd){.fd = fd, .events = events_of(fd)};
    lua_pop(L, 1);
  }
  return (unsigned)n;
}

/* Lua: poll({ fd, ... }, timeout_ms, [pid]) -> a descriptor that is readable, "ended" when the
 * child process of that number has, "signal" when the script is to end, nil after timeout_ms (-1:
 * never). */
int host_poll(lua_State *L)
{
  struct pollfd fds[MOST + 1];
  unsigned n = read_fds(L, 1, fds);
  int timeout_ms = (int)luaL_optinteger(L, 2, -1);
  int pid = (int)luaL_optinteger(L, 3, 0), child = -1;
  if (pid > 0) {
    child = (int)syscall(SYS_pidfd_open, pid, 0);
    if (child < 0) {
      lua_pushliteral(L, "ended");
      return 1;
    }
    fds[n] = (struct pollfd){.fd = child, .events = POLLIN};
  }
  int r = sandbox_poll(fds, n + (child >= 0), timeout_ms, &rt_interrupted);
  if (child >= 0)
    close(child);
  if (r < 0 && r != -EINTR)
    return luaL_error(L, "poll: %s", strerror(-r));
  if (r == 0)
    return 0;
  if (r < 0 || (child >= 0 && fds[n].revents))
    lua_pushstring(L, r < 0 ? "signal" : "ended");
  else
    for (unsigned i = 0; i < n; i++)
      if (fds[i].revents) {
        lua_pushinteger(L, fds[i].fd);
        break;
      }
  return 1;
}
