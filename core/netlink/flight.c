/* flight: a batch that a thread sends, so that the caller puts the next one together while the
 * kernel works at this one. The thread has a socket of its own, and touches nothing but the batch
 * and what on_answer does. Between two batches there is none. */
#include "netlink/socket.h"

#include <errno.h>

static void *send_batch(void *arg)
{
  struct nl_flight *f = arg;
  f->err = nl_batch_send(&f->sock, f->batch, f->on_answer, f->arg);
  return NULL;
}

int nl_flight_start(struct nl_flight *f, int netns, struct nl_batch *b, nl_answer_fn *on_answer,
                    void *arg)
{
  if (f->running)
    return -EBUSY;
  int r = f->open ? 0 : nl_open(&f->sock, netns, NETLINK_ROUTE);
  if (r < 0)
    return r;
  if (!f->open)
    nl_batch_widen(&f->sock);
  f->open = true;
  r = nl_reserve(&f->sock, NL_DATAGRAM); /* now: the thread allocates nothing */
  if (r < 0)
    return r;
  f->batch = b;
  f->on_answer = on_answer;
  f->arg = arg;
  f->running = nl_thread_start(&f->thread, send_batch, f);
  return f->running ? 0 : -EAGAIN;
}

int nl_flight_wait(struct nl_flight *f)
{
  if (!f->running)
    return 0;
  pthread_join(f->thread, NULL);
  f->running = false;
  return f->err;
}

void nl_flight_close(struct nl_flight *f)
{
  int ignored = nl_flight_wait(f);
  (void)ignored;
  if (f->open)
    nl_close(&f->sock);
  f->open = false;
}
