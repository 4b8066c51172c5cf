/* rule: the life of a rule in memory, and when two of them are the same. */
#include "firewall/internal.h"

#include <stdlib.h>
#include <string.h>

void fw_rule_clear(struct fw_rule *r)
{
  for (unsigned i = 0; i < r->matches; i++)
    fw_xt_unload(&r->match[i]);
  if (r->has_target)
    fw_xt_unload(&r->target);
  r->matches = 0;
  r->has_target = r->fragment = r->go_to = false;
  r->inverted = 0;
  r->proto = 0;
  memset(r->iface, 0, sizeof r->iface);
  memset(r->address, 0, sizeof r->address);
  r->packets = r->bytes = 0;
  r->jump[0] = '\0';
  r->foreign.len = 0;
  r->foreign.failed = false;
}

void fw_rule_free(struct fw_rule *r)
{
  fw_rule_clear(r);
  free(r->match);
  fw_text_free(&r->foreign);
  *r = (struct fw_rule){0};
}

struct fw_ext *fw_rule_match(struct fw_rule *r)
{
  struct fw_ext *grown = fw_grow(r->match, sizeof *grown, r->matches, &r->cap);
  if (grown == NULL)
    return NULL;
  if (grown != r->match)
    for (unsigned i = 0; i < r->matches; i++) /* the block of a native match moved with it */
      if (grown[i].native)
        grown[i].data = grown[i].port.bytes;
  r->match = grown;
  struct fw_ext *x = &grown[r->matches++];
  *x = (struct fw_ext){0};
  return x;
}

/* How much of the block says what the extension does; the rest is the kernel's scratch space. */
static size_t told(const struct fw_ext *x)
{
  if (x->native)
    return strcmp(x->name, "tcp") == 0 ? sizeof(struct xt_tcp) : sizeof(struct xt_udp);
  return x->is_target ? x->lib.target.userspacesize : x->lib.match.userspacesize;
}

static bool same_ext(const struct fw_ext *a, const struct fw_ext *b)
{
  return told(a) == told(b) && memcmp(a->data, b->data, told(a)) == 0;
}

static bool same_base(const struct fw_rule *a, const struct fw_rule *b)
{
  return a->family == b->family && a->inverted == b->inverted && a->proto == b->proto &&
         a->fragment == b->fragment && a->go_to == b->go_to && a->has_target == b->has_target &&
         a->matches == b->matches && memcmp(a->iface, b->iface, sizeof a->iface) == 0 &&
         memcmp((const uint8_t *)a->address, (const uint8_t *)b->address, sizeof a->address) == 0 &&
         strcmp(a->jump, b->jump) == 0;
}

static bool alike(const struct fw_ext *a, const struct fw_ext *b)
{
  return strcmp(a->name, b->name) == 0 && a->revision == b->revision;
}

bool fw_rule_alike(const struct fw_rule *a, const struct fw_rule *b)
{
  if (!same_base(a, b) || a->foreign.len > 0 || b->foreign.len > 0)
    return false;
  for (unsigned i = 0; i < a->matches; i++)
    if (!alike(&a->match[i], &b->match[i]))
      return false;
  return !a->has_target || alike(&a->target, &b->target);
}

bool fw_rule_same(const struct fw_rule *a, const struct fw_rule *b)
{
  if (!fw_rule_alike(a, b))
    return false;
  for (unsigned i = 0; i < a->matches; i++)
    if (!same_ext(&a->match[i], &b->match[i]))
      return false;
  return !a->has_target || same_ext(&a->target, &b->target);
}
