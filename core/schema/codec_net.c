/* codec_net: wire types of networks - hardware and IP addresses, prefixes, links by name,
 * namespaces, and the few composite values of rtnetlink. */
#include "schema/codec.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

const char *schema_want_text(struct schema_enc *e, const struct schema_row *r, const char *want)
{
  size_t n;
  if (lua_type(e->L, -1) != LUA_TSTRING)
    schema_wrong(e, r, want);
  const char *s = lua_tolstring(e->L, -1, &n);
  if (strlen(s) != n)
    schema_fail(e, r, EINVAL, NULL, "a string without zero bytes is needed");
  return s;
}

/* ---- hardware addresses ---------------------------------------------------------------------- */

enum { MAC_MAX = 32 }; /* MAX_ADDR_LEN of the kernel */

static int hex_digit(char c)
{
  static const char digits[] = "0123456789abcdefABCDEF";
  const char *at = c ? strchr(digits, c) : NULL;
  if (at == NULL)
    return -1;
  int v = (int)(at - digits);
  return v < 16 ? v : v - 6;
}

/* Bytes of "02:00:00:00:00:01"; 0 if it is not one. */
static size_t parse_mac(const char *s, uint8_t *bytes)
{
  size_t n = 0;
  while (n < MAC_MAX) {
    int hi = hex_digit(s[0]), lo = hi < 0 ? -1 : hex_digit(s[1]);
    if (hi < 0)
      return 0;
    bytes[n++] = (uint8_t)(lo < 0 ? hi : hi * 16 + lo);
    s += lo < 0 ? 1 : 2;
    if (*s == '\0')
      return n;
    if (*s++ != ':')
      return 0;
  }
  return 0;
}

/* Ethernet has six bytes, IEEE 802.15.4 eight, InfiniBand twenty; tunnels have an IPv4 or IPv6
 * address. What is too short the kernel refuses; it cuts off what is too long for all of them. */
static bool mac_has_length(size_t n)
{
  return (n >= 2 && n <= 6) || n == 8 || n == 16 || n == 20;
}

/* A tunnel's hardware address is an IP address. */
static void mac_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t bytes[MAC_MAX];
  const char *s = schema_want_text(e, r, "a hardware address such as \"02:00:00:00:00:01\"");
  size_t n = parse_mac(s, bytes);
  if (n < 2)
    n = inet_pton(AF_INET, s, bytes) == 1 ? 4 : inet_pton(AF_INET6, s, bytes) == 1 ? 16 : 0;
  if (!mac_has_length(n))
    schema_fail(e, r, EINVAL, "Six pairs of hexadecimal digits: \"02:00:00:00:00:01\".",
                "\"%s\" is no hardware address", s);
  schema_emit(e, r, bytes, n);
}

static bool mac_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  char s[MAC_MAX * 3 + 1] = "";
  const uint8_t *b = p;
  (void)r;
  if (n == 4) /* a tunnel's: an IPv4 address */
    inet_ntop(AF_INET, p, s, sizeof s);
  else if (n == 16)
    inet_ntop(AF_INET6, p, s, sizeof s);
  else
    for (size_t i = 0; i < n && i < MAC_MAX; i++)
      snprintf(s + i * 3, 4, "%02x%s", b[i], i + 1 < n && i + 1 < MAC_MAX ? ":" : "");
  if (n == 0)
    return false;
  lua_pushstring(d->L, s);
  return true;
}

const struct schema_codec schema_mac = {
    .name = "mac", .type = "string", .put = mac_put, .get = mac_get, .plain = true};

/* ---- IP addresses ---------------------------------------------------------------------------- */

size_t schema_address_len(int family)
{
  return family == AF_INET6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);
}

/* Four numbers below 256 without zeros before them, as inet_pton wants them; it takes several times
 * as long, and a batch of routes is mostly such. */
static bool parse_ipv4(const char *s, uint8_t *ret)
{
  for (int i = 0; i < 4; i++, s++) {
    unsigned v = 0, digits = 0;
    for (; *s >= '0' && *s <= '9' && digits < 3; digits++)
      v = v * 10 + (unsigned)(*s++ - '0');
    if (digits == 0 || v > UINT8_MAX || (digits > 1 && s[-(int)digits] == '0') ||
        *s != (i < 3 ? '.' : '\0'))
      return false;
    ret[i] = (uint8_t)v;
  }
  return true;
}

