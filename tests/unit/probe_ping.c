/* ping against the running kernel, in namespaces of its own that iproute2 sets up, and against a
 * host that answers wrongly. The kernel's own counters say what was sent. The sources are compiled
 * in with malloc and calloc replaced, so that each allocation can be made to fail. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "netlink_test.h"

static long allocations_left = -1; /* -1: all of them */

static bool may_allocate(void)
{
  if (allocations_left == 0)
    return errno = ENOMEM, false;
  if (allocations_left > 0)
    allocations_left--;
  return true;
}

static void *scarce_malloc(size_t size)
{
  return may_allocate() ? malloc(size) : NULL;
}

static void *scarce_calloc(size_t n, size_t size)
{
  return may_allocate() ? calloc(n, size) : NULL;
}

#define malloc scarce_malloc
#define calloc scarce_calloc
#include "../../core/probe/icmp.c"
#include "../../core/probe/ping.c"
#undef malloc
#undef calloc

static volatile int interrupted;
static struct probe_ping_result result;

static const struct probe_ping_options once = {
    .address = "127.0.0.1", .count = 1, .interval_ms = 10, .timeout_ms = 100, .size_bytes = 56};

/* Pings with `o` from here; the result stays until the next one. */
static int ping(struct probe_ping_options o)
{
  probe_ping_free(&result);
  return probe_ping(NL_HERE, &o, &interrupted, &result);
}

static int ping_address(const char *address)
{
  struct probe_ping_options o = once;
  o.address = address;
  return ping(o);
}

static double seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- what the kernel counted ------------------------------------------------------------------
 */

/* The field `name` of the two lines "Icmp: names" and "Icmp: numbers". */
static long count_icmp(const char *name)
{
  FILE *f = fopen("/proc/net/snmp", "re");
  char names[2048], numbers[2048], *n = NULL, *v = NULL;
  while (f && fgets(names, sizeof names, f) && fgets(numbers, sizeof numbers, f))
    if (strncmp(names, "Icmp:", 5) == 0)
      break;
  if (f)
    fclose(f);
  char *word = strtok_r(names, " \n", &n), *value = strtok_r(numbers, " \n", &v);
  while (word && value && strcmp(word, name) != 0) {
    word = strtok_r(NULL, " \n", &n);
    value = strtok_r(NULL, " \n", &v);
  }
  return word && value ? atol(value) : -1;
}

static long count_icmp6(const char *name)
{
  FILE *f = fopen("/proc/net/snmp6", "re");
  char word[64];
  long value, found = -1;
  while (f && fscanf(f, "%63s %ld", word, &value) == 2)
    if (strcmp(word, name) == 0)
      found = value;
  if (f)
    fclose(f);
  return found;
}

/* Bytes that went through lo. */
static long count_lo_bytes(void)
{
  FILE *f = fopen("/proc/net/dev", "re");
  char line[512];
  long bytes = -1;
  while (f && fgets(line, sizeof line, f))
    if (strstr(line, "lo:"))
      bytes = atol(strchr(line, ':') + 1);
  if (f)
    fclose(f);
  return bytes;
}

static bool sane_rtts(void)
{
  for (uint32_t i = 0; i < result.received; i++)
    if (!(result.rtts_ms[i] > 0 && result.rtts_ms[i] <= 1000))
      return false;
  return true;
}

/* ---- the plain cases --------------------------------------------------------------------------
 */

static void test_answered(void)
{
  long before = count_icmp("InEchos");
  is(ping(once), 0, "one ping");
  ok(result.sent == 1 && result.received == 1 && sane_rtts(), "is answered in %.3f ms",
     result.rtts_ms[0]);
  is(count_icmp("InEchos") - before, 1, "the kernel saw one request");

  struct probe_ping_options o = once;
  o.count = 5;
  double start = seconds();
  before = count_icmp("InEchos");
  ok(ping(o) == 0 && result.sent == 5 && result.received == 5 && sane_rtts(), "five are answered");
  double took = seconds() - start;
  ok(took >= 0.040 && took < 1.5, "ten milliseconds apart: %.3f s", took);
  is(count_icmp("InEchos") - before, 5, "the kernel saw five requests");

  o.address = "::1";
  before = count_icmp6("Icmp6InEchos");
  ok(ping(o) == 0 && result.received == 5 && sane_rtts(), "five over IPv6");
  is(count_icmp6("Icmp6InEchos") - before, 5, "the kernel saw them");
}

