/* names: words for numbers that several objects have. For the rows of this room. */
#pragma once
#include "schema/schema.h"

extern const struct schema_name schema_scopes[], schema_protocols[], schema_dsfields[],
    schema_tables[], schema_route_types[];
