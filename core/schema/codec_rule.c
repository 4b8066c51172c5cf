/* codec_rule: values of policy rules - ranges of ports and users. */
#include "schema/internal.h"
#include <errno.h>
#include <linux/fib_rules.h>
#include <stdio.h>
#include <string.h>

/* Reads "FIRST-LAST" or one number, none of them above `most`. */
static void want_span(struct schema_enc *e, const struct schema_row *r, lua_Integer most,
                      unsigned long ret[2])
{
  char dash, more;
  if (lua_isinteger(e->L, -1)) {
    ret[0] = ret[1] = (unsigned long)schema_want_integer(e, r, 0, most);
    return;
  }
  const char *s = schema_want_text(e, r, "a number, or two with a dash between them");
  int n = sscanf(s, "%10lu%c%10lu%c", &ret[0], &dash, &ret[1], &more);
  if (n == 1)
    ret[1] = ret[0];
  bool fits = n == 1 || (n == 3 && dash == '-');
  if (!fits || strchr("0123456789", s[0]) == NULL || ret[0] > ret[1] ||
      ret[1] > (unsigned long)most)
    schema_fail(e, r, EINVAL, "For example \"1000-2000\".",
                "a number from 0 to %I is needed, or a range of them", (LUAI_UACINT)most);
}

static void portrange_put(struct schema_enc *e, const struct schema_row *r)
{
  unsigned long span[2];
  want_span(e, r, UINT16_MAX, span);
  const struct fib_rule_port_range v = {(uint16_t)span[0], (uint16_t)span[1]};
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
  if (v.start == v.end)
    lua_pushinteger(d->L, v.start);
  else
    lua_pushfstring(d->L, "%d-%d", v.start, v.end);
  return true;
}

const struct schema_codec schema_portrange = {.name = "span",
                                              .type = "integer|string",
                                              .put = portrange_put,
                                              .get = portrange_get,
                                              .plain = true};

static void uidrange_put(struct schema_enc *e, const struct schema_row *r)
{
  unsigned long span[2];
  want_span(e, r, UINT32_MAX, span);
  const struct fib_rule_uid_range v = {(uint32_t)span[0], (uint32_t)span[1]};
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
