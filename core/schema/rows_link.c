/* rows_link: a link, as rows. Numbers and names from linux/if_link.h, linux/if.h; words from
 * ip-link(8). A new kind is a schema of its own rows (rows_link_*.c) and one row in link_rows. */
#include "schema/rows_link.h"
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

static const struct schema_step linkinfo[] = {{SCHEMA_ATTR(IFLA_LINKINFO)}, {0, NULL}};
static const struct schema_step inet6_spec[] = {
    {SCHEMA_ATTR(IFLA_AF_SPEC)}, {10, "AF_INET6"}, {0, NULL}};

#define FLAG(bit)                                                                                  \
  SCHEMA_HEAD(ifinfomsg, ifi_flags), .codec = &schema_bit32,                                       \
      .arg = &(const struct schema_bit){(bit), offsetof(struct ifinfomsg, ifi_change), false}

static const struct schema_range name_len = {0, IFNAMSIZ - 1}, alias_len = {0, 255},
                                 positive = {1, INT32_MAX};

static const struct schema_name groups[] = {{"default", 0}, {NULL, 0}};

static const struct schema_name operstates[] = {
    {"unknown", 0},    {"notpresent", 1}, {"down", 2}, {"lowerlayerdown", 3}, {"testing", 4},
    {"dormant", 5},    {"up", 6},         {NULL, 0}};

static const struct schema_name linkmodes[] = {
    {"default", 0}, {"dormant", 1}, {"testing", 2}, {NULL, 0}};

static const struct schema_name addrgenmodes[] = {
    {"eui64", 0}, {"none", 1}, {"stable_secret", 2}, {"random", 3}, {NULL, 0}};

/* In the order and with the words of ip(8)'s listing. LOWER_UP and the like are bits too. */
static const struct schema_name link_flags[] = {{"LOOPBACK", IFF_LOOPBACK},
                                                {"BROADCAST", IFF_BROADCAST},
                                                {"POINTOPOINT", IFF_POINTOPOINT},
                                                {"MULTICAST", IFF_MULTICAST},
                                                {"NOARP", IFF_NOARP},
                                                {"ALLMULTI", IFF_ALLMULTI},
                                                {"PROMISC", IFF_PROMISC},
                                                {"MASTER", IFF_MASTER},
                                                {"SLAVE", IFF_SLAVE},
                                                {"DEBUG", IFF_DEBUG},
                                                {"DYNAMIC", IFF_DYNAMIC},
                                                {"AUTOMEDIA", IFF_AUTOMEDIA},
                                                {"PORTSEL", IFF_PORTSEL},
                                                {"NOTRAILERS", IFF_NOTRAILERS},
                                                {"UP", IFF_UP},
                                                {"RUNNING", IFF_RUNNING},
                                                {"LOWER_UP", 1 << 16},
                                                {"DORMANT", 1 << 17},
                                                {"ECHO", 1 << 18},
                                                {NULL, 0}};

/* ---- kinds ----------------------------------------------------------------------------------- */

