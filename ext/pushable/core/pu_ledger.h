/* pu_ledger.h - what became of everything, for whoever asks: counters, the present state, and the outcomes to be told.
 *
 * Threads:  written by whoever delivers, read by any thread; guarded inside. Calls no Ruby API: safe without the GVL.
 * Memory:   a heap object of fixed size; texts are copied in and out.
 */
#ifndef PU_LEDGER_H
#define PU_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "pu_message.h"
#include "pu_outcome.h"
#include "pu_result.h"

enum pu_count {
    PU_COUNT_DELIVERED, /* messages acknowledged */
    PU_COUNT_REJECTED,  /* messages refused by the server, or left without a reply */
    PU_COUNT_EXPIRED,   /* messages dropped as they were too old */
    PU_COUNT_ABANDONED, /* messages unsent at the end; a single post that failed */
    PU_COUNT_RESYNCS,   /* channels told to fetch */
    PU_COUNT_UNTOLD,    /* channels that could not be told, as the server refused it */
    PU_COUNT_BATCHES,   /* POSTs of messages answered with replies */
    PU_COUNT_BYTES,     /* of their bodies */
    PU_COUNT_RETRIES,   /* POSTs tried again */
    PU_COUNT_CONNECTIONS,
    PU_COUNTS
};

/* Times are in microseconds since the epoch, 0: never. */
struct pu_ledger_state {
    bool down;
    int64_t down_since;
    int64_t last_success_at;
    char last_error[PU_OUTCOME_TEXT]; /* never a credential; empty: there was none */
};

struct pu_ledger;

/* pu_ledger_new - ledger receives an empty one. Returns PU_OK, PU_ENOMEM. */
PU_NODISCARD enum pu_result pu_ledger_new(struct pu_ledger **ledger);
void pu_ledger_free(struct pu_ledger *ledger); /* NULL is fine */

void pu_ledger_add(struct pu_ledger *ledger, enum pu_count count, uint64_t added);
uint64_t pu_ledger_count(struct pu_ledger *ledger, enum pu_count count);

/* pu_ledger_state - A copy of the present state. */
void pu_ledger_state(struct pu_ledger *ledger, struct pu_ledger_state *state);

/* pu_ledger_failed - A POST failed, or a message was refused. why - for a person, cut when long. */
void pu_ledger_failed(struct pu_ledger *ledger, struct pu_span why);

/* pu_ledger_succeeded - A POST was acknowledged. */
void pu_ledger_succeeded(struct pu_ledger *ledger);

/* pu_ledger_set_down - The server is taken to be down from now on, or no more. */
void pu_ledger_set_down(struct pu_ledger *ledger, bool down);

/* pu_ledger_tell - Put an outcome, its channel and text (copied, cut when long) into the ring (pu_outcomes_add). */
void pu_ledger_tell(struct pu_ledger *ledger, struct pu_outcome outcome, struct pu_span channel, struct pu_span text);

/* pu_ledger_delivered - Tell of a batch that was acknowledged: only while somebody listens. */
void pu_ledger_delivered(struct pu_ledger *ledger, struct pu_outcome outcome);
void pu_ledger_listen(struct pu_ledger *ledger, bool listen);

/* pu_ledger_take - Move the oldest outcome out. Returns false when there is none. */
bool pu_ledger_take(struct pu_ledger *ledger, struct pu_outcome *outcome);
bool pu_ledger_waiting(struct pu_ledger *ledger); /* whether there is one */

#endif
