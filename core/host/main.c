/* nslab: labs of network namespaces, in Lua. The order of things: read the command line and every
 * file it names, make the sandbox, open Lua inside it, run. */
#include "host/host.h"
#include "modules/modules.h"
#include "runtime/runtime.h"
#include "sandbox/running.h"
#include "sandbox/sandbox.h"
#include <errno.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A command that is written in Lua: require(module).main(options, words) -> exit status. */
static int run_module(lua_State *L, const struct host_call *call)
{
  int base = lua_gettop(L);
  lua_getglobal(L, "require");
  lua_pushstring(L, call->command->module);
  if (host_call_lua(L, 1, 1) != LUA_OK)
    return HOST_FAILED;
  lua_getfield(L, -1, "main");
  host_push_options(L, call);
  lua_createtable(L, call->nwords, 0);
  for (int i = 0; i < call->nwords; i++) {
    lua_pushstring(L, call->words[i]);
    lua_rawseti(L, -2, i + 1);
  }
  int status = HOST_FAILED;
  if (host_call_lua(L, 2, 1) == LUA_OK)
    status = lua_isinteger(L, -1) ? (int)lua_tointeger(L, -1) : HOST_OK;
  lua_settop(L, base);
  return status;
}

/* A file given to `run` is a script like any other; only as events, or as a lesson, it needs a
 * hand. */
static host_command_fn *command_of(const struct host_call *call)
{
  if (call->command->run)
    return call->command->run;
  bool script = call->has_text && !call->options.json && !call->command->reads_file;
  return script ? host_run_script : run_module;
}

/* Runs in the sandbox if there is one: opens Lua, does what was asked, closes Lua. */
static int body(void *arg)
{
  const struct host_call *call = arg;
  if (call->command->restarts)
    setvbuf(stdin, NULL, _IONBF, 0);
  running_set_ready();
  if (call->options.dad)
    addr_keep_dad();
  lua_State *L = host_open(call);
  if (L == NULL)
    return HOST_FAILED;
  host_signals(L);
  host_deadline_open(call);
  int status = host_machine_open(L, call) ? command_of(call)(L, call) : HOST_FAILED;
  status = host_status(status);
  host_deadline_close();
  if (rt_interrupted == 0) {
    host_hold(call, status);
    status = host_status(status); /* while it was about to be kept, or when it was */
  }
  host_signals(NULL);
  if (!host_machine_close(L, call) && status == HOST_OK)
    status = HOST_FAILED;
  lua_close(L);
  return status;
}

/* As often as body wants a fresh one; a signal that came while it ended is the end of all. */
static int in_sandbox(struct host_call *call)
{
  int status, signal = 0;
  struct sandbox_options options = {
      .full_map = call->options.full_map, .ret_signal = &signal, .started = running_set_init};
  struct sandbox_trouble trouble = {0};
  host_restart_open();
  do {
    status = sandbox_run(&options, body, call, &trouble);
    if (status < 0 || !host_restart_wanted())
      break;
    status = 128 + signal;
  } while (signal == 0);
  if (status >= 0)
    return status;
  fprintf(stderr, "nslab: %s\n%s%s", trouble.what, trouble.remedy, trouble.remedy[0] ? "\n" : "");
  return HOST_IMPOSSIBLE;
}

/* Whoever lists the labs finds this one. One that nobody can find is run all the same, but not left
 * behind. */
static int run_registered(struct host_call *call)
{
  char name[RUNNING_NAME];
  bool sandbox = call->command->sandbox && !call->options.no_sandbox;
  int err = host_running_name(call, name, sizeof name)
                ? running_register(name, call->options.keep, !sandbox)
                : 0;
  if (err && call->options.keep) {
    fprintf(stderr, "nslab: --keep: nobody could find the lab again: %s.\n",
            err == -EPERM ? "no directory for labs that run is this user's alone" : strerror(-err));
    return HOST_IMPOSSIBLE;
  }
  int status = sandbox              ? in_sandbox(call)
               : call->options.host ? host_supervise(call, body)
                                    : body(call);
  running_unregister();
  return status;
}

int main(int argc, char **argv)
{
  struct host_call call;
  int err = host_files_open();
  if (err)
    return host_usage_error("NSLAB_PATH: %s: %s.", getenv("NSLAB_PATH"), strerror(-err));
  int status = host_parse(argc, argv, &call);
  call.started_s = host_now();
  if (status < 0 && call.command->rehearsal)
    call.rehearsal = host_rehearse(&call, in_sandbox);
  if (status < 0)
    status = call.options.keep ? host_keep(&call, run_registered) : run_registered(&call);
  host_text_free(&call.text);
  return status;
}
