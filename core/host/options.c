/* options: the command line. One table of commands and one of options; they are parsed from, the
 * usage text is printed from them, and the nearest word that a mistake is answered with comes from
 * them. Nothing is carried out here. */
#include "host/host.h"
#include "runtime/runtime.h"
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- tables --------------------------------------------------------------------------------- */

/* What an option takes: a kind of value. */
struct option_row;
struct option_kind {
  /* Puts it into the member, or says what is wrong with it. -1 or an exit status. */
  int (*take)(const struct option_row *r, void *member, const char *text);
  void (*push)(lua_State *L, const void *member);
};
static const struct option_kind flag, seconds, words, number;

/* Rows with a kind are told by their name and put their value into the member, under whose name Lua
 * finds it; the others are asked for by their letter. */
struct option_row {
  char letter;
  const char *name, *value, *doc;
  const struct option_kind *kind;
  const char *key;
  size_t member;
  const char *const *words; /* that there are */
};
#define MEMBER(m) #m, offsetof(struct host_options, m)
#define FLAG(m) &flag, MEMBER(m), NULL
#define SECONDS(m) &seconds, MEMBER(m), NULL
#define WORDS(m, among) &words, MEMBER(m), among
#define NUMBER(m) &number, MEMBER(m), NULL
#define NO_MEMBER NULL, NULL, 0, NULL

enum { MOST_SECONDS = 100 * 24 * 3600 };
static const char *const explain_words[] = {"ip", "lua", "netlink", "none", NULL};

static const struct option_row option_rows[] = {
    {'e', NULL, "CODE", "run CODE", NO_MEMBER},
    {'j', "json", NULL, "one JSON object a line, for programs", FLAG(json)},
    {'n', "no-sandbox", NULL, "act in the namespaces and with the rights nslab was started with",
     FLAG(no_sandbox)},
    {'f', "full-map", NULL, "map all your user ids (newuidmap), for daemons that change theirs",
     FLAG(full_map)},
    {'d', "dad", NULL, "keep duplicate address detection: IPv6 without nodad", FLAG(dad)},
    {'x', "explain", "WORDS", "show operations as ip, lua, netlink (commas between), or none",
     WORDS(explain, explain_words)},
    {'s', "step", NULL, "stop after each step of a lab: go on, again, look, shell, Lua",
     FLAG(step)},
    {'t', "timeout", "SECONDS", "end after so long, and say what was waited for",
     SECONDS(timeout_s)},
    {'T', "step-timeout", "SECONDS", "the same for each step of a lab", SECONDS(step_timeout_s)},
    {'S', "sh", NULL, "a shell script; so also without it", FLAG(sh)},
    {'k', "keep", NULL, "leave the lab up when it is through, until \"nslab stop\"", FLAG(keep)},
    {'F', "from", "STEP", "begin a lesson with that step", NUMBER(from)},
    {'A', "again", NULL, "begin a lesson with its first step, wherever it was left", FLAG(again)},
    {'H', "host", NULL, "act on this machine itself (root), and take back all that was made",
     FLAG(host)},
    {'a', "all", NULL, "all labs that run; for root, with ps, those of every user", FLAG(all)},
    {'h', "help", NULL, "show this", NO_MEMBER},
    {'V', "version", NULL, "show the version", NO_MEMBER},
};
enum { OPTION_ROWS = sizeof option_rows / sizeof *option_rows };

