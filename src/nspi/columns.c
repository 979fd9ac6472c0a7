#include "nspi/columns-private.h"

#include "mapi/tags.h"
#include "nspi/properties-private.h"
#include "nspi/strings-private.h"

enum {
	MAX_COLUMNS = 4096,
	MAX_LINKS = 100000, /* what an array on the wire can hold, MS-NSPI 2.3.1 */
};

static enum nspi_cell read_stored(const struct nspi_reading *r, struct mapi_value *value)
{
	struct arena *a = r->columns->call->arena;

	return object_read(&r->column->stored, r->object, a, value) ? CELL_VALUE : CELL_NONE;
}

static int links_of(const struct nspi_reading *r, size_t max, const uint32_t **mids, size_t *count)
{
	struct nspi_call *call = r->columns->call;

	*count = 0;
	return view_links(&call->view, r->object, tag_id(r->column->tag), max, call->arena, mids,
	                  count);
}

/* An embedded table has no value but that it is there: NspiGetMatches reads it. */
static enum nspi_cell read_link_table(const struct nspi_reading *r, struct mapi_value *value)
{
	const uint32_t *mids = NULL;
	size_t count = 0;
	int err = links_of(r, 1, &mids, &count);

	value->long_value = 0;
	if (err == ERR_NO_MEMORY)
		return CELL_NO_MEMORY;
	return err == ERR_LIMIT || count ? CELL_VALUE : CELL_NONE;
}

static struct slice target_dn(const struct nspi_reading *r, uint32_t mid)
{
	const struct view *v = &r->columns->call->view;
	const struct object *target = view_object(v, mid);

	return target ? object_dn(v, target) : slice_of("", 0);
}

/* As a string a link is the distinguished name of its target
 * (PidTagAddressBookManagerDistinguishedName). */
static enum nspi_cell read_link_name(const struct nspi_reading *r, struct mapi_value *value)
{
	const uint32_t *mids = NULL;
	size_t count = 0;
	int err = links_of(r, 1, &mids, &count);

	if (err == ERR_NO_MEMORY)
		return CELL_NO_MEMORY;
	if (err || !count)
		return CELL_NONE;
	value->string = target_dn(r, mids[0]);
	return CELL_VALUE;
}

static enum nspi_cell read_link_names(const struct nspi_reading *r, struct mapi_value *value)
{
	const uint32_t *mids = NULL;
	size_t count = 0;
	int err = links_of(r, MAX_LINKS, &mids, &count);

	if (err == ERR_NO_MEMORY)
		return CELL_NO_MEMORY;
	if (err || !count)
		return CELL_NONE;
	struct slice *names = arena_alloc_array(r->columns->call->arena, count, sizeof *names);
	if (!names)
		return CELL_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		names[i] = target_dn(r, mids[i]);
	value->slices = (struct mapi_slices){.count = (uint32_t)count, .items = names};
	return CELL_VALUE;
}

/* The forms of a property that is kept as a link, and the type each is read in. */
static const struct link_form {
	uint16_t asked, type;
	nspi_cell_fn *read;
} link_forms[] = {
	{PT_OBJECT,     PT_OBJECT,     read_link_table},
	{PT_UNICODE,    PT_UNICODE,    read_link_name },
	{PT_STRING8,    PT_UNICODE,    read_link_name },
	{PT_MV_UNICODE, PT_MV_UNICODE, read_link_names},
	{PT_MV_STRING8, PT_MV_UNICODE, read_link_names},
};

/* How to read the property of a tag, and the type that gives; NULL when it has no such form. */
static nspi_cell_fn *reader_of(mapi_tag tag, uint16_t *type)
{
	const struct nspi_property *p = nspi_property(tag_id(tag));

	if (p)
		return p->read;
	if (*type != PT_OBJECT)
		return read_stored;
	for (size_t i = 0; i < sizeof link_forms / sizeof *link_forms; i++) {
		if (link_forms[i].asked != tag_type(tag))
			continue;
		*type = link_forms[i].type;
		return link_forms[i].read;
	}
	return NULL;
}

static void resolve(const struct view *v, struct nspi_column *c, mapi_tag tag)
{
	uint16_t type = nspi_native_type(tag_id(tag));

	*c = (struct nspi_column){.tag = tag};
	if (type == PT_UNSPECIFIED)
		return;
	if (tag_type(tag) == PT_UNSPECIFIED)
		c->tag = tag_with_type(tag, type);
	c->read = reader_of(c->tag, &type);
	if (c->read == read_stored && !object_property_find(v, tag_id(tag), &c->stored))
		c->read = NULL;
	if (c->read && type != tag_type(c->tag)) {
		c->convert = nspi_string_conversion(tag_id(tag), type, tag_type(c->tag));
		if (!c->convert)
			c->read = NULL;
	}
}

/* True when 8-bit strings are among them. CP_WINUNICODE has no 8-bit form of a string. */
static bool resolve_all(struct nspi_columns *columns, const mapi_tag *tags)
{
	bool narrow = false;

	for (uint32_t i = 0; i < columns->count; i++) {
		struct nspi_column *c = &columns->items[i];

		resolve(&columns->call->view, c, tags[i]);
		if (!nspi_is_string8(c->tag))
			continue;
		narrow = true;
		if (columns->codepage == CP_WINUNICODE)
			c->read = NULL;
	}
	return narrow;
}

uint32_t nspi_columns_resolve(struct nspi_call *call, const struct mapi_tags *tags,
                              uint32_t codepage, uint32_t flags, struct nspi_columns *out)
{
	if (tags->count > MAX_COLUMNS)
		return MAPI_E_TABLE_TOO_BIG;
	*out = (struct nspi_columns){
		.call = call,
		.codepage = codepage,
		.ephemeral_ids = flags & NSPI_EPHEMERAL_IDS,
		.count = tags->count,
		.items = arena_alloc_array(call->arena, tags->count, sizeof *out->items),
	};
	if (!out->items)
		return MAPI_E_NOT_ENOUGH_MEMORY;
	if (resolve_all(out, tags->items) && !codepage_supported(codepage))
		return MAPI_E_UNKNOWN_CPID;
	return MAPI_SUCCESS;
}

static enum nspi_cell read_cell(const struct nspi_reading *r, struct mapi_value *value)
{
	struct nspi_column *c = r->column;
	enum nspi_cell cell = r->object && c->read ? c->read(r, value) : CELL_NONE;

	if (cell == CELL_VALUE && c->convert)
		cell = c->convert(r, value);
	if (cell == CELL_VALUE)
		value->tag = c->tag;
	else if (cell == CELL_NONE)
		*value = (struct mapi_value){
			.tag = tag_with_type(c->tag, PT_ERROR),
			.error = MAPI_E_NOT_FOUND,
		};
	return cell;
}

enum nspi_cell nspi_columns_read(const struct nspi_columns *columns, const struct object *o,
                                 struct mapi_value *values)
{
	struct nspi_reading r = {.columns = columns, .object = o};
	enum nspi_cell worst = CELL_VALUE;

	for (uint32_t i = 0; i < columns->count; i++) {
		r.column = &columns->items[i];
		enum nspi_cell cell = read_cell(&r, &values[i]);
		if (cell > worst)
			worst = cell;
		if (cell == CELL_NO_MEMORY)
			break;
	}
	return worst;
}
