/* host: the program `nslab`. It reads the command line, makes the sandbox, opens Lua in it and runs
 * what was asked for. It knows no object of the kernel; whatever acts on one is a module. */
#pragma once
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* Exit statuses; an interrupted script ends with 128 and the signal's number. */
enum {
  HOST_OK = 0,
  HOST_FAILED = 1,     /* a check or the script failed */
  HOST_USAGE = 2,      /* wrong words, unknown lab or file */
  HOST_IMPOSSIBLE = 3, /* this machine cannot run labs, or not this one */
};

/* ---- texts (files.c) ------------------------------------------------------------------------ */

/* A file that was read. Those embedded in the program own nothing. */
struct host_text {
  const char *bytes;
  size_t len;
  char *owned, *chunkname; /* what Lua calls it: "@labs/red-blue.lua" */
};

/* Opens the directory that NSLAB_PATH names, which a sandbox may hide later. 0 or -errno. */
int host_files_open(void);
/* The file of lua/ or labs/: from NSLAB_PATH, else the embedded one. -ENOENT without. */
int host_files_find(const char *path, struct host_text *ret);
/* A file of the user's, or "-" for standard input. 0 or -errno. */
int host_files_read(const char *path, struct host_text *ret);
/* The lab of that name. -ENOENT without. */
int host_files_lab(const char *name, struct host_text *ret);
/* The names of all labs, sorted, ended by NULL. Free with host_files_free_names. */
char **host_files_labs(void);
void host_files_free_names(char **names);
void host_text_free(struct host_text *t);

/* ---- what was asked for (options.c) --------------------------------------------------------- */

/* Every option of every command; those that a command does not take keep their zero. */
struct host_options {
  bool json, no_sandbox, full_map, dad, step, keep, all, sh, host;
  double timeout_s, step_timeout_s; /* 0: none */
  int from;                         /* the step to begin with, 0: not said */
  bool again;
  const char *explain; /* words with commas between them; NULL: as is usual */
};

struct host_call;
typedef int host_command_fn(lua_State *L, const struct host_call *call);

/* A command is a row: its words, its documentation, and what carries it out. */
struct host_command {
  const char *name, *words, *summary, *text;
  const char *options; /* the letters of the options it takes */
  bool sandbox;        /* runs inside one */
  bool restarts;       /* may want a fresh sandbox: nothing of standard input is read ahead */
  bool target;         /* its first word is a lab or a file; words after a file are the script's */
  bool alone;          /* it needs no target */
  bool reads_file;     /* what file it is given, its module reads: it is not run as a script */
  bool rest;           /* it takes any number of words, and options only before them */
  const char *module;  /* Lua module with main(options, words) -> exit status, or: */
  host_command_fn *run;
  const char *rehearsal; /* NULL, or the module that plays it beside it (rehearse.c) */
};

/* One call of nslab. */
struct host_call {
  const struct host_command *command;
  struct host_options options;
  char **argv; /* everything that was typed */
  int first;   /* index in argv of what becomes arg[0] */
  int nwords;  /* words after the command and its options: LAB ARGS, FILE ARGS */
  char **words;
  double started_s; /* host_now() */
  bool has_text;    /* the target is a file, a -e or standard input, and was read: */
  struct host_text text;
  int rehearsal; /* what the rehearsal prints, -1: there is none */
};

/* Reads the command line. -1 when there is something to do, else the exit status. */
int host_parse(int argc, char **argv, struct host_call *ret);
/* Says what is wrong and where help is; returns HOST_USAGE. */
__attribute__((format(printf, 1, 2))) int host_usage_error(const char *fmt, ...);

/* The n-th command; NULL behind the last. */
const struct host_command *host_command_at(int n);
/* What is run when the first word is no command. */
extern const struct host_command host_script;

struct host_option {
  const char *name;         /* without the dashes */
  const char *value, *doc;  /* value: NULL for a flag */
  const char *const *words; /* those that the value is made of; or NULL */
};
/* The n-th option that the command takes; false behind the last. */
bool host_option_at(const struct host_command *c, int n, struct host_option *ret);

/* ---- Lua (script.c, globals.c, hostlib.c) --------------------------------------------------- */

/* A state with every library open. `call` is what nslab.host tells of. NULL without memory. */
lua_State *host_open(const struct host_call *call);
/* Calls the function under its nargs arguments; says on stderr what was raised. LUA_OK or not. */
int host_call_lua(lua_State *L, int nargs, int nresults);
/* Prints the error value at the top, whatever it is, and pops it. */
void host_report(lua_State *L);
/* Loads a text as a chunk, without its #! line. Pushes the function or the message. */
int host_load(lua_State *L, const struct host_text *t);
/* The exit status of a script or command that ended with `status`, with interruption in mind. */
int host_status(int status);

