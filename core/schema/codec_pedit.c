/* codec_pedit: what the action pedit writes into packets. A script names fields of headers; the
 * kernel has words of 32 bits, each with a mask of what stays and a value that is added without
 * carry. With `ex` it is told of each in which header it lies and whether it is added instead. */
#include "schema/action.h"
#include "schema/codec.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/tc_act/tc_pedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64, MAC = 6, NETWORK = TCA_PEDIT_KEY_EX_HDR_TYPE_NETWORK };
enum { ETH = TCA_PEDIT_KEY_EX_HDR_TYPE_ETH, IP4 = TCA_PEDIT_KEY_EX_HDR_TYPE_IP4 };
enum { IP6 = TCA_PEDIT_KEY_EX_HDR_TYPE_IP6, TCP = TCA_PEDIT_KEY_EX_HDR_TYPE_TCP };
enum { UDP = TCA_PEDIT_KEY_EX_HDR_TYPE_UDP };

/* A field: its header; from which byte and how many; its bits of those, and how far they are
 * shifted. Of several that match a word the first is the name of it. */
enum kind { NUMBER, INET4, INET6, HARDWARE };
static const struct field {
  const char *name;
  uint16_t header;
  uint8_t off, len;
  uint32_t bits;
  uint8_t shift;
  enum kind kind;
} fields[] = {
    {"ip src", IP4, 12, 4, UINT32_MAX, 0, INET4},
    {"ip dst", IP4, 16, 4, UINT32_MAX, 0, INET4},
    {"ip tos", IP4, 1, 1, 0xff, 0, NUMBER},
    {"ip dsfield", IP4, 1, 1, 0xff, 0, NUMBER},
    {"ip precedence", IP4, 1, 1, 0xff, 0, NUMBER},
    {"ip ttl", IP4, 8, 1, 0xff, 0, NUMBER},
    {"ip protocol", IP4, 9, 1, 0xff, 0, NUMBER},
    {"ip ihl", IP4, 0, 1, 0x0f, 0, NUMBER},
    {"ip nofrag", IP4, 6, 1, 0x3f, 0, NUMBER},
    {"ip firstfrag", IP4, 6, 1, 0x1f, 0, NUMBER},
    {"ip ce", IP4, 6, 1, 0x80, 0, NUMBER},
    {"ip df", IP4, 6, 1, 0x40, 0, NUMBER},
    {"ip mf", IP4, 6, 1, 0x20, 0, NUMBER},
    {"ip sport", NETWORK, 20, 2, 0xffff, 0, NUMBER}, /* behind a header without options */
    {"ip dport", NETWORK, 22, 2, 0xffff, 0, NUMBER},
    {"ip icmp_type", NETWORK, 20, 1, 0xff, 0, NUMBER},
    {"ip icmp_code", NETWORK, 21, 1, 0xff, 0, NUMBER},
    {"ip6 src", IP6, 8, 16, UINT32_MAX, 0, INET6},
    {"ip6 dst", IP6, 24, 16, UINT32_MAX, 0, INET6},
    {"ip6 traffic_class", IP6, 0, 4, 0x0ff00000, 20, NUMBER},
    {"ip6 flow_lbl", IP6, 0, 4, 0x0007ffff, 0, NUMBER}, /* as tc has it: the 20th bit stays */
    {"ip6 payload_len", IP6, 4, 2, 0xffff, 0, NUMBER},
    {"ip6 nexthdr", IP6, 6, 1, 0xff, 0, NUMBER},
    {"ip6 hoplimit", IP6, 7, 1, 0xff, 0, NUMBER},
    {"eth dst", ETH, 0, 6, UINT32_MAX, 0, HARDWARE},
    {"eth src", ETH, 6, 6, UINT32_MAX, 0, HARDWARE},
    {"eth type", ETH, 12, 2, 0xffff, 0, NUMBER},
    {"tcp sport", TCP, 0, 2, 0xffff, 0, NUMBER},
    {"tcp dport", TCP, 2, 2, 0xffff, 0, NUMBER},
    {"tcp flags", TCP, 13, 1, 0xff, 0, NUMBER},
    {"udp sport", UDP, 0, 2, 0xffff, 0, NUMBER},
    {"udp dport", UDP, 2, 2, 0xffff, 0, NUMBER},
    {NULL, 0, 0, 0, 0, 0, NUMBER}};

