/* The parts of the REPL: the loop (repl.c), how a line is read (repl_lines.c), what the terminal
 * shows beside it (repl_screen.c), what was typed before (repl_history.c). */
#pragma once
#include <histedit.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

enum { REPL_PROMPT = 300 };

/* One REPL, in a userdata. Callbacks of libedit get here by its client data. What they call in Lua
 * is called protected, and so is whatever may run out of memory: nothing jumps out of libedit. */
struct repl {
  lua_State *L;
  int options;        /* stack index of the table that host.repl was given */
  int chunk;          /* stack index of the chunk's earlier lines, 0 without any */
  EditLine *editor;   /* NULL without a terminal */
  History *history;   /* NULL: nothing is remembered */
  char *history_file; /* NULL: none is kept */
  char *line;         /* without a terminal: what was read of it */
  size_t len, size;
  wchar_t *pasted; /* keys that were pasted and wait to be typed */
  size_t pastes, pasted_at, pasted_size;
  char prompt[REPL_PROMPT], more[REPL_PROMPT];
  bool ran;     /* in this turn something was done */
  bool goes_on; /* the chunk is not complete: the prompt is `more` */
  bool dumb;    /* a terminal that cannot go back */
};

/* Calls the field of the options with the nargs values on the stack; leaves nresults values. False,
 * with nothing left, when there is none or it raised; that was said. */
bool repl_call(struct repl *r, const char *field, int nargs, int nresults);

void repl_open_lines(struct repl *r, const char *history);
void repl_close_lines(struct repl *r);
/* The next line, with its end; NULL at the end of input or when a signal came (rt_interrupted). */
const char *repl_read_line(struct repl *r);
/* Whether keys wait that were pasted. */
bool repl_pasting(const struct repl *r);
void repl_drop_pasted(struct repl *r);

void repl_open_history(struct repl *r, const char *name);
void repl_remember(struct repl *r, const char *line);
void repl_close_history(struct repl *r);

/* The edited line is taken off the screen, so that something else can be said there; and drawn
 * again. */
void repl_hide_line(struct repl *r);
void repl_draw_line(struct repl *r);
/* What the key TAB does. */
unsigned char repl_complete(EditLine *editor, int key);
