/*
 * What the directory costs at a size: bench_directory [ENTRIES]. Memory is resident memory with the
 * book minus without, over its entries; the entries are made up as they are put, with the
 * attributes that Active Directory has for a person, and without photos.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "directory/snapshot-private.h"
#include "directory/snapshot_file.h"
#include "mapi/tags.h"

#include "../unit/book.h"

/* Of this process, so that a busy machine does not show. */
static uint64_t cpu_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static uint64_t wall_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static size_t resident_bytes(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (!f || fscanf(f, "%*d %ld", &pages) != 1)
		abort();
	fclose(f);
	return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

static const char *pick(struct book_random *r, const char *const *list, uint32_t count)
{
	return list[book_next(r, count)];
}

static struct entry *make_entry(struct arena *a, struct book_random *r, uint32_t i,
                                uint32_t entries)
{
	static const char *const departments[] = {"Sales", "Engineering", "Human Resources",
	                                          "Finance", "Research and Development"};
	static const char *const cities[] = {"Berlin", "Oslo", "Paris", "Kraków", "Αθήνα", "東京"};
	const char *given = pick(r, book_given, sizeof book_given / sizeof book_given[0]);
	const char *surname =
		pick(r, book_surnames, sizeof book_surnames / sizeof book_surnames[0]);
	const char *department = pick(r, departments, 5), *city = pick(r, cities, 6);
	const char *alias = arena_printf(a, "user%06u", i);
	const char *mail = arena_printf(a, "%s@example.com", alias);
	const char *display = arena_printf(a, "%s %s %u", given, surname, book_next(r, 1000));
	uint32_t manager = book_next(r, entries), group = book_next(r, entries / 50 + 1);
	return book_entry(
		a, ENTRY_MID_FIRST + i,
		arena_printf(a, "CN=%s,OU=%s,OU=People,DC=corp,DC=example,DC=com", alias,
	                     department),
		"objectClass", "user", "displayName", display, "givenName", given, "sn", surname,
		"cn", alias, "sAMAccountName", alias, "userPrincipalName", mail, "mail", mail,
		"mailNickname", alias, "proxyAddresses", arena_printf(a, "SMTP:%s", mail),
		"proxyAddresses", arena_printf(a, "smtp:%s@example.org", alias), "title",
		"Consultant", "department", department, "company", "Example Corporation",
		"physicalDeliveryOfficeName", arena_printf(a, "%c%u", 'A' + i % 7, i % 400),
		"telephoneNumber", arena_printf(a, "+49 30 %07u", i), "mobile",
		arena_printf(a, "+49 170 %07u", i), "streetAddress", "Unter den Linden 12", "l",
		city, "postalCode", "10117", "co", "Germany", "manager",
		arena_printf(a, "CN=user%06u,OU=Sales,OU=People,DC=corp,DC=example,DC=com",
	                     manager),
		i % 50 ? NULL : "member",
		arena_printf(a, "CN=user%06u,OU=Sales,OU=People,DC=corp,DC=example,DC=com", group),
		NULL);
}

static void report(const char *name, double value, const char *unit)
{
	printf("%-34s %12.2f %s\n", name, value, unit);
}

static void build(struct directory *d, uint32_t entries)
{
	struct directory_builder *b = builder_new(d, NULL);
	struct book_random r = {1};
	struct arena a;
	struct error e;
	uint64_t put_us = 0;

	arena_init(&a, SIZE_MAX);
	for (uint32_t i = 0; i < entries; i++) {
		struct entry *entry = make_entry(&a, &r, i, entries);
		uint64_t start = cpu_us();
		if (builder_put(b, entry, &e) != 0)
			abort();
		put_us += cpu_us() - start;
		arena_reset(&a);
	}
	arena_free(&a);
	uint64_t start = wall_us();
	directory_publish(d, builder_finish(b));
	report("put all", (double)put_us / 1e6, "s");
	report("finish, on the clock", (double)(wall_us() - start) / 1e6, "s");
}

static void report_memory(const struct snapshot *s, uint32_t entries)
{
	static const char *const names[] = {"  names", "  back links", "  searched words",
	                                    "  an order"};
	size_t objects = 0;
	for (uint32_t i = 0; i < entries; i++) {
		const struct object *o = records_get(&s->records, ENTRY_MID_FIRST + i);
		objects += o->size + sizeof(void *);
	}
	report("  objects", (double)objects / entries, "bytes");
	for (size_t i = 0; i <= INDEX_ORDERS; i++)
		report(names[i], (double)index_bytes(s->indexes[i]) / entries, "bytes");
}

static void measure_pages(const struct view *v, const struct table *t)
{
	enum { ROUNDS = 20000, PAGE = 50 };
	static const uint16_t ids[] = {0x3001, 0x39FE, 0x3A08, 0x3A18, 0x3A19, 0x3A17, 0x3A00};
	struct book_random r = {3};
	uint32_t mids[PAGE], values = 0;
	struct mapi_value value;
	struct arena a;

	arena_init(&a, 1 << 20);
	uint64_t start = cpu_us();
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t count = table_mids(t, book_next(&r, table_count(t)), mids, PAGE);
		for (uint32_t i = 0; i < count; i++) {
			const struct object *o = view_object(v, mids[i]);
			for (size_t k = 0; k < sizeof ids / sizeof ids[0]; k++)
				values += object_value(v, o, ids[k], &a, &value);
		}
	}
	report("page of 50 x 7", (double)(cpu_us() - start) / ROUNDS, "us");
	if (values == 0)
		abort();
	arena_free(&a);
}

