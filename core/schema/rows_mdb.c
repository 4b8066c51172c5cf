/* rows_mdb: which multicast groups are behind which port of a bridge, as rows. A request has one entry;
 * what the kernel tells has all groups of a bridge in one message, in other attributes
 * (schema_mdb_told), which is taken apart into messages that look like requests. Numbers and names from
 * linux/if_bridge.h, words from bridge(8). */
#include "schema/codec.h"
#include "schema/names.h"
#include "schema/rows_link.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_bridge.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

/* What begins a request: the attribute with the entry is always the first one. */
struct mdb_msg {
  struct br_port_msg bridge;
  struct nlattr set;
  struct br_mdb_entry entry;
};
#define ENTRY_MEMBER(before, m, words)                                                             \
  {                                                                                                \
    .name = #m, .off = (uint16_t)((before) + offsetof(struct br_mdb_entry, m)),                    \
    .len = sizeof(((struct br_mdb_entry *)0)->m), .names = words                                   \
  }

enum { /* newer than the oldest headers */
  ATTR_SRC_LIST = 2,
  ATTR_GROUP_MODE = 3,
  ATTR_RTPROT = 4,
  ATTR_TIMER = 64, /* ours: no request has it */
  SRC_LIST_ENTRY = 1,
  SRCATTR_ADDRESS = 1
};

/* ---- the group ------------------------------------------------------------------------------- */

static void grp_put(struct schema_enc *e, const struct schema_row *r)
{
  struct br_mdb_entry *entry = &((struct mdb_msg *)(void *)e->hdr)->entry;
  struct in6_addr a;
  int family;
  const char *s = schema_want_text(e, r, "a group such as \"239.1.1.1\"");
  if (schema_parse_address(s, &family, &a)) {
    memcpy(&entry->addr.u, &a, schema_address_len(family));
    entry->addr.proto = htons(family == AF_INET6 ? ETH_P_IPV6 : ETH_P_IP);
    return;
  }
  uint8_t mac[32];
  size_t n = codec_mac(e, r, mac, sizeof mac);
  memset(&entry->addr, 0, sizeof entry->addr);
  memcpy(entry->addr.u.mac_addr, mac, n < ETH_ALEN ? n : ETH_ALEN);
}

static bool grp_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  struct br_mdb_entry entry;
  char s[3 * ETH_ALEN + 1];
  (void)r;
  if (n < sizeof entry.addr)
    return false;
  memcpy(&entry.addr, p, sizeof entry.addr);
  if (entry.addr.proto)
    return schema_push_address(d->L, p, entry.addr.proto == htons(ETH_P_IPV6) ? 16 : 4);
  const uint8_t *b = entry.addr.u.mac_addr;
  snprintf(s, sizeof s, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
  lua_pushstring(d->L, s);
  return true;
}

static bool vid_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  uint16_t vid;
  (void)r;
  if (n < sizeof vid)
    return false;
  memcpy(&vid, p, sizeof vid);
  if (vid)
    lua_pushinteger(d->L, vid);
  return vid != 0;
}

static void vid_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_u16.put(e, r);
}

/* ---- the sources ----------------------------------------------------------------------------- */

static void put_source(struct schema_enc *e, const struct schema_row *r)
{
  struct nlattr *nest = mnl_attr_nest_start_check(e->nlh, sizeof e->buf->msg, SRC_LIST_ENTRY);
  struct in6_addr a;
  if (nest == NULL)
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
  int family = codec_address(e, r, &a);
  codec_emit(e, r, SRCATTR_ADDRESS, &a, schema_address_len(family));
  mnl_attr_nest_end(e->nlh, nest);
}

/* A record has what the kernel tells of the sources. Deleting it nobody asks for them, and kernels before
 * 6.3 refuse to hear of them. */
static bool deletes(const struct schema_enc *e)
{
  return strcmp(e->op->verb, "delete") == 0 || strcmp(e->op->verb, "flush") == 0;
}

static void mode_put(struct schema_enc *e, const struct schema_row *r)
{
  if (!deletes(e))
    schema_enum8.put(e, r);
}

static bool mode_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  return schema_enum8.get(d, r, p, n);
}

