/* socket_unix: the sockets between programs of one machine: files, names that begin with @, or
 * neither. A network namespace has its own; a file can be reached from everywhere all the same. */
#include "modules/socket.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <string.h>
#include <sys/socket.h>

struct question {
  struct nlmsghdr nlh;
  struct unix_diag_req req;
};

enum { NAME_MAX_BYTES = 108 }; /* sun_path */

static const struct nlattr *attr_of(const struct nlmsghdr *msg, uint16_t type, size_t size)
{
  return object_attr(msg, sizeof(struct unix_diag_msg), type, size);
}

/* A name without a file begins with a zero byte, and may have more of them: ss shows each as an
 * @. */
static void read_name(const struct nlmsghdr *msg, char name[NAME_MAX_BYTES + 1])
{
  const struct nlattr *a = attr_of(msg, UNIX_DIAG_NAME, 0);
  size_t n = a ? mnl_attr_get_payload_len(a) : 0;
  n = n > NAME_MAX_BYTES ? NAME_MAX_BYTES : n;
  if (a)
    memcpy(name, mnl_attr_get_payload(a), n);
  name[n] = '\0';
  bool file = n > 0 && name[0] != '\0';
  for (size_t i = 0; i < n && !file; i++)
    if (name[i] == '\0')
      name[i] = '@';
}

static uint32_t number_of(const struct nlmsghdr *msg, uint16_t type)
{
  const struct nlattr *a = attr_of(msg, type, sizeof(uint32_t));
  return a ? mnl_attr_get_u32(a) : 0;
}

static const char *type_name(uint8_t type)
{
  return type == SOCK_STREAM ? "stream" : type == SOCK_DGRAM ? "dgram" : "seqpacket";
}

static bool agrees(const struct socket_wanted *w, const char *name, uint32_t uid)
{
  if (w->port >= 0 || w->sport >= 0 || w->dport >= 0 || w->dst)
    return false;
  return (w->uid < 0 || (uint32_t)w->uid == uid) &&
         (!w->address || strcmp(w->address, name) == 0) && (!w->src || strcmp(w->src, name) == 0);
}

static void add(const struct socket_list *l, const struct nlmsghdr *msg,
                const struct socket_wanted *w)
{
  lua_State *L = l->L;
  const struct unix_diag_msg *m = mnl_nlmsg_get_payload(msg);
  char name[NAME_MAX_BYTES + 1];
  struct unix_diag_rqlen queue = {0};
  if (mnl_nlmsg_get_payload_len(msg) < sizeof *m)
    return;
  const struct nlattr *a = attr_of(msg, UNIX_DIAG_RQLEN, sizeof queue);
  read_name(msg, name);
  if (!agrees(w, name, number_of(msg, UNIX_DIAG_UID)))
    return;
  if (a)
    memcpy(&queue, mnl_attr_get_payload(a), sizeof queue);
  lua_createtable(L, 0, 12);
  rt_set_text(L, "protocol", "unix");
  rt_set_text(L, "family", "unix");
  rt_set_text(L, "type", type_name(m->udiag_type));
  rt_set_text(L, "address", name);
  socket_set_integer(L, "recv_queue", queue.udiag_rqueue);
  socket_set_integer(L, "send_queue", queue.udiag_wqueue);
  socket_set_integer(L, "uid", number_of(msg, UNIX_DIAG_UID));
  socket_set_integer(L, "peer_inode", number_of(msg, UNIX_DIAG_PEER));
  socket_set_common(l, m->udiag_state, m->udiag_ino);
  socket_append(l);
}

int socket_add_unix(const struct socket_list *l, struct nl_sock *s, const struct socket_wanted *w)
{
  struct question ask = {
      .nlh = {.nlmsg_len = sizeof ask,
              .nlmsg_type = SOCK_DIAG_BY_FAMILY,
              .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
      .req = {.sdiag_family = AF_UNIX,
              .udiag_states = w->states,
              .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN | UDIAG_SHOW_UID}};
  const struct nlmsghdr *msg;
  struct nl_answer answer;
  int r = nl_dump(s, &ask.nlh);
  while (r == 0 && (r = nl_next(s, &msg, &answer)) == 1) {
    add(l, msg, w);
    r = 0;
  }
  return r == -EAGAIN ? 0 : r; /* they come and go */
}
