/* rows_macsec: secure channels and associations of MACsec links, as rows; and what the kernel tells
 * of a link. Numbers from linux/if_macsec.h, words from ip-macsec(8). */
#include "schema/macsec.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/if_macsec.h>
#include <string.h>

/* ---- wire types ------------------------------------------------------------------------------ */

/* Bytes as hexadecimal digits. .len of the row: how many; shorter ones are filled up with zeros. */
static void hex_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t bytes[MACSEC_MAX_KEY_LEN] = {0};
  size_t n = macsec_want_hex(e, r, bytes, r->len ? r->len : sizeof bytes);
  schema_emit(e, r, bytes, r->len ? r->len : n);
}

static bool hex_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  (void)r;
  macsec_push_hex(d->L, p, n);
  return true;
}

static const struct schema_codec hex_codec = {
    .name = "string", .type = "string", .put = hex_put, .get = hex_get, .plain = true};

/* A number of a packet: 64 bits of the ciphers with long ones. */
static bool number_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  return n == sizeof(uint64_t) ? schema_u64.get(d, r, p, n) : schema_u32.get(d, r, p, n);
}

static const struct schema_codec number_codec = {
    .name = "u32", .type = "integer", .get = number_get};

/* Numbers in attributes of their own; the words say which is which. */
static bool stats_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  const char *end = (const char *)p + n;
  luaL_checkstack(d->L, 4, r->key);
  lua_newtable(d->L);
  for (const struct nlattr *a = p; mnl_attr_ok(a, (int)(end - (const char *)a));
       a = mnl_attr_next(a))
    for (const struct schema_name *name = r->arg; name->name; name++)
      if (name->value == mnl_attr_get_type(a) &&
          number_get(d, r, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a)))
        lua_setfield(d->L, -2, name->name);
  return true;
}

static const struct schema_codec stats_codec = {
    .name = "counters", .type = "table<string, integer>", .get = stats_get};

/* ---- what is asked for ----------------------------------------------------------------------- */

static const struct schema_step channel[] = {{SCHEMA_ATTR(MACSEC_ATTR_RXSC_CONFIG)}, {0, NULL}},
                                association[] = {{SCHEMA_ATTR(MACSEC_ATTR_SA_CONFIG)}, {0, NULL}};
static const struct schema_range associations = {0, 3}, numbers = {1, UINT32_MAX},
                                 long_numbers = {1, INT64_MAX};

#define CHANNEL_ROWS                                                                               \
  {.key = "dev",                                                                                   \
   SCHEMA_ATTR(MACSEC_ATTR_IFINDEX),                                                               \
   .codec = &schema_dev,                                                                           \
   .flags = SCHEMA_HIDDEN,                                                                         \
   .doc = "the MACsec link"},                                                                      \
      {.key = "sci",                                                                               \
       SCHEMA_ATTR(MACSEC_RXSC_ATTR_SCI),                                                          \
       .in = channel,                                                                              \
       .codec = &macsec_sci,                                                                       \
       .words = "sci",                                                                             \
       .doc = "of receiving: the channel of the sender, 16 hexadecimal digits"},                   \
      {.key = "address",                                                                           \
       SCHEMA_ATTR(MACSEC_RXSC_ATTR_SCI),                                                          \
       .in = channel,                                                                              \
       .codec = &macsec_sci_address,                                                               \
       .words = "address",                                                                         \
       .doc = "in place of that: the sender's hardware address, with `port`"},                     \
  {                                                                                                \
    .key = "port", SCHEMA_ATTR(MACSEC_RXSC_ATTR_SCI), .in = channel, .codec = &macsec_sci_port,    \
    .words = "port", .doc = "and its port, 1 to 65535"                                             \
  }

static const struct schema_row channel_rows[] = {CHANNEL_ROWS,
                                                 {.key = "active",
                                                  SCHEMA_ATTR(MACSEC_RXSC_ATTR_ACTIVE),
                                                  .in = channel,
                                                  .codec = &schema_bool8,
                                                  .words = "on|off",
                                                  .doc = "it is in use"},
                                                 SCHEMA_END};
const struct schema schema_macsec_channel = {.name = "macsec.channel",
                                             .doc = "A sender that a MACsec link listens to.",
                                             .hdr = sizeof(struct genlmsghdr),
                                             .rows = channel_rows};

