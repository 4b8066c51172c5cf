/* trouble: why a sandbox could not be made, and what helps. The errno alone says little: the same
 * EPERM comes from a sysctl, a security module, a container's filter and a chroot. Each row of the
 * table looks for one cause; the first that applies is told. */
#include "sandbox/parts.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int sandbox_fail(struct sandbox_start_error *e, const char *step)
{
  e->err = errno;
  snprintf(e->step, sizeof e->step, "%s", step);
  return -e->err;
}

struct failure {
  const struct sandbox_plan *plan;
  const struct sandbox_start_error *e;
  bool cloning; /* at the very first step, where the namespaces are made */
};

struct cause {
  bool (*applies)(const struct failure *f);
  const char *what;
  const char *remedy;
};

/* ---- looking around -------------------------------------------------------------------------- */

/* The file's first line as a number; -1 when there is no such file. */
static long read_number(const char *path)
{
  char text[32];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0)
    return -1;
  text[n] = '\0';
  return strtol(text, NULL, 10);
}

static bool seccomp_filtered(void)
{
  char line[128];
  bool ret = false;
  FILE *f = fopen("/proc/self/status", "re");
  while (f && fgets(line, sizeof line, f))
    if (strncmp(line, "Seccomp:", 8) == 0)
      ret = atoi(line + 8) == 2;
  if (f)
    fclose(f);
  return ret;
}

static bool refused(const struct failure *f)
{
  return f->e->err == EPERM || f->e->err == EACCES;
}

static bool at(const struct failure *f, const char *step)
{
  return strcmp(f->e->step, step) == 0;
}

/* ---- the causes ------------------------------------------------------------------------------ */

static bool no_proc(const struct failure *f)
{
  (void)f;
  return access("/proc/self/ns", F_OK) < 0;
}

static bool no_user_namespaces(const struct failure *f)
{
  return f->cloning && f->plan->user && access("/proc/self/ns/user", F_OK) < 0;
}

static bool kernel_lacks_namespaces(const struct failure *f)
{
  return f->cloning && f->e->err == EINVAL;
}

static bool debian_sysctl(const struct failure *f)
{
  return f->cloning && f->plan->user && refused(f) &&
         read_number("/proc/sys/kernel/unprivileged_userns_clone") == 0;
}

static bool apparmor_restriction(const struct failure *f)
{
  return !f->cloning && f->plan->user && refused(f) &&
         read_number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1;
}

/* The kernel lets nobody map a uid 0 who could not set file capabilities. */
static bool bare_root(const struct failure *f)
{
  return at(f, "map the user") && f->e->err == EPERM && f->plan->uid == 0;
}

static bool user_limit(const struct failure *f)
{
  return f->cloning && f->e->err == ENOSPC && f->plan->user &&
         read_number("/proc/sys/user/max_user_namespaces") == 0;
}

static bool net_limit(const struct failure *f)
{
  return f->cloning && f->e->err == ENOSPC && read_number("/proc/sys/user/max_net_namespaces") == 0;
}

static bool some_limit(const struct failure *f)
{
  return f->cloning && (f->e->err == ENOSPC || f->e->err == EUSERS);
}

static bool process_limit(const struct failure *f)
{
  return f->e->err == EAGAIN;
}

static bool container_filter(const struct failure *f)
{
  return f->cloning && (f->e->err == EPERM || f->e->err == ENOSYS) && seccomp_filtered();
}

static bool masked_proc(const struct failure *f)
{
  return refused(f) && at(f, "mount /proc");
}

static bool mounts_refused(const struct failure *f)
{
  return !f->cloning && refused(f) && (strstr(f->e->step, "mount") || strstr(f->e->step, "bind"));
}

static bool no_range(const struct failure *f)
{
  return at(f, "find a range of ids");
}

static bool no_mapper(const struct failure *f)
{
  return at(f, "map a range of ids");
}

static bool chrooted(const struct failure *f)
{
  return f->cloning && f->plan->user && f->e->err == EPERM;
}

static bool anything(const struct failure *f)
{
  (void)f;
  return true;
}

