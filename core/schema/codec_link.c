/* codec_link: wire types that only the kinds of links have - addresses of either family, big endian
 * numbers, the flag words of tunnels, maps and lists. */
#include "schema/codec.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <string.h>

/* ---- numbers --------------------------------------------------------------------------------- */

/* The argument, if there is one, has words for values. */
static uint32_t want_number(struct schema_enc *e, const struct schema_row *r, uint32_t max)
{
  if (r->arg)
    return codec_word(e, r, r->arg, max);
  return (uint32_t)codec_integer(e, r, 0, max);
}

static void push_number(lua_State *L, const struct schema_row *r, uint32_t v)
{
  if (r->arg)
    codec_push_word(L, r->arg, v);
  else
    lua_pushinteger(L, v);
}

static void be16_put(struct schema_enc *e, const struct schema_row *r)
{
  uint16_t v = htons((uint16_t)want_number(e, r, UINT16_MAX));
  schema_emit(e, r, &v, sizeof v);
}

static bool be16_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  uint16_t v;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  push_number(d->L, r, ntohs(v));
  return true;
}

static void be32_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t v = htonl(want_number(e, r, UINT32_MAX));
  schema_emit(e, r, &v, sizeof v);
}

static bool be32_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  uint32_t v;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  push_number(d->L, r, ntohl(v));
  return true;
}

const struct schema_codec schema_be32 = {
    .name = "u32", .type = "integer", .put = be32_put, .get = be32_get, .plain = true};
/* A port for which there are words. */
const struct schema_codec schema_auto_port = {
    .name = "enum", .type = "string|integer", .put = be16_put, .get = be16_get, .plain = true};

/* Whether a vxlan learns: as with ip(8), one whose frames are steered from outside does not. */
static void learning_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t v = codec_bool(e, r);
  schema_emit(e, r, &v, sizeof v);
}

static bool learning_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                         size_t n)
{
  (void)r;
  if (n < 1)
    return false;
  lua_pushboolean(d->L, *(const uint8_t *)p != 0);
  return true;
}

static bool learning_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  bool external = lua_getfield(e->L, e->t, "external") == LUA_TBOOLEAN && lua_toboolean(e->L, -1);
  lua_pop(e->L, 1);
  if (external)
    lua_pushboolean(e->L, 0);
  return external;
}

const struct schema_codec schema_learning = {.name = "bool8",
                                             .type = "boolean",
                                             .put = learning_put,
                                             .get = learning_get,
                                             .imply = learning_imply,
                                             .plain = true};

/* Numbers of 64 bits one behind the other; the words say which is which. Only read. */
static bool counters_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                         size_t n)
{
  uint64_t v;
  luaL_checkstack(d->L, 3, r->key);
  lua_newtable(d->L);
  for (const struct schema_name *name = r->arg; name->name; name++) {
    if ((name->value + 1) * sizeof v > n)
      continue;
    memcpy(&v, (const char *)p + name->value * sizeof v, sizeof v);
    lua_pushinteger(d->L, (lua_Integer)v);
    lua_setfield(d->L, -2, name->name);
  }
  return true;
}

const struct schema_codec schema_counters = {
    .name = "counters", .type = "table<string, integer>", .get = counters_get};

/* ---- bits ------------------------------------------------------------------------------------ */

/* Bits of a 16-bit word that several rows share. */
static void bit16_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_bit *b = r->arg;
  bool set = codec_bool(e, r) != b->inverted;
  uint16_t *word = codec_shared(e, r, r->attr, sizeof *word);
  *word = (uint16_t)(set ? *word | b->mask : *word & ~b->mask);
}

static bool bit16_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  const struct schema_bit *b = r->arg;
  uint16_t v;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  lua_pushboolean(d->L, ((v & b->mask) != 0) != b->inverted);
  return true;
}

const struct schema_codec schema_bit16 = {
    .name = "bit", .type = "boolean", .put = bit16_put, .get = bit16_get, .plain = true};

