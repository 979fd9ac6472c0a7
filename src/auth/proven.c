#include "auth/proven-private.h"

#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/random.h"

#define KEPT_MS (5 * 60 * 1000)
#define PLACES  4096

struct place {
	uint8_t proof[PROVEN_SIZE];
	uint64_t until_ms; /* 0: free */
};

struct proven {
	struct hmac_sha256_ctx keyed;
	pthread_mutex_t lock; /* of the places */
	struct place places[PLACES];
};

struct proven *proven_new(void)
{
	struct proven *p = xcalloc(1, sizeof *p);
	uint8_t key[32];
	random_bytes(key, sizeof key);
	hmac_sha256_set_key(&p->keyed, sizeof key, key);
	wipe(key, sizeof key);
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

void proven_free(struct proven *p)
{
	if (!p)
		return;
	pthread_mutex_destroy(&p->lock);
	wipe(p, sizeof *p);
	free(p);
}

void proven_make(const struct proven *p, const struct slice *parts, size_t count,
                 uint8_t proof[PROVEN_SIZE])
{
	struct hmac_sha256_ctx mac = p->keyed;
	for (size_t i = 0; i < count; i++) {
		uint8_t size[4];
		put_le32(size, (uint32_t)parts[i].size);
		hmac_sha256_update(&mac, sizeof size, size);
		hmac_sha256_update(&mac, parts[i].size, parts[i].data);
	}
	hmac_sha256_digest(&mac, PROVEN_SIZE, proof);
	wipe(&mac, sizeof mac);
}

static struct place *place_of(struct proven *p, const uint8_t proof[PROVEN_SIZE])
{
	return &p->places[(proof[0] | proof[1] << 8) % PLACES];
}

void proven_put(struct proven *p, const uint8_t proof[PROVEN_SIZE], uint64_t now_ms)
{
	struct place *place = place_of(p, proof);
	pthread_mutex_lock(&p->lock);
	memcpy(place->proof, proof, PROVEN_SIZE);
	place->until_ms = now_ms + KEPT_MS;
	pthread_mutex_unlock(&p->lock);
}

bool proven_has(struct proven *p, const uint8_t proof[PROVEN_SIZE], uint64_t now_ms)
{
	const struct place *place = place_of(p, proof);
	pthread_mutex_lock(&p->lock);
	bool has = place->until_ms > now_ms && memeql_sec(place->proof, proof, PROVEN_SIZE);
	pthread_mutex_unlock(&p->lock);
	return has;
}
