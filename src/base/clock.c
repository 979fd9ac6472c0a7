#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"

static uint64_t read_us(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

uint64_t clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

uint64_t clock_wall_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000;
}

void clock_format(uint64_t wall_ms, char text[CLOCK_TEXT_SIZE])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm t;
	gmtime_r(&seconds, &t);
	strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &t);
}

int clock_parse(const char *text, uint64_t *wall_ms)
{
	struct tm t = {0};
	const char *end = strptime(text, "%Y-%m-%d", &t);
	if (end && *end == 'T')
		end = strptime(end, "T%H:%M:%SZ", &t);
	if (!end || *end)
		return ERR_INVALID;
	struct tm given = t;
	time_t seconds = timegm(&t);
	/* timegm turns 31 February into March: what it changed was no date. */
	if (seconds < 0 || t.tm_mday != given.tm_mday || t.tm_mon != given.tm_mon)
		return ERR_INVALID;
	*wall_ms = (uint64_t)seconds * 1000;
	return 0;
}

void clock_format_span(uint64_t span_ms, char text[CLOCK_TEXT_SIZE])
{
	static const struct {
		uint64_t ms;
		const char *name;
	} units[] = {
		{86400000, "d"},
		{3600000,  "h"},
		{60000,    "m"},
		{1000,     "s"}
        };
	enum { UNITS = sizeof units / sizeof units[0] };

	size_t i = 0;
	while (i < UNITS && span_ms < units[i].ms)
		i++;
	if (i == UNITS) {
		snprintf(text, CLOCK_TEXT_SIZE, "%u ms", (unsigned)span_ms);
		return;
	}
	unsigned long long major = span_ms / units[i].ms;
	int used = snprintf(text, CLOCK_TEXT_SIZE, "%llu%s", major, units[i].name);
	if (i + 1 < UNITS && span_ms % units[i].ms >= units[i + 1].ms)
		snprintf(text + used, CLOCK_TEXT_SIZE - (size_t)used, " %llu%s",
		         (unsigned long long)(span_ms % units[i].ms / units[i + 1].ms),
		         units[i + 1].name);
}