static void measure_searches(const struct view *v, const struct table *t, uint32_t entries)
{
	enum { ROUNDS = 100000 };
	struct book_random r = {4};
	uint32_t mid, position;
	char name[64];

	uint64_t start = cpu_us();
	for (int i = 0; i < ROUNDS; i++)
		if (!table_position(t, ENTRY_MID_FIRST + book_next(&r, entries), &position))
			abort();
	report("position of a MId", (double)(cpu_us() - start) / ROUNDS, "us");
	start = cpu_us();
	for (int i = 0; i < ROUNDS; i++)
		table_seek(t, slice_of_string(book_surnames[book_next(&r, 40)]));
	report("seek", (double)(cpu_us() - start) / ROUNDS, "us");
	start = cpu_us();
	for (int i = 0; i < ROUNDS; i++) {
		snprintf(name, sizeof name, "user%06u", book_next(&r, entries));
		if (view_resolve(v, t->container, slice_of_string(name), &mid) == ANR_UNRESOLVED)
			abort();
	}
	report("resolve an alias", (double)(cpu_us() - start) / ROUNDS, "us");
	start = cpu_us();
	for (int i = 0; i < ROUNDS; i++) {
		snprintf(name, sizeof name, "%s %.2s", book_given[i % 20], book_surnames[i % 10]);
		view_resolve(v, t->container, slice_of_string(name), &mid);
	}
	report("resolve two words", (double)(cpu_us() - start) / ROUNDS, "us");
}

static void measure_scan(const struct view *v, const struct table *t)
{
	struct mapi_value needle = {.tag = PR_DISPLAY_NAME, .string = slice_of_string("xyz")};
	struct mapi_restriction r = {
		.type = RES_CONTENT, .content = {FL_SUBSTRING, PR_DISPLAY_NAME, &needle}
        };
	enum scan_status status;
	struct arena a;
	arena_init(&a, 16 << 20);
	uint64_t start = cpu_us();
	struct scan *s = scan_new(v, t, &r, 1252, 1000, &a, &status);
	while (s && scan_run(s, 200) == SCAN_MORE)
		;
	report("scan for a substring", (double)(cpu_us() - start) / 1e3, "ms");
	arena_free(&a);
}

static void measure_changes(struct directory *d, uint32_t entries)
{
	enum { ROUNDS = 200 };
	struct book_random r = {5};
	struct arena a;
	struct error e;
	uint64_t worst = 0, start = cpu_us();

	arena_init(&a, SIZE_MAX);
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t begin = cpu_us();
		const struct snapshot *base = directory_acquire(d);
		struct directory_builder *b = builder_new(d, base);
		snapshot_unref(base);
		builder_put(b, make_entry(&a, &r, book_next(&r, entries), entries), &e);
		directory_publish(d, builder_finish(b));
		if (cpu_us() - begin > worst)
			worst = cpu_us() - begin;
		arena_reset(&a);
	}
	report("publish one change", (double)(cpu_us() - start) / 1e3 / ROUNDS, "ms");
	report("publish one change, worst", (double)worst / 1e3, "ms");
	arena_free(&a);
}

/* On the clock, for it is what a start waits for. */
static void measure_file(struct directory *d, const struct directory_config *config)
{
	static const struct guid book = {{1}};
	char path[] = "/tmp/nspid-bench-XXXXXX";
	const struct snapshot *s = directory_acquire(d), *read = NULL;
	struct directory *other = directory_new(config);
	struct error e = {0};
	close(mkstemp(path));
	uint64_t start = wall_us();
	if (snapshot_file_write(s, &book, path, NULL, &e) != 0)
		abort();
	report("write the snapshot file", (double)(wall_us() - start) / 1e6, "s");
	size_t before = resident_bytes();
	start = wall_us();
	if (snapshot_file_read(other, &book, path, &read, &e) != 0)
		abort();
	report("read the snapshot file", (double)(wall_us() - start) / 1e6, "s");
	report("resident memory an entry, read",
	       (double)(resident_bytes() - before) / (double)snapshot_count(read), "bytes");
	snapshot_unref(read);
	snapshot_unref(s);
	directory_free(other);
	unlink(path);
}

int main(int argc, char **argv)
{
	static const uint32_t locales[] = {0x0407, 0x041D};
	struct directory_config config = {.locales = locales, .locale_count = 2};
	uint32_t entries = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100000;
	struct directory *d = directory_new(&config);
	struct view v = {0};
	struct table t;

	size_t before = resident_bytes();
	build(d, entries);
	report("resident memory an entry", (double)(resident_bytes() - before) / entries, "bytes");
	v.snapshot = directory_acquire(d);
	if (table_open(&v, view_container(&v, 0), TABLE_BY_DISPLAY_NAME, 0x0409, &t) != 0)
		abort();
	report_memory(v.snapshot, entries);
	measure_pages(&v, &t);
	measure_searches(&v, &t, entries);
	measure_scan(&v, &t);
	measure_changes(d, entries);
	measure_file(d, &config);
	snapshot_unref(v.snapshot);
	directory_free(d);
	return 0;
}
