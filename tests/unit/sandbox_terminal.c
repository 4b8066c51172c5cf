/* A sandbox in front of a user: a terminal whose keys reach body, once; a job that a shell can stop
 * and continue; the terminal after a shell inside the sandbox had it. The test plays the user, and
 * a child of it the shell. */
#include "sandbox_test.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

/* What the shell and body tell the test. */
static struct shared {
  volatile int ints, stopped, status, starting;
} * shared;

static int master = -1;
static int living[2]; /* a pipe that everyone who was logged in holds */

/* ---- the user -------------------------------------------------------------------------------- */

static bool wait_until(volatile int *what, int value)
{
  for (int i = 0; i < 20000 && *what != value; i++)
    sleep_ms(1);
  return *what == value;
}

static void type(const char *text)
{
  if (write(master, text, strlen(text)) < 0)
    perror("# the terminal");
}

static char screen[8192]; /* what was not looked at yet */

/* Reads the screen up to the end of the text; false after twenty seconds. */
static bool see(const char *text)
{
  struct pollfd p = {.fd = master, .events = POLLIN};
  const char *at;
  while ((at = strstr(screen, text)) == NULL) {
    size_t n = strlen(screen);
    ssize_t got = poll(&p, 1, 20000) == 1 ? read(master, screen + n, sizeof screen - 1 - n) : 0;
    if (got <= 0) {
      printf("# the screen: %s\n", screen);
      return false;
    }
    screen[n + (size_t)got] = '\0';
  }
  memmove(screen, at + strlen(text), strlen(at) - strlen(text) + 1);
  return true;
}

/* ---- the shell ------------------------------------------------------------------------------- */

static int (*job_body)(void *);
static void (*job_started)(pid_t init);

static int run_job(void)
{
  struct sandbox_options o = {.started = job_started};
  struct sandbox_trouble t;
  return sandbox_run(&o, job_body, NULL, &t);
}

/* Runs the job in the foreground, or in the background until the user says so with SIGUSR1. */
static int shell(bool foreground)
{
  int status = 0;
  signal(SIGTTOU, SIG_IGN);
  sigset_t usr1, old;
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  sigprocmask(SIG_BLOCK, &usr1, &old);
  pid_t job = fork();
  if (job == 0) {
    setpgid(0, 0);
    if (foreground)
      tcsetpgrp(0, getpid());
    signal(SIGTTOU, SIG_DFL);
    sigprocmask(SIG_SETMASK, &old, NULL);
    exit(run_job());
  }
  while (waitpid(job, &status, WUNTRACED) == job && WIFSTOPPED(status)) {
    int sig;
    shared->stopped = WSTOPSIG(status);
    tcsetpgrp(0, getpgrp());
    sigwait(&usr1, &sig);
    tcsetpgrp(0, job);
    kill(-job, SIGCONT);
  }
  shared->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  tcsetpgrp(0, getpgrp());
  return 0;
}

/* As xterm -e does it: the program leads the session itself. */
static int alone(void)
{
  shared->status = run_job();
  return 0;
}

enum start { FOREGROUND, BACKGROUND, ALONE };

/* A session with the terminal, and the shell in it. */
static pid_t log_in(int (*body)(void *), enum start how)
{
  memset((void *)(uintptr_t)shared, 0, sizeof *shared);
  memset(screen, 0, sizeof screen);
  shared->status = -1;
  job_body = body;
  fflush(stdout);
  if (pipe(living) < 0)
    return -1;
  master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
    return -1;
  const char *name = ptsname(master);
  pid_t pid = fork();
  if (pid != 0) {
    close(living[1]);
    return pid;
  }
  setsid();
  int tty = open(name, O_RDWR);
  ioctl(tty, TIOCSCTTY, 0);
  for (int fd = 0; fd < 3; fd++)
    dup2(tty, fd);
  close(tty);
  close(master);
  exit(how == ALONE ? alone() : shell(how == FOREGROUND));
}

/* The shell of a closed terminal dies, and its foreground group is told. */
static bool log_out(pid_t pid)
{
  struct pollfd p = {.fd = living[0]};
  close(master);
  reap(pid);
  bool gone = poll(&p, 1, 20000) == 1;
  close(living[0]);
  return gone;
}

/* ---- bodies ---------------------------------------------------------------------------------- */

static void count_int(int sig)
{
  (void)sig;
  shared->ints++;
}

/* One line from the terminal, by read(2): stdio would read on. */
static void echo_line(const char *prompt)
{
  char line[64];
  ssize_t n;
  dprintf(1, "%s> ", prompt);
  do
    n = read(0, line, sizeof line - 1);
  while (n < 0 && errno == EINTR);
  line[n > 0 ? n - 1 : 0] = '\0';
  dprintf(1, "%s got [%s]\n", prompt, line); /* brackets: the terminal's echo has none */
}

