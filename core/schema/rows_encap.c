/* rows_encap: what a route wraps packets into - MPLS labels, an IP tunnel, IPv6 segments - as rows.
 * Numbers from linux/lwtunnel.h and its neighbours, words from ip-route(8). */
#include "schema/encap.h"
#include "schema/names.h"
#include <linux/lwtunnel.h>
#include <linux/mpls_iptunnel.h>
#include <linux/seg6_iptunnel.h>
#include <linux/seg6_local.h>
#include <netinet/in.h>

#define ROW(key_, words_, attr_, codec_, arg_, flags_, doc_)                                       \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(attr_), .codec = &(codec_), .arg = arg_, .words = words_,             \
    .flags = flags_, .doc = doc_                                                                   \
  }

static const struct schema_inet ip4 = {AF_INET, SCHEMA_EITHER}, ip6 = {AF_INET6, SCHEMA_EITHER};

/* ---- mpls ------------------------------------------------------------------------------------ */

static const struct schema_row mpls_rows[] = {
    ROW("labels", NULL, MPLS_IPTUNNEL_DST, schema_labels, NULL, SCHEMA_REQUIRED | SCHEMA_HIDDEN,
        "the labels, the outermost first: 100 or \"100/200\""),
    ROW("ttl", "ttl", MPLS_IPTUNNEL_TTL, schema_u8, NULL, 0,
        "of the labels; without it that of the packet"),
    SCHEMA_END};

static const struct schema encap_mpls = {
    .name = "route.encap.mpls", .doc = "MPLS labels in front of the packet.", .rows = mpls_rows};

/* ---- ip and ip6 ------------------------------------------------------------------------------ */

/* The kernel has them in the order of the wire. */
enum { CSUM = 1, KEY = 4, SEQ = 8 };

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define WIRE16(v) ((uint32_t)(v) << 8)
#else
#define WIRE16(v) ((uint32_t)(v))
#endif

#define FLAG(key_, attr_, bit, doc_)                                                               \
  ROW(key_, key_, attr_, schema_bit16, (&(const struct schema_bit){WIRE16(bit), 0, false}), 0, doc_)
#define FLAGS(attr_)                                                                               \
  FLAG("key", attr_, KEY, "the id stands in the packet as the tunnel's key"),                      \
      FLAG("csum", attr_, CSUM, "with a checksum"), FLAG("seq", attr_, SEQ, "numbered")
#define ID "number of the tunnel, for the device that has external (collect metadata)"

static const struct schema_row ip_rows[] = {
    ROW("id", "id", LWTUNNEL_IP_ID, schema_be64, NULL, 0, ID),
    ROW("src", "src", LWTUNNEL_IP_SRC, schema_inet, &ip4, 0, "the outer source address"),
    ROW("dst", "dst", LWTUNNEL_IP_DST, schema_inet, &ip4, 0, "the outer destination: the other end"),
    ROW("ttl", "ttl", LWTUNNEL_IP_TTL, schema_u8, NULL, 0, "of the outer packet"),
    ROW("tos", "tos 0x", LWTUNNEL_IP_TOS, schema_u8, NULL, 0, "of the outer packet"),
    FLAGS(LWTUNNEL_IP_FLAGS),
    SCHEMA_END};

static const struct schema encap_ip = {
    .name = "route.encap.ip", .doc = "An IPv4 tunnel, chosen by the route.", .rows = ip_rows};

static const struct schema_row ip6_rows[] = {
    ROW("id", "id", LWTUNNEL_IP6_ID, schema_be64, NULL, 0, ID),
    ROW("src", "src", LWTUNNEL_IP6_SRC, schema_inet, &ip6, 0, "the outer source address"),
    ROW("dst", "dst", LWTUNNEL_IP6_DST, schema_inet, &ip6, 0, "the outer destination: the other end"),
    ROW("hoplimit", "hoplimit", LWTUNNEL_IP6_HOPLIMIT, schema_u8, NULL, 0, "of the outer packet"),
    ROW("tc", "tc 0x", LWTUNNEL_IP6_TC, schema_u8, NULL, 0, "traffic class of the outer packet"),
    FLAGS(LWTUNNEL_IP6_FLAGS),
    SCHEMA_END};

