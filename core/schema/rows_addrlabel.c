/* rows_addrlabel: labels of networks, by which an own IPv6 address is chosen for a destination
 * (RFC 6724), as rows. Numbers from linux/if_addrlabel.h, words from ip-addrlabel(8). */
#include "schema/names.h"
#include <errno.h>
#include <linux/if_addrlabel.h>
#include <netinet/in.h>

/* A network of IPv6, whose address is said also when it is everything. */
static void network_put(struct schema_enc *e, const struct schema_row *r)
{
  static const struct in6_addr any = {0};
  schema_prefix.put(e, r);
  if (*e->family == AF_INET)
    schema_fail(e, r, EINVAL, "IPv4 is \"::ffff:0.0.0.0/96\" here.", "an IPv6 network is needed");
  if (e->hdr[r->off] == 0)
    schema_emit(e, r, &any, sizeof any);
}

static bool network_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  return schema_prefix.get(d, r, p, n);
}

static const struct schema_codec network_codec = {
    .name = "prefix", .type = "string", .put = network_put, .get = network_get, .plain = true};

static const struct schema_row addrlabel_rows[] = {
    {.key = "prefix",
     SCHEMA_ATTR(IFAL_ADDRESS),
     .off = offsetof(struct ifaddrlblmsg, ifal_prefixlen),
     .codec = &network_codec,
     .words = "prefix",
     .doc = "the network: \"2001:db8::/32\""},
    {.key = "dev",
     SCHEMA_HEAD(ifaddrlblmsg, ifal_index),
     .codec = &schema_dev,
     .words = "dev",
     .doc = "only for what leaves by this link"},
    {.key = "label",
     SCHEMA_ATTR(IFAL_LABEL),
     .codec = &schema_u32,
     .words = "label",
     .doc = "a number; an own address with that of the destination is preferred"},
    SCHEMA_END};

static const struct schema_member members[] = {
    SCHEMA_MEMBER(ifaddrlblmsg, ifal_family, schema_families, false),
    SCHEMA_MEMBER(ifaddrlblmsg, __ifal_reserved, NULL, false),
    SCHEMA_MEMBER(ifaddrlblmsg, ifal_prefixlen, NULL, false),
    SCHEMA_MEMBER(ifaddrlblmsg, ifal_flags, NULL, false),
    SCHEMA_MEMBER(ifaddrlblmsg, ifal_index, NULL, false),
    SCHEMA_MEMBER(ifaddrlblmsg, ifal_seq, NULL, false),
    {.name = NULL}};

const struct schema schema_addrlabel = {.name = "addrlabel",
                                        .doc = "A label of a network, for choosing addresses.",
                                        .hdr = sizeof(struct ifaddrlblmsg),
                                        .members = members,
                                        .rows = addrlabel_rows};
