/* sysctl: the kernel's settings of one namespace, by the names that sysctl(8) has for them. */
#include "modules/sysctl.h"
#include "modules/modules.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- keys ------------------------------------------------------------------------------------ */

/* Reads the key at idx into a path; "net" when it may be left out. Sets op->key. */
static void read_key(lua_State *L, struct rt_op *op, int idx, bool optional, char ret[SYSCTL_PATH])
{
  size_t len;
  if (optional && lua_isnoneornil(L, idx)) {
    lua_pushliteral(L, "net");
    lua_replace(L, idx);
  }
  if (lua_type(L, idx) != LUA_TSTRING)
    rt_raisef(L, op, EINVAL, NULL, "For example \"net.ipv4.ip_forward\".",
              "the name of a setting is needed, not %s", rt_typename(L, idx));
  op->key = lua_tolstring(L, idx, &len);
  int r = strlen(op->key) == len ? sysctl_path(op->key, ret) : -EINVAL;
  if (r == -EXDEV)
    rt_raisef(
        L, op, EINVAL, NULL,
        "Only what begins with net. is set for each namespace by itself; the rest is the whole "
        "machine's, and a lab leaves it alone.",
        "this is no setting of a namespace");
  if (r < 0)
    rt_raisef(
        L, op, EINVAL, NULL,
        "Names are joined by dots, or by slashes: \"net.ipv4.ip_forward\"; in the first form a "
        "dot within a name is a slash: \"net.ipv4.conf.eth0/100.forwarding\".",
        "this cannot be the name of a setting");
}

/* ---- errors ---------------------------------------------------------------------------------- */

/* Settings that a part of the kernel brings along when it is used for the first time. */
static const struct {
  const char *prefix, *hint;
} late[] = {
    {"net.netfilter.", "Connection tracking brings it along: it is there once a firewall rule asks "
                       "for a connection's state."},
    {"net.bridge.",
     "The kernel module br_netfilter brings it along (modprobe br_netfilter, as root)."},
    {"net.ipv6.", "Perhaps this kernel has no IPv6; sysctl.list(\"net\") shows what there is."},
    {"net.mpls.", "The kernel module mpls_router brings it along (modprobe mpls_router, as root)."},
};

struct names {
  const char *at, *stop;
};

static const char *next_name(void *arg)
{
  struct names *n = arg;
  if (n->at >= n->stop)
    return NULL;
  const char *name = n->at;
  n->at += strlen(n->at) + 1;
  n->at += strlen(n->at) + 1;
  return name;
}

static int texts_close(lua_State *L)
{
  sysctl_texts_free(lua_touserdata(L, 1));
  return 0;
}

static const struct rt_class texts_class = {.name = "nslab.sysctl.texts", .close = texts_close};

static const char *push_key(lua_State *L, const char *path)
{
  char key[SYSCTL_PATH];
  sysctl_key(path, key);
  return lua_pushstring(L, key);
}

/* What the user may have meant by a path that is not there. */
static const char *push_meant(lua_State *L, int netns, const char *path)
{
  char known[SYSCTL_PATH], meant[SYSCTL_PATH], wrong[SYSCTL_PATH];
  struct sysctl_texts *l = rt_new(L, &texts_class, sizeof *l, 0);
  if (sysctl_search(netns, path, known, meant, l) < 0)
    return NULL;
  if (meant[0])
    return lua_pushfstring(L,
                           "\"%s\" is meant, perhaps: a dot within a name is written as a slash.",
                           push_key(L, meant));
  const char *key = push_key(L, path);
  for (size_t i = 0; i < sizeof late / sizeof *late; i++)
    if (strchr(known + sizeof "/proc/sys/" - 1, '/') == NULL &&
        strncmp(key, late[i].prefix, strlen(late[i].prefix)) == 0)
      return late[i].hint;
  const char *rest = path + strlen(known) + 1;
  size_t len = strcspn(rest, "/");
  memcpy(wrong, rest, len);
  wrong[len] = '\0';
  struct names names = {l->bytes, l->bytes ? l->bytes + l->len : NULL};
  const char *near = rt_nearest(wrong, next_name, &names);
  if (!near)
    return lua_pushfstring(L, "sysctl.list(\"%s\") shows what there is.", push_key(L, known));
  const char *right = lua_pushfstring(L, "%s/%s%s", known, near, rest + len);
  return lua_pushfstring(L, "\"%s\" is meant, perhaps.", push_key(L, right));
}

