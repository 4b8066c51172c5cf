/* rows_link_others: kinds of links that stand alone, as rows: rings of two cables (HSR, PRP),
 * packets in UDP (bareudp), multicast through tunnels (AMT), mobile networks (GTP, rmnet), CAN.
 * Words from ip-link(8) and iproute2's usage texts. */
#include "schema/rows_link.h"
#include <arpa/inet.h>
#include <linux/amt.h>
#include <linux/can/vxcan.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <netinet/in.h>

/* ---- HSR, PRP -------------------------------------------------------------------------------- */

static const struct schema_range versions = {0, 1};

static const struct schema_row hsr_rows[] = {
    ROW("slave1", "slave1", IFLA_HSR_SLAVE1, schema_dev, "the first cable"),
    ROW("slave2", "slave2", IFLA_HSR_SLAVE2, schema_dev, "the second cable"),
    {.key = "interlink",
     SCHEMA_NEWER(8, IFLA_HSR_INTERLINK),
     .codec = &schema_dev,
     .words = "interlink",
     .doc = "link to a device that knows nothing of the ring"},
    ROW("supervision", "supervision", IFLA_HSR_MULTICAST_SPEC, schema_u8,
        "last byte of the multicast address of supervision frames; read: supervision_addr"),
    ROW_ARG("version", "version", IFLA_HSR_VERSION, schema_u8, &versions,
            "of HSR: 0 (2010, the default), 1 (2012)"),
    ROW_ARG("proto", "proto", IFLA_HSR_PROTOCOL, schema_u8, &versions,
            "0: a ring (HSR, the default), 1: two networks (PRP)"),
    ROW_READ("supervision_addr", IFLA_HSR_SUPERVISION_ADDR, schema_mac,
             "multicast address of supervision frames"),
    ROW_READ("seq_nr", IFLA_HSR_SEQ_NR, schema_u16, "number of the next frame"),
    SCHEMA_END};
const struct schema schema_link_hsr = {
    .name = "link.hsr",
    .doc = "Two cables, every frame over both: one may fail without a loss (HSR, PRP).",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "link.add(\"w0\", { veth = { peer = \"w1\" } })\n"
               "link.add(\"x0\", { hsr = { slave1 = \"v0\", slave2 = \"w0\", version = 1 } })",
    .rows = hsr_rows};

/* ---- bareudp --------------------------------------------------------------------------------- */

static const struct schema_name ethertypes[] = {
    {"ipv4", ETH_P_IP},         {"ipv6", ETH_P_IPV6}, {"mpls_uc", ETH_P_MPLS_UC},
    {"mpls_mc", ETH_P_MPLS_MC}, {"ip", ETH_P_IP},     {NULL, 0}};

static const struct schema_row bareudp_rows[] = {
    {.key = "dstport",
     SCHEMA_ATTR(IFLA_BAREUDP_PORT),
     .codec = &schema_port,
     .words = "dstport",
     .flags = SCHEMA_REQUIRED,
     .doc = "UDP port at both ends"},
    {.key = "ethertype",
     SCHEMA_ATTR(IFLA_BAREUDP_ETHERTYPE),
     .codec = &schema_auto_port,
     .arg = ethertypes,
     .words = "ethertype",
     .flags = SCHEMA_REQUIRED,
     .doc = "what is inside: ipv4, ipv6, mpls_uc, or its number"},
    ROW("srcportmin", "srcportmin", IFLA_BAREUDP_SRCPORT_MIN, schema_u16,
        "lowest UDP port to send from"),
    ROW("multiproto", "multiproto|nomultiproto", IFLA_BAREUDP_MULTIPROTO_MODE, schema_flag,
        "ipv4: IPv6 too; mpls_uc: multicast too"),
    SCHEMA_END};
const struct schema schema_link_bareudp = {
    .name = "link.bareudp",
    .doc = "Packets in UDP without a header of their own; where they go is said by routes.",
    .example = "link.add(\"x0\", { bareudp = { dstport = 6635, ethertype = \"mpls_uc\" } })",
    .rows = bareudp_rows};

/* ---- AMT ------------------------------------------------------------------------------------- */

static const struct schema_inet ip4 = {AF_INET, SCHEMA_EITHER};
static const struct schema_name amt_modes[] = {{"gateway", 0}, {"relay", 1}, {NULL, 0}};

