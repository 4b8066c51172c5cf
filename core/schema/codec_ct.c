/* codec_ct: the values of the action ct, which hands packets to connection tracking. */
#include "schema/action.h"
#include "schema/codec.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/tc_act/tc_ct.h>
#include <stdio.h>
#include <string.h>

/* ---- what is done: bits of one word ---------------------------------------------------------- */

static void flag_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_bit *b = r->arg;
  uint16_t *word = codec_shared(e, r, r->attr, sizeof *word);
  if (codec_bool(e, r))
    *word = (uint16_t)(*word | b->mask);
}

/* What is not done is not told. */
static bool flag_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  const struct schema_bit *b = r->arg;
  uint16_t v = 0;
  memcpy(&v, p, n < sizeof v ? 0 : sizeof v);
  if (v & b->mask)
    lua_pushboolean(d->L, 1);
  return v & b->mask;
}

const struct schema_codec schema_tc_flagbit16 = {
    .name = "bit", .type = "boolean", .put = flag_put, .get = flag_get, .plain = true};

static void nat_put(struct schema_enc *e, const struct schema_row *r)
{
  uint16_t *word = codec_shared(e, r, r->attr, sizeof *word);
  *word = (uint16_t)(*word | codec_word(e, r, r->arg, UINT16_MAX));
}

static bool nat_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  enum { ALL = TCA_CT_ACT_NAT | TCA_CT_ACT_NAT_SRC | TCA_CT_ACT_NAT_DST };
  uint16_t v = 0;
  memcpy(&v, p, n < sizeof v ? 0 : sizeof v);
  if (!(v & TCA_CT_ACT_NAT))
    return false;
  codec_push_word(d->L, r->arg, v & ALL);
  return true;
}

const struct schema_codec schema_tc_nat_kind = {
    .name = "enum", .type = "string", .put = nat_put, .get = nat_get, .plain = true};

/* ---- labels ---------------------------------------------------------------------------------- */

enum { LABEL = 16 };

/* Hexadecimal digits up to `end`; how many bytes they are, or -1. */
static int hex_of(const char *s, const char *end, uint8_t ret[LABEL])
{
  unsigned v;
  int n = 0;
  for (; s < end; s += 2, n++) {
    char two[3] = {s[0], s[1], '\0'};
    int used = 0;
    if (n == LABEL || end - s < 2 || sscanf(two, "%2x%n", &v, &used) != 1 || used != 2)
      return -1;
    ret[n] = (uint8_t)v;
  }
  return n;
}

static void label_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t label[LABEL], mask[LABEL];
  const char *s = schema_want_text(e, r, "hexadecimal digits"), *slash = strchr(s, '/');
  int n = hex_of(s, slash ? slash : s + strlen(s), label), m = LABEL;
  memset(mask, 0xff, sizeof mask);
  if (slash)
    m = hex_of(slash + 1, s + strlen(s), mask);
  if (n <= 0 || m <= 0)
    schema_fail(e, r, EINVAL, "\"01\", or with a mask \"01/03\": two digits are a byte.",
                "\"%s\" is no label", s);
  codec_emit(e, r, r->attr, label, (size_t)n);
  codec_emit(e, r, r->other, mask, (size_t)m);
}

static void add_hex(luaL_Buffer *b, const uint8_t *p, size_t n)
{
  char text[3];
  for (size_t i = 0; i < n; i++) {
    snprintf(text, sizeof text, "%02x", p[i]);
    luaL_addstring(b, text);
  }
}

static bool label_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  const struct nlattr *a = schema_find(d, NULL, r->other);
  const uint8_t *mask = a ? mnl_attr_get_payload(a) : NULL;
  size_t m = a ? mnl_attr_get_payload_len(a) : 0;
  bool whole = true;
  luaL_Buffer b;
  for (size_t i = 0; i < m; i++)
    whole = whole && mask[i] == 0xff;
  luaL_buffinit(d->L, &b);
  add_hex(&b, p, n < LABEL ? n : LABEL);
  if (!whole) {
    luaL_addchar(&b, '/');
    add_hex(&b, mask, m < LABEL ? m : LABEL);
  }
  luaL_pushresult(&b);
  return true;
}