#define DOCKER                                                                                     \
  "docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined "            \
  "--security-opt apparmor=unconfined ...\ndocker run --privileged ..."
#define AS_ROOT "Or run nslab as root: it then needs no user namespace."

static const struct cause causes[] = {
    {no_proc, "/proc is not mounted here, and nothing works without it",
     "sudo mount -t proc proc /proc"},
    {no_range, "your user has no range of ids to map",
     "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 \"$USER\""},
    {no_mapper, "newuidmap or newgidmap could not map your range of ids",
     "sudo apt install uidmap   (the package is called shadow-utils or shadow elsewhere)\n"
     "Look at your lines in /etc/subuid and /etc/subgid: they must lie in the ranges that your "
     "administrator gave you."},
    {no_user_namespaces, "this kernel has no user namespaces (CONFIG_USER_NS)",
     "Use a distribution's stock kernel.\n" AS_ROOT},
    {kernel_lacks_namespaces, "this kernel lacks one of the namespaces that a lab is made of",
     "Use a distribution's stock kernel; it needs CONFIG_NET_NS, CONFIG_PID_NS, CONFIG_UTS_NS, "
     "CONFIG_IPC_NS and CONFIG_USER_NS."},
    {debian_sysctl,
     "this machine does not let ordinary users make namespaces "
     "(kernel.unprivileged_userns_clone is 0)",
     "sudo sysctl -w kernel.unprivileged_userns_clone=1\n" AS_ROOT},
    {apparmor_restriction,
     "AppArmor does not let ordinary programs use the namespaces they make "
     "(kernel.apparmor_restrict_unprivileged_userns is 1)",
     "Give nslab a profile that says `userns,` (labs/run offers to install one), or\n"
     "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0\n" AS_ROOT},
    {bare_root, "root has neither CAP_SYS_ADMIN nor CAP_SETFCAP here, and needs one of them",
     "Run nslab as an ordinary user (docker run --user 1000), or\n"
     "docker run --cap-add SETFCAP ..."},
    {user_limit, "no user namespaces are allowed here (user.max_user_namespaces is 0)",
     "sudo sysctl -w user.max_user_namespaces=10000\n" AS_ROOT},
    {net_limit, "no network namespaces are allowed here (user.max_net_namespaces is 0)",
     "sudo sysctl -w user.max_net_namespaces=10000"},
    {some_limit, "too many namespaces exist already, or they are nested too deep",
     "End labs that you no longer need, or raise the limits:\n"
     "sysctl user.max_user_namespaces user.max_net_namespaces user.max_pid_namespaces"},
    {process_limit, "no more processes may be started (a limit of the user or of the container)",
     "End some processes, or raise the limit: ulimit -u, the container's pids limit."},
    {container_filter, "this container's system call filter (seccomp) forbids namespaces", DOCKER},
    {masked_proc, "this container masks parts of /proc, so that no fresh /proc can be mounted",
     DOCKER},
    {mounts_refused, "a security module or a container forbids mounts in a new mount namespace",
     DOCKER},
    {chrooted, "making the namespaces was refused, and nothing that would explain it was found",
     "If this is a chroot, run nslab outside of it: the kernel refuses user namespaces in "
     "one.\n" AS_ROOT},
    {anything, NULL, "Run nslab doctor: it looks at everything that a sandbox is made of."},
};

void sandbox_explain(const struct sandbox_plan *plan, const struct sandbox_start_error *e,
                     struct sandbox_trouble *ret)
{
  struct failure f = {.plan = plan, .e = e, .cloning = strcmp(e->step, "make the namespaces") == 0};
  const struct cause *c = causes;
  if (ret == NULL)
    return;
  while (!c->applies(&f))
    c++;
  ret->err = e->err;
  snprintf(ret->what, sizeof ret->what, "%s", c->what ? c->what : "");
  if (c->what == NULL)
    snprintf(ret->what, sizeof ret->what, "could not %s: %s", e->step, strerror(e->err));
  snprintf(ret->remedy, sizeof ret->remedy, "%s", c->remedy);
}
