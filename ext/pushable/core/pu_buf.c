#include "pu_buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SMALLEST_CAPACITY ((size_t)256)

void pu_buf_init(struct pu_buf *buf, size_t ceiling)
{
    *buf = (struct pu_buf){.ceiling = ceiling};
}

void pu_buf_cleanup(struct pu_buf *buf)
{
    free(buf->bytes);
    *buf = (struct pu_buf){.ceiling = buf->ceiling};
}

void pu_buf_clear(struct pu_buf *buf)
{
    buf->length = 0;
    buf->result = PU_OK;
}

void pu_buf_truncate(struct pu_buf *buf, size_t length)
{
    if (length < buf->length)
        buf->length = length;
}

/* Doubles, so that a long document costs a handful of moves. */
static size_t capacity_for(const struct pu_buf *buf, size_t needed)
{
    size_t capacity = buf->capacity < SMALLEST_CAPACITY ? SMALLEST_CAPACITY : buf->capacity;

    while (capacity < needed)
        capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
    return capacity < buf->ceiling ? capacity : buf->ceiling;
}

static bool grow(struct pu_buf *buf, size_t length)
{
    size_t capacity;
    char *bytes;

    if (length > buf->ceiling - buf->length) {
        buf->result = PU_ETOOBIG;
        return false;
    }
    capacity = capacity_for(buf, buf->length + length);
    bytes = realloc(buf->bytes, capacity);
    if (bytes == NULL) {
        buf->result = PU_ENOMEM;
        return false;
    }
    buf->bytes = bytes;
    buf->capacity = capacity;
    return true;
}

char *pu_buf_reserve(struct pu_buf *buf, size_t length)
{
    if (buf->result != PU_OK)
        return NULL;
    /* The capacity never exceeds the ceiling. */
    if ((length > buf->capacity - buf->length || buf->bytes == NULL) && !grow(buf, length))
        return NULL;
    return buf->bytes + buf->length;
}

enum pu_result pu_buf_append(struct pu_buf *buf, const void *bytes, size_t length)
{
    char *place = pu_buf_reserve(buf, length);

    if (place != NULL && length > 0) {
        memcpy(place, bytes, length);
        buf->length += length;
    }
    return buf->result;
}

enum pu_result pu_buf_append_text(struct pu_buf *buf, const char *text)
{
    return pu_buf_append(buf, text, strlen(text));
}

char *pu_buf_take(struct pu_buf *buf, size_t *length)
{
    char *bytes = NULL;

    *length = 0;
    if (buf->result == PU_OK && buf->length > 0) {
        bytes = buf->bytes;
        *length = buf->length;
        *buf = (struct pu_buf){.ceiling = buf->ceiling};
    }
    return bytes;
}
