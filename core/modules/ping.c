/* ping: red:ping(ADDRESS, OPTIONS), a method of a namespace's handle. Silence is a result; what the
 * kernel refuses to send is an error that says what is missing. The packets are probe's. */
#include "modules/modules.h"
#include "probe/probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum {
  COUNT_MAX = 1000000,
  HOUR_MS = 3600000,
  SIZE_MAX_V4 = 65535 - 20 - 8, /* of what IPv4 can carry, its header and ours */
  SIZE_MAX_V6 = 65535 - 8,
};

/* ---- the result ------------------------------------------------------------------------------ */

static lua_Number number_field(lua_State *L, int idx, const char *key)
{
  lua_getfield(L, idx, key);
  lua_Number v = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return v;
}

/* Adds ", rtt 0.05 ms", or least, mean and most of several. */
static void add_rtts(lua_State *L, luaL_Buffer *b, int rtts, lua_Integer n)
{
  lua_Number least = 0, most = 0, sum = 0;
  char text[128];
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, rtts, i);
    lua_Number v = lua_tonumber(L, -1);
    lua_pop(L, 1);
    least = i == 1 || v < least ? v : least;
    most = v > most ? v : most;
    sum += v;
  }
  if (n == 1)
    snprintf(text, sizeof text, ", rtt %.2f ms", sum);
  else
    snprintf(text, sizeof text, ", rtt min/avg/max %.2f/%.2f/%.2f ms", least, sum / (lua_Number)n,
             most);
  luaL_addstring(b, text);
}