static const struct schema_row association_rows[] = {
    CHANNEL_ROWS,
    {.key = "sa",
     SCHEMA_ATTR(MACSEC_SA_ATTR_AN),
     .in = association,
     .codec = &schema_u8,
     .arg = &associations,
     .words = "sa",
     .doc = "number of the association, 0 to 3; without it a channel is meant"},
    {.key = "pn",
     SCHEMA_ATTR(MACSEC_SA_ATTR_PN),
     .in = association,
     .codec = &schema_u32,
     .arg = &numbers,
     .words = "pn",
     .doc = "number of the next packet"},
    {.key = "xpn",
     SCHEMA_ATTR(MACSEC_SA_ATTR_PN),
     .in = association,
     .codec = &schema_u64,
     .arg = &long_numbers,
     .words = "xpn",
     .doc = "the same of the ciphers with long numbers (xpn)"},
    {.key = "salt",
     SCHEMA_ATTR(MACSEC_SA_ATTR_SALT),
     .in = association,
     .len = MACSEC_SALT_LEN,
     .codec = &hex_codec,
     .words = "salt",
     .doc = "of those ciphers: 24 hexadecimal digits"},
    {.key = "ssci",
     SCHEMA_ATTR(MACSEC_SA_ATTR_SSCI),
     .in = association,
     .codec = &schema_be32,
     .words = "ssci 0x",
     .doc = "of those ciphers: short number of the channel"},
    {.key = "key_id",
     SCHEMA_ATTR(MACSEC_SA_ATTR_KEYID),
     .in = association,
     .len = MACSEC_KEYID_LEN,
     .codec = &hex_codec,
     .words = "key",
     .doc = "name of the key, up to 32 hexadecimal digits: \"01\""},
    {.key = "key",
     SCHEMA_ATTR(MACSEC_SA_ATTR_KEY),
     .in = association,
     .codec = &hex_codec,
     .flags = SCHEMA_HIDDEN,
     .doc = "the key, 32 or 64 hexadecimal digits as the cipher wants it"},
    {.key = "active",
     SCHEMA_ATTR(MACSEC_SA_ATTR_ACTIVE),
     .in = association,
     .codec = &schema_bool8,
     .words = "on|off",
     .doc = "it is in use"},
    SCHEMA_END};
const struct schema schema_macsec = {
    .name = "macsec",
    .doc = "A secure association of a MACsec link: a key, for sending or for one sender.",
    .hdr = sizeof(struct genlmsghdr),
    .rows = association_rows};

/* ---- what is told ---------------------------------------------------------------------------- */

#define TOLD(key_, attr_, codec_, arg_, doc_)                                                      \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(attr_), .codec = &codec_, .arg = arg_, .flags = SCHEMA_READONLY,      \
    .doc = doc_                                                                                    \
  }
#define TOLD_IN(nest_, key_, attr_, codec_, arg_, doc_)                                            \
  {                                                                                                \
    .key = key_, SCHEMA_ATTR(attr_), .in = nest_, .codec = &codec_, .arg = arg_,                   \
    .flags = SCHEMA_READONLY, .doc = doc_                                                          \
  }

static const struct schema_name sa_counters[] = {
    {"in_pkts_ok", MACSEC_SA_STATS_ATTR_IN_PKTS_OK},
    {"in_pkts_invalid", MACSEC_SA_STATS_ATTR_IN_PKTS_INVALID},
    {"in_pkts_not_valid", MACSEC_SA_STATS_ATTR_IN_PKTS_NOT_VALID},
    {"in_pkts_not_using_sa", MACSEC_SA_STATS_ATTR_IN_PKTS_NOT_USING_SA},
    {"in_pkts_unused_sa", MACSEC_SA_STATS_ATTR_IN_PKTS_UNUSED_SA},
    {"out_pkts_protected", MACSEC_SA_STATS_ATTR_OUT_PKTS_PROTECTED},
    {"out_pkts_encrypted", MACSEC_SA_STATS_ATTR_OUT_PKTS_ENCRYPTED},
    {NULL, 0}};

static const struct schema_row told_sa_rows[] = {
    TOLD("sa", MACSEC_SA_ATTR_AN, schema_u8, NULL, "number of the association"),
    TOLD("pn", MACSEC_SA_ATTR_PN, number_codec, NULL, "number of the next packet"),
    TOLD("active", MACSEC_SA_ATTR_ACTIVE, schema_bool8, NULL, "it is in use"),
    TOLD("ssci", MACSEC_SA_ATTR_SSCI, schema_be32, NULL, "short number of the channel"),
    TOLD("key_id", MACSEC_SA_ATTR_KEYID, hex_codec, NULL, "name of the key"),
    TOLD("stats", MACSEC_SA_ATTR_STATS, stats_codec, sa_counters,
         "in_pkts_ok, out_pkts_encrypted ..."),
    SCHEMA_END};
