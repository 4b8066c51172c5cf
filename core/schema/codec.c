/* codec: the plain wire types - integers, truth values, strings, words for numbers, bits, nests.
 * A codec reads the value on the top of the Lua stack, or pushes one; it knows no object. */
#include "schema/codec.h"
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

/* ---- integers -------------------------------------------------------------------------------- */

lua_Integer schema_want_integer(struct schema_enc *e, const struct schema_row *r, int64_t min,
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

/* The text at the top of the stack; raises for other types, and for a zero byte in it, which would
 * end it unseen. */
static const char *want_string(struct schema_enc *e, const struct schema_row *r, const char *want,
                               size_t *ret_len)
{
  if (lua_type(e->L, -1) != LUA_TSTRING)
    schema_wrong(e, r, want);
  const char *s = lua_tolstring(e->L, -1, ret_len);
  if (strlen(s) != *ret_len)
    schema_fail(e, r, EINVAL, NULL, "a string without zero bytes is needed");
  return s;
}

/* `order` is what turns a number of the machine into one of the wire, and back. */
#define INTEGER(id, word, T, lo, hi, order)                                                        \
  static void id##_put(struct schema_enc *e, const struct schema_row *r)                           \
  {                                                                                                \
    T v = order((T)schema_want_integer(e, r, lo, hi));                                             \
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
    lua_pushinteger(d->L, (lua_Integer)order(v));                                                  \
    return true;                                                                                   \
  }                                                                                                \
  const struct schema_codec schema_##id = {                                                        \
      .name = word, .type = "integer", .put = id##_put, .get = id##_get, .plain = true};
#define AS_IT_IS(v) (v)

INTEGER(u8, "u8", uint8_t, 0, UINT8_MAX, AS_IT_IS)
INTEGER(u16, "u16", uint16_t, 0, UINT16_MAX, AS_IT_IS)
INTEGER(u32, "u32", uint32_t, 0, UINT32_MAX, AS_IT_IS)
INTEGER(s32, "s32", int32_t, INT32_MIN, INT32_MAX, AS_IT_IS)
INTEGER(u64, "u64", uint64_t, 0, INT64_MAX, AS_IT_IS)
/* In the order of the network; the first is what a port of TCP or UDP is. */
INTEGER(port, "u16", uint16_t, 0, UINT16_MAX, htons)
INTEGER(be64, "u64", uint64_t, 0, INT64_MAX, htobe64)

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
  const struct schema_codec schema_##id = {                                                        \
      .name = #id, .type = "boolean", .put = id##_put, .get = id##_get, .plain = true};

/* An attribute without a value: its presence says yes. */
static void flag_put(struct schema_enc *e, const struct schema_row *r)
{
  if (want_bool(e, r))
    schema_emit(e, r, NULL, 0);
}

static bool flag_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  (void)r, (void)n;
  lua_pushboolean(d->L, p != NULL);
  return true;
}

const struct schema_codec schema_flag = {.name = "bit",
                                         .type = "boolean",
                                         .put = flag_put,
                                         .get = flag_get,
                                         .computed = true,
                                         .plain = true};

TRUTH(bool8, uint8_t)
TRUTH(bool32, uint32_t)

/* A byte that a command line says with one word, and not at all when it is 0. */
const struct schema_codec schema_yes8 = {
    .name = "bit", .type = "boolean", .put = bool8_put, .get = bool8_get, .plain = true};

/* A bit of a 32-bit flag word. Several rows share the word: the header's member, whose mask of
 * changes stands beside it, or an attribute, which is made by the first and amended by the rest. */
static void bit32_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_bit *b = r->arg;
  bool set = want_bool(e, r) != b->inverted;
  uint32_t *word = r->attr ? codec_shared(e, r, r->attr, sizeof *word) : (void *)(e->hdr + r->off);
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

const struct schema_codec schema_bit32 = {
    .name = "bit", .type = "boolean", .put = bit32_put, .get = bit32_get, .plain = true};

/* A bit that asks for something; no answer has it. */
const struct schema_codec schema_asked32 = {.name = "bit", .type = "boolean", .put = bit32_put};

/* IFF_UP of the other end of a veth: the kernel refuses it in the message that creates the pair, so
 * it becomes a message of its own. */
static void up_put(struct schema_enc *e, const struct schema_row *r)
{
  if (e->peer)
    e->peer_up = want_bool(e, r);
  else if (e->later)
    want_bool(e, r);
  else
    bit32_put(e, r);
}

