/* link: what the files of the module link share. */
#pragma once
#include "modules/object.h"

extern const struct object link_object;
/* A record stands for its name. */
void link_take_name(lua_State *L);
/* The link of the call as the key of the message that is being made: by number, name or altname. */
void link_put_key(struct object_call *c, const char *verb);

/* Where the link itself is to be: *ret is left when the options do not say. */
void link_own_netns(lua_State *L, struct rt_op *op, int options, struct netns_ref *ret);
/* The name and namespace of the other end of a veth, as its options say; the name has room for
 * IFNAMSIZ. false without one that has a name. */
bool link_other_end(lua_State *L, struct rt_op *op, int options, struct netns_ref *ret_netns,
                    char *ret_name);
/* Fills in what the kernel's answer to a request about a link means (link_explain.c). */
void link_explain(struct schema_enc *e, const char *verb, struct rt_error *error);

/* Whether the message would make a tun or tap link (link_tun.c). */
bool link_is_tun(struct schema_enc *e);
/* Makes it in that namespace, and pushes its name: the kernel numbers "tun%d". Raises. */
void link_make_tun(struct object_call *c, const struct netns_ref *where);

extern const struct rt_func link_altname_funcs[]; /* link_altname.c */
extern const struct rt_func link_wait_funcs[];    /* link_wait.c */
