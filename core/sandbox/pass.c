/* pass: a process that only waits for another one and gives it the signals that it gets itself. */
#include "sandbox/parts.h"
#include "sandbox/sandbox.h"
#include <signal.h>
#include <sys/types.h>

static volatile sig_atomic_t target;

/* What the terminal sends goes to the whole foreground group by itself. */
static void pass(int sig, siginfo_t *si, void *context)
{
  (void)context;
  if (target > 0 && si->si_code <= 0)
    kill((pid_t)target, sig);
}

/* A handler, not SIG_IGN: programs would inherit that. What nohup ignores stays ignored. */
void sandbox_pass_signals(pid_t to)
{
  static const int passed[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
  struct sigaction sa = {.sa_sigaction = pass, .sa_flags = SA_SIGINFO | SA_RESTART}, old;
  target = to;
  for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
    if (sigaction(passed[i], NULL, &old) == 0 &&
        ((old.sa_flags & SA_SIGINFO) || old.sa_handler != SIG_IGN))
      sigaction(passed[i], &sa, NULL);
}
