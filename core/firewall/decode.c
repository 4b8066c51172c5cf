/* decode: from the kernel's expressions back to a rule. A comparison is understood by what was
 * loaded before it; a table says which loads mean what. Whatever does not fit exactly is named in
 * rule->foreign: a rule is never shown as less than it is. */
#include "firewall/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_log.h>
#include <linux/netfilter/xt_NFLOG.h>
#include <linux/netfilter/xt_limit.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6t_hl.h>
#include <string.h>

/* What is in the one register that is in use. */
struct loaded {
  enum fw_word word; /* FW_META, FW_PAYLOAD, FW_IMMEDIATE, or FW_FOREIGN when nothing is */
  uint32_t reg, key, base, offset, len;
  bool masked, used;
  struct fw_data mask;
};

struct decoder {
  struct fw_rule *r;
  struct loaded in;
  bool acted, counted;
  int err;
  struct fw_ext *port; /* the tcp or udp match that still takes conditions */
  unsigned taken;      /* which of them it has */
  uint16_t *upper;     /* nft's ">= 80 and <= 90" of one load: where the 90 belongs, or NULL */
};

static void foreign(struct decoder *d, const char *name)
{
  if (d->r->foreign.len > 0)
    fw_text_str(&d->r->foreign, ", ");
  fw_text_str(&d->r->foreign, name);
}

/* ---- what a comparison can mean -------------------------------------------------------------- */

/* Only == and != are words of iptables'. */
static bool sign(const struct fw_expr *c, bool *ret_inverted)
{
  *ret_inverted = c->cmp.op == NFT_CMP_NEQ;
  return c->cmp.op == NFT_CMP_EQ || c->cmp.op == NFT_CMP_NEQ;
}

static bool interface(struct decoder *d, const struct fw_expr *c, int side, uint8_t bit)
{
  const struct fw_data *name = &c->cmp.data;
  char *to = d->r->iface[side];
  size_t len = strnlen((const char *)name->bytes, name->len);
  bool inverted, whole = len < name->len;
  if (!sign(c, &inverted) || d->in.masked || to[0] || len == 0 || len + !whole >= IFNAMSIZ)
    return false;
  if (whole && !inverted && strcmp((const char *)name->bytes, "INVAL/D") == 0) {
    strcpy(to, "+");
    inverted = true;
  } else {
    if (whole &&
        name->bytes[len - 1] == '+') /* a name that iptables could not tell from a pattern */
      return false;
    memcpy(to, name->bytes, len);
    strcpy(to + len, whole ? "" : "+");
  }
  d->r->inverted |= inverted ? bit : 0;
  return true;
}

static bool in_interface(struct decoder *d, const struct fw_expr *c)
{
  return interface(d, c, FW_IN, FW_NOT_IN);
}

static bool out_interface(struct decoder *d, const struct fw_expr *c)
{
  return interface(d, c, FW_OUT, FW_NOT_OUT);
}

static bool protocol(struct decoder *d, const struct fw_expr *c)
{
  bool inverted;
  if (!sign(c, &inverted) || d->in.masked || c->cmp.data.len != 1 || d->r->proto ||
      c->cmp.data.bytes[0] == 0)
    return false;
  d->r->proto = c->cmp.data.bytes[0];
  d->r->inverted |= inverted ? FW_NOT_PROTO : 0;
  return true;
}

static bool address(struct decoder *d, const struct fw_expr *c, int side, uint8_t bit)
{
  static const union nf_inet_addr any;
  size_t full = d->r->family == NFPROTO_IPV6 ? 16 : 4, len = c->cmp.data.len;
  struct fw_address *a = &d->r->address[side];
  bool inverted;
  if (!sign(c, &inverted) || len != d->in.len || len > full || (d->in.masked && len < full) ||
      memcmp((const uint8_t *)&a->mask, (const uint8_t *)&any, sizeof any) != 0)
    return false;
  memcpy(&a->addr, c->cmp.data.bytes, len);
  if (d->in.masked)
    memcpy(&a->mask, d->in.mask.bytes, full);
  else
    memset(&a->mask, 0xff, len);
  d->r->inverted |= inverted ? bit : 0;
  return true;
}

