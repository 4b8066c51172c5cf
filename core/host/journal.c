/* journal: what a lab does to the machine itself, written down before it is done, so that it can be
 * taken back whatever ends the program in between. A file in /run for each run that acts on the
 * machine, with a lock that the kernel takes away with the process: a file without one is what a
 * crash left to do. What stands in it, and how it is undone, is nslab.machine's business. After the
 * machine was started anew nothing is to be taken back, and /run is empty. */
#include "host/host.h"
#include "runtime/runtime.h"
#include "sandbox/sandbox.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <lauxlib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* newer than the headers of some */
#endif

#define DIR_OF_ALL "/run/nslab"
#define DIR_OF_JOURNALS DIR_OF_ALL "/host"

static int own = -1; /* this process's journal */
static char own_name[32];

/* ---- files ----------------------------------------------------------------------------------- */

static int open_dir(void)
{
  struct stat st;
  mkdir(DIR_OF_ALL, 0700);
  mkdir(DIR_OF_JOURNALS, 0700);
  int dir = open(DIR_OF_JOURNALS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (dir < 0)
    return -errno;
  if (fstat(dir, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 077) == 0)
    return dir;
  close(dir);
  return -EPERM;
}

/* With the directory locked nobody takes a new file, which has no lock for a moment, for a dead
 * one. */
static int open_locked_dir(void)
{
  int dir = open_dir();
  while (dir >= 0 && flock(dir, LOCK_EX) < 0)
    if (errno != EINTR) {
      int err = errno;
      close(dir);
      return -err;
    }
  return dir;
}

static int write_line(const char *text, size_t len)
{
  for (size_t done = 0; done < len;) {
    ssize_t n = write(own, text + done, len - done);
    if (n < 0 && errno != EINTR)
      return -errno;
    done += n > 0 ? (size_t)n : 0;
  }
  return fsync(own) < 0 ? -errno : 0;
}

/* The number of the namespace one is in, which no other gets until the machine is started anew; an
 * inode's is another's as soon as it is free. 0 where the kernel has none (before 5.14). */
static uint64_t netns_cookie(void)
{
  uint64_t cookie = 0;
  socklen_t len = sizeof cookie;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return 0;
  if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len) < 0)
    cookie = 0;
  close(fd);
  return cookie;
}

/* Lua: netns_cookie() -> of the namespace the script is in */
static int netns_cookie_lua(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)netns_cookie());
  return 1;
}

/* The namespace is there and has no name yet. What cannot be written here is known by its name at
 * least, which was written before. */
static void netns_made(const char *name, uint64_t inode)
{
  char line[512];
  int n = snprintf(line, sizeof line,
                   "{\"do\":\"netns\",\"name\":\"%s\",\"inode\":%llu,\"cookie\":%lld}\n", name,
                   (unsigned long long)inode, (long long)netns_cookie());
  if (n > 0 && (size_t)n < sizeof line && write_line(line, (size_t)n) < 0)
    return;
}

