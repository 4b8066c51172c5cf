/* view: what the kernel has of iptables' tables, chains and rules at one moment. Rules stay as the
 * messages that told them; they are read when somebody asks. */
#include "firewall/internal.h"
#include "netlink/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/table.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

static int refused(struct fw_error *e, int err, const struct nl_answer *a, const char *what)
{
  if (err == -EPERM)
    fw_hint(e, "It needs CAP_NET_ADMIN in the namespace: run it in a lab's sandbox, or as root.");
  return fw_fail(e, -err, "%s: %s", what, a && a->text[0] ? a->text : strerror(-err));
}

/* ---- chains ---------------------------------------------------------------------------------- */

static unsigned hash(int table, const char *name)
{
  unsigned h = 5381 + (unsigned)table;
  for (; *name; name++)
    h = h * 33 + (unsigned char)*name;
  return h % FW_BUCKETS;
}

struct fw_chain *fw_view_chain(const struct fw_view *v, int table, const char *name)
{
  for (struct fw_chain *c = v->bucket[hash(table, name)]; c; c = c->next)
    if (c->table == table && !c->gone && strcmp(c->name, name) == 0)
      return c;
  return NULL;
}

struct fw_chain *fw_view_add(struct fw_view *v, int table, const char *name)
{
  struct fw_chain **grown = fw_grow(v->chain, sizeof *grown, v->chains, &v->cap);
  v->chain = grown ? grown : v->chain;
  struct fw_chain *c = grown ? fw_arena_alloc(&v->memory, sizeof *c) : NULL;
  char *copy = c ? fw_arena_string(&v->memory, name) : NULL;
  if (copy == NULL)
    return NULL;
  unsigned h = hash(table, name);
  *c = (struct fw_chain){
      .name = copy, .known_as = copy, .table = table, .policy = NF_ACCEPT, .next = v->bucket[h]};
  v->bucket[h] = c;
  v->chain[v->chains++] = c;
  return c;
}

struct fw_entry *fw_chain_insert(struct fw_chain *c, unsigned at)
{
  struct fw_entry *grown = fw_grow(c->rule, sizeof *grown, c->rules, &c->cap);
  if (grown == NULL)
    return NULL;
  c->rule = grown;
  memmove(&grown[at + 1], &grown[at], (c->rules - at) * sizeof *grown);
  c->rules++;
  grown[at] = (struct fw_entry){0};
  return &grown[at];
}

void fw_chain_remove(struct fw_chain *c, unsigned at)
{
  memmove(&c->rule[at], &c->rule[at + 1], (c->rules - at - 1) * sizeof *c->rule);
  c->rules--;
}

void fw_view_free(struct fw_view *v)
{
  for (unsigned i = 0; i < v->chains; i++)
    free(v->chain[i]->rule);
  free(v->chain);
  fw_arena_free(&v->memory);
  *v = (struct fw_view){.family = v->family};
}

/* ---- dumps ----------------------------------------------------------------------------------- */

int fw_generation(struct nl_sock *s, uint32_t *ret, struct fw_error *e)
{
  char buf[64] = {0};
  struct nl_answer answer = {0};
  const struct nlmsghdr *msg;
  int r = nl_get(s, nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETGEN, AF_UNSPEC, 0, 0), &msg, &answer);
  if (r < 0)
    return refused(e, r, &answer, "cannot read the generation of the rules");
  const struct nlattr *a = mnl_nlmsg_get_payload_offset(msg, sizeof(struct nfgenmsg));
  for (; fw_attr_ok(a, mnl_nlmsg_get_payload_tail(msg)); a = fw_attr_next(a))
    if (mnl_attr_get_type(a) == NFTA_GEN_ID)
      *ret = ntohl(mnl_attr_get_u32(a));
  return 0;
}

static int note_table(struct fw_view *v, const struct nlmsghdr *msg, void *arg)
{
  (void)arg;
  struct nftnl_table *t = nftnl_table_alloc();
  if (t == NULL)
    return -ENOMEM;
  bool read = nftnl_table_nlmsg_parse(msg, t) == 0 && nftnl_table_is_set(t, NFTNL_TABLE_NAME);
  int i = read ? fw_table_find(nftnl_table_get_str(t, NFTNL_TABLE_NAME)) : -1;
  if (i >= 0)
    v->table[i].exists = true;
  nftnl_table_free(t);
  return read ? 0 : -EBADMSG;
}

