/* codec_user: a user or a group, by name or number; read as the number, since what it is called may
 * differ from one sandbox to the next. */
#include "schema/codec.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>

const enum schema_whose schema_users = SCHEMA_USER, schema_groups = SCHEMA_MEMBERS;

/* false if there is nobody of that name. */
static bool find(enum schema_whose whose, const char *name, uint32_t *ret)
{
  const struct passwd *user = whose == SCHEMA_USER ? getpwnam(name) : NULL;
  const struct group *group = whose == SCHEMA_USER ? NULL : getgrnam(name);
  if (user)
    *ret = user->pw_uid;
  if (group)
    *ret = group->gr_gid;
  return user || group;
}

static void user_put(struct schema_enc *e, const struct schema_row *r)
{
  enum schema_whose whose = *(const enum schema_whose *)r->arg;
  const char *what = whose == SCHEMA_USER ? "user" : "group";
  uint32_t v;
  if (lua_type(e->L, -1) != LUA_TSTRING)
    v = (uint32_t)codec_integer(e, r, 0, UINT32_MAX - 1);
  else if (!find(whose, lua_tostring(e->L, -1), &v))
    schema_fail(e, r, EINVAL, NULL, "there is no %s \"%s\"", what, lua_tostring(e->L, -1));
  schema_emit(e, r, &v, sizeof v);
}

static bool user_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                     size_t n)
{
  return schema_u32.get(d, r, p, n);
}

const struct schema_codec schema_user = {.name = "user",
                                         .type = "string|integer",
                                         .put = user_put,
                                         .get = user_get,
                                         .read_type = "integer"};
