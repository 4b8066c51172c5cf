/* walk: from a Lua table to a message, row by row. Validation comes first, so that nothing is
 * half-encoded when a key is wrong; rows are encoded in their order, so the bytes are stable. */
#include "schema/codec.h"
#include "schema/tc.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *path_of(struct schema_enc *e, const char *key)
{
  if (e->around == NULL)
    return key;
  return lua_pushfstring(e->L, "%s.%s", e->around, key);
}

void schema_fail(struct schema_enc *e, const struct schema_row *r, int err, const char *hint,
                 const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  const char *text = lua_pushvfstring(e->L, fmt, ap);
  va_end(ap);
  const char *field = e->key ? NULL : path_of(e, r->key);
  rt_raise(e->L, e->op, &(struct rt_error){.err = err, .field = field, .text = text, .hint = hint});
}

void schema_wrong(struct schema_enc *e, const struct schema_row *r, const char *want)
{
  schema_fail(e, r, EINVAL, NULL, "%s is needed, not %s", want, rt_typename(e->L, -1));
}

const struct schema *schema_nested(const struct schema_row *r)
{
  static const struct schema_codec *const nests[] = {
      &schema_nest,        &schema_kind_data,  &schema_veth,   &schema_peer,     &schema_nexthops,
      &schema_slave_data,  &schema_tc_actions, &schema_peers,  &schema_encap,    &schema_encap_kind,
      &schema_vlan_tunnel, &schema_tc_app,     &schema_tc_nth, &schema_tc_curves};
  for (size_t i = 0; i < sizeof nests / sizeof *nests; i++)
    if (r->codec == nests[i])
      return r->arg;
  return NULL;
}

/* strcmp for words of a few letters. */
static bool same_word(const char *a, const char *b)
{
  for (; *a == *b; a++, b++)
    if (*a == '\0')
      return true;
  return false;
}

/* The rows that were asked for last, by the addresses of schema and key: Lua keeps a string like
 * the names of fields at one address. What is found is compared again, since it may be another by
 * now. */
enum { RECENT = 64 };

const struct schema_row *schema_row_of(const struct schema *s, const char *key)
{
  static struct {
    const struct schema *schema;
    const struct schema_row *row;
  } recent[RECENT];
  size_t at = ((uintptr_t)key >> 3 ^ (uintptr_t)s >> 5) % RECENT;
  if (recent[at].schema == s && same_word(recent[at].row->key, key))
    return recent[at].row;
  for (const struct schema_row *r = s->rows; r->key; r++)
    if (r->key[0] == key[0] && strcmp(r->key, key) == 0) {
      recent[at].schema = s;
      recent[at].row = r;
      return r;
    }
  return NULL;
}

void schema_begin(struct schema_enc *e, uint16_t type, uint16_t flags)
{
  /* libmnl leaves padding as it was; what lies behind the last message is zero already. */
  size_t used = e->buf->zeroed ? ((const struct nlmsghdr *)(void *)e->buf->msg)->nlmsg_len
                               : sizeof e->buf->msg;
  memset(e->buf->msg, 0, used < sizeof e->buf->msg ? used : sizeof e->buf->msg);
  e->buf->zeroed = true;
  e->nlh = mnl_nlmsg_put_header(e->buf->msg);
  e->nlh->nlmsg_type = type;
  e->nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
  e->hdr = mnl_nlmsg_put_extra_header(e->nlh, e->schema->hdr);
  e->family = (uint8_t *)e->hdr;
  e->attrs = mnl_nlmsg_get_payload_tail(e->nlh);
  e->netns = -1;
}

void schema_emit(struct schema_enc *e, const struct schema_row *r, const void *p, size_t n)
{
  if (r->attr == 0)
    memcpy(e->hdr + r->off, p, n < r->len ? n : r->len);
  else if (!mnl_attr_put_check(e->nlh, sizeof e->buf->msg, r->attr, n, p))
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
}

void codec_emit(struct schema_enc *e, const struct schema_row *r, uint16_t attr, const void *p,
                size_t n)
{
  struct schema_row other = *r;
  other.attr = attr;
  if (!mnl_attr_put_check(e->nlh, sizeof e->buf->msg, attr, n, p))
    schema_fail(e, &other, EMSGSIZE, NULL, "the message is full");
}

