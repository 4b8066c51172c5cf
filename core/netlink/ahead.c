/* ahead: in a long dump the kernel puts together the next datagram while it hands out one, inside
 * recvmsg, and that takes about as long as a script needs for what is in it. So a thread reads on
 * while the caller works at what it has. It knows one descriptor and one buffer; it lives for a few
 * datagrams, allocates nothing (the process may be forked meanwhile) and takes no signals. Where no
 * thread can be had, the caller reads by itself, as in a short dump. */
#include "netlink/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
  AHEAD_BYTES = 4 * NL_DATAGRAM, /* beyond it nothing is gained */
#ifdef NSLAB_HOSTILE
  LONG_BYTES = 1,
#else
  LONG_BYTES = NL_DATAGRAM, /* what the caller reads by itself first */
#endif
};

struct nl_ahead {
  pthread_t thread;
  bool running;
  int fd;
  char *buf;
  size_t cap, len;
  int err;    /* 0, or -errno that ended it */
  bool cut;   /* the last datagram was larger than what was left */
  bool taken; /* what the caller has is from here: err tells whether the end is in it */
};

/* Whether the dump is over with these bytes: beyond its end nothing is read. */
static bool has_end(const char *p, size_t len)
{
  for (const struct nlmsghdr *h = (const void *)p; len >= sizeof *h; h = (const void *)p) {
    size_t size = nl_align(h->nlmsg_len);
    if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR || size < sizeof *h)
      return true;
    p += size < len ? size : len;
    len -= size < len ? size : len;
  }
  return false;
}

/* One datagram behind what is there. 0, or -errno; -ENODATA: it was the last. */
static int read_one(struct nl_ahead *a)
{
  struct sockaddr_nl from = {.nl_pid = UINT32_MAX};
  size_t room = a->cap - a->len;
  struct iovec iov = {a->buf + a->len, room};
  struct msghdr m = {
      .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &iov, .msg_iovlen = 1};
  ssize_t n = recvmsg(a->fd, &m, MSG_TRUNC | MSG_DONTWAIT);
  if (n < 0)
    return errno == EINTR ? 0 : -errno;
  if (m.msg_namelen != sizeof from || from.nl_pid != 0)
    return 0;
  a->cut = (size_t)n > room;
  if (a->cut)
    return -EMSGSIZE;
  bool last = has_end(a->buf + a->len, (size_t)n);
  a->len += nl_align((size_t)n);
  return last ? -ENODATA : 0;
}

static void *read_all(void *arg)
{
  struct nl_ahead *a = arg;
  while (a->err == 0 && a->cap - a->len >= NL_DATAGRAM)
    a->err = read_one(a);
  return NULL;
}

/* The buffers are exchanged, and the caller's first one is short. */
static bool widen(struct nl_ahead *a)
{
  char *grown = a->cap < AHEAD_BYTES ? realloc(a->buf, AHEAD_BYTES) : a->buf;
  if (grown == NULL)
    return false;
  a->buf = grown;
  a->cap = a->cap < AHEAD_BYTES ? AHEAD_BYTES : a->cap;
  return true;
}

static bool is_over(const struct nl_sock *s)
{
  return s->ahead && s->ahead->taken ? s->ahead->err == -ENODATA : has_end(s->rbuf, s->rlen);
}

void nl_ahead_start(struct nl_sock *s)
{
  s->dumped += s->rlen;
  if (s->dumped < LONG_BYTES || s->cut || is_over(s))
    return;
  if (s->ahead == NULL)
    s->ahead = calloc(1, sizeof *s->ahead);
  if (s->ahead == NULL || !widen(s->ahead))
    return;
  s->ahead->fd = s->fd;
  s->ahead->len = 0;
  s->ahead->err = 0;
  s->ahead->cut = false;
  s->ahead->running = nl_thread_start(&s->ahead->thread, read_all, s->ahead);
}

static bool join(struct nl_ahead *a)
{
  if (a == NULL || !a->running)
    return false;
  pthread_join(a->thread, NULL);
  a->running = false;
  return true;
}

bool nl_ahead_take(struct nl_sock *s)
{
  struct nl_ahead *a = s->ahead;
  if (a)
    a->taken = false;
  if (!join(a))
    return false;
  s->lost = s->lost || a->err == -ENOBUFS;
  if (a->cut) { /* the caller's buffer grows with what it reads itself */
    s->inconsistent = true;
    s->dumped = 0;
  }
  if (a->len == 0)
    return false;
  char *buf = s->rbuf;
  size_t cap = s->rcap;
  s->rbuf = a->buf;
  s->rcap = a->cap;
  s->roff = 0;
  s->rlen = a->len;
  s->cut = false;
  a->buf = buf;
  a->cap = cap;
  a->taken = true;
  return true;
}

void nl_ahead_stop(struct nl_sock *s)
{
  join(s->ahead);
}

void nl_ahead_free(struct nl_sock *s)
{
  if (s->ahead == NULL)
    return;
  join(s->ahead);
  free(s->ahead->buf);
  free(s->ahead);
  s->ahead = NULL;
}
