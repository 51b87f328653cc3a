#include "pu_sender.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pu_bayeux.h"
#include "pu_clock.h"
#include "pu_random.h"
#include "pu_reply.h"
#include "pu_retry.h"

#define BATCH_MESSAGES ((size_t)100)
#define BATCH_BYTES ((size_t)256 * 1024)
#define NETWORK_MS INT64_C(60000) /* libcurl knows its own timeouts; this only bounds the sleep */
#define DOWN_AFTER 5              /* failures in a row */
#define LOST_CONNECTIONS 3        /* in a row: the server does not keep connections, so stop trying */
#define REFUSED_MS INT64_C(1000)  /* between two reports of a queue that stays full */
#define TRIES_OF_ONE 4            /* for a message that the server cannot take now */

struct pu_sender {
    struct pu_sender_options options;
    struct pu_random random;
    struct pu_batch batch; /* the last one taken */
    bool busy;             /* and it is under way */
    bool fresh;            /* the next POST needs a new connection */
    unsigned lost_connections;

    unsigned failures;          /* in a row */
    bool told;                  /* the application knows of this outage */
    enum pu_result last_result; /* of the last failure */
    int64_t down_since;
    int64_t resume_at; /* no POST before; 0: none */

    uint64_t refused; /* by the full queue, as far as the application knows */
    int64_t refused_told_at;

    /* The search for a message that spoils its batch: batches of at most split_messages until split_end. */
    size_t split_messages; /* 0: no search */
    uint64_t split_end;
    unsigned deaths; /* see pu_retry_decide */
    size_t batch_bytes;
};

enum pu_result pu_sender_new(const struct pu_sender_options *options, struct pu_sender **sender)
{
    struct pu_sender *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return PU_ENOMEM;
    made->options = *options;
    made->batch_bytes = BATCH_BYTES;
    made->last_result = PU_EUNREACHABLE;
    pu_random_seed(&made->random);
    *sender = made;
    return PU_OK;
}

void pu_sender_free(struct pu_sender *sender)
{
    free(sender);
}

static void count(atomic_uint_fast64_t *counter, uint64_t added)
{
    atomic_fetch_add_explicit(counter, added, memory_order_relaxed);
}

static bool is_down(const struct pu_sender *sender)
{
    return atomic_load_explicit(&sender->options.counters->down, memory_order_relaxed);
}

static void set_down(struct pu_sender *sender, bool down)
{
    atomic_store_explicit(&sender->options.counters->down, down, memory_order_relaxed);
}

/* What became of the message at a place of the batch, or of several (place NONE). */
#define NONE SIZE_MAX

static void tell(struct pu_sender *sender, struct pu_outcome outcome, size_t place, struct pu_span text)
{
    if (place != NONE) {
        struct pu_span message = pu_queue_message(sender->options.queue, place);

        pu_outcome_set(outcome.channel, sizeof(outcome.channel), pu_bayeux_channel_of(message.bytes, message.length));
    }
    pu_outcome_set(outcome.text, sizeof(outcome.text), text);
    pu_outcomes_add(sender->options.outcomes, &outcome);
}

static struct pu_span span_of(const char *text)
{
    return (struct pu_span){text, strlen(text)};
}

static void reject(struct pu_sender *sender, size_t place, long status, struct pu_span text)
{
    struct pu_outcome outcome = {.kind = PU_OUTCOME_REJECTED, .result = PU_EREJECTED, .status = status, .count = 1};

    tell(sender, outcome, place, text);
    pu_queue_settle(sender->options.queue, place);
    count(&sender->options.counters->rejected, 1);
}

/* --- Outages --- */

static void go_down(struct pu_sender *sender, const struct pu_http_answer *answer)
{
    struct pu_outcome outcome = {
        .kind = PU_OUTCOME_DOWN, .result = sender->last_result, .status = answer->status, .count = sender->batch.count};

    set_down(sender, true);
    sender->down_since = pu_clock_monotonic_ms();
    tell(sender, outcome, NONE, span_of(answer->text));
}

/* One word to the application per outage: that it began, and when it turns out to be a long one, that too. */
static void fail(struct pu_sender *sender, struct pu_retry retry, const struct pu_http_answer *answer)
{
    bool slow = retry.action == PU_RETRY_FIX;

    sender->failures++;
    sender->last_result = retry.result;
    sender->resume_at = pu_clock_monotonic_ms() + pu_retry_pause_ms(sender->failures, slow, answer->retry_after_ms,
                                                                    pu_random_next(&sender->random));
    count(&sender->options.counters->retries, 1);
    if (is_down(sender))
        return;
    if (slow || sender->failures >= DOWN_AFTER) {
        go_down(sender, answer);
    } else if (!sender->told) {
        struct pu_outcome outcome = {
            .kind = PU_OUTCOME_RETRY, .result = retry.result, .status = answer->status, .count = sender->batch.count};

        tell(sender, outcome, NONE, span_of(answer->text));
    }
    sender->told = true;
}

