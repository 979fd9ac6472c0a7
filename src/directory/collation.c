#include "directory/collation-private.h"

#include "base/memory.h"

#include <stdlib.h>
#include <threads.h>
#include <unicode/ucol.h>
#include <unicode/ustring.h>

enum { COLLATOR_SLOTS = 20 }; /* more than there are orders */
enum { NAME_UNITS = 512 };    /* what is behind them does not fit into a key anyway */
enum { KEY_ROOM = 8 * NAME_UNITS };

struct collator_cache {
	struct {
		uint32_t lcid;
		UCollator *collator; /* NULL: the slot is free */
	} slots[COLLATOR_SLOTS];
	unsigned next; /* the slot to give up */
};

static tss_t cache_key;
static once_flag cache_once = ONCE_FLAG_INIT;

static void cache_free(void *p)
{
	struct collator_cache *cache = p;
	for (size_t i = 0; i < COLLATOR_SLOTS; i++)
		if (cache->slots[i].collator)
			ucol_close(cache->slots[i].collator);
	free(cache);
}

static void cache_key_create(void)
{
	if (tss_create(&cache_key, cache_free) != thrd_success)
		abort();
}

static struct collator_cache *cache_get(void)
{
	call_once(&cache_once, cache_key_create);
	struct collator_cache *cache = tss_get(cache_key);
	if (!cache) {
		cache = xcalloc(1, sizeof *cache);
		tss_set(cache_key, cache);
	}
	return cache;
}

static UCollator *open_collator(uint32_t lcid)
{
	UErrorCode status = U_ZERO_ERROR;
	const struct locale *locale = locale_by_lcid(lcid);
	UCollator *collator = ucol_open(locale ? locale->icu : "", &status);
	if (U_FAILURE(status))
		abort(); /* ICU without its own data */
	ucol_setStrength(collator, UCOL_PRIMARY);
	if (lcid != LCID_EN_US) {
		ucol_setAttribute(collator, UCOL_ALTERNATE_HANDLING, UCOL_SHIFTED, &status);
		ucol_setMaxVariable(collator, UCOL_REORDER_CODE_SYMBOL, &status);
	}
	return collator;
}

static UCollator *collator_get(uint32_t lcid)
{
	struct collator_cache *cache = cache_get();
	for (size_t i = 0; i < COLLATOR_SLOTS; i++)
		if (cache->slots[i].collator && cache->slots[i].lcid == lcid)
			return cache->slots[i].collator;
	unsigned slot = cache->next;
	cache->next = (slot + 1) % COLLATOR_SLOTS;
	if (cache->slots[slot].collator)
		ucol_close(cache->slots[slot].collator);
	cache->slots[slot].collator = open_collator(lcid);
	cache->slots[slot].lcid = lcid;
	return cache->slots[slot].collator;
}

/* UTF-8 to units, cut behind `room` of them. */
static int32_t widen(struct slice text, UChar *units, int32_t room)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t count = 0;
	size_t size = text.size;

	/* Each unit takes at least a byte. A sequence is not cut in two. */
	if (size > (size_t)room) {
		size = (size_t)room;
		while (size > 0 && (text.data[size] & 0xC0) == 0x80)
			size--;
	}
	u_strFromUTF8WithSub(units, room, &count, (const char *)text.data, (int32_t)size, 0xFFFD,
	                     NULL, &status);
	return count < room ? count : room;
}

size_t collation_key(uint32_t lcid, struct slice text, uint8_t key[INDEX_KEY_MAX])
{
	UChar units[NAME_UNITS];
	uint8_t whole[KEY_ROOM];

	int32_t count = widen(text, units, NAME_UNITS);
	int32_t size = ucol_getSortKey(collator_get(lcid), units, count, whole, KEY_ROOM);
	size_t kept = size > 0 ? (size_t)size - 1 : 0; /* without the NUL */
	if (kept > INDEX_KEY_MAX)
		kept = INDEX_KEY_MAX;
	memcpy(key, whole, kept);
	return kept;
}

int collation_compare(uint32_t lcid, struct slice a, struct slice b)
{
	UErrorCode status = U_ZERO_ERROR;
	return ucol_strcollUTF8(collator_get(lcid), (const char *)a.data, (int32_t)a.size,
	                        (const char *)b.data, (int32_t)b.size, &status);
}

void collation_version(uint32_t lcid, uint8_t version[4])
{
	UVersionInfo info;
	ucol_getVersion(collator_get(lcid), info);
	memcpy(version, info, sizeof info);
}
