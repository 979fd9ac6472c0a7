#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/net-private.h"

enum { POOL_THREADS = 4 };

struct job {
	struct post post; /* first a queue of the pool, then of the loop */
	struct net_loop *loop;
	void (*work)(void *job);
	void (*done)(void *job);
	void *data;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t added;
	struct post_queue jobs;
	pthread_t threads[POOL_THREADS];
	size_t thread_count;
	bool ending;
};

/* The posts of a job are its first member. */
static struct job *job_of(struct post *p)
{
	return (struct job *)(void *)p;
}

static struct job *take_job(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	while (STAILQ_EMPTY(&p->jobs) && !p->ending)
		pthread_cond_wait(&p->added, &p->lock);
	struct post *first = STAILQ_FIRST(&p->jobs);
	if (first)
		STAILQ_REMOVE_HEAD(&p->jobs, entry);
	pthread_mutex_unlock(&p->lock);
	return first ? job_of(first) : NULL;
}

static void finish_job(struct net_loop *l, struct post *p)
{
	struct job *j = job_of(p);

	(void)l;
	j->done(j->data);
	free(j);
}

static void *pool_main(void *arg)
{
	struct job *j;

	while ((j = take_job(arg))) {
		j->work(j->data);
		j->post.run = finish_job;
		net_loop_post(j->loop, &j->post); /* loops outlive the pool */
	}
	return NULL;
}

struct pool *net_pool_new(struct error *e)
{
	struct pool *p = xcalloc(1, sizeof *p);

	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->added, NULL);
	STAILQ_INIT(&p->jobs);
	for (; p->thread_count < POOL_THREADS; p->thread_count++) {
		int failed = pthread_create(&p->threads[p->thread_count], NULL, pool_main, p);
		if (failed) {
			error_set(e, ERR_SYSTEM, "a thread cannot be started: %s",
			          strerror(failed));
			net_pool_free(p);
			return NULL;
		}
	}
	return p;
}

void net_pool_add(struct pool *p, struct net_loop *l, void (*work)(void *job),
                  void (*done)(void *job), void *job)
{
	struct job *j = xcalloc(1, sizeof *j);

	*j = (struct job){.loop = l, .work = work, .done = done, .data = job};
	pthread_mutex_lock(&p->lock);
	STAILQ_INSERT_TAIL(&p->jobs, &j->post, entry);
	pthread_cond_signal(&p->added);
	pthread_mutex_unlock(&p->lock);
}

void net_pool_free(struct pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->ending = true;
	pthread_cond_broadcast(&p->added);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->thread_count; i++)
		pthread_join(p->threads[i], NULL);
	pthread_cond_destroy(&p->added);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
