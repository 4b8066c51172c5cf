/* pass: a process that only waits for another one and gives it the signals that it gets itself. */
#include "sandbox/parts.h"
#include "sandbox/sandbox.h"
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

static const int passed[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};

static volatile sig_atomic_t target, last;
static volatile sig_atomic_t early; /* what comes now came before the target was there */

/* What the terminal sends goes to the whole foreground group by itself. */
static void pass(int sig, siginfo_t *si, void *context)
{
  (void)context;
  if (target > 0 && (early || si->si_code <= 0)) {
    last = sig;
    kill((pid_t)target, sig);
  }
}

/* A handler, not SIG_IGN: programs would inherit that. What nohup ignores stays ignored. */
int sandbox_pass_signals(pid_t to)
{
  struct sigaction sa = {.sa_sigaction = pass, .sa_flags = SA_SIGINFO | SA_RESTART}, old;
  target = to;
  for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
    if (sigaction(passed[i], NULL, &old) == 0 &&
        ((old.sa_flags & SA_SIGINFO) || old.sa_handler != SIG_IGN))
      sigaction(passed[i], &sa, NULL);
  return last;
}

/* What is sent between fork and the handlers must not end us alone: the child would be killed, and
 * not asked. It has not reached the child, unless it came during fork; then that ends twice. */
pid_t sandbox_fork_behind(void)
{
  sigset_t held, mask;
  pid_t self = getpid();
  sigemptyset(&held);
  for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
    sigaddset(&held, passed[i]);
  sigprocmask(SIG_BLOCK, &held, &mask);
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0)
    prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (pid > 0)
    sandbox_pass_signals(pid);
  early = pid > 0;
  sigprocmask(SIG_SETMASK, &mask, NULL);
  early = 0;
  if (pid == 0 && getppid() != self)
    _exit(128 + SIGKILL);
  return pid;
}
