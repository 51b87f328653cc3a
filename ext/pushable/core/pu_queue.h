/* pu_queue.h - a bounded line of messages, already written as the wire wants them, between many threads and one.
 *
 * A push copies its message in; when there is no room, the oldest messages that wait make some. The consumer takes a
 * run of messages into its hand: these are never dropped, and they lie framed as a JSON array, so that they go to the
 * network, whole or in parts, again and again. How the waiting ones are stored is known to pu_queue.c alone.
 *
 * Threads:  pu_queue_push, _close and _counts from any thread; everything under "The consumer" from one at a time.
 *           Calls no Ruby API: safe without the GVL. The mutex is held for copies in memory, never across I/O.
 * Memory:   messages are copied in. malloc/free.
 * After fork: an inherited queue must not be touched; its mutex may be held by a thread that is not there.
 */
#ifndef PU_QUEUE_H
#define PU_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pu_buf.h"
#include "pu_message.h"
#include "pu_result.h"

struct pu_queue;

struct pu_queue_options {
    size_t bytes;             /* ceiling of what waits, the hand included */
    size_t messages;          /* the same, as a number */
    size_t max_message_bytes; /* ceiling of one message as written */
    /* Appends one message under the given id; called with the mutex held (pu_bayeux_write). */
    enum pu_result (*write)(struct pu_buf *buf, const struct pu_message *message, const char *id);
    /* A message is dropped, as the queue is full: called with the mutex held, by the thread that pushes. message - as
     * written, during the call; seq - its number.
     */
    void (*dropped)(void *context, struct pu_span message, uint64_t seq);
    void *context;
};

struct pu_queue_counts {
    uint64_t pushed;   /* accepted since pu_queue_new */
    uint64_t dropped;  /* of these, to make room for newer ones */
    uint64_t messages; /* waiting or in the consumer's hand */
    uint64_t bytes;    /* of these */
    int64_t oldest_at; /* when the oldest of these was pushed, by pu_clock_monotonic_ms; 0: there is none */
};

/* pu_queue_new - queue receives the object. Returns PU_OK, PU_ENOMEM. */
PU_NODISCARD enum pu_result pu_queue_new(const struct pu_queue_options *options, struct pu_queue **queue);

/* pu_queue_free - No other thread may use the queue any more. NULL is fine. */
void pu_queue_free(struct pu_queue *queue);

/* pu_queue_push - Append a message; the order of the calls is the order of the numbers in the ids.
 *
 * Where there is no room the oldest messages are dropped, but never what is in the hand: where that is so much of the
 * queue that the newest does not fit beside it, the newest is kept above the ceiling.
 * wake - whether the consumer sleeps and has to be woken by the caller; once per sleep.
 * Returns PU_OK, PU_ECLOSED, PU_ETOOBIG (for a message, or for the whole queue), PU_ENOMEM, or the writer's failure.
 */
PU_NODISCARD enum pu_result pu_queue_push(struct pu_queue *queue, const struct pu_message *message, bool *wake);

/* pu_queue_close - From now on every push is PU_ECLOSED. */
void pu_queue_close(struct pu_queue *queue);

void pu_queue_counts(struct pu_queue *queue, struct pu_queue_counts *counts);

/* pu_queue_source - The source of every id (pu_id.h); belongs to the queue, never changes. NUL-terminated. */
const char *pu_queue_source(const struct pu_queue *queue);

/* --- The consumer --- */

/* Places within a batch count from 0. The bytes are the queue's, until the next pu_queue_take. */
struct pu_batch {
    const char *body; /* a JSON array */
    size_t length;
    size_t count;       /* messages, at least 1 */
    int64_t pushed_at;  /* when the first of them was pushed, by pu_clock_monotonic_ms */
    uint64_t first_seq; /* the number of the first; that of any other is larger by its place */
};

/* pu_queue_take - The longest run of unsettled messages in the hand, within both limits but at least one message. When
 * all in it are settled, it is filled anew, within the same limits and with half the queue's ceilings at most.
 * Whatever was taken before and not settled is first.
 * Returns false when nothing waits, or when there is no memory for a hand.
 */
bool pu_queue_take(struct pu_queue *queue, size_t max_messages, size_t max_bytes, struct pu_batch *batch);

/* pu_queue_find - The place in the batch of the message with this id. Returns false for a foreign or malformed id. */
bool pu_queue_find(const struct pu_queue *queue, const char *id, size_t length, size_t *place);

/* pu_queue_message - The bytes of the message at a place of the batch, as written. */
struct pu_span pu_queue_message(const struct pu_queue *queue, size_t place);

/* pu_queue_settle - The message at this place is done with: delivered, or given up. Once per message. */
void pu_queue_settle(struct pu_queue *queue, size_t place);
bool pu_queue_settled(const struct pu_queue *queue, size_t place);

/* pu_queue_refuse - Note that the server refused this message for now. Returns how often it has. */
unsigned pu_queue_refuse(struct pu_queue *queue, size_t place);

/* pu_queue_release - Give the settled messages' room back to the pushing threads (pu_queue_take does so, too). */
void pu_queue_release(struct pu_queue *queue);

/* pu_queue_sleep - Ask to be woken by the next push. Returns false when something waits already: do not sleep. */
bool pu_queue_sleep(struct pu_queue *queue);

/* pu_queue_awake - No wake is needed any more. */
void pu_queue_awake(struct pu_queue *queue);

#endif
