/* netconf: how the links of a namespace are set - forwarding, reverse path filter and the like - as
 * the kernel tells it over netlink. They are changed by sysctl.set. */
#include "modules/object.h"
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

static void narrow(struct schema_enc *e, int filter)
{
  for (const struct schema_name *n = schema_families; n->name; n++)
    if (object_asks(e->L, filter, "family", n->name))
      *e->family = (uint8_t)n->value;
}

/* One link has one of each family; the kernel is asked for one of them. */
static void defaults(struct schema_enc *e, const char *verb)
{
  (void)verb;
  if (*e->family == AF_UNSPEC)
    *e->family = AF_INET;
}

static const struct object netconf_object = {.module = "netconf",
                                             .schema = &schema_netconf,
                                             .key = "dev",
                                             .get = RTM_GETNETCONF,
                                             .narrow = narrow,
                                             .defaults = defaults};

static int netconf_get(lua_State *L)
{
  struct object_call c;
  object_open(L, &c, &netconf_object, "get");
  object_encode(&c, &netconf_object, RTM_GETNETCONF, 0, false);
  return object_lookup(&c, &netconf_object);
}

static int netconf_list(lua_State *L)
{
  return object_list(L, &netconf_object);
}

static int netconf_each(lua_State *L)
{
  return object_each(L, &netconf_object);
}

#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "netconf.Filter", "e.g. { family = \"inet6\" }, { forwarding = true }"              \
  }

static const struct rt_func funcs[] = {
    {.name = "get",
     .fn = netconf_get,
     .doc = "How one link is set.",
     .params = {{"dev", "string|integer", "the link, \"all\" or \"default\""},
                {"options?", "netconf.Options", "family (\"inet\" unless given)"}},
     .returns = {{"netconf", "netconf.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .errors = "ENODEV there is no such link",
     .example = "sysctl.set(\"net.ipv4.conf.lo.forwarding\", 1)\n"
                "assert(netconf.get(\"lo\").forwarding)",
     .source = "ip-netconf(8), linux/netconf.h"},
    {.name = "list",
     .fn = netconf_list,
     .doc = "How all links are set, and what \"all\" and \"default\" say.",
     .params = {FILTER},
     .returns = {{"netconfs", "netconf.Record[]", "printing it prints what ip netconf shows"}},
     .example =
         "for _, n in ipairs(netconf.list{ family = \"inet6\" }) do print(n.dev, n.forwarding) end",
     .source = "ip-netconf(8)"},
    {.name = "each",
     .fn = netconf_each,
     .doc = "Iterates over them without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): netconf.Record", "for a generic for"}},
     .example = "for n in netconf.each() do print(n.dev, n.rp_filter) end"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {{"show", "list"}, {NULL, NULL}};

const struct rt_module netconf_module = {
    .name = "netconf",
    .doc = "How the links of a namespace are set, as the kernel tells it; sysctl.set changes it.",
    .funcs = {funcs},
    .lacks = lacks,
    .bound = true};
