/* rows_link_macsec: links of MACsec as rows, and the wire types that they share with its keys
 * (rows_macsec.c): the identifier of a secure channel, its parts. Words from ip-macsec(8). */
#include "schema/macsec.h"
#include "schema/rows_link.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/if_macsec.h>
#include <string.h>

/* ---- bytes as text --------------------------------------------------------------------------- */

static int digit(char c)
{
  static const char digits[] = "0123456789abcdef";
  const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
  return at ? (int)(at - digits) : -1;
}

size_t macsec_want_hex(struct schema_enc *e, const struct schema_row *r, uint8_t *ret, size_t size)
{
  const char *text = schema_want_text(e, r, "a text of hexadecimal digits");
  size_t n = strlen(text);
  bool ok = n > 0 && n % 2 == 0;
  for (size_t i = 0; ok && i < n; i++) {
    int v = digit(text[i]);
    ok = v >= 0;
    if (ok && i / 2 < size)
      ret[i / 2] = (uint8_t)(i % 2 ? ret[i / 2] | v : v << 4);
  }
  if (!ok)
    schema_fail(e, r, EINVAL, "Two hexadecimal digits are a byte: \"00ff\".",
                "\"%s\" is not made of bytes", text);
  if (n / 2 > size)
    schema_fail(e, r, EINVAL, NULL, "at most %d hexadecimal digits are needed, these are %d",
                (int)size * 2, (int)n);
  return n / 2;
}

void macsec_push_hex(lua_State *L, const void *p, size_t n)
{
  static const char digits[] = "0123456789abcdef";
  const uint8_t *bytes = p;
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (size_t i = 0; i < n; i++) {
    luaL_addchar(&b, digits[bytes[i] >> 4]);
    luaL_addchar(&b, digits[bytes[i] & 15]);
  }
  luaL_pushresult(&b);
}

/* ---- secure channels ------------------------------------------------------------------------- */

/* Six bytes of a hardware address and two of a port. */
enum { SCI = 8, SCI_PORT = 6 };

/* "020000000001000a"; leading zeros may be left out, as of any number. */
static void sci_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t bytes[SCI] = {0}, sci[SCI] = {0};
  const char *text = schema_want_text(e, r, "a text of hexadecimal digits");
  if (strlen(text) % 2)
    lua_pushfstring(e->L, "0%s", text);
  else
    lua_pushvalue(e->L, -1);
  size_t n = macsec_want_hex(e, r, bytes, sizeof bytes);
  lua_pop(e->L, 1);
  memcpy(sci + SCI - n, bytes, n);
  schema_emit(e, r, sci, sizeof sci);
}

static bool sci_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  (void)r;
  if (n < SCI)
    return false;
  macsec_push_hex(d->L, p, SCI);
  return true;
}

const struct schema_codec macsec_sci = {
    .name = "string", .type = "string", .put = sci_put, .get = sci_get, .plain = true};

static void want_address(struct schema_enc *e, const struct schema_row *r, uint8_t *ret)
{
  uint8_t mac[32];
  if (codec_mac(e, r, mac, sizeof mac) != SCI_PORT)
    schema_fail(e, r, EINVAL, NULL, "a hardware address of six bytes is needed");
  memcpy(ret, mac, SCI_PORT);
}

/* The parts of one are written as one, by the port; and it is what is read. */
static void sci_address_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t mac[SCI_PORT];
  want_address(e, r, mac);
  if (!schema_given(e, "port"))
    schema_fail(e, r, EINVAL, "port = 1, say.", "its port is missing");
}

const struct schema_codec macsec_sci_address = {
    .name = "mac", .type = "string", .put = sci_address_put};

static void sci_port_put(struct schema_enc *e, const struct schema_row *r)
{
  uint8_t sci[SCI] = {0};
  uint16_t port = htons((uint16_t)codec_integer(e, r, 1, UINT16_MAX));
  memcpy(sci + SCI_PORT, &port, sizeof port);
  if (schema_given(e, "address")) {
    lua_getfield(e->L, e->t, "address");
    want_address(e, r, sci);
    lua_pop(e->L, 1);
    schema_emit(e, r, sci, sizeof sci);
  } else if (r->other) {
    codec_emit(e, r, r->other, &port, sizeof port);
  } else {
    schema_fail(e, r, EINVAL, "address = \"02:00:00:00:00:02\", say.",
                "the address of the sender is missing");
  }
}

const struct schema_codec macsec_sci_port = {.name = "u16", .type = "integer", .put = sci_port_put};

/* ---- ciphers --------------------------------------------------------------------------------- */

static const uint64_t cipher_ids[] = {
    MACSEC_DEFAULT_CIPHER_ID, MACSEC_CIPHER_ID_GCM_AES_128, MACSEC_CIPHER_ID_GCM_AES_256,
    MACSEC_CIPHER_ID_GCM_AES_XPN_128, MACSEC_CIPHER_ID_GCM_AES_XPN_256};
enum { CIPHERS = sizeof cipher_ids / sizeof *cipher_ids };

