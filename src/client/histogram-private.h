#ifndef CLIENT_HISTOGRAM_PRIVATE_H
#define CLIENT_HISTOGRAM_PRIVATE_H

/* Counts times in buckets that are 1/64 of their value wide: percentiles to within 2 %. */

#include <stdint.h>

enum {
	HISTOGRAM_STEPS = 64, /* in each power of two */
	HISTOGRAM_BUCKETS = HISTOGRAM_STEPS * 32,
};

struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS];
	uint64_t total, max;
};

void histogram_add(struct histogram *h, uint64_t value);

/* The value that the fraction of all values does not exceed; 0 when there are none. */
uint64_t histogram_quantile(const struct histogram *h, double fraction);

#endif
