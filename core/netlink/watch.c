/* watch: events of all namespaces on one socket for each protocol. The kernel delivers what happens
 * in another namespace only when that one has a number (nsid) in ours, and says the number beside
 * the message. Mounts are watched because a namespace's name is one, and because inotify does not
 * see it appear. */
#include "netlink/watch.h"
#include "netlink/socket.h"
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/net_namespace.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROUTE, NFT, MOUNTS, SOURCES };

static const int route_groups[] = {RTNLGRP_LINK,        RTNLGRP_NEIGH,        RTNLGRP_IPV4_IFADDR,
                                   RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,   RTNLGRP_IPV6_ROUTE,
                                   RTNLGRP_IPV4_RULE,   RTNLGRP_IPV6_RULE,    RTNLGRP_NSID,
                                   RTNLGRP_NEXTHOP,     RTNLGRP_TC,           RTNLGRP_MDB,
                                   RTNLGRP_BRVLAN,      RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF,
                                   RTNLGRP_IPV4_MROUTE, RTNLGRP_IPV6_MROUTE,  RTNLGRP_TUNNEL};
static const int nft_groups[] = {NFNLGRP_NFTABLES};

/* Room for bursts: a lab that builds a large network says more than the default queue holds. */
enum { QUEUE_BYTES = 4 * 1024 * 1024, DATAGRAM_BYTES = 65536 };

static int join(struct nl_sock *s, const int *groups, size_t n)
{
  int bytes = QUEUE_BYTES;
  if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0 &&
      setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) < 0)
    return -errno;
  if (setsockopt(s->fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &(int){1}, sizeof(int)) < 0)
    return -errno;
  for (size_t i = 0; i < n; i++) /* an older kernel has fewer of them: EINVAL */
    if (setsockopt(s->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i], sizeof groups[i]) < 0 &&
        errno != EINVAL)
      return -errno;
  return nl_reserve(s, DATAGRAM_BYTES);
}

int nl_watch_open(struct nl_watch *w)
{
  *w = NL_WATCH_CLOSED;
  int r = nl_open(&w->socks[ROUTE], NL_HERE, NETLINK_ROUTE);
  if (r == 0)
    r = join(&w->socks[ROUTE], route_groups, sizeof route_groups / sizeof *route_groups);
  if (r == 0 && nl_open(&w->socks[NFT], NL_HERE, NETLINK_NETFILTER) == 0 &&
      join(&w->socks[NFT], nft_groups, 1) < 0)
    nl_close(&w->socks[NFT]);
  if (r == 0) {
    w->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    r = w->mounts < 0 ? -errno : 0;
  }
  if (r < 0)
    nl_watch_close(w);
  return r;
}

void nl_watch_close(struct nl_watch *w)
{
  for (int i = 0; i < MOUNTS; i++)
    nl_close(&w->socks[i]);
  if (w->mounts >= 0)
    close(w->mounts);
  if (w->any >= 0)
    close(w->any);
  w->mounts = w->any = -1;
}

/* Mounts are always readable; that they changed is urgent. */
int nl_watch_fd(struct nl_watch *w)
{
  if (w->any >= 0)
    return w->any;
  int any = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event in = {.events = EPOLLIN}, urgent = {.events = EPOLLPRI};
  int r = any < 0 ? -errno : 0;
  for (int i = 0; i < MOUNTS && r == 0; i++)
    if (w->socks[i].fd >= 0 && epoll_ctl(any, EPOLL_CTL_ADD, w->socks[i].fd, &in) < 0)
      r = -errno;
  if (r == 0 && epoll_ctl(any, EPOLL_CTL_ADD, w->mounts, &urgent) < 0)
    r = -errno;
  if (r < 0 && any >= 0)
    close(any);
  if (r == 0)
    w->any = any;
  return r < 0 ? r : any;
}

