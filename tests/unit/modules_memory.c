/* Every allocation of an operation fails in turn, Lua's and those of the C below it: the operation
 * either succeeds or says that there is no memory; no descriptor stays open, and the process stays
 * in its namespace. Under the address sanitizer, whose allocator cannot be replaced, only Lua's
 * fail, and the sanitizer says whether memory leaks. */
#include "modules/modules.h"

#include <errno.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlink_test.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

/* ---- memory ---------------------------------------------------------------------------------- */

static long left = -1; /* allocations before all fail; -1: none fails */
static bool failed;    /* one did */

static bool deny(void)
{
  if (left < 0)
    return false;
  if (left > 0) {
    left--;
    return false;
  }
  failed = true;
  errno = ENOMEM;
  return true;
}

static void *allocate(void *data, void *p, size_t before, size_t size)
{
  (void)data;
  if (size == 0)
    return free(p), NULL;
    /* Lua relies on it that making a block smaller does not fail. */
#ifdef SANITIZED
  if ((!p || size > before) && deny())
    return NULL;
#else
  if (p && size <= before) {
    long kept = left;
    left = -1;
    p = realloc(p, size);
    left = kept;
    return p;
  }
#endif
  return realloc(p, size);
}

#ifndef SANITIZED
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

void *malloc(size_t size)
{
  return deny() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
  return deny() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
  return deny() ? NULL : __libc_realloc(p, size);
}
#endif

/* ---- operations ------------------------------------------------------------------------------ */

/* Each leaves the system as it was, or is undone by what stands behind it. */
static const struct {
  const char *code, *undo;
} scripts[] = {
    {"netns.add 'new'", "netns.delete 'new'"},
    {"netns.list()", NULL},
    {"netns.get 'red'", NULL},
    {"netns 'red':run(function() return link.get 'lo' end)", NULL},
    {"link.add('br0', { type = 'bridge', mtu = 1400 })", "link.delete 'br0'"},
    {"link.set('v-red', { up = true, mtu = 1400 })", NULL},
    {"link.get('v-red'):table()", NULL},
    {"link.list()", NULL},
    {"link.list { type = 'veth' }", NULL},
    {"for l in link.each() do l:table() end", NULL},
    {"link.get 'nope'", NULL},
    {"link.add('late', { type = 'bridge', alias = 'x', addrgenmode = 'none', up = true })",
     "link.delete 'late'"},
    {"link.add('v-new', { up = true, netns = 'red', "
     "veth = { peer = { name = 'v-far', netns = 'red', up = true } } })",
     "netns 'red'.link.delete 'v-new'"},
    {"local l = link.get 'v-red' l.mtu = 1500 l.alias = nil link.set('v-red', l)", NULL},
    {"pcall(link.set, 'v-rde', { up = true })", NULL},
    {"for l in link.each { type = 'veth', up = true } do if l.name then break end end", NULL},
    {"netlink.batch(function(b) for i = 1, 70 do "
     "b.route.replace('10.7.' .. i .. '.0/24', { dev = 'v-red' }) end end)", NULL},
    {"netns 'red'.netlink.batch(function(b) b.link.set('v-peer', { mtu = 1500 }) "
     "pcall(b.link.set, 'v-peer', { mut = 1 }) end)", NULL},
    {"local f <close> = assert(io.open '/run/netns/red') netns(f).link.get 'lo'", NULL},
    {"local core = require 'nslab.core' local was = core.observe(function(op) core.annotate(op.messages[1].bytes) "
     "end) pcall(link.list) core.observe(was)", NULL},
    {"addr.list { address = 'FD00:0::1/64' }", NULL},
    {"route.flush { table = 99 }", NULL},
    {"netns 'red'.link.set('lo', { up = true })", NULL},
    {"addr.replace('10.0.0.1/24', { dev = 'v-red' })", NULL},
    {"addr.list()", NULL},
    {"route.replace('10.9.0.0/16', { via = '10.0.0.2', metric = 5 })", NULL},
    {"for _, r in ipairs(route.list()) do for k in pairs(r) do end end", NULL},
    {"route.get '10.0.0.2'", NULL},
    {"rule.add { from = '10.1.0.0/16', table = 7 }",
     "rule.delete { from = '10.1.0.0/16', table = 7 }"},
    {"neigh.replace('10.0.0.9', { dev = 'v-red', lladdr = '02:00:00:00:00:09' })", NULL},
    {"neigh.list()", NULL},
    {"tostring(netns.host:ping('10.0.0.2', { count = 2, interval_ms = 0 }))", NULL},
    {"netns 'red':ping('10.0.0.1', { dev = 'v-peer' })", NULL},
    {"sysctl.set('net.ipv4.ip_forward', true)", NULL},
    {"sysctl.get 'net.ipv4.ip_forward'", NULL},
    {"tostring(netns 'red'.sysctl.list 'net.ipv4.conf')", NULL},
};

