/* Any LDIF into a small book: whatever became of it, the book's own export changes nothing when it
 * is imported. */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "store/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char base_book[] =
	"dn: ou=o,dc=x\nobjectClass: organizationalUnit\n\n"
	"dn: cn=a,ou=o,dc=x\nobjectClass: person\nsn: A\nmail: a@x\n"
	"objectGUID: 11111111-1111-1111-1111-111111111111\n\n"
	"dn: cn=b,ou=o,dc=x\nobjectClass: person\nmanager: cn=a,ou=o,dc=x\nlegacyExchangeDN: "
	"/o=x/cn=b\n\n"
	"dn: cn=g,dc=x\nobjectClass: group\nmember: cn=a,ou=o,dc=x\nmember: cn=b,ou=o,dc=x\n";

/* The files stay while they are open, but leave nothing behind. */
static void unlink_files(const char *dir)
{
	static const char *const names[] = {"lock", "store.mdb", "store.mdb-lock"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[64];
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
}

static struct store *open_store(void)
{
	static struct store *store;
	char dir[] = "/dev/shm/nspid-fuzz-XXXXXX";
	if (store)
		return store;
	if (!mkdtemp(dir) || store_open(dir, 256 << 20, &store, NULL))
		abort();
	unlink_files(dir);
	return store;
}

static int import(struct store *s, struct slice text, bool replace, struct import_result *result)
{
	const struct import_options options = {
		.source = "f", .replace = replace, .organization = "X"};
	struct import *i = NULL;
	int err = import_begin(s, &options, &i, NULL);
	if (err)
		return err;
	err = import_feed(i, text, NULL);
	if (!err)
		return import_commit(i, result, NULL);
	import_abort(i);
	return err;
}

static bool append(void *context, struct slice bytes)
{
	buffer_put(context, bytes.data, bytes.size);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store *s = open_store();
	struct import_result result = {0};
	struct buffer text;
	if (import(s, slice_of_string(base_book), true, &result))
		abort();
	import(s, slice_of(data, size), size % 5 == 0, &result);
	buffer_init(&text, 64 << 20);
	if (store_export(s, append, &text, NULL))
		abort();
	bool empty = text.size < sizeof "version: 1\n"; /* which no import would accept */
	if (!empty && import(s, buffer_slice(&text), true, &result))
		__builtin_trap();
	if (!empty && result.added + result.changed + result.removed)
		__builtin_trap();
	buffer_free(&text);
	return 0;
}
