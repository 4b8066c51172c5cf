/* Programs that are started in a sandbox: how they see the namespace they were put in, what they
 * inherit and what not, and what is said when they cannot start. */
#include "sandbox_test.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

static const struct sandbox_command plain = {.netns = -1, .in = -1, .out = -1, .err = -1};

/* Starts the command with its output in a pipe and waits for its end; -errno when it cannot start.
 */
static int output_of(struct sandbox_command c, const char *const *argv, char *buf, size_t size,
                     struct sandbox_start_error *e)
{
  int p[2];
  pid_t pid;
  size_t n = 0;
  ssize_t got;
  c.argv = argv;
  if (pipe2(p, O_CLOEXEC) < 0)
    return -errno;
  c.out = p[1];
  int r = sandbox_spawn(&c, &pid, e);
  close(p[1]);
  while (r == 0 && n < size - 1 && (got = read(p[0], buf + n, size - 1 - n)) > 0)
    n += (size_t)got;
  close(p[0]);
  buf[n] = '\0';
  return r < 0 ? r : reap(pid);
}

/* What a shell says in that place. */
static const char *shell(struct sandbox_command c, const char *script)
{
  static char buf[16384];
  const char *argv[] = {"sh", "-c", script, NULL};
  struct sandbox_start_error e = {0};
  int r = output_of(c, argv, buf, sizeof buf, &e);
  if (r != 0)
    printf("# %s: %d %s\n", script, r, e.step);
  return buf;
}

/* As `ip netns add` does it. */
static int add_netns(const char *name)
{
  char path[64];
  int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  snprintf(path, sizeof path, "/run/netns/%s", name);
  write_file(path, "");
  if (unshare(CLONE_NEWNET) < 0 || mount("/proc/self/ns/net", path, NULL, MS_BIND, NULL) < 0 ||
      setns(home, CLONE_NEWNET) < 0)
    abort();
  close(home);
  return open(path, O_RDONLY | O_CLOEXEC);
}

/* ---- what is said when it cannot start ------------------------------------------------------- */

static void failures(void)
{
  const char *missing[] = {"no-such-program", NULL}, *dir[] = {"/etc", NULL}, *sh[] = {"sh", NULL};
  struct sandbox_command c = plain;
  struct sandbox_start_error e = {0};
  char buf[64];
  int fds = count_descriptors();
  is(output_of(c, missing, buf, sizeof buf, &e), -ENOENT, "a program that does not exist");
  same(e.step, "start the program", "  the step");
  is(output_of(c, dir, buf, sizeof buf, &e), -EACCES, "a directory for a program");
  char *path = strdup(getenv("PATH")), longer[4096];
  snprintf(longer, sizeof longer, "/etc/hosts:/root:%s", path);
  setenv("PATH", longer, 1);
  is(output_of(c, missing, buf, sizeof buf, &e), -ENOENT, "and with a closed directory in PATH");
  setenv("PATH", path, 1);
  free(path);
  c.cwd = "/no/such/place";
  is(output_of(c, sh, buf, sizeof buf, &e), -ENOENT, "a directory that does not exist");
  same(e.step, "change to the directory", "  the step");
  c = plain;
  c.netns = open("/dev/null", O_RDONLY | O_CLOEXEC);
  is(output_of(c, sh, buf, sizeof buf, &e), -EINVAL, "a descriptor that is no namespace");
  same(e.step, "enter the namespace", "  the step");
  close(c.netns);
  is(count_descriptors(), fds, "no descriptor is left");
  ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "no child is left");
}

/* ---- what it inherits ------------------------------------------------------------------------ */

