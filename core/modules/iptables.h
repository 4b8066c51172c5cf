/* iptables: what the files of the iptables and ip6tables modules share. */
#pragma once
#include "firewall/firewall.h"
#include "modules/modules.h"

extern const struct rt_module iptables_module, ip6tables_module;

struct iptables_family {
  const char *module; /* "iptables" */
  uint8_t family;     /* NFPROTO_IPV4 */
};

/* Lua: things(module) -> array of { kind = "table" | "chain" | "rule", table, chain, handle,
 * policy, words } of the namespace the script runs in, all that the kernel has. */
int iptables_things(lua_State *L);
/* Lua: take_back(module, things): removes those that are still there; a chain only when it is empty
 * and nothing jumps to it, a table only without chains. */
int iptables_take_back(lua_State *L);

/* ---- words: the table form as a command ------------------------------------------------------ */

/* The words of a command being built. One at a time in the process: nothing that is called between
 * iptables_begin and the reading of the words runs Lua code. */
struct fw_words *iptables_begin(void);
/* A word of the verb's own. */
void iptables_word(const char *word);
/* "-t TABLE" if the table at `rule` says so, "-A CHAIN", and what else comes before the rule; then
 * the rule at idx: a table, a record, or a string. Raises for what cannot be an option. */
void iptables_rule_words(lua_State *L, struct rt_op *op, const struct iptables_family *f, int idx);
/* "-c PACKETS BYTES" of the options' set_counters. */
void iptables_counter_words(lua_State *L, struct rt_op *op, const struct iptables_family *f,
                            int idx);
/* The key of the table that a word came from, "match.conntrack.ctstate"; NULL without. Pushes
 * it. */
const char *iptables_push_key(lua_State *L, const struct fw_words *w, int word);

/* ---- rules: what list returns ---------------------------------------------------------------- */

struct iptables_rule {
  uint64_t id; /* no other rule of this process has it */
  uint64_t handle;
  uint8_t family;
  int table;
  uint32_t position, len;
  _Alignas(8) char attrs[];
};
void iptables_push_rule(lua_State *L, const struct iptables_family *f, const struct fw_chain *c,
                        unsigned at);
/* The rule at idx, or NULL. */
const struct iptables_rule *iptables_test_rule(lua_State *L, int idx);
/* " -s ... -j ...", the words of iptables -S; valid until the next one is asked for. Raises when
 * there is no memory. */
const char *iptables_rule_text(lua_State *L, const struct iptables_rule *r, bool *ret_foreign);
