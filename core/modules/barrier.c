/* barrier: no packet leaves before the kernel has activated the links that came up.
 *
 * The kernel activates a link that got its carrier in a worker of its own (linkwatch). A tool that
 * is quick sends its first packet before that: the packet is dropped, and ARP tries again after a
 * second. From Linux 6.8 on, asking for one link (RTM_GETLINK) makes the kernel catch up with it;
 * on older ones the operational state tells when it has. */
#include "modules/object.h"
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <sys/random.h>
#include <unistd.h>

/* ---- what came up ---------------------------------------------------------------------------- */

/* NOTED: not asked yet. READY: activated, or nothing to wait for. LATER: it has no carrier yet; its
 * other end is to come. WAIT: it has, and the kernel has not caught up. GONE: there is no such link
 * any more. */
enum state { NOTED, READY, LATER, WAIT, GONE };

struct noted {
  struct netns_ref netns;
  char ifname[ALTIFNAMSIZ];
  enum state state;
};

static struct {
  struct noted *links;
  size_t n, cap;
} pending;

static bool same_netns(const struct netns_ref *a, const struct netns_ref *b)
{
  return a->kind == b->kind && a->fd == b->fd && strcmp(a->name, b->name) == 0;
}

static bool noted_already(const struct netns_ref *netns, const char *ifname)
{
  for (size_t i = 0; i < pending.n; i++)
    if (strcmp(pending.links[i].ifname, ifname) == 0 && same_netns(&pending.links[i].netns, netns))
      return true;
  return false;
}

/* Without memory the link is not waited for; a lost first packet is the worst of it. lo has its
 * carrier from the start. */
void barrier_note(const struct netns_ref *netns, const char *ifname)
{
  if (strcmp(ifname, "lo") == 0 || noted_already(netns, ifname))
    return;
  if (pending.n == pending.cap) {
    size_t cap = pending.cap ? pending.cap * 2 : 16;
    struct noted *grown = realloc(pending.links, cap * sizeof *grown);
    if (grown == NULL)
      return;
    pending.links = grown;
    pending.cap = cap;
  }
  struct noted *l = &pending.links[pending.n++];
  l->netns = *netns;
  snprintf(l->ifname, sizeof l->ifname, "%s", ifname);
}

/* ---- waiting --------------------------------------------------------------------------------- */

enum { WAIT_MS = 1000, OPER_UNKNOWN = 0, OPER_UP = 6 };

static bool is_veth(const struct nlmsghdr *msg)
{
  static const char veth[] = "veth";
  static const struct schema_step in_info[] = {{IFLA_LINKINFO, ""}, {0, NULL}};
  struct schema_dec d;
  if (!schema_open(&d, NULL, &schema_link, mnl_nlmsg_get_payload(msg),
                   mnl_nlmsg_get_payload_len(msg), 0))
    return false;
  const struct nlattr *a = schema_find(&d, in_info, IFLA_INFO_KIND);
  return a && mnl_attr_get_payload_len(a) == sizeof veth &&
         memcmp(mnl_attr_get_payload(a), veth, sizeof veth) == 0;
}

/* What has had its carrier from the start (a dummy, a tunnel) stays at UNKNOWN for ever. A veth is
 * there only until the kernel has looked at it for the first time. */
static bool caught_up(const struct nlmsghdr *msg)
{
  uint8_t oper = object_link_u8(msg, IFLA_OPERSTATE, OPER_UP);
  return oper == OPER_UP || (oper == OPER_UNKNOWN && !is_veth(msg));
}

static enum state ask(struct nl_sock *s, const char *ifname, bool catches_up)
{
  const struct nlmsghdr *msg;
  if (schema_ask_link(s, ifname, &msg) < 0)
    return GONE;
  const struct ifinfomsg *m = mnl_nlmsg_get_payload(msg);
  if (!(m->ifi_flags & IFF_UP))
    return GONE;
  if (!object_link_u8(msg, IFLA_CARRIER, 1))
    return LATER;
  return catches_up || caught_up(msg) ? READY : WAIT;
}