static int talk(void *arg)
{
  struct sandbox_command c = {.netns = -1, .in = -1, .out = -1, .err = -1, .terminal = true};
  const char *argv[] = {"sh", "-c", "echo shell; read x; echo shell got [$x]", NULL};
  struct sandbox_start_error e;
  struct termios t;
  struct sandbox_child child;
  (void)arg;
  echo_line("first");
  c.argv = argv;
  if (sandbox_child_start(&c, &child, &e) < 0 || sandbox_child_wait(&child, -1, NULL) != 1)
    return 1;
  sandbox_child_close(&child, 0);
  tcgetattr(0, &t);
  tcsetattr(0, TCSADRAIN, &t); /* what a line editor does first */
  echo_line("second");
  return 7;
}

/* A shell that nobody of ours waits for leaves the terminal to nobody. */
static int foreign_shell(void *arg)
{
  struct termios t;
  (void)arg;
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    signal(SIGTTOU, SIG_IGN);
    setpgid(0, 0);
    tcsetpgrp(0, getpid());
    _exit(0);
  }
  reap(pid);
  tcgetattr(0, &t);
  tcsetattr(0, TCSADRAIN, &t);
  echo_line("left");
  return 6;
}

static int count_keys(void *arg)
{
  struct sigaction sa = {.sa_handler = count_int};
  (void)arg;
  sigaction(SIGINT, &sa, NULL);
  echo_line("keys");
  return 8;
}

static int read_in_background(void *arg)
{
  (void)arg;
  echo_line("back");
  return 9;
}

static int sleep_long(void *arg)
{
  (void)arg;
  dprintf(1, "asleep\n");
  sleep_ms(60000);
  return 0;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void shells_inside(enum start how)
{
  pid_t pid = log_in(talk, how);
  ok(see("first> "), "body asks");
  type("one\n");
  ok(see("first got [one]"), "body reads the terminal");
  ok(see("shell"), "a shell inside the sandbox is started");
  type("two\n");
  ok(see("shell got [two]"), "and reads the terminal");
  ok(see("second> "), "it ends, and body may set the terminal again");
  type("three\n");
  ok(see("second got [three]"), "and read from it");
  ok(wait_until(&shared->status, 7), "the job ends with body's status");
  is(shared->stopped, 0, "and never looked stopped");
  log_out(pid);
}

static void shell_of_others(void)
{
  pid_t pid = log_in(foreign_shell, FOREGROUND);
  ok(see("left> "), "a shell that others started leaves the terminal");
  type("four\n");
  ok(see("left got [four]"), "and body reads it");
  ok(wait_until(&shared->status, 6), "to its end");
  log_out(pid);
}

static void keys(void)
{
  pid_t pid = log_in(count_keys, FOREGROUND);
  ok(see("keys> "), "body asks");
  type("\003");
  ok(wait_until(&shared->ints, 1), "Ctrl-C reaches body");
  sleep_ms(60);
  is(shared->ints, 1, "once");
  type("\032");
  ok(wait_until(&shared->stopped, SIGTSTP), "Ctrl-Z stops the job");
  kill(pid, SIGUSR1);
  sleep_ms(50);
  type("go\n");
  ok(see("keys got [go]"), "fg continues it");
  ok(wait_until(&shared->status, 8), "to its end");
  log_out(pid);
}

/* The runner, before it makes the sandbox: until the key has come. */
static void await_key(pid_t init)
{
  sigset_t pending;
  sigemptyset(&pending);
  if (init != 0)
    return;
  shared->starting = 1;
  for (int i = 0; i < 20000 && !sigismember(&pending, SIGINT); i++) {
    sleep_ms(1);
    sigpending(&pending);
  }
}

static int sleep_some_seconds(void *arg)
{
  (void)arg;
  sleep_ms(5000);
  return 0;
}

static void early_key(void)
{
  job_started = await_key;
  pid_t pid = log_in(sleep_some_seconds, FOREGROUND);
  ok(wait_until(&shared->starting, 1), "a job is about to make its sandbox");
  type("\003");
  wait_until(&shared->status, 128 + SIGINT);
  is(shared->status, 128 + SIGINT, "Ctrl-C then ends it");
  job_started = NULL;
  log_out(pid);
}

static void background(void)
{
  pid_t pid = log_in(read_in_background, BACKGROUND);
  ok(wait_until(&shared->stopped, SIGTTIN), "a background job that reads the terminal is stopped");
  kill(pid, SIGUSR1);
  sleep_ms(50);
  type("now\n");
  ok(see("back got [now]"), "and reads it when it is brought to the front");
  ok(wait_until(&shared->status, 9), "to its end");
  log_out(pid);
}

static void hangup(void)
{
  pid_t pid = log_in(sleep_long, FOREGROUND);
  ok(see("asleep"), "body sleeps");
  ok(log_out(pid), "a closed terminal ends the sandbox and all that is in it");
}

int main(void)
{
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  shells_inside(FOREGROUND);
  shells_inside(ALONE);
  shell_of_others();
  keys();
  early_key();
  background();
  hangup();
  munmap((void *)(uintptr_t)shared, sizeof *shared);
  return tap_end();
}
