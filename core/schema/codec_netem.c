/* codec_netem: how delays spread. The kernel takes a table of numbers from which it draws; iproute2
 * reads its tables from files, here they are made by the formulas that those files were made by.
 * Half as many numbers are sent, which is the same curve. */
#include "schema/tc.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <math.h>
#include <string.h>

enum { SCALE = NETEM_DIST_SCALE }; /* of one standard deviation */

/* The inverse of the normal distribution: bisection, since nobody waits for 2048 of them. */
static double normal(double q)
{
  double low = -4, high = 4;
  for (int i = 0; i < 40; i++) {
    double mid = (low + high) / 2;
    if (0.5 * erfc(-mid / sqrt(2)) < q)
      low = mid;
    else
      high = mid;
  }
  return low;
}

/* Of shape 3, moved and scaled so that it has no mean to speak of. */
static double pareto(double q)
{
  return (1 / cbrt(1 - q) - 1.5) * 4 / 3;
}

static double paretonormal(double q)
{
  return 0.25 * normal(q) + 0.75 * fmin(pareto(q), 4);
}

/* What the kernel does without a table; said only to take one away. */
static double uniform(double q)
{
  return 2 * q - 1;
}

static const struct curve {
  const char *name;
  double (*at)(double q);
} curves[] = {{"uniform", uniform},
              {"normal", normal},
              {"pareto", pareto},
              {"paretonormal", paretonormal},
              {NULL, NULL}};

static void distribution_put(struct schema_enc *e, const struct schema_row *r)
{
  int16_t table[TC_DIST_SIZE];
  const char *s = lua_type(e->L, -1) == LUA_TSTRING ? lua_tostring(e->L, -1) : "";
  const struct curve *c = curves;
  while (c->name && strcmp(c->name, s) != 0)
    c++;
  if (c->name == NULL)
    schema_fail(e, r, EINVAL, "Its words are uniform, normal, pareto, paretonormal.",
                "\"%s\" is no distribution", s);
  for (int i = 0; i < TC_DIST_SIZE; i++) {
    double v = rint(c->at((i + 0.5) / TC_DIST_SIZE) * SCALE);
    table[i] = (int16_t)fmax(INT16_MIN, fmin(INT16_MAX, v));
  }
  schema_emit(e, r, table, sizeof table);
}

/* The kernel does not tell its table. */
const struct schema_codec schema_tc_distribution = {
    .name = "string",
    .type = "\"uniform\"|\"normal\"|\"pareto\"|\"paretonormal\"",
    .put = distribution_put};
