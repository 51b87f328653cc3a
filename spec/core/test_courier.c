#include "test_support.h"

#include <signal.h>
#include <stdlib.h>

#include "child.h"
#include "courier_support.h"
#include "pu_clock.h"

static int set_up(void **state)
{
    *state = fault_server_start(0);
    return *state == NULL;
}

static int tear_down(void **state)
{
    fault_server_stop(*state);
    return 0;
}

static struct worker *start(void **state)
{
    struct pu_courier_options options = courier_options(fault_server_port(*state));

    return worker_start(&options);
}

static void delivers_everything_once_in_order(void **state)
{
    struct worker *worker = start(state);
    struct pu_courier_stats stats;

    push_numbers(worker->courier, 0, 3000);
    wait_until(stats_of(worker->courier).pending_messages == 0);
    push_numbers(worker->courier, 3000, 1); /* out of its sleep */
    wait_until(stats_of(worker->courier).delivered == 3001);
    assert_taken_in_order(*state, 0, 3001);
    stats = stats_of(worker->courier);
    assert_int_equal(stats.pushed, 3001);
    assert_int_equal(stats.pending_messages, 0);
    assert_int_equal(stats.pending_bytes, 0);
    assert_int_equal(stats.overflowed + stats.expired + stats.abandoned + stats.rejected + stats.retries, 0);
    assert_int_equal(stats.batches, fault_server_requests(*state));
    assert_true(stats.batches >= 31); /* a hundred at most */
    assert_true(stats.bytes > 3001 * 100);
    assert_int_equal(stats.connections, 1);
    assert_false(stats.down);
    worker_stop(worker, GENEROUS_MS);
    assert_int_equal(worker->outcome_count, 0);
    worker_free(worker);
}

static void batches_grow_while_one_is_under_way(void **state)
{
    struct worker *worker = start(state);

    fault_server_fail(*state, FAULT_SLOW, 200, 1);
    push_numbers(worker->courier, 0, 1);
    wait_until(fault_server_requests(*state) == 1);
    push_numbers(worker->courier, 1, 50);
    wait_until(stats_of(worker->courier).delivered == 51);
    assert_int_equal(stats_of(worker->courier).batches, 2);
    assert_taken_in_order(*state, 0, 51);
    worker_stop(worker, GENEROUS_MS);
    worker_free(worker);
}

#define PRODUCERS 4
#define EACH 2000

struct producer {
    pthread_t thread;
    struct pu_courier *courier;
    long first;
};

static void *produce(void *context)
{
    const struct producer *producer = context;

    for (long i = 0; i < EACH; i++) {
        if (push_number(producer->courier, producer->first + i, NULL) != PU_OK)
            return "refused";
    }
    return NULL;
}

static void four_threads_push_at_once(void **state)
{
    static long taken[PRODUCERS * EACH + 1];
    struct worker *worker = start(state);
    struct producer producers[PRODUCERS];
    long next[PRODUCERS] = {0};

    for (int i = 0; i < PRODUCERS; i++) {
        producers[i] = (struct producer){.courier = worker->courier, .first = i * EACH};
        assert_int_equal(pthread_create(&producers[i].thread, NULL, produce, &producers[i]), 0);
    }
    for (int i = 0; i < PRODUCERS; i++) {
        void *complaint = NULL;

        assert_int_equal(pthread_join(producers[i].thread, &complaint), 0);
        assert_null(complaint);
    }
    wait_until(stats_of(worker->courier).pending_messages == 0);
    assert_int_equal(fault_server_taken(*state, taken, PRODUCERS * EACH + 1), PRODUCERS * EACH);
    for (size_t i = 0; i < PRODUCERS * EACH; i++) {
        long producer = taken[i] / EACH;

        assert_int_equal(taken[i] % EACH, next[producer]);
        next[producer]++;
    }
    worker_stop(worker, GENEROUS_MS);
    worker_free(worker);
}

