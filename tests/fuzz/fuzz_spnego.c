#include <stdlib.h>

#include "auth/spnego-private.h"

/*
 * SPNEGO tokens. What is taken says the same again after it was written. The first byte chooses
 * between the client's first token and the later ones.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void init_token(struct slice in)
{
	struct spnego_init m;
	if (spnego_init_parse(in, &m))
		return;
	if (m.ntlm_preferred && !m.ntlm.data)
		__builtin_trap();
}

static void response_token(struct slice in)
{
	struct spnego_response first, second;
	struct buffer b;
	if (spnego_response_parse(in, &first))
		return;
	buffer_init(&b, 1 << 20);
	spnego_response_write(&first, &b);
	if (spnego_response_parse(buffer_slice(&b), &second) || first.state != second.state ||
	    !slice_equal(first.mechanism, second.mechanism) ||
	    !slice_equal(first.token, second.token) || !slice_equal(first.mic, second.mic))
		__builtin_trap();
	buffer_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > 32768) /* longer ones cannot be written */
		return 0;
	struct slice token = slice_of(data + 1, size - 1);
	if (data[0] & 1)
		response_token(token);
	else
		init_token(token);
	return 0;
}
