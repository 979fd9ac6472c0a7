#include "auth/password.h"

#include <crypt.h>
#include <nettle/memops.h>
#include <stdio.h>
#include <stdlib.h>

#include "auth/proven-private.h"
#include "auth/service-private.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/memory.h"
#include "base/utf.h"

enum { PASSWORD_MAX = CRYPT_MAX_PASSPHRASE_SIZE - 1, USER_MAX = 2 * ACCOUNT_NAME_SIZE };

enum step { STEP_LOOK_UP, STEP_TURN, STEP_HASHED, STEP_OVER };

struct auth_password {
	struct auth_service *service; /* borrowed */
	const struct settings *settings;
	char *user, *password;
	char client_address[64];
	enum step step;
	bool known, matches;
	struct account_secret secret;
	uint8_t proof[PROVEN_SIZE];
	uint64_t throttle_key, turn_ms;
	const char *failure; /* static text */
};

/* One with a NUL inside is another password than the one before the NUL. */
static bool is_text(struct slice s, size_t max)
{
	return s.size <= max && utf8_valid(s) && !(s.size && memchr(s.data, 0, s.size));
}

struct auth_password *auth_password_new(struct auth_service *s, struct slice user,
                                        struct slice password, const char *client_address)
{
	struct auth_password *p = xcalloc(1, sizeof *p);
	p->service = s;
	p->settings = service_settings(s);
	bool valid = is_text(user, USER_MAX) && is_text(password, PASSWORD_MAX);
	if (!valid) {
		p->failure = "malformed user name or password";
		user.size = password.size = 0;
	}
	p->user = xstrndup((const char *)user.data, user.size);
	p->password = xstrndup((const char *)password.data, password.size);
	snprintf(p->client_address, sizeof p->client_address, "%s", client_address);
	return p;
}

void auth_password_free(struct auth_password *p)
{
	if (!p)
		return;
	settings_unref(p->settings);
	wipe(p->password, strlen(p->password));
	free(p->password);
	free(p->user);
	wipe(p, sizeof *p);
	free(p);
}

static enum auth_password_status wrong(struct auth_password *p, const char *why)
{
	p->step = STEP_OVER;
	p->failure = why;
	counter_add(COUNTER_LOGINS_FAILED, 1);
	if (p->settings->on_failure && p->user[0])
		p->settings->on_failure(p->settings->on_failure_context, p->user, p->client_address,
		                        why);
	return AUTH_PASSWORD_WRONG;
}

static enum auth_password_status good(struct auth_password *p)
{
	p->step = STEP_OVER;
	if (p->secret.disabled)
		return wrong(p, "account disabled");
	counter_add(COUNTER_LOGINS, 1);
	return AUTH_PASSWORD_GOOD;
}

/* An account that nobody has is slowed down, and worked at, as one that somebody has: without the
 * domain, in whatever case. */
static uint64_t key_of_unknown(const struct auth_password *p)
{
	const char *name = strchr(p->user, '\\');
	name = name ? name + 1 : p->user;
	char folded[USER_MAX + 1];
	size_t size = 0;
	for (; name[size] && name[size] != '@'; size++)
		folded[size] = (char)(name[size] >= 'A' && name[size] <= 'Z' ? name[size] | 0x20
		                                                             : name[size]);
	return throttle_key(slice_of(folded, size), p->client_address);
}

static void look_up(struct auth_password *p)
{
	const struct account_source *accounts = &p->settings->accounts;
	p->known = accounts->find(accounts->context, slice_of_string(p->user), slice_of("", 0),
	                          &p->secret) == 0;
	p->throttle_key = p->known
	                        ? throttle_key(slice_of_string(p->secret.name), p->client_address)
	                        : key_of_unknown(p);
}

/* What is remembered names the account, its secret as it is now, and the password: a changed one
 * is not found again. */
static void make_proof(struct auth_password *p)
{
	const struct slice parts[] = {
		slice_of_string(p->secret.name),
		slice_of(p->secret.nt_hash, sizeof p->secret.nt_hash),
		slice_of_string(p->secret.crypt_hash),
		slice_of_string(p->password),
	};
	proven_make(service_proven(p->service), parts, sizeof parts / sizeof parts[0], p->proof);
}

static bool nt_hash_matches(const struct auth_password *p)
{
	uint8_t nt_hash[sizeof p->secret.nt_hash];
	bool matches = auth_nt_hash(p->password, nt_hash) == 0 &&
	               memeql_sec(nt_hash, p->secret.nt_hash, sizeof nt_hash);
	wipe(nt_hash, sizeof nt_hash);
	return matches;
}

