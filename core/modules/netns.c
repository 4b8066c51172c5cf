/* netns: namespaces by name, in iproute2's /run/netns. A handle is a name and pins nothing; it is
 * resolved when it is used, so it does not matter whether the script or somebody else made the
 * namespace, or when. */
#include "modules/iptables.h"
#include "modules/object.h"
#include "modules/process.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- which namespace ------------------------------------------------------------------------- */

static struct netns_ref here = {.kind = NETNS_HOST, .fd = -1, .name = "host"};
static int host_fd = -1; /* opened when a script leaves the host for the first time */

const struct netns_ref *netns_here(void)
{
  return &here;
}

static bool same_file(int a, int b)
{
  struct stat one, other;
  return a == b || (fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_dev == other.st_dev &&
                    one.st_ino == other.st_ino);
}

static bool same(const struct netns_ref *a, const struct netns_ref *b)
{
  if (a->kind != b->kind)
    return false;
  return a->kind == NETNS_HOST || (a->kind == NETNS_NAMED && strcmp(a->name, b->name) == 0) ||
         (a->kind == NETNS_PID && a->pid == b->pid) ||
         (a->kind == NETNS_FD && same_file(a->fd, b->fd));
}

int netns_ref_open(const struct netns_ref *ref, int *ret_fd, bool *ret_owned)
{
  char path[64];
  *ret_owned = false;
  *ret_fd = NL_HERE;
  if (same(ref, &here))
    return 0;
  if (ref->kind == NETNS_HOST || ref->kind == NETNS_FD) {
    *ret_fd = ref->kind == NETNS_HOST ? host_fd : ref->fd;
    return *ret_fd < 0 ? -EBADF : 0;
  }
  int fd;
  if (ref->kind == NETNS_NAMED) {
    fd = nl_netns_open(ref->name);
  } else {
    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)ref->pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    fd = fd < 0 ? -errno : fd;
  }
  if (fd < 0)
    return fd;
  *ret_fd = fd;
  *ret_owned = true;
  return 0;
}

/* ---- the handle ------------------------------------------------------------------------------ */

static int handle_close(lua_State *L);
static int handle_index(lua_State *L);

static int handle_tostring(lua_State *L)
{
  lua_pushstring(L, netns_name(L, 1));
  return 1;
}

static int handle_eq(lua_State *L);

static const luaL_Reg handle_meta[] = {
    {"__index", handle_index}, {"__tostring", handle_tostring}, {"__eq", handle_eq}, {NULL, NULL}};
static const struct rt_class handle_class = {
    .name = "nslab.netns", .close = handle_close, .metamethods = handle_meta};

/* The receiver of a method; red.ping() instead of red:ping() is the mistake everybody makes
 * once. */
static struct netns_ref *want_self(lua_State *L, struct rt_op *op, int idx)
{
  struct netns_ref *ref = rt_test(L, idx, &handle_class);
  if (ref == NULL)
    rt_raisef(L, op, EINVAL, NULL,
              lua_pushfstring(L, "A method is called with a colon: red:%s(...), not red.%s(...).",
                              op->verb, op->verb),
              "the namespace is missing");
  return ref;
}

/* The same for a function that has not begun its operation: the verb is its name. */
static struct netns_ref *check_handle(lua_State *L, int idx)
{
  lua_Debug ar = {.name = NULL};
  if (lua_getstack(L, 0, &ar))
    lua_getinfo(L, "n", &ar);
  struct rt_op op = {.module = "netns", .verb = ar.name ? ar.name : "method", .netns = here.name};
  return want_self(L, &op, idx);
}

const struct netns_ref *netns_ref_of_handle(lua_State *L, int idx)
{
  return rt_test(L, idx, &handle_class);
}

static int handle_close(lua_State *L)
{
  struct netns_ref *ref = check_handle(L, 1);
  if (ref->kind == NETNS_FD && ref->fd >= 0) {
    close(ref->fd);
    ref->fd = -1;
  }
  return 0;
}

static int handle_eq(lua_State *L)
{
  const struct netns_ref *a = rt_test(L, 1, &handle_class), *b = rt_test(L, 2, &handle_class);
  lua_pushboolean(L, a && b && same(a, b));
  return 1;
}

