/* icmp: opening the socket, building echo requests, recognising what comes back. When to send is
 * decided in ping.c. */
#include "probe/icmp.h"
#include "netlink/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

enum {
  HEADER = 8, /* of an echo, in both families */
  IP_HEADER_MAX = 60,
  PEEK_LEN = IP_HEADER_MAX + HEADER + sizeof(uint64_t), /* what of an answer is looked at */
};

/* The layout that echo requests and replies of both families have. */
struct echo {
  uint8_t type, code;
  uint16_t checksum, id, seq;
};

/* ---- the address ----------------------------------------------------------------------------- */

/* Splits "fe80::1%eth0"; zone is "" without one. False if a part is too long. */
static bool split_zone(const char *text, char *ret_host, size_t size, char ret_zone[IFNAMSIZ])
{
  const char *percent = strchr(text, '%');
  size_t len = percent ? (size_t)(percent - text) : strlen(text);
  if (len >= size || (percent && (!percent[1] || strlen(percent + 1) >= IFNAMSIZ)))
    return false;
  memcpy(ret_host, text, len);
  ret_host[len] = '\0';
  strcpy(ret_zone, percent ? percent + 1 : "");
  return true;
}

/* Reads a literal; the zone is left as a name, because only a socket of the namespace knows it. */
static int parse_address(const char *text, union icmp_address *ret, char ret_zone[IFNAMSIZ])
{
  char host[INET6_ADDRSTRLEN];
  memset(ret, 0, sizeof *ret);
  if (!split_zone(text, host, sizeof host, ret_zone))
    return -EINVAL;
  if (!ret_zone[0] && inet_pton(AF_INET, host, &ret->in.sin_addr) == 1)
    ret->sa.sa_family = AF_INET;
  else if (inet_pton(AF_INET6, host, &ret->in6.sin6_addr) == 1)
    ret->sa.sa_family = AF_INET6;
  else
    return -EINVAL;
  return ret->sa.sa_family;
}

int probe_address_family(const char *address)
{
  union icmp_address to;
  char zone[IFNAMSIZ];
  return parse_address(address, &to, zone);
}

static socklen_t address_len(const union icmp_address *a)
{
  return a->sa.sa_family == AF_INET ? sizeof a->in : sizeof a->in6;
}

/* Whoever is asked through these addresses answers with one of its own. */
static bool is_answered_by_others(const union icmp_address *a)
{
  if (a->sa.sa_family == AF_INET)
    return a->in.sin_addr.s_addr == INADDR_ANY || IN_MULTICAST(ntohl(a->in.sin_addr.s_addr));
  return IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr) || IN6_IS_ADDR_MULTICAST(&a->in6.sin6_addr);
}

static bool same_host(const union icmp_address *a, const union icmp_address *b)
{
  if (a->sa.sa_family != b->sa.sa_family)
    return false;
  if (a->sa.sa_family == AF_INET)
    return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
  return IN6_ARE_ADDR_EQUAL(&a->in6.sin6_addr, &b->in6.sin6_addr);
}

/* ---- the socket ------------------------------------------------------------------------------ */

/* Runs in the namespace. Without privilege the kernel may still allow the datagram socket; when it
 * allows neither, the refusal of the first is what the user can do something about. */
static int open_here(void *arg)
{
  struct icmp_sock *s = arg;
  int family = s->to.sa.sa_family, flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
  int protocol = family == AF_INET ? (int)IPPROTO_ICMP : (int)IPPROTO_ICMPV6;
  s->fd = socket(family, SOCK_RAW | flags, protocol);
  s->raw = s->fd >= 0;
  int err = errno;
  if (!s->raw && (err == EPERM || err == EACCES))
    s->fd = socket(family, SOCK_DGRAM | flags, protocol);
  return s->fd < 0 ? -err : 0;
}

/* Lets nothing but answers in; errors come through the error queue. */
static int set_filter(const struct icmp_sock *s)
{
  if (!s->raw)
    return 0;
  if (s->to.sa.sa_family == AF_INET) {
    struct icmp_filter only = {.data = ~(1U << ICMP_ECHOREPLY)};
    return setsockopt(s->fd, SOL_RAW, ICMP_FILTER, &only, sizeof only);
  }
  struct icmp6_filter only;
  ICMP6_FILTER_SETBLOCKALL(&only);
  ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &only);
  return setsockopt(s->fd, IPPROTO_ICMPV6, ICMP6_FILTER, &only, sizeof only);
}

