/* pu_sender.h - the consumer's side of a queue: batches out, replies in, retries, splits, expiry, resyncs. Never waits
 * by itself.
 *
 * Threads:  one at a time. Calls no Ruby API: safe without the GVL.
 * Memory:   a heap object; queue, client, gaps and ledger are its owner's and outlive it.
 */
#ifndef PU_SENDER_H
#define PU_SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "pu_gaps.h"
#include "pu_http.h"
#include "pu_ledger.h"
#include "pu_queue.h"
#include "pu_result.h"

struct pu_sender_options {
    struct pu_queue *queue;
    struct pu_http *http;
    struct pu_gaps *gaps;
    struct pu_ledger *ledger;
    int64_t max_age_ms; /* a message older than this is dropped instead of sent */
};

struct pu_sender;

/* pu_sender_new - sender receives the object. Returns PU_OK, PU_ENOMEM. */
PU_NODISCARD enum pu_result pu_sender_new(const struct pu_sender_options *options, struct pu_sender **sender);
void pu_sender_free(struct pu_sender *sender); /* NULL is fine */

/* pu_sender_step - Do the next thing that needs no waiting. paused - begin no POST; one under way goes on. Returns for
 * how many milliseconds there is nothing to do unless the network moves (pu_http_wait) or that is over, 0 to go on at
 * once, PU_SENDER_IDLE when there is nothing to send.
 */
#define PU_SENDER_IDLE (-1)
int64_t pu_sender_step(struct pu_sender *sender, bool paused);

/* pu_sender_idle_ms - After PU_SENDER_IDLE: when there will be something to do, though nothing is pushed; may be
 * INT64_MAX.
 */
int64_t pu_sender_idle_ms(struct pu_sender *sender);

/* pu_sender_done - Whether nothing is under way and nothing waits, no channel that can be told now included. */
bool pu_sender_done(struct pu_sender *sender);

/* pu_sender_hurry - The end is near: cut the present pause between two tries short, tell channels that rest. */
void pu_sender_hurry(struct pu_sender *sender);

/* pu_sender_drop - Give up whatever waits, a POST under way included, and say so. No POST may follow. */
void pu_sender_drop(struct pu_sender *sender);

#endif