static void test_sizes(void)
{
  static const struct {
    const char *address;
    uint32_t size;
  } sizes[] = {{"127.0.0.1", 0}, {"127.0.0.1", 1},    {"127.0.0.1", 7},
               {"127.0.0.1", 8}, {"127.0.0.1", 1473}, {"127.0.0.1", 60001},
               {"::1", 0},       {"::1", 13},         {"::1", 1400}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct probe_ping_options o = once;
    o.address = sizes[i].address;
    o.size_bytes = sizes[i].size;
    long before = count_lo_bytes(), head = strchr(o.address, ':') ? 40 : 20;
    int r = ping(o);
    long bytes = (count_lo_bytes() - before) / 2 - head - 8;
    ok(r == 0 && result.received == 1 && bytes == (long)o.size_bytes,
       "%u bytes to %s: %ld went over the link", o.size_bytes, o.address, bytes);
  }
  struct probe_ping_options o = once;
  o.size_bytes = 65508;
  is(ping(o), -EMSGSIZE, "a packet that IP cannot carry");
  ok(!result.rtts_ms && !result.sent, "leaves an empty result");
}

static void test_many(void)
{
  struct probe_ping_options o = once;
  o.count = 66000;
  o.interval_ms = 0;
  o.timeout_ms = 1000;
  o.size_bytes = 0;
  ok(ping(o) == 0 && result.received == 66000, "more pings than there are sequence numbers: %u",
     result.received);
}

static void test_silence(void)
{
  struct probe_ping_options o = once;
  o.address = "10.0.0.66";
  o.count = 4;
  o.interval_ms = 50;
  o.timeout_ms = 500;
  double start = seconds();
  ok(ping(o) == 0 && result.sent == 4 && result.received == 0 && !result.unreachable,
     "silence is not an error");
  double took = seconds() - start;
  ok(took >= 0.645 && took < 1.6, "each is waited for while the next ones leave: %.3f s", took);
}

static void test_refused(void)
{
  is(ping_address("203.0.113.1"), -ENETUNREACH, "no route");
  is(ping_address("2001:db8::1"), -ENETUNREACH, "no route for IPv6");
  is(ping_address("10.1.0.1"), -EHOSTUNREACH, "a route of type unreachable");
  is(ping_address("10.2.0.1"), -EACCES, "a route of type prohibit");
  is(ping_address("10.0.0.255"), -EACCES, "a broadcast address");
  ok(!result.rtts_ms && !result.sent && !result.received, "the result is empty then");

  struct probe_ping_options o = once;
  o.address = "10.5.1.1";
  o.count = 2;
  o.timeout_ms = 2000;
  double start = seconds();
  ok(ping(o) == 0 && result.sent == 2 && result.received == 0,
     "what a router refuses is not refused by the kernel");
  is(result.unreachable, EHOSTUNREACH, "but remembered");
  o.address = "fd05:1::1";
  o.count = 1;
  ok(ping(o) == 0 && result.received == 0 && result.unreachable != 0, "for IPv6, too: %s",
     strerror(result.unreachable));
  ok(seconds() - start < 3.5, "and not waited for");
}

