/* tc: the codecs of traffic control that rows_tc*.c share: times, rates, probabilities, handles.
 * For the files of this room alone. */
#pragma once
#include "schema/schema.h"

/* A row of a member of a struct that is an attribute of its own: several rows share it, the first
 * that is put makes it. A row of an attribute that is a number leaves `len` at 0. */
#define TC_IN(a, T, m) .attr = (a), .sym = #a, .off = offsetof(struct T, m), .len = sizeof(struct T)

struct tc_rate64 { /* of a rate: where more than 32 bits of it go, and what it is unless given */
  uint16_t attr;
  const char *other; /* key of the row whose value it has then; or NULL */
  bool spec;         /* it ends a struct tc_ratespec */
};
/* A burst in bytes, which the kernel takes as the time that it lasts at a rate. */
struct tc_burst {
  const char *rate;   /* key of the row with the rate */
  uint16_t rate_off;  /* of the 32-bit rate in the struct */
  uint16_t rate64;    /* attribute of the rate that has more bits */
  uint16_t bytes;     /* attribute that says it in bytes as well; or 0 */
  bool implied;       /* what one packet needs, when nothing is given */
  const char *unless; /* key of the rate that it has when its own is not given; or NULL */
};

struct tc_flag { /* a bit of a number of so many bytes, which is at the row's place */
  uint32_t bit;
  size_t len;
  const char *needs; /* the key that must be given beside it; or NULL */
};
struct tc_red { /* keys of limits; whether they count packets; whether max follows from min */
  const char *limit, *min, *max;
  bool packets, by_min;
  uint16_t parms, stab, max_p, flags; /* attributes; flags may be 0 */
};
enum { TC_RED_AVPKT = 1000, TC_RED_MBIT = 10 };
#define TC_RED_PROBABILITY 0.02
/* A list in a nest: each number of so many bytes in an attribute of that type. A list of 16 has 0
 * where nothing is said. */
struct tc_series {
  uint16_t attr;
  size_t len;
  uint32_t most;
  bool fills, rates;
};

enum { TC_DIST_SIZE = 2048 }; /* numbers of a distribution that are sent */

extern const struct schema_codec schema_tc_u16, schema_tc_u32, schema_tc_s32, schema_tc_size,
    schema_tc_percent, schema_tc_less_percent, schema_tc_us_ms, schema_tc_ns_ms, schema_tc_delay,
    schema_tc_rate, schema_tc_burst, schema_tc_burst_us, schema_tc_latency, schema_tc_handle,
    schema_tc_parent, schema_tc_at, schema_tc_minor, schema_tc_r2q, schema_tc_gap,
    schema_tc_priomap, schema_tc_distribution, schema_tc_bool, schema_tc_u64, schema_tc_overhead,
    schema_tc_app, schema_tc_nth, schema_tc_rate_u64, schema_tc_share16, schema_tc_share64,
    schema_tc_u8, schema_tc_red, schema_tc_red_part, schema_tc_red_packets, schema_tc_red_size,
    schema_tc_red_burst, schema_tc_red_rate, schema_tc_probability, schema_tc_flag,
    schema_tc_series, schema_tc_present, schema_tc_autorate, schema_tc_rtt_target,
    schema_tc_curves, schema_tc_sfb_max, schema_tc_sfb_target, schema_tc_sfb_increment,
    schema_tc_sfb_decrement, schema_tc_ets_bands, schema_tc_linklayer, schema_tc_packet, schema_tc_queues,
    schema_tc_plug_limit, schema_tc_plug_action;
extern const struct schema schema_cake_qdisc, schema_red, schema_choke, schema_sfb, schema_pie,
    schema_fq_pie, schema_hhf, schema_hfsc, schema_hfsc_class, schema_drr_class, schema_qfq_class,
    schema_ets, schema_ets_class, schema_multiq, schema_skbprio, schema_plug, schema_cbs, schema_mqprio,
    schema_etf;

/* For codecs of this room: the number at the top of the stack; raises about what is none or not
 * between the two. */
double tc_want_number(struct schema_enc *e, const struct schema_row *r, double min, double max);
/* Pushes it as an integer when it is one; the other one to so many significant digits. */
void tc_push_number(lua_State *L, double v);
void tc_push_rounded(lua_State *L, double v, int digits);
/* Puts a value where the row says: a member of the header, of the attribute's struct, an
 * attribute. */
void tc_put(struct schema_enc *e, const struct schema_row *r, const void *p, size_t n);
/* The bytes of the row's value in what was found; NULL when they are not there. */
const void *tc_bytes(const struct schema_row *r, const void *p, size_t len, size_t n);
/* Copies them to ret; false when they are not there. */
bool tc_read(const struct schema_row *r, const void *p, size_t len, void *ret, size_t n);
/* The payload of the row's attribute, made of zeros if it is not there yet. */
void *tc_struct(struct schema_enc *e, const struct schema_row *r);
/* "800:1:2" or a number as the handle of a filter; raises. */
uint32_t tc_want_fhandle(struct schema_enc *e, const struct schema_row *r);
/* The number of the field of that name in the table that is walked; 0 when it is not given. */
double tc_given(struct schema_enc *e, const char *key);

/* The protocol of the filter with that header; 0 when it is not known. */
uint16_t tc_protocol_of(const void *hdr);
/* "10.0.0.0/24" -> address and mask in network order; raises. And back. */
void tc_want_network(struct schema_enc *e, const struct schema_row *r, int *ret_family,
                     uint8_t addr[16], uint8_t mask[16]);
void tc_push_network(lua_State *L, int family, const void *addr, const uint8_t *mask);