const char *netns_name(lua_State *L, int idx)
{
  return check_handle(L, idx)->name;
}

const char *netns_file_name(lua_State *L, int idx)
{
  const struct netns_ref *ref = check_handle(L, idx);
  return ref->kind == NETNS_NAMED ? ref->name : NULL;
}

static const char handles_key; /* registry: name -> handle, weak */

/* Pushes the table of handles, so that the same name is the same handle. */
static void push_handles(lua_State *L)
{
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &handles_key) == LUA_TTABLE)
    return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &handles_key);
}

/* A handle of a descriptor owns that descriptor, so another one gets a copy of it. */
static void push_copy(lua_State *L, const struct netns_ref *ref)
{
  struct netns_ref *box = rt_new(L, &handle_class, sizeof *box, 1);
  *box = *ref;
  box->fd = fcntl(ref->fd, F_DUPFD_CLOEXEC, 0);
}

void netns_push(lua_State *L, const struct netns_ref *ref)
{
  if (ref->kind == NETNS_FD) {
    push_copy(L, ref);
    return;
  }
  push_handles(L);
  lua_pushfstring(L, "%d:%s", (int)ref->kind, ref->name);
  lua_pushvalue(L, -1);
  if (lua_rawget(L, -3) != LUA_TUSERDATA) {
    lua_pop(L, 1);
    struct netns_ref *box = rt_new(L, &handle_class, sizeof *box, 1);
    *box = *ref;
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, -5);
  }
  lua_replace(L, -3);
  lua_pop(L, 1);
}

static void push_named(lua_State *L, const char *name)
{
  struct netns_ref ref = {.kind = NETNS_NAMED, .fd = -1};
  snprintf(ref.name, sizeof ref.name, "%s", name);
  netns_push(L, &ref);
}

/* Methods first, then the bound modules, each made once. */
static bool push_bound(lua_State *L, const char *key)
{
  for (const struct rt_module *const *m = modules_all; *m; m++) {
    if (!(*m)->bound || strcmp((*m)->name, key) != 0)
      continue;
    rt_push_module(L, *m, 1);
    return true;
  }
  return false;
}

/* Pushes the bound module of that name, the same one each time; false if there is none. */
static bool push_module_of(lua_State *L, const char *key)
{
  if (lua_getiuservalue(L, 1, 1) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, 1);
  }
  if (lua_getfield(L, -1, key) != LUA_TNIL)
    return true;
  if (!push_bound(L, key))
    return false;
  lua_pushvalue(L, -1);
  lua_setfield(L, -4, key);
  return true;
}

/* Yields the names of the methods and of the bound modules. */
struct members {
  const struct rt_func *const *list;
  const struct rt_func *method;
  const struct rt_module *const *module;
};

static const char *next_member(void *arg)
{
  struct members *m = arg;
  while (*m->list && m->method->name == NULL)
    m->method = *++m->list;
  if (*m->list)
    return m->method++->name;
  while (*m->module && !(*m->module)->bound)
    m->module++;
  return *m->module ? (*m->module++)->name : NULL;
}

static _Noreturn void no_member(lua_State *L, const struct netns_ref *ref, const char *key)
{
  struct rt_op op = {.module = "netns", .verb = key, .netns = here.name, .key = ref->name};
  struct members at = {netns_module.methods, netns_module.methods[0], modules_all};
  const char *near = rt_nearest(key, next_member, &at);
  rt_raisef(L, &op, EINVAL, NULL,
            near ? lua_pushfstring(L, "Did you mean \"%s\"? help(netns) lists what it has.", near)
                 : "help(netns) lists what it has.",
            "a namespace has no \"%s\"", key);
}

static int handle_index(lua_State *L)
{
  const struct netns_ref *ref = check_handle(L, 1);
  if (lua_type(L, 2) != LUA_TSTRING)
    return 0;
  const char *key = lua_tostring(L, 2);
  const struct rt_func *method = rt_func_of(netns_module.methods, key);
  if (method)
    lua_pushcfunction(L, method->fn);
  else if (strcmp(key, "name") == 0)
    lua_pushstring(L, ref->name);
  else if (!push_module_of(L, key))
    no_member(L, ref, key);
  return 1;
}

/* ---- of calls and values --------------------------------------------------------------------- */

