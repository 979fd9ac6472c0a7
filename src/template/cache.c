#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"
#include "template/template-private.h"

/* Direct-mapped: what comes to a slot replaces what was there. A template takes some kilobytes in a
 * code page, and clients use a handful of them. */
enum { SLOT_COUNT = 256 };

struct slot {
	const struct template *template; /* NULL: free */
	uint32_t codepage;
	bool fits;
	uint8_t *data;
	size_t size;
};

struct template_cache {
	pthread_mutex_t lock; /* of the slots */
	struct slot slots[SLOT_COUNT];
};

struct template_cache *template_cache_new(void)
{
	struct template_cache *c = xcalloc(1, sizeof *c);

	pthread_mutex_init(&c->lock, NULL);
	return c;
}

void template_cache_free(struct template_cache *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < SLOT_COUNT; i++)
		free(c->slots[i].data);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static struct slot *slot_of(struct template_cache *c, const struct template *t, uint32_t codepage)
{
	uint64_t key = ((uint64_t)(uintptr_t)t >> 4) * 31 + codepage;

	return &c->slots[(key * UINT64_C(0x9E3779B97F4A7C15)) >> 56];
}

static struct slice find(struct template_cache *c, const struct template *t, uint32_t codepage,
                         struct arena *a, bool *fits)
{
	struct slot *s = slot_of(c, t, codepage);
	struct slice found = slice_of(NULL, 0);

	pthread_mutex_lock(&c->lock);
	if (s->template == t && s->codepage == codepage) {
		found = arena_slice(a, slice_of(s->data, s->size));
		*fits = s->fits;
	}
	pthread_mutex_unlock(&c->lock);
	return found;
}

static void keep(struct template_cache *c, const struct template *t, uint32_t codepage,
                 struct slice made, bool fits)
{
	struct slot *s = slot_of(c, t, codepage);
	uint8_t *data = xmemdup(made.data, made.size);

	pthread_mutex_lock(&c->lock);
	uint8_t *old = s->data;
	*s = (struct slot){t, codepage, fits, data, made.size};
	pthread_mutex_unlock(&c->lock);
	free(old);
}

struct slice template_cache_get(struct template_cache *c, const struct template *t,
                                uint32_t codepage, struct arena *a, bool *fits)
{
	struct slice data = find(c, t, codepage, a, fits);

	if (!data.data) {
		data = layout_make(a, t, codepage, fits);
		if (data.data)
			keep(c, t, codepage, data, *fits);
	}
	return data;
}
