#include "base/buffer.h"
#include "conf/conf.h"

/* What is taken is described in a form that is taken again and says the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf *first = NULL, *second = NULL;
	struct error e = {0};
	struct buffer text;

	if (conf_parse("input", slice_of(data, size), &first, &e))
		return 0;
	buffer_init(&text, 8 << 20);
	conf_describe(first, &text);
	if (conf_parse("again", buffer_slice(&text), &second, &e) ||
	    first->setting_count != second->setting_count)
		__builtin_trap();
	for (size_t i = 0; i < first->setting_count; i++)
		if (strcmp(first->settings[i].text, second->settings[i].text) != 0)
			__builtin_trap();
	buffer_free(&text);
	conf_free(second);
	conf_free(first);
	return 0;
}
