#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/memory.h"
#include "conf/conf-private.h"
#include "conf/conf.h"

#define LISTENER "listener \"a\" { port = 0 }\n"

static struct conf *parse(const char *text)
{
	struct conf *c = NULL;
	struct error e = {0};
	if (conf_parse("f", slice_of_string(text), &c, &e))
		fail_msg("%s", e.text);
	return c;
}

static void assert_refused(const char *text, const char *message)
{
	struct conf *c = NULL;
	struct error e = {0};
	if (conf_parse("f", slice_of_string(text), &c, &e) == 0)
		fail_msg("taken: %s", text);
	assert_null(c);
	assert_string_equal(e.text, message);
}

static void a_listener_alone_gives_all_defaults(void **state)
{
	(void)state;
	struct conf *c = parse(LISTENER);
	assert_string_equal(c->state_dir, "/var/lib/nspid");
	assert_int_equal(c->log_level, LOG_LEVEL_INFO);
	assert_int_equal(c->listener_count, 1);
	assert_string_equal(c->listeners[0].name, "a");
	assert_string_equal(c->listeners[0].address, "*");
	assert_int_equal(c->listeners[0].service, SERVICE_RPC);
	assert_int_equal(c->sessions_per_user, 50);
	assert_int_equal(c->warn_percent, 80);
	assert_true(c->ntlm);
	assert_int_equal(c->anonymous, ANONYMOUS_OFF);
	assert_int_equal(c->max_reassembly_bytes, 256 << 20);
	assert_int_equal(c->keepalive_idle_s, 30);
	assert_int_equal(c->user_timeout_ms, 90000);
	assert_int_equal(c->anr_attributes.count, 0);
	assert_in_range(strlen(c->netbios_name), 1, 15);
	assert_in_range(strlen(c->dns_name), 1, 255);
	conf_free(c);
}

static void sections_and_units_are_read(void **state)
{
	(void)state;
	struct conf *c =
		parse("listener \"v6\" { address = \"::1\" port = 6004 profile = exchange }\n"
	              "listener \"epm\" {\r\n service = endpoint-mapper\r\n port=135}\n"
	              "sessions { per_user = unlimited on_excess = audit warn_at = 90% }\n"
	              "account \"svc\" { sessions = 0 reason = \"a \\\"b\\\" \\\\ \\${c}\" until = "
	              "1970-01-02 }\n"
	              "domain \"CORP\" { accept = no }\n"
	              "directory { anr_attributes = { \"pager\", employeeNumber } map_size = 1G }\n"
	              "timeouts { bind = 500ms idle = 0 keepalive_idle = 2m }\n");
	assert_int_equal(c->listener_count, 2);
	assert_string_equal(c->listeners[0].address, "::1");
	assert_int_equal(c->listeners[0].port, 6004);
	assert_int_equal(c->listeners[0].profile, PROFILE_EXCHANGE);
	assert_int_equal(c->listeners[1].service, SERVICE_ENDPOINT_MAPPER);
	assert_true(c->sessions_per_user == CONF_UNLIMITED);
	assert_int_equal(c->on_excess, ON_EXCESS_AUDIT);
	assert_int_equal(c->account_count, 1);
	assert_string_equal(c->accounts[0].name, "svc");
	assert_string_equal(c->accounts[0].reason, "a \"b\" \\ ${c}");
	assert_int_equal(c->accounts[0].sessions, 0);
	assert_int_equal(c->accounts[0].until_ms, 86400000);
	assert_false(c->domains[0].accept);
	assert_int_equal(c->anr_attributes.count, 2);
	assert_string_equal(c->anr_attributes.items[1], "employeeNumber");
	assert_int_equal(c->map_size, 1 << 30);
	assert_int_equal(c->bind_timeout_ms, 500);
	assert_int_equal(c->idle_timeout_ms, 0);
	assert_int_equal(c->keepalive_idle_s, 120);
	conf_free(c);
}

