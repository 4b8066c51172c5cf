/* qdisc: queueing disciplines - how the packets of a link wait, which are late, which are lost. One
 * has no name among all; a single table says which and what. */
#include "modules/tc.h"
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

static bool is_type(struct schema_enc *e, const char *type)
{
  bool is =
      lua_getfield(e->L, e->t, "type") == LUA_TSTRING && strcmp(lua_tostring(e->L, -1), type) == 0;
  lua_pop(e->L, 1);
  return is;
}

/* ingress and clsact have one place and one handle, so nobody has to say them. */
static void defaults(struct schema_enc *e, const char *verb)
{
  struct tcmsg *m = (void *)e->hdr;
  if (is_type(e, "ingress") || is_type(e, "clsact")) {
    m->tcm_parent = TC_H_INGRESS;
    m->tcm_handle = TC_H_MAKE(TC_H_INGRESS, 0);
  }
  if (m->tcm_parent == 0 && m->tcm_handle == 0)
    rt_raisef(e->L, e->op, EINVAL, "root",
              "root = true: the link's own; parent = \"1:10\": that of a class.",
              "where is it to be %s?", strcmp(verb, "delete") == 0 ? "taken from" : "put");
}

const struct object qdisc_object = {.module = "qdisc",
                                    .schema = &schema_qdisc,
                                    .new = RTM_NEWQDISC,
                                    .del = RTM_DELQDISC,
                                    .get = RTM_GETQDISC,
                                    .absent_hint = "qdisc.list() shows those of %s.",
                                    .defaults = defaults,
                                    .narrow = tc_narrow,
                                    .explain = tc_explain};

static int qdisc_add(lua_State *L)
{
  return object_change(L, &qdisc_object, "add", NLM_F_CREATE | NLM_F_EXCL);
}

static int qdisc_change(lua_State *L)
{
  return object_change(L, &qdisc_object, "change", 0);
}

static int qdisc_replace(lua_State *L)
{
  return object_change(L, &qdisc_object, "replace", NLM_F_CREATE | NLM_F_REPLACE);
}

static int qdisc_delete(lua_State *L)
{
  return tc_delete(L, &qdisc_object);
}

static int qdisc_get(lua_State *L)
{
  return object_first(L, &qdisc_object);
}

static int qdisc_list(lua_State *L)
{
  return object_list(L, &qdisc_object);
}

static int qdisc_each(lua_State *L)
{
  return object_each(L, &qdisc_object);
}

#define QDISC                                                                                      \
  {                                                                                                \
    "qdisc", "qdisc.Options", "dev, root or parent, handle, and a table named after the kind"      \
  }
#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "qdisc.Filter", "dev, root, parent, type ..."                                       \
  }
#define CABLE "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
#define TBF                                                                                        \
  "qdisc.add{ dev = \"v0\", root = true, tbf = { rate_mbit = 1, burst_bytes = 5000, "              \
  "limit_bytes = 20000 } }\n"

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = qdisc_add,
     .doc = "Puts a queueing discipline on a link, or into a class of one.",
     .params = {QDISC},
     .errors = "EEXIST there is one already; replace takes its place\n"
               "ENOENT the kernel was built without that kind",
     .example = CABLE TBF "print(qdisc.list{ dev = \"v0\" })",
     .source = "tc(8)"},
    {.name = "change",
     .fn = qdisc_change,
     .doc = "Changes options of one that is there. What waits in it goes on waiting. What the kind "
            "does not keep by itself must be said again.",
     .params = {QDISC},
     .errors = "ENOENT there is none of that kind in that place",
     .example = CABLE TBF "qdisc.change{ dev = \"v0\", root = true, tbf = { rate_mbit = 2, "
                          "burst_bytes = 5000, limit_bytes = 20000 } }\n"
                          "assert(qdisc.get{ dev = \"v0\" }.tbf.rate_mbit == 2)",
     .source = "tc(8)"},
    {.name = "replace",
     .fn = qdisc_replace,
     .doc = "Adds it, or changes the one of the same kind that is there, or takes the place of one "
            "of another kind.",
     .params = {QDISC},
     .errors = "ENOENT the kernel was built without that kind",
     .example =
         CABLE TBF "qdisc.replace{ dev = \"v0\", root = true, pfifo = { limit_packets = 10 } }\n"
                   "assert(qdisc.get{ dev = \"v0\" }.type == \"pfifo\")",
     .source = "tc(8)"},
    {.name = "delete",
     .fn = qdisc_delete,
     .doc = "Takes it away, with all classes and filters that it has.",
     .params = {{"qdisc", "qdisc.Options|qdisc.Record",
                 "dev and root or parent; type = \"ingress\"; or the record"}},
     .errors = "ENOENT there is none",
     .example = CABLE TBF "qdisc.delete{ dev = \"v0\", root = true }",
     .source = "tc(8)"},
    {.name = "get",
     .fn = qdisc_get,
     .doc = "The first that the filter describes.",
     .params = {FILTER},
     .returns = {{"qdisc", "qdisc.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = CABLE TBF "assert(qdisc.get{ dev = \"v0\" }.tbf.rate_mbit == 1)"},
    {.name = "list",
     .fn = qdisc_list,
     .doc = "The queueing disciplines of all links, or of one.",
     .params = {FILTER},
     .returns = {{"qdiscs", "qdisc.Record[]", "printing it prints what tc qdisc shows"}},
     .errors = "ENODEV there is no such link",
     .example = CABLE TBF "assert(#qdisc.list{ type = \"tbf\" } == 1)"},
    {.name = "each",
     .fn = qdisc_each,
     .doc = "Iterates over them without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): qdisc.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = "for q in qdisc.each() do print(q.dev, q.type) end"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {{"set", "change"}, {"flush", "delete"}, {"show", "list"},
                                       {"del", "delete"}, {"append", "add"},   {NULL, NULL}};

const struct rt_module qdisc_module = {.name = "qdisc",
                                       .doc = "Queueing disciplines: how packets wait at a link.",
                                       .funcs = {funcs},
                                       .lacks = lacks,
                                       .bound = true};
