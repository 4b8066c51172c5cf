/* codec_queue: values of queueing disciplines beyond those of codec_tc - what only one kind counts,
 * rates of 64 bits, probabilities. */
#include "schema/tc.h"
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <math.h>
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
