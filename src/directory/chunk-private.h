#ifndef DIRECTORY_CHUNK_PRIVATE_H
#define DIRECTORY_CHUNK_PRIVATE_H

/*
 * Where objects lie. One that comes by a small change has an allocation of its own; those of a book
 * that is loaded are made in chunks, and then copied into others in the order in which they are
 * shown, so that a page of them lies together. A chunk is freed with its last object; what is left
 * of one that has become half empty is moved out.
 */

#include "directory/records-private.h"

struct object_chunk;

struct object_packer {
	struct object_chunk *chunk; /* NULL: none is open */
	size_t used;
};

/* Where an object can be written, and its chunk_offset. One that is large, as some photos are, gets
 * an allocation of its own. */
struct object *object_packer_place(struct object_packer *p, size_t size, uint32_t *chunk_offset);
/* A copy with one reference. */
const struct object *object_packer_copy(struct object_packer *p, const struct object *o);
void object_packer_close(struct object_packer *p);

/* An object whose last reference has gone. */
void object_free(struct object *o);

/*
 * Chunks in a file. An image is as long as its head and the rooms of its objects, which are all
 * alive; when it is mapped it is used where it is, and its pages go with its last object.
 */
size_t object_room(const struct object *o);
size_t object_chunk_head(void);
/* Puts the image of an object `offset` bytes into a chunk's. */
void object_put_image(const struct object *o, uint8_t *chunk, size_t offset);
void object_chunk_put_image(uint8_t *chunk, size_t size, uint32_t count);
/* Calls back for what stands where an object should be, until that returns 0, else the object's
 * size. Whether it was a whole image of count objects. */
bool object_chunk_walk(const uint8_t *chunk, size_t size, uint32_t count,
                       size_t (*visit)(void *context, const void *at, size_t left), void *context);

/* Moves the neighbours of an object that is about to go, when its chunk is half empty. */
void object_evacuate(struct records *r, const struct object *o);

#endif
