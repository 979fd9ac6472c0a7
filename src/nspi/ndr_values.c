/* Property values, rows and row sets on the wire: MS-NSPI 2.3.1. */

#include "nspi/nspi_ndr-private.h"

enum {
	VALUE_WIRE_MIN = 14, /* tag, reserved, discriminant, the shortest arm */
	VALUE_WIRE_MAX = 20,
	ROW_WIRE_SIZE = 12,
};

/* typedef struct {
 *     DWORD cValues;
 *     [range(0, 100001), size_is(cValues + 1), length_is(cValues)] DWORD aulPropTag[];
 * } PropertyTagArray_r;
 * A conformant varying array in a structure: its max_count comes first, its offset and actual_count
 * before the items. impacket sends a max_count of cValues. */
void ndr_nspi_tags(struct ndr *n, void *value)
{
	struct mapi_tags *t = value;
	uint32_t head[4] = {t->count + 1, t->count, 0, t->count};

	ndr_u32s(n, head, 4);
	bool same = head[3] == head[1] && head[2] == 0;
	if (!same || (head[0] != head[1] + 1 && head[0] != head[1]))
		ndr_fail(n, NDR_BAD_VALUE);
	if (head[1] > NSPI_MAX_ITEMS)
		ndr_fail(n, NDR_BAD_VALUE);
	uint32_t *items = ndr_items(n, t->items, head[1], sizeof *items, 4);
	if (!items)
		return;
	ndr_u32s(n, items, head[1]);
	if (ndr_decoding(n))
		*t = (struct mapi_tags){.count = head[1], .items = items};
}

/* [string] char * or wchar_t *, Binary_r: the fixed parts, kept in a slice. */

static void string_fixed(struct ndr *n, struct slice *s)
{
	const void *data = ndr_embedded(n, s->data);

	if (ndr_decoding(n))
		*s = slice_of(data, 0);
}

/* typedef struct { [range(0, 2097152)] DWORD cb; [size_is(cb)] BYTE *lpb; } Binary_r; */
static void binary_fixed(struct ndr *n, struct slice *b)
{
	uint32_t size = (uint32_t)b->size;
	const void *data = ndr_embedded_array(n, &size, b->data, NSPI_MAX_BINARY);

	if (ndr_decoding(n))
		*b = slice_of(data, size);
}

/* Their pointees. */

static void string8_rest(struct ndr *n, struct slice *s)
{
	if (s->data)
		ndr_string8(n, s);
}

static void string16_rest(struct ndr *n, struct slice *s)
{
	if (s->data)
		ndr_string16(n, s);
}

static void binary_rest(struct ndr *n, struct slice *b)
{
	if (!b->data)
		return;
	uint8_t *bytes = ndr_array(n, b->data, (uint32_t)b->size, 1, 1);
	if (!bytes)
		return;
	ndr_bytes(n, bytes, b->size);
	if (ndr_decoding(n))
		b->data = bytes;
}

/* FlatUID_r * */

static void guid_fixed(struct ndr *n, const struct guid **g)
{
	const struct guid *place = ndr_embedded(n, *g);

	if (ndr_decoding(n))
		*g = place;
}

static void guid_rest(struct ndr *n, const struct guid **g)
{
	if (!*g)
		return;
	struct guid *id = ndr_items(n, *g, 1, sizeof *id, sizeof *id);
	if (!id)
		return;
	ndr_guid_bytes(n, id);
	if (ndr_decoding(n))
		*g = id;
}

/* typedef struct { [range(0, 100000)] DWORD cValues; [size_is(cValues)] X *lpX; } XArray_r; */

static void slices_fixed(struct ndr *n, struct mapi_slices *a)
{
	const void *items = ndr_embedded_array(n, &a->count, a->items, NSPI_MAX_ITEMS);

	if (ndr_decoding(n))
		a->items = items;
}

