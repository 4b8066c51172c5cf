/* socket: who listens and who is connected, in a namespace: what ss(8) shows. The kernel tells
 * sockets, not whose they are; that is looked up in /proc, where only the lab's programs are. */
#include "modules/socket.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <strings.h>

/* In the order in which ss shows them. */
static const struct schema_name protocols[] = {{"unix", SOCKET_UNIX},
                                               {"raw", SOCKET_RAW},
                                               {"udp", SOCKET_UDP},
                                               {"tcp", SOCKET_TCP},
                                               {NULL, 0}};
/* TCP_* numbers with ss's words; a UDP socket that is not connected is as a closed one. */
static const struct schema_name states[] = {{"ESTAB", 1},      {"SYN-SENT", 2},   {"SYN-RECV", 3},
                                            {"FIN-WAIT-1", 4}, {"FIN-WAIT-2", 5}, {"TIME-WAIT", 6},
                                            {"UNCONN", 7},     {"CLOSE-WAIT", 8}, {"LAST-ACK", 9},
                                            {"LISTEN", 10},    {"CLOSING", 11},   {NULL, 0}};
enum { UNCONN = 7, LISTEN = 10, LISTENING = 1 << LISTEN | 1 << UNCONN, EVERY = 0xfff };

/* ---- what is asked for ----------------------------------------------------------------------- */

static const struct schema_name *find(const struct schema_name *names, const char *word)
{
  for (; names->name; names++)
    if (strcasecmp(names->name, word) == 0)
      return names;
  return NULL;
}

static void want_states(lua_State *L, struct rt_op *op, struct socket_wanted *w)
{
  bool given = op->options && lua_getfield(L, op->options, "listening") != LUA_TNIL;
  lua_settop(L, lua_gettop(L) - (op->options ? 1 : 0));
  if (given)
    w->states =
        rt_opt_boolean(L, op, op->options, "listening", false) ? LISTENING : EVERY & ~LISTENING;
  if (w->state == NULL)
    return;
  const struct schema_name *s = find(states, w->state);
  if (s == NULL)
    rt_raisef(L, op, EINVAL, "state", "LISTEN, ESTAB, UNCONN, TIME-WAIT, CLOSE-WAIT ...",
              "\"%s\" is no state of a socket", w->state);
  // cppcheck-suppress nullPointerRedundantCheck ; rt_raisef does not return
  w->states &= 1U << s->value;
}

static uint32_t protocol_at(lua_State *L, struct rt_op *op, int idx)
{
  const char *s = lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx) : "";
  const struct schema_name *p = find(protocols, s);
  if (p == NULL)
    rt_raisef(L, op, EINVAL, "protocol", "{ \"tcp\", \"unix\" } are two.",
              "tcp, udp, raw or unix is needed, not \"%s\"", s);
  // cppcheck-suppress nullPointerRedundantCheck ; rt_raisef does not return
  return p->value;
}

/* One word or several; TCP and UDP unless given. */
static uint32_t want_protocols(lua_State *L, struct rt_op *op)
{
  uint32_t found = 0;
  int type = lua_getfield(L, op->options, "protocol");
  lua_Integer n = type == LUA_TTABLE ? (lua_Integer)lua_rawlen(L, -1) : 0;
  for (lua_Integer i = 1; i <= n; i++, lua_pop(L, 1)) {
    lua_rawgeti(L, -1, i);
    found |= protocol_at(L, op, -1);
  }
  if (type != LUA_TNIL && type != LUA_TTABLE)
    found = protocol_at(L, op, -1);
  lua_pop(L, 1);
  return found ? found : SOCKET_TCP | SOCKET_UDP;
}

static int want_port(lua_State *L, struct rt_op *op, const char *key)
{
  return (int)rt_opt_integer(L, op, 1, key, 0, UINT16_MAX, -1);
}

