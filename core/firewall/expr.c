/* expr: the nf_tables expressions that iptables rules are made of, one row for each attribute; the
 * rows write and read. What a rule holds beyond them (another expression, another attribute) is
 * told apart, so that a reader never takes a rule for less than it is; that is why libnftnl's own
 * parser, which leaves out what it does not know, is not used for rules. */
#include "firewall/internal.h"

#include <arpa/inet.h>
#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <string.h>

/* ---- attributes ------------------------------------------------------------------------------ */

void fw_put(struct fw_out *o, uint16_t type, const void *data, size_t len)
{
  struct nlattr a = {.nla_len = (uint16_t)(sizeof a + len), .nla_type = type};
  size_t room = (sizeof a + len + 3) / 4 * 4;
  if (o->full || o->cap - o->len < room || len > UINT16_MAX - sizeof a) {
    o->full = true;
    return;
  }
  uint8_t *p = o->p + o->len;
  memset(p + room - 4, 0, 4); /* the padding is sent too */
  memcpy(p, &a, sizeof a);
  memcpy(p + sizeof a, data, len);
  o->len += room;
}

/* A header and a number of `size` bytes, which the caller knows: most attributes are like this. */
static inline void put_number(struct fw_out *o, uint16_t type, const void *be, size_t size)
{
  struct nlattr a = {.nla_len = (uint16_t)(sizeof a + size), .nla_type = type};
  if (o->full || o->cap - o->len < sizeof a + size) {
    o->full = true;
    return;
  }
  memcpy(o->p + o->len, &a, sizeof a);
  memcpy(o->p + o->len + sizeof a, be, size);
  o->len += sizeof a + size;
}

void fw_put_u32(struct fw_out *o, uint16_t type, uint32_t value)
{
  uint32_t be = htonl(value);
  put_number(o, type, &be, sizeof be);
}

void fw_put_u64(struct fw_out *o, uint16_t type, uint64_t value)
{
  uint64_t be = htobe64(value);
  put_number(o, type, &be, sizeof be);
}

void fw_put_str(struct fw_out *o, uint16_t type, const char *s)
{
  fw_put(o, type, s, strlen(s) + 1);
}

size_t fw_nest(struct fw_out *o, uint16_t type)
{
  size_t nest = o->len;
  put_number(o, type | NLA_F_NESTED, "", 0);
  return nest;
}

void fw_nest_end(struct fw_out *o, size_t nest)
{
  if (o->full)
    return;
  size_t len = o->len - nest;
  if (len > UINT16_MAX) {
    o->full = true;
    return;
  }
  struct nlattr a;
  memcpy(&a, o->p + nest, sizeof a);
  a.nla_len = (uint16_t)len;
  memcpy(o->p + nest, &a, sizeof a);
}

/* ---- codecs ---------------------------------------------------------------------------------- */

struct codec {
  void (*put)(struct fw_out *o, uint16_t type, const void *field, const struct fw_expr *e);
  bool (*get)(const struct nlattr *a, void *field, struct fw_expr *e);
};

static void u16_put(struct fw_out *o, uint16_t type, const void *field, const struct fw_expr *e)
{
  (void)e;
  uint16_t be = htons(*(const uint16_t *)field);
  fw_put(o, type, &be, sizeof be);
}

static bool u16_get(const struct nlattr *a, void *field, struct fw_expr *e)
{
  (void)e;
  if (mnl_attr_get_payload_len(a) < sizeof(uint16_t))
    return false;
  *(uint16_t *)field = ntohs(mnl_attr_get_u16(a));
  return true;
}

static void u32_put(struct fw_out *o, uint16_t type, const void *field, const struct fw_expr *e)
{
  (void)e;
  fw_put_u32(o, type, *(const uint32_t *)field);
}

static bool u32_get(const struct nlattr *a, void *field, struct fw_expr *e)
{
  (void)e;
  if (mnl_attr_get_payload_len(a) < sizeof(uint32_t))
    return false;
  *(uint32_t *)field = ntohl(mnl_attr_get_u32(a));
  return true;
}

static void u64_put(struct fw_out *o, uint16_t type, const void *field, const struct fw_expr *e)
{
  (void)e;
  fw_put_u64(o, type, *(const uint64_t *)field);
}

static bool u64_get(const struct nlattr *a, void *field, struct fw_expr *e)
{
  (void)e;
  if (mnl_attr_get_payload_len(a) < sizeof(uint64_t))
    return false;
  *(uint64_t *)field = be64toh(mnl_attr_get_u64(a));
  return true;
}

static void string_put(struct fw_out *o, uint16_t type, const void *field, const struct fw_expr *e)
{
  (void)e;
  fw_put_str(o, type, *(const char *const *)field);
}

static bool string_get(const struct nlattr *a, void *field, struct fw_expr *e)
{
  (void)e;
  if (memchr(mnl_attr_get_payload(a), '\0', mnl_attr_get_payload_len(a)) == NULL)
    return false;
  *(const char **)field = mnl_attr_get_str(a);
  return true;
}

