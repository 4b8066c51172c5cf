/* rows_wireguard: the device and the peers of WireGuard as rows, and the wire types that only they
 * have: keys, endpoints, allowed addresses. Numbers from linux/wireguard.h. */
#include "schema/codec.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/wireguard.h>
#include <stdlib.h>
#include <string.h>

/* ---- keys ------------------------------------------------------------------------------------ */

enum { KEY_TEXT = 44 }; /* of 32 bytes in base64 */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void schema_wireguard_key(const uint8_t *key, char *ret)
{
  for (int i = 0, at = 0; i < WG_KEY_LEN; i += 3) {
    bool third = i + 2 < WG_KEY_LEN;
    uint32_t v = (uint32_t)key[i] << 16 | (uint32_t)key[i + 1] << 8 | (third ? key[i + 2] : 0U);
    ret[at++] = digits[v >> 18];
    ret[at++] = digits[v >> 12 & 63];
    ret[at++] = digits[v >> 6 & 63];
    ret[at++] = third ? digits[v & 63] : '=';
  }
  ret[KEY_TEXT] = '\0';
}

static bool parse_key(const char *text, uint8_t *ret)
{
  uint32_t v = 0;
  int n = 0;
  if (strlen(text) != KEY_TEXT || text[KEY_TEXT - 1] != '=')
    return false;
  for (int i = 0; i < KEY_TEXT; i++) {
    const char *at = text[i] == '=' ? digits : strchr(digits, text[i]);
    if (at == NULL || (text[i] == '=' && i != KEY_TEXT - 1))
      return false;
    v = v << 6 | (uint32_t)(at - digits);
    for (int shift = 16; i % 4 == 3 && shift >= 0 && n < WG_KEY_LEN; shift -= 8)
      ret[n++] = (uint8_t)(v >> shift);
  }
  return (v & 0xff) == 0; /* the bits that no key has */
}

static void key_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t key[WG_KEY_LEN];
  const char *text = schema_want_text(e, r, "a key");
  if (!parse_key(text, key))
    schema_fail(e, r, EINVAL, "wireguard.genkey() makes one.",
                "a key has 44 characters of base64, the last of them \"=\"");
  schema_emit(e, r, key, sizeof key);
}

static bool key_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  static const uint8_t none[WG_KEY_LEN];
  char text[KEY_TEXT + 1];
  (void)r;
  if (n < WG_KEY_LEN || memcmp(p, none, sizeof none) == 0)
    return false;
  schema_wireguard_key(p, text);
  lua_pushstring(d->L, text);
  return true;
}

static const struct schema_codec key_codec = {
    .name = "base64", .type = "string", .put = key_put, .get = key_get, .plain = true};

/* ---- where a peer is ------------------------------------------------------------------------- */

static const char want_endpoint[] = "\"10.0.0.2:51820\", or \"[fd00::2]:51820\" for IPv6";

/* "10.0.0.2:51820", "[fd00::2]:51820" */
static void endpoint_put(struct schema_enc *e, const struct schema_row *r)
{
  const char *text = schema_want_text(e, r, want_endpoint), *colon = strrchr(text, ':');
  char host[INET6_ADDRSTRLEN + 2] = "", *end = NULL;
  struct in6_addr a;
  int family = 0;
  long port = colon && colon[1] ? strtol(colon + 1, &end, 10) : 0;
  size_t n = colon ? (size_t)(colon - text) : 0;
  bool bracket = n > 2 && text[0] == '[' && text[n - 1] == ']';
  if (n > 0 && n < sizeof host)
    memcpy(host, bracket ? text + 1 : text, bracket ? n - 2 : n);
  if (end == NULL || *end || port < 1 || port > UINT16_MAX ||
      !schema_parse_address(host, &family, &a) || bracket != (family == AF_INET6))
    schema_fail(e, r, EINVAL, want_endpoint, "\"%s\" is no address with a port", text);
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  struct sockaddr_in6 in6 = {
      .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = a};
  memcpy(&in.sin_addr, &a, sizeof in.sin_addr);
  if (family == AF_INET6)
    schema_emit(e, r, &in6, sizeof in6);
  else
    schema_emit(e, r, &in, sizeof in);
}

