/* rows_bridge: what a bridge knows, as rows: which address is behind which port (and, with a vxlan,
 * behind which machine). Numbers and names from linux/neighbour.h, words from bridge(8). */
#include "schema/names.h"
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <string.h>
#include <sys/socket.h>

/* ---- the state of an entry ------------------------------------------------------------------- */

/* What is asked for has more bits than what is told. */
static const struct schema_name states[] = {{"permanent", NUD_PERMANENT | NUD_NOARP},
                                            {"local", NUD_PERMANENT | NUD_NOARP},
                                            {"static", NUD_NOARP | NUD_REACHABLE},
                                            {"temp", NUD_NOARP | NUD_REACHABLE},
                                            {"dynamic", NUD_REACHABLE},
                                            {"stale", NUD_STALE},
                                            {NULL, 0}};

static void state_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_enum16.put(e, r);
}

static bool state_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  static const struct schema_name told[] = {{"permanent", NUD_PERMANENT},
                                            {"static", NUD_NOARP},
                                            {"stale", NUD_STALE},
                                            {"dynamic", NUD_REACHABLE},
                                            {NULL, 0}};
  uint16_t v;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  for (const struct schema_name *name = told; name->name; name++)
    if (v & name->value) {
      lua_pushstring(d->L, name->name);
      return true;
    }
  return schema_u16.get(d, r, p, n);
}

const struct schema_codec schema_fdb_state = {
    .name = "enum", .type = "string|integer", .put = state_put, .get = state_get, .plain = true};

/* ---- whose table it is in -------------------------------------------------------------------- */

/* Asked for with a bit. Of an entry in a bridge's table the kernel tells the bridge instead: it is
 * the bridge's own, or that of a port. */
static void whose_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_bit8.put(e, r);
}

static bool whose_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  const struct ndmsg *m = (const void *)d->hdr;
  const struct schema_bit *b = r->arg;
  const struct nlattr *a = schema_find(d, NULL, NDA_MASTER);
  if (a == NULL || mnl_attr_get_payload_len(a) < sizeof(uint32_t) || m->ndm_flags & NTF_SELF)
    return schema_bit8.get(d, r, p, n);
  bool own = mnl_attr_get_u32(a) == (uint32_t)m->ndm_ifindex;
  lua_pushboolean(d->L, own == (b->mask == NTF_SELF));
  return true;
}

static const struct schema_codec fdb_whose = {
    .name = "bit", .type = "boolean", .put = whose_put, .get = whose_get, .plain = true};

/* ---- entries --------------------------------------------------------------------------------- */

#define FDB_BIT(key_, bit, words_, flags_, doc_)                                                   \
  {                                                                                                \
    .key = key_, SCHEMA_HEAD(ndmsg, ndm_flags), .codec = &schema_bit8,                             \
    .arg = &(const struct schema_bit){(bit), 0, false}, .words = words_, .flags = flags_,          \
    .doc = doc_                                                                                    \
  }

static const struct schema_range vids = {1, 4094};
static const struct schema_range vnis = {0, (1 << 24) - 1};

