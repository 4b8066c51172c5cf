/* netlink against a kernel that lies: the sources of the room are compiled in here with sendmsg,
 * recvmsg, poll, malloc and realloc replaced, so that every answer and every failure can be told to
 * happen. What a real kernel does is in netlink_kernel.c. */
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink_test.h"

/* ---- the fake kernel ------------------------------------------------------------------------- */

enum { QUEUE = 4096 };

/* A datagram that waits to be received, or an error to return instead. */
struct event {
  int err; /* for recvmsg; 0: the bytes */
  uint32_t from;
  size_t len;
  char *bytes;
};

static struct {
  struct event queue[QUEUE];
  size_t head, tail;
  int send_eintr, poll_eintr, poll_ready; /* how often to fail, or to claim that something came */
  int sends, polls, last_timeout;
  size_t longest_send;
  void (*respond)(const void *bytes, size_t len); /* called with what was sent */
  long allocations_left;                          /* -1: all of them */
} fake;

static void fake_reset(void)
{
  for (; fake.head < fake.tail; fake.head++)
    free(fake.queue[fake.head].bytes);
  memset(&fake, 0, sizeof fake);
  fake.allocations_left = -1;
}

static void push_event(int err, uint32_t from, const void *bytes, size_t len)
{
  if (fake.tail == QUEUE)
    abort();
  struct event *e = &fake.queue[fake.tail++];
  *e = (struct event){.err = err, .from = from, .len = len, .bytes = malloc(len + 1)};
  memcpy(e->bytes, bytes, len);
}

static ssize_t fake_sendmsg(int fd, const struct msghdr *m, int flags)
{
  (void)fd, (void)flags;
  if (fake.send_eintr-- > 0)
    return errno = EINTR, -1;
  fake.sends++;
  if (m->msg_iov->iov_len > fake.longest_send)
    fake.longest_send = m->msg_iov->iov_len;
  if (fake.respond)
    fake.respond(m->msg_iov->iov_base, m->msg_iov->iov_len);
  return (ssize_t)m->msg_iov->iov_len;
}

static ssize_t fake_recvmsg(int fd, struct msghdr *m, int flags)
{
  (void)fd;
  if (fake.head == fake.tail)
    return errno = EAGAIN, -1;
  struct event *e = &fake.queue[fake.head];
  ssize_t n = (ssize_t)e->len;
  if (e->err) {
    fake.head++;
    free(e->bytes);
    return errno = e->err, -1;
  }
  size_t room = m->msg_iov->iov_len;
  if (room)
    memcpy(m->msg_iov->iov_base, e->bytes, room < e->len ? room : e->len);
  m->msg_namelen = sizeof(struct sockaddr_nl);
  *(struct sockaddr_nl *)m->msg_name =
      (struct sockaddr_nl){.nl_family = AF_NETLINK, .nl_pid = e->from};
  if (!(flags & MSG_PEEK)) {
    fake.head++;
    free(e->bytes);
  }
  return n;
}

static int fake_poll(struct pollfd *p, nfds_t n, int timeout)
{
  (void)p, (void)n;
  fake.polls++;
  fake.last_timeout = timeout;
  if (fake.poll_eintr-- > 0)
    return errno = EINTR, -1;
  return fake.poll_ready-- > 0;
}

static void *fake_realloc(void *p, size_t size)
{
  if (fake.allocations_left == 0)
    return errno = ENOMEM, NULL;
  if (fake.allocations_left > 0)
    fake.allocations_left--;
  return realloc(p, size);
}

#define sendmsg fake_sendmsg
#define recvmsg fake_recvmsg
#define poll fake_poll
#define realloc fake_realloc
#include "../../core/netlink/netns.c"
#include "../../core/netlink/thread.c"
#include "../../core/netlink/ahead.c"
#include "../../core/netlink/socket.c"
#include "../../core/netlink/request.c"
#include "../../core/netlink/dump.c"
#include "../../core/netlink/batch.c"
#undef sendmsg
#undef recvmsg
#undef poll
#undef realloc

/* ---- messages -------------------------------------------------------------------------------- */

static struct nl_sock sock;
static struct nl_answer answer;
static _Alignas(8) char request_bytes[256];

/* A socket as nl_open leaves it; the number of the next request is 1. */
static void fresh(void)
{
  fake_reset();
  nl_close(&sock);
  if (nl_open(&sock, NL_HERE, NETLINK_ROUTE) < 0)
    abort();
}

static struct nlmsghdr *request(uint16_t type, uint16_t flags)
{
  memset(request_bytes, 0, sizeof request_bytes);
  struct nlmsghdr *h = mnl_nlmsg_put_header(request_bytes);
  h->nlmsg_type = type;
  h->nlmsg_flags = flags;
  mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));
  return h;
}

/* A message under construction, and the datagram it is in. */
static _Alignas(8) char datagram[65536];
static size_t datagram_len;

static struct nlmsghdr *message(uint16_t type, uint16_t flags, uint32_t seq)
{
  struct nlmsghdr *h = mnl_nlmsg_put_header(datagram + datagram_len);
  h->nlmsg_type = type;
  h->nlmsg_flags = flags;
  h->nlmsg_seq = seq;
  h->nlmsg_pid = sock.portid;
  return h;
}

