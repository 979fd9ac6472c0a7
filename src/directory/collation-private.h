#ifndef DIRECTORY_COLLATION_PRIVATE_H
#define DIRECTORY_COLLATION_PRIVATE_H

/*
 * The order of names in a locale: ICU's collation with the comparison flags of MS-NSPI 2.2.6, which
 * means primary differences alone, and for every LCID but 0x409 without symbols. Safe from any
 * thread: each has its own collators.
 */

#include "directory/index-private.h"
#include "mapi/locale.h"

/* Writes the sort key of UTF-8 text, at most INDEX_KEY_MAX bytes of it; returns its size. */
size_t collation_key(uint32_t lcid, struct slice text, uint8_t key[INDEX_KEY_MAX]);

/* Changes when the keys of a locale do, with another ICU. */
void collation_version(uint32_t lcid, uint8_t version[4]);

/* <0, 0, >0; equal texts may be spelled differently. */
int collation_compare(uint32_t lcid, struct slice a, struct slice b);

#endif
