#include "client/load.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/reader.h"
#include "client/client-private.h"
#include "client/histogram-private.h"
#include "client/load_requests-private.h"
#include "mapi/errors.h"

enum {
	SAMPLE_MEMORY = 64 << 20,
	STUB_LIMIT = 1 << 20,
	EVENTS = 64,
};

struct worker { /* a connection with its session */
	struct client *client;
	struct nspi_bind_out session;
	uint64_t started_us;
	bool in_second; /* request of the two */
};

struct load {
	struct load_source source;
	const struct load_operation *operation;
	struct arena arena;
	struct worker *workers;
	struct buffer stub;
	struct histogram times;
	struct load_result *result;
	int epoll;
};

static int open_session(struct load *l, struct worker *w, struct error *e)
{
	struct guid wanted = {0};
	struct nspi_bind_in in = {.stat = {.codepage = 1252}, .server_guid = &wanted};
	int err = client_open(&l->source.config->client, &w->client, e);

	if (!err)
		err = client_bind(w->client, &l->arena, &in, &w->session, e);
	if (err || w->session.status == MAPI_SUCCESS)
		return err;
	l->result->status = w->session.status;
	return error_set(e, ERR_DENIED, "session %td is refused", w - l->workers + 1);
}

static int watch(struct load *l, struct worker *w, struct error *e)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = w};
	int fd = connection_descriptor(client_connection(w->client));

	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return error_set(e, ERR_SYSTEM, "epoll: %s", strerror(errno));
	return 0;
}

static int open_all(struct load *l, struct error *e)
{
	int err = 0;

	for (uint32_t i = 0; i < l->source.config->connections && !err; i++) {
		err = open_session(l, &l->workers[i], e);
		if (!err)
			err = watch(l, &l->workers[i], e);
	}
	if (err)
		return err;
	return load_take_sample(&l->source, l->workers[0].client, &l->workers[0].session, &l->arena,
	                        e);
}

static int send_request(struct load *l, struct worker *w, load_request_fn *make, struct slice reply,
                        struct error *e)
{
	buffer_clear(&l->stub);
	uint16_t opnum = make(&l->source, &w->session.handle, reply, &l->stub);
	return connection_send(client_connection(w->client), opnum, buffer_slice(&l->stub), e);
}

static int start(struct load *l, struct worker *w, struct error *e)
{
	w->in_second = false;
	w->started_us = clock_mono_us();
	return send_request(l, w, l->operation->first, slice_of(NULL, 0), e);
}

/* The return value is the last field of every answer. */
static uint32_t status_of(struct slice reply)
{
	struct reader r;

	reader_init(&r, reply.data, reply.size);
	reader_skip(&r, reply.size < 4 ? 0 : reply.size - 4);
	return reader_u32(&r);
}

static bool is_success(uint32_t status)
{
	return status == MAPI_SUCCESS || status == MAPI_UNBIND_SUCCESS ||
	       status == MAPI_W_ERRORS_RETURNED;
}

static void count(struct load *l, const struct worker *w, struct slice reply)
{
	uint32_t status = status_of(reply);

	l->result->bytes += reply.size;
	if (is_success(status)) {
		l->result->calls++;
		histogram_add(&l->times, clock_mono_us() - w->started_us);
	} else {
		l->result->refused++;
		l->result->status = status;
	}
}

static int take_reply(struct load *l, struct worker *w, struct error *e)
{
	struct slice reply = {0};
	int got = connection_receive(client_connection(w->client), &reply, e);

	if (got <= 0)
		return got;
	if (l->operation->second && !w->in_second && is_success(status_of(reply))) {
		w->in_second = true;
		return send_request(l, w, l->operation->second, reply, e);
	}
	count(l, w, reply);
	return start(l, w, e);
}

static int run_until(struct load *l, uint64_t end_us, struct error *e)
{
	struct epoll_event events[EVENTS];
	int err = 0;

	for (uint64_t now = clock_mono_us(); now < end_us && !err; now = clock_mono_us()) {
		int ready = epoll_wait(l->epoll, events, EVENTS, (int)((end_us - now) / 1000 + 1));
		for (int i = 0; i < ready && !err; i++)
			err = take_reply(l, events[i].data.ptr, e);
	}
	return err;
}

static int measure(struct load *l, struct error *e)
{
	uint64_t start_us = clock_mono_us();
	int err = 0;

	for (uint32_t i = 0; i < l->source.config->connections && !err; i++)
		err = start(l, &l->workers[i], e);
	if (!err)
		err = run_until(l, start_us + l->source.config->seconds * UINT64_C(1000000), e);
	l->result->seconds = (double)(clock_mono_us() - start_us) / 1e6;
	l->result->p50_us = histogram_quantile(&l->times, 0.5);
	l->result->p99_us = histogram_quantile(&l->times, 0.99);
	l->result->max_us = l->times.max;
	return err;
}

static void free_load(struct load *l)
{
	for (uint32_t i = 0; i < l->source.config->connections; i++)
		client_close(l->workers[i].client);
	free(l->workers);
	buffer_free(&l->stub);
	arena_free(&l->arena);
	if (l->epoll >= 0)
		close(l->epoll);
	free(l);
}

static struct load *new_load(const struct load_config *config, struct load_result *result)
{
	struct load *l = xcalloc(1, sizeof *l);

	l->source.config = config;
	random_bytes(&l->source.random, sizeof l->source.random);
	l->source.random |= 1;
	l->operation = load_find_operation(config->operation);
	l->workers = xcalloc(config->connections, sizeof *l->workers);
	l->result = result;
	arena_init(&l->arena, SAMPLE_MEMORY);
	buffer_init(&l->stub, STUB_LIMIT);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	return l;
}

int load_run(const struct load_config *config, struct load_result *result, struct error *e)
{
	*result = (struct load_result){0};
	struct load *l = new_load(config, result);
	int err = 0;

	if (l->epoll < 0)
		err = error_set(e, ERR_SYSTEM, "epoll: %s", strerror(errno));
	if (!err)
		err = open_all(l, e);
	if (!err)
		err = measure(l, e);
	free_load(l);
	return err;
}
