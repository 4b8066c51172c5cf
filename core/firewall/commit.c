/* commit: changes on their way to the kernel: collecting them, working them out on what is there,
 * one batch that holds only as long as nobody else commits, and the sentence for what the kernel
 * refused. */
#include "firewall/internal.h"
#include "netlink/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

/* ---- collecting ------------------------------------------------------------------------------ */

/* Consecutive changes mostly speak of the same chain: one copy of its name serves them. */
static const char *keep_name(struct fw_changes *ch, const char *name, const char *last)
{
  if (name == NULL || (last && strcmp(name, last) == 0))
    return name ? last : NULL;
  return fw_arena_string(&ch->memory, name);
}

int fw_changes_push(struct fw_changes *ch, const struct fw_change *c, struct fw_error *e)
{
  struct fw_change *grown = fw_grow(ch->v, sizeof *grown, ch->n, &ch->cap);
  if (grown == NULL)
    return fw_no_memory(e);
  ch->v = grown;
  const struct fw_change *last = ch->n ? &ch->v[ch->n - 1] : NULL;
  struct fw_change *to = &ch->v[ch->n];
  *to = *c;
  to->chain = keep_name(ch, c->chain, last ? last->chain : NULL);
  to->name = keep_name(ch, c->name, last ? last->name : NULL);
  to->jump = keep_name(ch, c->jump, last ? last->jump : NULL);
  if ((c->chain && !to->chain) || (c->name && !to->name) || (c->jump && !to->jump))
    return fw_no_memory(e);
  ch->positions |= fw_change_counts(to, NULL);
  ch->n++;
  return 0;
}

/* The rule with one pair of addresses. */
static int push_rule(struct fw_changes *ch, const struct fw_command *c, struct fw_change *change,
                     struct fw_error *e)
{
  static uint8_t scratch[UINT16_MAX + 1024];
  struct fw_out o = {.p = scratch, .cap = sizeof scratch};
  int r = fw_rule_encode(c->rule, &o, e);
  void *body = r == 0 ? fw_arena_alloc(&ch->memory, o.len) : NULL;
  if (r < 0)
    return r;
  if (body == NULL)
    return fw_no_memory(e);
  change->body = memcpy(body, scratch, o.len);
  change->len = (uint32_t)o.len;
  return fw_changes_push(ch, change, e);
}

static int push_rules(struct fw_changes *ch, const struct fw_command *c, struct fw_change *change,
                      struct fw_error *e)
{
  struct fw_rule *rule = c->rule;
  int r = 0;
  change->jump = rule->jump[0] && (rule->go_to || !rule->has_target) ? rule->jump : NULL;
  if (change->jump && !rule->go_to &&
      (strcmp(rule->jump, "ACCEPT") == 0 || strcmp(rule->jump, "DROP") == 0 ||
       strcmp(rule->jump, "RETURN") == 0))
    change->jump = NULL;
  for (unsigned s = 0; r == 0 && s < (c->nsources ? c->nsources : 1); s++)
    for (unsigned d = 0; r == 0 && d < (c->ndestinations ? c->ndestinations : 1); d++) {
      if (c->nsources)
        rule->address[FW_SRC] = c->sources[s];
      if (c->ndestinations)
        rule->address[FW_DST] = c->destinations[d];
      r = push_rule(ch, c, change, e);
    }
  return r;
}

int fw_changes_add(struct fw_changes *ch, const struct fw_command *c, uint32_t number,
                   struct fw_error *e)
{
  static const uint32_t with_rule =
      1u << FW_APPEND | 1u << FW_INSERT | 1u << FW_REPLACE | 1u << FW_DELETE | 1u << FW_CHECK;
  struct fw_change change = {.verb = (int)c->verb,
                             .table = c->table,
                             .chain = c->chain,
                             .name = c->name,
                             .number = c->number,
                             .tag = number,
                             .packets = c->rule ? c->rule->packets : 0,
                             .bytes = c->rule ? c->rule->bytes : 0};
  e->change = number;
  if (c->verb == FW_NONE)
    return 0;
  if (c->verb == FW_LIST || c->verb == FW_LIST_RULES || c->verb >= FW_HELP)
    return fw_fail(e, EINVAL, "this command changes nothing");
  return with_rule >> c->verb & 1 ? push_rules(ch, c, &change, e) : fw_changes_push(ch, &change, e);
}

