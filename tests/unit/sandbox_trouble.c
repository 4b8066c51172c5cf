/* What the user is told where no sandbox can be made. Each machine that forbids it is simulated in
 * a user namespace of the test's own: with the limits of that namespace, a system call filter like
 * a container's, files laid over /proc/sys, a chroot. */
#include "sandbox_test.h"
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* ---- a machine of our own -------------------------------------------------------------------- */

/* Root of a new user and mount namespace, in a new PID namespace of which our children are. */
static bool own_machine(void)
{
  char map[32];
  unsigned uid = geteuid(), gid = getegid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
    return false;
  write_file("/proc/self/setgroups", "deny");
  snprintf(map, sizeof map, "0 %u 1", uid);
  bool good = write_file("/proc/self/uid_map", map);
  snprintf(map, sizeof map, "0 %u 1", gid);
  good = write_file("/proc/self/gid_map", map) && good;
  return good && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static void set_capabilities(uint32_t low)
{
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{low, low, 0}};
  syscall(SYS_capset, &head, data);
}

/* The root of a container: it needs CAP_SETFCAP to map itself, which an ordinary user does not. */
static void drop_capabilities(void)
{
  set_capabilities(1u << CAP_SETFCAP);
}

/* Refuses the system call with err, as containers do; with flags, only where its first argument has
 * one of them. */
static void refuse(long nr, uint32_t flags, int err)
{
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flags, 0, flags ? 1 : 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)err),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* A file of /proc/sys/kernel that this kernel may not have. */
static void pretend_sysctl(const char *name, const char *value)
{
  char path[128];
  snprintf(path, sizeof path, "/proc/sys/kernel/%s", name);
  mount("tmpfs", "/proc/sys/kernel", "tmpfs", 0, NULL);
  write_file(path, value);
}

/* ---- the causes ------------------------------------------------------------------------------ */

static void no_user_namespaces(void)
{
  write_file("/proc/sys/user/max_user_namespaces", "0");
  drop_capabilities();
}

static void no_net_namespaces(void)
{
  write_file("/proc/sys/user/max_net_namespaces", "0");
}

static void no_pid_namespaces(void)
{
  write_file("/proc/sys/user/max_pid_namespaces", "0");
}

static void seccomp(void)
{
  drop_capabilities();
  refuse(SYS_clone, CLONE_NEWUSER | CLONE_NEWNS, EPERM);
}

static void seccomp_as_root(void)
{
  refuse(SYS_clone, CLONE_NEWUSER | CLONE_NEWNS, EPERM);
}

static void debian(void)
{
  pretend_sysctl("unprivileged_userns_clone", "0\n");
  drop_capabilities();
  refuse(SYS_clone, CLONE_NEWUSER, EPERM);
}

static void apparmor(void)
{
  pretend_sysctl("apparmor_restrict_unprivileged_userns", "1\n");
  drop_capabilities();
  refuse(SYS_mount, 0, EACCES);
}

static void container_mounts(void)
{
  refuse(SYS_mount, 0, EPERM);
}

/* A mount over a part of /proc counts as a mask for whoever comes with less privilege. */
static void mask_proc(void)
{
  mount("tmpfs", "/proc/tty", "tmpfs", 0, NULL);
  drop_capabilities();
}

static void change_root(void)
{
  mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
  mkdir("/tmp/root", 0755);
  mount("/", "/tmp/root", NULL, MS_BIND | MS_REC, NULL);
  if (chroot("/tmp/root") == 0)
    drop_capabilities();
}

static void hide_proc(void)
{
  mount("tmpfs", "/proc", "tmpfs", 0, NULL);
  drop_capabilities();
  refuse(SYS_clone, CLONE_NEWUSER, EPERM);
}

static void drop_everything(void)
{
  set_capabilities(0);
}

static void process_limit(void)
{
  refuse(SYS_clone, CLONE_NEWNS, EAGAIN);
}

static void strange(void)
{
  refuse(SYS_clone, CLONE_NEWNS, ENOMEM);
}

struct row {
  const char *name;
  void (*spoil)(void);
  int err;
  const char *what, *remedy; /* words that have to be there */
};

