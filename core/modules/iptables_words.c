/* iptables_words: a rule as a Lua table, in the words of iptables' command line. Keys are the long
 * options with "_" for "-"; matches are an array or a table by name. There is no second reader:
 * what comes out here is read like a command that was typed. */
#include "modules/iptables.h"
#include <errno.h>
#include <linux/netfilter.h>
#include <stdlib.h>
#include <string.h>

/* ---- words and where they came from ---------------------------------------------------------- */

enum { PLACES = 512 };
static struct fw_words words;
static struct {
  const char *group, *name, *key; /* of the rule's table: alive as long as it is */
} places[PLACES];
static uint32_t place; /* that the next words have; 0: none of the user's */

struct fw_words *iptables_begin(void)
{
  fw_words_clear(&words);
  place = 0;
  return &words;
}

static void word_of(const char *text, size_t len)
{
  fw_words_add(&words, text, len, place);
}

void iptables_word(const char *text)
{
  word_of(text, strlen(text));
}

static void enter(const char *group, const char *name, const char *key)
{
  place = place + 1 < PLACES ? place + 1 : PLACES - 1;
  places[place].group = group;
  places[place].name = name;
  places[place].key = key;
}

const char *iptables_push_key(lua_State *L, const struct fw_words *w, int at)
{
  if (w != &words || at < 0 || at >= w->n || w->place[at] == 0 || w->place[at] >= PLACES ||
      places[w->place[at]].key == NULL)
    return NULL;
  uint32_t i = w->place[at];
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  if (places[i].group) {
    luaL_addstring(&b, places[i].group);
    luaL_addchar(&b, '.');
  }
  if (places[i].name) {
    luaL_addstring(&b, places[i].name);
    luaL_addchar(&b, '.');
  }
  luaL_addstring(&b, places[i].key);
  luaL_pushresult(&b);
  return lua_tostring(L, -1);
}

/* ---- one option ------------------------------------------------------------------------------ */

struct writer {
  lua_State *L;
  struct rt_op *op;
  const struct iptables_family *f;
  const char *group, *name; /* of the options that are written */
};

static _Noreturn void wrong(struct writer *w, const char *key, const char *what)
{
  lua_State *L = w->L;
  const char *field = w->name    ? lua_pushfstring(L, "%s.%s.%s", w->group, w->name, key)
                      : w->group ? lua_pushfstring(L, "%s.%s", w->group, key)
                                 : key;
  rt_raisef(L, w->op, EINVAL, field, NULL, "%s is no value for an option of iptables", what);
}

/* "--to-destination" of to_destination. */
static void option_word(const char *key, const char *option)
{
  char name[80] = "--";
  if (option) {
    iptables_word(option);
    return;
  }
  size_t len = strlen(key);
  len = len < sizeof name - 3 ? len : sizeof name - 3;
  for (size_t i = 0; i < len; i++)
    name[2 + i] = key[i];
  for (size_t i = 0; i < len; i++)
    if (name[2 + i] == '_')
      name[2 + i] = '-';
  word_of(name, len + 2);
}

/* Text that a user writes for people may begin with "!" and be all digits. */
static bool free_text(const char *key)
{
  static const char *const keys[] = {"comment", "log_prefix", "nflog_prefix", "string", NULL};
  for (const char *const *k = keys; *k; k++)
    if (strcmp(*k, key) == 0)
      return true;
  return false;
}

/* What a key has. The string is the table's, and lives as long as that. */
struct value {
  int type; /* LUA_T... */
  bool yes, whole;
  const char *text;
  size_t len;
  lua_Integer number;
};

static struct value value_at_top(lua_State *L)
{
  struct value v = {.type = lua_type(L, -1)};
  int whole;
  if (v.type == LUA_TSTRING) {
    v.text = lua_tolstring(L, -1, &v.len);
  } else if (v.type == LUA_TNUMBER) {
    v.number = lua_tointegerx(L, -1, &whole);
    v.whole = whole;
  } else if (v.type == LUA_TBOOLEAN) {
    v.yes = lua_toboolean(L, -1);
  }
  return v;
}

/* The number in decimal, written so that it ends at `end`. */
static const char *digits(lua_Integer i, char *end)
{
  lua_Unsigned n = i < 0 ? 0 - (lua_Unsigned)i : (lua_Unsigned)i;
  do {
    *--end = (char)('0' + n % 10);
    n /= 10;
  } while (n);
  if (i < 0)
    *--end = '-';
  return end;
}

static void number_value(struct writer *w, const char *key, const char *option, lua_Integer number)
{
  char buf[24];
  const char *text = digits(number, buf + sizeof buf);
  (void)w;
  option_word(key, option);
  word_of(text, (size_t)(buf + sizeof buf - text));
}

