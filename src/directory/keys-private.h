#ifndef DIRECTORY_KEYS_PRIVATE_H
#define DIRECTORY_KEYS_PRIVATE_H

/*
 * Under which keys an object stands in each index. They are made from the object alone, so that
 * what an older version of it left in an index can be found and removed.
 */

#include "directory/snapshot-private.h"

/* Kinds of name in INDEX_NAMES. Their keys are four bytes of a hash: who looks up must compare. */
enum name_kind {
	NAME_LEGACY_DN = 'l', /* legacyExchangeDN and X500 addresses; ASCII case does not matter */
	NAME_LDAP_DN = 'd',
	NAME_GUID = 'g',
	NAME_ACCOUNT = 'a', /* sAMAccountName, uid, userPrincipalName, mail; folded in case */
	NAME_ADDRESS = 's', /* SMTP addresses without "smtp:"; folded in case */
};

enum { NAME_KEY_SIZE = 4, NAME_MAX = 1024 };
enum { BACKLINK_KEY_SIZE = 6 };

struct name_key {
	uint8_t bytes[NAME_KEY_SIZE];
};

struct name_key name_key_of_hash(uint64_t hash);
struct name_key name_key_of(const struct directory_settings *settings, enum name_kind kind,
                            struct slice folded);

struct backlink_key {
	uint8_t bytes[BACKLINK_KEY_SIZE];
};

/* Of the links with that id to the DN with that hash. */
struct backlink_key backlink_key_of(uint64_t dn_hash, uint16_t link_id);

/* An address without its scheme where that is "smtp:"; data is NULL when it is of another kind. */
struct slice smtp_address(struct slice proxy);

/* What follows "x500:"; data is NULL when it is of another kind. */
struct slice x500_address(struct slice proxy);

/* The texts of a searched property, by each of which the object is found; data is NULL of one that
 * is none. */
struct token_walk {
	uint16_t id;
	struct slice left;
};
struct token_walk keys_tokens_of(const struct object *o, uint16_t id);
bool keys_next_token(struct token_walk *w, struct slice *text);

/* What an object is sorted by: its display name, where it has no phonetic one. */
struct slice keys_sort_name(const struct object *o, enum table_sort sort);

/* Address lists that an index tells apart. */
unsigned keys_lists(const struct directory_settings *settings, size_t index);

/* Puts the object's keys in the index with that number into the batch. */
void keys_put(const struct directory_settings *settings, size_t index, const struct object *o,
              bool removed, struct index_batch *batch);

#endif