static void sources_put(struct schema_enc *e, const struct schema_row *r)
{
  if (!lua_istable(e->L, -1))
    schema_wrong(e, r, "a list of addresses");
  if (deletes(e))
    return;
  int t = lua_gettop(e->L);
  struct nlattr *nest = mnl_attr_nest_start_check(e->nlh, sizeof e->buf->msg, r->attr);
  if (nest == NULL)
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
  for (lua_Integer i = 1; lua_rawgeti(e->L, t, i) != LUA_TNIL; lua_settop(e->L, t), i++)
    put_source(e, r);
  lua_settop(e->L, t);
  mnl_attr_nest_end(e->nlh, nest);
}

static bool sources_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  const struct nlattr *a = NULL, *address;
  lua_Integer i = 0;
  (void)r;
  lua_newtable(d->L);
  while ((a = schema_next_attr(p, n, a, SRC_LIST_ENTRY))) {
    address = schema_next_attr(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a), NULL,
                               SRCATTR_ADDRESS);
    if (address && schema_push_address(d->L, mnl_attr_get_payload(address),
                                       mnl_attr_get_payload_len(address)))
      lua_rawseti(d->L, -2, ++i);
  }
  return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static const struct schema_codec grp = {
    .name = "mac", .type = "string", .put = grp_put, .get = grp_get, .plain = true};
static const struct schema_codec vid = {
    .name = "u16", .type = "integer", .put = vid_put, .get = vid_get, .plain = true};
const struct schema_codec schema_mdb_mode = {
    .name = "enum", .type = "string|integer", .put = mode_put, .get = mode_get};
static const struct schema_codec sources = {
    .name = "addresses", .type = "string[]", .put = sources_put, .get = sources_get};

static const struct schema_name states[] = {
    {"temp", MDB_TEMPORARY}, {"permanent", MDB_PERMANENT}, {NULL, 0}};
static const struct schema_name modes[] = {
    {"include", MCAST_INCLUDE}, {"exclude", MCAST_EXCLUDE}, {NULL, 0}};
static const struct schema_range vids = {1, 4094};
static const struct schema_step attrs[] = {{MDBA_SET_ENTRY_ATTRS, "MDBA_SET_ENTRY_ATTRS"}, {0, NULL}};

#define MDB_BIT(key_, bit, doc_)                                                                   \
  {                                                                                                \
    .key = key_, SCHEMA_HEAD(mdb_msg, entry.flags), .codec = &schema_bit8,                         \
    .arg = &(const struct schema_bit){(bit), 0, false}, .flags = SCHEMA_READONLY, .doc = doc_      \
  }

static const struct schema_row mdb_rows[] = {
    {.key = "dev", SCHEMA_HEAD(mdb_msg, bridge.ifindex), .codec = &schema_dev, .words = "dev",
     .flags = SCHEMA_REQUIRED | SCHEMA_FIRST, .doc = "the bridge"},
    {.key = "port", SCHEMA_HEAD(mdb_msg, entry.ifindex), .codec = &schema_dev, .words = "port",
     .flags = SCHEMA_REQUIRED | SCHEMA_FIRST,
     .doc = "the port that the group is behind; the bridge itself when the machine listens"},
    {.key = "grp", SCHEMA_HEAD(mdb_msg, entry.addr), .codec = &grp, .words = "grp",
     .doc = "the group: an IP address, or a hardware address"},
    {.key = "src", SCHEMA_ATTR(MDBE_ATTR_SOURCE), .in = attrs, .codec = &schema_host,
     .words = "src", .doc = "only what this source sends"},
    {.key = "source_list", .attr = ATTR_SRC_LIST, .sym = "MDBE_ATTR_SRC_LIST", .in = attrs,
     .codec = &sources, .words = "source_list", .doc = "the sources that filter_mode speaks of"},
    {.key = "filter_mode", .attr = ATTR_GROUP_MODE, .sym = "MDBE_ATTR_GROUP_MODE", .in = attrs,
     .codec = &schema_mdb_mode, .arg = modes, .words = "filter_mode",
     .doc = "include: only what they send; exclude: what everybody else sends"},
    {.key = "protocol", .attr = ATTR_RTPROT, .sym = "MDBE_ATTR_RTPROT", .in = attrs,
     .codec = &schema_enum8, .arg = schema_protocols, .words = "proto", .flags = SCHEMA_OWN,
     .doc = "who made it"},
    {.key = "timer", .attr = ATTR_TIMER, .sym = "MDBA_MDB_EATTR_TIMER", .in = attrs,
     .codec = &schema_u32, .flags = SCHEMA_READONLY | SCHEMA_COUNTER,
     .doc = "until it is forgotten, in 1/100 s"},
    {.key = "state", SCHEMA_HEAD(mdb_msg, entry.state), .codec = &schema_enum8, .arg = states,
     .words = "[state]", .doc = "permanent; or temp: forgotten after a while"},
    {.key = "vid", SCHEMA_HEAD(mdb_msg, entry.vid), .codec = &vid, .arg = &vids, .words = "vid",
     .doc = "number of the VLAN"},
    MDB_BIT("offload", MDB_FLAGS_OFFLOAD, "the hardware has it"),
    MDB_BIT("fast_leave", MDB_FLAGS_FAST_LEAVE, "it is left at once"),
    MDB_BIT("added_by_star_ex", MDB_FLAGS_STAR_EXCL, "it follows from one for all sources"),
    MDB_BIT("blocked", MDB_FLAGS_BLOCKED, "nothing is forwarded"),
    SCHEMA_END};

