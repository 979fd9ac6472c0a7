#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buffer.h"
#include "base/error.h"

/* All of an open file, which is closed; path is what messages call it. ERR_SYSTEM; ERR_LIMIT when
 * it has more bytes than the buffer's limit. */
int file_read(int fd, const char *path, struct buffer *text, struct error *e);

#endif
