#include "base/file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int file_read(int fd, const char *path, struct buffer *text, struct error *e)
{
	ssize_t got = 0;

	do {
		uint8_t block[4096];
		got = read(fd, block, sizeof block);
		if (got > 0)
			buffer_put(text, block, (size_t)got);
	} while (got > 0 && !text->failed);
	int saved = errno;
	close(fd);
	if (got < 0)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(saved));
	if (text->failed)
		return error_set(e, ERR_LIMIT, "%s: more than %zu bytes", path, text->limit);
	return 0;
}
