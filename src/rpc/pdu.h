#ifndef RPC_PDU_H
#define RPC_PDU_H

/*
 * The connection-oriented PDUs of C706 chapter 12 and MS-RPCE 2.2.2: taken apart, and written. What
 * is taken apart borrows from the bytes it was read from. Ours are little-endian; a peer's may be
 * either.
 */

#include "base/arena.h"
#include "base/buffer.h"
#include "base/guid.h"
#include "base/reader.h"

enum {
	PDU_REQUEST = 0,
	PDU_RESPONSE = 2,
	PDU_FAULT = 3,
	PDU_BIND = 11,
	PDU_BIND_ACK = 12,
	PDU_BIND_NAK = 13,
	PDU_ALTER = 14,
	PDU_ALTER_RESPONSE = 15,
	PDU_AUTH3 = 16,
	PDU_CO_CANCEL = 18,
	PDU_ORPHANED = 19,
};

/* pfc_flags. 0x04 has two meanings: pending cancel in requests, header signing in PDUs that bind.
 */
enum {
	PFC_FIRST = 0x01,
	PFC_LAST = 0x02,
	PFC_PENDING_CANCEL = 0x04,
	PFC_HEADER_SIGN = 0x04,
	PFC_CONC_MPX = 0x10,
	PFC_DID_NOT_EXECUTE = 0x20,
	PFC_OBJECT_UUID = 0x80,
};

/* bind_nak reasons. */
enum {
	NAK_NOT_SPECIFIED = 0,
	NAK_PROTOCOL = 4,
	NAK_AUTH_TYPE = 8,
	NAK_CHECKSUM = 9,
};

/* Results of one presentation context, and reasons of provider_rejection. */
enum {
	RESULT_ACCEPTANCE = 0,
	RESULT_PROVIDER_REJECTION = 2,
	RESULT_NEGOTIATE_ACK = 3,
};
enum {
	REASON_NOT_SPECIFIED = 0,
	REASON_ABSTRACT_SYNTAX = 1,
	REASON_TRANSFER_SYNTAXES = 2,
	REASON_LOCAL_LIMIT = 3,
};

enum {
	PDU_HEADER_SIZE = 16,
	PDU_REQUEST_HEADER_SIZE = 24, /* without an object uuid; of a response too */
	PDU_TRAILER_SIZE = 8,         /* sec_trailer without the token */
	PDU_AUTH_ALIGNMENT = 16,      /* of stub and padding in protected PDUs */
};

struct pdu_header {
	uint8_t version, version_minor;
	uint8_t type;
	uint8_t flags;
	uint8_t drep[4];
	uint16_t size;      /* frag_length */
	uint16_t auth_size; /* auth_length: of the token */
	uint32_t call_id;
};

/* false when there are not enough bytes for one. */
bool pdu_read_header(struct slice data, struct pdu_header *h);

static inline bool pdu_big_endian(const struct pdu_header *h)
{
	return (h->drep[0] & 0xF0) == 0;
}

/* sec_trailer */
struct pdu_auth {
	uint8_t type, level, pad;
	uint32_t context_id;
	size_t offset; /* of the trailer in the PDU; 0: the PDU has none */
	struct slice token;
};

/* The trailer that the header announces, if it does. false when it does not fit: MS-RPCE 2.2.2.11.
 */
bool pdu_read_auth(const struct pdu_header *h, struct slice pdu, struct pdu_auth *auth);

struct pdu_syntax {
	struct guid uuid;
	uint16_t major, minor;
};

extern const struct pdu_syntax pdu_ndr, pdu_ndr64;

bool pdu_syntax_equal(const struct pdu_syntax *a, const struct pdu_syntax *b);

struct pdu_context { /* one element of a presentation context list */
	uint16_t id;
	uint8_t transfer_count;
	struct pdu_syntax abstract;
	struct pdu_syntax *transfers;
};

struct pdu_bind { /* bind and alter_context */
	uint16_t max_xmit, max_recv;
	uint32_t group;
	uint8_t context_count;
	struct pdu_context *contexts;
};

/* body: from offset 16 up to the sec_trailer. false when it is cut off, or the arena is too small.
 */
bool pdu_read_bind(const struct pdu_header *h, struct slice body, struct arena *arena,
                   struct pdu_bind *b);

struct pdu_result {
	uint16_t result, reason;
	struct pdu_syntax transfer;
};

struct pdu_bind_ack { /* and alter_context_resp */
	uint16_t max_xmit, max_recv;
	uint32_t group;
	const char *secondary_address; /* "": none; not filled when read */
	size_t result_count;
	struct pdu_result *results;
};

bool pdu_read_bind_ack(const struct pdu_header *h, struct slice body, struct arena *arena,
                       struct pdu_bind_ack *ack);

struct pdu_request {
	uint32_t alloc_hint;
	uint16_t context_id, opnum;
	size_t stub_offset; /* in the PDU */
	struct slice stub;  /* up to the trailer's padding; still sealed */
};

/* The pad octets before a trailer are cut off the stub. Also reads responses (opnum is then the
 * cancel count). */
bool pdu_read_request(const struct pdu_header *h, struct slice pdu, const struct pdu_auth *auth,
                      struct pdu_request *r);

/*
 * Writing. A PDU is begun with its header and ended with its lengths; between, its body is appended
 * to out.
 */

struct pdu_writer {
	struct buffer *out;
	size_t start;
	size_t auth; /* where the trailer begins; 0: none */
};

struct pdu_writer pdu_begin(struct buffer *out, uint8_t type, uint8_t flags, uint32_t call_id);
/* Puts the trailer and its token behind what is written so far. Pads the PDU to 4 bytes before it.
 */
void pdu_put_auth(struct pdu_writer *w, const struct pdu_auth *auth, struct slice token);
void pdu_end(struct pdu_writer *w);

/* Takes what fits into one fragment off the front of a stub. */
static inline struct slice pdu_take_part(struct slice *stub, size_t room)
{
	struct slice part = slice_of(stub->data, stub->size < room ? stub->size : room);
	if (part.size > 0)
		stub->data += part.size;
	stub->size -= part.size;
	return part;
}

void pdu_put_syntax(struct buffer *out, const struct pdu_syntax *s);
void pdu_put_bind(struct buffer *out, const struct pdu_bind *b);
/* start: where the PDU begins in out. */
void pdu_put_bind_ack(struct buffer *out, size_t start, const struct pdu_bind_ack *ack);
void pdu_write_bind_nak(struct buffer *out, uint32_t call_id, uint16_t reason);

struct pdu_fault {
	uint32_t call_id, status;
	uint16_t context_id;
	bool not_executed;
};

void pdu_write_fault(struct buffer *out, const struct pdu_fault *f);

#endif
