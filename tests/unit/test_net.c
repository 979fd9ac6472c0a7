#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "net/net.h"

/*
 * A toy protocol: a message is a command, a length (32 bits, little-endian) and that many bytes.
 *   e  answers the message as it is          r  does so after LENGTH turns (no bytes follow)
 *   w  does so once woken (none follow)      b  answers LENGTH bytes (none follow)
 *   t  answers after LENGTH ms (none follow) c  answers "bye" and closes (none follow)
 *   p  answers after work on the pool (none follow)
 *   s  stops the loop until s->go_on (none follow); n  answers how often input was called (none
 * follow) a  answers the addresses of both ends (none follow)
 */
enum { HEAD = 5, PATIENCE_MS = 10000 };

struct site {
	struct net *net;
	uint16_t port;
	_Atomic unsigned opened, closed, inputs, resumes, waits, made, freed;
	_Atomic unsigned threads_wrong;
	_Atomic unsigned stopped, go_on;
	pthread_mutex_t lock;
	struct net_ticket ticket; /* of the last that waits */
};

struct toy {
	struct site *site;
	struct net_connection *connection;
	pthread_t thread;
	uint8_t head[HEAD];
	uint32_t turns;
};

static void check_thread(struct toy *t)
{
	if (!pthread_equal(t->thread, pthread_self()) ||
	    net_loop_data(net_connection_loop(t->connection)) != (void *)pthread_self())
		t->site->threads_wrong++;
}

static void *toy_open(struct net_connection *c, void *context)
{
	struct toy *t = xcalloc(1, sizeof *t);
	t->site = context;
	t->connection = c;
	t->thread = pthread_self();
	t->site->opened++;
	check_thread(t);
	return t;
}

struct toy_job {
	struct net_ticket ticket;
	pthread_t loop;
	struct site *site;
};

static void job_work(void *job)
{
	struct toy_job *j = job;
	if (pthread_equal(j->loop, pthread_self()))
		j->site->threads_wrong++;
}

static void job_done(void *job)
{
	struct toy_job *j = job;
	if (!pthread_equal(j->loop, pthread_self()))
		j->site->threads_wrong++;
	net_wake(j->ticket);
	free(j);
}

static enum net_next start_job(struct toy *t)
{
	struct toy_job *j = xcalloc(1, sizeof *j);
	*j = (struct toy_job){net_connection_ticket(t->connection), pthread_self(), t->site};
	net_work(net_connection_loop(t->connection), job_work, job_done, j);
	return NET_WAIT;
}

static enum net_next start_wait(struct toy *t)
{
	pthread_mutex_lock(&t->site->lock);
	t->site->ticket = net_connection_ticket(t->connection);
	pthread_mutex_unlock(&t->site->lock);
	t->site->waits++;
	return NET_WAIT;
}

static void stop_loop(struct toy *t)
{
	t->site->stopped++;
	while (!t->site->go_on)
		poll(NULL, 0, 1);
}

static void put_addresses(struct toy *t, struct buffer *out)
{
	char peer_text[ADDRESS_TEXT_SIZE], local_text[ADDRESS_TEXT_SIZE];
	const struct address *peer = net_connection_peer(t->connection);
	struct address local = net_connection_local(t->connection);
	buffer_printf(out, "%s|%u|%s|%u.", address_text(peer, peer_text), peer->port,
	              address_text(&local, local_text), local.port);
}

static enum net_next toy_input(void *state, struct slice data, size_t *consumed, struct buffer *out)
{
	struct toy *t = state;
	t->site->inputs++;
	check_thread(t);
	if (data.size < HEAD)
		return NET_READ;
	memcpy(t->head, data.data, HEAD);
	uint32_t length = (uint32_t)data.data[1] | (uint32_t)data.data[2] << 8 |
	                  (uint32_t)data.data[3] << 16 | (uint32_t)data.data[4] << 24;
	size_t body = t->head[0] == 'e' ? length : 0;
	if (data.size < HEAD + body)
		return NET_READ;
	*consumed = HEAD + body;
	t->turns = length;
	switch (t->head[0]) {
	case 'e': buffer_put(out, data.data, HEAD + body); return NET_READ;
	case 'r': return NET_RESUME;
	case 'w': return start_wait(t);
	case 'p': return start_job(t);
	case 'b': buffer_put_zeros(out, length); return NET_READ;
	case 't':
		net_connection_set_deadline(t->connection, clock_mono_ms() + length);
		return NET_READ;
	case 's': stop_loop(t); return NET_READ;
	case 'n': buffer_put_u32(out, t->site->inputs); return NET_READ;
	case 'a': put_addresses(t, out); return NET_READ;
	case 'c': buffer_put_string(out, "bye"); return NET_CLOSE;
	}
	return NET_CLOSE;
}

