/* red_blue_floor: the kernel work of the red-blue lab in straight-line C: two namespaces with names, a
 * veth pair, two addresses, four links up, the barrier, one ping. What a script takes longer than
 * this is nslab's.
 *
 *   red_blue_floor [-m] [-s] [-n CYCLES]
 *     -m  makes the pair on the host and moves its ends; else they are born in place
 *     -s  in a sandbox as nslab makes it
 *     -n  so many times, each deleted before the next */
#include "sandbox_floor.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdbool.h>

static struct {
  bool moved;
  int cycles;
} options = {.cycles = 1};

/* ---- messages, many in one datagram ---------------------------------------------------------- */

struct batch {
  int fd;
  unsigned seq;
  size_t len;
  struct nlmsghdr *last;
  _Alignas(8) char buf[4096];
};

static void batch_open(struct batch *b)
{
  struct sockaddr_nl a = {.nl_family = AF_NETLINK};
  b->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  b->len = b->seq = 0;
  must(b->fd >= 0 && bind(b->fd, (struct sockaddr *)&a, sizeof a) == 0, "netlink socket");
}

/* A message with its fixed header of `size` bytes, zeroed; *ret_header is that header. */
static struct nlmsghdr *begin(struct batch *b, uint16_t type, uint16_t flags, size_t size,
                              void *ret_header)
{
  memset(b->buf + b->len, 0, sizeof b->buf - b->len);
  struct nlmsghdr *h = mnl_nlmsg_put_header(b->buf + b->len);
  h->nlmsg_type = type;
  h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
  h->nlmsg_seq = ++b->seq;
  *(void **)ret_header = mnl_nlmsg_put_extra_header(h, size);
  return h;
}

static void end(struct batch *b, struct nlmsghdr *h)
{
  b->last = h;
  b->len += (size_t)MNL_ALIGN((int)h->nlmsg_len);
}

/* Sends; the last answer tells about all, as the kernel stops nowhere and says nothing of success. */
static void flush(struct batch *b)
{
  _Alignas(8) char answer[8192];
  b->last->nlmsg_flags |= NLM_F_ACK;
  must(send(b->fd, b->buf, b->len, 0) == (ssize_t)b->len, "send");
  b->len = 0;
  for (bool done = false; !done;) {
    ssize_t n = recv(b->fd, answer, sizeof answer, 0);
    must(n > 0, "recv");
    int left = (int)n;
    for (struct nlmsghdr *h = (void *)answer; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
      if (h->nlmsg_type != NLMSG_ERROR)
        continue;
      const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
      errno = -e->error;
      must(e->error == 0, "the kernel");
      done = h->nlmsg_seq == b->seq;
    }
  }
}

static void put_up(struct batch *b, int index)
{
  struct ifinfomsg *m;
  struct nlmsghdr *h = begin(b, RTM_NEWLINK, 0, sizeof *m, &m);
  m->ifi_index = index;
  m->ifi_flags = m->ifi_change = IFF_UP;
  end(b, h);
}

static void put_move(struct batch *b, int index, int netns)
{
  struct ifinfomsg *m;
  struct nlmsghdr *h = begin(b, RTM_NEWLINK, 0, sizeof *m, &m);
  m->ifi_index = index;
  mnl_attr_put_u32(h, IFLA_NET_NS_FD, (uint32_t)netns);
  end(b, h);
}

static void put_address(struct batch *b, int index, const char *text)
{
  struct ifaddrmsg *m;
  struct in_addr address;
  struct nlmsghdr *h = begin(b, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof *m, &m);
  inet_pton(AF_INET, text, &address);
  m->ifa_family = AF_INET;
  m->ifa_prefixlen = 24;
  m->ifa_index = (unsigned)index;
  mnl_attr_put_u32(h, IFA_LOCAL, address.s_addr);
  mnl_attr_put_u32(h, IFA_ADDRESS, address.s_addr);
  end(b, h);
}

/* The pair; with netns >= 0 its second end is born there, and the first comes up at once. */
static void put_pair(struct batch *b, int index, int peer_index, int netns)
{
  struct ifinfomsg *m;
  struct nlmsghdr *h = begin(b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *m, &m);
  m->ifi_index = index;
  if (netns >= 0)
    m->ifi_flags = m->ifi_change = IFF_UP;
  mnl_attr_put_strz(h, IFLA_IFNAME, "veth-red");
  struct nlattr *info = mnl_attr_nest_start(h, IFLA_LINKINFO);
  mnl_attr_put_strz(h, IFLA_INFO_KIND, "veth");
  struct nlattr *data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
  struct nlattr *peer = mnl_attr_nest_start(h, VETH_INFO_PEER);
  struct ifinfomsg *p = mnl_nlmsg_put_extra_header(h, sizeof *p);
  p->ifi_index = peer_index;
  mnl_attr_put_strz(h, IFLA_IFNAME, "veth-blue");
  if (netns >= 0)
    mnl_attr_put_u32(h, IFLA_NET_NS_FD, (uint32_t)netns);
  mnl_attr_nest_end(h, peer);
  mnl_attr_nest_end(h, data);
  mnl_attr_nest_end(h, info);
  end(b, h);
}

