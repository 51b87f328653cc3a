/* pu_buf.h - a growing byte buffer with a ceiling and a sticky error.
 *
 * A failed append is remembered and every later one does nothing, so a writer checks once, at the end.
 * Threads:  one owner at a time; no locking. Calls no Ruby API: safe without the GVL.
 * Memory:   malloc/free, never Ruby's xmalloc. The bytes belong to the buffer until pu_buf_take.
 */
#ifndef PU_BUF_H
#define PU_BUF_H

#include <stddef.h>

#include "pu_result.h"

struct pu_buf {
    char *bytes;           /* not NUL-terminated; NULL while empty */
    size_t length;         /* bytes written */
    size_t capacity;       /* bytes allocated */
    size_t ceiling;        /* length never exceeds this */
    enum pu_result result; /* PU_OK, or the first failure: PU_ENOMEM, PU_ETOOBIG */
};

/* pu_buf_init - Prepare caller-owned storage; allocates nothing. ceiling - in bytes. */
void pu_buf_init(struct pu_buf *buf, size_t ceiling);

/* pu_buf_cleanup - Free the bytes; the struct may be initialised again. Safe on a zeroed struct. */
void pu_buf_cleanup(struct pu_buf *buf);

/* pu_buf_clear - Forget the content and the error, keep the memory. */
void pu_buf_clear(struct pu_buf *buf);

/* pu_buf_truncate - Shorten to length (not more than now). Keeps the error. */
void pu_buf_truncate(struct pu_buf *buf, size_t length);

/* pu_buf_append - Copy length bytes to the end. Returns the buffer's result: PU_OK, PU_ENOMEM, PU_ETOOBIG. */
enum pu_result pu_buf_append(struct pu_buf *buf, const void *bytes, size_t length);

/* pu_buf_append_text - The same for a NUL-terminated literal. */
enum pu_result pu_buf_append_text(struct pu_buf *buf, const char *text);

/* pu_buf_reserve - Room for length more bytes; returns the place to write, or NULL (the result tells why).
 * The caller adds what it wrote to buf->length.
 */
char *pu_buf_reserve(struct pu_buf *buf, size_t length);

/* pu_buf_take - Move the bytes out: the caller frees them with free(). The buffer is empty afterwards.
 * length - receives the number of bytes. Returns NULL when empty or failed.
 */
char *pu_buf_take(struct pu_buf *buf, size_t *length);

#endif
