#include "conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/network.h"
#include "conf/conf-private.h"

#define MAX_FILE_BYTES    (1 << 20)
#define MAX_WRITTEN_BYTES (1 << 20)
#define MAX_NAME_BYTES    256

struct loader {
	const char *path;
	struct conf_places places;
	char host[256]; /* of which names are made when none are given */
	struct conf *conf;
	struct error *error;
};

/* The host's name in the four ways NTLM clients are told it. */
static void derive_name(const struct loader *l, const struct conf_option *o, char *out, size_t size)
{
	const char *dot = strchr(l->host, '.');

	if (strcmp(o->key, "dns_name") == 0 || (strcmp(o->key, "dns_domain") == 0 && !dot)) {
		snprintf(out, size, "%s", l->host);
	} else if (strcmp(o->key, "dns_domain") == 0) {
		snprintf(out, size, "%s", dot + 1);
	} else {
		snprintf(out, size, "%.*s", (int)o->max, l->host);
		out[strcspn(out, ".")] = '\0';
		for (char *p = out; *p; p++)
			if (*p >= 'a' && *p <= 'z')
				*p = (char)(*p - 'a' + 'A');
	}
}

static int convert_list(struct loader *l, cfg_t *section, const struct conf_option *o, void *field,
                        struct buffer *written)
{
	int err = 0;

	buffer_put_string(written, "{");
	for (unsigned i = 0; !err && i < cfg_size(section, o->key); i++) {
		const char *item = cfg_getnstr(section, o->key, i);
		buffer_put_string(written, i ? ", " : " ");
		conf_quote(written, item);
		err = conf_value_parse(o, item, field, l->error);
	}
	buffer_put_string(written, " }");
	return err;
}

static int convert_one(struct loader *l, const struct conf_option *o, const char *text, void *field,
                       struct buffer *written)
{
	char derived[256];

	if (!text) {
		derive_name(l, o, derived, sizeof derived);
		text = derived;
	}
	if (conf_type_is_text(o->type))
		conf_quote(written, text);
	else
		buffer_put_string(written, text);
	return conf_value_parse(o, text, field, l->error);
}

static void keep_setting(struct loader *l, cfg_t *section, const struct conf_option *o,
                         unsigned line, const struct buffer *written)
{
	struct conf *c = l->conf;
	const char *title = cfg_title(section);

	c->settings = xrealloc_array(c->settings, c->setting_count + 1, sizeof *c->settings);
	c->settings[c->setting_count++] = (struct conf_setting){
		.section = o->section,
		.title = title ? xstrdup(title) : NULL,
		.key = o->key,
		.text = xstrndup((const char *)written->data, written->size),
		.line = line,
		.restart = o->restart,
	};
}

static int convert(struct loader *l, cfg_t *section, const struct conf_place *in,
                   const struct conf_option *o, void *item)
{
	const struct conf_place *at = conf_place_find(&l->places, in->section, in->ordinal, o);
	void *field = (char *)item + o->offset;
	struct buffer written;
	int err = 0;

	if (!at && o->required)
		return error_set(l->error, ERR_INVALID, "%s:%u: section %s \"%s\" needs a %s",
		                 l->path, in->line, o->section, cfg_title(section), o->key);
	buffer_init(&written, MAX_WRITTEN_BYTES);
	if (o->type == CONF_STRINGS)
		err = convert_list(l, section, o, field, &written);
	else
		err = convert_one(l, o, at ? cfg_getstr(section, o->key) : o->fallback, field,
		                  &written);
	if (err)
		error_prefix(l->error, "%s:%u", l->path, at ? at->line : 0);
	else
		keep_setting(l, section, o, at ? at->line : 0, &written);
	buffer_free(&written);
	return err;
}

static int load_section(struct loader *l, cfg_t *section, const struct conf_place *in, void *item)
{
	int err = 0;

	for (size_t i = 0; !err && i < conf_option_count; i++)
		if (strcmp(conf_options[i].section, in->section->name) == 0)
			err = convert(l, section, in, &conf_options[i], item);
	return err;
}

