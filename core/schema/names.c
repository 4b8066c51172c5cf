/* names: words for numbers that several objects of IP have - scopes, protocols, tables ... - from
 * linux/rtnetlink.h and the files in /etc/iproute2. */
#include "schema/names.h"
#include <linux/rtnetlink.h>

const struct schema_name schema_scopes[] = {{"global", RT_SCOPE_UNIVERSE}, {"site", RT_SCOPE_SITE},
                                            {"link", RT_SCOPE_LINK},       {"host", RT_SCOPE_HOST},
                                            {"nowhere", RT_SCOPE_NOWHERE}, {NULL, 0}};

const struct schema_name schema_protocols[] = {{"unspec", RTPROT_UNSPEC},
                                               {"redirect", RTPROT_REDIRECT},
                                               {"kernel", RTPROT_KERNEL},
                                               {"boot", RTPROT_BOOT},
                                               {"static", RTPROT_STATIC},
                                               {"gated", RTPROT_GATED},
                                               {"ra", RTPROT_RA},
                                               {"mrt", RTPROT_MRT},
                                               {"zebra", RTPROT_ZEBRA},
                                               {"bird", RTPROT_BIRD},
                                               {"dnrouted", RTPROT_DNROUTED},
                                               {"xorp", RTPROT_XORP},
                                               {"ntk", RTPROT_NTK},
                                               {"dhcp", RTPROT_DHCP},
                                               {"keepalived", RTPROT_KEEPALIVED},
                                               {"babel", RTPROT_BABEL},
                                               {"openr", RTPROT_OPENR},
                                               {"bgp", RTPROT_BGP},
                                               {"isis", RTPROT_ISIS},
                                               {"ospf", RTPROT_OSPF},
                                               {"rip", RTPROT_RIP},
                                               {"eigrp", RTPROT_EIGRP},
                                               {NULL, 0}};

/* Differentiated services, as in iproute2's rt_dsfield; the usual 0 has no word. */
const struct schema_name schema_dsfields[] = {
    {"AF11", 0x28}, {"AF12", 0x30}, {"AF13", 0x38}, {"AF21", 0x48}, {"AF22", 0x50}, {"AF23", 0x58},
    {"AF31", 0x68}, {"AF32", 0x70}, {"AF33", 0x78}, {"AF41", 0x88}, {"AF42", 0x90}, {"AF43", 0x98},
    {"CS1", 0x20},  {"CS2", 0x40},  {"CS3", 0x60},  {"CS4", 0x80},  {"CS5", 0xa0},  {"CS6", 0xc0},
    {"CS7", 0xe0},  {"EF", 0xb8},   {NULL, 0}};

const struct schema_name schema_tables[] = {
    {"default", RT_TABLE_DEFAULT}, {"main", RT_TABLE_MAIN}, {"local", RT_TABLE_LOCAL}, {NULL, 0}};

const struct schema_name schema_route_types[] = {{"unicast", RTN_UNICAST},
                                                 {"local", RTN_LOCAL},
                                                 {"broadcast", RTN_BROADCAST},
                                                 {"anycast", RTN_ANYCAST},
                                                 {"multicast", RTN_MULTICAST},
                                                 {"blackhole", RTN_BLACKHOLE},
                                                 {"unreachable", RTN_UNREACHABLE},
                                                 {"prohibit", RTN_PROHIBIT},
                                                 {"throw", RTN_THROW},
                                                 {NULL, 0}};