/* Pushes the options as the commands written in Lua get them. */
void host_push_options(lua_State *L, const struct host_call *call);

/* From now on SIGINT, SIGTERM and SIGHUP raise "interrupted" in L, or end the process when they
 * come again; what came before is forgotten. NULL: they end the process. */
void host_signals(lua_State *L);
/* Whether Ctrl-C only stops what runs, also where it would not listen; from the next host_signals
 * on. Returns what was set before. */
bool host_patient(bool on);

/* Lua: poll(fds, timeout_ms, [pid]) (wait.c) */
int host_poll(lua_State *L);

/* ---- time (deadline.c) ----------------------------------------------------------------------- */

/* Seconds of a clock that only goes forward. */
double host_now(void);
/* From now on the run ends when its --timeout is over. */
void host_deadline_open(const struct host_call *call);
void host_deadline_close(void);
/* Whether that is what interrupted; the signal is SIGALRM then. */
bool host_timed_out(void);
/* Says on standard error what was waited for; for signal handlers, too. */
void host_say_waited(void);
/* Lua: deadline([ms]), waited([text]), timed_out() */
int host_deadline(lua_State *L), host_waited(lua_State *L), host_timed_out_lua(lua_State *L);

/* ---- a fresh sandbox (restart.c) ------------------------------------------------------------- */

/* Before the sandbox is made: what body will say, it says to us. Without memory nobody restarts. */
void host_restart_open(void);
/* Whether the body that has ended wants a fresh sandbox; says so once. */
bool host_restart_wanted(void);
/* Lua: restart(text), restarted() */
int host_restart(lua_State *L), host_restarted(lua_State *L);

/* Lua: require "nslab.host". The call is upvalue 1 of its functions. */
int luaopen_nslab_host(lua_State *L);
/* The globals that cost nothing until they are used, and the searcher for nslab's own modules. */
void host_open_globals(lua_State *L);
/* Pushes JSON text of the value at idx; `order` is the index of an array of keys, or 0. */
void host_json_encode(lua_State *L, int idx, int order);
/* Pushes the value of a JSON text, or nil and what is wrong with it. Returns how many. */
int host_json_decode(lua_State *L, const char *text, size_t len);

/* Lua: repl(options) -> what ended it (repl.c) */
int host_repl(lua_State *L);

/* ---- labs that run (running.c, keep.c) ------------------------------------------------------- */

/* Functions of nslab.host. */
extern const luaL_Reg host_running_functions[];
/* The same, for nslab.machine (journal.c). */
extern const luaL_Reg host_journal_functions[];
/* Before and after a script that acts on the machine itself (--host). False when it may not. */
bool host_machine_open(lua_State *L, const struct host_call *call);
bool host_machine_close(lua_State *L, const struct host_call *call);
/* What others left that are gone. */
void host_machine_recover(lua_State *L);
/* Runs body in a child, and takes back what that leaves (supervise.c); returns its exit status. */
int host_supervise(struct host_call *call, int (*body)(void *call));
/* In that child: both leave the terminal. */
void host_supervise_detach(void);
/* The name that the lab, script or REPL is to be found by; false for what is not to be found. */
bool host_running_name(const struct host_call *call, char *ret_name, size_t size);
/* Runs the call in a process that may outlive this one; returns its exit status. */
int host_keep(struct host_call *call, int (*run)(struct host_call *call));
/* What the script made is up: with --keep it stays. */
void host_worth_keeping(void);
/* In the process of Lua, when all is done: with --keep, returns when the lab is to end. */
void host_hold(const struct host_call *call, int status);

/* ---- lessons (wakes.c, state.c, rehearse.c) -------------------------------------------------- */

/* Functions of nslab.host. */
int host_timer(lua_State *L);
int host_mailbox(lua_State *L);
int host_state(lua_State *L);
int host_set_state(lua_State *L);
int host_rehearsal(lua_State *L);

/* The path of a file of the user's that outlasts the command; its directory is made. Free it. NULL
 * where there is no home. */
char *host_state_path(const char *name);
/* Plays call->command->rehearsal beside this process. The descriptor of what it prints, or -1. */
int host_rehearse(const struct host_call *call, int (*play)(struct host_call *));

/* ---- commands written in C ------------------------------------------------------------------ */

host_command_fn host_run_script, host_busted, host_completion, host_complete_words;
