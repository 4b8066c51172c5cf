/* genl: generic netlink. A family there has no number of its own: the kernel gives it one when it
 * is loaded, and tells it for its name. */
#include "netlink/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

int nl_genl_family(struct nl_sock *s, const char *name, uint16_t *ret)
{
  _Alignas(8) char buf[128] = "";
  const struct nlmsghdr *msg;
  const struct nlattr *a;
  struct nl_answer answer;
  struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
  nlh->nlmsg_type = GENL_ID_CTRL;
  struct genlmsghdr *g = mnl_nlmsg_put_extra_header(nlh, sizeof *g);
  g->cmd = CTRL_CMD_GETFAMILY;
  g->version = 1;
  if (!mnl_attr_put_strz_check(nlh, sizeof buf, CTRL_ATTR_FAMILY_NAME, name))
    return -EMSGSIZE;
  int err = nl_get(s, nlh, &msg, &answer);
  if (err)
    return err;
  const char *end = (const char *)msg + msg->nlmsg_len;
  a = mnl_nlmsg_get_payload_offset(msg, sizeof *g);
  for (; mnl_attr_ok(a, (int)(end - (const char *)a)); a = mnl_attr_next(a))
    if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID && mnl_attr_get_payload_len(a) >= sizeof *ret) {
      *ret = mnl_attr_get_u16(a);
      return 0;
    }
  return -ENOENT;
}
