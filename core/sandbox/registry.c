/* registry: a directory for each user with a file for each lab that runs. The runner holds a lock
 * on its file that the kernel takes away when it dies, of whatever cause; a file without a lock is
 * a dead lab's, and whoever comes by removes it. Names are given and files removed only with the
 * directory locked, so that nobody removes what somebody else is about to use. */
#include "sandbox/running.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A file of the registry, written and read as it is: both sides are this program, and another
 * version has another magic. */
struct record {
  char magic[8];
  uint64_t pids; /* the PID namespace that runner and init are numbers of */
  int64_t started;
  int32_t runner, init, ready, step, steps, kept, host;
  char lab[RUNNING_NAME];
};
#define MAGIC "nslab 1"
#define FILE_OF_LOCK ".lock"

/* Of this process: the directory, the file, its name. */
static struct {
  int dir, fd;
  char name[RUNNING_NAME];
} own = {-1, -1, ""};

/* ---- the directory --------------------------------------------------------------------------- */

/* A directory that is ours alone. In /tmp another user may have been there first. */
static int open_dir(const char *path, uid_t owner)
{
  struct stat st;
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  if (fstat(fd, &st) == 0 && st.st_uid == owner && (st.st_mode & 077) == 0)
    return fd;
  close(fd);
  return -EPERM;
}

static bool owned(const char *path, uid_t owner)
{
  struct stat st;
  return path && path[0] == '/' && stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
         st.st_uid == owner;
}

/* NSLAB_RUN names the one directory to look in: what runs elsewhere is not seen, nor stopped. */
static const char *the_one_place(void)
{
  const char *only = getenv("NSLAB_RUN");
  return only && only[0] == '/' ? only : NULL;
}

/* The n-th place where a user's labs may be registered; false behind the last. "" for a place that
 * this user has not. XDG_RUNTIME_DIR differs between ssh, su and cron, so all are looked at. */
static bool place(int n, uid_t uid, char *ret_path, size_t size)
{
  const char *only = the_one_place();
  const char *xdg = uid == geteuid() ? getenv("XDG_RUNTIME_DIR") : NULL;
  char run[64] = "/run";
  ret_path[0] = '\0';
  if (only) {
    if (owned(only, uid))
      snprintf(ret_path, size, "%s/nslab", only);
    return n < 1;
  }
  if (uid != 0)
    snprintf(run, sizeof run, "/run/user/%u", uid);
  if (n == 0 && owned(xdg, uid) && strcmp(xdg, run) != 0) /* sudo -E leaves somebody else's */
    snprintf(ret_path, size, "%s/nslab", xdg);
  if (n == 1 && owned(run, uid))
    snprintf(ret_path, size, "%s/nslab", run);
  if (n == 2)
    snprintf(ret_path, size, "/tmp/nslab-%u", uid);
  return n < 3;
}

/* The first place that can be made. -EPERM when all belong to others. */
static int make_dir(uid_t uid)
{
  char path[PATH_MAX];
  int fd = -ENOENT;
  for (int i = 0; fd < 0 && place(i, uid, path, sizeof path); i++) {
    if (path[0] == '\0')
      continue;
    mkdir(path, 0700);
    fd = open_dir(path, uid);
  }
  return fd;
}

