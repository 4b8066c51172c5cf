/* sandbox_floor: what the kernel alone takes for a sandbox. The same namespaces, the same two forks
 * and the same mounts as core/sandbox makes, in straight-line C that checks nothing but success. */
#pragma once
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define QUIET (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static void must(int ok, const char *what)
{
  if (ok)
    return;
  perror(what);
  exit(1);
}

static void put(const char *path, const char *text)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  must(fd >= 0 && write(fd, text, strlen(text)) >= 0, path);
  close(fd);
}

static void bind_to(const char *source, const char *target, const char *type, unsigned long flags,
                    const char *data)
{
  must(mount(source, target, type, flags, data) == 0, target ? target : source);
}

static void file_systems(int user)
{
  bind_to(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
  bind_to("proc", "/proc", "proc", QUIET, NULL);
  bind_to("sysfs", "/sys", "sysfs", QUIET, NULL);
  bind_to("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755");
  mkdir("/run/netns", 0755);
  mkdir("/run/lock", 0755);
  mkdir("/run/.nslab", 0755);
  mkdir("/run/.nslab/etc", 0755);
  mkdir("/run/.nslab/work", 0755);
  bind_to("/run/netns", "/run/netns", NULL, MS_BIND, NULL);
  bind_to(NULL, "/run/netns", NULL, MS_SHARED, NULL);
  put("/run/.nslab/etc/hosts", "127.0.0.1 localhost host\n");
  put("/run/.nslab/etc/resolv.conf", "options timeout:1 attempts:1\n");
  bind_to("overlay", "/etc", "overlay", 0,
          "lowerdir=/etc,upperdir=/run/.nslab/etc,workdir=/run/.nslab/work,userxattr");
  if (user)
    return;
  bind_to("/proc/sys", "/proc/sys", NULL, MS_BIND, NULL);
  bind_to("/proc/sys/net", "/proc/sys/net", NULL, MS_BIND, NULL);
  bind_to(NULL, "/proc/sys", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | QUIET, NULL);
}

static _Noreturn void init(int (*body)(void), int user, uid_t uid, gid_t gid)
{
  char map[32];
  if (user) {
    put("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "0 %u 1", uid);
    put("/proc/self/uid_map", map);
    snprintf(map, sizeof map, "0 %u 1", gid);
    put("/proc/self/gid_map", map);
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  file_systems(user);
  must(sethostname("host", 4) == 0, "host name");
  struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), status;
  must(ioctl(s, SIOCSIFFLAGS, &r) == 0, "lo");
  close(s);
  pid_t pid = fork();
  if (pid == 0)
    _exit(body());
  must(waitpid(pid, &status, 0) == pid && status == 0, "body");
  _exit(0);
}

/* Runs body in a sandbox and returns the exit status. */
static int in_sandbox(int (*body)(void))
{
  uid_t uid = geteuid();
  gid_t gid = getegid();
  int user = uid != 0, status;
  long flags = SIGCHLD | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC |
               (user ? CLONE_NEWUSER : 0);
  pid_t pid = (pid_t)syscall(SYS_clone, flags, 0, NULL, NULL, 0);
  must(pid >= 0, "clone");
  if (pid == 0)
    init(body, user, uid, gid);
  must(waitpid(pid, &status, 0) == pid, "wait");
  return WEXITSTATUS(status);
}
