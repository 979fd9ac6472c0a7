#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin.h"
#include "cli/nspictl.h"
#include "store/users.h"

struct local {
	struct output *output;
	struct source *source;
};

static bool put_line(void *context, const json_t *line)
{
	const struct local *l = context;
	return output_line(l->output, line);
}

static bool put_bytes(void *context, struct slice bytes)
{
	const struct local *l = context;
	return output_bytes(l->output, bytes);
}

static int read_more(void *context, struct slice *bytes, struct error *e)
{
	const struct local *l = context;
	return source_read(l->source, bytes, e);
}

/* What root makes in the state directory has to be the service's. */
static int become(const char *user, struct error *e)
{
	if (user[0] == 0 || geteuid() != 0)
		return 0;
	const struct passwd *p = getpwnam(user);
	if (!p)
		return error_set(e, ERR_NOT_FOUND, "run_as: there is no user \"%s\"", user);
	if (initgroups(user, p->pw_gid) || setgid(p->pw_gid) || setuid(p->pw_uid))
		return error_set(e, ERR_SYSTEM, "cannot become %s: %s", user, strerror(errno));
	return 0;
}

static int run_on_store(const struct conf *conf, struct store *store, struct limits *limits,
                        const json_t *request, struct local *local, struct error *e)
{
	const struct admin_setup setup = {
		.version = "",
		.organization = conf->organization,
		.store = store,
		.limits = limits,
	};
	const struct admin_io io = {
		.context = local, .line = put_line, .bytes = put_bytes, .more = read_more};

	admin_configure_limits(limits, conf);
	int err = admin_load_limits(limits, store, e);
	if (err)
		return err;
	struct admin_context *a = admin_context_new(&setup);
	admin_run(a, request, getuid(), &io);
	admin_context_free(a);
	return 0;
}

int local_run(const struct conf *conf, const json_t *request, struct source *source,
              struct output *o, struct error *e)
{
	struct local local = {.output = o, .source = source};
	struct store *store = NULL;
	struct limits *limits = NULL;

	int err = become(conf->run_as, e);
	if (!err)
		err = store_open(conf->state_dir, conf->map_size, &store, e);
	if (err)
		goto out;
	store_set_nt_hashes(store, conf->ntlm);
	limits = limits_new();
	err = run_on_store(conf, store, limits, request, &local, e);
out:
	limits_free(limits);
	store_close(store);
	return err;
}
