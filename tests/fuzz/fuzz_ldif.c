/* The first byte says where the rest is split: whole or in two, the same comes out. */

#include "base/buffer.h"
#include "store/ldif.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(struct buffer *out, struct slice s)
{
	buffer_put_u32(out, (uint32_t)s.size);
	buffer_put(out, s.data, s.size);
}

static int note(void *context, const struct ldif_record *r, struct error *e)
{
	struct buffer *out = context;
	(void)e;
	buffer_put_u32(out, (uint32_t)r->line);
	buffer_put_u8(out, (uint8_t)r->change);
	put(out, r->dn);
	put(out, r->new_rdn);
	put(out, r->new_superior);
	for (size_t i = 0; i < r->count; i++) {
		put(out, r->values[i].name);
		put(out, r->values[i].options);
		put(out, r->values[i].value);
	}
	for (size_t i = 0; i < r->modification_count; i++) {
		const struct ldif_modification *m = &r->modifications[i];
		put(out, m->name);
		for (size_t k = 0; k < m->count; k++)
			put(out, r->values[m->first + k].value);
	}
	return 0;
}

static int parse(struct slice text, size_t split, struct buffer *out)
{
	struct ldif *l = ldif_new("input", note, out);
	int err = ldif_feed(l, slice_of(text.data, split), NULL);
	if (!err)
		err = ldif_feed(l, slice_of(text.data + split, text.size - split), NULL);
	if (!err)
		err = ldif_finish(l, NULL);
	ldif_free(l);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer whole, parts;
	if (size < 2)
		return 0;
	struct slice text = slice_of(data + 1, size - 1);
	buffer_init(&whole, 16 << 20);
	buffer_init(&parts, 16 << 20);
	int first = parse(text, 0, &whole);
	int second = parse(text, data[0] * text.size / 256, &parts);
	if (first != second || !slice_equal(buffer_slice(&whole), buffer_slice(&parts)))
		__builtin_trap();
	buffer_free(&whole);
	buffer_free(&parts);
	return 0;
}
