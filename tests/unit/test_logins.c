/* Logins recorded from other implementations (tests/vectors/make_logins.py): the acceptor takes
 * them, and opens the first message sealed by them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/negotiation-private.h"
#include "auth_site.h"
#include "base/reader.h"
#include "vectors.h"

#define PLAIN "header..header..header..the bodythe bodythe bodythe body"

struct recording {
	struct buffer negotiate, challenge, authenticate, sealed;
};

static void load_part(const char *who, const char *part, struct buffer *out)
{
	char name[128];
	snprintf(name, sizeof name, "login_%s_%s", who, part);
	buffer_init(out, 4096);
	vector_load(name, out);
}

static void recording_load(struct recording *r, const char *who)
{
	load_part(who, "negotiate.in", &r->negotiate);
	load_part(who, "challenge.out", &r->challenge);
	load_part(who, "authenticate.in", &r->authenticate);
	load_part(who, "sealed.in", &r->sealed);
}

static void recording_free(struct recording *r)
{
	buffer_free(&r->negotiate);
	buffer_free(&r->challenge);
	buffer_free(&r->authenticate);
	buffer_free(&r->sealed);
}

/* As if the acceptor had made the challenge that was recorded. */
static void replace_challenge(struct ntlm_acceptor *a, const struct buffer *recorded)
{
	struct ntlm_challenge m;
	assert_int_equal(ntlm_challenge_parse(buffer_slice(recorded), &m), 0);
	a->offered_flags = m.flags;
	memcpy(a->server_challenge, m.server_challenge, sizeof m.server_challenge);
	buffer_clear(&a->challenge);
	buffer_put(&a->challenge, recorded->data, recorded->size);
}

static void assert_opens(struct ntlm_session *s, struct buffer *sealed, size_t body_offset)
{
	size_t size = sealed->size - NTLM_SIGNATURE_SIZE;
	struct ntlm_region body = {sealed->data + body_offset, size - body_offset};
	struct slice signature = slice_of(sealed->data + size, NTLM_SIGNATURE_SIZE);
	assert_true(ntlm_session_unseal(s, slice_of(sealed->data, size), body, signature));
	assert_int_equal(size, strlen(PLAIN));
	assert_memory_equal(sealed->data, PLAIN, size);
}

static void replay_ntlm(const char *who, size_t body_offset)
{
	struct site site;
	struct recording r;
	struct ntlm_acceptor a;
	struct buffer out;
	buffer_init(&out, 4096);
	site_open(&site);
	recording_load(&r, who);
	ntlm_acceptor_init(&a, site.service, AUTH_LEVEL_PRIVACY, "192.0.2.1");
	assert_int_equal(ntlm_accept_step(&a, buffer_slice(&r.negotiate), &out), AUTH_CONTINUE);
	replace_challenge(&a, &r.challenge);
	assert_int_equal(ntlm_accept_step(&a, buffer_slice(&r.authenticate), &out), AUTH_COMPLETE);
	assert_string_equal(a.principal->account, "alice");
	assert_opens(a.session, &r.sealed, body_offset);
	ntlm_acceptor_clear(&a);
	recording_free(&r);
	site_close(&site);
	buffer_free(&out);
}

static void samba_logs_in(void **state)
{
	(void)state;
	replay_ntlm("samba", 0);
}

static void impacket_logs_in(void **state)
{
	(void)state;
	replay_ntlm("impacket", 24);
}

/* Its message is sealed after the exchange of mechListMICs: RC4 state gone back, sequence number
 * not. */
static void samba_logs_in_by_spnego(void **state)
{
	struct site site;
	struct recording r;
	struct ntlm_acceptor a;
	struct negotiation n;
	struct buffer out;
	(void)state;
	buffer_init(&out, 4096);
	site_open(&site);
	recording_load(&r, "samba_spnego");
	negotiation_init(&n);
	ntlm_acceptor_init(&a, site.service, AUTH_LEVEL_PRIVACY, "192.0.2.1");
	assert_int_equal(negotiation_accept(&n, &a, buffer_slice(&r.negotiate), &out),
	                 AUTH_CONTINUE);
	replace_challenge(&a, &r.challenge);
	assert_int_equal(negotiation_accept(&n, &a, buffer_slice(&r.authenticate), &out),
	                 AUTH_COMPLETE);
	assert_int_equal(a.session->in.sequence, 1);
	assert_opens(a.session, &r.sealed, 0);
	ntlm_acceptor_clear(&a);
	negotiation_clear(&n);
	recording_free(&r);
	site_close(&site);
	buffer_free(&out);
}

static void a_recorded_login_is_worth_nothing_against_another_challenge(void **state)
{
	struct site site;
	struct recording r;
	struct ntlm_acceptor a;
	struct buffer out;
	(void)state;
	buffer_init(&out, 4096);
	site_open(&site);
	recording_load(&r, "samba");
	ntlm_acceptor_init(&a, site.service, AUTH_LEVEL_PRIVACY, "192.0.2.1");
	assert_int_equal(ntlm_accept_step(&a, buffer_slice(&r.negotiate), &out), AUTH_CONTINUE);
	assert_int_equal(ntlm_accept_step(&a, buffer_slice(&r.authenticate), &out), AUTH_FAILED);
	assert_string_equal(a.failure, "wrong password");
	ntlm_acceptor_clear(&a);
	recording_free(&r);
	site_close(&site);
	buffer_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samba_logs_in),
		cmocka_unit_test(impacket_logs_in),
		cmocka_unit_test(samba_logs_in_by_spnego),
		cmocka_unit_test(a_recorded_login_is_worth_nothing_against_another_challenge),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
