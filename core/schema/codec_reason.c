/* codec_reason: why a link is kept down, as bits that daemons give a meaning: those that are set,
 * and those that are meant. */
#include "schema/codec.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>

enum { REASONS = 32 };

/* The number of the reason at the second place from the top. */
static uint32_t want_bit(struct schema_enc *e, const struct schema_row *r)
{
  int is_number;
  lua_Integer bit = lua_tointegerx(e->L, -2, &is_number);
  if (!is_number || lua_type(e->L, -2) != LUA_TNUMBER || bit < 0 || bit >= REASONS)
    schema_fail(e, r, EINVAL, "{ [3] = true }", "the number of a reason is one of 0..%d",
                REASONS - 1);
  return UINT32_C(1) << bit;
}

/* { [3] = true, [4] = false } */
static void reasons_put(struct schema_enc *e, const struct schema_row *r)
{
  lua_State *L = e->L;
  uint32_t mask = 0, value = 0;
  luaL_checkstack(L, 6, r->key);
  if (!lua_istable(L, -1))
    schema_wrong(e, r, "a table { [reason] = true }");
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
    uint32_t bit = want_bit(e, r);
    mask |= bit;
    value |= codec_bool(e, r) ? bit : 0;
  }
  struct nlattr *nest = mnl_attr_nest_start_check(e->nlh, sizeof e->buf->msg, r->attr);
  if (nest == NULL)
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
  codec_emit(e, r, IFLA_PROTO_DOWN_REASON_MASK, &mask, sizeof mask);
  codec_emit(e, r, IFLA_PROTO_DOWN_REASON_VALUE, &value, sizeof value);
  mnl_attr_nest_end(e->nlh, nest);
}

static bool reasons_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  uint32_t value = 0;
  const char *end = (const char *)p + n;
  luaL_checkstack(d->L, 4, r->key);
  for (const struct nlattr *a = p; mnl_attr_ok(a, (int)(end - (const char *)a));
       a = mnl_attr_next(a))
    if (mnl_attr_get_type(a) == IFLA_PROTO_DOWN_REASON_VALUE &&
        mnl_attr_get_payload_len(a) >= sizeof value)
      value = mnl_attr_get_u32(a);
  if (value == 0)
    return false;
  lua_newtable(d->L);
  for (lua_Integer bit = 0; bit < REASONS; bit++)
    if (value >> bit & 1) {
      lua_pushboolean(d->L, 1);
      lua_rawseti(d->L, -2, bit);
    }
  return true;
}

const struct schema_codec schema_reasons = {
    .name = "reasons", .type = "table<integer, boolean>", .put = reasons_put, .get = reasons_get};
