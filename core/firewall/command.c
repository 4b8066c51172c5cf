/* command: the reader of iptables' command line. It takes words and gives a command; every spelling
 * of a command, a string, a saved text or a Lua table, comes through here. The options stand in a
 * table; what a match or a target understands is asked of the extension. */
#include "firewall/internal.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
  struct fw_command *c;
  const struct fw_reading *how;
  struct fw_words *w;
  struct fw_error *e;
  int at;   /* the next word */
  int word; /* the one being read, for errors */
  bool inverted, implied, table_set;
  unsigned used; /* options seen, one bit for each row */
  const char *address[2];
  int address_word[2], interface_word[2], jump_word;
};

static __attribute__((cold, format(printf, 2, 3))) int bad(struct reader *r, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(r->e->text, sizeof r->e->text, fmt, ap);
  va_end(ap);
  r->e->err = EINVAL;
  r->e->word = r->word;
  return -EINVAL;
}

/* ---- the options ----------------------------------------------------------------------------- */

enum { NO = no_argument, ONE = required_argument, MAY = optional_argument };

/* Bits of `used`: options that only some commands take, or that may come once. */
enum {
  NUMERIC = 1 << 0,
  SOURCE = 1 << 1,
  DESTINATION = 1 << 2,
  PROTOCOL = 1 << 3,
  JUMP = 1 << 4,
  VERBOSE = 1 << 5,
  EXACT = 1 << 6,
  INTERFACE = 1 << 7,
  OUT_INTERFACE = 1 << 8,
  LINES = 1 << 9,
  COUNTERS = 1 << 10,
  FRAGMENT = 1 << 11,
  RULE = SOURCE | DESTINATION | PROTOCOL | JUMP | VERBOSE | INTERFACE | OUT_INTERFACE | FRAGMENT,
};

struct option_row {
  const char *name;
  char letter; /* 0 without */
  uint8_t argument;
  int (*read)(struct reader *r, const struct option_row *o, char *arg);
  enum fw_verb verb; /* of a command */
  uint16_t bit;      /* of `used` */
  uint8_t inversion; /* FW_NOT_..., 0 if it cannot be negated */
};

/* An argument that need not be there: the next word, unless it is an option or a '!'. */
static char *optional(struct reader *r)
{
  char *next = r->w->v[r->at];
  if (next == NULL || next[0] == '-' || next[0] == '!')
    return NULL;
  r->at++;
  return next;
}

static int set_verb(struct reader *r, enum fw_verb verb, const struct option_row *o)
{
  struct fw_command *c = r->c;
  bool list = c->verb == FW_LIST || c->verb == FW_LIST_RULES;
  if (r->inverted)
    return bad(r, "unexpected '!' flag");
  if (verb == FW_ZERO && list) {
    c->zero = true;
    return 0;
  }
  if ((verb == FW_LIST || verb == FW_LIST_RULES) && c->verb == FW_ZERO)
    c->zero = true;
  else if (c->verb != FW_NONE)
    return bad(r, "Cannot use -%c with another command", o->letter);
  c->verb = verb;
  return 0;
}

static int rule_number(struct reader *r, const char *text)
{
  char *end;
  errno = 0;
  unsigned long n = strtoul(text, &end, 0);
  if (!isdigit((unsigned char)text[0]) || errno || *end || n == 0 || n > INT32_MAX)
    return bad(r, "Invalid rule number `%s'", text);
  r->c->number = (uint32_t)n;
  return 0;
}

/* -A -C CHAIN */
static int chain_command(struct reader *r, const struct option_row *o, char *arg)
{
  r->c->chain = arg;
  return set_verb(r, o->verb, o);
}

/* -D -R -I CHAIN [NUMBER] */
static int numbered_command(struct reader *r, const struct option_row *o, char *arg)
{
  int err = chain_command(r, o, arg);
  char *number = err == 0 ? optional(r) : NULL;
  if (err < 0)
    return err;
  if (number == NULL && o->verb == FW_REPLACE)
    return bad(r, "-R requires a rule number");
  if (number && o->verb == FW_DELETE)
    r->c->verb = FW_DELETE_NUMBER;
  r->c->number = o->verb == FW_INSERT ? 1 : 0;
  r->word = number ? r->at - 1 : r->word;
  return number ? rule_number(r, number) : 0;
}

/* -L -S -F -Z -X [CHAIN [NUMBER]] */
static int optional_chain(struct reader *r, const struct option_row *o, char *arg)
{
  bool numbers = o->verb == FW_LIST || o->verb == FW_LIST_RULES || o->verb == FW_ZERO;
  int err = set_verb(r, o->verb, o);
  char *chain = arg ? arg : err == 0 ? optional(r) : NULL;
  char *number = chain && numbers ? optional(r) : NULL;
  if (chain)
    r->c->chain = chain;
  if (err < 0 || number == NULL)
    return err;
  if (o->verb == FW_ZERO && !r->c->zero)
    r->c->verb = FW_ZERO_NUMBER;
  r->word = r->at - 1;
  return rule_number(r, number);
}

