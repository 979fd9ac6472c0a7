#include "mapi/codepage.h"

#include "base/memory.h"
#include "base/utf.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <threads.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/ucnv_err.h>
#include <unicode/ustring.h>

/*
 * Numbers for which ICU has no alias "windows-<number>"; without a name those that cannot be a
 * NUL-terminated 8-bit string.
 */
static const struct {
	uint32_t codepage;
	const char *name;
} icu_names[] = {
	{37,    "ibm-37"      },
	{437,   "ibm-437"     },
	{500,   "ibm-500"     },
	{708,   "ASMO-708"    },
	{737,   "ibm-737"     },
	{775,   "ibm-775"     },
	{850,   "ibm-850"     },
	{852,   "ibm-852"     },
	{855,   "ibm-855"     },
	{857,   "ibm-857"     },
	{858,   "ibm-858"     },
	{860,   "ibm-860"     },
	{861,   "ibm-861"     },
	{862,   "ibm-862"     },
	{863,   "ibm-863"     },
	{864,   "ibm-864"     },
	{865,   "ibm-865"     },
	{866,   "ibm-866"     },
	{869,   "ibm-869"     },
	{870,   "ibm-870"     },
	{875,   "ibm-875"     },
	{1026,  "ibm-1026"    },
	{1047,  "ibm-1047"    },
	{1140,  "ibm-1140"    },
	{1141,  "ibm-1141"    },
	{1142,  "ibm-1142"    },
	{1143,  "ibm-1143"    },
	{1144,  "ibm-1144"    },
	{1145,  "ibm-1145"    },
	{1146,  "ibm-1146"    },
	{1147,  "ibm-1147"    },
	{1148,  "ibm-1148"    },
	{1149,  "ibm-1149"    },
	{1201,  NULL          },
	{10000, "macintosh"   },
	{12000, NULL          },
	{12001, NULL          },
	{20273, "ibm-273"     },
	{20277, "ibm-277"     },
	{20278, "ibm-278"     },
	{20280, "ibm-280"     },
	{20284, "ibm-284"     },
	{20285, "ibm-285"     },
	{20290, "ibm-290"     },
	{20297, "ibm-297"     },
	{20420, "ibm-420"     },
	{20424, "ibm-424"     },
	{20838, "ibm-838"     },
	{20866, "KOI8-R"      },
	{20871, "ibm-871"     },
	{20932, "EUC-JP"      },
	{21025, "ibm-1025"    },
	{21866, "KOI8-U"      },
	{28591, "ISO-8859-1"  },
	{38598, "ISO-8859-8-I"},
	{50220, "ISO-2022-JP" },
	{50221, "csISO2022JP" },
	{50225, "ISO-2022-KR" },
	{50229, "ISO-2022-CN" },
	{51932, "EUC-JP"      },
	{51936, "EUC-CN"      },
	{51950, "EUC-TW"      },
	{52936, "HZ-GB-2312"  },
	{65001, "UTF-8"       },
};

/* A thread's way to and from one code page. ICU converters and iconv descriptors keep state, so
 * threads do not share them. */
struct codec {
	uint32_t codepage; /* 0: the slot is free */
	UConverter *icu;   /* NULL for T.61 */
	iconv_t from_utf8, to_utf8;
	bool ascii_is_same; /* so that most text need not be converted */
	bool lossy;         /* a character was replaced since this was cleared */
};

enum { CODEC_SLOTS = 8 };

struct codec_cache {
	struct codec slots[CODEC_SLOTS];
	unsigned next; /* the slot to give up */
};

static tss_t cache_key;
static once_flag cache_once = ONCE_FLAG_INIT;

static void codec_close(struct codec *c)
{
	if (c->icu)
		ucnv_close(c->icu);
	if (c->codepage == CP_TELETEX) {
		iconv_close(c->from_utf8);
		iconv_close(c->to_utf8);
	}
	*c = (struct codec){0};
}

static void cache_free(void *p)
{
	struct codec_cache *cache = p;
	for (size_t i = 0; i < CODEC_SLOTS; i++)
		codec_close(&cache->slots[i]);
	free(cache);
}

static void cache_key_create(void)
{
	if (tss_create(&cache_key, cache_free) != thrd_success)
		abort();
}

static struct codec_cache *cache_get(void)
{
	call_once(&cache_once, cache_key_create);
	struct codec_cache *cache = tss_get(cache_key);
	if (!cache) {
		cache = xcalloc(1, sizeof *cache);
		tss_set(cache_key, cache);
	}
	return cache;
}

