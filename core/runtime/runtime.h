/* runtime: what every Lua module of the core is made of: the error value, the operation that is
 * observed, the registration of functions together with their documentation, the owner box.
 * Knows nothing of netlink or of any object. */
#pragma once
#include <lua.h>
#include <lauxlib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- documentation rows -------------------------------------------------------------------- */

/* A parameter or a result. `type` is a LuaCATS type. A name that ends in '?' is optional. */
struct rt_param {
  const char *name, *type, *doc;
};

enum { RT_PARAMS = 6, RT_RETURNS = 3, RT_LISTS = 4 };

/* One function: what Lua calls, and all that help(), the editor stubs and the manual say of it. */
struct rt_func {
  const char *name;
  lua_CFunction fn;
  const char *doc; /* the first sentence is the summary */
  struct rt_param params[RT_PARAMS];
  struct rt_param returns[RT_RETURNS];
  const char *errors;  /* one "CODE reason" a line, or NULL */
  const char *example; /* Lua that runs as it stands in an empty sandbox, or NULL */
  const char *source;  /* where the fact comes from: RFC, kernel header, manual page, or NULL */
};

/* A class of values that functions return or hand to functions of the script: documentation
 * only. */
struct rt_value {
  const char *name, *doc;        /* "netns.Process" */
  const struct rt_param *fields; /* ends with type NULL; or NULL */
  const struct rt_func *methods; /* ends with name NULL; or NULL */
};

/* A verb that other modules have and this one has not, and the one that is meant. */
struct rt_lack {
  const char *verb, *instead;
};

/* One module. `bound` says that a namespace handle has it too: red.link beside link. */
struct rt_module {
  const char *name;
  const char *doc;
  const struct rt_func *funcs[RT_LISTS];   /* lists of rows, one for each file that has some; each
                                              ends with name NULL, the last is followed by NULL */
  const struct rt_func *methods[RT_LISTS]; /* of the handles the module returns */
  const struct rt_value *values;           /* other classes; ends with name NULL; or NULL */
  const struct rt_lack *lacks;             /* ends with verb NULL; or NULL */
  bool bound;
  bool own_name;      /* not in package.loaded: require(NAME) finds somebody else's library */
  lua_CFunction call; /* __call of the module table, or NULL */
  const struct rt_func *called; /* what documents it, or NULL */
};

/* The row of that name in the lists, or NULL. */
const struct rt_func *rt_func_of(const struct rt_func *const *lists, const char *name);

/* Pushes the module's table. With ns != 0 every function gets the namespace at that index as its
 * upvalue 1; with ns == 0 it has none, and acts in the namespace the script runs in. */
void rt_push_module(lua_State *L, const struct rt_module *m, int ns);

/* Enters the module in the list that rt_docs shows, pushes its table, sets it in package.loaded
 * and as a global. */
void rt_register(lua_State *L, const struct rt_module *m);

/* Lua: docs() -> array of { name, doc, bound, called, funcs = { { name, doc, params, returns,
 * errors, example, source } }, methods = { ... }, values = { { name, doc, fields, methods } } }. */
int rt_docs(lua_State *L);
/* Lua: identify(function or module) -> module, function, "func" or "method"; only the module for
 * its table; nil for what is none of ours. Bound ones are known, too. */
int rt_identify(lua_State *L);

/* ---- operations ------------------------------------------------------------------------------ */

/* One operation that a script asked for. It lives in the C function that Lua called; everything
 * below it gets a pointer, so that an error anywhere knows what it happened to. */
struct rt_op {
  const char *module, *verb; /* "link", "add" */
  const char *netns;         /* as shown: "red", "host"; must outlive the operation */
  const char *key;           /* "veth-red", or NULL */
  const char *command;       /* as typed in a shell, where the module says it itself; or NULL */
  int options;               /* stack index of the options table, 0 without */
  int messages;              /* stack index of the trace, 0 while nobody observes */
  bool waits;                /* in a batch: its end comes later, and is told then */
};

/* Starts the operation: with an observer set, pushes the trace table and remembers its index, so
 * call it when the arguments are in place. */
void rt_op_begin(lua_State *L, struct rt_op *op);
/* Adds a message to the trace; `sent` or received. Nothing while nobody observes. */
void rt_op_message(lua_State *L, struct rt_op *op, bool sent, const void *bytes, size_t len);
/* The same for those who foresee alone: what is made in another way is what this message says. */
void rt_op_intend(lua_State *L, const struct rt_op *op, const void *bytes, size_t len);
/* Tells the observer that the operation succeeded. `result` is a stack index, 0 without one. */
void rt_op_end(lua_State *L, struct rt_op *op, int result);

/* Lua: observe(fn|nil) -> the previous one. fn gets one table an operation:
 * { module, verb, netns, key, command, options, messages = { { sent = bool, bytes = string } },
 * result, error }. It is called once, when the operation has succeeded or failed. */
int rt_observe(lua_State *L);
/* Whether an observer is set. */
bool rt_observed(lua_State *L);
/* Whether the observer is running: who interrupts lets it finish, so that it hears of what was
 * interrupted. */
bool rt_observing(void);

/* Lua: foresee(fn|nil). fn gets the table of each operation before anything of it is done, without
 * messages, result and error; once more before each message is sent, with its `bytes`; and once
 * when it succeeded or failed, with `done`. What it raises, the operation raises. It is for those
 * who must know afterwards what was done, whatever ends the process in between. */