static int set_options(const struct icmp_sock *s, const char *dev)
{
  int on = 1;
  if (dev && setsockopt(s->fd, SOL_SOCKET, SO_BINDTODEVICE, dev, (socklen_t)strlen(dev) + 1) < 0)
    return -errno;
  int r = s->to.sa.sa_family == AF_INET
              ? setsockopt(s->fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on)
              : setsockopt(s->fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
  if (r == 0)
    r = set_filter(s);
  return r < 0 ? -errno : 0;
}

/* The index of a link that the socket's namespace knows by this name, or by this number. */
static int find_zone(struct icmp_sock *s, const char *zone)
{
  struct ifreq req = {0};
  char *end;
  unsigned long index = strtoul(zone, &end, 10);
  if (*zone >= '0' && *zone <= '9' && !*end && index > 0 && index <= INT32_MAX) {
    s->to.in6.sin6_scope_id = (uint32_t)index;
    return 0;
  }
  memcpy(req.ifr_name, zone, strnlen(zone, sizeof req.ifr_name - 1));
  if (ioctl(s->fd, SIOCGIFINDEX, &req) < 0)
    return -errno;
  s->to.in6.sin6_scope_id = (uint32_t)req.ifr_ifindex;
  return 0;
}

/* ---- the packet ------------------------------------------------------------------------------ */

static int make_packet(struct icmp_sock *s, size_t payload)
{
  struct {
    uint64_t cookie;
    uint16_t id;
  } chance;
  if (getrandom(&chance, sizeof chance, 0) < 0)
    return -errno;
  s->cookie = chance.cookie;
  if (s->raw)
    s->id = chance.id;
  s->len = HEADER + payload;
  s->packet = malloc(s->len);
  if (!s->packet)
    return -ENOMEM;
  for (size_t i = 0; i < s->len; i++)
    s->packet[i] = (char)i;
  memcpy(s->packet + HEADER, &s->cookie, payload < sizeof s->cookie ? payload : sizeof s->cookie);
  return 0;
}

int icmp_open(struct icmp_sock *s, int netns, const struct probe_ping_options *o)
{
  char zone[IFNAMSIZ];
  *s = ICMP_CLOSED;
  int r = parse_address(o->address, &s->to, zone);
  if (r < 0)
    return r;
  s->any_source = is_answered_by_others(&s->to);
  r = nl_netns_do(netns, open_here, s);
  if (r == 0)
    r = set_options(s, o->dev);
  if (r == 0 && zone[0])
    r = find_zone(s, zone);
  if (r == 0)
    r = make_packet(s, o->size_bytes);
  if (r < 0)
    icmp_close(s);
  return r;
}

void icmp_close(struct icmp_sock *s)
{
  if (s->fd >= 0)
    close(s->fd);
  free(s->packet);
  *s = ICMP_CLOSED;
}

/* The checksum of RFC 1071; the kernel computes it for IPv6 and in datagram sockets. */
static uint16_t checksum(const char *p, size_t len)
{
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < len; i += 2) {
    uint16_t word;
    memcpy(&word, p + i, sizeof word);
    sum += word;
  }
  if (len % 2) {
    uint16_t word = 0;
    memcpy(&word, p + len - 1, 1);
    sum += word;
  }
  while (sum >> 16)
    sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~sum;
}

/* The id that the kernel gave the datagram socket with its first packet. */
static int learn_id(struct icmp_sock *s)
{
  union icmp_address own = {0};
  socklen_t len = sizeof own;
  if (getsockname(s->fd, &own.sa, &len) < 0)
    return -errno;
  s->id = own.sa.sa_family == AF_INET ? own.in.sin_port : own.in6.sin6_port;
  return 0;
}