static bool source(struct decoder *d, const struct fw_expr *c)
{
  return address(d, c, FW_SRC, FW_NOT_SRC);
}

static bool destination(struct decoder *d, const struct fw_expr *c)
{
  return address(d, c, FW_DST, FW_NOT_DST);
}

static bool fragment(struct decoder *d, const struct fw_expr *c)
{
  static const uint8_t offset_bits[2] = {0x1f, 0xff}, zero[2];
  bool equal;
  if (!sign(c, &equal) || d->r->fragment || !d->in.masked || d->in.mask.len != 2 ||
      memcmp(d->in.mask.bytes, offset_bits, 2) != 0 || c->cmp.data.len != 2 ||
      memcmp(c->cmp.data.bytes, zero, 2) != 0)
    return false;
  d->r->fragment = true;
  d->r->inverted |= c->cmp.op == NFT_CMP_EQ ? FW_NOT_FRAGMENT : 0;
  return true;
}

/* A match of libxtables' for an expression that stands for it; NULL when it is not installed. */
static struct fw_ext *new_match(struct decoder *d, const char *name)
{
  struct fw_error e;
  struct fw_ext *x = fw_rule_match(d->r);
  if (x == NULL) {
    d->err = -ENOMEM;
    return NULL;
  }
  int r = fw_xt_load(x, false, name, &e);
  if (r == 0)
    return x;
  if (r == -ENOMEM)
    d->err = r;
  d->r->matches--;
  return NULL;
}

static bool mark(struct decoder *d, const struct fw_expr *c)
{
  bool inverted;
  if (!sign(c, &inverted) || c->cmp.data.len != 4 || (d->in.masked && d->in.mask.len != 4))
    return false;
  struct fw_ext *x = new_match(d, "mark");
  if (x == NULL || x->size < sizeof(struct xt_mark_mtinfo1))
    return false;
  struct xt_mark_mtinfo1 *m = (void *)x->data;
  *m = (struct xt_mark_mtinfo1){.mask = UINT32_MAX, .invert = inverted};
  memcpy(&m->mark, c->cmp.data.bytes, 4);
  if (d->in.masked)
    memcpy(&m->mask, d->in.mask.bytes, 4);
  return true;
}

static bool hop_limit(struct decoder *d, const struct fw_expr *c)
{
  static const uint8_t modes[] = {[NFT_CMP_EQ] = IP6T_HL_EQ,
                                  [NFT_CMP_NEQ] = IP6T_HL_NE,
                                  [NFT_CMP_LT] = IP6T_HL_LT,
                                  [NFT_CMP_GT] = IP6T_HL_GT};
  bool known = c->cmp.op < FW_ARRAY(modes) && c->cmp.op != NFT_CMP_LTE;
  if (!known || d->in.masked || c->cmp.data.len != 1)
    return false;
  struct fw_ext *x = new_match(d, d->r->family == NFPROTO_IPV6 ? "hl" : "ttl");
  if (x == NULL || x->size < sizeof(struct ip6t_hl_info))
    return false;
  *(struct ip6t_hl_info *)(void *)x->data =
      (struct ip6t_hl_info){.mode = modes[c->cmp.op], .hop_limit = c->cmp.data.bytes[0]};
  return true;
}

/* ---- transport headers ----------------------------------------------------------------------- */

enum { TAKEN_SRC = 1, TAKEN_DST = 2, TAKEN_FLAGS = 4 };

/* The match that takes these conditions. One that has one of them already is complete. */
static struct fw_ext *port_match(struct decoder *d, unsigned conditions)
{
  const char *name = d->r->proto == IPPROTO_TCP ? "tcp" : d->r->proto == IPPROTO_UDP ? "udp" : NULL;
  if (name == NULL)
    return NULL;
  if (d->port && !(d->taken & conditions)) {
    d->taken |= conditions;
    return d->port;
  }
  struct fw_ext *x = fw_rule_match(d->r);
  if (x == NULL) {
    d->err = -ENOMEM;
    return NULL;
  }
  fw_port_init(x, name);
  d->port = x;
  d->taken = conditions;
  return x;
}

