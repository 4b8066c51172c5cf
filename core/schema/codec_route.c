/* codec_route: values of routes and nexthops - a gateway of either family, several ways at once,
 * groups, metrics that are sets or times. */
#include "schema/internal.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- gateways ------------------------------------------------------------------------------- */

/* RTA_GATEWAY, or RTA_VIA (the row's other attribute), which says its family, when it is of another
 * one than the route. */
static void via_put(struct schema_enc *e, const struct schema_row *r)
{
  const char *s = schema_want_text(e, r, "an IP address");
  struct in6_addr a;
  int family;
  char via[sizeof(uint16_t) + sizeof a];
  if (!schema_parse_address(s, &family, &a))
    schema_fail(e, r, EINVAL, NULL, "\"%s\" is no IP address", s);
  if (*e->family == 0 || *e->family == family || r->other == 0) {
    schema_set_family(e, r, family);
    schema_emit(e, r, &a, schema_address_len(family));
    return;
  }
  struct schema_row other = *r;
  other.attr = r->other;
  memcpy(via, &(uint16_t){(uint16_t)family}, sizeof(uint16_t));
  memcpy(via + sizeof(uint16_t), &a, schema_address_len(family));
  schema_emit(e, &other, via, sizeof(uint16_t) + schema_address_len(family));
}

static bool via_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  (void)r;
  if (n == 4 || n == 16)
    return schema_push_address(d->L, p, n);
  if (n < sizeof(uint16_t))
    return false;
  return schema_push_address(d->L, (const char *)p + sizeof(uint16_t), n - sizeof(uint16_t));
}

const struct schema_codec schema_via = {
    .name = "via", .type = "string", .put = via_put, .get = via_get, .plain = true};

/* An address whose family is not that of the message. */
static void host_put(struct schema_enc *e, const struct schema_row *r)
{
  const char *s = schema_want_text(e, r, "an IP address");
  struct in6_addr a;
  int family;
  if (!schema_parse_address(s, &family, &a))
    schema_fail(e, r, EINVAL, NULL, "\"%s\" is no IP address", s);
  schema_emit(e, r, &a, schema_address_len(family));
}

const struct schema_codec schema_host = {
    .name = "address", .type = "string", .put = host_put, .get = via_get, .plain = true};

/* ---- several ways at once ------------------------------------------------------------------- */

enum { WAYS = 256 }; /* more would not fit a message */

/* The rtnexthops of RTA_MULTIPATH: a header whose first two bytes are its length, attributes. */
static void nexthops_put(struct schema_enc *e, const struct schema_row *r)
{
  lua_State *L = e->L;
  if (!lua_istable(L, -1))
    schema_wrong(e, r, "a list of ways, { { via = ... }, ... },");
  lua_Integer n = luaL_len(L, -1);
  if (n < 1 || n > WAYS)
    schema_fail(e, r, EINVAL, "{ { via = \"10.0.0.1\", weight = 1 }, { via = \"10.0.0.2\" } }",
                n < 1 ? "the list of ways is empty" : "there are too many ways");
  struct nlattr *all = mnl_nlmsg_get_payload_tail(e->nlh);
  if (e->nlh->nlmsg_len + sizeof *all > sizeof e->buf->msg)
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
  all->nla_type = r->attr;
  e->nlh->nlmsg_len += (uint32_t)sizeof *all;
  for (lua_Integer i = 1; i <= n; i++) {
    char *way = mnl_nlmsg_get_payload_tail(e->nlh);
    const char *at = lua_pushfstring(L, "%s[%I]", r->key, (LUAI_UACINT)i);
    lua_rawgeti(L, -2, i);
    schema_put_within(e, r, r->arg, at);
    lua_pop(L, 2);
    uint16_t len = (uint16_t)((char *)mnl_nlmsg_get_payload_tail(e->nlh) - way);
    memcpy(way, &len, sizeof len);
  }
  all->nla_len = (uint16_t)((char *)mnl_nlmsg_get_payload_tail(e->nlh) - (char *)all);
}

