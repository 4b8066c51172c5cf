/* mroute: multicast routes. A daemon such as pimd or smcrouted makes them; here they are read. */
#include "modules/object.h"
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

/* As ip(8): IPv4 unless IPv6 is asked for. */
static void narrow(struct schema_enc *e, int filter)
{
  *e->family = object_asks(e->L, filter, "family", "inet6") ? RTNL_FAMILY_IP6MR : RTNL_FAMILY_IPMR;
}

/* The table "default", unless another one is asked for; IPv6 has only that one's number of another
 * name. */
static bool shown(const struct nlmsghdr *nlh, lua_State *L, int filter)
{
  const struct rtmsg *m = mnl_nlmsg_get_payload(nlh);
  const struct nlattr *a = object_attr(nlh, sizeof *m, RTA_TABLE, sizeof(uint32_t));
  if (mnl_nlmsg_get_payload_len(nlh) < sizeof *m)
    return false;
  if (m->rtm_family == RTNL_FAMILY_IP6MR || object_asked(L, filter, "table"))
    return true;
  return a == NULL || mnl_attr_get_u32(a) == RT_TABLE_DEFAULT;
}

static const struct object mroute_object = {.module = "mroute",
                                            .schema = &schema_mroute,
                                            .get = RTM_GETROUTE,
                                            .shown = shown,
                                            .narrow = narrow};

static int mroute_list(lua_State *L)
{
  return object_list(L, &mroute_object);
}

static int mroute_each(lua_State *L)
{
  return object_each(L, &mroute_object);
}

#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "mroute.Filter", "e.g. { family = \"inet6\" }, { group = \"239.1.1.1\" }"           \
  }

static const struct rt_func funcs[] = {
    {.name = "list",
     .fn = mroute_list,
     .doc = "All multicast routes, or those that the filter describes.",
     .params = {FILTER},
     .returns = {{"mroutes", "mroute.Record[]", "printing it prints what ip mroute shows"}},
     .example = "for _, m in ipairs(mroute.list()) do print(m.group, m.from, #m.oifs) end",
     .source = "ip-mroute(8)"},
    {.name = "each",
     .fn = mroute_each,
     .doc = "Iterates over them without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): mroute.Record", "for a generic for"}},
     .example = "for m in mroute.each{ family = \"inet6\" } do print(m.group) end"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {{"show", "list"}, {NULL, NULL}};

const struct rt_module mroute_module = {
    .name = "mroute",
    .doc =
        "Multicast routes. A daemon makes them (pimd, smcrouted ...), so they are only read here.",
    .funcs = {funcs},
    .lacks = lacks,
    .bound = true};
