/* rows_fou: UDP ports behind which the kernel takes packets out (fou, gue), as rows. Numbers from
 * linux/fou.h, words from ip-fou(8). */
#include "schema/codec.h"
#include <linux/fou.h>
#include <linux/genetlink.h>
#include <string.h>

/* Two words for one number: a header says what is inside, or it is said here. */
static void gue_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t type = codec_bool(e, r) ? FOU_ENCAP_GUE : FOU_ENCAP_DIRECT;
  schema_emit(e, r, &type, sizeof type);
}

static bool gue_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  (void)r;
  if (n < 1)
    return false;
  lua_pushboolean(d->L, *(const uint8_t *)p == FOU_ENCAP_GUE);
  return true;
}

static bool gue_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  lua_pushboolean(e->L, 0);
  return true;
}

static const struct schema_codec gue_codec = {.name = "bit",
                                              .type = "boolean",
                                              .put = gue_put,
                                              .get = gue_get,
                                              .imply = gue_imply,
                                              .plain = true};

static const char *text_of(struct schema_enc *e, const char *key)
{
  bool is = lua_getfield(e->L, e->t, key) == LUA_TSTRING;
  const char *text = is ? lua_tostring(e->L, -1) : "";
  lua_pop(e->L, 1); /* the table keeps it */
  return text;
}

/* That of the addresses; IPv4 where there are none. */
static bool family_imply(struct schema_enc *e, const struct schema_row *r)
{
  (void)r;
  bool six = strchr(text_of(e, "local_address"), ':') || strchr(text_of(e, "peer"), ':');
  lua_pushstring(e->L, six ? "inet6" : "inet");
  return true;
}

static void family_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_enum8.put(e, r);
}

static bool family_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  return schema_enum8.get(d, r, p, n);
}

static const struct schema_codec family_codec = {.name = "family",
                                                 .type = "string",
                                                 .put = family_put,
                                                 .get = family_get,
                                                 .imply = family_imply,
                                                 .plain = true};

/* Given by name too, and told as a number: the names differ from one machine to the next. */
static void inside_put(struct schema_enc *e, const struct schema_row *r)
{
  schema_ipproto.put(e, r);
}

/* 0 is what the kernel tells of a port for gue, and takes from nobody. */
static bool inside_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  return n > 0 && *(const uint8_t *)p != 0 && schema_u8.get(d, r, p, n);
}

static const struct schema_codec inside_codec = {.name = "ipproto",
                                                 .type = "string|integer",
                                                 .put = inside_put,
                                                 .get = inside_get,
                                                 .plain = true,
                                                 .read_type = "integer"};

static const struct schema_range ports = {1, UINT16_MAX};
static const struct schema_inet either = {0, SCHEMA_EITHER};

static const struct schema_row fou_rows[] = {
    {.key = "port",
     SCHEMA_ATTR(FOU_ATTR_PORT),
     .codec = &schema_port,
     .arg = &ports,
     .words = "port",
     .doc = "UDP port"},
    {.key = "family",
     SCHEMA_ATTR(FOU_ATTR_AF),
     .codec = &family_codec,
     .arg = schema_families,
     .flags = SCHEMA_HIDDEN,
     .doc = "inet or inet6; without it that of the addresses, or inet"},
    {.key = "ipproto",
     SCHEMA_ATTR(FOU_ATTR_IPPROTO),
     .codec = &inside_codec,
     .words = "ipproto",
     .doc = "what is inside, as in the header of an IP packet: 4 (IPv4), 41 (IPv6), 47 (GRE)"},
    {.key = "gue",
     SCHEMA_ATTR(FOU_ATTR_TYPE),
     .codec = &gue_codec,
     .words = "gue",
     .doc = "a header (generic UDP encapsulation) says what is inside"},
    {.key = "remcsum_nopartial",
     SCHEMA_ATTR(FOU_ATTR_REMCSUM_NOPARTIAL),
     .codec = &schema_flag,
     .flags = SCHEMA_HIDDEN,
     .doc = "remote checksums are made whole at once"},
    {.key = "local_address",
     SCHEMA_ATTR(FOU_ATTR_LOCAL_V4),
     .other = FOU_ATTR_LOCAL_V6,
     .codec = &schema_inet,
     .arg = &either,
     .words = "local",
     .doc = "only packets to this address"},
    {.key = "peer",
     SCHEMA_ATTR(FOU_ATTR_PEER_V4),
     .other = FOU_ATTR_PEER_V6,
     .codec = &schema_inet,
     .arg = &either,
     .words = "peer",
     .doc = "only packets from this address; needs `peer_port`"},
    {.key = "peer_port",
     SCHEMA_ATTR(FOU_ATTR_PEER_PORT),
     .codec = &schema_port,
     .words = "peer_port",
     .doc = "only packets from this port"},
    {.key = "dev",
     SCHEMA_ATTR(FOU_ATTR_IFINDEX),
     .codec = &schema_dev,
     .words = "dev",
     .doc = "only packets from this link"},
    SCHEMA_END};
const struct schema schema_fou = {.name = "fou",
                                  .doc = "A UDP port behind which packets are taken out.",
                                  .hdr = sizeof(struct genlmsghdr),
                                  .rows = fou_rows};
