/* internal: helpers that several files of codecs share. */
#pragma once
#include "schema/schema.h"
#include <netinet/in.h>

/* The text at the top of the stack. A zero byte would end it unseen. Raises. */
const char *schema_want_text(struct schema_enc *e, const struct schema_row *r, const char *want);
/* Writes the address and its family; false if the text is none. */
bool schema_parse_address(const char *s, int *ret_family, struct in6_addr *ret);
size_t schema_address_len(int family);
/* Pushes the address as text and returns true; false if no address is so long. */
bool schema_push_address(lua_State *L, const void *p, size_t n);
/* The integer at the top of the stack. Raises about what is none, and about what is not in the
 * range of the row's argument, if it has one, or in this one. */
lua_Integer schema_want_integer(struct schema_enc *e, const struct schema_row *r, int64_t min,
                                int64_t max);
/* "Did you mean ...?", or all the words when none is near. */
const char *schema_word_hint(lua_State *L, const struct schema_name *names, const char *word);
