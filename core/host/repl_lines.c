/* repl_lines: the next line of a REPL. On a terminal it is edited by libedit, which is not touched
 * before; without one, standard input is read byte by byte, so that what follows the line is there
 * for whoever reads next. While either waits, descriptors of the caller are watched too. */
#include "host/host.h"
#include "host/repl.h"
#include "runtime/runtime.h"
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- waiting -------------------------------------------------------------------------------- */

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

enum { DESCRIPTORS = 64 };

/* Leaves the table `wake` of the options on the stack, or nothing. */
static bool push_wake(struct repl *r)
{
  if (lua_checkstack(r->L, 8) && lua_getfield(r->L, r->options, "wake") == LUA_TTABLE)
    return true;
  lua_pop(r->L, 1);
  return false;
}

/* wake.fds(): which descriptors are watched beside standard input. */
static nfds_t add_descriptors(struct repl *r, struct pollfd *at)
{
  lua_State *L = r->L;
  int base = lua_gettop(L);
  nfds_t n = 0;
  if (push_wake(r)) {
    lua_getfield(L, -1, "fds");
    if (host_call_lua(L, 0, 1) == LUA_OK && lua_istable(L, -1))
      for (; n < DESCRIPTORS && lua_rawgeti(L, -1, (lua_Integer)n + 1) == LUA_TNUMBER; n++) {
        at[n] = (struct pollfd){.fd = (int)lua_tointeger(L, -1), .events = POLLIN | POLLPRI};
        lua_pop(L, 1);
      }
  }
  lua_settop(L, base);
  return n;
}

/* wake.ready(): false when there is nothing to say, so that the line need not be drawn again. */
static bool anything_to_say(struct repl *r)
{
  int base = lua_gettop(r->L);
  bool yes = true;
  if (push_wake(r) && lua_getfield(r->L, -1, "ready") != LUA_TNIL)
    yes = host_call_lua(r->L, 0, 1) != LUA_OK || lua_toboolean(r->L, -1);
  lua_settop(r->L, base);
  return yes;
}

/* wake.prompt(): what the prompt is after that, where it is another one. */
static void take_prompt(struct repl *r)
{
  int base = lua_gettop(r->L);
  if (!r->goes_on && push_wake(r) && lua_getfield(r->L, -1, "prompt") != LUA_TNIL &&
      host_call_lua(r->L, 0, 1) == LUA_OK && lua_isstring(r->L, -1))
    snprintf(r->prompt, sizeof r->prompt, "%s", lua_tostring(r->L, -1));
  lua_settop(r->L, base);
}

static void wake(struct repl *r)
{
  int base = lua_gettop(r->L);
  if (!anything_to_say(r))
    return;
  if (r->editor)
    repl_hide_line(r);
  if (push_wake(r)) {
    lua_getfield(r->L, -1, "call");
    host_call_lua(r->L, 0, 0);
  }
  lua_settop(r->L, base);
  fflush(stdout);
  take_prompt(r);
  if (r->editor && rt_interrupted == 0)
    repl_draw_line(r);
}

/* Waits until standard input can be read: true. False when a signal came, or a descriptor woke. The
 * signals are let in while it waits and not before, or one might come just too early. */
static bool input_ready(struct repl *r)
{
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT};
  struct pollfd fds[1 + DESCRIPTORS] = {{.fd = STDIN_FILENO, .events = POLLIN}};
  nfds_t n = 1 + add_descriptors(r, fds + 1);
  sigset_t held, before;
  sigemptyset(&held);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    sigaddset(&held, signals[i]);
  sigprocmask(SIG_BLOCK, &held, &before);
  bool signalled = rt_interrupted || resized || resumed;
  int ready = signalled ? -1 : ppoll(fds, n, NULL, &before);
  sigprocmask(SIG_SETMASK, &before, NULL);
  if (ready <= 0)
    return false;
  for (nfds_t i = 1; i < n; i++)
    if (fds[i].revents) {
      wake(r);
      return fds[0].revents != 0 && rt_interrupted == 0;
    }
  return fds[0].revents != 0;
}

/* One byte: 1; 0 at the end of input, -1 when a signal asks for the end. */
static int read_byte(struct repl *r, char *ret)
{
  for (;;) {
    if (rt_interrupted)
      return -1;
    bool ready = input_ready(r);
    if (r->editor)
      follow_terminal(r->editor);
    if (!ready)
      continue;
    ssize_t n = read(STDIN_FILENO, ret, 1);
    if (n >= 0 || errno != EINTR)
      return n > 0 ? 1 : 0;
  }
}

/* ---- keys ----------------------------------------------------------------------------------- */

bool repl_pasting(const struct repl *r)
{
  return r->pasted_at < r->pastes;
}

void repl_drop_pasted(struct repl *r)
{
  r->pastes = r->pasted_at = 0;
}

/* One character for libedit, whose own reader tries again after a signal. -1 ends the line. */
static int read_key(EditLine *editor, wchar_t *ret)
{
  struct repl *r;
  mbstate_t state = {0};
  el_get(editor, EL_CLIENTDATA, &r);
  if (repl_pasting(r) && rt_interrupted == 0) {
    *ret = r->pasted[r->pasted_at++];
    return 1;
  }
  for (;;) {
    char byte;
    int n = read_byte(r, &byte);
    if (n <= 0)
      return n;
    size_t done = mbrtowc(ret, &byte, 1, &state);
    if (done == (size_t)-1) { /* no character of this locale: as it is */
      *ret = (unsigned char)byte;
      return 1;
    }
    if (done != (size_t)-2)
      return 1;
  }
}

