/* register: modules and classes enter Lua here, functions together with the rows that document
 * them. The rows stay in C; rt_docs shows them when somebody asks, so start-up does not pay. */
#include "runtime/runtime.h"
#include <errno.h>
#include <limits.h>
#include <string.h>

static const char modules_key; /* its address is the registry key of the list of modules */

/* Walks the rows of all lists; begins as { lists, NULL }. */
struct rows {
  const struct rt_func *const *list;
  const struct rt_func *at;
};

static const struct rt_func *next_row(struct rows *r)
{
  r->at = r->at ? r->at + 1 : *r->list;
  while (r->at && r->at->name == NULL)
    r->at = *++r->list;
  return r->at;
}

static const char *next_func(void *arg)
{
  const struct rt_func *f = next_row(arg);
  return f ? f->name : NULL;
}

const struct rt_func *rt_func_of(const struct rt_func *const *lists, const char *name)
{
  struct rows rows = {lists, NULL};
  const struct rt_func *f;
  while ((f = next_row(&rows)) && strcmp(f->name, name) != 0)
    ;
  return f;
}

/* Upvalues of a module's metamethods: the module's rows, and the namespace of a bound one or
 * nil. */
enum { ROWS = 1, BOUND = 2 };

static const struct rt_module *module_of_call(lua_State *L)
{
  return lua_touserdata(L, lua_upvalueindex(ROWS));
}

static _Noreturn void raise_lack(lua_State *L, const struct rt_module *m, const char *key)
{
  const char *instead = NULL;
  for (const struct rt_lack *l = m->lacks; l && l->verb && !instead; l++)
    if (strcmp(l->verb, key) == 0)
      instead = l->instead;
  struct rows at = {m->funcs, NULL};
  if (instead == NULL)
    instead = rt_nearest(key, next_func, &at);
  struct rt_op op = {.module = m->name, .verb = key};
  rt_raisef(L, &op, EINVAL, NULL,
            instead ? lua_pushfstring(L, "%s.%s is meant, perhaps; help(%s) lists them all.",
                                      m->name, instead, m->name)
                    : lua_pushfstring(L, "help(%s) lists its functions.", m->name),
            "%s has no function of that name", m->name);
}

/* Sets the function in the table at 1 and leaves it on the stack. */
static void make_function(lua_State *L, const struct rt_func *f)
{
  bool bound = !lua_isnil(L, lua_upvalueindex(BOUND));
  lua_pushstring(L, f->name);
  if (bound)
    lua_pushvalue(L, lua_upvalueindex(BOUND));
  lua_pushcclosure(L, f->fn, bound);
  lua_pushvalue(L, -1);
  lua_insert(L, -3);
  lua_rawset(L, 1);
}

/* A function is made when it is used for the first time: a script uses few of those that ten
 * modules and each namespace's copies of them have. One that the module lacks is an error that
 * names the one meant, not a nil to call. */
static int module_index(lua_State *L)
{
  const struct rt_module *m = module_of_call(L);
  if (lua_type(L, 2) != LUA_TSTRING)
    return 0;
  const struct rt_func *f = rt_func_of(m->funcs, lua_tostring(L, 2));
  if (f) {
    make_function(L, f);
    return 1;
  }
  raise_lack(L, m, lua_tostring(L, 2));
}

static int module_next(lua_State *L)
{
  lua_settop(L, 2);
  return lua_next(L, 1) ? 2 : 0;
}

/* pairs(link) shows all of them. */
static int module_pairs(lua_State *L)
{
  struct rows rows = {module_of_call(L)->funcs, NULL};
  lua_settop(L, 1);
  for (const struct rt_func *f; (f = next_row(&rows)) != NULL;) {
    lua_pushstring(L, f->name);
    if (lua_rawget(L, 1) == LUA_TNIL)
      make_function(L, f);
    lua_settop(L, 1);
  }
  lua_pushcfunction(L, module_next);
  lua_pushvalue(L, 1);
  return 2;
}

static void set_metamethod(lua_State *L, const char *name, lua_CFunction fn,
                           const struct rt_module *m, int ns)
{
  lua_pushlightuserdata(L, (void *)(uintptr_t)m);
  if (ns)
    lua_pushvalue(L, ns);
  else
    lua_pushnil(L);
  lua_pushcclosure(L, fn, 2);
  lua_setfield(L, -2, name);
}

