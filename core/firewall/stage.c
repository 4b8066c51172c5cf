/* stage: changes that are too large for one batch, because the send buffer may not be made larger
 * without privilege. The tables are built anew beside the old ones, in chains with names of their
 * own; base chains begin with a rule that accepts, so that they do nothing yet. One last, small
 * batch takes that rule out, deletes the old chains and gives the new ones their names. Every batch
 * holds only if nobody else committed since the one before; otherwise all of it is taken back and
 * begun again. */
#include "firewall/internal.h"
#include "netlink/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct stage {
  struct fw_plan *p;
  struct nl_sock *s;
  struct fw_batch b;
  size_t limit;
  uint32_t generation;
  bool created[FW_TABLES]; /* tables that were not there */
};

static void prefix(char *buf, size_t size)
{
  snprintf(buf, size, FW_STAGED "%d-", (int)getpid());
}

static int commit(struct stage *st)
{
  fw_batch_end(&st->b);
  if (st->b.failed)
    return fw_no_memory(st->p->e);
  int r = fw_batch_commit(st->s, &st->b, st->generation, st->p->e);
  if (r == 0) {
    st->p->ch->batches++;
    st->generation += st->generation + 1 ? 1 : 2; /* the kernel leaves out 0 */
  }
  return r;
}

/* Sends what there is if a message of that size might not fit with it. */
static int make_room(struct stage *st, size_t size)
{
  enum { HEADERS = 1024 };
  if (st->b.len + size + HEADERS <= st->limit)
    return 0;
  int r = commit(st);
  if (r == 0)
    fw_batch_begin(&st->b, st->generation);
  return r;
}

/* ---- building beside ------------------------------------------------------------------------- */

static bool concerned(const struct stage *st, const struct fw_chain *c)
{
  return st->p->touched[c->table] && !c->gone && !c->imagined;
}

static struct fw_out rule_to(struct stage *st, struct fw_chain *c, uint16_t type, uint16_t flags,
                             size_t room)
{
  struct fw_out o = fw_message(&st->b, type, flags, st->p->view.family, room + 512);
  fw_put_str(&o, NFTA_RULE_TABLE, fw_tables[c->table].name);
  fw_put_str(&o, NFTA_RULE_CHAIN, c->staged);
  return o;
}

/* The rule that keeps a new base chain from doing anything. */
static void put_gate(struct stage *st, struct fw_chain *c)
{
  struct fw_out o = rule_to(st, c, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, 0);
  size_t list = fw_nest(&o, NFTA_RULE_EXPRESSIONS);
  fw_expr_put(&o, &(struct fw_expr){.word = FW_IMMEDIATE,
                                    .set = FW_ALL,
                                    .immediate = {.dreg = NFT_REG_VERDICT, .verdict = NF_ACCEPT}});
  fw_nest_end(&o, list);
  fw_message_end(&st->b, &o, 0);
}

static int put_chain(struct stage *st, struct fw_chain *c, unsigned number)
{
  char own[32];
  prefix(own, sizeof own);
  snprintf(c->staged, sizeof c->staged, "%s%u", own, number);
  struct fw_chain made = {.table = c->table, .hook = c->hook, .known_as = c->staged};
  fw_batch_chain(&st->b, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL, st->p->view.family, &made,
                 c->staged, c->hook ? NF_ACCEPT : -1, NULL, 0);
  if (c->hook)
    put_gate(st, c);
  return make_room(st, 0);
}

static int put_chains(struct stage *st)
{
  const struct fw_view *v = &st->p->view;
  int r = 0;
  for (int t = 0; t < FW_TABLES; t++)
    if (st->p->touched[t])
      fw_batch_table(&st->b, NFT_MSG_NEWTABLE, NLM_F_CREATE, v->family, t, 0);
  for (unsigned i = 0; r == 0 && i < v->chains; i++)
    if (concerned(st, v->chain[i]))
      r = put_chain(st, v->chain[i], i);
  return r;
}

