/* socket_owner: which programs of the lab have a socket: what /proc tells of their descriptors. */
#include "modules/socket.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Adds { name, pid, fd } to the list of the socket's number in the table at t. */
static void add_owner(lua_State *L, int t, lua_Integer inode, const char *name, int pid, int fd)
{
  if (lua_rawgeti(L, t, inode) != LUA_TTABLE) {
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, t, inode);
    lua_remove(L, -2);
  }
  lua_createtable(L, 0, 3);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "name");
  lua_pushinteger(L, pid);
  lua_setfield(L, -2, "pid");
  lua_pushinteger(L, fd);
  lua_setfield(L, -2, "fd");
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  lua_pop(L, 1);
}

struct owner { /* a program of the lab, as it is being looked at */
  int pid;
  char name[32];
};

static void read_name(struct owner *o)
{
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/comm", o->pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, o->name, sizeof o->name - 1);
  if (fd >= 0)
    close(fd);
  o->name[n > 0 ? n : 0] = '\0';
  o->name[strcspn(o->name, "\n")] = '\0';
}

/* Collects numbers into a string of pairs of integers, so that nothing is open when Lua may
 * raise. */
static bool push_sockets_of(lua_State *L, int pid)
{
  char path[64], link[340], to[64];
  snprintf(path, sizeof path, "/proc/%d/fd", pid);
  DIR *dir = opendir(path);
  struct dirent *entry;
  lua_Integer pairs[2 * 256];
  size_t n = 0;
  while (dir && n < 256 && (entry = readdir(dir))) {
    unsigned long inode;
    snprintf(link, sizeof link, "%s/%s", path, entry->d_name);
    ssize_t len = readlink(link, to, sizeof to - 1);
    if (len <= 0)
      continue;
    to[len] = '\0';
    if (sscanf(to, "socket:[%lu]", &inode) != 1)
      continue;
    pairs[2 * n] = (lua_Integer)inode;
    pairs[2 * n++ + 1] = atoi(entry->d_name);
  }
  if (dir)
    closedir(dir);
  lua_pushlstring(L, (const char *)pairs, 2 * n * sizeof *pairs);
  return n > 0;
}

static void add_sockets_of(lua_State *L, int t, struct owner *o)
{
  size_t len;
  if (push_sockets_of(L, o->pid)) {
    read_name(o);
    const char *bytes = lua_tolstring(L, -1, &len);
    for (size_t at = 0; at + 2 * sizeof(lua_Integer) <= len; at += 2 * sizeof(lua_Integer)) {
      lua_Integer pair[2];
      memcpy(pair, bytes + at, sizeof pair);
      add_owner(L, t, pair[0], o->name, o->pid, (int)pair[1]);
    }
  }
  lua_pop(L, 1);
}

void socket_push_owners(lua_State *L)
{
  enum { MOST = 4096 };
  int *pids = lua_newuserdatauv(L, MOST * sizeof *pids, 0);
  int n = 0;
  DIR *dir = opendir("/proc");
  struct dirent *entry;
  while (dir && n < MOST && (entry = readdir(dir)))
    if (atoi(entry->d_name) > 0)
      pids[n++] = atoi(entry->d_name);
  if (dir)
    closedir(dir);
  lua_newtable(L);
  for (int i = 0; i < n; i++)
    add_sockets_of(L, lua_gettop(L), &(struct owner){.pid = pids[i]});
  lua_remove(L, -2);
}