/* Lua: journal_open() -> true, or nil and why not */
static int journal_open(lua_State *L)
{
  int dir = open_locked_dir();
  snprintf(own_name, sizeof own_name, "%d", getpid());
  own =
      dir < 0 ? dir : openat(dir, own_name, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  int err = dir < 0 ? -dir : own < 0 || flock(own, LOCK_EX | LOCK_NB) < 0 ? errno : 0;
  if (dir >= 0)
    close(dir);
  if (err) {
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", DIR_OF_JOURNALS, strerror(err));
    return 2;
  }
  rt_netns_made = netns_made;
  lua_pushboolean(L, true);
  return 1;
}

/* Lua: journal_write(line): raises when it cannot be written: then nothing may be done. */
static int journal_write(lua_State *L)
{
  size_t len;
  const char *line = luaL_checklstring(L, 1, &len);
  int err = own < 0 ? -EBADF : write_line(line, len);
  return err ? luaL_error(L, "the journal cannot be written: %s", strerror(-err)) : 0;
}

static void push_text(lua_State *L, int fd)
{
  char bytes[4096];
  luaL_Buffer b;
  off_t at = 0;
  luaL_buffinit(L, &b);
  for (ssize_t n; (n = pread(fd, bytes, sizeof bytes, at)) > 0; at += n)
    luaL_addlstring(&b, bytes, (size_t)n);
  luaL_pushresult(&b);
}

/* Lua: journal_text() -> what was written so far */
static int journal_text(lua_State *L)
{
  push_text(L, own);
  return 1;
}

/* A journal whose process is gone, locked by us from now on; -1 for another. */
static int take_dead(int dir, const char *name)
{
  int fd = name[0] == '.' ? -1 : openat(dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  if (fd >= 0)
    close(fd);
  return -1;
}

/* Lua: journal_dead() -> name, text, descriptor of one that a crash left; nil when there is none.
 * `skip` is a table with those names that are not meant. */
static int journal_dead(lua_State *L)
{
  int dir = open_locked_dir(), fd = -1;
  char name[64];
  DIR *d = dir < 0 ? NULL : fdopendir(dir);
  luaL_checktype(L, 1, LUA_TTABLE);
  for (const struct dirent *e; d && fd < 0 && (e = readdir(d)) != NULL;) {
    snprintf(name, sizeof name, "%.60s", e->d_name);
    bool skip = lua_getfield(L, 1, name) != LUA_TNIL;
    lua_pop(L, 1);
    fd = skip ? -1 : take_dead(dirfd(d), name);
  }
  if (d)
    closedir(d);
  else if (dir >= 0)
    close(dir);
  if (fd < 0)
    return 0;
  lua_pushstring(L, name);
  push_text(L, fd);
  lua_pushinteger(L, fd);
  return 3;
}

/* Lua: journal_there() -> whether there may be journals that this user can read */
static int journal_there(lua_State *L)
{
  lua_pushboolean(L, access(DIR_OF_JOURNALS, R_OK | W_OK) == 0);
  return 1;
}

/* Lua: journal_close([name, descriptor, keep]): all of it is undone, unless `keep`. */
static int journal_close(lua_State *L)
{
  char path[sizeof DIR_OF_JOURNALS + 64];
  snprintf(path, sizeof path, DIR_OF_JOURNALS "/%.60s", luaL_optstring(L, 1, own_name));
  if (!lua_toboolean(L, 3))
    unlink(path);
  if (lua_isnoneornil(L, 2)) {
    rt_netns_made = NULL;
    close(own);
    own = -1;
  } else {
    close((int)luaL_checkinteger(L, 2));
  }
  rmdir(DIR_OF_JOURNALS);
  rmdir(DIR_OF_ALL);
  return 0;
}

/* ---- namespaces ------------------------------------------------------------------------------ */

/* Lua: inode(path) -> number of the file, whether it is a namespace; nil without such a file */
static int inode(lua_State *L)
{
  struct stat st, net;
  if (stat(luaL_checkstring(L, 1), &st) < 0)
    return 0;
  lua_pushinteger(L, (lua_Integer)st.st_ino);
  lua_pushboolean(L, stat("/proc/self/ns/net", &net) == 0 && st.st_dev == net.st_dev);
  return 2;
}

static bool is_in(const char *pid, ino_t ino)
{
  char path[64];
  struct stat st, net;
  snprintf(path, sizeof path, "/proc/%.20s/ns/net", pid);
  return stat(path, &st) == 0 && stat("/proc/self/ns/net", &net) == 0 && st.st_dev == net.st_dev &&
         st.st_ino == ino;
}

/* The number may become another process's at any time, but not behind an open descriptor. */
static void kill_if_in(const char *pid, ino_t ino)
{
  int fd = is_in(pid, ino) ? (int)syscall(SYS_pidfd_open, atoi(pid), 0) : -1;
  if (fd < 0)
    return;
  if (is_in(pid, ino))
    syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
  close(fd);
}

/* Lua: kill_in_netns(inode): the programs in a namespace that goes */
static int kill_in_netns(lua_State *L)
{
  ino_t ino = (ino_t)luaL_checkinteger(L, 1);
  DIR *d = opendir("/proc");
  for (const struct dirent *e; d && (e = readdir(d)) != NULL;)
    if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
      kill_if_in(e->d_name, ino);
  if (d)
    closedir(d);
  return 0;
}

/* Lua: netns_dir_remove(unmount, remove): /run/netns as it was, if nothing is in it */
static int netns_dir_remove(lua_State *L)
{
  struct dirent **names;
  int n = scandir("/run/netns", &names, NULL, NULL);
  for (int i = 0; i < n; i++)
    free(names[i]);
  if (n >= 0)
    free((void *)names);
  if (n != 2) /* . and .. */
    return 0;
  if (lua_toboolean(L, 1))
    umount2("/run/netns", MNT_DETACH);
  if (lua_toboolean(L, 2))
    rmdir("/run/netns");
  return 0;
}

/* ---- the scratch directory ------------------------------------------------------------------ */

/* Lua: scratch_make(path) -> inode, or nil and why not. Programs of the lab may be other users. */
static int scratch_make(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct stat st;
  if (mkdir(path, 0700) < 0 || chmod(path, 01777) < 0 || lstat(path, &st) < 0 ||
      setenv(SANDBOX_SCRATCH_ENV, path, 1) < 0)
    return luaL_fileresult(L, 0, path);
  lua_pushinteger(L, (lua_Integer)st.st_ino);
  return 1;
}

/* Lua: scratch_remove(path, inode) -> true, or nil and why not. The directory of that inode alone,
 * or, without one, an empty one; what is mounted below stays, and so does the directory. */
static int scratch_remove(lua_State *L)
{
  char *path = (char *)(uintptr_t)luaL_checkstring(L, 1), *paths[] = {path, NULL};
  struct stat st;
  int err = 0;
  if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
    return luaL_fileresult(L, errno == ENOENT, path);
  if (lua_isnil(L, 2))
    return luaL_fileresult(L, rmdir(path) == 0, path);
  if ((lua_Integer)st.st_ino != luaL_checkinteger(L, 2))
    return luaL_fileresult(L, 1, path);
  FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL);
  for (const FTSENT *e; tree && (e = fts_read(tree)) != NULL;)
    if (e->fts_info != FTS_D && remove(e->fts_accpath) < 0 && errno != ENOENT)
      err = errno;
  if (tree)
    fts_close(tree);
  errno = err;
  return luaL_fileresult(L, tree && err == 0, path);
}

const luaL_Reg host_journal_functions[] = {
    {"journal_open", journal_open},
    {"journal_write", journal_write},
    {"journal_text", journal_text},
    {"journal_there", journal_there},
    {"journal_dead", journal_dead},
    {"journal_close", journal_close},
    {"inode", inode},
    {"netns_cookie", netns_cookie_lua},
    {"kill_in_netns", kill_in_netns},
    {"scratch_make", scratch_make},
    {"scratch_remove", scratch_remove},
    {"netns_dir_remove", netns_dir_remove},
    {NULL, NULL},
};

/* ---- the program ----------------------------------------------------------------------------- */

/* Calls nslab.machine's function; whether it returned something true. */
static bool call_machine(lua_State *L, const char *function)
{
  int base = lua_gettop(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "nslab.machine");
  bool fine = host_call_lua(L, 1, 1) == LUA_OK;
  if (fine) {
    lua_getfield(L, -1, function);
    fine = host_call_lua(L, 0, 2) == LUA_OK;
  }
  if (fine && !lua_toboolean(L, -2) && lua_isstring(L, -1))
    fprintf(stderr, "nslab: --host: %s.\n", lua_tostring(L, -1));
  fine = fine && lua_toboolean(L, -2);
  lua_settop(L, base);
  return fine;
}

void host_machine_recover(lua_State *L)
{
  if (access(DIR_OF_JOURNALS, R_OK | W_OK) == 0)
    call_machine(L, "recover");
}

bool host_machine_open(lua_State *L, const struct host_call *call)
{
  return !call->options.host || call_machine(L, "open");
}

/* A signal would only leave the rest to the next command. What holds objects of the script is
 * closed first: a program in a namespace keeps it. */
bool host_machine_close(lua_State *L, const struct host_call *call)
{
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; call->options.host && i < sizeof signals / sizeof *signals; i++)
    signal(signals[i], SIG_IGN);
  return !call->options.host || call_machine(L, "close");
}
