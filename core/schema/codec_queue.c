/* codec_queue: values of queueing disciplines beyond those of codec_tc - what only one kind counts,
 * rates of 64 bits, probabilities. */
#include "schema/codec.h"
#include "schema/tc.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a kind counts ---------------------------------------------------------------------- */

/* The kind is said outside of the statistics: it is the first attribute of the message, which was
 * walked already to get here. */
static bool is_kind(const struct schema_dec *d, const char *key)
{
  const struct nlattr *a = (const void *)(d->top + SCHEMA_ALIGN(sizeof(struct tcmsg)));
  size_t n = strlen(key);
  return mnl_attr_get_type(a) == TCA_KIND && mnl_attr_get_payload_len(a) >= n &&
         strnlen(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a)) == n &&
         memcmp(mnl_attr_get_payload(a), key, n) == 0;
}

static bool app_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  return is_kind(d, r->key) && schema_nest.get(d, r, p, n);
}

const struct schema_codec schema_tc_app = {.name = "nest", .type = "table", .get = app_get};

/* An array of nests whose attributes are 1, 2 ... */
static bool nth_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  return schema_tc_actions.get(d, r, p, n);
}

const struct schema_codec schema_tc_nth = {.name = "list", .type = "table[]", .get = nth_get};

/* ---- numbers --------------------------------------------------------------------------------- */

static const double BYTES = 1e6 / 8; /* per second, of one megabit */

static void rate_u64_put(struct schema_enc *e, const struct schema_row *r)
{
  uint64_t v = (uint64_t)llround(tc_want_number(e, r, 0, 9e12) * BYTES);
  tc_put(e, r, &v, sizeof v);
}

static bool rate_u64_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                         size_t n)
{
  uint64_t v;
  if (!tc_read(r, p, n, &v, sizeof v))
    return false;
  tc_push_number(d->L, (double)v / BYTES);
  return true;
}

const struct schema_codec schema_tc_rate_u64 = {
    .name = "rate", .type = "number", .put = rate_u64_put, .get = rate_u64_get, .plain = true};

/* A share of 1, of which the kernel counts so many parts. */
#define SHARE(id, T, parts)                                                                        \
  static void id##_put(struct schema_enc *e, const struct schema_row *r)                           \
  {                                                                                                \
    T v = (T)(tc_want_number(e, r, 0, 1) * (double)(parts) + 0.5);                                 \
    tc_put(e, r, &v, sizeof v);                                                                    \
  }                                                                                                \
  static bool id##_get(const struct schema_dec *d, const struct schema_row *r, const void *p,      \
                       size_t n)                                                                   \
  {                                                                                                \
    T v;                                                                                           \
    if (!tc_read(r, p, n, &v, sizeof v))                                                           \
      return false;                                                                                \
    tc_push_number(d->L, (double)v / (double)(parts));                                             \
    return true;                                                                                   \
  }                                                                                                \
  const struct schema_codec schema_tc_##id = {                                                     \
      .name = "share", .type = "number", .put = id##_put, .get = id##_get, .plain = true};

SHARE(share16, uint32_t, UINT16_MAX)
SHARE(share64, uint64_t, UINT64_MAX)

/* ---- bits, what is there or not -------------------------------------------------------------- */

static void flag_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_flag *f = r->arg;
  if (!lua_isboolean(e->L, -1))
    schema_wrong(e, r, "true or false");
  if (f->needs && lua_toboolean(e->L, -1) && !schema_given(e, f->needs))
    schema_fail(e, r, EINVAL, NULL, "this needs %s beside it", f->needs);
  char *at = (r->attr ? (char *)tc_struct(e, r) : e->hdr) + r->off;
  uint32_t v = 0;
  uint8_t byte = 0;
  memcpy(f->len == 1 ? (void *)&byte : &v, at, f->len);
  v |= byte | (lua_toboolean(e->L, -1) ? f->bit : 0);
  byte = (uint8_t)v;
  memcpy(at, f->len == 1 ? (void *)&byte : &v, f->len);
}

