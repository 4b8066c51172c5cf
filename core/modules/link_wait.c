/* link_wait: waits until a link is up, has a carrier, has addresses that can be used. The kernel
 * tells what changes; between two events nothing is done. */
#include "modules/link.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TIMEOUT_MS = 10000, OPER_UNKNOWN = 0, OPER_UP = 6 };

struct wish {
  const char *name; /* of the link */
  bool up, carrier, addresses;
  lua_Integer timeout_ms;
  const char *missing; /* what is not yet so */
};

/* What the link still lacks, NULL for nothing; its index. */
static const char *lacks_of_link(struct nl_sock *s, const struct wish *w, int *ret_index)
{
  const struct nlmsghdr *msg;
  int index = schema_ask_link(s, w->name, &msg);
  if (index < 0)
    return "there is no such link";
  const struct ifinfomsg *m = mnl_nlmsg_get_payload(msg);
  *ret_index = index;
  uint8_t state = object_link_u8(msg, IFLA_OPERSTATE, OPER_UP);
  if (w->up && !(m->ifi_flags & IFF_UP))
    return "it is not up";
  if (w->carrier && (!(m->ifi_flags & IFF_UP) || !object_link_u8(msg, IFLA_CARRIER, 1) ||
                     (state != OPER_UP && state != OPER_UNKNOWN)))
    return "it has no carrier";
  return NULL;
}

static const char *lacks_of_addresses(struct nl_sock *s, int index)
{
  _Alignas(8) char buf[64] = "";
  const struct nlmsghdr *msg;
  struct nl_answer answer;
  int have = 0, tentative = 0, r;
  struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
  nlh->nlmsg_type = RTM_GETADDR;
  mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifaddrmsg));
  if (nl_dump(s, nlh) < 0)
    return "its addresses cannot be read";
  while ((r = nl_next(s, &msg, &answer)) == 1) {
    const struct ifaddrmsg *m = mnl_nlmsg_get_payload(msg);
    if ((int)m->ifa_index != index)
      continue;
    have++;
    tentative += (m->ifa_flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) == IFA_F_TENTATIVE;
  }
  if (r < 0)
    return "its addresses are changing";
  return have == 0 ? "it has no address" : tentative ? "an address is not usable yet" : NULL;
}

static const char *lacks(struct nl_sock *s, const struct wish *w)
{
  int index = 0;
  const char *missing = lacks_of_link(s, w, &index);
  return missing || !w->addresses ? missing : lacks_of_addresses(s, index);
}

static int listen_on(struct nl_sock *s)
{
  static const int groups[] = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR};
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
    if (setsockopt(s->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i], sizeof groups[i]) < 0)
      return -errno;
  return 0;
}

/* Reads what is there and forgets it: the state is asked for anew. */
static void drain(int fd)
{
  char bytes[512];
  while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_TRUNC) >= 0 || errno == ENOBUFS)
    ;
}

/* Whether it came to be; the listening socket is c's second one. */
static bool wait_until(lua_State *L, struct object_call *c, struct wish *w)
{
  struct schema_buf *b = c->enc.buf;
  int64_t deadline = modules_now_ms() + w->timeout_ms;
  while ((w->missing = lacks(&b->sock, w)) != NULL) {
    struct pollfd p = {.fd = b->there.fd, .events = POLLIN};
    int64_t left = deadline - modules_now_ms();
    if (left <= 0)
      return false;
    if (poll(&p, 1, left > INT32_MAX ? INT32_MAX : (int)left) < 0)
      rt_check_interrupt(L, &c->op);
    drain(b->there.fd);
  }
  return true;
}

/* link.wait("eth0", { carrier = true }) */
static int link_wait(lua_State *L)
{
  static const char *const keys[] = {"up", "carrier", "addresses", "timeout_ms", NULL};
  struct object_call c;
  struct wish w;
  if (batch_of_call(L))
    luaL_error(L, "link.wait cannot wait in a batch");
  link_take_name(L);
  object_open(L, &c, &link_object, "wait");
  rt_check_keys(L, &c.op, c.options, keys);
  w = (struct wish){
      .name = lua_tostring(L, c.key), /* a number becomes its text: refused below */
      .up = rt_opt_boolean(L, &c.op, c.options, "up", false),
      .carrier = rt_opt_boolean(L, &c.op, c.options, "carrier", false),
      .addresses = rt_opt_boolean(L, &c.op, c.options, "addresses", false),
      .timeout_ms = rt_opt_integer(L, &c.op, c.options, "timeout_ms", 0, INT32_MAX, TIMEOUT_MS)};
  if (!w.up && !w.carrier && !w.addresses)
    rt_raisef(L, &c.op, EINVAL, NULL, "{ up = true }, { carrier = true } or { addresses = true }.",
              "what to wait for is not said");
  int err = nl_open(&c.enc.buf->there, c.enc.buf->netns, NETLINK_ROUTE);
  if (err == 0)
    err = listen_on(&c.enc.buf->there);
  if (err)
    rt_raise(L, &c.op, &(struct rt_error){.err = -err});
  if (!wait_until(L, &c, &w))
    rt_raisef(L, &c.op, ETIMEDOUT, NULL, "timeout_ms says how long to wait.", "after %d ms %s",
              (int)w.timeout_ms, w.missing);
  rt_op_end(L, &c.op, 0);
  return 0;
}

const struct rt_func link_wait_funcs[] = {
    {.name = "wait",
     .fn = link_wait,
     .doc =
         "Waits until a link is up, has a carrier (somebody is at the other end, and the kernel "
         "has noticed), or has addresses that can be used (duplicate address detection is over). "
         "It may come to be while one waits. Nothing sleeps: the kernel's events wake it.",
     .params = {{"name", "string", "its name or an altname"},
                {"options",
                 "{ up?: boolean, carrier?: boolean, addresses?: boolean, timeout_ms?: integer }",
                 "all that must be so; how long to wait, 10000 ms without it"}},
     .errors = "ETIMEDOUT it did not come to be; the text says what is missing",
     .example = "link.add(\"v0\", { up = true, veth = { peer = { name = \"v1\", up = true } } })\n"
                "link.wait(\"v0\", { carrier = true })"},
    {.name = NULL}};
