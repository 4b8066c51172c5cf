/* rows_link: a link, as rows. Numbers and names from linux/if_link.h, linux/if.h; words from
 * ip-link(8). A new kind is a schema of its own rows and one row in link_rows. */
#include "schema/schema.h"
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
       .doc = "namespace to be in: a handle, a name, a pid or an open file"}

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
    .name = "link.veth", .doc = "A virtual cable with an interface at each end.", .rows = veth_rows};

#define BRIDGE(k, words_, attr_, codec_, doc_)                                                     \
  {                                                                                                \
    .key = k, SCHEMA_ATTR(attr_), .codec = &codec_, .words = words_, .doc = doc_                   \
  }
#define BRIDGE_READ(k, attr_, codec_, doc_)                                                        \
  {                                                                                                \
    .key = k, SCHEMA_ATTR(attr_), .codec = &codec_, .flags = SCHEMA_READONLY, .doc = doc_          \
  }

static const struct schema_name vlan_protocols[] = {
    {"802.1Q", 0x0081}, {"802.1ad", 0xa888}, {NULL, 0}}; /* big endian on the wire */

static const struct schema_row bridge_rows[] = {
    BRIDGE("forward_delay", "f*orward_delay", IFLA_BR_FORWARD_DELAY, schema_u32, "in 1/100 s"),
    BRIDGE("hello_time", "h*ello_time", IFLA_BR_HELLO_TIME, schema_u32, "in 1/100 s"),
    BRIDGE("max_age", "m*ax_age", IFLA_BR_MAX_AGE, schema_u32, "in 1/100 s"),
    BRIDGE("ageing_time", "a*geing_time", IFLA_BR_AGEING_TIME, schema_u32,
           "how long a learned address is kept, in 1/100 s"),
    BRIDGE("stp_state", "s*tp_state", IFLA_BR_STP_STATE, schema_bool32, "spanning tree"),
    BRIDGE("priority", "p*riority", IFLA_BR_PRIORITY, schema_u16,
           "of this bridge in the spanning tree"),
    BRIDGE("group_fwd_mask", "g*roup_fwd_mask", IFLA_BR_GROUP_FWD_MASK, schema_u16,
           "which link-local frames are forwarded"),
    BRIDGE("group_address", "group_a*ddress", IFLA_BR_GROUP_ADDR, schema_mac,
           "address of spanning tree frames"),
    BRIDGE("vlan_filtering", "v*lan_filtering", IFLA_BR_VLAN_FILTERING, schema_bool8,
           "ports have VLANs"),
    {.key = "vlan_protocol", SCHEMA_ATTR(IFLA_BR_VLAN_PROTOCOL), .codec = &schema_enum16,
     .arg = vlan_protocols, .words = "vlan_p*rotocol", .doc = "802.1Q or 802.1ad"},
    BRIDGE("vlan_default_pvid", "vlan_d*efault_pvid", IFLA_BR_VLAN_DEFAULT_PVID, schema_u16,
           "VLAN of a new port, 0 for none"),
    BRIDGE("vlan_stats_enabled", "vlan_s*tats_enabled", IFLA_BR_VLAN_STATS_ENABLED, schema_bool8,
           "count per VLAN"),
    BRIDGE("vlan_stats_per_port", "vlan_stats_p*er_port", IFLA_BR_VLAN_STATS_PER_PORT, schema_bool8,
           "count per VLAN and port"),
    BRIDGE("mcast_snooping", "mcast_s*nooping", IFLA_BR_MCAST_SNOOPING, schema_bool8,
           "learn who wants which multicast group"),
    BRIDGE("mcast_router", "mc*ast_router", IFLA_BR_MCAST_ROUTER, schema_u8,
           "0 never, 1 learned, 2 always"),
    BRIDGE("mcast_query_use_ifaddr", "mcast_q*uery_use_ifaddr",
           IFLA_BR_MCAST_QUERY_USE_IFADDR, schema_bool8,
           "queries come from the bridge's own address"),
    BRIDGE("mcast_querier", "mcast_queri*er", IFLA_BR_MCAST_QUERIER, schema_bool8, "send queries"),
    BRIDGE("mcast_hash_max", "mcast_hash_m*ax", IFLA_BR_MCAST_HASH_MAX, schema_u32,
           "most multicast groups"),
    BRIDGE("mcast_last_member_count", "mcast_l*ast_member_count",
           IFLA_BR_MCAST_LAST_MEMBER_CNT, schema_u32,
           "queries before a group is left"),
    BRIDGE("mcast_startup_query_count", "mcast_st*artup_query_count",
           IFLA_BR_MCAST_STARTUP_QUERY_CNT, schema_u32,
           "queries at the start"),
    BRIDGE("mcast_stats_enabled", "mcast_stat*s_enabled", IFLA_BR_MCAST_STATS_ENABLED, schema_bool8,
           "count IGMP and MLD"),
    BRIDGE("mcast_igmp_version", "mcast_i*gmp_version", IFLA_BR_MCAST_IGMP_VERSION, schema_u8,
           "2 or 3"),
    BRIDGE("mcast_mld_version", "mcast_ml*d_version", IFLA_BR_MCAST_MLD_VERSION, schema_u8,
           "1 or 2"),
    BRIDGE("nf_call_iptables", "n*f_call_iptables", IFLA_BR_NF_CALL_IPTABLES, schema_bool8,
           "bridged IPv4 passes iptables"),
    BRIDGE("nf_call_ip6tables", "nf_call_ip6*tables", IFLA_BR_NF_CALL_IP6TABLES, schema_bool8,
           "bridged IPv6 passes ip6tables"),
    BRIDGE("nf_call_arptables", "nf_call_a*rptables", IFLA_BR_NF_CALL_ARPTABLES, schema_bool8,
           "bridged ARP passes arptables"),
    BRIDGE_READ("root_id", IFLA_BR_ROOT_ID, schema_bridge_id, "root of the spanning tree"),
    BRIDGE_READ("bridge_id", IFLA_BR_BRIDGE_ID, schema_bridge_id, "of this bridge"),
    BRIDGE_READ("root_port", IFLA_BR_ROOT_PORT, schema_u16, "port towards the root"),
    BRIDGE_READ("root_path_cost", IFLA_BR_ROOT_PATH_COST, schema_u32, "of the way to the root"),
    SCHEMA_END};
