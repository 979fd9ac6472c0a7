#ifndef DIRECTORY_TABLE_PRIVATE_H
#define DIRECTORY_TABLE_PRIVATE_H

#include "directory/index-private.h"
#include "directory/view.h"

/* The key by which an object stands in a table's order; returns its size. */
size_t table_key(const struct table *t, const struct object *o, uint8_t key[INDEX_KEY_MAX]);

#endif
