/* plan: what changes mean for the tables that are there. Each change becomes messages, and is done
 * to the view as well, so that the next one counts and finds rules as they will be. Nothing is sent
 * here. */
#include "firewall/internal.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>

#define TABLE_NAME(p) (fw_tables[(p)->now->table].name)

/* ---- helpers --------------------------------------------------------------------------------- */

static struct fw_chain *find(struct fw_plan *p, const char *name)
{
  return fw_view_chain(&p->view, p->now->table, name);
}

/* A built-in chain of another table is what beginners ask for most. */
static bool hint_tables(struct fw_error *e, const char *name)
{
  char list[64] = "";
  for (int t = 0; t < FW_TABLES; t++)
    if (fw_hook_find(t, name)) {
      strcat(list, list[0] ? ", " : "");
      strcat(list, fw_tables[t].name);
    }
  if (list[0])
    fw_hint(e, "%s is a chain of the tables %s: say table = \"...\".", name, list);
  return list[0];
}

static int no_chain(struct fw_plan *p, const char *name)
{
  if (!hint_tables(p->e, name))
    fw_hint(p->e, "new_chain(\"%s\") makes one.", name);
  fw_unknown(p->e, FW_NO_CHAIN, name);
  return fw_fail(p->e, ENOENT, "no chain `%s' in table %s", name, TABLE_NAME(p));
}

static void need_table(struct fw_plan *p)
{
  int t = p->now->table;
  p->touched[t] = true;
  if (p->view.table[t].exists)
    return;
  fw_batch_table(&p->batch, NFT_MSG_NEWTABLE, NLM_F_CREATE, p->view.family, t, p->now->tag);
  p->view.table[t].exists = true;
}

static void chain_message(struct fw_plan *p, uint16_t type, uint16_t flags, struct fw_chain *c,
                          int policy, const struct fw_counters *counters)
{
  fw_batch_chain(&p->batch, type, flags, p->view.family, c, c->known_as, policy, counters,
                 p->now->tag);
}

/* A chain that begins empty in this transaction. */
static struct fw_chain *make_chain(struct fw_plan *p, const char *name, const struct fw_hook *hook)
{
  struct fw_chain *c = fw_view_add(&p->view, p->now->table, name);
  if (c == NULL) {
    fw_no_memory(p->e);
    return NULL;
  }
  c->hook = hook;
  c->listed = true;
  chain_message(p, NFT_MSG_NEWCHAIN, NLM_F_CREATE, c, hook ? NF_ACCEPT : -1, NULL);
  return c;
}

/* The chain of the change; a base chain of iptables is made when it is not there. NULL with
 * error. */
static struct fw_chain *need_chain(struct fw_plan *p)
{
  const struct fw_hook *hook = fw_hook_find(p->now->table, p->now->chain);
  struct fw_chain *c = find(p, p->now->chain);
  p->touched[p->now->table] = true;
  if (c)
    return c;
  if (hook == NULL) {
    no_chain(p, p->now->chain);
    return NULL;
  }
  need_table(p);
  return make_chain(p, p->now->chain, hook);
}

static int need_jump(struct fw_plan *p)
{
  const char *to = p->now->jump;
  if (to == NULL || fw_hook_find(p->now->table, to) || find(p, to))
    return 0;
  fw_hint(p->e, "To jump to a chain of that name, make it first: new_chain(\"%s\").", to);
  fw_unknown(p->e, FW_NO_TARGET, to);
  return fw_fail(p->e, ENOENT, "there is neither a target nor a chain `%s' in table %s", to,
                 TABLE_NAME(p));
}

/* ---- rules ----------------------------------------------------------------------------------- */

/* A rule that another message is about. */
struct ref {
  uint16_t by_handle, by_id; /* attributes; 0 without */
  const struct fw_entry *entry;
};

static void put_ref(struct fw_out *o, const struct ref *r)
{
  if (r->entry == NULL)
    return;
  if (r->entry->handle)
    fw_put_u64(o, r->by_handle, r->entry->handle);
  else
    fw_put_u32(o, r->by_id, r->entry->id);
}

