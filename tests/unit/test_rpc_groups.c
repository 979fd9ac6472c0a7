/* Association groups: who may join, and that they run down exactly once, also when threads race. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "rpc_wire.h"

static bool refused(const struct wire *w)
{
	struct pdu_header h;
	answer_at(&w->out, 0, &h);
	return w->next == RPC_NEXT_CLOSE && h.type == PDU_BIND_NAK;
}

static void a_group_lives_until_its_last_connection_leaves(void **state)
{
	struct rpc_site *s = *state;
	struct wire first, second;
	wire_open_bound(&first, s);
	uint32_t group = wire_group(&first);
	assert_int_not_equal(group, 0);
	wire_open(&second, s, &site_peer);
	wire_bind(&second, 0, group);
	assert_int_equal(wire_group(&second), group);
	wire_call(&first, TOY_OPEN, slice_of("", 0));
	uint64_t id = s->toy.last_group;
	wire_close(&first);
	assert_int_equal(s->toy.rundowns, 0);
	wire_call(&second, TOY_ECHO, slice_of("", 0));
	assert_int_equal(s->toy.last_group, id);
	wire_close(&second);
	assert_int_equal(s->toy.rundowns, 1);
}

static void a_group_that_has_gone_cannot_be_joined(void **state)
{
	struct wire first, second;
	wire_open_bound(&first, *state);
	uint32_t group = wire_group(&first);
	wire_close(&first);
	wire_open(&second, *state, &site_peer);
	wire_bind(&second, 0, group);
	assert_true(refused(&second));
	wire_close(&second);
}

static void another_host_cannot_join(void **state)
{
	struct address elsewhere;
	const struct rpc_peer stranger = {.client = &elsewhere, .driver = site_peer.driver};
	struct wire first, second;
	assert_true(address_parse("192.0.2.2", 1066, &elsewhere));
	wire_open_bound(&first, *state);
	wire_open(&second, *state, &stranger);
	wire_bind(&second, 0, wire_group(&first));
	assert_true(refused(&second));
	wire_close(&second);
	wire_close(&first);
}

static void a_connection_of_another_service_cannot_join(void **state)
{
	struct rpc_site *s = *state;
	struct rpc_service other = s->service;
	struct wire first, second;
	wire_open_bound(&first, s);
	wire_open(&second, s, &site_peer);
	rpc_association_free(second.a);
	second.a = rpc_association_new(&other, s->scratch, &site_peer, 0);
	wire_bind(&second, 0, wire_group(&first));
	assert_true(refused(&second));
	wire_close(&second);
	wire_close(&first);
}

static void every_group_is_found_however_many_they_are(void **state)
{
	enum { GROUPS = 500 };
	struct wire first[GROUPS], second;
	for (size_t i = 0; i < GROUPS; i++)
		wire_open_bound(&first[i], *state);
	for (size_t i = 0; i < GROUPS; i++) {
		uint32_t group = wire_group(&first[i]);
		wire_open(&second, *state, &site_peer);
		wire_bind(&second, 0, group);
		assert_int_equal(wire_group(&second), group);
		wire_close(&second);
		wire_close(&first[i]);
		wire_open(&second, *state, &site_peer);
		wire_bind(&second, 0, group);
		assert_true(refused(&second));
		wire_close(&second);
	}
}

static void a_bind_that_is_refused_runs_its_new_group_down(void **state)
{
	struct rpc_site *s = *state;
	struct wire w;
	wire_open_bound(&w, s);
	wire_bind(&w, 0, 0);
	assert_true(refused(&w));
	wire_close(&w);
	assert_int_equal(s->toy.rundowns, 1);
}

/* Threads that join each other's groups, or find them gone. */

enum { THREADS = 4, ROUNDS = 400 };

struct racer {
	struct rpc_site *site;
	_Atomic uint32_t *meeting; /* a group to join */
	unsigned seed, created;
	pthread_t thread;
};

static void *race(void *argument)
{
	struct racer *r = argument;
	struct rpc_scratch *scratch = rpc_scratch_new();
	for (int i = 0; i < ROUNDS; i++) {
		struct wire w;
		wire_open(&w, r->site, &site_peer);
		rpc_association_free(w.a);
		w.a = rpc_association_new(&r->site->service, scratch, &site_peer, 0);
		wire_bind(&w, 0, rand_r(&r->seed) % 3 ? atomic_load(r->meeting) : 0);
		if (!refused(&w)) {
			atomic_store(r->meeting, wire_group(&w));
			wire_call(&w, TOY_OPEN, slice_of("", 0));
		}
		wire_close(&w);
	}
	rpc_scratch_free(scratch);
	return NULL;
}

/* Each group that was made has run down, none twice: ids count up from 1. */
static void races_of_joining_and_leaving_run_every_group_down_once(void **state)
{
	struct rpc_site *s = *state;
	struct racer racers[THREADS];
	_Atomic uint32_t meeting = 0;
	for (unsigned i = 0; i < THREADS; i++) {
		racers[i] = (struct racer){.site = s, .meeting = &meeting, .seed = i};
		pthread_create(&racers[i].thread, NULL, race, &racers[i]);
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(racers[i].thread, NULL);
	unsigned rundowns = s->toy.rundowns;
	struct wire w;
	wire_open_bound(&w, s);
	wire_call(&w, TOY_ECHO, slice_of("", 0));
	assert_int_equal(s->toy.last_group, rundowns + 1);
	wire_close(&w);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, rpc_site_setup, rpc_site_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_group_lives_until_its_last_connection_leaves),
		TEST(a_group_that_has_gone_cannot_be_joined),
		TEST(another_host_cannot_join),
		TEST(a_connection_of_another_service_cannot_join),
		TEST(every_group_is_found_however_many_they_are),
		TEST(a_bind_that_is_refused_runs_its_new_group_down),
		TEST(races_of_joining_and_leaving_run_every_group_down_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
