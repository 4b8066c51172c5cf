# Embeds lua/ and labs/ in the program: writes a C file with one .incbin a file and the table of
# embedded.h, and makes the object depend on those files. Sets EMBED_SOURCE.

file(GLOB_RECURSE files RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS lua/nslab/*.lua labs/*.lua)
list(SORT files)
set(data "")
set(rows "")
set(index 0)
foreach(file IN LISTS files)
  string(APPEND data "EMBED(${index}, \"${CMAKE_SOURCE_DIR}/${file}\")\n")
  string(APPEND rows "  {\"${file}\", embed_${index}, embed_${index}_end},\n")
  math(EXPR index "${index} + 1")
endforeach()
set(EMBED_SOURCE ${CMAKE_BINARY_DIR}/embedded.c)
file(CONFIGURE OUTPUT ${EMBED_SOURCE} @ONLY CONTENT [[
/* Written by core/host/embed.cmake. */
#include "host/embedded.h"
#include <stddef.h>

#define EMBED(n, file)                                                                             \
  extern const char embed_##n[], embed_##n##_end[];                                                \
  __asm__(".pushsection .rodata\n"                                                                 \
          ".hidden embed_" #n "\n.hidden embed_" #n "_end\n"                                       \
          ".globl embed_" #n "\n.globl embed_" #n "_end\n"                                         \
          "embed_" #n ":\n.incbin \"" file "\"\n"                                                  \
          "embed_" #n "_end:\n.byte 0\n.popsection\n");

@data@
const struct host_embedded host_embedded[] = {
@rows@  {NULL, NULL, NULL},
};
]])
list(TRANSFORM files PREPEND ${CMAKE_SOURCE_DIR}/)
set_source_files_properties(${EMBED_SOURCE} PROPERTIES OBJECT_DEPENDS "${files}")
