/* sysctl_file: reading, writing and listing /proc/sys/net inside a namespace. */
#include "modules/sysctl.h"
#include "netlink/netlink.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char root[] = "/proc/sys/";

/* ---- names ----------------------------------------------------------------------------------- */

/* Exchanges the two separators. */
static void exchange(char *s)
{
  for (; *s; s++)
    if (*s == '.')
      *s = '/';
    else if (*s == '/')
      *s = '.';
}

/* Whether a path has an empty part, or one that leads elsewhere. */
static bool is_crooked(const char *path)
{
  for (const char *part = path;; part++) {
    size_t len = strcspn(part, "/");
    if (len == 0 || (len == 1 && part[0] == '.') || (len == 2 && memcmp(part, "..", 2) == 0))
      return true;
    part += len;
    if (!*part)
      return false;
  }
}

int sysctl_path(const char *key, char ret[SYSCTL_PATH])
{
  if (strlen(key) >= SYSCTL_PATH - sizeof root)
    return -ENAMETOOLONG;
  strcpy(ret, root);
  char *path = ret + sizeof root - 1;
  strcpy(path, key);
  if (path[strcspn(path, "./")] == '.')
    exchange(path);
  if (is_crooked(path))
    return -EINVAL;
  return strcmp(path, "net") == 0 || strncmp(path, "net/", 4) == 0 ? 0 : -EXDEV;
}

void sysctl_key(const char *path, char ret[SYSCTL_PATH])
{
  strcpy(ret, path + sizeof root - 1);
  exchange(ret);
}

/* ---- one file -------------------------------------------------------------------------------- */

struct file {
  const char *path;
  char *bytes;
  const char *text;
  size_t len;
};

static int read_here(void *arg)
{
  struct file *f = arg;
  int fd = open(f->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  ssize_t n = read(fd, f->bytes, f->len);
  int r = n < 0 ? -errno : (size_t)n == f->len ? -E2BIG : 0;
  close(fd);
  if (n > 0 && f->bytes[n - 1] == '\n')
    n--;
  if (r == 0)
    f->len = (size_t)n;
  return r;
}

int sysctl_read(int netns, const char *path, char *ret, size_t size, size_t *ret_len)
{
  struct file f = {.path = path, .bytes = ret, .len = size};
  int r = nl_netns_do(netns, read_here, &f);
  *ret_len = f.len;
  return r;
}

/* The kernel takes long lists of numbers page by page. */
static int write_all(int fd, const char *text, size_t len)
{
  do {
    ssize_t n = write(fd, text, len);
    if (n < 0)
      return -errno;
    if (n == 0)
      return -EINVAL;
    text += n;
    len -= (size_t)n;
  } while (len > 0);
  return 0;
}

static int write_here(void *arg)
{
  struct file *f = arg;
  int fd = open(f->path, O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  int r = write_all(fd, f->text, f->len);
  close(fd);
  return r;
}

int sysctl_write(int netns, const char *path, const char *text, size_t len)
{
  struct file f = {.path = path, .text = text, .len = len};
  return nl_netns_do(netns, write_here, &f);
}

static int is_writable_here(void *arg)
{
  struct stat st;
  return stat(arg, &st) == 0 && st.st_mode & 0222;
}

bool sysctl_is_writable(int netns, const char *path)
{
  char copy[SYSCTL_PATH];
  strcpy(copy, path);
  return nl_netns_do(netns, is_writable_here, copy) == 1;
}

/* ---- many files ------------------------------------------------------------------------------ */

static int append(struct sysctl_texts *l, const char *text, size_t len)
{
  if (l->len + len + 1 > l->cap) {
    size_t cap = (l->cap ? l->cap : 4096) * 2;
    while (cap < l->len + len + 1)
      cap *= 2;
    char *grown = realloc(l->bytes, cap);
    if (!grown)
      return -ENOMEM;
    l->bytes = grown;
    l->cap = cap;
  }
  memcpy(l->bytes + l->len, text, len);
  l->bytes[l->len + len] = '\0';
  l->len += len + 1;
  return 0;
}

void sysctl_texts_free(struct sysctl_texts *l)
{
  free(l->bytes);
  *l = (struct sysctl_texts){0};
}

struct tree {
  char path[SYSCTL_PATH];
  struct sysctl_texts *list;
};

/* A file that has no value (yet), or none to show, is left out. */
static int append_file(struct tree *t)
{
  char text[16384];
  struct file f = {.path = t->path, .bytes = text, .len = sizeof text};
  if (read_here(&f) < 0)
    return 0;
  int r = append(t->list, t->path, strlen(t->path));
  return r < 0 ? r : append(t->list, text, f.len);
}

static int append_entry(struct tree *t);

/* Every entry of the directory at t->path; which stays as it is. */
static int append_directory(struct tree *t)
{
  size_t len = strlen(t->path);
  DIR *d = opendir(t->path);
  if (!d)
    return errno == ENOENT ? 0 : -errno;
  int r = 0;
  for (struct dirent *e; r == 0 && (e = readdir(d));) {
    if (e->d_name[0] == '.' || len + 2 + strlen(e->d_name) > sizeof t->path)
      continue;
    t->path[len] = '/';
    strcpy(t->path + len + 1, e->d_name);
    r = append_entry(t);
    t->path[len] = '\0';
  }
  closedir(d);
  return r;
}

static int append_entry(struct tree *t)
{
  struct stat st;
  if (stat(t->path, &st) < 0)
    return 0; /* the link that it belonged to has just gone */
  if (S_ISDIR(st.st_mode))
    return append_directory(t);
  return st.st_mode & S_IRUSR ? append_file(t) : 0;
}

static int list_here(void *arg)
{
  struct tree *t = arg;
  return access(t->path, F_OK) < 0 ? -errno : append_entry(t);
}

int sysctl_collect(int netns, const char *path, struct sysctl_texts *l)
{
  struct tree t = {.list = l};
  strcpy(t.path, path);
  return nl_netns_do(netns, list_here, &t);
}

/* ---- names that are not there ---------------------------------------------------------------- */

struct search {
  const char *path;
  char *known, *meant;
  struct sysctl_texts *list;
};

static int append_names(struct search *s)
{
  DIR *d = opendir(s->known);
  if (!d)
    return 0; /* a file: nothing is in it */
  int r = 0;
  for (struct dirent *e; r == 0 && (e = readdir(d));)
    if (e->d_name[0] != '.' && (r = append(s->list, e->d_name, strlen(e->d_name))) == 0)
      r = append(s->list, "", 0);
  closedir(d);
  return r;
}

static int search_here(void *arg)
{
  struct search *s = arg;
  strcpy(s->known, s->path);
  while (access(s->known, F_OK) < 0)
    *strrchr(s->known, '/') = '\0';
  strcpy(s->meant, s->path);
  for (char *slash = s->meant + sizeof root; (slash = strchr(slash, '/')); slash++) {
    *slash = '.';
    if (access(s->meant, F_OK) == 0)
      return append_names(s);
    *slash = '/';
  }
  s->meant[0] = '\0';
  return append_names(s);
}

int sysctl_search(int netns, const char *path, char ret_known[SYSCTL_PATH],
                  char ret_meant[SYSCTL_PATH], struct sysctl_texts *l)
{
  struct search s = {path, ret_known, ret_meant, l};
  return nl_netns_do(netns, search_here, &s);
}
