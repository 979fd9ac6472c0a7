#include "web/route-private.h"

#include "base/hex.h"

/* The next byte of the path; -1 when it is no good. */
static int next_byte(struct slice path, size_t *i)
{
	uint8_t c = path.data[(*i)++];
	if (c != '%')
		return c;
	if (path.size - *i < 2)
		return -1;
	int high = hex_digit(path.data[*i]), low = hex_digit(path.data[*i + 1]);
	*i += 2;
	int byte = high < 0 || low < 0 ? -1 : high * 16 + low;
	return byte == '/' || byte == '\\' ? -1 : byte;
}

static bool is_dots(struct slice segment)
{
	return slice_equal(segment, slice_of(".", 1)) || slice_equal(segment, slice_of("..", 2));
}

static bool has_dot_segment(struct slice path)
{
	while (path.size) {
		const uint8_t *slash = memchr(path.data, '/', path.size);
		size_t size = slash ? (size_t)(slash - path.data) : path.size;
		if (is_dots(slice_of(path.data, size)))
			return true;
		size += slash != NULL;
		path = slice_of(path.data + size, path.size - size);
	}
	return false;
}

bool web_path_unescape(struct arena *a, struct slice path, struct slice *out)
{
	uint8_t *bytes = arena_alloc_raw(a, path.size + 1);
	*out = slice_of(bytes, 0);
	for (size_t i = 0; bytes && i < path.size;) {
		int c = next_byte(path, &i);
		if (c < 0x20 || c == 0x7F)
			return false;
		bytes[out->size++] = (uint8_t)c;
	}
	return !bytes || !has_dot_segment(*out);
}

/* How much of path the route takes; 0: it is not its path. */
static size_t match(const char *route, struct slice path)
{
	size_t size = strlen(route);
	bool tree = size > 0 && route[size - 1] == '/';
	if (path.size == size && slice_starts_nocase(path, route))
		return size;
	if (!tree)
		return 0;
	if (path.size == size - 1 && slice_equal_nocase(path, slice_of(route, size - 1)))
		return path.size;
	return slice_starts_nocase(path, route) ? size : 0;
}

const struct web_route *web_route_find(const struct web_service *s, struct slice path,
                                       struct slice *rest)
{
	const struct web_route *best = NULL;
	size_t best_size = 0;
	for (size_t i = 0; i < s->route_count; i++) {
		size_t size = match(s->routes[i].path, path);
		if (size > best_size) {
			best = &s->routes[i];
			best_size = size;
		}
	}
	*rest = slice_of(path.data + best_size, path.size - best_size);
	return best;
}
