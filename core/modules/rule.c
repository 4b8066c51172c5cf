/* rule: policy routing - which routing table is asked, for which packets. A rule has no name; the
 * whole rule is one table. */
#include "modules/object.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static void defaults(struct schema_enc *e, const char *verb)
{
  struct fib_rule_hdr *m = (void *)e->hdr;
  if (m->family == AF_UNSPEC)
    m->family = AF_INET;
  if (strcmp(verb, "add") != 0)
    return;
  if (!schema_given(e, "action"))
    m->action = schema_given(e, "target") ? FR_ACT_GOTO : FR_ACT_TO_TBL;
  if (!schema_given(e, "table") && !schema_given(e, "l3mdev") && m->action == FR_ACT_TO_TBL)
    m->table = RT_TABLE_MAIN;
}

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  (void)verb;
  if (error->err == ENOENT) {
    error->text = "there is no such rule";
    error->hint = lua_pushfstring(e->L,
                                  "rule.list() shows those of %s; what is given must agree "
                                  "with one.",
                                  e->op->netns);
  }
  if (error->err == EEXIST)
    error->hint = "The same rule exists; rule.list() shows it.";
}

static void narrow(struct schema_enc *e, int filter)
{
  struct fib_rule_hdr *m = (void *)e->hdr;
  m->family = AF_INET;
  if (filter && lua_getfield(e->L, filter, "family") == LUA_TSTRING &&
      strcmp(lua_tostring(e->L, -1), "inet6") == 0)
    m->family = AF_INET6;
  if (filter)
    lua_pop(e->L, 1);
}

static const struct object rule_object = {.module = "rule",
                                          .schema = &schema_rule,
                                          .new = RTM_NEWRULE,
                                          .del = RTM_DELRULE,
                                          .get = RTM_GETRULE,
                                          .absent_hint = "rule.list() shows those of %s.",
                                          .defaults = defaults,
                                          .narrow = narrow,
                                          .explain = explain};

static int rule_add(lua_State *L)
{
  return object_change(L, &rule_object, "add", NLM_F_CREATE | NLM_F_EXCL);
}

/* Nothing agrees with every rule, and the first is the one that makes local addresses reachable. */
static int rule_delete(lua_State *L)
{
  struct rt_op op = {.module = "rule", .verb = "delete", .netns = netns_ref_of_call(L)->name};
  bool empty = lua_isnoneornil(L, 1);
  if (lua_istable(L, 1)) {
    lua_pushnil(L);
    empty = !lua_next(L, 1);
  }
  if (empty)
    rt_raisef(L, &op, EINVAL, NULL,
              "rule.list() shows them; rule.delete{ priority = N } takes one.",
              "which rule is needed: some of its fields, or its record");
  return object_delete(L, &rule_object);
}

static int rule_get(lua_State *L)
{
  return object_first(L, &rule_object);
}

static int rule_list(lua_State *L)
{
  return object_list(L, &rule_object);
}

static int rule_each(lua_State *L)
{
  return object_each(L, &rule_object);
}

/* The rule of priority 0, which has no attribute for it, is spared: without it nothing local is
 * reached. */
static bool has_priority(const struct nlmsghdr *nlh, lua_State *L, int filter)
{
  (void)L, (void)filter;
  return object_attr(nlh, sizeof(struct fib_rule_hdr), FRA_PRIORITY, sizeof(uint32_t)) != NULL;
}

static const struct object flush_object = {.module = "rule",
                                           .schema = &schema_rule,
                                           .del = RTM_DELRULE,
                                           .get = RTM_GETRULE,
                                           .shown = has_priority,
                                           .narrow = narrow,
                                           .explain = explain};

static int rule_flush(lua_State *L)
{
  return object_flush(L, &flush_object);
}

#define RULE                                                                                       \
  {                                                                                                \
    "rule", "rule.Options", "from, to, iif, oif, fwmark ..., and table or action"                  \
  }
#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "rule.Filter", "family (\"inet\" unless given), priority, table ..."                \
  }
#define ENTRY "rule.add{ from = \"10.0.0.0/24\", table = 100, priority = 1000 }\n"

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = rule_add,
     .doc = "Adds a rule.",
     .params = {RULE},
     .errors = "EEXIST the same rule exists\nEAFNOSUPPORT the kernel has no policy routing",
     .example = ENTRY "print(rule.list())",
     .source = "ip-rule(8), linux/fib_rules.h"},
    {.name = "delete",
     .fn = rule_delete,
     .doc = "Removes the first rule that agrees with what is given.",
     .params = {{"rule", "rule.Options|rule.Record", "some of its fields, or the record"}},
     .errors = "ENOENT there is no such rule",
     .example = ENTRY "rule.delete{ priority = 1000 }",
     .source = "ip-rule(8)"},
    {.name = "get",
     .fn = rule_get,
     .doc = "The first rule that the filter describes.",
     .params = {FILTER},
     .returns = {{"rule", "rule.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = ENTRY "assert(rule.get{ priority = 1000 }.table == 100)"},
    {.name = "list",
     .fn = rule_list,
     .doc = "The rules, in the order in which they are asked.",
     .params = {FILTER},
     .returns = {{"rules", "rule.Record[]", "printing it prints what ip rule shows"}},
     .errors = "EAGAIN the rules kept changing while they were read",
     .example = "assert(rule.list()[1].table == \"local\")"},
    {.name = "each",
     .fn = rule_each,
     .doc = "Iterates over the rules without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): rule.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = "for r in rule.each() do print(r.priority, r.table) end"},
    {.name = "flush",
     .fn = rule_flush,
     .doc = "Removes every rule that the filter describes.",
     .params = {FILTER},
     .returns = {{"count", "integer", "how many there were"}},
     .example = ENTRY "assert(rule.flush{ table = 100 } == 1)"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {{"set", "add"},   {"replace", "add"}, {"change", "add"},
                                       {"show", "list"}, {"del", "delete"},  {NULL, NULL}};

const struct rt_module rule_module = {.name = "rule",
                                      .doc = "Rules of policy routing.",
                                      .funcs = {funcs},
                                      .lacks = lacks,
                                      .bound = true};