static void test_addresses(void)
{
  static const struct {
    const char *text;
    int family;
  } texts[] = {
      {"127.0.0.1", AF_INET},
      {"::1", AF_INET6},
      {"fe80::1%eth0", AF_INET6},
      {"fe80::1%2", AF_INET6},
      {"::ffff:1.2.3.4", AF_INET6},
      {"", -EINVAL},
      {"localhost", -EINVAL},
      {"1.2.3", -EINVAL},
      {"1.2.3.256", -EINVAL},
      {"10.0.0.1/24", -EINVAL},
      {"::1/128", -EINVAL},
      {"10.0.0.1%eth0", -EINVAL},
      {"fe80::1%", -EINVAL},
      {"%eth0", -EINVAL},
      {"fe80::1%a-name-that-is-long", -EINVAL},
      {" 127.0.0.1", -EINVAL},
      {"1:2:3:4:5:6:7:8:9", -EINVAL},
      {"0123:0123:0123:0123:0123:0123:0123:0123:0123:0123:0123", -EINVAL},
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    ok(probe_address_family(texts[i].text) == texts[i].family, "address '%s'", texts[i].text);
    if (texts[i].family < 0)
      is(ping_address(texts[i].text), -EINVAL, "is not pinged");
  }
}

static void test_devices(void)
{
  struct probe_ping_options o = once;
  o.dev = "nope";
  is(ping(o), -ENODEV, "through a device that is not there");
  o.address = "10.0.0.2";
  o.dev = "va";
  ok(ping(o) == 0 && result.received == 1, "through the device that leads there");
  o.dev = "lo";
  int r = ping(o);
  ok(r < 0 || result.received == 0, "through one that does not: %d", r);
  o.dev = NULL;
  o.address = "fe80::b%va";
  ok(ping(o) == 0 && result.received == 1, "a link-local address with its zone");
  o.address = "fe80::b%other";
  ok(ping(o) == 0 && result.received == 0, "with another one");
  o.address = "fe80::b%nope";
  is(ping(o), -ENODEV, "with one that is not there");
  o.address = "fe80::b";
  o.dev = "va";
  ok(ping(o) == 0 && result.received == 1, "with a device instead of a zone");
  o.address = "ff02::1";
  ok(ping(o) == 0 && result.received == 1, "a multicast address is answered by another one");
}

/* ---- other hosts' answers ---------------------------------------------------------------------
 */

enum lie {
  TRUTH,
  WRONG_ID,
  WRONG_SEQ,
  WRONG_COOKIE,
  WRONG_LENGTH,
  WRONG_CODE,
  WRONG_TYPE,
  WRONG_SOURCE,
  TWICE,
  TOO_LATE,
};

static const struct {
  const char *what;
  uint32_t received;
} lies[] = {
    [TRUTH] = {"an answer", 2},
    [WRONG_ID] = {"an answer to another id", 0},
    [WRONG_SEQ] = {"an answer to a packet that was not sent", 0},
    [WRONG_COOKIE] = {"an answer with another payload", 0},
    [WRONG_LENGTH] = {"an answer that is shorter", 0},
    [WRONG_CODE] = {"an answer with a code", 0},
    [WRONG_TYPE] = {"a message that is no answer", 0},
    [WRONG_SOURCE] = {"an answer of another host", 0},
    [TWICE] = {"an answer that comes twice", 2},
    [TOO_LATE] = {"an answer that comes too late", 0},
};

/* Makes the answer to an echo request out of it, and returns its length. */
static size_t make_answer(char *p, size_t len, enum lie lie)
{
  struct echo h;
  memcpy(&h, p, sizeof h);
  h.type = lie == WRONG_TYPE ? ICMP_TIMESTAMPREPLY : ICMP_ECHOREPLY;
  h.code = lie == WRONG_CODE;
  h.checksum = 0;
  h.id = (uint16_t)(h.id + (lie == WRONG_ID));
  h.seq = (uint16_t)(h.seq + (lie == WRONG_SEQ ? htons(100) : 0));
  p[8 + 3] = (char)(p[8 + 3] + (lie == WRONG_COOKIE));
  len -= lie == WRONG_LENGTH;
  memcpy(p, &h, sizeof h);
  h.checksum = checksum(p, len);
  memcpy(p, &h, sizeof h);
  return len;
}

