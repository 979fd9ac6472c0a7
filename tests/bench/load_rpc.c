/* PDUs: C706, 12.6. A session is the context handle that the last answer to the setup ends with. */

#include <err.h>
#include <string.h>

#include "load.h"

enum {
	HEAD_SIZE = 16,
	FLAGS_AT = 3,
	LENGTH_AT = 8,
	LAST_FRAGMENT = 2,
	HANDLE_SIZE = 20,
	STATUS_SIZE = 4,
};

static enum answer status_of(const struct connection *c)
{
	static const uint8_t success[STATUS_SIZE];
	const uint8_t *status = c->input + c->seen - STATUS_SIZE;

	return memcmp(status, success, STATUS_SIZE) == 0 ? ANSWER_GOOD : ANSWER_FAILED;
}

static enum answer look(struct connection *c)
{
	while (c->have - c->seen >= HEAD_SIZE) {
		const uint8_t *head = c->input + c->seen;
		size_t size = head[LENGTH_AT] | (size_t)head[LENGTH_AT + 1] << 8;
		if (size < HEAD_SIZE)
			errx(1, "the server sends what is no PDU");
		if (c->have - c->seen < size)
			return ANSWER_PART;
		c->seen += size;
		if (head[FLAGS_AT] & LAST_FRAGMENT)
			return status_of(c);
	}
	return ANSWER_PART;
}

/* Of an answer that has no handle, as that to an RPC bind, these are any bytes: another follows. */
static void keep_session(struct connection *c)
{
	if (c->seen < HEAD_SIZE + HANDLE_SIZE + STATUS_SIZE)
		return;
	c->session_size = HANDLE_SIZE;
	memcpy(c->session, c->input + c->seen - STATUS_SIZE - HANDLE_SIZE, HANDLE_SIZE);
}

const struct protocol load_rpc = {.look = look, .keep_session = keep_session};