static void descriptors(void)
{
  struct sandbox_command c = plain;
  int leak = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, as libraries do */
  same(shell(c,
             "for f in /proc/self/fd/*; do case $f in */[012]) ;; *) [ -e $f ] && echo $f;; esac;"
             " done; true"),
       "", "no descriptor but 0, 1, 2 reaches the program");
  close(leak);
  int file = open("/run/input", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ok(write(file, "hello\n", 6) == 6 && lseek(file, 0, SEEK_SET) == 0, "an input is there");
  c.in = file;
  same(shell(c, "cat"), "hello\n", "it reads the descriptor given as its input");
  close(file);
}

/* Descriptors 0, 1, 2 given crosswise: as the program's 1, 2 and 0. */
static int swap(void *arg)
{
  struct sandbox_command c = plain;
  const char *argv[] = {"sh", "-c", "cat >&2; echo two; exec 2>&1", NULL};
  struct sandbox_start_error e;
  char buf[64];
  pid_t pid;
  int p[2];
  (void)arg;
  write_file("/run/swap", "one\n");
  close(0);
  close(1);
  close(2);
  int out = open("/run/out", O_RDWR | O_CREAT | O_TRUNC, 0600);   /* 0 */
  int err = open("/run/err", O_RDWR | O_CREAT | O_TRUNC, 0600);   /* 1 */
  int in = open("/run/swap", O_RDONLY);                           /* 2 */
  if (out != 0 || err != 1 || in != 2 || pipe2(p, O_CLOEXEC) < 0) /* the error pipe is above */
    return 1;
  c.argv = argv;
  c.in = in;
  c.out = out;
  c.err = err;
  if (sandbox_spawn(&c, &pid, &e) < 0 || reap(pid) != 0)
    return 2;
  if (strcmp(slurp("/run/out", buf, sizeof buf), "two\n") != 0)
    return 3;
  return strcmp(slurp("/run/err", buf, sizeof buf), "one\n") != 0 ? 4 : 0;
}

/* With 0, 1 and 2 closed the room's own pipe gets those numbers. */
static int closed(void *arg)
{
  struct sandbox_command c = plain;
  const char *argv[] = {"no-such-program", NULL};
  struct sandbox_start_error e;
  pid_t pid;
  (void)arg;
  close(0);
  close(1);
  close(2);
  c.out = c.err = open("/run/out", O_RDWR | O_CREAT | O_TRUNC, 0600);
  c.argv = argv;
  return sandbox_spawn(&c, &pid, &e) == -ENOENT && strcmp(e.step, "start the program") == 0 ? 0 : 1;
}

static void environment(void)
{
  const char *env[] = {"PATH=/usr/bin:/bin", "COLOUR=red", NULL};
  struct sandbox_command c = plain;
  c.env = env;
  same(shell(c, "echo $COLOUR $HOME"), "red\n", "the environment is the one given");
  c = plain;
  c.cwd = "/usr/bin";
  same(shell(c, "pwd"), "/usr/bin\n", "so is the directory");
}

static void on_signal(int sig)
{
  (void)sig;
}

static int bits(const char *text, const char *name)
{
  const char *at = strstr(text, name);
  return at ? (int)strtol(at + strlen(name), NULL, 16) : -1;
}

static void signals(void)
{
  sigset_t set;
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTERM, on_signal);
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  const char *argv[] = {"cat", "/proc/self/status", NULL};
  static char buf[8192];
  struct sandbox_start_error e;
  is(output_of(plain, argv, buf, sizeof buf, &e), 0, "cat runs");
  is(bits(buf, "SigBlk:"), 0, "no signal is blocked in the program");
  is(bits(buf, "SigIgn:"), 0, "none is ignored");
  sigprocmask(SIG_BLOCK, NULL, &set);
  ok(sigismember(&set, SIGUSR1) == 1 && sigismember(&set, SIGTERM) == 0, "ours are as they were");
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  signal(SIGTERM, SIG_DFL);
  signal(SIGPIPE, SIG_DFL);
}

static void groups(void)
{
  struct sandbox_command c = plain;
  c.session = true;
  same(shell(c, "set -- $(cat /proc/self/stat); [ $5 = $$ ] && [ $6 = $$ ] && echo leader"),
       "leader\n", "with session it leads a session and a group of its own");
}

/* ---- namespaces ------------------------------------------------------------------------------ */

static void namespaces(void)
{
  struct sandbox_command c = plain;
  char before[16384], after[16384];
  slurp("/proc/self/mountinfo", before, sizeof before);
  c.netns = add_netns("red");
  c.netns_name = "red";
  same(shell(c, "ip link add red0 type veth peer red1; cd /sys/class/net; ls -d lo red*"),
       "lo\nred0\nred1\n", "it sees the links of the namespace, in /sys too");
  same(shell(plain, "ls /sys/class/net | grep red; true"), "", "and we those of ours");
  same(shell(c, "echo 1 > /proc/sys/net/ipv4/ip_forward; cat /proc/sys/net/ipv4/ip_forward"), "1\n",
       "a sysctl of net is that of the namespace");
  same(shell(plain, "cat /proc/sys/net/ipv4/ip_forward"), "0\n", "and of no other");
  same(shell(c, "ip netns add green && ip netns list | sort; ip -n green -br link show lo | wc -l"),
       "green\nred\n1\n", "a namespace that it adds lives");
  ok(access("/run/netns/green", F_OK) == 0, "and is seen outside");
  same(shell(plain, "ip -n green -br link show lo | wc -l"), "1\n", "alive");
  same(shell(c, "ip netns del green && ip netns list"), "red\n", "it can delete it again");
  ok(access("/run/netns/green", F_OK) < 0, "and then it is gone outside");
  close(c.netns);
  shell(plain, "ip netns del red");
  same(slurp("/proc/self/mountinfo", after, sizeof after), before, "our mounts are as they were");
}

