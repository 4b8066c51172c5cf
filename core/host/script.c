/* script: Lua as scripts find it: a state with every library, `arg`, interruption by signals, and
 * what is said when a script fails. */
#include "host/host.h"
#include "modules/modules.h"
#include <lauxlib.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- the state ------------------------------------------------------------------------------ */

/* As in lua.c: arg[0] is the script, what was typed before it has negative indexes. */
static void set_arg(lua_State *L, const struct host_call *call)
{
  int last = call->first + (call->nwords > 0 ? call->nwords : 1);
  lua_createtable(L, call->nwords, call->first + 1);
  for (int i = 0; i < last && call->argv[i]; i++) {
    lua_pushstring(L, call->argv[i]);
    lua_rawseti(L, -2, i - call->first);
  }
  lua_setglobal(L, "arg");
}

static int open_all(lua_State *L)
{
  const struct host_call *call = lua_touserdata(L, 1);
  luaL_openlibs(L);
  set_arg(L, call);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushlightuserdata(L, (void *)(size_t)call);
  lua_pushcclosure(L, luaopen_nslab_host, 1);
  lua_setfield(L, -2, "nslab.host");
  modules_open(L);
  host_open_globals(L);
  return 0;
}

/* What a script may allocate before the collector looks at it for the first time. Most scripts end
 * before that; without it every start would mark Lua's own libraries several times over. */
enum { CREDIT_KIB = 128 };

lua_State *host_open(const struct host_call *call)
{
  lua_State *L = luaL_newstate();
  if (L == NULL) {
    fprintf(stderr, "nslab: not enough memory\n");
    return NULL;
  }
  rt_use_pool(L);
  lua_gc(L, LUA_GCSTEP,
         -CREDIT_KIB); /* a step of the size that was allocated, here less than none */
  lua_pushcfunction(L, open_all);
  lua_pushlightuserdata(L, (void *)(size_t)call);
  if (host_call_lua(L, 1, 0) == LUA_OK)
    return L;
  lua_close(L);
  return NULL;
}

/* ---- calls ---------------------------------------------------------------------------------- */

/* Text gets a traceback; an error value says better itself where it happened. */
static int add_traceback(lua_State *L)
{
  if (lua_type(L, 1) == LUA_TSTRING)
    luaL_traceback(L, L, lua_tostring(L, 1), 1);
  return 1;
}

static int to_text(lua_State *L)
{
  bool speaks = lua_isstring(L, 1) || luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL;
  if (speaks)
    luaL_tolstring(L, 1, NULL);
  else
    lua_pushfstring(L, "the script raised an error without a text: %s", rt_typename(L, 1));
  return 1;
}

void host_report(lua_State *L)
{
  lua_pushcfunction(L, to_text);
  lua_insert(L, -2);
  lua_pcall(L, 1, 1, 0);
  const char *text = lua_tostring(L, -1);
  if (rt_interrupted == 0) /* host_status says that */
    fprintf(stderr, "nslab: %s\n", text ? text : "an error without a text");
  lua_pop(L, 1);
}

int host_call_lua(lua_State *L, int nargs, int nresults)
{
  int base = lua_gettop(L) - nargs;
  lua_pushcfunction(L, add_traceback);
  lua_insert(L, base);
  int status = lua_pcall(L, nargs, nresults, base);
  lua_remove(L, base);
  if (status != LUA_OK)
    host_report(L);
  return status;
}

int host_load(lua_State *L, const struct host_text *t)
{
  const char *bytes = t->bytes;
  size_t len = t->len;
  if (len > 0 &&
      bytes[0] == '#') { /* the #! line; its end stays, so that lines keep their numbers */
    const char *end = memchr(bytes, '\n', len);
    len = end ? len - (size_t)(end - bytes) : 0;
    bytes = end;
  }
  return luaL_loadbufferx(L, bytes, len, t->chunkname, "t");
}

/* ---- signals -------------------------------------------------------------------------------- */

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM};
enum { SIGNALS = sizeof signals / sizeof *signals, GRACE_S = 1 };

static lua_State *volatile interrupted_state;

/* A patient state goes on after Ctrl-C: what runs is stopped, and the process is not. Its hook is
 * always there and is inherited by coroutines, which the handler cannot reach. */
static bool patient;
static volatile sig_atomic_t asked; /* how often */
enum { LOOK_EVERY = 10000, MASK_ALL = LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT };

/* The first time it is raised once, so that what is to be closed can be; what catches it and goes
 * on is raised at again and again when it is asked once more. */
static void raise_interrupted(lua_State *L, lua_Debug *ar)
{
  (void)ar;
  if (rt_observing() && asked < 2)
    return;
  if (rt_interrupted == 0 || asked < 2)
    lua_sethook(L, patient ? raise_interrupted : NULL, patient ? LUA_MASKCOUNT : 0, LOOK_EVERY);
  else
    lua_sethook(L, raise_interrupted, MASK_ALL, 1);
  if (rt_interrupted)
    luaL_error(L, "interrupted");
}

static void say_interrupted(void)
{
  static const char text[] = "nslab: interrupted\n";
  ssize_t n = write(STDERR_FILENO, text, sizeof text - 1);
  (void)n;
}

/* Also in a signal handler. */
int host_status(int status)
{
  if (rt_interrupted == 0)
    return status;
  if (host_timed_out())
    host_say_waited();
  else
    say_interrupted();
  return host_timed_out() ? HOST_FAILED : 128 + rt_interrupted;
}

enum { PATIENCE = 3 };

