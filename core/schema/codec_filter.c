/* codec_filter: the values of filters: keys of u32, addresses and ports of flower. What they do is in
 * codec_action.c. */
#include "schema/tc.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void emit(struct schema_enc *e, const struct schema_row *r, uint16_t attr, const void *p,
                 size_t n)
{
  if (!mnl_attr_put_check(e->nlh, sizeof e->buf->msg, attr, n, p))
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
}

/* ---- tcm_info: the priority and the protocol ------------------------------------------------- */

static void set_info(struct schema_enc *e, uint32_t mask, uint32_t v)
{
  struct tcmsg *m = (void *)e->hdr;
  m->tcm_info = (m->tcm_info & ~mask) | v;
}

static void pref_put(struct schema_enc *e, const struct schema_row *r)
{
  set_info(e, 0xffff0000, (uint32_t)tc_want_number(e, r, 0, UINT16_MAX) << 16);
}

static bool pref_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  uint32_t v;
  (void)r;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  lua_pushinteger(d->L, v >> 16);
  return true;
}

const struct schema_codec schema_tc_pref = {
    .name = "u16", .type = "integer", .put = pref_put, .get = pref_get, .plain = true};

static void protocol_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_name *w = r->arg;
  uint16_t v;
  if (lua_type(e->L, -1) == LUA_TNUMBER) {
    v = (uint16_t)tc_want_number(e, r, 0, UINT16_MAX);
  } else {
    const char *s = lua_type(e->L, -1) == LUA_TSTRING ? lua_tostring(e->L, -1) : "";
    while (w->name && strcmp(w->name, s) != 0)
      w++;
    if (w->name == NULL)
      schema_fail(e, r, EINVAL, "all, ip, ipv6, arp, 802.1Q, 802.1ad, mpls_uc, or a number.",
                  "\"%s\" is none of its words", s);
    v = (uint16_t)w->value;
  }
  set_info(e, 0xffff, htons(v));
}

static bool protocol_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                         size_t n)
{
  uint32_t info;
  if (n < sizeof info)
    return false;
  memcpy(&info, p, sizeof info);
  uint16_t v = ntohs((uint16_t)(info & 0xffff));
  if (v == 0)
    return false;
  for (const struct schema_name *w = r->arg; w->name; w++)
    if (w->value == v) {
      lua_pushstring(d->L, w->name);
      return true;
    }
  lua_pushinteger(d->L, v);
  return true;
}

/* Which addresses the table at the top of the stack speaks of: AF_INET, AF_INET6, or 0. */
static int family_in(lua_State *L)
{
  static const char *const keys[] = {"ip_src",  "ip_dst",   "ip_protocol", "ip_sport", "ip_dport",
                                     "src_ip",  "dst_ip",   "ip_proto",    "src_port", "dst_port",
                                     "ip_tos",  "ip_ttl",   "icmp_type",   NULL};
  int family = 0;
  for (const char *const *k = keys; *k; k++) {
    if (lua_getfield(L, -1, *k) != LUA_TNIL && family == 0)
      family = AF_INET;
    if (lua_type(L, -1) == LUA_TSTRING && strchr(lua_tostring(L, -1), ':'))
      family = AF_INET6;
    lua_pop(L, 1);
  }
  return family;
}

/* What is asked of a packet says which packets are meant; else it is all. */
static bool protocol_imply(struct schema_enc *e, const struct schema_row *r)
{
  static const char *const kinds[] = {"u32", "flower", NULL};
  int family = 0;
  (void)r;
  if (strcmp(e->op->verb, "add") != 0 && strcmp(e->op->verb, "replace") != 0)
    return false;
  for (const char *const *k = kinds; *k; k++) {
    if (lua_getfield(e->L, e->t, *k) == LUA_TTABLE && family == 0)
      family = family_in(e->L);
    lua_pop(e->L, 1);
  }
  lua_pushstring(e->L, family == AF_INET ? "ip" : family == AF_INET6 ? "ipv6" : "all");
  return true;
}

const struct schema_codec schema_tc_protocol = {.name = "enum",
                                                .type = "string|integer",
                                                .put = protocol_put,
                                                .get = protocol_get,
                                                .imply = protocol_imply,
                                                .plain = true};

/* The protocol of the filter that is being put, or read; 0 when it is not known. */
static uint16_t protocol_of(const void *hdr)
{
  return hdr ? ntohs((uint16_t)(((const struct tcmsg *)hdr)->tcm_info & 0xffff)) : 0;
}