/* The hook that a base chain stands for, or NULL when iptables would not have made it like that. */
static const struct fw_hook *own_hook(int table, const struct nftnl_chain *n)
{
  const struct fw_hook *h = fw_hook_find(table, nftnl_chain_get_str(n, NFTNL_CHAIN_NAME));
  const char *type = nftnl_chain_get_str(n, NFTNL_CHAIN_TYPE);
  if (h && h->number == nftnl_chain_get_u32(n, NFTNL_CHAIN_HOOKNUM) && type &&
      h->priority == nftnl_chain_get_s32(n, NFTNL_CHAIN_PRIO) && strcmp(h->type, type) == 0)
    return h;
  return NULL;
}

static int keep_chain(struct fw_view *v, const struct nftnl_chain *n)
{
  const char *table = nftnl_chain_get_str(n, NFTNL_CHAIN_TABLE);
  int i = table ? fw_table_find(table) : -1;
  const struct fw_hook *hook = NULL;
  if (i < 0)
    return 0;
  if (strncmp(nftnl_chain_get_str(n, NFTNL_CHAIN_NAME), FW_STAGED, strlen(FW_STAGED)) == 0) {
    v->table[i].staged = true;
    return 0;
  }
  if (nftnl_chain_is_set(n, NFTNL_CHAIN_HOOKNUM)) {
    hook = own_hook(i, n);
    v->table[i].alien |= hook == NULL;
    if (hook == NULL)
      return 0;
  }
  struct fw_chain *c = fw_view_add(v, i, nftnl_chain_get_str(n, NFTNL_CHAIN_NAME));
  if (c == NULL)
    return -ENOMEM;
  c->hook = hook;
  c->handle = nftnl_chain_get_u64(n, NFTNL_CHAIN_HANDLE);
  c->uses = nftnl_chain_get_u32(n, NFTNL_CHAIN_USE);
  c->packets = nftnl_chain_get_u64(n, NFTNL_CHAIN_PACKETS);
  c->bytes = nftnl_chain_get_u64(n, NFTNL_CHAIN_BYTES);
  if (nftnl_chain_is_set(n, NFTNL_CHAIN_POLICY))
    c->policy = (int)nftnl_chain_get_u32(n, NFTNL_CHAIN_POLICY);
  return 0;
}

static int note_chain(struct fw_view *v, const struct nlmsghdr *msg, void *arg)
{
  (void)arg;
  struct nftnl_chain *n = nftnl_chain_alloc();
  if (n == NULL)
    return -ENOMEM;
  int r = nftnl_chain_nlmsg_parse(msg, n) < 0 || !nftnl_chain_is_set(n, NFTNL_CHAIN_NAME)
              ? -EBADMSG
              : keep_chain(v, n);
  nftnl_chain_free(n);
  return r;
}

static int note_rule(struct fw_view *v, const struct nlmsghdr *msg, void *arg)
{
  struct fw_chain *c = arg;
  struct fw_entry *entry = fw_chain_insert(c, c->rules);
  size_t skip = sizeof(struct nfgenmsg), len = mnl_nlmsg_get_payload_len(msg);
  void *copy = entry && len >= skip ? fw_arena_alloc(&v->memory, len - skip) : NULL;
  if (copy == NULL)
    return -ENOMEM;
  memcpy(copy, mnl_nlmsg_get_payload_offset(msg, skip), len - skip);
  *entry = (struct fw_entry){.attrs = copy, .len = (uint32_t)(len - skip)};
  for (const struct nlattr *a = copy; fw_attr_ok(a, (char *)copy + entry->len); a = fw_attr_next(a))
    if (mnl_attr_get_type(a) == NFTA_RULE_HANDLE)
      entry->handle = be64toh(mnl_attr_get_u64(a));
  return 0;
}

static int dump(struct fw_view *v, struct nl_sock *s, struct nlmsghdr *req,
                int (*note)(struct fw_view *v, const struct nlmsghdr *msg, void *arg), void *arg,
                struct fw_error *e)
{
  struct nl_answer answer = {0};
  const struct nlmsghdr *msg;
  int noted = 0, r = nl_dump(s, req);
  while (r >= 0 && (r = nl_next(s, &msg, &answer)) > 0)
    if (noted == 0)
      noted = note(v, msg, arg);
  if (r == 0)
    r = noted;
  if (r == -EAGAIN)
    return fw_fail(e, EAGAIN, "the rules changed while they were read");
  return r < 0 ? refused(e, r, &answer, "cannot read the rules") : 0;
}

