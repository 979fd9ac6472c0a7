#include <stdlib.h>

#include "client/dialog.h"
#include "mapi/tags.h"
#include "template/template-private.h"
#include "template/template.h"

/* Every template that a description is taken for can be read back by the client, in every code
 * page, and its script ends where it should. */

static void check_layout(const struct templates *set, const struct template *t, uint32_t codepage)
{
	struct dialog d = {0};
	struct arena a;

	arena_init(&a, 4 << 20);
	struct slice data = template_data(set, t, codepage, &a);
	if (!data.data || dialog_parse(data, codepage, &a, &d, NULL) || d.count != t->count)
		abort();
	arena_free(&a);
}

static void check_script(const struct template *t)
{
	struct dialog_script script;
	struct dialog_step step;
	struct error e = {0};

	dialog_script_init(&script, template_script(t));
	while (dialog_script_next(&script, &step, &e))
		;
	if (e.code)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t codepages[] = {1252, 932, 20261, 50220, 65001};
	struct templates *set = NULL;
	struct error e = {0};

	if (templates_parse("input", slice_of(data, size), "Org", &set, &e))
		return 0;
	for (const struct template *t = set->languages->templates; t; t = t->next) {
		if (templates_by_dn(set, template_dn(t)) != t)
			abort();
		for (size_t i = 0; i < sizeof codepages / sizeof codepages[0]; i++)
			check_layout(set, t, codepages[i]);
		check_script(t);
	}
	templates_free(set);
	return 0;
}
