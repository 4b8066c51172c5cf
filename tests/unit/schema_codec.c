/* Every codec both ways, without a kernel: a Lua value under a row's key becomes these bytes and comes
 * back in its canonical form, or is refused with this sentence; and whatever bytes an attribute
 * has, of any length, reading it stays within them. */
#include "schema/schema.h"
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "netlink_test.h"

/* ---- one value -------------------------------------------------------------------------------- */

struct value {
  const struct schema *schema;
  const char *key, *lua; /* an expression */
  const char *bytes;     /* hexadecimal, of the attribute's payload or the header's member */
  const char *back;      /* the text of what is read, "nil" for none; NULL: as the expression */
  const char *error;     /* of the exception; bytes and back are NULL then */
};

#define L_(k, lua, ...) {&schema_link, k, lua, __VA_ARGS__}
#define A_(k, lua, ...) {&schema_addr, k, lua, __VA_ARGS__}
#define R_(k, lua, ...) {&schema_route, k, lua, __VA_ARGS__}
#define N_(k, lua, ...) {&schema_neigh, k, lua, __VA_ARGS__}
#define U_(k, lua, ...) {&schema_rule, k, lua, __VA_ARGS__}
#define B_(k, lua, ...) {&schema_link_bridge, k, lua, __VA_ARGS__}
#define BAD NULL, NULL