static void what_the_grammar_forbids_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"sessions {\nper_user = 5\n",
	         "f:1: the section that begins here is not closed: add a }"                                                                         },
		{"\nloops = 1\nloops = 2\n",
	         "f:3: loops was given on line 2 already: remove one of them"                                                                       },
		{"loops = 1\nloops = 1\n",
	         "f:2: loops was given on line 1 already: remove one of them"                                                                       },
		{"auth { }\nauth { }\n",
	         "f:2: auth was given on line 1 already: remove one of them"                                                                        },
		{"listener \"a\" { port = 0 }\nlistener \"a\" { port = 1 }\n",
	         "f:2: found duplicate title 'a'"												   },
		{"account \"a\" { sessions = 1 }\naccount \"A\" { sessions = 2 }\n",
	         "f:2: account: the name is taken by a section above"									       },
		{"account \"\" { sessions = 1 }\n",                                  "f:1: account: the name is empty"                              },
		{"account \"\xFF\" { sessions = 1 }\n",
	         "f:1: account: the name is not UTF-8 or has control characters in it"                                                              },
		{"account { sessions = 1 }\n",                                       "f:1: missing title for section 'account'"                     },
		{"directory { anr_attributes = { \"a\"\n",
	         "f:1: the list that begins here is not closed: add a }"									    },
		{"state_dir = \"${HOME}\"\n",                                        "f:1: ${...} is not expanded here: write \\$ for a "
	                                      "dollar sign, or the value itself"                       },
		{"state_dir = ${HOME}\n",
	         "f:1: unexpected character: write texts in double quotes"									  },
		{"state_dir = '/x'\n",					       "f:1: unexpected character: write texts in double quotes"      },
		{"state_dir = \"/x\n\"",
	         "f:1: a string ends on the line it begins on: add the closing \""                                                                  },
		{"state_dir = \"/x",						 "f:1: a string is not closed: add the closing \""              },
		{"state_dir = \"\\9\"",					      "f:1: after a backslash only \", \\ or $ can follow"           },
		{"state_dir = /a//b",						"f:1: comments begin with #; write a value that holds // or "
	                              "/* in double quotes"                                                    },
		{"per_user = 5\n",						   "f:1: unknown key \"per_user\"; it belongs in section sessions"},
		{"sessions {\n per_usr = 5 }\n",
	         "f:2: unknown key \"per_usr\" in section sessions: did you mean \"per_user\"?"                                                     },
		{"sesions { }\n",						    "f:1: unknown section \"sesions\": did you mean \"sessions\"?" },
		{"zebra { }\n",						      "f:1: unknown section \"zebra\"; see nspid.conf(5)"            },
		{"loops\n",							  "f:1: \"key = value\" or \"section {\" is wanted"              },
		{"loops =\n",							"f:1: a value is missing after ="                              },
		{"}\n",							      "f:1: \"key = value\" or \"section {\" is wanted"              },
		{"auth { domain \"x\" { } }\n",
	         "f:1: a section cannot stand inside another: close that one first with a }"                                                        },
		{"directory { anr_attributes += { a } }",
	         "f:1: unexpected character: write texts in double quotes"									  },
		{"include(\"/etc/passwd\")",
	         "f:1: unexpected character: write texts in double quotes"									  },
		{"loops = { 1 }\n",						  "f:1: unexpected token '{'"                                    },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_refused(cases[i].text, cases[i].message);
}

