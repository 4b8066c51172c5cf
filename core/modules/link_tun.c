/* link_tun: tun and tap links. The kernel makes them for whoever opens /dev/net/tun, and not by
 * netlink; what is to be made is taken from the message that link.add has checked and encoded all
 * the same. */
#include "modules/link.h"
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEVICE "/dev/net/tun"

static const struct schema_step info[] = {{IFLA_LINKINFO, ""}, {0, NULL}},
                                data[] = {{IFLA_LINKINFO, ""}, {IFLA_INFO_DATA, ""}, {0, NULL}};

bool link_is_tun(struct schema_enc *e)
{
  struct schema_dec d;
  schema_open(&d, e->L, &schema_link, e->hdr, mnl_nlmsg_get_payload_len(e->nlh), 0);
  const struct nlattr *kind = schema_find(&d, info, IFLA_INFO_KIND);
  return kind && mnl_attr_get_payload_len(kind) == 3 &&
         memcmp(mnl_attr_get_payload(kind), "tun", 3) == 0;
}

/* ---- what is asked for ----------------------------------------------------------------------- */

struct ids { /* of a user or a group, if one is given */
  bool given;
  uint32_t id;
};

struct tun {
  struct ifreq req;
  int index; /* 0: the kernel chooses */
  struct ids user, group;
  const char *field; /* what the step that failed was about */
};

static uint8_t byte_of(const struct schema_dec *d, uint16_t attr)
{
  const struct nlattr *a = schema_find(d, data, attr);
  return a ? mnl_attr_get_u8(a) : 0;
}

static struct ids ids_of(const struct schema_dec *d, uint16_t attr)
{
  const struct nlattr *a = schema_find(d, data, attr);
  return (struct ids){a != NULL, a ? mnl_attr_get_u32(a) : 0};
}

static void read_message(struct object_call *c, struct tun *t)
{
  struct schema_enc *e = &c->enc;
  struct schema_dec d;
  schema_open(&d, e->L, &schema_link, e->hdr, mnl_nlmsg_get_payload_len(e->nlh), 0);
  unsigned flags = IFF_TUN_EXCL | byte_of(&d, IFLA_TUN_TYPE);
  flags |= byte_of(&d, IFLA_TUN_PI) ? 0 : IFF_NO_PI;
  flags |= byte_of(&d, IFLA_TUN_VNET_HDR) ? IFF_VNET_HDR : 0;
  flags |= byte_of(&d, IFLA_TUN_MULTI_QUEUE) ? IFF_MULTI_QUEUE : 0;
  *t = (struct tun){.index = ((const struct ifinfomsg *)(const void *)e->hdr)->ifi_index,
                    .user = ids_of(&d, IFLA_TUN_OWNER),
                    .group = ids_of(&d, IFLA_TUN_GROUP)};
  snprintf(t->req.ifr_name, sizeof t->req.ifr_name, "%s", c->op.key);
  t->req.ifr_flags = (short)flags;
}

/* ---- in the namespace ------------------------------------------------------------------------ */

static int control(struct tun *t, int fd, const char *field, unsigned long request,
                   unsigned long arg)
{
  t->field = field;
  return ioctl(fd, request, arg) < 0 ? -errno : 0;
}

/* Until the last step the link goes away with the descriptor. */
static int make_with(struct tun *t, int fd)
{
  int r = 0;
  if (t->index)
    r = control(t, fd, "ifindex", TUNSETIFINDEX, (unsigned long)&t->index);
  if (r == 0)
    r = control(t, fd, NULL, TUNSETIFF, (unsigned long)&t->req);
  if (r == 0 && t->user.given)
    r = control(t, fd, "tun.user", TUNSETOWNER, t->user.id);
  if (r == 0 && t->group.given)
    r = control(t, fd, "tun.group", TUNSETGROUP, t->group.id);
  return r ? r : control(t, fd, NULL, TUNSETPERSIST, 1);
}

static int make_here(void *arg)
{
  struct tun *t = arg;
  int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
  t->field = DEVICE;
  if (fd < 0)
    return -errno;
  int r = make_with(t, fd);
  close(fd);
  return r;
}

/* ---- what went wrong ------------------------------------------------------------------------- */

static void explain_device(struct rt_error *error)
{
  error->field = NULL;
  if (error->err == EACCES || error->err == EPERM) {
    error->text = "this user may not open " DEVICE;
    error->hint = "Root can let everybody: chmod 666 " DEVICE
                  ". It gives no rights over the machine's network.";
  } else {
    error->text = "there is no " DEVICE " through which it could be made";
    error->hint = "Root loads the module: modprobe tun. A container needs --device " DEVICE ".";
  }
}

static _Noreturn void fail(struct object_call *c, const struct tun *t, int err)
{
  lua_State *L = c->enc.L;
  struct rt_error error = {.err = err, .field = t->field};
  bool own_id = error.field && strncmp(error.field, "tun.", 4) == 0;
  if (error.field && strcmp(error.field, DEVICE) == 0) {
    explain_device(&error);
  } else if (own_id && err == EINVAL) {
    error.text = "the sandbox has no such number";
    error.hint = "An ordinary user's sandbox has one user and one group: 0, who is that user.";
  } else if (err == EBUSY || err == EEXIST) {
    error.err = EEXIST;
    error.hint = lua_pushfstring(L, "A link of that name exists; link.delete(\"%s\") removes it.",
                                 c->op.key);
  }
  rt_raise(L, &c->op, &error);
}

void link_make_tun(struct object_call *c, const struct netns_ref *where)
{
  lua_State *L = c->enc.L;
  struct tun t;
  int netns;
  bool owned;
  read_message(c, &t);
  if ((t.req.ifr_flags & (IFF_TUN | IFF_TAP)) == 0)
    rt_raisef(L, &c->op, EINVAL, "tun.mode", "tun = { mode = \"tap\" }: frames; \"tun\": packets.",
              "which of the two is needed");
  rt_op_intend(L, &c->op, c->enc.nlh, c->enc.nlh->nlmsg_len);
  int r = netns_ref_open(where, &netns, &owned);
  if (r < 0)
    netns_raise(L, &c->op, "netns", where, -r);
  r = nl_netns_do(netns, make_here, &t);
  if (owned)
    close(netns);
  if (r < 0)
    fail(c, &t, -r);
  lua_pushstring(L, t.req.ifr_name);
}
