/* rows_link_bond: a bond and its parts, as rows. Words from ip-link(8) and the kernel's
 * bonding.rst. */
#include "schema/rows_link.h"
#include <linux/if_bonding.h>
#include <linux/if_link.h>
#include <netinet/in.h>

static const struct schema_name modes[] = {
    {"balance-rr", 0}, {"active-backup", 1}, {"balance-xor", 2}, {"broadcast", 3},
    {"802.3ad", 4},    {"balance-tlb", 5},   {"balance-alb", 6}, {NULL, 0}};
static const struct schema_name arp_validates[] = {
    {"none", 0},   {"active", 1},        {"backup", 2},        {"all", 3},
    {"filter", 4}, {"filter_active", 5}, {"filter_backup", 6}, {NULL, 0}};
static const struct schema_name arp_all_targets[] = {{"any", 0}, {"all", 1}, {NULL, 0}};
static const struct schema_name reselects[] = {
    {"always", 0}, {"better", 1}, {"failure", 2}, {NULL, 0}};
static const struct schema_name fail_over_macs[] = {
    {"none", 0}, {"active", 1}, {"follow", 2}, {NULL, 0}};
static const struct schema_name hash_policies[] = {
    {"layer2", 0},   {"layer3+4", 1},    {"layer2+3", 2}, {"encap2+3", 3},
    {"encap3+4", 4}, {"vlan+srcmac", 5}, {NULL, 0}};
static const struct schema_name rates[] = {{"slow", 0}, {"fast", 1}, {NULL, 0}};
static const struct schema_name off_on[] = {{"off", 0}, {"on", 1}, {NULL, 0}};
static const struct schema_name selects[] = {
    {"stable", 0}, {"bandwidth", 1}, {"count", 2}, {NULL, 0}};

static const struct schema_inet ip4 = {AF_INET, SCHEMA_EITHER},
                                ip6 = {AF_INET6, SCHEMA_EITHER};

static const struct schema_row ad_info_rows[] = {
    ROW_READ("aggregator", IFLA_BOND_AD_INFO_AGGREGATOR, schema_u16, "number of the aggregator"),
    ROW_READ("num_ports", IFLA_BOND_AD_INFO_NUM_PORTS, schema_u16, "how many links are in it"),
    ROW_READ("actor_key", IFLA_BOND_AD_INFO_ACTOR_KEY, schema_u16, "key of this end"),
    ROW_READ("partner_key", IFLA_BOND_AD_INFO_PARTNER_KEY, schema_u16, "key of the other end"),
    ROW_READ("partner_mac", IFLA_BOND_AD_INFO_PARTNER_MAC, schema_mac, "address of the other end"),
    SCHEMA_END};
static const struct schema schema_link_bond_ad_info = {
    .name = "link.bond.ad_info", .doc = "The state of 802.3ad.", .rows = ad_info_rows};

