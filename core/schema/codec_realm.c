/* codec_realm: the values of the filter route, whose handle is made of them: the kernel wants to be
 * told it as well. */
#include "schema/codec.h"
#include "schema/tc.h"
#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

/* The upper half says where from - a realm, a link, or any - and the lower one where to. */
enum { ANY = 0xffff8000, TO_ANY = 0x80ff, FROM_LINK = 0x8000, REALM = 0xff, LOWER = 0xffff };

static void put_part(struct schema_enc *e, const struct schema_row *r, uint32_t v)
{
  struct tcmsg *m = mnl_nlmsg_get_payload(e->nlh);
  uint32_t handle = m->tcm_handle ? m->tcm_handle : (uint32_t)ANY;
  if (r->attr == TCA_ROUTE4_TO)
    handle = (handle & ~(uint32_t)TO_ANY) | (v & REALM);
  else
    handle = (handle & LOWER) | (r->attr == TCA_ROUTE4_IIF ? v | FROM_LINK : v) << 16;
  m->tcm_handle = handle;
  schema_emit(e, r, &v, sizeof v);
}

static void realm_put(struct schema_enc *e, const struct schema_row *r)
{
  put_part(e, r, (uint32_t)codec_integer(e, r, 0, REALM));
}

static bool realm_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                      size_t n)
{
  return schema_u32.get(d, r, p, n);
}

const struct schema_codec schema_tc_realm = {
    .name = "u32", .type = "integer", .put = realm_put, .get = realm_get, .plain = true};

static void realm_dev_put(struct schema_enc *e, const struct schema_row *r)
{
  put_part(e, r, schema_ifindex(e, r, &e->buf->sock, -1));
}

static bool realm_dev_get(const struct schema_dec *d, const struct schema_row *r, const void *p,
                          size_t n)
{
  return schema_dev.get(d, r, p, n);
}

const struct schema_codec schema_tc_realm_dev = {.name = "dev",
                                                 .type = "string|integer",
                                                 .put = realm_dev_put,
                                                 .get = realm_dev_get,
                                                 .read_type = "string"};
