/* parts: what the files of this room share and nobody else sees. */
#pragma once
#include "sandbox/sandbox.h"
#include <signal.h>

/* Where the sandbox keeps its own files; that it exists says that one is inside. */
#define SANDBOX_DIR "/run/.nslab"

/* What body writes to the runner, and gets back when it is done. A report of init's begins with an
 * errno. */
enum { SANDBOX_TERMINAL = 'T', SANDBOX_DETACH = 'D' };

/* What is decided before the sandbox is made. */
struct sandbox_plan {
  bool user;     /* with a user namespace */
  bool full_map; /* and all ids in it */
  uid_t uid;     /* effective ids outside */
  gid_t gid;
  void (*started)(pid_t init);
  int link;        /* init's end of the socket pair with the runner */
  sigset_t mask;   /* body's signal mask */
  sigset_t passed; /* the signals that are passed on to body */
};

/* Notes the step that failed with errno, and returns -errno. */
int sandbox_fail(struct sandbox_start_error *e, const char *step);

/* init.c: the life of PID 1. Reports a failure on plan->link as a struct sandbox_start_error. */
_Noreturn void sandbox_init(const struct sandbox_plan *plan, int (*body)(void *), void *arg);

/* The environment of who is in a sandbox: root's directories in PATH, NSLAB_SCRATCH. */
void sandbox_environment(void);

/* Makes our process group the foreground of the terminal again, after a program that was. */
void sandbox_terminal_back(void);

/* idmap.c: both return 0 or -errno and note the step. */
int sandbox_map_self(const struct sandbox_plan *plan, struct sandbox_start_error *e);
int sandbox_map_full(const struct sandbox_plan *plan, pid_t init, struct sandbox_start_error *e);

/* mounts.c: the file systems of a fresh sandbox. */
int sandbox_mounts(const struct sandbox_plan *plan, struct sandbox_start_error *e);
/* The same for a program in a namespace of the lab; called in the child that will run it. */
int sandbox_command_mounts(const struct sandbox_command *c, bool sys,
                           struct sandbox_start_error *e);

/* child.c: the monotonic clock. */
long sandbox_now_ms(void);

/* trouble.c: finds the cause of a failure and what helps. */
void sandbox_explain(const struct sandbox_plan *plan, const struct sandbox_start_error *e,
                     struct sandbox_trouble *ret);
