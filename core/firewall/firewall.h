/* firewall: iptables-style rules over nf_tables, in exactly the encoding that the iptables program
 * of today writes, so that both read what the other made. Command words in, messages out; messages
 * in, the words of `iptables -S` out. Functions return 0 or -errno. Knows no lua.h. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- what went wrong ------------------------------------------------------------------------- */

/* A negative return goes with one of these. Strings are "" when absent. */
struct fw_error {
  int err;               /* errno, positive */
  int word;              /* index of the word of the command it is about, -1 without */
  uint32_t change;       /* of a transaction: the number its change was added with */
  uint32_t line, column; /* of a text: where, counted from 1; 0 without */
  enum fw_unknown {
    FW_ALL_KNOWN,
    FW_NO_OPTION,
    FW_NO_MATCH,
    FW_NO_TARGET,
    FW_NO_CHAIN,
    FW_NO_TABLE
  } unknown;     /* that of which there is none of that name */
  char name[64]; /* the name */
  char text[320], hint[256];
};

/* Memory that is freed at once. */
struct fw_arena {
  struct fw_block *blocks;
};

/* ---- text and words -------------------------------------------------------------------------- */

/* A text that grows. After a failed allocation it stays as it was and `failed` says so. */
struct fw_text {
  char *p; /* ends with NUL when len > 0 */
  size_t len, cap;
  bool failed;
};
void fw_text_put(struct fw_text *t, const char *bytes, size_t len);
void fw_text_str(struct fw_text *t, const char *s);
void fw_text_number(struct fw_text *t, uint64_t number);
__attribute__((format(printf, 2, 3))) void fw_text_printf(struct fw_text *t, const char *fmt, ...);
/* " word", in double quotes and with backslashes where a shell would need them. */
void fw_text_word(struct fw_text *t, const char *word);
void fw_text_free(struct fw_text *t);

/* The words of a command. Add them, seal, and v[0..n-1] are strings of our own, v[n] is NULL. */
struct fw_words {
  char **v;
  int n, cap;
  size_t *at;      /* where each begins in buf */
  uint32_t *place; /* where it came from: a column, or a number of the caller's */
  char *buf;
  size_t len, size;
  bool failed;
};
void fw_words_clear(struct fw_words *w);
void fw_words_add(struct fw_words *w, const char *word, size_t len, uint32_t place);
/* 0, or -ENOMEM if an add or this failed. */
__attribute__((warn_unused_result)) int fw_words_seal(struct fw_words *w);
void fw_words_free(struct fw_words *w);

enum fw_quoting {
  FW_SHELL, /* single and double quotes and backslashes, as one types into a shell */
  FW_SAVED, /* double quotes with backslashes inside, as iptables-save writes */
};
/* Adds the words of a line and seals; the place of a word is its column, counted from 1. */
__attribute__((warn_unused_result)) int fw_words_split(struct fw_words *w, const char *line,
                                                       size_t len, enum fw_quoting how,
                                                       struct fw_error *e);

/* ---- tables and chains that iptables knows --------------------------------------------------- */

enum { FW_TABLES = 5, FW_HOOKS = 5 };

struct fw_hook {
  const char *chain, *type;
  uint32_t number;
  int32_t priority;
};
struct fw_table {
  const char *name;
  struct fw_hook hook[FW_HOOKS]; /* in the order of their numbers; ends with chain NULL */
};
/* In the order in which iptables-save lists them. */
extern const struct fw_table fw_tables[FW_TABLES];
/* Index of the table, or -1. */
int fw_table_find(const char *name);
const struct fw_hook *fw_hook_find(int table, const char *chain);

/* ---- commands -------------------------------------------------------------------------------- */

enum fw_verb {
  FW_NONE, /* a line for the other family only (-4, -6) */
  FW_APPEND,
  FW_INSERT,
  FW_REPLACE,
  FW_DELETE,
  FW_DELETE_NUMBER,
  FW_CHECK,
  FW_LIST,
  FW_LIST_RULES,
  FW_FLUSH,
  FW_ZERO,
  FW_ZERO_NUMBER,
  FW_NEW_CHAIN,
  FW_DELETE_CHAIN,
  FW_RENAME_CHAIN,
  FW_POLICY,
  FW_HELP,
  FW_VERSION,
  FW_VERBS
};

