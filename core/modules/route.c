/* route: routing tables, and the kernel's answer to "which way". */
#include "modules/object.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static bool one_of(uint8_t type, const uint8_t *types, size_t n)
{
  return memchr(types, type, n) != NULL;
}

/* The scope that ip(8) gives a route when nobody says it. */
static uint8_t scope_of(const struct rtmsg *m, bool deletes, bool via)
{
  static const uint8_t host[] = {RTN_LOCAL, RTN_NAT},
                       link[] = {RTN_BROADCAST, RTN_MULTICAST, RTN_ANYCAST};
  if (m->rtm_family == AF_INET6)
    return RT_SCOPE_UNIVERSE;
  if (one_of(m->rtm_type, host, sizeof host))
    return RT_SCOPE_HOST;
  if (one_of(m->rtm_type, link, sizeof link))
    return RT_SCOPE_LINK;
  if (deletes)
    return RT_SCOPE_NOWHERE; /* any */
  return m->rtm_type == RTN_UNICAST && !via ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

/* Whether the route goes on from another machine. */
static bool leads_on(struct schema_enc *e)
{
  return schema_given(e, "via") || schema_given(e, "nexthops") || schema_given(e, "nhid");
}

/* What ip(8) fills in: table main (local for the types that live there), protocol boot, a unicast
 * route. A deletion leaves open what was not said. */
static void defaults(struct schema_enc *e, const char *verb)
{
  static const uint8_t local[] = {RTN_LOCAL, RTN_BROADCAST, RTN_NAT, RTN_ANYCAST};
  struct rtmsg *m = (void *)e->hdr;
  bool deletes = strcmp(verb, "delete") == 0 || strcmp(verb, "flush") == 0;
  if (m->rtm_family == AF_UNSPEC)
    m->rtm_family = AF_INET;
  if (!schema_given(e, "protocol") && !deletes)
    m->rtm_protocol = RTPROT_BOOT;
  if (!schema_given(e, "type") && !deletes)
    m->rtm_type = RTN_UNICAST;
  if (!schema_given(e, "table"))
    m->rtm_table = one_of(m->rtm_type, local, sizeof local) ? RT_TABLE_LOCAL : RT_TABLE_MAIN;
  if (!schema_given(e, "scope"))
    m->rtm_scope = scope_of(m, deletes, leads_on(e));
}

/* The kernel does not say which of several gateways it is. */
static void explain_ways(struct rt_error *error)
{
  if (error->field == NULL || error->field[0] == '\0')
    error->field = "nexthops";
  error->text = "one of the gateways cannot be reached from here";
  error->hint = "Each needs an address of ours in its network, on a link that is up; or dev and "
                "onlink = true.";
}

/* The gateway cannot be reached, or the link is down: the two ways a beginner's route fails. */
static void explain_nexthop(struct schema_enc *e, struct rt_error *error)
{
  lua_State *L = e->L;
  lua_getfield(L, e->t, "dev");
  const char *dev = lua_tostring(L, -1);
  lua_getfield(L, e->t, "via");
  const char *via = lua_tostring(L, -1);
  if (error->err == ENETDOWN && dev) {
    error->field = "dev";
    error->text = lua_pushfstring(L, "the link %s is down", dev);
    error->hint = lua_pushfstring(L, "Bring it up first: link.set(\"%s\", { up = true }).", dev);
  }
  if ((error->err == ENETUNREACH || error->err == EHOSTUNREACH || error->err == EINVAL) && via) {
    error->field = "via";
    error->text = lua_pushfstring(L, "the gateway %s cannot be reached from here", via);
    error->hint = lua_pushfstring(L,
                                  "A gateway is a neighbour: %s needs an address in the network "
                                  "of %s, on a link that is up (addr.list() shows them).",
                                  e->op->netns, via);
  }
}

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  if (strcmp(verb, "get") == 0) {
    if (error->err == ENETUNREACH)
      error->hint = lua_pushfstring(e->L, "%s has no route to %s, not even a default one.",
                                    e->op->netns, e->op->key);
    return;
  }
  if (error->err == ENODEV && !schema_given(e, "dev") && !schema_given(e, "via")) {
    error->text = "which way is not said";
    error->hint = "{ via = \"10.0.0.1\" }: through a gateway; { dev = \"eth0\" }: out of a link.";
  }
  if (error->err == ESRCH) {
    error->text = "there is no such route";
    error->hint = "route.list() shows those of the main table; what is given must agree with one.";
  }
  if (strcmp(verb, "delete") == 0)
    return;
  if (error->err == EINVAL && schema_given(e, "encap") && (!error->kernel || !error->kernel[0])) {
    error->field = "encap";
    error->text = "the kernel refuses this encapsulation";
    error->hint = "It does not say why. An action of seg6local takes its own words and no others: "
                  "End.X needs nh6, End.DX4 nh4, End.T and End.DT6 table, End.DX2 oif.";
    return;
  }
  if (error->err == EOPNOTSUPP && schema_given(e, "encap"))
    error->hint = "This kernel lacks it, or its module is not loaded (mpls_iptunnel, seg6 ...).";
  if (error->err == ENETUNREACH && schema_given(e, "nexthops"))
    explain_ways(error);
  else
    explain_nexthop(e, error);
}

