/* Change records: modrdn and moddn. */

#include <stdlib.h>

#include "base/hashmap.h"
#include "base/memory.h"
#include "directory/dn.h"
#include "store/import-private.h"

/* An entry that was renamed: the name that others may still know it by, and its last one. */
struct rename {
	struct key old_key;
	char *dn;
};

struct renames {
	struct hashmap *by_mid; /* owns the struct rename */
	struct hashmap *by_key; /* of the old name */
};

static struct renames *renames_new(void)
{
	struct renames *r = xcalloc(1, sizeof *r);
	r->by_mid = hashmap_new();
	r->by_key = hashmap_new();
	return r;
}

void renames_free(struct renames *r)
{
	if (!r)
		return;
	size_t position = 0;
	void *value = NULL;
	while (hashmap_next(r->by_mid, &position, NULL, &value)) {
		struct rename *rename = value;
		free(rename->dn);
		free(rename);
	}
	hashmap_free(r->by_mid);
	hashmap_free(r->by_key);
	free(r);
}

static void remember(struct import *i, uint32_t mid, struct slice old_dn, const char *new_dn)
{
	if (!i->renames)
		i->renames = renames_new();
	struct slice mid_key = slice_of(&mid, sizeof mid);
	struct rename *rename = hashmap_get(i->renames->by_mid, mid_key);
	if (!rename) {
		rename = xcalloc(1, sizeof *rename);
		key_of_dn(old_dn, 0, &rename->old_key);
		hashmap_put(i->renames->by_mid, mid_key, rename);
		hashmap_put(i->renames->by_key,
		            slice_of(rename->old_key.bytes, sizeof rename->old_key.bytes), rename);
	}
	free(rename->dn);
	rename->dn = xstrdup(new_dn);
}

/* The values of an RDN join or leave the entry's own (RFC 4511 4.9). */
static int edit_rdn(struct import *i, const struct ldif_record *r, struct slice dn,
                    enum ldif_edit edit, struct error *e)
{
	struct dn_part part;
	int err = 0;
	do {
		struct name *name = NULL;
		if (!dn_next(&dn, &part))
			return ldif_fail(i->ldif, e, ERR_INVALID, r->line, "the RDN is malformed");
		err = import_name(i, r->line, part.type, slice_of(NULL, 0), &name, e);
		struct ldif_value v = {
			.line = r->line,
			.name = part.type,
			.value = arena_slice(&i->scratch, slice_of(part.value, part.size)),
		};
		if (!err && name && name->use == NAME_KEPT)
			import_edit_values(i, name, edit, &v, 1);
	} while (!err && part.next == '+');
	return err;
}

/* "newrdn,parent"; NULL when the result would be too long. */
static char *new_dn(struct import *i, const struct ldif_record *r)
{
	struct slice parent = r->new_superior;
	if (!parent.data && !dn_parent(r->dn, &parent))
		parent = slice_of("", 0);
	return arena_printf(&i->scratch, "%.*s%s%.*s", (int)r->new_rdn.size,
	                    (const char *)r->new_rdn.data, parent.size ? "," : "", (int)parent.size,
	                    (const char *)parent.data);
}

/* The renamed entry that dn names, or is below of; *before says how much of dn comes before its
 * name. */
static const struct rename *find_rename(const struct import *i, struct slice dn, size_t *before)
{
	struct slice rest = dn;
	struct key key;
	do {
		if (!key_of_dn(rest, 0, &key))
			return NULL;
		const struct rename *found =
			hashmap_get(i->renames->by_key, slice_of(key.bytes, sizeof key.bytes));
		*before = (size_t)(rest.data - dn.data);
		if (found)
			return found;
	} while (dn_parent(rest, &rest));
	return NULL;
}

static bool follow(const struct import *i, struct slice *dn, struct arena *a)
{
	size_t before = 0;
	const struct rename *rename = find_rename(i, *dn, &before);
	if (!rename)
		return false;
	char *text = arena_printf(a, "%.*s%s", (int)before, (const char *)dn->data, rename->dn);
	if (text)
		*dn = slice_of_string(text);
	return text != NULL;
}

