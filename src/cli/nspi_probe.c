#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "cli/nspi.h"

/* Opens sessions one after the other and keeps them. The signals that end a program are blocked
 * meanwhile and asked for between the steps, so that everything is unbound whatever comes. */

struct probe {
	struct nspi *nspi;
	sigset_t signals;
	struct client **clients;
	struct nspi_handle *handles; /* session i is on connection i / per_connection */
	uint32_t granted;
	uint32_t status; /* of the bind that was refused, MAPI_SUCCESS: none was */
	bool interrupted;
};

static struct client **client_of(const struct probe *p, uint32_t session)
{
	return &p->clients[session / p->nspi->options.per_connection];
}

static bool is_interrupted(struct probe *p)
{
	static const struct timespec at_once;

	p->interrupted |= sigtimedwait(&p->signals, NULL, &at_once) > 0;
	return p->interrupted;
}

static enum nspi_exit open_session(struct probe *p)
{
	struct error e = {0};
	struct client **client = client_of(p, p->granted);
	struct nspi_bind_in in = {.stat = nspi_stat(0)};
	struct nspi_bind_out out = {0};

	if (!*client && client_open(&p->nspi->config, client, &e))
		return nspi_failed(&e);
	if (client_bind(*client, &p->nspi->arena, &in, &out, &e))
		return nspi_failed(&e);
	arena_reset(&p->nspi->arena);
	p->status = out.status;
	if (out.status == MAPI_SUCCESS)
		p->handles[p->granted++] = out.handle;
	return NSPI_EXIT_OK;
}

static enum nspi_exit open_sessions(struct probe *p)
{
	enum nspi_exit status = NSPI_EXIT_OK;

	while (!status && p->granted < p->nspi->options.max && p->status == MAPI_SUCCESS &&
	       !is_interrupted(p))
		status = open_session(p);
	return status;
}

static void close_sessions(struct probe *p)
{
	uint32_t per_connection = p->nspi->options.per_connection;

	for (uint32_t i = 0; i < p->granted; i++) {
		struct nspi_unbind_in in = {.handle = p->handles[i]};
		struct nspi_unbind_out out = {0};
		client_unbind(*client_of(p, i), &p->nspi->arena, &in, &out, NULL);
		arena_reset(&p->nspi->arena);
	}
	for (uint32_t i = 0; i <= p->nspi->options.max / per_connection; i++)
		client_close(p->clients[i]);
}

static void print_json(const struct probe *p)
{
	char text[64];
	json_t *result = json_object();

	json_object_set_new(result, "granted", json_integer(p->granted));
	json_object_set_new(result, "refused", json_boolean(p->status != MAPI_SUCCESS));
	json_object_set_new(result, "status", json_integer(p->status));
	nspi_status_text(p->status, text);
	json_object_set_new(result, "status_text", json_string(text));
	json_dumpf(result, stdout, 0);
	putchar('\n');
	json_decref(result);
}

static void print(const struct probe *p)
{
	char text[64];

	printf("%u granted\n", p->granted);
	nspi_status_text(p->status, text);
	if (p->status != MAPI_SUCCESS)
		printf("refused: %s\n", text);
	else if (p->granted == p->nspi->options.max)
		puts("none refused: that was the --max");
}

static void hold(const struct probe *p)
{
	uint32_t seconds = p->nspi->options.hold_s;
	struct timespec time = {.tv_sec = seconds};

	if (seconds == 0 || p->granted == 0 || p->interrupted)
		return;
	if (seconds == HOLD_UNTIL_SIGNAL)
		printf("holding %u until a signal\n", p->granted);
	else
		printf("holding %u for %u s\n", p->granted, seconds);
	fflush(stdout);
	if (seconds == HOLD_UNTIL_SIGNAL)
		sigwaitinfo(&p->signals, NULL);
	else
		sigtimedwait(&p->signals, NULL, &time);
}

static enum nspi_exit probe(struct probe *p)
{
	enum nspi_exit status = open_sessions(p);

	if (status == NSPI_EXIT_OK) {
		if (p->nspi->options.json)
			print_json(p);
		else
			print(p);
		fflush(stdout);
		hold(p);
	}
	close_sessions(p);
	if (status == NSPI_EXIT_OK && p->granted == 0 && p->status != MAPI_SUCCESS)
		return NSPI_EXIT_REFUSED;
	return status;
}

enum nspi_exit nspi_probe(struct nspi *n, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (n->options.max == 0) {
		fputs("nspi: how many sessions at most? probe --max N\n", stderr);
		return NSPI_EXIT_USAGE;
	}
	struct probe p = {
		.nspi = n,
		.clients = xcalloc(n->options.max / n->options.per_connection + 1,
	                           sizeof(struct client *)),
		.handles = xcalloc(n->options.max, sizeof(struct nspi_handle)),
	};
	sigemptyset(&p.signals);
	sigaddset(&p.signals, SIGINT);
	sigaddset(&p.signals, SIGTERM);
	sigaddset(&p.signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &p.signals, NULL);
	enum nspi_exit status = probe(&p);
	free(p.clients);
	free(p.handles);
	return status;
}
