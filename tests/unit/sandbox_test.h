/* sandbox_test: what the unit programs of this room share: TAP lines, children that report by their
 * exit status, small readings of /proc. */
#pragma once
#include "sandbox/sandbox.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* In memory that forked processes share, so that tests can be made inside a sandbox too. */
static struct tap {
  int count, failed;
} * tap;

__attribute__((constructor)) static void tap_begin(void)
{
  tap = mmap(NULL, sizeof *tap, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

/* One test line. Returns `good`, so that a test that depends on it can stop. */
__attribute__((format(printf, 2, 3))) static inline bool ok(bool good, const char *what, ...)
{
  va_list args;
  va_start(args, what);
  tap->count++;
  tap->failed += !good;
  printf("%s %d - ", good ? "ok" : "not ok", tap->count);
  vprintf(what, args);
  printf("\n");
  fflush(stdout);
  va_end(args);
  return good;
}

static inline bool is(long got, long want, const char *what)
{
  if (got == want)
    return ok(true, "%s", what);
  return ok(false, "%s: got %ld, want %ld", what, got, want);
}

static inline bool same(const char *got, const char *want, const char *what)
{
  if (strcmp(got, want) == 0)
    return ok(true, "%s", what);
  return ok(false, "%s: got \"%s\", want \"%s\"", what, got, want);
}

static inline int tap_end(void)
{
  int failed = tap->failed;
  printf("1..%d\n", tap->count);
  munmap(tap, sizeof *tap);
  return failed ? 1 : 0;
}

static inline void sleep_ms(long ms)
{
  struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
  while (nanosleep(&t, &t) < 0 && errno == EINTR)
    continue;
}

static inline long now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The whole file as text, "" without one. */
static inline const char *slurp(const char *path, char *buf, size_t size)
{
  size_t n = 0;
  ssize_t got;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  while (fd >= 0 && n < size - 1 && (got = read(fd, buf + n, size - 1 - n)) > 0)
    n += (size_t)got;
  if (fd >= 0)
    close(fd);
  buf[n] = '\0';
  return buf;
}

static inline bool write_file(const char *path, const char *text)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
  if (fd >= 0)
    close(fd);
  return good;
}

/* Exit status of the process, 128 and more for a signal. */
static inline int reap(pid_t pid)
{
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    continue;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Starts fn in a process of its own; its result is the exit status. */
static inline pid_t start(int (*fn)(void *), void *arg)
{
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0)
    exit(fn(arg));
  return pid;
}

static inline int in_child(int (*fn)(void *), void *arg)
{
  return reap(start(fn, arg));
}

/* How many descriptors this process has open. */
static inline int count_descriptors(void)
{
  DIR *d = opendir("/proc/self/fd");
  int n = 0;
  while (d && readdir(d))
    n++;
  if (d)
    closedir(d);
  return n;
}

/* A failure is the test's own: no sandbox is to be had here at all. */
static inline int run(int (*body)(void *), void *arg)
{
  struct sandbox_trouble t;
  int r = sandbox_run(NULL, body, arg, &t);
  if (r < 0)
    printf("# %s\n# %s\n", t.what, t.remedy);
  return r;
}