/* "!" of "! 10.0.0.1" goes before the option; "!" alone negates an option without a value. */
static void text_value(struct writer *w, const char *key, const char *option, const char *text,
                       size_t len)
{
  if (memchr(text, '\0', len))
    wrong(w, key, "a string with a zero byte");
  bool bare = false;
  if (text[0] == '!' && !free_text(key)) {
    iptables_word("!");
    const char *rest = text + 1 + strspn(text + 1, " ");
    len -= (size_t)(rest - text);
    text = rest;
    bare = len == 0;
  }
  option_word(key, option);
  if (!bare)
    word_of(text, len);
}

/* An array, at the top of the stack, is an option with several words; "!" may be the first. */
static void several(struct writer *w, const char *key, const char *option)
{
  lua_State *L = w->L;
  lua_Integer n = (lua_Integer)lua_rawlen(L, -1), first = 1;
  if (n == 0)
    wrong(w, key, "an empty table");
  lua_rawgeti(L, -1, 1);
  if (lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "!") == 0) {
    iptables_word("!");
    first = 2;
  }
  lua_pop(L, 1);
  option_word(key, option);
  for (lua_Integer i = first; i <= n; i++) {
    size_t len;
    lua_rawgeti(L, -1, i);
    if (lua_type(L, -1) != LUA_TSTRING && !lua_isinteger(L, -1))
      wrong(w, key, lua_pushfstring(L, "an array with a %s", luaL_typename(L, -1)));
    lua_pushvalue(L, -1); /* a number must stay one in the user's table */
    const char *text = lua_tolstring(L, -1, &len);
    word_of(text, len);
    lua_pop(L, 2);
  }
}

/* The option of the key, which stands in the table at idx. */
static void option(struct writer *w, int idx, const char *key, const char *name,
                   const struct value *v)
{
  if (v->type == LUA_TBOOLEAN && !v->yes)
    return; /* key = condition */
  enter(w->group, w->name, key);
  if (v->type == LUA_TBOOLEAN)
    option_word(key, name);
  else if (v->type == LUA_TSTRING)
    text_value(w, key, name, v->text, v->len);
  else if (v->type == LUA_TNUMBER && v->whole)
    number_value(w, key, name, v->number);
  else if (v->type == LUA_TNUMBER)
    wrong(w, key, "a fraction");
  else if (v->type != LUA_TTABLE)
    wrong(w, key, lua_typename(w->L, v->type));
  else {
    lua_getfield(w->L, idx, key);
    several(w, key, name);
    lua_pop(w->L, 1);
  }
}

/* The same, when the value has not been looked at. */
static void option_of(struct writer *w, int idx, const char *key)
{
  lua_getfield(w->L, idx, key);
  struct value v = value_at_top(w->L);
  option(w, idx, key, NULL, &v);
  lua_pop(w->L, 1);
}

/* ---- the keys of a rule ---------------------------------------------------------------------- */

/* In the order in which iptables lists them. A NULL option is no option: `match` and `target` have
 * their own writers, the others are there because a listed rule has them. */
static const struct key {
  const char *name, *option;
} keys[] = {
    {"source", "-s"},       {"src", "-s"},           {"destination", "-d"},  {"dst", "-d"},
    {"in_interface", "-i"}, {"out_interface", "-o"}, {"protocol", "-p"},     {"fragments", "-f"},
    {"fragment", "-f"},     {"match", NULL},         {"jump", "-j"},         {"goto", "-g"},
    {"go_to", "-g"},        {"target", NULL},        {"set_counters", "-c"}, {"table", NULL},
    {"chain", NULL},        {"position", NULL},      {"packets", NULL},      {"bytes", NULL},
    {"handle", NULL},       {"foreign", NULL},
};
enum {
  KEYS = sizeof keys / sizeof *keys,
  PROTOCOL_KEY = 6,
  MATCH_KEY = 9,
  TARGET_KEY = 13,
  FOREIGN_KEY = KEYS - 1
};

static int find_key(const char *name)
{
  for (int i = 0; i < KEYS; i++)
    if (keys[i].name[0] == name[0] && strcmp(keys[i].name, name) == 0)
      return i;
  return -1;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The string keys of the table at idx that `wanted` lets through, in alphabetical order. */
enum { MAX_OPTIONS = 64 };
static unsigned sorted_keys(struct writer *w, int idx, bool (*wanted)(const char *),
                            const char *ret[MAX_OPTIONS])
{
  lua_State *L = w->L;
  unsigned n = 0;
  for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) {
      if (lua_isinteger(L, -2) && wanted == NULL)
        continue; /* the name of the match */
      rt_raisef(L, w->op, EINVAL, w->group, NULL, "the keys of a rule are names of options, not %s",
                lua_pushfstring(L, "a %s", luaL_typename(L, -2)));
    }
    const char *key = lua_tostring(L, -2);
    if (wanted && !wanted(key))
      continue;
    if (n == MAX_OPTIONS)
      rt_raisef(L, w->op, EINVAL, key, NULL, "too many options");
    ret[n++] = key;
  }
  qsort(ret, n, sizeof *ret, by_name);
  return n;
}

