/* vlan_global: what a VLAN of a bridge has for all of its ports together. They are there when the
 * VLAN is (vlan.add), and only changed. */
#include "modules/object.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_bridge.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static void defaults(struct schema_enc *e, const char *verb)
{
  (void)verb;
  *e->hdr = AF_BRIDGE;
}

static void put_key(struct object_call *c, const char *verb)
{
  (void)verb;
  object_key_among_options(c, "vid");
}

/* Without the flag the kernel tells of the ports. */
static void narrow(struct schema_enc *e, int filter)
{
  *e->hdr = AF_BRIDGE;
  object_narrow_span(e, filter, "vid");
  mnl_attr_put_u32(e->nlh, BRIDGE_VLANDB_DUMP_FLAGS, BRIDGE_VLANDB_DUMPF_GLOBAL);
}

static bool shown(const struct nlmsghdr *nlh, lua_State *L, int filter)
{
  uint32_t first, last;
  schema_vlan_global_span(nlh, L, &first, &last);
  return object_span_asked(L, filter, "vid", first, last);
}

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  (void)e, (void)verb;
  if (error->err == EOPNOTSUPP) {
    error->text = "no bridge here has VLANs";
    error->hint = "link.add(NAME, { bridge = { vlan_filtering = true } }) makes one that has, "
                  "unless the kernel was built without CONFIG_BRIDGE_VLAN_FILTERING.";
  } else if (error->err == ENOENT) {
    error->text = "the bridge itself has no such VLAN";
    error->hint = "vlan.add(VID, { dev = BRIDGE, self = true }) makes it a member.";
  } else if (error->err == EINVAL && error->kernel == NULL) {
    error->hint = "dev is the bridge, not one of its ports.";
  }
}

static const struct object global_object = {.module = "vlan_global",
                                            .schema = &schema_vlan_global,
                                            .key = "vid",
                                            .new = RTM_NEWVLAN,
                                            .get = RTM_GETVLAN,
                                            .absent_hint = "vlan_global.list() shows those of %s.",
                                            .put_key = put_key,
                                            .defaults = defaults,
                                            .shown = shown,
                                            .by_kernel = "vid",
                                            .narrow = narrow,
                                            .explain = explain};

static int vlan_global_set(lua_State *L)
{
  return object_change(L, &global_object, "set", 0);
}

static int vlan_global_get(lua_State *L)
{
  return object_first(L, &global_object);
}

static int vlan_global_list(lua_State *L)
{
  return object_list(L, &global_object);
}

static int vlan_global_each(lua_State *L)
{
  return object_each(L, &global_object);
}

#define VID                                                                                        \
  {                                                                                                \
    "vid", "integer|string", "the number, 1 to 4094, or a range of them: \"100-200\""              \
  }
#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "vlan_global.Filter", "e.g. { dev = \"br0\", vid = 10 }"                            \
  }
#define LACKS "EOPNOTSUPP the link is no bridge, or the kernel's bridges have no VLANs"
/* The examples are for kernels without VLANs in bridges, too. */
#define BRIDGE                                                                                     \
  "link.add(\"br0\", { type = \"bridge\", up = true })\n"                                          \
  "if not pcall(vlan.list) then return end -- this kernel has none\n"                              \
  "link.set(\"br0\", { bridge = { vlan_filtering = true, mcast_vlan_snooping = true } })\n"        \
  "vlan.add(\"10-20\", { dev = \"br0\", self = true })\n"

static const struct rt_func funcs[] = {
    {.name = "set",
     .fn = vlan_global_set,
     .doc = "Changes what a VLAN of a bridge has for all of its ports: whether there is multicast "
            "snooping in it, a querier, its timers.",
     .params = {VID, {"options", "vlan_global.Options", "dev, the bridge, is needed"}},
     .errors = "ENOENT the bridge itself has no such VLAN\n" LACKS,
     .example = BRIDGE "vlan_global.set(\"10-12\", { dev = \"br0\", mcast_querier = true })\n"
                       "assert(vlan_global.get(11, { dev = \"br0\" }).mcast_querier)",
     .source = "bridge(8), linux/if_bridge.h"},
    {.name = "get",
     .fn = vlan_global_get,
     .doc = "The record of one VLAN, or of the range that it is in.",
     .params = {VID, FILTER},
     .returns = {{"vlan", "vlan_global.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = BRIDGE "assert(vlan_global.get(15, { dev = \"br0\" }).mcast_snooping)"},
    {.name = "list",
     .fn = vlan_global_list,
     .doc = "What the VLANs of all bridges have, or those that the filter describes. Neighbours "
            "that are alike are one record: its `vid` is a range.",
     .params = {FILTER},
     .returns = {{"vlans", "vlan_global.Record[]",
                  "printing it prints what bridge vlan global shows"}},
     .errors = "EOPNOTSUPP the kernel's bridges have no VLANs\n"
               "EAGAIN they kept changing while they were read",
     .example = BRIDGE "print(vlan_global.list{ dev = \"br0\" })"},
    {.name = "each",
     .fn = vlan_global_each,
     .doc = "Iterates over them without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): vlan_global.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = BRIDGE "for v in vlan_global.each() do print(v.dev, v.vid, v.mcast_querier) end"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {
    {"replace", "set"}, {"change", "set"}, {"show", "list"}, {NULL, NULL}};

const struct rt_module vlan_global_module = {
    .name = "vlan_global",
    .doc = "What the VLANs of a bridge have for all of its ports: bridge vlan global.",
    .funcs = {funcs},
    .lacks = lacks,
    .bound = true};
