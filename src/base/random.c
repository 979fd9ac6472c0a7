#include "base/random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/memory.h"

enum { POOL = 512 };

static void ask_kernel(uint8_t *p, size_t size)
{
	while (size) {
		ssize_t got = getrandom(p, size, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			perror("getrandom");
			abort();
		}
		p += got;
		size -= (size_t)got;
	}
}

/* Small pieces come from a pool, one of it a thread: a system call for many. What was given away is
 * wiped. */
void random_bytes(void *out, size_t size)
{
	static _Thread_local uint8_t pool[POOL];
	static _Thread_local size_t left;

	if (size > POOL / 8) {
		ask_kernel(out, size);
		return;
	}
	if (left < size) {
		ask_kernel(pool, POOL);
		left = POOL;
	}
	left -= size;
	memcpy(out, pool + left, size);
	wipe(pool + left, size);
}

uint32_t random_u32(void)
{
	uint32_t v;
	random_bytes(&v, sizeof v);
	return v;
}
