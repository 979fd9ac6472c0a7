#include <stdlib.h>

#include "client/dialog.h"

/* What a server sends as a template, and as a script. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dialog d = {0};
	struct dialog_script script;
	struct dialog_step step;
	struct error e = {0};
	struct arena a;
	size_t at = 0;

	arena_init(&a, 1 << 20);
	if (!dialog_parse(slice_of(data, size), 1252, &a, &d, &e))
		for (uint32_t i = 0; i < d.count; i++)
			if (!d.controls[i].text.data)
				abort();
	arena_free(&a);
	dialog_script_init(&script, slice_of(data, size));
	while (dialog_script_next(&script, &step, &e)) {
		if (script.at <= at)
			abort();
		at = script.at;
	}
	return 0;
}
