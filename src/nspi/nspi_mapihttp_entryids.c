/*
 * The entry ids of ModLinkAtt (MS-OXCMAPIHTTP 2.2.5.10.1). Some clients write a size before each,
 * others none, for an entry id tells its end: an ephemeral one has 32 bytes, a permanent one a DN
 * with a NUL behind its 28 (MS-OXNSPI 2.3.9). Both begin with their type in 32 bits, which no size
 * that precedes one is likely to look like.
 */

#include "nspi/nspi_mapihttp-private.h"

enum { TYPE_PERMANENT = 0x00, TYPE_EPHEMERAL = 0x87 };
enum { HEAD_SIZE = 28, EPHEMERAL_SIZE = 32 };

static bool is_type(uint32_t number)
{
	return number == TYPE_PERMANENT || number == TYPE_EPHEMERAL;
}

/* A size can equal the ephemeral type: then it is one if a type follows. */
static bool is_bare(struct reader ahead)
{
	uint32_t first = reader_u32(&ahead);

	if (!is_type(first) || first == TYPE_PERMANENT)
		return first == TYPE_PERMANENT;
	return !is_type(reader_u32(&ahead));
}

/* How long the entry id is that begins here; 0 when it has no end. */
static size_t bare_size(const struct reader *in)
{
	size_t left = reader_left(in);

	if (left < EPHEMERAL_SIZE || in->pos[0] == TYPE_EPHEMERAL)
		return left < EPHEMERAL_SIZE ? 0 : EPHEMERAL_SIZE;
	const uint8_t *nul = memchr(in->pos + HEAD_SIZE, 0, left - HEAD_SIZE);
	return nul ? (size_t)(nul + 1 - in->pos) : 0;
}

static void read_bare(struct wire *w, struct slice *id)
{
	size_t size = bare_size(&w->in);

	if (size == 0) {
		wire_fail(w, WIRE_BAD);
		return;
	}
	*id = arena_slice(w->arena, reader_slice(&w->in, size));
	if (!id->data)
		wire_fail(w, WIRE_NO_MEMORY);
}

static void entry_id(struct wire *w, struct slice *id)
{
	if (w->decoding && is_bare(w->in))
		read_bare(w, id);
	else
		wire_binary(w, id);
}

void http_nspi_entry_ids(struct wire *w, void *value)
{
	struct mapi_slices *ids = value;

	wire_count(w, &ids->count, HTTP_MAX_ITEMS);
	struct slice *items = wire_items(w, ids->items, ids->count, sizeof *items, 4);
	for (uint32_t i = 0; items && i < ids->count && !wire_failed(w); i++)
		entry_id(w, &items[i]);
	ids->items = items;
}