bool schema_parse_address(const char *s, int *ret_family, struct in6_addr *ret)
{
  *ret_family = AF_INET;
  memset(ret, 0, sizeof *ret);
  if (parse_ipv4(s, ret->s6_addr))
    return true;
  *ret_family = strchr(s, ':') ? AF_INET6 : AF_INET;
  memset(ret, 0, sizeof *ret);
  return inet_pton(*ret_family, s, ret) == 1;
}

static void address_put(struct schema_enc *e, const struct schema_row *r)
{
  const char *s = schema_want_text(e, r, "an IP address");
  struct in6_addr a;
  int family;
  if (!schema_parse_address(s, &family, &a)) {
    const char *hint =
        strchr(s, '/') ? "An address alone is needed here, without a prefix length." : NULL;
    schema_fail(e, r, EINVAL, hint, "\"%s\" is no IP address", s);
  }
  schema_set_family(e, r, family);
  schema_emit(e, r, &a, schema_address_len(family));
}

/* The numbers below 256 with a dot behind each. */
static struct {
  char text[256][4];
  uint8_t len[256];
} bytes;

static void make_bytes(void)
{
  for (unsigned v = 0; v < 256; v++) {
    char *at = bytes.text[v];
    if (v >= 100)
      *at++ = (char)('0' + v / 100);
    if (v >= 10)
      *at++ = (char)('0' + v / 10 % 10);
    *at++ = (char)('0' + v % 10);
    *at++ = '.';
    bytes.len[v] = (uint8_t)(at - bytes.text[v]);
  }
}

/* inet_ntop makes IPv4 with sprintf, and would be a third of reading a large routing table. */
static void push_ipv4(lua_State *L, const uint8_t *b)
{
  char s[INET_ADDRSTRLEN], *at = s;
  if (bytes.len[0] == 0)
    make_bytes();
  for (int i = 0; i < 4; i++) {
    memcpy(at, bytes.text[b[i]], sizeof bytes.text[0]);
    at += bytes.len[b[i]];
  }
  lua_pushlstring(L, s, (size_t)(at - s) - 1);
}

bool schema_push_address(lua_State *L, const void *p, size_t n)
{
  char s[INET6_ADDRSTRLEN];
  if (n == 4)
    push_ipv4(L, p);
  else if (n == 16)
    lua_pushstring(L, inet_ntop(AF_INET6, p, s, sizeof s));
  return n == 4 || n == 16;
}

static bool address_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  (void)r;
  return schema_push_address(d->L, p, n);
}

const struct schema_codec schema_address = {
    .name = "address", .type = "string", .put = address_put, .get = address_get, .plain = true};

int schema_parse_prefix(const char *s, struct schema_prefix *ret)
{
  char head[INET6_ADDRSTRLEN + 1] = "";
  const char *slash = strchr(s, '/');
  size_t n = slash ? (size_t)(slash - s) : strlen(s);
  *ret = (struct schema_prefix){.has_len = slash != NULL};
  memcpy(head, s, n < sizeof head ? n : sizeof head - 1);
  if (n >= sizeof head || !schema_parse_address(head, &ret->family, &ret->addr))
    return -EINVAL;
  int most = (int)schema_address_len(ret->family) * 8;
  ret->len = most;
  if (slash) {
    char *end;
    long v = strtol(slash + 1, &end, 10);
    if (slash[1] < '0' || slash[1] > '9' || *end || v > most)
      return -ERANGE;
    ret->len = (int)v;
  }
  return 0;
}

/* Splits "10.0.0.0/8". Raises about what is wrong with it. */
static struct schema_prefix want_prefix(struct schema_enc *e, const struct schema_row *r)
{
  struct schema_prefix p;
  const char *s =
      schema_want_text(e, r, "an address with its prefix length, such as \"10.0.0.1/24\"");
  int err = schema_parse_prefix(s, &p);
  if (err == -EINVAL)
    schema_fail(e, r, EINVAL, NULL, "\"%s\" is no IP address", s);
  if (err)
    schema_fail(e, r, EINVAL, NULL, "\"%s\": the prefix length is a number from 0 to %d", s,
                (int)schema_address_len(p.family) * 8);
  return p;
}

