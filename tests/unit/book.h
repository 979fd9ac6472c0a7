#ifndef TESTS_BOOK_H
#define TESTS_BOOK_H

/* Address books for tests: entries written by hand, and people made from a seed in many scripts. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "directory/directory.h"
#include "directory/view.h"

enum { BOOK_ATTRIBUTES_MAX = 40 };

static inline struct slice book_text(struct arena *a, const char *text)
{
	return slice_of_string(arena_strdup(a, text));
}

static inline struct entry_attribute *book_attribute(struct entry_attribute *attributes,
                                                     size_t *count, const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (slice_equal(attributes[i].name, slice_of_string(name)))
			return &attributes[i];
	attributes[*count] = (struct entry_attribute){.name = slice_of_string(name)};
	return &attributes[(*count)++];
}

/* Attributes are pairs of name and value up to NULL; a name that comes again has another value. */
static inline struct entry *book_entry(struct arena *a, uint32_t mid, const char *dn, ...)
{
	struct entry *e = arena_alloc(a, sizeof *e);
	struct entry_attribute *attributes =
		arena_alloc_array(a, BOOK_ATTRIBUTES_MAX, sizeof *attributes);
	const char *name;
	va_list args;

	*e = (struct entry){.mid = mid, .dn = book_text(a, dn), .attributes = attributes};
	put_le32(e->guid.bytes, mid);
	e->legacy_dn =
		slice_of_string(arena_printf(a, "/o=Test/ou=Book/cn=Recipients/cn=%08x", mid));
	va_start(args, dn);
	while ((name = va_arg(args, const char *))) {
		struct entry_attribute *at = book_attribute(attributes, &e->count, name);
		struct slice *values = arena_alloc_array(a, at->count + 1, sizeof *values);
		if (at->count > 0)
			memcpy(values, at->values, at->count * sizeof *values);
		values[at->count++] = book_text(a, va_arg(args, const char *));
		at->values = values;
	}
	va_end(args);
	return e;
}

static const char *const book_given[] = {
	"Anna",    "Änne",  "Anne-Marie", "Zoë",   "Łukasz", "Øyvind", "Đorđe", "Émile",
	"İbrahim", "Çağla", "Nguyễn",     "Bjørn", "Иван",   "Ёлка",   "Ирина", "Γιώργος",
	"Ελένη",   "太郎",  "花子",       "ﾀﾛｳ",   "伟",     "芳",     "민준",  "서연",
	"محمد",    "فاطمة", "דוד",        "שרה",   "สมชาย",  "สมหญิง",  "राम",   "सीता",
	"Ann",     "ANNA",  "anna",       "Peter", "Pétér",  "Maria",  "José",  "Jose",
};
static const char *const book_surnames[] = {
	"Müller", "Muller",  "Mueller", "Schmidt",  "Schmidtke", "van der Berg", "O'Neill",
	"Nowak",  "Østby",   "Ðurić",   "Lefèvre",  "Yılmaz",    "Şahin",        "Trần",
	"Hansen", "Петров",  "Алёшин",  "Παπάς",    "田中",      "鈴木",         "王",
	"李",     "김",      "이",      "علي",      "حسن",       "כהן",          "לוי",
	"ใจดี",    "รักไทย",   "शर्मा",    "वर्मा",     "Smith",     "Smyth",        "de la Cruz",
	"Straße", "Strasse", "Brown",   "Æbeltoft", "Zhang",
};

struct book_random {
	uint64_t state;
};

static inline uint32_t book_next(struct book_random *r, uint32_t bound)
{
	r->state = r->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((r->state >> 33) % bound);
}

/* What a test knows about a person it made. */
struct book_person {
	uint32_t mid;
	const char *given, *surname, *mail, *alias, *office;
	char *display;
	const char *object_class;
	bool hidden;
	bool present;
};

static inline struct book_person book_person(struct arena *a, struct book_random *r, uint32_t mid)
{
	static const char *const classes[] = {"user", "user", "user", "contact", "group"};
	static const char *const offices[] = {"Berlin", "Bergen", "Paris 12", "東京"};
	struct book_person p = {.mid = mid, .present = true};
	p.given = book_given[book_next(r, sizeof book_given / sizeof book_given[0])];
	p.surname = book_surnames[book_next(r, sizeof book_surnames / sizeof book_surnames[0])];
	p.object_class = classes[book_next(r, 5)];
	p.office = offices[book_next(r, 4)];
	p.hidden = book_next(r, 10) == 0;
	if (book_next(r, 3))
		p.display = arena_printf(a, "%s %s", p.given, p.surname);
	else
		p.display = arena_printf(a, "%s, %s", p.surname, p.given);
	p.alias = arena_printf(a, "u%u", book_next(r, 100000));
	p.mail = arena_printf(a, "%s.%u@example.%s", p.alias, mid & 0xFF,
	                      book_next(r, 2) ? "com" : "co");
	return p;
}

static inline struct entry *book_person_entry(struct arena *a, const struct book_person *p)
{
	return book_entry(a, p->mid, arena_printf(a, "cn=%x,ou=People,dc=example", p->mid),
	                  "objectClass", p->object_class, "displayName", p->display, "givenName",
	                  p->given, "sn", p->surname, "mail", p->mail, "mailNickname", p->alias,
	                  "physicalDeliveryOfficeName", p->office, "msExchHideFromAddressLists",
	                  p->hidden ? "TRUE" : "FALSE", NULL);
}

/* Publishes a book of these entries alone. */
static inline void book_publish(struct directory *d, struct entry *const *entries, size_t count)
{
	struct directory_builder *b = builder_new(d, NULL);
	struct error e;
	for (size_t i = 0; i < count; i++)
		if (builder_put(b, entries[i], &e) != 0)
			abort();
	directory_publish(d, builder_finish(b));
}

#endif
