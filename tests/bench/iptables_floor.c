/* iptables_floor: what the kernel and libnftnl take for COUNT rules in one transaction. Table
 * filter and its chain INPUT, then in each rule a source /32, a tcp dport, a counter and ACCEPT, as
 * the messages of iptables have them; straight-line C that checks nothing but success. */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { ROOM = 512 }; /* bytes for one message */

static char *batch, *end;
static uint32_t sequence;

static void must(int ok, const char *what)
{
  if (ok)
    return;
  perror(what);
  exit(1);
}

static struct nlmsghdr *message(uint16_t type, uint16_t flags)
{
  return nftnl_nlmsg_build_hdr(end, type, NFPROTO_IPV4, flags, ++sequence);
}

static void done(struct nlmsghdr *h)
{
  end += NLMSG_ALIGN(h->nlmsg_len);
}

static void put_table_and_chain(void)
{
  struct nlmsghdr *h;
  struct nftnl_table *t = nftnl_table_alloc();
  struct nftnl_chain *c = nftnl_chain_alloc();
  nftnl_table_set_str(t, NFTNL_TABLE_NAME, "filter");
  nftnl_table_nlmsg_build_payload(h = message(NFT_MSG_NEWTABLE, NLM_F_CREATE), t);
  done(h);
  nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, "filter");
  nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, "INPUT");
  nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, "filter");
  nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, NF_INET_LOCAL_IN);
  nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, 0);
  nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, NF_ACCEPT);
  nftnl_chain_nlmsg_build_payload(h = message(NFT_MSG_NEWCHAIN, NLM_F_CREATE), c);
  done(h);
  nftnl_table_free(t);
  nftnl_chain_free(c);
}

static void add_load(struct nftnl_rule *r, uint32_t base, uint32_t offset, uint32_t len)
{
  struct nftnl_expr *e = nftnl_expr_alloc("payload");
  nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
  nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
  nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
  nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, len);
  nftnl_rule_add_expr(r, e);
}

static void add_compare(struct nftnl_rule *r, const void *with, uint32_t len)
{
  struct nftnl_expr *e = nftnl_expr_alloc("cmp");
  nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
  nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, NFT_CMP_EQ);
  nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, with, len);
  nftnl_rule_add_expr(r, e);
}

static void add_protocol(struct nftnl_rule *r, uint8_t protocol)
{
  struct nftnl_expr *e = nftnl_expr_alloc("meta");
  nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, NFT_META_L4PROTO);
  nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
  nftnl_rule_add_expr(r, e);
  add_compare(r, &protocol, sizeof protocol);
}

static void add_accept(struct nftnl_rule *r)
{
  nftnl_rule_add_expr(r, nftnl_expr_alloc("counter"));
  struct nftnl_expr *e = nftnl_expr_alloc("immediate");
  nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
  nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, NF_ACCEPT);
  nftnl_rule_add_expr(r, e);
}

static void put_rule(uint32_t source, uint16_t port)
{
  enum { SOURCE_AT = 12, DPORT_AT = 2 };
  struct nftnl_rule *r = nftnl_rule_alloc();
  struct nlmsghdr *h;
  source = htonl(source);
  port = htons(port);
  nftnl_rule_set_u32(r, NFTNL_RULE_FAMILY, NFPROTO_IPV4);
  nftnl_rule_set_str(r, NFTNL_RULE_TABLE, "filter");
  nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, "INPUT");
  add_protocol(r, IPPROTO_TCP);
  add_load(r, NFT_PAYLOAD_NETWORK_HEADER, SOURCE_AT, sizeof source);
  add_compare(r, &source, sizeof source);
  add_load(r, NFT_PAYLOAD_TRANSPORT_HEADER, DPORT_AT, sizeof port);
  add_compare(r, &port, sizeof port);
  add_accept(r);
  nftnl_rule_nlmsg_build_payload(h = message(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND), r);
  nftnl_rule_free(r);
  done(h);
}

/* Sends the batch; its end is answered. */
static void commit(struct mnl_socket *s)
{
  char answer[4096];
  int size = (int)(end - batch);
  setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
  must(mnl_socket_sendto(s, batch, (size_t)(end - batch)) >= 0, "send");
  ssize_t len = mnl_socket_recvfrom(s, answer, sizeof answer);
  must(len >= 0 && mnl_cb_run(answer, (size_t)len, 0, 0, NULL, NULL) >= 0, "commit");
}

int main(int argc, char **argv)
{
  int count = argc > 1 ? atoi(argv[1]) : 0;
  struct mnl_socket *s = mnl_socket_open(NETLINK_NETFILTER);
  must(s && mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) == 0, "socket");
  batch = end = malloc((size_t)(count + 8) * ROOM);
  must(batch != NULL, "memory");
  done(nftnl_batch_begin(end, ++sequence));
  put_table_and_chain();
  for (int i = 1; i <= count; i++)
    put_rule(10u << 24 | (uint32_t)i, (uint16_t)(1 + i % 60000));
  struct nlmsghdr *last = nftnl_batch_end(end, ++sequence);
  last->nlmsg_flags |= NLM_F_ACK;
  done(last);
  commit(s);
  return 0;
}
