/* codec_handle: the names of qdiscs and classes, two hexadecimal numbers of 16 bits each, and the
 * places that have a word of their own. */
#include "schema/tc.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "1:", "1:10", ":10", "ffff:fff1": two hexadecimal numbers of 16 bits. false: not so. */
static bool parse_handle(const char *s, uint32_t *ret)
{
  char *end;
  unsigned long major = strtoul(s, &end, 16), minor = 0;
  bool digits = end > s;
  if (*end != ':' || s[0] == '-' || s[0] == '+' || s[0] == ' ' || (!digits && end[1] == '\0'))
    return false;
  const char *rest = end + 1;
  if (*rest != '\0') {
    minor = strtoul(rest, &end, 16);
    if (*end != '\0' || *rest == '-' || *rest == '+' || *rest == ' ')
      return false;
  }
  *ret = (uint32_t)(major << 16 | minor);
  return major <= UINT16_MAX && minor <= UINT16_MAX;
}

static void push_handle(lua_State *L, uint32_t v)
{
  char text[16];
  if (v & 0xffff)
    snprintf(text, sizeof text, "%x:%x", v >> 16, v & 0xffff);
  else
    snprintf(text, sizeof text, "%x:", v >> 16);
  if (v >> 16 == 0)
    snprintf(text, sizeof text, ":%x", v & 0xffff);
  lua_pushstring(L, text);
}

static const char handle_hint[] =
    "Two hexadecimal numbers: \"1:\" is a qdisc, \"1:10\" a class of it.";

static void handle_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_name *words = r->arg;
  uint32_t v;
  if (lua_type(e->L, -1) != LUA_TSTRING)
    schema_fail(e, r, EINVAL, handle_hint, "a handle such as \"1:\" is needed, not %s",
                rt_typename(e->L, -1));
  const char *s = lua_tostring(e->L, -1);
  while (words && words->name && strcmp(words->name, s) != 0)
    words++;
  if (words && words->name)
    v = words->value;
  else if (!parse_handle(s, &v))
    schema_fail(e, r, EINVAL, handle_hint, "\"%s\" is no handle", s);
  tc_put(e, r, &v, sizeof v);
}

static bool handle_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  uint32_t v;
  if (!tc_read(r, p, n, &v, sizeof v))
    return false;
  if (v != 0 || r->attr)
    push_handle(d->L, v);
  return v != 0 || r->attr;
}

const struct schema_codec schema_tc_handle = {
    .name = "handle", .type = "string", .put = handle_put, .get = handle_get, .plain = true};

/* The parent; the places that have a word of their own are rows of their own. */
static bool parent_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  uint32_t v;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  for (const struct schema_name *w = r->arg; w->name; w++)
    if (w->value == v)
      return false;
  return handle_get(d, r, p, n);
}

const struct schema_codec schema_tc_parent = {
    .name = "handle", .type = "string", .put = handle_put, .get = parent_get, .plain = true};

/* `root = true`: the parent is that place. */
static void at_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_name *place = r->arg;
  uint32_t is, *parent = (uint32_t *)(void *)(e->hdr + r->off);
  if (!lua_isboolean(e->L, -1))
    schema_wrong(e, r, "true or false");
  memcpy(&is, parent, sizeof is);
  if (!lua_toboolean(e->L, -1))
    return;
  if (is != 0 && is != place->value)
    schema_fail(e, r, EINVAL, NULL, "there is one place: root, ingress, egress or a parent");
  memcpy(parent, &place->value, sizeof *parent);
}

static bool at_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  const struct schema_name *place = r->arg;
  uint32_t v = 0;
  memcpy(&v, p, n < sizeof v ? n : sizeof v);
  if (v == place->value)
    lua_pushboolean(d->L, 1);
  return v == place->value;
}

const struct schema_codec schema_tc_at = {
    .name = "bit", .type = "boolean", .put = at_put, .get = at_get, .plain = true};

/* The second half of a class's handle, hexadecimal: the default of htb, and of hfsc, which has no
 * room for more. */
static bool is_half(const struct schema_row *r)
{
  return r->attr == 0 && r->len == sizeof(uint16_t);
}

static void minor_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t v;
  if (lua_isinteger(e->L, -1)) {
    v = (uint32_t)tc_want_number(e, r, 0, UINT16_MAX);
  } else {
    char *end;
    const char *s = lua_type(e->L, -1) == LUA_TSTRING ? lua_tostring(e->L, -1) : "";
    const char *colon = strchr(s, ':');
    s = colon ? colon + 1 : s;
    unsigned long given = strtoul(s, &end, 16);
    if (end == s || *end != '\0' || given > UINT16_MAX || s[0] == '-')
      schema_fail(e, r, EINVAL, "default = \"30\" is the class 1:30 of the qdisc 1:.",
                  "the hexadecimal number of a class is needed");
    v = (uint32_t)given;
  }
  uint16_t half = (uint16_t)v;
  if (is_half(r))
    schema_emit(e, r, &half, sizeof half);
  else
    tc_put(e, r, &v, sizeof v);
}

static bool minor_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  uint32_t v = 0;
  uint16_t half = 0;
  char text[16];
  if (is_half(r) ? !tc_read(r, p, n, &half, sizeof half) : !tc_read(r, p, n, &v, sizeof v))
    return false;
  v = is_half(r) ? half : v;
  snprintf(text, sizeof text, "%x", v);
  lua_pushstring(d->L, text);
  return true;
}

const struct schema_codec schema_tc_minor = {
    .name = "minor", .type = "string|integer", .put = minor_put, .get = minor_get, .plain = true};