const char *fw_change_chain(const struct fw_changes *ch, uint32_t number)
{
  for (unsigned i = 0; i < ch->n; i++)
    if (ch->v[i].tag == number)
      return ch->v[i].chain;
  return NULL;
}

void fw_changes_free(struct fw_changes *ch)
{
  free(ch->v);
  free(ch->sent);
  fw_arena_free(&ch->memory);
  *ch = (struct fw_changes){.family = ch->family, .netns = ch->netns};
}

/* ---- what was refused ------------------------------------------------------------------------ */

/* The name of the match or target of the expression that the byte offset lies in, or NULL. */
static const char *refused_expression(const struct nlmsghdr *h, uint32_t offset,
                                      struct fw_expr *ret)
{
  const struct nlattr *a = mnl_nlmsg_get_payload_offset(h, sizeof(struct nfgenmsg));
  for (; fw_attr_ok(a, mnl_nlmsg_get_payload_tail(h)); a = fw_attr_next(a)) {
    if (mnl_attr_get_type(a) != NFTA_RULE_EXPRESSIONS)
      continue;
    for (const struct nlattr *at = fw_attr_first(a); fw_expr_next(&at, fw_attr_end(a), ret);)
      if ((size_t)((const char *)at - (const char *)h) > offset)
        return ret->word == FW_MATCH || ret->word == FW_TARGET ? ret->xt.name : NULL;
  }
  return NULL;
}

static const char *attribute_string(const struct nlmsghdr *h, uint16_t type)
{
  const struct nlattr *a = mnl_nlmsg_get_payload_offset(h, sizeof(struct nfgenmsg));
  for (; fw_attr_ok(a, mnl_nlmsg_get_payload_tail(h)); a = fw_attr_next(a))
    if (mnl_attr_get_type(a) == type)
      return mnl_attr_get_str(a);
  return "";
}

/* Where an extension belongs that the kernel refuses elsewhere. */
static const struct {
  const char *name, *place;
} places[] = {
    {"MASQUERADE", "POSTROUTING of table nat"},
    {"SNAT", "POSTROUTING and INPUT of table nat"},
    {"DNAT", "PREROUTING and OUTPUT of table nat"},
    {"REDIRECT", "PREROUTING and OUTPUT of table nat"},
    {"NETMAP", "the chains of table nat"},
    {"REJECT", "INPUT, FORWARD and OUTPUT of table filter"},
    {"CT", "the chains of table raw"},
    {"TPROXY", "PREROUTING of table mangle"},
    {"TTL", "the chains of table mangle"},
    {"HL", "the chains of table mangle"},
    {"TOS", "the chains of table mangle"},
    {"DSCP", "the chains of table mangle"},
    {"ECN", "the chains of table mangle"},
    {"CHECKSUM", "the chains of table mangle"},
    {"mac", "PREROUTING, INPUT and FORWARD: a packet that leaves has no sender yet"},
    {"owner", "OUTPUT and POSTROUTING: only packets of this host have an owner"},
};

static void hint_place(struct fw_error *e, const char *name)
{
  for (unsigned i = 0; i < FW_ARRAY(places); i++)
    if (strcmp(places[i].name, name) == 0)
      fw_hint(e, "%s belongs in %s.", name, places[i].place);
}

static int refused_extension(struct fw_error *e, int err, const struct fw_expr *x,
                             const char *chain, const char *table)
{
  const char *kind = x->word == FW_MATCH ? "match" : "target";
  if (err == ENOENT) {
    fw_hint(e, "The kernel lacks the module xt_%s, or it may not be loaded from here.", x->xt.name);
    return fw_fail(e, err, "this kernel does not support the %s %s", kind, x->xt.name);
  }
  if (err == EINVAL || err == EOPNOTSUPP) {
    hint_place(e, x->xt.name);
    return fw_fail(e, err, "the %s %s is not possible in chain %s of table %s, or not like this",
                   kind, x->xt.name, chain, table);
  }
  return fw_fail(e, err, "the %s %s: %s", kind, x->xt.name, strerror(err));
}

