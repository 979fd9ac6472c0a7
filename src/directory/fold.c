#include "directory/fold-private.h"

#include "base/memory.h"

#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

/* Letters that Unicode does not take apart, in order of their small forms. */
static const struct {
	UChar letter;
	const char *plain;
} plain_letters[] = {
	{0x00E6, "ae"},
	{0x00F0, "d" },
	{0x00F8, "o" },
	{0x0111, "d" },
	{0x0127, "h" },
	{0x0131, "i" },
	{0x0142, "l" },
	{0x0153, "oe"},
	{0x0167, "t" },
	{0x0180, "b" },
};

static const char *plain_letter(UChar c)
{
	for (size_t i = 0; i < sizeof plain_letters / sizeof plain_letters[0]; i++)
		if (plain_letters[i].letter == c)
			return plain_letters[i].plain;
	return NULL;
}

/*
 * Combining classes of accents, points and harakat; those of nuktas, viramas, kana voicing and the
 * vowels and tones of South and South-East Asia are part of a spelling.
 */
static bool is_accent(UChar32 c)
{
	uint8_t class = u_getCombiningClass(c);
	return class == 1 || (class >= 10 && class <= 36) || class >= 202;
}

static size_t lower_ascii(struct slice text, uint8_t *out, size_t room)
{
	size_t size = text.size < room ? text.size : room;
	for (size_t i = 0; i < size; i++) {
		uint8_t c = text.data[i];
		out[i] = c >= 'A' && c <= 'Z' ? c | 0x20 : c;
	}
	return size;
}

static bool is_ascii(struct slice s)
{
	uint8_t any = 0;
	for (size_t i = 0; i < s.size; i++)
		any |= s.data[i];
	return any < 0x80;
}

/* A growing run of UTF-16. */
struct units {
	UChar *data;
	int32_t count;
};

static struct units normalise(const UNormalizer2 *form, struct units in)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t room = in.count + in.count / 2 + 32;
	struct units out = {xmalloc((size_t)room * sizeof(UChar)), 0};

	out.count = unorm2_normalize(form, in.data, in.count, out.data, room, &status);
	if (status == U_BUFFER_OVERFLOW_ERROR) {
		status = U_ZERO_ERROR;
		out.data = xrealloc_array(out.data, (size_t)out.count, sizeof(UChar));
		out.count = unorm2_normalize(form, in.data, in.count, out.data, out.count, &status);
	}
	if (U_FAILURE(status))
		out.count = 0;
	free(in.data);
	return out;
}

static struct units widen(struct slice text)
{
	UErrorCode status = U_ZERO_ERROR;
	struct units u = {xmalloc((text.size + 1) * sizeof(UChar)), 0};
	u_strFromUTF8WithSub(u.data, (int32_t)text.size + 1, &u.count, (const char *)text.data,
	                     (int32_t)text.size, 0xFFFD, NULL, &status);
	return u;
}

/* Without accents; a plain letter may become two. Expects decomposed text. */
static struct units strip(struct units in)
{
	struct units out = {xmalloc(2 * (size_t)in.count * sizeof(UChar) + 2), 0};
	for (int32_t i = 0; i < in.count;) {
		int32_t start = i;
		UChar32 c;
		U16_NEXT(in.data, i, in.count, c);
		const char *plain = c <= 0xFFFF ? plain_letter((UChar)c) : NULL;
		if (is_accent(c))
			continue;
		if (!plain)
			while (start < i)
				out.data[out.count++] = in.data[start++];
		while (plain && *plain)
			out.data[out.count++] = (UChar)*plain++;
	}
	free(in.data);
	return out;
}

static struct units fold_units(struct slice text, bool accents_too)
{
	UErrorCode status = U_ZERO_ERROR;
	struct units u = normalise(unorm2_getNFKCCasefoldInstance(&status), widen(text));
	if (accents_too) {
		u = strip(normalise(unorm2_getNFDInstance(&status), u));
		u = normalise(unorm2_getNFCInstance(&status), u);
	}
	return u;
}

/* UTF-8 again, cut at a character. */
static size_t narrow(struct units u, uint8_t *out, size_t room)
{
	size_t size = 0;
	for (int32_t i = 0; i < u.count;) {
		UChar32 c;
		U16_NEXT(u.data, i, u.count, c);
		if (U_IS_SURROGATE(c))
			c = 0xFFFD;
		if (size + (size_t)U8_LENGTH(c) > room)
			break;
		U8_APPEND_UNSAFE(out, size, c);
	}
	free(u.data);
	return size;
}

size_t fold_text(struct slice text, uint8_t *out, size_t room)
{
	return is_ascii(text) ? lower_ascii(text, out, room)
	                      : narrow(fold_units(text, true), out, room);
}

size_t fold_case(struct slice text, uint8_t *out, size_t room)
{
	return is_ascii(text) ? lower_ascii(text, out, room)
	                      : narrow(fold_units(text, false), out, room);
}

struct slice fold_text_arena(struct arena *a, struct slice text)
{
	bool ascii = is_ascii(text);
	struct units u = {NULL, 0};
	if (!ascii)
		u = fold_units(text, true);
	size_t room = ascii ? text.size : 3 * (size_t)u.count;
	uint8_t *out = arena_alloc_raw(a, room);
	if (!out) {
		free(u.data);
		return slice_of(NULL, 0);
	}
	return slice_of(out, ascii ? lower_ascii(text, out, room) : narrow(u, out, room));
}
