/* A connection of the web service, up to the handlers of toys: what it answers to input in two
 * pieces is what it answers to all of it. The first byte says where it is cut, and who the peer is.
 */

#include "../unit/web_site.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(struct web_site *s, const uint8_t *data, size_t size, size_t cut)
{
	static const char *const peers[] = {"127.0.0.1", PROXY, AFAR};
	struct slice text = slice_of(data + 1, size - 1);
	web_site_connect(s, peers[data[0] % 3], data[0] & 0x40);
	size_t taken = web_site_input(s, slice_of(text.data, cut));
	for (int turns = 0; turns < 20; turns++) {
		taken += web_site_input(s, slice_of(text.data + taken, text.size - taken));
		if (s->next == WEB_NEXT_CLOSE || s->next == WEB_NEXT_READ)
			return;
		if (s->job)
			web_site_run_pool(s);
		if (web_connection_deadline(s->c))
			web_site_wait_until_due(s);
		else
			web_site_resume(s);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct web_site *s;
	if (!s)
		s = web_site_open();
	if (size < 2)
		return 0;
	run(s, data, size, 0);
	unsigned whole = s->starts;
	s->starts = 0;
	run(s, data, size, data[0] % (size - 1));
	if (s->starts != whole)
		abort();
	s->starts = 0;
	return 0;
}