static char **item_name(void *item)
{
	return item; /* the first member of every item */
}

/* NULL before they are loaded. */
static char *items_of(const struct conf *c, const struct conf_section *s)
{
	char *items = NULL;

	memcpy(&items, (const char *)c + s->items, sizeof items);
	return items;
}

static void *item_at(const struct conf *c, const struct conf_section *s, size_t i)
{
	return items_of(c, s) + i * s->item_size;
}

static size_t *item_count(struct conf *c, const struct conf_section *s)
{
	return (size_t *)(void *)((char *)c + s->count);
}

static bool name_is_taken(struct conf *c, const struct conf_section *s, const char *name)
{
	for (size_t i = 0; i < *item_count(c, s); i++)
		if (strcasecmp(*item_name(item_at(c, s, i)), name) == 0)
			return true;
	return false;
}

/* What is wrong with the name of a section; NULL when nothing is. */
static const char *name_fault(struct conf *c, const struct conf_section *s, const char *name)
{
	if (!*name)
		return "is empty";
	if (strlen(name) > MAX_NAME_BYTES)
		return "is too long";
	if (!conf_text_valid(name))
		return "is not UTF-8 or has control characters in it";
	return name_is_taken(c, s, name) ? "is taken by a section above" : NULL;
}

static int load_item(struct loader *l, cfg_t *section, const struct conf_place *in)
{
	const struct conf_section *s = in->section;
	const char *name = cfg_title(section);
	const char *fault = name_fault(l->conf, s, name);

	if (fault)
		return error_set(l->error, ERR_INVALID, "%s:%u: %s: the name %s", l->path, in->line,
		                 s->name, fault);
	void *item = item_at(l->conf, s, (*item_count(l->conf, s))++);
	*item_name(item) = xstrdup(name);
	return load_section(l, section, in, item);
}

static int load_items(struct loader *l, cfg_t *cfg, const struct conf_section *s)
{
	unsigned count = cfg_size(cfg, s->name);
	void *items = xcalloc(count + 1, s->item_size);
	int err = 0;

	memcpy((char *)l->conf + s->items, &items, sizeof items);
	for (unsigned i = 0; !err && i < count; i++)
		err = load_item(l, cfg_getnsec(cfg, s->name, i),
		                conf_place_find(&l->places, s, i, NULL));
	return err;
}

static int load_all(struct loader *l, cfg_t *cfg)
{
	int err = 0;

	for (size_t i = 0; !err && i < conf_section_count; i++) {
		const struct conf_section *s = &conf_sections[i];
		const struct conf_place in = {.section = s};
		if (s->titled)
			err = load_items(l, cfg, s);
		else
			err = load_section(l, *s->name ? cfg_getsec(cfg, s->name) : cfg, &in,
			                   l->conf);
	}
	return err;
}

static int check_listeners(const struct loader *l)
{
	const struct conf *c = l->conf;

	if (c->listener_count == 0)
		return error_set(
			l->error, ERR_INVALID,
			"%s: no listener: add listener \"nspi\" { service = rpc port = 0 }",
			l->path);
	for (size_t i = 0; i < c->listener_count; i++)
		for (size_t j = 0; j < i; j++)
			if (c->listeners[i].port && c->listeners[i].port == c->listeners[j].port &&
			    strcmp(c->listeners[i].address, c->listeners[j].address) == 0)
				return error_set(l->error, ERR_INVALID,
				                 "%s: listeners \"%s\" and \"%s\" have the same "
				                 "address and port",
				                 l->path, c->listeners[j].name,
				                 c->listeners[i].name);
	return 0;
}

static int check_certificates(const struct loader *l)
{
	for (size_t i = 0; i < l->conf->listener_count; i++) {
		const struct conf_listener *c = &l->conf->listeners[i];
		if (!*c->certificate != !*c->key)
			return error_set(l->error, ERR_INVALID,
			                 "%s: listener \"%s\" has a %s without a %s", l->path,
			                 c->name, *c->key ? "key" : "certificate",
			                 *c->key ? "certificate" : "key");
	}
	return 0;
}

