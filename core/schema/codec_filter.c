/* codec_filter: what every filter has - protocol, priority, number - and the keys of u32. Those of
 * flower are in codec_flower.c, what filters do in codec_action.c. */
#include "schema/internal.h"
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

static bool pref_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
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

/* What is asked of packets says which are meant: how keys begin, the narrowest first. */
static const struct asked {
  const char *key, *protocol;
} asked[] = {{"vlan_", "802.1Q"}, {"cvlan_", "802.1ad"}, {"arp_", "arp"},     {"mpls_", "mpls_uc"},
             {"ip6_", "ipv6"},    {"ip_", "ip"},         {"src_ip", "ip"},    {"dst_ip", "ip"},
             {"src_port", "ip"},  {"dst_port", "ip"},    {"tcp_flags", "ip"}, {"icmp_", "ip"},
             {NULL, "all"}};

/* The entry for one key, whose value is at the top of the stack. */
static const struct asked *asked_by(lua_State *L, const char *key)
{
  const struct asked *a = asked;
  while (a->key && strncmp(a->key, key, strlen(a->key)) != 0)
    a++;
  const char *s = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
  bool six =
      a->key && strcmp(a->protocol, "ip") == 0 && (strchr(s, ':') || strcmp(s, "icmpv6") == 0);
  while (six && strcmp(a->protocol, "ipv6") != 0)
    a--;
  return a;
}

static const char *protocol_asked(lua_State *L, int t)
{
  const struct asked *best = asked;
  while (best->key)
    best++;
  t = lua_absindex(L, t);
  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) {
    const struct asked *a =
        lua_type(L, -2) == LUA_TSTRING ? asked_by(L, lua_tostring(L, -2)) : best;
    best = a < best ? a : best;
  }
  return best->protocol;
}

int schema_tc_protocol_asked(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushstring(L, protocol_asked(L, 1));
  return 1;
}

static bool protocol_imply(struct schema_enc *e, const struct schema_row *r)
{
  static const char *const kinds[] = {"u32", "flower", NULL};
  const char *protocol = "all";
  (void)r;
  if (strcmp(e->op->verb, "add") != 0 && strcmp(e->op->verb, "replace") != 0)
    return false;
  for (const char *const *k = kinds; *k; k++) {
    if (lua_getfield(e->L, e->t, *k) == LUA_TTABLE)
      protocol = protocol_asked(e->L, -1);
    lua_pop(e->L, 1);
  }
  if (e->schema == &schema_chain && strcmp(protocol, "all") == 0)
    return false; /* without a template it is about no packets */
  lua_pushstring(e->L, protocol);
  return true;
}

const struct schema_codec schema_tc_protocol = {.name = "enum",
                                                .type = "string|integer",
                                                .put = protocol_put,
                                                .get = protocol_get,
                                                .imply = protocol_imply,
                                                .plain = true};

/* The protocol of the filter that is being put, or read; 0 when it is not known. */
uint16_t tc_protocol_of(const void *hdr)
{
  return hdr ? ntohs((uint16_t)(((const struct tcmsg *)hdr)->tcm_info & 0xffff)) : 0;
}

/* ---- the handle of a filter ------------------------------------------------------------------ */

/* u32 numbers its filters by table, bucket and node: "800:1:2"; the other kinds have one number. */
uint32_t tc_want_fhandle(struct schema_enc *e, const struct schema_row *r)
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
  return v;
}

static void number_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t v = tc_want_fhandle(e, r);
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

/* The selector. What it takes is taken, unless it goes on in another table. */
static struct tc_u32_sel *tc_sel(struct schema_enc *e, const struct schema_row *r)
{
  struct tc_u32_sel *sel = tc_struct(e, r);
  if (!schema_given(e, "link"))
    sel->flags |= TC_U32_TERMINAL;
  return sel;
}

/* Adds a key: to the one of the same place, where they do not touch each other, or behind the
 * last. */
