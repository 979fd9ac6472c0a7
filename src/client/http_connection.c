#include "client/http_connection-private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/memory.h"

enum {
	HEAD_LIMIT = 64 << 10,
	BODY_LIMIT = 256 << 20,
	REQUEST_LIMIT = 32 << 20,
	HOST_MAX = 300,
};

struct http_connection {
	struct http_connection_config config;
	char host[HOST_MAX];   /* as the header Host has it */
	struct stream *stream; /* NULL: not connected */
	bool used;             /* a response has come over it */
	bool logged_in;        /* NTLM logs in connections, not requests */
	struct buffer out, in, body;
	size_t taken; /* of in, by the response */
};

struct http_connection *http_connection_new(const struct http_connection_config *config)
{
	struct http_connection *c = xcalloc(1, sizeof *c);
	const struct stream_config *s = &config->stream;
	bool is_v6 = strchr(s->host, ':') != NULL;

	c->config = *config;
	snprintf(c->host, sizeof c->host, is_v6 ? "[%s]:%u" : "%s:%u", s->host, s->port);
	buffer_init(&c->out, REQUEST_LIMIT);
	buffer_init(&c->in, HEAD_LIMIT + BODY_LIMIT);
	buffer_init(&c->body, BODY_LIMIT);
	return c;
}

/* What was received stays: a reply may still be looked at. */
static void disconnect(struct http_connection *c)
{
	stream_close(c->stream);
	c->stream = NULL;
	c->used = c->logged_in = false;
}

void http_connection_free(struct http_connection *c)
{
	if (!c)
		return;
	disconnect(c);
	wipe(c->out.data, c->out.data ? c->out.capacity : 0);
	buffer_free(&c->out);
	buffer_free(&c->in);
	buffer_free(&c->body);
	free(c);
}

static void put_basic(const struct http_connection *c, struct buffer *out)
{
	const struct auth_initiator_config *auth = &c->config.auth;
	struct buffer pair;

	buffer_init(&pair, 4096);
	buffer_printf(&pair, "%s%s%s:%s", auth->domain, *auth->domain ? "\\" : "", auth->user,
	              auth->password);
	buffer_put_string(out, "Authorization: Basic ");
	base64_encode(buffer_slice(&pair), out);
	buffer_put(out, "\r\n", 2);
	wipe(pair.data, pair.size);
	buffer_free(&pair);
}

static const char *scheme_of(const struct http_connection *c)
{
	return c->config.login == HTTP_LOGIN_NTLM ? "NTLM" : "Negotiate";
}

/* token: of a login under way; { NULL, 0 } otherwise. */
static void put_request(struct http_connection *c, struct slice headers, struct slice body,
                        struct slice token)
{
	struct buffer *out = &c->out;

	buffer_clear(out);
	http_put_request(out, "POST", c->config.path, c->host);
	buffer_put(out, headers.data, headers.size);
	http_put_header_number(out, "Content-Length", body.size);
	if (c->config.login == HTTP_LOGIN_BASIC)
		put_basic(c, out);
	if (token.size > 0) {
		buffer_printf(out, "Authorization: %s ", scheme_of(c));
		base64_encode(token, out);
		buffer_put(out, "\r\n", 2);
	}
	http_put_end_of_head(out);
	buffer_put(out, body.data, body.size);
}

static int malformed(struct error *e)
{
	return error_set(e, ERR_INVALID, "the server's answer is no HTTP");
}

/* The head of the response; those that only say "go on" are skipped. */
static int read_head(struct http_connection *c, struct http_reply *reply, struct error *e)
{
	size_t scanned = 0;

	do {
		buffer_consume(&c->in, c->taken);
		c->taken = scanned = 0;
		size_t size = 0;
		while ((size = http_head_size(buffer_slice(&c->in), &scanned)) == 0) {
			int err = stream_receive(c->stream, &c->in, e);
			if (err)
				return err;
		}
		if (size == SIZE_MAX || http_response_parse(slice_of(c->in.data, size),
		                                            slice_of_string("POST"), &reply->head))
			return malformed(e);
		c->taken = size;
	} while (reply->head.status < 200);
	return 0;
}

/* What is left of the input is looked at before more is received. The head is in front of it and
 * stays where it is only as long as the buffer does not grow: so the body has one of its own. */
static int read_body(struct http_connection *c, struct http_body *reading, struct error *e)
{
	for (;;) {
		struct slice rest = slice_of(c->in.data + c->taken, c->in.size - c->taken), part;
		size_t consumed = 0;
		enum http_body_result result = http_body_read(reading, rest, &consumed, &part);
		c->taken += consumed;
		buffer_put(&c->body, part.data, part.size);
		if (result == HTTP_BODY_BAD || c->body.failed)
			return malformed(e);
		if (result == HTTP_BODY_END)
			return 0;
		if (consumed > 0)
			continue;
		int err = stream_receive(c->stream, &c->in, e);
		if (err == ERR_CLOSED && reading->framing == HTTP_UNTIL_CLOSE)
			return 0;
		if (err)
			return err;
	}
}