static void shorts_rest(struct ndr *n, struct mapi_value *v)
{
	if (!v->shorts.items)
		return;
	int16_t *items = ndr_array(n, v->shorts.items, v->shorts.count, sizeof *items, 2);
	for (uint32_t i = 0; items && i < v->shorts.count; i++)
		ndr_i16(n, &items[i]);
	if (ndr_decoding(n))
		v->shorts.items = items;
}

static void longs_rest(struct ndr *n, struct mapi_value *v)
{
	if (!v->longs.items)
		return;
	int32_t *items = ndr_array(n, v->longs.items, v->longs.count, sizeof *items, 4);
	for (uint32_t i = 0; items && i < v->longs.count; i++)
		ndr_i32(n, &items[i]);
	if (ndr_decoding(n))
		v->longs.items = items;
}

static void times_rest(struct ndr *n, struct mapi_value *v)
{
	if (!v->times.items)
		return;
	uint64_t *items = ndr_array(n, v->times.items, v->times.count, sizeof *items, 8);
	for (uint32_t i = 0; items && i < v->times.count; i++)
		ndr_u64_halves(n, &items[i]);
	if (ndr_decoding(n))
		v->times.items = items;
}

static void guids_rest(struct ndr *n, struct mapi_value *v)
{
	if (!v->guids.items)
		return;
	const struct guid **items = ndr_array(n, v->guids.items, v->guids.count, sizeof *items, 4);
	for (uint32_t i = 0; items && i < v->guids.count; i++)
		guid_fixed(n, &items[i]);
	for (uint32_t i = 0; items && i < v->guids.count; i++)
		guid_rest(n, &items[i]);
	if (ndr_decoding(n))
		v->guids.items = items;
}

typedef void slice_fn(struct ndr *n, struct slice *s);

static void slices_rest(struct ndr *n, struct mapi_slices *a, size_t wire_size, slice_fn *fixed,
                        slice_fn *rest)
{
	if (!a->items)
		return;
	struct slice *items = ndr_array(n, a->items, a->count, sizeof *items, wire_size);
	for (uint32_t i = 0; items && i < a->count; i++)
		fixed(n, &items[i]);
	for (uint32_t i = 0; items && i < a->count; i++)
		rest(n, &items[i]);
	if (ndr_decoding(n))
		a->items = items;
}

void ndr_nspi_binaries(struct ndr *n, void *value)
{
	slices_fixed(n, value);
	slices_rest(n, value, 8, binary_fixed, binary_rest);
}

/* [switch_type(long)] union PROP_VAL_UNION: the arms. There is no default one. */

static void text8_rest(struct ndr *n, struct mapi_value *v)
{
	string8_rest(n, &v->string);
}

static void text16_rest(struct ndr *n, struct mapi_value *v)
{
	string16_rest(n, &v->string);
}

static void bytes_rest(struct ndr *n, struct mapi_value *v)
{
	binary_rest(n, &v->binary);
}

static void uid_rest(struct ndr *n, struct mapi_value *v)
{
	guid_rest(n, &v->guid);
}

static void strings8_rest(struct ndr *n, struct mapi_value *v)
{
	slices_rest(n, &v->slices, 4, string_fixed, string8_rest);
}

static void strings16_rest(struct ndr *n, struct mapi_value *v)
{
	slices_rest(n, &v->slices, 4, string_fixed, string16_rest);
}

static void binaries_rest(struct ndr *n, struct mapi_value *v)
{
	slices_rest(n, &v->slices, 8, binary_fixed, binary_rest);
}

/* What the fixed part of an arm consists of. */
enum shape {
	SHAPE_SHORT,
	SHAPE_LONG,
	SHAPE_TIME,
	SHAPE_TEXT,
	SHAPE_BINARY,
	SHAPE_UID,
	SHAPE_ARRAY
};

struct arm {
	uint32_t type;
	enum shape shape;
	void (*rest)(struct ndr *n, struct mapi_value *v); /* NULL: no pointer */
};

