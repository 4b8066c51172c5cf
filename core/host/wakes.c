/* wakes: what an interactive command waits for besides keys: a timer, and words that another
 * process leaves (nslab.host's timer and mailbox). Both are descriptors to poll and are asked
 * then. */
#include "host/host.h"
#include "runtime/runtime.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct wake {
  int fd; /* -1: closed */
};

static int wake_close(lua_State *L)
{
  struct wake *w = lua_touserdata(L, 1);
  if (w->fd >= 0)
    close(w->fd);
  w->fd = -1;
  return 0;
}

static int timer_set(lua_State *L), timer_take(lua_State *L), timer_fd(lua_State *L);
static int mailbox_take(lua_State *L), mailbox_fd(lua_State *L);

static const luaL_Reg timer_methods[] = {{"set", timer_set},
                                         {"take", timer_take},
                                         {"fd", timer_fd},
                                         {"close", wake_close},
                                         {NULL, NULL}};
static const luaL_Reg mailbox_methods[] = {
    {"take", mailbox_take}, {"fd", mailbox_fd}, {"close", wake_close}, {NULL, NULL}};
static const struct rt_class timer_class = {
    .name = "nslab.timer", .close = wake_close, .methods = timer_methods};
static const struct rt_class mailbox_class = {
    .name = "nslab.mailbox", .close = wake_close, .methods = mailbox_methods};

static struct wake *check(lua_State *L, const struct rt_class *c)
{
  struct wake *w = rt_test(L, 1, c);
  if (w == NULL)
    luaL_typeerror(L, 1, c->name);
  else if (w->fd < 0)
    luaL_error(L, "%s is closed", c->name);
  return w;
}

static struct wake *make(lua_State *L, const struct rt_class *c)
{
  struct wake *w = rt_new(L, c, sizeof *w, 0);
  w->fd = -1;
  return w;
}

static int push_fd(lua_State *L, const struct rt_class *c)
{
  lua_pushinteger(L, check(L, c)->fd);
  return 1;
}

/* ---- a timer -------------------------------------------------------------------------------- */

int host_timer(lua_State *L)
{
  struct wake *w = make(L, &timer_class);
  w->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  return w->fd < 0 ? luaL_error(L, "timer: %s", strerror(errno)) : 1;
}

static int timer_fd(lua_State *L)
{
  return push_fd(L, &timer_class);
}

/* Lua: timer:set(ms): readable once after so long; 0: never */
static int timer_set(lua_State *L)
{
  struct wake *w = check(L, &timer_class);
  lua_Integer ms = luaL_checkinteger(L, 2);
  struct itimerspec when = {.it_value = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000L}};
  luaL_argcheck(L, ms >= 0, 2, "it is less than 0");
  if (timerfd_settime(w->fd, 0, &when, NULL) < 0)
    return luaL_error(L, "timer: %s", strerror(errno));
  return 0;
}

/* Lua: timer:take() -> whether it has run out; it is then as if not set */
static int timer_take(lua_State *L)
{
  uint64_t times;
  lua_pushboolean(L, read(check(L, &timer_class)->fd, &times, sizeof times) == sizeof times);
  return 1;
}

/* ---- a mailbox ------------------------------------------------------------------------------ */

/* Lua: mailbox(path) -> a named pipe that others write lines to. It is open for writing here, too,
 * so that it never comes to an end. */
int host_mailbox(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct wake *w = make(L, &mailbox_class);
  if (mkfifo(path, 0600) < 0 && errno != EEXIST)
    return luaL_error(L, "%s: %s", path, strerror(errno));
  w->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  return w->fd < 0 ? luaL_error(L, "%s: %s", path, strerror(errno)) : 1;
}

static int mailbox_fd(lua_State *L)
{
  return push_fd(L, &mailbox_class);
}

/* Lua: mailbox:take() -> what has come; nil when nothing has */
static int mailbox_take(lua_State *L)
{
  char bytes[PIPE_BUF];
  ssize_t n = read(check(L, &mailbox_class)->fd, bytes, sizeof bytes);
  if (n <= 0)
    lua_pushnil(L);
  else
    lua_pushlstring(L, bytes, (size_t)n);
  return 1;
}