static const struct row rows[] = {
    {"no user namespaces", no_user_namespaces, ENOSPC, "user.max_user_namespaces is 0",
     "sysctl -w user.max_user_namespaces="},
    {"no network namespaces", no_net_namespaces, ENOSPC, "user.max_net_namespaces is 0",
     "sysctl -w user.max_net_namespaces="},
    {"another limit", no_pid_namespaces, ENOSPC, "too many namespaces", "max_pid_namespaces"},
    {"a container's filter", seccomp, EPERM, "seccomp", "--security-opt seccomp=unconfined"},
    {"a container's filter, as root", seccomp_as_root, EPERM, "seccomp", "--privileged"},
    {"Debian's sysctl", debian, EPERM, "kernel.unprivileged_userns_clone is 0",
     "sysctl -w kernel.unprivileged_userns_clone=1"},
    {"Ubuntu's AppArmor", apparmor, EACCES, "AppArmor", "`userns,`"},
    {"a container that forbids mounts", container_mounts, EPERM, "forbids mounts",
     "apparmor=unconfined"},
    {"a masked /proc", mask_proc, EPERM, "masks parts of /proc", "systempaths=unconfined"},
    {"a chroot", change_root, EPERM, "was refused", "chroot"},
    {"no /proc", hide_proc, EPERM, "/proc is not mounted", "mount -t proc"},
    {"a root without any capability", drop_everything, EPERM, "CAP_SETFCAP", "--cap-add"},
    {"a limit of processes", process_limit, EAGAIN, "no more processes", "ulimit -u"},
    {"something else", strange, ENOMEM, "could not make the namespaces: Cannot allocate memory",
     "nslab doctor"},
};

static int nothing(void *arg)
{
  (void)arg;
  return 0;
}

enum { NO_MACHINE = 77 };

static int try(void *arg)
{
  const struct row *row = arg;
  struct sandbox_trouble t = {0};
  if (!own_machine())
    return NO_MACHINE;
  row->spoil();
  int fds = count_descriptors();
  int r = sandbox_run(NULL, nothing, NULL, &t);
  is(r, -row->err, row->name);
  is(t.err, row->err, "  the error's number");
  ok(strstr(t.what, row->what) != NULL, "  what: %s", t.what);
  ok(strstr(t.remedy, row->remedy) != NULL, "  remedy: %.*s", (int)strcspn(t.remedy, "\n"),
     t.remedy);
  ok(strlen(t.remedy) + 1 < sizeof t.remedy && strlen(t.what) + 1 < sizeof t.what, "  not cut");
  is(count_descriptors(), fds, "  no descriptor is left");
  ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "  no process is left");
  _exit(0); /* a leak sanitizer cannot do without /proc */
}

/* Root that lacks the capability, as in a container, is served by the user namespace. */
static int weak_root(void *arg)
{
  (void)arg;
  if (!own_machine())
    return NO_MACHINE;
  drop_capabilities();
  is(run(nothing, NULL), 0, "uid 0 without CAP_SYS_ADMIN gets a sandbox");
  return 0;
}

/* Asked for the full map where there is no range: the sentence says what to do. */
static int no_range(void *arg)
{
  struct sandbox_trouble t = {0};
  struct sandbox_options o = {.full_map = true};
  (void)arg;
  if (!own_machine())
    return NO_MACHINE;
  mount("/dev/null", "/etc/subuid", NULL, MS_BIND, NULL);
  drop_capabilities();
  is(sandbox_run(&o, nothing, NULL, &t), -ENODATA, "a full map without a range of ids");
  ok(strstr(t.remedy, "usermod --add-subuids") != NULL, "  its remedy: %s", t.remedy);
  return 0;
}

int main(void)
{
  bool tell = in_child(weak_root, NULL) != NO_MACHINE;
  if (tell)
    in_child(no_range, NULL);
  for (size_t i = 0; tell && i < sizeof rows / sizeof *rows; i++)
    is(in_child(try, (void *)(uintptr_t)&rows[i]), 0, "  the test itself ended");
  if (!tell)
    printf("1..0 # SKIP this machine has no user namespaces to simulate others in\n");
  return tell ? tap_end() : 0;
}
