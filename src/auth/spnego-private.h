#ifndef AUTH_SPNEGO_PRIVATE_H
#define AUTH_SPNEGO_PRIVATE_H

/* The two SPNEGO tokens in DER, RFC 4178 section 4.2. Parsed tokens borrow from the input; a field
 * that is not there is { NULL, 0 }. */

#include "base/buffer.h"
#include "base/error.h"
#include "base/reader.h"

enum spnego_state {
	SPNEGO_ACCEPT_COMPLETED = 0,
	SPNEGO_ACCEPT_INCOMPLETE = 1,
	SPNEGO_REJECT = 2,
	SPNEGO_REQUEST_MIC = 3,
	SPNEGO_NO_STATE = 255, /* the field is left out */
};

struct spnego_init {
	struct slice mechanisms; /* MechTypeList with tag and length: what a mechListMIC covers */
	struct slice ntlm;       /* the OID's contents as offered; none: not offered */
	bool ntlm_preferred;     /* offered first: the token is NTLM's */
	struct slice token;
};

struct spnego_response {
	enum spnego_state state;
	struct slice mechanism; /* contents of the OID */
	struct slice token;
	struct slice mic;
};

/* 0 or ERR_INVALID. An init token comes with or without the framing of RFC 2743. */
int spnego_init_parse(struct slice in, struct spnego_init *out);
int spnego_response_parse(struct slice in, struct spnego_response *out);

/* Of at most 65535 bytes. The first token offers NTLM alone. */
void spnego_init_write(struct slice token, struct buffer *out);
void spnego_response_write(const struct spnego_response *m, struct buffer *out);

/* The list that spnego_init_write offers, as a mechListMIC covers it. */
struct slice spnego_ntlm_only(void);

#endif