/* A message about a rule of the chain. `e` is the rule to be made, NULL for a deletion. */
static void rule_message(struct fw_plan *p, uint16_t type, uint16_t flags, const struct fw_chain *c,
                         struct fw_entry *e, const struct ref *r)
{
  size_t room = (e ? e->len : 0) + 512;
  struct fw_out o = fw_message(&p->batch, type, flags, p->view.family, room);
  fw_put_str(&o, NFTA_RULE_TABLE, fw_tables[c->table].name);
  fw_put_str(&o, NFTA_RULE_CHAIN, c->known_as);
  put_ref(&o, r);
  if (e && o.cap - o.len >= e->len) {
    memcpy(o.p + o.len, e->attrs, e->len);
    o.len += e->len;
  }
  if (e && p->positions) {
    e->id = ++p->ids;
    fw_put_u32(&o, NFTA_RULE_ID, e->id);
  }
  fw_message_end(&p->batch, &o, p->now->tag);
}

static struct fw_entry new_entry(const struct fw_plan *p)
{
  return (struct fw_entry){.attrs = p->now->body, .len = p->now->len, .tag = p->now->tag};
}

static int keep(struct fw_plan *p, struct fw_chain *c, unsigned at, const struct fw_entry *e)
{
  if (!c->listed)
    return 0;
  struct fw_entry *slot = fw_chain_insert(c, at);
  if (slot == NULL)
    return fw_no_memory(p->e);
  *slot = *e;
  return 0;
}

static const struct ref nowhere;

static int append_to(struct fw_plan *p, struct fw_chain *c)
{
  struct fw_entry e = new_entry(p);
  rule_message(p, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, c, &e, &nowhere);
  return keep(p, c, c->rules, &e);
}

static int append(struct fw_plan *p)
{
  int r = need_jump(p);
  struct fw_chain *c = r == 0 ? need_chain(p) : NULL;
  return c ? append_to(p, c) : -p->e->err;
}

static int insert_at(struct fw_plan *p, struct fw_chain *c, unsigned at)
{
  struct fw_entry e = new_entry(p);
  struct ref before = {NFTA_RULE_POSITION, NFTA_RULE_POSITION_ID, at > 0 ? &c->rule[at] : NULL};
  rule_message(p, NFT_MSG_NEWRULE, NLM_F_CREATE, c, &e, &before);
  return keep(p, c, at, &e);
}

static int insert(struct fw_plan *p)
{
  int r = need_jump(p);
  struct fw_chain *c = r == 0 ? need_chain(p) : NULL;
  unsigned at = p->now->number - 1;
  if (c == NULL)
    return -p->e->err;
  if (at > 0 && at == c->rules)
    return append_to(p, c);
  if (at > c->rules && at > 0)
    return fw_fail(p->e, E2BIG, "Index of insertion too big: chain %s has %u rules", c->name,
                   c->rules);
  return insert_at(p, c, at);
}

static void delete_rule(struct fw_plan *p, struct fw_chain *c, unsigned at)
{
  struct ref it = {NFTA_RULE_HANDLE, NFTA_RULE_ID, &c->rule[at]};
  rule_message(p, NFT_MSG_DELRULE, 0, c, NULL, &it);
  fw_chain_remove(c, at);
}

/* The kernel replaces by handle only; a rule of this transaction has none yet. */
static int replace_at(struct fw_plan *p, struct fw_chain *c, unsigned at, struct fw_entry *e)
{
  struct fw_entry *old = &c->rule[at];
  if (old->handle) {
    struct ref it = {NFTA_RULE_HANDLE, 0, old};
    rule_message(p, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_REPLACE, c, e, &it);
    *old = *e;
    return 0;
  }
  struct ref before = {NFTA_RULE_POSITION, NFTA_RULE_POSITION_ID, old};
  rule_message(p, NFT_MSG_NEWRULE, NLM_F_CREATE, c, e, &before);
  int r = keep(p, c, at, e);
  if (r == 0)
    delete_rule(p, c, at + 1);
  return r;
}

static struct fw_chain *existing(struct fw_plan *p)
{
  struct fw_chain *c = find(p, p->now->chain);
  p->touched[p->now->table] = true;
  if (c == NULL)
    no_chain(p, p->now->chain);
  return c;
}

static int too_big(struct fw_plan *p, const struct fw_chain *c, const char *what)
{
  return fw_fail(p->e, E2BIG, "Index of %s too big: chain %s has %u rules", what, c->name,
                 c->rules);
}

