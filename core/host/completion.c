/* completion: the words that may stand where a user pressed TAB. What a shell needs to ask for them
 * is a few lines in its own language; what it asks is `nslab completion --words WORD...`, the words
 * behind nslab up to the one that is being typed. The answers come from the tables of commands and
 * options and from what their usage texts say (LAB, NS, FILE ...), so that a new command is
 * completed as soon as it is there. */
#include "host/host.h"
#include "sandbox/running.h"
#include <stdio.h>
#include <string.h>

/* An answer is a word, and behind a tab what it is. Without a word it is for the shell to do. */
#define FILES "\tfiles"
#define PROGRAMS "\tprograms"

static const char *typed; /* what the words begin with */

static void offer(const char *word, const char *what)
{
  if (strncmp(word, typed, strlen(typed)) == 0)
    printf(what ? "%s\t%s\n" : "%s\n", word, what);
}

/* ---- kinds of words -------------------------------------------------------------------------- */

struct question {
  const struct host_command *command;
  char *const *words; /* behind the command, without its options */
  int n;
};

static void offer_commands(const struct question *q)
{
  const struct host_command *c;
  (void)q;
  for (int i = 0; (c = host_command_at(i)) != NULL; i++)
    offer(c->name, c->summary);
}

static bool offer_running(void *arg, const struct running_lab *lab)
{
  (void)arg;
  offer(lab->name, "runs");
  return true;
}

/* Commands that take any words go to a lab that runs; the others start one. */
static void offer_labs(const struct question *q)
{
  if (q->command->rest) {
    running_each(false, offer_running, NULL);
    return;
  }
  char **labs = host_files_labs();
  for (char **at = labs; at && *at; at++)
    offer(*at, "lab");
  host_files_free_names(labs);
}

static void offer_netns_name(void *arg, const char *name)
{
  (void)arg;
  offer(name, "namespace");
}

static void offer_netns(const struct question *q)
{
  struct running_lab lab = {0};
  if (q->n == 0 || running_find(q->words[0], &lab) != 0)
    return;
  offer("host", "the lab's own network");
  running_each_netns(&lab, offer_netns_name, NULL);
}

static void offer_files(const struct question *q)
{
  (void)q;
  puts(FILES);
}

/* The first word of a command line, then its files. */
static void offer_programs(const struct question *q)
{
  puts(q->n == 2 ? PROGRAMS : FILES);
}

