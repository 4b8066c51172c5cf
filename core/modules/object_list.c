/* object_list: the verbs that read netlink objects - list, each, get - and flush, which deletes
 * what it has read; and the filters that all of them take. */
#include "modules/object.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <string.h>

/* ---- filters --------------------------------------------------------------------------------- */

static const char *next_key(void *arg)
{
  const struct schema_row **r = arg;
  while ((*r)->key && (*r)->codec->get == NULL)
    ++*r;
  return (*r)->key ? (*r)++->key : NULL;
}

/* The row that a filter's key at idx means; `exact` is another word for the key of the object. */
static const struct schema_row *filter_row(struct object_call *c, const struct object *o, int idx)
{
  lua_State *L = c->enc.L;
  if (lua_type(L, idx) != LUA_TSTRING)
    rt_raisef(L, &c->op, EINVAL, NULL, "Every part of a filter has a name: { name = value }.",
              "a value stands without a name");
  const char *key = lua_tostring(L, idx), *hint = NULL;
  if (o->key && strcmp(key, "exact") == 0)
    key = o->key;
  const struct schema_row *r = schema_row_of(o->schema, key), *at = o->schema->rows;
  if (r && r->codec->get)
    return r;
  const char *near = rt_nearest(key, next_key, &at);
  if (near)
    hint = lua_pushfstring(L, "Did you mean \"%s\"?", near);
  rt_raisef(L, &c->op, EINVAL, key, hint, "%s cannot be filtered by this", o->module);
}

static bool is_word(lua_State *L, int idx, const char *word)
{
  return lua_type(L, idx) == LUA_TSTRING && strcmp(lua_tostring(L, idx), word) == 0;
}

/* "all" tables, or neighbours of "all" states. */
static bool means_every(lua_State *L, const char *key, int idx)
{
  return (strcmp(key, "table") == 0 || strcmp(key, "nud") == 0) && is_word(L, idx, "all");
}

/* An address says which family is meant. The value that it follows from is in the message. */
static void imply_family(struct object_call *c, int filter)
{
  lua_State *L = c->enc.L;
  const struct schema_row *family = schema_row_of(c->enc.schema, "family");
  struct schema_dec d;
  if (family == NULL || *c->enc.hdr == 0 || lua_getfield(L, filter, "family") != LUA_TNIL)
    return;
  if (schema_open(&d, L, c->enc.schema, c->enc.hdr, c->enc.schema->hdr, 0) &&
      schema_get(&d, family))
    lua_setfield(L, filter, "family");
}

/* Adds the value at the top to the filter under the row, in its canonical form if it has one. */
static void add_to_filter(struct object_call *c, const struct object *o, const struct schema_row *r,
                          int filter)
{
  lua_State *L = c->enc.L;
  bool every = means_every(L, r->key, -1);
  bool plain = !every && object_filter_value(c, o, r);
  lua_setfield(L, filter, r->key);
  if (plain)
    imply_family(c, filter);
}

/* Pushes the filter of the call in the form that records are compared with, and makes it that of
 * the call. The options and the key, if there is one, are its parts. */
static void read_filter(struct object_call *c, const struct object *o)
{
  lua_State *L = c->enc.L;
  int given = c->options, top = lua_gettop(L);
  luaL_checkstack(L, 12, "filter");
  lua_newtable(L);
  if (given)
    for (lua_pushnil(L); lua_next(L, given); lua_pop(L, 1)) {
      const struct schema_row *r = filter_row(c, o, -2);
      lua_pushvalue(L, -1);
      add_to_filter(c, o, r, top + 1);
      lua_settop(L, top + 3);
    }
  if (c->key) {
    lua_pushvalue(L, c->key);
    c->enc.key = true;
    add_to_filter(c, o, schema_row_of(o->schema, o->key), top + 1);
    c->enc.key = false;
  }
  lua_settop(L, top + 1);
  lua_pushnil(L);
  c->options = lua_next(L, top + 1) ? top + 1 : 0; /* 0: everything is asked for */
  lua_settop(L, top + 1);
}