struct naming {
  const struct fw_view *view;
  int table;
};

static const char *staged_name(const char *chain, void *arg)
{
  const struct naming *n = arg;
  const struct fw_chain *c = fw_view_chain(n->view, n->table, chain);
  if (c && c->staged[0])
    return c->staged;
  for (unsigned i = 0; i < n->view->chains; i++) { /* it is being renamed */
    c = n->view->chain[i];
    if (c->table == n->table && c->staged[0] && strcmp(c->known_as, chain) == 0)
      return c->staged;
  }
  return chain;
}

static int put_rule(struct stage *st, struct fw_chain *c, const struct fw_entry *e)
{
  struct naming names = {&st->p->view, c->table};
  struct fw_rewrite how = {.rename = staged_name, .arg = &names};
  size_t size = e->len + 256;
  int r = make_room(st, size);
  if (r < 0)
    return r;
  struct fw_out o = rule_to(st, c, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, size);
  fw_body_copy(&o, e->attrs, e->len, &how);
  fw_message_end(&st->b, &o, e->tag);
  return 0;
}

static int put_rules(struct stage *st)
{
  const struct fw_view *v = &st->p->view;
  int r = 0;
  for (unsigned i = 0; r == 0 && i < v->chains; i++)
    for (unsigned k = 0; r == 0 && concerned(st, v->chain[i]) && k < v->chain[i]->rules; k++)
      r = put_rule(st, v->chain[i], &v->chain[i]->rule[k]);
  return r;
}

/* ---- the chains that are there now ----------------------------------------------------------- */

/* One chain of a table that is concerned: ours being built, or an old one. */
typedef void chain_fn(struct stage *st, const struct nftnl_chain *n, bool ours, void *arg);

static int handle_chain(struct stage *st, const struct nlmsghdr *msg, chain_fn *fn, void *arg)
{
  char own[32];
  prefix(own, sizeof own);
  struct nftnl_chain *n = nftnl_chain_alloc();
  if (n == NULL)
    return -ENOMEM;
  bool read = nftnl_chain_nlmsg_parse(msg, n) == 0 && nftnl_chain_is_set(n, NFTNL_CHAIN_NAME);
  const char *name = read ? nftnl_chain_get_str(n, NFTNL_CHAIN_NAME) : "";
  int t = read ? fw_table_find(nftnl_chain_get_str(n, NFTNL_CHAIN_TABLE)) : -1;
  if (t >= 0 && st->p->touched[t])
    fn(st, n, strncmp(name, own, strlen(own)) == 0, arg);
  nftnl_chain_free(n);
  return read ? 0 : -EBADMSG;
}

static int each_kernel_chain(struct stage *st, chain_fn *fn, void *arg)
{
  char buf[64] = {0};
  struct nl_answer answer = {0};
  const struct nlmsghdr *msg;
  int bad = 0,
      r = nl_dump(st->s, nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETCHAIN, st->p->view.family, 0, 0));
  while (r >= 0 && (r = nl_next(st->s, &msg, &answer)) > 0)
    if (bad == 0)
      bad = handle_chain(st, msg, fn, arg);
  return r < 0 ? r : bad;
}

static void chain_name_message(struct stage *st, uint16_t type, uint16_t flags,
                               const struct nftnl_chain *n, uint16_t table_attr, uint16_t name_attr)
{
  struct fw_out o = fw_message(&st->b, type, flags, st->p->view.family, 1024);
  fw_put_str(&o, table_attr, nftnl_chain_get_str(n, NFTNL_CHAIN_TABLE));
  fw_put_str(&o, name_attr, nftnl_chain_get_str(n, NFTNL_CHAIN_NAME));
  fw_message_end(&st->b, &o, 0);
}