static bool endpoint_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                         size_t n)
{
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
  char host[INET6_ADDRSTRLEN];
  (void)r;
  if (n == sizeof in) {
    memcpy(&in, p, sizeof in);
    inet_ntop(AF_INET, &in.sin_addr, host, sizeof host);
    lua_pushfstring(d->L, "%s:%d", host, ntohs(in.sin_port));
  } else if (n == sizeof in6) {
    memcpy(&in6, p, sizeof in6);
    inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof host);
    lua_pushfstring(d->L, "[%s]:%d", host, ntohs(in6.sin6_port));
  } else {
    return false;
  }
  return true;
}

static const struct schema_codec endpoint_codec = {
    .name = "string", .type = "string", .put = endpoint_put, .get = endpoint_get, .plain = true};

/* ---- lists ----------------------------------------------------------------------------------- */

/* Calls put for each value of the list at the top of the stack, in a nest of its own. */
static void put_each(struct schema_enc *e, const struct schema_row *r,
                     void (*put)(struct schema_enc *, const struct schema_row *))
{
  lua_State *L = e->L;
  luaL_checkstack(L, 10, r->key);
  if (!lua_istable(L, -1))
    schema_wrong(e, r, "a list");
  int list = lua_gettop(L);
  lua_Integer n = (lua_Integer)lua_rawlen(L, list);
  struct nlattr *all = mnl_attr_nest_start_check(e->nlh, sizeof e->buf->msg, r->attr);
  for (lua_Integer i = 1; all && i <= n; i++) {
    struct nlattr *one = mnl_attr_nest_start_check(e->nlh, sizeof e->buf->msg, 0);
    if (one == NULL)
      schema_fail(e, r, EMSGSIZE, "Give them in several calls.", "the message is full");
    lua_rawgeti(L, list, i);
    put(e, r);
    lua_settop(L, list);
    mnl_attr_nest_end(e->nlh, one);
  }
  if (all == NULL)
    schema_fail(e, r, EMSGSIZE, "Give them in several calls.", "the message is full");
  mnl_attr_nest_end(e->nlh, all);
}

/* "10.0.0.0/24"; an address alone is one host. */
static void put_allowed(struct schema_enc *e, const struct schema_row *r)
{
  struct schema_prefix p;
  const char *text = schema_want_text(e, r, "a network");
  if (schema_parse_prefix(text, &p) < 0)
    schema_fail(e, r, EINVAL, "\"10.0.0.0/24\"", "\"%s\" is no network", text);
  uint16_t f = (uint16_t)p.family;
  uint8_t cidr = (uint8_t)p.len;
  codec_emit(e, r, WGALLOWEDIP_A_FAMILY, &f, sizeof f);
  codec_emit(e, r, WGALLOWEDIP_A_IPADDR, &p.addr, schema_address_len(p.family));
  codec_emit(e, r, WGALLOWEDIP_A_CIDR_MASK, &cidr, sizeof cidr);
}

static void allowed_put(struct schema_enc *e, const struct schema_row *r)
{
  put_each(e, r, put_allowed);
}

static bool push_allowed(lua_State *L, const struct nlattr *one)
{
  const struct nlattr *address = NULL, *mask = NULL;
  const char *end = (const char *)one + one->nla_len;
  const struct nlattr *a = mnl_attr_get_payload(one);
  for (; mnl_attr_ok(a, (int)(end - (const char *)a)); a = mnl_attr_next(a)) {
    if (mnl_attr_get_type(a) == WGALLOWEDIP_A_IPADDR)
      address = a;
    if (mnl_attr_get_type(a) == WGALLOWEDIP_A_CIDR_MASK && mnl_attr_get_payload_len(a) >= 1)
      mask = a;
  }
  if (address == NULL || mask == NULL ||
      !schema_push_address(L, mnl_attr_get_payload(address), mnl_attr_get_payload_len(address)))
    return false;
  lua_pushfstring(L, "%s/%d", lua_tostring(L, -1), mnl_attr_get_u8(mask));
  lua_remove(L, -2);
  return true;
}

