/* port: the options of -m tcp and -m udp. They are in nearly every rule, so they are read and
 * written here, without libxtables; sentences and words are the ones that a user of iptables
 * knows. */
#include "firewall/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

enum { SPORT = 1, DPORT, SYN, FLAGS, OPTION };

static const struct option tcp_options[] = {{"source-port", required_argument, NULL, SPORT},
                                            {"sport", required_argument, NULL, SPORT},
                                            {"destination-port", required_argument, NULL, DPORT},
                                            {"dport", required_argument, NULL, DPORT},
                                            {"syn", no_argument, NULL, SYN},
                                            {"tcp-flags", required_argument, NULL, FLAGS},
                                            {"tcp-option", required_argument, NULL, OPTION},
                                            {0}};
static const struct option udp_options[] = {{"source-port", required_argument, NULL, SPORT},
                                            {"sport", required_argument, NULL, SPORT},
                                            {"destination-port", required_argument, NULL, DPORT},
                                            {"dport", required_argument, NULL, DPORT},
                                            {0}};

static bool is_tcp(const struct fw_ext *x)
{
  return x->name[0] == 't';
}

bool fw_port_is(const char *name)
{
  return strcmp(name, "tcp") == 0 || strcmp(name, "udp") == 0;
}

void fw_port_init(struct fw_ext *x, const char *name)
{
  *x = (struct fw_ext){.native = true, .data = x->port.bytes};
  strcpy(x->name, name);
  x->size = XT_ALIGN(is_tcp(x) ? sizeof(struct xt_tcp) : sizeof(struct xt_udp));
  x->port.tcp.spts[1] = x->port.tcp.dpts[1] = UINT16_MAX; /* the same place in both */
}

const struct option *fw_port_options(const struct fw_ext *x)
{
  return is_tcp(x) ? tcp_options : udp_options;
}

bool fw_port_has(const char *protocol, const char *name)
{
  const struct option *o = protocol[0] == 't' ? tcp_options : udp_options;
  while (o->name && (o->name[0] != name[0] || strcmp(o->name, name) != 0))
    o++;
  return o->name;
}

bool fw_port_empty(const struct fw_ext *x)
{
  static const struct xt_tcp none = {.spts = {0, UINT16_MAX}, .dpts = {0, UINT16_MAX}};
  return memcmp(x->port.bytes, &none, sizeof none) == 0;
}

/* ---- reading --------------------------------------------------------------------------------- */

static int read_number(const char *text, unsigned long max, unsigned long *ret)
{
  char *end;
  if (text[0] < '0' || text[0] > '9')
    return -EINVAL;
  errno = 0;
  *ret = strtoul(text, &end, 0);
  return errno || *end || *ret > max ? -EINVAL : 0;
}

static int read_port(const char *text, const char *protocol, uint16_t *ret, struct fw_error *e)
{
  unsigned long number;
  const struct servent *service;
  if (read_number(text, UINT16_MAX, &number) == 0)
    *ret = (uint16_t)number;
  else if ((service = getservbyname(text, protocol)) != NULL)
    *ret = ntohs((uint16_t)service->s_port);
  else
    return fw_fail(e, EINVAL, "invalid port/service `%s' specified", text);
  return 0;
}

static int read_ports(const char *text, const char *protocol, uint16_t ports[2], struct fw_error *e)
{
  char low[64];
  const char *colon = strchr(text, ':');
  size_t len = colon ? (size_t)(colon - text) : strlen(text);
  if (len >= sizeof low)
    return fw_fail(e, EINVAL, "invalid port/service `%s' specified", text);
  memcpy(low, text, len);
  low[len] = '\0';
  ports[0] = 0;
  ports[1] = UINT16_MAX;
  int r = colon && len == 0 ? 0 : read_port(low, protocol, &ports[0], e);
  if (r == 0 && colon == NULL)
    ports[1] = ports[0];
  else if (r == 0 && colon[1])
    r = read_port(colon + 1, protocol, &ports[1], e);
  if (r == 0 && ports[0] > ports[1])
    r = fw_fail(e, EINVAL, "invalid portrange (min > max)");
  return r;
}

