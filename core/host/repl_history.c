/* repl_history: what was typed, kept for each user. */
#include "host/repl.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { HISTORY_LINES = 1000 };

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

/* ${XDG_STATE_HOME:-~/.local/state}/nslab/NAME; NULL where there is no home. */
static char *history_path(const char *name)
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
  if (make_dirs(dir) && asprintf(&path, "%s/%s", dir, name) < 0)
    path = NULL;
  free(dir);
  return path;
}

void repl_open_history(struct repl *r, const char *name)
{
  HistEvent ev;
  r->history = history_init();
  r->history_file = history_path(name);
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
