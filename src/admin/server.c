#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/call.h"
#include "admin/control.h"
#include "base/log.h"
#include "base/memory.h"

#define MAX_CONNECTIONS 16
#define TICK_MS         1000

/* Made and joined by the accepting thread; its own thread only says when it has ended. */
struct worker {
	pthread_t thread;
	struct admin_context *admin;
	int fd;
	uid_t caller;
	bool used;
	_Atomic bool ended;
};

struct admin_server {
	struct admin_context *admin;
	char *path;
	int fd, wake_fd;
	pthread_t thread;
	struct worker workers[MAX_CONNECTIONS];
};

static int fill_address(const char *path, struct sockaddr_un *address, struct error *e)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address->sun_path)
		return error_set(e, ERR_LIMIT, "control_socket \"%s\" is longer than %zu bytes",
		                 path, sizeof address->sun_path - 1);
	memcpy(address->sun_path, path, strlen(path) + 1);
	return 0;
}

/* A socket that nobody answers on is left over from a server that was killed. */
static int remove_stale(const struct sockaddr_un *address, struct error *e)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool answers = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0;
	close(fd);
	if (answers)
		return error_set(e, ERR_BUSY, "another nspid answers on %s", address->sun_path);
	struct stat s;
	if (lstat(address->sun_path, &s) == 0 && S_ISSOCK(s.st_mode))
		unlink(address->sun_path);
	return 0;
}

static int open_socket(const char *path, int *out, struct error *e)
{
	struct sockaddr_un address;
	int err = fill_address(path, &address, e);
	if (!err)
		err = remove_stale(&address, e);
	if (err)
		return err;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* The mode that the socket has before bind() is the one of its file, so it is never open to
	 * others. */
	if (fd < 0 || fchmod(fd, 0600) ||
	    bind(fd, (const struct sockaddr *)&address, sizeof address) ||
	    listen(fd, MAX_CONNECTIONS)) {
		err = error_set(e, ERR_SYSTEM, "control_socket %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

static void *work(void *context)
{
	struct worker *w = context;
	control_serve(w->admin, w->fd, w->caller);
	/* The other side learns it now, not when the worker is joined. */
	shutdown(w->fd, SHUT_RDWR);
	w->ended = true;
	return NULL;
}

static void finish(struct worker *w)
{
	pthread_join(w->thread, NULL);
	close(w->fd);
	w->used = false;
}

static void finish_ended(struct admin_server *s)
{
	for (struct worker *w = s->workers; w < s->workers + MAX_CONNECTIONS; w++)
		if (w->used && w->ended)
			finish(w);
}

static struct worker *free_worker(struct admin_server *s)
{
	finish_ended(s);
	for (struct worker *w = s->workers; w < s->workers + MAX_CONNECTIONS; w++)
		if (!w->used)
			return w;
	return NULL;
}

/* Signals are for the thread that waits for them. */
static int start_thread(pthread_t *thread, void *(*run)(void *), void *context)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(thread, NULL, run, context);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

static bool may_connect(int fd, uid_t *caller)
{
	struct ucred peer;
	socklen_t size = sizeof peer;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return false;
	*caller = peer.uid;
	return peer.uid == 0 || peer.uid == geteuid();
}

static void accept_one(struct admin_server *s)
{
	int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0) {
		log_error("control socket: cannot accept: %s", strerror(errno));
		poll(NULL, 0,
		     TICK_MS); /* out of files, most likely: it would be told again at once */
		return;
	}
	uid_t caller = 0;
	struct worker *w = NULL;
	const char *why = "only root and the user that nspid runs as may ask this";
	if (may_connect(fd, &caller)) {
		w = free_worker(s);
		why = "too many control connections at once; try again";
	}
	if (!w) {
		control_refuse(fd, why);
		close(fd);
		return;
	}
	*w = (struct worker){.admin = s->admin, .fd = fd, .caller = caller, .used = true};
	int failed = start_thread(&w->thread, work, w);
	if (failed) {
		log_error("control socket: no thread for a connection: %s", strerror(failed));
		close(fd);
		w->used = false;
	}
}

static void *accept_all(void *context)
{
	struct admin_server *s = context;
	struct pollfd p[] = {
		{.fd = s->fd,      .events = POLLIN},
		{.fd = s->wake_fd, .events = POLLIN},
	};
	while (!(p[1].revents & POLLIN)) {
		if (poll(p, 2, TICK_MS) > 0 && (p[0].revents & POLLIN))
			accept_one(s);
		finish_ended(s);
		if (s->admin->setup.sessions)
			sessions_tick(s->admin->setup.sessions);
		if (s->admin->setup.tick)
			s->admin->setup.tick(s->admin->setup.hooks);
	}
	return NULL;
}

static void free_server(struct admin_server *s)
{
	close(s->fd);
	close(s->wake_fd);
	free(s->path);
	free(s);
}

int admin_server_start(struct admin_context *a, const char *path, struct admin_server **out,
                       struct error *e)
{
	int fd;
	int err = open_socket(path, &fd, e);
	if (err)
		return err;
	struct admin_server *s = xcalloc(1, sizeof *s);
	s->admin = a;
	s->path = xstrdup(path);
	s->fd = fd;
	s->wake_fd = eventfd(0, EFD_CLOEXEC);
	if (s->wake_fd < 0 || start_thread(&s->thread, accept_all, s)) {
		unlink(path);
		free_server(s);
		return error_set(e, ERR_SYSTEM, "control socket: no thread for it");
	}
	*out = s;
	return 0;
}

void admin_server_stop(struct admin_server *s)
{
	if (!s)
		return;
	eventfd_write(s->wake_fd, 1);
	pthread_join(s->thread, NULL);
	/* One may be waiting for what another one has to give up first. */
	for (struct worker *w = s->workers; w < s->workers + MAX_CONNECTIONS; w++)
		if (w->used)
			shutdown(w->fd, SHUT_RDWR);
	for (struct worker *w = s->workers; w < s->workers + MAX_CONNECTIONS; w++)
		if (w->used)
			finish(w);
	unlink(s->path);
	free_server(s);
}
