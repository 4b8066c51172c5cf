/* netlink_test: what the unit programs of this room share: TAP lines, and a count of the open
 * descriptors. */
#pragma once
#include <dirent.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static int tap_count, tap_failed;

/* One test line. Returns `good`, so that a test that depends on it can stop. */
__attribute__((format(printf, 2, 3))) static inline bool ok(bool good, const char *what, ...)
{
  va_list args;
  va_start(args, what);
  tap_count++;
  tap_failed += !good;
  printf("%s %d - ", good ? "ok" : "not ok", tap_count);
  vprintf(what, args);
  printf("\n");
  fflush(stdout);
  va_end(args);
  return good;
}

/* Equal numbers, shown when they are not. */
static inline bool is(long got, long want, const char *what)
{
  if (got == want)
    return ok(true, "%s", what);
  return ok(false, "%s: got %ld, want %ld", what, got, want);
}

/* The plan, and the exit status of the program. */
static inline int tap_end(void)
{
  printf("1..%d\n", tap_count);
  return tap_failed ? 1 : 0;
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
