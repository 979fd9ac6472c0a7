#ifndef STORE_IMPORT_PRIVATE_H
#define STORE_IMPORT_PRIVATE_H

/* One import: a write transaction, what it knows already, and the record it is at. */

#include "base/arena.h"
#include "store/import.h"
#include "store/keys.h"
#include "store/ldif.h"
#include "store/names.h"
#include "store/record.h"

enum { LEGACY_DN_MAX = 1024 };

struct mids {
	uint32_t *items;
	size_t count, room;
};

void mids_add(struct mids *m, uint32_t mid);

struct import {
	struct store *store;
	MDB_txn *txn;
	struct ldif *ldif;
	char *organization;
	bool replace;
	struct names *names;
	struct keys *guids, *dns, *legacy_dns;
	uint32_t next_mid;
	uint64_t generation;
	uint8_t *seen;         /* a bit for each MId: the file had it */
	size_t seen_room;      /* bytes */
	struct mids changed;   /* for readers, once it is committed */
	struct mids displaced; /* their DN was given to another entry: they go, unless the file has
	                          them too */
	struct mids gone;
	struct renames *renames;
	size_t cut_line; /* of the last value that was not the end of its range */
	bool begun;      /* it is our turn to write */
	struct import_result result;
	struct record record, old;     /* the one being made, the one in the store */
	char legacy_dn[LEGACY_DN_MAX]; /* of record, when it is made up */
	struct buffer bytes;
	struct arena scratch; /* of one record */
	void (*warn)(void *context, const char *text);
	void *warn_context;
};

void import_warn(struct import *i, size_t line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

bool import_seen(const struct import *i, uint32_t mid);
void import_set_seen(struct import *i, uint32_t mid, bool seen);

/* The record of an MId into i->old. */
int import_load(struct import *i, uint32_t mid, struct error *e);
/* Writes i->record as mid, which is i->next_mid for a new entry; does nothing when it is what
 * i->old says. */
int import_write(struct import *i, uint32_t mid, struct error *e);
int import_remove(struct import *i, uint32_t mid, struct error *e);

/* The name of a value that is to be kept; *name is NULL when it is left out. */
int import_name(struct import *i, size_t line, struct slice attribute, struct slice options,
                struct name **name, struct error *e);
/* Whether it can be kept, else with a warning. */
bool import_value_is_good(struct import *i, const struct name *name, const struct ldif_value *v);
bool import_legacy_dn_is_good(struct import *i, const struct ldif_value *v);

/* Records by kind: import_content.c, import_change.c, import_rename.c. */
int import_content(struct import *i, const struct ldif_record *r, struct error *e);
int import_delete(struct import *i, const struct ldif_record *r, struct error *e);
int import_modify(struct import *i, const struct ldif_record *r, struct error *e);
int import_rename(struct import *i, const struct ldif_record *r, struct error *e);

/* The entry that has a DN, 0 when none has. */
int import_find(struct import *i, const struct ldif_record *r, struct slice dn, uint32_t *mid,
                struct error *e);
/* i->old into i->record, to be changed. */
void import_edit(struct import *i);
/* Changes the values of an attribute of i->record, which is to be sorted afterwards. */
void import_edit_values(struct import *i, const struct name *name, enum ldif_edit edit,
                        const struct ldif_value *values, size_t count);
/* The MIds of all entries. */
int import_all(struct import *i, struct mids *all, struct error *e);

/* What other entries say of those that were renamed follows them: names below theirs, and links. */
int import_follow_renames(struct import *i, struct error *e);
void renames_free(struct renames *r);

#endif
