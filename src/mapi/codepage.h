#ifndef MAPI_CODEPAGE_H
#define MAPI_CODEPAGE_H

/*
 * Windows code pages (ICU; glibc's iconv for 20261). Safe from any thread: converters are kept one set a
 * thread. What a code page cannot hold becomes its best fit, or '?', the same in every operation.
 */

#include "base/arena.h"

enum { CP_WINUNICODE = 1200, CP_TELETEX = 20261, CP_WINDOWS_1252 = 1252 };

bool codepage_supported(uint32_t codepage);

/* UTF-8 to bytes; lossy (may be NULL) is set true when a character had to be replaced by a default one.
 * data is NULL when memory is out. */
struct slice codepage_from_utf8(struct arena *a, uint32_t codepage, struct slice utf8, bool *lossy);

/* Bytes to UTF-8; undefined bytes become U+FFFD. data is NULL when memory is out. */
struct slice codepage_to_utf8(struct arena *a, uint32_t codepage, struct slice bytes);

#endif
