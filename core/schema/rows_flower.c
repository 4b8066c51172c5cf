/* rows_flower: the filter by headers, as rows: of Ethernet, VLANs, IP, ARP, MPLS, of what a tunnel put
 * around them, of what connection tracking knows. Numbers from linux/pkt_cls.h; words from tc-flower(8). */
#include "schema/tc.h"
#include <linux/if_arp.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#define F(x) TCA_FLOWER_KEY_##x

#define MASKED(key_, a, len_, host_, words_, doc_)                                                 \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(a), .codec = &schema_tc_masked,                                       \
    .arg = &(const struct tc_masked){.mask = a##_MASK, .len = len_, .host = host_},                \
    .words = words_, .doc = doc_                                                                   \
  }
#define MAC(key_, a, doc_)                                                                         \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(a), .codec = &schema_tc_masked_mac,                                   \
    .arg = &(const struct tc_masked){.mask = a##_MASK, .len = 6}, .words = key_, .doc = doc_       \
  }
#define ADDRESS(key_, v4_, v6_, v6_mask_, packet_, doc_)                                           \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(v4_), .codec = &schema_tc_flower_ip,                                  \
    .arg = &(const struct tc_flower_ip){v4_, v4_##_MASK, v6_, v6_mask_, packet_}, .words = key_,   \
    .doc = doc_                                                                                    \
  }
