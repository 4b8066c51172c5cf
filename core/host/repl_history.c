/* repl_history: what was typed, kept for each user. */
#include "host/host.h"
#include "host/repl.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* The directory of a file, locked; -1 without one. */
static int lock_dir_of(const char *file)
{
  char *dir = strndup(file, (size_t)(strrchr(file, '/') - file));
  int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  free(dir);
  while (fd >= 0 && flock(fd, LOCK_EX) < 0)
    if (errno != EINTR) {
      close(fd);
      return -1;
    }
  return fd;
}

/* What others have added meanwhile and the line, in a new file in the place of the old one. */
static void save_line(const char *file, const char *line)
{
  HistEvent ev;
  char beside[PATH_MAX];
  History *all = history_init();
  if (all == NULL || (size_t)snprintf(beside, sizeof beside, "%s.new", file) >= sizeof beside)
    goto end;
  history(all, &ev, H_SETSIZE, HISTORY_LINES);
  history(all, &ev, H_SETUNIQUE, 1);
  history(all, &ev, H_LOAD, file);
  history(all, &ev, H_ENTER, line);
  mode_t old = umask(077);
  if (history(all, &ev, H_SAVE, beside) < 0 || rename(beside, file) < 0)
    unlink(beside);
  umask(old);
end:
  if (all)
    history_end(all);
}

/* Saved after every line: a REPL may be killed, and there may be others. */
void repl_remember(struct repl *r, const char *line)
{
  HistEvent ev;
  if (r->history == NULL || line[strspn(line, " \t\n")] == '\0')
    return;
  history(r->history, &ev, H_ENTER, line);
  int lock = r->history_file ? lock_dir_of(r->history_file) : -1;
  if (lock < 0)
    return;
  save_line(r->history_file, line);
  close(lock);
}

void repl_close_history(struct repl *r)
{
  if (r->history)
    history_end(r->history);
  free(r->history_file);
  r->history = NULL;
  r->history_file = NULL;
}