static const struct schema encap_ip6 = {
    .name = "route.encap.ip6", .doc = "An IPv6 tunnel, chosen by the route.", .rows = ip6_rows};

/* ---- segment routing ------------------------------------------------------------------------- */

/* All of it is one attribute, which `segs` puts. */
static const struct schema_row seg6_rows[] = {
    ROW("mode", "mode", SEG6_IPTUNNEL_SRH, schema_seg6_mode, schema_seg6_modes, SCHEMA_REQUIRED,
        "encap: an IPv6 packet around it; inline: into its own header; l2encap: around the frame"),
    ROW("segs", "segs", SEG6_IPTUNNEL_SRH, schema_seg6_segs, NULL, SCHEMA_REQUIRED,
        "the addresses on the way, in the order in which they are passed"),
    ROW("hmac", "hmac", SEG6_IPTUNNEL_SRH, schema_seg6_hmac, NULL, 0, "number of the key that signs it"),
    SCHEMA_END};

static const struct schema encap_seg6 = {.name = "route.encap.seg6",
                                         .doc = "A list of IPv6 segments (SRv6).",
                                         .rows = seg6_rows};

static const struct schema_name actions[] = {{"End", 1},      {"End.X", 2},
                                             {"End.T", 3},    {"End.DX2", 4},
                                             {"End.DX6", 5},  {"End.DX4", 6},
                                             {"End.DT6", 7},  {"End.DT4", 8},
                                             {"End.B6", 9},   {"End.B6.Encaps", 10},
                                             {"End.BM", 11},  {"End.S", 12},
                                             {"End.AS", 13},  {"End.AM", 14},
                                             {"End.BPF", 15}, {"End.DT46", 16},
                                             {NULL, 0}};

static const struct schema_step flavors[] = {{SCHEMA_ATTR(SEG6_LOCAL_FLAVORS)}, {0, NULL}};
/* The bits of the operations' numbers. */
static const struct schema_name flavor_words[] = {{"psp", 1U << SEG6_LOCAL_FLV_OP_PSP},
                                                  {"usp", 1U << SEG6_LOCAL_FLV_OP_USP},
                                                  {"usd", 1U << SEG6_LOCAL_FLV_OP_USD},
                                                  {"next-csid", 1U << SEG6_LOCAL_FLV_OP_NEXT_CSID},
                                                  {NULL, 0}};

#define FLAVOR(key_, attr_, codec_, arg_, doc_)                                                    \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(attr_), .in = flavors, .codec = &(codec_), .arg = arg_,               \
    .words = key_, .doc = doc_                                                                     \
  }

static const struct schema_row seg6local_rows[] = {
    ROW("action", "action", SEG6_LOCAL_ACTION, schema_enum32, actions, SCHEMA_REQUIRED,
        "what is done with a packet that has come to this segment: End, End.X, End.DT4 ..."),
    ROW("segs", "srh", SEG6_LOCAL_SRH, schema_seg6_srh, NULL, 0, "of End.B6: the segments to put in"),
    ROW("table", "table", SEG6_LOCAL_TABLE, schema_enum32, schema_tables, 0,
        "of End.T and End.DT6: the routing table"),
    ROW("vrftable", "vrftable", SEG6_LOCAL_VRFTABLE, schema_enum32, schema_tables, 0,
        "of End.DT4, DT6, DT46: the table of a vrf"),
    ROW("nh4", "nh4", SEG6_LOCAL_NH4, schema_inet, &ip4, 0, "of End.DX4: the next hop"),
    ROW("nh6", "nh6", SEG6_LOCAL_NH6, schema_inet, &ip6, 0, "of End.X and End.DX6: the next hop"),
    ROW("iif", "iif", SEG6_LOCAL_IIF, schema_dev, NULL, 0, "the link it came in by"),
    ROW("oif", "oif", SEG6_LOCAL_OIF, schema_dev, NULL, 0, "of End.DX2: the link it goes out by"),
    FLAVOR("flavors", SEG6_LOCAL_FLV_OPERATION, schema_words, flavor_words,
           "of End, End.X and End.T: psp, usp, usd: who takes off the routing header; next-csid: "
           "addresses that hold several segments"),
    FLAVOR("lblen", SEG6_LOCAL_FLV_LCBLOCK_BITS, schema_u8, NULL,
           "of next-csid: bits of the part that all segments share, 32 unless given"),
    FLAVOR("nflen", SEG6_LOCAL_FLV_LCNODE_FN_BITS, schema_u8, NULL,
           "of next-csid: bits of one segment, 16 unless given"),
    ROW("count", "count", SEG6_LOCAL_COUNTERS, schema_seg6_count, NULL, 0, "packets are counted"),
    SCHEMA_END};

