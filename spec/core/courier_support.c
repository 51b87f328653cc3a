#include "test_support.h"

#include "courier_support.h"

#include <stdlib.h>
#include <time.h>

#include "pu_clock.h"

struct pu_courier_options courier_options(int port)
{
    static char url[64];

    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/faye", port);
    return (struct pu_courier_options){.url = url,
                                       .verify = true,
                                       .open_timeout_ms = 5000,
                                       .timeout_ms = 15000,
                                       .max_age_ms = 300000,
                                       .queue_bytes = (size_t)8 * 1024 * 1024,
                                       .queue_messages = 10000,
                                       .max_message_bytes = (size_t)1024 * 1024};
}

static void keep_outcomes(struct worker *worker)
{
    struct pu_outcome outcome;

    while (pu_courier_outcome(worker->courier, &outcome)) {
        pthread_mutex_lock(&worker->mutex);
        if (worker->outcome_count < MOST_OUTCOMES)
            worker->outcomes[worker->outcome_count++] = outcome;
        pthread_mutex_unlock(&worker->mutex);
    }
}

static void *work(void *context)
{
    struct worker *worker = context;

    for (;;) {
        enum pu_courier_break why = pu_courier_run(worker->courier);

        keep_outcomes(worker);
        if (why == PU_COURIER_STOPPED)
            return NULL;
        if (why == PU_COURIER_INTERRUPTED) {
            pthread_mutex_lock(&worker->mutex);
            worker->interruptions++;
            pthread_mutex_unlock(&worker->mutex);
        }
    }
}

struct worker *worker_start(const struct pu_courier_options *options)
{
    struct worker *worker = calloc(1, sizeof(*worker));

    assert_non_null(worker);
    pthread_mutex_init(&worker->mutex, NULL);
    assert_result(pu_courier_new(options, &worker->courier), PU_OK);
    assert_int_equal(pthread_create(&worker->thread, NULL, work, worker), 0);
    return worker;
}

int64_t worker_stop(struct worker *worker, int64_t timeout_ms)
{
    int64_t before = pu_clock_monotonic_ms();

    pu_courier_stop(worker->courier, timeout_ms);
    assert_int_equal(pthread_join(worker->thread, NULL), 0);
    return pu_clock_monotonic_ms() - before;
}

void worker_free(struct worker *worker)
{
    pu_courier_free(worker->courier);
    pthread_mutex_destroy(&worker->mutex);
    free(worker);
}

enum pu_result push_to(struct pu_courier *courier, const char *channel, long number, const char *word)
{
    char object[128];
    int length = snprintf(object, sizeof(object), "{\"n\":%ld,\"w\":\"%s\"}", number, word != NULL ? word : "");
    const struct pu_message message = {
        .channel = span(channel), .event = PU_EVENT_UPDATE, .object = {object, (size_t)length}, .at = pu_clock_stamp()};

    return pu_courier_push(courier, &message);
}

enum pu_result push_number(struct pu_courier *courier, long number, const char *word)
{
    return push_to(courier, "/sync/family_1_members", number, word);
}

void push_numbers(struct pu_courier *courier, long first, long count)
{
    for (long i = 0; i < count; i++)
        assert_result(push_number(courier, first + i, NULL), PU_OK);
}

struct pu_courier_stats stats_of(struct pu_courier *courier)
{
    struct pu_courier_stats stats;

    pu_courier_stats(courier, &stats);
    return stats;
}

void short_pause(void)
{
    const struct timespec pause = {.tv_nsec = 2000000};

    nanosleep(&pause, NULL);
}

size_t outcomes_of(struct worker *worker, enum pu_outcome_kind kind)
{
    size_t found = 0;

    pthread_mutex_lock(&worker->mutex);
    for (size_t i = 0; i < worker->outcome_count; i++)
        found += worker->outcomes[i].kind == kind;
    pthread_mutex_unlock(&worker->mutex);
    return found;
}

struct pu_outcome outcome_of(struct worker *worker, enum pu_outcome_kind kind)
{
    struct pu_outcome newest = {.count = 0};

    assert_true(outcomes_of(worker, kind) > 0);
    pthread_mutex_lock(&worker->mutex);
    for (size_t i = 0; i < worker->outcome_count; i++) {
        if (worker->outcomes[i].kind == kind)
            newest = worker->outcomes[i];
    }
    pthread_mutex_unlock(&worker->mutex);
    return newest;
}

uint64_t messages_in(struct worker *worker, enum pu_outcome_kind kind)
{
    uint64_t messages = 0;

    pthread_mutex_lock(&worker->mutex);
    for (size_t i = 0; i < worker->outcome_count; i++) {
        if (worker->outcomes[i].kind == kind)
            messages += worker->outcomes[i].count;
    }
    pthread_mutex_unlock(&worker->mutex);
    return messages;
}

void assert_taken_in_order(struct fault_server *server, long first, long count)
{
    size_t room = (size_t)count + 1;
    long *taken = malloc(room * sizeof(*taken));

    assert_non_null(taken);
    assert_int_equal(fault_server_taken(server, taken, room), count);
    for (long i = 0; i < count; i++)
        assert_int_equal(taken[i], first + i);
    free(taken);
}
