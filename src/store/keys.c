#include "store/keys.h"

#include <ctype.h>
#include <nettle/sha2.h>
#include <stdlib.h>

#include "base/hashmap.h"
#include "base/memory.h"
#include "directory/dn.h"

struct slot {
	struct key key;
	uint32_t mid;
	bool used;
};

struct keys {
	struct store *store;
	MDB_txn *txn;
	enum store_table table;
	struct slot *slots; /* open addressing */
	size_t room, count; /* room: a power of two */
	struct error failure;
};

struct keys *keys_new(struct store *s, MDB_txn *txn, enum store_table table)
{
	struct keys *k = xcalloc(1, sizeof *k);
	*k = (struct keys){.store = s, .txn = txn, .table = table, .room = 1024};
	k->slots = xcalloc(k->room, sizeof *k->slots);
	return k;
}

void keys_free(struct keys *k)
{
	if (!k)
		return;
	free(k->slots);
	free(k);
}

static struct slot *find_slot(const struct keys *k, const struct key *key)
{
	size_t i = hash_bytes(slice_of(key->bytes, sizeof key->bytes)) & (k->room - 1);
	while (k->slots[i].used && memcmp(&k->slots[i].key, key, sizeof *key) != 0)
		i = (i + 1) & (k->room - 1);
	return &k->slots[i];
}

uint32_t keys_get(struct keys *k, const struct key *key)
{
	const struct slot *slot = find_slot(k, key);
	struct slice value = {0};
	uint32_t mid = 0;
	if (slot->used)
		return slot->mid;
	int err = store_get(k->store, k->txn, k->table, slice_of(key->bytes, sizeof key->bytes),
	                    &value, &k->failure);
	if (!err && value.size == sizeof mid)
		memcpy(&mid, value.data, sizeof mid);
	return mid;
}

static void grow(struct keys *k)
{
	struct slot *old = k->slots;
	size_t old_room = k->room;
	k->room *= 2;
	k->slots = xcalloc(k->room, sizeof *k->slots);
	for (size_t i = 0; i < old_room; i++)
		if (old[i].used)
			*find_slot(k, &old[i].key) = old[i];
	free(old);
}

void keys_set(struct keys *k, const struct key *key, uint32_t mid)
{
	if (k->count >= k->room / 2)
		grow(k);
	struct slot *slot = find_slot(k, key);
	k->count += !slot->used;
	*slot = (struct slot){*key, mid, true};
}

static int compare_slots(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;
	return memcmp(&x->key, &y->key, sizeof x->key);
}

static int save_slot(struct keys *k, const struct slot *slot, struct error *e)
{
	struct slice key = slice_of(slot->key.bytes, sizeof slot->key.bytes);
	if (slot->mid)
		return store_put(k->store, k->txn, k->table, key,
		                 slice_of(&slot->mid, sizeof slot->mid), e);
	int err = store_delete(k->store, k->txn, k->table, key, e);
	return err == ERR_NOT_FOUND ? 0 : err;
}

int keys_save(struct keys *k, struct error *e)
{
	size_t count = 0;
	int err = k->failure.code;
	if (err)
		return error_set(e, err, "%s", k->failure.text);
	for (size_t i = 0; i < k->room; i++)
		if (k->slots[i].used)
			k->slots[count++] = k->slots[i];
	qsort(k->slots, count, sizeof *k->slots, compare_slots);
	for (size_t i = 0; i < count && !err; i++)
		err = save_slot(k, &k->slots[i], e);
	return err;
}

static void digest(const struct buffer *text, struct key *key)
{
	struct sha256_ctx sha;
	sha256_init(&sha);
	sha256_update(&sha, text->size, text->data ? text->data : (const uint8_t *)"");
	sha256_digest(&sha, sizeof key->bytes, key->bytes);
}

bool key_of_dn(struct slice dn, uint32_t number, struct key *key)
{
	struct buffer normal;
	buffer_init(&normal, 4 * DN_MAX);
	bool ok = dn.size <= DN_MAX && dn_normalise(dn, &normal);
	if (ok && number)
		buffer_put_u32(&normal, number);
	if (ok)
		digest(&normal, key);
	buffer_free(&normal);
	return ok;
}

void key_of_text(struct slice text, struct key *key)
{
	struct buffer lower;
	buffer_init(&lower, text.size);
	for (size_t i = 0; i < text.size; i++)
		buffer_put_u8(&lower, (uint8_t)tolower(text.data[i]));
	digest(&lower, key);
	buffer_free(&lower);
}
