#ifndef BASE_LOG_H
#define BASE_LOG_H

/*
 * The log: one line per event, to the systemd journal with fields when the process runs under it,
 * else to standard error as "<level> <message> key=value ...". Safe from any thread.
 *
 * error = an operator must act; warn = odd; info = life cycle; debug = a peer's faults.
 * Never a secret; never names of people at info (account names are not secret).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

/* A field of an event; in the journal it becomes NSPID_<NAME>. */
struct log_field {
	const char *name;  /* lower case, [a-z_]+ */
	const char *value; /* NULL: the field is left out */
};

/* The process has one log. Level and target are set at start and on reload. */
void log_set_level(enum log_level level);
enum log_level log_get_level(void);
bool log_level_parse(const char *name, enum log_level *level);

/* Where the lines go when the journal is not there: any descriptor (default 2). For tests. */
void log_set_descriptor(int fd);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* An event that an operator or a script looks for: `event_id` is a stable number (the table of them
 * is in docs/events.md), message is a whole sentence, fields say the rest. Bytes that would break a
 * line are escaped. */
void log_event(enum log_level level, unsigned event_id, const struct log_field *fields,
               size_t count, const char *message);

#endif
