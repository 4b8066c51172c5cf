/* The runtime by itself: error values and their text, the nearest word, options tables, modules and
 * what they lack, boxes. */
#include "runtime/runtime.h"
#include <errno.h>
#include <lualib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "netlink_test.h"

/* ---- the nearest word ------------------------------------------------------------------------ */

static const char *next_word(void *arg)
{
  const char *const **at = arg;
  return **at ? *(*at)++ : NULL;
}

static void test_nearest(void)
{
  static const char *const words[] = {"up",     "mtu",  "master", "address", "netns",
                                      "bridge", "veth", "list",   NULL};
  static const char *const lines[][2] = {{"mtu", "mtu"},
                                         {"mut", "mtu"},
                                         {"mt", "mtu"},
                                         {"upp", "up"},
                                         {"adress", "address"},
                                         {"addres", "address"},
                                         {"brigde", "bridge"},
                                         {"mastre", "master"},
                                         {"lst", "list"},
                                         {"vethh", "veth"},
                                         {"x", NULL},
                                         {"", NULL},
                                         {"gateway", NULL},
                                         {"br0", NULL},
                                         {"adddressss", "address"},
                                         {"a-word-that-is-longer-than-any-of-them-could-be", NULL}};
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    const char *const *at = words;
    const char *got = rt_nearest(lines[i][0], next_word, &at);
    const char *want = lines[i][1];
    ok(got == want || (got && want && strcmp(got, want) == 0), "near \"%s\" is %s", lines[i][0],
       got ? got : "nothing");
  }
}

/* ---- errors ---------------------------------------------------------------------------------- */

struct text_case {
  struct rt_op op;
  struct rt_error error;
  const char *want;
};

static int make(lua_State *L)
{
  const struct text_case *c = lua_touserdata(L, 1);
  rt_make_error(L, &c->op, &c->error);
  lua_pushnil(L);
  lua_setfield(L, -2, "where");
  return 1;
}

static void test_text(lua_State *L)
{
  static const struct text_case cases[] = {
      {{.module = "link", .verb = "add", .netns = "host", .key = "v0"},
       {.err = EEXIST},
       "link.add v0 in host: File exists (EEXIST)."},
      {{.module = "link", .verb = "add", .netns = "red", .key = "v0"},
       {.err = EINVAL, .field = "vlan.id", .kernel = "Invalid id.", .hint = "Use another."},
       "link.add v0 in red: vlan.id: Invalid id (EINVAL).\n  Use another."},
      {{.module = "netns", .verb = "list"},
       {.err = ENOENT, .text = "none", .kernel = "no"},
       "netns.list: none (ENOENT)."},
      {{.module = "a", .verb = "b"}, {.err = 4711, .text = ""}, NULL},
      {{.module = "a", .verb = "b", .key = ""},
       {.err = EPERM, .field = "", .hint = ""},
       "a.b: Operation not permitted (EPERM)."}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    lua_settop(L, 0);
    lua_pushcfunction(L, make);
    lua_pushlightuserdata(L, (void *)(uintptr_t)&cases[i]);
    lua_call(L, 1, 1);
    const char *got = luaL_tolstring(L, -1, NULL);
    ok(cases[i].want ? strcmp(got, cases[i].want) == 0 : strstr(got, "(E4711).") != NULL, "%.*s",
       (int)strcspn(got, "\n"), got);
  }
}

/* What a script may do to an error value does not stop it from being shown. */
static void test_text_spoilt(lua_State *L)
{
  static const char code[] = "local e = ...\n"
                             "for k in pairs(e) do e[k] = nil end\n"
                             "assert(tostring(e) == ':  ().' or #tostring(e) > 0)\n"
                             "e.op = {} e.key = 5 e.text = true e.code = print e.where = 1.5\n"
                             "assert(#tostring(e) > 0)\n"
                             "assert(not pcall(getmetatable(e).__tostring))\n"
                             "assert(not pcall(getmetatable(e).__tostring, 5))";
  const struct text_case c = {{.module = "a", .verb = "b"}, {.err = EPERM}, NULL};
  lua_settop(L, 0);
  luaL_loadstring(L, code);
  lua_pushcfunction(L, make);
  lua_pushlightuserdata(L, (void *)(uintptr_t)&c);
  lua_call(L, 1, 1);
  bool good = lua_pcall(L, 1, 0, 0) == LUA_OK;
  ok(good, "an error that a script spoilt is shown%s%s", good ? "" : ": ",
     good ? "" : lua_tostring(L, -1));
}

