/* Every allocation of ours fails once, in turn, until the operation succeeds: each failure is an
 * error with a sentence, changes nothing, and leaves nothing allocated. libxtables' own are left
 * alone: it ends the program when one fails. */
#include "firewall_test.h"
#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <linux/netfilter/nfnetlink.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
int main(void)
{
  printf("ok 1 - allocations fail # SKIP a sanitizer has its own allocator\n");
  return 0;
}
#else

/* ---- the allocator -----------------------------------------------------------------------------
 */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void __libc_free(void *p);
extern char __executable_start, etext;

enum { SLOTS = 1 << 18 };
static void *held[SLOTS]; /* what we allocated and did not free */
static long live, countdown = -1, failures;

static bool ours(const void *caller)
{
  return (const char *)caller >= &__executable_start && (const char *)caller < &etext;
}

/* Whether this allocation is the one to fail. */
static bool fails(const void *caller)
{
  bool now = ours(caller) && countdown >= 0 && countdown-- == 0;
  failures += now;
  return now;
}

static size_t slot_of(const void *p)
{
  size_t i = ((uintptr_t)p >> 4) * 2654435761u % SLOTS;
  while (held[i] && held[i] != p && held[i] != (void *)held)
    i = (i + 1) % SLOTS;
  return i;
}

static void *hold(void *p, const void *caller)
{
  if (p && ours(caller)) {
    size_t i = slot_of(p);
    live += held[i] != p;
    held[i] = p;
  }
  return p;
}

static void let_go(void *p)
{
  size_t i = ((uintptr_t)p >> 4) * 2654435761u % SLOTS;
  for (; p && held[i]; i = (i + 1) % SLOTS)
    if (held[i] == p) {
      held[i] = (void *)held; /* keeps the chain of slots */
      live--;
      return;
    }
}

void *malloc(size_t size)
{
  const void *caller = __builtin_return_address(0);
  return fails(caller) ? NULL : hold(__libc_malloc(size), caller);
}

void *calloc(size_t n, size_t size)
{
  const void *caller = __builtin_return_address(0);
  return fails(caller) ? NULL : hold(__libc_calloc(n, size), caller);
}

void *realloc(void *p, size_t size)
{
  const void *caller = __builtin_return_address(0);
  if (fails(caller))
    return NULL;
  let_go(p);
  return hold(__libc_realloc(p, size), caller);
}

void *reallocarray(void *p, size_t n, size_t size)
{
  const void *caller = __builtin_return_address(0);
  if (fails(caller))
    return NULL;
  let_go(p);
  return hold(__libc_realloc(p, n * size), caller);
}

void free(void *p)
{
  let_go(p);
  __libc_free(p);
}

/* ---- operations --------------------------------------------------------------------------------
 */

/* 0 or a negative error with a text in *e. */
typedef int operation(const void *arg, struct fw_error *e);

static int make_rule(const void *arg, struct fw_error *e)
{
  struct fw_words w = {0};
  struct fw_command c = {0};
  const struct line *l = arg;
  struct fw_changes ch = {.family = l->family, .netns = NL_HERE};
  int r = read_line_command(l, &w, &c, e);
  if (r == 0)
    r = fw_changes_add(&ch, &c, 1, e);
  fw_changes_free(&ch);
  fw_command_free(&c);
  fw_words_free(&w);
  return r;
}

struct bytes {
  uint8_t family;
  const void *p;
  uint32_t len;
};

static int read_rule(const void *arg, struct fw_error *e)
{
  const struct bytes *b = arg;
  struct fw_rule rule = {0};
  struct fw_text t = {0};
  int r = fw_rule_decode(&rule, b->family, NL_HERE, b->p, b->len);
  if (r == 0)
    fw_rule_save(&rule, &t, true);
  if (r == 0 && t.failed)
    r = -ENOMEM;
  if (r < 0)
    fw_no_memory(e);
  fw_text_free(&t);
  fw_rule_free(&rule);
  return r;
}

static unsigned batches; /* the most that one transaction took */

/* A transaction from a saved text. */
static int restore(const void *arg, struct fw_error *e)
{
  const char *text = arg;
  struct fw_restoring how = {.table = -1, .keep = text[0] == '\n'};
  struct fw_changes ch = {.family = NFPROTO_IPV4, .netns = NL_HERE};
  int r = fw_changes_restore(&ch, text, strlen(text), &how, e);
  if (r == 0)
    r = fw_commit(&ch, e);
  if (ch.batches > batches)
    batches = ch.batches;
  fw_changes_free(&ch);
  return r;
}

static int save(const void *arg, struct fw_error *e)
{
  struct fw_text t = {0};
  (void)arg;
  int r = fw_save(NFPROTO_IPV4, NL_HERE, -1, true, &t, e);
  fw_text_free(&t);
  return r;
}

