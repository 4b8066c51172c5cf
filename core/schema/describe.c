/* describe: the rows as Lua tables, for whoever prints, reads or documents them: command words,
 * help, editor stubs. */
#include "schema/encap.h"
#include "schema/macsec.h"
#include "schema/tc.h"

static const struct schema *const objects[] = {&schema_link,          &schema_addr,
                                               &schema_route,         &schema_neigh,
                                               &schema_rule,          &schema_nexthop, &schema_nexthop_bucket,
                                               &schema_fdb,           &schema_vlan,
                                               &schema_mdb,           &schema_vni,
                                               &schema_vlan_global,   &schema_qdisc,
                                               &schema_class,         &schema_filter,
                                               &schema_chain,
                                               &schema_wireguard,     &schema_mroute,
                                               &schema_mpls,          &schema_netconf,
                                               &schema_nsid_object,   &schema_fou, &schema_addrlabel,
                                               &schema_macsec,        &schema_macsec_channel,
                                               &schema_macsec_device, NULL};

static void set_flag(lua_State *L, const char *key, bool set)
{
  if (!set)
    return;
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, key);
}

static bool has_names(const struct schema_codec *c)
{
  static const struct schema_codec *const with[] = {
      &schema_enum8,     &schema_enum16, &schema_enum32,       &schema_table,
      &schema_flagset,   &schema_words,  &schema_locks,        &schema_fdb_state,
      &schema_auto_port, &schema_inner,  &schema_sit_ttl,      &schema_seg6_mode,
      &schema_mdb_mode,  &macsec_cipher, &schema_tc_linklayer, &schema_tc_plug_action};
  for (size_t i = 0; i < sizeof with / sizeof *with; i++)
    if (c == with[i])
      return true;
  return false;
}

static void set_arg(lua_State *L, const struct schema_row *r)
{
  if (schema_nested(r))
    rt_set_text(L, "schema", schema_nested(r)->name);
  if (!has_names(r->codec))
    return;
  lua_newtable(L);
  lua_Integer i = 0;
  for (const struct schema_name *n = r->arg; n->name; n++) {
    lua_pushstring(L, n->name);
    lua_rawseti(L, -2, ++i);
  }
  lua_setfield(L, -2, "names");
}

/* Where it stands in a message: numbers of attributes, from the outermost; a member of the fixed
 * header has none. */
static void set_place(lua_State *L, const struct schema_row *r)
{
  if (r->attr == 0)
    return;
  lua_pushinteger(L, r->attr);
  lua_setfield(L, -2, "attr");
  if (r->other) {
    lua_pushinteger(L, r->other);
    lua_setfield(L, -2, "other");
  }
  lua_newtable(L);
  for (lua_Integer i = 0; r->in && r->in[i].attr; i++) {
    lua_pushinteger(L, r->in[i].attr);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "within");
}

/* Where in a packet the bits are that a name of u32 stands for. */
static void set_bits(lua_State *L, const struct schema_row *r)
{
  const struct tc_u32_field *f = r->arg;
  if (r->codec != &schema_tc_field)
    return;
  lua_pushinteger(L, f->off);
  lua_setfield(L, -2, "at");
  lua_pushinteger(L, f->shift);
  lua_setfield(L, -2, "shift");
}

static void push_row(lua_State *L, const struct schema_row *r)
{
  lua_createtable(L, 0, 15);
  rt_set_text(L, "key", r->key);
  rt_set_text(L, "sym", r->sym);
  rt_set_text(L, "type", r->codec->type);
  rt_set_text(L, "read_type", r->codec->read_type);
  rt_set_text(L, "codec", r->codec->name);
  rt_set_text(L, "words", r->words);
  rt_set_text(L, "implied", r->implied);
  if (r->implied)
    lua_pushfstring(L, "%s; %s unless given", r->doc, r->implied);
  else
    lua_pushstring(L, r->doc);
  lua_setfield(L, -2, "doc");
  set_flag(L, "required", r->flags & SCHEMA_REQUIRED);
  set_flag(L, "readonly", r->flags & (SCHEMA_READONLY | SCHEMA_FILTER));
  set_flag(L, "filter", r->flags & SCHEMA_FILTER);
  set_flag(L, "own", r->flags & SCHEMA_OWN);
  set_flag(L, "first", r->flags & SCHEMA_FIRST);
  set_flag(L, "hidden", r->flags & SCHEMA_HIDDEN);
  set_flag(L, "writeonly", r->codec->get == NULL);
  set_bits(L, r);
  set_arg(L, r);
  set_place(L, r);
}

/* Adds the schema and those nested in it to the table at t; one that is nested in many, once. */
static void add_schema(lua_State *L, int t, const struct schema *s)
{
  luaL_checkstack(L, 8, s->name);
  bool known = lua_getfield(L, t, s->name) != LUA_TNIL;
  lua_pop(L, 1);
  if (known)
    return;
  lua_createtable(L, 0, 5);
  lua_pushinteger(L, (lua_Integer)s->hdr);
  lua_setfield(L, -2, "header");
  rt_set_text(L, "name", s->name);
  rt_set_text(L, "doc", s->doc);
  rt_set_text(L, "example", s->example);
  lua_newtable(L);
  lua_Integer i = 0;
  for (const struct schema_row *r = s->rows; r->key; r++) {
    push_row(L, r);
    lua_rawseti(L, -2, ++i);
    if (schema_nested(r))
      add_schema(L, t, schema_nested(r));
  }
  lua_setfield(L, -2, "rows");
  lua_setfield(L, t, s->name);
}

int schema_describe(lua_State *L)
{
  lua_newtable(L);
  for (const struct schema *const *s = objects; *s; s++)
    add_schema(L, lua_gettop(L), *s);
  return 1;
}