static void message_end(const struct nlmsghdr *h)
{
  datagram_len += nl_align(h->nlmsg_len);
}

/* Sends what was built to the reader. */
static void flush_from(uint32_t from)
{
  push_event(0, from, datagram, datagram_len);
  datagram_len = 0;
}

static void flush(void)
{
  flush_from(0);
}

/* An ack with the header of the request, as NETLINK_CAP_ACK has it; more can be put behind it. */
static struct nlmsghdr *ack(uint32_t seq, int err)
{
  struct nlmsghdr *h = message(NLMSG_ERROR, NLM_F_CAPPED, seq);
  struct nlmsgerr *e = mnl_nlmsg_put_extra_header(h, sizeof *e);
  e->error = err;
  e->msg.nlmsg_len = 32;
  e->msg.nlmsg_seq = seq;
  return h;
}

static void push_ack(uint32_t seq, int err)
{
  message_end(ack(seq, err));
  flush();
}

static void put_link(uint32_t seq, uint16_t flags, int index)
{
  struct nlmsghdr *h = message(RTM_NEWLINK, (uint16_t)(NLM_F_MULTI | flags), seq);
  struct ifinfomsg *i = mnl_nlmsg_put_extra_header(h, sizeof *i);
  i->ifi_index = index;
  message_end(h);
}

static void push_done(uint32_t seq, uint16_t flags, int err)
{
  struct nlmsghdr *h = message(NLMSG_DONE, (uint16_t)(NLM_F_MULTI | flags), seq);
  *(int *)mnl_nlmsg_put_extra_header(h, sizeof err) = err;
  message_end(h);
  flush();
}

/* A small receive buffer, so that most datagrams are cut. */
static void small_buffer(size_t size)
{
  free(sock.rbuf);
  sock.rbuf = malloc(size);
  sock.rcap = size;
}

/* ---- requests -------------------------------------------------------------------------------- */

static int ask(void)
{
  memset(&answer, 0x5a, sizeof answer);
  return nl_request(&sock, request(RTM_NEWLINK, 0), &answer);
}

static void test_request(void)
{
  fresh();
  push_ack(1, 0);
  is(ask(), 0, "an ack without error is success");
  const struct nlmsghdr *sent = (void *)request_bytes;
  ok(sent->nlmsg_flags == (NLM_F_REQUEST | NLM_F_ACK) && sent->nlmsg_seq == 1 &&
         sent->nlmsg_pid == sock.portid,
     "the request asks for an ack and is numbered");
  push_ack(2, -EEXIST);
  is(ask(), -EEXIST, "the kernel's error is returned");
  ok(answer.err == -EEXIST && answer.text[0] == '\0' && !answer.offset && !answer.missing,
     "and stands in the answer, with nothing else");

  struct nlmsghdr *bad = request(RTM_NEWLINK, 0);
  bad->nlmsg_len = 12;
  is(nl_request(&sock, bad, &answer), -EINVAL, "a request shorter than its header is not sent");
  is(answer.err, -EINVAL, "an error of ours stands in the answer, too");
  struct nl_sock closed = NL_CLOSED;
  is(nl_request(&closed, request(RTM_NEWLINK, 0), &answer), -EBADF, "a closed socket says so");

  fresh();
  sock.seq = UINT32_MAX;
  push_ack(1, 0);
  is(ask(), 0, "after the last sequence number comes 1, not 0");
}

static void test_request_lost(void)
{
  fresh();
  fake.send_eintr = 3;
  push_event(EINTR, 0, "", 0);
  push_event(EINTR, 0, "", 0);
  push_ack(1, 0);
  is(ask(), 0, "EINTR of sendmsg and recvmsg does not show");

  push_event(ENOBUFS, 0, "", 0);
  push_ack(2, -EPERM);
  is(ask(), -EPERM, "an answer that was kept in spite of ENOBUFS is found");
  push_event(ENOBUFS, 0, "", 0);
  fake.polls = 0;
  is(ask(), -ENOBUFS, "an answer that was lost with ENOBUFS is reported");
  is(fake.polls, 0, "without waiting for it");

  fake.poll_eintr = 2;
  is(ask(), -ETIMEDOUT, "an answer that never comes ends in a timeout");
  ok(fake.polls == 3 && fake.last_timeout == NL_WAIT_MS, "after one wait, begun again after EINTR");
  push_event(EAGAIN, 0, "", 0);
  push_ack(sock.seq + 1, 0);
  fake.poll_ready = 1;
  is(ask(), 0, "an answer that comes late is waited for");
  push_event(EIO, 0, "", 0);
  is(ask(), -EIO, "another error of the socket is returned");
  push_ack(sock.seq, -EBUSY);
  push_ack(sock.seq + 1, 0);
  is(ask(), 0, "an answer that came too late for its request is not taken for the next one's");
}

