/* socket: what the files of the module share: which sockets are wanted, and what is told of every
 * kind. */
#pragma once
#include "modules/object.h"

enum socket_protocol { SOCKET_UNIX = 1, SOCKET_RAW = 2, SOCKET_UDP = 4, SOCKET_TCP = 8 };

struct socket_wanted {
  uint32_t protocols;          /* bits of enum socket_protocol */
  const char *address;         /* of either end; NULL: any */
  const char *src, *dst;       /* of this end, of the other one */
  const char *state;           /* the word that was given, or NULL */
  int family;                  /* AF_UNSPEC: both */
  uint32_t states;             /* bits */
  int port, sport, dport, uid; /* -1: any */
  bool owners;                 /* look for the programs that have them */
};

/* The list that is being made, and what lies below it on the stack. */
struct socket_list {
  lua_State *L;
  int at, owners, context; /* stack indexes */
};

void socket_set_integer(lua_State *L, const char *key, lua_Integer v);
/* Sets `state` and `processes` of the socket whose table is at the top. */
void socket_set_common(const struct socket_list *l, uint8_t state, uint32_t inode);
/* Appends the table at the top to the list. */
void socket_append(const struct socket_list *l);

/* Adds the sockets that are files or names, of this namespace (socket_unix.c). 0 or -errno. */
int socket_add_unix(const struct socket_list *l, struct nl_sock *s, const struct socket_wanted *w);

/* Pushes a table of what the programs in /proc have open: by the socket's number, arrays of
 * { name, pid, fd } (socket_owner.c). */
void socket_push_owners(lua_State *L);
