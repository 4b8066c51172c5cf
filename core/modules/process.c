/* process: programs in a namespace. exec runs one to its end and collects what it says; spawn
 * starts one and returns a value that owns it. Nothing here looks at what a program does. */
#include "modules/process.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* GRACE_MS between SIGTERM and SIGKILL; an interrupted script has less time than that itself. */
enum { GRACE_MS = 700, HURRY_MS = 100, CHUNK = 16384 };

static int grace_ms(void)
{
  return rt_interrupted ? HURRY_MS : GRACE_MS;
}

static void close_fd(int *fd)
{
  if (*fd >= 0)
    close(*fd);
  *fd = -1;
}

/* ---- bytes of a pipe ------------------------------------------------------------------------- */

/* What was read and not yet given away. */
struct bytes {
  char *at;
  size_t len, cap;
};

static void bytes_free(struct bytes *b)
{
  free(b->at);
  *b = (struct bytes){0};
}

static void bytes_drop(struct bytes *b, size_t n)
{
  b->len -= n;
  memmove(b->at, b->at + n, b->len);
}

/* Reads once from a descriptor that does not block: bytes read, 0 at the end, -EAGAIN, -errno. */
static ssize_t bytes_read(struct bytes *b, int fd)
{
  if (b->cap - b->len < CHUNK) {
    size_t cap = b->cap ? b->cap * 2 : (size_t)CHUNK * 2;
    char *grown = realloc(b->at, cap);
    if (grown == NULL)
      return -ENOMEM;
    b->at = grown;
    b->cap = cap;
  }
  ssize_t n;
  do
    n = read(fd, b->at + b->len, b->cap - b->len);
  while (n < 0 && errno == EINTR);
  if (n > 0)
    b->len += (size_t)n;
  return n < 0 ? -errno : n;
}

/* Writes to a pipe whose reader may be gone: then -EPIPE, and no SIGPIPE. */
static ssize_t write_quietly(int fd, const char *text, size_t len)
{
  static const struct timespec now;
  sigset_t pipe_only, old, pending;
  sigemptyset(&pipe_only);
  sigaddset(&pipe_only, SIGPIPE);
  sigpending(&pending);
  sigprocmask(SIG_BLOCK, &pipe_only, &old);
  ssize_t n = write(fd, text, len);
  n = n < 0 ? -errno : n;
  if (n == -EPIPE && !sigismember(&pending, SIGPIPE))
    sigtimedwait(&pipe_only, NULL, &now);
  sigprocmask(SIG_SETMASK, &old, NULL);
  return n;
}

/* A pipe of which our end does not block; [0] is read, [1] written. `ours` says which is ours. */
static int make_pipe(int p[2], int ours)
{
  if (pipe2(p, O_CLOEXEC) < 0) {
    p[0] = p[1] = -1;
    return -errno;
  }
  fcntl(p[ours], F_SETFL, O_NONBLOCK);
  return 0;
}

/* ---- exec: run to the end -------------------------------------------------------------------- */

/* One run: the program, our ends of its pipes (stdin, stdout, stderr), its ends until it
 * started. */
struct job {
  struct sandbox_child child;
  int ours[3], theirs[3];
  struct bytes out[2];
  const char *input; /* what of stdin is not written yet */
  size_t left;
  bool timed_out;
};

static int job_close(lua_State *L)
{
  struct job *j = lua_touserdata(L, 1);
  if (j->child.ended)
    j->child.group = false; /* what it left in the background goes on */
  sandbox_child_close(&j->child, grace_ms());
  for (int i = 0; i < 3; i++) {
    close_fd(&j->ours[i]);
    close_fd(&j->theirs[i]);
  }
  bytes_free(&j->out[0]);
  bytes_free(&j->out[1]);
  return 0;
}

static const struct rt_class job_class = {.name = "nslab.job", .close = job_close};

static struct job *new_job(lua_State *L)
{
  struct job *j = lua_newuserdatauv(L, sizeof *j, 0);
  *j = (struct job){.child = SANDBOX_NO_CHILD, .ours = {-1, -1, -1}, .theirs = {-1, -1, -1}};
  rt_set_class(L, &job_class);
  lua_toclose(L, -1);
  return j;
}

