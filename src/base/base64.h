#ifndef BASE_BASE64_H
#define BASE_BASE64_H

/* Base64 (RFC 4648, section 4). */

#include "base/buffer.h"
#include "base/slice.h"

/* Decodes in place: the text becomes its bytes, of which *size then says how many. false when it is
 * not base64. */
bool base64_decode(uint8_t *text, size_t *size);

void base64_encode(struct slice bytes, struct buffer *out);

#endif