/* Whether the other end is given; then the prefix length is its, and the address has none. */
static bool has_peer(const struct schema_enc *e)
{
  bool has = e->op->options && lua_istable(e->L, e->op->options) &&
             lua_getfield(e->L, e->op->options, "peer") != LUA_TNIL;
  if (e->op->options && lua_istable(e->L, e->op->options))
    lua_pop(e->L, 1);
  return has;
}

static const char *hint_length(lua_State *L, const struct schema_prefix *p, const char *s)
{
  int len = p->family == AF_INET6 ? 64 : 24;
  return lua_pushfstring(L,
                         "Write it with its prefix length: \"%s/%d\" says that the first %d bits "
                         "name the network.",
                         s, len, len);
}

/* The key of an address: IFA_LOCAL, and IFA_ADDRESS unless a peer is given. The length is needed:
 * ip(8) takes /32 without a word, and a beginner's network then has one host. */
static void ifaddr_put(struct schema_enc *e, const struct schema_row *r)
{
  struct schema_prefix p = want_prefix(e, r);
  if (!p.has_len && !has_peer(e))
    schema_fail(e, r, EINVAL, hint_length(e->L, &p, lua_tostring(e->L, -1)),
                "the address has no prefix length");
  schema_set_family(e, r, p.family);
  struct ifaddrmsg *m = (void *)e->hdr;
  m->ifa_prefixlen = (uint8_t)p.len;
  schema_emit(e, r, &p.addr, schema_address_len(p.family));
}

static bool push_prefix(lua_State *L, const void *p, size_t n, int len)
{
  if (!schema_push_address(L, p, n))
    return false;
  lua_pushfstring(L, "%s/%d", lua_tostring(L, -1), len);
  lua_remove(L, -2);
  return true;
}

/* IPv6 has only IFA_ADDRESS unless there is a peer; IPv4 has both. */
static bool ifaddr_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  const struct ifaddrmsg *m = (const void *)d->hdr;
  (void)r;
  if (p == NULL) {
    const struct nlattr *a = schema_find(d, NULL, IFA_ADDRESS);
    if (a == NULL)
      return false;
    p = mnl_attr_get_payload(a);
    n = mnl_attr_get_payload_len(a);
  }
  return push_prefix(d->L, p, n, m->ifa_prefixlen);
}

const struct schema_codec schema_ifaddr = {.name = "prefix",
                                           .type = "string",
                                           .put = ifaddr_put,
                                           .get = ifaddr_get,
                                           .computed = true,
                                           .plain = true};

/* IFA_ADDRESS: the other end of a point-to-point address, else the same as IFA_LOCAL. */
static void peer_address_put(struct schema_enc *e, const struct schema_row *r)
{
  struct schema_prefix p = want_prefix(e, r);
  schema_set_family(e, r, p.family);
  if (p.has_len)
    ((struct ifaddrmsg *)(void *)e->hdr)->ifa_prefixlen = (uint8_t)p.len;
  schema_emit(e, r, &p.addr, schema_address_len(p.family));
}

static bool peer_address_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                             size_t n)
{
  const struct nlattr *local = schema_find(d, NULL, IFA_LOCAL);
  const struct ifaddrmsg *m = (const void *)d->hdr;
  (void)r;
  if (local == NULL ||
      (mnl_attr_get_payload_len(local) == n && memcmp(mnl_attr_get_payload(local), p, n) == 0))
    return false;
  return push_prefix(d->L, p, n, m->ifa_prefixlen);
}

const struct schema_codec schema_addresslen = {
    .name = "prefix", .type = "string", .put = peer_address_put, .get = peer_address_get};

/* A destination or source of routes and rules: "default" (or "all") or a prefix, whose length is
 * the header byte that the row's off names. */
static bool clear_host_bits(struct schema_prefix *p)
{
  bool was_clear = true;
  uint8_t *b = p->addr.s6_addr;
  for (int i = 0; i < (int)schema_address_len(p->family); i++) {
    int keep = p->len - i * 8;
    uint8_t mask = (uint8_t)(keep >= 8 ? 0xff : keep <= 0 ? 0 : 0xff << (8 - keep));
    was_clear = was_clear && (b[i] & ~mask) == 0;
    b[i] &= mask;
  }
  return was_clear;
}

static bool is_default(const char *s)
{
  return strcmp(s, "default") == 0 || strcmp(s, "all") == 0 || strcmp(s, "any") == 0;
}