static int replace(struct fw_plan *p)
{
  int r = need_jump(p);
  struct fw_chain *c = r == 0 ? existing(p) : NULL;
  struct fw_entry e = new_entry(p);
  if (c == NULL)
    return -p->e->err;
  if (p->now->number > c->rules)
    return too_big(p, c, "replacement");
  return replace_at(p, c, p->now->number - 1, &e);
}

static int delete_number(struct fw_plan *p)
{
  struct fw_chain *c = existing(p);
  if (c == NULL)
    return -ENOENT;
  if (p->now->number > c->rules)
    return too_big(p, c, "deletion");
  delete_rule(p, c, p->now->number - 1);
  return 0;
}

/* Some extensions fill parts of their block differently from the words that they list; to a user
 * two rules with the same words are the same. */
static bool same_words(const struct fw_rule *a, const struct fw_rule *b)
{
  struct fw_text x = {0}, y = {0};
  bool same = false;
  if (fw_rule_alike(a, b)) {
    fw_rule_save(a, &x, false);
    fw_rule_save(b, &y, false);
    same = !x.failed && !y.failed && x.len == y.len && memcmp(x.p, y.p, x.len) == 0;
  }
  fw_text_free(&x);
  fw_text_free(&y);
  return same;
}

/* Index of the first rule of the chain that is `same` as the wanted one; -ENOENT, -ENOMEM. */
static int find_same(struct fw_plan *p, const struct fw_chain *c, const struct fw_rule *wanted,
                     bool (*same)(const struct fw_rule *a, const struct fw_rule *b))
{
  struct fw_rule rule = {0};
  int r = 0, found = -ENOENT;
  for (unsigned i = 0; r == 0 && found < 0 && i < c->rules; i++) {
    r = fw_rule_decode(&rule, p->view.family, p->ch->netns, c->rule[i].attrs, c->rule[i].len);
    if (r == 0 && same(wanted, &rule))
      found = (int)i;
  }
  fw_rule_free(&rule);
  return r < 0 ? r : found;
}

/* Index of the first rule of the chain that does what the change's rule does; -ENOENT, -ENOMEM. */
static int find_rule(struct fw_plan *p, const struct fw_chain *c)
{
  struct fw_rule wanted = {0};
  int r = fw_rule_decode(&wanted, p->view.family, p->ch->netns, p->now->body, p->now->len);
  if (r == 0)
    r = find_same(p, c, &wanted, fw_rule_same);
  if (r == -ENOENT)
    r = find_same(p, c, &wanted, same_words);
  fw_rule_free(&wanted);
  return r < 0 && r != -ENOENT ? fw_no_memory(p->e) : r;
}

static int delete_like(struct fw_plan *p)
{
  int r = need_jump(p);
  struct fw_chain *c = r == 0 ? existing(p) : NULL;
  if (c == NULL)
    return -p->e->err;
  int at = find_rule(p, c);
  if (at == -ENOENT)
    return fw_fail(p->e, ENOENT, "no such rule in chain %s", c->name);
  if (at >= 0)
    delete_rule(p, c, (unsigned)at);
  return at < 0 ? at : 0;
}

int fw_plan_check(struct fw_plan *p, bool *ret_found)
{
  *ret_found = true;
  for (unsigned i = 0; *ret_found && i < p->ch->n; i++) {
    p->now = &p->ch->v[i];
    struct fw_chain *c = find(p, p->now->chain);
    if (c == NULL && fw_hook_find(p->now->table, p->now->chain) == NULL)
      return no_chain(p, p->now->chain);
    int at = c ? find_rule(p, c) : -ENOENT;
    if (at < 0 && at != -ENOENT)
      return at;
    *ret_found = at >= 0;
  }
  return 0;
}

/* ---- chains ---------------------------------------------------------------------------------- */

/* Calls fn for the chain of the change, or for all of its table. */
static int each_chain(struct fw_plan *p, int (*fn)(struct fw_plan *p, struct fw_chain *c))
{
  int r = 0;
  if (p->now->chain) {
    struct fw_chain *c = existing(p);
    return c ? fn(p, c) : -ENOENT;
  }
  p->touched[p->now->table] = true;
  unsigned chains = p->view.chains;
  for (unsigned i = 0; r == 0 && i < chains; i++)
    if (p->view.chain[i]->table == p->now->table && !p->view.chain[i]->gone)
      r = fn(p, p->view.chain[i]);
  return r;
}