/* Port numbers stand at the same place in both blocks, and the bits that negate them agree. */
static void set_ports(struct fw_ext *x, unsigned which, uint16_t low, uint16_t high, bool inverted)
{
  uint16_t *pair = which == TAKEN_SRC ? x->port.tcp.spts : x->port.tcp.dpts;
  uint8_t *flags = strcmp(x->name, "tcp") == 0 ? &x->port.tcp.invflags : &x->port.udp.invflags;
  pair[0] = low;
  pair[1] = high;
  *flags |= inverted ? (uint8_t)(which == TAKEN_SRC ? XT_TCP_INV_SRCPT : XT_TCP_INV_DSTPT) : 0;
}

/* The range of ports that a comparison lets through; !from..to for !=. */
static bool port_range(const struct fw_expr *c, uint16_t *from, uint16_t *to, bool *inverted)
{
  uint16_t be, v;
  memcpy(&be, c->cmp.data.bytes, 2);
  v = ntohs(be);
  *from = c->cmp.op == NFT_CMP_LTE || c->cmp.op == NFT_CMP_LT ? 0 : v;
  *to = c->cmp.op == NFT_CMP_GTE || c->cmp.op == NFT_CMP_GT ? UINT16_MAX : v;
  *inverted = c->cmp.op == NFT_CMP_NEQ;
  if ((c->cmp.op == NFT_CMP_LT && v == 0) || (c->cmp.op == NFT_CMP_GT && v == UINT16_MAX))
    return false;
  *to = (uint16_t)(*to - (c->cmp.op == NFT_CMP_LT));
  *from = (uint16_t)(*from + (c->cmp.op == NFT_CMP_GT));
  return true;
}

static bool one_port(struct decoder *d, const struct fw_expr *c, unsigned which)
{
  uint16_t from, to, *upper = d->upper;
  bool inverted;
  d->upper = NULL;
  if (d->in.masked || c->cmp.data.len != 2 || !port_range(c, &from, &to, &inverted))
    return false;
  if (upper && from == 0 && c->cmp.op != NFT_CMP_EQ && !inverted) {
    *upper = to;
    return true;
  }
  struct fw_ext *x = port_match(d, which);
  if (x == NULL)
    return false;
  set_ports(x, which, from, to, inverted);
  if (c->cmp.op == NFT_CMP_GTE || c->cmp.op == NFT_CMP_GT)
    d->upper = which == TAKEN_SRC ? &x->port.tcp.spts[1] : &x->port.tcp.dpts[1];
  return true;
}

static bool source_port(struct decoder *d, const struct fw_expr *c)
{
  return one_port(d, c, TAKEN_SRC);
}

static bool destination_port(struct decoder *d, const struct fw_expr *c)
{
  return one_port(d, c, TAKEN_DST);
}

static bool both_ports(struct decoder *d, const struct fw_expr *c)
{
  uint16_t be[2];
  bool inverted;
  if (!sign(c, &inverted) || d->in.masked || c->cmp.data.len != 4)
    return false;
  struct fw_ext *x = port_match(d, TAKEN_SRC | TAKEN_DST);
  if (x == NULL)
    return false;
  memcpy(be, c->cmp.data.bytes, 4);
  set_ports(x, TAKEN_SRC, ntohs(be[0]), ntohs(be[0]), inverted);
  set_ports(x, TAKEN_DST, ntohs(be[1]), ntohs(be[1]), inverted);
  return true;
}

static bool tcp_flags(struct decoder *d, const struct fw_expr *c)
{
  bool inverted;
  if (!sign(c, &inverted) || c->cmp.data.len != 1 || d->r->proto != IPPROTO_TCP || !d->in.masked ||
      d->in.mask.len != 1 || d->in.mask.bytes[0] == 0 ||
      (d->in.mask.bytes[0] | c->cmp.data.bytes[0]) & ~FW_TCP_FLAGS)
    return false;
  struct fw_ext *x = port_match(d, TAKEN_FLAGS);
  if (x == NULL)
    return false;
  x->port.tcp.flg_mask = d->in.mask.bytes[0];
  x->port.tcp.flg_cmp = c->cmp.data.bytes[0];
  x->port.tcp.invflags |= inverted ? XT_TCP_INV_FLAGS : 0;
  return true;
}

