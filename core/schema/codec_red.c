/* codec_red: random early detection, as red, choke and sfq have it. The kernel wants constants of
 * its arithmetic - logarithms, a table of how an average falls while nothing waits - and a script
 * says how large packets are, how fast the link is, what a burst is. The formulas are those of
 * tc_red.c and tc_core.c of iproute2, after Floyd and Jacobson; numbers are cut off where those are
 * cut off, so that the same is sent. */
#include "schema/codec.h"
#include "schema/tc.h"
#include <errno.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <math.h>
#include <string.h>

enum { TABLE = 256, LOGS = 32 };

struct red { /* what was asked for */
  uint32_t limit, min, max, avpkt, burst;
  double probability, rate; /* bytes per second */
};

/* W = 2^-log, the weight of what waits now in its average: the first with which a burst of that
 * length passes. burst + 1 - min/avpkt < (1 - (1-W)^burst) / W */
static int weight(const struct red *q, uint32_t min)
{
  double a = (double)q->burst + 1 - (double)min / q->avpkt, w = 0.5;
  for (int log = 1; log < LOGS && a >= 1; log++, w /= 2)
    if (a <= (1 - pow(1 - w, q->burst)) / w)
      return log;
  return -1;
}

/* -log2(probability / (max - min)) */
static int steepness(const struct red *q, uint32_t min, uint32_t max)
{
  double p = q->probability / (max - min);
  for (int log = 0; log < LOGS; log++, p *= 2)
    if (p > 1)
      return log;
  return -1;
}

/* table[t >> log] = -log(1-W) * t / how long a packet takes: how far the average falls. */
static int damping(const struct red *q, int wlog, uint8_t table[TABLE])
{
  static const double TICKS = 1000.0 / TC_TICK_NS; /* of a microsecond */
  uint32_t us = (uint32_t)(1e6 * (q->avpkt / q->rate)), ticks = (uint32_t)(us * TICKS);
  double lw = -log(1 - 1.0 / (1U << wlog)) / ticks;
  int log = 0;
  while (log < LOGS && !(31 / lw / (double)(1ULL << log) < 512))
    log++;
  for (uint32_t i = 1; i < TABLE - 1; i++)
    table[i] = (uint8_t)fmin(31, (double)((uint64_t)i << log) * lw);
  table[0] = 0;
  table[TABLE - 1] = 31;
  return log < LOGS && ticks > 0 ? log : -1;
}

static uint32_t size_given(struct schema_enc *e, const char *key)
{
  return (uint32_t)fmin(UINT32_MAX, fmax(0, tc_given(e, key)));
}

/* What was given, and otherwise what Floyd recommends. */
static struct red read_red(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_red *k = r->arg;
  struct red q = {size_given(e, k->limit),
                  size_given(e, k->min),
                  size_given(e, k->max),
                  size_given(e, "avpkt_bytes"),
                  size_given(e, "burst_packets"),
                  tc_given(e, "probability"),
                  tc_given(e, "bandwidth_mbit") * 1e6 / 8};
  q.avpkt = q.avpkt ? q.avpkt : TC_RED_AVPKT;
  q.probability = q.probability > 0 ? q.probability : TC_RED_PROBABILITY;
  q.rate = q.rate > 0 ? q.rate : TC_RED_MBIT * 1e6 / 8;
  if (q.max == 0)
    q.max = k->by_min && q.min ? q.min * 3 : q.limit / 4;
  if (q.min == 0)
    q.min = q.max / 3;
  if (q.burst == 0)
    q.burst = (uint32_t)((2ULL * q.min + q.max) / (3ULL * (k->packets ? 1 : q.avpkt)));
  if (q.min >= q.max)
    schema_fail(e, r, EINVAL, NULL, "%s (%d) must be less than %s (%d)", k->min, (int)q.min, k->max,
                (int)q.max);
  return q;
}

