#include <string.h>

#include "cli/nspi.h"
#include "client/load.h"

static void print_json(const struct load_config *config, const struct load_result *r)
{
	json_t *all = json_object();

	json_object_set_new(all, "operation", json_string(config->operation));
	json_object_set_new(all, "connections", json_integer(config->connections));
	json_object_set_new(all, "seconds", json_real(r->seconds));
	json_object_set_new(all, "calls", json_integer((json_int_t)r->calls));
	json_object_set_new(all, "refused", json_integer((json_int_t)r->refused));
	json_object_set_new(all, "rate", json_real((double)r->calls / r->seconds));
	json_object_set_new(all, "p50_us", json_integer((json_int_t)r->p50_us));
	json_object_set_new(all, "p99_us", json_integer((json_int_t)r->p99_us));
	json_object_set_new(all, "max_us", json_integer((json_int_t)r->max_us));
	json_object_set_new(all, "bytes", json_integer((json_int_t)r->bytes));
	json_dumpf(all, stdout, JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(all);
}

static void print(const struct load_config *config, const struct load_result *r)
{
	uint64_t answers = r->calls + r->refused;

	printf("%s: %.0f a second (%llu in %.1f s, %u connections), %llu bytes an answer\n",
	       config->operation, (double)r->calls / r->seconds, (unsigned long long)r->calls,
	       r->seconds, config->connections,
	       (unsigned long long)(answers ? r->bytes / answers : 0));
	printf("p50 %.2f ms, p99 %.2f ms, max %.2f ms\n", (double)r->p50_us / 1e3,
	       (double)r->p99_us / 1e3, (double)r->max_us / 1e3);
}

static enum nspi_exit bench(struct nspi *n, const struct load_config *config)
{
	struct load_result result;
	struct error e = {0};
	int err = load_run(config, &result, &e);

	if (err) {
		enum nspi_exit status = nspi_failed(&e);
		return result.status ? nspi_refused("a session", result.status) : status;
	}
	if (n->options.json)
		print_json(config, &result);
	else
		print(config, &result);
	if (result.refused == 0)
		return NSPI_EXIT_OK;
	fprintf(stderr, "nspi: %llu calls failed\n", (unsigned long long)result.refused);
	return nspi_refused(config->operation, result.status);
}

/* The list is looked up in a session of its own, which ends before the load begins. */
static enum nspi_exit find_container(struct nspi *n, uint32_t *container)
{
	if (!n->options.list)
		return NSPI_EXIT_OK;
	enum nspi_exit status = nspi_open(n);
	if (!status)
		status = nspi_find_list(n, n->options.list, container);
	nspi_close(n);
	return status;
}

enum nspi_exit nspi_bench(struct nspi *n, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (!load_knows(n->options.operation)) {
		fprintf(stderr, "nspi: bench has no operation '%s'; it has %s\n",
		        n->options.operation, load_operations());
		return NSPI_EXIT_USAGE;
	}
	struct load_config config = {
		.client = n->config,
		.operation = n->options.operation,
		.rows = n->options.count,
		.connections = n->options.connections,
		.seconds = n->options.seconds,
	};
	enum nspi_exit status = find_container(n, &config.container);

	return status ? status : bench(n, &config);
}