int rt_foresee(lua_State *L);
/* Whether somebody does: what is made then gets numbers that are chosen before. */
bool rt_foreseen(void);
/* Told of a new namespace before it has its name; may not jump. NULL: nobody. */
extern void (*rt_netns_made)(const char *name, uint64_t inode);

/* ---- errors ---------------------------------------------------------------------------------- */

/* What went wrong. Strings that are NULL are absent. text wins over kernel, kernel over
 * strerror(err) in what tostring shows. */
struct rt_error {
  int err; /* errno, positive */
  const char *field, *text, *kernel, *hint;
};

/* Raises the error value: { op, netns, key, errno, code, kernel, field,
 * text, hint, where }. */
_Noreturn void rt_raise(lua_State *L, struct rt_op *op, const struct rt_error *e);
/* The same with a formatted text (lua_pushfstring's formats) and a hint (NULL for none). */
_Noreturn void rt_raisef(lua_State *L, struct rt_op *op, int err, const char *field,
                         const char *hint, const char *fmt, ...);
/* Pushes the error value instead of raising it, and tells the observer. */
void rt_push_error(lua_State *L, struct rt_op *op, const struct rt_error *e);
/* Pushes the error value and tells nobody. */
void rt_make_error(lua_State *L, const struct rt_op *op, const struct rt_error *e);
/* Lua: error_value{ op = "link.add", errno = 22, ... } -> the table as an error value, which gets
 * its code, its place and, where it has none, its text. For errors that the Lua part finds. */
int rt_error_value(lua_State *L);
/* "EEXIST" for EEXIST; "E123" for a number without a name. */
const char *rt_code(int err);

/* ---- helpers for arguments ------------------------------------------------------------------- */

/* Sets a field of the table on the top; no field for NULL. */
void rt_set_text(lua_State *L, const char *key, const char *text);

/* What stands at idx, with its article: "a string", "a namespace", "nothing". */
const char *rt_typename(lua_State *L, int idx);
/* The value at idx for a sentence: itself where that says something ("7", "eth0"), else what it is
 * ("a table"). Leaves it on the stack. */
const char *rt_shown(lua_State *L, int idx);

/* The known word nearest to `word`, or NULL if none is near. `next` yields them until NULL. */
const char *rt_nearest(const char *word, const char *(*next)(void *), void *arg);
/* The same among words in a row, each ended by a zero byte. */
const char *rt_nearest_of(const char *word, const char *words, size_t len);

/* Options table of a hand-written function (ping, exec ...): raises for a key that is not in the
 * NULL-terminated list `keys`, naming the nearest. idx may be none or nil. */
void rt_check_keys(lua_State *L, struct rt_op *op, int idx, const char *const *keys);
/* Reads one option with its type checked; the default when absent. */
lua_Integer rt_opt_integer(lua_State *L, struct rt_op *op, int idx, const char *key,
                           lua_Integer min, lua_Integer max, lua_Integer def);
lua_Number rt_opt_number(lua_State *L, struct rt_op *op, int idx, const char *key, lua_Number min,
                         lua_Number max, lua_Number def);
bool rt_opt_boolean(lua_State *L, struct rt_op *op, int idx, const char *key, bool def);
/* The string stays alive as long as the options table holds it. */
const char *rt_opt_string(lua_State *L, struct rt_op *op, int idx, const char *key,
                          const char *def);

/* ---- memory ---------------------------------------------------------------------------------- */

/* Lets the state have its small objects from lists of free blocks: faster than the C library. For
 * the one state of a process. */
void rt_use_pool(lua_State *L);
/* Whether it is that state. */
bool rt_has_pool(lua_State *L);

/* ---- the owner box --------------------------------------------------------------------------- */

/* A userdata that owns something of the system. It is created in its closed state, gets its
 * metatable, and only then acquires; close, __close and __gc are one function, safe twice. */
struct rt_class {
  const char *name;            /* of the metatable, "nslab.process" */
  lua_CFunction close;         /* or NULL when there is nothing to release */
  const luaL_Reg *methods;     /* or NULL; __index unless metamethods has one */
  const luaL_Reg *metamethods; /* __tostring, __eq ...; or NULL */
};
/* A zeroed userdata of the class with `uservalues` user values, on the top of the stack. */
void *rt_new(lua_State *L, const struct rt_class *c, size_t size, int uservalues);
/* Gives the userdata on the top of the stack its class; its contents must be in the closed
 * state. */
void rt_set_class(lua_State *L, const struct rt_class *c);
/* Pushes the metatable of the class. */
void rt_push_class(lua_State *L, const struct rt_class *c);
/* The userdata at idx if it is of the class, else NULL. */
void *rt_test(lua_State *L, int idx, const struct rt_class *c);

/* ---- interruption ---------------------------------------------------------------------------- */

/* The signal (SIGINT, SIGTERM, SIGHUP) that asked the script to stop, 0 while none did. A blocking
 * call that got EINTR looks here before it goes on. Set by the host's handler. */
extern volatile int rt_interrupted;
/* Raises "interrupted" (EINTR) if a signal asked for it. */
void rt_check_interrupt(lua_State *L, struct rt_op *op);