/* A bit of a word beside which stands the mask of those that are meant: struct ifla_vlan_flags,
 * struct br_boolopt_multi. */
struct masked {
  uint32_t value, mask;
};

static void masked_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_bit *b = r->arg;
  bool set = codec_bool(e, r) != b->inverted;
  struct masked *word = codec_shared(e, r, r->attr, sizeof *word);
  word->value = set ? word->value | b->mask : word->value & ~b->mask;
  word->mask |= b->mask;
}

static bool masked_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  const struct schema_bit *b = r->arg;
  struct masked v = {0, 0}; /* none is set when they are not there */
  memcpy(&v, p ? p : &v, p && n >= sizeof v ? sizeof v : 0);
  lua_pushboolean(d->L, ((v.value & b->mask) != 0) != b->inverted);
  return true;
}

const struct schema_codec schema_masked = {.name = "bool8",
                                           .type = "boolean",
                                           .put = masked_put,
                                           .get = masked_get,
                                           .computed = true,
                                           .plain = true};

/* ---- the flags and keys of GRE --------------------------------------------------------------- */

/* A flag of one direction, or of both: written alone then. */
static void gre_flag_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_gre *g = r->arg;
  bool set = codec_bool(e, r);
  for (int i = 0; i < 2 && g->flags[i]; i++) {
    uint16_t *word = codec_shared(e, r, g->flags[i], sizeof *word);
    *word = (uint16_t)(set ? *word | htons(g->bit) : *word & ~htons(g->bit));
  }
}

static bool gre_flag_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                         size_t n)
{
  const struct schema_gre *g = r->arg;
  uint16_t v;
  if (n < sizeof v || g->flags[1])
    return false;
  memcpy(&v, p, sizeof v);
  lua_pushboolean(d->L, (ntohs(v) & g->bit) != 0);
  return true;
}

const struct schema_codec schema_gre_flag = {
    .name = "bool8", .type = "boolean", .put = gre_flag_put, .get = gre_flag_get};

/* A key, and the flag that says that there is one. */
static void gre_key_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_gre *g = r->arg;
  uint32_t key = htonl((uint32_t)codec_integer(e, r, 0, UINT32_MAX));
  for (int i = 0; i < 2 && g->keys[i]; i++) {
    memcpy(codec_shared(e, r, g->keys[i], sizeof key), &key, sizeof key);
    if (g->flags[i])
      *(uint16_t *)codec_shared(e, r, g->flags[i], sizeof(uint16_t)) |= htons(g->bit);
  }
}

static bool gre_key_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  const struct schema_gre *g = r->arg;
  uint16_t flags = htons(g->bit);
  const struct nlattr *a = g->flags[0] ? schema_find(d, NULL, g->flags[0]) : NULL;
  if (g->keys[1])
    return false;
  if (a && mnl_attr_get_payload_len(a) >= sizeof flags)
    memcpy(&flags, mnl_attr_get_payload(a), sizeof flags);
  return (ntohs(flags) & g->bit) == g->bit && be32_get(d, &(struct schema_row){.arg = NULL}, p, n);
}

const struct schema_codec schema_gre_key = {
    .name = "key", .type = "integer", .put = gre_key_put, .get = gre_key_get};

/* ---- what ip(8) fills in
 * ----------------------------------------------------------------------- */

static bool is_said(struct schema_enc *e, const char *key)
{
  bool said = lua_getfield(e->L, e->t, key) != LUA_TNIL &&
              !(lua_isboolean(e->L, -1) && !lua_toboolean(e->L, -1));
  lua_pop(e->L, 1);
  return said;
}

/* A new tunnel, unless where its packets go is said from outside. */
static bool is_new_tunnel(struct schema_enc *e)
{
  return strcmp(e->op->verb, "add") == 0 && !is_said(e, "external");
}

enum { HOPLIMIT = 64, ENCAPLIMIT = 4 };

