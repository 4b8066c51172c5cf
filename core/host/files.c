/* files: where texts come from: the lua/ and labs/ that are embedded in the program, the directory
 * that NSLAB_PATH names and that wins over them, and the files of users. Knows nothing of Lua. */
#include "host/host.h"
#include "host/embedded.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The directory of NSLAB_PATH stays open, so that it is found whatever a sandbox mounts over it. */
static int user_dir = -1;
static const char *user_dir_name = "";

enum { TEXT_MAX = 64 << 20 };

int host_files_open(void)
{
  const char *path = getenv("NSLAB_PATH");
  if (path == NULL || path[0] == '\0' || user_dir >= 0)
    return 0;
  user_dir_name = path;
  user_dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  return user_dir < 0 ? -errno : 0;
}

void host_text_free(struct host_text *t)
{
  free(t->owned);
  free(t->chunkname);
  *t = (struct host_text){0};
}

static int set_chunkname(struct host_text *t, const char *dir, const char *path)
{
  bool module = strncmp(path, "lua/", 4) == 0;
  int n = module ? asprintf(&t->chunkname, "=%s", path + 4)
                 : asprintf(&t->chunkname, "@%s%s%s", dir, dir[0] ? "/" : "", path);
  if (n >= 0)
    return 0;
  t->chunkname = NULL;
  return -ENOMEM;
}

/* Reads to the end, growing as it goes: standard input has no size. */
static int read_all(int fd, struct host_text *ret)
{
  size_t cap = 0;
  for (;;) {
    if (ret->len == TEXT_MAX)
      return -EFBIG;
    if (ret->len == cap) {
      cap = cap ? cap * 2 : 16384;
      char *bigger = realloc(ret->owned, cap);
      if (bigger == NULL)
        return -ENOMEM;
      ret->owned = bigger;
    }
    ssize_t n = read(fd, ret->owned + ret->len, cap - ret->len);
    if (n < 0 && errno != EINTR)
      return -errno;
    if (n == 0)
      break;
    if (n > 0)
      ret->len += (size_t)n;
  }
  ret->bytes = ret->owned;
  return 0;
}

/* Takes the descriptor. */
static int read_and_close(int fd, struct host_text *ret)
{
  if (fd < 0)
    return -errno;
  int err = read_all(fd, ret);
  close(fd);
  return err;
}

static int find_in_user_dir(const char *path, struct host_text *ret)
{
  if (user_dir < 0)
    return -ENOENT;
  int err = read_and_close(openat(user_dir, path, O_RDONLY | O_CLOEXEC), ret);
  if (err == 0)
    err = set_chunkname(ret, user_dir_name, path);
  if (err)
    host_text_free(ret);
  return err;
}

int host_files_find(const char *path, struct host_text *ret)
{
  *ret = (struct host_text){0};
  int err = find_in_user_dir(path, ret);
  if (err != -ENOENT)
    return err;
  for (const struct host_embedded *e = host_embedded; e->path; e++)
    if (strcmp(e->path, path) == 0) {
      ret->bytes = e->start;
      ret->len = (size_t)(e->end - e->start);
      return set_chunkname(ret, "", path);
    }
  return -ENOENT;
}

int host_files_read(const char *path, struct host_text *ret)
{
  *ret = (struct host_text){0};
  bool in = strcmp(path, "-") == 0;
  int err =
      in ? read_all(STDIN_FILENO, ret) : read_and_close(open(path, O_RDONLY | O_CLOEXEC), ret);
  if (err == 0 && asprintf(&ret->chunkname, in ? "=stdin" : "@%s", path) < 0) {
    ret->chunkname = NULL;
    err = -ENOMEM;
  }
  if (err)
    host_text_free(ret);
  return err;
}

/* ---- labs ----------------------------------------------------------------------------------- */

int host_files_lab(const char *name, struct host_text *ret)
{
  char path[300];
  *ret = (struct host_text){0};
  int n = snprintf(path, sizeof path, "labs/%s.lua", name);
  if (n < 0 || (size_t)n >= sizeof path || strchr(name, '/') || name[0] == '.' || name[0] == '\0')
    return -ENOENT;
  return host_files_find(path, ret);
}

struct names {
  char **all;
  size_t count;
};

/* Adds the lab of a file "red-blue.lua"; other files are none. Without memory the list ends. */
static void add_name(struct names *n, const char *file)
{
  size_t len = strlen(file);
  if (len <= 4 || file[0] == '.' || strcmp(file + len - 4, ".lua") != 0)
    return;
  for (size_t i = 0; i < n->count; i++)
    if (strncmp(n->all[i], file, len - 4) == 0 && n->all[i][len - 4] == '\0')
      return;
  char **bigger = realloc(n->all, (n->count + 2) * sizeof *bigger);
  if (bigger == NULL)
    return;
  n->all = bigger;
  n->all[n->count] = strndup(file, len - 4);
  if (n->all[n->count])
    n->count++;
}

static void add_user_labs(struct names *n)
{
  int fd = user_dir < 0 ? -1 : openat(user_dir, "labs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *d = fd < 0 ? NULL : fdopendir(fd);
  if (d == NULL) {
    if (fd >= 0)
      close(fd);
    return;
  }
  for (struct dirent *e; (e = readdir(d)) != NULL;)
    add_name(n, e->d_name);
  closedir(d);
}

static int compare_names(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char **host_files_labs(void)
{
  struct names n = {calloc(1, sizeof(char *)), 0};
  if (n.all == NULL)
    return NULL;
  add_user_labs(&n);
  for (const struct host_embedded *e = host_embedded; e->path; e++)
    if (strncmp(e->path, "labs/", 5) == 0)
      add_name(&n, e->path + 5);
  qsort(n.all, n.count, sizeof *n.all, compare_names);
  n.all[n.count] = NULL;
  return n.all;
}

void host_files_free_names(char **names)
{
  for (char **at = names; at && *at; at++)
    free(*at);
  free(names);
}
