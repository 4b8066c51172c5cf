/* xt: the bridge to libxtables, which knows the options of every match and target that the iptables
 * package installs. It was written for a program that does one thing and exits, and so:
 *   - its errors end the program: ours jump back, from its depths to `guarded`, past none of our
 * own frames that own anything;
 *   - its extensions print to stdout and stderr: while one runs, those are streams of ours;
 *   - it keeps the state of the rule being read in its lists: we give it copies, so that the lists
 * stay as they were loaded;
 *   - it loads a plugin once and forgets the targets of the other family: see
 * xtables_register_target. Nothing is loaded before it is needed. */
#include "firewall/internal.h"
#include "netlink/netlink.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <getopt.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
  bool ready;
  uint8_t family;
  int netns;
  jmp_buf back;
  struct fw_error *error;    /* of the guarded call under way */
  struct fw_text *sink;      /* where its stdout goes */
  struct fw_text complaints; /* its stderr */
  FILE *out, *err;
} xt = {.netns = NL_HERE};

/* ---- what libxtables calls ------------------------------------------------------------------- */

/* One line, without the newlines and the colon that it puts in for a terminal. */
static void clean(char *text)
{
  char *to = text;
  for (char *from = text; *from; from++) {
    bool space = *from == '\n' || *from == '\t' || *from == ' ';
    if (space && (to == text || to[-1] == ' '))
      continue;
    *to++ = space ? ' ' : *from;
  }
  while (to > text && (to[-1] == ' ' || to[-1] == '.'))
    to--;
  *to = '\0';
}

static __attribute__((noreturn, format(printf, 2, 3))) void exit_error(enum xtables_exittype status,
                                                                       const char *fmt, ...)
{
  va_list ap;
  if (xt.error == NULL)
    abort(); /* a call that was not guarded */
  va_start(ap, fmt);
  vsnprintf(xt.error->text, sizeof xt.error->text, fmt, ap);
  va_end(ap);
  clean(xt.error->text);
  xt.error->err = status == VERSION_PROBLEM ? EOPNOTSUPP : EINVAL;
  longjmp(xt.back, 1);
}

/* Does the kernel have this revision of the extension? Without the right to ask, yes; and revision
 * 0 is always said to be there, so that the kernel itself refuses it later, with its reason. */
static int supported(const char *name, uint8_t revision, int option)
{
  static const struct {
    int option;
    uint8_t family, type;
  } kinds[] = {{IPT_SO_GET_REVISION_MATCH, NFPROTO_IPV4, 0},
               {IPT_SO_GET_REVISION_TARGET, NFPROTO_IPV4, 1},
               {IP6T_SO_GET_REVISION_MATCH, NFPROTO_IPV6, 0},
               {IP6T_SO_GET_REVISION_TARGET, NFPROTO_IPV6, 1}};
  char buf[256] = {0};
  struct nl_sock s;
  struct nl_answer answer;
  for (unsigned i = 0; i < FW_ARRAY(kinds); i++) {
    if (kinds[i].option != option)
      continue;
    struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
    h->nlmsg_type = NFNL_SUBSYS_NFT_COMPAT << 8 | NFNL_MSG_COMPAT_GET;
    h->nlmsg_flags = NLM_F_REQUEST;
    struct nfgenmsg *g = mnl_nlmsg_put_extra_header(h, sizeof *g);
    g->nfgen_family = kinds[i].family;
    mnl_attr_put_strz(h, NFTA_COMPAT_NAME, name);
    mnl_attr_put_u32(h, NFTA_COMPAT_REV, htonl(revision));
    mnl_attr_put_u32(h, NFTA_COMPAT_TYPE, htonl(kinds[i].type));
    int r = nl_open(&s, xt.netns, NETLINK_NETFILTER);
    if (r == 0)
      r = nl_request(&s, h, &answer);
    nl_close(&s);
    return r == 0 || r == -EPERM || revision == 0;
  }
  return 1;
}

static struct option no_options[] = {{0}};
static struct xtables_globals globals = {.program_name = "iptables",
                                         .program_version = XTABLES_VERSION,
                                         .orig_opts = no_options,
                                         .exit_err = exit_error,
                                         .compat_rev = supported};

