#define SD_JOURNAL_SUPPRESS_LOCATION
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

enum { LINE_SIZE = 2048, FIELD_SIZE = 512, MAX_FIELDS = 24 };

static _Atomic int current_level = LOG_LEVEL_INFO;
static _Atomic int descriptor = STDERR_FILENO;
static _Atomic bool redirected;

static const struct {
	const char *name;
	int priority;
} levels[] = {
	[LOG_LEVEL_ERROR] = {"error", LOG_ERR    },
	[LOG_LEVEL_WARN] = {"warn",  LOG_WARNING},
	[LOG_LEVEL_INFO] = {"info",  LOG_INFO   },
	[LOG_LEVEL_DEBUG] = {"debug", LOG_DEBUG  },
};

void log_set_level(enum log_level level)
{
	current_level = level;
}

enum log_level log_get_level(void)
{
	return (enum log_level)current_level;
}

bool log_level_parse(const char *name, enum log_level *level)
{
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		if (strcmp(levels[i].name, name) == 0) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

void log_set_descriptor(int fd)
{
	descriptor = fd;
	redirected = true;
}

/* The journal is there when standard error is its stream: systemd names the stream's inode in
 * JOURNAL_STREAM. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat s;
	if (!stream || sscanf(stream, "%llu:%llu", &device, &inode) != 2)
		return false;
	return fstat(STDERR_FILENO, &s) == 0 && s.st_dev == device && s.st_ino == inode;
}

static bool use_journal(void)
{
	static _Atomic int known; /* 0: not yet asked, 1: no, 2: yes */
	if (known == 0)
		known = stderr_is_journal() ? 2 : 1;
	return known == 2 && !redirected;
}

/* Appends text with control characters escaped, so that nobody can forge a line or a field. */
static size_t append_escaped(char *line, size_t used, const char *text, bool quoted)
{
	for (; *text && used + 5 < LINE_SIZE; text++) {
		unsigned char c = (unsigned char)*text;
		if (c < 0x20 || c == 0x7F)
			used += (size_t)sprintf(line + used, "\\x%02x", c);
		else if (quoted && (c == '"' || c == '\\'))
			used += (size_t)sprintf(line + used, "\\%c", c);
		else
			line[used++] = (char)c;
	}
	return used;
}

static size_t append(char *line, size_t used, const char *text)
{
	size_t room = LINE_SIZE - 1 - used, size = strlen(text);
	size = size < room ? size : room;
	memcpy(line + used, text, size);
	return used + size;
}

static size_t append_field(char *line, size_t used, const struct log_field *f)
{
	bool quote = f->value[0] == '\0' || strpbrk(f->value, " =\"\\") != NULL;
	used = append(line, used, " ");
	used = append(line, used, f->name);
	used = append(line, used, quote ? "=\"" : "=");
	used = append_escaped(line, used, f->value, quote);
	return quote ? append(line, used, "\"") : used;
}

static void write_line(enum log_level level, unsigned event_id, const struct log_field *fields,
                       size_t count, const char *message)
{
	char line[LINE_SIZE + 1];
	char id[16];
	size_t used = append(line, 0, levels[level].name);
	used = append(line, used, ": ");
	used = append_escaped(line, used, message, false);
	if (event_id) {
		snprintf(id, sizeof id, "%u", event_id);
		used = append_field(line, used, &(struct log_field){"event", id});
	}
	for (size_t i = 0; i < count; i++)
		if (fields[i].value)
			used = append_field(line, used, &fields[i]);
	line[used++] = '\n';
	/* A log that cannot be written has nobody to be told. */
	ssize_t written = write(descriptor, line, used);
	(void)written;
}

struct journal_entry {
	struct iovec items[MAX_FIELDS + 3];
	char texts[MAX_FIELDS + 3][FIELD_SIZE];
	int count;
};

static void journal_add(struct journal_entry *e, const char *prefix, const char *name,
                        const char *value)
{
	char *text = e->texts[e->count];
	int used = snprintf(text, FIELD_SIZE, "%s%s=", prefix, name);
	for (char *p = text; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	snprintf(text + used, FIELD_SIZE - (size_t)used, "%s", value);
	e->items[e->count] = (struct iovec){.iov_base = text, .iov_len = strlen(text)};
	e->count++;
}

static void write_journal(enum log_level level, unsigned event_id, const struct log_field *fields,
                          size_t count, const char *message)
{
	struct journal_entry e = {0};
	char number[16];
	journal_add(&e, "", "MESSAGE", message);
	snprintf(number, sizeof number, "%d", levels[level].priority);
	journal_add(&e, "", "PRIORITY", number);
	if (event_id) {
		snprintf(number, sizeof number, "%u", event_id);
		journal_add(&e, "NSPID_", "EVENT", number);
	}
	for (size_t i = 0; i < count && i < MAX_FIELDS; i++)
		if (fields[i].value)
			journal_add(&e, "NSPID_", fields[i].name, fields[i].value);
	sd_journal_sendv(e.items, e.count);
}

void log_event(enum log_level level, unsigned event_id, const struct log_field *fields,
               size_t count, const char *message)
{
	if ((int)level > current_level)
		return;
	if (use_journal())
		write_journal(level, event_id, fields, count, message);
	else
		write_line(level, event_id, fields, count, message);
}

__attribute__((format(printf, 2, 0))) static void log_text(enum log_level level, const char *format,
                                                           va_list args)
{
	char message[LINE_SIZE];
	if ((int)level > current_level)
		return;
	vsnprintf(message, sizeof message, format, args);
	log_event(level, 0, NULL, 0, message);
}

#define DEFINE_LOG(function, level)                                                                \
	void function(const char *format, ...)                                                     \
	{                                                                                          \
		va_list args;                                                                      \
		va_start(args, format);                                                            \
		log_text(level, format, args);                                                     \
		va_end(args);                                                                      \
	}

DEFINE_LOG(log_error, LOG_LEVEL_ERROR)
DEFINE_LOG(log_warn, LOG_LEVEL_WARN)
DEFINE_LOG(log_info, LOG_LEVEL_INFO)
DEFINE_LOG(log_debug, LOG_LEVEL_DEBUG)
