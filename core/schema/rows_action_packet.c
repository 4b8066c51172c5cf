/* rows_action_packet: the actions that write into packets, or say what is put around them, as rows.
 * Numbers and structs from linux/tc_act; words from tc-pedit(8), tc-nat(8), tc-csum(8), tc-mpls(8),
 * tc-tunnel_key(8), tc-skbmod(8). */
#include "schema/action.h"
#include <linux/pkt_cls.h>
#include <linux/tc_act/tc_csum.h>
#include <linux/tc_act/tc_mpls.h>
#include <linux/tc_act/tc_nat.h>
#include <linux/tc_act/tc_pedit.h>
#include <linux/tc_act/tc_skbmod.h>
#include <linux/tc_act/tc_tunnel_key.h>

/* ---- pedit ----------------------------------------------------------------------------------- */

#define SEL(m) TC_IN(TCA_PEDIT_PARMS_EX, tc_pedit_sel, m)

/* Without `ex` they are in TCA_PEDIT_PARMS: what is said of the one is said of both. */
static const struct schema_row pedit_rows[] = {
    {.key = "ex", SCHEMA_ATTR(TCA_PEDIT_KEYS_EX), .codec = &schema_tc_pedit_ex, .words = "ex",
     .doc = "the extended kind, which finds every header by itself, and can add; needed by all "
            "headers but ip"},
    {.key = "munge", SCHEMA_ATTR(TCA_PEDIT_PARMS_EX), .codec = &schema_tc_munge, .words = "",
     .flags = SCHEMA_REQUIRED,
     .doc = "what is written: { { \"ip ttl\", set = 5 }, { \"tcp dport\", set = 80 }, { \"offset 12 "
            "u32\", set = 1, retain = 0xff } }; in place of set: add, or clear, invert, "
            "preserve = true"},
    {.key = "control", SEL(action), .codec = &schema_tc_pedit_control, .arg = tc_controls,
     .words = "", .implied = "pass", .doc = CONTROL_DOC},
    {.key = "index", SEL(index), .codec = &schema_tc_pedit_u32, .words = "index",
     .flags = SCHEMA_OWN, .doc = "its number among those of its kind"},
    {.key = "refs", SEL(refcnt), .codec = &schema_tc_pedit_u32, .flags = SCHEMA_READONLY,
     .doc = "who knows it"},
    {.key = "binds", SEL(bindcnt), .codec = &schema_tc_pedit_u32, .flags = SCHEMA_READONLY,
     .doc = "filters that use it"},
    {.key = "keys", SCHEMA_ATTR(TCA_PEDIT_PARMS_EX), .codec = &schema_tc_munge_keys,
     .flags = SCHEMA_READONLY, .doc = "all of it as tc shows it"},
    ACTION_TIMES(TCA_PEDIT_TM),
    SCHEMA_END};
static const struct schema_name pedit_attrs[] = {SCHEMA_NAME(TCA_PEDIT_PARMS),
                                                 SCHEMA_NAME(TCA_PEDIT_KEY_EX),
                                                 {NULL, 0}};
const struct schema schema_pedit = {
    .name = "filter.pedit",
    .doc = "Writes into the packet.",
    .example = ACTION_EXAMPLE("{ { pedit = { munge = { { \"ip tos\", set = 16 } } } }, "
                              "{ csum = { iph = true } } }"),
    .attrs = pedit_attrs,
    .rows = pedit_rows};

/* ---- nat ------------------------------------------------------------------------------------- */

#define NAT(m) TC_IN(TCA_NAT_PARMS, tc_nat, m)

static const struct schema_name directions[] = {{"ingress", 0},
                                                {"egress", TCA_NAT_FLAG_EGRESS},
                                                {NULL, 0}};
static const struct schema_row nat_rows[] = {
    {.key = "direction", NAT(flags), .codec = &schema_tc_word, .arg = directions, .words = "#1",
     .flags = SCHEMA_REQUIRED,
     .doc = "ingress (another destination) or egress (another source)"},
    {.key = "old", NAT(old_addr), .codec = &schema_tc_nat_old, .words = "#2",
     .flags = SCHEMA_REQUIRED, .doc = "the addresses that are replaced: an address or a network"},
    {.key = "new", NAT(new_addr), .codec = &schema_tc_ip4, .words = "#3",
     .flags = SCHEMA_REQUIRED, .doc = "what they become; in a network the last bits stay"},
    ACTION_CONTROL(TCA_NAT_PARMS, tc_nat, "pass"),
    ACTION_GENERIC(TCA_NAT_PARMS, tc_nat),
    ACTION_TIMES(TCA_NAT_TM),
    SCHEMA_END};
const struct schema schema_nat = {
    .name = "filter.nat",
    .doc = "Gives the packet another address, without knowing connections.",
    .example = ACTION_EXAMPLE("{ nat = { direction = \"egress\", old = \"10.0.0.0/24\", "
                              "new = \"192.0.2.0\" } }"),
    .rows = nat_rows};