/* What a link can be born with, at either end of a veth. */
#define BIRTH_ROWS                                                                                 \
  {.key = "name", SCHEMA_ATTR(IFLA_IFNAME), .codec = &schema_ifname, .arg = &name_len,             \
   .words = "name", .doc = "name, at most 15 characters; in set: the new one"},                    \
      {.key = "ifindex", SCHEMA_HEAD(ifinfomsg, ifi_index), .codec = &schema_s32,                  \
       .arg = &positive, .words = "index", .flags = SCHEMA_OWN,                                    \
       .doc = "number of the link in its namespace"},                                              \
      {.key = "up", SCHEMA_HEAD(ifinfomsg, ifi_flags), .codec = &schema_up,                        \
       .arg = &(const struct schema_bit){IFF_UP, offsetof(struct ifinfomsg, ifi_change), false},   \
       .words = "up|down", .flags = SCHEMA_LATER, .doc = "administratively up"},                   \
      {.key = "address", SCHEMA_ATTR(IFLA_ADDRESS), .codec = &schema_mac, .words = "a*ddress",     \
       .doc = "hardware (MAC) address"},                                                           \
      {.key = "broadcast", SCHEMA_ATTR(IFLA_BROADCAST), .codec = &schema_mac,                      \
       .words = "b*roadcast, brd", .doc = "hardware broadcast address"},                           \
      {.key = "mtu", SCHEMA_ATTR(IFLA_MTU), .codec = &schema_u32, .words = "mtu",                  \
       .doc = "largest packet, in bytes"},                                                         \
      {.key = "txqueuelen", SCHEMA_ATTR(IFLA_TXQLEN), .codec = &schema_u32,                        \
       .words = "t*xqueuelen, qlen, txq*len",                                                      \
       .doc = "length of the transmit queue, in packets"},                                         \
      {.key = "group", SCHEMA_ATTR(IFLA_GROUP), .codec = &schema_enum32, .arg = groups,            \
       .words = "group", .doc = "group of links that can be acted on together"},                   \
      {.key = "numtxqueues", SCHEMA_ATTR(IFLA_NUM_TX_QUEUES), .codec = &schema_u32,                \
       .words = "nu*mtxqueues", .doc = "number of transmit queues"},                               \
      {.key = "numrxqueues", SCHEMA_ATTR(IFLA_NUM_RX_QUEUES), .codec = &schema_u32,                \
       .words = "numr*xqueues", .doc = "number of receive queues"},                                \
      {.key = "netns", SCHEMA_ATTR(IFLA_NET_NS_FD), .codec = &schema_netns, .words = "netns",      \
       .doc = "namespace to be in: a handle, a name, a pid or an open file. A WireGuard link sends its "  \
              "own packets from the namespace that it was made in, wherever it is"}

static const struct schema_member members[] = {
    SCHEMA_MEMBER(ifinfomsg, ifi_family, schema_families, false),
    SCHEMA_MEMBER(ifinfomsg, __ifi_pad, NULL, false),
    SCHEMA_MEMBER(ifinfomsg, ifi_type, NULL, false),
    SCHEMA_MEMBER(ifinfomsg, ifi_index, NULL, false),
    SCHEMA_MEMBER(ifinfomsg, ifi_flags, link_flags, true),
    SCHEMA_MEMBER(ifinfomsg, ifi_change, link_flags, true),
    {.name = NULL}};

static const struct schema_row peer_rows[] = {BIRTH_ROWS, SCHEMA_END};
const struct schema schema_link_peer = {.name = "link.veth.peer",
                                        .doc = "The other end of a veth pair.",
                                        .hdr = sizeof(struct ifinfomsg),
                                        .members = members,
                                        .rows = peer_rows};

static const struct schema_row veth_rows[] = {
    {.key = "peer", SCHEMA_ATTR(VETH_INFO_PEER), .codec = &schema_peer, .arg = &schema_link_peer,
     .words = "peer", .doc = "the other end: its name, or a table of its options; read: "
                             "{ name, netns, ifindex }"},
    SCHEMA_END};
const struct schema schema_link_veth = {
    .name = "link.veth",
    .doc = "A virtual cable with an interface at each end.",
    .example = "link.add(\"v0\", { veth = { peer = { name = \"v1\", up = true } } })",
    .rows = veth_rows};

static const struct schema_name netkit_modes[] = {{"l3", 0}, {"l2", 1}, {NULL, 0}};
static const struct schema_name netkit_policies[] = {{"forward", 0}, {"blackhole", 2}, {NULL, 0}};
static const struct schema_name netkit_scrubs[] = {{"none", 0}, {"default", 1}, {NULL, 0}};

