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

/* In order of id, and of their place; the last one ends with the object. */
static bool offsets_are_good(const struct object *o)
{
	size_t width = o->wide ? 4 : 2;
	const uint8_t *offsets = (const uint8_t *)(o->ids + o->count), *at = offsets;
	const uint8_t *values = offsets + (o->count + 1u) * width;
	uint32_t before = 0;
	for (size_t i = 0; i <= o->count; i++, at += width) {
		uint32_t offset = 0;
		memcpy(&offset, at, width); /* little-endian hosts */
		if (offset < before || (i == 0 && offset != 0) ||
		    (i > 0 && i < o->count && o->ids[i] <= o->ids[i - 1]))
			return false;
		before = offset;
	}
	return values + before == (const uint8_t *)o + o->size;
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

static bool value_is_good(const struct attribute *a, struct slice raw)
{
	switch (a->conversion) {
	case CONVERT_TEXT:
	case CONVERT_BINARY: return !(tag_type(a->tag) & MAPI_MV_FLAG) || many_are_good(raw);
	case CONVERT_INTEGER: return raw.size == 4;
	case CONVERT_BOOLEAN: return raw.size == 1;
	case CONVERT_TIME: return raw.size == 8;
	case CONVERT_LINK: return raw.size % sizeof(uint64_t) == 0;
	case CONVERT_BACKLINK: break;
	}
	return false;
}

static bool values_are_good(const struct object *o)
{
	for (size_t i = 0; i < o->count; i++) {
		const struct attribute *a = attribute_stored(o->ids[i]);
		struct slice raw;
		bool other_mail = o->ids[i] == ATTRIBUTE_OTHER_MAIL;
		if (!object_raw(o, o->ids[i], &raw))
			return false;
		if (other_mail ? !many_are_good(raw) : !a || !value_is_good(a, raw))
			return false;
	}
	return true;
}

bool object_check(const void *bytes, size_t size, uint64_t lists)
{
	const struct object *o = bytes;
	return size >= sizeof *o && flags_are_good(bytes) && head_is_good(o, size, lists) &&
	       offsets_are_good(o) && values_are_good(o) &&
	       object_text(o, tag_id(PR_DISPLAY_NAME)).data &&
	       object_text(o, tag_id(PR_EMAIL_ADDRESS)).data;
}