static bool nexthops_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                         size_t n)
{
  struct schema_dec in;
  const char *at = p, *end = at + n;
  lua_newtable(d->L);
  for (lua_Integer i = 1; end - at >= (ptrdiff_t)sizeof(struct rtnexthop); i++) {
    uint16_t len;
    memcpy(&len, at, sizeof len);
    if (len > end - at || !schema_open(&in, d->L, r->arg, at, len, d->context))
      break;
    schema_get_all(&in);
    lua_rawseti(d->L, -2, i);
    at += SCHEMA_ALIGN(len) < (size_t)(end - at) ? SCHEMA_ALIGN(len) : (size_t)(end - at);
  }
  return true;
}

const struct schema_codec schema_nexthops = {
    .name = "nexthops", .type = "table[]", .put = nexthops_put, .get = nexthops_get};

/* The header has one less. */
static void weight_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t v = (uint8_t)(schema_want_integer(e, r, 1, UINT8_MAX + 1) - 1);
  schema_emit(e, r, &v, sizeof v);
}

static bool weight_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  (void)r;
  lua_pushinteger(d->L, n ? *(const uint8_t *)p + 1 : 1);
  return true;
}

const struct schema_codec schema_weight = {
    .name = "u8", .type = "integer", .put = weight_put, .get = weight_get, .plain = true};

/* ---- groups of nexthop objects -------------------------------------------------------------- */

/* An integer field of the table at the top, or what it is unless given. */
static uint32_t group_field(struct schema_enc *e, const struct schema_row *r, const char *key,
                            int64_t max, lua_Integer unless)
{
  const struct schema_row plain = {.key = r->key};
  if (lua_getfield(e->L, -1, key) == LUA_TNIL) {
    lua_pop(e->L, 1);
    lua_pushinteger(e->L, unless);
  }
  uint32_t v = (uint32_t)schema_want_integer(e, &plain, 1, max);
  lua_pop(e->L, 1);
  return v;
}

/* { 1, 2 }, or { { id = 1, weight = 3 }, 2 } */
static void group_put(struct schema_enc *e, const struct schema_row *r)
{
  struct nexthop_grp group[WAYS] = {0};
  lua_State *L = e->L;
  if (!lua_istable(L, -1))
    schema_wrong(e, r, "a list of nexthops, { 1, 2 } or { { id = 1, weight = 2 }, ... },");
  lua_Integer n = luaL_len(L, -1);
  if (n < 1 || n > WAYS)
    schema_fail(e, r, EINVAL, NULL, n < 1 ? "the group is empty" : "the group is too large");
  for (lua_Integer i = 0; i < n; i++) {
    const struct schema_row plain = {.key = r->key};
    if (lua_rawgeti(L, -1, i + 1) == LUA_TTABLE) {
      group[i].id = group_field(e, r, "id", UINT32_MAX, 0);
      group[i].weight = (uint8_t)(group_field(e, r, "weight", 256, 1) - 1);
    } else {
      group[i].id = (uint32_t)schema_want_integer(e, &plain, 1, UINT32_MAX);
    }
    lua_pop(L, 1);
  }
  schema_emit(e, r, group, (size_t)n * sizeof *group);
}

static bool group_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  struct nexthop_grp one;
  (void)r;
  lua_newtable(d->L);
  for (size_t i = 0; (i + 1) * sizeof one <= n; i++) {
    memcpy(&one, (const char *)p + i * sizeof one, sizeof one);
    lua_createtable(d->L, 0, 2);
    lua_pushinteger(d->L, one.id);
    lua_setfield(d->L, -2, "id");
    lua_pushinteger(d->L, one.weight + 1);
    lua_setfield(d->L, -2, "weight");
    lua_rawseti(d->L, -2, (lua_Integer)i + 1);
  }
  return true;
}

const struct schema_codec schema_group = {.name = "group",
                                          .type = "table[]",
                                          .put = group_put,
                                          .get = group_get,
                                          .read_type = "{ id: integer, weight: integer }[]"};

/* ---- sets of words -------------------------------------------------------------------------- */

static uint32_t word_bit(struct schema_enc *e, const struct schema_row *r)
{
  const char *s = schema_want_text(e, r, "a word");
  for (const struct schema_name *n = r->arg; n->name; n++)
    if (strcmp(n->name, s) == 0)
      return n->value;
  schema_fail(e, r, EINVAL, schema_word_hint(e->L, r->arg, s), "\"%s\" is none of its words", s);
}

