/*
 * Load on a server of RPC PDUs: bench_load PORT CONNECTIONS SECONDS FILE [churn]
 *
 * Every connection sends the setup PDUs of the file one after the other, then requests of the file
 * at random, one under way at a time. The context handle that the last setup answer ends with is
 * put into each request. With "churn" a connection ends after its setup and another one follows:
 * each counts as a call. Answers are not decoded, but for where they end and their return value.
 *
 * The file: the number of setup PDUs, the number of requests, then all of them, each behind its
 * size; little-endian u32. One line of JSON is printed.
 */

#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	EVENTS = 64,
	INPUT_SIZE = 256 * 1024, /* the longest answer */
	REQUEST_SIZE = 64 * 1024,
	HEAD_SIZE = 16, /* of a PDU */
	FLAGS_AT = 3,
	LENGTH_AT = 8,
	LAST_FRAGMENT = 2,
	HANDLE_AT = 24, /* in a request */
	HANDLE_SIZE = 20,
	STATUS_SIZE = 4,
	TIMES = 1 << 20, /* microseconds that are told apart */
};

struct pdu {
	uint8_t *bytes;
	size_t size;
};

struct connection {
	int fd;
	uint32_t step;     /* setup answers that have come */
	size_t have, seen; /* bytes of input, and of whole fragments in it */
	uint64_t started_ns;
	uint8_t handle[HANDLE_SIZE];
	uint8_t input[INPUT_SIZE];
};

