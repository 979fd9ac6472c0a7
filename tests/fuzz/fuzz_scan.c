/* The input is read as a tree of restrictions, which is asked of a small book. Whatever it is, the
 * answer is in table order and within the limit. */

#include "base/reader.h"
#include "base/utf.h"

#include "../unit/book.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PEOPLE = 200, MATCHES_MAX = 100, CHILDREN_MAX = 5, DEPTH_MAX = 40 };

static const mapi_tag tags[] = {0x3001001F, 0x3001001E, 0x3A11001F, 0x360C001F, 0x360C001E,
                                0x39FE001F, 0x39FF001E, 0x800F101F, 0x800F001F, 0x8009000D,
                                0x8008000D, 0x39000003, 0x0FFE0003, 0x3002001F, 0x8CA00003,
                                0x3A40000B, 0x30070040, 0x8C6A1102, 0x8C6A0102, 0x6666001F,
                                0x00000000, 0x3A1A001F, 0x0010001F};

static mapi_tag read_tag(struct reader *r)
{
	return tags[reader_u8(r) % (sizeof tags / sizeof tags[0])];
}

static struct mapi_value *read_value(struct reader *r, struct arena *a)
{
	struct mapi_value *v = arena_alloc(a, sizeof *v);
	v->tag = read_tag(r);
	switch (tag_type(v->tag)) {
	case PT_STRING8:
	case PT_BINARY: v->string = reader_slice(r, reader_u8(r) % 16); break;
	case PT_UNICODE: {
		struct slice units = reader_slice(r, reader_u8(r) % 16);
		v->string = utf16le_to_utf8(a, units.data, units.size);
		break;
	}
	default: v->filetime = reader_u64(r);
	}
	return v;
}

static void read_restriction(struct reader *r, struct arena *a, struct mapi_restriction *out,
                             unsigned depth)
{
	out->type = reader_u8(r) % 11;
	if (depth == DEPTH_MAX)
		out->type = RES_EXIST;
	switch (out->type) {
	case RES_AND:
	case RES_OR:
		out->list.count = reader_u8(r) % CHILDREN_MAX;
		out->list.items = arena_alloc_array(a, out->list.count, sizeof *out->list.items);
		for (uint32_t i = 0; i < out->list.count && !r->failed; i++)
			read_restriction(r, a, &out->list.items[i], depth + 1);
		break;
	case RES_NOT:
		out->child = arena_alloc(a, sizeof *out->child);
		read_restriction(r, a, out->child, depth + 1);
		break;
	case RES_CONTENT:
		out->content.fuzzy = reader_u8(r) % 4;
		out->content.tag = read_tag(r);
		out->content.value = read_value(r, a);
		break;
	case RES_PROPERTY:
		out->property.relop = reader_u8(r) % 8;
		out->property.tag = read_tag(r);
		out->property.value = read_value(r, a);
		break;
	default: out->exist.tag = read_tag(r);
	}
}

/* The book, made once. */
static const struct snapshot *book(void)
{
	static const struct snapshot *snapshot;
	struct book_random random = {7};
	struct entry *entries[PEOPLE];
	struct arena a;
	if (snapshot)
		return snapshot;
	struct directory *d = directory_new(NULL);
	arena_init(&a, SIZE_MAX);
	for (uint32_t i = 0; i < PEOPLE; i++) {
		struct book_person p = book_person(&a, &random, ENTRY_MID_FIRST + i);
		entries[i] = book_person_entry(&a, &p);
	}
	book_publish(d, entries, PEOPLE);
	snapshot = directory_acquire(d);
	directory_free(d);
	arena_free(&a);
	return snapshot;
}

static void check_order(const struct table *t, const struct scan *s)
{
	uint32_t count, position, last = 0;
	const uint32_t *mids = scan_mids(s, &count);
	if (count > MATCHES_MAX)
		abort();
	for (uint32_t i = 0; i < count; i++) {
		if (!table_position(t, mids[i], &position) || (i > 0 && position <= last))
			abort();
		last = position;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t codepages[] = {1252, 932, 20261, 65001, 1200, 1};
	struct view v = {.snapshot = book()};
	struct mapi_restriction restriction = {0};
	enum scan_status status;
	struct reader r;
	struct arena a;
	struct table t;

	reader_init(&r, data, size);
	arena_init(&a, 4 << 20);
	uint32_t codepage = codepages[reader_u8(&r) % 6];
	uint32_t container = reader_u8(&r) % 2 ? 0 : 0x10;
	read_restriction(&r, &a, &restriction, 0);
	if (table_open(&v, view_container(&v, container), TABLE_BY_DISPLAY_NAME, 0x409, &t))
		abort();
	struct scan *s = scan_new(&v, &t, &restriction, codepage, MATCHES_MAX, &a, &status);
	while (s && (status = scan_run(s, 200)) == SCAN_MORE)
		;
	if (s && status == SCAN_DONE)
		check_order(&t, s);
	arena_free(&a);
	return 0;
}
