#include "base/network.h"

#include <arpa/inet.h>
#include <stdio.h>

enum { MAPPED_BITS = 96, ALL_BITS = 128 };

static const uint8_t mapped[MAPPED_BITS / 8] = {[10] = 0xff, [11] = 0xff};

struct address address_of(const struct sockaddr_storage *from)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct address a = {0};
	if (from->ss_family == AF_INET) {
		memcpy(&v4, from, sizeof v4);
		memcpy(a.bytes, mapped, sizeof mapped);
		memcpy(a.bytes + sizeof mapped, &v4.sin_addr, sizeof v4.sin_addr);
		a.port = ntohs(v4.sin_port);
	} else {
		memcpy(&v6, from, sizeof v6);
		memcpy(a.bytes, &v6.sin6_addr, sizeof a.bytes);
		a.port = ntohs(v6.sin6_port);
	}
	return a;
}

bool address_is_ipv4(const struct address *a)
{
	return memcmp(a->bytes, mapped, sizeof mapped) == 0;
}

bool address_same_host(const struct address *a, const struct address *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

const char *address_text(const struct address *a, char text[ADDRESS_TEXT_SIZE])
{
	bool v4 = address_is_ipv4(a);
	const uint8_t *bytes = v4 ? a->bytes + sizeof mapped : a->bytes;
	return inet_ntop(v4 ? AF_INET : AF_INET6, bytes, text, ADDRESS_TEXT_SIZE);
}

/* bits: of the whole address as it is written. */
static bool parse_address(const char *text, uint8_t address[16], unsigned *bits)
{
	*bits = ALL_BITS;
	if (inet_pton(AF_INET6, text, address) == 1)
		return true;
	*bits = ALL_BITS - MAPPED_BITS;
	memcpy(address, mapped, sizeof mapped);
	return inet_pton(AF_INET, text, address + sizeof mapped) == 1;
}

bool address_parse(const char *text, uint16_t port, struct address *a)
{
	unsigned bits = 0;
	*a = (struct address){.port = port};
	return parse_address(text, a->bytes, &bits);
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
	if (count == 0 || !parse_address(address, bytes, &bits))
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