const struct schema_codec schema_up = {
    .name = "bit", .type = "boolean", .put = up_put, .get = bit32_get, .plain = true};

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

const struct schema_codec schema_bit8 = {
    .name = "bit", .type = "boolean", .put = bit8_put, .get = bit8_get, .plain = true};

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

const struct schema_codec schema_flagset = {
    .name = "flags", .type = "string[]", .get = flagset_get};

/* ---- strings --------------------------------------------------------------------------------- */

static void string_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_range *range = r->arg;
  size_t n;
  const char *s = want_string(e, r, "a string", &n);
  if (range && (int64_t)n > range->max)
    schema_fail(e, r, ENAMETOOLONG, NULL, "it has %d characters, %d is the most", (int)n,
                (int)range->max);
  if (range && (int64_t)n < range->min)
    schema_fail(e, r, EINVAL, NULL, "the string is empty");
  schema_emit(e, r, s, n + 1);
}

static bool string_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  (void)r;
  lua_pushlstring(d->L, p, strnlen(p, n));
  return true;
}

const struct schema_codec schema_string = {
    .name = "string", .type = "string", .put = string_put, .get = string_get, .plain = true};

/* A name for a link: what the kernel's dev_valid_name accepts. */
static void ifname_put(struct schema_enc *e, const struct schema_row *r)
{
  size_t n;
  const char *s = want_string(e, r, "a name", &n);
  if (n >= IFNAMSIZ)
    schema_fail(
        e, r, ENAMETOOLONG,
        "Choose a shorter one; `ip link property add dev NAME altname LONG` can give the link "
        "a longer second name (altname).",
        "\"%s\" has %d characters, an interface name has at most %d", s, (int)n, IFNAMSIZ - 1);
  if (n == 0 || strcmp(s, ".") == 0 || strcmp(s, "..") == 0 || strpbrk(s, "/: \t\n\r\v\f"))
    schema_fail(e, r, EINVAL, "No slash, colon or blank, and neither \".\" nor \"..\".",
                "\"%s\" cannot name an interface", s);
  schema_emit(e, r, s, n + 1);
}

const struct schema_codec schema_ifname = {
    .name = "ifname", .type = "string", .put = ifname_put, .get = string_get};

/* ---- words for numbers ----------------------------------------------------------------------- */

static const char *next_name(void *arg)
{
  const struct schema_name **n = arg;
  return (*n)->name ? (*n)++->name : NULL;
}

const char *schema_word_hint(lua_State *L, const struct schema_name *names, const char *word)
{
  const struct schema_name *at = names;
  const char *near = rt_nearest(word, next_name, &at);
  if (near)
    return lua_pushfstring(L, "Did you mean \"%s\"?", near);
  const char *hint = lua_pushstring(L, "Its words are");
  for (const struct schema_name *n = names; n->name; n++) {
    hint = lua_pushfstring(L, "%s %s%s", hint, n->name, n[1].name ? "," : ".");
    lua_remove(L, -2);
  }
  return hint;
}

