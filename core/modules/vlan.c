/* vlan: which VLANs a port of a bridge has, and the bridge itself. Adding and deleting is one form
 * of message; what the kernel tells, and changing an option of what is there, another. */
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

static const char *text_of(struct schema_enc *e, const char *key)
{
  lua_getfield(e->L, e->t, key);
  return luaL_tolstring(e->L, -1, NULL);
}

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  bool changes = strcmp(verb, "add") == 0 || strcmp(verb, "delete") == 0;
  if (error->err == EOPNOTSUPP && !changes) {
    error->text = "no bridge here has VLANs";
    error->hint =
        "link.add(NAME, { bridge = { vlan_filtering = true } }) makes one that has, unless the "
        "kernel was built without CONFIG_BRIDGE_VLAN_FILTERING.";
  } else if (error->err == EOPNOTSUPP) {
    error->text =
        lua_pushfstring(e->L, "%s is no port of a bridge that has VLANs", text_of(e, "dev"));
    error->hint =
        "master = \"br0\" makes a link a port; of the bridge itself: self = true. A kernel "
        "without CONFIG_BRIDGE_VLAN_FILTERING has none.";
  } else if (error->err == EINVAL && schema_given(e, "tunnel_id") &&
             !(error->kernel && error->kernel[0])) {
    error->field = "tunnel_id";
    error->text = lua_pushfstring(e->L, "%s takes no tunnels", text_of(e, "dev"));
    error->hint = "It must be a port of a bridge with bridge_slave = { vlan_tunnel = true }.";
  } else if (error->err == ENOENT) {
    error->text = lua_pushfstring(e->L, "%s has no such VLAN", text_of(e, "dev"));
    error->hint = lua_pushfstring(e->L, "vlan.list{ dev = \"%s\" } shows those that it has.",
                                  text_of(e, "dev"));
  }
}

/* Changes which VLANs there are. */
static const struct object membership = {.module = "vlan",
                                         .schema = &schema_vlan_change,
                                         .told = &schema_vlan,
                                         .key = "vid",
                                         .new = RTM_SETLINK,
                                         .del = RTM_DELLINK,
                                         .put_key = put_key,
                                         .defaults = defaults,
                                         .explain = explain};

static void narrow(struct schema_enc *e, int filter)
{
  *e->hdr = AF_BRIDGE;
  object_narrow_span(e, filter, "vid");
}

/* Whether the VLANs of the message have one in common with those that were asked for. */
static bool shown(const struct nlmsghdr *nlh, lua_State *L, int filter)
{
  static const struct schema_step entry[] = {{BRIDGE_VLANDB_ENTRY, NULL}, {0, NULL}};
  struct schema_dec d;
  struct bridge_vlan_info info;
  if (!object_asked(L, filter, "vid"))
    return true;
  if (!schema_open(&d, L, &schema_vlan, mnl_nlmsg_get_payload(nlh), mnl_nlmsg_get_payload_len(nlh),
                   0))
    return false;
  const struct nlattr *a = schema_find(&d, entry, BRIDGE_VLANDB_ENTRY_INFO);
  const struct nlattr *range = schema_find(&d, entry, BRIDGE_VLANDB_ENTRY_RANGE);
  if (a == NULL || mnl_attr_get_payload_len(a) < sizeof info)
    return false;
  memcpy(&info, mnl_attr_get_payload(a), sizeof info);
  uint16_t last =
      range && mnl_attr_get_payload_len(range) >= sizeof last ? mnl_attr_get_u16(range) : info.vid;
  return object_span_asked(L, filter, "vid", info.vid, last);
}

/* Tells of them, and changes their options. */
static const struct object vlan_object = {.module = "vlan",
                                          .schema = &schema_vlan,
                                          .key = "vid",
                                          .new = RTM_NEWVLAN,
                                          .get = RTM_GETVLAN,
                                          .absent_hint = "vlan.list() shows those of %s.",
                                          .put_key = put_key,
                                          .defaults = defaults,
                                          .shown = shown,
                                          .by_kernel = "vid",
                                          .narrow = narrow,
                                          .explain = explain};

static int vlan_add(lua_State *L)
{
  return object_change(L, &membership, "add", 0);
}

static int vlan_delete(lua_State *L)
{
  return object_delete(L, &membership);
}

static int vlan_set(lua_State *L)
{
  return object_change(L, &vlan_object, "set", 0);
}

static int vlan_get(lua_State *L)
{
  return object_first(L, &vlan_object);
}

static int vlan_list(lua_State *L)
{
  return object_list(L, &vlan_object);
}

static int vlan_each(lua_State *L)
{
  return object_each(L, &vlan_object);
}

