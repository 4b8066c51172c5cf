/* codec_action: what filters do with packets: lists of actions, and the values that those have. */
#include "schema/action.h"
#include "schema/codec.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_mpls.h>
#include <linux/tc_act/tc_nat.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pushes a copy of the actions at the top as a table with the keys "[1]", "[2]" ...: one action may
 * stand for a list, and a word for an action. */
static void push_actions(struct schema_enc *e, const struct schema_row *r)
{
  lua_State *L = e->L;
  int given = lua_gettop(L);
  bool many = lua_istable(L, given) && lua_rawlen(L, given) > 0;
  lua_Integer n = many ? (lua_Integer)lua_rawlen(L, given) : 1;
  if (n > TC_ACTIONS)
    schema_fail(e, r, EINVAL, NULL, "these are more than %d actions", TC_ACTIONS);
  lua_newtable(L);
  for (lua_Integer i = 1; i <= n; i++) {
    if (many)
      lua_rawgeti(L, given, i);
    else
      lua_pushvalue(L, given);
    if (lua_type(L, -1) == LUA_TSTRING) { /* "drop" is { gact = { control = "drop" } } */
      lua_createtable(L, 0, 1);
      lua_createtable(L, 0, 1);
      lua_pushvalue(L, -3);
      lua_setfield(L, -2, "control");
      lua_setfield(L, -2, "gact");
      lua_remove(L, -2);
    }
    lua_pushfstring(L, "[%d]", (int)i);
    lua_insert(L, -2);
    lua_settable(L, given + 1);
  }
}

static void actions_put(struct schema_enc *e, const struct schema_row *r)
{
  if (!lua_istable(e->L, -1) && lua_type(e->L, -1) != LUA_TSTRING)
    schema_wrong(e, r, "an action, or an array of actions");
  push_actions(e, r);
  schema_nest.put(e, r);
  lua_pop(e->L, 1);
}

static bool actions_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  char key[16];
  if (!schema_nest.get(d, r, p, n))
    return false;
  lua_createtable(d->L, 1, 0);
  for (int i = 1; i <= TC_ACTIONS; i++) {
    snprintf(key, sizeof key, "[%d]", i);
    if (lua_getfield(d->L, -2, key) == LUA_TTABLE)
      lua_rawseti(d->L, -2, (lua_Integer)lua_rawlen(d->L, -2) + 1);
    else
      lua_pop(d->L, 1);
  }
  lua_remove(d->L, -2);
  return true;
}

const struct schema_codec schema_tc_actions = {.name = "actions",
                                               .type = "table|string",
                                               .put = actions_put,
                                               .get = actions_get,
                                               .read_type = "filter.action.Record[]"};

/* The link that a packet is sent to: a member of a struct. */
static void to_dev_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t v = schema_ifindex(e, r, &e->buf->sock, -1);
  tc_put(e, r, &v, sizeof v);
}

static bool to_dev_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  const void *at = tc_bytes(r, p, n, sizeof(uint32_t));
  return at && schema_dev.get(d, r, at, sizeof(uint32_t));
}

/* Only an action that is there already can do without. */
static bool to_dev_imply(struct schema_enc *e, const struct schema_row *r)
{
  if (!schema_given(e, "index"))
    schema_fail(e, r, EINVAL, NULL, "this option is needed");
  return false;
}

const struct schema_codec schema_tc_to_dev = {.name = "dev",
                                              .type = "string|integer",
                                              .put = to_dev_put,
                                              .get = to_dev_get,
                                              .imply = to_dev_imply,
                                              .read_type = "string"};

/* A word for a number in a struct. */
static uint32_t want_word(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_name *w = r->arg;
  const char *s = lua_type(e->L, -1) == LUA_TSTRING ? lua_tostring(e->L, -1) : "";
  while (w->name && strcmp(w->name, s) != 0)
    w++;
  if (w->name == NULL)
    schema_fail(e, r, EINVAL, lua_pushfstring(e->L, "It is %s.", r->doc),
                "\"%s\" is none of its words", s);
  return w->value;
}