static int raise(lua_State *L)
{
  struct rt_op op = {.module = "m", .verb = "v"};
  rt_raisef(L, &op, EINVAL, "f", NULL, "%s %d", "text", 5);
}

static void test_where(lua_State *L)
{
  static const struct {
    const char *chunk, *code, *where;
  } lines[] = {
      {"=script.lua", "\nraise()", "script.lua:2"},
      {"=script.lua", "local f = load('raise()', '=nslab/inner.lua')\n\nf()", "script.lua:3"},
      {"=nslab/only.lua", "raise()", NULL},
      {"=script.lua", "\n\nlocal co = coroutine.wrap(function() raise() end) co()",
       "script.lua:3"}};
  lua_register(L, "raise", raise);
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    lua_settop(L, 0);
    luaL_loadbuffer(L, lines[i].code, strlen(lines[i].code), lines[i].chunk);
    lua_pcall(L, 0, 0, 0);
    lua_getfield(L, -1, "where");
    const char *where = lua_tostring(L, -1), *want = lines[i].where;
    ok(where == want || (where && want && strcmp(where, want) == 0), "the place is %s",
       where ? where : "nowhere");
  }
}

/* ---- options tables -------------------------------------------------------------------------- */

/* Lua: read(options) -> integer, number, boolean, string, each with its default */
static int read_options(lua_State *L)
{
  static const char *const keys[] = {"count", "ratio", "quiet", "name", NULL};
  struct rt_op op = {.module = "test", .verb = "read"};
  rt_check_keys(L, &op, 1, keys);
  lua_Integer count = rt_opt_integer(L, &op, 1, "count", 1, 10, 3);
  lua_Number ratio = rt_opt_number(L, &op, 1, "ratio", 0, 1, 0.5);
  bool quiet = rt_opt_boolean(L, &op, 1, "quiet", true);
  const char *name = rt_opt_string(L, &op, 1, "name", "none");
  lua_pushfstring(L, "%I %f %d %s", (LUAI_UACINT)count, ratio, (int)quiet, name);
  return 1;
}

static void test_options(lua_State *L)
{
  static const char *const lines[][2] = {
      {"read()", "3 0.5 1 none"},
      {"read(nil)", "3 0.5 1 none"},
      {"read {}", "3 0.5 1 none"},
      {"read { count = 10, ratio = 1, quiet = false, name = 'x' }", "10 1.0 0 x"},
      {"read { count = 1.0 }", "1 0.5 1 none"},
      {"read { count = 0 }", "count: 0 is not in 1..10"},
      {"read { count = 11 }", "count: 11 is not in 1..10"},
      {"read { count = 1.5 }", "count: an integer is needed, not a number"},
      {"read { count = '1' }", "count: an integer is needed, not a string"},
      {"read { ratio = 0/0 }", "ratio: * is not in 0.0..1.0"},
      {"read { ratio = 1.5 }", "ratio: 1.5 is not in 0.0..1.0"},
      {"read { quiet = 'yes' }", "quiet: true or false is needed, not a string"},
      {"read { name = 5 }", "name: a string is needed, not a number"},
      {"read { cuont = 1 }", "cuont: no such option"},
      {"read { somethingelse = 1 }", "somethingelse: no such option"},
      {"read(5)", "a table of options is needed, not a number"},
      {"read 'x'", "a table of options is needed, not a string"}};
  lua_register(L, "read", read_options);
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    char code[256];
    snprintf(code, sizeof code,
             "local ok, e = pcall(function() return %s end)\n"
             "if ok then return e end\n"
             "return (e.field and e.field .. ': ' or '') .. e.text:gsub('^%%-?nan', '*')",
             lines[i][0]);
    lua_settop(L, 0);
    bool ran = luaL_dostring(L, code) == LUA_OK;
    const char *got = luaL_tolstring(L, 1, NULL);
    ok(ran && strcmp(got, lines[i][1]) == 0, "%s: %s", lines[i][0], got);
  }
}

/* ---- modules --------------------------------------------------------------------------------- */

