#ifndef NET_TLS_H
#define NET_TLS_H

/*
 * A certificate with its key, for listeners that speak TLS 1.2 and 1.3. Loaded anew it serves the
 * connections that come after; those that are there keep what they have. Thread-safe.
 */

#include "net/net.h"

struct net_tls;

struct net_tls *net_tls_new(void);
void net_tls_free(struct net_tls *t); /* after the net that listens with it; NULL is fine */

/* PEM files: the certificate with those that lead to its issuer, and its key; may be one file. On
 * failure what was loaded before stays. */
int net_tls_load(struct net_tls *t, const char *certificate, const char *key, struct error *e);

/* Writes a new key and a certificate for these names that it signed itself into one PEM file, which
 * only its owner can read. */
int net_tls_make_certificate(const char *path, const char *const *names, size_t name_count,
                             struct error *e);

/* As net_listen; connections are refused until a certificate is loaded. */
int net_listen_tls(struct net *n, struct net_tls *tls, const char *address, uint16_t port,
                   const struct net_protocol *protocol, void *context, uint16_t *bound_port,
                   struct error *e);

/* tls-server-end-point of the connection (RFC 5929), good for its life; { NULL, 0 } without TLS. */
struct slice net_connection_tls_binding(const struct net_connection *c);

#endif