/* Searched from the top: what rows are made of comes first. */
static const struct arm arms[] = {
	{PT_UNICODE,    SHAPE_TEXT,   text16_rest   },
	{PT_BINARY,     SHAPE_BINARY, bytes_rest    },
	{PT_LONG,       SHAPE_LONG,   NULL          },
	{PT_ERROR,      SHAPE_LONG,   NULL          },
	{PT_STRING8,    SHAPE_TEXT,   text8_rest    },
	{PT_BOOLEAN,    SHAPE_SHORT,  NULL          },
	{PT_MV_UNICODE, SHAPE_ARRAY,  strings16_rest},
	{PT_MV_STRING8, SHAPE_ARRAY,  strings8_rest },
	{PT_MV_BINARY,  SHAPE_ARRAY,  binaries_rest },
	{PT_SYSTIME,    SHAPE_TIME,   NULL          },
	{PT_SHORT,      SHAPE_SHORT,  NULL          },
	{PT_CLSID,      SHAPE_UID,    uid_rest      },
	{PT_MV_SHORT,   SHAPE_ARRAY,  shorts_rest   },
	{PT_MV_LONG,    SHAPE_ARRAY,  longs_rest    },
	{PT_MV_CLSID,   SHAPE_ARRAY,  guids_rest    },
	{PT_MV_SYSTIME, SHAPE_ARRAY,  times_rest    },
	{PT_NULL,       SHAPE_LONG,   NULL          }, /* lReserved */
	{PT_OBJECT,     SHAPE_LONG,   NULL          }, /* lReserved */
};

static const struct arm *find_arm(uint32_t type)
{
	for (size_t i = 0; i < sizeof arms / sizeof arms[0]; i++) {
		if (arms[i].type == type)
			return &arms[i];
	}
	return NULL;
}

/* typedef struct {
 *     DWORD ulPropTag;
 *     DWORD ulReserved;
 *     [switch_is((long)(ulPropTag & 0x0000FFFF))] PROP_VAL_UNION Value;
 * } PropertyValue_r; */
static void decode_fixed(struct ndr *n, struct mapi_value *v)
{
	uint32_t head[3];

	ndr_u32s(n, head, 3);
	const struct arm *arm = find_arm(head[2]);
	if (!arm || head[2] != tag_type(head[0])) {
		ndr_fail(n, NDR_BAD_VALUE);
		return;
	}
	v->tag = head[0];
	switch (arm->shape) {
	case SHAPE_SHORT: ndr_i16(n, &v->short_value); break;
	case SHAPE_LONG: ndr_i32(n, &v->long_value); break;
	case SHAPE_TIME: ndr_u64_halves(n, &v->filetime); break;
	case SHAPE_TEXT: string_fixed(n, &v->string); break;
	case SHAPE_BINARY: binary_fixed(n, &v->binary); break;
	case SHAPE_UID: guid_fixed(n, &v->guid); break;
	case SHAPE_ARRAY: slices_fixed(n, &v->slices); break;
	}
}

static uint8_t *put_pointer(struct ndr *n, uint8_t *p, const void *pointee)
{
	put_le32(p, pointee ? n->next_referent : 0);
	n->next_referent += pointee ? NDR_REFERENT_STEP : 0;
	return p + 4;
}

static uint8_t *put_array(struct ndr *n, uint8_t *p, size_t count, const void *items, size_t max)
{
	if (count > max || (count > 0 && !items))
		ndr_fail(n, NDR_BAD_VALUE);
	put_le32(p, (uint32_t)count);
	return put_pointer(n, p + 4, items);
}

/* What is to be zero up to the next value is zero. */
static uint8_t *put_short(uint8_t *p, int16_t v)
{
	put_le32(p, (uint16_t)v);
	return p + 2;
}

static uint8_t *put_long(uint8_t *p, uint32_t v)
{
	put_le32(p, v);
	return p + 4;
}

