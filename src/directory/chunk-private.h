#ifndef DIRECTORY_CHUNK_PRIVATE_H
#define DIRECTORY_CHUNK_PRIVATE_H

/*
 * Where objects lie. One that comes by a small change has an allocation of its own; those of a book
 * that is loaded are copied into chunks, in the order in which they are shown, so that a page of
 * them lies together. A chunk is freed with its last object; what is left of one that has become
 * half empty is moved out.
 */

#include "directory/records-private.h"

struct object_chunk;

struct object_packer {
	struct object_chunk *chunk; /* NULL: none is open */
	size_t used;
};

/* A copy with one reference. */
const struct object *object_packer_copy(struct object_packer *p, const struct object *o);
void object_packer_close(struct object_packer *p);

/* An object whose last reference has gone. */
void object_free(struct object *o);

/* Moves the neighbours of an object that is about to go, when its chunk is half empty. */
void object_evacuate(struct records *r, const struct object *o);

#endif