void *codec_shared(struct schema_enc *e, const struct schema_row *r, uint16_t attr, size_t n)
{
  static const char zeros[128];
  struct nlattr *a = (void *)e->attrs;
  char *tail = mnl_nlmsg_get_payload_tail(e->nlh);
  for (; mnl_attr_ok(a, (int)(tail - (char *)a)); a = mnl_attr_next(a))
    if (mnl_attr_get_type(a) == attr && mnl_attr_get_payload_len(a) >= n)
      return mnl_attr_get_payload(a);
  codec_emit(e, r, attr, zeros, n);
  return mnl_attr_get_payload((struct nlattr *)(void *)tail);
}

void schema_set_family(struct schema_enc *e, const struct schema_row *r, int family)
{
  if (*e->family != 0 && *e->family != family)
    schema_fail(e, r, EINVAL, NULL, "IPv4 and IPv6 cannot be mixed here");
  *e->family = (uint8_t)family;
}

/* ---- validation ------------------------------------------------------------------------------ */

static const char *next_row_key(void *arg)
{
  const struct schema_row **r = arg;
  while ((*r)->key && ((*r)->flags & (SCHEMA_READONLY | SCHEMA_FILTER)))
    ++*r;
  return (*r)->key ? (*r)++->key : NULL;
}

/* The row that ip(8) has the word for: its words are spelled "a*ddress", "up|down", "nud ~". */
static const struct schema_row *row_of_word(const struct schema *s, const char *word)
{
  for (const struct schema_row *r = s->rows; r->key; r++)
    for (const char *at = r->words; at && *at;) {
      const char *w = word;
      for (; *at && (*at == '*' || *at == *w); at++)
        w += *at == *w;
      bool ends = *at == '\0' || strchr(" ,|/", *at);
      if (*w == '\0' && ends && !(r->flags & SCHEMA_READONLY))
        return r;
      at += strcspn(at, " ,|/");
      at += strspn(at, " ,|/");
    }
  return NULL;
}

/* The row of a nested schema that has the key. */
static const struct schema_row *nest_of(const struct schema *s, const char *key)
{
  for (const struct schema_row *r = s->rows; r->key; r++)
    if (schema_nested(r) && schema_row_of(schema_nested(r), key))
      return r;
  return NULL;
}

static const char *hint_unknown(struct schema_enc *e, const char *key)
{
  lua_State *L = e->L;
  const struct schema_row *at = e->schema->rows, *nest = nest_of(e->schema, key);
  const struct schema_row *called = row_of_word(e->schema, key);
  if (nest)
    return lua_pushfstring(L, "It is an option of a %s: %s = { %s = ... }.", nest->key, nest->key,
                           key);
  if (called)
    return lua_pushfstring(L, "It is \"%s\" here: %s.", called->key, called->doc);
  const char *near = rt_nearest(key, next_row_key, &at);
  if (near)
    return lua_pushfstring(L, "Did you mean \"%s\"?", near);
  return lua_pushfstring(L, "help(%s.%s) lists the options.", e->op->module, e->op->verb);
}

/* { "up" } in place of { up = true } */
static _Noreturn void nameless(struct schema_enc *e)
{
  lua_State *L = e->L;
  bool word = lua_type(L, -1) == LUA_TSTRING || lua_type(L, -1) == LUA_TNUMBER;
  const char *value = word ? rt_shown(L, -1) : rt_typename(L, -1), *hint;
  const struct schema_row *r = schema_row_of(e->schema, value);
  if (r)
    hint = lua_pushfstring(L, "Every option has a name: { %s = %s }.", value,
                           strcmp(r->codec->type, "boolean") == 0 ? "true" : "...");
  else
    hint = "Every option has a name: { name = value }.";
  rt_raisef(L, e->op, EINVAL, e->around, hint, "a value stands without a name: %s", value);
}

static _Noreturn void unknown_key(struct schema_enc *e)
{
  if (lua_type(e->L, -2) != LUA_TSTRING)
    nameless(e);
  const char *key = lua_tostring(e->L, -2), *field = path_of(e, key);
  rt_raisef(e->L, e->op, EINVAL, field, hint_unknown(e, key), "%s has no such option",
            e->schema->name);
}

/* The row of the key at idx, whose bytes are all of it: a zero byte is no end. */
static const struct schema_row *row_at(struct schema_enc *e, int idx)
{
  size_t n;
  if (lua_type(e->L, idx) != LUA_TSTRING)
    return NULL;
  const char *key = lua_tolstring(e->L, idx, &n);
  return strlen(key) == n ? schema_row_of(e->schema, key) : NULL;
}

