#include "pu_gaps.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "pu_clock.h"

#define SLOTS ((size_t)2048) /* a power of two, about twice the channels */
/* One place is kept for everyone. */
#define PLACES (PU_GAPS_CHANNELS + 1)

struct place {
    struct pu_gap gap;
    uint64_t hash;
    int64_t rests_until; /* 0: does not rest */
    bool forgone;        /* rests as it was refused */
    bool marked;         /* false only while it rests: nothing was lost since */
};

struct pu_gaps {
    pthread_mutex_t mutex;
    bool hurried;
    size_t count;
    size_t last;           /* the place marked last: floods have one channel */
    uint16_t slots[SLOTS]; /* 0: free, or a place's number + 1; open addressing by hash */
    struct place places[PLACES];
};

enum pu_result pu_gaps_new(struct pu_gaps **gaps)
{
    enum pu_result result = PU_ENOMEM;
    struct pu_gaps *made = calloc(1, sizeof(*made));

    if (made == NULL || pthread_mutex_init(&made->mutex, NULL) != 0)
        goto done;
    *gaps = made;
    made = NULL;
    result = PU_OK;
done:
    free(made);
    return result;
}

void pu_gaps_free(struct pu_gaps *gaps)
{
    if (gaps == NULL)
        return;
    for (size_t i = 0; i < gaps->count; i++)
        pu_gap_cleanup(&gaps->places[i].gap);
    pthread_mutex_destroy(&gaps->mutex);
    free(gaps);
}

void pu_gap_cleanup(struct pu_gap *gap)
{
    free(gap->channel);
    gap->channel = NULL;
}

/* Eight bytes at a time: a flood hashes a name for every message that it drops. */
static uint64_t hash_of(struct pu_span channel)
{
    uint64_t hash = channel.length;
    size_t i = 0;

    for (; i + sizeof(uint64_t) <= channel.length; i += sizeof(uint64_t)) {
        uint64_t word;

        memcpy(&word, channel.bytes + i, sizeof(word));
        hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 32;
    }
    for (; i < channel.length; i++)
        hash = (hash ^ (unsigned char)channel.bytes[i]) * UINT64_C(0x100000001B3);
    hash *= UINT64_C(0x94D049BB133111EB);
    return hash ^ (hash >> 29);
}

static bool is_of(const struct place *place, struct pu_span channel)
{
    return place->gap.length == channel.length && memcmp(place->gap.channel, channel.bytes, channel.length) == 0;
}

/* The slot of this channel, or the free one where it would be. */
static size_t slot_of(const struct pu_gaps *gaps, struct pu_span channel, uint64_t hash)
{
    size_t slot = hash & (SLOTS - 1);

    while (gaps->slots[slot] != 0) {
        const struct place *place = &gaps->places[gaps->slots[slot] - 1];

        if (place->hash == hash && is_of(place, channel))
            break;
        slot = (slot + 1) & (SLOTS - 1);
    }
    return slot;
}

/* After places have gone: all slots anew. */
static void index_places(struct pu_gaps *gaps)
{
    memset(gaps->slots, 0, sizeof(gaps->slots));
    for (size_t i = 0; i < gaps->count; i++) {
        const struct place *place = &gaps->places[i];
        struct pu_span channel = {place->gap.channel, place->gap.length};

        gaps->slots[slot_of(gaps, channel, place->hash)] = (uint16_t)(i + 1);
    }
    gaps->last = 0;
}

static char *copy_of(struct pu_span channel)
{
    char *copy = malloc(channel.length > 0 ? channel.length : 1);

    if (copy != NULL)
        memcpy(copy, channel.bytes, channel.length);
    return copy;
}

/* The place of a channel that is not there yet, not marked; NULL when most are there, or without memory. */
static struct place *add(struct pu_gaps *gaps, struct pu_span channel, uint64_t hash, size_t most)
{
    struct place *place = &gaps->places[gaps->count];
    char *copy = gaps->count < most ? copy_of(channel) : NULL;