static void push_word(lua_State *L, const struct schema_row *r, uint32_t v)
{
  for (const struct schema_name *w = r->arg; w->name; w++)
    if (w->value == v) {
      lua_pushstring(L, w->name);
      return;
    }
  lua_pushinteger(L, (int32_t)v);
}

#define WORDS(id, T)                                                                               \
  static void id##_put(struct schema_enc *e, const struct schema_row *r)                           \
  {                                                                                                \
    T v = (T)want_word(e, r);                                                                      \
    tc_put(e, r, &v, sizeof v);                                                                    \
  }                                                                                                \
  static bool id##_get(const struct schema_dec *d, const struct schema_row *r, const void *p,      \
                       size_t n)                                                                   \
  {                                                                                                \
    T v;                                                                                           \
    if (!tc_read(r, p, n, &v, sizeof v))                                                           \
      return false;                                                                                \
    push_word(d->L, r, v);                                                                         \
    return true;                                                                                   \
  }
WORDS(word, uint32_t)
WORDS(word16, uint16_t)

/* What becomes of a packet: a word, or where it goes on - at the filters of a chain, behind some
 * actions. */
static const struct going {
  const char *format;
  uint32_t value;
} goings[] = {{"goto chain %u", TC_ACT_GOTO_CHAIN}, {"jump %u", TC_ACT_JUMP}, {NULL, 0}};

static void control_put(struct schema_enc *e, const struct schema_row *r)
{
  const char *s = lua_type(e->L, -1) == LUA_TSTRING ? lua_tostring(e->L, -1) : "";
  unsigned at;
  for (const struct going *g = goings; g->format; g++)
    if (sscanf(s, g->format, &at) == 1 && at <= TC_ACT_EXT_VAL_MASK) {
      uint32_t v = g->value | at;
      tc_put(e, r, &v, sizeof v);
      return;
    }
  word_put(e, r);
}

static bool control_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  char text[32];
  uint32_t v;
  if (!tc_read(r, p, n, &v, sizeof v))
    return false;
  for (const struct going *g = goings; g->format; g++)
    if ((v & ~(uint32_t)TC_ACT_EXT_VAL_MASK) == g->value) {
      snprintf(text, sizeof text, g->format, v & TC_ACT_EXT_VAL_MASK);
      lua_pushstring(d->L, text);
      return true;
    }
  push_word(d->L, r, v);
  return true;
}

/* A redirected packet is gone; one that was mirrored goes on. */
static bool after_mirred_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  const char *mode = lua_getfield(e->L, e->t, "mode") == LUA_TSTRING ? lua_tostring(e->L, -1) : "";
  bool mirrors = strstr(mode, "mirror") != NULL;
  lua_pop(e->L, 1);
  lua_pushstring(e->L, mirrors ? "pipe" : "stolen");
  return true;
}

/* An action that is there already is named by its number alone. */
static bool there_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  bool there = schema_given(e, "index");
  if (there)
    lua_pushliteral(e->L, "pass");
  return there;
}

#define WORD(id, kind, implied)                                                                          \
  const struct schema_codec schema_tc_##id = {.name = "enum",                                      \
                                              .type = "string",                                    \
                                              .put = kind##_put,                                   \
                                              .get = kind##_get,                                   \
                                              .imply = implied,                                    \
                                              .plain = true};
WORD(word, word, NULL)
WORD(word16, word16, NULL)
WORD(control, control, NULL)
WORD(gact_control, control, there_imply)
WORD(after_mirred, control, after_mirred_imply)