static const struct schema_row netkit_rows[] = {
    {.key = "mode", SCHEMA_NEWER(5, IFLA_NETKIT_MODE), .codec = &schema_enum32,
     .arg = netkit_modes, .words = "mode", .doc = "l3 (the default): packets; l2: Ethernet frames"},
    {.key = "policy", SCHEMA_NEWER(3, IFLA_NETKIT_POLICY), .codec = &schema_enum32,
     .arg = netkit_policies, .words = "[policy]",
     .doc = "what becomes of packets that no program looks at: forward, blackhole"},
    {.key = "peer_policy", SCHEMA_NEWER(4, IFLA_NETKIT_PEER_POLICY), .codec = &schema_enum32,
     .arg = netkit_policies, .flags = SCHEMA_HIDDEN,
     .doc = "the same at the other end"},
    {.key = "scrub", SCHEMA_NEWER(6, IFLA_NETKIT_SCRUB), .codec = &schema_enum32,
     .arg = netkit_scrubs, .words = "scrub", .doc = "what is forgotten of a packet: none, default"},
    {.key = "peer_scrub", SCHEMA_NEWER(7, IFLA_NETKIT_PEER_SCRUB), .codec = &schema_enum32,
     .arg = netkit_scrubs, .flags = SCHEMA_HIDDEN,
     .doc = "the same at the other end"},
    {.key = "headroom", SCHEMA_NEWER(8, IFLA_NETKIT_HEADROOM), .codec = &schema_u16,
     .words = "headroom", .doc = "bytes kept free before a packet"},
    {.key = "tailroom", SCHEMA_NEWER(9, IFLA_NETKIT_TAILROOM), .codec = &schema_u16,
     .words = "tailroom", .doc = "bytes kept free behind a packet"},
    {.key = "primary", SCHEMA_NEWER(2, IFLA_NETKIT_PRIMARY), .codec = &schema_bool8,
     .flags = SCHEMA_READONLY, .doc = "this end was the one that was made"},
    {.key = "peer", SCHEMA_NEWER(1, IFLA_NETKIT_PEER_INFO), .codec = &schema_peer,
     .arg = &schema_link_peer, .words = "peer",
     .doc = "the other end: its name, or a table of its options; read: { name, netns, ifindex }"},
    SCHEMA_END};
const struct schema schema_link_netkit = {.name = "link.netkit",
                                          .doc = "A pair of links for programs (BPF).",
                                          .example =
                                              "link.add(\"x0\", { netkit = { peer = \"x1\" } })",
                                          .rows = netkit_rows};

/* In the order of struct rtnl_link_stats64, with the words of ip -s. */
static const struct schema_name counters[] = {
    {"rx_packets", 0},        {"tx_packets", 1},         {"rx_bytes", 2},
    {"tx_bytes", 3},          {"rx_errors", 4},          {"tx_errors", 5},
    {"rx_dropped", 6},        {"tx_dropped", 7},         {"multicast", 8},
    {"collisions", 9},        {"rx_length_errors", 10},  {"rx_over_errors", 11},
    {"rx_crc_errors", 12},    {"rx_frame_errors", 13},   {"rx_fifo_errors", 14},
    {"rx_missed_errors", 15}, {"tx_aborted_errors", 16}, {"tx_carrier_errors", 17},
    {"tx_fifo_errors", 18},   {"tx_heartbeat_errors", 19}, {"tx_window_errors", 20},
    {"rx_compressed", 21},    {"tx_compressed", 22},     {"rx_nohandler", 23},
    {"rx_otherhost_dropped", 24}, {NULL, 0}};

/* ---- any link -------------------------------------------------------------------------------- */

static const struct schema_name link_events[] = {
    {"none", IFLA_EVENT_NONE}, {"reboot", IFLA_EVENT_REBOOT}, {"feature change", IFLA_EVENT_FEATURES},
    {"bonding failover", IFLA_EVENT_BONDING_FAILOVER}, {"notify peers", IFLA_EVENT_NOTIFY_PEERS},
    {"resend igmp", IFLA_EVENT_IGMP_RESEND}, {"bonding option", IFLA_EVENT_BONDING_OPTIONS}, {NULL, 0}};