/* The barrier: the kernel activates the link it is asked about. */
static void settle(struct batch *b, int index)
{
  struct ifinfomsg *m;
  struct nlmsghdr *h = begin(b, RTM_GETLINK, 0, sizeof *m, &m);
  m->ifi_index = index;
  mnl_attr_put_u32(h, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  end(b, h);
  flush(b);
}

/* ---- namespaces ------------------------------------------------------------------------------ */

static int open_here(void)
{
  int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  must(fd >= 0, "namespace");
  return fd;
}

/* Makes a namespace with a name, and a socket in it; the thread stays there. */
static int make_namespace(const char *path, struct batch *b)
{
  int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
  must(fd >= 0, path);
  close(fd);
  must(unshare(CLONE_NEWNET) == 0, "unshare");
  bind_to("/proc/thread-self/ns/net", path, NULL, MS_BIND, NULL);
  batch_open(b);
  return open_here();
}

static void delete_namespace(const char *path, int fd, struct batch *b)
{
  close(fd);
  close(b->fd);
  must(umount2(path, MNT_DETACH) == 0 && unlink(path) == 0, path);
}

/* ---- ping ------------------------------------------------------------------------------------ */

static uint16_t checksum(const void *p, size_t len)
{
  const uint16_t *w = p;
  uint32_t sum = 0;
  for (size_t i = 0; i < len / 2; i++)
    sum += w[i];
  sum = (sum >> 16) + (sum & 0xffff);
  return (uint16_t)~(sum + (sum >> 16));
}

static void ping(const char *to)
{
  struct sockaddr_in a = {.sin_family = AF_INET};
  struct {
    struct icmphdr icmp;
    char data[56];
  } echo = {.icmp = {.type = ICMP_ECHO}};
  char answer[512];
  inet_pton(AF_INET, to, &a.sin_addr);
  int s = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
  echo.icmp.un.echo.id = htons((uint16_t)getpid());
  echo.icmp.checksum = checksum(&echo, sizeof echo);
  must(sendto(s, &echo, sizeof echo, 0, (struct sockaddr *)&a, sizeof a) > 0, "ping");
  for (bool done = false; !done;) {
    must(poll(&(struct pollfd){.fd = s, .events = POLLIN}, 1, 3000) == 1, "an answer");
    ssize_t n = recv(s, answer, sizeof answer, 0);
    const struct iphdr *ip = (void *)answer;
    done = n > 0 && ((struct icmphdr *)(answer + ip->ihl * 4))->type == ICMP_ECHOREPLY;
  }
  close(s);
}

/* ---- the lab --------------------------------------------------------------------------------- */

enum { LO = 1, RED = 2, BLUE = 3 };

static void lab(int home)
{
  struct batch host, red, blue;
  if (options.moved)
    batch_open(&host);
  int red_fd = make_namespace("/run/netns/red", &red);
  int blue_fd = make_namespace("/run/netns/blue", &blue);
  if (options.moved) {
    put_pair(&host, RED, BLUE, -1);
    put_move(&host, RED, red_fd);
    put_move(&host, BLUE, blue_fd);
    flush(&host);
    close(host.fd);
    put_up(&red, RED);
  } else {
    put_pair(&red, RED, BLUE, blue_fd);
  }
  put_up(&red, LO);
  put_address(&red, RED, "192.168.15.1");
  flush(&red);
  put_up(&blue, LO);
  put_address(&blue, BLUE, "192.168.15.2");
  put_up(&blue, BLUE);
  flush(&blue);
  settle(&red, RED);
  must(setns(red_fd, CLONE_NEWNET) == 0, "setns");
  ping("192.168.15.2");
  must(setns(home, CLONE_NEWNET) == 0, "setns");
  if (options.cycles > 1) {
    delete_namespace("/run/netns/red", red_fd, &red);
    delete_namespace("/run/netns/blue", blue_fd, &blue);
  }
}

static int body(void)
{
  int home = open_here();
  for (int i = 0; i < options.cycles; i++)
    lab(home);
  return 0;
}

int main(int argc, char **argv)
{
  bool sandbox = false;
  for (int o; (o = getopt(argc, argv, "msn:")) != -1;) {
    options.moved |= o == 'm';
    sandbox |= o == 's';
    options.cycles = o == 'n' ? atoi(optarg) : options.cycles;
  }
  return sandbox ? in_sandbox(body) : body();
}