static int open_pipes(struct job *j)
{
  int p[2], r;
  for (int i = 1; i < 3; i++) {
    r = make_pipe(p, 0);
    j->ours[i] = p[0];
    j->theirs[i] = p[1];
    if (r < 0)
      return r;
  }
  if (j->input) {
    r = make_pipe(p, 1);
    j->theirs[0] = p[0];
    j->ours[0] = p[1];
    return r;
  }
  j->theirs[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
  return j->theirs[0] < 0 ? -errno : 0;
}

static void start_job(lua_State *L, struct rt_op *op, struct job *j, struct process_request *r)
{
  struct sandbox_start_error e;
  int err = open_pipes(j);
  if (err < 0)
    rt_raise(L, op, &(struct rt_error){.err = -err});
  r->command.in = j->theirs[0];
  r->command.out = j->theirs[1];
  r->command.err = j->theirs[2];
  if (sandbox_child_start(&r->command, &j->child, &e) < 0)
    process_raise(L, op, r, &e);
  for (int i = 0; i < 3; i++)
    close_fd(&j->theirs[i]);
}

static void feed(struct job *j)
{
  ssize_t n = j->left > 0 ? write_quietly(j->ours[0], j->input, j->left) : 0;
  if (n > 0) {
    j->input += n;
    j->left -= (size_t)n;
  }
  if (j->left == 0 || (n < 0 && n != -EAGAIN && n != -EINTR)) /* it reads no more: not our error */
    close_fd(&j->ours[0]);
}

/* Everything that is there now. */
static int drain(struct job *j, int i)
{
  ssize_t n = 1;
  while (n > 0)
    n = bytes_read(&j->out[i - 1], j->ours[i]);
  if (n == -EAGAIN)
    return 0;
  close_fd(&j->ours[i]);
  return (int)n;
}

/* Waits until the program ended or the time is over, serving all its pipes. That it ended is what
 * counts: a server that it left in the background may hold the pipes for ever. */
static int serve(struct job *j, int timeout_ms)
{
  int64_t deadline = modules_now_ms() + timeout_ms;
  int r = 0;
  while (r == 0 && !j->child.ended) {
    struct pollfd p[4] = {{j->ours[0], POLLOUT, 0},
                          {j->ours[1], POLLIN, 0},
                          {j->ours[2], POLLIN, 0},
                          {j->child.pidfd, POLLIN, 0}};
    int64_t left = timeout_ms < 0 ? -1 : deadline - modules_now_ms();
    int ready = sandbox_poll(p, 4, timeout_ms >= 0 && left < 0 ? 0 : (int)left, &rt_interrupted);
    if (ready < 0)
      return ready;
    if (ready == 0) {
      j->timed_out = true;
      sandbox_child_close(&j->child, grace_ms());
    }
    if (p[3].revents)
      sandbox_child_wait(&j->child, 0, NULL);
    if (p[0].revents)
      feed(j);
    for (int i = 1; r == 0 && i < 3; i++)
      if (j->ours[i] >= 0 && (p[i].revents || j->child.ended))
        r = drain(j, i);
  }
  return r;
}

/* print(red:exec{ ... }) shows what the program said, without its last newline. */
static int result_tostring(lua_State *L)
{
  size_t len;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_getfield(L, 1, "stdout");
  const char *s = lua_tolstring(L, -1, &len);
  if (s && len > 0 && s[len - 1] == '\n')
    lua_pushlstring(L, s, len - 1);
  return 1;
}

static void push_result(lua_State *L, const struct job *j)
{
  static const char *const names[] = {"stdout", "stderr"};
  lua_createtable(L, 0, 5);
  for (int i = 0; i < 2; i++) {
    lua_pushlstring(L, j->out[i].at ? j->out[i].at : "", j->out[i].len);
    lua_setfield(L, -2, names[i]);
  }
  process_set_status(L, j->child.status);
  if (j->timed_out) {
    lua_pushboolean(L, true);
    lua_setfield(L, -2, "timed_out");
  }
  if (luaL_newmetatable(L, "nslab.result")) {
    lua_pushcfunction(L, result_tostring);
    lua_setfield(L, -2, "__tostring");
  }
  lua_setmetatable(L, -2);
}

/* The last line that is not empty, pushed; "" without one. */
static const char *push_last_line(lua_State *L, const struct bytes *b)
{
  size_t end = b->len, start;
  while (end > 0 && (b->at[end - 1] == '\n' || b->at[end - 1] == ' '))
    end--;
  for (start = end; start > 0 && b->at[start - 1] != '\n';)
    start--;
  return lua_pushlstring(L, end > 0 ? b->at + start : "", end - start);
}

/* With check = true a program that fails is an error like any other. */
static void check_result(lua_State *L, struct rt_op *op, const struct job *j, const char *program)
{
  int status = j->child.status, sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  if (j->timed_out)
    rt_raisef(L, op, ETIMEDOUT, "timeout_ms", NULL, "%s did not end in time", program);
  if (status == 0)
    return;
  const char *line = push_last_line(L, &j->out[1]);
  if (sig)
    rt_raisef(L, op, ECHILD, NULL, NULL, "%s was ended by SIG%s", program, sigabbrev_np(sig));
  rt_raisef(L, op, ECHILD, NULL, NULL, "%s ended with %d%s%s", program, WEXITSTATUS(status),
            *line ? ": " : "", line);
}

static int process_exec(lua_State *L)
{
  static const char *const keys[] = {"stdin", "cwd",   "env", "timeout_ms",
                                     "check", "mount", "pid", NULL};
  struct rt_op op = {.module = "netns", .verb = "exec", .netns = netns_name(L, 1)};
  struct process_request r;
  process_read(L, &op, keys, &r);
  int timeout_ms = (int)rt_opt_integer(L, &op, 2, "timeout_ms", 0, INT_MAX, -1);
  bool check = rt_opt_boolean(L, &op, 2, "check", false);
  const char *input = rt_opt_string(L, &op, 2, "stdin", NULL);
  rt_op_begin(L, &op);
  r.command.netns = netns_of_self(L, &op, 1);
  barrier_wait();
  struct job *j = new_job(L);
  if (input) {
    lua_getfield(L, 2, "stdin");
    j->input = lua_tolstring(L, -1, &j->left);
  }
  start_job(L, &op, j, &r);
  int err = serve(j, timeout_ms);
  rt_check_interrupt(L, &op);
  if (err < 0)
    rt_raise(L, &op, &(struct rt_error){.err = -err});
  if (check)
    check_result(L, &op, j, r.program);
  push_result(L, j);
  rt_op_end(L, &op, -1);
  return 1;
}

/* ---- spawn: start and own -------------------------------------------------------------------- */

/* A program that a script owns. fd is our end of its stdin or stdout, -1 where it has no pipe. */
struct process {
  struct sandbox_child child;
  pid_t pid;
  int in, out;
  struct bytes buffer; /* of stdout */
  char command[128];   /* as typed, for people; cut if it is long */
};

static int process_close(lua_State *L);
static int process_index(lua_State *L);
static int process_tostring(lua_State *L);

static const luaL_Reg process_meta[] = {
    {"__index", process_index}, {"__tostring", process_tostring}, {NULL, NULL}};
static const struct rt_class process_class = {
    .name = "nslab.process", .close = process_close, .metamethods = process_meta};

/* The process itself stands where other operations have their options: an observer knows it
 * again. */
static struct process *check_process(lua_State *L, struct rt_op *op, const char *verb)
{
  struct process *p = rt_test(L, 1, &process_class);
  if (p == NULL)
    luaL_typeerror(L, 1, "process (p:verb(...) with a colon)");
  *op = (struct rt_op){.module = "process", .verb = verb, .key = p->command, .options = 1};
  return p;
}

static void end_process(struct process *p)
{
  close_fd(&p->in);
  sandbox_child_close(&p->child, grace_ms());
  close_fd(&p->out);
  bytes_free(&p->buffer);
}

static int process_close(lua_State *L)
{
  struct rt_op op;
  end_process(check_process(L, &op, "close"));
  return 0;
}

static struct process *new_process(lua_State *L, const char *command)
{
  struct process *p = lua_newuserdatauv(L, sizeof *p, 0);
  *p = (struct process){.child = SANDBOX_NO_CHILD, .in = -1, .out = -1};
  snprintf(p->command, sizeof p->command, "%s", command);
  rt_set_class(L, &process_class);
  return p;
}

/* ---- where its input and output go ----------------------------------------------------------- */

/* One of the three, while the program is being started. */
struct stream {
  const char *key, *otherwise; /* option, and what it is when the option is not there */
  int flags;                   /* to open a file with */
  int fd;                      /* the program's */
  bool owned;                  /* to be closed once it has started */
};

enum { STREAMS = 3 };

struct streams {
  struct stream s[STREAMS];
  struct process *unstarted; /* to be closed if it is not started */
};

static int streams_close(lua_State *L)
{
  struct streams *all = lua_touserdata(L, 1);
  for (int i = 0; i < STREAMS; i++) {
    if (all->s[i].owned)
      close(all->s[i].fd);
    all->s[i].owned = false;
  }
  if (all->unstarted)
    end_process(all->unstarted);
  all->unstarted = NULL;
  return 0;
}

static const struct rt_class streams_class = {.name = "nslab.streams", .close = streams_close};

static void open_file(lua_State *L, struct rt_op *op, struct stream *s, const char *path)
{
  s->fd = open(path, s->flags | O_CLOEXEC, 0666);
  if (s->fd < 0)
    rt_raisef(L, op, errno, s->key, NULL, "%s: %s", path, strerror(errno));
  s->owned = true;
}

static void open_pipe(lua_State *L, struct rt_op *op, struct stream *s, int *ret_ours)
{
  int p[2], ours = s->flags == O_RDONLY ? 1 : 0;
  int r = make_pipe(p, ours);
  if (r < 0)
    rt_raise(L, op, &(struct rt_error){.err = -r, .field = s->key});
  *ret_ours = p[ours];
  s->fd = p[!ours];
  s->owned = true;
}

/* "null", "inherit", "pipe", the path of a file (it has a slash), a file of Lua's io library. */
static void open_stream(lua_State *L, struct rt_op *op, struct stream *s, struct process *p)
{
  static const char hint[] = "\"null\", \"inherit\", \"pipe\", \"./FILE\" or an open file.";
  int type = lua_getfield(L, 2, s->key);
  const luaL_Stream *file = luaL_testudata(L, -1, LUA_FILEHANDLE);
  const char *what = type == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  if (type == LUA_TNIL)
    what = s->otherwise;
  int *ours = strcmp(s->key, "stdin") == 0    ? &p->in
              : strcmp(s->key, "stdout") == 0 ? &p->out
                                              : NULL;
  if (file && file->closef) {
    fflush(file->f);
    s->fd = fileno(file->f);
  } else if (what == NULL) {
    rt_raisef(L, op, EINVAL, s->key, hint, "not %s", rt_typename(L, -1));
  } else if (strchr(what, '/')) {
    open_file(L, op, s, what);
  } else if (strcmp(what, "null") == 0) {
    open_file(L, op, s, "/dev/null");
  } else if (strcmp(what, "pipe") == 0 && ours) {
    open_pipe(L, op, s, ours);
  } else if (strcmp(what, "inherit") != 0) {
    rt_raisef(L, op, EINVAL, s->key, hint, "\"%s\" is not known here", what);
  }
  lua_pop(L, 1);
}

/* stderr = "stdout" is the shell's 2>&1. */
static bool joins_stdout(lua_State *L)
{
  lua_getfield(L, 2, "stderr");
  bool ret = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "stdout") == 0;
  lua_pop(L, 1);
  return ret;
}