static void test_request_strangers(void)
{
  fresh();
  push_ack(99, -EBUSY);
  message_end(ack(98, -EBUSY));
  message_end(ack(1, -ENODEV));
  flush();
  is(ask(), -ENODEV, "answers of another sequence number are passed over");

  struct nlmsghdr *h = ack(2, -EBUSY);
  h->nlmsg_pid = sock.portid + 1;
  message_end(h);
  flush();
  push_ack(2, 0);
  is(ask(), 0, "so are those to another port");

  message_end(ack(3, -EBUSY));
  flush_from(4711);
  push_ack(3, 0);
  is(ask(), 0, "and those that a process sent");

  put_link(4, 0, 1);
  flush();
  push_ack(4, 0);
  is(ask(), 0, "a message of the same number before the ack is passed over");
}

static void test_request_malformed(void)
{
  fresh();
  push_event(0, 0, "abc", 3);
  is(ask(), -EBADMSG, "less than a header");
  struct nlmsghdr *h = message(NLMSG_ERROR, 0, 2);
  h->nlmsg_len = 8;
  push_event(0, 0, datagram, 16);
  is(ask(), -EBADMSG, "a length shorter than the header");
  h = ack(3, 0);
  h->nlmsg_len = 4096;
  push_event(0, 0, datagram, 36);
  is(ask(), -EBADMSG, "a length beyond the datagram");
  h = ack(4, 0);
  h->nlmsg_len = UINT32_MAX;
  push_event(0, 0, datagram, 36);
  is(ask(), -EBADMSG, "a length near the largest number");
  h = message(NLMSG_ERROR, 0, 5);
  message_end(h);
  flush();
  is(ask(), -EBADMSG, "an ack without an error number");
  push_ack(6, 17);
  is(ask(), -EBADMSG, "a positive error number");
  push_ack(7, INT32_MIN);
  is(ask(), -EBADMSG, "an error number that is none");
  push_event(0, 0, "", 0);
  push_ack(8, 0);
  is(ask(), 0, "an empty datagram is passed over");
}

/* ---- extended acks --------------------------------------------------------------------------- */

/* An ack with NLM_F_ACK_TLVS; `body` bytes of the request stand between, unless it is 0 (capped).
 */
static struct nlmsghdr *extended(uint32_t seq, size_t body)
{
  struct nlmsghdr *h = ack(seq, -EINVAL);
  h->nlmsg_flags = NLM_F_ACK_TLVS | (body ? 0 : NLM_F_CAPPED);
  if (body) {
    struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
    e->msg.nlmsg_len = (uint32_t)(sizeof e->msg + body);
    memset(mnl_nlmsg_put_extra_header(h, body), 0x41, body);
  }
  return h;
}

static void test_extended(void)
{
  for (size_t body = 0; body <= 22; body += 11) {
    fresh();
    struct nlmsghdr *h = extended(1, body);
    mnl_attr_put_strz(h, NLMSGERR_ATTR_MSG, "No such thing");
    mnl_attr_put_u32(h, NLMSGERR_ATTR_OFFS, 48);
    mnl_attr_put(h, 99, 3, "abc");
    mnl_attr_put_u32(h, NLMSGERR_ATTR_MISS_TYPE, 7);
    mnl_attr_put_u32(h, NLMSGERR_ATTR_MISS_NEST, 32);
    message_end(h);
    flush();
    is(ask(), -EINVAL, "extended ack");
    ok(strcmp(answer.text, "No such thing") == 0, "text, %zu bytes of request: %s", body,
       answer.text);
    ok(answer.offset == 48 && answer.missing == 7 && answer.missing_nest == 32, "numbers");
  }

  fresh();
  struct nlmsghdr *h = extended(1, 0);
  h->nlmsg_flags &= (uint16_t)~NLM_F_ACK_TLVS;
  mnl_attr_put_strz(h, NLMSGERR_ATTR_MSG, "not announced");
  message_end(h);
  flush();
  ok(ask() == -EINVAL && answer.text[0] == '\0', "nothing is read that was not announced");

  h = extended(2, 0);
  mnl_attr_put(h, NLMSGERR_ATTR_MSG, 3, "abc");
  mnl_attr_put(h, NLMSGERR_ATTR_OFFS, 2, "xx");
  message_end(h);
  flush();
  ok(ask() == -EINVAL && strcmp(answer.text, "abc") == 0 && answer.offset == 0,
     "a text without its end, and a number that is too short");

  char longer[200];
  memset(longer, 'y', sizeof longer);
  h = extended(3, 0);
  mnl_attr_put(h, NLMSGERR_ATTR_MSG, sizeof longer, longer);
  message_end(h);
  flush();
  ok(ask() == -EINVAL && strlen(answer.text) == sizeof answer.text - 1, "a long text is cut");
}