bool object_asked(lua_State *L, int filter, const char *key)
{
  if (filter == 0)
    return false;
  bool is = lua_getfield(L, filter, key) != LUA_TNIL;
  lua_pop(L, 1);
  return is;
}

bool object_asks(lua_State *L, int filter, const char *key, const char *word)
{
  if (filter == 0)
    return false;
  lua_getfield(L, filter, key);
  bool yes = is_word(L, -1, word);
  lua_pop(L, 1);
  return yes;
}

void object_narrow_by(struct schema_enc *e, int filter, const char *key)
{
  if (!object_asked(e->L, filter, key))
    return;
  lua_getfield(e->L, filter, key);
  schema_put_key(e, key);
  lua_pop(e->L, 1);
}

bool object_seen_to(lua_State *L, int want, int record)
{
  (void)L, (void)want, (void)record;
  return true;
}

enum { FIRST_SHIFT = 32 }; /* one more than the first: no plain number looks so */

void object_narrow_span(struct schema_enc *e, int filter, const char *key)
{
  lua_State *L = e->L;
  uint32_t first, last;
  if (!object_asked(L, filter, key))
    return;
  lua_getfield(L, filter, key);
  if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) >> FIRST_SHIFT <= 0) { /* not yet */
    schema_want_span(e, key, &first, &last);
    lua_pushinteger(L, ((lua_Integer)first + 1) << FIRST_SHIFT | last);
    lua_setfield(L, filter, key);
  }
  lua_pop(L, 1);
}

bool object_span_asked(lua_State *L, int filter, const char *key, uint32_t first, uint32_t last)
{
  if (!object_asked(L, filter, key))
    return true;
  lua_getfield(L, filter, key);
  lua_Integer wanted = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return first <= (wanted & UINT32_MAX) && last + INT64_C(1) >= wanted >> FIRST_SHIFT;
}

/* false in a filter asks for records without the field. A sub-table asks for the kind and for each
 * of its values; the other end of a veth may be meant by its name. */
static bool equal(lua_State *L, int want, int is)
{
  want = lua_absindex(L, want);
  is = lua_absindex(L, is);
  if (lua_isnil(L, is))
    return lua_isboolean(L, want) && !lua_toboolean(L, want);
  if (lua_type(L, want) == LUA_TSTRING && lua_istable(L, is)) {
    lua_getfield(L, is, "name");
    lua_replace(L, is);
  }
  if (!lua_istable(L, want) || !lua_istable(L, is))
    return lua_compare(L, want, is, LUA_OPEQ);
  luaL_checkstack(L, 6, "filter");
  int top = lua_gettop(L);
  bool same = true;
  for (lua_pushnil(L); same && lua_next(L, want); lua_pop(L, 1)) {
    lua_pushvalue(L, -2);
    lua_gettable(L, is);
    same = equal(L, -2, -1);
    lua_pop(L, 1);
  }
  lua_settop(L, top);
  return same;
}

/* Whether the record has what the filter's value at the top asks for under the key. */
static bool has_value(lua_State *L, const struct object *o, int record, const char *key)
{
  for (const struct object_filter *f = o->filters; f && f->key; f++)
    if (strcmp(f->key, key) == 0)
      return f->matches(L, lua_gettop(L), record);
  lua_getfield(L, record, key);
  return equal(L, -2, -1);
}

/* Whether the record on the top is what the filter asks for. Most dumps have none. */
static __attribute__((noinline)) bool matches(lua_State *L, int filter, const struct object *o)
{
  int record = lua_gettop(L);
  bool same = true;
  luaL_checkstack(L, 12, "filter");
  for (lua_pushnil(L); same && lua_next(L, filter); lua_pop(L, 1)) {
    const char *key = lua_tostring(L, -2);
    if (means_every(L, key, -1))
      continue;
    if (o->by_kernel && strcmp(key, o->by_kernel) == 0)
      continue;
    int value = lua_gettop(L);
    same = has_value(L, o, record, key);
    lua_settop(L, value);
  }
  lua_settop(L, record);
  return same;
}

