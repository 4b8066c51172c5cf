/* socket: who listens and who is connected, in a namespace: what ss(8) shows. The kernel tells
 * sockets, not whose they are; that is looked up in /proc, where only the lab's programs are. */
#include "modules/object.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const struct schema_name protocols[] = {
    {"udp", IPPROTO_UDP}, {"tcp", IPPROTO_TCP}, {NULL, 0}};
/* TCP_* numbers with ss's words; a UDP socket that is not connected is as a closed one. */
static const struct schema_name states[] = {
    {"ESTAB", 1},      {"SYN-SENT", 2}, {"SYN-RECV", 3}, {"FIN-WAIT-1", 4},
    {"FIN-WAIT-2", 5}, {"TIME-WAIT", 6}, {"UNCONN", 7},  {"CLOSE-WAIT", 8},
    {"LAST-ACK", 9},   {"LISTEN", 10},   {"CLOSING", 11}, {NULL, 0}};
enum { UNCONN = 7, LISTEN = 10, LISTENING = 1 << LISTEN | 1 << UNCONN, EVERY = 0xfff };

/* ---- what is asked for ----------------------------------------------------------------------- */

struct wanted {
  const char *protocol, *address, *state; /* NULL: any */
  int family;                             /* AF_UNSPEC: both */
  uint32_t states;                        /* bits */
  int port, uid;                          /* -1: any */
};

static const struct schema_name *find(const struct schema_name *names, const char *word)
{
  for (; names->name; names++)
    if (strcasecmp(names->name, word) == 0)
      return names;
  return NULL;
}

static void want_states(lua_State *L, struct rt_op *op, struct wanted *w)
{
  bool given = op->options && lua_getfield(L, op->options, "listening") != LUA_TNIL;
  lua_settop(L, lua_gettop(L) - (op->options ? 1 : 0));
  if (given)
    w->states = rt_opt_boolean(L, op, op->options, "listening", false) ? LISTENING
                                                                       : EVERY & ~LISTENING;
  if (w->state == NULL)
    return;
  const struct schema_name *s = find(states, w->state);
  if (s == NULL)
    rt_raisef(L, op, EINVAL, "state", "LISTEN, ESTAB, UNCONN, TIME-WAIT, CLOSE-WAIT ...",
              "\"%s\" is no state of a socket", w->state);
  // cppcheck-suppress nullPointerRedundantCheck ; rt_raisef does not return
  w->states &= 1U << s->value;
}

static void read_options(lua_State *L, struct rt_op *op, struct wanted *w)
{
  static const char *const keys[] = {"protocol", "family", "listening", "state",
                                     "address",  "port",   "uid",       NULL};
  *w = (struct wanted){.states = EVERY, .port = -1, .uid = -1};
  lua_settop(L, 1);
  if (lua_isnil(L, 1))
    return;
  if (!lua_istable(L, 1))
    rt_raisef(L, op, EINVAL, NULL, "socket.list{ listening = true }",
              "a table that says which sockets is needed, not %s", rt_typename(L, 1));
  op->options = 1;
  rt_check_keys(L, op, 1, keys);
  w->protocol = rt_opt_string(L, op, 1, "protocol", NULL);
  w->address = rt_opt_string(L, op, 1, "address", NULL);
  w->state = rt_opt_string(L, op, 1, "state", NULL);
  w->port = (int)rt_opt_integer(L, op, 1, "port", 0, UINT16_MAX, -1);
  w->uid = (int)rt_opt_integer(L, op, 1, "uid", 0, INT32_MAX, -1);
  const char *family = rt_opt_string(L, op, 1, "family", "");
  w->family = strcmp(family, "inet") == 0 ? AF_INET : strcmp(family, "inet6") == 0 ? AF_INET6 : 0;
  if (family[0] && w->family == 0)
    rt_raisef(L, op, EINVAL, "family", NULL, "inet or inet6 is needed, not \"%s\"", family);
  if (w->protocol && find(protocols, w->protocol) == NULL)
    rt_raisef(L, op, EINVAL, "protocol", NULL, "tcp or udp is needed, not \"%s\"", w->protocol);
  want_states(L, op, w);
}

/* ---- whose they are -------------------------------------------------------------------------- */

