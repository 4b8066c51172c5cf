/* filter: which packets go to which class of a queueing discipline, and what is done with them. */
#include "modules/tc.h"
#include <errno.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <string.h>

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  tc_explain(e, verb, error);
  if (error->err == EEXIST)
    error->hint = "There is a filter of that pref, protocol and handle; filter.list shows it.";
  if (error->kernel && strstr(error->kernel, "Parent Qdisc"))
    error->hint = "qdisc.add{ dev = ..., type = \"clsact\" } is what ingress and egress need; "
                  "parent = \"1:\" needs a qdisc of that handle.";
}

static const struct object filter_object = {.module = "filter",
                                            .schema = &schema_filter,
                                            .new = RTM_NEWTFILTER,
                                            .del = RTM_DELTFILTER,
                                            .get = RTM_GETTFILTER,
                                            .absent_hint = "filter.list{ dev = ... } shows those "
                                                           "of a link in %s.",
                                            .narrow = tc_narrow_to_dev,
                                            .explain = explain};

static int filter_add(lua_State *L)
{
  return object_change(L, &filter_object, "add", NLM_F_CREATE | NLM_F_EXCL);
}

static int filter_change(lua_State *L)
{
  return object_change(L, &filter_object, "change", 0);
}

static int filter_replace(lua_State *L)
{
  return object_change(L, &filter_object, "replace", NLM_F_CREATE);
}

static int filter_delete(lua_State *L)
{
  return tc_delete(L, &filter_object);
}

static int filter_get(lua_State *L)
{
  return object_first(L, &filter_object);
}

static int filter_list(lua_State *L)
{
  return object_list(L, &filter_object);
}

static int filter_each(lua_State *L)
{
  return object_each(L, &filter_object);
}

#define FILTER                                                                                     \
  {                                                                                                \
    "filter", "filter.Options",                                                                    \
        "dev, parent or ingress or egress, pref, and a table named after "                         \
        "the kind"                                                                                 \
  }
#define WHICH                                                                                      \
  {                                                                                                \
    "filter", "filter.Filter", "dev, and parent, ingress, egress, pref ..."                        \
  }
#define TREE                                                                                       \
  "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"                                               \
  "qdisc.add{ dev = \"v0\", root = true, handle = \"1:\", type = \"htb\" }\n"                      \
  "class.add{ dev = \"v0\", parent = \"1:\", classid = \"1:10\", htb = { rate_mbit = 5 } }\n"      \
  "filter.add{ dev = \"v0\", parent = \"1:\", pref = 1, u32 = { ip_dst = \"10.0.0.0/24\", "        \
  "ip_protocol = 6, ip_dport = 80, classid = \"1:10\" } }\n"

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = filter_add,
     .doc = "Adds a filter.",
     .params = {FILTER},
     .errors = "EEXIST there is one of that pref and handle\n"
               "EINVAL the link has no such qdisc\nENOENT the kernel was built without that kind",
     .example = TREE "print(filter.list{ dev = \"v0\" })",
     .source = "tc(8), tc-u32(8), tc-flower(8)"},
    {.name = "change",
     .fn = filter_change,
     .doc = "Changes one that is there.",
     .params = {FILTER},
     .errors = "ENOENT there is none of that pref and handle",
     .example = TREE "local one = filter.get{ dev = \"v0\", handle = \"800::800\" }\n"
                     "filter.change{ dev = \"v0\", parent = \"1:\", pref = 1, protocol = \"ip\", "
                     "handle = one.handle, u32 = { ip_dst = \"10.0.0.0/24\", ip_protocol = 6, "
                     "ip_dport = 80, classid = \"1:20\" } }",
     .source = "tc(8)"},
    {.name = "replace",
     .fn = filter_replace,
     .doc = "Adds it, or changes the one of that pref and handle.",
     .params = {FILTER},
     .errors = "EINVAL the link has no such qdisc",
     .example = TREE "filter.replace{ dev = \"v0\", parent = \"1:\", pref = 2, "
                     "u32 = { ip_src = \"10.0.0.7\", classid = \"1:10\" } }",
     .source = "tc(8)"},
    {.name = "delete",
     .fn = filter_delete,
     .doc = "Takes filters away: all of a pref, or one of them by its handle.",
     .params = {{"filter", "filter.Options|filter.Record", "dev, parent, pref; or the record"}},
     .errors = "ENOENT there is none",
     .example = TREE "filter.delete{ dev = \"v0\", parent = \"1:\", pref = 1 }\n"
                     "assert(#filter.list{ dev = \"v0\" } == 0)",
     .source = "tc(8)"},
    {.name = "get",
     .fn = filter_get,
     .doc = "The first that the filter describes.",
     .params = {WHICH},
     .returns = {{"filter", "filter.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example =
         TREE "assert(filter.get{ dev = \"v0\", handle = \"800::800\" }.u32.ip_dport == 80)"},
    {.name = "list",
     .fn = filter_list,
     .doc = "The filters of one qdisc of a link: of the link's own, of a parent, of ingress or "
            "egress. The kernel tells a u32's tables as if they were filters.",
     .params = {WHICH},
     .returns = {{"filters", "filter.Record[]", "printing it prints what tc filter shows"}},
     .errors = "ENODEV there is no such link",
     .example = TREE "assert(#filter.list{ dev = \"v0\", pref = 1 } == 3)"},
    {.name = "each",
     .fn = filter_each,
     .doc = "Iterates over them without building a list.",
     .params = {WHICH},
     .returns = {{"iterator", "fun(): filter.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = TREE "for f in filter.each{ dev = \"v0\" } do print(f.pref, f.type, f.handle) end"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {{"set", "change"}, {"flush", "delete"}, {"show", "list"},
                                       {"del", "delete"}, {"append", "add"},   {NULL, NULL}};

const struct rt_module filter_module = {.name = "filter",
                                        .doc = "Filters of packets, and what is done with them.",
                                        .funcs = {funcs},
                                        .lacks = lacks,
                                        .bound = true};