/* Slices of the head again, after the input has grown. */
static int read_reply(struct http_connection *c, struct http_reply *reply, struct error *e)
{
	struct http_body reading;
	int err = read_head(c, reply, e);

	if (err)
		return err;
	size_t head_size = c->taken;
	buffer_clear(&c->body);
	http_body_init(&reading, &reply->head.head);
	err = read_body(c, &reading, e);
	if (err)
		return err;
	http_response_parse(slice_of(c->in.data, head_size), slice_of_string("POST"), &reply->head);
	reply->body = slice_of(c->body.data ? c->body.data : (const uint8_t *)"", c->body.size);
	c->used = true;
	return 0;
}

static int connect_to(struct http_connection *c, struct error *e)
{
	if (c->stream)
		return 0;
	buffer_clear(&c->in);
	c->taken = 0;
	return stream_open(&c->config.stream, &c->stream, e);
}

/* One request and its response; again on a new connection when the server had closed the old one,
 * which it may do between requests. */
static int exchange(struct http_connection *c, struct slice headers, struct slice body,
                    struct slice token, struct http_reply *reply, struct error *e)
{
	bool reused = c->used;
	int err = connect_to(c, e);

	put_request(c, headers, body, token);
	if (!err && c->out.failed)
		return error_set(e, ERR_LIMIT, "the request is too large");
	if (!err)
		err = stream_send(c->stream, &c->out, e);
	if (!err)
		err = read_reply(c, reply, e);
	if (err)
		disconnect(c);
	if (err == ERR_CLOSED && reused && token.size == 0)
		return exchange(c, headers, body, token, reply, e);
	return err;
}

/* The token behind the scheme in WWW-Authenticate; false when there is none. */
static bool find_token(const struct http_connection *c, const struct http_head *head,
                       struct buffer *token)
{
	const char *scheme = scheme_of(c);
	size_t size = strlen(scheme);

	for (size_t i = 0; i < head->header_count; i++) {
		struct slice name = head->headers[i].name, value = head->headers[i].value;
		if (!slice_equal_nocase(name, slice_of_string("WWW-Authenticate")) ||
		    !slice_starts_nocase(value, scheme) || value.size <= size + 1)
			continue;
		buffer_put(token, value.data + size + 1, value.size - size - 1);
		size_t bytes = token->size;
		bool good = base64_decode(token->data, &bytes);
		token->size = bytes;
		return good;
	}
	return false;
}

static int denied(const struct http_reply *reply, struct error *e)
{
	if (reply->head.status == 401)
		return error_set(e, ERR_DENIED, "the server does not accept the login");
	return error_set(e, ERR_DENIED, "the server refuses: HTTP status %u", reply->head.status);
}

/* The first leg, which gets a challenge and no more. */
static int get_challenge(struct http_connection *c, struct auth_context *login,
                         struct slice headers, struct buffer *token, struct error *e)
{
	struct http_reply reply;

	buffer_clear(token);
	auth_initiate_step(login, slice_of("", 0), token);
	int err = exchange(c, headers, slice_of("", 0), buffer_slice(token), &reply, e);
	if (err)
		return err;
	buffer_clear(token);
	if (reply.head.status != 401 || !find_token(c, &reply.head.head, token))
		return error_set(e, ERR_DENIED, "the server offers no login by %s", scheme_of(c));
	return 0;
}

static int log_in_and_post(struct http_connection *c, struct slice headers, struct slice body,
                           struct http_reply *reply, struct error *e)
{
	struct auth_initiator_config auth = c->config.auth;
	struct buffer challenge, token;
	int err = connect_to(c, e);

	if (err)
		return err;
	auth.type = c->config.login == HTTP_LOGIN_NTLM ? AUTH_TYPE_NTLM : AUTH_TYPE_SPNEGO;
	auth.level = AUTH_LEVEL_CONNECT;
	auth.end_point = stream_end_point(c->stream);
	struct auth_context *login = auth_initiate_new(&auth);
	buffer_init(&challenge, HEAD_LIMIT);
	buffer_init(&token, HEAD_LIMIT);
	err = get_challenge(c, login, headers, &challenge, e);
	if (!err && auth_initiate_step(login, buffer_slice(&challenge), &token) == AUTH_FAILED)
		err = error_set(e, ERR_DENIED, "the server's challenge is malformed");
	if (!err)
		err = exchange(c, headers, body, buffer_slice(&token), reply, e);
	auth_context_free(login);
	buffer_free(&challenge);
	buffer_free(&token);
	c->logged_in = !err && reply->head.status != 401;
	return err;
}

/* NTLM logs in connections: one that was made anew meanwhile has to be logged in again. */
static int post_by_legs(struct http_connection *c, struct slice headers, struct slice body,
                        struct http_reply *reply, struct error *e)
{
	if (c->logged_in) {
		int err = exchange(c, headers, body, slice_of(NULL, 0), reply, e);
		if (err || reply->head.status != 401)
			return err;
	}
	return log_in_and_post(c, headers, body, reply, e);
}

int http_connection_post(struct http_connection *c, struct slice headers, struct slice body,
                         struct http_reply *reply, struct error *e)
{
	bool by_legs =
		c->config.login == HTTP_LOGIN_NTLM || c->config.login == HTTP_LOGIN_NEGOTIATE;
	int err = by_legs ? post_by_legs(c, headers, body, reply, e)
	                  : exchange(c, headers, body, slice_of(NULL, 0), reply, e);

	if (err)
		return err;
	if (!reply->head.head.keep_alive)
		disconnect(c);
	return reply->head.status == 200 ? 0 : denied(reply, e);
}
