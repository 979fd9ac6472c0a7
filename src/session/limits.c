#include "session/limits.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hashmap.h"
#include "base/memory.h"

/* Microsoft's number for a domain controller (KB 949469). */
#define BUILT_IN_SESSIONS     50
#define BUILT_IN_WARN_PERCENT 80

#define KEY_SIZE (ACCOUNT_NAME_SIZE + 1)

/* What was said about one account, one group or the default: by the file and by an operator. */
struct said {
	struct limit *configured, *set;
};

struct limits {
	pthread_mutex_t lock;
	struct hashmap
		*said; /* scope and folded name -> struct said, never one with nothing in it */
	bool audit_only;
	uint32_t warn_percent;
};

struct limits *limits_new(void)
{
	struct limits *l = xcalloc(1, sizeof *l);
	pthread_mutex_init(&l->lock, NULL);
	l->said = hashmap_new();
	l->warn_percent = BUILT_IN_WARN_PERCENT;
	return l;
}

static struct limit **said_by(struct said *said, enum limit_origin origin)
{
	return origin == LIMIT_SET ? &said->set : &said->configured;
}

/* Names of accounts and groups compare without case; what is beyond ASCII arrives in its canonical
 * spelling. */
static struct slice make_key(enum limit_scope scope, const char *name, char key[KEY_SIZE])
{
	size_t size = 0;
	key[size++] = (char)('0' + scope);
	for (; *name && size < KEY_SIZE; name++)
		key[size++] = (char)(*name >= 'A' && *name <= 'Z' ? *name + ('a' - 'A') : *name);
	return slice_of(key, size);
}

static void put(struct limits *l, const struct limit *limit)
{
	char text[KEY_SIZE];
	struct slice key = make_key(limit->scope, limit->name, text);
	struct said *said = hashmap_get(l->said, key);
	if (!said) {
		said = xcalloc(1, sizeof *said);
		hashmap_put(l->said, key, said);
	}
	struct limit **place = said_by(said, limit->origin);
	free(*place);
	*place = xmemdup(limit, sizeof *limit);
}

static bool forget(struct said *said, enum limit_origin origin)
{
	struct limit **place = said_by(said, origin);
	bool was_there = *place != NULL;
	free(*place);
	*place = NULL;
	return was_there;
}

static void forget_all(struct limits *l, enum limit_origin origin)
{
	struct hashmap *rest = hashmap_new();
	size_t position = 0;
	struct slice key;
	void *value;

	while (hashmap_next(l->said, &position, &key, &value)) {
		struct said *said = value;
		forget(said, origin);
		if (said->configured || said->set)
			hashmap_put(rest, key, said);
		else
			free(said);
	}
	hashmap_free(l->said);
	l->said = rest;
}

