#include "admin/stream.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/memory.h"

#define READ_SIZE 65536
#define FLUSH_AT  32768

void stream_init(struct stream *s, int fd, int timeout_ms, size_t max_line)
{
	*s = (struct stream){.fd = fd, .timeout_ms = timeout_ms, .max_line = max_line};
	buffer_init(&s->in, max_line + STREAM_MAX_BYTES + READ_SIZE);
	buffer_init(&s->out, STREAM_MAX_ANSWER + STREAM_MAX_BYTES);
}

static void wipe_buffer(struct buffer *b)
{
	if (b->data)
		wipe(b->data, b->capacity);
	buffer_free(b);
}

void stream_free(struct stream *s)
{
	wipe_buffer(&s->in);
	wipe_buffer(&s->out);
}

static int wait_for(struct stream *s, short events, struct error *e)
{
	struct pollfd p = {.fd = s->fd, .events = events};
	int ready;
	do {
		ready = poll(&p, 1, s->timeout_ms);
	} while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return error_set(e, ERR_SYSTEM, "poll: %s", strerror(errno));
	return ready == 0 ? error_set(e, ERR_TIMEOUT, "the other side neither reads nor writes")
	                  : 0;
}

/* Reads what is there, at least one byte. */
static int fill(struct stream *s, struct error *e)
{
	int err = wait_for(s, POLLIN, e);
	if (err)
		return err;
	buffer_consume(&s->in, s->taken);
	s->taken = 0;
	uint8_t *room = buffer_extend(&s->in, READ_SIZE);
	if (!room)
		return error_set(e, ERR_LIMIT, "a line is longer than %zu bytes", s->max_line);
	ssize_t got = recv(s->fd, room, READ_SIZE, 0);
	s->in.size -= READ_SIZE - (size_t)(got > 0 ? got : 0);
	if (got > 0)
		return 0;
	return error_set(e, ERR_CLOSED,
	                 got ? "the connection is broken" : "the connection was closed");
}

static struct slice left(const struct stream *s)
{
	return s->in.data ? slice_of(s->in.data + s->taken, s->in.size - s->taken)
	                  : slice_of("", 0);
}

static int read_line(struct stream *s, struct slice *line, struct error *e)
{
	size_t looked_at = 0;
	for (;;) {
		struct slice have = left(s);
		const uint8_t *end = NULL;
		if (have.size > looked_at)
			end = memchr(have.data + looked_at, '\n', have.size - looked_at);
		if (end) {
			*line = slice_of(have.data, (size_t)(end - have.data));
			s->taken += line->size + 1;
			return 0;
		}
		if (have.size > s->max_line)
			return error_set(e, ERR_LIMIT, "a line is longer than %zu bytes",
			                 s->max_line);
		looked_at = have.size;
		int err = fill(s, e);
		if (err)
			return err;
	}
}

int stream_read(struct stream *s, json_t **line, struct error *e)
{
	struct slice text = {0};
	int err = read_line(s, &text, e);
	if (err)
		return err;
	json_error_t why;
	json_t *object =
		json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &why);
	if (!object)
		return error_set(e, ERR_INVALID, "not JSON: %s", why.text);
	if (!json_is_object(object)) {
		json_decref(object);
		return error_set(e, ERR_INVALID, "not a JSON object");
	}
	*line = object;
	return 0;
}

int stream_read_raw(struct stream *s, size_t size, struct slice *bytes, struct error *e)
{
	if (size > STREAM_MAX_BYTES)
		return error_set(e, ERR_LIMIT, "more than %d bytes at once", STREAM_MAX_BYTES);
	while (left(s).size < size) {
		int err = fill(s, e);
		if (err)
			return err;
	}
	*bytes = slice_of(left(s).data, size);
	s->taken += size;
	return 0;
}

int stream_read_bytes(struct stream *s, struct slice *bytes, struct error *e)
{
	json_t *head = NULL;
	int err = stream_read(s, &head, e);
	if (err)
		return err;
	json_int_t size = json_integer_value(json_object_get(head, "bytes"));
	bool valid = json_is_integer(json_object_get(head, "bytes")) && size >= 0;
	json_decref(head);
	if (!valid)
		return error_set(e, ERR_INVALID, "a line with \"bytes\" was expected");
	return stream_read_raw(s, (size_t)size, bytes, e);
}

static int put(const char *text, size_t size, void *out)
{
	buffer_put(out, text, size);
	return 0;
}

static int flush_if_much(struct stream *s, struct error *e)
{
	return s->out.size >= FLUSH_AT ? stream_flush(s, e) : 0;
}

int stream_write(struct stream *s, const json_t *line, struct error *e)
{
	json_dump_callback(line, put, &s->out, JSON_COMPACT);
	buffer_put(&s->out, "\n", 1);
	return flush_if_much(s, e);
}

int stream_write_bytes(struct stream *s, struct slice bytes, struct error *e)
{
	int err = 0;
	do {
		size_t size = bytes.size < STREAM_MAX_BYTES ? bytes.size : STREAM_MAX_BYTES;
		buffer_printf(&s->out, "{\"bytes\":%zu}\n", size);
		buffer_put(&s->out, bytes.data, size);
		bytes = slice_of(bytes.data + size, bytes.size - size);
		err = flush_if_much(s, e);
	} while (!err && bytes.size > 0);
	return err;
}

int stream_flush(struct stream *s, struct error *e)
{
	if (s->out.failed)
		return error_set(e, ERR_LIMIT, "an answer has a line longer than %u bytes",
		                 STREAM_MAX_ANSWER);
	size_t sent = 0;
	while (sent < s->out.size) {
		int err = wait_for(s, POLLOUT, e);
		if (err)
			return err;
		ssize_t n = send(s->fd, s->out.data + sent, s->out.size - sent,
		                 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return error_set(e, ERR_CLOSED, "the other side has gone: %s",
			                 strerror(errno));
		sent += n > 0 ? (size_t)n : 0;
	}
	buffer_clear(&s->out);
	return 0;
}

bool stream_has_input(struct stream *s)
{
	struct pollfd p = {.fd = s->fd, .events = POLLIN};
	return left(s).size > 0 || poll(&p, 1, 0) > 0;
}
