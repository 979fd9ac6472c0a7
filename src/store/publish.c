#include "store/publish.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "directory/policy.h"
#include "store/feed.h"

enum { MANY = 1000 };

int publish_entries(struct store *s, struct directory_builder *b, const uint32_t *mids,
                    size_t count, struct error *e)
{
	_Atomic size_t warnings = 0;
	struct feed f;
	int err = feed_open(&f, s, b, &warnings, e);
	for (size_t i = 0; i < count && !err; i++) {
		struct slice bytes = {0};
		err = store_get(s, f.txn, TABLE_ENTRIES, slice_of(&mids[i], sizeof mids[i]), &bytes,
		                e);
		if (!err)
			err = feed_put(&f, mids[i], bytes, e);
		if (err == ERR_NOT_FOUND) {
			builder_remove(b, mids[i]);
			err = 0;
		}
	}
	if (!err) {
		builder_set_source(b, store_meta_number(s, f.txn, "generation"));
		feed_join(&f, b);
	}
	feed_close(&f);
	feed_tell_warnings(warnings);
	return err;
}

static int put_changes(struct store *s, struct directory_builder *b, const struct mid_list *lists,
                       size_t list_count, struct error *e)
{
	int err = 0;
	for (size_t i = 0; i < list_count && !err; i++)
		err = publish_entries(s, b, lists[i].mids, lists[i].count, e);
	return err;
}

static int follow(struct store *s, const struct mid_list *lists, size_t list_count, struct error *e)
{
	const struct snapshot *base = directory_acquire(s->directory);
	struct directory_builder *b = builder_new(s->directory, base);
	int err = put_changes(s, b, lists, list_count, e);
	snapshot_unref(base);
	if (err)
		builder_free(b);
	else
		directory_publish(s->directory, builder_finish(b));
	return err;
}

static size_t count_of(const struct mid_list *lists, size_t list_count)
{
	size_t count = 0;
	for (size_t i = 0; i < list_count; i++)
		count += lists[i].count;
	return count;
}

/* So much of the book that all of it is read sooner. */
static bool is_most(struct store *s, const struct mid_list *lists, size_t list_count)
{
	struct store_counts counts;
	size_t changed = count_of(lists, list_count);
	if (changed < MANY)
		return false;
	store_counts(s, &counts);
	return changed > counts.entries / 2;
}

void publish_changes(struct store *s, const struct mid_list *lists, size_t list_count)
{
	struct error e = {0};
	uint64_t start = clock_mono_us();
	int err = is_most(s, lists, list_count) ? publish_all(s, PARALLEL_GENTLY, &e)
	                                        : follow(s, lists, list_count, &e);
	if (err)
		log_error(
			"a change is in the store, but readers do not see it before a restart: %s",
			e.text);
	else
		log_debug("%zu entries of the book changed in %.1f ms", count_of(lists, list_count),
		          (double)(clock_mono_us() - start) / 1000);
}

static int set_policy(struct store *s, struct policy *p, struct error *e)
{
	struct policy *before = directory_policy(s->directory);
	bool rebuild = false;
	int err = directory_set_policy(s->directory, p, &rebuild, e);
	if (!err && rebuild) {
		err = publish_all(s, PARALLEL_GENTLY, e);
		if (err) /* the lists of the snapshot that there is */
			directory_set_policy(s->directory, before, &rebuild, NULL);
	}
	policy_unref(before);
	return err;
}

int store_set_policy(struct store *s, struct policy *p, struct error *e)
{
	if (!turn_take(&s->turn, TURN_WAIT_MS))
		return error_set(e, ERR_BUSY, "an import is under way; try again when it is done");
	int err = set_policy(s, p, e);
	turn_give(&s->turn);
	return err;
}
