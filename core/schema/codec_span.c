/* codec_span: a number, or a range of them as one text: "100-200". Which VLANs, which networks of a
 * vxlan. */
#include "schema/codec.h"
#include <errno.h>
#include <stdlib.h>

static bool parse_span(const char *s, struct codec_span *ret)
{
  char *end;
  if (*s < '0' || *s > '9')
    return false;
  unsigned long first = strtoul(s, &end, 10), last = first;
  if (*end == '-' && end[1] >= '0' && end[1] <= '9')
    last = strtoul(end + 1, &end, 10);
  *ret = (struct codec_span){(uint32_t)first, (uint32_t)last};
  return *end == '\0' && first <= UINT32_MAX && last <= UINT32_MAX;
}

struct codec_span codec_want_span(struct schema_enc *e, const struct schema_row *r,
                                  const struct schema_range *range)
{
  struct codec_span v = {0, 0};
  bool number = lua_isinteger(e->L, -1) && lua_type(e->L, -1) == LUA_TNUMBER;
  if (number) {
    const struct schema_row plain = {.key = r->key};
    v.first = v.last = (uint32_t)schema_want_integer(e, &plain, range->min, range->max);
  } else {
    const char *text = schema_want_text(e, r, "an integer, or a range such as \"100-200\",");
    if (!parse_span(text, &v))
      schema_fail(e, r, EINVAL, NULL, "\"%s\" is no number, and no range such as \"100-200\"",
                  text);
  }
  if (v.first < range->min || v.last > range->max)
    schema_fail(e, r, ERANGE, NULL, "%s is not in %I..%I", lua_tostring(e->L, -1),
                (LUAI_UACINT)range->min, (LUAI_UACINT)range->max);
  if (v.last < v.first)
    schema_fail(e, r, EINVAL, NULL, "%s ends before it begins", lua_tostring(e->L, -1));
  return v;
}

void codec_push_span(lua_State *L, uint32_t first, uint32_t last)
{
  if (last > first)
    lua_pushfstring(L, "%I-%I", (LUAI_UACINT)first, (LUAI_UACINT)last);
  else
    lua_pushinteger(L, first);
}

void schema_want_span(struct schema_enc *e, const char *key, uint32_t *ret_first,
                      uint32_t *ret_last)
{
  const struct schema_row *r = schema_row_of(e->schema, key);
  struct codec_span v = codec_want_span(e, r, r->arg);
  *ret_first = v.first;
  *ret_last = v.last;
}
