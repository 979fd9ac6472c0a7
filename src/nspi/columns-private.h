#ifndef NSPI_COLUMNS_PRIVATE_H
#define NSPI_COLUMNS_PRIVATE_H

/*
 * A list of property tags, resolved once a call: for each how its value is read and into which type
 * it is converted, so that a cell costs a call or two through a pointer and no search.
 */

#include "nspi/nspi-private.h"

enum nspi_cell {
	CELL_VALUE,
	CELL_NONE, /* the object has no such value */
	CELL_NO_MEMORY,
};

struct nspi_reading { /* one cell */
	const struct nspi_columns *columns;
	struct nspi_column *column;
	const struct object *object;
};

/* Sets all of a value but its tag. */
typedef enum nspi_cell nspi_cell_fn(const struct nspi_reading *r, struct mapi_value *value);

struct nspi_column {
	mapi_tag tag;          /* as asked for, an unspecified type replaced by the native one */
	nspi_cell_fn *read;    /* the native value; NULL: no object can have one */
	nspi_cell_fn *convert; /* into the type of tag, in place; NULL: nothing to do */
	struct object_property stored; /* of those that are read as they are stored */
};

struct nspi_columns {
	struct nspi_call *call;
	uint32_t codepage;  /* of STAT */
	bool ephemeral_ids; /* PidTagEntryId in its ephemeral form */
	uint32_t count;
	struct nspi_column *items;
};

/* flags are those of NspiGetProps. MAPI_E_TABLE_TOO_BIG; MAPI_E_UNKNOWN_CPID when 8-bit strings are
 * wanted in a code page that is not supported; MAPI_E_NOT_ENOUGH_MEMORY. */
uint32_t nspi_columns_resolve(struct nspi_call *call, const struct mapi_tags *tags,
                              uint32_t codepage, uint32_t flags, struct nspi_columns *out);

/* Fills one value a column; o is NULL for an object that is not there. CELL_NONE when a value is
 * missing: it is MAPI_E_NOT_FOUND of type PT_ERROR. */
enum nspi_cell nspi_columns_read(const struct nspi_columns *columns, const struct object *o,
                                 struct mapi_value *values);

#endif
