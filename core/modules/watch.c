/* watch: netns.watch - what changes in the lab, as it changes: links, addresses, routes, neighbours
 * and rules of every namespace, namespaces that come and go, and the ruleset of nf_tables. */
#include "modules/object.h"
#include "netlink/watch.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HANDLES = 1, NAMES = 2, QUEUE = 3, OBJECTS = 4 }; /* user values */

struct watcher {
  struct nl_watch watch;
  int timeout_ms;
  bool say;               /* what comes and goes in /run/netns */
  lua_Integer head, tail; /* of the queue of events that one look at /run/netns made */
};

static int watcher_close(lua_State *L)
{
  struct watcher *w = lua_touserdata(L, 1);
  nl_watch_close(&w->watch);
  return 0;
}

static int watcher_next(lua_State *L);
static int watcher_call(lua_State *L);
static int watcher_fd(lua_State *L);

static const luaL_Reg watcher_methods[] = {
    {"next", watcher_next}, {"fd", watcher_fd}, {"close", watcher_close}, {NULL, NULL}};
static const luaL_Reg watcher_meta[] = {{"__call", watcher_call}, {NULL, NULL}};
static const struct rt_class watcher_class = {.name = "nslab.watcher",
                                              .close = watcher_close,
                                              .methods = watcher_methods,
                                              .metamethods = watcher_meta};

static struct watcher *check_watcher(lua_State *L, struct rt_op *op)
{
  struct watcher *w = rt_test(L, 1, &watcher_class);
  *op = (struct rt_op){.module = "netns", .verb = "watch", .netns = netns_here()->name};
  if (w == NULL)
    luaL_typeerror(L, 1, "watcher");
  return w;
}

/* ---- namespaces that come and go ------------------------------------------------------------- */

/* Pushes { event, object = "netns", key, netns } into the queue. */
static void queue_netns(lua_State *L, struct watcher *w, const char *event, const char *name)
{
  struct netns_ref ref = {.kind = NETNS_NAMED, .fd = -1};
  snprintf(ref.name, sizeof ref.name, "%s", name);
  lua_getiuservalue(L, 1, QUEUE);
  lua_createtable(L, 0, 4);
  lua_pushstring(L, event);
  lua_setfield(L, -2, "event");
  lua_pushliteral(L, "netns");
  lua_setfield(L, -2, "object");
  lua_pushstring(L, name);
  lua_setfield(L, -2, "key");
  netns_push(L, &ref);
  lua_setfield(L, -2, "netns");
  lua_rawseti(L, -2, ++w->tail);
  lua_pop(L, 1);
}

static bool collect_name(void *arg, const char *name)
{
  luaL_addlstring(arg, name, strlen(name) + 1);
  return true;
}

/* What tells the namespace of that name from another one that had the name before: the inode of the
 * kernel's file. 0 when there is none behind the name (yet). */
static lua_Integer identity(const char *name)
{
  char path[sizeof NL_NETNS_DIR + 256];
  struct stat st, own;
  snprintf(path, sizeof path, NL_NETNS_DIR "/%s", name);
  if (stat(path, &st) < 0 || stat("/proc/self/ns/net", &own) < 0 || st.st_dev != own.st_dev)
    return 0;
  return (lua_Integer)st.st_ino;
}

/* A namespace is heard only once it has a number; what happened in it before is not told, so its
 * own event comes after. */
static void number_namespace(const char *name)
{
  struct netns_ref ref = {.kind = NETNS_NAMED, .fd = -1};
  int fd;
  bool owned;
  snprintf(ref.name, sizeof ref.name, "%s", name);
  if (netns_ref_open(&ref, &fd, &owned) < 0)
    return; /* gone again: nothing to hear */
  if (fd != NL_HERE && nl_watch_number(fd) < 0)
    fd = NL_HERE;
  if (owned)
    close(fd);
}

/* One name of /run/netns, with `now` and `before` as tables of names and identities: a name that
 * has been given to another namespace went and came. */
