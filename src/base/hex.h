#ifndef BASE_HEX_H
#define BASE_HEX_H

/* Hexadecimal digits: two a byte, lower case. */

#include <stddef.h>
#include <stdint.h>

/* -1: it is none. */
static inline int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Returns what is behind the two. */
static inline char *hex_put(char *text, uint8_t byte)
{
	static const char digits[] = "0123456789abcdef";

	text[0] = digits[byte >> 4];
	text[1] = digits[byte & 15];
	return text + 2;
}

#endif
