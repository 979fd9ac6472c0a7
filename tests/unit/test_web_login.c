#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "auth/password.h"
#include "web_assert.h"

/* The site's accounts, but alice has a yescrypt hash alone. */
static int find_without_nt_hash(void *context, struct slice user, struct slice domain,
                                struct account_secret *out)
{
	static char crypt_hash[ACCOUNT_CRYPT_SIZE];
	int err = site_find(context, user, domain, out);
	if (err)
		return err;
	if (!crypt_hash[0])
		auth_crypt_hash(SITE_PASSWORD, crypt_hash);
	out->has_nt_hash = false;
	memset(out->nt_hash, 0, sizeof out->nt_hash);
	memcpy(out->crypt_hash, crypt_hash, sizeof crypt_hash);
	return 0;
}

static int setup(void **state)
{
	*state = web_site_open();
	return 0;
}

static int setup_without_ntlm(void **state)
{
	struct web_site *s = web_site_open();
	s->auth.config.ntlm = false;
	s->auth.config.accounts.find = find_without_nt_hash;
	auth_service_reconfigure(s->auth.service, &s->auth.config);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	web_site_close(*state);
	return 0;
}

/* A request with "scheme base64(bytes)"; more headers may follow. */
static void ask_with(struct web_site *s, const char *scheme, struct slice bytes, const char *more)
{
	struct buffer b;
	buffer_init(&b, 65536);
	buffer_printf(&b, "POST /closed HTTP/1.1\r\nHost: book\r\nContent-Length: 2\r\n%s", more);
	buffer_printf(&b, "Authorization: %s ", scheme);
	base64_encode(bytes, &b);
	buffer_put_string(&b, "\r\n\r\nhi");
	web_site_input(s, buffer_slice(&b));
	buffer_free(&b);
}

static void ask_basic(struct web_site *s, const char *credentials)
{
	ask_with(s, "Basic", slice_of_string(credentials), "");
}

static void ask(struct web_site *s)
{
	web_site_send(s, "GET /closed HTTP/1.1\r\nHost: book\r\n\r\n");
}

static void a_client_is_told_how_it_can_log_in(void **state)
{
	struct web_site *s = *state;
	ask(s);
	char *text = web_site_answer(s);
	const char *negotiate = strstr(text, "WWW-Authenticate: Negotiate\r\n");
	const char *ntlm = strstr(text, "WWW-Authenticate: NTLM\r\n");
	const char *basic =
		strstr(text, "WWW-Authenticate: Basic realm=\"toys\", charset=\"UTF-8\"");
	assert_true(negotiate && ntlm && basic && negotiate < ntlm && ntlm < basic);
	free(text);
	assert_int_equal(s->next, WEB_NEXT_READ);
}

static void what_is_switched_off_is_not_offered(void **state)
{
	struct web_site *s = *state;
	s->config.basic = s->config.negotiate = false;
	web_service_reconfigure(s->service, &s->config, NULL);
	ask(s);
	char *text = web_site_answer(s);
	assert_null(strstr(text, "WWW-Authenticate"));
	free(text);
	ask_basic(s, "alice:" SITE_PASSWORD);
	web_assert_answer(s, 401, "\n");
	ask_with(s, "NTLM", slice_of_string("NTLMSSP"), "");
	web_assert_answer(s, 401, "\n");
}

static void basic_takes_every_form_of_the_name(void **state)
{
	static const char *const good[] = {
		"alice:" SITE_PASSWORD,
		"ALICE:" SITE_PASSWORD,
		"alice@example.org:" SITE_PASSWORD,
	};
	struct web_site *s = *state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		ask_basic(s, good[i]);
		web_assert_answer(s, 200, "alice 127.0.0.1 plain: hi");
	}
}

static void basic_belongs_to_one_request(void **state)
{
	struct web_site *s = *state;
	ask_basic(s, "alice:" SITE_PASSWORD);
	web_assert_answer(s, 200, "hi");
	ask(s);
	web_assert_answer(s, 401, "\n");
}

static void wrong_credentials_are_refused(void **state)
{
	static const char *const wrong[] = {
		"alice:secret 1",
		"alice:",
		"alice",
		":",
		"",
		"bob:" SITE_PASSWORD,
		"carol:" SITE_PASSWORD,
		"alice\n:" SITE_PASSWORD,
		"alice\xff:" SITE_PASSWORD,
	};
	struct web_site *s = *state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		ask_basic(s, wrong[i]);
		web_assert_answer(s, 401, "\n");
		assert_int_equal(s->next, WEB_NEXT_READ);
	}
	ask_with(s, "Basic", slice_of("alice:" SITE_PASSWORD, sizeof "alice:" SITE_PASSWORD), "");
	web_assert_answer(s, 401, "\n"); /* with a NUL behind it */
	assert_int_equal(s->starts, 0);
}