/* /proc is not asked who is in a namespace, but the kernel whether its end of a cable is gone. */
static void deleted_namespace(void)
{
  struct sandbox_command c = plain;
  const char *result = "";
  c.netns = add_netns("red");
  shell(c, "true");
  close(c.netns);
  shell(plain,
        "ip link add here type veth peer there; ip link set there netns red; ip netns del red");
  for (int i = 0; i < 100 && *(result = shell(plain, "ls /sys/class/net | grep here; true")); i++)
    sleep_ms(20);
  same(result, "", "ip netns del ends a namespace in which programs ran");
}

static void etc_files(void)
{
  struct sandbox_command c = plain;
  c.netns = add_netns("red");
  c.netns_name = "red";
  shell(plain, "mkdir -p /etc/netns/red; echo nameserver 10.1.2.3 > /etc/netns/red/resolv.conf;"
               " echo x > /etc/netns/red/not-in-etc");
  same(shell(c, "cat /etc/resolv.conf; cat /etc/not-in-etc 2>/dev/null; true"),
       "nameserver 10.1.2.3\n", "files of /etc/netns stand for those of /etc");
  same(shell(plain, "grep -c 10.1.2.3 /etc/resolv.conf; true"), "0\n", "only there");
  same(shell(c,
             "grep 10.1.2.3 /etc/resolv.conf; ip netns exec red cat /etc/resolv.conf 2>/dev/null"),
       "nameserver 10.1.2.3\nnameserver 10.1.2.3\n", "as ip netns exec has it");
  close(c.netns);
  shell(plain, "rm -r /etc/netns/red; ip netns del red");
}

static void pid_namespace(void)
{
  struct sandbox_command c = plain;
  c.pid = true;
  same(shell(c, "echo $$; echo /proc/[0-9]*"), "1\n/proc/1\n",
       "with pid the program is PID 1 and sees nothing but itself");
  ok(!write_file("/proc/sys/vm/swappiness", "60"), "the machine's sysctls are protected here");
  same(shell(c, "(echo 60 > /proc/sys/vm/swappiness) 2>/dev/null && echo written; true"), "",
       "and there");
  c.netns = add_netns("red");
  same(shell(c, "echo 1 > /proc/sys/net/ipv4/ip_forward; cat /proc/sys/net/ipv4/ip_forward;"
                "cd /sys/class/net; ls -d lo; ip netns list"),
       "1\nlo\nred\n", "network, sysctls and /run/netns go with it");
  close(c.netns);
  shell(plain, "ip netns del red");
  struct stat st;
  ok(stat("/proc/self", &st) == 0 && getpid() != 1, "our /proc is as it was");
}

static void own_mounts(void)
{
  struct sandbox_command c = plain;
  c.mount = true;
  same(shell(c, "mkdir /run/m; mount -t tmpfs none /run/m && touch /run/m/x && ls /run/m"), "x\n",
       "with mount the program mounts what it likes");
  same(shell(plain, "ls /run/m"), "", "and nobody else sees it");
}

/* ---- all of it ------------------------------------------------------------------------------- */

static int nap(void *arg)
{
  struct sandbox_command c = plain;
  const char *argv[] = {"sleep", "1000", NULL};
  struct sandbox_start_error e;
  c.argv = argv;
  c.session = true;
  return sandbox_spawn(&c, arg, &e);
}

/* The program's parent ends, and it must end too. */
static void dies_with_parent(void)
{
  pid_t *pid = mmap(NULL, sizeof *pid, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  is(in_child(nap, pid), 0, "a program is started");
  int tries = 0;
  while (tries++ < 100 && kill(*pid, 0) == 0)
    sleep_ms(10);
  ok(kill(*pid, 0) < 0 && errno == ESRCH, "and ends with who started it");
  munmap(pid, sizeof *pid);
}

static int all(void *arg)
{
  (void)arg;
  failures();
  descriptors();
  is(in_child(swap, NULL), 0, "descriptors 0, 1 and 2 may be given crosswise");
  is(in_child(closed, NULL), 0, "with 0, 1 and 2 closed the failure is still reported");
  environment();
  signals();
  groups();
  namespaces();
  deleted_namespace();
  etc_files();
  pid_namespace();
  own_mounts();
  dies_with_parent();
  return 0;
}

int main(void)
{
  is(run(all, NULL), 0, "the tests ran in a sandbox");
  return tap_end();
}
