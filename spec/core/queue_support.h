/* queue_support.h - a queue whose messages are short texts, and what it did with them. */
#ifndef QUEUE_SUPPORT_H
#define QUEUE_SUPPORT_H

#include "pu_clock.h"
#include "pu_id.h"
#include "pu_queue.h"

extern char last_id[PU_ID_ROOM]; /* of the newest push that was written */
extern char dropped[4096];       /* what the newest queue has dropped: "<seq>:<message> …" */
extern int drops;                /* how often */

/* Writes the object's text alone: what the queue does with messages does not depend on the envelope. */
enum pu_result write_object(struct pu_buf *buf, const struct pu_message *message, const char *id);

/* For pu_queue_options; context is &drops. */
void keep_dropped(void *context, struct pu_span message, uint64_t seq);

struct pu_queue *new_queue(size_t bytes, size_t messages, size_t max_message_bytes);
struct pu_queue *new_wide_queue(void);

enum pu_result push(struct pu_queue *queue, const char *text);
void push_all(struct pu_queue *queue, const char *letters); /* a message each */
void settle_all(struct pu_queue *queue, const struct pu_batch *batch);

/* The next batch of at most so many messages, into the local variable batch. */
#define assert_batch(queue, most, text)                                                                                \
    do {                                                                                                               \
        assert_true(pu_queue_take(queue, most, 1000, &batch));                                                         \
        assert_bytes(batch.body, batch.length, text);                                                                  \
    } while (0)

#endif