/* Counts the loss, then lets ICU put the substitute. */
static void U_CALLCONV note_loss(const void *context, UConverterFromUnicodeArgs *args,
                                 const UChar *units, int32_t length, UChar32 code,
                                 UConverterCallbackReason reason, UErrorCode *status)
{
	struct codec *c = (struct codec *)(uintptr_t)context;
	if (reason <= UCNV_IRREGULAR)
		c->lossy = true;
	UCNV_FROM_U_CALLBACK_SUBSTITUTE(NULL, args, units, length, code, reason, status);
}

static void watch_loss(struct codec *c)
{
	UErrorCode status = U_ZERO_ERROR;
	if (c->icu)
		ucnv_setFromUCallBack(c->icu, note_loss, c, NULL, NULL, &status);
}

static bool icu_open(struct codec *c, uint32_t codepage)
{
	char alias[32];
	const char *name = alias;
	UErrorCode status = U_ZERO_ERROR;

	snprintf(alias, sizeof alias, "windows-%u", codepage);
	for (size_t i = 0; i < sizeof icu_names / sizeof icu_names[0]; i++)
		if (icu_names[i].codepage == codepage)
			name = icu_names[i].name;
	if (!name)
		return false;
	UConverter *icu = ucnv_open(name, &status);
	if (U_FAILURE(status))
		return false;
	ucnv_setFallback(icu, true);
	ucnv_setSubstString(icu, u"?", 1, &status);
	c->icu = icu;
	return true;
}

static bool teletex_open(struct codec *c)
{
	iconv_t from = iconv_open("T.61-8BIT", "UTF-8");
	if (from == (iconv_t)-1)
		return false;
	iconv_t to = iconv_open("UTF-8", "T.61-8BIT");
	if (to == (iconv_t)-1) {
		iconv_close(from);
		return false;
	}
	c->from_utf8 = from;
	c->to_utf8 = to;
	return true;
}

static struct slice convert_from_utf8(struct codec *c, struct arena *a, struct slice utf8);

static bool keeps_ascii(struct codec *c)
{
	uint8_t ascii[0x7F - 0x20];
	struct arena a;

	for (size_t i = 0; i < sizeof ascii; i++)
		ascii[i] = (uint8_t)(0x20 + i);
	arena_init(&a, 8192);
	bool same = slice_equal(convert_from_utf8(c, &a, slice_of(ascii, sizeof ascii)),
	                        slice_of(ascii, sizeof ascii));
	arena_free(&a);
	return same;
}

static bool codec_open(struct codec *c, uint32_t codepage)
{
	if (codepage == CP_TELETEX ? !teletex_open(c) : !icu_open(c, codepage))
		return false;
	c->codepage = codepage;
	c->ascii_is_same = keeps_ascii(c);
	return true;
}

/* NULL when the code page is not known. */
static struct codec *codec_get(uint32_t codepage)
{
	struct codec_cache *cache = cache_get();

	for (size_t i = 0; i < CODEC_SLOTS; i++)
		if (cache->slots[i].codepage == codepage && codepage != 0)
			return &cache->slots[i];
	struct codec fresh = {0};
	if (!codec_open(&fresh, codepage))
		return NULL;
	struct codec *c = &cache->slots[cache->next];
	cache->next = (cache->next + 1) % CODEC_SLOTS;
	codec_close(c);
	*c = fresh;
	watch_loss(c);
	return c;
}

/* One UTF-8 sequence that T.61 lacks, or one byte that is undefined in it, becomes the substitute.
 */
static void skip_one(struct codec *c, iconv_t cd, char **in, size_t *left)
{
	size_t skip = 1;

	if (cd == c->from_utf8)
		while (skip < *left && ((*in)[skip] & 0xC0) == 0x80)
			skip++;
	c->lossy = true;
	*in += skip;
	*left -= skip;
}