static void test_extended_malformed(void)
{
  fresh();
  struct nlmsghdr *h = extended(1, 0);
  mnl_attr_put_u32(h, NLMSGERR_ATTR_OFFS, 5);
  struct nlattr *a = (void *)(datagram + h->nlmsg_len);
  mnl_attr_put_strz(h, NLMSGERR_ATTR_MSG, "beyond");
  a->nla_len = 4000;
  message_end(h);
  flush();
  ok(ask() == -EINVAL && answer.offset == 5 && answer.text[0] == '\0',
     "an attribute that goes beyond the message ends the reading");
  h = extended(2, 0);
  a = (void *)(datagram + h->nlmsg_len);
  mnl_attr_put_strz(h, NLMSGERR_ATTR_MSG, "zero");
  a->nla_len = 0;
  message_end(h);
  flush();
  ok(ask() == -EINVAL && answer.text[0] == '\0', "so does one of length 0");
  h = extended(3, 20);
  ((struct nlmsgerr *)mnl_nlmsg_get_payload(h))->msg.nlmsg_len = UINT32_MAX - 1;
  mnl_attr_put_strz(h, NLMSGERR_ATTR_MSG, "far");
  message_end(h);
  flush();
  ok(ask() == -EINVAL && answer.text[0] == '\0', "and a request that claims to be longer");
  h = extended(4, 20);
  ((struct nlmsgerr *)mnl_nlmsg_get_payload(h))->msg.nlmsg_len = 3;
  message_end(h);
  flush();
  ok(ask() == -EINVAL, "or shorter than it can be");

  fresh();
  small_buffer(64);
  h = extended(1, 0);
  mnl_attr_put_strz(h, NLMSGERR_ATTR_MSG, "a sentence that the buffer of the reader does not hold");
  message_end(h);
  flush();
  ok(ask() == -EINVAL && answer.text[0] == '\0' && sock.rcap > 64,
     "an ack that was cut keeps its number and makes the buffer grow");
}

/* ---- one message as the answer ----------------------------------------------------------------
 */

static size_t big_answers;

/* Answers every request with a message of a KiB, and remembers how often it did. */
static void respond_big(const void *bytes, size_t len)
{
  (void)len;
  const struct nlmsghdr *req = bytes;
  big_answers++;
  struct nlmsghdr *h = message(RTM_NEWLINK, 0, req->nlmsg_seq);
  memset(mnl_nlmsg_put_extra_header(h, 1024), 0, 1024);
  *(uint32_t *)mnl_nlmsg_get_payload(h) = 0xfeed;
  message_end(h);
  flush();
  if (req->nlmsg_flags & NLM_F_ACK)
    push_ack(req->nlmsg_seq, 0);
}

static bool got_big(const struct nlmsghdr *msg)
{
  return msg && msg->nlmsg_len == 1040 && *(uint32_t *)mnl_nlmsg_get_payload(msg) == 0xfeed;
}

static void test_get(void)
{
  const struct nlmsghdr *msg;
  fresh();
  put_link(1, 0, 42);
  flush();
  int r = nl_get(&sock, request(RTM_GETLINK, 0), &msg, &answer);
  ok(r == 0 && msg && ((struct ifinfomsg *)mnl_nlmsg_get_payload(msg))->ifi_index == 42,
     "a get returns its message");
  push_ack(2, -ENODEV);
  r = nl_get(&sock, request(RTM_GETLINK, 0), &msg, &answer);
  ok(r == -ENODEV && !msg && answer.err == -ENODEV, "or its error, and no message");

  fresh();
  small_buffer(64);
  fake.respond = respond_big;
  big_answers = 0;
  r = nl_get(&sock, request(RTM_GETLINK, 0), &msg, &answer);
  ok(r == 0 && got_big(msg), "an answer that was cut is asked for again");
  is((long)big_answers, 2, "once, with room for it");

  fresh();
  small_buffer(64);
  fake.respond = respond_big;
  big_answers = 0;
  r = nl_get(&sock, request(RTM_NEWLINK, NLM_F_ECHO), &msg, &answer);
  ok(r == 0 && got_big(msg), "an echo is never cut");
  is((long)big_answers, 1, "because what it echoes cannot be done twice");
  push_event(ENOBUFS, 0, "", 0);
  fake.respond = NULL;
  r = nl_get(&sock, request(RTM_NEWLINK, NLM_F_ECHO), &msg, &answer);
  ok(r == -ENOBUFS && !msg, "an echo that was lost is an error");
  push_ack(sock.seq + 1, 0);
  r = nl_get(&sock, request(RTM_NEWLINK, NLM_F_ECHO), &msg, &answer);
  ok(r == 0 && !msg, "what was done without an echo gives no message");
}

/* ---- dumps ----------------------------------------------------------------------------------- */

/* Starts a dump and reads it; the sum of the indices, so that an order is a number. */
static int read_dump(long *ret_indices)
{
  const struct nlmsghdr *msg;
  *ret_indices = 0;
  int r = nl_dump(&sock, request(RTM_GETLINK, 0));
  if (r < 0)
    return r;
  while ((r = nl_next(&sock, &msg, &answer)) > 0)
    *ret_indices = *ret_indices * 10 + ((struct ifinfomsg *)mnl_nlmsg_get_payload(msg))->ifi_index;
  return r;
}

static void expect_dump(int r, long indices, const char *what)
{
  long got;
  int err = read_dump(&got);
  ok(err == r && got == indices, "%s (%d, %ld)", what, err, got);
}