/* A host that answers in its own way; never returns. */
static void answer_all(int fd, enum lie lie)
{
  char p[2048];
  int out = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
  struct sockaddr_in from, source = {.sin_family = AF_INET};
  source.sin_addr.s_addr = inet_addr(lie == WRONG_SOURCE ? "127.0.0.2" : "127.0.0.1");
  if (bind(out, (struct sockaddr *)&source, sizeof source) < 0)
    _exit(1);
  for (;;) {
    socklen_t from_len = sizeof from;
    ssize_t n = recvfrom(fd, p, sizeof p, 0, (struct sockaddr *)&from, &from_len);
    if (n < 28 || p[20] != ICMP_ECHO)
      continue;
    if (lie == TOO_LATE)
      usleep(110000);
    size_t len = make_answer(p + 20, (size_t)n - 20, lie);
    for (int i = 0; i < 1 + (lie == TWICE); i++)
      sendto(out, p + 20, len, 0, (struct sockaddr *)&from, from_len);
  }
}

static void stop(pid_t pid)
{
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
}

static void test_lies(void)
{
  if (system("echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all") != 0)
    abort();
  for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
    int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
    pid_t pid = fork();
    if (pid == 0)
      answer_all(fd, (enum lie)i);
    close(fd);
    usleep(20000);
    struct probe_ping_options o = once;
    o.count = 2;
    o.interval_ms = i == TOO_LATE ? 300 : 10;
    if (lies[i].received)
      o.timeout_ms = 3000;
    int r = ping(o);
    ok(r == 0 && result.sent == 2 && result.received == lies[i].received, "%s: %u", lies[i].what,
       result.received);
    stop(pid);
  }
  if (system("echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_all") != 0)
    abort();
}

/* Two processes ping the same host; each gets its own answers, all of them. */
static void test_at_once(void)
{
  struct probe_ping_options o = once;
  o.count = 300;
  o.interval_ms = 1;
  pid_t pid = fork();
  if (pid == 0)
    _exit(ping(o) == 0 && result.received == 300 ? 0 : 1);
  int r = ping(o), status;
  waitpid(pid, &status, 0);
  ok(r == 0 && result.received == 300 && status == 0, "two pings at once do not mix: %u, %d",
     result.received, status);
}

/* ---- interruption, privilege, memory ----------------------------------------------------------
 */

static void on_alarm(int sig)
{
  interrupted = sig;
}

static void test_interrupted(void)
{
  struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  struct probe_ping_options o = once;
  o.count = 1000;
  o.interval_ms = 1000;
  o.timeout_ms = 5000;
  struct itimerval timer = {.it_value.tv_usec = 50000};
  setitimer(ITIMER_REAL, &timer, NULL);
  double start = seconds();
  is(ping(o), -EINTR, "a signal ends the waiting");
  ok(seconds() - start < 2 && interrupted == SIGALRM, "at once");
  long before = count_icmp("InEchos");
  is(ping(o), -EINTR, "no ping begins after it");
  is(count_icmp("InEchos") - before, 0, "nothing is sent");
  interrupted = 0;
  sigset_t mask;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  ok(!sigismember(&mask, SIGALRM) && !sigismember(&mask, SIGINT), "no signal stays blocked");

  /* A signal that nobody minds only breaks the waiting. */
  timer.it_value.tv_usec = 20000;
  timer.it_interval.tv_usec = 5000;
  action.sa_handler = SIG_IGN;
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &timer, NULL);
  o.count = 3;
  o.interval_ms = 40;
  ok(ping(o) == 0 && result.received == 3, "a signal that does not ask for the end is no end");
  timer = (struct itimerval){0};
  setitimer(ITIMER_REAL, &timer, NULL);
}

static void drop_raw(void)
{
  struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  syscall(SYS_capget, &head, data);
  data[0].effective &= ~(1U << CAP_NET_RAW);
  data[0].permitted &= ~(1U << CAP_NET_RAW);
  syscall(SYS_capset, &head, data);
}

/* In a child without CAP_NET_RAW: 0 if both families behave as they should. */
static int without_raw(bool allowed)
{
  drop_raw();
  struct probe_ping_options o = once;
  o.count = 3;
  int r4 = ping(o);
  bool good4 = allowed ? r4 == 0 && result.received == 3 : r4 == -EPERM;
  o.address = "::1";
  int r6 = ping(o);
  bool good6 = allowed ? r6 == 0 && result.received == 3 : r6 == -EPERM;
  o.address = "10.5.1.1";
  o.count = 1;
  int r = ping(o);
  bool good = !allowed || (r == 0 && result.unreachable == EHOSTUNREACH);
  return !good4 + 2 * !good6 + 4 * !good;
}

