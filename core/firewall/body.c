/* body: a rule's attributes as the kernel tells them, made ready to be sent again: for resetting
 * counters, and for moving a rule to another chain. Expressions go back as they came. */
#include "firewall/internal.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <string.h>

static void put_raw(struct fw_out *o, const struct nlattr *a)
{
  size_t room = NLA_ALIGN(a->nla_len);
  if (o->full || o->cap - o->len < room) {
    o->full = true;
    return;
  }
  memset(o->p + o->len + room - 4, 0, 4);
  memcpy(o->p + o->len, a, a->nla_len);
  o->len += room;
}

/* The protocol that the rule compares, which is what the compatibility attribute repeats. */
struct protocol {
  bool loaded, known, inverted;
  uint32_t reg;
  uint8_t number;
};

static void note_protocol(struct protocol *p, const struct fw_expr *e)
{
  if (e->word == FW_META && e->set & FW_META_DREG && !p->known) {
    p->loaded = e->meta.key == NFT_META_L4PROTO;
    p->reg = e->meta.dreg;
  } else if (e->word == FW_CMP && p->loaded && !p->known && e->cmp.sreg == p->reg) {
    p->known = true;
    p->number = e->cmp.data.bytes[0];
    p->inverted = e->cmp.op == NFT_CMP_NEQ;
  }
}

static void put_expression(struct fw_out *o, const struct nlattr *elem, struct fw_expr *e,
                           const struct fw_rewrite *how)
{
  bool jumps = e->word == FW_IMMEDIATE && e->immediate.data.len == 0 && e->immediate.chain;
  if (e->word == FW_COUNTER && how->zero) {
    e->counter.packets = e->counter.bytes = 0;
    fw_expr_put(o, e);
  } else if (jumps && how->rename) {
    e->immediate.chain = how->rename(e->immediate.chain, how->arg);
    fw_expr_put(o, e);
  } else {
    put_raw(o, elem);
  }
}

static void put_expressions(struct fw_out *o, const struct nlattr *list,
                            const struct fw_rewrite *how, struct protocol *p)
{
  struct fw_expr e;
  size_t nest = fw_nest(o, NFTA_RULE_EXPRESSIONS);
  for (const struct nlattr *at = fw_attr_first(list), *elem = at;
       fw_expr_next(&at, fw_attr_end(list), &e); elem = at) {
    note_protocol(p, &e);
    put_expression(o, elem, &e, how);
  }
  fw_nest_end(o, nest);
}

void fw_body_copy(struct fw_out *o, const void *attrs, size_t len, const struct fw_rewrite *how)
{
  struct protocol p = {0};
  const void *end = (const char *)attrs + len;
  bool compat = false;
  for (const struct nlattr *a = attrs; fw_attr_ok(a, end); a = fw_attr_next(a)) {
    uint16_t type = mnl_attr_get_type(a);
    compat |= type == NFTA_RULE_COMPAT;
    if (type == NFTA_RULE_EXPRESSIONS)
      put_expressions(o, a, how, &p);
    else if (type == NFTA_RULE_USERDATA || type == NFTA_RULE_COMPAT)
      put_raw(o, a);
  }
  if (compat)
    return;
  size_t nest = fw_nest(o, NFTA_RULE_COMPAT);
  fw_put_u32(o, NFTA_RULE_COMPAT_PROTO, p.known ? p.number : 0);
  fw_put_u32(o, NFTA_RULE_COMPAT_FLAGS, p.inverted ? NFT_RULE_COMPAT_F_INV : 0);
  fw_nest_end(o, nest);
}

bool fw_body_counted(const void *attrs, size_t len)
{
  const void *end = (const char *)attrs + len;
  struct fw_expr e;
  for (const struct nlattr *a = attrs; fw_attr_ok(a, end); a = fw_attr_next(a)) {
    if (mnl_attr_get_type(a) != NFTA_RULE_EXPRESSIONS)
      continue;
    for (const struct nlattr *at = fw_attr_first(a); fw_expr_next(&at, fw_attr_end(a), &e);)
      if (e.word == FW_COUNTER && (e.counter.packets || e.counter.bytes))
        return true;
  }
  return false;
}

const char *fw_entry_chain(const void *attrs, size_t len)
{
  const void *end = (const char *)attrs + len;
  for (const struct nlattr *a = attrs; fw_attr_ok(a, end); a = fw_attr_next(a))
    if (mnl_attr_get_type(a) == NFTA_RULE_CHAIN &&
        memchr(mnl_attr_get_payload(a), '\0', mnl_attr_get_payload_len(a)))
      return mnl_attr_get_str(a);
  return NULL;
}