static bool flag_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  const struct tc_flag *f = r->arg;
  uint32_t v = 0;
  uint8_t byte = 0;
  if (!tc_read(r, p, n, f->len == 1 ? (void *)&byte : &v, f->len))
    return false;
  lua_pushboolean(d->L, ((v | byte) & f->bit) != 0);
  return true;
}

const struct schema_codec schema_tc_flag = {
    .name = "bit", .type = "boolean", .put = flag_put, .get = flag_get, .plain = true};

/* That the attribute is there says yes; its value nothing. */
static void present_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t zero = 0;
  if (!lua_isboolean(e->L, -1))
    schema_wrong(e, r, "true or false");
  if (lua_toboolean(e->L, -1))
    schema_emit(e, r, &zero, sizeof zero);
}

static bool present_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  (void)r;
  if (p == NULL || n < sizeof(uint32_t))
    return false;
  lua_pushboolean(d->L, 1);
  return true;
}

const struct schema_codec schema_tc_present = {
    .name = "bit", .type = "boolean", .put = present_put, .get = present_get, .plain = true};

/* ---- lists ----------------------------------------------------------------------------------- */

/* Puts the number at the top as one attribute of the list. */
static void put_one(struct schema_enc *e, const struct schema_row *r, const struct tc_series *s)
{
  double v = tc_want_number(e, r, 0, s->rates ? 9e12 : s->most);
  uint64_t wide = (uint64_t)llround(s->rates ? v * BYTES : v);
  uint32_t word = (uint32_t)wide;
  uint8_t byte = (uint8_t)wide;
  const void *p = s->len == 1 ? (void *)&byte : s->len == 4 ? (void *)&word : &wide;
  codec_emit(e, r, s->attr, p, s->len);
}

static void series_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_series *s = r->arg;
  lua_State *L = e->L;
  lua_Integer n = lua_istable(L, -1) ? (lua_Integer)lua_rawlen(L, -1) : 0;
  if (n == 0 || n > TC_PRIO_MAX + 1)
    schema_wrong(e, r, "an array of at most 16 numbers");
  struct nlattr *nest = mnl_attr_nest_start_check(e->nlh, sizeof e->buf->msg, r->attr);
  if (nest == NULL)
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
  for (lua_Integer i = 1; i <= (s->fills ? TC_PRIO_MAX + 1 : n); i++) {
    lua_pushinteger(L, 0);
    if (i <= n)
      lua_rawgeti(L, -2, i);
    put_one(e, r, s);
    lua_settop(L, lua_gettop(L) - (i <= n ? 2 : 1));
  }
  mnl_attr_nest_end(e->nlh, nest);
}

static bool series_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  const struct tc_series *s = r->arg;
  const char *end = (const char *)p + n;
  lua_newtable(d->L);
  for (const struct nlattr *a = p; mnl_attr_ok(a, (int)(end - (const char *)a));
       a = mnl_attr_next(a)) {
    uint64_t wide = 0;
    uint32_t word = 0;
    uint8_t byte = 0;
    if (mnl_attr_get_type(a) != s->attr || mnl_attr_get_payload_len(a) < s->len)
      continue;
    memcpy(s->len == 1   ? (void *)&byte
           : s->len == 4 ? (void *)&word
                         : &wide,
           mnl_attr_get_payload(a), s->len);
    tc_push_number(d->L, (double)(wide | word | byte) / (s->rates ? BYTES : 1));
    lua_rawseti(d->L, -2, (lua_Integer)lua_rawlen(d->L, -2) + 1);
  }
  return true;
}

const struct schema_codec schema_tc_series = {
    .name = "list", .type = "number[]", .put = series_put, .get = series_get};

/* Which queues of a link a class of traffic has: "COUNT@OFFSET" for each; the counts and the
 * offsets are arrays behind each other. */
