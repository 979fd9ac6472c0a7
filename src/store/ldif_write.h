#ifndef STORE_LDIF_WRITE_H
#define STORE_LDIF_WRITE_H

/* Lines of LDIF (RFC 2849): folded at 76 columns, base64 where plain text would not do. */

#include "base/buffer.h"

void ldif_put(struct buffer *out, const char *name, struct slice value);

#endif