static bool hoplimit_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  if (!is_new_tunnel(e))
    return false;
  lua_pushinteger(e->L, HOPLIMIT);
  return true;
}

static void byte_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t v = r->arg ? (uint8_t)codec_word(e, r, r->arg, UINT8_MAX)
                     : (uint8_t)codec_integer(e, r, 0, UINT8_MAX);
  schema_emit(e, r, &v, sizeof v);
}

static bool byte_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  if (n < 1)
    return false;
  push_number(d->L, r, *(const uint8_t *)p);
  return true;
}

const struct schema_codec schema_hoplimit = {.name = "u8",
                                             .type = "integer",
                                             .put = byte_put,
                                             .get = byte_get,
                                             .imply = hoplimit_imply,
                                             .plain = true};

/* Of a tunnel of IPv6 over IPv4, where the kernel would take 64. */
static bool ttl0_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  if (!is_new_tunnel(e))
    return false;
  lua_pushliteral(e->L, "inherit");
  return true;
}

const struct schema_codec schema_sit_ttl = {.name = "enum",
                                            .type = "string|integer",
                                            .put = byte_put,
                                            .get = byte_get,
                                            .imply = ttl0_imply,
                                            .plain = true};

/* What is inside: any protocol, where the kernel would take one. */
static bool proto_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  if (!is_new_tunnel(e))
    return false;
  lua_pushliteral(e->L, "any");
  return true;
}

const struct schema_codec schema_inner = {.name = "enum",
                                          .type = "string|integer",
                                          .put = byte_put,
                                          .get = byte_get,
                                          .imply = proto_imply,
                                          .plain = true};

static bool encaplimit_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  if (!is_new_tunnel(e))
    return false;
  lua_pushinteger(e->L, ENCAPLIMIT);
  return true;
}

/* UDP over IPv6 has checksums. */
static bool csum6_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  if (!is_new_tunnel(e) || !is_said(e, "encap"))
    return false;
  lua_pushboolean(e->L, 1);
  return true;
}

const struct schema_codec schema_csum6 = {.name = "bit",
                                          .type = "boolean",
                                          .put = bit16_put,
                                          .get = bit16_get,
                                          .imply = csum6_imply,
                                          .plain = true};

/* ---- what IPv6 tunnels put into the first word of the header
 * ---------------------------------- */

/* A part of the word; "inherit" is a bit of the tunnel's flags instead. */
static void flow_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_flow *f = r->arg;
  static const struct schema_name words[] = {{"inherit", UINT32_MAX}, {NULL, 0}};
  uint32_t v = codec_word(e, r, words, f->most), be;
  uint32_t *flags = codec_shared(e, r, f->flags, sizeof *flags);
  if (v == UINT32_MAX) {
    *flags |= f->inherit;
    return;
  }
  *flags &= ~f->inherit;
  uint32_t *word = codec_shared(e, r, r->attr, sizeof *word);
  be = htonl(v << f->shift);
  *word = (*word & ~htonl(f->most << f->shift)) | be;
}

static bool flow_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  const struct schema_flow *f = r->arg;
  const struct nlattr *a = schema_find(d, NULL, f->flags);
  uint32_t v;
  if (a && mnl_attr_get_payload_len(a) >= sizeof v && (mnl_attr_get_u32(a) & f->inherit)) {
    lua_pushliteral(d->L, "inherit");
    return true;
  }
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  lua_pushinteger(d->L, (ntohl(v) >> f->shift) & f->most);
  return true;
}

const struct schema_codec schema_flow = {
    .name = "flow", .type = "integer|\"inherit\"", .put = flow_put, .get = flow_get};

/* A limit of encapsulations; "none" is a flag. */
static void encap_limit_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_flow *f = r->arg;
  static const struct schema_name words[] = {{"none", UINT32_MAX}, {NULL, 0}};
  uint32_t v = codec_word(e, r, words, f->most);
  uint8_t limit = (uint8_t)v;
  uint32_t *flags = codec_shared(e, r, f->flags, sizeof *flags);
  *flags = v == UINT32_MAX ? *flags | f->inherit : *flags & ~f->inherit;
  if (v != UINT32_MAX)
    schema_emit(e, r, &limit, sizeof limit);
}