const struct netns_ref *netns_ref_of_call(lua_State *L)
{
  const struct netns_ref *ref = rt_test(L, lua_upvalueindex(1), &handle_class);
  return ref ? ref : &here;
}

static const char *hint_no_netns(lua_State *L, const char *name)
{
  size_t len;
  if (strcmp(name, here.name) == 0 || strcmp(name, "host") == 0)
    return "The host has no name; netns.host is its handle.";
  netns_push_names(L);
  const char *names = lua_tolstring(L, -1, &len);
  const char *near = rt_nearest_of(name, names, len);
  if (near)
    return lua_pushfstring(L, "Did you mean \"%s\"? netns.list() shows those that exist.", near);
  return lua_pushfstring(L, "netns.add \"%s\" makes it; netns.list() shows those that exist.",
                         name);
}

void netns_raise(lua_State *L, struct rt_op *op, const char *field, const struct netns_ref *ref,
                 int err)
{
  if (ref->kind == NETNS_NAMED && err == ENOENT)
    rt_raisef(L, op, err, field, hint_no_netns(L, ref->name), "there is no namespace \"%s\"",
              ref->name);
  if (ref->kind == NETNS_PID && err == ENOENT)
    rt_raisef(L, op, ESRCH, field, NULL, "there is no process %d", (int)ref->pid);
  if (err == EINVAL && ref->kind == NETNS_NAMED)
    rt_raisef(L, op, err, field, "A file of that name is there; netns.delete removes it.",
              "\"%s\" is no network namespace (any more)", ref->name);
  rt_raise(L, op, &(struct rt_error){.err = err, .field = field});
}

/* Raises for a value on the stack that cannot name a namespace. */
static void check_name(lua_State *L, struct rt_op *op, const char *field, int idx)
{
  size_t n;
  const char *name = lua_tolstring(L, idx, &n);
  int err = strlen(name) == n ? nl_netns_check_name(name) : -EINVAL;
  if (err)
    rt_raisef(
        L, op, -err, field, "A name is a file name under /run/netns: letters, digits, - and _.",
        err == -ENAMETOOLONG ? "a name has at most 255 bytes" : "\"%s\" cannot name a namespace",
        name);
}

void netns_ref_of_value(lua_State *L, struct rt_op *op, int idx, const char *field,
                        struct netns_ref *ret)
{
  idx = lua_absindex(L, idx);
  const struct netns_ref *handle = rt_test(L, idx, &handle_class);
  luaL_Stream *file = luaL_testudata(L, idx, LUA_FILEHANDLE);
  *ret = (struct netns_ref){.kind = NETNS_FD, .fd = -1, .name = "descriptor"};
  if (handle) {
    *ret = *handle;
  } else if (lua_type(L, idx) == LUA_TSTRING) {
    check_name(L, op, field, idx);
    ret->kind = NETNS_NAMED;
    snprintf(ret->name, sizeof ret->name, "%s", lua_tostring(L, idx));
  } else if (lua_isinteger(L, idx) && lua_tointeger(L, idx) > 0 &&
             lua_tointeger(L, idx) <= INT_MAX) {
    ret->kind = NETNS_PID;
    ret->pid = (pid_t)lua_tointeger(L, idx);
    snprintf(ret->name, sizeof ret->name, "pid %d", (int)ret->pid);
  } else if (file && file->closef) {
    ret->fd = fileno(file->f);
  } else if (lua_istable(L, idx) && lua_getfield(L, idx, "fd") == LUA_TNUMBER &&
             lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 0 && lua_tointeger(L, -1) <= INT_MAX) {
    ret->fd = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
  } else {
    rt_raisef(L, op, EINVAL, field, NULL,
              "a namespace is needed (a handle, a name, a pid or an open file), not %s",
              rt_typename(L, idx));
  }
}

struct owned_fd {
  int fd;
};

static int owned_fd_close(lua_State *L)
{
  struct owned_fd *o = lua_touserdata(L, 1);
  if (o->fd > 0)
    close(o->fd);
  o->fd = 0;
  return 0;
}

static const struct rt_class owned_fd_class = {.name = "nslab.fd", .close = owned_fd_close};

