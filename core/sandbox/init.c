/* init: PID 1 of a sandbox. It sets the sandbox up, forks body, reaps orphans, passes signals on
 * from the runner, and ends when body ends; the kernel then kills whatever is left inside. Body is
 * its child and not PID 1 itself, because PID 1 ignores SIGINT and SIGTERM at their defaults. */
#include "sandbox/parts.h"
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { GRACE_MS = 2000, COPY_MS = 10, RECENT_MS = 200 };

static bool inside;          /* this process is body */
static int runner_link = -1; /* body's way to the runner */

bool sandbox_inside(void)
{
  return inside || access(SANDBOX_DIR, F_OK) == 0;
}

/* ---- setting up ------------------------------------------------------------------------------ */

/* From here on the kernel kills us when the runner dies. Had it died before, its end of the socket
 * pair would be closed (getppid() is 0 in here, dead or alive). The credentials are final: a change
 * would clear the death signal. */
static void die_with_runner(int link)
{
  struct pollfd p = {.fd = link};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (poll(&p, 1, 0) == 1)
    _exit(128 + SIGKILL);
}

/* A host has its loopback device up. */
static int loopback_up(struct sandbox_start_error *e)
{
  struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (s < 0)
    return sandbox_fail(e, "open a socket");
  int ret = ioctl(s, SIOCSIFFLAGS, &r) < 0 ? sandbox_fail(e, "bring up lo") : 0;
  close(s);
  return ret;
}

static int take_ids(const struct sandbox_plan *plan, struct sandbox_start_error *e)
{
  char go;
  if (!plan->user)
    return 0;
  if (!plan->full_map)
    return sandbox_map_self(plan, e);
  if (read(plan->link, &go, 1) != 1) /* the runner has seen what went wrong */
    _exit(1);
  return 0;
}

static int set_up(const struct sandbox_plan *plan, struct sandbox_start_error *e)
{
  mode_t mask = umask(022);
  int r = take_ids(plan, e);
  die_with_runner(plan->link);
  if (r == 0)
    r = sandbox_mounts(plan, e);
  if (r == 0 && sethostname("host", 4) < 0)
    r = sandbox_fail(e, "set the host name");
  if (r == 0)
    r = loopback_up(e);
  umask(mask);
  return r;
}

/* ---- body ------------------------------------------------------------------------------------ */

/* Whoever is root in here finds root's tools: an ordinary user's path may lack them. */
static void complete_path(void)
{
  static const char sbin[] = "/usr/local/sbin:/usr/sbin:/sbin";
  const char *path = getenv("PATH");
  char *longer = NULL;
  if (path && strstr(path, "/usr/sbin"))
    return;
  if (path && asprintf(&longer, "%s:%s", path, sbin) < 0)
    return;
  setenv("PATH", longer ? longer : "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
         1);
  free(longer);
}

void sandbox_environment(void)
{
  complete_path();
  if (sandbox_inside())
    setenv(SANDBOX_SCRATCH_ENV, SANDBOX_SCRATCH, 1);
}

/* A signal for the whole group that came before body was there has reached init alone. Body waits
 * to hear what is pending there, its own signals blocked: what it has got too becomes one. */
static void take_early(const struct sandbox_plan *plan, int from)
{
  sigset_t pending;
  if (read(from, &pending, sizeof pending) == (ssize_t)sizeof pending)
    for (int sig = 1; sig < SIGRTMIN; sig++)
      if (sigismember(&plan->passed, sig) && sigismember(&pending, sig))
        kill(getpid(), sig);
  close(from);
}

static void give_early(int to)
{
  sigset_t pending;
  sigpending(&pending);
  ssize_t n = write(to, &pending, sizeof pending);
  (void)n; /* body is gone */
}

static _Noreturn void run_body(const struct sandbox_plan *plan, int (*body)(void *), void *arg)
{
  runner_link = plan->link;
  inside = true;
  sandbox_environment();
  sigprocmask(SIG_SETMASK, &plan->mask, NULL);
  exit(body(arg));
}

/* Asks the runner for what only a process outside can do, and waits until it is done. */
static void ask_runner(char request)
{
  struct pollfd p = {.fd = runner_link, .events = POLLIN};
  if (runner_link < 0 || send(runner_link, &request, 1, MSG_NOSIGNAL) < 0)
    return;
  if (sandbox_poll(&p, 1, 1000, NULL) == 1)
    recv(runner_link, &request, 1, MSG_DONTWAIT);
}