static int check_chain_name(struct reader *r, const char *name)
{
  struct fw_ext x;
  struct fw_error ignored;
  if (strlen(name) >= XT_EXTENSION_MAXNAMELEN)
    return bad(r, "chain name `%s' too long (must be under %u chars)", name,
               XT_EXTENSION_MAXNAMELEN);
  if (name[0] == '-' || name[0] == '!')
    return bad(r, "chain name not allowed to start with `%c'", name[0]);
  static const char *const verdicts[] = {"ACCEPT", "DROP", "RETURN", "QUEUE", ""};
  for (unsigned i = 0; i < FW_ARRAY(verdicts); i++)
    if (strcmp(verdicts[i], name) == 0)
      return bad(r, "chain name may not clash with target name");
  if (fw_xt_load(&x, true, name, &ignored) == 0) {
    fw_xt_unload(&x);
    return bad(r, "chain name may not clash with target name");
  }
  for (const char *p = name; *p; p++)
    if (isspace((unsigned char)*p))
      return bad(r, "Invalid chain name `%s'", name);
  return 0;
}

static int new_chain(struct reader *r, const struct option_row *o, char *arg)
{
  int err = check_chain_name(r, arg);
  return err < 0 ? err : chain_command(r, o, arg);
}

/* -E OLD NEW, -P CHAIN POLICY */
static int two_names(struct reader *r, const struct option_row *o, char *arg)
{
  int err = chain_command(r, o, arg);
  if (err < 0)
    return err;
  r->c->name = optional(r);
  if (r->c->name)
    return 0;
  return bad(r, o->verb == FW_POLICY ? "-P requires a chain and a policy"
                                     : "-E requires old-chain-name and new-chain-name");
}

static int plain_command(struct reader *r, const struct option_row *o, char *arg)
{
  (void)arg;
  return set_verb(r, o->verb, o);
}

static int protocol(struct reader *r, const struct option_row *o, char *arg)
{
  (void)o;
  struct fw_rule *rule = r->c->rule;
  const struct protoent *p = NULL;
  char *end;
  for (char *c = arg; *c; c++)
    *c = (char)tolower((unsigned char)*c);
  errno = 0;
  unsigned long number = strtoul(arg, &end, 0);
  bool known = isdigit((unsigned char)arg[0]) && *end == '\0' && errno == 0 && number <= UINT8_MAX;
  for (unsigned i = 0; !known && xtables_chain_protos[i].name; i++)
    if (strcmp(xtables_chain_protos[i].name, arg) == 0) {
      number = xtables_chain_protos[i].num;
      known = true;
    }
  if (!known && (p = getprotobyname(arg)) != NULL)
    number = (unsigned long)p->p_proto;
  if (!known && p == NULL)
    return bad(r, "unknown protocol \"%s\" specified", arg);
  if (number == 0 && rule->inverted & FW_NOT_PROTO)
    return bad(r, "rule would never match protocol");
  rule->proto = (uint16_t)number;
  return 0;
}

static int address(struct reader *r, const struct option_row *o, char *arg)
{
  int side = o->bit == DESTINATION ? FW_DST : FW_SRC;
  r->address[side] = arg;
  r->address_word[side] = r->word;
  return 0;
}

static int interface(struct reader *r, const struct option_row *o, char *arg)
{
  int side = o->bit == OUT_INTERFACE ? FW_OUT : FW_IN;
  if (arg[0] == '\0')
    return bad(r, "Empty interface is likely to be undesired");
  if (strlen(arg) >= IFNAMSIZ)
    return bad(r, "interface name `%s' must be shorter than IFNAMSIZ (%i)", arg, IFNAMSIZ - 1);
  strcpy(r->c->rule->iface[side], arg);
  r->interface_word[side] = r->word;
  return 0;
}

static int fragment(struct reader *r, const struct option_row *o, char *arg)
{
  (void)o;
  (void)arg;
  if (r->how->family == NFPROTO_IPV6)
    return bad(r, "`-f' is not supported in IPv6, use -m frag instead");
  r->c->rule->fragment = true;
  return 0;
}

static const char *const verdict_names[] = {"ACCEPT", "DROP", "RETURN"};