static const struct host_command commands[] = {
    {.name = "run",
     .words = "LAB|FILE.lua [ARGS]",
     .summary = "run a packaged lab or a script",
     .text =
         "Every step is done, shown and checked in a sandbox of its own, which is gone with the\n"
         "command. Options may follow a lab's name; all words after a file are its own. FILE.sh "
         "may\n"
         "hold commands of ip, iptables, sysctl and ping, which nslab carries out itself.",
     .options = "sxtTjndfkHh",
     .sandbox = true,
     .restarts = true,
     .target = true,
     .module = "nslab.run"},
    {.name = "learn",
     .words = "LAB|FILE.lua",
     .summary = "do the steps of a lab yourself, checked",
     .text = "Each step is explained, and you do it: in Lua, with pasted ip and iptables commands, "
             "or in\n"
             "a shell with the real ones. nslab watches the kernel and says what holds and what is "
             "off.\n"
             "It goes on where you left off.",
     .options = "FAxdjh",
     .sandbox = true,
     .restarts = true,
     .target = true,
     .reads_file = true,
     .module = "nslab.learn",
     .rehearsal = "nslab.learn.rehearsal"},
    {.name = "ps",
     .words = "",
     .summary = "list the labs that run",
     .text = "Yours, on every terminal. STEP is where a lab is; NAME is what enter and stop take.",
     .options = "ajh",
     .module = "nslab.running"},
    {.name = "enter",
     .words = "LAB [NS] [CMD...]",
     .summary = "go into a lab that runs",
     .text =
         "Your shell, or CMD, inside the lab: in its namespace NS, or on its host, which is\n"
         "called host where a CMD follows. The exit status is that of CMD. It ends with the lab.",
     .options = "h",
     .rest = true,
     .module = "nslab.running.enter"},
    {.name = "stop",
     .words = "LAB...",
     .summary = "end a lab that runs",
     .text = "Everything in it goes. Returns when nothing of it is left.",
     .options = "ah",
     .rest = true,
     .module = "nslab.running.stop"},
    {.name = "export",
     .words = "LAB|FILE.lua [ARGS]",
     .summary = "write a lab as a shell script",
     .text = "The script stands alone: it does with ip, iptables and sysctl what the lab does, as "
             "root,\n"
             "on the machine it is run on, and takes it back at its end.",
     .options = "Sdh",
     .sandbox = true,
     .target = true,
     .reads_file = true,
     .module = "nslab.export"},
    {.name = "labs",
     .words = "",
     .summary = "list the packaged labs",
     .text = "Also those of the directory labs/ in NSLAB_PATH.",
     .options = "jh",
     .module = "nslab.labs"},
    {.name = "repl",
     .words = "[LAB|FILE.lua]",
     .summary = "type Lua and see what it does",
     .text = "A line that is an expression prints its value; a command of ip, bridge, iptables, "
             "sysctl or\n"
             "ping may be typed as it is. With a lab one is behind its last step, with a file "
             "behind its\n"
             "end. Ctrl-C drops the line or stops what runs, Ctrl-D leaves. Without a terminal, "
             "standard\n"
             "input is read line by line.",
     .options = "xndfh",
     .sandbox = true,
     .target = true,
     .alone = true,
     .reads_file = true,
     .module = "nslab.repl"},
    {.name = "doctor",
     .words = "",
     .summary = "say what this machine can do, and what would help",
     .text = "Exit status 3 when labs cannot run here.",
     .options = "jh",
     .module = "nslab.doctor"},
    {.name = "completion",
     .words = "bash|zsh|fish",
     .summary = "print what makes a shell complete nslab's words",
     .text = "Commands, options, labs, labs that run, their namespaces, files. For good:\n"
             "  bash   nslab completion bash >~/.local/share/bash-completion/completions/nslab\n"
             "  zsh    nslab completion zsh >DIR/_nslab, where DIR is in $fpath\n"
             "  fish   nslab completion fish >~/.config/fish/completions/nslab.fish\n"
             "Only here: eval \"$(nslab completion bash)\".",
     .options = "h",
     .run = host_completion},
    {.name = "meta",
     .words = "[DIR]",
     .summary = "print the LuaCATS stubs for editors",
     .text = "Every module, function and option of nslab, for lua-language-server: all in one, or "
             "with\n"
             "DIR one file a module there.",
     .options = "h",
     .module = "nslab.meta"},
    {.name = "help",
     .words = "[COMMAND]",
     .summary = "explain a command",
     .text = "",
     .options = "h"},
    {.name = NULL},
};

/* FILE.lua, -e CODE, -: what is run when the first word is no command. */
const struct host_command host_script = {
    .name = "",
    .words = "",
    .options = "extndfhV",
    .sandbox = true,
    .run = host_run_script,
};

/* What the completion of a shell asks; the words are the user's, so that they are no options
 * here. */
static const struct host_command complete_words = {.name = "--words", .run = host_complete_words};