/* ---- the handle of a filter ------------------------------------------------------------------ */

/* u32 numbers its filters by table, bucket and node: "800:1:2"; the other kinds have one number. */
static void number_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t v, part[3] = {0};
  if (lua_type(e->L, -1) == LUA_TNUMBER) {
    v = (uint32_t)tc_want_number(e, r, 0, UINT32_MAX);
  } else {
    const char *s = lua_type(e->L, -1) == LUA_TSTRING ? lua_tostring(e->L, -1) : "", *at = s;
    char *end;
    int n = 0;
    bool right = *s != '\0';
    for (bool more = right; more && n < 3; n++) {
      unsigned long given = strtoul(at, &end, strchr(s, ':') ? 16 : 0);
      right = right && given <= 0xfffffff && at[0] != '-';
      part[n] = (uint32_t)given;
      more = *end == ':';
      at = end + more;
    }
    if (!right || *at != '\0' || part[0] > (n > 1 ? 0xfffU : UINT32_MAX) || part[1] > 0xff ||
        part[2] > 0xfff)
      schema_fail(e, r, EINVAL, "A number, or of u32 \"800:1:2\": table, bucket, node.",
                  "\"%s\" is no handle of a filter", s);
    v = n == 1 ? part[0] : part[0] << 20 | part[1] << 12 | part[2];
  }
  tc_put(e, r, &v, sizeof v);
}

static bool number_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  uint32_t v;
  char text[24];
  const struct nlattr *kind = schema_find(d, NULL, TCA_KIND);
  size_t known = kind ? mnl_attr_get_payload_len(kind) : 0;
  (void)r;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  if (v == 0)
    return false;
  if (known == 0 || strncmp(mnl_attr_get_payload(kind), "u32", known) != 0) {
    lua_pushinteger(d->L, v);
    return true;
  }
  int len = snprintf(text, sizeof text, "%x:", v >> 20);
  if (v & 0xff000)
    len += snprintf(text + len, sizeof text - (size_t)len, "%x", (v >> 12) & 0xff);
  if (v & 0xfff)
    snprintf(text + len, sizeof text - (size_t)len, ":%x", v & 0xfff);
  lua_pushstring(d->L, text);
  return true;
}

const struct schema_codec schema_tc_number = {.name = "fhandle",
                                              .type = "string|integer",
                                              .put = number_put,
                                              .get = number_get}; /* by the kind beside it */

/* ---- u32 ------------------------------------------------------------------------------------- */

/* Adds a key: to the one of the same place, where they do not touch each other, or behind the last. */
static void add_key(struct schema_enc *e, const struct schema_row *r, const struct tc_u32_key *key)
{
  struct tc_u32_sel *sel = tc_struct(e, r);
  sel->flags = TC_U32_TERMINAL;
  for (int i = 0; i < sel->nkeys; i++) {
    struct tc_u32_key *k = &sel->keys[i];
    if (k->off != key->off || k->offmask != key->offmask || (k->mask & key->mask) || !key->mask)
      continue;
    k->val |= key->val & key->mask;
    k->mask |= key->mask;
    return;
  }
  if (e->nlh->nlmsg_len + sizeof *key > sizeof e->buf->msg || sel->nkeys == 128)
    schema_fail(e, r, EMSGSIZE, NULL, "these are too many keys");
  struct tc_u32_key fresh = *key;
  fresh.val &= fresh.mask;
  memcpy(&sel->keys[sel->nkeys++], &fresh, sizeof fresh); /* the attribute is the message's last */
  struct nlattr *a = (void *)((char *)sel - sizeof *a);
  a->nla_len = (uint16_t)(a->nla_len + sizeof fresh);
  e->nlh->nlmsg_len += (uint32_t)sizeof fresh;
}

static void field_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_u32_field *f = r->arg;
  uint32_t v = (uint32_t)tc_want_number(e, r, 0, f->mask >> f->shift);
  add_key(e, r, &(struct tc_u32_key){.mask = htonl(f->mask), .val = htonl(v << f->shift),
                                     .off = f->off});
}

/* The keys of the selector, as many as there are bytes for. */
static const struct tc_u32_key *keys_of(const void *p, size_t n, int *ret_count)
{
  const struct tc_u32_sel *sel = p;
  size_t room = n < sizeof *sel ? 0 : (n - sizeof *sel) / sizeof *sel->keys;
  *ret_count = n < sizeof *sel ? 0 : sel->nkeys;
  if ((size_t)*ret_count > room)
    *ret_count = (int)room;
  return n < sizeof *sel ? NULL : sel->keys;
}