    if (copy == NULL)
        return NULL;
    *place = (struct place){.gap = {.channel = copy, .length = channel.length}, .hash = hash};
    gaps->slots[slot_of(gaps, channel, hash)] = (uint16_t)++gaps->count;
    return place;
}

static struct place *find(struct pu_gaps *gaps, struct pu_span channel, uint64_t hash)
{
    size_t number = gaps->slots[slot_of(gaps, channel, hash)];

    return number > 0 ? &gaps->places[number - 1] : NULL;
}

static void join(struct place *place, uint64_t oldest, uint64_t newest, unsigned refused)
{
    struct pu_gap *gap = &place->gap;

    if (!place->marked || oldest < gap->oldest)
        gap->oldest = oldest;
    if (!place->marked || newest > gap->newest)
        gap->newest = newest;
    if (!place->marked || refused > gap->refused)
        gap->refused = refused;
    place->marked = true;
}

static bool rests(const struct place *place, int64_t now)
{
    return place->rests_until > now;
}

static const struct pu_span everyone = {PU_GAPS_EVERYONE, sizeof(PU_GAPS_EVERYONE) - 1};

/* Room, by forgetting who only rests. */
static void forget_resting(struct pu_gaps *gaps)
{
    size_t kept = 0;

    for (size_t i = 0; i < gaps->count; i++) {
        if (gaps->places[i].marked)
            gaps->places[kept++] = gaps->places[i];
        else
            pu_gap_cleanup(&gaps->places[i].gap);
    }
    gaps->count = kept;
    index_places(gaps);
}

/* Too many: what has been marked is everyone's from now on. */
static struct place *merge(struct pu_gaps *gaps)
{
    uint64_t hash = hash_of(everyone);
    struct place *place = find(gaps, everyone, hash);
    struct place kept;

    if (place == NULL)
        place = add(gaps, everyone, hash, PLACES);
    if (place == NULL)
        return NULL; /* not even so much memory: the next loss tries again */
    kept = *place;
    for (size_t i = 0; i < gaps->count; i++) {
        struct pu_gap *gap = &gaps->places[i].gap;

        if (&gaps->places[i] == place)
            continue;
        if (gaps->places[i].marked)
            join(&kept, gap->oldest, gap->newest, 0);
        pu_gap_cleanup(gap);
    }
    gaps->places[0] = kept;
    gaps->count = 1;
    index_places(gaps);
    return &gaps->places[0];
}

/* The place that stands for a channel: its own, or everyone's while that is to be told. Under the mutex. */
static struct place *place_for(struct pu_gaps *gaps, struct pu_span channel)
{
    uint64_t hash = hash_of(channel);
    struct place *place = find(gaps, channel, hash);

    if (place == NULL) {
        place = find(gaps, everyone, hash_of(everyone));
        if (place != NULL && rests(place, pu_clock_monotonic_ms()))
            place = NULL;
    }
    if (place == NULL && gaps->count >= PU_GAPS_CHANNELS)
        forget_resting(gaps);
    if (place == NULL)
        place = add(gaps, channel, hash, PU_GAPS_CHANNELS);
    if (place == NULL)
        place = merge(gaps);
    return place;
}

static void mark(struct pu_gaps *gaps, struct pu_span channel, uint64_t oldest, uint64_t newest, unsigned refused)
{
    struct place *place = &gaps->places[gaps->last];

    if (gaps->last >= gaps->count || !is_of(place, channel))
        place = place_for(gaps, channel);
    if (place == NULL)
        return;
    join(place, oldest, newest, refused);
    gaps->last = (size_t)(place - gaps->places);
}

void pu_gaps_mark(struct pu_gaps *gaps, struct pu_span channel, uint64_t seq)
{
    pthread_mutex_lock(&gaps->mutex);
    mark(gaps, channel, seq, seq, 0);
    pthread_mutex_unlock(&gaps->mutex);
}

/* Moves what is older than before out of a place. keeps - receives whether something newer is left in it. Returns false
 * when there is no memory for two.
 */