static void test_dump(void)
{
  fresh();
  put_link(1, 0, 1);
  put_link(1, 0, 2);
  flush();
  put_link(1, 0, 3);
  flush();
  push_done(1, 0, 0);
  expect_dump(0, 123, "the messages of all datagrams come in order");
  is(((struct nlmsghdr *)(void *)request_bytes)->nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP,
     "a dump is asked for without an ack");
  const struct nlmsghdr *msg;
  is(nl_next(&sock, &msg, &answer), 0, "after the end there is nothing");
  push_done(2, 0, 0);
  expect_dump(0, 0, "an empty dump");

  put_link(77, 0, 9);
  put_link(3, 0, 1);
  message_end(message(NLMSG_NOOP, 0, 3));
  flush();
  put_link(3, 0, 8);
  flush_from(55);
  push_event(EINTR, 0, "", 0);
  put_link(3, 0, 2);
  flush();
  push_done(76, 0, -EIO);
  push_done(3, 0, 0);
  expect_dump(0, 12, "what is not of this dump is passed over, and EINTR");

  push_ack(4, -EOPNOTSUPP);
  expect_dump(-EOPNOTSUPP, 0, "a dump that is refused");
  struct nlmsghdr *h = message(NLMSG_DONE, NLM_F_MULTI | NLM_F_ACK_TLVS, 5);
  *(int *)mnl_nlmsg_put_extra_header(h, sizeof(int)) = -EINVAL;
  mnl_attr_put_strz(h, NLMSGERR_ATTR_MSG, "Invalid values in header");
  put_link(5, 0, 1);
  flush();
  h = message(NLMSG_DONE, NLM_F_MULTI | NLM_F_ACK_TLVS, 5);
  *(int *)mnl_nlmsg_put_extra_header(h, sizeof(int)) = -EINVAL;
  mnl_attr_put_strz(h, NLMSGERR_ATTR_MSG, "Invalid values in header");
  message_end(h);
  flush();
  expect_dump(-EINVAL, 1, "a dump that fails at its end");
  ok(strcmp(answer.text, "Invalid values in header") == 0, "with the kernel's words");
  message_end(message(NLMSG_DONE, NLM_F_MULTI, 6));
  flush();
  expect_dump(0, 0, "an end without a number is an end");
  expect_dump(-ETIMEDOUT, 0, "a dump without an end");
}

static void test_dump_inconsistent(void)
{
  fresh();
  put_link(1, NLM_F_DUMP_INTR, 1);
  flush();
  put_link(1, 0, 2);
  flush();
  push_done(1, 0, 0);
  expect_dump(-EAGAIN, 12, "a dump that was disturbed says so at its end");
  put_link(2, 0, 1);
  flush();
  push_done(2, 0, 0);
  expect_dump(0, 1, "the next one is not spoilt by it");
  put_link(3, 0, 1);
  flush();
  push_done(3, NLM_F_DUMP_INTR, 0);
  expect_dump(-EAGAIN, 1, "disturbed at the very end");
  put_link(4, 0, 1);
  flush();
  push_event(ENOBUFS, 0, "", 0);
  push_done(4, 0, 0);
  expect_dump(-EAGAIN, 1, "something was lost on the way");
  put_link(5, 0, 1);
  message_end(message(NLMSG_OVERRUN, 0, 5));
  flush();
  push_done(5, 0, 0);
  expect_dump(-EAGAIN, 1, "the kernel says that something was lost");
  push_done(6, 0, -EINTR);
  expect_dump(-EAGAIN, 0, "EINTR of the kernel does not show");
  push_done(7, NLM_F_DUMP_INTR, -EIO);
  expect_dump(-EIO, 0, "an error is worth more than a disturbance");
  push_event(ENOBUFS, 0, "", 0);
  fake.polls = 0;
  expect_dump(-EAGAIN, 0, "the end was lost");
  is(fake.polls, 0, "and not waited for");
}

/* Three links in one datagram, for every dump that is asked for. */
static void respond_links(const void *bytes, size_t len)
{
  (void)len;
  uint32_t seq = ((const struct nlmsghdr *)bytes)->nlmsg_seq;
  put_link(seq, 0, 1);
  put_link(seq, 0, 2);
  put_link(seq, 0, 3);
  flush();
  push_done(seq, 0, 0);
}

/* More links than a datagram of the usual size holds in one datagram, and the end with them. */
static void respond_large(const void *bytes, size_t len)
{
  (void)len;
  uint32_t seq = ((const struct nlmsghdr *)bytes)->nlmsg_seq;
  for (int i = 0; i < 1200; i++)
    put_link(seq, 0, i < 3 ? i + 1 : 0);
  push_done(seq, 0, 0);
}

static int count_dump(int *ret_links)
{
  const struct nlmsghdr *msg;
  int r = nl_dump(&sock, request(RTM_GETLINK, 0));
  for (*ret_links = 0; r == 0 && (r = nl_next(&sock, &msg, &answer)) > 0; ++*ret_links)
    r = 0;
  return r;
}

