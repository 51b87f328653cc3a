/* pu_ring.h - texts in the order in which they came, in one piece of memory that goes round and round.
 *
 * Each text lies in one piece; at the end of the memory, where the next one would not fit, a rest is left unused.
 * Threads:  one owner at a time; no locking. Calls no Ruby API: safe without the GVL.
 * Memory:   grows by doubling, up to what its ceiling asks for. malloc/free.
 */
#ifndef PU_RING_H
#define PU_RING_H

#include <stddef.h>
#include <stdint.h>

#include "pu_result.h"

struct pu_ring_text {
    const char *bytes; /* the ring's, until the text is dropped or another one appended */
    size_t length;
    int64_t at; /* as it was appended */
};

struct pu_ring_place;

struct pu_ring {
    char *bytes;
    size_t capacity;
    size_t most; /* larger it need not become */
    size_t end;  /* of the newest text */
    struct pu_ring_place *places;
    size_t slots; /* a power of two, or 0 */
    size_t first; /* slot of the oldest */
    size_t count;
};

/* pu_ring_init - Prepare caller-owned storage; allocates nothing.
 *
 * ceiling - what the caller keeps in it at most, in bytes; longest - the same for one text.
 */
void pu_ring_init(struct pu_ring *ring, size_t ceiling, size_t longest);
void pu_ring_cleanup(struct pu_ring *ring);

/* pu_ring_append - Copy a text of at least one byte to the end. Returns PU_OK, PU_ENOMEM; then nothing has changed. */
PU_NODISCARD enum pu_result pu_ring_append(struct pu_ring *ring, const char *bytes, size_t length, int64_t at);

/* pu_ring_at - The text at a place, 0 being the oldest; place < count. */
struct pu_ring_text pu_ring_at(const struct pu_ring *ring, size_t place);

/* pu_ring_drop - Forget the oldest count texts; not more than there are. */
void pu_ring_drop(struct pu_ring *ring, size_t count);

/* pu_ring_excess - The memory of an empty ring, when it is more than kept bytes: the caller frees it, at its leisure.
 * NULL: there is nothing to free.
 */
char *pu_ring_excess(struct pu_ring *ring, size_t kept);

#endif