static const struct schema_row amt_rows[] = {
    ROW_ARG("mode", "mode", IFLA_AMT_MODE, schema_enum32, amt_modes,
            "gateway: asks for groups; relay: sends them"),
    ROW_ARG("discovery", "discovery", IFLA_AMT_DISCOVERY_IP, schema_inet, &ip4,
            "where a gateway looks for its relay"),
    ROW_ARG("local_address", "local", IFLA_AMT_LOCAL_IP, schema_inet, &ip4, "own address"),
    ROW("dev", "dev", IFLA_AMT_LINK, schema_dev, "link to send over"),
    ROW("relay_port", "relay_port", IFLA_AMT_RELAY_PORT, schema_port,
        "UDP port of the relay, 2268 without it"),
    ROW("gateway_port", "gateway_port", IFLA_AMT_GATEWAY_PORT, schema_port,
        "UDP port of the gateway, 2268 without it"),
    ROW("max_tunnels", "max_tunnels", IFLA_AMT_MAX_TUNNELS, schema_u32, "most gateways of a relay"),
    {.key = "remote",
     SCHEMA_ATTR(IFLA_AMT_REMOTE_IP),
     .codec = &schema_inet,
     .arg = &ip4,
     .flags = SCHEMA_READONLY,
     .doc = "the relay that a gateway has found"},
    SCHEMA_END};
const struct schema schema_link_amt = {
    .name = "link.amt",
    .doc = "Multicast through a network that has only unicast (AMT, RFC 7450).",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "link.add(\"x0\", { amt = { mode = \"relay\", dev = \"v0\", local_address = "
               "\"192.0.2.1\", relay_port = 2268, gateway_port = 2268, max_tunnels = 16 } })",
    .rows = amt_rows};

/* ---- mobile networks ------------------------------------------------------------------------- */

static const struct schema_name gtp_roles[] = {{"ggsn", 0}, {"sgsn", 1}, {NULL, 0}};
static const struct schema_range hash_sizes = {1, (1 << 17) - 1}, mux_ids = {1, 254};

static const struct schema_row gtp_rows[] = {
    {.key = "create_sockets",
     SCHEMA_ATTR(IFLA_GTP_CREATE_SOCKETS),
     .codec = &schema_u8,
     .implied = "1",
     .flags = SCHEMA_HIDDEN,
     .doc = "the kernel opens the UDP ports; a program that has them open cannot be named"},
    {.key = "role",
     SCHEMA_ATTR(IFLA_GTP_ROLE),
     .codec = &schema_enum32,
     .arg = gtp_roles,
     .words = "role",
     .flags = SCHEMA_REQUIRED,
     .doc = "ggsn: the side of the internet; sgsn: the side of the phones"},
    {.key = "hsize",
     SCHEMA_ATTR(IFLA_GTP_PDP_HASHSIZE),
     .codec = &schema_u32,
     .arg = &hash_sizes,
     .words = "hsize",
     .implied = "1024",
     .doc = "size of the table of tunnels"},
    ROW("restart_count", "restart_count", IFLA_GTP_RESTART_COUNT, schema_u8,
        "what it tells the other end of how often it was started"),
    SCHEMA_END};
const struct schema schema_link_gtp = {
    .name = "link.gtp",
    .doc = "Tunnels of mobile networks (GTP-U); a program sets them up.",
    .example = "link.add(\"x0\", { gtp = { role = \"sgsn\" } })",
    .rows = gtp_rows};

static const struct schema_row rmnet_rows[] = {{.key = "mux_id",
                                                SCHEMA_ATTR(IFLA_RMNET_MUX_ID),
                                                .codec = &schema_u16,
                                                .arg = &mux_ids,
                                                .words = "mux_id",
                                                .flags = SCHEMA_REQUIRED,
                                                .doc = "number of the channel, 1 to 254"},
                                               SCHEMA_END};
const struct schema schema_link_rmnet = {
    .name = "link.rmnet",
    .doc = "One channel of a modem that is the link `link`.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "link.add(\"x0\", { link = \"v0\", rmnet = { mux_id = 1 } })",
    .rows = rmnet_rows};

/* ---- CAN ------------------------------------------------------------------------------------- */

static const struct schema_row vxcan_rows[] = {
    {.key = "peer",
     SCHEMA_ATTR(VXCAN_INFO_PEER),
     .codec = &schema_peer,
     .arg = &schema_link_peer,
     .words = "peer",
     .doc = "the other end: its name, or a table of its options; read: { name, netns, ifindex }"},
    SCHEMA_END};
const struct schema schema_link_vxcan = {
    .name = "link.vxcan",
    .doc = "A virtual CAN bus between two namespaces. One of its own is { type = \"vcan\" }.",
    .example = "link.add(\"x0\", { vxcan = { peer = \"x1\" } })",
    .rows = vxcan_rows};
