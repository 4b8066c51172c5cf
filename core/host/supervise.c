/* supervise: who looks after a lab on the machine itself (--host). The script runs in a child;
 * however it ends, by os.exit, by a second Ctrl-C, by SIGKILL, this process is there to take back
 * what it made. When this process is killed the script is too, and the next command does it. */
#include "host/host.h"
#include "sandbox/sandbox.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The script is through and stays (--keep). */
static void leave_terminal(void)
{
  prctl(PR_SET_PDEATHSIG, 0);
  sandbox_detach_self();
}

void host_supervise_detach(void)
{
  pid_t supervisor = getppid();
  kill(supervisor, SIGUSR1);
  sandbox_detach_behind(supervisor);
}

/* With the signals of `awaited` blocked. */
static int wait_for(pid_t pid, const sigset_t *awaited)
{
  int status;
  pid_t ended;
  while ((ended = waitpid(pid, &status, WNOHANG)) == 0)
    if (sigwaitinfo(awaited, NULL) == SIGUSR1)
      leave_terminal();
  if (ended < 0)
    return HOST_FAILED;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Mostly there is nothing left to do. */
static void clean_up(const struct host_call *call)
{
  lua_State *L = host_open(call);
  if (L == NULL)
    return;
  host_machine_recover(L);
  lua_close(L);
}

int host_supervise(struct host_call *call, int (*body)(void *call))
{
  sigset_t awaited, mask;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGCHLD);
  sigaddset(&awaited, SIGUSR1);
  signal(SIGCHLD, SIG_DFL);
  sigprocmask(SIG_BLOCK, &awaited, &mask);
  pid_t pid = sandbox_fork_behind();
  if (pid < 0) {
    fprintf(stderr, "nslab: %s\n", strerror(errno));
    return HOST_IMPOSSIBLE;
  }
  if (pid == 0) {
    sigprocmask(SIG_SETMASK, &mask, NULL);
    exit(body(call));
  }
  int status = wait_for(pid, &awaited);
  sigprocmask(SIG_SETMASK, &mask, NULL);
  sandbox_pass_signals(0);
  clean_up(call);
  return status;
}