/* Adds { name, pid, fd } to the list of the socket's number in the table at t. */
static void add_owner(lua_State *L, int t, lua_Integer inode, const char *name, int pid, int fd)
{
  if (lua_rawgeti(L, t, inode) != LUA_TTABLE) {
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, t, inode);
    lua_remove(L, -2);
  }
  lua_createtable(L, 0, 3);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "name");
  lua_pushinteger(L, pid);
  lua_setfield(L, -2, "pid");
  lua_pushinteger(L, fd);
  lua_setfield(L, -2, "fd");
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  lua_pop(L, 1);
}

struct owner { /* a program of the lab, as it is being looked at */
  int pid;
  char name[32];
};

static void read_name(struct owner *o)
{
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/comm", o->pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, o->name, sizeof o->name - 1);
  if (fd >= 0)
    close(fd);
  o->name[n > 0 ? n : 0] = '\0';
  o->name[strcspn(o->name, "\n")] = '\0';
}

/* Collects numbers into a string of pairs of integers, so that nothing is open when Lua may raise. */
static bool push_sockets_of(lua_State *L, int pid)
{
  char path[64], link[340], to[64];
  snprintf(path, sizeof path, "/proc/%d/fd", pid);
  DIR *dir = opendir(path);
  struct dirent *entry;
  lua_Integer pairs[2 * 256];
  size_t n = 0;
  while (dir && n < 256 && (entry = readdir(dir))) {
    unsigned long inode;
    snprintf(link, sizeof link, "%s/%s", path, entry->d_name);
    ssize_t len = readlink(link, to, sizeof to - 1);
    if (len <= 0)
      continue;
    to[len] = '\0';
    if (sscanf(to, "socket:[%lu]", &inode) != 1)
      continue;
    pairs[2 * n] = (lua_Integer)inode;
    pairs[2 * n++ + 1] = atoi(entry->d_name);
  }
  if (dir)
    closedir(dir);
  lua_pushlstring(L, (const char *)pairs, 2 * n * sizeof *pairs);
  return n > 0;
}

static void add_sockets_of(lua_State *L, int t, struct owner *o)
{
  size_t len;
  if (push_sockets_of(L, o->pid)) {
    read_name(o);
    const char *bytes = lua_tolstring(L, -1, &len);
    for (size_t at = 0; at + 2 * sizeof(lua_Integer) <= len; at += 2 * sizeof(lua_Integer)) {
      lua_Integer pair[2];
      memcpy(pair, bytes + at, sizeof pair);
      add_owner(L, t, pair[0], o->name, o->pid, (int)pair[1]);
    }
  }
  lua_pop(L, 1);
}

/* Pushes a table of what the programs in /proc have open: by the socket's number. */
static void push_owners(lua_State *L)
{
  enum { MOST = 4096 };
  int *pids = lua_newuserdatauv(L, MOST * sizeof *pids, 0);
  int n = 0;
  DIR *dir = opendir("/proc");
  struct dirent *entry;
  while (dir && n < MOST && (entry = readdir(dir)))
    if (atoi(entry->d_name) > 0)
      pids[n++] = atoi(entry->d_name);
  if (dir)
    closedir(dir);
  lua_newtable(L);
  for (int i = 0; i < n; i++)
    add_sockets_of(L, lua_gettop(L), &(struct owner){.pid = pids[i]});
  lua_remove(L, -2);
}

/* ---- one socket ------------------------------------------------------------------------------ */

static void set_integer(lua_State *L, const char *key, lua_Integer v)
{
  lua_pushinteger(L, v);
  lua_setfield(L, -2, key);
}

static const char *name_of(const struct schema_name *names, uint32_t v)
{
  for (; names->name; names++)
    if (names->value == v)
      return names->name;
  return "?";
}

static bool agrees(const struct wanted *w, const struct inet_diag_msg *m, const char *source,
                   const char *peer)
{
  if (w->port >= 0 && w->port != ntohs(m->id.idiag_sport) && w->port != ntohs(m->id.idiag_dport))
    return false;
  if (w->uid >= 0 && (uint32_t)w->uid != m->idiag_uid)
    return false;
  return w->address == NULL || strcmp(w->address, source) == 0 || strcmp(w->address, peer) == 0;
}

