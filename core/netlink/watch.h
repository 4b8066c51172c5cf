/* watch: what the kernel tells without being asked - the changes of rtnetlink and nf_tables in a
 * namespace and in all that it has a number for, and mounts that come and go. Knows no lua.h. */
#pragma once
#include "netlink/netlink.h"

enum nl_watch_source {
  NL_WATCH_ROUTE,  /* a message of rtnetlink */
  NL_WATCH_NFT,    /* a message of nf_tables */
  NL_WATCH_MOUNTS, /* a mount came or went; which is not said */
  NL_WATCH_LOST    /* the queue overran: events are missing, read again what matters */
};

struct nl_watch {
  struct nl_sock socks[2]; /* route, nft */
  int mounts;              /* /proc/self/mountinfo, -1: closed */
  int any;                 /* epoll of the others, -1: nobody has asked for it */
};
#define NL_WATCH_CLOSED ((struct nl_watch){{NL_CLOSED, NL_CLOSED}, -1, -1})

struct nl_event {
  enum nl_watch_source source;
  int nsid;                   /* of the namespace it happened in; -1: the watcher's own */
  const struct nlmsghdr *msg; /* valid until the next call */
};

/* Listens in this namespace. Without privilege too; namespaces without a number here are not heard,
 * so give each one (nl_watch_number). A kernel without nf_tables is watched without it. */
__attribute__((warn_unused_result)) int nl_watch_open(struct nl_watch *w);
/* Safe twice, and on a half-opened one. */
void nl_watch_close(struct nl_watch *w);
/* The next event: 1 and *ret, 0 when none came in so many milliseconds (-1: for ever), -EINTR. */
__attribute__((warn_unused_result)) int nl_watch_next(struct nl_watch *w, int timeout_ms,
                                                      struct nl_event *ret);
/* A descriptor that is readable when something happened; it stays the watch's. Whoever polls it
 * takes away the news of mounts, so look at /run/netns then. -errno without. */
__attribute__((warn_unused_result)) int nl_watch_fd(struct nl_watch *w);
/* Gives the namespace a number in the watcher's, if it has none. 0 or -errno. */
__attribute__((warn_unused_result)) int nl_watch_number(int netns);