/* The value below the top goes into the list of what is given. */
static void note_given(struct schema_enc *e, const struct schema_row *r)
{
  int i = e->ngiven++;
  for (; i > 0 && e->given[i - 1].row > r; i--)
    e->given[i] = e->given[i - 1];
  e->given[i] = (struct schema_value){r, lua_gettop(e->L) - 1};
}

static void check_key(struct schema_enc *e, const struct schema_row *r,
                      const struct schema_row *skip)
{
  if (r == NULL)
    unknown_key(e);
  if (r->flags & SCHEMA_FILTER)
    schema_fail(e, r, EINVAL, NULL, "only list, each and flush take this, to choose");
  if (r->flags & SCHEMA_READONLY)
    schema_fail(e, r, EINVAL, NULL, "only the kernel sets this; it can be read, not given");
  if (r == skip)
    schema_fail(e, r, EINVAL, NULL, "this is the first argument, not an option");
}

/* Collects the values of the options on the stack. Asking the table for each row instead takes
 * longer than all the rest of encoding: a route has fifty, and a script gives two. */
static void check_keys(struct schema_enc *e, const struct schema_row *skip)
{
  lua_State *L = e->L;
  e->ngiven = lua_getmetatable(L, e->t) ? SCHEMA_GIVEN + 1 : 0; /* __index may give others */
  if (e->ngiven)
    lua_pop(L, 1);
  for (lua_pushnil(L); lua_next(L, e->t);) {
    const struct schema_row *r = row_at(e, -2);
    check_key(e, r, skip);
    if (e->ngiven >= SCHEMA_GIVEN) { /* no room: they are not known */
      e->ngiven = SCHEMA_GIVEN + 1;
      lua_pop(L, 1);
      continue;
    }
    lua_insert(L, -2); /* the value stays, below the key that goes on */
    note_given(e, r);
  }
}

/* ---- encoding -------------------------------------------------------------------------------- */

enum { NESTS = 4 };

/* The nests that are open at this moment, so that neighbouring rows share them. */
struct open_nests {
  const struct schema_step *path;
  struct nlattr *nest[NESTS];
  int n;
};

static void close_nests(struct schema_enc *e, struct open_nests *o)
{
  while (o->n > 0)
    mnl_attr_nest_end(e->nlh, o->nest[--o->n]);
  o->path = NULL;
}

static void open_path(struct schema_enc *e, const struct schema_row *r, struct open_nests *o)
{
  if (r->in == o->path)
    return;
  close_nests(e, o);
  o->path = r->in;
  for (const struct schema_step *s = r->in; s && s->attr; s++) {
    o->nest[o->n] = mnl_attr_nest_start_check(e->nlh, sizeof e->buf->msg, s->attr);
    if (o->nest[o->n] == NULL)
      schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
    o->n++;
  }
}

bool schema_given(struct schema_enc *e, const char *key)
{
  if (e->ngiven <= SCHEMA_GIVEN) {
    for (int i = 0; i < e->ngiven; i++)
      if (same_word(e->given[i].row->key, key))
        return true;
    return false;
  }
  bool is = lua_getfield(e->L, e->t, key) != LUA_TNIL;
  lua_pop(e->L, 1);
  return is;
}

/* Encodes the value for its errors alone. */
static void check_value(struct schema_enc *e, const struct schema_row *r)
{
  struct open_nests open = {0};
  struct nlmsghdr before = *e->nlh;
  open_path(e, r, &open);
  r->codec->put(e, r);
  memset((char *)e->nlh + before.nlmsg_len, 0, e->nlh->nlmsg_len - before.nlmsg_len);
  e->nlh->nlmsg_len = before.nlmsg_len;
}

/* Encodes the value at the top, and pops it. */
static void put_value(struct schema_enc *e, const struct schema_row *r, struct open_nests *open)
{
  if (e->later && (r->flags & SCHEMA_LATER)) {
    close_nests(e, open);
    check_value(e, r);
  } else {
    open_path(e, r, open);
    r->codec->put(e, r);
  }
  lua_pop(e->L, 1);
}