const struct schema schema_link_bridge = {
    .name = "link.bridge", .doc = "A virtual switch.", .rows = bridge_rows};

/* ---- any link -------------------------------------------------------------------------------- */

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
     .words = "m*aster, !n*omaster",
     .doc = "the bridge (or other link) it is a port of; false takes it out"},
    {.key = "link", SCHEMA_ATTR(IFLA_LINK), .codec = &schema_below, .words = "l*ink",
     .flags = SCHEMA_OWN,
     .doc = "the link below or beyond: its name, its number when it is in another namespace, "
            "false when it has none"},
    {.key = "alias", SCHEMA_ATTR(IFLA_IFALIAS), .codec = &schema_string, .arg = &alias_len,
     .words = "al*ias", .flags = SCHEMA_LATER, .doc = "a remark"},
    {.key = "mode", SCHEMA_ATTR(IFLA_LINKMODE), .codec = &schema_enum8, .arg = linkmodes,
     .words = "mode", .doc = "policy of the operational state"},
    {.key = "addrgenmode", SCHEMA_ATTR(IFLA_INET6_ADDR_GEN_MODE), .in = inet6_spec,
     .codec = &schema_enum8, .arg = addrgenmodes, .words = "addrg*enmode", .flags = SCHEMA_LATER,
     .doc = "how IPv6 makes its link-local address: eui64, none, stable_secret, random"},
    {.key = "type", SCHEMA_ATTR(IFLA_INFO_KIND), .in = linkinfo, .codec = &schema_kind,
     .words = "ty*pe", .doc = "kind of link; a table of that kind's options implies it"},
    {.key = "veth", SCHEMA_ATTR(IFLA_INFO_DATA), .in = linkinfo, .codec = &schema_veth,
     .arg = &schema_link_veth, .flags = SCHEMA_OWN, .doc = "options of a veth pair"},
    {.key = "bridge", SCHEMA_ATTR(IFLA_INFO_DATA), .in = linkinfo, .codec = &schema_kind_data,
     .arg = &schema_link_bridge, .doc = "options of a bridge"},
    {.key = "flags", SCHEMA_HEAD(ifinfomsg, ifi_flags), .codec = &schema_flagset,
     .arg = link_flags, .flags = SCHEMA_READONLY, .doc = "IFF_* flags that are set"},
    {.key = "qdisc", SCHEMA_ATTR(IFLA_QDISC), .codec = &schema_string, .flags = SCHEMA_READONLY,
     .doc = "queueing discipline"},
    {.key = "operstate", SCHEMA_ATTR(IFLA_OPERSTATE), .codec = &schema_enum8, .arg = operstates,
     .flags = SCHEMA_READONLY, .doc = "RFC 2863 operational state"},
    {.key = "carrier", SCHEMA_ATTR(IFLA_CARRIER), .codec = &schema_bool8, .flags = SCHEMA_READONLY,
     .doc = "there is somebody at the other end of the cable"},
    {.key = "carrier_changes", SCHEMA_ATTR(IFLA_CARRIER_CHANGES), .codec = &schema_u32,
     .flags = SCHEMA_READONLY, .doc = "how often the carrier came or went"},
    {.key = "link_netnsid", SCHEMA_ATTR(IFLA_LINK_NETNSID), .codec = &schema_s32,
     .flags = SCHEMA_READONLY, .doc = "number of the namespace of the link below or beyond"},
    {.key = "link_netns", SCHEMA_ATTR(IFLA_LINK_NETNSID), .codec = &schema_nsid,
     .flags = SCHEMA_READONLY, .doc = "that namespace, if it has a name or is the host"},
    {.key = "altnames", SCHEMA_ATTR(IFLA_PROP_LIST), .codec = &schema_altnames,
     .flags = SCHEMA_READONLY, .doc = "other names"},
    {.key = "promiscuity", SCHEMA_ATTR(IFLA_PROMISCUITY), .codec = &schema_u32,
     .flags = SCHEMA_READONLY, .doc = "how many asked for every frame"},
    {.key = "min_mtu", SCHEMA_ATTR(IFLA_MIN_MTU), .codec = &schema_u32, .flags = SCHEMA_READONLY,
     .doc = "in bytes"},
    {.key = "max_mtu", SCHEMA_ATTR(IFLA_MAX_MTU), .codec = &schema_u32, .flags = SCHEMA_READONLY,
     .doc = "in bytes"},
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
    SCHEMA_NAME(IFLA_STATS64),        SCHEMA_NAME(IFLA_VF_PORTS),
    SCHEMA_NAME(IFLA_PORT_SELF),      SCHEMA_NAME(IFLA_EXT_MASK),
    SCHEMA_NAME(IFLA_PHYS_PORT_ID),   SCHEMA_NAME(IFLA_PHYS_SWITCH_ID),
    SCHEMA_NAME(IFLA_PHYS_PORT_NAME), SCHEMA_NAME(IFLA_PROTO_DOWN),
    SCHEMA_NAME(IFLA_GSO_MAX_SEGS),   SCHEMA_NAME(IFLA_GSO_MAX_SIZE),
    SCHEMA_NAME(IFLA_XDP),            SCHEMA_NAME(IFLA_EVENT),
    SCHEMA_NAME(IFLA_NEW_NETNSID),    SCHEMA_NAME(IFLA_TARGET_NETNSID),
    SCHEMA_NAME(IFLA_CARRIER_UP_COUNT), SCHEMA_NAME(IFLA_CARRIER_DOWN_COUNT),
    SCHEMA_NAME(IFLA_NEW_IFINDEX),    SCHEMA_NAME(IFLA_ALT_IFNAME),
    SCHEMA_NAME(IFLA_PERM_ADDRESS),   SCHEMA_NAME(IFLA_PROTO_DOWN_REASON),
    SCHEMA_NAME(IFLA_PARENT_DEV_NAME), SCHEMA_NAME(IFLA_PARENT_DEV_BUS_NAME),
    SCHEMA_NAME(IFLA_GRO_MAX_SIZE),   SCHEMA_NAME(IFLA_TSO_MAX_SIZE),
    SCHEMA_NAME(IFLA_TSO_MAX_SEGS),   SCHEMA_NAME(IFLA_ALLMULTI),
    {NULL, 0}};

const struct schema schema_link = {.name = "link",
                                   .doc = "A network interface.",
                                   .hdr = sizeof(struct ifinfomsg),
                                   .members = members,
                                   .attrs = link_attrs,
                                   .rows = link_rows};
