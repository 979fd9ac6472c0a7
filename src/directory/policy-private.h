#ifndef DIRECTORY_POLICY_PRIVATE_H
#define DIRECTORY_POLICY_PRIVATE_H

#include <stdatomic.h>

#include "directory/policy.h"

struct policy_names {
	char **items;
	size_t count;
};

struct policy_rule {
	char *name, *place;
	struct policy_names groups, lists;
	char *gal;
};

struct policy_list_rule {
	char *name, *place, *filter, *dn, *parent;
	struct policy_names names;
};

struct policy_withholding {
	char *name;
	struct policy_names from, unless;
};

struct policy {
	_Atomic uint32_t refs;
	size_t view_count, list_count, withhold_count, property_count;
	struct policy_rule *views;
	char *hierarchy_root; /* "": none */
	struct policy_list_rule *lists;
	struct policy_withholding *withholds;
	struct withheld_property {
		uint16_t id;
		uint16_t rules; /* a bit each */
	} * properties;         /* in order of id */
};

/* The rules, a bit each, that withhold a property from somebody. */
uint16_t policy_rules_of(const struct policy *p, uint16_t property_id);

#endif
