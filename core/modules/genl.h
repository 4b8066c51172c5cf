/* genl: what objects share that are spoken of over generic netlink: WireGuard, MACsec, fou. */
#pragma once
#include "modules/object.h"

/* A family there, and what a kernel without it lacks. */
struct genl_family {
  const char *name;
  uint8_t version;
  const char *lacks; /* a sentence without its point */
  const char *hint;
};

/* Opens the call with a socket of generic netlink too, and encodes what it asks for as that command
 * of the family. Raises, also where the kernel has no such family, and in a batch. */
void genl_begin(lua_State *L, struct object_call *c, const struct object *o,
                const struct genl_family *f, const char *verb, uint8_t cmd);
/* The same of a question that says nothing more. */
void genl_ask(lua_State *L, struct object_call *c, const struct object *o,
              const struct genl_family *f, const char *verb, uint8_t cmd);
/* Sends what was encoded and waits for the answer; raises what the kernel said. Ends the operation
 * and returns 0. */
int genl_send(struct object_call *c, const struct object *o);
/* Asks for all that the command tells, and calls fn for each answer. */
void genl_dump(struct object_call *c, const struct object *o, void *arg,
               void (*fn)(struct object_call *c, const struct nlmsghdr *msg, void *arg));
/* The same; pushes the context and the list of records. Returns the stack index of the list. */
int genl_push_list(struct object_call *c, const struct object *o);
