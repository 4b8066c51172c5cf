/* annotate: whatever the bytes, they are explained line by line, all of them, without reading
 * behind them. */
#include "schema/schema.h"
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static lua_State *L;
  size_t len;
  if (L == NULL) {
    L = luaL_newstate();
    luaL_openlibs(L);
  }
  if (size > 4096)
    return 0;
  lua_settop(L, 0);
  lua_pushcfunction(L, schema_annotate);
  lua_pushlstring(L, (const char *)data, size);
  if (lua_pcall(L, 1, 1, 0) != LUA_OK)
    abort();
  const char *text = lua_tolstring(L, -1, &len);
  if ((size > 0) != (len > 0) || (len > 0 && text[len - 1] != '\n'))
    abort();
  lua_gc(L, LUA_GCSTEP, 0);
  return 0;
}