/* ---- lists ----------------------------------------------------------------------------------- */

enum { TRIES = 12 }; /* of a dump that something changed under */

static void start_dump(struct object_call *c, const struct object *o)
{
  c->split.msg = NULL;
  schema_begin(&c->enc, o->get, NLM_F_DUMP);
  if (o->narrow)
    o->narrow(&c->enc, c->options);
  rt_op_message(c->enc.L, &c->op, true, c->enc.nlh, c->enc.nlh->nlmsg_len);
  int err = nl_dump(&c->enc.buf->sock, c->enc.nlh);
  if (err) {
    object_close_buf(c->enc.buf);
    rt_raise(c->enc.L, &c->op, &(struct rt_error){.err = -err});
  }
}

/* The next part of a message that tells of several. Parts are made where the request was, which has
 * been sent. */
static __attribute__((noinline)) int next_part(struct object_call *c, const struct schema *told,
                                               const struct nlmsghdr **ret,
                                               struct nl_answer *answer)
{
  struct schema_buf *b = c->enc.buf;
  for (;;) {
    *ret = c->split.msg ? schema_split_next(&c->split) : NULL;
    int r = *ret ? 1 : nl_next(&b->sock, &c->split.msg, answer);
    if (*ret || r != 1)
      return r;
    rt_op_message(c->enc.L, &c->op, false, c->split.msg, c->split.msg->nlmsg_len);
    b->zeroed = false;
    schema_split_begin(&c->split, told, c->split.msg, b->msg, sizeof b->msg);
  }
}

/* The next message of the dump, or the next part of one. */
static int next_message(struct object_call *c, const struct schema *told,
                        const struct nlmsghdr **ret, struct nl_answer *answer)
{
  if (told->split)
    return next_part(c, told, ret, answer);
  int r = nl_next(&c->enc.buf->sock, ret, answer);
  if (r == 1 && c->op.messages)
    rt_op_message(c->enc.L, &c->op, false, *ret, (*ret)->nlmsg_len);
  return r;
}

/* Pushes the next record that the filter lets through; 0 at the end, -EAGAIN to start again. */
static int next_record(struct object_call *c, const struct object *o, int context, int class)
{
  lua_State *L = c->enc.L;
  const struct schema *told = o->told ? o->told : o->schema;
  const struct nlmsghdr *msg;
  struct nl_answer answer;
  int r;
  while ((r = next_message(c, told, &msg, &answer)) == 1) {
    if (o->shown && !o->shown(msg, L, c->options))
      continue;
    schema_push_record_of(L, schema_part(told), msg, context, class);
    if (c->options == 0 || matches(L, c->options, o))
      return 1;
    lua_pop(L, 1);
  }
  if (r < 0 && r != -EAGAIN)
    object_raise(c, o, &answer);
  return r;
}

/* Lua: tostring(list). How ip(8) would print it depends on the object, on where it was read and on
 * what was asked for, which stands in the metatable. */
static int list_tostring(lua_State *L)
{
  lua_settop(L, 1);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "nslab.format");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "list");
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

void object_set_list_metatable(lua_State *L, const char *object, int context, int filter)
{
  lua_createtable(L, 0, 5);
  lua_pushcfunction(L, list_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "nslab.list");
  lua_setfield(L, -2, "__name");
  lua_pushstring(L, object);
  lua_setfield(L, -2, "object");
  if (context) {
    lua_getfield(L, context, "netns");
    lua_setfield(L, -2, "netns");
  }
  if (filter) {
    lua_pushvalue(L, filter);
    lua_setfield(L, -2, "filter");
  }
  lua_setmetatable(L, -2);
}

