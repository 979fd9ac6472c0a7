#ifndef NET_TLS_PRIVATE_H
#define NET_TLS_PRIVATE_H

/* TLS of one connection. Bytes go in and out of OpenSSL through the loop's buffers: an idle
 * connection owns none. */

#include <openssl/bio.h>

#include "net/net-private.h"

struct tls_stream;

/* tls.c; NULL: there is no certificate yet. */
struct tls_stream *net_tls_accept(struct net_tls *t);

/* tls_stream.c */
struct tls_certificate; /* counted; a stream keeps the one it began with */
void net_tls_certificate_unref(struct tls_certificate *c);
struct slice net_tls_certificate_binding(const struct tls_certificate *c);

const BIO_METHOD *net_tls_method(const struct net_tls *t);
BIO_METHOD *net_tls_stream_method(void);
struct tls_stream *net_tls_stream_new(void *ssl, const BIO_METHOD *method,
                                      struct tls_certificate *certificate); /* owns both */
void net_tls_stream_free(struct tls_stream *s);                             /* NULL is fine */

enum tls_result { TLS_GOES_ON, TLS_FAILED };

/* Appends what the peer said to plain, and what TLS itself has to say to sealed. */
enum tls_result net_tls_open(struct tls_stream *s, struct slice data, struct buffer *plain,
                             struct buffer *sealed);
/* false: it cannot be sent. */
bool net_tls_seal(struct tls_stream *s, struct slice plain, struct buffer *sealed);
/* The peer has said that nothing follows; it may still wait for answers. */
bool net_tls_ended(const struct tls_stream *s);
void net_tls_close(struct tls_stream *s, struct buffer *sealed); /* says the same */

#endif
