/* mpls: routes of labels - what becomes of a packet that comes in with one. What puts the first
 * label on is a route with encap = { mpls = ... }. */
#include "modules/object.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

enum { LABEL_BITS = 20 };

static void put_key(struct object_call *c, const char *verb)
{
  struct rtmsg *m = (void *)c->enc.hdr;
  (void)verb;
  m->rtm_family = AF_MPLS;
  m->rtm_dst_len = LABEL_BITS;
  schema_put_key(&c->enc, "label");
}

static void defaults(struct schema_enc *e, const char *verb)
{
  struct rtmsg *m = (void *)e->hdr;
  bool deletes = strcmp(verb, "delete") == 0 || strcmp(verb, "flush") == 0;
  m->rtm_family = AF_MPLS;
  m->rtm_dst_len = LABEL_BITS;
  m->rtm_table = RT_TABLE_MAIN;
  m->rtm_type = RTN_UNICAST;
  if (!schema_given(e, "protocol") && !deletes)
    m->rtm_protocol = RTPROT_BOOT;
}

static void narrow(struct schema_enc *e, int filter)
{
  (void)filter;
  *e->family = AF_MPLS;
}

/* What stands for which refusal. */
static const struct {
  int err;
  bool kernel; /* also when the kernel says something itself */
  const char *text, *hint;
} refusals[] = {
    {EOPNOTSUPP, false, "this kernel has no MPLS, or not yet",
     "modprobe mpls_router (as root, on the machine) loads it."},
    {EINVAL, true, NULL,
     "There must be room for labels: sysctl.set(\"net.mpls.platform_labels\", 1000), and they "
     "begin "
     "at 16. A route leads out of dev, or through via; from \"lo\" it goes nowhere else."}};

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  (void)e, (void)verb;
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    if (refusals[i].err != error->err ||
        (!refusals[i].kernel && error->kernel && error->kernel[0] != '\0'))
      continue;
    if (refusals[i].text)
      error->text = refusals[i].text;
    error->hint = refusals[i].hint;
    return;
  }
}

static const struct object mpls_object = {
    .module = "mpls",
    .schema = &schema_mpls,
    .key = "label",
    .new = RTM_NEWROUTE,
    .del = RTM_DELROUTE,
    .get = RTM_GETROUTE,
    .put_key = put_key,
    .exists_hint = "A route of that label exists; mpls.replace(%s, ...) changes it.",
    .absent_hint = "mpls.list() shows those of %s.",
    .defaults = defaults,
    .narrow = narrow,
    .explain = explain};

static int mpls_add(lua_State *L)
{
  return object_change(L, &mpls_object, "add", NLM_F_CREATE | NLM_F_EXCL);
}

static int mpls_replace(lua_State *L)
{
  return object_change(L, &mpls_object, "replace", NLM_F_CREATE | NLM_F_REPLACE);
}

static int mpls_set(lua_State *L)
{
  return object_change(L, &mpls_object, "set", NLM_F_REPLACE);
}

static int mpls_delete(lua_State *L)
{
  return object_delete(L, &mpls_object);
}

static int mpls_get(lua_State *L)
{
  return object_first(L, &mpls_object);
}

static int mpls_list(lua_State *L)
{
  return object_list(L, &mpls_object);
}

static int mpls_each(lua_State *L)
{
  return object_each(L, &mpls_object);
}

static int mpls_flush(lua_State *L)
{
  return object_flush(L, &mpls_object);
}

#define LABEL                                                                                      \
  {                                                                                                \
    "label", "integer", "that packets come in with, from 16"                                       \
  }
#define OPTIONS                                                                                    \
  {                                                                                                \
    "options", "mpls.Options", "via or dev; as, protocol, ttl_propagate, nexthops"                 \
  }
#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "mpls.Filter", "e.g. { dev = \"v0\" }, { protocol = \"static\" }"                   \
  }
