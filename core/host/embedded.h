/* embedded: the files of lua/ and labs/ inside the program. The build writes the table
 * (core/host/embed.cmake); .incbin puts the bytes there as they are. */
#pragma once

struct host_embedded {
  const char *path; /* "lua/nslab/lab.lua"; NULL ends the table */
  const char *start, *end;
};

extern const struct host_embedded host_embedded[];
