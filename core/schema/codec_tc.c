/* codec_tc: the values of traffic control. The kernel counts times in ticks of 64 nanoseconds,
 * rates in bytes per second, probabilities in parts of 2^32 and bursts in the time that they last;
 * a script says milliseconds, megabits, percents and bytes. */
#include "schema/codec.h"
#include "schema/tc.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what all share -------------------------------------------------------------------------- */

double tc_want_number(struct schema_enc *e, const struct schema_row *r, double min, double max)
{
  if (lua_type(e->L, -1) != LUA_TNUMBER)
    schema_wrong(e, r, "a number");
  double v = lua_tonumber(e->L, -1);
  if (!(v >= min && v <= max))
    schema_fail(e, r, ERANGE, NULL, "%f is not in %f..%f", v, min, max);
  return v;
}

void tc_push_number(lua_State *L, double v)
{
  if (v == floor(v) && fabs(v) < 9e15)
    lua_pushinteger(L, (lua_Integer)v);
  else
    lua_pushnumber(L, v);
}

/* To so many significant digits: what was said in decimals comes back as it was said. */
void tc_push_rounded(lua_State *L, double v, int digits)
{
  char text[40];
  snprintf(text, sizeof text, "%.*g", digits, v);
  tc_push_number(L, strtod(text, NULL));
}

void *tc_struct(struct schema_enc *e, const struct schema_row *r)
{
  return codec_shared(e, r, r->attr, r->len);
}

void tc_put(struct schema_enc *e, const struct schema_row *r, const void *p, size_t n)
{
  if (r->attr && r->len)
    memcpy((char *)tc_struct(e, r) + r->off, p, n);
  else
    schema_emit(e, r, p, n);
}

const void *tc_bytes(const struct schema_row *r, const void *p, size_t len, size_t n)
{
  size_t off = r->attr && r->len ? r->off : 0;
  return p && len >= off + n ? (const char *)p + off : NULL;
}

bool tc_read(const struct schema_row *r, const void *p, size_t len, void *ret, size_t n)
{
  const void *at = tc_bytes(r, p, len, n);
  if (at)
    memcpy(ret, at, n);
  return at != NULL;
}

double tc_given(struct schema_enc *e, const char *key)
{
  double v = lua_getfield(e->L, e->t, key) == LUA_TNUMBER ? lua_tonumber(e->L, -1) : 0;
  lua_pop(e->L, 1);
  return v;
}

/* ---- integers -------------------------------------------------------------------------------- */

#define INTEGER(id, word, T, lo, hi)                                                               \
  static void id##_put(struct schema_enc *e, const struct schema_row *r)                           \
  {                                                                                                \
    const struct schema_range *range = r->arg;                                                     \
    if (!lua_isinteger(e->L, -1))                                                                  \
      schema_wrong(e, r, "an integer");                                                            \
    lua_Integer given = lua_tointeger(e->L, -1), min = range ? range->min : (lo),                  \
                max = range ? range->max : (hi);                                                   \
    if (given < min || given > max)                                                                \
      schema_fail(e, r, ERANGE, NULL, "%I is not in %I..%I", (LUAI_UACINT)given, (LUAI_UACINT)min, \
                  (LUAI_UACINT)max);                                                               \
    T v = (T)given;                                                                                \
    tc_put(e, r, &v, sizeof v);                                                                    \
  }                                                                                                \
  static bool id##_get(const struct schema_dec *d, const struct schema_row *r, const void *p,      \
                       size_t n)                                                                   \
  {                                                                                                \
    T v;                                                                                           \
    if (!tc_read(r, p, n, &v, sizeof v))                                                           \
      return false;                                                                                \
    lua_pushinteger(d->L, (lua_Integer)v);                                                         \
    return true;                                                                                   \
  }                                                                                                \
  const struct schema_codec schema_tc_##id = {                                                     \
      .name = word, .type = "integer", .put = id##_put, .get = id##_get, .plain = true};

INTEGER(u8, "u8", uint8_t, 0, UINT8_MAX)
INTEGER(u16, "u16", uint16_t, 0, UINT16_MAX)
INTEGER(u32, "u32", uint32_t, 0, UINT32_MAX)
INTEGER(s32, "s32", int32_t, INT32_MIN, INT32_MAX)
INTEGER(size, "size", uint32_t, 0, UINT32_MAX)
INTEGER(u64, "u64", uint64_t, 0, INT64_MAX)

static void bool_put(struct schema_enc *e, const struct schema_row *r)
{
  if (!lua_isboolean(e->L, -1))
    schema_wrong(e, r, "true or false");
  uint32_t v = (uint32_t)lua_toboolean(e->L, -1);
  tc_put(e, r, &v, sizeof v);
}

static bool bool_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  uint32_t v;
  if (!tc_read(r, p, n, &v, sizeof v))
    return false;
  lua_pushboolean(d->L, v != 0);
  return true;
}