/* As ip route does: the main table unless another is asked for, IPv4 unless IPv6 is. */
static uint32_t table_of(const struct nlmsghdr *nlh)
{
  const struct rtmsg *m = NLMSG_DATA(nlh);
  if (m->rtm_table != RT_TABLE_COMPAT) /* which stands for a number that the header cannot hold */
    return m->rtm_table;
  const struct nlattr *a = object_attr(nlh, sizeof *m, RTA_TABLE, sizeof(uint32_t));
  return a ? mnl_attr_get_u32(a) : m->rtm_table;
}

static bool asks_cached(lua_State *L, int filter)
{
  bool yes = filter && lua_getfield(L, filter, "cached") != LUA_TNIL && lua_toboolean(L, -1);
  if (filter)
    lua_pop(L, 1);
  return yes;
}

static bool shown(const struct nlmsghdr *nlh, lua_State *L, int filter)
{
  const struct rtmsg *m = NLMSG_DATA(nlh);
  if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof *m))
    return false;
  if (filter == 0 && m->rtm_table == RT_TABLE_MAIN && !(m->rtm_flags & RTM_F_CLONED))
    return true;
  bool is_cached = m->rtm_flags & RTM_F_CLONED, cached = asks_cached(L, filter);
  if (is_cached || cached)
    return is_cached && cached;
  return object_asked(L, filter, "table") || table_of(nlh) == RT_TABLE_MAIN;
}

/* The table of the vrf that the filter names becomes a part of the filter. */
static void narrow_vrf(struct schema_enc *e, int filter)
{
  const struct schema_row *r = schema_row_of(e->schema, "vrf");
  lua_State *L = e->L;
  if (!object_asked(L, filter, "vrf") || object_asked(L, filter, "table"))
    return;
  lua_getfield(L, filter, "vrf");
  uint32_t table = object_vrf_table(&e->buf->sock, schema_ifindex(e, r, &e->buf->sock, -1));
  if (table == 0)
    schema_fail(e, r, EINVAL, "link.list{ type = \"vrf\" } shows those that there are.",
                "this link is no vrf");
  lua_pop(L, 1);
  lua_pushinteger(L, table);
  lua_setfield(L, filter, "table");
}

/* All tables are those of all families, unless one is asked for. */
static void narrow(struct schema_enc *e, int filter)
{
  struct rtmsg *m = (void *)e->hdr;
  narrow_vrf(e, filter);
  if (asks_cached(e->L, filter))
    m->rtm_flags |= RTM_F_CLONED;
  if (object_asks(e->L, filter, "family", "inet6"))
    m->rtm_family = AF_INET6;
  else if (object_asks(e->L, filter, "family", "inet") ||
           !object_asks(e->L, filter, "table", "all"))
    m->rtm_family = AF_INET;
}

/* The route is to a part of the network, or to all of it. */
static bool root_matches(lua_State *L, int want, int record)
{
  lua_getfield(L, record, "dst");
  return object_lies_in(L, -1, want, record);
}

