/* rows_vlan: the VLANs of bridges and of their ports, as rows. The kernel has two forms for them. What
 * it tells, and what changes the options of one that is there, is a message of its own kind
 * (schema_vlan); bridge(8) adds and deletes by one that looks as if it were about the link
 * (schema_vlan_change). Numbers and names from linux/if_bridge.h, words from bridge(8). */
#include "schema/codec.h"
#include "schema/rows_link.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_bridge.h>
#include <linux/rtnetlink.h>
#include <string.h>

enum { VID_MAX = 4094, NLA_TYPE_MAX = 0x3fff };
static const struct schema_range vids_range = {1, VID_MAX}, tunnels = {1, (1 << 24) - 1};

/* ---- what the kernel tells ------------------------------------------------------------------- */

static const struct schema_step entry[] = {{BRIDGE_VLANDB_ENTRY, "BRIDGE_VLANDB_ENTRY"}, {0, NULL}};
static const struct schema_step tunnel_entry[] = {
    {BRIDGE_VLANDB_ENTRY, "BRIDGE_VLANDB_ENTRY"},
    {BRIDGE_VLANDB_ENTRY_TUNNEL_INFO, "BRIDGE_VLANDB_ENTRY_TUNNEL_INFO"},
    {0, NULL}};

/* How many VLANs follow the first one of the entry. */
static uint32_t more_of_entry(const struct schema_dec *d)
{
  const struct nlattr *info = schema_find(d, entry, BRIDGE_VLANDB_ENTRY_INFO);
  const struct nlattr *range = schema_find(d, entry, BRIDGE_VLANDB_ENTRY_RANGE);
  struct bridge_vlan_info v = {0, 0};
  if (info && mnl_attr_get_payload_len(info) >= sizeof v)
    memcpy(&v, mnl_attr_get_payload(info), sizeof v);
  if (range == NULL || mnl_attr_get_payload_len(range) < sizeof v.vid)
    return 0;
  uint16_t last = mnl_attr_get_u16(range);
  return last > v.vid ? (uint32_t)(last - v.vid) : 0;
}

static bool vid_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  struct bridge_vlan_info info;
  uint16_t end;
  (void)r;
  if (n == sizeof end) { /* the end of the range, by itself */
    memcpy(&end, p, sizeof end);
    lua_pushinteger(d->L, end);
  }
  if (n >= sizeof info) {
    memcpy(&info, p, sizeof info);
    codec_push_span(d->L, info.vid, info.vid + more_of_entry(d));
  }
  return n == sizeof end || n >= sizeof info;
}

/* Only options are to be changed: the VLAN is there. */
static void vid_put(struct schema_enc *e, const struct schema_row *r)
{
  struct codec_span v = codec_want_span(e, r, &vids_range);
  struct bridge_vlan_info info = {.flags = BRIDGE_VLAN_INFO_ONLY_OPTS, .vid = (uint16_t)v.first};
  uint16_t last = (uint16_t)v.last;
  schema_emit(e, r, &info, sizeof info);
  if (v.last > v.first)
    codec_emit(e, r, BRIDGE_VLANDB_ENTRY_RANGE, &last, sizeof last);
}

static bool info_bit_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                         size_t n)
{
  const struct schema_bit *b = r->arg;
  struct bridge_vlan_info info;
  if (n < sizeof info)
    return false;
  memcpy(&info, p, sizeof info);
  lua_pushboolean(d->L, (info.flags & b->mask) != 0);
  return true;
}

/* The tunnels of a range are as many, one after the other. */
static bool tunnel_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  uint32_t first;
  (void)r;
  if (n < sizeof first)
    return false;
  memcpy(&first, p, sizeof first);
  codec_push_span(d->L, first, first + more_of_entry(d));
  return true;
}

static bool self_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  uint32_t ifindex;
  (void)r;
  if (d->context == 0 || n < sizeof ifindex)
    return false;
  memcpy(&ifindex, p, sizeof ifindex);
  return schema_resolver.is_bridge && schema_resolver.is_bridge(d->L, d->context, ifindex);
}

static void refuse_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_fail(e, r, EINVAL, "vlan.add changes it: what is there already is given anew.",
              "only add and delete take this");
}

static const struct schema_codec vid_told = {
    .name = "span", .type = "integer|string", .put = vid_put, .get = vid_get};
static const struct schema_codec bit_told = {
    .name = "bit", .type = "boolean", .put = refuse_put, .get = info_bit_get};
static const struct schema_codec self_told = {
    .name = "bit", .type = "boolean", .put = refuse_put, .get = self_get};
static const struct schema_codec master_told = {.name = "bit", .type = "boolean", .put = refuse_put};
static const struct schema_codec tunnel_told = {
    .name = "span", .type = "integer|string", .put = refuse_put, .get = tunnel_get};

