/* state: small files that outlast a command, in ${XDG_STATE_HOME:-~/.local/state}/nslab, for this
 * user alone: where a lesson was left off, what was typed. */
#include "host/host.h"
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Makes DIR and what is above it. */
static bool make_dirs(char *dir)
{
  for (char *at = dir + 1; *at; at++) {
    if (*at != '/')
      continue;
    *at = '\0';
    mkdir(dir, 0700);
    *at = '/';
  }
  return mkdir(dir, 0700) == 0 || errno == EEXIST;
}

char *host_state_path(const char *name)
{
  const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
  char *dir = NULL, *path = NULL;
  int n = -1;
  if (state && state[0] == '/')
    n = asprintf(&dir, "%s/nslab", state);
  else if (home && home[0] == '/')
    n = asprintf(&dir, "%s/.local/state/nslab", home);
  if (n < 0)
    return NULL;
  if (make_dirs(dir) && asprintf(&path, "%s/%s", dir, name) < 0)
    path = NULL;
  free(dir);
  return path;
}

/* Lua: state(name) -> its text; nil when there is none */
int host_state(lua_State *L)
{
  char *path = host_state_path(luaL_checkstring(L, 1));
  FILE *f = path ? fopen(path, "re") : NULL;
  free(path);
  if (f == NULL)
    return 0;
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (size_t n = 1; n > 0;) {
    char *into = luaL_prepbuffer(&b);
    n = fread(into, 1, LUAL_BUFFERSIZE, f);
    luaL_addsize(&b, n);
  }
  fclose(f);
  luaL_pushresult(&b);
  return 1;
}

/* Writes beside it and renames, so that whoever reads sees the old text or the new one. */
static int write_beside(const char *path, const char *text, size_t len)
{
  char *beside;
  if (asprintf(&beside, "%s.XXXXXX", path) < 0)
    return -ENOMEM;
  int fd = mkostemp(beside, O_CLOEXEC); /* mode 0600 */
  int err = fd < 0 ? -errno : 0;
  if (err == 0) {
    errno = ENOSPC;
    bool whole = write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
    err = whole && rename(beside, path) == 0 ? 0 : -errno;
    close(fd);
    if (err)
      unlink(beside);
  }
  free(beside);
  return err;
}

/* Lua: set_state(name, text) -> true; nil and why not */
int host_set_state(lua_State *L)
{
  size_t len;
  const char *name = luaL_checkstring(L, 1), *text = luaL_checklstring(L, 2, &len);
  char *path = host_state_path(name);
  int err = path ? write_beside(path, text, len) : -ENOENT;
  free(path);
  if (err == 0) {
    lua_pushboolean(L, true);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, strerror(-err));
  return 2;
}
