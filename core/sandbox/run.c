/* run: the runner. It makes the sandbox's init in one clone() with all flags (a process that called
 * unshare(CLONE_NEWPID) instead breaks leak sanitizers), passes signals on and returns body's exit
 * status. It keeps nothing of the sandbox but one end of a socket pair: when the runner dies, of
 * whatever cause, the kernel removes the rest. */
#include "sandbox/parts.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether the effective set holds what a sandbox without a user namespace takes. */
static bool privileged(void)
{
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
  unsigned need = 1u << CAP_SYS_ADMIN | 1u << CAP_NET_ADMIN;
  return syscall(SYS_capget, &head, data) == 0 && (data[0].effective & need) == need;
}

static void tell_nobody(pid_t init)
{
  (void)init;
}

/* The capability decides, not the uid: root of a container may lack it. But capabilities without
 * uid 0 (of the file, say) are lost by the programs that a lab starts; the user namespace serves
 * those better. */
static void make_plan(struct sandbox_plan *plan, const struct sandbox_options *o)
{
  plan->uid = geteuid();
  plan->gid = getegid();
  plan->user = plan->uid != 0 || !privileged();
  plan->full_map = plan->user && o && o->full_map;
  plan->started = o && o->started ? o->started : tell_nobody;
}

/* Blocks what the runner and init wait for. A signal that we were started to ignore (nohup, a
 * background job of a plain shell) stays ignored: blocked, it would queue and be passed on. */
