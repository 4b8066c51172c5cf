/* codec: the plain wire types - integers, truth values, strings, words for numbers, bits, nests.
 * A codec reads the value on the top of the Lua stack, or pushes one; it knows no object. */
#include "schema/schema.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdlib.h>
#include <string.h>

/* ---- integers -------------------------------------------------------------------------------- */

static lua_Integer want_integer(struct schema_enc *e, const struct schema_row *r, int64_t min,
                                int64_t max)
{
  const struct schema_range *range = r->arg;
  int ok;
  lua_Integer v = lua_tointegerx(e->L, -1, &ok);
  if (!ok || lua_type(e->L, -1) != LUA_TNUMBER)
    schema_wrong(e, r, "an integer");
  if (range) {
    min = range->min;
    max = range->max;
  }
  if (v < min || v > max)
    schema_fail(e, r, ERANGE, NULL, "%I is not in %I..%I", (LUAI_UACINT)v, (LUAI_UACINT)min,
                (LUAI_UACINT)max);
  return v;
}

#define INTEGER(id, T, lo, hi)                                                                     \
  static void id##_put(struct schema_enc *e, const struct schema_row *r)                           \
  {                                                                                                \
    T v = (T)want_integer(e, r, lo, hi);                                                           \
    schema_emit(e, r, &v, sizeof v);                                                               \
  }                                                                                                \
  static bool id##_get(const struct schema_dec *d, const struct schema_row *r, const void *p,      \
                       size_t n)                                                                   \
  {                                                                                                \
    T v;                                                                                           \
    (void)r;                                                                                       \
    if (n < sizeof v)                                                                              \
      return false;                                                                                \
    memcpy(&v, p, sizeof v);                                                                       \
    lua_pushinteger(d->L, (lua_Integer)v);                                                         \
    return true;                                                                                   \
  }                                                                                                \
  const struct schema_codec schema_##id = {#id, "integer", id##_put, id##_get, false, NULL};

INTEGER(u8, uint8_t, 0, UINT8_MAX)
INTEGER(u16, uint16_t, 0, UINT16_MAX)
INTEGER(u32, uint32_t, 0, UINT32_MAX)
INTEGER(s32, int32_t, INT32_MIN, INT32_MAX)
INTEGER(u64, uint64_t, 0, INT64_MAX)

/* ---- truth values ---------------------------------------------------------------------------- */

static bool want_bool(struct schema_enc *e, const struct schema_row *r)
{
  if (!lua_isboolean(e->L, -1))
    schema_wrong(e, r, "true or false");
  return lua_toboolean(e->L, -1);
}

#define TRUTH(id, T)                                                                               \
  static void id##_put(struct schema_enc *e, const struct schema_row *r)                           \
  {                                                                                                \
    T v = want_bool(e, r);                                                                         \
    schema_emit(e, r, &v, sizeof v);                                                               \
  }                                                                                                \
  static bool id##_get(const struct schema_dec *d, const struct schema_row *r, const void *p,      \
                       size_t n)                                                                   \
  {                                                                                                \
    T v;                                                                                           \
    (void)r;                                                                                       \
    if (n < sizeof v)                                                                              \
      return false;                                                                                \
    memcpy(&v, p, sizeof v);                                                                       \
    lua_pushboolean(d->L, v != 0);                                                                 \
    return true;                                                                                   \
  }                                                                                                \
  const struct schema_codec schema_##id = {#id, "boolean", id##_put, id##_get, false, NULL};

TRUTH(bool8, uint8_t)
TRUTH(bool32, uint32_t)

/* A bit of a 32-bit flag word. Several rows share the word: the header's member, whose mask of
 * changes stands beside it, or an attribute, which is made by the first and amended by the rest. */
static void bit32_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_bit *b = r->arg;
  uint32_t *word, zero = 0;
  bool set = want_bool(e, r) != b->inverted;
  if (r->attr == 0) {
    word = (uint32_t *)(void *)(e->hdr + r->off);
  } else {
    struct schema_dec d;
    schema_open(&d, e->L, e->schema, e->hdr, (size_t)((char *)mnl_nlmsg_get_payload_tail(e->nlh) -
                                                      e->hdr), 0);
    struct nlattr *a = (struct nlattr *)(uintptr_t)schema_find(&d, NULL, r->attr);
    if (a == NULL) {
      schema_emit(e, r, &zero, sizeof zero);
      a = (struct nlattr *)(void *)((char *)mnl_nlmsg_get_payload_tail(e->nlh) -
                                    SCHEMA_ALIGN(sizeof *a + sizeof zero));
    }
    word = mnl_attr_get_payload(a);
  }
  *word = set ? *word | b->mask : *word & ~b->mask;
  if (b->change)
    *(uint32_t *)(void *)(e->hdr + b->change) |= b->mask;
}

