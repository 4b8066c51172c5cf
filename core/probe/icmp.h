/* icmp: a socket that sends echo requests to one address and knows its own answers. Shared by the
 * files of this room only. */
#pragma once
#include "probe/probe.h"
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

union icmp_address {
  struct sockaddr sa;
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
};

struct icmp_sock {
  int fd;          /* -1: closed; never blocks */
  bool raw;        /* else the datagram socket, in which the kernel chooses the id */
  bool any_source; /* the answer may come from another address than we sent to */
  uint16_t id;     /* network byte order; 0 until the datagram socket has sent */
  uint64_t cookie; /* what the payload begins with, as far as it goes */
  union icmp_address to;
  char *packet; /* header and payload */
  size_t len;
};
#define ICMP_CLOSED ((struct icmp_sock){.fd = -1})

/* Opens the socket in the namespace and prepares the packet. 0 or -errno. */
__attribute__((warn_unused_result)) int icmp_open(struct icmp_sock *s, int netns,
                                                  const struct probe_ping_options *o);
/* Safe twice, and on a half-opened socket. */
void icmp_close(struct icmp_sock *s);

/* Sends the packet with this sequence number: 0, -EAGAIN when the send buffer is full, or
 * -errno. */
__attribute__((warn_unused_result)) int icmp_send(struct icmp_sock *s, uint16_t seq);

/* The next answer to one of our packets: 1 and its number; 0 when nothing more is there; -errno. */
__attribute__((warn_unused_result)) int icmp_receive(struct icmp_sock *s, uint16_t *ret_seq);

/* The next ICMP error that the kernel keeps for the socket: 1, and if it is about one of our
 * packets its number and the error as an errno, else *ret_err is 0; 0 when nothing more is there;
 * -errno. While one is kept, the next call of the others fails with its errno and sends or receives
 * nothing. */
__attribute__((warn_unused_result)) int icmp_receive_error(struct icmp_sock *s, uint16_t *ret_seq,
                                                           int *ret_err);