/* Whether an IPv6 socket takes no IPv4; false when the kernel did not say. */
static bool only_v6(const struct nlmsghdr *msg)
{
  const struct nlattr *a =
      object_attr(msg, sizeof(struct inet_diag_msg), INET_DIAG_SKV6ONLY, sizeof(uint8_t));
  return a && mnl_attr_get_u8(a);
}

/* Pushes what the message tells; false when the filter does not want it. `owners` and `context` are
 * stack indexes. */
static bool push_socket(lua_State *L, const struct nlmsghdr *msg, const struct wanted *w,
                        uint8_t protocol, int owners, int context)
{
  const struct inet_diag_msg *m = mnl_nlmsg_get_payload(msg);
  char source[INET6_ADDRSTRLEN] = "", peer[INET6_ADDRSTRLEN] = "";
  if (mnl_nlmsg_get_payload_len(msg) < sizeof *m)
    return false;
  inet_ntop(m->idiag_family, m->id.idiag_src, source, sizeof source);
  inet_ntop(m->idiag_family, m->id.idiag_dst, peer, sizeof peer);
  if (!agrees(w, m, source, peer))
    return false;
  lua_createtable(L, 0, 14);
  rt_set_text(L, "protocol", name_of(protocols, protocol));
  rt_set_text(L, "family", m->idiag_family == AF_INET ? "inet" : "inet6");
  rt_set_text(L, "state", name_of(states, m->idiag_state));
  rt_set_text(L, "address", source);
  set_integer(L, "port", ntohs(m->id.idiag_sport));
  rt_set_text(L, "peer_address", peer);
  set_integer(L, "peer_port", ntohs(m->id.idiag_dport));
  set_integer(L, "recv_queue", m->idiag_rqueue);
  set_integer(L, "send_queue", m->idiag_wqueue);
  set_integer(L, "uid", m->idiag_uid);
  set_integer(L, "inode", m->idiag_inode);
  if (m->idiag_family == AF_INET6) {
    lua_pushboolean(L, only_v6(msg));
    lua_setfield(L, -2, "v6only");
  }
  if (m->id.idiag_if && schema_resolver.ifname(L, context, m->id.idiag_if))
    lua_setfield(L, -2, "dev");
  if (m->idiag_inode && lua_rawgeti(L, owners, m->idiag_inode) == LUA_TTABLE)
    lua_setfield(L, -2, "processes");
  else if (m->idiag_inode)
    lua_pop(L, 1);
  return true;
}

/* ---- socket.list ----------------------------------------------------------------------------- */

struct question {
  struct nlmsghdr nlh;
  struct inet_diag_req_v2 req;
};

/* Adds the sockets of one family and protocol to the list at `list`. */
static int add_sockets(lua_State *L, struct nl_sock *s, const struct wanted *w,
                       const struct question *q, int list)
{
  struct question ask = *q;
  const struct nlmsghdr *msg;
  struct nl_answer answer;
  int r = nl_dump(s, &ask.nlh);
  while (r == 0 && (r = nl_next(s, &msg, &answer)) == 1) {
    if (push_socket(L, msg, w, q->req.sdiag_protocol, list - 1, list - 2))
      lua_rawseti(L, list, (lua_Integer)lua_rawlen(L, list) + 1);
    r = 0;
  }
  return r == -EAGAIN || r == -ENOENT ? 0 : r; /* sockets come and go; a kernel without UDP's */
}

