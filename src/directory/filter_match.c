#include "directory/filter.h"

#include "directory/filter-private.h"

enum { VALUE_MAX = 1 << 20 }; /* larger ones (photos) are not looked into */

/* The value of an entry that is being compared. */
struct candidate {
	struct arena *arena; /* emptied for each value */
	const struct filter_node *node;
	struct slice raw;
};

/* Whether the pieces stand in the text, in their order, the first and the last at its ends. */
static bool has_pieces(struct slice text, const struct filter_piece *piece)
{
	if (text.size < piece->text.size || memcmp(text.data, piece->text.data, piece->text.size))
		return false;
	text = slice_of(text.data + piece->text.size, text.size - piece->text.size);
	for (piece = piece->next; piece->next; piece = piece->next) {
		const uint8_t *found =
			memmem(text.data, text.size, piece->text.data, piece->text.size);
		if (!found)
			return false;
		found += piece->text.size;
		text = slice_of(found, (size_t)(text.data + text.size - found));
	}
	return text.size >= piece->text.size && memcmp(text.data + text.size - piece->text.size,
	                                               piece->text.data, piece->text.size) == 0;
}

static int compare_text(struct slice a, struct slice b)
{
	size_t shorter = a.size < b.size ? a.size : b.size;
	int order = shorter ? memcmp(a.data, b.data, shorter) : 0;

	return order ? order : (a.size > b.size) - (a.size < b.size);
}

/* Two numbers compare as such, all else as text. */
static int compare(const struct candidate *c)
{
	const struct filter_node *n = c->node;
	int64_t number;

	if (n->has_number && filter_number(c->raw, &number))
		return (number > n->number) - (number < n->number);
	return compare_text(filter_fold(c->arena, n->syntax, c->raw), n->value);
}

static bool has_bits(const struct candidate *c, bool all)
{
	int64_t number, wanted = c->node->number;

	if (!filter_number(c->raw, &number))
		return false;
	return all ? (number & wanted) == wanted : (number & wanted) != 0;
}

static bool value_fits(const struct candidate *c)
{
	switch (c->node->kind) {
	case FILTER_PRESENT: return true;
	case FILTER_EQUAL:
	case FILTER_APPROXIMATE: return compare(c) == 0;
	case FILTER_GREATER: return compare(c) >= 0;
	case FILTER_LESS: return compare(c) <= 0;
	case FILTER_SUBSTRING:
		return has_pieces(filter_fold(c->arena, FILTER_TEXT, c->raw), c->node->pieces);
	case FILTER_ALL_BITS: return has_bits(c, true);
	case FILTER_SOME_BITS: return has_bits(c, false);
	case FILTER_AND:
	case FILTER_OR:
	case FILTER_NOT: break;
	}
	return false;
}

static bool one_fits(const struct filter_node *n, const struct entry_attribute *from,
                     struct arena *a)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct candidate c = {a, n, from->values[i]};
		if (c.raw.size > VALUE_MAX && n->kind != FILTER_PRESENT)
			continue;
		bool fits = value_fits(&c);
		arena_reset(a);
		if (fits)
			return true;
	}
	return false;
}

/* Of several values one is enough. */
static bool item_fits(const struct filter_node *n, const struct entry *entry, struct arena *a)
{
	for (size_t i = 0; i < entry->count; i++)
		if (slice_equal_nocase(entry->attributes[i].name, n->attribute) &&
		    one_fits(n, &entry->attributes[i], a))
			return true;
	return false;
}

/* Recursion is bounded by FILTER_MAX_DEPTH. */
static bool fits(const struct filter_node *n, const struct entry *entry, struct arena *a)
{
	const struct filter_node *child = n->children;

	switch (n->kind) {
	case FILTER_AND:
		while (child && fits(child, entry, a))
			child = child->next;
		return !child;
	case FILTER_OR:
		while (child && !fits(child, entry, a))
			child = child->next;
		return child;
	case FILTER_NOT: return !fits(child, entry, a);
	case FILTER_EQUAL:
	case FILTER_APPROXIMATE:
	case FILTER_GREATER:
	case FILTER_LESS:
	case FILTER_PRESENT:
	case FILTER_SUBSTRING:
	case FILTER_ALL_BITS:
	case FILTER_SOME_BITS: break;
	}
	return item_fits(n, entry, a);
}

bool filter_fits(const struct filter *f, const struct entry *entry)
{
	struct arena scratch;

	arena_init(&scratch, SIZE_MAX);
	bool result = fits(f->root, entry, &scratch);
	arena_free(&scratch);
	return result;
}
