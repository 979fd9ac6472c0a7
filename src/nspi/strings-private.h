#ifndef NSPI_STRINGS_PRIVATE_H
#define NSPI_STRINGS_PRIVATE_H

/* Which string becomes which, and in what code page (MS-NSPI 3.1.1.2). */

#include "nspi/columns-private.h"

static inline bool nspi_is_string8(mapi_tag tag)
{
	return tag_type(tag) == PT_STRING8 || tag_type(tag) == PT_MV_STRING8;
}

/* From the native type of a property to the one asked for; NULL when there is none. */
nspi_cell_fn *nspi_string_conversion(uint16_t id, uint16_t native, uint16_t asked);

/* A string type as the other width: PT_UNICODE <-> PT_STRING8 and their lists; other types as they
 * are. */
uint16_t nspi_string_type(uint16_t type, bool unicode);

/* What a client sent as a string, as UTF-8; data is NULL when memory is out. */
struct slice nspi_string_from_client(struct nspi_call *call, mapi_tag tag, struct slice s,
                                     uint32_t codepage);

#endif