/* libxtables drops, when a plugin registers, the targets that are not of the family in use, and the
 * plugin registers only once: after an IPv4 DNAT there would never be one for IPv6. These two stand
 * in front of libxtables' own (a program's symbols win over a library's) and enter every target
 * while its own family is in use. */
__attribute__((visibility("default"))) void xtables_register_target(struct xtables_target *t)
{
  static void (*next)(struct xtables_target *);
  if (next == NULL) {
    void *symbol = dlsym(RTLD_NEXT, "xtables_register_target");
    memcpy(&next, &symbol, sizeof next);
  }
  if (t->family == NFPROTO_IPV4 || t->family == NFPROTO_IPV6)
    xtables_set_nfproto((uint8_t)t->family);
  next(t);
  xtables_set_nfproto(xt.family);
}

__attribute__((visibility("default"))) void xtables_register_targets(struct xtables_target *t,
                                                                     unsigned int n)
{
  for (unsigned int i = 0; i < n; i++)
    xtables_register_target(&t[i]);
}

/* ---- calling libxtables ---------------------------------------------------------------------- */

static ssize_t write_out(void *cookie, const char *bytes, size_t len)
{
  (void)cookie;
  if (xt.sink)
    fw_text_put(xt.sink, bytes, len);
  return (ssize_t)len;
}

static ssize_t write_err(void *cookie, const char *bytes, size_t len)
{
  (void)cookie;
  fw_text_put(&xt.complaints, bytes, len);
  return (ssize_t)len;
}

static int set_up(void)
{
  if (xt.ready)
    return 0;
  if (xt.out == NULL)
    xt.out = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_out});
  if (xt.err == NULL)
    xt.err = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_err});
  if (xt.out == NULL || xt.err == NULL)
    return -ENOMEM;
  if (xt.family == 0)
    xt.family = NFPROTO_IPV4;
  xtables_init_all(&globals, xt.family);
  xt.ready = true;
  return 0;
}

/* Calls fn(arg), in which libxtables may fail. Its output goes to *out, or nowhere. */
static int guarded(void (*fn)(void *), void *arg, struct fw_text *out, struct fw_error *e)
{
  FILE *old_out = stdout, *old_err = stderr;
  struct fw_error unwanted = {0};
  if (set_up() < 0)
    return e ? fw_no_memory(e) : -ENOMEM;
  xt.error = e ? e : &unwanted;
  xt.sink = out;
  xt.complaints.len = 0;
  stdout = xt.out;
  stderr = xt.err;
  int r = 0;
  if (setjmp(xt.back) == 0)
    fn(arg);
  else
    r = -1;
  fflush(xt.out);
  fflush(xt.err);
  stdout = old_out;
  stderr = old_err;
  if (r < 0)
    r = -xt.error->err;
  xt.error = NULL;
  xt.sink = NULL;
  return r;
}

void fw_xt_begin(uint8_t family, int netns)
{
  xt.netns = netns;
  if (family == xt.family)
    return;
  xt.family = family;
  if (xt.ready)
    xtables_set_nfproto(family);
}

/* ---- loading --------------------------------------------------------------------------------- */

struct find {
  const char *name;
  const struct xtables_match *match;
  const struct xtables_target *target;
};

static void find_match(void *arg)
{
  struct find *f = arg;
  f->match = xtables_find_match(f->name, XTF_LOAD_MUST_SUCCEED, NULL);
}

static void find_target(void *arg)
{
  struct find *f = arg;
  f->target = xtables_find_target(f->name, XTF_LOAD_MUST_SUCCEED);
}

/* Names that no target has, so that a jump to a chain does not look for a plugin each time. (That
 * libxtables remembers them too is no use: it does not remember for which family.) */
static char *not_a_target(const char *name)
{
  enum { SLOTS = 64 };
  static char names[2][SLOTS][XT_EXTENSION_MAXNAMELEN];
  unsigned hash = 5381;
  for (const char *p = name; *p; p++)
    hash = hash * 33 + (unsigned char)*p;
  return names[xt.family == NFPROTO_IPV6][hash % SLOTS];
}

