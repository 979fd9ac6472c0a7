#include "conf/conf-private.h"

#include <limits.h>
#include <stddef.h>

#include "base/log.h"

#define KIB    UINT64_C(1024)
#define MIB    (1024 * KIB)
#define GIB    (1024 * MIB)
#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static const struct conf_choice log_levels[] = {
	{"error", LOG_LEVEL_ERROR},
	{"warn",  LOG_LEVEL_WARN },
	{"info",  LOG_LEVEL_INFO },
	{"debug", LOG_LEVEL_DEBUG},
	{NULL,    0              },
};

static const struct conf_choice services[] = {
	{"rpc",             SERVICE_RPC            },
	{"endpoint-mapper", SERVICE_ENDPOINT_MAPPER},
	{"http",            SERVICE_HTTP           },
	{"https",           SERVICE_HTTPS          },
	{NULL,              0		      },
};

static const struct conf_choice profiles[] = {
	{"auto",      PROFILE_AUTO     },
	{"directory", PROFILE_DIRECTORY},
	{"exchange",  PROFILE_EXCHANGE },
	{NULL,        0		},
};

static const struct conf_choice anonymous[] = {
	{"off",  ANONYMOUS_OFF },
	{"mgmt", ANONYMOUS_MGMT},
	{"read", ANONYMOUS_READ},
	{NULL,   0             },
};

static const struct conf_choice bindings[] = {
	{"off",     BINDING_OFF    },
	{"accept",  BINDING_ACCEPT },
	{"require", BINDING_REQUIRE},
	{NULL,      0              },
};

static const struct conf_choice on_excess[] = {
	{"refuse", ON_EXCESS_REFUSE},
	{"audit",  ON_EXCESS_AUDIT },
	{NULL,     0               },
};

static const struct conf_choice flags[] = {
	{"yes",   true },
	{"no",    false},
	{"true",  true },
	{"false", false},
	{"on",    true },
	{"off",   false},
	{NULL,    0    },
};

#define ITEMS(field, counter, type)                                                                \
	offsetof(struct conf, field), offsetof(struct conf, counter), sizeof(type)

/* clang-format off */
const struct conf_section conf_sections[] = {
	{ "",          false, 0, 0, 0, "the process" },
	{ "listener",  true,  ITEMS(listeners, listener_count, struct conf_listener),
	  "an address and port to listen on, and what is spoken there" },
	{ "auth",      false, 0, 0, 0, "how clients prove who they are" },
	{ "domain",    true,  ITEMS(domains, domain_count, struct conf_domain),
	  "a domain name as clients write it; with none, every name means the local accounts" },
	{ "http",      false, 0, 0, 0, "MAPI over HTTP, autodiscover, and logins over HTTP" },
	{ "referral",  true,  ITEMS(referrals, referral_count, struct conf_referral),
	  "a server, by its DNS name, to which clients are referred that ask which one to use; with none, this one" },
	{ "sessions",  false, 0, 0, 0, "how many sessions a user may hold" },
	{ "account",   true,  ITEMS(accounts, account_count, struct conf_limit),
	  "a limit for one account" },
	{ "group",     true,  ITEMS(groups, group_count, struct conf_limit),
	  "a limit for each member of a group of accounts" },
	{ "directory", false, 0, 0, 0, "the address book" },
	{ "list",      true,  ITEMS(lists, list_count, struct conf_list),
	  "an address list, by what is on it" },
	{ "view",      true,  ITEMS(views, view_count, struct conf_view),
	  "the part of the address book that some accounts see; an account has the first one that it is in a group of" },
	{ "withhold",  true,  ITEMS(withholds, withhold_count, struct conf_withhold),
	  "attributes that clients do not get to see" },
	{ "limits",    false, 0, 0, 0, "how much one client may ask for" },
	{ "timeouts",  false, 0, 0, 0, "how long a silent or dead client is waited for" },
};

#define TOP(field) offsetof(struct conf, field)
#define LISTENER(field) offsetof(struct conf_listener, field)
#define REFERRAL(field) offsetof(struct conf_referral, field)
#define DOMAIN(field) offsetof(struct conf_domain, field)
#define LIMIT(field) offsetof(struct conf_limit, field)
#define LIST(field) offsetof(struct conf_list, field)
#define VIEW(field) offsetof(struct conf_view, field)
#define WITHHOLD(field) offsetof(struct conf_withhold, field)

