#include "directory/chunk-private.h"

#include "base/memory.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { CHUNK_BYTES = 256 * 1024, ALIGNMENT = 8 };

struct object_chunk {
	_Atomic uint32_t
		live;    /* objects that somebody refers to, and the packer while it is open */
	uint32_t count;  /* objects ever put here */
	uint32_t mapped; /* bytes of the pages of a file; 0: memory from malloc */
	uint32_t unused;
};

static size_t room_of(size_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

size_t object_room(const struct object *o)
{
	return room_of(o->size);
}

static struct object_chunk *chunk_of(const struct object *o)
{
	uint8_t *p = (uint8_t *)(uintptr_t)o;
	return o->chunk_offset ? (struct object_chunk *)(void *)(p - o->chunk_offset) : NULL;
}

static void chunk_release(struct object_chunk *c)
{
	if (atomic_fetch_sub_explicit(&c->live, 1, memory_order_acq_rel) != 1)
		return;
	/* It can fail only for want of memory, and then only address space is lost. */
	if (c->mapped)
		(void)munmap(c, c->mapped);
	else
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
	*p = (struct object_packer){0};
}

static void open_chunk(struct object_packer *p)
{
	object_packer_close(p);
	p->chunk = xmalloc(CHUNK_BYTES);
	*p->chunk = (struct object_chunk){.live = 1};
	p->used = sizeof *p->chunk;
}

struct object *object_packer_place(struct object_packer *p, size_t size, uint32_t *chunk_offset)
{
	size_t room = room_of(size);
	*chunk_offset = 0;
	if (room > CHUNK_BYTES / 8)
		return xmalloc(size);
	if (!p->chunk || p->used + room > CHUNK_BYTES)
		open_chunk(p);
	struct object *o = (struct object *)(void *)((uint8_t *)p->chunk + p->used);
	*chunk_offset = (uint32_t)p->used;
	p->used += room;
	p->chunk->count++;
	atomic_fetch_add_explicit(&p->chunk->live, 1, memory_order_relaxed);
	return o;
}

static void copy_object(const struct object *o, struct object *copy, uint32_t chunk_offset)
{
	/* all but the count of references, which other threads may be changing */
	memcpy(&copy->mid, &o->mid, o->size - offsetof(struct object, mid));
	copy->chunk_offset = chunk_offset;
	copy->refs = 1;
}

const struct object *object_packer_copy(struct object_packer *p, const struct object *o)
{
	uint32_t offset;
	struct object *copy = object_packer_place(p, o->size, &offset);
	copy_object(o, copy, offset);
	return copy;
}

void object_evacuate(struct records *r, const struct object *o)
{
	struct object_chunk *c = chunk_of(o);
	struct object_packer p = {0};
	if (!c || atomic_load_explicit(&c->live, memory_order_relaxed) * 2 >= c->count)
		return;
	const uint8_t *at = (const uint8_t *)(c + 1);
	for (uint32_t i = 0; i < c->count; i++) {
		const struct object *neighbour = (const struct object *)(const void *)at;
		at += object_room(neighbour);
		if (neighbour != o && records_get(r, neighbour->mid) == neighbour)
			records_set(r, neighbour->mid, object_packer_copy(&p, neighbour));
	}
	object_packer_close(&p);
}

size_t object_chunk_head(void)
{
	return sizeof(struct object_chunk);
}

void object_put_image(const struct object *o, uint8_t *chunk, size_t offset)
{
	copy_object(o, (struct object *)(void *)(chunk + offset), (uint32_t)offset);
	memset(chunk + offset + o->size, 0, object_room(o) - o->size);
}

void object_chunk_put_image(uint8_t *chunk, size_t size, uint32_t count)
{
	struct object_chunk head = {.live = count, .count = count, .mapped = (uint32_t)size};
	memcpy(chunk, &head, sizeof head);
}

bool object_chunk_walk(const uint8_t *chunk, size_t size, uint32_t count,
                       size_t (*visit)(void *context, const void *at, size_t left), void *context)
{
	const struct object_chunk *head = (const void *)chunk;
	size_t at = sizeof *head;
	if (size < at || count == 0 || head->live != count || head->count != count ||
	    head->mapped != size)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		const struct object *o = (const void *)(chunk + at);
		size_t taken = visit(context, o, size - at);
		if (taken == 0 || o->refs != 1 || o->chunk_offset != at)
			return false;
		at += object_room(o);
		if (at > size)
			return false;
	}
	return at == size;
}
