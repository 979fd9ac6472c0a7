#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "net/net-private.h"

enum { OUTPUT_KEPT = 1 << 20 }; /* bytes of the lent buffer that stay with the loop */

static void run_posts(struct net_loop *l)
{
	struct post_queue batch = STAILQ_HEAD_INITIALIZER(batch);
	struct post *p;

	pthread_mutex_lock(&l->lock);
	STAILQ_CONCAT(&batch, &l->posted);
	pthread_mutex_unlock(&l->lock);
	while ((p = STAILQ_FIRST(&batch))) {
		STAILQ_REMOVE_HEAD(&batch, entry);
		p->run(l, p);
	}
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	uint64_t count = 0;

	(void)what;
	if (read(fd, &count, sizeof count) == sizeof count)
		run_posts(arg);
}

bool net_loop_post(struct net_loop *l, struct post *p)
{
	static const uint64_t one = 1;

	pthread_mutex_lock(&l->lock);
	bool taken = !l->closed, first = STAILQ_EMPTY(&l->posted);
	if (taken)
		STAILQ_INSERT_TAIL(&l->posted, p, entry);
	/* One write a batch: the counter never comes near its end, so this cannot fail. */
	if (taken && first && write(l->wake_fd, &one, sizeof one) != sizeof one)
		abort();
	pthread_mutex_unlock(&l->lock);
	return taken;
}

static void arm(struct event *timer, uint64_t wait_ms)
{
	struct timeval wait = {(time_t)(wait_ms / 1000), (suseconds_t)(wait_ms % 1000 * 1000)};

	evtimer_add(timer, &wait);
}

static void arm_wheel(struct net_loop *l, uint64_t at_ms)
{
	uint64_t now_ms = clock_mono_ms();

	l->wheel_armed_ms = at_ms;
	/* libevent's clock is a coarse one and may be a little behind ours: never wait for nothing.
	 */
	arm(&l->wheel_event, at_ms > now_ms ? at_ms - now_ms : 1);
}

static void fire(void *context, struct wheel_timer *t)
{
	(void)context;
	net_connection_expired(t);
}

static void on_wheel(evutil_socket_t fd, short what, void *arg)
{
	struct net_loop *l = arg;

	(void)fd;
	(void)what;
	wheel_run(&l->wheel, clock_mono_ms(), fire, l);
	l->wheel_armed_ms = 0;
	uint64_t next_ms = wheel_next_ms(&l->wheel);
	if (next_ms)
		arm_wheel(l, next_ms);
}

void net_loop_set_timer(struct net_loop *l, struct wheel_timer *t, uint64_t due_ms)
{
	wheel_set(&l->wheel, t, due_ms);
	if (due_ms == 0)
		return;
	uint64_t at_ms = t->tick * WHEEL_TICK_MS;
	if (!l->wheel_armed_ms || at_ms < l->wheel_armed_ms)
		arm_wheel(l, at_ms);
}

/* Each connection once: who becomes ready again meanwhile waits for the next turn. */
static void run_ready(struct net_loop *l)
{
	for (size_t turn = l->ready_count; turn && !TAILQ_EMPTY(&l->ready); turn--)
		net_connection_resume(TAILQ_FIRST(&l->ready)->connection);
}

static void stop_connections(struct net_loop *l, bool now)
{
	for (uint32_t i = 0; i < l->slots.count; i++)
		if (l->slots.items[i].connection)
			net_connection_stop(l->slots.items[i].connection, now);
}

static void on_stop_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	stop_connections(arg, true);
}

static void *loop_main(void *arg)
{
	struct net_loop *l = arg;
	struct net *n = l->net;

	if (n->make_data)
		l->data = n->make_data(n->data_context);
	while (l->phase != LOOP_ENDING) {
		event_base_loop(l->base,
		                EVLOOP_ONCE | (TAILQ_EMPTY(&l->ready) ? 0 : EVLOOP_NONBLOCK));
		run_ready(l);
		if (l->phase == LOOP_STOPPING && l->slots.used == 0) {
			l->phase = LOOP_DRAINED;
			sem_post(&l->drained);
		}
	}
	pthread_mutex_lock(&l->lock);
	l->closed = true;
	pthread_mutex_unlock(&l->lock);
	run_posts(l);
	if (n->free_data)
		n->free_data(l->data);
	return NULL;
}

