/* macsec: keys of MACsec links, over generic netlink: associations for sending, the senders that
 * are listened to, associations of those. The link itself is made by link.add. */
#include "modules/genl.h"
#include <errno.h>
#include <linux/if_macsec.h>
#include <string.h>

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  if (error->err == ENODEV && error->field && error->field[0] == '\0') {
    error->text = lua_pushfstring(e->L,
                                  "\"%s\" has no such channel or association, or is no "
                                  "MACsec link",
                                  e->op->key);
    error->hint = "macsec.list() shows what there is; link.add(NAME, { link = \"eth0\", macsec = "
                  "{} }) makes a link.";
  }
  if (error->err == EPERM) {
    error->text = "the kernel takes keys from root of the machine alone";
    error->hint = "The link itself needs no such rights; sudo nslab ... has them for its keys.";
  }
  if (error->err == EEXIST || error->err == EBUSY)
    error->hint = "macsec.get(NAME) shows what there is; one that is in use is turned off first.";
  if (error->err == EINVAL && strcmp(verb, "add") == 0)
    error->hint = "An association needs sa, pn, key_id and a key of the length that the cipher "
                  "wants; one of a sender needs its channel first.";
}

static const struct object association = {.module = "macsec",
                                          .schema = &schema_macsec,
                                          .key = "dev",
                                          .key_word = "name of the link",
                                          .explain = explain},
                           channel = {.module = "macsec",
                                      .schema = &schema_macsec_channel,
                                      .key = "dev",
                                      .key_word = "name of the link",
                                      .explain = explain},
                           device = {.module = "macsec",
                                     .schema = &schema_macsec_device,
                                     .key = "dev",
                                     .key_word = "name of the link"},
                           devices = {.module = "macsec", .schema = &schema_macsec_device};

static const struct genl_family family = {
    .name = MACSEC_GENL_NAME,
    .version = MACSEC_GENL_VERSION,
    .lacks = "this kernel has no MACsec, or has not loaded it",
    .hint = "A stock kernel has the module macsec; making such a link loads it."};

static bool has(lua_State *L, const char *key)
{
  bool is = lua_istable(L, 2) && lua_getfield(L, 2, key) != LUA_TNIL;
  lua_settop(L, 2);
  return is;
}

/* What a verb does to each. */
struct commands {
  const char *verb;
  uint8_t tx_sa, rx, rx_sa;
};

static int change(lua_State *L, const struct commands *commands)
{
  struct object_call c;
  lua_settop(L, 2);
  bool sa = has(L, "sa"), rx = has(L, "sci") || has(L, "port") || has(L, "address");
  const struct object *o = sa || !rx ? &association : &channel;
  uint8_t cmd = sa && rx ? commands->rx_sa : rx ? commands->rx : commands->tx_sa;
  genl_begin(L, &c, o, &family, commands->verb, cmd);
  if (!sa && !rx)
    rt_raisef(L, &c.op, EINVAL, "sa",
              "sa = 0: an association for sending; port = 1, address = \"02:...\": a sender.",
              "nothing says what is meant");
  return genl_send(&c, o);
}

static int macsec_add(lua_State *L)
{
  static const struct commands add = {"add", MACSEC_CMD_ADD_TXSA, MACSEC_CMD_ADD_RXSC,
                                      MACSEC_CMD_ADD_RXSA};
  return change(L, &add);
}

static int macsec_set(lua_State *L)
{
  static const struct commands set = {"set", MACSEC_CMD_UPD_TXSA, MACSEC_CMD_UPD_RXSC,
                                      MACSEC_CMD_UPD_RXSA};
  return change(L, &set);
}

static int macsec_delete(lua_State *L)
{
  static const struct commands del = {"delete", MACSEC_CMD_DEL_TXSA, MACSEC_CMD_DEL_RXSC,
                                      MACSEC_CMD_DEL_RXSA};
  return change(L, &del);
}

static int macsec_list(lua_State *L)
{
  struct object_call c;
  genl_ask(L, &c, &devices, &family, "list", MACSEC_CMD_GET_TXSC);
  lua_pushvalue(L, genl_push_list(&c, &devices));
  rt_op_end(L, &c.op, -1);
  return 1;
}

