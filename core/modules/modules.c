/* modules: the list of what a script finds. */
#include "modules/iptables.h"
#include "modules/object.h"
#include "modules/process.h"
#include <time.h>

const struct rt_module *const modules_all[] = {
    &netns_module,    &link_module,      &addr_module,  &route_module,  &neigh_module,
    &rule_module,     &nexthop_module, &nexthop_bucket_module,   &fdb_module,   &vlan_module,   &vlan_global_module,
    &mdb_module,      &vni_module,       &qdisc_module, &class_module,  &filter_module, &chain_module,
    &socket_module,   &wireguard_module, &addrlabel_module, &fou_module,   &macsec_module, &mroute_module,
    &mpls_module,     &netconf_module,   &nsid_module,  &sysctl_module, &netlink_module,
    &iptables_module, &ip6tables_module, NULL};

/* require "nslab.core": what the Lua part of nslab needs of the C part. */
static const luaL_Reg core[] = {{"docs", rt_docs},
                                {"identify", rt_identify},
                                {"schema_of", schema_of},
                                {"observe", rt_observe},
                                {"foresee", rt_foresee},
                                {"iptables_things", iptables_things},
                                {"iptables_take_back", iptables_take_back},
                                {"schemas", schema_describe},
                                {"annotate", schema_annotate},
                                {"tc_protocol_asked", schema_tc_protocol_asked},
                                {"hidden_netns", netns_hidden},
                                {"nsid", netns_nsid},
                                {"netns_of", schema_netns_of},
                                {"error_value", rt_error_value},
                                {"in_sandbox", doctor_in_sandbox},
                                {"netlink_verdict", doctor_netlink_verdict},
                                {NULL, NULL}};

static int open_core(lua_State *L)
{
  luaL_newlib(L, core);
  return 1;
}

int64_t modules_now_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void modules_open(lua_State *L)
{
  for (const struct rt_module *const *m = modules_all; *m; m++)
    rt_register(L, *m);
  lua_getglobal(L, "netns");
  netns_push(L, netns_here());
  lua_setfield(L, -2, "host");
  lua_pop(L, 1);
  luaL_requiref(L, "nslab.core", open_core, 0);
  lua_pop(L, 1);
}