void rt_push_module(lua_State *L, const struct rt_module *m, int ns)
{
  ns = ns ? lua_absindex(L, ns) : 0;
  luaL_checkstack(L, 5, m->name);
  lua_newtable(L);
  lua_createtable(L, 0, 3);
  set_metamethod(L, "__index", module_index, m, ns);
  set_metamethod(L, "__pairs", module_pairs, m, ns);
  if (m->call) {
    if (ns)
      lua_pushvalue(L, ns);
    lua_pushcclosure(L, m->call, ns != 0);
    lua_setfield(L, -2, "__call");
  }
  lua_setmetatable(L, -2);
}

static void remember(lua_State *L, const struct rt_module *m)
{
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &modules_key) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &modules_key);
  }
  lua_pushlightuserdata(L, (void *)(uintptr_t)m);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  lua_pop(L, 1);
}

void rt_register(lua_State *L, const struct rt_module *m)
{
  remember(L, m);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  rt_push_module(L, m, 0);
  if (!m->own_name) {
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, m->name);
  }
  lua_setglobal(L, m->name);
  lua_pop(L, 1);
}

static void push_params(lua_State *L, const struct rt_param *p, int max)
{
  lua_newtable(L);
  for (int i = 0; p && i < max && p[i].type; i++) {
    lua_createtable(L, 0, 3);
    rt_set_text(L, "name", p[i].name);
    rt_set_text(L, "type", p[i].type);
    rt_set_text(L, "doc", p[i].doc);
    lua_rawseti(L, -2, i + 1);
  }
}

static void push_func(lua_State *L, const struct rt_func *f)
{
  lua_createtable(L, 0, 8);
  rt_set_text(L, "name", f->name);
  rt_set_text(L, "doc", f->doc);
  push_params(L, f->params, RT_PARAMS);
  lua_setfield(L, -2, "params");
  push_params(L, f->returns, RT_RETURNS);
  lua_setfield(L, -2, "returns");
  rt_set_text(L, "errors", f->errors);
  rt_set_text(L, "example", f->example);
  rt_set_text(L, "source", f->source);
}

static void push_funcs(lua_State *L, const struct rt_func *const *lists)
{
  struct rows rows = {lists, NULL};
  const struct rt_func *f;
  lua_newtable(L);
  for (lua_Integer i = 1; (f = next_row(&rows)) != NULL; i++) {
    push_func(L, f);
    lua_rawseti(L, -2, i);
  }
}

static void push_values(lua_State *L, const struct rt_value *v)
{
  lua_newtable(L);
  for (lua_Integer i = 1; v && v->name; v++, i++) {
    const struct rt_func *const lists[] = {v->methods, NULL};
    lua_createtable(L, 0, 4);
    rt_set_text(L, "name", v->name);
    rt_set_text(L, "doc", v->doc);
    push_params(L, v->fields, INT_MAX);
    lua_setfield(L, -2, "fields");
    push_funcs(L, lists);
    lua_setfield(L, -2, "methods");
    lua_rawseti(L, -2, i);
  }
}

static void push_module_doc(lua_State *L, const struct rt_module *m)
{
  lua_createtable(L, 0, 7);
  rt_set_text(L, "name", m->name);
  rt_set_text(L, "doc", m->doc);
  lua_pushboolean(L, m->bound);
  lua_setfield(L, -2, "bound");
  push_funcs(L, m->funcs);
  lua_setfield(L, -2, "funcs");
  push_funcs(L, m->methods);
  lua_setfield(L, -2, "methods");
  push_values(L, m->values);
  lua_setfield(L, -2, "values");
  if (m->called) {
    push_func(L, m->called);
    lua_setfield(L, -2, "called");
  }
}

/* Pushes the list of modules. */
static void push_modules(lua_State *L)
{
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &modules_key) != LUA_TTABLE)
    luaL_error(L, "no module is registered");
}

int rt_docs(lua_State *L)
{
  lua_newtable(L);
  push_modules(L);
  for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
    push_module_doc(L, lua_touserdata(L, -1));
    lua_rawseti(L, -4, i);
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
  return 1;
}

/* ---- what a value is ------------------------------------------------------------------------- */