static void malformed_authorization_is_refused(void **state)
{
	static const char *const wrong[] = {
		"Basic",     "Basic !!!!", "Basic YTpi YTpi", "Bearer x", "NTLM",
		"NTLM TlRM", "Negotiate",  "Negotiate YII=",  "Basi",     "",
	};
	struct web_site *s = *state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		char *text = xasprintf(
			"GET /closed HTTP/1.1\r\nHost: a\r\nAuthorization: %s\r\n\r\n", wrong[i]);
		web_site_send(s, text);
		web_assert_answer(s, 401, "\n");
		free(text);
	}
	web_site_send(s, "GET /closed HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YTpi\r\n"
	                 "Authorization: Basic YTpi\r\n\r\n");
	web_assert_answer(s, 401, "\n");
}

static void wrong_passwords_in_a_row_have_to_wait(void **state)
{
	struct web_site *s = *state;
	s->auth.config.login_delay_max_ms = 60000;
	auth_service_reconfigure(s->auth.service, &s->auth.config);
	for (int i = 0; i < 3; i++)
		ask_basic(s, "alice:no");
	free(web_site_answer(s));
	ask_basic(s, "alice:no");
	assert_int_equal(s->next, WEB_NEXT_WAIT);
	assert_int_equal(s->out.size, 0);
	assert_true(web_connection_deadline(s->c) > s->now_ms);
}

static void a_yescrypt_hash_is_checked_on_the_pool(void **state)
{
	struct web_site *s = *state;
	ask_basic(s, "alice:" SITE_PASSWORD);
	assert_int_equal(s->next, WEB_NEXT_WAIT);
	assert_non_null(s->job);
	web_site_resume(s); /* a wake of somebody else's */
	assert_int_equal(s->next, WEB_NEXT_WAIT);
	web_site_run_pool(s);
	assert_int_equal(s->woken, 1);
	web_site_resume(s);
	web_site_send(s, "hi");
	web_assert_answer(s, 200, "alice 127.0.0.1 plain: hi");
}

static void what_proved_right_is_not_checked_the_hard_way_again(void **state)
{
	struct web_site *s = *state;
	ask_basic(s, "alice:" SITE_PASSWORD);
	web_site_run_pool(s);
	web_site_resume(s);
	web_site_send(s, "hi");
	free(web_site_answer(s));
	ask_basic(s, "alice:" SITE_PASSWORD);
	assert_null(s->job);
	web_assert_answer(s, 200, "hi");
	ask_basic(s, "alice:" SITE_PASSWORD "x");
	assert_non_null(s->job);
	web_site_run_pool(s);
	web_site_resume(s);
	web_site_send(s, "hi");
	web_assert_answer(s, 401, "\n");
}

static void an_unknown_name_takes_the_pool_too(void **state)
{
	struct web_site *s = *state;
	ask_basic(s, "bob:" SITE_PASSWORD);
	assert_non_null(s->job);
	web_site_run_pool(s);
	web_site_resume(s);
	web_site_send(s, "hi");
	web_assert_answer(s, 401, "\n");
}

static void a_connection_may_go_while_its_password_is_checked(void **state)
{
	struct web_site *s = *state;
	ask_basic(s, "alice:" SITE_PASSWORD);
	assert_non_null(s->job);
	web_site_connect(s, "127.0.0.1", false);
	web_site_run_pool(s);
	assert_int_equal(s->woken, 0);
}

/* The server's token in the answer, decoded; data is the caller's. */
static struct slice token_in(struct web_site *s, const char *scheme)
{
	char *begin = xasprintf("WWW-Authenticate: %s ", scheme);
	char *text = web_site_answer(s);
	const char *from = strstr(text, begin);
	size_t size = from ? strcspn(from + strlen(begin), "\r") : 0;
	char *copy = xstrndup(from ? from + strlen(begin) : "", size);
	assert_true(base64_decode((uint8_t *)copy, &size));
	free(text);
	free(begin);
	return slice_of(copy, size);
}

struct login {
	const char *scheme, *password, *headers;
	struct slice end_point;
};

