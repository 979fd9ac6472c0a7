#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

/*
 * Security contexts: NTLMv2, bare or in SPNEGO, as acceptor and as initiator; protection of DCE/RPC
 * PDUs. A context belongs to one connection and one thread. Facts: MS-NLMP, MS-SPNG,
 * MS-RPCE 3.3.1.5.2.
 */

#include "auth/accounts.h"
#include "auth/principal.h"
#include "base/buffer.h"
#include "base/error.h"

enum auth_type {
	AUTH_TYPE_NONE = 0,
	AUTH_TYPE_SPNEGO = 9,
	AUTH_TYPE_NTLM = 10,
	AUTH_TYPE_KERBEROS = 16,
};

enum auth_level {
	AUTH_LEVEL_NONE = 1,
	AUTH_LEVEL_CONNECT = 2,
	AUTH_LEVEL_PACKET = 4,
	AUTH_LEVEL_INTEGRITY = 5,
	AUTH_LEVEL_PRIVACY = 6,
};

enum auth_status {
	AUTH_CONTINUE, /* send the token, expect another */
	AUTH_COMPLETE, /* send the token if there is one */
	AUTH_FAILED,   /* auth_failure() says why, for the log */
	AUTH_WAIT,     /* call auth_accept_resume() not before auth_wait_ms() have passed */
};

/* What all contexts of the process share. Thread-safe. */
struct auth_service;

struct auth_service_config {
	bool ntlm;      /* offered at all */
	bool anonymous; /* anonymous NTLM completes (with a principal that is not authenticated) */
	const char *netbios_domain, *netbios_name, *dns_domain, *dns_name;
	uint32_t login_delay_max_ms;
	struct account_source accounts;
	/* Told of each login that failed after the client had named an account; NULL: nobody is. */
	void (*on_failure)(void *context, const char *account, const char *client_address,
	                   const char *reason);
	void *on_failure_context;
};

/* Copies the strings. */
struct auth_service *auth_service_new(const struct auth_service_config *config);
void auth_service_reconfigure(struct auth_service *s, const struct auth_service_config *config);
void auth_service_free(struct auth_service *s);

struct auth_context;

/* true when an acceptor for that type can be had (else bind_nak 8). */
bool auth_type_offered(struct auth_service *s, enum auth_type type);

/* client_address (numeric text, no port) is the other half of the key under which wrong passwords
 * slow down. */
struct auth_context *auth_accept_new(struct auth_service *s, enum auth_type type,
                                     enum auth_level level, const char *client_address);
void auth_context_free(struct auth_context *c); /* wipes keys; NULL is fine */

/* Extended protection: the TLS channel that a login comes over, by its tls-server-end-point (RFC
 * 5929). A client that binds its login to a channel has to mean this one; required: each has to
 * bind. Before the first step. */
void auth_accept_set_channel(struct auth_context *c, struct slice end_point, bool required);

/* One leg; after the last one AUTH_FAILED, and the context stays as it was. Appends the answer
 * token, if any, to out. The token is copied if the step has to wait.
 */
enum auth_status auth_accept_step(struct auth_context *c, struct slice token, struct buffer *out);
uint32_t auth_wait_ms(const struct auth_context *c);
enum auth_status auth_accept_resume(struct auth_context *c, struct buffer *out);

/* Complete contexts only; borrowed. */
const struct principal *auth_principal(const struct auth_context *c);

/* "wrong password", "unknown account", "NTLMv1", "account disabled" ...; for the log, never for the
 * peer. */
const char *auth_failure(const struct auth_context *c);
/* The account as the client wrote it ("EXAMPLE\alice"), for the log; of a complete context its
 * canonical name; "" when it said none. */
const char *auth_claimed_account(const struct auth_context *c);

struct auth_initiator_config {
	enum auth_type type; /* AUTH_TYPE_NTLM, or AUTH_TYPE_SPNEGO around it */
	enum auth_level level;
	bool bare_ntlm; /* with AUTH_TYPE_SPNEGO: a raw NTLMSSP token, as Wine sends */
	const char *user, *domain, *workstation; /* user "": anonymous */
	const char *password;                    /* UTF-8; not kept after the call */
	struct slice end_point; /* tls-server-end-point to bind the login to; { NULL, 0 }: none */
};

struct auth_context *auth_initiate_new(const struct auth_initiator_config *config);
/* The first call takes an empty token. */
enum auth_status auth_initiate_step(struct auth_context *c, struct slice token, struct buffer *out);

/* Protection of one PDU, in place. `pdu` is the whole of it up to the token (header, body with
 * padding, sec_trailer); the body from body_offset on, body_size bytes, is what privacy encrypts.
 * NTLM signs the whole PDU whatever was negotiated. Level connect needs neither. */
#define AUTH_TOKEN_MAX 128
/* Of a protected PDU: 16 for NTLM; 0 at level connect. */
size_t auth_token_size(const struct auth_context *c);
/* 0, or ERR_UNSUPPORTED with a client that is anonymous and brought no keys. */
int auth_protect(struct auth_context *c, uint8_t *pdu, size_t pdu_size, size_t body_offset,
                 size_t body_size, uint8_t *token);
/* 0, or ERR_DENIED for a wrong signature: then the connection has to end. */
int auth_unprotect(struct auth_context *c, uint8_t *pdu, size_t pdu_size, size_t body_offset,
                   size_t body_size, struct slice token);

/* MD4 of the UTF-16LE password: what accounts keep. ERR_INVALID when the password is no valid
 * UTF-8. */
int auth_nt_hash(const char *password, uint8_t nt_hash[16]);

#endif
