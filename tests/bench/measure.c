/* measure: runs contenders in turn and prints how long each took. A shell loop would time its own
 * forks; this spawns from a small process and reads the clock on both sides of exec and wait.
 *
 *   measure [-f] [-r ROUNDS] [-p PATIENCE_MS] :: NAME [@private] WORD... :: NAME [@private] WORD... ...
 *
 * A round runs every contender once, in an order that is reversed every other round, so that whatever
 * drifts on the machine drifts for all. One line a run: NAME, wall time in microseconds, greatest
 * resident size in KiB; and a last line `busy N`, how many runs began before the machine was quiet.
 * A contender that does not exit with 0 ends everything with status 1.
 *
 * @private puts a contender into a network and a mount namespace of its own, with an empty, shared
 * /run/netns, as a machine has it; making them is not timed.
 *
 * The kernel destroys network namespaces in a worker, long after the process is gone, and holds
 * locks over it that the next contender needs. The worker's name says what it works at, to everyone:
 * /proc/PID/comm ends in "+netns". A run begins when that is over and the processors are mostly idle,
 * or when the patience, which is for all runs together, is used up.
 *
 * -f runs all contenders at a real-time priority, if we may: others on the machine then disturb less. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CONTENDERS = 16, POLL_MS = 3, CALM_POLLS = 2, LOAD_MS = 24, LOAD_PERCENT = 30 };

struct contender {
  const char *name;
  char **argv;
  bool private;
};

struct sample {
  long long ns;
  long rss_kib;
  int status;
};

extern char **environ;

static _Noreturn void die(const char *what)
{
  fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
  exit(1);
}

static long long now_ns(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void sleep_ms(long ms)
{
  nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* ---- quiet ----------------------------------------------------------------------------------- */

/* Whether the kernel takes namespaces apart at this moment. */
static bool cleaning(void)
{
  char path[64], comm[80];
  bool found = false;
  DIR *proc = opendir("/proc");
  if (proc == NULL)
    die("/proc");
  for (struct dirent *d; !found && (d = readdir(proc));) {
    if (d->d_name[0] < '1' || d->d_name[0] > '9')
      continue;
    snprintf(path, sizeof path, "/proc/%.20s/comm", d->d_name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, comm, sizeof comm - 1);
    if (fd >= 0)
      close(fd);
    comm[n > 0 ? n : 0] = '\0';
    found = strncmp(comm, "kworker/", 8) == 0 && strstr(comm, "+netns");
  }
  closedir(proc);
  return found;
}

struct load {
  unsigned long long busy, all;
};

static struct load read_load(void)
{
  unsigned long long v[8] = {0};
  struct load l = {0};
  FILE *f = fopen("/proc/stat", "re");
  if (f == NULL || fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &v[0], &v[1], &v[2],
                          &v[3], &v[4], &v[5], &v[6], &v[7]) != 8)
    die("/proc/stat");
  fclose(f);
  for (int i = 0; i < 8; i++)
    l.all += v[i];
  l.busy = l.all - v[3] - v[4]; /* idle, and waiting for a disk */
  return l;
}

static bool loaded(void)
{
  struct load a = read_load();
  sleep_ms(LOAD_MS);
  struct load b = read_load();
  return (b.busy - a.busy) * 100 > (b.all - a.all) * LOAD_PERCENT;
}

/* Waits until it is quiet; takes what it waited beyond the needed from *patience_ms. false when that
 * is used up. */
static bool wait_for_quiet(long *patience_ms)
{
  for (int calm = 0;;) {
    long long start = now_ns();
    bool quiet = !cleaning();
    if (quiet && calm == CALM_POLLS)
      quiet = !loaded();
    else if (*patience_ms > 0)
      sleep_ms(POLL_MS);
    if (quiet && ++calm > CALM_POLLS)
      return true;
    if (quiet)
      continue;
    calm = 0;
    if (*patience_ms <= 0)
      return false;
    *patience_ms -= (now_ns() - start) / 1000000;
  }
}

/* ---- one run --------------------------------------------------------------------------------- */

static void put(const char *path, const char *text)
{
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, strlen(text)) < 0)
    die(path);
  close(fd);
}