/* The options in the table at the top, for the match or target that was named before. */
static void options_of(struct writer *w)
{
  lua_State *L = w->L;
  const char *names[MAX_OPTIONS] = {NULL};
  int idx = lua_gettop(L);
  luaL_checkstack(L, 8, "rule");
  unsigned n = sorted_keys(w, idx, NULL, names);
  for (unsigned i = 0; i < n; i++)
    option_of(w, idx, names[i]);
}

/* "-m NAME" and the options at the top of the stack: a table, or true. */
static void one_match(struct writer *w, const char *name)
{
  lua_State *L = w->L;
  enter("match", NULL, name);
  iptables_word("-m");
  iptables_word(name);
  if (lua_istable(L, -1)) {
    *w = (struct writer){L, w->op, w->f, "match", name};
    options_of(w);
    *w = (struct writer){L, w->op, w->f, NULL, NULL};
  } else if (!lua_isboolean(L, -1) && lua_type(L, -1) != LUA_TSTRING) {
    wrong(w, "match", luaL_typename(L, -1));
  }
}

/* An element of an array of matches: { "conntrack", ctstate = "NEW" }, or "conntrack". */
static void listed_match(struct writer *w)
{
  lua_State *L = w->L;
  if (lua_type(L, -1) == LUA_TSTRING) {
    one_match(w, lua_tostring(L, -1));
    return;
  }
  if (!lua_istable(L, -1))
    wrong(w, "match", luaL_typename(L, -1));
  if (lua_rawgeti(L, -1, 1) != LUA_TSTRING)
    rt_raisef(L, w->op, EINVAL, "match", NULL,
              "a match in an array begins with its name: { \"conntrack\", ctstate = \"NEW\" }");
  const char *name = lua_tostring(L, -1);
  lua_pop(L, 1); /* the table keeps it */
  one_match(w, name);
}

static bool any(const char *key)
{
  (void)key;
  return true;
}

static void matches_by_name(struct writer *w)
{
  lua_State *L = w->L;
  const char *names[MAX_OPTIONS] = {NULL};
  int idx = lua_gettop(L);
  unsigned n = sorted_keys(w, idx, any, names);
  for (unsigned i = 0; i < n; i++) {
    lua_getfield(L, idx, names[i]);
    if (lua_toboolean(L, -1))
      one_match(w, names[i]);
    lua_pop(L, 1);
  }
}

/* Is there a key besides those of the array? Then it is one match and its options. */
static bool has_names(lua_State *L)
{
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
    if (lua_type(L, -2) == LUA_TSTRING) {
      lua_pop(L, 2);
      return true;
    }
  return false;
}

/* The value of `match` at the top, in each of its forms. */
static void matches(struct writer *w)
{
  lua_State *L = w->L;
  luaL_checkstack(L, 10, "rule");
  lua_Integer n = lua_istable(L, -1) ? (lua_Integer)lua_rawlen(L, -1) : 0;
  bool single = n > 0 && lua_rawgeti(L, -1, 1) == LUA_TSTRING;
  lua_settop(L, lua_gettop(L) - (n > 0));
  if (lua_type(L, -1) == LUA_TSTRING || (single && has_names(L))) {
    listed_match(w);
    return;
  }
  if (!lua_istable(L, -1))
    wrong(w, "match", luaL_typename(L, -1));
  if (n == 0)
    matches_by_name(w);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, -1, i);
    listed_match(w);
    lua_pop(L, 1);
  }
}

static void target_options(struct writer *w)
{
  if (!lua_istable(w->L, -1))
    wrong(w, "target", luaL_typename(w->L, -1));
  *w = (struct writer){w->L, w->op, w->f, "target", NULL};
  options_of(w);
  *w = (struct writer){w->L, w->op, w->f, NULL, NULL};
}

/* ---- the rule -------------------------------------------------------------------------------- */

/* What one walk over the table found. */
struct found {
  uint32_t known; /* bits of `keys` */
  struct value value[KEYS];
  struct {
    const char *key;
    bool early; /* an option of the protocol's own match */
    struct value value;
  } other[MAX_OPTIONS];
  unsigned others;
};

static int by_key(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b); /* the key is the first member */
}