/* For the project's own tests. */
static const struct host_command busted = {.name = "--busted", .run = host_busted};
static const struct host_command busted_in_sandbox = {
    .name = "--busted", .sandbox = true, .run = host_busted};

/* ---- texts ---------------------------------------------------------------------------------- */

static const struct option_row *row_of(int letter)
{
  for (const struct option_row *r = option_rows; r < option_rows + OPTION_ROWS; r++)
    if (r->letter == letter)
      return r;
  return NULL;
}

static void print_options(FILE *f, const struct host_command *c)
{
  for (const char *letter = c->options; *letter; letter++) {
    const struct option_row *r = row_of(*letter);
    if (r == NULL || r->name == NULL)
      continue;
    int width = fprintf(f, "  --%s%s%s", r->name, r->value ? "=" : "", r->value ? r->value : "");
    fprintf(f, "%*s%s\n", width < 24 ? 24 - width : 1, "", r->doc);
  }
}

static void print_usage(FILE *f)
{
  fprintf(f, "nslab %s: labs of network namespaces, in Lua\n\n", NSLAB_VERSION);
  for (const struct host_command *c = commands; c->name; c++) {
    int width = fprintf(f, "  nslab %s %s", c->name, c->words);
    fprintf(f, "%*s%s\n", width < 34 ? 34 - width : 1, "", c->summary);
  }
  fprintf(f,
          "  nslab FILE.lua [ARGS]           run a script, also as its #! line\n"
          "  nslab -e CODE [ARGS]            run CODE\n"
          "  nslab - [ARGS]                  run what standard input says\n\n"
          "Scripts run in a sandbox: a network of their own that is gone when they end, without\n"
          "root, and nothing on this machine changes. Options:\n\n");
  print_options(f, &host_script);
  fprintf(
      f,
      "\nExit status: 0 all went well; 1 a check or the script failed; 2 wrong words, unknown lab\n"
      "or file; 3 this machine cannot run labs, or not this one; 129, 130, 143 ended by HUP,\n"
      "INT, TERM.\n"
      "NSLAB_PATH=DIR: DIR/lua/nslab and DIR/labs win over the built-in ones.\n"
      "NSLAB_RUN=DIR: labs that run are listed in DIR alone, and no others are seen.\n");
}

static void print_help(const struct host_command *c)
{
  printf("usage: nslab %s%s%s\n\n%c%s.\n", c->name, c->words[0] ? " " : "", c->words,
         c->summary[0] - 'a' + 'A', c->summary + 1);
  if (c->text[0])
    printf("%s\n", c->text);
  printf("\n");
  print_options(stdout, c);
}

int host_usage_error(const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  fprintf(stderr, "nslab: ");
  vfprintf(stderr, fmt, ap);
  fprintf(stderr, "\nnslab --help shows what there is.\n");
  va_end(ap);
  return HOST_USAGE;
}

/* ---- the nearest word ----------------------------------------------------------------------- */

static const char *next_word(void *arg)
{
  const char *const **at = arg;
  return **at ? *(*at)++ : NULL;
}

static const char *next_command(void *arg)
{
  const struct host_command **at = arg;
  return (*at)->name ? (*at)++->name : NULL;
}

struct option_walk {
  const struct option_row *at;
  const char *letters;
};

static const char *next_option(void *arg)
{
  struct option_walk *w = arg;
  while (w->at < option_rows + OPTION_ROWS) {
    const struct option_row *r = w->at++;
    if (r->name && strchr(w->letters, r->letter))
      return r->name;
  }
  return NULL;
}

const struct host_command *host_command_at(int n)
{
  return commands[n].name ? &commands[n] : NULL;
}

bool host_option_at(const struct host_command *c, int n, struct host_option *ret)
{
  for (const struct option_row *r = option_rows; r < option_rows + OPTION_ROWS; r++)
    if (r->name && strchr(c->options, r->letter) && n-- == 0) {
      *ret = (struct host_option){r->name, r->value, r->doc, r->words};
      return true;
    }
  return false;
}

static int unknown_lab(const char *name)
{
  char **labs = host_files_labs(), **at = labs;
  const char *near = at ? rt_nearest(name, next_word, &at) : NULL;
  if (near)
    host_usage_error("there is no lab \"%s\". Did you mean \"%s\"?", name, near);
  else
    host_usage_error("there is no lab \"%s\"; \"nslab labs\" lists them.", name);
  host_files_free_names(labs);
  return HOST_USAGE;
}