static enum net_next toy_resume(void *state, struct buffer *out)
{
	struct toy *t = state;
	t->site->resumes++;
	check_thread(t);
	if (t->head[0] == 'r' && t->turns-- > 1)
		return NET_RESUME;
	buffer_put(out, t->head, HEAD);
	return NET_READ;
}

static enum net_next toy_timer(void *state, struct buffer *out)
{
	struct toy *t = state;
	check_thread(t);
	buffer_put(out, t->head, HEAD);
	return NET_READ;
}

static void toy_close(void *state)
{
	struct toy *t = state;
	check_thread(t);
	t->site->closed++;
	free(t);
}

static const struct net_protocol toy_protocol = {
	.name = "toy",
	.open = toy_open,
	.input = toy_input,
	.resume = toy_resume,
	.timer = toy_timer,
	.close = toy_close,
};

static const struct net_limits usual = {
	.max_connections = 5000,
	.max_connections_per_address = 5000,
	.write_timeout_ms = PATIENCE_MS,
	.keepalive_idle_s = 30,
	.keepalive_interval_s = 10,
	.keepalive_count = 6,
	.user_timeout_ms = 90000,
	.max_unread_bytes = 100000,
	.max_kept_bytes = 100 << 20,
	.max_unsent_bytes = 100 << 20,
	.max_output_bytes = 32 << 20,
};

static void *make_data(void *context)
{
	((struct site *)context)->made++;
	return (void *)pthread_self();
}

static _Atomic unsigned data_freed;

static void free_data(void *data)
{
	(void)data;
	data_freed++;
}

static struct site *site_at(const char *address, uint32_t loops, const struct net_limits *limits)
{
	struct site *s = xcalloc(1, sizeof *s);
	struct error e = {0};
	pthread_mutex_init(&s->lock, NULL);
	s->net = net_new(loops, limits);
	net_set_loop_data(s->net, make_data, free_data, s);
	if (net_listen(s->net, address, 0, &toy_protocol, s, &s->port, &e) || net_start(s->net, &e))
		fail_msg("%s", e.text);
	return s;
}

static struct site *site_new(uint32_t loops, const struct net_limits *limits)
{
	return site_at("127.0.0.1", loops, limits);
}

static void site_free(struct site *s)
{
	net_free(s->net);
	assert_int_equal(s->opened, s->closed);
	assert_int_equal(s->threads_wrong, 0);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static int connect_to(struct site *s, int family)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(s->port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(s->port)};
	struct timeval patience = {PATIENCE_MS / 1000, 0};
	int fd = socket(family, SOCK_STREAM, 0);
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v6.sin6_addr = in6addr_loopback;
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	int failed = family == AF_INET ? connect(fd, (struct sockaddr *)&v4, sizeof v4)
	                               : connect(fd, (struct sockaddr *)&v6, sizeof v6);
	assert_int_equal(failed, 0);
	return fd;
}

static void send_all(int fd, const void *data, size_t size)
{
	assert_int_equal(send(fd, data, size, MSG_NOSIGNAL), size);
}

static void ask(int fd, char command, uint32_t length)
{
	uint8_t head[HEAD] = {(uint8_t)command};
	put_le32(head + 1, length);
	send_all(fd, head, HEAD);
}

static void expect(int fd, const void *data, size_t size)
{
	uint8_t *got = xmalloc(size);
	assert_int_equal(recv(fd, got, size, MSG_WAITALL), size);
	assert_memory_equal(got, data, size);
	free(got);
}

static void expect_head(int fd, char command, uint32_t length)
{
	uint8_t head[HEAD] = {(uint8_t)command};
	put_le32(head + 1, length);
	expect(fd, head, HEAD);
}

static void expect_end(int fd)
{
	uint8_t byte;
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	close(fd);
}