/* Is it the name of something to do, and of what kind? */
static int jump(struct reader *r, const struct option_row *o, char *arg)
{
  struct fw_rule *rule = r->c->rule;
  if (arg[0] == '\0')
    return bad(r, "Invalid target name (too short)");
  if (strlen(arg) >= XT_EXTENSION_MAXNAMELEN)
    return bad(r, "Invalid target name `%s' (%u chars max)", arg, XT_EXTENSION_MAXNAMELEN - 1);
  for (const char *p = arg; *p; p++)
    if (isspace((unsigned char)*p))
      return bad(r, "Invalid target name `%s'", arg);
  strcpy(rule->jump, arg);
  r->jump_word = r->word;
  rule->go_to = o->letter == 'g';
  for (unsigned i = 0; i < FW_ARRAY(verdict_names); i++)
    if (rule->go_to || strcmp(verdict_names[i], arg) == 0)
      return 0;
  int err = fw_xt_load(&rule->target, true, arg, r->e);
  rule->has_target = err == 0;
  rule->target.word = r->word;
  if (err == -ENOENT) /* then it is a chain */
    *r->e = (struct fw_error){.word = -1};
  return err == -ENOENT ? 0 : err;
}

static struct fw_ext *add_match(struct reader *r, const char *name, int *ret)
{
  struct fw_rule *rule = r->c->rule;
  struct fw_ext *x = fw_rule_match(rule);
  *ret = x ? 0 : fw_no_memory(r->e);
  if (x == NULL)
    return NULL;
  if (fw_port_is(name))
    fw_port_init(x, name);
  else
    *ret = fw_xt_load(x, false, name, r->e);
  if (*ret < 0) {
    rule->matches--;
    return NULL;
  }
  for (unsigned i = 0; i + 1 < rule->matches; i++)
    if (strcmp(rule->match[i].name, x->name) == 0)
      rule->match[i].completed = true;
  x->word = r->word;
  return x;
}

static int match(struct reader *r, const struct option_row *o, char *arg)
{
  (void)o;
  int err;
  if (r->inverted)
    return bad(r, "unexpected ! flag before --match");
  if (add_match(r, arg, &err) == NULL) {
    r->e->word = r->word;
    return err;
  }
  return 0;
}

static int table(struct reader *r, const struct option_row *o, char *arg)
{
  (void)o;
  if (r->inverted)
    return bad(r, "unexpected ! flag before --table");
  if (r->how->restore)
    return bad(r, "The -t option cannot be used in iptables-restore");
  r->c->table = fw_table_find(arg);
  if (r->c->table >= 0)
    return 0;
  fw_unknown(r->e, FW_NO_TABLE, arg);
  return bad(r, "table '%s' does not exist", arg);
}

static bool read_count(const char *text, uint64_t *ret)
{
  char *end;
  errno = 0;
  *ret = strtoull(text, &end, 10);
  return isdigit((unsigned char)text[0]) && errno == 0 && (*end == '\0' || *end == ',');
}

/* -c PACKETS BYTES, -c PACKETS,BYTES */
static int counters(struct reader *r, const struct option_row *o, char *arg)
{
  (void)o;
  struct fw_rule *rule = r->c->rule;
  const char *comma = strchr(arg, ',');
  const char *bytes = comma ? comma + 1 : optional(r);
  if (bytes == NULL)
    return bad(r, "-c requires packet and byte counter");
  if (!read_count(arg, &rule->packets))
    return bad(r, "-c packet counter not numeric");
  if (!read_count(bytes, &rule->bytes))
    return bad(r, "-c byte counter not numeric");
  return 0;
}

/* There is no lock to wait for: a change is one transaction, or is tried again. */
static int wait_for_lock(struct reader *r, const struct option_row *o, char *arg)
{
  char *end;
  if (r->how->restore)
    return bad(r, "You cannot use `-%c' from iptables-restore", o->letter);
  const char *seconds = arg ? arg : optional(r);
  if (seconds && (strtol(seconds, &end, 0), *end || end == seconds))
    return bad(r, "wait seconds not numeric");
  return 0;
}

static int ignored(struct reader *r, const struct option_row *o, char *arg)
{
  (void)r;
  (void)o;
  (void)arg;
  return 0;
}

static int family(struct reader *r, const struct option_row *o, char *arg)
{
  (void)arg;
  bool ours = (r->how->family == NFPROTO_IPV4) == (o->letter == '4');
  if (ours)
    return 0;
  if (r->how->restore)
    return 1; /* the line is for the other program */
  return bad(r, "-%c is for %s", o->letter, o->letter == '4' ? "iptables" : "ip6tables");
}