static int collect_again(lua_State *L)
{
  lua_gc(L, LUA_GCRESTART);
  return 0;
}

static const struct rt_class pause_class = {.name = "nslab.pause", .close = collect_again};

/* Everything is kept, so there is nothing to collect while a list is made: the collector would look
 * at all of it again each time that it has doubled. With a filter most of it may be garbage. Pushes
 * one to-be-closed value when it is paused. */
static bool pause_collector(struct object_call *c)
{
  lua_State *L = c->enc.L;
  if (c->options || !lua_gc(L, LUA_GCISRUNNING))
    return false;
  rt_new(L, &pause_class, 1, 0);
  lua_toclose(L, -1);
  lua_gc(L, LUA_GCSTOP);
  return true;
}

/* Pushes the list. A dump that is not one state is thrown away and read again. */
static void push_list(struct object_call *c, const struct object *o)
{
  lua_State *L = c->enc.L;
  int r = -EAGAIN;
  bool paused = pause_collector(c);
  object_push_context(L, &c->netns);
  int context = lua_gettop(L), class = context + 1, list = class + 1;
  schema_push_record_class(L);
  for (int i = 0; i < TRIES && r == -EAGAIN; i++) {
    lua_settop(L, class);
    lua_newtable(L);
    start_dump(c, o);
    for (lua_Integer n = 1; (r = next_record(c, o, context, class)) == 1; n++)
      lua_rawseti(L, list, n);
  }
  if (paused)
    lua_gc(L, LUA_GCRESTART);
  if (r == -EAGAIN)
    rt_raisef(L, &c->op, EAGAIN, NULL, NULL, "it kept changing while it was read");
  object_set_list_metatable(L, o->schema->name, context, c->op.options);
}

/* list and flush have no key: the filter is their only argument. */
static void open_list(lua_State *L, struct object_call *c, const struct object *o, const char *verb)
{
  struct object keyless = *o;
  keyless.key = NULL;
  object_open(L, c, &keyless, verb);
  read_filter(c, o);
}

int object_list(lua_State *L, const struct object *o)
{
  struct object_call c;
  open_list(L, &c, o, "list");
  push_list(&c, o);
  rt_op_end(L, &c.op, -1);
  return 1;
}

/* Deletes the record at the top. */
static void delete_record(struct object_call *c, const struct object *o)
{
  lua_State *L = c->enc.L;
  struct nl_answer answer;
  if (o->key_alone) {
    lua_createtable(L, 0, 1);
    lua_getfield(L, -2, o->key);
    lua_setfield(L, -2, o->key);
  } else {
    object_push_options(L, o, lua_gettop(L), NULL);
  }
  c->options = lua_gettop(L);
  object_encode(c, o, o->del, 0, false);
  object_request(c, &answer);
  if (answer.err && answer.err != -ENOENT && answer.err != -ESRCH && answer.err != -EADDRNOTAVAIL)
    object_raise(c, o, &answer); /* those went with another one */
}

int object_flush(lua_State *L, const struct object *o)
{
  struct object_call c;
  open_list(L, &c, o, "flush");
  push_list(&c, o);
  int list = lua_gettop(L);
  lua_Integer n = (lua_Integer)lua_rawlen(L, list);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, list, i);
    delete_record(&c, o);
    lua_settop(L, list);
  }
  lua_pushinteger(L, n);
  rt_op_end(L, &c.op, -1);
  return 1;
}

/* ---- get ------------------------------------------------------------------------------------- */

int object_first(lua_State *L, const struct object *o)
{
  struct object_call c;
  object_open(L, &c, o, "get");
  read_filter(&c, o);
  push_list(&c, o);
  if (lua_rawgeti(L, -1, 1) != LUA_TNIL) {
    rt_op_end(L, &c.op, -1);
    return 1;
  }
  struct rt_error error = {.err = ENOENT, .text = "there is none"};
  if (o->absent_hint)
    error.hint = lua_pushfstring(L, o->absent_hint, c.op.netns);
  lua_pushnil(L);
  rt_push_error(L, &c.op, &error);
  return 2;
}

