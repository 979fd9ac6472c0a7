#ifndef DIRECTORY_FOLD_PRIVATE_H
#define DIRECTORY_FOLD_PRIVATE_H

/*
 * Text as it is searched for: without case, accents and width. Letters with a stroke count as
 * accented (ø as o); vowel signs and tone marks that are part of the spelling stay (Thai,
 * Devanagari, kana).
 */

#include "base/arena.h"

/* Valid UTF-8 in, valid UTF-8 out, cut at a character behind room bytes. Returns the size. */
size_t fold_text(struct slice text, uint8_t *out, size_t room);

/* As long as it needs to be; data is NULL when the arena is full. */
struct slice fold_text_arena(struct arena *a, struct slice text);

/* Only the case: for names of accounts and addresses, which an accent tells apart. */
size_t fold_case(struct slice text, uint8_t *out, size_t room);

#endif
