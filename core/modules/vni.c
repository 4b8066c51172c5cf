/* vni: which networks a vxlan takes frames of, when it has a list of them (vnifilter), and where it
 * sends the frames of each that are for nobody it knows. */
#include "modules/object.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static void defaults(struct schema_enc *e, const char *verb)
{
  (void)verb;
  *e->hdr = AF_BRIDGE;
}

static void put_key(struct object_call *c, const char *verb)
{
  (void)verb;
  object_key_among_options(c, "vni");
}

static void narrow(struct schema_enc *e, int filter)
{
  *e->hdr = AF_BRIDGE;
  object_narrow_span(e, filter, "vni");
}

/* Whether one of the networks of the message was asked for. */
static bool shown(const struct nlmsghdr *nlh, lua_State *L, int filter)
{
  uint32_t first, last;
  schema_vni_span(nlh, L, &first, &last);
  return object_span_asked(L, filter, "vni", first, last);
}

#define MAKES "link.add(NAME, { vxlan = { external = true, vnifilter = true } }) makes one that has"

/* What stands for which refusal: formats with the link. */
static const struct {
  int err;
  bool reads;         /* of list, get, each; of add and delete otherwise */
  const char *kernel; /* how the kernel's text begins, NULL: it says none */
  const char *text, *hint;
} refusals[] = {
    {EOPNOTSUPP, true, NULL, "no vxlan here has a list of networks",
     MAKES "; the kernel knows them since Linux 5.18."},
    {EOPNOTSUPP, false, NULL, "%s has no list of networks",
     MAKES "; what is there cannot become one. The kernel knows them since Linux 5.18."},
    {EINVAL, false, "The device is not a vxlan", "%s is no vxlan", MAKES " a list."},
    {EINVAL, false, "Local interface required", "%s does not say by which link it sends to a group",
     "link.add(NAME, { vxlan = { external = true, vnifilter = true, dev = \"v0\" } }) does."},
    {ENOENT, false, NULL, "%s has no such network in its list",
     "vni.list{ dev = NAME } shows those that it has."}};

static bool says(const struct rt_error *error, const char *begin)
{
  const char *text = error->kernel ? error->kernel : "";
  return begin ? strstr(text, begin) != NULL : *text == '\0';
}

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  bool reads = strcmp(verb, "add") != 0 && strcmp(verb, "delete") != 0;
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    if (refusals[i].err != error->err || refusals[i].reads != reads ||
        !says(error, refusals[i].kernel))
      continue;
    error->hint = refusals[i].hint;
    if (reads) {
      error->text = refusals[i].text;
      return;
    }
    lua_getfield(e->L, e->t, "dev");
    error->text = lua_pushfstring(e->L, refusals[i].text, luaL_tolstring(e->L, -1, NULL));
    return;
  }
}

static const struct object vni_object = {.module = "vni",
                                         .schema = &schema_vni,
                                         .key = "vni",
                                         .new = RTM_NEWTUNNEL,
                                         .del = RTM_DELTUNNEL,
                                         .get = RTM_GETTUNNEL,
                                         .absent_hint = "vni.list() shows those of %s.",
                                         .put_key = put_key,
                                         .defaults = defaults,
                                         .shown = shown,
                                         .by_kernel = "vni",
                                         .narrow = narrow,
                                         .explain = explain};

static int vni_add(lua_State *L)
{
  return object_change(L, &vni_object, "add", 0);
}

static int vni_delete(lua_State *L)
{
  return object_delete(L, &vni_object);
}

static int vni_get(lua_State *L)
{
  return object_first(L, &vni_object);
}

static int vni_list(lua_State *L)
{
  return object_list(L, &vni_object);
}

static int vni_each(lua_State *L)
{
  return object_each(L, &vni_object);
}

#define VNI                                                                                        \
  {                                                                                                \
    "vni", "integer|string", "the number, 1 to 16777215, or a range of them: \"100-110\""          \
  }
