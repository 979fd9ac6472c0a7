#ifndef DIRECTORY_SNAPSHOT_PRIVATE_H
#define DIRECTORY_SNAPSHOT_PRIVATE_H

#include "directory/container-private.h"
#include "directory/directory.h"
#include "directory/index-private.h"
#include "directory/records-private.h"

/* The indexes of a snapshot. The sort orders come last. */
enum { INDEX_NAMES, INDEX_BACKLINKS, INDEX_TOKENS, INDEX_ORDERS };
enum { LOCALES_MAX = 16, ORDERS_MAX = LOCALES_MAX + 1, SEARCHED_MAX = 64 };

struct sort_order {
	uint32_t lcid;
	enum table_sort sort;
};

/* What the configuration says about all snapshots of a directory; shared by them. */
struct directory_settings {
	_Atomic uint32_t refs;
	struct hash_secret secret; /* of the hashes in objects and indexes */
	size_t order_count;        /* at least one: the default comes first */
	struct sort_order orders[ORDERS_MAX];
	size_t searched_count;
	uint16_t searched[SEARCHED_MAX]; /* property ids of name resolution */
	uint32_t policy_number;
	struct policy *policy; /* NULL: everybody sees everything */
	struct address_lists *lists;
};

struct snapshot {
	_Atomic uint32_t refs;
	uint64_t generation;
	uint64_t source; /* see builder_set_source */
	size_t count;
	struct directory_settings *settings;
	struct records records;
	const struct index *indexes[INDEX_ORDERS + ORDERS_MAX]; /* NULL: an order not yet made */
	const struct hierarchy *hierarchy; /* of departments; NULL: there are none */
};

struct directory_settings *directory_settings_new(const struct directory_config *config);
/* The settings as they are but for the policy; takes the lists. */
struct directory_settings *directory_settings_with(const struct directory_settings *old,
                                                   struct policy *p, struct address_lists *lists);
struct directory_settings *directory_settings(struct directory *d); /* a reference */
struct directory_settings *directory_settings_ref(struct directory_settings *s);
/* The settings in force, once more, to be changed before they are. */
struct directory_settings *directory_settings_copy(struct directory *d);
void directory_adopt_settings(struct directory *d, struct directory_settings *s); /* a reference */
/* What objects depend on; and, beside that, an index. The same at another time or place when the
 * same comes out. */
uint64_t settings_identity(const struct directory_settings *s);
uint64_t settings_index_identity(const struct directory_settings *s, size_t index);
void directory_settings_unref(struct directory_settings *s);
/* With the same content. */
struct snapshot *snapshot_copy(struct directory *d, const struct snapshot *base);
/* Without content; takes another reference to the settings. */
struct snapshot *snapshot_new(struct directory *d, struct directory_settings *settings);

static inline size_t snapshot_index_count(const struct snapshot *s)
{
	return INDEX_ORDERS + s->settings->order_count;
}

#endif
