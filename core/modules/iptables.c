/* iptables: the modules iptables and ip6tables: the verbs, transactions, and the command as one
 * string. A call becomes words (iptables_words.c), the words a command, and the command changes or
 * a text (core/firewall). */
#include "modules/iptables.h"
#include "netlink/netlink.h"
#include <errno.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- transactions ---------------------------------------------------------------------------- */

/* Where a script asked for a change, so that a refusal can name the line. */
struct site {
  int source; /* index in the box's table of source names */
  int line;
  enum fw_verb verb;
};

/* The changes of one call, or of a transaction while its function runs. */
struct tx {
  struct fw_changes ch;
  struct netns_ref netns;
  bool open; /* a transaction whose function runs */
  struct site *site;
  unsigned sites, cap;
  const char *source; /* of the last site; only compared */
  int sources;
  struct fw_text commands; /* for the observer */
};

static int tx_close(lua_State *L)
{
  struct tx *tx = lua_touserdata(L, 1);
  fw_changes_free(&tx->ch);
  fw_text_free(&tx->commands);
  free(tx->site);
  tx->site = NULL;
  tx->sites = tx->cap = 0;
  tx->open = false;
  return 0;
}

static const struct rt_class tx_class = {.name = "nslab.iptables.transaction", .close = tx_close};

/* ---- a call ---------------------------------------------------------------------------------- */

static struct fw_command command; /* what it allocated is used again */

struct call {
  lua_State *L;
  const struct iptables_family *f;
  struct rt_op op;
  struct tx *tx; /* the transaction that the function belongs to, or NULL */
  int netns;     /* descriptor, or NL_HERE */
  struct fw_error error;
};

/* Finds out where the call acts. Its arguments are `args` values at the bottom of the stack. */
static void begin(lua_State *L, struct call *c, const struct iptables_family *f, const char *verb,
                  int args)
{
  lua_settop(L, args);
  *c = (struct call){.L = L, .f = f, .op = {.module = f->module, .verb = verb}};
  c->tx = rt_test(L, lua_upvalueindex(1), &tx_class);
  if (c->tx == NULL) {
    c->netns = netns_of_call(L, &c->op);
    return;
  }
  c->op.netns = c->tx->netns.name;
  c->netns = c->tx->ch.netns;
  if (!c->tx->open)
    rt_raisef(L, &c->op, EINVAL, NULL, NULL, "this transaction is over");
}

/* For verbs that answer: inside a transaction nothing has happened yet. */
static void only_outside(struct call *c)
{
  if (c->tx)
    rt_raisef(c->L, &c->op, EINVAL, NULL, "Ask before it or after it.",
              "a transaction only changes things");
}

static const char *next_name(void *arg)
{
  struct fw_words *w = arg;
  return w->cap > 0 && w->v[w->n] ? w->v[w->n++] : NULL;
}

/* "Did you mean ...?" for a name that there is none of; NULL without a guess. */
static const char *suggestion(struct call *c)
{
  struct fw_words names = {0};
  const char *near = NULL, *ret = NULL;
  if (c->error.unknown == FW_ALL_KNOWN)
    return NULL;
  fw_names(c->error.unknown, &command, &names);
  if (fw_words_seal(&names) == 0) {
    names.n = 0;
    near = rt_nearest(c->error.name, next_name, &names);
  }
  char copy[64];
  snprintf(copy, sizeof copy, "%s", near ? near : "");
  fw_words_free(&names);
  if (near && strcmp(copy, c->error.name) != 0)
    ret = lua_pushfstring(c->L, "Did you mean \"%s\"?", copy);
  return ret;
}

static struct rt_error error_of(struct call *c, const struct fw_words *w)
{
  const char *near = suggestion(c), *text = c->error.text, *hint = c->error.hint;
  if (c->error.line)
    text = lua_pushfstring(c->L, "line %d, column %d: %s", (int)c->error.line,
                           (int)(c->error.column ? c->error.column : 1), text);
  else if (c->error.column)
    text = lua_pushfstring(c->L, "column %d: %s", (int)c->error.column, text);
  return (struct rt_error){.err = c->error.err ? c->error.err : EINVAL,
                           .field = w ? iptables_push_key(c->L, w, c->error.word) : NULL,
                           .text = text,
                           .hint = near      ? near
                                   : hint[0] ? hint
                                             : NULL};
}

static _Noreturn void fail(struct call *c, const struct fw_words *w)
{
  struct rt_error e = error_of(c, w);
  rt_raise(c->L, &c->op, &e);
}

/* ---- words of the verbs ---------------------------------------------------------------------- */

static const char *chain_argument(struct call *c, int idx, bool needed)
{
  lua_State *L = c->L;
  if (lua_isnoneornil(L, idx) && !needed)
    return NULL;
  if (lua_type(L, idx) != LUA_TSTRING)
    rt_raisef(L, &c->op, EINVAL, NULL, NULL, "the name of a chain is needed, not %s",
              rt_typename(L, idx));
  return lua_tostring(L, idx);
}

/* "-t nat" if the options or the rule at idx say so. */
static void table_word(struct call *c, int idx)
{
  lua_State *L = c->L;
  const struct iptables_rule *r = iptables_test_rule(L, idx);
  const char *table = r ? fw_tables[r->table].name : NULL;
  if (lua_istable(L, idx)) {
    lua_pushliteral(L, "table");
    if (lua_rawget(L, idx) != LUA_TNIL && lua_type(L, -1) != LUA_TSTRING)
      rt_raisef(L, &c->op, EINVAL, "table", NULL, "the name of a table is needed, not %s",
                rt_typename(L, -1));
    table = lua_tostring(L, -1); /* which the options keep */
    lua_pop(L, 1);
  }
  if (table == NULL || strcmp(table, "filter") == 0)
    return;
  if (fw_table_find(table) < 0)
    rt_raisef(L, &c->op, EINVAL, "table", "The tables are filter, nat, mangle, raw and security.",
              "no table `%s'", table);
  iptables_word("-t");
  iptables_word(table);
}

static void number_word(lua_Integer number)
{
  char text[24];
  snprintf(text, sizeof text, "%lld", (long long)number);
  iptables_word(text);
}

/* A position: from 1. */
static lua_Integer position_argument(struct call *c, int idx)
{
  int ok;
  lua_Integer n = lua_tointegerx(c->L, idx, &ok);
  if (!ok || n < 1 || n > INT32_MAX)
    rt_raisef(c->L, &c->op, EINVAL, NULL,
              lua_istable(c->L, idx) ? "The rule comes first, then its position." : NULL,
              "a position is a number from 1, not %s", rt_shown(c->L, idx));
  return n;
}