static void test_dump_cut(void)
{
  int links;
  fresh();
  fake.respond = respond_large;
  small_buffer(NL_DATAGRAM);
  is(count_dump(&links), -EAGAIN, "a dump of which a datagram was cut says so");
  ok(links == NL_DATAGRAM / 32, "after what there was of it: %d", links);
  is(fake.polls, 0, "its end was cut off, and not waited for");
  ok(count_dump(&links) == 0 && links == 1200, "begun again it is whole: %d", links);

  for (size_t size = 16; size < 3 * 32; size += 8) {
    fresh();
    fake.respond = respond_links;
    int r = nl_dump(&sock, request(RTM_GETLINK, 0));
    small_buffer(size); /* nl_dump has just made a larger one */
    const struct nlmsghdr *msg;
    long indices = 0;
    while (r == 0 && (r = nl_next(&sock, &msg, &answer)) > 0) {
      indices = indices * 10 + ((struct ifinfomsg *)mnl_nlmsg_get_payload(msg))->ifi_index;
      r = 0;
    }
    ok(r == 0 && indices == 123, "a buffer of %zu bytes grows before anything is cut", size);
  }
}

/* Queues `datagrams` of 200 links each, numbered from 1. */
static void push_many(uint32_t seq, int datagrams)
{
  for (int i = 0; i < datagrams; i++) {
    for (int j = 1; j <= 200; j++)
      put_link(seq, 0, i * 200 + j);
    flush();
  }
}

/* Reads on; how many links came in their order, and *ret_err is how it ended. */
static int count_in_order(int from, int *ret_err)
{
  const struct nlmsghdr *msg;
  int n = from;
  while ((*ret_err = nl_next(&sock, &msg, &answer)) > 0)
    n += ((struct ifinfomsg *)mnl_nlmsg_get_payload(msg))->ifi_index == n + 1;
  return n;
}

static void respond_many(const void *bytes, size_t len)
{
  (void)len;
  push_many(((const struct nlmsghdr *)bytes)->nlmsg_seq, 30);
  push_done(((const struct nlmsghdr *)bytes)->nlmsg_seq, 0, 0);
}

/* Much longer than what the caller reads by itself: a thread reads on. */
static void test_dump_ahead(void)
{
  int err, n;
  fresh();
  push_many(1, 100);
  push_done(1, 0, 0);
  put_link(0, 0, 1);
  flush();
  ok(nl_dump(&sock, request(RTM_GETLINK, 0)) == 0, "a long dump begins");
  n = count_in_order(0, &err);
  ok(n == 20000 && err == 0, "all of it comes, in its order: %d", n);
  nl_ahead_stop(&sock);
  is((long)(fake.tail - fake.head), 1, "what comes behind its end is left where it is");

  fresh();
  push_many(1, 40);
  flush_from(55);
  push_event(ENOBUFS, 0, "", 0);
  push_done(1, 0, 0);
  ok(nl_dump(&sock, request(RTM_GETLINK, 0)) == 0, "another");
  n = count_in_order(0, &err);
  ok(n == 8000 && err == -EAGAIN, "what was lost on the way is said at its end: %d", n);

  fresh();
  push_many(1, 60);
  push_done(1, 0, 0);
  const struct nlmsghdr *msg;
  int r = nl_dump(&sock, request(RTM_GETLINK, 0));
  for (int i = 0; i < 6000 && r >= 0; i++)
    r = nl_next(&sock, &msg, &answer);
  ok(r == 1, "one that is left in its middle");
  fake.respond = respond_many;
  r = nl_dump(&sock, request(RTM_GETLINK, 0));
  n = count_in_order(0, &err);
  ok(r == 0 && n == 6000 && err == 0, "is not mixed with the next: %d", n);

  fresh();
  push_many(1, 40);
  r = nl_dump(&sock, request(RTM_GETLINK, 0));
  for (int i = 0; i < 4000 && r >= 0; i++)
    r = nl_next(&sock, &msg, &answer);
  nl_close(&sock);
  nl_close(&sock);
  ok(r == 1, "a socket may be closed under it");
}

/* A datagram that is larger than what the kernel makes of a dump. */
static void test_dump_ahead_cut(void)
{
  int err, n;
  fresh();
  push_many(1, 22);
  for (int j = 0; j < 2000; j++)
    put_link(1, 0, 4401 + j);
  flush();
  push_done(1, 0, 0);
  ok(nl_dump(&sock, request(RTM_GETLINK, 0)) == 0, "a long dump with a large datagram");
  n = count_in_order(0, &err);
  ok(n == 6400 ? err == 0 : err == -EAGAIN, "has all of it, or says that it has not: %d", n);
}

static void test_dump_abandoned(void)
{
  fresh();
  fake.respond = respond_links;
  const struct nlmsghdr *msg;
  int r = nl_dump(&sock, request(RTM_GETLINK, 0));
  if (r == 0)
    r = nl_next(&sock, &msg, &answer);
  is(r, 1, "the first message of a dump");
  expect_dump(0, 123, "a dump begun before the one before was read");
  is((long)(fake.tail - fake.head), 0, "nothing stays in the queue");

  fresh();
  fake.respond = NULL;
  r = nl_dump(&sock, request(RTM_GETLINK, 0));
  push_done(1, 0, -EIO);
  if (r == 0)
    r = nl_dump(&sock, request(RTM_GETLINK, 0));
  is(r, 0, "the error of an abandoned dump does not matter");
  is(nl_dump(&sock, request(RTM_GETLINK, 0)), -ETIMEDOUT,
     "a dump that never ends cannot be followed by another");
}

