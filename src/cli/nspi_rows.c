#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cli/nspi.h"

#define MS_FROM_1601_TO_1970 UINT64_C(11644473600000)

const struct mapi_value *row_value(const struct mapi_row *row, mapi_tag tag)
{
	for (uint32_t i = 0; i < row->count; i++) {
		if (row->values[i].tag == tag)
			return &row->values[i];
	}
	return NULL;
}

static json_t *hex_json(struct slice bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *text = xmalloc(2 * bytes.size + 1);

	for (size_t i = 0; i < bytes.size; i++) {
		text[2 * i] = digits[bytes.data[i] >> 4];
		text[2 * i + 1] = digits[bytes.data[i] & 15];
	}
	json_t *value = json_stringn(text, 2 * bytes.size);
	free(text);
	return value;
}

/* 8-bit text may be in any code page: what is not UTF-8 is shown in hex. */
json_t *text_json(struct slice text)
{
	json_t *value = text.data ? json_stringn((const char *)text.data, text.size) : json_null();

	return value ? value : hex_json(text);
}

static json_t *time_json(uint64_t filetime)
{
	char text[CLOCK_TEXT_SIZE];
	uint64_t ms = filetime / 10000;

	clock_format(ms > MS_FROM_1601_TO_1970 ? ms - MS_FROM_1601_TO_1970 : 0, text);
	return json_string(text);
}

static json_t *guid_json(const struct guid *guid)
{
	char text[GUID_TEXT_SIZE];

	if (!guid)
		return json_null();
	guid_format(guid, text);
	return json_string(text);
}

static json_t *slices_json(const struct mapi_slices *list, json_t *(*convert)(struct slice))
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < list->count; i++)
		json_array_append_new(all, convert(list->items[i]));
	return all;
}

static json_t *longs_json(const struct mapi_longs *list)
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < list->count; i++)
		json_array_append_new(all, json_integer(list->items[i]));
	return all;
}

static json_t *shorts_json(const struct mapi_shorts *list)
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < list->count; i++)
		json_array_append_new(all, json_integer(list->items[i]));
	return all;
}

static json_t *times_json(const struct mapi_times *list)
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < list->count; i++)
		json_array_append_new(all, time_json(list->items[i]));
	return all;
}

static json_t *guids_json(const struct mapi_guids *list)
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < list->count; i++)
		json_array_append_new(all, guid_json(list->items[i]));
	return all;
}

json_t *value_json(const struct mapi_value *v)
{
	switch ((enum mapi_type)tag_type(v->tag)) {
	case PT_SHORT: return json_integer(v->short_value);
	case PT_LONG: return json_integer(v->long_value);
	case PT_BOOLEAN: return json_boolean(v->boolean != 0);
	case PT_STRING8:
	case PT_UNICODE: return text_json(v->string);
	case PT_SYSTIME: return time_json(v->filetime);
	case PT_CLSID: return guid_json(v->guid);
	case PT_BINARY: return hex_json(v->binary);
	case PT_MV_SHORT: return shorts_json(&v->shorts);
	case PT_MV_LONG: return longs_json(&v->longs);
	case PT_MV_STRING8:
	case PT_MV_UNICODE: return slices_json(&v->slices, text_json);
	case PT_MV_SYSTIME: return times_json(&v->times);
	case PT_MV_CLSID: return guids_json(&v->guids);
	case PT_MV_BINARY: return slices_json(&v->slices, hex_json);
	case PT_UNSPECIFIED:
	case PT_NULL:
	case PT_ERROR:
	case PT_OBJECT: return json_null();
	}
	return json_null();
}

static const struct {
	mapi_tag tag;
	const char *key;
} person[] = {
	{PR_DISPLAY_NAME,              "name"      },
	{PR_SMTP_ADDRESS,              "address"   },
	{PR_TITLE,		     "title"     },
	{PR_DEPARTMENT_NAME,           "department"},
	{PR_OFFICE_LOCATION,           "office"    },
	{PR_BUSINESS_TELEPHONE_NUMBER, "phone"     },
};

enum { PERSON_COUNT = sizeof person / sizeof person[0] };

struct mapi_tags person_tags(struct arena *a)
{
	struct mapi_tags tags = {.items = arena_alloc_array(a, PERSON_COUNT, sizeof(uint32_t))};

	for (size_t i = 0; tags.items && i < PERSON_COUNT; i++)
		tags.items[tags.count++] = person[i].tag;
	return tags;
}

const struct column person_columns[] = {
	{"NAME",       "name",       COLUMN_TEXT},
	{"ADDRESS",    "address",    COLUMN_TEXT},
	{"TITLE",      "title",      COLUMN_TEXT},
	{"DEPARTMENT", "department", COLUMN_TEXT},
	{"OFFICE",     "office",     COLUMN_TEXT},
	{"PHONE",      "phone",      COLUMN_TEXT},
	{NULL,         NULL,         COLUMN_TEXT},
};

json_t *person_json(const struct mapi_row *row)
{
	json_t *all = json_object();

	for (size_t i = 0; i < PERSON_COUNT; i++) {
		const struct mapi_value *v = row_value(row, person[i].tag);
		json_object_set_new(all, person[i].key, v ? value_json(v) : json_null());
	}
	return all;
}

void listing_print(const struct nspi *n, const struct column *columns, const json_t *rows)
{
	if (!n->options.json) {
		table_print(stdout, columns, rows);
		return;
	}
	json_dumpf(rows, stdout, JSON_INDENT(2));
	putchar('\n');
}
