/* mounts: what the file system of a sandbox, and of a program in one of its namespaces, looks like.
 * Nothing here reaches the machine: everything is private, but for /run/netns, which is shared
 * among the mount namespaces of one sandbox so that `ip netns add` and `del` are seen everywhere in
 * it. */
#include "sandbox/parts.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define QUIET (MS_NOSUID | MS_NODEV | MS_NOEXEC)

struct mount_row {
  const char *step, *source, *target, *type;
  unsigned long flags;
  const char *data;
};

static const struct mount_row private_row = {"make the mounts private", NULL, "/", NULL,
                                             MS_REC | MS_PRIVATE,       NULL},
                              proc_row = {"mount /proc", "proc", "/proc", "proc", QUIET, NULL},
                              sys_row = {"mount /sys", "sysfs", "/sys", "sysfs", QUIET, NULL},
                              run_row = {"mount /run",         "tmpfs",   "/run", "tmpfs",
                                         MS_NOSUID | MS_NODEV, "mode=755"};

static const struct mount_row netns_rows[] = {
    {"mount /run/netns", "/run/netns", "/run/netns", NULL, MS_BIND, NULL},
    {"share /run/netns", NULL, "/run/netns", NULL, MS_SHARED, NULL},
    {0},
};

/* userxattr makes overlayfs serve an ordinary user, and root no worse. */
static const struct mount_row etc_row = {"mount /etc",
                                         "overlay",
                                         "/etc",
                                         "overlay",
                                         0,
                                         "lowerdir=/etc,upperdir=" SANDBOX_DIR
                                         "/etc,workdir=" SANDBOX_DIR "/work,userxattr"};

/* Where there is no overlayfs: our two files over theirs, and the rest as it is. */
static const struct mount_row etc_file_rows[] = {
    {"mount /etc/hosts", SANDBOX_DIR "/etc/hosts", "/etc/hosts", NULL, MS_BIND, NULL},
    {"mount /etc/resolv.conf", SANDBOX_DIR "/etc/resolv.conf", "/etc/resolv.conf", NULL, MS_BIND,
     NULL},
};

static const struct mount_row etc_read_only_rows[] = {
    {"bind /etc", "/etc", "/etc", NULL, MS_BIND, NULL},
    {"make /etc read-only", NULL, "/etc", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL},
    {0},
};

/* The kernel lets nobody mount /proc in a user namespace who sees no whole one: one stays here, so
 * that an ordinary user can make a sandbox inside root's. */
static const struct mount_row whole_proc_row = {"keep /proc", "/proc", SANDBOX_DIR "/proc",
                                                NULL,         MS_BIND, NULL};

/* Below /proc/sys/net everybody sees the namespace that they are in, through any mount of it. */
static const struct mount_row sysctl_rows[] = {
    {"bind /proc/sys", "/proc/sys", "/proc/sys", NULL, MS_BIND, NULL},
    {"bind /proc/sys/net", "/proc/sys/net", "/proc/sys/net", NULL, MS_BIND, NULL},
    {"make /proc/sys read-only", NULL, "/proc/sys", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | QUIET,
     NULL},
    {0},
};

static int do_row(const struct mount_row *m, struct sandbox_start_error *e)
{
  if (mount(m->source, m->target, m->type, m->flags, m->data) < 0)
    return sandbox_fail(e, m->step);
  return 0;
}

static int do_rows(const struct mount_row *m, struct sandbox_start_error *e)
{
  int r = 0;
  for (; r == 0 && m->step; m++)
    r = do_row(m, e);
  return r;
}

/* Containers that mask /sys refuse a fresh one; everything but `ip netns exec` lives without. EBUSY
 * says that it is that of this namespace already. */
static int mount_sys(struct sandbox_start_error *e)
{
  int r = do_row(&sys_row, e);
  return r == -EPERM || r == -EACCES || r == -EBUSY ? 0 : r;
}

/* Only the machine's own root could write there. */
static bool sysctls_are_open(void)
{
  return access("/proc/sys/kernel/panic", W_OK) == 0;
}

static int protect_sysctls(struct sandbox_start_error *e)
{
  if (mkdir(SANDBOX_DIR "/proc", 0755) < 0)
    return sandbox_fail(e, "make the directories of /run");
  int r = do_row(&whole_proc_row, e);
  return r == 0 ? do_rows(sysctl_rows, e) : r;
}

/* ---- /run ------------------------------------------------------------------------------------ */

/* The user's own directory in /run, where a Wayland socket and the like are, or -1. */
static int open_user_dir(const char *path)
{
  if (path == NULL || strncmp(path, "/run/", 5) != 0 || strstr(path, ".."))
    return -1;
  return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int make_dirs(const char *path)
{
  char part[PATH_MAX];
  for (const char *at = path + 1; (at = strchrnul(at, '/')); at++) {
    snprintf(part, sizeof part, "%.*s", (int)(at - path), path);
    if (mkdir(part, 0755) < 0 && errno != EEXIST)
      return -errno;
    if (*at == '\0')
      break;
  }
  return 0;
}

/* Best effort: a lab without it only lacks the windows of graphical tools. */
static void keep_user_dir(const char *path, int fd)
{
  char source[32];
  if (fd < 0)
    return;
  snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
  if (make_dirs(path) == 0)
    mount(source, path, NULL, MS_BIND | MS_REC, NULL);
  close(fd);
}

static int mount_run(struct sandbox_start_error *e)
{
  static const char *const dirs[] = {"/run/netns",       "/run/lock",         SANDBOX_DIR,
                                     SANDBOX_DIR "/etc", SANDBOX_DIR "/work", SANDBOX_SCRATCH};
  const char *user = getenv("XDG_RUNTIME_DIR");
  int fd = open_user_dir(user);
  int r = do_row(&run_row, e);
  if (r == 0)
    keep_user_dir(user, fd);
  for (size_t i = 0; r == 0 && i < sizeof dirs / sizeof *dirs; i++)
    if (mkdir(dirs[i], 0755) < 0)
      r = sandbox_fail(e, "make the directories of /run");
  if (r == 0 && chmod(SANDBOX_SCRATCH, 01777) < 0) /* programs of a lab may be other users */
    r = sandbox_fail(e, "open the scratch directory");
  return r == 0 ? do_rows(netns_rows, e) : r;
}

/* ---- /etc ------------------------------------------------------------------------------------ */

static int put_file(const char *path, const char *text, struct sandbox_start_error *e)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0)
    return sandbox_fail(e, "write the files of /etc");
  ssize_t n = write(fd, text, strlen(text));
  int r = n < 0 ? sandbox_fail(e, "write the files of /etc") : 0;
  close(fd);
  return r;
}

