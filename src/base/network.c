#include "base/network.h"

#include <arpa/inet.h>
#include <stdio.h>

enum { MAPPED_BITS = 96, ALL_BITS = 128 };

/* bits: of the whole address as it is written. */
static bool parse_address(const char *text, uint8_t address[16], unsigned *bits)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	*bits = ALL_BITS;
	if (inet_pton(AF_INET6, text, address) == 1)
		return true;
	*bits = ALL_BITS - MAPPED_BITS;
	memcpy(address, mapped, sizeof mapped);
	return inet_pton(AF_INET, text, address + sizeof mapped) == 1;
}

static bool parse_bits(const char *text, unsigned most, unsigned *bits)
{
	unsigned n = 0;
	size_t digits = 0;
	for (; text[digits] >= '0' && text[digits] <= '9' && digits < 3; digits++)
		n = n * 10 + (unsigned)(text[digits] - '0');
	*bits = n;
	return digits > 0 && text[digits] == '\0' && n <= most;
}

bool network_parse(const char *text, struct network *n)
{
	char address[INET6_ADDRSTRLEN];
	unsigned most = 0;
	const char *slash = strchr(text, '/');
	size_t size = slash ? (size_t)(slash - text) : strlen(text);
	if (size >= sizeof address)
		return false;
	snprintf(address, sizeof address, "%.*s", (int)size, text);
	if (!parse_address(address, n->address, &most))
		return false;
	n->bits = most;
	if (slash && !parse_bits(slash + 1, most, &n->bits))
		return false;
	n->bits += ALL_BITS - most;
	return true;
}

static bool is_in(const uint8_t address[16], const struct network *n)
{
	unsigned whole = n->bits / 8, rest = n->bits % 8;
	if (memcmp(address, n->address, whole) != 0)
		return false;
	return rest == 0 || ((address[whole] ^ n->address[whole]) >> (8 - rest)) == 0;
}

bool network_has(const struct network *list, size_t count, const char *address)
{
	uint8_t bytes[16];
	unsigned bits = 0;
	if (!parse_address(address, bytes, &bits))
		return false;
	for (size_t i = 0; i < count; i++)
		if (is_in(bytes, &list[i]))
			return true;
	return false;
}

bool network_is_loopback(const char *address)
{
	static const struct network loopback[] = {
		{.address = {[10] = 0xff, [11] = 0xff, [12] = 127}, .bits = MAPPED_BITS + 8},
		{.address = {[15] = 1},                             .bits = ALL_BITS       },
	};
	return network_has(loopback, sizeof loopback / sizeof loopback[0], address);
}
