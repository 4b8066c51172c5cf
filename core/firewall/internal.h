/* internal: what the files of this room share: a rule in memory, the nf_tables words it is made of,
 * and the bridge to libxtables. Not for other rooms: they include firewall.h. */
#pragma once
#include "firewall/firewall.h"

/* glibc's before the kernel's: only so do the latter leave out what both define. */
#include <net/if.h>
#include <netinet/in.h>
#include <xtables.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <linux/netfilter/xt_tcpudp.h>

#define FW_ARRAY(a) (sizeof(a) / sizeof *(a))

/* ---- errors ---------------------------------------------------------------------------------- */

/* Fills in the error and returns -err. The word is left as it is. */
__attribute__((format(printf, 3, 4))) int fw_fail(struct fw_error *e, int err, const char *fmt,
                                                  ...);
__attribute__((format(printf, 2, 3))) void fw_hint(struct fw_error *e, const char *fmt, ...);
int fw_no_memory(struct fw_error *e);
/* Remembers what there is none of. */
void fw_unknown(struct fw_error *e, enum fw_unknown what, const char *name);

/* ---- memory ---------------------------------------------------------------------------------- */

/* Memory of an arena stays where it is. */
void *fw_arena_alloc(struct fw_arena *a, size_t size);
char *fw_arena_string(struct fw_arena *a, const char *s);
void fw_arena_free(struct fw_arena *a);
/* Makes room for one more element of a vector: the vector, perhaps moved, or NULL. */
void *fw_grow(void *p, size_t elem, unsigned n, unsigned *cap);

/* ---- nf_tables words ------------------------------------------------------------------------- */

enum fw_word {
  FW_META,
  FW_PAYLOAD,
  FW_BITWISE,
  FW_CMP,
  FW_RANGE,
  FW_IMMEDIATE,
  FW_COUNTER,
  FW_LIMIT,
  FW_LOG,
  FW_MATCH,
  FW_TARGET,
  FW_FOREIGN /* an expression, or an attribute of one, that iptables does not use */
};

struct fw_data {
  uint8_t bytes[16];
  uint8_t len;
};
struct fw_blob {
  const void *p;
  uint16_t len;
};

/* One expression. Which attributes are there stands in `set`, one bit for each row of its word. */
struct fw_expr {
  enum fw_word word;
  const char *name; /* as the kernel calls it */
  uint32_t set;
  union {
    struct {
      uint32_t dreg, key, sreg;
    } meta;
    struct {
      uint32_t dreg, base, offset, len;
    } payload;
    struct {
      uint32_t sreg, dreg, len, op;
      struct fw_data mask, flip;
    } bitwise;
    struct {
      uint32_t sreg, op;
      struct fw_data data;
    } cmp;
    struct {
      uint32_t sreg, op;
      struct fw_data from, to;
    } range;
    struct {
      uint32_t dreg;
      struct fw_data data; /* or, with len 0, a verdict */
      int32_t verdict;
      const char *chain;
    } immediate;
    struct {
      uint64_t bytes, packets;
    } counter;
    struct {
      uint64_t rate, unit;
      uint32_t burst, type, flags;
    } limit;
    struct {
      uint16_t group, threshold;
      uint32_t snaplen;
      const char *prefix;
    } log;
    struct {
      const char *name;
      uint32_t revision;
      struct fw_blob info;
    } xt;
  };
};

/* The rows of each word, so that a bit of `set` can be named. */
enum { FW_META_KEY = 1, FW_META_DREG = 2, FW_META_SREG = 4 };
enum { FW_IMM_DREG = 1, FW_IMM_DATA = 2 };
enum { FW_LOG_PREFIX = 1, FW_LOG_GROUP = 2, FW_LOG_SNAPLEN = 4, FW_LOG_QTHRESHOLD = 8 };
enum { FW_ALL = 0x7fffffff };

/* Attributes being written. After an overflow nothing more is written and `full` says so. */
struct fw_out {
  uint8_t *p;
  size_t len, cap;
  bool full;
};
void fw_put(struct fw_out *o, uint16_t type, const void *data, size_t len);
void fw_put_u32(struct fw_out *o, uint16_t type, uint32_t value);
void fw_put_u64(struct fw_out *o, uint16_t type, uint64_t value);
void fw_put_str(struct fw_out *o, uint16_t type, const char *s);
size_t fw_nest(struct fw_out *o, uint16_t type);
void fw_nest_end(struct fw_out *o, size_t nest);

/* The attributes in len bytes: for (a = p; fw_attr_ok(a, p + len); a = fw_attr_next(a)). libmnl's
 * own loops convert a difference of pointers to int, which our warnings forbid. */
