/* genl: verbs of objects that are spoken of over generic netlink. What is asked is rows, as
 * everywhere; the socket is another one, and the number of the family is asked for first. */
#include "modules/genl.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

static uint16_t want_family(struct object_call *c, const struct genl_family *f)
{
  uint16_t family = 0;
  struct nl_sock *s = &c->enc.buf->there;
  int err = nl_open(s, c->enc.buf->netns, NETLINK_GENERIC);
  if (err == 0)
    err = nl_genl_family(s, f->name, &family);
  if (err == -ENOENT)
    rt_raisef(c->enc.L, &c->op, EOPNOTSUPP, NULL, f->hint, "%s", f->lacks);
  if (err)
    rt_raise(c->enc.L, &c->op, &(struct rt_error){.err = -err});
  return family;
}

static void open_call(lua_State *L, struct object_call *c, const struct object *o, const char *verb)
{
  if (batch_of_call(L))
    luaL_error(L, "%s.%s cannot stand in a batch", o->module, verb);
  object_open(L, c, o, verb);
}

static void set_command(struct object_call *c, const struct genl_family *f, uint8_t cmd)
{
  struct genlmsghdr *g = (void *)c->enc.hdr;
  g->cmd = cmd;
  g->version = f->version;
}

void genl_begin(lua_State *L, struct object_call *c, const struct object *o,
                const struct genl_family *f, const char *verb, uint8_t cmd)
{
  open_call(L, c, o, verb);
  object_encode(c, o, want_family(c, f), 0, true);
  set_command(c, f, cmd);
}

void genl_ask(lua_State *L, struct object_call *c, const struct object *o,
              const struct genl_family *f, const char *verb, uint8_t cmd)
{
  open_call(L, c, o, verb);
  schema_begin(&c->enc, want_family(c, f), 0);
  set_command(c, f, cmd);
}

int genl_send(struct object_call *c, const struct object *o)
{
  struct nl_answer answer;
  rt_op_message(c->enc.L, &c->op, true, c->enc.nlh, c->enc.nlh->nlmsg_len);
  if (nl_request(&c->enc.buf->there, c->enc.nlh, &answer))
    object_raise(c, o, &answer);
  rt_op_end(c->enc.L, &c->op, 0);
  return 0;
}

void genl_dump(struct object_call *c, const struct object *o, void *arg,
               void (*fn)(struct object_call *c, const struct nlmsghdr *msg, void *arg))
{
  struct nl_answer answer;
  const struct nlmsghdr *msg;
  struct nl_sock *s = &c->enc.buf->there;
  rt_op_message(c->enc.L, &c->op, true, c->enc.nlh, c->enc.nlh->nlmsg_len);
  int r = nl_dump(s, c->enc.nlh);
  if (r < 0)
    rt_raise(c->enc.L, &c->op, &(struct rt_error){.err = -r});
  while ((r = nl_next(s, &msg, &answer)) == 1) {
    rt_op_message(c->enc.L, &c->op, false, msg, msg->nlmsg_len);
    fn(c, msg, arg);
  }
  if (r < 0)
    object_raise(c, o, &answer);
}

/* Where the records go. */
struct list {
  const struct schema *schema;
  int list, context;
  lua_Integer n;
};

static void add_record(struct object_call *c, const struct nlmsghdr *msg, void *arg)
{
  struct list *l = arg;
  schema_push_record(c->enc.L, l->schema, msg, l->context);
  lua_rawseti(c->enc.L, l->list, ++l->n);
}

int genl_push_list(struct object_call *c, const struct object *o)
{
  lua_State *L = c->enc.L;
  object_push_context(L, &c->netns);
  lua_newtable(L);
  struct list l = {
      .schema = o->told ? o->told : o->schema, .list = lua_gettop(L), .context = lua_gettop(L) - 1};
  genl_dump(c, o, &l, add_record);
  object_set_list_metatable(L, o->schema->name, l.context, 0);
  return l.list;
}
