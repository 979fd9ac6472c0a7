#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Milliseconds that only go forward; for ages, idle times and timeouts. */
uint64_t clock_mono_ms(void);
uint64_t clock_mono_us(void);

/* Milliseconds since 1970-01-01T00:00:00Z; for what people read and what is stored. */
uint64_t clock_wall_ms(void);

#define CLOCK_TEXT_SIZE 32

/* "2026-03-01T12:00:00Z" */
void clock_format(uint64_t wall_ms, char text[CLOCK_TEXT_SIZE]);

/* "2026-03-01", "2026-03-01T12:00:00Z"; a date alone is its first millisecond in UTC. 0 or
 * ERR_INVALID. */
int clock_parse(const char *text, uint64_t *wall_ms);

/* "3d 4h", "12m 5s", "180 ms": at most two units, for listings. */
void clock_format_span(uint64_t span_ms, char text[CLOCK_TEXT_SIZE]);

#endif
