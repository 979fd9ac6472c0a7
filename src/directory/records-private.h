#ifndef DIRECTORY_RECORDS_PRIVATE_H
#define DIRECTORY_RECORDS_PRIVATE_H

/*
 * MId -> object: a tree of three levels whose nodes successive snapshots share. A node that only
 * one tree refers to is changed in place, others are copied on the way down.
 */

#include "directory/object-private.h"

struct records_node;

struct records {
	struct records_node *root; /* NULL: empty */
};

struct records records_share(const struct records *r); /* another reference to the same tree */
void records_free(struct records *r);

const struct object *records_get(const struct records *r, uint32_t mid);
/* Takes the reference to the object; NULL removes. */
void records_set(struct records *r, uint32_t mid, const struct object *o);

#endif
