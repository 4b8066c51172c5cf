/* codec_flower: the values of flower, most of which are two attributes, a value and the mask that
 * says which of its bits count; and which attribute it is depends on the protocol. Rows are in
 * rows_flower.c. */
#include "schema/codec.h"
#include "schema/tc.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers and their masks ----------------------------------------------------------------- */

static uint32_t ones(size_t len)
{
  return len >= 4 ? UINT32_MAX : (1U << (8 * len)) - 1;
}

/* Two numbers with that between them: "64/0xf0", "80-90". */
static bool two_numbers(const char *s, char between, uint32_t max, uint32_t ret[2])
{
  char *end;
  unsigned long long a = strtoull(s, &end, 0), b;
  const char *rest = end + 1;
  if (end == s || *end != between || *s == '-' || *rest < '0' || *rest > '9')
    return false;
  b = strtoull(rest, &end, 0);
  ret[0] = (uint32_t)a;
  ret[1] = (uint32_t)b;
  return *end == '\0' && a <= max && b <= max;
}

/* The number at the top of the stack, or a word for it, and its mask. */
static void want_masked(struct schema_enc *e, const struct schema_row *r, size_t len,
                        const struct schema_name *names, uint32_t ret[2])
{
  const char *s = lua_type(e->L, -1) == LUA_TSTRING ? lua_tostring(e->L, -1) : NULL;
  ret[1] = ones(len);
  if (s && two_numbers(s, '/', ones(len), ret))
    return;
  if (s && names) {
    ret[0] = codec_word(e, r, names, ones(len));
    return;
  }
  if (s)
    schema_fail(e, r, EINVAL, "A number, or with the bits of it that count: \"0x10/0xf0\".",
                "\"%s\" is no number with a mask", s);
  const struct schema_row plain = {.key = r->key,
                                   .codec = r->codec}; /* whose argument is no range */
  ret[0] = (uint32_t)schema_want_integer(e, &plain, 0, ones(len));
}

/* Puts the lowest bytes of a number. */
static void emit_number(struct schema_enc *e, const struct schema_row *r, uint16_t attr, size_t len,
                        bool host, uint32_t v)
{
  uint8_t byte = (uint8_t)v;
  uint16_t two = host ? (uint16_t)v : htons((uint16_t)v);
  uint32_t four = host ? v : htonl(v);
  codec_emit(e, r, attr, len == 1 ? (void *)&byte : len == 2 ? (void *)&two : &four, len);
}

static bool number_at(const struct nlattr *a, size_t len, bool host, uint32_t *ret)
{
  uint16_t two;
  if (a == NULL || mnl_attr_get_payload_len(a) < len)
    return false;
  const void *p = mnl_attr_get_payload(a);
  memcpy(&two, p, len < 2 ? len : 2);
  memcpy(ret, p, len);
  if (len == 1)
    *ret = *(const uint8_t *)p;
  else if (len == 2)
    *ret = host ? two : ntohs(two);
  else
    *ret = host ? *ret : ntohl(*ret);
  return true;
}

static void push_masked(lua_State *L, uint32_t v, uint32_t mask, size_t len,
                        const struct schema_name *names)
{
  char text[32];
  snprintf(text, sizeof text, "%u/0x%x", v, mask);
  if (mask != ones(len))
    lua_pushstring(L, text);
  else if (names)
    codec_push_word(L, names, v);
  else
    lua_pushinteger(L, v);
}

static void masked_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_masked *m = r->arg;
  uint32_t v[2];
  want_masked(e, r, m->len, m->names, v);
  if (v[1] == ones(m->len) && m->all)
    v[1] = m->all;
  emit_number(e, r, r->attr, m->len, m->host, v[0]);
  if (!m->bare || v[1] != ones(m->len))
    emit_number(e, r, m->mask, m->len, m->host, v[1]);
}

static bool masked_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  const struct tc_masked *m = r->arg;
  uint32_t v, mask = ones(m->len);
  (void)p, (void)n;
  if (!number_at(schema_find(d, NULL, r->attr), m->len, m->host, &v))
    return false;
  number_at(schema_find(d, NULL, m->mask), m->len, m->host, &mask);
  if (mask == m->all)
    mask = ones(m->len);
  push_masked(d->L, v, mask, m->len, m->names);
  return true;
}

