/* child: a program that was started, until it ends or is made to. */
#include "sandbox/parts.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

long sandbox_now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The signals are blocked while `interrupted` is looked at, and open only inside ppoll. */
static int poll_once(struct pollfd *fds, unsigned n, long left, const volatile int *interrupted)
{
  struct timespec t = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000L};
  sigset_t all, old;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &old);
  int r = -EINTR;
  if (interrupted == NULL || *interrupted == 0) {
    r = ppoll(fds, n, left < 0 ? NULL : &t, &old);
    r = r < 0 ? -errno : r;
  }
  sigprocmask(SIG_SETMASK, &old, NULL);
  return r;
}

int sandbox_poll(struct pollfd *fds, unsigned n, int timeout_ms, const volatile int *interrupted)
{
  long deadline = sandbox_now_ms() + timeout_ms, left = timeout_ms;
  for (;;) {
    int r = poll_once(fds, n, left, interrupted);
    if (r != -EINTR || (interrupted && *interrupted))
      return r;
    if (timeout_ms >= 0 && (left = deadline - sandbox_now_ms()) < 0)
      left = 0;
  }
}

int sandbox_child_start(const struct sandbox_command *c, struct sandbox_child *ret,
                        struct sandbox_start_error *ret_error)
{
  *ret = SANDBOX_NO_CHILD;
  int r = sandbox_spawn(c, &ret->pid, ret_error);
  if (r < 0) {
    *ret = SANDBOX_NO_CHILD;
    return r;
  }
  ret->group = c->session || c->terminal;
  ret->reaped = c->terminal;
  ret->pid1 = c->pid;
  ret->pidfd = (int)syscall(SYS_pidfd_open, ret->pid, 0);
  if (ret->pidfd >= 0)
    return 0;
  r = sandbox_fail(ret_error, "watch the program");
  sandbox_child_close(ret, 0);
  return r;
}

/* To our own group; where that has no number, the runner's. */
static void give_terminal_back(void)
{
  sigset_t ttou, old;
  int tty = getpgrp() > 0 ? open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY) : -1;
  if (tty < 0) {
    sandbox_terminal_back();
    return;
  }
  sigemptyset(&ttou);
  sigaddset(&ttou, SIGTTOU); /* we are in the background */
  sigprocmask(SIG_BLOCK, &ttou, &old);
  tcsetpgrp(tty, getpgrp());
  sigprocmask(SIG_SETMASK, &old, NULL);
  close(tty);
}

/* Notes how it ended, if it did. A shell that had the terminal is reaped at once: the terminal only
 * comes back when its group is gone, zombies included. */
static bool look(struct sandbox_child *c)
{
  siginfo_t si = {0};
  if (c->ended || c->pid == 0)
    return true;
  if (waitid(P_PID, (id_t)c->pid, &si, WEXITED | WNOHANG | (c->reaped ? 0 : WNOWAIT)) < 0)
    return false;
  if (si.si_pid == 0)
    return false;
  c->status =
      si.si_code == CLD_EXITED ? W_EXITCODE(si.si_status, 0) : W_EXITCODE(0, si.si_status & 0x7f);
  c->ended = true;
  if (c->reaped)
    give_terminal_back();
  return true;
}

int sandbox_child_wait(struct sandbox_child *c, int timeout_ms, const volatile int *interrupted)
{
  struct pollfd p = {.fd = c->pidfd, .events = POLLIN};
  if (look(c))
    return 1;
  int r = sandbox_poll(&p, 1, timeout_ms, interrupted);
  if (r < 0)
    return r;
  return look(c);
}

static int send_signal(const struct sandbox_child *c, int sig)
{
  if (c->pid == 0 || (c->ended && c->reaped))
    return -ESRCH;
  return kill(c->group ? -c->pid : c->pid, sig) < 0 ? -errno : 0;
}

int sandbox_child_kill(const struct sandbox_child *c, int sig)
{
  return c->ended ? -ESRCH : send_signal(c, sig);
}

/* PID 1 of a namespace does not get a signal that it does not catch: no use to wait for SIGTERM. */
static bool deaf(const struct sandbox_child *c)
{
  char path[48], line[128];
  unsigned long long caught = 0;
  snprintf(path, sizeof path, "/proc/%d/status", c->pid);
  FILE *f = c->pid1 ? fopen(path, "re") : NULL;
  if (f == NULL)
    return false;
  while (fgets(line, sizeof line, f))
    if (strncmp(line, "SigCgt:", 7) == 0)
      caught = strtoull(line + 7, NULL, 16);
  fclose(f);
  return (caught & 1ull << (SIGTERM - 1)) == 0;
}

static void stop(struct sandbox_child *c, int grace_ms)
{
  if (!look(c) && grace_ms > 0 && !deaf(c)) {
    send_signal(c, SIGTERM);
    send_signal(c, SIGCONT); /* a stopped program would not notice */
    sandbox_child_wait(c, grace_ms, NULL);
  }
  send_signal(c, SIGKILL); /* also the group that an ended program left behind */
}

void sandbox_child_close(struct sandbox_child *c, int grace_ms)
{
  if (c->pid == 0)
    return;
  stop(c, grace_ms);
  if (!c->ended || !c->reaped) {
    int status;
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
      continue;
    if (!c->ended)
      c->status = status;
    c->ended = true;
  }
  if (c->pidfd >= 0)
    close(c->pidfd);
  c->pidfd = -1;
  c->pid = 0;
}