/* For what happens on another thread: it either comes soon, or never. */
static void wait_until(_Atomic unsigned *value, unsigned wanted)
{
	uint64_t end_ms = clock_mono_ms() + PATIENCE_MS;
	while (*value != wanted && clock_mono_ms() < end_ms)
		poll(NULL, 0, 1);
	assert_int_equal(*value, wanted);
}

static void wait_for_connections(struct site *s, unsigned wanted)
{
	uint64_t end_ms = clock_mono_ms() + PATIENCE_MS;
	struct net_counts counts = {.connections = UINT32_MAX};
	while (counts.connections != wanted && clock_mono_ms() < end_ms) {
		net_counts(s->net, &counts);
		poll(NULL, 0, 1);
	}
	assert_int_equal(counts.connections, wanted);
}

static void a_message_is_answered_wherever_it_is_split(void **state)
{
	static const uint8_t message[] = {'e', 3, 0, 0, 0, 'x', 'y', 'z', 'e', 1, 0, 0, 0, 'q'};
	(void)state;
	struct site *s = site_new(1, &usual);
	int fd = connect_to(s, AF_INET);
	for (size_t first = 1; first < sizeof message; first++) {
		unsigned before = s->inputs;
		send_all(fd, message, first);
		while (s->inputs == before)
			poll(NULL, 0, 1);
		send_all(fd, message + first, sizeof message - first);
		expect(fd, message, sizeof message);
	}
	close(fd);
	wait_until(&s->closed, 1);
	site_free(s);
}

static void a_burst_is_answered_in_order(void **state)
{
	(void)state;
	struct site *s = site_new(1, &usual);
	int fd = connect_to(s, AF_INET);
	for (uint32_t i = 0; i < 1000; i++)
		ask(fd, 'r', i % 5);
	for (uint32_t i = 0; i < 1000; i++)
		expect_head(fd, 'r', i % 5);
	close(fd);
	site_free(s);
}

static void an_answer_of_many_megabytes_arrives_whole(void **state)
{
	static uint8_t zeros[16 << 20];
	(void)state;
	struct site *s = site_new(1, &usual);
	int fd = connect_to(s, AF_INET);
	ask(fd, 'b', sizeof zeros);
	ask(fd, 'e', 0);
	expect(fd, zeros, sizeof zeros);
	expect_head(fd, 'e', 0);
	close(fd);
	site_free(s);
}

static void a_client_that_never_reads_is_not_read_from_and_is_closed(void **state)
{
	struct net_limits limits = usual;
	(void)state;
	limits.write_timeout_ms = 300;
	struct site *s = site_new(1, &limits);
	int fd = connect_to(s, AF_INET), small = 4096;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	uint64_t start_ms = clock_mono_ms();
	for (int i = 0; i < 1000; i++)
		ask(fd, 'b', 8 << 20);
	wait_until(&s->closed, 1);
	assert_in_range(clock_mono_ms() - start_ms, 300, 3000);
	/* One answer was begun; the others were never looked at. */
	assert_in_range(s->inputs, 1, 2);
	close(fd);
	site_free(s);
}

static void a_slow_reader_that_makes_progress_is_not_closed(void **state)
{
	struct net_limits limits = usual;
	static uint8_t zeros[4 << 20];
	size_t got = 0;
	(void)state;
	limits.write_timeout_ms = 200;
	struct site *s = site_new(1, &limits);
	int fd = connect_to(s, AF_INET);
	ask(fd, 'b', sizeof zeros);
	while (got < sizeof zeros) {
		ssize_t n = recv(fd, zeros, sizeof zeros / 12, 0);
		assert_true(n > 0);
		got += (size_t)n;
		poll(NULL, 0, 40);
	}
	close(fd);
	site_free(s);
}

static void an_answer_above_the_limit_closes_the_connection(void **state)
{
	(void)state;
	struct site *s = site_new(1, &usual);
	int fd = connect_to(s, AF_INET);
	ask(fd, 'b', usual.max_output_bytes + 1);
	expect_end(fd);
	site_free(s);
}

