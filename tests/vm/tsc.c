/* tsc: prints how many thousand times a second this processor's time-stamp counter counts. */
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

static long long now_ns(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC_RAW, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(void)
{
  long long start_ns = now_ns();
  unsigned long long start = __rdtsc();
  nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
  unsigned long long ticks = __rdtsc() - start;
  printf("%.0f\n", (double)ticks * 1e6 / (double)(now_ns() - start_ns));
  return 0;
}
