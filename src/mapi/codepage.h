#ifndef MAPI_CODEPAGE_H
#define MAPI_CODEPAGE_H

/*
 * Windows code pages (ICU; glibc's iconv for 20261). Safe from any thread: converters are kept one
 * set a thread. What a code page cannot hold becomes its best fit, or '?', the same in every
 * operation.
 */

#include "base/arena.h"

enum { CP_WINUNICODE = 1200, CP_TELETEX = 20261, CP_WINDOWS_1252 = 1252 };

bool codepage_supported(uint32_t codepage);

/*
 * Valid UTF-8 to bytes; lossy (may be NULL) is set true when a character had to be replaced by a
 * default one. The result may be the input itself, where the two are the same. data is NULL when
 * memory is out or the code page is not supported.
 */
struct slice codepage_from_utf8(struct arena *a, uint32_t codepage, struct slice utf8, bool *lossy);

/* Bytes to valid UTF-8, in the same way; undefined bytes become U+FFFD. */
struct slice codepage_to_utf8(struct arena *a, uint32_t codepage, struct slice bytes);

#endif
