#include "store/record.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/reader.h"

void record_clear(struct record *r)
{
	*r = (struct record){.values = r->values, .room = r->room};
}

void record_free(struct record *r)
{
	free(r->values);
	*r = (struct record){0};
}

void record_add(struct record *r, uint16_t name, struct slice value)
{
	if (r->count == r->room) {
		r->room = r->room ? 2 * r->room : 64;
		r->values = xrealloc_array(r->values, r->room, sizeof *r->values);
	}
	r->values[r->count] = (struct record_value){name, (uint32_t)r->count, value};
	r->count++;
}

static int compare_values(const void *a, const void *b)
{
	const struct record_value *x = a, *y = b;
	if (x->name != y->name)
		return x->name < y->name ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* As are most: names are numbered as they are met, and entries have much the same ones. */
static bool is_sorted(const struct record *r)
{
	for (size_t i = 1; i < r->count; i++)
		if (compare_values(&r->values[i - 1], &r->values[i]) > 0)
			return false;
	return true;
}

void record_sort(struct record *r)
{
	if (!is_sorted(r))
		qsort(r->values, r->count, sizeof *r->values, compare_values);
}

/* Seven bits a byte, the lowest first; the top bit says that more follow. */
static void put_number(struct buffer *out, size_t n)
{
	for (; n > 0x7F; n >>= 7)
		buffer_put_u8(out, (uint8_t)(n | 0x80));
	buffer_put_u8(out, (uint8_t)n);
}

static size_t read_number(struct reader *r)
{
	size_t n = 0;
	for (unsigned shift = 0; shift < 63; shift += 7) {
		uint8_t byte = reader_u8(r);
		n |= (size_t)(byte & 0x7F) << shift;
		if (!(byte & 0x80))
			return n;
	}
	r->failed = true;
	return 0;
}

static void put_text(struct buffer *out, struct slice s)
{
	put_number(out, s.size);
	buffer_put(out, s.data, s.size);
}

static struct slice read_text(struct reader *r)
{
	return reader_slice(r, read_number(r));
}

static size_t run_of(const struct record *r, size_t first)
{
	size_t end = first;
	while (end < r->count && r->values[end].name == r->values[first].name)
		end++;
	return end - first;
}

void record_encode(const struct record *r, struct buffer *out)
{
	buffer_put_u64(out, r->generation);
	buffer_put_u8(out, (uint8_t)r->guid_origin);
	buffer_put(out, r->guid.bytes, sizeof r->guid.bytes);
	put_text(out, r->legacy_dn);
	put_text(out, r->dn);
	for (size_t i = 0; i < r->count;) {
		size_t end = i + run_of(r, i);
		buffer_put_u16(out, r->values[i].name);
		put_number(out, end - i);
		for (; i < end; i++)
			put_text(out, r->values[i].value);
	}
}

bool record_same(struct slice a, struct slice b)
{
	enum { GENERATION_SIZE = 8 };

	return a.size == b.size && a.size >= GENERATION_SIZE &&
	       memcmp(a.data + GENERATION_SIZE, b.data + GENERATION_SIZE,
	              a.size - GENERATION_SIZE) == 0;
}

static void decode_values(struct record *r, struct reader *in)
{
	uint16_t name = reader_u16(in);
	size_t count = read_number(in);
	for (size_t i = 0; i < count && !in->failed; i++)
		record_add(r, name, read_text(in));
}

bool record_decode(struct record *r, struct slice bytes)
{
	struct reader in;
	reader_init(&in, bytes.data, bytes.size);
	record_clear(r);
	r->generation = reader_u64(&in);
	r->guid_origin = reader_u8(&in);
	const uint8_t *guid = reader_take(&in, sizeof r->guid.bytes);
	if (guid)
		memcpy(r->guid.bytes, guid, sizeof r->guid.bytes);
	r->legacy_dn = read_text(&in);
	r->dn = read_text(&in);
	while (reader_left(&in))
		decode_values(r, &in);
	return !in.failed;
}

size_t record_values(const struct record *r, uint16_t name, size_t *first)
{
	for (size_t i = 0; i < r->count; i++) {
		if (r->values[i].name != name)
			continue;
		*first = i;
		return run_of(r, i);
	}
	*first = r->count;
	return 0;
}