#define LACKS "EOPNOTSUPP the kernel has no MPLS, or has not loaded it"
/* The examples are for kernels without MPLS, too. */
#define LINK_UP                                                                                    \
  "link.add(\"v0\", { up = true, veth = { peer = { name = \"v1\", up = true } } })\n"              \
  "addr.add(\"10.0.0.1/24\", { dev = \"v0\" })\n"                                                  \
  "if not pcall(sysctl.set, \"net.mpls.platform_labels\", 1000) then return end -- no MPLS\n"
#define SWAP LINK_UP "mpls.add(100, { as = 200, via = \"10.0.0.2\", dev = \"v0\" })\n"

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = mpls_add,
     .doc =
         "Says what becomes of packets that come in with the label: `as` others instead, or none. "
         "A link takes labels when sysctl net.mpls.conf.LINK.input is 1.",
     .params = {LABEL, OPTIONS},
     .errors =
         "EEXIST there is a route of that label\nEINVAL there is no room for the label\n" LACKS,
     .example = LINK_UP "mpls.add(100, { as = \"200/300\", via = \"10.0.0.2\", dev = \"v0\" })\n"
                        "mpls.add(101, { dev = \"lo\" }) -- the last one is taken off here\n"
                        "print(mpls.list())",
     .source = "ip-route(8), linux/rtnetlink.h"},
    {.name = "replace",
     .fn = mpls_replace,
     .doc = "Adds the route of a label, or puts it in the place of the one there.",
     .params = {LABEL, OPTIONS},
     .errors = "as for add, without EEXIST",
     .example = SWAP "mpls.replace(100, { as = 201, via = \"10.0.0.2\", dev = \"v0\" })\n"
                     "assert(mpls.get(100).as == \"201\")",
     .source = "ip-route(8)"},
    {.name = "set",
     .fn = mpls_set,
     .doc = "Changes the route of a label that has one.",
     .params = {LABEL, OPTIONS},
     .errors = "ENOENT there is none\n" LACKS,
     .example = SWAP "mpls.set(100, { as = 201, via = \"10.0.0.2\", dev = \"v0\" })",
     .source = "ip-route(8)"},
    {.name = "delete",
     .fn = mpls_delete,
     .doc = "Removes the route of a label. The kernel says nothing when there is none.",
     .params = {{"label", "integer|mpls.Record", "the label, or the record"},
                {"options?", "mpls.Options", "what it must agree with"}},
     .errors = LACKS,
     .example = SWAP "mpls.delete(100)\nassert(#mpls.list() == 0)",
     .source = "ip-route(8)"},
    {.name = "get",
     .fn = mpls_get,
     .doc = "The route of a label.",
     .params = {LABEL, FILTER},
     .returns = {{"route", "mpls.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = SWAP "assert(mpls.get(100).via == \"10.0.0.2\")"},
    {.name = "list",
     .fn = mpls_list,
     .doc = "All routes of labels, or those that the filter describes.",
     .params = {FILTER},
     .returns = {{"routes", "mpls.Record[]", "printing it prints what ip -f mpls route shows"}},
     .errors = "EAGAIN they kept changing while they were read",
     .example = SWAP "assert(#mpls.list{ dev = \"v0\" } == 1)"},
    {.name = "each",
     .fn = mpls_each,
     .doc = "Iterates over the routes of labels without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): mpls.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = SWAP "for r in mpls.each() do print(r.label, r.as, r.via) end"},
    {.name = "flush",
     .fn = mpls_flush,
     .doc = "Removes every route of a label that the filter describes.",
     .params = {FILTER},
     .returns = {{"count", "integer", "how many there were"}},
     .example = SWAP "assert(mpls.flush{ dev = \"v0\" } == 1)"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {
    {"change", "set"}, {"append", "add"}, {"show", "list"}, {"del", "delete"}, {NULL, NULL}};

const struct rt_module mpls_module = {
    .name = "mpls",
    .doc = "Routes of MPLS: what becomes of packets that come in with a label.",
    .funcs = {funcs},
    .lacks = lacks,
    .bound = true};
