#ifndef NDR_NDR_H
#define NDR_NDR_H

/*
 * NDR 2.0 (C706 chapter 14, MS-RPCE 3.1.1.5.3): one filter per IDL type reads or writes it, after the
 * cursor's direction. Errors are sticky: look at ndr_failed() once. Everything decoded lives in the arena;
 * counts are checked against the bytes left before anything is allocated.
 *
 * Embedded pointers: a structure's filter handles the fixed part and calls ndr_defer() for each pointer;
 * the outermost ndr_settle() (called by the top-level parameter filters) then reads or writes the pointees,
 * depth first, in order.
 */

#include "base/arena.h"
#include "base/buffer.h"
#include "base/guid.h"
#include "base/reader.h"

enum ndr_direction {
	NDR_DECODE,
	NDR_ENCODE,
};

enum ndr_error {
	NDR_OK,
	NDR_TRUNCATED, /* all but the last two are fault 0x6F7 */
	NDR_BAD_VALUE, /* count, range, offset, string without NUL, union tag */
	NDR_TOO_DEEP,
	NDR_NO_MEMORY, /* the arena's or buffer's ceiling */
};

#define NDR_MAX_DEPTH 64

struct ndr_pending; /* pointees still to come */

struct ndr {
	enum ndr_direction direction;
	enum ndr_error error;
	struct reader in;    /* decoding */
	struct buffer *out;  /* encoding; alignment is relative to `origin` */
	size_t origin;
	struct arena *arena; /* decoding: values; both: the pending list */
	struct ndr_pending *pending, **pending_tail;
	uint32_t next_referent;
	unsigned depth;
};

typedef void ndr_fn(struct ndr *n, void *value);

/* `big_endian` is the sender's integer order. */
void ndr_decode_init(struct ndr *n, struct slice stub, bool big_endian, struct arena *a);
/* Appends to out; what is written aligns relative to out's present size. */
void ndr_encode_init(struct ndr *n, struct buffer *out, struct arena *a);

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

void ndr_align(struct ndr *n, size_t alignment);
void ndr_u8(struct ndr *n, uint8_t *v);
void ndr_u16(struct ndr *n, uint16_t *v);
void ndr_u32(struct ndr *n, uint32_t *v);
void ndr_i32(struct ndr *n, int32_t *v);
void ndr_u64_halves(struct ndr *n, uint64_t *v);   /* two aligned u32, low first: FILETIME */
void ndr_bytes(struct ndr *n, void *v, size_t size); /* fixed, alignment 1 */
void ndr_guid_bytes(struct ndr *n, struct guid *g);  /* FlatUID_r: 16 bytes, alignment 1 */
void ndr_uuid(struct ndr *n, struct guid *g);        /* aligned 4, fields in the sender's order */
void ndr_context_handle(struct ndr *n, uint32_t *attributes, struct guid *id);

/* A count on the wire that must equal `expected` (max_count, actual_count) or 0 (offset): strict NDR. */
void ndr_expect_u32(struct ndr *n, uint32_t expected);

/* A unique pointer as an embedded field: reads or writes the referent id and defers the pointee.
 * *p is NULL or the pointee (decoding: allocated zeroed, `size` bytes). */
void ndr_defer(struct ndr *n, void **p, size_t size, ndr_fn *pointee);

/* A unique pointer as a parameter: its pointee, and all that that defers, follows at once. */
void ndr_pointer(struct ndr *n, void **p, size_t size, ndr_fn *pointee);

/* A parameter passed by reference: the value, then all that it defers. */
void ndr_reference(struct ndr *n, void *value, ndr_fn *filter);

/* For filters with arrays: is `count` elements of at least `min_size` wire bytes each still possible?
 * Fails the cursor when not (decoding only), or when count is above `max`. */
bool ndr_check_count(struct ndr *n, uint32_t count, size_t min_size, uint32_t max);

/* Room for count elements from the arena; NULL and failed when there is none. */
void *ndr_alloc_array(struct ndr *n, uint32_t count, size_t size);

/* [string] char* and wchar_t* pointees: max_count, offset, actual_count, units with NUL. The slice is
 * without NUL; UTF-16 is UTF-8 on our side. */
void ndr_string8(struct ndr *n, void *slice);
void ndr_string16(struct ndr *n, void *slice);

#endif