const struct schema_codec schema_tc_masked = {.name = "masked",
                                              .type = "integer|string",
                                              .put = masked_put,
                                              .get = masked_get,
                                              .plain = true};

/* ---- hardware addresses ---------------------------------------------------------------------- */

enum { MAC = 6 };

/* Behind the slash: how many bits count, or a mask. */
static void want_mac_mask(struct schema_enc *e, const struct schema_row *r, const char *s,
                          uint8_t mask[32])
{
  char *end;
  unsigned long bits = strtoul(s, &end, 10);
  if (strchr(s, ':')) {
    lua_pushstring(e->L, s);
    codec_mac(e, r, mask, 32);
    lua_pop(e->L, 1);
    return;
  }
  if (end == s || *end != '\0' || *s == '-' || bits > (size_t)8 * MAC)
    schema_fail(e, r, EINVAL, "\"02:00:00:00:00:01/24\": the first 24 of its 48 bits.",
                "\"%s\" is no mask of a hardware address", s);
  for (unsigned long i = 0; i < (size_t)8 * MAC; i++)
    mask[i / 8] = (uint8_t)(mask[i / 8] << 1 | (i < bits));
}

static void masked_mac_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_masked *m = r->arg;
  uint8_t addr[32], mask[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  const char *s = schema_want_text(e, r, "a hardware address such as \"02:00:00:00:00:01\"");
  const char *slash = strchr(s, '/');
  if (slash)
    want_mac_mask(e, r, slash + 1, mask);
  lua_pushlstring(e->L, s, slash ? (size_t)(slash - s) : strlen(s));
  codec_mac(e, r, addr, sizeof addr);
  lua_pop(e->L, 1);
  codec_emit(e, r, r->attr, addr, MAC);
  codec_emit(e, r, m->mask, mask, MAC);
}

static int length_of(const uint8_t *mask, int size)
{
  int bits = 0, all = 0;
  while (bits < 8 * size && (mask[bits / 8] & (0x80 >> bits % 8)))
    bits++;
  for (int i = 0; i < 8 * size; i++)
    all += (mask[i / 8] & (0x80 >> i % 8)) != 0;
  return bits == all ? bits : -1;
}

static void add_mac(luaL_Buffer *b, const uint8_t *p)
{
  char text[24];
  snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", p[0], p[1], p[2], p[3], p[4], p[5]);
  luaL_addstring(b, text);
}

static bool masked_mac_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                           size_t n)
{
  const struct tc_masked *m = r->arg;
  const struct nlattr *a = schema_find(d, NULL, m->mask);
  const uint8_t *mask = a && mnl_attr_get_payload_len(a) >= MAC ? mnl_attr_get_payload(a) : NULL;
  char text[16];
  luaL_Buffer b;
  if (n < MAC)
    return false;
  int bits = mask ? length_of(mask, MAC) : 8 * MAC;
  snprintf(text, sizeof text, "/%d", bits);
  luaL_buffinit(d->L, &b);
  add_mac(&b, p);
  if (bits > 0 && bits < 8 * MAC)
    luaL_addstring(&b, text);
  else if (bits <= 0) {
    luaL_addchar(&b, '/');
    add_mac(&b, mask);
  }
  luaL_pushresult(&b);
  return true;
}

const struct schema_codec schema_tc_masked_mac = {
    .name = "mac", .type = "string", .put = masked_mac_put, .get = masked_mac_get, .plain = true};

/* ---- IP addresses ---------------------------------------------------------------------------- */

/* An address with its mask, of the family that it has. In a VLAN the filter's protocol says
 * nothing. */
static void flower_ip_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_flower_ip *f = r->arg;
  uint8_t addr[16], mask[16];
  int family;
  tc_want_network(e, r, &family, addr, mask);
  uint16_t protocol = tc_protocol_of(e->hdr), wanted = family == AF_INET ? ETH_P_IP : ETH_P_IPV6;
  bool tagged = protocol == ETH_P_8021Q || protocol == ETH_P_8021AD;
  if (f->packet && !tagged && protocol != wanted)
    schema_fail(e, r, EINVAL, NULL, "this is an address of another protocol than the filter's");
  if (family == AF_INET6 && f->v6 == 0)
    schema_fail(e, r, EINVAL, NULL, "an IPv4 network is needed");
  size_t n = family == AF_INET ? 4 : 16;
  codec_emit(e, r, family == AF_INET ? f->v4 : f->v6, addr, n);
  codec_emit(e, r, family == AF_INET ? f->v4_mask : f->v6_mask, mask, n);
}

