/* modules: one file per Lua module. What they share: which namespace a call acts in, and the
 * barrier before packets are sent. */
#pragma once
#include "runtime/runtime.h"

extern const struct rt_module netns_module, link_module, addr_module, route_module, neigh_module,
    rule_module, sysctl_module, netlink_module;

/* Registers every module of the core as a global and in package.loaded. */
void modules_open(lua_State *L);

/* ---- the namespace of a call ----------------------------------------------------------------- */

/* Pushes a handle for /run/netns/NAME. The same name gives the same handle. */
void netns_push(lua_State *L, const char *name);
/* A descriptor for the namespace that the running C function acts in: that of the handle in its
 * upvalue 1, or NL_HERE. Must be closed with netns_close (safe for NL_HERE). Sets op->netns, the
 * name as shown. Raises when there is no such namespace. Pushes one to-be-closed value that closes
 * the descriptor on every way out. */
int netns_of_call(lua_State *L, struct rt_op *op);
/* The same for a value that a user gave: a handle, a name, a pid, or a descriptor's number as
 * { fd = N }. `field` is what an error names. */
int netns_of_value(lua_State *L, struct rt_op *op, int idx, const char *field);
/* The same for the handle at idx, which is the receiver of a method such as red:ping(). */
int netns_of_self(lua_State *L, struct rt_op *op, int idx);
/* The name to show for the handle at idx: "red", "host", "pid 42". */
const char *netns_name(lua_State *L, int idx);

/* ---- the barrier ----------------------------------------------------------------------------- */

/* Remembers that the link came up. `netns` is a descriptor or NL_HERE. */
void barrier_note(int netns, uint32_t ifindex);
/* Before anything that sends: makes sure that the kernel has activated every link that came up. */
void barrier_wait(void);

/* A number that no link of this lab has: both ends of a link that is born in place get one each. */
uint32_t ifindex_next(void);
/* The kernel said the number was taken: look again at what is there. */
void ifindex_refresh(void);

/* ---- methods of a handle that live in other files --------------------------------------------- */

int netns_exec(lua_State *L);  /* process.c */
int netns_spawn(lua_State *L); /* process.c */
int netns_ping(lua_State *L);  /* ping.c */