static void look_at_name(lua_State *L, struct watcher *w, int now, int before, const char *name)
{
  lua_Integer is = identity(name);
  if (is == 0)
    return; /* a file that nothing is mounted on: `ip netns add` is not done with it */
  lua_getfield(L, before, name);
  lua_Integer was = lua_tointeger(L, -1);
  lua_pop(L, 1);
  lua_pushinteger(L, is);
  lua_setfield(L, now, name);
  if (is == was)
    return;
  number_namespace(name);
  if (was && w->say)
    queue_netns(L, w, "delete", name);
  if (w->say)
    queue_netns(L, w, "new", name);
}

/* Compares /run/netns with what was there at the last look; says the differences if asked. */
static void look_at_names(lua_State *L, struct watcher *w)
{
  luaL_Buffer b;
  size_t len;
  luaL_buffinit(L, &b);
  int err = netns_each_name(collect_name, &b);
  luaL_pushresult(&b);
  if (err) {
    lua_pop(L, 1);
    return;
  }
  const char *name = lua_tolstring(L, -1, &len), *end = name + len;
  lua_newtable(L);
  int now = lua_gettop(L);
  lua_getiuservalue(L, 1, NAMES);
  int before = lua_gettop(L);
  for (; name < end; name += strlen(name) + 1)
    look_at_name(L, w, now, before, name);
  for (lua_pushnil(L); lua_next(L, before); lua_pop(L, 1)) {
    if (lua_getfield(L, now, lua_tostring(L, -2)) == LUA_TNIL && w->say)
      queue_netns(L, w, "delete", lua_tostring(L, -3));
    lua_pop(L, 1);
  }
  lua_pushvalue(L, now);
  lua_setiuservalue(L, 1, NAMES);
  lua_settop(L, now - 2);
}

/* Numbers may be given to others now. */
static void forget_handles(lua_State *L)
{
  lua_newtable(L);
  lua_setiuservalue(L, 1, HANDLES);
}

/* Pushes the handle of the namespace of that number; nil when it has no name. */
static void push_handle(lua_State *L, int nsid)
{
  struct nl_sock s = NL_CLOSED;
  struct netns_ref ref;
  if (nsid < 0) {
    netns_push(L, netns_here());
    return;
  }
  lua_getiuservalue(L, 1, HANDLES);
  if (lua_rawgeti(L, -1, nsid) == LUA_TNIL && nl_open(&s, NL_HERE, NETLINK_ROUTE) == 0) {
    bool found = netns_find_nsid(&s, nsid, &ref);
    nl_close(&s);
    if (found) {
      lua_pop(L, 1);
      netns_push(L, &ref);
      lua_pushvalue(L, -1);
      lua_rawseti(L, -3, nsid);
    }
  }
  lua_remove(L, -2);
}

/* ---- events ---------------------------------------------------------------------------------- */

static const char *const nft_words[] = {
    [NFT_MSG_NEWTABLE] = "table",     [NFT_MSG_DELTABLE] = "table",
    [NFT_MSG_NEWCHAIN] = "chain",     [NFT_MSG_DELCHAIN] = "chain",
    [NFT_MSG_NEWRULE] = "rule",       [NFT_MSG_DELRULE] = "rule",
    [NFT_MSG_NEWSET] = "set",         [NFT_MSG_DELSET] = "set",
    [NFT_MSG_NEWSETELEM] = "element", [NFT_MSG_DELSETELEM] = "element",
    [NFT_MSG_NEWGEN] = "generation",
};

/* The filter `objects` of the watcher; no filter lets everything through. */
static bool wanted(lua_State *L, const char *object)
{
  bool is =
      lua_getiuservalue(L, 1, OBJECTS) != LUA_TTABLE || lua_getfield(L, -1, object) != LUA_TNIL;
  lua_settop(L, lua_gettop(L) - (lua_istable(L, -2) ? 2 : 1));
  return is;
}