static const struct {
  const char *word; /* in a usage text */
  void (*offer)(const struct question *q);
} kinds[] = {
    {"LAB", offer_labs},       {"NS", offer_netns},      {"COMMAND", offer_commands},
    {"FILE.lua", offer_files}, {"FILE.sh", offer_files}, {"FILE", offer_files},
    {"ARGS", offer_files},     {"CMD", offer_programs},  {"DIR", offer_files},
    {"PATH", offer_files},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* One of the alternatives at a place of a usage text; a word that is no kind stands for itself. */
static void offer_kind(const struct question *q, const char *word, size_t len)
{
  char literal[64];
  for (int i = 0; i < KINDS; i++)
    if (strlen(kinds[i].word) == len && strncmp(kinds[i].word, word, len) == 0) {
      kinds[i].offer(q);
      return;
    }
  snprintf(literal, sizeof literal, "%.*s", (int)len, word);
  if (literal[0] >= 'a' && literal[0] <= 'z')
    offer(literal, NULL);
}

/* The n-th place of a usage text, "LAB|FILE.lua [ARGS]" or "LAB [NS] [CMD...]"; the last one stands
 * for all behind it when it may be said several times. NULL without. */
static const char *place_of(const char *words, int n, size_t *ret_len)
{
  const char *place = "";
  for (*ret_len = 0;; n--) {
    words += strspn(words, " ");
    size_t len = strcspn(words, " ");
    if (len == 0)
      return memmem(place, *ret_len, "...", 3) || memmem(place, *ret_len, "ARGS", 4) ? place : NULL;
    place = words;
    *ret_len = len;
    if (n == 0)
      return place;
    words += len;
  }
}

static void offer_place(const struct question *q)
{
  size_t len;
  const char *at = place_of(q->command->words, q->n, &len), *end = at ? at + len : NULL;
  while (at < end) {
    size_t word = strcspn(at, "|[] ");
    size_t dots = word > 3 && strncmp(at + word - 3, "...", 3) == 0 ? 3 : 0;
    if (word > 0)
      offer_kind(q, at, word - dots);
    at += word + 1;
  }
}

/* ---- options --------------------------------------------------------------------------------- */

static void offer_options(const struct host_command *c)
{
  struct host_option o;
  char word[40];
  for (int i = 0; host_option_at(c, i, &o); i++) {
    snprintf(word, sizeof word, "--%s%s", o.name, o.value ? "=" : "");
    offer(word, o.doc);
  }
}

static bool find_option(const struct host_command *c, const char *word, struct host_option *ret)
{
  size_t len = strcspn(word, "=");
  for (int i = 0; strncmp(word, "--", 2) == 0 && host_option_at(c, i, ret); i++)
    if (strlen(ret->name) == len - 2 && strncmp(ret->name, word + 2, len - 2) == 0)
      return true;
  return false;
}

/* Words with commas between them: the last one is completed. `before` is what stands in front. */
static void offer_values(const struct host_option *o, const char *before, const char *value)
{
  char word[160];
  const char *comma = strrchr(value, ',');
  int done = comma ? (int)(comma + 1 - value) : 0;
  for (const char *const *w = o->words; w && *w; w++) {
    snprintf(word, sizeof word, "%s%.*s%s", before, done, value, *w);
    offer(word, NULL);
  }
}

/* Whether the word being typed is the value of an option; then it is completed. bash takes
 * --explain=ip for three words. */
static bool offer_value(const struct host_command *c, char *const *words, int n)
{
  struct host_option o;
  char before[64];
  const char *equals = strchr(typed, '=');
  if (equals && equals > typed && find_option(c, typed, &o)) {
    snprintf(before, sizeof before, "%.*s", (int)(equals + 1 - typed), typed);
    offer_values(&o, before, equals + 1);
    return true;
  }
  if (strcmp(typed, "=") == 0)
    typed = "";
  else if (n > 0 && strcmp(words[n - 1], "=") == 0)
    n--;
  if (n == 0 || strchr(words[n - 1], '=') || !find_option(c, words[n - 1], &o) || !o.value)
    return false;
  offer_values(&o, "", typed);
  return true;
}

/* ---- the question ---------------------------------------------------------------------------- */

/* Leaves out what belongs to options, in place; returns how many words there are left. */
static int without_options(const struct host_command *c, char **words, int n)
{
  int kept = 0;
  for (int i = 0; i < n; i++) {
    struct host_option o;
    bool option = words[i][0] == '-' && words[i][1] && !(c->rest && kept > 0);
    if (!option)
      words[kept++] = words[i];
    else if (find_option(c, words[i], &o) && o.value && strchr(words[i], '=') == NULL)
      i += i + 1 < n && strcmp(words[i + 1], "=") == 0 ? 2 : 1;
  }
  return kept;
}

static const struct host_command *find_command(const char *name)
{
  const struct host_command *c;
  for (int i = 0; (c = host_command_at(i)) != NULL; i++)
    if (strcmp(c->name, name) == 0)
      return c;
  return NULL;
}

/* The words of a command, or, as long as there is none, those of a script. */
static void answer(const struct host_command *c, char **words, int n)
{
  if (offer_value(c, words, n))
    return;
  int kept = without_options(c, words, n);
  if (typed[0] == '-' && !(c->rest && kept > 0)) {
    offer_options(c);
    return;
  }
  struct question q = {c, words, kept};
  if (c != &host_script) {
    offer_place(&q);
    return;
  }
  if (kept == 0)
    offer_commands(&q);
  offer_files(&q);
}

int host_complete_words(lua_State *L, const struct host_call *call)
{
  int n = call->nwords - 1, first = 0;
  (void)L;
  if (n < 0)
    return HOST_USAGE;
  typed = call->words[n];
  while (first < n && call->words[first][0] == '-')
    first++;
  const struct host_command *c = first < n ? find_command(call->words[first]) : NULL;
  if (c)
    answer(c, call->words + first + 1, n - first - 1);
  else
    answer(&host_script, call->words, n);
  return HOST_OK;
}

/* ---- the shells ------------------------------------------------------------------------------ */

static const char bash[] =
    "# What bash does when TAB is pressed behind nslab.\n"
    "_nslab() {\n"
    "  local line word=${COMP_WORDS[COMP_CWORD]}\n"
    "  COMPREPLY=()\n"
    "  while IFS= read -r line; do\n"
    "    if [[ $line == $'\\tfiles' ]]; then\n"
    "      compopt -o filenames 2>/dev/null\n"
    "      while IFS= read -r line; do COMPREPLY+=(\"$line\"); done < <(compgen -f -- \"$word\")\n"
    "    elif [[ $line == $'\\tprograms' ]]; then\n"
    "      while IFS= read -r line; do COMPREPLY+=(\"$line\"); done < <(compgen -c -- \"$word\")\n"
    "    else\n"
    "      COMPREPLY+=(\"${line%%$'\\t'*}\")\n"
    "    fi\n"
    "  done < <(\"$1\" completion --words \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
    "  [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null\n"
    "}\n"
    "complete -F _nslab nslab\n";

static const char zsh[] =
    "#compdef nslab\n"
    "# What zsh does when TAB is pressed behind nslab.\n"
    "_nslab() {\n"
    "  local line word what files= ret=1\n"
    "  local -a options words_\n"
    "  for line in \"${(@f)$(\"${words[1]}\" completion --words \"${(@)words[2,CURRENT]}\" "
    "2>/dev/null)}\"; do\n"
    "    word=${line%%$'\\t'*}\n"
    "    what=${line#\"$word\"}\n"
    "    if [[ $line == $'\\tfiles' ]]; then files=1\n"
    "    elif [[ $line == $'\\tprograms' ]]; then _command_names -e && ret=0\n"
    "    elif [[ -z $word ]]; then :\n"
    "    elif [[ $word == *= ]]; then options+=(\"${word//:/\\\\:}:${what#$'\\t'}\")\n"
    "    else words_+=(\"${word//:/\\\\:}:${what#$'\\t'}\"); fi\n"
    "  done\n"
    "  (( ${#options} )) && _describe -V nslab options -S '' && ret=0\n"
    "  (( ${#words_} )) && _describe -V nslab words_ && ret=0\n"
    "  [[ -n $files ]] && _files && ret=0\n"
    "  return ret\n"
    "}\n"
    "if [[ ${funcstack[1]} == _nslab ]]; then _nslab \"$@\"; else compdef _nslab nslab; fi\n";

static const char fish[] =
    "# What fish does when TAB is pressed behind nslab.\n"
    "function __nslab_words\n"
    "  set -l words (commandline -opc)\n"
    "  set -l typed (commandline -ct)\n"
    "  for line in (command $words[1] completion --words $words[2..-1] \"$typed\" 2>/dev/null)\n"
    "    if test \"$line\" = \\tfiles\n"
    "      __fish_complete_path \"$typed\"\n"
    "    else if test \"$line\" = \\tprograms\n"
    "      __fish_complete_command\n"
    "    else\n"
    "      echo $line\n"
    "    end\n"
    "  end\n"
    "end\n"
    "complete -c nslab -f -a '(__nslab_words)'\n";

static const struct {
  const char *name, *script;
} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

int host_completion(lua_State *L, const struct host_call *call)
{
  const char *asked = call->nwords > 0 ? call->words[0] : "";
  (void)L;
  for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
    if (strcmp(shells[i].name, asked) == 0)
      return fputs(shells[i].script, stdout) < 0 ? HOST_FAILED : HOST_OK;
  return asked[0] ? host_usage_error("nslab knows the completion of bash, zsh and fish, not of %s.",
                                     asked)
                  : host_usage_error("completion needs the name of a shell: bash, zsh or fish.");
}
