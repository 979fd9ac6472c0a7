#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "admin/stream.h"
#include "cli/nspictl.h"

#define READ_SIZE STREAM_MAX_BYTES

int source_read(struct source *s, struct slice *bytes, struct error *e)
{
	ssize_t got;
	do {
		got = read(s->fd, s->buffer, READ_SIZE);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return error_set(e, ERR_SYSTEM, "cannot read the file: %s", strerror(errno));
	*bytes = slice_of(s->buffer, (size_t)got);
	return 0;
}

static int connect_to(const char *path, int *out, struct error *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address.sun_path)
		return error_set(e, ERR_LIMIT, "control_socket \"%s\" is too long", path);
	memcpy(address.sun_path, path, strlen(path) + 1);

	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set(e, ERR_SYSTEM, "no socket: %s", strerror(errno));
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) {
		*out = fd;
		return 0;
	}
	int err = errno;
	close(fd);
	bool nobody = err == ENOENT || err == ECONNREFUSED;
	return error_set(e, nobody ? ERR_CLOSED : ERR_DENIED, "cannot reach nspid at %s: %s", path,
	                 strerror(err));
}

/* One line of the answer, with the bytes behind it. */
static int read_answer(struct stream *s, struct output *o, struct error *e)
{
	json_t *line = NULL;
	struct slice bytes = {0};
	int err = stream_read(s, &line, e);
	if (err)
		return err;
	const json_t *size = json_object_get(line, "bytes");
	if (size) {
		err = stream_read_raw(s, (size_t)json_integer_value(size), &bytes, e);
		if (!err && !output_bytes(o, bytes))
			err = error_set(e, ERR_SYSTEM, "cannot write: %s", strerror(errno));
	} else if (!output_line(o, line)) {
		err = error_set(e, ERR_SYSTEM, "cannot write: %s", strerror(errno));
	}
	json_decref(line);
	return err;
}

/*
 * Sends the file, and reads what the server says meanwhile: it may not want the rest. When it has
 * gone, its last words are still to be read, so a failure to send is not the end.
 */
static int send_source(struct stream *s, struct source *source, struct output *o, struct error *e)
{
	struct slice bytes = {0};
	do {
		int err = 0;
		while (!err && !o->finished && stream_has_input(s))
			err = read_answer(s, o, e);
		if (err || o->finished)
			return err;
		err = source_read(source, &bytes, e);
		if (err)
			return err;
		if (stream_write_bytes(s, bytes, NULL) || stream_flush(s, NULL))
			return 0;
	} while (bytes.size > 0);
	return 0;
}

int remote_run(const char *socket_path, const json_t *request, struct source *source,
               struct output *o, struct error *e)
{
	struct stream s;
	int fd = -1;
	int err = connect_to(socket_path, &fd, e);
	if (err)
		return err;
	stream_init(&s, fd, -1, STREAM_MAX_ANSWER);
	/* One that turns us away does so without reading. */
	if (!stream_write(&s, request, NULL) && !stream_flush(&s, NULL) && source->fd >= 0)
		err = send_source(&s, source, o, e);
	while (!err && !o->finished)
		err = read_answer(&s, o, e);
	if (err == ERR_CLOSED)
		err = error_set(e, ERR_SYSTEM,
		                "nspid closed the connection before it had answered");
	stream_free(&s);
	close(fd);
	return err;
}