static void add_key(struct schema_enc *e, const struct schema_row *r, const struct tc_u32_key *key)
{
  struct tc_u32_sel *sel = tc_sel(e, r);
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
  add_key(e, r,
          &(struct tc_u32_key){.mask = htonl(f->mask), .val = htonl(v << f->shift), .off = f->off});
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

/* Whether the name means something in a packet of the filter's protocol. Nobody's is a key with an
 * offset that is reckoned. */
static bool fits(const struct schema_dec *d, const struct tc_u32_field *f,
                 const struct tc_u32_key *k)
{
  uint16_t protocol = tc_protocol_of(d->top);
  return k->offmask == 0 && f->protocol == (protocol ? protocol : ETH_P_IP);
}

/* The number of the protocol that the keys ask for; -1 for none. */
static int carried(const struct schema_dec *d, const struct tc_u32_key *keys, int count)
{
  const struct schema_row *r = schema_row_of(
      d->schema, tc_protocol_of(d->top) == ETH_P_IPV6 ? "ip6_protocol" : "ip_protocol");
  const struct tc_u32_field *f = r->arg;
  for (int i = 0; i < count; i++)
    if (keys[i].off == f->off && (ntohl(keys[i].mask) & f->mask) == f->mask)
      return (int)((ntohl(keys[i].val) & f->mask) >> f->shift);
  return -1;
}

/* Ports and types of ICMP are in the same place. */
static bool is_meant(const struct schema_dec *d, const struct tc_u32_field *f,
                     const struct tc_u32_key *keys, int count)
{
  int proto = carried(d, keys, count);
  bool icmp = proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6;
  return !f->port || !icmp;
}

/* How many keys make up the network of that row; the address and its mask are put together. */
static int words_of(const struct schema_dec *d, const struct tc_u32_field *f,
                    const struct tc_u32_key *keys, int count, uint8_t addr[16], uint8_t mask[16])
{
  int most = f->protocol == ETH_P_IPV6 ? 4 : 1;
  memset(addr, 0, 16);
  memset(mask, 0, 16);
  for (int n = 0; n < most; n++) {
    int i = 0;
    while (i < count && !(fits(d, f, &keys[i]) && keys[i].off == f->off + 4 * n))
      i++;
    uint32_t m = i < count ? ntohl(keys[i].mask) : 0;
    if (m == 0 || (~m & (~m + 1)) != 0)
      return n;
    memcpy(addr + (size_t)4 * (size_t)n, &keys[i].val, 4);
    memcpy(mask + (size_t)4 * (size_t)n, &keys[i].mask, 4);
    if (m != UINT32_MAX)
      return n + 1;
  }
  return most;
}

/* Which bits of the key that row names. */
static uint32_t named_by(const struct schema_dec *d, const struct schema_row *r,
                         const struct tc_u32_key *k, const struct tc_u32_key *keys, int count)
{
  const struct tc_u32_field *f = r->arg;
  uint8_t addr[16], mask[16];
  if (r->codec == &schema_tc_field && f->off == k->off && fits(d, f, k) &&
      is_meant(d, f, keys, count))
    return f->mask;
  if (r->codec != &schema_tc_network || !fits(d, f, k) || k->off < f->off || k->off % 4 != 0 ||
      (k->off - f->off) / 4 >= words_of(d, f, keys, count, addr, mask))
    return 0;
  return ntohl(k->mask);
}

/* Whether rows with a name make up the whole key. */
static bool is_named(const struct schema_dec *d, const struct tc_u32_key *k,
                     const struct tc_u32_key *keys, int count)
{
  uint32_t left = ntohl(k->mask);
  if (left == 0)
    return false;
  for (const struct schema_row *r = d->schema->rows; r->key; r++) {
    uint32_t named = named_by(d, r, k, keys, count);
    if ((left & named) == named)
      left &= ~named;
  }
  return left == 0;
}

static bool field_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  const struct tc_u32_field *f = r->arg;
  int count;
  const struct tc_u32_key *keys = keys_of(p, n, &count);
  for (int i = 0; i < count; i++)
    if ((ntohl(keys[i].mask) & f->mask) == f->mask &&
        named_by(d, r, &keys[i], keys, count) == f->mask && is_named(d, &keys[i], keys, count)) {
      lua_pushinteger(d->L, (ntohl(keys[i].val) & f->mask) >> f->shift);
      return true;
    }
  return false;
}

const struct schema_codec schema_tc_field = {
    .name = "number", .type = "integer", .put = field_put, .get = field_get, .plain = true};

