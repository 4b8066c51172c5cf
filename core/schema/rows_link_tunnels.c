/* rows_link_tunnels: tunnels of IP and GRE over IPv4 and IPv6, and those of IPsec, as rows. Words
 * from ip-link(8). */
#include "schema/rows_link.h"
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/ip6_tunnel.h>
#include <netinet/in.h>

static const struct schema_inet ip4 = {AF_INET, SCHEMA_EITHER},
                                ip6 = {AF_INET6, SCHEMA_EITHER};
static const struct schema_name ttls[] = {{"inherit", 0}, {NULL, 0}};
static const struct schema_name tos_words[] = {{"inherit", 1}, {NULL, 0}};
static const struct schema_name encaps[] = {
    {"none", TUNNEL_ENCAP_NONE}, {"fou", TUNNEL_ENCAP_FOU}, {"gue", TUNNEL_ENCAP_GUE}, {NULL, 0}};
static const struct schema_name ports[] = {{"auto", 0}, {NULL, 0}};
static const struct schema_bit csum = {TUNNEL_ENCAP_FLAG_CSUM, 0, false},
                               csum6 = {TUNNEL_ENCAP_FLAG_CSUM6, 0, false},
                               remcsum = {TUNNEL_ENCAP_FLAG_REMCSUM, 0, false};

/* ---- what all have --------------------------------------------------------------------------- */

