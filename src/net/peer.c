#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "net/net-private.h"

void net_peer_read(const struct sockaddr_storage *from, struct peer *p)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	*p = (struct peer){0};
	if (from->ss_family == AF_INET) {
		memcpy(&v4, from, sizeof v4);
		memcpy(p->address, &v4.sin_addr, p->size = sizeof v4.sin_addr);
		p->port = ntohs(v4.sin_port);
	} else {
		memcpy(&v6, from, sizeof v6);
		memcpy(p->address, &v6.sin6_addr, p->size = sizeof v6.sin6_addr);
		p->port = ntohs(v6.sin6_port);
	}
}

void net_peer_local(int fd, struct peer *p)
{
	struct sockaddr_storage local = {0};
	socklen_t size = sizeof local;

	getsockname(fd, (struct sockaddr *)&local, &size);
	net_peer_read(&local, p);
}

static const char *peer_text(const struct peer *p, char text[ADDRESS_TEXT_SIZE])
{
	if (!inet_ntop(p->size == 4 ? AF_INET : AF_INET6, p->address, text, ADDRESS_TEXT_SIZE))
		text[0] = '\0';
	return text;
}

const char *net_connection_address(const struct net_connection *c)
{
	return peer_text(&c->peer, c->loop->peer_text);
}

uint16_t net_connection_port(const struct net_connection *c)
{
	return c->peer.port;
}

const char *net_connection_local_address(const struct net_connection *c)
{
	struct peer local;

	net_peer_local(c->fd, &local);
	return peer_text(&local, c->loop->local_text);
}

uint16_t net_connection_local_port(const struct net_connection *c)
{
	struct peer local;

	net_peer_local(c->fd, &local);
	return local.port;
}
