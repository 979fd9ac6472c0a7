#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

/* What the parts of bench_load share: a connection, and what a protocol has to tell of its answers.
 * Whatever goes wrong ends the program with a message. */

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum {
	INPUT_SIZE = 256 * 1024, /* the longest answer */
	SESSION_MAX = 256,
};

/* load_stream.c: a connected socket, with or without TLS. */
struct stream {
	int fd;
	SSL *tls;
};

/* TLS 1.3 with one cipher, and whatever certificate. */
SSL_CTX *stream_tls_new(void);
void stream_open(struct stream *s, const struct sockaddr_in *server, SSL_CTX *tls); /* blocking */
void stream_set_non_blocking(struct stream *s);
void stream_send(struct stream *s, const void *data, size_t size);
/* 0: nothing has come yet. */
size_t stream_receive(struct stream *s, void *data, size_t size);
/* Without TLS: our end is over; the server's is. */
void stream_end(struct stream *s);
bool stream_ended(struct stream *s);
void stream_close(struct stream *s);

struct connection {
	struct stream stream;
	uint32_t step;     /* answers that have come */
	size_t have, seen; /* bytes of input, and of the answer as far as it was looked at */
	uint64_t started_ns;
	size_t session_size;
	uint8_t session[SESSION_MAX]; /* as it stands in requests */
	uint8_t input[INPUT_SIZE];
};

/* load.c: more of the answer; false: nothing has come yet. */
bool connection_receive(struct connection *c);

enum answer { ANSWER_PART, ANSWER_GOOD, ANSWER_FAILED };

struct protocol {
	/* Before the setup, with a socket that blocks; NULL: nobody logs in. */
	void (*log_in)(struct connection *c, const char *user, const char *password);
	enum answer (*look)(struct connection *c);
	/* Of a whole answer. */
	void (*keep_session)(struct connection *c);
	bool renews_session; /* with each answer, not only with those to the setup */
};

extern const struct protocol load_rpc, load_http; /* load_rpc.c, load_http.c */

/* load_login.c: NTLM over HTTP, for the connection. */
void login_http(struct connection *c, const char *user, const char *password);

#endif
