/* codec: what the files with codecs share. */
#pragma once
#include "schema/internal.h"

/* The value at the top of the stack, checked; raise through schema_fail. */
lua_Integer codec_integer(struct schema_enc *e, const struct schema_row *r, int64_t min,
                          int64_t max);
bool codec_bool(struct schema_enc *e, const struct schema_row *r);
uint32_t codec_word(struct schema_enc *e, const struct schema_row *r,
                    const struct schema_name *names, uint32_t max);
void codec_push_word(lua_State *L, const struct schema_name *names, uint32_t v);
/* An IP address; the family is AF_INET or AF_INET6. */
int codec_address(struct schema_enc *e, const struct schema_row *r, struct in6_addr *ret);
size_t codec_mac(struct schema_enc *e, const struct schema_row *r, uint8_t *ret, size_t size);
/* Puts under another attribute than the row's. */
void codec_emit(struct schema_enc *e, const struct schema_row *r, uint16_t attr, const void *p,
                size_t n);
/* A number in the range, or two with a dash between them. */
struct codec_span {
  uint32_t first, last;
};
struct codec_span codec_want_span(struct schema_enc *e, const struct schema_row *r,
                                  const struct schema_range *range);
void codec_push_span(lua_State *L, uint32_t first, uint32_t last);
/* The payload of the attribute in the nest that is being filled; made of zeros if it is not
 * there. */
void *codec_shared(struct schema_enc *e, const struct schema_row *r, uint16_t attr, size_t n);
