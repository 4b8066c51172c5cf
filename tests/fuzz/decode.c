/* decode: a record of whatever bytes - every field is read, compared, copied, made into options and
 * those into a message again - stays within the bytes; also of a message about several objects, which
 * is taken apart first. The first byte says of which object. */
#include "schema/schema.h"
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct schema *const schemas[] = {&schema_link, &schema_addr, &schema_route,
                                               &schema_neigh, &schema_rule,  &schema_vlan,
                                               &schema_mdb_told};
enum { SCHEMAS = sizeof schemas / sizeof *schemas };

static struct schema_buf buf;

/* 1: the record's table of options. What cannot be put raises; that is no harm. */
static int put(lua_State *L)
{
  struct rt_op op = {.module = "fuzz", .verb = "put", .netns = "host", .key = "x"};
  buf.sock = buf.there = NL_CLOSED;
  struct schema_enc e = {
      .L = L, .op = &op, .buf = &buf, .schema = lua_touserdata(L, 2), .netns = -1};
  schema_begin(&e, RTM_NEWLINK, 0);
  schema_put(&e, 1, false);
  if (e.nlh->nlmsg_len > sizeof buf.msg)
    abort();
  return 0;
}

/* Reads one field, in a call of its own: a wrong one must not hide the others. */
static int field(lua_State *L)
{
  lua_getfield(L, 1, lua_tostring(L, 2));
  luaL_tolstring(L, -1, NULL);
  return 0;
}

static int read_all(lua_State *L)
{
  const struct schema *s = lua_touserdata(L, 1);
  const struct nlmsghdr *nlh = lua_touserdata(L, 2);
  schema_push_record(L, s, nlh, 0);
  int record = lua_gettop(L);
  for (const struct schema_row *r = s->rows; r->key; r++) {
    lua_pushcfunction(L, field);
    lua_pushvalue(L, record);
    lua_pushstring(L, r->key);
    lua_call(L, 2, 0);
  }
  schema_push_record(L, s, nlh, 0);
  bool opens = mnl_nlmsg_get_payload_len(nlh) >= s->hdr;
  if (opens != (bool)lua_compare(L, record, -1, LUA_OPEQ))
    abort();
  lua_pushvalue(L, record);
  lua_call(L, 0, 1);
  schema_push_options(L, record, NULL);
  lua_pushcfunction(L, put);
  lua_pushvalue(L, -2);
  lua_pushvalue(L, 1);
  lua_pcall(L, 2, 0, 0);
  return 0;
}

static void read_parts(lua_State *L, const struct schema *s, const struct nlmsghdr *nlh)
{
  _Alignas(8) static char part[8192];
  struct schema_split split;
  const struct nlmsghdr *msg;
  schema_split_begin(&split, s, nlh, part, sizeof part);
  while ((msg = schema_split_next(&split))) {
    lua_settop(L, 0);
    lua_pushcfunction(L, read_all);
    lua_pushlightuserdata(L, (void *)(uintptr_t)schema_part(s));
    lua_pushlightuserdata(L, (void *)(uintptr_t)msg);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK)
      abort(); /* reading never raises */
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static lua_State *L;
  if (L == NULL) {
    L = luaL_newstate();
    luaL_openlibs(L);
  }
  if (size < 5 || size > 4096)
    return 0;
  const struct schema *s = schemas[data[0] % SCHEMAS];
  char field_name[64];
  uint32_t offset;
  memcpy(&offset, data + 1, sizeof offset);
  size -= 5;
  struct nlmsghdr *nlh = malloc(sizeof *nlh + size); /* exactly, for the sanitizer */
  *nlh = (struct nlmsghdr){.nlmsg_len = (uint32_t)(sizeof *nlh + size), .nlmsg_type = RTM_NEWLINK};
  memcpy((char *)nlh + sizeof *nlh, data + 5, size);
  schema_field_at(s, nlh, offset % 4096, field_name, sizeof field_name);
  schema_field_missing(s, nlh, offset % 4096, offset >> 16, field_name, sizeof field_name);
  read_parts(L, s, nlh);
  free(nlh);
  lua_gc(L, LUA_GCSTEP, 0);
  return 0;
}