/* Both legs of a login; the answer to the last one is in s->out. */
static void log_in(struct web_site *s, const struct login *l)
{
	bool spnego = strcmp(l->scheme, "Negotiate") == 0;
	const struct auth_initiator_config config = {
		.type = spnego ? AUTH_TYPE_SPNEGO : AUTH_TYPE_NTLM,
		.level = AUTH_LEVEL_CONNECT,
		.user = "alice",
		.domain = "EXAMPLE",
		.workstation = "PC",
		.password = l->password,
		.end_point = l->end_point,
	};
	struct auth_context *client = auth_initiate_new(&config);
	struct buffer token;
	buffer_init(&token, 65536);
	auth_initiate_step(client, slice_of("", 0), &token);
	ask_with(s, l->scheme, buffer_slice(&token), l->headers);
	struct slice challenge = token_in(s, l->scheme);
	buffer_clear(&token);
	auth_initiate_step(client, challenge, &token);
	ask_with(s, l->scheme, buffer_slice(&token), l->headers);
	free((void *)(uintptr_t)challenge.data);
	buffer_free(&token);
	auth_context_free(client);
}

static const struct login good_ntlm = {"NTLM", SITE_PASSWORD, "", {0}};

static void ntlm_logs_the_connection_in(void **state)
{
	struct web_site *s = *state;
	log_in(s, &good_ntlm);
	web_assert_answer(s, 200, "alice 127.0.0.1 plain: hi");
	ask(s);
	web_assert_answer(s, 200, "alice 127.0.0.1 plain: ");
}

static void a_login_is_not_of_the_next_connection(void **state)
{
	struct web_site *s = *state;
	log_in(s, &good_ntlm);
	web_site_connect(s, "127.0.0.1", false);
	ask(s);
	web_assert_answer(s, 401, "\n");
}

static void negotiate_says_its_last_word_with_the_answer(void **state)
{
	struct web_site *s = *state;
	log_in(s, &(struct login){.scheme = "Negotiate", .password = SITE_PASSWORD, .headers = ""});
	char *text = web_site_answer(s);
	assert_memory_equal(text, "HTTP/1.1 200", 12);
	assert_non_null(strstr(text, "WWW-Authenticate: Negotiate "));
	free(text);
}

static void a_wrong_password_may_be_tried_again_on_the_connection(void **state)
{
	struct web_site *s = *state;
	log_in(s, &(struct login){.scheme = "NTLM", .password = "no", .headers = ""});
	web_assert_answer(s, 401, "\n");
	ask(s);
	web_assert_answer(s, 401, "\n");
	log_in(s, &good_ntlm);
	web_assert_answer(s, 200, "hi");
}

static void a_new_login_that_fails_ends_the_one_before(void **state)
{
	struct web_site *s = *state;
	log_in(s, &good_ntlm);
	log_in(s, &(struct login){.scheme = "NTLM", .password = "no", .headers = ""});
	web_assert_answer(s, 401, "\n");
	ask(s);
	web_assert_answer(s, 401, "\n");
}

static void anonymous_ntlm_is_nobody(void **state)
{
	struct web_site *s = *state;
	s->auth.config.anonymous = true;
	auth_service_reconfigure(s->auth.service, &s->auth.config);
	const struct auth_initiator_config config = {.type = AUTH_TYPE_NTLM,
	                                             .level = AUTH_LEVEL_CONNECT,
	                                             .user = "",
	                                             .domain = "",
	                                             .workstation = "",
	                                             .password = ""};
	struct auth_context *client = auth_initiate_new(&config);
	struct buffer token;
	buffer_init(&token, 65536);
	auth_initiate_step(client, slice_of("", 0), &token);
	ask_with(s, "NTLM", buffer_slice(&token), "");
	struct slice challenge = token_in(s, "NTLM");
	buffer_clear(&token);
	auth_initiate_step(client, challenge, &token);
	ask_with(s, "NTLM", buffer_slice(&token), "");
	web_assert_answer(s, 401, "\n");
	free((void *)(uintptr_t)challenge.data);
	buffer_free(&token);
	auth_context_free(client);
}

/* The trap of proxies that use a connection for several clients. */
static void a_login_through_a_proxy_is_of_that_client_alone(void **state)
{
	struct web_site *s = *state;
	s->config.proxied_negotiate = true;
	web_service_reconfigure(s->service, &s->config, NULL);
	web_site_connect(s, PROXY, false);
	log_in(s, &(struct login){.scheme = "NTLM",
	                          .password = SITE_PASSWORD,
	                          .headers = "X-Forwarded-For: " AFAR "\r\n"});
	web_assert_answer(s, 200, "alice " AFAR " plain: hi");
	web_site_send(s, "GET /closed HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.9.9.9\r\n\r\n");
	web_assert_answer(s, 401, "\n");
	web_site_send(s, "GET /closed HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: " AFAR "\r\n\r\n");
	web_assert_answer(s, 200, "alice " AFAR " plain: ");
}