static inline bool fw_attr_ok(const struct nlattr *a, const void *end)
{
  ptrdiff_t left = (const char *)end - (const char *)a;
  return left >= (ptrdiff_t)sizeof *a && a->nla_len >= sizeof *a && a->nla_len <= left;
}
static inline const struct nlattr *fw_attr_next(const struct nlattr *a)
{
  return (const void *)((const char *)a + NLA_ALIGN(a->nla_len));
}
static inline const void *fw_attr_end(const struct nlattr *a)
{
  return (const char *)a + a->nla_len;
}
static inline const struct nlattr *fw_attr_first(const struct nlattr *nest)
{
  return (const void *)((const char *)nest + sizeof *nest);
}
#define FW_EACH_NESTED(a, nest)                                                                    \
  for (const struct nlattr *a = fw_attr_first(nest); fw_attr_ok(a, fw_attr_end(nest));             \
       a = fw_attr_next(a))

/* Appends the expression, with the attributes in `set` (FW_ALL: all that its word has). */
void fw_expr_put(struct fw_out *o, const struct fw_expr *e);
/* Reads the next expression of a rule; *at begins at the payload of NFTA_RULE_EXPRESSIONS. False at
 * the end. Strings and blobs point into the message. */
bool fw_expr_next(const struct nlattr **at, const void *end, struct fw_expr *ret);

/* ---- a rule ---------------------------------------------------------------------------------- */

enum { FW_IN, FW_OUT };
enum { FW_SRC, FW_DST };
/* What is negated; the values are those of the kernel's headers. */
enum {
  FW_NOT_IN = 0x01,
  FW_NOT_OUT = 0x02,
  FW_NOT_SRC = 0x08,
  FW_NOT_DST = 0x10,
  FW_NOT_FRAGMENT = 0x20,
  FW_NOT_PROTO = 0x40
};

/* A match or a target with its options: the block of bytes that the kernel's extension gets. For
 * tcp and udp the words are our own, for all others libxtables'. */
struct fw_ext {
  bool is_target, native, completed;
  char name[XT_EXTENSION_MAXNAMELEN]; /* the kernel's */
  uint8_t revision;
  uint32_t size;  /* of the block */
  uint8_t *data;  /* the block: of `entry`, or `port` */
  void *entry;    /* struct xt_entry_match or xt_entry_target, allocated */
  int word;       /* that loaded it */
  unsigned flags; /* options seen so far, of the native ones */
  union {
    struct xtables_match match;
    struct xtables_target target;
  } lib; /* our copy of what libxtables knows of it */
  union {
    struct xt_tcp tcp;
    struct xt_udp udp;
    uint8_t bytes[16];
  } port;
};

struct fw_address {
  union nf_inet_addr addr, mask;
};

struct fw_rule {
  uint8_t family, inverted;
  uint16_t proto;
  bool fragment, go_to, has_target;
  char iface[2][IFNAMSIZ]; /* "" when any; a last '+' stands for any rest */
  struct fw_address address[2];
  uint64_t packets, bytes;
  struct fw_ext *match;
  unsigned matches, cap;
  struct fw_ext target;   /* when has_target */
  char jump[256];         /* verdict, target or chain; "" without */
  struct fw_text foreign; /* names of what could not be read, ", " between; empty if all could */
};

void fw_rule_clear(struct fw_rule *r);
void fw_rule_free(struct fw_rule *r);
/* A new match at the end of the rule, zeroed; NULL without memory. */
struct fw_ext *fw_rule_match(struct fw_rule *r);
/* Whether both do the same; counters do not count. */
bool fw_rule_same(const struct fw_rule *a, const struct fw_rule *b);
/* Whether they have the same conditions and extensions, of whatever options. */
bool fw_rule_alike(const struct fw_rule *a, const struct fw_rule *b);

/* "192.0.2.1", "10.0.0.0/8", "2001:db8::/32": whether it is one of those and nothing else. */
bool fw_address_plain(uint8_t family, const char *text, struct fw_address *ret);

/* The attributes NFTA_RULE_EXPRESSIONS and NFTA_RULE_COMPAT. */
int fw_rule_encode(const struct fw_rule *r, struct fw_out *o, struct fw_error *e);
/* Reads the payload of a NEWRULE message behind its nfgenmsg. What cannot be said in iptables'
 * words is named in r->foreign, never dropped. -ENOMEM, -EBADMSG. */
int fw_rule_decode(struct fw_rule *r, uint8_t family, int netns, const void *attrs, size_t len);

/* " -s ... -j ...", the words of iptables -S behind the chain. With counters, " -c 0 0" among
 * them. */