/* The kernel tells all of them, whatever it is asked. */
static int macsec_get(lua_State *L)
{
  struct object_call c;
  genl_ask(L, &c, &device, &family, "get", MACSEC_CMD_GET_TXSC);
  int list = genl_push_list(&c, &devices);
  lua_Integer n = (lua_Integer)lua_rawlen(L, list);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, list, i);
    lua_getfield(L, -1, "dev");
    bool is = lua_rawequal(L, -1, c.key);
    lua_pop(L, 1);
    if (is) {
      rt_op_end(L, &c.op, -1);
      return 1;
    }
    lua_pop(L, 1);
  }
  rt_raisef(L, &c.op, ENODEV, NULL,
            "link.add(NAME, { link = \"eth0\", macsec = { encrypt = true } }) makes one.",
            "there is no MACsec link \"%s\"", c.op.key);
}

#define NAME                                                                                       \
  {                                                                                                \
    "name", "string", "of a link of the kind macsec"                                               \
  }
#define LINK                                                                                       \
  "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"                                               \
  "if pcall(link.add, \"m0\", { link = \"v0\", macsec = { encrypt = true } }) then\n"
#define KEY "\"0123456789abcdef0123456789abcdef\""

static const struct rt_func funcs[] = {
    {.name = "add",
     .fn = macsec_add,
     .doc = "Adds an association for sending (`sa`), a sender to listen to (`port` and `address`, "
            "or `sci`), or an association of that sender (both).",
     .params = {NAME, {"options", "macsec.Options", "what is added"}},
     .errors =
         "ENODEV there is no such link, or no such sender\nEBUSY there is one already\n"
         "EINVAL the key, its name or the number of the next packet is missing\nEOPNOTSUPP "
         "the kernel has no MACsec\nEPERM the kernel wants root of the machine, in any sandbox",
     .example = LINK
     "  macsec.add(\"m0\", { sa = 0, pn = 1, active = true, key_id = \"01\", key = " KEY " })\n"
     "  macsec.add(\"m0\", { port = 1, address = \"02:00:00:00:00:02\" })\n"
     "  macsec.add(\"m0\", { port = 1, address = \"02:00:00:00:00:02\", sa = 0, pn = 1,"
     " active = true,\n                     key_id = \"02\", key = " KEY " })\n"
     "  print(macsec.get(\"m0\"))\nend",
     .source = "ip-macsec(8), linux/if_macsec.h"},
    {.name = "set",
     .fn = macsec_set,
     .doc = "Changes one of them: `active`, and the number of an association's next packet.",
     .params = {NAME, {"options", "macsec.Options", "which, as in add, and what changes"}},
     .errors = "ENODEV there is none\nEINVAL a key cannot be changed: it gets a new association",
     .example =
         LINK "  macsec.add(\"m0\", { port = 1, address = \"02:00:00:00:00:02\" })\n"
              "  macsec.set(\"m0\", { port = 1, address = \"02:00:00:00:00:02\", active = true })\n"
              "end",
     .source = "ip-macsec(8)"},
    {.name = "delete",
     .fn = macsec_delete,
     .doc = "Removes one of them. An association must be off; a sender takes its own along.",
     .params = {NAME, {"options", "macsec.Options", "which, as in add"}},
     .errors = "ENODEV there is none\nEBUSY the association is in use",
     .example = LINK "  macsec.add(\"m0\", { port = 1, address = \"02:00:00:00:00:02\" })\n"
                     "  macsec.delete(\"m0\", { port = 1, address = \"02:00:00:00:00:02\" })\nend",
     .source = "ip-macsec(8)"},
    {.name = "get",
     .fn = macsec_get,
     .doc = "What a MACsec link sends with (`tx`) and whom it listens to (`rx`).",
     .params = {NAME},
     .returns = {{"device", "macsec.device.Record",
                  "printing it prints what ip macsec show shows"}},
     .errors = "ENODEV there is no such link\nEOPNOTSUPP the kernel has no MACsec",
     .example = LINK "  print(macsec.get(\"m0\").cipher)\nend"},
    {.name = "list",
     .fn = macsec_list,
     .doc = "The same of all MACsec links.",
     .returns = {{"devices", "macsec.device.Record[]",
                  "printing it prints what ip macsec show shows"}},
     .errors = "EOPNOTSUPP the kernel has no MACsec, or has not loaded it",
     .example = "local ok, devices = pcall(macsec.list)\nif ok then print(devices) end"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {
    {"replace", "add"}, {"show", "list"}, {"del", "delete"}, {NULL, NULL}};

const struct rt_module macsec_module = {.name = "macsec",
                                        .doc = "Keys of MACsec links.",
                                        .funcs = {funcs},
                                        .lacks = lacks,
                                        .bound = true};