static uint32_t want_word(struct schema_enc *e, const struct schema_row *r, uint32_t max)
{
  size_t len;
  if (lua_type(e->L, -1) == LUA_TNUMBER) {
    const struct schema_row plain = {.key = r->key};
    return (uint32_t)schema_want_integer(e, &plain, 0, max);
  }
  const char *s = want_string(e, r, "a word or a number", &len);
  for (const struct schema_name *n = r->arg; n->name; n++)
    if (strcmp(n->name, s) == 0)
      return n->value;
  char *end;
  unsigned long v = strtoul(s, &end, 0);
  bool number = s[0] >= '0' && s[0] <= '9' && *end == '\0';
  if (number && v <= max)
    return (uint32_t)v;
  if (number)
    schema_fail(e, r, ERANGE, NULL, "%s is not in 0..%I", s, (LUAI_UACINT)max);
  schema_fail(e, r, EINVAL, schema_word_hint(e->L, r->arg, s), "\"%s\" is none of its words", s);
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
  const struct schema_codec schema_##id = {                                                        \
      .name = "enum", .type = "string|integer", .put = id##_put, .get = id##_get, .plain = true};

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

const struct schema_codec schema_table = {.name = "table",
                                          .type = "string|integer",
                                          .put = table_put,
                                          .get = table_get,
                                          .computed = true,
                                          .plain = true};

/* ---- nests ----------------------------------------------------------------------------------- */

void schema_put_within(struct schema_enc *e, const struct schema_row *r, const struct schema *s,
                       const char *at)
{
  if (!lua_istable(e->L, -1)) {
    const char *is = rt_typename(e->L, -1);
    schema_fail(e, r, EINVAL, lua_pushfstring(e->L, "%s = { %s = ... }", r->key, s->rows->key),
                "a table is needed, not %s", is);
  }
  struct schema_enc in = *e;
  in.schema = s;
  in.skip = NULL;
  in.later = false;
  in.around = e->around ? lua_pushfstring(e->L, "%s.%s", e->around, at) : at;
  if (e->around)
    lua_insert(e->L, -2);
  if (e->nlh->nlmsg_len + s->hdr > sizeof e->buf->msg)
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
  if (s->hdr)
    in.hdr = mnl_nlmsg_put_extra_header(e->nlh, s->hdr);
  in.attrs = mnl_nlmsg_get_payload_tail(e->nlh);
  schema_put(&in, lua_gettop(e->L), true);
  if (e->around)
    lua_remove(e->L, -2);
  e->peer_up = in.peer_up;
  e->elsewhere = in.elsewhere;
}

/* Walks a nested table under another schema, with its own fixed header if it has one. */
static void put_nested(struct schema_enc *e, const struct schema_row *r, const struct schema *s)
{
  struct nlattr *nest = mnl_attr_nest_start_check(e->nlh, sizeof e->buf->msg, r->attr);
  if (nest == NULL)
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
  schema_put_within(e, r, s, r->key);
  mnl_attr_nest_end(e->nlh, nest);
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
  in.top = d->top;
  schema_get_all(&in);
  return true;
}

const struct schema_codec schema_nest = {
    .name = "nest", .type = "table", .put = nest_put, .get = nest_get};

/* ---- the kind of a link ---------------------------------------------------------------------- */

/* IFLA_INFO_KIND is the row `type`; IFLA_INFO_DATA is one row for each kind, named after it. A
 * sub-table implies the type, so `type` is only needed by kinds without options. */
bool schema_is_kind(const struct schema_row *r)
{
  return r->codec == &schema_kind_data || r->codec == &schema_veth;
}

/* The first row of a kind whose options were given, or NULL. */
static const struct schema_row *given_kind(struct schema_enc *e)
{
  if (e->ngiven <= SCHEMA_GIVEN) {
    for (int i = 0; i < e->ngiven; i++)
      if (schema_is_kind(e->given[i].row))
        return e->given[i].row;
    return NULL;
  }
  for (const struct schema_row *k = e->schema->rows; k->key; k++)
    if (schema_is_kind(k) && schema_given(e, k->key))
      return k;
  return NULL;
}

static bool kind_imply(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_row *k = given_kind(e);
  (void)r;
  if (k)
    lua_pushstring(e->L, k->key);
  return k != NULL;
}

static void kind_put(struct schema_enc *e, const struct schema_row *r)
{
  size_t n;
  const char *kind = want_string(e, r, "the name of a kind", &n);
  if (kind_imply(e, r)) {
    const char *implied = lua_tostring(e->L, -1);
    if (strcmp(kind, implied) != 0)
      schema_fail(e, r, EINVAL, NULL, "type = \"%s\" and options for a %s do not go together", kind,
                  implied);
    lua_pop(e->L, 1);
  }
  schema_emit(e, r, kind, n + (r->in == NULL)); /* tc ends it by a zero byte, ip does not */
}

const struct schema_codec schema_kind = {
    .name = "kind", .type = "string", .put = kind_put, .get = string_get, .imply = kind_imply};

static void refuse_two_kinds(struct schema_enc *e, const struct schema_row *r)
{
  if (!kind_imply(e, schema_row_of(e->schema, "type")))
    return; /* nothing but the type was given */
  const char *first = lua_tostring(e->L, -1);
  if (strcmp(first, r->key) != 0)
    schema_fail(e, r, EINVAL, NULL, "a %s has one kind; this one is a %s already", e->schema->name,
                first);
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

/* Some kinds want to hear of their options although there are none. */
static bool kind_data_imply(struct schema_enc *e, const struct schema_row *r)
{
  if (!(r->flags & SCHEMA_ALWAYS))
    return false;
  bool is = lua_getfield(e->L, e->t, "type") == LUA_TSTRING &&
            strcmp(lua_tostring(e->L, -1), r->key) == 0;
  lua_pop(e->L, 1);
  if (is)
    lua_newtable(e->L);
  return is;
}

const struct schema_codec schema_kind_data = {.name = "kind",
                                              .type = "table",
                                              .put = kind_data_put,
                                              .get = kind_data_get,
                                              .imply = kind_data_imply,
                                              .computed = true};

/* IFLA_INFO_SLAVE_DATA: what a link has as a port of its master. The row is named as ip names it,
 * "bridge_slave"; the kernel's name for the kind is that of the master. */
static int master_len(const struct schema_row *r)
{
  return (int)(strlen(r->key) - strlen("_slave"));
}

static void slave_data_put(struct schema_enc *e, const struct schema_row *r)
{
  codec_emit(e, r, IFLA_INFO_SLAVE_KIND, r->key, (size_t)master_len(r));
  put_nested(e, r, r->arg);
}

static bool slave_data_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                           size_t n)
{
  const struct nlattr *kind = schema_find(d, r->in, IFLA_INFO_SLAVE_KIND);
  size_t len = kind ? mnl_attr_get_payload_len(kind) : 0;
  const char *s = kind ? mnl_attr_get_payload(kind) : "";
  if ((int)strnlen(s, len) != master_len(r) || memcmp(s, r->key, (size_t)master_len(r)) != 0)
    return false;
  return nest_get(d, r, p, n);
}

const struct schema_codec schema_slave_data = {
    .name = "kind", .type = "table", .put = slave_data_put, .get = slave_data_get};

/* The other end of a veth. Written, it is a link of its own inside ours; read, the kernel gives
 * only an index and the number of a namespace, and the rest is asked for when it is looked at. */
static bool veth_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  if (!kind_data_get(d, r, p, n))
    return false;
  const struct nlattr *link = schema_find(d, NULL, IFLA_LINK);
  const struct nlattr *nsid = schema_find(d, NULL, IFLA_LINK_NETNSID);
  if (link == NULL || mnl_attr_get_payload_len(link) < sizeof(uint32_t) || d->context == 0 ||
      schema_resolver.peer == NULL)
    return true;
  int id = nsid && mnl_attr_get_payload_len(nsid) >= sizeof id ? (int)mnl_attr_get_u32(nsid) : -1;
  if (schema_resolver.peer(d->L, d->context, mnl_attr_get_u32(link), id))
    lua_setfield(d->L, -2, "peer");
  return true;
}