static bool encap_limit_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                            size_t n)
{
  const struct schema_flow *f = r->arg;
  const struct nlattr *a = schema_find(d, NULL, f->flags);
  if (a && mnl_attr_get_payload_len(a) >= 4 && (mnl_attr_get_u32(a) & f->inherit))
    lua_pushliteral(d->L, "none");
  else if (n >= 1)
    lua_pushinteger(d->L, *(const uint8_t *)p);
  else
    return false;
  return true;
}

const struct schema_codec schema_encap_limit = {.name = "flow",
                                                .type = "integer|\"none\"",
                                                .put = encap_limit_put,
                                                .get = encap_limit_get,
                                                .imply = encaplimit_imply};

/* A time to live; "inherit" is an attribute of its own. */
static void ttl_put(struct schema_enc *e, const struct schema_row *r)
{
  static const struct schema_name words[] = {{"auto", 0}, {"inherit", UINT32_MAX}, {NULL, 0}};
  uint32_t v = codec_word(e, r, words, UINT8_MAX);
  uint8_t byte = v == UINT32_MAX ? 1 : (uint8_t)v;
  if (v == UINT32_MAX)
    codec_emit(e, r, r->other, &byte, r->arg ? 0 : 1);
  else
    schema_emit(e, r, &byte, 1);
}

static bool ttl_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  const struct nlattr *a = schema_find(d, NULL, r->other);
  uint8_t v;
  if (a && (mnl_attr_get_payload_len(a) == 0 || mnl_attr_get_u8(a))) {
    lua_pushliteral(d->L, "inherit");
    return true;
  }
  if (n < 1)
    return false;
  memcpy(&v, p, sizeof v);
  if (v)
    lua_pushinteger(d->L, v);
  else
    lua_pushliteral(d->L, "auto");
  return true;
}

const struct schema_codec schema_ttl = {
    .name = "flow", .type = "integer|\"auto\"|\"inherit\"", .put = ttl_put, .get = ttl_get};

/* ---- addresses ------------------------------------------------------------------------------- */

static bool is_multicast(int family, const struct in6_addr *a)
{
  return family == AF_INET6 ? a->s6_addr[0] == 0xff : (a->s6_addr[0] & 0xf0) == 0xe0;
}

/* An address of the family that the attribute is for, or of either, IPv6 having an attribute of its
 * own. Two rows may share the attributes: one for a group, one for a single host. */
static void inet_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_inet *i = r->arg;
  struct in6_addr a;
  int family = codec_address(e, r, &a);
  if (i->family && family != i->family)
    schema_fail(e, r, EINVAL, NULL, "an %s address is needed",
                i->family == AF_INET6 ? "IPv6" : "IPv4");
  if (i->which == SCHEMA_GROUP && !is_multicast(family, &a))
    schema_fail(e, r, EINVAL, "The address of one host is `remote`.",
                "this is no multicast address");
  if (i->which == SCHEMA_HOST && is_multicast(family, &a))
    schema_fail(e, r, EINVAL, "A multicast address is `group`.", "this is a multicast address");
  bool six = family == AF_INET6;
  codec_emit(e, r, six && r->other ? r->other : r->attr, &a, six ? 16 : 4);
}

static bool inet_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  const struct schema_inet *i = r->arg;
  struct in6_addr a = {0};
  static const struct in6_addr any = {0};
  if (p == NULL) {
    const struct nlattr *other = r->other ? schema_find(d, r->in, r->other) : NULL;
    if (other == NULL)
      return false;
    p = mnl_attr_get_payload(other);
    n = mnl_attr_get_payload_len(other);
  }
  memcpy(&a, p, n < sizeof a ? n : sizeof a);
  if (memcmp(&a, &any, sizeof a) == 0)
    return false;
  if (i->which != SCHEMA_EITHER &&
      is_multicast(n == 4 ? AF_INET : AF_INET6, &a) != (i->which == SCHEMA_GROUP))
    return false;
  return schema_push_address(d->L, p, n);
}