struct key {
  struct tc_pedit_key key;
  uint16_t header, command;
};
/* What is being made, or read. */
struct list {
  int n;
  bool ex;
  struct key keys[MOST];
};

/* In a word of 32 bits, how far left the field's last bit is; where that word begins. */
static int left_of(const struct field *f)
{
  return f->len >= 4 ? 0 : 8 * (4 - f->off % 4 - f->len);
}

static uint16_t header_of(const struct field *f, bool ex)
{
  return !ex && f->header == IP4 ? NETWORK : f->header;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* One entry of the list: the table at the top of the stack. */
struct entry {
  struct schema_enc *e;
  const struct schema_row *row;
  int at; /* of the table */
  const char *name;
  struct field field;
  struct key key; /* what every word of it has */
};

static _Noreturn void refuse(struct entry *m, const char *text)
{
  schema_fail(m->e, m->row, EINVAL,
              "{ \"ip ttl\", set = 5 }, or \"offset 12 u32\" in place of the name of a field; and "
              "one of set, add, clear, invert, preserve, decrement.",
              "\"%s\": %s", m->name, text);
}

static bool number_of(struct entry *m, const char *key, uint32_t *ret)
{
  bool given = lua_getfield(m->e->L, m->at, key) != LUA_TNIL;
  int ok = 1;
  lua_Integer v = given ? lua_tointegerx(m->e->L, -1, &ok) : 0;
  lua_pop(m->e->L, 1);
  if (!ok || v < INT32_MIN || v > UINT32_MAX)
    refuse(m, lua_pushfstring(m->e->L, "%s is no number of 32 bits", key));
  if (given)
    *ret = (uint32_t)v;
  return given;
}

static bool is_true(struct entry *m, const char *key)
{
  lua_getfield(m->e->L, m->at, key);
  bool is = lua_toboolean(m->e->L, -1);
  lua_pop(m->e->L, 1);
  return is;
}

static void find_field(struct entry *m, bool ex)
{
  static const struct schema_name widths[] = {{"u8", 1}, {"u16", 2}, {"u32", 4}, {NULL, 0}};
  unsigned off;
  char width[8];
  const struct field *f = fields;
  while (f->name && strcmp(f->name, m->name) != 0)
    f++;
  m->field = *f;
  if (f->name == NULL) {
    if (sscanf(m->name, "offset %u %7s", &off, width) != 2 || off > UINT8_MAX)
      refuse(m, "there is no such field");
    const struct schema_name *w = widths;
    while (w->name && strcmp(w->name, width) != 0)
      w++;
    if (w->name == NULL || off % 4 + w->value > 4)
      refuse(m, "it is of u8, u16 or u32, and within 32 bits of the packet");
    m->field = (struct field){m->name,
                              NETWORK,
                              (uint8_t)off,
                              (uint8_t)w->value,
                              w->value == 4 ? UINT32_MAX : (1U << 8 * w->value) - 1,
                              0,
                              NUMBER};
  }
  m->key.header = header_of(&m->field, ex);
  if (!ex && m->key.header != NETWORK)
    refuse(m, "without ex = true there are only fields of ip");
}

static void add_key(struct entry *m, struct list *list, uint32_t off, uint32_t val, uint32_t mask)
{
  if (list->n == MOST)
    refuse(m, "these are too many");
  struct key *k = &list->keys[list->n++];
  *k = m->key;
  k->key.off = off;
  k->key.val = htonl(val);
  k->key.mask = htonl(mask);
}

/* Bytes of an address, as the words that they lie in. */
static void add_bytes(struct entry *m, struct list *list, const uint8_t *p)
{
  uint32_t off = m->field.off, end = off + m->field.len;
  for (uint32_t word = off & ~3U; word < end; word += 4) {
    uint32_t val = 0, mask = 0;
    for (uint32_t at = word; at < word + 4; at++) {
      bool in = at >= off && at < end;
      val = val << 8 | (in ? p[at - off] : 0);
      mask = mask << 8 | (in ? 0 : 0xff);
    }
    add_key(m, list, word, val, mask);
  }
}

static void add_address(struct entry *m, struct list *list)
{
  uint8_t bytes[32] = {0};
  if (lua_getfield(m->e->L, m->at, "set") == LUA_TNIL)
    refuse(m, "an address can only be set");
  if (m->field.kind == HARDWARE)
    codec_mac(m->e, m->row, bytes, sizeof bytes);
  else if (lua_type(m->e->L, -1) != LUA_TSTRING ||
           inet_pton(AF_INET6, lua_tostring(m->e->L, -1), bytes) != 1)
    refuse(m, "an IPv6 address is needed");
  lua_pop(m->e->L, 1);
  add_bytes(m, list, bytes);
}

/* The value of set or add; false when neither is given. */
static bool value_of(struct entry *m, uint32_t *ret)
{
  struct in_addr a;
  bool set = lua_getfield(m->e->L, m->at, "set") != LUA_TNIL;
  if (m->field.kind == INET4 && lua_type(m->e->L, -1) == LUA_TSTRING) {
    if (inet_pton(AF_INET, lua_tostring(m->e->L, -1), &a) != 1)
      refuse(m, "an IPv4 address is needed");
    *ret = ntohl(a.s_addr);
    lua_pop(m->e->L, 1);
    return true;
  }
  lua_pop(m->e->L, 1);
  bool given = number_of(m, set ? "set" : "add", ret);
  m->key.command = given && !set ? TCA_PEDIT_KEY_EX_CMD_ADD : TCA_PEDIT_KEY_EX_CMD_SET;
  return given;
}

static void add_number(struct entry *m, struct list *list)
{
  const struct field *f = &m->field;
  uint32_t all = f->len == 4 ? UINT32_MAX : (1U << 8 * f->len) - 1, val = 0, keep = 0;
  uint32_t bits = f->bits;
  if (is_true(m, "invert"))
    val = keep = all;
  else if (is_true(m, "preserve"))
    bits = 0;
  else if (is_true(m, "decrement"))
    m->key.command = TCA_PEDIT_KEY_EX_CMD_ADD, val = all;
  else if (!value_of(m, &val) && !is_true(m, "clear"))
    refuse(m, "nothing says what is written");
  else if (f->shift == 0 && val & ~all)
    refuse(m, "the number does not fit");
  if (m->key.command == TCA_PEDIT_KEY_EX_CMD_ADD && !list->ex)
    refuse(m, "without ex = true nothing can be added");
  number_of(m, "retain", &bits);
  val = val << f->shift & bits;
  uint32_t rest = ~(all << left_of(f));
  add_key(m, list, f->off & ~3U, val << left_of(f), (keep | ~bits) << left_of(f) | rest);
}

static void add_entry(struct schema_enc *e, const struct schema_row *r, struct list *list)
{
  struct entry m = {.e = e, .row = r, .at = lua_gettop(e->L), .name = ""};
  if (!lua_istable(e->L, -1) || lua_rawgeti(e->L, -1, 1) != LUA_TSTRING)
    schema_wrong(e, r, "an array of { \"ip ttl\", set = 5 } and the like");
  m.name = lua_tostring(e->L, -1);
  find_field(&m, list->ex);
  number_of(&m, "at", &m.key.key.at);
  number_of(&m, "offmask", &m.key.key.offmask);
  number_of(&m, "shift", &m.key.key.shift);
  if (m.field.kind == HARDWARE || m.field.kind == INET6)
    add_address(&m, list);
  else
    add_number(&m, list);
  lua_settop(e->L, m.at - 1);
}

static bool is_ex(struct schema_enc *e)
{
  lua_getfield(e->L, e->t, "ex");
  bool ex = lua_toboolean(e->L, -1);
  lua_pop(e->L, 1);
  return ex;
}

static uint16_t attr_of(bool ex)
{
  return ex ? TCA_PEDIT_PARMS_EX : TCA_PEDIT_PARMS;
}

static void emit_keys_ex(struct schema_enc *e, const struct list *list)
{
  struct nlattr *nest = mnl_attr_nest_start(e->nlh, TCA_PEDIT_KEYS_EX);
  for (int i = 0; i < list->n; i++) {
    struct nlattr *one = mnl_attr_nest_start(e->nlh, TCA_PEDIT_KEY_EX);
    mnl_attr_put_u16(e->nlh, TCA_PEDIT_KEY_EX_HTYPE, list->keys[i].header);
    mnl_attr_put_u16(e->nlh, TCA_PEDIT_KEY_EX_CMD, list->keys[i].command);
    mnl_attr_nest_end(e->nlh, one);
  }
  mnl_attr_nest_end(e->nlh, nest);
}

static void munge_put(struct schema_enc *e, const struct schema_row *r)
{
  enum { ONE_EX = 20, ROOM = 64 };
  struct list list = {.ex = is_ex(e)};
  struct {
    struct tc_pedit_sel sel;
    struct tc_pedit_key keys[MOST];
  } parms = {0};
  if (!lua_istable(e->L, -1) || lua_rawlen(e->L, -1) == 0)
    schema_wrong(e, r, "an array of { \"ip ttl\", set = 5 } and the like");
  for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(e->L, -1); i++) {
    lua_rawgeti(e->L, -1, i);
    add_entry(e, r, &list);
  }
  parms.sel.nkeys = (uint8_t)list.n;
  for (int i = 0; i < list.n; i++)
    parms.keys[i] = list.keys[i].key;
  size_t size = sizeof parms.sel + (size_t)list.n * sizeof parms.keys[0];
  if (e->nlh->nlmsg_len + size + (size_t)list.n * ONE_EX + ROOM > sizeof e->buf->msg)
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
  codec_emit(e, r, attr_of(list.ex), &parms, size);
  if (list.ex)
    emit_keys_ex(e, &list);
}