struct fw_rule;
struct fw_address;
struct fw_command {
  enum fw_verb verb;
  bool zero; /* with a list: -Z as well */
  int table;
  const char *chain; /* or NULL */
  const char *name;  /* the new name, or the policy */
  uint32_t number;   /* of a rule, from 1; 0 without */
  bool numeric, verbose, exact, line_numbers;
  struct fw_rule *rule; /* of this family; the addresses of its first source and destination */
  struct fw_address *sources, *destinations; /* malloc'ed; NULL when not said */
  unsigned nsources, ndestinations;
};

/* Reads words: what iptables would have got after its name. Strings point into the words. Clear it
 * with fw_command_clear in every case; a cleared one may be read into again and costs less then. */
struct fw_reading {
  uint8_t family; /* NFPROTO_IPV4, NFPROTO_IPV6 */
  int netns;      /* whose kernel is asked what it supports: a descriptor, or NL_HERE */
  int table;      /* the default, or the one that a restored text is in */
  bool restore;   /* a line of a saved text: -t and -w are errors there */
};
__attribute__((warn_unused_result)) int fw_command_read(struct fw_command *c,
                                                        const struct fw_reading *how,
                                                        struct fw_words *w, struct fw_error *e);
/* For suggestions: the names of what a command could have said instead. */
void fw_names(enum fw_unknown what, const struct fw_command *c, struct fw_words *w);
/* Whether "-p PROTOCOL" alone makes the option known, without its "--". */
bool fw_protocol_has(uint8_t family, int netns, const char *protocol, const char *option);
void fw_command_clear(struct fw_command *c);
void fw_command_free(struct fw_command *c);

/* ---- reading back ---------------------------------------------------------------------------- */

/* A rule as the kernel told it: the attributes of its message. Or one that is to be made. */
struct fw_entry {
  uint64_t handle; /* 0: of this transaction */
  uint32_t id;     /* then this is what other messages call it by */
  uint32_t len;
  uint32_t tag; /* then: the number of the change that makes it */
  const void *attrs;
};

struct fw_chain {
  const char *name;
  const char *known_as; /* the kernel's name until a rename is committed */
  char staged[48];      /* its name while it is built beside the old one; "" without */
  int table;
  uint64_t handle;
  const struct fw_hook *hook; /* NULL: a user's chain */
  bool listed;                /* its rules were read */
  bool imagined;              /* a base chain that iptables shows though it is not there yet */
  bool gone;                  /* deleted in this transaction */
  int policy;                 /* NF_ACCEPT, NF_DROP */
  uint32_t uses;              /* rules in it and jumps to it */
  uint64_t packets, bytes;
  struct fw_entry *rule;
  unsigned rules, cap;
  struct fw_chain *next; /* of the same hash */
};

enum { FW_BUCKETS = 256 };
struct fw_view {
  uint8_t family;
  uint32_t generation;
  struct {
    bool exists;
    bool alien;  /* it has base chains that iptables would not make */
    bool staged; /* somebody of ours builds chains there, or was killed while he did */
  } table[FW_TABLES];
  struct fw_chain **chain; /* base chains in the order of their hooks, then the others by name */
  unsigned chains, cap;
  struct fw_chain *bucket[FW_BUCKETS];
  struct fw_arena memory;
};

struct fw_want {
  uint8_t family;
  int netns;
  int table;         /* -1: all */
  const char *chain; /* of which rules are wanted; NULL: of all */
  bool rules;
  bool imagine; /* add the base chains that are not there yet */
};
/* One consistent state. Free the view in every case. */
__attribute__((warn_unused_result)) int fw_view_read(struct fw_view *v, const struct fw_want *want,
                                                     struct fw_error *e);
struct fw_chain *fw_view_chain(const struct fw_view *v, int table, const char *name);
void fw_view_free(struct fw_view *v);

/* Reads the rule of an entry and appends it in the words of iptables -S behind the chain's name:
 * " -s 192.0.2.0/24 -j ACCEPT". */
