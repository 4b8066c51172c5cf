/* codec_u32: tables of u32 filters: in which one a filter is, how packets find their bucket there,
 * and where the next header begins. What filters ask of packets is in codec_filter.c. */
#include "schema/codec.h"
#include "schema/tc.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_OWN = 0x800 }; /* tables from here on the kernel makes by itself, one for each pref */

/* ---- names of tables ------------------------------------------------------------------------- */

static void ht_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t v = tc_want_fhandle(e, r);
  if (v & 0xfff)
    schema_fail(e, r, EINVAL, "A table \"2:\", or a bucket of it, \"2:7b:\".",
                "this is one filter, not a table");
  schema_emit(e, r, &v, sizeof v);
}

/* That it is in the first table is not told: its number is another the next time. */
static bool ht_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  char text[24];
  uint32_t v;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  if (v == 0 || (r->attr == TCA_U32_HASH && v >> 20 >= FIRST_OWN))
    return false;
  if (v & 0xff000)
    snprintf(text, sizeof text, "%x:%x:", v >> 20, (v >> 12) & 0xff);
  else
    snprintf(text, sizeof text, "%x:", v >> 20);
  lua_pushstring(d->L, text);
  return true;
}

const struct schema_codec schema_tc_ht = {
    .name = "string", .type = "string", .put = ht_put, .get = ht_get, .plain = true};

/* A part of the filter's own number, in the header of the message. */
static void order_put(struct schema_enc *e, const struct schema_row *r)
{
  struct tcmsg *m = mnl_nlmsg_get_payload(e->nlh);
  m->tcm_handle |= (uint32_t)codec_integer(e, r, 1, 0xfff);
}

const struct schema_codec schema_tc_order = {.name = "u32", .type = "integer", .put = order_put};

/* ---- parts of the selector ------------------------------------------------------------------- */

/* The number under that key in the table at the top; whether it is there. */
static bool part_of(struct schema_enc *e, const struct schema_row *r, const char *key, int64_t min,
                    int64_t max, int64_t *ret)
{
  int ok = 1;
  bool given = lua_getfield(e->L, -1, key) != LUA_TNIL;
  lua_Integer v = given ? lua_tointegerx(e->L, -1, &ok) : 0;
  lua_pop(e->L, 1);
  if (!ok || v < min || v > max)
    schema_fail(e, r, EINVAL, r->doc, "%s is no number that fits", key);
  *ret = v;
  return given;
}

static void want_table(struct schema_enc *e, const struct schema_row *r)
{
  if (!lua_istable(e->L, -1))
    schema_wrong(e, r, "a table");
}

static void set_number(lua_State *L, const char *key, lua_Integer v)
{
  lua_pushinteger(L, v);
  lua_setfield(L, -2, key);
}

static bool read_sel(const void *p, size_t n, struct tc_u32_sel *ret)
{
  if (n >= sizeof *ret)
    memcpy(ret, p, sizeof *ret);
  return n >= sizeof *ret;
}

static bool terminal_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                         size_t n)
{
  struct tc_u32_sel sel;
  (void)r;
  if (!read_sel(p, n, &sel))
    return false;
  lua_pushboolean(d->L, sel.flags & TC_U32_TERMINAL);
  return true;
}

const struct schema_codec schema_tc_terminal = {
    .name = "bit", .type = "boolean", .get = terminal_get};

static void hashkey_put(struct schema_enc *e, const struct schema_row *r)
{
  struct tc_u32_sel *sel = tc_struct(e, r);
  int64_t mask, at;
  want_table(e, r);
  part_of(e, r, "mask", 0, UINT32_MAX, &mask);
  part_of(e, r, "at", INT16_MIN, INT16_MAX, &at);
  sel->hmask = htonl((uint32_t)mask);
  sel->hoff = (int16_t)at;
}

static bool hashkey_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  struct tc_u32_sel sel;
  (void)r;
  if (!read_sel(p, n, &sel) || sel.hmask == 0)
    return false;
  lua_createtable(d->L, 0, 2);
  set_number(d->L, "mask", ntohl(sel.hmask));
  set_number(d->L, "at", sel.hoff);
  return true;
}

const struct schema_codec schema_tc_hashkey = {
    .name = "fields", .type = "{ mask: integer, at: integer }", .put = hashkey_put, .get = hashkey_get};