static const struct schema_row bond_rows[] = {
    ROW_ARG("mode", "mode", IFLA_BOND_MODE, schema_enum8, modes,
            "balance-rr (the default), active-backup, balance-xor, broadcast, 802.3ad, "
            "balance-tlb, balance-alb"),
    ROW("active_slave", "active_slave, !clear_active_slave", IFLA_BOND_ACTIVE_SLAVE, schema_master,
        "the link in use; false leaves the choice to the bond"),
    ROW("miimon", "miimon", IFLA_BOND_MIIMON, schema_u32,
        "how often carriers are looked at, in ms; 0: not"),
    ROW("updelay", "updelay", IFLA_BOND_UPDELAY, schema_u32,
        "wait before a link with a carrier is used, in ms"),
    ROW("downdelay", "downdelay", IFLA_BOND_DOWNDELAY, schema_u32,
        "wait before a link without a carrier is left, in ms"),
    ROW("peer_notif_delay", "peer_notify_delay", IFLA_BOND_PEER_NOTIF_DELAY, schema_u32,
        "between the notes that the active link is another one, in ms"),
    ROW("use_carrier", "use_carrier", IFLA_BOND_USE_CARRIER, schema_bool8,
        "carriers are known from the driver"),
    ROW("arp_interval", "arp_interval", IFLA_BOND_ARP_INTERVAL, schema_u32,
        "how often ARP asks the targets, in ms; 0: not"),
    ROW_ARG("arp_ip_target", "arp_ip_target", IFLA_BOND_ARP_IP_TARGET, schema_addresses, &ip4,
            "whom ARP asks: a list of IPv4 addresses"),
    ROW_ARG("ns_ip6_target", "ns_ip6_target", IFLA_BOND_NS_IP6_TARGET, schema_addresses, &ip6,
            "whom neighbour discovery asks: a list of IPv6 addresses"),
    ROW_ARG("arp_validate", "arp_validate", IFLA_BOND_ARP_VALIDATE, schema_enum32, arp_validates,
            "whose ARP answers are checked: none, active, backup, all, filter ..."),
    ROW_ARG("arp_all_targets", "arp_all_targets", IFLA_BOND_ARP_ALL_TARGETS, schema_enum32,
            arp_all_targets, "how many targets must answer: any, all"),
    ROW("primary", "primary", IFLA_BOND_PRIMARY, schema_master,
        "the link that is used whenever it can be"),
    ROW_ARG("primary_reselect", "primary_reselect", IFLA_BOND_PRIMARY_RESELECT, schema_enum8,
            reselects, "when that one is taken again: always, better, failure"),
    ROW_ARG("fail_over_mac", "fail_over_mac", IFLA_BOND_FAIL_OVER_MAC, schema_enum8, fail_over_macs,
            "whose hardware address the bond has: none, active, follow"),
    ROW_ARG("xmit_hash_policy", "xmit_hash_policy", IFLA_BOND_XMIT_HASH_POLICY, schema_enum8,
            hash_policies, "what chooses the link of a packet: layer2, layer2+3, layer3+4 ..."),
    ROW("resend_igmp", "resend_igmp", IFLA_BOND_RESEND_IGMP, schema_u32,
        "how many IGMP reports follow a change"),
    ROW("num_peer_notif", "num_grat_arp, num_unsol_na", IFLA_BOND_NUM_PEER_NOTIF, schema_u8,
        "how many notes follow a change"),
    ROW("all_slaves_active", "all_slaves_active", IFLA_BOND_ALL_SLAVES_ACTIVE, schema_bool8,
        "frames are taken from links that are not in use too"),
    ROW("min_links", "min_links", IFLA_BOND_MIN_LINKS, schema_u32,
        "fewer carriers than that are none"),
    ROW("lp_interval", "lp_interval", IFLA_BOND_LP_INTERVAL, schema_u32,
        "how often switches are taught, in s"),
    ROW("packets_per_slave", "packets_per_slave", IFLA_BOND_PACKETS_PER_SLAVE, schema_u32,
        "before balance-rr goes to the next link; 0: any number"),
    ROW_ARG("lacp_rate", "lacp_rate", IFLA_BOND_AD_LACP_RATE, schema_enum8, rates,
            "how often 802.3ad speaks: slow, fast"),
    ROW_ARG("lacp_active", "lacp_active", IFLA_BOND_AD_LACP_ACTIVE, schema_enum8, off_on,
            "whether 802.3ad speaks first: on, off"),
    ROW_ARG("ad_select", "ad_select", IFLA_BOND_AD_SELECT, schema_enum8, selects,
            "which group 802.3ad takes: stable, bandwidth, count"),
    ROW("tlb_dynamic_lb", "tlb_dynamic_lb", IFLA_BOND_TLB_DYNAMIC_LB, schema_bool8,
        "balance-tlb looks at the load"),
    ROW("ad_user_port_key", "ad_user_port_key", IFLA_BOND_AD_USER_PORT_KEY, schema_u16,
        "upper part of the port's key; told to root of the machine alone"),
    ROW("ad_actor_sys_prio", "ad_actor_sys_prio", IFLA_BOND_AD_ACTOR_SYS_PRIO, schema_u16,
        "priority of this system; told to root of the machine alone"),
    ROW("ad_actor_system", "ad_actor_system", IFLA_BOND_AD_ACTOR_SYSTEM, schema_mac,
        "hardware address of this system; told to root of the machine alone"),
    ROW("missed_max", "arp_missed_max", IFLA_BOND_MISSED_MAX, schema_u8,
        "how many answers of a target may be missing"),
    {.key = "coupled_control",
     SCHEMA_NEWER(32, IFLA_BOND_COUPLED_CONTROL),
     .codec = &schema_enum8,
     .arg = off_on,
     .words = "coupled_control",
     .doc = "802.3ad collects and distributes at once: on, off"},
    {.key = "ad_info",
     SCHEMA_ATTR(IFLA_BOND_AD_INFO),
     .codec = &schema_nest,
     .arg = &schema_link_bond_ad_info,
     .flags = SCHEMA_READONLY,
     .doc = "the state of 802.3ad"},
    SCHEMA_END};
