/* annotate: what stands where in a message - the lines that explain it byte by byte, and the path
 * of the field at an offset, for the kernel's complaints. Both walk the bytes beside the rows. */
#include "schema/tc.h"
#include <libmnl/libmnl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define MESSAGE(t, s)                                                                              \
  {                                                                                                \
    .type = t, .sym = #t, .schema = &s                                                             \
  }
#define BRIDGE(t, s)                                                                               \
  {                                                                                                \
    .type = t, .family = AF_BRIDGE, .sym = #t, .schema = &s                                        \
  }
#define REQUEST(t, s)                                                                              \
  {                                                                                                \
    .type = t, .family = AF_BRIDGE, .request = true, .sym = #t, .schema = &s                       \
  }
#define MULTICAST(t, f)                                                                            \
  {                                                                                                \
    .type = t, .family = f, .sym = #t, .schema = &schema_mroute                                    \
  }
#define GLOBAL(t)                                                                                  \
  {                                                                                                \
    .type = t, .family = AF_BRIDGE, .sym = #t, .schema = &schema_vlan_global,                      \
    .having = BRIDGE_VLANDB_GLOBAL_OPTIONS                                                         \
  }
#define MPLS(t)                                                                                    \
  {                                                                                                \
    .type = t, .family = AF_MPLS, .sym = #t, .schema = &schema_mpls                                \
  }
/* Where the family decides, those with one come after the one without; requests that look different
 * from what is told come last. */
const struct schema_message schema_messages[] = {MESSAGE(RTM_NEWLINK, schema_link),
                                                 MESSAGE(RTM_DELLINK, schema_link),
                                                 MESSAGE(RTM_NEWLINKPROP, schema_link),
                                                 MESSAGE(RTM_DELLINKPROP, schema_link),
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
                                                 MESSAGE(RTM_NEWNEXTHOP, schema_nexthop),
                                                 MESSAGE(RTM_DELNEXTHOP, schema_nexthop),
                                                 MESSAGE(RTM_GETNEXTHOP, schema_nexthop),
                                                 MESSAGE(RTM_NEWNEXTHOPBUCKET, schema_nexthop_bucket),
                                                 MESSAGE(RTM_DELNEXTHOPBUCKET, schema_nexthop_bucket),
                                                 MESSAGE(RTM_GETNEXTHOPBUCKET, schema_nexthop_bucket),
                                                 MESSAGE(RTM_NEWNETCONF, schema_netconf),
                                                 MESSAGE(RTM_DELNETCONF, schema_netconf),
                                                 MESSAGE(RTM_GETNETCONF, schema_netconf),
                                                 MESSAGE(RTM_NEWNSID, schema_nsid_object),
                                                 MESSAGE(RTM_DELNSID, schema_nsid_object),
                                                 MESSAGE(RTM_GETNSID, schema_nsid_object),
                                                 MESSAGE(RTM_NEWADDRLABEL, schema_addrlabel),
                                                 MESSAGE(RTM_DELADDRLABEL, schema_addrlabel),
                                                 MESSAGE(RTM_GETADDRLABEL, schema_addrlabel),
                                                 MESSAGE(RTM_NEWQDISC, schema_qdisc),
                                                 MESSAGE(RTM_DELQDISC, schema_qdisc),
                                                 MESSAGE(RTM_GETQDISC, schema_qdisc),
                                                 MESSAGE(RTM_NEWTCLASS, schema_class),
                                                 MESSAGE(RTM_DELTCLASS, schema_class),
                                                 MESSAGE(RTM_GETTCLASS, schema_class),
                                                 MESSAGE(RTM_NEWTFILTER, schema_filter),
                                                 MESSAGE(RTM_DELTFILTER, schema_filter),
                                                 MESSAGE(RTM_GETTFILTER, schema_filter),
                                                 MESSAGE(RTM_NEWCHAIN, schema_chain),
                                                 MESSAGE(RTM_DELCHAIN, schema_chain),
                                                 MESSAGE(RTM_GETCHAIN, schema_chain),
                                                 BRIDGE(RTM_NEWNEIGH, schema_fdb),
                                                 BRIDGE(RTM_DELNEIGH, schema_fdb),
                                                 BRIDGE(RTM_GETNEIGH, schema_fdb),
                                                 BRIDGE(RTM_NEWVLAN, schema_vlan),
                                                 BRIDGE(RTM_DELVLAN, schema_vlan),
                                                 BRIDGE(RTM_GETVLAN, schema_vlan),
                                                 BRIDGE(RTM_NEWMDB, schema_mdb_told),
                                                 BRIDGE(RTM_DELMDB, schema_mdb_told),
                                                 BRIDGE(RTM_GETMDB, schema_mdb_told),
                                                 BRIDGE(RTM_NEWTUNNEL, schema_vni),
                                                 BRIDGE(RTM_DELTUNNEL, schema_vni),
                                                 BRIDGE(RTM_GETTUNNEL, schema_vni),
                                                 REQUEST(RTM_SETLINK, schema_vlan_change),
                                                 REQUEST(RTM_DELLINK, schema_vlan_change),
                                                 REQUEST(RTM_NEWMDB, schema_mdb),
                                                 REQUEST(RTM_DELMDB, schema_mdb),
                                                 MULTICAST(RTM_NEWROUTE, RTNL_FAMILY_IPMR),
                                                 MULTICAST(RTM_DELROUTE, RTNL_FAMILY_IPMR),
                                                 MULTICAST(RTM_GETROUTE, RTNL_FAMILY_IPMR),
                                                 MULTICAST(RTM_NEWROUTE, RTNL_FAMILY_IP6MR),
                                                 MULTICAST(RTM_DELROUTE, RTNL_FAMILY_IP6MR),
                                                 MULTICAST(RTM_GETROUTE, RTNL_FAMILY_IP6MR),
                                                 GLOBAL(RTM_NEWVLAN),
                                                 GLOBAL(RTM_DELVLAN),
                                                 MPLS(RTM_NEWROUTE),
                                                 MPLS(RTM_DELROUTE),
                                                 MPLS(RTM_GETROUTE),
                                                 {.schema = NULL}};