static bool icmp(struct decoder *d, const struct fw_expr *c)
{
  bool v6 = d->r->family == NFPROTO_IPV6, inverted;
  if (!sign(c, &inverted) || inverted || d->in.masked || d->r->inverted & FW_NOT_PROTO ||
      d->r->proto != (v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP) || c->cmp.data.len != d->in.len)
    return false;
  struct fw_ext *x = new_match(d, v6 ? "icmp6" : "icmp");
  if (x == NULL || x->size < sizeof(struct ipt_icmp))
    return false;
  struct ipt_icmp *i = (void *)x->data;
  *i = (struct ipt_icmp){.type = c->cmp.data.bytes[0], .code = {0, UINT8_MAX}};
  if (c->cmp.data.len == 2)
    i->code[0] = i->code[1] = c->cmp.data.bytes[1];
  return true;
}

/* What is at offset 0 depends on the protocol. */
static bool transport(struct decoder *d, const struct fw_expr *c)
{
  if (d->r->proto == IPPROTO_ICMP || d->r->proto == IPPROTO_ICMPV6)
    return d->in.len <= 2 && icmp(d, c);
  return d->in.len == 2 ? source_port(d, c) : d->in.len == 4 && both_ports(d, c);
}

/* ---- the table of loads ---------------------------------------------------------------------- */

#define ANY_FAMILY NFPROTO_UNSPEC
static const struct meaning {
  enum fw_word word;
  uint8_t family;
  uint32_t key_or_base, offset, shortest, longest;
  bool (*read)(struct decoder *d, const struct fw_expr *c);
} meanings[] = {
    {FW_META, ANY_FAMILY, NFT_META_IIFNAME, 0, 0, 0, in_interface},
    {FW_META, ANY_FAMILY, NFT_META_OIFNAME, 0, 0, 0, out_interface},
    {FW_META, ANY_FAMILY, NFT_META_L4PROTO, 0, 0, 0, protocol},
    {FW_META, ANY_FAMILY, NFT_META_MARK, 0, 0, 0, mark},
    {FW_PAYLOAD, NFPROTO_IPV4, NFT_PAYLOAD_NETWORK_HEADER, 12, 1, 4, source},
    {FW_PAYLOAD, NFPROTO_IPV4, NFT_PAYLOAD_NETWORK_HEADER, 16, 1, 4, destination},
    {FW_PAYLOAD, NFPROTO_IPV4, NFT_PAYLOAD_NETWORK_HEADER, 9, 1, 1, protocol},
    {FW_PAYLOAD, NFPROTO_IPV4, NFT_PAYLOAD_NETWORK_HEADER, 6, 2, 2, fragment},
    {FW_PAYLOAD, NFPROTO_IPV4, NFT_PAYLOAD_NETWORK_HEADER, 8, 1, 1, hop_limit},
    {FW_PAYLOAD, NFPROTO_IPV6, NFT_PAYLOAD_NETWORK_HEADER, 8, 1, 16, source},
    {FW_PAYLOAD, NFPROTO_IPV6, NFT_PAYLOAD_NETWORK_HEADER, 24, 1, 16, destination},
    {FW_PAYLOAD, NFPROTO_IPV6, NFT_PAYLOAD_NETWORK_HEADER, 7, 1, 1, hop_limit},
    {FW_PAYLOAD, ANY_FAMILY, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, 4, transport},
    {FW_PAYLOAD, ANY_FAMILY, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, 2, destination_port},
    {FW_PAYLOAD, ANY_FAMILY, NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1, 1, tcp_flags},
};