/* ---- batches --------------------------------------------------------------------------------- */

static struct {
  uint32_t seen;       /* requests that came */
  uint32_t max_chunk;  /* the most in one sendmsg */
  bool acks_right;     /* only the last of each sendmsg asked for one */
  bool numbers_right;  /* they go up one by one within a sendmsg */
  uint32_t fail_every; /* every how many */
  int overrun_at;      /* which sendmsg loses an answer, -1 none */
} kernel;

/* Works off a batch as a kernel does: an error for every so many, an ack for who asks. */
static void respond_batch(const void *bytes, size_t len)
{
  const char *p = bytes, *stop = p + len;
  uint32_t in_chunk = 0, before = 0;
  if (kernel.overrun_at == fake.sends - 1)
    push_event(ENOBUFS, 0, "", 0);
  while (p < stop) {
    const struct nlmsghdr *req = (const void *)p;
    uint32_t number = *(uint32_t *)mnl_nlmsg_get_payload(req);
    p += nl_align(req->nlmsg_len);
    bool wants_ack = req->nlmsg_flags & NLM_F_ACK;
    if (wants_ack != (p >= stop))
      kernel.acks_right = false;
    if (number != kernel.seen || (in_chunk && req->nlmsg_seq != before + 1) || !req->nlmsg_seq)
      kernel.numbers_right = false;
    before = req->nlmsg_seq;
    bool fails = kernel.fail_every && number % kernel.fail_every == 0;
    if (fails || wants_ack)
      push_ack(req->nlmsg_seq, fails ? -(int)(number % 100) - 1 : 0);
    kernel.seen++;
    in_chunk++;
  }
  if (in_chunk > kernel.max_chunk)
    kernel.max_chunk = in_chunk;
}

struct told {
  uint32_t count, wrong;
};

static void on_answer(void *arg, uint32_t index, const struct nl_answer *a)
{
  struct told *t = arg;
  t->count++;
  if (!kernel.fail_every || index % kernel.fail_every || a->err != -(int)(index % 100) - 1)
    t->wrong++;
}

static void kernel_reset(uint32_t fail_every)
{
  memset(&kernel, 0, sizeof kernel);
  kernel.acks_right = kernel.numbers_right = true;
  kernel.fail_every = fail_every;
  kernel.overrun_at = -1;
  fake.respond = respond_batch;
}

/* Adds requests numbered from `first`; their lengths differ, not all are multiples of four. */
static int add_requests(struct nl_batch *b, uint32_t first, uint32_t count)
{
  for (uint32_t i = first; i < first + count; i++) {
    struct nlmsghdr *h = request(RTM_NEWLINK, i % 2 ? NLM_F_ACK : 0);
    *(uint32_t *)mnl_nlmsg_get_payload(h) = i;
    h->nlmsg_len += i % 5;
    int r = nl_batch_add(b, h);
    if (r < 0)
      return r;
  }
  return 0;
}

static void test_batch(void)
{
  static const uint32_t rates[] = {0, 1, 2, 7, 999};
  for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
    fresh();
    kernel_reset(rates[i]);
    struct nl_batch b = {0};
    struct told told = {0};
    is(add_requests(&b, 0, 1000), 0, "a thousand requests are added");
    is(nl_batch_send(&sock, &b, on_answer, &told), 0, "and sent");
    is(kernel.seen, 1000, "all of them arrived");
    is(told.count, rates[i] ? (999 + (long)rates[i]) / (long)rates[i] : 0, "every failure is told");
    is(told.wrong, 0, "of the request it belongs to");
    ok(kernel.acks_right && kernel.numbers_right, "only the last of a sendmsg asks for an ack");
    ok(fake.sends < 100, "in few sendmsg calls: %d", fake.sends);
    is(add_requests(&b, 1000, 3), 0, "the batch can be filled again");
    is(nl_batch_send(&sock, &b, on_answer, &told), 0, "and sent again");
    is(told.wrong, 0, "and counts on");
    nl_batch_free(&b);
    nl_batch_free(&b);
  }
}

