/* dump: a request that is answered with many messages, read one by one. The reader learns at the
 * end whether they were one consistent state. */
#include "netlink/socket.h"

#include <errno.h>

/* What a reader left unread has to be taken out before the kernel accepts the next dump. */
static int finish(struct nl_sock *s)
{
  const struct nlmsghdr *msg;
  struct nl_answer answer;
  while (s->dump_seq) {
    int r = nl_next(s, &msg, &answer);
    if (r < 0 && s->dump_seq)
      return r;
  }
  return 0;
}

int nl_dump(struct nl_sock *s, struct nlmsghdr *req)
{
  int r = s->fd < 0 ? -EBADF : finish(s);
  if (r == 0)
    r = nl_reserve(s, NL_RBUF_DUMP);
  if (r < 0)
    return r;
  req->nlmsg_flags |= NLM_F_REQUEST | NLM_F_DUMP;
  req->nlmsg_seq = nl_next_seq(s);
  req->nlmsg_pid = s->portid;
  s->dumped = 0;
  r = nl_send(s, req, req->nlmsg_len);
  if (r == 0)
    s->dump_seq = req->nlmsg_seq;
  return r;
}

/* The dump is over, and this is what the kernel says to it. */
static int end(struct nl_sock *s, const struct nlmsghdr *msg, size_t len, struct nl_answer *ret)
{
  s->dump_seq = 0;
  int r = nl_read_answer(msg, len, ret);
  if (r == -EINTR || (r == 0 && (s->inconsistent || s->lost)))
    return nl_fail(ret, -EAGAIN);
  return r;
}

/* Takes the next message if it is an ordinary one of the dump, as nearly all are; NULL if not. */
static const struct nlmsghdr *take_ordinary(struct nl_sock *s)
{
  size_t left = s->rlen - s->roff;
  const struct nlmsghdr *h = (const void *)(s->rbuf + s->roff);
  if (s->cut || left < sizeof *h || h->nlmsg_len < sizeof *h || nl_align(h->nlmsg_len) > left ||
      h->nlmsg_seq != s->dump_seq || h->nlmsg_pid != s->portid || h->nlmsg_type < NLMSG_MIN_TYPE ||
      (h->nlmsg_flags & NLM_F_DUMP_INTR))
    return NULL;
  s->roff += nl_align(h->nlmsg_len);
  return h;
}

/* What is next when it is not an ordinary message that is there. */
static __attribute__((noinline)) int next_other(struct nl_sock *s, const struct nlmsghdr **ret_msg,
                                                struct nl_answer *ret)
{
  while (s->dump_seq) {
    const struct nlmsghdr *msg;
    size_t len;
    bool used_up = s->roff == s->rlen;
    int r = nl_await(s, s->rcap < NL_DATAGRAM, &msg, &len);
    if (used_up && r == 0)
      nl_ahead_start(s);
    if (r == -ENOBUFS) {
      s->dump_seq = 0; /* the end was in what is lost */
      r = -EAGAIN;
    }
    if (r < 0)
      return nl_fail(ret, r);
    if (msg->nlmsg_seq != s->dump_seq || msg->nlmsg_type == NLMSG_NOOP)
      continue;
    if (msg->nlmsg_flags & NLM_F_DUMP_INTR || msg->nlmsg_type == NLMSG_OVERRUN)
      s->inconsistent = true;
    if (msg->nlmsg_type == NLMSG_ERROR || msg->nlmsg_type == NLMSG_DONE)
      return end(s, msg, len, ret);
    if (len < msg->nlmsg_len || msg->nlmsg_type == NLMSG_OVERRUN)
      continue;
    *ret_msg = msg;
    return 1;
  }
  return nl_fail(ret, 0);
}

int nl_next(struct nl_sock *s, const struct nlmsghdr **ret_msg, struct nl_answer *ret)
{
  const struct nlmsghdr *msg = s->dump_seq ? take_ordinary(s) : NULL;
  if (msg == NULL)
    return next_other(s, ret_msg, ret);
  *ret_msg = msg;
  return 1;
}
