#include "directory/chunk-private.h"

#include "base/memory.h"

#include <stdlib.h>

enum { CHUNK_BYTES = 256 * 1024, ALIGNMENT = 8 };

struct object_chunk {
	_Atomic uint32_t
		live;   /* objects that somebody refers to, and the packer while it is open */
	uint32_t count; /* objects ever put here */
};

static size_t room_of(const struct object *o)
{
	return (o->size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static struct object_chunk *chunk_of(const struct object *o)
{
	uint8_t *p = (uint8_t *)(uintptr_t)o;
	return o->chunk_offset ? (struct object_chunk *)(void *)(p - o->chunk_offset) : NULL;
}

static void chunk_release(struct object_chunk *c)
{
	if (atomic_fetch_sub_explicit(&c->live, 1, memory_order_acq_rel) == 1)
		free(c);
}

void object_free(struct object *o)
{
	struct object_chunk *c = chunk_of(o);
	if (c)
		chunk_release(c);
	else
		free(o);
}

void object_packer_close(struct object_packer *p)
{
	if (p->chunk)
		chunk_release(p->chunk);
	*p = (struct object_packer){ 0 };
}

static void open_chunk(struct object_packer *p)
{
	object_packer_close(p);
	p->chunk = xmalloc(CHUNK_BYTES);
	*p->chunk = (struct object_chunk){ .live = 1 };
	p->used = sizeof *p->chunk;
}

static struct object *place(struct object_packer *p, size_t room)
{
	if (room > CHUNK_BYTES / 8)
		return NULL;
	if (!p->chunk || p->used + room > CHUNK_BYTES)
		open_chunk(p);
	struct object *o = (struct object *)(void *)((uint8_t *)p->chunk + p->used);
	p->used += room;
	p->chunk->count++;
	atomic_fetch_add_explicit(&p->chunk->live, 1, memory_order_relaxed);
	return o;
}

const struct object *object_packer_copy(struct object_packer *p, const struct object *o)
{
	struct object *copy = place(p, room_of(o));
	uint32_t offset = 0;
	if (copy)
		offset = (uint32_t)((uint8_t *)copy - (uint8_t *)p->chunk);
	else
		copy = xmalloc(o->size); /* one with a photo needs no company */
	/* all but the count of references, which other threads may be changing */
	memcpy(&copy->mid, &o->mid, o->size - offsetof(struct object, mid));
	copy->chunk_offset = offset;
	copy->refs = 1;
	return copy;
}

void object_evacuate(struct records *r, const struct object *o)
{
	struct object_chunk *c = chunk_of(o);
	struct object_packer p = { 0 };
	if (!c || atomic_load_explicit(&c->live, memory_order_relaxed) * 2 >= c->count)
		return;
	const uint8_t *at = (const uint8_t *)(c + 1);
	for (uint32_t i = 0; i < c->count; i++) {
		const struct object *neighbour = (const struct object *)(const void *)at;
		at += room_of(neighbour);
		if (neighbour != o && records_get(r, neighbour->mid) == neighbour)
			records_set(r, neighbour->mid, object_packer_copy(&p, neighbour));
	}
	object_packer_close(&p);
}