/* Pushes the value that the row's text stands for: a number, an array of numbers, a word. */
static void push_implied(lua_State *L, const struct schema_row *r)
{
  char *end;
  const char *at = r->implied;
  long long v = strtoll(at, &end, 0);
  if (strcmp(r->codec->type, "integer[]") != 0) {
    if (end > at && *end == '\0')
      lua_pushinteger(L, v);
    else
      lua_pushstring(L, at);
    return;
  }
  lua_newtable(L);
  for (lua_Integer i = 1; end > at; i++, at = end, v = strtoll(at, &end, 0)) {
    lua_pushinteger(L, v);
    lua_rawseti(L, -2, i);
  }
}

/* Pushes the value that the others imply, or that the row has by itself. */
static bool push_otherwise(struct schema_enc *e, const struct schema_row *r)
{
  if (r->codec->imply)
    return r->codec->imply(e, r);
  if (r->implied)
    push_implied(e->L, r);
  return r->implied != NULL;
}

/* What a row does that no value was given for. */
static void put_absent(struct schema_enc *e, const struct schema_row *r, bool strict,
                       struct open_nests *open)
{
  if (push_otherwise(e, r))
    put_value(e, r, open);
  else if (strict && (r->flags & SCHEMA_REQUIRED))
    schema_fail(e, r, EINVAL, lua_pushfstring(e->L, "Add %s = ..., %s.", r->key, r->doc),
                "this option is needed");
}

/* Whether the row has something to do without a value. Of the many rows that are the options of a
 * kind, only those do that say so. */
static bool acts_alone(const struct schema_row *r)
{
  bool implies = r->codec->imply && (r->codec != &schema_kind_data || (r->flags & SCHEMA_ALWAYS));
  return !(r->flags & SCHEMA_READONLY) && (implies || r->implied || (r->flags & SCHEMA_REQUIRED));
}

/* The rows of a schema that act alone, found once. A schema whose place is taken does without. */
enum { ALONE = 7, PLANS = 256, PROBES = 8 };

struct plan {
  const struct schema *schema;
  int n; /* beyond ALONE: all rows are walked */
  const struct schema_row *alone[ALONE + 1];
};

static void make_plan(struct plan *p, const struct schema *s)
{
  p->schema = s;
  for (const struct schema_row *r = s->rows; r->key && p->n <= ALONE; r++)
    if (acts_alone(r))
      p->alone[p->n++] = r;
}

static const struct plan *plan_of(const struct schema *s)
{
  static struct plan plans[PLANS];
  static const struct plan none = {.n = ALONE + 1};
  for (size_t i = 0; i < PROBES; i++) {
    struct plan *p = &plans[(((uintptr_t)s >> 4) + i) % PLANS];
    if (p->schema == NULL)
      make_plan(p, s);
    if (p->schema == s)
      return p;
  }
  return &none;
}

/* The values of the table and the rows that act alone, both in the order of the rows. */
static void put_known(struct schema_enc *e, const struct plan *p, bool strict,
                      const struct schema_row *skip, struct open_nests *open)
{
  int alone = 0;
  for (int i = 0; i <= e->ngiven; i++) {
    const struct schema_row *r = i < e->ngiven ? e->given[i].row : NULL;
    for (; alone < p->n && (r == NULL || p->alone[alone] < r); alone++)
      if (p->alone[alone] != skip)
        put_absent(e, p->alone[alone], strict, open);
    if (r == NULL)
      continue;
    alone += alone < p->n && p->alone[alone] == r;
    lua_pushvalue(e->L, e->given[i].at);
    put_value(e, r, open);
  }
}

/* The same by asking the table for every row. */
static void put_all(struct schema_enc *e, bool strict, const struct schema_row *skip,
                    struct open_nests *open)
{
  for (const struct schema_row *r = e->schema->rows; r->key; r++) {
    if ((r->flags & (SCHEMA_READONLY | SCHEMA_FILTER)) || r == skip)
      continue;
    if (lua_getfield(e->L, e->t, r->key) != LUA_TNIL) {
      put_value(e, r, open);
      continue;
    }
    lua_pop(e->L, 1);
    put_absent(e, r, strict, open);
  }
}

void schema_put(struct schema_enc *e, int t, bool strict)
{
  struct open_nests open = {0};
  int top = lua_gettop(e->L);
  luaL_checkstack(e->L, 16 + SCHEMA_GIVEN, e->schema->name);
  e->t = t;
  const struct schema_row *skip = e->skip ? schema_row_of(e->schema, e->skip) : NULL;
  const struct plan *plan = plan_of(e->schema);
  check_keys(e, skip);
  if (e->ngiven <= SCHEMA_GIVEN && plan->n <= ALONE)
    put_known(e, plan, strict, skip, &open);
  else
    put_all(e, strict, skip, &open);
  close_nests(e, &open);
  lua_settop(e->L, top);
}

