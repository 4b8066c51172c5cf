/* ping: when echo requests are sent, how long their answers are waited for, what is remembered of
 * them. What they look like is in icmp.c. */
#include "probe/icmp.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

/* Times are nanoseconds of the monotonic clock. */
enum { MILLISECOND = 1000000 };

/* One packet. */
struct shot {
  int64_t at;
  bool settled; /* answered, refused by an ICMP error, or waited for in vain */
};

struct ping {
  struct icmp_sock sock;
  const struct probe_ping_options *o;
  struct probe_ping_result *ret;
  struct shot *shots;
  uint32_t next;   /* the packet to send next */
  uint32_t oldest; /* all packets before this one are settled */
  int64_t start;
  bool full; /* the send buffer has no room */
};

static int64_t now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000LL * MILLISECOND + t.tv_nsec;
}

static int64_t timeout(const struct ping *p)
{
  return (int64_t)p->o->timeout_ms * MILLISECOND;
}

/* When the next packet is to be sent: counted from the start, so that delays do not add up. */
static int64_t due(const struct ping *p)
{
  return p->start + (int64_t)p->o->interval_ms * MILLISECOND * p->next;
}

/* The unsettled packet of this sequence number, of which there are only 16 bits; NULL without. */
static struct shot *find_shot(struct ping *p, uint16_t seq)
{
  if (p->next == 0)
    return NULL;
  uint32_t last = p->next - 1, back = (uint16_t)((uint16_t)(last + 1) - seq);
  if (back > last || p->shots[last - back].settled)
    return NULL;
  return &p->shots[last - back];
}

static void settle_answers(struct ping *p, int64_t when, uint16_t seq)
{
  struct shot *shot = find_shot(p, seq);
  if (!shot || when - shot->at > timeout(p))
    return;
  shot->settled = true;
  p->ret->rtts_ms[p->ret->received++] = (double)(when - shot->at) / MILLISECOND;
}

static int read_answers(struct ping *p)
{
  uint16_t seq;
  int r;
  while ((r = icmp_receive(&p->sock, &seq)) > 0)
    settle_answers(p, now(), seq);
  return r;
}

/* Returns how many there were, or -errno. */
static int read_errors(struct ping *p)
{
  uint16_t seq;
  int r, err, n = 0;
  for (; (r = icmp_receive_error(&p->sock, &seq, &err)) > 0; n++) {
    struct shot *shot = err ? find_shot(p, seq) : NULL;
    if (!shot)
      continue;
    shot->settled = true;
    p->ret->unreachable = err;
  }
  return r < 0 ? r : n;
}

/* Reads all that has come. */
static int read_all(struct ping *p)
{
  int r;
  while ((r = read_answers(p)) < 0) {
    int n = read_errors(p);
    if (n < 0)
      return n;
    /* There was no room to keep the error, or the link went away: packets that are lost. */
    if (n == 0)
      p->ret->unreachable = -r;
  }
  return 0;
}

/* Sends the next packet. An error that the kernel kept of an earlier one is not an error of
 * this. */
static int send_next(struct ping *p)
{
  struct shot *shot = &p->shots[p->next];
  int r, kept;
  do {
    shot->at = now();
    /* Numbers begin with 1, as those of ping(8) do. */
    r = icmp_send(&p->sock, (uint16_t)(p->next + 1));
    p->full = r == -EAGAIN;
    if (p->full)
      return 0;
    kept = r < 0 ? read_errors(p) : 0;
  } while (kept > 0);
  bool dropped =
      r == -ENOBUFS; /* by the queue of our own link: as lost as one that was dropped later */
  if (r < 0 && !dropped)
    return r;
  shot->settled = dropped;
  p->ret->sent = ++p->next;
  return 0;
}

/* Gives up the packets whose time is over. All have the same timeout, so the oldest goes first. */
static bool finished(struct ping *p)
{
  int64_t when = now();
  while (p->oldest < p->next &&
         (p->shots[p->oldest].settled || when - p->shots[p->oldest].at >= timeout(p)))
    p->shots[p->oldest++].settled = true;
  return p->oldest == p->o->count;
}

/* Waits until something comes, a packet is due or one's time is over. A signal that arrives before
 * the waiting began ends it, too: it is let through by ppoll only. */
static int wait_for_more(struct ping *p, const volatile int *interrupted)
{
  int64_t until = INT64_MAX, left;
  if (p->next < p->o->count && !p->full)
    until = due(p);
  if (p->oldest < p->next && p->shots[p->oldest].at + timeout(p) < until)
    until = p->shots[p->oldest].at + timeout(p);
  if ((left = until - now()) <= 0)
    return 0;
  struct timespec t = {left / (1000LL * MILLISECOND), left % (1000LL * MILLISECOND)};
  struct pollfd fd = {.fd = p->sock.fd, .events = (short)(POLLIN | (p->full ? POLLOUT : 0))};
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  int r = *interrupted ? -EINTR : ppoll(&fd, 1, until == INT64_MAX ? NULL : &t, &before);
  int err = errno;
  sigprocmask(SIG_SETMASK, &before, NULL);
  p->full = false;
  if (r > 0 && fd.revents & POLLERR)
    return read_errors(p);
  return r == -1 && err != EINTR ? -err : 0;
}

static int run(struct ping *p, const volatile int *interrupted)
{
  int r = 0;
  p->start = now();
  while (r >= 0) {
    if (*interrupted)
      return -EINTR;
    if (p->next < p->o->count && now() >= due(p))
      r = send_next(p);
    if (r >= 0)
      r = read_all(p);
    if (r >= 0 && finished(p))
      return 0;
    if (r >= 0)
      r = wait_for_more(p, interrupted);
  }
  return r;
}

int probe_ping(int netns, const struct probe_ping_options *o, const volatile int *interrupted,
               struct probe_ping_result *ret)
{
  struct ping p = {.sock = ICMP_CLOSED, .o = o, .ret = ret};
  *ret = (struct probe_ping_result){0};
  p.shots = calloc(o->count, sizeof *p.shots);
  ret->rtts_ms = calloc(o->count, sizeof *ret->rtts_ms);
  int r = p.shots && ret->rtts_ms ? icmp_open(&p.sock, netns, o) : -ENOMEM;
  if (r == 0)
    r = run(&p, interrupted);
  icmp_close(&p.sock);
  free(p.shots);
  if (r < 0)
    probe_ping_free(ret);
  return r;
}

void probe_ping_free(struct probe_ping_result *r)
{
  free(r->rtts_ms);
  *r = (struct probe_ping_result){0};
}
