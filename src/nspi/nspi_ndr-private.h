#ifndef NSPI_NSPI_NDR_PRIVATE_H
#define NSPI_NSPI_NDR_PRIVATE_H

/* Filters of the types that operations share, each for a whole value with all its pointees
 * (MS-NSPI 2.3). */

#include "ndr/ndr.h"
#include "nspi/types.h"

/* The range attributes of the IDL. */
enum {
	NSPI_MAX_ITEMS = 100000,
	NSPI_MAX_BINARY = 2097152,
};

ndr_fn ndr_nspi_tags;        /* struct mapi_tags: PropertyTagArray_r */
ndr_fn ndr_nspi_value;       /* struct mapi_value: PropertyValue_r */
ndr_fn ndr_nspi_row;         /* struct mapi_row: PropertyRow_r */
ndr_fn ndr_nspi_rows;        /* struct mapi_rows: PropertyRowSet_r */
ndr_fn ndr_nspi_binaries;    /* struct mapi_slices: BinaryArray_r */
ndr_fn ndr_nspi_name;        /* struct nspi_name: PropertyName_r */
ndr_fn ndr_nspi_names;       /* struct nspi_names: PropertyNameSet_r */
ndr_fn ndr_nspi_restriction; /* struct mapi_restriction: Restriction_r */

/* StringsArray_r with ndr_string8, WStringsArray_r with ndr_string16. */
void ndr_nspi_strings(struct ndr *n, struct nspi_strings *s, ndr_fn *text);

#endif