static const struct {
  const char *name;
  uint8_t bit;
} flag_names[] = {{"FIN", 0x01}, {"SYN", 0x02}, {"RST", 0x04},         {"PSH", 0x08},
                  {"ACK", 0x10}, {"URG", 0x20}, {"ALL", FW_TCP_FLAGS}, {"NONE", 0}};
enum { SINGLE_FLAGS = 6 };

static int read_flag(const char *name, size_t len, uint8_t *ret, struct fw_error *e)
{
  for (unsigned i = 0; i < FW_ARRAY(flag_names); i++)
    if (strncasecmp(flag_names[i].name, name, len) == 0 && flag_names[i].name[len] == '\0') {
      *ret |= flag_names[i].bit;
      return 0;
    }
  return fw_fail(e, EINVAL, "Unknown TCP flag `%.*s'", (int)len, name);
}

static int read_flags(const char *text, uint8_t *ret, struct fw_error *e)
{
  *ret = 0;
  while (*text) {
    size_t len = strcspn(text, ",");
    int r = len ? read_flag(text, len, ret, e) : 0;
    if (r < 0)
      return r;
    text += len + (text[len] == ',');
  }
  return 0;
}

static int set_flags(struct fw_ext *x, const char *mask, const char *value, bool inverted,
                     struct fw_error *e)
{
  struct xt_tcp *t = &x->port.tcp;
  int r = read_flags(mask, &t->flg_mask, e);
  if (r == 0)
    r = read_flags(value, &t->flg_cmp, e);
  t->invflags |= inverted ? XT_TCP_INV_FLAGS : 0;
  return r;
}

static int set_option(struct fw_ext *x, const char *text, bool inverted, struct fw_error *e)
{
  unsigned long number;
  if (read_number(text, UINT8_MAX, &number) < 0 || number == 0)
    return fw_fail(e, EINVAL, "Bad TCP option \"%s\"", text);
  x->port.tcp.option = (uint8_t)number;
  x->port.tcp.invflags |= inverted ? XT_TCP_INV_OPTION : 0;
  return 0;
}

static int set_ports(struct fw_ext *x, int option, const char *text, bool inverted,
                     struct fw_error *e)
{
  bool source = option == SPORT;
  uint16_t *pair = source ? x->port.tcp.spts : x->port.tcp.dpts;
  uint8_t *flags = is_tcp(x) ? &x->port.tcp.invflags : &x->port.udp.invflags;
  *flags |= inverted ? (uint8_t)(source ? XT_TCP_INV_SRCPT : XT_TCP_INV_DSTPT) : 0;
  return read_ports(text, x->name, pair, e);
}

static int set_two_words(struct fw_ext *x, char **words, int *next, const char *mask, bool inverted,
                         struct fw_error *e)
{
  const char *value = words[*next];
  if (value == NULL || value[0] == '-' || value[0] == '!')
    return fw_fail(e, EINVAL, "--tcp-flags requires two args");
  ++*next;
  return set_flags(x, mask, value, inverted, e);
}

int fw_port_option(struct fw_ext *x, int option, char **words, int *next, const char *arg,
                   bool inverted, struct fw_error *e)
{
  static const char *const once[] = {[SPORT] = "Only one `--source-port' allowed",
                                     [DPORT] = "Only one `--destination-port' allowed",
                                     [SYN] = "Only one of `--syn' or `--tcp-flags' allowed",
                                     [FLAGS] = "Only one of `--syn' or `--tcp-flags' allowed",
                                     [OPTION] = "Only one `--tcp-option' allowed"};
  unsigned bit = 1u << (option == SYN ? FLAGS : option);
  if (x->flags & bit)
    return fw_fail(e, EINVAL, "%s", once[option]);
  x->flags |= bit;
  if (option == SYN)
    return set_flags(x, "SYN,RST,ACK,FIN", "SYN", inverted, e);
  if (option == FLAGS)
    return set_two_words(x, words, next, arg, inverted, e);
  if (option == OPTION)
    return set_option(x, arg, inverted, e);
  return set_ports(x, option, arg, inverted, e);
}

