/* thread: what this room has done beside its caller. Such a thread knows what it was given and
 * nothing else, ends by itself, and takes no signals: those are for the thread that runs the
 * script. */
#include "netlink/socket.h"

#include <sched.h>
#include <signal.h>

enum { STACK_BYTES = 65536 };

/* On a single processor nothing is gained. */
static bool can_help(void)
{
  static int processors;
  cpu_set_t set;
  if (processors == 0)
    processors = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 2;
  return processors > 1;
}

bool nl_thread_start(pthread_t *ret, void *(*run)(void *), void *arg)
{
  sigset_t all, before;
  pthread_attr_t attr;
  if (!can_help() || pthread_attr_init(&attr) != 0)
    return false;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = pthread_attr_setstacksize(&attr, STACK_BYTES) == 0 &&
                 pthread_create(ret, &attr, run, arg) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attr);
  return started;
}