/* Names are those of an IPv4 packet, and nobody's of a key with an offset that is reckoned. */
static bool has_names(const struct schema_dec *d, const struct tc_u32_key *k)
{
  uint16_t protocol = protocol_of(d->top);
  return k->offmask == 0 && (protocol == 0 || protocol == ETH_P_IP);
}

/* Whether rows with a name make up the whole key. */
static bool is_named(const struct schema_dec *d, const struct tc_u32_key *k)
{
  uint32_t left = ntohl(k->mask);
  if (!has_names(d, k) || left == 0)
    return false;
  for (const struct schema_row *r = d->schema->rows; r->key; r++) {
    const struct tc_u32_field *f = r->arg;
    if (r->codec == &schema_tc_field && f->off == k->off && (left & f->mask) == f->mask)
      left &= ~f->mask;
    if (r->codec == &schema_tc_network && f->off == k->off && (~left & (~left + 1)) == 0)
      left = 0;
  }
  return left == 0;
}

static bool field_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  const struct tc_u32_field *f = r->arg;
  int count;
  const struct tc_u32_key *k = keys_of(p, n, &count);
  for (; count > 0; k++, count--)
    if (k->off == f->off && (ntohl(k->mask) & f->mask) == f->mask && is_named(d, k)) {
      lua_pushinteger(d->L, (ntohl(k->val) & f->mask) >> f->shift);
      return true;
    }
  return false;
}

const struct schema_codec schema_tc_field = {
    .name = "number", .type = "integer", .put = field_put, .get = field_get, .plain = true};

/* "10.0.0.0/24" -> address and mask in network order. */
static void want_network(struct schema_enc *e, const struct schema_row *r, int *ret_family,
                         uint8_t addr[16], uint8_t mask[16])
{
  char text[INET6_ADDRSTRLEN + 1] = "";
  const char *s = lua_type(e->L, -1) == LUA_TSTRING ? lua_tostring(e->L, -1) : "";
  const char *slash = strchr(s, '/');
  size_t n = slash ? (size_t)(slash - s) : strlen(s);
  if (n < sizeof text)
    snprintf(text, n + 1, "%s", s);
  *ret_family = strchr(s, ':') ? AF_INET6 : AF_INET;
  int bits = *ret_family == AF_INET6 ? 128 : 32;
  char *end = NULL;
  long len = slash ? strtol(slash + 1, &end, 10) : bits;
  if (n >= sizeof text || inet_pton(*ret_family, text, addr) != 1 || len < 0 || len > bits ||
      (slash && (end == slash + 1 || *end != '\0')))
    schema_fail(e, r, EINVAL, NULL, "\"%s\" is no address or network", s);
  memset(mask, 0, 16);
  for (int i = 0; i < len; i++)
    mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

static void push_network(lua_State *L, int family, const void *addr, const uint8_t *mask)
{
  char text[INET6_ADDRSTRLEN];
  int len = 0, bits = family == AF_INET6 ? 128 : 32;
  while (len < bits && (mask[len / 8] & (0x80 >> len % 8)))
    len++;
  inet_ntop(family, addr, text, sizeof text);
  if (len == bits)
    lua_pushstring(L, text);
  else
    lua_pushfstring(L, "%s/%d", text, len);
}

static void network_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_u32_field *f = r->arg;
  struct tc_u32_key key = {.off = f->off};
  uint8_t addr[16], mask[16];
  int family;
  want_network(e, r, &family, addr, mask);
  if (family != AF_INET)
    schema_fail(e, r, EINVAL, "flower knows both families: flower = { dst_ip = ... }.",
                "an IPv4 network is needed");
  memcpy(&key.val, addr, sizeof key.val);
  memcpy(&key.mask, mask, sizeof key.mask);
  add_key(e, r, &key);
}

static bool network_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  const struct tc_u32_field *f = r->arg;
  int count;
  const struct tc_u32_key *k = keys_of(p, n, &count);
  for (; count > 0; k++, count--)
    if (k->off == f->off && is_named(d, k)) {
      push_network(d->L, AF_INET, &k->val, (const void *)&k->mask);
      return true;
    }
  return false;
}

const struct schema_codec schema_tc_network = {
    .name = "network", .type = "string", .put = network_put, .get = network_get, .plain = true};

