#include "directory/snapshot_file-private.h"

enum { LANES = 4 };

static uint64_t mix(uint64_t lane, uint64_t word)
{
	/* Each step can be undone: no change of one word goes unnoticed. */
	lane ^= word;
	return (lane << 29 | lane >> 35) * UINT64_C(0x9E3779B97F4A7C15);
}

/* Four lanes, which a processor works on at the same time. */
uint64_t file_checksum(const void *data, size_t size)
{
	uint64_t lanes[LANES] = {1, 2, 3, 4}, words[LANES], sum = size;
	const uint8_t *p = data;

	for (size_t left = size; left >= sizeof words; left -= sizeof words, p += sizeof words) {
		memcpy(words, p, sizeof words);
		for (size_t i = 0; i < LANES; i++)
			lanes[i] = mix(lanes[i], words[i]);
	}
	for (size_t i = 0; i < LANES; i++)
		sum = mix(sum, lanes[i] ^ lanes[i] >> 32);
	return sum;
}

uint64_t file_header_checksum(const struct file_header *h)
{
	uint8_t bytes[(sizeof *h + 31) / 32 * 32] = {0};

	memcpy(bytes, h, offsetof(struct file_header, checksum));
	return file_checksum(bytes, sizeof bytes);
}
