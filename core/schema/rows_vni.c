/* rows_vni: the networks that a vxlan with a list of them (vnifilter) takes frames of, as rows. One
 * message of the kernel tells of several; the request and the part have the same form. Numbers and
 * names from linux/if_link.h, words from bridge(8). */
#include "schema/codec.h"
#include "schema/rows_link.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <string.h>

enum { VNI_MAX = (1 << 24) - 1 };

static const struct schema_step entry[] = {{VXLAN_VNIFILTER_ENTRY, "VXLAN_VNIFILTER_ENTRY"},
                                           {0, NULL}};

static uint32_t number(const struct nlattr *a, uint32_t otherwise)
{
  return a && mnl_attr_get_payload_len(a) >= sizeof otherwise ? mnl_attr_get_u32(a) : otherwise;
}

/* `last` lies beside it; by itself, in the annotated message, it is a number too. */
static bool vni_get(const struct schema_dec *d, const struct schema_row *r, const void *p, size_t n)
{
  const struct nlattr *first = schema_find(d, r->in, r->attr);
  uint32_t v;
  if (n < sizeof v)
    return false;
  memcpy(&v, p, sizeof v);
  bool begins = first && mnl_attr_get_payload(first) == p;
  codec_push_span(d->L, v, begins ? number(schema_find(d, r->in, r->other), v) : v);
  return true;
}

static void vni_put(struct schema_enc *e, const struct schema_row *r)
{
  struct codec_span v = codec_want_span(e, r, r->arg);
  if (v.last == 0)
    schema_fail(e, r, ERANGE, "A range may begin with it: \"0-1\".",
                "the kernel does not take 0 alone");
  schema_emit(e, r, &v.first, sizeof v.first);
  if (v.last > v.first)
    codec_emit(e, r, r->other, &v.last, sizeof v.last);
}

static const struct schema_codec vni = {
    .name = "span", .type = "integer|string", .put = vni_put, .get = vni_get};
static const struct schema_range vnis = {0, VNI_MAX};
static const struct schema_inet group = {0, SCHEMA_GROUP}, remote = {0, SCHEMA_HOST};

static const struct schema_row vni_rows[] = {
    {.key = "dev", SCHEMA_HEAD(tunnel_msg, ifindex), .codec = &schema_dev, .words = "dev",
     .flags = SCHEMA_REQUIRED | SCHEMA_FIRST, .doc = "the vxlan: external, with vnifilter"},
    {.key = "vni", SCHEMA_ATTR(VXLAN_VNIFILTER_ENTRY_START), .other = VXLAN_VNIFILTER_ENTRY_END,
     .in = entry, .codec = &vni, .arg = &vnis, .words = "vni", .flags = SCHEMA_REQUIRED,
     .doc = "number of the network, or a range of them: \"100-110\""},
    {.key = "group", SCHEMA_ATTR(VXLAN_VNIFILTER_ENTRY_GROUP), .other = VXLAN_VNIFILTER_ENTRY_GROUP6,
     .in = entry, .codec = &schema_inet, .arg = &group, .words = "group",
     .doc = "multicast address of the network; the vxlan needs `dev` then"},
    {.key = "remote", SCHEMA_ATTR(VXLAN_VNIFILTER_ENTRY_GROUP), .other = VXLAN_VNIFILTER_ENTRY_GROUP6,
     .in = entry, .codec = &schema_inet, .arg = &remote, .words = "remote",
     .doc = "the one host at the other end"},
    SCHEMA_END};

/* A message about a vxlan has an entry for each network, or for each range of equal ones. */
static bool split_vnis(struct schema_split *s)
{
  const char *hdr = mnl_nlmsg_get_payload(s->msg);
  size_t skip = SCHEMA_ALIGN(sizeof(struct tunnel_msg));
  s->outer = schema_next_attr(hdr + skip, mnl_nlmsg_get_payload_len(s->msg) - skip, s->outer,
                              VXLAN_VNIFILTER_ENTRY);
  return s->outer && schema_part_begin(s, hdr, sizeof(struct tunnel_msg)) &&
         schema_part_put(s, VXLAN_VNIFILTER_ENTRY, mnl_attr_get_payload(s->outer),
                         mnl_attr_get_payload_len(s->outer));
}

void schema_vni_span(const struct nlmsghdr *nlh, lua_State *L, uint32_t *ret_first,
                     uint32_t *ret_last)
{
  struct schema_dec d;
  *ret_first = *ret_last = 0;
  if (!schema_open(&d, L, &schema_vni, mnl_nlmsg_get_payload(nlh), mnl_nlmsg_get_payload_len(nlh),
                   0))
    return;
  *ret_first = number(schema_find(&d, entry, VXLAN_VNIFILTER_ENTRY_START), 0);
  *ret_last = number(schema_find(&d, entry, VXLAN_VNIFILTER_ENTRY_END), *ret_first);
}

static const struct schema_member vni_members[] = {
    SCHEMA_MEMBER(tunnel_msg, family, schema_families, false),
    SCHEMA_MEMBER(tunnel_msg, flags, NULL, false),
    SCHEMA_MEMBER(tunnel_msg, reserved2, NULL, false),
    SCHEMA_MEMBER(tunnel_msg, ifindex, NULL, false),
    {.name = NULL}};
static const struct schema_name vni_attrs[] = {
    SCHEMA_NAME(VXLAN_VNIFILTER_ENTRY_END), SCHEMA_NAME(VXLAN_VNIFILTER_ENTRY_GROUP6), {NULL, 0}};

const struct schema schema_vni = {.name = "vni",
                                  .doc =
                                      "A network that a vxlan with a list of them takes frames of.",
                                  .hdr = sizeof(struct tunnel_msg),
                                  .members = vni_members,
                                  .attrs = vni_attrs,
                                  .split = split_vnis,
                                  .rows = vni_rows};