/* ---- reading --------------------------------------------------------------------------------- */

static const struct tc_pedit_sel *sel_of(const struct schema_dec *d, bool *ret_ex, int *ret_n)
{
  const struct nlattr *a = schema_find(d, NULL, TCA_PEDIT_PARMS_EX);
  *ret_ex = a != NULL;
  if (a == NULL)
    a = schema_find(d, NULL, TCA_PEDIT_PARMS);
  const struct tc_pedit_sel *sel = a ? mnl_attr_get_payload(a) : NULL;
  size_t size = a ? mnl_attr_get_payload_len(a) : 0;
  if (size < sizeof *sel)
    return NULL;
  size_t room = (size - sizeof *sel) / sizeof(struct tc_pedit_key);
  *ret_n = sel->nkeys < room ? sel->nkeys : (int)room;
  *ret_n = *ret_n < MOST ? *ret_n : MOST;
  return sel;
}

static uint16_t u16_in(const struct nlattr *nest, uint16_t type)
{
  const struct nlattr *a =
      schema_next_attr(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), NULL, type);
  return a && mnl_attr_get_payload_len(a) >= sizeof(uint16_t) ? mnl_attr_get_u16(a) : 0;
}

static bool read_list(const struct schema_dec *d, struct list *list)
{
  const struct tc_pedit_sel *sel = sel_of(d, &list->ex, &list->n);
  const struct nlattr *ex = schema_find(d, NULL, TCA_PEDIT_KEYS_EX), *one = NULL;
  for (int i = 0; sel && i < list->n; i++) {
    list->keys[i] = (struct key){.header = NETWORK};
    memcpy(&list->keys[i].key, (const char *)sel + sizeof *sel + (size_t)i * sizeof sel->keys[0],
           sizeof sel->keys[0]);
    one = ex ? schema_next_attr(mnl_attr_get_payload(ex), mnl_attr_get_payload_len(ex), one,
                                TCA_PEDIT_KEY_EX)
             : NULL;
    if (one) {
      list->keys[i].header = u16_in(one, TCA_PEDIT_KEY_EX_HTYPE);
      list->keys[i].command = u16_in(one, TCA_PEDIT_KEY_EX_CMD);
    }
  }
  return sel != NULL;
}

