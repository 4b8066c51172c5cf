/* iptables_things: what the kernel has of iptables' tables, chains and rules, by its own handles,
 * and the removal of some of them. For those who undo on a machine what they did, and nothing
 * else. */
#include "modules/iptables.h"
#include "netlink/netlink.h"
#include <linux/netfilter.h>
#include <string.h>

static const char *const kinds[] = {
    [FW_THING_RULE] = "rule", [FW_THING_CHAIN] = "chain", [FW_THING_TABLE] = "table", NULL};

static uint8_t family_of(lua_State *L, int idx)
{
  static const char *const names[] = {"iptables", "ip6tables", NULL};
  return luaL_checkoption(L, idx, NULL, names) ? NFPROTO_IPV6 : NFPROTO_IPV4;
}

static void push_thing(lua_State *L, enum fw_thing_kind kind, int table, const char *chain,
                       uint64_t handle)
{
  lua_createtable(L, 0, 5);
  lua_pushstring(L, kinds[kind]);
  lua_setfield(L, -2, "kind");
  lua_pushstring(L, fw_tables[table].name);
  lua_setfield(L, -2, "table");
  lua_pushstring(L, chain);
  lua_setfield(L, -2, "chain");
  lua_pushinteger(L, (lua_Integer)handle);
  lua_setfield(L, -2, "handle");
}

static void add(lua_State *L)
{
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

/* A rule's words behind the name of its chain. */
static void push_words(lua_State *L, uint8_t family, const struct fw_entry *entry)
{
  struct fw_text t = {0};
  struct fw_said said;
  int r = fw_entry_words(family, NL_HERE, entry, &t, &said);
  fw_text_put(&t, "", 1);
  /* No jump may lose the text: what cannot be pushed is a string that is too long for a rule. */
  lua_pushstring(L, r == 0 && t.p ? t.p : "");
  fw_text_free(&t);
}

static void push_chain(lua_State *L, uint8_t family, const struct fw_chain *c)
{
  push_thing(L, FW_THING_CHAIN, c->table, c->name, c->handle);
  if (c->hook)
    lua_pushstring(L, c->policy == NF_ACCEPT ? "ACCEPT" : "DROP");
  else
    lua_pushnil(L);
  lua_setfield(L, -2, "policy");
  add(L);
  for (unsigned i = 0; i < c->rules; i++) {
    push_thing(L, FW_THING_RULE, c->table, c->name, c->rule[i].handle);
    push_words(L, family, &c->rule[i]);
    lua_setfield(L, -2, "words");
    add(L);
  }
}

struct view_box {
  struct fw_view view;
};

static int close_view(lua_State *L)
{
  struct view_box *b = lua_touserdata(L, 1);
  fw_view_free(&b->view);
  return 0;
}

static const struct rt_class view_class = {.name = "nslab.iptables.things", .close = close_view};

int iptables_things(lua_State *L)
{
  struct fw_error e;
  uint8_t family = family_of(L, 1);
  struct view_box *b = rt_new(L, &view_class, sizeof *b, 0);
  lua_toclose(L, -1);
  struct fw_want want = {.family = family, .netns = NL_HERE, .table = -1, .rules = true};
  if (fw_view_read(&b->view, &want, &e) < 0)
    return luaL_error(L, "%s", e.text);
  lua_newtable(L);
  for (int t = 0; t < FW_TABLES; t++)
    if (b->view.table[t].exists) {
      push_thing(L, FW_THING_TABLE, t, NULL, 0);
      add(L);
    }
  for (unsigned i = 0; i < b->view.chains; i++)
    push_chain(L, family, b->view.chain[i]);
  return 1;
}

/* The thing in the table at the top of the stack, which keeps its chain's name. */
static void read_thing(lua_State *L, struct fw_thing *ret)
{
  int at = lua_gettop(L);
  lua_getfield(L, at, "kind");
  lua_getfield(L, at, "table");
  lua_getfield(L, at, "chain");
  lua_getfield(L, at, "handle");
  ret->kind = (enum fw_thing_kind)luaL_checkoption(L, at + 1, NULL, kinds);
  ret->table = fw_table_find(luaL_checkstring(L, at + 2));
  luaL_argcheck(L, ret->table >= 0, 2, "no table of iptables");
  ret->chain = lua_tostring(L, at + 3);
  ret->handle = (uint64_t)lua_tointeger(L, at + 4);
  lua_settop(L, at - 1);
}

int iptables_take_back(lua_State *L)
{
  struct fw_error e;
  uint8_t family = family_of(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t n = lua_rawlen(L, 2);
  struct fw_thing *things = lua_newuserdatauv(L, (n + 1) * sizeof *things, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    read_thing(L, &things[i]);
  }
  if (fw_take_back(family, NL_HERE, things, n, &e) < 0)
    return luaL_error(L, "%s", e.text);
  return 0;
}
