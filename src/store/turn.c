#include "store/turn.h"

#include <time.h>

void turn_init(struct turn *t)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->given, &monotonic);
	pthread_condattr_destroy(&monotonic);
	t->taken = false;
}

void turn_destroy(struct turn *t)
{
	pthread_cond_destroy(&t->given);
	pthread_mutex_destroy(&t->lock);
}

static struct timespec time_in(uint32_t ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += (long)(ms % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

bool turn_take(struct turn *t, uint32_t wait_ms)
{
	const struct timespec end = time_in(wait_ms);
	int late = 0;

	pthread_mutex_lock(&t->lock);
	while (t->taken && !late)
		late = pthread_cond_timedwait(&t->given, &t->lock, &end);
	bool ours = !t->taken;
	t->taken = true;
	pthread_mutex_unlock(&t->lock);
	return ours;
}

void turn_give(struct turn *t)
{
	pthread_mutex_lock(&t->lock);
	t->taken = false;
	pthread_cond_signal(&t->given);
	pthread_mutex_unlock(&t->lock);
}