struct load {
	struct sockaddr_in server;
	struct pdu *pdus; /* setup, then requests */
	uint32_t setup_count, request_count;
	bool churn;
	int epoll;
	uint64_t random;
	uint64_t calls, failed, bytes;
	uint32_t times[TIMES];
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint32_t read_u32(FILE *f)
{
	uint8_t b[4];

	if (fread(b, 1, 4, f) != 4)
		errx(1, "the file of requests is too short");
	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static struct pdu read_pdu(FILE *f)
{
	struct pdu p = {.size = read_u32(f)};

	p.bytes = p.size < HANDLE_AT + HANDLE_SIZE || p.size > REQUEST_SIZE ? NULL : malloc(p.size);
	if (!p.bytes || fread(p.bytes, 1, p.size, f) != p.size)
		errx(1, "the file of requests is broken");
	return p;
}

static void read_requests(struct load *l, const char *path)
{
	FILE *f = fopen(path, "rb");

	if (!f)
		err(1, "%s", path);
	l->setup_count = read_u32(f);
	l->request_count = read_u32(f);
	l->pdus = calloc((size_t)l->setup_count + l->request_count, sizeof *l->pdus);
	for (uint32_t i = 0; i < l->setup_count + l->request_count; i++)
		l->pdus[i] = read_pdu(f);
	fclose(f);
}

/* xorshift64 */
static uint32_t pick(struct load *l)
{
	l->random ^= l->random << 13;
	l->random ^= l->random >> 7;
	l->random ^= l->random << 17;
	return (uint32_t)(l->random >> 32) % l->request_count;
}

static void send_next(struct load *l, struct connection *c)
{
	bool setup = c->step < l->setup_count;
	const struct pdu *p = &l->pdus[setup ? c->step : l->setup_count + pick(l)];

	if (!setup)
		memcpy(p->bytes + HANDLE_AT, c->handle, HANDLE_SIZE);
	if (!setup || c->step == 0)
		c->started_ns = now_ns();
	c->have = c->seen = 0;
	if (send(c->fd, p->bytes, p->size, MSG_NOSIGNAL) != (ssize_t)p->size)
		err(1, "send");
}

/* Connecting over loopback is done at once. */
static void open_connection(struct load *l, struct connection *c)
{
	static const int yes = 1;
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&l->server, sizeof l->server))
		err(1, "connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event))
		err(1, "epoll_ctl");
	c->step = 0;
	send_next(l, c);
}

/* Whether the last fragment of an answer is there. */
static bool is_whole(struct connection *c)
{
	while (c->have - c->seen >= HEAD_SIZE) {
		const uint8_t *head = c->input + c->seen;
		size_t size = head[LENGTH_AT] | (size_t)head[LENGTH_AT + 1] << 8;
		if (size < HEAD_SIZE)
			errx(1, "the server sends what is no PDU");
		if (c->have - c->seen < size)
			return false;
		c->seen += size;
		if (head[FLAGS_AT] & LAST_FRAGMENT)
			return true;
	}
	return false;
}

static void count(struct load *l, const struct connection *c)
{
	static const uint8_t success[STATUS_SIZE];
	uint64_t us = (now_ns() - c->started_ns) / 1000;

	l->calls++;
	l->bytes += c->seen;
	l->times[us < TIMES ? us : TIMES - 1]++;
	if (memcmp(c->input + c->seen - STATUS_SIZE, success, STATUS_SIZE) != 0)
		l->failed++;
}

static void take_answer(struct load *l, struct connection *c)
{
	bool setup = c->step < l->setup_count;

	if (setup && ++c->step == l->setup_count)
		memcpy(c->handle, c->input + c->seen - STATUS_SIZE - HANDLE_SIZE, HANDLE_SIZE);
	if (!setup || (l->churn && c->step == l->setup_count))
		count(l, c);
	if (l->churn && c->step == l->setup_count) {
		close(c->fd);
		open_connection(l, c);
	} else {
		send_next(l, c);
	}
}

static void take_input(struct load *l, struct connection *c)
{
	ssize_t got = recv(c->fd, c->input + c->have, INPUT_SIZE - c->have, 0);

	if (got <= 0)
		errx(1, "the server closed a connection");
	c->have += (size_t)got;
	if (is_whole(c))
		take_answer(l, c);
	else if (c->have == INPUT_SIZE)
		errx(1, "an answer is too long");
}

static void run_until(struct load *l, uint64_t end_ns)
{
	struct epoll_event events[EVENTS];

	while (now_ns() < end_ns) {
		int ready = epoll_wait(l->epoll, events, EVENTS, 100);
		for (int i = 0; i < ready; i++)
			take_input(l, events[i].data.ptr);
	}
}

static uint32_t quantile_us(const struct load *l, double fraction)
{
	uint64_t wanted = (uint64_t)(fraction * (double)l->calls), seen = 0;
	uint32_t us = 0;

	while (us < TIMES - 1 && (seen += l->times[us]) <= wanted)
		us++;
	return us;
}

static void print(const struct load *l, double seconds)
{
	printf("{\"calls\": %llu, \"failed\": %llu, \"rate\": %.1f, \"p50_us\": %u, "
	       "\"p99_us\": %u, \"reply\": %.1f}\n",
	       (unsigned long long)l->calls, (unsigned long long)l->failed,
	       (double)l->calls / seconds, quantile_us(l, 0.5), quantile_us(l, 0.99),
	       l->calls ? (double)l->bytes / (double)l->calls : 0);
}

int main(int argc, char **argv)
{
	static struct load l = {.random = 88172645463325252};

	if (argc < 5)
		errx(1, "usage: bench_load PORT CONNECTIONS SECONDS FILE [churn]");
	l.server = (struct sockaddr_in){.sin_family = AF_INET,
	                                .sin_port = htons((uint16_t)atoi(argv[1])),
	                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	l.churn = argc > 5;
	l.epoll = epoll_create1(0);
	read_requests(&l, argv[4]);
	int connections = atoi(argv[2]);
	struct connection *all = calloc((size_t)connections, sizeof *all);
	uint64_t start_ns = now_ns();
	for (int i = 0; i < connections; i++)
		open_connection(&l, &all[i]);
	run_until(&l, start_ns + (uint64_t)(atof(argv[3]) * 1e9));
	print(&l, (double)(now_ns() - start_ns) / 1e9);
	return 0;
}