static void an_interrupt_keeps_the_transfer(void **state)
{
    struct worker *worker = start(state);
    int seen;

    fault_server_fail(*state, FAULT_SLOW, 500, 1);
    push_numbers(worker->courier, 0, 3);
    wait_until(fault_server_requests(*state) == 1);
    for (int i = 1; i <= 5; i++) {
        pu_courier_interrupt(worker->courier);
        do {
            short_pause();
            pthread_mutex_lock(&worker->mutex);
            seen = worker->interruptions;
            pthread_mutex_unlock(&worker->mutex);
        } while (seen < i);
    }
    wait_until(stats_of(worker->courier).pending_messages == 0);
    assert_int_equal(stats_of(worker->courier).delivered, 3);
    assert_int_equal(fault_server_connections(*state), 1);
    assert_taken_in_order(*state, 0, 3);
    worker_stop(worker, GENEROUS_MS);
    worker_free(worker);
}

static void an_interrupt_before_the_loop_is_not_lost(void **state)
{
    struct pu_courier_options options = courier_options(fault_server_port(*state));
    struct pu_courier *courier = NULL;

    assert_result(pu_courier_new(&options, &courier), PU_OK);
    pu_courier_interrupt(courier);
    assert_int_equal(pu_courier_run(courier), PU_COURIER_INTERRUPTED);
    pu_courier_free(courier);
}

static void stop_sends_the_rest_first(void **state)
{
    struct worker *worker = start(state);

    fault_server_fail(*state, FAULT_SLOW, 100, 1);
    push_numbers(worker->courier, 0, 500);
    worker_stop(worker, GENEROUS_MS);
    assert_taken_in_order(*state, 0, 500);
    assert_int_equal(stats_of(worker->courier).delivered, 500);
    assert_result(push_number(worker->courier, 500, NULL), PU_ECLOSED);
    assert_int_equal(worker->outcome_count, 0);
    assert_int_equal(pu_courier_run(worker->courier), PU_COURIER_STOPPED);
    worker_free(worker);
}

static void stop_gives_the_rest_up_at_its_deadline(void **state)
{
    struct worker *worker = start(state);
    struct pu_outcome dropped;

    fault_server_fail(*state, FAULT_HANG, 0, -1);
    push_numbers(worker->courier, 0, 1);
    wait_until(fault_server_requests(*state) == 1);
    push_numbers(worker->courier, 1, 249);
    assert_in_range(worker_stop(worker, 100), 90, 10000); /* not the fifteen seconds of the request */
    assert_int_equal(stats_of(worker->courier).abandoned, 250);
    assert_int_equal(stats_of(worker->courier).pending_messages, 0);
    dropped = outcome_of(worker, PU_OUTCOME_DROPPED);
    assert_int_equal(dropped.count, 250);
    assert_result(dropped.result, PU_ECLOSED);
    worker_free(worker);
}

static void an_idle_courier_stops_at_once(void **state)
{
    struct worker *worker = start(state);

    assert_in_range(worker_stop(worker, 60000), 0, 10000);
    worker_free(worker);
}

static void a_full_queue_drops_its_oldest_counts_and_reports(void **state)
{
    struct pu_courier_options options = courier_options(fault_server_port(*state));
    struct worker *worker;

    options.queue_messages = 10;
    options.max_message_bytes = 1000;
    worker = worker_start(&options);
    fault_server_fail(*state, FAULT_SLOW, 300, 1);
    push_numbers(worker->courier, 0, 1);
    wait_until(fault_server_requests(*state) == 1);
    push_numbers(worker->courier, -1000, 1000);
    push_numbers(worker->courier, 1, 9);
    assert_int_equal(stats_of(worker->courier).pending_messages, 10);
    wait_until(stats_of(worker->courier).pending_messages == 0);
    assert_int_equal(stats_of(worker->courier).overflowed, 1000);
    assert_int_equal(stats_of(worker->courier).pushed, 1010);
    assert_int_equal(stats_of(worker->courier).delivered, 10);
    assert_taken_in_order(*state, 0, 10);
    wait_until(messages_in(worker, PU_OUTCOME_DROPPED) == 1000);
    assert_result(outcome_of(worker, PU_OUTCOME_DROPPED).result, PU_EFULL);
    assert_true(outcomes_of(worker, PU_OUTCOME_DROPPED) < 5); /* added up, however many were dropped */
    worker_stop(worker, GENEROUS_MS);
    worker_free(worker);
}

static void too_large_a_message_is_refused(void **state)
{
    struct pu_courier_options options = courier_options(fault_server_port(*state));
    struct worker *worker;

    options.max_message_bytes = 100;
    worker = worker_start(&options);
    assert_result(push_number(worker->courier, 1, "long enough"), PU_ETOOBIG);
    worker_stop(worker, GENEROUS_MS);
    worker_free(worker);
}

