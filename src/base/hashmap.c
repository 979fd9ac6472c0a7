#include "base/hashmap.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"

/* Open addressing with linear probing and backward-shift deletion; at most three quarters full. */
struct entry {
	uint64_t hash;
	uint8_t *key; /* NULL: the slot is free */
	size_t key_size;
	void *value;
};

struct hashmap {
	struct entry *slots;
	size_t capacity; /* a power of two */
	size_t count;
};

enum { FIRST_CAPACITY = 16 };

static struct hash_secret process_secret;
static pthread_once_t secret_once = PTHREAD_ONCE_INIT;

static void make_secret(void)
{
	random_bytes(&process_secret, sizeof process_secret);
}

static uint64_t rotate(uint64_t v, int bits)
{
	return v << bits | v >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static void sip_block(uint64_t v[4], uint64_t m)
{
	v[3] ^= m;
	sip_round(v);
	sip_round(v);
	v[0] ^= m;
}

uint64_t hash_with(const struct hash_secret *secret, struct slice key)
{
	const uint64_t *half = secret->halves;
	uint64_t v[4] = {half[0] ^ 0x736f6d6570736575, half[1] ^ 0x646f72616e646f6d,
	                 half[0] ^ 0x6c7967656e657261, half[1] ^ 0x7465646279746573};
	size_t left = key.size;
	const uint8_t *p = key.data;
	uint64_t m;
	for (; left >= sizeof m; p += sizeof m, left -= sizeof m) {
		memcpy(&m, p, sizeof m);
		sip_block(v, m);
	}
	m = (uint64_t)key.size << 56;
	for (size_t i = 0; i < left; i++)
		m |= (uint64_t)p[i] << (8 * i);
	sip_block(v, m);
	v[2] ^= 0xFF;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t hash_bytes(struct slice key)
{
	pthread_once(&secret_once, make_secret);
	return hash_with(&process_secret, key);
}

struct hashmap *hashmap_new(void)
{
	struct hashmap *m = xcalloc(1, sizeof *m);
	m->capacity = FIRST_CAPACITY;
	m->slots = xcalloc(m->capacity, sizeof *m->slots);
	return m;
}

void hashmap_free(struct hashmap *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->capacity; i++)
		free(m->slots[i].key);
	free(m->slots);
	free(m);
}

size_t hashmap_count(const struct hashmap *m)
{
	return m->count;
}

/* The slot that holds the key, or the free one where it belongs. */
static struct entry *find_slot(const struct hashmap *m, struct slice key, uint64_t hash)
{
	size_t i = hash & (m->capacity - 1);
	while (m->slots[i].key) {
		const struct entry *e = &m->slots[i];
		if (e->hash == hash && slice_equal(slice_of(e->key, e->key_size), key))
			break;
		i = (i + 1) & (m->capacity - 1);
	}
	return &m->slots[i];
}

void *hashmap_get(const struct hashmap *m, struct slice key)
{
	const struct entry *e = find_slot(m, key, hash_bytes(key));
	return e->key ? e->value : NULL;
}

static void grow(struct hashmap *m)
{
	struct hashmap bigger = {.capacity = m->capacity * 2, .count = m->count};
	bigger.slots = xcalloc(bigger.capacity, sizeof *bigger.slots);
	for (size_t i = 0; i < m->capacity; i++) {
		const struct entry *e = &m->slots[i];
		if (e->key)
			*find_slot(&bigger, slice_of(e->key, e->key_size), e->hash) = *e;
	}
	free(m->slots);
	*m = bigger;
}

void *hashmap_put(struct hashmap *m, struct slice key, void *value)
{
	if ((m->count + 1) * 4 > m->capacity * 3)
		grow(m);
	uint64_t hash = hash_bytes(key);
	struct entry *e = find_slot(m, key, hash);
	void *old = e->key ? e->value : NULL;
	if (!e->key) {
		*e = (struct entry){
			.hash = hash, .key = xmemdup(key.data, key.size), .key_size = key.size};
		m->count++;
	}
	e->value = value;
	return old;
}

void *hashmap_remove(struct hashmap *m, struct slice key)
{
	struct entry *e = find_slot(m, key, hash_bytes(key));
	if (!e->key)
		return NULL;
	void *old = e->value;
	free(e->key);
	m->count--;
	size_t mask = m->capacity - 1;
	size_t hole = (size_t)(e - m->slots);
	for (size_t i = (hole + 1) & mask; m->slots[i].key; i = (i + 1) & mask) {
		size_t home = m->slots[i].hash & mask;
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			m->slots[hole] = m->slots[i];
			hole = i;
		}
	}
	m->slots[hole] = (struct entry){0};
	return old;
}

bool hashmap_next(const struct hashmap *m, size_t *position, struct slice *key, void **value)
{
	for (; *position < m->capacity; ++*position) {
		const struct entry *e = &m->slots[*position];
		if (!e->key)
			continue;
		if (key)
			*key = slice_of(e->key, e->key_size);
		*value = e->value;
		++*position;
		return true;
	}
	return false;
}