static const struct schema_bit pvid = {BRIDGE_VLAN_INFO_PVID, 0, false},
                               untagged = {BRIDGE_VLAN_INFO_UNTAGGED, 0, false},
                               self = {BRIDGE_FLAGS_SELF, 0, false},
                               master = {BRIDGE_FLAGS_MASTER, 0, false};

static const char dev_doc[] = "the port, or the bridge itself", vid_doc[] =
    "number of the VLAN, or a range of them: \"100-200\"",
                  pvid_doc[] = "frames that come in without a tag belong to it",
                  untagged_doc[] = "its frames go out without their tag",
                  self_doc[] = "of the bridge itself", master_doc[] =
    "of a port, in the bridge that it is in; so unless self is given",
                  tunnel_doc[] = "its number in the vxlan that the port is; of a range as many: "
                                 "\"1000-1100\"";

static const struct schema_row vlan_rows[] = {
    {.key = "dev", SCHEMA_HEAD(br_vlan_msg, ifindex), .codec = &schema_dev, .words = "dev",
     .flags = SCHEMA_REQUIRED | SCHEMA_FIRST, .doc = dev_doc},
    {.key = "vid", SCHEMA_ATTR(BRIDGE_VLANDB_ENTRY_INFO), .other = BRIDGE_VLANDB_ENTRY_RANGE,
     .in = entry, .codec = &vid_told, .arg = &vids_range, .words = "vid",
     .flags = SCHEMA_REQUIRED, .doc = vid_doc},
    {.key = "pvid", SCHEMA_ATTR(BRIDGE_VLANDB_ENTRY_INFO), .in = entry, .codec = &bit_told,
     .arg = &pvid, .words = "pvid", .doc = pvid_doc},
    {.key = "untagged", SCHEMA_ATTR(BRIDGE_VLANDB_ENTRY_INFO), .in = entry, .codec = &bit_told,
     .arg = &untagged, .words = "untagged", .doc = untagged_doc},
    {.key = "state", SCHEMA_ATTR(BRIDGE_VLANDB_ENTRY_STATE), .in = entry, .codec = &schema_enum8,
     .arg = schema_port_states, .words = "state", .flags = SCHEMA_OWN,
     .doc = "of the spanning tree there: disabled, listening, learning, forwarding, blocking; set changes it"},
    {.key = "mcast_router", SCHEMA_ATTR(BRIDGE_VLANDB_ENTRY_MCAST_ROUTER), .in = entry,
     .codec = &schema_u8, .words = "mcast_router", .flags = SCHEMA_OWN,
     .doc = "a multicast router is there: 0 never, 1 learned, 2 always; set changes it"},
    {.key = "tunnel_id", SCHEMA_ATTR(BRIDGE_VLANDB_TINFO_ID), .in = tunnel_entry,
     .codec = &tunnel_told, .words = "tunnel_info =id",
     .flags = SCHEMA_OWN, .doc = tunnel_doc},
    {.key = "self", SCHEMA_HEAD(br_vlan_msg, ifindex), .codec = &self_told, .words = "self",
     .doc = self_doc},
    {.key = "master", SCHEMA_HEAD(br_vlan_msg, ifindex), .codec = &master_told, .words = "master",
     .doc = master_doc},
    SCHEMA_END};

/* A message about a port has an entry for each of its VLANs, or for each range of equal ones. */
static bool split_vlans(struct schema_split *s)
{
  const char *hdr = mnl_nlmsg_get_payload(s->msg);
  size_t skip = SCHEMA_ALIGN(sizeof(struct br_vlan_msg));
  s->outer = schema_next_attr(hdr + skip, mnl_nlmsg_get_payload_len(s->msg) - skip, s->outer,
                              BRIDGE_VLANDB_ENTRY);
  return s->outer && schema_part_begin(s, hdr, sizeof(struct br_vlan_msg)) &&
         schema_part_put(s, BRIDGE_VLANDB_ENTRY, mnl_attr_get_payload(s->outer),
                         mnl_attr_get_payload_len(s->outer));
}

static const struct schema_member vlan_members[] = {
    SCHEMA_MEMBER(br_vlan_msg, family, schema_families, false),
    SCHEMA_MEMBER(br_vlan_msg, reserved1, NULL, false),
    SCHEMA_MEMBER(br_vlan_msg, reserved2, NULL, false),
    SCHEMA_MEMBER(br_vlan_msg, ifindex, NULL, false),
    {.name = NULL}};
static const struct schema_name vlan_attrs[] = {SCHEMA_NAME(BRIDGE_VLANDB_ENTRY_RANGE), {NULL, 0}};