/* From 6.8 on RTM_GETLINK runs linkwatch for the link it is asked about. */
static bool kernel_catches_up(void)
{
  static int known = -1;
  struct utsname u;
  int major = 0, minor = 0;
  if (known < 0)
    known = uname(&u) == 0 && sscanf(u.release, "%d.%d", &major, &minor) == 2 &&
            (major > 6 || (major == 6 && minor >= 8));
  return known;
}

static enum state wait_for(struct nl_sock *s, const char *ifname, int64_t deadline)
{
  bool catches_up = kernel_catches_up();
  enum state state = ask(s, ifname, catches_up);
  while (state == WAIT && !rt_interrupted && modules_now_ms() < deadline) {
    nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
    state = ask(s, ifname, catches_up);
  }
  return state;
}

/* All links of the namespace of the first, on one socket. */
static void wait_in_netns(struct noted *first, int64_t deadline)
{
  struct nl_sock s = NL_CLOSED;
  int fd, err;
  bool owned;
  err = netns_ref_open(&first->netns, &fd, &owned);
  bool opened = err == 0 && owned;
  if (err == 0)
    err = nl_open(&s, fd, NETLINK_ROUTE);
  for (struct noted *l = first; l < pending.links + pending.n; l++)
    if (l->state == NOTED && same_netns(&l->netns, &first->netns))
      l->state = err ? GONE : wait_for(&s, l->ifname, deadline);
  nl_close(&s);
  if (opened)
    close(fd);
}

static void wait_for_all(int64_t deadline)
{
  size_t left = 0;
  for (size_t i = 0; i < pending.n; i++)
    pending.links[i].state = NOTED;
  for (size_t i = 0; i < pending.n; i++)
    if (pending.links[i].state == NOTED)
      wait_in_netns(&pending.links[i], deadline);
  for (size_t i = 0; i < pending.n; i++)
    if (pending.links[i].state == LATER)
      pending.links[left++] = pending.links[i];
  pending.n = left;
}

/* A bridge has no carrier before one of its ports is activated, and may have been asked first. What
 * has none after that stays noted: when the other end comes up, both are to be asked. */
void barrier_wait(void)
{
  int64_t deadline = pending.n ? modules_now_ms() + WAIT_MS : 0;
  size_t noted = pending.n;
  wait_for_all(deadline);
  if (pending.n > 0 && pending.n < noted)
    wait_for_all(deadline);
}

/* ---- numbers of links ------------------------------------------------------------------------ */

static int32_t next_index;

/* The highest number in the namespace the script runs in: the host's, usually. */
void ifindex_refresh(void)
{
  _Alignas(8) char buf[128] = "";
  struct nl_sock s = NL_CLOSED;
  struct nl_answer answer;
  const struct nlmsghdr *msg;
  struct netns_ref host = {.kind = NETNS_HOST, .fd = -1, .name = "host"};
  int fd;
  bool owned;
  struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
  nlh->nlmsg_type = RTM_GETLINK;
  mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
  mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  if (netns_ref_open(&host, &fd, &owned) < 0 || nl_open(&s, fd, NETLINK_ROUTE) < 0)
    return;
  int r = -EAGAIN;
  for (int tries = 0; tries < 8 && r == -EAGAIN; tries++) { /* until none is missing */
    r = nl_dump(&s, nlh);
    while (r == 0 && (r = nl_next(&s, &msg, &answer)) == 1) {
      int32_t index = ((const struct ifinfomsg *)mnl_nlmsg_get_payload(msg))->ifi_index;
      if (index > next_index)
        next_index = index;
      r = 0;
    }
  }
  nl_close(&s);
}

/* On the machine itself a number is far from those that the kernel gives: that it is still the
 * link's proves that the link is still ours. */
static int32_t far_number(void)
{
  uint32_t random = 0;
  if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
    random = (uint32_t)getpid() << 8;
  return (int32_t)(1u << 24 | (random & 0x3fffffff));
}

int32_t ifindex_next(void)
{
  if (rt_foreseen())
    return far_number();
  if (next_index == 0)
    ifindex_refresh();
  return ++next_index;
}