static struct streams *open_streams(lua_State *L, struct rt_op *op, struct process *p,
                                    struct process_request *r)
{
  const char *terminal = r->command.terminal ? "inherit" : NULL;
  struct streams *all = lua_newuserdatauv(L, sizeof *all, 0);
  *all = (struct streams){
      {{"stdin", terminal ? terminal : "null", O_RDONLY, -1, false},
       {"stdout", terminal ? terminal : "null", O_WRONLY | O_CREAT | O_TRUNC, -1, false},
       {"stderr", "inherit", O_WRONLY | O_CREAT | O_TRUNC, -1, false}},
      p};
  rt_set_class(L, &streams_class);
  lua_toclose(L, -1);
  bool joined = joins_stdout(L);
  for (int i = 0; i < (joined ? 2 : 3); i++)
    open_stream(L, op, &all->s[i], p);
  r->command.in = all->s[0].fd;
  r->command.out = all->s[1].fd;
  r->command.err = !joined ? all->s[2].fd : r->command.out >= 0 ? r->command.out : STDOUT_FILENO;
  return all;
}

static int process_spawn(lua_State *L)
{
  static const char *const keys[] = {"stdin", "stdout", "stderr",   "cwd", "env",
                                     "pid",   "mount",  "terminal", NULL};
  struct rt_op op = {.module = "netns", .verb = "spawn", .netns = netns_name(L, 1)};
  struct process_request r;
  struct sandbox_start_error e;
  process_read(L, &op, keys, &r);
  r.command.terminal = rt_opt_boolean(L, &op, 2, "terminal", false);
  r.command.session = !r.command.terminal;
  rt_op_begin(L, &op);
  r.command.netns = netns_of_self(L, &op, 1);
  barrier_wait();
  struct process *p = new_process(L, op.key);
  int box = lua_gettop(L);
  struct streams *streams = open_streams(L, &op, p, &r);
  fflush(NULL); /* or what was printed before would come after what the program prints */
  if (sandbox_child_start(&r.command, &p->child, &e) < 0)
    process_raise(L, &op, &r, &e);
  streams->unstarted = NULL;
  p->pid = p->child.pid;
  rt_op_end(L, &op, box);
  lua_pushvalue(L, box);
  return 1;
}