static const struct value values[] = {
    /* integers */
    L_("mtu", "0", "00000000", NULL, NULL), L_("mtu", "4294967295", "ffffffff", NULL, NULL),
    L_("mtu", "1400.0", "78050000", "1400", NULL),
    L_("mtu", "-1", BAD, "-1 is not in 0..4294967295"),
    L_("mtu", "4294967296", BAD, "4294967296 is not in 0..4294967295"),
    L_("mtu", "1.5", BAD, "an integer is needed, not a number"),
    L_("mtu", "'1400'", BAD, "an integer is needed, not a string"),
    L_("mtu", "math.mininteger", BAD, "-9223372036854775808 is not in 0..4294967295"),
    L_("ifindex", "1", "01000000", NULL, NULL), L_("ifindex", "2147483647", "ffffff7f", NULL, NULL),
    L_("ifindex", "0", BAD, "0 is not in 1..2147483647"),
    B_("priority", "65535", "ffff", NULL, NULL), B_("priority", "65536", BAD, "65536 is not in 0..65535"),
    B_("mcast_router", "255", "ff", NULL, NULL), B_("mcast_router", "256", BAD, "256 is not in 0..255"),
    U_("suppress_prefixlength", "-1", "ffffffff", NULL, NULL),
    U_("suppress_prefixlength", "-2147483648", "00000080", NULL, NULL),
    U_("suppress_prefixlength", "2147483648", BAD, "2147483648 is not in -2147483648..2147483647"),
    R_("tos", "255", "ff", NULL, NULL), R_("tos", "256", BAD, "256 is not in 0..255"),
    /* truth values, bits */
    B_("vlan_filtering", "true", "01", NULL, NULL), B_("vlan_filtering", "false", "00", NULL, NULL),
    B_("vlan_filtering", "1", BAD, "true or false is needed, not a number"),
    B_("stp_state", "true", "01000000", NULL, NULL),
    L_("up", "true", "01000000", NULL, NULL), L_("up", "false", "00000000", NULL, NULL),
    L_("up", "'yes'", BAD, "true or false is needed, not a string"),
    L_("arp", "false", "80000000", NULL, NULL), L_("arp", "true", "00000000", NULL, NULL),
    A_("nodad", "true", "02000000", NULL, NULL), A_("nodad", "false", "00000000", NULL, NULL),
    A_("noprefixroute", "true", "00020000", NULL, NULL),
    N_("proxy", "true", "08", NULL, NULL), N_("router", "true", "80", NULL, NULL),
    R_("onlink", "true", "04000000", NULL, NULL), U_("invert", "true", "02000000", NULL, NULL),
    /* strings and names */
    L_("alias", "'a b'", "61206200", NULL, NULL), L_("alias", "''", "00", NULL, NULL),
    L_("alias", "('x'):rep(255)", "*", NULL, NULL),
    L_("alias", "('x'):rep(256)", BAD, "it has 256 characters, 255 is the most"),
    L_("alias", "'a\\0b'", BAD, "a string without zero bytes is needed"),
    L_("alias", "5", BAD, "a string is needed, not a number"),
    L_("name", "'veth-red'", "766574682d72656400", NULL, NULL),
    L_("name", "('x'):rep(15)", "*", NULL, NULL),
    L_("name", "'veth-red-to-blue'", BAD,
       "\"veth-red-to-blue\" has 16 characters, an interface name has at most 15"),
    L_("name", "''", BAD, "\"\" cannot name an interface"),
    L_("name", "'..'", BAD, "\"..\" cannot name an interface"),
    L_("name", "'a/b'", BAD, "\"a/b\" cannot name an interface"),
    L_("name", "'a:b'", BAD, "\"a:b\" cannot name an interface"),
    L_("name", "'a b'", BAD, "\"a b\" cannot name an interface"),
    L_("name", "'a\\0b'", BAD, "a string without zero bytes is needed"),
    L_("name", "7", BAD, "a name is needed, not a number"),
    U_("iif", "'lo'", "6c6f00", NULL, NULL), U_("iif", "''", BAD, "the string is empty"),
    /* words for numbers */
    L_("mode", "'dormant'", "01", NULL, NULL), L_("mode", "1", "01", "dormant", NULL),
    L_("mode", "'0x1'", "01", "dormant", NULL), L_("mode", "77", "4d", NULL, NULL),
    L_("mode", "'dormnat'", BAD, "\"dormnat\" is none of its words"),
    L_("mode", "'256'", BAD, "256 is not in 0..255"), L_("mode", "256", BAD, "256 is not in 0..255"),
    L_("mode", "'dormant\\0'", BAD, "a string without zero bytes is needed"),
    L_("mode", "{}", BAD, "a word or a number is needed, not a table"),
    L_("group", "'default'", "00000000", NULL, NULL), L_("group", "5", "05000000", NULL, NULL),
    L_("addrgenmode", "'stable_secret'", "02", NULL, NULL),
    N_("nud", "'permanent'", "8000", NULL, NULL), N_("nud", "'failed'", "2000", NULL, NULL),
    R_("type", "'blackhole'", "06", NULL, NULL), R_("protocol", "'static'", "04", NULL, NULL),
    R_("protocol", "201", "c9", NULL, NULL), R_("scope", "'link'", "fd", NULL, NULL),
    B_("vlan_protocol", "'802.1ad'", "88a8", NULL, NULL),
    R_("table", "'local'", "", NULL, NULL), R_("table", "100", "", NULL, NULL),
    R_("table", "255", "", "local", NULL), R_("table", "1000", "e8030000", NULL, NULL),
    R_("table", "4294967295", "ffffffff", NULL, NULL),
    R_("table", "4294967296", BAD, "4294967296 is not in 0..4294967295"),
    R_("table", "'mian'", BAD, "\"mian\" is none of its words"),
    /* hardware addresses */
    L_("address", "'02:00:00:00:00:01'", "020000000001", NULL, NULL),
    L_("address", "'2:0:0:0:0:A'", "02000000000a", "02:00:00:00:00:0a", NULL),
    L_("address", "'02:00:00:00:00'", "0200000000", NULL, NULL),
    L_("address", "'10.0.0.1'", "0a000001", NULL, NULL), /* of a tunnel */
    L_("address", "'fd00::1'", "fd000000000000000000000000000001", NULL, NULL),
    L_("address", "'02'", BAD, "\"02\" is no hardware address"),
    L_("address", "'02:00:00:00:00:0g'", BAD, "\"02:00:00:00:00:0g\" is no hardware address"),
    L_("address", "'02:00:00:00:00:01:'", BAD, "\"02:00:00:00:00:01:\" is no hardware address"),
    L_("address", "''", BAD, "\"\" is no hardware address"),
    L_("address", "('02:'):rep(32) .. '02'", BAD, "*"),
    L_("address", "'02:00:00:00:00:01\\0'", BAD, "a string without zero bytes is needed"),
    /* IP addresses and prefixes */
    R_("via", "'10.0.0.1'", "0a000001", NULL, NULL),
    R_("via", "'FD00:0::1'", "fd000000000000000000000000000001", "fd00::1", NULL),
    R_("via", "'::ffff:10.0.0.1'", "00000000000000000000ffff0a000001", NULL, NULL),
    R_("via", "'10.0.0'", BAD, "\"10.0.0\" is no IP address"),
    R_("via", "'10.0.0.1/24'", BAD, "\"10.0.0.1/24\" is no IP address"),
    R_("via", "'10.0.0.1\\0'", BAD, "a string without zero bytes is needed"),
    R_("via", "10", BAD, "an IP address is needed, not a number"),
    A_("address", "'192.168.15.1/24'", "c0a80f01", NULL, NULL),
    A_("address", "'fd00::1/64'", "fd000000000000000000000000000001", NULL, NULL),
    A_("address", "'10.0.0.1/0'", "0a000001", NULL, NULL),
    A_("address", "'10.0.0.1'", BAD, "the address has no prefix length"),
    A_("address", "'10.0.0.1/33'", BAD, "\"10.0.0.1/33\": the prefix length is a number from 0 to 32"),
    A_("address", "'fd00::1/129'", BAD, "\"fd00::1/129\": the prefix length is a number from 0 to 128"),
    A_("address", "'10.0.0.1/'", BAD, "\"10.0.0.1/\": the prefix length is a number from 0 to 32"),
    A_("address", "'10.0.0.1/ 8'", BAD, "\"10.0.0.1/ 8\": the prefix length is a number from 0 to 32"),
    A_("address", "'10.0.0.1/-1'", BAD, "\"10.0.0.1/-1\": the prefix length is a number from 0 to 32"),
    A_("address", "'10.0.0.1/99999999999999999999'", BAD, "*"),
    A_("address", "('1'):rep(60) .. '/8'", BAD, "*"),
    A_("peer", "'10.0.0.2/24'", "0a000002", "nil", NULL), /* without IFA_LOCAL it is the address itself */
    A_("broadcast", "'10.0.0.255'", "0a0000ff", NULL, NULL),
    R_("dst", "'10.0.0.0/8'", "0a000000", NULL, NULL), R_("dst", "'10.0.0.1'", "0a000001", NULL, NULL),
    R_("dst", "'10.0.0.1/32'", "0a000001", "10.0.0.1", NULL),
    R_("dst", "'fd00::/7'", BAD, "\"fd00::/7\" has bits set behind its prefix length"),
    R_("dst", "'fc00::/7'", "fc000000000000000000000000000000", NULL, NULL),
    R_("dst", "'default'", "", NULL, NULL), R_("dst", "'0.0.0.0/0'", "", "default", NULL),
    R_("dst", "'all'", "", "default", NULL), R_("dst", "'::/0'", "", "default", NULL),
    R_("dst", "'10.0.0.1/31'", BAD, "\"10.0.0.1/31\" has bits set behind its prefix length"),
    U_("from", "'all'", "", NULL, NULL), U_("to", "'10.0.0.0/8'", "0a000000", NULL, NULL),
    U_("family", "'inet6'", "0a", NULL, NULL),
    U_("family", "'inet7'", BAD, "\"inet7\" is neither \"inet\" nor \"inet6\""),
    /* the rest */
    A_("valid_lft", "60", "3c000000", NULL, NULL), A_("valid_lft", "'forever'", "ffffffff", NULL, NULL),
    A_("valid_lft", "-1", BAD, "-1 is not in 0..4294967295"),
    A_("valid_lft", "'long'", BAD, "a number of seconds or \"forever\" is needed, not a string"),
    L_("type", "'dummy'", "64756d6d79", NULL, NULL),
    L_("type", "5", BAD, "the name of a kind is needed, not a number"),
    L_("bridge", "{ priority = 1 }", "0600060001000000", "table", NULL),
    L_("bridge", "true", BAD, "a table is needed, not a boolean"),
    L_("bridge", "{ prioriy = 1 }", BAD, "link.bridge has no such option"),
    L_("bridge", "{ root_id = 'x' }", BAD, "only the kernel sets this; it can be read, not given"),
    L_("veth", "{ peer = { peer = 'x' } }", BAD, "link.veth.peer has no such option"),
    L_("master", "5", "05000000", "if5", NULL), L_("master", "false", "00000000", "nil", NULL),
    L_("master", "true", BAD, "the name or number of a link is needed, not a boolean"),
    L_("master", "('x'):rep(128)", BAD, "a name of a link has at most 127 characters"),
    L_("master", "-1", BAD, "the name or number of a link is needed, not a number"),
};

