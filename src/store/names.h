#ifndef STORE_NAMES_H
#define STORE_NAMES_H

/*
 * Attribute names as small numbers, since every entry repeats them: the store's table, read at the
 * start of a transaction. Names compare without case and keep their first spelling. Also what
 * becomes of an attribute.
 */

#include "store/store-private.h"

enum name_use {
	NAME_KEPT,        /* stored; mapi/attributes.h decides what clients see of it */
	NAME_GUID,        /* the entry's identity: objectGUID, entryUUID */
	NAME_LEGACY_DN,   /* the entry's other identity */
	NAME_SECRET,      /* never stored */
	NAME_OPERATIONAL, /* changes without the entry changing, or means something to its server
	                     alone */
	NAME_BACK_LINK,   /* made from the links of others */
};

/* How two values of it compare. */
enum name_syntax { SYNTAX_BYTES, SYNTAX_TEXT, SYNTAX_LINK };

struct name {
	enum name_use use;
	enum name_syntax syntax;
	bool plain;        /* without options: what the directory is given */
	bool warned;       /* its leaving out was told */
	uint16_t id;       /* of those that are kept */
	char *spelled;     /* with options */
	struct name *next; /* that came after it in the file last time; NULL: none did */
};

struct names;

/* With txn's content. */
int names_load(struct store *s, MDB_txn *txn, struct names **out, struct error *e);
void names_free(struct names *n); /* NULL is fine */

/* Of an attribute in a file; made when it is new. The options "binary" and "range" say how a value
 * was sent and are no part of the name. NULL when there are too many names. */
struct name *names_take(struct names *n, struct slice name, struct slice options);

/* By number; NULL when there is none. */
const struct name *names_at(const struct names *n, uint16_t id);

/* The number of objectClass, UINT16_MAX while no entry has one. */
uint16_t names_object_class(const struct names *n);

/* Writes down what is new since names_load(). */
int names_save(struct names *n, struct store *s, MDB_txn *txn, struct error *e);

#endif
