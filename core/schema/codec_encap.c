/* codec_encap: values of what a route wraps packets into: its kind, a stack of MPLS labels, the
 * list of segments of an IPv6 routing header. */
#include "schema/encap.h"
#include "schema/codec.h"
#include <endian.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/seg6_hmac.h>
#include <linux/seg6_iptunnel.h>
#include <linux/seg6_local.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the kind -------------------------------------------------------------------------------- */

/* The row of the kind that the table at the top has; there is one, and no other. */
static const struct schema_row *kind_given(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema *kinds = r->arg;
  const struct schema_row *found = NULL;
  lua_State *L = e->L;
  if (!lua_istable(L, -1))
    schema_wrong(e, r, "a table, { mpls = { labels = 100 } },");
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "a number";
    const struct schema_row *k = schema_row_of(kinds, key);
    if (k == NULL || (k->flags & SCHEMA_READONLY))
      schema_fail(e, r, EINVAL, "It is one of mpls, ip, ip6, seg6, seg6local and xfrm.",
                  "\"%s\" is no encapsulation that can be made", key);
    if (found)
      schema_fail(e, r, EINVAL, NULL, "a packet is wrapped once: %s or %s", found->key, k->key);
    found = k;
  }
  if (found == NULL)
    schema_fail(e, r, EINVAL, "It is one of mpls, ip, ip6, seg6, seg6local and xfrm.",
                "which encapsulation is not said");
  return found;
}

static void encap_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_row *k = kind_given(e, r);
  uint16_t type = k->attr;
  struct nlattr *nest = mnl_attr_nest_start_check(e->nlh, sizeof e->buf->msg, r->attr);
  if (nest == NULL)
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
  const char *at = lua_pushfstring(e->L, "%s.%s", r->key, k->key);
  lua_getfield(e->L, -2, k->key);
  schema_put_within(e, k, k->arg, at);
  lua_pop(e->L, 2);
  mnl_attr_nest_end(e->nlh, nest);
  codec_emit(e, r, r->other, &type, sizeof type);
}

static const struct schema_row *kind_of(const struct nlattr *type, const struct schema_row *r)
{
  const struct schema *kinds = r->arg;
  const struct schema_row *k = kinds->rows;
  if (type == NULL || mnl_attr_get_payload_len(type) < sizeof(uint16_t))
    return NULL;
  while (k->key && k->attr != mnl_attr_get_u16(type))
    k++;
  return k->key ? k : NULL;
}

const struct schema_row *schema_encap_row(const struct schema_dec *d, const struct schema_row *r)
{
  return kind_of(schema_find(d, NULL, r->other), r);
}

/* The attribute beside it says of which kind it is; that one's value is the kind's name. */
static bool encap_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  struct schema_dec in;
  const struct nlattr *type = schema_find(d, NULL, r->other);
  const struct schema_row *k = kind_of(type, r);
  if (k == NULL)
    return false;
  if (p == mnl_attr_get_payload(type)) {
    lua_pushstring(d->L, k->key);
    return true;
  }
  if (!schema_open(&in, d->L, k->arg, p, n, d->context))
    return false;
  lua_createtable(d->L, 0, 1);
  schema_get_all(&in);
  lua_setfield(d->L, -2, k->key);
  return true;
}

const struct schema_codec schema_encap = {
    .name = "encap", .type = "table", .put = encap_put, .get = encap_get};

/* A kind is put and read by what it is a kind of. */
const struct schema_codec schema_encap_kind = {.name = "encap kind", .type = "table"};

/* ---- MPLS labels ----------------------------------------------------------------------------- */

enum { LABELS = 16, LABEL_MAX = 0xFFFFF, LABEL_SHIFT = 12, LABEL_BOTTOM = 0x100 };

/* 100, "100", "100/200"; on the wire the last one is marked. */
static void labels_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t stack[LABELS] = {0};
  size_t n = 0;
  int top = lua_gettop(e->L);
  lua_pushvalue(e->L, -1);
  const char *at = lua_isinteger(e->L, -1) ? lua_tostring(e->L, -1)
                                           : schema_want_text(e, r, "labels, \"100/200\",");
  const char *next = at;
  for (; next && n < LABELS; n++) {
    char *end;
    unsigned long v = strtoul(next, &end, 0);
    if (end == next || (*end != '\0' && *end != '/') || *next == '-' || v > LABEL_MAX)
      schema_fail(e, r, EINVAL, "A label is a number up to 1048575; several: \"100/200\".",
                  "\"%s\" are no labels", at);
    stack[n] = htobe32((uint32_t)v << LABEL_SHIFT);
    next = *end ? end + 1 : NULL;
  }
  if (next)
    schema_fail(e, r, EINVAL, NULL, "these are too many labels");
  stack[n - 1] |= htobe32(LABEL_BOTTOM);
  schema_emit(e, r, stack, n * sizeof *stack);
  lua_settop(e->L, top);
}