const struct schema_codec schema_inet = {.name = "address",
                                         .type = "string",
                                         .put = inet_put,
                                         .get = inet_get,
                                         .computed = true,
                                         .plain = true};

/* Calls put for every element of the list at the top of the stack, in a nest. */
static void put_list(struct schema_enc *e, const struct schema_row *r, const char *want,
                     void (*put)(struct schema_enc *e, const struct schema_row *r, uint16_t i))
{
  lua_State *L = e->L;
  luaL_checkstack(L, 6, r->key);
  if (!lua_istable(L, -1))
    schema_wrong(e, r, want);
  int list = lua_gettop(L);
  lua_Integer n = (lua_Integer)lua_rawlen(L, list);
  for (lua_pushnil(L); n == 0 && lua_next(L, list);)
    schema_fail(e, r, EINVAL, NULL, "%s is needed", want);
  lua_settop(L, list);
  struct nlattr *nest = mnl_attr_nest_start_check(e->nlh, sizeof e->buf->msg, r->attr);
  if (nest == NULL)
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, list, i);
    put(e, r, (uint16_t)(i - 1));
    lua_settop(L, list);
  }
  mnl_attr_nest_end(e->nlh, nest);
}

/* A list of addresses of the row's family; the attributes inside are numbered. */
static void put_address(struct schema_enc *e, const struct schema_row *r, uint16_t i)
{
  const struct schema_inet *inet = r->arg;
  struct in6_addr a;
  if (codec_address(e, r, &a) != inet->family)
    schema_fail(e, r, EINVAL, NULL, "an %s address is needed",
                inet->family == AF_INET6 ? "IPv6" : "IPv4");
  codec_emit(e, r, i, &a, inet->family == AF_INET6 ? 16 : 4);
}

static void addresses_put(struct schema_enc *e, const struct schema_row *r)
{
  put_list(e, r, "a list of addresses", put_address);
}

static bool addresses_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                          size_t n)
{
  const char *end = (const char *)p + n;
  lua_Integer i = 0;
  (void)r;
  luaL_checkstack(d->L, 4, r->key);
  lua_newtable(d->L);
  for (const struct nlattr *a = p; mnl_attr_ok(a, (int)(end - (const char *)a));
       a = mnl_attr_next(a))
    if (schema_push_address(d->L, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a)))
      lua_rawseti(d->L, -2, ++i);
  return true;
}

const struct schema_codec schema_addresses = {
    .name = "addresses", .type = "string[]", .put = addresses_put, .get = addresses_get};

/* A list of hardware addresses: those that a macvlan of the mode "source" takes frames from. */
static void put_source(struct schema_enc *e, const struct schema_row *r, uint16_t i)
{
  uint8_t mac[32];
  size_t n = codec_mac(e, r, mac, sizeof mac);
  (void)i;
  codec_emit(e, r, IFLA_MACVLAN_MACADDR, mac, n);
}

static void sources_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t mode = MACVLAN_MACADDR_SET;
  codec_emit(e, r, IFLA_MACVLAN_MACADDR_MODE, &mode, sizeof mode);
  put_list(e, r, "a list of hardware addresses", put_source);
}

static bool sources_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  const char *end = (const char *)p + n;
  lua_Integer i = 0;
  luaL_checkstack(d->L, 4, r->key);
  lua_newtable(d->L);
  for (const struct nlattr *a = p; mnl_attr_ok(a, (int)(end - (const char *)a));
       a = mnl_attr_next(a))
    if (schema_mac.get(d, r, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a)))
      lua_rawseti(d->L, -2, ++i);
  return true;
}

const struct schema_codec schema_sources = {
    .name = "macs", .type = "string[]", .put = sources_put, .get = sources_get};

