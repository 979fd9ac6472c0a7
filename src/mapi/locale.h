#ifndef MAPI_LOCALE_H
#define MAPI_LOCALE_H

/*
 * The locales by which clients sort: their LCIDs and names ([MS-LCID] 2.2), and the collation of
 * ICU that has their order.
 */

#include "base/slice.h"

enum { LCID_EN_US = 0x0409, LCID_JAPANESE = 0x0411 };

struct locale {
	uint32_t lcid;
	const char *name; /* "de-DE_phoneb" */
	const char *icu;  /* "de_DE@collation=phonebook" */
};

/* NULL when there is none; names without case. */
const struct locale *locale_by_name(struct slice name);
/* Of a language ("de"), the first one. */
const struct locale *locale_by_language(struct slice language);
const struct locale *locale_by_lcid(uint32_t lcid);

/* How near an order is to the one that is wanted: 0 none at all; else the higher the nearer. The
 * same locale, the same but for its alternate sort, one of the same language. */
unsigned locale_nearness(uint32_t wanted, uint32_t kept);

#endif
