#include "directory/object_check-private.h"

#include "mapi/tags.h"

/* A bool of which a byte is neither 0 nor 1 must not be read as one. */
static bool flags_are_good(const uint8_t *bytes)
{
	return bytes[offsetof(struct object, hidden)] <= 1 &&
	       bytes[offsetof(struct object, members_hidden)] <= 1 &&
	       bytes[offsetof(struct object, wide)] <= 1;
}

static bool head_is_good(const struct object *o, size_t size, uint64_t lists)
{
	size_t width = o->wide ? 4 : 2;
	size_t head = sizeof *o + o->count * sizeof(uint16_t) + (o->count + 1u) * width;
	return o->size >= head && o->size <= size && o->mid >= ENTRY_MID_FIRST &&
	       o->category > CATEGORY_NONE && o->category <= CATEGORY_FOLDER &&
	       !(o->lists & ~lists);
}

enum value_kind { VALUE_NONE, VALUE_BYTES, VALUE_MANY, VALUE_1, VALUE_4, VALUE_8, VALUE_LINKS };

static enum value_kind kind_of(const struct attribute *a)
{
	switch (a->conversion) {
	case CONVERT_TEXT:
	case CONVERT_BINARY: return tag_type(a->tag) & MAPI_MV_FLAG ? VALUE_MANY : VALUE_BYTES;
	case CONVERT_INTEGER: return VALUE_4;
	case CONVERT_BOOLEAN: return VALUE_1;
	case CONVERT_TIME: return VALUE_8;
	case CONVERT_LINK: return VALUE_LINKS;
	case CONVERT_BACKLINK: break;
	}
	return VALUE_NONE;
}

void object_kinds_init(struct object_kinds *k)
{
	size_t count;
	const struct attribute *a = attributes_stored(&count);
	memset(k->of, VALUE_NONE, sizeof k->of);
	for (size_t i = 0; i < count; i++)
		k->of[tag_id(a[i].tag)] = (uint8_t)kind_of(&a[i]);
	k->of[ATTRIBUTE_OTHER_MAIL] = VALUE_MANY;
}

static bool many_are_good(struct slice raw)
{
	while (raw.size > 0) {
		size_t size = 0, at = 0;
		for (; at < raw.size && at < 5 && raw.data[at] & 0x80; at++)
			size |= (size_t)(raw.data[at] & 0x7F) << (7 * at);
		if (at == raw.size || at == 5)
			return false;
		size |= (size_t)raw.data[at] << (7 * at);
		if (size > raw.size - at - 1)
			return false;
		raw = slice_of(raw.data + at + 1 + size, raw.size - at - 1 - size);
	}
	return true;
}

static bool value_is_good(enum value_kind kind, struct slice raw)
{
	switch (kind) {
	case VALUE_BYTES: return true;
	case VALUE_MANY: return many_are_good(raw);
	case VALUE_1: return raw.size == 1;
	case VALUE_4: return raw.size == 4;
	case VALUE_8: return raw.size == 8;
	case VALUE_LINKS: return raw.size % sizeof(uint64_t) == 0;
	case VALUE_NONE: break;
	}
	return false;
}

/* In order of id, one behind the other; the last one ends with the object. */
static bool values_are_good(const struct object_kinds *kinds, const struct object *o)
{
	const uint8_t *end = (const uint8_t *)o + o->size;
	const uint8_t *values = object_values(o);
	uint32_t start = object_offset(o, 0);
	if (start != 0)
		return false;
	for (size_t i = 0; i < o->count; i++) {
		uint32_t next = object_offset(o, i + 1);
		if (next < start || next > (size_t)(end - values) ||
		    (i > 0 && o->ids[i] <= o->ids[i - 1]) ||
		    !value_is_good(kinds->of[o->ids[i]], slice_of(values + start, next - start)))
			return false;
		start = next;
	}
	return values + start == end;
}

bool object_check(const struct object_kinds *kinds, const void *bytes, size_t size, uint64_t lists)
{
	const struct object *o = bytes;
	return size >= sizeof *o && flags_are_good(bytes) && head_is_good(o, size, lists) &&
	       values_are_good(kinds, o) && object_text(o, tag_id(PR_DISPLAY_NAME)).data &&
	       object_text(o, tag_id(PR_EMAIL_ADDRESS)).data;
}
