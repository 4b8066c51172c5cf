/* print: a rule as text, in the words of `iptables -S` (which are also what lists, saved texts and
 * error messages are made of) and in the columns of `iptables -L`. */
#include "firewall/internal.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

/* ---- parts ----------------------------------------------------------------------------------- */

/* libxtables' short list first, so that a machine without /etc/protocols has the usual names. */
const char *fw_protocol_name(uint16_t proto)
{
  static char names[256][32];
  static bool asked[256];
  for (unsigned i = 0; xtables_chain_protos[i].name; i++)
    if (xtables_chain_protos[i].num == proto)
      return xtables_chain_protos[i].name;
  if (proto == 0 || proto > 255)
    return NULL;
  if (!asked[proto]) {
    const struct protoent *p = getprotobynumber(proto);
    snprintf(names[proto], sizeof names[proto], "%s", p ? p->p_name : "");
    asked[proto] = true;
  }
  return names[proto][0] ? names[proto] : NULL;
}

/* Length of the prefix that the mask is, or -1. */
static int prefix(const uint8_t *mask, size_t len)
{
  unsigned bits = 0, i = 0;
  while (i < len && mask[i] == 0xff)
    i++;
  bits = 8 * i;
  if (i < len && mask[i]) {
    uint8_t rest = mask[i++];
    for (; rest & 0x80; rest = (uint8_t)(rest << 1))
      bits++;
    if (rest)
      return -1;
  }
  for (; i < len; i++)
    if (mask[i])
      return -1;
  return (int)bits;
}

static void put_v4(struct fw_text *t, const uint8_t bytes[4])
{
  for (int i = 0; i < 4; i++) {
    if (i > 0)
      fw_text_put(t, ".", 1);
    fw_text_number(t, bytes[i]);
  }
}

static void put_address(struct fw_text *t, bool v6, const union nf_inet_addr *a)
{
  char text[INET6_ADDRSTRLEN];
  if (v6)
    fw_text_str(t, inet_ntop(AF_INET6, a, text, sizeof text));
  else
    put_v4(t, (const uint8_t *)a);
}

/* ---- iptables -S ----------------------------------------------------------------------------- */

static void save_address(const struct fw_rule *r, struct fw_text *t, int side, const char *option,
                         uint8_t bit)
{
  static const union nf_inet_addr any;
  bool v6 = r->family == NFPROTO_IPV6;
  size_t len = v6 ? 16 : 4;
  const struct fw_address *a = &r->address[side];
  if (!(r->inverted & bit) && memcmp(&a->mask, &any, len) == 0 && memcmp(&a->addr, &any, len) == 0)
    return;
  fw_text_str(t, r->inverted & bit ? " ! " : " ");
  fw_text_str(t, option);
  put_address(t, v6, &a->addr);
  fw_text_put(t, "/", 1);
  int bits = prefix((const uint8_t *)&a->mask, len);
  if (bits < 0)
    put_address(t, v6, &a->mask);
  else
    fw_text_number(t, (uint64_t)bits);
}

static void save_interface(const struct fw_rule *r, struct fw_text *t, int side, const char *option,
                           uint8_t bit)
{
  const char *name = r->iface[side];
  if (name[0] == '\0' || (strcmp(name, "+") == 0 && !(r->inverted & bit)))
    return;
  fw_text_str(t, r->inverted & bit ? " ! " : " ");
  fw_text_str(t, option);
  fw_text_str(t, name);
}

static void save_protocol(const struct fw_rule *r, struct fw_text *t)
{
  if (r->proto == 0)
    return;
  const char *name = fw_protocol_name(r->proto);
  fw_text_str(t, r->inverted & FW_NOT_PROTO ? " ! -p " : " -p ");
  if (name)
    fw_text_str(t, name);
  else
    fw_text_number(t, r->proto);
}

static void save_action(const struct fw_rule *r, struct fw_text *t)
{
  if (r->has_target) {
    fw_text_str(t, " -j ");
    fw_text_str(t, fw_xt_shown(&r->target));
    fw_xt_save(r, &r->target, t);
  } else if (r->jump[0]) {
    fw_text_str(t, r->go_to ? " -g " : " -j ");
    fw_text_str(t, r->jump);
  }
}

void fw_rule_save(const struct fw_rule *r, struct fw_text *t, bool counters)
{
  save_address(r, t, FW_SRC, "-s ", FW_NOT_SRC);
  save_address(r, t, FW_DST, "-d ", FW_NOT_DST);
  save_interface(r, t, FW_IN, "-i ", FW_NOT_IN);
  save_interface(r, t, FW_OUT, "-o ", FW_NOT_OUT);
  save_protocol(r, t);
  if (r->fragment)
    fw_text_str(t, r->inverted & FW_NOT_FRAGMENT ? " ! -f" : " -f");
  for (unsigned i = 0; i < r->matches; i++) {
    fw_text_str(t, " -m ");
    fw_text_str(t, fw_xt_shown(&r->match[i]));
    fw_xt_save(r, &r->match[i], t);
  }
  if (r->foreign.len > 0) {
    fw_text_str(t, " [nf_tables: ");
    fw_text_put(t, r->foreign.p, r->foreign.len);
    fw_text_str(t, "]");
  }
  if (counters)
    fw_text_printf(t, " -c %" PRIu64 " %" PRIu64, r->packets, r->bytes);
  save_action(r, t);
}

