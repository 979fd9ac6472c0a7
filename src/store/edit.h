#ifndef STORE_EDIT_H
#define STORE_EDIT_H

/* Changing the values of one attribute of a record, which is to be sorted afterwards. What is so
 * already is left as it is. Values are borrowed. */

#include "store/names.h"
#include "store/record.h"

void edit_add(struct record *r, const struct name *name, const struct slice *values, size_t count);
void edit_remove(struct record *r, const struct name *name, const struct slice *values,
                 size_t count);
void edit_remove_all(struct record *r, uint16_t name);

#endif