const struct schema_message *schema_message_of(uint16_t type)
{
  for (const struct schema_message *m = schema_messages; m->schema; m++)
    if (m->type == type)
      return m;
  return NULL;
}

/* Whether the message has what tells it from others of its type and family. */
static bool has_its_attr(const struct schema_message *m, const struct nlmsghdr *nlh)
{
  size_t skip = SCHEMA_ALIGN(m->schema->hdr), len = mnl_nlmsg_get_payload_len(nlh);
  const char *payload = mnl_nlmsg_get_payload(nlh);
  return m->having == 0 ||
         (len > skip && schema_next_attr(payload + skip, len - skip, NULL, m->having));
}

const struct schema_message *schema_message_at(const struct nlmsghdr *nlh)
{
  const uint8_t *payload = mnl_nlmsg_get_payload(nlh);
  uint8_t family = mnl_nlmsg_get_payload_len(nlh) > 0 ? payload[0] : 0;
  const struct schema_message *found = schema_message_of(nlh->nlmsg_type);
  for (const struct schema_message *m = found; m && m->schema; m++)
    if (m->type == nlh->nlmsg_type && m->family && m->family == family &&
        (!m->request || (nlh->nlmsg_flags & NLM_F_REQUEST)) && has_its_attr(m, nlh))
      found = m;
  return found;
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
  if (r->codec == &schema_tc_app) /* its kind is said outside of this level */
    return false;
  if (r->codec != &schema_kind_data && r->codec != &schema_veth)
    return true;
  const char *end = (const char *)v->attrs + v->len;
  for (const struct nlattr *a = v->attrs; mnl_attr_ok(a, (int)(end - (const char *)a));
       a = mnl_attr_next(a)) {
    size_t n = strnlen(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
    if (mnl_attr_get_type(a) == IFLA_INFO_KIND)
      return n == strlen(r->key) && memcmp(mnl_attr_get_payload(a), r->key, n) == 0;
  }
  return false;
}

static struct place place_of(const struct level *v, uint16_t attr)
{
  struct place p = {0};
  for (const struct schema_row *r = v->schema->rows; r->key && !p.row; r++) {
    int n = path_len(r->in);
    if (n < v->depth || !below(v, r))
      continue;
    if (n == v->depth && (r->attr == attr || (r->other && r->other == attr)) && right_kind(v, r))
      p.row = r;
    else if (n > v->depth && r->in[v->depth].attr == attr && p.step == NULL)
      p.step = r->in;
  }
  if (p.row)
    p.step = NULL;
  return p;
}

/* Goes into the element of an array that begins at `at`; false if it is none. */
static bool enter_element(const struct schema *s, const char *at, const char *end,
                          struct level *ret)
{
  uint16_t len;
  if (end - at < (ptrdiff_t)s->hdr)
    return false;
  memcpy(&len, at, sizeof len);
  if (len < s->hdr || len > end - at)
    return false;
  *ret = (struct level){s,
                        NULL,
                        0,
                        at,
                        (const void *)(at + SCHEMA_ALIGN(s->hdr)),
                        len > SCHEMA_ALIGN(s->hdr) ? len - SCHEMA_ALIGN(s->hdr) : 0};
  return true;
}

/* What lies behind the element that was entered. */
static const char *next_element(const struct level *v)
{
  return (const char *)v->attrs + SCHEMA_ALIGN(v->len);
}

/* The kind of an encapsulation that lies in this level; NULL for another row. */
static const struct schema_row *encap_kind(const struct level *v, const struct schema_row *r)
{
  struct schema_dec d = {.schema = v->schema, .attrs = v->attrs, .len = v->len};
  return r->codec == &schema_encap ? schema_encap_row(&d, r) : NULL;
}

/* The schema of what is inside the attribute of the row. */
static const struct schema *nested_in(const struct level *v, const struct schema_row *r,
                                      const struct nlattr *a)
{
  if (r->codec != &schema_encap)
    return schema_nested(r);
  const struct schema_row *kind = encap_kind(v, r);
  return kind && mnl_attr_get_type(a) == r->attr ? kind->arg : NULL;
}

/* Goes into the attribute; false if there is nothing inside. */
static bool enter(const struct level *v, const struct place *p, const struct nlattr *a,
                  struct level *ret)
{
  const char *payload = mnl_attr_get_payload(a);
  size_t len = mnl_attr_get_payload_len(a);
  const struct schema *s = p->row ? nested_in(v, p->row, a) : NULL;
  if (p->step)
    *ret = (struct level){v->schema, p->step, v->depth + 1, v->hdr, (const void *)payload, len};
  else if (s && s->repeats)
    return enter_element(s, payload, payload + len, ret);
  else if (s && len >= s->hdr)
    *ret = (struct level){s,
                          NULL,
                          0,
                          payload,
                          (const void *)(payload + SCHEMA_ALIGN(s->hdr)),
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

/* Goes on in an array to the element that has the byte, and says its number. */
static void seek_element(struct level *v, const struct nlattr *a, const char *at, char *buf,
                         size_t size)
{
  const char *end = (const char *)a + a->nla_len;
  int i = 1;
  if (!v->schema->repeats)
    return;
  while (at >= next_element(v) && enter_element(v->schema, next_element(v), end, v))
    i++;
  snprintf(buf + strlen(buf), size - strlen(buf), "[%d]", i);
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
    if (p.row && encap_kind(v, p.row))
      add_path(buf, size, encap_kind(v, p.row)->key);
    if ((at > (const char *)a || into) && enter(v, &p, a, &in)) {
      seek_element(&in, a, at, buf, size);
      *v = in;
      if (at > (const char *)a)
        descend(v, at, into, buf, size);
    }
    return;
  }
}

void schema_field_at(const struct schema *s, const struct nlmsghdr *nlh, uint32_t offset, char *buf,
                     size_t size)
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

enum { LINE_BYTES = 8, INDENT_MAX = 20, TEXT_MAX = 512 };

static void add_hex(struct printer *p, size_t off, const uint8_t *at, size_t n)
{
  char buf[16];
  luaL_addlstring(p->b, buf, (size_t)snprintf(buf, sizeof buf, "%04zx ", off));
  for (size_t i = 0; i < n; i++)
    luaL_addlstring(p->b, buf, (size_t)snprintf(buf, sizeof buf, " %02x", at[i]));
}

static void add_blanks(struct printer *p, size_t n)
{
  for (; n > 0; n--)
    luaL_addchar(p->b, ' ');
}

/* "0010  0a 00 03 00 61 62 63 00  text": the offset, at most eight bytes, the words beside the
 * first of them. */
static void line(struct printer *p, const void *bytes, size_t n, int indent, const char *text)
{
  const uint8_t *at = bytes;
  size_t off = (size_t)((const char *)bytes - p->start);
  do {
    size_t some = n < LINE_BYTES ? n : LINE_BYTES;
    add_hex(p, off, at, some);
    if (text) {
      add_blanks(p, (LINE_BYTES - some) * 3 + 2);
      add_blanks(p, 2 * (size_t)(indent < INDENT_MAX ? indent : INDENT_MAX));
      luaL_addstring(p->b, text);
    }
    luaL_addchar(p->b, '\n');
    text = NULL;
    at += some;
    off += some;
    n -= some;
  } while (n > 0);
}

/* The words of the bits that are set, and what is left as a number. */
static void add_bits(char *buf, size_t size, const struct schema_name *names, uint32_t v)
{
  for (; names->name;
       names++) /* NOLINT(clang-analyzer-core.NullDereference): rows of bits have them */
    if (names->value && (v & names->value) == names->value) {
      snprintf(buf + strlen(buf), size - strlen(buf), " %s", names->name);
      v &= ~names->value;
    }
  if (v)
    snprintf(buf + strlen(buf), size - strlen(buf), " 0x%x", v);
}

static uint32_t number_at(const void *p, size_t n)
{
  uint8_t small;
  uint16_t middle;
  uint32_t v = 0;
  if (n == sizeof small)
    v = (memcpy(&small, p, n), small);
  else if (n == sizeof middle)
    v = (memcpy(&middle, p, n), middle);
  else if (n >= sizeof v)
    memcpy(&v, p, sizeof v);
  return v;
}

/* A line for each member of a fixed header. */
static void add_header(struct printer *p, const struct level *v, int indent)
{
  for (const struct schema_member *m = v->schema->members; m && m->name; m++) {
    char text[TEXT_MAX];
    uint32_t value = number_at(v->hdr + m->off, m->len);
    const struct schema_name *n = m->names;
    snprintf(text, sizeof text, "%s", m->name);
    while (n && n->name && (m->bits || n->value != value))
      n++;
    if (m->bits && value)
      add_bits(text, sizeof text, m->names, value);
    else if (n && n->name)
      snprintf(text, sizeof text, "%s %s", m->name, n->name);
    else
      snprintf(text, sizeof text, "%s %u", m->name, value);
    line(p, v->hdr + m->off, m->len, indent, text);
  }
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Calls table.FN(t, " ") for the table at the top, and leaves what that returns if asked. */
static void call_table(lua_State *L, const char *fn, bool keep)
{
  lua_getglobal(L, "table");
  lua_getfield(L, -1, fn);
  lua_remove(L, -2);
  lua_pushvalue(L, -2);
  if (keep)
    lua_pushliteral(L, " ");
  lua_call(L, keep ? 2 : 1, keep ? 1 : 0);
}

/* Replaces the table at the top by its text: the values of a list in their order, the fields of
 * others in that of the alphabet, "id=1 weight=2". */
static void join_table(lua_State *L)
{
  int from = lua_gettop(L);
  luaL_checkstack(L, 8, "table");
  bool is_list = lua_rawlen(L, from) > 0;
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, from); lua_settop(L, from + 2)) {
    if (lua_istable(L, -1))
      join_table(L);
    const char *value = luaL_tolstring(L, -1, NULL);
    if (!is_list) /* of a copy of the key, which must stay what it is */
      lua_pushfstring(L, "%s=%s", luaL_tolstring(L, from + 2, NULL), value);
    lua_rawseti(L, from + 1, (lua_Integer)lua_rawlen(L, from + 1) + 1);
  }
  if (!is_list)
    call_table(L, "sort", false);
  call_table(L, "concat", true);
  lua_replace(L, from);
  lua_settop(L, from);
}

/* Pushes the value of a row as text; nil when it has none. Numbers of links and of descriptors stay
 * numbers: it is what the message says. */
static void push_text(lua_State *L, const struct level *v, const struct schema_row *r,
                      const struct nlattr *a)
{
  struct schema_dec d = {
      .L = L, .schema = v->schema, .hdr = v->hdr, .attrs = v->attrs, .len = v->len};
  const void *p = mnl_attr_get_payload(a);
  size_t n = mnl_attr_get_payload_len(a);
  bool number = r->codec == &schema_dev || r->codec == &schema_master || r->codec->get == NULL;
  if (number && n >= sizeof(uint32_t))
    lua_pushinteger(L, number_at(p, n));
  else if (number || (!r->codec->get(&d, r, p, n) &&
                      !(r->codec == &schema_addresslen && schema_address.get(&d, r, p, n))))
    lua_pushnil(L);
  if (lua_istable(L, -1))
    join_table(L);
}

/* Several rows share one attribute: bits of a word, members of a struct. One that is only written says
 * nothing where another one reads it. */
static bool is_shared(const struct level *v, const struct schema_row *r)
{
  int n = 0;
  for (const struct schema_row *o = v->schema->rows; o->key; o++)
    n += o->attr == r->attr && o->in == r->in && schema_nested(o) == NULL &&
         !(o->flags & SCHEMA_FILTER) && (o->codec->get || !r->codec->get);
  return n > 1;
}

/* The kernel's name for the attribute of a row, which may be its other one. */
static const char *sym_of(const struct schema *s, const struct schema_row *r, uint16_t attr)
{
  for (const struct schema_name *n = s->attrs; attr != r->attr && n && n->name; n++)
    if (n->value == attr)
      return n->name;
  return r->sym;
}

/* Lua: text_of(level, row, attribute) -> "IFLA_MTU 1500". The buffer of the whole wants its own
 * place on top of the stack, so this has a stack of its own. */
static int text_of(lua_State *L)
{
  const struct level *v = lua_touserdata(L, 1);
  const struct schema_row *r = lua_touserdata(L, 2);
  const struct nlattr *a = lua_touserdata(L, 3);
  lua_settop(L, 3);
  lua_pushstring(L, sym_of(v->schema, r, mnl_attr_get_type(a)));
  for (const struct schema_row *o = v->schema->rows; o->key; o++) {
    bool shared = is_shared(v, r);
    if (shared ? o->attr != r->attr || o->in != r->in : o != r)
      continue;
    if (shared && o->codec->get == NULL) /* only written: what is there is another row's */
      continue;
    push_text(L, v, o, a);
    bool no = lua_isnil(L, -1) || (shared && lua_isboolean(L, -1) && !lua_toboolean(L, -1));
    bool flag = shared && lua_isboolean(L, -1);
    const char *text = luaL_tolstring(L, -1, NULL), *so_far = lua_tostring(L, 4);
    if (no)
      lua_pushvalue(L, 4);
    else if (flag)
      lua_pushfstring(L, "%s %s", so_far, o->key);
    else if (shared)
      lua_pushfstring(L, "%s %s=%s", so_far, o->key, text);
    else
      lua_pushfstring(L, "%s %s", so_far, text);
    lua_replace(L, 4);
    lua_settop(L, 4);
  }
  return 1;
}

static void add_row(struct printer *p, const struct level *v, const struct schema_row *r,
                    const struct nlattr *a, int indent, size_t n)
{
  char text[TEXT_MAX];
  lua_pushcfunction(p->L, text_of);
  lua_pushlightuserdata(p->L, (void *)(uintptr_t)v);
  lua_pushlightuserdata(p->L, (void *)(uintptr_t)r);
  lua_pushlightuserdata(p->L, (void *)(uintptr_t)a);
  lua_call(p->L, 3, 1);
  snprintf(text, sizeof text, "%s", lua_tostring(p->L, -1));
  lua_pop(p->L, 1);
  line(p, a, n, indent, text);
}

static void add_unknown(struct printer *p, const struct level *v, const struct nlattr *a,
                        int indent, size_t n)
{
  char text[64];
  const struct schema_name *name = v->depth == 0 ? v->schema->attrs : NULL;
  while (name && name->name && name->value != mnl_attr_get_type(a))
    name++;
  if (name && name->name)
    snprintf(text, sizeof text, "%s", name->name);
  else
    snprintf(text, sizeof text, "attribute %u", mnl_attr_get_type(a));
  line(p, a, n, indent, text);
}

static void add_attrs(struct printer *p, const struct level *v, int indent)
{
  const struct nlattr *a = v->attrs;
  const char *end = (const char *)v->attrs + v->len;
  for (; mnl_attr_ok(a, (int)(end - (const char *)a)); a = mnl_attr_next(a)) {
    struct level in;
    struct place where = place_of(v, mnl_attr_get_type(a));
    size_t whole = SCHEMA_ALIGN(a->nla_len);
    if ((const char *)a + whole > end)
      whole = (size_t)(end - (const char *)a);
    if (enter(v, &where, a, &in)) {
      /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what is entered has the one or the
       * other */
      line(p, a, sizeof *a, indent, where.row ? where.row->sym : where.step[v->depth].sym);
      do {
        if (where.row && in.hdr != (const char *)in.attrs)
          add_header(p, &in, indent + 1);
        add_attrs(p, &in, indent + 1);
      } while (in.schema->repeats &&
               enter_element(in.schema, next_element(&in), (const char *)a + a->nla_len, &in));
    } else if (where.row) {
      add_row(p, v, where.row, a, indent, whole);
    } else {
      add_unknown(p, v, a, indent, whole);
    }
  }
  if ((const char *)a < end)
    line(p, a, (size_t)(end - (const char *)a), indent, "no attribute");
}

/* ---- headers and answers --------------------------------------------------------------------- */

static const struct schema_name flag_names[] = {{"request", NLM_F_REQUEST},
                                                {"multi", NLM_F_MULTI},
                                                {"ack", NLM_F_ACK},
                                                {"echo", NLM_F_ECHO},
                                                {"intr", NLM_F_DUMP_INTR},
                                                {"filtered", NLM_F_DUMP_FILTERED},
                                                {NULL, 0}};
static const struct schema_name ack_names[] = {
    {"capped", NLM_F_CAPPED}, {"tlvs", NLM_F_ACK_TLVS}, {NULL, 0}};
static const struct schema_name new_names[] = {{"replace", NLM_F_REPLACE},
                                               {"excl", NLM_F_EXCL},
                                               {"create", NLM_F_CREATE},
                                               {"append", NLM_F_APPEND},
                                               {NULL, 0}};
static const struct schema_name get_names[] = {{"dump", NLM_F_DUMP}, {NULL, 0}};

static void add_names(char *buf, size_t size, const struct schema_name *n, uint32_t flags)
{
  for (; n->name; n++)
    if ((flags & n->value) == n->value)
      snprintf(buf + strlen(buf), size - strlen(buf), " %s", n->name);
}

static const char *type_name(uint16_t type)
{
  const struct schema_message *m = schema_message_of(type);
  return m                       ? m->sym
         : type == NLMSG_ERROR   ? "NLMSG_ERROR"
         : type == NLMSG_DONE    ? "NLMSG_DONE"
         : type == NLMSG_NOOP    ? "NLMSG_NOOP"
         : type == NLMSG_OVERRUN ? "NLMSG_OVERRUN"
                                 : "unknown";
}

/* Requests of rtnetlink come in fours: new, del, get, set. */
static void add_nlmsghdr(struct printer *p, const struct nlmsghdr *h, int indent)
{
  char text[160];
  snprintf(text, sizeof text, "nlmsg_len %u", h->nlmsg_len);
  line(p, &h->nlmsg_len, 4, indent, text);
  snprintf(text, sizeof text, "nlmsg_type %s (%u)", type_name(h->nlmsg_type), h->nlmsg_type);
  line(p, &h->nlmsg_type, 2, indent, text);
  snprintf(text, sizeof text, "nlmsg_flags");
  add_names(text, sizeof text, flag_names, h->nlmsg_flags);
  if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE)
    add_names(text, sizeof text, ack_names, h->nlmsg_flags);
  else if (h->nlmsg_flags & NLM_F_REQUEST && h->nlmsg_type % 4 == 0)
    add_names(text, sizeof text, new_names, h->nlmsg_flags);
  else if (h->nlmsg_flags & NLM_F_REQUEST && h->nlmsg_type % 4 == 2)
    add_names(text, sizeof text, get_names, h->nlmsg_flags);
  line(p, &h->nlmsg_flags, 2, indent, text);
  snprintf(text, sizeof text, "nlmsg_seq %u", h->nlmsg_seq);
  line(p, &h->nlmsg_seq, 4, indent, text);
  snprintf(text, sizeof text, "nlmsg_pid %u", h->nlmsg_pid);
  line(p, &h->nlmsg_pid, 4, indent, text);
}

