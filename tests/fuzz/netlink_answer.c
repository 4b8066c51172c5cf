/* netlink_answer: whatever comes back from the kernel, the reading of it stays within the buffer
 * and ends. The input is a mode byte, then datagrams: two bytes of length, one of who sent it, the
 * bytes. A length of 0 is an error of recvmsg instead, and the sender's byte its number. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const uint8_t *input;
static size_t input_left;

/* Takes the next datagram off the input; false when there is none. */
static bool next_datagram(size_t *ret_len, uint8_t *ret_sender)
{
  if (input_left < 3)
    return false;
  *ret_len = (size_t)(input[0] | input[1] << 8);
  *ret_sender = input[2];
  input += 3;
  input_left -= 3;
  if (*ret_len > input_left)
    *ret_len = input_left;
  return true;
}

static ssize_t fuzz_recvmsg(int fd, struct msghdr *m, int flags)
{
  (void)fd;
  const uint8_t *start = input;
  size_t before = input_left, len, room = m->msg_iov->iov_len;
  uint8_t sender;
  if (!next_datagram(&len, &sender))
    return errno = EAGAIN, -1;
  if (len == 0)
    return errno = sender, -1;
  if (room)
    memcpy(m->msg_iov->iov_base, input, room < len ? room : len);
  *(struct sockaddr_nl *)m->msg_name = (struct sockaddr_nl){.nl_pid = sender == 0xff};
  input += len;
  input_left -= len;
  if (flags & MSG_PEEK) {
    input = start;
    input_left = before;
  }
  return (ssize_t)len;
}

static ssize_t fuzz_sendmsg(int fd, const struct msghdr *m, int flags)
{
  (void)fd, (void)flags;
  return (ssize_t)m->msg_iov->iov_len;
}

static int fuzz_poll(struct pollfd *p, nfds_t n, int timeout)
{
  (void)p, (void)n, (void)timeout;
  return 0;
}

static int fuzz_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
  (void)fd, (void)level, (void)name, (void)len;
  *(int *)value = 8192;
  return 0;
}

#define sendmsg fuzz_sendmsg
#define recvmsg fuzz_recvmsg
#define poll fuzz_poll
#define getsockopt fuzz_getsockopt
#include "../../core/netlink/netns.c"
#include "../../core/netlink/socket.c"
#include "../../core/netlink/request.c"
#include "../../core/netlink/dump.c"
#include "../../core/netlink/batch.c"

static void require(bool good)
{
  if (!good)
    abort();
}

static void check_answer(int r, const struct nl_answer *a)
{
  require(r == a->err && r <= 0 && r >= -MAX_ERRNO);
  require(memchr(a->text, '\0', sizeof a->text) != NULL);
}

/* Touches every byte, so that the sanitizer sees one that is not there. */
static void check_message(const struct nlmsghdr *msg)
{
  volatile uint8_t sum = 0;
  require(msg->nlmsg_len >= sizeof *msg);
  for (uint32_t i = 0; i < msg->nlmsg_len; i++)
    sum = (uint8_t)(sum + ((const uint8_t *)msg)[i]);
}

static void read_one(struct nl_sock *s, struct nlmsghdr *req)
{
  struct nl_answer a;
  const struct nlmsghdr *msg;
  check_answer(nl_request(s, req, &a), &a);
  req->nlmsg_flags = input_left & 1 ? NLM_F_ECHO : 0;
  int r = nl_get(s, req, &msg, &a);
  check_answer(r, &a);
  require(r == 0 || !msg);
  if (msg)
    check_message(msg);
}

static void read_dump(struct nl_sock *s, struct nlmsghdr *req)
{
  struct nl_answer a;
  const struct nlmsghdr *msg;
  int r;
  for (int i = 0; i < 3; i++) {
    if (nl_dump(s, req) < 0)
      return;
    while ((r = nl_next(s, &msg, &a)) > 0)
      check_message(msg);
    check_answer(r, &a);
  }
}

static void on_answer(void *arg, uint32_t index, const struct nl_answer *a)
{
  (void)arg;
  require(index < 20 && a->err < 0);
  check_answer(a->err, a);
}

static void read_batch(struct nl_sock *s, struct nlmsghdr *req)
{
  struct nl_batch b = {0};
  for (int i = 0; i < 20; i++)
    require(nl_batch_add(&b, req) == 0);
  require(nl_batch_send(s, &b, on_answer, NULL) <= 0);
  nl_batch_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static void (*const modes[])(struct nl_sock *, struct nlmsghdr *) = {read_one, read_dump,
                                                                       read_batch};
  if (size == 0)
    return 0;
  input = data + 1;
  input_left = size - 1;
  struct nl_sock s = NL_CLOSED;
  s.fd = INT32_MAX; /* nothing is done with it */
  _Alignas(8) char bytes[64] = {0};
  struct nlmsghdr *req = mnl_nlmsg_put_header(bytes);
  mnl_nlmsg_put_extra_header(req, sizeof(struct ifinfomsg));
  if (data[0] & 0x80 && nl_reserve(&s, 48 + (data[0] & 0x7c)) < 0)
    return 0;
  modes[(data[0] & 3) % 3](&s, req);
  s.fd = -1;
  nl_close(&s);
  return 0;
}
