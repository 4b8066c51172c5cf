/* link: what the files of the module link share. */
#pragma once
#include "modules/object.h"

extern const struct object link_object;
/* A record stands for its name. */
void link_take_name(lua_State *L);
/* The link of the call as the key of the message that is being made: by number, name or altname. */
void link_put_key(struct object_call *c, const char *verb);

/* Whether the message would make a tun or tap link (link_tun.c). */
bool link_is_tun(struct schema_enc *e);
/* Makes it in that namespace, and pushes its name: the kernel numbers "tun%d". Raises. */
void link_make_tun(struct object_call *c, const struct netns_ref *where);

extern const struct rt_func link_altname_funcs[]; /* link_altname.c */
extern const struct rt_func link_wait_funcs[];    /* link_wait.c */
