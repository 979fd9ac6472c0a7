#include "store/edit.h"

#include <ctype.h>

#include "base/hashmap.h"
#include "directory/dn.h"
#include "store/ldif.h"

/* Values of an attribute, of which equal ones count once. */
struct value_set {
	const struct name *name;
	struct hashmap *keys;
	struct buffer key; /* of the value that is looked at */
};

/* The bytes that are the same for equal values. */
static struct slice key_of(struct value_set *s, struct slice value)
{
	struct buffer *key = &s->key;

	buffer_clear(key);
	if (s->name->syntax == SYNTAX_LINK && dn_normalise(value, key))
		return buffer_slice(key);
	buffer_clear(key);
	buffer_put(key, value.data, value.size);
	for (size_t i = 0; s->name->syntax == SYNTAX_TEXT && i < key->size; i++)
		key->data[i] = (uint8_t)tolower(key->data[i]);
	return buffer_slice(key);
}

static struct value_set make_set(const struct name *name, const struct slice *values, size_t count)
{
	struct value_set s = {.name = name, .keys = hashmap_new()};

	buffer_init(&s.key, LDIF_MAX_LINE);
	for (size_t i = 0; i < count; i++) {
		struct slice key = key_of(&s, values[i]);

		hashmap_put(s.keys, key, s.keys);
	}
	return s;
}

static bool has(struct value_set *s, struct slice value)
{
	return hashmap_get(s->keys, key_of(s, value)) != NULL;
}

static bool take_out(struct value_set *s, struct slice value)
{
	return hashmap_remove(s->keys, key_of(s, value)) != NULL;
}

static void free_set(struct value_set *s)
{
	hashmap_free(s->keys);
	buffer_free(&s->key);
}

void edit_add(struct record *r, const struct name *name, const struct slice *values, size_t count)
{
	struct value_set missing = make_set(name, values, count);

	for (size_t i = 0; i < r->count; i++)
		if (r->values[i].name == name->id)
			take_out(&missing, r->values[i].value);
	for (size_t i = 0; i < count; i++)
		if (take_out(&missing, values[i]))
			record_add(r, name->id, values[i]);
	free_set(&missing);
}

static void keep(struct record *r, size_t *kept, size_t i)
{
	r->values[*kept] = r->values[i];
	r->values[*kept].order = (uint32_t)*kept;
	++*kept;
}

void edit_remove(struct record *r, const struct name *name, const struct slice *values,
                 size_t count)
{
	struct value_set unwanted = make_set(name, values, count);
	size_t kept = 0;

	for (size_t i = 0; i < r->count; i++)
		if (r->values[i].name != name->id || !has(&unwanted, r->values[i].value))
			keep(r, &kept, i);
	r->count = kept;
	free_set(&unwanted);
}

void edit_remove_all(struct record *r, uint16_t name)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->count; i++)
		if (r->values[i].name != name)
			keep(r, &kept, i);
	r->count = kept;
}
