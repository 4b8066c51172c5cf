/* rehearse: a command that has one is played once beside itself, in a sandbox of its own and
 * without a terminal, while somebody sits at the first. What the rehearsal prints can be read there
 * as it comes. It is no child of the sandbox, so nobody in the lab sees it. */
#include "host/host.h"
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { NICER = 5 };

static _Noreturn void rehearse(const struct host_call *call, int out, pid_t parent,
                               int (*play)(struct host_call *))
{
  struct host_call own = *call;
  struct host_command command = *call->command;
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (null < 0 || getppid() != parent || dup2(null, STDIN_FILENO) < 0 ||
      dup2(out, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
    _exit(HOST_FAILED);
  setsid(); /* keys are not for it */
  if (nice(NICER) < 0)
    errno = 0; /* it is only politeness */
  command.module = command.rehearsal;
  command.restarts = false;
  own.command = &command;
  own.rehearsal = -1;
  _exit(play(&own));
}

int host_rehearse(const struct host_call *call, int (*play)(struct host_call *))
{
  int out = memfd_create("rehearsal", MFD_CLOEXEC);
  if (out < 0)
    return -1;
  pid_t parent = getpid(), pid = fork();
  if (pid == 0)
    rehearse(call, out, parent, play);
  if (pid > 0)
    return out;
  close(out);
  return -1;
}

/* Lua: rehearsal() -> what it has printed so far */
int host_rehearsal(lua_State *L)
{
  const struct host_call *call = lua_touserdata(L, lua_upvalueindex(1));
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  off_t at = 0;
  for (ssize_t n = call->rehearsal < 0 ? 0 : 1; n > 0; at += n) {
    n = pread(call->rehearsal, luaL_prepbuffer(&b), LUAL_BUFFERSIZE, at);
    luaL_addsize(&b, n > 0 ? (size_t)n : 0);
  }
  luaL_pushresult(&b);
  return 1;
}
