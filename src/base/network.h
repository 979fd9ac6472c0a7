#ifndef BASE_NETWORK_H
#define BASE_NETWORK_H

/* Addresses and ranges of them. IPv4 is kept as IPv6 has it (::ffff:192.0.2.1), so that both
 * spellings are one client. */

#include "base/slice.h"

struct network {
	uint8_t address[16];
	unsigned bits;
};

/* "192.0.2.1", "10.0.0.0/8", "2001:db8::/32". */
bool network_parse(const char *text, struct network *n);
bool network_has(const struct network *list, size_t count, const char *address);

bool network_is_loopback(const char *address);

#endif
