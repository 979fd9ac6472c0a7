#ifndef BASE_UTF_H
#define BASE_UTF_H

/* UTF-8 <-> UTF-16LE, and ASCII case. Inside the program text is UTF-8; UTF-16 is a wire form. */

#include "base/arena.h"
#include "base/buffer.h"

/* Well-formed UTF-8: shortest form, no surrogates, at most U+10FFFF. */
bool utf8_valid(struct slice s);

/* Code units of the UTF-16 form of valid UTF-8. */
size_t utf16_units(struct slice utf8);

/* Writes the UTF-16LE form (no NUL) and returns its end. out has room for utf16_units() units, or
 * for one unit a byte when it is not known that the text is valid: a byte that is not becomes
 * U+FFFD. */
uint8_t *utf8_to_utf16le(struct slice utf8, uint8_t *out);
/* The same of what stands before the first NUL; utf8 becomes what is left. */
uint8_t *utf8_string_to_utf16le(struct slice *utf8, uint8_t *out);

/* UTF-8 in the arena, NUL-terminated; a lone surrogate becomes U+FFFD. size is in bytes, an odd
 * last byte is ignored. data is NULL beyond the arena's ceiling. */
struct slice utf16le_to_utf8(struct arena *a, const uint8_t *units, size_t size);

#endif