/* What the kernel adds to an error: its sentence, where in the request, what is missing there. */
static void add_ack_attr(struct printer *p, const struct nlattr *a, size_t whole)
{
  char text[TEXT_MAX];
  static const struct schema_name names[] = {SCHEMA_NAME(NLMSGERR_ATTR_MSG),
                                             SCHEMA_NAME(NLMSGERR_ATTR_OFFS),
                                             SCHEMA_NAME(NLMSGERR_ATTR_COOKIE),
                                             SCHEMA_NAME(NLMSGERR_ATTR_POLICY),
                                             SCHEMA_NAME(NLMSGERR_ATTR_MISS_TYPE),
                                             SCHEMA_NAME(NLMSGERR_ATTR_MISS_NEST),
                                             {NULL, 0}};
  const struct schema_name *n = names;
  size_t len = mnl_attr_get_payload_len(a);
  while (n->name && n->value != mnl_attr_get_type(a))
    n++;
  if (n->value == NLMSGERR_ATTR_MSG && n->name)
    snprintf(text, sizeof text, "%s %.*s", n->name, (int)strnlen(mnl_attr_get_payload(a), len),
             (const char *)mnl_attr_get_payload(a));
  else if (n->value == NLMSGERR_ATTR_OFFS && n->name && len >= 4)
    snprintf(text, sizeof text, "%s %04x in the request", n->name,
             number_at(mnl_attr_get_payload(a), len));
  else if (n->name && len == 4)
    snprintf(text, sizeof text, "%s %u", n->name, number_at(mnl_attr_get_payload(a), len));
  else
    snprintf(text, sizeof text, "%s", n->name ? n->name : "attribute");
  line(p, a, whole, 0, text);
}

