/* rows_conf: what a namespace has besides its tables, as rows: how its links are set (netconf), and the
 * numbers by which it knows other namespaces (nsid). Numbers from linux/netconf.h and
 * linux/net_namespace.h, words from ip-netconf(8) and ip-netns(8). */
#include "schema/codec.h"
#include "schema/names.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/net_namespace.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* ---- the settings of a link ------------------------------------------------------------------ */

/* A link, or "all" or "default", which stand in the same directory of /proc/sys/net. */
static const struct {
  const char *name;
  int32_t index;
} places[] = {{"all", NETCONFA_IFINDEX_ALL}, {"default", NETCONFA_IFINDEX_DEFAULT}};
enum { PLACES = sizeof places / sizeof *places };

static void place_put(struct schema_enc *e, const struct schema_row *r)
{
  const char *s = lua_type(e->L, -1) == LUA_TSTRING ? lua_tostring(e->L, -1) : "";
  for (size_t i = 0; i < PLACES; i++)
    if (strcmp(places[i].name, s) == 0) {
      schema_emit(e, r, &places[i].index, sizeof places[i].index);
      return;
    }
  schema_dev.put(e, r);
}

static bool place_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  int32_t index = 0;
  memcpy(&index, p, n < sizeof index ? n : sizeof index);
  for (size_t i = 0; i < PLACES; i++)
    if (places[i].index == index) {
      lua_pushstring(d->L, places[i].name);
      return true;
    }
  return schema_dev.get(d, r, p, n);
}

static const struct schema_codec place = {.name = "dev",
                                          .type = "string|integer",
                                          .put = place_put,
                                          .get = place_get,
                                          .read_type = "string"};

static const struct schema_name rp_filters[] = {{"off", 0}, {"strict", 1}, {"loose", 2}, {NULL, 0}};

#define SETTING(key_, attr_, doc_)                                                                 \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(attr_), .codec = &schema_bool32, .flags = SCHEMA_READONLY,            \
    .doc = doc_                                                                                    \
  }

static const struct schema_row netconf_rows[] = {
    {.key = "family", SCHEMA_HEAD(netconfmsg, ncm_family), .codec = &schema_family,
     .flags = SCHEMA_HIDDEN, .doc = "inet, inet6, or mpls"},
    {.key = "dev", SCHEMA_ATTR(NETCONFA_IFINDEX), .codec = &place, .words = "dev",
     .doc = "the link; \"all\"; \"default\": for links that are yet to come"},
    SETTING("forwarding", NETCONFA_FORWARDING, "it passes on what is for others"),
    {.key = "rp_filter", SCHEMA_ATTR(NETCONFA_RP_FILTER), .codec = &schema_enum32,
     .arg = rp_filters, .flags = SCHEMA_READONLY,
     .doc = "packets with a source that is reached another way are dropped: off, strict, loose"},
    SETTING("mc_forwarding", NETCONFA_MC_FORWARDING, "a daemon routes multicast"),
    SETTING("proxy_neigh", NETCONFA_PROXY_NEIGH, "it answers for neighbours: proxy_arp, proxy_ndp"),
    SETTING("ignore_routes_with_linkdown", NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN,
            "routes without a carrier do not count"),
    SETTING("input", NETCONFA_INPUT, "packets with MPLS labels are taken in"),
    SETTING("bc_forwarding", NETCONFA_BC_FORWARDING, "it passes on directed broadcasts"),
    SCHEMA_END};

static const struct schema_member netconf_members[] = {
    SCHEMA_MEMBER(netconfmsg, ncm_family, schema_families, false), {.name = NULL}};

const struct schema schema_netconf = {.name = "netconf",
                                      .doc = "How a link is set, as the kernel tells it when it changes.",
                                      .hdr = sizeof(struct netconfmsg),
                                      .members = netconf_members,
                                      .rows = netconf_rows};

/* ---- the number of a namespace --------------------------------------------------------------- */

/* It is given as a descriptor, and read by its number. */
static void netns_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_netns.put(e, r);
}

static bool netns_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  return schema_nsid.get(d, r, p, n);
}

static const struct schema_codec netns = {
    .name = "netns", .type = "netns.Handle|string|integer|file*", .put = netns_put,
    .get = netns_get, .read_type = "netns.Handle"};

static void number_put(struct schema_enc *e, const struct schema_row *r)
{
  int32_t v = NETNSA_NSID_NOT_ASSIGNED;
  bool any = lua_type(e->L, -1) == LUA_TSTRING && strcmp(lua_tostring(e->L, -1), "auto") == 0;
  if (!any)
    v = (int32_t)codec_integer(e, r, 0, INT32_MAX);
  schema_emit(e, r, &v, sizeof v);
}

static bool number_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  bool sets = e->op && strcmp(e->op->verb, "set") == 0;
  if (sets)
    lua_pushliteral(e->L, "auto");
  return sets;
}

static bool number_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  int32_t v;
  (void)r;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  lua_pushinteger(d->L, v);
  return true;
}

static const struct schema_codec number = {.name = "u32",
                                           .type = "integer|\"auto\"",
                                           .put = number_put,
                                           .get = number_get,
                                           .imply = number_imply,
                                           .read_type = "integer"};

static const struct schema_row nsid_rows[] = {
    {.key = "netns", SCHEMA_ATTR(NETNSA_FD), .other = NETNSA_NSID, .codec = &netns,
     .flags = SCHEMA_HIDDEN, .doc = "the other namespace: a handle, a name or a pid"},
    {.key = "nsid", SCHEMA_ATTR(NETNSA_NSID), .codec = &number, .words = "nsid",
     .doc = "its number here; \"auto\": the first one that is free"},
    SCHEMA_END};

static const struct schema_name nsid_attrs[] = {SCHEMA_NAME(NETNSA_NSID), SCHEMA_NAME(NETNSA_PID),
                                                SCHEMA_NAME(NETNSA_TARGET_NSID),
                                                SCHEMA_NAME(NETNSA_CURRENT_NSID), {NULL, 0}};
static const struct schema_member nsid_members[] = {
    SCHEMA_MEMBER(rtgenmsg, rtgen_family, schema_families, false), {.name = NULL}};

const struct schema schema_nsid_object = {.name = "nsid",
                                          .doc = "The number by which a namespace knows another.",
                                          .hdr = sizeof(struct rtgenmsg),
                                          .members = nsid_members,
                                          .attrs = nsid_attrs,
                                          .rows = nsid_rows};
