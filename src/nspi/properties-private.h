#ifndef NSPI_PROPERTIES_PRIVATE_H
#define NSPI_PROPERTIES_PRIVATE_H

/* Properties that are not stored but follow from what an object is (MS-NSPI 3.1.1.1,
 * MS-OXOABK 2.2.3). */

#include "nspi/columns-private.h"

struct nspi_property {
	uint16_t id;
	uint16_t type; /* native */
	nspi_cell_fn *read;
};

/* NULL when the property is not one of these. */
const struct nspi_property *nspi_property(uint16_t id);
/* All of them in order of their ids. */
const struct nspi_property *nspi_properties(size_t *count);

/* The type in which any property is kept; PT_UNSPECIFIED for one that is not known. */
uint16_t nspi_native_type(uint16_t id);

/* 7BitDisplayName as bytes in a code page; never empty. data is NULL when memory is out. */
struct slice nspi_printable_name(const struct nspi_reading *r, uint32_t codepage);

#endif