static void values_out_of_their_type_or_range_are_told_with_their_line(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"loops = -1\n",				      "f:1: loops = -1: a number is wanted"             },
		{"loops = 257\n",				     "f:1: loops = 257: 0 to 256 are allowed"          },
		{"loops = 99999999999999999999\n",
	         "f:1: loops = 99999999999999999999: a number is wanted"                                                },
		{"loops = \"\"\n",				    "f:1: loops = \"\": a number is wanted"           },
		{"\nlog_level = loud\n",
	         "f:2: log_level = loud: one of error, warn, info, debug is wanted"                                     },
		{"state_dir = var\n",                                 "f:1: state_dir = var: an absolute path is wanted"},
		{"auth { ntlm = maybe }\n",                           "f:1: ntlm = maybe: yes or no is wanted"          },
		{"auth { netbios_name = \"ABCDEFGHIJKLMNOP\" }\n",
	         "f:1: netbios_name has 16 bytes: 1 to 15 are allowed"                                                  },
		{"auth { netbios_name = \"A\001\" }\n",
	         "f:1: netbios_name is not UTF-8 or has control characters in it"                                       },
		{"auth { netbios_name = \"\xFF\" }\n",
	         "f:1: netbios_name is not UTF-8 or has control characters in it"                                       },
		{"sessions { per_user = none }\n",
	         "f:1: per_user = none: a number, or unlimited is wanted"                                               },
		{"sessions { warn_at = 101% }\n",                     "f:1: warn_at = 101%: 0 to 100% are allowed"      },
		{"account \"a\" { reason = \"x\" }\n",
	         "f:1: section account \"a\" needs a sessions"                                                          },
		{"account \"a\" { sessions = 1 until = soon }\n",
	         "f:1: until = soon: a date such as 2027-01-31 or 2027-01-31T18:00:00Z is "
	         "wanted"											       },
		{"limits { max_request = 1K }\n",                     "f:1: max_request = 1K: 64K to 64M are allowed"   },
		{"limits { max_request = 1X }\n",
	         "f:1: max_request = 1X: a size such as 512K, 4M or 1G is wanted"                                       },
		{"limits { max_reassembly = 99999999999T }\n",
	         "f:1: max_reassembly = 99999999999T: a size such as 512K, 4M or 1G is wanted"                          },
		{"timeouts { bind = 30 }\n",
	         "f:1: bind = 30: a span such as 500ms, 30s or 5m is wanted"                                            },
		{"timeouts { keepalive_idle = 1500ms }\n",
	         "f:1: keepalive_idle = 1500ms: whole seconds are wanted"                                               },
		{"listener \"a\" { address = localhost port = 1 }\n",
	         "f:1: address = localhost: a numeric IPv4 or IPv6 address, or \"*\" is wanted"                         },
		{"listener \"a\" { port = 65536 }\n",                 "f:1: port = 65536: 0 to 65535 are allowed"       },
		{"listener \"a\" { }\n",                              "f:1: section listener \"a\" needs a port"        },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_refused(cases[i].text, cases[i].message);
}

static void values_that_contradict_each_other_are_refused(void **state)
{
	(void)state;
	assert_refused("", "f: no listener: add listener \"nspi\" { service = rpc port = 0 }");
	assert_refused("listener \"a\" { port = 9 }\nlistener \"b\" { port = 9 }\n",
	               "f: listeners \"a\" and \"b\" have the same address and port");
	assert_refused(LISTENER "limits { max_request = 8M max_reassembly = 4M }\n",
	               "f: max_reassembly is less than max_request: raise it to that at least");
	assert_refused(LISTENER "limits { max_answer = 8M max_call_memory = 4M }\n",
	               "f: max_call_memory is less than max_answer: raise it to that at least");
	assert_refused("listener \"a\" { port = 0 certificate = \"/c\" }\n",
	               "f: listener \"a\" has a certificate without a key");
	assert_refused("listener \"a\" { port = 0 key = \"/k\" }\n",
	               "f: listener \"a\" has a key without a certificate");
	assert_refused(LISTENER "http { proxies = { \"10.0.0.0/8\", \"book\" } }\n",
	               "f: proxies: \"book\" is no address or network: write it like 192.0.2.1, "
	               "10.0.0.0/8 or 2001:db8::/32");
}

static void http_is_configured_in_a_section_of_its_own(void **state)
{
	struct conf *c = parse("listener \"a\" {\n service = https\n port = 443\n"
	                       " certificate = \"/c.pem\"\n key = \"/k.pem\"\n}\n"
	                       "http {\n basic = no\n proxies = { \"::1\", \"10.0.0.0/8\" }\n"
	                       " extended_protection = require\n max_requests = 100\n}\n"
	                       "referral \"one.example\" {\n weight = 3\n}\n");
	(void)state;
	assert_int_equal(c->listeners[0].service, SERVICE_HTTPS);
	assert_string_equal(c->listeners[0].key, "/k.pem");
	assert_false(c->http_basic);
	assert_false(c->http_proxy_ntlm);
	assert_int_equal(c->http_proxies.count, 2);
	assert_int_equal(c->http_binding, BINDING_REQUIRE);
	assert_int_equal(c->http_max_requests, 100);
	assert_int_equal(c->http_session_timeout_ms, 15 * 60 * 1000);
	assert_int_equal(c->http_pending_period_ms, 30 * 1000);
	assert_int_equal(c->referral_count, 1);
	assert_string_equal(c->referrals[0].name, "one.example");
	assert_int_equal(c->referrals[0].weight, 3);
	conf_free(c);
}

