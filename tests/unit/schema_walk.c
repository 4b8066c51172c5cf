/* The walker, without a kernel: bytes that do not depend on the order of a table, messages that are
 * full, the field that lies at an offset or is missing in a nest, options made of a record. */
#include "schema/schema.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <lualib.h>
#include <string.h>

#include "netlink_test.h"

static struct schema_buf buf;
static struct rt_op op = {.module = "test", .verb = "put", .netns = "host", .key = "x"};

static struct schema_enc encoder(lua_State *L, const struct schema *s)
{
  buf.sock = buf.there = NL_CLOSED;
  return (struct schema_enc){.L = L, .op = &op, .buf = &buf, .schema = s, .netns = -1};
}

/* Lua: put(options, [room]) -> the message; room: bytes that are left in it. */
static int put(lua_State *L)
{
  struct schema_enc e = encoder(L, lua_touserdata(L, lua_upvalueindex(1)));
  schema_begin(&e, RTM_NEWLINK, 0);
  if (lua_isinteger(L, 2))
    e.nlh->nlmsg_len = (uint32_t)(sizeof buf.msg - (size_t)lua_tointeger(L, 2));
  int top = lua_gettop(L);
  schema_put(&e, 1, true);
  if (lua_gettop(L) != top)
    return luaL_error(L, "the stack is not as it was");
  lua_pushlstring(L, buf.msg, e.nlh->nlmsg_len);
  return 1;
}

/* Runs `code`, in which put is that of the schema. Leaves its results, or says why not. */
static bool run(lua_State *L, const struct schema *s, const char *code)
{
  lua_settop(L, 0);
  lua_pushlightuserdata(L, (void *)(uintptr_t)s);
  lua_pushcclosure(L, put, 1);
  lua_setglobal(L, "put");
  if (luaL_dostring(L, code) == LUA_OK)
    return true;
  ok(false, "%s: %s", code, luaL_tolstring(L, -1, NULL));
  return false;
}

/* ---- encoding -------------------------------------------------------------------------------- */

static void test_order(lua_State *L)
{
  static const char code[] =
      "local keys = { 'mtu', 'txqueuelen', 'group', 'alias', 'addrgenmode', 'bridge', 'up', 'arp' "
      "}\n"
      "local values = { mtu = 1400, txqueuelen = 5, group = 7, alias = 'x', addrgenmode = 'none',\n"
      "  bridge = { priority = 1, max_age = 2, forward_delay = 3 }, up = true, arp = false }\n"
      "local first\n"
      "for i = 1, 50 do\n"
      "  local t = {}\n"
      "  for n = #keys, 2, -1 do local m = math.random(n) keys[n], keys[m] = keys[m], keys[n] end\n"
      "  for _, k in ipairs(keys) do t[k] = values[k] end\n"
      "  first = first or put(t)\n"
      "  if put(t) ~= first then return false end\n"
      "end\n"
      "return true";
  if (run(L, &schema_link, code))
    ok(lua_toboolean(L, -1), "the bytes do not depend on the order of the table");
}

/* What a row has unless somebody gives it: a number, numbers, a word. */
static void test_implied(lua_State *L)
{
  static const char code[] =
      "local function qdisc(options) options.root = true; return put(options) end\n"
      "return qdisc { type = 'prio' } == qdisc { prio = { bands = 3,\n"
      "    priomap = { 1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1 } } },\n"
      "  qdisc { type = 'prio' } ~= qdisc { prio = { bands = 4 } },\n"
      "  qdisc { netem = { loss_percent = 1 } } == qdisc { netem = { loss_percent = 1, limit_packets = 1000 } },\n"
      "  qdisc { type = 'htb' } == qdisc { htb = { r2q = 10 } }";
  static const char *const what[] = {"bands of a prio", "other bands of a prio", "limit of a netem",
                                     "r2q of an htb"};
  static const struct schema_row rows[] = {{.key = "word", SCHEMA_ATTR(IFLA_IFALIAS),
                                            .codec = &schema_string, .implied = "usual",
                                            .doc = "one that is implied"},
                                           SCHEMA_END};
  static const struct schema worded = {
      .name = "worded", .doc = "a word", .hdr = sizeof(struct ifinfomsg), .rows = rows};
  static struct schema qdisc; /* without its first row, the link, which only a kernel knows */
  qdisc = schema_qdisc;
  qdisc.rows++;
  if (run(L, &qdisc, code))
    for (int i = 0; i < 4; i++)
      ok(lua_toboolean(L, i + 1), "%s unless given", what[i]);
  if (run(L, &worded, "return put {} == put { word = 'usual' }, put {} ~= put { word = 'other' }"))
    ok(lua_toboolean(L, 1) && lua_toboolean(L, 2), "a word unless given");
}

