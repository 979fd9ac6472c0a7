#include "client/dialog.h"

#include "base/reader.h"
#include "mapi/codepage.h"

enum { HEAD_BYTES = 8, ROW_BYTES = 36, TYPE_OF_NSPI = 1 };

/* The bytes up to a NUL, from an offset on; data is NULL when there is none. */
static struct slice string_at(struct slice data, uint32_t offset)
{
	const uint8_t *end = NULL;

	if (offset < data.size)
		end = memchr(data.data + offset, 0, data.size - offset);
	return end ? slice_of(data.data + offset, (size_t)(end - data.data) - offset)
	           : slice_of(NULL, 0);
}

static void read_row(struct reader *r, struct dialog_control *c)
{
	uint32_t *const fields[] = {
		&c->x, &c->width, &c->y, &c->height, &c->type, &c->flags, &c->property, &c->max,
	};

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		*fields[i] = reader_u32(r);
}

static int read_rows(struct reader *r, struct slice data, uint32_t codepage, struct arena *a,
                     struct dialog *d, struct error *e)
{
	for (uint32_t i = 0; i < d->count; i++) {
		read_row(r, &d->controls[i]);
		struct slice bytes = string_at(data, reader_u32(r));
		if (!bytes.data)
			return error_set(e, ERR_INVALID,
			                 "row %u of the template points outside of it", i);
		d->controls[i].text = codepage_to_utf8(a, codepage, bytes);
		if (!d->controls[i].text.data)
			return error_set(e, ERR_NO_MEMORY, "the template is too large");
	}
	return 0;
}

int dialog_parse(struct slice data, uint32_t codepage, struct arena *a, struct dialog *out,
                 struct error *e)
{
	struct dialog d = {0};
	struct reader r;

	reader_init(&r, data.data, data.size);
	uint32_t type = reader_u32(&r);
	d.count = reader_u32(&r);
	if (r.failed || d.count > (data.size - HEAD_BYTES) / ROW_BYTES)
		return error_set(e, ERR_INVALID, "the template is cut short");
	if (type != TYPE_OF_NSPI)
		return error_set(e, ERR_UNSUPPORTED, "the template has rows of type %u", type);
	d.controls = arena_alloc_array(a, d.count, sizeof *d.controls);
	if (!d.controls)
		return error_set(e, ERR_NO_MEMORY, "the template is too large");
	int err = read_rows(&r, data, codepage, a, &d, e);
	if (!err)
		*out = d;
	return err;
}

/* All instructions there are. Bits 31 and 30 of a code tell that its first or second operand is the
 * offset of a text. */
static const struct instruction {
	uint32_t code;
	uint32_t count;
	const char *name;
} instructions[] = {
	{0x00000000, 0, "halt"           },
	{0x00000001, 0, "refuse"         },
	{0x00000002, 1, "emit"           },
	{0x80000002, 1, "emit"           },
	{0x00000003, 1, "jump"           },
	{0x00000004, 2, "jump-if-missing"},
	{0x00000005, 3, "jump-if-equal"  },
	{0x40000005, 3, "jump-if-equal"  },
	{0x00000006, 1, "emit-upper"     },
	{0x80000006, 1, "emit-upper"     },
};

static const struct instruction *find_instruction(uint32_t code)
{
	for (size_t i = 0; i < sizeof instructions / sizeof instructions[0]; i++)
		if (instructions[i].code == code)
			return &instructions[i];
	return NULL;
}

/* Exchange 2010 sends no count; the first word of a script is an instruction then. */
void dialog_script_init(struct dialog_script *s, struct slice data)
{
	struct reader r;

	reader_init(&r, data.data, data.size);
	uint32_t first = reader_u32(&r);
	bool counted = (uint64_t)first * 4 + 4 == data.size || !find_instruction(first);
	s->bytes = data;
	if (!r.failed && counted)
		s->bytes = slice_of(data.data + sizeof first, data.size - sizeof first);
	s->at = 0;
	s->end = s->bytes.size;
}

/* A text that is pointed to is behind the instructions. */
static bool read_operand(struct dialog_script *s, struct reader *r, bool is_text,
                         struct dialog_operand *o)
{
	*o = (struct dialog_operand){.value = reader_u32(r), .is_text = is_text};
	if (!is_text)
		return true;
	o->text = string_at(s->bytes, o->value);
	if (o->value < s->end)
		s->end = o->value;
	return o->text.data != NULL;
}

bool dialog_script_next(struct dialog_script *s, struct dialog_step *step, struct error *e)
{
	struct reader r;
	bool ok = true;

	if (s->at >= s->end)
		return false;
	reader_init(&r, s->bytes.data, s->bytes.size);
	reader_skip(&r, s->at);
	uint32_t code = reader_u32(&r);
	const struct instruction *i = find_instruction(code);
	*step = (struct dialog_step){
		.offset = (uint32_t)s->at,
		.name = i ? i->name : "",
		.count = i ? i->count : 0,
	};
	for (uint32_t n = 0; n < step->count; n++)
		ok = read_operand(s, &r, code & (0x80000000u >> n), &step->operands[n]) && ok;
	s->at = reader_offset(&r);
	if (i && ok && !r.failed)
		return true;
	error_set(e, ERR_INVALID, "no instruction at %u of the script", step->offset);
	return false;
}
