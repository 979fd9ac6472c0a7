#ifndef DIRECTORY_OBJECT_CHECK_PRIVATE_H
#define DIRECTORY_OBJECT_CHECK_PRIVATE_H

#include "directory/object-private.h"

/* Whether bytes from a file, which are aligned as one, are a whole object that can be used; lists
 * are those that there are. */
bool object_check(const void *bytes, size_t size, uint64_t lists);

#endif
