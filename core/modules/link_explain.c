/* link_explain: where the ends of a link are to be, and what the kernel meant when it refused one:
 * it names neither the end nor the option. */
#include "modules/link.h"
#include <errno.h>
#include <linux/if.h>
#include <stdio.h>
#include <string.h>

/* ---- where the ends are ---------------------------------------------------------------------- */

/* The namespace that the option `netns` of the table at the top says; *ret is left without it. */
static void take_netns(lua_State *L, struct rt_op *op, const char *field, struct netns_ref *ret)
{
  if (lua_getfield(L, -1, "netns") != LUA_TNIL)
    netns_ref_of_value(L, op, -1, field, ret);
  lua_pop(L, 1);
}

/* Where the link itself is to be. */
void link_own_netns(lua_State *L, struct rt_op *op, int options, struct netns_ref *ret)
{
  if (options == 0)
    return;
  lua_pushvalue(L, options);
  take_netns(L, op, "netns", ret);
  lua_pop(L, 1);
}

/* The name and namespace of the other end of a veth, as its options say: unless they name another
 * namespace, it stays in the one that the call acts in. false without one that has a name. */
bool link_other_end(lua_State *L, struct rt_op *op, int options, struct netns_ref *ret_netns,
                    char *ret_name)
{
  int top = lua_gettop(L);
  if (options == 0 || lua_getfield(L, options, "veth") != LUA_TTABLE)
    return lua_settop(L, top), false;
  if (lua_getfield(L, -1, "peer") == LUA_TTABLE) {
    take_netns(L, op, "veth.peer.netns", ret_netns);
    lua_getfield(L, -1, "name");
  }
  bool named = lua_type(L, -1) == LUA_TSTRING;
  snprintf(ret_name, IFNAMSIZ, "%s", named ? lua_tostring(L, -1) : "");
  lua_settop(L, top);
  return named;
}

/* ---- what the kernel refused ----------------------------------------------------------------- */

static bool has(struct schema_enc *e, const char *key)
{
  bool is = lua_getfield(e->L, e->t, key) != LUA_TNIL;
  lua_pop(e->L, 1);
  return is;
}

/* How a script reaches the link module of that namespace. */
static const char *module_in(lua_State *L, const struct netns_ref *ref)
{
  if (strcmp(ref->name, netns_here()->name) == 0)
    return "link";
  return lua_pushfstring(L, "%s.link", ref->kind == NETNS_HOST ? "netns.host" : ref->name);
}

/* The kernel does not say which of the two names of a veth pair is taken. */
static void explain_exists(struct schema_enc *e, struct rt_error *error)
{
  lua_State *L = e->L;
  char peer[IFNAMSIZ];
  struct netns_ref own = {.kind = NETNS_HOST, .fd = -1}, other;
  object_netns(L, &own);
  other = own;
  link_own_netns(L, e->op, e->op->options, &own);
  bool named = object_has_link(&own, e->op->key);
  if (!named && link_other_end(L, e->op, e->op->options, &other, peer) &&
      object_has_link(&other, peer)) {
    error->field = "veth.peer.name";
    error->text = lua_pushfstring(L, "a link named \"%s\" exists in %s", peer, other.name);
    error->hint =
        lua_pushfstring(L,
                        "Choose another name for the other end; %s.delete(\"%s\") removes "
                        "the one that is there.",
                        module_in(L, &other), peer);
    return;
  }
  if (!named && has(e, "ifindex")) {
    error->field = "ifindex";
    error->text = "a link with that number exists";
    return;
  }
  error->hint = lua_pushfstring(L, "A link of that name exists; %s.delete(\"%s\") removes it.",
                                module_in(L, &own), e->op->key);
}

static const char *next_kind(void *arg)
{
  const struct schema_row **r = arg;
  while ((*r)->key && !schema_is_kind(*r))
    ++*r;
  return (*r)->key ? (*r)++->key : NULL;
}

/* What type says, or the table of options that stands for it. */
static const char *given_kind(struct schema_enc *e)
{
  const struct schema_row *at = schema_link.rows;
  lua_getfield(e->L, e->t, "type");
  const char *kind = lua_tostring(e->L, -1);
  while (kind == NULL && (kind = next_kind(&at)) != NULL && !has(e, kind))
    kind = NULL;
  return kind;
}

static void explain_kind(struct schema_enc *e, struct rt_error *error)
{
  const struct schema_row *at = schema_link.rows;
  const char *kind = given_kind(e), *near = kind ? rt_nearest(kind, next_kind, &at) : NULL;
  error->field = "type";
  error->text =
      lua_pushfstring(e->L, "this kernel has no links of the type \"%s\"", kind ? kind : "");
  error->hint = near && strcmp(near, kind) != 0
                    ? lua_pushfstring(e->L, "Did you mean \"%s\"?", near)
                    : "nslab doctor lists the types that it has.";
}

static void explain_busy(struct schema_enc *e, struct rt_error *error)
{
  if (has(e, "ifindex")) {
    error->field = "ifindex";
    error->text = "a link with that number exists";
  } else if (has(e, "name")) {
    error->hint = lua_pushfstring(e->L,
                                  "A link that is up keeps its name: link.set(\"%s\", "
                                  "{ up = false }) first.",
                                  e->op->key);
  }
}

