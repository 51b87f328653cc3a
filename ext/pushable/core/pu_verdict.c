#include "pu_verdict.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "pu_bayeux.h"
#include "pu_pace.h"
#include "pu_reply.h"

enum fate { OPEN, DELIVERED, REJECTED, KEPT /* refused for now: stays in the queue */ };

struct reading {
    const struct pu_verdict_parties *parties;
    const struct pu_batch *batch;
    enum fate fates[PU_PACE_MESSAGES];
    size_t seen;
    size_t matched;
    struct pu_verdict verdict;
};

static struct pu_span channel_of(const struct pu_verdict_parties *parties, size_t place)
{
    struct pu_span message = pu_queue_message(parties->queue, place);

    return pu_bayeux_channel_of(message.bytes, message.length);
}

/* The message is gone: its channel has to fetch. */
static void lose(const struct pu_verdict_parties *parties, const struct pu_batch *batch, size_t place,
                 struct pu_outcome outcome, struct pu_span why)
{
    struct pu_span channel = channel_of(parties, place);

    pu_gaps_mark(parties->gaps, channel, batch->first_seq + place);
    pu_ledger_tell(parties->ledger, outcome, channel, why);
    pu_queue_settle(parties->queue, place);
}

void pu_verdict_reject(const struct pu_verdict_parties *parties, const struct pu_batch *batch, size_t place,
                       long status, struct pu_span why)
{
    struct pu_outcome outcome = {.kind = PU_OUTCOME_REJECTED, .result = PU_EREJECTED, .status = status, .count = 1};

    lose(parties, batch, place, outcome, why);
    pu_ledger_failed(parties->ledger, why);
    pu_ledger_add(parties->ledger, PU_COUNT_REJECTED, 1);
}

void pu_verdict_expire(const struct pu_verdict_parties *parties, const struct pu_batch *batch, enum pu_result result,
                       int64_t max_age_ms)
{
    struct pu_outcome outcome = {.kind = PU_OUTCOME_DROPPED, .result = result, .count = 1};
    char text[64];

    (void)snprintf(text, sizeof(text), "not delivered within %" PRId64 " s", max_age_ms / 1000);
    lose(parties, batch, 0, outcome, pu_span_of(text));
    pu_ledger_add(parties->ledger, PU_COUNT_EXPIRED, 1);
}

static enum fate read_refusal(struct reading *reading, size_t place, const struct pu_reply *reply)
{
    struct pu_span why = reply->error.length > 0 ? reply->error : pu_span_of("refused without a reason");

    if (pu_reply_passing(reply)) {
        unsigned refusals = pu_queue_refuse(reading->parties->queue, place);

        if (refusals < PU_VERDICT_TRIES) {
            if (refusals > reading->verdict.refusals)
                reading->verdict.refusals = refusals;
            return KEPT;
        }
    }
    pu_verdict_reject(reading->parties, reading->batch, place, 0, why);
    return REJECTED;
}

static void read_reply(void *context, const struct pu_reply *reply)
{
    struct reading *reading = context;
    struct pu_queue *queue = reading->parties->queue;
    size_t place;

    reading->seen++;
    if (reply->id.length == 0 || !pu_queue_find(queue, reply->id.bytes, reply->id.length, &place))
        return;
    reading->matched++;
    if (reading->fates[place] != OPEN)
        return;
    if (reply->successful) {
        pu_queue_settle(queue, place);
        reading->fates[place] = DELIVERED;
        reading->verdict.delivered++;
    } else {
        reading->fates[place] = read_refusal(reading, place, reply);
    }
}

/* The rest of the batch after a good answer: an extension of the server's has swallowed it. Asking again won't help. */
static void give_up_unanswered(struct reading *reading)
{
    for (size_t place = 0; place < reading->batch->count; place++) {
        if (reading->fates[place] != OPEN)
            continue;
        reading->fates[place] = REJECTED;
        pu_verdict_reject(reading->parties, reading->batch, place, 0, pu_span_of("no reply for this message"));
    }
}

/* What is still to be sent comes after newer messages: whoever takes it for the newest has to fetch, too. */
static void mark_overtaken(struct reading *reading)
{
    bool overtaken = false;

    for (size_t place = reading->batch->count; place-- > 0;) {
        if (reading->fates[place] == DELIVERED)
            overtaken = true;
        else if (reading->fates[place] != REJECTED && overtaken)
            pu_gaps_mark(reading->parties->gaps, channel_of(reading->parties, place),
                         reading->batch->first_seq + place);
    }
}

enum pu_result pu_verdict_read(const struct pu_verdict_parties *parties, const struct pu_batch *batch,
                               const struct pu_http_answer *answer, struct pu_verdict *verdict)
{
    struct reading reading = {.parties = parties, .batch = batch};
    enum pu_result result = pu_reply_read(answer->body, answer->length, read_reply, &reading);

    if (result == PU_OK && reading.seen > 0 && reading.matched == 0)
        result = PU_EREPLY; /* replies, but to nothing that we sent */
    if (result == PU_OK)
        give_up_unanswered(&reading);
    mark_overtaken(&reading);
    pu_ledger_add(parties->ledger, PU_COUNT_DELIVERED, reading.verdict.delivered);
    *verdict = reading.verdict;
    return result;
}
