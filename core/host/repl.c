/* repl: type Lua and see what it does. Lines are edited by libedit, which is not touched before a
 * REPL on a terminal starts; without a terminal it reads standard input and prints no prompt. */
#include "host/host.h"
#include "runtime/runtime.h"
#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

enum { HISTORY_LINES = 1000 };

struct repl {
  EditLine *editor; /* NULL without a terminal */
  History *history;
  char *history_file; /* NULL: none is kept */
  char *line;         /* for getline, without a terminal */
  size_t size;
  bool more; /* the chunk goes on: another prompt */
};

/* ---- history -------------------------------------------------------------------------------- */

/* Makes DIR and what is above it, for this user alone. */
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

/* ${XDG_STATE_HOME:-~/.local/state}/nslab/history; NULL where there is no home. */
static char *history_path(void)
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
  if (make_dirs(dir) && asprintf(&path, "%s/history", dir) < 0)
    path = NULL;
  free(dir);
  return path;
}

static void open_history(struct repl *r)
{
  HistEvent ev;
  r->history = history_init();
  r->history_file = history_path();
  if (r->history == NULL)
    return;
  history(r->history, &ev, H_SETSIZE, HISTORY_LINES);
  history(r->history, &ev, H_SETUNIQUE, 1);
  if (r->history_file)
    history(r->history, &ev, H_LOAD, r->history_file);
}

/* After every line: a REPL may be killed. */
static void remember(struct repl *r, const char *line)
{
  HistEvent ev;
  if (r->history == NULL || line[strspn(line, " \t\n")] == '\0')
    return;
  history(r->history, &ev, H_ENTER, line);
  if (r->history_file) {
    mode_t old = umask(077);
    history(r->history, &ev, H_SAVE, r->history_file);
    umask(old);
  }
}

/* ---- lines ---------------------------------------------------------------------------------- */

/* What happened to the terminal while a key was awaited. */
static volatile sig_atomic_t resized, resumed;

static void on_terminal(int sig)
{
  if (sig == SIGWINCH)
    resized = 1;
  else
    resumed = 1;
}

static void follow_terminal(EditLine *editor)
{
  if (resized)
    el_resize(editor);
  if (resumed) { /* the shell has set its own modes meanwhile */
    el_set(editor, EL_PREP_TERM, 0);
    el_set(editor, EL_PREP_TERM, 1);
    el_set(editor, EL_REFRESH);
  }
  resized = resumed = 0;
}

/* One character for libedit, whose own reader tries again after a signal. -1 ends the line. */
static int read_key(EditLine *editor, wchar_t *ret)
{
  mbstate_t state = {0};
  for (;;) {
    char byte;
    ssize_t n = rt_interrupted ? -1 : read(STDIN_FILENO, &byte, 1);
    if (rt_interrupted || n == 0 || (n < 0 && errno != EINTR))
      return n == 0 ? 0 : -1;
    follow_terminal(editor);
    if (n < 0)
      continue;
    size_t done = mbrtowc(ret, &byte, 1, &state);
    if (done == (size_t)-1) { /* no character of this locale: as it is */
      *ret = (unsigned char)byte;
      return 1;
    }
    if (done != (size_t)-2)
      return 1;
  }
}

static const char *prompt(EditLine *editor)
{
  struct repl *r;
  el_get(editor, EL_CLIENTDATA, &r);
  return r->more ? "   ... " : "nslab> ";
}

static void open_editor(struct repl *r)
{
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
    return;
  setlocale(LC_CTYPE, ""); /* how wide a character is */
  r->editor = el_init("nslab", stdin, stdout, stderr);
  if (r->editor == NULL)
    return;
  open_history(r);
  el_set(r->editor, EL_CLIENTDATA, r);
  el_set(r->editor, EL_PROMPT, prompt);
  el_set(r->editor, EL_EDITOR, "emacs");
  el_set(r->editor, EL_GETCFN, read_key);
  el_set(r->editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
  if (r->history)
    el_set(r->editor, EL_HIST, history, r->history);
  el_source(r->editor, NULL);
  struct sigaction sa = {.sa_handler = on_terminal};
  sigaction(SIGWINCH, &sa, NULL);
  sigaction(SIGCONT, &sa, NULL);
}

static void close_editor(struct repl *r)
{
  if (r->editor)
    el_end(r->editor);
  if (r->history)
    history_end(r->history);
  free(r->history_file);
  free(r->line);
}

/* The next line, with its end; NULL at the end of input or when a signal came (rt_interrupted). */
static const char *read_line(struct repl *r)
{
  if (r->editor) {
    int count;
    el_set(r->editor, EL_PREP_TERM, 1); /* before the prompt, or keys that follow it show twice */
    const char *line = el_gets(r->editor, &count);
    if (line && count > 0)
      return line;
    if (!isatty(STDIN_FILENO) && rt_interrupted == 0)
      rt_interrupted = SIGHUP; /* closed; the signal may not have come yet */
    el_reset(r->editor);
    putchar('\n');
    return NULL;
  }
  fflush(stdout);
  return getline(&r->line, &r->size, stdin) > 0 ? r->line : NULL;
}

/* ---- chunks --------------------------------------------------------------------------------- */

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

/* Reads lines until they make a chunk. Pushes the function (LUA_OK) or the message; -1 at the end
 * of input, -2 when a signal dropped the lines. */
enum { AT_END = -1, DROPPED = -2 };

static int read_chunk(lua_State *L, struct repl *r)
{
  const char *line;
  int base = lua_gettop(L);
  r->more = false;
  lua_pushliteral(L, "");
  while ((line = read_line(r)) != NULL) {
    remember(r, line);
    lua_pushstring(L, line);
    lua_concat(L, 2);
    int status = load_text(L);
    if (!incomplete(L, status)) {
      lua_remove(L, base + 1);
      return status;
    }
    lua_pop(L, 1);
    r->more = true;
  }
  bool rest = r->more && rt_interrupted == 0 && load_text(L) != LUA_OK;
  if (rest) { /* the end came in the middle of a chunk: say so */
    lua_remove(L, base + 1);
    return LUA_ERRSYNTAX;
  }
  lua_settop(L, base);
  return rt_interrupted ? DROPPED : AT_END;
}

static void print_results(lua_State *L, int base)
{
  int n = lua_gettop(L) - base;
  if (n == 0)
    return;
  lua_getglobal(L, "print");
  lua_insert(L, base + 1);
  host_call_lua(L, n, 0);
}

/* Whether the REPL goes on after a signal: Ctrl-C only drops a line or stops a chunk. */
static bool go_on(lua_State *L)
{
  if (rt_interrupted != 0 && rt_interrupted != SIGINT)
    return false;
  host_signals(L);
  return true;
}

/* One chunk: read, run, print. False at the end. */
static bool turn(lua_State *L, struct repl *r)
{
  int base = lua_gettop(L), status = read_chunk(L, r);
  if (status == LUA_OK && host_call_lua(L, 0, LUA_MULTRET) == LUA_OK)
    print_results(L, base);
  else if (status > LUA_OK)
    host_report(L);
  if (rt_interrupted == SIGINT && status == LUA_OK)
    fprintf(stderr, "interrupted\n");
  lua_settop(L, base);
  return status != AT_END && go_on(L);
}

int host_repl(lua_State *L, const struct host_call *call)
{
  struct repl r = {0};
  (void)call;
  open_editor(&r);
  if (r.editor)
    printf("nslab %s. Ctrl-D leaves.\n", NSLAB_VERSION);
  while (turn(L, &r))
    ;
  close_editor(&r);
  return HOST_OK;
}