static void test_full(lua_State *L)
{
  static const char code[] =
      "local seen = {}\n"
      "for room = 0, 200, 4 do\n"
      "  for name, t in pairs { plain = { alias = ('x'):rep(100) },\n"
      "    nest = { addrgenmode = 'none' }, kind = { bridge = { max_age = 1 } },\n"
      "    peer = { veth = { peer = 'x' } }, bits = { mtu = 1, up = true } } do\n"
      "    local ok, e = pcall(put, t, room)\n"
      "    if not ok and e.code ~= 'EMSGSIZE' then return name .. ': ' .. tostring(e) end\n"
      "    seen[name .. tostring(ok)] = true\n"
      "  end\n"
      "end\n"
      "for _, name in ipairs { 'plain', 'nest', 'kind', 'peer' } do\n"
      "  if not (seen[name .. 'true'] and seen[name .. 'false']) then return name end\n"
      "end\n"
      "return 'well'";
  if (run(L, &schema_link, code))
    ok(strcmp(lua_tostring(L, -1), "well") == 0, "a message that is full raises: %s",
       lua_tostring(L, -1));
}

/* { code, field, first words of the text } */
static void test_refused(lua_State *L)
{
  static const char *const lines[][3] = {
      {"put { mut = 1 }", "mut", "link has no such option"},
      {"put { lookup = 1 }", "lookup", "link has no such option"},
      {"put { ['mtu\\0x'] = 1 }", "mtu", "link has no such option"},
      {"put { 'up' }", "nil", "a value stands without a name: up"},
      {"put { [true] = 1 }", "nil", "a value stands without a name: 1"},
      {"put { veth = { peer = { nmae = 'x' } } }", "veth.peer.nmae",
       "link.veth.peer has no such option"},
      {"put { veth = { peer = { mtu = 'x' } } }", "veth.peer.mtu",
       "an integer is needed, not a string"},
      {"put { veth = { peer = { up = true } } }", "veth.peer.name", "the other end needs a name"},
      {"put { veth = { peer = 'x' }, bridge = {} }", "bridge",
       "a link has one kind; this one is a veth"},
      {"put { type = 'bridge', veth = {} }", "type", "type = \"bridge\" and options for a veth"},
      {"put { operstate = 'up' }", "operstate", "only the kernel sets this"},
      {"put { veth = {} }", "", ""},
      {"put {}", "", ""}};
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    char code[512];
    snprintf(code, sizeof code,
             "local ok, e = pcall(function() %s end)\n"
             "if ok then return '', '' end return tostring(e.field), e.text",
             lines[i][0]);
    if (!run(L, &schema_link, code))
      continue;
    const char *field = lua_tostring(L, 1), *text = lua_tostring(L, 2);
    ok(strcmp(field, lines[i][1]) == 0 && strncmp(text, lines[i][2], strlen(lines[i][2])) == 0,
       "%s: %s: %s", lines[i][0], field, text);
  }
}

/* ---- the field at an offset ------------------------------------------------------------------ */