static void read_options(lua_State *L, struct rt_op *op, struct socket_wanted *w)
{
  static const char *const keys[] = {"protocol", "family",    "listening", "state", "address",
                                     "port",     "src",       "dst",       "sport", "dport",
                                     "uid",      "processes", NULL};
  *w = (struct socket_wanted){.protocols = SOCKET_TCP | SOCKET_UDP,
                              .states = EVERY,
                              .port = -1,
                              .sport = -1,
                              .dport = -1,
                              .uid = -1,
                              .owners = true};
  lua_settop(L, 1);
  if (lua_isnil(L, 1))
    return;
  if (!lua_istable(L, 1))
    rt_raisef(L, op, EINVAL, NULL, "socket.list{ listening = true }",
              "a table that says which sockets is needed, not %s", rt_typename(L, 1));
  op->options = 1;
  rt_check_keys(L, op, 1, keys);
  w->protocols = want_protocols(L, op);
  w->address = rt_opt_string(L, op, 1, "address", NULL);
  w->src = rt_opt_string(L, op, 1, "src", NULL);
  w->dst = rt_opt_string(L, op, 1, "dst", NULL);
  w->state = rt_opt_string(L, op, 1, "state", NULL);
  w->port = want_port(L, op, "port");
  w->sport = want_port(L, op, "sport");
  w->dport = want_port(L, op, "dport");
  w->uid = (int)rt_opt_integer(L, op, 1, "uid", 0, INT32_MAX, -1);
  w->owners = rt_opt_boolean(L, op, 1, "processes", true);
  const char *family = rt_opt_string(L, op, 1, "family", "");
  w->family = strcmp(family, "inet") == 0 ? AF_INET : strcmp(family, "inet6") == 0 ? AF_INET6 : 0;
  if (family[0] && w->family == 0)
    rt_raisef(L, op, EINVAL, "family", NULL, "inet or inet6 is needed, not \"%s\"", family);
  want_states(L, op, w);
}

/* ---- one socket ------------------------------------------------------------------------------ */

void socket_set_integer(lua_State *L, const char *key, lua_Integer v)
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

void socket_set_common(const struct socket_list *l, uint8_t state, uint32_t inode)
{
  rt_set_text(l->L, "state", name_of(states, state));
  socket_set_integer(l->L, "inode", inode);
  if (inode && lua_rawgeti(l->L, l->owners, inode) == LUA_TTABLE)
    lua_setfield(l->L, -2, "processes");
  else if (inode)
    lua_pop(l->L, 1);
}

void socket_append(const struct socket_list *l)
{
  lua_rawseti(l->L, l->at, (lua_Integer)lua_rawlen(l->L, l->at) + 1);
}

static bool is_text(const char *wanted, const char *text)
{
  return wanted == NULL || strcmp(wanted, text) == 0;
}

static bool agrees(const struct socket_wanted *w, const struct inet_diag_msg *m, const char *source,
                   const char *peer)
{
  int sport = ntohs(m->id.idiag_sport), dport = ntohs(m->id.idiag_dport);
  if ((w->port >= 0 && w->port != sport && w->port != dport) ||
      (w->sport >= 0 && w->sport != sport) || (w->dport >= 0 && w->dport != dport))
    return false;
  if (w->uid >= 0 && (uint32_t)w->uid != m->idiag_uid)
    return false;
  return is_text(w->src, source) && is_text(w->dst, peer) &&
         (is_text(w->address, source) || is_text(w->address, peer));
}

/* Whether an IPv6 socket takes no IPv4; false when the kernel did not say. */
static bool only_v6(const struct nlmsghdr *msg)
{
  const struct nlattr *a =
      object_attr(msg, sizeof(struct inet_diag_msg), INET_DIAG_SKV6ONLY, sizeof(uint8_t));
  return a && mnl_attr_get_u8(a);
}