static void walk(struct writer *w, int idx, struct found *f)
{
  lua_State *L = w->L;
  f->known = 0;
  f->others = 0;
  for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING)
      rt_raisef(L, w->op, EINVAL, NULL, NULL, "the keys of a rule are names of options, not %s",
                rt_typename(L, -2));
    const char *key = lua_tostring(L, -2);
    int i = find_key(key);
    if (i >= 0) {
      f->known |= 1u << i;
      f->value[i] = value_at_top(L);
    } else if (f->others < MAX_OPTIONS) {
      f->other[f->others].key = key;
      f->other[f->others++].value = value_at_top(L);
    } else {
      rt_raisef(L, w->op, EINVAL, key, NULL, "too many options");
    }
  }
  if (f->others > 1)
    qsort(f->other, f->others, sizeof *f->other, by_key);
}

/* Options of the protocol's own match come right behind it, as they would be typed. */
static bool of_protocol(struct writer *w, const char *protocol, const char *key)
{
  char name[80];
  size_t i = 0;
  for (; i < sizeof name - 1 && key[i]; i++)
    name[i] = key[i] == '_' ? '-' : key[i];
  name[i] = '\0';
  return protocol && fw_protocol_has(w->f->family, -1, protocol, name);
}

static void write_others(struct writer *w, int idx, const struct found *f, bool early)
{
  for (unsigned i = 0; i < f->others; i++)
    if (f->other[i].early == early)
      option(w, idx, f->other[i].key, NULL, &f->other[i].value);
}

static void write_known(struct writer *w, int idx, const struct found *f, int from, int to)
{
  lua_State *L = w->L;
  for (int i = from; i < to; i++) {
    if (!(f->known & 1u << i))
      continue;
    if (keys[i].option) {
      option(w, idx, keys[i].name, keys[i].option, &f->value[i]);
    } else if (i == MATCH_KEY || i == TARGET_KEY) {
      lua_getfield(L, idx, keys[i].name);
      if (i == MATCH_KEY)
        matches(w);
      else
        target_options(w);
      lua_pop(L, 1);
    }
  }
}

static void table_words(struct writer *w, int idx)
{
  struct found f;
  walk(w, idx, &f);
  if (f.known & 1u << FOREIGN_KEY)
    rt_raisef(w->L, w->op, EOPNOTSUPP, "foreign", NULL,
              "this rule has parts that iptables has no words for");
  bool named = f.known & 1u << PROTOCOL_KEY && f.value[PROTOCOL_KEY].type == LUA_TSTRING;
  for (unsigned i = 0; i < f.others; i++)
    f.other[i].early = named && of_protocol(w, f.value[PROTOCOL_KEY].text, f.other[i].key);
  write_known(w, idx, &f, 0, MATCH_KEY);
  write_others(w, idx, &f, true);
  write_known(w, idx, &f, MATCH_KEY, KEYS);
  write_others(w, idx, &f, false);
}

void iptables_counter_words(lua_State *L, struct rt_op *op, const struct iptables_family *f,
                            int idx)
{
  struct writer w = {L, op, f, NULL, NULL};
  if (lua_getfield(L, idx, "set_counters") != LUA_TNIL) {
    struct value v = value_at_top(L);
    option(&w, idx, "set_counters", "-c", &v);
  }
  lua_pop(L, 1);
}

static void text_words(struct writer *w, const char *text, enum fw_quoting how)
{
  struct fw_error e = {0};
  int before = words.n;
  int r = fw_words_split(&words, text, strlen(text), how, &e);
  if (r < 0)
    rt_raisef(w->L, w->op, e.err, NULL, NULL, "%s (column %d)", e.text, (int)e.column);
  for (int i = before; i < words.n; i++)
    words.place[i] = 0;
}

void iptables_rule_words(lua_State *L, struct rt_op *op, const struct iptables_family *f, int idx)
{
  struct writer w = {L, op, f, NULL, NULL};
  const struct iptables_rule *rule = iptables_test_rule(L, idx);
  luaL_checkstack(L, 12, "rule");
  if (rule) {
    bool foreign;
    const char *text = iptables_rule_text(L, rule, &foreign);
    if (foreign)
      rt_raisef(L, op, EOPNOTSUPP, NULL, NULL,
                "this rule has parts that iptables has no words for");
    text_words(&w, text, FW_SAVED);
  } else if (lua_type(L, idx) == LUA_TSTRING) {
    text_words(&w, lua_tostring(L, idx), FW_SHELL);
  } else if (lua_istable(L, idx)) {
    table_words(&w, idx);
  } else {
    rt_raisef(L, op, EINVAL, NULL, NULL, "the rule is a table of options, not %s",
              rt_typename(L, idx));
  }
}