static struct slice teletex_convert(struct codec *c, iconv_t cd, struct arena *a, struct slice s,
                                    const char *substitute)
{
	size_t room = 3 * s.size + 4; /* U+FFFD for each byte is the most there can be */
	char *out = arena_alloc_raw(a, room);
	char *in = (char *)(uintptr_t)s.data, *end = out;
	size_t left = s.size;

	if (!out)
		return slice_of(NULL, 0);
	iconv(cd, NULL, NULL, NULL, NULL);
	while (left > 0 && iconv(cd, &in, &left, &end, &room) == (size_t)-1) {
		size_t size = strlen(substitute);
		if (errno == E2BIG || room < size)
			break;
		skip_one(c, cd, &in, &left);
		memcpy(end, substitute, size);
		end += size;
		room -= size;
	}
	iconv(cd, NULL, NULL, &end, &room); /* a letter may wait for its accent */
	return slice_of(out, (size_t)(end - out));
}

static struct slice icu_from_utf8(struct codec *c, struct arena *a, struct slice utf8)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t units = 0;

	if (utf8.size > INT32_MAX / 16)
		return slice_of(NULL, 0);
	UChar *wide = arena_alloc_raw(a, (utf8.size + 1) * sizeof *wide);
	size_t room =
		(size_t)UCNV_GET_MAX_BYTES_FOR_STRING((int)utf8.size, ucnv_getMaxCharSize(c->icu));
	char *out = wide ? arena_alloc_raw(a, room) : NULL;
	if (!out)
		return slice_of(NULL, 0);
	u_strFromUTF8WithSub(wide, (int32_t)utf8.size + 1, &units, (const char *)utf8.data,
	                     (int32_t)utf8.size, 0xFFFD, NULL, &status);
	int32_t size = ucnv_fromUChars(c->icu, out, (int32_t)room, wide, units, &status);
	return slice_of(out, U_FAILURE(status) ? 0 : (size_t)size);
}

static struct slice icu_to_utf8(struct codec *c, struct arena *a, struct slice bytes)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t size = 0;

	if (bytes.size > INT32_MAX / 16)
		return slice_of(NULL, 0);
	size_t room = 2 * bytes.size + 2; /* a byte is at most a surrogate pair */
	UChar *wide = arena_alloc_raw(a, room * sizeof *wide);
	char *out = wide ? arena_alloc_raw(a, 3 * room) : NULL;
	if (!out)
		return slice_of(NULL, 0);
	int32_t units = ucnv_toUChars(c->icu, wide, (int32_t)room, (const char *)bytes.data,
	                              (int32_t)bytes.size, &status);
	u_strToUTF8WithSub(out, (int32_t)(3 * room), &size, wide, units, 0xFFFD, NULL, &status);
	return slice_of(out, U_FAILURE(status) ? 0 : (size_t)size);
}

static struct slice convert_from_utf8(struct codec *c, struct arena *a, struct slice utf8)
{
	if (c->icu)
		return icu_from_utf8(c, a, utf8);
	return teletex_convert(c, c->from_utf8, a, utf8, "?");
}

static bool is_ascii(struct slice s)
{
	uint8_t any = 0;
	for (size_t i = 0; i < s.size; i++)
		any |= s.data[i];
	return any < 0x80;
}

static struct slice utf16_from_utf8(struct arena *a, struct slice utf8)
{
	size_t size = 2 * utf16_units(utf8);
	uint8_t *out = arena_alloc_raw(a, size);
	if (out)
		utf8_to_utf16le(utf8, out);
	return slice_of(out, out ? size : 0);
}

bool codepage_supported(uint32_t codepage)
{
	return codepage == CP_WINUNICODE || codec_get(codepage);
}

struct slice codepage_from_utf8(struct arena *a, uint32_t codepage, struct slice utf8, bool *lossy)
{
	if (lossy)
		*lossy = false;
	if (codepage == CP_WINUNICODE)
		return utf16_from_utf8(a, utf8);
	struct codec *c = codec_get(codepage);
	if (!c)
		return slice_of(NULL, 0);
	if (c->ascii_is_same && is_ascii(utf8))
		return utf8;
	c->lossy = false;
	struct slice bytes = convert_from_utf8(c, a, utf8);
	if (lossy)
		*lossy = c->lossy;
	return bytes;
}

struct slice codepage_to_utf8(struct arena *a, uint32_t codepage, struct slice bytes)
{
	if (codepage == CP_WINUNICODE)
		return utf16le_to_utf8(a, bytes.data, bytes.size);
	struct codec *c = codec_get(codepage);
	if (!c)
		return slice_of(NULL, 0);
	if (c->ascii_is_same && is_ascii(bytes))
		return bytes;
	return c->icu ? icu_to_utf8(c, a, bytes)
	              : teletex_convert(c, c->to_utf8, a, bytes, "\xEF\xBF\xBD");
}