#define PORT(key_, END, doc_)                                                                      \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(TCA_FLOWER_KEY_TCP_##END), .codec = &schema_tc_by_proto,              \
    .arg =                                                                                         \
        &(const struct tc_by_proto){                                                               \
            {{IPPROTO_TCP, TCA_FLOWER_KEY_TCP_##END, TCA_FLOWER_KEY_TCP_##END##_MASK},             \
             {IPPROTO_UDP, TCA_FLOWER_KEY_UDP_##END, TCA_FLOWER_KEY_UDP_##END##_MASK},             \
             {IPPROTO_SCTP, TCA_FLOWER_KEY_SCTP_##END, TCA_FLOWER_KEY_SCTP_##END##_MASK}},         \
            2,                                                                                     \
            TCA_FLOWER_KEY_PORT_##END##_MIN,                                                       \
            TCA_FLOWER_KEY_PORT_##END##_MAX,                                                       \
            "ip_proto = \"tcp\", \"udp\" or \"sctp\""},                                            \
    .words = key_, .doc = doc_                                                                     \
  }
#define ICMP(key_, WHAT, words_, doc_)                                                             \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(TCA_FLOWER_KEY_ICMPV4_##WHAT), .codec = &schema_tc_by_proto,          \
    .arg =                                                                                         \
        &(const struct tc_by_proto){                                                               \
            {{IPPROTO_ICMP, TCA_FLOWER_KEY_ICMPV4_##WHAT, TCA_FLOWER_KEY_ICMPV4_##WHAT##_MASK},    \
             {IPPROTO_ICMPV6, TCA_FLOWER_KEY_ICMPV6_##WHAT, TCA_FLOWER_KEY_ICMPV6_##WHAT##_MASK}}, \
            1,                                                                                     \
            0,                                                                                     \
            0,                                                                                     \
            "ip_proto = \"icmp\" or \"icmpv6\""},                                                  \
    .words = words_, .doc = doc_                                                                   \
  }
#define PLAIN(key_, a, codec_, doc_)                                                               \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(a), .codec = &codec_, .words = key_, .doc = doc_                      \
  }
#define ETHNAME(key_, a, doc_)                                                                     \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(a), .codec = &schema_tc_ethname, .arg = tc_protocols, .words = key_,  \
    .doc = doc_                                                                                    \
  }
static const struct schema_name ip_protos[] = {{"tcp", IPPROTO_TCP},       {"udp", IPPROTO_UDP},
                                               {"sctp", IPPROTO_SCTP},     {"icmp", IPPROTO_ICMP},
                                               {"icmpv6", IPPROTO_ICMPV6}, {NULL, 0}};
static const struct schema_name arp_ops[] = {{"request", ARPOP_REQUEST},
                                             {"reply", ARPOP_REPLY},
                                             {NULL, 0}};
static const struct schema_name fragments[] = {{"frag", TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT},
                                               {"firstfrag", TCA_FLOWER_KEY_FLAGS_FRAG_IS_FIRST},
                                               {NULL, 0}};
static const struct schema_name ct_states[] = {{"trk", TCA_FLOWER_KEY_CT_FLAGS_TRACKED},
                                               {"new", TCA_FLOWER_KEY_CT_FLAGS_NEW},
                                               {"est", TCA_FLOWER_KEY_CT_FLAGS_ESTABLISHED},
                                               {"rel", TCA_FLOWER_KEY_CT_FLAGS_RELATED},
                                               {"inv", TCA_FLOWER_KEY_CT_FLAGS_INVALID},
                                               {"rpl", TCA_FLOWER_KEY_CT_FLAGS_REPLY},
                                               {NULL, 0}};

static const struct schema_row flower_rows[] = {
    TC_CLASSID(TCA_FLOWER_CLASSID),
    PLAIN("indev", TCA_FLOWER_INDEV, schema_ifname, "name of the link that it came in by"),
    PLAIN("num_of_vlans", TCA_FLOWER_KEY_NUM_OF_VLANS, schema_u8, "how many tags of VLANs it has"),
    PLAIN("vlan_id", TCA_FLOWER_KEY_VLAN_ID, schema_u16, "of the VLAN; the protocol is 802.1Q"),
    PLAIN("vlan_prio", TCA_FLOWER_KEY_VLAN_PRIO, schema_u8, "priority in the VLAN's tag"),
    ETHNAME("vlan_ethtype", TCA_FLOWER_KEY_VLAN_ETH_TYPE,
            "what is inside the VLAN: ip, ipv6, arp, 802.1Q ..."),
    PLAIN("cvlan_id", TCA_FLOWER_KEY_CVLAN_ID, schema_u16, "of the VLAN inside that one"),
    PLAIN("cvlan_prio", TCA_FLOWER_KEY_CVLAN_PRIO, schema_u8, "priority in the inner tag"),
    ETHNAME("cvlan_ethtype", TCA_FLOWER_KEY_CVLAN_ETH_TYPE, "what is inside the inner VLAN"),
    MAC("dst_mac", TCA_FLOWER_KEY_ETH_DST, "hardware address that it is to: or its first bits, /24"),
    MAC("src_mac", TCA_FLOWER_KEY_ETH_SRC, "hardware address that it is from"),
    {.key = "ip_proto", SCHEMA_ATTR(TCA_FLOWER_KEY_IP_PROTO), .codec = &schema_enum8,
     .arg = ip_protos, .words = "ip_proto 0x", .doc = "tcp, udp, sctp, icmp, icmpv6 or a number"},
    ADDRESS("src_ip", TCA_FLOWER_KEY_IPV4_SRC, F(IPV6_SRC), F(IPV6_SRC_MASK), true,
            "address or network that it is from"),
    ADDRESS("dst_ip", TCA_FLOWER_KEY_IPV4_DST, F(IPV6_DST), F(IPV6_DST_MASK), true,
            "address or network that it is to"),
    PORT("src_port", SRC, "port that it is from: 80, \"80/0xfff0\" or \"80-90\"; needs ip_proto"),
    PORT("dst_port", DST, "port that it is to: 80, \"80/0xfff0\" or \"80-90\"; needs ip_proto"),
    {.key = "tcp_flags", SCHEMA_ATTR(TCA_FLOWER_KEY_TCP_FLAGS), .codec = &schema_tc_masked,
     .arg = &(const struct tc_masked){.mask = F(TCP_FLAGS_MASK), .len = 2, .all = 0xfff},
     .words = "tcp_flags", .doc = "\"2/0x12\": SYN, and no ACK; needs ip_proto"},
    MASKED("ip_tos", TCA_FLOWER_KEY_IP_TOS, 1, false, "ip_tos", "type of service"),
    MASKED("ip_ttl", TCA_FLOWER_KEY_IP_TTL, 1, false, "ip_ttl", "hops that it may still make"),
    {.key = "ip_flags", SCHEMA_ATTR(TCA_FLOWER_KEY_FLAGS), .codec = &schema_tc_flags,
     .arg = &(const struct tc_flags){fragments, F(FLAGS_MASK), 4, "", "no", "/"},
     .words = "ip_flags", .doc = "frag or nofrag, firstfrag or nofirstfrag, or two: \"frag/nofirstfrag\""},
    ICMP("icmp_type", TYPE, "type", "of an ICMP message: 8 asks for an echo; needs ip_proto"),
    ICMP("icmp_code", CODE, "code", "of an ICMP message; needs ip_proto"),
    ADDRESS("arp_sip", TCA_FLOWER_KEY_ARP_SIP, 0, 0, false, "IP address of who speaks, in ARP"),
    ADDRESS("arp_tip", TCA_FLOWER_KEY_ARP_TIP, 0, 0, false, "IP address that is asked for, in ARP"),
    {.key = "arp_op", SCHEMA_ATTR(TCA_FLOWER_KEY_ARP_OP), .codec = &schema_tc_masked,
     .arg = &(const struct tc_masked){.mask = F(ARP_OP_MASK), .len = 1, .names = arp_ops},
     .words = "arp_op",
     .doc = "request or reply"},
    MAC("arp_sha", TCA_FLOWER_KEY_ARP_SHA, "hardware address of who speaks, in ARP"),
    MAC("arp_tha", TCA_FLOWER_KEY_ARP_THA, "hardware address that is asked for, in ARP"),
    PLAIN("mpls_label", TCA_FLOWER_KEY_MPLS_LABEL, schema_u32, "label; the protocol is mpls_uc"),
    PLAIN("mpls_tc", TCA_FLOWER_KEY_MPLS_TC, schema_u8, "traffic class of the label"),
    PLAIN("mpls_bos", TCA_FLOWER_KEY_MPLS_BOS, schema_u8, "1: the last label"),
    PLAIN("mpls_ttl", TCA_FLOWER_KEY_MPLS_TTL, schema_u8, "hops that it may still make"),
    ADDRESS("enc_src_ip", TCA_FLOWER_KEY_ENC_IPV4_SRC, F(ENC_IPV6_SRC), F(ENC_IPV6_SRC_MASK), false,
            "address that the tunnel's packet is from"),
    ADDRESS("enc_dst_ip", TCA_FLOWER_KEY_ENC_IPV4_DST, F(ENC_IPV6_DST), F(ENC_IPV6_DST_MASK), false,
            "address that the tunnel's packet is to"),
    PLAIN("enc_key_id", TCA_FLOWER_KEY_ENC_KEY_ID, schema_be32, "number of the tunnel: a VNI, a key"),
    {.key = "enc_dst_port", SCHEMA_ATTR(TCA_FLOWER_KEY_ENC_UDP_DST_PORT),
     .codec = &schema_tc_masked,
     .arg = &(const struct tc_masked){.mask = F(ENC_UDP_DST_PORT_MASK), .len = 2, .bare = true},
     .words = "enc_dst_port", .doc = "port that the tunnel's packet is to"},
    MASKED("enc_tos", TCA_FLOWER_KEY_ENC_IP_TOS, 1, false, "enc_tos",
           "type of service of the tunnel's packet"),
    MASKED("enc_ttl", TCA_FLOWER_KEY_ENC_IP_TTL, 1, false, "enc_ttl", "hops of the tunnel's packet"),
    {.key = "ct_state", SCHEMA_ATTR(TCA_FLOWER_KEY_CT_STATE), .codec = &schema_tc_flags,
     .arg = &(const struct tc_flags){ct_states, F(CT_STATE_MASK), 2, "+", "-", ""},
     .words = "ct_state", .doc = "\"+trk+est-new\": of the flags trk, new, est, rel, inv, rpl"},
    MASKED("ct_zone", TCA_FLOWER_KEY_CT_ZONE, 2, true, "ct_zone", "zone of connection tracking"),
    MASKED("ct_mark", TCA_FLOWER_KEY_CT_MARK, 4, true, "ct_mark", "mark of the connection"),
    TC_SKIP("skip_hw", TCA_FLOWER_FLAGS, TCA_CLS_FLAGS_SKIP_HW, "the kernel does it, no card"),
    TC_SKIP("skip_sw", TCA_FLOWER_FLAGS, TCA_CLS_FLAGS_SKIP_SW, "a card does it or nobody"),
    TC_ACTION(TCA_FLOWER_ACT),
    TC_FLAGS(TCA_FLOWER_FLAGS),
    {.key = "eth_type", SCHEMA_ATTR(TCA_FLOWER_KEY_ETH_TYPE), .codec = &schema_tc_ethtype,
     .flags = SCHEMA_HIDDEN | SCHEMA_OWN, .doc = "the filter's protocol again, as a number"},
    SCHEMA_END};

/* Attributes that the rows above name as another's. */
#define PAIR(x) SCHEMA_NAME(TCA_FLOWER_KEY_##x), SCHEMA_NAME(TCA_FLOWER_KEY_##x##_MASK)
#define MASK(x) SCHEMA_NAME(TCA_FLOWER_KEY_##x##_MASK)
static const struct schema_name flower_attrs[] = {
    MASK(IPV4_SRC), MASK(IPV4_DST), PAIR(IPV6_SRC), PAIR(IPV6_DST), PAIR(UDP_SRC), PAIR(UDP_DST),
    PAIR(SCTP_SRC), PAIR(SCTP_DST), MASK(TCP_SRC), MASK(TCP_DST), MASK(ETH_DST), MASK(ETH_SRC),
    MASK(IP_TOS), MASK(IP_TTL), MASK(ICMPV4_TYPE), MASK(ICMPV4_CODE), PAIR(ICMPV6_TYPE),
    PAIR(ICMPV6_CODE), MASK(TCP_FLAGS), MASK(FLAGS), MASK(ARP_SIP), MASK(ARP_TIP), MASK(ARP_OP),
    MASK(ARP_SHA), MASK(ARP_THA), MASK(ENC_IPV4_SRC), MASK(ENC_IPV4_DST), PAIR(ENC_IPV6_SRC),
    PAIR(ENC_IPV6_DST), MASK(ENC_UDP_DST_PORT), MASK(ENC_IP_TOS), MASK(ENC_IP_TTL), MASK(CT_STATE),
    MASK(CT_ZONE), MASK(CT_MARK), SCHEMA_NAME(TCA_FLOWER_KEY_PORT_SRC_MIN),
    SCHEMA_NAME(TCA_FLOWER_KEY_PORT_SRC_MAX), SCHEMA_NAME(TCA_FLOWER_KEY_PORT_DST_MIN),
    SCHEMA_NAME(TCA_FLOWER_KEY_PORT_DST_MAX), SCHEMA_NAME(TCA_FLOWER_IN_HW_COUNT), {NULL, 0}};

const struct schema schema_flower = {
    .name = "filter.flower",
    .doc = "By the headers of the packet.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "qdisc.add { dev = \"v0\", type = \"ingress\" }\n"
               "filter.add { dev = \"v0\", ingress = true, flower = { dst_ip = \"192.0.2.1\", "
               "action = \"drop\" } }",
    .attrs = flower_attrs,
    .rows = flower_rows};
