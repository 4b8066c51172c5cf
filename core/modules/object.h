/* object: the verbs that every netlink object shares. A module is an `object` (which schema, which
 * messages, which row the key fills) and the rows of its verbs. */
#pragma once
#include "modules/modules.h"
#include "schema/schema.h"

struct batch;
struct object_call;
/* What a filter means by a field when it is not that the values are equal. */
struct object_filter {
  const char *key;
  /* Whether the record (both are stack indexes) is one of those that the value asks for. */
  bool (*matches)(lua_State *L, int want, int record);
};

struct object {
  const char *module;
  const struct schema *schema;
  const struct schema *told; /* what records are of, when a request looks different; or NULL */
  const char *key;           /* the row that KEY fills; NULL: the object has none */
  uint16_t new, del, get;    /* RTM_* */
  /* Puts KEY where the verb needs it; NULL: under its row. */
  void (*put_key)(struct object_call *c, const char *verb);
  bool key_alone; /* the kernel deletes by the key, and refuses to be told more */
  /* What a record is given again as: may change the options that were made of it. Or NULL. */
  void (*of_record)(lua_State *L, int record, int options);
  const char *key_word;    /* what a user calls the key; NULL: as the row */
  const char *exists_hint; /* formats with the key: what to do about EEXIST */
  const char *absent_hint; /* formats with the namespace: get found none */
  /* After the rows: what ip(8) fills in when nobody said it. */
  void (*defaults)(struct schema_enc *e, const char *verb);
  /* Whether list shows the message although the filter (0: none) does not speak of it; or NULL for
   * all. */
  bool (*shown)(const struct nlmsghdr *nlh, lua_State *L, int filter);
  const struct object_filter *filters; /* ends with key NULL; or NULL */
  const char *by_kernel; /* the key of a filter that narrow leaves to the kernel; or NULL */
  /* Puts what narrows the dump into the header, from the filter; or NULL. */
  void (*narrow)(struct schema_enc *e, int filter);
  /* The kernel refused: may set what it can explain better. Or NULL. */
  void (*explain)(struct schema_enc *e, const char *verb, struct rt_error *error);
};

/* One call of a verb: the box with its socket and message, the operation, the encoder. */
struct object_call {
  struct rt_op op;
  struct schema_enc enc;
  struct netns_ref netns;
  struct batch *batch;       /* in which the call waits, or NULL */
  struct schema_split split; /* of the message that list is at */
  int key, options;          /* stack indexes, 0 without */
};

/* Reads the arguments. */
void object_begin(lua_State *L, struct object_call *c, const struct object *o, const char *verb);
/* The same, and opens the socket in the namespace of the call, in a to-be-closed box. */
void object_open(lua_State *L, struct object_call *c, const struct object *o, const char *verb);
/* Pushes the options that the record at idx stands for. */
void object_push_options(lua_State *L, const struct object *o, int idx, const char *skip);
/* Encodes key and options into a message of the type. */
void object_encode(struct object_call *c, const struct object *o, uint16_t type, uint16_t flags,
                   bool strict);
/* Sends the message, or adds it to the batch of the call; raises what the kernel said. */
void object_send(struct object_call *c, const struct object *o);
/* Sends the message and waits for the answer. */
void object_request(struct object_call *c, struct nl_answer *ret);
_Noreturn void object_raise(struct object_call *c, const struct object *o,
                            const struct nl_answer *answer);
/* Fills in what the answer says about the request in c->enc; field is where its path goes. */
void object_describe(struct object_call *c, const struct object *o, const struct nl_answer *answer,
                     char *field, size_t size, struct rt_error *ret);

/* For put_key: the key lies in the same nest as the options, so it becomes one of a copy of them.
 */
void object_key_among_options(struct object_call *c, const char *key);
/* Gives the value at the top, which a filter has under the row, the form in which a record has it;
 * one that no record can have raises (object_filter.c). Whether it was put into the message of the
 * call. */
bool object_filter_value(struct object_call *c, const struct object *o, const struct schema_row *r);
/* A filter by numbers, one or "100-200" (schema_want_span). For narrow: they become one integer.
 * For shown: whether one of them is from first to last; so when the filter does not ask. */
void object_narrow_span(struct schema_enc *e, int filter, const char *key);
/* Asks the kernel itself for what the filter says under the key, if it does: puts the row's value.
 */
void object_narrow_by(struct schema_enc *e, int filter, const char *key);
/* For a filter that the kernel has seen to: every record is one. */
bool object_seen_to(lua_State *L, int want, int record);
bool object_span_asked(lua_State *L, int filter, const char *key, uint32_t first, uint32_t last);

