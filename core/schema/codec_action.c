/* codec_action: what filters do with packets: lists of actions, and the values that those have. */
#include "schema/tc.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Pushes a copy of the actions at the top as a table with the keys "[1]", "[2]" ...: one action may
 * stand for a list, and a word for an action. */
static void push_actions(struct schema_enc *e, const struct schema_row *r)
{
  lua_State *L = e->L;
  int given = lua_gettop(L);
  bool many = lua_istable(L, given) && lua_rawlen(L, given) > 0;
  lua_Integer n = many ? (lua_Integer)lua_rawlen(L, given) : 1;
  if (n > TC_ACTIONS)
    schema_fail(e, r, EINVAL, NULL, "these are more than %d actions", TC_ACTIONS);
  lua_newtable(L);
  for (lua_Integer i = 1; i <= n; i++) {
    if (many)
      lua_rawgeti(L, given, i);
    else
      lua_pushvalue(L, given);
    if (lua_type(L, -1) == LUA_TSTRING) { /* "drop" is { gact = { control = "drop" } } */
      lua_createtable(L, 0, 1);
      lua_createtable(L, 0, 1);
      lua_pushvalue(L, -3);
      lua_setfield(L, -2, "control");
      lua_setfield(L, -2, "gact");
      lua_remove(L, -2);
    }
    lua_pushfstring(L, "[%d]", (int)i);
    lua_insert(L, -2);
    lua_settable(L, given + 1);
  }
}

static void actions_put(struct schema_enc *e, const struct schema_row *r)
{
  if (!lua_istable(e->L, -1) && lua_type(e->L, -1) != LUA_TSTRING)
    schema_wrong(e, r, "an action, or an array of actions");
  push_actions(e, r);
  schema_nest.put(e, r);
  lua_pop(e->L, 1);
}

static bool actions_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                        size_t n)
{
  char key[16];
  if (!schema_nest.get(d, r, p, n))
    return false;
  lua_createtable(d->L, 1, 0);
  for (int i = 1; i <= TC_ACTIONS; i++) {
    snprintf(key, sizeof key, "[%d]", i);
    if (lua_getfield(d->L, -2, key) == LUA_TTABLE)
      lua_rawseti(d->L, -2, (lua_Integer)lua_rawlen(d->L, -2) + 1);
    else
      lua_pop(d->L, 1);
  }
  lua_remove(d->L, -2);
  return true;
}

const struct schema_codec schema_tc_actions = {.name = "actions",
                                               .type = "table|string",
                                               .put = actions_put,
                                               .get = actions_get,
                                               .read_type = "filter.action.Record[]"};

/* The link that a packet is sent to: a member of a struct. */
static void to_dev_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t v = schema_ifindex(e, r, &e->buf->sock, -1);
  tc_put(e, r, &v, sizeof v);
}

static bool to_dev_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  const void *at = tc_bytes(r, p, n, sizeof(uint32_t));
  return at && schema_dev.get(d, r, at, sizeof(uint32_t));
}

const struct schema_codec schema_tc_to_dev = {.name = "dev",
                                              .type = "string|integer",
                                              .put = to_dev_put,
                                              .get = to_dev_get,
                                              .read_type = "string"};

/* A word for a number in a struct. */
static void word_put(struct schema_enc *e, const struct schema_row *r)
{
  const struct schema_name *w = r->arg;
  const char *s = lua_type(e->L, -1) == LUA_TSTRING ? lua_tostring(e->L, -1) : "";
  while (w->name && strcmp(w->name, s) != 0)
    w++;
  if (w->name == NULL)
    schema_fail(e, r, EINVAL, lua_pushfstring(e->L, "It is %s.", r->doc),
                "\"%s\" is none of its words", s);
  uint32_t v = w->value;
  tc_put(e, r, &v, sizeof v);
}

static bool word_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  uint32_t v;
  if (!tc_read(r, p, n, &v, sizeof v))
    return false;
  for (const struct schema_name *w = r->arg; w->name; w++)
    if (w->value == v) {
      lua_pushstring(d->L, w->name);
      return true;
    }
  lua_pushinteger(d->L, (int32_t)v);
  return true;
}

/* A redirected packet is gone; one that was mirrored goes on. */
static bool after_mirred_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  const char *mode = lua_getfield(e->L, e->t, "mode") == LUA_TSTRING ? lua_tostring(e->L, -1) : "";
  bool mirrors = strstr(mode, "mirror") != NULL;
  lua_pop(e->L, 1);
  lua_pushstring(e->L, mirrors ? "pipe" : "stolen");
  return true;
}

#define WORD(id, implied)                                                                          \
  const struct schema_codec schema_tc_##id = {.name = "enum",                                      \
                                              .type = "string",                                    \
                                              .put = word_put,                                     \
                                              .get = word_get,                                     \
                                              .imply = implied,                                    \
                                              .plain = true};
WORD(word, NULL)
WORD(after_mirred, after_mirred_imply)

/* police still wants the table of times that the other kinds have done without since Linux 3.8. */
static void police_rate_put(struct schema_enc *e, const struct schema_row *r)
{
  enum { CELL_LOG = 3, CELLS = 256 };
  static const double US_TICKS = 1000.0 / TC_TICK_NS; /* tc cuts off what is less than 1 us */
  uint32_t table[CELLS];
  schema_tc_rate.put(e, r);
  double bytes = lua_tonumber(e->L, -1) * 1e6 / 8;
  for (int i = 0; i < CELLS; i++)
    table[i] = (uint32_t)fmin(UINT32_MAX, floor(1e6 * (((i + 1) << CELL_LOG) / bytes)) * US_TICKS);
  if (!mnl_attr_put_check(e->nlh, sizeof e->buf->msg, TCA_POLICE_RATE, sizeof table, table))
    schema_fail(e, r, EMSGSIZE, NULL, "the message is full");
}

static bool police_rate_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                            size_t n)
{
  return schema_tc_rate.get(d, r, p, n);
}

const struct schema_codec schema_tc_police_rate = {.name = "rate",
                                                   .type = "number",
                                                   .put = police_rate_put,
                                                   .get = police_rate_get,
                                                   .plain = true};
