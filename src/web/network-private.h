#ifndef WEB_NETWORK_PRIVATE_H
#define WEB_NETWORK_PRIVATE_H

/* Addresses and ranges of them. IPv4 is kept as IPv6 has it (::ffff:192.0.2.1), so that both
 * spellings are one client. */

#include "base/slice.h"

struct web_network {
	uint8_t address[16];
	unsigned bits;
};

/* "192.0.2.1", "10.0.0.0/8", "2001:db8::/32". */
bool web_network_parse(const char *text, struct web_network *n);
bool web_network_has(const struct web_network *list, size_t count, const char *address);

bool web_is_loopback(const char *address);

#endif
