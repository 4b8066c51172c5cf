/* class: the classes of a queueing discipline that has some - shares of a link's rate. */
#include "modules/tc.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

static void defaults(struct schema_enc *e, const char *verb)
{
  const struct tcmsg *m = (const void *)e->hdr;
  if (m->tcm_handle == 0)
    rt_raisef(e->L, e->op, EINVAL, "classid", "classid = \"1:10\", in the qdisc 1:.",
              "which class?");
  if (m->tcm_parent == 0 && strcmp(verb, "add") == 0)
    rt_raisef(e->L, e->op, EINVAL, "parent", "parent = \"1:\", the qdisc, or a class of it.",
              "what is it a part of?");
}

static const struct object class_object = {.module = "class",
                                           .schema = &schema_class,
                                           .new = RTM_NEWTCLASS,
                                           .del = RTM_DELTCLASS,
                                           .get = RTM_GETTCLASS,
                                           .absent_hint = "class.list{ dev = ... } shows those of "
                                                          "a link in %s.",
                                           .defaults = defaults,
                                           .narrow = tc_narrow_to_dev,
                                           .explain = tc_explain};

static int class_add(lua_State *L)
{
  return object_change(L, &class_object, "add", NLM_F_CREATE | NLM_F_EXCL);
}

static int class_change(lua_State *L)
{
  return object_change(L, &class_object, "change", 0);
}

static int class_replace(lua_State *L)
{
  return object_change(L, &class_object, "replace", NLM_F_CREATE);
}

static int class_delete(lua_State *L)
{
  return tc_delete(L, &class_object);
}

static int class_get(lua_State *L)
{
  return object_first(L, &class_object);
}

static int class_list(lua_State *L)
{
  return object_list(L, &class_object);
}

static int class_each(lua_State *L)
{
  return object_each(L, &class_object);
}

#define CLASS                                                                                      \
  {                                                                                                \
    "class", "class.Options", "dev, parent, classid, and a table named after the kind"             \
  }
#define FILTER                                                                                     \
  {                                                                                                \
    "filter", "class.Filter", "dev, and parent, classid ..."                                       \
  }
#define TREE                                                                                       \
  "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"                                               \
  "qdisc.add{ dev = \"v0\", root = true, handle = \"1:\", htb = { default = \"10\" } }\n"          \
  "class.add{ dev = \"v0\", parent = \"1:\", classid = \"1:10\", htb = { rate_mbit = 5 } }\n"

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = class_add,
     .doc = "Adds a class.",
     .params = {CLASS},
     .errors = "EEXIST there is one of that number\nENOENT the link has no such qdisc",
     .example = TREE "print(class.list{ dev = \"v0\" })",
     .source = "tc(8), tc-htb(8)"},
    {.name = "change",
     .fn = class_change,
     .doc = "Changes options of one that is there.",
     .params = {CLASS},
     .errors = "ENOENT there is none",
     .example = TREE "class.change{ dev = \"v0\", parent = \"1:\", classid = \"1:10\", "
                     "htb = { rate_mbit = 8 } }",
     .source = "tc(8)"},
    {.name = "replace",
     .fn = class_replace,
     .doc = "Adds it, or changes the one that is there.",
     .params = {CLASS},
     .errors = "ENOENT the link has no such qdisc",
     .example = TREE "class.replace{ dev = \"v0\", parent = \"1:\", classid = \"1:10\", "
                     "htb = { rate_mbit = 8, ceil_mbit = 10 } }",
     .source = "tc(8)"},
    {.name = "delete",
     .fn = class_delete,
     .doc = "Takes a class away.",
     .params = {{"class", "class.Options|class.Record", "dev and classid, or the record"}},
     .errors = "EBUSY it is used: by classes below it or by a filter",
     .example = TREE "class.delete{ dev = \"v0\", classid = \"1:10\" }",
     .source = "tc(8)"},
    {.name = "get",
     .fn = class_get,
     .doc = "The first that the filter describes.",
     .params = {FILTER},
     .returns = {{"class", "class.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = TREE "assert(class.get{ dev = \"v0\", classid = \"1:10\" }.htb.ceil_mbit == 5)"},
    {.name = "list",
     .fn = class_list,
     .doc = "The classes of a link.",
     .params = {FILTER},
     .returns = {{"classes", "class.Record[]", "printing it prints what tc class shows"}},
     .errors = "ENODEV there is no such link",
     .example = TREE "assert(#class.list{ dev = \"v0\" } == 1)"},
    {.name = "each",
     .fn = class_each,
     .doc = "Iterates over the classes of a link without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): class.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example =
         TREE "for c in class.each{ dev = \"v0\" } do print(c.classid, c.htb.rate_mbit) end"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {{"set", "change"}, {"flush", "delete"}, {"show", "list"},
                                       {"del", "delete"}, {"append", "add"},   {NULL, NULL}};

const struct rt_module class_module = {.name = "class",
                                       .doc = "Classes of queueing disciplines: shares of a link.",
                                       .funcs = {funcs},
                                       .lacks = lacks,
                                       .bound = true};
