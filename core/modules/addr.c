/* addr: IPv4 and IPv6 addresses of links. */
#include "modules/object.h"
#include "sandbox/sandbox.h"
#include <errno.h>
#include <fnmatch.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* An address cannot be preferred for longer than it is valid. */
static void limit_preferred(struct schema_enc *e, const struct schema_dec *d)
{
  const struct nlattr *a = schema_find(d, NULL, IFA_CACHEINFO);
  struct ifa_cacheinfo *times = a ? mnl_attr_get_payload(a) : NULL;
  if (times && times->ifa_prefered > times->ifa_valid &&
      lua_getfield(e->L, e->t, "preferred_lft") != LUA_TNIL)
    schema_fail(e, schema_row_of(&schema_addr, "preferred_lft"), EINVAL, NULL,
                "an address is not preferred for longer than it is valid (valid_lft)");
  if (times && times->ifa_prefered > times->ifa_valid)
    times->ifa_prefered = times->ifa_valid;
}

/* IFA_ADDRESS is the other end of a point-to-point link, and the address itself elsewhere; the
 * loopback addresses get the scope that ip(8) gives them. */
static void defaults(struct schema_enc *e, const char *verb)
{
  struct schema_dec d;
  struct ifaddrmsg *m = (void *)e->hdr;
  schema_open(&d, e->L, e->schema, e->hdr, mnl_nlmsg_get_payload_len(e->nlh), 0);
  limit_preferred(e, &d);
  const struct nlattr *local = schema_find(&d, NULL, IFA_LOCAL);
  if (local == NULL)
    return;
  const uint8_t *bytes = mnl_attr_get_payload(local);
  if (schema_find(&d, NULL, IFA_ADDRESS) == NULL)
    mnl_attr_put(e->nlh, IFA_ADDRESS, mnl_attr_get_payload_len(local), bytes);
  lua_getfield(e->L, e->t, "scope");
  bool makes = strcmp(verb, "add") == 0 || strcmp(verb, "replace") == 0;
  if (makes && lua_isnil(e->L, -1) && m->ifa_family == AF_INET && bytes[0] == 127)
    m->ifa_scope = RT_SCOPE_HOST;
  lua_pop(e->L, 1);
}

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  lua_State *L = e->L;
  lua_getfield(L, e->t, "dev");
  const char *dev = luaL_tolstring(L, -1, NULL);
  if (error->err == EEXIST) {
    error->text = "Address already assigned";
    error->hint = lua_pushfstring(L,
                                  "%s has it already; addr.replace changes it, addr.delete "
                                  "removes it.",
                                  dev);
  }
  if (error->err == EADDRNOTAVAIL && strcmp(verb, "delete") == 0) {
    error->text = lua_pushfstring(L, "%s has no such address", dev);
    error->hint = "addr.list() shows what there is; the prefix length counts too.";
  }
}

/* As ip(8) has it: a pattern, and an address without a label (any IPv6 one) has the link's name. */
static bool label_matches(lua_State *L, int want, int record)
{
  bool none = lua_getfield(L, record, "label") == LUA_TNIL;
  if (lua_type(L, want) != LUA_TSTRING)
    return none;
  if (none)
    lua_getfield(L, record, "dev");
  return fnmatch(lua_tostring(L, want), luaL_tolstring(L, -1, NULL), 0) == 0;
}

static const struct object_filter filters[] = {{"label", label_matches}, {NULL, NULL}};

static const struct object addr_object = {.module = "addr",
                                          .schema = &schema_addr,
                                          .key = "address",
                                          .new = RTM_NEWADDR,
                                          .del = RTM_DELADDR,
                                          .get = RTM_GETADDR,
                                          .absent_hint =
                                              "addr.list() shows those of %s; the prefix length "
                                              "counts too.",
                                          .defaults = defaults,
                                          .filters = filters,
                                          .explain = explain};

/* ---- duplicate address detection ------------------------------------------------------------- */

static bool detects; /* also in a sandbox */

void addr_keep_dad(void)
{
  detects = true;
}

static bool is_ipv6(lua_State *L, int key)
{
  if (schema_record(L, key) == &schema_addr)
    lua_getfield(L, key, "address");
  else
    lua_pushvalue(L, key);
  bool is = lua_type(L, -1) == LUA_TSTRING && strchr(lua_tostring(L, -1), ':');
  lua_pop(L, 1);
  return is;
}

/* Whether the options say anything of it; an optimistic address is one that is looked for. */
static bool says_dad(lua_State *L, int options)
{
  bool says = lua_getfield(L, options, "nodad") != LUA_TNIL ||
              lua_getfield(L, options, "optimistic") != LUA_TNIL;
  lua_settop(L, options);
  return says;
}

/* In a sandbox nobody else has the address, and a second of waiting for him is a second of a lab in
 * which nothing can be sent. It becomes one of the options, so that whoever observes the call, and
 * the command that is made of it, says the same. What a record is made of says it itself. */
