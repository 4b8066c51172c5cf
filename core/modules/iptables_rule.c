/* iptables_rule: what iptables.list() returns: a rule as the kernel told it, read when somebody
 * asks. Its fields are made of the words of iptables -S, so that they are the keys that append
 * takes. */
#include "modules/iptables.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the text of a rule ---------------------------------------------------------------------- */

/* The rule that was read last: scripts read several fields of one rule in a row. */
static struct {
  uint64_t id; /* 0: none */
  struct fw_text text;
  struct fw_words words;
  bool split;
  struct fw_said said;
  char foreign[256];
} last;

static void read_rule(lua_State *L, const struct iptables_rule *r)
{
  const struct fw_entry entry = {.handle = r->handle, .attrs = r->attrs, .len = r->len};
  if (last.id == r->id)
    return;
  last.id = 0;
  last.split = false;
  last.text.len = 0;
  last.text.failed = false;
  fw_text_str(&last.text, "");
  int err = fw_entry_words(r->family, -1, &entry, &last.text, &last.said);
  if (err < 0)
    luaL_error(L, "a rule cannot be read: %s", strerror(-err));
  size_t len = strnlen(last.said.foreign, sizeof last.foreign - 1);
  memcpy(last.foreign, last.said.foreign, len);
  last.foreign[len] = '\0';
  last.id = r->id;
}

const char *iptables_rule_text(lua_State *L, const struct iptables_rule *r, bool *ret_foreign)
{
  read_rule(L, r);
  *ret_foreign = last.foreign[0] != '\0';
  return last.text.len > 0 ? last.text.p : "";
}

static void split_rule(lua_State *L, const struct iptables_rule *r)
{
  struct fw_error e;
  read_rule(L, r);
  if (last.split)
    return;
  fw_words_clear(&last.words);
  if (fw_words_split(&last.words, last.text.p, last.text.len, FW_SAVED, &e) < 0)
    luaL_error(L, "a rule cannot be read: %s", e.text);
  last.split = true;
}

/* ---- the words as options -------------------------------------------------------------------- */

/* Where the words of an option stand. */
struct piece {
  const char *option; /* "-s", "--dport" */
  int first, count;   /* words behind it */
  bool inverted;
};

/* Goes through the words option by option. */
struct walk {
  int at;
  enum { BASE, MATCH, TARGET } section;
  int matches;      /* -m seen so far */
  const char *name; /* of the match or target that the options belong to */
  const char *protocol;
  struct piece piece;
};

/* Text in quotes is never an option, whatever it begins with. */
static bool is_option(int i)
{
  const char *w = last.words.v[i];
  return w[0] == '-' && w[1] != '\0' && last.text.p[last.words.place[i] - 1] != '"';
}

static bool is_not(int i)
{
  return strcmp(last.words.v[i], "!") == 0 && last.text.p[last.words.place[i] - 1] != '"';
}

static void enter_section(struct walk *w)
{
  const char *option = w->piece.option, *value = last.words.v[w->piece.first];
  if (w->piece.count == 0)
    return;
  if (strcmp(option, "-m") == 0) {
    w->section = MATCH;
    w->matches++;
    w->name = value;
  } else if (strcmp(option, "-j") == 0 || strcmp(option, "-g") == 0) {
    w->section = TARGET;
    w->name = value;
  } else if (strcmp(option, "-p") == 0) {
    w->protocol = value;
  }
}

static bool next_piece(struct walk *w)
{
  const struct fw_words *words = &last.words;
  struct piece *p = &w->piece;
  *p = (struct piece){0};
  while (w->at < words->n && p->option == NULL) {
    if (is_not(w->at))
      p->inverted = true;
    else if (is_option(w->at))
      p->option = words->v[w->at];
    w->at++;
  }
  p->first = w->at;
  while (w->at < words->n && !is_option(w->at) && !is_not(w->at))
    w->at++;
  p->count = w->at - p->first;
  if (p->option)
    enter_section(w);
  return p->option != NULL;
}