/* What some kinds of links have and others do not; the kernel says no more than that. */
static bool explain_lacked(struct schema_enc *e, struct rt_error *error)
{
  static const struct {
    const char *field, *text, *hint;
  } lacked[] = {
      {"carrier", "the carrier of this link follows its cable",
       "That of a dummy, a macvlan or a tun can be set. A veth loses it with the other end: "
       "link.set(\"PEER\", { up = false })."},
      {"protodown", "this link cannot be kept down by a protocol", "A vxlan or a macvlan can."},
      {NULL, NULL, NULL}};
  for (size_t i = 0; lacked[i].field; i++)
    if (has(e, lacked[i].field)) {
      error->field = lacked[i].field;
      error->text = lacked[i].text;
      error->hint = lacked[i].hint;
      return true;
    }
  return false;
}

/* The kernel says EOPNOTSUPP and nothing more to a type that it lacks, to a bridge without VLANs,
 * to a master that is none, to the end of lo. */
static void explain_not_supported(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  lua_State *L = e->L;
  if (strcmp(verb, "delete") == 0) {
    error->text = "this link cannot be removed";
    error->hint = "The kernel made it together with the namespace.";
  } else if (error->kernel && strstr(error->kernel, "Unknown device type")) {
    explain_kind(e, error);
  } else if (strcmp(verb, "set") == 0 && explain_lacked(e, error)) {
    return;
  } else if (lua_getfield(L, e->t, "bridge") == LUA_TTABLE &&
             lua_getfield(L, -1, "vlan_filtering") != LUA_TNIL) {
    error->field = "bridge.vlan_filtering";
    error->text = "the bridges of this kernel have no VLAN filtering";
    error->hint = "Leave it out; it cannot even be switched off.";
  } else if (lua_getfield(L, e->t, "master") != LUA_TNIL) {
    error->field = "master";
    error->text = lua_pushfstring(L, "\"%s\" has no ports", rt_shown(L, -1));
    error->hint = "A bridge has: link.add(\"br0\", { type = \"bridge\" }).";
  }
}

static bool explain_address(struct schema_enc *e, const char *key, struct rt_error *error)
{
  lua_State *L = e->L;
  const char *address = lua_getfield(L, e->t, key) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  int colons = 0;
  for (const char *at = address; at && (at = strchr(at, ':')); at++)
    colons++;
  if (address == NULL || colons == 5)
    return false;
  error->field = key;
  error->text = lua_pushfstring(L, "\"%s\" is no Ethernet address", address);
  error->hint = "It has six bytes: \"02:00:00:00:00:01\".";
  return true;
}

/* What a kind of link cannot be made without, where the kernel does not say so. */
static bool explain_lack(struct schema_enc *e, struct rt_error *error)
{
  static const struct {
    const char *kind, *option, *text;
  } needs[] = {{"macvlan", "link", "it needs the link that it stands on"},
               {"macvtap", "link", "it needs the link that it stands on"},
               {"ipvlan", "link", "it needs the link that it stands on"},
               {"ipvtap", "link", "it needs the link that it stands on"},
               {"vxlan", "id", "it needs the number of its network (VNI)"},
               {"geneve", "id", "it needs the number of its network (VNI)"},
               {NULL, NULL, NULL}};
  lua_State *L = e->L;
  const char *kind = given_kind(e);
  for (size_t i = 0; kind && needs[i].kind; i++) {
    if (strcmp(kind, needs[i].kind) != 0)
      continue;
    bool own = strcmp(needs[i].option, "id") == 0, lacks = !has(e, "link");
    if (own)
      lacks =
          lua_getfield(L, e->t, kind) != LUA_TTABLE ||
          (lua_getfield(L, -1, "id") == LUA_TNIL && lua_getfield(L, -2, "external") == LUA_TNIL);
    if (!lacks)
      return false;
    error->field = own ? lua_pushfstring(L, "%s.id", kind) : needs[i].option;
    error->text = needs[i].text;
    error->hint = own ? lua_pushfstring(L, "Add %s = { id = 42, ... }.", kind)
                      : "Add link = \"eth0\", whichever it is; link.list() shows the links.";
    return true;
  }
  return false;
}

/* The number of a master that is none. */
static bool explain_master(struct schema_enc *e, struct rt_error *error)
{
  lua_State *L = e->L;
  if (lua_getfield(L, e->t, "master") != LUA_TNUMBER)
    return false;
  error->field = "master";
  error->text = lua_pushfstring(L, "there is no link with the number %s, or it has no ports",
                                rt_shown(L, -1));
  return true;
}

/* The kernel gives no reason, or one without saying which field. */
static void explain_invalid(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  bool silent = !(error->kernel && error->kernel[0]);
  if (error->kernel && strncmp(error->kernel, "mtu ", 4) == 0)
    error->field = "mtu";
  else if ((error->field && error->field[0]) ||
           (strcmp(verb, "add") == 0 && explain_lack(e, error)))
    return;
  else if (silent && !explain_address(e, "address", error) &&
           !explain_address(e, "broadcast", error))
    explain_master(e, error);
}

void link_explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  lua_State *L = e->L;
  bool adds = strcmp(verb, "add") == 0;
  if (error->err == EEXIST && adds)
    explain_exists(e, error);
  if (error->err == EEXIST && strcmp(verb, "set") == 0)
    error->hint = "A link of the new name exists.";
  if (error->err == EBUSY)
    explain_busy(e, error);
  if (error->err == ENODEV && !adds) {
    error->text = lua_pushfstring(L, "there is no link \"%s\"", e->op->key);
    error->hint = strcmp(verb, "get") == 0 ? "link.list() shows what there is."
                                           : object_no_link(e, &e->buf->sock, e->op->key);
  }
  if (error->err == EOPNOTSUPP)
    explain_not_supported(e, verb, error);
  if (error->err == EINVAL)
    explain_invalid(e, verb, error);
}
