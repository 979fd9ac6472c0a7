#include "conf/conf-private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

/* libconfuse gives its error function no pointer of ours. */
static _Thread_local struct {
	const char *path;
	struct error *error;
} report;

static __attribute__((format(printf, 2, 0))) void on_error(cfg_t *cfg, const char *format,
                                                           va_list arguments)
{
	char what[256];

	vsnprintf(what, sizeof what, format, arguments);
	error_set(report.error, ERR_INVALID, "%s:%d: %s", report.path, cfg->line, what);
}

/* Every value is read as text; conf_value_parse() knows more types than libconfuse. */
static cfg_opt_t *options_of(const struct conf_section *section, size_t spare)
{
	cfg_opt_t *opts = xcalloc(conf_option_count + spare + 1, sizeof *opts);
	size_t n = 0;

	for (size_t i = 0; i < conf_option_count; i++) {
		const struct conf_option *o = &conf_options[i];
		int list = o->type == CONF_STRINGS ? CFGF_LIST : 0;
		if (strcmp(o->section, section->name) == 0)
			opts[n++] = (cfg_opt_t){
				.name = o->key,
				.type = CFGT_STR,
				.flags = CFGF_NODEFAULT | list,
			};
	}
	return opts;
}

static size_t options_count(const cfg_opt_t *opts)
{
	size_t n = 0;

	while (opts[n].name)
		n++;
	return n;
}

/* libconfuse copies the tables it is given. */
static cfg_t *make_parser(void)
{
	cfg_opt_t *top = options_of(&conf_sections[0], conf_section_count);
	size_t first = options_count(top), n = first;

	for (size_t i = 1; i < conf_section_count; i++)
		top[n++] = (cfg_opt_t){
			.name = conf_sections[i].name,
			.type = CFGT_SEC,
			.flags = conf_sections[i].titled
		                       ? CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES
		                       : 0,
			.subopts = options_of(&conf_sections[i], 0),
		};
	cfg_t *cfg = cfg_init(top, CFGF_NONE);
	for (size_t i = first; i < n; i++)
		free(top[i].subopts);
	free(top);
	return cfg;
}

int conf_grammar_parse(const char *path, const char *text, cfg_t **out, struct error *e)
{
	cfg_t *cfg = make_parser();

	if (!cfg)
		return error_set(e, ERR_NO_MEMORY, "%s: %s", path, err_text(ERR_NO_MEMORY));
	report.path = path;
	report.error = e;
	cfg_set_error_function(cfg, on_error);
	int result = cfg_parse_buf(cfg, text);
	if (result != CFG_SUCCESS) {
		cfg_free(cfg);
		return ERR_INVALID;
	}
	*out = cfg;
	return 0;
}