static void put_prefix(struct schema_enc *e, const struct schema_row *r,
                       const struct schema_prefix *p)
{
  schema_set_family(e, r, p->family);
  e->hdr[r->off] = (char)p->len;
  if (p->len > 0)
    schema_emit(e, r, &p->addr, schema_address_len(p->family));
}

static void prefix_put(struct schema_enc *e, const struct schema_row *r)
{
  const char *s =
      schema_want_text(e, r, "a destination: \"default\", or a network such as \"10.0.0.0/8\"");
  if (is_default(s))
    return;
  struct schema_prefix p = want_prefix(e, r);
  struct schema_prefix network = p;
  if (!clear_host_bits(&network)) {
    lua_State *L = e->L;
    push_prefix(L, &network.addr, schema_address_len(p.family), p.len);
    const char *hint = lua_pushfstring(L, "The network is \"%s\".", lua_tostring(L, -1));
    schema_fail(e, r, EINVAL, hint, "\"%s\" has bits set behind its prefix length", s);
  }
  put_prefix(e, r, &p);
}

static bool prefix_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  int len = (uint8_t)d->hdr[r->off];
  if (p == NULL) {
    if (r->arg == NULL)
      return false;
    lua_pushstring(d->L, r->arg); /* the word for everything: "default", "all" */
    return true;
  }
  if (len == (int)n * 8)
    return schema_push_address(d->L, p, n);
  return push_prefix(d->L, p, n, len);
}

const struct schema_codec schema_prefix = {.name = "prefix",
                                           .type = "string",
                                           .put = prefix_put,
                                           .get = prefix_get,
                                           .computed = true,
                                           .plain = true};

/* The same in a rule, where the kernel compares only the first bits, whatever the others are. */
static void selector_put(struct schema_enc *e, const struct schema_row *r)
{
  const char *s = schema_want_text(e, r, "a network such as \"10.0.0.0/8\", or \"all\"");
  if (is_default(s))
    return;
  struct schema_prefix p = want_prefix(e, r);
  put_prefix(e, r, &p);
}

const struct schema_codec schema_selector = {.name = "prefix",
                                             .type = "string",
                                             .put = selector_put,
                                             .get = prefix_get,
                                             .computed = true,
                                             .plain = true};

const struct schema_name schema_families[] = {
    {"inet", AF_INET}, {"inet6", AF_INET6}, {"bridge", AF_BRIDGE}, {"mpls", AF_MPLS}, {NULL, 0}};

static void family_put(struct schema_enc *e, const struct schema_row *r)
{
  const char *s = schema_want_text(e, r, "\"inet\" or \"inet6\"");
  for (const struct schema_name *n = schema_families; n->name; n++)
    if (strcmp(n->name, s) == 0) {
      schema_set_family(e, r, (int)n->value);
      return;
    }
  schema_fail(e, r, EINVAL, NULL, "\"%s\" is neither \"inet\" nor \"inet6\"", s);
}

static bool family_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  (void)r, (void)n;
  for (const struct schema_name *name = schema_families; name->name; name++)
    if (name->value == *(const uint8_t *)p) {
      lua_pushstring(d->L, name->name);
      return true;
    }
  return false;
}

const struct schema_codec schema_family = {.name = "family",
                                           .type = "\"inet\"|\"inet6\"",
                                           .put = family_put,
                                           .get = family_get,
                                           .plain = true};

/* ---- links by name --------------------------------------------------------------------------- */

struct schema_resolver schema_resolver;

int schema_ask_link(struct nl_sock *s, const char *name, const struct nlmsghdr **ret)
{
  _Alignas(8) char buf[256] = "";
  struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
  nlh->nlmsg_type = RTM_GETLINK;
  nlh->nlmsg_flags = NLM_F_REQUEST;
  mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
  mnl_attr_put_strz(nlh, strlen(name) < IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME, name);
  mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  struct nl_answer answer;
  int err = nl_get(s, nlh, ret, &answer);
  if (err < 0)
    return err;
  return ((const struct ifinfomsg *)mnl_nlmsg_get_payload(*ret))->ifi_index;
}