static uint8_t *put_arm(struct ndr *n, uint8_t *p, const struct mapi_value *v, enum shape shape)
{
	switch (shape) {
	case SHAPE_SHORT: return put_short(p, v->short_value);
	case SHAPE_LONG: return put_long(p, (uint32_t)v->long_value);
	case SHAPE_TIME:
		return put_long(put_long(p, (uint32_t)v->filetime), (uint32_t)(v->filetime >> 32));
	case SHAPE_TEXT: return put_pointer(n, p, v->string.data);
	case SHAPE_BINARY: return put_array(n, p, v->binary.size, v->binary.data, NSPI_MAX_BINARY);
	case SHAPE_UID: return put_pointer(n, p, v->guid);
	case SHAPE_ARRAY:
		/* All arrays in the union are a count and a pointer. */
		return put_array(n, p, v->slices.count, v->slices.items, NSPI_MAX_ITEMS);
	}
	return p;
}

/* All at once, and room for them too: a page of rows consists of hundreds. */
static void encode_fixed(struct ndr *n, const struct mapi_value *values, uint32_t count)
{
	uint8_t *start = ndr_room(n, 4, (size_t)count * VALUE_WIRE_MAX), *p = start;

	for (uint32_t i = 0; start && i < count; i++) {
		uint32_t type = tag_type(values[i].tag);
		const struct arm *arm = find_arm(type);
		if (!arm) {
			ndr_fail(n, NDR_BAD_VALUE);
			return;
		}
		p += (start - p) & 3; /* a head is aligned */
		p = put_long(put_long(put_long(p, values[i].tag), 0), type);
		p = put_arm(n, p, &values[i], arm->shape);
	}
	if (start)
		n->out->size = (size_t)(p - n->out->data);
}

static void values_fixed(struct ndr *n, struct mapi_value *values, uint32_t count)
{
	if (!ndr_decoding(n))
		encode_fixed(n, values, count);
	else
		for (uint32_t i = 0; i < count; i++)
			decode_fixed(n, &values[i]);
}

static void value_rest(struct ndr *n, struct mapi_value *v)
{
	const struct arm *arm = find_arm(tag_type(v->tag));

	if (arm && arm->rest)
		arm->rest(n, v);
}

void ndr_nspi_value(struct ndr *n, void *value)
{
	values_fixed(n, value, 1);
	value_rest(n, value);
}

/* typedef struct {
 *     DWORD Reserved;
 *     [range(0, 100000)] DWORD cValues;
 *     [size_is(cValues)] PropertyValue_r *lpProps;
 * } PropertyRow_r; */
static void row_fixed(struct ndr *n, struct mapi_row *r)
{
	uint32_t reserved = 0;

	ndr_u32(n, &reserved);
	struct mapi_value *values = ndr_embedded_array(n, &r->count, r->values, NSPI_MAX_ITEMS);
	if (ndr_decoding(n))
		r->values = values;
}

static void row_rest(struct ndr *n, struct mapi_row *r)
{
	if (!r->values)
		return;
	struct mapi_value *values =
		ndr_array(n, r->values, r->count, sizeof *values, VALUE_WIRE_MIN);
	if (values)
		values_fixed(n, values, r->count);
	for (uint32_t i = 0; values && i < r->count; i++)
		value_rest(n, &values[i]);
	if (ndr_decoding(n))
		r->values = values;
}

void ndr_nspi_row(struct ndr *n, void *value)
{
	row_fixed(n, value);
	row_rest(n, value);
}

/* typedef struct {
 *     [range(0, 100000)] DWORD cRows;
 *     [size_is(cRows)] PropertyRow_r aRow[];
 * } PropertyRowSet_r; */
void ndr_nspi_rows(struct ndr *n, void *value)
{
	struct mapi_rows *set = value;
	uint32_t count = set->count;

	ndr_conformant(n, &count, NSPI_MAX_ITEMS);
	struct mapi_row *rows = ndr_items(n, set->rows, count, sizeof *rows, ROW_WIRE_SIZE);
	for (uint32_t i = 0; rows && i < count; i++)
		row_fixed(n, &rows[i]);
	for (uint32_t i = 0; rows && i < count; i++)
		row_rest(n, &rows[i]);
	if (ndr_decoding(n))
		*set = (struct mapi_rows){.count = count, .rows = rows};
}