/* ---- running --------------------------------------------------------------------------------- */

/* For the observer: the command as one would type it. */
static const char *push_command(struct call *c, const struct fw_words *w)
{
  struct fw_text t = {0};
  fw_text_str(&t, c->f->module);
  for (int i = 0; i < w->n; i++)
    fw_text_word(&t, w->v[i]);
  const char *text = t.failed ? "" : lua_pushlstring(c->L, t.p, t.len);
  fw_text_free(&t);
  return text;
}

/* The same for what looks: "iptables -t nat -S FORWARD", "iptables-save -t nat -c". */
static void say_look(struct call *c, const char *program, int table, const char *option,
                     const char *chain)
{
  if (!rt_observed(c->L))
    return;
  bool other = table >= 0 && strcmp(fw_tables[table].name, "filter") != 0;
  bool named = other || (table >= 0 && program[0]);
  c->op.command =
      lua_pushfstring(c->L, "%s%s%s%s%s%s%s%s", c->f->module, program, named ? " -t " : "",
                      named ? fw_tables[table].name : "", option[0] ? " " : "", option,
                      chain ? " " : "", chain ? chain : "");
}

static void read_words(struct call *c, struct fw_words *w)
{
  struct fw_reading how = {
      .family = c->f->family, .netns = c->netns, .table = fw_table_find("filter")};
  if (fw_words_seal(w) < 0)
    rt_raise(c->L, &c->op, &(struct rt_error){.err = ENOMEM});
  if (rt_observed(c->L))
    c->op.command = push_command(c, w);
  if (fw_command_read(&command, &how, w, &c->error) < 0)
    fail(c, w);
}

/* The box for the changes of this call. */
static struct tx *new_tx(struct call *c)
{
  struct tx *tx = rt_new(c->L, &tx_class, sizeof *tx, 1);
  lua_toclose(c->L, -1);
  tx->ch = (struct fw_changes){.family = c->f->family, .netns = c->netns};
  return tx;
}

/* Remembers the Lua line that asked for the next change. */
static void note_site(struct call *c, enum fw_verb verb)
{
  struct tx *tx = c->tx;
  lua_State *L = c->L;
  lua_Debug ar = {.source = "", .currentline = 0};
  if (tx->sites == tx->cap) {
    unsigned cap = tx->cap ? 2 * tx->cap : 64;
    struct site *grown = reallocarray(tx->site, cap, sizeof *grown);
    if (grown == NULL)
      rt_raise(L, &c->op, &(struct rt_error){.err = ENOMEM});
    tx->site = grown;
    tx->cap = cap;
  }
  for (int level = 1; lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline > 0)
      break;
  }
  if (ar.source != tx->source) {
    tx->source = ar.source;
    lua_getiuservalue(L, lua_upvalueindex(1), 1);
    lua_pushstring(L, ar.short_src);
    lua_rawseti(L, -2, ++tx->sources);
    lua_pop(L, 1);
  }
  tx->site[tx->sites++] = (struct site){tx->sources, ar.currentline, verb};
}

static void note_messages(struct call *c, const struct tx *tx)
{
  if (!rt_observed(c->L) || tx->ch.sent == NULL)
    return;
  const struct nlmsghdr *h = (const void *)tx->ch.sent;
  for (int left = (int)tx->ch.sent_len; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left))
    rt_op_message(c->L, &c->op, true, h, h->nlmsg_len);
}

static void commit(struct call *c, struct tx *tx, const struct fw_words *w)
{
  int r = fw_commit(&tx->ch, &c->error);
  note_messages(c, tx);
  if (r < 0)
    fail(c, w);
}

/* Does the changes of the command that was read, or adds them to the transaction. */
static void change(struct call *c, const struct fw_words *w)
{
  struct tx *tx = c->tx;
  if (tx == NULL) {
    tx = new_tx(c);
    if (fw_changes_add(&tx->ch, &command, 1, &c->error) < 0)
      fail(c, w);
    commit(c, tx, w);
    return;
  }
  note_site(c, command.verb);
  if (fw_changes_add(&tx->ch, &command, tx->sites, &c->error) < 0)
    fail(c, w);
  if (c->op.command) {
    fw_text_str(&tx->commands, tx->commands.len ? "\n" : "");
    fw_text_str(&tx->commands, c->op.command);
  }
}

/* A change outside of a transaction is an operation of its own. */
static int run_change(struct call *c, struct fw_words *w)
{
  if (c->tx == NULL)
    rt_op_begin(c->L, &c->op);
  read_words(c, w);
  change(c, w);
  if (c->tx == NULL)
    rt_op_end(c->L, &c->op, 0);
  return 0;
}

/* ---- verbs that change ----------------------------------------------------------------------- */

/* VERB(CHAIN, RULE[, POSITION]) */
static int rule_verb(lua_State *L, const struct iptables_family *f, const char *verb,
                     const char *option, bool position)
{
  struct call c;
  begin(L, &c, f, verb, 3);
  c.op.key = chain_argument(&c, 1, true);
  c.op.options = lua_istable(L, 2) || lua_isuserdata(L, 2) ? 2 : 0;
  struct fw_words *w = iptables_begin();
  table_word(&c, 2);
  iptables_word(option);
  iptables_word(c.op.key);
  if (position)
    number_word(lua_isnil(L, 3) ? 1 : position_argument(&c, 3));
  iptables_rule_words(L, &c.op, f, 2);
  return run_change(&c, w);
}

static int do_append(lua_State *L, const struct iptables_family *f)
{
  return rule_verb(L, f, "append", "-A", false);
}

static int do_insert(lua_State *L, const struct iptables_family *f)
{
  return rule_verb(L, f, "insert", "-I", true);
}

static int do_replace(lua_State *L, const struct iptables_family *f)
{
  return rule_verb(L, f, "replace", "-R", true);
}

/* delete(CHAIN, RULE), delete(CHAIN, POSITION[, OPTIONS]) */
static int do_delete(lua_State *L, const struct iptables_family *f)
{
  if (lua_type(L, 2) != LUA_TNUMBER)
    return rule_verb(L, f, "delete", "-D", false);
  struct call c;
  begin(L, &c, f, "delete", 3);
  c.op.key = chain_argument(&c, 1, true);
  c.op.options = lua_istable(L, 3) ? 3 : 0;
  struct fw_words *w = iptables_begin();
  table_word(&c, 3);
  iptables_word("-D");
  iptables_word(c.op.key);
  number_word(position_argument(&c, 2));
  return run_change(&c, w);
}