/* The network, or address, is a part of what the route leads to. */
static bool match_matches(lua_State *L, int want, int record)
{
  lua_getfield(L, record, "dst");
  return object_lies_in(L, want, -1, record);
}

/* In the table of a vrf, and there is no business of the links themselves: as ip(8). */
static bool vrf_matches(lua_State *L, int want, int record)
{
  (void)want;
  lua_getfield(L, record, "type");
  const char *type = lua_tostring(L, -1);
  return type == NULL || (strcmp(type, "local") != 0 && strcmp(type, "broadcast") != 0);
}

static const struct object_filter filters[] = {
    {"root", root_matches}, {"match", match_matches}, {"vrf", vrf_matches}, {NULL, NULL}};

/* A route that leads through a nexthop object tells that one's way too. */
static void of_record(lua_State *L, int record, int options)
{
  static const char *const ways[] = {"via", "dev", "nexthops", "onlink", "encap", NULL};
  (void)record;
  bool by_object = lua_getfield(L, options, "nhid") != LUA_TNIL;
  lua_pop(L, 1);
  for (const char *const *key = ways; by_object && *key; key++) {
    lua_pushnil(L);
    lua_setfield(L, options, *key);
  }
}

static const struct object route_object = {
    .module = "route",
    .schema = &schema_route,
    .key = "dst",
    .new = RTM_NEWROUTE,
    .del = RTM_DELROUTE,
    .get = RTM_GETROUTE,
    .of_record = of_record,
    .exists_hint = "A route to that network exists; route.replace(\"%s\", ...) changes it.",
    .defaults = defaults,
    .filters = filters,
    .shown = shown,
    .narrow = narrow,
    .explain = explain};

static int route_add(lua_State *L)
{
  return object_change(L, &route_object, "add", NLM_F_CREATE | NLM_F_EXCL);
}

static int route_append(lua_State *L)
{
  return object_change(L, &route_object, "append", NLM_F_CREATE | NLM_F_APPEND);
}

static int route_replace(lua_State *L)
{
  return object_change(L, &route_object, "replace", NLM_F_CREATE | NLM_F_REPLACE);
}

static int route_set(lua_State *L)
{
  return object_change(L, &route_object, "set", NLM_F_REPLACE);
}

static int route_delete(lua_State *L)
{
  return object_delete(L, &route_object);
}

/* The lookup: an address, without any of the defaults of an entry. */
static const struct object lookup_object = {.module = "route",
                                            .schema = &schema_route,
                                            .key = "dst",
                                            .get = RTM_GETROUTE,
                                            .explain = explain};

static int route_get(lua_State *L)
{
  struct object_call c;
  object_open(L, &c, &lookup_object, "get");
  object_encode(&c, &lookup_object, RTM_GETROUTE, 0, false);
  struct rtmsg *m = (void *)c.enc.hdr;
  if (m->rtm_family == AF_UNSPEC)
    rt_raisef(L, &c.op, EINVAL, NULL, "The entry itself: route.list{ exact = \"default\" }[1].",
              "the address of a destination is needed");
  if (m->rtm_family == AF_INET)
    m->rtm_flags |= RTM_F_LOOKUP_TABLE; /* the table that said it; IPv6 tells without being asked */
  m->rtm_dst_len = m->rtm_family == AF_INET6 ? 128 : 32;
  return object_lookup(&c, &lookup_object);
}

static int route_list(lua_State *L)
{
  return object_list(L, &route_object);
}

static int route_each(lua_State *L)
{
  return object_each(L, &route_object);
}

static int route_flush(lua_State *L)
{
  return object_flush(L, &route_object);
}

#define DST                                                                                        \
  {                                                                                                \
    "dst", "string", "the network: \"default\", \"10.0.0.0/8\", \"fd00::/64\""                     \
  }
#define OPTIONS                                                                                    \
  {                                                                                                \
    "options", "route.Options", "via or dev, or a type that needs neither"                         \
  }
#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "route.Filter",                                                                     \
        "table (\"main\" unless given; \"all\" for all), family (\"inet\" unless given, or all "   \
        "tables are), exact, root (that and what lies in it), match (what leads there), type, "    \
        "protocol, dev, via ..."                                                                   \
  }