static int open_owned(lua_State *L, struct rt_op *op, const struct netns_ref *ref,
                      const char *field)
{
  int fd;
  bool owned;
  struct owned_fd *o = rt_new(L, &owned_fd_class, sizeof *o, 0);
  lua_toclose(L, -1);
  int err = netns_ref_open(ref, &fd, &owned);
  if (err)
    netns_raise(L, op, field, ref, -err);
  o->fd = owned ? fd : 0;
  return fd;
}

int netns_of_call(lua_State *L, struct rt_op *op)
{
  const struct netns_ref *ref = netns_ref_of_call(L);
  op->netns = ref->name;
  return open_owned(L, op, ref, NULL);
}

int netns_of_self(lua_State *L, struct rt_op *op, int idx)
{
  const struct netns_ref *ref = want_self(L, op, idx);
  op->netns = ref->name;
  return open_owned(L, op, ref, NULL);
}

/* ---- add, delete, list, get ------------------------------------------------------------------ */

static const char *want_name(lua_State *L, struct rt_op *op, int idx)
{
  const struct netns_ref *ref = rt_test(L, idx, &handle_class);
  if (ref && ref->kind != NETNS_NAMED)
    rt_raisef(L, op, EINVAL, NULL, NULL, "%s is no name under /run/netns", ref->name);
  if (ref)
    return ref->name;
  if (lua_type(L, idx) != LUA_TSTRING)
    rt_raisef(L, op, EINVAL, NULL,
              strcmp(op->verb, "delete") == 0
                  ? "netns.delete \"red\"; of a handle: red:delete() with a colon."
                  : lua_pushfstring(L, "netns.%s \"red\"", op->verb),
              "the name of a namespace is needed, not %s", rt_typename(L, idx));
  check_name(L, op, NULL, idx);
  return lua_tostring(L, idx);
}

/* ip netns add typed in another mount namespace is only seen here, and ours there, when the
 * directory is a mount of its own that is shared (iproute2 makes it so too). */
static int prepare_directory(void)
{
  static bool done;
  if (done)
    return 0;
  if (mkdir(NL_NETNS_DIR, 0755) && errno != EEXIST)
    return -errno;
  if (mount("", NL_NETNS_DIR, "none", MS_SHARED | MS_REC, NULL)) {
    if (errno != EINVAL)
      return -errno;
    if (mount(NL_NETNS_DIR, NL_NETNS_DIR, "none", MS_BIND | MS_REC, NULL) ||
        mount("", NL_NETNS_DIR, "none", MS_SHARED | MS_REC, NULL))
      return -errno;
  }
  done = true;
  return 0;
}

static int bind_here(void *arg)
{
  struct stat st;
  const char *name = strrchr(arg, '/') + 1;
  if (rt_netns_made && stat("/proc/thread-self/ns/net", &st) == 0)
    rt_netns_made(name, st.st_ino);
  return mount("/proc/thread-self/ns/net", arg, "none", MS_BIND, NULL) ? -errno : 0;
}

static int make_namespace(const char *name)
{
  char path[sizeof NL_NETNS_DIR + 256];
  int err = prepare_directory();
  if (err)
    return err;
  snprintf(path, sizeof path, "%s/%s", NL_NETNS_DIR, name);
  int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
  if (fd < 0)
    return -errno;
  close(fd);
  err = nl_netns_do_new(bind_here, path);
  if (err)
    unlink(path);
  return err;
}

static const char *hint_of(int err, const char *name, lua_State *L)
{
  if (err == EEXIST)
    return lua_pushfstring(L, "A namespace of that name exists; netns.delete(\"%s\") removes it.",
                           name);
  if (err == ENOENT)
    return "netns.list() shows those that exist.";
  if (err == EPERM || err == EACCES)
    return "This needs root, or a sandbox: nslab runs scripts in one unless --no-sandbox is given.";
  if (err == ENOSPC)
    return "The limit user.max_net_namespaces is reached; nslab doctor shows it.";
  return NULL;
}

/* One operation on a name: its check, the work, the error, the observer. */
static void begin_named(lua_State *L, struct rt_op *op, const char *verb, const char **ret_name)
{
  *op = (struct rt_op){.module = "netns", .verb = verb, .netns = here.name};
  *ret_name = want_name(L, op, 1);
  op->key = *ret_name;
  rt_op_begin(L, op);
}