/* The verbs, for the functions that Lua calls. */
int object_change(lua_State *L, const struct object *o, const char *verb, uint16_t flags);
int object_delete(lua_State *L, const struct object *o);
int object_list(lua_State *L, const struct object *o);
int object_each(lua_State *L, const struct object *o);
int object_flush(lua_State *L, const struct object *o);
/* get for objects that the kernel cannot look up by their key: the first of the list. */
int object_first(lua_State *L, const struct object *o);
/* get for objects that it can: sends the encoded message; a record, or nil and an error. */
int object_lookup(struct object_call *c, const struct object *o);

/* The attribute of that type at the top level of a message with so long a fixed header, or NULL
 * when there is none of at least `size` bytes. */
const struct nlattr *object_attr(const struct nlmsghdr *msg, size_t hdr, uint16_t type,
                                 size_t size);

/* The byte of that attribute of a link, or `otherwise` when the kernel does not tell it. */
uint8_t object_link_u8(const struct nlmsghdr *msg, uint16_t type, uint8_t otherwise);

/* Whether the socket's namespace has a link of that name, or of that other name. */
bool object_link_exists(struct nl_sock *s, const char *name);
bool object_has_link(const struct netns_ref *ref, const char *name);
/* The namespace that the running C function acts in, also in a batch. */
void object_netns(lua_State *L, struct netns_ref *ret);
/* Leaves a hint on the stack: which link is meant, where it is (link_hint.c). */
const char *object_no_link(struct schema_enc *e, struct nl_sock *s, const char *name);
/* Lua: netlink.request{...}, netlink.decode(BYTES) (netlink_raw.c). */
int netlink_request(lua_State *L);
int netlink_decode(lua_State *L);
/* Lua: link.impair(NAME, OPTIONS) (link_impair.c). */
int link_impair(lua_State *L);

/* Whether the network that the text at the first index names lies in that of the second; "default"
 * is all of the family of the record (object_network.c). */
bool object_lies_in(lua_State *L, int inner, int outer, int record);
/* The routing table of the vrf of that number, 0 if it is none. */
uint32_t object_vrf_table(struct nl_sock *s, uint32_t ifindex);

/* Pushes the table that the records of one answer share. */
void object_push_context(lua_State *L, const struct netns_ref *netns);
/* Whether the filter (a stack index, 0: there is none) has that key. */
bool object_asked(lua_State *L, int filter, const char *key);
/* Whether it has that word there. */
bool object_asks(lua_State *L, int filter, const char *key, const char *word);
/* Sets the metatable of a list on the table at the top: which object it is of, and, where there is
 * one (0: none), the context and the filter. Its tostring is what ip(8) prints. */
void object_set_list_metatable(lua_State *L, const char *object, int context, int filter);
int netns_hidden(lua_State *L);
/* The userdata that a call's socket and message are in, closed; on the top of the stack. */
struct schema_buf *object_new_buf(lua_State *L);
void object_open_buf(lua_State *L, struct rt_op *op, const struct netns_ref *netns,
                     struct schema_buf *b);
void object_close_buf(struct schema_buf *b);
/* A descriptor of the namespace that a user named, for a message; raises. */
int object_open_netns(lua_State *L, struct rt_op *op, int idx, const char *field);
/* Pushes one string with all those names, each ended by a zero byte. 0, or -errno with what could
 * be read. */
int netns_push_names(lua_State *L);
/* Calls fn for every name under /run/netns, in alphabetical order, until it returns false. */
int netns_each_name(bool (*fn)(void *arg, const char *name), void *arg);
/* Which namespace of those that have a name, or the host, has this number in the socket's. */
bool netns_find_nsid(struct nl_sock *s, int nsid, struct netns_ref *ret);
/* Lua: nsid(handle) -> the number that the namespace the script runs in has for it, or nil. */
int netns_nsid(lua_State *L);

/* ---- batches (netlink.c) --------------------------------------------------------------------- */

/* The batch in whose table the running function lies, or NULL. */
struct batch *batch_of_call(lua_State *L);
/* Where the next request is made. Raises when the batch has ended; sends what waits when there is
 * no room for more descriptors. */
struct schema_buf *batch_buf(lua_State *L, struct batch *b, struct rt_op *op);
const struct netns_ref *batch_netns(const struct batch *b);
/* Adds the message; remembers the operation for an error. */
void batch_add(lua_State *L, struct batch *b, struct object_call *c, const struct object *o);
/* Sends what waits; raises the first error. */
void batch_flush(lua_State *L, struct batch *b, struct rt_op *op);