static const struct option_row options[] = {
    {"append", 'A', ONE, chain_command, FW_APPEND, 0, 0},
    {"delete", 'D', ONE, numbered_command, FW_DELETE, 0, 0},
    {"check", 'C', ONE, chain_command, FW_CHECK, 0, 0},
    {"insert", 'I', ONE, numbered_command, FW_INSERT, 0, 0},
    {"replace", 'R', ONE, numbered_command, FW_REPLACE, 0, 0},
    {"list", 'L', MAY, optional_chain, FW_LIST, 0, 0},
    {"list-rules", 'S', MAY, optional_chain, FW_LIST_RULES, 0, 0},
    {"flush", 'F', MAY, optional_chain, FW_FLUSH, 0, 0},
    {"zero", 'Z', MAY, optional_chain, FW_ZERO, 0, 0},
    {"new-chain", 'N', ONE, new_chain, FW_NEW_CHAIN, 0, 0},
    {"delete-chain", 'X', MAY, optional_chain, FW_DELETE_CHAIN, 0, 0},
    {"rename-chain", 'E', ONE, two_names, FW_RENAME_CHAIN, 0, 0},
    {"policy", 'P', ONE, two_names, FW_POLICY, 0, 0},
    {"help", 'h', MAY, plain_command, FW_HELP, 0, 0},
    {"version", 'V', NO, plain_command, FW_VERSION, 0, 0},
    {"source", 's', ONE, address, 0, SOURCE, FW_NOT_SRC},
    {"destination", 'd', ONE, address, 0, DESTINATION, FW_NOT_DST},
    {"src", 0, ONE, address, 0, SOURCE, FW_NOT_SRC},
    {"dst", 0, ONE, address, 0, DESTINATION, FW_NOT_DST},
    {"protocol", 'p', ONE, protocol, 0, PROTOCOL, FW_NOT_PROTO},
    {"in-interface", 'i', ONE, interface, 0, INTERFACE, FW_NOT_IN},
    {"out-interface", 'o', ONE, interface, 0, OUT_INTERFACE, FW_NOT_OUT},
    {"fragments", 'f', NO, fragment, 0, FRAGMENT, FW_NOT_FRAGMENT},
    {"fragment", 0, NO, fragment, 0, FRAGMENT, FW_NOT_FRAGMENT},
    {"jump", 'j', ONE, jump, 0, JUMP, 0},
    {"goto", 'g', ONE, jump, 0, JUMP, 0},
    {"match", 'm', ONE, match, 0, 0, 0},
    {"table", 't', ONE, table, 0, 0, 0},
    {"set-counters", 'c', ONE, counters, 0, COUNTERS, 0},
    {"numeric", 'n', NO, ignored, 0, NUMERIC, 0},
    {"exact", 'x', NO, ignored, 0, EXACT, 0},
    {"line-numbers", 0, NO, ignored, 0, LINES, 0},
    {"verbose", 'v', NO, ignored, 0, 0, 0},
    {"wait", 'w', MAY, wait_for_lock, 0, 0, 0},
    {"wait-interval", 'W', MAY, wait_for_lock, 0, 0, 0},
    {"modprobe", 'M', ONE, ignored, 0, 0, 0},
    {"ipv4", '4', NO, family, 0, 0, 0},
    {"ipv6", '6', NO, family, 0, 0, 0},
};

/* Rows by the first letter of the name, as bits, and by the short letter, counted from 1: a rule
 * has many options, and they are many. */
_Static_assert(sizeof options / sizeof *options <= 64, "a bit for each row");
static struct {
  bool ready;
  uint64_t by_name[128];
  uint8_t by_letter[128];
} rows;

static void index_rows(void)
{
  if (rows.ready)
    return;
  for (unsigned i = 0; i < FW_ARRAY(options); i++) {
    rows.by_name[(unsigned char)options[i].name[0]] |= UINT64_C(1) << i;
    if (options[i].letter)
      rows.by_letter[(unsigned char)options[i].letter] = (uint8_t)(i + 1);
  }
  rows.ready = true;
}

static uint64_t rows_named_like(const char *name)
{
  unsigned char c = (unsigned char)name[0];
  return c < sizeof rows.by_letter ? rows.by_name[c] : 0;
}

static const struct option_row *row_of_letter(char letter)
{
  unsigned char c = (unsigned char)letter;
  unsigned i = c < sizeof rows.by_letter ? rows.by_letter[c] : 0;
  return i ? &options[i - 1] : NULL;
}

