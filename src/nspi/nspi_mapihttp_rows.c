/* Rows as MAPI over HTTP has them: MS-OXCMAPIHTTP 2.2.1.4 to 2.2.1.7. */

#include <assert.h>

#include "mapi/errors.h"
#include "nspi/nspi_mapihttp-private.h"

/* What a row says of its columns: whether all values are there (2.2.1.7), and of one value in a row
 * where not all are (2.2.1.5). */
enum { ROW_WHOLE = 0, ROW_FLAGGED = 1 };
enum { FLAG_VALUE = 0x00, FLAG_NOTHING = 0x01, FLAG_ERROR = 0x0A };
enum { HAS_NO_VALUE = 0x00, HAS_VALUE = 0xFF };

/* AddressBookTypedPropertyValue (2.2.1.4): of a column without a type the value has its own. */
static void type_of_value(struct wire *w, struct mapi_value *v, mapi_tag column)
{
	uint16_t type = tag_type(w->decoding ? column : v->tag);

	if (tag_type(column) == PT_UNSPECIFIED)
		wire_u16(w, &type);
	if (w->decoding)
		v->tag = tag_with_type(column, type);
}

/* AddressBookFlaggedPropertyValue, and WithType (2.2.1.5, 2.2.1.6) */
static void flagged_value(struct wire *w, struct mapi_value *v)
{
	uint8_t flag = tag_type(v->tag) == PT_ERROR ? FLAG_ERROR : FLAG_VALUE;

	wire_u8(w, &flag);
	if (flag == FLAG_VALUE) {
		http_nspi_value(w, v);
		return;
	}
	if (flag != FLAG_ERROR && flag != FLAG_NOTHING)
		wire_fail(w, WIRE_BAD);
	if (w->decoding) {
		v->tag = tag_with_type(v->tag, PT_ERROR);
		v->error = MAPI_E_NOT_FOUND;
	}
	if (flag == FLAG_ERROR)
		wire_u32(w, &v->error);
}

static bool all_present(const struct mapi_row *row)
{
	for (uint32_t i = 0; i < row->count; i++)
		if (tag_type(row->values[i].tag) == PT_ERROR)
			return false;
	return true;
}

/* AddressBookPropertyRow (2.2.1.7), value by value. */
static void row(struct wire *w, struct mapi_row *row, const struct mapi_tags *columns)
{
	uint8_t flags = !w->decoding && all_present(row) ? ROW_WHOLE : ROW_FLAGGED;

	wire_u8(w, &flags);
	if (flags > ROW_FLAGGED)
		wire_fail(w, WIRE_BAD);
	assert(w->decoding || row->count == columns->count);
	row->count = columns->count;
	row->values = wire_items(w, row->values, row->count, sizeof *row->values, flags);
	for (uint32_t i = 0; row->values && i < row->count; i++) {
		type_of_value(w, &row->values[i], columns->items[i]);
		if (flags == ROW_FLAGGED)
			flagged_value(w, &row->values[i]);
		else
			http_nspi_value(w, &row->values[i]);
	}
}

/* Pages are rows of many short values, nearly all of a few types. Such rows are written at once,
 * into room that was taken for all of them. */

enum { FLAG_AND_HAS_VALUE = 2, LONG_SIZE = 4, NUL_SIZE = 2 };

/* What a value takes at most; 0: it is of another type. */
static size_t most_bytes(const struct mapi_value *v)
{
	uint32_t type = tag_type(v->tag);

	if (type == PT_UNICODE)
		return FLAG_AND_HAS_VALUE + 2 * v->string.size + NUL_SIZE;
	if (type == PT_BINARY)
		return FLAG_AND_HAS_VALUE + LONG_SIZE + v->binary.size;
	return type == PT_LONG || type == PT_ERROR ? FLAG_AND_HAS_VALUE + LONG_SIZE : 0;
}

static size_t most_bytes_of_row(const struct mapi_row *row)
{
	size_t size = 1;

	for (uint32_t i = 0; i < row->count; i++) {
		size_t more = most_bytes(&row->values[i]);
		if (more == 0)
			return 0;
		size += more;
	}
	return size;
}

static uint8_t *put_long(uint8_t *p, uint32_t v)
{
	put_le32(p, v);
	return p + LONG_SIZE;
}

static uint8_t *put_string(uint8_t *p, struct slice s)
{
	*p++ = s.data ? HAS_VALUE : HAS_NO_VALUE;
	return s.data ? wire_put_string16(p, s) : p;
}

static uint8_t *put_binary(uint8_t *p, struct slice s)
{
	*p++ = s.data ? HAS_VALUE : HAS_NO_VALUE;
	if (!s.data)
		return p;
	p = put_long(p, (uint32_t)s.size);
	memcpy(p, s.data, s.size);
	return p + s.size;
}

static uint8_t *put_value(uint8_t *p, const struct mapi_value *v)
{
	uint32_t type = tag_type(v->tag);

	if (type == PT_UNICODE)
		return put_string(p, v->string);
	/* PT_ERROR, and PT_LONG in the same four bytes. */
	return type == PT_BINARY ? put_binary(p, v->binary) : put_long(p, v->error);
}

static uint8_t *put_flagged_value(uint8_t *p, const struct mapi_value *v)
{
	*p++ = tag_type(v->tag) == PT_ERROR ? FLAG_ERROR : FLAG_VALUE;
	return put_value(p, v);
}

static void put_row(struct wire *w, const struct mapi_row *row, size_t most)
{
	bool whole = all_present(row);
	uint8_t *p = wire_room(w, most);

	if (!p)
		return;
	*p++ = whole ? ROW_WHOLE : ROW_FLAGGED;
	for (uint32_t i = 0; i < row->count; i++)
		p = whole ? put_value(p, &row->values[i]) : put_flagged_value(p, &row->values[i]);
	wire_trim(w, p);
}

static bool have_types(const struct mapi_tags *columns)
{
	for (uint32_t i = 0; i < columns->count; i++)
		if (tag_type(columns->items[i]) == PT_UNSPECIFIED)
			return false;
	return true;
}

void http_nspi_rows(struct wire *w, struct mapi_rows *set, const struct mapi_tags *columns)
{
	bool at_once = !w->decoding && have_types(columns);

	wire_count(w, &set->count, HTTP_MAX_ITEMS);
	set->rows = wire_items(w, set->rows, set->count, sizeof *set->rows, 1);
	for (uint32_t i = 0; set->rows && i < set->count && !wire_failed(w); i++) {
		size_t most = at_once ? most_bytes_of_row(&set->rows[i]) : 0;
		if (most > 0)
			put_row(w, &set->rows[i], most);
		else
			row(w, &set->rows[i], columns);
	}
}
