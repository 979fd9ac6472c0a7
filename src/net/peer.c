#include <sys/socket.h>

#include "net/net-private.h"

struct address net_local_address(int fd)
{
	struct sockaddr_storage local = {0};
	socklen_t size = sizeof local;

	getsockname(fd, (struct sockaddr *)&local, &size);
	return address_of(&local);
}

const struct address *net_connection_peer(const struct net_connection *c)
{
	return &c->peer;
}

struct address net_connection_local(const struct net_connection *c)
{
	return net_local_address(c->fd);
}
