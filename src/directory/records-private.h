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
/* Many at once, NULL for what is not there: waits for memory once and not for each. */
void records_get_all(const struct records *r, const uint32_t *mids, size_t count,
                     const struct object **objects);
/* Each object, in order of MId. */
void records_each(const struct records *r, void (*visit)(void *context, const struct object *o),
                  void *context);
/* Each MId whose object is another one, or there in one of them only (NULL). What both share is not
 * looked at. */
void records_diff(const struct records *before, const struct records *after,
                  void (*visit)(void *context, uint32_t mid, const struct object *before,
                                const struct object *after),
                  void *context);
/* Takes the reference to the object; NULL removes. */
void records_set(struct records *r, uint32_t mid, const struct object *o);

#endif