static uint32_t part_of(struct schema_enc *e, const struct schema_row *r, const char *key)
{
  int ok;
  lua_getfield(e->L, -1, key);
  lua_Integer v = lua_tointegerx(e->L, -1, &ok);
  if (!ok || v < INT32_MIN || v > UINT32_MAX)
    schema_fail(e, r, EINVAL, "{ { value = 0x50, mask = 0xffff, at = 20 } }",
                "value, mask and at are needed, numbers of 32 bits");
  lua_pop(e->L, 1);
  return (uint32_t)v;
}

/* Keys without a name; and whatever stands before them, the selector itself is needed always. */
static void raw_put(struct schema_enc *e, const struct schema_row *r)
{
  if (!lua_istable(e->L, -1))
    schema_wrong(e, r, "an array of { value, mask, at }");
  ((struct tc_u32_sel *)tc_struct(e, r))->flags = TC_U32_TERMINAL;
  for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(e->L, -1); i++) {
    if (lua_rawgeti(e->L, -1, i) != LUA_TTABLE)
      schema_wrong(e, r, "an array of { value, mask, at }");
    add_key(e, r, &(struct tc_u32_key){.val = htonl(part_of(e, r, "value")),
                                       .mask = htonl(part_of(e, r, "mask")),
                                       .off = (int)part_of(e, r, "at")});
    lua_pop(e->L, 1);
  }
}

static void set_number(lua_State *L, const char *key, lua_Integer v)
{
  lua_pushinteger(L, v);
  lua_setfield(L, -2, key);
}

static bool raw_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  int count;
  lua_Integer i = 0;
  const struct tc_u32_key *k = keys_of(p, n, &count);
  (void)r;
  for (; count > 0; k++, count--) {
    if (is_named(d, k))
      continue;
    if (i == 0)
      lua_newtable(d->L);
    lua_createtable(d->L, 0, 3);
    set_number(d->L, "value", ntohl(k->val));
    set_number(d->L, "mask", ntohl(k->mask));
    set_number(d->L, "at", k->off);
    lua_rawseti(d->L, -2, ++i);
  }
  return i > 0;
}

static bool raw_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  lua_newtable(e->L);
  return true;
}

const struct schema_codec schema_tc_raw = {
    .name = "list",
    .type = "{ value: integer, mask: integer, at: integer }[]",
    .put = raw_put,
    .get = raw_get,
    .imply = raw_imply};

/* What tc(8) shows: every key in its order. Only read. */
static bool keys_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  int count;
  const struct tc_u32_key *k = keys_of(p, n, &count);
  (void)r;
  lua_newtable(d->L);
  for (int i = 0; i < count; i++, k++) {
    lua_pushfstring(d->L, "%s", "");
    char text[64];
    snprintf(text, sizeof text, "%08x/%08x at %s%d", ntohl(k->val), ntohl(k->mask),
             k->offmask ? "nexthdr+" : "", k->off);
    lua_pop(d->L, 1);
    lua_pushstring(d->L, text);
    lua_rawseti(d->L, -2, i + 1);
  }
  return true;
}

const struct schema_codec schema_tc_keys = {.name = "list", .type = "string[]", .get = keys_get};

/* ---- flower ---------------------------------------------------------------------------------- */

/* An address with its mask, of the family that it has. */
static void flower_ip_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct tc_flower_ip *f = r->arg;
  uint8_t addr[16], mask[16];
  int family;
  want_network(e, r, &family, addr, mask);
  uint16_t protocol = protocol_of(e->hdr);
  if (protocol != (family == AF_INET ? ETH_P_IP : ETH_P_IPV6))
    schema_fail(e, r, EINVAL, NULL, "this is an address of another protocol than the filter's");
  size_t n = family == AF_INET ? 4 : 16;
  emit(e, r, family == AF_INET ? f->v4 : f->v6, addr, n);
  emit(e, r, family == AF_INET ? f->v4_mask : f->v6_mask, mask, n);
}

static bool flower_ip_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                          size_t n)
{
  const struct tc_flower_ip *f = r->arg;
  const struct nlattr *a = schema_find(d, NULL, f->v4), *m = schema_find(d, NULL, f->v4_mask);
  int family = AF_INET;
  (void)p, (void)n;
  if (a == NULL) {
    family = AF_INET6;
    a = schema_find(d, NULL, f->v6);
    m = schema_find(d, NULL, f->v6_mask);
  }
  size_t want = family == AF_INET ? 4 : 16;
  if (a == NULL || m == NULL || mnl_attr_get_payload_len(a) < want ||
      mnl_attr_get_payload_len(m) < want)
    return false;
  push_network(d->L, family, mnl_attr_get_payload(a), mnl_attr_get_payload(m));
  return true;
}