/* What the kernel means by an error number, by the message that it refused. */
static const struct {
  uint16_t type;
  int err;
  const char *text, *hint;
} meanings[] = {
    {NFT_MSG_DELCHAIN, EBUSY, "the chain is in use: it has rules, or rules jump to it",
     "Flush it, and delete the rules that jump to it, first."},
    {NFT_MSG_DELCHAIN, ENOENT, "no such chain", ""},
    {NFT_MSG_NEWRULE, EMLINK, "the jump would make a loop, or chains that are nested too deeply",
     ""},
    {NFT_MSG_NEWRULE, ELOOP, "the jump would make a loop", ""},
    {NFT_MSG_NEWRULE, ENOENT, "no chain, target or match by that name", ""},
    {NFT_MSG_NEWRULE, EOPNOTSUPP, "this is not possible in this table or chain", ""},
    {NFT_MSG_NEWCHAIN, EEXIST, "a chain of that name, or at that hook, is already there", ""},
    {NFT_MSG_NEWCHAIN, EOPNOTSUPP, "a chain of that name is there, with another hook or priority",
     "Another program made it; nft list table shows it."},
};

static int explain(const struct nlmsghdr *h, const struct fw_verdict *v, struct fw_error *e)
{
  struct fw_expr x;
  int err = -v->err;
  uint16_t type = NFNL_MSG_TYPE(h->nlmsg_type);
  bool rule = type == NFT_MSG_NEWRULE;
  const char *table = attribute_string(h, NFTA_RULE_TABLE);
  const char *chain = rule ? attribute_string(h, NFTA_RULE_CHAIN) : "";
  if (rule && v->offset && refused_expression(h, v->offset, &x))
    return refused_extension(e, err, &x, chain, table);
  for (unsigned i = 0; i < FW_ARRAY(meanings); i++)
    if (meanings[i].type == type && meanings[i].err == err) {
      fw_hint(e, "%s", meanings[i].hint);
      return fw_fail(e, err, "%s", meanings[i].text);
    }
  if (rule && err == EINVAL)
    return fw_fail(e, err, "the kernel refuses this rule in chain %s of table %s", chain, table);
  return fw_fail(e, err, "%s", strerror(err));
}

static int refused(const struct fw_batch *b, const struct fw_verdict *v, struct fw_error *e)
{
  uint32_t index = v->seq - b->first, at = 0;
  if (index == 0 && v->err == -ERESTART)
    return -ERESTART;
  if (v->err == -EPERM) {
    fw_hint(e, "It needs CAP_NET_ADMIN in the namespace: run it in a lab's sandbox, or as root.");
    return fw_fail(e, EPERM, "%s", strerror(EPERM));
  }
  if (index >= b->tags)
    return fw_fail(e, -v->err, "%s", strerror(-v->err));
  e->change = b->tag[index];
  const struct nlmsghdr *h = (const void *)b->p;
  for (; index > 0 && at < b->len; index--) {
    at += NLMSG_ALIGN(h->nlmsg_len);
    h = (const void *)(b->p + at);
  }
  return explain(h, v, e);
}

/* ---- committing ------------------------------------------------------------------------------ */

int fw_batch_commit(struct nl_sock *s, struct fw_batch *b, uint32_t generation, struct fw_error *e)
{
  struct fw_verdict v;
  uint32_t now = generation;
  int r = fw_batch_send(s, b, &v);
  if (r < 0)
    return fw_fail(e, -r, "cannot send the rules: %s", strerror(-r));
  if (v.err)
    return refused(b, &v, e);
  if (v.committed || !v.lost)
    return 0; /* kernels before 6.10 say nothing when all is well */
  r = fw_generation(s, &now, e);
  if (r == 0 && now == generation)
    return fw_fail(e, ENOBUFS, "the kernel's answer was lost, and nothing changed");
  return r;
}

