/* rows_link: what the files with the rows of links share. */
#pragma once
#include "schema/schema.h"

/* An attribute that the oldest headers do not have yet. */
#define SCHEMA_NEWER(n, name) .attr = (n), .sym = #name

#define KIND(k, schema_, doc_)                                                                     \
  {                                                                                                \
    .key = k, SCHEMA_ATTR(IFLA_INFO_DATA), .in = linkinfo, .codec = &schema_kind_data,             \
    .arg = &(schema_), .doc = doc_                                                                 \
  }
#define SLAVE(k, schema_, doc_)                                                                    \
  {                                                                                                \
    .key = k, SCHEMA_ATTR(IFLA_INFO_SLAVE_DATA), .in = linkinfo, .codec = &schema_slave_data,      \
    .arg = &(schema_), .flags = SCHEMA_OWN, .doc = doc_                                            \
  }

/* A row of a kind: key, words, attribute, codec, documentation. */
#define ROW(k, words_, attr_, codec_, doc_)                                                        \
  {                                                                                                \
    .key = k, SCHEMA_ATTR(attr_), .codec = &codec_, .words = words_, .doc = doc_                   \
  }
/* The same with an argument of the codec. */
#define ROW_ARG(k, words_, attr_, codec_, arg_, doc_)                                              \
  {                                                                                                \
    .key = k, SCHEMA_ATTR(attr_), .codec = &codec_, .arg = arg_, .words = words_, .doc = doc_      \
  }
/* The same, with another attribute that says it in another form. */
#define ROW_OTHER(k, words_, attr_, other_, codec_, arg_, doc_)                                    \
  {                                                                                                \
    .key = k, SCHEMA_ATTR(attr_), .other = other_, .codec = &codec_, .arg = arg_, .words = words_, \
    .doc = doc_                                                                                    \
  }
/* The same for what ip(8) has no word for, or says in another row's. */
#define ROW_HIDDEN(k, attr_, codec_, arg_, doc_)                                                   \
  {                                                                                                \
    .key = k, SCHEMA_ATTR(attr_), .codec = &codec_, .arg = arg_, .flags = SCHEMA_HIDDEN,           \
    .doc = doc_                                                                                    \
  }
/* The kernel alone sets it. */
#define ROW_READ(k, attr_, codec_, doc_)                                                           \
  {                                                                                                \
    .key = k, SCHEMA_ATTR(attr_), .codec = &codec_, .flags = SCHEMA_READONLY, .doc = doc_          \
  }

extern const struct schema schema_link_vlan, schema_link_vxlan, schema_link_macvlan,
    schema_link_macvtap, schema_link_ipvlan, schema_link_ipvtap, schema_link_vrf,
    schema_link_vrf_slave, schema_link_bond,
    schema_link_gre, schema_link_gretap, schema_link_erspan, schema_link_ip6gre,
    schema_link_ip6gretap, schema_link_ip6erspan, schema_link_ipip, schema_link_sit,
    schema_link_ip6tnl, schema_link_vti, schema_link_vti6, schema_link_xfrm, schema_link_geneve,
    schema_link_netkit, schema_link_tun, schema_link_macsec, schema_link_hsr, schema_link_bareudp,
    schema_link_amt, schema_link_gtp, schema_link_rmnet, schema_link_vxcan,
    schema_link_bridge_slave, schema_link_bond_slave;
/* 802.1Q and 802.1ad, in the order of the wire. */
extern const struct schema_name schema_vlan_protocols[], schema_port_states[];