static void queues_put(struct schema_enc *e, const struct schema_row *r)
{
  enum { QUEUES = TC_QOPT_MAX_QUEUE };
  uint16_t numbers[2 * QUEUES] = {0};
  int n = lua_istable(e->L, -1) ? (int)lua_rawlen(e->L, -1) : 0;
  if (n == 0 || n > QUEUES)
    schema_wrong(e, r, "an array of at most 16 texts such as \"2@0\"");
  for (int i = 0; i < n; i++) {
    char *end = NULL, *last = NULL;
    const char *s = lua_rawgeti(e->L, -1, i + 1) == LUA_TSTRING ? lua_tostring(e->L, -1) : "";
    unsigned long count = strtoul(s, &end, 10), offset = strtoul(*end ? end + 1 : end, &last, 10);
    if (*end != '@' || end == s || last == end + 1 || *last || count > UINT16_MAX ||
        offset > UINT16_MAX || strchr(s, '-'))
      schema_fail(e, r, EINVAL, "\"2@4\": two queues, from number 4 on.",
                  "\"%s\" is no count and offset", s);
    numbers[i] = (uint16_t)count;
    numbers[QUEUES + i] = (uint16_t)offset;
    lua_pop(e->L, 1);
  }
  tc_put(e, r, numbers, sizeof numbers);
}

static bool queues_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  enum { QUEUES = TC_QOPT_MAX_QUEUE };
  uint16_t numbers[2 * QUEUES];
  if (!tc_read(r, p, n, numbers, sizeof numbers))
    return false;
  lua_newtable(d->L);
  for (int i = 0; i < QUEUES && numbers[i]; i++) {
    lua_pushfstring(d->L, "%d@%d", numbers[i], numbers[QUEUES + i]);
    lua_rawseti(d->L, -2, i + 1);
  }
  return true;
}

const struct schema_codec schema_tc_queues = {
    .name = "queues", .type = "string[]", .put = queues_put, .get = queues_get};

/* ---- what one kind has ----------------------------------------------------------------------- */

/* Sets a byte of the first of two struct tc_ratespec, with which the struct begins, and of the
 * second one if that has a rate. */
static void put_spec_byte(struct schema_enc *e, const struct schema_row *r, uint8_t v)
{
  char *p = tc_struct(e, r);
  struct tc_ratespec *second = (void *)(p + sizeof *second);
  p[r->off] = (char)v;
  if (second->rate)
    p[sizeof *second + r->off] = (char)v;
}

static void linklayer_put(struct schema_enc *e, const struct schema_row *r)
{
  put_spec_byte(e, r, (uint8_t)codec_word(e, r, r->arg, UINT8_MAX));
}

static bool linklayer_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                          size_t n)
{
  uint8_t v;
  if (!tc_read(r, p, n, &v, sizeof v))
    return false;
  codec_push_word(d->L, r->arg, v & TC_LINKLAYER_MASK);
  return true;
}

const struct schema_codec schema_tc_linklayer = {
    .name = "enum", .type = "string", .put = linklayer_put, .get = linklayer_get, .plain = true};

/* The largest packet counts where a burst is not given: the smallest one is a packet. What is sent
 * is the size of the cells of a table that kernels had once. */
static void packet_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t log = 0;
  uint32_t packet = (uint32_t)tc_want_number(e, r, 1, UINT32_MAX);
  while (packet >> log > UINT8_MAX)
    log++;
  put_spec_byte(e, r, log);
}

const struct schema_codec schema_tc_packet = {.name = "size", .type = "integer", .put = packet_put};

/* cake's autorate ends when a bandwidth is given. */
static void autorate_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_tc_bool.put(e, r);
}

static bool autorate_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                         size_t n)
{
  return schema_tc_bool.get(d, r, p, n);
}

static bool autorate_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  bool is = schema_given(e, "bandwidth_mbit");
  if (is)
    lua_pushboolean(e->L, 0);
  return is;
}

const struct schema_codec schema_tc_autorate = {.name = "bit",
                                                .type = "boolean",
                                                .put = autorate_put,
                                                .get = autorate_get,
                                                .imply = autorate_imply,
                                                .plain = true};

/* The delay that cake aims at: a twentieth of the time that an answer takes. */
static void target_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_tc_us_ms.put(e, r);
}

static bool target_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  return schema_tc_us_ms.get(d, r, p, n);
}

static bool target_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  double us = floor(tc_given(e, "rtt_ms") * 1e3 / 20);
  bool is = schema_given(e, "rtt_ms");
  if (is)
    lua_pushnumber(e->L, fmax(1, us) / 1e3);
  return is;
}

