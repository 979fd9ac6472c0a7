#include "admin/control.h"

#include "admin/call.h"
#include "admin/stream.h"
#include "base/memory.h"

#define TIMEOUT_MS 60000

static bool put_line(void *context, const json_t *line)
{
	struct stream *s = context;
	/* What tells how far things are has to go out at once; rows may wait for each other. */
	bool at_once = !json_object_get(line, "row");
	return !stream_write(s, line, NULL) && (!at_once || !stream_flush(s, NULL));
}

static bool put_bytes(void *context, struct slice bytes)
{
	return !stream_write_bytes(context, bytes, NULL);
}

static int read_more(void *context, struct slice *bytes, struct error *e)
{
	return stream_read_bytes(context, bytes, e);
}

static void put_error(struct stream *s, const char *text)
{
	json_t *line = json_pack("{so}", "error", value_text(text));
	put_line(s, line);
	json_decref(line);
}

/* A password does not stay in memory that is used again. */
static void forget(json_t *request)
{
	json_t *password = json_object_get(request, "password");
	const char *text = json_string_value(password);
	if (text)
		wipe((void *)(uintptr_t)text, json_string_length(password));
	json_decref(request);
}

/* false when the connection cannot go on: after a broken import, bytes may follow that nobody
 * wants. */
static bool serve_one(struct admin_context *a, struct stream *s, uid_t caller)
{
	const struct admin_io io = {
		.context = s, .line = put_line, .bytes = put_bytes, .more = read_more};
	struct error e = {0};
	json_t *request = NULL;

	int err = stream_read(s, &request, &e);
	if (err) {
		if (err != ERR_CLOSED)
			put_error(s, e.text);
		return false;
	}
	const char *name = json_string_value(json_object_get(request, "command"));
	bool has_bytes = name && strcmp(name, "import") == 0;
	err = admin_run(a, request, caller, &io);
	forget(request);
	return !(err && has_bytes);
}

void control_serve(struct admin_context *a, int fd, uid_t caller)
{
	struct stream s;
	stream_init(&s, fd, TIMEOUT_MS, STREAM_MAX_REQUEST);
	while (serve_one(a, &s, caller))
		;
	stream_free(&s);
}

void control_refuse(int fd, const char *why)
{
	struct stream s;
	stream_init(&s, fd, 0, STREAM_MAX_REQUEST);
	put_error(&s, why);
	stream_free(&s);
}