static void test_batch_limits(void)
{
  fresh();
  kernel_reset(1);
  int small = 8192; /* the kernel doubles it */
  setsockopt(sock.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  struct nl_batch b = {0};
  struct told told = {0};
  ok(add_requests(&b, 0, 100) == 0 && nl_batch_send(&sock, &b, on_answer, &told) == 0 &&
         told.count == 100 && told.wrong == 0,
     "a small receive buffer");
  ok(kernel.max_chunk <= 16384 / 1280,
     "as many requests in a sendmsg as their errors have room: %u", kernel.max_chunk);

  sock.seq = UINT32_MAX - 5;
  kernel_reset(3);
  nl_batch_free(&b);
  told = (struct told){0};
  ok(add_requests(&b, 0, 1000) == 0 && nl_batch_send(&sock, &b, on_answer, &told) == 0 &&
         told.count == 334 && told.wrong == 0 && kernel.numbers_right,
     "sequence numbers that begin anew");
  nl_batch_free(&b);
  is(nl_batch_send(&sock, &b, NULL, NULL), 0, "an empty batch");
}

static void test_batch_large_requests(void)
{
  fresh();
  kernel_reset(0);
  struct nl_batch b = {0};
  struct nlmsghdr *big = calloc(1, 200000);
  big->nlmsg_len = 200000;
  ok(nl_batch_add(&b, big) == 0 && nl_batch_send(&sock, &b, NULL, NULL) == 0 && kernel.seen == 1,
     "a request larger than a chunk goes alone");

  big->nlmsg_len = 4000;
  int r = 0;
  fake.longest_send = 0;
  kernel.acks_right = true;
  for (uint32_t i = 1; i <= 500 && r == 0; i++) {
    *(uint32_t *)mnl_nlmsg_get_payload(big) = i;
    r = nl_batch_add(&b, big);
  }
  ok(r == 0 && nl_batch_send(&sock, &b, NULL, NULL) == 0 && kernel.seen == 501 &&
         kernel.acks_right && kernel.numbers_right,
     "five hundred large requests");
  ok(fake.longest_send <= 65536, "no sendmsg is longer than a send buffer: %zu", fake.longest_send);
  big->nlmsg_len = 15;
  is(nl_batch_add(&b, big), -EINVAL, "a request shorter than its header is refused");
  free(big);
  nl_batch_free(&b);
}

static void test_batch_trouble(void)
{
  fresh();
  kernel_reset(10);
  kernel.overrun_at = 0;
  struct nl_batch b = {0};
  struct told told = {0};
  ok(add_requests(&b, 0, 20) == 0 && nl_batch_send(&sock, &b, on_answer, &told) == -ENOBUFS,
     "a batch that lost answers does not claim success");
  is((long)(b.len + b.count), 0, "and is empty");
  fake.respond = NULL;
  fake_reset();
  ok(add_requests(&b, 20, 20) == 0 && nl_batch_send(&sock, &b, on_answer, &told) == -ETIMEDOUT,
     "a batch that nobody answers");
  fresh();
  kernel_reset(2);
  nl_batch_free(&b);
  ok(add_requests(&b, 0, 30) == 0 && nl_batch_send(&sock, &b, NULL, NULL) == 0,
     "nobody has to listen to failures");
  ok(nl_batch_add(&b, request(RTM_NEWLINK, 0)) == 0, "a batch with a request in it");
  size_t len = b.len;
  fake.allocations_left = 0;
  int r = 0;
  while (r == 0)
    r = nl_batch_add(&b, request(RTM_NEWLINK, 0)), len += r == 0 ? 32 : 0;
  ok(r == -ENOMEM && b.len == len && b.count == len / 32, "stays as it is without memory");
  nl_batch_free(&b);
}

/* ---- every allocation failed in turn --------------------------------------------------------- */

/* A bit of everything; the first error ends it. */
static int everything(void)
{
  struct nl_sock s;
  struct nl_batch b = {0};
  struct nl_answer a;
  const struct nlmsghdr *msg;
  int r = nl_open(&s, NL_HERE, NETLINK_ROUTE);
  sock.portid = s.portid;
  fake.respond = respond_big;
  if (r == 0)
    r = nl_get(&s, request(RTM_GETLINK, 0), &msg, &a);
  fake.respond = respond_links;
  if (r == 0)
    r = nl_dump(&s, request(RTM_GETLINK, 0));
  while (r == 0 && (r = nl_next(&s, &msg, &a)) > 0)
    r = 0;
  kernel_reset(0);
  if (r == 0 || r == -EAGAIN)
    r = add_requests(&b, 0, 500);
  if (r == 0)
    r = nl_batch_send(&s, &b, on_answer, NULL);
  nl_batch_free(&b);
  nl_close(&s);
  nl_close(&s);
  return r;
}

static void test_allocations(void)
{
  int before = count_descriptors(), r = -ENOMEM, n;
  for (n = 0; r == -ENOMEM && n < 1000; n++) {
    fake_reset();
    fake.allocations_left = n;
    r = everything();
    if (r != 0 && r != -ENOMEM)
      break;
  }
  is(r, 0, "with enough allocations it succeeds");
  ok(n > 4, "after each of %d allocations has failed", n - 1);
  is(count_descriptors(), before, "and no descriptor is left open");
  fake_reset();
}

int main(void)
{
  sock = NL_CLOSED;
  test_request();
  test_request_lost();
  test_request_strangers();
  test_request_malformed();
  test_extended();
  test_extended_malformed();
  test_get();
  test_dump();
  test_dump_inconsistent();
  test_dump_cut();
  test_dump_ahead();
  test_dump_ahead_cut();
  test_dump_abandoned();
  test_batch();
  test_batch_limits();
  test_batch_large_requests();
  test_batch_trouble();
  test_allocations();
  nl_close(&sock);
  fake_reset();
  return tap_end();
}
