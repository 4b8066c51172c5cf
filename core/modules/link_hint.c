/* link_hint: there is no link of that name here - which one may be meant, and where it is. Only
 * asked when something has failed, so it takes its time: it looks into every namespace that has a
 * name. */
#include "modules/object.h"
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAMESPACES = 64 }; /* a hint is not worth more */

/* ---- the nearest name in one namespace ------------------------------------------------------- */

/* Pushes the names of the socket's links, each ended by a zero byte. */
static void push_names(lua_State *L, struct nl_sock *s)
{
  _Alignas(8) char buf[64] = "";
  const struct nlmsghdr *msg;
  struct nl_answer answer;
  luaL_Buffer b;
  struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
  nlh->nlmsg_type = RTM_GETLINK;
  mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
  luaL_buffinit(L, &b);
  if (nl_dump(s, nlh) == 0)
    while (nl_next(s, &msg, &answer) == 1) {
      const struct nlattr *a = object_attr(msg, sizeof(struct ifinfomsg), IFLA_IFNAME, 1);
      if (a == NULL)
        continue;
      luaL_addlstring(&b, mnl_attr_get_payload(a),
                      strnlen(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a)));
      luaL_addchar(&b, '\0');
    }
  luaL_pushresult(&b);
}

/* The name of the link that is meant, or NULL. It lies in the string at the top of the stack. */
static const char *nearest(lua_State *L, const char *name)
{
  size_t len;
  const char *names = lua_tolstring(L, -1, &len);
  return rt_nearest_of(name, names, len);
}

/* ---- the other namespaces -------------------------------------------------------------------- */

struct search {
  const char *name, *not_in;
  struct netns_ref ref;
  int left;
  bool found;
};

bool object_has_link(const struct netns_ref *ref, const char *name)
{
  struct nl_sock s = NL_CLOSED;
  int fd;
  bool owned, found = false;
  if (netns_ref_open(ref, &fd, &owned) < 0)
    return false;
  if (nl_open(&s, fd, NETLINK_ROUTE) == 0)
    found = object_link_exists(&s, name);
  nl_close(&s);
  if (owned)
    close(fd);
  return found;
}

static bool try_name(void *arg, const char *name)
{
  struct search *s = arg;
  snprintf(s->ref.name, sizeof s->ref.name, "%s", name);
  if (strcmp(name, s->not_in) != 0)
    s->found = object_has_link(&s->ref, s->name);
  return !s->found && --s->left > 0;
}

/* Which namespace has the link, if it is not the one of that name. */
static bool find_elsewhere(const char *name, const char *not_in, struct netns_ref *ret)
{
  struct search s = {.name = name, .not_in = not_in, .left = NAMESPACES};
  *ret = (struct netns_ref){.kind = NETNS_HOST, .fd = -1, .name = "host"};
  if (strcmp(not_in, ret->name) != 0 && object_has_link(ret, name))
    return true;
  s.ref = (struct netns_ref){.kind = NETNS_NAMED, .fd = -1};
  bool found = netns_each_name(try_name, &s) == 0 && s.found;
  *ret = s.ref;
  return found;
}

const char *object_no_link(struct schema_enc *e, struct nl_sock *s, const char *name)
{
  lua_State *L = e->L;
  struct netns_ref there;
  const char *here = e->op->netns ? e->op->netns : "";
  if (find_elsewhere(name, here, &there))
    return lua_pushfstring(L, "%s has a link of that name; %s.%s acts there.", there.name,
                           there.kind == NETNS_HOST ? "netns.host" : there.name, e->op->module);
  push_names(L, s);
  const char *near = nearest(L, name);
  if (near)
    return lua_pushfstring(L, "Did you mean \"%s\"?", near);
  return lua_pushfstring(L, "link.list() shows the links of %s.", here);
}