static void imply_nodad(lua_State *L)
{
  lua_settop(L, 2);
  if (detects || !is_ipv6(L, 1) || !lua_istable(L, 2) || says_dad(L, 2) || !sandbox_inside())
    return;
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, 2);) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, 3);
  }
  lua_pushboolean(L, 1);
  lua_setfield(L, 3, "nodad");
  if (lua_getmetatable(L, 2))
    lua_setmetatable(L, 3);
  lua_replace(L, 2);
}

static int addr_add(lua_State *L)
{
  imply_nodad(L);
  return object_change(L, &addr_object, "add", NLM_F_CREATE | NLM_F_EXCL);
}

static int addr_replace(lua_State *L)
{
  imply_nodad(L);
  return object_change(L, &addr_object, "replace", NLM_F_CREATE | NLM_F_REPLACE);
}

static int addr_delete(lua_State *L)
{
  return object_delete(L, &addr_object);
}

static int addr_get(lua_State *L)
{
  return object_first(L, &addr_object);
}

static int addr_list(lua_State *L)
{
  return object_list(L, &addr_object);
}

static int addr_each(lua_State *L)
{
  return object_each(L, &addr_object);
}

static int addr_flush(lua_State *L)
{
  return object_flush(L, &addr_object);
}

#define ADDRESS                                                                                    \
  {                                                                                                \
    "address", "string", "with its prefix length: \"192.168.15.1/24\", \"fd00::1/64\""             \
  }
#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "addr.Filter",                                                                      \
        "e.g. { dev = \"eth0\", family = \"inet\" }; a label may be a pattern: \"eth0:*\""         \
  }

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = addr_add,
     .doc =
         "Gives a link an address. An IPv6 address is usable at once in a sandbox (nodad), unless "
         "nodad = false asks for duplicate address detection; nslab --dad keeps that for all.",
     .params = {ADDRESS, {"options", "addr.Options", "dev is needed"}},
     .errors = "EEXIST the link has it already\nEINVAL no prefix length, or no address\n"
               "ENODEV there is no such link",
     .example = "addr.add(\"192.168.15.1/24\", { dev = \"lo\" })\nprint(addr.list{ dev = \"lo\" })",
     .source = "ip-address(8), linux/if_addr.h"},
    {.name = "replace",
     .fn = addr_replace,
     .doc = "Gives a link an address, or changes the options of one that it has. What add says of "
            "nodad holds here too.",
     .params = {ADDRESS, {"options", "addr.Options", "dev is needed"}},
     .errors = "ENODEV there is no such link",
     .example =
         "addr.replace(\"10.0.0.1/8\", { dev = \"lo\", valid_lft = 60, preferred_lft = 60 })",
     .source = "ip-address(8)"},
    {.name = "delete",
     .fn = addr_delete,
     .doc = "Takes an address from a link.",
     .params = {{"address", "string|addr.Record", "with its prefix length, or the record"},
                {"options?", "addr.Options", "dev is needed, unless a record was given"}},
     .errors = "EADDRNOTAVAIL the link has no such address\nENODEV there is no such link",
     .example = "addr.add(\"10.0.0.1/8\", { dev = \"lo\" })\n"
                "addr.delete(\"10.0.0.1/8\", { dev = \"lo\" })"},
    {.name = "get",
     .fn = addr_get,
     .doc = "The record of one address.",
     .params = {ADDRESS, {"filter?", "addr.Filter", "e.g. { dev = \"eth0\" }"}},
     .returns = {{"address", "addr.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = "addr.add(\"10.0.0.1/8\", { dev = \"lo\" })\n"
                "assert(addr.get(\"10.0.0.1/8\").dev == \"lo\")"},
    {.name = "list",
     .fn = addr_list,
     .doc = "All addresses, or those that the filter describes.",
     .params = {FILTER},
     .returns = {{"addresses", "addr.Record[]", "printing it prints them as ip -o addr does"}},
     .errors = "EAGAIN the addresses kept changing while they were read",
     .example = "for _, a in ipairs(addr.list()) do print(a.address, a.dev) end"},
    {.name = "each",
     .fn = addr_each,
     .doc = "Iterates over the addresses without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): addr.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = "for a in addr.each{ family = \"inet6\" } do print(a.address) end"},
    {.name = "flush",
     .fn = addr_flush,
     .doc = "Removes every address that the filter describes.",
     .params = {FILTER},
     .returns = {{"count", "integer", "how many there were"}},
     .example = "addr.add(\"10.0.0.1/8\", { dev = \"lo\" })\naddr.flush{ dev = \"lo\" }"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {
    {"set", "replace"}, {"change", "replace"}, {"show", "list"}, {"del", "delete"}, {NULL, NULL}};

const struct rt_module addr_module = {.name = "addr",
                                      .doc = "IPv4 and IPv6 addresses of links.",
                                      .funcs = {funcs},
                                      .lacks = lacks,
                                      .bound = true};
