/* repl_screen: what a REPL shows beside the line that is edited: what somebody else has to say
 * while a key is awaited, and what TAB could complete. */
#include "host/host.h"
#include "host/repl.h"
#include "runtime/runtime.h"
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* ---- rows ----------------------------------------------------------------------------------- */

static int columns(void)
{
  struct winsize size;
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* How many columns the text takes. */
static int width(const char *text, size_t len)
{
  mbstate_t state = {0};
  int sum = 0;
  while (len > 0) {
    wchar_t c;
    size_t n = mbrtowc(&c, text, len, &state);
    if (n == 0 || n > len) { /* no character of this locale */
      n = 1;
      state = (mbstate_t){0};
      c = L'?';
    }
    int w = wcwidth(c);
    sum += w > 0 ? w : 0;
    text += n;
    len -= n;
  }
  return sum;
}

/* In which row below the prompt the cursor is, and how many there are. */
static void rows(struct repl *r, int *ret_cursor, int *ret_last)
{
  const LineInfo *line = el_line(r->editor);
  const char *prompt = r->goes_on ? r->more : r->prompt;
  int before = width(prompt, strlen(prompt)), all = columns();
  *ret_cursor = (before + width(line->buffer, (size_t)(line->cursor - line->buffer))) / all;
  *ret_last = (before + width(line->buffer, (size_t)(line->lastchar - line->buffer))) / all;
}

void repl_hide_line(struct repl *r)
{
  int cursor, last;
  rows(r, &cursor, &last);
  if (r->dumb) {
    putchar('\n');
    return;
  }
  putchar('\r');
  if (cursor > 0)
    printf("\033[%dA", cursor);
  fputs("\033[J", stdout);
}

void repl_draw_line(struct repl *r)
{
  fflush(stdout);
  el_set(r->editor, EL_REFRESH);
}

/* ---- TAB ------------------------------------------------------------------------------------ */

enum { SHOWN = 120 };

/* The candidates that complete() returned: an array of strings. */
struct candidates {
  lua_State *L;
  int table, n;
};

static const char *candidate(const struct candidates *c, int i)
{
  lua_rawgeti(c->L, c->table, i);
  const char *text = lua_type(c->L, -1) == LUA_TSTRING ? lua_tostring(c->L, -1) : "";
  lua_pop(c->L, 1); /* the table keeps it */
  return text;
}

/* How many bytes all of them begin with. */
static size_t common(const struct candidates *c)
{
  const char *first = candidate(c, 1);
  size_t len = strlen(first);
  for (int i = 2; i <= c->n; i++) {
    const char *other = candidate(c, i);
    size_t same = 0;
    while (same < len && first[same] == other[same])
      same++;
    len = same;
  }
  while (len > 0 && ((unsigned char)first[len] & 0xC0) == 0x80) /* whole characters */
    len--;
  return len;
}

/* In columns, below the edited line, which is drawn again behind them. */
static void list(struct repl *r, const struct candidates *c)
{
  int cursor, last, widest = 0, shown = c->n < SHOWN ? c->n : SHOWN;
  rows(r, &cursor, &last);
  for (int i = 1; i <= shown; i++) {
    int w = width(candidate(c, i), strlen(candidate(c, i)));
    widest = w > widest ? w : widest;
  }
  int across = columns() / (widest + 2);
  across = across > 0 ? across : 1;
  int down = (shown + across - 1) / across;
  for (int i = cursor; i <= last; i++)
    putchar('\n');
  for (int row = 0; row < down; row++) {
    for (int i = row + 1; i <= shown; i += down) {
      const char *text = candidate(c, i);
      bool ends = i + down > shown;
      printf("%s%*s", text, ends ? 0 : widest + 2 - width(text, strlen(text)), "");
    }
    putchar('\n');
  }
  if (shown < c->n)
    printf("... and %d more\n", c->n - shown);
  repl_draw_line(r);
}

/* Puts the text in the place of what was typed; of what is there already nothing moves. */
static unsigned char put(EditLine *editor, const char *typed, size_t len, const char *text,
                         size_t n)
{
  bool begins = n >= len && strncmp(typed, text, len) == 0;
  size_t keep = begins ? len : 0;
  char *word = strndup(text + keep, n - keep), *old = strndup(typed, len - keep);
  if (word && old) {
    size_t chars = mbstowcs(NULL, old, 0);
    el_deletestr(editor, (int)(chars == (size_t)-1 ? len : chars));
    el_insertstr(editor, word);
  }
  free(word);
  free(old);
  return CC_REFRESH;
}

/* Lua (protected): the whole chunk up to here (1: the earlier lines or nil, 2: LineInfo), and where
 * in it the cursor is. */
static int push_text(lua_State *L)
{
  const LineInfo *line = lua_touserdata(L, 2);
  size_t before = 0;
  if (lua_isstring(L, 1))
    lua_tolstring(L, 1, &before);
  else
    lua_pushliteral(L, "");
  if (lua_isstring(L, 1))
    lua_pushvalue(L, 1);
  lua_pushlstring(L, line->buffer, (size_t)(line->lastchar - line->buffer));
  lua_concat(L, 2);
  lua_pushinteger(L, (lua_Integer)before + (line->cursor - line->buffer));
  lua_pushinteger(L, (lua_Integer)before);
  return 3;
}

/* Asks complete(text, cursor); false with nothing to show. *ret_start is where in the line the
 * candidates begin. */
static bool ask(struct repl *r, const LineInfo *line, struct candidates *ret, size_t *ret_start)
{
  lua_State *L = r->L;
  lua_pushcfunction(L, push_text);
  if (r->chunk)
    lua_pushvalue(L, r->chunk);
  else
    lua_pushnil(L);
  lua_pushlightuserdata(L, (void *)(size_t)line);
  if (host_call_lua(L, 2, 3) != LUA_OK)
    return false;
  lua_Integer before = lua_tointeger(L, -1);
  lua_pop(L, 1);
  if (!repl_call(r, "complete", 2, 2))
    return false;
  lua_Integer start = lua_tointeger(L, -2) - 1 - before;
  if (!lua_istable(L, -1) || start < 0 || start > line->cursor - line->buffer)
    return false;
  *ret = (struct candidates){.L = L, .table = lua_gettop(L), .n = (int)lua_rawlen(L, -1)};
  *ret_start = (size_t)start;
  return ret->n > 0;
}

static unsigned char complete(struct repl *r)
{
  const LineInfo *line = el_line(r->editor);
  struct candidates c;
  size_t start;
  if (!ask(r, line, &c, &start))
    return CC_ERROR;
  line = el_line(r->editor);
  const char *typed = line->buffer + start;
  size_t len = (size_t)(line->cursor - typed), same = common(&c);
  const char *first = candidate(&c, 1);
  bool further = same > len || (same > 0 && strncmp(first, typed, len) != 0 && same >= len);
  if (further)
    return put(r->editor, typed, len, first, same);
  if (c.n == 1)
    return CC_ERROR;
  list(r, &c);
  return CC_NORM;
}

/* A TAB before the first word of the line with more keys behind it was not pressed: it is the
 * indentation of a text that somebody pasted. */
static bool indents(EditLine *editor)
{
  const LineInfo *line = el_line(editor);
  int queued = 0;
  return strspn(line->buffer, " \t") >= (size_t)(line->cursor - line->buffer) &&
         ioctl(STDIN_FILENO, FIONREAD, &queued) == 0 && queued > 0;
}

unsigned char repl_complete(EditLine *editor, int key)
{
  struct repl *r;
  (void)key;
  el_get(editor, EL_CLIENTDATA, &r);
  if (indents(editor)) {
    el_insertstr(editor, " ");
    return CC_REFRESH;
  }
  int base = lua_gettop(r->L);
  unsigned char did = lua_checkstack(r->L, LUA_MINSTACK) ? complete(r) : CC_ERROR;
  lua_settop(r->L, base);
  return did;
}
