/* schema: netlink objects as rows, and the walker that encodes, decodes, validates, names and
 * annotates a message from them. Rows say what, codecs say how. Opens no socket and sends nothing;
 * names of links are resolved through the socket that the caller lends. */
#pragma once
#include "netlink/netlink.h"
#include "runtime/runtime.h"
#include <netinet/in.h>
#include <stddef.h>

struct schema_enc;
struct schema_dec;
struct schema_row;
struct schema;

/* A wire type: adding one is adding two functions. */
struct schema_codec {
  const char *name; /* "u32", "prefix": what kind of word it is on a command line */
  const char *type; /* its LuaCATS type */
  /* Puts the value on the top of the stack (and leaves it there). Raises through schema_fail. */
  void (*put)(struct schema_enc *e, const struct schema_row *r);
  /* Pushes the value and returns true; false, with nothing pushed, when there is none. */
  bool (*get)(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n);
  bool computed; /* get is asked even when the attribute is absent (p is NULL) */
  /* Pushes the value that the other options imply when this one was not given; or NULL. */
  bool (*imply)(struct schema_enc *e, const struct schema_row *r);
  bool plain;            /* a value by itself: put and then got it has its one canonical form */
  const char *read_type; /* its LuaCATS type in a record, when that is another one; or NULL */
};

/* One attribute on the way down to a nested one: RTA_METRICS, IFLA_LINKINFO ... */
struct schema_step {
  uint16_t attr;
  const char *sym;
};

enum schema_flags {
  SCHEMA_REQUIRED = 1, /* add raises without it */
  SCHEMA_READONLY = 2, /* only in what the kernel tells */
  SCHEMA_FIRST = 4,    /* on a command line it stands before the key (a route's type) */
  SCHEMA_HIDDEN = 8,   /* a word of netlink, not of ip's command line */
  SCHEMA_LATER = 32,   /* the kernel takes it only from a link that exists */
  SCHEMA_ALWAYS = 128, /* the kind's options are sent although none is given */
  SCHEMA_COUNTER = 64, /* changes by itself: records are equal without it */
  SCHEMA_FILTER = 256, /* a word of filters alone: no record has it, and it cannot be given */
  SCHEMA_OWN = 16,     /* one object's alone: not taken over from a record, unless assigned there */
};

/* One field of one object. */
struct schema_row {
  const char *key;
  const char *sym; /* the kernel's name: "IFLA_MTU", "ifi_flags" */
  uint16_t attr;   /* 0: a member of the fixed header at off, len */
  uint16_t other;  /* the attribute that says the same in another form; or 0 */
  uint16_t off, len;
  uint16_t flags;
  const struct schema_codec *codec;
  const void *arg;              /* of the codec: nested schema, names, range, bit ... */
  const struct schema_step *in; /* the nests it lies in, ends with attr 0; or NULL */
  const char *implied; /* what is sent when nobody gives it: "3", "1 2 2", "pipe"; or NULL */
  const char *words;   /* of the ip command; see lua/nslab/words.lua */
  const char *doc;
};

struct schema_name { /* a number's word; ends with name NULL */
  const char *name;
  uint32_t value;
};

/* A member of a fixed header, for the annotated message. */
struct schema_member {
  const char *name;
  const struct schema_name *names; /* words for its values, or of its bits; or NULL */
  uint16_t off, len;
  bool bits;
};

struct schema_split;
struct schema {
  const char *name; /* "link", "link.bridge" */
  const char *doc;
  const char *example; /* a script that makes one; or NULL */
  size_t hdr;          /* of the fixed header; its first byte is the family */
  const struct schema_row *rows;
  const struct schema_member *members; /* of the fixed header; ends with name NULL */
  bool whole; /* changing one option needs all: the kernel forgets the rest */
  const struct schema_name
      *attrs;   /* attributes that no row is named after, for the annotated message */
  bool repeats; /* nested, it is an array: each header begins with its length, in 16 bits */
  /* A message may tell of several objects: makes the message of the next one; and what that one is,
   * if not this. Or NULL. See schema_split_next. */
  bool (*split)(struct schema_split *s);
  const struct schema *part;
};

