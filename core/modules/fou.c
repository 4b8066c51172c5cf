/* fou: UDP ports behind which the kernel takes packets out: the other end of tunnels with `encap`.
 */
#include "modules/genl.h"
#include <errno.h>
#include <linux/fou.h>

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  (void)verb;
  if (error->err == EALREADY || error->err == EADDRINUSE) {
    error->text = lua_pushfstring(e->L, "port %s is in use", e->op->key);
    error->hint = lua_pushfstring(e->L,
                                  "fou.list() shows those of this namespace; fou.delete(%s) "
                                  "removes it.",
                                  e->op->key);
  }
  if (error->err == EPERM) {
    error->text = "the kernel takes this from root of the machine alone";
    error->hint = "sudo nslab ... has the rights; fou.list() works without.";
  }
  if (error->err == EINVAL && error->field && error->field[0] == '\0')
    error->hint = "What is inside must be known: ipproto = 4 (IPv4), 41 (IPv6), 47 (GRE); or gue = "
                  "true.";
}

static const struct object fou_object = {
    .module = "fou", .schema = &schema_fou, .key = "port", .explain = explain};
static const struct object all_of_them = {.module = "fou", .schema = &schema_fou};

static const struct genl_family family = {
    .name = FOU_GENL_NAME,
    .version = FOU_GENL_VERSION,
    .lacks = "this kernel has no fou, or has not loaded it",
    .hint = "A stock kernel has the modules fou and fou6; root loads them: modprobe fou fou6."};

static int fou_add(lua_State *L)
{
  struct object_call c;
  genl_begin(L, &c, &fou_object, &family, "add", FOU_CMD_ADD);
  return genl_send(&c, &fou_object);
}

static int fou_delete(lua_State *L)
{
  struct object_call c;
  genl_begin(L, &c, &fou_object, &family, "delete", FOU_CMD_DEL);
  return genl_send(&c, &fou_object);
}

static int fou_list(lua_State *L)
{
  struct object_call c;
  genl_ask(L, &c, &all_of_them, &family, "list", FOU_CMD_GET);
  lua_pushvalue(L, genl_push_list(&c, &all_of_them));
  rt_op_end(L, &c.op, -1);
  return 1;
}

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = fou_add,
     .doc = "Opens a UDP port, and takes packets out of what comes there. The tunnel that sends "
            "there has `encap = \"fou\"` or \"gue\" and `encap_dport`.",
     .params = {{"port", "integer", "1 to 65535"},
                {"options", "fou.Options", "ipproto, or gue = true"}},
     .errors = "EALREADY the port is in use\nEINVAL nothing says what is inside\nEOPNOTSUPP the "
               "kernel has no fou, or has not loaded it\nEPERM the kernel wants root of the "
               "machine, in any sandbox",
     .example = "local ok, err = pcall(fou.add, 5555, { ipproto = 4 })\n"
                "if ok then print(fou.list()) else print(err) end",
     .source = "ip-fou(8), linux/fou.h"},
    {.name = "delete",
     .fn = fou_delete,
     .doc = "Closes a port. One that was opened for an address, a peer or a link is named by them.",
     .params = {{"port", "integer|fou.Record", "the port, or its record"},
                {"options?", "fou.Options", "family, local_address, peer, peer_port, dev"}},
     .errors = "ENOENT no such port is open\nEINVAL the same\nEOPNOTSUPP the kernel has no fou",
     .example = "if pcall(fou.add, 5555, { gue = true }) then\n  fou.delete(5555)\n"
                "  assert(#fou.list() == 0)\nend",
     .source = "ip-fou(8)"},
    {.name = "list",
     .fn = fou_list,
     .doc = "The ports that are open.",
     .returns = {{"ports", "fou.Record[]", "printing it prints what ip fou show shows"}},
     .errors = "EOPNOTSUPP the kernel has no fou, or has not loaded it",
     .example = "local ok, ports = pcall(fou.list)\nif ok then print(ports) end"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {
    {"set", "add"}, {"get", "list"}, {"show", "list"}, {"del", "delete"}, {NULL, NULL}};

const struct rt_module fou_module = {
    .name = "fou",
    .doc = "UDP ports behind which packets are taken out (foo over UDP, GUE).",
    .funcs = {funcs},
    .lacks = lacks,
    .bound = true};
