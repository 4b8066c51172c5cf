/* rows_link_kinds: links on top of other links, as rows: VLANs, vxlan and geneve, macvlan, ipvlan,
 * VRF, tun. Words from ip-link(8). */
#include "schema/rows_link.h"
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/if_vlan.h>
#include <netinet/in.h>

/* ---- VLAN ------------------------------------------------------------------------------------ */

#define VLAN_BIT(bit)                                                                              \
  &(const struct schema_bit)                                                                       \
  {                                                                                                \
    (bit), 0, false                                                                                \
  }

static const struct schema_range vlan_ids = {0, 4094};

static const struct schema_row vlan_rows[] = {
    {.key = "id",
     SCHEMA_ATTR(IFLA_VLAN_ID),
     .codec = &schema_u16,
     .arg = &vlan_ids,
     .words = "id",
     .flags = SCHEMA_REQUIRED,
     .doc = "number of the VLAN, 0 to 4094"},
    ROW_ARG("protocol", "protocol, proto", IFLA_VLAN_PROTOCOL, schema_enum16, schema_vlan_protocols,
            "802.1Q (the default) or 802.1ad"),
    ROW_ARG("reorder_hdr", "reorder_hdr on|off", IFLA_VLAN_FLAGS, schema_masked,
            VLAN_BIT(VLAN_FLAG_REORDER_HDR), "frames look like those without a tag"),
    ROW_ARG("gvrp", "gvrp on|off", IFLA_VLAN_FLAGS, schema_masked, VLAN_BIT(VLAN_FLAG_GVRP),
            "registers itself with GVRP"),
    ROW_ARG("loose_binding", "loose_binding on|off", IFLA_VLAN_FLAGS, schema_masked,
            VLAN_BIT(VLAN_FLAG_LOOSE_BINDING), "stays up when the link below goes down"),
    ROW_ARG("mvrp", "mvrp on|off", IFLA_VLAN_FLAGS, schema_masked, VLAN_BIT(VLAN_FLAG_MVRP),
            "registers itself with MVRP"),
    ROW_ARG("bridge_binding", "bridge_binding on|off", IFLA_VLAN_FLAGS, schema_masked,
            VLAN_BIT(VLAN_FLAG_BRIDGE_BINDING), "has a carrier when a port of the VLAN has one"),
    ROW("egress_qos_map", "egress-qos-map", IFLA_VLAN_EGRESS_QOS, schema_qos,
        "priority of a packet to that of its frame: { [from] = to }"),
    ROW("ingress_qos_map", "ingress-qos-map", IFLA_VLAN_INGRESS_QOS, schema_qos,
        "priority of a frame to that of its packet: { [from] = to }"),
    SCHEMA_END};
