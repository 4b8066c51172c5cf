/* macsec: what links of MACsec and their keys share. For the rows of this room. */
#pragma once
#include "schema/codec.h"

/* The bytes that the text at the top of the stack stands for, at most `size`; how many. Raises. */
size_t macsec_want_hex(struct schema_enc *e, const struct schema_row *r, uint8_t *ret, size_t size);
void macsec_push_hex(lua_State *L, const void *p, size_t n);

/* The identifier of a secure channel, and the address and the port that it is made of. */
extern const struct schema_codec macsec_sci, macsec_sci_address, macsec_sci_port, macsec_cipher;
extern const struct schema_name macsec_ciphers[], macsec_validations[];
