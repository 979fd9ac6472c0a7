#include "rfr/rfr.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"

struct server {
	char *name;
	uint32_t weight;
};

struct rfr {
	pthread_mutex_t lock; /* of all below */
	char *dns_name, *netbios_name;
	struct server *servers;
	size_t server_count;
	uint64_t total; /* of the weights */
	char *address_book_url, *mailbox_url;
};

struct rfr *rfr_new(const struct rfr_config *config)
{
	struct rfr *r = xcalloc(1, sizeof *r);

	pthread_mutex_init(&r->lock, NULL);
	rfr_configure(r, config);
	return r;
}

static void forget(struct rfr *r)
{
	for (size_t i = 0; i < r->server_count; i++)
		free(r->servers[i].name);
	free(r->servers);
	free(r->dns_name);
	free(r->netbios_name);
	free(r->address_book_url);
	free(r->mailbox_url);
}

void rfr_configure(struct rfr *r, const struct rfr_config *config)
{
	pthread_mutex_lock(&r->lock);
	forget(r);
	r->dns_name = xstrdup(config->dns_name);
	r->netbios_name = xstrdup(config->netbios_name);
	r->address_book_url = xstrdup(config->address_book_url);
	r->mailbox_url = xstrdup(config->mailbox_url);
	r->servers = xcalloc(config->server_count + 1, sizeof *r->servers);
	r->server_count = config->server_count;
	r->total = 0;
	for (size_t i = 0; i < config->server_count; i++) {
		const struct rfr_server *s = &config->servers[i];
		r->servers[i] = (struct server){xstrdup(s->name), s->weight};
		r->total += s->weight;
	}
	pthread_mutex_unlock(&r->lock);
}

void rfr_free(struct rfr *r)
{
	if (!r)
		return;
	forget(r);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

/* With the lock. */
static const char *choose(const struct rfr *r)
{
	uint64_t at = r->total ? random_u32() % r->total : 0;

	for (size_t i = 0; i < r->server_count && r->total; i++) {
		if (at < r->servers[i].weight)
			return r->servers[i].name;
		at -= r->servers[i].weight;
	}
	return r->dns_name;
}

void rfr_choose(struct rfr *r, char name[RFR_NAME_SIZE])
{
	pthread_mutex_lock(&r->lock);
	snprintf(name, RFR_NAME_SIZE, "%s", choose(r));
	pthread_mutex_unlock(&r->lock);
}

/* What stands behind the last "/cn=" of a DN, which becomes shorter by it; { NULL, 0 } when it does
 * not end so. */
static struct slice take_last_cn(struct slice *dn)
{
	size_t at = dn->size;

	while (at > 0 && dn->data[at - 1] != '/')
		at--;
	struct slice last = slice_of(dn->data + at, dn->size - at);
	dn->size = at > 0 ? at - 1 : 0;
	if (at == 0 || !slice_starts_nocase(last, "cn="))
		return slice_of(NULL, 0);
	return slice_of(last.data + 3, last.size - 3);
}

static bool is_database(struct slice cn)
{
	return slice_equal_nocase(cn, slice_of_string("Microsoft Private MDB")) ||
	       slice_equal_nocase(cn, slice_of_string("Microsoft Public MDB"));
}

/* The server's own name, out of .../cn=Configuration/cn=Servers/cn=NAME. */
static struct slice server_of(struct slice dn)
{
	struct slice cn = take_last_cn(&dn);

	if (cn.data && is_database(cn))
		cn = take_last_cn(&dn);
	struct slice above = cn.data ? take_last_cn(&dn) : cn;
	return above.data && slice_equal_nocase(above, slice_of_string("Servers"))
	             ? cn
	             : slice_of(NULL, 0);
}

/* Servers are called by all of their DNS name, or by its first label. */
static bool is_called(const char *dns_name, struct slice name)
{
	return slice_equal_nocase(name, slice_of_string(dns_name)) ||
	       slice_equal_nocase(name, slice_of(dns_name, strcspn(dns_name, ".")));
}

/* With the lock; NULL when there is none. */
static const char *find(const struct rfr *r, struct slice name)
{
	for (size_t i = 0; i < r->server_count; i++)
		if (is_called(r->servers[i].name, name))
			return r->servers[i].name;
	if (is_called(r->dns_name, name) ||
	    slice_equal_nocase(name, slice_of_string(r->netbios_name)))
		return r->dns_name;
	return NULL;
}

bool rfr_find(struct rfr *r, struct slice dn, char name[RFR_NAME_SIZE])
{
	struct slice server = server_of(dn);

	if (server.size == 0)
		return false;
	pthread_mutex_lock(&r->lock);
	const char *found = find(r, server);
	if (found)
		snprintf(name, RFR_NAME_SIZE, "%s", found);
	pthread_mutex_unlock(&r->lock);
	return found != NULL;
}

/* A host that a client names goes into a document: nothing but a name, an address, a port. */
static bool is_host(struct slice s)
{
	for (size_t i = 0; i < s.size; i++) {
		uint8_t c = s.data[i];
		if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && !(c >= '0' && c <= '9') &&
		    !strchr(".:-_[]", c))
			return false;
	}
	return s.size > 0 && s.size < RFR_NAME_SIZE;
}

/* With the lock. */
static const char *make_url(const struct rfr *r, const struct rfr_origin *from, struct arena *a)
{
	if (*r->address_book_url)
		return arena_strdup(a, r->address_book_url);
	if (r->total > 0 || !is_host(from->host))
		return arena_printf(a, "https://%s/mapi/nspi/", choose(r));
	return arena_printf(a, "%s://%.*s/mapi/nspi/", from->tls ? "https" : "http",
	                    (int)from->host.size, (const char *)from->host.data);
}

const char *rfr_address_book_url(struct rfr *r, const struct rfr_origin *from, struct arena *a)
{
	pthread_mutex_lock(&r->lock);
	const char *url = make_url(r, from, a);
	pthread_mutex_unlock(&r->lock);
	return url;
}

const char *rfr_mailbox_url(struct rfr *r, const char *name, struct arena *a)
{
	pthread_mutex_lock(&r->lock);
	const char *url = *r->mailbox_url ? arena_strdup(a, r->mailbox_url)
	                                  : arena_printf(a, "https://%s/mapi/emsmdb/", name);
	pthread_mutex_unlock(&r->lock);
	return url;
}

bool rfr_has_mailbox_url(struct rfr *r)
{
	pthread_mutex_lock(&r->lock);
	bool has = *r->mailbox_url != '\0';
	pthread_mutex_unlock(&r->lock);
	return has;
}