static const char prepare[] = "local red = netns.add 'red'\n"
                              "link.add('v-red', { up = true, veth = { peer = { name = 'v-peer', "
                              "netns = red, up = true } } })\n"
                              "addr.add('10.0.0.1/24', { dev = 'v-red' })\n"
                              "red.addr.add('10.0.0.2/24', { dev = 'v-peer' })\n"
                              "assert(netns.host:ping('10.0.0.2').received == 1)\n";

static lua_State *new_state(void)
{
  lua_State *L = lua_newstate(allocate, NULL);
  luaL_openlibs(L);
  modules_open(L);
  return L;
}

/* Whether what was raised says that memory ran out. */
static bool is_no_memory(lua_State *L, int status)
{
  if (status == LUA_ERRMEM)
    return true;
  if (lua_type(L, -1) != LUA_TTABLE)
    return false;
  lua_getfield(L, -1, "errno");
  bool is = lua_tointeger(L, -1) == ENOMEM;
  lua_pop(L, 1);
  return is;
}

static ino_t where(void)
{
  struct stat st;
  return stat("/proc/thread-self/ns/net", &st) < 0 ? 0 : st.st_ino;
}

/* Runs the code with memory for n allocations. 1: none failed, 0: one did and was treated well. */
static int run_with(const char *code, const char *undo, long n, ino_t home)
{
  lua_State *L = new_state();
  if (luaL_loadstring(L, code) != LUA_OK)
    return ok(false, "%s: %s", code, lua_tostring(L, -1)), -1;
  failed = false;
  left = n;
  int status = lua_pcall(L, 0, 0, 0);
  left = -1;
  bool good = status == LUA_OK || (failed && is_no_memory(L, status));
  if (!good)
    ok(false, "%s, allocation %ld: %s", code, n, luaL_tolstring(L, -1, NULL));
  if (where() != home)
    good = ok(false, "%s, allocation %ld: in another namespace", code, n);
  lua_settop(L, 0);
  if (undo && luaL_dostring(L, undo) != LUA_OK && status == LUA_OK)
    good = ok(false, "%s: %s", undo, luaL_tolstring(L, -1, NULL));
  lua_close(L);
  return good ? !failed : -1;
}

static void test_script(const char *code, const char *undo, ino_t home)
{
  int r = run_with(code, undo, -1, home), before = count_descriptors();
  if (r < 0)
    return;
  long n = 0;
  for (r = 0; r == 0 && n < 100000; n++)
    r = run_with(code, undo, n, home);
  if (r < 0)
    return;
  int after = count_descriptors();
  ok(r == 1 && n > 1 && before == after, "%s: %ld allocations fail, %d descriptors stay open", code,
     n - 1, after - before);
}

int main(int argc, char **argv)
{
  (void)argc;
  if (!getenv("MODULES_MEMORY_ISOLATED")) {
    setenv("MODULES_MEMORY_ISOLATED", "1", 1);
    execlp("unshare", "unshare", geteuid() ? "-Urnm" : "-nm", argv[0], (char *)NULL);
    return 1;
  }
  if (system("mount -t tmpfs tmpfs /run && ip link set lo up") != 0)
    return ok(false, "the network namespace cannot be set up"), tap_end();
  ino_t home = where();
  lua_State *L = new_state();
  if (luaL_dostring(L, prepare) != LUA_OK)
    return ok(false, "%s", luaL_tolstring(L, -1, NULL)), tap_end();
  lua_close(L);
  for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
    test_script(scripts[i].code, scripts[i].undo, home);
  return tap_end();
}