const struct schema_codec schema_tc_rtt_target = {.name = "time",
                                                  .type = "number",
                                                  .put = target_put,
                                                  .get = target_get,
                                                  .imply = target_imply,
                                                  .plain = true};

/* hfsc's two curves at once: what is sure and what is shared. Read, there are two. */
static void curves_put(struct schema_enc *e, const struct schema_row *r)
{
  struct schema_row one = *r;
  schema_nest.put(e, r);
  one.attr = r->other;
  schema_nest.put(e, &one);
}

const struct schema_codec schema_tc_curves = {.name = "nest", .type = "table", .put = curves_put};

/* The two sizes of sfb's bins follow from each other. */
static void packets_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_tc_u32.put(e, r);
}

static bool packets_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  return schema_tc_u32.get(d, r, p, n);
}

static bool max_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  lua_Integer target = (lua_Integer)tc_given(e, "target_packets");
  lua_pushinteger(e->L, target >= 1 ? (target * 5 + 1) / 4 : 25);
  return true;
}

static bool bin_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  lua_Integer max = (lua_Integer)tc_given(e, "max_packets");
  lua_pushinteger(e->L, ((max > 0 ? max : 25) * 4 + 3) / 5);
  return true;
}

#define PACKETS(id, implied)                                                                       \
  const struct schema_codec schema_tc_##id = {.name = "u32",                                       \
                                              .type = "integer",                                   \
                                              .put = packets_put,                                  \
                                              .get = packets_get,                                  \
                                              .imply = implied,                                    \
                                              .plain = true};
PACKETS(sfb_max, max_imply)
PACKETS(sfb_target, bin_imply)

/* What tc(8) has: a 2000th and a 20000th part, rounded. */
enum { INCREMENT = (UINT16_MAX + 1000) / 2000, DECREMENT = (UINT16_MAX + 10000) / 20000 };

static bool increment_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  lua_pushnumber(e->L, INCREMENT / (double)UINT16_MAX);
  return true;
}

static bool decrement_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  lua_pushnumber(e->L, DECREMENT / (double)UINT16_MAX);
  return true;
}

#define STEP(id)                                                                                   \
  const struct schema_codec schema_tc_sfb_##id = {.name = "share",                                 \
                                                  .type = "number",                                \
                                                  .put = share16_put,                              \
                                                  .get = share16_get,                              \
                                                  .imply = id##_imply,                             \
                                                  .plain = true};
STEP(increment)
STEP(decrement)

/* As many bands as are spoken of. */
static void bands_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t v = (uint8_t)tc_want_number(e, r, 1, TCQ_ETS_MAX_BANDS);
  schema_emit(e, r, &v, sizeof v);
}

static bool bands_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  return schema_tc_u8.get(d, r, p, n);
}

static bool bands_imply(struct schema_enc *e, const struct schema_row *r)
{
  lua_Integer quanta =
      lua_getfield(e->L, e->t, "quanta") == LUA_TTABLE ? (lua_Integer)lua_rawlen(e->L, -1) : 0;
  lua_pop(e->L, 1);
  lua_Integer bands = quanta + (lua_Integer)tc_given(e, "strict");
  if (bands == 0)
    schema_fail(e, r, EINVAL, "bands = 4, or strict = 2, quanta = { 4000, 3000 }.",
                "how many bands?");
  lua_pushinteger(e->L, bands);
  return true;
}

const struct schema_codec schema_tc_ets_bands = {.name = "u8",
                                                 .type = "integer",
                                                 .put = bands_put,
                                                 .get = bands_get,
                                                 .imply = bands_imply,
                                                 .plain = true};

/* The kernel does not tell it. */
static void plug_action_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_enum32.put(e, r);
}

const struct schema_codec schema_tc_plug_action = {
    .name = "enum", .type = "string", .put = plug_action_put};

/* To say plug's limit is an action of its own. */
static void plug_limit_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_tc_size.put(e, r);
  ((struct tc_plug_qopt *)(void *)e->hdr)->action = TCQ_PLUG_LIMIT;
}

const struct schema_codec schema_tc_plug_limit = {
    .name = "size", .type = "integer", .put = plug_limit_put};