static int netns_add(lua_State *L)
{
  struct rt_op op;
  const char *name;
  begin_named(L, &op, "add", &name);
  push_named(L, name); /* before there is anything that a lack of memory could leave behind */
  int err = make_namespace(name);
  if (err)
    rt_raise(L, &op, &(struct rt_error){.err = -err, .hint = hint_of(-err, name, L)});
  rt_op_end(L, &op, -1);
  return 1;
}

static int remove_namespace(const char *name)
{
  char path[sizeof NL_NETNS_DIR + 256];
  snprintf(path, sizeof path, "%s/%s", NL_NETNS_DIR, name);
  if (umount2(path, MNT_DETACH) && errno != EINVAL)
    return -errno; /* EINVAL: a plain file, left by somebody's crash */
  return unlink(path) ? -errno : 0;
}

static int netns_delete(lua_State *L)
{
  struct rt_op op;
  const char *name;
  begin_named(L, &op, "delete", &name);
  int err = remove_namespace(name);
  if (err == -ENOENT) {
    struct netns_ref ref = {.kind = NETNS_NAMED};
    snprintf(ref.name, sizeof ref.name, "%s", name);
    netns_raise(L, &op, NULL, &ref, ENOENT);
  }
  if (err)
    rt_raise(L, &op, &(struct rt_error){.err = -err, .hint = hint_of(-err, name, L)});
  rt_op_end(L, &op, 0);
  return 0;
}

int netns_each_name(bool (*fn)(void *arg, const char *name), void *arg)
{
  struct dirent **entries;
  bool go_on = true;
  int n = scandir(NL_NETNS_DIR, &entries, NULL, alphasort);
  if (n < 0)
    return errno == ENOENT ? 0 : -errno;
  for (int i = 0; i < n; i++) {
    if (go_on && nl_netns_check_name(entries[i]->d_name) == 0)
      go_on = fn(arg, entries[i]->d_name);
    free(entries[i]);
  }
  free(entries);
  return 0;
}

struct name_list {
  char *bytes;
  size_t len, cap;
};

static int name_list_free(lua_State *L)
{
  struct name_list *l = lua_touserdata(L, 1);
  free(l->bytes);
  l->bytes = NULL;
  return 0;
}

static const struct rt_class name_list_class = {.name = "nslab.names", .close = name_list_free};

/* No Lua value is made here: an error would lose the directory. */
static bool append_name(void *arg, const char *name)
{
  struct name_list *l = arg;
  size_t n = strlen(name) + 1;
  if (l->len + n > l->cap) {
    size_t cap = (l->len + n) * 2;
    char *grown = realloc(l->bytes, cap);
    if (grown == NULL)
      return l->cap = 0, false;
    l->bytes = grown;
    l->cap = cap;
  }
  memcpy(l->bytes + l->len, name, n);
  l->len += n;
  return true;
}

int netns_push_names(lua_State *L)
{
  struct name_list *l = rt_new(L, &name_list_class, sizeof *l, 0);
  int err = netns_each_name(append_name, l);
  if (err == 0 && l->len > 0 && l->cap == 0)
    err = -ENOMEM;
  lua_pushlstring(L, l->bytes ? l->bytes : "", l->len);
  free(l->bytes);
  l->bytes = NULL;
  lua_remove(L, -2);
  return err;
}

static int netns_list(lua_State *L)
{
  struct rt_op op = {.module = "netns", .verb = "list", .netns = here.name};
  size_t len;
  rt_op_begin(L, &op);
  int err = netns_push_names(L);
  if (err)
    rt_raise(L, &op, &(struct rt_error){.err = -err});
  const char *names = lua_tolstring(L, -1, &len), *end = names + len;
  lua_newtable(L);
  for (lua_Integer n = 1; names < end; names += strlen(names) + 1, n++) {
    push_named(L, names);
    lua_rawseti(L, -2, n);
  }
  object_set_list_metatable(L, "netns", 0, 0);
  rt_op_end(L, &op, -1);
  return 1;
}