static int list_all(lua_State *L, struct nl_sock *s, const struct wanted *w, int list)
{
  static const uint8_t families[] = {AF_INET, AF_INET6};
  int r = 0;
  for (const struct schema_name *p = protocols; p->name && r == 0; p++)
    for (size_t i = 0; i < 2 && r == 0; i++) {
      struct question q = {.nlh = {.nlmsg_len = sizeof q,
                                   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
                           .req = {.sdiag_family = families[i],
                                   .sdiag_protocol = (uint8_t)p->value,
                                   .idiag_states = w->states}};
      bool other_family = w->family && w->family != families[i];
      bool other_protocol = w->protocol && strcmp(w->protocol, p->name) != 0;
      if (!other_family && !other_protocol)
        r = add_sockets(L, s, w, &q, list);
    }
  return r;
}

static int socket_list(lua_State *L)
{
  struct rt_op op = {.module = "socket", .verb = "list"};
  struct wanted w;
  const struct netns_ref *netns = netns_ref_of_call(L);
  op.netns = netns->name;
  read_options(L, &op, &w);
  rt_op_begin(L, &op);
  int fd = netns_of_call(L, &op);
  struct schema_buf *b = object_new_buf(L);
  lua_toclose(L, -1);
  int r = nl_open(&b->sock, fd, NETLINK_SOCK_DIAG);
  if (r < 0)
    rt_raise(L, &op, &(struct rt_error){.err = -r});
  luaL_checkstack(L, 16, "sockets");
  object_push_context(L, netns);
  push_owners(L);
  lua_newtable(L);
  int list = lua_gettop(L);
  r = list_all(L, &b->sock, &w, list);
  if (r < 0)
    rt_raise(L, &op, &(struct rt_error){.err = -r});
  object_set_list_metatable(L, "socket", list - 2, op.options);
  rt_op_end(L, &op, list);
  lua_settop(L, list);
  return 1;
}

static const struct rt_param filter_fields[] = {
    {"protocol?", "\"tcp\"|\"udp\"", "only these"},
    {"family?", "\"inet\"|\"inet6\"", "only these"},
    {"listening?", "boolean", "true: who waits for others; false: who is connected; else both"},
    {"state?", "string", "LISTEN, ESTAB, UNCONN, TIME-WAIT ..."},
    {"address?", "string", "either end has it"},
    {"port?", "integer", "either end has it"},
    {"uid?", "integer", "of this user, as the sandbox numbers them"},
    {NULL, NULL, NULL}};

static const struct rt_param socket_fields[] = {
    {"protocol", "\"tcp\"|\"udp\"", "what it speaks"},
    {"family", "\"inet\"|\"inet6\"", "an IPv6 socket may take IPv4 as well, unless v6only"},
    {"state", "string", "as ss shows it: LISTEN, ESTAB, UNCONN ..."},
    {"address", "string", "of this end; 0.0.0.0 or ::, any"},
    {"port", "integer", "of this end"},
    {"peer_address", "string", "of the other end"},
    {"peer_port", "integer", "of the other end; 0: any"},
    {"recv_queue", "integer", "bytes to read; of one that listens, connections to accept"},
    {"send_queue", "integer", "bytes not acknowledged; of one that listens, the most that may wait"},
    {"uid", "integer", "user"},
    {"inode", "integer", "its number"},
    {"v6only?", "boolean", "an IPv6 socket that takes no IPv4"},
    {"dev?", "string", "the link that it is bound to"},
    {"processes?", "{ name: string, pid: integer, fd: integer }[]", "programs of the lab that have it"},
    {NULL, NULL, NULL}};

static const struct rt_value values[] = {
    {"socket.Filter", "Which sockets are meant.", filter_fields, NULL},
    {"socket.Socket", "A socket.", socket_fields, NULL},
    {NULL, NULL, NULL, NULL}};

static const struct rt_func funcs[] = {
    {.name = "list",
     .fn = socket_list,
     .doc = "The TCP and UDP sockets of the namespace, with the programs that have them.",
     .params = {{"filter?", "socket.Filter", "which ones; all unless given"}},
     .returns = {{"sockets", "socket.Socket[]", "printing it prints what ss -n shows"}},
     .errors = "ENOENT the kernel cannot list sockets (inet_diag)",
     .example = "local server = netns.host:spawn { \"sleep\", \"1\" }\n"
                "for _, s in ipairs(socket.list { listening = true, protocol = \"tcp\" }) do\n"
                "  print(s.address, s.port, s.processes and s.processes[1].name)\n"
                "end\n"
                "assert(#socket.list { port = 4711 } == 0)",
     .source = "ss(8), sock_diag(7)"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {{"show", "list"}, {"get", "list"}, {NULL, NULL}};

const struct rt_module socket_module = {.name = "socket",
                                        .doc = "Sockets: who listens, who is connected.",
                                        .funcs = {funcs},
                                        .values = values,
                                        .lacks = lacks,
                                        .bound = true,
                                        .own_name = true};