const struct conf_option conf_options[] = {
	{ "", "state_dir", CONF_PATH, TOP(state_dir), "/var/lib/nspid", 1, 1000, .restart = true,
	  .help = "where the store lives" },
	{ "", "control_socket", CONF_PATH, TOP(control_socket), "/run/nspid/control.sock", 1, 107, .restart = true,
	  .help = "the socket that nspictl talks to" },
	{ "", "templates", CONF_PATH, TOP(templates), "", 0, 1000,
	  .help = "the folder of the descriptions of clients' dialogs, read again on reload; empty: those that came with "
	          "the program" },
	{ "", "run_as", CONF_TEXT, TOP(run_as), "", 0, 32, .restart = true,
	  .help = "user to become after the ports are bound when started as root; empty: stay" },
	{ "", "loops", CONF_NUMBER, TOP(loops), "0", 0, 256, .restart = true,
	  .help = "event loops, each a thread; 0: one a core" },
	{ "", "log_level", CONF_CHOICE, TOP(log_level), "info", .choices = log_levels,
	  .help = "how much is logged" },

	{ "listener", "service", CONF_CHOICE, LISTENER(service), "rpc", .choices = services, .restart = true,
	  .help = "rpc: the address book; endpoint-mapper: where clients ask for its port; https: the address book as "
	          "MAPI over HTTP; http: the same for this host and for the proxies of section http" },
	{ "listener", "address", CONF_ADDRESS, LISTENER(address), "*", 1, 63, .restart = true,
	  .help = "numeric IPv4 or IPv6 address; \"*\": every address of both families" },
	{ "listener", "port", CONF_PORT, LISTENER(port), NULL, 0, UINT16_MAX, .required = true, .restart = true,
	  .help = "TCP port; 0: the kernel chooses and the endpoint mapper tells" },
	{ "listener", "profile", CONF_CHOICE, LISTENER(profile), "auto", .choices = profiles, .restart = true,
	  .help = "answer as a domain controller (MS-NSPI) or as Exchange (MS-OXNSPI); auto: as Exchange over HTTP, else "
	          "as a domain controller" },

	{ "listener", "certificate", CONF_PATH, LISTENER(certificate), "", 0, 1000, .restart = true,
	  .help = "of https: a PEM file with the certificate and those that lead to its issuer, read again on reload; "
	          "empty: a self-signed one is made in the state directory" },
	{ "listener", "key", CONF_PATH, LISTENER(key), "", 0, 1000, .restart = true,
	  .help = "of https: a PEM file with the private key of the certificate" },

	{ "auth", "ntlm", CONF_FLAG, TOP(ntlm), "yes", .choices = flags,
	  .help = "offer NTLMv2; no: NT hashes of passwords are not kept, and those there are go at the next start" },
	{ "auth", "anonymous", CONF_CHOICE, TOP(anonymous), "off", .choices = anonymous,
	  .help = "what callers without a password may do" },
	{ "auth", "netbios_domain", CONF_TEXT, TOP(netbios_domain), NULL, 1, 15,
	  .help = "NetBIOS domain name told to NTLM clients" },
	{ "auth", "netbios_name", CONF_TEXT, TOP(netbios_name), NULL, 1, 15,
	  .help = "NetBIOS computer name told to NTLM clients" },
	{ "auth", "dns_domain", CONF_TEXT, TOP(dns_domain), NULL, 1, 255,
	  .help = "DNS domain told to NTLM clients" },
	{ "auth", "dns_name", CONF_TEXT, TOP(dns_name), NULL, 1, 255,
	  .help = "DNS name told to NTLM clients" },
	{ "auth", "login_delay_max", CONF_MILLISECONDS, TOP(login_delay_max_ms), "30s", 0, 5 * MINUTE,
	  .help = "the longest pause after wrong passwords in a row, per account and client address" },

	{ "domain", "accept", CONF_FLAG, DOMAIN(accept), "yes", .choices = flags,
	  .help = "its users are the local accounts; no: they are unknown" },

	{ "http", "mapi", CONF_FLAG, TOP(http_mapi), "yes", .choices = flags,
	  .help = "serve the address book as MAPI over HTTP, at /mapi/nspi/" },
	{ "http", "basic", CONF_FLAG, TOP(http_basic), "yes", .choices = flags,
	  .help = "take names and passwords in the clear (Basic): over TLS, from this host, and from the proxies below" },
	{ "http", "proxies", CONF_STRINGS, TOP(http_proxies), "", 0, 64,
	  .help = "addresses and networks of reverse proxies: they may use plain HTTP, and their X-Forwarded-For and "
	          "X-Forwarded-Proto are believed" },
	{ "http", "proxy_ntlm", CONF_FLAG, TOP(http_proxy_ntlm), "no", .choices = flags,
	  .help = "offer NTLM and Negotiate through the proxies: only for those that use no connection to nspid for "
	          "several clients" },
	{ "http", "extended_protection", CONF_CHOICE, TOP(http_binding), "off", .choices = bindings,
	  .help = "whether an NTLM login over TLS has to be bound to that TLS channel: accept: if the client binds it; "
	          "require: always" },
	{ "http", "session_timeout", CONF_MILLISECONDS, TOP(http_session_timeout_ms), "15m", 1000, DAY,
	  .help = "how long a session lives without a request" },
	{ "http", "pending_period", CONF_MILLISECONDS, TOP(http_pending_period_ms), "30s", 100, DAY,
	  .help = "how often a client is told that its request is still being worked on" },
	{ "http", "head_timeout", CONF_MILLISECONDS, TOP(http_head_timeout_ms), "30s", 100, DAY,
	  .help = "from connecting to the end of the first request's headers, and for the headers of each later one" },
	{ "http", "body_timeout", CONF_MILLISECONDS, TOP(http_body_timeout_ms), "60s", 100, DAY,
	  .help = "for the body of a request" },
	{ "http", "idle_timeout", CONF_MILLISECONDS, TOP(http_idle_timeout_ms), "5m", 0, DAY,
	  .help = "a connection that makes no request; its sessions go on; 0: for ever" },
	{ "http", "max_requests", CONF_LIMIT, TOP(http_max_requests), "unlimited", 1, UINT32_MAX - 1,
	  .help = "requests after which a connection is closed" },
	{ "http", "address_book_url", CONF_TEXT, TOP(address_book_url), "", 0, 500,
	  .help = "the URL of /mapi/nspi/ that autodiscover tells; empty: made of the name that the client used" },
	{ "http", "mailbox_url", CONF_TEXT, TOP(mailbox_url), "", 0, 500,
	  .help = "the URL of a mailbox server's MAPI over HTTP that autodiscover tells beside it; empty: none" },

	{ "referral", "weight", CONF_NUMBER, REFERRAL(weight), "1", 0, 1000,
	  .help = "its share of the clients: of two servers with 1 and 3 the second gets three of four; 0: none" },

	{ "sessions", "per_user", CONF_LIMIT, TOP(sessions_per_user), "50", 0, UINT32_MAX - 1,
	  .help = "concurrent sessions of one user; 0: nobody may" },
	{ "sessions", "on_excess", CONF_CHOICE, TOP(on_excess), "refuse", .choices = on_excess,
	  .help = "refuse the session, or grant it and log what would have been refused" },
	{ "sessions", "warn_at", CONF_PERCENT, TOP(warn_percent), "80%", 0, 100,
	  .help = "share of the limit at which a warning is logged; 0%: never" },

	{ "account", "sessions", CONF_LIMIT, LIMIT(sessions), NULL, 0, UINT32_MAX - 1, .required = true,
	  .help = "concurrent sessions of the account" },
	{ "account", "reason", CONF_TEXT, LIMIT(reason), "", 0, 255,
	  .help = "why, for those who read the listing later" },
	{ "account", "until", CONF_DATE, LIMIT(until_ms), "", 0, UINT64_MAX,
	  .help = "end of the limit, as 2027-01-31 or 2027-01-31T18:00:00Z" },
	{ "account", "review", CONF_DATE, LIMIT(review_ms), "", 0, UINT64_MAX,
	  .help = "when somebody should look at it again; only a reminder" },

	{ "group", "sessions", CONF_LIMIT, LIMIT(sessions), NULL, 0, UINT32_MAX - 1, .required = true,
	  .help = "concurrent sessions of each member; of several groups the highest counts" },
	{ "group", "reason", CONF_TEXT, LIMIT(reason), "", 0, 255,
	  .help = "why, for those who read the listing later" },
	{ "group", "until", CONF_DATE, LIMIT(until_ms), "", 0, UINT64_MAX,
	  .help = "end of the limit, as 2027-01-31 or 2027-01-31T18:00:00Z" },
	{ "group", "review", CONF_DATE, LIMIT(review_ms), "", 0, UINT64_MAX,
	  .help = "when somebody should look at it again; only a reminder" },

	{ "directory", "organization", CONF_TEXT, TOP(organization), "Organization", 1, 64, .restart = true,
	  .help = "the /o= of the legacyExchangeDN made up for entries that have none" },
	{ "directory", "locales", CONF_STRINGS, TOP(locales), "", 0, 64, .restart = true,
	  .help = "locales whose sort orders are kept beside en-US, such as \"de-DE\" and \"ja-JP\"; other clients get "
	          "the nearest" },
	{ "directory", "anr_attributes", CONF_STRINGS, TOP(anr_attributes), "", 0, 64, .restart = true,
	  .help = "LDAP attributes searched by name resolution, beside the built-in ones" },
	{ "directory", "administrators", CONF_TEXT, TOP(administrators), "", 0, 256, .restart = true,
	  .help = "group of accounts whose members may change of every entry what its owner may; empty: none" },
	{ "directory", "self_writable", CONF_STRINGS, TOP(self_writable), "", 0, 64, .restart = true,
	  .help = "LDAP attributes that users may change of their own entry, beside certificates and delegates" },
	{ "directory", "hierarchy_root", CONF_TEXT, TOP(hierarchy_root), "", 0, 1000,
	  .help = "LDAP DN of the organizational group at the top of the departments, which are address lists then; empty: "
	          "none" },
	{ "directory", "map_size", CONF_BIG_SIZE, TOP(map_size), "64G", 16 * MIB, 16 * KIB * GIB, .restart = true,
	  .help = "address space of the store; its file never grows beyond it" },

	{ "list", "filter", CONF_TEXT, LIST(filter), "", 0, 4000,
	  .help = "LDAP filter that entries on it fit, such as \"(department=Sales)\"" },
	{ "list", "dn", CONF_TEXT, LIST(dn), "", 0, 1000,
	  .help = "LDAP name of the list: entries with it in showInAddressBook are on it too" },
	{ "list", "parent", CONF_TEXT, LIST(parent), "", 0, 256,
	  .help = "name of the list that it is shown below; empty: the global address list" },
	{ "list", "names", CONF_STRINGS, LIST(names), "", 0, 256,
	  .help = "its name in other languages, such as \"de-DE=Vertrieb\" or \"fr=Ventes\"" },

	{ "view", "groups", CONF_STRINGS, VIEW(groups), "", 0, 256,
	  .help = "groups of accounts that see it; empty: everybody who is in no other view" },
	{ "view", "gal", CONF_TEXT, VIEW(gal), "", 0, 1000,
	  .help = "the address list that is the global one of this view, by name or as an LDAP filter; what is not on it "
	          "is not there at all; empty: everything is on it" },
	{ "view", "lists", CONF_STRINGS, VIEW(lists), "", 0, 256,
	  .help = "names of the address lists of this view, of each what is on its global one too; empty: all lists" },

	{ "withhold", "attributes", CONF_STRINGS, WITHHOLD(attributes), "", 0, 64,
	  .help = "LDAP names; they are in no answer, and no search finds anything by them" },
	{ "withhold", "from_groups", CONF_STRINGS, WITHHOLD(from), "", 0, 256,
	  .help = "groups of accounts that do not get them; empty: nobody does" },
	{ "withhold", "unless_groups", CONF_STRINGS, WITHHOLD(unless), "", 0, 256,
	  .help = "groups of accounts that get them all the same" },

	{ "limits", "max_rows", CONF_NUMBER, TOP(max_rows), "5000", 1, 100000,
	  .help = "rows in one answer" },
	{ "limits", "max_answer", CONF_SIZE, TOP(max_answer_bytes), "4M", 64 * KIB, 64 * MIB,
	  .help = "bytes in one answer, which holds one row at least" },
	{ "limits", "max_matches", CONF_NUMBER, TOP(max_matches), "100000", 1, 100000,
	  .help = "entries that one search may find" },
	{ "limits", "max_call_memory", CONF_SIZE, TOP(max_call_memory), "64M", MIB, GIB,
	  .help = "memory that one call may take" },
	{ "limits", "max_connections", CONF_NUMBER, TOP(max_connections), "65536", 1, 1048576,
	  .help = "connections at once" },
	{ "limits", "max_connections_per_address", CONF_LIMIT, TOP(max_connections_per_address), "20000", 1, 1048576,
	  .help = "connections at once from one client address" },
	{ "limits", "max_request", CONF_SIZE, TOP(max_request_bytes), "4M", 64 * KIB, 64 * MIB,
	  .help = "bytes of one request, all fragments joined" },
	{ "limits", "max_reassembly", CONF_BIG_SIZE, TOP(max_reassembly_bytes), "256M", MIB, 64 * GIB,
	  .help = "bytes of all half-received requests together" },
	{ "limits", "max_unsent", CONF_BIG_SIZE, TOP(max_unsent_bytes), "256M", MIB, 64 * GIB,
	  .help = "bytes of all answers together that clients do not read" },

	{ "timeouts", "bind", CONF_MILLISECONDS, TOP(bind_timeout_ms), "30s", 100, DAY,
	  .help = "from connecting to the end of the first bind" },
	{ "timeouts", "auth", CONF_MILLISECONDS, TOP(auth_timeout_ms), "30s", 100, DAY,
	  .help = "from the first to the last leg of authentication" },
	{ "timeouts", "idle", CONF_MILLISECONDS, TOP(idle_timeout_ms), "15m", 0, 30 * DAY,
	  .help = "a connection that holds no session and says nothing; 0: for ever" },
	{ "timeouts", "write", CONF_MILLISECONDS, TOP(write_timeout_ms), "60s", 100, DAY,
	  .help = "a client that does not read its answers" },
	{ "timeouts", "stop", CONF_MILLISECONDS, TOP(stop_timeout_ms), "5s", 0, MINUTE,
	  .help = "how long answers under way may take when the server ends" },
	{ "timeouts", "keepalive_idle", CONF_SECONDS, TOP(keepalive_idle_s), "30s", 0, DAY,
	  .help = "silence after which TCP asks whether the client lives; 0: never" },
	{ "timeouts", "keepalive_interval", CONF_SECONDS, TOP(keepalive_interval_s), "10s", SECOND, HOUR,
	  .help = "between two such questions" },
	{ "timeouts", "keepalive_count", CONF_NUMBER, TOP(keepalive_count), "6", 1, 127,
	  .help = "questions without an answer that end the connection" },
	{ "timeouts", "user_timeout", CONF_MILLISECONDS, TOP(user_timeout_ms), "90s", 0, DAY,
	  .help = "sent data that the client's host does not acknowledge (TCP_USER_TIMEOUT); 0: the system's" },
};
/* clang-format on */

