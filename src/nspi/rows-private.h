#ifndef NSPI_ROWS_PRIVATE_H
#define NSPI_ROWS_PRIVATE_H

/*
 * Rows of an answer, one a MId, as NspiQueryRows makes them; an object that is not there gets a row
 * of error values. Lives in the call's arena, so that a call can yield in the middle of it.
 */

#include "nspi/columns-private.h"

struct nspi_rows {
	struct nspi_columns columns;
	const struct mapi_tags *tags; /* of the columns, as they were asked for */
	const uint32_t *mids;
	uint32_t count; /* of mids */
	bool all;       /* fewer rows are no answer */
	uint64_t bytes; /* on the wire, about */
	struct mapi_rows *rows;
};

/* tags NULL: the columns of NspiQueryRows. Returns a MAPI status. */
uint32_t nspi_rows_start(struct nspi_call *call, struct nspi_rows *rows,
                         const struct mapi_tags *tags, uint32_t codepage, uint32_t flags);

/* Makes rows until all MIds have one, or the answer is as large as it may become; false to be
 * called again after the call has yielded. *status is MAPI_E_NOT_ENOUGH_MEMORY when not even one
 * fits. */
bool nspi_rows_run(struct nspi_rows *rows, uint32_t *status);

#endif