static enum auth_password_status settle(struct auth_password *p)
{
	struct throttle *throttle = service_throttle(p->service);
	uint64_t now_ms = clock_mono_ms();
	if (!p->matches) {
		throttle_failed(throttle, p->throttle_key, p->settings->login_delay_max_ms, now_ms);
		return wrong(p, p->known ? "wrong password" : "unknown account");
	}
	throttle_succeeded(throttle, p->throttle_key);
	proven_put(service_proven(p->service), p->proof, now_ms);
	return good(p);
}

static bool its_turn(struct auth_password *p, uint64_t now_ms)
{
	if (p->turn_ms > 0)
		return p->turn_ms <= now_ms;
	return throttle_admit(service_throttle(p->service), p->throttle_key,
	                      p->settings->login_delay_max_ms, now_ms, &p->turn_ms);
}

/* For a name that nobody has, what is done for most: with NTLM there are NT hashes. */
static bool is_hard(const struct auth_password *p)
{
	return p->known ? !p->secret.has_nt_hash : !p->settings->ntlm;
}

static enum auth_password_status compare(struct auth_password *p)
{
	if (!its_turn(p, clock_mono_ms())) {
		if (p->turn_ms == THROTTLE_NEVER)
			return wrong(p, "too many attempts after wrong passwords");
		return AUTH_PASSWORD_LATER;
	}
	p->step = STEP_HASHED;
	if (is_hard(p))
		return AUTH_PASSWORD_HARD;
	p->matches = nt_hash_matches(p) && p->known;
	return settle(p);
}

static enum auth_password_status begin(struct auth_password *p)
{
	if (p->failure)
		return wrong(p, p->failure);
	look_up(p);
	make_proof(p);
	if (p->known && proven_has(service_proven(p->service), p->proof, clock_mono_ms()))
		return good(p);
	p->step = STEP_TURN;
	return compare(p);
}

enum auth_password_status auth_password_check(struct auth_password *p)
{
	switch (p->step) {
	case STEP_LOOK_UP: return begin(p);
	case STEP_TURN: return compare(p);
	case STEP_HASHED: return settle(p);
	case STEP_OVER: break;
	}
	return AUTH_PASSWORD_WRONG;
}

uint32_t auth_password_wait_ms(const struct auth_password *p)
{
	uint64_t now_ms = clock_mono_ms();
	uint64_t wait_ms = p->turn_ms > now_ms ? p->turn_ms - now_ms : 0;
	return wait_ms < UINT32_MAX ? (uint32_t)wait_ms : UINT32_MAX;
}

static bool crypt_matches(const char *password, const char *crypt_hash)
{
	struct crypt_data *data = xcalloc(1, sizeof *data);
	const char *made = crypt_rn(password, crypt_hash, data, sizeof *data);
	bool matches = made && strlen(made) == strlen(crypt_hash) &&
	               memeql_sec(made, crypt_hash, strlen(made));
	wipe(data, sizeof *data);
	free(data);
	return matches;
}

/* Of a password that nobody knows, to take the time for names that nobody has. */
static const char somebody[] =
	"$y$j9T$F5Jx5fExrKuPp53xLKQ..1$GI5UHmCgfgoU8cNCFcIHTgTbjEuBiHGyZMvgWvOj41/";

void auth_password_work(struct auth_password *p)
{
	bool has_hash = p->known && p->secret.crypt_hash[0];
	bool matches = crypt_matches(p->password, has_hash ? p->secret.crypt_hash : somebody);
	p->matches = matches && has_hash;
}

struct principal *auth_password_principal(const struct auth_password *p)
{
	return principal_new(p->secret.name, "basic", "", true);
}

const char *auth_password_failure(const struct auth_password *p)
{
	return p->failure ? p->failure : "";
}

const char *auth_password_claimed(const struct auth_password *p)
{
	return p->user;
}

int auth_crypt_hash(const char *password, char crypt_hash[ACCOUNT_CRYPT_SIZE])
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data *data = NULL;
	int err = ERR_INVALID;
	if (strlen(password) > PASSWORD_MAX || !utf8_valid(slice_of_string(password)))
		return ERR_INVALID;
	data = xcalloc(1, sizeof *data);
	const char *made = crypt_gensalt_rn("$y$", 0, NULL, 0, setting, sizeof setting)
	                         ? crypt_rn(password, setting, data, sizeof *data)
	                         : NULL;
	if (made && strlen(made) < ACCOUNT_CRYPT_SIZE) {
		memcpy(crypt_hash, made, strlen(made) + 1);
		err = 0;
	}
	wipe(data, sizeof *data);
	free(data);
	return err;
}
