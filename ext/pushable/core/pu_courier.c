#include "pu_courier.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pu_bayeux.h"
#include "pu_clock.h"
#include "pu_http.h"
#include "pu_queue.h"
#include "pu_reply.h"
#include "pu_retry.h"
#include "pu_sender.h"

#define NEVER INT64_MAX
#define LONGEST_WAIT INT64_C(60000)
/* After a POST the loop rests this long (ms) before a push may wake it again: a burst of saves then costs a few wakes
 * and POSTs, not one of each a save. What comes after a quiet moment goes out at once.
 */
#define REST INT64_C(5)

struct pu_courier {
    struct pu_queue *queue;
    struct pu_http *http;
    struct pu_outcomes *outcomes;
    struct pu_sender *sender; /* of the thread that runs the loop */
    struct pu_counters counters;
    size_t max_message_bytes;
    atomic_bool interrupted;
    atomic_bool hurried;
    atomic_int_least64_t stop_at;     /* NEVER, or when the loop ends whatever waits */
    atomic_uint_fast64_t posted;      /* by pu_courier_post, to an end */
    atomic_uint_fast64_t post_number; /* of the next one: an interrupted post has used up its id, too */
};

/* --- The process --- */

static atomic_uint generation;

/* Runs in every child, also in one that only becomes another program: nothing but this. */
static void note_fork(void)
{
    atomic_fetch_add_explicit(&generation, 1, memory_order_relaxed);
}

enum pu_result pu_courier_setup(void)
{
    enum pu_result result = pu_http_setup();

    if (result == PU_OK && pthread_atfork(NULL, NULL, note_fork) != 0)
        result = PU_ETRANSPORT;
    return result;
}

unsigned pu_courier_generation(void)
{
    return atomic_load_explicit(&generation, memory_order_relaxed);
}

/* --- The object --- */

static enum pu_result new_parts(struct pu_courier *courier, const struct pu_courier_options *options)
{
    const struct pu_queue_options queue = {.bytes = options->queue_bytes,
                                           .messages = options->queue_messages,
                                           .max_message_bytes = options->max_message_bytes,
                                           .write = pu_bayeux_write};
    const struct pu_http_options http = {.url = options->url,
                                         .authorization = options->authorization,
                                         .ca_file = options->ca_file,
                                         .verify = options->verify,
                                         .open_timeout_ms = options->open_timeout_ms,
                                         .timeout_ms = options->timeout_ms};
    struct pu_sender_options sender = {.counters = &courier->counters, .max_age_ms = options->max_age_ms};
    enum pu_result result = pu_queue_new(&queue, &courier->queue);

    if (result == PU_OK)
        result = pu_http_new(&http, &courier->http);
    if (result == PU_OK)
        result = pu_outcomes_new(&courier->outcomes);
    if (result != PU_OK)
        return result;
    sender.queue = courier->queue;
    sender.http = courier->http;
    sender.outcomes = courier->outcomes;
    return pu_sender_new(&sender, &courier->sender);
}

enum pu_result pu_courier_new(const struct pu_courier_options *options, struct pu_courier **courier)
{
    enum pu_result result = PU_ENOMEM;
    struct pu_courier *made = calloc(1, sizeof(*made));

    if (made == NULL)
        goto done;
    made->max_message_bytes = options->max_message_bytes;
    atomic_init(&made->stop_at, NEVER);
    result = new_parts(made, options);
    if (result != PU_OK)
        goto done;
    *courier = made;
    made = NULL;
done:
    pu_courier_free(made);
    return result;
}

void pu_courier_free(struct pu_courier *courier)
{
    if (courier == NULL)
        return;
    pu_sender_free(courier->sender);
    pu_outcomes_free(courier->outcomes);
    pu_http_free(courier->http);
    pu_queue_free(courier->queue);
    free(courier);
}

void pu_courier_abandon(struct pu_courier *courier)
{
    pu_http_abandon(courier->http);
}

/* --- The pushing threads --- */

enum pu_result pu_courier_push(struct pu_courier *courier, const struct pu_message *message)
{
    bool wake = false;
    enum pu_result result = pu_queue_push(courier->queue, message, &wake);

    if (wake)
        pu_http_wake(courier->http);
    return result;
}

void pu_courier_interrupt(struct pu_courier *courier)
{
    atomic_store(&courier->interrupted, true);
    pu_http_wake(courier->http);
}

