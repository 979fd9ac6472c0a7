#include "nspi/strings-private.h"

#include "mapi/tags.h"
#include "nspi/properties-private.h"

static enum nspi_cell narrow(const struct nspi_reading *r, struct mapi_value *value)
{
	const struct nspi_columns *columns = r->columns;

	value->string =
		codepage_from_utf8(columns->call->arena, columns->codepage, value->string, NULL);
	return value->string.data ? CELL_VALUE : CELL_NO_MEMORY;
}

static enum nspi_cell narrow_list(const struct nspi_reading *r, struct mapi_value *value)
{
	struct arena *a = r->columns->call->arena;
	uint32_t count = value->slices.count;
	struct slice *narrowed = arena_alloc_array(a, count, sizeof *narrowed);

	if (!narrowed)
		return CELL_NO_MEMORY;
	for (uint32_t i = 0; i < count; i++) {
		narrowed[i] =
			codepage_from_utf8(a, r->columns->codepage, value->slices.items[i], NULL);
		if (!narrowed[i].data)
			return CELL_NO_MEMORY;
	}
	value->slices.items = narrowed;
	return CELL_VALUE;
}

/* A display name that its reader's code page cannot hold is shown as 7BitDisplayName. */
static enum nspi_cell narrow_display_name(const struct nspi_reading *r, struct mapi_value *value)
{
	const struct nspi_columns *columns = r->columns;
	bool lossy = false;

	value->string =
		codepage_from_utf8(columns->call->arena, columns->codepage, value->string, &lossy);
	if (lossy && value->string.data)
		value->string = nspi_printable_name(r, columns->codepage);
	return value->string.data ? CELL_VALUE : CELL_NO_MEMORY;
}

/* The code page of STAT plays no part in this direction. */
static enum nspi_cell widen(const struct nspi_reading *r, struct mapi_value *value)
{
	value->string = codepage_to_utf8(r->columns->call->arena, CP_TELETEX, value->string);
	return value->string.data ? CELL_VALUE : CELL_NO_MEMORY;
}

static const struct conversion {
	uint16_t id; /* 0: any */
	uint16_t native, asked;
	nspi_cell_fn *convert;
} conversions[] = {
	{PR_DISPLAY_NAME >> 16,               PT_UNICODE,    PT_STRING8,    narrow_display_name},
	{PR_TRANSMITTABLE_DISPLAY_NAME >> 16, PT_UNICODE,    PT_STRING8,    narrow_display_name},
	{0,				   PT_UNICODE,    PT_STRING8,    narrow             },
	{0,				   PT_MV_UNICODE, PT_MV_STRING8, narrow_list        },
	{0,				   PT_STRING8,    PT_UNICODE,    widen              },
};

nspi_cell_fn *nspi_string_conversion(uint16_t id, uint16_t native, uint16_t asked)
{
	for (size_t i = 0; i < sizeof conversions / sizeof *conversions; i++) {
		const struct conversion *c = &conversions[i];

		if ((c->id == 0 || c->id == id) && c->native == native && c->asked == asked)
			return c->convert;
	}
	return NULL;
}

uint16_t nspi_string_type(uint16_t type, bool unicode)
{
	switch (type & ~MAPI_MV_FLAG) {
	case PT_STRING8:
	case PT_UNICODE:
		return (uint16_t)((type & MAPI_MV_FLAG) | (unicode ? PT_UNICODE : PT_STRING8));
	default: return type;
	}
}

struct slice nspi_string_from_client(struct nspi_call *call, mapi_tag tag, struct slice s,
                                     uint32_t codepage)
{
	if (!s.data)
		return slice_of("", 0);
	return nspi_is_string8(tag) ? codepage_to_utf8(call->arena, codepage, s) : s;
}