static int unknown_command(const char *word)
{
  const struct host_command *at = commands;
  char **labs = host_files_labs(), **lab = labs;
  const char *near = rt_nearest(word, next_command, &at);
  const char *near_lab = lab ? rt_nearest(word, next_word, &lab) : NULL;
  if (near)
    host_usage_error("there is no command or file \"%s\". Did you mean \"%s\"?", word, near);
  else if (near_lab)
    host_usage_error("there is no command or file \"%s\". Did you mean \"run %s\"?", word,
                     near_lab);
  else
    host_usage_error("there is no command or file \"%s\".", word);
  host_files_free_names(labs);
  return HOST_USAGE;
}

static int bad_option(const struct host_command *c, const char *word)
{
  char name[64]; /* without its value */
  snprintf(name, sizeof name, "%s", word + strspn(word, "-"));
  name[strcspn(name, "=")] = '\0';
  struct option_walk walk = {option_rows, c->options};
  const char *near = name[0] && name[1] ? rt_nearest(name, next_option, &walk) : NULL;
  const char *of = c->name[0] ? " of nslab " : "";
  if (near)
    return host_usage_error("%s is no option%s%s. Did you mean --%s?", word, of, c->name, near);
  return host_usage_error("%s is no option%s%s.", word, of, c->name);
}

/* ---- values --------------------------------------------------------------------------------- */

static int take_flag(const struct option_row *r, void *member, const char *text)
{
  (void)r, (void)text;
  *(bool *)member = true;
  return -1;
}

static void push_flag(lua_State *L, const void *member)
{
  lua_pushboolean(L, *(const bool *)member);
}

static const struct option_kind flag = {take_flag, push_flag};

static int take_seconds(const struct option_row *r, void *member, const char *text)
{
  char *end;
  double n = strtod(text, &end);
  if (end == text || *end || !(n > 0) || n > MOST_SECONDS)
    return host_usage_error("--%s: \"%s\" is no number of seconds.", r->name, text);
  *(double *)member = n;
  return -1;
}

static void push_seconds(lua_State *L, const void *member)
{
  lua_pushnumber(L, *(const double *)member);
}

static const struct option_kind seconds = {take_seconds, push_seconds};

static int take_number(const struct option_row *r, void *member, const char *text)
{
  char *end;
  long n = strtol(text, &end, 10);
  if (end == text || *end || n < 1 || n > INT_MAX)
    return host_usage_error("--%s: \"%s\" is no number from 1 on.", r->name, text);
  *(int *)member = (int)n;
  return -1;
}

static void push_number(lua_State *L, const void *member)
{
  if (*(const int *)member > 0)
    lua_pushinteger(L, *(const int *)member);
  else
    lua_pushnil(L);
}

static const struct option_kind number = {take_number, push_number};

static int unknown_word(const struct option_row *r, const char *word)
{
  const char *const *at = r->words;
  const char *near = rt_nearest(word, next_word, &at);
  if (near)
    return host_usage_error("--%s: there is no \"%s\". Did you mean %s?", r->name, word, near);
  char all[100] = "";
  for (at = r->words; *at; at++)
    snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", at == r->words ? "" : ", ", *at);
  return host_usage_error("--%s: there is no \"%s\"; the words are %s.", r->name, word, all);
}

/* Words with commas between them, each one of the row's. */
static int take_words(const struct option_row *r, void *member, const char *text)
{
  char word[32];
  for (const char *at = text, *end = NULL; end == NULL || *end; at = end + 1) {
    end = at + strcspn(at, ",");
    snprintf(word, sizeof word, "%.*s", (int)(end - at), at);
    const char *const *known = r->words;
    while (*known && strcmp(*known, word) != 0)
      known++;
    if (*known == NULL)
      return unknown_word(r, word);
  }
  *(const char **)member = text;
  return -1;
}

static void push_words(lua_State *L, const void *member)
{
  lua_pushstring(L, *(const char *const *)member);
}

static const struct option_kind words = {take_words, push_words};