static int netns_get(lua_State *L)
{
  struct rt_op op;
  const char *name;
  begin_named(L, &op, "get", &name);
  struct netns_ref ref = {.kind = NETNS_NAMED, .fd = -1};
  snprintf(ref.name, sizeof ref.name, "%s", name);
  int fd = nl_netns_open(name);
  if (fd >= 0) {
    close(fd);
    netns_push(L, &ref);
    rt_op_end(L, &op, -1);
    return 1;
  }
  if (fd != -ENOENT)
    netns_raise(L, &op, NULL, &ref, -fd);
  const char *text = lua_pushfstring(L, "there is no namespace \"%s\"", name);
  lua_pushnil(L);
  rt_push_error(L, &op,
                &(struct rt_error){
                    .err = ENOENT, .text = text, .hint = "netns.list() shows those that exist."});
  return 2;
}

static int netns_current(lua_State *L)
{
  netns_push(L, &here);
  return 1;
}

/* netns "red" */
static int netns_call(lua_State *L)
{
  struct rt_op op = {.module = "netns", .verb = "handle", .netns = here.name};
  struct netns_ref ref;
  netns_ref_of_value(L, &op, 2, NULL, &ref);
  netns_push(L, &ref);
  if (ref.kind == NETNS_FD && netns_ref_of_handle(L, -1)->fd < 0)
    rt_raise(L, &op, &(struct rt_error){.err = errno}); /* a copy could not be made */
  return 1;
}

/* ---- a namespace without a name -------------------------------------------------------------- */

static int open_here(void *arg)
{
  int *fd = arg;
  *fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  return *fd < 0 ? -errno : 0;
}

/* hidden_netns(shown_name) -> a handle that owns the descriptor of a new namespace. */
int netns_hidden(lua_State *L)
{
  struct rt_op op = {.module = "netns", .verb = "add", .netns = here.name};
  const char *shown = luaL_checkstring(L, 1);
  struct netns_ref *box = rt_new(L, &handle_class, sizeof *box, 1);
  *box = (struct netns_ref){.kind = NETNS_FD, .fd = -1};
  snprintf(box->name, sizeof box->name, "%s", shown);
  int err = nl_netns_do_new(open_here, &box->fd);
  if (err)
    rt_raise(L, &op, &(struct rt_error){.err = -err, .hint = hint_of(-err, shown, L)});
  return 1;
}

/* ---- run ------------------------------------------------------------------------------------- */

struct run {
  lua_State *L;
  int nargs, status;
  struct netns_ref ref;
};

static int run_inside(void *arg)
{
  struct run *r = arg;
  struct netns_ref outside = here;
  here = r->ref;
  r->status = lua_pcall(r->L, r->nargs, LUA_MULTRET, 0);
  here = outside;
  return 0;
}

/* red:run(fn, ...): everything fn opens - sockets of LuaSocket, files of /proc/net - is red's. */
static int netns_run(lua_State *L)
{
  struct rt_op op = {.module = "netns", .verb = "run", .netns = here.name};
  struct run r = {.L = L, .ref = *want_self(L, &op, 1)};
  op.netns = r.ref.name;
  if (!lua_isfunction(L, 2))
    rt_raisef(L, &op, EINVAL, NULL, "red:run(function() ... end)", "a function is needed, not %s",
              rt_typename(L, 2));
  if (host_fd < 0 && open_here(&host_fd) < 0)
    rt_raise(L, &op, &(struct rt_error){.err = errno});
  int top = lua_gettop(L);
  int fd = netns_of_self(L, &op, 1);
  int box = lua_gettop(L);
  luaL_checkstack(L, top, "netns.run");
  for (int i = 2; i <= top; i++)
    lua_pushvalue(L, i);
  r.nargs = top - 2;
  int err = nl_netns_do(fd, run_inside, &r);
  if (err)
    netns_raise(L, &op, NULL, &r.ref, -err);
  if (r.status != LUA_OK)
    return lua_error(L);
  return lua_gettop(L) - box;
}

/* ---- rows ------------------------------------------------------------------------------------ */