static bool push_nft(lua_State *L, struct watcher *w, const struct nl_event *e)
{
  (void)w;
  unsigned type = NFNL_MSG_TYPE(e->msg->nlmsg_type);
  const char *what = type < sizeof nft_words / sizeof *nft_words ? nft_words[type] : NULL;
  if (NFNL_SUBSYS_ID(e->msg->nlmsg_type) != NFNL_SUBSYS_NFTABLES || what == NULL ||
      !wanted(L, "nftables"))
    return false;
  lua_createtable(L, 0, 4);
  bool deleted = type == NFT_MSG_DELTABLE || type == NFT_MSG_DELCHAIN || type == NFT_MSG_DELRULE ||
                 type == NFT_MSG_DELSET || type == NFT_MSG_DELSETELEM;
  rt_set_text(L, "event", deleted ? "delete" : "new");
  rt_set_text(L, "object", "nftables");
  rt_set_text(L, "what", what);
  push_handle(L, e->nsid);
  lua_setfield(L, -2, "netns");
  return true;
}

static void push_context_of(lua_State *L, int handle)
{
  lua_createtable(L, 0, 2);
  lua_pushvalue(L, handle);
  lua_setfield(L, -2, "netns");
  lua_newtable(L);
  lua_setfield(L, -2, "names");
}

/* A bridge says the same again of its ports as if they were links. */
static bool is_repeated(const struct nlmsghdr *msg, const struct schema_message *m)
{
  const struct rtgenmsg *g = mnl_nlmsg_get_payload(msg);
  return mnl_nlmsg_get_payload_len(msg) < sizeof *g ||
         (g->rtgen_family == AF_BRIDGE && m->family != AF_BRIDGE);
}

/* Whether that object was named among those that are wanted. */
static bool asked_for(lua_State *L, const char *object)
{
  bool is = lua_getiuservalue(L, 1, OBJECTS) == LUA_TTABLE;
  lua_pop(L, 1);
  return is && wanted(L, object);
}

/* Pushes the event that the message about one object tells. */
static void push_record_event(lua_State *L, const struct nlmsghdr *msg, int nsid,
                              const struct schema *schema, const char *object)
{
  lua_createtable(L, 0, 4);
  rt_set_text(L, "event", msg->nlmsg_type % 4 == 1 ? "delete" : "new");
  rt_set_text(L, "object", object);
  int event = lua_gettop(L);
  push_handle(L, nsid);
  lua_pushvalue(L, -1);
  lua_setfield(L, event, "netns");
  int context = 0;
  if (!lua_isnil(L, -1)) {
    push_context_of(L, lua_gettop(L));
    context = lua_gettop(L);
  }
  schema_push_record(L, schema, msg, context);
  lua_setfield(L, event, "record");
  lua_settop(L, event);
}

static bool push_queued(lua_State *L, struct watcher *w)
{
  if (w->head == w->tail)
    return false;
  lua_getiuservalue(L, 1, QUEUE);
  lua_rawgeti(L, -1, ++w->head);
  lua_pushnil(L);
  lua_rawseti(L, -3, w->head);
  lua_remove(L, -2);
  return true;
}

enum { PART_BYTES = 4096 };

/* What a message tells of several objects are as many events: the first one is pushed, the others
 * wait in the queue, which is empty while the kernel is asked. */
static bool push_parts(lua_State *L, struct watcher *w, const struct nl_event *e,
                       const struct schema *schema)
{
  _Alignas(8) char buf[PART_BYTES];
  struct schema_split split;
  const struct nlmsghdr *part;
  schema_split_begin(&split, schema, e->msg, buf, sizeof buf);
  lua_getiuservalue(L, 1, QUEUE);
  int queue = lua_gettop(L);
  while ((part = schema_split_next(&split))) {
    push_record_event(L, part, e->nsid, schema_part(schema), schema_part(schema)->name);
    lua_rawseti(L, queue, ++w->tail);
  }
  lua_settop(L, queue - 1);
  return push_queued(L, w);
}

