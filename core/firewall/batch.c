/* batch: the messages of one transaction in one buffer, handed to the kernel in one call. nf_tables
 * answers a batch differently from other families: silence is success, every message that fails is
 * answered, and only the acknowledgement of the batch's end says that it took effect. */
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
#include <sys/socket.h>

/* ---- building -------------------------------------------------------------------------------- */

static bool reserve(struct fw_batch *b, size_t more)
{
  if (b->failed)
    return false;
  if (b->cap - b->len >= more)
    return true;
  size_t cap = b->cap ? 2 * b->cap : 16384;
  while (cap - b->len < more)
    cap *= 2;
  uint8_t *p = realloc(b->p, cap);
  if (p == NULL) {
    b->failed = true;
    return false;
  }
  b->p = p;
  b->cap = cap;
  return true;
}

struct fw_out fw_message(struct fw_batch *b, uint16_t type, uint16_t flags, uint8_t family,
                         size_t room)
{
  enum { HEADERS = 64 };
  if (!reserve(b, room + HEADERS))
    return (struct fw_out){.full = true};
  struct fw_out o = {.p = b->p + b->len, .cap = b->cap - b->len};
  const struct nlmsghdr *h = nftnl_nlmsg_build_hdr((char *)o.p, type, family, flags, b->seq);
  o.len = h->nlmsg_len;
  return o;
}

/* Enters what is at the end of the buffer as a message of the change. */
static void enter(struct fw_batch *b, size_t len, uint32_t tag)
{
  uint32_t *grown = b->failed ? NULL : fw_grow(b->tag, sizeof *grown, b->tags, &b->tag_cap);
  if (grown == NULL) {
    b->failed = true;
    return;
  }
  b->tag = grown;
  b->tag[b->tags++] = tag;
  b->seq++;
  b->len += NLMSG_ALIGN(len);
}

void fw_message_end(struct fw_batch *b, const struct fw_out *o, uint32_t tag)
{
  if (o->full) { /* room was made, so only memory can be short */
    b->failed = true;
    return;
  }
  struct nlmsghdr *h = (void *)o->p;
  h->nlmsg_len = (uint32_t)o->len;
  enter(b, o->len, tag);
}

void fw_batch_begin(struct fw_batch *b, uint32_t generation)
{
  b->len = 0;
  b->tags = 0;
  b->failed = false;
  b->seq = b->first = 1;
  if (!reserve(b, 64))
    return;
  struct nlmsghdr *h = nftnl_batch_begin((char *)b->p, b->seq);
  mnl_attr_put_u32(h, NFTA_GEN_ID, htonl(generation));
  enter(b, h->nlmsg_len, 0);
}

void fw_batch_end(struct fw_batch *b)
{
  if (!reserve(b, 64))
    return;
  struct nlmsghdr *h = nftnl_batch_end((char *)b->p + b->len, b->seq);
  h->nlmsg_flags |=
      NLM_F_ACK; /* of the batch as a whole; of single messages it would prove nothing */
  enter(b, h->nlmsg_len, 0);
}

void fw_batch_free(struct fw_batch *b)
{
  free(b->p);
  free(b->tag);
  *b = (struct fw_batch){0};
}

void fw_batch_table(struct fw_batch *b, uint16_t type, uint16_t flags, uint8_t family, int table,
                    uint32_t tag)
{
  struct fw_out o = fw_message(b, type, flags, family, 128);
  struct nftnl_table *t = o.full ? NULL : nftnl_table_alloc();
  if (t == NULL || nftnl_table_set_str(t, NFTNL_TABLE_NAME, fw_tables[table].name) < 0) {
    b->failed = true;
  } else {
    nftnl_table_nlmsg_build_payload((void *)o.p, t);
    enter(b, ((struct nlmsghdr *)(void *)o.p)->nlmsg_len, tag);
  }
  if (t)
    nftnl_table_free(t);
}

static int fill_chain(struct nftnl_chain *n, const struct fw_chain *c, const char *name, int policy,
                      const struct fw_counters *counters)
{
  if (nftnl_chain_set_str(n, NFTNL_CHAIN_TABLE, fw_tables[c->table].name) < 0 ||
      (name && nftnl_chain_set_str(n, NFTNL_CHAIN_NAME, name) < 0))
    return -ENOMEM;
  if (c->hook && policy >= 0) {
    nftnl_chain_set_u32(n, NFTNL_CHAIN_HOOKNUM, c->hook->number);
    nftnl_chain_set_s32(n, NFTNL_CHAIN_PRIO, c->hook->priority);
    nftnl_chain_set_u32(n, NFTNL_CHAIN_POLICY, (uint32_t)policy);
    if (nftnl_chain_set_str(n, NFTNL_CHAIN_TYPE, c->hook->type) < 0)
      return -ENOMEM;
  }
  if (counters) {
    nftnl_chain_set_u64(n, NFTNL_CHAIN_PACKETS, counters->packets);
    nftnl_chain_set_u64(n, NFTNL_CHAIN_BYTES, counters->bytes);
  }
  if (name && strcmp(name, c->known_as) != 0 && c->handle)
    nftnl_chain_set_u64(n, NFTNL_CHAIN_HANDLE, c->handle);
  return 0;
}