/* ---- what can be asked of a process ---------------------------------------------------------- */

static int status_tostring(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  if (lua_getfield(L, 1, "signal") == LUA_TSTRING)
    lua_pushfstring(L, "ended by SIG%s", lua_tostring(L, -1));
  else if (lua_getfield(L, 1, "code") == LUA_TNUMBER)
    lua_pushfstring(L, "ended with %d", (int)lua_tointeger(L, -1));
  return 1;
}

static void push_status(lua_State *L, const struct process *p)
{
  lua_createtable(L, 0, 2);
  process_set_status(L, p->child.status);
  if (luaL_newmetatable(L, "nslab.status")) {
    lua_pushcfunction(L, status_tostring);
    lua_setfield(L, -2, "__tostring");
  }
  lua_setmetatable(L, -2);
}

/* The timeout at idx; -1 when there is none. */
static int timeout_at(lua_State *L, struct rt_op *op, int idx)
{
  int ok;
  if (lua_isnoneornil(L, idx))
    return -1;
  lua_Integer ms = lua_tointegerx(L, idx, &ok);
  if (!ok || ms < 0 || ms > INT_MAX)
    rt_raisef(L, op, EINVAL, "timeout_ms", NULL, "milliseconds are needed, not %s",
              rt_shown(L, idx));
  return (int)ms;
}

