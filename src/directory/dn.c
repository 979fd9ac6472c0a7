#include "directory/dn.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

static void skip_spaces(struct slice *s)
{
	while (s->size && s->data[0] == ' ')
		*s = slice_of(s->data + 1, s->size - 1);
}

static bool type_char(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.';
}

static bool take_type(struct slice *rest, struct slice *type)
{
	size_t n = 0;
	skip_spaces(rest);
	while (n < rest->size && type_char(rest->data[n]))
		n++;
	*type = slice_of(rest->data, n);
	*rest = slice_of(rest->data + n, rest->size - n);
	skip_spaces(rest);
	if (n == 0 || rest->size == 0 || rest->data[0] != '=')
		return false;
	*rest = slice_of(rest->data + 1, rest->size - 1);
	skip_spaces(rest);
	return true;
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte meant by what follows a backslash; the number of bytes read, 0 when there is none. */
static size_t unescape(struct slice after, uint8_t *byte)
{
	if (after.size == 0)
		return 0;
	int high = hex_digit(after.data[0]);
	int low = after.size > 1 ? hex_digit(after.data[1]) : -1;
	if (high >= 0 && low >= 0) {
		*byte = (uint8_t)(high << 4 | low);
		return 2;
	}
	*byte = after.data[0];
	return 1;
}

static bool ends_value(uint8_t c)
{
	return c == ',' || c == ';' || c == '+';
}

static bool take_value(struct slice *rest, struct dn_part *part)
{
	bool quoted = rest->size && rest->data[0] == '"', closed = !quoted;
	size_t i = quoted, kept = 0; /* kept: up to the last byte that is no trailing space */
	part->size = 0;
	while (i < rest->size && (quoted || !ends_value(rest->data[i]))) {
		uint8_t byte = rest->data[i++];
		bool escaped = byte == '\\';
		if (quoted && byte == '"') {
			closed = true;
			break;
		}
		size_t read =
			escaped ? unescape(slice_of(rest->data + i, rest->size - i), &byte) : 0;
		if (part->size == DN_MAX || (escaped && read == 0) || byte == 0)
			return false;
		i += read;
		part->value[part->size++] = byte;
		if (byte != ' ' || escaped || quoted)
			kept = part->size;
	}
	part->size = kept;
	*rest = slice_of(rest->data + i, rest->size - i);
	return closed;
}

bool dn_next(struct slice *rest, struct dn_part *part)
{
	if (!take_type(rest, &part->type) || !take_value(rest, part))
		return false;
	skip_spaces(rest);
	part->next = 0;
	if (rest->size == 0)
		return true;
	if (!ends_value(rest->data[0]))
		return false;
	part->next = rest->data[0] == '+' ? '+' : ',';
	*rest = slice_of(rest->data + 1, rest->size - 1);
	return true;
}

static void put_code(struct buffer *out, UChar32 c)
{
	uint8_t bytes[U8_MAX_LENGTH];
	int32_t size = 0;
	U8_APPEND_UNSAFE(bytes, size, c);
	buffer_put(out, bytes, (size_t)size);
}

static void put_ascii(struct buffer *out, uint8_t c)
{
	if (ends_value(c) || c == '=' || c == '\\')
		buffer_put_u8(out, '\\');
	buffer_put_u8(out, c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* Runs of spaces count as one (RFC 4518 2.6.1). */
static bool put_value(struct buffer *out, const uint8_t *value, size_t size)
{
	for (int32_t i = 0; (size_t)i < size;) {
		UChar32 c = value[i];
		if (c >= 0x80) {
			U8_NEXT(value, i, (int32_t)size, c);
			if (c < 0)
				return false;
			put_code(out, u_foldCase(c, U_FOLD_CASE_DEFAULT));
			continue;
		}
		i++;
		if (c != ' ' || (size_t)i == size || value[i] != ' ')
			put_ascii(out, (uint8_t)c);
	}
	return true;
}

bool dn_normalise(struct slice dn, struct buffer *out)
{
	struct dn_part part;
	skip_spaces(&dn);
	if (dn.size == 0)
		return true;
	do {
		if (!dn_next(&dn, &part))
			return false;
		for (size_t i = 0; i < part.type.size; i++)
			put_ascii(out, part.type.data[i]);
		buffer_put_u8(out, '=');
		if (!put_value(out, part.value, part.size))
			return false;
		if (part.next)
			buffer_put_u8(out, (uint8_t)part.next);
	} while (part.next);
	return !out->failed;
}

bool dn_parent(struct slice dn, struct slice *parent)
{
	struct dn_part part;
	do {
		if (!dn_next(&dn, &part))
			return false;
	} while (part.next == '+');
	if (part.next == 0)
		return false;
	skip_spaces(&dn);
	*parent = dn;
	return true;
}
