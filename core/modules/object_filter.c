/* object_filter: a value of a filter that has no one form by itself: the name of a link, the
 * options of a kind, a list. It is looked at before anything is read, so that what no record can
 * have - a misspelt option, a number where a word belongs - is an error and not an empty list. */
#include "modules/object.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- types ----------------------------------------------------------------------------------- */

/* The words of a row's LuaCATS type, what a value of it is in Lua, and what an error calls it. The
 * first that stands in an alternative counts. */
static const struct wanted {
  const char *word, *called;
  unsigned types;
} wanted[] = {
    {"[]", "a list", 1u << LUA_TTABLE},
    {"table", "a table", 1u << LUA_TTABLE | 1u << LUA_TUSERDATA},
    {"{", "a table", 1u << LUA_TTABLE | 1u << LUA_TUSERDATA},
    {"netns.Handle", "a namespace",
     1u << LUA_TTABLE | 1u << LUA_TUSERDATA | 1u << LUA_TSTRING | 1u << LUA_TNUMBER},
    {"file", "a file", 1u << LUA_TUSERDATA},
    {"string", "a string", 1u << LUA_TSTRING},
    {"\"", "a string", 1u << LUA_TSTRING},
    {"integer", "a number", 1u << LUA_TNUMBER},
    {"number", "a number", 1u << LUA_TNUMBER},
    {"boolean", "true or false", 1u << LUA_TBOOLEAN},
};

static const struct wanted *wanted_by(const char *type, size_t n)
{
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
    if (memmem(type, n, wanted[i].word, strlen(wanted[i].word)))
      return &wanted[i];
  return NULL;
}

/* Adds what the type allows to the buffer, in words, and returns it as bits. */
static unsigned allowed_by(const char *type, unsigned types, char *text, size_t size)
{
  while (type && *type) {
    size_t n = strcspn(type, "|");
    const struct wanted *w = wanted_by(type, n);
    size_t used = strlen(text);
    if (w && (types & w->types) != w->types) {
      types |= w->types;
      snprintf(text + used, size - used, "%s%s", used ? " or " : "", w->called);
    }
    type += n + (type[n] == '|');
  }
  return types;
}

static void check_type(struct object_call *c, const struct schema_row *r)
{
  char text[128] = "";
  unsigned types = allowed_by(r->codec->type, 0, text, sizeof text);
  types = allowed_by(r->codec->read_type, types, text, sizeof text);
  if (types && !(types & 1u << lua_type(c->enc.L, -1)))
    schema_wrong(&c->enc, r, text);
}

/* ---- links ----------------------------------------------------------------------------------- */

static bool is_link(const struct object *o, const struct schema_row *r)
{
  return strcmp(r->codec->name, "dev") == 0 ||
         (o->schema == &schema_link && strcmp(r->key, "name") == 0);
}

/* Pushes the name of the link that has this one as its name or another name, or pushes nothing. */
static void push_name_of(lua_State *L, const struct netns_ref *netns, const char *name)
{
  struct nl_sock s = NL_CLOSED;
  const struct nlmsghdr *msg;
  const struct nlattr *a = NULL;
  char text[IFNAMSIZ] = "";
  bool owned;
  int fd;
  if (netns_ref_open(netns, &fd, &owned) < 0)
    return; /* reading will say so */
  /* Nothing of Lua until it is closed. */
  if (nl_open(&s, fd, NETLINK_ROUTE) == 0 && schema_ask_link(&s, name, &msg) > 0)
    a = object_attr(msg, sizeof(struct ifinfomsg), IFLA_IFNAME, 1);
  if (a)
    snprintf(text, sizeof text, "%s", mnl_attr_get_str(a));
  nl_close(&s);
  if (owned)
    close(fd);
  if (a)
    lua_pushstring(L, text);
}

/* Replaces the number of a link, or another name of it, by the name that records have. What no link
 * is called stays as it is: no record has it. */
