/* repl_history: what was typed, kept for each user. */
#include "host/host.h"
#include "host/repl.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { HISTORY_LINES = 1000 };

void repl_open_history(struct repl *r, const char *name)
{
  HistEvent ev;
  r->history = history_init();
  r->history_file = host_state_path(name);
  if (r->history == NULL)
    return;
  history(r->history, &ev, H_SETSIZE, HISTORY_LINES);
  history(r->history, &ev, H_SETUNIQUE, 1);
  if (r->history_file)
    history(r->history, &ev, H_LOAD, r->history_file);
}

/* Saved after every line: a REPL may be killed. */
void repl_remember(struct repl *r, const char *line)
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

void repl_close_history(struct repl *r)
{
  if (r->history)
    history_end(r->history);
  free(r->history_file);
  r->history = NULL;
  r->history_file = NULL;
}