static int find(struct find *f, bool is_target, struct fw_error *e)
{
  fw_unknown(e, is_target ? FW_NO_TARGET : FW_NO_MATCH, f->name);
  if (strlen(f->name) >= XT_EXTENSION_MAXNAMELEN || (is_target && f->name[0] == '\0'))
    return fw_fail(e, ENOENT, "no %s can have the name `%s'", is_target ? "target" : "match",
                   f->name);
  char *none = is_target ? not_a_target(f->name) : NULL;
  if (none && strcmp(none, f->name) == 0)
    return fw_fail(e, ENOENT, "no target `%s'", f->name);
  int r = guarded(is_target ? find_target : find_match, f, NULL, e);
  if (r == 0)
    e->unknown = FW_ALL_KNOWN;
  if (r == 0 || r == -ENOMEM)
    return r;
  if (none)
    strcpy(none, f->name);
  clean(xt.complaints.len ? xt.complaints.p : (char[]){""});
  if (xt.complaints.len)
    return fw_fail(e, ENOENT, "%s", xt.complaints.p);
  return fw_fail(e, ENOENT, "no %s `%s' is installed", is_target ? "target" : "match", f->name);
}

static void init(void *arg)
{
  struct fw_ext *x = arg;
  if (x->is_target && x->lib.target.init)
    x->lib.target.init(x->entry);
  else if (!x->is_target && x->lib.match.init)
    x->lib.match.init(x->entry);
}

/* The header before the block, which libxtables' functions get. Both kinds are laid out alike. */
_Static_assert(offsetof(struct xt_entry_match, data) == offsetof(struct xt_entry_target, data) &&
                   sizeof(struct xt_entry_match) == sizeof(struct xt_entry_target),
               "a match's header is a target's");

static int make_entry(struct fw_ext *x, size_t size)
{
  struct xt_entry_match *entry = calloc(1, sizeof *entry + size);
  if (entry == NULL)
    return -ENOMEM;
  entry->u.match_size = (uint16_t)(sizeof *entry + size);
  entry->u.user.revision = x->revision;
  strcpy(entry->u.user.name, x->name);
  free(x->entry);
  x->entry = entry;
  x->data = entry->data;
  x->size = (uint32_t)size;
  if (x->is_target)
    x->lib.target.t = (void *)entry;
  else
    x->lib.match.m = entry;
  return 0;
}

static void copy_match(struct fw_ext *x, const struct xtables_match *m)
{
  x->lib.match = *m; /* NOLINT(clang-analyzer-core.NullDereference): it was found */
  x->lib.match.udata = NULL;
  x->lib.match.mflags = x->lib.match.option_offset = 0;
  x->revision = m->revision;
  strcpy(x->name, m->real_name ? m->real_name : m->name);
}

static void copy_target(struct fw_ext *x, const struct xtables_target *t)
{
  x->lib.target = *t; /* NOLINT(clang-analyzer-core.NullDereference): it was found */
  x->lib.target.udata = NULL;
  x->lib.target.tflags = x->lib.target.option_offset = 0;
  x->revision = t->revision;
  strcpy(x->name, t->real_name ? t->real_name : t->name);
}

static int make_udata(struct fw_ext *x)
{
  size_t size = x->is_target ? x->lib.target.udata_size : x->lib.match.udata_size;
  void *udata = size ? calloc(1, size) : NULL;
  if (x->is_target)
    x->lib.target.udata = udata;
  else
    x->lib.match.udata = udata;
  return size && udata == NULL ? -ENOMEM : 0;
}

/* The extension without a block. */
static int prepare(struct fw_ext *x, bool is_target, const char *name, struct fw_error *e)
{
  struct find f = {.name = name};
  *x = (struct fw_ext){.is_target = is_target};
  int r = find(&f, is_target, e);
  if (r < 0)
    return r;
  if (is_target)
    copy_target(x, f.target);
  else
    copy_match(x, f.match);
  return 0;
}

static size_t usual_size(const struct fw_ext *x)
{
  return x->is_target ? x->lib.target.size : x->lib.match.size;
}