const struct schema schema_vlan = {.name = "vlan",
                                   .doc = "A VLAN of a port of a bridge, or of the bridge itself.",
                                   .hdr = sizeof(struct br_vlan_msg),
                                   .members = vlan_members,
                                   .attrs = vlan_attrs,
                                   .split = split_vlans,
                                   .rows = vlan_rows};

/* ---- what adds and deletes ------------------------------------------------------------------- */

static const struct schema_step af_spec[] = {{IFLA_AF_SPEC, "IFLA_AF_SPEC"}, {0, NULL}};

/* Whether that option is true. */
static bool is_true(struct schema_enc *e, const char *key)
{
  lua_getfield(e->L, e->t, key);
  bool is = lua_toboolean(e->L, -1);
  lua_pop(e->L, 1);
  return is;
}

/* self and master are two bits of one attribute, which the first of them that is true puts. */
static void whose_put(struct schema_enc *e, const struct schema_row *r)
{
  bool first = strcmp(r->key, "self") == 0 || !is_true(e, "self");
  if (!codec_bool(e, r) || !first)
    return;
  uint16_t flags = (uint16_t)((is_true(e, "self") ? BRIDGE_FLAGS_SELF : 0) |
                              (is_true(e, "master") ? BRIDGE_FLAGS_MASTER : 0));
  codec_emit(e, r, IFLA_BRIDGE_FLAGS, &flags, sizeof flags); /* whose number is 0 */
}

static bool whose_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  const struct schema_bit *b = r->arg;
  uint16_t v;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  lua_pushboolean(d->L, (v & b->mask) != 0);
  return true;
}

/* The bit is put with the number. */
static void info_bit_put(struct schema_enc *e, const struct schema_row *r)
{
  (void)codec_bool(e, r);
}

static void put_info(struct schema_enc *e, const struct schema_row *r, uint32_t vid, unsigned flags)
{
  struct bridge_vlan_info info = {.flags = (uint16_t)flags, .vid = (uint16_t)vid};
  schema_emit(e, r, &info, sizeof info);
}

/* With a tunnel the VLAN is there already, and the tunnel's row names it. */
static void vids_put(struct schema_enc *e, const struct schema_row *r)
{
  struct codec_span v = codec_want_span(e, r, &vids_range);
  unsigned flags = (is_true(e, "pvid") ? BRIDGE_VLAN_INFO_PVID : 0U) |
                   (is_true(e, "untagged") ? BRIDGE_VLAN_INFO_UNTAGGED : 0U);
  if (schema_given(e, "tunnel_id"))
    return;
  if (v.first < v.last && (flags & BRIDGE_VLAN_INFO_PVID))
    schema_fail(e, schema_row_of(e->schema, "pvid"), EINVAL, NULL,
                "frames without a tag belong to one VLAN, not to a range");
  if (v.first == v.last) {
    put_info(e, r, v.first, flags);
    return;
  }
  put_info(e, r, v.first, flags | BRIDGE_VLAN_INFO_RANGE_BEGIN);
  put_info(e, r, v.last, flags | BRIDGE_VLAN_INFO_RANGE_END);
}

static bool vids_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  struct bridge_vlan_info info;
  (void)r;
  if (n < sizeof info)
    return false;
  memcpy(&info, p, sizeof info);
  lua_pushinteger(d->L, info.vid);
  return true;
}

static void put_tunnel(struct schema_enc *e, const struct schema_row *r, uint32_t id, uint32_t vid,
                       uint16_t flags)
{
  uint16_t vid16 = (uint16_t)vid;
  struct nlattr *nest =
      mnl_attr_nest_start_check(e->nlh, sizeof e->buf->msg, IFLA_BRIDGE_VLAN_TUNNEL_INFO);
  if (nest == NULL)
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
  codec_emit(e, r, IFLA_BRIDGE_VLAN_TUNNEL_ID, &id, sizeof id);
  codec_emit(e, r, IFLA_BRIDGE_VLAN_TUNNEL_VID, &vid16, sizeof vid16);
  codec_emit(e, r, IFLA_BRIDGE_VLAN_TUNNEL_FLAGS, &flags, sizeof flags);
  mnl_attr_nest_end(e->nlh, nest);
}

