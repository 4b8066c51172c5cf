/* link_impair: link.impair - a link that is late, lossy or slow, in one line: a netem at its root,
 * that is put there, changed while packets wait in it, and taken away. */
#include "modules/tc.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* The key is that of a link; the message is one about a qdisc. */
static const struct object impair_object = {
    .module = "link", .schema = &schema_link, .key = "name", .new = RTM_NEWQDISC};

enum root_kind { ROOT_NONE, ROOT_NETEM, ROOT_OTHER };

struct root {
  enum root_kind kind;
  char name[32]; /* of the kind */
};

/* Takes the message for what it is if it tells the root of the link. What has no handle is there
 * because nobody said anything. */
static void look_at(const struct nlmsghdr *msg, int ifindex, struct root *ret)
{
  const struct tcmsg *m = mnl_nlmsg_get_payload(msg);
  const struct nlattr *kind = object_attr(msg, sizeof *m, TCA_KIND, 1);
  if (kind == NULL || m->tcm_ifindex != ifindex || m->tcm_parent != TC_H_ROOT || m->tcm_handle == 0)
    return;
  size_t n = strnlen(mnl_attr_get_payload(kind), mnl_attr_get_payload_len(kind));
  if (n >= sizeof ret->name)
    n = sizeof ret->name - 1;
  memcpy(ret->name, mnl_attr_get_payload(kind), n);
  ret->name[n] = '\0';
  ret->kind = strcmp(ret->name, "netem") == 0 ? ROOT_NETEM : ROOT_OTHER;
}

static void find_root(struct object_call *c, int ifindex, struct root *ret)
{
  const struct nlmsghdr *msg;
  struct nl_answer answer;
  int r = -EAGAIN;
  for (int i = 0; i < 12 && r == -EAGAIN; i++) { /* what changes meanwhile is read again */
    *ret = (struct root){.kind = ROOT_NONE};
    schema_begin(&c->enc, RTM_GETQDISC, NLM_F_DUMP);
    r = nl_dump(&c->enc.buf->sock, c->enc.nlh);
    while (r == 0 && (r = nl_next(&c->enc.buf->sock, &msg, &answer)) == 1) {
      look_at(msg, ifindex, ret);
      r = 0;
    }
  }
  if (r < 0)
    rt_raise(c->enc.L, &c->op, &(struct rt_error){.err = -r});
}

/* What netem keeps when it is not said, and what stands for "none of it". */
static const char *const kept[] = {"rate_mbit",       "reorder_percent",
                                   "corrupt_percent", "delay_correlation_percent",
                                   "slot_min_ms",     NULL};

static bool given(lua_State *L, int t, const char *key)
{
  bool is = lua_getfield(L, t, key) != LUA_TNIL;
  lua_pop(L, 1);
  return is;
}

/* Pushes { dev, root, netem = { all that was given, and all that is to go } }. */
static void push_qdisc(struct object_call *c, bool change)
{
  lua_State *L = c->enc.L;
  lua_createtable(L, 0, 3);
  lua_pushvalue(L, c->key);
  lua_setfield(L, -2, "dev");
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "root");
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, c->options);) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_settable(L, -4);
  }
  for (const char *const *key = kept; change && *key; key++)
    if (!given(L, c->options, *key)) {
      lua_pushinteger(L, 0);
      lua_setfield(L, -2, *key);
    }
  if (change && !given(L, c->options, "ecn")) {
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "ecn");
  }
  if (change && given(L, c->options, "jitter_ms") && !given(L, c->options, "distribution")) {
    lua_pushliteral(L, "uniform");
    lua_setfield(L, -2, "distribution");
  }
  lua_setfield(L, -2, "netem");
}

static void request(struct object_call *c)
{
  struct nl_answer answer;
  object_request(c, &answer);
  if (answer.err == 0)
    return;
  char field[128];
  struct rt_error error;
  object_describe(c, &qdisc_object, &answer, field, sizeof field, &error);
  if (error.err == ENOENT)
    error.text = "this kernel has no netem (sch_netem), which impairs links";
  rt_raise(c->enc.L, &c->op, &error);
}

static void encode(struct object_call *c, uint16_t type, uint16_t flags)
{
  schema_begin(&c->enc, type, flags);
  c->options = lua_gettop(c->enc.L);
  schema_put(&c->enc, c->options, true);
}

static int index_of(struct object_call *c)
{
  schema_begin(&c->enc, RTM_GETQDISC, NLM_F_DUMP);
  lua_pushvalue(c->enc.L, c->key);
  c->enc.key = true;
  schema_put_key(&c->enc, "dev");
  c->enc.key = false;
  lua_pop(c->enc.L, 1);
  return ((const struct tcmsg *)(void *)c->enc.hdr)->tcm_ifindex;
}

static void want_options(struct object_call *c, const struct root *root)
{
  static const char other[] = "qdisc.delete{ dev = ..., root = true } takes it away.";
  if (c->options == 0)
    rt_raisef(c->enc.L, &c->op, EINVAL, NULL,
              "{ delay_ms = 20, loss_percent = 1 }, or {} for a link that is fine.",
              "a table that says what is wrong with the link is needed");
  if (root->kind == ROOT_OTHER)
    rt_raisef(c->enc.L, &c->op, EEXIST, NULL, other, "the link has a qdisc of its own: %s",
              root->name);
}

int link_impair(lua_State *L)
{
  struct object_call c;
  struct root root;
  object_open(L, &c, &impair_object, "impair");
  c.enc.schema = &schema_qdisc;
  find_root(&c, index_of(&c), &root);
  want_options(&c, &root);
  lua_pushnil(L);
  bool nothing = !lua_next(L, c.options);
  lua_settop(L, lua_gettop(L) - (nothing ? 0 : 2));
  if (!nothing) {
    push_qdisc(&c, root.kind == ROOT_NETEM);
    encode(&c, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
    request(&c);
  } else if (root.kind == ROOT_NETEM) {
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, c.key);
    lua_setfield(L, -2, "dev");
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, "root");
    encode(&c, RTM_DELQDISC, 0);
    request(&c);
  }
  rt_op_end(L, &c.op, 0);
  return 0;
}