#define FILTER                                                                                     \
  {                                                                                                \
    "filter?", "vni.Filter", "e.g. { dev = \"vx0\", vni = 100 }"                                   \
  }
#define VXLAN                                                                                      \
  "link.add(\"vx0\", { vxlan = { external = true, vnifilter = true, dstport = 4789 } })\n"
#define SOME VXLAN "vni.add(\"100-110\", { dev = \"vx0\", remote = \"10.0.0.2\" })\n"

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = vni_add,
     .doc = "Takes a network, or each of a range, into the list of a vxlan: frames of others are "
            "dropped. `remote` or `group`: where those for unknown addresses go. One that is there "
            "already gets it anew.",
     .params = {VNI, {"options", "vni.Options", "dev is needed; remote or group"}},
     .errors = "EOPNOTSUPP the vxlan has no list, or the kernel has none (before Linux 5.18)\n"
               "EINVAL this is no vxlan, or one without `dev` that shall send to a group\n"
               "ENODEV there is no such link",
     .example = VXLAN "vni.add(100, { dev = \"vx0\" })\n"
                      "vni.add(\"200-210\", { dev = \"vx0\", remote = \"10.0.0.2\" })\n"
                      "print(vni.list{ dev = \"vx0\" })",
     .source = "bridge(8), linux/if_link.h"},
    {.name = "delete",
     .fn = vni_delete,
     .doc = "Takes a network, or each of a range, out of the list of a vxlan.",
     .params = {{"vni", "integer|string|vni.Record", "the number or range, or the record"},
                {"options?", "vni.Options", "dev is needed, unless a record was given"}},
     .errors = "ENOENT the list lacks one of them; those before it are gone\nEOPNOTSUPP the vxlan "
               "has no list",
     .example = SOME "vni.delete(\"100-104\", { dev = \"vx0\" })\n"
                     "vni.delete(vni.get(110, { dev = \"vx0\" }))\n"
                     "assert(#vni.list() == 0)",
     .source = "bridge(8)"},
    {.name = "get",
     .fn = vni_get,
     .doc = "The record of one network, or of the range that it is in.",
     .params = {VNI, {"filter?", "vni.Filter", "e.g. { dev = \"vx0\" }"}},
     .returns = {{"network", "vni.Record?", "nil when there is none"},
                 {"error", "nslab.Error?", "why"}},
     .example = SOME "assert(vni.get(105, { dev = \"vx0\" }).vni == \"100-110\")"},
    {.name = "list",
     .fn = vni_list,
     .doc = "The networks of all vxlans that have a list, or those that the filter describes. "
            "Neighbours that are alike are one record: its `vni` is a range.",
     .params = {FILTER},
     .returns = {{"networks", "vni.Record[]", "printing it prints what bridge vni shows"}},
     .errors = "EOPNOTSUPP the kernel has no such lists, or has not loaded vxlan yet\n"
               "EAGAIN they kept changing while they were read",
     .example = SOME "assert(#vni.list{ dev = \"vx0\", vni = \"90-100\" } == 1)"},
    {.name = "each",
     .fn = vni_each,
     .doc = "Iterates over the networks without building a list.",
     .params = {FILTER},
     .returns = {{"iterator", "fun(): vni.Record", "for a generic for"}},
     .errors = "EAGAIN at the end: something changed while it was read",
     .example = SOME "for n in vni.each() do print(n.dev, n.vni, n.remote) end"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {{"replace", "add"}, {"change", "add"}, {"append", "add"},
                                       {"set", "add"},     {"show", "list"},  {"del", "delete"},
                                       {NULL, NULL}};

const struct rt_module vni_module = {
    .name = "vni",
    .doc = "The networks (VNIs) that a vxlan with `vnifilter` takes frames of.",
    .funcs = {funcs},
    .lacks = lacks,
    .bound = true};
