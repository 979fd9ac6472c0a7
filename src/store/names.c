#include "store/names.h"

#include <stdlib.h>

#include "base/hashmap.h"
#include "base/memory.h"
#include "mapi/attributes.h"

enum {
	NAMES_MAX = 20000,
	NAME_MAX_SIZE = 600, /* ldif.h bounds name and options to 256 bytes each */
	ID_NONE = UINT16_MAX,
};

struct names {
	struct hashmap *by_name; /* lower case, with options -> struct name */
	struct name **kept;      /* by id */
	size_t kept_count, saved;
	uint16_t object_class;
	struct name *last; /* that a file had; NULL at first */
};

/* What becomes of an attribute, by name; where that ends with '*', by how it begins. */
static const struct rule {
	const char *name;
	enum name_use use;
} rules[] = {
	{"objectGUID",             NAME_GUID       },
	{"entryUUID",              NAME_GUID       },
	{"legacyExchangeDN",       NAME_LEGACY_DN  },

	{"authPassword",           NAME_SECRET     },
	{"currentValue",           NAME_SECRET     },
	{"krb*",		   NAME_SECRET     },
	{"msDS-KeyCredentialLink", NAME_SECRET     },
	{"msDS-ManagedPassword*",  NAME_SECRET     },
	{"msFVE-*",                NAME_SECRET     },
	{"msLAPS-*",               NAME_SECRET     },
	{"msPKI*",                 NAME_SECRET     },
	{"msTPM-*",                NAME_SECRET     },
	{"ms-Mcs-*",               NAME_SECRET     },
	{"nTSecurityDescriptor",   NAME_SECRET     },
	{"initialAuth*",           NAME_SECRET     },
	{"priorValue",             NAME_SECRET     },
	{"sambaNTPassword",        NAME_SECRET     },
	{"sambaLMPassword",        NAME_SECRET     },
	{"trustAuth*",             NAME_SECRET     },
	{"userPKCS12",             NAME_SECRET     },

	{"secretary",              NAME_KEPT       }, /* RFC 4524: a DN */

	{"accountExpires",         NAME_OPERATIONAL},
	{"badPasswordTime",        NAME_OPERATIONAL},
	{"badPwdCount",            NAME_OPERATIONAL},
	{"contextCSN",             NAME_OPERATIONAL},
	{"creatorsName",           NAME_OPERATIONAL},
	{"distinguishedName",      NAME_OPERATIONAL},
	{"dSCorePropagationData",  NAME_OPERATIONAL},
	{"entryCSN",               NAME_OPERATIONAL},
	{"entryDN",                NAME_OPERATIONAL},
	{"hasSubordinates",        NAME_OPERATIONAL},
	{"instanceType",           NAME_OPERATIONAL},
	{"lastLogoff",             NAME_OPERATIONAL},
	{"lastLogon",              NAME_OPERATIONAL},
	{"lastLogonTimestamp",     NAME_OPERATIONAL},
	{"lockoutTime",            NAME_OPERATIONAL},
	{"logonCount",             NAME_OPERATIONAL},
	{"maxPwdAge",              NAME_OPERATIONAL},
	{"minPwdAge",              NAME_OPERATIONAL},
	{"minPwdLength",           NAME_OPERATIONAL},
	{"modifiersName",          NAME_OPERATIONAL},
	{"numSubordinates",        NAME_OPERATIONAL},
	{"objectSid",              NAME_OPERATIONAL},
	{"pwdHistoryLength",       NAME_OPERATIONAL},
	{"pwdLastSet",             NAME_OPERATIONAL},
	{"pwdProperties",          NAME_OPERATIONAL},
	{"replPropertyMetaData",   NAME_OPERATIONAL},
	{"replUpToDateVector",     NAME_OPERATIONAL},
	{"repsFrom",               NAME_OPERATIONAL},
	{"repsTo",                 NAME_OPERATIONAL},
	{"structuralObjectClass",  NAME_OPERATIONAL},
	{"subschemaSubentry",      NAME_OPERATIONAL},
	{"uSNChanged",             NAME_OPERATIONAL},
	{"uSNCreated",             NAME_OPERATIONAL},
};

/* Attributes of schemas that nobody here has seen: a name that looks like a secret is one. */
static const char *const secret_words[] = {"pwd",        "passw",      "secret",
                                           "credential", "privatekey", "cleartext"};

