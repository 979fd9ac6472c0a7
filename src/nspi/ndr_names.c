/* Arrays of strings, and property names: MS-NSPI 2.3.1, 2.3.3. */

#include "nspi/nspi_ndr-private.h"

/* typedef struct {
 *     [range(0, 100000)] DWORD Count;
 *     [size_is(Count), string] char *Strings[]; or wchar_t *
 * } StringsArray_r, WStringsArray_r; */
void ndr_nspi_strings(struct ndr *n, struct nspi_strings *s, ndr_fn *text)
{
	ndr_conformant(n, &s->count, NSPI_MAX_ITEMS);
	struct slice *items = ndr_items(n, s->items, s->count, sizeof *items, 4);
	for (uint32_t i = 0; items && i < s->count; i++)
		items[i].data = ndr_embedded(n, items[i].data);
	for (uint32_t i = 0; items && i < s->count; i++) {
		if (items[i].data)
			text(n, &items[i]);
	}
	s->items = items;
}

/* typedef struct { FlatUID_r *lpguid; DWORD ulReserved; LONG lID; } PropertyName_r; */
static void name_fixed(struct ndr *n, struct nspi_name *name)
{
	const struct guid *guid = ndr_embedded(n, name->guid);

	ndr_u32(n, &name->reserved);
	ndr_i32(n, &name->id);
	if (ndr_decoding(n))
		name->guid = guid;
}

static void name_rest(struct ndr *n, struct nspi_name *name)
{
	if (!name->guid)
		return;
	struct guid *guid = ndr_items(n, name->guid, 1, sizeof *guid, sizeof *guid);
	if (guid)
		ndr_guid_bytes(n, guid);
	if (ndr_decoding(n))
		name->guid = guid;
}

void ndr_nspi_name(struct ndr *n, void *value)
{
	name_fixed(n, value);
	name_rest(n, value);
}

/* typedef struct {
 *     [range(0, 100000)] DWORD cNames;
 *     [size_is(cNames)] PropertyName_r aNames[];
 * } PropertyNameSet_r; */
void ndr_nspi_names(struct ndr *n, void *value)
{
	struct nspi_names *set = value;

	ndr_conformant(n, &set->count, NSPI_MAX_ITEMS);
	struct nspi_name *items = ndr_items(n, set->items, set->count, sizeof *items, 12);
	for (uint32_t i = 0; items && i < set->count; i++)
		name_fixed(n, &items[i]);
	for (uint32_t i = 0; items && i < set->count; i++)
		name_rest(n, &items[i]);
	set->items = items;
}
