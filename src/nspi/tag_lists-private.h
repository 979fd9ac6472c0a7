#ifndef NSPI_TAG_LISTS_PRIVATE_H
#define NSPI_TAG_LISTS_PRIVATE_H

/* Lists of property tags that the server makes on a client's behalf. */

#include "nspi/nspi-private.h"

/* Every property that there is, strings in the width asked for; NULL when memory is out. */
struct mapi_tags *nspi_known_tags(struct nspi_call *call, bool unicode, bool skip_objects);

/* NspiGetPropList for one object. Returns a MAPI status. */
uint32_t nspi_object_tags(struct nspi_call *call, uint32_t mid, uint32_t codepage, uint32_t flags,
                          struct mapi_tags **tags);

#endif
