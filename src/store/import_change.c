/* Change records: delete and modify. What a change says may be so already: a second import changes
 * nothing. */

#include <stdlib.h>

#include "base/memory.h"
#include "directory/dn.h"
#include "store/edit.h"
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

/* An entry keeps the one that it has until it gets another. */
static void edit_legacy_dn(struct import *i, const struct ldif_modification *m,
                           const struct ldif_value *values)
{
	if (m->edit != LDIF_EDIT_DELETE && m->count && import_legacy_dn_is_good(i, values))
		i->record.legacy_dn = values->value;
}

/* Those that can be kept; when they are only to be found again, all of them. */
static size_t take_values(struct import *i, const struct name *name, enum ldif_edit edit,
                          const struct ldif_value *values, size_t count, struct slice *taken)
{
	size_t n = 0;

	for (size_t k = 0; k < count; k++)
		if (edit == LDIF_EDIT_DELETE || import_value_is_good(i, name, &values[k]))
			taken[n++] = values[k].value;
	return n;
}

void import_edit_values(struct import *i, const struct name *name, enum ldif_edit edit,
                        const struct ldif_value *values, size_t count)
{
	struct slice *taken = xcalloc(count + 1, sizeof *taken);
	size_t n = take_values(i, name, edit, values, count, taken);

	if (edit == LDIF_EDIT_REPLACE || (edit == LDIF_EDIT_DELETE && count == 0))
		edit_remove_all(&i->record, name->id);
	if (edit == LDIF_EDIT_DELETE)
		edit_remove(&i->record, name, taken, n);
	else
		edit_add(&i->record, name, taken, n);
	free(taken);
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