/* ---- writing --------------------------------------------------------------------------------- */

static uint8_t inverted(const struct fw_ext *x)
{
  return is_tcp(x) ? x->port.tcp.invflags : x->port.udp.invflags;
}

static void save_ports(struct fw_text *t, const char *name, const uint16_t ports[2], bool not )
{
  if (ports[0] == 0 && ports[1] == UINT16_MAX)
    return;
  fw_text_str(t, not ? " ! --" : " --");
  fw_text_str(t, name);
  fw_text_str(t, " ");
  fw_text_number(t, ports[0]);
  if (ports[0] != ports[1]) {
    fw_text_str(t, ":");
    fw_text_number(t, ports[1]);
  }
}

static void put_flags(struct fw_text *t, uint8_t flags)
{
  const char *comma = "";
  for (unsigned i = 0; i < SINGLE_FLAGS; i++)
    if (flags & flag_names[i].bit) {
      fw_text_str(t, comma);
      fw_text_str(t, flag_names[i].name);
      comma = ",";
    }
  if (flags == 0)
    fw_text_str(t, "NONE");
}

void fw_port_save(const struct fw_ext *x, struct fw_text *t)
{
  const struct xt_tcp *p = &x->port.tcp;
  uint8_t not = inverted(x);
  save_ports(t, "sport", p->spts, not &XT_TCP_INV_SRCPT);
  save_ports(t, "dport", p->dpts, not &XT_TCP_INV_DSTPT);
  if (!is_tcp(x))
    return;
  if (p->option || not &XT_TCP_INV_OPTION)
    fw_text_printf(t, "%s --tcp-option %u", not &XT_TCP_INV_OPTION ? " !" : "", p->option);
  if (p->flg_mask || not &XT_TCP_INV_FLAGS) {
    fw_text_str(t, not &XT_TCP_INV_FLAGS ? " ! --tcp-flags " : " --tcp-flags ");
    put_flags(t, p->flg_mask);
    fw_text_str(t, " ");
    put_flags(t, p->flg_cmp);
  }
}

static void print_port(struct fw_text *t, uint16_t port, const char *protocol, bool numeric)
{
  const struct servent *service = numeric ? NULL : getservbyport(htons(port), protocol);
  if (service)
    fw_text_str(t, service->s_name);
  else
    fw_text_number(t, port);
}

static void print_ports(struct fw_text *t, const struct fw_ext *x, const char *name,
                        const uint16_t ports[2], bool not, bool numeric)
{
  if (ports[0] == 0 && ports[1] == UINT16_MAX && !not )
    return;
  fw_text_printf(t, " %s%s:%s", name, ports[0] == ports[1] ? "" : "s", not ? "!" : "");
  print_port(t, ports[0], x->name, numeric);
  if (ports[0] != ports[1]) {
    fw_text_str(t, ":");
    print_port(t, ports[1], x->name, numeric);
  }
}

void fw_port_print(const struct fw_ext *x, struct fw_text *t, bool numeric)
{
  const struct xt_tcp *p = &x->port.tcp;
  uint8_t not = inverted(x);
  fw_text_printf(t, " %s", x->name);
  print_ports(t, x, "spt", p->spts, not &XT_TCP_INV_SRCPT, numeric);
  print_ports(t, x, "dpt", p->dpts, not &XT_TCP_INV_DSTPT, numeric);
  if (!is_tcp(x))
    return;
  if (p->option || not &XT_TCP_INV_OPTION)
    fw_text_printf(t, " option=%s%u", not &XT_TCP_INV_OPTION ? "!" : "", p->option);
  if (p->flg_mask == 0 && !(not &XT_TCP_INV_FLAGS))
    return;
  fw_text_printf(t, " flags:%s", not &XT_TCP_INV_FLAGS ? "!" : "");
  if (numeric) {
    fw_text_printf(t, "0x%02X/0x%02X", p->flg_mask, p->flg_cmp);
    return;
  }
  put_flags(t, p->flg_mask);
  fw_text_str(t, "/");
  put_flags(t, p->flg_cmp);
}
