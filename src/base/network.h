#ifndef BASE_NETWORK_H
#define BASE_NETWORK_H

/* Addresses and ranges of them. IPv4 is kept as IPv6 has it (::ffff:192.0.2.1), so that both
 * spellings are one client. */

#include <netinet/in.h>

#include "base/slice.h"

/* An end of a connection. Kept as bytes, as there are many of them, and written out where somebody
 * reads it. */
struct address {
	uint8_t bytes[16];
	uint16_t port;
};

enum { ADDRESS_TEXT_SIZE = INET6_ADDRSTRLEN };

struct address address_of(const struct sockaddr_storage *from);
bool address_parse(const char *text, uint16_t port, struct address *a); /* without a port in it */
/* Without the port; returns text. */
const char *address_text(const struct address *a, char text[ADDRESS_TEXT_SIZE]);
bool address_same_host(const struct address *a, const struct address *b);
bool address_is_ipv4(const struct address *a);

struct network {
	uint8_t address[16];
	unsigned bits;
};

/* "192.0.2.1", "10.0.0.0/8", "2001:db8::/32". */
bool network_parse(const char *text, struct network *n);
bool network_has(const struct network *list, size_t count, const char *address);

bool network_is_loopback(const char *address);

#endif