static void flush_those(struct stage *st, const struct nftnl_chain *n, bool ours, void *arg)
{
  if (ours == *(bool *)arg)
    chain_name_message(st, NFT_MSG_DELRULE, 0, n, NFTA_RULE_TABLE, NFTA_RULE_CHAIN);
}

static void delete_those(struct stage *st, const struct nftnl_chain *n, bool ours, void *arg)
{
  if (ours == *(bool *)arg)
    chain_name_message(st, NFT_MSG_DELCHAIN, 0, n, NFTA_CHAIN_TABLE, NFTA_CHAIN_NAME);
}

static int remove_chains(struct stage *st, bool ours)
{
  int r = each_kernel_chain(st, flush_those, &ours);
  return r < 0 ? r : each_kernel_chain(st, delete_those, &ours);
}

static void note_handle(struct stage *st, const struct nftnl_chain *n, bool ours, void *arg)
{
  (void)arg;
  const char *name = nftnl_chain_get_str(n, NFTNL_CHAIN_NAME);
  for (unsigned i = 0; ours && i < st->p->view.chains; i++)
    if (strcmp(st->p->view.chain[i]->staged, name) == 0)
      st->p->view.chain[i]->handle = nftnl_chain_get_u64(n, NFTNL_CHAIN_HANDLE);
}

/* ---- the switch ------------------------------------------------------------------------------ */

/* The handle of the first rule of the staged chain. The rest of the dump is not read: the socket
 * goes. */
static int gate_handle(struct stage *st, const struct fw_chain *c, uint64_t *ret)
{
  char buf[256] = {0};
  struct nl_sock s;
  struct nl_answer answer = {0};
  const struct nlmsghdr *msg = NULL;
  struct nlmsghdr *req = nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETRULE, st->p->view.family, 0, 0);
  mnl_attr_put_strz(req, NFTA_RULE_TABLE, fw_tables[c->table].name);
  mnl_attr_put_strz(req, NFTA_RULE_CHAIN, c->staged);
  int r = nl_open(&s, st->p->ch->netns, NETLINK_NETFILTER);
  if (r == 0)
    r = nl_dump(&s, req);
  if (r == 0)
    r = nl_next(&s, &msg, &answer);
  if (r == 1 && msg) {
    const struct nlattr *a = mnl_nlmsg_get_payload_offset(msg, sizeof(struct nfgenmsg));
    for (; fw_attr_ok(a, mnl_nlmsg_get_payload_tail(msg)); a = fw_attr_next(a))
      if (mnl_attr_get_type(a) == NFTA_RULE_HANDLE)
        *ret = be64toh(mnl_attr_get_u64(a));
  }
  nl_close(&s);
  return r == 1 ? 0 : -ERESTART;
}

/* Takes the gate out and sets the policy; the chain still has its staged name. */
static int open_chain(struct stage *st, struct fw_chain *c)
{
  uint64_t gate = 0;
  int r = gate_handle(st, c, &gate);
  if (r < 0)
    return r;
  struct fw_out o = rule_to(st, c, NFT_MSG_DELRULE, 0, 16);
  fw_put_u64(&o, NFTA_RULE_HANDLE, gate);
  fw_message_end(&st->b, &o, 0);
  struct fw_chain made = {.table = c->table, .hook = c->hook, .known_as = c->staged};
  fw_batch_chain(&st->b, NFT_MSG_NEWCHAIN, 0, st->p->view.family, &made, c->staged, c->policy,
                 &(struct fw_counters){c->packets, c->bytes}, 0);
  return 0;
}

static int put_switch(struct stage *st)
{
  const struct fw_view *v = &st->p->view;
  int r = each_kernel_chain(st, note_handle, NULL);
  for (unsigned i = 0; r == 0 && i < v->chains; i++)
    if (concerned(st, v->chain[i]) && v->chain[i]->hook)
      r = open_chain(st, v->chain[i]);
  if (r == 0)
    r = remove_chains(st, false);
  for (unsigned i = 0; r == 0 && i < v->chains; i++) {
    struct fw_chain *c = v->chain[i];
    if (!concerned(st, c))
      continue;
    struct fw_chain made = {.table = c->table, .handle = c->handle, .known_as = c->staged};
    fw_batch_chain(&st->b, NFT_MSG_NEWCHAIN, 0, v->family, &made, c->name, -1, NULL, 0);
  }
  return r;
}

