#ifndef CONF_CONF_H
#define CONF_CONF_H

/*
 * What the configuration file says, checked and with defaults filled in. Immutable once loaded;
 * a reload makes a new one and the old one stays in force when that fails. Options, their
 * types, defaults, ranges and help texts are one table in conf/options.c; man/nspid.conf.5 and
 * `nspid --check` follow it.
 */

#include "base/error.h"
#include "base/slice.h"

enum conf_profile {
	PROFILE_DIRECTORY, /* answers as a domain controller: MS-NSPI */
	PROFILE_EXCHANGE,  /* answers as Exchange: MS-OXNSPI */
	PROFILE_AUTO,      /* as Exchange over HTTP, else as a domain controller */
};

enum conf_service {
	SERVICE_RPC,             /* DCE/RPC over TCP: NSPI and mgmt */
	SERVICE_ENDPOINT_MAPPER, /* DCE/RPC over TCP: ept and mgmt */
	SERVICE_HTTP,            /* for this host and for proxies */
	SERVICE_HTTPS,
};

enum conf_anonymous {
	ANONYMOUS_OFF,  /* unauthenticated callers get LogonFailed, and no mgmt with anonymous NTLM
	                 */
	ANONYMOUS_MGMT, /* anonymous NTLM may log in and call mgmt; NspiBind is LogonFailed */
	ANONYMOUS_READ, /* everybody may read the address book */
};

struct conf_strings {
	char **items;
	size_t count;
};

struct conf_listener {
	char *name;
	enum conf_service service;
	char *address; /* numeric IPv4 or IPv6; "*" is both families, every address */
	uint16_t port; /* 0: the kernel chooses, told by the endpoint mapper and `nspictl status` */
	enum conf_profile profile;
	char *certificate, *key; /* paths of https; "" both: a self-signed one is made */
};

#define CONF_UNLIMITED UINT32_MAX

struct conf_limit {
	char *name;         /* of the account or group */
	uint32_t sessions;  /* CONF_UNLIMITED when written out */
	char *reason;       /* "" when none */
	uint64_t until_ms;  /* wall clock, 0: for ever */
	uint64_t review_ms; /* wall clock, 0: never */
};

enum conf_on_excess {
	ON_EXCESS_REFUSE,
	ON_EXCESS_AUDIT, /* grant, log what would have been refused */
};

enum conf_binding { BINDING_OFF, BINDING_ACCEPT, BINDING_REQUIRE };

/* Which part of the address book some accounts see. */
/* An address list. */
struct conf_list {
	char *name;
	char *filter, *dn, *parent;
	struct conf_strings names; /* "de-DE=Vertrieb" */
};

struct conf_view {
	char *name;
	struct conf_strings groups; /* of accounts; none: everybody who is in no other view */
	char *gal;                  /* a list or filter, their global list, "" = everything */
	struct conf_strings lists;  /* none: all */
};

/* Attributes that some accounts do not see. */
struct conf_withhold {
	char *name;
	struct conf_strings attributes; /* LDAP names */
	struct conf_strings from;       /* groups of accounts; none: everybody */
	struct conf_strings unless;     /* groups of accounts that see them all the same */
};

/* A server that clients are referred to. */
struct conf_referral {
	char *name; /* its DNS name */
	uint32_t weight;
};

struct conf_domain {
	char *name;  /* as clients write it: "CORP" */
	bool accept; /* false: its users are no local accounts */
};

/* One row of what is in force, as conf_describe prints it. */
struct conf_setting {
	const char *section; /* "" at the top of the file */
	char *title;         /* NULL for sections without one */
	const char *key;
	char *text;    /* as it would be written in the file */
	unsigned line; /* where it was written, 0: the default */
	bool restart;  /* a change waits for the next start */
};

struct conf {
	char *path;           /* of the file */
	char *state_dir;      /* the store lives here */
	char *control_socket; /* path */
	char *templates; /* folder of display templates; "": those that came with the program */
	char *run_as;    /* user to become when started as root, "" = stay */
	uint32_t loops;  /* event loops; 0: one a core */
	int log_level;   /* enum log_level */

	struct conf_listener *listeners;
	size_t listener_count;