static struct schema_buf buf;

static void start(lua_State *L, struct schema_enc *e, struct rt_op *op, const struct schema *s)
{
  buf.sock = buf.there = NL_CLOSED;
  buf.nfds = 0;
  *op = (struct rt_op){.module = "test", .verb = "put", .netns = "host", .key = "x"};
  *e = (struct schema_enc){.L = L, .op = op, .buf = &buf, .schema = s, .netns = -1};
  schema_begin(e, RTM_NEWLINK, 0);
}

/* Lua: put(value) - under row (upvalue 1) of schema (upvalue 2); kinds look at the table around. */
static int put(lua_State *L)
{
  struct schema_enc e;
  struct rt_op op;
  const struct schema_row *r = lua_touserdata(L, lua_upvalueindex(1));
  start(L, &e, &op, lua_touserdata(L, lua_upvalueindex(2)));
  lua_createtable(L, 0, 1);
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, r->key);
  e.t = lua_gettop(L);
  lua_pushvalue(L, 1);
  schema_put_key(&e, r->key);
  return lua_gettop(L) == e.t + 1 ? 0 : luaL_error(L, "the stack is not as it was");
}

static void to_hex(const void *p, size_t n, char *text)
{
  for (size_t i = 0; i < n; i++)
    sprintf(text + 2 * i, "%02x", ((const uint8_t *)p)[i]);
  text[2 * n] = '\0';
}