static void block_signals(struct sandbox_plan *plan, sigset_t *ret_awaited)
{
  static const int passed[] = {SIGTERM, SIGHUP, SIGINT};
  struct sigaction old;
  signal(SIGCHLD, SIG_DFL); /* ignored, init would vanish without a word */
  sigemptyset(&plan->passed);
  for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
    if (sigaction(passed[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
      sigaddset(&plan->passed, passed[i]);
  *ret_awaited = plan->passed;
  sigaddset(ret_awaited, SIGCHLD);
  sigaddset(ret_awaited, SIGTTIN);
  sigaddset(ret_awaited, SIGTTOU);
  sigaddset(ret_awaited, SIGIO);
  sigset_t blocked = *ret_awaited;
  sigaddset(&blocked, SIGRTMIN); /* how the runner speaks to init, which must not miss it */
  sigprocmask(SIG_BLOCK, &blocked, &plan->mask);
}

/* clone() without a stack of its own is fork() with flags. */
static pid_t clone_init(const struct sandbox_plan *plan)
{
  unsigned long flags = SIGCHLD | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWUTS |
                        CLONE_NEWIPC | (plan->user ? CLONE_NEWUSER : 0);
#if defined(__s390__) || defined(__CRIS__)
  return (pid_t)syscall(SYS_clone, 0, flags, NULL, NULL, 0);
#else
  return (pid_t)syscall(SYS_clone, flags, 0, NULL, NULL, 0);
#endif
}

/* A shell in the sandbox made its own group the terminal's foreground and ended; it could not give
 * the terminal back to our group, which has no number in there. Whether there was such a one. */
static bool take_terminal_back(void)
{
  int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  pid_t front = tty < 0 ? -1 : tcgetpgrp(tty);
  bool gone = front > 1 && kill(-front, 0) < 0 && errno == ESRCH;
  if (gone)
    tcsetpgrp(tty, getpgrp());
  if (tty >= 0)
    close(tty);
  return gone;
}

/* Somebody of our group touched the terminal from the background, and all of the group was stopped
 * for it, or we are a background job like any other, and stop too. */
static void on_terminal_signal(int sig)
{
  sigset_t one, old;
  if (take_terminal_back()) {
    kill(0, SIGCONT);
    return;
  }
  sigemptyset(&one);
  sigaddset(&one, sig);
  raise(sig);
  sigprocmask(SIG_UNBLOCK, &one, &old);
  sigprocmask(SIG_SETMASK, &old, NULL);
}

/* Init is told in the way of signals, as signal 0. From now on nobody but the lab itself, or who
 * stops it, ends us. */
static void detach(pid_t init)
{
  union sigval value = {.sival_int = 0};
  prctl(PR_SET_PDEATHSIG, 0);
  sandbox_detach_self();
  sigqueue(init, SIGRTMIN, value);
}

/* Body asks for the terminal: it knows when a shell of its own has ended. Or it asks to be left
 * alone. */
static void on_request(pid_t init, int link)
{
  char request;
  while (recv(link, &request, 1, MSG_DONTWAIT | MSG_PEEK) == 1 &&
         (request == SANDBOX_TERMINAL || request == SANDBOX_DETACH)) {
    recv(link, &request, 1, MSG_DONTWAIT);
    if (request == SANDBOX_DETACH)
      detach(init);
    else
      take_terminal_back();
    send(link, &request, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
}

static int passed_on; /* the last one */

static void pass_on(pid_t init, int sig)
{
  union sigval value = {.sival_int = sig};
  passed_on = sig;
  sigqueue(init, SIGRTMIN, value);
}

/* What the kernel sends from the terminal goes to the whole foreground group, and body is in it;
 * but that the terminal was closed it tells the leader of the session alone. */
static bool reached_body(const siginfo_t *si)
{
  return si->si_code > 0 && !(si->si_signo == SIGHUP && getsid(0) == getpid());
}

/* When init was not there yet, nobody in the sandbox has got what was sent to the group. */
static void pass_early(const struct sandbox_plan *plan, pid_t init)
{
  static const struct timespec now;
  for (int sig; (sig = sigtimedwait(&plan->passed, NULL, &now)) > 0;)
    pass_on(init, sig);
}

static int wait_for(pid_t init, int link, const sigset_t *awaited)
{
  int status;
  siginfo_t si;
  for (;;) {
    if (sigwaitinfo(awaited, &si) < 0)
      continue;
    if (si.si_signo == SIGTTIN || si.si_signo == SIGTTOU)
      on_terminal_signal(si.si_signo);
    else if (si.si_signo == SIGIO)
      on_request(init, link);
    else if (si.si_signo == SIGCHLD && waitpid(init, &status, WNOHANG) == init)
      return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    else if (si.si_signo != SIGCHLD && !reached_body(&si))
      pass_on(init, si.si_signo);
  }
}

/* Lets init go on once its ids are there; a failure ends it. */
static int give_ids(const struct sandbox_plan *plan, pid_t init, int link,
                    struct sandbox_start_error *e)
{
  if (!plan->full_map)
    return 0;
  int r = sandbox_map_full(plan, init, e);
  if (r == 0 && send(link, "", 1, MSG_NOSIGNAL) < 0)
    r = 0; /* init is gone and has reported why */
  return r;
}

/* No SIGIO may be left when signals are open again: it would end us. */
static void close_link(int link)
{
  static const struct timespec now;
  sigset_t io;
  sigemptyset(&io);
  sigaddset(&io, SIGIO);
  fcntl(link, F_SETFL, 0);
  close(link);
  sigtimedwait(&io, NULL, &now);
}

/* Runs with the signals blocked. Returns the exit status, or -errno with *e. */
static int run_blocked(struct sandbox_plan *plan, int (*body)(void *), void *arg,
                       const sigset_t *awaited, struct sandbox_start_error *e)
{
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
    return sandbox_fail(e, "make a socket pair");
  plan->link = pair[1];
  fcntl(pair[0], F_SETOWN, getpid());
  fcntl(pair[0], F_SETFL, O_ASYNC); /* SIGIO when body asks for something */
  fflush(NULL);                     /* or body would print once more what waits in the buffers */
  plan->started(0);
  pid_t init = clone_init(plan);
  if (init == 0) {
    close(pair[0]);
    sandbox_init(plan, body, arg);
  }
  int r = init < 0 ? sandbox_fail(e, "make the namespaces") : 0;
  close(pair[1]);
  if (r == 0)
    pass_early(plan, init);
  plan->started(init > 0 ? init : 0);
  if (r == 0) {
    r = give_ids(plan, init, pair[0], e);
    if (r < 0)
      kill(init, SIGKILL);
    int status = wait_for(init, pair[0], awaited);
    if (r == 0)
      r = recv(pair[0], e, sizeof *e, MSG_DONTWAIT) == (ssize_t)sizeof *e ? -e->err : status;
  }
  close_link(pair[0]);
  return r;
}

int sandbox_run(const struct sandbox_options *o, int (*body)(void *), void *arg,
                struct sandbox_trouble *ret_trouble)
{
  struct sandbox_plan plan = {.link = -1};
  struct sandbox_start_error e = {0};
  sigset_t awaited;
  passed_on = 0;
  make_plan(&plan, o);
  block_signals(&plan, &awaited);
  int r = run_blocked(&plan, body, arg, &awaited, &e);
  if (o && o->ret_signal)
    *o->ret_signal = passed_on;
  sigprocmask(SIG_SETMASK, &plan.mask, NULL);
  if (r < 0)
    sandbox_explain(&plan, &e, ret_trouble);
  return r;
}