static bool bit32_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  const struct schema_bit *b = r->arg;
  uint32_t v;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  lua_pushboolean(d->L, ((v & b->mask) != 0) != b->inverted);
  return true;
}

const struct schema_codec schema_bit32 = {"bit", "boolean", bit32_put, bit32_get, false, NULL};

/* IFF_UP of the other end of a veth: the kernel refuses it in the message that creates the pair, so
 * it becomes a message of its own. */
static void up_put(struct schema_enc *e, const struct schema_row *r)
{
  if (e->peer)
    e->peer_up = want_bool(e, r);
  else
    bit32_put(e, r);
}

const struct schema_codec schema_up = {"bit", "boolean", up_put, bit32_get, false, NULL};

/* A bit of a flag byte in the fixed header. */
static void bit8_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_bit *b = r->arg;
  uint8_t *word = (uint8_t *)e->hdr + r->off;
  bool set = want_bool(e, r) != b->inverted;
  *word = (uint8_t)(set ? *word | b->mask : *word & ~b->mask);
}

static bool bit8_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  const struct schema_bit *b = r->arg;
  if (n < 1)
    return false;
  lua_pushboolean(d->L, ((*(const uint8_t *)p & b->mask) != 0) != b->inverted);
  return true;
}

const struct schema_codec schema_bit8 = {"bit", "boolean", bit8_put, bit8_get, false, NULL};

/* The names of the bits that are set, in the order of the table. Only read. */
static bool flagset_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  uint32_t v = 0;
  memcpy(&v, p, n < sizeof v ? n : sizeof v);
  lua_newtable(d->L);
  lua_Integer i = 0;
  for (const struct schema_name *name = r->arg; name->name; name++)
    if (v & name->value) {
      lua_pushstring(d->L, name->name);
      lua_rawseti(d->L, -2, ++i);
    }
  return true;
}

const struct schema_codec schema_flagset = {"flags", "string[]", NULL, flagset_get, false, NULL};

/* ---- strings --------------------------------------------------------------------------------- */

static void string_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_range *range = r->arg;
  size_t n;
  if (lua_type(e->L, -1) != LUA_TSTRING)
    schema_wrong(e, r, "a string");
  const char *s = lua_tolstring(e->L, -1, &n);
  if (memchr(s, 0, n))
    schema_fail(e, r, EINVAL, NULL, "a string without zero bytes is needed");
  if (range && (int64_t)n > range->max)
    schema_fail(e, r, ENAMETOOLONG, NULL, "it has %d characters, %d is the most", (int)n,
                (int)range->max);
  schema_emit(e, r, s, n + 1);
}

static bool string_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  (void)r;
  lua_pushlstring(d->L, p, strnlen(p, n));
  return true;
}

const struct schema_codec schema_string = {"string", "string", string_put, string_get, false, NULL};

/* A name for a link: what the kernel's dev_valid_name accepts. */
static void ifname_put(struct schema_enc *e, const struct schema_row *r)
{
  size_t n;
  if (lua_type(e->L, -1) != LUA_TSTRING)
    schema_wrong(e, r, "a name");
  const char *s = lua_tolstring(e->L, -1, &n);
  if (n >= IFNAMSIZ)
    schema_fail(e, r, ENAMETOOLONG,
                "Choose a shorter name; a long one can be added as an altname afterwards.",
                "\"%s\" has %d characters, an interface name has at most %d", s, (int)n,
                IFNAMSIZ - 1);
  if (n == 0 || strcmp(s, ".") == 0 || strcmp(s, "..") == 0 || strpbrk(s, "/: \t\n\r\v\f") ||
      memchr(s, 0, n))
    schema_fail(e, r, EINVAL, "No slash, colon or blank, and neither \".\" nor \"..\".",
                "\"%s\" cannot name an interface", s);
  schema_emit(e, r, s, n + 1);
}

const struct schema_codec schema_ifname = {"ifname", "string", ifname_put, string_get, false, NULL};

/* ---- words for numbers ----------------------------------------------------------------------- */

static const char *next_name(void *arg)
{
  const struct schema_name **n = arg;
  return (*n)->name ? (*n)++->name : NULL;
}