void fw_rule_save(const struct fw_rule *r, struct fw_text *t, bool counters);
/* How iptables -L shows things; `row` is the form in which -v tells what a command changed. */
struct fw_format {
  bool numeric, counts, exact, numbers, row;
};
/* A line of iptables -L. */
void fw_rule_print(const struct fw_rule *r, struct fw_text *t, const struct fw_format *f,
                   unsigned number);
/* A number of packets or bytes in a column of -L, "12K" unless exact. */
void fw_print_count(struct fw_text *t, uint64_t number, const struct fw_format *f);
/* The name that iptables has for the protocol, or NULL. */
const char *fw_protocol_name(uint16_t proto);

/* ---- tcp and udp ----------------------------------------------------------------------------- */

/* The flags that iptables has names for. */
enum { FW_TCP_FLAGS = 0x3f };
/* Whether the protocol's match is one of ours. */
bool fw_port_is(const char *name);
void fw_port_init(struct fw_ext *x, const char *name);
/* Whether the option is one of that protocol's, which fw_port_is. */
bool fw_port_has(const char *protocol, const char *name);
/* The options, ending with name NULL; val is what fw_port_option gets. */
struct option;
const struct option *fw_port_options(const struct fw_ext *x);
/* Reads one option; *next is the index of the word behind it. */
int fw_port_option(struct fw_ext *x, int option, char **words, int *next, const char *arg,
                   bool inverted, struct fw_error *e);
void fw_port_save(const struct fw_ext *x, struct fw_text *t);
void fw_port_print(const struct fw_ext *x, struct fw_text *t, bool numeric);
/* Whether no option was given. */
bool fw_port_empty(const struct fw_ext *x);

/* ---- libxtables ------------------------------------------------------------------------------ */

/* Every other function of this part acts in the family and asks the kernel of the namespace that
 * was said last. */
void fw_xt_begin(uint8_t family, int netns);
/* Makes x the named match, or target, with its default options. -ENOENT when there is none. */
int fw_xt_load(struct fw_ext *x, bool is_target, const char *name, struct fw_error *e);
/* The same for a block that the kernel has: -ENOENT also when the installed extension is of another
 * revision or size, so that its words would be wrong. */
int fw_xt_adopt(struct fw_ext *x, bool is_target, const char *name, uint8_t revision,
                const void *block, size_t size);
/* Puts another block, of at least the usual size, in the place of the one that x was loaded
 * with. */
int fw_xt_replace(struct fw_ext *x, const void *block, size_t size);
void fw_xt_unload(struct fw_ext *x);
/* The extension's option of that name: exact, or with `prefix` how many begin so (the first of
 * them). Counts; *ret_id and *ret_arg (0 no argument, 1 required, 2 optional) are set when not
 * 0. */
int fw_xt_option_find(const struct fw_ext *x, const char *name, bool prefix, int *ret_id,
                      int *ret_arg);
/* Yields the names of the options, for the nearest one. */
const char *fw_xt_option_name(const struct fw_ext *x, unsigned i);
int fw_xt_option(struct fw_rule *r, struct fw_ext *x, int id, char **words, int *next, char *arg,
                 bool inverted, struct fw_error *e);
/* After the last option: does the extension agree? */
int fw_xt_check(struct fw_ext *x, struct fw_error *e);
void fw_xt_save(const struct fw_rule *r, const struct fw_ext *x, struct fw_text *t);
void fw_xt_print(const struct fw_rule *r, const struct fw_ext *x, struct fw_text *t, bool numeric);
void fw_xt_help(const struct fw_ext *x, struct fw_text *t);
/* "a,b/mask,name": what fw_address_plain cannot read. *ret is malloc'ed. */
int fw_xt_addresses(uint8_t family, const char *text, struct fw_address **ret, unsigned *ret_n,
                    struct fw_error *e);
/* Adds the names of the matches, or of the targets, that are installed for the family. */
void fw_xt_names(bool targets, struct fw_words *w);
/* The name to list it by: an alias ("state"), or its own. */
const char *fw_xt_shown(const struct fw_ext *x);

/* ---- what the kernel has --------------------------------------------------------------------- */

struct nl_sock;
/* The generation of the rule set: it changes with every commit. */
int fw_generation(struct nl_sock *s, uint32_t *ret, struct fw_error *e);
/* Reads tables, chains and rules through an open socket. */
int fw_view_load(struct fw_view *v, struct nl_sock *s, const struct fw_want *want,
                 struct fw_error *e);
