#include <stdio.h>

#include "base/base64.h"
#include "base/log.h"
#include "web/connection-private.h"

/* RFC 4559 and what Windows does: the login belongs to the connection, not to the request. */

static void end_handshake(struct web_login *l)
{
	auth_context_free(l->context);
	l->context = NULL;
}

static void forget(struct web_login *l)
{
	end_handshake(l);
	principal_unref(l->principal);
	l->principal = NULL;
}

void web_login_end(struct web_connection *c)
{
	forget(&c->login);
}

/* A proxy that sends several clients' requests over one connection would make them one. And behind
 * a proxy there is no channel that a login could be bound to. */
static bool proxy_allows_negotiate(const struct web_work *w)
{
	return !w->client.proxied ||
	       (w->settings->proxied_negotiate && w->settings->binding != WEB_BINDING_REQUIRE);
}

static bool offers_negotiate(const struct web_connection *c)
{
	const struct web_work *w = c->work;
	return w->settings->negotiate && c->keep_alive && proxy_allows_negotiate(w) &&
	       auth_type_offered(c->service->auth, AUTH_TYPE_NTLM);
}

void web_login_put_offers(const struct web_connection *c, struct web_request *r)
{
	if (c->work->token.size > 0)
		return;
	if (offers_negotiate(c)) {
		web_header(r, "WWW-Authenticate", "Negotiate");
		web_header(r, "WWW-Authenticate", "NTLM");
	}
	if (!c->work->settings->basic)
		return;
	char basic[256];
	snprintf(basic, sizeof basic, "Basic realm=\"%s\", charset=\"UTF-8\"",
	         c->work->settings->realm);
	web_header(r, "WWW-Authenticate", basic);
}

static struct auth_context *handshake_new(struct web_connection *c, enum auth_type type)
{
	const struct web_settings *settings = c->work->settings;
	struct auth_context *context = auth_accept_new(c->service->auth, type, AUTH_LEVEL_CONNECT,
	                                               c->work->client.address);
	if (c->peer.tls && settings->binding != WEB_BINDING_OFF)
		auth_accept_set_channel(context, c->peer.tls_binding,
		                        settings->binding == WEB_BINDING_REQUIRE);
	return context;
}

static enum web_login_result refuse(struct web_connection *c)
{
	struct web_login *l = &c->login;
	log_debug("login failed account=%s reason=\"%s\" client=%s",
	          auth_claimed_account(l->context), auth_failure(l->context),
	          c->work->client.address);
	buffer_clear(&c->work->token);
	forget(l);
	return WEB_LOGIN_REFUSED;
}

static enum web_login_result let_in(struct web_connection *c)
{
	struct web_login *l = &c->login;
	const struct principal *p = auth_principal(l->context);
	/* Nobody is let in without a name, whatever is allowed over RPC (MS-OXCMAPIHTTP 2.2.2). */
	if (!p->authenticated)
		return refuse(c);
	log_debug("login account=%s mechanism=%s client=%s", p->account, p->mechanism,
	          c->work->client.address);
	l->principal = principal_ref(p);
	snprintf(l->address, sizeof l->address, "%s", c->work->client.address);
	c->work->principal = principal_ref(p);
	end_handshake(l);
	return WEB_LOGIN_GOOD;
}

static enum web_login_result settle(struct web_connection *c, enum auth_status status,
                                    uint64_t now_ms)
{
	switch (status) {
	case AUTH_CONTINUE: return WEB_LOGIN_REFUSED;
	case AUTH_COMPLETE: return let_in(c);
	case AUTH_FAILED: break;
	case AUTH_WAIT:
		c->work->turn_ms = now_ms + auth_wait_ms(c->login.context);
		return WEB_LOGIN_WAITS;
	}
	return refuse(c);
}

/* false: it is no base64. */
static bool decode(struct web_work *w, struct slice text, struct slice *bytes)
{
	char *copy = arena_strndup(&w->arena, text.data, text.size);
	size_t size = text.size;
	if (!copy || !base64_decode((uint8_t *)copy, &size))
		return false;
	*bytes = slice_of(copy, size);
	return true;
}

static enum web_login_result negotiate(struct web_connection *c, enum auth_type type,
                                       struct slice text, uint64_t now_ms)
{
	struct web_work *w = c->work;
	struct slice token;
	if (!offers_negotiate(c) || !decode(w, text, &token))
		return WEB_LOGIN_REFUSED;
	if (!c->login.context) {
		forget(&c->login);
		c->login.context = handshake_new(c, type);
	}
	w->scheme = type == AUTH_TYPE_NTLM ? "NTLM" : "Negotiate";
	return settle(c, auth_accept_step(c->login.context, token, &w->token), now_ms);
}

static enum web_login_result basic(struct web_connection *c, struct slice text, uint64_t now_ms)
{
	struct slice credentials;
	if (!c->work->settings->basic || !decode(c->work, text, &credentials))
		return WEB_LOGIN_REFUSED;
	return web_basic_begin(c, credentials, now_ms);
}

/* Behind a proxy that uses its connections for several clients, who logged in need not be who asks
 * now. */
static enum web_login_result logged_in_before(struct web_connection *c)
{
	const struct web_login *l = &c->login;
	if (!l->principal || strcmp(l->address, c->work->client.address) != 0)
		return WEB_LOGIN_REFUSED;
	c->work->principal = principal_ref(l->principal);
	return WEB_LOGIN_GOOD;
}

static struct slice behind(struct slice credentials, const char *scheme)
{
	size_t size = strlen(scheme);
	while (size < credentials.size && credentials.data[size] == ' ')
		size++;
	return slice_of(credentials.data + size, credentials.size - size);
}

static bool is_scheme(struct slice credentials, const char *scheme)
{
	size_t size = strlen(scheme);
	return slice_starts_nocase(credentials, scheme) &&
	       (credentials.size == size || credentials.data[size] == ' ');
}

enum web_login_result web_login_begin(struct web_connection *c, uint64_t now_ms)
{
	size_t count = 0;
	struct slice given = http_header(&c->work->http.head, "Authorization", &count);
	if (count == 0)
		return logged_in_before(c);
	if (count > 1)
		return WEB_LOGIN_REFUSED;
	if (is_scheme(given, "Basic"))
		return basic(c, behind(given, "Basic"), now_ms);
	if (is_scheme(given, "NTLM"))
		return negotiate(c, AUTH_TYPE_NTLM, behind(given, "NTLM"), now_ms);
	if (is_scheme(given, "Negotiate"))
		return negotiate(c, AUTH_TYPE_SPNEGO, behind(given, "Negotiate"), now_ms);
	return WEB_LOGIN_REFUSED;
}

enum web_login_result web_login_go_on(struct web_connection *c, uint64_t now_ms)
{
	if (c->work->password)
		return web_basic_go_on(c, now_ms);
	return settle(c, auth_accept_resume(c->login.context, &c->work->token), now_ms);
}
