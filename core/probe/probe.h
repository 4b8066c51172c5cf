/* probe: measuring sticks that put packets on the wire. Returns 0 or -errno. Knows no lua.h. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct probe_ping_options {
  const char *address; /* IPv4 or IPv6 literal; fe80::1%eth0 with its zone */
  const char *dev;     /* outgoing interface, or NULL */
  uint32_t count, interval_ms, timeout_ms, size_bytes; /* payload bytes after the ICMP header */
};

struct probe_ping_result {
  uint32_t sent, received;
  double *rtts_ms; /* `received` of them, in the order of arrival; free with probe_ping_free */
  int unreachable; /* the last ICMP error that came back, as an errno; 0 without */
};

/* AF_INET or AF_INET6 for a literal that probe_ping takes, -EINVAL for anything else. */
int probe_address_family(const char *address);

/* Pings from the namespace (descriptor, -1: this one): packet k leaves k intervals after the first,
 * whether the ones before were answered or not; each is waited for until its own timeout, or an
 * ICMP error about it. 0 also when nothing came back; -errno when the kernel refused to send
 * (ENETUNREACH, EHOSTUNREACH ...): then *ret is empty. -EINTR when `*interrupted` became non-zero.
 * Raw socket where allowed, else the ICMP datagram socket. */
__attribute__((warn_unused_result)) int probe_ping(int netns, const struct probe_ping_options *o,
                                                   const volatile int *interrupted,
                                                   struct probe_ping_result *ret);
void probe_ping_free(struct probe_ping_result *r);
