/*
 * The least that a server can do: bench_raw_echo REPLY_SIZE [PEM] listens on a loopback port, which
 * it prints, and answers every PDU with as many bytes as it was told, from one thread and one
 * epoll. With a certificate and its key it does so over TLS. What a real server costs is measured
 * beside it.
 */

#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
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
static SSL_CTX *tls;              /* NULL: none is spoken */
static SSL *streams[MAX_FILES];

/* As nspid has it. */
static void make_tls(const char *pem)
{
	tls = SSL_CTX_new(TLS_server_method());
	if (!tls || SSL_CTX_use_certificate_chain_file(tls, pem) != 1 ||
	    SSL_CTX_use_PrivateKey_file(tls, pem, SSL_FILETYPE_PEM) != 1)
		errx(1, "%s: no certificate with its key", pem);
	SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(tls, SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
}

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

static SSL *stream_new(int fd)
{
	SSL *stream = SSL_new(tls);

	if (!stream || !SSL_set_fd(stream, fd))
		errx(1, "no TLS");
	SSL_set_accept_state(stream);
	return stream;
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
		streams[fd] = tls ? stream_new(fd) : NULL;
		watch(epoll, fd);
	}
}

static void hang_up(int fd)
{
	SSL_free(streams[fd]);
	close(fd);
}

/* 0: nothing has come yet; -1: nothing will. */
static ssize_t receive(int fd)
{
	if (!streams[fd]) {
		ssize_t got = recv(fd, input, sizeof input, 0);
		return got > 0 ? got : -1;
	}
	ERR_clear_error();
	int got = SSL_read(streams[fd], input, sizeof input);
	if (got > 0)
		return got;
	return SSL_get_error(streams[fd], got) == SSL_ERROR_WANT_READ ? 0 : -1;
}

static bool send_reply(int fd)
{
	if (!streams[fd])
		return send(fd, reply, reply_size, MSG_NOSIGNAL) == (ssize_t)reply_size;
	return SSL_write(streams[fd], reply, (int)reply_size) == (int)reply_size;
}

/* One request is under way on a connection: what has come is it, or its beginning. */
static void answer(int fd)
{
	ssize_t got = receive(fd);

	if (got < 0)
		hang_up(fd);
	if (got <= 0)
		return;
	size_t whole = pending[fd];
	if (whole == 0 && got > LENGTH_AT + 1)
		whole = input[LENGTH_AT] | (size_t)input[LENGTH_AT + 1] << 8;
	if (whole > (size_t)got) {
		pending[fd] = whole - (size_t)got;
		return;
	}
	pending[fd] = 0;
	if (!send_reply(fd))
		hang_up(fd);
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];

	if (argc != 2 && argc != 3)
		errx(1, "usage: bench_raw_echo REPLY_SIZE [PEM]");
	make_reply(argv[1]);
	if (argc == 3)
		make_tls(argv[2]);
	signal(SIGPIPE, SIG_IGN);
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