const struct schema schema_link_vlan = {
    .name = "link.vlan",
    .doc = "One VLAN of the link `link`.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "link.add(\"v0.10\", { link = \"v0\", vlan = { id = 10 } })",
    .rows = vlan_rows};

/* ---- vxlan ----------------------------------------------------------------------------------- */

static const struct schema_range vnis = {0, (1 << 24) - 1};
static const bool as_flag = true; /* "inherit" is an attribute without a value */
static const struct schema_name inherited[] = {{"inherit", 1}, {NULL, 0}};
static const struct schema_name dont_fragment[] = {
    {"unset", 0}, {"set", 1}, {"inherit", 2}, {NULL, 0}};

static const struct schema_row vxlan_rows[] = {
    ROW_ARG("id", "id, vni", IFLA_VXLAN_ID, schema_u32, &vnis,
            "number of the network (VNI), 0 to 16777215"),
    ROW_OTHER("group", "group", IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6, schema_inet, (&(const struct schema_inet){0, SCHEMA_GROUP}),
            "multicast address of the network"),
    ROW_OTHER("remote", "remote", IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6, schema_inet, (&(const struct schema_inet){0, SCHEMA_HOST}),
            "the one host at the other end"),
    ROW_OTHER("local_address", "local", IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6, schema_inet, (&(const struct schema_inet){0, SCHEMA_HOST}), "own address"),
    ROW("dev", "dev", IFLA_VXLAN_LINK, schema_dev, "link to send over"),
    ROW_OTHER("ttl", "ttl, hoplimit", IFLA_VXLAN_TTL, IFLA_VXLAN_TTL_INHERIT, schema_ttl, &as_flag,
            "time to live, \"auto\", or \"inherit\" for that of the packet inside"),
    ROW_ARG("tos", "tos 0x, dsfield 0x", IFLA_VXLAN_TOS, schema_enum8, inherited,
            "type of service, or \"inherit\""),
    ROW_ARG("df", "df", IFLA_VXLAN_DF, schema_enum8, dont_fragment,
            "do not fragment: unset, set, inherit"),
    ROW("flowlabel", "flowlabel 0x, label 0x", IFLA_VXLAN_LABEL, schema_be32, "flow label of IPv6"),
    ROW("ageing", "ageing", IFLA_VXLAN_AGEING, schema_u32,
        "how long a learned address is kept, in s"),
    ROW("maxaddress", "maxaddress", IFLA_VXLAN_LIMIT, schema_u32, "most addresses, 0: any number"),
    ROW("dstport", "dstport", IFLA_VXLAN_PORT, schema_port,
        "UDP port at the other end; without it the kernel takes 8472, the standard has 4789"),
    ROW("srcport", "srcport", IFLA_VXLAN_PORT_RANGE, schema_ports,
        "own UDP ports: { lowest, highest }"),
    ROW("learning", "learning|nolearning", IFLA_VXLAN_LEARNING, schema_learning,
        "learns who is where; an external one does not unless it is said"),
    ROW("proxy", "proxy|noproxy", IFLA_VXLAN_PROXY, schema_bool8, "answers ARP itself"),
    ROW("rsc", "rsc|norsc", IFLA_VXLAN_RSC, schema_bool8, "route short circuit"),
    ROW("l2miss", "l2miss|nol2miss", IFLA_VXLAN_L2MISS, schema_bool8,
        "reports unknown hardware addresses"),
    ROW("l3miss", "l3miss|nol3miss", IFLA_VXLAN_L3MISS, schema_bool8,
        "reports unknown IP addresses"),
    ROW("udpcsum", "udpcsum|noudpcsum", IFLA_VXLAN_UDP_CSUM, schema_bool8, "checksums over IPv4"),
    ROW("udp6zerocsumtx", "udp6zerocsumtx|noudp6zerocsumtx", IFLA_VXLAN_UDP_ZERO_CSUM6_TX,
        schema_bool8, "no checksums over IPv6"),
    ROW("udp6zerocsumrx", "udp6zerocsumrx|noudp6zerocsumrx", IFLA_VXLAN_UDP_ZERO_CSUM6_RX,
        schema_bool8, "takes packets without a checksum over IPv6"),
    ROW("remcsumtx", "remcsumtx|noremcsumtx", IFLA_VXLAN_REMCSUM_TX, schema_bool8,
        "sends remote checksums"),
    ROW("remcsumrx", "remcsumrx|noremcsumrx", IFLA_VXLAN_REMCSUM_RX, schema_bool8,
        "takes remote checksums"),
    ROW("external", "external|noexternal", IFLA_VXLAN_COLLECT_METADATA, schema_bool8,
        "where frames go is said from outside: by routes, filters or a bridge"),
    ROW("vnifilter", "vnifilter|novnifilter", IFLA_VXLAN_VNIFILTER, schema_bool8,
        "external, and only the networks of a list, which vni.add fills"),
    ROW("gbp", "gbp", IFLA_VXLAN_GBP, schema_flag, "group policy"),
    ROW("gpe", "gpe", IFLA_VXLAN_GPE, schema_flag, "packets instead of frames (external only)"),
    ROW_HIDDEN("remcsum_nopartial", IFLA_VXLAN_REMCSUM_NOPARTIAL, schema_flag, NULL,
               "remote checksums are made whole at once"),
    {.key = "localbypass",
     SCHEMA_NEWER(31, IFLA_VXLAN_LOCALBYPASS),
     .codec = &schema_bool8,
     .words = "localbypass|nolocalbypass",
     .doc = "what goes to this host is taken over without being sent"},
    SCHEMA_END};
const struct schema schema_link_vxlan = {
    .name = "link.vxlan",
    .doc = "An Ethernet network over UDP.",
    .example = "link.add(\"x0\", { vxlan = { id = 42, local_address = \"192.0.2.1\", remote = "
               "\"192.0.2.2\", dstport = 4789 } })",
    .rows = vxlan_rows};

/* ---- geneve ---------------------------------------------------------------------------------- */

static const struct schema_row geneve_rows[] = {
    ROW_ARG("id", "id, vni", IFLA_GENEVE_ID, schema_u32, &vnis, "number of the network (VNI)"),
    ROW_OTHER("remote", "remote", IFLA_GENEVE_REMOTE, IFLA_GENEVE_REMOTE6, schema_inet, (&(const struct schema_inet){0, SCHEMA_HOST}),
            "the host at the other end"),
    ROW_OTHER("ttl", "ttl, hoplimit", IFLA_GENEVE_TTL, IFLA_GENEVE_TTL_INHERIT, schema_ttl, NULL,
            "time to live, \"auto\", or \"inherit\" for that of the packet inside"),
    ROW_ARG("tos", "tos 0x, dsfield 0x", IFLA_GENEVE_TOS, schema_enum8, inherited,
            "type of service, or \"inherit\""),
    ROW_ARG("df", "df", IFLA_GENEVE_DF, schema_enum8, dont_fragment,
            "do not fragment: unset, set, inherit"),
    ROW("flowlabel", "flowlabel 0x, label 0x", IFLA_GENEVE_LABEL, schema_be32,
        "flow label of IPv6"),
    ROW("dstport", "dstport", IFLA_GENEVE_PORT, schema_port, "UDP port, 6081 without it"),
    ROW("external", "external", IFLA_GENEVE_COLLECT_METADATA, schema_flag,
        "where frames go is said from outside"),
    ROW("udpcsum", "udpcsum|noudpcsum", IFLA_GENEVE_UDP_CSUM, schema_bool8, "checksums over IPv4"),
    ROW("udp6zerocsumtx", "udp6zerocsumtx|noudp6zerocsumtx", IFLA_GENEVE_UDP_ZERO_CSUM6_TX,
        schema_bool8, "no checksums over IPv6"),
    ROW("udp6zerocsumrx", "udp6zerocsumrx|noudp6zerocsumrx", IFLA_GENEVE_UDP_ZERO_CSUM6_RX,
        schema_bool8, "takes packets without a checksum over IPv6"),
    ROW("innerprotoinherit", "innerprotoinherit", IFLA_GENEVE_INNER_PROTO_INHERIT, schema_flag,
        "packets instead of frames"),
    SCHEMA_END};
const struct schema schema_link_geneve = {
    .name = "link.geneve",
    .doc = "An Ethernet network over UDP.",
    .example = "link.add(\"x0\", { geneve = { id = 42, remote = \"192.0.2.2\" } })",
    .rows = geneve_rows};

/* ---- macvlan, ipvlan ------------------------------------------------------------------------- */

static const struct schema_name macvlan_modes[] = {
    {"private", MACVLAN_MODE_PRIVATE}, {"vepa", MACVLAN_MODE_VEPA},
    {"bridge", MACVLAN_MODE_BRIDGE},   {"passthru", MACVLAN_MODE_PASSTHRU},
    {"source", MACVLAN_MODE_SOURCE},   {NULL, 0}};
static const struct schema_name macvlan_flags[] = {
    {"null", 0}, {"nopromisc", MACVLAN_FLAG_NOPROMISC}, {"nodst", MACVLAN_FLAG_NODST}, {NULL, 0}};

#define MACVLAN_ROWS                                                                               \
  ROW_ARG("mode", "mode", IFLA_MACVLAN_MODE, schema_enum32, macvlan_modes,                         \
          "private, vepa (the default), bridge, passthru, source"),                                \
      ROW_ARG("flag", "flag", IFLA_MACVLAN_FLAGS, schema_enum16, macvlan_flags,                    \
              "null, nopromisc (passthru), nodst (source)"),                                       \
      ROW("macaddr", "macaddr", IFLA_MACVLAN_MACADDR_DATA, schema_sources,                         \
          "whose frames the mode source takes: a list of hardware addresses"),                     \
      ROW("bcqueuelen", "bcqueuelen", IFLA_MACVLAN_BC_QUEUE_LEN, schema_u32,                       \
          "length asked for of the queue for broadcasts"),                                         \
      {.key = "bclim",                                                                             \
       SCHEMA_NEWER(9, IFLA_MACVLAN_BC_CUTOFF),                                                    \
       .codec = &schema_s32,                                                                       \
       .words = "bclim",                                                                           \
       .doc = "multicast groups with more members than that are broadcast"},                       \
      ROW_READ("bcqueuelen_used", IFLA_MACVLAN_BC_QUEUE_LEN_USED, schema_u32,                      \
               "length of the queue for broadcasts"),                                              \
      ROW_READ("macaddr_count", IFLA_MACVLAN_MACADDR_COUNT, schema_u32,                            \
               "how many addresses the mode source takes"),                                        \
      SCHEMA_END

static const struct schema_row macvlan_rows[] = {MACVLAN_ROWS};
const struct schema schema_link_macvlan = {
    .name = "link.macvlan",
    .doc = "A second hardware address on the link `link`.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "link.add(\"x0\", { link = \"v0\", macvlan = { mode = \"bridge\" } })",
    .rows = macvlan_rows};
const struct schema schema_link_macvtap = {
    .name = "link.macvtap",
    .doc = "A macvlan whose frames a program handles.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "link.add(\"x0\", { link = \"v0\", macvtap = { mode = \"bridge\" } })",
    .rows = macvlan_rows};

static const struct schema_name ipvlan_modes[] = {
    {"l2", IPVLAN_MODE_L2}, {"l3", IPVLAN_MODE_L3}, {"l3s", IPVLAN_MODE_L3S}, {NULL, 0}};
static const struct schema_name ipvlan_flags[] = {
    {"bridge", 0}, {"private", 1}, {"vepa", 2}, {NULL, 0}};

static const struct schema_row ipvlan_rows[] = {
    ROW_ARG("mode", "mode", IFLA_IPVLAN_MODE, schema_enum16, ipvlan_modes,
            "l2, l3 (the default), l3s"),
    ROW_ARG("flag", "[flag]", IFLA_IPVLAN_FLAGS, schema_enum16, ipvlan_flags,
            "bridge (the default), private, vepa"),
    SCHEMA_END};
const struct schema schema_link_ipvlan = {
    .name = "link.ipvlan",
    .doc = "A link with the hardware address of the link `link`, and IP addresses of its own.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "link.add(\"x0\", { link = \"v0\", ipvlan = { mode = \"l2\" } })",
    .rows = ipvlan_rows};
const struct schema schema_link_ipvtap = {
    .name = "link.ipvtap",
    .doc = "An ipvlan whose packets a program handles.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "link.add(\"x0\", { link = \"v0\", ipvtap = { mode = \"l2\" } })",
    .rows = ipvlan_rows};

/* ---- vrf, tun -------------------------------------------------------------------------------- */

static const struct schema_row vrf_rows[] = {{.key = "table",
                                              SCHEMA_ATTR(IFLA_VRF_TABLE),
                                              .codec = &schema_u32,
                                              .words = "table",
                                              .flags = SCHEMA_REQUIRED,
                                              .doc = "number of the routing table"},
                                             SCHEMA_END};
const struct schema schema_link_vrf = {.name = "link.vrf",
                                       .doc = "A routing domain; its members have it as master.",
                                       .example = "link.add(\"x0\", { vrf = { table = 10 } })",
                                       .rows = vrf_rows};

static const struct schema_row vrf_slave_rows[] = {
    {.key = "table",
     SCHEMA_ATTR(IFLA_VRF_PORT_TABLE),
     .codec = &schema_u32,
     .flags = SCHEMA_READONLY,
     .doc = "number of the routing table"},
    SCHEMA_END};
const struct schema schema_link_vrf_slave = {
    .name = "link.vrf_slave",
    .doc = "What a link has in a routing domain.",
    .example = "link.add(\"red\", { vrf = { table = 10 } })\n"
               "link.add(\"v0\", { master = \"red\", veth = { peer = \"v1\" } })\n"
               "print(link.get(\"v0\").vrf_slave.table)",
    .rows = vrf_slave_rows};

static const struct schema_name tun_modes[] = {{"tun", IFF_TUN}, {"tap", IFF_TAP}, {NULL, 0}};

static const struct schema_row tun_rows[] = {
    ROW_ARG("mode", "mode", IFLA_TUN_TYPE, schema_enum8, tun_modes,
            "tun (packets) or tap (Ethernet frames)"),
    ROW_ARG("user", "user", IFLA_TUN_OWNER, schema_user, &schema_users,
            "who may open it, by name or number; without it: whoever has the rights"),
    ROW_ARG("group", "group", IFLA_TUN_GROUP, schema_user, &schema_groups,
            "whose members may open it, by name or number"),
    ROW("pi", "pi", IFLA_TUN_PI, schema_yes8, "packets begin with flags and a protocol"),
    ROW("vnet_hdr", "vnet_hdr", IFLA_TUN_VNET_HDR, schema_yes8,
        "packets begin with a header about checksums"),
    ROW("multi_queue", "multi_queue", IFLA_TUN_MULTI_QUEUE, schema_yes8,
        "may be opened several times"),
    ROW_READ("persist", IFLA_TUN_PERSIST, schema_bool8,
             "stays when no program has it open, as those that nslab makes do"),
    ROW_READ("num_queues", IFLA_TUN_NUM_QUEUES, schema_u32, "how many have it open"),
    ROW_READ("num_disabled_queues", IFLA_TUN_NUM_DISABLED_QUEUES, schema_u32,
             "and take nothing now"),
    SCHEMA_END};
const struct schema schema_link_tun = {
    .name = "link.tun",
    .doc = "A link at whose other end is a program, which opens /dev/net/tun. That device is needed to "
           "make one, too.",
    .example = "local ok, err = pcall(link.add, \"t0\", { up = true, tun = { mode = \"tap\" } })\n"
               "if ok then assert(link.get(\"t0\").tun.persist) else print(err) end",
    .rows = tun_rows};