static void clients_that_do_not_read_share_a_budget(void **state)
{
	struct net_limits limits = usual;
	int fds[8];
	(void)state;
	limits.max_unsent_bytes = 40 << 20;
	struct site *s = site_new(2, &limits);
	for (size_t i = 0; i < 8; i++) {
		fds[i] = connect_to(s, AF_INET);
		ask(fds[i], 'b', 20 << 20);
	}
	/* Two answers do not fit wholly in the sockets; a third one is above the budget. */
	uint64_t end_ms = clock_mono_ms() + PATIENCE_MS;
	while (s->closed < 5 && clock_mono_ms() < end_ms)
		poll(NULL, 0, 1);
	assert_in_range(s->closed, 5, 7);
	for (size_t i = 0; i < 8; i++)
		close(fds[i]);
	wait_until(&s->closed, 8);
	int fd = connect_to(s, AF_INET);
	ask(fd, 'b', 20 << 20);
	uint8_t byte;
	expect(fd, "", 1);
	assert_int_equal(recv(fd, &byte, 1, 0), 1);
	close(fd);
	site_free(s);
}

static void half_messages_share_a_budget(void **state)
{
	static const uint8_t half[50000] = {'e', 0xFF, 0xFF, 0, 0};
	struct net_limits limits = usual;
	int fds[10];
	(void)state;
	limits.max_kept_bytes = 200000;
	struct site *s = site_new(2, &limits);
	for (size_t i = 0; i < 10; i++) {
		fds[i] = connect_to(s, AF_INET);
		send_all(fds[i], half, sizeof half);
	}
	uint64_t end_ms = clock_mono_ms() + PATIENCE_MS;
	while (s->closed < 6 && clock_mono_ms() < end_ms)
		poll(NULL, 0, 1);
	assert_in_range(s->closed, 6, 9);
	int fd = connect_to(s, AF_INET);
	ask(fd, 'e', 0);
	expect_head(fd, 'e', 0);
	close(fd);
	for (size_t i = 0; i < 10; i++)
		close(fds[i]);
	site_free(s);
}

static void a_message_that_never_ends_closes_the_connection(void **state)
{
	static const uint8_t bytes[200000] = {'e', 0xFF, 0xFF, 0xFF, 0x7F};
	(void)state;
	struct site *s = site_new(1, &usual);
	int fd = connect_to(s, AF_INET);
	send_all(fd, bytes, sizeof bytes);
	wait_until(&s->closed, 1);
	close(fd);
	site_free(s);
}

static void silent_connections_do_not_hold_up_others(void **state)
{
	enum { SILENT = 1000 };
	int fds[SILENT];
	(void)state;
	struct site *s = site_new(2, &usual);
	for (int i = 0; i < SILENT; i++)
		fds[i] = connect_to(s, AF_INET);
	wait_until(&s->opened, SILENT);
	int fd = connect_to(s, AF_INET);
	ask(fd, 'e', 0);
	expect_head(fd, 'e', 0);
	wait_for_connections(s, SILENT + 1);
	for (int i = 0; i < SILENT; i++)
		close(fds[i]);
	wait_for_connections(s, 1);
	close(fd);
	site_free(s);
}

static void a_woken_connection_goes_on(void **state)
{
	(void)state;
	struct site *s = site_new(2, &usual);
	int fd = connect_to(s, AF_INET);
	ask(fd, 'w', 0);
	ask(fd, 'e', 0);
	wait_until(&s->waits, 1);
	assert_int_equal(s->inputs, 1);
	net_wake(s->ticket);
	expect_head(fd, 'w', 0);
	expect_head(fd, 'e', 0);
	close(fd);
	site_free(s);
}

static void waking_a_connection_that_does_not_wait_does_nothing(void **state)
{
	(void)state;
	struct site *s = site_new(1, &usual);
	int fd = connect_to(s, AF_INET);
	ask(fd, 'w', 0);
	wait_until(&s->waits, 1);
	for (int i = 0; i < 5; i++)
		net_wake(s->ticket);
	expect_head(fd, 'w', 0);
	ask(fd, 'e', 0);
	expect_head(fd, 'e', 0);
	assert_int_equal(s->resumes, 1);
	close(fd);
	site_free(s);
}