static bool push_route(lua_State *L, struct watcher *w, const struct nl_event *e)
{
  const struct schema_message *m = schema_message_at(e->msg);
  if (e->msg->nlmsg_type == RTM_DELNSID)
    forget_handles(L);
  bool repeated = m != NULL && is_repeated(e->msg, m);
  if (m == NULL || !(repeated ? m->schema == &schema_link && asked_for(L, "port")
                              : wanted(L, schema_part(m->schema)->name)))
    return false;
  if (m->schema->split)
    return push_parts(L, w, e, m->schema);
  push_record_event(L, e->msg, e->nsid, m->schema, repeated ? "port" : m->schema->name);
  return true;
}

static bool push_lost(lua_State *L, struct watcher *w, const struct nl_event *e)
{
  (void)w, (void)e;
  lua_createtable(L, 0, 1);
  rt_set_text(L, "event", "lost");
  return true;
}

static bool push_none(lua_State *L, struct watcher *w, const struct nl_event *e)
{
  (void)L, (void)w, (void)e;
  return false;
}

static bool (*const push_event[])(lua_State *, struct watcher *,
                                  const struct nl_event *) = {[NL_WATCH_ROUTE] = push_route,
                                                              [NL_WATCH_NFT] = push_nft,
                                                              [NL_WATCH_MOUNTS] = push_none,
                                                              [NL_WATCH_LOST] = push_lost};

/* Pushes what one event of the kernel says, or nothing. */
static bool push_of(lua_State *L, struct watcher *w, const struct nl_event *e)
{
  if (e->source == NL_WATCH_MOUNTS || e->source == NL_WATCH_LOST) {
    look_at_names(L, w);
    forget_handles(L);
  }
  return push_event[e->source](L, w, e);
}

/* Leaves the next event on the stack, or nil when none came in time. Before it waits, it looks at
 * the names: who polls the descriptor has taken away the news that they changed. */
static int next_event(lua_State *L, struct watcher *w, struct rt_op *op, int timeout_ms)
{
  struct nl_event e;
  if (w->watch.mounts < 0)
    rt_raisef(L, op, EBADF, NULL, NULL, "the watcher is closed");
  for (bool looked = false;;) {
    if (push_queued(L, w))
      return 1;
    int r = nl_watch_next(&w->watch, looked ? timeout_ms : 0, &e);
    if (r == -EINTR)
      rt_check_interrupt(L, op);
    else if (r < 0)
      rt_raise(L, op, &(struct rt_error){.err = -r});
    if (r == 1 && push_of(L, w, &e))
      return 1;
    if (r != 0)
      continue;
    if (looked) {
      lua_pushnil(L);
      return 1;
    }
    look_at_names(L, w);
    looked = true;
  }
}

/* watcher:next([timeout_ms]) */
static int watcher_next(lua_State *L)
{
  struct rt_op op;
  struct watcher *w = check_watcher(L, &op);
  int timeout_ms = (int)luaL_optinteger(L, 2, w->timeout_ms);
  lua_settop(L, 1);
  return next_event(L, w, &op, timeout_ms);
}

/* The watcher is the iterator of a generic for. */
static int watcher_call(lua_State *L)
{
  struct rt_op op;
  struct watcher *w = check_watcher(L, &op);
  lua_settop(L, 1);
  return next_event(L, w, &op, w->timeout_ms);
}

/* watcher:fd() -> what to poll beside other things */
static int watcher_fd(lua_State *L)
{
  struct rt_op op;
  struct watcher *w = check_watcher(L, &op);
  int fd = w->watch.mounts < 0 ? -EBADF : nl_watch_fd(&w->watch);
  if (fd < 0)
    rt_raise(L, &op, &(struct rt_error){.err = -fd});
  lua_pushinteger(L, fd);
  return 1;
}

/* Walks over what can be watched: what the kernel tells of with messages that have rows, and what
 * has no such message. */
struct watchable {
  const struct schema_message *at;
  const char *const *other;
};

static const char *const others[] = {"netns", "nftables", "port", NULL};

