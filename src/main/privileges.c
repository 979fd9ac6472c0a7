#include "main/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"

enum { FILES_BESIDE = 256 }; /* the store, listeners, the control socket ... */

void privileges_raise_files(uint32_t connections)
{
	struct rlimit files;
	rlim_t needed = (rlim_t)connections + FILES_BESIDE;

	if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur >= needed)
		return;
	struct rlimit more = {needed, files.rlim_max > needed ? files.rlim_max : needed};
	if (setrlimit(RLIMIT_NOFILE, &more) == 0)
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur < needed)
		log_info(
			"max_connections is %u, but only %llu files may be open: raise LimitNOFILE",
			connections, (unsigned long long)files.rlim_cur);
}

static int find_user(const struct conf *c, struct passwd **out, struct error *e)
{
	errno = 0;
	*out = getpwnam(c->run_as);
	if (*out)
		return 0;
	return error_set(e, ERR_NOT_FOUND, "run_as = \"%s\": %s", c->run_as,
	                 errno ? strerror(errno) : "there is no such user");
}

int privileges_check(const struct conf *c, struct error *e)
{
	struct passwd *user = NULL;

	return *c->run_as ? find_user(c, &user, e) : 0;
}

static int make_directory(const char *path, const struct passwd *user, struct error *e)
{
	if (mkdir(path, 0700))
		return errno == EEXIST ? 0
		                       : error_set(e, ERR_SYSTEM, "cannot create %s: %s", path,
		                                   strerror(errno));
	if (chown(path, user->pw_uid, user->pw_gid))
		return error_set(e, ERR_SYSTEM, "cannot give %s to %s: %s", path, user->pw_name,
		                 strerror(errno));
	return 0;
}

static int make_directories(const struct conf *c, const struct passwd *user, struct error *e)
{
	char *beside = xstrdup(c->control_socket);

	*strrchr(beside, '/') = '\0';
	int err = make_directory(c->state_dir, user, e);
	if (!err && *beside)
		err = make_directory(beside, user, e);
	free(beside);
	return err;
}

static int become(const struct passwd *user, struct error *e)
{
	if (initgroups(user->pw_name, user->pw_gid) || setgid(user->pw_gid) || setuid(user->pw_uid))
		return error_set(e, ERR_SYSTEM, "cannot become %s: %s", user->pw_name,
		                 strerror(errno));
	return 0;
}

int privileges_drop(const struct conf *c, struct error *e)
{
	struct passwd *user = NULL;

	if (!*c->run_as)
		return 0;
	int err = find_user(c, &user, e);
	if (err || user->pw_uid == geteuid())
		return err;
	if (geteuid() != 0)
		return error_set(e, ERR_DENIED,
		                 "run_as = \"%s\": only root can become another user", c->run_as);
	err = make_directories(c, user, e);
	return err ? err : become(user, e);
}