/* Fills the constants of the struct, which begins with the limits, and the table. */
static void reckon(struct schema_enc *e, const struct schema_row *r, const struct red *q,
                   struct tc_red_qopt *ret, uint8_t table[TABLE])
{
  const struct tc_red *k = r->arg;
  uint32_t unit = k->packets ? q->avpkt : 1;
  int wlog = weight(q, q->min * unit);
  if (wlog < 0)
    schema_fail(
        e, r, EINVAL,
        lua_pushfstring(e->L, "Try burst_packets = %d.", (int)(q->min * unit / q->avpkt) + 1),
        "a burst of %d packets does not go with these limits", (int)q->burst);
  int plog = steepness(q, q->min * unit, q->max * unit), clog = damping(q, wlog, table);
  if (plog < 0 || clog < 0)
    schema_fail(e, r, EINVAL, NULL, "there are no constants for such %s",
                plog < 0 ? "a probability" : "packets at such a rate");
  *ret = (struct tc_red_qopt){.limit = q->limit,
                              .qth_min = q->min,
                              .qth_max = q->max,
                              .Wlog = (uint8_t)wlog,
                              .Plog = (uint8_t)plog,
                              .Scell_log = (uint8_t)clog};
}

/* The row of the limit puts all of it: none of it can be said without the others. */
static void red_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_red *k = r->arg;
  struct tc_red_qopt opt;
  uint8_t table[TABLE];
  tc_want_number(e, r, 1, UINT32_MAX);
  struct red q = read_red(e, r);
  reckon(e, r, &q, &opt, table);
  uint32_t max_p = (uint32_t)fmin(UINT32_MAX, q.probability * 4294967296.0);
  if (k->parms == 0) { /* sfq has the same members in its header, and no table */
    opt.Scell_log = 0;
    memcpy(e->hdr + r->off, &opt, sizeof opt);
    memcpy(e->hdr + r->off + sizeof opt, &max_p, sizeof max_p);
    return;
  }
  memcpy(codec_shared(e, r, k->parms, sizeof opt), &opt, sizeof opt);
  codec_emit(e, r, k->stab, table, sizeof table);
  codec_emit(e, r, k->max_p, &max_p, sizeof max_p);
  if (k->flags) {
    struct nla_bitfield32 flags = {.selector = TC_RED_HISTORIC_FLAGS | TC_RED_NODROP};
    codec_emit(e, r, k->flags, &flags, sizeof flags);
  }
}

/* 0: a sfq without it. */
static bool u32_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  uint32_t v;
  return tc_read(r, p, n, &v, sizeof v) && v != 0 && schema_tc_u32.get(d, r, p, n);
}

const struct schema_codec schema_tc_red = {
    .name = "size", .type = "integer", .put = red_put, .get = u32_get, .plain = true};

/* sfq has a red only when its limit is given. */
static void want_limit(struct schema_enc *e, const struct schema_row *r)
{
  if (r->arg && !schema_given(e, r->arg))
    schema_fail(e, r, EINVAL, NULL, "this needs %s beside it", (const char *)r->arg);
}

/* Checked here, sent by the limit's row. */
static void part_put(struct schema_enc *e, const struct schema_row *r)
{
  want_limit(e, r);
  if (!lua_isinteger(e->L, -1))
    schema_wrong(e, r, "an integer");
  tc_want_number(e, r, 1, UINT32_MAX);
}

const struct schema_codec schema_tc_red_part = {
    .name = "size", .type = "integer", .put = part_put, .get = u32_get, .plain = true};
const struct schema_codec schema_tc_red_packets = {
    .name = "u32", .type = "integer", .put = part_put, .get = u32_get, .plain = true};
/* The kernel does not tell what its constants were made of. */
const struct schema_codec schema_tc_red_size = {.name = "size", .type = "integer", .put = part_put};
const struct schema_codec schema_tc_red_burst = {.name = "u32", .type = "integer", .put = part_put};

static void bandwidth_put(struct schema_enc *e, const struct schema_row *r)
{
  tc_want_number(e, r, 8e-6, 34359);
}

const struct schema_codec schema_tc_red_rate = {
    .name = "rate", .type = "number", .put = bandwidth_put};

static void probability_put(struct schema_enc *e, const struct schema_row *r)
{
  want_limit(e, r);
  tc_want_number(e, r, 1e-9, 1);
}

static bool probability_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                            size_t n)
{
  uint32_t v;
  if (!tc_read(r, p, n, &v, sizeof v) || v == 0)
    return false;
  tc_push_rounded(d->L, v / 4294967296.0, 6);
  return true;
}

const struct schema_codec schema_tc_probability = {.name = "share",
                                                   .type = "number",
                                                   .put = probability_put,
                                                   .get = probability_get,
                                                   .plain = true};
