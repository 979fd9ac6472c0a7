#ifndef CLIENT_DIALOG_H
#define CLIENT_DIALOG_H

/*
 * Reads what NspiGetTemplateInfo answers (MS-OXOABKT 2.2.2), as any server may have sent it:
 * nothing in it is believed, all that is read lies in the arena.
 */

#include "base/arena.h"
#include "base/error.h"

struct dialog_control { /* TRow */
	uint32_t x, width, y, height;
	uint32_t type, flags;
	uint32_t property, max; /* of CNTRL: dwType, ulSize */
	struct slice text;      /* UTF-8 */
};

struct dialog {
	uint32_t count;
	struct dialog_control *controls;
};

/* PidTagTemplateData whose strings are in a code page. ERR_INVALID, ERR_UNSUPPORTED (another type
 * of rows), ERR_NO_MEMORY. */
int dialog_parse(struct slice data, uint32_t codepage, struct arena *a, struct dialog *out,
                 struct error *e);

struct dialog_operand {
	uint32_t value; /* a tag, an offset of an instruction, or of the text */
	bool is_text;
	struct slice text; /* as it was sent */
};

struct dialog_step {     /* an instruction */
	uint32_t offset; /* from the first one */
	const char *name;
	uint32_t count; /* of operands */
	struct dialog_operand operands[3];
};

/* PidTagScriptData, with or without the count of words before it. */
struct dialog_script {
	struct slice bytes; /* without that count */
	size_t at, end;     /* of the next instruction, of the last one */
};

void dialog_script_init(struct dialog_script *s, struct slice data);
/* false at the end, and at what is no instruction: then e is set. */
bool dialog_script_next(struct dialog_script *s, struct dialog_step *step, struct error *e);

#endif