/* The offset of the attribute down that path of types; 0 without. */
static uint32_t offset_of(const struct nlmsghdr *nlh, size_t hdr, const uint16_t *path)
{
  const struct nlattr *a = (const void *)((const char *)mnl_nlmsg_get_payload(nlh) + hdr);
  const char *end = (const char *)nlh + nlh->nlmsg_len;
  while (mnl_attr_ok(a, (int)(end - (const char *)a))) {
    if (mnl_attr_get_type(a) != path[0]) {
      a = mnl_attr_next(a);
      continue;
    }
    if (path[1] == 0)
      return (uint32_t)((const char *)a - (const char *)nlh);
    end = (const char *)a + a->nla_len;
    size_t skip =
        path[0] == VETH_INFO_PEER && path[1] == IFLA_IFNAME ? sizeof(struct ifinfomsg) : 0;
    a = (const void *)((const char *)mnl_attr_get_payload(a) + skip);
    path++;
  }
  return 0;
}

static void field_is(const struct schema *s, uint32_t offset, const char *want, const char *what)
{
  char field[128];
  schema_field_at(s, (void *)buf.msg, offset, field, sizeof field);
  ok(strcmp(field, want) == 0, "%s is \"%s\"%s%s", what, field, strcmp(field, want) ? ", not " : "",
     strcmp(field, want) ? want : "");
}

static void missing_is(const struct schema *s, uint32_t nest, uint32_t type, const char *want,
                       const char *what)
{
  char field[128];
  schema_field_missing(s, (void *)buf.msg, nest, type, field, sizeof field);
  ok(strcmp(field, want) == 0, "%s is \"%s\"", what, field);
}

static void test_veth_fields(lua_State *L)
{
  static const uint16_t mtu[] = {IFLA_MTU, 0}, info[] = {IFLA_LINKINFO, 0},
                        kind[] = {IFLA_LINKINFO, IFLA_INFO_KIND, 0},
                        data[] = {IFLA_LINKINFO, IFLA_INFO_DATA, 0},
                        peer[] = {IFLA_LINKINFO, IFLA_INFO_DATA, VETH_INFO_PEER, 0},
                        name[] = {IFLA_LINKINFO, IFLA_INFO_DATA, VETH_INFO_PEER, IFLA_IFNAME, 0};
  const struct nlmsghdr *nlh = (void *)buf.msg;
  const size_t hdr = sizeof(struct ifinfomsg);
  if (!run(L, &schema_link, "put { mtu = 1400, alias = 'abc', veth = { peer = 'other' } }"))
    return;
  field_is(&schema_link, offset_of(nlh, hdr, mtu), "mtu", "an attribute");
  field_is(&schema_link, offset_of(nlh, hdr, mtu) + 4, "mtu", "its payload");
  field_is(&schema_link, offset_of(nlh, hdr, info), "", "a nest without a row");
  field_is(&schema_link, offset_of(nlh, hdr, kind), "type", "the kind");
  field_is(&schema_link, offset_of(nlh, hdr, data), "veth", "the data of the kind");
  field_is(&schema_link, offset_of(nlh, hdr, peer), "veth.peer", "a nest inside");
  field_is(&schema_link, offset_of(nlh, hdr, name), "veth.peer.name", "an attribute deep inside");
  field_is(&schema_link, offset_of(nlh, hdr, name) + 7, "veth.peer.name", "a byte of its payload");
  field_is(&schema_link, NLMSG_HDRLEN + offsetof(struct ifinfomsg, ifi_index), "ifindex",
           "a member");
  field_is(&schema_link, NLMSG_HDRLEN + offsetof(struct ifinfomsg, ifi_family), "",
           "one without a row");
  field_is(&schema_link, 0, "", "no offset");
  field_is(&schema_link, nlh->nlmsg_len, "", "an offset behind the message");
  field_is(&schema_link, UINT32_MAX, "", "one far behind it");
  missing_is(&schema_link, 0, IFLA_MASTER, "master", "what the message lacks");
  missing_is(&schema_link, offset_of(nlh, hdr, data), VETH_INFO_PEER, "veth.peer",
             "what a nest lacks");
  missing_is(&schema_link, 0, 999, "", "what has no row");
  missing_is(&schema_link, 0, 0, "", "nothing");
  missing_is(&schema_link, UINT32_MAX, IFLA_MASTER, "master", "a nest behind the message");
}

