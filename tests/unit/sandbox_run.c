/* A sandbox from outside and inside: statuses, identity, signals, and that the machine stays as it
 * was. Works as root and as an ordinary user. */
#include "sandbox_test.h"
#include <grp.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* Written by body, read by the test: memory that forked processes share. */
static struct shared {
  volatile int ready, terms, hups, ints;
  volatile bool leave;
} * shared;

/* ---- statuses -------------------------------------------------------------------------------- */

static int return_arg(void *arg)
{
  return *(int *)arg;
}

static int kill_self(void *arg)
{
  kill(getpid(), *(int *)arg);
  return 0;
}

static void statuses(void)
{
  static const int codes[] = {0, 1, 7, 255}, signals[] = {SIGKILL, SIGTERM, SIGUSR1};
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    is(run(return_arg, (void *)(uintptr_t)&codes[i]), codes[i], "body's exit status comes back");
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    is(run(kill_self, (void *)(uintptr_t)&signals[i]), 128 + signals[i],
       "a signal that ends body is 128 and its number");
}

/* ---- what it looks like inside --------------------------------------------------------------- */

static bool loopback_is_up(void)
{
  struct ifreq r = {.ifr_name = "lo"};
  int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool up = ioctl(s, SIOCGIFFLAGS, &r) == 0 && (r.ifr_flags & IFF_UP);
  close(s);
  return up;
}

/* The line of /proc/self/mountinfo for a mount point; the last one is on top. */
static const char *mount_line(const char *point, char *ret, size_t size)
{
  char line[1024], at[256];
  FILE *f = fopen("/proc/self/mountinfo", "re");
  ret[0] = '\0';
  while (f && fgets(line, sizeof line, f))
    if (sscanf(line, "%*d %*d %*s %*s %255s", at) == 1 && strcmp(at, point) == 0)
      snprintf(ret, size, "%s", line);
  if (f)
    fclose(f);
  return ret;
}

static int look_inside(void *arg)
{
  char buf[1024], name[64] = "";
  struct stat st;
  (void)arg;
  ok(getuid() == 0 && getgid() == 0, "root inside");
  is(getppid(), 1, "body's parent is PID 1");
  for (int i = 0; i < 100 && strcmp(slurp("/proc/1/comm", buf, sizeof buf), "nslab-init\n"); i++)
    sleep_ms(10); /* body may be there first */
  same(buf, "nslab-init\n", "PID 1 is our init");
  gethostname(name, sizeof name);
  same(name, "host", "the host's name");
  ok(loopback_is_up(), "lo is up");
  ok(strstr(slurp("/proc/net/dev", buf, sizeof buf), "eth0") == NULL, "no link of the machine");
  ok(strstr(mount_line("/run/netns", buf, sizeof buf), " shared:") != NULL, "/run/netns is shared");
  ok(*mount_line("/", buf, sizeof buf) && !strstr(buf, "shared:") && !strstr(buf, "master:"),
     "/ is private");
  ok(strstr(mount_line("/etc", buf, sizeof buf), "lowerdir=/etc,") != NULL, "/etc is an overlay");
  ok(write_file("/etc/nslab-test", "x"), "/etc can be written");
  ok(write_file("/run/nslab-test", "x") && mkdir("/run/netns/x", 0700) == 0, "so can /run");
  ok(write_file("/proc/sys/net/ipv4/ip_forward", "1"), "and the sysctls of net");
  ok(!write_file("/proc/sys/vm/swappiness", "61"), "but no other sysctl");
  ok(stat("/sys/class/net/lo", &st) == 0 && stat("/sys/class/net/eth0", &st) < 0,
     "/sys shows the links of the sandbox");
  ok(sandbox_inside(), "it knows that it is inside");
  ok(strstr(getenv("PATH"), "/usr/sbin") != NULL, "root's tools are in the path");
  return 0;
}

