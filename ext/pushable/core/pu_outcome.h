/* pu_outcome.h - what became of messages, in a ring that the loop writes and the application's side reads.
 *
 * Threads:  the ring is guarded by its own mutex, held for a copy: any thread. Calls no Ruby API: safe without the GVL.
 * Memory:   outcomes are plain values, copied in and out; the ring is a heap object of fixed size.
 */
#ifndef PU_OUTCOME_H
#define PU_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pu_message.h"
#include "pu_result.h"

enum pu_outcome_kind {
    PU_OUTCOME_REJECTED,  /* the server refused a message, or it is poison: gone */
    PU_OUTCOME_DROPPED,   /* full queue, expired, unsent at the end: gone */
    PU_OUTCOME_RETRY,     /* a POST failed and will be tried again */
    PU_OUTCOME_DOWN,      /* several tries have failed */
    PU_OUTCOME_UP,        /* the first success after PU_OUTCOME_DOWN */
    PU_OUTCOME_DELIVERED, /* a batch was acknowledged */
    PU_OUTCOME_KINDS
};

#define PU_OUTCOME_TEXT 256
#define PU_OUTCOME_CHANNEL 256

struct pu_outcome {
    enum pu_outcome_kind kind;
    enum pu_result result;            /* the cause */
    long status;                      /* HTTP status, or 0 */
    uint64_t count;                   /* messages concerned; equal neighbours in the ring are added up */
    uint64_t bytes;                   /* PU_OUTCOME_DELIVERED: of the body */
    int64_t milliseconds;             /* PU_OUTCOME_DELIVERED: from the POST's begin to its answer */
    char channel[PU_OUTCOME_CHANNEL]; /* NUL-terminated, cut when longer; empty when several */
    char text[PU_OUTCOME_TEXT];       /* for a person: the server's error or libcurl's; never a credential */
};

/* pu_outcome_set - Copy text into one of an outcome's fields (room bytes, the NUL included): cut where a character
 * ends, control characters and what is not UTF-8 replaced by "?".
 */
void pu_outcome_set(char *field, size_t room, struct pu_span text);

struct pu_outcomes;

/* pu_outcomes_new - outcomes receives an empty ring. Returns PU_OK, PU_ENOMEM. */
PU_NODISCARD enum pu_result pu_outcomes_new(struct pu_outcomes **outcomes);
void pu_outcomes_free(struct pu_outcomes *outcomes); /* NULL is fine */

/* pu_outcomes_add - Append a copy, or add its numbers to the newest one if that is equal but for channel and numbers;
 * deliveries stay apart. When the ring is nearly full, they go to the newest of its kind: no message is ever left out
 * of the count.
 */
void pu_outcomes_add(struct pu_outcomes *outcomes, const struct pu_outcome *outcome);

/* pu_outcomes_take - Move the oldest one out. Returns false when there is none. */
bool pu_outcomes_take(struct pu_outcomes *outcomes, struct pu_outcome *outcome);

/* pu_outcomes_waiting - Whether there is one. */
bool pu_outcomes_waiting(struct pu_outcomes *outcomes);

#endif
