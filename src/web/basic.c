#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "web/connection-private.h"

/* What may wait for the pool: about ten seconds of its work. */
enum { MAX_HARD_CHECKS = 256 };

static void job_work(void *context)
{
	struct web_job *job = context;
	auth_password_work(job->password);
}

static void job_done(void *context)
{
	struct web_job *job = context;
	atomic_fetch_sub(&job->service->hard_checks, 1);
	if (job->connection) {
		job->connection->work->job = NULL;
		job->service->pool->wake(job->connection->peer.driver);
	} else {
		auth_password_free(job->password);
	}
	free(job);
}

static enum web_login_result start_job(struct web_connection *c)
{
	struct web_service *s = c->service;
	if (atomic_fetch_add(&s->hard_checks, 1) >= MAX_HARD_CHECKS) {
		atomic_fetch_sub(&s->hard_checks, 1);
		return WEB_LOGIN_BUSY;
	}
	struct web_job *job = xmalloc(sizeof *job);
	*job = (struct web_job){.connection = c, .service = s, .password = c->work->password};
	c->work->job = job;
	c->work->turn_ms = 0;
	s->pool->run(c->peer.driver, job_work, job_done, job);
	return WEB_LOGIN_WAITS;
}

static enum web_login_result let_in(struct web_work *w)
{
	w->principal = auth_password_principal(w->password);
	web_basic_drop(w);
	return WEB_LOGIN_GOOD;
}

static enum web_login_result refuse(struct web_work *w)
{
	log_debug("login failed account=%s reason=\"%s\" client=%s",
	          auth_password_claimed(w->password), auth_password_failure(w->password),
	          w->client.address);
	web_basic_drop(w);
	return WEB_LOGIN_REFUSED;
}

enum web_login_result web_basic_go_on(struct web_connection *c, uint64_t now_ms)
{
	struct web_work *w = c->work;
	if (w->job)
		return WEB_LOGIN_WAITS;
	switch (auth_password_check(w->password)) {
	case AUTH_PASSWORD_GOOD: return let_in(w);
	case AUTH_PASSWORD_WRONG: break;
	case AUTH_PASSWORD_HARD: return start_job(c);
	case AUTH_PASSWORD_LATER:
		w->turn_ms = now_ms + auth_password_wait_ms(w->password);
		return WEB_LOGIN_WAITS;
	}
	return refuse(w);
}

enum web_login_result web_basic_begin(struct web_connection *c, struct slice credentials,
                                      uint64_t now_ms)
{
	const uint8_t *colon = memchr(credentials.data, ':', credentials.size);
	if (!colon)
		return WEB_LOGIN_REFUSED;
	size_t user_size = (size_t)(colon - credentials.data);
	struct slice user = slice_of(credentials.data, user_size);
	struct slice password = slice_of(colon + 1, credentials.size - user_size - 1);
	c->work->password =
		auth_password_new(c->service->auth, user, password, c->work->client.address);
	return web_basic_go_on(c, now_ms);
}

/* A check under way ends without us. */
void web_basic_drop(struct web_work *w)
{
	if (w->job)
		w->job->connection = NULL;
	else
		auth_password_free(w->password);
	w->job = NULL;
	w->password = NULL;
}