/* What says that there is no such thing; anything else is trouble, and raised. A route that is a
 * blackhole is an EINVAL without a word. */
static bool is_absence(const struct nl_answer *answer)
{
  static const int codes[] = {ENODEV, ENOENT, ESRCH, ENETUNREACH, EHOSTUNREACH, EACCES};
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    if (answer->err == -codes[i])
      return true;
  return answer->err == -EINVAL && answer->text[0] == '\0';
}

int object_lookup(struct object_call *c, const struct object *o)
{
  lua_State *L = c->enc.L;
  const struct nlmsghdr *msg;
  struct nl_answer answer;
  char field[128];
  struct rt_error error;
  rt_op_message(L, &c->op, true, c->enc.nlh, c->enc.nlh->nlmsg_len);
  if (nl_get(&c->enc.buf->sock, c->enc.nlh, &msg, &answer) == 0) {
    rt_op_message(L, &c->op, false, msg, msg->nlmsg_len);
    object_push_context(L, &c->netns);
    schema_push_record(L, o->schema, msg, lua_gettop(L));
    rt_op_end(L, &c->op, -1);
    return 1;
  }
  object_describe(c, o, &answer, field, sizeof field, &error);
  if (!is_absence(&answer))
    rt_raise(L, &c->op, &error);
  lua_pushnil(L);
  rt_push_error(L, &c->op, &error);
  return 2;
}

/* ---- each ------------------------------------------------------------------------------------ */

/* What the iterator keeps between two calls. */
struct each {
  struct object_call call;
  const struct object *object;
};

/* Its upvalues: that, with the box, the context, the filter, the class of the records. */
enum { EACH = 1, EACH_CONTEXT, EACH_FILTER, EACH_CLASS };

static int each_next(lua_State *L)
{
  struct each *e = lua_touserdata(L, lua_upvalueindex(EACH));
  e->call.enc.L = L;
  int r = next_record(&e->call, e->object, lua_upvalueindex(EACH_CONTEXT),
                      lua_upvalueindex(EACH_CLASS));
  if (r == -EAGAIN)
    rt_raisef(L, &e->call.op, EAGAIN, NULL, "list() reads again until it is one state.",
              "something changed while it was read; what came before may be incomplete");
  return r;
}

/* The generic for: iterator, state, control, closing value. The observer is told when it starts. */
int object_each(lua_State *L, const struct object *o)
{
  struct object keyless = *o;
  struct object_call c;
  keyless.key = NULL;
  object_begin(L, &c, &keyless, "each");
  c.enc.buf = object_new_buf(L); /* closed by the loop, whichever way it ends */
  int box = lua_gettop(L);
  read_filter(&c, o); /* first, while nothing is open that nobody would close */
  int filter = lua_gettop(L);
  object_open_buf(L, &c.op, &c.netns, c.enc.buf);
  start_dump(&c, o);
  rt_op_end(L, &c.op, 0);
  struct each *e = lua_newuserdatauv(L, sizeof *e, 1);
  *e = (struct each){.call = c, .object = o};
  e->call.options = c.options ? lua_upvalueindex(EACH_FILTER) : 0;
  e->call.op.netns = e->call.netns.name;
  e->call.op.messages = 0;
  e->call.enc.op = &e->call.op;
  lua_pushvalue(L, box);
  lua_setiuservalue(L, -2, 1);
  object_push_context(L, &c.netns);
  lua_pushvalue(L, filter);
  schema_push_record_class(L);
  lua_pushcclosure(L, each_next, EACH_CLASS);
  lua_pushnil(L);
  lua_pushnil(L);
  lua_pushvalue(L, box);
  return 4;
}