static int check_proxies(const struct loader *l)
{
	struct network network;

	for (size_t i = 0; i < l->conf->http_proxies.count; i++)
		if (!network_parse(l->conf->http_proxies.items[i], &network))
			return error_set(l->error, ERR_INVALID,
			                 "%s: proxies: \"%s\" is no address or network: write it "
			                 "like 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32",
			                 l->path, l->conf->http_proxies.items[i]);
	return 0;
}

static int check_together(const struct loader *l)
{
	const struct conf *c = l->conf;

	if (c->max_reassembly_bytes < c->max_request_bytes)
		return error_set(
			l->error, ERR_INVALID,
			"%s: max_reassembly is less than max_request: raise it to that at least",
			l->path);
	if (c->max_call_memory < c->max_answer_bytes)
		return error_set(
			l->error, ERR_INVALID,
			"%s: max_call_memory is less than max_answer: raise it to that at least",
			l->path);
	int err = check_listeners(l);
	if (!err)
		err = check_certificates(l);
	return err ? err : check_proxies(l);
}

static int check_text(const char *path, struct slice text, struct error *e)
{
	if (text.size > MAX_FILE_BYTES)
		return error_set(e, ERR_LIMIT, "%s: more than %d bytes", path, MAX_FILE_BYTES);
	if (memchr(text.data, 0, text.size))
		return error_set(e, ERR_INVALID, "%s: a zero byte: this is no text file", path);
	return 0;
}

int conf_parse(const char *path, struct slice text, struct conf **conf, struct error *e)
{
	struct loader l = {.path = path, .error = e};
	cfg_t *cfg = NULL;
	char *copy = xstrndup((const char *)text.data, text.size);

	int err = check_text(path, text, e);
	if (!err)
		err = conf_scan(path, text, &l.places, e);
	if (!err)
		err = conf_grammar_parse(path, copy, &cfg, e);
	if (err)
		goto out;
	l.conf = xcalloc(1, sizeof *l.conf);
	l.conf->path = xstrdup(path);
	if (gethostname(l.host, sizeof l.host - 1) || !*l.host)
		snprintf(l.host, sizeof l.host, "localhost");
	err = load_all(&l, cfg);
	if (!err)
		err = check_together(&l);
	if (err)
		goto out;
	*conf = l.conf;
	l.conf = NULL;
out:
	conf_free(l.conf);
	if (cfg)
		cfg_free(cfg);
	conf_places_free(&l.places);
	free(copy);
	return err;
}

static int read_file(const char *path, struct buffer *text, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	return file_read(fd, path, text, e);
}

int conf_load(const char *path, struct conf **conf, struct error *e)
{
	struct buffer text;

	buffer_init(&text, MAX_FILE_BYTES);
	int err = read_file(path, &text, e);
	if (!err)
		err = conf_parse(path, buffer_slice(&text), conf, e);
	buffer_free(&text);
	return err;
}

static void free_section(struct conf *c, const struct conf_section *s, void *item)
{
	for (size_t i = 0; i < conf_option_count; i++)
		if (strcmp(conf_options[i].section, s->name) == 0)
			conf_value_free(&conf_options[i], (char *)item + conf_options[i].offset);
	if (item != c)
		free(*item_name(item));
}

static void free_items(struct conf *c, const struct conf_section *s)
{
	for (size_t i = 0; i < *item_count(c, s); i++)
		free_section(c, s, item_at(c, s, i));
	free(items_of(c, s));
}

void conf_free(struct conf *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < conf_section_count; i++)
		if (conf_sections[i].titled)
			free_items(c, &conf_sections[i]);
		else
			free_section(c, &conf_sections[i], c);
	for (size_t i = 0; i < c->setting_count; i++) {
		free(c->settings[i].title);
		free(c->settings[i].text);
	}
	free(c->settings);
	free(c->path);
	free(c);
}
