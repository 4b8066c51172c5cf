/* split: messages that tell of several objects at once - the VLANs of a port, the groups of a
 * bridge - as messages about one each, so that everything else knows only those. What a part looks
 * like is the business of the schema's own splitter. */
#include "schema/schema.h"
#include <libmnl/libmnl.h>
#include <string.h>

void schema_split_begin(struct schema_split *s, const struct schema *schema,
                        const struct nlmsghdr *msg, void *buf, size_t room)
{
  *s = (struct schema_split){.schema = schema, .msg = msg, .part = buf, .room = room};
}

const struct schema *schema_part(const struct schema *s)
{
  return s && s->part ? s->part : s;
}

const struct nlmsghdr *schema_split_next(struct schema_split *s)
{
  if (s->done)
    return NULL;
  if (s->schema->split == NULL) {
    s->done = true;
    return s->msg;
  }
  s->done = mnl_nlmsg_get_payload_len(s->msg) < s->schema->hdr || !s->schema->split(s);
  return s->done ? NULL : s->part;
}

const struct nlattr *schema_next_attr(const void *attrs, size_t len, const struct nlattr *after,
                                      uint16_t type)
{
  const char *end = (const char *)attrs + len;
  const struct nlattr *a = after ? mnl_attr_next(after) : attrs;
  for (; mnl_attr_ok(a, (int)(end - (const char *)a)); a = mnl_attr_next(a))
    if (mnl_attr_get_type(a) == type)
      return a;
  return NULL;
}

bool schema_part_begin(struct schema_split *s, const void *hdr, size_t len)
{
  if (s->room < sizeof *s->part + SCHEMA_ALIGN(len))
    return false;
  memset(s->part, 0, sizeof *s->part + SCHEMA_ALIGN(len));
  s->part->nlmsg_type = s->msg->nlmsg_type;
  s->part->nlmsg_flags = s->msg->nlmsg_flags;
  s->part->nlmsg_len = (uint32_t)(sizeof *s->part + SCHEMA_ALIGN(len));
  memcpy(mnl_nlmsg_get_payload(s->part), hdr, len);
  return true;
}

bool schema_part_put(struct schema_split *s, uint16_t type, const void *p, size_t n)
{
  return n <= UINT16_MAX - sizeof(struct nlattr) &&
         mnl_attr_put_check(s->part, s->room, type, n, p);
}