/* Whether the words from there on are the whole address of the field. Its bytes. */
static bool is_address(const struct list *list, int from, const struct field *f, uint8_t *ret)
{
  uint32_t off = f->off, end = off + f->len;
  for (uint32_t word = off & ~3U; word < end; word += 4, from++) {
    const struct key *k = &list->keys[from];
    if (from >= list->n || k->header != f->header || k->key.off != word || k->command != 0 ||
        k->key.offmask != 0)
      return false;
    for (uint32_t at = word; at < word + 4; at++) {
      bool in = at >= off && at < end;
      if (((const uint8_t *)&k->key.mask)[at - word] != (in ? 0 : 0xff))
        return false;
      if (in)
        ret[at - off] = ((const uint8_t *)&k->key.val)[at - word];
    }
  }
  return true;
}

/* The field that has the bits which this word writes; that which has no others, where there is
 * one. */
static const struct field *number_at(const struct key *k, bool ex)
{
  uint32_t written = ~ntohl(k->key.mask);
  const struct field *some = NULL;
  bool plain = k->key.offmask == 0 && written && !(k->key.val & k->key.mask);
  for (const struct field *f = fields; plain && f->name; f++) {
    if (f->kind == HARDWARE || f->kind == INET6 || header_of(f, ex) != k->header ||
        (f->off & ~3U) != k->key.off)
      continue;
    if (written == f->bits << left_of(f))
      return f;
    if (some == NULL && (written & ~(f->bits << left_of(f))) == 0)
      some = f;
  }
  return some;
}

