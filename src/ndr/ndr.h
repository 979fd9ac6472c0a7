#ifndef NDR_NDR_H
#define NDR_NDR_H

/*
 * NDR 2.0 (C706 chapter 14, MS-RPCE 3.1.1.5.3): one filter per IDL type reads or writes it, after
 * the cursor's direction. Errors are sticky: look at ndr_failed() once; after an error every read
 * gives 0. Everything decoded lives in the arena; counts are checked against the bytes left before
 * anything is allocated.
 *
 * Embedded pointers: what a pointer points to follows the outermost structure or array that holds
 * it, depth first. So a type with pointers has two filters, one for its fixed part (where
 * ndr_referent() stands for the pointer) and one for its pointees; an array of it runs the first
 * for all elements, then the second. Nothing has to be remembered in between but what the value
 * itself holds.
 */

#include "base/arena.h"
#include "base/buffer.h"
#include "base/guid.h"
#include "base/reader.h"

enum ndr_direction {
	NDR_DECODE,
	NDR_ENCODE,
};

enum {
	NDR_PAD_MAX = 8,
	NDR_REFERENT_STEP = 4, /* what Windows numbers its pointers with */
};

enum ndr_error {
	NDR_OK,
	NDR_TRUNCATED, /* all but the last two are fault 0x6F7 */
	NDR_BAD_VALUE, /* count, range, offset, string without NUL, union tag */
	NDR_TOO_DEEP,
	NDR_NO_MEMORY, /* the arena's or buffer's ceiling */
};

struct ndr {
	enum ndr_direction direction;
	enum ndr_error error;
	struct reader in;   /* decoding */
	struct buffer *out; /* encoding; alignment is relative to `origin` */
	size_t origin;
	struct arena *arena; /* decoding */
	uint32_t next_referent;
	unsigned depth; /* for the filters of recursive types */
};

typedef void ndr_fn(struct ndr *n, void *value);

/* `big_endian` is the sender's integer order. */
void ndr_decode_init(struct ndr *n, struct slice stub, bool big_endian, struct arena *a);
/* Appends to out; what is written aligns relative to out's present size. Little-endian. */
void ndr_encode_init(struct ndr *n, struct buffer *out);

static inline bool ndr_failed(const struct ndr *n)
{
	return n->error != NDR_OK;
}

static inline bool ndr_decoding(const struct ndr *n)
{
	return n->direction == NDR_DECODE;
}

/* The first error stays. */
void ndr_fail(struct ndr *n, enum ndr_error error);

/* ndr_room() where the buffer has to grow, or must not. */
uint8_t *ndr_more_room(struct ndr *n, size_t pad, size_t size);

/* Room for size bytes in the output after alignment; NULL and failed beyond its limit. */
static inline uint8_t *ndr_room(struct ndr *n, size_t alignment, size_t size)
{
	struct buffer *b = n->out;
	size_t pad = (n->origin - b->size) & (alignment - 1);
	size_t end = b->size + pad + size;

	if (n->error || end + NDR_PAD_MAX > b->capacity || end > b->limit)
		return ndr_more_room(n, pad, size);
	uint8_t *p = b->data + b->size;
	b->size = end;
	memset(p, 0, NDR_PAD_MAX); /* cheaper than to count */
	return p + pad;
}

/* ndr_u32s() of a decoder. */
void ndr_decode_u32s(struct ndr *n, uint32_t *v, size_t count);

/* One after the other; how many is the caller's to know. Inline, for most of a page of rows is made
 * of these. */
static inline void ndr_u32s(struct ndr *n, uint32_t *v, size_t count)
{
	if (ndr_decoding(n)) {
		ndr_decode_u32s(n, v, count);
		return;
	}
	uint8_t *p = ndr_room(n, 4, count * 4);
	if (p)
		put_le32s(p, v, count);
}

static inline void ndr_u32(struct ndr *n, uint32_t *v)
{
	ndr_u32s(n, v, 1);
}

void ndr_align(struct ndr *n, size_t alignment);
void ndr_u8(struct ndr *n, uint8_t *v);
void ndr_u16(struct ndr *n, uint16_t *v);
void ndr_i16(struct ndr *n, int16_t *v);
void ndr_i32(struct ndr *n, int32_t *v);
void ndr_u64_halves(struct ndr *n, uint64_t *v);     /* two aligned u32, low first: FILETIME */
void ndr_bytes(struct ndr *n, void *v, size_t size); /* fixed, alignment 1 */
void ndr_guid_bytes(struct ndr *n, struct guid *g);  /* FlatUID_r: 16 bytes, alignment 1 */
void ndr_uuid(struct ndr *n, struct guid *g);        /* aligned 4, fields in the sender's order */
void ndr_context_handle(struct ndr *n, uint32_t *attributes, struct guid *id);

/* A count on the wire that must equal `expected` (max_count, actual_count) or 0 (offset): strict
 * NDR. */
void ndr_expect_u32(struct ndr *n, uint32_t expected);

/* The referent id of a pointer that is NULL unless `present`; true when there is a pointee
 * (decoding: the sender's; after an error never). */
static inline bool ndr_referent(struct ndr *n, bool present)
{
	uint32_t id = present ? n->next_referent : 0;

	ndr_u32(n, &id);
	n->next_referent += present ? NDR_REFERENT_STEP : 0;
	return id != 0;
}

/* Where the one value or more behind a pointer are to be filtered: encoding p, decoding zeroed room
 * from the arena, or NULL and failed. */
void *ndr_place(struct ndr *n, const void *p, uint32_t count, size_t size);

/* A pointer as a parameter: its pointee follows at once. Returns it: p itself, or decoding NULL or
 * one allocated zeroed, `size` bytes. */
void *ndr_pointer(struct ndr *n, const void *p, size_t size, ndr_fn *pointee);

/* A pointer in a fixed part. Returns p; decoding, NULL or something that only says "not NULL",
 * until the filter of the pointee puts what it reads in its place. */
static inline void *ndr_embedded(struct ndr *n, const void *p)
{
	return ndr_referent(n, p != NULL) ? ndr_place(n, p, 0, 1) : NULL;
}

/* The same of a count and a pointer to that many items: the count is at most max, and 0 for NULL.
 */
void *ndr_embedded_array(struct ndr *n, uint32_t *count, const void *items, uint32_t max);

/* Where the items of an array are to be filtered, each `size` bytes here and at least wire_size
 * there: `given`, or decoding zeroed room from the arena. NULL when the cursor has failed, now too
 * because so many cannot follow. */
void *ndr_items(struct ndr *n, const void *given, uint32_t count, size_t size, size_t wire_size);

/* The same, after the max_count that a [size_is(count)] array begins with; it has to equal count.
 */
void *ndr_array(struct ndr *n, const void *given, uint32_t count, size_t size, size_t wire_size);

/* The beginning of a structure that ends with a [size_is(count)] array: its max_count, then its
 * count. */
void ndr_conformant(struct ndr *n, uint32_t *count, uint32_t max);

/* [string] char* and wchar_t* pointees: a struct slice, as max_count, offset, actual_count, units
 * with NUL. The slice is without NUL, cut at the first one; UTF-16 is UTF-8 on our side. */
void ndr_string8(struct ndr *n, void *slice);
void ndr_string16(struct ndr *n, void *slice);

#endif