/* What a sandbox could spoil, as one text. */
static const char *machine(char *buf, size_t size)
{
  static const char *const files[] = {"/proc/sys/net/ipv4/ip_forward", "/proc/sys/vm/swappiness",
                                      "/proc/sys/kernel/hostname", "/proc/net/dev_mcast",
                                      "/proc/self/mountinfo"};
  static const char *const paths[] = {
      "/etc", "/etc/nslab-test", "/etc/hosts", "/etc/resolv.conf", "/run/nslab-test", "/run/netns",
      "/run"};
  size_t n = 0;
  struct stat st;
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    n += strlen(slurp(files[i], buf + n, size - n));
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    bool there = lstat(paths[i], &st) == 0;
    n += (size_t)snprintf(buf + n, size - n, "%s %d %ld.%ld %ld\n", paths[i], there,
                          there ? st.st_mtim.tv_sec : 0, there ? st.st_mtim.tv_nsec : 0,
                          there ? (long)st.st_size : 0);
  }
  return buf;
}

static void identity(void)
{
  static char before[65536], after[65536];
  int fds = count_descriptors();
  ok(!sandbox_inside(), "outside it knows that it is outside");
  machine(before, sizeof before);
  is(run(look_inside, NULL), 0, "a sandbox can be made here");
  same(machine(after, sizeof after), before, "the machine is as it was");
  is(count_descriptors(), fds, "no descriptor is left open");
}

/* ---- a sandbox in a sandbox ------------------------------------------------------------------ */

static void drop_capabilities(void)
{
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  uint32_t low = 1u << CAP_SETFCAP; /* without it uid 0 cannot be mapped */
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{low, low, 0}};
  syscall(SYS_capset, &head, data);
}

/* Overlays stack two deep: here at the latest /etc falls back to what works without. */
static int third(void *arg)
{
  char buf[256];
  ok(strstr(slurp("/etc/hosts", buf, sizeof buf), "localhost host\n") != NULL,
     "without an overlay /etc/hosts is still the sandbox's (%s)", (const char *)arg);
  ok(strstr(slurp("/etc/resolv.conf", buf, sizeof buf), "attempts:1") != NULL,
     "so is /etc/resolv.conf");
  write_file("/etc/nslab-test", "x");
  return 0;
}

static int third_as_user(void *arg)
{
  (void)arg;
  drop_capabilities();
  return run(third, "user");
}

static int second(void *arg)
{
  char buf[64], line[1024];
  (void)arg;
  same(slurp("/run/mine/file", buf, sizeof buf), "kept", "XDG_RUNTIME_DIR in /run is kept");
  ok(access("/run/netns/red", F_OK) < 0, "the outer sandbox's namespaces are not seen");
  bool overlay = strstr(mount_line("/", line, sizeof line), " - overlay ") == NULL;
  if (overlay) /* the machine's root is none already, as in containers */
    ok(write_file("/etc/nslab-test", "y"), "its own /etc can be written");
  is(run(third, "root"), 0, "a third sandbox inside");
  same(slurp("/etc/nslab-test", buf, sizeof buf), overlay ? "y" : "",
       "cannot write in the /etc of the second");
  is(in_child(third_as_user, NULL), 0, "and one without privilege");
  return 0;
}

/* Of an ordinary user in the sandbox of root. */
static int user_in_root(void *arg)
{
  (void)arg;
  if (setgroups(0, NULL) < 0 || setresgid(65534, 65534, 65534) < 0 ||
      setresuid(65534, 65534, 65534) < 0)
    return 100;
  prctl(PR_SET_DUMPABLE, 1); /* what exec would do: /proc/PID is the user's */
  return run(return_arg, (int[]){5});
}

static int first(void *arg)
{
  char buf[64];
  (void)arg;
  if (mkdir("/run/mine", 0700) < 0 || !write_file("/run/mine/file", "kept") ||
      !write_file("/run/netns/red", ""))
    return 1;
  setenv("XDG_RUNTIME_DIR", "/run/mine", 1);
  is(run(second, NULL), 0, "a sandbox in a sandbox");
  if (strstr(slurp("/proc/self/uid_map", buf, sizeof buf), "4294967295"))
    is(in_child(user_in_root, NULL), 5, "and an ordinary user's in root's");
  same(slurp("/etc/nslab-test", buf, sizeof buf), "", "the outer /etc is untouched");
  return 0;
}