static void make_name(struct object_call *c)
{
  lua_State *L = c->enc.L;
  int top = lua_gettop(L);
  if (lua_type(L, top) == LUA_TSTRING && lua_rawlen(L, top) < ALTIFNAMSIZ) {
    push_name_of(L, &c->netns, lua_tostring(L, top));
  } else if (lua_isinteger(L, top) && lua_tointeger(L, top) > 0 &&
             lua_tointeger(L, top) <= INT32_MAX) {
    object_push_context(L, &c->netns);
    if (schema_resolver.ifname(L, top + 1, (uint32_t)lua_tointeger(L, top)))
      lua_remove(L, top + 1);
    else
      lua_settop(L, top);
  }
  if (lua_gettop(L) > top)
    lua_replace(L, top);
}

/* ---- what is nested -------------------------------------------------------------------------- */

static const char *next_key(void *arg)
{
  const struct schema_row **r = arg;
  return (*r)->key ? (*r)++->key : NULL;
}

static const struct schema_row *nested_row(struct object_call *c, const struct schema *s, int idx)
{
  lua_State *L = c->enc.L;
  const struct schema_row *at = s->rows;
  if (lua_type(L, idx) != LUA_TSTRING)
    rt_raisef(L, &c->op, EINVAL, c->enc.around,
              "Every part of a filter has a name: { name = value }.",
              "a value stands without a name");
  const char *key = lua_tostring(L, idx);
  const struct schema_row *r = schema_row_of(s, key);
  if (r)
    return r;
  const char *near = rt_nearest(key, next_key, &at);
  rt_raisef(L, &c->op, EINVAL, lua_pushfstring(L, "%s.%s", c->enc.around, key),
            near ? lua_pushfstring(L, "Did you mean \"%s\"?", near) : NULL, "%s has no such option",
            s->name);
}

/* Replaces the table at the top by one whose values have the form in which a record has them. */
static void make_nested(struct object_call *c, const struct object *o, const struct schema *s)
{
  lua_State *L = c->enc.L;
  int given = lua_gettop(L);
  luaL_checkstack(L, 12, "filter");
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, given);) {
    const struct schema_row *r = nested_row(c, s, -2);
    const struct schema *outer = c->enc.schema;
    c->enc.schema = s;
    object_filter_value(c, o, r);
    c->enc.schema = outer;
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_settable(L, given + 1);
  }
  lua_replace(L, given);
}

/* Replaces the value at the top by the form in which a record has it, by putting it into a message
 * and reading it back: "FD00:0::1" and "fd00::1" are one address. false: the record has none. */
static void make_canonical(struct object_call *c, const struct schema_row *r)
{
  lua_State *L = c->enc.L;
  struct schema_dec d;
  schema_begin(&c->enc, 0, 0);
  schema_put_key(&c->enc, r->key);
  lua_pop(L, 1);
  if (!schema_open(&d, L, c->enc.schema, c->enc.hdr, mnl_nlmsg_get_payload_len(c->enc.nlh), 0) ||
      !schema_get(&d, r))
    lua_pushboolean(L, 0);
}

bool object_filter_value(struct object_call *c, const struct object *o, const struct schema_row *r)
{
  lua_State *L = c->enc.L;
  const struct schema *s = schema_nested(r);
  const char *around = c->enc.around;
  if (lua_isboolean(L, -1) && !lua_toboolean(L, -1))
    return false;
  if (r->codec->plain) {
    make_canonical(c, r);
    return true;
  }
  check_type(c, r);
  if (is_link(o, r))
    make_name(c);
  if (s && !s->repeats && lua_istable(L, -1)) {
    lua_pushfstring(L, around ? "%s.%s" : "%s%s", around ? around : r->key, around ? r->key : "");
    lua_insert(L, -2); /* the path stays, below the table */
    c->enc.around = lua_tostring(L, -2);
    make_nested(c, o, s);
    c->enc.around = around;
    lua_remove(L, -2);
  }
  return false;
}