int fw_xt_load(struct fw_ext *x, bool is_target, const char *name, struct fw_error *e)
{
  int r = prepare(x, is_target, name, e);
  if (r < 0)
    return r;
  if (make_entry(x, usual_size(x)) < 0 || make_udata(x) < 0)
    r = fw_no_memory(e);
  else
    r = guarded(init, x, NULL, e);
  if (r < 0)
    fw_xt_unload(x);
  return r;
}

int fw_xt_adopt(struct fw_ext *x, bool is_target, const char *name, uint8_t revision,
                const void *block, size_t size)
{
  struct fw_error e;
  if (!is_target && fw_port_is(name)) {
    fw_port_init(x, name);
    if (revision != 0 || size != x->size)
      return -ENOENT;
    memcpy(x->port.bytes, block, size);
    return 0;
  }
  int r = prepare(x, is_target, name, &e);
  if (r < 0)
    return r;
  if (x->revision != revision || usual_size(x) != size)
    return -ENOENT;
  return fw_xt_replace(x, block, size);
}

int fw_xt_replace(struct fw_ext *x, const void *block, size_t size)
{
  if (make_entry(x, size) < 0)
    return -ENOMEM;
  memcpy(x->data, block, size);
  return 0;
}

void fw_xt_unload(struct fw_ext *x)
{
  if (x->native)
    return;
  free(x->entry);
  free(x->is_target ? x->lib.target.udata : x->lib.match.udata);
  x->entry = NULL;
  x->data = NULL;
  x->lib.match.udata = NULL;
  x->lib.target.udata = NULL;
}

/* ---- options --------------------------------------------------------------------------------- */

struct opt {
  const char *name;
  int id, arg;
};

/* The i-th option of the extension; false behind the last. There are two ways to declare them. */
static bool option_at(const struct fw_ext *x, unsigned i, struct opt *ret)
{
  const struct xt_option_entry *x6 =
      x->is_target ? x->lib.target.x6_options : x->lib.match.x6_options;
  const struct option *old = x->is_target ? x->lib.target.extra_opts : x->lib.match.extra_opts;
  if (x->native) {
    old = fw_port_options(x);
    x6 = NULL;
  }
  if (x6 && x6[i].name)
    *ret = (struct opt){x6[i].name, (int)x6[i].id, x6[i].type != XTTYPE_NONE};
  else if (!x6 && old && old[i].name)
    *ret = (struct opt){old[i].name, old[i].val, old[i].has_arg};
  else
    return false;
  return true;
}

const char *fw_xt_option_name(const struct fw_ext *x, unsigned i)
{
  struct opt o;
  return option_at(x, i, &o) ? o.name : NULL;
}

int fw_xt_option_find(const struct fw_ext *x, const char *name, bool prefix, int *ret_id,
                      int *ret_arg)
{
  struct opt o;
  int found = 0;
  size_t len = strlen(name);
  for (unsigned i = 0; option_at(x, i, &o); i++) {
    if (o.name[0] != name[0] || strncmp(o.name, name, len) != 0 || (!prefix && o.name[len]))
      continue;
    if (found && o.id == *ret_id) /* another word for the same */
      continue;
    if (found++ == 0) {
      *ret_id = o.id;
      *ret_arg = o.arg;
    }
  }
  return found;
}

/* The rule's own conditions, where an extension looks at them. */
union entry {
  struct ipt_entry v4;
  struct ip6t_entry v6;
};

static void fill_v4(struct ipt_ip *ip, const struct fw_rule *r)
{
  ip->proto = r->proto;
  ip->invflags = r->inverted;
  ip->flags = (uint8_t)((r->fragment ? IPT_F_FRAG : 0) | (r->go_to ? IPT_F_GOTO : 0));
  ip->src = r->address[FW_SRC].addr.in;
  ip->smsk = r->address[FW_SRC].mask.in;
  ip->dst = r->address[FW_DST].addr.in;
  ip->dmsk = r->address[FW_DST].mask.in;
  memcpy(ip->iniface, r->iface[FW_IN], IFNAMSIZ);
  memcpy(ip->outiface, r->iface[FW_OUT], IFNAMSIZ);
}

