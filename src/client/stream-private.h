#ifndef CLIENT_STREAM_PRIVATE_H
#define CLIENT_STREAM_PRIVATE_H

/* A connected socket, with or without TLS; blocking. One thread. */

#include "base/buffer.h"
#include "base/error.h"

struct stream;

struct stream_config {
	const char *host; /* a name, or a numeric address */
	uint16_t port;
	uint32_t timeout_ms; /* for each step */
	bool tls;
	const char *tls_name; /* what the certificate has to be for; NULL: the host */
	const char *ca_file;  /* who may sign certificates; NULL: those whom the system trusts */
	bool insecure;        /* any certificate will do */
};

int stream_open(const struct stream_config *config, struct stream **out, struct error *e);
void stream_close(struct stream *s); /* NULL is fine */

/* Sends and empties the buffer. */
int stream_send(struct stream *s, struct buffer *b, struct error *e);

/* Waits, and appends what comes: 0, ERR_CLOSED at the end, ERR_TIMEOUT ... */
int stream_receive(struct stream *s, struct buffer *b, struct error *e);

/* tls-server-end-point (RFC 5929); { NULL, 0 } without TLS. */
struct slice stream_end_point(const struct stream *s);

#endif