#define LINK_UP                                                                                    \
  "link.add(\"v0\", { up = true, veth = { peer = { name = \"v1\", up = true } } })\n"              \
  "addr.add(\"10.0.0.1/24\", { dev = \"v0\" })\n"

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = route_add,
     .doc = "Adds a route.",
     .params = {DST, OPTIONS},
     .errors = "EEXIST a route to that network exists\nENETUNREACH the gateway cannot be reached\n"
               "ENETDOWN the link is down\nENODEV there is no such link",
     .example = LINK_UP "route.add(\"default\", { via = \"10.0.0.254\" })\nprint(route.list())\n"
                        "-- into a tunnel that the route chooses\n"
                        "route.add(\"10.8.0.0/16\", { dev = \"v0\", encap = { ip = { id = 5, dst = "
                        "\"10.0.0.9\" } } })",
     .source = "ip-route(8), linux/rtnetlink.h"},
    {.name = "append",
     .fn = route_append,
     .doc = "Adds a route behind others to the same network.",
     .params = {DST, OPTIONS},
     .errors = "as for add, without EEXIST",
     .example = LINK_UP "route.append(\"10.9.0.0/16\", { via = \"10.0.0.254\", metric = 9 })",
     .source = "ip-route(8)"},
    {.name = "replace",
     .fn = route_replace,
     .doc = "Adds a route, or puts it in the place of one to the same network.",
     .params = {DST, OPTIONS},
     .errors = "as for add, without EEXIST",
     .example = LINK_UP "route.replace(\"default\", { via = \"10.0.0.254\" })",
     .source = "ip-route(8)"},
    {.name = "set",
     .fn = route_set,
     .doc = "Changes a route that exists.",
     .params = {DST, OPTIONS},
     .errors = "ENOENT there is no route to that network",
     .example = LINK_UP "route.add(\"10.9.0.0/16\", { dev = \"v0\" })\n"
                        "route.set(\"10.9.0.0/16\", { via = \"10.0.0.254\" })",
     .source = "ip-route(8)"},
    {.name = "delete",
     .fn = route_delete,
     .doc = "Removes the first route that agrees with what is given.",
     .params = {{"dst", "string|route.Record", "the network, or the record"},
                {"options?", "route.Options", "to choose among several"}},
     .errors = "ESRCH there is no such route",
     .example = LINK_UP "route.delete(\"10.0.0.0/24\")",
     .source = "ip-route(8)"},
    {.name = "get",
     .fn = route_get,
     .doc = "Asks the kernel which way a packet would take.",
     .params = {{"address", "string", "of the destination"},
                {"options?", "route.Options", "from, iif, dev, mark, tos, uid"}},
     .returns = {{"route", "route.Record?", "nil when there is no way"},
                 {"error", "nslab.Error?", "why: ENETUNREACH, EHOSTUNREACH, EACCES ..."}},
     .example = LINK_UP "assert(route.get(\"10.0.0.7\").dev == \"v0\")",
     .source = "ip-route(8)"},
    {.name = "list",
     .fn = route_list,
     .doc = "The routes of the main table, or those that the filter describes.",
     .params = {FILTER},
     .returns = {{"routes", "route.Record[]", "printing it prints what ip route shows"}},
     .errors = "EAGAIN the routes kept changing while they were read",
     .example = LINK_UP "assert(route.list{ exact = \"10.0.0.0/24\" }[1].protocol == \"kernel\")"},
    {.name = "each",
     .fn = route_each,
     .doc = "Iterates over the routes without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): route.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = "for r in route.each{ table = \"all\" } do print(r.dst, r.table) end"},
    {.name = "flush",
     .fn = route_flush,
     .doc = "Removes every route that the filter describes.",
     .params = {FILTER},
     .returns = {{"count", "integer", "how many there were"}},
     .example = LINK_UP "assert(route.flush{ dev = \"v0\" } == 1)"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {
    {"change", "set"}, {"show", "list"}, {"del", "delete"}, {NULL, NULL}};

const struct rt_module route_module = {
    .name = "route", .doc = "Routing tables.", .funcs = {funcs}, .lacks = lacks, .bound = true};