static bool allowed_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  const char *end = (const char *)p + n;
  lua_Integer i = 0;
  luaL_checkstack(d->L, 4, r->key);
  lua_newtable(d->L);
  for (const struct nlattr *a = p; mnl_attr_ok(a, (int)(end - (const char *)a));
       a = mnl_attr_next(a))
    if (push_allowed(d->L, a))
      lua_rawseti(d->L, -2, ++i);
  return true;
}

static const struct schema_codec allowed_codec = {
    .name = "strings", .type = "string[]", .put = allowed_put, .get = allowed_get};

/* When the last handshake was: seconds and nanoseconds since 1970. */
static bool time_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  int64_t v[2];
  (void)r;
  if (n < sizeof v)
    return false;
  memcpy(v, p, sizeof v);
  if (v[0] == 0 && v[1] == 0)
    return false;
  lua_pushnumber(d->L, (lua_Number)v[0] + (lua_Number)v[1] / 1e9);
  return true;
}

static const struct schema_codec time_codec = {.name = "time", .type = "number", .get = time_get};

/* ---- rows ------------------------------------------------------------------------------------ */

#define PEER_FLAG(bit) &(const struct schema_bit){(bit), 0, false}

/* A bit that says what is to be done; nobody tells it. */
static void order_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_bit *b = r->arg;
  uint32_t *word = codec_shared(e, r, r->attr, sizeof *word);
  if (codec_bool(e, r))
    *word |= b->mask;
}

static const struct schema_codec order_codec = {
    .name = "bit", .type = "boolean", .put = order_put};

static const struct schema_row peer_rows[] = {
    {.key = "public_key", SCHEMA_ATTR(WGPEER_A_PUBLIC_KEY), .codec = &key_codec,
     .flags = SCHEMA_REQUIRED, .words = "peer", .doc = "public key of the peer, in base64"},
    {.key = "remove", SCHEMA_ATTR(WGPEER_A_FLAGS), .codec = &order_codec,
     .arg = PEER_FLAG(WGPEER_F_REMOVE_ME), .words = "remove", .doc = "takes the peer away"},
    {.key = "replace_allowed_ips", SCHEMA_ATTR(WGPEER_A_FLAGS), .codec = &order_codec,
     .arg = PEER_FLAG(WGPEER_F_REPLACE_ALLOWEDIPS), .flags = SCHEMA_HIDDEN,
     .doc = "allowed_ips are all there are; without it they come to those that are there"},
    {.key = "update_only", SCHEMA_ATTR(WGPEER_A_FLAGS), .codec = &order_codec,
     .arg = PEER_FLAG(WGPEER_F_UPDATE_ONLY), .flags = SCHEMA_HIDDEN,
     .doc = "nothing is done when there is no such peer"},
    {.key = "preshared_key", SCHEMA_ATTR(WGPEER_A_PRESHARED_KEY), .codec = &key_codec,
     .words = "preshared-key <", .doc = "a secret that both share besides, in base64"},
    {.key = "endpoint", SCHEMA_ATTR(WGPEER_A_ENDPOINT), .codec = &endpoint_codec,
     .words = "endpoint", .doc = "where it is: \"10.0.0.2:51820\", \"[fd00::2]:51820\""},
    {.key = "persistent_keepalive", SCHEMA_ATTR(WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL),
     .codec = &schema_u16, .words = "persistent-keepalive", .doc = "how often it is told that we live, in s"},
    {.key = "allowed_ips", SCHEMA_ATTR(WGPEER_A_ALLOWEDIPS), .codec = &allowed_codec,
     .words = "allowed-ips", .doc = "networks that are behind it: a list of \"10.0.0.0/24\""},
    {.key = "last_handshake", SCHEMA_ATTR(WGPEER_A_LAST_HANDSHAKE_TIME), .codec = &time_codec,
     .flags = SCHEMA_READONLY, .doc = "when the last handshake was, in s since 1970; nil: never"},
    {.key = "rx_bytes", SCHEMA_ATTR(WGPEER_A_RX_BYTES), .codec = &schema_u64,
     .flags = SCHEMA_READONLY, .doc = "received"},
    {.key = "tx_bytes", SCHEMA_ATTR(WGPEER_A_TX_BYTES), .codec = &schema_u64,
     .flags = SCHEMA_READONLY, .doc = "sent"},
    {.key = "protocol_version", SCHEMA_ATTR(WGPEER_A_PROTOCOL_VERSION), .codec = &schema_u32,
     .flags = SCHEMA_READONLY, .doc = "of WireGuard"},
    SCHEMA_END};