/* The first signal asks; the second, or a script that does not listen (a loop in a coroutine, which
 * the hook of the main one does not reach, or a pcall that goes on), ends the process. The time for
 * that is shorter than the one the sandbox gives us. A REPL asks thrice. */
static void on_signal(int sig)
{
  bool again = rt_interrupted != 0;
  asked++;
  if (again && !(patient && rt_interrupted == SIGINT && asked <= PATIENCE)) {
    _exit(host_status(HOST_FAILED));
  }
  if (!again || sig != SIGALRM)
    rt_interrupted = sig;
  if (!patient || rt_interrupted != SIGINT || asked < PATIENCE)
    alarm(GRACE_S);
  lua_sethook(interrupted_state, raise_interrupted, MASK_ALL, 1);
}

bool host_patient(bool on)
{
  bool before = patient;
  patient = on;
  return before;
}

void host_signals(lua_State *L)
{
  static const struct sigaction listen = {.sa_handler = on_signal}, leave = {.sa_handler = SIG_DFL};
  struct sigaction old;
  alarm(0);
  rt_interrupted = 0;
  asked = 0;
  if (L)
    lua_sethook(L, patient ? raise_interrupted : NULL, patient ? LUA_MASKCOUNT : 0, LOOK_EVERY);
  interrupted_state = L;
  for (int i = 0; i < SIGNALS; i++)
    if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) /* nohup */
      sigaction(signals[i], L ? &listen : &leave, NULL);
}

/* ---- a script ------------------------------------------------------------------------------- */

static int say_no_steps(const struct host_call *call)
{
  fprintf(stderr, "nslab: --step: %s is no lab, it has no step{...}; it was run as a script.\n",
          call->text.chunkname + 1);
  return HOST_USAGE;
}

/* Runs the labs that the script declared: nslab.lab is there only if it did. */
static int finish_lab(lua_State *L, const struct host_call *call)
{
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, "nslab.lab") != LUA_TTABLE) {
    lua_pop(L, 2);
    return call->options.step ? say_no_steps(call) : HOST_OK;
  }
  lua_getfield(L, -1, "finish");
  host_push_options(L, call);
  int status = HOST_FAILED;
  if (host_call_lua(L, 1, 1) == LUA_OK) {
    status = lua_isinteger(L, -1) ? (int)lua_tointeger(L, -1) : HOST_OK;
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
  return status;
}

/* Shows what the script does in the words that --explain asks for. */
static int start_explaining(lua_State *L, const struct host_call *call)
{
  if (call->options.explain == NULL)
    return LUA_OK;
  lua_getglobal(L, "require");
  lua_pushliteral(L, "nslab.explain");
  if (host_call_lua(L, 1, 1) != LUA_OK)
    return LUA_ERRRUN;
  lua_getfield(L, -1, "start");
  lua_pushstring(L, call->options.explain);
  int status = host_call_lua(L, 1, 0);
  if (status == LUA_OK)
    lua_pop(L, 1);
  return status;
}

/* ---- a script of the shell ------------------------------------------------------------------ */

/* By its name, or by its #! line. */
static bool is_shell(const struct host_call *call)
{
  const char *name = call->nwords > 0 ? call->words[0] : "", *bytes = call->text.bytes;
  size_t len = strlen(name);
  if (len > 3 && strcmp(name + len - 3, ".sh") == 0)
    return true;
  if (call->text.len < 2 || bytes[0] != '#' || bytes[1] != '!')
    return false;
  const char *end = memchr(bytes, '\n', call->text.len);
  size_t line = end ? (size_t)(end - bytes) : call->text.len;
  return memmem(bytes, line, "nslab", 5) == NULL &&
         (memmem(bytes, line, "/sh", 3) || memmem(bytes, line, "ash", 3));
}

/* Its commands are read in Lua (nslab.words.script), and done by our modules. */
static int run_shell(lua_State *L, const struct host_call *call)
{
  if (start_explaining(L, call) != LUA_OK)
    return HOST_FAILED;
  lua_getglobal(L, "require");
  lua_pushliteral(L, "nslab.words.script");
  if (host_call_lua(L, 1, 1) != LUA_OK)
    return HOST_FAILED;
  lua_getfield(L, -1, "main");
  lua_pushlstring(L, call->text.bytes, call->text.len);
  lua_pushstring(L, call->nwords > 0 ? call->words[0] : "-");
  lua_createtable(L, call->nwords, 0);
  for (int i = 1; i < call->nwords; i++) {
    lua_pushstring(L, call->words[i]);
    lua_rawseti(L, -2, i);
  }
  if (host_call_lua(L, 3, 1) != LUA_OK)
    return HOST_FAILED;
  host_worth_keeping();
  return lua_isinteger(L, -1) ? (int)lua_tointeger(L, -1) : HOST_OK;
}

int host_run_script(lua_State *L, const struct host_call *call)
{
  if (is_shell(call))
    return run_shell(L, call);
  if (host_load(L, &call->text) != LUA_OK) {
    host_report(L);
    return HOST_FAILED;
  }
  if (start_explaining(L, call) != LUA_OK)
    return HOST_FAILED;
  luaL_checkstack(L, call->nwords + 1, "arguments");
  for (int i = 1; i < call->nwords; i++)
    lua_pushstring(L, call->words[i]);
  if (host_call_lua(L, call->nwords > 1 ? call->nwords - 1 : 0, 0) != LUA_OK)
    return HOST_FAILED;
  host_worth_keeping();
  return finish_lab(L, call);
}