void host_push_options(lua_State *L, const struct host_call *call)
{
  lua_createtable(L, 0, OPTION_ROWS);
  for (const struct option_row *r = option_rows; r < option_rows + OPTION_ROWS; r++)
    if (r->kind) {
      r->kind->push(L, (const char *)&call->options + r->member);
      lua_setfield(L, -2, r->key);
    }
  rt_set_text(L, "name", call->nwords > 0 ? call->words[0] : NULL);
}

/* ---- reading -------------------------------------------------------------------------------- */

struct getopt_tables {
  char letters[OPTION_ROWS * 2 + 3];
  struct option longs[OPTION_ROWS + 1];
};

/* `stop`: words end the options. Only -e, -h and -V are told by a letter alone. */
static void fill_tables(struct getopt_tables *t, const struct host_command *c, bool stop)
{
  size_t letters = 0, longs = 0;
  *t = (struct getopt_tables){0};
  if (stop)
    t->letters[letters++] = '+';
  t->letters[letters++] = ':';
  for (const struct option_row *r = option_rows; r < option_rows + OPTION_ROWS; r++) {
    if (!strchr(c->options, r->letter))
      continue;
    if (r->name)
      t->longs[longs++] =
          (struct option){r->name, r->value ? required_argument : no_argument, NULL, r->letter};
    if (r->kind)
      continue;
    t->letters[letters++] = r->letter;
    if (r->value)
      t->letters[letters++] = ':';
  }
}

static int take_code(struct host_call *call, char *code)
{
  call->text = (struct host_text){.bytes = code, .len = strlen(code)};
  call->text.chunkname = strdup("=-e");
  call->has_text = true;
  return call->text.chunkname ? -1 : HOST_FAILED;
}

/* Reads options until a word (stop) or to the end, moving words behind them. argv[0] is the word
 * before the first; *ret_next gets the index of the first word that is no option. */
static int read_options(struct host_call *call, int argc, char **argv, bool stop, int *ret_next)
{
  struct getopt_tables t;
  fill_tables(&t, call->command, stop);
  opterr = 0;
  optind = 0; /* makes getopt start anew */
  for (int letter; (letter = getopt_long(argc, argv, t.letters, t.longs, NULL)) != -1;) {
    *ret_next = optind;
    if (letter == '?') {
      char word[] = {'-', (char)optopt, '\0'}; /* 0 for a long one */
      return bad_option(call->command, optopt ? word : argv[optind - 1]);
    }
    if (letter == ':')
      return host_usage_error("%s needs a value.", argv[optind - 1]);
    if (letter == 'V')
      return printf("nslab %s\n", NSLAB_VERSION) < 0 ? HOST_FAILED : HOST_OK;
    if (letter == 'h') {
      if (call->command == &host_script)
        print_usage(stdout);
      else
        print_help(call->command);
      return HOST_OK;
    }
    if (letter == 'e')
      return take_code(call, optarg);
    const struct option_row *r = row_of(letter);
    int status = r->kind->take(r, (char *)&call->options + r->member, optarg);
    if (status >= 0)
      return status;
  }
  *ret_next = optind;
  return -1;
}

static bool is_file(const char *word)
{
  size_t len = strlen(word);
  struct stat st;
  return strcmp(word, "-") == 0 || strchr(word, '/') != NULL ||
         (len > 4 && strcmp(word + len - 4, ".lua") == 0) ||
         (stat(word, &st) == 0 && S_ISREG(st.st_mode));
}

static int take_file(struct host_call *call, const char *path)
{
  int err = host_files_read(path, &call->text);
  call->has_text = err == 0;
  return err ? host_usage_error("%s: %s.", path, strerror(-err)) : -1;
}

static void set_words(struct host_call *call, int argc, char **argv)
{
  call->words = argv;
  call->nwords = argc;
  call->first = (int)(argv - call->argv);
}