static void extended_protection_asks_for_this_channel(void **state)
{
	static const struct {
		enum web_binding binding;
		const char *end_point;
		unsigned status;
	} cases[] = {
		{WEB_BINDING_OFF,     "",      200},
		{WEB_BINDING_OFF,     "other", 200},
		{WEB_BINDING_ACCEPT,  "",      200},
		{WEB_BINDING_ACCEPT,  "hash",  200},
		{WEB_BINDING_ACCEPT,  "other", 401},
		{WEB_BINDING_REQUIRE, "",      401},
		{WEB_BINDING_REQUIRE, "hash",  200},
		{WEB_BINDING_REQUIRE, "other", 401},
	};
	static const char *const schemes[] = {"NTLM", "Negotiate"};
	struct web_site *s = *state;
	for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
		const struct login l = {.scheme = schemes[i % 2],
		                        .password = SITE_PASSWORD,
		                        .headers = "",
		                        .end_point = slice_of_string(cases[i / 2].end_point)};
		s->config.binding = cases[i / 2].binding;
		web_service_reconfigure(s->service, &s->config, NULL);
		web_site_connect(s, AFAR, true);
		log_in(s, &l);
		web_assert_answer(s, cases[i / 2].status, cases[i / 2].status == 200 ? "hi" : "\n");
	}
}

static void ntlm_is_not_offered_through_proxies_unless_it_is_allowed(void **state)
{
	struct web_site *s = *state;
	web_site_connect(s, PROXY, false);
	ask(s);
	char *text = web_site_answer(s);
	assert_null(strstr(text, "NTLM"));
	assert_null(strstr(text, "Negotiate"));
	free(text);
	ask_with(s, "NTLM", slice_of_string("NTLMSSP"), "");
	web_assert_answer(s, 401, "\n");
}

static void required_protection_leaves_proxies_without_ntlm(void **state)
{
	struct web_site *s = *state;
	s->config.proxied_negotiate = true;
	s->config.binding = WEB_BINDING_REQUIRE;
	web_service_reconfigure(s->service, &s->config, NULL);
	web_site_connect(s, PROXY, false);
	ask(s);
	char *text = web_site_answer(s);
	assert_null(strstr(text, "NTLM"));
	assert_non_null(strstr(text, "Basic"));
	free(text);
}

static void a_body_that_came_with_too_little_is_read_before_the_answer(void **state)
{
	struct web_site *s = *state;
	web_site_send(s, "POST /closed HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
	                 "Content-Length: 4\r\n\r\n");
	char *text = web_site_answer(s);
	assert_string_equal(text, "HTTP/1.1 100 Continue\r\n\r\n");
	free(text);
	web_site_send(s, "body");
	web_assert_answer(s, 401, "\n");
	assert_int_equal(s->next, WEB_NEXT_READ);
}

static void a_handler_that_wants_to_sees_what_is_too_large(void **state)
{
	struct web_site *s = *state;
	log_in(s, &good_ntlm);
	free(web_site_answer(s));
	web_site_send(s, "POST /closed HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
	assert_int_equal(s->next, WEB_NEXT_CLOSE);
	web_assert_answer(s, 200, "too large\n");
}

int main(void)
{
#define TEST(f)       cmocka_unit_test_setup_teardown(f, setup, teardown)
#define CRYPT_TEST(f) cmocka_unit_test_setup_teardown(f, setup_without_ntlm, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_client_is_told_how_it_can_log_in),
		TEST(what_is_switched_off_is_not_offered),
		TEST(basic_takes_every_form_of_the_name),
		TEST(basic_belongs_to_one_request),
		TEST(wrong_credentials_are_refused),
		TEST(malformed_authorization_is_refused),
		TEST(wrong_passwords_in_a_row_have_to_wait),
		CRYPT_TEST(a_yescrypt_hash_is_checked_on_the_pool),
		CRYPT_TEST(what_proved_right_is_not_checked_the_hard_way_again),
		CRYPT_TEST(an_unknown_name_takes_the_pool_too),
		CRYPT_TEST(a_connection_may_go_while_its_password_is_checked),
		TEST(ntlm_logs_the_connection_in),
		TEST(a_login_is_not_of_the_next_connection),
		TEST(negotiate_says_its_last_word_with_the_answer),
		TEST(a_wrong_password_may_be_tried_again_on_the_connection),
		TEST(a_new_login_that_fails_ends_the_one_before),
		TEST(anonymous_ntlm_is_nobody),
		TEST(a_login_through_a_proxy_is_of_that_client_alone),
		TEST(extended_protection_asks_for_this_channel),
		TEST(ntlm_is_not_offered_through_proxies_unless_it_is_allowed),
		TEST(required_protection_leaves_proxies_without_ntlm),
		TEST(a_body_that_came_with_too_little_is_read_before_the_answer),
		TEST(a_handler_that_wants_to_sees_what_is_too_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