const struct schema schema_link_bond = {
    .name = "link.bond",
    .doc = "Several links that act as one.",
    .example = "link.add(\"x0\", { bond = { mode = \"active-backup\", miimon = 100 } })",
    .rows = bond_rows};

/* ---- its parts ------------------------------------------------------------------------------- */

static const struct schema_name states[] = {{"active", 0}, {"backup", 1}, {NULL, 0}};
static const struct schema_name mii[] = {
    {"up", 0}, {"going_down", 1}, {"down", 2}, {"going_back", 3}, {NULL, 0}};

static const struct schema_row bond_slave_rows[] = {
    ROW("queue_id", "queue_id", IFLA_BOND_SLAVE_QUEUE_ID, schema_u16, "queue of the bond"),
    {.key = "prio",
     SCHEMA_NEWER(9, IFLA_BOND_SLAVE_PRIO),
     .codec = &schema_s32,
     .words = "prio",
     .doc = "the link with the highest is taken next"},
    {.key = "mii_status",
     SCHEMA_ATTR(IFLA_BOND_SLAVE_MII_STATUS),
     .codec = &schema_enum8,
     .arg = mii,
     .flags = SCHEMA_READONLY,
     .doc = "state of the carrier"},
    {.key = "state",
     SCHEMA_ATTR(IFLA_BOND_SLAVE_STATE),
     .codec = &schema_enum8,
     .arg = states,
     .flags = SCHEMA_READONLY,
     .doc = "active or backup"},
    ROW_READ("link_failure_count", IFLA_BOND_SLAVE_LINK_FAILURE_COUNT, schema_u32,
             "how often the carrier went"),
    ROW_READ("perm_hwaddr", IFLA_BOND_SLAVE_PERM_HWADDR, schema_mac, "its own hardware address"),
    ROW_READ("ad_aggregator_id", IFLA_BOND_SLAVE_AD_AGGREGATOR_ID, schema_u16,
             "number of its aggregator"),
    ROW_READ("ad_actor_oper_port_state", IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE, schema_u8,
             "bits of 802.3ad at this end"),
    ROW_READ("ad_partner_oper_port_state", IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE, schema_u16,
             "bits of 802.3ad at the other end"),
    SCHEMA_END};
const struct schema schema_link_bond_slave = {
    .name = "link.bond_slave",
    .doc = "A part of a bond.",
    .example = "link.add(\"bond0\", { bond = { mode = \"active-backup\" } })\n"
               "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "link.set(\"v0\", { master = \"bond0\" })\n"
               "link.set(\"v0\", { bond_slave = { queue_id = 1 } })",
    .rows = bond_slave_rows};
