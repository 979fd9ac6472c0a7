#ifndef STORE_STORE_H
#define STORE_STORE_H

/*
 * The durable embedded store (LMDB in the state directory, files 0600): entries, accounts, groups
 * of accounts, limits. One process has it open at a time (a lock file; the second one is told who
 * holds it). Reads are safe from any thread. Writes go through one writer: the functions marked
 * [writer] must be called from one thread at a time (the control socket's thread while the server
 * runs). A write is durable when its function returns, or did not happen.
 */

#include "auth/accounts.h"
#include "base/error.h"
#include "directory/directory.h"
#include "session/limits.h"

struct store;

/* Creates the directory's content when it is not there. map_size in bytes. */
int store_open(const char *state_dir, uint64_t map_size, struct store **out, struct error *e);
void store_close(struct store *s); /* NULL is fine */

/* A GUID of this book, kept for ever: NspiBind's server GUID (MIds never change). */
struct guid store_server_guid(struct store *s);

/* Builds a snapshot from all entries and publishes it; from then on each committed change is
 * published to d too, before its function returns. Uses the snapshot file where there is one that
 * fits, which may leave sort orders to be made later: see store/keeper.h. */
int store_attach_directory(struct store *s, struct directory *d, struct error *e);

/* Who sees what from now on; readers know when it returns. The snapshot is made anew where lists
 * have changed. When that does not work everything stays as it was. */
int store_set_policy(struct store *s, struct policy *p, struct error *e);

struct store_counts {
	size_t entries, accounts, groups, limits;
	uint64_t bytes_used, bytes_map;
};
void store_counts(struct store *s, struct store_counts *out);

#endif
