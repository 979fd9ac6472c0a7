#ifndef CLIENT_LOCATE_PRIVATE_H
#define CLIENT_LOCATE_PRIVATE_H

#include "base/error.h"
#include "base/guid.h"

enum { ENDPOINT_MAPPER_PORT = 135 };

/* Asks the endpoint mapper of a host on which TCP port NSPI is served. */
int locate_nspi(const char *host, uint16_t mapper_port, uint32_t timeout_ms, uint16_t *port,
                struct error *e);

#endif
