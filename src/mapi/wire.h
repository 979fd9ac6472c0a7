#ifndef MAPI_WIRE_H
#define MAPI_WIRE_H

/*
 * MAPI's own wire form, as MAPI over HTTP has it (MS-OXCMAPIHTTP 2.2.1, MS-OXCDATA 2):
 * little-endian, no alignment. One filter per type reads or writes it, after the cursor's
 * direction. Errors are sticky: look at wire_failed() once; after an error every read gives 0,
 * and what was to be written is not to be used again. Everything decoded lives in the arena; counts
 * are checked against the bytes left before anything is allocated.
 */

#include "base/arena.h"
#include "base/buffer.h"
#include "base/guid.h"
#include "base/reader.h"

enum wire_error {
	WIRE_OK,
	WIRE_BAD, /* cut short, a count out of range, a type that is none */
	WIRE_TOO_DEEP,
	WIRE_NO_MEMORY, /* the arena's or buffer's ceiling */
};

struct wire {
	bool decoding;
	enum wire_error error;
	struct reader in;    /* decoding */
	struct arena *arena; /* decoding */
	struct buffer *out;  /* encoding */
	unsigned depth;      /* for the filters of recursive types */
};

typedef void wire_fn(struct wire *w, void *value);

void wire_decode_init(struct wire *w, struct slice body, struct arena *a);
/* Appends to out. */
void wire_encode_init(struct wire *w, struct buffer *out);

static inline bool wire_failed(const struct wire *w)
{
	return w->error != WIRE_OK;
}

/* The first error stays. */
void wire_fail(struct wire *w, enum wire_error error);

void wire_u8(struct wire *w, uint8_t *v);
void wire_u16(struct wire *w, uint16_t *v);
void wire_u32(struct wire *w, uint32_t *v);
void wire_i16(struct wire *w, int16_t *v);
void wire_i32(struct wire *w, int32_t *v);
void wire_u64(struct wire *w, uint64_t *v);
void wire_u32s(struct wire *w, uint32_t *v, size_t count);
void wire_guid(struct wire *w, struct guid *g);

/* A HasX byte: is X there? Whoever reads takes any byte but 0 for yes. */
bool wire_has(struct wire *w, bool present);

/* The next byte of the input, which stays there; -1 at its end. */
int wire_peek(const struct wire *w);

/* A count, at most max. */
void wire_count(struct wire *w, uint32_t *count, uint32_t max);

/* Where count items are to be filtered, each `size` bytes here and at least wire_size there:
 * `given`, or decoding zeroed room from the arena. NULL when the cursor has failed, now too because
 * so many cannot follow. */
void *wire_items(struct wire *w, const void *given, uint32_t count, size_t size, size_t wire_size);

/* A count of bytes, then these. */
void wire_binary(struct wire *w, struct slice *s);
/* Bytes with a NUL behind them; UTF-16 with one, which is UTF-8 on our side. The slice is without
 * it, cut at the first one. NULL data is written as an empty string. */
void wire_string8(struct wire *w, struct slice *s);
void wire_string16(struct wire *w, struct slice *s);

/* Encoding without a filter, of what consists of very many small pieces: room for at most so many
 * bytes, NULL when the cursor has failed; then how far it was written. */
uint8_t *wire_room(struct wire *w, size_t size);
void wire_trim(struct wire *w, const uint8_t *end);
/* Writes as wire_string16 does, at most one unit a byte and the NUL, and returns the end. */
uint8_t *wire_put_string16(uint8_t *p, struct slice s);

#endif