/* "-p tcp -m tcp --dport 22" was typed without the match: its options are the rule's own. */
static bool implied(const struct walk *w)
{
  return w->section == MATCH && w->matches == 1 && w->protocol &&
         (strcmp(w->name, w->protocol) == 0 ||
          (strcmp(w->name, "icmp6") == 0 && strcmp(w->protocol, "ipv6-icmp") == 0));
}

static const struct short_option {
  const char *option, *key;
} short_options[] = {{"-s", "source"},        {"-d", "destination"}, {"-i", "in_interface"},
                     {"-o", "out_interface"}, {"-p", "protocol"},    {"-f", "fragments"},
                     {"-j", "jump"},          {"-g", "goto"},        {NULL, NULL}};

/* The key of the option, "to_destination". NULL for -m. */
static const char *key_of(const struct piece *p, char buf[80])
{
  for (const struct short_option *o = short_options; o->option; o++)
    if (strcmp(o->option, p->option) == 0)
      return o->key;
  if (p->option[1] != '-')
    return NULL;
  size_t len = strnlen(p->option + 2, 79);
  for (size_t i = 0; i < len; i++)
    buf[i] = p->option[2 + i] == '-' ? '_' : p->option[2 + i];
  buf[len] = '\0';
  return buf;
}

/* ---- values ---------------------------------------------------------------------------------- */

static bool free_text(const char *key)
{
  return strcmp(key, "comment") == 0 || strcmp(key, "log_prefix") == 0 ||
         strcmp(key, "nflog_prefix") == 0 || strcmp(key, "string") == 0;
}

/* "80", but not "080" or "0x50": what append would write the same way. */
static bool whole_number(const char *s, lua_Integer *ret)
{
  size_t len = strspn(s, "0123456789");
  if (len == 0 || len > 18 || s[len] || (s[0] == '0' && len > 1))
    return false;
  *ret = (lua_Integer)strtoll(s, NULL, 10);
  return true;
}

static void push_word(lua_State *L, const char *key, const char *word)
{
  lua_Integer i;
  if (!free_text(key) && whole_number(word, &i))
    lua_pushinteger(L, i);
  else
    lua_pushstring(L, word);
}

static void push_several(lua_State *L, const char *key, const struct piece *p)
{
  lua_createtable(L, p->count + 1, 0);
  lua_Integer n = 0;
  if (p->inverted) {
    lua_pushliteral(L, "!");
    lua_rawseti(L, -2, ++n);
  }
  for (int i = 0; i < p->count; i++) {
    push_word(L, key, last.words.v[p->first + i]);
    lua_rawseti(L, -2, ++n);
  }
}

static void push_value(lua_State *L, const char *key, const struct piece *p)
{
  const char *word = p->count ? last.words.v[p->first] : NULL;
  if (p->count > 1)
    push_several(L, key, p);
  else if (word && p->inverted)
    lua_pushfstring(L, "! %s", word);
  else if (word)
    push_word(L, key, word);
  else if (p->inverted)
    lua_pushliteral(L, "!");
  else
    lua_pushboolean(L, true);
}

/* ---- match and target ------------------------------------------------------------------------ */

/* match.conntrack beside match[1]: __index of an array of matches. */
static int match_index(lua_State *L)
{
  lua_settop(L, 2);
  if (lua_type(L, 2) != LUA_TSTRING)
    return 0;
  for (lua_Integer i = 1; lua_rawgeti(L, 1, i) == LUA_TTABLE; i++) {
    lua_rawgeti(L, 3, 1);
    if (lua_rawequal(L, 4, 2)) {
      lua_settop(L, 3);
      return 1;
    }
    lua_settop(L, 2);
  }
  return 0;
}

static const luaL_Reg match_meta[] = {{"__index", match_index}, {NULL, NULL}};
static const struct rt_class match_class = {.name = "nslab.matches", .metamethods = match_meta};