/* The way out of what the kernel said about an existing setting. */
static const char *find_hint(lua_State *L, int netns, const char *path, int err, bool writing)
{
  if (err == ENOENT)
    return push_meant(L, netns, path);
  if (err == EISDIR)
    return lua_pushfstring(L, "It has settings in it: sysctl.list(\"%s\") shows them.",
                           push_key(L, path));
  if (err == EROFS)
    return "/proc/sys is mounted read-only here, as in a container; nslab doctor says more.";
  if (err != EACCES && err != EPERM)
    return NULL;
  if (writing && !sysctl_is_writable(netns, path))
    return "It only informs, or it is the whole machine's and shows in every namespace.";
  return writing
             ? "This needs root, or a sandbox: nslab runs scripts in one unless --no-sandbox is "
               "given."
             : "It can only be written.";
}

static _Noreturn void explain(lua_State *L, struct rt_op *op, int netns, const char *path, int err,
                              bool writing)
{
  const char *text = NULL;
  if (err == ENOTDIR)
    err = ENOENT; /* a part of a setting is asked for as if it were a group */
  if (err == ENOENT)
    text = "there is no such setting";
  else if (err == EISDIR)
    text = "this is a group of settings, not one";
  else if (err == EIO && !writing)
    text = "it has no value yet";
  rt_raise(L, op,
           &(struct rt_error){
               .err = err, .text = text, .hint = find_hint(L, netns, path, err, writing)});
}

/* ---- values ---------------------------------------------------------------------------------- */

/* An integer when the text is one, else the text. */
static void push_value(lua_State *L, const char *text, size_t len)
{
  char *end;
  errno = 0;
  long long v = strtoll(text, &end, 10);
  if (len > 0 && end == text + len && errno == 0 && !isspace((unsigned char)text[0]))
    lua_pushinteger(L, v);
  else
    lua_pushlstring(L, text, len);
}

/* The text of the value at idx, on the stack. */
static const char *push_text(lua_State *L, struct rt_op *op, int idx, size_t *ret_len)
{
  int type = lua_type(L, idx), is_integer;
  lua_Integer v = lua_tointegerx(L, idx, &is_integer);
  if (type == LUA_TNUMBER && !is_integer)
    rt_raisef(L, op, EINVAL, NULL, NULL, "an integer is needed, not %f", lua_tonumber(L, idx));
  if (type == LUA_TBOOLEAN)
    lua_pushstring(L, lua_toboolean(L, idx) ? "1" : "0");
  else if (type == LUA_TNUMBER)
    lua_pushfstring(L, "%I", (LUAI_UACINT)v);
  else if (type == LUA_TSTRING)
    lua_pushvalue(L, idx);
  else
    rt_raisef(L, op, EINVAL, NULL, NULL,
              "the value has to be an integer, a string, true or false, not %s",
              rt_typename(L, idx));
  const char *text = lua_tolstring(L, -1, ret_len);
  if (strlen(text) != *ret_len)
    rt_raisef(L, op, EINVAL, NULL, NULL, "a value cannot hold a zero byte");
  return text;
}

/* ---- get, set, list -------------------------------------------------------------------------- */

enum { SHORT = 4096, LONG = 1 << 20 };

static int sysctl_get(lua_State *L)
{
  struct rt_op op = {.module = "sysctl", .verb = "get", .netns = netns_ref_of_call(L)->name};
  char path[SYSCTL_PATH], some[SHORT], *text = some;
  size_t len;
  lua_settop(L, 1);
  read_key(L, &op, 1, false, path);
  rt_op_begin(L, &op);
  int netns = netns_of_call(L, &op);
  int r = sysctl_read(netns, path, text, sizeof some, &len);
  if (r == -E2BIG) {
    text = lua_newuserdatauv(L, LONG, 0);
    r = sysctl_read(netns, path, text, LONG, &len);
  }
  if (r < 0)
    explain(L, &op, netns, path, -r, false);
  push_value(L, text, len);
  rt_op_end(L, &op, -1);
  return 1;
}

/* What it is now, as an example of a value. */
static const char *push_present(lua_State *L, int netns, const char *path)
{
  char text[SHORT];
  size_t len;
  if (sysctl_read(netns, path, text, sizeof text, &len) < 0)
    return NULL;
  return lua_pushfstring(L, "Now it is \"%s\".", lua_pushlstring(L, text, len));
}

static int sysctl_set(lua_State *L)
{
  struct rt_op op = {.module = "sysctl", .verb = "set", .netns = netns_ref_of_call(L)->name};
  char path[SYSCTL_PATH];
  size_t len;
  lua_settop(L, 2);
  read_key(L, &op, 1, false, path);
  const char *text = push_text(L, &op, 2, &len);
  lua_createtable(L, 0, 1); /* what an observer sees of the value */
  lua_pushvalue(L, 2);
  lua_setfield(L, -2, "value");
  op.options = lua_gettop(L);
  rt_op_begin(L, &op);
  int netns = netns_of_call(L, &op);
  int r = sysctl_write(netns, path, text, len);
  if (r == -EINVAL || r == -ERANGE)
    rt_raisef(L, &op, -r, NULL, push_present(L, netns, path), "\"%s\" is no value for it", text);
  if (r < 0)
    explain(L, &op, netns, path, -r, true);
  rt_op_end(L, &op, 0);
  return 0;
}