static bool labels_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  char text[LABELS * 9] = "";
  size_t used = 0;
  (void)r;
  for (size_t i = 0; i < n / sizeof(uint32_t) && i < LABELS; i++) {
    uint32_t v;
    memcpy(&v, (const char *)p + i * sizeof v, sizeof v);
    used += (size_t)snprintf(text + used, sizeof text - used, "%s%u", i ? "/" : "",
                             be32toh(v) >> LABEL_SHIFT);
  }
  lua_pushlstring(d->L, text, used);
  return used > 0;
}

const struct schema_codec schema_labels = {.name = "string",
                                           .type = "integer|string",
                                           .put = labels_put,
                                           .get = labels_get,
                                           .read_type = "string",
                                           .plain = true};

/* ---- segments -------------------------------------------------------------------------------- */

enum { SEGMENTS = 32, SRH_TYPE = 4, MODE_INLINE = SEG6_IPTUN_MODE_INLINE };
enum { MODE_LEN = sizeof(int), SRH_LEN = sizeof(struct ipv6_sr_hdr), ADDR = 16, HMAC_LEN = 40 };

const struct schema_name schema_seg6_modes[] = {
    {"inline", 0}, {"encap", 1}, {"l2encap", 2}, {"encap.red", 3}, {"l2encap.red", 4}, {NULL, 0}};

/* The segments of the list at the top, the last one first; returns how many. */
static size_t want_segments(struct schema_enc *e, const struct schema_row *r, uint8_t *ret)
{
  static const struct schema_inet ip6 = {AF_INET6, SCHEMA_EITHER};
  const struct schema_row one = {.key = r->key, .arg = &ip6};
  if (!lua_istable(e->L, -1))
    schema_wrong(e, r, "a list of addresses, { \"fd00::2\", \"fd00::3\" },");
  lua_Integer n = luaL_len(e->L, -1);
  if (n < 1 || n > SEGMENTS)
    schema_fail(e, r, EINVAL, NULL, n < 1 ? "the list is empty" : "these are too many segments");
  for (lua_Integer i = 1; i <= n; i++) {
    struct in6_addr a;
    lua_rawgeti(e->L, -1, i);
    if (codec_address(e, &one, &a) != AF_INET6)
      schema_fail(e, r, EINVAL, NULL, "a segment is an IPv6 address");
    memcpy(ret + (size_t)(n - i) * ADDR, &a, ADDR);
    lua_pop(e->L, 1);
  }
  return (size_t)n;
}

/* Writes the routing header with the segments of the list at the top; returns its length. With
 * `own` the last segment is left open: it is the packet's own destination. */
static size_t make_srh(struct schema_enc *e, const struct schema_row *r, bool own, uint32_t hmac,
                       uint8_t *ret)
{
  struct ipv6_sr_hdr *srh = (void *)ret;
  size_t n = want_segments(e, r, ret + SRH_LEN + (own ? ADDR : 0)) + own;
  size_t len = SRH_LEN + n * ADDR + (hmac ? HMAC_LEN : 0);
  srh->hdrlen = (uint8_t)((len >> 3) - 1);
  srh->type = SRH_TYPE;
  srh->segments_left = srh->first_segment = (uint8_t)(n - 1);
  if (hmac) {
    uint8_t *tlv = ret + len - HMAC_LEN;
    uint32_t id = htobe32(hmac);
    srh->flags = SR6_FLAG1_HMAC;
    tlv[0] = SR6_TLV_HMAC;
    tlv[1] = HMAC_LEN - 2;
    memcpy(tlv + 4, &id, sizeof id);
  }
  return len;
}

/* Pushes the list of segments of a routing header; `skip`: without so many at the end. */
static bool push_segments(lua_State *L, const uint8_t *srh, size_t n, int skip)
{
  const struct ipv6_sr_hdr *h = (const void *)srh;
  if (n < SRH_LEN || n < SRH_LEN + (h->first_segment + 1U) * ADDR)
    return false;
  lua_newtable(L);
  for (int i = h->first_segment, at = 1; i >= skip; i--, at++) {
    schema_push_address(L, srh + SRH_LEN + (size_t)i * ADDR, ADDR);
    lua_rawseti(L, -2, at);
  }
  return true;
}

/* The mode and the key of the signature, of the options around. */
static uint32_t other_option(struct schema_enc *e, const char *key, const struct schema_name *names)
{
  const struct schema_row r = {.key = key};
  uint32_t v = 0;
  if (lua_getfield(e->L, e->t, key) != LUA_TNIL)
    v = names ? codec_word(e, &r, names, 4) : (uint32_t)codec_integer(e, &r, 0, UINT32_MAX);
  lua_pop(e->L, 1);
  return v;
}