static bool means(const struct meaning *m, const struct decoder *d)
{
  const struct loaded *in = &d->in;
  if (m->word != in->word || (m->family != ANY_FAMILY && m->family != d->r->family))
    return false;
  if (m->word == FW_META)
    return m->key_or_base == in->key;
  return m->key_or_base == in->base && m->offset == in->offset && in->len >= m->shortest &&
         in->len <= m->longest;
}

static bool compare(struct decoder *d, const struct fw_expr *c)
{
  if (c->cmp.sreg != d->in.reg)
    return false;
  d->in.used = true;
  for (unsigned i = 0; i < FW_ARRAY(meanings); i++)
    if (means(&meanings[i], d))
      return meanings[i].read(d, c);
  return false;
}

/* ---- expressions ----------------------------------------------------------------------------- */

/* Before something else is loaded: was what is there ever looked at? Loading an interface's name
 * and not looking is what "-i +" becomes; any other such load can still end the rule for a
 * packet. */
static void leave_load(struct decoder *d)
{
  const struct loaded *in = &d->in;
  bool any = in->word == FW_META && (in->key == NFT_META_IIFNAME || in->key == NFT_META_OIFNAME);
  d->upper = NULL;
  if (in->word != FW_FOREIGN && !in->used && !any)
    foreign(d, in->word == FW_META ? "meta" : in->word == FW_PAYLOAD ? "payload" : "immediate");
  d->in = (struct loaded){.word = FW_FOREIGN};
}

static bool read_meta(struct decoder *d, const struct fw_expr *e)
{
  if (e->set == (FW_META_KEY | FW_META_SREG)) {
    bool traced = e->meta.key == NFT_META_NFTRACE && d->in.word == FW_IMMEDIATE &&
                  d->in.reg == e->meta.sreg && d->in.key == 1 && !d->r->has_target;
    struct fw_error error;
    d->in.used = true;
    if (!traced || fw_xt_load(&d->r->target, true, "TRACE", &error) < 0)
      return false;
    d->r->has_target = d->acted = true;
    strcpy(d->r->jump, "TRACE");
    return true;
  }
  leave_load(d);
  d->in = (struct loaded){.word = FW_META, .reg = e->meta.dreg, .key = e->meta.key};
  return e->set == (FW_META_DREG | FW_META_KEY);
}

static bool read_payload(struct decoder *d, const struct fw_expr *e)
{
  leave_load(d);
  d->in = (struct loaded){.word = FW_PAYLOAD,
                          .reg = e->payload.dreg,
                          .base = e->payload.base,
                          .offset = e->payload.offset,
                          .len = e->payload.len};
  return true;
}

static bool read_bitwise(struct decoder *d, const struct fw_expr *e)
{
  static const struct fw_data zero;
  const struct fw_data *flip = &e->bitwise.flip, *mask = &e->bitwise.mask;
  bool plain = e->bitwise.op == NFT_BITWISE_BOOL && flip->len == mask->len && mask->len > 0 &&
               memcmp(flip->bytes, zero.bytes, flip->len) == 0;
  if (!plain || e->bitwise.sreg != d->in.reg || d->in.masked || d->in.used) {
    d->in.used = true;
    return false;
  }
  d->in.reg = e->bitwise.dreg;
  d->in.masked = true;
  d->in.mask = *mask;
  return true;
}

static bool read_cmp(struct decoder *d, const struct fw_expr *e)
{
  return compare(d, e);
}

static bool read_range(struct decoder *d, const struct fw_expr *e)
{
  uint16_t be[2];
  const struct loaded *in = &d->in;
  d->in.used = true;
  if (e->range.sreg != in->reg || in->word != FW_PAYLOAD || in->masked || in->len != 2 ||
      in->base != NFT_PAYLOAD_TRANSPORT_HEADER || (in->offset != 0 && in->offset != 2) ||
      e->range.from.len != 2 || e->range.to.len != 2)
    return false;
  unsigned which = in->offset == 0 ? TAKEN_SRC : TAKEN_DST;
  struct fw_ext *x = port_match(d, which);
  if (x == NULL)
    return false;
  memcpy(&be[0], e->range.from.bytes, 2);
  memcpy(&be[1], e->range.to.bytes, 2);
  set_ports(x, which, ntohs(be[0]), ntohs(be[1]), e->range.op == NFT_RANGE_NEQ);
  return true;
}