/* The first has two numbers; the kernel tells that of an older standard. */
const struct schema_name macsec_ciphers[] = {{"gcm-aes-128", 1},     {"default", 0},
                                             {"gcm-aes-256", 2},     {"gcm-aes-xpn-128", 3},
                                             {"gcm-aes-xpn-256", 4}, {NULL, 0}};

static void cipher_put(struct schema_enc *e, const struct schema_row *r)
{
  uint32_t i = codec_word(e, r, r->arg, CIPHERS - 1);
  schema_emit(e, r, &cipher_ids[i], sizeof *cipher_ids);
}

static bool cipher_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                       size_t n)
{
  uint64_t id;
  uint32_t i = 0;
  if (n < sizeof id)
    return false;
  memcpy(&id, p, sizeof id);
  while (i < CIPHERS && cipher_ids[i] != id)
    i++;
  if (i == CIPHERS)
    macsec_push_hex(d->L, p, sizeof id);
  else
    codec_push_word(d->L, r->arg, i == 0 ? 1 : i);
  return true;
}

const struct schema_codec macsec_cipher = {
    .name = "enum", .type = "string", .put = cipher_put, .get = cipher_get, .plain = true};

/* ---- rows ------------------------------------------------------------------------------------ */

static const struct schema_range icv_lengths = {MACSEC_MIN_ICV_LEN, MACSEC_STD_ICV_LEN},
                                 associations = {0, 3};
const struct schema_name macsec_validations[] = {
    {"disabled", 0}, {"check", 1}, {"strict", 2}, {NULL, 0}};
static const struct schema_name offloads[] = {{"off", 0}, {"phy", 1}, {"mac", 2}, {NULL, 0}};

static const struct schema_row macsec_rows[] = {
    ROW("sci", "sci", IFLA_MACSEC_SCI, macsec_sci,
        "identifier of the channel that it sends in, 16 hexadecimal digits: the hardware address "
        "and the port"),
    ROW("address", "address", IFLA_MACSEC_SCI, macsec_sci_address,
        "hardware address in that, with `port`; read: sci"),
    ROW_OTHER("port", "port", IFLA_MACSEC_SCI, IFLA_MACSEC_PORT, macsec_sci_port, NULL,
              "port in that, 1 without it; alone: of the link's own address; read: sci"),
    ROW_ARG("cipher", "cipher", IFLA_MACSEC_CIPHER_SUITE, macsec_cipher, macsec_ciphers,
            "gcm-aes-128 (the default), gcm-aes-256, gcm-aes-xpn-128, gcm-aes-xpn-256"),
    ROW_ARG("icvlen", "icvlen", IFLA_MACSEC_ICV_LEN, schema_u8, &icv_lengths,
            "length of the checksum that cannot be forged, 8 to 16 bytes"),
    ROW("encrypt", "encrypt on|off", IFLA_MACSEC_ENCRYPT, schema_bool8,
        "frames are encrypted; off: only protected from change"),
    ROW("send_sci", "send_sci on|off", IFLA_MACSEC_INC_SCI, schema_bool8,
        "every frame has the identifier of its channel"),
    ROW("end_station", "end_station on|off", IFLA_MACSEC_ES, schema_bool8,
        "the sender's address stands for the identifier"),
    ROW("scb", "scb on|off", IFLA_MACSEC_SCB, schema_bool8, "single copy broadcast (EPON)"),
    ROW("protect", "protect on|off", IFLA_MACSEC_PROTECT, schema_bool8,
        "frames that are sent are protected"),
    ROW("replay", "replay on|off", IFLA_MACSEC_REPLAY_PROTECT, schema_bool8,
        "frames that come again are dropped; needs `window`"),
    ROW("window", "window", IFLA_MACSEC_WINDOW, schema_u32,
        "how many frames late one may come, with `replay`"),
    ROW_ARG("validate", "validate", IFLA_MACSEC_VALIDATION, schema_enum8, macsec_validations,
            "what comes in is checked: strict (the default), check, disabled"),
    ROW_ARG("encodingsa", "encodingsa", IFLA_MACSEC_ENCODING_SA, schema_u8, &associations,
            "the secure association that is used for sending, 0 to 3"),
    ROW_ARG("offload", "offload", IFLA_MACSEC_OFFLOAD, schema_enum8, offloads,
            "who does it: off (the kernel), phy, mac"),
    SCHEMA_END};
static const struct schema_name macsec_attrs[] = {SCHEMA_NAME(IFLA_MACSEC_PORT), {NULL, 0}};
const struct schema schema_link_macsec = {
    .name = "link.macsec",
    .doc = "An encrypted link (802.1AE) on the link `link`. macsec.add gives it keys.",
    .example = "link.add(\"v0\", { veth = { peer = \"v1\" } })\n"
               "link.add(\"x0\", { link = \"v0\", macsec = { port = 1, encrypt = true } })",
    .attrs = macsec_attrs,
    .rows = macsec_rows};