static void a_zero_byte_and_a_huge_file_are_refused(void **state)
{
	struct conf *c = NULL;
	struct error e = {0};
	(void)state;
	assert_int_equal(conf_parse("f", slice_of("loops\0=1", 8), &c, &e), ERR_INVALID);
	char *huge = xcalloc(1, (1 << 20) + 1);
	memset(huge, '\n', (1 << 20) + 1);
	assert_int_equal(conf_parse("f", slice_of(huge, (1 << 20) + 1), &c, &e), ERR_LIMIT);
	free(huge);
}

static void a_missing_file_is_named(void **state)
{
	struct conf *c = NULL;
	struct error e = {0};
	(void)state;
	assert_int_equal(conf_load("/nonexistent/nspid.conf", &c, &e), ERR_SYSTEM);
	assert_string_equal(e.text, "/nonexistent/nspid.conf: No such file or directory");
}

static void every_cut_of_a_good_file_is_taken_or_refused_with_a_message(void **state)
{
	static const char text[] =
		"loops = 2 # two\n" LISTENER "account \"s\" { sessions = 9 reason = \"\\\"\" }\n"
		"directory { anr_attributes = { \"a\", b } }\n";
	(void)state;
	for (size_t size = 0; size < sizeof text; size++) {
		struct conf *c = NULL;
		struct error e = {0};
		char *cut = xmemdup(text, size ? size : 1);
		if (conf_parse("f", slice_of(cut, size), &c, &e))
			assert_true(e.text[0] == 'f');
		conf_free(c);
		free(cut);
	}
}

static char *describe(const struct conf *c)
{
	struct buffer b;
	buffer_init(&b, 1 << 20);
	conf_describe(c, &b);
	buffer_put_u8(&b, 0);
	return (char *)b.data;
}

static void the_description_names_origins_and_reads_back_as_the_same(void **state)
{
	(void)state;
	struct conf *c =
		parse("loops = 2\n" LISTENER "account \"s\" {\n sessions = 9 reason = \"\\\"\" }\n"
	              "directory { anr_attributes = { \"a\", b } }\n");
	char *first = describe(c);
	assert_non_null(strstr(first, "loops = 2    # f:1\n"));
	assert_non_null(strstr(first, "\taddress = \"*\"    # default\n"));
	assert_non_null(strstr(first, "\naccount \"s\" {\n\tsessions = 9    # f:4\n"));
	struct conf *again = parse(first);
	assert_int_equal(again->loops, 2);
	assert_string_equal(again->accounts[0].reason, "\"");
	assert_int_equal(again->anr_attributes.count, 2);
	assert_int_equal(again->setting_count, c->setting_count);
	for (size_t i = 0; i < c->setting_count; i++)
		assert_string_equal(again->settings[i].text, c->settings[i].text);
	free(first);
	conf_free(again);
	conf_free(c);
}

static void note_key(void *context, const struct conf_setting *s)
{
	buffer_printf(context, "%s ", s->key);
}

static void changes_that_wait_for_a_restart_are_named(void **state)
{
	struct conf *before = parse(LISTENER "loops = 1\nlog_level = info\n");
	struct conf *after = parse(LISTENER "loops = 2\nlog_level = debug\n");
	struct buffer names;
	(void)state;
	buffer_init(&names, 1000);
	conf_restart_needed(before, after, note_key, &names);
	assert_int_equal(names.size, strlen("loops "));
	assert_memory_equal(names.data, "loops ", names.size);
	buffer_free(&names);
	conf_free(before);
	conf_free(after);
}

static char *read_source(const char *name)
{
	char *path = xasprintf("%s/%s", getenv("NSPID_SOURCE"), name);
	char *text = xcalloc(1, 1 << 20);
	FILE *file = fopen(path, "r");
	if (!file)
		fail_msg("%s cannot be opened", path);
	assert_int_not_equal(fread(text, 1, (1 << 20) - 1, file), 0);
	fclose(file);
	free(path);
	return text;
}

/* The part of a text that speaks of one section. */
static char *cut_section(const char *text, const char *begin, const char *end)
{
	const char *from = strstr(text, begin);
	if (!from)
		fail_msg("no \"%s\"", begin);
	const char *to = strstr(from + strlen(begin), end);
	return xstrndup(from, to ? (size_t)(to - from) : strlen(from));
}

