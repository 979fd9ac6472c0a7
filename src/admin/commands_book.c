#include "admin/call.h"
#include "base/clock.h"
#include "base/parallel.h"
#include "store/import.h"

#define PROGRESS_EVERY_MS  500
#define MAX_WARNINGS_SHOWN 100
#define SHORT_BYTES        (1 << 20) /* an import that is over so soon is in nobody's way */

/* One import: what it has said so far. */
struct running {
	struct call *call;
	struct import *import;
	uint64_t bytes;
	uint64_t told_ms;
	size_t warnings;
};

static void warn(void *context, const char *text)
{
	struct running *r = context;
	if (r->warnings++ < MAX_WARNINGS_SHOWN)
		call_warn(r->call, text);
}

static int tell_progress(struct running *r, struct error *e)
{
	struct import_result so_far = {0};
	uint64_t now_ms = clock_mono_ms();

	import_progress(r->import, &so_far);
	r->call->admin->imported_records = so_far.records;
	if (now_ms - r->told_ms < PROGRESS_EVERY_MS)
		return 0;
	r->told_ms = now_ms;
	bool heard =
		call_progress(r->call, json_pack("{so so}", "records", value_count(so_far.records),
	                                         "bytes", value_count(r->bytes)));
	return heard ? 0
	             : error_set(e, ERR_CLOSED, "nobody waits for the end of the import any more");
}

static int feed(struct running *r, struct error *e)
{
	for (;;) {
		struct slice bytes = {0};
		int err = r->call->io->more(r->call->io->context, &bytes, e);
		if (err || bytes.size == 0)
			return err;
		if (r->bytes <= SHORT_BYTES && r->bytes + bytes.size > SHORT_BYTES)
			parallel_give_way();
		err = import_feed(r->import, bytes, e);
		r->bytes += bytes.size;
		if (!err)
			err = tell_progress(r, e);
		if (err)
			return err;
	}
}

static json_t *describe(const struct import_result *r, uint64_t span_ms)
{
	json_t *o = json_object();
	value_put(o, "records", value_count(r->records));
	value_put(o, "added", value_count(r->added));
	value_put(o, "changed", value_count(r->changed));
	value_put(o, "unchanged", value_count(r->unchanged));
	value_put(o, "removed", value_count(r->removed));
	value_put(o, "skipped", value_count(r->skipped));
	value_put(o, "warnings", value_count(r->warnings));
	value_put(o, "ms", value_count(span_ms));
	return o;
}

static int run_import(struct call *c, struct import_result *result, struct error *e)
{
	const struct import_options options = {
		.source = call_text(c, "source") ? call_text(c, "source") : "standard input",
		.replace = call_flag(c, "replace"),
		.organization = c->admin->setup.organization,
	};
	struct running r = {.call = c, .told_ms = clock_mono_ms()};

	int err = import_begin(c->admin->setup.store, &options, &r.import, e);
	if (err)
		return err;
	import_on_warning(r.import, warn, &r);
	err = feed(&r, e);
	if (err) {
		import_abort(r.import);
		return err;
	}
	call_progress(c, json_pack("{ss}", "phase", "committing"));
	return import_commit(r.import, result, e);
}

int command_import(struct call *c, struct error *e)
{
	struct import_result result = {0};
	uint64_t start_ms = clock_mono_ms();

	c->admin->imported_records = 0;
	c->admin->importing = true;
	int err = run_import(c, &result, e);
	c->admin->importing = false;
	if (!err)
		c->result = describe(&result, clock_mono_ms() - start_ms);
	return err;
}

static bool put_bytes(void *context, struct slice bytes)
{
	const struct call *c = context;
	return bytes.size == 0 || c->io->bytes(c->io->context, bytes);
}

int command_export(struct call *c, struct error *e)
{
	return store_export(c->admin->setup.store, put_bytes, c, e);
}
