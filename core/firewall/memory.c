/* memory: texts, arenas and vectors of this room, and the filling in of its error. Whatever grows
 * says afterwards whether it could; nothing here ends the process. */
#include "firewall/internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- errors ---------------------------------------------------------------------------------- */

int fw_fail(struct fw_error *e, int err, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(e->text, sizeof e->text, fmt, ap);
  va_end(ap);
  e->err = err;
  return -err;
}

void fw_hint(struct fw_error *e, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(e->hint, sizeof e->hint, fmt, ap);
  va_end(ap);
}

void fw_unknown(struct fw_error *e, enum fw_unknown what, const char *name)
{
  e->unknown = what;
  snprintf(e->name, sizeof e->name, "%s", name);
}

int fw_no_memory(struct fw_error *e)
{
  return fw_fail(e, ENOMEM, "%s", strerror(ENOMEM));
}

/* ---- texts ----------------------------------------------------------------------------------- */

static bool text_reserve(struct fw_text *t, size_t more)
{
  if (t->len + more < t->cap)
    return true;
  size_t cap = t->cap ? 2 * t->cap : 256;
  while (cap <= t->len + more)
    cap *= 2;
  char *p = t->failed ? NULL : realloc(t->p, cap);
  if (p == NULL) {
    t->failed = true;
    return false;
  }
  t->p = p;
  t->cap = cap;
  return true;
}

void fw_text_put(struct fw_text *t, const char *bytes, size_t len)
{
  if (t->failed || !text_reserve(t, len))
    return;
  memcpy(t->p + t->len, bytes, len);
  t->len += len;
  t->p[t->len] = '\0';
}

void fw_text_str(struct fw_text *t, const char *s)
{
  fw_text_put(t, s, strlen(s));
}

void fw_text_printf(struct fw_text *t, const char *fmt, ...)
{
  char line[512];
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(line, sizeof line, fmt, ap);
  va_end(ap);
  if (n > 0)
    fw_text_put(t, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

void fw_text_number(struct fw_text *t, uint64_t number)
{
  char digits[24], *p = digits + sizeof digits;
  do {
    *--p = (char)('0' + number % 10);
    number /= 10;
  } while (number);
  fw_text_put(t, p, (size_t)(digits + sizeof digits - p));
}

static bool plain(const char *word)
{
  static const char safe[] =
      "_-./:,+=@%^0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (strcmp(word, "!") == 0)
    return true;
  return word[0] != '\0' && word[strspn(word, safe)] == '\0';
}

void fw_text_word(struct fw_text *t, const char *word)
{
  const char *quote = plain(word) ? "" : "\"";
  fw_text_printf(t, " %s", quote);
  while (*word) {
    size_t n = strcspn(word, "\"\\$`");
    fw_text_put(t, word, n);
    word += n;
    if (*word) {
      fw_text_str(t, "\\");
      fw_text_put(t, word++, 1);
    }
  }
  fw_text_str(t, quote);
}

void fw_text_free(struct fw_text *t)
{
  free(t->p);
  *t = (struct fw_text){0};
}

/* ---- arenas and vectors ---------------------------------------------------------------------- */

struct fw_block {
  struct fw_block *next;
  size_t used, size;
  max_align_t bytes[];
};

static struct fw_block *new_block(size_t size)
{
  enum { USUAL = 128 * 1024 };
  size = size > USUAL ? size : USUAL;
  struct fw_block *b = malloc(sizeof *b + size);
  if (b)
    *b = (struct fw_block){.size = size};
  return b;
}

void *fw_arena_alloc(struct fw_arena *a, size_t size)
{
  struct fw_block *b = a->blocks;
  size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
  if (b == NULL || b->size - b->used < size) {
    b = new_block(size);
    if (b == NULL)
      return NULL;
    b->next = a->blocks;
    a->blocks = b;
  }
  void *p = (char *)b->bytes + b->used;
  b->used += size;
  return p;
}

char *fw_arena_string(struct fw_arena *a, const char *s)
{
  size_t size = strlen(s) + 1;
  char *p = fw_arena_alloc(a, size);
  return p ? memcpy(p, s, size) : NULL;
}

void fw_arena_free(struct fw_arena *a)
{
  for (struct fw_block *b = a->blocks, *next; b; b = next) {
    next = b->next;
    free(b);
  }
  a->blocks = NULL;
}

void *fw_grow(void *p, size_t elem, unsigned n, unsigned *cap)
{
  if (n < *cap)
    return p;
  unsigned bigger = *cap ? 2 * *cap : 8;
  void *grown = reallocarray(p, bigger, elem);
  if (grown)
    *cap = bigger;
  return grown;
}
