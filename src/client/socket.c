#include "client/socket-private.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECEIVE_SIZE = 64 * 1024 };

int socket_wait(int fd, short events, uint32_t timeout_ms, struct error *e)
{
	struct pollfd p = {.fd = fd, .events = events};
	int ready = poll(&p, 1, (int)timeout_ms);

	if (ready > 0 || (ready < 0 && errno == EINTR))
		return 0;
	if (ready == 0)
		return error_set(e, ERR_TIMEOUT, "no answer within %u ms", timeout_ms);
	return error_set(e, ERR_SYSTEM, "poll: %s", strerror(errno));
}

static int connect_failed(int failure, struct error *e)
{
	const char *hint = failure == ECONNREFUSED ? "; is nspid running?" : "";

	return error_set(e, ERR_SYSTEM, "%s%s", strerror(failure), hint);
}

static int finish_connect(int fd, uint32_t timeout_ms, struct error *e)
{
	int failure = 0;
	socklen_t size = sizeof failure;
	int err = socket_wait(fd, POLLOUT, timeout_ms, e);

	if (err)
		return err;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size);
	return failure ? connect_failed(failure, e) : 0;
}

static int connect_to(const struct addrinfo *a, uint32_t timeout_ms, struct error *e)
{
	static const int yes = 1;
	int fd =
		socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);

	if (fd < 0)
		return error_set(e, ERR_SYSTEM, "%s", strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	int err = 0;
	if (connect(fd, a->ai_addr, a->ai_addrlen) < 0 && errno != EINPROGRESS)
		err = connect_failed(errno, e);
	else
		err = finish_connect(fd, timeout_ms, e);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int connect_any(const struct addrinfo *list, uint32_t timeout_ms, struct error *e)
{
	int fd = ERR_NOT_FOUND;

	for (const struct addrinfo *a = list; a; a = a->ai_next) {
		fd = connect_to(a, timeout_ms, e);
		if (fd >= 0)
			break;
	}
	return fd;
}

int socket_connect(const char *host, uint16_t port, uint32_t timeout_ms, struct error *e)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *list = NULL;
	char service[8];

	snprintf(service, sizeof service, "%u", port);
	int failure = getaddrinfo(host, service, &hints, &list);
	if (failure)
		return error_set(e, ERR_NOT_FOUND, "cannot find the address of %s: %s", host,
		                 gai_strerror(failure));
	int fd = connect_any(list, timeout_ms, e);
	freeaddrinfo(list);
	if (fd < 0)
		error_prefix(e,
		             strchr(host, ':') ? "cannot connect to [%s]:%u"
		                               : "cannot connect to %s:%u",
		             host, port);
	return fd;
}

static int send_some(int fd, struct buffer *b, struct error *e)
{
	ssize_t sent = send(fd, b->data, b->size, MSG_NOSIGNAL);

	if (sent >= 0) {
		buffer_consume(b, (size_t)sent);
		return 0;
	}
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	return error_set(e, errno == EPIPE || errno == ECONNRESET ? ERR_CLOSED : ERR_SYSTEM,
	                 "cannot send to the server: %s", strerror(errno));
}

int socket_send(int fd, struct buffer *b, uint32_t timeout_ms, struct error *e)
{
	int err = send_some(fd, b, e);

	while (!err && b->size > 0) {
		err = socket_wait(fd, POLLOUT, timeout_ms, e);
		if (!err)
			err = send_some(fd, b, e);
	}
	return err;
}

int socket_receive(int fd, struct buffer *b, struct error *e)
{
	uint8_t *room = buffer_extend(b, RECEIVE_SIZE);

	if (!room)
		return error_set(e, ERR_INVALID, "the server sends a fragment without end");
	ssize_t got = recv(fd, room, RECEIVE_SIZE, 0);
	b->size -= RECEIVE_SIZE - (size_t)(got > 0 ? got : 0);
	if (got > 0)
		return (int)got;
	if (got == 0)
		return error_set(e, ERR_CLOSED, "the server closed the connection");
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	return error_set(e, errno == ECONNRESET ? ERR_CLOSED : ERR_SYSTEM,
	                 "cannot receive from the server: %s", strerror(errno));
}