/* ---- csum ------------------------------------------------------------------------------------ */

#define SUM(key_, bit_, words_, doc_)                                                              \
  {                                                                                                \
    .key = key_, TC_IN(TCA_CSUM_PARMS, tc_csum, update_flags), .codec = &schema_tc_bit,            \
    .arg = &(const struct tc_bit){TCA_CSUM_UPDATE_FLAG_##bit_, false}, .words = words_,            \
    .doc = doc_                                                                                    \
  }
static const struct schema_row csum_rows[] = {
    SUM("iph", IPV4HDR, "iph, ip4h, ipv4h, ip", "that of the IPv4 header"),
    SUM("icmp", ICMP, "icmp", "that of ICMP"),
    SUM("igmp", IGMP, "igmp", "that of IGMP"),
    SUM("tcp", TCP, "tcp", "that of TCP"),
    SUM("udp", UDP, "udp", "that of UDP"),
    SUM("udplite", UDPLITE, "udplite", "that of UDP-Lite"),
    SUM("sctp", SCTP, "sctp", "that of SCTP"),
    ACTION_CONTROL(TCA_CSUM_PARMS, tc_csum, "pass"),
    ACTION_GENERIC(TCA_CSUM_PARMS, tc_csum),
    ACTION_TIMES(TCA_CSUM_TM),
    SCHEMA_END};
const struct schema schema_csum = {
    .name = "filter.csum",
    .doc = "Reckons checksums anew, behind what wrote into the packet.",
    .example = ACTION_EXAMPLE("{ csum = { iph = true, udp = true } }"),
    .rows = csum_rows};

/* ---- mpls ------------------------------------------------------------------------------------ */

static const struct schema_name mpls_modes[] = {
    {"pop", TCA_MPLS_ACT_POP},         {"push", TCA_MPLS_ACT_PUSH},
    {"modify", TCA_MPLS_ACT_MODIFY},   {"dec_ttl", TCA_MPLS_ACT_DEC_TTL},
    {"mac_push", TCA_MPLS_ACT_MAC_PUSH}, {NULL, 0}};
#define MPLS(key_, a, codec_, doc_)                                                                \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(a), .codec = &(codec_), .words = key_, .doc = doc_                    \
  }
static const struct schema_row mpls_rows[] = {
    {.key = "mode", TC_IN(TCA_MPLS_PARMS, tc_mpls, m_action), .codec = &schema_tc_word,
     .arg = mpls_modes, .words = "", .flags = SCHEMA_REQUIRED,
     .doc = "push, pop, modify, dec_ttl; mac_push puts it in front of the Ethernet header"},
    {.key = "protocol", SCHEMA_ATTR(TCA_MPLS_PROTO), .codec = &schema_tc_mpls_protocol,
     .arg = tc_protocols, .words = "protocol",
     .doc = "what a pop leaves: ip, ipv6, mpls_uc; what a push makes: mpls_uc"},
    MPLS("label", TCA_MPLS_LABEL, schema_u32, "the label"),
    MPLS("tc", TCA_MPLS_TC, schema_u8, "traffic class"),
    MPLS("ttl", TCA_MPLS_TTL, schema_u8, "hops that it may still make"),
    MPLS("bos", TCA_MPLS_BOS, schema_u8, "1: the last label"),
    ACTION_CONTROL(TCA_MPLS_PARMS, tc_mpls, "pipe"),
    ACTION_GENERIC(TCA_MPLS_PARMS, tc_mpls),
    ACTION_TIMES(TCA_MPLS_TM),
    SCHEMA_END};
const struct schema schema_mpls_action = {
    .name = "filter.mpls",
    .doc = "Puts an MPLS label on, changes it, or takes it off.",
    .example = ACTION_EXAMPLE("{ mpls = { mode = \"push\", label = 100 } }"),
    .rows = mpls_rows};

/* ---- tunnel_key ------------------------------------------------------------------------------ */

static const struct schema_name tunnel_modes[] = {{"set", TCA_TUNNEL_KEY_ACT_SET},
                                                  {"unset", TCA_TUNNEL_KEY_ACT_RELEASE},
                                                  {NULL, 0}};
