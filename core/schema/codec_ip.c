/* codec_ip: values that one object alone has - what follows from another field, what is absent when
 * it has its usual value, what is named by a table of the system. */
#include "schema/schema.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- numbers -------------------------------------------------------------------------------- */

static void u32_or_0_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_u32.put(e, r);
}

/* The priority of a rule: the kernel leaves it out when it is 0. */
static bool u32_or_0_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                         size_t n)
{
  if (p)
    return schema_u32.get(d, r, p, n);
  lua_pushinteger(d->L, 0);
  return true;
}

const struct schema_codec schema_u32_or_0 = {.name = "u32",
                                             .type = "integer",
                                             .put = u32_or_0_put,
                                             .get = u32_or_0_get,
                                             .computed = true,
                                             .plain = true};

/* When a route ends, in seconds: told in clock ticks, and 0 for never. The row's off says where in
 * the cache information that is. */
static bool expires_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  int32_t ticks = 0;
  if (n == sizeof(uint32_t)) /* as it is asked for */
    return schema_u32.get(d, r, p, n);
  if (n >= r->off + sizeof ticks)
    memcpy(&ticks, (const char *)p + r->off, sizeof ticks);
  if (ticks != 0)
    lua_pushinteger(d->L, ticks / sysconf(_SC_CLK_TCK));
  return ticks != 0;
}

static void expires_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_u32.put(e, r);
}

const struct schema_codec schema_expires = {
    .name = "u32", .type = "integer", .put = expires_put, .get = expires_get};

/* ---- the broadcast address of an address ---------------------------------------------------- */

/* "+" sets the bits of the address that name the host, "-" clears them; a network of one or two
 * addresses has neither. What counts is the other end, where there is one, as in ip(8). */
static void put_host_bits(struct schema_enc *e, const struct schema_row *r, bool set)
{
  struct schema_dec d;
  const struct ifaddrmsg *m = (const void *)e->hdr;
  if (m->ifa_family != AF_INET)
    schema_fail(e, r, EINVAL, NULL, "only IPv4 has broadcast addresses");
  size_t len = (size_t)((char *)mnl_nlmsg_get_payload_tail(e->nlh) - e->hdr);
  schema_open(&d, e->L, e->schema, e->hdr, len, 0);
  const struct nlattr *a = schema_find(&d, NULL, IFA_ADDRESS);
  if (a == NULL)
    a = schema_find(&d, NULL, IFA_LOCAL);
  if (a == NULL || m->ifa_prefixlen > 30)
    return;
  uint32_t host = UINT32_MAX >> m->ifa_prefixlen, v = ntohl(mnl_attr_get_u32(a));
  v = htonl(set ? v | host : v & ~host);
  schema_emit(e, r, &v, sizeof v);
}

static void broadcast_put(struct schema_enc *e, const struct schema_row *r)
{
  const char *s = lua_type(e->L, -1) == LUA_TSTRING ? lua_tostring(e->L, -1) : "";
  if (strcmp(s, "+") == 0 || strcmp(s, "-") == 0)
    put_host_bits(e, r, s[0] == '+');
  else
    schema_address.put(e, r);
}

static bool broadcast_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                          size_t n)
{
  return schema_address.get(d, r, p, n);
}

const struct schema_codec schema_broadcast = {
    .name = "address", .type = "string", .put = broadcast_put, .get = broadcast_get, .plain = true};

/* ---- IP protocols --------------------------------------------------------------------------- */

/* By the name that /etc/protocols has, as ip(8) does it; without that file there are only
 * numbers. */
static void ipproto_put(struct schema_enc *e, const struct schema_row *r)
{
  struct protoent entry, *found = NULL;
  char buf[1024];
  if (lua_type(e->L, -1) != LUA_TSTRING) {
    schema_u8.put(e, r);
    return;
  }
  const char *s = lua_tostring(e->L, -1);
  if (getprotobyname_r(s, &entry, buf, sizeof buf, &found) != 0 || found == NULL)
    schema_fail(e, r, EINVAL, NULL, "/etc/protocols has no protocol \"%s\"", s);
  // cppcheck-suppress nullPointerRedundantCheck ; schema_fail does not return
  uint8_t v = (uint8_t)found->p_proto;
  schema_emit(e, r, &v, sizeof v);
}

static bool ipproto_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  struct protoent entry, *found = NULL;
  char buf[1024];
  if (n < 1)
    return false;
  if (getprotobynumber_r(*(const uint8_t *)p, &entry, buf, sizeof buf, &found) != 0 ||
      found == NULL)
    return schema_u8.get(d, r, p, n);
  lua_pushstring(d->L, found->p_name);
  return true;
}

const struct schema_codec schema_ipproto = {.name = "ipproto",
                                            .type = "string|integer",
                                            .put = ipproto_put,
                                            .get = ipproto_get,
                                            .plain = true};

/* ---- the link below, and where it is -------------------------------------------------------- */

static void below_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_dev.put(e, r);
}

/* A number of another namespace must not be looked up among the names of this one. */
static bool below_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  uint32_t v;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  if (v == 0)
    lua_pushboolean(d->L, 0); /* a tunnel that is bound to none */
  else if (schema_find(d, NULL, IFLA_LINK_NETNSID))
    lua_pushinteger(d->L, v);
  else
    return schema_dev.get(d, r, p, n);
  return true;
}

const struct schema_codec schema_below = {
    .name = "dev", .type = "string|integer|false", .put = below_put, .get = below_get};

static bool nsid_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  int32_t id;
  (void)r;
  if (n < sizeof id || d->context == 0 || schema_resolver.netns == NULL)
    return false;
  memcpy(&id, p, sizeof id);
  return id >= 0 && schema_resolver.netns(d->L, d->context, id);
}

const struct schema_codec schema_nsid = {.name = "netns", .type = "netns.Handle", .get = nsid_get};