static void test_other_fields(lua_State *L)
{
  static const uint16_t metric[] = {RTA_METRICS, RTAX_ADVMSS, 0}, metrics[] = {RTA_METRICS, 0},
                        age[] = {IFLA_LINKINFO, IFLA_INFO_DATA, IFLA_BR_MAX_AGE, 0};
  const struct nlmsghdr *nlh = (void *)buf.msg;
  if (run(L, &schema_route, "put { mtu = 1200, advmss = 1000, dst = '10.0.0.0/8' }")) {
    field_is(&schema_route, offset_of(nlh, sizeof(struct rtmsg), metric), "advmss", "a metric");
    missing_is(&schema_route, offset_of(nlh, sizeof(struct rtmsg), metrics), RTAX_WINDOW, "window",
               "a metric that is missing");
  }
  if (run(L, &schema_link, "put { bridge = { forward_delay = 1, max_age = 2 } }"))
    field_is(&schema_link, offset_of(nlh, sizeof(struct ifinfomsg), age), "bridge.max_age",
             "an option of a kind");
  if (run(L, &schema_link, "put { type = 'bridge', mtu = 5 }"))
    field_is(&schema_link, NLMSG_HDRLEN + (uint32_t)sizeof(struct ifinfomsg), "mtu",
             "the first attribute");
}

/* A path that does not fit is cut, not written behind its end. */
static void test_small_buffer(lua_State *L)
{
  static const uint16_t name[] = {IFLA_LINKINFO, IFLA_INFO_DATA, VETH_INFO_PEER, IFLA_IFNAME, 0};
  char field[9] = "????????";
  if (!run(L, &schema_link, "put { veth = { peer = 'other' } }"))
    return;
  schema_field_at(&schema_link, (void *)buf.msg,
                  offset_of((void *)buf.msg, sizeof(struct ifinfomsg), name), field, 8);
  ok(strcmp(field, "veth.pe") == 0 && field[8] == '\0', "a path that does not fit is cut: %s",
     field);
}

/* ---- options of a record --------------------------------------------------------------------- */

/* Lua: options(bytes, schema) -> what a record of the message is as options; and the record */
static int options(lua_State *L)
{
  _Alignas(8) char copy[4096];
  size_t n;
  const char *bytes = luaL_checklstring(L, 1, &n);
  memcpy(copy, bytes, n < sizeof copy ? n : sizeof copy);
  schema_push_record(L, lua_touserdata(L, lua_upvalueindex(1)), (void *)copy, 0);
  if (lua_isfunction(L, 2)) {
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_call(L, 1, 0);
  }
  schema_push_options(L, -1, "name");
  return 1;
}

static void test_options(lua_State *L)
{
  static const char code[] =
      "local bytes = put { name = 'v0', ifindex = 7, mtu = 1400, group = 3, up = true,\n"
      "  bridge = { priority = 9, forward_delay = 4 } }\n"
      "local t = options(bytes)\n"
      "assert(t.name == nil and t.ifindex == nil and t.flags == nil and t.hardware_type == nil)\n"
      "assert(t.mtu == 1400 and t.group == 3 and t.up and t.type == 'bridge')\n"
      "assert(t.bridge.priority == 9 and t.bridge.root_id == nil and t.unknown == nil)\n"
      "t.name = 'v0' t.ifindex = 7\n"
      "assert(put(t) == put(t))\n"
      "t = options(bytes, function(r) r.ifindex = 9 r.mtu = nil r.bridge.priority = 8 end)\n"
      "assert(t.ifindex == 9 and t.mtu == nil and t.bridge.priority == 8)\n"
      "t = options(bytes, function(r) r.bridge = { max_age = 1 } end)\n"
      "assert(t.bridge.max_age == 1 and t.bridge.priority == nil)\n"
      "t = options(put { type = 'dummy', master = 5 })\n" /* of a port, whose master has a kind too
                                                           */
      "assert(t.type == 'dummy' and t.bridge == nil and t.veth == nil)\n"
      "return true";
  lua_pushlightuserdata(L, (void *)(uintptr_t)&schema_link);
  lua_pushcclosure(L, options, 1);
  lua_setglobal(L, "options");
  if (run(L, &schema_link, code))
    ok(lua_toboolean(L, -1), "a record gives what can be given as options");
}

