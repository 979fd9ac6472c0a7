#include <err.h>
#include <string.h>

#include "auth/auth.h"
#include "base/base64.h"
#include "http/http.h"
#include "load.h"

enum { TOKEN_MAX = 16384 };

/* The page tells who has logged in. */
static void send_token(struct connection *c, struct slice token)
{
	struct buffer out;

	buffer_init(&out, 2 * TOKEN_MAX);
	http_put_request(&out, "GET", "/nspid/login", "localhost");
	buffer_put_string(&out, "Authorization: NTLM ");
	base64_encode(token, &out);
	buffer_put(&out, "\r\n", 2);
	http_put_end_of_head(&out);
	stream_send(&c->stream, out.data, out.size);
	buffer_free(&out);
}

static enum answer exchange(struct connection *c, struct slice token)
{
	enum answer answer = ANSWER_PART;

	send_token(c, token);
	c->have = c->seen = 0;
	while (answer == ANSWER_PART) {
		connection_receive(c);
		answer = load_http.look(c);
	}
	return answer;
}

static void read_challenge(const struct connection *c, struct buffer *token)
{
	static const char header[] = "WWW-Authenticate: NTLM ";
	const uint8_t *begin = memmem(c->input, c->seen, header, sizeof header - 1);
	const uint8_t *end =
		begin ? memchr(begin, '\r', c->seen - (size_t)(begin - c->input)) : NULL;

	if (!end)
		errx(1, "the server offers no NTLM");
	begin += sizeof header - 1;
	size_t size = (size_t)(end - begin);
	buffer_put(token, begin, size);
	if (!base64_decode(token->data, &size))
		errx(1, "the server's challenge is malformed");
	token->size = size;
}

void login_http(struct connection *c, const char *user, const char *password)
{
	const struct auth_initiator_config config = {
		.type = AUTH_TYPE_NTLM,
		.level = AUTH_LEVEL_CONNECT,
		.user = user,
		.domain = "",
		.workstation = "",
		.password = password,
	};
	struct auth_context *login = auth_initiate_new(&config);
	struct buffer challenge, token;

	buffer_init(&challenge, TOKEN_MAX);
	buffer_init(&token, TOKEN_MAX);
	auth_initiate_step(login, slice_of("", 0), &token);
	exchange(c, buffer_slice(&token));
	read_challenge(c, &challenge);
	buffer_clear(&token);
	if (auth_initiate_step(login, buffer_slice(&challenge), &token) == AUTH_FAILED ||
	    exchange(c, buffer_slice(&token)) != ANSWER_GOOD)
		errx(1, "the server does not accept the login");
	buffer_free(&challenge);
	buffer_free(&token);
	auth_context_free(login);
}