static void set_number(lua_State *L, const char *key, uint32_t v)
{
  lua_pushinteger(L, v);
  lua_setfield(L, -2, key);
}

static void set_true(lua_State *L, const char *key)
{
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, key);
}

static void push_name(lua_State *L, const char *name)
{
  lua_newtable(L);
  lua_pushstring(L, name);
  lua_rawseti(L, -2, 1);
}

/* Pushes the entry for a word of which only a place is known. */
static void push_raw(lua_State *L, const struct key *k)
{
  char name[32];
  uint32_t val = ntohl(k->key.val), mask = ntohl(k->key.mask);
  bool add = k->command == TCA_PEDIT_KEY_EX_CMD_ADD;
  snprintf(name, sizeof name, "offset %u u32", k->key.off);
  push_name(L, name);
  if (mask == UINT32_MAX && val == 0 && !add)
    set_true(L, "preserve");
  else if (mask == UINT32_MAX && !add)
    set_true(L, "invert");
  else
    set_number(L, add ? "add" : "set", val);
  uint32_t bits = mask == UINT32_MAX && !add ? val : ~mask;
  if (bits != UINT32_MAX && bits != 0)
    set_number(L, "retain", bits);
  if (k->key.offmask) {
    set_number(L, "at", k->key.at);
    set_number(L, "offmask", k->key.offmask);
    set_number(L, "shift", k->key.shift);
  }
}

static void push_number(lua_State *L, const struct key *k, const struct field *f)
{
  char text[INET_ADDRSTRLEN];
  uint32_t val = ntohl(k->key.val) >> left_of(f) >> f->shift;
  uint32_t bits = ~ntohl(k->key.mask) >> left_of(f);
  bool add = k->command == TCA_PEDIT_KEY_EX_CMD_ADD;
  push_name(L, f->name);
  if (f->kind == INET4 && !add) {
    lua_pushstring(L, inet_ntop(AF_INET, &k->key.val, text, sizeof text));
    lua_setfield(L, -2, "set");
  } else {
    set_number(L, add ? "add" : "set", val);
  }
  if (bits != f->bits)
    set_number(L, "retain", bits);
}

/* Pushes the entry that begins with that word; how many words it has. */
static int push_entry(lua_State *L, const struct list *list, int i)
{
  uint8_t bytes[16] = {0};
  char text[INET6_ADDRSTRLEN];
  for (const struct field *f = fields; f->name; f++) {
    if ((f->kind != HARDWARE && f->kind != INET6) || !is_address(list, i, f, bytes))
      continue;
    if (f->kind == INET6)
      inet_ntop(AF_INET6, bytes, text, sizeof text);
    else
      snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2],
               bytes[3], bytes[4], bytes[5]);
    push_name(L, f->name);
    lua_pushstring(L, text);
    lua_setfield(L, -2, "set");
    return f->kind == INET6 ? 4 : 2;
  }
  const struct field *f = number_at(&list->keys[i], list->ex);
  if (f)
    push_number(L, &list->keys[i], f);
  else
    push_raw(L, &list->keys[i]);
  return 1;
}