/* Verbs that take a chain, or none, and options. VERB(OPTIONS) is VERB(nil, OPTIONS). */
struct chain_verb {
  const char *verb, *option;
  bool needed;
  const char *const *keys;
};

static const char *const table_keys[] = {"table", NULL};
static const char *const zero_keys[] = {"table", "position", NULL};

static struct fw_words *chain_words(lua_State *L, struct call *c, const struct iptables_family *f,
                                    const struct chain_verb *v)
{
  if (lua_istable(L, 1) && lua_isnoneornil(L, 2)) {
    lua_settop(L, 1);
    lua_pushnil(L);
    lua_insert(L, 1);
  }
  begin(L, c, f, v->verb, 2);
  c->op.key = chain_argument(c, 1, v->needed);
  rt_check_keys(L, &c->op, 2, v->keys);
  c->op.options = lua_istable(L, 2) ? 2 : 0;
  struct fw_words *w = iptables_begin();
  table_word(c, 2);
  iptables_word(v->option);
  if (c->op.key)
    iptables_word(c->op.key);
  return w;
}

static int do_flush(lua_State *L, const struct iptables_family *f)
{
  static const struct chain_verb v = {"flush", "-F", false, table_keys};
  struct call c;
  struct fw_words *w = chain_words(L, &c, f, &v);
  return run_change(&c, w);
}

static int do_zero(lua_State *L, const struct iptables_family *f)
{
  static const struct chain_verb v = {"zero", "-Z", false, zero_keys};
  struct call c;
  struct fw_words *w = chain_words(L, &c, f, &v);
  lua_Integer position = rt_opt_integer(L, &c.op, 2, "position", 1, INT32_MAX, 0);
  if (position > 0 && c.op.key == NULL)
    rt_raisef(L, &c.op, EINVAL, "position", NULL, "a position needs a chain");
  if (position > 0)
    number_word(position);
  return run_change(&c, w);
}

static int do_new_chain(lua_State *L, const struct iptables_family *f)
{
  static const struct chain_verb v = {"new_chain", "-N", true, table_keys};
  struct call c;
  struct fw_words *w = chain_words(L, &c, f, &v);
  return run_change(&c, w);
}

static int do_delete_chain(lua_State *L, const struct iptables_family *f)
{
  static const struct chain_verb v = {"delete_chain", "-X", false, table_keys};
  struct call c;
  struct fw_words *w = chain_words(L, &c, f, &v);
  return run_change(&c, w);
}

static int do_rename_chain(lua_State *L, const struct iptables_family *f)
{
  struct call c;
  begin(L, &c, f, "rename_chain", 3);
  c.op.key = chain_argument(&c, 1, true);
  const char *name = chain_argument(&c, 2, true);
  rt_check_keys(L, &c.op, 3, table_keys);
  c.op.options = lua_istable(L, 3) ? 3 : 0;
  struct fw_words *w = iptables_begin();
  table_word(&c, 3);
  iptables_word("-E");
  iptables_word(c.op.key);
  iptables_word(name);
  return run_change(&c, w);
}

/* ---- policy ---------------------------------------------------------------------------------- */

static int table_option(struct call *c, int idx)
{
  const char *name = rt_opt_string(c->L, &c->op, idx, "table", "filter");
  int table = fw_table_find(name);
  if (table < 0)
    rt_raisef(c->L, &c->op, EINVAL, "table",
              "The tables are filter, nat, mangle, raw and security.", "no table `%s'", name);
  return table;
}

/* What the kernel has; it lives in a box until the call is over. */
static int view_close(lua_State *L)
{
  fw_view_free(lua_touserdata(L, 1));
  return 0;
}

static const struct rt_class view_class = {.name = "nslab.iptables.view", .close = view_close};

static struct fw_view *read_view(struct call *c, int table, const char *chain, bool rules)
{
  struct fw_view *v = rt_new(c->L, &view_class, sizeof *v, 0);
  struct fw_want want = {.family = c->f->family,
                         .netns = c->netns,
                         .table = table,
                         .chain = chain,
                         .rules = rules,
                         .imagine = true};
  if (fw_view_read(v, &want, &c->error) < 0)
    fail(c, NULL);
  if (chain && fw_view_chain(v, table, chain) == NULL) {
    command.table = table;
    c->error = (struct fw_error){.err = ENOENT, .unknown = FW_NO_CHAIN};
    snprintf(c->error.name, sizeof c->error.name, "%s", chain);
    snprintf(c->error.text, sizeof c->error.text, "no chain `%.128s' in table %s", chain,
             fw_tables[table].name);
    fail(c, NULL);
  }
  return v;
}

static void push_policy(lua_State *L, const struct fw_chain *chain)
{
  if (chain->hook)
    lua_pushstring(L, chain->policy == NF_DROP ? "DROP" : "ACCEPT");
  else
    lua_pushnil(L);
}

static int get_policy(struct call *c)
{
  lua_State *L = c->L;
  int table = table_option(c, 3);
  only_outside(c);
  say_look(c, "", table, "-S", c->op.key);
  rt_op_begin(L, &c->op);
  const struct fw_view *v = read_view(c, table, c->op.key, false);
  const struct fw_chain *chain = fw_view_chain(v, table, c->op.key);
  push_policy(L, chain);
  lua_pushinteger(L, (lua_Integer)chain->packets);
  lua_pushinteger(L, (lua_Integer)chain->bytes);
  rt_op_end(L, &c->op, -3);
  return 3;
}

/* policy(CHAIN, TARGET[, OPTIONS]); policy(CHAIN[, OPTIONS]) asks. */
static int do_policy(lua_State *L, const struct iptables_family *f)
{
  static const char *const keys[] = {"table", "set_counters", NULL};
  struct call c;
  if (lua_istable(L, 2)) {
    lua_settop(L, 2);
    lua_pushnil(L);
    lua_insert(L, 2);
  }
  begin(L, &c, f, "policy", 3);
  c.op.key = chain_argument(&c, 1, true);
  rt_check_keys(L, &c.op, 3, keys);
  c.op.options = lua_istable(L, 3) ? 3 : 0;
  if (lua_isnil(L, 2))
    return get_policy(&c);
  if (lua_type(L, 2) != LUA_TSTRING)
    rt_raisef(L, &c.op, EINVAL, NULL, NULL, "a policy is \"ACCEPT\" or \"DROP\", not %s",
              rt_typename(L, 2));
  struct fw_words *w = iptables_begin();
  table_word(&c, 3);
  iptables_word("-P");
  iptables_word(c.op.key);
  iptables_word(lua_tostring(L, 2));
  if (c.op.options)
    iptables_counter_words(L, &c.op, f, 3);
  return run_change(&c, w);
}