/* Named after the switch that it is on a command line. */
const struct schema_codec schema_tc_bool = {
    .name = "bit", .type = "boolean", .put = bool_put, .get = bool_get, .plain = true};

/* Without a gap nothing is sent before its time. */
static bool gap_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  bool disorder = tc_given(e, "reorder_percent") > 0;
  if (disorder)
    lua_pushinteger(e->L, 1);
  return disorder;
}

const struct schema_codec schema_tc_gap = {.name = "u32",
                                           .type = "integer",
                                           .put = u32_put,
                                           .get = u32_get,
                                           .imply = gap_imply,
                                           .plain = true};

/* ---- numbers with a unit --------------------------------------------------------------------- */

/* Kept as `T`, which counts 1/unit of what a script says. */
#define SCALED(id, word, T, unit, max, digits)                                                     \
  static void id##_put(struct schema_enc *e, const struct schema_row *r)                           \
  {                                                                                                \
    T v = (T)llround(tc_want_number(e, r, 0, (double)(max) / (unit)) * (unit));                    \
    tc_put(e, r, &v, sizeof v);                                                                    \
  }                                                                                                \
  static bool id##_get(const struct schema_dec *d, const struct schema_row *r, const void *p,      \
                       size_t n)                                                                   \
  {                                                                                                \
    T v;                                                                                           \
    if (!tc_read(r, p, n, &v, sizeof v))                                                           \
      return false;                                                                                \
    tc_push_rounded(d->L, (double)v / (unit), digits);                                             \
    return true;                                                                                   \
  }                                                                                                \
  const struct schema_codec schema_tc_##id = {                                                     \
      .name = word, .type = "number", .put = id##_put, .get = id##_get, .plain = true};

SCALED(percent, "percent", uint32_t, UINT32_MAX / 100.0, UINT32_MAX, 7)
SCALED(us_ms, "time", uint32_t, 1e3, UINT32_MAX, 15)
SCALED(ns_ms, "time", int64_t, 1e6, 9e15, 15)

/* What of 100 % is missing: the kernel has the opposite of the h and k of Gilbert and Elliott. */
static void less_percent_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t v = (uint32_t)llround((100 - tc_want_number(e, r, 0, 100)) * (UINT32_MAX / 100.0));
  tc_put(e, r, &v, sizeof v);
}

static bool less_percent_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                             size_t n)
{
  uint32_t v;
  if (!tc_read(r, p, n, &v, sizeof v))
    return false;
  tc_push_rounded(d->L, (UINT32_MAX - v) / (UINT32_MAX / 100.0), 7);
  return true;
}

const struct schema_codec schema_tc_less_percent = {.name = "percent",
                                                    .type = "number",
                                                    .put = less_percent_put,
                                                    .get = less_percent_get,
                                                    .plain = true};

/* A delay of netem: ticks in the header, and nanoseconds in an attribute when they are no number of
 * ticks that fits. The kernel tells both. */
static void delay_put(struct schema_enc *e, const struct schema_row *r)
{
  int64_t ns = llround(tc_want_number(e, r, 0, 9e9) * 1e6), ticks = ns / TC_TICK_NS;
  uint32_t fits = ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
  memcpy(e->hdr + r->off, &fits, sizeof fits);
  if (ns != (int64_t)fits * TC_TICK_NS)
    schema_emit(e, r, &ns, sizeof ns);
}

static bool delay_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  int64_t ns;
  uint32_t ticks;
  memcpy(&ticks, d->hdr + r->off, sizeof ticks);
  ns = (int64_t)ticks * TC_TICK_NS;
  if (p && n >= sizeof ns)
    memcpy(&ns, p, sizeof ns);
  tc_push_rounded(d->L, (double)ns / 1e6, 15);
  return true;
}

const struct schema_codec schema_tc_delay = {.name = "time",
                                             .type = "number",
                                             .put = delay_put,
                                             .get = delay_get,
                                             .computed = true,
                                             .plain = true};

/* ---- rates ----------------------------------------------------------------------------------- */

static const double BYTES = 1e6 / 8; /* per second, of one megabit */

/* A rate: 32 bits in a struct, and all of it in an attribute when it needs more. */
static void rate_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_rate64 *wide = r->arg;
  uint64_t bytes = (uint64_t)llround(tc_want_number(e, r, 0, 9e12) * BYTES);
  uint32_t fits = bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
  if (bytes > UINT32_MAX && (wide == NULL || wide->attr == 0))
    schema_fail(e, r, ERANGE, NULL, "this rate does not fit; the most are 34359 Mbit/s");
  tc_put(e, r, &fits, sizeof fits);
  if (wide && wide->spec) {
    struct tc_ratespec *spec =
        (void *)((char *)tc_struct(e, r) + r->off - offsetof(struct tc_ratespec, rate));
    spec->cell_log = 3;                      /* as tc has it; without a table it is nothing */
    spec->linklayer = TC_LINKLAYER_ETHERNET; /* no table of times is needed then */
    spec->cell_align = -1;
  }
  // cppcheck-suppress nullPointerRedundantCheck ; schema_fail does not return
  if (bytes > UINT32_MAX &&
      !mnl_attr_put_check(e->nlh, sizeof e->buf->msg, wide->attr, sizeof bytes, &bytes))
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
}