/* The same, out of what a batch has asked before. */
static int known_link(struct schema_buf *b, struct nl_sock *s, const char *name)
{
  struct schema_links *k = &b->links;
  bool keeps = k->keep && s == &b->sock && strlen(name) < IFNAMSIZ;
  for (int i = 0; keeps && i < k->n; i++)
    if (strcmp(k->known[i].name, name) == 0)
      return k->known[i].index;
  const struct nlmsghdr *msg;
  int index = schema_ask_link(s, name, &msg);
  if (!keeps || index < 0)
    return index;
  if (k->n == SCHEMA_LINKS)
    k->n = 0;
  strcpy(k->known[k->n].name, name);
  k->known[k->n++].index = index;
  return index;
}

uint32_t schema_ifindex(struct schema_enc *e, const struct schema_row *r, struct nl_sock *s,
                        int idx)
{
  lua_State *L = e->L;
  if (lua_isinteger(L, idx) && lua_tointeger(L, idx) > 0 && lua_tointeger(L, idx) <= INT32_MAX)
    return (uint32_t)lua_tointeger(L, idx);
  lua_pushvalue(L, idx);
  const char *name = schema_want_text(e, r, "the name or number of a link");
  lua_pop(L, 1);
  if (strlen(name) >= ALTIFNAMSIZ)
    schema_fail(e, r, ENAMETOOLONG, NULL, "a name of a link has at most %d characters",
                ALTIFNAMSIZ - 1);
  int index = known_link(e->buf, s, name);
  if (index == -ENODEV || index == -EINVAL)
    schema_fail(e, r, ENODEV, schema_resolver.no_link ? schema_resolver.no_link(e, s, name) : NULL,
                "there is no link \"%s\"", name);
  if (index < 0)
    schema_fail(e, r, -index, NULL, "%s", strerror(-index));
  return (uint32_t)index;
}

static void dev_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t v = schema_ifindex(e, r, &e->buf->sock, -1);
  schema_emit(e, r, &v, sizeof v);
}

/* The kernel looks for the master where the link will be, so its name means the one there. false
 * takes the link out. */
static void master_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t v = 0;
  bool none = lua_type(e->L, -1) == LUA_TBOOLEAN && !lua_toboolean(e->L, -1);
  if (e->netns < 0) {
    v = none ? 0 : schema_ifindex(e, r, &e->buf->sock, -1);
  } else if (!none) {
    int err = nl_open(&e->buf->there, e->netns, NETLINK_ROUTE);
    if (err < 0)
      schema_fail(e, r, -err, NULL, "%s", strerror(-err));
    v = schema_ifindex(e, r, &e->buf->there, -1);
    nl_close(&e->buf->there);
  }
  schema_emit(e, r, &v, sizeof v);
}

static bool dev_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  uint32_t v;
  (void)r;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  if (v == 0)
    return false;
  if (d->context && schema_resolver.ifname && schema_resolver.ifname(d->L, d->context, v))
    return true;
  lua_pushfstring(d->L, "if%d", (int)v);
  return true;
}

const struct schema_codec schema_dev = {
    .name = "dev", .type = "string|integer", .put = dev_put, .get = dev_get, .read_type = "string"};
const struct schema_codec schema_master = {.name = "dev",
                                           .type = "string|integer|false",
                                           .put = master_put,
                                           .get = dev_get,
                                           .read_type = "string"};

/* ---- namespaces ------------------------------------------------------------------------------ */

static void netns_put(struct schema_enc *e, const struct schema_row *r)
{
  if (e->buf->nfds == SCHEMA_FDS)
    schema_fail(e, r, EMFILE, NULL, "too many namespaces in one message");
  const char *field = e->around ? lua_pushfstring(e->L, "%s.%s", e->around, r->key) : r->key;
  if (e->around)
    lua_insert(e->L, -2);
  int fd = e->open_netns(e->L, e->op, -1, field);
  e->buf->fds[e->buf->nfds++] = fd;
  if (e->around)
    lua_remove(e->L, -2);
  uint32_t v = (uint32_t)fd;
  schema_emit(e, r, &v, sizeof v);
  e->netns = fd;
  e->elsewhere = true;
}

const struct schema_codec schema_netns = {
    .name = "netns", .type = "netns.Handle|string|integer|file*", .put = netns_put};

/* ---- composites ------------------------------------------------------------------------------ */