static void fill_v6(struct ip6t_ip6 *ip, const struct fw_rule *r)
{
  ip->proto = r->proto;
  ip->invflags = r->inverted;
  ip->flags = (uint8_t)((r->proto ? IP6T_F_PROTO : 0) | (r->go_to ? IP6T_F_GOTO : 0));
  ip->src = r->address[FW_SRC].addr.in6;
  ip->smsk = r->address[FW_SRC].mask.in6;
  ip->dst = r->address[FW_DST].addr.in6;
  ip->dmsk = r->address[FW_DST].mask.in6;
  memcpy(ip->iniface, r->iface[FW_IN], IFNAMSIZ);
  memcpy(ip->outiface, r->iface[FW_OUT], IFNAMSIZ);
}

static union entry entry_of(const struct fw_rule *r)
{
  union entry u;
  memset(&u, 0, sizeof u);
  if (r->family == NFPROTO_IPV6)
    fill_v6(&u.v6.ipv6, r);
  else
    fill_v4(&u.v4.ip, r);
  return u;
}

struct call {
  struct fw_ext *x;
  const struct fw_ext *shown;
  char **words;
  unsigned id;
  bool inverted, numeric;
  union entry entry; /* last, because its end is open */
};

static void parse(void *arg)
{
  struct call *c = arg;
  if (c->x->is_target)
    xtables_option_tpcall(c->id, c->words, c->inverted, &c->x->lib.target, &c->entry);
  else
    xtables_option_mpcall(c->id, c->words, c->inverted, &c->x->lib.match, &c->entry);
}

int fw_xt_option(struct fw_rule *r, struct fw_ext *x, int id, char **words, int *next, char *arg,
                 bool inverted, struct fw_error *e)
{
  struct call c = {
      .x = x, .entry = entry_of(r), .words = words, .id = (unsigned)id, .inverted = inverted};
  optind = *next;
  optarg = arg;
  int err = guarded(parse, &c, NULL, e);
  *next = optind;
  /* An extension may have moved its block, even when it failed. */
  x->entry = x->is_target ? (void *)x->lib.target.t : (void *)x->lib.match.m;
  x->data = ((struct xt_entry_match *)x->entry)->data;
  return err;
}

static void check(void *arg)
{
  struct fw_ext *x = arg;
  if (x->is_target)
    xtables_option_tfcall(&x->lib.target);
  else
    xtables_option_mfcall(&x->lib.match);
}

int fw_xt_check(struct fw_ext *x, struct fw_error *e)
{
  return x->native ? 0 : guarded(check, x, NULL, e);
}

/* ---- words out ------------------------------------------------------------------------------- */

static void save(void *arg)
{
  const struct call *c = arg;
  const struct fw_ext *x = c->shown;
  if (x->is_target && x->lib.target.save)
    x->lib.target.save(&c->entry, x->entry);
  else if (!x->is_target && x->lib.match.save)
    x->lib.match.save(&c->entry, x->entry);
}

void fw_xt_save(const struct fw_rule *r, const struct fw_ext *x, struct fw_text *t)
{
  struct call c = {.shown = x, .entry = entry_of(r)};
  if (x->native)
    fw_port_save(x, t);
  else if (guarded(save, &c, t, NULL) < 0)
    t->failed = true;
}

static void print(void *arg)
{
  const struct call *c = arg;
  const struct fw_ext *x = c->shown;
  if (x->is_target && x->lib.target.print)
    x->lib.target.print(&c->entry, x->entry, c->numeric);
  else if (!x->is_target && x->lib.match.print)
    x->lib.match.print(&c->entry, x->entry, c->numeric);
}

void fw_xt_print(const struct fw_rule *r, const struct fw_ext *x, struct fw_text *t, bool numeric)
{
  struct call c = {.shown = x, .entry = entry_of(r), .numeric = numeric};
  if (x->native)
    fw_port_print(x, t, numeric);
  else if (guarded(print, &c, t, NULL) < 0)
    t->failed = true;
}

