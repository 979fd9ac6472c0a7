#ifndef TESTS_UNIT_SMALL_BOOK_H
#define TESTS_UNIT_SMALL_BOOK_H

/* A small address book, and calls of an account of it; for unit tests and fuzz targets. */

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "directory/directory.h"
#include "nspi/nspi-private.h"
#include "session/limits.h"

enum book_opnum {
	OP_BIND,
	OP_UNBIND,
	OP_UPDATE_STAT,
	OP_QUERY_ROWS,
	OP_SEEK_ENTRIES,
	OP_GET_MATCHES,
	OP_RESORT_RESTRICTION,
	OP_DN_TO_MID,
	OP_GET_PROP_LIST,
	OP_GET_PROPS,
	OP_COMPARE_MIDS,
	OP_MOD_PROPS,
	OP_GET_SPECIAL_TABLE,
	OP_GET_TEMPLATE_INFO,
	OP_MOD_LINK_ATT,
	OP_QUERY_COLUMNS = 16,
	OP_GET_NAMES_FROM_IDS,
	OP_GET_IDS_FROM_NAMES,
	OP_RESOLVE_NAMES,
	OP_RESOLVE_NAMES_W,
};

enum { GROUP = 7, OTHER_GROUP = 8 };

/* MIds do not follow the order of names. */
enum {
	ANNA = ENTRY_MID_FIRST + 5,
	BRUNO = ENTRY_MID_FIRST + 1,
	CARLA = ENTRY_MID_FIRST + 7,
	EMILE = ENTRY_MID_FIRST + 2,
	BOARD = ENTRY_MID_FIRST + 9,
	HIDDEN = ENTRY_MID_FIRST + 4,
	ROOM = ENTRY_MID_FIRST + 6,
	SALES = ENTRY_MID_FIRST + 3,
	WANG = ENTRY_MID_FIRST + 8,
	MISSING = ENTRY_MID_FIRST + 999, /* no such entry */
};

/* The global address list as it is sorted. */
static const uint32_t book_order[] = {ANNA, BOARD, BRUNO, CARLA, EMILE, ROOM, SALES, WANG};
enum { BOOK_SIZE = sizeof book_order / sizeof *book_order };

static const struct book_entry {
	uint32_t mid;
	const char *dn, *attributes; /* lines of "name: value", values of one name together */
} book_entries[] = {
	{ANNA,   "CN=Anna Berg,OU=People,DC=example,DC=com",
         "objectClass: user\n"
         "displayName: Anna Berg\n"
         "givenName: Anna\n"
         "sn: Berg\n"
         "sAMAccountName: anna\n"
         "mailNickname: anna\n"
         "mail: anna@example.com\n"
         "proxyAddresses: SMTP:anna@example.com\n"
         "proxyAddresses: smtp:a.berg@example.com\n"
         "telephoneNumber: +49 30 1\n"
         "department: Sales\n"
         "physicalDeliveryOfficeName: Berlin\n"
         "title: Head of Sales\n"                             },
	{BRUNO,  "CN=Bruno Keller,OU=People,DC=example,DC=com",
         "objectClass: user\n"
         "displayName: Bruno Keller\n"
         "givenName: Bruno\n"
         "sn: Keller\n"
         "sAMAccountName: bruno\n"
         "mailNickname: bruno\n"
         "mail: bruno@example.com\n"
         "department: Sales\n"
         "manager: CN=Anna Berg,OU=People,DC=example,DC=com\n"},
	{CARLA,  "CN=Carla Keller,OU=People,DC=example,DC=com",
         "objectClass: user\n"
         "displayName: Carla Keller\n"
         "givenName: Carla\n"
         "sn: Keller\n"
         "sAMAccountName: carla\n"
         "mailNickname: carla\n"
         "mail: carla@example.com\n"
         "department: Research\n"
         "manager: CN=Anna Berg,OU=People,DC=example,DC=com\n"},
	{EMILE,  "CN=Emile Zola,OU=People,DC=example,DC=com",
         "objectClass: user\n"
         "displayName: \xC3\x89mile Zola\n"
         "givenName: \xC3\x89mile\n"
         "sn: Zola\n"
         "sAMAccountName: emile\n"
         "mailNickname: emile\n"
         "mail: emile@example.com\n"                          },
	{WANG,   "CN=Wang,OU=People,DC=example,DC=com",
         "objectClass: user\n"
         "displayName: \xE7\x8E\x8B\xE5\xB0\x8F\xE6\x98\x8E\n"
         "sAMAccountName: wang\n"
         "mailNickname: wang\n"
         "mail: wang@example.com\n"                           },
	{SALES,  "CN=Sales,OU=Groups,DC=example,DC=com",
         "objectClass: group\n"
         "displayName: Sales Team\n"
         "mailNickname: sales\n"
         "mail: sales@example.com\n"
         "member: CN=Carla Keller,OU=People,DC=example,DC=com\n"
         "member: CN=Anna Berg,OU=People,DC=example,DC=com\n" },
	{ROOM,   "CN=Room 1,OU=Rooms,DC=example,DC=com",
         "objectClass: user\n"
         "displayName: Room 1\n"
         "mailNickname: room1\n"
         "mail: room1@example.com\n"
         "msExchRecipientDisplayType: 7\n"                    },
	{BOARD,  "CN=Board,OU=Folders,DC=example,DC=com",
         "objectClass: publicFolder\n"
         "displayName: Board\n"
         "mailNickname: board\n"
         "mail: board@example.com\n"                          },
	{HIDDEN, "CN=Hidden Harry,OU=People,DC=example,DC=com",
         "objectClass: user\n"
         "displayName: Hidden Harry\n"
         "sAMAccountName: harry\n"
         "mailNickname: harry\n"
         "mail: harry@example.com\n"
         "msExchHideFromAddressLists: TRUE\n"                 },
};

