/* SIGKILL of the runner at random moments, from before the sandbox exists to a lab with daemons:
 * nothing may stay. Namespaces that no process is in are nowhere to be seen, but the kernel counts
 * them: in a user namespace that allows exactly one lab's worth of each kind, the next lab can only
 * be made when all of the last one are gone. */
#include "sandbox_test.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <linux/capability.h>

enum { MOMENTS = 20, LAB_NAMESPACES = 3, LATEST_US = 12000, NO_ROOM = 100 };
/* Tries, 20 ms apart: the kernel frees the namespaces of the whole machine one after another. */
enum { PATIENCE = 1500 };

static const char *program; /* ours, for /proc/PID/cmdline of the runners */
static char tag[32];

/* ---- a lab ----------------------------------------------------------------------------------- */

/* 0, or the errno. */
static int add_netns(int i)
{
  char path[64];
  int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  snprintf(path, sizeof path, "/run/netns/n%d", i);
  bool good = write_file(path, "") && unshare(CLONE_NEWNET) == 0 &&
              mount("/proc/self/ns/net", path, NULL, MS_BIND, NULL) == 0 &&
              setns(home, CLONE_NEWNET) == 0;
  int err = good ? 0 : errno;
  close(home);
  return err;
}

/* A daemon in one of the namespaces, with mounts of its own, as far from its parent as it gets: a
 * grandchild that leads a session. */
static bool start_daemon(void)
{
  struct sandbox_command c = {.in = -1, .out = -1, .err = -1, .session = true};
  const char *argv[] = {"sh", "-c", "setsid sh -c ': $0; sleep 1000; :' $0 & exit 0", tag, NULL};
  struct sandbox_start_error e;
  pid_t pid;
  c.netns = open("/run/netns/n0", O_RDONLY | O_CLOEXEC);
  c.argv = argv;
  bool good = sandbox_spawn(&c, &pid, &e) == 0 && reap(pid) == 0;
  close(c.netns);
  return good;
}

/* With stay, lives until it is killed. */
static int lab(void *arg)
{
  const bool *stay = arg;
  for (int i = 0; i < LAB_NAMESPACES; i++) {
    int err = add_netns(i);
    if (err) /* ENOSPC: the kernel has not freed those of the lab before */
      return err == ENOSPC ? NO_ROOM : 10 + i;
  }
  if (system("ip link add v0 type veth peer name v1 netns n0 && ip link add v2 netns n1 type veth"
             " peer name v3 netns n2") != 0)
    return 20;
  if (mount("tmpfs", "/mnt", "tmpfs", 0, NULL) < 0 || !start_daemon())
    return 30;
  while (*stay)
    pause();
  return 0;
}

/* The process that is killed has the tag among its words. */
static int runner(const char *mode)
{
  bool stay = strcmp(mode, "stay") == 0;
  struct sandbox_trouble t = {0};
  int r = sandbox_run(NULL, lab, &stay, &t);
  return r < 0 ? NO_ROOM : r;
}

static pid_t start_runner(const char *mode)
{
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    execl("/proc/self/exe", program, mode, tag, (char *)NULL);
    _exit(99);
  }
  return pid;
}

/* ---- what is left ---------------------------------------------------------------------------- */

/* How many processes have the tag in their command line, zombies apart. */
static int tagged_processes(void)
{
  char path[300], line[4096];
  int n = 0;
  DIR *d = opendir("/proc");
  for (const struct dirent *e; d && (e = readdir(d));) {
    if (atoi(e->d_name) <= 0 || atoi(e->d_name) == getpid())
      continue;
    snprintf(path, sizeof path, "/proc/%s/cmdline", e->d_name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, line, sizeof line);
    if (fd >= 0)
      close(fd);
    n += len > 0 && memmem(line, (size_t)len, tag, strlen(tag)) != NULL;
  }
  if (d)
    closedir(d);
  return n;
}

static int settle(void)
{
  for (int i = 0; i < 400 && tagged_processes() > 0; i++)
    sleep_ms(5);
  return tagged_processes();
}

/* Starts a lab and kills it after so long. The kernel frees namespaces a moment after their last
 * process: a lab for which there is no room yet is tried again. */
static int kill_lab(unsigned us)
{
  int status = NO_ROOM;
  for (int i = 0; i < PATIENCE && status == NO_ROOM; i++) {
    sleep_ms(20);
    pid_t pid = start_runner("stay");
    usleep(us);
    kill(pid, SIGKILL);
    status = reap(pid);
  }
  return status;
}

