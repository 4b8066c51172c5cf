/* socket: what the files of this room share. Sending a buffer, and taking the kernel's messages out
 * of what comes back one by one. Not for other rooms: they include netlink.h. */
#pragma once
#include "netlink/netlink.h"

/* The first size of the receive buffer; it grows when a datagram did not fit. The hostile build
 * begins with buffers that hardly anything fits in, so that growing is the rule. */
enum {
#ifdef NSLAB_HOSTILE
  NL_RBUF = 256,
  NL_RBUF_DUMP = 256,
#else
  NL_RBUF = 8192,
  NL_RBUF_DUMP = 32768,
#endif
  /* The kernel fits the datagrams of a dump to the reader's buffer between 4 KiB and this, and goes
   * beyond it only for a message that is larger by itself. */
  NL_DATAGRAM = 32768,
  /* Every family that we speak answers before sendmsg returns. Whoever has to wait waits for an
   * answer that was lost, so this only keeps a script from hanging. */
  NL_WAIT_MS = 5000,
};

/* Where the next message begins after one of this length. */
static inline size_t nl_align(size_t len)
{
  return (len + NLMSG_ALIGNTO - 1) & ~((size_t)NLMSG_ALIGNTO - 1);
}

/* The next sequence number; never 0, which is the kernel's own for notifications. */
uint32_t nl_next_seq(struct nl_sock *s);

/* Makes the receive buffer at least this large. 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int nl_reserve(struct nl_sock *s, size_t size);

/* Hands the bytes to the kernel in one datagram and forgets what is unread. 0 or -errno. */
__attribute__((warn_unused_result)) int nl_send(struct nl_sock *s, const void *bytes, size_t len);

/* The next message from the kernel to this socket, of whatever sequence number; it is valid until
 * the next call. *ret_len is how much of it is there: less than nlmsg_len if its datagram was cut.
 * With `whole` the datagram is measured first, so that none is cut. Sets s->inconsistent when
 * something was cut, s->lost when something was lost. 0 or -errno: -ENOBUFS when the answer was
 * lost, -ETIMEDOUT, -EBADMSG. */
__attribute__((warn_unused_result)) int nl_await(struct nl_sock *s, bool whole,
                                                 const struct nlmsghdr **ret_msg, size_t *ret_len);

/* Starts a thread that takes no signals and has little stack. false: there is none to be had, or no
 * processor for it. */
__attribute__((warn_unused_result)) bool nl_thread_start(pthread_t *ret, void *(*run)(void *),
                                                         void *arg);

/* In a dump: lets a thread read on, if this one is long. Call it when a datagram was received. */
void nl_ahead_start(struct nl_sock *s);
/* Waits for that thread, and makes what it has read the socket's unread bytes; false if there are
 * none. */
bool nl_ahead_take(struct nl_sock *s);
/* Waits for that thread; what it has read is forgotten. */
void nl_ahead_stop(struct nl_sock *s);
void nl_ahead_free(struct nl_sock *s);

/* Reads an NLMSG_ERROR, or an NLMSG_DONE, of which `len` bytes are there. Returns ret->err. */
int nl_read_answer(const struct nlmsghdr *msg, size_t len, struct nl_answer *ret);

/* Fills in the answer of a request that the socket failed, and returns err. */
int nl_fail(struct nl_answer *ret, int err);