/* What a command takes of the options that have a bit. */
static const unsigned legal[FW_VERBS] = {
    [FW_APPEND] = RULE | COUNTERS,
    [FW_INSERT] = RULE | COUNTERS,
    [FW_REPLACE] = RULE | COUNTERS,
    [FW_DELETE] = RULE,
    [FW_DELETE_NUMBER] = VERBOSE,
    [FW_CHECK] = RULE,
    [FW_LIST] = NUMERIC | VERBOSE | EXACT | LINES,
    [FW_LIST_RULES] = VERBOSE,
    [FW_FLUSH] = VERBOSE,
    [FW_ZERO] = VERBOSE,
    [FW_ZERO_NUMBER] = VERBOSE,
    [FW_NEW_CHAIN] = VERBOSE,
    [FW_DELETE_CHAIN] = VERBOSE,
    [FW_RENAME_CHAIN] = VERBOSE,
    [FW_POLICY] = VERBOSE | COUNTERS,
    [FW_HELP] = ~0u,
    [FW_VERSION] = ~0u,
};

/* ---- one option ------------------------------------------------------------------------------ */

static int read_row(struct reader *r, const struct option_row *o, char *arg)
{
  if (o->bit && r->used & o->bit)
    return bad(r, "multiple -%s flags not allowed", o->letter ? (char[]){o->letter, 0} : o->name);
  if (r->inverted && o->inversion == 0 && o->bit)
    return bad(r, "cannot have ! before -%s", o->letter ? (char[]){o->letter, 0} : o->name);
  r->used |= o->bit;
  if (r->inverted)
    r->c->rule->inverted |= o->inversion;
  if (o->letter == 'v')
    r->c->verbose = true, r->used |= VERBOSE;
  return o->read(r, o, arg);
}

/* The argument of an option that must have one: behind '=' or the letter, or the next word. */
static int needed(struct reader *r, char **arg)
{
  if (*arg == NULL)
    *arg = r->w->v[r->at];
  else
    return 0;
  if (*arg == NULL)
    return bad(r, "option \"%s\" requires an argument", r->w->v[r->word]);
  r->at++;
  return 0;
}

static int short_options(struct reader *r, char *word)
{
  for (char *p = word + 1; *p; p++) {
    const struct option_row *o = row_of_letter(*p);
    if (o == NULL)
      return bad(r, "unknown option \"%s\"", word);
    char *arg = o->argument != NO && p[1] ? p + 1 : NULL;
    int err = o->argument == ONE ? needed(r, &arg) : 0;
    if (err == 0)
      err = read_row(r, o, arg);
    if (err != 0 || o->argument != NO) /* the rest of the word was its argument */
      return err;
    r->inverted = false;
  }
  return 0;
}

/* What a long option was found to be. */
struct found {
  const struct option_row *row;
  struct fw_ext *x;
  int id, argument, count;
};

static void find_in(struct fw_ext *x, const char *name, bool prefix, struct found *f)
{
  int id = 0, argument = 0;
  if (x->completed || (f->count > 0 && !prefix))
    return;
  int count = fw_xt_option_find(x, name, prefix, &id, &argument);
  if (count > 0 && f->count == 0)
    *f = (struct found){NULL, x, id, argument, 0};
  f->count += count;
}

/* The extension that was named last comes first, as with getopt's merged tables. */
static void find_in_extensions(struct reader *r, const char *name, bool prefix, struct found *f)
{
  struct fw_rule *rule = r->c->rule;
  bool target = rule->has_target;
  for (unsigned i = rule->matches; i-- > 0;) {
    if (target && rule->target.word > rule->match[i].word) {
      find_in(&rule->target, name, prefix, f);
      target = false;
    }
    find_in(&rule->match[i], name, prefix, f);
  }
  if (target)
    find_in(&rule->target, name, prefix, f);
}

/* The option of exactly that name. */
static struct found find_exact(struct reader *r, const char *name)
{
  struct found f = {0};
  for (uint64_t left = rows_named_like(name); left; left &= left - 1) {
    const struct option_row *o = &options[__builtin_ctzll(left)];
    if (strcmp(o->name, name) == 0)
      return (struct found){o, NULL, 0, o->argument, 1};
  }
  find_in_extensions(r, name, false, &f);
  return f;
}

/* The option whose name begins like that, if there is only one. */
static struct found find_abbreviated(struct reader *r, const char *name)
{
  struct found f = {0};
  size_t len = strlen(name);
  if (len == 0)
    return f;
  find_in_extensions(r, name, true, &f);
  for (uint64_t left = rows_named_like(name); left; left &= left - 1) {
    const struct option_row *o = &options[__builtin_ctzll(left)];
    bool again = f.row && f.row->read == o->read && f.row->bit == o->bit && f.row->verb == o->verb;
    if (strncmp(o->name, name, len) != 0 || again)
      continue;
    if (f.count++ == 0)
      f = (struct found){o, NULL, 0, o->argument, 1};
  }
  return f;
}