/* ---- verbs that answer ----------------------------------------------------------------------- */

static int do_check(lua_State *L, const struct iptables_family *f)
{
  struct call c;
  bool found;
  begin(L, &c, f, "check", 2);
  only_outside(&c);
  c.op.key = chain_argument(&c, 1, true);
  c.op.options = lua_istable(L, 2) || lua_isuserdata(L, 2) ? 2 : 0;
  struct fw_words *w = iptables_begin();
  table_word(&c, 2);
  iptables_word("-C");
  iptables_word(c.op.key);
  iptables_rule_words(L, &c.op, f, 2);
  rt_op_begin(L, &c.op);
  read_words(&c, w);
  if (fw_check(&command, c.netns, &found, &c.error) < 0)
    fail(&c, w);
  lua_pushboolean(L, found);
  rt_op_end(L, &c.op, -1);
  return 1;
}

/* list's arguments: (CHAIN, OPTIONS), (CHAIN), (OPTIONS). */
static const char *list_arguments(lua_State *L, struct call *c, const struct iptables_family *f,
                                  const char *verb, int *ret_table)
{
  static const char *const keys[] = {"table", "chain", NULL};
  if (lua_istable(L, 1)) {
    lua_settop(L, 1);
    lua_pushnil(L);
    lua_insert(L, 1);
  }
  begin(L, c, f, verb, 2);
  only_outside(c);
  rt_check_keys(L, &c->op, 2, keys);
  const char *chain = chain_argument(c, 1, false);
  if (chain == NULL)
    chain = rt_opt_string(L, &c->op, 2, "chain", NULL);
  c->op.key = chain;
  c->op.options = lua_istable(L, 2) ? 2 : 0;
  *ret_table = table_option(c, 2);
  say_look(c, "", *ret_table, "-S", chain);
  return chain;
}

static bool in_list(const struct fw_chain *chain, int table, const char *name)
{
  return chain->table == table && (name == NULL || strcmp(name, chain->name) == 0);
}

static void push_chain(lua_State *L, const struct fw_chain *chain)
{
  lua_createtable(L, 0, 5);
  lua_pushstring(L, chain->name);
  lua_setfield(L, -2, "name");
  if (chain->hook) {
    push_policy(L, chain);
    lua_setfield(L, -2, "policy");
    lua_pushinteger(L, (lua_Integer)chain->packets);
    lua_setfield(L, -2, "packets");
    lua_pushinteger(L, (lua_Integer)chain->bytes);
    lua_setfield(L, -2, "bytes");
  } else {
    lua_pushinteger(L, (lua_Integer)chain->uses - (lua_Integer)chain->rules);
    lua_setfield(L, -2, "references");
  }
}

static void add_line(lua_State *L, luaL_Buffer *b)
{
  luaL_tolstring(L, -1, NULL);
  lua_remove(L, -2);
  luaL_addvalue(b);
  luaL_addchar(b, '\n');
}

/* The whole of iptables -S. */
static int list_tostring(lua_State *L)
{
  luaL_Buffer b;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_getfield(L, 1, "chains");
  lua_Integer chains = lua_istable(L, 2) ? (lua_Integer)lua_rawlen(L, 2) : 0;
  luaL_buffinit(L, &b);
  for (lua_Integer i = 1; i <= chains; i++) {
    lua_rawgeti(L, 2, i);
    bool base = lua_getfield(L, -1, "policy") == LUA_TSTRING;
    lua_getfield(L, -2, "name");
    if (base)
      lua_pushfstring(L, "-P %s %s", lua_tostring(L, -1), lua_tostring(L, -2));
    else
      lua_pushfstring(L, "-N %s", lua_tostring(L, -1));
    lua_replace(L, -4);
    lua_pop(L, 2);
    add_line(L, &b);
  }
  for (lua_Integer i = 1; lua_rawgeti(L, 1, i) != LUA_TNIL; i++)
    add_line(L, &b);
  lua_pop(L, 1);
  luaL_pushresult(&b);
  size_t len;
  const char *text = lua_tolstring(L, -1, &len);
  if (len > 0)
    lua_pushlstring(L, text, len - 1); /* like any tostring, without the end of its last line */
  return 1;
}

static const luaL_Reg list_meta[] = {{"__tostring", list_tostring}, {NULL, NULL}};
static const struct rt_class list_class = {.name = "nslab.iptables.list", .metamethods = list_meta};

static int do_list(lua_State *L, const struct iptables_family *f)
{
  struct call c;
  int table;
  const char *chain = list_arguments(L, &c, f, "list", &table);
  rt_op_begin(L, &c.op);
  const struct fw_view *v = read_view(&c, table, chain, true);
  lua_Integer rules = 0, chains = 0;
  unsigned count = 0;
  for (unsigned i = 0; i < v->chains; i++)
    count += in_list(v->chain[i], table, chain) ? v->chain[i]->rules : 0;
  lua_createtable(L, (int)count, 1);
  lua_newtable(L);
  for (unsigned i = 0; i < v->chains; i++) {
    if (!in_list(v->chain[i], table, chain))
      continue;
    push_chain(L, v->chain[i]);
    lua_rawseti(L, -2, ++chains);
    for (unsigned k = 0; k < v->chain[i]->rules; k++) {
      iptables_push_rule(L, f, v->chain[i], k);
      lua_rawseti(L, -3, ++rules);
    }
  }
  lua_setfield(L, -2, "chains");
  rt_set_class(L, &list_class);
  rt_op_end(L, &c.op, -1);
  return 1;
}

/* The state of an iteration: upvalues are the view's box, the family, the chain and rule that are
 * next. */
static int each_next(lua_State *L)
{
  const struct fw_view *v = lua_touserdata(L, lua_upvalueindex(1));
  const struct iptables_family *f = lua_touserdata(L, lua_upvalueindex(2));
  unsigned chain = (unsigned)lua_tointeger(L, lua_upvalueindex(3));
  unsigned rule = (unsigned)lua_tointeger(L, lua_upvalueindex(4));
  while (chain < v->chains && rule >= v->chain[chain]->rules) {
    chain++;
    rule = 0;
  }
  if (chain >= v->chains)
    return 0;
  iptables_push_rule(L, f, v->chain[chain], rule);
  lua_pushinteger(L, chain);
  lua_replace(L, lua_upvalueindex(3));
  lua_pushinteger(L, rule + 1);
  lua_replace(L, lua_upvalueindex(4));
  return 1;
}