/* Adds what the message tells, if the filter wants it. */
static void add_socket(const struct socket_list *l, const struct nlmsghdr *msg,
                       const struct socket_wanted *w, const char *protocol)
{
  lua_State *L = l->L;
  const struct inet_diag_msg *m = mnl_nlmsg_get_payload(msg);
  char source[INET6_ADDRSTRLEN] = "", peer[INET6_ADDRSTRLEN] = "";
  if (mnl_nlmsg_get_payload_len(msg) < sizeof *m)
    return;
  inet_ntop(m->idiag_family, m->id.idiag_src, source, sizeof source);
  inet_ntop(m->idiag_family, m->id.idiag_dst, peer, sizeof peer);
  if (!agrees(w, m, source, peer))
    return;
  lua_createtable(L, 0, 14);
  rt_set_text(L, "protocol", protocol);
  rt_set_text(L, "family", m->idiag_family == AF_INET ? "inet" : "inet6");
  rt_set_text(L, "address", source);
  socket_set_integer(L, "port", ntohs(m->id.idiag_sport));
  rt_set_text(L, "peer_address", peer);
  socket_set_integer(L, "peer_port", ntohs(m->id.idiag_dport));
  socket_set_integer(L, "recv_queue", m->idiag_rqueue);
  socket_set_integer(L, "send_queue", m->idiag_wqueue);
  socket_set_integer(L, "uid", m->idiag_uid);
  if (m->idiag_family == AF_INET6) {
    lua_pushboolean(L, only_v6(msg));
    lua_setfield(L, -2, "v6only");
  }
  if (m->id.idiag_if && schema_resolver.ifname(L, l->context, m->id.idiag_if))
    lua_setfield(L, -2, "dev");
  socket_set_common(l, m->idiag_state, m->idiag_inode);
  socket_append(l);
}

/* ---- socket.list ----------------------------------------------------------------------------- */

struct question {
  struct nlmsghdr nlh;
  struct inet_diag_req_v2 req;
};

