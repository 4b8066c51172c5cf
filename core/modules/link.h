/* link: what the files of the module link share. */
#pragma once
#include "modules/object.h"

extern const struct object link_object;
/* A record stands for its name. */
void link_take_name(lua_State *L);
/* The link of the call as the key of the message that is being made: by number, name or altname. */
void link_put_key(struct object_call *c, const char *verb);

extern const struct rt_func link_altname_funcs[]; /* link_altname.c */
extern const struct rt_func link_wait_funcs[];    /* link_wait.c */