#define SCHEMA_ATTR(a) .attr = (a), .sym = #a
#define SCHEMA_HEAD(T, m) .off = offsetof(struct T, m), .len = sizeof(((struct T *)0)->m), .sym = #m
#define SCHEMA_MEMBER(T, m, words, are_bits)                                                       \
  {                                                                                                \
    .name = #m, .off = offsetof(struct T, m), .len = sizeof(((struct T *)0)->m), .names = words,   \
    .bits = are_bits                                                                               \
  }
#define SCHEMA_NAME(n)                                                                             \
  {                                                                                                \
#n, n                                                                                          \
  }
/* A length rounded up to the next attribute. */
#define SCHEMA_ALIGN(n) (((size_t)(n) + 3) & ~(size_t)3)
#define SCHEMA_END                                                                                 \
  {                                                                                                \
    .key = NULL                                                                                    \
  }

/* ---- arguments of codecs --------------------------------------------------------------------- */

struct schema_range {
  int64_t min, max;
};
struct schema_scale { /* the kernel's unit is `factor` times ours */
  uint32_t factor;
};
struct schema_bit { /* a bit of a flag word; `change` is the offset of the mask of changes, or 0 */
  uint32_t mask;
  uint16_t change;
  bool inverted;
};

/* A flag or a key of GRE: the attributes with the keys and the flags of one direction, or of
 * both. */
struct schema_gre {
  uint16_t keys[2], flags[2], bit;
};
enum schema_whose { SCHEMA_USER, SCHEMA_MEMBERS }; /* of numbers of users, of groups */
/* A part of the first word of an IPv6 header; the bit of the flags that says "inherit" or
 * "none". */
struct schema_flow {
  uint32_t most;
  int shift;
  uint32_t inherit;
  uint16_t flags; /* their attribute */
};
enum schema_which { SCHEMA_EITHER, SCHEMA_HOST, SCHEMA_GROUP };
struct schema_inet { /* which family (0: any; the row's `other` is for IPv6), which addresses */
  int family;
  enum schema_which which;
};

extern const struct schema_codec schema_u8, schema_u16, schema_u32, schema_s32, schema_u64,
    schema_bool8, schema_bool32, schema_string, schema_ifname, schema_mac, schema_address,
    schema_addresslen, schema_prefix, schema_selector, schema_ifaddr, schema_dev, schema_master,
    schema_enum8, schema_enum16, schema_enum32, schema_table, schema_family, schema_bit32,
    schema_up, schema_bit8, schema_flagset, schema_nest, schema_peer, schema_kind, schema_kind_data,
    schema_veth, schema_netns, schema_altnames, schema_cacheinfo, schema_bridge_id, schema_u32_or_0,
    schema_broadcast, schema_ipproto, schema_below, schema_nsid, schema_expires, schema_via,
    schema_nexthops, schema_group, schema_words, schema_locks, schema_ms32, schema_scaled32,
    schema_scaled64, schema_realms, schema_port, schema_asked32, schema_flag, schema_weight,
    schema_be32, schema_counters, schema_learning, schema_hoplimit, schema_inner, schema_sit_ttl,
    schema_csum6, schema_bit16, schema_masked, schema_auto_port, schema_gre_flag, schema_gre_key,
    schema_flow, schema_encap_limit, schema_ttl, schema_inet, schema_addresses, schema_sources,
    schema_qos, schema_ports, schema_slave_data, schema_portrange, schema_uidrange, schema_be64,
    schema_yes8, schema_host, schema_fdb_state, schema_user, schema_vlan_tunnel, schema_mdb_mode,
    schema_reasons;
extern const enum schema_whose schema_users, schema_groups;

/* ---- encoding -------------------------------------------------------------------------------- */

enum { SCHEMA_FDS = 4, SCHEMA_LINKS = 8, SCHEMA_GIVEN = 12 };

/* Numbers of links that were asked for. A batch keeps them while it only collects. */
struct schema_links {
  bool keep;
  int n;
  struct {
    char name[16]; /* IFNAMSIZ */
    int index;
  } known[SCHEMA_LINKS];
};