static void blob_put(struct fw_out *o, uint16_t type, const void *field, const struct fw_expr *e)
{
  (void)e;
  const struct fw_blob *b = field;
  fw_put(o, type, b->p, b->len);
}

static bool blob_get(const struct nlattr *a, void *field, struct fw_expr *e)
{
  (void)e;
  *(struct fw_blob *)field = (struct fw_blob){mnl_attr_get_payload(a), mnl_attr_get_payload_len(a)};
  return true;
}

static void data_put(struct fw_out *o, uint16_t type, const void *field, const struct fw_expr *e)
{
  (void)e;
  const struct fw_data *d = field;
  size_t nest = fw_nest(o, type);
  fw_put(o, NFTA_DATA_VALUE, d->bytes, d->len);
  fw_nest_end(o, nest);
}

static bool data_get(const struct nlattr *a, void *field, struct fw_expr *e)
{
  (void)e;
  struct fw_data *d = field;
  FW_EACH_NESTED(v, a)
  {
    uint16_t len = mnl_attr_get_payload_len(v);
    if (mnl_attr_get_type(v) != NFTA_DATA_VALUE || len == 0 || len > sizeof d->bytes)
      return false;
    memcpy(d->bytes, mnl_attr_get_payload(v), len);
    d->len = (uint8_t)len;
  }
  return d->len > 0;
}

static void immediate_put(struct fw_out *o, uint16_t type, const void *field,
                          const struct fw_expr *e)
{
  if (e->immediate.data.len > 0) {
    data_put(o, type, field, e);
    return;
  }
  size_t data = fw_nest(o, type), verdict = fw_nest(o, NFTA_DATA_VERDICT);
  fw_put_u32(o, NFTA_VERDICT_CODE, (uint32_t)e->immediate.verdict);
  if (e->immediate.chain)
    fw_put_str(o, NFTA_VERDICT_CHAIN, e->immediate.chain);
  fw_nest_end(o, verdict);
  fw_nest_end(o, data);
}

static bool verdict_get(const struct nlattr *verdict, struct fw_expr *e)
{
  bool code = false;
  FW_EACH_NESTED(a, verdict)
  {
    uint32_t value;
    if (mnl_attr_get_type(a) == NFTA_VERDICT_CODE && u32_get(a, &value, e)) {
      e->immediate.verdict = (int32_t)value;
      code = true;
    } else if (mnl_attr_get_type(a) != NFTA_VERDICT_CHAIN ||
               !string_get(a, &e->immediate.chain, e)) {
      return false;
    }
  }
  return code;
}

static bool immediate_get(const struct nlattr *a, void *field, struct fw_expr *e)
{
  FW_EACH_NESTED(v, a)
  {
    if (mnl_attr_get_type(v) == NFTA_DATA_VERDICT)
      return verdict_get(v, e);
  }
  return data_get(a, field, e);
}

static bool skip(const struct nlattr *a, void *field, struct fw_expr *e)
{
  (void)a;
  (void)field;
  (void)e;
  return true;
}

static const struct codec U16 = {u16_put, u16_get}, U32 = {u32_put, u32_get},
                          U64 = {u64_put, u64_get}, STRING = {string_put, string_get},
                          BLOB = {blob_put, blob_get}, DATA = {data_put, data_get},
                          IMMEDIATE = {immediate_put, immediate_get}, PADDING = {NULL, skip};

/* ---- rows ------------------------------------------------------------------------------------ */

struct row {
  uint16_t type;
  const struct codec *codec;
  size_t offset;
};
enum { ROWS = 7 };
struct word {
  const char *name;
  struct row row[ROWS]; /* in the order in which they are written */
};

#define ROW(type, codec, field)                                                                    \
  {                                                                                                \
    type, &codec, offsetof(struct fw_expr, field)                                                  \
  }

