/* annotate: what stands where in a message - the lines that explain it byte by byte, and the path
 * of the field at an offset, for the kernel's complaints. Both walk the bytes beside the rows. */
#include "schema/schema.h"
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE(t, s)                                                                              \
  {                                                                                                \
    .type = t, .sym = #t, .schema = &s                                                             \
  }
const struct schema_message schema_messages[] = {MESSAGE(RTM_NEWLINK, schema_link),
                                                 MESSAGE(RTM_DELLINK, schema_link),
                                                 MESSAGE(RTM_GETLINK, schema_link),
                                                 MESSAGE(RTM_NEWADDR, schema_addr),
                                                 MESSAGE(RTM_DELADDR, schema_addr),
                                                 MESSAGE(RTM_GETADDR, schema_addr),
                                                 MESSAGE(RTM_NEWROUTE, schema_route),
                                                 MESSAGE(RTM_DELROUTE, schema_route),
                                                 MESSAGE(RTM_GETROUTE, schema_route),
                                                 MESSAGE(RTM_NEWNEIGH, schema_neigh),
                                                 MESSAGE(RTM_DELNEIGH, schema_neigh),
                                                 MESSAGE(RTM_GETNEIGH, schema_neigh),
                                                 MESSAGE(RTM_NEWRULE, schema_rule),
                                                 MESSAGE(RTM_DELRULE, schema_rule),
                                                 MESSAGE(RTM_GETRULE, schema_rule),
                                                 {0, NULL, NULL}};

const struct schema_message *schema_message_of(uint16_t type)
{
  for (const struct schema_message *m = schema_messages; m->schema; m++)
    if (m->type == type)
      return m;
  return NULL;
}

/* ---- one level of nesting -------------------------------------------------------------------- */

/* Where the walk is: a schema, and how far down the `in` path that its rows share. */
struct level {
  const struct schema *schema;
  const struct schema_step *path; /* of a row that was entered; NULL at the top */
  int depth;                      /* steps of the path that were taken */
  const char *hdr;
  const struct nlattr *attrs;
  size_t len;
};

/* What an attribute is at this level: the row it ends at, or the step it leads through. */
struct place {
  const struct schema_row *row;
  const struct schema_step *step; /* the whole path, when the attribute is a step of it */
};

static int path_len(const struct schema_step *s)
{
  int n = 0;
  while (s && s[n].attr)
    n++;
  return n;
}

/* Whether the row lies below the steps that the level has taken. */
static bool below(const struct level *v, const struct schema_row *r)
{
  return v->depth == 0 || r->in == v->path;
}

/* A kind's options share one attribute; the row is the one whose name the kind beside it has. */
static bool right_kind(const struct level *v, const struct schema_row *r)
{
  if (r->codec != &schema_kind_data && r->codec != &schema_veth)
    return true;
  const char *end = (const char *)v->attrs + v->len;
  for (const struct nlattr *a = v->attrs; mnl_attr_ok(a, (int)(end - (const char *)a));
       a = mnl_attr_next(a))
    if (mnl_attr_get_type(a) == IFLA_INFO_KIND)
      return strncmp(mnl_attr_get_payload(a), r->key, mnl_attr_get_payload_len(a)) == 0;
  return false;
}

static struct place place_of(const struct level *v, uint16_t attr)
{
  struct place p = {0};
  for (const struct schema_row *r = v->schema->rows; r->key && !p.row; r++) {
    int n = path_len(r->in);
    if (n < v->depth || !below(v, r))
      continue;
    if (n == v->depth && r->attr == attr && right_kind(v, r))
      p.row = r;
    else if (n > v->depth && r->in[v->depth].attr == attr && p.step == NULL)
      p.step = r->in;
  }
  if (p.row)
    p.step = NULL;
  return p;
}

static const struct schema *nested_schema(const struct schema_row *r)
{
  static const struct schema_codec *const nests[] = {&schema_nest, &schema_kind_data, &schema_veth,
                                                     &schema_peer};
  for (size_t i = 0; i < sizeof nests / sizeof *nests; i++)
    if (r->codec == nests[i])
      return r->arg;
  return NULL;
}

