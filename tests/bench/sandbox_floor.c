/* The sandbox of sandbox_floor.h with nothing in it. `nslab -e ''` is measured against this and
 * `lua5.4 -e ''`. */
#include "sandbox_floor.h"

static int nothing(void)
{
  return 0;
}

int main(void)
{
  return in_sandbox(nothing);
}
