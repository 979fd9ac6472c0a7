/*
 * Load on a server: bench_load [OPTION...] PORT CONNECTIONS SECONDS FILE
 *
 *	--http       the requests are HTTP, not RPC PDUs
 *	--tls        over TLS
 *	--login U:P  user and password, by NTLM, once a connection (HTTP)
 *	--awake      never sleeps: a server is slower the more often it has to wake its client
 *	--in-turn    the requests one after the other, not at random
 *	--churn      a connection ends after its setup and another one follows: each counts as a
 *	             call
 *	--bare       nothing is sent: a connection ends at once, counts when the server has ended it
 *	             too, and another one follows
 *
 * Every connection sends the setup requests of the file one after the other, then requests of the
 * file, one under way at a time. What names the session, as the server told it, is put into each.
 * Answers are not decoded, but for where they end, their return value, and the session.
 *
 * The file: the number of setup requests, the number of requests, then all of them, each behind its
 * size and where in it the session stands, 0 for nowhere; little-endian u32. One line of JSON is
 * printed, also when SIGTERM ends the load before its time.
 */

#include <arpa/inet.h>
#include <err.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "load.h"

enum {
	EVENTS = 64,
	REQUEST_SIZE = 64 * 1024,
	TIMES = 1 << 20, /* microseconds that are told apart */
};

struct request {
	uint8_t *bytes;
	size_t size, session_at;
};

struct load {
	struct sockaddr_in server;
	const struct protocol *protocol;
	SSL_CTX *tls;             /* NULL: none is spoken */
	char *user, *password;    /* NULL: nobody logs in */
	struct request *requests; /* setup, then the others */
	uint32_t setup_count, request_count;
	bool awake, in_turn, churn, bare;
	int epoll;
	uint64_t random;
	uint64_t calls, failed, bytes;
	uint32_t times[TIMES];
};

static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

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

static struct request read_request(FILE *f)
{
	struct request r = {.size = read_u32(f), .session_at = read_u32(f)};

	r.bytes = r.size > REQUEST_SIZE ? NULL : malloc(r.size);
	if (!r.bytes || fread(r.bytes, 1, r.size, f) != r.size)
		errx(1, "the file of requests is broken");
	return r;
}

static void read_requests(struct load *l, const char *path)
{
	FILE *f = fopen(path, "rb");

	if (!f)
		err(1, "%s", path);
	l->setup_count = read_u32(f);
	l->request_count = read_u32(f);
	l->requests = calloc((size_t)l->setup_count + l->request_count, sizeof *l->requests);
	for (uint32_t i = 0; i < l->setup_count + l->request_count; i++)
		l->requests[i] = read_request(f);
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

static const struct request *next_request(struct load *l, const struct connection *c)
{
	if (c->step < l->setup_count)
		return &l->requests[c->step];
	uint32_t i = l->in_turn ? (c->step - l->setup_count) % l->request_count : pick(l);
	return &l->requests[l->setup_count + i];
}

static void send_next(struct load *l, struct connection *c)
{
	const struct request *r = next_request(l, c);

	if (r->session_at && r->session_at + c->session_size > r->size)
		errx(1, "the server names sessions in another way than the requests");
	if (r->session_at)
		memcpy(r->bytes + r->session_at, c->session, c->session_size);
	if (c->step >= l->setup_count || c->step == 0)
		c->started_ns = now_ns();
	c->have = c->seen = 0;
	stream_send(&c->stream, r->bytes, r->size);
}

static void open_connection(struct load *l, struct connection *c)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

	stream_open(&c->stream, &l->server, l->tls);
	if (l->user)
		l->protocol->log_in(c, l->user, l->password);
	stream_set_non_blocking(&c->stream);
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->stream.fd, &event))
		err(1, "epoll_ctl");
	c->step = 0;
	if (l->bare) {
		c->started_ns = now_ns();
		stream_end(&c->stream);
	} else {
		send_next(l, c);
	}
}

static void count(struct load *l, const struct connection *c, enum answer answer)
{
	uint64_t us = (now_ns() - c->started_ns) / 1000;

	l->calls++;
	l->bytes += c->seen;
	l->times[us < TIMES ? us : TIMES - 1]++;
	if (answer == ANSWER_FAILED)
		l->failed++;
}

static void take_answer(struct load *l, struct connection *c, enum answer answer)
{
	bool setup = c->step++ < l->setup_count;
	bool renew = l->churn && c->step == l->setup_count;

	if (setup || l->protocol->renews_session)
		l->protocol->keep_session(c);
	if (!setup || renew)
		count(l, c, answer);
	if (renew) {
		stream_close(&c->stream);
		open_connection(l, c);
	} else {
		send_next(l, c);
	}
}

