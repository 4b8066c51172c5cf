/* encode: a rule as nf_tables expressions, in the forms, the registers and the order that iptables
 * uses: interfaces, protocol, addresses, matches, counter, and last what to do. Few matches have
 * expressions of their own; the others travel as the block of the kernel's xtables extension. */
#include "firewall/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/xt_NFLOG.h>
#include <linux/netfilter/xt_limit.h>
#include <linux/netfilter/xt_mark.h>
#include <string.h>

/* ---- single expressions ---------------------------------------------------------------------- */

static void meta(struct fw_out *o, uint32_t key)
{
  fw_expr_put(o, &(struct fw_expr){.word = FW_META,
                                   .set = FW_META_DREG | FW_META_KEY,
                                   .meta = {.dreg = NFT_REG_1, .key = key}});
}

static void payload(struct fw_out *o, uint32_t base, uint32_t offset, uint32_t len)
{
  fw_expr_put(o, &(struct fw_expr){
                     .word = FW_PAYLOAD, .set = FW_ALL, .payload = {NFT_REG_1, base, offset, len}});
}

static struct fw_data data(const void *bytes, size_t len)
{
  struct fw_data d = {.len = (uint8_t)len};
  memcpy(d.bytes, bytes, len < sizeof d.bytes ? len : sizeof d.bytes);
  return d;
}

static void masked(struct fw_out *o, const void *mask, size_t len)
{
  enum { WITHOUT_OP = FW_ALL & ~(1 << 3) }; /* the kernel's default, and old kernels lack it */
  fw_expr_put(o, &(struct fw_expr){.word = FW_BITWISE,
                                   .set = WITHOUT_OP,
                                   .bitwise = {.sreg = NFT_REG_1,
                                               .dreg = NFT_REG_1,
                                               .len = (uint32_t)len,
                                               .mask = data(mask, len),
                                               .flip = {.len = (uint8_t)len}}});
}

static void cmp(struct fw_out *o, uint32_t op, const void *value, size_t len)
{
  fw_expr_put(o, &(struct fw_expr){
                     .word = FW_CMP, .set = FW_ALL, .cmp = {NFT_REG_1, op, data(value, len)}});
}

static void range(struct fw_out *o, uint32_t op, uint16_t from, uint16_t to)
{
  uint16_t be[2] = {htons(from), htons(to)};
  fw_expr_put(o, &(struct fw_expr){.word = FW_RANGE,
                                   .set = FW_ALL,
                                   .range = {NFT_REG_1, op, data(&be[0], 2), data(&be[1], 2)}});
}

static void verdict(struct fw_out *o, int32_t code, const char *chain)
{
  fw_expr_put(o, &(struct fw_expr){
                     .word = FW_IMMEDIATE,
                     .set = FW_ALL,
                     .immediate = {.dreg = NFT_REG_VERDICT, .verdict = code, .chain = chain}});
}

static void xt(struct fw_out *o, const struct fw_ext *x)
{
  fw_expr_put(o, &(struct fw_expr){.word = x->is_target ? FW_TARGET : FW_MATCH,
                                   .set = FW_ALL,
                                   .xt = {x->name, x->revision, {x->data, (uint16_t)x->size}}});
}

static uint32_t equal(const struct fw_rule *r, uint8_t bit)
{
  return r->inverted & bit ? NFT_CMP_NEQ : NFT_CMP_EQ;
}

/* ---- the rule's own conditions --------------------------------------------------------------- */

static void interface(struct fw_out *o, const struct fw_rule *r, int side, uint32_t key,
                      uint8_t bit)
{
  static const char nothing[] = "INVAL/D"; /* no interface has this name: "! -i +" */
  const char *name = r->iface[side];
  size_t len = strnlen(name, IFNAMSIZ);
  if (len == 0)
    return;
  meta(o, key);
  if (name[len - 1] != '+')
    cmp(o, equal(r, bit), name, len + 1);
  else if (len > 1)
    cmp(o, equal(r, bit), name, len - 1);
  else if (r->inverted & bit)
    cmp(o, NFT_CMP_EQ, nothing, sizeof nothing);
}