/* A command as it is typed; what looks is looked at. */
static int command(const void *arg, struct fw_error *e)
{
  struct fw_words w = {0};
  struct fw_command c = {0};
  struct fw_text t = {0};
  struct fw_changes ch = {.family = NFPROTO_IPV4, .netns = NL_HERE};
  struct fw_reading how = {
      .family = NFPROTO_IPV4, .netns = NL_HERE, .table = fw_table_find("filter")};
  bool found;
  int r = fw_words_split(&w, arg, strlen(arg), FW_SHELL, e);
  if (r == 0)
    r = fw_command_read(&c, &how, &w, e);
  if (r == 0 && (c.verb == FW_LIST || c.verb == FW_LIST_RULES))
    r = fw_list(&c, NL_HERE, &t, e);
  else if (r == 0 && c.verb == FW_CHECK)
    r = fw_check(&c, NL_HERE, &found, e);
  else if (r == 0 && (r = fw_changes_add(&ch, &c, 1, e)) == 0)
    r = fw_commit(&ch, e);
  fw_changes_free(&ch);
  fw_text_free(&t);
  fw_command_free(&c);
  fw_words_free(&w);
  return r;
}

/* ---- the harness -------------------------------------------------------------------------------
 */

/* The names of all chains, also of those that are no part of a listing. */
static int add_chains(struct fw_text *t)
{
  char buf[64] = {0};
  struct nl_sock s;
  struct nl_answer answer = {0};
  const struct nlmsghdr *msg;
  int r = nl_open(&s, NL_HERE, NETLINK_NETFILTER);
  if (r == 0)
    r = nl_dump(&s, nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETCHAIN, NFPROTO_IPV4, 0, 0));
  while (r >= 0 && (r = nl_next(&s, &msg, &answer)) > 0) {
    const struct nlattr *a = mnl_nlmsg_get_payload_offset(msg, sizeof(struct nfgenmsg));
    for (; fw_attr_ok(a, mnl_nlmsg_get_payload_tail(msg)); a = fw_attr_next(a))
      if (mnl_attr_get_type(a) == NFTA_CHAIN_NAME)
        fw_text_str(t, mnl_attr_get_str(a));
    fw_text_str(t, "\n");
  }
  nl_close(&s);
  return r;
}

/* All rules as text, without the lines that say when. */
static char *snapshot(void)
{
  struct fw_text t = {0};
  struct fw_error e;
  if (fw_save(NFPROTO_IPV4, NL_HERE, -1, true, &t, &e) < 0 || add_chains(&t) < 0)
    return NULL;
  fw_text_str(&t, "");
  char *copy = t.p ? strdup(t.p) : NULL, *to = copy;
  for (char *line = copy; line && *line;) {
    char *end = strchr(line, '\n');
    size_t len = end ? (size_t)(end - line) + 1 : strlen(line);
    if (line[0] != '#') {
      memmove(to, line, len);
      to += len;
    }
    line += len;
  }
  if (to)
    *to = '\0';
  fw_text_free(&t);
  return copy;
}

/* Lets one allocation after the other fail; true if each failure was as it should be. */
static bool survives(operation *op, const void *arg, bool kernel, const char *what)
{
  struct fw_error e = {0};
  for (long n = 0; n < 100000; n++) {
    char *before = kernel ? snapshot() : NULL;
    long held_before = live;
    countdown = n;
    int r = op(arg, &e);
    bool injected = countdown < 0;
    countdown = -1;
    bool leaked = live > held_before && !(r == 0 && n == 0);
    char *after = kernel && r < 0 ? snapshot() : NULL;
    bool changed = kernel && r < 0 && (!before || !after || strcmp(before, after) != 0);
    free(before);
    free(after);
    if (!injected)
      return r == 0 || printf("# %s: %s\n", what, e.text) < 0;
    if (r == 0)
      continue; /* it could do without */
    if (e.text[0] == '\0' || leaked || changed) {
      printf("# %s: allocation %ld: %s%s%s\n", what, n, e.text[0] ? "" : "no sentence ",
             leaked ? "leaked " : "", changed ? "changed something" : "");
      return false;
    }
  }
  return false;
}

static void all_rules(void)
{
  struct line l = {0};
  unsigned bad = 0, lines = 0;
  FILE *f = open_rules();
  struct fw_error e;
  while (next_line(f, &l)) {
    if (!l.ok)
      continue;
    make_rule(&l, &e); /* loads its extensions and what they keep for ever */
    lines++;
    bad += !survives(make_rule, &l, false, l.command);
  }
  fclose(f);
  ok(lines >= 300 && bad == 0, "reading %u commands", lines);
}