/* "-p tcp --dport": the protocol's own match is meant, though it was not named. */
static bool imply_match(struct reader *r)
{
  const char *name = r->c->rule->proto ? fw_protocol_name(r->c->rule->proto) : NULL;
  int err;
  if (r->implied || name == NULL || !(r->used & PROTOCOL))
    return false;
  r->implied = true;
  bool there = add_match(r, name, &err) != NULL;
  if (!there)
    *r->e = (struct fw_error){.word = -1};
  return there;
}

/* Whether it is tcp's or udp's own option, which need not be loaded to know. */
static bool implies(struct reader *r, const char *name)
{
  const char *protocol = r->c->rule->proto ? fw_protocol_name(r->c->rule->proto) : NULL;
  return !r->implied && protocol && fw_port_is(protocol) && fw_port_has(protocol, name);
}

static struct found find_long(struct reader *r, const char *name)
{
  struct found f = find_exact(r, name);
  if (f.count == 0 && implies(r, name) && imply_match(r))
    return find_exact(r, name);
  if (f.count == 0)
    f = find_abbreviated(r, name);
  if (f.count == 1 || !imply_match(r))
    return f;
  f = find_exact(r, name);
  return f.count ? f : find_abbreviated(r, name);
}

static int long_option(struct reader *r, char *word)
{
  char name[64];
  char *equals = strchr(word, '='), *arg = equals ? equals + 1 : NULL;
  size_t len = equals ? (size_t)(equals - word - 2) : strlen(word) - 2;
  if (len >= sizeof name)
    return bad(r, "unknown option \"%s\"", word);
  memcpy(name, word + 2, len);
  name[len] = '\0';
  struct found f = find_long(r, name);
  if (f.count > 1)
    return bad(r, "option \"%s\" is ambiguous", word);
  if (f.count == 0) {
    fw_unknown(r->e, FW_NO_OPTION, name);
    return bad(r, "unknown option \"%s\"", word);
  }
  if (f.argument == NO && arg)
    return bad(r, "option \"%s\" takes no argument", word);
  int err = f.argument == ONE ? needed(r, &arg) : 0;
  if (err < 0)
    return err;
  if (f.row)
    return read_row(r, f.row, arg);
  r->e->word = r->word;
  if (f.x->native)
    return fw_port_option(f.x, f.id, r->w->v, &r->at, arg, r->inverted, r->e);
  return fw_xt_option(r->c->rule, f.x, f.id, r->w->v, &r->at, arg, r->inverted, r->e);
}

static int read_word(struct reader *r)
{
  char *word = r->w->v[r->at];
  r->word = r->at++;
  if (strcmp(word, "!") == 0) {
    if (r->inverted)
      return bad(r, "multiple consecutive ! not allowed");
    r->inverted = true;
    return 0;
  }
  int err = word[0] != '-' || word[1] == '\0' ? bad(r, "Bad argument `%s'", word)
            : word[1] == '-'                  ? long_option(r, word)
                                              : short_options(r, word);
  r->inverted = false;
  return err;
}

/* ---- the whole command ----------------------------------------------------------------------- */

static int check_extensions(struct reader *r)
{
  struct fw_rule *rule = r->c->rule;
  for (unsigned i = 0; i < rule->matches; i++) {
    r->e->word = rule->match[i].word;
    int err = fw_xt_check(&rule->match[i], r->e);
    if (err < 0)
      return err;
  }
  r->e->word = rule->has_target ? rule->target.word : -1;
  return rule->has_target ? fw_xt_check(&rule->target, r->e) : 0;
}

static int read_addresses(struct reader *r, int side, struct fw_address **list, unsigned *n)
{
  struct fw_address *to = &r->c->rule->address[side];
  if (r->address[side] == NULL || fw_address_plain(r->how->family, r->address[side], to))
    return 0;
  r->e->word = r->address_word[side];
  free(*list);
  *list = NULL;
  int err = fw_xt_addresses(r->how->family, r->address[side], list, n, r->e);
  if (err == 0)
    *to = (*list)[0];
  return err;
}

static int both_addresses(struct reader *r)
{
  struct fw_command *c = r->c;
  int err = read_addresses(r, FW_SRC, &c->sources, &c->nsources);
  if (err == 0)
    err = read_addresses(r, FW_DST, &c->destinations, &c->ndestinations);
  if (err < 0)
    return err;
  r->word = r->address_word[c->nsources > 1 ? FW_SRC : FW_DST];
  if ((c->nsources > 1 || c->ndestinations > 1) && c->rule->inverted & (FW_NOT_SRC | FW_NOT_DST))
    return bad(r, "! not allowed with multiple source or destination IP addresses");
  if ((c->nsources > 1 || c->ndestinations > 1) && c->verb == FW_REPLACE)
    return bad(r, "Replacement rule does not specify a unique address");
  return 0;
}

