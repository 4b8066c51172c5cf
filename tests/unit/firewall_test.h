/* firewall_test: what the unit programs of this room share: TAP lines, the commands of
 * tests/oracle/iptables_rules.txt, and a rule's way through bytes and back. */
#pragma once
#include "firewall/internal.h"
#include "netlink/netlink.h"
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 3))) static inline bool ok(bool good, const char *what, ...)
{
  va_list args;
  va_start(args, what);
  tap_failed += !good;
  printf("%s %d - ", good ? "ok" : "not ok", ++tap_count);
  vprintf(what, args);
  printf("\n");
  fflush(stdout);
  va_end(args);
  return good;
}

static inline int tap_end(void)
{
  printf("1..%d\n", tap_count);
  return tap_failed ? 1 : 0;
}

/* libxtables asks the kernel what it supports; it shall not ask the machine's own namespace. */
static inline void leave_home(void)
{
  if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
    fprintf(stderr, "# stays in the namespace it was started in\n");
}

/* One line of the file. Strings are cut out of `text`. */
struct line {
  char text[1024], chain[32], *command, *listing;
  uint8_t family;
  int table, number;
  bool ok;
};

/* The next command; false at the end. Zero the line before the first. */
static inline bool next_line(FILE *f, struct line *l)
{
  char program[16], table[16];
  while (fgets(l->text, sizeof l->text, f)) {
    l->number++;
    l->text[strcspn(l->text, "\n")] = '\0';
    if (sscanf(l->text, ": %15s %15s %31s", program, table, l->chain) == 3) {
      l->family = strcmp(program, "iptables") == 0 ? NFPROTO_IPV4 : NFPROTO_IPV6;
      l->table = fw_table_find(table);
      continue;
    }
    char *last = strrchr(l->text, ';');
    if (last == NULL || l->text[0] == '#')
      continue;
    l->ok = strcmp(last + 1, "OK") == 0;
    *last = '\0';
    l->listing = strrchr(l->text, ';');
    *l->listing++ = '\0';
    l->command = l->text;
    if (strcmp(l->listing, "=") == 0)
      l->listing = l->command;
    return true;
  }
  return false;
}

static inline FILE *open_rules(void)
{
  FILE *f = fopen("tests/oracle/iptables_rules.txt", "re");
  if (f == NULL) {
    perror("tests/oracle/iptables_rules.txt");
    exit(1);
  }
  return f;
}

/* Reads "-A CHAIN COMMAND". */
static inline int read_line_command(const struct line *l, struct fw_words *w, struct fw_command *c,
                                    struct fw_error *e)
{
  struct fw_reading how = {.family = l->family, .netns = NL_HERE, .table = l->table};
  fw_words_clear(w);
  *e = (struct fw_error){.word = -1};
  fw_words_add(w, "-A", 2, 0);
  fw_words_add(w, l->chain, strlen(l->chain), 0);
  int r = fw_words_split(w, l->command, strlen(l->command), FW_SHELL, e);
  return r < 0 ? r : fw_command_read(c, &how, w, e);
}