static bool read_verdict(struct decoder *d, const struct fw_expr *e)
{
  static const struct {
    int32_t code;
    const char *name;
  } verdicts[] = {{NF_ACCEPT, "ACCEPT"}, {NF_DROP, "DROP"}, {NFT_RETURN, "RETURN"}};
  int32_t code = e->immediate.verdict;
  const char *name = code == NFT_JUMP || code == NFT_GOTO ? e->immediate.chain : NULL;
  for (unsigned i = 0; i < FW_ARRAY(verdicts); i++)
    if (verdicts[i].code == code && e->immediate.chain == NULL)
      name = verdicts[i].name;
  if (name == NULL || d->acted || strlen(name) >= sizeof d->r->jump)
    return false;
  strcpy(d->r->jump, name);
  d->r->go_to = code == NFT_GOTO;
  d->acted = true;
  return true;
}

static bool read_immediate(struct decoder *d, const struct fw_expr *e)
{
  if (e->set != (FW_IMM_DREG | FW_IMM_DATA))
    return false;
  if (e->immediate.data.len == 0)
    return e->immediate.dreg == NFT_REG_VERDICT && read_verdict(d, e);
  leave_load(d);
  d->in = (struct loaded){
      .word = FW_IMMEDIATE, .reg = e->immediate.dreg, .key = e->immediate.data.bytes[0]};
  return true;
}

static bool read_counter(struct decoder *d, const struct fw_expr *e)
{
  if (d->counted)
    return false;
  d->counted = true;
  d->r->packets = e->counter.packets;
  d->r->bytes = e->counter.bytes;
  return true;
}

static bool read_limit(struct decoder *d, const struct fw_expr *e)
{
  if (e->limit.type != NFT_LIMIT_PKTS || e->limit.flags != 0 || e->limit.rate == 0 ||
      e->limit.unit > 86400)
    return false;
  struct fw_ext *x = new_match(d, "limit");
  if (x == NULL || x->size < sizeof(struct xt_rateinfo))
    return false;
  struct xt_rateinfo *info = (void *)x->data;
  info->avg = (uint32_t)(XT_LIMIT_SCALE * e->limit.unit / e->limit.rate);
  info->burst = e->limit.burst;
  return true;
}

/* NFLOG's block with the room for a prefix that nf_tables has; longer than libxtables' own. */
struct long_nflog {
  uint32_t len;
  uint16_t group, threshold, flags, pad;
  char prefix[NF_LOG_PREFIXLEN];
};

static bool read_log(struct decoder *d, const struct fw_expr *e)
{
  struct long_nflog info = {.group = e->log.group, .threshold = e->log.threshold};
  if (!(e->set & FW_LOG_GROUP) || d->acted)
    return false;
  if (e->set & FW_LOG_SNAPLEN) {
    info.len = e->log.snaplen;
    info.flags = XT_NFLOG_F_COPY_LEN;
  }
  if (e->set & FW_LOG_PREFIX && strlen(e->log.prefix) < sizeof info.prefix)
    strcpy(info.prefix, e->log.prefix);
  struct fw_error error;
  int r = fw_xt_load(&d->r->target, true, "NFLOG", &error);
  if (r == 0)
    r = fw_xt_replace(&d->r->target, &info, sizeof info);
  if (r < 0) {
    fw_xt_unload(&d->r->target);
    d->err = r == -ENOMEM ? r : d->err;
    return false;
  }
  d->r->has_target = d->acted = true;
  strcpy(d->r->jump, "NFLOG");
  return true;
}

/* "conntrack revision 1", so that it is clear what the words are missing for. */
static bool unreadable(struct decoder *d, const struct fw_expr *e, int err)
{
  char text[XT_EXTENSION_MAXNAMELEN + 32];
  d->err = err == -ENOMEM ? err : d->err;
  snprintf(text, sizeof text, "%s %.29s revision %u", e->name, e->xt.name, e->xt.revision);
  foreign(d, text);
  return true;
}