static int do_each(lua_State *L, const struct iptables_family *f)
{
  struct call c;
  int table;
  const char *chain = list_arguments(L, &c, f, "each", &table);
  rt_op_begin(L, &c.op);
  read_view(&c, table, chain, true);
  int box = lua_gettop(L);
  rt_op_end(L, &c.op, 0);
  lua_pushvalue(L, box);
  lua_pushlightuserdata(L, (void *)(uintptr_t)f);
  lua_pushinteger(L, 0);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, each_next, 4);
  return 1;
}

/* ---- whole tables ---------------------------------------------------------------------------- */

/* A text that is freed on every way out. */
static int text_close(lua_State *L)
{
  fw_text_free(lua_touserdata(L, 1));
  return 0;
}

static const struct rt_class text_class = {.name = "nslab.iptables.text", .close = text_close};

static struct fw_text *new_text(lua_State *L)
{
  struct fw_text *t = rt_new(L, &text_class, sizeof *t, 0);
  lua_toclose(L, -1);
  return t;
}

static void push_text(lua_State *L, const struct fw_text *t)
{
  lua_pushlstring(L, t->len > 0 ? t->p : "", t->len);
}

/* One table, or -1 for all. */
static int some_table(struct call *c, int idx)
{
  return rt_opt_string(c->L, &c->op, idx, "table", NULL) ? table_option(c, idx) : -1;
}

static int do_save(lua_State *L, const struct iptables_family *f)
{
  static const char *const keys[] = {"table", "counters", NULL};
  struct call c;
  begin(L, &c, f, "save", 1);
  only_outside(&c);
  rt_check_keys(L, &c.op, 1, keys);
  c.op.options = lua_istable(L, 1) ? 1 : 0;
  int table = some_table(&c, 1);
  bool counters = rt_opt_boolean(L, &c.op, 1, "counters", false);
  say_look(&c, "-save", table, counters ? "-c" : "", NULL);
  rt_op_begin(L, &c.op);
  struct fw_text *t = new_text(L);
  if (fw_save(f->family, c.netns, table, counters, t, &c.error) < 0)
    fail(&c, NULL);
  push_text(L, t);
  rt_op_end(L, &c.op, -1);
  return 1;
}

/* The line that an error is about is its hint. */
static void hint_line(struct call *c, const char *text, size_t len)
{
  const char *p = text, *end = text + len;
  for (uint32_t i = 1; i < c->error.line && p; i++) {
    p = memchr(p, '\n', (size_t)(end - p));
    p = p ? p + 1 : NULL;
  }
  if (p == NULL || c->error.hint[0] || p == end)
    return;
  const char *newline = memchr(p, '\n', (size_t)(end - p));
  snprintf(c->error.hint, sizeof c->error.hint, "%.*s",
           (int)((newline ? newline : end) - p) < 200 ? (int)((newline ? newline : end) - p) : 200,
           p);
}

/* For the observer: the options and the text, as one table; its index. */
static int restore_options(lua_State *L)
{
  lua_newtable(L);
  if (lua_istable(L, 2))
    for (lua_pushnil(L); lua_next(L, 2);) {
      lua_pushvalue(L, -2);
      lua_insert(L, -2);
      lua_rawset(L, -4);
    }
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, "text");
  return lua_gettop(L);
}

static int do_restore(lua_State *L, const struct iptables_family *f)
{
  static const char *const keys[] = {"table", "counters", "noflush", NULL};
  struct call c;
  size_t len;
  begin(L, &c, f, "restore", 2);
  if (lua_type(L, 1) != LUA_TSTRING)
    rt_raisef(L, &c.op, EINVAL, NULL, NULL, "a text in iptables-save's format is needed, not %s",
              rt_typename(L, 1));
  const char *text = lua_tolstring(L, 1, &len);
  rt_check_keys(L, &c.op, 2, keys);
  c.op.options = rt_observed(L) ? restore_options(L) : 0;
  struct fw_restoring how = {.table = some_table(&c, 2),
                             .counters = rt_opt_boolean(L, &c.op, 2, "counters", false),
                             .keep = rt_opt_boolean(L, &c.op, 2, "noflush", false)};
  struct tx *tx = c.tx;
  if (tx) {
    note_site(&c, FW_NONE);
    how.number = tx->sites;
  } else {
    rt_op_begin(L, &c.op);
    tx = new_tx(&c);
  }
  int r = fw_changes_restore(&tx->ch, text, len, &how, &c.error);
  if (r == 0 && c.tx == NULL) {
    r = fw_commit(&tx->ch, &c.error);
    c.error.line = r < 0 ? c.error.change : 0;
    note_messages(&c, tx);
  }
  if (r < 0) {
    hint_line(&c, text, len);
    fail(&c, NULL);
  }
  if (c.tx == NULL)
    rt_op_end(L, &c.op, 0);
  return 0;
}

/* ---- transactions ---------------------------------------------------------------------------- */

static const char *const verb_names[FW_VERBS] = {
    [FW_NONE] = "restore",
    [FW_APPEND] = "append",
    [FW_INSERT] = "insert",
    [FW_REPLACE] = "replace",
    [FW_DELETE] = "delete",
    [FW_DELETE_NUMBER] = "delete",
    [FW_CHECK] = "check",
    [FW_LIST] = "list",
    [FW_LIST_RULES] = "list",
    [FW_FLUSH] = "flush",
    [FW_ZERO] = "zero",
    [FW_ZERO_NUMBER] = "zero",
    [FW_NEW_CHAIN] = "new_chain",
    [FW_DELETE_CHAIN] = "delete_chain",
    [FW_RENAME_CHAIN] = "rename_chain",
    [FW_POLICY] = "policy",
    [FW_HELP] = "help",
    [FW_VERSION] = "version",
};

/* The error of one change, with the Lua line that asked for it instead of the transaction's. */
static _Noreturn void fail_change(struct call *c, struct tx *tx, int box)
{
  lua_State *L = c->L;
  unsigned i = c->error.change;
  if (i == 0 || i > tx->sites)
    fail(c, NULL);
  const struct site *site = &tx->site[i - 1];
  c->op.verb = verb_names[site->verb];
  c->op.key = fw_change_chain(&tx->ch, i);
  struct rt_error e = error_of(c, NULL);
  e.text =
      lua_pushfstring(L, "change %d of %d of the transaction: %s", (int)i, (int)tx->sites, e.text);
  rt_push_error(L, &c->op, &e);
  lua_getiuservalue(L, box, 1);
  lua_rawgeti(L, -1, site->source);
  lua_pushfstring(L, "%s:%d", lua_tostring(L, -1), site->line);
  lua_setfield(L, -4, "where");
  lua_pop(L, 2);
  lua_pushinteger(L, i);
  lua_setfield(L, -2, "change");
  lua_error(L);
  __builtin_unreachable();
}