static uint32_t want_word(struct schema_enc *e, const struct schema_row *r, uint32_t max)
{
  if (lua_type(e->L, -1) == LUA_TNUMBER) {
    const struct schema_row plain = {.key = r->key};
    return (uint32_t)want_integer(e, &plain, 0, max);
  }
  if (lua_type(e->L, -1) != LUA_TSTRING)
    schema_wrong(e, r, "a word or a number");
  const char *s = lua_tostring(e->L, -1);
  for (const struct schema_name *n = r->arg; n->name; n++)
    if (strcmp(n->name, s) == 0)
      return n->value;
  char *end;
  unsigned long v = strtoul(s, &end, 0);
  if (s[0] >= '0' && s[0] <= '9' && *end == '\0' && v <= max)
    return (uint32_t)v;
  const struct schema_name *at = r->arg;
  const char *near = rt_nearest(s, next_name, &at), *hint = NULL;
  if (near)
    hint = lua_pushfstring(e->L, "Did you mean \"%s\"?", near);
  schema_fail(e, r, EINVAL, hint, "\"%s\" is none of its words", s);
}

static void push_word(lua_State *L, const struct schema_name *names, uint32_t v)
{
  for (const struct schema_name *n = names; n->name; n++)
    if (n->value == v) {
      lua_pushstring(L, n->name);
      return;
    }
  lua_pushinteger(L, v);
}

#define ENUM(id, T, max)                                                                           \
  static void id##_put(struct schema_enc *e, const struct schema_row *r)                           \
  {                                                                                                \
    T v = (T)want_word(e, r, max);                                                                 \
    schema_emit(e, r, &v, sizeof v);                                                               \
  }                                                                                                \
  static bool id##_get(const struct schema_dec *d, const struct schema_row *r, const void *p,      \
                       size_t n)                                                                   \
  {                                                                                                \
    T v;                                                                                           \
    if (n < sizeof v)                                                                              \
      return false;                                                                                \
    memcpy(&v, p, sizeof v);                                                                       \
    push_word(d->L, r->arg, v);                                                                    \
    return true;                                                                                   \
  }                                                                                                \
  const struct schema_codec schema_##id = {"enum", "string|integer", id##_put, id##_get, false,    \
                                           NULL};

ENUM(enum8, uint8_t, UINT8_MAX)
ENUM(enum16, uint16_t, UINT16_MAX)
ENUM(enum32, uint32_t, UINT32_MAX)

/* A routing table: numbers over 255 do not fit the header and go into the attribute alone. */
static void table_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t v = want_word(e, r, UINT32_MAX);
  ((struct rtmsg *)(void *)e->hdr)->rtm_table = (uint8_t)(v < 256 ? v : RT_TABLE_UNSPEC);
  if (v >= 256)
    schema_emit(e, r, &v, sizeof v);
}

static bool table_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  uint32_t v = ((const struct rtmsg *)(const void *)d->hdr)->rtm_table;
  if (n >= sizeof v)
    memcpy(&v, p, sizeof v);
  if (v == RT_TABLE_UNSPEC)
    return false;
  push_word(d->L, r->arg, v);
  return true;
}

const struct schema_codec schema_table = {"table", "string|integer", table_put, table_get, true,
                                          NULL};

/* ---- nests ----------------------------------------------------------------------------------- */

/* Walks a nested table under another schema, with its own fixed header if it has one. */
static void put_nested(struct schema_enc *e, const struct schema_row *r, const struct schema *s)
{
  if (!lua_istable(e->L, -1) && schema_record(e->L, -1) == NULL)
    schema_wrong(e, r, "a table");
  struct schema_enc in = *e;
  in.schema = s;
  in.skip = NULL;
  in.around = e->around ? lua_pushfstring(e->L, "%s.%s", e->around, r->key) : r->key;
  if (e->around)
    lua_insert(e->L, -2);
  struct nlattr *nest = mnl_attr_nest_start_check(e->nlh, sizeof e->buf->msg, r->attr);
  if (nest == NULL || e->nlh->nlmsg_len + s->hdr > sizeof e->buf->msg)
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
  if (s->hdr)
    in.hdr = mnl_nlmsg_put_extra_header(e->nlh, s->hdr);
  schema_put(&in, lua_gettop(e->L), true);
  mnl_attr_nest_end(e->nlh, nest);
  if (e->around)
    lua_remove(e->L, -2);
  e->peer_up = in.peer_up;
  e->peer_netns = in.peer_netns;
}

static void nest_put(struct schema_enc *e, const struct schema_row *r)
{
  put_nested(e, r, r->arg);
}

static bool nest_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  struct schema_dec in;
  if (!schema_open(&in, d->L, r->arg, p, n, d->context))
    return false;
  schema_get_all(&in);
  return true;
}