static bool keep_pasted(struct repl *r, wchar_t key)
{
  if (r->pastes == r->pasted_size) {
    size_t size = r->pasted_size ? 2 * r->pasted_size : 256;
    wchar_t *grown = reallocarray(r->pasted, size, sizeof *grown);
    if (grown == NULL)
      return false;
    r->pasted = grown;
    r->pasted_size = size;
  }
  r->pasted[r->pastes++] = key;
  return true;
}

/* A terminal brackets what is pasted; it becomes keys, of which none has a meaning of its own but
 * the end of a line. */
static unsigned char on_paste(EditLine *editor, int key)
{
  static const wchar_t end[] = L"\033[201~";
  enum { END = sizeof end / sizeof *end - 1 };
  struct repl *r;
  size_t matched = 0;
  wchar_t c;
  (void)key;
  el_get(editor, EL_CLIENTDATA, &r);
  repl_drop_pasted(r);
  r->pasted_at = SIZE_MAX; /* nothing of it is typed before all is there */
  while (matched < END && el_wgetc(editor, &c) == 1) {
    matched = c == end[matched] ? matched + 1 : c == end[0];
    if (c == L'\r')
      c = L'\n';
    if (c == L'\t')
      c = L' ';
    bool plain = matched == 0 && (c >= L' ' || c == L'\n') && c != 0x7f;
    if (plain && !keep_pasted(r, c))
      break;
  }
  if (matched < END)
    repl_drop_pasted(r);
  r->pasted_at = 0;
  return CC_NORM;
}

/* ---- lines ---------------------------------------------------------------------------------- */

static const char *prompt(EditLine *editor)
{
  struct repl *r;
  el_get(editor, EL_CLIENTDATA, &r);
  return r->goes_on ? r->more : r->prompt;
}

static void bind_keys(EditLine *editor)
{
  el_set(editor, EL_EDITOR, "emacs");
  /* Of narrow names el_set would make copies that nothing frees. */
  el_wset(editor, EL_ADDFN, L"nslab-complete", L"Complete the word", repl_complete);
  el_wset(editor, EL_ADDFN, L"nslab-paste", L"Take what was pasted", on_paste);
  el_set(editor, EL_BIND, "^I", "nslab-complete", NULL);
  el_set(editor, EL_BIND, "\\e[200~", "nslab-paste", NULL);
  el_set(editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
}

void repl_open_lines(struct repl *r, const char *history_name)
{
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
    setvbuf(stdin, NULL, _IONBF, 0); /* Lua's io.read takes no more than it gives, either */
    return;
  }
  setlocale(LC_CTYPE, ""); /* how wide a character is */
  r->editor = el_init("nslab", stdin, stdout, stderr);
  if (r->editor == NULL)
    return;
  char *clear = NULL;
  el_get(r->editor, EL_GETTC, "ce", &clear);
  r->dumb = clear == NULL || clear[0] == '\0';
  el_set(r->editor, EL_CLIENTDATA, r);
  el_set(r->editor, EL_PROMPT, prompt);
  bind_keys(r->editor);
  el_set(r->editor, EL_GETCFN, read_key);
  if (history_name)
    repl_open_history(r, history_name);
  if (r->history)
    el_set(r->editor, EL_HIST, history, r->history);
  el_source(r->editor, NULL);
  struct sigaction sa = {.sa_handler = on_terminal};
  sigaction(SIGWINCH, &sa, NULL);
  sigaction(SIGCONT, &sa, NULL);
}

void repl_close_lines(struct repl *r)
{
  if (r->editor)
    el_end(r->editor);
  r->editor = NULL;
  repl_close_history(r);
  free(r->line);
  free(r->pasted);
  r->line = NULL;
  r->pasted = NULL;
  repl_drop_pasted(r);
}

static const char *edited_line(struct repl *r)
{
  int count;
  el_set(r->editor, EL_PREP_TERM, 1); /* before the prompt, or keys that follow it show twice */
  if (!r->dumb)
    fputs("\033[?2004h", stdout);
  const char *line = el_gets(r->editor, &count);
  if (!r->dumb)
    fputs("\033[?2004l", stdout);
  fflush(stdout);
  if (line && count > 0)
    return line;
  repl_drop_pasted(r);
  if (!isatty(STDIN_FILENO) && rt_interrupted == 0)
    rt_interrupted = SIGHUP; /* closed; the signal may not have come yet */
  el_reset(r->editor);
  putchar('\n');
  return NULL;
}

/* Without a terminal. The last line may lack its end. */
static const char *plain_line(struct repl *r)
{
  char byte;
  int n;
  r->len = 0;
  while ((n = read_byte(r, &byte)) > 0) {
    if (r->len + 2 > r->size) {
      size_t size = r->size ? 2 * r->size : 256;
      char *grown = realloc(r->line, size);
      if (grown == NULL)
        return NULL;
      r->line = grown;
      r->size = size;
    }
    r->line[r->len++] = byte;
    r->line[r->len] = '\0';
    if (byte == '\n')
      return r->line;
  }
  return n == 0 && r->len > 0 ? r->line : NULL;
}

const char *repl_read_line(struct repl *r)
{
  fflush(stdout);
  return r->editor ? edited_line(r) : plain_line(r);
}
