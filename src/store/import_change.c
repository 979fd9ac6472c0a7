/* Change records: delete and modify. What a change says may be so already: a second import changes
 * nothing. */

#include <ctype.h>

#include "base/hashmap.h"
#include "directory/dn.h"
#include "store/import-private.h"

int import_find(struct import *i, const struct ldif_record *r, struct slice dn, uint32_t *mid,
                struct error *e)
{
	struct key key;
	if (!key_of_dn(dn, 0, &key))
		return ldif_fail(i->ldif, e, ERR_INVALID, r->line,
		                 "the DN is malformed, or longer than %d bytes", DN_MAX);
	*mid = keys_get(i->dns, &key);
	return 0;
}

void import_edit(struct import *i)
{
	struct record_value *values = i->record.values;
	size_t room = i->record.room;
	i->record = i->old;
	i->record.values = values;
	i->record.room = room;
	i->record.count = 0;
	for (size_t k = 0; k < i->old.count; k++)
		record_add(&i->record, i->old.values[k].name, i->old.values[k].value);
}

int import_delete(struct import *i, const struct ldif_record *r, struct error *e)
{
	uint32_t mid = 0;
	int err = import_find(i, r, r->dn, &mid, e);
	if (err || mid)
		return err ? err : import_remove(i, mid, e);
	i->result.unchanged++;
	return 0;
}

/* The bytes that are the same for equal values. */
static void put_value_key(const struct name *name, struct slice value, struct buffer *out)
{
	buffer_clear(out);
	if (name->syntax == SYNTAX_LINK && dn_normalise(value, out))
		return;
	buffer_clear(out);
	buffer_put(out, value.data, value.size);
	if (name->syntax != SYNTAX_TEXT)
		return;
	for (size_t i = 0; i < out->size; i++)
		out->data[i] = (uint8_t)tolower(out->data[i]);
}

static bool has_value(const struct hashmap *set, const struct name *name, struct slice value,
                      struct buffer *key)
{
	put_value_key(name, value, key);
	return hashmap_get(set, buffer_slice(key)) != NULL;
}

static void put_value(struct hashmap *set, struct name *name, struct slice value,
                      struct buffer *key)
{
	put_value_key(name, value, key);
	hashmap_put(set, buffer_slice(key), name);
}

static void add_values(struct import *i, struct name *name, const struct ldif_value *values,
                       size_t count)
{
	struct hashmap *set = hashmap_new();
	struct buffer key;
	buffer_init(&key, LDIF_MAX_LINE);
	for (size_t k = 0; k < i->record.count; k++)
		if (i->record.values[k].name == name->id)
			put_value(set, name, i->record.values[k].value, &key);
	for (size_t k = 0; k < count; k++) {
		if (!import_value_is_good(i, name, &values[k]) ||
		    has_value(set, name, values[k].value, &key))
			continue;
		put_value(set, name, values[k].value, &key);
		record_add(&i->record, name->id, values[k].value);
	}
	buffer_free(&key);
	hashmap_free(set);
}

/* No values: all of them. */
static void delete_values(struct import *i, struct name *name, const struct ldif_value *values,
                          size_t count)
{
	struct hashmap *set = hashmap_new();
	struct record *r = &i->record;
	struct buffer key;
	size_t kept = 0;
	buffer_init(&key, LDIF_MAX_LINE);
	for (size_t k = 0; k < count; k++)
		put_value(set, name, values[k].value, &key);
	for (size_t k = 0; k < r->count; k++) {
		if (r->values[k].name == name->id &&
		    (count == 0 || has_value(set, name, r->values[k].value, &key)))
			continue;
		r->values[kept] = r->values[k];
		r->values[kept].order = (uint32_t)kept;
		kept++;
	}
	r->count = kept;
	buffer_free(&key);
	hashmap_free(set);
}

/* An entry keeps the one that it has until it gets another. */
static void edit_legacy_dn(struct import *i, const struct ldif_modification *m,
                           const struct ldif_value *values)
{
	if (m->edit != LDIF_EDIT_DELETE && m->count && import_legacy_dn_is_good(i, values))
		i->record.legacy_dn = values->value;
}

void import_edit_values(struct import *i, struct name *name, enum ldif_edit edit,
                        const struct ldif_value *values, size_t count)
{
	if (edit == LDIF_EDIT_REPLACE)
		delete_values(i, name, NULL, 0);
	if (edit == LDIF_EDIT_DELETE)
		delete_values(i, name, values, count);
	else
		add_values(i, name, values, count);
}

static int apply(struct import *i, const struct ldif_modification *m,
                 const struct ldif_value *values, struct error *e)
{
	struct name *name = NULL;
	int err = import_name(i, m->line, m->name, m->options, &name, e);
	if (err || !name)
		return err;
	if (name->use == NAME_GUID)
		return ldif_fail(i->ldif, e, ERR_INVALID, m->line, "%s cannot be changed",
		                 name->spelled);
	if (name->use == NAME_LEGACY_DN)
		edit_legacy_dn(i, m, values);
	else
		import_edit_values(i, name, m->edit, values, m->count);
	return 0;
}

int import_modify(struct import *i, const struct ldif_record *r, struct error *e)
{
	uint32_t mid = 0;
	int err = import_find(i, r, r->dn, &mid, e);
	if (!err && mid == 0)
		err = ldif_fail(i->ldif, e, ERR_NOT_FOUND, r->line,
		                "there is no such entry to be changed");
	if (!err)
		err = import_load(i, mid, e);
	if (err)
		return err;
	import_edit(i);
	for (size_t k = 0; k < r->modification_count && !err; k++) {
		const struct ldif_modification *m = &r->modifications[k];
		err = apply(i, m, r->values + m->first, e);
	}
	record_sort(&i->record);
	return err ? err : import_write(i, mid, e);
}