const struct schema_codec schema_nest = {"nest", "table", nest_put, nest_get, false, NULL};

/* ---- the kind of a link ---------------------------------------------------------------------- */

/* IFLA_INFO_KIND is the row `type`; IFLA_INFO_DATA is one row for each kind, named after it. A
 * sub-table implies the type, so `type` is only needed by kinds without options. */
static bool kind_imply(struct schema_enc *e, const struct schema_row *r)
{
  for (const struct schema_row *k = e->schema->rows; k->key; k++) {
    if (k->in != r->in || k->codec == r->codec || k->codec->put == NULL)
      continue;
    bool given = lua_getfield(e->L, e->t, k->key) != LUA_TNIL;
    lua_pop(e->L, 1);
    if (given) {
      lua_pushstring(e->L, k->key);
      return true;
    }
  }
  return false;
}

static void kind_put(struct schema_enc *e, const struct schema_row *r)
{
  size_t n;
  if (lua_type(e->L, -1) != LUA_TSTRING)
    schema_wrong(e, r, "the name of a kind of link");
  const char *kind = lua_tolstring(e->L, -1, &n);
  if (kind_imply(e, r)) {
    const char *implied = lua_tostring(e->L, -1);
    if (strcmp(kind, implied) != 0)
      schema_fail(e, r, EINVAL, NULL, "type = \"%s\" and options for a %s do not go together", kind,
                  implied);
    lua_pop(e->L, 1);
  }
  schema_emit(e, r, kind, n + 1);
}

const struct schema_codec schema_kind = {"kind", "string", kind_put, string_get, false, kind_imply};

static void refuse_two_kinds(struct schema_enc *e, const struct schema_row *r)
{
  kind_imply(e, schema_row_of(e->schema, "type"));
  const char *first = lua_tostring(e->L, -1);
  if (strcmp(first, r->key) != 0)
    schema_fail(e, r, EINVAL, NULL, "a link has one kind; this one is a %s already", first);
  lua_pop(e->L, 1);
}

static void kind_data_put(struct schema_enc *e, const struct schema_row *r)
{
  refuse_two_kinds(e, r);
  put_nested(e, r, r->arg);
}

static bool is_kind(const struct schema_dec *d, const struct schema_row *r)
{
  const struct nlattr *kind = schema_find(d, r->in, IFLA_INFO_KIND);
  size_t n = kind ? mnl_attr_get_payload_len(kind) : 0;
  const char *s = kind ? mnl_attr_get_payload(kind) : "";
  return strnlen(s, n) == strlen(r->key) && memcmp(s, r->key, strlen(r->key)) == 0;
}

static bool kind_data_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                          size_t n)
{
  if (!is_kind(d, r))
    return false;
  if (p == NULL) {
    lua_newtable(d->L);
    return true;
  }
  return nest_get(d, r, p, n);
}

const struct schema_codec schema_kind_data = {"kind", "table", kind_data_put, kind_data_get, true,
                                              NULL};

/* The other end of a veth. Written, it is a link of its own inside ours; read, the kernel gives
 * only an index and the number of a namespace, and the rest is asked for when it is looked at. */
static bool veth_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  (void)p, (void)n;
  if (!is_kind(d, r))
    return false;
  const struct nlattr *link = schema_find(d, NULL, IFLA_LINK);
  const struct nlattr *nsid = schema_find(d, NULL, IFLA_LINK_NETNSID);
  lua_newtable(d->L);
  if (link == NULL || mnl_attr_get_payload_len(link) < sizeof(uint32_t) || d->context == 0 ||
      schema_resolver.peer == NULL)
    return true;
  int id = nsid && mnl_attr_get_payload_len(nsid) >= sizeof id ? (int)mnl_attr_get_u32(nsid) : -1;
  if (schema_resolver.peer(d->L, d->context, mnl_attr_get_u32(link), id))
    lua_setfield(d->L, -2, "peer");
  return true;
}

const struct schema_codec schema_veth = {"kind", "table", kind_data_put, veth_get, true, NULL};

/* `peer` is a name, or a table of link options. */
static void peer_put(struct schema_enc *e, const struct schema_row *r)
{
  if (lua_type(e->L, -1) == LUA_TSTRING) {
    lua_createtable(e->L, 0, 1);
    lua_insert(e->L, -2);
    lua_setfield(e->L, -2, "name");
  }
  bool outer = e->peer;
  e->peer = true;
  put_nested(e, r, r->arg);
  e->peer = outer;
}

const struct schema_codec schema_peer = {"nest", "string|table", peer_put, nest_get, false, NULL};
