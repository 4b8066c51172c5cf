/* socket: opening a netlink socket in a namespace, sending, receiving. What the messages say is not
 * looked at beyond their headers. */
#include "netlink/socket.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct open_args {
  struct nl_sock *sock;
  int protocol;
};

static int open_here(void *arg)
{
  struct open_args *a = arg;
  a->sock->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, a->protocol);
  return a->sock->fd < 0 ? -errno : 0;
}

/* Extended and capped acks, strict checking. A kernel that lacks one says less, that is all. */
static int set_options(int fd)
{
  static const int options[] = {NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK};
  for (size_t i = 0; i < sizeof options / sizeof *options; i++)
    if (setsockopt(fd, SOL_NETLINK, options[i], &(int){1}, sizeof(int)) < 0 && errno != ENOPROTOOPT)
      return -errno;
  return 0;
}

static int bind_port(struct nl_sock *s)
{
  struct sockaddr_nl addr = {.nl_family = AF_NETLINK};
  socklen_t len = sizeof addr;
  if (bind(s->fd, (struct sockaddr *)&addr, len) < 0 ||
      getsockname(s->fd, (struct sockaddr *)&addr, &len) < 0)
    return -errno;
  s->portid = addr.nl_pid;
  return 0;
}

int nl_open(struct nl_sock *s, int netns, int protocol)
{
  *s = NL_CLOSED;
  struct open_args args = {s, protocol};
  int r = nl_netns_do(netns, open_here, &args);
  if (r == 0)
    r = set_options(s->fd);
  if (r == 0)
    r = bind_port(s);
  if (r < 0)
    nl_close(s);
  return r;
}

void nl_close(struct nl_sock *s)
{
  nl_ahead_free(s);
  if (s->fd >= 0)
    close(s->fd);
  free(s->rbuf);
  *s = NL_CLOSED;
}

uint32_t nl_next_seq(struct nl_sock *s)
{
  if (++s->seq == 0)
    s->seq = 1;
  return s->seq;
}

int nl_reserve(struct nl_sock *s, size_t size)
{
  if (size <= s->rcap)
    return 0;
  char *grown = realloc(s->rbuf, size);
  if (!grown)
    return -ENOMEM;
  s->rbuf = grown;
  s->rcap = size;
  return 0;
}

int nl_send(struct nl_sock *s, const void *bytes, size_t len)
{
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  struct iovec iov = {(void *)(uintptr_t)bytes, len};
  struct msghdr m = {
      .msg_name = &kernel, .msg_namelen = sizeof kernel, .msg_iov = &iov, .msg_iovlen = 1};
  nl_ahead_stop(s);
  s->roff = s->rlen = 0;
  s->cut = s->lost = s->inconsistent = false;
  while (sendmsg(s->fd, &m, 0) < 0)
    if (errno != EINTR)
      return -errno;
  return 0;
}

/* One datagram, or with MSG_PEEK its length only. *ret_kernel: whether the kernel sent it. */
static ssize_t receive_once(struct nl_sock *s, int flags, bool *ret_kernel)
{
  struct sockaddr_nl from = {.nl_pid = UINT32_MAX};
  struct iovec iov = {s->rbuf, flags & MSG_PEEK ? 0 : s->rcap};
  struct msghdr m = {
      .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &iov, .msg_iovlen = 1};
  ssize_t n = recvmsg(s->fd, &m, flags | MSG_TRUNC | MSG_DONTWAIT);
  *ret_kernel = m.msg_namelen == sizeof from && from.nl_pid == 0;
  return n < 0 ? -errno : n;
}

static int wait_readable(int fd, int timeout_ms)
{
  struct pollfd p = {.fd = fd, .events = POLLIN};
  for (;;) {
    int n = poll(&p, 1, timeout_ms);
    if (n > 0)
      return 0;
    if (n == 0)
      return -ETIMEDOUT;
    if (errno != EINTR)
      return -errno;
  }
}

/* What to do about an error of recvmsg: 0 to try again, or -errno. */
static int recover(struct nl_sock *s, int err)
{
  if (err == -EINTR)
    return 0;
  if (err == -ENOBUFS) {
    /* The kernel tells before it hands out what it has kept, so the answer may still be there. */
    s->lost = true;
    return 0;
  }
  if (err != -EAGAIN)
    return err;
  /* What was cut or lost may have been the last. */
  return s->lost || s->inconsistent ? -ENOBUFS : wait_readable(s->fd, NL_WAIT_MS);
}

/* Grows the buffer for a datagram of this length; doubling, because the next one may be larger. */
static int make_room(struct nl_sock *s, size_t len)
{
  return nl_reserve(s, len > 2 * s->rcap ? len : 2 * s->rcap);
}

/* The next datagram of the kernel's. */
static int receive(struct nl_sock *s, bool whole)
{
  if (nl_ahead_take(s))
    return 0;
  int r = s->rbuf ? 0 : nl_reserve(s, NL_RBUF);
  while (r == 0) {
    bool from_kernel;
    size_t room = s->rcap;
    ssize_t n = whole ? receive_once(s, MSG_PEEK, &from_kernel) : 0;
    if (n > (ssize_t)room) {
      r = make_room(s, (size_t)n);
      continue;
    }
    if (n >= 0)
      n = receive_once(s, 0, &from_kernel);
    if (n < 0) {
      r = recover(s, (int)n);
      continue;
    }
    if (!from_kernel)
      continue;
    s->cut = (size_t)n > room;
    s->roff = 0;
    s->rlen = s->cut ? room : (size_t)n;
    if (!s->cut)
      return 0;
    s->inconsistent = true;
    return make_room(s, (size_t)n);
  }
  return r;
}

/* Takes a message out of the buffer: 1, 0 when it is used up, or -EBADMSG. */
static int take(struct nl_sock *s, const struct nlmsghdr **ret_msg, size_t *ret_len)
{
  size_t left = s->rlen - s->roff;
  if (left == 0)
    return 0;
  const struct nlmsghdr *h = (const void *)(s->rbuf + s->roff);
  s->roff = s->rlen;
  if (left < sizeof *h)
    return s->cut ? 0 : -EBADMSG;
  if (h->nlmsg_len < sizeof *h || (h->nlmsg_len > left && !s->cut))
    return -EBADMSG;
  *ret_msg = h;
  *ret_len = h->nlmsg_len < left ? h->nlmsg_len : left;
  if (nl_align(*ret_len) < left)
    s->roff = s->rlen - left + nl_align(*ret_len);
  return 1;
}

int nl_await(struct nl_sock *s, bool whole, const struct nlmsghdr **ret_msg, size_t *ret_len)
{
  for (;;) {
    int r = take(s, ret_msg, ret_len);
    if (r == 0)
      r = receive(s, whole);
    else if (r > 0 && ((*ret_msg)->nlmsg_pid == s->portid || (*ret_msg)->nlmsg_pid == 0))
      return 0;
    if (r < 0)
      return r;
  }
}