static bool munge_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  struct list list;
  (void)r, (void)p, (void)n;
  if (!read_list(d, &list))
    return false;
  lua_newtable(d->L);
  for (int i = 0; i < list.n;) {
    i += push_entry(d->L, &list, i);
    lua_rawseti(d->L, -2, (lua_Integer)lua_rawlen(d->L, -2) + 1);
  }
  return true;
}

const struct schema_codec schema_tc_munge = {
    .name = "list", .type = "table[]", .put = munge_put, .get = munge_get, .computed = true};

/* "ipv4+8: val 05000000 mask 00ffffff", as tc(8) shows it. */
static bool keys_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  static const char *const headers[] = {"", "eth", "ipv4", "ipv6", "tcp", "udp"};
  struct list list;
  char text[80], where[24];
  (void)r, (void)p, (void)n;
  if (!read_list(d, &list))
    return false;
  lua_newtable(d->L);
  for (int i = 0; i < list.n; i++) {
    const struct key *k = &list.keys[i];
    if (k->header == NETWORK || k->header >= sizeof headers / sizeof *headers)
      snprintf(where, sizeof where, "%u", k->key.off);
    else
      snprintf(where, sizeof where, "%s%+d", headers[k->header], (int)k->key.off);
    snprintf(text, sizeof text, "%s: %s %08x mask %08x", where,
             k->command == TCA_PEDIT_KEY_EX_CMD_ADD ? "add" : "val", ntohl(k->key.val),
             ntohl(k->key.mask));
    lua_pushstring(d->L, text);
    lua_rawseti(d->L, -2, i + 1);
  }
  return true;
}

const struct schema_codec schema_tc_munge_keys = {
    .name = "list", .type = "string[]", .get = keys_get, .computed = true};

/* ---- beside it ------------------------------------------------------------------------------- */

static void ex_put(struct schema_enc *e, const struct schema_row *r)
{
  codec_bool(e, r); /* the list of what is written says it */
}

static bool ex_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  bool ex;
  int count;
  (void)r, (void)p, (void)n;
  if (sel_of(d, &ex, &count) == NULL)
    return false;
  lua_pushboolean(d->L, ex);
  return true;
}

const struct schema_codec schema_tc_pedit_ex = {.name = "bit",
                                                .type = "boolean",
                                                .put = ex_put,
                                                .get = ex_get,
                                                .computed = true,
                                                .plain = true};

/* A member of the struct, which is in one of two attributes. */
static struct schema_row row_in(const struct schema_row *r, bool ex)
{
  struct schema_row in = *r;
  in.attr = attr_of(ex);
  return in;
}

#define MEMBER(id, codec_, word_, type_)                                                           \
  static void id##_put(struct schema_enc *e, const struct schema_row *r)                           \
  {                                                                                                \
    struct schema_row in = row_in(r, is_ex(e));                                                    \
    (codec_).put(e, &in);                                                                          \
  }                                                                                                \
  static bool id##_get(const struct schema_dec *d, const struct schema_row *r, const void *p,      \
                       size_t n)                                                                   \
  {                                                                                                \
    bool ex;                                                                                       \
    int count;                                                                                     \
    const struct tc_pedit_sel *sel = sel_of(d, &ex, &count);                                       \
    (void)p, (void)n;                                                                              \
    return sel && (codec_).get(d, r, sel, sizeof *sel);                                            \
  }                                                                                                \
  const struct schema_codec schema_tc_pedit_##id = {.name = word_,                                 \
                                                    .type = type_,                                 \
                                                    .put = id##_put,                               \
                                                    .get = id##_get,                               \
                                                    .computed = true,                              \
                                                    .plain = true};

MEMBER(u32, schema_tc_u32, "u32", "integer")
MEMBER(control, schema_tc_control, "enum", "string")