int fw_chain_load(struct fw_view *v, struct nl_sock *s, struct fw_chain *c, struct fw_error *e)
{
  char buf[1024] = {0};
  if (c->listed || c->imagined || c->handle == 0)
    return 0;
  struct nlmsghdr *req = nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETRULE, v->family, 0, 0);
  mnl_attr_put_strz(req, NFTA_RULE_TABLE, fw_tables[c->table].name);
  mnl_attr_put_strz(req, NFTA_RULE_CHAIN, c->known_as);
  c->rules = 0;
  int r = dump(v, s, req, note_rule, c, e);
  c->listed = r == 0;
  return r;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static int by_hook_and_name(const void *a, const void *b)
{
  const struct fw_chain *x = *(struct fw_chain *const *)a, *y = *(struct fw_chain *const *)b;
  if (x->table != y->table)
    return x->table - y->table;
  if (x->hook && y->hook)
    return (int)x->hook->number - (int)y->hook->number;
  if (x->hook || y->hook)
    return x->hook ? -1 : 1;
  return strcmp(x->name, y->name);
}

static int imagine(struct fw_view *v, const struct fw_want *want)
{
  for (int t = 0; t < FW_TABLES; t++) {
    if (want->table == t ? false : want->table >= 0 || !v->table[t].exists)
      continue;
    for (const struct fw_hook *h = fw_tables[t].hook; h < fw_tables[t].hook + FW_HOOKS; h++) {
      if (h->chain == NULL || fw_view_chain(v, t, h->chain))
        continue;
      struct fw_chain *c = fw_view_add(v, t, h->chain);
      if (c == NULL)
        return -ENOMEM;
      c->hook = h;
      c->imagined = true;
    }
  }
  return 0;
}

static bool wanted(const struct fw_want *want, const struct fw_chain *c)
{
  return want->rules && (want->table < 0 || want->table == c->table) &&
         (want->chain == NULL || strcmp(want->chain, c->name) == 0);
}

int fw_view_load(struct fw_view *v, struct nl_sock *s, const struct fw_want *want,
                 struct fw_error *e)
{
  char buf[64] = {0};
  v->family = want->family;
  int r = fw_generation(s, &v->generation, e);
  if (r == 0)
    r = dump(v, s, nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETTABLE, v->family, 0, 0), note_table, NULL,
             e);
  if (r == 0)
    r = dump(v, s, nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETCHAIN, v->family, 0, 0), note_chain, NULL,
             e);
  if (r == 0 && want->imagine && imagine(v, want) < 0)
    r = fw_no_memory(e);
  for (unsigned i = 0; r == 0 && i < v->chains; i++)
    if (wanted(want, v->chain[i]))
      r = fw_chain_load(v, s, v->chain[i], e);
  if (r == 0 && v->chains > 0)
    qsort(v->chain, v->chains, sizeof(struct fw_chain *), by_hook_and_name);
  return r;
}

/* Several dumps are one state if no commit came between. */
static int load_consistently(struct fw_view *v, struct nl_sock *s, const struct fw_want *want,
                             struct fw_error *e)
{
  enum { TRIES = 1000 };
  int r = -EAGAIN;
  for (int i = 0; r == -EAGAIN && i < TRIES; i++) {
    uint32_t after = 0;
    fw_view_free(v);
    r = fw_view_load(v, s, want, e);
    if (r == 0)
      r = fw_generation(s, &after, e);
    if (r == 0 && after != v->generation)
      r = fw_fail(e, EAGAIN, "the rules change faster than they can be read");
  }
  return r;
}

int fw_view_read(struct fw_view *v, const struct fw_want *want, struct fw_error *e)
{
  struct nl_sock s;
  *v = (struct fw_view){.family = want->family};
  *e = (struct fw_error){.word = -1};
  int r = nl_open(&s, want->netns, NETLINK_NETFILTER);
  if (r < 0)
    r = refused(e, r, NULL, "cannot open a netfilter socket");
  else
    r = load_consistently(v, &s, want, e);
  nl_close(&s);
  return r;
}
