#ifndef DIRECTORY_CHANGE_H
#define DIRECTORY_CHANGE_H

/*
 * A change of one entry, on its way from the operation that asks for it to whoever writes: all of
 * it happens, or nothing. Owns all that it points to, so that it outlives the call; has one owner
 * at a time.
 */

#include "directory/rights.h"

enum {
	CHANGE_MAX_BYTES = 4 << 20, /* of memory */
	CHANGE_MAX_EDITS = 64,
	CHANGE_MAX_VALUES = 64,    /* of a property that is no link, as those below */
	CHANGE_MAX_TEXT = 4096,    /* bytes of a value */
	CHANGE_MAX_BINARY = 32768, /* what Active Directory's schema takes as a certificate */
	CHANGE_MAX_LINKS = 20000,  /* added or removed at once */
};

enum change_kind {
	CHANGE_REPLACE, /* all values by these; none: the property has no value any more */
	CHANGE_ADD,     /* those that are not there yet */
	CHANGE_REMOVE,  /* those that are there */
};

/* Of one property. Text is UTF-8; the values of links are the MIds of their other ends. */
struct change_edit {
	uint16_t property_id;
	enum change_kind kind;
	size_t count;
	struct slice *values;
	uint32_t *links;
};

struct change {
	struct change *next; /* for its owner */
	struct arena memory;
	struct viewer viewer; /* who asks */
	bool administrator;
	const char *client_address;
	uint32_t mid;
	size_t edit_count;
	struct change_edit edits[CHANGE_MAX_EDITS]; /* each of another property */
	/* How it ended: 0 when it is durable and readers see it, else ERR_* and nothing was
	 * changed. Called once, on the writer's thread. */
	void (*done)(void *context, int err);
	void *context;
	int err;      /* for its owner: what done() will be told */
	bool changed; /* for its owner: something was not so already */
};

/* Copies the strings. NULL when there is no memory for it. */
struct change *change_new(const struct viewer *viewer, const char *client_address, uint32_t mid);
void change_free(struct change *c); /* NULL is fine */

/* The edit of a property, made when there is none; NULL when there are too many. */
struct change_edit *change_edit(struct change *c, uint16_t property_id, enum change_kind kind);

/* What gives the caller the right to all of it, as the book is now; of several the greatest. */
enum right change_right(const struct change *c, const struct rights *r, const struct snapshot *now);

#endif