/* What one request is made in. The caller owns it (in a box that is closed on every way out). */
struct schema_buf {
  struct nl_sock sock;
  struct nl_sock there; /* in another namespace, for one question; closed with the buffer */
  int netns;            /* the namespace the socket is in, as a descriptor or NL_HERE */
  bool owns_netns;      /* close it with the buffer */
  struct schema_links links;
  int fds[SCHEMA_FDS]; /* descriptors that the message names; closed with the buffer */
  int nfds;
  bool zeroed; /* behind the length that the message has */
  _Alignas(8) char msg[8192];
};

/* A value of the options: its row, and where it is on the stack. */
struct schema_value {
  const struct schema_row *row;
  int at;
};

struct schema_enc {
  lua_State *L;
  struct rt_op *op;
  struct schema_buf *buf;
  struct nlmsghdr *nlh;
  const struct schema *schema;
  char *hdr;                               /* fixed header that is being filled */
  uint8_t *family;                         /* in the header of the message */
  char *attrs;                             /* where the attributes of the schema begin */
  int t;                                   /* stack index of the table that is being walked */
  struct schema_value given[SCHEMA_GIVEN]; /* what that table has, in the order of the rows */
  int ngiven;                              /* how many; beyond SCHEMA_GIVEN: they are not known */
  bool key;           /* the key is being put; a complaint about it names no field */
  const char *skip;   /* key of a row that is not walked: it was put already; or NULL */
  const char *around; /* path of what is around it: "veth.peer", or NULL */
  bool peer;          /* inside the other end of a veth */
  bool peer_up;       /* the other end is to come up: a second message */
  bool later;         /* what is SCHEMA_LATER is checked, and left to a second message */
  bool elsewhere;     /* an end is to be in another namespace */
  int netns;          /* the namespace this object is to be in, -1: that of the socket */
  /* Opens a namespace that a user named; supplied by the modules. Raises. */
  int (*open_netns)(lua_State *L, struct rt_op *op, int idx, const char *field);
};

/* Starts a message of the type in e->buf: zeroed, header and the schema's fixed header. */
void schema_begin(struct schema_enc *e, uint16_t type, uint16_t flags);
/* Walks the options (a table): validates every key first, then encodes the rows in order. With
 * `strict` a missing required field raises. */
void schema_put(struct schema_enc *e, int t, bool strict);
/* Encodes one value on the top of the stack under the row of that key. */
void schema_put_key(struct schema_enc *e, const char *key);
/* For codecs: puts bytes as the row says, raises when the message is full. */
void schema_emit(struct schema_enc *e, const struct schema_row *r, const void *p, size_t n);
/* For codecs: raises about this row. */
_Noreturn void schema_fail(struct schema_enc *e, const struct schema_row *r, int err,
                           const char *hint, const char *fmt, ...);
_Noreturn void schema_wrong(struct schema_enc *e, const struct schema_row *r, const char *want);
/* Family of the message: set by the first address, checked by the others. */
void schema_set_family(struct schema_enc *e, const struct schema_row *r, int family);
/* The index of the link of that name (or number) in the namespace of the socket. Raises. */
uint32_t schema_ifindex(struct schema_enc *e, const struct schema_row *r, struct nl_sock *s,
                        int idx);
/* Asks for the link of that name, or other name, in the socket's namespace. Its index, and *ret is
 * the answer, which lies in the socket until the next one; or -errno. */
int schema_ask_link(struct nl_sock *s, const char *name, const struct nlmsghdr **ret);
const struct schema_row *schema_row_of(const struct schema *s, const char *key);
/* Whether the options that are being put have that key. */
bool schema_given(struct schema_enc *e, const char *key);
/* Walks the table at the top of the stack under a nested schema, with its fixed header, at the end
 * of the message; `at` names it in errors ("nexthops[2]"). */
void schema_put_within(struct schema_enc *e, const struct schema_row *r, const struct schema *s,
                       const char *at);

struct schema_prefix {
  struct in6_addr addr;
  int family, len; /* of the whole address where none is given */
  bool has_len;
};
/* "10.0.0.0/8", or an address alone. 0, -EINVAL: there is no address; -ERANGE: it has no such
 * prefix length. */