	/* authentication */
	bool ntlm;
	enum conf_anonymous anonymous;
	char *netbios_domain; /* in the NTLM challenge */
	char *netbios_name;
	char *dns_domain;
	char *dns_name;
	struct conf_domain *domains; /* none: every domain name means the local accounts */
	size_t domain_count;
	uint32_t login_delay_max_ms; /* the longest pause after wrong passwords in a row */

	/* HTTP */
	bool http_mapi; /* MAPI over HTTP is served */
	bool http_basic;
	struct conf_strings http_proxies; /* addresses and networks */
	bool http_proxy_ntlm;             /* NTLM and Negotiate are offered through them */
	enum conf_binding http_binding;   /* extended protection of NTLM over TLS */
	uint32_t http_session_timeout_ms; /* of a session context of MAPI over HTTP */
	uint32_t http_pending_period_ms;  /* between the PENDINGs of a response */
	uint32_t http_head_timeout_ms;
	uint32_t http_body_timeout_ms;
	uint32_t http_idle_timeout_ms; /* between requests; 0: none */
	uint32_t http_max_requests;    /* of a connection; CONF_UNLIMITED: any number */
	char *address_book_url; /* told by autodiscover; "": made of the name it was asked by */
	char *mailbox_url;      /* the same; "": there is no mailbox server */
	struct conf_referral *referrals;
	size_t referral_count;

	/* sessions */
	uint32_t sessions_per_user;
	enum conf_on_excess on_excess;
	uint32_t warn_percent;
	struct conf_limit *accounts;
	size_t account_count;
	struct conf_limit *groups;
	size_t group_count;

	/* directory */
	struct conf_strings locales;        /* names of sort orders, beside en-US */
	struct conf_strings anr_attributes; /* LDAP names, beside the built-in ones */
	char *organization;                 /* the /o= of made-up legacyExchangeDNs */
	char *administrators;               /* group of accounts, "" for none */
	struct conf_strings self_writable;  /* LDAP names, beside what all may change */
	uint64_t map_size;                  /* bytes of address space of the store */
	char *hierarchy_root;               /* LDAP DN of a group; "" = no departments */
	struct conf_list *lists;
	size_t list_count;
	struct conf_view *views; /* an account has the first that it is in a group of */
	size_t view_count;
	struct conf_withhold *withholds;
	size_t withhold_count;

	/* answers */
	uint32_t max_rows;         /* of one answer */
	uint32_t max_answer_bytes; /* of one answer; at least one row is always returned */
	uint32_t max_matches;      /* entries in the result of one NspiGetMatches */
	uint32_t max_call_memory;  /* bytes, arena of one call */

	/* transport */
	uint32_t max_connections;
	uint32_t max_connections_per_address;
	uint32_t max_request_bytes;    /* one joined request */
	uint64_t max_reassembly_bytes; /* all half-received requests of the process */
	uint64_t max_unsent_bytes;     /* all answers that clients do not read */
	uint32_t bind_timeout_ms;      /* accepted -> first bind complete */
	uint32_t auth_timeout_ms;      /* bind -> authentication complete */
	uint32_t idle_timeout_ms;      /* no session and nothing said; 0: never */
	uint32_t write_timeout_ms;     /* answers not read */
	uint32_t stop_timeout_ms;      /* at the end: how long answers under way may take */
	uint32_t keepalive_idle_s;     /* 0: TCP keep-alive off */
	uint32_t keepalive_interval_s;
	uint32_t keepalive_count;
	uint32_t user_timeout_ms; /* TCP_USER_TIMEOUT, 0: off */

	struct conf_setting *settings; /* all of the above, for people */
	size_t setting_count;
};

/* Reads and checks the file. On failure *conf is untouched and e says "file:line: what, and the
 * fix". */
int conf_load(const char *path, struct conf **conf, struct error *e);
/* The same from memory; path is what messages call it. */
int conf_parse(const char *path, struct slice text, struct conf **conf, struct error *e);
void conf_free(struct conf *c); /* NULL is fine */

/* Prints every option in force as "key = value # origin" (default, or file:line) in the form of a
 * configuration file, for nspid --check. */
struct buffer;
void conf_describe(const struct conf *c, struct buffer *out);

/* Calls back for each setting of `after` that differs from `before` and takes effect only at the
 * next start. */
void conf_restart_needed(const struct conf *before, const struct conf *after,
                         void (*tell)(void *context, const struct conf_setting *setting),
                         void *context);

#endif