static void waking_a_connection_that_has_gone_is_harmless(void **state)
{
	(void)state;
	struct site *s = site_new(1, &usual);
	int fd = connect_to(s, AF_INET);
	ask(fd, 'w', 0);
	wait_until(&s->waits, 1);
	struct net_ticket old = s->ticket;
	net_wake(old);
	expect_head(fd, 'w', 0);
	close(fd);
	wait_until(&s->closed, 1);
	int next = connect_to(s, AF_INET);
	ask(next, 'w', 0);
	wait_until(&s->waits, 2);
	net_wake(old); /* the slot has another connection now */
	int third = connect_to(s, AF_INET);
	ask(third, 'e', 0);
	expect_head(third, 'e', 0);
	assert_int_equal(s->resumes, 1);
	close(next);
	close(third);
	site_free(s);
}

static void others_are_served_between_the_turns_of_a_long_call(void **state)
{
	(void)state;
	struct site *s = site_new(1, &usual);
	int slow = connect_to(s, AF_INET), fd = connect_to(s, AF_INET);
	ask(slow, 'r', 100000000);
	while (s->resumes == 0)
		poll(NULL, 0, 1);
	for (int i = 0; i < 100; i++) {
		ask(fd, 'e', 0);
		expect_head(fd, 'e', 0);
	}
	assert_in_range(s->resumes, 1, 99999999);
	close(slow);
	close(fd);
	net_stop(s->net, 0);
	site_free(s);
}

static void a_burst_of_one_client_does_not_hold_up_others(void **state)
{
	uint8_t burst[5000 * HEAD], count[4];
	(void)state;
	struct site *s = site_new(1, &usual);
	int greedy = connect_to(s, AF_INET), fd = connect_to(s, AF_INET);
	for (size_t i = 0; i < sizeof burst; i += HEAD)
		memcpy(burst + i, "b\0\0\0\0", HEAD);
	ask(greedy, 's', 0);
	wait_until(&s->stopped, 1);
	send_all(greedy, burst, sizeof burst);
	ask(fd, 'n', 0);
	s->go_on = 1;
	assert_int_equal(recv(fd, count, sizeof count, MSG_WAITALL), sizeof count);
	assert_in_range((unsigned)count[0] | (unsigned)count[1] << 8, 1, 100);
	wait_until(&s->inputs, 5002);
	close(greedy);
	close(fd);
	site_free(s);
}

static void both_ends_are_told_their_addresses(void **state)
{
	static const int families[] = {AF_INET, AF_INET6};
	(void)state;
	struct site *s = site_at("*", 1, &usual);
	for (size_t i = 0; i < 2; i++) {
		const char *text = families[i] == AF_INET ? "127.0.0.1" : "::1";
		struct sockaddr_in6 own = {0};
		socklen_t size = sizeof own;
		int fd = connect_to(s, families[i]);
		getsockname(fd, (struct sockaddr *)&own,
		            &size); /* the port is at the same place in both */
		char *wanted = xasprintf("%s|%u|%s|%u.", text, ntohs(own.sin6_port), text, s->port);
		ask(fd, 'a', 0);
		expect(fd, wanted, strlen(wanted));
		free(wanted);
		close(fd);
	}
	site_free(s);
}

static void a_deadline_passes_and_not_before_it_was_said(void **state)
{
	(void)state;
	struct site *s = site_new(1, &usual);
	int fd = connect_to(s, AF_INET);
	static const uint32_t waits[] = {1, 50, 150};
	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
		uint64_t start_ms = clock_mono_ms();
		ask(fd, 't', waits[i]);
		expect_head(fd, 't', waits[i]);
		assert_true(clock_mono_ms() - start_ms >= waits[i]);
	}
	close(fd);
	site_free(s);
}

static void a_client_that_is_told_goodbye_reads_it_before_the_end(void **state)
{
	static const uint8_t junk[50000];
	(void)state;
	struct site *s = site_new(1, &usual);
	int fd = connect_to(s, AF_INET);
	ask(fd, 'c', 0);
	/* Unread input at the time of the close would make the kernel reset the connection. */
	send(fd, junk, sizeof junk, MSG_NOSIGNAL);
	expect(fd, "bye", 3);
	expect_end(fd);
	wait_until(&s->closed, 1);
	site_free(s);
}

static void blocking_work_is_done_elsewhere_and_ends_on_the_loop(void **state)
{
	(void)state;
	struct site *s = site_new(2, &usual);
	int fds[20];
	for (size_t i = 0; i < 20; i++) {
		fds[i] = connect_to(s, AF_INET);
		ask(fds[i], 'p', 0);
	}
	for (size_t i = 0; i < 20; i++) {
		expect_head(fds[i], 'p', 0);
		close(fds[i]);
	}
	site_free(s);
}