/* The words of a command that takes a lab or a file. */
static int read_target(struct host_call *call, int argc, char **argv)
{
  if (argc == 0 && call->command->alone)
    return -1;
  if (argc == 0)
    return host_usage_error("%s needs a lab or a file; \"nslab labs\" lists the labs.",
                            call->command->name);
  struct host_text lab;
  int err = host_files_lab(argv[0], &lab);
  host_text_free(&lab);
  bool file = err == -ENOENT && is_file(argv[0]);
  if (file)
    err = take_file(call, argv[0]);
  if (file && (err >= 0 || !call->command->reads_file)) /* words behind a script are its own */
    return err;
  if (err && !file)
    return err == -ENOENT ? unknown_lab(argv[0])
                          : host_usage_error("%s: %s.", argv[0], strerror(-err));
  int next;
  int status = read_options(call, argc, argv, false, &next);
  /* The lab's name stays in front of the words that were no options. */
  argv[next - 1] = argv[0];
  set_words(call, argc - next + 1, argv + next - 1);
  return status;
}

static const struct host_command *find_command(const char *name)
{
  const struct host_command *c = commands;
  while (c->name && strcmp(c->name, name) != 0)
    c++;
  return c->name ? c : NULL;
}

static int explain(int argc, char **argv)
{
  const struct host_command *c = argc > 0 ? find_command(argv[0]) : NULL;
  if (argc > 0 && c == NULL)
    return unknown_command(argv[0]);
  if (c)
    print_help(c);
  else
    print_usage(stdout);
  return HOST_OK;
}

static int read_command(struct host_call *call, int argc, char **argv)
{
  int next,
      status = read_options(call, argc, argv, call->command->target || call->command->rest, &next);
  if (status >= 0)
    return status;
  argc -= next;
  argv += next;
  set_words(call, argc, argv);
  if (call->command->target)
    return read_target(call, argc, argv);
  if (strcmp(call->command->name, "help") == 0)
    return explain(argc, argv);
  int room = call->command->words[0] != '\0'; /* for one word */
  if (argc > room && !call->command->rest)
    return host_usage_error("nslab %s takes no \"%s\".", call->command->name, argv[room]);
  return -1;
}

static int read_script(struct host_call *call, int argc, char **argv)
{
  int next, status = read_options(call, argc, argv, true, &next);
  if (status >= 0)
    return status;
  if (call->has_text) { /* -e CODE: the words behind it are its own */
    set_words(call, argc - next + 1, argv + next - 1);
    return -1;
  }
  argc -= next;
  argv += next;
  if (argc == 0) {
    print_usage(stderr);
    return HOST_USAGE;
  }
  const struct host_command *c = strcmp(argv[0], "-") == 0 ? NULL : find_command(argv[0]);
  if (c) {
    call->command = c;
    return read_command(call, argc, argv);
  }
  set_words(call, argc, argv);
  return is_file(argv[0]) ? take_file(call, argv[0]) : unknown_command(argv[0]);
}

/* -1, or what does not go together. */
static int check_together(struct host_options *o)
{
  if (o->host && geteuid() != 0) {
    fprintf(stderr,
            "nslab: --host changes this machine itself, and only root may: sudo nslab ...\n");
    return HOST_IMPOSSIBLE;
  }
  if (o->host && o->no_sandbox)
    return host_usage_error("--host and --no-sandbox are two ways; choose one.");
  if (o->host)
    o->no_sandbox = true;
  if (o->keep && o->no_sandbox && !o->host)
    return host_usage_error("--keep keeps a sandbox; it does not go with --no-sandbox.");
  return -1;
}

int host_parse(int argc, char **argv, struct host_call *ret)
{
  *ret = (struct host_call){.command = &host_script, .argv = argv, .rehearsal = -1};
  if (argc == 0)
    return HOST_USAGE;
  if (argc > 1 && strcmp(argv[1], busted.name) == 0) {
    bool sandbox = argc > 2 && strcmp(argv[2], "--sandbox") == 0;
    ret->command = sandbox ? &busted_in_sandbox : &busted;
    set_words(ret, argc - 1 - sandbox, argv + 1 + sandbox);
    return -1;
  }
  if (argc > 2 && strcmp(argv[1], "completion") == 0 && strcmp(argv[2], complete_words.name) == 0) {
    ret->command = &complete_words;
    set_words(ret, argc - 3, argv + 3);
    return -1;
  }
  int status = read_script(ret, argc, argv);
  return status < 0 ? check_together(&ret->options) : status;
}