static const struct schema_inet either = {0, SCHEMA_EITHER};
static const struct schema_row tunnel_key_rows[] = {
    {.key = "mode", TC_IN(TCA_TUNNEL_KEY_PARMS, tc_tunnel_key, t_action), .codec = &schema_tc_word,
     .arg = tunnel_modes, .words = "", .flags = SCHEMA_REQUIRED,
     .doc = "set, or unset: forgets which one it came out of"},
    {.key = "src_ip", SCHEMA_ATTR(TCA_TUNNEL_KEY_ENC_IPV4_SRC), .codec = &schema_inet,
     .other = TCA_TUNNEL_KEY_ENC_IPV6_SRC, .arg = &either, .words = "src_ip",
     .doc = "outer address that it is from"},
    {.key = "dst_ip", SCHEMA_ATTR(TCA_TUNNEL_KEY_ENC_IPV4_DST), .codec = &schema_inet,
     .other = TCA_TUNNEL_KEY_ENC_IPV6_DST, .arg = &either, .words = "dst_ip",
     .doc = "outer address that it is to"},
    {.key = "id", SCHEMA_ATTR(TCA_TUNNEL_KEY_ENC_KEY_ID), .codec = &schema_be32, .words = "id",
     .doc = "number of the tunnel: a VNI, a key"},
    {.key = "dst_port", SCHEMA_ATTR(TCA_TUNNEL_KEY_ENC_DST_PORT), .codec = &schema_port,
     .words = "dst_port", .doc = "outer port that it is to"},
    {.key = "tos", SCHEMA_ATTR(TCA_TUNNEL_KEY_ENC_TOS), .codec = &schema_u8, .words = "tos",
     .doc = "outer type of service"},
    {.key = "ttl", SCHEMA_ATTR(TCA_TUNNEL_KEY_ENC_TTL), .codec = &schema_u8, .words = "ttl",
     .doc = "outer time to live"},
    {.key = "csum", SCHEMA_ATTR(TCA_TUNNEL_KEY_NO_CSUM), .codec = &schema_tc_no8,
     .words = "csum|nocsum", .doc = "whether the outer packet has a checksum; it has one"},
    ACTION_CONTROL(TCA_TUNNEL_KEY_PARMS, tc_tunnel_key, "pipe"),
    ACTION_GENERIC(TCA_TUNNEL_KEY_PARMS, tc_tunnel_key),
    ACTION_TIMES(TCA_TUNNEL_KEY_TM),
    SCHEMA_END};
static const struct schema_name tunnel_key_attrs[] = {
    SCHEMA_NAME(TCA_TUNNEL_KEY_ENC_IPV6_SRC), SCHEMA_NAME(TCA_TUNNEL_KEY_ENC_IPV6_DST),
    SCHEMA_NAME(TCA_TUNNEL_KEY_ENC_OPTS), {NULL, 0}};
const struct schema schema_tunnel_key = {
    .name = "filter.tunnel_key",
    .doc = "Says which tunnel the packet goes through, when it goes out of a link that is external.",
    .example = ACTION_EXAMPLE("{ tunnel_key = { mode = \"set\", src_ip = \"10.0.0.1\", "
                              "dst_ip = \"10.0.0.2\", id = 42, dst_port = 4789 } }"),
    .attrs = tunnel_key_attrs,
    .rows = tunnel_key_rows};

/* ---- skbmod ---------------------------------------------------------------------------------- */

#define MOD(m) TC_IN(TCA_SKBMOD_PARMS, tc_skbmod, m)
#define FLAGGED(key_, a, codec_, bit_, doc_)                                                       \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(a), .codec = &(codec_),                                               \
    .arg = &(const struct tc_with_bit){TCA_SKBMOD_PARMS, offsetof(struct tc_skbmod, flags),        \
                                       sizeof(struct tc_skbmod), bit_},                            \
    .words = "set+" key_, .doc = doc_                                                              \
  }
#ifndef SKBMOD_F_ECN /* younger than Linux 5.14 */
#define SKBMOD_F_ECN 0x10
#endif
static const struct schema_row skbmod_rows[] = {
    FLAGGED("dmac", TCA_SKBMOD_DMAC, schema_tc_flagged_mac, SKBMOD_F_DMAC,
            "hardware address that it is to"),
    FLAGGED("smac", TCA_SKBMOD_SMAC, schema_tc_flagged_mac, SKBMOD_F_SMAC,
            "hardware address that it is from"),
    FLAGGED("etype", TCA_SKBMOD_ETYPE, schema_tc_flagged_u16, SKBMOD_F_ETYPE,
            "number of the protocol"),
    {.key = "swap_mac", MOD(flags), .codec = &schema_tc_bit,
     .arg = &(const struct tc_bit){SKBMOD_F_SWAPMAC, true}, .words = "swap+mac",
     .doc = "the two addresses change places"},
    {.key = "ecn", MOD(flags), .codec = &schema_tc_bit,
     .arg = &(const struct tc_bit){SKBMOD_F_ECN, true}, .words = "ecn",
     .doc = "marks it: there is congestion"},
    ACTION_CONTROL(TCA_SKBMOD_PARMS, tc_skbmod, "pipe"),
    ACTION_GENERIC(TCA_SKBMOD_PARMS, tc_skbmod),
    ACTION_TIMES(TCA_SKBMOD_TM),
    SCHEMA_END};
const struct schema schema_skbmod = {
    .name = "filter.skbmod",
    .doc = "Changes the Ethernet header.",
    .example = ACTION_EXAMPLE("{ skbmod = { dmac = \"02:00:00:00:00:01\" } }"),
    .rows = skbmod_rows};