static const struct schema encap_seg6local = {.name = "route.encap.seg6local",
                                              .doc = "What is done at the end of an IPv6 segment.",
                                              .rows = seg6local_rows};

/* ---- IPsec ----------------------------------------------------------------------------------- */

static const struct schema_row xfrm_rows[] = {
    ROW("if_id", "if_id", LWT_XFRM_IF_ID, schema_u32, NULL, SCHEMA_REQUIRED,
        "number of the policies that decide, as an xfrm link has one"),
    ROW("link_dev", "link_dev", LWT_XFRM_LINK, schema_dev, NULL, 0, "the link below"),
    SCHEMA_END};

static const struct schema encap_xfrm = {
    .name = "route.encap.xfrm", .doc = "IPsec, by its policies of a number.", .rows = xfrm_rows};

/* ---- the kinds ------------------------------------------------------------------------------- */

static const struct schema_row no_rows[] = {SCHEMA_END};
const struct schema schema_encap_other = {
    .name = "route.encap.other", .doc = "A kind that is read, not made.", .rows = no_rows};

/* By the number that stands in RTA_ENCAP_TYPE, in the place of an attribute's. */
#define KIND(key_, type, schema_, doc_)                                                            \
  {                                                                                                \
    .key = key_, .attr = (type), .sym = #type, .codec = &schema_encap_kind, .arg = &(schema_),     \
    .words = key_, .doc = doc_                                                                                    \
  }
#define OTHER(key_, type)                                                                          \
  {                                                                                                \
    .key = key_, .attr = (type), .sym = #type, .codec = &schema_encap_kind,                        \
    .arg = &schema_encap_other, .flags = SCHEMA_READONLY, .doc = "read, not made"                  \
  }

static const struct schema_row kinds[] = {
    KIND("mpls", LWTUNNEL_ENCAP_MPLS, encap_mpls, "MPLS labels: { labels = \"100/200\" }"),
    KIND("ip", LWTUNNEL_ENCAP_IP, encap_ip, "an IPv4 tunnel: { id = 5, dst = \"10.0.0.9\" }"),
    KIND("ip6", LWTUNNEL_ENCAP_IP6, encap_ip6, "an IPv6 tunnel: { id = 5, dst = \"fd00::9\" }"),
    KIND("seg6", LWTUNNEL_ENCAP_SEG6, encap_seg6,
         "IPv6 segments: { mode = \"encap\", segs = { \"fd00::2\", \"fd00::3\" } }"),
    KIND("seg6local", LWTUNNEL_ENCAP_SEG6_LOCAL, encap_seg6local,
         "the end of a segment: { action = \"End.X\", nh6 = \"fd00::5\" }"),
    KIND("xfrm", LWTUNNEL_ENCAP_XFRM, encap_xfrm, "IPsec: { if_id = 5 }"),
    OTHER("ila", LWTUNNEL_ENCAP_ILA),
    OTHER("bpf", LWTUNNEL_ENCAP_BPF),
    OTHER("rpl", LWTUNNEL_ENCAP_RPL),
    OTHER("ioam6", LWTUNNEL_ENCAP_IOAM6),
    SCHEMA_END};

const struct schema schema_encap_kinds = {
    .name = "route.encap", .doc = "What packets are wrapped into: one of these.", .rows = kinds};