static bool read_match(struct decoder *d, const struct fw_expr *e)
{
  if (e->set != 7 || e->xt.revision > UINT8_MAX)
    return false;
  struct fw_ext *x = fw_rule_match(d->r);
  if (x == NULL) {
    d->err = -ENOMEM;
    return false;
  }
  int r = fw_xt_adopt(x, false, e->xt.name, (uint8_t)e->xt.revision, e->xt.info.p, e->xt.info.len);
  d->port = NULL;
  if (r == 0)
    return true;
  d->r->matches--;
  return unreadable(d, e, r);
}

static bool read_target(struct decoder *d, const struct fw_expr *e)
{
  struct fw_ext *x = &d->r->target;
  if (e->set != 7 || e->xt.revision > UINT8_MAX || d->acted)
    return false;
  d->acted = true;
  int r = fw_xt_adopt(x, true, e->xt.name, (uint8_t)e->xt.revision, e->xt.info.p, e->xt.info.len);
  if (r < 0)
    return unreadable(d, e, r);
  d->r->has_target = true;
  strcpy(d->r->jump, x->name);
  return true;
}

static bool (*const readers[])(struct decoder *d, const struct fw_expr *e) = {
    [FW_META] = read_meta,       [FW_PAYLOAD] = read_payload, [FW_BITWISE] = read_bitwise,
    [FW_CMP] = read_cmp,         [FW_RANGE] = read_range,     [FW_IMMEDIATE] = read_immediate,
    [FW_COUNTER] = read_counter, [FW_LIMIT] = read_limit,     [FW_LOG] = read_log,
    [FW_MATCH] = read_match,     [FW_TARGET] = read_target,
};

/* ---- the comment of nft's -------------------------------------------------------------------- */

enum { UDATA_COMMENT = 0 };

/* The comment among the user data, which is a byte of type, one of length, and so many bytes; or
 * NULL. (libnftnl's reader trusts the length, and anybody can have written it.) */
static const char *find_comment(const uint8_t *p, size_t len)
{
  for (; len >= 2 && p[1] <= len - 2; len -= 2u + p[1], p += 2 + p[1])
    if (p[0] == UDATA_COMMENT && p[1] > 0 && p[1 + p[1]] == '\0')
      return (const char *)p + 2;
  return NULL;
}

static void read_udata(struct decoder *d, const struct nlattr *a)
{
  const char *text = find_comment(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
  struct fw_ext *x = text ? new_match(d, "comment") : NULL;
  if (x && strlen(text) < x->size)
    strcpy((char *)x->data, text);
}

/* ---- the rule -------------------------------------------------------------------------------- */

static void read_expressions(struct decoder *d, const struct nlattr *list)
{
  const struct nlattr *at = fw_attr_first(list);
  struct fw_expr e;
  while (d->err == 0 && fw_expr_next(&at, fw_attr_end(list), &e)) {
    bool in_time =
        !d->acted || e.word == FW_COUNTER; /* no word of iptables' comes after the target */
    if (e.word != FW_FOREIGN && in_time && readers[e.word](d, &e))
      continue;
    foreign(d, e.name);
    d->in.used = true;
  }
  leave_load(d);
}

int fw_rule_decode(struct fw_rule *r, uint8_t family, int netns, const void *attrs, size_t len)
{
  struct decoder d = {.r = r, .in = {.word = FW_FOREIGN}};
  const struct nlattr *udata = NULL;
  const void *end = (const char *)attrs + len;
  fw_rule_clear(r);
  fw_xt_begin(family, netns);
  r->family = family;
  for (const struct nlattr *a = attrs; fw_attr_ok(a, end); a = fw_attr_next(a)) {
    if (mnl_attr_get_type(a) == NFTA_RULE_EXPRESSIONS)
      read_expressions(&d, a);
    else if (mnl_attr_get_type(a) == NFTA_RULE_USERDATA)
      udata = a;
  }
  if (udata)
    read_udata(&d, udata);
  return r->foreign.failed ? -ENOMEM : d.err;
}