static const struct word words[] = {
    [FW_META] = {"meta",
                 {ROW(NFTA_META_KEY, U32, meta.key), ROW(NFTA_META_DREG, U32, meta.dreg),
                  ROW(NFTA_META_SREG, U32, meta.sreg)}},
    [FW_PAYLOAD] = {"payload",
                    {ROW(NFTA_PAYLOAD_DREG, U32, payload.dreg),
                     ROW(NFTA_PAYLOAD_BASE, U32, payload.base),
                     ROW(NFTA_PAYLOAD_OFFSET, U32, payload.offset),
                     ROW(NFTA_PAYLOAD_LEN, U32, payload.len)}},
    [FW_BITWISE] = {"bitwise",
                    {ROW(NFTA_BITWISE_SREG, U32, bitwise.sreg),
                     ROW(NFTA_BITWISE_DREG, U32, bitwise.dreg),
                     ROW(NFTA_BITWISE_LEN, U32, bitwise.len), ROW(NFTA_BITWISE_OP, U32, bitwise.op),
                     ROW(NFTA_BITWISE_MASK, DATA, bitwise.mask),
                     ROW(NFTA_BITWISE_XOR, DATA, bitwise.flip)}},
    [FW_CMP] = {"cmp",
                {ROW(NFTA_CMP_SREG, U32, cmp.sreg), ROW(NFTA_CMP_OP, U32, cmp.op),
                 ROW(NFTA_CMP_DATA, DATA, cmp.data)}},
    [FW_RANGE] = {"range",
                  {ROW(NFTA_RANGE_SREG, U32, range.sreg), ROW(NFTA_RANGE_OP, U32, range.op),
                   ROW(NFTA_RANGE_FROM_DATA, DATA, range.from),
                   ROW(NFTA_RANGE_TO_DATA, DATA, range.to)}},
    [FW_IMMEDIATE] = {"immediate",
                      {ROW(NFTA_IMMEDIATE_DREG, U32, immediate.dreg),
                       ROW(NFTA_IMMEDIATE_DATA, IMMEDIATE, immediate.data)}},
    [FW_COUNTER] = {"counter",
                    {ROW(NFTA_COUNTER_BYTES, U64, counter.bytes),
                     ROW(NFTA_COUNTER_PACKETS, U64, counter.packets),
                     ROW(NFTA_COUNTER_PAD, PADDING, counter)}},
    [FW_LIMIT] = {"limit",
                  {ROW(NFTA_LIMIT_RATE, U64, limit.rate), ROW(NFTA_LIMIT_UNIT, U64, limit.unit),
                   ROW(NFTA_LIMIT_BURST, U32, limit.burst), ROW(NFTA_LIMIT_TYPE, U32, limit.type),
                   ROW(NFTA_LIMIT_FLAGS, U32, limit.flags), ROW(NFTA_LIMIT_PAD, PADDING, limit)}},
    [FW_LOG] = {"log",
                {ROW(NFTA_LOG_PREFIX, STRING, log.prefix), ROW(NFTA_LOG_GROUP, U16, log.group),
                 ROW(NFTA_LOG_SNAPLEN, U32, log.snaplen),
                 ROW(NFTA_LOG_QTHRESHOLD, U16, log.threshold)}},
    [FW_MATCH] = {"match",
                  {ROW(NFTA_MATCH_NAME, STRING, xt.name), ROW(NFTA_MATCH_REV, U32, xt.revision),
                   ROW(NFTA_MATCH_INFO, BLOB, xt.info)}},
    [FW_TARGET] = {"target",
                   {ROW(NFTA_TARGET_NAME, STRING, xt.name), ROW(NFTA_TARGET_REV, U32, xt.revision),
                    ROW(NFTA_TARGET_INFO, BLOB, xt.info)}},
};

void fw_expr_put(struct fw_out *o, const struct fw_expr *e)
{
  const struct word *w = &words[e->word];
  size_t elem = fw_nest(o, NFTA_LIST_ELEM);
  fw_put_str(o, NFTA_EXPR_NAME, w->name);
  size_t data = fw_nest(o, NFTA_EXPR_DATA);
  for (unsigned i = 0; i < ROWS && w->row[i].codec; i++)
    if ((e->set & 1u << i) && w->row[i].codec->put)
      w->row[i].codec->put(o, w->row[i].type, (const char *)e + w->row[i].offset, e);
  fw_nest_end(o, data);
  fw_nest_end(o, elem);
}

static enum fw_word find_word(const char *name)
{
  for (enum fw_word i = 0; i < FW_ARRAY(words); i++)
    if (strcmp(words[i].name, name) == 0)
      return i;
  return FW_FOREIGN;
}

/* Reads one attribute of the expression; false if no row of its word can. */
static bool read_attribute(const struct nlattr *a, struct fw_expr *e)
{
  const struct row *row = words[e->word].row;
  uint16_t type = mnl_attr_get_type(a);
  for (unsigned i = 0; i < ROWS && row[i].codec; i++)
    if (row[i].type == type) {
      e->set |= 1u << i;
      return row[i].codec->get(a, (char *)e + row[i].offset, e);
    }
  return false;
}

bool fw_expr_next(const struct nlattr **at, const void *end, struct fw_expr *ret)
{
  if (!fw_attr_ok(*at, end))
    return false;
  const struct nlattr *data = NULL;
  *ret = (struct fw_expr){.name = "?", .word = FW_FOREIGN};
  FW_EACH_NESTED(a, *at)
  {
    if (mnl_attr_get_type(a) == NFTA_EXPR_NAME && string_get(a, &ret->name, ret))
      ret->word = find_word(ret->name);
    else if (mnl_attr_get_type(a) == NFTA_EXPR_DATA)
      data = a;
  }
  *at = fw_attr_next(*at);
  if (ret->word == FW_FOREIGN || data == NULL)
    return true;
  FW_EACH_NESTED(d, data)
  {
    if (!read_attribute(d, ret)) {
      ret->word = FW_FOREIGN;
      break;
    }
  }
  return true;
}
