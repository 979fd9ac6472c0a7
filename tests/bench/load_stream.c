#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

SSL_CTX *stream_tls_new(void)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());

	if (!tls || !SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION) ||
	    !SSL_CTX_set_ciphersuites(tls, "TLS_AES_256_GCM_SHA384"))
		errx(1, "TLS cannot be set up");
	SSL_CTX_set_read_ahead(tls, 1);
	SSL_CTX_set_default_read_buffer_len(tls, INPUT_SIZE);
	return tls;
}

static void begin_tls(struct stream *s, SSL_CTX *tls)
{
	s->tls = SSL_new(tls);
	if (!s->tls || !SSL_set_fd(s->tls, s->fd) || SSL_connect(s->tls) != 1)
		errx(1, "no TLS with the server");
}

void stream_open(struct stream *s, const struct sockaddr_in *server, SSL_CTX *tls)
{
	static const int yes = 1;

	*s = (struct stream){.fd = socket(AF_INET, SOCK_STREAM, 0)};
	if (s->fd < 0 || connect(s->fd, (const struct sockaddr *)server, sizeof *server))
		err(1, "connect");
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	if (tls)
		begin_tls(s, tls);
}

void stream_set_non_blocking(struct stream *s)
{
	if (fcntl(s->fd, F_SETFL, O_NONBLOCK))
		err(1, "fcntl");
}

/* Requests are small, and one is under way: the socket takes them whole. */
void stream_send(struct stream *s, const void *data, size_t size)
{
	bool sent = s->tls ? SSL_write(s->tls, data, (int)size) == (int)size
	                   : send(s->fd, data, size, MSG_NOSIGNAL) == (ssize_t)size;
	if (!sent)
		err(1, "send");
}

size_t stream_receive(struct stream *s, void *data, size_t size)
{
	ssize_t got = s->tls ? SSL_read(s->tls, data, (int)size) : recv(s->fd, data, size, 0);
	bool later = s->tls ? SSL_get_error(s->tls, (int)got) == SSL_ERROR_WANT_READ
	                    : got < 0 && errno == EAGAIN;

	if (got <= 0 && !later)
		errx(1, "the server closed a connection");
	return got > 0 ? (size_t)got : 0;
}

void stream_end(struct stream *s)
{
	if (shutdown(s->fd, SHUT_WR))
		err(1, "shutdown");
}

bool stream_ended(struct stream *s)
{
	char byte;

	return recv(s->fd, &byte, 1, 0) == 0;
}

void stream_close(struct stream *s)
{
	SSL_free(s->tls);
	close(s->fd);
}
