#include "client/mapihttp-private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hashmap.h"
#include "base/memory.h"
#include "mapihttp/mapihttp.h"

enum { HEADERS_LIMIT = 32 << 10, COOKIES_MAX = 16 };

struct cookie {
	char *name, *value;
};

struct session {
	struct cookie cookies[COOKIES_MAX];
	size_t count;
};

struct mapihttp_client {
	struct http_connection *connection;
	struct guid instance;
	unsigned long counter;    /* of requests */
	struct hashmap *sessions; /* struct session by guid */
	struct buffer headers;
};

struct mapihttp_client *mapihttp_client_new(const struct http_connection_config *config)
{
	struct mapihttp_client *c = xcalloc(1, sizeof *c);

	c->connection = http_connection_new(config);
	c->instance = guid_random();
	c->sessions = hashmap_new();
	buffer_init(&c->headers, HEADERS_LIMIT);
	return c;
}

static void free_session(struct session *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->cookies[i].name);
		free(s->cookies[i].value);
	}
	free(s);
}

void mapihttp_client_free(struct mapihttp_client *c)
{
	size_t position = 0;
	void *session;

	if (!c)
		return;
	while (hashmap_next(c->sessions, &position, NULL, &session))
		free_session(session);
	hashmap_free(c->sessions);
	http_connection_free(c->connection);
	buffer_free(&c->headers);
	free(c);
}

static struct slice key_of(const struct guid *session)
{
	return slice_of(session->bytes, sizeof session->bytes);
}

void mapihttp_client_open(struct mapihttp_client *c, struct guid *session)
{
	*session = guid_random();
	hashmap_put(c->sessions, key_of(session), xcalloc(1, sizeof(struct session)));
}

void mapihttp_client_drop(struct mapihttp_client *c, const struct guid *session)
{
	struct session *s = hashmap_remove(c->sessions, key_of(session));

	if (s)
		free_session(s);
}

static void put_cookies(const struct session *s, struct buffer *out)
{
	for (size_t i = 0; i < s->count; i++)
		buffer_printf(out, "%s%s=%s", i ? "; " : "Cookie: ", s->cookies[i].name,
		              s->cookies[i].value);
	if (s->count > 0)
		buffer_put(out, "\r\n", 2);
}

static void put_headers(struct mapihttp_client *c, const struct session *s,
                        const char *request_type)
{
	struct buffer *out = &c->headers;
	char instance[GUID_TEXT_SIZE];

	guid_format(&c->instance, instance);
	buffer_clear(out);
	http_put_header_text(out, "Content-Type", "application/mapi-http");
	http_put_header_text(out, "X-RequestType", request_type);
	buffer_printf(out, "X-RequestId: {%s}:%lu\r\n", instance, ++c->counter);
	buffer_printf(out, "X-ClientInfo: {%s}:1\r\n", instance);
	http_put_header_text(out, "X-ClientApplication", "nspi/15.00.0000.000");
	put_cookies(s, out);
}

static struct cookie *cookie_of(struct session *s, struct slice name)
{
	for (size_t i = 0; i < s->count; i++)
		if (slice_equal(name, slice_of_string(s->cookies[i].name)))
			return &s->cookies[i];
	if (s->count == COOKIES_MAX)
		return NULL;
	struct cookie *c = &s->cookies[s->count++];
	c->name = xstrndup((const char *)name.data, name.size);
	c->value = NULL;
	return c;
}

/* NAME=VALUE; path=...: to the server that gave it, all that matters. */
static void keep_cookie(struct session *s, struct slice text)
{
	const uint8_t *end = memchr(text.data, ';', text.size);
	size_t size = end ? (size_t)(end - text.data) : text.size;
	const uint8_t *equals = memchr(text.data, '=', size);

	if (!equals)
		return;
	size_t name = (size_t)(equals - text.data);
	struct cookie *c = cookie_of(s, slice_of(text.data, name));
	if (!c)
		return;
	free(c->value);
	c->value = xstrndup((const char *)equals + 1, size - name - 1);
}

static void keep_cookies(struct session *s, const struct http_head *head)
{
	for (size_t i = 0; i < head->header_count; i++)
		if (slice_equal_nocase(head->headers[i].name, slice_of_string("Set-Cookie")) &&
		    head->headers[i].value.size > 0)
			keep_cookie(s, head->headers[i].value);
}

static int refused(struct slice code, struct error *e)
{
	char text[16];

	snprintf(text, sizeof text, "%.*s", (int)code.size, (const char *)code.data);
	const char *name = mapihttp_code_name((enum mapihttp_code)strtoul(text, NULL, 10));
	return error_set(e, ERR_DENIED, "X-ResponseCode %s (%s)", text, name ? name : "unknown");
}

/* The next line, without its end; false when there is no whole one. */
static bool next_line(struct slice *rest, struct slice *line)
{
	const uint8_t *end = rest->size ? memmem(rest->data, rest->size, "\r\n", 2) : NULL;

	if (!end)
		return false;
	size_t size = (size_t)(end - rest->data);
	*line = slice_of(rest->data, size);
	*rest = slice_of(end + 2, rest->size - size - 2);
	return true;
}

/* The body behind meta-tags and additional headers; a failure may be among these. */
static int open_stream(struct slice stream, struct slice *reply, struct error *e)
{
	static const char code[] = "X-ResponseCode:";
	struct slice line;

	while (next_line(&stream, &line)) {
		if (line.size == 0) {
			*reply = stream;
			return 0;
		}
		if (!slice_starts_nocase(line, code))
			continue;
		struct slice value =
			slice_of(line.data + sizeof code - 1, line.size - sizeof code + 1);
		while (value.size > 0 && value.data[0] == ' ')
			value = slice_of(value.data + 1, value.size - 1);
		if (!slice_equal(value, slice_of_string("0")))
			return refused(value, e);
	}
	return error_set(e, ERR_INVALID, "the server's answer is cut short");
}

int mapihttp_client_call(struct mapihttp_client *c, const struct guid *session,
                         const char *request_type, struct slice body, struct slice *reply,
                         struct error *e)
{
	struct session *s = hashmap_get(c->sessions, key_of(session));
	struct http_reply http;

	if (!s)
		return error_set(e, ERR_NOT_FOUND, "the session has ended");
	put_headers(c, s, request_type);
	int err = http_connection_post(c->connection, buffer_slice(&c->headers), body, &http, e);
	if (err)
		return err;
	keep_cookies(s, &http.head.head);
	struct slice code = http_header(&http.head.head, "X-ResponseCode", NULL);
	if (!code.data)
		return error_set(e, ERR_INVALID, "no MAPI over HTTP is spoken there");
	if (!slice_equal(code, slice_of_string("0")))
		return refused(code, e);
	return open_stream(http.body, reply, e);
}
