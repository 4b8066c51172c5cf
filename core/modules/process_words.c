/* process_words: reads what exec and spawn are told: words, environment, directory; and says what
 * is wrong with it, or why it could not be started. */
#include "modules/process.h"
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- words ----------------------------------------------------------------------------------- */

/* Pushes the value as text that lives on the stack; raises for what no word can be. */
static const char *push_word(lua_State *L, struct rt_op *op, int idx, const char *field)
{
  size_t len;
  int type = lua_type(L, idx);
  if (type != LUA_TSTRING && type != LUA_TNUMBER)
    rt_raisef(L, op, EINVAL, field, NULL, "a string or a number is needed, not %s",
              rt_typename(L, idx));
  const char *s = luaL_tolstring(L, idx, &len);
  if (strlen(s) != len)
    rt_raisef(L, op, EINVAL, field, NULL, "a word cannot hold a zero byte");
  return s;
}

/* An array of n pointers and NULL, as a userdata on the stack. */
static const char **push_array(lua_State *L, size_t n)
{
  const char **a = lua_newuserdatauv(L, (n + 1) * sizeof *a, 0);
  memset(a, 0, (n + 1) * sizeof *a);
  return a;
}

/* As one would type it: quoted where the shell would take it apart. */
static void add_typed(luaL_Buffer *b, const char *word)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "_@%+=:,./-";
  if (*word && word[strspn(word, plain)] == '\0') {
    luaL_addstring(b, word);
    return;
  }
  luaL_addchar(b, '\'');
  for (; *word; word++)
    if (*word == '\'')
      luaL_addstring(b, "'\\''");
    else
      luaL_addchar(b, *word);
  luaL_addchar(b, '\'');
}

static void read_words(lua_State *L, struct rt_op *op, struct process_request *r)
{
  lua_Integer n = luaL_len(L, 2);
  luaL_Buffer b;
  char field[24];
  if (n < 1 || n > INT_MAX - 1)
    rt_raisef(L, op, EINVAL, NULL, "red:exec{ \"ip\", \"addr\" } or red:exec \"ip addr\".",
              "words are needed: a program and its arguments");
  const char **argv = push_array(L, (size_t)n);
  lua_newtable(L); /* keeps the words alive */
  int words = lua_gettop(L);
  for (lua_Integer i = 1; i <= n; i++) {
    snprintf(field, sizeof field, "[%lld]", (long long)i);
    lua_geti(L, 2, i);
    argv[i - 1] = push_word(L, op, -1, field);
    lua_rawseti(L, words, i);
    lua_pop(L, 1);
  }
  luaL_buffinit(L, &b);
  for (lua_Integer i = 0; i < n; i++) {
    if (i > 0)
      luaL_addchar(&b, ' ');
    add_typed(&b, argv[i]);
  }
  luaL_pushresult(&b);
  op->key = lua_tostring(L, -1);
  if (argv[0][0] == '\0')
    rt_raisef(L, op, EINVAL, "[1]", NULL, "the name of a program is needed");
  r->program = argv[0];
  r->command.argv = argv;
}

/* ---- the environment ------------------------------------------------------------------------- */

static const char *check_name(lua_State *L, struct rt_op *op, int idx)
{
  const char *name = lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx) : "";
  if (*name == '\0' || strchr(name, '=') || strlen(name) != lua_rawlen(L, idx))
    rt_raisef(L, op, EINVAL, "env", "env = { NAME = \"value\" }; false removes one.",
              "\"%s\" cannot name a variable", name);
  return name;
}

/* Whether the table at idx says something about the variable "NAME=value". */
static bool overridden(lua_State *L, int idx, const char *variable)
{
  lua_pushlstring(L, variable, strcspn(variable, "="));
  bool ret = lua_rawget(L, idx) != LUA_TNIL;
  lua_pop(L, 1);
  return ret;
}