static int check_legal(struct reader *r)
{
  unsigned illegal = r->used & ~legal[r->c->verb];
  r->word = -1;
  for (unsigned i = 0; i < FW_ARRAY(options); i++)
    if (options[i].bit & illegal)
      return bad(r, "Illegal option `--%s' with this command", options[i].name);
  return 0;
}

/* A packet that comes in has no way out yet, and the other way round. */
static int check_interfaces(struct reader *r)
{
  static const struct {
    const char *chain;
    int side;
  } none[] = {{"PREROUTING", FW_OUT}, {"INPUT", FW_OUT}, {"POSTROUTING", FW_IN}, {"OUTPUT", FW_IN}};
  for (unsigned i = 0; r->c->chain && i < FW_ARRAY(none); i++)
    if (strcmp(r->c->chain, none[i].chain) == 0 && r->c->rule->iface[none[i].side][0]) {
      r->word = r->interface_word[none[i].side];
      return bad(r, "Can't use -%c with %s", none[i].side == FW_OUT ? 'o' : 'i', none[i].chain);
    }
  return 0;
}

static int check_nat_drop(struct reader *r)
{
  bool drop = strcmp(r->c->rule->jump, "DROP") == 0 ||
              (r->c->verb == FW_POLICY && strcmp(r->c->name, "DROP") == 0);
  if (!drop || strcmp(fw_tables[r->c->table].name, "nat") != 0)
    return 0;
  r->word = r->jump_word;
  return bad(r, "The \"nat\" table is not intended for filtering, the use of DROP is therefore "
                "inhibited");
}

static int finish(struct reader *r)
{
  struct fw_command *c = r->c;
  r->word = r->at - 1;
  if (c->verb == FW_NONE)
    return bad(r, "no command specified");
  if (r->inverted)
    return bad(r, "nothing appropriate following !");
  if (c->verb == FW_HELP && c->rule->matches == 0)
    imply_match(r);
  if (c->verb == FW_HELP || c->verb == FW_VERSION)
    return 0;
  int err = check_nat_drop(r);
  if (err == 0)
    err = check_extensions(r);
  if (err == 0)
    err = both_addresses(r);
  if (err == 0)
    err = check_legal(r);
  if (err == 0)
    r->e->word = r->word = -1;
  if (err == 0 && c->chain && strlen(c->chain) >= XT_EXTENSION_MAXNAMELEN)
    return bad(r, "chain name `%s' too long (must be under %u chars)", c->chain,
               XT_EXTENSION_MAXNAMELEN);
  return err < 0 ? err : check_interfaces(r);
}

int fw_command_read(struct fw_command *c, const struct fw_reading *how, struct fw_words *w,
                    struct fw_error *e)
{
  struct reader r = {.c = c, .how = how, .w = w, .e = e, .jump_word = -1};
  index_rows();
  fw_command_clear(c);
  *e = (struct fw_error){.word = -1};
  if (c->rule == NULL)
    c->rule = calloc(1, sizeof *c->rule);
  if (c->rule == NULL)
    return fw_no_memory(e);
  fw_xt_begin(how->family, how->netns);
  c->rule->family = how->family;
  c->table = how->table;
  int err = 0;
  while (err == 0 && w->v[r.at])
    err = read_word(&r);
  if (err == 0)
    err = finish(&r);
  if (err > 0)
    c->verb = FW_NONE;
  c->numeric = r.used & NUMERIC;
  c->exact = r.used & EXACT;
  c->line_numbers = r.used & LINES;
  return err < 0 ? err : 0;
}

void fw_command_clear(struct fw_command *c)
{
  struct fw_rule *rule = c->rule;
  if (rule)
    fw_rule_clear(rule);
  free(c->sources);
  free(c->destinations);
  *c = (struct fw_command){.rule = rule};
}

void fw_command_free(struct fw_command *c)
{
  fw_command_clear(c);
  if (c->rule)
    fw_rule_free(c->rule);
  free(c->rule);
  c->rule = NULL;
}

/* ---- suggestions and help -------------------------------------------------------------------- */

static void add_options(const struct fw_ext *x, struct fw_words *w)
{
  const char *name;
  for (unsigned i = 0; (name = fw_xt_option_name(x, i)) != NULL; i++)
    fw_words_add(w, name, strlen(name), 0);
}

static void option_names(const struct fw_command *c, struct fw_words *w)
{
  for (unsigned i = 0; i < FW_ARRAY(options); i++)
    fw_words_add(w, options[i].name, strlen(options[i].name), 0);
  for (unsigned i = 0; c->rule && i < c->rule->matches; i++)
    add_options(&c->rule->match[i], w);
  if (c->rule && c->rule->has_target)
    add_options(&c->rule->target, w);
}

