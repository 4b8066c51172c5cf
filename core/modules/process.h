/* process: what the two files of exec and spawn share. */
#pragma once
#include "modules/modules.h"
#include "sandbox/sandbox.h"

/* What a script asked to run. Strings and arrays belong to Lua values that stay on the stack. */
struct process_request {
  struct sandbox_command command;
  const char *program; /* argv[0] */
};

/* Turns argument 2 - an array of words, or one string for the shell - into a table at index 2,
 * reads words, cwd, env, pid and mount, and sets op->key to the command as one would type it. */
void process_read(lua_State *L, struct rt_op *op, const char *const *keys,
                  struct process_request *ret);
/* Raises for a program that could not be started. */
_Noreturn void process_raise(lua_State *L, struct rt_op *op, const struct process_request *r,
                             const struct sandbox_start_error *e);
/* "TERM", "SIGTERM" or 15 at idx -> 15. Raises for what is no signal. */
int process_signal(lua_State *L, struct rt_op *op, int idx);
/* Sets code, and signal if there was one, in the table at the top; status is waitpid's. */
void process_set_status(lua_State *L, int status);

/* What a process that spawn started can be asked; process_methods are those of a namespace. */
extern const struct rt_func process_value_methods[];

/* doctor.c, in nslab.core. */
int doctor_in_sandbox(lua_State *L);
int doctor_netlink_verdict(lua_State *L);