/* Bytes per second of a rate whose 32 bits are at p. */
static uint64_t whole_rate(const struct schema_dec *d, const void *p, uint16_t wide)
{
  uint32_t v;
  uint64_t bytes;
  memcpy(&v, p, sizeof v);
  const struct nlattr *a = wide ? schema_find(d, NULL, wide) : NULL;
  if (a == NULL || mnl_attr_get_payload_len(a) < sizeof bytes)
    return v;
  memcpy(&bytes, mnl_attr_get_payload(a), sizeof bytes);
  return bytes;
}

static bool rate_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  const struct tc_rate64 *wide = r->arg;
  const void *at = tc_bytes(r, p, n, sizeof(uint32_t));
  if (at == NULL)
    return false;
  tc_push_rounded(d->L, (double)whole_rate(d, at, wide ? wide->attr : 0) / BYTES, 15);
  return true;
}

static bool rate_imply(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_rate64 *wide = r->arg;
  double other = wide && wide->other ? tc_given(e, wide->other) : 0;
  if (other != 0)
    lua_pushnumber(e->L, other);
  return other != 0;
}

const struct schema_codec schema_tc_rate = {.name = "rate",
                                            .type = "number",
                                            .put = rate_put,
                                            .get = rate_get,
                                            .imply = rate_imply,
                                            .plain = true};

/* A member of the first of two struct tc_ratespec, with which the struct begins, for both of them
 * if the second one has a rate. */
static void overhead_put(struct schema_enc *e, const struct schema_row *r)
{
  u16_put(e, r);
  char *p = tc_struct(e, r);
  struct tc_ratespec *second = (void *)(p + sizeof *second);
  if (second->rate)
    memcpy(p + sizeof *second + r->off, p + r->off, sizeof(uint16_t));
}

const struct schema_codec schema_tc_overhead = {
    .name = "size", .type = "integer", .put = overhead_put, .get = u16_get, .plain = true};

/* ---- bursts ---------------------------------------------------------------------------------- */

/* The rate in bytes per second; 0 when it is not given. */
static double rate_of(struct schema_enc *e, const struct tc_burst *b)
{
  double mbit = tc_given(e, b->rate);
  return (mbit == 0 && b->unless ? tc_given(e, b->unless) : mbit) * BYTES;
}

/* Ticks that so many bytes last; the kernel wants a legible number of bytes beside it where it
 * can. */
static void burst_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_burst *b = r->arg;
  double size = tc_want_number(e, r, 0, UINT32_MAX), rate = rate_of(e, b);
  if (rate == 0)
    schema_fail(e, r, EINVAL, NULL, "a burst needs its rate: %s", b->rate);
  double ticks = floor(1e6 * (size / rate) * (1000.0 / TC_TICK_NS));
  uint32_t v = ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks, bytes = (uint32_t)size;
  tc_put(e, r, &v, sizeof v);
  if (b->bytes && !mnl_attr_put_check(e->nlh, sizeof e->buf->msg, b->bytes, sizeof bytes, &bytes))
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
}

/* A burst that was said in bytes: the kernel has added the overhead, and packed it into cells if
 * the link has such, of 53 bytes for 48. */
static double said_bytes(const char *at, double bytes)
{
  struct tc_ratespec spec;
  memcpy(&spec, at, sizeof spec);
  if ((spec.linklayer & TC_LINKLAYER_MASK) == TC_LINKLAYER_ATM)
    bytes = floor(bytes / 53 + 0.5) * 48;
  return bytes - spec.overhead;
}

/* The kernel cuts what is less than a tick off: half of one is given back. */
static bool burst_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  const struct tc_burst *b = r->arg;
  uint32_t ticks;
  const void *at = tc_bytes(r, p, n, sizeof ticks);
  if (at == NULL || n < r->len) /* the rate may stand behind it */
    return false;
  memcpy(&ticks, at, sizeof ticks);
  uint64_t rate = whole_rate(d, (const char *)p + b->rate_off, b->rate64);
  if (rate == 0)
    return false;
  double bytes = floor((double)rate * (ticks + 0.5) * TC_TICK_NS / 1e9 + 0.5);
  const char *spec = (const char *)p + b->rate_off - offsetof(struct tc_ratespec, rate);
  tc_push_number(d->L, b->bytes ? said_bytes(spec, bytes) : bytes);
  return true;
}

