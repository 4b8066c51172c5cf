/* chain: the chains of filters at one place. Filters make them by being in one; here they are made
 * beforehand, with a template of what their filters may ask, listed, and taken away whole. */
#include "modules/tc.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  tc_explain(e, verb, error);
  if (error->err == EEXIST)
    error->hint = "There is that chain already; chain.list{ dev = ... } shows them.";
}

/* The kernel tells the qdisc alone, not on which side of it they are. */
static const struct object_filter filters[] = {{"parent", object_seen_to},
                                               {"ingress", object_seen_to},
                                               {"egress", object_seen_to},
                                               {NULL, NULL}};

static const struct object chain_object = {.module = "chain",
                                           .schema = &schema_chain,
                                           .new = RTM_NEWCHAIN,
                                           .del = RTM_DELCHAIN,
                                           .get = RTM_GETCHAIN,
                                           .absent_hint = "chain.list{ dev = ... } shows those "
                                                          "of a link in %s.",
                                           .filters = filters,
                                           .narrow = tc_narrow_to_dev,
                                           .explain = explain};

static int chain_add(lua_State *L)
{
  return object_change(L, &chain_object, "add", NLM_F_CREATE | NLM_F_EXCL);
}

static int chain_delete(lua_State *L)
{
  return object_delete(L, &chain_object);
}

static int chain_get(lua_State *L)
{
  return object_first(L, &chain_object);
}

static int chain_list(lua_State *L)
{
  return object_list(L, &chain_object);
}

static int chain_each(lua_State *L)
{
  return object_each(L, &chain_object);
}

#define CHAIN                                                                                      \
  {                                                                                                \
    "chain", "chain.Options", "dev, parent or ingress or egress, chain; a template"                \
  }
#define WHICH                                                                                      \
  {                                                                                                \
    "filter", "chain.Filter", "dev, and parent, ingress, egress, chain"                            \
  }
#define CLSACT                                                                                     \
  "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"                                               \
  "qdisc.add{ dev = \"v0\", type = \"clsact\" }\n"                                                 \
  "chain.add{ dev = \"v0\", egress = true, chain = 5 }\n"

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = chain_add,
     .doc = "Makes a chain. One that is empty stays until it is deleted.",
     .params = {CHAIN},
     .errors = "EEXIST there is one of that number\nEINVAL the link has no such qdisc",
     .example = CLSACT "print(chain.list{ dev = \"v0\", egress = true })",
     .source = "tc(8)"},
    {.name = "delete",
     .fn = chain_delete,
     .doc = "Takes a chain away, with all filters in it.",
     .params = {CHAIN},
     .errors = "ENOENT there is none of that number\nEINVAL the link has no such qdisc",
     .example = CLSACT "chain.delete{ dev = \"v0\", egress = true, chain = 5 }\n"
                       "assert(#chain.list{ dev = \"v0\", egress = true } == 0)",
     .source = "tc(8)"},
    {.name = "get",
     .fn = chain_get,
     .doc = "The first that the filter describes.",
     .params = {WHICH},
     .returns = {{"chain", "chain.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = CLSACT "assert(chain.get{ dev = \"v0\", egress = true, chain = 5 })"},
    {.name = "list",
     .fn = chain_list,
     .doc = "The chains at one place of a link: of its own qdisc, of a parent, of ingress or egress.",
     .params = {WHICH},
     .returns = {{"chains", "chain.Record[]", "printing it prints what tc chain shows"}},
     .errors = "ENODEV there is no such link",
     .example = CLSACT "assert(chain.list{ dev = \"v0\", egress = true }[1].chain == 5)"},
    {.name = "each",
     .fn = chain_each,
     .doc = "Iterates over them without building a list.",
     .params = {WHICH},
     .returns = {{"iterator", "fun(): chain.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = CLSACT "for c in chain.each{ dev = \"v0\", egress = true } do print(c.chain) end"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {{"set", "add"},     {"replace", "add"}, {"flush", "delete"},
                                       {"show", "list"},   {"del", "delete"},  {"change", "add"},
                                       {NULL, NULL}};

const struct rt_module chain_module = {.name = "chain",
                                       .doc = "Chains of filters, which goto chain leads to.",
                                       .funcs = {funcs},
                                       .lacks = lacks,
                                       .bound = true};
