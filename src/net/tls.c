#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "net/tls-private.h"

struct tls_certificate {
	SSL_CTX *context;
	uint8_t binding[EVP_MAX_MD_SIZE];
	unsigned binding_size;
	_Atomic uint32_t references;
};

struct net_tls {
	BIO_METHOD *method;
	pthread_mutex_t lock; /* of the pointer */
	struct tls_certificate *current;
};

struct net_tls *net_tls_new(void)
{
	struct net_tls *t = xcalloc(1, sizeof *t);

	t->method = net_tls_stream_method();
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

void net_tls_certificate_unref(struct tls_certificate *c)
{
	if (!c || atomic_fetch_sub_explicit(&c->references, 1, memory_order_acq_rel) != 1)
		return;
	SSL_CTX_free(c->context);
	free(c);
}

struct slice net_tls_certificate_binding(const struct tls_certificate *c)
{
	return slice_of(c->binding, c->binding_size);
}

void net_tls_free(struct net_tls *t)
{
	if (!t)
		return;
	net_tls_certificate_unref(t->current);
	BIO_meth_free(t->method);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static struct tls_certificate *current_of(struct net_tls *t)
{
	pthread_mutex_lock(&t->lock);
	struct tls_certificate *c = t->current;
	if (c)
		atomic_fetch_add_explicit(&c->references, 1, memory_order_relaxed);
	pthread_mutex_unlock(&t->lock);
	return c;
}

struct tls_stream *net_tls_accept(struct net_tls *t)
{
	struct tls_certificate *c = current_of(t);

	if (!c)
		return NULL;
	SSL *ssl = SSL_new(c->context);
	if (!ssl)
		abort();
	return net_tls_stream_new(ssl, t->method, c);
}

/* A key with a passphrase is refused: nobody is there to ask for it. */
static int no_passphrase(char *out, int size, int writing, void *context)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

static int openssl_error(struct error *e, const char *path)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	ERR_clear_error();
	return error_set(e, ERR_INVALID, "%s: %s", path, reason ? reason : "cannot be read");
}

static SSL_CTX *context_new(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION))
		abort();
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
	                                     SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_default_passwd_cb(context, no_passphrase);
	return context;
}

static int load_files(SSL_CTX *context, const char *certificate, const char *key, struct error *e)
{
	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
		return openssl_error(e, certificate);
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
		return openssl_error(e, key);
	return 0;
}

/* The hash of the certificate by the function of its signature; for MD5 and SHA-1, and where there
 * is none, SHA-256 (RFC 5929, 4.1). */
static void make_binding(struct tls_certificate *c)
{
	const X509 *x509 = SSL_CTX_get0_certificate(c->context);
	int nid = NID_undef;

	X509_get_signature_info((X509 *)(uintptr_t)x509, &nid, NULL, NULL, NULL);
	const EVP_MD *md = nid == NID_md5 || nid == NID_sha1 ? NULL : EVP_get_digestbynid(nid);
	if (!X509_digest(x509, md ? md : EVP_sha256(), c->binding, &c->binding_size))
		abort();
}

/* Clients will refuse it, but an old one is better than none. */
static void warn_of_expiry(const SSL_CTX *context, const char *path)
{
	const X509 *x509 = SSL_CTX_get0_certificate(context);

	if (X509_cmp_current_time(X509_get0_notAfter(x509)) < 0)
		log_warn("the certificate in %s has expired", path);
}

int net_tls_load(struct net_tls *t, const char *certificate, const char *key, struct error *e)
{
	struct tls_certificate *c = xcalloc(1, sizeof *c);

	c->context = context_new();
	atomic_init(&c->references, 1);
	int err = load_files(c->context, certificate, key, e);
	if (!err) {
		make_binding(c);
		warn_of_expiry(c->context, certificate);
		pthread_mutex_lock(&t->lock);
		struct tls_certificate *old = t->current;
		t->current = c;
		pthread_mutex_unlock(&t->lock);
		c = old;
	}
	net_tls_certificate_unref(c);
	return err;
}

int net_listen_tls(struct net *n, struct net_tls *tls, const char *address, uint16_t port,
                   const struct net_protocol *protocol, void *context, uint16_t *bound_port,
                   struct error *e)
{
	const struct accepted like = {.protocol = protocol, .context = context, .tls = tls};

	return net_listener_open(n, address, port, &like, bound_port, e);
}
