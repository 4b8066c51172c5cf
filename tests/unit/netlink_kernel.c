/* netlink against the running kernel, in namespaces of its own. What the kernel did is read from
 * /proc, not from our own answers. */
#include "netlink/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netlink_test.h"

static struct nl_sock sock;
static struct nl_answer answer;
static _Alignas(8) char request_bytes[512];

static struct nlmsghdr *begin(uint16_t type, uint16_t flags)
{
  memset(request_bytes, 0, sizeof request_bytes);
  struct nlmsghdr *h = mnl_nlmsg_put_header(request_bytes);
  h->nlmsg_type = type;
  h->nlmsg_flags = flags;
  return h;
}

static struct nlmsghdr *link_request(uint16_t type, uint16_t flags, int index)
{
  struct nlmsghdr *h = begin(type, flags);
  struct ifinfomsg *i = mnl_nlmsg_put_extra_header(h, sizeof *i);
  i->ifi_index = index;
  return h;
}

static struct nlmsghdr *new_bridge(const char *name)
{
  struct nlmsghdr *h = link_request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
  mnl_attr_put_strz(h, IFLA_IFNAME, name);
  struct nlattr *info = mnl_attr_nest_start(h, IFLA_LINKINFO);
  mnl_attr_put_str(h, IFLA_INFO_KIND, "bridge");
  mnl_attr_nest_end(h, info);
  return h;
}

/* 2001:db8::N on lo, with N as a number of 16 bits. */
static struct nlmsghdr *new_address(uint32_t number)
{
  struct nlmsghdr *h = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
  struct ifaddrmsg *a = mnl_nlmsg_put_extra_header(h, sizeof *a);
  a->ifa_family = AF_INET6;
  a->ifa_prefixlen = 128;
  a->ifa_index = 1;
  unsigned char bytes[16] = {0x20, 0x01, 0x0d, 0xb8};
  bytes[14] = (unsigned char)(number >> 8);
  bytes[15] = (unsigned char)number;
  mnl_attr_put(h, IFA_LOCAL, sizeof bytes, bytes);
  return h;
}

/* How often `word` stands in a file. */
static int count_in(const char *path, const char *word)
{
  FILE *f = fopen(path, "re");
  char line[512];
  int n = 0;
  while (f && fgets(line, sizeof line, f))
    n += strstr(line, word) != NULL;
  if (f)
    fclose(f);
  return n;
}

/* The identity of the namespace that the thread is in, asked of the system. */
static ino_t where(void)
{
  struct stat st;
  return stat("/proc/thread-self/ns/net", &st) < 0 ? 0 : st.st_ino;
}

/* ---- namespaces ------------------------------------------------------------------------------ */

static int keep(void *ret_fd)
{
  *(int *)ret_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  return 0;
}

static int new_netns(void)
{
  int fd = -1;
  return nl_netns_do_new(keep, &fd) < 0 ? -1 : fd;
}

static ino_t inode(int fd)
{
  struct stat st;
  return fstat(fd, &st) < 0 ? 0 : st.st_ino;
}

struct visit {
  int inner; /* the namespace to go to from here, or NL_HERE */
  ino_t seen, deeper, back;
};

static int look(void *arg)
{
  *(ino_t *)arg = where();
  return 17;
}

static int look_deeper(void *arg)
{
  struct visit *v = arg;
  v->seen = where();
  int r = nl_netns_do(v->inner, look, &v->deeper);
  v->back = where();
  return r;
}

static void test_do(void)
{
  int red = new_netns(), blue = new_netns();
  ino_t home = where();
  ok(red >= 0 && blue >= 0 && inode(red) != inode(blue) && inode(red) != home,
     "two namespaces are made, and we are in neither");
  ino_t seen = 0;
  is(nl_netns_do(red, look, &seen), 17, "what the function returns is returned");
  ok(seen == inode(red) && where() == home, "it ran inside, and we are home");
  is(nl_netns_do(NL_HERE, look, &seen), 17, "NL_HERE only calls");
  ok(seen == home, "where we are");

  struct visit v = {.inner = blue};
  is(nl_netns_do(red, look_deeper, &v), 17, "a visit within a visit");
  ok(v.seen == inode(red) && v.deeper == inode(blue) && v.back == inode(red) && where() == home,
     "leads back step by step");
  v = (struct visit){.inner = NL_HERE};
  ok(nl_netns_do(red, look_deeper, &v) == 17 && v.deeper == inode(red),
     "NL_HERE within a visit is the place of the visit");
  v = (struct visit){.inner = red};
  ok(nl_netns_do_new(look_deeper, &v) == 17 && v.seen != home && v.deeper == inode(red) &&
         v.back == v.seen && where() == home,
     "a visit from a namespace that was just made");

  int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  seen = 0;
  is(nl_netns_do(file, look, &seen), -EINVAL, "a descriptor that is no namespace");
  is(nl_netns_do(12345, look, &seen), -EBADF, "a number that is no descriptor");
  ok(seen == 0 && where() == home, "then nothing was called");
  close(file);
  close(red);
  close(blue);
}