/* Goes into the attribute; false if there is nothing inside. */
static bool enter(const struct level *v, const struct place *p, const struct nlattr *a,
                  struct level *ret)
{
  const char *payload = mnl_attr_get_payload(a);
  size_t len = mnl_attr_get_payload_len(a);
  const struct schema *s = p->row ? nested_schema(p->row) : NULL;
  if (p->step)
    *ret = (struct level){v->schema, p->step, v->depth + 1, v->hdr, (const void *)payload, len};
  else if (s && len >= s->hdr)
    *ret = (struct level){s, NULL, 0, payload, (const void *)(payload + SCHEMA_ALIGN(s->hdr)),
                          len > SCHEMA_ALIGN(s->hdr) ? len - SCHEMA_ALIGN(s->hdr) : 0};
  else
    return false;
  return true;
}

static bool top_level(const struct schema *s, const struct nlmsghdr *nlh, struct level *ret)
{
  struct schema_dec d;
  if (!schema_open(&d, NULL, s, mnl_nlmsg_get_payload(nlh), mnl_nlmsg_get_payload_len(nlh), 0))
    return false;
  *ret = (struct level){s, NULL, 0, d.hdr, d.attrs, d.len};
  return true;
}

/* ---- the field at an offset ------------------------------------------------------------------ */

static void add_path(char *buf, size_t size, const char *key)
{
  size_t n = strlen(buf);
  snprintf(buf + n, size - n, "%s%s", n ? "." : "", key);
}

static bool covers(const struct nlattr *a, const char *at)
{
  return at >= (const char *)a && at < (const char *)a + SCHEMA_ALIGN(a->nla_len);
}

/* Descends to the attribute that covers `at`; the level it is in comes back, keys go to buf. */
static void descend(struct level *v, const char *at, bool into, char *buf, size_t size)
{
  struct level in;
  const char *end = (const char *)v->attrs + v->len;
  for (const struct nlattr *a = v->attrs; mnl_attr_ok(a, (int)(end - (const char *)a));
       a = mnl_attr_next(a)) {
    if (!covers(a, at))
      continue;
    struct place p = place_of(v, mnl_attr_get_type(a));
    if (p.row)
      add_path(buf, size, p.row->key);
    if ((at > (const char *)a || into) && enter(v, &p, a, &in)) {
      *v = in;
      if (at > (const char *)a)
        descend(v, at, into, buf, size);
    }
    return;
  }
}

void schema_field_at(const struct schema *s, const struct nlmsghdr *nlh, uint32_t offset,
                     char *buf, size_t size)
{
  struct level v;
  buf[0] = '\0';
  if (offset == 0 || offset >= nlh->nlmsg_len || !top_level(s, nlh, &v))
    return;
  const char *at = (const char *)nlh + offset;
  if (at >= (const char *)v.attrs) {
    descend(&v, at, false, buf, size);
    return;
  }
  for (const struct schema_row *r = s->rows; r->key && !buf[0]; r++)
    if (r->attr == 0 && at >= v.hdr + r->off && at < v.hdr + r->off + r->len)
      add_path(buf, size, r->key);
}

void schema_field_missing(const struct schema *s, const struct nlmsghdr *nlh, uint32_t nest,
                          uint32_t type, char *buf, size_t size)
{
  struct level v;
  buf[0] = '\0';
  if (type == 0 || !top_level(s, nlh, &v))
    return;
  if (nest && nest < nlh->nlmsg_len)
    descend(&v, (const char *)nlh + nest, true, buf, size);
  struct place p = place_of(&v, (uint16_t)type);
  if (p.row)
    add_path(buf, size, p.row->key);
}

/* ---- the annotated message ------------------------------------------------------------------- */

struct printer {
  luaL_Buffer *b;
  lua_State *L;
  const char *start;
};

enum { LINE_BYTES = 8 };

/* "0010  0a 00 03 00 61 62 63 00  text": the offset, at most eight bytes, the words. */
static void line(struct printer *p, const void *bytes, size_t n, int indent, const char *text)
{
  const uint8_t *at = bytes;
  size_t off = (size_t)((const char *)bytes - p->start);
  do {
    char buf[64];
    size_t used = (size_t)snprintf(buf, sizeof buf, "%04zx ", off);
    size_t some = n < LINE_BYTES ? n : LINE_BYTES;
    for (size_t i = 0; i < LINE_BYTES; i++)
      used += (size_t)(i < some ? snprintf(buf + used, sizeof buf - used, " %02x", at[i])
                                : snprintf(buf + used, sizeof buf - used, "   "));
    luaL_addlstring(p->b, buf, used);
    if (text) {
      luaL_addlstring(p->b, "                                        ", (size_t)(2 + indent * 2));
      luaL_addstring(p->b, text);
    }
    luaL_addchar(p->b, '\n');
    text = NULL;
    at += some;
    off += some;
    n -= some;
  } while (n > 0);
}

