/* deadline: the time after which a run, or a step of a lab, is over. A timer interrupts what runs
 * as Ctrl-C would; the sentence that says what was waited for is ready before, because what does
 * not listen is ended from a signal handler. */
#include "host/host.h"
#include "runtime/runtime.h"
#include <lauxlib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static timer_t timer;
static bool made;      /* the timer */
static double run_end; /* of the clock; 0: never */
static char waited[400] = "nslab: interrupted\n";

double host_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void set_waited(const char *text)
{
  int n = snprintf(waited, sizeof waited, "nslab: %s", text);
  size_t len = n < (int)sizeof waited - 1 ? (size_t)n : sizeof waited - 2;
  memcpy(waited + len, "\n", 2);
}

/* Strikes at that time; 0: never. */
static void arm(double at)
{
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
  struct itimerspec when = {0};
  if (!made && (at == 0 || timer_create(CLOCK_MONOTONIC, &event, &timer) < 0))
    return;
  made = true;
  when.it_value.tv_sec = (time_t)at;
  when.it_value.tv_nsec = (long)((at - (double)when.it_value.tv_sec) * 1e9);
  timer_settime(timer, TIMER_ABSTIME, &when, NULL);
}

void host_deadline_open(const struct host_call *call)
{
  char text[200];
  if (call->options.timeout_s <= 0)
    return;
  const char *name = call->has_text     ? call->text.chunkname + 1
                     : call->nwords > 0 ? call->words[0]
                                        : call->command->name;
  snprintf(text, sizeof text, "%s took longer than %g s (--timeout).", name,
           call->options.timeout_s);
  set_waited(text);
  run_end = call->started_s + call->options.timeout_s;
  arm(run_end);
}

void host_deadline_close(void)
{
  run_end = 0;
  arm(0);
}

bool host_timed_out(void)
{
  return rt_interrupted == SIGALRM;
}

void host_say_waited(void)
{
  ssize_t n = write(STDERR_FILENO, waited, strlen(waited));
  (void)n;
}

/* Lua: deadline([ms]): what runs is interrupted after so long, or when the time of the whole run is
 * over, whichever is first. Without ms only the latter. */
int host_deadline(lua_State *L)
{
  double ms = luaL_optnumber(L, 1, 0), at = ms > 0 ? host_now() + ms / 1e3 : run_end;
  arm(run_end > 0 && run_end < at ? run_end : at);
  return 0;
}

/* Lua: waited([text]): what is said on standard error when the time is over; without a text
 * somebody else says it. */
int host_waited(lua_State *L)
{
  if (lua_isnoneornil(L, 1))
    waited[0] = '\0';
  else
    set_waited(luaL_checkstring(L, 1));
  return 0;
}

/* Lua: timed_out() -> whether the time is over */
int host_timed_out_lua(lua_State *L)
{
  lua_pushboolean(L, host_timed_out());
  return 1;
}
