#ifndef NSPI_TEMPLATES_PRIVATE_H
#define NSPI_TEMPLATES_PRIVATE_H

/* The templates in force, which a reload replaces: what is read between the two calls is copied. */

#include "nspi/nspi.h"
#include "template/template.h"

/* NULL when there are none. */
const struct templates *nspi_templates_lock(struct nspi_service *s);
void nspi_templates_unlock(struct nspi_service *s);

/* The rows of the address creation table (MS-OXOABKT 2.2.1) in a locale; none when it has no
 * templates. NULL when memory is out. */
struct mapi_rows *nspi_creation_rows(struct nspi_call *call, uint32_t locale, uint32_t codepage);

#endif