static void recover(struct pu_sender *sender, const struct pu_http_answer *answer)
{
    bool was_down = is_down(sender);

    sender->failures = 0;
    sender->told = false;
    if (answer->reused || was_down)
        sender->lost_connections = 0;
    if (!was_down && sender->split_messages == 0)
        sender->deaths = 0;
    if (was_down) {
        struct pu_outcome outcome = {.kind = PU_OUTCOME_UP, .result = PU_OK, .status = answer->status};
        char text[64];

        (void)snprintf(text, sizeof(text), "after %" PRId64 " s",
                       (pu_clock_monotonic_ms() - sender->down_since) / 1000);
        set_down(sender, false);
        tell(sender, outcome, NONE, span_of(text));
    }
}

/* --- Batches that the server cannot take as a whole --- */

static void end_search(struct pu_sender *sender)
{
    sender->split_messages = 0;
    sender->deaths = 0;
}

static void split(struct pu_sender *sender, const struct pu_http_answer *answer)
{
    if (sender->batch.count == 1) {
        reject(sender, 0, answer->status, span_of(answer->text));
        pu_queue_release(sender->options.queue);
        end_search(sender);
        return;
    }
    if (answer->end == PU_HTTP_ANSWERED)
        count(&sender->options.counters->retries, 1); /* a death is counted as a failure already */
    sender->split_messages = sender->batch.count / 2;
    sender->split_end = sender->batch.first_seq + sender->batch.count;
}

/* --- Replies --- */

struct reading {
    struct pu_sender *sender;
    bool kept[BATCH_MESSAGES]; /* refused for now: stays in the queue */
    size_t seen;
    size_t matched;
    uint64_t delivered;
    unsigned refusals; /* of the message refused most often, when any is kept */
};

/* "407:…", "500:…": the server's own trouble, not the message's fault. */
static bool is_passing(struct pu_span error)
{
    long code = 0;

    if (error.length < 4 || error.bytes[3] != ':')
        return false;
    for (size_t i = 0; i < 3; i++) {
        if (error.bytes[i] < '0' || error.bytes[i] > '9')
            return false;
        code = code * 10 + (error.bytes[i] - '0');
    }
    return code == 407 || (code >= 500 && code <= 599);
}

static void read_refusal(struct reading *reading, size_t place, struct pu_span error)
{
    struct pu_sender *sender = reading->sender;
    unsigned refusals = is_passing(error) ? pu_queue_refuse(sender->options.queue, place) : TRIES_OF_ONE;

    if (refusals < TRIES_OF_ONE) {
        reading->kept[place] = true;
        if (refusals > reading->refusals)
            reading->refusals = refusals;
        return;
    }
    reject(sender, place, 0, error.length > 0 ? error : span_of("refused without a reason"));
}

static void read_reply(void *context, const struct pu_reply *reply)
{
    struct reading *reading = context;
    struct pu_queue *queue = reading->sender->options.queue;
    size_t place;

    reading->seen++;
    if (reply->id.length == 0 || !pu_queue_find(queue, reply->id.bytes, reply->id.length, &place))
        return;
    reading->matched++;
    if (pu_queue_settled(queue, place) || reading->kept[place])
        return;
    if (reply->successful) {
        pu_queue_settle(queue, place);
        reading->delivered++;
    } else {
        read_refusal(reading, place, reply->error);
    }
}

/* The rest of the batch after a good answer: an extension of the server's has swallowed it. Asking again won't help. */
static void give_up_unanswered(struct reading *reading)
{
    struct pu_sender *sender = reading->sender;

    for (size_t place = 0; place < sender->batch.count; place++) {
        if (!pu_queue_settled(sender->options.queue, place) && !reading->kept[place])
            reject(sender, place, 0, span_of("no reply for this message"));
    }
}

static void read_answer(struct pu_sender *sender, const struct pu_http_answer *answer)
{
    struct pu_counters *counters = sender->options.counters;
    struct reading reading = {.sender = sender};
    enum pu_result result = pu_reply_read(answer->body, answer->length, read_reply, &reading);

    count(&counters->delivered, reading.delivered);
    if (result == PU_OK && reading.seen > 0 && reading.matched == 0)
        result = PU_EREPLY; /* replies, but to nothing that we sent */
    if (result == PU_OK) {
        give_up_unanswered(&reading);
        recover(sender, answer);
        if (reading.refusals > 0)
            sender->resume_at = pu_clock_monotonic_ms() +
                                pu_retry_pause_ms(reading.refusals, false, 0, pu_random_next(&sender->random));
        count(&counters->batches, 1);
        count(&counters->bytes, sender->batch.length);
    } else {
        struct pu_http_answer foreign = *answer;

        pu_outcome_set(foreign.text, sizeof(foreign.text), span_of(pu_result_text(result)));
        fail(sender, (struct pu_retry){PU_RETRY_FIX, result}, &foreign);
    }
    pu_queue_release(sender->options.queue);
}

/* --- The steps --- */