static int transaction(lua_State *L, const struct iptables_family *f, const struct rt_module *m)
{
  struct call c;
  begin(L, &c, f, "transaction", 1);
  if (c.tx)
    rt_raisef(L, &c.op, EINVAL, NULL, NULL, "a transaction has none inside");
  if (lua_type(L, 1) != LUA_TFUNCTION)
    rt_raisef(L, &c.op, EINVAL, NULL, NULL, "a function is needed, not %s", rt_typename(L, 1));
  struct tx *tx = new_tx(&c);
  int box = lua_gettop(L);
  tx->netns = *netns_ref_of_call(L);
  tx->open = true;
  lua_newtable(L);
  lua_setiuservalue(L, box, 1);
  lua_pushvalue(L, 1);
  rt_push_module(L, m, box);
  lua_call(L, 1, 0);
  tx->open = false;
  rt_op_begin(L, &c.op);
  if (tx->commands.len > 0)
    c.op.command = tx->commands.p;
  int r = fw_commit(&tx->ch, &c.error);
  note_messages(&c, tx);
  if (r < 0)
    fail_change(&c, tx, box);
  rt_op_end(L, &c.op, 0);
  return 0;
}

/* ---- the command as a string ----------------------------------------------------------------- */

/* What people paste may begin with "sudo iptables". */
static void drop_program(struct call *c, struct fw_words *w)
{
  int n = 0;
  if (n < w->n && strcmp(w->v[n], "sudo") == 0)
    n++;
  if (n < w->n && strcmp(w->v[n], c->f->module) == 0)
    n++;
  if (n == 0)
    return;
  w->n -= n;
  memmove(w->v, w->v + n, (size_t)(w->n + 1) * sizeof *w->v);
  memmove(w->at, w->at + n, (size_t)w->n * sizeof *w->at);
  memmove(w->place, w->place + n, (size_t)w->n * sizeof *w->place);
}

static int say_verbose(struct call *c)
{
  if (!command.verbose)
    return 0;
  struct fw_text *t = new_text(c->L);
  fw_command_print(&command, t);
  push_text(c->L, t);
  return 1;
}

static bool has_rule(void)
{
  return command.verb == FW_APPEND || command.verb == FW_INSERT || command.verb == FW_REPLACE ||
         command.verb == FW_DELETE;
}

static int string_change(struct call *c, struct fw_words *w)
{
  if (c->tx == NULL)
    rt_op_begin(c->L, &c->op);
  change(c, w);
  if (c->tx == NULL)
    rt_op_end(c->L, &c->op, 0);
  return has_rule() ? say_verbose(c) : 0;
}

static int string_check(struct call *c, struct fw_words *w)
{
  bool found;
  only_outside(c);
  rt_op_begin(c->L, &c->op);
  if (fw_check(&command, c->netns, &found, &c->error) < 0)
    fail(c, w);
  lua_pushboolean(c->L, found);
  rt_op_end(c->L, &c->op, -1);
  return 1;
}

static int string_list(struct call *c, struct fw_words *w)
{
  lua_State *L = c->L;
  only_outside(c);
  rt_op_begin(L, &c->op);
  struct fw_text *t = new_text(L);
  if (fw_list(&command, c->netns, t, &c->error) < 0)
    fail(c, w);
  if (command.zero) {
    command.verb = command.number ? FW_ZERO_NUMBER : FW_ZERO;
    change(c, w);
  }
  push_text(L, t);
  rt_op_end(L, &c->op, -1);
  return 1;
}

static int string_help(struct call *c, struct fw_words *w)
{
  (void)w;
  struct fw_text *t = new_text(c->L);
  fw_help(&command, c->f->module, t);
  push_text(c->L, t);
  return 1;
}

static int string_version(struct call *c, struct fw_words *w)
{
  (void)w;
  lua_pushfstring(c->L, "%s of nslab (nf_tables, libxtables %s)", c->f->module, fw_version());
  return 1;
}

static int do_call(lua_State *L, const struct iptables_family *f)
{
  static int (*const other[FW_VERBS])(struct call * c,
                                      struct fw_words * w) = {[FW_CHECK] = string_check,
                                                              [FW_LIST] = string_list,
                                                              [FW_LIST_RULES] = string_list,
                                                              [FW_HELP] = string_help,
                                                              [FW_VERSION] = string_version};
  struct call c;
  size_t len;
  lua_settop(L, 2);
  lua_remove(L, 1); /* the module itself */
  begin(L, &c, f, "call", 1);
  if (lua_type(L, 1) != LUA_TSTRING)
    rt_raisef(L, &c.op, EINVAL, NULL,
              "The table form is a verb: iptables.append(\"INPUT\", { ... }).",
              "a command is needed as a string, not %s", rt_typename(L, 1));
  const char *text = lua_tolstring(L, 1, &len);
  struct fw_words *w = iptables_begin();
  if (fw_words_split(w, text, len, FW_SHELL, &c.error) < 0)
    fail(&c, NULL);
  drop_program(&c, w);
  struct fw_reading how = {.family = f->family, .netns = c.netns, .table = fw_table_find("filter")};
  if (rt_observed(L))
    c.op.command = push_command(&c, w);
  int r = fw_command_read(&command, &how, w, &c.error);
  c.op.key = command.chain;
  if (r < 0) {
    int word = c.error.word;
    c.error.column = word >= 0 && word < w->n ? w->place[word] : 0;
    fail(&c, NULL);
  }
  c.op.verb = verb_names[command.verb];
  return other[command.verb] ? other[command.verb](&c, w) : string_change(&c, w);
}

/* ---- the two modules ------------------------------------------------------------------------- */

static const struct iptables_family ip4 = {"iptables", NFPROTO_IPV4};
static const struct iptables_family ip6 = {"ip6tables", NFPROTO_IPV6};

/* iptables.append is iptables_append, which is do_append of its family. */
#define VERB(verb)                                                                                 \
  static int iptables_##verb(lua_State *L)                                                         \
  {                                                                                                \
    return do_##verb(L, &ip4);                                                                     \
  }                                                                                                \
  static int ip6tables_##verb(lua_State *L)                                                        \
  {                                                                                                \
    return do_##verb(L, &ip6);                                                                     \
  }
