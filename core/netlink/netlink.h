/* netlink: sockets in a namespace, requests, dumps, batches. Returns 0 or -errno. Knows no lua.h
 * and no object: it moves messages and matches answers. */
#pragma once
#include <linux/netlink.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- namespaces ------------------------------------------------------------------------------ */

#define NL_NETNS_DIR "/run/netns"
/* Stands for the namespace that this thread is in. */
enum { NL_HERE = -1 };

/* A descriptor of /run/netns/NAME (O_CLOEXEC), or -errno: -EINVAL when that is no namespace. */
__attribute__((warn_unused_result)) int nl_netns_open(const char *name);
/* Whether the descriptor is that of a network namespace. */
bool nl_netns_is(int fd);
/* The one place where the thread changes its namespace: enter, do, leave. Returns what fn returned,
 * or -errno when the namespace could not be entered (fn was not called). If leaving fails, the
 * process aborts: a lab never goes on in the wrong namespace. NL_HERE only calls fn. Nests. */
__attribute__((warn_unused_result)) int nl_netns_do(int netns, int (*fn)(void *), void *arg);
/* The same in a namespace made for it, which goes away afterwards unless fn has bound
 * /proc/thread-self/ns/net to a file or opened it. Never call unshare(CLONE_NEWNET) elsewhere in a
 * process that goes on: nl_netns_do would not know where it is. */
__attribute__((warn_unused_result)) int nl_netns_do_new(int (*fn)(void *), void *arg);
/* 0 if name may name a namespace; else -EINVAL or -ENAMETOOLONG: empty, ".", "..", a slash, over
 * 255 bytes, a control character. */
int nl_netns_check_name(const char *name);

/* ---- sockets --------------------------------------------------------------------------------- */

struct nl_ahead;
struct nl_sock {
  int fd; /* -1: closed */
  uint32_t seq, portid;
  char *rbuf; /* receive buffer, allocated when first needed */
  size_t rcap;
  size_t roff, rlen;      /* what of the last datagram is not read yet */
  uint32_t dump_seq;      /* of the dump under way, 0 without */
  bool inconsistent;      /* the dump under way is not one state, or not complete */
  bool cut;               /* the last datagram was larger than the buffer */
  bool lost;              /* the receive queue overran since the last request */
  size_t dumped;          /* bytes of the dump under way, in datagrams that are used up */
  struct nl_ahead *ahead; /* reads on in a long one; or NULL */
};
#define NL_CLOSED ((struct nl_sock){.fd = -1})

/* Opens and binds a socket of the protocol (NETLINK_ROUTE ...) in the namespace, with extended and
 * capped acks and strict checking on. The socket keeps the namespace alive until nl_close. */
__attribute__((warn_unused_result)) int nl_open(struct nl_sock *s, int netns, int protocol);
/* Safe twice, and on a half-opened socket. */
void nl_close(struct nl_sock *s);

/* ---- requests -------------------------------------------------------------------------------- */

/* What the kernel said to one request. */
struct nl_answer {
  int err;               /* 0 or -errno */
  uint32_t offset;       /* of the attribute it complains about, from the header's start; 0: none */
  uint32_t missing;      /* type of a required attribute that is not there; 0: none */
  uint32_t missing_nest; /* offset of the nest it is missing in; 0: the message itself */
  char text[192];        /* its sentence, "" without one */
};

/* Sends the request with NLM_F_ACK and waits for its answer. Returns ret->err, or -errno of the
 * socket itself (then ret->err holds the same). Sequence number and port are filled in. */
__attribute__((warn_unused_result)) int nl_request(struct nl_sock *s, struct nlmsghdr *req,
                                                   struct nl_answer *ret);
/* The same for a request that is answered with one message (a GET without NLM_F_DUMP, or
 * NLM_F_ECHO): *ret_msg points into the socket's buffer, valid until the socket is used again. It
 * is NULL after an error, and after an NLM_F_ECHO that the kernel did but did not echo. */
__attribute__((warn_unused_result)) int nl_get(struct nl_sock *s, struct nlmsghdr *req,
                                               const struct nlmsghdr **ret_msg,
                                               struct nl_answer *ret);

/* Starts a dump. One at a time on a socket: what is unread of the one before is read and
 * dropped. */
__attribute__((warn_unused_result)) int nl_dump(struct nl_sock *s, struct nlmsghdr *req);
/* The next message of the dump: 1 and *ret_msg (valid until the next call), 0 at the end, -errno
 * when the kernel refused it. -EAGAIN at the end means that what was read is not one consistent
 * state (NLM_F_DUMP_INTR, an overrun, a datagram that was cut): start again with nl_dump; a buffer
 * that was too small has grown by then. EINTR never shows. */
__attribute__((warn_unused_result)) int nl_next(struct nl_sock *s, const struct nlmsghdr **ret_msg,
                                                struct nl_answer *ret);

/* The number of a family of generic netlink, on a socket of NETLINK_GENERIC. -ENOENT: the kernel
 * has none of that name. */
__attribute__((warn_unused_result)) int nl_genl_family(struct nl_sock *s, const char *name,
                                                       uint16_t *ret);

/* ---- batches --------------------------------------------------------------------------------- */

/* Many requests in few sendmsg calls, on one socket. Begins as {0}. For requests that are answered
 * with an ack, no dumps; one may take effect although one before it failed. */
struct nl_batch {
  char *buf;
  size_t len, cap;
  uint32_t count; /* of the requests not sent yet */
  uint32_t sent;  /* requests sent before those */
};
/* Called for each request that failed, in their order; index counts from 0 over the life of the
 * batch. */
typedef void nl_answer_fn(void *arg, uint32_t index, const struct nl_answer *answer);

/* Gives the socket room for the complaints about more requests, so that more go into one
 * sendmsg. */
void nl_batch_widen(struct nl_sock *s);
/* Copies the request into the batch. -ENOMEM leaves the batch as it was. */
__attribute__((warn_unused_result)) int nl_batch_add(struct nl_batch *b,
                                                     const struct nlmsghdr *req);
/* Sends what is there in chunks that the buffers can hold and reads the answers. Returns 0 even if
 * requests failed (on_answer told; NULL: nobody wants to know), -errno when the socket failed: then
 * it is not known which of the rest were done. The batch is empty after. */
__attribute__((warn_unused_result)) int nl_batch_send(struct nl_sock *s, struct nl_batch *b,
                                                      nl_answer_fn *on_answer, void *arg);
/* Safe twice. */
void nl_batch_free(struct nl_batch *b);

/* A batch that a thread sends, on a socket of its own. Begins as {0}. */
struct nl_flight {
  struct nl_sock sock;
  bool open, running;
  pthread_t thread;
  struct nl_batch *batch;
  nl_answer_fn *on_answer;
  void *arg;
  int err;
};
/* 0: the batch is being sent, and nobody touches it until nl_flight_wait. on_answer is called from
 * another thread. -errno: it was not sent, and is as it was. */
__attribute__((warn_unused_result)) int nl_flight_start(struct nl_flight *f, int netns,
                                                        struct nl_batch *b, nl_answer_fn *on_answer,
                                                        void *arg);
/* Waits until it is sent, and returns what nl_batch_send did; 0 without one. */
__attribute__((warn_unused_result)) int nl_flight_wait(struct nl_flight *f);
/* Waits, and closes the socket. Safe twice. */
void nl_flight_close(struct nl_flight *f);