int schema_parse_prefix(const char *s, struct schema_prefix *ret);
/* The numbers at the top of the stack, one or "100-200", of the row of that key, which has a range
 * of those that may be. Raises. */
void schema_want_span(struct schema_enc *e, const char *key, uint32_t *ret_first,
                      uint32_t *ret_last);
/* From which network to which the message about some of a vxlan's goes. */
void schema_vlan_global_span(const struct nlmsghdr *nlh, lua_State *L, uint32_t *ret_first,
                             uint32_t *ret_last);
void schema_vni_span(const struct nlmsghdr *nlh, lua_State *L, uint32_t *ret_first,
                     uint32_t *ret_last);
/* Completes the header of a request about a group; deleting, bridge(8) does not say its state.
 * Makes a message ask for all groups. */
void schema_mdb_finish(struct schema_enc *e, bool makes);
void schema_mdb_ask(struct schema_enc *e);

/* ---- decoding -------------------------------------------------------------------------------- */

struct schema_dec {
  lua_State *L;
  int context; /* stack index of the table that records of one answer share, 0 without */
  const struct schema *schema;
  const char *hdr;
  const char *top; /* the fixed header of the whole message */
  const struct nlattr *attrs;
  size_t len; /* of the attributes */
};

/* false if the bytes are too short for the schema's header. */
bool schema_open(struct schema_dec *d, lua_State *L, const struct schema *s, const void *p,
                 size_t len, int context);
/* Pushes the field's value and returns true, or returns false. */
bool schema_get(const struct schema_dec *d, const struct schema_row *r);
/* Pushes a table with all fields. */
void schema_get_all(const struct schema_dec *d);
/* Whether the row is the options of a kind of link: its key names the kind. */
bool schema_is_kind(const struct schema_row *r);
/* The nested schema of a row whose codec has one, or NULL. */
const struct schema *schema_nested(const struct schema_row *r);
const struct nlattr *schema_find(const struct schema_dec *d, const struct schema_step *in,
                                 uint16_t attr);

/* Pushes a record over a copy of the message's payload. The context table (at that index, or 0)
 * holds `netns`, the handle of the namespace the message came from, and the names of its links. */
void schema_push_record(lua_State *L, const struct schema *s, const struct nlmsghdr *nlh,
                        int context);
/* For many records: the class of all of them is pushed once, and is at that index. */
void schema_push_record_class(lua_State *L);
void schema_push_record_of(lua_State *L, const struct schema *s, const struct nlmsghdr *nlh,
                           int context, int class);
/* Lua: netns_of(record) -> the handle of the namespace it was read in, nil for other values. */
int schema_netns_of(lua_State *L);
/* The record's schema if there is one at idx, else NULL. */
const struct schema *schema_record(lua_State *L, int idx);
/* Pushes a table with what of the record at idx can be given as options: nothing read-only, nothing
 * of the one object alone, not the row `skip` (or NULL). */
void schema_push_options(lua_State *L, int idx, const char *skip);
/* A codec that needs the kernel to decode (a name of an index, the other end of a veth) asks
 * through this: fn(L, context, arg) pushes one value or returns false. Set once by the modules. */
struct schema_resolver {
  bool (*ifname)(lua_State *L, int context, uint32_t ifindex);
  bool (*peer)(lua_State *L, int context, uint32_t ifindex, int nsid);
  bool (*netns)(lua_State *L, int context, int nsid);
  bool (*is_bridge)(lua_State *L, int context, uint32_t ifindex); /* a truth value */
  /* Leaves a hint on the stack: which link was meant, where it is. */
  const char *(*no_link)(struct schema_enc *e, struct nl_sock *s, const char *name);
};
extern struct schema_resolver schema_resolver;

/* ---- messages that tell of several objects --------------------------------------------------- */

/* Where a message is being taken apart. */
struct schema_split {
  const struct schema *schema;
  const struct nlmsghdr *msg;
  const struct nlattr *outer, *inner; /* the last ones that were taken, NULL before the first */
  struct nlmsghdr *part;              /* where the part is made */
  size_t room;
  bool done;
};
void schema_split_begin(struct schema_split *s, const struct schema *schema,
                        const struct nlmsghdr *msg, void *buf, size_t room);