static void protocol(struct fw_out *o, const struct fw_rule *r)
{
  if (r->proto == 0)
    return;
  const uint8_t proto = (uint8_t)r->proto;
  meta(o, NFT_META_L4PROTO);
  cmp(o, equal(r, FW_NOT_PROTO), &proto, 1);
}

/* Length of the mask if it is whole bytes of ones from the left, else 0. */
static size_t whole_bytes(const uint8_t *mask, size_t len)
{
  size_t n = 0;
  while (n < len && mask[n] == 0xff)
    n++;
  for (size_t i = n; i < len; i++)
    if (mask[i])
      return 0;
  return n;
}

static void address(struct fw_out *o, const struct fw_rule *r, int side, uint8_t bit)
{
  static const union nf_inet_addr any;
  static const uint32_t offset[2][2] = {{12, 16}, {8, 24}};
  const struct fw_address *a = &r->address[side];
  bool v6 = r->family == NFPROTO_IPV6;
  size_t len = v6 ? 16 : 4, bytes = whole_bytes((const uint8_t *)&a->mask, len);
  bool zero = memcmp(&a->mask, &any, len) == 0;
  if (zero && !(r->inverted & bit) && memcmp(&a->addr, &any, len) == 0)
    return;
  if (bytes > 0 || zero)
    len = bytes;
  payload(o, NFT_PAYLOAD_NETWORK_HEADER, offset[v6][side], (uint32_t)len);
  if (bytes == 0 && !zero)
    masked(o, &a->mask, len);
  cmp(o, equal(r, bit), &a->addr, len);
}

static void fragment(struct fw_out *o, const struct fw_rule *r)
{
  enum { FRAG_OFF = 6 };
  uint16_t bits = htons(0x1fff);
  if (!r->fragment)
    return;
  payload(o, NFT_PAYLOAD_NETWORK_HEADER, FRAG_OFF, 2);
  masked(o, &bits, 2);
  cmp(o, r->inverted & FW_NOT_FRAGMENT ? NFT_CMP_EQ : NFT_CMP_NEQ, &(uint16_t){0}, 2);
}

/* ---- matches --------------------------------------------------------------------------------- */

static void port(struct fw_out *o, uint32_t offset, const uint16_t ports[2], bool inverted)
{
  uint16_t low = htons(ports[0]), high = htons(ports[1]);
  if (ports[0] == 0 && ports[1] == UINT16_MAX)
    return;
  payload(o, NFT_PAYLOAD_TRANSPORT_HEADER, offset, 2);
  if (ports[0] == ports[1])
    cmp(o, inverted ? NFT_CMP_NEQ : NFT_CMP_EQ, &low, 2);
  else if (ports[0] == 0)
    cmp(o, inverted ? NFT_CMP_GT : NFT_CMP_LTE, &high, 2);
  else
    range(o, inverted ? NFT_RANGE_NEQ : NFT_RANGE_EQ, ports[0], ports[1]);
}

/* Two single ports of the same sign are one load of both. */
static void ports(struct fw_out *o, const uint16_t src[2], bool not_src, const uint16_t dst[2],
                  bool not_dst)
{
  if (src[0] && src[0] == src[1] && dst[0] && dst[0] == dst[1] && not_src == not_dst) {
    uint16_t both[2] = {htons(src[0]), htons(dst[0])};
    payload(o, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 4);
    cmp(o, not_src ? NFT_CMP_NEQ : NFT_CMP_EQ, both, 4);
    return;
  }
  port(o, 0, src, not_src);
  port(o, 2, dst, not_dst);
}