struct book {
	struct directory *directory;
	const struct snapshot *snapshot;
	struct limits *limits;
	struct sessions *sessions;
	struct nspi_service *service;
	const struct principal *anna; /* the caller */
	struct guid server_guid;
	enum nspi_profile profile;
	struct nspi_handle handle; /* of the caller's session */
	struct arena arena;
	struct nspi_call call; /* the latest */
	unsigned yields;       /* of the latest call */
};

static inline void book_status_of(void *context, const char *account, struct account_status *out)
{
	(void)context;
	(void)account;
	*out = (struct account_status){.exists = true};
}

enum { BOOK_MAX_ATTRIBUTES = 16, BOOK_MAX_VALUES = 32 };

struct book_parse {
	struct entry_attribute attributes[BOOK_MAX_ATTRIBUTES];
	struct slice values[BOOK_MAX_VALUES];
	size_t attribute_count, value_count;
};

static inline void book_parse_line(struct book_parse *p, const char *line, size_t size)
{
	const char *colon = memchr(line, ':', size);
	struct slice name = slice_of(line, (size_t)(colon - line));
	struct entry_attribute *a = &p->attributes[p->attribute_count];

	if (p->attribute_count && slice_equal(a[-1].name, name)) {
		a--;
	} else {
		*a = (struct entry_attribute){.name = name, .values = &p->values[p->value_count]};
		p->attribute_count++;
	}
	a->count++;
	p->values[p->value_count++] = slice_of(colon + 2, size - name.size - 2);
}

static inline void book_put(struct directory_builder *builder, uint32_t mid, const char *dn,
                            const char *attributes)
{
	struct book_parse p = {0};
	struct error e = {0};
	char legacy[64];

	for (const char *line = attributes; *line; line = strchr(line, '\n') + 1)
		book_parse_line(&p, line, strcspn(line, "\n"));
	snprintf(legacy, sizeof legacy, "/o=Test/ou=Site/cn=Recipients/cn=e%x", mid);
	struct entry entry = {
		.mid = mid,
		.dn = slice_of_string(dn),
		.legacy_dn = slice_of_string(legacy),
		.attributes = p.attributes,
		.count = p.attribute_count,
	};
	put_le32(entry.guid.bytes, mid);
	if (builder_put(builder, &entry, &e)) {
		fprintf(stderr, "%s: %s\n", dn, e.text);
		abort();
	}
}

static inline void book_fill(struct directory_builder *builder)
{
	for (size_t i = 0; i < sizeof book_entries / sizeof *book_entries; i++)
		book_put(builder, book_entries[i].mid, book_entries[i].dn,
		         book_entries[i].attributes);
}

static inline void book_publish(struct book *b, struct directory_builder *builder)
{
	directory_publish(b->directory, builder_finish(builder));
	if (b->snapshot)
		snapshot_unref(b->snapshot);
	b->snapshot = directory_acquire(b->directory);
}

/* Gives back what the latest call holds. */
static inline void book_end_call(struct book *b)
{
	if (b->call.operation)
		nspi_call_cancel(&b->call);
	arena_reset(&b->arena);
}

static const struct address book_client = {
	.bytes = {[10] = 0xff, 0xff, 192, 0, 2, 1},
          .port = 49152
};

static inline void book_begin_call(struct book *b)
{
	book_end_call(b);
	b->yields = 0;
	b->call = (struct nspi_call){
		.service = b->service,
		.snapshot = b->snapshot,
		.profile = b->profile,
		.arena = &b->arena,
		.principal = b->anna,
		.client = &book_client,
		.transport = SESSION_RPC_TCP,
		.group = GROUP,
	};
}

static inline struct nspi_stat book_stat(void)
{
	return (struct nspi_stat){.codepage = 1252, .template_locale = 0x409, .sort_locale = 0x409};
}

static inline struct book *book_new(enum nspi_profile profile)
{
	static const struct nspi_settings settings = {
		.max_rows = 1000,
		.max_answer_bytes = 1 << 20,
		.max_matches = 1000,
	};
	const struct directory_config directory = {0};
	const struct sessions_config sessions = {.accounts = {.status = book_status_of}};
	struct book *b = xcalloc(1, sizeof *b);

	b->profile = profile;
	b->directory = directory_new(&directory);
	b->limits = limits_new();
	b->sessions = sessions_new(&sessions, b->limits);
	b->server_guid = guid_random();
	b->service = nspi_service_new(b->sessions, &b->server_guid, &settings);
	b->anna = principal_new("anna", "ntlm", "PC1", true);
	arena_init(&b->arena, 16 << 20);
	return b;
}

static inline struct book *book_filled(enum nspi_profile profile)
{
	struct book *b = book_new(profile);
	struct directory_builder *builder = builder_new(b->directory, NULL);

	book_fill(builder);
	book_publish(b, builder);
	return b;
}

static inline void book_free(struct book *b)
{
	book_end_call(b);
	nspi_service_free(b->service);
	sessions_free(b->sessions);
	limits_free(b->limits);
	if (b->snapshot)
		snapshot_unref(b->snapshot);
	directory_free(b->directory);
	principal_unref(b->anna);
	arena_free(&b->arena);
	free(b);
}

#endif