static bool take(struct place *place, uint64_t before, struct pu_gap *taken, bool *keeps)
{
    char *copy = NULL;

    *keeps = place->gap.newest >= before;
    if (*keeps)
        copy = copy_of((struct pu_span){place->gap.channel, place->gap.length});
    if (*keeps && copy == NULL)
        return false;
    *taken = place->gap;
    if (*keeps) {
        taken->newest = before - 1;
        place->gap.channel = copy;
        place->gap.oldest = before;
    }
    return true;
}

size_t pu_gaps_take(struct pu_gaps *gaps, uint64_t before, struct pu_gap *taken, size_t most)
{
    int64_t now = pu_clock_monotonic_ms();
    size_t count = 0;
    size_t kept = 0;

    pthread_mutex_lock(&gaps->mutex);
    for (size_t i = 0; i < gaps->count; i++) {
        struct place *place = &gaps->places[i];
        bool keeps = rests(place, now) || place->marked;

        if (!keeps)
            pu_gap_cleanup(&place->gap); /* has rested, and nothing was lost */
        else if (!rests(place, now) && count < most && place->gap.oldest < before)
            count += take(place, before, &taken[count], &keeps);
        if (keeps)
            gaps->places[kept++] = *place;
    }
    if (kept < gaps->count) {
        gaps->count = kept;
        index_places(gaps);
    }
    pthread_mutex_unlock(&gaps->mutex);
    return count;
}

void pu_gaps_return(struct pu_gaps *gaps, struct pu_gap *gap)
{
    pthread_mutex_lock(&gaps->mutex);
    mark(gaps, (struct pu_span){gap->channel, gap->length}, gap->oldest, gap->newest, gap->refused);
    pthread_mutex_unlock(&gaps->mutex);
    pu_gap_cleanup(gap);
}

/* The channel of a gap that is settled is left alone for so long. Where there is no room, it is not. */
static void rest(struct pu_gaps *gaps, struct pu_gap *gap, int64_t milliseconds, bool forgone)
{
    const struct pu_span channel = {gap->channel, gap->length};
    uint64_t hash = hash_of(channel);
    struct place *place = NULL;

    pthread_mutex_lock(&gaps->mutex);
    if (forgone || !gaps->hurried)
        place = find(gaps, channel, hash);
    if (place == NULL && (forgone || !gaps->hurried))
        place = add(gaps, channel, hash, PLACES);
    if (place != NULL) {
        place->rests_until = pu_clock_monotonic_ms() + milliseconds;
        place->forgone = forgone;
    }
    pthread_mutex_unlock(&gaps->mutex);
    pu_gap_cleanup(gap);
}

void pu_gaps_told(struct pu_gaps *gaps, struct pu_gap *gap)
{
    rest(gaps, gap, PU_GAPS_TOLD_MS, false);
}

void pu_gaps_forgo(struct pu_gaps *gaps, struct pu_gap *gap)
{
    rest(gaps, gap, PU_GAPS_FORGONE_MS, true);
}

void pu_gaps_hurry(struct pu_gaps *gaps)
{
    pthread_mutex_lock(&gaps->mutex);
    gaps->hurried = true;
    for (size_t i = 0; i < gaps->count; i++) {
        if (!gaps->places[i].forgone)
            gaps->places[i].rests_until = 0;
    }
    pthread_mutex_unlock(&gaps->mutex);
}

int64_t pu_gaps_pause(struct pu_gaps *gaps)
{
    int64_t now = pu_clock_monotonic_ms();
    int64_t pause = PU_GAPS_NONE;

    pthread_mutex_lock(&gaps->mutex);
    for (size_t i = 0; i < gaps->count; i++) {
        const struct place *place = &gaps->places[i];
        int64_t left = rests(place, now) ? place->rests_until - now : 0;

        if (place->marked && left < pause)
            pause = left;
    }
    pthread_mutex_unlock(&gaps->mutex);
    return pause;
}