static int tcp(struct fw_out *o, const struct fw_rule *r, const struct fw_ext *x,
               struct fw_error *e)
{
  enum { OURS = XT_TCP_INV_SRCPT | XT_TCP_INV_DSTPT | XT_TCP_INV_FLAGS, FLAGS_OFFSET = 13 };
  const struct xt_tcp *t = &x->port.tcp;
  if (t->invflags & ~OURS || t->option || fw_port_empty(x)) {
    xt(o, x);
    return 0;
  }
  if (r->proto != IPPROTO_TCP)
    return fw_fail(e, EINVAL, "TCP match requires '-p tcp'");
  if (t->flg_mask) {
    payload(o, NFT_PAYLOAD_TRANSPORT_HEADER, FLAGS_OFFSET, 1);
    masked(o, &t->flg_mask, 1);
    cmp(o, t->invflags & XT_TCP_INV_FLAGS ? NFT_CMP_NEQ : NFT_CMP_EQ, &t->flg_cmp, 1);
  }
  ports(o, t->spts, t->invflags & XT_TCP_INV_SRCPT, t->dpts, t->invflags & XT_TCP_INV_DSTPT);
  return 0;
}

static int udp(struct fw_out *o, const struct fw_rule *r, const struct fw_ext *x,
               struct fw_error *e)
{
  const struct xt_udp *u = &x->port.udp;
  if (fw_port_empty(x)) {
    xt(o, x);
    return 0;
  }
  if (r->proto != IPPROTO_UDP)
    return fw_fail(e, EINVAL, "UDP match requires '-p udp'");
  ports(o, u->spts, u->invflags & XT_UDP_INV_SRCPT, u->dpts, u->invflags & XT_UDP_INV_DSTPT);
  return 0;
}

static int mark(struct fw_out *o, const struct fw_rule *r, const struct fw_ext *x,
                struct fw_error *e)
{
  (void)r;
  (void)e;
  const struct xt_mark_mtinfo1 *m = (const void *)x->data;
  meta(o, NFT_META_MARK);
  if (m->mask != UINT32_MAX)
    masked(o, &m->mask, sizeof m->mask);
  cmp(o, m->invert ? NFT_CMP_NEQ : NFT_CMP_EQ, &m->mark, sizeof m->mark);
  return 0;
}

/* The block has the time between two packets; the expression wants a rate. The largest unit in
 * which the rate is (nearly) whole is the one that was typed. */
static int limit(struct fw_out *o, const struct fw_rule *r, const struct fw_ext *x,
                 struct fw_error *e)
{
  static const uint32_t seconds[] = {86400, 3600, 60, 1};
  (void)r;
  const struct xt_rateinfo *info = (const void *)x->data;
  unsigned i = 1;
  if (info->avg == 0)
    return fw_fail(e, EINVAL, "limit: the rate is too high");
  for (; i < FW_ARRAY(seconds); i++) {
    uint32_t time = seconds[i] * XT_LIMIT_SCALE;
    if (info->avg > time || time / info->avg < time % info->avg)
      break;
  }
  fw_expr_put(o, &(struct fw_expr){.word = FW_LIMIT,
                                   .set = FW_ALL,
                                   .limit = {.rate = seconds[i - 1] * XT_LIMIT_SCALE / info->avg,
                                             .unit = seconds[i - 1],
                                             .burst = info->burst,
                                             .type = NFT_LIMIT_PKTS}});
  return 0;
}

static int match(struct fw_out *o, const struct fw_rule *r, const struct fw_ext *x,
                 struct fw_error *e)
{
  static const struct {
    const char *name;
    int (*put)(struct fw_out *o, const struct fw_rule *r, const struct fw_ext *x,
               struct fw_error *e);
  } own[] = {{"tcp", tcp}, {"udp", udp}, {"mark", mark}, {"limit", limit}};
  for (unsigned i = 0; i < FW_ARRAY(own); i++)
    if (strcmp(own[i].name, x->name) == 0) {
      e->word = x->word;
      return own[i].put(o, r, x, e);
    }
  xt(o, x);
  return 0;
}

