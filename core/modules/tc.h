/* tc: what the modules of traffic control share. */
#pragma once
#include "modules/object.h"

extern const struct object qdisc_object;

/* list: puts the link and the parent of the filter into the question; `needs_dev` raises without a
 * link, for objects that the kernel tells for one link only. */
void tc_narrow(struct schema_enc *e, int filter);
void tc_narrow_to_dev(struct schema_enc *e, int filter);
/* Says what the kernel's words mean for a user. */
void tc_explain(struct schema_enc *e, const char *verb, struct rt_error *error);
/* delete: a record says which one it is by what is not an option of its kind. */
int tc_delete(lua_State *L, const struct object *o);