/* One word, or a list of them. */
static uint32_t want_words(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t v = 0;
  if (!lua_istable(e->L, -1))
    return word_bit(e, r);
  lua_Integer n = luaL_len(e->L, -1);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(e->L, -1, i);
    v |= word_bit(e, r);
    lua_pop(e->L, 1);
  }
  return v;
}

static void words_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t v = want_words(e, r);
  schema_emit(e, r, &v, sizeof v);
}

static bool words_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  return schema_flagset.get(d, r, p, n);
}

const struct schema_codec schema_words = {.name = "words",
                                          .type = "string|string[]",
                                          .put = words_put,
                                          .get = words_get,
                                          .read_type = "string[]"};

/* Which metrics are locked. The kernel looks at a least retransmission time only when it is, and
 * ip(8) locks it by itself. */
static bool locks_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  bool needs = schema_given(e, "rto_min_ms");
  if (needs)
    lua_newtable(e->L);
  return needs;
}

static void locks_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t v = want_words(e, r);
  if (schema_given(e, "rto_min_ms"))
    v |= 1U << RTAX_RTO_MIN;
  schema_emit(e, r, &v, sizeof v);
}

const struct schema_codec schema_locks = {.name = "words",
                                          .type = "string|string[]",
                                          .put = locks_put,
                                          .get = words_get,
                                          .imply = locks_imply,
                                          .read_type = "string[]"};

/* ---- other units ---------------------------------------------------------------------------- */

#define SCALED(id, T, label)                                                                       \
  static void id##_put(struct schema_enc *e, const struct schema_row *r)                           \
  {                                                                                                \
    const struct schema_scale *scale = r->arg;                                                     \
    const struct schema_row plain = {.key = r->key};                                               \
    T v = (T)schema_want_integer(e, &plain, 0, UINT32_MAX / scale->factor) * scale->factor;        \
    schema_emit(e, r, &v, sizeof v);                                                               \
  }                                                                                                \
  static bool id##_get(const struct schema_dec *d, const struct schema_row *r, const void *p,      \
                       size_t n)                                                                   \
  {                                                                                                \
    const struct schema_scale *scale = r->arg;                                                     \
    T v;                                                                                           \
    if (n < sizeof v)                                                                              \
      return false;                                                                                \
    memcpy(&v, p, sizeof v);                                                                       \
    lua_pushinteger(d->L, (lua_Integer)(v / scale->factor));                                       \
    return true;                                                                                   \
  }                                                                                                \
  const struct schema_codec schema_##id = {                                                        \
      .name = label, .type = "integer", .put = id##_put, .get = id##_get, .plain = true};

SCALED(ms32, uint32_t, "milliseconds")
SCALED(scaled32, uint32_t, "u32")
SCALED(scaled64, uint64_t, "u64")

/* ---- realms and ports ----------------------------------------------------------------------- */

/* "SOURCE/DESTINATION", or the number of the destination. */
static void realms_put(struct schema_enc *e, const struct schema_row *r)
{
  unsigned from = 0, to;
  int used = 0;
  char text[16];
  if (lua_isinteger(e->L, -1))
    snprintf(text, sizeof text, "%u", (unsigned)schema_want_integer(e, r, 0, UINT16_MAX));
  else
    snprintf(text, sizeof text, "%s", schema_want_text(e, r, "a realm, or two: \"5/6\""));
  bool both = sscanf(text, "%5u/%5u%n", &from, &to, &used) == 2 && text[used] == '\0';
  if (!both) {
    from = 0;
    used = 0;
    both = sscanf(text, "%5u%n", &to, &used) == 1 && text[used] == '\0';
  }
  if (!both || from > UINT16_MAX || to > UINT16_MAX)
    schema_fail(e, r, EINVAL, NULL, "a realm is a number from 0 to 65535, or two of them: \"5/6\"");
  uint32_t v = from << 16 | to;
  schema_emit(e, r, &v, sizeof v);
}

static bool realms_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  uint32_t v;
  (void)r;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  if (v >> 16)
    lua_pushfstring(d->L, "%d/%d", (int)(v >> 16), (int)(v & 0xffff));
  else
    lua_pushinteger(d->L, v);
  return true;
}

const struct schema_codec schema_realms = {.name = "realms",
                                           .type = "integer|string",
                                           .put = realms_put,
                                           .get = realms_get,
                                           .plain = true};