const struct schema_codec schema_tc_label = {
    .name = "string", .type = "string", .put = label_put, .get = label_get, .plain = true};

/* ---- ranges ---------------------------------------------------------------------------------- */

/* One end: a port, or an address; its bytes, how many they are. */
static size_t end_of(struct schema_enc *e, const struct schema_row *r, const char *s,
                     uint8_t ret[16])
{
  const struct tc_ends *ends = r->arg;
  unsigned port;
  int used = 0;
  if (ends->from6 && inet_pton(AF_INET, s, ret) == 1)
    return sizeof(struct in_addr);
  if (ends->from6 && inet_pton(AF_INET6, s, ret) == 1)
    return sizeof(struct in6_addr);
  if (ends->from6 || sscanf(s, "%5u%n", &port, &used) != 1 || s[used] || port > UINT16_MAX)
    schema_fail(e, r, EINVAL, r->doc, "\"%s\" is no %s", s, ends->from6 ? "address" : "port");
  uint16_t wire = htons((uint16_t)port);
  memcpy(ret, &wire, sizeof wire);
  return sizeof wire;
}

static void ends_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_ends *ends = r->arg;
  char first[INET6_ADDRSTRLEN];
  uint8_t from[16], to[16];
  if (!lua_isinteger(e->L, -1))
    schema_want_text(e, r, "one, or two with a dash between them");
  const char *s = luaL_tolstring(e->L, -1, NULL), *dash = strchr(s, '-');
  snprintf(first, sizeof first, "%.*s", dash ? (int)(dash - s) : (int)strlen(s), s);
  size_t n = end_of(e, r, first, from), m = end_of(e, r, dash ? dash + 1 : first, to);
  if (n != m)
    schema_fail(e, r, EINVAL, NULL, "these are addresses of two families");
  bool six = n == sizeof to;
  codec_emit(e, r, six ? ends->from6 : ends->from, from, n);
  codec_emit(e, r, six ? ends->to6 : ends->to, to, n);
  lua_pop(e->L, 1);
}

static void push_end(lua_State *L, const struct nlattr *a, size_t n)
{
  if (n > sizeof(uint16_t))
    schema_push_address(L, mnl_attr_get_payload(a), n);
  else
    lua_pushinteger(L, ntohs(mnl_attr_get_u16(a)));
}

static bool ends_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  const struct tc_ends *ends = r->arg;
  const struct nlattr *a = schema_find(d, NULL, ends->from), *b = schema_find(d, NULL, ends->to);
  size_t size = ends->from6 ? sizeof(struct in_addr) : sizeof(uint16_t);
  (void)p, (void)n;
  if (a == NULL && ends->from6) {
    a = schema_find(d, NULL, ends->from6);
    b = schema_find(d, NULL, ends->to6);
    size = sizeof(struct in6_addr);
  }
  if (a == NULL || mnl_attr_get_payload_len(a) < size)
    return false;
  push_end(d->L, a, size);
  if (b == NULL || mnl_attr_get_payload_len(b) < size ||
      memcmp(mnl_attr_get_payload(a), mnl_attr_get_payload(b), size) == 0)
    return true;
  luaL_tolstring(d->L, -1, NULL);
  push_end(d->L, b, size);
  luaL_tolstring(d->L, -1, NULL);
  lua_pushfstring(d->L, "%s-%s", lua_tostring(d->L, -3), lua_tostring(d->L, -1));
  lua_replace(d->L, -5);
  lua_pop(d->L, 3);
  return true;
}

const struct schema_codec schema_tc_ends = {.name = "ends",
                                            .type = "integer|string",
                                            .put = ends_put,
                                            .get = ends_get,
                                            .computed = true,
                                            .plain = true};
