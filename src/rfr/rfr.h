#ifndef RFR_RFR_H
#define RFR_RFR_H

/*
 * Referral (MS-OXABREF): which address book server a client shall use, and what a server that it
 * knows by DN is called. Over RPC the answer is a host name, over MAPI/HTTP a URL. Thread-safe;
 * without state but its configuration.
 */

#include "base/arena.h"
#include "base/buffer.h"

enum { RFR_NAME_SIZE = 256 }; /* of a host name, with the NUL */

struct rfr_server {
	const char *name; /* DNS name */
	uint32_t weight;  /* its share of the clients; 0: none is sent there */
};

struct rfr_config {
	const char *dns_name, *netbios_name; /* of this server */
	const struct rfr_server *servers;    /* none: this one */
	size_t server_count;
	const char *address_book_url, *mailbox_url; /* over MAPI/HTTP, "": made of a name */
};

struct rfr;

/* Copies the configuration. */
struct rfr *rfr_new(const struct rfr_config *config);
void rfr_configure(struct rfr *r, const struct rfr_config *config);
void rfr_free(struct rfr *r); /* NULL is fine */

/* A server for a client, by weight; may differ from call to call. */
void rfr_choose(struct rfr *r, char name[RFR_NAME_SIZE]);

/* The server with that DN: "/o=Org/ou=Group/cn=Configuration/cn=Servers/cn=NAME", and behind it
 * maybe "/cn=Microsoft Private MDB". false when it is none of ours. */
bool rfr_find(struct rfr *r, struct slice dn, char name[RFR_NAME_SIZE]);

/* Where a client found us: what URLs are made of when the configuration says nothing. */
struct rfr_origin {
	bool tls;
	struct slice host; /* of the request, maybe with a port; { NULL, 0 } without one */
};

/* In the arena; NULL beyond its ceiling. */
const char *rfr_address_book_url(struct rfr *r, const struct rfr_origin *from, struct arena *a);
/* Of a server that rfr_find() knows. */
const char *rfr_mailbox_url(struct rfr *r, const char *name, struct arena *a);
/* Is a mailbox server's URL configured? */
bool rfr_has_mailbox_url(struct rfr *r);

/* A request over RPC; the response stub is appended to out. 0, or the status of a fault. */
uint32_t rfr_call(struct rfr *r, uint16_t opnum, struct slice stub, bool big_endian,
                  struct arena *a, struct buffer *out);

/* X-RequestType of MAPI/HTTP: is it GetMailboxUrl or GetAddressBookUrl? */
bool rfr_request_type(struct slice request_type);
/* Such a request: its answer, in the arena; NULL when the body is malformed. */
struct rfr_url_out;
struct rfr_url_out *rfr_call_http(struct rfr *r, struct slice request_type, struct slice body,
                                  const struct rfr_origin *from, struct arena *a);
/* Appends the body of the response. */
bool rfr_answer_http(struct rfr_url_out *answer, struct buffer *out);

#endif