/* The kind beside the data is put by the row `type`, which a single value does not have. */
static void put_kind(const char *kind)
{
  struct nlmsghdr *nlh = (void *)buf.msg;
  const struct nlattr *info = NULL;
  size_t len = strlen(kind) + 1, room = SCHEMA_ALIGN(sizeof(struct nlattr) + len);
  char copy[512];
  char *start = (char *)mnl_nlmsg_get_payload(nlh) + sizeof(struct ifinfomsg);
  info = (const void *)start;
  size_t data = mnl_attr_get_payload_len(info);
  memcpy(copy, start + sizeof *info, data);
  nlh->nlmsg_len = NLMSG_HDRLEN + (uint32_t)sizeof(struct ifinfomsg);
  struct nlattr *nest = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
  mnl_attr_put_strz(nlh, IFLA_INFO_KIND, kind);
  memcpy(mnl_nlmsg_get_payload_tail(nlh), copy, data);
  nlh->nlmsg_len += (uint32_t)data;
  mnl_attr_nest_end(nlh, nest);
  (void)room;
}

static bool read_back(lua_State *L, const struct value *v, const struct schema_row *r)
{
  struct schema_dec d;
  struct nlmsghdr *nlh = (void *)buf.msg;
  char hex[2048] = "";
  if (schema_nested(r))
    put_kind(v->key);
  schema_open(&d, L, v->schema, mnl_nlmsg_get_payload(nlh), mnl_nlmsg_get_payload_len(nlh), 0);
  const struct nlattr *a = r->attr ? schema_find(&d, r->in, r->attr) : NULL;
  if (a && r->codec == &schema_cacheinfo)
    to_hex((const char *)mnl_attr_get_payload(a) + r->off, 4, hex);
  else if (a)
    to_hex(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a), hex);
  else if (r->attr == 0)
    to_hex(d.hdr + r->off, r->len, hex);
  if (strcmp(v->bytes, "*") != 0 && strcmp(hex, v->bytes) != 0)
    return ok(false, "%s = %s: bytes %s, not %s", v->key, v->lua, hex, v->bytes);
  if (!schema_get(&d, r))
    lua_pushnil(L);
  lua_pushfstring(L, "return %s", v->lua);
  if (v->back == NULL && luaL_dostring(L, lua_tostring(L, -1)) != LUA_OK)
    return ok(false, "%s", lua_tostring(L, -1));
  const char *want = v->back ? v->back : luaL_tolstring(L, -1, NULL);
  const char *got = lua_istable(L, 1) ? "table" : luaL_tolstring(L, 1, NULL);
  return ok(strcmp(got, want) == 0, "%s = %s comes back as %s%s%s", v->key, v->lua, got,
            strcmp(got, want) ? ", not " : "", strcmp(got, want) ? want : "");
}

static void test_value(lua_State *L, const struct value *v)
{
  const struct schema_row *r = schema_row_of(v->schema, v->key);
  lua_settop(L, 0);
  if (r == NULL) {
    ok(false, "%s has no row %s", v->schema->name, v->key);
    return;
  }
  lua_pushlightuserdata(L, (void *)(uintptr_t)r);
  lua_pushlightuserdata(L, (void *)(uintptr_t)v->schema);
  lua_pushcclosure(L, put, 2);
  lua_pushfstring(L, "return %s", v->lua);
  if (luaL_dostring(L, lua_tostring(L, -1)) != LUA_OK) {
    ok(false, "%s", lua_tostring(L, -1));
    return;
  }
  lua_remove(L, 2);
  int status = lua_pcall(L, 1, 0, 0);
  if (status == LUA_OK && v->error) {
    ok(false, "%s = %s is not refused", v->key, v->lua);
  } else if (status == LUA_OK) {
    lua_settop(L, 0);
    read_back(L, v, r);
  } else {
    if (lua_istable(L, -1))
      lua_getfield(L, -1, "text");
    const char *text = lua_tostring(L, -1);
    bool same = v->error && (strcmp(v->error, "*") == 0 || strcmp(v->error, text) == 0);
    ok(same, "%s = %.40s: %.80s%s%s", v->key, v->lua, text, same ? "" : ", not ",
       same ? "" : v->error ? v->error : "no error");
  }
}

