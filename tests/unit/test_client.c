#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/client.h"
#include "client/histogram-private.h"

/* A listening socket: connections to it are made by the kernel, and answered by the test when it
 * likes. */
struct peer {
	int listener;
	uint16_t port;
};

static int set_up(void **state)
{
	struct peer *p = calloc(1, sizeof *p);
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof a;
	p->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(p->listener, (struct sockaddr *)&a, sizeof a) || listen(p->listener, 8) ||
	    getsockname(p->listener, (struct sockaddr *)&a, &size))
		return -1;
	p->port = ntohs(a.sin_port);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct peer *p = *state;
	close(p->listener);
	free(p);
	return 0;
}

static struct client_config config_for(const struct peer *p)
{
	return (struct client_config){.host = "127.0.0.1", .port = p->port, .timeout_ms = 2000};
}

static int open_client(const struct client_config *config, struct error *e)
{
	struct client *c = NULL;
	int err = client_open(config, &c, e);
	client_close(c);
	return err;
}

/* A child that accepts one connection and sends those bytes, which a client reads as its answer. */
static void answer_with(const struct peer *p, const void *bytes, size_t size)
{
	if (fork() != 0)
		return;
	int fd = accept(p->listener, NULL, NULL);
	uint8_t request[512];
	ssize_t got = recv(fd, request, sizeof request, 0);
	ssize_t sent = got > 0 && size > 0 ? send(fd, bytes, size, 0) : 0;
	_exit(sent < 0);
}

static void a_port_without_server_is_told(void **state)
{
	struct peer *p = *state;
	struct client_config config = config_for(p);
	struct error e = {0};
	close(p->listener);
	assert_int_equal(open_client(&config, &e), ERR_SYSTEM);
	assert_non_null(strstr(e.text, "cannot connect to 127.0.0.1:"));
	assert_non_null(strstr(e.text, "Connection refused; is nspid running?"));
}

static void an_unknown_host_is_told(void **state)
{
	struct client_config config = config_for(*state);
	struct error e = {0};
	config.host = "no..such..host";
	assert_int_equal(open_client(&config, &e), ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "no..such..host"));
}

static void a_server_that_says_nothing_times_out(void **state)
{
	struct client_config config = config_for(*state);
	struct error e = {0};
	config.timeout_ms = 50;
	assert_int_equal(open_client(&config, &e), ERR_TIMEOUT);
	assert_non_null(strstr(e.text, "50 ms"));
}

static void a_server_that_hangs_up_is_told(void **state)
{
	struct client_config config = config_for(*state);
	struct error e = {0};
	answer_with(*state, "", 0);
	assert_int_equal(open_client(&config, &e), ERR_CLOSED);
}

static void a_server_that_speaks_something_else_is_told(void **state)
{
	static const char http[] = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
	struct client_config config = config_for(*state);
	struct error e = {0};
	answer_with(*state, http, sizeof http - 1);
	assert_int_equal(open_client(&config, &e), ERR_INVALID);
}

static void a_refused_bind_is_told(void **state)
{
	/* bind_nak, reason 0, call 1 */
	static const uint8_t nak[] = {5, 0, 13, 3, 16, 0, 0, 0, 24, 0, 0, 0,
	                              1, 0, 0,  0, 0,  0, 1, 5, 0,  0, 0, 0};
	struct client_config config = config_for(*state);
	struct error e = {0};
	answer_with(*state, nak, sizeof nak);
	assert_int_equal(open_client(&config, &e), ERR_DENIED);
}

static void quantiles_are_within_two_percent(void **state)
{
	struct histogram *h = calloc(1, sizeof *h);
	(void)state;
	for (uint64_t i = 1; i <= 100000; i++)
		histogram_add(h, i);
	assert_in_range(histogram_quantile(h, 0.5), 49000, 51000);
	assert_in_range(histogram_quantile(h, 0.99), 97000, 100000);
	assert_int_equal(h->max, 100000);
	free(h);
}

static void small_and_huge_values_have_their_buckets(void **state)
{
	struct histogram *h = calloc(1, sizeof *h);
	(void)state;
	assert_int_equal(histogram_quantile(h, 0.5), 0);
	histogram_add(h, 0);
	assert_int_equal(histogram_quantile(h, 0.5), 0);
	for (int i = 0; i < 10; i++)
		histogram_add(h, 63);
	assert_int_equal(histogram_quantile(h, 0.5), 63);
	for (int i = 0; i < 100; i++)
		histogram_add(h, UINT64_MAX);
	assert_true(histogram_quantile(h, 0.5) > UINT32_MAX);
	free(h);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_port_without_server_is_told),
		TEST(an_unknown_host_is_told),
		TEST(a_server_that_says_nothing_times_out),
		TEST(a_server_that_hangs_up_is_told),
		TEST(a_server_that_speaks_something_else_is_told),
		TEST(a_refused_bind_is_told),
		cmocka_unit_test(quantiles_are_within_two_percent),
		cmocka_unit_test(small_and_huge_values_have_their_buckets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
