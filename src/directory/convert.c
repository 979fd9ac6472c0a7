#include "directory/object-private.h"

#include "base/buffer.h"
#include "base/utf.h"

#include <stdlib.h>

enum { VALUES_MAX = 100000 };       /* what an array on the wire can hold (MS-NSPI 2.2.1) */
enum { VALUE_BYTES_MAX = 2 << 20 }; /* the same of a binary value */

static bool text_allowed(const struct attribute *a, struct slice v)
{
	if (v.size == 0 || v.size > VALUE_BYTES_MAX || !utf8_valid(v) || memchr(v.data, 0, v.size))
		return false;
	if (tag_type(a->tag) != PT_STRING8)
		return true;
	for (size_t i = 0; i < v.size; i++)
		if (v.data[i] >= 0x80)
			return false;
	return true;
}

static bool value_allowed(const struct attribute *a, struct slice v)
{
	if (a->conversion == CONVERT_TEXT)
		return text_allowed(a, v);
	return v.size > 0 && v.size <= VALUE_BYTES_MAX;
}

static uint8_t *put_length(uint8_t *p, size_t size)
{
	for (; size >= 0x80; size >>= 7)
		*p++ = (uint8_t)(size | 0x80);
	*p++ = (uint8_t)size;
	return p;
}

static struct slice convert_many(const struct attribute *a, const struct entry_attribute *from,
                                 struct arena *arena, bool *warned)
{
	size_t room = 0, taken = 0;
	for (size_t i = 0; i < from->count; i++)
		room += from->values[i].size + 4;
	uint8_t *out = arena_alloc_raw(arena, room), *p = out;
	for (size_t i = 0; i < from->count; i++) {
		struct slice v = from->values[i];
		if (!value_allowed(a, v) || taken == VALUES_MAX) {
			*warned = true;
			continue;
		}
		p = put_length(p, v.size);
		memcpy(p, v.data, v.size);
		p += v.size;
		taken++;
	}
	return slice_of(taken ? out : NULL, (size_t)(p - out));
}

static struct slice convert_integer(struct slice v, struct arena *arena)
{
	char text[16], *end;
	if (v.size == 0 || v.size >= sizeof text)
		return slice_of(NULL, 0);
	memcpy(text, v.data, v.size);
	text[v.size] = 0;
	long long n = strtoll(text, &end, 10);
	if (*end || n < INT32_MIN || n > UINT32_MAX)
		return slice_of(NULL, 0);
	uint8_t *out = arena_alloc(arena, 4);
	put_le32(out, (uint32_t)n);
	return slice_of(out, 4);
}

static struct slice convert_boolean(struct slice v, struct arena *arena)
{
	bool yes = slice_equal_nocase(v, slice_of_string("TRUE"));
	if (!yes && !slice_equal_nocase(v, slice_of_string("FALSE")))
		return slice_of(NULL, 0);
	uint8_t *out = arena_alloc(arena, 1);
	*out = yes;
	return slice_of(out, 1);
}

/* Two digits at p, or -1. */
static int two_digits(const uint8_t *p)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	return (p[0] - '0') * 10 + p[1] - '0';
}

/* Days from 1601-01-01, a Monday, to a date of the Gregorian calendar. */
static int64_t days_since_1601(int64_t year, int64_t month, int64_t day)
{
	static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	int64_t y = year - 1601;
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return y * 365 + y / 4 - y / 100 + y / 400 + before[month - 1] + (leap && month > 2) + day -
	       1;
}

/* Generalized time (RFC 4517 3.3.13) in UTC, to the second: "20260301120000Z", "20260301120000.0Z".
 */
static struct slice convert_time(struct slice v, struct arena *arena)
{
	int part[7]; /* century, year, month, day, hour, minute, second */
	if (v.size < 15 || v.data[v.size - 1] != 'Z')
		return slice_of(NULL, 0);
	for (size_t i = 0; i < 7; i++)
		if ((part[i] = two_digits(v.data + 2 * i)) < 0)
			return slice_of(NULL, 0);
	int year = part[0] * 100 + part[1];
	if (year < 1601 || part[2] < 1 || part[2] > 12 || part[3] < 1 || part[3] > 31 ||
	    part[4] > 23 || part[5] > 59 || part[6] > 60)
		return slice_of(NULL, 0);
	int64_t seconds = days_since_1601(year, part[2], part[3]) * 86400 + part[4] * 3600 +
	                  part[5] * 60 + part[6];
	uint64_t filetime = (uint64_t)seconds * 10000000;
	uint8_t *out = arena_alloc(arena, 8);
	put_le32(out, (uint32_t)filetime);
	put_le32(out + 4, (uint32_t)(filetime >> 32));
	return slice_of(out, 8);
}

static int compare_hashes(const void *a, const void *b)
{
	uint64_t x, y;
	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (x > y) - (x < y);
}

static struct slice convert_links(struct draft *d, const struct entry_attribute *from, bool *warned)
{
	uint64_t *hashes = arena_alloc_array(&d->arena, from->count, sizeof *hashes);
	size_t taken = 0, kept = 0;
	for (size_t i = 0; i < from->count; i++) {
		uint64_t hash = ldap_dn_hash(d->secret, from->values[i]);
		if (hash == 0)
			*warned = true;
		else
			hashes[taken++] = hash;
	}
	qsort(hashes, taken, sizeof *hashes, compare_hashes);
	for (size_t i = 0; i < taken; i++)
		if (i == 0 || hashes[i] != hashes[kept - 1])
			hashes[kept++] = hashes[i];
	return slice_of(kept ? hashes : NULL, kept * sizeof *hashes);
}

static struct slice convert_one(const struct attribute *a, struct slice v, struct arena *arena)
{
	switch (a->conversion) {
	case CONVERT_INTEGER: return convert_integer(v, arena);
	case CONVERT_BOOLEAN: return convert_boolean(v, arena);
	case CONVERT_TIME: return convert_time(v, arena);
	case CONVERT_TEXT:
	case CONVERT_BINARY: return value_allowed(a, v) ? v : slice_of(NULL, 0);
	case CONVERT_LINK:
	case CONVERT_BACKLINK: break;
	}
	return slice_of(NULL, 0);
}

struct slice convert_values(struct draft *d, const struct attribute *a,
                            const struct entry_attribute *from, bool *warned)
{
	if (from->count == 0 || a->conversion == CONVERT_BACKLINK)
		return slice_of(NULL, 0);
	if (a->conversion == CONVERT_LINK)
		return convert_links(d, from, warned);
	if (tag_type(a->tag) & MAPI_MV_FLAG)
		return convert_many(a, from, &d->arena, warned);
	for (size_t i = 0; i < from->count; i++) {
		struct slice raw = convert_one(a, from->values[i], &d->arena);
		if (raw.data)
			return raw; /* a property with one value shows the first */
		*warned = true;
	}
	return slice_of(NULL, 0);
}