static void help(void *arg)
{
  const struct fw_ext *x = arg;
  if (x->is_target ? x->lib.target.help == NULL : x->lib.match.help == NULL)
    printf("%s takes no options\n", x->name);
  else if (x->is_target)
    x->lib.target.help();
  else
    x->lib.match.help();
}

void fw_xt_help(const struct fw_ext *x, struct fw_text *t)
{
  struct find f = {.name = x->name};
  struct fw_ext copy = *x;
  struct fw_error e;
  if (x->native && find(&f, false, &e) == 0) {
    copy.native = false;
    copy.lib.match = *f.match; /* NOLINT(clang-analyzer-core.NullDereference): it was found */
  }
  fw_text_str(t, "\n");
  guarded(help, &copy, t, NULL);
}

const char *fw_xt_shown(const struct fw_ext *x)
{
  if (x->native)
    return x->name;
  if (x->is_target)
    return x->lib.target.alias ? x->lib.target.alias(x->entry) : x->lib.target.name;
  return x->lib.match.alias ? x->lib.match.alias(x->entry) : x->lib.match.name;
}

/* libxt_NAME.so, libipt_NAME.so: targets are the ones in capitals. */
static void add_name(const char *file, bool targets, struct fw_words *w)
{
  const char *own = xt.family == NFPROTO_IPV6 ? "libip6t_" : "libipt_";
  const char *name = strncmp(file, "libxt_", 6) == 0        ? file + 6
                     : strncmp(file, own, strlen(own)) == 0 ? file + strlen(own)
                                                            : NULL;
  const char *end = name ? strstr(name, ".so") : NULL;
  bool capital = name && name[0] >= 'A' && name[0] <= 'Z';
  if (end && capital == targets)
    fw_words_add(w, name, (size_t)(end - name), 0);
}

void fw_xt_names(bool targets, struct fw_words *w)
{
  char path[512];
  Dl_info lib;
  void *symbol = dlsym(RTLD_DEFAULT, "xtables_init_all");
  if (symbol == NULL || dladdr(symbol, &lib) == 0 || lib.dli_fname == NULL)
    return;
  const char *slash = strrchr(lib.dli_fname, '/');
  snprintf(path, sizeof path, "%.*s/xtables", slash ? (int)(slash - lib.dli_fname) : 0,
           lib.dli_fname);
  const char *dir = getenv("XTABLES_LIBDIR");
  DIR *d = opendir(dir ? dir : path);
  for (const struct dirent *entry; d && (entry = readdir(d)) != NULL;)
    add_name(entry->d_name, targets, w);
  if (d)
    closedir(d);
}

/* ---- addresses ------------------------------------------------------------------------------- */

struct lookup {
  const char *text;
  struct in_addr *a4, *m4;
  struct in6_addr *a6, *m6;
  unsigned n;
};

static void look_up_v4(void *arg)
{
  struct lookup *l = arg;
  xtables_ipparse_multiple(l->text, &l->a4, &l->m4, &l->n);
}

static void look_up_v6(void *arg)
{
  struct lookup *l = arg;
  xtables_ip6parse_multiple(l->text, &l->a6, &l->m6, &l->n);
}

int fw_xt_addresses(uint8_t family, const char *text, struct fw_address **ret, unsigned *ret_n,
                    struct fw_error *e)
{
  struct lookup l = {.text = text};
  bool v6 = family == NFPROTO_IPV6;
  int r = guarded(v6 ? look_up_v6 : look_up_v4, &l, NULL, e);
  struct fw_address *list = r == 0 ? calloc(l.n ? l.n : 1, sizeof *list) : NULL;
  if (r == 0 && list == NULL)
    r = fw_no_memory(e);
  for (unsigned i = 0; list && i < l.n; i++) {
    if (v6)
      list[i] = (struct fw_address){{.in6 = l.a6[i]}, {.in6 = l.m6[i]}};
    else
      list[i] = (struct fw_address){{.in = l.a4[i]}, {.in = l.m4[i]}};
  }
  free(l.a4);
  free(l.m4);
  free(l.a6);
  free(l.m6);
  *ret = list;
  *ret_n = r == 0 ? l.n : 0;
  return r;
}