void limits_free(struct limits *l)
{
	if (!l)
		return;
	forget_all(l, LIMIT_CONFIGURED);
	forget_all(l, LIMIT_SET);
	hashmap_free(l->said);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

void limits_replace(struct limits *l, enum limit_origin origin, const struct limit *list,
                    size_t count)
{
	pthread_mutex_lock(&l->lock);
	forget_all(l, origin);
	for (size_t i = 0; i < count; i++) {
		struct limit limit = list[i];
		limit.origin = origin;
		put(l, &limit);
	}
	pthread_mutex_unlock(&l->lock);
}

void limits_set_policy(struct limits *l, bool audit_only, uint32_t warn_percent)
{
	pthread_mutex_lock(&l->lock);
	l->audit_only = audit_only;
	l->warn_percent = warn_percent;
	pthread_mutex_unlock(&l->lock);
}

void limits_set(struct limits *l, const struct limit *limit)
{
	struct limit set = *limit;
	set.origin = LIMIT_SET;
	pthread_mutex_lock(&l->lock);
	put(l, &set);
	pthread_mutex_unlock(&l->lock);
}

bool limits_clear(struct limits *l, enum limit_scope scope, const char *name)
{
	char text[KEY_SIZE];
	struct slice key = make_key(scope, name, text);
	bool was_there = false;

	pthread_mutex_lock(&l->lock);
	struct said *said = hashmap_get(l->said, key);
	if (said) {
		was_there = forget(said, LIMIT_SET);
		if (!said->configured)
			free(hashmap_remove(l->said, key));
	}
	pthread_mutex_unlock(&l->lock);
	return was_there;
}

static bool holds_at(const struct limit *limit, uint64_t now_wall_ms)
{
	return limit && (limit->until_ms == 0 || now_wall_ms < limit->until_ms);
}

/* What an operator set beats the file, as long as it holds. */
static const struct limit *in_force(struct limits *l, enum limit_scope scope, const char *name,
                                    uint64_t now_wall_ms)
{
	char text[KEY_SIZE];
	const struct said *said = hashmap_get(l->said, make_key(scope, name, text));
	if (!said)
		return NULL;
	if (holds_at(said->set, now_wall_ms))
		return said->set;
	return holds_at(said->configured, now_wall_ms) ? said->configured : NULL;
}

static const struct limit *highest_of_groups(struct limits *l, const struct account_status *status,
                                             uint64_t now_wall_ms)
{
	const struct limit *highest = NULL;
	for (size_t i = 0; i < status->group_count; i++) {
		const struct limit *g = in_force(l, LIMIT_GROUP, status->groups[i], now_wall_ms);
		if (g && (!highest || g->sessions > highest->sessions))
			highest = g;
	}
	return highest;
}

void limits_effective(struct limits *l, const char *account, const struct account_status *status,
                      uint64_t now_wall_ms, struct limit *out)
{
	static const struct limit built_in = {
		.scope = LIMIT_DEFAULT, .origin = LIMIT_BUILT_IN, .sessions = BUILT_IN_SESSIONS};

	pthread_mutex_lock(&l->lock);
	const struct limit *found = in_force(l, LIMIT_ACCOUNT, account, now_wall_ms);
	if (!found)
		found = highest_of_groups(l, status, now_wall_ms);
	if (!found)
		found = in_force(l, LIMIT_DEFAULT, "", now_wall_ms);
	*out = found ? *found : built_in;
	pthread_mutex_unlock(&l->lock);
}

static int compare(const void *a, const void *b)
{
	const struct limit *x = a, *y = b;
	if (x->scope != y->scope)
		return x->scope < y->scope ? -1 : 1;
	int names = strcmp(x->name, y->name);
	return names ? names : (int)x->origin - (int)y->origin;
}

size_t limits_list(struct limits *l, struct limit **list)
{
	size_t count = 0, position = 0;
	void *value;

	pthread_mutex_lock(&l->lock);
	struct limit *copies = xcalloc(2 * hashmap_count(l->said) + 1, sizeof *copies);
	while (hashmap_next(l->said, &position, NULL, &value)) {
		const struct said *said = value;
		if (said->configured)
			copies[count++] = *said->configured;
		if (said->set)
			copies[count++] = *said->set;
	}
	pthread_mutex_unlock(&l->lock);

	qsort(copies, count, sizeof *copies, compare);
	*list = copies;
	return count;
}

bool limits_audit_only(struct limits *l)
{
	pthread_mutex_lock(&l->lock);
	bool audit_only = l->audit_only;
	pthread_mutex_unlock(&l->lock);
	return audit_only;
}

uint32_t limits_warn_percent(struct limits *l)
{
	pthread_mutex_lock(&l->lock);
	uint32_t percent = l->warn_percent;
	pthread_mutex_unlock(&l->lock);
	return percent;
}

int limit_parse_sessions(const char *text, uint32_t *sessions, struct error *e)
{
	if (strcmp(text, "unlimited") == 0) {
		*sessions = LIMIT_UNLIMITED;
		return 0;
	}
	uint64_t value = 0;
	const char *p = text;
	for (; *p >= '0' && *p <= '9' && value < LIMIT_UNLIMITED; p++)
		value = value * 10 + (uint64_t)(*p - '0');
	if (p == text || *p || value >= LIMIT_UNLIMITED)
		return error_set(
			e, ERR_INVALID,
			"\"%.40s\" is not a number of sessions: write 0 to %u, or \"unlimited\"",
			text, LIMIT_UNLIMITED - 1);
	*sessions = (uint32_t)value;
	return 0;
}