/* ---- taking it back -------------------------------------------------------------------------- */

static void take_back(struct stage *st)
{
  enum { TRIES = 1000 };
  struct fw_error ignored;
  int r = st->p->ch->batches > 0 ? -ERESTART : 0;
  for (int i = 0; r == -ERESTART && i < TRIES; i++) {
    r = fw_generation(st->s, &st->generation, &ignored);
    fw_batch_begin(&st->b, st->generation);
    if (r == 0)
      r = remove_chains(st, true);
    for (int t = 0; t < FW_TABLES; t++)
      if (st->created[t])
        fw_batch_table(&st->b, NFT_MSG_DELTABLE, 0, st->p->view.family, t, 0);
    fw_batch_end(&st->b);
    if (r == -EAGAIN)
      r = -ERESTART;
    else if (r == 0)
      r = fw_batch_commit(st->s, &st->b, st->generation, &ignored);
  }
}

/* A table that has what only its owner knows how to build again cannot be built anew. */
static int check_possible(struct stage *st)
{
  for (int t = 0; t < FW_TABLES; t++)
    if (st->p->touched[t] && st->p->view.table[t].alien)
      return fw_fail(st->p->e, EMSGSIZE,
                     "so many rules need a larger send buffer, and table %s has base chains of "
                     "another program",
                     fw_tables[t].name);
  return 0;
}

/* Two that build beside at once would only make each other begin again: who finds another at it
 * waits until the rules change. What does not change for so long is of one who was killed. */
static int wait_for_others(struct stage *st)
{
  enum { QUIET = 50 };
  const struct timespec moment = {.tv_nsec = 20000000};
  bool others = false;
  int r = 0;
  for (int t = 0; t < FW_TABLES; t++)
    others |= st->p->view.table[t].staged;
  for (int i = 0; others && r == 0 && i < QUIET; i++) {
    uint32_t now = st->generation;
    nanosleep(&moment, NULL);
    r = fw_generation(st->s, &now, st->p->e);
    if (r == -EAGAIN || now != st->generation)
      r = -ERESTART;
  }
  return r;
}

static int build(struct stage *st)
{
  fw_batch_begin(&st->b, st->generation);
  int r = remove_chains(st, true); /* of a process with our number that was killed */
  if (r == 0)
    r = put_chains(st);
  if (r == 0)
    r = put_rules(st);
  if (r == 0)
    r = commit(st);
  if (r < 0)
    return r == -EAGAIN ? -ERESTART : r;
  fw_batch_begin(&st->b, st->generation);
  r = put_switch(st);
  if (r == 0 && st->b.len + 64 > st->limit)
    return fw_fail(st->p->e, EMSGSIZE, "too many chains for the send buffer");
  return r == 0 ? commit(st) : r == -EAGAIN ? -ERESTART : r;
}

int fw_stage(struct fw_plan *p, struct nl_sock *s, size_t limit)
{
  struct stage st = {.p = p, .s = s, .limit = limit, .generation = p->view.generation};
  int r = check_possible(&st);
  if (r < 0)
    return r;
  p->ch->batches = 0;
  for (int t = 0; t < FW_TABLES; t++)
    st.created[t] = p->touched[t] && !p->kernel_has[t];
  r = wait_for_others(&st);
  if (r == 0)
    r = build(&st);
  if (r < 0)
    take_back(&st);
  if (r < 0 && r != -ERESTART && p->e->err == 0)
    fw_fail(p->e, -r, "%s", strerror(-r));
  fw_batch_free(&st.b);
  return r;
}