/* ---- whatever the bytes are ------------------------------------------------------------------ */

/* A message in memory of exactly its length, so that a sanitizer sees what is read behind it. */
static void *message_with(const struct schema *s, const struct schema_row *r, const uint8_t *bytes,
                          size_t n, size_t *ret_len)
{
  char area[1024] = "";
  struct nlmsghdr *nlh = mnl_nlmsg_put_header(area);
  struct nlattr *nests[4];
  int depth = 0;
  memset(mnl_nlmsg_put_extra_header(nlh, s->hdr), bytes[0], s->hdr);
  if (schema_nested(r))
    nests[depth++] = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
  for (const struct schema_step *step = schema_nested(r) ? NULL : r->in; step && step->attr; step++)
    nests[depth++] = mnl_attr_nest_start(nlh, step->attr);
  if (schema_nested(r))
    mnl_attr_put_strz(nlh, IFLA_INFO_KIND, r->key);
  mnl_attr_put(nlh, r->attr, n, bytes);
  while (depth > 0)
    mnl_attr_nest_end(nlh, nests[--depth]);
  *ret_len = mnl_nlmsg_get_payload_len(nlh) - (SCHEMA_ALIGN(n) - n); /* the padding may be cut off */
  void *exact = malloc(*ret_len);
  memcpy(exact, mnl_nlmsg_get_payload(nlh), *ret_len);
  return exact;
}

enum { LENGTHS = 80 };

static void test_any_bytes(lua_State *L, const struct schema *s)
{
  static const uint8_t fills[] = {0x00, 0xff, 0x41, 0x01, 0x80};
  int read = 0;
  for (const struct schema_row *r = s->rows; r->key; r++)
    for (size_t f = 0; f < sizeof fills; f++)
      for (size_t n = 0; n <= LENGTHS; n++) {
        uint8_t bytes[LENGTHS + 1];
        size_t len;
        struct schema_dec d;
        memset(bytes, fills[f], sizeof bytes);
        void *p = message_with(s, r, bytes, r->attr ? n : 0, &len);
        lua_settop(L, 0);
        if (schema_open(&d, L, s, p, len, 0)) {
          schema_get(&d, r);
          schema_get_all(&d);
          read += lua_gettop(L) > 0;
        }
        free(p);
      }
  ok(read > 0, "%s: attributes of every length are read within their bytes", s->name);
}

/* A message that is shorter than its fixed header has no field; a record of it is empty. */
static void test_short(lua_State *L, const struct schema *s)
{
  _Alignas(8) char area[64] = "";
  struct nlmsghdr *nlh = mnl_nlmsg_put_header(area);
  bool good = true;
  for (size_t n = 0; n < s->hdr; n++) {
    lua_settop(L, 0);
    nlh->nlmsg_len = (uint32_t)(NLMSG_HDRLEN + n);
    schema_push_record(L, s, nlh, 0);
    lua_pushvalue(L, -1);
    lua_call(L, 0, 1);
    lua_pushnil(L);
    good = good && !lua_next(L, -2);
    lua_getfield(L, 1, s->rows->key);
    good = good && lua_isnil(L, -1);
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    good = good && (n == 0 || !lua_compare(L, 1, 2, LUA_OPEQ) || lua_rawequal(L, 1, 2));
  }
  ok(good, "%s: a message without its header has no field", s->name);
}

int main(void)
{
  static const struct schema *const schemas[] = {&schema_link, &schema_addr, &schema_route,
                                                 &schema_neigh, &schema_rule, &schema_link_bridge};
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    test_value(L, &values[i]);
  for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++)
    test_any_bytes(L, schemas[i]);
  for (size_t i = 0; i + 1 < sizeof schemas / sizeof *schemas; i++)
    test_short(L, schemas[i]);
  lua_close(L);
  return tap_end();
}