void pu_courier_stop(struct pu_courier *courier, int64_t timeout_ms)
{
    pu_queue_close(courier->queue);
    atomic_store(&courier->stop_at, pu_clock_monotonic_ms() + timeout_ms);
    atomic_store(&courier->hurried, true);
    pu_http_wake(courier->http);
}

bool pu_courier_outcome(struct pu_courier *courier, struct pu_outcome *outcome)
{
    return pu_outcomes_take(courier->outcomes, outcome);
}

static uint64_t read_counter(atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void pu_courier_stats(struct pu_courier *courier, struct pu_courier_stats *stats)
{
    struct pu_counters *counters = &courier->counters;
    struct pu_queue_counts counts;

    pu_queue_counts(courier->queue, &counts);
    *stats = (struct pu_courier_stats){.pushed = counts.pushed + read_counter(&courier->posted),
                                       .delivered = read_counter(&counters->delivered),
                                       .dropped = counts.refused + read_counter(&counters->dropped),
                                       .rejected = read_counter(&counters->rejected),
                                       .batches = read_counter(&counters->batches),
                                       .retries = read_counter(&counters->retries),
                                       .bytes = read_counter(&counters->bytes),
                                       .connections = read_counter(&counters->connections),
                                       .pending_messages = counts.messages,
                                       .pending_bytes = counts.bytes,
                                       .down = atomic_load_explicit(&counters->down, memory_order_relaxed)};
}

/* --- The loop --- */

/* Some TLS libraries write without MSG_NOSIGNAL; libcurl was told to leave signals alone. Returns the mask before. */
static sigset_t block_sigpipe(void)
{
    sigset_t pipe_signal;
    sigset_t before;

    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    return before;
}

static void restore_signals(sigset_t before)
{
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* After pu_courier_stop: whether the loop is done, giving up the rest when its time is over. */
static bool finished(struct pu_courier *courier)
{
    int64_t stop_at = atomic_load(&courier->stop_at);
    struct pu_queue_counts counts;

    if (stop_at == NEVER)
        return false;
    if (atomic_exchange(&courier->hurried, false))
        pu_sender_hurry(courier->sender);
    if (pu_clock_monotonic_ms() >= stop_at)
        pu_sender_drop(courier->sender);
    pu_queue_counts(courier->queue, &counts);
    return counts.messages == 0 && !pu_sender_busy(courier->sender);
}

static void wait(struct pu_courier *courier, int64_t milliseconds)
{
    int64_t stop_at = atomic_load(&courier->stop_at);

    if (stop_at != NEVER) {
        int64_t left = stop_at - pu_clock_monotonic_ms();

        if (left < milliseconds)
            milliseconds = left > 0 ? left : 0;
    }
    pu_http_wait(courier->http, milliseconds);
}

/* A push wakes the loop only out of this sleep: never out of a pause between two tries, nor during a POST. */
static void sleep_idle(struct pu_courier *courier)
{
    if (pu_outcomes_waiting(courier->outcomes) || !pu_queue_sleep(courier->queue))
        return;
    wait(courier, LONGEST_WAIT);
    pu_queue_awake(courier->queue);
}

static enum pu_courier_pause run(struct pu_courier *courier)
{
    int64_t rested_at = 0;

    for (;;) {
        int64_t pause;

        if (atomic_exchange(&courier->interrupted, false))
            return PU_COURIER_INTERRUPTED;
        if (finished(courier))
            return PU_COURIER_STOPPED;
        if (pu_outcomes_waiting(courier->outcomes))
            return PU_COURIER_REPORT;
        pause = pu_sender_step(courier->sender);
        if (pause != PU_SENDER_IDLE) {
            rested_at = pu_clock_monotonic_ms() + REST;
            if (pause > 0)
                wait(courier, pause);
        } else if (pu_clock_monotonic_ms() < rested_at) {
            wait(courier, rested_at - pu_clock_monotonic_ms());
        } else {
            sleep_idle(courier);
        }
    }
}

enum pu_courier_pause pu_courier_run(struct pu_courier *courier)
{
    sigset_t before = block_sigpipe();
    enum pu_courier_pause pause = run(courier);

    restore_signals(before);
    return pause;
}

/* --- One message, now --- */

struct acknowledgement {
    const char *id;
    struct pu_reply reply; /* the one to our message; id absent: none */
};

static void find_reply(void *context, const struct pu_reply *reply)
{
    struct acknowledgement *own = context;

    if (reply->id.length == strlen(own->id) && memcmp(reply->id.bytes, own->id, reply->id.length) == 0)
        own->reply = *reply;
}

/* NULL: interrupted. */
static const struct pu_http_answer *exchange(struct pu_courier *courier, const struct pu_buf *body, bool fresh)
{
    const struct pu_http_answer *answer = NULL;

    pu_http_post(courier->http, body->bytes, body->length, fresh);
    for (;;) {
        answer = pu_http_step(courier->http);
        if (answer != NULL)
            break;
        if (atomic_exchange(&courier->interrupted, false)) {
            pu_http_cancel(courier->http);
            return NULL;
        }
        pu_http_wait(courier->http, LONGEST_WAIT);
    }
    atomic_fetch_add_explicit(&courier->counters.connections, (uint64_t)answer->connections, memory_order_relaxed);
    return answer;
}

static struct pu_span span_of(const char *text)
{
    return (struct pu_span){text, strlen(text)};
}

static enum pu_result judge(const struct pu_http_answer *answer, const char *id, struct pu_outcome *outcome)
{
    struct acknowledgement own = {.id = id};
    struct pu_retry retry = pu_retry_decide(answer, 0);
    struct pu_span text = span_of(answer->text);
    enum pu_result result = retry.result;

    if (retry.action == PU_RETRY_READ) {
        result = pu_reply_read(answer->body, answer->length, find_reply, &own);
        if (result == PU_OK && own.reply.id.length == 0)
            result = PU_EREPLY;
        if (result == PU_OK && !own.reply.successful)
            result = PU_EREJECTED;
        text = own.reply.error.length > 0 ? own.reply.error : span_of(pu_result_text(result));
    }
    outcome->status = answer->status;
    pu_outcome_set(outcome->text, sizeof(outcome->text), text);
    return result;
}

static enum pu_result post(struct pu_courier *courier, const struct pu_buf *body, const char *id,
                           struct pu_outcome *outcome)
{
    const struct pu_http_answer *answer = exchange(courier, body, false);

    if (answer != NULL && pu_retry_decide(answer, 0).action == PU_RETRY_FRESH)
        answer = exchange(courier, body, true);
    if (answer == NULL)
        return PU_EINTERRUPTED;
    return judge(answer, id, outcome);
}

static void count_post(struct pu_courier *courier, enum pu_result result, size_t bytes)
{
    struct pu_counters *counters = &courier->counters;

    atomic_fetch_add_explicit(&courier->posted, 1, memory_order_relaxed);
    if (result == PU_OK) {
        atomic_fetch_add_explicit(&counters->delivered, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&counters->batches, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&counters->bytes, bytes, memory_order_relaxed);
    } else if (result == PU_EREJECTED) {
        atomic_fetch_add_explicit(&counters->rejected, 1, memory_order_relaxed);
    } else {
        atomic_fetch_add_explicit(&counters->dropped, 1, memory_order_relaxed);
    }
}

enum pu_result pu_courier_post(struct pu_courier *courier, const struct pu_message *message, struct pu_outcome *outcome)
{
    enum pu_result result;
    struct pu_outcome made = {.count = 1};
    struct pu_buf body;
    char id[PU_QUEUE_ID + 1];
    sigset_t before;

    /* Unlike an id of the queue's, as it has a "p". */
    (void)snprintf(id, sizeof(id), "%s-p%llu", pu_queue_source(courier->queue),
                   (unsigned long long)atomic_fetch_add_explicit(&courier->post_number, 1, memory_order_relaxed));
    pu_buf_init(&body, courier->max_message_bytes + 2);
    pu_buf_append(&body, "[", 1);
    pu_bayeux_write(&body, message, id);
    result = pu_buf_append(&body, "]", 1);
    if (result != PU_OK)
        goto done;
    before = block_sigpipe();
    result = post(courier, &body, id, &made);
    restore_signals(before);
    if (result != PU_EINTERRUPTED)
        count_post(courier, result, body.length);
done:
    pu_buf_cleanup(&body);
    if (result != PU_OK) {
        made.kind = result == PU_EREJECTED ? PU_OUTCOME_REJECTED : PU_OUTCOME_DROPPED;
        made.result = result;
        pu_outcome_set(made.channel, sizeof(made.channel), message->channel);
        *outcome = made;
    }
    return result;
}