static void test_unprivileged(void)
{
  /* In a new namespace nobody may open the datagram socket. */
  for (int allowed = 0; allowed < 2; allowed++) {
    if (allowed && system("echo 0 0 > /proc/sys/net/ipv4/ping_group_range") != 0)
      abort();
    usleep(1100000); /* a router says only once a second that it does not know the way */
    pid_t pid = fork();
    if (pid == 0)
      _exit(without_raw(allowed));
    int status = -1;
    waitpid(pid, &status, 0);
    is(status, 0,
       allowed ? "the datagram socket serves who may not open a raw one"
               : "whoever may open neither is told so");
  }
}

static void test_memory(void)
{
  int before = count_descriptors(), r = -ENOMEM, n;
  for (n = 0; n < 20 && r == -ENOMEM; n++) {
    allocations_left = n;
    r = ping(once);
  }
  allocations_left = -1;
  ok(r == 0 && n == 4, "each of the three allocations fails cleanly: %d, %d", r, n);
  probe_ping_free(&result);
  probe_ping_free(&result);
  is(count_descriptors(), before, "no descriptor is left open");
}

/* ---- set-up -----------------------------------------------------------------------------------
 */

/* va (here) - vb (red); red is a router that knows some networks as unreachable. */
static const char *const set_up[] = {
    "mount -t tmpfs tmpfs /run && mkdir /run/netns",
    "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad",
    "ip link set lo up",
    "ip netns add red",
    "ip netns exec red sh -c 'echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad'",
    "ip link add va type veth peer name vb netns red",
    "ip link add other type veth peer name rest",
    "ip link set other up",
    "ip link set rest up",
    "ip addr add 10.0.0.1/24 dev va",
    "ip addr add fd00::1/64 dev va nodad",
    "ip -n red addr add 10.0.0.2/24 dev vb",
    "ip -n red addr add fd00::2/64 dev vb nodad",
    "ip -n red addr add fe80::b/64 dev vb nodad",
    "ip link set va up",
    "ip -n red link set vb up",
    "ip -n red link set lo up",
    "ip netns exec red sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'",
    "ip netns exec red sh -c 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'",
    "ip route add unreachable 10.1.0.0/16",
    "ip route add prohibit 10.2.0.0/16",
    "ip route add 10.5.0.0/16 via 10.0.0.2",
    "ip -n red route add unreachable 10.5.1.0/24",
    "ip -6 route add fd05::/16 via fd00::2",
    "ip -n red -6 route add unreachable fd05:1::/32",
};

static bool run_set_up(void)
{
  for (size_t i = 0; i < sizeof set_up / sizeof *set_up; i++)
    if (system(set_up[i]) != 0)
      return ok(false, "%s", set_up[i]);
  for (int i = 0; i < 300; i++) { /* until the cable is ready */
    if (ping_address("10.0.0.2") == 0 && result.received == 1 && ping_address("fd00::2") == 0 &&
        result.received == 1)
      return true;
    usleep(10000);
  }
  return ok(false, "the other end does not answer");
}

int main(int argc, char **argv)
{
  (void)argc;
  /* unshare(1) sets the maps up for who has no privilege; then this program runs again. */
  if (!getenv("PROBE_PING_ISOLATED")) {
    setenv("PROBE_PING_ISOLATED", "1", 1);
    execlp("unshare", "unshare", geteuid() ? "-Urnm" : "-nm", argv[0], (char *)NULL);
    return 1;
  }
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || !run_set_up())
    return tap_end() | 1;
  test_answered();
  test_sizes();
  test_many();
  test_silence();
  test_refused();
  test_addresses();
  test_devices();
  test_lies();
  test_at_once();
  test_interrupted();
  test_unprivileged();
  test_memory();
  return tap_end();
}