/* The next part: a message about one object, in the buffer; or the message itself, once, when it is
 * of a kind that tells of one alone. NULL at the end. */
const struct nlmsghdr *schema_split_next(struct schema_split *s);
/* What the parts are. */
const struct schema *schema_part(const struct schema *s);
/* For splitters: the attribute of that type behind `after` (NULL: the first one) in the bytes. */
const struct nlattr *schema_next_attr(const void *attrs, size_t len, const struct nlattr *after,
                                      uint16_t type);
/* For splitters: begins the part with that fixed header; adds an attribute. false: no room. */
bool schema_part_begin(struct schema_split *s, const void *hdr, size_t len);
bool schema_part_put(struct schema_split *s, uint16_t type, const void *p, size_t n);

/* ---- what a message is ----------------------------------------------------------------------- */

/* Every object that a message type can carry; ends with schema NULL. */
struct schema_message {
  uint16_t type;
  uint8_t family; /* of the message, when that says which of several; or 0 */
  bool request;   /* only what is asked for looks like this */
  uint16_t having; /* an attribute that no other has; or 0 */
  const char *sym;
  const struct schema *schema;
};
extern const struct schema_message schema_messages[];
const struct schema_message *schema_message_of(uint16_t type);
/* The same of a message whose family decides between several. NULL if it is none of ours. */
const struct schema_message *schema_message_at(const struct nlmsghdr *nlh);

/* Writes the path of the field at the byte offset of the message ("veth.peer.name"), or of the
 * attribute type that is missing in the nest at `offset` (0: the message). "" if no row is
 * there. */
void schema_field_at(const struct schema *s, const struct nlmsghdr *nlh, uint32_t offset, char *buf,
                     size_t size);
void schema_field_missing(const struct schema *s, const struct nlmsghdr *nlh, uint32_t nest,
                          uint32_t type, char *buf, size_t size);

/* Lua: annotate(bytes) -> string: every message in the bytes, a line for each field: offset, hex,
 * the kernel's name, the value. */
int schema_annotate(lua_State *L);
/* Lua: tc_protocol_asked(options) -> which packets the options of a u32 or flower speak of: "ip"
 * ... */
int schema_tc_protocol_asked(lua_State *L);
/* Lua: schemas() -> { NAME = { name, doc, header = SIZE, rows = { { key, sym, type, codec, words,
 * doc, required, readonly, writeonly, first, hidden, read_type, implied, at, shift, names = {...},
 * schema = NAME, attr, other, within = { NUMBER ... } } } } }. */
int schema_describe(lua_State *L);
/* Lua: schema_of(value) -> the name of a record's schema, nil for another value. */
int schema_of(lua_State *L);

/* A key of WireGuard as text: base64, with a zero byte behind it. */
enum { SCHEMA_WIREGUARD_KEY = 45 };
void schema_wireguard_key(const uint8_t *key, char *ret);
extern const struct schema schema_wireguard, schema_wireguard_peer;
extern const struct schema schema_addrlabel, schema_fou, schema_macsec, schema_macsec_channel, schema_macsec_device;
extern const struct schema_codec schema_peers;

extern const struct schema_name schema_families[];

/* What a route wraps packets into; and the row of its kind, or NULL. */
extern const struct schema_codec schema_encap, schema_encap_kind;
const struct schema_row *schema_encap_row(const struct schema_dec *d, const struct schema_row *r);
extern const struct schema_codec schema_tc_actions;
extern const struct schema schema_qdisc, schema_class, schema_filter, schema_chain;
extern const struct schema schema_nexthop_bucket, schema_mpls, schema_mroute, schema_netconf, schema_nsid_object;
extern const struct schema schema_link, schema_addr, schema_route, schema_neigh, schema_rule,
    schema_nexthop, schema_fdb, schema_vlan, schema_vlan_global, schema_vlan_change, schema_vni, schema_mdb,
    schema_mdb_told, schema_link_veth, schema_link_bridge, schema_link_peer;
