/* rows_neigh: neighbours, as rows. Numbers and names from linux/neighbour.h, words from
 * ip-neighbour(8). */
#include "schema/names.h"
#include <linux/neighbour.h>

static const struct schema_name nud_states[] = {
    {"none", NUD_NONE},   {"incomplete", NUD_INCOMPLETE}, {"reachable", NUD_REACHABLE},
    {"stale", NUD_STALE}, {"delay", NUD_DELAY},           {"probe", NUD_PROBE},
    {"failed", NUD_FAILED}, {"noarp", NUD_NOARP},         {"permanent", NUD_PERMANENT},
    {NULL, 0}};

#define NEIGH_BIT(key_, bit, words_, flags_, doc_)                                                 \
  {                                                                                                \
    .key = key_, SCHEMA_HEAD(ndmsg, ndm_flags), .codec = &schema_bit8,                             \
    .arg = &(const struct schema_bit){(bit), 0, false}, .words = words_, .flags = flags_,          \
    .doc = doc_                                                                                    \
  }

static const struct schema_row neigh_rows[] = {
    {.key = "family", SCHEMA_HEAD(ndmsg, ndm_family), .codec = &schema_family,
     .flags = SCHEMA_HIDDEN, .doc = "follows from the address"},
    {.key = "dst", SCHEMA_ATTR(NDA_DST), .codec = &schema_address, .words = "to",
     .doc = "the neighbour's IP address"},
    {.key = "lladdr", SCHEMA_ATTR(NDA_LLADDR), .codec = &schema_mac, .words = "l*laddr",
     .doc = "its hardware address"},
    {.key = "nud", SCHEMA_HEAD(ndmsg, ndm_state), .codec = &schema_enum16, .arg = nud_states,
     .words = "nud ~permanent|reachable|failed", .doc = "state: permanent, reachable, stale, noarp, failed ..."},
    {.key = "dev", SCHEMA_HEAD(ndmsg, ndm_ifindex), .codec = &schema_dev, .words = "dev",
     .flags = SCHEMA_REQUIRED, .doc = "the link it is on"},
    NEIGH_BIT("router", NTF_ROUTER, "router", 0, "it is a router (IPv6)"),
    NEIGH_BIT("proxy", NTF_PROXY, "p*roxy", SCHEMA_FIRST, "answer for it"),
    NEIGH_BIT("extern_learn", NTF_EXT_LEARNED, "e*xtern_learn", 0, "learned by a program"),
    {.key = "managed", SCHEMA_ATTR(NDA_FLAGS_EXT), .codec = &schema_bit32,
     .arg = &(const struct schema_bit){NTF_EXT_MANAGED, 0, false}, .words = "managed",
     .doc = "the kernel keeps it resolved"},
    NEIGH_BIT("use", NTF_USE, "use", 0, "resolve it now"),
    {.key = "protocol", SCHEMA_ATTR(NDA_PROTOCOL), .codec = &schema_enum8, .arg = schema_protocols,
     .words = "prot*ocol", .doc = "who made it"},
    {.key = "offload", SCHEMA_HEAD(ndmsg, ndm_flags), .codec = &schema_bit8,
     .arg = &(const struct schema_bit){NTF_OFFLOADED, 0, false}, .flags = SCHEMA_READONLY,
     .doc = "the hardware has it"},
    {.key = "probes", SCHEMA_ATTR(NDA_PROBES), .codec = &schema_u32, .flags = SCHEMA_READONLY,
     .doc = "how often it was asked in vain"},
    {.key = "to", SCHEMA_ATTR(NDA_DST), .off = offsetof(struct ndmsg, ndm_pad1),
     .codec = &schema_prefix, .words = "to", .flags = SCHEMA_FILTER,
     .doc = "those in this network"},
    {.key = "master", SCHEMA_ATTR(NDA_MASTER), .codec = &schema_master, .words = "master, !nomaster, vrf",
     .flags = SCHEMA_FILTER, .doc = "those on links of this bridge, bond or vrf; false: of none"},
    {.key = "unused", SCHEMA_ATTR(NDA_CACHEINFO), .codec = &schema_flag,
     .words = "unused", .flags = SCHEMA_FILTER, .doc = "those that nothing holds"},
    SCHEMA_END};
static const struct schema_name neigh_flags[] = {
    {"use", NTF_USE},     {"self", NTF_SELF},   {"master", NTF_MASTER},
    {"proxy", NTF_PROXY}, {"extern_learn", NTF_EXT_LEARNED}, {"offload", NTF_OFFLOADED},
    {"sticky", NTF_STICKY}, {"router", NTF_ROUTER}, {NULL, 0}};

static const struct schema_member neigh_members[] = {
    SCHEMA_MEMBER(ndmsg, ndm_family, schema_families, false),
    SCHEMA_MEMBER(ndmsg, ndm_pad1, NULL, false),
    SCHEMA_MEMBER(ndmsg, ndm_pad2, NULL, false),
    SCHEMA_MEMBER(ndmsg, ndm_ifindex, NULL, false),
    SCHEMA_MEMBER(ndmsg, ndm_state, nud_states, false),
    SCHEMA_MEMBER(ndmsg, ndm_flags, neigh_flags, true),
    SCHEMA_MEMBER(ndmsg, ndm_type, schema_route_types, false),
    {.name = NULL}};

static const struct schema_name neigh_attrs[] = {SCHEMA_NAME(NDA_CACHEINFO),
                                                 SCHEMA_NAME(NDA_VLAN), SCHEMA_NAME(NDA_MASTER),
                                                 {NULL, 0}};

const struct schema schema_neigh = {.name = "neigh",
                                    .doc = "A neighbour: which hardware address an IP address has.",
                                    .hdr = sizeof(struct ndmsg),
                                    .members = neigh_members,
                                    .attrs = neigh_attrs,
                                    .rows = neigh_rows};