/* The least that works: one packet, and what is sent between two ticks of a clock of 1 GHz. */
static bool burst_imply(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_burst *b = r->arg;
  double rate = rate_of(e, b), packet = tc_given(e, "mtu_bytes");
  if (b->implied && rate > 0)
    lua_pushnumber(e->L, floor(rate / 1e9 + (packet > 0 ? packet : 1600)));
  return b->implied && rate > 0;
}

const struct schema_codec schema_tc_burst = {.name = "size",
                                             .type = "integer",
                                             .put = burst_put,
                                             .get = burst_get,
                                             .imply = burst_imply,
                                             .plain = true};

/* The time itself, in whole microseconds, as tc(8) goes on to reckon with it. Only read. */
static bool burst_us_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                         size_t n)
{
  uint32_t ticks;
  if (!tc_read(r, p, n, &ticks, sizeof ticks))
    return false;
  lua_pushinteger(d->L, (lua_Integer)((uint64_t)ticks * TC_TICK_NS / 1000));
  return true;
}

const struct schema_codec schema_tc_burst_us = {
    .name = "time", .type = "integer", .get = burst_us_get};

/* How long a packet waits at most in a tbf: another way to say its limit of bytes. */
static void latency_put(struct schema_enc *e, const struct schema_row *r)
{
  double ms = tc_want_number(e, r, 0, 1e9), rate = tc_given(e, "rate_mbit") * BYTES;
  double peak = tc_given(e, "peakrate_mbit") * BYTES;
  double limit = rate * ms / 1e3 + tc_given(e, "burst_bytes");
  if (tc_given(e, "limit_bytes") != 0)
    schema_fail(e, r, EINVAL, "limit_bytes = rate * latency + burst.",
                "limit_bytes and latency_ms say the same thing");
  double other = peak * ms / 1e3 + tc_given(e, "mtu_bytes");
  if (peak > 0 && other < limit)
    limit = other;
  if (limit > UINT32_MAX)
    schema_fail(e, r, ERANGE, NULL, "so many bytes do not fit");
  uint32_t v = (uint32_t)limit;
  tc_put(e, r, &v, sizeof v);
}

static bool latency_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  struct tc_tbf_qopt q;
  (void)r;
  if (p == NULL || n < sizeof q)
    return false;
  memcpy(&q, p, sizeof q);
  double rate = (double)whole_rate(d, &q.rate.rate, TCA_TBF_RATE64);
  double peak = (double)whole_rate(d, &q.peakrate.rate, TCA_TBF_PRATE64);
  double us = q.limit / rate * 1e6 - (double)q.buffer * TC_TICK_NS / 1e3;
  double other = peak > 0 ? q.limit / peak * 1e6 - (double)q.mtu * TC_TICK_NS / 1e3 : us;
  if (other > us)
    us = other;
  if (rate == 0 || us < 0)
    return false;
  tc_push_number(d->L, floor(us + 0.5) / 1e3);
  return true;
}

const struct schema_codec schema_tc_latency = {
    .name = "time", .type = "number", .put = latency_put, .get = latency_get};

/* ---- what one kind has ----------------------------------------------------------------------- */

/* htb wants to know which version of its structs it gets. */
static void r2q_put(struct schema_enc *e, const struct schema_row *r)
{
  u32_put(e, r);
  ((struct tc_htb_glob *)tc_struct(e, r))->version = 3;
}

const struct schema_codec schema_tc_r2q = {
    .name = "u32", .type = "integer", .put = r2q_put, .get = u32_get, .plain = true};

enum { PRIORITIES = TC_PRIO_MAX + 1 };

static void priomap_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t map[PRIORITIES] = {0};
  if (!lua_istable(e->L, -1) || lua_rawlen(e->L, -1) > PRIORITIES)
    schema_wrong(e, r, "an array of at most 16 numbers of bands");
  for (int i = 0; i < (int)lua_rawlen(e->L, -1); i++) {
    lua_rawgeti(e->L, -1, i + 1);
    map[i] = (uint8_t)tc_want_number(e, r, 0, TCQ_PRIO_BANDS - 1);
    lua_pop(e->L, 1);
  }
  tc_put(e, r, map, sizeof map);
}

static bool priomap_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  const uint8_t *map = tc_bytes(r, p, n, PRIORITIES);
  if (map == NULL)
    return false;
  lua_createtable(d->L, PRIORITIES, 0);
  for (int i = 0; i < PRIORITIES; i++) {
    lua_pushinteger(d->L, map[i]);
    lua_rawseti(d->L, -2, i + 1);
  }
  return true;
}

const struct schema_codec schema_tc_priomap = {
    .name = "list", .type = "integer[]", .put = priomap_put, .get = priomap_get};
