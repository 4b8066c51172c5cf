/* wireguard: keys and peers of WireGuard links, over generic netlink. The link itself is made by
 * link.add("wg0", { type = "wireguard" }). */
#include "modules/genl.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/wireguard.h>
#include <string.h>
#include <sys/random.h>

static void explain(struct schema_enc *e, const char *verb, struct rt_error *error)
{
  (void)verb;
  if (error->err == ENODEV) {
    error->text = lua_pushfstring(e->L, "there is no link \"%s\"", e->op->key);
    error->hint = "link.add(NAME, { type = \"wireguard\" }) makes one.";
  }
  if (error->err == EOPNOTSUPP) {
    error->text = lua_pushfstring(e->L, "\"%s\" is no WireGuard link", e->op->key);
    error->hint = "link.add(NAME, { type = \"wireguard\" }) makes one.";
  }
}

static const struct object wireguard_object = {.module = "wireguard",
                                               .schema = &schema_wireguard,
                                               .key = "name",
                                               .key_word = "name of the link",
                                               .explain = explain};

static const struct genl_family family = {
    .name = WG_GENL_NAME,
    .version = WG_GENL_VERSION,
    .lacks = "this kernel has no WireGuard, or has not loaded it",
    .hint = "A stock kernel has the module wireguard."};

/* wireguard.set("wg0", { private_key = ..., listen_port = 51820, peers = { { ... } } }) */
static int wireguard_set(lua_State *L)
{
  struct object_call c;
  genl_begin(L, &c, &wireguard_object, &family, "set", WG_CMD_SET_DEVICE);
  return genl_send(&c, &wireguard_object);
}

/* Moves the peers of the table at the top to the end of those of the table at `to`. A peer whose
 * allowed addresses did not fit one message goes on in the next. */
static void add_peers(lua_State *L, int to)
{
  lua_getfield(L, to, "peers");
  lua_getfield(L, -2, "peers");
  int all = lua_gettop(L) - 1, more = all + 1;
  if (lua_istable(L, all) && lua_istable(L, more))
    for (lua_Integer i = 1, n = (lua_Integer)lua_rawlen(L, more); i <= n; i++) {
      lua_rawgeti(L, more, i);
      lua_rawgeti(L, all, (lua_Integer)lua_rawlen(L, all));
      bool same = i == 1 && lua_istable(L, -1) && lua_getfield(L, -1, "public_key") &&
                  lua_getfield(L, -3, "public_key") && lua_rawequal(L, -1, -2);
      lua_settop(L, more + 2);
      if (same) {
        lua_getfield(L, more + 2, "allowed_ips");
        lua_getfield(L, more + 1, "allowed_ips");
        for (lua_Integer k = 1;
             lua_istable(L, -1) && lua_istable(L, -2) && lua_rawgeti(L, -1, k) != LUA_TNIL; k++)
          lua_rawseti(L, -3, (lua_Integer)lua_rawlen(L, -3) + 1);
      } else {
        lua_pushvalue(L, more + 1);
        lua_rawseti(L, all, (lua_Integer)lua_rawlen(L, all) + 1);
      }
      lua_settop(L, more);
    }
  lua_settop(L, all - 1);
}

/* A large device is told in several messages; *arg is the stack index of the first one's table. */
static void add_device(struct object_call *c, const struct nlmsghdr *msg, void *arg)
{
  lua_State *L = c->enc.L;
  struct schema_dec d;
  int *result = arg;
  if (!schema_open(&d, L, &schema_wireguard, mnl_nlmsg_get_payload(msg),
                   mnl_nlmsg_get_payload_len(msg), 0))
    return;
  schema_get_all(&d);
  if (*result == 0) {
    *result = lua_gettop(L);
  } else {
    add_peers(L, *result);
    lua_settop(L, *result);
  }
}

/* wireguard.get("wg0") */
static int wireguard_get(lua_State *L)
{
  struct object_call c;
  int result = 0;
  genl_begin(L, &c, &wireguard_object, &family, "get", WG_CMD_GET_DEVICE);
  genl_dump(&c, &wireguard_object, &result, add_device);
  rt_op_end(L, &c.op, result);
  return result ? 1 : 0;
}

/* 32 random bytes as text; those of a private key have the form that Curve25519 wants. */
static int push_random_key(lua_State *L, const char *verb, bool is_private)
{
  struct rt_op op = {.module = "wireguard", .verb = verb, .netns = netns_here()->name};
  uint8_t key[WG_KEY_LEN];
  char text[SCHEMA_WIREGUARD_KEY];
  ssize_t n;
  while ((n = getrandom(key, sizeof key, 0)) < 0 && errno == EINTR)
    rt_check_interrupt(L, &op);
  if (n != sizeof key)
    rt_raise(L, &op, &(struct rt_error){.err = n < 0 ? errno : EIO});
  if (is_private) {
    key[0] &= 248;
    key[31] = (uint8_t)((key[31] & 127) | 64);
  }
  schema_wireguard_key(key, text);
  explicit_bzero(key, sizeof key);
  lua_pushstring(L, text);
  return 1;
}

static int wireguard_genkey(lua_State *L)
{
  return push_random_key(L, "genkey", true);
}

static int wireguard_genpsk(lua_State *L)
{
  return push_random_key(L, "genpsk", false);
}

#define NAME                                                                                       \
  {                                                                                                \
    "name", "string", "of a link of the kind wireguard"                                            \
  }

static const struct rt_func funcs[] = {
    {.name = "set",
     .fn = wireguard_set,
     .doc = "Sets the private key, the port and the mark of a WireGuard link, and adds, changes or "
            "removes peers. What is not named stays as it is.",
     .params = {NAME, {"options", "wireguard.Options", "what changes"}},
     .errors =
         "ENODEV there is no such link\nEOPNOTSUPP the link is no WireGuard link, or the kernel "
         "has none\nEPERM no privilege",
     .example =
         "if pcall(link.add, \"wg0\", { type = \"wireguard\" }) then\n"
         "  wireguard.set(\"wg0\", { private_key = wireguard.genkey(), listen_port = 51820 })\n"
         "  print(wireguard.get(\"wg0\").public_key)\n"
         "end",
     .source = "linux/wireguard.h"},
    {.name = "get",
     .fn = wireguard_get,
     .doc =
         "The keys and the peers of a WireGuard link: a table with the fields that set takes, the "
         "public key, and what the kernel knows of each peer.",
     .params = {NAME},
     .returns = {{"device", "wireguard.Record", "a plain table"}},
     .errors = "ENODEV there is no such link\nEOPNOTSUPP the link is no WireGuard link\n"
               "EPERM no privilege",
     .example = "print(pcall(wireguard.get, \"lo\"))"},
    {.name = "genkey",
     .fn = wireguard_genkey,
     .doc = "A new private key. Its public key is read back from the link that it was given to.",
     .returns = {{"key", "string", "44 characters of base64"}},
     .example = "assert(#wireguard.genkey() == 44)"},
    {.name = "genpsk",
     .fn = wireguard_genpsk,
     .doc = "A new secret for `preshared_key`.",
     .returns = {{"key", "string", "44 characters of base64"}},
     .example = "assert(wireguard.genpsk() ~= wireguard.genpsk())"},
    {.name = NULL}};

static const struct rt_lack lacks[] = {
    {"add", "set"}, {"list", "get"}, {"delete", "set"}, {NULL, NULL}};

const struct rt_module wireguard_module = {.name = "wireguard",
                                           .doc = "Keys and peers of WireGuard links.",
                                           .funcs = {funcs},
                                           .lacks = lacks,
                                           .bound = true};