/* ---- maps and ranges ------------------------------------------------------------------------- */

/* Priorities: { [from] = to }, each pair an attribute. In the order of the numbers, so that the
 * bytes are stable. */
static void qos_put(struct schema_enc *e, const struct schema_row *r)
{
  lua_State *L = e->L;
  luaL_checkstack(L, 6, r->key);
  if (!lua_istable(L, -1))
    schema_wrong(e, r, "a table { [from] = to }");
  int map = lua_gettop(L);
  struct nlattr *nest = mnl_attr_nest_start_check(e->nlh, sizeof e->buf->msg, r->attr);
  if (nest == NULL)
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
  for (lua_Integer next = 0, from = -1; next <= UINT32_MAX; next = from + 1) {
    from = (lua_Integer)UINT32_MAX + 1;
    for (lua_pushnil(L); lua_next(L, map); lua_pop(L, 1)) {
      if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 0)
        schema_fail(e, r, EINVAL, NULL, "a table { [from] = to } of numbers is needed");
      if (lua_tointeger(L, -2) >= next && lua_tointeger(L, -2) < from)
        from = lua_tointeger(L, -2);
    }
    if (from > UINT32_MAX)
      break;
    lua_rawgeti(L, map, from);
    struct ifla_vlan_qos_mapping m = {.from = (uint32_t)from};
    m.to = (uint32_t)codec_integer(e, &(struct schema_row){.key = r->key}, 0, UINT32_MAX);
    codec_emit(e, r, IFLA_VLAN_QOS_MAPPING, &m, sizeof m);
    lua_settop(L, map);
  }
  mnl_attr_nest_end(e->nlh, nest);
}

static bool qos_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  const char *end = (const char *)p + n;
  luaL_checkstack(d->L, 4, r->key);
  lua_newtable(d->L);
  for (const struct nlattr *a = p; mnl_attr_ok(a, (int)(end - (const char *)a));
       a = mnl_attr_next(a)) {
    struct ifla_vlan_qos_mapping m;
    if (mnl_attr_get_payload_len(a) < sizeof m)
      continue;
    memcpy(&m, mnl_attr_get_payload(a), sizeof m);
    lua_pushinteger(d->L, m.to);
    lua_rawseti(d->L, -2, m.from);
  }
  return true;
}

const struct schema_codec schema_qos = {
    .name = "map", .type = "table<integer, integer>", .put = qos_put, .get = qos_get};

/* Ports: { lowest, highest }. */
static void ports_put(struct schema_enc *e, const struct schema_row *r)
{
  lua_State *L = e->L;
  uint16_t v[2];
  luaL_checkstack(L, 4, r->key);
  if (!lua_istable(L, -1) || lua_rawlen(L, -1) != 2)
    schema_fail(e, r, EINVAL, "{ 10000, 20000 }", "a table of two ports is needed");
  for (int i = 0; i < 2; i++) {
    lua_rawgeti(L, -1, i + 1);
    v[i] = htons((uint16_t)codec_integer(e, &(struct schema_row){.key = r->key}, 0, UINT16_MAX));
    lua_pop(L, 1);
  }
  if (ntohs(v[0]) > ntohs(v[1]))
    schema_fail(e, r, EINVAL, NULL, "the lower port comes first");
  schema_emit(e, r, v, sizeof v);
}

static bool ports_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  uint16_t v[2];
  (void)r;
  if (n < sizeof v)
    return false;
  memcpy(v, p, sizeof v);
  if (v[0] == 0 && v[1] == 0)
    return false;
  lua_createtable(d->L, 2, 0);
  for (int i = 0; i < 2; i++) {
    lua_pushinteger(d->L, ntohs(v[i]));
    lua_rawseti(d->L, -2, i + 1);
  }
  return true;
}

const struct schema_codec schema_ports = {
    .name = "ports", .type = "integer[]", .put = ports_put, .get = ports_get};
