#include "main/templates.h"

#include "base/log.h"

int templates_of_conf(const struct conf *c, const char *organization, struct templates **out,
                      struct error *e)
{
	bool named = *c->templates != '\0';
	struct templates *set = NULL;
	int err = templates_read(named ? c->templates : NSPID_TEMPLATES, organization, &set, e);

	if (err == ERR_NOT_FOUND && !named) {
		log_warn("clients get no dialogs for details and searches: %s", e->text);
		err = 0;
	}
	if (err)
		error_prefix(e, "templates");
	else
		*out = set;
	return err;
}