static void a_bad_address_is_refused_at_once(void **state)
{
    struct pu_courier_options options = courier_options(1);
    struct pu_courier *courier = NULL;

    (void)state;
    options.url = "ftp://example.com";
    assert_result(pu_courier_new(&options, &courier), PU_EURL);
    assert_null(courier);
}

/* --- One message, now --- */

static enum pu_result post(struct pu_courier *courier, const char *object, struct pu_outcome *outcome)
{
    const struct pu_message message = {
        .channel = span("/sync/x"), .event = PU_EVENT_CREATE, .object = span(object), .at = 1};

    return pu_courier_post(courier, &message, outcome);
}

static void a_post_says_what_happened(void **state)
{
    struct pu_courier_options options = courier_options(fault_server_port(*state));
    struct pu_courier *courier = NULL;
    struct pu_outcome outcome = {.count = 0};

    options.max_message_bytes = 1000;
    options.timeout_ms = 5000;
    assert_result(pu_courier_new(&options, &courier), PU_OK);
    assert_result(post(courier, "{\"n\":0}", &outcome), PU_OK);
    assert_result(post(courier, "{\"n\":1}", &outcome), PU_OK);
    assert_int_equal(outcome.count, 0); /* untouched */
    assert_result(post(courier, "{\"w\":\"REJECT\"}", &outcome), PU_EREJECTED);
    assert_int_equal(outcome.kind, PU_OUTCOME_REJECTED);
    assert_string_equal(outcome.text, "403:/sync/x:no");
    assert_string_equal(outcome.channel, "/sync/x");
    assert_result(post(courier, "{\"w\":\"POISON\"}", &outcome), PU_EREJECTED);
    assert_int_equal(outcome.status, 400);
    fault_server_fail(*state, FAULT_STATUS, 503, 1);
    assert_result(post(courier, "{\"n\":9}", &outcome), PU_ESTATUS);
    assert_string_equal(outcome.text, "HTTP 503");
    fault_server_fail(*state, FAULT_HTML, 0, 1);
    assert_result(post(courier, "{\"n\":9}", &outcome), PU_EREPLY);
    fault_server_fail(*state, FAULT_FOREIGN_IDS, 0, 1);
    assert_result(post(courier, "{\"n\":9}", &outcome), PU_EREPLY);
    assert_true(strlen(outcome.text) > 0);
    assert_taken_in_order(*state, 0, 2);
    assert_int_equal(stats_of(courier).pushed, 7);
    assert_int_equal(stats_of(courier).delivered, 2);
    assert_int_equal(stats_of(courier).rejected, 2);
    assert_int_equal(stats_of(courier).abandoned, 3);
    pu_courier_free(courier);
}

static void *interrupt_request(void *context)
{
    void **both = context;

    while (fault_server_requests(both[0]) == 0)
        short_pause();
    pu_courier_interrupt(both[1]);
    return NULL;
}

