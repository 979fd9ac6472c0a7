/*
 * The least that a server can do: bench_raw_echo REPLY_SIZE listens on a loopback port, which it
 * prints, and answers every PDU with as many bytes as it was told, from one thread and one epoll.
 * What a real server costs is measured beside it.
 */

#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	EVENTS = 64,
	INPUT_SIZE = 64 * 1024,
	MAX_FILES = 65536,
	LAST_FRAGMENT = 2,
	FLAGS_AT = 3, /* in the head of a PDU */
	LENGTH_AT = 8,
};

static uint8_t input[INPUT_SIZE];
static uint8_t *reply;
static size_t reply_size;
static size_t pending[MAX_FILES]; /* bytes of a request that has not come as a whole */

/* A reply looks like one PDU, so that one client measures both servers. */
static void make_reply(const char *size)
{
	reply_size = strtoul(size, NULL, 10);
	if (reply_size < 24 || reply_size > UINT16_MAX)
		errx(1, "a reply has 24 to 65535 bytes");
	reply = calloc(1, reply_size);
	if (!reply)
		err(1, "calloc");
	reply[FLAGS_AT] = LAST_FRAGMENT;
	reply[LENGTH_AT] = (uint8_t)reply_size;
	reply[LENGTH_AT + 1] = (uint8_t)(reply_size >> 8);
}

static int listen_on_loopback(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 4096) ||
	    getsockname(fd, (struct sockaddr *)&at, &size))
		err(1, "cannot listen");
	printf("%u\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "epoll_ctl");
}

static void accept_all(int epoll, int listener)
{
	static const int yes = 1;

	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
		if (fd < 0)
			return;
		if (fd >= MAX_FILES)
			errx(1, "too many connections");
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
		pending[fd] = 0;
		watch(epoll, fd);
	}
}

/* One request is under way on a connection: what has come is it, or its beginning. */
static void answer(int fd)
{
	ssize_t got = recv(fd, input, sizeof input, 0);

	if (got <= 0) {
		close(fd);
		return;
	}
	size_t whole = pending[fd];
	if (whole == 0 && got > LENGTH_AT + 1)
		whole = input[LENGTH_AT] | (size_t)input[LENGTH_AT + 1] << 8;
	if (whole > (size_t)got) {
		pending[fd] = whole - (size_t)got;
		return;
	}
	pending[fd] = 0;
	if (send(fd, reply, reply_size, MSG_NOSIGNAL) != (ssize_t)reply_size)
		close(fd);
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];

	if (argc != 2)
		errx(1, "usage: bench_raw_echo REPLY_SIZE");
	make_reply(argv[1]);
	int epoll = epoll_create1(0), listener = listen_on_loopback();
	watch(epoll, listener);
	for (;;) {
		int ready = epoll_wait(epoll, events, EVENTS, -1);
		for (int i = 0; i < ready; i++) {
			if (events[i].data.fd == listener)
				accept_all(epoll, listener);
			else
				answer(events[i].data.fd);
		}
	}
}