/* Pushes an array of "net.ipv4.ip_forward = 1", in alphabetical order. */
static void push_lines(lua_State *L, int idx)
{
  lua_Integer n = 0;
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING)
      continue;
    const char *value = luaL_tolstring(L, -1, NULL);
    lua_pushfstring(L, "%s = %s", lua_tostring(L, -3), value);
    lua_rawseti(L, -5, ++n);
    lua_pop(L, 1);
  }
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, -1, "table");
  lua_getfield(L, -1, "sort");
  lua_pushvalue(L, -4);
  lua_call(L, 1, 0);
  lua_pop(L, 2);
}

static int list_tostring(lua_State *L)
{
  luaL_Buffer b;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  push_lines(L, 1);
  lua_Integer n = luaL_len(L, 2);
  luaL_buffinit(L, &b);
  for (lua_Integer i = 1; i <= n; i++) {
    if (i > 1)
      luaL_addchar(&b, '\n');
    lua_rawgeti(L, 2, i);
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  return 1;
}

static void push_list(lua_State *L, const struct sysctl_texts *l)
{
  lua_newtable(L);
  for (const char *at = l->bytes; at && at < l->bytes + l->len;) {
    const char *path = at, *text = path + strlen(path) + 1;
    size_t len = strlen(text);
    push_key(L, path);
    push_value(L, text, len);
    lua_rawset(L, -3);
    at = text + len + 1;
  }
  if (luaL_newmetatable(L, "nslab.sysctl")) {
    lua_pushcfunction(L, list_tostring);
    lua_setfield(L, -2, "__tostring");
  }
  lua_setmetatable(L, -2);
}

static int sysctl_list(lua_State *L)
{
  struct rt_op op = {.module = "sysctl", .verb = "list", .netns = netns_ref_of_call(L)->name};
  char path[SYSCTL_PATH];
  lua_settop(L, 1);
  read_key(L, &op, 1, true, path);
  rt_op_begin(L, &op);
  struct sysctl_texts *l = rt_new(L, &texts_class, sizeof *l, 0);
  int netns = netns_of_call(L, &op);
  int r = sysctl_collect(netns, path, l);
  if (r < 0)
    explain(L, &op, netns, path, -r, false);
  push_list(L, l);
  sysctl_texts_free(l);
  rt_op_end(L, &op, -1);
  return 1;
}

/* ---- rows ------------------------------------------------------------------------------------ */

#define KEY                                                                                        \
  {                                                                                                \
    "key", "string", "its name, net.ipv4.ip_forward or net/ipv4/ip_forward"                        \
  }
#define SOURCE "sysctl(8), Documentation/networking/ip-sysctl.rst"

static const struct rt_func funcs[] = {
    {.name = "get",
     .fn = sysctl_get,
     .doc = "Reads a setting of the namespace.",
     .params = {KEY},
     .returns = {{"value", "integer|string", "an integer when the text is one"}},
     .errors =
         "ENOENT there is no such setting\nEISDIR it is a group of them\nEINVAL not under net",
     .example = "assert(sysctl.get(\"net.ipv4.ip_forward\") == 0)",
     .source = SOURCE},
    {.name = "set",
     .fn = sysctl_set,
     .doc = "Changes a setting of the namespace.",
     .params = {KEY, {"value", "integer|string|boolean", "true is 1, false is 0"}},
     .errors =
         "ENOENT there is no such setting\nEINVAL no value for it, or not under net\nEACCES it "
         "only informs, or no privilege",
     .example = "sysctl.set(\"net.ipv4.ip_forward\", 1)",
     .source = SOURCE},
    {.name = "list",
     .fn = sysctl_list,
     .doc = "All settings of a group, or of the namespace. Printing them gives a line for each, as "
            "sysctl -a does.",
     .params = {{"prefix?", "string", "the group, net.ipv4.conf.all for example"}},
     .returns = {{"settings", "table<string, integer|string>", "values by name"}},
     .errors = "ENOENT there is no such group\nEINVAL not under net",
     .example = "print(sysctl.list(\"net.ipv4.conf.all\"))",
     .source = SOURCE},
    {.name = NULL}};

static const struct rt_lack lacks[] = {
    {"add", "set"}, {"replace", "set"}, {"delete", "set"}, {"flush", "set"}, {NULL, NULL}};

const struct rt_module sysctl_module = {
    .name = "sysctl",
    .doc =
        "The kernel's settings of a namespace, under the names that sysctl(8) has for them. Only "
        "those under net are a namespace's own.",
    .funcs = {funcs},
    .lacks = lacks,
    .bound = true};
