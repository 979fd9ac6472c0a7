/* TRowSet (MS-OXOABKT 2.2.2.1): a head, one row a control, and the strings that the rows point to
 * by their offset from the start. */

#include "base/buffer.h"
#include "mapi/codepage.h"
#include "template/template-private.h"

enum { HEAD_BYTES = 8, ROW_BYTES = 36, TYPE_OF_NSPI = 1 };

/* Without its last character. */
static struct slice shorten(struct slice utf8)
{
	while (utf8.size > 0 && (utf8.data[--utf8.size] & 0xC0) == 0x80)
		;
	return utf8;
}

/* A text that is too long for its place in this code page loses its end. */
static struct slice convert(struct arena *a, const struct control *c, uint32_t codepage, bool *fits)
{
	size_t room = c->kind->text_bytes ? c->kind->text_bytes : FILTER_BYTES;
	struct slice utf8 = c->text, bytes;
	bool lossy = false;

	for (;;) {
		bytes = codepage_from_utf8(a, codepage, utf8, &lossy);
		*fits = *fits && !lossy;
		if (!bytes.data || bytes.size < room || utf8.size == 0)
			return bytes;
		*fits = false;
		utf8 = shorten(utf8);
	}
}

/* The fields of TRow and CNTRL in their order. */
static void put_row(struct buffer *b, const struct control *c, uint32_t string)
{
	const uint32_t fields[] = {
		c->x,     c->width, c->y,   c->height, c->kind->wire_type,
		c->flags, c->tag,   c->max, string,
	};

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		buffer_put_u32(b, fields[i]);
}

static bool put_all(struct buffer *b, struct arena *a, const struct template *t, uint32_t codepage,
                    bool *fits)
{
	size_t strings = HEAD_BYTES + t->count * ROW_BYTES;
	struct buffer pool;
	bool ok = true;

	buffer_init(&pool, SIZE_MAX);
	buffer_put_u32(b, TYPE_OF_NSPI);
	buffer_put_u32(b, (uint32_t)t->count);
	for (const struct control *c = t->controls; c && ok; c = c->next) {
		struct slice text = convert(a, c, codepage, fits);
		ok = text.data != NULL;
		put_row(b, c, (uint32_t)(strings + pool.size));
		buffer_put(&pool, text.data, text.size);
		buffer_put_u8(&pool, 0);
	}
	buffer_put(b, pool.data, pool.size);
	buffer_free(&pool);
	return ok;
}

struct slice layout_make(struct arena *a, const struct template *t, uint32_t codepage, bool *fits)
{
	struct slice made = slice_of(NULL, 0);
	struct buffer b;
	bool lossy = false;

	*fits = true;
	codepage_from_utf8(a, codepage, t->title, &lossy);
	buffer_init(&b, SIZE_MAX);
	if (put_all(&b, a, t, codepage, fits))
		made = arena_slice(a, buffer_slice(&b));
	*fits = *fits && !lossy;
	buffer_free(&b);
	return made;
}