/* The value of a row as text on the Lua stack, "" when it has none. */
static const char *value_text(struct printer *p, const struct level *v, const struct schema_row *r,
                              const void *bytes, size_t n)
{
  struct schema_dec d = {.L = p->L, .schema = v->schema, .hdr = v->hdr, .attrs = v->attrs,
                         .len = v->len};
  if (r->codec->get == NULL || !r->codec->get(&d, r, bytes, n))
    lua_pushliteral(p->L, "");
  else if (lua_istable(p->L, -1)) {
    lua_Integer len = luaL_len(p->L, -1);
    lua_pushliteral(p->L, "");
    for (lua_Integer i = 1; i <= len; i++) {
      if (i > 1)
        lua_pushliteral(p->L, " ");
      lua_rawgeti(p->L, i > 1 ? -3 : -2, i);
      lua_concat(p->L, i > 1 ? 3 : 2);
    }
    lua_remove(p->L, -2);
  }
  return luaL_tolstring(p->L, -1, NULL);
}

/* Lines of one header member or attribute are built on the stack before they enter the buffer,
 * which wants its own place on top; so each is made by a call that leaves one string. */
static int text_of(lua_State *L)
{
  struct printer *p = lua_touserdata(L, 1);
  const struct level *v = lua_touserdata(L, 2);
  const struct schema_row *r = lua_touserdata(L, 3);
  const struct nlattr *a = lua_touserdata(L, 4);
  if (a)
    lua_pushfstring(L, "%s %s", r->sym,
                    value_text(p, v, r, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a)));
  else
    lua_pushfstring(L, "%s %s", r->sym, value_text(p, v, r, v->hdr + r->off, r->len));
  return 1;
}

static void add_row(struct printer *p, const struct level *v, const struct schema_row *r,
                    const struct nlattr *a, int indent, size_t n)
{
  char text[256];
  lua_pushcfunction(p->L, text_of);
  lua_pushlightuserdata(p->L, p);
  lua_pushlightuserdata(p->L, (void *)(uintptr_t)v);
  lua_pushlightuserdata(p->L, (void *)(uintptr_t)r);
  lua_pushlightuserdata(p->L, (void *)(uintptr_t)a);
  lua_call(p->L, 4, 1);
  snprintf(text, sizeof text, "%s", lua_tostring(p->L, -1));
  lua_pop(p->L, 1);
  line(p, a ? (const void *)a : v->hdr + r->off, n, indent, text);
}

/* The members of a fixed header; bits of one word are one line. */
static void add_header(struct printer *p, const struct level *v, int indent)
{
  size_t at = 0;
  while (at < v->schema->hdr) {
    const struct schema_row *best = NULL;
    size_t next = v->schema->hdr;
    for (const struct schema_row *r = v->schema->rows; r->key; r++) {
      if (r->attr || r->len == 0)
        continue;
      if (r->off == at && (best == NULL || r->codec == &schema_flagset))
        best = r;
      if (r->off > at && r->off < next)
        next = r->off;
    }
    size_t n = best ? best->len : next - at;
    if (best)
      add_row(p, v, best, NULL, indent, n);
    else
      line(p, v->hdr + at, n, indent, "-");
    at += n;
  }
}

static void add_attrs(struct printer *p, const struct level *v, int indent)
{
  const char *end = (const char *)v->attrs + v->len;
  for (const struct nlattr *a = v->attrs; mnl_attr_ok(a, (int)(end - (const char *)a));
       a = mnl_attr_next(a)) {
    struct level in;
    char text[64];
    struct place where = place_of(v, mnl_attr_get_type(a));
    size_t whole = SCHEMA_ALIGN(a->nla_len);
    if ((const char *)a + whole > end)
      whole = (size_t)(end - (const char *)a);
    if (enter(v, &where, a, &in)) {
      line(p, a, sizeof *a, indent, where.row ? where.row->sym : where.step[v->depth].sym);
      if (where.row)
        add_header(p, &in, indent + 1);
      add_attrs(p, &in, indent + 1);
    } else if (where.row) {
      add_row(p, v, where.row, a, indent, whole);
    } else {
      snprintf(text, sizeof text, "attribute %u", mnl_attr_get_type(a));
      line(p, a, whole, indent, text);
    }
  }
}

