/* encap: what rows_encap.c and its codecs share. */
#pragma once
#include "schema/schema.h"

extern const struct schema schema_encap_kinds, schema_encap_other;
extern const struct schema_name schema_seg6_modes[];
extern const struct schema_codec schema_labels, schema_seg6_mode, schema_seg6_segs,
    schema_seg6_hmac, schema_seg6_srh, schema_seg6_count;

/* The row: key "encap", of a schema whose attributes these two are. */
#define SCHEMA_ENCAP(attr_, type_attr)                                                             \
  {                                                                                                \
    .key = "encap", SCHEMA_ATTR(attr_), .other = (type_attr), .codec = &schema_encap,              \
    .arg = &schema_encap_kinds, .words = "encap",                                                  \
    .doc = "what packets are wrapped into: { mpls = { labels = 100 } }, ip, ip6, seg6, seg6local, xfrm"  \
  }
