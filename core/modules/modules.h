/* modules: one file per Lua module. What they share: which namespace a call acts in, and the
 * barrier before packets are sent. */
#pragma once
#include "runtime/runtime.h"
#include <sys/types.h>

extern const struct rt_module netns_module, link_module, addr_module, route_module, neigh_module,
    rule_module, nexthop_module, nexthop_bucket_module, fdb_module, vlan_module, vlan_global_module, mdb_module,
    vni_module, qdisc_module, class_module, filter_module, chain_module, socket_module, wireguard_module,
    addrlabel_module, fou_module, macsec_module, mroute_module, mpls_module, netconf_module, nsid_module,
    sysctl_module, netlink_module;

/* Every module, in the order that help lists them; ends with NULL. */
extern const struct rt_module *const modules_all[];

/* Registers every module of the core as a global and in package.loaded. */
void modules_open(lua_State *L);

/* From now on IPv6 addresses undergo duplicate address detection in a sandbox, too, unless nodad is
 * given with them. */
void addr_keep_dad(void);

/* Milliseconds of a clock that nobody sets. */
int64_t modules_now_ms(void);

/* ---- namespaces ------------------------------------------------------------------------------ */

enum netns_kind { NETNS_HOST, NETNS_NAMED, NETNS_PID, NETNS_FD };

/* Which namespace is meant. It pins nothing (but NETNS_FD, whose handle owns the descriptor) and
 * is resolved when it is used. */
struct netns_ref {
  enum netns_kind kind;
  int fd;         /* NETNS_FD */
  pid_t pid;      /* NETNS_PID */
  char name[256]; /* as shown: "red", "host", "pid 42" */
};

/* The namespace that the script runs in: the host, or that of the innermost red:run. */
const struct netns_ref *netns_here(void);
/* A descriptor of it, NL_HERE when the thread is there already; *ret_owned says to close it. */
__attribute__((warn_unused_result)) int netns_ref_open(const struct netns_ref *ref, int *ret_fd,
                                                       bool *ret_owned);
/* The namespace that the running C function acts in: of the handle in its upvalue 1, or the one
 * the script runs in. */
const struct netns_ref *netns_ref_of_call(lua_State *L);
/* Which namespace a value means that a user gave: a handle, a name, a pid, an open file, or
 * { fd = N }. `field` is what an error names. */
void netns_ref_of_value(lua_State *L, struct rt_op *op, int idx, const char *field,
                        struct netns_ref *ret);
/* Raises about a namespace that could not be opened; err is positive. */
_Noreturn void netns_raise(lua_State *L, struct rt_op *op, const char *field,
                           const struct netns_ref *ref, int err);
/* Pushes the handle for it. The same name gives the same handle. */
void netns_push(lua_State *L, const struct netns_ref *ref);

/* A descriptor for the namespace that the running C function acts in, or NL_HERE. Sets op->netns,
 * the name as shown. Raises when there is no such namespace. Pushes one to-be-closed value that
 * closes the descriptor on every way out. */
int netns_of_call(lua_State *L, struct rt_op *op);
/* The same for the handle at idx, which is the receiver of a method such as red:ping(). */
int netns_of_self(lua_State *L, struct rt_op *op, int idx);
/* What the handle at idx means, NULL if it is none. */
const struct netns_ref *netns_ref_of_handle(lua_State *L, int idx);
/* The name of the handle at idx for messages: "red", "host", "pid 42". */
const char *netns_name(lua_State *L, int idx);
/* The name under /run/netns of the handle at idx, NULL if it has none. */
const char *netns_file_name(lua_State *L, int idx);

/* ---- the barrier ----------------------------------------------------------------------------- */

/* Remembers that the link came up. */
void barrier_note(const struct netns_ref *netns, const char *ifname);
/* Before anything that sends: makes sure that the kernel has activated every link that came up. */
void barrier_wait(void);

/* A number that no link of this lab has: both ends of a link that is born in place get one each. */
int32_t ifindex_next(void);
/* The kernel said the number was taken: look again at what is there. */
void ifindex_refresh(void);

/* ---- functions of netns and methods of its handles that live in other files ------------------ */

extern const struct rt_func watch_funcs[]; /* watch.c */
extern const struct rt_func watcher_value_methods[];
extern const struct rt_param event_fields[];
extern const struct rt_func process_methods[]; /* process.c: exec, spawn */
extern const struct rt_func ping_methods[];    /* ping.c */
