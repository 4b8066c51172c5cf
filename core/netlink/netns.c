/* netns: names of namespaces, and the one place where a thread changes the namespace it is in.
 * Making the files in /run/netns is not done here. */
#include "netlink/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* Where a thread is. It lies in a page that a child process finds wiped: a sandbox is cloned into
 * namespaces of its own, and the home of its parent would be a way out of it. */
struct place {
  bool known;
  int home; /* the namespace the thread was in before its first change */
  int here; /* what the innermost nl_netns_do has entered: its caller's descriptor, or home */
};
static _Thread_local struct place *place;

/* NULL and errno when there is no such page. */
static struct place *make_place(void)
{
  void *page =
      mmap(NULL, sizeof *place, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED)
    return NULL;
  if (madvise(page, sizeof *place, MADV_WIPEONFORK) == 0)
    return page;
  int err = errno;
  munmap(page, sizeof *place);
  errno = err;
  return NULL;
}

/* Opens the thread's namespace if that was not done yet in this process. */
static int find_home(void)
{
  if (!place && !(place = make_place()))
    return -errno;
  if (place->known)
    return 0;
  int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  *place = (struct place){.known = true, .home = fd, .here = fd};
  return 0;
}

/* Going on in the wrong namespace would change the machine instead of the lab. */
static void leave_for(int netns)
{
  if (setns(netns, CLONE_NEWNET) == 0)
    return;
  fprintf(stderr, "nslab: cannot leave a network namespace: %s\n", strerror(errno));
  abort();
}

int nl_netns_do(int netns, int (*fn)(void *), void *arg)
{
  if (netns == NL_HERE)
    return fn(arg);
  int r = find_home();
  if (r < 0)
    return r;
  if (setns(netns, CLONE_NEWNET) < 0)
    return -errno;
  int before = place->here;
  place->here = netns;
  r = fn(arg);
  leave_for(before);
  place->here = before;
  return r;
}

int nl_netns_do_new(int (*fn)(void *), void *arg)
{
  int r = find_home();
  if (r < 0)
    return r;
  if (unshare(CLONE_NEWNET) < 0)
    return -errno;
  int fresh = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  int before = place->here;
  if (fresh < 0) {
    r = -errno;
  } else {
    place->here = fresh;
    r = fn(arg);
  }
  leave_for(before);
  place->here = before;
  if (fresh >= 0)
    close(fresh);
  return r;
}

int nl_netns_check_name(const char *name)
{
  size_t len = strlen(name);
  if (len > NAME_MAX)
    return -ENAMETOOLONG;
  if (len == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
    return -EINVAL;
  for (const char *c = name; *c; c++)
    if (*c == '/' || (unsigned char)*c < ' ' || *c == 0x7f)
      return -EINVAL;
  return 0;
}

int nl_netns_open(const char *name)
{
  int r = nl_netns_check_name(name);
  if (r < 0)
    return r;
  char path[sizeof NL_NETNS_DIR + 1 + NAME_MAX];
  snprintf(path, sizeof path, "%s/%s", NL_NETNS_DIR, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  if (nl_netns_is(fd))
    return fd;
  close(fd); /* the file is left when another mount namespace has let go of it */
  return -EINVAL;
}

bool nl_netns_is(int fd)
{
  return ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET;
}
