#ifndef NSPI_NSPI_MAPIHTTP_PRIVATE_H
#define NSPI_NSPI_MAPIHTTP_PRIVATE_H

/* Filters of the types that bodies share (MS-OXCMAPIHTTP 2.2.1, MS-OXCDATA 2.12). */

#include "mapi/wire.h"
#include "nspi/types.h"

enum { HTTP_MAX_ITEMS = 100000 }; /* of any list */

wire_fn http_nspi_tagged;      /* struct mapi_value: AddressBookTaggedPropertyValue */
wire_fn http_nspi_list;        /* struct mapi_row: AddressBookPropertyValueList */
wire_fn http_nspi_restriction; /* struct mapi_restriction */
wire_fn http_nspi_entry_ids;   /* struct mapi_slices: count and entry ids of ModLinkAtt */

enum { HTTP_TAGGED_WIRE_MIN = 4 };

/* AddressBookPropertyValue: the value of v->tag, which is known already. */
void http_nspi_value(struct wire *w, struct mapi_value *v);

/* AddressBookPropertyRow, count times; the columns say of which types the values are. */
void http_nspi_rows(struct wire *w, struct mapi_rows *rows, const struct mapi_tags *columns);

#endif
