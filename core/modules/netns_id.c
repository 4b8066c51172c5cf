/* netns_id: the numbers by which a namespace knows others. A link whose other end is elsewhere
 * carries only such a number. */
#include "modules/object.h"
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <unistd.h>

static int open_here(void)
{
  return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* The number that the socket's namespace has for the one of the descriptor; -1 without. */
static int nsid_of(struct nl_sock *s, int fd)
{
  _Alignas(8) char buf[128] = "";
  const struct nlmsghdr *msg;
  struct nl_answer answer;
  struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
  nlh->nlmsg_type = RTM_GETNSID;
  mnl_nlmsg_put_extra_header(nlh, sizeof(struct rtgenmsg));
  mnl_attr_put_u32(nlh, NETNSA_FD, (uint32_t)fd);
  if (nl_get(s, nlh, &msg, &answer) < 0)
    return -1;
  const struct nlattr *a = object_attr(msg, sizeof(struct rtgenmsg), NETNSA_NSID, sizeof(int));
  return a ? (int)mnl_attr_get_u32(a) : -1;
}

struct search {
  struct nl_sock *sock;
  int nsid;
  struct netns_ref *ref;
  bool found;
};

static bool has_nsid(struct search *s)
{
  int fd;
  bool owned;
  if (netns_ref_open(s->ref, &fd, &owned) < 0)
    return false;
  if (fd == NL_HERE) {
    fd = open_here();
    owned = true;
  }
  bool same = fd >= 0 && nsid_of(s->sock, fd) == s->nsid;
  if (owned && fd >= 0)
    close(fd);
  return same;
}

static bool try_name(void *arg, const char *name)
{
  struct search *s = arg;
  snprintf(s->ref->name, sizeof s->ref->name, "%s", name);
  s->found = has_nsid(s);
  return !s->found;
}

bool netns_find_nsid(struct nl_sock *sock, int nsid, struct netns_ref *ret)
{
  struct search s = {.sock = sock, .nsid = nsid, .ref = ret};
  *ret = (struct netns_ref){.kind = NETNS_HOST, .fd = -1, .name = "host"};
  if (has_nsid(&s))
    return true;
  ret->kind = NETNS_NAMED;
  return netns_each_name(try_name, &s) == 0 && s.found;
}

int netns_nsid(lua_State *L)
{
  struct rt_op op = {.module = "netns", .verb = "get", .netns = netns_here()->name};
  struct nl_sock sock = NL_CLOSED;
  struct netns_ref ref;
  int fd, id = -1;
  bool owned;
  netns_ref_of_value(L, &op, 1, NULL, &ref);
  if (netns_ref_open(&ref, &fd, &owned) < 0)
    return 0;
  if (fd == NL_HERE) {
    fd = open_here();
    owned = true;
  }
  if (fd >= 0 && nl_open(&sock, NL_HERE, NETLINK_ROUTE) == 0)
    id = nsid_of(&sock, fd);
  nl_close(&sock);
  if (owned && fd >= 0)
    close(fd);
  if (id < 0)
    return 0;
  lua_pushinteger(L, id);
  return 1;
}
