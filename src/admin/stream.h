#ifndef ADMIN_STREAM_H
#define ADMIN_STREAM_H

/*
 * Lines of JSON and runs of raw bytes over a connected socket: the form of the control socket on
 * the wire, for both sides. Raw bytes follow a line { "bytes": N }; N = 0 is the end of them. One
 * owner, one thread.
 */

#include <jansson.h>

#include "base/buffer.h"
#include "base/error.h"

#define STREAM_MAX_REQUEST 65536       /* bytes of a line that a server reads */
#define STREAM_MAX_ANSWER  (16u << 20) /* and a client: a group may have many members */
#define STREAM_MAX_BYTES   65536

struct stream {
	int fd;          /* borrowed */
	int timeout_ms;  /* without progress, -1: none */
	size_t max_line; /* to be read */
	struct buffer in;
	size_t taken; /* of `in` */
	struct buffer out;
};

void stream_init(struct stream *s, int fd, int timeout_ms, size_t max_line);
/* Sends nothing any more; wipes, for there may have been a password. */
void stream_free(struct stream *s);

/* The next object, the caller's. ERR_CLOSED at the end, ERR_INVALID for what is no JSON object. */
int stream_read(struct stream *s, json_t **line, struct error *e);
/* Raw bytes after their line; borrowed until the next read. */
int stream_read_raw(struct stream *s, size_t size, struct slice *bytes, struct error *e);
/* Line and raw bytes in one. */
int stream_read_bytes(struct stream *s, struct slice *bytes, struct error *e);

/* Kept back until there is enough, or stream_flush(). */
int stream_write(struct stream *s, const json_t *line, struct error *e);
int stream_write_bytes(struct stream *s, struct slice bytes, struct error *e);
int stream_flush(struct stream *s, struct error *e);

/* Something to read, without waiting. */
bool stream_has_input(struct stream *s);

#endif