#define HANDLE "netns.Handle"
#define SOURCE "ip-netns(8)"

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = netns_add,
     .doc = "Makes a namespace. It has a loopback link that is down, and nothing else.",
     .params = {{"name", "string", "its name, a file name under /run/netns, at most 255 bytes"}},
     .returns = {{"handle", HANDLE, "the namespace"}},
     .errors = "EEXIST a namespace of that name exists\nEINVAL the name cannot name one\n"
               "ENAMETOOLONG the name is too long\nEPERM no privilege and no sandbox",
     .example = "local red = netns.add \"red\"\nprint(red.link.list())",
     .source = SOURCE},
    {.name = "delete",
     .fn = netns_delete,
     .doc = "Removes the name of a namespace. The namespace ends when no process is left in it.",
     .params = {{"name", "string|" HANDLE, "which"}},
     .errors = "ENOENT there is no namespace of that name",
     .example = "netns.add \"red\"\nnetns.delete \"red\"",
     .source = SOURCE},
    {.name = "list",
     .fn = netns_list,
     .doc = "The namespaces that have a name, in alphabetical order.",
     .returns = {{"handles", HANDLE "[]", "printing it prints what ip netns list shows"}},
     .example = "netns.add \"red\"\nassert(#netns.list() == 1)",
     .source = SOURCE},
    {.name = "get",
     .fn = netns_get,
     .doc = "The handle of a namespace that exists.",
     .params = {{"name", "string|" HANDLE, "which"}},
     .returns = {{"handle", HANDLE "?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = "assert(netns.get \"red\" == nil)"},
    {.name = "current",
     .fn = netns_current,
     .doc = "The namespace the script runs in: the host, or that of the innermost run.",
     .returns = {{"handle", HANDLE, "the namespace"}},
     .example = "assert(netns.current() == netns.host)"},
    {.name = NULL}};

#define DELETE_ROW                                                                                 \
  {                                                                                                \
    .name = "delete", .fn = netns_delete, .doc = "Removes its name, as netns.delete does.",        \
    .errors = "ENOENT there is no namespace of that name",                                         \
    .example = "local red = netns.add \"red\"\nred:delete()"                                       \
  }
#define RUN_ROW                                                                                    \
  {                                                                                                \
    .name = "run", .fn = netns_run,                                                                \
    .doc = "Calls a function with the thread inside the namespace, and leaves it on every way "    \
           "out. What the function opens is the namespace's. It must not yield.",                  \
    .params = {{"fn", "fun(...: any): any", "the function"}, {"...", "any", "its arguments"}},     \
    .returns = {{"...", "any", "what the function returned"}},                                     \
    .errors = "ENOENT there is no namespace of that name\nwhat the function raised",               \
    .example = "local red = netns.add \"red\"\n"                                                   \
               "red:run(function() assert(netns.current() == red) end)"                            \
  }

static const struct rt_func methods[] = {RUN_ROW, DELETE_ROW, {.name = NULL}};

static const struct rt_func called = {
    .name = "netns",
    .doc = "A handle of a namespace, whether it exists yet or not. It is looked up each time it is "
           "used.",
    .params = {{"which", "string|integer|file*|" HANDLE "|{ fd: integer }",
                "a name, the pid of a process, an open file of a namespace"}},
    .returns = {{"handle", HANDLE, "the namespace"}},
    .errors = "EINVAL what is given can mean none",
    .example = "local red = netns \"red\"\nassert(not pcall(red.link.list))\n"
               "netns.add \"red\"\nprint(red.link.list())",
    .source = SOURCE};

static const struct rt_param process_fields[] = {
    {"pid", "integer", "its number"},
    {"running", "boolean", "has not ended yet"},
    {"command", "string", "as one would type it"},
    {"code?", "integer", "exit status, or 128 and the signal's number; once it has ended"},
    {"signal?", "string", "that ended it"},
    {NULL, NULL, NULL}};

static const struct rt_value values[] = {
    {"netns.Process", "A program that red:spawn has started; ends with the value.", process_fields,
     process_value_methods},
    {"netns.Watcher", "What netns.watch returns: an iterator that can be asked by hand, too.", NULL,
     watcher_value_methods},
    {"netns.Event", "One thing that netns.watch tells.", event_fields, NULL},
    {NULL, NULL, NULL, NULL}};

const struct rt_module netns_module = {
    .name = "netns",
    .doc =
        "Network namespaces. netns \"red\" is a handle of the namespace of that name, whether it "
        "exists yet or not.",
    .funcs = {funcs, watch_funcs},
    .methods = {methods, process_methods, ping_methods},
    .values = values,
    .call = netns_call,
    .called = &called};