struct fw_said {
  uint64_t packets, bytes;
  const char
      *foreign; /* what could not be said, "ct, masq"; "" if all could. Valid until the next */
};
__attribute__((warn_unused_result)) int fw_entry_words(uint8_t family, int netns,
                                                       const struct fw_entry *entry,
                                                       struct fw_text *t, struct fw_said *ret);

/* The name of the chain that the rule is in, or NULL. */
const char *fw_entry_chain(const void *attrs, size_t len);

/* ---- changes --------------------------------------------------------------------------------- */

/* Changes that take effect together or not at all. Begin with {.family = ..., .netns = ...}. */
struct fw_changes {
  uint8_t family;
  int netns;
  bool positions; /* a change counts rules or looks for one */
  struct fw_change *v;
  unsigned n, cap;
  struct fw_arena memory;
  uint8_t *sent; /* after fw_commit: the messages of the last batch */
  size_t sent_len, sent_cap;
  unsigned batches; /* how many it took: one, unless the send buffer was too small */
};
/* Adds what the command asks for; `number` is what an error will call it by. */
__attribute__((warn_unused_result)) int fw_changes_add(struct fw_changes *ch,
                                                       const struct fw_command *c, uint32_t number,
                                                       struct fw_error *e);
/* Adds the changes that a text in iptables-save's format asks for; an error names line and
 * column. */
struct fw_restoring {
  bool keep;       /* add to what is there (iptables-restore --noflush) */
  bool counters;   /* set the counters that the text has */
  int table;       /* only this one, or -1 */
  uint32_t number; /* of all changes; 0: each has that of its line */
};
__attribute__((warn_unused_result)) int fw_changes_restore(struct fw_changes *ch, const char *text,
                                                           size_t len,
                                                           const struct fw_restoring *how,
                                                           struct fw_error *e);
/* All of them at once, or an error and none. Somebody else's commit in between is no error: the
 * changes are worked out again on what is there then. */
__attribute__((warn_unused_result)) int fw_commit(struct fw_changes *ch, struct fw_error *e);
/* The chain of the change with that number, or NULL. */
const char *fw_change_chain(const struct fw_changes *ch, uint32_t number);
void fw_changes_free(struct fw_changes *ch);

/* Whether rules like the command's are there, one for each of its addresses. */
__attribute__((warn_unused_result)) int fw_check(const struct fw_command *c, int netns,
                                                 bool *ret_found, struct fw_error *e);

/* ---- whole tables as text -------------------------------------------------------------------- */

/* iptables-save: all tables that there are, or one (table >= 0). Lines that begin with # say who
 * wrote it and when. */
__attribute__((warn_unused_result)) int fw_save(uint8_t family, int netns, int table, bool counters,
                                                struct fw_text *t, struct fw_error *e);
/* What the listing commands print: -S and -L with their options, of the command's table and
 * chain. */
__attribute__((warn_unused_result)) int fw_list(const struct fw_command *c, int netns,
                                                struct fw_text *t, struct fw_error *e);
/* "-P INPUT ACCEPT" or "-N NAME", and the end of the line. */
void fw_chain_words(const struct fw_chain *c, struct fw_text *t, bool counters);
/* What -v prints of a rule that a command changed. */
void fw_command_print(const struct fw_command *c, struct fw_text *t);
/* The text of --help, with that of the matches and the target that were named before it. */
void fw_help(const struct fw_command *c, const char *program, struct fw_text *t);
/* Of libxtables. */
const char *fw_version(void);

/* ---- taking back (takeback.c) ---------------------------------------------------------------- */

/* Something that the kernel has, by its handle; a table by its name. In this order things go. */
enum fw_thing_kind { FW_THING_RULE, FW_THING_CHAIN, FW_THING_TABLE, FW_THINGS };
struct fw_thing {
  enum fw_thing_kind kind;
  int table;
  const char *chain; /* NULL for a table */
  uint64_t handle;
};
/* Removes those of the things that are there: rules; chains that are empty, unused and, of base
 * chains, let all pass; tables without a chain. */
__attribute__((warn_unused_result)) int
fw_take_back(uint8_t family, int netns, const struct fw_thing *thing, size_t n, struct fw_error *e);