static void connections_are_spread_over_the_loops(void **state)
{
	(void)state;
	struct site *s = site_new(3, &usual);
	wait_until(&s->made, 3);
	int fds[30];
	for (size_t i = 0; i < 30; i++)
		fds[i] = connect_to(s, AF_INET);
	wait_until(&s->opened, 30);
	for (size_t i = 0; i < 30; i++) {
		ask(fds[i], 'e', 0);
		expect_head(fds[i], 'e', 0);
		close(fds[i]);
	}
	data_freed = 0;
	site_free(s);
	assert_int_equal(data_freed, 3);
}

static void both_families_are_served_on_one_port(void **state)
{
	(void)state;
	struct site *s = site_at("*", 1, &usual);
	static const int families[] = {AF_INET, AF_INET6};
	for (size_t i = 0; i < 2; i++) {
		int fd = connect_to(s, families[i]);
		ask(fd, 'e', 0);
		expect_head(fd, 'e', 0);
		close(fd);
	}
	site_free(s);
}

static void a_port_that_is_taken_is_named(void **state)
{
	(void)state;
	struct site *s = site_new(1, &usual);
	struct net *other = net_new(1, &usual);
	struct error e = {0};
	uint16_t port = 0;
	assert_int_equal(net_listen(other, "127.0.0.1", s->port, &toy_protocol, s, &port, &e),
	                 ERR_SYSTEM);
	assert_non_null(strstr(e.text, "127.0.0.1"));
	assert_non_null(strstr(e.text, "Address already in use"));
	net_free(other);
	site_free(s);
}

static void connections_above_the_limit_are_closed(void **state)
{
	struct net_limits limits = usual;
	(void)state;
	limits.max_connections = 2;
	struct site *s = site_new(1, &limits);
	int first = connect_to(s, AF_INET), second = connect_to(s, AF_INET);
	wait_until(&s->opened, 2);
	expect_end(connect_to(s, AF_INET));
	close(first);
	wait_until(&s->closed, 1);
	wait_for_connections(s, 1);
	int third = connect_to(s, AF_INET);
	ask(third, 'e', 0);
	expect_head(third, 'e', 0);
	close(second);
	close(third);
	site_free(s);
}

static void an_address_above_its_limit_does_not_keep_others_out(void **state)
{
	struct net_limits limits = usual;
	(void)state;
	limits.max_connections_per_address = 1;
	struct site *s = site_at("*", 2, &limits);
	int first = connect_to(s, AF_INET);
	wait_until(&s->opened, 1);
	expect_end(connect_to(s, AF_INET));
	int other = connect_to(s, AF_INET6);
	ask(other, 'e', 0);
	expect_head(other, 'e', 0);
	close(first);
	close(other);
	site_free(s);
}

static void changed_limits_hold_for_what_comes_after(void **state)
{
	struct net_limits limits = usual;
	(void)state;
	struct site *s = site_new(1, &usual);
	int first = connect_to(s, AF_INET);
	wait_until(&s->opened, 1);
	limits.max_connections = 1;
	net_set_limits(s->net, &limits);
	ask(first, 'e', 0);
	expect_head(first, 'e', 0);
	expect_end(connect_to(s, AF_INET));
	close(first);
	site_free(s);
}