const struct schema schema_wireguard_peer = {
    .name = "wireguard.peer", .doc = "One peer of a WireGuard link.", .rows = peer_rows};

/* The attributes of a peer, or of an attribute that has one, under the peer's rows. */
static void put_peer(struct schema_enc *e, const struct schema_row *r)
{
  struct schema_enc in = *e;
  if (!lua_istable(e->L, -1))
    schema_wrong(e, r, "a table for each peer");
  in.schema = r->arg;
  in.around = r->key;
  in.attrs = mnl_nlmsg_get_payload_tail(e->nlh);
  schema_put(&in, lua_gettop(e->L), true);
}

static void peers_put(struct schema_enc *e, const struct schema_row *r)
{
  put_each(e, r, put_peer);
}

static bool peers_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  const char *end = (const char *)p + n;
  lua_Integer i = 0;
  luaL_checkstack(d->L, 6, r->key);
  lua_newtable(d->L);
  for (const struct nlattr *a = p; mnl_attr_ok(a, (int)(end - (const char *)a));
       a = mnl_attr_next(a)) {
    struct schema_dec in;
    if (!schema_open(&in, d->L, r->arg, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a), 0))
      continue;
    schema_get_all(&in);
    lua_rawseti(d->L, -2, ++i);
  }
  return true;
}

const struct schema_codec schema_peers = {
    .name = "peers", .type = "table[]", .put = peers_put, .get = peers_get};

static const struct schema_row device_rows[] = {
    {.key = "name", SCHEMA_ATTR(WGDEVICE_A_IFNAME), .codec = &schema_string,
     .flags = SCHEMA_HIDDEN, .doc = "name of the link"},
    {.key = "ifindex", SCHEMA_ATTR(WGDEVICE_A_IFINDEX), .codec = &schema_u32,
     .flags = SCHEMA_READONLY, .doc = "number of the link"},
    {.key = "replace_peers", SCHEMA_ATTR(WGDEVICE_A_FLAGS), .codec = &order_codec,
     .arg = PEER_FLAG(WGDEVICE_F_REPLACE_PEERS), .flags = SCHEMA_HIDDEN,
     .doc = "peers are all there are; without it they come to those that are there"},
    {.key = "private_key", SCHEMA_ATTR(WGDEVICE_A_PRIVATE_KEY), .codec = &key_codec,
     .words = "private-key <", .doc = "private key, in base64"},
    {.key = "public_key", SCHEMA_ATTR(WGDEVICE_A_PUBLIC_KEY), .codec = &key_codec,
     .flags = SCHEMA_READONLY, .doc = "public key, which the kernel makes of the private one"},
    {.key = "listen_port", SCHEMA_ATTR(WGDEVICE_A_LISTEN_PORT), .codec = &schema_u16,
     .words = "listen-port", .doc = "UDP port, 0: any"},
    {.key = "fwmark", SCHEMA_ATTR(WGDEVICE_A_FWMARK), .codec = &schema_u32,
     .words = "fwmark", .doc = "mark of its packets, 0: none"},
    {.key = "peers", SCHEMA_ATTR(WGDEVICE_A_PEERS), .codec = &schema_peers,
     .arg = &schema_wireguard_peer, .words = "peer", .doc = "the peers: a list of tables"},
    SCHEMA_END};
const struct schema schema_wireguard = {.name = "wireguard",
                                        .doc = "Keys and peers of a WireGuard link.",
                                        .hdr = sizeof(struct genlmsghdr),
                                        .rows = device_rows};
