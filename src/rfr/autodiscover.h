#ifndef RFR_AUTODISCOVER_H
#define RFR_AUTODISCOVER_H

/* The document by which a client finds its servers from a mail address, in its plain XML form
 * (MS-OXDSCLI): what is asked, and the answer. */

#include "base/arena.h"
#include "base/buffer.h"

struct autodiscover_request {
	struct slice email;  /* EMailAddress; { NULL, 0 } without one */
	struct slice schema; /* AcceptableResponseSchema; the same */
};

/* 0; ERR_INVALID for what is no such document; ERR_NO_MEMORY. */
int autodiscover_parse(struct slice document, struct arena *a, struct autodiscover_request *out);

/* true when the schema is one that we can answer in; none is fine. */
bool autodiscover_schema_known(struct slice schema);

struct autodiscover_answer {
	struct slice display_name, legacy_dn, email;
	const char *deployment_id;
	bool mapi_http; /* the client can speak it; else it is told the server's name */
	const char *address_book_url, *mailbox_url; /* mailbox_url NULL: there is none */
	const char *server;                         /* host name, for RPC */
};

void autodiscover_put(struct buffer *out, const struct autodiscover_answer *answer);

enum autodiscover_error {
	AUTODISCOVER_UNKNOWN_ADDRESS = 500,
	AUTODISCOVER_INVALID_REQUEST = 600,
	AUTODISCOVER_UNKNOWN_SCHEMA = 601,
};

void autodiscover_put_error(struct buffer *out, enum autodiscover_error error, uint64_t wall_ms);

#endif