void fw_batch_chain(struct fw_batch *b, uint16_t type, uint16_t flags, uint8_t family,
                    const struct fw_chain *c, const char *name, int policy,
                    const struct fw_counters *counters, uint32_t tag)
{
  struct fw_out o = fw_message(b, type, flags, family, 1024);
  struct nftnl_chain *n = o.full ? NULL : nftnl_chain_alloc();
  if (n == NULL || fill_chain(n, c, name, policy, counters) < 0) {
    b->failed = true;
  } else {
    nftnl_chain_nlmsg_build_payload((void *)o.p, n);
    enter(b, ((struct nlmsghdr *)(void *)o.p)->nlmsg_len, tag);
  }
  if (n)
    nftnl_chain_free(n);
}

/* ---- sending --------------------------------------------------------------------------------- */

#ifdef NSLAB_HOSTILE
size_t fw_send_most = 65536; /* so that building beside is the rule for what is large */
#else
size_t fw_send_most = SIZE_MAX;
#endif

/* The kernel counts twice what is asked for, and takes a datagram of 32 bytes less than that. */
size_t fw_send_limit(struct nl_sock *s, size_t len)
{
  enum { SPARE = 32 };
  int size = len / 2 < INT32_MAX / 2 ? (int)(len / 2) + 4096 : INT32_MAX / 2;
  socklen_t optlen = sizeof size;
  if (setsockopt(s->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) < 0)
    setsockopt(s->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  if (getsockopt(s->fd, SOL_SOCKET, SO_SNDBUF, &size, &optlen) < 0 || size < SPARE)
    return 0;
  size_t limit = (size_t)size - SPARE;
  return limit < fw_send_most ? limit : fw_send_most;
}

static uint32_t error_offset(const struct nlmsghdr *h)
{
  const struct nlmsgerr *err = mnl_nlmsg_get_payload(h);
  size_t skip = sizeof *err;
  uint32_t offset = 0;
  if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
    return 0;
  if (!(h->nlmsg_flags & NLM_F_CAPPED))
    skip += err->msg.nlmsg_len - sizeof err->msg;
  const struct nlattr *a = mnl_nlmsg_get_payload_offset(h, skip);
  for (; fw_attr_ok(a, mnl_nlmsg_get_payload_tail(h)); a = fw_attr_next(a))
    if (mnl_attr_get_type(a) == NLMSGERR_ATTR_OFFS && mnl_attr_get_payload_len(a) >= sizeof offset)
      memcpy(&offset, mnl_attr_get_payload(a), sizeof offset);
  return offset;
}

static void note_answer(const struct fw_batch *b, const struct nlmsghdr *h, struct fw_verdict *ret)
{
  if (h->nlmsg_type != NLMSG_ERROR || h->nlmsg_len < NLMSG_LENGTH(sizeof(struct nlmsgerr)))
    return;
  int err = ((const struct nlmsgerr *)mnl_nlmsg_get_payload(h))->error;
  if (err == 0)
    ret->committed |= h->nlmsg_seq == b->seq - 1;
  else if (ret->err == 0)
    *ret = (struct fw_verdict){err, h->nlmsg_seq, error_offset(h), ret->committed, ret->lost};
}

/* All answers are there when sendmsg returns. */
static int receive(struct nl_sock *s, const struct fw_batch *b, struct fw_verdict *ret)
{
  char buf[16384] __attribute__((aligned(NLMSG_ALIGNTO)));
  for (;;) {
    ssize_t n = recv(s->fd, buf, sizeof buf, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
      return 0;
    if (n < 0 && errno == ENOBUFS)
      ret->lost = true;
    else if (n < 0 && errno != EINTR)
      return -errno;
    int left = n > 0 ? (int)n : 0;
    for (const struct nlmsghdr *h = (void *)buf; mnl_nlmsg_ok(h, left);
         h = mnl_nlmsg_next(h, &left))
      note_answer(b, h, ret);
  }
}

int fw_batch_send(struct nl_sock *s, struct fw_batch *b, struct fw_verdict *ret)
{
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  struct iovec iov = {b->p, b->len};
  struct msghdr m = {
      .msg_name = &kernel, .msg_namelen = sizeof kernel, .msg_iov = &iov, .msg_iovlen = 1};
  *ret = (struct fw_verdict){0};
  while (sendmsg(s->fd, &m, 0) < 0)
    if (errno != EINTR)
      return -errno;
  return receive(s, b, ret);
}
