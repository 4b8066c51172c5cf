/* restore: a text in iptables-save's format as changes: all its tables in one transaction. What is
 * wrong with a line is said with its number and column. */
#include "firewall/internal.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct restoring {
  struct fw_changes *ch;
  const struct fw_restoring *how;
  struct fw_error *e;
  struct fw_words words;
  struct fw_command command;
  int table; /* that the lines are in, -1 between tables */
  uint32_t line;
};

/* Says where in the line the error is, and returns it. */
static int bad(struct restoring *r, int err, const char *at, const char *line)
{
  r->e->line = r->line;
  r->e->column = (uint32_t)(at - line) + 1;
  r->e->change = r->line;
  return err;
}

static bool wanted(const struct restoring *r)
{
  return r->how->table < 0 || r->how->table == r->table;
}

static uint32_t number(const struct restoring *r)
{
  return r->how->number ? r->how->number : r->line;
}

/* "*filter" */
static int begin_table(struct restoring *r, const char *line, size_t len)
{
  char name[32];
  size_t n = 1;
  while (n < len && !isspace((unsigned char)line[n]))
    n++;
  snprintf(name, sizeof name, "%.*s", (int)(n - 1), line + 1);
  if (r->table >= 0)
    return bad(r, fw_fail(r->e, EINVAL, "COMMIT is missing before table %s", name), line, line);
  r->table = fw_table_find(name);
  if (r->table < 0)
    return bad(r, fw_fail(r->e, EINVAL, "table name '%s' invalid", name), line + 1, line);
  if (!wanted(r) || r->how->keep)
    return 0;
  struct fw_change c = {.verb = FW_FLUSH_TABLE, .table = r->table, .tag = number(r)};
  return fw_changes_push(r->ch, &c, r->e);
}

/* "[5:500]"; the text behind it, or NULL when it is not that. */
static const char *read_counters(const char *text, uint64_t *packets, uint64_t *bytes)
{
  char *end;
  if (text[0] != '[' || !isdigit((unsigned char)text[1]))
    return NULL;
  *packets = strtoull(text + 1, &end, 10);
  if (*end != ':' || !isdigit((unsigned char)end[1]))
    return NULL;
  *bytes = strtoull(end + 1, &end, 10);
  return *end == ']' ? end + 1 : NULL;
}

/* ":INPUT ACCEPT [0:0]" */
static int chain_line(struct restoring *r, const char *line, size_t len)
{
  int err = fw_words_split(&r->words, line + 1, len - 1, FW_SAVED, r->e);
  if (err < 0)
    return bad(r, err, line, line);
  if (r->words.n < 2)
    return bad(r, fw_fail(r->e, EINVAL, r->words.n ? "policy invalid" : "chain name invalid"), line,
               line);
  const char *chain = r->words.v[0], *policy = r->words.v[1];
  struct fw_change c = {.table = r->table, .chain = chain, .name = policy, .tag = number(r)};
  if (strlen(chain) >= XT_EXTENSION_MAXNAMELEN)
    return bad(r, fw_fail(r->e, EINVAL, "chain name `%s' too long", chain), line + 1, line);
  c.verb = fw_hook_find(r->table, chain) ? FW_RESTORE_POLICY : FW_RESTORE_CHAIN;
  if (c.verb == FW_RESTORE_POLICY && r->how->counters &&
      (r->words.n < 3 || !read_counters(r->words.v[2], &c.packets, &c.bytes)))
    return bad(r, fw_fail(r->e, EINVAL, "invalid policy counters for chain '%s'", chain), line,
               line);
  return wanted(r) ? fw_changes_push(r->ch, &c, r->e) : 0;
}

/* "[1:60] -A INPUT ..." */
static int rule_line(struct restoring *r, const char *line, size_t len)
{
  const struct fw_reading how = {
      .family = r->ch->family, .netns = r->ch->netns, .table = r->table, .restore = true};
  uint64_t packets = 0, bytes = 0;
  const char *start = line;
  if (line[0] == '[') {
    start = read_counters(line, &packets, &bytes);
    if (start == NULL)
      return bad(r, fw_fail(r->e, EINVAL, "counters are [PACKETS:BYTES]"), line, line);
  }
  int err = fw_words_split(&r->words, start, len - (size_t)(start - line), FW_SAVED, r->e);
  if (err < 0)
    return bad(r, err, start + r->e->column - 1, line);
  err = fw_command_read(&r->command, &how, &r->words, r->e);
  if (err == 0 && line[0] == '[' && r->how->counters) {
    r->command.rule->packets = packets;
    r->command.rule->bytes = bytes;
  }
  if (err == 0 && wanted(r))
    err = fw_changes_add(r->ch, &r->command, number(r), r->e);
  if (err == 0)
    return 0;
  int word = r->e->word;
  uint32_t column = word >= 0 && word < r->words.n ? r->words.place[word] : 1;
  return bad(r, err, start + column - 1, line);
}

static int read_line(struct restoring *r, const char *line, size_t len)
{
  fw_words_clear(&r->words);
  r->e->column = 0;
  if (len == 0 || line[0] == '#')
    return 0;
  if (line[0] == '*')
    return begin_table(r, line, len);
  if (r->table < 0)
    return bad(r, fw_fail(r->e, EINVAL, "a line outside of a table: \"*filter\" begins one"), line,
               line);
  if (len == strlen("COMMIT") && memcmp(line, "COMMIT", len) == 0) {
    r->table = -1;
    return 0;
  }
  return line[0] == ':' ? chain_line(r, line, len) : rule_line(r, line, len);
}

static int read_lines(struct restoring *r, const char *text, size_t len)
{
  const char *end = text + len;
  int err = 0;
  for (const char *p = text; err == 0 && p < end; p++) {
    const char *newline = memchr(p, '\n', (size_t)(end - p));
    size_t n = (size_t)((newline ? newline : end) - p);
    r->line++;
    err = read_line(r, p, n > 0 && p[n - 1] == '\r' ? n - 1 : n);
    p += n;
  }
  if (err < 0 || r->table < 0)
    return err;
  r->line++;
  return bad(r, fw_fail(r->e, EINVAL, "COMMIT expected at line %u", (unsigned)r->line), text, text);
}

int fw_changes_restore(struct fw_changes *ch, const char *text, size_t len,
                       const struct fw_restoring *how, struct fw_error *e)
{
  struct restoring r = {.ch = ch, .how = how, .e = e, .table = -1};
  *e = (struct fw_error){.word = -1};
  int err = read_lines(&r, text, len);
  fw_words_free(&r.words);
  fw_command_free(&r.command);
  return err;
}
