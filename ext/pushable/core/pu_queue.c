#include "pu_queue.h"

#include <pthread.h>
#include <stdlib.h>

#include "pu_clock.h"
#include "pu_id.h"
#include "pu_ring.h"

/* After a burst, memory larger than this is given back to the system. */
#define KEPT_BYTES ((size_t)1024 * 1024)
#define KEPT_SCRATCH ((size_t)256 * 1024)

struct entry {
    size_t offset; /* in the hand; a separator stands before and after */
    size_t length;
    int64_t pushed_at;
    unsigned refused;
    bool settled;
};

struct hand {
    struct pu_buf buf;
    struct entry *entries;
    size_t count;
    size_t capacity;
    uint64_t first_seq; /* entries[i] has the number first_seq + i */
};

struct pu_queue {
    struct pu_queue_options options; /* never changes */
    char source[PU_ID_SOURCE_ROOM];

    pthread_mutex_t mutex;
    struct pu_ring waiting; /* this and the rest of the block: under the mutex */
    struct pu_buf scratch;  /* a message while it is written */
    uint64_t next_seq;
    struct pu_queue_counts counts; /* oldest_at: of the hand alone */
    bool closed;
    bool sleeping;

    struct hand hand;   /* this and the rest: the consumer's own */
    size_t head;        /* first entry that may be unsettled */
    size_t batch_count; /* entries framed from head on; 0: none */
    size_t settled_messages;
    size_t settled_bytes;
};

enum pu_result pu_queue_new(const struct pu_queue_options *options, struct pu_queue **queue)
{
    enum pu_result result = PU_ENOMEM;
    struct pu_queue *made = calloc(1, sizeof(*made));

    if (made == NULL || pthread_mutex_init(&made->mutex, NULL) != 0)
        goto done;
    made->options = *options;
    if (made->options.max_message_bytes > options->bytes)
        made->options.max_message_bytes = options->bytes;
    pu_id_source(made->source);
    pu_ring_init(&made->waiting, options->bytes, made->options.max_message_bytes);
    pu_buf_init(&made->scratch, SIZE_MAX);
    pu_buf_init(&made->hand.buf, SIZE_MAX);
    *queue = made;
    made = NULL;
    result = PU_OK;
done:
    free(made);
    return result;
}

static void hand_cleanup(struct hand *hand)
{
    pu_buf_cleanup(&hand->buf);
    free(hand->entries);
    hand->entries = NULL;
    hand->count = hand->capacity = 0;
}