const struct schema_codec schema_veth = {
    .name = "kind", .type = "table", .put = kind_data_put, .get = veth_get, .computed = true};

/* `peer` is a name, or a table of link options. */
static void peer_put(struct schema_enc *e, const struct schema_row *r)
{
  if (lua_type(e->L, -1) == LUA_TSTRING) {
    lua_createtable(e->L, 0, 1);
    lua_insert(e->L, -2);
    lua_setfield(e->L, -2, "name");
  }
  if (!lua_istable(e->L, -1))
    schema_wrong(e, r, "a name or a table");
  bool outer = e->peer;
  e->peer = true;
  put_nested(e, r, r->arg);
  e->peer = outer;
  if (e->peer_up && lua_getfield(e->L, -1, "name") == LUA_TNIL)
    rt_raisef(e->L, e->op, EINVAL, "veth.peer.name", NULL,
              "the other end needs a name to be brought up by");
  lua_settop(e->L, lua_gettop(e->L) - (e->peer_up ? 1 : 0));
}

const struct schema_codec schema_peer = {
    .name = "nest",
    .type = "string|table",
    .put = peer_put,
    .get = nest_get,
    .read_type = "{ name: string, netns?: netns.Handle, ifindex: integer }"};

/* ---- for the other files with codecs --------------------------------------------------------- */

lua_Integer codec_integer(struct schema_enc *e, const struct schema_row *r, int64_t min,
                          int64_t max)
{
  struct schema_row plain = *r;
  plain.arg = NULL; /* that of another codec is no range */
  return schema_want_integer(e, &plain, min, max);
}

bool codec_bool(struct schema_enc *e, const struct schema_row *r)
{
  return want_bool(e, r);
}

uint32_t codec_word(struct schema_enc *e, const struct schema_row *r,
                    const struct schema_name *names, uint32_t max)
{
  struct schema_row with = *r;
  with.arg = names;
  return want_word(e, &with, max);
}

void codec_push_word(lua_State *L, const struct schema_name *names, uint32_t v)
{
  push_word(L, names, v);
}