static bool flower_ip_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                          size_t n)
{
  const struct tc_flower_ip *f = r->arg;
  const struct nlattr *a = schema_find(d, NULL, f->v4), *m = schema_find(d, NULL, f->v4_mask);
  int family = AF_INET;
  (void)p, (void)n;
  if (a == NULL && f->v6) {
    family = AF_INET6;
    a = schema_find(d, NULL, f->v6);
    m = schema_find(d, NULL, f->v6_mask);
  }
  size_t want = family == AF_INET ? 4 : 16;
  if (a == NULL || m == NULL || mnl_attr_get_payload_len(a) < want ||
      mnl_attr_get_payload_len(m) < want)
    return false;
  tc_push_network(d->L, family, mnl_attr_get_payload(a), mnl_attr_get_payload(m));
  return true;
}

const struct schema_codec schema_tc_flower_ip = {.name = "network",
                                                 .type = "string",
                                                 .put = flower_ip_put,
                                                 .get = flower_ip_get,
                                                 .computed = true,
                                                 .plain = true};

/* ---- what is of a protocol ------------------------------------------------------------------- */

static int proto_given(struct schema_enc *e)
{
  const struct schema_row *r = schema_row_of(e->schema, "ip_proto");
  int found = 0;
  if (lua_getfield(e->L, e->t, "ip_proto") == LUA_TNUMBER)
    found = (int)lua_tointeger(e->L, -1);
  else if (lua_isstring(e->L, -1))
    for (const struct schema_name *w = r->arg; w->name; w++)
      if (strcmp(w->name, lua_tostring(e->L, -1)) == 0)
        found = (int)w->value;
  lua_pop(e->L, 1);
  return found;
}

enum { PROTOS = sizeof((struct tc_by_proto *)0)->of / sizeof *((struct tc_by_proto *)0)->of };

static void by_proto_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_by_proto *b = r->arg;
  const char *s = lua_type(e->L, -1) == LUA_TSTRING ? lua_tostring(e->L, -1) : "";
  int proto = proto_given(e), i = 0;
  uint32_t v[2];
  while (i < PROTOS && (b->of[i].attr == 0 || b->of[i].proto != proto))
    i++;
  if (i == PROTOS)
    schema_fail(e, r, EINVAL, b->hint, "only packets of some protocols have it: say ip_proto");
  if (b->from && two_numbers(s, '-', ones(b->len), v)) {
    emit_number(e, r, b->from, b->len, false, v[0]);
    emit_number(e, r, b->to, b->len, false, v[1]);
    return;
  }
  want_masked(e, r, b->len, NULL, v);
  // cppcheck-suppress arrayIndexOutOfBoundsCond ; schema_fail does not return
  emit_number(e, r, b->of[i].attr, b->len, false, v[0]);
  /* The kernel's own for a port without a mask. */
  // cppcheck-suppress arrayIndexOutOfBoundsCond
  if (b->len == 1 || v[1] != ones(b->len))
    emit_number(e, r, b->of[i].mask, b->len, false, v[1]);
}

static bool by_proto_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                         size_t n)
{
  const struct tc_by_proto *b = r->arg;
  uint32_t v, mask, to;
  (void)p, (void)n;
  for (int i = 0; i < PROTOS && b->of[i].attr; i++) {
    if (!number_at(schema_find(d, NULL, b->of[i].attr), b->len, false, &v))
      continue;
    if (!number_at(schema_find(d, NULL, b->of[i].mask), b->len, false, &mask))
      mask = ones(b->len);
    push_masked(d->L, v, mask, b->len, NULL);
    return true;
  }
  if (b->from == 0 || !number_at(schema_find(d, NULL, b->from), b->len, false, &v) ||
      !number_at(schema_find(d, NULL, b->to), b->len, false, &to))
    return false;
  lua_pushfstring(d->L, "%d-%d", (int)v, (int)to);
  return true;
}

const struct schema_codec schema_tc_by_proto = {.name = "masked",
                                                .type = "integer|string",
                                                .put = by_proto_put,
                                                .get = by_proto_get,
                                                .computed = true,
                                                .plain = true};

/* ---- the protocol ---------------------------------------------------------------------------- */

