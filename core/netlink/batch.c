/* batch: many requests in few sendmsg calls, the kernel's complaint about each brought to it. The
 * kernel answers in silence what succeeds, so that only the last request of a chunk asks for an
 * ack: when it has come, everything before it has been done or has complained. */
#include "netlink/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
  /* What one answer takes of the receive buffer at most: the kernel counts its own book-keeping. */
  ANSWER_SIZE = 1536,
  /* What sendmsg refuses to take although it would still fit in the send buffer. */
  SEND_OVERHEAD = 64,
#ifdef NSLAB_HOSTILE
  CHUNK_BYTES = 512,
  FIRST_CAP = 64,
#else
  CHUNK_BYTES = 65536, /* beyond 4 KiB nothing is gained, but the kernel needs contiguous memory */
  FIRST_CAP = 4096,
#endif
};

struct limits {
  size_t bytes;
  uint32_t requests;
};

/* How much goes into one sendmsg so that neither it nor the answers, were they all errors,
 * overflow. */
static int find_limits(const struct nl_sock *s, struct limits *ret)
{
  int out, in;
  socklen_t len = sizeof out;
  if (getsockopt(s->fd, SOL_SOCKET, SO_SNDBUF, &out, &len) < 0 ||
      getsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &in, &len) < 0)
    return -errno;
  ret->bytes = out > 2 * SEND_OVERHEAD ? (size_t)out - SEND_OVERHEAD : SEND_OVERHEAD;
  if (ret->bytes > CHUNK_BYTES)
    ret->bytes = CHUNK_BYTES;
  ret->requests = in > ANSWER_SIZE ? (uint32_t)in / ANSWER_SIZE : 1;
  return 0;
}

void nl_batch_widen(struct nl_sock *s)
{
  static const int bytes = 1 << 20;
  if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
    (void)setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

static int grow(struct nl_batch *b, size_t need)
{
  size_t cap = b->cap ? b->cap : FIRST_CAP;
  while (cap < need)
    cap *= 2;
  if (cap == b->cap)
    return 0;
  char *grown = realloc(b->buf, cap);
  if (!grown)
    return -ENOMEM;
  b->buf = grown;
  b->cap = cap;
  return 0;
}

int nl_batch_add(struct nl_batch *b, const struct nlmsghdr *req)
{
  size_t size = nl_align(req->nlmsg_len);
  if (req->nlmsg_len < sizeof *req)
    return -EINVAL;
  int r = grow(b, b->len + size);
  if (r < 0)
    return r;
  memset(b->buf + b->len + size - NLMSG_ALIGNTO, 0, NLMSG_ALIGNTO);
  memcpy(b->buf + b->len, req, req->nlmsg_len);
  b->len += size;
  b->count++;
  return 0;
}

/* A part of the batch that goes out in one sendmsg. */
struct chunk {
  char *start;
  size_t len;
  uint32_t first_seq, count;
};

static bool has_room(const struct chunk *c, size_t len, const struct limits *max)
{
  if (c->len >= len || c->count >= max->requests)
    return false;
  const struct nlmsghdr *next = (void *)(c->start + c->len);
  return c->len + nl_align(next->nlmsg_len) <= max->bytes;
}

/* Cuts the next chunk off, at least one request, and numbers its requests. */
static struct chunk cut(struct nl_sock *s, char *p, size_t len, const struct limits *max)
{
  struct chunk c = {.start = p, .first_seq = s->seq + 1};
  if (c.first_seq + max->requests < c.first_seq)
    c.first_seq = 1; /* the numbers of a chunk do not wrap around */
  struct nlmsghdr *req;
  do {
    req = (void *)(p + c.len);
    req->nlmsg_flags = (uint16_t)((req->nlmsg_flags | NLM_F_REQUEST) & ~NLM_F_ACK);
    req->nlmsg_seq = c.first_seq + c.count++;
    req->nlmsg_pid = s->portid;
    c.len += nl_align(req->nlmsg_len);
  } while (has_room(&c, len, max));
  req->nlmsg_flags |= NLM_F_ACK;
  s->seq = req->nlmsg_seq;
  return c;
}

/* Reads the answers up to that of the last request. */
static int read_answers(struct nl_sock *s, const struct chunk *c, uint32_t sent,
                        nl_answer_fn *on_answer, void *arg)
{
  for (;;) {
    const struct nlmsghdr *msg;
    size_t len;
    int r = nl_await(s, false, &msg, &len);
    if (r < 0)
      return r;
    uint32_t index = msg->nlmsg_seq - c->first_seq;
    if (msg->nlmsg_type != NLMSG_ERROR || index >= c->count)
      continue;
    struct nl_answer answer;
    if (nl_read_answer(msg, len, &answer) < 0 && on_answer)
      on_answer(arg, sent + index, &answer);
    if (index == c->count - 1)
      return s->lost ? -ENOBUFS : 0;
  }
}

int nl_batch_send(struct nl_sock *s, struct nl_batch *b, nl_answer_fn *on_answer, void *arg)
{
  struct limits max = {0};
  size_t done = 0;
  int r = b->count ? find_limits(s, &max) : 0;
  while (r == 0 && done < b->len) {
    struct chunk c = cut(s, b->buf + done, b->len - done, &max);
    r = nl_send(s, c.start, c.len);
    if (r == 0)
      r = read_answers(s, &c, b->sent, on_answer, arg);
    b->sent += c.count;
    b->count -= c.count;
    done += c.len;
  }
  b->sent += b->count;
  b->count = 0;
  b->len = 0;
  return r;
}

void nl_batch_free(struct nl_batch *b)
{
  free(b->buf);
  *b = (struct nl_batch){0};
}
