#include "rpc/epm_ndr.h"

static void handle(struct ndr *n, struct ept_handle *h)
{
	ndr_context_handle(n, &h->attributes, &h->id);
}

static void object(struct ndr *n, void *value)
{
	ndr_uuid(n, value);
}

static void interface_id(struct ndr *n, void *value)
{
	struct ept_interface *i = value;
	ndr_uuid(n, &i->uuid);
	ndr_u16(n, &i->major);
	ndr_u16(n, &i->minor);
}

/* typedef struct { [range(0, 2000)] unsigned long tower_length;
 *                  [size_is(tower_length)] byte tower_octet_string[]; } twr_t; */
static void octets(struct ndr *n, void *value)
{
	struct ept_octets *t = value;
	ndr_conformant(n, &t->size, EPT_MAX_TOWER);
	uint8_t *data = ndr_items(n, t->data, t->size, 1, 1);
	if (data)
		ndr_bytes(n, data, t->size);
	t->data = data;
}

static void limited(struct ndr *n, uint32_t *v, uint32_t max)
{
	ndr_u32(n, v);
	if (*v > max)
		ndr_fail(n, NDR_BAD_VALUE);
}

void ept_map_in(struct ndr *n, void *value)
{
	struct ept_map_in *in = value;
	in->object = ndr_pointer(n, in->object, sizeof *in->object, object);
	in->tower = ndr_pointer(n, in->tower, sizeof *in->tower, octets);
	handle(n, &in->handle);
	limited(n, &in->max_towers, EPT_MAX_ENTRIES);
}

/* [length_is(count), size_is(max)]: the counts that begin such an array. */
static void varying(struct ndr *n, uint32_t count, uint32_t *max)
{
	limited(n, max, EPT_MAX_ENTRIES);
	ndr_expect_u32(n, 0);
	ndr_expect_u32(n, count);
	if (count > *max)
		ndr_fail(n, NDR_BAD_VALUE);
}

void ept_map_out(struct ndr *n, void *value)
{
	struct ept_map_out *out = value;
	handle(n, &out->handle);
	limited(n, &out->count, EPT_MAX_ENTRIES);
	varying(n, out->count, &out->max);
	out->towers = ndr_items(n, out->towers, out->count, sizeof *out->towers, 4);
	for (uint32_t i = 0; out->towers && i < out->count; i++)
		if (!ndr_referent(n, true))
			ndr_fail(n, NDR_BAD_VALUE);
	for (uint32_t i = 0; out->towers && i < out->count; i++)
		octets(n, &out->towers[i]);
	ndr_u32(n, &out->status);
}

void ept_lookup_in(struct ndr *n, void *value)
{
	struct ept_lookup_in *in = value;
	ndr_u32(n, &in->inquiry);
	in->object = ndr_pointer(n, in->object, sizeof *in->object, object);
	in->interface = ndr_pointer(n, in->interface, sizeof *in->interface, interface_id);
	ndr_u32(n, &in->version_option);
	handle(n, &in->handle);
	limited(n, &in->max_entries, EPT_MAX_ENTRIES);
}

/* [string] char annotation[64]: varying only, and the length includes the NUL. */
static void annotation(struct ndr *n, struct slice *text)
{
	uint32_t size = (uint32_t)text->size + 1;
	ndr_expect_u32(n, 0);
	limited(n, &size, EPT_MAX_ANNOTATION);
	if (ndr_decoding(n) && size == 0)
		ndr_fail(n, NDR_BAD_VALUE);
	uint8_t copy[EPT_MAX_ANNOTATION] = {0};
	if (ndr_failed(n))
		return;
	if (!ndr_decoding(n) && text->size)
		memcpy(copy, text->data, text->size);
	ndr_bytes(n, copy, size);
	if (ndr_decoding(n))
		*text = arena_slice(n->arena, slice_of(copy, size - 1));
}

static void entry_fixed(struct ndr *n, struct ept_entry *e)
{
	ndr_uuid(n, &e->object);
	if (!ndr_referent(n, true))
		ndr_fail(n, NDR_BAD_VALUE);
	annotation(n, &e->annotation);
}

void ept_lookup_out(struct ndr *n, void *value)
{
	enum { SMALLEST_ENTRY = 29 };
	struct ept_lookup_out *out = value;
	handle(n, &out->handle);
	limited(n, &out->count, EPT_MAX_ENTRIES);
	varying(n, out->count, &out->max);
	out->entries = ndr_items(n, out->entries, out->count, sizeof *out->entries, SMALLEST_ENTRY);
	for (uint32_t i = 0; out->entries && i < out->count; i++)
		entry_fixed(n, &out->entries[i]);
	for (uint32_t i = 0; out->entries && i < out->count; i++)
		octets(n, &out->entries[i].tower);
	ndr_u32(n, &out->status);
}

void ept_free_in(struct ndr *n, void *value)
{
	struct ept_free_in *in = value;
	handle(n, &in->handle);
}

void ept_free_out(struct ndr *n, void *value)
{
	struct ept_free_out *out = value;
	handle(n, &out->handle);
	ndr_u32(n, &out->status);
}
