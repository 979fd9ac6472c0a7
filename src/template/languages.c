/* Which language serves whom: LCIDs are a primary language in 10 bits, a country in 6, and a sort
 * order in 4 (MS-LCID 2). */

#include <unicode/uloc.h>

#include "template/template-private.h"

enum { PRIMARY = 0x3FF, LANGUAGE = 0xFFFF, LCID_BITS = 20, FIRST_COUNTRY = 0x400 };

/* Where the next of kin is not the first country of the language: phonetic Japanese, Singapore's
 * Chinese, traditionally sorted Spanish. */
static const struct {
	uint32_t lcid, instead;
} relatives[] = {
	{0x8411, 0x0411},
	{0x1004, 0x0804},
	{0x040A, 0x0C0A},
};

static const struct language *find(const struct templates *set, uint32_t lcid, uint32_t mask)
{
	for (const struct language *l = set->languages; l; l = l->next)
		if ((l->lcid & mask) == (lcid & mask))
			return l;
	return NULL;
}

static const struct language *relative(const struct templates *set, uint32_t lcid)
{
	for (size_t i = 0; i < sizeof relatives / sizeof relatives[0]; i++)
		if (relatives[i].lcid == lcid)
			return find(set, relatives[i].instead, LANGUAGE);
	return NULL;
}

/* Nobody speaks what the fallback would be for. */
static bool is_spoken(uint32_t lcid)
{
	char name[ULOC_FULLNAME_CAPACITY];
	UErrorCode status = U_ZERO_ERROR;

	uloc_getLocaleForLCID(lcid, name, sizeof name, &status);
	return U_SUCCESS(status);
}

const struct language *language_at(const struct templates *set, uint32_t lcid,
                                   enum language_step step)
{
	uint32_t language = lcid & LANGUAGE;

	if (lcid >> LCID_BITS || !(lcid & PRIMARY))
		return NULL;
	switch (step) {
	case LANGUAGE_EXACT: return find(set, language, LANGUAGE);
	case LANGUAGE_RELATIVE: return relative(set, language);
	case LANGUAGE_DEFAULT: return find(set, FIRST_COUNTRY | (lcid & PRIMARY), LANGUAGE);
	case LANGUAGE_ANY: return find(set, lcid, PRIMARY);
	case LANGUAGE_FALLBACK: return is_spoken(language) ? set->fallback : NULL;
	case LANGUAGE_STEPS: break;
	}
	return NULL;
}

const struct template *language_template(const struct language *l, uint32_t display_type,
                                         struct slice address_type)
{
	for (const struct template *t = l->templates; t; t = t->next)
		if (t->display_type == display_type &&
		    slice_equal_nocase(t->address_type, address_type))
			return t;
	return NULL;
}
