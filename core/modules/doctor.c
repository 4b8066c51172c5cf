/* doctor: what nslab.doctor cannot ask in Lua: whether a sandbox can be made, what a function finds
 * in a throw-away one, and what the kernel answers to bytes that somebody else made up. */
#include "modules/process.h"
#include "sandbox/sandbox.h"
#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* ---- a function in a throw-away sandbox ------------------------------------------------------ */

struct visit {
  lua_State *L;
  int out; /* where the function's text goes */
};

/* Runs in a forked copy of this process: the Lua state is a copy too. */
static int visit_body(void *arg)
{
  const struct visit *v = arg;
  size_t len;
  lua_pushvalue(v->L, 1);
  int status = lua_pcall(v->L, 0, 1, 0);
  const char *text = luaL_tolstring(v->L, -1, &len);
  while (len > 0) {
    ssize_t n = write(v->out, text, len);
    if (n < 0)
      return 2;
    text += n;
    len -= (size_t)n;
  }
  return status == LUA_OK ? 0 : 1;
}

static void push_file(lua_State *L, int fd)
{
  luaL_Buffer b;
  ssize_t n;
  off_t at = 0;
  luaL_buffinit(L, &b);
  while ((n = pread(fd, luaL_prepbuffer(&b), LUAL_BUFFERSIZE, at)) > 0) {
    luaL_addsize(&b, (size_t)n);
    at += n;
  }
  luaL_pushresult(&b);
}

static int push_trouble(lua_State *L, const struct sandbox_trouble *t)
{
  lua_pushnil(L);
  lua_createtable(L, 0, 3);
  lua_pushstring(L, rt_code(t->err));
  lua_setfield(L, -2, "code");
  lua_pushstring(L, t->what);
  lua_setfield(L, -2, "what");
  lua_pushstring(L, t->remedy);
  lua_setfield(L, -2, "remedy");
  return 2;
}

/* Lua: in_sandbox(fn, [full_map]) -> what fn returned, as text; nil and { code, what, remedy } when
 * there can be no sandbox. Raises what fn raised. Whatever fn changes is gone, in Lua too. */
int doctor_in_sandbox(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TFUNCTION);
  struct sandbox_options o = {.full_map = lua_toboolean(L, 2)};
  struct sandbox_trouble t = {0};
  struct visit v = {.L = L, .out = memfd_create("nslab", MFD_CLOEXEC)};
  lua_settop(L, 1);
  if (v.out < 0)
    return luaL_error(L, "memfd_create: %s", strerror(errno));
  int status = sandbox_run(&o, visit_body, &v, &t);
  if (status < 0) {
    close(v.out);
    return push_trouble(L, &t);
  }
  push_file(L, v.out);
  close(v.out);
  return status == 0 ? 1 : lua_error(L);
}

/* ---- bytes to the kernel --------------------------------------------------------------------- */

static int open_netlink(int protocol)
{
  struct timeval patience = {.tv_sec = 2};
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (s < 0)
    return -errno;
  if (setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
      connect(s, (struct sockaddr *)&kernel, sizeof kernel) < 0) {
    int err = errno;
    close(s);
    return -err;
  }
  return s;
}

/* Looks for the verdict in one datagram: an error of any message, or the answer to message seq. */
static bool find_verdict(const char *buf, size_t len, uint32_t seq, int *ret)
{
  struct nlmsghdr h;
  struct nlmsgerr e;
  for (; len >= sizeof h; buf += NLMSG_ALIGN(h.nlmsg_len), len -= NLMSG_ALIGN(h.nlmsg_len)) {
    memcpy(&h, buf, sizeof h);
    if (h.nlmsg_len < sizeof h || h.nlmsg_len > len)
      return false;
    *ret = 0;
    if (h.nlmsg_type == NLMSG_ERROR && h.nlmsg_len >= sizeof h + sizeof e) {
      memcpy(&e, buf + sizeof h, sizeof e);
      *ret = -e.error;
    }
    if (*ret || h.nlmsg_seq == seq)
      return true;
    if (NLMSG_ALIGN(h.nlmsg_len) > len)
      return false;
  }
  return false;
}

static int exchange(int s, const char *bytes, size_t len, uint32_t seq)
{
  char buf[8192];
  int verdict = 0;
  if (send(s, bytes, len, 0) < 0)
    return errno;
  for (;;) {
    ssize_t n = recv(s, buf, sizeof buf, 0);
    if (n < 0 && errno != EINTR)
      return errno == EAGAIN ? ETIMEDOUT : errno;
    if (n > 0 && find_verdict(buf, (size_t)n, seq, &verdict))
      return verdict;
  }
}

/* Lua: netlink_verdict(protocol, bytes, seq) -> the name of the error that the kernel answers with,
 * "ETIMEDOUT" when it says nothing; nil when it agrees. The bytes are messages made by the caller,
 * of which number seq is the one that asks for an answer. */
int doctor_netlink_verdict(lua_State *L)
{
  size_t len;
  int protocol = (int)luaL_checkinteger(L, 1);
  const char *bytes = luaL_checklstring(L, 2, &len);
  uint32_t seq = (uint32_t)luaL_checkinteger(L, 3);
  int s = open_netlink(protocol);
  int err = s < 0 ? -s : exchange(s, bytes, len, seq);
  if (s >= 0)
    close(s);
  if (err == 0)
    return 0;
  lua_pushstring(L, rt_code(err));
  return 1;
}