static int follow_in_entry(struct import *i, uint32_t mid, struct arena *a, struct error *e)
{
	bool renamed = hashmap_get(i->renames->by_mid, slice_of(&mid, sizeof mid)) != NULL;
	int err = import_load(i, mid, e);
	if (err)
		return err;
	import_edit(i);
	bool changed = !renamed && follow(i, &i->record.dn, a);
	for (size_t k = 0; k < i->record.count; k++) {
		const struct name *name = names_at(i->names, i->record.values[k].name);
		if (name && name->syntax == SYNTAX_LINK)
			changed |= follow(i, &i->record.values[k].value, a);
	}
	err = changed ? import_write(i, mid, e) : 0;
	arena_reset(a);
	return err;
}

int import_follow_renames(struct import *i, struct error *e)
{
	struct mids all = {0};
	struct arena a;
	if (!i->renames)
		return 0;
	arena_init(&a, LDIF_MAX_RECORD);
	int err = import_all(i, &all, e);
	for (size_t k = 0; k < all.count && !err; k++)
		err = follow_in_entry(i, all.items[k], &a, e);
	arena_free(&a);
	free(all.items);
	renames_free(i->renames);
	i->renames = NULL;
	return err;
}

/* Entries below which there are none; of others the names below follow at once, since the next
 * record may say them. */
static bool is_leaf(const struct import *i)
{
	static const char *const leaves[] = {"person", "contact", "group", "groupOfNames",
	                                     "groupOfUniqueNames"};
	size_t first = 0, count = record_values(&i->old, names_object_class(i->names), &first);
	for (size_t k = first; k < first + count; k++)
		for (size_t n = 0; n < sizeof leaves / sizeof *leaves; n++)
			if (slice_equal_nocase(i->old.values[k].value, slice_of_string(leaves[n])))
				return true;
	return false;
}

static int rename_entry(struct import *i, const struct ldif_record *r, uint32_t mid, const char *dn,
                        struct error *e)
{
	int err = import_load(i, mid, e);
	if (!err && !is_leaf(i))
		err = import_follow_renames(i, e);
	if (!err)
		err = import_load(i, mid, e);
	if (err)
		return err;
	bool leaf = is_leaf(i);
	struct slice old_dn = arena_slice(&i->scratch, i->old.dn);
	import_edit(i);
	i->record.dn = slice_of_string(dn);
	if (r->delete_old_rdn)
		err = edit_rdn(i, r, old_dn, LDIF_EDIT_DELETE, e);
	if (!err)
		err = edit_rdn(i, r, r->new_rdn, LDIF_EDIT_ADD, e);
	record_sort(&i->record);
	if (!err)
		err = import_write(i, mid, e);
	if (err)
		return err;
	remember(i, mid, old_dn, dn);
	return leaf ? 0 : import_follow_renames(i, e);
}

int import_rename(struct import *i, const struct ldif_record *r, struct error *e)
{
	uint32_t mid = 0, holder = 0;
	struct slice more;
	int err = import_find(i, r, r->dn, &mid, e);
	char *dn = new_dn(i, r);
	if (!err && (!dn || dn_parent(r->new_rdn, &more)))
		err = ldif_fail(i->ldif, e, ERR_INVALID, r->line, "newrdn is no single RDN");
	if (!err)
		err = import_find(i, r, slice_of_string(dn), &holder, e);
	if (err)
		return err;
	if (holder && holder != mid && mid)
		return ldif_fail(i->ldif, e, ERR_EXISTS, r->line,
		                 "there is an entry of the new name already");
	if (mid)
		return rename_entry(i, r, mid, dn, e);
	if (!holder)
		return ldif_fail(i->ldif, e, ERR_NOT_FOUND, r->line,
		                 "there is no such entry to be renamed");
	i->result.unchanged++; /* renamed by an earlier import of the same file */
	return 0;
}
