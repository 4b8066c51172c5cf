/* tc: what the modules qdisc, class and filter share: how a listing is narrowed down, and what the
 * kernel's complaints mean. */
#include "modules/tc.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

static const char *const places[] = {"dev", "parent", "ingress", "egress", NULL};

void tc_narrow(struct schema_enc *e, int filter)
{
  for (const char *const *key = places; filter && *key; key++) {
    if (lua_getfield(e->L, filter, *key) != LUA_TNIL && schema_row_of(e->schema, *key) &&
        (!lua_isboolean(e->L, -1) || lua_toboolean(e->L, -1)))
      schema_put_key(e, *key);
    lua_pop(e->L, 1);
  }
}

void tc_narrow_to_dev(struct schema_enc *e, int filter)
{
  tc_narrow(e, filter);
  if (((const struct tcmsg *)(void *)e->hdr)->tcm_ifindex == 0)
    rt_raisef(e->L, e->op, EINVAL, "dev",
              lua_pushfstring(e->L, "%s.%s{ dev = \"eth0\" }", e->op->module, e->op->verb),
              "which link? The kernel tells them for one link at a time");
}

/* The kernel's words for what was not built into it. */
static bool is_lacking(const char *kernel)
{
  static const char *const words[] = {"kind is unknown", "classifier not found", "action module",
                                      "qdisc not found"};
  for (size_t i = 0; kernel && i < sizeof words / sizeof *words; i++)
    if (strstr(kernel, words[i]))
      return true;
  return false;
}

void tc_explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  (void)verb;
  if (error->err == ENOENT && is_lacking(error->kernel))
    error->hint = "This kernel was built without it; `nslab doctor` tells what there is.";
  else if (error->err == EEXIST)
    error->hint = lua_pushfstring(e->L, "%s.replace takes its place, %s.change changes it.",
                                  e->op->module, e->op->module);
  else if (error->err == ENOENT || error->err == ESRCH)
    error->hint = lua_pushfstring(e->L, "%s.list{ dev = ... } shows what there is.", e->op->module);
}

/* Pushes a table with what says which one the record at 1 is. */
static void push_identity(lua_State *L, const struct schema *s)
{
  static const char *const keys[] = {"dev",  "parent",   "root", "ingress", "egress",  "handle",
                                     "type", "protocol", "pref", "chain",   "classid", NULL};
  lua_newtable(L);
  for (const char *const *key = keys; *key; key++)
    if (schema_row_of(s, *key)) {
      lua_getfield(L, 1, *key);
      lua_setfield(L, -2, *key);
    }
}

/* The kernel looks for no filter by control group: there is one of a pref, which says enough. */
static void forget_handle(lua_State *L)
{
  bool lone = lua_getfield(L, -1, "type") == LUA_TSTRING && strcmp(lua_tostring(L, -1), "cgroup") == 0;
  lua_pop(L, 1);
  if (!lone)
    return;
  lua_pushnil(L);
  lua_setfield(L, -2, "handle");
}

int tc_delete(lua_State *L, const struct object *o)
{
  if (schema_record(L, 1) == o->schema) {
    push_identity(L, o->schema);
    forget_handle(L);
    lua_replace(L, 1);
  }
  return object_delete(L, o);
}
