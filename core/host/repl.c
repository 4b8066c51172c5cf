/* repl: the loop that reads what somebody types and does it: Lua, or the words of whoever started
 * the loop. Lua: require "nslab.host".repl(options). What is typed is read in repl_lines.c; what
 * the words of `nslab repl` mean stands in lua/nslab/repl.lua. */
#include "host/repl.h"
#include "host/host.h"
#include "runtime/runtime.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* ---- what the options say ------------------------------------------------------------------- */

bool repl_call(struct repl *r, const char *field, int nargs, int nresults)
{
  lua_State *L = r->L;
  int base = lua_gettop(L) - nargs;
  lua_getfield(L, r->options, field);
  if (lua_isnil(L, -1)) {
    lua_settop(L, base);
    return false;
  }
  lua_insert(L, base + 1);
  return host_call_lua(L, nargs, nresults) == LUA_OK;
}

static int prompt_text(lua_State *L)
{
  luaL_tolstring(L, 1, NULL);
  return 1;
}

/* Asks for the prompt; the one of a chunk that goes on is as long. */
static void fill_prompts(struct repl *r)
{
  const char *text = "nslab> ";
  int base = lua_gettop(r->L);
  lua_pushcfunction(r->L, prompt_text);
  if (repl_call(r, "prompt", 0, 1) && host_call_lua(r->L, 1, 1) == LUA_OK)
    text = lua_tostring(r->L, -1);
  snprintf(r->prompt, sizeof r->prompt, "%s", text);
  lua_settop(r->L, base);
  int len = (int)strlen(r->prompt);
  snprintf(r->more, sizeof r->more, "%*s ", len > 4 ? len - 1 : 3, "...");
}

/* ---- chunks --------------------------------------------------------------------------------- */

enum turn { TURN_ON, TURN_LEAVE }; /* TURN_LEAVE: with a value on the stack */

/* Whether the message of a failed load says that the text stopped too early. */
static bool incomplete(lua_State *L, int status)
{
  static const char mark[] = "<eof>";
  size_t len;
  const char *text = lua_tolstring(L, -1, &len);
  return status == LUA_ERRSYNTAX && text && len >= sizeof mark - 1 &&
         strcmp(text + len - (sizeof mark - 1), mark) == 0;
}

/* Loads the text at the top as an expression whose values are shown, else as it stands. Pushes the
 * function or a message. "= x" is an expression too, as in older Luas. */
static int load_text(lua_State *L)
{
  const char *text = lua_tostring(L, -1);
  const char *body = text + strspn(text, " \t");
  const char *expression = lua_pushfstring(L, "return %s", *body == '=' ? body + 1 : text);
  int status = luaL_loadbufferx(L, expression, strlen(expression), "=stdin", "t");
  lua_remove(L, -2);
  if (status == LUA_OK || *body == '=')
    return status;
  lua_pop(L, 1);
  return luaL_loadbufferx(L, text, strlen(text), "=stdin", "t");
}

/* Reads a line and adds it to the text at the index `chunk`, which it makes when there is none.
 * False at the end of input, or when a signal dropped the lines. */
static bool read_on(struct repl *r, int chunk)
{
  lua_State *L = r->L;
  bool first = lua_gettop(L) < chunk;
  r->goes_on = !first;
  r->chunk = first ? 0 : chunk;
  const char *line = repl_read_line(r);
  if (line == NULL)
    return false;
  repl_remember(r, line);
  lua_pushstring(L, line);
  if (!first)
    lua_concat(L, 2);
  return true;
}

/* Runs the function at the top, by around(fn) where there is one, and shows its values. */
static void run(struct repl *r)
{
  lua_State *L = r->L;
  int base = lua_gettop(L) - 1;
  int around = lua_getfield(L, r->options, "around") != LUA_TNIL;
  if (around)
    lua_insert(L, base + 1);
  else
    lua_pop(L, 1);
  r->ran = true;
  if (lua_pcall(L, around, LUA_MULTRET, 0) != LUA_OK)
    host_report(L);
  else if (lua_gettop(L) > base)
    repl_call(r, "show", lua_gettop(L) - base, 0);
  lua_settop(L, base);
}

/* The text at `chunk` is Lua, or its beginning: reads the rest and runs it. */
static void run_chunk(struct repl *r, int chunk)
{
  lua_State *L = r->L;
  int status;
  while (incomplete(L, status = load_text(L))) {
    lua_pop(L, 1);
    if (read_on(r, chunk))
      continue;
    if (rt_interrupted)
      return;
    status = load_text(L); /* the end came in the middle of it: say so */
    break;
  }
  if (status == LUA_OK)
    run(r);
  else
    host_report(L);
}

/* Shows the text at `chunk`, without its end, to line(): true when it was a command. It may ask for
 * more lines. With a second result that one is left on the stack, and *ret_leave is set. */