/* Who looks up the host's name finds it here and does not wait for a name server that a lab does
 * not have; the machine's own would be out of reach. */
static int put_etc_files(struct sandbox_start_error *e)
{
  int r = put_file(SANDBOX_DIR "/etc/hosts",
                   "127.0.0.1\tlocalhost host\n::1\tlocalhost ip6-localhost ip6-loopback\n", e);
  if (r == 0)
    r = put_file(SANDBOX_DIR "/etc/resolv.conf",
                 "# A lab has no name server until it says so: nameserver ADDRESS\n"
                 "options timeout:1 attempts:1\n",
                 e);
  return r;
}

/* What the machine keeps for its own namespaces of the same names is not the lab's. */
static void hide_netns_files(void)
{
  if (access("/etc/netns", F_OK) == 0 && mkdir(SANDBOX_DIR "/netns", 0755) == 0)
    mount(SANDBOX_DIR "/netns", "/etc/netns", NULL, MS_BIND, NULL);
}

static int mount_etc(const struct sandbox_plan *plan, struct sandbox_start_error *e)
{
  int r = put_etc_files(e);
  if (r < 0)
    return r;
  if (do_row(&etc_row, e) < 0) {
    if (!plan->user) /* root could write there */
      r = do_rows(etc_read_only_rows, e);
    for (size_t i = 0; i < sizeof etc_file_rows / sizeof *etc_file_rows; i++)
      do_row(&etc_file_rows[i], e);
  }
  hide_netns_files();
  return r;
}

/* ---- all of it ------------------------------------------------------------------------------- */

int sandbox_mounts(const struct sandbox_plan *plan, struct sandbox_start_error *e)
{
  int r = do_row(&private_row, e);
  if (r == 0)
    r = do_row(&proc_row, e);
  if (r == 0)
    r = mount_sys(e);
  if (r == 0)
    r = mount_run(e);
  if (r == 0)
    r = mount_etc(plan, e);
  if (r == 0 && !plan->user && sysctls_are_open())
    r = protect_sysctls(e);
  return r;
}

/* ---- for one program ------------------------------------------------------------------------- */

/* A new PID namespace needs its own /proc; if sysctls were protected they still are. */
static int mount_proc(struct sandbox_start_error *e)
{
  struct statvfs fs;
  bool protected = statvfs("/proc/sys", &fs) == 0 && (fs.f_flag & ST_RDONLY);
  mount(NULL, "/proc", NULL, MS_PRIVATE, NULL);
  int r = do_row(&proc_row, e);
  return r == 0 && protected && sysctls_are_open() ? do_rows(sysctl_rows, e) : r;
}

/* Every entry of /etc/netns/NAME stands for that of /etc, as `ip netns exec` has it. One that /etc
 * has not is passed over, as there. */
static int bind_netns_files(const char *name, DIR *dir, struct sandbox_start_error *e)
{
  char from[PATH_MAX], to[PATH_MAX];
  for (const struct dirent *d; (d = readdir(dir)) != NULL;) {
    if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
      continue;
    snprintf(from, sizeof from, "/etc/netns/%s/%s", name, d->d_name);
    snprintf(to, sizeof to, "/etc/%s", d->d_name);
    mount(NULL, to, NULL, MS_PRIVATE, NULL);
    if (mount(from, to, NULL, MS_BIND, NULL) < 0 && errno != ENOENT)
      return sandbox_fail(e, "bind the files of /etc/netns");
  }
  return 0;
}

static DIR *open_netns_files(const char *name)
{
  char path[PATH_MAX];
  if (name == NULL)
    return NULL;
  snprintf(path, sizeof path, "/etc/netns/%s", name);
  return opendir(path);
}

/* Never MS_SLAVE on all of /, as `ip netns exec` does: /run/netns has to stay shared, or what the
 * program adds there is a dead file to everyone else. Private, and one by one, is what we mount on;
 * EINVAL says that it is no mount of its own. */
int sandbox_command_mounts(const struct sandbox_command *c, bool sys, struct sandbox_start_error *e)
{
  DIR *files = open_netns_files(c->netns_name);
  int r = 0;
  if (!c->pid && (c->mount || sys || files) && unshare(CLONE_NEWNS) < 0)
    r = sandbox_fail(e, "make a mount namespace");
  if (r == 0 && (c->pid || c->mount || sys || files)) {
    mount(NULL, "/", NULL, MS_PRIVATE, NULL);
    mount(NULL, "/sys", NULL, MS_PRIVATE, NULL);
  }
  if (r == 0 && c->pid)
    r = mount_proc(e);
  if (r == 0 && sys)
    r = mount_sys(e);
  if (r == 0 && files)
    r = bind_netns_files(c->netns_name, files, e);
  if (files)
    closedir(files);
  return r;
}