const struct schema_codec schema_tc_flower_ip = {.name = "network",
                                                 .type = "string",
                                                 .put = flower_ip_put,
                                                 .get = flower_ip_get,
                                                 .computed = true,
                                                 .plain = true};

static const struct {
  const char *name;
  uint8_t number;
} ip_protos[] = {{"tcp", IPPROTO_TCP},       {"udp", IPPROTO_UDP}, {"sctp", IPPROTO_SCTP},
                 {"icmp", IPPROTO_ICMP},     {"icmpv6", IPPROTO_ICMPV6}, {NULL, 0}};

static int proto_given(struct schema_enc *e)
{
  int found = 0;
  if (lua_getfield(e->L, e->t, "ip_proto") == LUA_TNUMBER)
    found = (int)lua_tointeger(e->L, -1);
  else if (lua_isstring(e->L, -1))
    for (int i = 0; ip_protos[i].name; i++)
      if (strcmp(ip_protos[i].name, lua_tostring(e->L, -1)) == 0)
        found = ip_protos[i].number;
  lua_pop(e->L, 1);
  return found;
}

/* Which attribute a port has says which protocol it is of. */
static uint16_t port_attr(const struct tc_flower_port *f, int proto)
{
  return proto == IPPROTO_TCP   ? f->tcp
         : proto == IPPROTO_UDP ? f->udp
         : proto == IPPROTO_SCTP ? f->sctp
                                 : 0;
}

static void flower_port_put(struct schema_enc *e, const struct schema_row *r)
{
  uint16_t attr = port_attr(r->arg, proto_given(e));
  uint16_t v = htons((uint16_t)tc_want_number(e, r, 0, UINT16_MAX));
  if (attr == 0)
    schema_fail(e, r, EINVAL, "ip_proto = \"tcp\"", "only tcp, udp and sctp have ports");
  emit(e, r, attr, &v, sizeof v);
}

static bool flower_port_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                            size_t n)
{
  static const int protos[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP};
  uint16_t v;
  (void)p, (void)n;
  for (size_t i = 0; i < sizeof protos / sizeof *protos; i++) {
    const struct nlattr *a = schema_find(d, NULL, port_attr(r->arg, protos[i]));
    if (a == NULL || mnl_attr_get_payload_len(a) < sizeof v)
      continue;
    memcpy(&v, mnl_attr_get_payload(a), sizeof v);
    lua_pushinteger(d->L, ntohs(v));
    return true;
  }
  return false;
}

const struct schema_codec schema_tc_flower_port = {.name = "u16",
                                                   .type = "integer",
                                                   .put = flower_port_put,
                                                   .get = flower_port_get,
                                                   .computed = true,
                                                   .plain = true};

/* flower is told the protocol again. */
static void ethtype_put(struct schema_enc *e, const struct schema_row *r)
{
  uint16_t v = htons(protocol_of(e->hdr));
  schema_emit(e, r, &v, sizeof v);
}

static bool ethtype_imply(struct schema_enc *e, const struct schema_row *r)
{
  uint16_t v = protocol_of(e->hdr);
  (void)r;
  if (v != ETH_P_ALL && v != 0)
    lua_pushinteger(e->L, v);
  return v != ETH_P_ALL && v != 0;
}

static bool ethtype_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  uint16_t v;
  (void)r;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  lua_pushinteger(d->L, ntohs(v));
  return true;
}

const struct schema_codec schema_tc_ethtype = {.name = "u16",
                                               .type = "integer",
                                               .put = ethtype_put,
                                               .get = ethtype_get,
                                               .imply = ethtype_imply};

/* A byte, or an address of a card, and the mask of all ones that makes it count. */
static void masked_put(struct schema_enc *e, const struct schema_row *r)
{
  static const uint8_t ones[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  const struct tc_masked *m = r->arg;
  const struct schema_row plain = {.key = r->key, .sym = r->sym, .attr = r->attr};
  m->codec->put(e, &plain);
  emit(e, r, m->attr, ones, m->len);
}

static bool masked_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  const struct tc_masked *m = r->arg;
  const struct schema_row plain = {.key = r->key, .attr = r->attr};
  return m->codec->get(d, &plain, p, n);
}

const struct schema_codec schema_tc_masked = {
    .name = "u8", .type = "integer", .put = masked_put, .get = masked_get, .plain = true};
const struct schema_codec schema_tc_masked_mac = {
    .name = "mac", .type = "string", .put = masked_put, .get = masked_get, .plain = true};
