#include "pu_courier.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pu_bayeux.h"
#include "pu_clock.h"
#include "pu_gaps.h"
#include "pu_http.h"
#include "pu_id.h"
#include "pu_ledger.h"
#include "pu_post.h"
#include "pu_queue.h"
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
    struct pu_gaps *gaps;
    struct pu_ledger *ledger;
    struct pu_sender *sender; /* of the thread that runs the loop */
    size_t max_message_bytes;
    atomic_bool interrupted;
    atomic_bool hurried;
    atomic_bool paused;
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

static void note_dropped(void *context, struct pu_span message, uint64_t seq)
{
    pu_gaps_mark(context, pu_bayeux_channel_of(message.bytes, message.length), seq);
}

static enum pu_result new_parts(struct pu_courier *courier, const struct pu_courier_options *options)
{
    struct pu_queue_options queue = {.bytes = options->queue_bytes,
                                     .messages = options->queue_messages,
                                     .max_message_bytes = options->max_message_bytes,
                                     .write = pu_bayeux_write,
                                     .dropped = note_dropped};
    const struct pu_http_options http = {.url = options->url,
                                         .authorization = options->authorization,
                                         .ca_file = options->ca_file,
                                         .verify = options->verify,
                                         .open_timeout_ms = options->open_timeout_ms,
                                         .timeout_ms = options->timeout_ms};
    struct pu_sender_options sender = {.max_age_ms = options->max_age_ms};
    enum pu_result result = pu_gaps_new(&courier->gaps);

    queue.context = courier->gaps;
    if (result == PU_OK)
        result = pu_queue_new(&queue, &courier->queue);
    if (result == PU_OK)
        result = pu_http_new(&http, &courier->http);
    if (result == PU_OK)
        result = pu_ledger_new(&courier->ledger);
    if (result != PU_OK)
        return result;
    sender.queue = courier->queue;
    sender.http = courier->http;
    sender.gaps = courier->gaps;
    sender.ledger = courier->ledger;
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
    pu_ledger_free(courier->ledger);
    pu_http_free(courier->http);
    pu_queue_free(courier->queue);
    pu_gaps_free(courier->gaps);
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

void pu_courier_pause(struct pu_courier *courier)
{
    atomic_store(&courier->paused, true);
}

void pu_courier_resume(struct pu_courier *courier)
{
    atomic_store(&courier->paused, false);
    pu_http_wake(courier->http);
}

void pu_courier_listen(struct pu_courier *courier, bool listen)
{
    pu_ledger_listen(courier->ledger, listen);
}

bool pu_courier_outcome(struct pu_courier *courier, struct pu_outcome *outcome)
{
    return pu_ledger_take(courier->ledger, outcome);
}

void pu_courier_stats(struct pu_courier *courier, struct pu_courier_stats *stats)
{
    struct pu_ledger *ledger = courier->ledger;
    struct pu_ledger_state state;
    struct pu_queue_counts counts;

    pu_queue_counts(courier->queue, &counts);
    pu_ledger_state(ledger, &state);
    *stats = (struct pu_courier_stats){
        .pushed = counts.pushed + atomic_load_explicit(&courier->posted, memory_order_relaxed),
        .delivered = pu_ledger_count(ledger, PU_COUNT_DELIVERED),
        .overflowed = counts.dropped,
        .expired = pu_ledger_count(ledger, PU_COUNT_EXPIRED),
        .abandoned = pu_ledger_count(ledger, PU_COUNT_ABANDONED),
        .rejected = pu_ledger_count(ledger, PU_COUNT_REJECTED),
        .resyncs = pu_ledger_count(ledger, PU_COUNT_RESYNCS),
        .untold = pu_ledger_count(ledger, PU_COUNT_UNTOLD),
        .batches = pu_ledger_count(ledger, PU_COUNT_BATCHES),
        .retries = pu_ledger_count(ledger, PU_COUNT_RETRIES),
        .bytes = pu_ledger_count(ledger, PU_COUNT_BYTES),
        .connections = pu_ledger_count(ledger, PU_COUNT_CONNECTIONS),
        .pending_messages = counts.messages,
        .pending_bytes = counts.bytes,
        .oldest_age_ms = counts.oldest_at > 0 ? pu_clock_monotonic_ms() - counts.oldest_at : -1,
        .paused = atomic_load(&courier->paused),
        .down = state.down,
        .down_since = state.down_since,
        .last_success_at = state.last_success_at,
    };
    memcpy(stats->last_error, state.last_error, sizeof(stats->last_error));
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
static bool finished(struct pu_courier *courier, int64_t stop_at)
{
    if (stop_at == NEVER)
        return false;
    if (atomic_exchange(&courier->hurried, false))
        pu_sender_hurry(courier->sender);
    if (pu_clock_monotonic_ms() >= stop_at)
        pu_sender_drop(courier->sender);
    return pu_sender_done(courier->sender);
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
    int64_t longest = pu_sender_idle_ms(courier->sender);

    if (pu_ledger_waiting(courier->ledger) || !pu_queue_sleep(courier->queue))
        return;
    wait(courier, longest < LONGEST_WAIT ? longest : LONGEST_WAIT);
    pu_queue_awake(courier->queue);
}

static enum pu_courier_break run(struct pu_courier *courier)
{
    int64_t rested_at = 0;

    for (;;) {
        int64_t stop_at = atomic_load(&courier->stop_at);
        int64_t pause;

        if (atomic_exchange(&courier->interrupted, false))
            return PU_COURIER_INTERRUPTED;
        if (finished(courier, stop_at))
            return PU_COURIER_STOPPED;
        if (pu_ledger_waiting(courier->ledger))
            return PU_COURIER_REPORT;
        pause = pu_sender_step(courier->sender, stop_at == NEVER && atomic_load(&courier->paused));
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

enum pu_courier_break pu_courier_run(struct pu_courier *courier)
{
    sigset_t before = block_sigpipe();
    enum pu_courier_break why = run(courier);

    restore_signals(before);
    return why;
}

/* --- One message, now --- */

enum pu_result pu_courier_post(struct pu_courier *courier, const struct pu_message *message, struct pu_outcome *outcome)
{
    const struct pu_post post = {.http = courier->http,
                                 .ledger = courier->ledger,
                                 .interrupted = &courier->interrupted,
                                 .max_message_bytes = courier->max_message_bytes};
    sigset_t before = block_sigpipe();
    char id[PU_ID_ROOM];
    enum pu_result result;

    pu_id_write(id, pu_queue_source(courier->queue), "p",
                atomic_fetch_add_explicit(&courier->post_number, 1, memory_order_relaxed));
    result = pu_post_message(&post, message, id, outcome);
    restore_signals(before);
    if (result != PU_EINTERRUPTED && result != PU_ETOOBIG && result != PU_ENOMEM)
        atomic_fetch_add_explicit(&courier->posted, 1, memory_order_relaxed);
    return result;
}