#define ENTRY_MEMBERS(before)                                                                      \
  ENTRY_MEMBER(before, ifindex, NULL),                                               \
      ENTRY_MEMBER(before, state, states),                                           \
      ENTRY_MEMBER(before, flags, NULL),                                             \
      ENTRY_MEMBER(before, vid, NULL),                                               \
      ENTRY_MEMBER(before, addr.u, NULL),                                            \
      ENTRY_MEMBER(before, addr.proto, NULL)

static const struct schema_member mdb_members[] = {
    SCHEMA_MEMBER(br_port_msg, family, schema_families, false),
    SCHEMA_MEMBER(br_port_msg, ifindex, NULL, false),
    {.name = "MDBA_SET_ENTRY", .off = offsetof(struct mdb_msg, set), .len = sizeof(struct nlattr)},
    ENTRY_MEMBERS(offsetof(struct mdb_msg, entry)),
    {.name = NULL}};

const struct schema schema_mdb = {.name = "mdb",
                                  .doc = "A multicast group behind a port of a bridge.",
                                  .hdr = sizeof(struct mdb_msg),
                                  .members = mdb_members,
                                  .rows = mdb_rows};

void schema_mdb_finish(struct schema_enc *e, bool makes)
{
  struct mdb_msg *m = (void *)e->hdr;
  m->bridge.family = AF_BRIDGE;
  m->set.nla_len = sizeof m->set + sizeof m->entry;
  m->set.nla_type = MDBA_SET_ENTRY;
  if (!makes)
    m->entry.state = MDB_TEMPORARY;
}

void schema_mdb_ask(struct schema_enc *e)
{
  ((struct br_port_msg *)(void *)e->hdr)->family = AF_BRIDGE;
  e->nlh->nlmsg_len = (uint32_t)mnl_nlmsg_size(sizeof(struct br_port_msg));
}

/* ---- what the kernel tells ------------------------------------------------------------------- */

/* What a request calls these. */
static uint16_t request_attr(uint16_t told)
{
  static const uint16_t of[] = {[MDBA_MDB_EATTR_TIMER] = ATTR_TIMER,
                                [MDBA_MDB_EATTR_SRC_LIST] = ATTR_SRC_LIST,
                                [MDBA_MDB_EATTR_GROUP_MODE] = ATTR_GROUP_MODE,
                                [MDBA_MDB_EATTR_SOURCE] = MDBE_ATTR_SOURCE,
                                [MDBA_MDB_EATTR_RTPROT] = ATTR_RTPROT};
  return told < sizeof of / sizeof *of ? of[told] : 0;
}