static void add_ack_attrs(struct printer *p, const char *at, const char *end)
{
  const struct nlattr *a = (const void *)at;
  for (; mnl_attr_ok(a, (int)(end - (const char *)a)); a = mnl_attr_next(a)) {
    size_t whole = SCHEMA_ALIGN(a->nla_len);
    add_ack_attr(p, a, (const char *)a + whole > end ? (size_t)(end - (const char *)a) : whole);
  }
  if ((const char *)a < end)
    line(p, a, (size_t)(end - (const char *)a), 0, "no attribute");
}

static void add_error(struct printer *p, const struct nlmsghdr *h)
{
  char text[64];
  const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
  const char *at = mnl_nlmsg_get_payload(h), *end = (const char *)h + h->nlmsg_len;
  if (end - at < (ptrdiff_t)sizeof e->error) {
    line(p, at, (size_t)(end - at), 0, "payload");
    return;
  }
  const char *name = e->error < 0 && e->error > -4096 ? strerrorname_np(-e->error) : NULL;
  snprintf(text, sizeof text, "error %d %s", e->error,
           e->error == 0 ? "(no error)"
           : name        ? name
                         : "(unknown)");
  line(p, at, sizeof e->error, 0, text);
  at += sizeof e->error;
  if (h->nlmsg_type == NLMSG_ERROR && end - at >= (ptrdiff_t)sizeof e->msg) {
    size_t more = e->msg.nlmsg_len > sizeof e->msg && !(h->nlmsg_flags & NLM_F_CAPPED)
                      ? NLMSG_ALIGN(e->msg.nlmsg_len) - sizeof e->msg
                      : 0;
    add_nlmsghdr(p, &e->msg, 1);
    at += sizeof e->msg;
    if (more > (size_t)(end - at))
      more = (size_t)(end - at);
    if (more)
      line(p, at, more, 1, "the rest of the request");
    at += more;
  }
  if (at < end)
    add_ack_attrs(p, at, end);
}

