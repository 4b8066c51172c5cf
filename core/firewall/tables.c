/* tables: the tables and base chains that iptables makes, with the hooks and priorities that both
 * it and we attach them to. Any other chain with a hook in one of these tables is somebody
 * else's. */
#include "firewall/internal.h"

#include <string.h>

#define PRE NF_INET_PRE_ROUTING
#define IN NF_INET_LOCAL_IN
#define FWD NF_INET_FORWARD
#define OUT NF_INET_LOCAL_OUT
#define POST NF_INET_POST_ROUTING

const struct fw_table fw_tables[FW_TABLES] = {
    {"mangle",
     {{"PREROUTING", "filter", PRE, -150},
      {"INPUT", "filter", IN, -150},
      {"FORWARD", "filter", FWD, -150},
      {"OUTPUT", "route", OUT, -150},
      {"POSTROUTING", "filter", POST, -150}}},
    {"security",
     {{"INPUT", "filter", IN, 150},
      {"FORWARD", "filter", FWD, 150},
      {"OUTPUT", "filter", OUT, 150}}},
    {"raw", {{"PREROUTING", "filter", PRE, -300}, {"OUTPUT", "filter", OUT, -300}}},
    {"filter",
     {{"INPUT", "filter", IN, 0}, {"FORWARD", "filter", FWD, 0}, {"OUTPUT", "filter", OUT, 0}}},
    {"nat",
     {{"PREROUTING", "nat", PRE, -100},
      {"INPUT", "nat", IN, 100},
      {"OUTPUT", "nat", OUT, -100},
      {"POSTROUTING", "nat", POST, 100}}},
};

int fw_table_find(const char *name)
{
  for (int i = 0; i < FW_TABLES; i++)
    if (strcmp(fw_tables[i].name, name) == 0)
      return i;
  return -1;
}

const struct fw_hook *fw_hook_find(int table, const char *chain)
{
  const struct fw_hook *h = fw_tables[table].hook;
  for (int i = 0; i < FW_HOOKS && h[i].chain; i++)
    if (strcmp(h[i].chain, chain) == 0)
      return &h[i];
  return NULL;
}