VERB(append)
VERB(insert)
VERB(replace)
VERB(delete)
VERB(check)
VERB(list)
VERB(each)
VERB(flush)
VERB(zero)
VERB(new_chain)
VERB(delete_chain)
VERB(rename_chain)
VERB(policy)
VERB(save)
VERB(restore)
VERB(call)

static int iptables_transaction(lua_State *L)
{
  return transaction(L, &ip4, &iptables_module);
}

static int ip6tables_transaction(lua_State *L)
{
  return transaction(L, &ip6, &ip6tables_module);
}

#define CHAIN                                                                                      \
  {                                                                                                \
    "chain", "string", "\"INPUT\", or a chain of your own"                                         \
  }
#define RULE                                                                                       \
  {                                                                                                \
    "rule", "iptables.Rule", "options, e.g. { protocol = \"tcp\", dport = 22, jump = \"ACCEPT\" }" \
  }
#define TABLE                                                                                      \
  {                                                                                                \
    "options?", "{ table?: string }", "another table than filter"                                  \
  }
#define MANUAL "iptables(8), iptables-extensions(8)"

/* The rows of both modules: P is the prefix of the functions, M the module, NET a network. */
#define ROWS(P, M, NET)                                                                            \
  {                                                                                                \
    {.name = "append",                                                                             \
     .fn = P##_append,                                                                             \
     .doc = "Adds a rule at the end of a chain.",                                                  \
     .params = {CHAIN, RULE},                                                                      \
     .errors = "ENOENT no such chain, match or target\nEINVAL an option or a value is wrong\n"     \
               "EOPNOTSUPP not possible in this table or chain",                                   \
     .example = M ".append(\"INPUT\", { source = \"" NET "\", protocol = \"tcp\", dport = 22, "    \
                  "jump = \"ACCEPT\" })\nprint(" M ".list())",                                     \
     .source = MANUAL},                                                                            \
        {.name = "insert",                                                                         \
         .fn = P##_insert,                                                                         \
         .doc = "Puts a rule before another one, or first.",                                       \
         .params = {CHAIN, RULE, {"position?", "integer", "1 is the first; that is the default"}}, \
         .errors = "E2BIG the chain has fewer rules\nENOENT no such chain, match or target",       \
         .example = M ".insert(\"INPUT\", { in_interface = \"lo\", jump = \"ACCEPT\" }, 1)",       \
         .source = MANUAL},                                                                        \
        {.name = "replace",                                                                        \
         .fn = P##_replace,                                                                        \
         .doc = "Puts a rule in the place of another one.",                                        \
         .params = {CHAIN, RULE, {"position?", "integer", "1 is the first; that is the default"}}, \
         .errors = "E2BIG the chain has fewer rules",                                              \
         .example = M ".append(\"INPUT\", { jump = \"DROP\" })\n" M                                \
                      ".replace(\"INPUT\", { jump = \"ACCEPT\" }, 1)",                             \
         .source = MANUAL},                                                                        \
        {.name = "delete",                                                                         \
         .fn = P##_delete,                                                                         \
         .doc = "Removes the first rule that is like the one given, or the one at a position.",    \
         .params = {CHAIN,                                                                         \
                    {"rule", "iptables.Rule|integer", "options, a rule of list(), or a position"}, \
                    {"options?", "{ table?: string }", "with a position: another table"}},         \
         .errors = "ENOENT no such rule or chain\nE2BIG the chain has fewer rules",                \
         .example = M ".append(\"INPUT\", { jump = \"DROP\" })\n" M ".delete(\"INPUT\", 1)",       \
         .source = MANUAL},                                                                        \
        {.name = "check",                                                                          \
         .fn = P##_check,                                                                          \
         .doc = "Whether a rule like that is in the chain.",                                       \
         .params = {CHAIN, RULE},                                                                  \
         .returns = {{"found", "boolean", "true if it is"}},                                       \
         .errors = "ENOENT no such chain, match or target",                                        \
         .example = "assert(not " M ".check(\"INPUT\", { jump = \"DROP\" }))",                     \
         .source = MANUAL},                                                                        \
        {.name = "list",                                                                           \
         .fn = P##_list,                                                                           \
         .doc = "The rules of a table, or of one chain. `chains` of the list has the chains with " \
                "their policies; printing the list prints what " M " -S prints.",                  \
         .params = {{"chain?", "string", "only of this chain"},                                    \
                    {"options?", "{ table?: string, chain?: string }",                             \
                     "another table than filter"}},                                                \
         .returns = {{"rules", "iptables.Rule[]",                                                  \
                      "with the keys that append takes, and packets, bytes, handle, position"}},   \
         .errors = "ENOENT no such chain\nEPERM CAP_NET_ADMIN is missing",                         \
         .example = M ".append(\"INPUT\", { protocol = \"udp\", dport = 53, jump = \"DROP\" })\n"  \
                      "assert(" M ".list(\"INPUT\")[1].dport == 53)",                              \
         .source = MANUAL},                                                                        \
        {.name = "each",                                                                           \
         .fn = P##_each,                                                                           \
         .doc = "Iterates over the rules without building a list.",                                \
         .params = {{"chain?", "string", "only of this chain"},                                    \
                    {"options?", "{ table?: string, chain?: string }",                             \
                     "another table than filter"}},                                                \
         .returns = {{"iterator", "fun(): iptables.Rule", "for a generic for"}},                   \
         .errors = "ENOENT no such chain\nEPERM CAP_NET_ADMIN is missing",                         \
         .example = "for rule in " M ".each() do print(rule.chain, rule.packets) end"},            \
        {.name = "flush",                                                                          \
         .fn = P##_flush,                                                                          \
         .doc = "Removes all rules of a chain, or of a table.",                                    \
         .params = {{"chain?", "string", "only of this chain"}, TABLE},                            \
         .errors = "ENOENT no such chain",                                                         \
         .example = M ".flush()",                                                                  \
         .source = MANUAL},                                                                        \
        {.name = "zero",                                                                           \
         .fn = P##_zero,                                                                           \
         .doc = "Sets the counters of rules and policies to 0.",                                   \
         .params = {{"chain?", "string", "only of this chain"},                                    \
                    {"options?", "{ table?: string, position?: integer }",                         \
                     "another table; only one rule"}},                                             \
         .errors = "ENOENT no such chain\nE2BIG the chain has fewer rules",                        \
         .example = M ".zero()",                                                                   \
         .source = MANUAL},                                                                        \
        {.name = "new_chain",                                                                      \
         .fn = P##_new_chain,                                                                      \
         .doc = "Makes a chain, for rules to jump to.",                                            \
         .params = {{"name", "string", "not over 28 characters"}, TABLE},                          \
         .errors = "EEXIST there is such a chain\nEINVAL the name is a target's, or too long",     \
         .example = M ".new_chain \"web\"\n" M ".append(\"INPUT\", { jump = \"web\" })",           \
         .source = MANUAL},                                                                        \
        {.name = "delete_chain",                                                                   \
         .fn = P##_delete_chain,                                                                   \
         .doc = "Removes an empty chain that nothing jumps to, or all chains of one's own.",       \
         .params = {{"name?", "string", "only this chain"}, TABLE},                                \
         .errors = "EBUSY it has rules, or rules jump to it\nENOENT no such chain",                \
         .example = M ".new_chain \"web\"\n" M ".delete_chain \"web\"",                            \
         .source = MANUAL},                                                                        \
        {.name = "rename_chain",                                                                   \
         .fn = P##_rename_chain,                                                                   \
         .doc = "Gives a chain another name. Jumps to it follow.",                                 \
         .params = {{"name", "string", "the chain"}, {"new", "string", "its name then"}, TABLE},   \
         .errors = "EEXIST there is such a chain\nENOENT no such chain",                           \
         .example = M ".new_chain \"web\"\n" M ".rename_chain(\"web\", \"www\")",                  \
         .source = MANUAL},                                                                        \
        {.name = "policy",                                                                         \
         .fn = P##_policy,                                                                         \
         .doc = "Sets what happens to a packet that no rule of a built-in chain decided on. "      \
                "Without a target: what it is.",                                                   \
         .params = {{"chain", "string", "\"INPUT\", \"FORWARD\" ..."},                             \
                    {"target?", "\"ACCEPT\"|\"DROP\"", "the policy"},                              \
                    {"options?", "{ table?: string, set_counters?: integer[] }",                   \
                     "another table than filter; { PACKETS, BYTES }"}},                            \
         .returns = {{"policy", "string?", "when asked: \"ACCEPT\" or \"DROP\""},                  \
                     {"packets", "integer?", "that it decided on"},                                \
                     {"bytes", "integer?", "of them"}},                                            \
         .errors = "ENOENT not a built-in chain\nEINVAL not a policy",                             \
         .example = M ".policy(\"FORWARD\", \"DROP\")\nassert(" M ".policy \"FORWARD\" == "        \
                      "\"DROP\")",                                                                 \
         .source = MANUAL},                                                                        \
        {.name = "save",                                                                           \
         .fn = P##_save,                                                                           \
         .doc = "All tables as text, as " M "-save prints them.",                                  \
         .params = {{"options?", "{ table?: string, counters?: boolean }",                         \
                     "only one table; with the counters of the rules"}},                           \
         .returns = {{"text", "string", "what restore takes"}},                                    \
         .errors = "EPERM CAP_NET_ADMIN is missing",                                               \
         .example = M ".restore(" M ".save())",                                                    \
         .source = "iptables-save(8)"},                                                            \
        {.name = "restore",                                                                        \
         .fn = P##_restore,                                                                        \
         .doc = "Does what a text of " M "-save says, in one transaction. A bad line is named, "   \
                "and then nothing has changed.",                                                   \
         .params = {{"text", "string", "tables in " M "-save's format"},                           \
                    {"options?", "{ table?: string, counters?: boolean, noflush?: boolean }",      \
                     "only one table; set the counters; add to the rules that are there"}},        \
         .errors = "EINVAL a line is wrong\nENOENT no such chain, match or target",                \
         .example = M ".restore \"*filter\\n:INPUT DROP [0:0]\\nCOMMIT\\n\"",                      \
         .source = "iptables-restore(8)"},                                                         \
        {.name = "transaction",                                                                    \
         .fn = P##_transaction,                                                                    \
         .doc = "Many changes at once: all of them, or none. They take effect when the function "  \
                "has returned.",                                                                   \
         .params = {{"fn", "fun(t: table)",                                                        \
                     "gets a module to make changes with: t.append(...), t \"-A ...\""}},          \
         .errors = "what the changes raise; the error names the change and its line",              \
         .example =                                                                                \
             M ".transaction(function(t)\n  t.policy(\"INPUT\", \"DROP\")\n"                       \
               "  t.append(\"INPUT\", { in_interface = \"lo\", jump = \"ACCEPT\" })\nend)"},       \
    {                                                                                              \
      .name = NULL                                                                                 \
    }                                                                                              \
  }