static int result_tostring(lua_State *L)
{
  luaL_Buffer b;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_getfield(L, 1, "rtts_ms");
  lua_getfield(L, 1, "unreachable");
  lua_Integer n = lua_istable(L, 2) ? luaL_len(L, 2) : 0;
  lua_pushfstring(L, "%I sent, %I received", (LUAI_UACINT)number_field(L, 1, "sent"),
                  (LUAI_UACINT)number_field(L, 1, "received"));
  luaL_buffinit(L, &b);
  lua_pushvalue(L, 4);
  luaL_addvalue(&b);
  if (n > 0)
    add_rtts(L, &b, 2, n);
  if (lua_isstring(L, 3)) {
    luaL_addstring(&b, ", unreachable: ");
    lua_pushvalue(L, 3);
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  return 1;
}

static void push_result(lua_State *L, const struct probe_ping_result *r)
{
  lua_createtable(L, 0, 4);
  lua_pushinteger(L, r->sent);
  lua_setfield(L, -2, "sent");
  lua_pushinteger(L, r->received);
  lua_setfield(L, -2, "received");
  lua_createtable(L, (int)r->received, 0);
  for (uint32_t i = 0; i < r->received; i++) {
    lua_pushnumber(L, r->rtts_ms[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "rtts_ms");
  if (r->unreachable) {
    lua_pushstring(L, rt_code(r->unreachable));
    lua_setfield(L, -2, "unreachable");
  }
  if (luaL_newmetatable(L, "nslab.ping")) {
    lua_pushcfunction(L, result_tostring);
    lua_setfield(L, -2, "__tostring");
  }
  lua_setmetatable(L, -2);
}

static int box_close(lua_State *L)
{
  probe_ping_free(lua_touserdata(L, 1));
  return 0;
}

static const struct rt_class box_class = {.name = "nslab.ping.box", .close = box_close};

/* ---- what is asked --------------------------------------------------------------------------- */

/* The address at idx; raises for everything that is none, saying what it is instead. */
static const char *read_address(lua_State *L, struct rt_op *op, int idx)
{
  size_t len;
  if (lua_type(L, idx) != LUA_TSTRING)
    rt_raisef(L, op, EINVAL, NULL, "For example \"192.168.15.2\" or \"fd00::2\".",
              "an address is needed, not %s", rt_typename(L, idx));
  const char *text = op->key = lua_tolstring(L, idx, &len), *slash = strchr(text, '/');
  if (strlen(text) == len && probe_address_family(text) >= 0)
    return text;
  if (slash)
    rt_raisef(L, op, EINVAL, NULL,
              lua_pushfstring(L, "\"%s\" is meant, perhaps.",
                              lua_pushlstring(L, text, (size_t)(slash - text))),
              "one address is needed, without a prefix length");
  rt_raisef(L, op, EINVAL, NULL,
            "An address is needed, for example \"192.168.15.2\" or \"fe80::1%eth0\": a lab has no "
            "names of hosts.",
            "this is no IPv4 or IPv6 address");
}

static uint32_t read_number(lua_State *L, struct rt_op *op, const char *key, lua_Integer min,
                            lua_Integer max, lua_Integer otherwise)
{
  return (uint32_t)rt_opt_integer(L, op, 3, key, min, max, otherwise);
}

static void read_options(lua_State *L, struct rt_op *op, struct probe_ping_options *ret)
{
  static const char *const keys[] = {"count",      "interval_ms", "timeout_ms",
                                     "size_bytes", "dev",         NULL};
  bool v4 = probe_address_family(ret->address) == AF_INET;
  rt_check_keys(L, op, 3, keys);
  ret->count = read_number(L, op, "count", 1, COUNT_MAX, 1);
  ret->interval_ms = read_number(L, op, "interval_ms", 0, HOUR_MS, 1000);
  ret->timeout_ms = read_number(L, op, "timeout_ms", 1, HOUR_MS, 1000);
  ret->size_bytes = read_number(L, op, "size_bytes", 0, v4 ? SIZE_MAX_V4 : SIZE_MAX_V6, 56);
  ret->dev = rt_opt_string(L, op, 3, "dev", NULL);
}

/* ---- what the kernel refuses ----------------------------------------------------------------- */

static bool is_loopback(const char *address)
{
  return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

static bool is_link_local(const char *address)
{
  return strncasecmp(address, "fe80:", 5) == 0 || strncasecmp(address, "ff02:", 5) == 0;
}

/* The way out of each refusal; %s is the namespace, the second one the address, the third how a
 * module of the namespace is called. The first row that fits is taken. */
static const struct {
  int err;
  bool (*only_for)(const char *address); /* NULL: any */
  const char *hint;
} hints[] = {
    {ENETUNREACH, is_loopback,
     "In %s the loopback link lo is down, which %s needs; "
     "%slink.set(\"lo\", { up = true }) switches it on."},
    {ENETUNREACH, NULL,
     "%s has no route to %s: it needs a link that is up with an address in that "
     "network, or a route; %sroute.list() shows those there are."},
    {EHOSTUNREACH, NULL, "A route of %s says that %s cannot be reached; %sroute.list() shows it."},
    {EACCES, NULL,
     "In %s %s is a broadcast address, or a route of type prohibit forbids it; "
     "%sroute.list() shows it."},
    {EINVAL, is_link_local,
     "%s has a %s on each of its links: say which one with the option dev, or "
     "as in \"fe80::1%%eth0\"; %slink.list() shows the links."},
    {EINVAL, NULL,
     "A route of %s swallows what is for %s (type blackhole); %sroute.list() shows it."},
    {EPERM, NULL,
     "A firewall rule in an OUTPUT chain of %s forbids it to send to %s, or this process "
     "may not open a socket for ICMP."},
    {ENETDOWN, NULL,
     "In %s the link that leads to %s is down; %slink.set(NAME, { up = true }) "
     "switches it on."},
    {EADDRNOTAVAIL, NULL,
     "%s has no address to send from to %s; %saddr.list() shows those there "
     "are."},
};

static const char *push_hint(lua_State *L, const struct rt_op *op, int err)
{
  const char *name = netns_file_name(L, 1);
  const char *prefix = name ? lua_pushfstring(L, "%s.", name) : "";
  for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
    if (hints[i].err == err && (!hints[i].only_for || hints[i].only_for(op->key)))
      return lua_pushfstring(L, hints[i].hint, op->netns, op->key, prefix);
  return NULL;
}

static _Noreturn void explain(lua_State *L, struct rt_op *op, const char *dev, int err)
{
  rt_check_interrupt(L, op);
  const char *zone = strchr(op->key, '%');
  if (err == ENODEV && (dev || zone))
    rt_raisef(L, op, err, dev ? "dev" : NULL, push_hint(L, op, err), "%s has no link \"%s\"",
              op->netns, dev ? dev : zone + 1);
  rt_raise(L, op, &(struct rt_error){.err = err, .hint = push_hint(L, op, err)});
}

/* ---- ping ------------------------------------------------------------------------------------ */

static int netns_ping(lua_State *L)
{
  struct rt_op op = {.module = "netns", .verb = "ping", .netns = netns_name(L, 1)};
  struct probe_ping_options o = {0};
  lua_settop(L, 3);
  op.options = lua_istable(L, 3) ? 3 : 0;
  o.address = read_address(L, &op, 2);
  read_options(L, &op, &o);
  rt_op_begin(L, &op);
  struct probe_ping_result *r = rt_new(L, &box_class, sizeof *r, 0);
  int netns = netns_of_self(L, &op, 1);
  barrier_wait();
  int err = probe_ping(netns, &o, &rt_interrupted, r);
  if (err < 0)
    explain(L, &op, o.dev, -err);
  push_result(L, r);
  probe_ping_free(r);
  rt_op_end(L, &op, -1);
  return 1;
}

const struct rt_func ping_methods[] = {
    {.name = "ping",
     .fn = netns_ping,
     .doc =
         "Sends ICMP echo requests from the namespace and waits for their answers. Silence is no "
         "error: received is 0 then. Packet after packet leaves at its time, whether the one "
         "before was answered or not. Printing the result gives \"1 sent, 1 received, rtt 0.05 "
         "ms\".",
     .params = {{"address", "string", "IPv4 or IPv6; a link-local one with its link: fe80::1%eth0"},
                {"options?",
                 "{ count?: integer, interval_ms?: integer, timeout_ms?: integer, size_bytes?: "
                 "integer, dev?: string }",
                 "how many (1), how far apart (1000, as ping does), how long each is waited for "
                 "(1000), bytes after the ICMP header (56), the link to send through"}},
     .returns =
         {{"result",
           "{ sent: integer, received: integer, rtts_ms: number[], unreachable?: string }",
           "round-trip times in the order in which the answers came; unreachable is the code "
           "of the last ICMP error that came instead, EHOSTUNREACH for example"}},
     .errors =
         "ENETUNREACH there is no route to the address\nEHOSTUNREACH a route says that it "
         "cannot be reached\nEACCES a broadcast address, or a route that prohibits it\nEPERM "
         "a firewall rule forbids it\nENODEV there is no such link\nEINVAL this is no address",
     .example = "local red = netns.add \"red\"\nred.link.set(\"lo\", { up = true })\n"
                "assert(red:ping(\"127.0.0.1\").received == 1)",
     .source = "ping(8), RFC 792, RFC 4443"},
    {.name = NULL}};
