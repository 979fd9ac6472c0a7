/* nspi: a client for NSPI servers. See nspi(1). */

#include <sys/resource.h>

#include "cli/nspi.h"

enum { ANSWER_MEMORY = 256 << 20 };

static enum nspi_exit run(const struct nspi_command *command, struct nspi *n, int argc, char **argv)
{
	enum nspi_exit status = nspi_make_config(&n->options, &n->config);

	if (status == NSPI_EXIT_OK)
		status = command->run(n, argc, argv);
	nspi_free_config(&n->config);
	return status;
}

/* probe and bench open many connections; the soft limit is often 1024. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
	struct nspi n = {0};
	char **arguments = NULL;
	int count = 0;

	raise_descriptor_limit();
	const struct nspi_command *command =
		nspi_read_line(argc, argv, &n.options, &arguments, &count);
	if (n.options.help) {
		nspi_print_help(stdout);
		return NSPI_EXIT_OK;
	}
	if (n.options.version) {
		puts("nspi " NSPI_VERSION);
		return NSPI_EXIT_OK;
	}
	if (!command)
		return NSPI_EXIT_USAGE;
	arena_init(&n.arena, ANSWER_MEMORY);
	enum nspi_exit status = run(command, &n, count, arguments);
	arena_free(&n.arena);
	return (int)status;
}
