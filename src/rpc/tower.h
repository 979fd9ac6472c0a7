#ifndef RPC_TOWER_H
#define RPC_TOWER_H

/* Protocol towers (C706 appendix L): an interface, its transfer syntax, and where it is served, as
 * octets. */

#include "base/buffer.h"
#include "rpc/pdu.h"

struct tower {
	struct pdu_syntax interface, transfer;
	uint8_t protseq; /* enum rpc_protseq, or another's protocol id */
	uint16_t port;
	uint8_t address[4]; /* IPv4 */
};

enum { TOWER_SIZE = 75 }; /* of the five floors that we write */

void tower_write(const struct tower *t, struct buffer *out);

/* false when it is none of at least four floors over connection-oriented RPC. Port and address are
 * 0 when the fourth and fifth floor do not have their size: in requests they mean nothing. */
bool tower_read(struct slice octets, struct tower *t);

#endif