static struct event_base *make_base(void)
{
	struct event_config *config = event_config_new();

	if (!config)
		abort();
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	struct event_base *base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

/* Without descriptors at the very start there is nothing to go on with. */
void net_loop_init(struct net_loop *l, struct net *n)
{
	l->net = n;
	pthread_mutex_init(&l->lock, NULL);
	sem_init(&l->drained, 0, 0);
	STAILQ_INIT(&l->posted);
	TAILQ_INIT(&l->ready);
	buffer_init(&l->out, n->limits.max_output_bytes);
	buffer_init(&l->plain, SIZE_MAX);
	buffer_init(&l->sealed, SIZE_MAX);
	wheel_init(&l->wheel, clock_mono_ms());
	l->limits = n->limits;
	l->base = make_base();
	l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (!l->base || l->wake_fd < 0)
		abort();
	net_watch_open(l);
	event_assign(&l->wake_event, l->base, l->wake_fd, EV_READ | EV_PERSIST, on_wake, l);
	event_add(&l->wake_event, NULL);
	evtimer_assign(&l->wheel_event, l->base, on_wheel, l);
	evtimer_assign(&l->stop_event, l->base, on_stop_timer, l);
}

int net_loop_start(struct net_loop *l, struct error *e)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&l->thread, NULL, loop_main, l);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed)
		return error_set(e, ERR_SYSTEM, "a thread cannot be started: %s", strerror(failed));
	l->started = true;
	return 0;
}

struct command {
	struct post post;
	uint32_t grace_ms;
	struct net_limits limits;
};

static struct command *command_of(struct post *p)
{
	return (struct command *)(void *)p; /* its first member */
}

static void send_command(struct net_loop *l, const struct command *c)
{
	struct command *copy = xmemdup(c, sizeof *c);

	if (!net_loop_post(l, &copy->post))
		free(copy);
}

static void run_stop(struct net_loop *l, struct post *p)
{
	uint32_t grace_ms = command_of(p)->grace_ms;

	free(p);
	l->phase = LOOP_STOPPING;
	net_stop_listeners(l);
	stop_connections(l, grace_ms == 0);
	arm(&l->stop_event, grace_ms);
}

void net_loop_stop(struct net_loop *l, uint32_t grace_ms)
{
	send_command(l, &(struct command){.post.run = run_stop, .grace_ms = grace_ms});
}

void net_loop_wait_drained(struct net_loop *l)
{
	while (l->started && sem_wait(&l->drained) && errno == EINTR)
		;
}

static void run_end(struct net_loop *l, struct post *p)
{
	free(p);
	l->phase = LOOP_ENDING;
}

void net_loop_end(struct net_loop *l)
{
	if (!l->started)
		return;
	send_command(l, &(struct command){.post.run = run_end});
	pthread_join(l->thread, NULL);
	l->started = false;
}

static void run_limits(struct net_loop *l, struct post *p)
{
	l->limits = command_of(p)->limits;
	l->out.limit = l->limits.max_output_bytes;
	free(p);
}

void net_loop_set_limits(struct net_loop *l, const struct net_limits *limits)
{
	send_command(l, &(struct command){.post.run = run_limits, .limits = *limits});
}

static void clear(struct buffer *b)
{
	buffer_clear(b);
	if (b->capacity > OUTPUT_KEPT)
		buffer_shrink(b);
}

void net_loop_output_done(struct net_loop *l)
{
	clear(&l->out);
	clear(&l->sealed);
}

/* Those of a loop that never ran: they are commands. */
static void drop_posts(struct net_loop *l)
{
	struct post *p;

	while ((p = STAILQ_FIRST(&l->posted))) {
		STAILQ_REMOVE_HEAD(&l->posted, entry);
		free(p);
	}
}

void net_loop_free(struct net_loop *l)
{
	drop_posts(l);
	event_base_free(l->base);
	net_watch_close(l);
	close(l->wake_fd);
	buffer_free(&l->out);
	buffer_free(&l->plain);
	buffer_free(&l->sealed);
	free(l->slots.items);
	sem_destroy(&l->drained);
	pthread_mutex_destroy(&l->lock);
}
