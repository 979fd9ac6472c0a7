#include <assert.h>

#include "base/base64.h"
#include "web/connection-private.h"

/* How the body is framed is known when the handler is done, or parks: until then the line for it
 * is blank. Both lines are of one length. */
#define FRAMING_LENGTH "Content-Length:           \r\n"
#define FRAMING_CHUNKS "Transfer-Encoding: chunked\r\n"
enum { FRAMING_SIZE = sizeof FRAMING_CHUNKS - 1 };

static bool is_head_request(const struct web_work *w)
{
	return slice_equal(w->http.method, slice_of_string("HEAD"));
}

static void put_connection(const struct web_work *w, struct buffer *out)
{
	if (!w->connection->keep_alive)
		http_put_header_text(out, "Connection", "close");
	else if (w->http.head.minor == 0)
		http_put_header_text(out, "Connection", "keep-alive");
}

/* The next step of a login, or its last word. */
static void put_login_token(const struct web_work *w, struct buffer *out)
{
	if (w->token.size == 0)
		return;
	buffer_printf(out, "WWW-Authenticate: %s ", w->scheme);
	base64_encode(buffer_slice(&w->token), out);
	buffer_put(out, "\r\n", 2);
}

void web_respond(struct web_request *r, uint16_t status)
{
	struct web_response *response = &r->work->response;
	assert(response->state == WEB_RESPONSE_NONE);
	response->state = WEB_RESPONSE_HEAD;
	response->bodiless = status == 204 || status == 304;
	http_put_status(response->out, status);
	put_connection(r->work, response->out);
	put_login_token(r->work, response->out);
}

void web_header(struct web_request *r, const char *name, const char *value)
{
	web_header_slice(r, name, slice_of_string(value));
}

void web_header_slice(struct web_request *r, const char *name, struct slice value)
{
	assert(r->work->response.state == WEB_RESPONSE_HEAD);
	http_put_header(r->work->response.out, name, value);
}

void web_header_number(struct web_request *r, const char *name, uint64_t value)
{
	assert(r->work->response.state == WEB_RESPONSE_HEAD);
	http_put_header_number(r->work->response.out, name, value);
}

/* A client that speaks plain HTTP to us would keep a secure cookie to itself. */
void web_cookie(struct web_request *r, const char *name, struct slice value, const char *path)
{
	struct buffer *out = r->work->response.out;
	assert(r->work->response.state == WEB_RESPONSE_HEAD);
	buffer_put_string(out, "Set-Cookie: ");
	buffer_put_string(out, name);
	buffer_put(out, "=", 1);
	buffer_put(out, value.data, value.size);
	buffer_put_string(out, "; path=");
	buffer_put_string(out, path);
	buffer_put_string(out, r->tls ? "; secure; HttpOnly\r\n" : "; HttpOnly\r\n");
}

struct buffer *web_body(struct web_request *r)
{
	struct web_response *response = &r->work->response;
	assert(response->state != WEB_RESPONSE_NONE);
	if (response->state == WEB_RESPONSE_HEAD) {
		response->state = WEB_RESPONSE_BODY;
		response->framing = response->out->size;
		if (!response->bodiless)
			buffer_put_zeros(response->out, FRAMING_SIZE);
		http_put_end_of_head(response->out);
		response->body = response->out->size;
	}
	return response->out;
}

bool web_responded(const struct web_request *r)
{
	return r->work->response.state != WEB_RESPONSE_NONE;
}

void web_answer(struct web_request *r, uint16_t status, const char *text)
{
	web_respond(r, status);
	web_header(r, "Content-Type", "text/plain; charset=utf-8");
	struct buffer *body = web_body(r);
	buffer_put_string(body, text);
	buffer_put(body, "\n", 1);
}

static bool has_no_chunks(const struct web_work *w)
{
	return w->http.head.minor == 0 || is_head_request(w) || w->response.bodiless;
}

void web_response_enter(struct web_work *w, struct buffer *out)
{
	struct web_response *response = &w->response;
	response->out = out;
	if (response->state != WEB_RESPONSE_STREAMING)
		return;
	response->body = has_no_chunks(w) ? out->size : http_chunk_begin(out);
}

static void write_framing(struct web_response *response, const char *line)
{
	if (!response->out->failed && !response->bodiless)
		memcpy(response->out->data + response->framing, line, FRAMING_SIZE);
}

/* HTTP/1.0 knows no chunks: the body ends with the connection. */
static void drop_framing(struct web_response *response)
{
	struct buffer *out = response->out;
	size_t after = response->framing + FRAMING_SIZE;
	if (out->failed || response->bodiless)
		return;
	memmove(out->data + response->framing, out->data + after, out->size - after);
	out->size -= FRAMING_SIZE;
	response->body -= FRAMING_SIZE;
}

/* Puts what has been written so far into a chunk. */
static void make_chunk(struct web_response *response)
{
	struct buffer *out = response->out;
	size_t size = out->size - response->body;
	size_t chunk = http_chunk_begin(out);
	if (out->failed)
		return;
	size_t moved = out->size - chunk;
	memmove(out->data + response->body + moved, out->data + response->body, size);
	response->body = chunk - size;
}

static void drop_body(struct web_response *response)
{
	if (response->out->size > response->body)
		response->out->size = response->body;
}

static void start_streaming(struct web_work *w)
{
	struct web_response *response = &w->response;
	web_body(&w->request);
	response->state = WEB_RESPONSE_STREAMING;
	if (w->http.head.minor == 0) {
		w->connection->keep_alive = false;
		drop_framing(response);
		return;
	}
	write_framing(response, FRAMING_CHUNKS);
	if (!has_no_chunks(w))
		make_chunk(response);
}

static void end_part(struct web_work *w)
{
	if (is_head_request(w) || w->response.bodiless)
		drop_body(&w->response);
	else if (w->http.head.minor > 0)
		http_chunk_end(w->response.out, w->response.body);
}

void web_response_park(struct web_work *w)
{
	if (w->response.state == WEB_RESPONSE_NONE)
		return;
	if (w->response.state != WEB_RESPONSE_STREAMING)
		start_streaming(w);
	end_part(w);
}

static void write_length(struct web_response *response)
{
	char line[] = FRAMING_LENGTH, text[HTTP_DIGITS];
	struct slice digits = http_digits(response->out->size - response->body, text);
	memcpy(line + FRAMING_SIZE - 2 - digits.size, digits.data, digits.size);
	write_framing(response, line);
}

static void finish_whole(struct web_work *w)
{
	struct web_response *response = &w->response;
	web_body(&w->request);
	write_length(response);
	if (is_head_request(w) || response->bodiless)
		drop_body(response);
}

void web_response_finish(struct web_work *w)
{
	if (w->response.state == WEB_RESPONSE_STREAMING) {
		end_part(w);
		if (!has_no_chunks(w))
			http_put_last_chunk(w->response.out);
		return;
	}
	if (w->response.state == WEB_RESPONSE_NONE)
		web_answer(&w->request, 500, "The server has no answer.");
	finish_whole(w);
}