static void all_bytes(void)
{
  struct line l = {0};
  struct fw_words w = {0};
  struct fw_command c = {0};
  struct fw_error e;
  unsigned bad = 0, lines = 0;
  FILE *f = open_rules();
  while (next_line(f, &l)) {
    struct fw_changes ch = {.family = l.family, .netns = NL_HERE};
    if (l.ok && read_line_command(&l, &w, &c, &e) == 0 && fw_changes_add(&ch, &c, 1, &e) == 0) {
      struct bytes b = {l.family, ch.v[0].body, ch.v[0].len};
      lines++;
      bad += !survives(read_rule, &b, false, l.command);
    }
    fw_changes_free(&ch);
  }
  fclose(f);
  fw_command_free(&c);
  fw_words_free(&w);
  ok(lines >= 300 && bad == 0, "reading back %u rules", lines);
}

#define WORDS "a-rule-that-has-a-lot-to-say-about-itself"
#define LONG WORDS WORDS WORDS WORDS WORDS
static const char SAVED[] =
    "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:web - [0:0]\n"
    "-A INPUT -p tcp --dport 80 -j web\n-A INPUT -m conntrack --ctstate NEW -j ACCEPT\n"
    "-A web -m comment --comment \"two words\" -j RETURN\n-A web -j LOG\n"
    "-A web -m comment --comment " LONG " -j ACCEPT\n-A web -m comment --comment " LONG "\n"
    "-A web -m comment --comment " LONG " -j ACCEPT\n-A web -m comment --comment " LONG "\n"
    "COMMIT\n"
    "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n";
static const char ADDED[] =
    "\n*filter\n-I INPUT 2 -p udp -j DROP\n-D INPUT -m conntrack --ctstate NEW -j ACCEPT\n"
    "-R web 1 -j ACCEPT\n-I INPUT -m conntrack --ctstate NEW -j ACCEPT\n-D INPUT -p udp -j DROP\n"
    "-R web 1 -m comment --comment \"two words\" -j RETURN\n-Z\nCOMMIT\n";

static void on_a_kernel(void)
{
  static const char *const commands[] = {"-A INPUT -s 10.0.0.0/8,192.0.2.0/24 -j DROP",
                                         "-D INPUT -s 10.0.0.0/8,192.0.2.0/24 -j DROP",
                                         "-C INPUT -p tcp --dport 80 -j web",
                                         "-S",
                                         "-L -n -v",
                                         "-N other",
                                         "-E other another",
                                         "-X another",
                                         "-P OUTPUT DROP",
                                         "-Z",
                                         "-F web"};
  char *rules = snapshot();
  if (rules == NULL) {
    ok(true, "on a kernel # SKIP no right to change rules");
    return;
  }
  free(rules);
  struct fw_error e;
  ok(survives(restore, SAVED, true, "restore"), "restoring tables");
  ok(survives(restore, ADDED, true, "restore --noflush"), "changes that count rules");
  ok(survives(save, NULL, true, "save"), "saving");
  for (unsigned i = 0; i < FW_ARRAY(commands); i++) {
    restore(SAVED, &e);
    if (strncmp(commands[i], "-D", 2) == 0)
      command(commands[i - 1], &e);
    if (strncmp(commands[i], "-E", 2) == 0)
      command("-N other", &e);
    if (strncmp(commands[i], "-X", 2) == 0)
      command("-N another", &e);
    ok(survives(command, commands[i], true, commands[i]), "%s", commands[i]);
  }
}

/* A process with that number was killed while it built beside. */
static void after_a_killed_one(int pid)
{
  char text[64];
  struct fw_error e = {0};
  for (int i = 0; i < 10; i++) {
    snprintf(text, sizeof text, "-N " FW_STAGED "%d-%d", pid, i);
    command(text, &e);
  }
  char *before = snapshot();
  bool good = ok(strstr(before, FW_STAGED) != NULL, "something is left");
  free(before);
  good &= restore(SAVED, &e) == 0;
  char *after = snapshot();
  ok(good && strstr(after, FW_STAGED) == NULL, "building beside takes it away: %s", e.text);
  free(after);
}

int main(void)
{
  leave_home();
  all_rules();
  all_bytes();
  on_a_kernel();
  ok(batches <= 1, "a transaction of one batch");
  fw_send_most = 4000; /* less than the text makes: its tables are built beside the old ones */
  on_a_kernel();
  after_a_killed_one(getpid());
  after_a_killed_one(1);
  ok(batches > 2, "a transaction of %u batches", batches);
  ok(failures > 5000, "%ld allocations failed", failures);
  return tap_end();
}
#endif