/* police still wants the table of times that the other kinds have done without since Linux 3.8. */
static void police_rate_put(struct schema_enc *e, const struct schema_row *r)
{
  enum { CELL_LOG = 3, CELLS = 256 };
  static const double US_TICKS = 1000.0 / TC_TICK_NS; /* tc cuts off what is less than 1 us */
  uint32_t table[CELLS];
  schema_tc_rate.put(e, r);
  double bytes = lua_tonumber(e->L, -1) * 1e6 / 8;
  for (int i = 0; i < CELLS; i++)
    table[i] = (uint32_t)fmin(UINT32_MAX, floor(1e6 * (((i + 1) << CELL_LOG) / bytes)) * US_TICKS);
  if (!mnl_attr_put_check(e->nlh, sizeof e->buf->msg, TCA_POLICE_RATE, sizeof table, table))
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
}

static bool police_rate_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                            size_t n)
{
  return schema_tc_rate.get(d, r, p, n);
}

const struct schema_codec schema_tc_police_rate = {.name = "rate",
                                                   .type = "number",
                                                   .put = police_rate_put,
                                                   .get = police_rate_get,
                                                   .plain = true};

/* ---- values of some actions ------------------------------------------------------------------ */

/* How long ago something was: the kernel counts hundredths of a second. Nothing when it never
 * was, or is this very moment. */
static bool ago_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  enum { HUNDREDTHS = 100 };
  uint64_t v;
  if (!tc_read(r, p, n, &v, sizeof v) || v == 0)
    return false;
  lua_pushinteger(d->L, (lua_Integer)(v / HUNDREDTHS));
  return true;
}

const struct schema_codec schema_tc_ago = {.name = "u32", .type = "integer", .get = ago_get};

/* A bit of a number in a struct, of four bytes or of eight. */
static uint64_t bits_at(const void *p, bool wide)
{
  uint64_t eight;
  uint32_t four;
  memcpy(&four, p, sizeof four);
  memcpy(&eight, p, wide ? sizeof eight : sizeof four);
  return wide ? eight : four;
}

static void set_bits(void *p, bool wide, uint64_t mask)
{
  uint64_t eight = bits_at(p, wide) | mask;
  uint32_t four = (uint32_t)eight;
  memcpy(p, wide ? (void *)&eight : (void *)&four, wide ? sizeof eight : sizeof four);
}

static void bit_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_bit *b = r->arg;
  char *p = (char *)tc_struct(e, r) + r->off;
  if (codec_bool(e, r))
    set_bits(p, b->wide, b->mask);
}

static bool bit_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  const struct tc_bit *b = r->arg;
  const void *at = tc_bytes(r, p, n, b->wide ? sizeof(uint64_t) : sizeof(uint32_t));
  if (at == NULL)
    return false;
  lua_pushboolean(d->L, (bits_at(at, b->wide) & b->mask) != 0);
  return true;
}

const struct schema_codec schema_tc_bit = {
    .name = "bit", .type = "boolean", .put = bit_put, .get = bit_get, .plain = true};

/* A bit of an attribute of eight bytes that several rows share. */
static void skip64_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_bit *b = r->arg;
  void *p = codec_shared(e, r, r->attr, sizeof(uint64_t));
  if (codec_bool(e, r))
    set_bits(p, true, b->mask);
}

static bool skip64_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  const struct schema_bit *b = r->arg;
  if (n < sizeof(uint64_t))
    return false;
  lua_pushboolean(d->L, (bits_at(p, true) & b->mask) != 0);
  return true;
}

const struct schema_codec schema_tc_skip64 = {
    .name = "bit", .type = "boolean", .put = skip64_put, .get = skip64_get, .plain = true};

/* A value, and the bit in the struct of flags that says that it is there. */
static void flag_it(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_with_bit *w = r->arg;
  set_bits((char *)codec_shared(e, r, w->attr, w->len) + w->off, true, w->mask);
}

static void flagged_mac_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_mac.put(e, r);
  flag_it(e, r);
}

static bool flagged_mac_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                            size_t n)
{
  return schema_mac.get(d, r, p, n);
}

