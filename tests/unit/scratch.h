#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

/* A state directory for one test, as cmocka's *state: setup makes it, teardown removes it with all
 * that is in it. */

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

static inline int scratch_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/nspid-test-XXXXXX", tmp ? tmp : "/tmp");
	*state = mkdtemp(path);
	return *state ? 0 : -1;
}

static inline int scratch_remove(const char *path, const struct stat *st, int type,
                                 struct FTW *where)
{
	(void)st, (void)type, (void)where;
	return remove(path);
}

static inline int scratch_teardown(void **state)
{
	nftw(*state, scratch_remove, 8, FTW_DEPTH | FTW_PHYS);
	free(*state);
	return 0;
}

#define SCRATCH_TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

#endif
