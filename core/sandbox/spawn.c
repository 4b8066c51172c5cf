/* spawn: starts a program in a namespace of the lab. What fails between fork and exec travels back
 * through a pipe that exec closes, with the step that failed. */
#include "sandbox/parts.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- in the child ---------------------------------------------------------------------------- */

/* The program starts with every signal at its default, except those that we were started to ignore
 * ourselves (nohup). SIGPIPE is no such: runtimes like ours ignore it by their own choice. */
static void reset_signals(void)
{
  struct sigaction old, plain = {.sa_handler = SIG_DFL};
  sigset_t none;
  for (int sig = 1; sig < NSIG; sig++)
    if (sigaction(sig, NULL, &old) == 0 && (old.sa_handler != SIG_IGN || sig == SIGPIPE) &&
        old.sa_handler != SIG_DFL)
      sigaction(sig, &plain, NULL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A shell in front of the user: its own group, and the terminal is that group's. SIGTTOU is blocked
 * here still, else we would stop. */
static void take_terminal(void)
{
  int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  setpgid(0, 0);
  if (tty < 0)
    return;
  tcsetpgrp(tty, getpid());
  close(tty);
}

/* /sys shows the network namespace that it was mounted in, which is that of PID 1. */
static bool sys_is_foreign(const struct sandbox_command *c)
{
  struct stat here, home;
  if (stat("/proc/thread-self/ns/net", &here) < 0 || stat("/proc/1/ns/net", &home) < 0)
    return c->netns >= 0;
  return here.st_ino != home.st_ino || here.st_dev != home.st_dev;
}

static int place(const struct sandbox_command *c, struct sandbox_start_error *e)
{
  if (c->netns >= 0 && setns(c->netns, CLONE_NEWNET) < 0)
    return sandbox_fail(e, "enter the namespace");
  int r = sandbox_command_mounts(c, sys_is_foreign(c), e);
  if (r == 0 && c->cwd && chdir(c->cwd) < 0)
    r = sandbox_fail(e, "change to the directory");
  return r;
}

/* Moves the descriptor out of the way of 0, 1 and 2. */
static int above_standard(int fd)
{
  return fd < 0 || fd > 2 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static int set_descriptors(const struct sandbox_command *c, struct sandbox_start_error *e)
{
  int from[3] = {above_standard(c->in), above_standard(c->out), above_standard(c->err)};
  const int asked[3] = {c->in, c->out, c->err};
  for (int fd = 0; fd < 3; fd++)
    if (asked[fd] >= 0 && (from[fd] < 0 || dup2(from[fd], fd) < 0))
      return sandbox_fail(e, "set the descriptors");
  /* Ours are closed by exec anyway; this is for those of libraries. A kernel before 5.11 does not
   * know the flag. */
  syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
  return 0;
}

/* execvp says EACCES for a program that is nowhere, when some directory of PATH is closed to us. */
static bool nowhere(const char *name)
{
  const char *at = getenv("PATH");
  char path[PATH_MAX];
  if (strchr(name, '/') || at == NULL)
    return false;
  for (size_t n; *at; at += n + (at[n] == ':')) {
    n = strcspn(at, ":");
    snprintf(path, sizeof path, "%.*s/%s", (int)n, at, name);
    if (access(path, F_OK) == 0)
      return false;
  }
  return true;
}

static int start(const struct sandbox_command *c, struct sandbox_start_error *e)
{
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (c->env)
    environ = (char **)(uintptr_t)c->env;
  reset_signals();
  execvp(c->argv[0], (char *const *)(uintptr_t)c->argv);
  if (errno == EACCES && nowhere(c->argv[0]))
    errno = ENOENT;
  return sandbox_fail(e, "start the program");
}

static _Noreturn void child(const struct sandbox_command *c, int report)
{
  struct sandbox_start_error e = {0};
  report = above_standard(report);
  if (c->session)
    setsid();
  else if (c->terminal)
    take_terminal();
  int r = place(c, &e);
  if (r == 0)
    r = set_descriptors(c, &e);
  if (r == 0)
    start(c, &e);
  ssize_t sent = write(report, &e, sizeof e);
  _exit(sent == (ssize_t)sizeof e ? 127 : 126);
}

/* ---- in the parent --------------------------------------------------------------------------- */

/* fork(), into a new PID and mount namespace if asked: unshare() instead of clone() would change
 * where all later children of the caller go. */
static pid_t fork_for(const struct sandbox_command *c)
{
  if (!c->pid)
    return fork();
  unsigned long flags = SIGCHLD | CLONE_NEWPID | CLONE_NEWNS;
#if defined(__s390__) || defined(__CRIS__)
  return (pid_t)syscall(SYS_clone, 0, flags, NULL, NULL, 0);
#else
  return (pid_t)syscall(SYS_clone, flags, 0, NULL, NULL, 0);
#endif
}

/* 0 when exec closed the pipe. A child that was killed in between has exec'd nothing, but its
 * parent learns that when it waits. */
static int read_report(int fd, struct sandbox_start_error *e)
{
  ssize_t n;
  do
    n = read(fd, e, sizeof *e);
  while (n < 0 && errno == EINTR);
  return n == (ssize_t)sizeof *e ? -e->err : 0;
}

int sandbox_spawn(const struct sandbox_command *c, pid_t *ret_pid,
                  struct sandbox_start_error *ret_error)
{
  int report[2];
  sigset_t all, old;
  if (pipe2(report, O_CLOEXEC) < 0)
    return sandbox_fail(ret_error, "make a pipe");
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &old); /* a handler of ours must not swallow the child's signal */
  pid_t pid = fork_for(c);
  if (pid == 0)
    child(c, report[1]);
  int r = pid < 0 ? sandbox_fail(ret_error, "start a process") : 0;
  sigprocmask(SIG_SETMASK, &old, NULL);
  close(report[1]);
  if (r == 0) {
    r = read_report(report[0], ret_error);
    if (r < 0)
      waitpid(pid, NULL, 0);
    *ret_pid = pid;
  }
  close(report[0]);
  return r;
}