/* The lock is gone when the descriptor is closed. */
static int lock_dir(int dir)
{
  int fd = openat(dir, FILE_OF_LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return -errno;
  while (flock(fd, LOCK_EX) < 0)
    if (errno != EINTR) {
      int err = errno;
      close(fd);
      return -err;
    }
  return fd;
}

/* ---- locks of entries ------------------------------------------------------------------------ */

/* A lock of the open file, not of the process: closing another descriptor of it takes nothing away,
 * and it lives as long as any process that got ours by fork. */
static bool take_lock(int fd)
{
  struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  return fcntl(fd, F_OFD_SETLK, &l) == 0;
}

static bool is_locked(int fd)
{
  struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  return fcntl(fd, F_OFD_GETLK, &l) == 0 && l.l_type != F_UNLCK;
}

static uint64_t own_pids(void)
{
  struct stat st;
  return stat("/proc/self/ns/pid", &st) == 0 ? st.st_ino : 0;
}

/* ---- this process's own ---------------------------------------------------------------------- */

/* The file has its full size: a write in it does not fail for want of room. */
static void put(size_t at, int32_t value)
{
  ssize_t n = own.fd >= 0 ? pwrite(own.fd, &value, sizeof value, (off_t)at) : 0;
  (void)n;
}

/* What stands in a file name without a risk; never empty, never hidden. */
static void clean(const char *lab, char *ret, size_t size)
{
  size_t n = 0;
  for (; lab[n] && n + 1 < size; n++) {
    bool fine = strchr("-._", lab[n]) || (lab[n] >= '0' && lab[n] <= '9') ||
                ((lab[n] | 32) >= 'a' && (lab[n] | 32) <= 'z');
    ret[n] = fine && (n > 0 || strchr("-.", lab[n]) == NULL) ? lab[n] : '_';
  }
  ret[n] = '\0';
  if (n == 0)
    snprintf(ret, size, "lab");
}

/* A file of that name that nobody holds, now held by us. -EBUSY when somebody does. */
static int take_file(int dir, const char *name)
{
  int fd = openat(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return -errno;
  if (take_lock(fd))
    return fd;
  close(fd);
  return -EBUSY;
}

static int take_name(int dir, const char *lab)
{
  char base[RUNNING_NAME - 12];
  clean(lab, base, sizeof base);
  snprintf(own.name, sizeof own.name, "%s", base);
  for (int n = 2;; n++) {
    int fd = take_file(dir, own.name);
    if (fd != -EBUSY)
      return fd;
    snprintf(own.name, sizeof own.name, "%s-%d", base, n);
  }
}

static int fill(int fd, const char *lab, bool kept, bool host)
{
  struct record r = {.magic = MAGIC,
                     .pids = own_pids(),
                     .started = time(NULL),
                     .runner = getpid(),
                     .ready = host,
                     .kept = kept,
                     .host = host};
  snprintf(r.lab, sizeof r.lab, "%s", lab);
  return pwrite(fd, &r, sizeof r, 0) == (ssize_t)sizeof r ? 0 : -ENOSPC;
}

int running_register(const char *lab, bool kept, bool host)
{
  int dir = make_dir(geteuid());
  int lock = dir < 0 ? dir : lock_dir(dir);
  int fd = lock < 0 ? lock : take_name(dir, lab);
  int err = fd < 0 ? fd : fill(fd, lab, kept, host);
  if (err && fd >= 0) {
    unlinkat(dir, own.name, 0);
    close(fd);
  }
  if (lock >= 0)
    close(lock);
  if (err && dir >= 0)
    close(dir);
  if (err)
    own.name[0] = '\0';
  else
    own.dir = dir, own.fd = fd;
  return err;
}

const char *running_name(void)
{
  return own.name;
}

void running_set_init(pid_t init)
{
  if (init == 0)
    put(offsetof(struct record, ready), 0);
  put(offsetof(struct record, init), init);
}

void running_set_ready(void)
{
  put(offsetof(struct record, ready), 1);
}

void running_set_step(int step, int steps)
{
  put(offsetof(struct record, step), step);
  put(offsetof(struct record, steps), steps);
}

void running_unregister(void)
{
  if (own.fd < 0)
    return;
  int lock = lock_dir(own.dir);
  unlinkat(own.dir, own.name, 0);
  close(own.fd);
  close(own.dir);
  if (lock >= 0)
    close(lock);
  own.fd = own.dir = -1;
  own.name[0] = '\0';
}

/* ---- everybody's ----------------------------------------------------------------------------- */

/* The parent of a process; 0 when it is gone. */
static pid_t parent_of(pid_t pid)
{
  char path[48], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0)
    close(fd);
  if (n <= 0)
    return 0;
  text[n] = '\0';
  const char *end = strrchr(text, ')'); /* the name before it may hold anything */
  pid_t parent = 0;
  char state = 'Z';
  if (end == NULL || sscanf(end + 1, " %c %d", &state, &parent) != 2 || state == 'Z')
    return 0;
  return parent;
}

/* For some milliseconds a lab may be locked still by what dies with its runner; and a number may
 * have become another process's. The kernel alone says whose child init is. */
static bool runs(const struct record *r)
{
  if (memcmp(r->magic, MAGIC, sizeof r->magic) != 0 || !r->ready || r->pids != own_pids())
    return false;
  return r->host ? parent_of(r->runner) > 0 : parent_of(r->init) == r->runner;
}

static void set_user(struct running_lab *lab, uid_t uid)
{
  const struct passwd *pw = getpwuid(uid);
  if (pw)
    snprintf(lab->user, sizeof lab->user, "%s", pw->pw_name);
  else
    snprintf(lab->user, sizeof lab->user, "%u", uid);
}

/* A lab that runs. Also says whether the file is a dead one's. */
static bool read_entry(int dir, const char *name, struct running_lab *ret, bool *ret_dead)
{
  struct record r = {0};
  struct stat st;
  int fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  *ret_dead = false;
  if (fd < 0)
    return false;
  *ret_dead = !is_locked(fd);
  bool whole = pread(fd, &r, sizeof r, 0) == (ssize_t)sizeof r && fstat(fd, &st) == 0;
  close(fd);
  if (*ret_dead || !whole || !runs(&r))
    return false;
  *ret = (struct running_lab){.started = r.started,
                              .runner = r.runner,
                              .init = r.init,
                              .step = r.step,
                              .steps = r.steps,
                              .kept = r.kept,
                              .host = r.host};
  snprintf(ret->name, sizeof ret->name, "%s", name);
  snprintf(ret->lab, sizeof ret->lab, "%.*s", RUNNING_NAME - 1, r.lab);
  set_user(ret, st.st_uid);
  return true;
}

/* Looked at once more with the directory locked: the name may have been taken anew. */
static void sweep(int dir, const char *name)
{
  struct running_lab lab;
  bool dead;
  int lock = lock_dir(dir);
  if (lock < 0)
    return;
  read_entry(dir, name, &lab, &dead);
  if (dead)
    unlinkat(dir, name, 0);
  close(lock);
}

struct visit {
  bool (*fn)(void *arg, const struct running_lab *lab);
  void *arg;
  bool over;
};

/* Takes the descriptor. */
static void visit_dir(struct visit *v, int fd)
{
  DIR *d = fd < 0 ? NULL : fdopendir(fd);
  if (d == NULL) {
    if (fd >= 0)
      close(fd);
    return;
  }
  for (const struct dirent *e; !v->over && (e = readdir(d)) != NULL;) {
    struct running_lab lab;
    bool dead;
    if (e->d_name[0] == '.')
      continue;
    if (read_entry(dirfd(d), e->d_name, &lab, &dead))
      v->over = !v->fn(v->arg, &lab);
    else if (dead)
      sweep(dirfd(d), e->d_name);
  }
  closedir(d);
}

static void visit_user(struct visit *v, uid_t uid)
{
  char path[PATH_MAX];
  for (int i = 0; !v->over && place(i, uid, path, sizeof path); i++)
    if (path[0])
      visit_dir(v, open_dir(path, uid));
}

/* The users who have a directory below `path` whose name begins with the prefix. */
static void visit_users(struct visit *v, const char *path, const char *prefix)
{
  DIR *d = opendir(path);
  size_t len = strlen(prefix);
  for (const struct dirent *e; d && !v->over && (e = readdir(d)) != NULL;) {
    char *end, full[PATH_MAX];
    if (strncmp(e->d_name, prefix, len) != 0)
      continue;
    unsigned long uid = strtoul(e->d_name + len, &end, 10);
    if (end == e->d_name + len || *end || uid == 0)
      continue;
    snprintf(full, sizeof full, "%s/%s%s", path, e->d_name, len ? "" : "/nslab");
    visit_dir(v, open_dir(full, (uid_t)uid));
  }
  if (d)
    closedir(d);
}

int running_each(bool all, bool (*fn)(void *arg, const struct running_lab *lab), void *arg)
{
  struct visit v = {.fn = fn, .arg = arg};
  visit_user(&v, geteuid());
  if (!all || the_one_place())
    return 0;
  if (geteuid() != 0)
    return -EPERM;
  visit_users(&v, "/run/user", "");
  visit_users(&v, "/tmp", "nslab-");
  return 0;
}

struct search {
  const char *name;
  struct running_lab *ret;
  bool found;
};

static bool is_it(void *arg, const struct running_lab *lab)
{
  struct search *s = arg;
  s->found = strcmp(lab->name, s->name) == 0;
  if (s->found)
    *s->ret = *lab;
  return !s->found;
}

int running_find(const char *name, struct running_lab *ret)
{
  struct search s = {name, ret, false};
  int err = running_each(false, is_it, &s);
  return s.found ? 0 : err ? err : -ESRCH;
}

int running_each_netns(const struct running_lab *lab, void (*fn)(void *arg, const char *name),
                       void *arg)
{
  char path[64] = "/run/netns";
  if (!lab->host)
    snprintf(path, sizeof path, "/proc/%d/root/run/netns", lab->init);
  struct dirent **names;
  int n = scandir(path, &names, NULL, alphasort);
  if (n < 0)
    return -errno;
  for (int i = 0; i < n; i++) {
    if (names[i]->d_name[0] != '.')
      fn(arg, names[i]->d_name);
    free(names[i]);
  }
  free((void *)names);
  return 0;
}