static int process_wait(lua_State *L)
{
  struct rt_op op;
  struct process *p = check_process(L, &op, "wait");
  int r = sandbox_child_wait(&p->child, timeout_at(L, &op, 2), &rt_interrupted);
  rt_check_interrupt(L, &op);
  if (r < 0)
    rt_raise(L, &op, &(struct rt_error){.err = -r});
  if (r > 0) {
    push_status(L, p);
    return 1;
  }
  lua_pushnil(L);
  lua_pushliteral(L, "timeout");
  return 2;
}

static int process_kill(lua_State *L)
{
  struct rt_op op;
  struct process *p = check_process(L, &op, "kill");
  int sig = lua_isnoneornil(L, 2) ? SIGTERM : process_signal(L, &op, 2);
  char command[64];
  snprintf(command, sizeof command, "kill -%d -%ld", sig, (long)p->pid);
  op.command = command;
  rt_op_begin(L, &op);
  sandbox_child_wait(&p->child, 0, NULL);
  int r = sandbox_child_kill(&p->child, sig);
  if (r < 0 && r != -ESRCH)
    rt_raise(L, &op, &(struct rt_error){.err = -r});
  lua_pushboolean(L, r == 0);
  rt_op_end(L, &op, -1);
  return 1;
}

static _Noreturn void no_pipe(lua_State *L, struct rt_op *op, const char *stream)
{
  rt_raisef(L, op, EBADF, stream, NULL, "it is no pipe, or was closed: spawn{ ..., %s = \"pipe\" }",
            stream);
}