void schema_put_key(struct schema_enc *e, const char *key)
{
  const struct schema_row *r = schema_row_of(e->schema, key);
  struct open_nests open = {0};
  open_path(e, r, &open);
  r->codec->put(e, r);
  close_nests(e, &open);
}

/* ---- decoding -------------------------------------------------------------------------------- */

bool schema_open(struct schema_dec *d, lua_State *L, const struct schema *s, const void *p,
                 size_t len, int context)
{
  size_t skip = SCHEMA_ALIGN(s->hdr);
  *d = (struct schema_dec){.L = L, .context = context, .schema = s, .hdr = p, .top = p};
  if (len < s->hdr)
    return false;
  d->attrs = (const void *)((const char *)p + skip);
  d->len = len > skip ? len - skip : 0;
  return true;
}

/* libmnl's walk over attributes is three calls for each; a record is walked for each field. So is
 * what of an attribute is not its header. */
static const void *value_of(const struct nlattr *a)
{
  return a + 1;
}

static size_t len_of(const struct nlattr *a)
{
  return a->nla_len - sizeof *a;
}

static const struct nlattr *find(const struct nlattr *a, size_t len, uint16_t attr)
{
  const char *at = (const char *)a;
  while (len >= sizeof *a) {
    a = (const void *)at;
    if (a->nla_len < sizeof *a || a->nla_len > len)
      break;
    if ((a->nla_type & NLA_TYPE_MASK) == attr)
      return a;
    size_t size = SCHEMA_ALIGN(a->nla_len);
    if (size >= len)
      break;
    at += size;
    len -= size;
  }
  return NULL;
}

const struct nlattr *schema_find(const struct schema_dec *d, const struct schema_step *in,
                                 uint16_t attr)
{
  const struct nlattr *a = d->attrs;
  size_t len = d->len;
  for (; in && in->attr; in++) {
    if ((a = find(a, len, in->attr)) == NULL)
      return NULL;
    len = len_of(a);
    a = value_of(a);
  }
  return find(a, len, attr);
}

bool schema_get(const struct schema_dec *d, const struct schema_row *r)
{
  if (r->codec->get == NULL)
    return false;
  if (r->attr == 0)
    return r->codec->get(d, r, d->hdr + r->off, r->len);
  const struct nlattr *a = r->in ? schema_find(d, r->in, r->attr) : find(d->attrs, d->len, r->attr);
  if (a == NULL && r->other)
    a = schema_find(d, r->in, r->other);
  if (a)
    return r->codec->get(d, r, value_of(a), len_of(a));
  return r->codec->computed && r->codec->get(d, r, NULL, 0);
}

static bool known_attr(const struct schema *s, uint16_t attr)
{
  for (const struct schema_row *r = s->rows; r->key; r++)
    if ((r->in ? r->in->attr : r->attr) == attr || (r->other && r->other == attr))
      return true;
  return false;
}

/* The attributes without a row are kept as bytes under `unknown`, by their numbers. */
static void get_unknown(const struct schema_dec *d, int t)
{
  lua_State *L = d->L;
  bool any = false;
  const char *end = (const char *)d->attrs + d->len;
  for (const struct nlattr *a = d->attrs; mnl_attr_ok(a, (int)(end - (const char *)a));
       a = mnl_attr_next(a)) {
    if (known_attr(d->schema, mnl_attr_get_type(a)))
      continue;
    if (!any)
      lua_newtable(L);
    any = true;
    lua_pushlstring(L, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
    lua_rawseti(L, -2, mnl_attr_get_type(a));
  }
  if (any)
    lua_setfield(L, t, "unknown");
}

void schema_get_all(const struct schema_dec *d)
{
  luaL_checkstack(d->L, 10, d->schema->name);
  lua_newtable(d->L);
  int t = lua_gettop(d->L);
  for (const struct schema_row *r = d->schema->rows; r->key; r++)
    if (!(r->flags & SCHEMA_FILTER) && schema_get(d, r))
      lua_setfield(d->L, t, r->key);
  get_unknown(d, t);
}
