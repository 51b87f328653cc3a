#include "pu_ring.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS ((size_t)64)
#define FIRST_BYTES ((size_t)16 * 1024)

struct pu_ring_place {
    size_t offset;
    size_t length;
    int64_t at;
};

void pu_ring_init(struct pu_ring *ring, size_t ceiling, size_t longest)
{
    /* The rest at the end is shorter than the text that did not fit there. */
    *ring = (struct pu_ring){.most = ceiling > SIZE_MAX - longest ? SIZE_MAX : ceiling + longest};
}

void pu_ring_cleanup(struct pu_ring *ring)
{
    free(ring->bytes);
    free(ring->places);
    *ring = (struct pu_ring){.most = ring->most};
}

static struct pu_ring_place *place_at(const struct pu_ring *ring, size_t place)
{
    return &ring->places[(ring->first + place) & (ring->slots - 1)];
}

static bool has_slot(struct pu_ring *ring)
{
    size_t slots = ring->slots > 0 ? ring->slots * 2 : FIRST_SLOTS;
    struct pu_ring_place *places;

    if (ring->count < ring->slots)
        return true;
    places = malloc(slots * sizeof(*places));
    if (places == NULL)
        return false;
    for (size_t i = 0; i < ring->count; i++)
        places[i] = *place_at(ring, i);
    free(ring->places);
    ring->places = places;
    ring->slots = slots;
    ring->first = 0;
    return true;
}

/* Where a text of this length may lie. Returns false when there is no such place. */
static bool find_room(const struct pu_ring *ring, size_t length, size_t *offset)
{
    size_t begin = ring->count > 0 ? place_at(ring, 0)->offset : 0;

    if (ring->count == 0) {
        *offset = 0;
        return length <= ring->capacity;
    }
    *offset = ring->end;
    if (ring->end <= begin) /* gone round: what is free lies between the newest and the oldest */
        return length <= begin - ring->end;
    if (length <= ring->capacity - ring->end)
        return true;
    *offset = 0;
    return length <= begin;
}

static size_t capacity_for(const struct pu_ring *ring, size_t needed)
{
    size_t capacity = ring->capacity > 0 ? ring->capacity : FIRST_BYTES;

    do
        capacity = capacity > ring->most / 2 ? ring->most : capacity * 2;
    while (capacity < needed && capacity < ring->most);
    return capacity > needed ? capacity : needed;
}

/* All texts lie in a row afterwards, from the start on. */
static bool grow(struct pu_ring *ring, size_t length)
{
    size_t needed = length;
    size_t end = 0;
    size_t capacity;
    char *bytes;

    for (size_t i = 0; i < ring->count; i++)
        needed += place_at(ring, i)->length;
    capacity = capacity_for(ring, needed);
    bytes = malloc(capacity);
    if (bytes == NULL)
        return false;
    for (size_t i = 0; i < ring->count; i++) {
        struct pu_ring_place *place = place_at(ring, i);

        memcpy(bytes + end, ring->bytes + place->offset, place->length);
        place->offset = end;
        end += place->length;
    }
    free(ring->bytes);
    ring->bytes = bytes;
    ring->capacity = capacity;
    ring->end = end;
    return true;
}

enum pu_result pu_ring_append(struct pu_ring *ring, const char *bytes, size_t length, int64_t at)
{
    size_t offset;

    if (!has_slot(ring))
        return PU_ENOMEM;
    if (!find_room(ring, length, &offset)) {
        if (!grow(ring, length))
            return PU_ENOMEM;
        offset = ring->end;
    }
    memcpy(ring->bytes + offset, bytes, length);
    ring->end = offset + length;
    *place_at(ring, ring->count++) = (struct pu_ring_place){offset, length, at};
    return PU_OK;
}

struct pu_ring_text pu_ring_at(const struct pu_ring *ring, size_t place)
{
    const struct pu_ring_place *found = place_at(ring, place);

    return (struct pu_ring_text){ring->bytes + found->offset, found->length, found->at};
}

void pu_ring_drop(struct pu_ring *ring, size_t count)
{
    ring->first = (ring->first + count) & (ring->slots - 1);
    ring->count -= count;
}

char *pu_ring_excess(struct pu_ring *ring, size_t kept)
{
    char *bytes = ring->bytes;

    if (ring->count > 0 || ring->capacity <= kept)
        return NULL;
    ring->bytes = NULL;
    ring->capacity = 0;
    return bytes;
}