/* ---- iptables -L ----------------------------------------------------------------------------- */

/* Text in a column of that width, to the left; in a row as it is. A space follows. */
static void column(struct fw_text *t, const struct fw_format *f, int width, const char *text)
{
  fw_text_printf(t, "%-*s ", f->row ? 0 : width, text);
}

void fw_print_count(struct fw_text *t, uint64_t number, const struct fw_format *f)
{
  static const struct {
    uint64_t limit;
    int width;
    char unit;
  } steps[] = {{99999, 5, 0}, {9999, 4, 'K'}, {9999, 4, 'M'}, {9999, 4, 'G'}};
  if (f->exact) {
    fw_text_printf(t, "%*" PRIu64 " ", f->row ? 0 : 8, number);
    return;
  }
  for (unsigned i = 0; i < FW_ARRAY(steps); i++) {
    if (number <= steps[i].limit) {
      fw_text_printf(t, "%*" PRIu64 "%.1s ", f->row ? 0 : steps[i].width, number, &steps[i].unit);
      return;
    }
    number = (number + 500) / 1000;
  }
  fw_text_printf(t, "%*" PRIu64 "T ", f->row ? 0 : 4, number);
}

static void print_target(const struct fw_rule *r, struct fw_text *t, const struct fw_format *f)
{
  column(t, f, 9, r->jump);
  fw_text_str(t, r->inverted & FW_NOT_PROTO ? "!" : " ");
  const char *name = f->numeric && !f->row ? NULL : fw_protocol_name(r->proto);
  char number[8];
  snprintf(number, sizeof number, "%u", r->proto);
  column(t, f, 4, name ? name : number);
  fw_text_str(t, f->row ? "opt " : "");
  bool v4 = r->family == NFPROTO_IPV4;
  fw_text_str(t, v4 && r->inverted & FW_NOT_FRAGMENT ? "!" : "-");
  fw_text_str(t, v4 && r->fragment ? "f " : "- ");
}

static void print_interface(const struct fw_rule *r, struct fw_text *t, const struct fw_format *f,
                            int side, uint8_t bit)
{
  char name[IFNAMSIZ + 2];
  const char *any = f->numeric ? "*" : "any";
  snprintf(name, sizeof name, "%s%s", r->inverted & bit ? "!" : "",
           r->iface[side][0] ? r->iface[side] : any);
  if (f->row)
    fw_text_str(t, side == FW_IN ? "in " : "out ");
  else if (side == FW_IN)
    fw_text_str(t, " ");
  column(t, f, 6, name);
}

/* "192.0.2.0/24", a name, or "anywhere". libxtables keeps both parts in one place: one at a
 * time. */
static void address_text(const struct fw_rule *r, const struct fw_address *a, bool numeric,
                         char *buf, size_t size)
{
  bool v6 = r->family == NFPROTO_IPV6;
  bool any = v6 ? IN6_IS_ADDR_UNSPECIFIED(&a->addr.in6) : a->mask.ip == 0;
  if (any && !numeric)
    snprintf(buf, size, "anywhere");
  else if (v6)
    snprintf(buf, size, "%s",
             numeric ? xtables_ip6addr_to_numeric(&a->addr.in6)
                     : xtables_ip6addr_to_anyname(&a->addr.in6));
  else
    snprintf(buf, size, "%s",
             numeric ? xtables_ipaddr_to_numeric(&a->addr.in)
                     : xtables_ipaddr_to_anyname(&a->addr.in));
  size_t len = strlen(buf);
  if (!any || numeric)
    snprintf(buf + len, size - len, "%s",
             v6 ? xtables_ip6mask_to_numeric(&a->mask.in6)
                : xtables_ipmask_to_numeric(&a->mask.in));
}

static void print_address(const struct fw_rule *r, struct fw_text *t, const struct fw_format *f,
                          int side, uint8_t bit)
{
  char text[512];
  address_text(r, &r->address[side], f->numeric, text, sizeof text);
  fw_text_str(t, r->inverted & bit ? "!" : " ");
  if (side == FW_SRC || !f->row)
    column(t, f, 19, text);
  else
    fw_text_printf(t, "-> %s", text);
}

void fw_rule_print(const struct fw_rule *r, struct fw_text *t, const struct fw_format *f,
                   unsigned number)
{
  if (f->numbers)
    fw_text_printf(t, f->row ? "%u " : "%-4u ", number);
  if (f->counts) {
    fw_print_count(t, r->packets, f);
    fw_print_count(t, r->bytes, f);
  }
  print_target(r, t, f);
  if (f->counts || f->row) {
    print_interface(r, t, f, FW_IN, FW_NOT_IN);
    print_interface(r, t, f, FW_OUT, FW_NOT_OUT);
  }
  print_address(r, t, f, FW_SRC, FW_NOT_SRC);
  print_address(r, t, f, FW_DST, FW_NOT_DST);
  fw_text_str(t, f->row ? "  " : "");
  fw_text_str(t, r->go_to ? "[goto] " : "");
  for (unsigned i = 0; i < r->matches; i++)
    fw_xt_print(r, &r->match[i], t, f->numeric);
  if (r->foreign.len > 0)
    fw_text_printf(t, " [nf_tables: %s]", r->foreign.p);
  if (r->has_target)
    fw_xt_print(r, &r->target, t, f->numeric);
}
