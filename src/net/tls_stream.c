#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "net/tls-private.h"
#include "net/tls.h"

enum { RECORD_SIZE = 16384 }; /* of plain text at most, RFC 8446, 5.1 */

struct tls_stream {
	SSL *ssl;
	struct tls_certificate *certificate;
	struct slice in;       /* of this call, not read yet */
	struct buffer *sealed; /* of this call */
};

static int take(BIO *bio, char *out, int size)
{
	struct tls_stream *s = BIO_get_data(bio);
	size_t n = s->in.size < (size_t)size ? s->in.size : (size_t)size;

	BIO_clear_retry_flags(bio);
	if (n == 0) {
		BIO_set_retry_read(bio);
		return -1;
	}
	memcpy(out, s->in.data, n);
	s->in = slice_of(s->in.data + n, s->in.size - n);
	return (int)n;
}

static int give(BIO *bio, const char *data, int size)
{
	struct tls_stream *s = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	buffer_put(s->sealed, data, (size_t)size);
	return s->sealed->failed ? -1 : size;
}

static long control(BIO *bio, int command, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	return command == BIO_CTRL_FLUSH;
}

static int create(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}

BIO_METHOD *net_tls_stream_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "nspid");

	if (!m || !BIO_meth_set_read(m, take) || !BIO_meth_set_write(m, give) ||
	    !BIO_meth_set_ctrl(m, control) || !BIO_meth_set_create(m, create))
		abort();
	return m;
}

struct tls_stream *net_tls_stream_new(void *ssl, const BIO_METHOD *method,
                                      struct tls_certificate *certificate)
{
	struct tls_stream *s = xcalloc(1, sizeof *s);
	BIO *bio = BIO_new(method);

	if (!bio)
		abort();
	*s = (struct tls_stream){.ssl = ssl, .certificate = certificate};
	BIO_set_data(bio, s);
	SSL_set_bio(s->ssl, bio, bio);
	SSL_set_accept_state(s->ssl);
	return s;
}

void net_tls_stream_free(struct tls_stream *s)
{
	if (!s)
		return;
	SSL_free(s->ssl);
	net_tls_certificate_unref(s->certificate);
	free(s);
}

/* What others left behind would be taken for ours. Clearing costs much more than looking. */
static void forget_errors(void)
{
	if (ERR_peek_error())
		ERR_clear_error();
}

static enum tls_result result_of(struct tls_stream *s, int returned)
{
	switch (SSL_get_error(s->ssl, returned)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_ZERO_RETURN: return TLS_GOES_ON;
	default: break;
	}
	char reason[256];
	ERR_error_string_n(ERR_peek_last_error(), reason, sizeof reason);
	log_debug("TLS failed: %s", reason);
	return TLS_FAILED;
}

/* Reads one record's text. */
static int read_some(struct tls_stream *s, struct buffer *plain)
{
	uint8_t *p = buffer_extend(plain, RECORD_SIZE);

	if (!p)
		return -1;
	int n = SSL_read(s->ssl, p, RECORD_SIZE);
	plain->size -= RECORD_SIZE - (size_t)(n > 0 ? n : 0);
	return n;
}

/* Asking when nothing is left would only cost the buffer that OpenSSL takes for it. */
static bool has_more(const struct tls_stream *s)
{
	return s->in.size > 0 || SSL_pending(s->ssl) > 0;
}

enum tls_result net_tls_open(struct tls_stream *s, struct slice data, struct buffer *plain,
                             struct buffer *sealed)
{
	int n = 0;

	s->in = data;
	s->sealed = sealed;
	forget_errors();
	do
		n = read_some(s, plain);
	while (n > 0 && has_more(s));
	return n > 0 ? TLS_GOES_ON : result_of(s, n);
}

bool net_tls_seal(struct tls_stream *s, struct slice plain, struct buffer *sealed)
{
	s->in = slice_of("", 0);
	s->sealed = sealed;
	forget_errors();
	while (plain.size > 0) {
		int size = plain.size < INT_MAX ? (int)plain.size : INT_MAX;
		int n = SSL_write(s->ssl, plain.data, size);
		if (n <= 0)
			return false;
		plain = slice_of(plain.data + n, plain.size - (size_t)n);
	}
	return true;
}

bool net_tls_ended(const struct tls_stream *s)
{
	return SSL_get_shutdown(s->ssl) & SSL_RECEIVED_SHUTDOWN;
}

void net_tls_close(struct tls_stream *s, struct buffer *sealed)
{
	s->in = slice_of("", 0);
	s->sealed = sealed;
	forget_errors();
	if (SSL_is_init_finished(s->ssl))
		SSL_shutdown(s->ssl);
}

struct slice net_connection_tls_binding(const struct net_connection *c)
{
	return c->tls ? net_tls_certificate_binding(c->tls->certificate) : slice_of(NULL, 0);
}