/* The module that a table is, or NULL: its __index knows. */
static const struct rt_module *module_of_table(lua_State *L, int idx)
{
  if (luaL_getmetafield(L, idx, "__index") == LUA_TNIL)
    return NULL;
  const struct rt_module *m = NULL;
  if (lua_tocfunction(L, -1) == module_index && lua_getupvalue(L, -1, 1)) {
    m = lua_touserdata(L, -1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return m;
}

static const struct rt_func *find_function(const struct rt_func *const *lists, lua_CFunction fn)
{
  struct rows rows = {lists, NULL};
  const struct rt_func *f;
  while ((f = next_row(&rows)) && f->fn != fn)
    ;
  return f;
}

int rt_identify(lua_State *L)
{
  lua_CFunction fn = lua_tocfunction(L, 1);
  const struct rt_module *m = lua_istable(L, 1) ? module_of_table(L, 1) : NULL;
  if (m) {
    lua_pushstring(L, m->name);
    return 1;
  }
  push_modules(L);
  for (lua_Integer i = 1; fn && lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
    m = lua_touserdata(L, -1);
    const struct rt_func *f = find_function(m->funcs, fn), *method = find_function(m->methods, fn);
    lua_pop(L, 1);
    if (f == NULL && method == NULL)
      continue;
    lua_pushstring(L, m->name);
    lua_pushstring(L, f ? f->name : method->name);
    lua_pushstring(L, f ? "func" : "method");
    return 3;
  }
  return 0;
}

/* ---- classes --------------------------------------------------------------------------------- */

/* The metatables of the process's state, by their class: what is asked for each record of a large
 * table must not be looked up in a hash. Another state beside it does without. */
enum { KNOWN = 64 };

static struct known {
  const struct rt_class *class; /* NULL: none */
  const void *metatable;
  int ref;
} known[KNOWN];

static struct known *known_of(const struct rt_class *c)
{
  return &known[(uintptr_t)c / sizeof *c % KNOWN];
}

/* The state ends. */
static int forget_known(lua_State *L)
{
  (void)L;
  memset(known, 0, sizeof known);
  return 0;
}

/* Something in the registry that goes when the state does. */
static void watch_end(lua_State *L)
{
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, known) == LUA_TNIL) {
    lua_newuserdatauv(L, 0, 0);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, forget_known);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, known);
  }
  lua_pop(L, 1); /* what rawgetp gave */
}

/* Notes the metatable at the top. */
static void remember_class(lua_State *L, const struct rt_class *c)
{
  if (!rt_has_pool(L))
    return;
  watch_end(L);
  lua_pushvalue(L, -1);
  int ref = luaL_ref(L, LUA_REGISTRYINDEX);
  *known_of(c) = (struct known){c, lua_topointer(L, -1), ref};
}

/* The metatable is found by the class's address, without its name being hashed each time. */
void rt_push_class(lua_State *L, const struct rt_class *c)
{
  if (known_of(c)->class == c && rt_has_pool(L)) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, known_of(c)->ref);
    return;
  }
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, c) == LUA_TTABLE)
    return;
  lua_pop(L, 1);
  luaL_newmetatable(L, c->name);
  if (c->methods) {
    lua_newtable(L);
    luaL_setfuncs(L, c->methods, 0);
    lua_setfield(L, -2, "__index");
  }
  if (c->metamethods)
    luaL_setfuncs(L, c->metamethods, 0);
  if (c->close) {
    lua_pushcfunction(L, c->close);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, c->close);
    lua_setfield(L, -2, "__close");
  }
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, c);
  remember_class(L, c);
}

void rt_set_class(lua_State *L, const struct rt_class *c)
{
  rt_push_class(L, c);
  lua_setmetatable(L, -2);
}

void *rt_new(lua_State *L, const struct rt_class *c, size_t size, int uservalues)
{
#ifdef NSLAB_HOSTILE
  lua_gc(L, LUA_GCCOLLECT, 0); /* what is only held by a C variable is gone now */
#endif
  void *p = lua_newuserdatauv(L, size, uservalues);
  memset(p, 0, size);
  rt_set_class(L, c);
  return p;
}

void *rt_test(lua_State *L, int idx, const struct rt_class *c)
{
  void *p = lua_touserdata(L, idx);
  if (p == NULL || !lua_getmetatable(L, idx))
    return NULL;
  const struct known *k = known_of(c);
  bool same = k->class == c && lua_topointer(L, -1) == k->metatable;
  if (same || (k->class == c && rt_has_pool(L))) {
    lua_pop(L, 1);
    return same ? p : NULL;
  }
  lua_rawgetp(L, LUA_REGISTRYINDEX, c);
  if (!lua_rawequal(L, -1, -2))
    p = NULL;
  lua_pop(L, 2);
  return p;
}