static const struct schema told_sa = {.name = "macsec.device.sa",
                                      .doc = "A secure association, as the kernel tells it.",
                                      .rows = told_sa_rows};

static const struct schema_row told_channel_rows[] = {
    TOLD("sci", MACSEC_RXSC_ATTR_SCI, macsec_sci, NULL, "the channel of the sender"),
    TOLD("active", MACSEC_RXSC_ATTR_ACTIVE, schema_bool8, NULL, "it is in use"),
    TOLD("sas", MACSEC_RXSC_ATTR_SA_LIST, schema_peers, &told_sa, "its associations"), SCHEMA_END};
static const struct schema told_channel = {.name = "macsec.device.channel",
                                           .doc = "A sender, as the kernel tells it.",
                                           .rows = told_channel_rows};

static const struct schema_step secy[] = {{SCHEMA_ATTR(MACSEC_ATTR_SECY)}, {0, NULL}},
                                offload[] = {{SCHEMA_ATTR(MACSEC_ATTR_OFFLOAD)}, {0, NULL}};
static const struct schema_name offloads[] = {{"off", 0}, {"phy", 1}, {"mac", 2}, {NULL, 0}};

static const struct schema_row device_rows[] = {
    TOLD("dev", MACSEC_ATTR_IFINDEX, schema_dev, NULL, "the link"),
    TOLD("ifindex", MACSEC_ATTR_IFINDEX, schema_u32, NULL, "its number"),
    TOLD_IN(secy, "sci", MACSEC_SECY_ATTR_SCI, macsec_sci, NULL, "the channel it sends in"),
    TOLD_IN(secy, "encodingsa", MACSEC_SECY_ATTR_ENCODING_SA, schema_u8, NULL,
            "the association it sends with"),
    TOLD_IN(secy, "protect", MACSEC_SECY_ATTR_PROTECT, schema_bool8, NULL, "frames are protected"),
    TOLD_IN(secy, "validate", MACSEC_SECY_ATTR_VALIDATE, schema_enum8, macsec_validations,
            "what comes in is checked"),
    TOLD_IN(secy, "encrypt", MACSEC_SECY_ATTR_ENCRYPT, schema_bool8, NULL, "frames are encrypted"),
    TOLD_IN(secy, "send_sci", MACSEC_SECY_ATTR_INC_SCI, schema_bool8, NULL,
            "frames have the identifier of the channel"),
    TOLD_IN(secy, "end_station", MACSEC_SECY_ATTR_ES, schema_bool8, NULL,
            "the sender's address stands for it"),
    TOLD_IN(secy, "scb", MACSEC_SECY_ATTR_SCB, schema_bool8, NULL, "single copy broadcast"),
    TOLD_IN(secy, "replay", MACSEC_SECY_ATTR_REPLAY, schema_bool8, NULL,
            "frames that come again are dropped"),
    TOLD_IN(secy, "window", MACSEC_SECY_ATTR_WINDOW, schema_u32, NULL,
            "how many frames late one may come"),
    TOLD_IN(secy, "cipher", MACSEC_SECY_ATTR_CIPHER_SUITE, macsec_cipher, macsec_ciphers,
            "gcm-aes-128 ..."),
    TOLD_IN(secy, "icvlen", MACSEC_SECY_ATTR_ICV_LEN, schema_u8, NULL,
            "length of the checksum, in bytes"),
    TOLD_IN(secy, "oper", MACSEC_SECY_ATTR_OPER, schema_bool8, NULL, "it is up and has a key"),
    TOLD_IN(offload, "offload", MACSEC_OFFLOAD_ATTR_TYPE, schema_enum8, offloads, "who does it"),
    TOLD("tx", MACSEC_ATTR_TXSA_LIST, schema_peers, &told_sa, "associations for sending"),
    TOLD("rx", MACSEC_ATTR_RXSC_LIST, schema_peers, &told_channel, "those it listens to"),
    SCHEMA_END};
const struct schema schema_macsec_device = {.name = "macsec.device",
                                            .doc = "The keys of a MACsec link.",
                                            .hdr = sizeof(struct genlmsghdr),
                                            .rows = device_rows};