const struct schema_codec schema_tc_flagged_mac = {
    .name = "mac", .type = "string", .put = flagged_mac_put, .get = flagged_mac_get, .plain = true};

static void flagged_u16_put(struct schema_enc *e, const struct schema_row *r)
{
  uint16_t v = (uint16_t)codec_integer(e, r, 0, UINT16_MAX);
  schema_emit(e, r, &v, sizeof v);
  flag_it(e, r);
}

static bool flagged_u16_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                            size_t n)
{
  return schema_u16.get(d, r, p, n);
}

const struct schema_codec schema_tc_flagged_u16 = {
    .name = "u16", .type = "integer", .put = flagged_u16_put, .get = flagged_u16_get, .plain = true};

/* An address in a struct; and a network there, whose mask follows two addresses later. */
static void ip4_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t addr[16], mask[16];
  int family;
  tc_want_network(e, r, &family, addr, mask);
  if (family != AF_INET || memchr(lua_tostring(e->L, -1), '/', lua_rawlen(e->L, -1)))
    schema_fail(e, r, EINVAL, NULL, "an IPv4 address is needed");
  tc_put(e, r, addr, sizeof(uint32_t));
}

static bool ip4_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  const void *at = tc_bytes(r, p, n, sizeof(uint32_t));
  return at && schema_push_address(d->L, at, sizeof(uint32_t));
}

const struct schema_codec schema_tc_ip4 = {
    .name = "address", .type = "string", .put = ip4_put, .get = ip4_get, .plain = true};

static void nat_old_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t addr[16], mask[16];
  int family;
  tc_want_network(e, r, &family, addr, mask);
  if (family != AF_INET)
    schema_fail(e, r, EINVAL, NULL, "an IPv4 network is needed");
  struct tc_nat *nat = tc_struct(e, r);
  memcpy(&nat->old_addr, addr, sizeof nat->old_addr);
  memcpy(&nat->mask, mask, sizeof nat->mask);
}

static bool nat_old_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  struct tc_nat nat;
  uint8_t mask[16] = {0};
  (void)r;
  if (n < sizeof nat)
    return false;
  memcpy(&nat, p, sizeof nat);
  memcpy(mask, &nat.mask, sizeof nat.mask);
  tc_push_network(d->L, AF_INET, &nat.old_addr, mask);
  return true;
}

const struct schema_codec schema_tc_nat_old = {
    .name = "network", .type = "string", .put = nat_old_put, .get = nat_old_get, .plain = true};

/* Whether there is no checksum, told the other way round. The kernel tells it always. */
static void no8_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t v = !codec_bool(e, r);
  schema_emit(e, r, &v, sizeof v);
}

static bool no8_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  (void)r;
  if (n < 1)
    return false;
  lua_pushboolean(d->L, *(const uint8_t *)p == 0);
  return true;
}

const struct schema_codec schema_tc_no8 = {
    .name = "bit", .type = "boolean", .put = no8_put, .get = no8_get, .plain = true};

/* The kernel tells a protocol of labels that are only changed, too, and refuses to be told it. */
static void mpls_protocol_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_tc_ethname.put(e, r);
}

static bool mpls_protocol_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                              size_t n)
{
  const struct nlattr *a = schema_find(d, NULL, TCA_MPLS_PARMS);
  struct tc_mpls parms = {.m_action = TCA_MPLS_ACT_PUSH};
  if (a && mnl_attr_get_payload_len(a) >= sizeof parms)
    memcpy(&parms, mnl_attr_get_payload(a), sizeof parms);
  bool changes = parms.m_action == TCA_MPLS_ACT_MODIFY || parms.m_action == TCA_MPLS_ACT_DEC_TTL;
  return !changes && schema_tc_ethname.get(d, r, p, n);
}

const struct schema_codec schema_tc_mpls_protocol = {.name = "enum",
                                                     .type = "string|integer",
                                                     .put = mpls_protocol_put,
                                                     .get = mpls_protocol_get,
                                                     .plain = true};
