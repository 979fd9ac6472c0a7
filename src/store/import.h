#ifndef STORE_IMPORT_H
#define STORE_IMPORT_H

/*
 * LDIF into the store, in one transaction, as a stream: bytes are fed as they come, nothing is
 * changed before import_commit(), and a failure or import_abort() leaves the store as it was. One
 * at a time, in one thread from its beginning to its end; other writes are refused meanwhile
 * (ERR_BUSY). [writer]
 *
 * An entry is known by its objectGUID or entryUUID, else by its DN, and keeps its MId and
 * legacyExchangeDN. A content record (and changetype: add) says the whole of an entry; change
 * records may say what is so already. docs/directory.md says what is not taken.
 */

#include "base/slice.h"
#include "store/store.h"

struct import;

struct import_options {
	const char *source;       /* file name for messages */
	bool replace;             /* entries that the file lacks are removed */
	const char *organization; /* of made-up legacyExchangeDNs */
};

struct import_result {
	size_t records, added, changed, unchanged, removed;
	size_t skipped; /* the root of the server, tombstones */
	size_t warnings;
};

int import_begin(struct store *s, const struct import_options *options, struct import **out,
                 struct error *e);
/* A warning (a value that could not be taken) is told as it is met: "file:line: ...". */
void import_on_warning(struct import *i, void (*warn)(void *context, const char *text),
                       void *context);
int import_feed(struct import *i, struct slice bytes, struct error *e); /* e: "file:line: ..." */
void import_progress(const struct import *i, struct import_result *so_far);
/* Frees the import, whatever it returns. */
int import_commit(struct import *i, struct import_result *result, struct error *e);
void import_abort(struct import *i); /* NULL is fine */

/* The whole book as LDIF content records, in order of MId; write returns false to stop (then
 * ERR_CLOSED). */
int store_export(struct store *s, bool (*write)(void *context, struct slice bytes), void *context,
                 struct error *e);

#endif
