/* addr: IPv4 and IPv6 addresses of links. */
#include "modules/object.h"
#include <errno.h>
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
                                          .explain = explain};

static int addr_add(lua_State *L)
{
  return object_change(L, &addr_object, "add", NLM_F_CREATE | NLM_F_EXCL);
}

static int addr_replace(lua_State *L)
{
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
    "filter?", "addr.Filter", "e.g. { dev = \"eth0\", family = \"inet\" }"                         \
  }

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = addr_add,
     .doc = "Gives a link an address.",
     .params = {ADDRESS, {"options", "addr.Options", "dev is needed"}},
     .errors = "EEXIST the link has it already\nEINVAL no prefix length, or no address\n"
               "ENODEV there is no such link",
     .example = "addr.add(\"192.168.15.1/24\", { dev = \"lo\" })\nprint(addr.list{ dev = \"lo\" })",
     .source = "ip-address(8), linux/if_addr.h"},
    {.name = "replace",
     .fn = addr_replace,
     .doc = "Gives a link an address, or changes the options of one that it has.",
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
