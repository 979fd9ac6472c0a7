#include "client/stream-private.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "client/socket-private.h"

enum { RAW_LIMIT = 1 << 20, RECORD_SIZE = 16 * 1024 };

struct stream {
	int fd;
	uint32_t timeout_ms;
	SSL *ssl;      /* NULL: plain. Its records go through buffers, as sockets are waited for */
	BIO *in, *out; /* of it */
	struct buffer raw;
	uint8_t end_point[EVP_MAX_MD_SIZE];
	unsigned end_point_size;
};

static int tls_error(struct error *e, const char *what)
{
	unsigned long code = ERR_get_error();
	const char *reason = ERR_reason_error_string(code);

	ERR_clear_error();
	return error_set(e, ERR_INVALID, "%s: %s", what, reason ? reason : "TLS");
}

static int receive_raw(struct stream *s, struct buffer *b, struct error *e)
{
	int got = 0;

	while (got == 0) {
		int err = socket_wait(s->fd, POLLIN, s->timeout_ms, e);
		if (err)
			return err;
		got = socket_receive(s->fd, b, e);
	}
	return got < 0 ? got : 0;
}

/* What the peer has sent goes to TLS. */
static int feed(struct stream *s, struct error *e)
{
	buffer_clear(&s->raw);
	int err = receive_raw(s, &s->raw, e);

	if (!err)
		BIO_write(s->in, s->raw.data, (int)s->raw.size);
	return err;
}

/* What TLS has for the peer goes out. */
static int flush(struct stream *s, struct error *e)
{
	size_t pending = BIO_ctrl_pending(s->out);

	buffer_clear(&s->raw);
	uint8_t *p = pending ? buffer_extend(&s->raw, pending) : NULL;
	if (!p)
		return 0;
	BIO_read(s->out, p, (int)pending);
	return socket_send(s->fd, &s->raw, s->timeout_ms, e);
}

static int not_trusted(const struct stream *s, struct error *e)
{
	long result = SSL_get_verify_result(s->ssl);

	if (result == X509_V_OK)
		return tls_error(e, "the server speaks no TLS that we know");
	ERR_clear_error();
	return error_set(e, ERR_INVALID,
	                 "the server's certificate is not to be trusted: %s; --ca FILE names who "
	                 "signed it",
	                 X509_verify_cert_error_string(result));
}

static int shake_hands(struct stream *s, struct error *e)
{
	for (;;) {
		int done = SSL_connect(s->ssl);
		int why = SSL_get_error(s->ssl, done);
		int err = flush(s, e);
		if (err || done == 1)
			return err;
		if (why != SSL_ERROR_WANT_READ)
			return not_trusted(s, e);
		err = feed(s, e);
		if (err)
			return err;
	}
}

static bool is_numeric(const char *host)
{
	uint8_t address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

/* The certificate has to be for the host that we mean. */
static void name_host(struct stream *s, const char *host)
{
	if (is_numeric(host)) {
		X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(s->ssl), host);
		return;
	}
	/* The macro takes no const. */
	SSL_set_tlsext_host_name(s->ssl, (char *)(uintptr_t)host);
	SSL_set1_host(s->ssl, host);
}

static int trust(SSL_CTX *context, const struct stream_config *config, struct error *e)
{
	SSL_CTX_set_verify(context, config->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	if (!config->ca_file) {
		SSL_CTX_set_default_verify_paths(context);
		return 0;
	}
	if (SSL_CTX_load_verify_locations(context, config->ca_file, NULL) == 1)
		return 0;
	return tls_error(e, config->ca_file);
}

/* Of SHA-1 and MD5, which nobody relies on, the hash is SHA-256 (RFC 5929, 4.1). */
static void keep_end_point(struct stream *s)
{
	X509 *certificate = SSL_get1_peer_certificate(s->ssl);
	int digest = NID_undef;

	if (!certificate)
		return;
	X509_get_signature_info(certificate, &digest, NULL, NULL, NULL);
	const EVP_MD *md = EVP_get_digestbynid(digest);
	if (!md || digest == NID_sha1 || digest == NID_md5)
		md = EVP_sha256();
	X509_digest(certificate, md, s->end_point, &s->end_point_size);
	X509_free(certificate);
}

static int start_tls(struct stream *s, const struct stream_config *config, struct error *e)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (!context)
		return tls_error(e, "no TLS");
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	int err = trust(context, config, e);
	if (!err) {
		s->ssl = SSL_new(context);
		s->in = BIO_new(BIO_s_mem());
		s->out = BIO_new(BIO_s_mem());
		SSL_set_bio(s->ssl, s->in, s->out); /* owns both */
		name_host(s, config->tls_name ? config->tls_name : config->host);
		err = shake_hands(s, e);
	}
	SSL_CTX_free(context);
	if (!err)
		keep_end_point(s);
	return err;
}

int stream_open(const struct stream_config *config, struct stream **out, struct error *e)
{
	int fd = socket_connect(config->host, config->port, config->timeout_ms, e);

	if (fd < 0)
		return fd;
	struct stream *s = xcalloc(1, sizeof *s);
	s->fd = fd;
	s->timeout_ms = config->timeout_ms;
	buffer_init(&s->raw, RAW_LIMIT + RECORD_SIZE);
	int err = config->tls ? start_tls(s, config, e) : 0;
	if (err)
		stream_close(s);
	else
		*out = s;
	return err;
}

void stream_close(struct stream *s)
{
	if (!s)
		return;
	SSL_free(s->ssl);
	buffer_free(&s->raw);
	close(s->fd);
	free(s);
}

/* Records go out as they are made, so that a large request is not there twice. */
static int send_record(struct stream *s, const uint8_t *data, size_t size, struct error *e)
{
	if (SSL_write(s->ssl, data, (int)size) <= 0)
		return tls_error(e, "cannot send to the server");
	return flush(s, e);
}

int stream_send(struct stream *s, struct buffer *b, struct error *e)
{
	int err = 0;

	if (!s->ssl)
		return socket_send(s->fd, b, s->timeout_ms, e);
	for (size_t at = 0; at < b->size && !err; at += RECORD_SIZE) {
		size_t left = b->size - at;
		err = send_record(s, b->data + at, left < RECORD_SIZE ? left : RECORD_SIZE, e);
	}
	buffer_clear(b);
	return err;
}

static int receive_record(struct stream *s, struct buffer *b, int *got, struct error *e)
{
	uint8_t *room = buffer_extend(b, RECORD_SIZE);

	if (!room)
		return error_set(e, ERR_INVALID, "the server sends without end");
	*got = SSL_read(s->ssl, room, RECORD_SIZE);
	b->size -= RECORD_SIZE - (size_t)(*got > 0 ? *got : 0);
	if (*got > 0)
		return 0;
	switch (SSL_get_error(s->ssl, *got)) {
	case SSL_ERROR_WANT_READ: return 0;
	case SSL_ERROR_ZERO_RETURN:
		return error_set(e, ERR_CLOSED, "the server closed the connection");
	default: return tls_error(e, "cannot receive from the server");
	}
}

int stream_receive(struct stream *s, struct buffer *b, struct error *e)
{
	int got = 0;

	if (!s->ssl)
		return receive_raw(s, b, e);
	for (;;) {
		int err = receive_record(s, b, &got, e);
		if (!err)
			err = flush(s, e);
		if (err || got > 0)
			return err;
		err = feed(s, e);
		if (err)
			return err;
	}
}

struct slice stream_end_point(const struct stream *s)
{
	return slice_of(s->end_point_size ? s->end_point : NULL, s->end_point_size);
}
