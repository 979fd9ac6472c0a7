#ifndef DIRECTORY_SNAPSHOT_FILE_H
#define DIRECTORY_SNAPSHOT_FILE_H

/*
 * A snapshot as a file: what a start would otherwise derive from the store entry by entry. The file
 * is mapped, and a page of it costs memory when it is looked at. It belongs to one book, one
 * machine and one version of the program, of ICU and of the settings; it is never the truth, and
 * may be deleted at any time.
 */

#include "base/guid.h"
#include "directory/directory.h"

/*
 * Writes path + ".new" and renames it. Safe from any thread, takes seconds; ERR_BUSY soon after
 * *cancel becomes true (NULL: never). On failure what was there before stays.
 */
int snapshot_file_write(const struct snapshot *s, const struct guid *book, const char *path,
                        const _Atomic bool *cancel, struct error *e);

/*
 * Before anything is published but the empty book: the directory goes on with the secret of the
 * file. ERR_NOT_FOUND when there is no file, ERR_UNSUPPORTED when it was made by another program or
 * other settings, ERR_CORRUPT when it is damaged; e tells. Sort orders that it lacks, or that ICU
 * makes differently now, are missing (see directory_missing_order).
 */
int snapshot_file_read(struct directory *d, const struct guid *book, const char *path,
                       const struct snapshot **out, struct error *e);

#endif