/* ---- what to do ------------------------------------------------------------------------------ */

static void nflog(struct fw_out *o, const struct fw_ext *x)
{
  const struct xt_nflog_info *info = (const void *)x->data;
  const char *prefix = x->lib.target.udata; /* may be longer than the block's */
  struct fw_expr e = {.word = FW_LOG, .set = FW_LOG_GROUP};
  e.log.group = info->group;
  if (info->prefix[0]) {
    e.set |= FW_LOG_PREFIX;
    e.log.prefix = prefix ? prefix : info->prefix;
  }
  if (info->flags & XT_NFLOG_F_COPY_LEN) {
    e.set |= FW_LOG_SNAPLEN;
    e.log.snaplen = info->len;
  }
  if (info->threshold) {
    e.set |= FW_LOG_QTHRESHOLD;
    e.log.threshold = info->threshold;
  }
  fw_expr_put(o, &e);
}

static void trace(struct fw_out *o)
{
  fw_expr_put(o, &(struct fw_expr){.word = FW_IMMEDIATE,
                                   .set = FW_ALL,
                                   .immediate = {.dreg = NFT_REG32_01, .data = {{1}, 1}}});
  fw_expr_put(o, &(struct fw_expr){.word = FW_META,
                                   .set = FW_META_KEY | FW_META_SREG,
                                   .meta = {.key = NFT_META_NFTRACE, .sreg = NFT_REG32_01}});
}

static void action(struct fw_out *o, const struct fw_rule *r)
{
  static const struct {
    const char *name;
    int32_t code;
  } verdicts[] = {{"ACCEPT", NF_ACCEPT}, {"DROP", NF_DROP}, {"RETURN", NFT_RETURN}};
  if (r->jump[0] == '\0')
    return;
  for (unsigned i = 0; !r->go_to && i < FW_ARRAY(verdicts); i++)
    if (strcmp(verdicts[i].name, r->jump) == 0) {
      verdict(o, verdicts[i].code, NULL);
      return;
    }
  if (!r->has_target)
    verdict(o, r->go_to ? NFT_GOTO : NFT_JUMP, r->jump);
  else if (strcmp(r->target.name, "NFLOG") == 0)
    nflog(o, &r->target);
  else if (strcmp(r->target.name, "TRACE") == 0)
    trace(o);
  else
    xt(o, &r->target);
}

int fw_rule_encode(const struct fw_rule *r, struct fw_out *o, struct fw_error *e)
{
  size_t list = fw_nest(o, NFTA_RULE_EXPRESSIONS);
  interface(o, r, FW_IN, NFT_META_IIFNAME, FW_NOT_IN);
  interface(o, r, FW_OUT, NFT_META_OIFNAME, FW_NOT_OUT);
  protocol(o, r);
  address(o, r, FW_SRC, FW_NOT_SRC);
  address(o, r, FW_DST, FW_NOT_DST);
  fragment(o, r);
  for (unsigned i = 0; i < r->matches; i++) {
    int err = match(o, r, &r->match[i], e);
    if (err < 0)
      return err;
  }
  fw_expr_put(
      o, &(struct fw_expr){.word = FW_COUNTER, .set = FW_ALL, .counter = {r->bytes, r->packets}});
  action(o, r);
  fw_nest_end(o, list);
  size_t compat = fw_nest(o, NFTA_RULE_COMPAT);
  fw_put_u32(o, NFTA_RULE_COMPAT_PROTO, r->proto);
  fw_put_u32(o, NFTA_RULE_COMPAT_FLAGS, r->inverted & FW_NOT_PROTO ? NFT_RULE_COMPAT_F_INV : 0);
  fw_nest_end(o, compat);
  return o->full ? fw_fail(e, E2BIG, "the rule is too long") : 0;
}