static void every_option_stands_in_the_manual_with_its_default(void **state)
{
	char *manual = read_source("man/nspid.conf.5");
	(void)state;
	for (size_t i = 0; i < conf_option_count; i++) {
		const struct conf_option *o = &conf_options[i];
		char *heading = *o->section ? xasprintf(".Ss %s ", o->section)
		                            : xstrdup(".Ss Top of the file");
		char *part = cut_section(manual, heading, ".Ss ");
		char *item = xasprintf(".It Ic %s\n", o->key);
		char *about = cut_section(part, item, ".It ");
		const char *quote = conf_type_is_text(o->type) ? "\\(dq" : "";
		const char *value = o->type == CONF_STRINGS ? "{ }" : o->fallback;
		char *says = value ? xasprintf("Default: %s%s%s.", quote, value, quote)
		                   : xstrdup(o->required ? "Has to be given."
		                                         : "made from the name of the host.");
		if (!strstr(about, says))
			fail_msg("%s { %s } does not say \"%s\"", o->section, o->key, says);
		assert_true(o->restart == !!strstr(about, "takes effect at the next start"));
		free(says);
		free(about);
		free(item);
		free(part);
		free(heading);
	}
	free(manual);
}

/* Takes the # from lines that begin with it and no space. */
static void uncomment(char *text)
{
	bool line_begins = true;
	for (char *p = text; *p; p++) {
		if (line_begins && *p == '#' && p[1] != ' ')
			*p = ' ';
		line_begins = *p == '\n' || (line_begins && *p == '\t');
	}
}

static void the_sample_is_taken_as_it_is(void **state)
{
	char *sample = read_source("dist/nspid.conf");
	struct conf *c = parse(sample);
	(void)state;
	assert_int_equal(c->listener_count, 2);
	assert_int_equal(c->account_count, 0);
	conf_free(c);
	free(sample);
}

static void the_sample_has_every_option_with_its_default(void **state)
{
	char *sample = read_source("dist/nspid.conf");
	(void)state;
	uncomment(sample);
	struct conf *c = parse(sample);
	for (size_t i = 0; i < conf_option_count; i++) {
		const struct conf_option *o = &conf_options[i];
		bool found = false;
		for (size_t j = 0; j < c->setting_count; j++) {
			const struct conf_setting *s = &c->settings[j];
			found |= s->line && s->key == o->key && s->section == o->section;
		}
		if (!found)
			fail_msg("the sample lacks %s { %s }", o->section, o->key);
	}
	struct conf *plain = parse(LISTENER);
	assert_int_equal(c->max_reassembly_bytes, plain->max_reassembly_bytes);
	assert_int_equal(c->idle_timeout_ms, plain->idle_timeout_ms);
	assert_string_equal(c->state_dir, plain->state_dir);
	conf_free(plain);
	conf_free(c);
	free(sample);
}

static void every_default_is_in_its_own_range(void **state)
{
	(void)state;
	for (size_t i = 0; i < conf_option_count; i++) {
		const struct conf_option *o = &conf_options[i];
		union {
			uint64_t number;
			char *text;
			struct conf_strings list;
		} field = {0};
		struct error e = {0};
		if (o->fallback && conf_value_parse(o, o->fallback, &field, &e))
			fail_msg("%s { %s }: %s", o->section, o->key, e.text);
		conf_value_free(o, &field);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_listener_alone_gives_all_defaults),
		cmocka_unit_test(sections_and_units_are_read),
		cmocka_unit_test(what_the_grammar_forbids_is_told_with_its_line),
		cmocka_unit_test(values_out_of_their_type_or_range_are_told_with_their_line),
		cmocka_unit_test(values_that_contradict_each_other_are_refused),
		cmocka_unit_test(http_is_configured_in_a_section_of_its_own),
		cmocka_unit_test(a_zero_byte_and_a_huge_file_are_refused),
		cmocka_unit_test(a_missing_file_is_named),
		cmocka_unit_test(every_cut_of_a_good_file_is_taken_or_refused_with_a_message),
		cmocka_unit_test(the_description_names_origins_and_reads_back_as_the_same),
		cmocka_unit_test(changes_that_wait_for_a_restart_are_named),
		cmocka_unit_test(every_option_stands_in_the_manual_with_its_default),
		cmocka_unit_test(the_sample_is_taken_as_it_is),
		cmocka_unit_test(the_sample_has_every_option_with_its_default),
		cmocka_unit_test(every_default_is_in_its_own_range),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
