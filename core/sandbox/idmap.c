/* idmap: who is who in the user namespace of a sandbox. The single-id map (0 inside is the caller
 * outside) is written by init itself and costs three small files. The full map takes newuidmap and
 * a range in /etc/subuid and costs more than all the rest of the sandbox; some daemons need it. */
#include "sandbox/parts.h"
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IDS_WANTED = 65535 };

static int write_file(const char *path, const char *text)
{
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  int r = write(fd, text, strlen(text)) < 0 ? -errno : 0;
  close(fd);
  return r;
}

int sandbox_map_self(const struct sandbox_plan *plan, struct sandbox_start_error *e)
{
  char map[32];
  int r = write_file("/proc/self/setgroups", "deny"); /* before that the kernel takes no gid_map */
  if (r == 0 || r == -ENOENT) {
    snprintf(map, sizeof map, "0 %u 1", plan->uid);
    r = write_file("/proc/self/uid_map", map);
  }
  if (r == 0) {
    snprintf(map, sizeof map, "0 %u 1", plan->gid);
    r = write_file("/proc/self/gid_map", map);
  }
  errno = -r;
  return r < 0 ? sandbox_fail(e, "map the user") : 0;
}

/* ---- the full map ---------------------------------------------------------------------------- */

struct range {
  unsigned long start, count;
};

/* The first range of the user in /etc/subuid or /etc/subgid: lines of NAME-OR-UID:START:COUNT. */
static bool find_range(const char *file, uid_t uid, struct range *ret)
{
  char line[512], who[256], number[16];
  const struct passwd *pw = getpwuid(uid);
  bool found = false;
  FILE *f = fopen(file, "re");
  if (f == NULL)
    return false;
  snprintf(number, sizeof number, "%u", uid);
  while (!found && fgets(line, sizeof line, f))
    found = sscanf(line, "%255[^:]:%lu:%lu", who, &ret->start, &ret->count) == 3 &&
            ret->count > 0 && (strcmp(who, number) == 0 || (pw && strcmp(who, pw->pw_name) == 0));
  fclose(f);
  if (found && ret->count > IDS_WANTED)
    ret->count = IDS_WANTED;
  return found;
}

/* Runs newuidmap PID 0 ID 1 1 START COUNT. Its own words about a failure stay on standard error. */
static int run_mapper(const char *program, pid_t init, unsigned id, const struct range *range)
{
  char text[5][24];
  int status;
  snprintf(text[0], sizeof text[0], "%d", init);
  snprintf(text[1], sizeof text[1], "%u", id);
  snprintf(text[2], sizeof text[2], "%lu", range->start);
  snprintf(text[3], sizeof text[3], "%lu", range->count);
  const char *argv[] = {program, text[0], "0", text[1], "1", "1", text[2], text[3], NULL};
  struct sandbox_command c = {.argv = argv, .netns = -1, .in = -1, .out = -1, .err = -1};
  struct sandbox_start_error why;
  pid_t pid;
  int r = sandbox_spawn(&c, &pid, &why);
  if (r < 0)
    return r;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR)
      return -errno;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPERM;
}

int sandbox_map_full(const struct sandbox_plan *plan, pid_t init, struct sandbox_start_error *e)
{
  struct range uids, gids;
  if (!find_range("/etc/subuid", plan->uid, &uids) ||
      !find_range("/etc/subgid", plan->uid, &gids)) {
    errno = ENODATA;
    return sandbox_fail(e, "find a range of ids");
  }
  int r = run_mapper("newuidmap", init, plan->uid, &uids);
  if (r == 0)
    r = run_mapper("newgidmap", init, plan->gid, &gids);
  errno = -r;
  return r < 0 ? sandbox_fail(e, "map a range of ids") : 0;
}