static const struct schema_row link_rows[] = {
    BIRTH_ROWS,
    {.key = "arp", SCHEMA_HEAD(ifinfomsg, ifi_flags), .codec = &schema_bit32,
     .arg = &(const struct schema_bit){IFF_NOARP, offsetof(struct ifinfomsg, ifi_change), true},
     .words = "arp on|off", .doc = "resolves addresses of neighbours"},
    {.key = "multicast", FLAG(IFF_MULTICAST), .words = "multicast on|off", .doc = "takes multicast"},
    {.key = "allmulticast", FLAG(IFF_ALLMULTI), .words = "allmulticast on|off",
     .doc = "takes all multicast"},
    {.key = "promisc", FLAG(IFF_PROMISC), .words = "promisc on|off",
     .doc = "takes every frame, whoever it is for"},
    {.key = "dynamic", FLAG(IFF_DYNAMIC), .words = "d*ynamic on|off",
     .doc = "loses its addresses when it goes down"},
    {.key = "master", SCHEMA_ATTR(IFLA_MASTER), .codec = &schema_master,
     .words = "m*aster, !n*omaster, vrf",
     .doc = "the bridge (or other link) it is a port of; false takes it out"},
    {.key = "link", SCHEMA_ATTR(IFLA_LINK), .codec = &schema_below, .words = "l*ink",
     .flags = SCHEMA_OWN,
     .doc = "the link below or beyond: its name, its number when it is in another namespace, "
            "false when it has none"},
    {.key = "link_netnsid", SCHEMA_ATTR(IFLA_LINK_NETNSID), .codec = &schema_s32,
     .words = "link-netnsid", .flags = SCHEMA_OWN,
     .doc = "number here of the namespace that the link below is in; `link` is then its number there"},
    {.key = "alias", SCHEMA_ATTR(IFLA_IFALIAS), .codec = &schema_string, .arg = &alias_len,
     .words = "al*ias", .flags = SCHEMA_LATER, .doc = "a remark"},
    {.key = "mode", SCHEMA_ATTR(IFLA_LINKMODE), .codec = &schema_enum8, .arg = linkmodes,
     .words = "mode", .doc = "policy of the operational state"},
    {.key = "addrgenmode", SCHEMA_ATTR(IFLA_INET6_ADDR_GEN_MODE), .in = inet6_spec,
     .codec = &schema_enum8, .arg = addrgenmodes, .words = "addrg*enmode", .flags = SCHEMA_LATER,
     .doc = "how IPv6 makes its link-local address: eui64, none, stable_secret, random"},
    {.key = "token", SCHEMA_ATTR(IFLA_INET6_TOKEN), .in = inet6_spec, .codec = &schema_inet,
     .arg = &(const struct schema_inet){AF_INET6, SCHEMA_EITHER},
     .flags = SCHEMA_OWN | SCHEMA_LATER | SCHEMA_HIDDEN,
     .doc = "the half of its own in IPv6 addresses that routers announce, \"::5\" (what ip token set "
            "says); \"::\" takes it away"},
    {.key = "gso_max_size", SCHEMA_ATTR(IFLA_GSO_MAX_SIZE), .codec = &schema_u32,
     .words = "gso_max_size", .flags = SCHEMA_OWN, .doc = "largest packet before segmentation, in bytes"},
    {.key = "gso_max_segs", SCHEMA_ATTR(IFLA_GSO_MAX_SEGS), .codec = &schema_u32,
     .words = "gso_max_segs", .flags = SCHEMA_OWN, .doc = "most segments of a packet"},
    {.key = "gro_max_size", SCHEMA_ATTR(IFLA_GRO_MAX_SIZE), .codec = &schema_u32,
     .words = "gro_max_size", .flags = SCHEMA_OWN | SCHEMA_LATER,
     .doc = "largest packet put together from received ones, in bytes"},
    {.key = "gso_ipv4_max_size", SCHEMA_NEWER(63, IFLA_GSO_IPV4_MAX_SIZE), .codec = &schema_u32,
     .words = "gso_ipv4_max_size", .flags = SCHEMA_OWN, .doc = "the same as gso_max_size, of IPv4"},
    {.key = "gro_ipv4_max_size", SCHEMA_NEWER(64, IFLA_GRO_IPV4_MAX_SIZE), .codec = &schema_u32,
     .words = "gro_ipv4_max_size", .flags = SCHEMA_OWN | SCHEMA_LATER,
     .doc = "the same as gro_max_size, of IPv4"},
    {.key = "protodown", SCHEMA_ATTR(IFLA_PROTO_DOWN), .codec = &schema_bool8,
     .words = "protodown on|off", .flags = SCHEMA_OWN | SCHEMA_LATER,
     .doc = "a protocol keeps it down"},
    {.key = "protodown_reason", SCHEMA_ATTR(IFLA_PROTO_DOWN_REASON), .codec = &schema_reasons,
     .words = "protodown_reason", .flags = SCHEMA_OWN | SCHEMA_LATER,
     .doc = "why, as numbers from 0 to 31: { [3] = true, [4] = false }; it stays down until none is left"},
    {.key = "carrier", SCHEMA_ATTR(IFLA_CARRIER), .codec = &schema_bool8, .words = "carrier on|off",
     .flags = SCHEMA_OWN | SCHEMA_LATER,
     .doc = "there is somebody at the other end of the cable; a dummy, a tun can be told"},
    {.key = "type", SCHEMA_ATTR(IFLA_INFO_KIND), .in = linkinfo, .codec = &schema_kind,
     .words = "ty*pe", .doc = "kind of link; a table of that kind's options implies it"},
    {.key = "veth", SCHEMA_ATTR(IFLA_INFO_DATA), .in = linkinfo, .codec = &schema_veth,
     .arg = &schema_link_veth, .flags = SCHEMA_OWN, .doc = "options of a veth pair"},
    KIND("bridge", schema_link_bridge, "options of a bridge"),
    KIND("vlan", schema_link_vlan, "options of a VLAN on the link that `link` names"),
    KIND("vxlan", schema_link_vxlan, "options of a vxlan"),
    KIND("macvlan", schema_link_macvlan, "options of a second MAC address on the link `link`"),
    KIND("macvtap", schema_link_macvtap, "the same, whose frames a program handles"),
    KIND("ipvlan", schema_link_ipvlan, "options of a link that shares the MAC address of `link`"),
    KIND("ipvtap", schema_link_ipvtap, "the same, whose frames a program handles"),
    KIND("vrf", schema_link_vrf, "options of a routing domain"),
    KIND("bond", schema_link_bond, "options of several links that act as one"),
    KIND("gre", schema_link_gre, "options of a GRE tunnel of packets"),
    KIND("gretap", schema_link_gretap, "options of a GRE tunnel of Ethernet frames"),
    KIND("erspan", schema_link_erspan, "options of a tunnel for mirrored frames"),
    KIND("ip6gre", schema_link_ip6gre, "options of a GRE tunnel of packets over IPv6"),
    KIND("ip6gretap", schema_link_ip6gretap, "options of a GRE tunnel of frames over IPv6"),
    KIND("ip6erspan", schema_link_ip6erspan, "options of a tunnel for mirrored frames over IPv6"),
    KIND("ipip", schema_link_ipip, "options of a tunnel of IPv4 over IPv4"),
    KIND("sit", schema_link_sit, "options of a tunnel of IPv6 over IPv4"),
    KIND("ip6tnl", schema_link_ip6tnl, "options of a tunnel over IPv6"),
    KIND("vti", schema_link_vti, "options of an IPsec tunnel"),
    KIND("vti6", schema_link_vti6, "options of an IPsec tunnel over IPv6"),
    KIND("xfrm", schema_link_xfrm, "options of an IPsec interface"),
    KIND("geneve", schema_link_geneve, "options of a geneve tunnel"),
    {.key = "netkit", SCHEMA_ATTR(IFLA_INFO_DATA), .in = linkinfo, .codec = &schema_veth,
     .arg = &schema_link_netkit, .flags = SCHEMA_OWN, .doc = "options of a netkit pair"},
    {.key = "vxcan", SCHEMA_ATTR(IFLA_INFO_DATA), .in = linkinfo, .codec = &schema_veth,
     .arg = &schema_link_vxcan, .flags = SCHEMA_OWN, .doc = "options of a pair of CAN links"},
    KIND("macsec", schema_link_macsec, "options of an encrypted link on the link `link`"),
    KIND("hsr", schema_link_hsr, "options of two cables that act as one (HSR, PRP)"),
    KIND("bareudp", schema_link_bareudp, "options of packets in UDP"),
    KIND("amt", schema_link_amt, "options of a multicast tunnel"),
    KIND("gtp", schema_link_gtp, "options of tunnels of mobile networks"),
    KIND("rmnet", schema_link_rmnet, "options of a modem's channel on the link `link`"),
    KIND("tun", schema_link_tun, "options of a tun or tap link, at whose other end is a program"),
    SLAVE("bridge_slave", schema_link_bridge_slave, "what a link has as a port of its bridge"),
    SLAVE("vrf_slave", schema_link_vrf_slave, "what a link has as a member of its VRF"),
    SLAVE("bond_slave", schema_link_bond_slave, "what a link has as a part of its bond"),
    {.key = "flags", SCHEMA_HEAD(ifinfomsg, ifi_flags), .codec = &schema_flagset,
     .arg = link_flags, .flags = SCHEMA_READONLY, .doc = "IFF_* flags that are set"},
    {.key = "qdisc", SCHEMA_ATTR(IFLA_QDISC), .codec = &schema_string, .flags = SCHEMA_READONLY,
     .doc = "queueing discipline"},
    {.key = "operstate", SCHEMA_ATTR(IFLA_OPERSTATE), .codec = &schema_enum8, .arg = operstates,
     .flags = SCHEMA_READONLY, .doc = "RFC 2863 operational state"},
    {.key = "carrier_changes", SCHEMA_ATTR(IFLA_CARRIER_CHANGES), .codec = &schema_u32,
     .flags = SCHEMA_READONLY, .doc = "how often the carrier came or went"},
    {.key = "link_netns", SCHEMA_ATTR(IFLA_LINK_NETNSID), .codec = &schema_nsid,
     .flags = SCHEMA_READONLY, .doc = "that namespace, if it has a name or is the host"},
    {.key = "altnames", SCHEMA_ATTR(IFLA_PROP_LIST), .codec = &schema_altnames,
     .flags = SCHEMA_READONLY, .doc = "other names"},
    {.key = "stats", SCHEMA_ATTR(IFLA_STATS64), .codec = &schema_counters, .arg = counters,
     .flags = SCHEMA_READONLY | SCHEMA_COUNTER, .doc = "what was received and sent: rx_packets, rx_bytes, tx_packets ..."},
    {.key = "tso_max_size", SCHEMA_ATTR(IFLA_TSO_MAX_SIZE), .codec = &schema_u32,
     .flags = SCHEMA_READONLY, .doc = "largest packet that the card cuts, in bytes"},
    {.key = "tso_max_segs", SCHEMA_ATTR(IFLA_TSO_MAX_SEGS), .codec = &schema_u32,
     .flags = SCHEMA_READONLY, .doc = "most segments that the card makes"},
    {.key = "carrier_up_count", SCHEMA_ATTR(IFLA_CARRIER_UP_COUNT), .codec = &schema_u32,
     .flags = SCHEMA_READONLY, .doc = "how often the carrier came"},
    {.key = "carrier_down_count", SCHEMA_ATTR(IFLA_CARRIER_DOWN_COUNT), .codec = &schema_u32,
     .flags = SCHEMA_READONLY, .doc = "how often the carrier went"},
    {.key = "allmulti", SCHEMA_ATTR(IFLA_ALLMULTI), .codec = &schema_u32,
     .flags = SCHEMA_READONLY, .doc = "how many asked for all multicast"},
    {.key = "permaddr", SCHEMA_ATTR(IFLA_PERM_ADDRESS), .codec = &schema_mac,
     .flags = SCHEMA_READONLY, .doc = "hardware address that it was made with"},
    {.key = "parent_dev_name", SCHEMA_ATTR(IFLA_PARENT_DEV_NAME), .codec = &schema_string,
     .flags = SCHEMA_READONLY, .doc = "name of the device of the machine"},
    {.key = "parent_dev_bus_name", SCHEMA_ATTR(IFLA_PARENT_DEV_BUS_NAME), .codec = &schema_string,
     .flags = SCHEMA_READONLY, .doc = "the bus that it is on"},
    {.key = "promiscuity", SCHEMA_ATTR(IFLA_PROMISCUITY), .codec = &schema_u32,
     .flags = SCHEMA_READONLY, .doc = "how many asked for every frame"},
    {.key = "min_mtu", SCHEMA_ATTR(IFLA_MIN_MTU), .codec = &schema_u32, .flags = SCHEMA_READONLY,
     .doc = "in bytes"},
    {.key = "max_mtu", SCHEMA_ATTR(IFLA_MAX_MTU), .codec = &schema_u32, .flags = SCHEMA_READONLY,
     .doc = "in bytes"},
    {.key = "event", SCHEMA_ATTR(IFLA_EVENT), .codec = &schema_enum32, .arg = link_events,
     .flags = SCHEMA_READONLY, .doc = "of an event: why it is told"},
    {.key = "new_netnsid", SCHEMA_ATTR(IFLA_NEW_NETNSID), .codec = &schema_s32, .flags = SCHEMA_READONLY,
     .doc = "of an event: number here of the namespace that the link went to"},
    {.key = "new_ifindex", SCHEMA_ATTR(IFLA_NEW_IFINDEX), .codec = &schema_s32, .flags = SCHEMA_READONLY,
     .doc = "of an event: number of the link there"},
    {.key = "slave_type", SCHEMA_ATTR(IFLA_INFO_SLAVE_KIND), .in = linkinfo,
     .codec = &schema_string, .flags = SCHEMA_READONLY, .doc = "kind of the master"},
    {.key = "hardware_type", SCHEMA_HEAD(ifinfomsg, ifi_type), .codec = &schema_u16,
     .flags = SCHEMA_READONLY, .doc = "ARPHRD_* number: 1 is Ethernet, 772 loopback"},
    SCHEMA_END};