/* IFLA_PROP_LIST: the other names of a link. Only read. */
static bool altnames_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                         size_t n)
{
  (void)r;
  lua_newtable(d->L);
  lua_Integer i = 0;
  const char *end = (const char *)p + n;
  for (const struct nlattr *a = p; mnl_attr_ok(a, (int)(end - (const char *)a));
       a = mnl_attr_next(a)) {
    if (mnl_attr_get_type(a) != IFLA_ALT_IFNAME)
      continue;
    const char *s = mnl_attr_get_payload(a);
    lua_pushlstring(d->L, s, strnlen(s, mnl_attr_get_payload_len(a)));
    lua_rawseti(d->L, -2, ++i);
  }
  return true;
}

const struct schema_codec schema_altnames = {
    .name = "altnames", .type = "string[]", .get = altnames_get};

/* A lifetime of an address in seconds: a member of struct ifa_cacheinfo, "forever" for the most.
 * The row's off says which member. */
static void lifetime_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t v = UINT32_MAX;
  if (lua_type(e->L, -1) != LUA_TSTRING || strcmp(lua_tostring(e->L, -1), "forever") != 0) {
    int ok;
    lua_Integer given = lua_tointegerx(e->L, -1, &ok);
    if (!ok || lua_type(e->L, -1) != LUA_TNUMBER)
      schema_wrong(e, r, "a number of seconds or \"forever\"");
    if (given < 0 || given > UINT32_MAX)
      schema_fail(e, r, ERANGE, NULL, "%I is not in 0..4294967295", (LUAI_UACINT)given);
    v = (uint32_t)given;
  }
  struct schema_dec d;
  size_t len = (size_t)((char *)mnl_nlmsg_get_payload_tail(e->nlh) - e->hdr);
  schema_open(&d, e->L, e->schema, e->hdr, len, 0);
  struct nlattr *a = (struct nlattr *)(uintptr_t)schema_find(&d, NULL, r->attr);
  if (a == NULL) {
    const struct ifa_cacheinfo fresh = {.ifa_valid = UINT32_MAX, .ifa_prefered = UINT32_MAX};
    a = mnl_nlmsg_get_payload_tail(e->nlh);
    schema_emit(e, r, &fresh, sizeof fresh);
  }
  memcpy((char *)mnl_attr_get_payload(a) + r->off, &v, sizeof v);
}

static bool lifetime_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                         size_t n)
{
  uint32_t v;
  if (n < r->off + sizeof v)
    return false;
  memcpy(&v, (const char *)p + r->off, sizeof v);
  if (v == UINT32_MAX)
    lua_pushliteral(d->L, "forever");
  else
    lua_pushinteger(d->L, v);
  return true;
}

const struct schema_codec schema_cacheinfo = {.name = "lifetime",
                                              .type = "integer|\"forever\"",
                                              .put = lifetime_put,
                                              .get = lifetime_get,
                                              .plain = true};

/* A bridge identifier: priority and hardware address. Only read. */
static bool bridge_id_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                          size_t n)
{
  const uint8_t *b = p;
  char s[32];
  (void)r;
  if (n < 8)
    return false;
  snprintf(s, sizeof s, "%.2x%.2x.%x:%x:%x:%x:%x:%x", b[0], b[1], b[2], b[3], b[4], b[5], b[6],
           b[7]);
  lua_pushstring(d->L, s);
  return true;
}

const struct schema_codec schema_bridge_id = {
    .name = "bridge_id", .type = "string", .get = bridge_id_get};

/* ---- for the other files with codecs --------------------------------------------------------- */

int codec_address(struct schema_enc *e, const struct schema_row *r, struct in6_addr *ret)
{
  const char *s = schema_want_text(e, r, "an IP address");
  int family;
  if (!schema_parse_address(s, &family, ret))
    schema_fail(e, r, EINVAL, NULL, "\"%s\" is no IP address", s);
  return family;
}

size_t codec_mac(struct schema_enc *e, const struct schema_row *r, uint8_t *ret, size_t size)
{
  const char *s = schema_want_text(e, r, "a hardware address such as \"02:00:00:00:00:01\"");
  size_t n = size >= MAC_MAX ? parse_mac(s, ret) : 0;
  if (n != 6)
    schema_fail(e, r, EINVAL, "Six pairs of hexadecimal digits: \"02:00:00:00:00:01\".",
                "\"%s\" is no hardware address", s);
  return n;
}
