#include "nspi/nspi-private.h"

#include <stdlib.h>

#include "base/memory.h"
#include "nspi/templates-private.h"

struct nspi_service *nspi_service_new(struct sessions *sessions, const struct guid *server_guid,
                                      const struct nspi_settings *settings)
{
	struct nspi_service *s = xcalloc(1, sizeof *s);

	s->sessions = sessions;
	s->server_guid = *server_guid;
	pthread_rwlock_init(&s->templates_lock, NULL);
	nspi_service_set_settings(s, settings);
	return s;
}

void nspi_service_set_account_entry(struct nspi_service *s,
                                    uint32_t (*entry_of)(void *context, const struct view *v,
                                                         const char *account),
                                    void *context)
{
	s->entry_of = entry_of;
	s->entry_of_context = context;
}

void nspi_service_set_audience(struct nspi_service *s,
                               struct audience (*audience_of)(void *context,
                                                              const struct snapshot *snapshot,
                                                              const char *account),
                               void *context)
{
	s->audience_of = audience_of;
	s->audience_of_context = context;
}

void nspi_service_set_writing(struct nspi_service *s, const struct nspi_writing *writing)
{
	s->writing = *writing;
}

void nspi_service_set_settings(struct nspi_service *s, const struct nspi_settings *settings)
{
	atomic_store(&s->max_rows, settings->max_rows);
	atomic_store(&s->max_answer_bytes, settings->max_answer_bytes);
	atomic_store(&s->max_matches, settings->max_matches);
}

void nspi_service_set_templates(struct nspi_service *s, struct templates *templates)
{
	pthread_rwlock_wrlock(&s->templates_lock);
	struct templates *old = s->templates;
	s->templates = templates;
	pthread_rwlock_unlock(&s->templates_lock);
	templates_free(old);
}

const struct templates *nspi_templates_lock(struct nspi_service *s)
{
	pthread_rwlock_rdlock(&s->templates_lock);
	return s->templates;
}

void nspi_templates_unlock(struct nspi_service *s)
{
	pthread_rwlock_unlock(&s->templates_lock);
}

void nspi_service_free(struct nspi_service *s)
{
	if (!s)
		return;
	templates_free(s->templates);
	pthread_rwlock_destroy(&s->templates_lock);
	free(s);
}

const struct guid *nspi_server_guid(const struct nspi_service *s)
{
	return &s->server_guid;
}

void nspi_rundown(struct nspi_service *s, uint64_t group)
{
	sessions_end_group(s->sessions, group, SESSION_END_RUNDOWN);
}

void nspi_context_ended(struct nspi_service *s, uint64_t group, bool expired)
{
	sessions_end_group(s->sessions, group, expired ? SESSION_END_EXPIRED : SESSION_END_UNBIND);
}

size_t nspi_holds(struct nspi_service *s, uint64_t group)
{
	return sessions_count_group(s->sessions, group);
}
