# Finds every library that nslab links against and gives each one name, vendor::NAME. README.md
# beside this file says what they are for. Plain find_path and find_library: no pkg-config, so that
# it is one package less to install.
#
# Static where an archive is there: every shared object costs the dynamic linker 50 to 100
# microseconds at each start of nslab. libxtables is the exception: its plugins link to the shared
# object, and a second copy in the program would keep its own list of extensions.

include_guard()

# vendor_library(NAME HEADER LIBS [STATIC] [SUFFIXES DIRS...])
#   LIBS is a list of alternative names. Without the library, or its header, the build stops and
#   names the bootstrap script.
function(vendor_library name header libs)
  cmake_parse_arguments(arg "STATIC" "" "SUFFIXES" ${ARGN})
  set(names ${libs})
  if(arg_STATIC)
    list(TRANSFORM libs PREPEND lib OUTPUT_VARIABLE archives)
    list(TRANSFORM archives APPEND .a)
    list(PREPEND names ${archives})
  endif()
  find_library(VENDOR_${name}_LIBRARY NAMES ${names})
  mark_as_advanced(VENDOR_${name}_LIBRARY)
  add_library(vendor_${name} UNKNOWN IMPORTED)
  if(NOT VENDOR_${name}_LIBRARY)
    message(FATAL_ERROR "${name} is missing. vendor/bootstrap installs what the build needs.")
  endif()
  set_target_properties(vendor_${name} PROPERTIES IMPORTED_LOCATION ${VENDOR_${name}_LIBRARY})
  if(header)
    find_path(VENDOR_${name}_INCLUDE NAMES ${header} PATH_SUFFIXES ${arg_SUFFIXES})
    mark_as_advanced(VENDOR_${name}_INCLUDE)
    if(NOT VENDOR_${name}_INCLUDE)
      message(FATAL_ERROR "${header} is missing. vendor/bootstrap installs what the build needs.")
    endif()
    add_library(vendor_${name}_headers INTERFACE)
    target_include_directories(vendor_${name}_headers SYSTEM INTERFACE ${VENDOR_${name}_INCLUDE})
    target_link_libraries(vendor_${name} INTERFACE vendor_${name}_headers)
  endif()
  add_library(vendor::${name} ALIAS vendor_${name})
endfunction()

vendor_library(lua lua.h "lua5.4;lua-5.4;lua" STATIC SUFFIXES lua5.4 lua-5.4 lua54)
vendor_library(mnl libmnl/libmnl.h mnl STATIC)
vendor_library(nftnl libnftnl/rule.h nftnl STATIC)
vendor_library(xtables xtables.h xtables)
vendor_library(jansson jansson.h jansson STATIC)
vendor_library(edit histedit.h edit STATIC)
target_link_libraries(vendor_lua INTERFACE m ${CMAKE_DL_LIBS})
target_link_libraries(vendor_nftnl INTERFACE vendor_mnl)
# What the archive of libedit needs and the shared object would bring along.
if(VENDOR_edit_LIBRARY MATCHES "\\.a$")
  vendor_library(tinfo "" "tinfo;ncurses" STATIC)
  vendor_library(bsd "" bsd STATIC)
  vendor_library(md "" md STATIC)
  target_link_libraries(vendor_edit INTERFACE vendor_tinfo vendor_bsd vendor_md)
endif()