/* In a PID namespace of its own body cannot name its group. */
void sandbox_terminal_back(void)
{
  ask_runner(SANDBOX_TERMINAL);
}

void sandbox_detach_self(void)
{
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  setsid();
  for (int fd = 0; fd < 3 && null >= 0; fd++)
    dup2(null, fd);
  if (null > 2)
    close(null);
  if (chdir("/") < 0)
    return; /* it stays where it is: nothing here depends on it */
}

void sandbox_detach_behind(pid_t leader)
{
  static const struct timespec moment = {.tv_nsec = 1000000};
  for (int i = 0; i < 1000 && getsid(leader) != leader; i++)
    nanosleep(&moment, NULL);
  sandbox_detach_self();
}

void sandbox_detach(void)
{
  ask_runner(SANDBOX_DETACH);
  if (runner_link >= 0)
    sandbox_detach_behind(1);
  else
    sandbox_detach_self();
}

/* ---- the loop -------------------------------------------------------------------------------- */

struct watch {
  pid_t body;
  long group_at[NSIG]; /* when the group's copy of a signal came, 0 for never */
  long deadline;       /* when the sandbox ends without body's consent, 0 for not at all */
  int reason;          /* the signal that set it */
};

static _Noreturn void end(int status)
{
  _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

static void reap(const struct watch *w)
{
  int status;
  for (pid_t p; (p = waitpid(-1, &status, WNOHANG)) > 0;)
    if (p == w->body)
      end(status);
}

/* Whether the signal went to the whole process group: then body has it already, and we got a copy
 * too, a moment before or after the runner passed its own on. */
static bool went_to_group(struct watch *w, int sig)
{
  sigset_t one;
  struct timespec moment = {.tv_nsec = COPY_MS * 1000000L};
  if (w->group_at[sig] && sandbox_now_ms() - w->group_at[sig] < RECENT_MS)
    return true;
  sigemptyset(&one);
  sigaddset(&one, sig);
  if (sigtimedwait(&one, NULL, &moment) != sig)
    return false;
  w->group_at[sig] = sandbox_now_ms(); /* the runner got one too, and may pass that on as well */
  return true;
}

static void on_signal(struct watch *w, const siginfo_t *si)
{
  int sig = si->si_signo;
  if (sig != SIGRTMIN) {
    w->group_at[sig] = sandbox_now_ms();
  } else if (si->si_code == SI_QUEUE && si->si_pid == 0) { /* from outside: the runner */
    sig = si->si_value.sival_int;
    if (sig == 0) {
      sandbox_detach_self();
      return;
    }
    if (!went_to_group(w, sig))
      kill(w->body, sig);
  } else {
    return;
  }
  if ((sig == SIGTERM || sig == SIGHUP) && w->deadline == 0) {
    w->deadline = sandbox_now_ms() + GRACE_MS;
    w->reason = sig;
  }
}

static _Noreturn void watch_over(const struct sandbox_plan *plan, pid_t body)
{
  struct watch w = {.body = body};
  sigset_t set = plan->passed;
  siginfo_t si;
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGRTMIN);
  prctl(PR_SET_NAME, "nslab-init");
  for (;;) {
    long left = w.deadline ? w.deadline - sandbox_now_ms() : 0;
    struct timespec t = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000L};
    if (w.deadline && left <= 0)
      _exit(128 + w.reason);
    int sig = sigtimedwait(&set, &si, w.deadline ? &t : NULL);
    if (sig == SIGCHLD)
      reap(&w);
    else if (sig > 0)
      on_signal(&w, &si);
  }
}

void sandbox_init(const struct sandbox_plan *plan, int (*body)(void *), void *arg)
{
  struct sandbox_start_error e = {0};
  pid_t pid = -1;
  int r = set_up(plan, &e), early[2] = {-1, -1};
  if (r == 0 && pipe2(early, O_CLOEXEC) < 0)
    r = sandbox_fail(&e, "make a pipe");
  if (r == 0) {
    pid = fork();
    if (pid < 0)
      r = sandbox_fail(&e, "start a process");
  }
  if (pid == 0) {
    close(early[1]);
    take_early(plan, early[0]);
    run_body(plan, body, arg);
  }
  if (r < 0) {
    send(plan->link, &e, sizeof e, MSG_NOSIGNAL);
    _exit(1);
  }
  close(early[0]);
  give_early(early[1]);
  close(early[1]);
  watch_over(plan, pid);
}