/* Reads the rules of a chain that were not wanted before. */
int fw_chain_load(struct fw_view *v, struct nl_sock *s, struct fw_chain *c, struct fw_error *e);
/* A chain that is not in the view yet; NULL without memory. The strings are copied. */
struct fw_chain *fw_view_add(struct fw_view *v, int table, const char *name);
/* Room for one more rule of the chain, at that index; NULL without memory. */
struct fw_entry *fw_chain_insert(struct fw_chain *c, unsigned at);
void fw_chain_remove(struct fw_chain *c, unsigned at);

/* ---- changes --------------------------------------------------------------------------------- */

/* Besides the verbs of commands: what a saved text does. */
enum { FW_FLUSH_TABLE = FW_VERBS, FW_RESTORE_CHAIN, FW_RESTORE_POLICY, FW_CHANGES };

struct fw_change {
  int verb, table;
  const char *chain, *name, *jump; /* jump: a chain */
  uint32_t number;                 /* of a rule, from 1 */
  uint32_t tag;                    /* what errors call it by */
  const void *body;                /* attributes of the rule */
  uint32_t len;
  uint64_t packets, bytes;
};
int fw_changes_push(struct fw_changes *ch, const struct fw_change *c, struct fw_error *e);

/* Messages for the kernel. */
struct fw_batch {
  uint8_t *p;
  size_t len, cap;
  uint32_t seq, first; /* of the next message; of the batch's begin */
  uint32_t *tag;       /* of each message, from the first on */
  unsigned tags, tag_cap;
  bool failed; /* no memory */
};

/* Working changes out on a view: the messages, and the view as it will be. */
struct fw_plan {
  struct fw_changes *ch;
  struct fw_view view;
  struct fw_batch batch;
  const struct fw_change *now;
  bool positions;
  bool kernel_has[FW_TABLES]; /* before the changes */
  bool touched[FW_TABLES];
  uint32_t ids;
  struct fw_error *e;
};
int fw_plan_apply(struct fw_plan *p);
/* Whether there are rules like those of all its changes. */
int fw_plan_check(struct fw_plan *p, bool *ret_found);
/* Only a chain without rules is deleted. */
enum { FW_NONRECURSIVE = 0x100 /* NLM_F_NONREC */ };
/* Whether the change has to know the rules of the chain. */
bool fw_change_counts(const struct fw_change *change, const struct fw_chain *c);

void fw_batch_begin(struct fw_batch *b, uint32_t generation);
void fw_batch_end(struct fw_batch *b);
void fw_batch_free(struct fw_batch *b);
/* Room for a message of at most this many bytes of attributes; what is put is appended at its
 * end. */
struct fw_out fw_message(struct fw_batch *b, uint16_t type, uint16_t flags, uint8_t family,
                         size_t room);
void fw_message_end(struct fw_batch *b, const struct fw_out *o, uint32_t tag);
/* The messages that are not a rule's. policy < 0: none is said; counters NULL: not set. */
struct fw_counters {
  uint64_t packets, bytes;
};
void fw_batch_table(struct fw_batch *b, uint16_t type, uint16_t flags, uint8_t family, int table,
                    uint32_t tag);
void fw_batch_chain(struct fw_batch *b, uint16_t type, uint16_t flags, uint8_t family,
                    const struct fw_chain *c, const char *name, int policy,
                    const struct fw_counters *counters, uint32_t tag);

/* The attributes of a rule again, with the compatibility attribute that the kernel does not
 * tell. */
struct fw_rewrite {
  bool zero;                                           /* counters */
  const char *(*rename)(const char *chain, void *arg); /* of a chain that it jumps to; or NULL */
  void *arg;
};
void fw_body_copy(struct fw_out *o, const void *attrs, size_t len, const struct fw_rewrite *how);
/* Whether its counter is not zero. */
bool fw_body_counted(const void *attrs, size_t len);

/* What the kernel said to a batch. */
struct fw_verdict {
  int err; /* 0 or -errno of the first message that failed */
  uint32_t seq, offset;
  bool committed; /* it said so */
  bool lost;      /* answers were lost */
};
/* No batch is larger; for tests, and for the hostile build. */
extern size_t fw_send_most;
/* The largest batch that the socket takes, after trying to get room for `len` bytes. */
size_t fw_send_limit(struct nl_sock *s, size_t len);
int fw_batch_send(struct nl_sock *s, struct fw_batch *b, struct fw_verdict *ret);
/* Sends it and finds out whether it took effect: 0, -ERESTART when somebody else was first, or an
 * error in e. */
int fw_batch_commit(struct nl_sock *s, struct fw_batch *b, uint32_t generation, struct fw_error *e);
/* Chains that are being built have names that begin so; no view has them. */
#define FW_STAGED "nslab-staged-"
/* The same in several batches, for the tables that the plan touched; -ERESTART as above. */
int fw_stage(struct fw_plan *p, struct nl_sock *s, size_t limit);