static const struct schema_row fdb_rows[] = {
    {.key = "lladdr", SCHEMA_ATTR(NDA_LLADDR), .codec = &schema_mac, .words = "to",
     .doc = "the hardware address; of a vxlan all zeroes: any"},
    {.key = "dev", SCHEMA_HEAD(ndmsg, ndm_ifindex), .codec = &schema_dev, .words = "dev",
     .flags = SCHEMA_REQUIRED, .doc = "the port it is behind, or the bridge or vxlan itself"},
    {.key = "dst", SCHEMA_ATTR(NDA_DST), .codec = &schema_host, .words = "dst",
     .doc = "the machine it is behind (vxlan)"},
    {.key = "vlan", SCHEMA_ATTR(NDA_VLAN), .codec = &schema_u16, .arg = &vids, .words = "v*lan",
     .doc = "number of the VLAN in which it is"},
    {.key = "port", SCHEMA_ATTR(NDA_PORT), .codec = &schema_port, .words = "port",
     .doc = "UDP port of that machine (vxlan)"},
    {.key = "vni", SCHEMA_ATTR(NDA_VNI), .codec = &schema_u32, .arg = &vnis, .words = "vni",
     .doc = "network identifier to send with (vxlan)"},
    {.key = "src_vni", SCHEMA_ATTR(NDA_SRC_VNI), .codec = &schema_u32, .arg = &vnis,
     .words = "src_vni", .doc = "network identifier it is in (vxlan with external)"},
    {.key = "via", SCHEMA_ATTR(NDA_IFINDEX), .codec = &schema_dev, .words = "via",
     .doc = "the link to reach that machine through (vxlan)"},
    {.key = "nhid", SCHEMA_ATTR(NDA_NH_ID), .codec = &schema_u32, .words = "nhid",
     .doc = "number of the nexthop group of machines it is behind (vxlan)"},
    {.key = "self", SCHEMA_HEAD(ndmsg, ndm_flags), .codec = &fdb_whose,
     .arg = &(const struct schema_bit){NTF_SELF, 0, false}, .words = "self",
     .doc = "in the table of the link itself; so unless master is given"},
    {.key = "master", SCHEMA_HEAD(ndmsg, ndm_flags), .codec = &fdb_whose,
     .arg = &(const struct schema_bit){NTF_MASTER, 0, false}, .words = "m*aster",
     .doc = "in the table of the bridge that the link is in"},
    FDB_BIT("router", NTF_ROUTER, "r*outer", 0, "it is a router (vxlan)"),
    FDB_BIT("extern_learn", NTF_EXT_LEARNED, "e*xtern_learn", 0, "learned by a program"),
    FDB_BIT("sticky", NTF_STICKY, "sticky", 0, "it stays behind its port"),
    FDB_BIT("use", NTF_USE, "u*se", 0, "refresh it, as if a frame had come"),
    {.key = "state", SCHEMA_HEAD(ndmsg, ndm_state), .codec = &schema_fdb_state, .arg = states,
     .words = "[state]",
     .doc = "permanent (or local): an address of the machine itself; static (or temp): entered by "
            "hand; dynamic: forgotten after a while"},
    {.key = "bridge", SCHEMA_ATTR(NDA_MASTER), .codec = &schema_dev, .flags = SCHEMA_READONLY,
     .doc = "the bridge whose table it is in; in a filter: what a bridge and its ports have"},
    {.key = "offload", SCHEMA_HEAD(ndmsg, ndm_flags), .codec = &schema_bit8,
     .arg = &(const struct schema_bit){NTF_OFFLOADED, 0, false}, .flags = SCHEMA_READONLY,
     .doc = "the hardware has it"},
    SCHEMA_END};

static const struct schema_name fdb_flags[] = {
    {"use", NTF_USE},           {"self", NTF_SELF},       {"master", NTF_MASTER},
    {"extern_learn", NTF_EXT_LEARNED}, {"offload", NTF_OFFLOADED}, {"sticky", NTF_STICKY},
    {"router", NTF_ROUTER},     {NULL, 0}};
static const struct schema_name fdb_states[] = {
    {"reachable", NUD_REACHABLE}, {"stale", NUD_STALE}, {"noarp", NUD_NOARP},
    {"permanent", NUD_PERMANENT}, {NULL, 0}};

static const struct schema_member fdb_members[] = {
    SCHEMA_MEMBER(ndmsg, ndm_family, schema_families, false),
    SCHEMA_MEMBER(ndmsg, ndm_pad1, NULL, false),
    SCHEMA_MEMBER(ndmsg, ndm_pad2, NULL, false),
    SCHEMA_MEMBER(ndmsg, ndm_ifindex, NULL, false),
    SCHEMA_MEMBER(ndmsg, ndm_state, fdb_states, true),
    SCHEMA_MEMBER(ndmsg, ndm_flags, fdb_flags, true),
    SCHEMA_MEMBER(ndmsg, ndm_type, NULL, false),
    {.name = NULL}};

static const struct schema_name fdb_attrs[] = {SCHEMA_NAME(NDA_CACHEINFO),
                                               SCHEMA_NAME(NDA_LINK_NETNSID),
                                               SCHEMA_NAME(NDA_FLAGS_EXT),
                                               SCHEMA_NAME(NDA_FDB_EXT_ATTRS),
                                               {NULL, 0}};

const struct schema schema_fdb = {.name = "fdb",
                                  .doc = "Which hardware address is behind which port of a bridge.",
                                  .hdr = sizeof(struct ndmsg),
                                  .members = fdb_members,
                                  .attrs = fdb_attrs,
                                  .rows = fdb_rows};