static void offset_put(struct schema_enc *e, const struct schema_row *r)
{
  struct tc_u32_sel *sel = tc_struct(e, r);
  int64_t at, mask, shift, plus;
  want_table(e, r);
  bool read = part_of(e, r, "at", INT16_MIN, INT16_MAX, &at);
  read |= part_of(e, r, "mask", 0, UINT16_MAX, &mask);
  part_of(e, r, "shift", 0, 15, &shift);
  bool more = part_of(e, r, "plus", 0, UINT16_MAX, &plus);
  sel->offoff = (int16_t)at;
  sel->offmask = htons((uint16_t)mask);
  sel->offshift = (uint8_t)shift;
  sel->off = (uint16_t)plus;
  lua_getfield(e->L, -1, "eat");
  bool eat = lua_toboolean(e->L, -1);
  lua_pop(e->L, 1);
  sel->flags = (uint8_t)(sel->flags | (read ? TC_U32_VAROFFSET : 0) | (more ? TC_U32_OFFSET : 0) |
                         (eat ? TC_U32_EAT : 0));
}

static bool offset_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  struct tc_u32_sel sel;
  (void)r;
  if (!read_sel(p, n, &sel) || !(sel.flags & (TC_U32_OFFSET | TC_U32_VAROFFSET | TC_U32_EAT)))
    return false;
  lua_createtable(d->L, 0, 5);
  if (sel.flags & TC_U32_VAROFFSET) {
    set_number(d->L, "at", sel.offoff);
    set_number(d->L, "mask", ntohs(sel.offmask));
    set_number(d->L, "shift", sel.offshift);
  }
  if (sel.flags & TC_U32_OFFSET)
    set_number(d->L, "plus", sel.off);
  if (sel.flags & TC_U32_EAT) {
    lua_pushboolean(d->L, 1);
    lua_setfield(d->L, -2, "eat");
  }
  return true;
}

const struct schema_codec schema_tc_offset = {
    .name = "fields",
    .type = "{ at: integer?, mask: integer?, shift: integer?, plus: integer?, eat: boolean? }",
    .put = offset_put,
    .get = offset_get};

/* ---- the mark, and counters ------------------------------------------------------------------ */

static void mark_put(struct schema_enc *e, const struct schema_row *r)
{
  struct tc_u32_mark mark = {.mask = UINT32_MAX};
  int used = 0;
  if (lua_isinteger(e->L, -1))
    mark.val = (uint32_t)codec_integer(e, r, 0, UINT32_MAX);
  else if (sscanf(schema_want_text(e, r, "a mark"), "%i/%i%n", (int *)&mark.val,
                  (int *)&mark.mask, &used) != 2 ||
           lua_tostring(e->L, -1)[used])
    schema_fail(e, r, EINVAL, "5, or with the bits of it that count: \"5/0xff\".",
                "\"%s\" is no number with a mask", lua_tostring(e->L, -1));
  schema_emit(e, r, &mark, sizeof mark);
}

static bool mark_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  struct tc_u32_mark mark;
  char text[32];
  (void)r;
  if (n < sizeof mark)
    return false;
  memcpy(&mark, p, sizeof mark);
  snprintf(text, sizeof text, "%u/0x%x", mark.val, mark.mask);
  if (mark.mask == UINT32_MAX)
    lua_pushinteger(d->L, mark.val);
  else
    lua_pushstring(d->L, text);
  return true;
}

const struct schema_codec schema_tc_u32_mark = {
    .name = "masked", .type = "integer|string", .put = mark_put, .get = mark_get, .plain = true};

/* How many packets each key took. Only read. */
static bool key_counts_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                           size_t n)
{
  const struct tc_u32_pcnt *pcnt = p;
  uint64_t v;
  (void)r;
  if (n < sizeof *pcnt)
    return false;
  lua_newtable(d->L);
  for (size_t i = 0; sizeof *pcnt + (i + 1) * sizeof v <= n; i++) {
    memcpy(&v, (const char *)p + sizeof *pcnt + i * sizeof v, sizeof v);
    lua_pushinteger(d->L, (lua_Integer)v);
    lua_rawseti(d->L, -2, (lua_Integer)i + 1);
  }
  return true;
}

const struct schema_codec schema_tc_key_counts = {
    .name = "list", .type = "integer[]", .get = key_counts_get};