static char *lower_copy(const char *name)
{
	char *copy = xstrdup(name);
	for (char *p = copy; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p |= 0x20;
	return copy;
}

static bool rule_applies(const struct rule *rule, struct slice name)
{
	size_t size = strlen(rule->name);
	if (rule->name[size - 1] != '*')
		return slice_equal_nocase(name, slice_of(rule->name, size));
	return name.size >= size - 1 &&
	       slice_equal_nocase(slice_of(name.data, size - 1), slice_of(rule->name, size - 1));
}

static enum name_use use_of(struct slice name, const char *lower)
{
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (rule_applies(&rules[i], name))
			return rules[i].use;
	const struct attribute *a = attribute_by_name(name);
	if (a)
		return a->conversion == CONVERT_BACKLINK ? NAME_BACK_LINK : NAME_KEPT;
	for (size_t i = 0; i < sizeof secret_words / sizeof *secret_words; i++)
		if (strstr(lower, secret_words[i]))
			return NAME_SECRET;
	return NAME_KEPT;
}

static enum name_syntax syntax_of(const struct attribute *a)
{
	if (!a || a->conversion == CONVERT_BINARY)
		return SYNTAX_BYTES;
	return a->conversion == CONVERT_LINK ? SYNTAX_LINK : SYNTAX_TEXT;
}

/* An attribute with options ("displayName;lang-ja") is kept, but is not the attribute that clients
 * see. */
static struct name *new_name(const char *spelled, const char *lower)
{
	struct slice base = slice_of(spelled, strcspn(spelled, ";"));
	const struct attribute *a = attribute_by_name(base);
	struct name *name = xcalloc(1, sizeof *name);
	name->use = use_of(base, lower);
	name->syntax = syntax_of(a);
	name->plain = spelled[base.size] == 0;
	name->id = ID_NONE;
	name->spelled = xstrdup(spelled);
	return name;
}

static struct name *add_name(struct names *n, const char *spelled, const char *lower)
{
	struct name *name = new_name(spelled, lower);
	hashmap_put(n->by_name, slice_of_string(lower), name);
	if (name->use != NAME_KEPT)
		return name;
	name->id = (uint16_t)n->kept_count;
	n->kept = xrealloc_array(n->kept, n->kept_count + 1, sizeof *n->kept);
	n->kept[n->kept_count++] = name;
	if (strcmp(lower, "objectclass") == 0)
		n->object_class = name->id;
	return name;
}

static int load_names(struct names *n, struct store *s, MDB_cursor *cursor, struct error *e)
{
	MDB_val key, value;
	while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
		uint32_t id = 0;
		memcpy(&id, key.mv_data, sizeof id);
		char *spelled = xstrndup(value.mv_data, value.mv_size);
		char *lower = lower_copy(spelled);
		struct name *name =
			id == n->kept_count && id < NAMES_MAX ? add_name(n, spelled, lower) : NULL;
		free(lower);
		free(spelled);
		if (!name || name->use != NAME_KEPT)
			return store_fail(s, e, MDB_CORRUPTED, "cannot read the attribute names");
	}
	n->saved = n->kept_count;
	return 0;
}

int names_load(struct store *s, MDB_txn *txn, struct names **out, struct error *e)
{
	MDB_cursor *cursor = NULL;
	int rc = mdb_cursor_open(txn, s->tables[TABLE_NAMES], &cursor);
	if (rc)
		return store_fail(s, e, rc, "cannot read the attribute names");
	struct names *n = xcalloc(1, sizeof *n);
	n->by_name = hashmap_new();
	n->object_class = ID_NONE;
	int err = load_names(n, s, cursor, e);
	mdb_cursor_close(cursor);
	if (err)
		names_free(n);
	else
		*out = n;
	return err;
}

void names_free(struct names *n)
{
	if (!n)
		return;
	size_t position = 0;
	void *value = NULL;
	while (hashmap_next(n->by_name, &position, NULL, &value)) {
		struct name *name = value;
		free(name->spelled);
		free(name);
	}
	hashmap_free(n->by_name);
	free(n->kept);
	free(n);
}

static bool is_transfer_option(struct slice option)
{
	return slice_equal_nocase(option, slice_of_string("binary")) ||
	       slice_starts_nocase(option, "range=");
}

static void append(char *text, size_t *size, struct slice s)
{
	memcpy(text + *size, s.data, s.size);
	*size += s.size;
	text[*size] = 0;
}

static void spell(char text[NAME_MAX_SIZE], struct slice name, struct slice options)
{
	size_t size = 0;
	append(text, &size, name);
	while (options.size) {
		const uint8_t *end = memchr(options.data, ';', options.size);
		size_t length = end ? (size_t)(end - options.data) : options.size;
		struct slice option = slice_of(options.data, length);
		if (length && !is_transfer_option(option)) {
			append(text, &size, slice_of_string(";"));
			append(text, &size, option);
		}
		length += end != NULL;
		options = slice_of(options.data + length, options.size - length);
	}
}

static struct name *look_up(struct names *n, struct slice name, struct slice options)
{
	char spelled[NAME_MAX_SIZE], lower[NAME_MAX_SIZE];
	spell(spelled, name, options);
	size_t size = strlen(spelled);
	for (size_t i = 0; i <= size; i++)
		lower[i] = spelled[i] >= 'A' && spelled[i] <= 'Z' ? spelled[i] | 0x20 : spelled[i];
	struct name *found = hashmap_get(n->by_name, slice_of(lower, size));
	if (found || hashmap_count(n->by_name) == NAMES_MAX)
		return found;
	return add_name(n, spelled, lower);
}

static bool is_spelled(const struct name *name, struct slice text)
{
	return name && slice_equal(text, slice_of_string(name->spelled));
}

/* Entries have much the same attributes one after the other, some of them several times. NULL when
 * it is another one. */
static struct name *guess(const struct names *n, struct slice name)
{
	if (!n->last || is_spelled(n->last, name))
		return n->last;
	return is_spelled(n->last->next, name) ? n->last->next : NULL;
}

struct name *names_take(struct names *n, struct slice name, struct slice options)
{
	struct name *found = options.size == 0 ? guess(n, name) : NULL;
	if (!found)
		found = look_up(n, name, options);
	if (found && n->last && found != n->last)
		n->last->next = found;
	if (found)
		n->last = found;
	return found;
}

const struct name *names_at(const struct names *n, uint16_t id)
{
	return id < n->kept_count ? n->kept[id] : NULL;
}

uint16_t names_object_class(const struct names *n)
{
	return n->object_class;
}

int names_save(struct names *n, struct store *s, MDB_txn *txn, struct error *e)
{
	int err = 0;
	for (; n->saved < n->kept_count && !err; n->saved++) {
		uint32_t id = (uint32_t)n->saved;
		err = store_put(s, txn, TABLE_NAMES, slice_of(&id, sizeof id),
		                slice_of_string(n->kept[id]->spelled), e);
	}
	return err;
}
