#include "template/template.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "template/template-private.h"

enum { MAX_SET_BYTES = 64 << 20, MAX_SCRATCH_BYTES = 4 << 20 };

/* Reading. */

static struct templates *set_new(const char *organization)
{
	struct templates *set = xcalloc(1, sizeof *set);

	arena_init(&set->arena, MAX_SET_BYTES);
	set->organization = arena_strdup(&set->arena, organization);
	set->cache = template_cache_new();
	return set;
}

void templates_free(struct templates *set)
{
	if (!set)
		return;
	template_cache_free(set->cache);
	arena_free(&set->arena);
	free(set);
}

int templates_parse(const char *path, struct slice text, const char *organization,
                    struct templates **out, struct error *e)
{
	struct templates *set = set_new(organization);
	int err = description_parse(set, path, text, e);

	if (err)
		templates_free(set);
	else
		*out = set;
	return err;
}

/* A pipe would keep the server waiting. */
static int open_file(const char *path, struct error *e)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	if (!fstat(fd, &status) && S_ISREG(status.st_mode))
		return fd;
	close(fd);
	return error_set(e, ERR_INVALID, "%s: this is no file", path);
}

static int read_file(const char *path, struct buffer *text, struct error *e)
{
	int fd = open_file(path, e);

	return fd < 0 ? fd : file_read(fd, path, text, e);
}

static int add_file(struct templates *set, const char *path, struct error *e)
{
	struct buffer text;

	if (set->count == MAX_LANGUAGES)
		return error_set(e, ERR_LIMIT, "%s: more than %d languages", path, MAX_LANGUAGES);
	buffer_init(&text, MAX_FILE_BYTES);
	int err = read_file(path, &text, e);
	if (!err)
		err = description_parse(set, path, buffer_slice(&text), e);
	buffer_free(&text);
	return err;
}

static int is_description(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');

	return *entry->d_name != '.' && end && strcmp(end, ".template") == 0;
}

static int add_files(struct templates *set, const char *folder, struct dirent *const *files,
                     size_t count, struct error *e)
{
	int err = 0;

	for (size_t i = 0; !err && i < count; i++) {
		char *path = xasprintf("%s/%s", folder, files[i]->d_name);
		err = add_file(set, path, e);
		free(path);
	}
	return err;
}

int templates_read(const char *folder, const char *organization, struct templates **out,
                   struct error *e)
{
	struct dirent **files = NULL;
	int count = scandir(folder, &files, is_description, alphasort);

	if (count < 0)
		return error_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM, "%s: %s", folder,
		                 strerror(errno));
	struct templates *set = set_new(organization);
	int err = add_files(set, folder, files, (size_t)count, e);
	if (!err && count == 0)
		err = error_set(e, ERR_INVALID, "%s: no file in it is called NAME.template",
		                folder);
	for (int i = 0; i < count; i++)
		free(files[i]);
	free(files);
	if (err)
		templates_free(set);
	else
		*out = set;
	return err;
}

size_t templates_languages(const struct templates *set)
{
	return set->count;
}

/* Finding. */

const struct template *templates_of_type(const struct templates *set, uint32_t display_type,
                                         uint32_t lcid)
{
	if (display_type == DT_ADDRESS_TEMPLATE)
		return NULL;
	for (int step = 0; step < LANGUAGE_STEPS; step++) {
		const struct language *l = language_at(set, lcid, (enum language_step)step);
		const struct template *t =
			l ? language_template(l, display_type, slice_of("", 0)) : NULL;
		if (t)
			return t;
	}
	return NULL;
}

static const struct template *address_at(const struct language *l, size_t index)
{
	for (const struct template *t = l->templates; t; t = t->next)
		if (t->display_type == DT_ADDRESS_TEMPLATE && index-- == 0)
			return t;
	return NULL;
}

const struct template *templates_of_address(const struct templates *set, uint32_t lcid,
                                            size_t index)
{
	for (int step = 0; step < LANGUAGE_STEPS; step++) {
		const struct language *l = language_at(set, lcid, (enum language_step)step);
		const struct template *t = l ? address_at(l, 0) : NULL;
		if (t)
			return index > 0 ? address_at(l, index) : t;
	}
	return NULL;
}

const struct template *templates_by_dn(const struct templates *set, struct slice dn)
{
	for (const struct language *l = set->languages; l; l = l->next)
		for (const struct template *t = l->templates; t; t = t->next)
			if (slice_equal_nocase(t->dn, dn))
				return t;
	return NULL;
}

/* Showing. */

const struct template *template_for_codepage(const struct templates *set, const struct template *t,
                                             uint32_t codepage)
{
	const struct template *instead =
		set->fallback ? language_template(set->fallback, t->display_type, t->address_type)
			      : NULL;
	bool fits = true;
	struct arena a;

	if (!instead || instead == t)
		return t;
	arena_init(&a, MAX_SCRATCH_BYTES);
	template_cache_get(set->cache, t, codepage, &a, &fits);
	arena_free(&a);
	return fits ? t : instead;
}

struct slice template_data(const struct templates *set, const struct template *t, uint32_t codepage,
                           struct arena *a)
{
	bool fits = true;

	return template_cache_get(set->cache, t, codepage, a, &fits);
}

struct slice template_script(const struct template *t)
{
	return t->script.data ? t->script : slice_of("", 0);
}

struct slice template_dn(const struct template *t)
{
	return t->dn;
}

struct slice template_address_type(const struct template *t)
{
	return t->address_type;
}

struct slice template_title(const struct template *t)
{
	return t->title;
}