static void tunnel_put(struct schema_enc *e, const struct schema_row *r)
{
  struct codec_span id = codec_want_span(e, r, &tunnels);
  lua_getfield(e->L, e->t, "vid");
  struct codec_span v = codec_want_span(e, schema_row_of(e->schema, "vid"), &vids_range);
  lua_pop(e->L, 1);
  if (id.first == id.last) /* the first of as many */
    id.last = id.first + (v.last - v.first);
  if (id.last - id.first != v.last - v.first)
    schema_fail(e, r, EINVAL, NULL, "there must be as many tunnels as VLANs: %d, not %d",
                (int)(v.last - v.first + 1), (int)(id.last - id.first + 1));
  if (v.first == v.last) {
    put_tunnel(e, r, id.first, v.first, 0);
    return;
  }
  put_tunnel(e, r, id.first, v.first, BRIDGE_VLAN_INFO_RANGE_BEGIN);
  put_tunnel(e, r, id.last, v.last, BRIDGE_VLAN_INFO_RANGE_END);
}

/* Rows that only `set` has are known here for the sake of the complaint. */
static void later_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_fail(e, r, EINVAL, "vlan.set takes it, when the VLAN is there.", "add and delete do not take this");
}

static const struct schema_codec later = {.name = "u8", .type = "any", .put = later_put};
static const struct schema_codec whose = {
    .name = "bit", .type = "boolean", .put = whose_put, .get = whose_get};
static const struct schema_codec info_bit = {
    .name = "bit", .type = "boolean", .put = info_bit_put, .get = info_bit_get};
static const struct schema_codec vids = {
    .name = "span", .type = "integer|string", .put = vids_put, .get = vids_get};
const struct schema_codec schema_vlan_tunnel = {
    .name = "span", .type = "integer|string", .put = tunnel_put};

static const struct schema_row tunnel_rows[] = {
    ROW_READ("id", IFLA_BRIDGE_VLAN_TUNNEL_ID, schema_u32, "number in the vxlan"),
    ROW_READ("vid", IFLA_BRIDGE_VLAN_TUNNEL_VID, schema_u16, "number of the VLAN"),
    ROW_READ("flags", IFLA_BRIDGE_VLAN_TUNNEL_FLAGS, schema_u16, "where a range begins and ends"),
    SCHEMA_END};
static const struct schema tunnel_info = {.name = "vlan.tunnel_info", .rows = tunnel_rows};

static const struct schema_row change_rows[] = {
    {.key = "dev", SCHEMA_HEAD(ifinfomsg, ifi_index), .codec = &schema_dev, .flags = SCHEMA_REQUIRED,
     .doc = dev_doc},
    {.key = "self", SCHEMA_ATTR(IFLA_BRIDGE_FLAGS), .in = af_spec, .codec = &whose, .arg = &self,
     .doc = self_doc},
    {.key = "master", SCHEMA_ATTR(IFLA_BRIDGE_FLAGS), .in = af_spec, .codec = &whose,
     .arg = &master, .doc = master_doc},
    {.key = "vid", SCHEMA_ATTR(IFLA_BRIDGE_VLAN_INFO), .in = af_spec, .codec = &vids,
     .flags = SCHEMA_REQUIRED, .doc = vid_doc},
    {.key = "pvid", SCHEMA_ATTR(IFLA_BRIDGE_VLAN_INFO), .in = af_spec, .codec = &info_bit,
     .arg = &pvid, .doc = pvid_doc},
    {.key = "untagged", SCHEMA_ATTR(IFLA_BRIDGE_VLAN_INFO), .in = af_spec, .codec = &info_bit,
     .arg = &untagged, .doc = untagged_doc},
    {.key = "state", .attr = NLA_TYPE_MAX, .sym = "state", .codec = &later, .doc = "see vlan.set"},
    {.key = "mcast_router", .attr = NLA_TYPE_MAX, .sym = "mcast_router", .codec = &later,
     .doc = "see vlan.set"},
    {.key = "tunnel_id", SCHEMA_ATTR(IFLA_BRIDGE_VLAN_TUNNEL_INFO), .in = af_spec, .codec = &schema_vlan_tunnel,
     .arg = &tunnel_info, .doc = tunnel_doc},
    SCHEMA_END};

static const struct schema_member change_members[] = {
    SCHEMA_MEMBER(ifinfomsg, ifi_family, schema_families, false),
    SCHEMA_MEMBER(ifinfomsg, ifi_type, NULL, false),
    SCHEMA_MEMBER(ifinfomsg, ifi_index, NULL, false),
    SCHEMA_MEMBER(ifinfomsg, ifi_flags, NULL, false),
    SCHEMA_MEMBER(ifinfomsg, ifi_change, NULL, false),
    {.name = NULL}};

static const struct schema_name change_attrs[] = {SCHEMA_NAME(IFLA_PROTINFO), {NULL, 0}};

/* Complaints name it as the other. */
const struct schema schema_vlan_change = {.name = "vlan",
                                          .hdr = sizeof(struct ifinfomsg),
                                          .members = change_members,
                                          .attrs = change_attrs,
                                          .rows = change_rows};