/* In a child of a child: whoever forks later has another home, although it has inherited ours. */
static int in_other_home(void *arg)
{
  int red = *(int *)arg;
  if (unshare(CLONE_NEWNET) < 0)
    return 2;
  ino_t home = where(), seen = 0;
  int r = nl_netns_do(red, look, &seen);
  return r == 17 && seen == inode(red) && where() == home ? 0 : 1;
}

static int wait_status(pid_t pid)
{
  int status = -1;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    ;
  return status;
}

static void test_fork(void)
{
  int red = new_netns();
  pid_t pid = fork();
  if (pid == 0)
    _exit(in_other_home(&red));
  is(wait_status(pid), 0, "a child that was forked and moved comes back to its own namespace");
  close(red);
}

/* Takes away what setns needs, so that the way back is closed. */
static int lose_privilege(void *arg)
{
  (void)arg;
  struct {
    uint32_t version;
    int pid;
  } head = {0x20080522, 0};
  uint32_t data[6] = {0};
  return (int)syscall(SYS_capset, &head, data);
}

static void test_no_way_back(void)
{
  int red = new_netns();
  pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_DUMPABLE, 0);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0});
    if (!freopen("/dev/null", "w", stderr))
      _exit(3);
    _exit(nl_netns_do(red, lose_privilege, NULL) < 0 ? 2 : 0);
  }
  int status = wait_status(pid);
  ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "a process that cannot leave is aborted");
  close(red);
}

static const struct {
  const char *name;
  int r;
} names[] = {
    {"red", 0},         {"a", 0},          {"web-1.example", 0}, {"-", 0},
    {"...", 0},         {"..a", 0},        {".hidden", 0},       {"with space", 0},
    {"gr\xc3\xbcn", 0}, {"", -EINVAL},     {".", -EINVAL},       {"..", -EINVAL},
    {"/", -EINVAL},     {"a/b", -EINVAL},  {"../red", -EINVAL},  {"/run/netns/red", -EINVAL},
    {"red/", -EINVAL},  {"a\nb", -EINVAL}, {"a\tb", -EINVAL},    {"\x1b[31m", -EINVAL},
    {"a\x7f", -EINVAL},
};

static void test_names(void)
{
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    int r = nl_netns_check_name(names[i].name);
    ok(r == names[i].r, "name %zu of the table: %d", i, r);
  }
  char longest[257];
  memset(longest, 'n', sizeof longest);
  longest[256] = '\0';
  is(nl_netns_check_name(longest), -ENAMETOOLONG, "a name of 256 bytes");
  is(nl_netns_open(longest), -ENAMETOOLONG, "is not opened either");
  longest[255] = '\0';
  is(nl_netns_check_name(longest), 0, "a name of 255 bytes");
}