static void add_option(lua_State *L, const struct piece *p)
{
  char buf[80];
  const char *key = key_of(p, buf);
  if (key == NULL)
    return;
  lua_pushstring(L, key);
  push_value(L, key, p);
  lua_rawset(L, -3);
}

/* The array of the matches that were typed, or nil. */
static void push_matches(lua_State *L)
{
  struct walk w = {0};
  int top = lua_gettop(L);
  lua_Integer n = 0;
  lua_newtable(L);
  while (next_piece(&w) && w.section != TARGET) {
    if (w.section != MATCH)
      continue;
    bool begins = strcmp(w.piece.option, "-m") == 0;
    bool own =
        implied(&w) && (!begins || (w.at < last.words.n &&
                                    (is_not(w.at) || strncmp(last.words.v[w.at], "--", 2) == 0)));
    if (own)
      continue;
    if (begins) {
      lua_settop(L, top + 1);
      lua_newtable(L);
      lua_pushstring(L, w.name);
      lua_rawseti(L, -2, 1);
      lua_pushvalue(L, -1);
      lua_rawseti(L, top + 1, ++n);
    } else {
      add_option(L, &w.piece);
    }
  }
  lua_settop(L, top + 1);
  if (n == 0) {
    lua_pushnil(L);
    lua_replace(L, top + 1);
    return;
  }
  rt_set_class(L, &match_class);
}

/* The options of the target, or nil. */
static void push_target(lua_State *L)
{
  struct walk w = {0};
  int n = 0;
  lua_newtable(L);
  while (next_piece(&w))
    if (w.section == TARGET && w.piece.option[1] == '-') {
      add_option(L, &w.piece);
      n++;
    }
  if (n > 0)
    return;
  lua_pop(L, 1);
  lua_pushnil(L);
}

/* ---- fields ---------------------------------------------------------------------------------- */

static int rule_index(lua_State *L);
static int rule_tostring(lua_State *L);
static int rule_eq(lua_State *L);
static int rule_copy(lua_State *L);
static int rule_pairs(lua_State *L);

static const luaL_Reg rule_meta[] = {{"__index", rule_index}, {"__tostring", rule_tostring},
                                     {"__eq", rule_eq},       {"__call", rule_copy},
                                     {"__pairs", rule_pairs}, {NULL, NULL}};
static const struct rt_class rule_class = {.name = "nslab.iptables.rule", .metamethods = rule_meta};

const struct iptables_rule *iptables_test_rule(lua_State *L, int idx)
{
  return rt_test(L, idx, &rule_class);
}

static const struct iptables_rule *check_rule(lua_State *L, int idx)
{
  const struct iptables_rule *r = iptables_test_rule(L, idx);
  if (r == NULL)
    luaL_typeerror(L, idx, "rule of iptables.list()");
  return r;
}

static const char *chain_of(const struct iptables_rule *r)
{
  const char *chain = fw_entry_chain(r->attrs, r->len);
  return chain ? chain : "?";
}

/* What the rule has besides its words. */
static void get_chain(lua_State *L, const struct iptables_rule *r)
{
  lua_pushstring(L, chain_of(r));
}

static void get_table(lua_State *L, const struct iptables_rule *r)
{
  lua_pushstring(L, fw_tables[r->table].name);
}

static void get_position(lua_State *L, const struct iptables_rule *r)
{
  lua_pushinteger(L, r->position);
}

static void get_handle(lua_State *L, const struct iptables_rule *r)
{
  lua_pushinteger(L, (lua_Integer)r->handle);
}

static void get_packets(lua_State *L, const struct iptables_rule *r)
{
  read_rule(L, r);
  lua_pushinteger(L, (lua_Integer)last.said.packets);
}

static void get_bytes(lua_State *L, const struct iptables_rule *r)
{
  read_rule(L, r);
  lua_pushinteger(L, (lua_Integer)last.said.bytes);
}

static void get_foreign(lua_State *L, const struct iptables_rule *r)
{
  read_rule(L, r);
  if (last.foreign[0])
    lua_pushstring(L, last.foreign);
  else
    lua_pushnil(L);
}