static int process_write(lua_State *L)
{
  struct rt_op op;
  struct process *p = check_process(L, &op, "write");
  size_t len;
  const char *text = luaL_checklstring(L, 2, &len);
  while (len > 0) {
    struct pollfd w = {.fd = p->in, .events = POLLOUT};
    if (p->in < 0)
      no_pipe(L, &op, "stdin");
    ssize_t n = sandbox_poll(&w, 1, -1, &rt_interrupted);
    if (n > 0)
      n = write_quietly(p->in, text, len);
    rt_check_interrupt(L, &op);
    if (n < 0 && n != -EAGAIN)
      rt_raise(L, &op, &(struct rt_error){.err = (int)-n, .field = "stdin"});
    if (n > 0) {
      text += n;
      len -= (size_t)n;
    }
  }
  lua_pushvalue(L, 1);
  return 1;
}

static int process_close_stdin(lua_State *L)
{
  struct rt_op op;
  close_fd(&check_process(L, &op, "close_stdin")->in);
  return 0;
}

/* ---- reading its output ---------------------------------------------------------------------- */

/* How many of the bytes there satisfy what was asked for, and how many of those are given; 0 while
 * more have to come. max 0: a line; SIZE_MAX: all. */
static size_t enough(const struct bytes *b, size_t max, bool at_end, size_t *ret_given)
{
  const char *newline = max == 0 && b->len ? memchr(b->at, '\n', b->len) : NULL;
  size_t taken = newline ? (size_t)(newline - b->at) + 1 : 0;
  if (max > 0 && max < SIZE_MAX)
    taken = b->len < max ? b->len : max;
  if (at_end && taken == 0)
    taken = b->len;
  *ret_given = taken - (newline != NULL);
  return taken;
}

/* What was asked for at idx: "l" (default), "a", or at most so many bytes. */
static size_t amount_at(lua_State *L, struct rt_op *op, int idx)
{
  const char *what = lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx) : "";
  if (lua_isnoneornil(L, idx) || strcmp(what, "l") == 0)
    return 0;
  if (strcmp(what, "a") == 0)
    return SIZE_MAX;
  if (lua_isinteger(L, idx) && lua_tointeger(L, idx) > 0)
    return (size_t)lua_tointeger(L, idx);
  rt_raisef(L, op, EINVAL, NULL, NULL, "\"l\", \"a\" or a number of bytes is needed");
}

/* Pushes what was asked for; nil at the end, nil and "timeout" when it did not come in time. */
static int read_output(lua_State *L, struct rt_op *op, struct process *p, size_t max,
                       int timeout_ms)
{
  int64_t deadline = modules_now_ms() + timeout_ms;
  size_t taken, given;
  while ((taken = enough(&p->buffer, max, p->out < 0, &given)) == 0 && p->out >= 0) {
    struct pollfd r = {.fd = p->out, .events = POLLIN};
    int64_t left = timeout_ms < 0 ? -1 : deadline - modules_now_ms();
    ssize_t n = sandbox_poll(&r, 1, timeout_ms >= 0 && left < 0 ? 0 : (int)left, &rt_interrupted);
    rt_check_interrupt(L, op);
    if (n == 0) {
      lua_pushnil(L);
      lua_pushliteral(L, "timeout");
      return 2;
    }
    if (n > 0)
      n = bytes_read(&p->buffer, p->out);
    if (n == 0)
      close_fd(&p->out);
    else if (n < 0 && n != -EAGAIN)
      rt_raise(L, op, &(struct rt_error){.err = (int)-n, .field = "stdout"});
  }
  if (taken == 0 && max < SIZE_MAX) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushlstring(L, taken ? p->buffer.at : "", given);
  bytes_drop(&p->buffer, taken);
  return 1;
}

static int process_read_output(lua_State *L)
{
  struct rt_op op;
  struct process *p = check_process(L, &op, "read");
  size_t max = amount_at(L, &op, 2);
  int timeout_ms = timeout_at(L, &op, 3);
  rt_op_begin(L, &op);
  if (p->out < 0 && p->buffer.at == NULL)
    no_pipe(L, &op, "stdout");
  int n = read_output(L, &op, p, max, timeout_ms);
  rt_op_end(L, &op, -n);
  return n;
}

static int next_line(lua_State *L)
{
  lua_settop(L, 1);
  return process_read_output(L);
}

static int process_lines(lua_State *L)
{
  struct rt_op op;
  struct process *p = check_process(L, &op, "lines");
  if (p->out < 0 && p->buffer.at == NULL)
    no_pipe(L, &op, "stdout");
  lua_pushcfunction(L, next_line);
  lua_pushvalue(L, 1);
  return 2;
}

/* ---- rows ------------------------------------------------------------------------------------ */