static const struct schema_name link_attrs[] = {
    SCHEMA_NAME(IFLA_STATS),          SCHEMA_NAME(IFLA_COST),
    SCHEMA_NAME(IFLA_PRIORITY),       SCHEMA_NAME(IFLA_WIRELESS),
    SCHEMA_NAME(IFLA_PROTINFO),       SCHEMA_NAME(IFLA_MAP),
    SCHEMA_NAME(IFLA_WEIGHT),         SCHEMA_NAME(IFLA_NET_NS_PID),
    SCHEMA_NAME(IFLA_NUM_VF),         SCHEMA_NAME(IFLA_VFINFO_LIST),
    SCHEMA_NAME(IFLA_VF_PORTS),
    SCHEMA_NAME(IFLA_PORT_SELF),      SCHEMA_NAME(IFLA_EXT_MASK),
    SCHEMA_NAME(IFLA_PHYS_PORT_ID),   SCHEMA_NAME(IFLA_PHYS_SWITCH_ID),
    SCHEMA_NAME(IFLA_PHYS_PORT_NAME), SCHEMA_NAME(IFLA_XDP),
    SCHEMA_NAME(IFLA_TARGET_NETNSID), SCHEMA_NAME(IFLA_ALT_IFNAME),
    {NULL, 0}};

const struct schema schema_link = {.name = "link",
                                   .doc = "A network interface.",
                                   .hdr = sizeof(struct ifinfomsg),
                                   .members = members,
                                   .attrs = link_attrs,
                                   .rows = link_rows};
