/* Every command of tests/oracle/iptables_rules.txt through the codecs, without a kernel: words
 * become bytes, bytes become the words that iptables lists; again and again, and with words
 * missing. */
#include "firewall_test.h"

/* Appends " && " and the words of each rule that was made. */
static int listings(const struct fw_changes *ch, uint8_t family, struct fw_text *t)
{
  struct fw_said said;
  int r = 0;
  for (unsigned i = 0; r == 0 && i < ch->n; i++) {
    struct fw_entry entry = {.attrs = ch->v[i].body, .len = ch->v[i].len};
    if (i > 0)
      fw_text_str(t, " &&");
    r = fw_entry_words(family, NL_HERE, &entry, t, &said);
    if (r == 0 && said.foreign[0])
      r = -1;
  }
  return r;
}

static bool round_trip(const struct line *l, struct fw_words *w, struct fw_command *c)
{
  struct fw_error e;
  struct fw_text t = {0};
  struct fw_changes ch = {.family = l->family, .netns = NL_HERE};
  fw_text_str(&t, "");
  int r = read_line_command(l, w, c, &e);
  if (r == 0)
    r = fw_changes_add(&ch, c, 1, &e);
  bool good;
  if (r < 0)
    good = !l->ok && e.text[0] && strchr(e.text, '\n') == NULL && e.err > 0;
  else if (listings(&ch, l->family, &t) < 0)
    good = !l->ok; /* only the kernel would have refused it */
  else
    good = !l->ok || strcmp(t.p[0] == ' ' ? t.p + 1 : t.p, l->listing) == 0;
  if (!good)
    printf("# line %d: %s\n#   became %s%s\n", l->number, l->command, r < 0 ? e.text : "",
           t.p ? t.p : "");
  fw_text_free(&t);
  fw_changes_free(&ch);
  return good;
}

static void all_rules(const char *what)
{
  struct fw_words w = {0};
  struct fw_command c = {0};
  struct line l = {0};
  FILE *f = open_rules();
  unsigned lines = 0, bad = 0;
  while (next_line(f, &l)) {
    lines++;
    bad += !round_trip(&l, &w, &c);
  }
  fclose(f);
  fw_command_free(&c);
  fw_words_free(&w);
  ok(lines >= 300 && bad == 0, "%s: %u of %u commands", what, lines - bad, lines);
}

/* A copy of the words without one of them, or with one twice. */
static void damage(const struct fw_words *from, struct fw_words *to, int at, bool twice)
{
  fw_words_clear(to);
  for (int i = 0; i < from->n; i++)
    for (int times = i == at ? (twice ? 2 : 0) : 1; times > 0; times--)
      fw_words_add(to, from->v[i], strlen(from->v[i]), 0);
}

static unsigned try_damaged(const struct line *l, const struct fw_words *w, struct fw_command *c)
{
  struct fw_words damaged = {0};
  struct fw_error e;
  struct fw_reading how = {.family = l->family, .netns = NL_HERE, .table = l->table};
  unsigned bad = 0;
  for (int i = 0; i < 2 * w->n; i++) {
    struct fw_changes ch = {.family = l->family, .netns = NL_HERE};
    damage(w, &damaged, i / 2, i % 2);
    int r = fw_words_seal(&damaged);
    r = r < 0 ? r : fw_command_read(c, &how, &damaged, &e);
    if (r == 0 && c->verb == FW_APPEND && c->chain)
      r = fw_changes_add(&ch, c, 1, &e);
    bad += r < 0 && e.text[0] == '\0';
    fw_changes_free(&ch);
  }
  fw_words_free(&damaged);
  return bad;
}

static void damaged_rules(void)
{
  struct fw_words w = {0};
  struct fw_command c = {0};
  struct fw_error e;
  struct line l = {0};
  FILE *f = open_rules();
  unsigned bad = 0;
  while (next_line(f, &l)) {
    fw_words_clear(&w);
    if (fw_words_split(&w, l.command, strlen(l.command), FW_SHELL, &e) == 0)
      bad += try_damaged(&l, &w, &c);
  }
  fclose(f);
  fw_command_free(&c);
  fw_words_free(&w);
  ok(bad == 0, "a command without one of its words, or with one twice, is read or refused");
}

/* Bytes that are cut or changed anywhere are read within their bounds. */
static void damaged_bytes(void)
{
  struct fw_words w = {0};
  struct fw_command c = {0};
  struct fw_error e;
  struct fw_rule rule = {0};
  struct line l = {0};
  FILE *f = open_rules();
  unsigned seed = 1, read = 0;
  while (next_line(f, &l)) {
    struct fw_changes ch = {.family = l.family, .netns = NL_HERE};
    if (read_line_command(&l, &w, &c, &e) == 0 && fw_changes_add(&ch, &c, 1, &e) == 0) {
      size_t len = ch.v[0].len;
      for (int i = 0; i < 40; i++) {
        uint8_t *copy = malloc(len); /* so that a sanitizer sees its end */
        memcpy(copy, ch.v[0].body, len);
        size_t cut = i % 2 ? len : (size_t)rand_r(&seed) % len;
        copy[(size_t)rand_r(&seed) % len] ^= (uint8_t)(1 << rand_r(&seed) % 8);
        read += fw_rule_decode(&rule, l.family, NL_HERE, copy, cut) == 0;
        free(copy);
      }
    }
    fw_changes_free(&ch);
  }
  fclose(f);
  fw_rule_free(&rule);
  fw_command_free(&c);
  fw_words_free(&w);
  ok(read > 1000, "%u damaged messages were read", read);
}

int main(void)
{
  leave_home();
  all_rules("words, bytes, words");
  all_rules("the same again, with everything loaded");
  damaged_rules();
  damaged_bytes();
  all_rules("and after all that was refused");
  return tap_end();
}