void pu_queue_free(struct pu_queue *queue)
{
    if (queue == NULL)
        return;
    hand_cleanup(&queue->hand);
    pu_ring_cleanup(&queue->waiting);
    pu_buf_cleanup(&queue->scratch);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

/* --- The pushing threads --- */

/* What a message costs at least: enough to refuse one before it is written. */
static size_t payload(const struct pu_message *message)
{
    return message->channel.length + message->object.length + message->changed.length + message->origin.length;
}

/* Into the scratch: only there is it seen how long the message is. */
static enum pu_result write_message(struct pu_queue *queue, const struct pu_message *message)
{
    char id[PU_ID_ROOM];
    enum pu_result result;

    if (payload(message) > queue->options.max_message_bytes)
        return PU_ETOOBIG;
    pu_id_write(id, queue->source, "", queue->next_seq);
    pu_buf_clear(&queue->scratch);
    result = queue->options.write(&queue->scratch, message, id);
    if (result == PU_OK && queue->scratch.length > queue->options.max_message_bytes)
        result = PU_ETOOBIG;
    return result;
}

static void drop_oldest(struct pu_queue *queue)
{
    struct pu_ring_text oldest = pu_ring_at(&queue->waiting, 0);

    queue->options.dropped(queue->options.context, (struct pu_span){oldest.bytes, oldest.length},
                           queue->next_seq - queue->waiting.count);
    pu_ring_drop(&queue->waiting, 1);
    queue->counts.dropped++;
    queue->counts.messages--;
    queue->counts.bytes -= oldest.length;
}

static bool has_room(const struct pu_queue *queue, size_t length)
{
    return queue->counts.messages < queue->options.messages && queue->counts.bytes <= queue->options.bytes - length;
}

/* The scratch's message goes to the end of the line. */
static enum pu_result append(struct pu_queue *queue)
{
    size_t length = queue->scratch.length;
    enum pu_result result;

    while (queue->waiting.count > 0 && !has_room(queue, length))
        drop_oldest(queue);
    result = pu_ring_append(&queue->waiting, queue->scratch.bytes, length, pu_clock_monotonic_ms());
    if (result != PU_OK)
        return result;
    queue->next_seq++;
    queue->counts.pushed++;
    queue->counts.messages++;
    queue->counts.bytes += length;
    return PU_OK;
}

enum pu_result pu_queue_push(struct pu_queue *queue, const struct pu_message *message, bool *wake)
{
    enum pu_result result = PU_ECLOSED;

    pthread_mutex_lock(&queue->mutex);
    if (!queue->closed)
        result = write_message(queue, message);
    if (result == PU_OK)
        result = append(queue);
    if (result == PU_OK) {
        *wake = queue->sleeping;
        queue->sleeping = false;
    }
    if (queue->scratch.capacity > KEPT_SCRATCH)
        pu_buf_cleanup(&queue->scratch);
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
    if (counts->oldest_at == 0 && queue->waiting.count > 0)
        counts->oldest_at = pu_ring_at(&queue->waiting, 0).at;
    pthread_mutex_unlock(&queue->mutex);
}

const char *pu_queue_source(const struct pu_queue *queue)
{
    return queue->source;
}

/* --- The consumer --- */

static struct entry *entry_at(const struct pu_queue *queue, size_t place)
{
    return &queue->hand.entries[queue->head + place];
}

/* The bytes around the batch: brackets while it is out, commas afterwards, as they may lie inside the next one. */
static void frame(struct pu_queue *queue, char opening, char closing)
{
    const struct entry *first = entry_at(queue, 0);
    const struct entry *last = entry_at(queue, queue->batch_count - 1);

    queue->hand.buf.bytes[first->offset - 1] = opening;
    queue->hand.buf.bytes[last->offset + last->length] = closing;
}

/* When the oldest message of the hand was pushed; 0: all are settled. */
static int64_t oldest_in_hand(const struct pu_queue *queue)
{
    for (size_t i = queue->head; i < queue->hand.count; i++) {
        if (!queue->hand.entries[i].settled)
            return queue->hand.entries[i].pushed_at;
    }
    return 0;
}

/* Under the mutex. */
static void give_back(struct pu_queue *queue, int64_t oldest_at)
{
    queue->counts.messages -= queue->settled_messages;
    queue->counts.bytes -= queue->settled_bytes;
    queue->counts.oldest_at = oldest_at;
    queue->settled_messages = queue->settled_bytes = 0;
}

void pu_queue_release(struct pu_queue *queue)
{
    int64_t oldest_at = oldest_in_hand(queue);

    pthread_mutex_lock(&queue->mutex);
    give_back(queue, oldest_at);
    pthread_mutex_unlock(&queue->mutex);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many of the waiting messages go into the hand, and how many bytes they are with what stands around them. Half the
 * queue at most, as nothing in the hand makes room for newer ones.
 */
static size_t count_run(const struct pu_queue *queue, size_t max_messages, size_t max_bytes, size_t *bytes)
{
    size_t count = 0;

    max_messages = smaller(max_messages, queue->options.messages / 2);
    max_bytes = smaller(max_bytes, queue->options.bytes / 2);
    *bytes = 1;
    while (count < queue->waiting.count && (count < max_messages || count == 0)) {
        size_t longer = *bytes + pu_ring_at(&queue->waiting, count).length + 1;

        if (count > 0 && longer - 2 > max_bytes)
            break;
        *bytes = longer;
        count++;
    }
    return count;
}

static bool has_entries(struct hand *hand, size_t count)
{
    struct entry *entries;

    if (count <= hand->capacity)
        return true;
    entries = realloc(hand->entries, count * sizeof(*entries));
    if (entries == NULL)
        return false;
    hand->entries = entries;
    hand->capacity = count;
    return true;
}

/* Under the mutex: moves a run of the waiting messages into the empty hand. */
static void fill(struct pu_queue *queue, size_t max_messages, size_t max_bytes)
{
    struct hand *hand = &queue->hand;
    size_t bytes;
    size_t count = count_run(queue, max_messages, max_bytes, &bytes);

    if (count == 0 || !has_entries(hand, count) || pu_buf_reserve(&hand->buf, bytes) == NULL) {
        hand->buf.result = PU_OK;
        return;
    }
    hand->first_seq = queue->next_seq - queue->waiting.count;
    pu_buf_append(&hand->buf, "[", 1);
    for (size_t i = 0; i < count; i++) {
        struct pu_ring_text text = pu_ring_at(&queue->waiting, i);

        hand->entries[i] = (struct entry){.offset = hand->buf.length, .length = text.length, .pushed_at = text.at};
        pu_buf_append(&hand->buf, text.bytes, text.length);
        pu_buf_append(&hand->buf, ",", 1);
    }
    hand->count = count;
    pu_ring_drop(&queue->waiting, count);
    queue->counts.oldest_at = hand->entries[0].pushed_at;
}

/* Empties the hand and fills it anew. */
static void refill(struct pu_queue *queue, size_t max_messages, size_t max_bytes)
{
    char *excess;

    queue->head = queue->hand.count = 0;
    if (queue->hand.buf.capacity > KEPT_BYTES)
        hand_cleanup(&queue->hand);
    pu_buf_clear(&queue->hand.buf);
    pthread_mutex_lock(&queue->mutex);
    give_back(queue, 0);
    fill(queue, max_messages, max_bytes);
    excess = pu_ring_excess(&queue->waiting, KEPT_BYTES);
    pthread_mutex_unlock(&queue->mutex);
    free(excess);
}

bool pu_queue_take(struct pu_queue *queue, size_t max_messages, size_t max_bytes, struct pu_batch *batch)
{
    const struct entry *first;
    const struct entry *last;

    if (queue->batch_count > 0)
        frame(queue, ',', ',');
    queue->batch_count = 0;
    while (queue->head < queue->hand.count && queue->hand.entries[queue->head].settled)
        queue->head++;
    if (queue->head == queue->hand.count)
        refill(queue, max_messages, max_bytes);
    else
        pu_queue_release(queue);
    if (queue->head == queue->hand.count)
        return false;
    first = last = entry_at(queue, 0);
    queue->batch_count = 1;
    while (queue->batch_count < max_messages && queue->head + queue->batch_count < queue->hand.count) {
        const struct entry *next = entry_at(queue, queue->batch_count);

        if (next->settled || next->offset + next->length - first->offset > max_bytes)
            break;
        last = next;
        queue->batch_count++;
    }
    frame(queue, '[', ']');
    *batch = (struct pu_batch){.body = queue->hand.buf.bytes + first->offset - 1,
                               .length = last->offset + last->length - first->offset + 2,
                               .count = queue->batch_count,
                               .pushed_at = first->pushed_at,
                               .first_seq = queue->hand.first_seq + queue->head};
    return true;
}

bool pu_queue_find(const struct pu_queue *queue, const char *id, size_t length, size_t *place)
{
    uint64_t first = queue->hand.first_seq + queue->head;
    uint64_t seq;

    if (!pu_id_read(queue->source, "", id, length, &seq) || seq < first || seq - first >= queue->batch_count)
        return false;
    *place = (size_t)(seq - first);
    return true;
}

struct pu_span pu_queue_message(const struct pu_queue *queue, size_t place)
{
    const struct entry *entry = entry_at(queue, place);

    return (struct pu_span){queue->hand.buf.bytes + entry->offset, entry->length};
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

bool pu_queue_sleep(struct pu_queue *queue)
{
    bool sleeping;

    pthread_mutex_lock(&queue->mutex);
    sleeping = queue->sleeping = queue->waiting.count == 0;
    pthread_mutex_unlock(&queue->mutex);
    return sleeping;
}

void pu_queue_awake(struct pu_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->sleeping = false;
    pthread_mutex_unlock(&queue->mutex);
}
