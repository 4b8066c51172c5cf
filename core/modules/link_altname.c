/* link_altname: the other names of a link, which may be longer than its name: `ip link
 * property`. */
#include "modules/link.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <string.h>

static const char *const keys[] = {"altname", NULL};

/* Puts the name at the top of the stack. */
static void put_name(struct object_call *c)
{
  lua_State *L = c->enc.L;
  size_t n = 0;
  const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : "";
  if (n == 0 || strlen(name) != n || strpbrk(name, "/ \t\n\r\v\f"))
    rt_raisef(L, &c->op, EINVAL, "altname",
              "A name, or a list of names: { altname = \"to-the-core\" }.",
              "a name without slashes and blanks is needed, not %s", rt_shown(L, -1));
  if (n >= ALTIFNAMSIZ)
    rt_raisef(L, &c->op, ENAMETOOLONG, "altname", NULL, "it has %d characters, %d is the most",
              (int)n, ALTIFNAMSIZ - 1);
  if (!mnl_attr_put_check(c->enc.nlh, sizeof c->enc.buf->msg, IFLA_ALT_IFNAME, n + 1, name))
    rt_raisef(L, &c->op, EMSGSIZE, "altname", "Give them in several calls.",
              "these are too many for one message");
}

/* The option is a name or a list of names. */
static void put_names(struct object_call *c)
{
  lua_State *L = c->enc.L;
  struct nlattr *nest = mnl_attr_nest_start(c->enc.nlh, IFLA_PROP_LIST);
  lua_getfield(L, c->options, "altname");
  lua_Integer n = lua_istable(L, -1) ? (lua_Integer)lua_rawlen(L, -1) : 0;
  int list = lua_gettop(L);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, list, i);
    put_name(c);
    lua_settop(L, list);
  }
  if (n == 0)
    put_name(c);
  lua_settop(L, list - 1);
  mnl_attr_nest_end(c->enc.nlh, nest);
}

static int change(lua_State *L, const char *verb, uint16_t type, uint16_t flags)
{
  struct object_call c;
  link_take_name(L);
  object_open(L, &c, &link_object, verb);
  if (c.options == 0)
    rt_raisef(L, &c.op, EINVAL, "altname", "{ altname = \"to-the-core\" }",
              "which name is not said");
  rt_check_keys(L, &c.op, c.options, keys);
  schema_begin(&c.enc, type, flags);
  c.enc.t = c.options;
  lua_pushvalue(L, c.key);
  c.enc.key = true;
  link_put_key(&c, verb);
  c.enc.key = false;
  lua_pop(L, 1);
  put_names(&c);
  object_send(&c, &link_object);
  rt_op_end(L, &c.op, 0);
  return 0;
}

static int link_property_add(lua_State *L)
{
  return change(L, "property_add", RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND);
}

static int link_property_delete(lua_State *L)
{
  return change(L, "property_delete", RTM_DELLINKPROP, 0);
}

#define PARAMS                                                                                     \
  {                                                                                                \
    {"name", "string|integer", "its name, an altname, or its number"},                             \
    {                                                                                              \
      "options", "{ altname: string|string[] }", "the other name, or several"                      \
    }                                                                                              \
  }

const struct rt_func link_altname_funcs[] = {
    {.name = "property_add",
     .fn = link_property_add,
     .doc = "Gives a link another name, of at most 127 characters, by which it is known as well. "
            "The record has all of them as `altnames`.",
     .params = PARAMS,
     .errors = "EEXIST a link has that name\nENODEV there is no such link\nEPERM no privilege",
     .example = "link.add(\"br0\", { type = \"bridge\" })\n"
                "link.property_add(\"br0\", { altname = \"switch-of-the-second-floor\" })\n"
                "assert(link.get(\"switch-of-the-second-floor\").name == \"br0\")",
     .source = "ip-link(8): ip link property add"},
    {.name = "property_delete",
     .fn = link_property_delete,
     .doc = "Takes another name from a link.",
     .params = PARAMS,
     .errors = "ENOENT it has no such name\nENODEV there is no such link\nEPERM no privilege",
     .example = "link.property_add(\"lo\", { altname = { \"loopback\", \"self\" } })\n"
                "link.property_delete(\"lo\", { altname = \"self\" })\n"
                "assert(#link.get(\"lo\").altnames == 1)",
     .source = "ip-link(8): ip link property del"},
    {.name = NULL}};
