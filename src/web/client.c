#include "web/client-private.h"

#include <arpa/inet.h>
#include <stdio.h>

/* Some proxies add the port: "192.0.2.1:1234", "[2001:db8::1]:1234". */
static struct slice without_port(struct slice s)
{
	const uint8_t *colon = memchr(s.data, ':', s.size);
	const uint8_t *end = NULL;
	if (s.size && s.data[0] == '[') {
		s = slice_of(s.data + 1, s.size - 1);
		end = memchr(s.data, ']', s.size);
	} else if (colon && !memchr(colon + 1, ':', s.size - (size_t)(colon + 1 - s.data))) {
		end = colon;
	}
	return end ? slice_of(s.data, (size_t)(end - s.data)) : s;
}

static bool parse_address(struct slice s, char out[INET6_ADDRSTRLEN])
{
	uint8_t bytes[16];
	s = without_port(s);
	if (s.size >= INET6_ADDRSTRLEN)
		return false;
	snprintf(out, INET6_ADDRSTRLEN, "%.*s", (int)s.size, (const char *)s.data);
	return inet_pton(AF_INET, out, bytes) == 1 || inet_pton(AF_INET6, out, bytes) == 1;
}

/* The last address that is not itself a proxy of ours: what stands before it is the client's own
 * word. Behind something that is no address, nobody is known but the peer. */
static void read_forwarded_for(const struct web_settings *settings, const struct web_peer *peer,
                               const struct http_head *head, struct web_client *out)
{
	char address[INET6_ADDRSTRLEN];
	for (size_t i = 0; i < head->header_count; i++) {
		struct slice list = head->headers[i].value, element;
		if (!slice_equal_nocase(head->headers[i].name, slice_of_string("X-Forwarded-For")))
			continue;
		while (http_list_next(&list, &element)) {
			if (!parse_address(element, address)) {
				out->address = peer->address;
			} else if (!network_has(settings->proxies, settings->proxy_count,
			                        address)) {
				memcpy(out->forwarded, address, sizeof address);
				out->address = out->forwarded;
			}
		}
	}
}

/* "http", "https" or none; of several the last, which our proxy wrote. */
static struct slice forwarded_proto(const struct http_head *head)
{
	struct slice proto = {0};
	for (size_t i = 0; i < head->header_count; i++) {
		struct slice list = head->headers[i].value;
		if (!slice_equal_nocase(head->headers[i].name,
		                        slice_of_string("X-Forwarded-Proto")))
			continue;
		while (http_list_next(&list, &proto))
			continue;
	}
	return proto;
}

void web_client_of(const struct web_settings *settings, const struct web_peer *peer, bool local,
                   const struct http_head *head, struct web_client *out)
{
	out->tls = peer->tls;
	out->address = peer->address;
	out->proxied = network_has(settings->proxies, settings->proxy_count, peer->address);
	out->secure = peer->tls || local;
	if (!out->proxied)
		return;
	read_forwarded_for(settings, peer, head, out);
	struct slice proto = forwarded_proto(head);
	out->tls = slice_equal_nocase(proto, slice_of_string("https"));
	out->secure = proto.size == 0 || out->tls || network_is_loopback(out->address);
}
