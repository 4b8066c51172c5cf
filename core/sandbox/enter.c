/* enter: a program in a lab that runs, started from outside, and the end of a lab. The process that
 * enters is a fork: nobody gets out of a namespace again. It stays between the caller and the
 * program because only a child is in the lab's PID namespace. */
#include "sandbox/parts.h"
#include "sandbox/running.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int pidfd_open(pid_t pid)
{
  return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* A descriptor of the lab's process that is that process for sure: the number may have become
 * another's until it was opened, but not after that. */
static int open_process(const struct running_lab *lab, pid_t pid)
{
  struct running_lab now = {0};
  int fd = pidfd_open(pid);
  if (fd < 0)
    return -errno;
  if (running_find(lab->name, &now) == 0 && now.init == lab->init && now.runner == lab->runner)
    return fd;
  close(fd);
  return -ESRCH;
}

/* ---- inside ---------------------------------------------------------------------------------- */

static bool same_user_namespace(pid_t pid)
{
  char path[48];
  struct stat own, theirs;
  snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
  return stat("/proc/self/ns/user", &own) == 0 && stat(path, &theirs) == 0 &&
         own.st_ino == theirs.st_ino && own.st_dev == theirs.st_dev;
}

/* One call for all of them: the user namespace comes first, and gives the rights for the others. */
static int join(const struct running_lab *lab, int init, struct sandbox_start_error *e)
{
  int flags = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC;
  char cwd[PATH_MAX];
  bool kept = getcwd(cwd, sizeof cwd) != NULL;
  if (!same_user_namespace(lab->init))
    flags |= CLONE_NEWUSER;
  if (setns(init, flags) < 0)
    return sandbox_fail(e, "enter the lab");
  /* The machine's root is nobody in a user's lab, but may become root of it. */
  if ((flags & CLONE_NEWUSER) && geteuid() != 0 &&
      (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0))
    return sandbox_fail(e, "become root of the lab");
  if (!kept || chdir(cwd) < 0)
    return chdir("/") < 0 ? sandbox_fail(e, "change to the directory") : 0;
  return 0;
}

static int open_netns(const char *name, struct sandbox_start_error *e)
{
  char path[PATH_MAX];
  snprintf(path, sizeof path, "/run/netns/%s", name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  return fd < 0 ? sandbox_fail(e, "open the namespace") : fd;
}

static int start(const struct running_lab *lab, const struct running_command *c, int init,
                 struct sandbox_child *ret, struct sandbox_start_error *e)
{
  struct sandbox_command s = {.argv = c->argv,
                              .netns_name = c->netns,
                              .netns = -1,
                              .in = -1,
                              .out = -1,
                              .err = -1,
                              .terminal = c->shell};
  int r = init < 0 ? 0 : join(lab, init, e);
  if (r == 0 && c->netns)
    r = s.netns = open_netns(c->netns, e);
  if (r < 0)
    return r;
  sandbox_environment();
  for (const char *const *at = c->env; at && *at; at++)
    putenv((char *)(uintptr_t)*at);
  r = sandbox_child_start(&s, ret, e);
  if (s.netns >= 0)
    close(s.netns);
  return r;
}

/* A program may have taken the terminal for a group of its own and left it so. */
static void take_terminal_back(void)
{
  sigset_t ttou, old;
  int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (tty < 0)
    return;
  sigemptyset(&ttou);
  sigaddset(&ttou, SIGTTOU);
  sigprocmask(SIG_BLOCK, &ttou, &old);
  if (tcgetpgrp(tty) != getpgrp())
    tcsetpgrp(tty, getpgrp());
  sigprocmask(SIG_SETMASK, &old, NULL);
  close(tty);
}

static bool in_front(void)
{
  int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  bool ret = tty >= 0 && tcgetpgrp(tty) == getpgrp();
  if (tty >= 0)
    close(tty);
  return ret;
}

static int exit_status(int status)
{
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The process in between. What failed travels through `report`, which nothing else holds. */
static _Noreturn void between(const struct running_lab *lab, const struct running_command *c,
                              int init, int report)
{
  struct sandbox_start_error e = {0};
  struct sandbox_child child;
  bool front = in_front();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (start(lab, c, init, &child, &e) < 0) {
    ssize_t n = write(report, &e, sizeof e);
    _exit(n == (ssize_t)sizeof e ? 127 : 126);
  }
  sandbox_pass_signals(child.pid);
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* other credentials have cleared it */
  close(report);
  while (sandbox_child_wait(&child, -1, NULL) < 0)
    continue;
  if (front)
    take_terminal_back();
  _exit(exit_status(child.status));
}

/* ---- outside --------------------------------------------------------------------------------- */

static bool ended(int pidfd, int timeout_ms)
{
  struct pollfd p = {.fd = pidfd, .events = POLLIN};
  return pidfd >= 0 && sandbox_poll(&p, 1, timeout_ms, NULL) == 1;
}

enum { DYING_MS = 200 };

static int wait_for(pid_t pid, int init, int report, struct sandbox_start_error *e, bool *ret_gone)
{
  int status;
  ssize_t n;
  do
    n = read(report, e, sizeof *e);
  while (n < 0 && errno == EINTR);
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR)
      return -errno;
  if (n == (ssize_t)sizeof *e)
    return -e->err;
  *ret_gone = exit_status(status) == 128 + SIGKILL && ended(init, DYING_MS);
  return exit_status(status);
}

int running_enter(const struct running_lab *lab, const struct running_command *c,
                  struct sandbox_start_error *ret_error, bool *ret_gone)
{
  int report[2], init = -1;
  *ret_gone = false;
  if (!lab->host && (init = open_process(lab, lab->init)) < 0) {
    errno = -init;
    return sandbox_fail(ret_error, "enter the lab");
  }
  int r = pipe2(report, O_CLOEXEC) < 0 ? sandbox_fail(ret_error, "make a pipe") : 0;
  if (r == 0) {
    fflush(NULL);
    sandbox_pass_signals(0);
    pid_t pid = fork();
    if (pid == 0)
      between(lab, c, init, report[1]);
    close(report[1]);
    if (pid > 0)
      sandbox_pass_signals(pid);
    r = pid < 0 ? sandbox_fail(ret_error, "start a process")
                : wait_for(pid, init, report[0], ret_error, ret_gone);
    close(report[0]);
  }
  if (init >= 0)
    close(init);
  return r;
}

/* ---- the end --------------------------------------------------------------------------------- */

static int send_signal(int pidfd, int sig)
{
  return syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0) < 0 ? -errno : 0;
}

enum { GONE_MS = 10000 };

int running_stop(const struct running_lab *lab, int grace_ms)
{
  int runner = open_process(lab, lab->runner), killed = 0;
  if (runner < 0)
    return runner;
  int init = lab->init ? pidfd_open(lab->init) : -1;
  int r = send_signal(runner, SIGTERM);
  send_signal(runner, SIGCONT); /* a stopped one would not notice */
  if (r == 0 && !ended(runner, grace_ms)) {
    killed = 1;
    r = send_signal(runner, SIGKILL);
  }
  if (r == -ESRCH)
    r = 0;
  if (r == 0 && (!ended(runner, GONE_MS) || (init >= 0 && !ended(init, GONE_MS))))
    r = -ETIME;
  close(runner);
  if (init >= 0)
    close(init);
  return r < 0 ? r : killed;
}
