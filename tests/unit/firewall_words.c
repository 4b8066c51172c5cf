/* The splitting of lines into words, as a shell and as iptables-restore do it. */
#include "firewall_test.h"

static const struct {
  enum fw_quoting how;
  const char *line;
  const char *words; /* with | between and behind them; NULL: an error */
  uint32_t column;   /* of the last word, or of the error */
} cases[] = {
    {FW_SHELL, "", "", 0},
    {FW_SHELL, " \t\n ", "", 0},
    {FW_SHELL, "-A INPUT", "-A|INPUT|", 4},
    {FW_SHELL, "  -A\tINPUT \n", "-A|INPUT|", 6},
    {FW_SHELL, "a 'b c' d", "a|b c|d|", 9},
    {FW_SHELL, "a \"b c\" d", "a|b c|d|", 9},
    {FW_SHELL, "a'b'\"c\"d", "abcd|", 1},
    {FW_SHELL, "a\\ b", "a b|", 1},
    {FW_SHELL, "'a\\b'", "a\\b|", 1},
    {FW_SHELL, "\"a\\\"b\\\\\"", "a\"b\\|", 1},
    {FW_SHELL, "'' \"\"", "||", 4},
    {FW_SHELL, "a\\", "a\\|", 1},
    {FW_SHELL, "! -s", "!|-s|", 3},
    {FW_SHELL, "x 'open", NULL, 3},
    {FW_SHELL, "x y\"open \\\"", NULL, 4},
    {FW_SAVED, "-m comment --comment \"it's \\\"x\\\" \\\\\"",
     "-m|comment|--comment|it's \"x\" \\|", 22},
    {FW_SAVED, "it's 'x y'", "it's|'x|y'|", 9},
    {FW_SAVED, "a\\b", "a\\b|", 1},
    {FW_SAVED, "\"open", NULL, 1},
};

int main(void)
{
  struct fw_words w = {0};
  for (unsigned i = 0; i < FW_ARRAY(cases); i++) {
    struct fw_error e = {0};
    char joined[256] = "";
    fw_words_clear(&w);
    int r = fw_words_split(&w, cases[i].line, strlen(cases[i].line), cases[i].how, &e);
    for (int k = 0; r == 0 && k < w.n; k++) {
      strcat(joined, w.v[k]);
      strcat(joined, "|");
    }
    bool good = cases[i].words ? r == 0 && strcmp(joined, cases[i].words) == 0 : r < 0 && e.text[0];
    uint32_t column = r < 0 ? e.column : w.n ? w.place[w.n - 1] : 0;
    ok(good && column == cases[i].column, "%s%s", cases[i].line,
       cases[i].words ? "" : " is refused");
  }
  fw_words_clear(&w);
  for (uint32_t i = 0; i < 5000; i++)
    fw_words_add(&w, "word", 4, i);
  ok(fw_words_seal(&w) == 0 && w.n == 5000 && strcmp(w.v[4999], "word") == 0 && w.v[5000] == NULL &&
         w.place[4999] == 4999,
     "5,000 words");
  fw_words_free(&w);
  struct fw_text t = {0};
  fw_text_word(&t, "plain-1.2/3");
  fw_text_word(&t, "!");
  fw_text_word(&t, "two words");
  fw_text_word(&t, "a\"b$c`d\\");
  fw_text_word(&t, "");
  ok(strcmp(t.p, " plain-1.2/3 ! \"two words\" \"a\\\"b\\$c\\`d\\\\\" \"\"") == 0,
     "words are quoted for a shell");
  fw_text_free(&t);
  return tap_end();
}