#define PROCESS "netns.Process"
#define STATUS "{ code: integer, signal?: string }"

const struct rt_func process_value_methods[] = {
    {.name = "wait",
     .fn = process_wait,
     .doc = "Waits for its end. `code` is its exit status, or 128 and the number of the signal "
            "that ended it, whose name is then in `signal`.",
     .params = {{"timeout_ms?", "integer", "without it, as long as it takes"}},
     .returns = {{"status", STATUS "?", "nil when it has not ended in time"},
                 {"why", "string?", "then \"timeout\""}},
     .errors = "EINTR the script was interrupted",
     .example = "local p <close> = netns.host:spawn{ \"true\" }\nassert(p:wait().code == 0)"},
    {.name = "kill",
     .fn = process_kill,
     .doc = "Sends a signal to it and to all of its process group.",
     .params = {{"signal?", "string|integer", "\"TERM\" without it"}},
     .returns = {{"sent", "boolean", "false when it has ended already"}},
     .errors = "EINVAL there is no such signal",
     .example = "local p <close> = netns.host:spawn{ \"sleep\", 60 }\np:kill \"KILL\"\n"
                "assert(p:wait().signal == \"KILL\")",
     .source = "signal(7)"},
    {.name = "read",
     .fn = process_read_output,
     .doc = "Reads from its standard output, which has to be a pipe.",
     .params = {{"what?", "\"l\"|\"a\"|integer",
                 "a line without its end (so without it), all there is to come, or at most so many "
                 "bytes"},
                {"timeout_ms?", "integer", "without it, as long as it takes"}},
     .returns = {{"text", "string?", "nil at the end, or when it did not come in time"},
                 {"why", "string?", "then \"timeout\""}},
     .errors = "EBADF its output is no pipe",
     .example = "local p <close> = netns.host:spawn{ \"echo\", \"ready\", stdout = \"pipe\" }\n"
                "assert(p:read(\"l\", 5000) == \"ready\")"},
    {.name = "lines",
     .fn = process_lines,
     .doc = "The lines of its standard output, which has to be a pipe, for a generic for.",
     .returns = {{"next", "fun(): string?", "the iterator"}},
     .errors = "EBADF its output is no pipe",
     .example = "local p <close> = netns.host:spawn{ \"seq\", 3, stdout = \"pipe\" }\n"
                "for line in p:lines() do print(line) end"},
    {.name = "write",
     .fn = process_write,
     .doc = "Writes to its standard input, which has to be a pipe.",
     .params = {{"text", "string", "the bytes"}},
     .returns = {{"process", PROCESS, "itself"}},
     .errors = "EBADF its input is no pipe\nEPIPE nobody reads it any more",
     .example =
         "local p <close> = netns.host:spawn{ \"cat\", stdin = \"pipe\", stdout = \"pipe\" }\n"
         "p:write \"hello\\n\"\nassert(p:read() == \"hello\")"},
    {.name = "close_stdin",
     .fn = process_close_stdin,
     .doc = "Closes the pipe to its standard input, so that it reads the end of it.",
     .example = "local p <close> = netns.host:spawn{ \"cat\", stdin = \"pipe\" }\n"
                "p:close_stdin()\nassert(p:wait(5000).code == 0)"},
    {.name = "close",
     .fn = process_close,
     .doc = "Ends it: SIGTERM, and SIGKILL for it and its whole group 0.7 s later. A variable "
            "declared <close> does that by itself; safe twice.",
     .example = "local p = netns.host:spawn{ \"sleep\", 60 }\np:close()\nassert(not p.running)"},
    {.name = NULL}};

#define EXEC_WORDS                                                                                 \
  "string|{ [integer]: string|number, stdin?: string, cwd?: string, env?: table<string, "          \
  "string|number|false>, timeout_ms?: integer, check?: boolean, pid?: boolean, mount?: boolean }"
#define SPAWN_WORDS                                                                                \
  "string|{ [integer]: string|number, stdin?: string|file*, stdout?: string|file*, stderr?: "      \
  "string|file*, cwd?: string, env?: table<string, string|number|false>, pid?: boolean, mount?: "  \
  "boolean, terminal?: boolean }"

