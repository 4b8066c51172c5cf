/* keep: `run --keep`. The command forks: the child runs the lab, with the same terminal; when the
 * lab is through, what holds it leaves the terminal and tells the command how it ended, which
 * passes that on and is done. What holds the lab waits to be stopped. */
#include "host/host.h"
#include "runtime/runtime.h"
#include "sandbox/running.h"
#include "sandbox/sandbox.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the holder tells the command. */
struct report {
  int status;
  char name[RUNNING_NAME];
};

static int report_to = -1; /* the command, while it waits for us */
static bool worth_keeping; /* the lab is up: it was not only misspelt */

/* What we inherited and have no use for must not stay open for as long as the lab is up: the lock
 * of a script that called us, say. Our own descriptors close on exec. */
static void close_inherited(void)
{
  DIR *d = opendir("/proc/self/fd");
  for (const struct dirent *e; d && (e = readdir(d)) != NULL;) {
    int fd = atoi(e->d_name), flags = fd > 2 ? fcntl(fd, F_GETFD) : -1;
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0)
      close(fd);
  }
  if (d)
    closedir(d);
}

static int wait_for(pid_t pid, int from, const struct host_call *call)
{
  struct report r;
  int status;
  ssize_t n;
  do
    n = read(from, &r, sizeof r);
  while (n < 0 && errno == EINTR);
  /* What is to end the lab may have come when it had just been through. */
  if (sandbox_pass_signals(0) == 0 && n == (ssize_t)sizeof r) {
    FILE *f = call->options.json ? stderr : stdout;
    fprintf(f, "\n%s stays up. nslab enter %s goes into it, nslab stop %s ends it.\n", r.name,
            r.name, r.name);
    return r.status;
  }
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR)
      return HOST_FAILED;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int host_keep(struct host_call *call, int (*run)(struct host_call *call))
{
  int report[2];
  if (pipe2(report, O_CLOEXEC) < 0)
    return HOST_FAILED;
  pid_t pid = sandbox_fork_behind();
  if (pid < 0) {
    fprintf(stderr, "nslab: %s\n", strerror(errno));
    return HOST_IMPOSSIBLE;
  }
  if (pid == 0) {
    close(report[0]);
    report_to = report[1];
    close_inherited();
    exit(run(call));
  }
  close(report[1]);
  return wait_for(pid, report[0], call);
}

void host_worth_keeping(void)
{
  worth_keeping = true;
}

void host_hold(const struct host_call *call, int status)
{
  struct report r = {.status = status};
  if (report_to < 0 || !worth_keeping || status == HOST_IMPOSSIBLE) /* nothing of it is up */
    return;
  fflush(NULL);
  if (call->options.no_sandbox) {
    host_supervise_detach();
  } else {
    sandbox_detach();
  }
  if (rt_interrupted) /* the terminal can no more, the command has not been told yet */
    return;
  snprintf(r.name, sizeof r.name, "%s", running_name());
  ssize_t n = write(report_to, &r, sizeof r);
  close(report_to);
  report_to = -1;
  while (n == (ssize_t)sizeof r && rt_interrupted == 0)
    sandbox_poll(NULL, 0, -1, &rt_interrupted);
}