static const struct schema_name flag_names[] = {
    {"request", NLM_F_REQUEST}, {"multi", NLM_F_MULTI},   {"ack", NLM_F_ACK},
    {"echo", NLM_F_ECHO},       {"intr", NLM_F_DUMP_INTR}, {NULL, 0}};
static const struct schema_name new_names[] = {{"replace", NLM_F_REPLACE}, {"excl", NLM_F_EXCL},
                                               {"create", NLM_F_CREATE},   {"append", NLM_F_APPEND},
                                               {NULL, 0}};
static const struct schema_name get_names[] = {{"dump", NLM_F_DUMP}, {NULL, 0}};

static void add_names(char *buf, size_t size, const struct schema_name *n, uint32_t flags)
{
  for (; n->name; n++)
    if ((flags & n->value) == n->value) {
      size_t used = strlen(buf);
      snprintf(buf + used, size - used, " %s", n->name);
    }
}

/* Requests of rtnetlink come in fours: new, del, get, set. */
static void add_nlmsghdr(struct printer *p, const struct nlmsghdr *h, const char *sym)
{
  char text[160];
  snprintf(text, sizeof text, "nlmsg_len %u", h->nlmsg_len);
  line(p, &h->nlmsg_len, 4, 0, text);
  snprintf(text, sizeof text, "nlmsg_type %s (%u)", sym, h->nlmsg_type);
  line(p, &h->nlmsg_type, 2, 0, text);
  snprintf(text, sizeof text, "nlmsg_flags");
  add_names(text, sizeof text, flag_names, h->nlmsg_flags);
  if (h->nlmsg_flags & NLM_F_REQUEST) {
    if (h->nlmsg_type % 4 == 0)
      add_names(text, sizeof text, new_names, h->nlmsg_flags);
    if (h->nlmsg_type % 4 == 2)
      add_names(text, sizeof text, get_names, h->nlmsg_flags);
  }
  line(p, &h->nlmsg_flags, 2, 0, text);
  snprintf(text, sizeof text, "nlmsg_seq %u", h->nlmsg_seq);
  line(p, &h->nlmsg_seq, 4, 0, text);
  snprintf(text, sizeof text, "nlmsg_pid %u", h->nlmsg_pid);
  line(p, &h->nlmsg_pid, 4, 0, text);
}

static void add_error(struct printer *p, const struct nlmsghdr *h)
{
  char text[64];
  const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
  if (mnl_nlmsg_get_payload_len(h) < sizeof e->error)
    return;
  snprintf(text, sizeof text, "error %d %s", e->error,
           e->error ? strerrorname_np(-e->error) : "(acknowledged)");
  line(p, &e->error, sizeof e->error, 0, text);
  size_t rest = mnl_nlmsg_get_payload_len(h) - sizeof e->error;
  if (rest)
    line(p, &e->msg, rest, 0, "the request it answers, and what the kernel adds");
}

static void add_message(struct printer *p, const struct nlmsghdr *h)
{
  struct level v;
  const struct schema_message *m = schema_message_of(h->nlmsg_type);
  const char *sym = h->nlmsg_type == NLMSG_ERROR  ? "NLMSG_ERROR"
                    : h->nlmsg_type == NLMSG_DONE ? "NLMSG_DONE"
                                                  : "unknown";
  add_nlmsghdr(p, h, m ? m->sym : sym);
  if (h->nlmsg_type == NLMSG_ERROR) {
    add_error(p, h);
  } else if (m && top_level(m->schema, h, &v)) {
    add_header(p, &v, 0);
    add_attrs(p, &v, 0);
  } else if (mnl_nlmsg_get_payload_len(h)) {
    line(p, mnl_nlmsg_get_payload(h), mnl_nlmsg_get_payload_len(h), 0, "payload");
  }
}

int schema_annotate(lua_State *L)
{
  size_t n;
  const char *bytes = luaL_checklstring(L, 1, &n);
  char *copy = lua_newuserdatauv(L, n + 1, 0); /* a string's bytes need not be aligned */
  memcpy(copy, bytes, n);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  struct printer p = {&b, L, copy};
  int left = (int)n;
  for (const struct nlmsghdr *h = (const void *)copy; mnl_nlmsg_ok(h, left);
       h = mnl_nlmsg_next(h, &left))
    add_message(&p, h);
  luaL_pushresult(&b);
  return 1;
}
