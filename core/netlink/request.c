/* request: one request, one answer; and the reading of what the kernel says to a request. */
#include "netlink/socket.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <stddef.h>
#include <string.h>

/* The kernel returns no error number beyond this one. */
enum { MAX_ERRNO = 4095 };

static void read_text(struct nl_answer *ret, const struct nlattr *a)
{
  size_t len = strnlen(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
  if (len >= sizeof ret->text)
    len = sizeof ret->text - 1;
  memcpy(ret->text, mnl_attr_get_payload(a), len);
  ret->text[len] = '\0';
}

/* The numbers that an extended ack may hold, and where they go. */
static const struct {
  uint16_t type;
  size_t member;
} numbers[] = {
    {NLMSGERR_ATTR_OFFS, offsetof(struct nl_answer, offset)},
    {NLMSGERR_ATTR_MISS_TYPE, offsetof(struct nl_answer, missing)},
    {NLMSGERR_ATTR_MISS_NEST, offsetof(struct nl_answer, missing_nest)},
};

static void read_attribute(struct nl_answer *ret, const struct nlattr *a)
{
  uint16_t type = mnl_attr_get_type(a);
  if (type == NLMSGERR_ATTR_MSG)
    read_text(ret, a);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (type == numbers[i].type && mnl_attr_get_payload_len(a) >= sizeof(uint32_t))
      memcpy((char *)ret + numbers[i].member, mnl_attr_get_payload(a), sizeof(uint32_t));
}

/* Where the attributes of an extended ack begin, counted from the payload's start: after the error
 * number in a DONE, after the request's header in a capped ERROR, after the whole request in one
 * that is not. */
static size_t attributes_at(const struct nlmsghdr *msg, size_t payload)
{
  const struct nlmsgerr *e = mnl_nlmsg_get_payload(msg);
  if (msg->nlmsg_type == NLMSG_DONE)
    return sizeof(int);
  if (payload < sizeof *e || e->msg.nlmsg_len < sizeof e->msg)
    return payload;
  if (msg->nlmsg_flags & NLM_F_CAPPED)
    return sizeof *e;
  return sizeof e->error + nl_align(e->msg.nlmsg_len);
}

int nl_read_answer(const struct nlmsghdr *msg, size_t len, struct nl_answer *ret)
{
  *ret = (struct nl_answer){0};
  size_t payload = len - sizeof *msg;
  const char *p = mnl_nlmsg_get_payload(msg);
  if (payload >= sizeof ret->err)
    memcpy(&ret->err, p, sizeof ret->err);
  else if (msg->nlmsg_type == NLMSG_ERROR)
    ret->err = -EBADMSG;
  if (ret->err > 0 || ret->err < -MAX_ERRNO)
    ret->err = -EBADMSG;
  if (!(msg->nlmsg_flags & NLM_F_ACK_TLVS))
    return ret->err;
  size_t at = attributes_at(msg, payload);
  if (at >= payload)
    return ret->err;
  const struct nlattr *a = (const void *)(p + at);
  for (; mnl_attr_ok(a, (int)(p + payload - (const char *)a)); a = mnl_attr_next(a))
    read_attribute(ret, a);
  return ret->err;
}

int nl_fail(struct nl_answer *ret, int err)
{
  *ret = (struct nl_answer){.err = err};
  return err;
}

/* A request that the kernel would pass over in silence is not sent. */
static int send_request(struct nl_sock *s, struct nlmsghdr *req, int flags)
{
  if (s->fd < 0)
    return -EBADF;
  if (req->nlmsg_len < sizeof *req)
    return -EINVAL;
  req->nlmsg_flags |= (uint16_t)(NLM_F_REQUEST | flags);
  req->nlmsg_seq = nl_next_seq(s);
  req->nlmsg_pid = s->portid;
  return nl_send(s, req, req->nlmsg_len);
}

int nl_request(struct nl_sock *s, struct nlmsghdr *req, struct nl_answer *ret)
{
  int r = send_request(s, req, NLM_F_ACK);
  while (r == 0) {
    const struct nlmsghdr *msg;
    size_t len;
    r = nl_await(s, false, &msg, &len);
    if (r == 0 && msg->nlmsg_seq == req->nlmsg_seq && msg->nlmsg_type == NLMSG_ERROR)
      return nl_read_answer(msg, len, ret);
  }
  return nl_fail(ret, r);
}

/* The one answer to a GET: 0 and *ret_msg, -errno, or 1 if the answer was cut. */
static int get_once(struct nl_sock *s, struct nlmsghdr *req, const struct nlmsghdr **ret_msg,
                    struct nl_answer *ret)
{
  /* What is echoed has been done and cannot be asked for again. Not every request that the flag is
   * set in is echoed, so those want an ack, too. */
  bool echo = req->nlmsg_flags & NLM_F_ECHO;
  int r = send_request(s, req, echo ? NLM_F_ACK : 0);
  while (r == 0) {
    size_t len;
    r = nl_await(s, echo, ret_msg, &len);
    if (r < 0 || (*ret_msg)->nlmsg_seq != req->nlmsg_seq)
      continue;
    if ((*ret_msg)->nlmsg_type != NLMSG_ERROR)
      return len < (*ret_msg)->nlmsg_len ? 1 : nl_fail(ret, 0);
    nl_read_answer(*ret_msg, len, ret);
    *ret_msg = NULL;
    return ret->err;
  }
  return nl_fail(ret, r);
}

int nl_get(struct nl_sock *s, struct nlmsghdr *req, const struct nlmsghdr **ret_msg,
           struct nl_answer *ret)
{
  int r;
  do {
    r = get_once(s, req, ret_msg, ret);
  } while (r > 0); /* the buffer has at least doubled */
  if (r < 0)
    *ret_msg = NULL;
  return r;
}