#define ENDS(P, inet_)                                                                             \
  ROW_ARG("remote", "remote", IFLA_##P##_REMOTE, schema_inet, &(inet_), "the other end"),          \
      ROW_ARG("local_address", "local", IFLA_##P##_LOCAL, schema_inet, &(inet_), "own address"),   \
      ROW("dev", "dev", IFLA_##P##_LINK, schema_dev, "link to send over")

/* Packets in UDP. */
#define ENCAP(P, csum6_codec)                                                                      \
  ROW_ARG("encap", "encap", IFLA_##P##_ENCAP_TYPE, schema_enum16, encaps,                          \
          "UDP around it: none, fou, gue"),                                                        \
      ROW_ARG("encap_sport", "encap-sport", IFLA_##P##_ENCAP_SPORT, schema_auto_port, ports,            \
              "own UDP port, or \"auto\""),                                                        \
      ROW_ARG("encap_dport", "encap-dport", IFLA_##P##_ENCAP_DPORT, schema_auto_port, ports,            \
              "UDP port at the other end"),                                                        \
      ROW_ARG("encap_csum", "encap-csum|noencap-csum", IFLA_##P##_ENCAP_FLAGS, schema_bit16,       \
              &csum, "UDP checksums over IPv4"),                                                   \
      ROW_ARG("encap_csum6", "encap-udp6-csum|noencap-udp6-csum", IFLA_##P##_ENCAP_FLAGS,          \
              csum6_codec, &csum6, "UDP checksums over IPv6"),                                     \
      ROW_ARG("encap_remcsum", "encap-remcsum|noencap-remcsum", IFLA_##P##_ENCAP_FLAGS,            \
              schema_bit16, &remcsum, "remote checksums"),                                         \
      ROW("external", "external", IFLA_##P##_COLLECT_METADATA, schema_flag,                        \
          "where packets go is said from outside"),                                                \
      ROW("fwmark", "fwmark 0x", IFLA_##P##_FWMARK, schema_u32, "mark of its packets")

/* The header of IPv4. */
#define OVER_IPV4(P, ttl_codec)                                                                               \
  ROW_ARG("ttl", "ttl, hoplimit", IFLA_##P##_TTL, ttl_codec, ttls,                              \
          "time to live, or \"inherit\""),                                                         \
      ROW_ARG("tos", "tos 0x, tclass 0x, dsfield 0x", IFLA_##P##_TOS, schema_enum8, tos_words,     \
              "type of service, or \"inherit\""),                                                  \
      ROW("pmtudisc", "pmtudisc|nopmtudisc", IFLA_##P##_PMTUDISC, schema_bool8,                    \
          "path MTU discovery")

/* The header of IPv6. */
#define OVER_IPV6(P)                                                                               \
  ROW("hoplimit", "hoplimit, ttl, hlim", IFLA_##P##_TTL, schema_hoplimit,                          \
      "hop limit, 64 without it"),                                                                 \
      ROW_ARG("encaplimit", "encaplimit", IFLA_##P##_ENCAP_LIMIT, schema_encap_limit,              \
              (&(const struct schema_flow){255, 0, IP6_TNL_F_IGN_ENCAP_LIMIT, IFLA_##P##_FLAGS}),  \
              "how many tunnels may be inside, or \"none\"; 4 without it"),                        \
      ROW_ARG(                                                                                     \
          "tclass", "tclass 0x, tc 0x, tos 0x, dsfield 0x", IFLA_##P##_FLOWINFO, schema_flow,      \
          (&(const struct schema_flow){0xff, 20, IP6_TNL_F_USE_ORIG_TCLASS, IFLA_##P##_FLAGS}),    \
          "traffic class, or \"inherit\""),                                                        \
      ROW_ARG("flowlabel", "flowlabel 0x, fl 0x", IFLA_##P##_FLOWINFO, schema_flow,                \
              (&(const struct schema_flow){0xfffff, 0, IP6_TNL_F_USE_ORIG_FLOWLABEL,               \
                                           IFLA_##P##_FLAGS}),                                     \
              "flow label, or \"inherit\""),                                                       \
      ROW_HIDDEN("dscp_inherit", IFLA_##P##_FLAGS, schema_bit32,                                   \
                 (&(const struct schema_bit){IP6_TNL_F_RCV_DSCP_COPY, 0, false}),                  \
                 "the packet inside gets the code point"),                                         \
      ROW_HIDDEN("fwmark_inherit", IFLA_##P##_FLAGS, schema_bit32,                                 \
                 (&(const struct schema_bit){IP6_TNL_F_USE_ORIG_FWMARK, 0, false}),                \
                 "its packets have the mark of the packet inside"),                                \
      ROW_ARG("allow_localremote", "allow-localremote|noallow-localremote", IFLA_##P##_FLAGS,      \
              schema_bit32, (&(const struct schema_bit){IP6_TNL_F_ALLOW_LOCAL_REMOTE, 0, false}),  \
              "the other end may be an address of this host")

/* ---- GRE ------------------------------------------------------------------------------------- */

#define GRE(i, o, k, l, bit)                                                                       \
  (&(const struct schema_gre){{k, l}, {i, o}, (bit)}) /* flags of both, keys of both */
#define GRE_IN(bit) GRE(IFLA_GRE_IFLAGS, 0, IFLA_GRE_IKEY, 0, bit)
#define GRE_OUT(bit) GRE(IFLA_GRE_OFLAGS, 0, IFLA_GRE_OKEY, 0, bit)
#define GRE_BOTH(bit) GRE(IFLA_GRE_IFLAGS, IFLA_GRE_OFLAGS, IFLA_GRE_IKEY, IFLA_GRE_OKEY, bit)
enum { BIT_CSUM = 0x8000, BIT_KEY = 0x2000, BIT_SEQ = 0x1000 }; /* GRE_CSUM, GRE_KEY, GRE_SEQ */

#define GRE_DIRECTIONS                                                                             \
  ROW_ARG("key", "key", IFLA_GRE_IKEY, schema_gre_key, GRE_BOTH(BIT_KEY),                          \
          "key of both directions; read: ikey, okey"),                                             \
      ROW_ARG("ikey", "ikey", IFLA_GRE_IKEY, schema_gre_key, GRE_IN(BIT_KEY),                      \
              "key of what comes in"),                                                             \
      ROW_ARG("okey", "okey", IFLA_GRE_OKEY, schema_gre_key, GRE_OUT(BIT_KEY),                     \
              "key of what goes out"),                                                             \
      ROW_ARG("seq", "seq|noseq", IFLA_GRE_IFLAGS, schema_gre_flag, GRE_BOTH(BIT_SEQ),             \
              "numbers in both directions; read: iseq, oseq"),                                     \
      ROW_ARG("iseq", "iseq|noiseq", IFLA_GRE_IFLAGS, schema_gre_flag, GRE_IN(BIT_SEQ),            \
              "what comes in has numbers"),                                                        \
      ROW_ARG("oseq", "oseq|nooseq", IFLA_GRE_OFLAGS, schema_gre_flag, GRE_OUT(BIT_SEQ),           \
              "what goes out has numbers"),                                                        \
      ROW_ARG("csum", "csum|nocsum", IFLA_GRE_IFLAGS, schema_gre_flag, GRE_BOTH(BIT_CSUM),         \
              "checksums in both directions; read: icsum, ocsum"),                                 \
      ROW_ARG("icsum", "icsum|noicsum", IFLA_GRE_IFLAGS, schema_gre_flag, GRE_IN(BIT_CSUM),        \
              "what comes in has checksums"),                                                      \
      ROW_ARG("ocsum", "ocsum|noocsum", IFLA_GRE_OFLAGS, schema_gre_flag, GRE_OUT(BIT_CSUM),       \
              "what goes out has checksums")

static const struct schema_name directions[] = {{"ingress", 0}, {"egress", 1}, {NULL, 0}};

#define ERSPAN                                                                                     \
  ROW("erspan_ver", "erspan_ver", IFLA_GRE_ERSPAN_VER, schema_u8, "version: 0, 1 or 2"),           \
      ROW("erspan", "erspan", IFLA_GRE_ERSPAN_INDEX, schema_u32, "index (version 1)"),             \
      ROW_ARG("erspan_dir", "erspan_dir", IFLA_GRE_ERSPAN_DIR, schema_enum8, directions,           \
              "which frames are mirrored: ingress, egress (version 2)"),                           \
      ROW("erspan_hwid", "erspan_hwid 0x", IFLA_GRE_ERSPAN_HWID, schema_u16,                       \
          "number of the hardware (version 2)")

#define GRE4_ROWS                                                                                  \
  GRE_DIRECTIONS, ENDS(GRE, ip4), OVER_IPV4(GRE, schema_enum8), ENCAP(GRE, schema_bit16),                        \
      ROW("ignore_df", "ignore-df|noignore-df", IFLA_GRE_IGNORE_DF, schema_bool8,                  \
          "packets that must not be fragmented are")
#define GRE6_ROWS GRE_DIRECTIONS, ENDS(GRE, ip6), OVER_IPV6(GRE), ENCAP(GRE, schema_csum6)

static const struct schema_row gre_rows[] = {GRE4_ROWS, SCHEMA_END};
static const struct schema_row erspan_rows[] = {GRE4_ROWS, ERSPAN, SCHEMA_END};
static const struct schema_row gre6_rows[] = {GRE6_ROWS, SCHEMA_END};
static const struct schema_row erspan6_rows[] = {GRE6_ROWS, ERSPAN, SCHEMA_END};

const struct schema schema_link_gre = {.name = "link.gre",
                                       .doc = "A tunnel of packets over IPv4.",
                                       .example =
                                           "link.add(\"x0\", { gre = { local_address = "
                                           "\"192.0.2.1\", remote = \"192.0.2.2\", ttl = 64 } })",
                                       .rows = gre_rows,
                                       .whole = true};
const struct schema schema_link_gretap = {
    .name = "link.gretap",
    .doc = "A tunnel of Ethernet frames over IPv4.",
    .example =
        "link.add(\"x0\", { gretap = { local_address = \"192.0.2.1\", remote = \"192.0.2.2\" } })",
    .rows = gre_rows,
    .whole = true};
const struct schema schema_link_erspan = {
    .name = "link.erspan",
    .doc = "A tunnel of mirrored frames over IPv4.",
    .example = "link.add(\"x0\", { erspan = { local_address = \"192.0.2.1\", remote = "
               "\"192.0.2.2\", ikey = 7, okey = 7 } })",
    .rows = erspan_rows,
    .whole = true};
const struct schema schema_link_ip6gre = {.name = "link.ip6gre",
                                          .doc = "A tunnel of packets over IPv6.",
                                          .example =
                                              "link.add(\"x0\", { ip6gre = { local_address = "
                                              "\"2001:db8::1\", remote = \"2001:db8::2\" } })",
                                          .rows = gre6_rows,
                                          .whole = true};
const struct schema schema_link_ip6gretap = {.name = "link.ip6gretap",
                                             .doc = "A tunnel of Ethernet frames over IPv6.",
                                             .example =
                                                 "link.add(\"x0\", { ip6gretap = { local_address = "
                                                 "\"2001:db8::1\", remote = \"2001:db8::2\" } })",
                                             .rows = gre6_rows,
                                             .whole = true};
const struct schema schema_link_ip6erspan = {
    .name = "link.ip6erspan",
    .doc = "A tunnel of mirrored frames over IPv6.",
    .example = "link.add(\"x0\", { ip6erspan = { local_address = \"2001:db8::1\", remote = "
               "\"2001:db8::2\", ikey = 7, okey = 7 } })",
    .rows = erspan6_rows,
    .whole = true};

/* ---- IP over IP ------------------------------------------------------------------------------ */

static const struct schema_name modes4[] = {{"any", 0},
                                            {"ipip", IPPROTO_IPIP},
                                            {"mplsip", IPPROTO_MPLS},
                                            {"ip6ip", IPPROTO_IPV6},
                                            {NULL, 0}};
static const struct schema_name modes6[] = {
    {"any", 0}, {"ipip6", IPPROTO_IPIP}, {"ip6ip6", IPPROTO_IPV6}, {NULL, 0}};
static const struct schema_range prefix4 = {0, 32}, prefix6 = {0, 128};

#define IPTUN4_ROWS(ttl_codec)                                                                                \
  ENDS(IPTUN, ip4), OVER_IPV4(IPTUN, ttl_codec),                                                              \
      ROW_ARG("mode", "mode", IFLA_IPTUN_PROTO, schema_inner, modes4,                              \
              "what is inside: ipip, mplsip, ip6ip (sit), any"),                                   \
      ENCAP(IPTUN, schema_bit16)

static const struct schema_row ipip_rows[] = {IPTUN4_ROWS(schema_enum8), SCHEMA_END};
const struct schema schema_link_ipip = {
    .name = "link.ipip",
    .doc = "A tunnel of IPv4 over IPv4.",
    .example =
        "link.add(\"x0\", { ipip = { local_address = \"192.0.2.1\", remote = \"192.0.2.2\" } })",
    .rows = ipip_rows,
    .whole = true};

static const struct schema_row sit_rows[] = {
    IPTUN4_ROWS(schema_sit_ttl),
    ROW_ARG("isatap", "isatap", IFLA_IPTUN_FLAGS, schema_bit16,
            (&(const struct schema_bit){SIT_ISATAP, 0, false}), "ISATAP (RFC 4214)"),
    ROW_ARG("prefix_6rd", "6rd-prefix/prefixlen_6rd", IFLA_IPTUN_6RD_PREFIX, schema_inet, &ip6,
            "IPv6 prefix of 6rd (RFC 5969)"),
    ROW_HIDDEN("prefixlen_6rd", IFLA_IPTUN_6RD_PREFIXLEN, schema_u16, &prefix6,
               "length of that prefix"),
    ROW_ARG("relay_prefix_6rd", "6rd-relay_prefix/relay_prefixlen_6rd", IFLA_IPTUN_6RD_RELAY_PREFIX,
            schema_inet, &ip4, "IPv4 prefix of 6rd"),
    ROW_HIDDEN("relay_prefixlen_6rd", IFLA_IPTUN_6RD_RELAY_PREFIXLEN, schema_u16, &prefix4,
               "length of that prefix"),
    SCHEMA_END};
const struct schema schema_link_sit = {
    .name = "link.sit",
    .doc = "A tunnel of IPv6 over IPv4.",
    .example =
        "link.add(\"x0\", { sit = { local_address = \"192.0.2.1\", remote = \"192.0.2.2\" } })",
    .rows = sit_rows,
    .whole = true};

static const struct schema_row ip6tnl_rows[] = {
    ENDS(IPTUN, ip6), OVER_IPV6(IPTUN),
    ROW_ARG("mode", "mode", IFLA_IPTUN_PROTO, schema_inner, modes6,
            "what is inside: ip6ip6, ipip6, any (the default)"),
    ENCAP(IPTUN, schema_csum6), SCHEMA_END};
const struct schema schema_link_ip6tnl = {.name = "link.ip6tnl",
                                          .doc = "A tunnel over IPv6.",
                                          .example =
                                              "link.add(\"x0\", { ip6tnl = { local_address = "
                                              "\"2001:db8::1\", remote = \"2001:db8::2\" } })",
                                          .rows = ip6tnl_rows,
                                          .whole = true};

/* ---- IPsec ----------------------------------------------------------------------------------- */

#define VTI_KEY(i, o) (&(const struct schema_gre){{i, o}, {0, 0}, 0})
#define VTI_ROWS(inet_)                                                                            \
  ENDS(VTI, inet_),                                                                                \
      ROW_ARG("key", "key", IFLA_VTI_IKEY, schema_gre_key, VTI_KEY(IFLA_VTI_IKEY, IFLA_VTI_OKEY),  \
              "key of both directions; read: ikey, okey"),                                         \
      ROW_ARG("ikey", "ikey", IFLA_VTI_IKEY, schema_gre_key, VTI_KEY(IFLA_VTI_IKEY, 0),            \
              "key of what comes in"),                                                             \
      ROW_ARG("okey", "okey", IFLA_VTI_OKEY, schema_gre_key, VTI_KEY(IFLA_VTI_OKEY, 0),            \
              "key of what goes out"),                                                             \
      ROW("fwmark", "fwmark 0x", IFLA_VTI_FWMARK, schema_u32, "mark of its packets"), SCHEMA_END

static const struct schema_row vti_rows[] = {VTI_ROWS(ip4)};
static const struct schema_row vti6_rows[] = {VTI_ROWS(ip6)};
const struct schema schema_link_vti = {
    .name = "link.vti",
    .doc = "A tunnel for IPsec over IPv4.",
    .example = "link.add(\"x0\", { vti = { local_address = \"192.0.2.1\", remote = \"192.0.2.2\", "
               "ikey = 7, okey = 7 } })",
    .rows = vti_rows,
    .whole = true};
const struct schema schema_link_vti6 = {.name = "link.vti6",
                                        .doc = "A tunnel for IPsec over IPv6.",
                                        .example = "link.add(\"x0\", { vti6 = { local_address = "
                                                   "\"2001:db8::1\", remote = \"2001:db8::2\" } })",
                                        .rows = vti6_rows,
                                        .whole = true};

static const struct schema_row xfrm_rows[] = {
    ROW("dev", "dev", IFLA_XFRM_LINK, schema_dev, "link below"),
    ROW("if_id", "if_id 0x", IFLA_XFRM_IF_ID, schema_u32, "identifier of its policies"),
    ROW("external", "external", IFLA_XFRM_COLLECT_METADATA, schema_flag,
        "the identifier is said from outside"),
    SCHEMA_END};
const struct schema schema_link_xfrm = {
    .name = "link.xfrm",
    .doc = "An interface of IPsec.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "link.add(\"x0\", { xfrm = { dev = \"v0\", if_id = 7 } })",
    .rows = xfrm_rows};
