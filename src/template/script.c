/* Scripts (MS-OXOABKT 2.2.2.2): instructions of 32-bit words, then strings; offsets are in bytes
 * from the first instruction. Before it stands how many words follow. */

#include "base/buffer.h"
#include "template/template-private.h"

#define OP_HALT            0x00000000u
#define OP_ERROR           0x00000001u
#define OP_EMIT_PROPERTY   0x00000002u
#define OP_EMIT_STRING     0x80000002u
#define OP_JUMP_IF_MISSING 0x00000004u

enum { WORD_BYTES = 4, MAX_SCRIPT_BYTES = 4096 }; /* as much as a directory keeps of one */

static void put_checks(struct buffer *b, const struct address_part *parts, size_t count,
                       uint32_t refuse)
{
	for (size_t i = 0; i < count; i++) {
		if (!parts[i].tag)
			continue;
		buffer_put_u32(b, OP_JUMP_IF_MISSING);
		buffer_put_u32(b, parts[i].tag);
		buffer_put_u32(b, refuse);
	}
}

static void put_parts(struct buffer *b, const struct address_part *parts, size_t count,
                      uint32_t strings)
{
	for (size_t i = 0; i < count; i++) {
		buffer_put_u32(b, parts[i].tag ? OP_EMIT_PROPERTY : OP_EMIT_STRING);
		buffer_put_u32(b, parts[i].tag ? parts[i].tag : strings);
		if (!parts[i].tag)
			strings += (uint32_t)parts[i].text.size + 1;
	}
}

static void put_strings(struct buffer *b, const struct address_part *parts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!parts[i].tag) {
			buffer_put(b, parts[i].text.data, parts[i].text.size);
			buffer_put_u8(b, 0);
		}
}

static uint32_t count_inputs(const struct address_part *parts, size_t count)
{
	uint32_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += parts[i].tag != 0;
	return n;
}

/* An input that is missing is refused; else all parts are joined. */
struct slice script_make(struct arena *a, const struct address_part *parts, size_t count)
{
	uint32_t checks = count_inputs(parts, count) * 3 * WORD_BYTES;
	uint32_t halt = checks + (uint32_t)count * 2 * WORD_BYTES;
	uint32_t error = halt + WORD_BYTES, strings = error + WORD_BYTES;
	struct slice made = slice_of(NULL, 0);
	struct buffer b;

	buffer_init(&b, MAX_SCRIPT_BYTES);
	buffer_put_u32(&b, 0);
	put_checks(&b, parts, count, error);
	put_parts(&b, parts, count, strings);
	buffer_put_u32(&b, OP_HALT);
	buffer_put_u32(&b, OP_ERROR);
	put_strings(&b, parts, count);
	buffer_align(&b, 0, WORD_BYTES);
	if (!b.failed) {
		put_le32(b.data, (uint32_t)(b.size / WORD_BYTES - 1));
		made = arena_slice(a, buffer_slice(&b));
	}
	buffer_free(&b);
	return made;
}