/* A whole lab that ends by itself: possible only when nothing of another is left. */
static int try_lab(void)
{
  int status = 0;
  for (int i = 0; i < PATIENCE; i++) {
    status = reap(start_runner("end"));
    if (status == 0)
      break;
    sleep_ms(20);
  }
  return status;
}

/* ---- the machine ----------------------------------------------------------------------------- */

/* A lab is complete when its daemon runs: runner, init, body and daemon have the tag, and it stays
 * so, for the shell that starts the daemon has it too. */
static bool complete(void)
{
  if (tagged_processes() < 4)
    return false;
  sleep_ms(50);
  return tagged_processes() >= 4;
}

/* A lab that is complete, or -1. One that cannot begin, for lack of room yet, is tried again. */
static pid_t complete_lab(void)
{
  for (int tries = 0; tries < 50; tries++) {
    pid_t pid = start_runner("stay"), ended = 0;
    for (int i = 0; i < 500 && ended == 0; i++) {
      if (complete())
        return pid;
      sleep_ms(10);
      ended = waitpid(pid, NULL, WNOHANG);
    }
    if (ended == 0) {
      kill(pid, SIGKILL);
      reap(pid);
    }
    settle();
    sleep_ms(50);
  }
  return -1;
}

/* The count would prove nothing if there were room for two. */
static void only_one(void)
{
  pid_t first = complete_lab();
  ok(first > 0, "a lab is complete");
  is(reap(start_runner("end")), NO_ROOM, "and for no second one");
  if (first > 0) {
    kill(first, SIGKILL);
    reap(first);
  }
}

/* Root of a new user namespace, or a user without capabilities there, with room for one lab. */
static bool own_machine(bool root)
{
  static const char *const limits[][2] = {{"net", "4"}, {"mnt", "3"}, {"pid", "1"},
                                          {"uts", "1"}, {"ipc", "1"}, {"user", "1"}};
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
  unsigned uid = geteuid(), gid = getegid();
  char text[64];
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
    return false;
  write_file("/proc/self/setgroups", "deny");
  snprintf(text, sizeof text, "%u %u 1", root ? 0u : 1000u, uid);
  bool good = write_file("/proc/self/uid_map", text);
  snprintf(text, sizeof text, "%u %u 1", root ? 0u : 1000u, gid);
  good = write_file("/proc/self/gid_map", text) && good;
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    snprintf(text, sizeof text, "/proc/sys/user/max_%s_namespaces", limits[i][0]);
    good = write_file(text, limits[i][1]) && good;
  }
  if (!root)
    syscall(SYS_capset, &head, data);
  return good;
}

static unsigned random_below(unsigned n)
{
  unsigned v = 0;
  if (getrandom(&v, sizeof v, 0) != (ssize_t)sizeof v)
    abort();
  return v % n;
}

static int kill_often(void *arg)
{
  const bool *root = arg;
  static char before[65536], after[65536];
  if (!own_machine(*root))
    return 77;
  slurp("/proc/self/mountinfo", before, sizeof before);
  if (!is(try_lab(), 0, *root ? "root has room for a lab" : "a user has room for a lab"))
    return 1;
  only_one();
  for (int i = 0; i < MOMENTS; i++) {
    unsigned us = random_below(LATEST_US);
    is(kill_lab(us), 128 + SIGKILL, "the runner is killed");
    is(settle(), 0, "  no process is left");
    ok(try_lab() == 0, "  nor a namespace (killed after %u us)", us);
  }
  same(slurp("/proc/self/mountinfo", after, sizeof after), before, "no mount is left");
  return 0;
}

int main(int argc, char **argv)
{
  program = argv[0];
  snprintf(tag, sizeof tag, "nslab-kill-%s", argc > 2 ? argv[2] + strlen("nslab-kill-") : "");
  if (argc > 2)
    return runner(argv[1]);
  snprintf(tag, sizeof tag, "nslab-kill-%d", getpid());
  bool root = true, user = false;
  int status = in_child(kill_often, &root);
  if (status == 77) {
    printf("1..0 # SKIP this machine has no user namespaces to count in\n");
    return 0;
  }
  is(status, 0, "as root");
  is(in_child(kill_often, &user), 0, "as an ordinary user");
  return tap_end();
}