/* A port of a bridge carries its master's kind beside its own. */
static void test_port(lua_State *L)
{
  struct schema_enc e = encoder(L, &schema_link);
  lua_settop(L, 0);
  schema_begin(&e, RTM_NEWLINK, 0);
  struct nlattr *nest = mnl_attr_nest_start(e.nlh, IFLA_LINKINFO);
  mnl_attr_put_strz(e.nlh, IFLA_INFO_KIND, "dummy");
  mnl_attr_put_strz(e.nlh, IFLA_INFO_SLAVE_KIND, "bridge");
  mnl_attr_nest_end(e.nlh, nest);
  lua_pushlstring(L, buf.msg, e.nlh->nlmsg_len);
  lua_setglobal(L, "port");
  if (run(L, &schema_link,
          "local t = options(port) t.name = 'x' put(t) return t.type, t.slave_type"))
    ok(strcmp(lua_tostring(L, 1), "dummy") == 0 && lua_isnil(L, 2),
       "the options of a port say its own kind");
}

/* ---- annotated messages ---------------------------------------------------------------------- */

/* Every byte stands in the text once, whatever the lengths in the bytes say. */
static void test_annotated(lua_State *L)
{
  static const char code[] =
      "local function count(text)\n"
      "  local n = 0\n"
      "  for line in text:gmatch '[^\\n]+' do\n"
      "    local hex = line:sub(6, 29)\n"
      "    for _ in hex:gmatch ' %x%x' do n = n + 1 end\n"
      "  end\n"
      "  return n\n"
      "end\n"
      "local whole = put { name = 'v0', mtu = 1400, veth = { peer = 'v1' } }\n"
      "for _, bytes in ipairs {\n"
      "  '', 'x', whole, whole .. whole, whole:sub(1, -2), whole .. 'xyz',\n"
      "  string.pack('<I4', 0xc9c9c9c9) .. whole:sub(5), string.pack('<I4', 0) .. whole:sub(5),\n"
      "  string.pack('<I4', 17) .. whole:sub(5, 17), string.pack('<I4I2I2I4I4i4', 20, 2, 0, 0, 0, "
      "-22),\n"
      "  string.pack('<I4I2I2I4I4i4', 20, 2, 0, 0, 0, -2147483648),\n"
      "  string.pack('<I4I2I2I4I4I2I2', 20, 3, 0x200, 0, 0, 4, 9), whole:sub(1, 33) .. "
      "'\\255\\255' .. whole:sub(36) } do\n"
      "  if count(annotate(bytes)) ~= #bytes then return annotate(bytes) end\n"
      "end\n"
      "return 'every byte once'";
  lua_register(L, "annotate", schema_annotate);
  if (run(L, &schema_link, code))
    ok(strcmp(lua_tostring(L, -1), "every byte once") == 0, "an annotated message has %s",
       lua_tostring(L, -1));
}

int main(void)
{
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  test_annotated(L);
  test_order(L);
  test_implied(L);
  test_full(L);
  test_refused(L);
  test_veth_fields(L);
  test_other_fields(L);
  test_small_buffer(L);
  test_options(L);
  test_port(L);
  lua_close(L);
  return tap_end();
}