static void take_end(struct load *l, struct connection *c)
{
	if (!stream_ended(&c->stream))
		return;
	count(l, c, ANSWER_GOOD);
	stream_close(&c->stream);
	open_connection(l, c);
}

bool connection_receive(struct connection *c)
{
	size_t got = stream_receive(&c->stream, c->input + c->have, INPUT_SIZE - c->have);

	c->have += got;
	if (c->have == INPUT_SIZE)
		errx(1, "an answer is too long");
	return got > 0;
}

static void take_input(struct load *l, struct connection *c)
{
	enum answer answer = ANSWER_PART;

	while (answer == ANSWER_PART && connection_receive(c))
		answer = l->protocol->look(c);
	if (answer != ANSWER_PART)
		take_answer(l, c, answer);
}

static void run_until(struct load *l, uint64_t end_ns)
{
	struct epoll_event events[EVENTS];

	while (!ended && now_ns() < end_ns) {
		int ready = epoll_wait(l->epoll, events, EVENTS, l->awake ? 0 : 100);
		for (int i = 0; i < ready; i++)
			(l->bare ? take_end : take_input)(l, events[i].data.ptr);
	}
}

static uint32_t quantile_us(const struct load *l, double fraction)
{
	uint64_t wanted = (uint64_t)(fraction * (double)l->calls), seen = 0;
	uint32_t us = 0;

	if (wanted == l->calls && wanted > 0)
		wanted--;
	while (us < TIMES - 1 && (seen += l->times[us]) <= wanted)
		us++;
	return us;
}

static void print(const struct load *l, double seconds)
{
	printf("{\"calls\": %llu, \"failed\": %llu, \"rate\": %.1f, \"p50_us\": %u, "
	       "\"p99_us\": %u, \"max_us\": %u, \"reply\": %.1f}\n",
	       (unsigned long long)l->calls, (unsigned long long)l->failed,
	       (double)l->calls / seconds, quantile_us(l, 0.5), quantile_us(l, 0.99),
	       quantile_us(l, 1), l->calls ? (double)l->bytes / (double)l->calls : 0);
}

static void set_login(struct load *l, char *login)
{
	char *colon = strchr(login, ':');

	if (!colon)
		errx(1, "--login USER:PASSWORD");
	*colon = '\0';
	l->user = login;
	l->password = colon + 1;
}

static void read_options(struct load *l, int argc, char **argv)
{
	static const struct option options[] = {
		{"http",    no_argument,       NULL, 'h'},
		{"tls",     no_argument,       NULL, 't'},
		{"login",   required_argument, NULL, 'l'},
		{"awake",   no_argument,       NULL, 'a'},
		{"in-turn", no_argument,       NULL, 'i'},
		{"churn",   no_argument,       NULL, 'c'},
		{"bare",    no_argument,       NULL, 'b'},
		{NULL,      0,                 NULL, 0  },
	};

	l->protocol = &load_rpc;
	for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (o) {
		case 'h': l->protocol = &load_http; break;
		case 't': l->tls = stream_tls_new(); break;
		case 'l': set_login(l, optarg); break;
		case 'a': l->awake = true; break;
		case 'i': l->in_turn = true; break;
		case 'c': l->churn = true; break;
		case 'b': l->bare = true; break;
		default: exit(1);
		}
	}
	if (argc - optind != 4 || (l->user && !l->protocol->log_in))
		errx(1, "usage: bench_load [OPTION...] PORT CONNECTIONS SECONDS FILE");
}

int main(int argc, char **argv)
{
	static struct load l = {.random = 88172645463325252};

	signal(SIGTERM, end);
	read_options(&l, argc, argv);
	argv += optind;
	l.server = (struct sockaddr_in){.sin_family = AF_INET,
	                                .sin_port = htons((uint16_t)atoi(argv[0])),
	                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	l.epoll = epoll_create1(0);
	read_requests(&l, argv[3]);
	int connections = atoi(argv[1]);
	struct connection *all = calloc((size_t)connections, sizeof *all);
	for (int i = 0; i < connections; i++)
		open_connection(&l, &all[i]);
	uint64_t start_ns = now_ns();
	run_until(&l, start_ns + (uint64_t)(atof(argv[2]) * 1e9));
	print(&l, (double)(now_ns() - start_ns) / 1e9);
	return 0;
}