/* Ours, with those of env = { NAME = "value" } in their place; false leaves one out. */
static void read_env(lua_State *L, struct rt_op *op, struct process_request *r)
{
  if (lua_getfield(L, 2, "env") == LUA_TNIL)
    return;
  if (!lua_istable(L, -1))
    rt_raisef(L, op, EINVAL, "env", NULL, "a table is needed, not %s", rt_typename(L, -1));
  int given = lua_gettop(L);
  size_t n = 0, at = 0;
  for (char **e = environ; *e; e++)
    n++;
  for (lua_pushnil(L); lua_next(L, given); lua_pop(L, 1))
    n++;
  const char **env = push_array(L, n);
  lua_newtable(L); /* keeps the new ones alive */
  int texts = lua_gettop(L);
  for (char **e = environ; *e; e++)
    if (!overridden(L, given, *e))
      env[at++] = *e;
  for (lua_pushnil(L); lua_next(L, given); lua_pop(L, 1)) {
    const char *name = check_name(L, op, -2);
    if (lua_isboolean(L, -1) && !lua_toboolean(L, -1))
      continue;
    const char *value = push_word(L, op, -1, "env");
    env[at++] = lua_pushfstring(L, "%s=%s", name, value);
    lua_rawseti(L, texts, (lua_Integer)at);
    lua_pop(L, 1);
  }
  r->command.env = env;
}

/* ---- all of it ------------------------------------------------------------------------------- */

void process_read(lua_State *L, struct rt_op *op, const char *const *keys,
                  struct process_request *ret)
{
  luaL_checkstack(L, 20, op->verb);
  *ret = (struct process_request){.command = {.netns = -1, .in = -1, .out = -1, .err = -1}};
  if (lua_gettop(L) > 2 || !(lua_istable(L, 2) || lua_type(L, 2) == LUA_TSTRING))
    rt_raisef(L, op, EINVAL, NULL, "red:exec{ \"ip\", \"addr\" } or red:exec \"ip addr\".",
              "one table of words, or one string for the shell, is needed");
  if (lua_type(L, 2) == LUA_TSTRING) {
    lua_createtable(L, 3, 0);
    lua_pushliteral(L, "sh");
    lua_rawseti(L, -2, 1);
    lua_pushliteral(L, "-c");
    lua_rawseti(L, -2, 2);
    lua_pushvalue(L, 2);
    lua_rawseti(L, -2, 3);
    lua_replace(L, 2);
  }
  op->options = 2;
  rt_check_keys(L, op, 2, keys);
  read_words(L, op, ret);
  read_env(L, op, ret);
  ret->command.cwd = rt_opt_string(L, op, 2, "cwd", NULL);
  ret->command.pid = rt_opt_boolean(L, op, 2, "pid", false);
  ret->command.mount = rt_opt_boolean(L, op, 2, "mount", false);
  ret->command.netns_name = netns_file_name(L, 1);
  ret->command.session = true;
}

void process_raise(lua_State *L, struct rt_op *op, const struct process_request *r,
                   const struct sandbox_start_error *e)
{
  if (strcmp(e->step, "change to the directory") == 0)
    rt_raisef(L, op, e->err, "cwd", NULL, "cannot go to %s: %s", r->command.cwd, strerror(e->err));
  if (strcmp(e->step, "start the program") != 0)
    rt_raisef(L, op, e->err, NULL, NULL, "cannot %s: %s", e->step, strerror(e->err));
  if (e->err == ENOENT)
    rt_raisef(L, op, e->err, NULL,
              "Is it installed? nslab doctor lists the programs that labs use.",
              "there is no program \"%s\"", r->program);
  rt_raisef(L, op, e->err, NULL, NULL, "\"%s\" cannot be started: %s", r->program,
            strerror(e->err));
}

/* ---- signals --------------------------------------------------------------------------------- */

int process_signal(lua_State *L, struct rt_op *op, int idx)
{
  int is_number;
  lua_Integer n = lua_tointegerx(L, idx, &is_number);
  if (is_number && n > 0 && n < NSIG)
    return (int)n;
  const char *name = lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx) : "";
  if (strncmp(name, "SIG", 3) == 0)
    name += 3;
  for (int sig = 1; sig < NSIG; sig++) {
    const char *known = sigabbrev_np(sig);
    if (known && strcmp(known, name) == 0)
      return sig;
  }
  rt_raisef(L, op, EINVAL, "signal", "\"TERM\", \"KILL\", \"HUP\", \"INT\" or a number.",
            "%s is no signal", rt_shown(L, idx));
}

/* As a shell counts: 128 and the number for a signal, so that any failure is not 0. */
void process_set_status(lua_State *L, int status)
{
  int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  lua_pushinteger(L, sig ? 128 + sig : WEXITSTATUS(status));
  lua_setfield(L, -2, "code");
  if (sig == 0)
    return;
  const char *name = sigabbrev_np(sig);
  if (name)
    lua_pushstring(L, name);
  else
    lua_pushfstring(L, "%d", sig);
  lua_setfield(L, -2, "signal");
}