const struct rt_func process_methods[] = {
    {.name = "exec",
     .fn = process_exec,
     .doc =
         "Runs a program in the namespace to its end and collects what it says. A string goes to "
         "the shell. `stdin` is text for it to read; `check` makes a failure raise; after "
         "`timeout_ms` it is ended; `env` changes variables (false removes one); `pid` and "
         "`mount` give it namespaces of its own, as in spawn. What it leaves in the background "
         "goes on.",
     .params = {{"words", EXEC_WORDS, "the program, its arguments, and options"}},
     .returns = {{"result",
                  "{ code: integer, signal?: string, stdout: string, stderr: string, timed_out?: "
                  "boolean }",
                  "printing it prints stdout"}},
     .errors = "ENOENT there is no such program, or no such namespace\nEACCES it may not be run\n"
               "ECHILD it failed, with check\nETIMEDOUT it took too long, with check\n"
               "EINTR the script was interrupted",
     .example = "local red = netns.add \"red\"\n"
                "print(red:exec{ \"ip\", \"-brief\", \"link\", check = true })",
     .source = "ip-netns(8)"},
    {.name = "spawn",
     .fn = process_spawn,
     .doc = "Starts a program in the namespace and returns a value that owns it: when that is "
            "closed or collected, the program ends. It has `pid`, `running`, `command`, and "
            "`code` and `signal` once it has ended. stdin, stdout and stderr are \"null\", "
            "\"inherit\", \"pipe\", a path with a slash or an open file; without them the first "
            "two are \"null\" and stderr is ours. stderr = \"stdout\" joins the two. With `pid` it "
            "is PID 1 of a PID namespace (pid_inside is 1) and has its own /proc; with `mount` "
            "what it mounts is its own. `terminal` puts it in front of our terminal, for a shell.",
     .params = {{"words", SPAWN_WORDS, "the program, its arguments, and options"}},
     .returns = {{"process", PROCESS, "close it, or declare it <close>"}},
     .errors = "ENOENT there is no such program, or no such namespace\nEACCES it may not be run",
     .example = "local red = netns.add \"red\"\n"
                "local p <close> = red:spawn{ \"sleep\", 60, pid = true }\n"
                "print(p, p.pid, p.pid_inside)",
     .source = "pid_namespaces(7)"},
    {.name = NULL}};

/* ---- fields ---------------------------------------------------------------------------------- */

static int push_field(lua_State *L, struct process *p, const char *key)
{
  if (strcmp(key, "pid") == 0) {
    lua_pushinteger(L, p->pid);
  } else if (strcmp(key, "command") == 0) {
    lua_pushstring(L, p->command);
  } else if (strcmp(key, "pid_inside") == 0 && p->child.pid1) {
    lua_pushinteger(L, 1);
  } else if (strcmp(key, "running") == 0) {
    lua_pushboolean(L, sandbox_child_wait(&p->child, 0, NULL) == 0);
  } else if ((strcmp(key, "code") == 0 || strcmp(key, "signal") == 0) &&
             sandbox_child_wait(&p->child, 0, NULL) == 1) {
    push_status(L, p);
    lua_getfield(L, -1, key);
  } else {
    return 0;
  }
  return 1;
}

static int process_index(lua_State *L)
{
  static const struct rt_func *const lists[] = {process_value_methods, NULL};
  struct rt_op op;
  struct process *p = check_process(L, &op, "index");
  if (lua_type(L, 2) != LUA_TSTRING)
    return 0;
  const struct rt_func *method = rt_func_of(lists, lua_tostring(L, 2));
  if (method == NULL)
    return push_field(L, p, lua_tostring(L, 2));
  lua_pushcfunction(L, method->fn);
  return 1;
}

static int process_tostring(lua_State *L)
{
  struct rt_op op;
  struct process *p = check_process(L, &op, "tostring");
  lua_pushfstring(L, "%s (pid %d", p->command, (int)p->pid);
  if (p->child.pid1)
    lua_pushliteral(L, ", 1 inside");
  else
    lua_pushliteral(L, "");
  if (sandbox_child_wait(&p->child, 0, NULL) == 1) {
    lua_pushliteral(L, ", ");
    push_status(L, p);
    luaL_tolstring(L, -1, NULL);
    lua_remove(L, -2);
  } else {
    lua_pushliteral(L, "");
    lua_pushliteral(L, "");
  }
  lua_pushliteral(L, ")");
  lua_concat(L, 5);
  return 1;
}
