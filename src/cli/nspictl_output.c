#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cli/nspictl.h"

/* Progress is for people who wait: on a terminal at once, elsewhere when it takes long. */
#define PATIENCE_MS 2000

void output_init(struct output *o, const struct cli_command *command, bool json)
{
	*o = (struct output){
		.command = command,
		.json = json,
		.rows = json_array(),
		.file = stdout,
		.started_ms = clock_mono_ms(),
	};
	o->told_ms = o->started_ms;
}

void output_free(struct output *o)
{
	json_decref(o->rows);
	json_decref(o->done);
}

static bool is_listing(const struct output *o)
{
	return o->command->columns[0].title != NULL;
}

static void end_progress(struct output *o)
{
	if (o->progress_shown && isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	o->progress_shown = false;
}

static void print_progress(const struct output *o, const json_t *progress)
{
	double bytes = (double)json_integer_value(json_object_get(progress, "bytes"));
	const char *waiting = json_string_value(json_object_get(progress, "waiting"));

	if (waiting)
		fprintf(stderr, "waiting: %s", waiting);
	else if (json_object_get(progress, "phase"))
		fprintf(stderr, "%s", json_string_value(json_object_get(progress, "phase")));
	else
		fprintf(stderr, "%lld records, %.1f MiB",
		        (long long)json_integer_value(json_object_get(progress, "records")),
		        bytes / 1048576);
	if (o->total_bytes > 0 && bytes > 0)
		fprintf(stderr, " (%.0f %%)", 100 * bytes / (double)o->total_bytes);
}

static void show_progress(struct output *o, const json_t *progress)
{
	bool terminal = isatty(STDERR_FILENO);
	uint64_t now_ms = clock_mono_ms();

	if (!terminal && now_ms - o->told_ms < PATIENCE_MS)
		return;
	o->told_ms = now_ms;
	end_progress(o);
	print_progress(o, progress);
	if (!terminal)
		fputc('\n', stderr);
	o->progress_shown = true;
}

static void show_row(struct output *o, const json_t *row)
{
	o->row_count++;
	if (!o->json) {
		json_array_append(o->rows, (json_t *)(uintptr_t)row);
		return;
	}
	fputs(o->row_count == 1 ? "[\n" : ",\n", stdout);
	json_dumpf(row, stdout, JSON_COMPACT);
}

static void show_end(struct output *o, const json_t *done)
{
	o->done = json_incref((json_t *)(uintptr_t)done);
	if (o->json && is_listing(o)) {
		fputs(o->row_count ? "\n]\n" : "[]\n", stdout);
	} else if (is_listing(o)) {
		table_sort(o->rows, o->command->sort, 2);
		table_print(stdout, o->command->columns, o->rows);
	} else if (o->json && o->command->payload != PAYLOAD_EXPORT) {
		json_dumpf(done, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (o->command->print) {
		o->command->print(done);
	}
	o->finished = true;
}

static void show_text(struct output *o, const char *prefix, const json_t *value)
{
	end_progress(o);
	fputs(prefix, stderr);
	text_print(stderr, json_string_value(value) ? json_string_value(value) : "?");
	fputc('\n', stderr);
}

static void show_error(struct output *o, const json_t *value)
{
	show_text(o, "nspictl: ", value);
	o->finished = o->failed = true;
}

static void show_warning(struct output *o, const json_t *value)
{
	show_text(o, "warning: ", value);
}

bool output_line(struct output *o, const json_t *line)
{
	static const struct {
		const char *kind;
		void (*show)(struct output *o, const json_t *value);
	} kinds[] = {
		{"row",      show_row     },
		{"progress", show_progress},
		{"warning",  show_warning },
		{"done",     show_end     },
		{"error",    show_error   },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		const json_t *value = json_object_get(line, kinds[i].kind);
		if (!value)
			continue;
		if (kinds[i].show == show_end)
			end_progress(o);
		kinds[i].show(o, value);
		break;
	}
	return !ferror(stdout);
}

bool output_bytes(struct output *o, struct slice bytes)
{
	return fwrite(bytes.data, 1, bytes.size, o->file) == bytes.size;
}
