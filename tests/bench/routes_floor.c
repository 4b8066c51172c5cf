/* routes_floor: what the kernel and libmnl take for COUNT routes. Straight-line C that checks nothing
 * but success.
 *
 * `add` brings lo up, then sends the routes in few messages, each put together by libmnl, and reads
 * the answers. `dump` reads them all back; of each message it collects every attribute in a table, as
 * libmnl's examples do, and writes the destination as text, which is what the script beside it asks
 * for. The text is made by hand: inet_ntop goes through printf, and takes longer than all the rest of
 * this program. */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 65536, ROOM = 64 };

static char out[CHUNK + ROOM], in[CHUNK];
static struct mnl_socket *sock;
static unsigned sequence;

static void must(int ok, const char *what)
{
  if (ok)
    return;
  perror(what);
  exit(1);
}

static struct nlmsghdr *request(char *at, uint16_t type, uint16_t flags)
{
  memset(at, 0, ROOM);
  struct nlmsghdr *h = mnl_nlmsg_put_header(at);
  h->nlmsg_type = type;
  h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
  h->nlmsg_seq = ++sequence;
  return h;
}

/* Sends what is there and waits for the answer to the last of it. */
static void talk(size_t len)
{
  must(mnl_socket_sendto(sock, out, len) >= 0, "send");
  for (;;) {
    ssize_t n = mnl_socket_recvfrom(sock, in, sizeof in);
    const struct nlmsghdr *h = (void *)in;
    must(n > 0 && h->nlmsg_type == NLMSG_ERROR, "receive");
    must(((const struct nlmsgerr *)mnl_nlmsg_get_payload(h))->error == 0, "refused");
    if (h->nlmsg_seq == sequence)
      return;
  }
}

static void up(void)
{
  struct nlmsghdr *h = request(out, RTM_NEWLINK, NLM_F_ACK);
  struct ifinfomsg *m = mnl_nlmsg_put_extra_header(h, sizeof *m);
  m->ifi_index = 1;
  m->ifi_flags = m->ifi_change = IFF_UP;
  talk(h->nlmsg_len);
}

static void add(unsigned count)
{
  size_t len = 0;
  for (unsigned i = 0; i < count; i++) {
    struct nlmsghdr *h = request(out + len, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
    struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof *m);
    *m = (struct rtmsg){.rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_table = RT_TABLE_MAIN,
                        .rtm_protocol = RTPROT_BOOT, .rtm_scope = RT_SCOPE_LINK,
                        .rtm_type = RTN_UNICAST};
    mnl_attr_put_u32(h, RTA_DST, htonl(0x0b000000 + i));
    mnl_attr_put_u32(h, RTA_OIF, 1);
    len += NLMSG_ALIGN(h->nlmsg_len);
    if (len < CHUNK - ROOM && i + 1 < count)
      continue;
    h->nlmsg_flags |= NLM_F_ACK;
    talk(len);
    len = 0;
  }
}

static int on_attr(const struct nlattr *a, void *data)
{
  const struct nlattr **table = data;
  if (mnl_attr_get_type(a) <= RTA_MAX)
    table[mnl_attr_get_type(a)] = a;
  return MNL_CB_OK;
}

static char *put_byte(char *at, unsigned v)
{
  if (v >= 100)
    *at++ = (char)('0' + v / 100);
  if (v >= 10)
    *at++ = (char)('0' + v / 10 % 10);
  *at++ = (char)('0' + v % 10);
  return at;
}

static int on_route(const struct nlmsghdr *h, void *data)
{
  const struct nlattr *table[RTA_MAX + 1] = {NULL};
  char made[INET_ADDRSTRLEN], *at = made;
  if (mnl_attr_parse(h, sizeof(struct rtmsg), on_attr, table) < 0 || table[RTA_DST] == NULL)
    return MNL_CB_OK;
  const uint8_t *b = mnl_attr_get_payload(table[RTA_DST]);
  for (int i = 0; i < 4; i++) {
    at = put_byte(at, b[i]);
    *at++ = '.';
  }
  at[-1] = '\0';
  __asm__ volatile("" : : "r"(made) : "memory"); /* nobody looks at it, and it is made all the same */
  ++*(unsigned *)data;
  return MNL_CB_OK;
}

static void dump(unsigned count)
{
  unsigned found = 0;
  struct nlmsghdr *h = request(out, RTM_GETROUTE, NLM_F_DUMP);
  struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof *m);
  m->rtm_family = AF_INET;
  must(mnl_socket_sendto(sock, h, h->nlmsg_len) >= 0, "send");
  for (int more = 1; more > 0;) {
    ssize_t n = mnl_socket_recvfrom(sock, in, sizeof in);
    must(n > 0, "receive");
    more = mnl_cb_run(in, (size_t)n, 0, 0, on_route, &found);
    must(more >= 0, "dump");
  }
  must(found >= count, "too few");
}

int main(int argc, char **argv)
{
  must(argc == 3, "routes_floor add|dump COUNT");
  unsigned count = (unsigned)atoi(argv[2]);
  sock = mnl_socket_open(NETLINK_ROUTE);
  must(sock && mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) == 0, "socket");
  if (strcmp(argv[1], "add") == 0) {
    up();
    add(count);
  } else {
    dump(count);
  }
  mnl_socket_close(sock);
  return 0;
}