static int forget_rules(struct fw_plan *p, struct fw_chain *c)
{
  (void)p;
  c->rules = 0;
  return 0;
}

static int flush(struct fw_plan *p)
{
  struct fw_chain *c = NULL;
  if (p->now->chain && (c = need_chain(p)) == NULL)
    return -p->e->err;
  if (!p->view.table[p->now->table].exists)
    return 0;
  struct fw_out o = fw_message(&p->batch, NFT_MSG_DELRULE, 0, p->view.family, 512);
  fw_put_str(&o, NFTA_RULE_TABLE, TABLE_NAME(p));
  if (c)
    fw_put_str(&o, NFTA_RULE_CHAIN, c->known_as);
  fw_message_end(&p->batch, &o, p->now->tag);
  return each_chain(p, forget_rules);
}

static int zero_rule(struct fw_plan *p, struct fw_chain *c, unsigned at)
{
  static const struct fw_rewrite zeroed = {.zero = true};
  struct fw_entry *old = &c->rule[at];
  if (!fw_body_counted(old->attrs, old->len))
    return 0;
  size_t cap = old->len + 256;
  struct fw_out o = {.p = fw_arena_alloc(&p->view.memory, cap), .cap = cap};
  if (o.p == NULL)
    return fw_no_memory(p->e);
  fw_body_copy(&o, old->attrs, old->len, &zeroed);
  struct fw_entry e = {.attrs = o.p, .len = (uint32_t)o.len};
  return replace_at(p, c, at, &e);
}

static int zero_chain(struct fw_plan *p, struct fw_chain *c)
{
  int r = 0;
  if (c->hook)
    chain_message(p, NFT_MSG_NEWCHAIN, NLM_F_CREATE, c, c->policy, &(struct fw_counters){0});
  for (unsigned i = 0; r == 0 && i < c->rules; i++)
    r = zero_rule(p, c, i);
  return r;
}

static int zero(struct fw_plan *p)
{
  return each_chain(p, zero_chain);
}

static int zero_number(struct fw_plan *p)
{
  struct fw_chain *c = existing(p);
  if (c == NULL)
    return -ENOENT;
  if (p->now->number > c->rules)
    return too_big(p, c, "counter");
  return zero_rule(p, c, p->now->number - 1);
}

static int chain_exists(struct fw_plan *p, const char *name)
{
  return fw_fail(p->e, EEXIST, "Chain `%s' already exists in table %s", name, TABLE_NAME(p));
}

static int new_chain(struct fw_plan *p)
{
  need_table(p);
  if (find(p, p->now->chain) || fw_hook_find(p->now->table, p->now->chain))
    return chain_exists(p, p->now->chain);
  return make_chain(p, p->now->chain, NULL) ? 0 : -ENOMEM;
}

/* A base chain goes only when that changes nothing. */
static int delete_one_chain(struct fw_plan *p, struct fw_chain *c)
{
  bool removable = c->hook == NULL || (c->policy == NF_ACCEPT && c->rules == 0);
  if (!removable && p->now->chain)
    return fw_fail(p->e, EBUSY, "chain %s is built in, and it has rules or a policy", c->name);
  if (!removable)
    return 0;
  chain_message(p, NFT_MSG_DELCHAIN, FW_NONRECURSIVE, c, -1, NULL);
  c->gone = true;
  c->rules = 0;
  return 0;
}

static int delete_chain(struct fw_plan *p)
{
  return each_chain(p, delete_one_chain);
}

/* Until the commit the kernel knows the chain by its old name. */
static int rename_chain(struct fw_plan *p)
{
  if (find(p, p->now->name) || fw_hook_find(p->now->table, p->now->name))
    return chain_exists(p, p->now->name);
  struct fw_chain *old = existing(p);
  if (old == NULL)
    return -ENOENT;
  if (old->hook)
    return fw_fail(p->e, EOPNOTSUPP, "chain %s is built in and keeps its name", old->name);
  if (old->handle == 0)
    return fw_fail(p->e, EOPNOTSUPP, "chain %s is new in this transaction: make it with its name",
                   old->name);
  struct fw_chain *c = fw_view_add(&p->view, p->now->table, p->now->name);
  if (c == NULL)
    return fw_no_memory(p->e);
  struct fw_chain kept = *c;
  *c = *old;
  c->name = kept.name;
  c->next = kept.next;
  old->gone = true;
  old->rule = NULL;
  old->rules = old->cap = 0;
  fw_batch_chain(&p->batch, NFT_MSG_NEWCHAIN, 0, p->view.family, c, c->name, -1, NULL, p->now->tag);
  return 0;
}

