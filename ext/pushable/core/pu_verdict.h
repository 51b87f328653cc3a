/* pu_verdict.h - what a server's answer says of a batch of messages: each is settled, or kept for another try.
 *
 * Threads:  the queue's consumer. Calls no Ruby API: safe without the GVL.
 * Memory:   everything is borrowed for the call.
 */
#ifndef PU_VERDICT_H
#define PU_VERDICT_H

#include <stdint.h>

#include "pu_gaps.h"
#include "pu_http.h"
#include "pu_ledger.h"
#include "pu_message.h"
#include "pu_queue.h"
#include "pu_result.h"

/* After so many refusals of what may pass, a message is given up, too. */
#define PU_VERDICT_TRIES 4

/* Those who have to know. */
struct pu_verdict_parties {
    struct pu_queue *queue;
    struct pu_gaps *gaps;
    struct pu_ledger *ledger;
};

struct pu_verdict {
    uint64_t delivered;
    unsigned refusals; /* of the message refused most often, when any is kept */
};

/* pu_verdict_read - Settle the messages of the batch by the replies; what is given up leaves a gap and is told of.
 * verdict - is written in any case. Returns PU_OK, or PU_EREPLY when this is no answer of a Faye server.
 */
PU_NODISCARD enum pu_result pu_verdict_read(const struct pu_verdict_parties *parties, const struct pu_batch *batch,
                                            const struct pu_http_answer *answer, struct pu_verdict *verdict);

/* pu_verdict_reject - Give up the message at a place: it is settled and counted, leaves a gap and is told of.
 * why - for a person.
 */
void pu_verdict_reject(const struct pu_verdict_parties *parties, const struct pu_batch *batch, size_t place,
                       long status, struct pu_span why);

/* pu_verdict_expire - Give up the first message of the batch, as it is too old. result - why it could not be sent. */
void pu_verdict_expire(const struct pu_verdict_parties *parties, const struct pu_batch *batch, enum pu_result result,
                       int64_t max_age_ms);

#endif
