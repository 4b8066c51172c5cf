/* reaction: what somebody waits for who sits in a lesson, at a pseudo-terminal.
 *
 *   reaction NSLAB change LAB.lua ROUNDS   another process of the lab starts the real ip: how long until
 *                                          the line is on the screen
 *   reaction NSLAB reset LAB STEP ROUNDS   a fresh sandbox with the steps before STEP done
 *
 * Prints "NAME MICROSECONDS 0", one a round, as tests/bench/report.lua takes it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TIMEOUT_MS = 20000, SCREEN = 1 << 16 };

static int tty;
static char screen[SCREEN];
static size_t shown;

static long long now_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void fail(const char *what)
{
  fprintf(stderr, "reaction: %s; the screen has:\n%s\n", what, screen);
  exit(1);
}

/* Reads until the text is on the screen, and forgets what stood before its end. */
static void await(const char *text)
{
  for (;;) {
    const char *found = strstr(screen, text);
    if (found) {
      size_t gone = (size_t)(found - screen) + strlen(text);
      memmove(screen, screen + gone, shown + 1 - gone);
      shown -= gone;
      return;
    }
    struct pollfd p = {.fd = tty, .events = POLLIN};
    ssize_t n = poll(&p, 1, TIMEOUT_MS) > 0 ? read(tty, screen + shown, SCREEN - 1 - shown) : 0;
    if (n <= 0)
      fail(text);
    shown += (size_t)n;
    screen[shown] = '\0';
  }
}

static void type(const char *keys)
{
  if (write(tty, keys, strlen(keys)) < 0)
    fail(strerror(errno));
}

static void start(char **words)
{
  struct winsize size = {.ws_row = 24, .ws_col = 200};
  pid_t pid = forkpty(&tty, NULL, NULL, &size);
  if (pid == 0) {
    execv(words[0], words);
    _exit(127);
  }
  if (pid < 0)
    fail("forkpty");
}

/* The process in the lab reads commands from a named pipe, so that its own start is not measured. */
static void change(int rounds)
{
  char dir[] = "/tmp/reaction.XXXXXX", pipe[64], line[256];
  if (mkdtemp(dir) == NULL || chmod(dir, 0755) < 0)
    fail("mkdtemp");
  snprintf(pipe, sizeof pipe, "%s/commands", dir);
  int commands = mkfifo(pipe, 0666) == 0 && chmod(pipe, 0666) == 0 ? open(pipe, O_RDWR) : -1;
  if (commands < 0)
    fail("mkfifo");
  await("1/1> ");
  snprintf(line, sizeof line,
           "p = netns.host:spawn{ \"sh\", \"-c\", \"while read -r line; do $line; done <%s\" }\n", pipe);
  type(line);
  await("1/1> ");
  for (int i = 0; i < rounds; i++) {
    long long before = now_us();
    dprintf(commands, "ip addr %s 10.0.0.1/8 dev lo\n", i % 2 ? "del" : "add");
    await("lo has 10.0.0.1");
    printf("change %lld 0\n", now_us() - before);
    usleep(20000);
  }
  unlink(pipe);
  rmdir(dir);
}

static void reset(const char *lab, const char *step, int rounds)
{
  char prompt[64];
  snprintf(prompt, sizeof prompt, "%s %s/", lab, step);
  await(prompt);
  for (int i = 0; i < rounds; i++) {
    type("reset\n");
    await("[y/N] ");
    long long before = now_us();
    type("y\n");
    await(prompt);
    printf("reset %lld 0\n", now_us() - before);
  }
}

int main(int argc, char **argv)
{
  setenv("LC_ALL", "C", 1);
  setenv("TERM", "dumb", 1);
  unsetenv("XDG_STATE_HOME");
  setenv("HOME", "/proc/nowhere", 1);
  if (argc == 5 && strcmp(argv[2], "change") == 0) {
    start((char *[]){argv[1], "learn", argv[3], NULL});
    change(atoi(argv[4]));
  } else if (argc == 6 && strcmp(argv[2], "reset") == 0) {
    start((char *[]){argv[1], "learn", "--from", argv[4], argv[3], NULL});
    reset(argv[3], argv[4], atoi(argv[5]));
  } else {
    fprintf(stderr, "usage: reaction NSLAB change LAB.lua ROUNDS | reset LAB STEP ROUNDS\n");
    return 2;
  }
  type("quit\n");
  close(tty);
  return 0;
}