/* flower is told the protocol again. */
static void ethtype_put(struct schema_enc *e, const struct schema_row *r)
{
  uint16_t v = htons(tc_protocol_of(e->hdr));
  schema_emit(e, r, &v, sizeof v);
}

static bool ethtype_imply(struct schema_enc *e, const struct schema_row *r)
{
  uint16_t v = tc_protocol_of(e->hdr);
  (void)r;
  if (v != ETH_P_ALL && v != 0)
    lua_pushinteger(e->L, v);
  return v != ETH_P_ALL && v != 0;
}

static bool ethtype_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  return schema_port.get(d, r, p, n);
}

const struct schema_codec schema_tc_ethtype = {.name = "u16",
                                               .type = "integer",
                                               .put = ethtype_put,
                                               .get = ethtype_get,
                                               .imply = ethtype_imply};

/* What is inside of a VLAN. */
static void ethname_put(struct schema_enc *e, const struct schema_row *r)
{
  uint16_t v = htons((uint16_t)codec_word(e, r, r->arg, UINT16_MAX));
  schema_emit(e, r, &v, sizeof v);
}

static bool ethname_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  uint16_t v;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  codec_push_word(d->L, r->arg, ntohs(v));
  return true;
}

const struct schema_codec schema_tc_ethname = {.name = "enum",
                                               .type = "string|integer",
                                               .put = ethname_put,
                                               .get = ethname_get,
                                               .plain = true};

/* ---- flags ----------------------------------------------------------------------------------- */

static bool begins(const char *s, const char *with)
{
  return strncmp(s, with, strlen(with)) == 0;
}

/* Takes one flag from the text, "+est" or "nofrag", and what stands between it and the next one. */
static const char *take_flag(const struct tc_flags *f, const char *s, uint32_t v[2])
{
  bool unset = f->unset[0] && begins(s, f->unset);
  if (!unset && !begins(s, f->set))
    return NULL;
  s += strlen(unset ? f->unset : f->set);
  const struct schema_name *w = f->names;
  while (w->name && !begins(s, w->name))
    w++;
  if (w->name == NULL)
    return NULL;
  v[0] |= unset ? 0 : w->value;
  v[1] |= w->value;
  s += strlen(w->name);
  return *s && begins(s, f->between) ? s + strlen(f->between) : s;
}

static void flags_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_flags *f = r->arg;
  const char *given = schema_want_text(e, r, "flags in a string"), *s = given;
  uint32_t v[2] = {0, 0};
  while (s && *s)
    s = take_flag(f, s, v);
  if (s == NULL || *given == '\0')
    schema_fail(e, r, EINVAL, r->doc, "\"%s\" are no such flags", given);
  emit_number(e, r, r->attr, f->len, f->len == 2, v[0]);
  emit_number(e, r, f->mask, f->len, f->len == 2, v[1]);
}

static bool flags_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  const struct tc_flags *f = r->arg;
  uint32_t v, mask;
  luaL_Buffer b;
  bool any = false;
  (void)p, (void)n;
  if (!number_at(schema_find(d, NULL, r->attr), f->len, f->len == 2, &v) ||
      !number_at(schema_find(d, NULL, f->mask), f->len, f->len == 2, &mask))
    return false;
  luaL_buffinit(d->L, &b);
  for (const struct schema_name *w = f->names; w->name; w++) {
    if (!(mask & w->value))
      continue;
    luaL_addstring(&b, any ? f->between : "");
    luaL_addstring(&b, v & w->value ? f->set : f->unset);
    luaL_addstring(&b, w->name);
    any = true;
  }
  luaL_pushresult(&b);
  if (!any)
    lua_pop(d->L, 1);
  return any;
}

const struct schema_codec schema_tc_flags = {
    .name = "string", .type = "string", .put = flags_put, .get = flags_get, .plain = true};

/* Whether a card is to do it, or the kernel: a bit of an attribute of 32. */
static void skip_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_bit *bit = r->arg;
  uint32_t *v = codec_shared(e, r, r->attr, sizeof *v);
  if (codec_bool(e, r))
    *v |= bit->mask;
}

static bool skip_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  const struct schema_bit *bit = r->arg;
  uint32_t v;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  if (v & bit->mask)
    lua_pushboolean(d->L, 1);
  return v & bit->mask;
}

const struct schema_codec schema_tc_skip = {
    .name = "bit", .type = "boolean", .put = skip_put, .get = skip_get, .plain = true};
