/*
 * A request to the envelope of MAPI over HTTP, in two pieces. The first byte says what is put
 * before the input: nothing, so that it is all of the request; or a head that is good up to there,
 * with or without the cookies of a live session. The second says where it is cut.
 */

#include "../unit/mapihttp_site.h"

enum { REQUEST_MAX = 8192 };

static struct mapihttp_site *site;
static char cookies[200];

static const char open_request[] =
	"POST /mapi/toy/ HTTP/1.1\r\nHost: book\r\nX-Who: anna\r\n"
	"Content-Type: application/mapi-http\r\nX-RequestType: Open\r\n"
	"X-RequestId: {E2EA6C1C-E61B-49E9-9CFB-38184F907552}:1\r\nContent-Length: 0\r\n\r\n";

static void take_cookie(const char *answer, const char *name)
{
	const char *at = strstr(answer, name);

	if (at)
		snprintf(cookies + strlen(cookies), sizeof cookies - strlen(cookies), "%.*s; ",
		         (int)strcspn(at, ";"), at);
}

static void open_session(void)
{
	struct mapihttp_wire w;

	wire_connect(&w, site);
	wire_input(&w, slice_of_string(open_request));
	buffer_put_u8(&w.out, 0);
	cookies[0] = '\0';
	take_cookie((const char *)w.out.data, "MapiContext=");
	take_cookie((const char *)w.out.data, "MapiSequence=");
	wire_close(&w);
}

static size_t make_request(const uint8_t *data, size_t size, char request[REQUEST_MAX])
{
	static const char *const types[] = {"Open", "Close", "Do", "Any", "PING"};
	size_t head = 0;

	if (data[0] & 1)
		head = (size_t)snprintf(
			request, REQUEST_MAX,
			"POST /mapi/toy/ HTTP/1.1\r\nHost: book\r\nX-Who: anna\r\n"
			"Content-Type: application/mapi-http\r\nX-RequestType: %s\r\n"
			"X-RequestId: {E2EA6C1C-E61B-49E9-9CFB-38184F907552}:1\r\n%s%s",
			types[(data[0] >> 2) % 5], data[0] & 2 ? "Cookie: " : "",
			data[0] & 2 ? cookies : "");
	if (head && data[0] & 2)
		head += (size_t)snprintf(request + head, REQUEST_MAX - head, "\r\n");
	size_t rest = size - 2 < REQUEST_MAX - head ? size - 2 : REQUEST_MAX - head;
	memcpy(request + head, data + 2, rest);
	return head + rest;
}

static void run(struct slice request, size_t cut)
{
	struct mapihttp_wire w;

	wire_connect(&w, site);
	size_t taken = wire_input(&w, slice_of(request.data, cut));
	for (int turns = 0; turns < 20 && w.next != WEB_NEXT_CLOSE; turns++) {
		taken += wire_input(&w, slice_of(request.data + taken, request.size - taken));
		if (w.next == WEB_NEXT_READ)
			break;
		if (turns % 2 && web_connection_deadline(w.c))
			wire_wait_until_due(&w);
		else if (w.next != WEB_NEXT_CLOSE)
			wire_resume(&w);
	}
	wire_close(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char request[REQUEST_MAX];

	if (size < 2)
		return 0;
	if (!site)
		site = mapihttp_site_open();
	open_session();
	size_t length = make_request(data, size, request);
	run(slice_of(request, length), length * data[1] / 256);
	/* Contexts that the input has left behind go. */
	site->now_ms += 2 * TIMEOUT_MS;
	open_session();
	if (mapihttp_count(site->mapihttp) != 1)
		abort();
	return 0;
}
