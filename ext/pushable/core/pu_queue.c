#include "pu_queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "pu_clock.h"
#include "pu_random.h"

/* After a burst, an arena larger than this is given back to the system. */
#define KEPT_BYTES ((size_t)1024 * 1024)
#define FIRST_ENTRIES ((size_t)64)

struct entry {
    size_t offset; /* in the arena; a separator stands before and after */
    size_t length;
    int64_t pushed_at;
    unsigned refused;
    bool settled;
};

struct arena {
    struct pu_buf buf;
    struct entry *entries;
    size_t count;
    size_t capacity;
    uint64_t first_seq; /* entries[i] has the number first_seq + i */
};

struct pu_queue {
    struct pu_queue_options options; /* never changes */
    char source[PU_QUEUE_SOURCE + 1];

    pthread_mutex_t mutex;
    struct arena *filling; /* this and the rest of the block: under the mutex */
    uint64_t next_seq;
    struct pu_queue_counts counts;
    bool closed;
    bool sleeping;

    struct arena *draining; /* this and the rest: the consumer's own */
    size_t head;            /* first entry that may be unsettled */
    size_t batch_count;     /* entries framed from head on; 0: none */
    size_t settled_messages;
    size_t settled_bytes;

    struct arena arenas[2];
};

static void write_source(char *source)
{
    static const char hex[] = "0123456789abcdef";
    struct pu_random random;
    uint64_t bits;

    pu_random_seed(&random);
    bits = pu_random_next(&random);
    for (size_t i = 0; i < PU_QUEUE_SOURCE; i++) {
        source[i] = hex[bits & 15];
        bits >>= 4;
    }
    source[PU_QUEUE_SOURCE] = '\0';
}

enum pu_result pu_queue_new(const struct pu_queue_options *options, struct pu_queue **queue)
{
    enum pu_result result = PU_ENOMEM;
    struct pu_queue *made = calloc(1, sizeof(*made));

    if (made == NULL || pthread_mutex_init(&made->mutex, NULL) != 0)
        goto done;
    made->options = *options;
    write_source(made->source);
    made->filling = &made->arenas[0];
    made->draining = &made->arenas[1];
    pu_buf_init(&made->arenas[0].buf, SIZE_MAX);
    pu_buf_init(&made->arenas[1].buf, SIZE_MAX);
    *queue = made;
    made = NULL;
    result = PU_OK;
done:
    free(made);
    return result;
}

static void arena_cleanup(struct arena *arena)
{
    pu_buf_cleanup(&arena->buf);
    free(arena->entries);
    arena->entries = NULL;
    arena->count = arena->capacity = 0;
}