static void add_message(struct printer *p, const struct nlmsghdr *h)
{
  struct level v;
  const struct schema_message *m = schema_message_at(h);
  size_t len = h->nlmsg_len - sizeof *h;
  add_nlmsghdr(p, h, 0);
  if (len == 0)
    return;
  if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
    add_error(p, h);
  } else if (m && top_level(m->schema, h, &v)) {
    add_header(p, &v, 0);
    add_attrs(p, &v, 0);
  } else {
    line(p, mnl_nlmsg_get_payload(h), len, 0, "payload");
  }
}

/* libmnl takes a length of more than 2 GiB for a negative one, and the message for whole. */
static bool is_message(const char *at, const char *end)
{
  const struct nlmsghdr *h = (const void *)at;
  size_t left = (size_t)(end - at);
  return left >= sizeof *h && h->nlmsg_len >= sizeof *h && h->nlmsg_len <= left;
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
  const char *at = copy, *end = copy + n;
  while (at < end && is_message(at, end)) {
    const struct nlmsghdr *h = (const void *)at;
    size_t len = NLMSG_ALIGN((size_t)h->nlmsg_len);
    add_message(&p, h);
    at = len < (size_t)(end - at) ? at + len : end;
  }
  if (at < end)
    line(&p, at, (size_t)(end - at), 0, "no message");
  luaL_pushresult(&b);
  return 1;
}