static void chain_names(int table, struct fw_words *w)
{
  const struct fw_hook *h = fw_tables[table].hook;
  for (int i = 0; i < FW_HOOKS && h[i].chain; i++)
    fw_words_add(w, h[i].chain, strlen(h[i].chain), 0);
}

void fw_names(enum fw_unknown what, const struct fw_command *c, struct fw_words *w)
{
  if (what == FW_NO_OPTION)
    option_names(c, w);
  if (what == FW_NO_MATCH || what == FW_NO_TARGET)
    fw_xt_names(what == FW_NO_TARGET, w);
  if (what == FW_NO_CHAIN && c->table >= 0)
    chain_names(c->table, w);
  for (int i = 0; what == FW_NO_TABLE && i < FW_TABLES; i++)
    fw_words_add(w, fw_tables[i].name, strlen(fw_tables[i].name), 0);
  for (unsigned i = 0; what == FW_NO_TARGET && i < FW_ARRAY(verdict_names); i++)
    fw_words_add(w, verdict_names[i], strlen(verdict_names[i]), 0);
}

bool fw_protocol_has(uint8_t family, int netns, const char *protocol, const char *option)
{
  struct fw_ext x;
  struct fw_error e;
  int id = 0, argument = 0;
  if (fw_port_is(protocol))
    return fw_port_has(protocol, option);
  fw_xt_begin(family, netns);
  if (fw_xt_load(&x, false, protocol, &e) < 0)
    return false;
  bool has = fw_xt_option_find(&x, option, false, &id, &argument) > 0;
  fw_xt_unload(&x);
  return has;
}

void fw_help(const struct fw_command *c, const char *program, struct fw_text *t)
{
  static const char *const usage[] = {"-A, -C, -D CHAIN RULE",
                                      "-I, -R CHAIN [NUMBER] RULE",
                                      "-D CHAIN NUMBER",
                                      "-L, -S [CHAIN [NUMBER]]",
                                      "-F, -Z [CHAIN]",
                                      "-N, -X CHAIN",
                                      "-E OLD NEW",
                                      "-P CHAIN ACCEPT|DROP"};
  fw_text_printf(t, "%s of nslab, for nf_tables\n\n", program);
  for (unsigned i = 0; i < FW_ARRAY(usage); i++)
    fw_text_printf(t, "  %s [-t TABLE] %s\n", program, usage[i]);
  fw_text_str(t, "\nOptions (! before one negates it):\n");
  for (unsigned i = 0; i < FW_ARRAY(options); i++) {
    const struct option_row *o = &options[i];
    char letter[] = {'-', o->letter, ',', ' ', '\0'};
    fw_text_printf(t, "  %4s--%s%s\n", o->letter ? letter : "", o->name,
                   o->argument == ONE   ? " ..."
                   : o->argument == MAY ? " [...]"
                                        : "");
  }
  for (unsigned i = 0; c->rule && i < c->rule->matches; i++)
    fw_xt_help(&c->rule->match[i], t);
  if (c->rule && c->rule->has_target)
    fw_xt_help(&c->rule->target, t);
}

const char *fw_version(void)
{
  return XTABLES_VERSION;
}

/* ---- addresses ------------------------------------------------------------------------------- */

static void keep_masked(struct fw_address *a, size_t len)
{
  uint8_t *addr = (uint8_t *)&a->addr;
  const uint8_t *mask = (const uint8_t *)&a->mask;
  for (size_t i = 0; i < len; i++)
    addr[i] &= mask[i];
}

static void set_mask(struct fw_address *a, unsigned long bits)
{
  uint8_t *mask = (uint8_t *)&a->mask;
  memset(mask, 0xff, bits / 8);
  if (bits % 8)
    mask[bits / 8] = (uint8_t)(0xff << (8 - bits % 8));
}

bool fw_address_plain(uint8_t family, const char *text, struct fw_address *a)
{
  char addr[INET6_ADDRSTRLEN];
  size_t size = family == NFPROTO_IPV6 ? 16 : 4;
  const char *slash = strchr(text, '/');
  size_t len = slash ? (size_t)(slash - text) : strlen(text);
  unsigned long bits = 8 * size;
  char *end = NULL;
  if (len >= sizeof addr || (slash && !isdigit((unsigned char)slash[1])))
    return false;
  memcpy(addr, text, len);
  addr[len] = '\0';
  if (slash)
    bits = strtoul(slash + 1, &end, 10);
  if ((end && *end) || bits > 8 * size || (slash && slash[1] == '0' && slash[2]) ||
      inet_pton(family == NFPROTO_IPV6 ? AF_INET6 : AF_INET, addr, &a->addr) != 1)
    return false;
  a->mask = (union nf_inet_addr){0};
  set_mask(a, bits);
  keep_masked(a, size);
  return true;
}