static void a_post_can_be_interrupted(void **state)
{
    struct pu_courier_options options = courier_options(fault_server_port(*state));
    struct pu_courier *courier = NULL;
    struct pu_outcome outcome;
    void *both[2];
    pthread_t thread;

    options.timeout_ms = 60000;
    assert_result(pu_courier_new(&options, &courier), PU_OK);
    fault_server_fail(*state, FAULT_HANG, 0, 1);
    both[0] = *state;
    both[1] = courier;
    assert_int_equal(pthread_create(&thread, NULL, interrupt_request, both), 0);
    assert_result(post(courier, "{\"n\":0}", &outcome), PU_EINTERRUPTED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_result(post(courier, "{\"n\":0}", &outcome), PU_OK);
    fault_server_fail(*state, FAULT_HANG, 0, 1);
    pu_courier_interrupt(courier); /* before the call: not lost */
    assert_result(post(courier, "{\"n\":0}", &outcome), PU_EINTERRUPTED);
    fault_server_fail(*state, FAULT_NONE, 0, 0); /* the request may not even have left */
    assert_result(post(courier, "{\"n\":0}", &outcome), PU_OK);
    assert_int_equal(stats_of(courier).pushed, 2);
    assert_int_equal(stats_of(courier).abandoned, 0);
    pu_courier_free(courier);
}

static void a_post_to_nobody_says_so(void **state)
{
    struct fault_server *gone = fault_server_start(0);
    struct pu_courier_options options = courier_options(fault_server_port(gone));
    struct pu_courier *courier = NULL;
    struct pu_outcome outcome;

    (void)state;
    fault_server_stop(gone);
    assert_result(pu_courier_new(&options, &courier), PU_OK);
    assert_result(post(courier, "{}", &outcome), PU_EUNREACHABLE);
    assert_int_equal(outcome.kind, PU_OUTCOME_DROPPED);
    assert_non_null(strstr(outcome.text, "127.0.0.1"));
    pu_courier_free(courier);
}

/* --- The process --- */

struct heritage {
    struct pu_courier *courier;
    unsigned generation;
    int port;
};

/* In a child. Returns 0, or the number of the step that went wrong. */
static char begin_anew(void *context)
{
    const struct heritage *heritage = context;
    struct pu_courier_options options = courier_options(heritage->port);
    struct pu_courier *own = NULL;
    struct pu_outcome outcome;

    if (pu_courier_generation() != heritage->generation + 1)
        return 1;
    pu_courier_abandon(heritage->courier);
    if (pu_courier_new(&options, &own) != PU_OK || push_number(own, 1000, NULL) != PU_OK)
        return 2;
    pu_courier_stop(own, GENEROUS_MS);
    if (pu_courier_run(own) != PU_COURIER_STOPPED || stats_of(own).delivered != 1 || pu_courier_outcome(own, &outcome))
        return 3;
    pu_courier_free(own);
    return 0;
}

static void a_child_begins_anew_and_the_parent_goes_on(void **state)
{
    struct worker *worker = start(state);
    struct heritage heritage = {worker->courier, pu_courier_generation(), fault_server_port(*state)};

    push_numbers(worker->courier, 0, 10);
    wait_until(stats_of(worker->courier).delivered == 10);
    assert_int_equal(verdict_of_child(begin_anew, &heritage), 0);
    assert_int_equal(pu_courier_generation(), heritage.generation);
    push_numbers(worker->courier, 10, 10);
    wait_until(stats_of(worker->courier).delivered == 20);
    assert_int_equal(stats_of(worker->courier).connections, 1); /* the child has not spoken on it */
    assert_int_equal(fault_server_connections(*state), 2);
    worker_stop(worker, GENEROUS_MS);
    worker_free(worker);
}

static void the_callers_signals_are_as_before(void **state)
{
    struct pu_courier_options options = courier_options(fault_server_port(*state));
    struct pu_courier *courier = NULL;
    struct pu_outcome outcome;
    sigset_t mask;

    assert_result(pu_courier_new(&options, &courier), PU_OK);
    assert_result(post(courier, "{}", &outcome), PU_OK);
    pu_courier_interrupt(courier);
    assert_int_equal(pu_courier_run(courier), PU_COURIER_INTERRUPTED);
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    assert_false(sigismember(&mask, SIGPIPE));
    pu_courier_free(courier);
}

static int set_up_all(void **state)
{
    (void)state;
    return pu_courier_setup() != PU_OK;
}

#define with_server(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_server(delivers_everything_once_in_order),
        with_server(batches_grow_while_one_is_under_way),
        with_server(four_threads_push_at_once),
        with_server(an_interrupt_keeps_the_transfer),
        with_server(an_interrupt_before_the_loop_is_not_lost),
        with_server(stop_sends_the_rest_first),
        with_server(stop_gives_the_rest_up_at_its_deadline),
        with_server(an_idle_courier_stops_at_once),
        with_server(a_full_queue_drops_its_oldest_counts_and_reports),
        with_server(too_large_a_message_is_refused),
        cmocka_unit_test(a_bad_address_is_refused_at_once),
        with_server(a_post_says_what_happened),
        with_server(a_post_can_be_interrupted),
        cmocka_unit_test(a_post_to_nobody_says_so),
        with_server(a_child_begins_anew_and_the_parent_goes_on),
        with_server(the_callers_signals_are_as_before),
    };

    return cmocka_run_group_tests_name("courier", tests, set_up_all, NULL);
}
