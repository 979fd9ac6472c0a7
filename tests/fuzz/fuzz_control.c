/* The control socket: framing, requests and every command, on a store in memory. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/control.h"
#include "base/log.h"

static struct admin_context *admin;

static void remove_store(void)
{
	char command[96];
	snprintf(command, sizeof command, "rm -rf /dev/shm/nspid-fuzz-control-%d", (int)getpid());
	if (system(command))
		_exit(1);
}

static void make_site(void)
{
	char dir[64];
	struct store *store = NULL;
	struct error e = {0};

	log_set_level(LOG_LEVEL_ERROR);
	snprintf(dir, sizeof dir, "/dev/shm/nspid-fuzz-control-%d", (int)getpid());
	remove_store();
	if (store_open(dir, 16 << 20, &store, &e)) {
		fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
	atexit(remove_store);
	struct limits *limits = limits_new();
	const struct sessions_config config = {.anonymous_read = true};
	const struct admin_setup setup = {
		.version = "fuzz",
		.organization = "Fuzz",
		.store = store,
		.limits = limits,
		.sessions = sessions_new(&config, limits),
	};
	admin = admin_context_new(&setup);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int pair[2];
	if (!admin)
		make_site();
	/* What does not fit into the socket's buffer would wait for a reader that is not there. */
	if (size > 65536 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 0;
	if (send(pair[0], data, size, MSG_NOSIGNAL) == (ssize_t)size) {
		shutdown(pair[0], SHUT_WR);
		control_serve(admin, pair[1], 0);
	}
	close(pair[0]);
	close(pair[1]);
	return 0;
}
