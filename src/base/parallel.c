#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

enum { THREADS_MAX = 16, NICENESS = 5 };

struct parallel {
	enum parallel_pace pace;
	parallel_fn *run;
	void *context;
	size_t count;
	_Atomic size_t next;
};

size_t parallel_threads(void)
{
	cpu_set_t cores;
	if (sched_getaffinity(0, sizeof cores, &cores))
		return 1;
	size_t count = (size_t)CPU_COUNT(&cores);
	return count < THREADS_MAX ? count : THREADS_MAX;
}

static void run_tasks(struct parallel *p)
{
	size_t task;
	while ((task = atomic_fetch_add_explicit(&p->next, 1, memory_order_relaxed)) < p->count)
		p->run(p->context, task);
}

/* On Linux niceness and policy are a thread's own. A batch thread that wakes up interrupts nobody.
 * Where that is not allowed it goes on as it is. */
void parallel_give_way(void)
{
	static const struct sched_param none;
	(void)sched_setscheduler(0, SCHED_BATCH, &none);
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
}

static void *thread_main(void *context)
{
	struct parallel *p = context;
	if (p->pace == PARALLEL_GENTLY)
		parallel_give_way();
	run_tasks(p);
	return NULL;
}

void parallel_run(enum parallel_pace pace, size_t count, parallel_fn *run, void *context)
{
	struct parallel p = {.pace = pace, .run = run, .context = context, .count = count};
	size_t wanted = parallel_threads() < count ? parallel_threads() : count;
	pthread_t threads[THREADS_MAX];
	size_t started = 0;

	while (wanted > 1 && started < wanted &&
	       pthread_create(&threads[started], NULL, thread_main, &p) == 0)
		started++;
	if (started == 0)
		run_tasks(&p);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}