static int bind_here(void *path)
{
  return mount("/proc/thread-self/ns/net", path, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

static void test_open(void)
{
  is(nl_netns_open("red"), -ENOENT, "a namespace that is not there");
  is(nl_netns_open("../netns"), -EINVAL, "a name that leads out of the directory");
  char path[] = NL_NETNS_DIR "/red";
  int fd = open(path, O_CREAT | O_EXCL | O_CLOEXEC, 0444);
  close(fd);
  ino_t seen = 0;
  is(nl_netns_open("red"), -EINVAL, "a file that was left over is none");
  is(nl_netns_do_new(bind_here, path), 0, "a namespace is bound to its file");
  int red = nl_netns_open("red");
  ok(red >= 0 && nl_netns_do(red, look, &seen) == 17 && seen == inode(red) && seen != where(),
     "and entered by its name");
  ok(fcntl(red, F_GETFD) & FD_CLOEXEC, "the descriptor is not for programs that we start");
  close(red);
  umount2(path, MNT_DETACH);
  unlink(path);
}

/* ---- requests -------------------------------------------------------------------------------- */

static int count_links(void *ret)
{
  *(int *)ret = count_in("/proc/thread-self/net/dev", ":");
  return 0;
}

static void test_requests(int red)
{
  int before = count_descriptors();
  is(nl_open(&sock, red, NETLINK_ROUTE), 0, "a socket is opened in a namespace");
  ok(fcntl(sock.fd, F_GETFD) & FD_CLOEXEC, "that no program which we start inherits");
  is(nl_request(&sock, new_bridge("br0"), &answer), 0, "a bridge is made");
  int links = 0, home_bridges = count_in("/proc/net/dev", "br0:");
  ok(nl_netns_do(red, count_links, &links) == 0 && links == 2 && home_bridges == 0,
     "in that namespace");
  is(nl_request(&sock, new_bridge("br0"), &answer), -EEXIST, "a second one of the name is refused");
  is(nl_request(&sock, link_request(RTM_NEWLINK, 0, 4711), &answer), -ENODEV, "no such link");
  struct nlmsghdr *h = new_bridge("a-name-that-is-too-long");
  int r = nl_request(&sock, h, &answer);
  ok(r < 0 && answer.offset == sizeof *h + sizeof(struct ifinfomsg),
     "a bad attribute is named by its place: %d, %u", r, answer.offset);
  ok(answer.text[0] != '\0', "in words: %s", answer.text);

  const struct nlmsghdr *msg;
  r = nl_get(&sock, link_request(RTM_GETLINK, 0, 1), &msg, &answer);
  ok(r == 0 && msg && msg->nlmsg_type == RTM_NEWLINK &&
         ((struct ifinfomsg *)mnl_nlmsg_get_payload(msg))->ifi_index == 1,
     "a link is read");
  r = nl_get(&sock, link_request(RTM_GETLINK, 0, 4711), &msg, &answer);
  ok(r == -ENODEV && !msg, "or is not there");
  h = link_request(RTM_GETLINK, 0, 1);
  mnl_attr_put_u32(h, IFLA_MTU, 1500);
  r = nl_get(&sock, h, &msg, &answer);
  ok(r == -EINVAL && answer.text[0], "strict checking is on: %s", answer.text);
  nl_close(&sock);
  nl_close(&sock);
  is(count_descriptors(), before, "a closed socket leaves no descriptor");
  is(nl_request(&sock, new_bridge("br1"), &answer), -EBADF, "and is used no more");
  is(nl_open(&sock, 12345, NETLINK_ROUTE), -EBADF, "no socket without a namespace");
  is(nl_open(&sock, NL_HERE, 31), -EPROTONOSUPPORT, "nor of an unknown protocol");
  is(count_descriptors(), before, "which leaves nothing either");
}

/* A namespace lives as long as a socket in it, and no longer. */
static void test_socket_pins(void)
{
  int red = new_netns();
  ok(nl_open(&sock, red, NETLINK_ROUTE) == 0, "a socket outlives the descriptor of its namespace");
  close(red);
  is(nl_request(&sock, new_bridge("br0"), &answer), 0, "and still works there");
  is(count_in("/proc/net/dev", "br0:"), 0, "not here");
  nl_close(&sock);
}

/* ---- dumps ----------------------------------------------------------------------------------- */

static int read_links(int *ret_count)
{
  const struct nlmsghdr *msg;
  *ret_count = 0;
  int r = nl_dump(&sock, link_request(RTM_GETLINK, 0, 0));
  if (r < 0)
    return r;
  while ((r = nl_next(&sock, &msg, &answer)) > 0)
    ++*ret_count;
  return r;
}

/* As callers do it: begin again for as long as it takes. */
static int read_links_whole(int *ret_count)
{
  int r = -EAGAIN;
  for (int i = 0; i < 20 && r == -EAGAIN; i++)
    r = read_links(ret_count);
  return r;
}

static void test_dumps(void)
{
  enum { BRIDGES = 100 };
  int red = new_netns(), r = nl_open(&sock, red, NETLINK_ROUTE);
  for (int i = 0; i < BRIDGES && r == 0; i++) {
    char name[IFNAMSIZ];
    snprintf(name, sizeof name, "br%d", i);
    r = nl_request(&sock, new_bridge(name), &answer);
  }
  is(r, 0, "a hundred bridges");
  int links = 0, listed = 0;
  ok(read_links_whole(&links) == 0 && nl_netns_do(red, count_links, &listed) == 0 &&
         links == listed && listed == BRIDGES + 1,
     "a dump has them all: %d of %d", links, listed);

  const struct nlmsghdr *msg;
  struct nl_sock other;
  ok(nl_open(&other, red, NETLINK_ROUTE) == 0 &&
         nl_dump(&sock, link_request(RTM_GETLINK, 0, 0)) == 0 &&
         nl_next(&sock, &msg, &answer) == 1 && nl_request(&other, new_bridge("late"), &answer) == 0,
     "a link is made while a dump is read");
  while ((r = nl_next(&sock, &msg, &answer)) > 0)
    ;
  is(r, -EAGAIN, "the dump knows that it is not one state");
  r = read_links_whole(&links);
  ok(r == 0 && links == BRIDGES + 2, "begun again it is: %d", links);

  ok(nl_dump(&sock, link_request(RTM_GETLINK, 0, 0)) == 0 && nl_next(&sock, &msg, &answer) == 1,
     "a dump is left half read");
  r = nl_get(&other, link_request(RTM_GETLINK, 0, 1), &msg, &answer);
  ok(r == 0 && read_links_whole(&links) == 0 && links == BRIDGES + 2, "and another one is whole");

  struct nlmsghdr *h = link_request(RTM_GETLINK, 0, 0);
  mnl_attr_put_u32(h, IFLA_MTU, 1500);
  r = nl_dump(&sock, h);
  while (r == 0 && (r = nl_next(&sock, &msg, &answer)) > 0)
    r = 0;
  ok(r == -EINVAL && answer.text[0], "a dump that is refused: %s", answer.text);
  is(read_links_whole(&links), 0, "does not spoil the socket");
  nl_close(&other);
  nl_close(&sock);
  close(red);
}

/* ---- batches --------------------------------------------------------------------------------- */

struct told {
  uint32_t count, wrong;
};

/* Request i makes the address i / 2: every second one exists already. */
static void on_answer(void *arg, uint32_t index, const struct nl_answer *a)
{
  struct told *t = arg;
  t->count++;
  t->wrong += index % 2 == 0 || a->err != -EEXIST;
}

static int count_addresses(void *ret)
{
  *(int *)ret = count_in("/proc/thread-self/net/if_inet6", "20010db8");
  return 0;
}

static void test_batch(void)
{
  int red = new_netns(), r = nl_open(&sock, red, NETLINK_ROUTE), made = 0;
  struct nl_batch b = {0};
  for (uint32_t i = 0; i < 1000 && r == 0; i++)
    r = nl_batch_add(&b, new_address(i / 2));
  struct told told = {0};
  is(r, 0, "a thousand requests");
  is(nl_batch_send(&sock, &b, on_answer, &told), 0, "are sent in a batch");
  is(told.count, 500, "five hundred of them fail");
  is(told.wrong, 0, "each error is told of its own request");
  ok(nl_netns_do(red, count_addresses, &made) == 0 && made == 500,
     "and five hundred have been done: %d", made);

  told = (struct told){0};
  for (uint32_t i = 0; i < 1000 && r == 0; i++)
    r = nl_batch_add(&b, new_address(i / 2));
  ok(r == 0 && nl_batch_send(&sock, &b, on_answer, &told) == 0 && told.count == 1000,
     "all thousand errors arrive when all fail: %u", told.count);
  nl_batch_free(&b);
  nl_close(&sock);
  close(red);
}

/* ---- set-up ---------------------------------------------------------------------------------- */

static int write_file(const char *path, const char *text)
{
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  ssize_t n = write(fd, text, strlen(text));
  close(fd);
  return n < 0 ? -1 : 0;
}

/* Namespaces of our own, with an empty /run/netns; whoever has no privilege gets it there. */
static int isolate(void)
{
  char map[64];
  uid_t uid = geteuid();
  gid_t gid = getegid();
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) < 0)
      return -errno;
    write_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "0 %u 1", uid);
    write_file("/proc/self/uid_map", map);
    snprintf(map, sizeof map, "0 %u 1", gid);
    write_file("/proc/self/gid_map", map);
  }
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
      mount("tmpfs", "/run", "tmpfs", 0, NULL) < 0 || mkdir(NL_NETNS_DIR, 0755) < 0)
    return -errno;
  return 0;
}

int main(void)
{
  int r = isolate();
  if (r < 0) {
    printf("1..0 # SKIP no namespaces of our own: %s\n", strerror(-r));
    return 0;
  }
  sock = NL_CLOSED;
  test_do();
  test_fork();
  test_no_way_back();
  test_names();
  test_open();
  int before = count_descriptors();
  int red = new_netns();
  test_requests(red);
  close(red);
  test_socket_pins();
  test_dumps();
  test_batch();
  is(count_descriptors(), before, "no descriptor is left open");
  return tap_end();
}
