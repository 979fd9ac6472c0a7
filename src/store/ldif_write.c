#include "store/ldif_write.h"

#include "base/base64.h"

enum { COLUMNS = 76 };

/* SAFE-STRING, but for a space at the end, which readers may drop, and control characters. */
static bool is_safe(struct slice value)
{
	if (value.size == 0)
		return true;
	if (value.data[0] == ' ' || value.data[0] == ':' || value.data[0] == '<' ||
	    value.data[value.size - 1] == ' ')
		return false;
	for (size_t i = 0; i < value.size; i++)
		if (value.data[i] < 0x20 || value.data[i] >= 0x7F)
			return false;
	return true;
}

static void put_folded(struct buffer *out, struct slice line)
{
	size_t room = COLUMNS;
	for (; line.size > room; room = COLUMNS - 1) {
		buffer_put(out, line.data, room);
		buffer_put_string(out, "\n ");
		line = slice_of(line.data + room, line.size - room);
	}
	buffer_put(out, line.data, line.size);
	buffer_put_u8(out, '\n');
}

void ldif_put(struct buffer *out, const char *name, struct slice value)
{
	struct buffer line;
	bool safe = is_safe(value);
	buffer_init(&line, SIZE_MAX);
	buffer_printf(&line, "%s%s", name, safe ? ":" : "::");
	if (value.size)
		buffer_put_u8(&line, ' ');
	if (safe)
		buffer_put(&line, value.data, value.size);
	else
		base64_encode(value, &line);
	put_folded(out, buffer_slice(&line));
	buffer_free(&line);
}