void tc_want_network(struct schema_enc *e, const struct schema_row *r, int *ret_family,
                     uint8_t addr[16], uint8_t mask[16])
{
  struct schema_prefix p;
  const char *s = schema_want_text(e, r, "an address or a network");
  if (schema_parse_prefix(s, &p) < 0)
    schema_fail(e, r, EINVAL, NULL, "\"%s\" is no address or network", s);
  *ret_family = p.family;
  memcpy(addr, &p.addr, sizeof p.addr);
  memset(mask, 0, 16);
  for (int i = 0; i < p.len; i++)
    mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

void tc_push_network(lua_State *L, int family, const void *addr, const uint8_t *mask)
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
  uint8_t addr[16], mask[16];
  int family, wanted = f->protocol == ETH_P_IPV6 ? AF_INET6 : AF_INET;
  tc_want_network(e, r, &family, addr, mask);
  if (family != wanted)
    schema_fail(e, r, EINVAL, "ip_src and ip_dst are for IPv4, ip6_src and ip6_dst for IPv6.",
                "an IPv%d network is needed", wanted == AF_INET ? 4 : 6);
  for (int n = 0; n < (wanted == AF_INET ? 1 : 4); n++) {
    struct tc_u32_key key = {.off = f->off + 4 * n};
    memcpy(&key.val, addr + (size_t)4 * (size_t)n, sizeof key.val);
    memcpy(&key.mask, mask + (size_t)4 * (size_t)n, sizeof key.mask);
    if (key.mask != 0 || wanted == AF_INET) /* which is how tc says ::/0, and 0.0.0.0/0 */
      add_key(e, r, &key);
  }
}

static bool network_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  const struct tc_u32_field *f = r->arg;
  uint8_t addr[16], mask[16];
  int count;
  const struct tc_u32_key *keys = keys_of(p, n, &count);
  bool is = words_of(d, f, keys, count, addr, mask) > 0;
  if (is)
    tc_push_network(d->L, f->protocol == ETH_P_IPV6 ? AF_INET6 : AF_INET, addr, mask);
  return is;
}

const struct schema_codec schema_tc_network = {
    .name = "network", .type = "string", .put = network_put, .get = network_get, .plain = true};

/* Whether the entry at the top counts from the header that an offset told of. */
static bool behind_header(struct schema_enc *e)
{
  lua_getfield(e->L, -1, "nexthdr");
  bool is = lua_toboolean(e->L, -1);
  lua_pop(e->L, 1);
  return is;
}

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
  tc_sel(e, r);
  for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(e->L, -1); i++) {
    if (lua_rawgeti(e->L, -1, i) != LUA_TTABLE)
      schema_wrong(e, r, "an array of { value, mask, at }");
    add_key(e, r,
            &(struct tc_u32_key){.val = htonl(part_of(e, r, "value")),
                                 .mask = htonl(part_of(e, r, "mask")),
                                 .off = (int)part_of(e, r, "at"),
                                 .offmask = behind_header(e) ? -1 : 0});
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
  lua_Integer found = 0;
  const struct tc_u32_key *keys = keys_of(p, n, &count);
  (void)r;
  for (int i = 0; i < count; i++) {
    const struct tc_u32_key *k = &keys[i];
    if (is_named(d, k, keys, count))
      continue;
    if (found == 0)
      lua_newtable(d->L);
    lua_createtable(d->L, 0, 3);
    set_number(d->L, "value", ntohl(k->val));
    set_number(d->L, "mask", ntohl(k->mask));
    set_number(d->L, "at", k->off);
    if (k->offmask) {
      lua_pushboolean(d->L, 1);
      lua_setfield(d->L, -2, "nexthdr");
    }
    lua_rawseti(d->L, -2, ++found);
  }
  return found > 0;
}

static bool raw_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  bool table = schema_given(e, "divisor"); /* which has no selector */
  if (!table)
    lua_newtable(e->L);
  return !table;
}

const struct schema_codec schema_tc_raw = {.name = "list",
                                           .type =
                                               "{ value: integer, mask: integer, at: integer }[]",
                                           .put = raw_put,
                                           .get = raw_get,
                                           .imply = raw_imply};

/* What tc(8) shows: every key in its order. Only read. */
static bool keys_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
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