static const char *next_watchable(void *arg)
{
  struct watchable *w = arg;
  for (const char *last = NULL; w->at->schema; w->at++) {
    const char *name = w->at->schema->name;
    if (!w->at->request && (last == NULL || strcmp(last, name) != 0) && w->at->type % 4 == 0) {
      w->at++;
      return name;
    }
    last = name;
  }
  return *w->other ? *w->other++ : NULL;
}

static bool is_watchable(const char *name)
{
  struct watchable w = {schema_messages, others};
  for (const char *at; name && (at = next_watchable(&w)) != NULL;)
    if (strcmp(at, name) == 0)
      return true;
  return false;
}

static _Noreturn void raise_not_watchable(lua_State *L, struct rt_op *op, const char *name)
{
  struct watchable w = {schema_messages, others};
  luaL_Buffer all;
  luaL_buffinit(L, &all);
  for (const char *at; (at = next_watchable(&w)) != NULL;) {
    luaL_addstring(&all, luaL_bufflen(&all) ? " " : "");
    luaL_addstring(&all, at);
  }
  luaL_pushresult(&all);
  rt_raisef(L, op, EINVAL, "objects", lua_tostring(L, -1), "\"%s\" is nothing that can be watched",
            name);
}

/* objects = { "link", "addr" } becomes a set. */
static void take_objects(lua_State *L, struct rt_op *op, int options, int box)
{
  if (options == 0 || lua_getfield(L, options, "objects") == LUA_TNIL)
    return;
  if (!lua_istable(L, -1))
    rt_raisef(L, op, EINVAL, "objects", NULL, "a list of names is needed: { \"link\", \"addr\" }");
  lua_newtable(L);
  lua_Integer n = luaL_len(L, -2);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, -2, i);
    const char *name = lua_tostring(L, -1);
    if (!is_watchable(name))
      raise_not_watchable(L, op, rt_shown(L, -1));
    lua_pushboolean(L, 1);
    lua_setfield(L, -3, name);
    lua_pop(L, 1);
  }
  lua_setiuservalue(L, box, OBJECTS);
}

static void open_watcher(lua_State *L, struct rt_op *op, int options)
{
  static const char *const keys[] = {"timeout_ms", "objects", NULL};
  rt_check_keys(L, op, options, keys);
  int given = lua_isnoneornil(L, options) ? 0 : options;
  lua_Integer timeout = rt_opt_integer(L, op, options, "timeout_ms", -1, INT32_MAX, -1);
  struct watcher *w = rt_new(L, &watcher_class, sizeof *w, 4);
  int box = lua_gettop(L);
  w->watch = NL_WATCH_CLOSED;
  w->timeout_ms = (int)timeout;
  take_objects(L, op, given, box);
  lua_settop(L, box);
  for (int i = HANDLES; i <= QUEUE; i++) {
    lua_newtable(L);
    lua_setiuservalue(L, box, i);
  }
  int err = nl_watch_open(&w->watch);
  if (err)
    rt_raise(L, op, &(struct rt_error){.err = -err});
}

static int netns_watch(lua_State *L)
{
  struct rt_op op = {.module = "netns", .verb = "watch", .netns = netns_here()->name};
  lua_settop(L, 2);
  if (!lua_isnil(L, 2))
    luaL_checktype(L, 2, LUA_TFUNCTION);
  open_watcher(L, &op, 1);
  lua_replace(L, 1);
  struct watcher *w = lua_touserdata(L, 1);
  look_at_names(L, w);
  w->say = wanted(L, "netns");
  if (lua_isnil(L, 2)) { /* for event in netns.watch() do: the loop closes it */
    lua_settop(L, 1);
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushvalue(L, 1);
    return 4;
  }
  lua_toclose(L, 1);
  for (bool stop = false; !stop; lua_settop(L, 2)) {
    next_event(L, w, &op, w->timeout_ms);
    if (lua_isnil(L, -1))
      break;
    lua_pushvalue(L, 2);
    lua_insert(L, -2);
    lua_call(L, 1, 1);
    stop = lua_toboolean(L, -1);
  }
  return 0;
}

