/* addrlabel: labels of networks, by which the kernel chooses an own IPv6 address for a destination.
 */
#include "modules/object.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* The kernel wants the number also of a label that goes, and does not look at it. */
static void defaults(struct schema_enc *e, const char *verb)
{
  *e->family = AF_INET6;
  if (strcmp(verb, "delete") == 0 && !schema_given(e, "label")) {
    lua_pushinteger(e->L, 0);
    schema_put_key(e, "label");
    lua_pop(e->L, 1);
  }
}

static void narrow(struct schema_enc *e, int filter)
{
  (void)filter;
  *e->family = AF_INET6;
}

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  (void)verb;
  if (error->err == ESRCH || error->err == ENOENT)
    error->text = lua_pushfstring(e->L, "no label is given to %s", e->op->key);
}

static const struct object addrlabel_object = {
    .module = "addrlabel",
    .schema = &schema_addrlabel,
    .key = "prefix",
    .new = RTM_NEWADDRLABEL,
    .del = RTM_DELADDRLABEL,
    .get = RTM_GETADDRLABEL,
    .exists_hint = "addrlabel.delete(\"%s\") removes the one that is there.",
    .absent_hint = "addrlabel.list() shows those of %s.",
    .defaults = defaults,
    .narrow = narrow,
    .explain = explain};

static int addrlabel_add(lua_State *L)
{
  return object_change(L, &addrlabel_object, "add", NLM_F_CREATE | NLM_F_EXCL);
}

static int addrlabel_delete(lua_State *L)
{
  return object_delete(L, &addrlabel_object);
}

static int addrlabel_get(lua_State *L)
{
  return object_first(L, &addrlabel_object);
}

static int addrlabel_list(lua_State *L)
{
  return object_list(L, &addrlabel_object);
}

static int addrlabel_each(lua_State *L)
{
  return object_each(L, &addrlabel_object);
}

static int addrlabel_flush(lua_State *L)
{
  return object_flush(L, &addrlabel_object);
}

#define PREFIX                                                                                     \
  {                                                                                                \
    "prefix", "string", "an IPv6 network: \"2001:db8::/32\""                                       \
  }
#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "addrlabel.Filter", "e.g. { label = 99 }"                                           \
  }
#define ONE "addrlabel.add(\"2001:db8::/32\", { label = 99 })\n"

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = addrlabel_add,
     .doc =
         "Gives a network a label. Of its own addresses the kernel prefers one with the label of "
         "the destination (RFC 6724).",
     .params = {PREFIX, {"options", "addrlabel.Options", "label; dev"}},
     .errors =
         "EEXIST the network has one\nEINVAL this is no IPv6 network, or the label is missing\n"
         "EPERM no privilege",
     .example = ONE "assert(addrlabel.get(\"2001:db8::/32\").label == 99)",
     .source = "ip-addrlabel(8), linux/if_addrlabel.h"},
    {.name = "delete",
     .fn = addrlabel_delete,
     .doc = "Takes the label of a network away.",
     .params = {{"prefix", "string|addrlabel.Record", "the network, or the record"},
                {"options?", "addrlabel.Options", "dev, where the label has one"}},
     .errors = "ESRCH the network has none\nEPERM no privilege",
     .example = ONE "addrlabel.delete(\"2001:db8::/32\")\n"
                    "assert(addrlabel.get(\"2001:db8::/32\") == nil)",
     .source = "ip-addrlabel(8)"},
    {.name = "get",
     .fn = addrlabel_get,
     .doc = "The label of exactly this network.",
     .params = {PREFIX, {"filter?", "addrlabel.Filter", "e.g. { dev = \"eth0\" }"}},
     .returns = {{"label", "addrlabel.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = "print(addrlabel.get(\"fc00::/7\"))"},
    {.name = "list",
     .fn = addrlabel_list,
     .doc = "All labels, or those that the filter describes. The kernel has some to begin with.",
     .params = {FILTER},
     .returns = {{"labels", "addrlabel.Record[]", "printing it prints what ip addrlabel shows"}},
     .example = "print(addrlabel.list())",
     .source = "ip-addrlabel(8)"},
    {.name = "each",
     .fn = addrlabel_each,
     .doc = "Iterates over them without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): addrlabel.Record", "for a generic for"}},
     .example = "for a in addrlabel.each() do print(a.prefix, a.label) end"},
    {.name = "flush",
     .fn = addrlabel_flush,
     .doc = "Takes all labels away, or those that the filter describes.",
     .params = {FILTER},
     .returns = {{"count", "integer", "how many"}},
     .errors = "EPERM no privilege",
     .example = ONE "assert(addrlabel.flush{ label = 99 } == 1)",
     .source = "ip-addrlabel(8)"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {
    {"set", "add"}, {"replace", "add"}, {"show", "list"}, {"del", "delete"}, {NULL, NULL}};

const struct rt_module addrlabel_module = {
    .name = "addrlabel",
    .doc = "Labels of networks, by which own IPv6 addresses are chosen.",
    .funcs = {funcs},
    .lacks = lacks,
    .bound = true};