void pu_queue_free(struct pu_queue *queue)
{
    if (queue == NULL)
        return;
    arena_cleanup(&queue->arenas[0]);
    arena_cleanup(&queue->arenas[1]);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

static void arena_clear(struct arena *arena)
{
    if (arena->buf.capacity > KEPT_BYTES) {
        arena_cleanup(arena);
        return;
    }
    pu_buf_clear(&arena->buf);
    arena->count = 0;
}

static bool arena_has_room(struct arena *arena)
{
    size_t capacity = arena->capacity > 0 ? arena->capacity * 2 : FIRST_ENTRIES;
    struct entry *entries;

    if (arena->count < arena->capacity)
        return true;
    entries = realloc(arena->entries, capacity * sizeof(*entries));
    if (entries == NULL)
        return false;
    arena->entries = entries;
    arena->capacity = capacity;
    return true;
}

/* What a message costs at least: enough to refuse one before it is written. */
static size_t payload(const struct pu_message *message)
{
    return message->channel.length + message->object.length + message->changed.length + message->origin.length;
}

static enum pu_result check_bounds(const struct pu_queue *queue, size_t length)
{
    if (length > queue->options.max_message_bytes)
        return PU_ETOOBIG;
    if (queue->counts.messages >= queue->options.messages || length > queue->options.bytes ||
        queue->counts.bytes > queue->options.bytes - length)
        return PU_EFULL;
    return PU_OK;
}

/* Writes the message and its separator at the end of the arena. On a failure the arena is as it was. */
static enum pu_result append(struct pu_queue *queue, const struct pu_message *message)
{
    struct arena *arena = queue->filling;
    size_t before = arena->buf.length;
    enum pu_result result;
    char id[PU_QUEUE_ID];
    size_t offset;

    memcpy(id, queue->source, PU_QUEUE_SOURCE);
    id[PU_QUEUE_SOURCE] = '-';
    id[PU_QUEUE_SOURCE + 1 + pu_number_integer(id + PU_QUEUE_SOURCE + 1, (int64_t)queue->next_seq)] = '\0';

    if (arena->count == 0)
        pu_buf_append(&arena->buf, "[", 1);
    offset = arena->buf.length;
    result = queue->options.write(&arena->buf, message, id);
    if (result == PU_OK)
        result = check_bounds(queue, arena->buf.length - offset);
    if (result == PU_OK)
        result = pu_buf_append(&arena->buf, ",", 1);
    if (result != PU_OK) {
        pu_buf_truncate(&arena->buf, before);
        arena->buf.result = PU_OK;
        return result;
    }
    if (arena->count == 0)
        arena->first_seq = queue->next_seq;
    arena->entries[arena->count++] = (struct entry){
        .offset = offset, .length = arena->buf.length - offset - 1, .pushed_at = pu_clock_monotonic_ms()};
    queue->counts.bytes += arena->buf.length - offset - 1;
    return PU_OK;
}

enum pu_result pu_queue_push(struct pu_queue *queue, const struct pu_message *message, bool *wake)
{
    enum pu_result result = PU_ECLOSED;

    pthread_mutex_lock(&queue->mutex);
    if (queue->closed)
        goto done;
    result = check_bounds(queue, payload(message));
    if (result != PU_OK)
        goto done;
    result = arena_has_room(queue->filling) ? append(queue, message) : PU_ENOMEM;
    if (result != PU_OK)
        goto done;
    queue->next_seq++;
    queue->counts.pushed++;
    queue->counts.messages++;
    *wake = queue->sleeping;
    queue->sleeping = false;
done:
    if (result == PU_EFULL)
        queue->counts.refused++;
    pthread_mutex_unlock(&queue->mutex);
    return result;
}

void pu_queue_close(struct pu_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    pthread_mutex_unlock(&queue->mutex);
}

void pu_queue_counts(struct pu_queue *queue, struct pu_queue_counts *counts)
{
    pthread_mutex_lock(&queue->mutex);
    *counts = queue->counts;
    pthread_mutex_unlock(&queue->mutex);
}

const char *pu_queue_source(const struct pu_queue *queue)
{
    return queue->source;
}

static struct entry *entry_at(const struct pu_queue *queue, size_t place)
{
    return &queue->draining->entries[queue->head + place];
}

/* The bytes around the batch: brackets while it is out, commas afterwards, as they may lie inside the next one. */
static void frame(struct pu_queue *queue, char opening, char closing)
{
    const struct entry *first = entry_at(queue, 0);
    const struct entry *last = entry_at(queue, queue->batch_count - 1);

    queue->draining->buf.bytes[first->offset - 1] = opening;
    queue->draining->buf.bytes[last->offset + last->length] = closing;
}

static void give_back(struct pu_queue *queue)
{
    queue->counts.messages -= queue->settled_messages;
    queue->counts.bytes -= queue->settled_bytes;
    queue->settled_messages = queue->settled_bytes = 0;
}

/* Goes past what is settled; when the arena is done, fetches the other one. Returns whether something waits. */
static bool advance(struct pu_queue *queue)
{
    bool drained;

    while (queue->head < queue->draining->count && queue->draining->entries[queue->head].settled)
        queue->head++;
    drained = queue->head == queue->draining->count;
    if (drained) {
        arena_clear(queue->draining);
        queue->head = 0;
    }
    pthread_mutex_lock(&queue->mutex);
    give_back(queue);
    if (drained) {
        struct arena *emptied = queue->draining;

        queue->draining = queue->filling;
        queue->filling = emptied;
    }
    pthread_mutex_unlock(&queue->mutex);
    return queue->draining->count > 0;
}

bool pu_queue_take(struct pu_queue *queue, size_t max_messages, size_t max_bytes, struct pu_batch *batch)
{
    const struct entry *first;
    const struct entry *last;

    if (queue->batch_count > 0)
        frame(queue, ',', ',');
    queue->batch_count = 0;
    if (!advance(queue))
        return false;
    first = last = entry_at(queue, 0);
    queue->batch_count = 1;
    while (queue->batch_count < max_messages && queue->head + queue->batch_count < queue->draining->count) {
        const struct entry *next = entry_at(queue, queue->batch_count);

        if (next->settled || next->offset + next->length - first->offset > max_bytes)
            break;
        last = next;
        queue->batch_count++;
    }
    frame(queue, '[', ']');
    *batch = (struct pu_batch){.body = queue->draining->buf.bytes + first->offset - 1,
                               .length = last->offset + last->length - first->offset + 2,
                               .count = queue->batch_count,
                               .pushed_at = first->pushed_at,
                               .first_seq = queue->draining->first_seq + queue->head};
    return true;
}

/* A number of at most 18 digits: no overflow, and more messages than a process lives to send. */
static bool read_number(const char *digits, size_t length, uint64_t *number)
{
    *number = 0;
    if (length == 0 || length > 18)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        *number = *number * 10 + (uint64_t)(digits[i] - '0');
    }
    return true;
}

bool pu_queue_find(const struct pu_queue *queue, const char *id, size_t length, size_t *place)
{
    const size_t digits = PU_QUEUE_SOURCE + 1;
    uint64_t first = queue->draining->first_seq + queue->head;
    uint64_t seq;

    if (length <= digits || memcmp(id, queue->source, PU_QUEUE_SOURCE) != 0 || id[PU_QUEUE_SOURCE] != '-' ||
        !read_number(id + digits, length - digits, &seq) || seq < first || seq - first >= queue->batch_count)
        return false;
    *place = (size_t)(seq - first);
    return true;
}

struct pu_span pu_queue_message(const struct pu_queue *queue, size_t place)
{
    const struct entry *entry = entry_at(queue, place);

    return (struct pu_span){queue->draining->buf.bytes + entry->offset, entry->length};
}

void pu_queue_settle(struct pu_queue *queue, size_t place)
{
    struct entry *entry = entry_at(queue, place);

    entry->settled = true;
    queue->settled_messages++;
    queue->settled_bytes += entry->length;
}

bool pu_queue_settled(const struct pu_queue *queue, size_t place)
{
    return entry_at(queue, place)->settled;
}

unsigned pu_queue_refuse(struct pu_queue *queue, size_t place)
{
    return ++entry_at(queue, place)->refused;
}

void pu_queue_release(struct pu_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    give_back(queue);
    pthread_mutex_unlock(&queue->mutex);
}

bool pu_queue_sleep(struct pu_queue *queue)
{
    bool sleeping;

    pthread_mutex_lock(&queue->mutex);
    sleeping = queue->sleeping = queue->filling->count == 0;
    pthread_mutex_unlock(&queue->mutex);
    return sleeping;
}

void pu_queue_awake(struct pu_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->sleeping = false;
    pthread_mutex_unlock(&queue->mutex);
}