static const struct rt_func iptables_funcs[] = ROWS(iptables, "iptables", "192.0.2.0/24");
static const struct rt_func ip6tables_funcs[] = ROWS(ip6tables, "ip6tables", "2001:db8::/32");

static const struct rt_lack lacks[] = {
    {"add", "append"}, {"del", "delete"}, {"set", "replace"}, {"show", "list"}, {NULL, NULL}};

#define CALLED(M)                                                                                  \
  {                                                                                                \
    .name = M, .doc = "Does what a command says, without its first word.",                         \
    .params = {{"command", "string", "as it is typed: \"-t nat -A POSTROUTING -j MASQUERADE\""}},  \
    .returns = {{"result", "any", "what the function returns that the command equals"}},           \
    .errors = "EINVAL a word is wrong; the error names it\nENOENT no such chain, match or target", \
    .example = M " \"-A INPUT -p tcp --dport 22 -j ACCEPT\"", .source = MANUAL                     \
  }
static const struct rt_func iptables_called = CALLED("iptables");
static const struct rt_func ip6tables_called = CALLED("ip6tables");

const struct rt_module iptables_module = {
    .name = "iptables",
    .doc = "IPv4 packet filter and address translation, in iptables' words and encoding. "
           "iptables \"-A INPUT -j DROP\" takes a command as it is typed.",
    .funcs = {iptables_funcs},
    .lacks = lacks,
    .bound = true,
    .call = iptables_call,
    .called = &iptables_called};

const struct rt_module ip6tables_module = {
    .name = "ip6tables",
    .doc = "IPv6 packet filter and address translation, in ip6tables' words and encoding. "
           "ip6tables \"-A INPUT -j DROP\" takes a command as it is typed.",
    .funcs = {ip6tables_funcs},
    .lacks = lacks,
    .bound = true,
    .call = ip6tables_call,
    .called = &ip6tables_called};
