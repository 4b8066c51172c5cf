/* takeback: removes rules, chains and tables that are named by the kernel's own handles, and those
 * only: what has the same words but another handle is somebody else's. A chain goes when nothing is
 * left in it, a table when no chain is. Each of the three is one batch that holds only as long as
 * nobody else commits. */
#include "firewall/internal.h"
#include "netlink/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

struct taking {
  const struct fw_thing *thing;
  size_t n;
  struct fw_view view;
  struct fw_batch batch;
};

static struct fw_chain *chain_of(struct taking *t, const struct fw_thing *thing)
{
  return thing->chain ? fw_view_chain(&t->view, thing->table, thing->chain) : NULL;
}

static void take_rule(struct taking *t, const struct fw_thing *thing)
{
  const struct fw_chain *c = chain_of(t, thing);
  for (unsigned i = 0; c && i < c->rules; i++) {
    if (c->rule[i].handle != thing->handle)
      continue;
    struct fw_out o = fw_message(&t->batch, NFT_MSG_DELRULE, 0, t->view.family, 256);
    fw_put_str(&o, NFTA_RULE_TABLE, fw_tables[c->table].name);
    fw_put_str(&o, NFTA_RULE_CHAIN, c->name);
    fw_put_u64(&o, NFTA_RULE_HANDLE, thing->handle);
    fw_message_end(&t->batch, &o, 0);
  }
}

static void take_chain(struct taking *t, const struct fw_thing *thing)
{
  struct fw_chain *c = chain_of(t, thing);
  if (c == NULL || c->handle != thing->handle || c->rules > 0)
    return;
  if (c->hook ? c->policy != NF_ACCEPT : c->uses > 0)
    return;
  fw_batch_chain(&t->batch, NFT_MSG_DELCHAIN, FW_NONRECURSIVE, t->view.family, c, c->name, -1, NULL,
                 0);
}

static void take_table(struct taking *t, const struct fw_thing *thing)
{
  for (unsigned i = 0; i < t->view.chains; i++)
    if (t->view.chain[i]->table == thing->table)
      return;
  if (t->view.table[thing->table].exists)
    fw_batch_table(&t->batch, NFT_MSG_DELTABLE, 0, t->view.family, thing->table, 0);
}

static void (*const take[FW_THINGS])(struct taking *, const struct fw_thing *) = {
    [FW_THING_RULE] = take_rule,
    [FW_THING_CHAIN] = take_chain,
    [FW_THING_TABLE] = take_table,
};

/* All things of the kind. -ERESTART when somebody else was faster. */
static int attempt(struct taking *t, struct nl_sock *s, enum fw_thing_kind kind, int netns,
                   struct fw_error *e)
{
  enum { BEGIN_AND_END = 2 };
  struct fw_want want = {.family = t->view.family, .netns = netns, .table = -1, .rules = true};
  fw_view_free(&t->view);
  int r = fw_view_load(&t->view, s, &want, e);
  if (r < 0)
    return r == -EAGAIN ? -ERESTART : r;
  fw_batch_begin(&t->batch, t->view.generation);
  for (size_t i = t->n; i-- > 0;)
    if (t->thing[i].kind == kind)
      take[kind](t, &t->thing[i]);
  fw_batch_end(&t->batch);
  if (t->batch.failed)
    return fw_no_memory(e);
  return t->batch.tags > BEGIN_AND_END ? fw_batch_commit(s, &t->batch, t->view.generation, e) : 0;
}

int fw_take_back(uint8_t family, int netns, const struct fw_thing *thing, size_t n,
                 struct fw_error *e)
{
  enum { TRIES = 1000 };
  struct taking t = {.thing = thing, .n = n, .view = {.family = family}};
  struct nl_sock s;
  *e = (struct fw_error){.word = -1};
  int r = nl_open(&s, netns, NETLINK_NETFILTER);
  if (r < 0)
    fw_fail(e, -r, "cannot open a netfilter socket: %s", strerror(-r));
  for (int kind = 0; r == 0 && kind < FW_THINGS; kind++) {
    r = attempt(&t, &s, (enum fw_thing_kind)kind, netns, e);
    for (int i = 1; r == -ERESTART && i < TRIES; i++)
      r = attempt(&t, &s, (enum fw_thing_kind)kind, netns, e);
  }
  nl_close(&s);
  fw_batch_free(&t.batch);
  fw_view_free(&t.view);
  return r;
}
