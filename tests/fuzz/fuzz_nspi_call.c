/*
 * Any stub for any operation, on a small book with a session: the first byte is the opnum, the
 * second says profile and byte order, the rest is the stub. The handle that a request begins with
 * is the session's own.
 */

#include "../unit/small_book.h"

enum { HANDLE_SIZE = 20, STUB_MAX = 65536 };

static struct book *books[2];
static struct buffer out;

static void bind_to(struct book *b)
{
	struct nspi_bind_in in = {.stat = book_stat()};

	book_begin_call(b);
	nspi_call_start(&b->call, OP_BIND, &in);
	b->handle = ((struct nspi_bind_out *)b->call.out)->handle;
	book_end_call(b);
}

static void make_books(void)
{
	books[0] = book_filled(NSPI_PROFILE_DIRECTORY);
	books[1] = book_filled(NSPI_PROFILE_EXCHANGE);
	bind_to(books[0]);
	bind_to(books[1]);
	buffer_init(&out, 16 << 20);
}

static void put_handle(const struct book *b, uint8_t *stub, size_t size)
{
	if (size < HANDLE_SIZE)
		return;
	memset(stub, 0, HANDLE_SIZE);
	memcpy(stub + 4, b->handle.id.bytes, sizeof b->handle.id.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t stub[STUB_MAX];

	if (!books[0])
		make_books();
	if (size < 2 || size - 2 > STUB_MAX)
		return 0;
	struct book *b = books[data[1] & 1];
	memcpy(stub, data + 2, size - 2);
	if (data[0] != OP_BIND)
		put_handle(b, stub, size - 2);

	book_begin_call(b);
	buffer_clear(&out);
	enum nspi_run run =
		nspi_call_start_rpc(&b->call, data[0], slice_of(stub, size - 2), data[1] & 2, &out);
	while (run == NSPI_YIELD)
		run = nspi_call_run(&b->call, &out);
	book_end_call(b);
	if (data[0] <= OP_UNBIND) {
		sessions_end_all(b->sessions, SESSION_END_SHUTDOWN);
		bind_to(b);
	}
	return 0;
}
