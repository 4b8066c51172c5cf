/* context: what the records of one answer share - the namespace they came from - and what they ask
 * for when a field of theirs is looked at: the name behind a number, the other end of a veth. */
#include "modules/object.h"
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>

void object_push_context(lua_State *L, const struct netns_ref *netns)
{
  lua_createtable(L, 0, 2);
  netns_push(L, netns);
  lua_setfield(L, -2, "netns");
  lua_newtable(L);
  lua_setfield(L, -2, "names");
}

/* The socket of the namespace that the context came from, opened for one question. Pushes the
 * box. */
static struct schema_buf *context_socket(lua_State *L, int context)
{
  struct schema_buf *b = object_new_buf(L);
  lua_getfield(L, context, "netns");
  const struct netns_ref *ref = netns_ref_of_handle(L, -1);
  lua_pop(L, 1);
  if (ref == NULL || netns_ref_open(ref, &b->netns, &b->owns_netns) < 0)
    return NULL;
  return nl_open(&b->sock, b->netns, NETLINK_ROUTE) < 0 ? NULL : b;
}

/* Asks for one link by its number, in the namespace of that number (-1: the socket's own). */
static const struct nlmsghdr *get_link(struct schema_buf *b, uint32_t ifindex, int nsid)
{
  struct nl_answer answer;
  const struct nlmsghdr *msg;
  memset(b->msg, 0, 64);
  struct nlmsghdr *nlh = mnl_nlmsg_put_header(b->msg);
  nlh->nlmsg_type = RTM_GETLINK;
  nlh->nlmsg_flags = NLM_F_REQUEST;
  struct ifinfomsg *m = mnl_nlmsg_put_extra_header(nlh, sizeof *m);
  m->ifi_index = (int)ifindex;
  mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  if (nsid >= 0)
    mnl_attr_put_u32(nlh, IFLA_TARGET_NETNSID, (uint32_t)nsid);
  return nl_get(&b->sock, nlh, &msg, &answer) < 0 ? NULL : msg;
}

static bool push_ifname(lua_State *L, const struct nlmsghdr *msg)
{
  struct schema_dec d;
  return msg &&
         schema_open(&d, L, &schema_link, mnl_nlmsg_get_payload(msg),
                     mnl_nlmsg_get_payload_len(msg), 0) &&
         schema_get(&d, schema_row_of(&schema_link, "name"));
}

static bool resolve_ifname(lua_State *L, int context, uint32_t ifindex)
{
  int top = lua_gettop(L);
  lua_getfield(L, context, "names");
  if (lua_rawgeti(L, -1, ifindex) == LUA_TSTRING) {
    lua_replace(L, top + 1);
    return true;
  }
  lua_pop(L, 1);
  struct schema_buf *b = context_socket(L, context);
  bool found = b && push_ifname(L, get_link(b, ifindex, -1));
  if (found) {
    lua_pushvalue(L, -1);
    lua_rawseti(L, top + 1, ifindex);
    lua_replace(L, top + 1);
  }
  object_close_buf(lua_touserdata(L, top + 2));
  lua_settop(L, found ? top + 1 : top);
  return found;
}

/* Whether the link is a bridge; asked once for each. */
static bool resolve_is_bridge(lua_State *L, int context, uint32_t ifindex)
{
  int top = lua_gettop(L);
  struct schema_dec d;
  if (lua_getfield(L, context, "bridges") == LUA_TNIL) {
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, context, "bridges");
    lua_replace(L, top + 1);
  }
  if (lua_rawgeti(L, top + 1, ifindex) == LUA_TNIL) {
    struct schema_buf *b = context_socket(L, context);
    const struct nlmsghdr *msg = b ? get_link(b, ifindex, -1) : NULL;
    bool told = msg &&
                schema_open(&d, L, &schema_link, mnl_nlmsg_get_payload(msg),
                            mnl_nlmsg_get_payload_len(msg), 0) &&
                schema_get(&d, schema_row_of(&schema_link, "type"));
    lua_pushboolean(L, told && lua_type(L, -1) == LUA_TSTRING &&
                           strcmp(lua_tostring(L, -1), "bridge") == 0);
    lua_pushvalue(L, -1);
    lua_rawseti(L, top + 1, ifindex);
    object_close_buf(lua_touserdata(L, top + 3));
  }
  lua_replace(L, top + 1);
  lua_settop(L, top + 1);
  return true;
}

/* The other end of a veth: { name, netns, ifindex }; less when its namespace has no number here. */
static bool resolve_peer(lua_State *L, int context, uint32_t ifindex, int nsid)
{
  struct netns_ref ref;
  int top = lua_gettop(L);
  struct schema_buf *b = context_socket(L, context);
  bool found = b && push_ifname(L, get_link(b, ifindex, nsid));
  if (found) {
    lua_createtable(L, 0, 3);
    lua_insert(L, -2);
    lua_setfield(L, -2, "name");
    lua_pushinteger(L, ifindex);
    lua_setfield(L, -2, "ifindex");
    if (nsid < 0)
      lua_getfield(L, context, "netns");
    else if (netns_find_nsid(&b->sock, nsid, &ref))
      netns_push(L, &ref);
    else
      lua_pushnil(L);
    lua_setfield(L, -2, "netns");
  }
  object_close_buf(lua_touserdata(L, top + 1));
  if (found)
    lua_replace(L, top + 1);
  lua_settop(L, found ? top + 1 : top);
  return found;
}

/* The handle of the namespace that has that number in the context's. */
static bool resolve_netns(lua_State *L, int context, int nsid)
{
  struct netns_ref ref;
  int top = lua_gettop(L);
  struct schema_buf *b = context_socket(L, context);
  bool found = b && netns_find_nsid(&b->sock, nsid, &ref);
  object_close_buf(lua_touserdata(L, top + 1));
  lua_settop(L, top);
  if (found)
    netns_push(L, &ref);
  return found;
}

__attribute__((constructor)) static void set_resolver(void)
{
  schema_resolver = (struct schema_resolver){.ifname = resolve_ifname,
                                             .peer = resolve_peer,
                                             .netns = resolve_netns,
                                             .is_bridge = resolve_is_bridge,
                                             .no_link = object_no_link};
}