/* ---- all ids --------------------------------------------------------------------------------- */

static int use_ids(void *arg)
{
  struct stat st;
  (void)arg;
  return write_file("/run/x", "") && chown("/run/x", 33, 44) == 0 && stat("/run/x", &st) == 0 &&
                 st.st_uid == 33 && st.st_gid == 44 && setgroups(0, NULL) == 0 &&
                 setresuid(33, 33, 33) == 0
             ? 0
             : 1;
}

/* nobody gets a range of ids, in a mount namespace of the test's own. */
static int full_map(void *arg)
{
  struct sandbox_options o = {.full_map = true};
  struct sandbox_trouble t = {0};
  char name[] = "/tmp/nslab-subid-XXXXXX";
  int fd = mkstemp(name);
  (void)arg;
  if (fd < 0 || write(fd, "65534:100000:65536\n", 19) != 19 || fchmod(fd, 0644) < 0 ||
      unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
      mount(name, "/etc/subuid", NULL, MS_BIND, NULL) < 0 ||
      mount(name, "/etc/subgid", NULL, MS_BIND, NULL) < 0)
    return 100;
  close(fd);
  unlink(name);
  if (setgroups(0, NULL) < 0 || setresgid(65534, 65534, 65534) < 0 ||
      setresuid(65534, 65534, 65534) < 0)
    return 101;
  prctl(PR_SET_DUMPABLE, 1); /* what exec would do: /proc/PID is the user's */
  int r = sandbox_run(&o, use_ids, NULL, &t);
  if (r < 0)
    printf("# %s\n", t.what);
  return r < 0 ? 102 : r;
}

static void all_ids(void)
{
  if (geteuid() != 0 || access("/usr/bin/newuidmap", X_OK) < 0 || access("/etc/subuid", F_OK) < 0)
    printf("# all ids through newuidmap: takes root, newuidmap and /etc/subuid\n");
  else
    is(in_child(full_map, NULL), 0, "with the full map a daemon may change its ids");
}

/* ---- signals --------------------------------------------------------------------------------- */

static void count_signal(int sig)
{
  if (sig == SIGTERM)
    shared->terms++;
  if (sig == SIGHUP)
    shared->hups++;
  if (sig == SIGINT)
    shared->ints++;
}