static int answer(lua_State *L)
{
  lua_pushinteger(L,
                  lua_isnone(L, lua_upvalueindex(1)) ? 0 : lua_tointeger(L, lua_upvalueindex(1)));
  return 1;
}

static int other(lua_State *L)
{
  (void)L;
  return 0;
}

static const struct rt_func first[] = {{.name = "add",
                                        .fn = answer,
                                        .doc = "Adds.",
                                        .params = {{"key", "string", "which"}},
                                        .returns = {{"n", "integer", "how many"}},
                                        .example = "test.add()"},
                                       {.name = NULL}};
static const struct rt_func second[] = {{.name = "list", .fn = answer, .doc = "Lists."},
                                        {.name = NULL}};
static const struct rt_func methods[] = {{.name = "close", .fn = other, .doc = "Closes."},
                                         {.name = NULL}};
static const struct rt_param fields[] = {{"pid", "integer", "number"}, {NULL, NULL, NULL}};
static const struct rt_value values[] = {{"test.Thing", "A thing.", fields, methods},
                                         {NULL, NULL, NULL, NULL}};
static const struct rt_lack lacks[] = {{"change", "add"}, {NULL, NULL}};
static const struct rt_module module = {.name = "test",
                                        .doc = "Tests.",
                                        .funcs = {first, second},
                                        .methods = {methods},
                                        .values = values,
                                        .lacks = lacks,
                                        .bound = true,
                                        .call = answer};

static int push_bound(lua_State *L)
{
  rt_push_module(L, &module, 1);
  return 1;
}

static void test_module(lua_State *L)
{
  static const char code[] =
      "assert(test == require 'test' and test.add() == 0 and test.list() == 0 and test() == 0)\n"
      "local mine = bound(7)\n"
      "assert(mine.add() == 7 and mine() == 7 and mine.list() == 7 and mine.add ~= test.add)\n"
      "local ok, e = pcall(function() return test.change end)\n"
      "assert(not ok and e.op == 'test.change' and e.hint:find 'test.add is meant', tostring(e))\n"
      "ok, e = pcall(function() return mine.lst end)\n"
      "assert(not ok and e.hint:find 'test.list is meant', tostring(e))\n"
      "ok, e = pcall(function() return test.somethingelse end)\n"
      "assert(not ok and e.hint == 'help(test) lists its functions.', tostring(e))\n"
      "assert(test[1] == nil)\n"
      "local d = docs()[1]\n"
      "assert(d.name == 'test' and d.bound and #d.funcs == 2 and d.funcs[2].name == 'list')\n"
      "assert(d.funcs[1].params[1].doc == 'which' and d.funcs[1].returns[1].type == 'integer')\n"
      "assert(d.methods[1].name == 'close' and d.values[1].fields[1].name == 'pid')\n"
      "assert(d.values[1].methods[1].doc == 'Closes.' and d.funcs[2].example == nil and d.called "
      "== nil)\n"
      "local function is(a, b, c, ...) local x, y, z = identify(...) return x == a and y == b and "
      "z == c end\n"
      "assert(is('test', nil, nil, test) and is('test', nil, nil, mine))\n"
      "assert(is('test', 'add', 'func', test.add) and is('test', 'add', 'func', mine.add))\n"
      "assert(is(nil, nil, nil, print) and is(nil, nil, nil, {}) and is(nil, nil, nil, nil))\n"
      "assert(is(nil, nil, nil, setmetatable({}, { __index = print })) and is(nil, nil, nil, "
      "setmetatable({}, { __index = {} })))";
  rt_register(L, &module);
  lua_register(L, "bound", push_bound);
  lua_register(L, "docs", rt_docs);
  lua_register(L, "identify", rt_identify);
  lua_settop(L, 0);
  bool good = luaL_dostring(L, code) == LUA_OK;
  ok(good, "a module, bound and not, its rows, what it lacks%s%s", good ? "" : ": ",
     good ? "" : luaL_tolstring(L, -1, NULL));
}

/* ---- what stands there, boxes ---------------------------------------------------------------- */

static int closed;

static int box_close(lua_State *L)
{
  int *p = lua_touserdata(L, 1);
  closed += *p;
  *p = 0;
  return 0;
}

static const struct rt_class box_class = {.name = "test.box", .close = box_close};
static const struct rt_class plain_class = {.name = "test.plain"};

