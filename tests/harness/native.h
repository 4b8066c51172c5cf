/* native: the C functions of the harness, one file for each kind. */
#pragma once
#include <lua.h>

int harness_terminal(lua_State *L);
void harness_open_terminal(lua_State *L);
