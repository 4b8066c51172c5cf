/* running: the labs that run now, as other commands of the same user find them, and how to get into
 * one. Returns 0 or -errno. Knows no lua.h. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { RUNNING_NAME = 80 };

/* ---- the registry (registry.c) --------------------------------------------------------------- */

/* What an entry says. */
struct running_lab {
  char name[RUNNING_NAME]; /* "red-blue-2": the entry's own */
  char lab[RUNNING_NAME];  /* "red-blue" */
  char user[RUNNING_NAME]; /* whose it is */
  int64_t started;         /* seconds since 1970 */
  pid_t runner, init;      /* init is 0 for a lab on the machine itself */
  int step, steps;         /* 0 of 0 before the first */
  bool kept, host;
};

/* Enters this process as the runner of a lab. The entry is alive as long as this process or one
 * that it forked and that keeps the descriptor; programs do not inherit it. Gets the first free
 * name of LAB, LAB-2, LAB-3 ... There is one entry in a process. */
int running_register(const char *lab, bool kept, bool host);
/* The name that the entry got; "" without an entry. */
const char *running_name(void);
/* The init of the sandbox; 0 before a new one is made, and from then on nobody enters. */
void running_set_init(pid_t init);
/* Inside the sandbox: it is set up, and may be entered. */
void running_set_ready(void);
void running_set_step(int step, int steps);
/* Removes the entry; nothing without one. */
void running_unregister(void);

/* Calls fn for every lab that runs, dead entries are removed: those of this user, or, for root with
 * `all`, everybody's. Stops when fn returns false. */
int running_each(bool all, bool (*fn)(void *arg, const struct running_lab *lab), void *arg);
/* The one of that name; -ESRCH without. */
int running_find(const char *name, struct running_lab *ret);
/* Calls fn for the name of every namespace that the lab has, as it has them in /run/netns. */
int running_each_netns(const struct running_lab *lab, void (*fn)(void *arg, const char *name),
                       void *arg);

/* ---- entering and stopping (enter.c) --------------------------------------------------------- */

/* A program to run in a lab. */
struct running_command {
  const char *netns;       /* NULL: the lab's host */
  const char *const *argv; /* ended by NULL */
  const char *const *env;  /* "NAME=VALUE" to add; NULL without */
  bool shell;              /* it gets the terminal and groups its jobs itself */
};

/* Which step of entering failed: "enter the lab", "start the program" ... */
struct sandbox_start_error;

/* Runs it in the lab's namespaces, with our terminal, and waits for its end. Returns its exit
 * status (128 and the signal's number), or -errno and *ret_error when it could not be started;
 * *ret_gone says that the lab ended under it. */
int running_enter(const struct running_lab *lab, const struct running_command *c,
                  struct sandbox_start_error *ret_error, bool *ret_gone);

/* Asks the lab to end, and kills it after grace_ms; waits until nothing of it is left. 0 when it
 * ended by itself, 1 when it was killed, -ESRCH when it had ended, -EPERM, -ETIME. */
int running_stop(const struct running_lab *lab, int grace_ms);
