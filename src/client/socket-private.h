#ifndef CLIENT_SOCKET_PRIVATE_H
#define CLIENT_SOCKET_PRIVATE_H

#include "base/buffer.h"
#include "base/error.h"

/* A connected, non-blocking TCP socket; the addresses of the name are tried one after the other.
 * Negative ERR_*. */
int socket_connect(const char *host, uint16_t port, uint32_t timeout_ms, struct error *e);

/* 0, or ERR_TIMEOUT when nothing happens in time. events as of poll(). */
int socket_wait(int fd, short events, uint32_t timeout_ms, struct error *e);

/* Sends and empties the buffer. */
int socket_send(int fd, struct buffer *b, uint32_t timeout_ms, struct error *e);

/* Appends what has arrived: the number of bytes, 0 when there is nothing yet, ERR_CLOSED,
 * ERR_SYSTEM. */
int socket_receive(int fd, struct buffer *b, struct error *e);

#endif