static int nsid_beside(struct msghdr *m)
{
  int nsid = -1;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
    if (c->cmsg_level == SOL_NETLINK && c->cmsg_type == NETLINK_LISTEN_ALL_NSID)
      memcpy(&nsid, CMSG_DATA(c), sizeof nsid);
  return nsid;
}

/* Takes one datagram into the socket's buffer. 1, or 0 when there is none; *ret_lost: overran. The
 * number of the namespace is kept where the sequence number of a request would be. */
static int receive(struct nl_sock *s, bool *ret_lost)
{
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct sockaddr_nl from;
  struct iovec iov = {s->rbuf, s->rcap};
  struct msghdr m = {.msg_name = &from,
                     .msg_namelen = sizeof from,
                     .msg_iov = &iov,
                     .msg_iovlen = 1,
                     .msg_control = &control,
                     .msg_controllen = sizeof control};
  ssize_t n = recvmsg(s->fd, &m, MSG_DONTWAIT);
  *ret_lost = (n < 0 && errno == ENOBUFS) || (n >= 0 && (m.msg_flags & MSG_TRUNC));
  if (n < 0 || from.nl_pid != 0)
    return 0;
  s->roff = 0;
  s->rlen = (size_t)n;
  s->seq = (uint32_t)nsid_beside(&m);
  return 1;
}

/* The next message of the datagram that is being read. */
static bool next_message(struct nl_sock *s, struct nl_event *ret)
{
  const struct nlmsghdr *msg = (const void *)(s->rbuf + s->roff);
  if (s->fd < 0 || s->roff >= s->rlen || !mnl_nlmsg_ok(msg, (int)(s->rlen - s->roff))) {
    s->rlen = s->roff = 0;
    return false;
  }
  s->roff += nl_align(msg->nlmsg_len);
  ret->msg = msg;
  ret->nsid = (int)s->seq;
  return true;
}

static bool pending(struct nl_watch *w, struct nl_event *ret)
{
  static const enum nl_watch_source sources[] = {NL_WATCH_ROUTE, NL_WATCH_NFT};
  for (int i = 0; i < MOUNTS; i++)
    if (next_message(&w->socks[i], ret)) {
      ret->source = sources[i];
      return true;
    }
  return false;
}

int nl_watch_next(struct nl_watch *w, int timeout_ms, struct nl_event *ret)
{
  *ret = (struct nl_event){.nsid = -1};
  for (;;) {
    bool lost = false;
    if (pending(w, ret))
      return 1;
    struct pollfd fds[SOURCES] = {
        {w->socks[ROUTE].fd, POLLIN, 0}, {w->socks[NFT].fd, POLLIN, 0}, {w->mounts, POLLPRI, 0}};
    int n = poll(fds, SOURCES, timeout_ms);
    if (n <= 0)
      return n < 0 ? -errno : 0;
    for (int i = 0; i < MOUNTS && !lost; i++)
      if (fds[i].revents)
        receive(&w->socks[i], &lost);
    if (lost || (fds[MOUNTS].revents & POLLPRI)) {
      ret->source = lost ? NL_WATCH_LOST : NL_WATCH_MOUNTS;
      return 1;
    }
  }
}

int nl_watch_number(int netns)
{
  _Alignas(8) char buf[64] = "";
  struct nl_sock s = NL_CLOSED;
  struct nl_answer answer;
  struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
  nlh->nlmsg_type = RTM_NEWNSID;
  mnl_nlmsg_put_extra_header(nlh, sizeof(struct rtgenmsg));
  mnl_attr_put_u32(nlh, NETNSA_FD, (uint32_t)netns);
  mnl_attr_put_u32(nlh, NETNSA_NSID, (uint32_t)-1);
  int r = nl_open(&s, NL_HERE, NETLINK_ROUTE);
  if (r == 0)
    r = nl_request(&s, nlh, &answer);
  nl_close(&s);
  return r == -EEXIST ? 0 : r;
}