static void test_box(lua_State *L)
{
  lua_settop(L, 0);
  int *p = rt_new(L, &box_class, sizeof *p, 1);
  bool zeroed = *p == 0;
  *p = 1;
  bool known = rt_test(L, 1, &box_class) == p && rt_test(L, 1, &plain_class) == NULL;
  lua_setglobal(L, "box");
  bool ran = luaL_dostring(L, "local b <close> = box box = nil") == LUA_OK;
  lua_gc(L, LUA_GCCOLLECT);
  lua_gc(L, LUA_GCCOLLECT);
  ok(zeroed && known && ran && closed == 1, "a box is closed once, by its scope and the collector");
  rt_new(L, &plain_class, 1, 0);
  lua_pop(L, 1);
  lua_gc(L, LUA_GCCOLLECT);
  ok(true, "a box that owns nothing goes");
}

static void test_typename(lua_State *L)
{
  static const char *const lines[][2] = {{"", "nothing"},
                                         {"nil", "nothing"},
                                         {"true", "a boolean"},
                                         {"1", "a number"},
                                         {"'x'", "a string"},
                                         {"{}", "a table"},
                                         {"print", "a function"},
                                         {"io.stdout", "a userdata"},
                                         {"coroutine.create(print)", "a coroutine"}};
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    lua_settop(L, 0);
    lua_pushfstring(L, "return %s", lines[i][0]);
    luaL_dostring(L, lua_tostring(L, 1));
    int top = lua_gettop(L);
    const char *got = rt_typename(L, lines[i][0][0] ? -1 : 99);
    ok(strcmp(got, lines[i][1]) == 0 && lua_gettop(L) == top, "%s is %s", lines[i][0], got);
  }
}

/* Strings of every size beside the pool's limit, tables that grow and shrink, and much of it thrown
 * away: what is left must be what was put there. */
static void test_pool(void)
{
  static const char code[] =
      "local kept = {}\n"
      "for round = 1, 3 do\n"
      "  for size = 1, 700 do\n"
      "    local text = string.char(32 + (size + round) % 90):rep(size)\n"
      "    if size % 3 == round - 1 then kept[#kept + 1] = { size, text, round } end\n"
      "  end\n"
      "  local t = {} for i = 1, 200 do t[i] = i t['k' .. i] = i end\n"
      "  for i = 1, 200 do t[i] = nil end t.again = 1\n"
      "  collectgarbage() collectgarbage()\n"
      "end\n"
      "for _, k in ipairs(kept) do\n"
      "  assert(k[2] == string.char(32 + (k[1] + k[3]) % 90):rep(k[1]))\n"
      "end\n"
      "local before = collectgarbage 'count'\n"
      "for i = 1, 20000 do local _ = { i, tostring(i) } end\n"
      "collectgarbage()\n"
      "assert(collectgarbage 'count' < before + 50)\n"
      "return #kept";
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  rt_use_pool(L);
  bool good = luaL_dostring(L, code) == LUA_OK && lua_tointeger(L, -1) == 700;
  ok(good, "memory from the pool keeps what is in it: %s", luaL_tolstring(L, -1, NULL));
  lua_close(L);
}

/* A class is known by its state: the one of a state that has ended is not taken for another's. */
static void test_states(void)
{
  for (int i = 0; i < 3; i++) {
    lua_State *L = luaL_newstate(), *beside = luaL_newstate();
    rt_use_pool(L);
    luaL_newmetatable(L, "other");
    lua_newuserdatauv(L, 1, 0);
    luaL_setmetatable(L, "other");
    bool stranger = rt_test(L, -1, &plain_class) == NULL;
    void *p = rt_new(L, &plain_class, 1, 0), *q = rt_new(beside, &plain_class, 1, 0);
    ok(stranger && rt_test(L, -1, &plain_class) == p && rt_test(beside, -1, &plain_class) == q &&
           rt_test(L, -2, &plain_class) == NULL && rt_test(beside, -1, &box_class) == NULL,
       "two states beside each other, time %d", i + 1);
    lua_close(L);
    lua_close(beside);
  }
}

int main(void)
{
  test_pool();
  test_states();
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  test_nearest();
  test_text(L);
  test_text_spoilt(L);
  test_where(L);
  test_options(L);
  test_module(L);
  test_box(L);
  test_typename(L);
  lua_close(L);
  return tap_end();
}