static bool offer(struct repl *r, int chunk, bool *ret_leave)
{
  lua_State *L = r->L;
  for (;;) {
    size_t len;
    const char *text = lua_tolstring(L, chunk, &len);
    lua_pushlstring(L, text, len > 0 && text[len - 1] == '\n' ? len - 1 : len);
    if (lua_getfield(L, r->options, "line") == LUA_TNIL) {
      lua_settop(L, chunk);
      return false;
    }
    lua_insert(L, -2);
    if (lua_pcall(L, 1, 2, 0) != LUA_OK) {
      host_report(L);
      r->ran = true;
      return true;
    }
    *ret_leave = lua_toboolean(L, -2) && !lua_isnil(L, -1);
    bool more = lua_type(L, -2) == LUA_TSTRING, handled = lua_toboolean(L, -2);
    if (*ret_leave)
      return true;
    lua_settop(L, chunk);
    if (!more || !read_on(r, chunk))
      return handled;
  }
}

/* A line that is neither a command nor Lua. */
static void refuse(struct repl *r, int chunk)
{
  size_t len;
  const char *text = lua_tolstring(r->L, chunk, &len);
  if (text[strspn(text, " \t\n")] == '\0')
    return;
  lua_pushlstring(r->L, text, len > 0 && text[len - 1] == '\n' ? len - 1 : len);
  repl_call(r, "unknown", 1, 0);
}

/* Whether the loop goes on after a signal: Ctrl-C only drops a line or stops what runs. */
static bool go_on(struct repl *r)
{
  if (rt_interrupted != 0 && rt_interrupted != SIGINT)
    return false;
  if (rt_interrupted && r->ran)
    fprintf(stderr, "interrupted\n");
  if (rt_interrupted)
    repl_drop_pasted(r);
  r->ran = false;
  lua_State *main;
  lua_rawgeti(r->L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  main = lua_tothread(r->L, -1);
  lua_pop(r->L, 1);
  host_signals(main);
  return true;
}

/* Reads something, does it, shows what came of it. */
static enum turn turn(struct repl *r)
{
  lua_State *L = r->L;
  int chunk = lua_gettop(L) + 1;
  bool leave = false;
  fill_prompts(r);
  bool read = read_on(r, chunk), command = read && offer(r, chunk, &leave);
  if (leave)
    return TURN_LEAVE;
  if (read && !command) {
    bool lua = lua_getfield(L, r->options, "lua") == LUA_TNIL || lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (lua)
      run_chunk(r, chunk);
    else
      refuse(r, chunk);
  }
  lua_settop(L, chunk - 1);
  bool dropped = rt_interrupted == SIGINT;
  if (dropped && !read && lua_getfield(L, r->options, "interrupt") != LUA_TNIL) {
    go_on(r);
    return TURN_LEAVE;
  }
  lua_settop(L, chunk - 1);
  if (go_on(r) && (read || dropped))
    return TURN_ON;
  lua_pushnil(L);
  return TURN_LEAVE;
}

/* ---- host.repl ------------------------------------------------------------------------------ */

static int close_repl(lua_State *L)
{
  repl_close_lines(lua_touserdata(L, 1));
  return 0;
}

static const struct rt_class repl_class = {.name = "nslab.repl", .close = close_repl};

/* Gives the options what they lack: the functions of `module`. */
static void fill_option(lua_State *L, int options, const char *name, const char *module)
{
  if (lua_getfield(L, options, name) == LUA_TNIL) {
    lua_getglobal(L, "require");
    lua_pushstring(L, module);
    lua_call(L, 1, 1);
    lua_getfield(L, -1, name);
    lua_setfield(L, options, name);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* A copy of the options at 1, complete. */
static void push_options(lua_State *L)
{
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, 1);) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, 2);
  }
  fill_option(L, 2, "show", "nslab.repl.show");
  fill_option(L, 2, "complete", "nslab.complete");
}

int host_repl(lua_State *L)
{
  lua_settop(L, 1);
  if (lua_isnil(L, 1)) {
    lua_newtable(L);
    lua_replace(L, 1);
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  push_options(L);
  struct repl *r = rt_new(L, &repl_class, sizeof *r, 0);
  lua_toclose(L, -1);
  *r = (struct repl){.L = L, .options = 2};
  const char *history = "history";
  if (lua_getfield(L, 2, "history") != LUA_TNIL)
    history = lua_isstring(L, -1) ? lua_tostring(L, -1) : NULL;
  repl_open_lines(r, history);
  bool before = host_patient(true);
  enum turn last = go_on(r) ? TURN_ON : TURN_LEAVE;
  lua_pushnil(L);
  while (last == TURN_ON)
    last = turn(r);
  host_patient(before);
  go_on(r);
  return 1;
}