int icmp_send(struct icmp_sock *s, uint16_t seq)
{
  bool v4 = s->to.sa.sa_family == AF_INET;
  struct echo h = {.type = v4 ? (uint8_t)ICMP_ECHO : (uint8_t)ICMP6_ECHO_REQUEST,
                   .id = s->id,
                   .seq = htons(seq)};
  memcpy(s->packet, &h, sizeof h);
  if (v4) {
    h.checksum = checksum(s->packet, s->len);
    memcpy(s->packet, &h, sizeof h);
  }
  if (sendto(s->fd, s->packet, s->len, 0, &s->to.sa, address_len(&s->to)) < 0)
    return -errno;
  return s->id ? 0 : learn_id(s);
}

/* ---- what comes back ------------------------------------------------------------------------- */

/* Reads the echo that stands `skip` bytes from the start; false if it is none of ours. */
static bool read_echo(const struct icmp_sock *s, const char *p, size_t len, size_t skip,
                      uint8_t type, struct echo *ret)
{
  if (len < skip + HEADER)
    return false;
  memcpy(ret, p + skip, sizeof *ret);
  return ret->type == type && ret->code == 0 && ret->id == s->id;
}

static size_t ip_header_len(const struct icmp_sock *s, const char *p, size_t len)
{
  if (!s->raw || s->to.sa.sa_family != AF_INET || len == 0)
    return 0;
  return (size_t)(p[0] & 0x0f) * 4;
}

/* Whether an answer of `len` bytes, of which the first are at p, is to one of our packets. */
static bool is_ours(const struct icmp_sock *s, const char *p, size_t len,
                    const union icmp_address *from, struct echo *ret)
{
  uint8_t type =
      s->to.sa.sa_family == AF_INET ? (uint8_t)ICMP_ECHOREPLY : (uint8_t)ICMP6_ECHO_REPLY;
  size_t head = ip_header_len(s, p, len), payload = s->len - HEADER;
  if (!read_echo(s, p, len, head, type, ret) || len - head != s->len)
    return false;
  if (payload > sizeof s->cookie)
    payload = sizeof s->cookie;
  return memcmp(p + head + HEADER, &s->cookie, payload) == 0 &&
         (s->any_source || same_host(from, &s->to));
}

int icmp_receive(struct icmp_sock *s, uint16_t *ret_seq)
{
  char bytes[PEEK_LEN];
  for (;;) {
    union icmp_address from = {0};
    socklen_t from_len = sizeof from;
    ssize_t n = recvfrom(s->fd, bytes, sizeof bytes, MSG_TRUNC, &from.sa, &from_len);
    struct echo h;
    if (n < 0 && errno == EAGAIN)
      return 0;
    if (n < 0 && errno != EINTR)
      return -errno;
    if (n < 0 || !is_ours(s, bytes, (size_t)n, &from, &h))
      continue;
    *ret_seq = ntohs(h.seq);
    return 1;
  }
}

/* The errno of an ICMP error, from the control messages; 0 if it is none. */
static int find_error(struct msghdr *m)
{
  for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
    bool v4 = c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR;
    bool v6 = c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR;
    struct sock_extended_err e;
    if ((!v4 && !v6) || c->cmsg_len < CMSG_LEN(sizeof e))
      continue;
    memcpy(&e, CMSG_DATA(c), sizeof e);
    if (e.ee_origin == SO_EE_ORIGIN_ICMP || e.ee_origin == SO_EE_ORIGIN_ICMP6)
      return (int)e.ee_errno;
  }
  return 0;
}

int icmp_receive_error(struct icmp_sock *s, uint16_t *ret_seq, int *ret_err)
{
  uint8_t type = s->to.sa.sa_family == AF_INET ? (uint8_t)ICMP_ECHO : (uint8_t)ICMP6_ECHO_REQUEST;
  char bytes[PEEK_LEN];
  _Alignas(struct cmsghdr) char control[512];
  for (;;) {
    struct iovec iov = {bytes, sizeof bytes};
    struct msghdr m = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t n = recvmsg(s->fd, &m, MSG_ERRQUEUE);
    if (n < 0)
      return errno == EAGAIN ? 0 : -errno;
    int err = find_error(&m);
    if (err == 0)
      continue; /* what sendto has refused is told here once more */
    /* The bytes are those of the packet that the error is about, from its ICMP header on. */
    struct echo h;
    bool ours = read_echo(s, bytes, (size_t)n, 0, type, &h);
    *ret_seq = ours ? ntohs(h.seq) : 0;
    *ret_err = ours ? err : 0;
    return 1;
  }
}
