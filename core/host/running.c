/* running: what nslab.running asks the program: which labs run, a program in one of them, the end
 * of one. And what a lab tells of itself while it runs. */
#include "host/host.h"
#include "runtime/runtime.h"
#include "sandbox/running.h"
#include "sandbox/sandbox.h"
#include <errno.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

static void set_string(lua_State *L, const char *key, const char *text)
{
  lua_pushstring(L, text);
  lua_setfield(L, -2, key);
}

static void set_integer(lua_State *L, const char *key, lua_Integer n)
{
  lua_pushinteger(L, n);
  lua_setfield(L, -2, key);
}

static void set_boolean(lua_State *L, const char *key, bool is)
{
  lua_pushboolean(L, is);
  lua_setfield(L, -2, key);
}

/* What Lua makes of a raise must not jump out of the room below: labs are collected first. */
struct labs {
  struct running_lab all[256];
  int n;
};

static bool collect(void *arg, const struct running_lab *lab)
{
  struct labs *labs = arg;
  labs->all[labs->n++] = *lab;
  return labs->n < (int)(sizeof labs->all / sizeof *labs->all);
}

static void push_lab(lua_State *L, const struct running_lab *lab)
{
  lua_createtable(L, 0, 12);
  set_string(L, "name", lab->name);
  set_string(L, "lab", lab->lab);
  set_string(L, "user", lab->user);
  set_integer(L, "started", lab->started);
  set_integer(L, "runner", lab->runner);
  set_integer(L, "init", lab->init);
  set_integer(L, "pid", lab->init ? lab->init : lab->runner);
  set_integer(L, "step", lab->step);
  set_integer(L, "steps", lab->steps);
  set_boolean(L, "kept", lab->kept);
  set_boolean(L, "host", lab->host);
}

/* Lua: running([all]) -> array of labs, or nil and the errno's name */
static int running(lua_State *L)
{
  struct labs *labs = lua_newuserdatauv(L, sizeof *labs, 0);
  labs->n = 0;
  int err = running_each(lua_toboolean(L, 1), collect, labs);
  if (err) {
    lua_pushnil(L);
    lua_pushstring(L, rt_code(-err));
    return 2;
  }
  lua_createtable(L, labs->n, 0);
  for (int i = 0; i < labs->n; i++) {
    push_lab(L, &labs->all[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

static lua_Integer field(lua_State *L, const char *key)
{
  lua_getfield(L, 1, key);
  lua_Integer n = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return n;
}

/* The lab that the table at 1 is of. */
static void read_lab(lua_State *L, struct running_lab *ret)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  *ret = (struct running_lab){.runner = (pid_t)field(L, "runner"), .init = (pid_t)field(L, "init")};
  lua_getfield(L, 1, "host");
  ret->host = lua_toboolean(L, -1);
  lua_getfield(L, 1, "name");
  strncpy(ret->name, luaL_checkstring(L, -1), sizeof ret->name - 1);
  lua_pop(L, 2);
}

struct names {
  char text[65536];
  size_t len;
};

static void add_name(void *arg, const char *name)
{
  struct names *n = arg;
  size_t len = strlen(name) + 1;
  if (len > sizeof n->text - n->len)
    return;
  memcpy(n->text + n->len, name, len);
  n->len += len;
}

/* Lua: running_netns(lab) -> array of the names of its namespaces */
static int running_netns(lua_State *L)
{
  struct running_lab lab;
  read_lab(L, &lab);
  struct names *n = lua_newuserdatauv(L, sizeof *n, 0);
  n->len = 0;
  running_each_netns(&lab, add_name, n);
  lua_newtable(L);
  lua_Integer i = 0;
  for (const char *at = n->text; at < n->text + n->len; at += strlen(at) + 1) {
    lua_pushstring(L, at);
    lua_rawseti(L, -2, ++i);
  }
  return 1;
}

/* The strings of the array at idx, ended by NULL, in a userdata on the top of the stack. */
static const char *const *words_of(lua_State *L, int idx)
{
  size_t n = lua_istable(L, idx) ? lua_rawlen(L, idx) : 0;
  const char **words = lua_newuserdatauv(L, (n + 1) * sizeof *words, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, idx, (lua_Integer)i + 1);
    words[i] = luaL_checkstring(L, -1); /* the table keeps it */
    lua_pop(L, 1);
  }
  words[n] = NULL;
  return words;
}

/* Lua: running_enter(lab, netns or nil, { program, word ... }, { "NAME=VALUE" ... }, shell) -> exit
 * status, whether the lab ended under it; nil, the errno's name, its text, the step that failed */
static int enter(lua_State *L)
{
  struct running_lab lab;
  struct sandbox_start_error e = {0};
  bool gone;
  lua_settop(L, 5);
  luaL_checktype(L, 3, LUA_TTABLE);
  luaL_argcheck(L, lua_rawlen(L, 3) > 0, 3, "no program");
  read_lab(L, &lab);
  struct running_command c = {.netns = luaL_optstring(L, 2, NULL), .shell = lua_toboolean(L, 5)};
  c.argv = words_of(L, 3);
  c.env = words_of(L, 4);
  int r = running_enter(&lab, &c, &e, &gone);
  if (r < 0) {
    lua_pushnil(L);
    lua_pushstring(L, rt_code(-r));
    lua_pushstring(L, strerror(-r));
    lua_pushstring(L, e.step);
    return 4;
  }
  lua_pushinteger(L, r);
  lua_pushboolean(L, gone);
  return 2;
}

/* Lua: running_stop(lab, grace_ms) -> "ended" or "killed"; nil, the errno's name */
static int stop(lua_State *L)
{
  struct running_lab lab;
  read_lab(L, &lab);
  int r = running_stop(&lab, (int)luaL_checkinteger(L, 2));
  if (r >= 0) {
    lua_pushstring(L, r ? "killed" : "ended");
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, rt_code(-r));
  return 2;
}

/* Lua: at_step(step, steps): for those who list the labs */
static int at_step(lua_State *L)
{
  running_set_step((int)luaL_checkinteger(L, 1), (int)luaL_optinteger(L, 2, 0));
  return 0;
}

/* Lua: keep(value): the lab is up, and --keep means something; the value is not collected. */
static int keep(lua_State *L)
{
  luaL_checkany(L, 1);
  luaL_ref(L, LUA_REGISTRYINDEX);
  host_worth_keeping();
  return 0;
}

const luaL_Reg host_running_functions[] = {
    {"running", running},
    {"running_netns", running_netns},
    {"running_enter", enter},
    {"running_stop", stop},
    {"at_step", at_step},
    {"keep", keep},
    {NULL, NULL},
};

/* ---- the name -------------------------------------------------------------------------------- */

/* A lab, a file, or the REPL; code on the command line or from standard input has no name. */
bool host_running_name(const struct host_call *call, char *ret_name, size_t size)
{
  const struct host_command *c = call->command;
  const char *word = call->nwords > 0 ? call->words[0] : NULL;
  if (!c->sandbox || c->run == host_busted || (call->options.no_sandbox && !call->options.host))
    return false;
  if (word == NULL)
    word = c->name;
  if (call->has_text && (call->text.chunkname[0] != '@' || strcmp(word, "-") == 0))
    word = call->options.keep ? "script" : "";
  const char *slash = strrchr(word, '/');
  word = slash ? slash + 1 : word;
  size_t len = strlen(word);
  if (len > 4 && strcmp(word + len - 4, ".lua") == 0)
    len -= 4;
  snprintf(ret_name, size, "%.*s", (int)len, word);
  return len > 0;
}
