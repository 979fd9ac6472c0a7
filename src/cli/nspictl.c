#include "cli/nspictl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/stream.h"
#include "base/memory.h"

/* One run of a command: what has to be closed at its end. */
struct run {
	const struct cli_line *line;
	json_t *request;
	struct source source;
	struct output output;
	char *export_path; /* NULL: standard output */
};

static int complain(int status, const char *text)
{
	fputs("nspictl: ", stderr);
	text_print(stderr, text);
	fputc('\n', stderr);
	return status;
}

/* The value of an argument that is not for the server. */
static char *take_argument(json_t *arguments, const char *key)
{
	const json_t *value = json_object_get(arguments, key);
	if (!value)
		return NULL;
	char *text = xstrdup(json_is_string(value) ? json_string_value(value) : "");
	json_object_del(arguments, key);
	return text;
}

static int add_password(struct run *r, struct error *e)
{
	char *flag = take_argument(r->request, "stdin");
	char *password = password_read(flag != NULL);
	free(flag);
	if (!password)
		return error_set(e, ERR_INVALID, "nothing was changed");
	json_t *value = json_string(password);
	wipe(password, strlen(password));
	free(password);
	if (!value)
		return error_set(e, ERR_INVALID, "the password is not valid UTF-8");
	json_object_set_new(r->request, "password", value);
	return 0;
}

static int open_import(struct run *r, struct error *e)
{
	const char *path = json_string_value(json_object_get(r->request, "source"));
	struct stat s;

	r->source.buffer = xmalloc(STREAM_MAX_BYTES);
	if (strcmp(path, "-") == 0) {
		r->source.fd = STDIN_FILENO;
		json_object_set_new(r->request, "source", json_string("standard input"));
		return 0;
	}
	r->source.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (r->source.fd < 0 || fstat(r->source.fd, &s))
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	if (S_ISREG(s.st_mode))
		r->output.total_bytes = (uint64_t)s.st_size;
	return 0;
}

/* Under a temporary name, so that a file that is there is not lost when the export fails. */
static int open_export(struct run *r, struct error *e)
{
	r->export_path = take_argument(r->request, "file");
	if (!r->export_path)
		return 0;
	char *path = xasprintf("%s.part", r->export_path);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	r->output.file = fd < 0 ? NULL : fdopen(fd, "w");
	int err = r->output.file ? 0 : error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	free(path);
	return err;
}

static int close_export(struct run *r, bool whole, struct error *e)
{
	char *path = xasprintf("%s.part", r->export_path);
	int err = 0;
	if (r->output.file)
		whole = fclose(r->output.file) == 0 && whole;
	if (!whole)
		unlink(path);
	else if (rename(path, r->export_path))
		err = error_set(e, ERR_SYSTEM, "%s: %s", r->export_path, strerror(errno));
	free(path);
	return err;
}

static int prepare(struct run *r, struct error *e)
{
	switch (r->line->command->payload) {
	case PAYLOAD_NONE: return 0;
	case PAYLOAD_PASSWORD: return add_password(r, e);
	case PAYLOAD_IMPORT: return open_import(r, e);
	case PAYLOAD_EXPORT: return open_export(r, e);
	}
	return 0;
}

static int ask(struct run *r, const struct conf *conf, struct error *e)
{
	int err = remote_run(conf->control_socket, r->request, &r->source, &r->output, e);
	if (err == ERR_CLOSED && admin_works_offline(r->line->command->request))
		err = local_run(conf, r->request, &r->source, &r->output, e);
	return err;
}

static void add_advice(int err, const struct cli_line *line, struct error *e)
{
	char text[sizeof e->text];
	memcpy(text, e->text, sizeof text);
	if (err == ERR_CLOSED)
		error_set(e, err, "%s; is it running? start it with: nspid -c %s", text,
		          line->conf_path);
	if (err == ERR_DENIED)
		error_set(e, err, "%s; only root and the user that nspid runs as may", text);
}

static void forget_password(json_t *request)
{
	const json_t *password = json_object_get(request, "password");
	const char *text = json_string_value(password);
	if (text)
		wipe((void *)(uintptr_t)text, json_string_length(password));
}

static int finish_output(struct run *r, int err, struct error *e)
{
	if (r->export_path) {
		int closed = close_export(r, !err && !r->output.failed, err ? NULL : e);
		err = err ? err : closed;
	}
	if (fflush(stdout) && !err)
		err = error_set(e, ERR_SYSTEM, "cannot write: %s", strerror(errno));
	return err;
}

static void release(struct run *r)
{
	forget_password(r->request);
	output_free(&r->output);
	if (r->source.fd > STDIN_FILENO)
		close(r->source.fd);
	free(r->source.buffer);
	free(r->export_path);
}

static int status_of(int err, const struct run *r, struct error *e)
{
	if (!err)
		return r->output.failed ? EXIT_FAILED : EXIT_SUCCESS;
	bool unreachable = err == ERR_CLOSED || err == ERR_DENIED;
	add_advice(err, r->line, e);
	return complain(unreachable ? EXIT_UNREACHABLE : EXIT_FAILED, e->text);
}

static int run(const struct cli_line *line, const struct conf *conf)
{
	if (line->command->run)
		return line->command->run(line, conf);
	struct run r = {.line = line, .request = line->arguments, .source = {.fd = -1}};
	struct error e = {0};

	output_init(&r.output, line->command, line->json);
	json_object_set_new(r.request, "command", json_string(line->command->request));
	int err = prepare(&r, &e);
	if (!err)
		err = ask(&r, conf, &e);
	err = finish_output(&r, err, &e);
	int status = status_of(err, &r, &e);
	release(&r);
	return status;
}

static int load_and_run(const struct cli_line *line)
{
	struct conf *conf = NULL;
	struct error e = {0};
	if (conf_load(line->conf_path, &conf, &e))
		return complain(EXIT_FAILED, e.text);
	int status = run(line, conf);
	conf_free(conf);
	return status;
}

int main(int argc, char **argv)
{
	struct cli_line line;
	int status = EXIT_SUCCESS;

	if (!cli_read_line(argc, argv, &line))
		status = EXIT_USAGE;
	else if (line.help && line.command)
		cli_print_command_help(line.command, stdout);
	else if (line.help)
		cli_print_help(stdout);
	else
		status = load_and_run(&line);
	json_decref(line.arguments);
	return status;
}
