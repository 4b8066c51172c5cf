/* rows_addr: IPv4 and IPv6 addresses of links, as rows. Numbers and names from linux/if_addr.h,
 * words from ip-address(8). */
#include "schema/names.h"
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#define ADDR_BIT(key_, bit, words_, flags_, doc_)                                                  \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(IFA_FLAGS), .codec = &schema_bit32,                                   \
    .arg = &(const struct schema_bit){(bit), 0, false}, .words = words_, .flags = flags_,          \
    .doc = doc_                                                                                    \
  }
#define LIFETIME(key_, member, words_, doc_)                                                       \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(IFA_CACHEINFO), .off = offsetof(struct ifa_cacheinfo, member),        \
    .codec = &schema_cacheinfo, .words = words_, .doc = doc_                                       \
  }

static const struct schema_range label_len = {0, 15};

static const struct schema_row addr_rows[] = {
    {.key = "family", SCHEMA_HEAD(ifaddrmsg, ifa_family), .codec = &schema_family,
     .flags = SCHEMA_HIDDEN, .doc = "follows from the address"},
    {.key = "address", SCHEMA_ATTR(IFA_LOCAL), .codec = &schema_ifaddr, .words = "local",
     .doc = "the address with its prefix length: \"192.168.15.1/24\""},
    {.key = "peer", SCHEMA_ATTR(IFA_ADDRESS), .codec = &schema_addresslen, .words = "peer, remote",
     .doc = "the other end of a point-to-point link"},
    {.key = "broadcast", SCHEMA_ATTR(IFA_BROADCAST), .codec = &schema_broadcast,
     .words = "b*roadcast, brd",
     .doc = "broadcast address; \"+\": the last one of the network, \"-\": the first"},
    {.key = "dev", SCHEMA_HEAD(ifaddrmsg, ifa_index), .codec = &schema_dev, .words = "dev",
     .flags = SCHEMA_REQUIRED, .doc = "the link that has it"},
    {.key = "scope", SCHEMA_HEAD(ifaddrmsg, ifa_scope), .codec = &schema_enum8, .arg = schema_scopes,
     .words = "scope", .doc = "how far it is valid: global, site, link, host or a number"},
    {.key = "label", SCHEMA_ATTR(IFA_LABEL), .codec = &schema_string, .arg = &label_len,
     .words = "label", .doc = "the link's name, or that with a colon and more (IPv4)"},
    {.key = "metric", SCHEMA_ATTR(IFA_RT_PRIORITY), .codec = &schema_u32,
     .words = "m*etric, p*riority, pr*eference", .doc = "of the route that comes with it"},
    LIFETIME("valid_lft", ifa_valid, "v*alid_lft", "valid for so many seconds, or \"forever\""),
    LIFETIME("preferred_lft", ifa_prefered, "preferr*ed_lft",
             "preferred for so many seconds, or \"forever\""),
    ADDR_BIT("nodad", IFA_F_NODAD, "nodad 6", 0,
             "no duplicate address detection (IPv6); true unless given, in a sandbox"),
    ADDR_BIT("home", IFA_F_HOMEADDRESS, "home 6", 0, "home address (RFC 6275)"),
    ADDR_BIT("mngtmpaddr", IFA_F_MANAGETEMPADDR, "mngtmpaddr 6", 0,
             "the kernel makes temporary addresses from it"),
    ADDR_BIT("optimistic", IFA_F_OPTIMISTIC, "optimistic 6", 0,
             "used while duplicate address detection goes on"),
    ADDR_BIT("noprefixroute", IFA_F_NOPREFIXROUTE, "noprefixroute", 0, "no route comes with it"),
    ADDR_BIT("autojoin", IFA_F_MCAUTOJOIN, "autojoin", 0, "joins its multicast group"),
    ADDR_BIT("secondary", IFA_F_SECONDARY, "secondary, temporary, !primary", SCHEMA_READONLY,
             "not the first of its network (IPv4), temporary (IPv6)"),
    ADDR_BIT("tentative", IFA_F_TENTATIVE, "tentative", SCHEMA_READONLY,
             "duplicate address detection has not ended"),
    ADDR_BIT("dadfailed", IFA_F_DADFAILED, "dadfailed", SCHEMA_READONLY, "somebody else has it"),
    ADDR_BIT("deprecated", IFA_F_DEPRECATED, "deprecated", SCHEMA_READONLY, "no longer preferred"),
    ADDR_BIT("stable_privacy", IFA_F_STABLE_PRIVACY, "stable-privacy", SCHEMA_READONLY,
             "made from a secret (RFC 7217)"),
    ADDR_BIT("permanent", IFA_F_PERMANENT, "permanent, !dynamic", SCHEMA_READONLY, "has no lifetime"),
    SCHEMA_END};
static const struct schema_name addr_flags[] = {{"secondary", IFA_F_SECONDARY},
                                                {"nodad", IFA_F_NODAD},
                                                {"optimistic", IFA_F_OPTIMISTIC},
                                                {"dadfailed", IFA_F_DADFAILED},
                                                {"home", IFA_F_HOMEADDRESS},
                                                {"deprecated", IFA_F_DEPRECATED},
                                                {"tentative", IFA_F_TENTATIVE},
                                                {"permanent", IFA_F_PERMANENT},
                                                {NULL, 0}};

static const struct schema_member addr_members[] = {
    SCHEMA_MEMBER(ifaddrmsg, ifa_family, schema_families, false),
    SCHEMA_MEMBER(ifaddrmsg, ifa_prefixlen, NULL, false),
    SCHEMA_MEMBER(ifaddrmsg, ifa_flags, addr_flags, true),
    SCHEMA_MEMBER(ifaddrmsg, ifa_scope, schema_scopes, false),
    SCHEMA_MEMBER(ifaddrmsg, ifa_index, NULL, false),
    {.name = NULL}};

const struct schema schema_addr = {.name = "addr",
                                   .doc = "An IPv4 or IPv6 address of a link.",
                                   .hdr = sizeof(struct ifaddrmsg),
                                   .members = addr_members,
                                   .rows = addr_rows};