enum { TC_TICK_NS = 64 }; /* the kernel's PSCHED_SHIFT, as /proc/net/psched tells it */

/* The fixed header, kinds and counters of the three objects. */
#define TC_AT(key_, place_, doc_)                                                                  \
  {                                                                                                \
    .key = key_, SCHEMA_HEAD(tcmsg, tcm_parent), .codec = &schema_tc_at, .arg = place_,            \
    .words = key_, .doc = doc_                                                                     \
  }
#define TC_KIND(key_, schema_, doc_)                                                               \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(TCA_OPTIONS), .codec = &schema_kind_data, .arg = &schema_,            \
    .doc = doc_                                                                                    \
  }
/* One whose options the kernel wants although none is given. */
#define TC_KIND_ALWAYS(key_, schema_, doc_)                                                        \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(TCA_OPTIONS), .codec = &schema_kind_data, .arg = &schema_,            \
    .flags = SCHEMA_ALWAYS, .doc = doc_                                                            \
  }
#define TC_DEV                                                                                     \
  {                                                                                                \
    .key = "dev", SCHEMA_HEAD(tcmsg, tcm_ifindex), .codec = &schema_dev, .words = "dev",           \
    .flags = SCHEMA_REQUIRED, .doc = "the link whose packets it is about"                          \
  }
#define TC_STATS(schema_)                                                                          \
  {                                                                                                \
    .key = "stats", SCHEMA_ATTR(TCA_STATS2), .codec = &schema_nest, .arg = &schema_,               \
    .flags = SCHEMA_READONLY | SCHEMA_COUNTER, .doc = "what went through"                          \
  }
extern const struct schema tc_stats, tc_qdisc_stats, tc_class_stats;
extern const struct schema_name tc_root[], tc_ingress[], tc_egress[], tc_qdisc_places[],
    tc_places[];
extern const struct schema_name tc_attrs[];
extern const struct schema_member tc_members[];
extern const struct schema_name tc_protocols[];
extern const struct schema schema_action, schema_actions, schema_police, schema_flower;

/* What every kind of filter has. */
#define TC_CLASSID(a)                                                                              \
  {                                                                                                \
    .key = "classid", SCHEMA_ATTR(a), .codec = &schema_tc_handle, .words = "classid, flowid",      \
    .doc = "the class that the packets go to: \"1:10\""                                            \
  }
#define TC_ACTION(a)                                                                               \
  {                                                                                                \
    .key = "action", SCHEMA_ATTR(a), .codec = &schema_tc_actions, .arg = &schema_actions,          \
    .words = "action",                                                                             \
    .doc = "what is done: \"drop\", { mirred = { dev = ... } }, { police = {...} }, or an array"   \
  }
#define TC_FLAGS(a)                                                                                \
  {                                                                                                \
    .key = "flags", SCHEMA_ATTR(a), .codec = &schema_flagset, .arg = tc_cls_flags,                 \
    .flags = SCHEMA_READONLY, .doc = "whether the card does it: not_in_hw, in_hw"                  \
  }
#define TC_SKIP(key_, a, bit_, doc_)                                                               \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(a), .codec = &schema_tc_skip,                                         \
    .arg = &(const struct schema_bit){.mask = (bit_)}, .words = key_, .doc = doc_                  \
  }
extern const struct schema_name tc_cls_flags[];

/* ---- filters --------------------------------------------------------------------------------- */

struct tc_u32_field { /* bits of a packet of that protocol, of the 32 at that place */
  int off;
  uint32_t mask;
  int shift;
  uint16_t protocol; /* ETH_P_IP or ETH_P_IPV6 */
  bool port;         /* not in a packet of ICMP */
};
struct tc_flower_ip {
  uint16_t v4, v4_mask, v6, v6_mask;
  bool packet; /* the filter's protocol is that of the address */
};
struct tc_masked { /* a number, of so many bytes, and the attribute with its mask */
  uint16_t mask;
  size_t len;
  bool host;                       /* in the order of the host's bytes */
  const struct schema_name *names; /* of values, or NULL */
  uint32_t all;                    /* the mask of a whole value, when that is not every bit */
  bool bare;                       /* a whole value is said without its mask */
};
/* A number that has another attribute for each protocol that it can be of. */
struct tc_by_proto {
  struct {
    int proto;
    uint16_t attr, mask;
  } of[3];
  size_t len;
  uint16_t from, to; /* attributes of a range, or 0 */
  const char *hint;
};
struct tc_flags { /* a flag that is set, one that is not, and those that do not matter */
  const struct schema_name *names;
  uint16_t mask;                     /* attribute */
  size_t len;                        /* of four bytes the network's order, of two the host's */
  const char *set, *unset, *between; /* "+", "-", "" or "", "no", "/" */
};

enum { TC_ACTIONS = 8 }; /* that a filter may have here; the kernel takes 32 */

extern const struct schema_codec schema_tc_pref, schema_tc_protocol, schema_tc_number,
    schema_tc_realm, schema_tc_realm_dev, schema_tc_terminal, schema_tc_ht, schema_tc_order, schema_tc_hashkey, schema_tc_offset, schema_tc_u32_mark,
    schema_tc_key_counts, schema_tc_field, schema_tc_network, schema_tc_raw, schema_tc_keys, schema_tc_flower_ip,
    schema_tc_by_proto, schema_tc_ethtype, schema_tc_ethname, schema_tc_masked,
    schema_tc_masked_mac, schema_tc_flags, schema_tc_skip, schema_tc_to_dev, schema_tc_word,
    schema_tc_after_mirred, schema_tc_police_rate;