static void handle(struct pu_sender *sender, const struct pu_http_answer *answer)
{
    struct pu_counters *counters = sender->options.counters;
    struct pu_retry retry;

    count(&counters->connections, (uint64_t)answer->connections);
    if (pu_retry_died(answer))
        sender->deaths++;
    retry = pu_retry_decide(answer, sender->deaths);
    switch (retry.action) {
    case PU_RETRY_READ:
        read_answer(sender, answer);
        break;
    case PU_RETRY_FRESH:
        sender->fresh = true;
        sender->lost_connections++;
        count(&counters->retries, 1);
        break;
    case PU_RETRY_LATER:
    case PU_RETRY_FIX:
        fail(sender, retry, answer);
        break;
    case PU_RETRY_SPLIT_OFF:
        if (sender->batch.count > 1)
            sender->batch_bytes = sender->batch.length / 2;
        split(sender, answer);
        break;
    case PU_RETRY_SPLIT:
        split(sender, answer);
        if (answer->end != PU_HTTP_ANSWERED)
            fail(sender, retry, answer); /* it died: give it time to come back */
        break;
    }
}

static void expire(struct pu_sender *sender)
{
    struct pu_outcome outcome = {.kind = PU_OUTCOME_DROPPED, .result = sender->last_result, .count = 1};
    char text[64];

    (void)snprintf(text, sizeof(text), "not delivered within %" PRId64 " s", sender->options.max_age_ms / 1000);
    tell(sender, outcome, 0, span_of(text));
    pu_queue_settle(sender->options.queue, 0);
    count(&sender->options.counters->dropped, 1);
}

/* While the server is down, one message is enough to ask whether it is back. */
static size_t most_messages(const struct pu_sender *sender)
{
    if (is_down(sender))
        return 1;
    return sender->split_messages > 0 ? sender->split_messages : BATCH_MESSAGES;
}

static bool take_batch(struct pu_sender *sender)
{
    int64_t oldest = pu_clock_monotonic_ms() - sender->options.max_age_ms;

    while (pu_queue_take(sender->options.queue, most_messages(sender), sender->batch_bytes, &sender->batch)) {
        if (sender->split_messages > 0 && sender->batch.first_seq >= sender->split_end)
            end_search(sender);
        else if (sender->batch.pushed_at < oldest)
            expire(sender);
        else
            return true;
    }
    return false;
}

/* What the full queue refused since the last time, as one outcome. The pushing threads only count: a flood of them must
 * not become a flood of reports.
 */
static void tell_refused(struct pu_sender *sender)
{
    struct pu_outcome outcome = {.kind = PU_OUTCOME_DROPPED, .result = PU_EFULL};
    struct pu_queue_counts counts;

    pu_queue_counts(sender->options.queue, &counts);
    if (counts.refused == sender->refused)
        return;
    outcome.count = counts.refused - sender->refused;
    sender->refused = counts.refused;
    sender->refused_told_at = pu_clock_monotonic_ms();
    tell(sender, outcome, NONE, span_of(pu_result_text(PU_EFULL)));
}

int64_t pu_sender_step(struct pu_sender *sender)
{
    if (sender->busy) {
        const struct pu_http_answer *answer = pu_http_step(sender->options.http);

        if (answer == NULL)
            return NETWORK_MS;
        sender->busy = false;
        handle(sender, answer);
        return 0;
    }
    if (sender->resume_at > 0) {
        int64_t pause = sender->resume_at - pu_clock_monotonic_ms();

        if (pause > 0)
            return pause;
        sender->resume_at = 0;
    }
    if (pu_clock_monotonic_ms() - sender->refused_told_at >= REFUSED_MS)
        tell_refused(sender);
    if (!take_batch(sender)) {
        tell_refused(sender);
        return PU_SENDER_IDLE;
    }
    pu_http_post(sender->options.http, sender->batch.body, sender->batch.length,
                 sender->fresh || sender->lost_connections >= LOST_CONNECTIONS);
    sender->fresh = false;
    sender->busy = true;
    return 0;
}

bool pu_sender_busy(const struct pu_sender *sender)
{
    return sender->busy;
}

void pu_sender_hurry(struct pu_sender *sender)
{
    sender->resume_at = 0;
}

void pu_sender_drop(struct pu_sender *sender)
{
    struct pu_outcome outcome = {.kind = PU_OUTCOME_DROPPED, .result = PU_ECLOSED};

    if (sender->busy)
        pu_http_cancel(sender->options.http);
    sender->busy = false;
    tell_refused(sender);
    while (pu_queue_take(sender->options.queue, BATCH_MESSAGES, BATCH_BYTES, &sender->batch)) {
        for (size_t place = 0; place < sender->batch.count; place++)
            pu_queue_settle(sender->options.queue, place);
        outcome.count += sender->batch.count;
    }
    count(&sender->options.counters->dropped, outcome.count);
    if (outcome.count > 0)
        tell(sender, outcome, NONE, span_of("unsent when the courier was stopped"));
}