static void get_match(lua_State *L, const struct iptables_rule *r)
{
  split_rule(L, r);
  push_matches(L);
}

static void get_target(lua_State *L, const struct iptables_rule *r)
{
  split_rule(L, r);
  push_target(L);
}

static const struct getter {
  const char *key;
  void (*push)(lua_State *L, const struct iptables_rule *r);
} getters[] = {{"chain", get_chain},       {"table", get_table},
               {"position", get_position}, {"handle", get_handle},
               {"packets", get_packets},   {"bytes", get_bytes},
               {"foreign", get_foreign},   {"match", get_match},
               {"target", get_target},     {NULL, NULL}};

/* An option of the rule, of its matches or of its target; the first of that name. */
static void push_option(lua_State *L, const struct iptables_rule *r, const char *key)
{
  char buf[80];
  struct walk w = {0};
  split_rule(L, r);
  while (next_piece(&w)) {
    const char *name = key_of(&w.piece, buf);
    if (name && strcmp(name, key) == 0) {
      push_value(L, key, &w.piece);
      return;
    }
  }
  lua_pushnil(L);
}

static int rule_index(lua_State *L)
{
  const struct iptables_rule *r = check_rule(L, 1);
  if (lua_type(L, 2) != LUA_TSTRING)
    return 0;
  const char *key = lua_tostring(L, 2);
  for (const struct getter *g = getters; g->key; g++)
    if (g->key[0] == key[0] && strcmp(g->key, key) == 0) {
      g->push(L, r);
      return 1;
    }
  push_option(L, r, strcmp(key, "go_to") == 0 ? "goto" : key);
  return 1;
}

/* rule() -> a plain table of all that the rule has. (rule.table is the name of its table.) */
static int rule_copy(lua_State *L)
{
  const struct iptables_rule *r = check_rule(L, 1);
  struct walk w = {0};
  lua_settop(L, 1);
  lua_newtable(L);
  for (const struct getter *g = getters; g->key; g++) {
    g->push(L, r);
    lua_setfield(L, 2, g->key);
  }
  split_rule(L, r);
  while (next_piece(&w)) {
    bool own = w.section == BASE || implied(&w) || w.piece.option[1] != '-';
    if (own && strcmp(w.piece.option, "-m") != 0)
      add_option(L, &w.piece);
  }
  return 1;
}

static int rule_next(lua_State *L)
{
  lua_settop(L, 2);
  return lua_next(L, 1) ? 2 : 0;
}

static int rule_pairs(lua_State *L)
{
  rule_copy(L);
  lua_pushcfunction(L, rule_next);
  lua_insert(L, -2);
  return 2;
}

static void push_line(lua_State *L, const struct iptables_rule *r)
{
  bool foreign;
  const char *text = iptables_rule_text(L, r, &foreign);
  lua_pushfstring(L, "-A %s%s", chain_of(r), text);
}

static int rule_tostring(lua_State *L)
{
  push_line(L, check_rule(L, 1));
  return 1;
}

static int rule_eq(lua_State *L)
{
  const struct iptables_rule *a = iptables_test_rule(L, 1), *b = iptables_test_rule(L, 2);
  bool same = a && b && a->family == b->family && a->table == b->table;
  if (same && a->id != b->id) {
    push_line(L, a);
    push_line(L, b);
    same = lua_rawequal(L, -1, -2);
  }
  lua_pushboolean(L, same);
  return 1;
}

void iptables_push_rule(lua_State *L, const struct iptables_family *f, const struct fw_chain *c,
                        unsigned at)
{
  static uint64_t ids;
  const struct fw_entry *entry = &c->rule[at];
  struct iptables_rule *r = lua_newuserdatauv(L, sizeof *r + entry->len, 0);
  r->id = ++ids;
  r->handle = entry->handle;
  r->family = f->family;
  r->table = c->table;
  r->position = at + 1;
  r->len = entry->len;
  memcpy(r->attrs, entry->attrs, entry->len);
  rt_set_class(L, &rule_class);
}
