/* Property values as MAPI over HTTP has them: MS-OXCMAPIHTTP 2.2.1. */

#include "nspi/nspi_mapihttp-private.h"

/* AddressBookPropertyValue (2.2.1.1): one function a type. Of those that can be NULL the caller has
 * dealt with HasValue. */

static void short_value(struct wire *w, struct mapi_value *v)
{
	wire_i16(w, &v->short_value);
}

static void long_value(struct wire *w, struct mapi_value *v)
{
	wire_i32(w, &v->long_value);
}

static void error_value(struct wire *w, struct mapi_value *v)
{
	wire_u32(w, &v->error);
}

/* One byte here, two in NDR. */
static void boolean_value(struct wire *w, struct mapi_value *v)
{
	uint8_t byte = v->boolean != 0;

	wire_u8(w, &byte);
	v->boolean = byte != 0;
}

static void time_value(struct wire *w, struct mapi_value *v)
{
	wire_u64(w, &v->filetime);
}

/* There is no HasValue: none is the one of zeros. */
static const struct guid *guid_pointer(struct wire *w, const struct guid *given)
{
	struct guid zeros = {0};
	struct guid *g = wire_items(w, given ? given : &zeros, 1, sizeof *g, sizeof *g);

	if (g)
		wire_guid(w, g);
	return w->decoding ? g : given;
}

static void guid_value(struct wire *w, struct mapi_value *v)
{
	v->guid = guid_pointer(w, v->guid);
}

/* PtypNull, and PtypEmbeddedTable, which stands for a table that is asked for otherwise. */
static void no_bytes(struct wire *w, struct mapi_value *v)
{
	if (w->decoding)
		v->long_value = 0;
}

static void string8_value(struct wire *w, struct mapi_value *v)
{
	wire_string8(w, &v->string);
}

static void string16_value(struct wire *w, struct mapi_value *v)
{
	wire_string16(w, &v->string);
}

static void binary_value(struct wire *w, struct mapi_value *v)
{
	wire_binary(w, &v->binary);
}

/* Lists: a count of 32 bits, then the elements. All are a count and a pointer in the union: what is
 * read goes through one of them. */

static void *elements(struct wire *w, struct mapi_value *v, size_t size, size_t wire_size)
{
	wire_count(w, &v->slices.count, HTTP_MAX_ITEMS);
	void *items = wire_items(w, v->slices.items, v->slices.count, size, wire_size);
	v->slices.items = items;
	return items;
}

static void shorts_value(struct wire *w, struct mapi_value *v)
{
	int16_t *items = elements(w, v, sizeof *items, 2);

	for (uint32_t i = 0; items && i < v->shorts.count; i++)
		wire_i16(w, &items[i]);
}

static void longs_value(struct wire *w, struct mapi_value *v)
{
	int32_t *items = elements(w, v, sizeof *items, 4);

	for (uint32_t i = 0; items && i < v->longs.count; i++)
		wire_i32(w, &items[i]);
}

static void times_value(struct wire *w, struct mapi_value *v)
{
	uint64_t *items = elements(w, v, sizeof *items, 8);

	for (uint32_t i = 0; items && i < v->times.count; i++)
		wire_u64(w, &items[i]);
}

static void guids_value(struct wire *w, struct mapi_value *v)
{
	const struct guid **items = elements(w, v, sizeof *items, sizeof(struct guid));

	for (uint32_t i = 0; items && i < v->guids.count; i++)
		items[i] = guid_pointer(w, items[i]);
}

/* Strings and binaries in a list have a HasValue each. */
static void slices_value(struct wire *w, struct mapi_value *v,
                         void (*element)(struct wire *w, struct slice *s))
{
	struct slice *items = elements(w, v, sizeof *items, 1);

	for (uint32_t i = 0; items && i < v->slices.count; i++) {
		if (wire_has(w, items[i].data != NULL))
			element(w, &items[i]);
	}
}

static void strings8_value(struct wire *w, struct mapi_value *v)
{
	slices_value(w, v, wire_string8);
}

static void strings16_value(struct wire *w, struct mapi_value *v)
{
	slices_value(w, v, wire_string16);
}

static void binaries_value(struct wire *w, struct mapi_value *v)
{
	slices_value(w, v, wire_binary);
}

struct arm {
	uint32_t type;
	bool has_value; /* a HasValue byte comes first */
	void (*value)(struct wire *w, struct mapi_value *v);
};

/* Searched from the top: what rows are made of comes first. */
static const struct arm arms[] = {
	{PT_UNICODE,    true,  string16_value },
	{PT_BINARY,     true,  binary_value   },
	{PT_LONG,       false, long_value     },
	{PT_ERROR,      false, error_value    },
	{PT_STRING8,    true,  string8_value  },
	{PT_BOOLEAN,    false, boolean_value  },
	{PT_MV_UNICODE, true,  strings16_value},
	{PT_MV_STRING8, true,  strings8_value },
	{PT_MV_BINARY,  true,  binaries_value },
	{PT_SYSTIME,    false, time_value     },
	{PT_SHORT,      false, short_value    },
	{PT_CLSID,      false, guid_value     },
	{PT_MV_SHORT,   true,  shorts_value   },
	{PT_MV_LONG,    true,  longs_value    },
	{PT_MV_CLSID,   true,  guids_value    },
	{PT_MV_SYSTIME, true,  times_value    },
	{PT_NULL,       false, no_bytes       },
	{PT_OBJECT,     false, no_bytes       },
};

static const struct arm *find_arm(uint32_t type)
{
	for (size_t i = 0; i < sizeof arms / sizeof arms[0]; i++) {
		if (arms[i].type == type)
			return &arms[i];
	}
	return NULL;
}

/* Has the value what its HasValue asks about? A list's pointer stands where a string's does not. */
static bool is_present(const struct mapi_value *v)
{
	return v->tag & MAPI_MV_FLAG ? v->slices.items != NULL : v->string.data != NULL;
}

void http_nspi_value(struct wire *w, struct mapi_value *v)
{
	const struct arm *arm = find_arm(tag_type(v->tag));

	if (!arm) {
		wire_fail(w, WIRE_BAD);
		return;
	}
	if (!arm->has_value || wire_has(w, !w->decoding && is_present(v)))
		arm->value(w, v);
}

/* AddressBookTaggedPropertyValue (2.2.1.2): PropertyType, PropertyId, PropertyValue. */
void http_nspi_tagged(struct wire *w, void *value)
{
	struct mapi_value *v = value;

	wire_u32(w, &v->tag);
	http_nspi_value(w, v);
}

/* AddressBookPropertyValueList (2.2.1.3) */
void http_nspi_list(struct wire *w, void *value)
{
	struct mapi_row *row = value;

	wire_count(w, &row->count, HTTP_MAX_ITEMS);
	struct mapi_value *values =
		wire_items(w, row->values, row->count, sizeof *values, HTTP_TAGGED_WIRE_MIN);
	for (uint32_t i = 0; values && i < row->count; i++)
		http_nspi_tagged(w, &values[i]);
	row->values = values;
}