/* Counts signals; leaves some time after the test says so, for a copy too many to arrive. */
static int count_signals(void *arg)
{
  struct sigaction sa = {.sa_handler = count_signal};
  static const int watched[] = {SIGTERM, SIGHUP, SIGINT};
  struct sigaction old;
  (void)arg;
  for (int i = 0; i < 3; i++)
    if (sigaction(watched[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
      sigaction(watched[i], &sa, NULL);
  shared->ready = 1;
  while (!shared->leave)
    sleep_ms(5);
  return 42;
}

static int ignore_and_stay(void *arg)
{
  (void)arg;
  signal(SIGTERM, SIG_IGN);
  shared->ready = 1;
  while (!shared->leave)
    pause();
  return 0;
}

static int wait_quietly(void *arg)
{
  (void)arg;
  shared->ready = 1;
  while (!shared->leave)
    pause();
  return 0;
}

struct runner {
  int (*body)(void *);
  int ignored; /* signal, 0 for none */
};

static int runner(void *arg)
{
  const struct runner *r = arg;
  setpgid(0, 0);
  if (r->ignored)
    signal(r->ignored, SIG_IGN);
  return run(r->body, NULL);
}

static pid_t start_runner(int (*body)(void *), int ignored)
{
  struct runner r = {body, ignored};
  memset((void *)(uintptr_t)shared, 0, sizeof *shared);
  pid_t pid = start(runner, &r);
  for (int i = 0; i < 20000 && !shared->ready; i++)
    sleep_ms(1);
  return pid;
}

/* A signal may take its time on a busy machine; one too many would come right behind it. */
static int finish_after(pid_t pid, int longest_ms)
{
  for (int i = 0; i < longest_ms && shared->terms + shared->ints + shared->hups == 0; i++)
    sleep_ms(1);
  sleep_ms(60);
  shared->leave = true;
  return reap(pid);
}

static int finish(pid_t pid)
{
  return finish_after(pid, 10000);
}

static void signal_counts(void)
{
  pid_t pid = start_runner(count_signals, 0);
  kill(pid, SIGTERM);
  is(finish(pid), 42, "body ends by itself after a signal to the runner");
  is(shared->terms, 1, "SIGTERM for the runner reaches body once");
  pid = start_runner(count_signals, 0);
  kill(pid, SIGINT);
  kill(pid, SIGHUP);
  finish(pid);
  ok(shared->ints == 1 && shared->hups == 1, "and so do SIGINT and SIGHUP");
  pid = start_runner(count_signals, 0);
  kill(-pid, SIGTERM);
  finish(pid);
  is(shared->terms, 1, "SIGTERM for the group reaches body once");
  pid = start_runner(count_signals, 0);
  kill(pid, SIGTERM);
  kill(-pid, SIGTERM);
  finish(pid);
  is(shared->terms, 1, "as timeout(1) sends it, to the program and to its group: once");
  pid = start_runner(count_signals, SIGHUP);
  kill(pid, SIGHUP);
  finish_after(pid, 500); /* none is to come */
  is(shared->hups, 0, "under nohup no SIGHUP is passed on");
  pid = start_runner(count_signals, SIGCHLD);
  is(finish_after(pid, 0), 42, "started with SIGCHLD ignored, the runner sees the end all the same");
}

static void signal_statuses(void)
{
  static const int sigs[] = {SIGHUP, SIGINT, SIGTERM};
  for (int i = 0; i < 3; i++) {
    pid_t pid = start_runner(wait_quietly, 0);
    kill(pid, sigs[i]);
    is(reap(pid), 128 + sigs[i], "a signal that body does not catch gives its status");
  }
  pid_t pid = start_runner(ignore_and_stay, 0);
  long t = now_ms();
  kill(pid, SIGTERM);
  is(reap(pid), 128 + SIGTERM, "body that ignores SIGTERM is ended");
  t = now_ms() - t;
  ok(t >= 1900 && t < 60000, "after the grace of two seconds (%ld ms)", t);
}

/* Init has no body yet; it is stopped, lest it gets one meanwhile. */
static void signal_group_early(pid_t init)
{
  if (init <= 0)
    return;
  kill(init, SIGSTOP);
  kill(0, SIGINT);
  kill(init, SIGCONT);
}

static void signal_group_before(pid_t init)
{
  if (init == 0)
    kill(0, SIGINT);
}

static int stay_some_seconds(void *arg)
{
  (void)arg;
  sleep_ms(5000);
  return 0;
}

static int start_signalled(void *started)
{
  struct sandbox_options o = {.started = *(void (**)(pid_t))started};
  struct sandbox_trouble t;
  setpgid(0, 0);
  return sandbox_run(&o, stay_some_seconds, NULL, &t);
}

static void early_signals(void)
{
  void (*early)(pid_t) = signal_group_early, (*before)(pid_t) = signal_group_before;
  is(in_child(start_signalled, &early), 128 + SIGINT,
     "SIGINT for the group when body is not there yet ends it");
  is(in_child(start_signalled, &before), 128 + SIGINT, "and when init is not");
}

/* ---- leaks ----------------------------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__)
#define WITH_LEAKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_LEAKS 1
#endif
#endif

#ifdef WITH_LEAKS
static void *volatile lost;

static int leak(void *arg)
{
  (void)arg;
  lost = malloc(1234);
  lost = NULL;
  int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(null, 2);
  return 0;
}

static void leaks(void)
{
  ok(run(leak, NULL) != 0, "a leak in body is found");
}
#else
static void leaks(void)
{
  printf("# leaks in body: only in the sanitizer build\n");
}
#endif

int main(void)
{
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  statuses();
  identity();
  is(run(first, NULL), 0, "sandboxes can be nested");
  all_ids();
  signal_counts();
  signal_statuses();
  early_signals();
  leaks();
  munmap((void *)(uintptr_t)shared, sizeof *shared);
  return tap_end();
}
