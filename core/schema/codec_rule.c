/* codec_rule: values of policy rules - ranges of ports and users. */
#include "schema/codec.h"
#include "schema/internal.h"
#include <linux/fib_rules.h>
#include <string.h>

static void portrange_put(struct schema_enc *e, const struct schema_row *r)
{
  static const struct schema_range ports = {0, UINT16_MAX};
  const struct codec_span span = codec_want_span(e, r, &ports);
  const struct fib_rule_port_range v = {(uint16_t)span.first, (uint16_t)span.last};
  schema_emit(e, r, &v, sizeof v);
}

static bool portrange_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                          size_t n)
{
  struct fib_rule_port_range v;
  (void)r;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  codec_push_span(d->L, v.start, v.end);
  return true;
}

const struct schema_codec schema_portrange = {.name = "span",
                                              .type = "integer|string",
                                              .put = portrange_put,
                                              .get = portrange_get,
                                              .plain = true};

static void uidrange_put(struct schema_enc *e, const struct schema_row *r)
{
  static const struct schema_range users = {0, UINT32_MAX};
  const struct codec_span span = codec_want_span(e, r, &users);
  const struct fib_rule_uid_range v = {span.first, span.last};
  schema_emit(e, r, &v, sizeof v);
}

static bool uidrange_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                         size_t n)
{
  struct fib_rule_uid_range v;
  (void)r;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  lua_pushfstring(d->L, "%I-%I", (LUAI_UACINT)v.start, (LUAI_UACINT)v.end);
  return true;
}

const struct schema_codec schema_uidrange = {.name = "uidrange",
                                             .type = "integer|string",
                                             .put = uidrange_put,
                                             .get = uidrange_get,
                                             .read_type = "string",
                                             .plain = true};