const struct rt_param event_fields[] = {
    {"event", "\"new\"|\"delete\"|\"lost\"",
     "lost: the kernel's queue overran, read again what matters"},
    {"object?", "string",
     "netns, link, addr, route, neigh, rule, nexthop, nexthop_bucket, fdb, vlan, vlan_global, mdb, "
     "vni, qdisc, "
     "class, filter, "
     "mroute, mpls, netconf, nsid, nftables, port"},
    {"netns?", "netns.Handle", "where; of object netns: which"},
    {"record?",
     "link.Record|addr.Record|route.Record|neigh.Record|rule.Record|nexthop.Record|nexthop_bucket."
     "Record|fdb.Record|vlan."
     "Record|"
     "mdb.Record|vni.Record|qdisc.Record|"
     "class.Record|filter.Record|mroute.Record|mpls.Record|netconf.Record|nsid.Record",
     "what it is now"},
    {"key?", "string", "the name, of a namespace"},
    {"what?", "string", "table, chain, rule, set ...; of nftables"},
    {NULL, NULL, NULL}};

#define WATCHER "local w <close> = netns.watch{ objects = { \"link\" } }\n"

const struct rt_func watcher_value_methods[] = {
    {.name = "next",
     .fn = watcher_next,
     .doc = "Waits for the next event.",
     .params = {{"timeout_ms?", "integer",
                 "that of the watcher unless given; -1: as long as it takes"}},
     .returns = {{"event", "netns.Event?", "nil when none came in time"}},
     .errors = "EINTR the script was interrupted\nEBADF it is closed",
     .example = WATCHER "link.set(\"lo\", { mtu = 9000 })\n"
                        "assert(w:next(1000).record.name == \"lo\")"},
    {.name = "fd",
     .fn = watcher_fd,
     .doc =
         "A descriptor to poll beside others, for input: when it is readable, call next(0) until "
         "that returns nil.",
     .returns = {{"fd", "integer", "closed with the watcher"}},
     .errors = "EBADF it is closed",
     .example = WATCHER "assert(w:fd() >= 0)"},
    {.name = "close",
     .fn = watcher_close,
     .doc =
         "Ends it. A variable declared <close>, or a generic for, does that by itself; safe twice.",
     .example = "local w = netns.watch()\nw:close()"},
    {.name = NULL}};

const struct rt_func watch_funcs[] = {
    {.name = "watch",
     .fn = netns_watch,
     .doc = "Tells what changes in the lab as it changes, in every namespace that has a name: an "
            "iterator, or with a function a loop that calls it until it returns true. The watcher "
            "has next(timeout_ms), fd() and close(). An event has `event` (\"new\", \"delete\", or "
            "\"lost\" when the kernel's queue overran: read again what matters), `object` (netns, "
            "link, addr, route, neigh, rule, nexthop, nexthop_bucket, fdb, vlan, vlan_global, mdb, "
            "vni, qdisc, "
            "class, filter, "
            "mroute, mpls, netconf, nsid, nftables), `netns`, and `record`, or `key` for a "
            "namespace, or `what` for nftables. Only those who ask for `port` get what a bridge says "
            "of its ports besides, as records of links.",
     .params = {{"options?", "{ timeout_ms?: integer, objects?: string[] }",
                 "ends after so many milliseconds without an event; only these objects"},
                {"fn?", "fun(event: netns.Event): boolean?", "called for each; true ends it"}},
     .returns = {{"watcher", "netns.Watcher", "for a generic for; nothing with a function"}},
     .errors = "EINVAL an object that cannot be watched",
     .example = "local w = netns.watch{ timeout_ms = 1000, objects = { \"link\" } }\n"
                "link.add(\"br0\", { type = \"bridge\" })\n"
                "for event in w do\n"
                "  if event.record.name == \"br0\" then break end\n"
                "end",
     .source = "rtnetlink(7), linux/netlink.h NETLINK_LISTEN_ALL_NSID"},
    {.name = NULL}};