/* An ordinary user is root of a user namespace. */
static void become_root(uid_t uid, gid_t gid)
{
  char map[40];
  put("/proc/self/setgroups", "deny");
  snprintf(map, sizeof map, "0 %u 1", uid);
  put("/proc/self/uid_map", map);
  snprintf(map, sizeof map, "0 %u 1", gid);
  put("/proc/self/gid_map", map);
}

static void make_private(void)
{
  struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  uid_t uid = geteuid();
  gid_t gid = getegid();
  if (unshare(CLONE_NEWNET | CLONE_NEWNS | (uid ? CLONE_NEWUSER : 0)) < 0)
    die("unshare");
  if (uid)
    become_root(uid, gid);
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
      mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0 ||
      mkdir("/run/netns", 0755) < 0 ||
      mount("/run/netns", "/run/netns", NULL, MS_BIND, NULL) < 0 ||
      mount(NULL, "/run/netns", NULL, MS_SHARED, NULL) < 0)
    die("/run");
  int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (s < 0 || ioctl(s, SIOCSIFFLAGS, &lo) < 0)
    die("lo");
  close(s);
}

/* The timed part: spawn, wait. */
static struct sample run_timed(const struct contender *c, posix_spawn_file_actions_t *actions)
{
  struct rusage usage;
  struct sample s = {.status = 127};
  pid_t pid;
  long long start = now_ns();
  if (posix_spawnp(&pid, c->argv[0], actions, NULL, c->argv, environ) == 0) {
    while (wait4(pid, &s.status, 0, &usage) < 0)
      if (errno != EINTR)
        die("wait4");
    s.ns = now_ns() - start;
    s.rss_kib = usage.ru_maxrss;
  }
  return s;
}

static struct sample run_private(const struct contender *c, posix_spawn_file_actions_t *actions)
{
  int fds[2];
  struct sample s = {.status = 127};
  if (pipe2(fds, O_CLOEXEC) < 0)
    die("pipe");
  pid_t pid = fork();
  if (pid == 0) {
    make_private();
    s = run_timed(c, actions);
    _exit(write(fds[1], &s, sizeof s) != sizeof s);
  }
  close(fds[1]);
  if (pid < 0 || read(fds[0], &s, sizeof s) != sizeof s)
    s.status = 127;
  close(fds[0]);
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
    ;
  return s;
}

/* Of all that waits for a processor the contenders come first. Without privilege it stays as it is. */
static void come_first(void)
{
  sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1});
}

/* ---- all runs -------------------------------------------------------------------------------- */

static int parse(char **argv, struct contender *ret)
{
  int n = 0;
  while (*argv) {
    struct contender *c = &ret[n];
    if (strcmp(*argv, "::") != 0 || n == CONTENDERS)
      return 0;
    *argv++ = NULL; /* ends the words of the one before */
    if (argv[0] == NULL || argv[1] == NULL)
      return 0;
    c->name = *argv++;
    c->private = strcmp(*argv, "@private") == 0;
    argv += c->private;
    c->argv = argv;
    while (*argv && strcmp(*argv, "::") != 0)
      argv++;
    n += c->argv != argv;
  }
  return n;
}

int main(int argc, char **argv)
{
  struct contender contenders[CONTENDERS];
  posix_spawn_file_actions_t actions;
  long rounds = 30, patience_ms = 20000, busy = 0;
  for (int option; (option = getopt(argc, argv, "+fr:p:")) != -1;) {
    if (option == 'f')
      come_first();
    else if (option == 'r')
      rounds = atol(optarg);
    else if (option == 'p')
      patience_ms = atol(optarg);
  }
  int n = parse(argv + optind, contenders);
  if (n == 0) {
    fprintf(stderr, "usage: measure [-f] [-r ROUNDS] [-p PATIENCE_MS] :: NAME [@private] WORD... ...\n");
    return 2;
  }
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  for (long i = 0; i < rounds * n; i++) {
    long place = i / n % 2 ? n - 1 - i % n : i % n;
    const struct contender *c = &contenders[place];
    busy += !wait_for_quiet(&patience_ms);
    struct sample s = c->private ? run_private(c, &actions) : run_timed(c, &actions);
    if (s.status != 0) {
      fprintf(stderr, "measure: %s: wait status %d\n", c->name, s.status);
      return 1;
    }
    printf("%s %.1f %ld\n", c->name, (double)s.ns / 1e3, s.rss_kib);
  }
  printf("busy %ld\n", busy);
  return 0;
}
