/* pool: memory for Lua's small objects. A script that reads a large table makes and drops an object
 * for each line of it; the C library's allocator would take a third of its time. Lua tells how
 * large a block was when it gives it back, so a list of free blocks for each size is all that is
 * needed. A block stays with its size for good. */
#include "runtime/runtime.h"
#include <stdlib.h>
#include <string.h>

enum {
  UNIT = 8,      /* Lua needs no stricter alignment, and malloc's blocks are as long */
  LARGEST = 256, /* beyond it the C library is as good */
  SLAB = 16384
};

struct block {
  struct block *next;
};

/* One process has one Lua state; the slabs last as long as it. */
static struct {
  struct block *free[LARGEST / UNIT + 1];
  char *at, *end; /* what of the last slab is not cut yet */
} pool;

static size_t class_of(size_t size)
{
  return (size + UNIT - 1) / UNIT;
}

/* Cuts a block off the slab. The rest of a slab that is too short is a block, too. */
static __attribute__((noinline)) void *cut(size_t class)
{
  size_t size = class * UNIT, rest = (size_t)(pool.end - pool.at);
  if (rest < size) {
    char *slab = malloc(SLAB);
    if (slab == NULL)
      return NULL;
    if (rest > 0) {
      struct block *b = (void *)pool.at;
      b->next = pool.free[rest / UNIT];
      pool.free[rest / UNIT] = b;
    }
    pool.at = slab;
    pool.end = slab + SLAB;
  }
  void *p = pool.at;
  pool.at += size;
  return p;
}

static inline void *take(size_t size)
{
  size_t class = class_of(size);
  struct block *b = pool.free[class];
  if (b == NULL)
    return cut(class);
  pool.free[class] = b->next;
  return b;
}

static void give(void *p, size_t size)
{
  struct block *b = p;
  b->next = pool.free[class_of(size)];
  pool.free[class_of(size)] = b;
}

/* From one size to another of which at least one is small. */
static void *move(void *p, size_t from, size_t to)
{
  if (from <= LARGEST && to <= LARGEST && class_of(from) == class_of(to))
    return p;
  void *q = to <= LARGEST ? take(to) : malloc(to);
  if (q == NULL)
    return to < from ? p : NULL; /* Lua counts on it that less is always to be had */
  memcpy(q, p, from < to ? from : to);
  if (from <= LARGEST)
    give(p, from);
  else
    free(p);
  return q;
}

/* A large block, or another size. Apart, so that what is asked for each object saves no registers.
 */
static __attribute__((noinline)) void *allocate_other(void *p, size_t from, size_t to)
{
  if (p == NULL)
    return to == 0 ? NULL : malloc(to);
  if (to == 0) {
    free(p);
    return NULL;
  }
  return from > LARGEST && to > LARGEST ? realloc(p, to) : move(p, from, to);
}

/* lua_Alloc. Without a block `from` is a type, not a size. */
static void *allocate(void *unused, void *p, size_t from, size_t to)
{
  (void)unused;
  if (p == NULL && to - 1 < LARGEST)
    return take(to);
  if (p && to == 0 && from <= LARGEST) {
    give(p, from);
    return NULL;
  }
  return allocate_other(p, from, to);
}

/* For sanitizers: each block is one of its own, so that they see what is used after it was
 * freed. */
static void *allocate_alone(void *unused, void *p, size_t from, size_t to)
{
  (void)unused, (void)from;
  if (to > 0)
    return realloc(p, to);
  free(p);
  return NULL;
}

#ifdef NSLAB_HOSTILE
static const lua_Alloc allocator = allocate_alone;
#else
static const lua_Alloc allocator = allocate;
#endif

/* The blocks that the state has already come from malloc, and may go to our lists: malloc's are at
 * least as long as a block of their class. */
void rt_use_pool(lua_State *L)
{
  (void)allocate, (void)allocate_alone;
  lua_setallocf(L, allocator, &pool);
}

bool rt_has_pool(lua_State *L)
{
  void *of;
  return lua_getallocf(L, &of) == allocator && of == &pool;
}