#define VID                                                                                        \
  {                                                                                                \
    "vid", "integer|string", "the number, 1 to 4094, or a range of them: \"100-200\""              \
  }
#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "vlan.Filter", "e.g. { dev = \"v0\", vid = 10 }"                                    \
  }
#define LACKS "EOPNOTSUPP the link is no port of a bridge, or the kernel's bridges have no VLANs"
/* The examples are for kernels without VLANs in bridges, too. */
#define PORT                                                                                       \
  "link.add(\"br0\", { type = \"bridge\", up = true })\n"                                          \
  "link.add(\"v0\", { master = \"br0\", up = true, veth = { peer = { name = \"v1\", up = true } "  \
  "} })\n"                                                                                         \
  "if not pcall(vlan.list) then return end -- this kernel has none\n"                              \
  "link.set(\"br0\", { bridge = { vlan_filtering = true } })\n"
#define TRUNK PORT "vlan.add(\"100-200\", { dev = \"v0\" })\n"

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = vlan_add,
     .doc =
         "Makes the port a member of the VLAN, or of each of a range. `pvid`: what comes in "
         "without "
         "a tag belongs to it; `untagged`: it leaves without one. One that is there already gets "
         "these anew. `self` is for the bridge itself. With `tunnel_id` a VLAN that is there gets "
         "its number in a vxlan.",
     .params = {VID, {"options", "vlan.Options", "dev is needed; pvid, untagged, self, tunnel_id"}},
     .errors = LACKS "\nENODEV there is no such link",
     .example = PORT "vlan.add(10, { dev = \"v0\", pvid = true, untagged = true })\n"
                     "vlan.add(\"100-200\", { dev = \"v0\" })\n"
                     "vlan.add(10, { dev = \"br0\", self = true })\n"
                     "print(vlan.list{ dev = \"v0\" })",
     .source = "bridge(8), linux/if_bridge.h"},
    {.name = "set",
     .fn = vlan_set,
     .doc = "Changes what a VLAN that is there has of its own: `state` of the spanning tree, "
            "`mcast_router`.",
     .params = {VID, {"options", "vlan.Options", "dev is needed; state, mcast_router"}},
     .errors = "ENOENT the port has no such VLAN\n" LACKS,
     .example = TRUNK "vlan.set(\"100-120\", { dev = \"v0\", state = \"blocking\" })\n"
                      "assert(vlan.get(110, { dev = \"v0\" }).state == \"blocking\")",
     .source = "bridge(8)"},
    {.name = "delete",
     .fn = vlan_delete,
     .doc =
         "Takes the port out of the VLAN, or of each of a range. With `tunnel_id` only that goes.",
     .params = {{"vid", "integer|string|vlan.Record", "the number or range, or the record"},
                {"options?", "vlan.Options", "dev is needed, unless a record was given; self"}},
     .errors = LACKS,
     .example = TRUNK "vlan.delete(\"150-200\", { dev = \"v0\" })\n"
                      "vlan.delete(vlan.get(100, { dev = \"v0\" }))",
     .source = "bridge(8)"},
    {.name = "get",
     .fn = vlan_get,
     .doc = "The record of one VLAN, or of the range that it is in.",
     .params = {VID, {"filter?", "vlan.Filter", "e.g. { dev = \"v0\" }"}},
     .returns = {{"vlan", "vlan.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = TRUNK "assert(vlan.get(150, { dev = \"v0\" }).vid == \"100-200\")"},
    {.name = "list",
     .fn = vlan_list,
     .doc =
         "The VLANs of all bridges and their ports, or those that the filter describes. Neighbours "
         "that are alike are one record: its `vid` is a range.",
     .params = {FILTER},
     .returns = {{"vlans", "vlan.Record[]", "printing it prints what bridge vlan shows"}},
     .errors = "EOPNOTSUPP the kernel's bridges have no VLANs\n"
               "EAGAIN they kept changing while they were read",
     .example = TRUNK "assert(#vlan.list{ dev = \"v0\", vid = \"100-110\" } == 1)"},
    {.name = "each",
     .fn = vlan_each,
     .doc = "Iterates over the VLANs without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): vlan.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = TRUNK "for v in vlan.each() do print(v.dev, v.vid, v.pvid) end"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {{"replace", "add"}, {"change", "set"}, {"append", "add"},
                                       {"show", "list"},   {"del", "delete"}, {NULL, NULL}};

const struct rt_module vlan_module = {
    .name = "vlan",
    .doc = "VLANs of bridges and their ports. (A link that is in a VLAN: link.add with `vlan`.)",
    .funcs = {funcs},
    .lacks = lacks,
    .bound = true};