static void segs_put(struct schema_enc *e, const struct schema_row *r)
{
  _Alignas(8) uint8_t buf[MODE_LEN + SRH_LEN + (SEGMENTS + 1) * ADDR + HMAC_LEN] = {0};
  uint32_t mode = other_option(e, "mode", schema_seg6_modes), hmac = other_option(e, "hmac", NULL);
  memcpy(buf, &mode, sizeof mode);
  size_t len = make_srh(e, r, mode == MODE_INLINE, hmac, buf + MODE_LEN);
  schema_emit(e, r, buf, MODE_LEN + len);
}

static uint32_t mode_of(const void *p)
{
  uint32_t mode;
  memcpy(&mode, p, sizeof mode);
  return mode;
}

static bool segs_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  (void)r;
  return n >= MODE_LEN && push_segments(d->L, (const uint8_t *)p + MODE_LEN, n - MODE_LEN,
                                        mode_of(p) == MODE_INLINE);
}

#define SEGMENT_LIST "string[]"
const struct schema_codec schema_seg6_segs = {
    .name = "addresses", .type = SEGMENT_LIST, .put = segs_put, .get = segs_get};

/* segs puts it; here is only what is wrong with it. */
static void mode_put(struct schema_enc *e, const struct schema_row *r)
{
  codec_word(e, r, r->arg, 4);
}

static bool mode_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  if (n < MODE_LEN)
    return false;
  codec_push_word(d->L, r->arg, mode_of(p));
  return true;
}

const struct schema_codec schema_seg6_mode = {
    .name = "enum", .type = "string", .put = mode_put, .get = mode_get};

static void hmac_put(struct schema_enc *e, const struct schema_row *r)
{
  codec_integer(e, r, 1, UINT32_MAX);
}

static bool hmac_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  const uint8_t *srh = (const uint8_t *)p + MODE_LEN;
  const struct ipv6_sr_hdr *h = (const void *)srh;
  uint32_t id;
  (void)r;
  if (n < MODE_LEN + SRH_LEN || !(h->flags & SR6_FLAG1_HMAC))
    return false;
  size_t end = SRH_LEN + (h->first_segment + 1U) * ADDR;
  if (n < MODE_LEN + end + 8)
    return false;
  memcpy(&id, srh + end + 4, sizeof id);
  lua_pushinteger(d->L, be32toh(id));
  return true;
}

const struct schema_codec schema_seg6_hmac = {
    .name = "u32", .type = "integer", .put = hmac_put, .get = hmac_get};

/* ---- what is done at the end of a segment ---------------------------------------------------- */

static void srh_put(struct schema_enc *e, const struct schema_row *r)
{
  _Alignas(8) uint8_t buf[SRH_LEN + (SEGMENTS + 1) * ADDR] = {0};
  lua_getfield(e->L, e->t, "action");
  bool own = lua_type(e->L, -1) == LUA_TSTRING && strcmp(lua_tostring(e->L, -1), "End.B6") == 0;
  lua_pop(e->L, 1);
  size_t len = make_srh(e, r, own, 0, buf);
  schema_emit(e, r, buf, len);
}

static bool srh_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  const struct nlattr *action = schema_find(d, NULL, SEG6_LOCAL_ACTION);
  bool own = action && mnl_attr_get_payload_len(action) >= sizeof(uint32_t) &&
             mnl_attr_get_u32(action) == SEG6_LOCAL_ACTION_END_B6;
  (void)r;
  return push_segments(d->L, p, n, own);
}

const struct schema_codec schema_seg6_srh = {
    .name = "srh", .type = SEGMENT_LIST, .put = srh_put, .get = srh_get};

/* The counters begin at zero. */
static void count_put(struct schema_enc *e, const struct schema_row *r)
{
  static const uint16_t counters[] = {SEG6_LOCAL_CNT_PACKETS, SEG6_LOCAL_CNT_BYTES,
                                      SEG6_LOCAL_CNT_ERRORS};
  uint64_t zero = 0;
  if (!codec_bool(e, r))
    return;
  struct nlattr *nest = mnl_attr_nest_start_check(e->nlh, sizeof e->buf->msg, r->attr);
  if (nest == NULL)
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
  for (size_t i = 0; i < sizeof counters / sizeof *counters; i++)
    codec_emit(e, r, counters[i], &zero, sizeof zero);
  mnl_attr_nest_end(e->nlh, nest);
}

static bool count_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  (void)r, (void)p, (void)n;
  lua_pushboolean(d->L, 1);
  return true;
}

const struct schema_codec schema_seg6_count = {
    .name = "bit", .type = "boolean", .put = count_put, .get = count_get};