/* The entry and its attributes as a request would say them. */
static bool make_part(struct schema_split *s, const char *info, size_t len)
{
  struct mdb_msg m = {.set = {sizeof m.set + sizeof m.entry, MDBA_SET_ENTRY}};
  memcpy(&m.bridge, mnl_nlmsg_get_payload(s->msg), sizeof m.bridge);
  memcpy(&m.entry, info, sizeof m.entry);
  if (!schema_part_begin(s, &m, sizeof m))
    return false;
  struct nlattr *nest = mnl_attr_nest_start_check(s->part, s->room, MDBA_SET_ENTRY_ATTRS);
  const struct nlattr *a = (const void *)(info + sizeof m.entry);
  bool fits = nest != NULL;
  for (; fits && mnl_attr_ok(a, (int)(info + len - (const char *)a)); a = mnl_attr_next(a)) {
    uint16_t type = request_attr(mnl_attr_get_type(a));
    fits = type == 0 ||
           schema_part_put(s, type, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
  }
  if (fits)
    mnl_attr_nest_end(s->part, nest);
  return fits;
}

/* A message has the groups of a bridge, and each of those its ports. */
static bool split_groups(struct schema_split *s)
{
  const char *attrs_at = (const char *)mnl_nlmsg_get_payload(s->msg) + sizeof(struct br_port_msg);
  size_t len = mnl_nlmsg_get_payload_len(s->msg) - sizeof(struct br_port_msg);
  const struct nlattr *mdb = schema_next_attr(attrs_at, len, NULL, MDBA_MDB);
  while (mdb) {
    if (s->outer)
      s->inner = schema_next_attr(mnl_attr_get_payload(s->outer),
                                  mnl_attr_get_payload_len(s->outer), s->inner,
                                  MDBA_MDB_ENTRY_INFO);
    if (s->inner && mnl_attr_get_payload_len(s->inner) >= sizeof(struct br_mdb_entry))
      return make_part(s, mnl_attr_get_payload(s->inner), mnl_attr_get_payload_len(s->inner));
    if (s->inner)
      continue;
    s->outer = schema_next_attr(mnl_attr_get_payload(mdb), mnl_attr_get_payload_len(mdb), s->outer,
                                MDBA_MDB_ENTRY);
    if (s->outer == NULL)
      break;
  }
  return false;
}

static const struct schema_member info_members[] = {ENTRY_MEMBERS(0), {.name = NULL}};
static const struct schema_row info_rows[] = {
    ROW_READ("timer", MDBA_MDB_EATTR_TIMER, schema_u32, "in 1/100 s"),
    ROW_READ("source_list", MDBA_MDB_EATTR_SRC_LIST, sources, "sources"),
    {.key = "filter_mode", SCHEMA_ATTR(MDBA_MDB_EATTR_GROUP_MODE), .codec = &schema_enum8,
     .arg = modes, .doc = "what the sources are"},
    ROW_READ("src", MDBA_MDB_EATTR_SOURCE, schema_host, "the source"),
    {.key = "protocol", SCHEMA_ATTR(MDBA_MDB_EATTR_RTPROT), .codec = &schema_enum8,
     .arg = schema_protocols, .doc = "who made it"},
    SCHEMA_END};
static const struct schema schema_mdb_info = {.name = "mdb.entry",
                                              .hdr = sizeof(struct br_mdb_entry),
                                              .members = info_members,
                                              .rows = info_rows};

static const struct schema_step entries[] = {
    {MDBA_MDB, "MDBA_MDB"}, {MDBA_MDB_ENTRY, "MDBA_MDB_ENTRY"}, {0, NULL}};
static const struct schema_row told_rows[] = {
    {.key = "entry", SCHEMA_ATTR(MDBA_MDB_ENTRY_INFO), .in = entries, .codec = &schema_nest,
     .arg = &schema_mdb_info, .flags = SCHEMA_READONLY, .doc = "a port of a group"},
    SCHEMA_END};
static const struct schema_member told_members[] = {
    SCHEMA_MEMBER(br_port_msg, family, schema_families, false),
    SCHEMA_MEMBER(br_port_msg, ifindex, NULL, false),
    {.name = NULL}};
static const struct schema_name told_attrs[] = {SCHEMA_NAME(MDBA_ROUTER), {NULL, 0}};

/* Its parts are the records. */
const struct schema schema_mdb_told = {.name = "mdb",
                                       .hdr = sizeof(struct br_port_msg),
                                       .members = told_members,
                                       .attrs = told_attrs,
                                       .split = split_groups,
                                       .part = &schema_mdb,
                                       .rows = told_rows};