/* Adds the sockets of one family and protocol. */
static int add_inet(const struct socket_list *l, struct nl_sock *s, const struct socket_wanted *w,
                    uint8_t family, const struct schema_name *protocol)
{
  uint8_t number = protocol->value == SOCKET_TCP   ? IPPROTO_TCP
                   : protocol->value == SOCKET_UDP ? IPPROTO_UDP
                                                   : IPPROTO_RAW;
  struct question ask = {
      .nlh = {.nlmsg_len = sizeof ask,
              .nlmsg_type = SOCK_DIAG_BY_FAMILY,
              .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
      .req = {.sdiag_family = family, .sdiag_protocol = number, .idiag_states = w->states}};
  const struct nlmsghdr *msg;
  struct nl_answer answer;
  int r = nl_dump(s, &ask.nlh);
  while (r == 0 && (r = nl_next(s, &msg, &answer)) == 1) {
    add_socket(l, msg, w, protocol->name);
    r = 0;
  }
  bool lacks = r == -ENOENT && protocol->value != SOCKET_RAW; /* a kernel without UDP's */
  return r == -EAGAIN || lacks ? 0 : r;                       /* sockets come and go */
}

static int list_all(const struct socket_list *l, struct nl_sock *s, const struct socket_wanted *w)
{
  static const uint8_t families[] = {AF_INET, AF_INET6};
  int r = 0;
  for (const struct schema_name *p = protocols; p->name && r == 0; p++) {
    if (!(w->protocols & p->value))
      continue;
    if (p->value == SOCKET_UNIX && w->family == 0)
      r = socket_add_unix(l, s, w);
    for (size_t i = 0; i < 2 && r == 0 && p->value != SOCKET_UNIX; i++)
      if (w->family == 0 || w->family == families[i])
        r = add_inet(l, s, w, families[i], p);
  }
  return r;
}

static int socket_list(lua_State *L)
{
  struct rt_op op = {.module = "socket", .verb = "list"};
  struct socket_wanted w;
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
  if (w.owners)
    socket_push_owners(L);
  else
    lua_newtable(L);
  lua_newtable(L);
  int list = lua_gettop(L);
  r = list_all(&(struct socket_list){.L = L, .at = list, .owners = list - 1, .context = list - 2},
               &b->sock, &w);
  if (r == -ENOENT)
    rt_raisef(L, &op, ENOENT, "protocol", "Its modules are named raw_diag and unix_diag.",
              "this kernel does not tell its %s sockets",
              w.protocols & SOCKET_RAW ? "raw" : "unix");
  if (r < 0)
    rt_raise(L, &op, &(struct rt_error){.err = -r});
  object_set_list_metatable(L, "socket", list - 2, op.options);
  rt_op_end(L, &op, list);
  lua_settop(L, list);
  return 1;
}

static const struct rt_param filter_fields[] = {
    {"protocol?", "string|string[]", "tcp, udp, raw, unix, or several; tcp and udp unless given"},
    {"family?", "\"inet\"|\"inet6\"", "only these"},
    {"listening?", "boolean", "true: who waits for others; false: who is connected; else both"},
    {"state?", "string", "LISTEN, ESTAB, UNCONN, TIME-WAIT ..."},
    {"address?", "string", "either end has it; of a unix socket its path, or \"@\" and its name"},
    {"port?", "integer", "either end has it"},
    {"src?", "string", "this end has that address"},
    {"dst?", "string", "the other end has it"},
    {"sport?", "integer", "this end has that port"},
    {"dport?", "integer", "the other end has it"},
    {"uid?", "integer", "of this user, as the sandbox numbers them"},
    {"processes?", "boolean", "false: do not look for the programs"},
    {NULL, NULL, NULL}};

static const struct rt_param socket_fields[] = {
    {"protocol", "\"tcp\"|\"udp\"|\"raw\"|\"unix\"", "what it speaks"},
    {"family", "\"inet\"|\"inet6\"|\"unix\"",
     "an IPv6 socket may take IPv4 as well, unless v6only"},
    {"type?", "\"stream\"|\"dgram\"|\"seqpacket\"", "of a unix socket"},
    {"state", "string", "as ss shows it: LISTEN, ESTAB, UNCONN ..."},
    {"address", "string",
     "of this end; 0.0.0.0 or ::, any; of a unix socket its path, or @ and its name"},
    {"port?", "integer", "of this end; of a raw socket the number of the protocol"},
    {"peer_address?", "string", "of the other end"},
    {"peer_port?", "integer", "of the other end; 0: any"},
    {"peer_inode?", "integer", "of a unix socket: the number of the other end; 0: there is none"},
    {"recv_queue", "integer", "bytes to read; of one that listens, connections to accept"},
    {"send_queue", "integer",
     "bytes not acknowledged; of one that listens, the most that may wait"},
    {"uid", "integer", "user"},
    {"inode", "integer", "its number"},
    {"v6only?", "boolean", "an IPv6 socket that takes no IPv4"},
    {"dev?", "string", "the link that it is bound to"},
    {"processes?", "{ name: string, pid: integer, fd: integer }[]",
     "programs of the lab that have it"},
    {NULL, NULL, NULL}};

static const struct rt_value values[] = {
    {"socket.Filter", "Which sockets are meant.", filter_fields, NULL},
    {"socket.Socket", "A socket.", socket_fields, NULL},
    {NULL, NULL, NULL, NULL}};

static const struct rt_func funcs[] = {
    {.name = "list",
     .fn = socket_list,
     .doc = "The sockets of the namespace, TCP's and UDP's unless said, with the programs that "
            "have them.",
     .params = {{"filter?", "socket.Filter", "which ones; all unless given"}},
     .returns = {{"sockets", "socket.Socket[]", "printing it prints what ss -n shows"}},
     .errors = "ENOENT the kernel cannot list such sockets (inet_diag, raw_diag, unix_diag)",
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
