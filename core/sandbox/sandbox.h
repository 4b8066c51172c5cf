/* sandbox: the namespaces that a lab lives in, and the processes inside them. Returns 0 or -errno.
 * Knows no lua.h. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A directory that is in memory and dies with the sandbox; NSLAB_SCRATCH names it in there. */
#define SANDBOX_SCRATCH "/run/scratch"
#define SANDBOX_SCRATCH_ENV "NSLAB_SCRATCH"

/* Why a sandbox could not be made: one sentence for what failed, one line for each remedy. */
struct sandbox_trouble {
  int err;
  char what[256];
  char remedy[1024];
};

struct sandbox_options {
  bool full_map;   /* all ids through newuidmap and /etc/subuid, for daemons that change theirs */
  int *ret_signal; /* gets the last signal that was passed on to body, 0 without; or NULL */
  void (*started)(pid_t init); /* told of the sandbox's init, and 0 before it is made; or NULL */
};

/* Makes a sandbox (runner -> init of the sandbox -> body) and runs body in it; waits for its end
 * and returns body's exit status (0..255; 128+N for a signal N). -errno when the sandbox could not
 * be made; then *ret_trouble says why. Must be called from the main thread of a single-threaded
 * process.
 *
 * Body is a forked copy of the caller that ends with exit(): what the caller holds it holds too.
 * Its signal mask is the caller's. In the sandbox the process is root of a host named "host" whose
 * lo is up, with a /run, /run/netns and /etc of its own.
 *
 * While it waits, SIGTERM, SIGHUP and SIGINT that were sent to the caller alone are passed on to
 * body (a signal for the whole process group reaches body by itself). Two seconds after a SIGTERM
 * or SIGHUP the sandbox ends, whatever body does. */
__attribute__((warn_unused_result)) int sandbox_run(const struct sandbox_options *o,
                                                    int (*body)(void *), void *arg,
                                                    struct sandbox_trouble *ret_trouble);

/* Whether this process is inside a sandbox that sandbox_run made. */
bool sandbox_inside(void);

/* For body, when the sandbox is to outlive the command that made it: takes the runner, init and
 * body from their terminal, each into a session of its own, /dev/null for 0, 1, 2, and /. */
void sandbox_detach(void);
/* The same for the caller alone. */
void sandbox_detach_self(void);
/* That, when the process, which is about to do the same, has done it: it minds the caller's group,
 * and takes what the group was sent for something that the caller has got, too. */
void sandbox_detach_behind(pid_t leader);
/* From now on SIGINT, SIGQUIT, SIGTERM and SIGHUP that the caller is sent (not those that a
 * terminal sends to all) go to the process as well, and do nothing else; 0: to nobody. Returns the
 * last one that was passed on before, 0 without. */
int sandbox_pass_signals(pid_t to);
/* fork() for a process that then only waits for its child, with its signals passed to that from the
 * first moment: one that comes meanwhile is neither lost nor ends the parent alone. The child dies
 * with the parent. */
pid_t sandbox_fork_behind(void);

/* ---- processes ------------------------------------------------------------------------------- */

/* A program to start. Descriptors of -1 mean: inherit ours; no other descriptor reaches it. */
struct sandbox_command {
  const char *const *argv;
  const char *const *env; /* NULL: ours */
  const char *cwd;        /* NULL: ours */
  const char *netns_name; /* for /etc/netns/NAME; NULL without */
  int netns;              /* descriptor, NL_HERE (-1): this one */
  int in, out, err;       /* descriptors to become 0, 1, 2 */
  bool pid, mount;        /* own PID namespace (the program is its PID 1), own mounts */
  bool session;           /* setsid, so that the whole group can be signalled */
  bool terminal;          /* foreground group of our terminal, for a shell; excludes session */
};

/* Which step of starting failed, for the sentence the user gets: "start PROGRAM", "enter the
 * namespace", "mount /proc" ... */
struct sandbox_start_error {
  int err;
  char step[64];
};

/* Starts it and waits until the program runs; *ret_pid is the child. -errno and *ret_error when it
 * cannot start. The child dies with the thread that started it. */
__attribute__((warn_unused_result)) int sandbox_spawn(const struct sandbox_command *c,
                                                      pid_t *ret_pid,
                                                      struct sandbox_start_error *ret_error);

/* A program that was started. When it ends it stays a zombie until sandbox_child_close, so that its
 * number, and that of its group, is nobody else's: who signals it never hits a stranger. */
struct sandbox_child {
  pid_t pid;   /* 0: none */
  int pidfd;   /* -1: none */
  bool group;  /* it leads a process group, and all of that is signalled */
  bool pid1;   /* it is PID 1 of a PID namespace */
  bool reaped; /* it is no zombie any more: the terminal's group has to be gone when it ends */
  bool ended;
  int status; /* as waitpid tells it */
};
#define SANDBOX_NO_CHILD ((struct sandbox_child){.pidfd = -1})

__attribute__((warn_unused_result)) int sandbox_child_start(const struct sandbox_command *c,
                                                            struct sandbox_child *ret,
                                                            struct sandbox_start_error *ret_error);
/* Waits for its end: 1 when it ended, 0 after timeout_ms (-1: never), -EINTR when `*interrupted`
 * became non-zero. */
int sandbox_child_wait(struct sandbox_child *c, int timeout_ms, const volatile int *interrupted);
/* Sends the signal to it and its group. -ESRCH when it ended. */
int sandbox_child_kill(const struct sandbox_child *c, int sig);
/* Ends it: SIGTERM, SIGKILL after grace_ms, both to its whole group, which is swept also when the
 * program has ended by itself. Safe twice, and on SANDBOX_NO_CHILD; status and ended stay. */
void sandbox_child_close(struct sandbox_child *c, int grace_ms);

struct pollfd;
/* poll() that misses no signal: how many are ready, 0 after timeout_ms (-1: never), -EINTR as soon
 * as
 * `*interrupted` is non-zero (also from before), or -errno. `interrupted` may be NULL. */
int sandbox_poll(struct pollfd *fds, unsigned n, int timeout_ms, const volatile int *interrupted);
