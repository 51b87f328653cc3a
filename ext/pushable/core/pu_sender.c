#include "pu_sender.h"

#include <stdlib.h>

#include "pu_clock.h"
#include "pu_link.h"
#include "pu_pace.h"
#include "pu_resync.h"
#include "pu_retry.h"
#include "pu_verdict.h"

/* The loop looks up so often, whatever it waits for: a full queue has to be told of, and only the loop does. */
#define TICK_MS INT64_C(1000)
#define OVERFLOW_MS INT64_C(1000) /* between two reports of a queue that stays full */

enum under_way { NOTHING, MESSAGES, RESYNCS };

struct pu_sender {
    struct pu_sender_options options;
    struct pu_verdict_parties parties;
    struct pu_link link;
    struct pu_pace pace;
    struct pu_resync *resync;
    struct pu_batch batch; /* the last one taken */
    enum under_way under_way;
    size_t count; /* messages under way */
    int64_t posted_at;
    uint64_t overflowed; /* as far as the application knows */
    int64_t overflow_told_at;
    bool dropped; /* all was given up: no channel is told any more */
};

enum pu_result pu_sender_new(const struct pu_sender_options *options, struct pu_sender **sender)
{
    enum pu_result result = PU_ENOMEM;
    struct pu_sender *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return result;
    made->options = *options;
    made->parties = (struct pu_verdict_parties){options->queue, options->gaps, options->ledger};
    pu_link_init(&made->link, options->ledger);
    pu_pace_init(&made->pace);
    result = pu_resync_new(options->gaps, options->ledger, pu_queue_source(options->queue), &made->resync);
    if (result == PU_OK)
        *sender = made;
    else
        free(made);
    return result;
}

void pu_sender_free(struct pu_sender *sender)
{
    if (sender == NULL)
        return;
    pu_resync_free(sender->resync);
    free(sender);
}

/* --- What came back --- */

/* A batch that the server cannot take as a whole. */
static void split(struct pu_sender *sender, const struct pu_http_answer *answer)
{
    bool died = answer->end != PU_HTTP_ANSWERED;

    if (died && sender->count == 1 && !pu_link_suspect(&sender->link)) {
        if (sender->under_way == RESYNCS)
            pu_resync_return(sender->resync);
        return;
    }
    if (sender->under_way == RESYNCS) {
        pu_resync_split(sender->resync, answer->status, pu_span_of(answer->text));
    } else if (sender->batch.count > 1) {
        pu_pace_split(&sender->pace, sender->batch.count, sender->batch.first_seq);
    } else {
        pu_verdict_reject(&sender->parties, &sender->batch, 0, answer->status, pu_span_of(answer->text));
        pu_queue_release(sender->options.queue);
        pu_pace_found(&sender->pace);
        pu_link_forgive(&sender->link);
        return;
    }
    if (!died)
        pu_ledger_add(sender->options.ledger, PU_COUNT_RETRIES, 1); /* a death is counted as a failure */
}

static void not_faye(struct pu_sender *sender, const struct pu_http_answer *answer)
{
    struct pu_http_answer foreign = *answer;

    pu_outcome_set(foreign.text, sizeof(foreign.text), pu_span_of(pu_result_text(PU_EREPLY)));
    pu_link_failed(&sender->link, (struct pu_retry){PU_RETRY_FIX, PU_EREPLY}, &foreign, sender->count);
}

static void acknowledged(struct pu_sender *sender, const struct pu_http_answer *answer, uint64_t delivered)
{
    struct pu_ledger *ledger = sender->options.ledger;
    struct pu_outcome outcome = {.status = answer->status,
                                 .count = delivered,
                                 .bytes = sender->batch.length,
                                 .milliseconds = pu_clock_monotonic_ms() - sender->posted_at};

    pu_link_succeeded(&sender->link, answer, !pu_pace_searching(&sender->pace));
    pu_pace_answered(&sender->pace, sender->batch.count, outcome.milliseconds);
    pu_ledger_add(ledger, PU_COUNT_BATCHES, 1);
    pu_ledger_add(ledger, PU_COUNT_BYTES, sender->batch.length);
    if (delivered > 0)
        pu_ledger_delivered(ledger, outcome);
}

static void read_replies(struct pu_sender *sender, const struct pu_http_answer *answer)
{
    struct pu_verdict verdict = {.refusals = 0};
    enum pu_result result;

    if (sender->under_way == RESYNCS) {
        result = pu_resync_read(sender->resync, answer, &verdict.refusals);
        if (result == PU_OK)
            pu_link_succeeded(&sender->link, answer, false);
    } else {
        result = pu_verdict_read(&sender->parties, &sender->batch, answer, &verdict);
        pu_queue_release(sender->options.queue);
        if (result == PU_OK)
            acknowledged(sender, answer, verdict.delivered);
    }
    if (result != PU_OK)
        not_faye(sender, answer);
    else if (verdict.refusals > 0)
        pu_link_rest(&sender->link, verdict.refusals);
}

static void handle(struct pu_sender *sender, const struct pu_http_answer *answer)
{
    struct pu_retry retry = pu_link_ended(&sender->link, answer, sender->count);

    switch (retry.action) {
    case PU_RETRY_READ:
        read_replies(sender, answer);
        break;
    case PU_RETRY_SPLIT_OFF:
        if (sender->under_way == MESSAGES && sender->batch.count > 1)
            pu_pace_too_large(&sender->pace, sender->batch.length);
        split(sender, answer);
        break;
    case PU_RETRY_SPLIT:
        split(sender, answer);
        if (answer->end != PU_HTTP_ANSWERED)
            pu_link_failed(&sender->link, retry, answer, sender->count); /* it died: give it time to come back */
        break;
    case PU_RETRY_FRESH:
    case PU_RETRY_LATER:
    case PU_RETRY_FIX:
        if (sender->under_way == RESYNCS)
            pu_resync_return(sender->resync);
        break;
    }
    sender->under_way = NOTHING;
}

