#ifndef NSPI_NSPI_PRIVATE_H
#define NSPI_NSPI_PRIVATE_H

/*
 * What the operations share. An operation reads its request, fills its answer, and ends with
 * nspi_answer(). What an answer holds when its status is no success (NULL pointers, an untouched
 * STAT) is seen to in operations.c.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "base/counters.h"
#include "mapi/codepage.h"
#include "mapi/errors.h"
#include "mapi/wire.h"
#include "ndr/ndr.h"
#include "nspi/nspi.h"
#include "nspi/profile-private.h"
#include "nspi/types.h"

struct nspi_service {
	struct sessions *sessions;
	struct guid server_guid;
	_Atomic uint32_t max_rows, max_answer_bytes, max_matches;
	uint32_t (*entry_of)(void *context, const struct view *v, const char *account);
	void *entry_of_context;
	struct audience (*audience_of)(void *context, const struct snapshot *s,
	                               const char *account);
	void *audience_of_context;
	struct nspi_writing writing;
	pthread_rwlock_t templates_lock;
	struct templates *templates; /* NULL: none */
};

typedef enum nspi_run nspi_run_fn(struct nspi_call *call, const void *request, void *answer);

enum nspi_handle_rule {
	NSPI_HANDLE_NONE,    /* NspiBind */
	NSPI_HANDLE_OR_NULL, /* NspiUnbind */
	NSPI_HANDLE_LIVE,
};

/* A parameter that is [in, out], or told again over MAPI/HTTP: it goes into the answer before the
 * operation runs, and again when it fails. */
struct nspi_inout {
	size_t in, out, size;
};

struct nspi_operation {
	const char *name;
	const char *request_type; /* over MAPI/HTTP; NULL: not offered there */
	size_t request_type_size;
	size_t in_size, out_size;
	ndr_fn *ndr_in, *ndr_out;
	wire_fn *http_in, *http_out;
	nspi_run_fn *run;
	size_t status;                /* where it is in the answer */
	uint32_t also_success;        /* a status that keeps the answer as MAPI_SUCCESS does */
	enum nspi_handle_rule handle; /* the first field of the request, but for NspiBind */
	enum counter counter;         /* COUNTER_COUNT: none of its own */
	struct nspi_inout inout[2];
};

/* NULL when there is none such. */
const struct nspi_operation *nspi_operation(uint16_t opnum);
const struct nspi_operation *nspi_operation_of_type(struct slice request_type);

/* How long an operation may run before it yields. */
enum { NSPI_SLICE_US = 200 };

/* Ends an operation: `return nspi_answer(call, MAPI_E_NOT_FOUND);` */
static inline enum nspi_run nspi_answer(struct nspi_call *call, uint32_t status)
{
	call->status = status;
	return NSPI_DONE;
}

static inline const struct nspi_profile_rules *nspi_rules(const struct nspi_call *call)
{
	return nspi_profile_rules(call->profile);
}

static inline uint32_t nspi_least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* A list of count MIds or tags, items not set; NULL when memory is out. */
struct mapi_tags *nspi_new_tags(struct nspi_call *call, uint32_t count);

/* The request as structures, without a wire form; on NSPI_DONE call->out is the answer, or
 * call->fault is set. in lives as long as the call. */
enum nspi_run nspi_call_start(struct nspi_call *call, uint16_t opnum, void *in);
/* After NSPI_YIELD of nspi_call_start. */
enum nspi_run nspi_call_step(struct nspi_call *call);

nspi_run_fn nspi_bind, nspi_unbind;
nspi_run_fn nspi_update_stat;
nspi_run_fn nspi_query_rows;
nspi_run_fn nspi_seek_entries;
nspi_run_fn nspi_get_matches;
nspi_run_fn nspi_resort_restriction;
nspi_run_fn nspi_dn_to_mid;
nspi_run_fn nspi_get_prop_list, nspi_get_props;
nspi_run_fn nspi_compare_mids;
nspi_run_fn nspi_mod_props;
nspi_run_fn nspi_get_special_table;
nspi_run_fn nspi_get_template_info;
nspi_run_fn nspi_mod_link_att;
nspi_run_fn nspi_query_columns;
nspi_run_fn nspi_get_names_from_ids, nspi_get_ids_from_names;
nspi_run_fn nspi_resolve_names, nspi_resolve_names_w;

#endif
