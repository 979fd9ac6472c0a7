#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/*
 * System errors: functions return 0 or a negative ERR_*; outputs are untouched on failure.
 * Where an operator will read it, the function also takes a struct error, into which it writes
 * what is wrong, where, and what to do about it.
 * Protocol refusals are not errors but data: see mapi/errors.h.
 */

enum {
	ERR_NO_MEMORY = -1, /* an arena's ceiling, a buffer's limit */
	ERR_INVALID = -2,   /* the input does not follow its grammar */
	ERR_NOT_FOUND = -3,
	ERR_EXISTS = -4,
	ERR_LIMIT = -5,   /* a configured or built-in bound */
	ERR_SYSTEM = -6,  /* errno says more */
	ERR_FULL = -7,    /* no space on the disk, map full */
	ERR_CORRUPT = -8, /* stored data that cannot be read back */
	ERR_DENIED = -9,
	ERR_BUSY = -10,
	ERR_CLOSED = -11, /* the peer has gone */
	ERR_UNSUPPORTED = -12,
	ERR_TIMEOUT = -13,
};

/* Static text for an ERR_* value, without a full stop. */
const char *err_text(int err);

struct error {
	int code; /* 0 or ERR_* */
	char text[512];
};

/* Writes the message and returns code, so that `return error_set(e, ERR_INVALID, ...)` reads well.
 * e may be NULL. */
int error_set(struct error *e, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "what: " before the message that is there already. */
void error_prefix(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