/* --- What goes out --- */

/* While the server is down, one message is enough to ask whether it is back. */
static bool take_batch(struct pu_sender *sender)
{
    int64_t oldest = pu_clock_monotonic_ms() - sender->options.max_age_ms;

    while (pu_queue_take(sender->options.queue, pu_pace_messages(&sender->pace, sender->link.down),
                         pu_pace_bytes(&sender->pace), &sender->batch)) {
        if (pu_pace_past(&sender->pace, sender->batch.first_seq))
            pu_link_forgive(&sender->link);
        else if (sender->batch.pushed_at < oldest)
            pu_verdict_expire(&sender->parties, &sender->batch, sender->link.last_result, sender->options.max_age_ms);
        else
            return true;
    }
    return false;
}

static void post(struct pu_sender *sender, enum under_way under_way, struct pu_span body, size_t count)
{
    pu_http_post(sender->options.http, body.bytes, body.length, pu_link_fresh(&sender->link));
    sender->under_way = under_way;
    sender->count = count;
    sender->posted_at = pu_clock_monotonic_ms();
}

/* A gap is told of after everything that is older than its loss, and before anything newer. Returns whether something
 * was begun.
 */
static bool begin(struct pu_sender *sender)
{
    bool waits = take_batch(sender);
    size_t resyncs =
        pu_resync_take(sender->resync, waits ? sender->batch.first_seq : UINT64_MAX, sender->link.down ? 1 : SIZE_MAX);

    if (resyncs > 0)
        post(sender, RESYNCS, pu_resync_body(sender->resync), resyncs);
    else if (waits)
        post(sender, MESSAGES, (struct pu_span){sender->batch.body, sender->batch.length}, sender->batch.count);
    return sender->under_way != NOTHING;
}

/* What the full queue dropped since the last time, as one outcome. The pushing threads only count: a flood of them must
 * not become a flood of reports.
 */
static void tell_overflow(struct pu_sender *sender)
{
    struct pu_outcome outcome = {.kind = PU_OUTCOME_DROPPED, .result = PU_EFULL};
    struct pu_queue_counts counts;

    pu_queue_counts(sender->options.queue, &counts);
    if (counts.dropped == sender->overflowed)
        return;
    outcome.count = counts.dropped - sender->overflowed;
    sender->overflowed = counts.dropped;
    sender->overflow_told_at = pu_clock_monotonic_ms();
    pu_ledger_tell(sender->options.ledger, outcome, (struct pu_span){NULL, 0}, pu_span_of(pu_result_text(PU_EFULL)));
}

/* --- The steps --- */

static int64_t at_most_a_tick(int64_t pause)
{
    return pause < TICK_MS ? pause : TICK_MS;
}

int64_t pu_sender_step(struct pu_sender *sender, bool paused)
{
    struct pu_queue_counts counts;
    int64_t pause;

    if (pu_clock_monotonic_ms() - sender->overflow_told_at >= OVERFLOW_MS)
        tell_overflow(sender);
    if (sender->under_way != NOTHING) {
        const struct pu_http_answer *answer = pu_http_step(sender->options.http);

        if (answer == NULL)
            return TICK_MS; /* libcurl knows its own timeouts */
        handle(sender, answer);
        return 0;
    }
    if (paused)
        return TICK_MS;
    pause = pu_link_pause(&sender->link);
    if (pause > 0)
        return at_most_a_tick(pause);
    if (begin(sender))
        return 0;
    tell_overflow(sender);
    pu_queue_counts(sender->options.queue, &counts);
    return counts.messages > 0 ? TICK_MS : PU_SENDER_IDLE; /* no memory to take them: perhaps later */
}

int64_t pu_sender_idle_ms(struct pu_sender *sender)
{
    int64_t pause = pu_gaps_pause(sender->options.gaps);

    return pause > 0 ? pause : TICK_MS; /* without the memory to tell it: perhaps later */
}

bool pu_sender_done(struct pu_sender *sender)
{
    struct pu_queue_counts counts;

    pu_queue_counts(sender->options.queue, &counts);
    return counts.messages == 0 && sender->under_way == NOTHING &&
           (sender->dropped || pu_gaps_pause(sender->options.gaps) > 0);
}

void pu_sender_hurry(struct pu_sender *sender)
{
    pu_link_hurry(&sender->link);
    pu_gaps_hurry(sender->options.gaps);
}

void pu_sender_drop(struct pu_sender *sender)
{
    struct pu_outcome outcome = {.kind = PU_OUTCOME_DROPPED, .result = PU_ECLOSED};

    if (sender->under_way != NOTHING)
        pu_http_cancel(sender->options.http);
    sender->under_way = NOTHING;
    sender->dropped = true;
    tell_overflow(sender);
    while (pu_queue_take(sender->options.queue, PU_PACE_MESSAGES, PU_PACE_BYTES, &sender->batch)) {
        for (size_t place = 0; place < sender->batch.count; place++)
            pu_queue_settle(sender->options.queue, place);
        outcome.count += sender->batch.count;
    }
    if (outcome.count == 0)
        return;
    pu_ledger_add(sender->options.ledger, PU_COUNT_ABANDONED, outcome.count);
    pu_ledger_tell(sender->options.ledger, outcome, (struct pu_span){NULL, 0},
                   pu_span_of("unsent when the courier was stopped"));
}