/* For the observer: the messages as they were sent. The buffer changes hands. */
static void hand_over(struct fw_changes *ch, struct fw_batch *b)
{
  free(ch->sent);
  ch->sent = b->p;
  ch->sent_len = b->len;
  b->p = NULL;
  b->len = b->cap = 0;
}

static int load_rules(struct fw_plan *p, struct nl_sock *s, bool all)
{
  int r = 0;
  for (unsigned i = 0; r == 0 && i < p->view.chains; i++) {
    struct fw_chain *c = p->view.chain[i];
    bool needed = all;
    for (unsigned k = 0; !needed && p->ch->positions && k < p->ch->n; k++)
      needed = fw_change_counts(&p->ch->v[k], c);
    if (needed)
      r = fw_chain_load(&p->view, s, c, p->e);
  }
  return r;
}

/* The plan on what is there now. `all`: with the rules of every chain. */
static int work_out(struct fw_plan *p, struct nl_sock *s, bool all)
{
  struct fw_want want = {.family = p->ch->family, .netns = p->ch->netns, .table = -1};
  fw_view_free(&p->view);
  memset(p->touched, 0, sizeof p->touched);
  p->positions = p->ch->positions;
  int r = fw_view_load(&p->view, s, &want, p->e);
  for (int t = 0; t < FW_TABLES; t++)
    p->kernel_has[t] = p->view.table[t].exists;
  if (r == 0)
    r = load_rules(p, s, all);
  if (r < 0)
    return r;
  fw_batch_begin(&p->batch, p->view.generation);
  r = fw_plan_apply(p);
  fw_batch_end(&p->batch);
  return r == 0 && p->batch.failed ? fw_no_memory(p->e) : r;
}

static int attempt(struct fw_plan *p, struct nl_sock *s)
{
  enum { BEGIN_AND_END = 2 };
  int r = work_out(p, s, false);
  if (r < 0)
    return r == -EAGAIN ? -ERESTART : r;
  p->ch->batches = 1;
  if (p->batch.tags <= BEGIN_AND_END)
    return 0;
  size_t limit = fw_send_limit(s, p->batch.len);
  if (p->batch.len <= limit)
    return fw_batch_commit(s, &p->batch, p->view.generation, p->e);
  r = work_out(p, s, true);
  return r < 0 ? r == -EAGAIN ? -ERESTART : r : fw_stage(p, s, limit);
}

int fw_commit(struct fw_changes *ch, struct fw_error *e)
{
  enum { TRIES = 10000 };
  struct fw_plan p = {.ch = ch, .e = e, .view = {.family = ch->family}};
  struct nl_sock s;
  *e = (struct fw_error){.word = -1};
  int r = nl_open(&s, ch->netns, NETLINK_NETFILTER);
  if (r < 0)
    fw_fail(e, -r, "cannot open a netfilter socket: %s", strerror(-r));
  else
    r = -ERESTART;
  for (int i = 0; r == -ERESTART && i < TRIES; i++)
    r = attempt(&p, &s);
  if (r == -ERESTART)
    fw_fail(e, ERESTART, "somebody else changes the rules faster than we can");
  nl_close(&s);
  hand_over(ch, &p.batch);
  fw_batch_free(&p.batch);
  fw_view_free(&p.view);
  return r;
}

/* ---- asking ---------------------------------------------------------------------------------- */

int fw_check(const struct fw_command *c, int netns, bool *ret_found, struct fw_error *e)
{
  struct fw_changes ch = {.family = c->rule->family, .netns = netns};
  struct fw_want want = {
      .family = ch.family, .netns = netns, .table = c->table, .chain = c->chain, .rules = true};
  struct fw_plan p = {.ch = &ch, .e = e};
  *ret_found = false;
  int r = fw_changes_add(&ch, c, 0, e);
  if (r == 0)
    r = fw_view_read(&p.view, &want, e);
  if (r == 0)
    r = fw_plan_check(&p, ret_found);
  fw_view_free(&p.view);
  fw_changes_free(&ch);
  return r;
}
