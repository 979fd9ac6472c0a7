#ifndef DIRECTORY_TABLE_PRIVATE_H
#define DIRECTORY_TABLE_PRIVATE_H

#include "directory/index-private.h"
#include "directory/view.h"

/* The key by which an object stands in a table's order; returns its size. */
size_t table_key(const struct table *t, const struct object *o, uint8_t key[INDEX_KEY_MAX]);

/*
 * MIds on their way into the order of a table, a few at each step. Objects outside the container
 * are sorted too, unknown ones dropped. It lives in the arena; view, table and MIds are borrowed
 * until it is done.
 */
struct sorter;

struct sorter *sorter_new(const struct view *v, const struct table *t, const uint32_t *mids,
                          size_t count, struct arena *a); /* NULL: the arena is full */
enum scan_status sorter_step(struct sorter *s);           /* not TOO_COMPLEX, TOO_MANY */
/* After SCAN_DONE; in the arena. */
uint32_t *sorter_mids(const struct sorter *s, size_t *count);

#endif