static int set_policy(struct fw_plan *p)
{
  static const struct {
    const char *name;
    int policy;
  } policies[] = {{"ACCEPT", NF_ACCEPT}, {"DROP", NF_DROP}, {"-", -1}};
  struct fw_counters counters = {p->now->packets, p->now->bytes};
  if (fw_hook_find(p->now->table, p->now->chain) == NULL) {
    fw_hint(p->e, "Only the built-in chains of a table have a policy.");
    return fw_fail(p->e, ENOENT, "Bad built-in chain name `%s' in table %s", p->now->chain,
                   TABLE_NAME(p));
  }
  for (unsigned i = 0; i < FW_ARRAY(policies); i++) {
    if (strcmp(policies[i].name, p->now->name) != 0)
      continue;
    struct fw_chain *c = need_chain(p);
    if (c == NULL)
      return -p->e->err;
    c->policy = policies[i].policy >= 0 ? policies[i].policy : c->policy;
    c->packets = counters.packets;
    c->bytes = counters.bytes;
    chain_message(p, NFT_MSG_NEWCHAIN, 0, c, c->policy, &counters);
    return 0;
  }
  fw_hint(p->e, "A policy is ACCEPT or DROP.");
  return fw_fail(p->e, EINVAL, "Bad policy name `%s'", p->now->name);
}

/* ---- what a saved text does ------------------------------------------------------------------ */

static int flush_table(struct fw_plan *p)
{
  int t = p->now->table;
  p->touched[t] = true;
  if (!p->view.table[t].exists)
    return 0;
  fw_batch_table(&p->batch, NFT_MSG_DELTABLE, 0, p->view.family, t, p->now->tag);
  p->view.table[t].exists = false;
  for (unsigned i = 0; i < p->view.chains; i++)
    if (p->view.chain[i]->table == t) {
      p->view.chain[i]->gone = true;
      p->view.chain[i]->rules = 0;
    }
  return 0;
}

/* ":NAME -": a user's chain that begins empty. */
static int restore_chain(struct fw_plan *p)
{
  struct fw_chain *c = find(p, p->now->chain);
  if (c)
    return flush(p);
  need_table(p);
  return make_chain(p, p->now->chain, NULL) ? 0 : -ENOMEM;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static int (*const verbs[FW_CHANGES])(struct fw_plan *p) = {
    [FW_APPEND] = append,
    [FW_INSERT] = insert,
    [FW_REPLACE] = replace,
    [FW_DELETE] = delete_like,
    [FW_DELETE_NUMBER] = delete_number,
    [FW_FLUSH] = flush,
    [FW_ZERO] = zero,
    [FW_ZERO_NUMBER] = zero_number,
    [FW_NEW_CHAIN] = new_chain,
    [FW_DELETE_CHAIN] = delete_chain,
    [FW_RENAME_CHAIN] = rename_chain,
    [FW_POLICY] = set_policy,
    [FW_FLUSH_TABLE] = flush_table,
    [FW_RESTORE_CHAIN] = restore_chain,
    [FW_RESTORE_POLICY] = set_policy,
};

bool fw_change_counts(const struct fw_change *change, const struct fw_chain *c)
{
  static const uint32_t counting = 1u << FW_REPLACE | 1u << FW_DELETE | 1u << FW_DELETE_NUMBER |
                                   1u << FW_CHECK | 1u << FW_ZERO | 1u << FW_ZERO_NUMBER;
  if (c && (change->table != c->table || (change->chain && strcmp(change->chain, c->name) != 0)))
    return false;
  if (change->verb == FW_INSERT)
    return change->number > 1;
  if (change->verb == FW_DELETE_CHAIN)
    return c == NULL || c->hook != NULL;
  return counting >> change->verb & 1;
}

int fw_plan_apply(struct fw_plan *p)
{
  for (unsigned i = 0; i < p->ch->n; i++) {
    p->now = &p->ch->v[i];
    int r = verbs[p->now->verb](p);
    if (r < 0) {
      p->e->change = p->now->tag;
      return r;
    }
    if (p->batch.failed)
      return fw_no_memory(p->e);
  }
  return 0;
}
