#ifndef TESTS_UNIT_VECTORS_H
#define TESTS_UNIT_VECTORS_H

/* Reads tests/vectors/<name>.hex: hex digits in lines, and lines of comment that begin with #. */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"

static inline void vector_add_line(const char *line, struct buffer *out)
{
	for (; line[0] != '#' && isxdigit((unsigned char)line[0]); line += 2) {
		char digits[3] = {line[0], line[1], '\0'};
		buffer_put_u8(out, (uint8_t)strtoul(digits, NULL, 16));
	}
}

/* Appends to out; fails the test when there is no such vector. */
static inline void vector_load(const char *name, struct buffer *out)
{
	char path[512], line[512];
	snprintf(path, sizeof path, "%s/%s.hex", getenv("NSPID_VECTORS"), name);
	FILE *file = fopen(path, "r");
	if (!file)
		fail_msg("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof line, file))
		vector_add_line(line, out);
	fclose(file);
}

#endif