const size_t conf_section_count = sizeof conf_sections / sizeof conf_sections[0];
const size_t conf_option_count = sizeof conf_options / sizeof conf_options[0];

const struct conf_section *conf_find_section(struct slice name)
{
	for (size_t i = 0; i < conf_section_count; i++)
		if (slice_equal(name, slice_of_string(conf_sections[i].name)))
			return &conf_sections[i];
	return NULL;
}

const struct conf_option *conf_find_option(const char *section, struct slice key)
{
	for (size_t i = 0; i < conf_option_count; i++)
		if (strcmp(conf_options[i].section, section) == 0 &&
		    slice_equal(key, slice_of_string(conf_options[i].key)))
			return &conf_options[i];
	return NULL;
}

#define SUGGEST_MAX_LENGTH 63

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;
	return m < c ? m : c;
}

/* Levenshtein distance, one row at a time. */
static unsigned distance(struct slice a, struct slice b)
{
	unsigned row[SUGGEST_MAX_LENGTH + 1];

	if (a.size > SUGGEST_MAX_LENGTH || b.size > SUGGEST_MAX_LENGTH)
		return UINT_MAX;
	for (unsigned j = 0; j <= b.size; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.size; i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (unsigned j = 1; j <= b.size; j++) {
			unsigned replaced = diagonal + (a.data[i - 1] != b.data[j - 1]);
			diagonal = row[j];
			row[j] = min3(row[j] + 1, row[j - 1] + 1, replaced);
		}
	}
	return row[b.size];
}

struct nearest {
	struct slice written;
	const char *word;
	unsigned distance;
};

static void consider(struct nearest *n, const char *word)
{
	unsigned d = distance(n->written, slice_of_string(word));

	if (d < n->distance) {
		n->distance = d;
		n->word = word;
	}
}

const char *conf_suggest(const char *section, struct slice written)
{
	/* Farther than this it is another word, not a slip of the fingers. */
	struct nearest n = {.written = written, .distance = 1 + (unsigned)(written.size / 3) + 1};

	for (size_t i = 0; section && i < conf_option_count; i++)
		if (strcmp(conf_options[i].section, section) == 0)
			consider(&n, conf_options[i].key);
	for (size_t i = 1; !section && i < conf_section_count; i++)
		consider(&n, conf_sections[i].name);
	return n.word;
}
