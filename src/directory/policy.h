#ifndef DIRECTORY_POLICY_H
#define DIRECTORY_POLICY_H

/*
 * Who sees what, as the configuration says it: views give groups of accounts a global address list
 * and address lists of their own, and attributes are withheld from everybody or from some.
 * Immutable and reference counted; each snapshot has the policy by which its lists were made. What
 * follows from it for one entry or property is decided in view.h.
 */

#include "directory/view.h"

struct policy;

struct policy_strings {
	const char *const *items;
	size_t count;
};

struct policy_view {
	const char *name, *place;     /* "file:line" */
	struct policy_strings groups; /* of accounts; none: of all who are in no other view */
	const char *gal; /* name of the list that is the global one, or a filter; "": all */
	struct policy_strings lists; /* names; none: all lists. Each is cut to the global one */
};

/* An address list by what is on it. */
struct policy_list {
	const char *name;
	const char *place;           /* "file:line", for messages */
	const char *filter;          /* LDAP filter; "": none */
	const char *dn;              /* of entries that name it in showInAddressBook; "": none */
	const char *parent;          /* name of the list it is shown below; "": the global one */
	struct policy_strings names; /* in other languages: "de-DE=Vertrieb", "fr=Ventes" */
};

struct policy_withhold {
	const char *name, *place;
	struct policy_strings attributes;    /* LDAP names */
	struct policy_strings from_groups;   /* none: from everybody */
	struct policy_strings unless_groups; /* whose members get them all the same */
};

enum { POLICY_VIEWS_MAX = 63, POLICY_LISTS_MAX = 48, POLICY_WITHHOLDS_MAX = 16 };

struct policy_config {
	const struct policy_view *views; /* an account has the first that fits */
	size_t view_count;
	const struct policy_withhold *withholds;
	size_t withhold_count;
	const char *
		hierarchy_root; /* LDAP DN of the group at the top of all departments; NULL: none */
	const struct policy_list *lists;
	size_t list_count;
};

/* Errors begin with the place. */
int policy_new(const struct policy_config *config, struct policy **out, struct error *e);
struct policy *policy_ref(struct policy *p);
void policy_unref(struct policy *p); /* NULL is fine */

/* What an account sees; in_group says whether it is in a group. */
struct audience policy_audience(const struct snapshot *s,
                                bool (*in_group)(void *context, const char *group), void *context);
/* Whether that still holds: by the policy of this snapshot. */
bool policy_is_of(const struct snapshot *s, struct audience audience);

/* For people: "" when the account is in no view, and when that has all entries. */
const char *policy_view_name(const struct snapshot *s, struct audience audience);
const char *policy_view_gal(const struct snapshot *s, struct audience audience);
/* Which attribute a property is that is withheld from the account, and by which rule; false when
 * none is. */
bool policy_withholds(const struct snapshot *s, struct audience audience, uint16_t property_id,
                      const char **attribute, const char **rule);

#endif
