/* words: a command as a vector of words, like a program's arguments, and the splitting of a line
 * into them. Every word remembers where it came from, so that an error can point there. */
#include "firewall/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void fw_words_clear(struct fw_words *w)
{
  w->n = 0;
  w->len = 0;
  w->failed = false;
}

/* One slot more than words, for the NULL at the end. */
static bool reserve_slot(struct fw_words *w)
{
  if (w->n + 1 < w->cap)
    return true;
  int cap = w->cap ? 2 * w->cap : 32;
  size_t *at = reallocarray(w->at, (size_t)cap, sizeof *at);
  w->at = at ? at : w->at;
  char **v = reallocarray(w->v, (size_t)cap, sizeof *v);
  w->v = v ? v : w->v;
  uint32_t *place = reallocarray(w->place, (size_t)cap, sizeof *place);
  w->place = place ? place : w->place;
  if (at && v && place)
    w->cap = cap;
  // cppcheck-suppress memleak ; what was allocated is in *w
  return at && v && place;
}

static bool reserve_bytes(struct fw_words *w, size_t more)
{
  if (w->len + more <= w->size)
    return true;
  size_t size = w->size ? w->size : 256;
  while (size < w->len + more)
    size *= 2;
  char *buf = realloc(w->buf, size);
  if (buf == NULL)
    return false;
  w->buf = buf;
  w->size = size;
  return true;
}

/* Begins a word; its bytes follow with put, and finish ends it. */
static void start(struct fw_words *w, uint32_t place)
{
  if (w->failed || !reserve_slot(w)) {
    w->failed = true;
    return;
  }
  w->at[w->n] = w->len;
  w->place[w->n] = place;
}

static void put(struct fw_words *w, const char *bytes, size_t len)
{
  if (w->failed || !reserve_bytes(w, len)) {
    w->failed = true;
    return;
  }
  memcpy(w->buf + w->len, bytes, len);
  w->len += len;
}

static void finish(struct fw_words *w)
{
  put(w, "", 1);
  if (!w->failed)
    w->n++;
}

void fw_words_add(struct fw_words *w, const char *word, size_t len, uint32_t place)
{
  if (w->failed || !reserve_slot(w) || !reserve_bytes(w, len + 1)) {
    w->failed = true;
    return;
  }
  w->at[w->n] = w->len;
  w->place[w->n++] = place;
  memcpy(w->buf + w->len, word, len);
  w->buf[w->len + len] = '\0';
  w->len += len + 1;
}

int fw_words_seal(struct fw_words *w)
{
  if (w->failed || !reserve_slot(w))
    return -ENOMEM;
  for (int i = 0; i < w->n; i++)
    w->v[i] = w->buf + w->at[i];
  w->v[w->n] = NULL;
  return 0;
}

void fw_words_free(struct fw_words *w)
{
  free(w->v);
  free(w->at);
  free(w->place);
  free(w->buf);
  *w = (struct fw_words){0};
}

static bool blank(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Takes one character of a word, or an escaped one. Returns how many of the line it was. */
static size_t take(struct fw_words *w, const char *p, const char *end, bool escapes)
{
  if (escapes && *p == '\\' && p + 1 < end) {
    put(w, p + 1, 1);
    return 2;
  }
  put(w, p, 1);
  return 1;
}

/* One word, quoted in parts or not at all. NULL when a quote is not closed; *ret_open is where. */
static const char *word(struct fw_words *w, const char *p, const char *end, enum fw_quoting how,
                        const char **ret_open)
{
  char quote = '\0';
  for (; p < end && (quote || !blank(*p));) {
    if (quote && *p == quote) {
      quote = '\0';
      p++;
    } else if (!quote && (*p == '"' || (*p == '\'' && how == FW_SHELL))) {
      *ret_open = p;
      quote = *p++;
    } else {
      p += take(w, p, end, quote == '"' || (!quote && how == FW_SHELL));
    }
  }
  return quote ? NULL : p;
}

int fw_words_split(struct fw_words *w, const char *line, size_t len, enum fw_quoting how,
                   struct fw_error *e)
{
  const char *end = line + len;
  for (const char *p = line; p < end;) {
    if (blank(*p)) {
      p++;
      continue;
    }
    const char *open = p;
    start(w, (uint32_t)(p - line) + 1);
    p = word(w, p, end, how, &open);
    if (p == NULL) {
      e->column = (uint32_t)(open - line) + 1;
      return fw_fail(e, EINVAL, "the quote %c is not closed", *open);
    }
    finish(w);
  }
  return fw_words_seal(w) < 0 ? fw_no_memory(e) : 0;
}