static uint64_t cpu_us(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 +
	       (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void without_descriptors_the_server_waits_and_does_not_spin(void **state)
{
	struct rlimit before, few;
	(void)state;
	struct site *s = site_new(1, &usual);
	int fd = connect_to(s, AF_INET);
	ask(fd, 'e', 0);
	expect_head(fd, 'e', 0);
	int late = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 1;
	setrlimit(RLIMIT_NOFILE, &few);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(s->port)};
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int failed = connect(late, (struct sockaddr *)&to, sizeof to);
	uint64_t used = cpu_us();
	poll(NULL, 0, 500);
	used = cpu_us() - used;
	ask(fd, 'e', 0);
	expect_head(fd, 'e', 0);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(failed, 0);
	assert_in_range(used, 0, 100000);
	ask(late, 'e', 0);
	expect_head(late, 'e', 0);
	close(late);
	close(fd);
	site_free(s);
}

static void *stop_with_grace(void *arg)
{
	struct site *s = arg;
	net_stop(s->net, PATIENCE_MS);
	return NULL;
}

static void a_stop_answers_what_is_under_way(void **state)
{
	(void)state;
	struct site *s = site_new(2, &usual);
	int busy = connect_to(s, AF_INET), idle = connect_to(s, AF_INET);
	pthread_t stopper;
	ask(busy, 'w', 0);
	ask(idle, 'e', 0);
	expect_head(idle, 'e', 0);
	wait_until(&s->waits, 1);
	pthread_create(&stopper, NULL, stop_with_grace, s);
	expect_end(idle);
	net_wake(s->ticket);
	expect_head(busy, 'w', 0);
	expect_end(busy);
	pthread_join(stopper, NULL);
	site_free(s);
}

static void a_stop_does_not_wait_longer_than_its_grace(void **state)
{
	(void)state;
	struct site *s = site_new(1, &usual);
	int fd = connect_to(s, AF_INET);
	ask(fd, 'w', 0);
	wait_until(&s->waits, 1);
	uint64_t start_ms = clock_mono_ms();
	net_stop(s->net, 100);
	assert_in_range(clock_mono_ms() - start_ms, 95, 2000);
	expect_end(fd);
	site_free(s);
}

static void wakes_from_many_threads_and_loops_all_arrive(void **state)
{
	(void)state;
	struct site *s = site_new(2, &usual);
	int fds[200];
	for (size_t i = 0; i < 200; i++)
		fds[i] = connect_to(s, AF_INET);
	for (size_t turn = 0; turn < 5; turn++) {
		for (size_t i = 0; i < 200; i++)
			ask(fds[i], i % 2 ? 'p' : 'r', 3);
		for (size_t i = 0; i < 200; i++)
			expect_head(fds[i], i % 2 ? 'p' : 'r', 3);
	}
	for (size_t i = 0; i < 200; i++)
		close(fds[i]);
	wait_until(&s->closed, 200);
	site_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_answered_wherever_it_is_split),
		cmocka_unit_test(a_burst_is_answered_in_order),
		cmocka_unit_test(an_answer_of_many_megabytes_arrives_whole),
		cmocka_unit_test(a_client_that_never_reads_is_not_read_from_and_is_closed),
		cmocka_unit_test(a_slow_reader_that_makes_progress_is_not_closed),
		cmocka_unit_test(an_answer_above_the_limit_closes_the_connection),
		cmocka_unit_test(clients_that_do_not_read_share_a_budget),
		cmocka_unit_test(half_messages_share_a_budget),
		cmocka_unit_test(a_message_that_never_ends_closes_the_connection),
		cmocka_unit_test(silent_connections_do_not_hold_up_others),
		cmocka_unit_test(a_woken_connection_goes_on),
		cmocka_unit_test(waking_a_connection_that_does_not_wait_does_nothing),
		cmocka_unit_test(waking_a_connection_that_has_gone_is_harmless),
		cmocka_unit_test(others_are_served_between_the_turns_of_a_long_call),
		cmocka_unit_test(a_burst_of_one_client_does_not_hold_up_others),
		cmocka_unit_test(both_ends_are_told_their_addresses),
		cmocka_unit_test(a_deadline_passes_and_not_before_it_was_said),
		cmocka_unit_test(a_client_that_is_told_goodbye_reads_it_before_the_end),
		cmocka_unit_test(blocking_work_is_done_elsewhere_and_ends_on_the_loop),
		cmocka_unit_test(connections_are_spread_over_the_loops),
		cmocka_unit_test(both_families_are_served_on_one_port),
		cmocka_unit_test(a_port_that_is_taken_is_named),
		cmocka_unit_test(connections_above_the_limit_are_closed),
		cmocka_unit_test(an_address_above_its_limit_does_not_keep_others_out),
		cmocka_unit_test(changed_limits_hold_for_what_comes_after),
		cmocka_unit_test(without_descriptors_the_server_waits_and_does_not_spin),
		cmocka_unit_test(a_stop_answers_what_is_under_way),
		cmocka_unit_test(a_stop_does_not_wait_longer_than_its_grace),
		cmocka_unit_test(wakes_from_many_threads_and_loops_all_arrive),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
