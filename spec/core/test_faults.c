/* The courier against a server in trouble: what is kept, what is given up, and what the application hears. */
#include "test_support.h"

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

static void finish(struct worker *worker)
{
    worker_stop(worker, GENEROUS_MS);
    worker_free(worker);
}

static void a_server_that_comes_up_later_gets_everything(void **state)
{
    struct fault_server *server = fault_server_start(0);
    int port = fault_server_port(server);
    struct pu_courier_options options = courier_options(port);
    struct worker *worker = worker_start(&options);

    (void)state;
    fault_server_stop(server);
    push_numbers(worker->courier, 0, 250);
    wait_until(outcomes_of(worker, PU_OUTCOME_DOWN) == 1);
    assert_true(stats_of(worker->courier).down);
    assert_int_equal(stats_of(worker->courier).pending_messages, 250);
    assert_int_equal(outcomes_of(worker, PU_OUTCOME_RETRY), 1); /* once, not per try */
    assert_result(outcome_of(worker, PU_OUTCOME_RETRY).result, PU_EUNREACHABLE);
    assert_non_null(strstr(outcome_of(worker, PU_OUTCOME_DOWN).text, "127.0.0.1"));
    server = fault_server_start(port);
    assert_non_null(server);
    wait_until(stats_of(worker->courier).pending_messages == 0);
    assert_taken_in_order(server, 0, 250);
    wait_until(outcomes_of(worker, PU_OUTCOME_UP) == 1);
    assert_false(stats_of(worker->courier).down);
    assert_true(stats_of(worker->courier).retries >= 5);
    finish(worker);
    fault_server_stop(server);
}

static void a_failed_batch_comes_again_before_anything_newer(void **state)
{
    struct worker *worker = start(state);

    fault_server_fail(*state, FAULT_STATUS, 503, 2);
    push_numbers(worker->courier, 0, 100);
    wait_until(fault_server_requests(*state) >= 1);
    push_numbers(worker->courier, 100, 100);
    wait_until(stats_of(worker->courier).pending_messages == 0);
    assert_taken_in_order(*state, 0, 200);
    assert_int_equal(stats_of(worker->courier).retries, 2);
    assert_int_equal(outcomes_of(worker, PU_OUTCOME_RETRY), 1);
    assert_int_equal(outcomes_of(worker, PU_OUTCOME_DOWN), 0);
    assert_int_equal(outcomes_of(worker, PU_OUTCOME_UP), 0);
    finish(worker);
}

static void every_outage_is_told_anew(void **state)
{
    struct worker *worker = start(state);

    for (long i = 0; i < 2; i++) {
        fault_server_fail(*state, FAULT_STATUS, 503, 1);
        push_numbers(worker->courier, i, 1);
        wait_until(stats_of(worker->courier).delivered == (uint64_t)i + 1);
    }
    assert_int_equal(messages_in(worker, PU_OUTCOME_RETRY), 2);
    finish(worker);
}

static void a_push_does_not_cut_a_pause_short(void **state)
{
    struct worker *worker = start(state);

    fault_server_headers(*state, "Retry-After: 1\r\n");
    fault_server_fail(*state, FAULT_STATUS, 503, 1);
    push_numbers(worker->courier, 0, 1);
    wait_until(outcomes_of(worker, PU_OUTCOME_RETRY) == 1);
    int64_t before = pu_clock_monotonic_ms();
    for (long i = 1; i < 20; i++) {
        push_numbers(worker->courier, i, 1);
        short_pause();
    }
    wait_until(stats_of(worker->courier).pending_messages == 0);
    assert_true(pu_clock_monotonic_ms() - before >= 700);
    assert_int_equal(fault_server_requests(*state), 3); /* the refused one, the same again, the rest at once */
    assert_taken_in_order(*state, 0, 20);
    finish(worker);
}

static void stop_cuts_a_pause_short(void **state)
{
    struct worker *worker = start(state);

    fault_server_headers(*state, "Retry-After: 60\r\n");
    fault_server_fail(*state, FAULT_STATUS, 503, 1);
    push_numbers(worker->courier, 0, 5);
    wait_until(outcomes_of(worker, PU_OUTCOME_RETRY) == 1);
    assert_in_range(worker_stop(worker, 50000), 0, 30000);
    assert_taken_in_order(*state, 0, 5);
    worker_free(worker);
}

/* Three poisoned among a thousand, found by halving; the others arrive in order. */
static void bisection_finds_exactly_the_poison(void **state)
{
    struct worker *worker = start(state);
    static long taken[1001];
    long expected = 0;

    fault_server_fail(*state, FAULT_SLOW, 300, 1);
    push_numbers(worker->courier, -1, 1); /* holds the loop until all are queued */
    for (long i = 0; i < 1000; i++)
        assert_result(push_number(worker->courier, i, i == 17 || i == 499 || i == 500 ? "POISON" : NULL), PU_OK);
    wait_until(stats_of(worker->courier).pending_messages == 0);
    assert_int_equal(fault_server_taken(*state, taken, 1001), 998);
    for (size_t i = 1; i < 998; i++, expected++) {
        while (expected == 17 || expected == 499 || expected == 500)
            expected++;
        assert_int_equal(taken[i], expected);
    }
    assert_int_equal(stats_of(worker->courier).rejected, 3);
    assert_int_equal(stats_of(worker->courier).delivered, 998);
    assert_true(fault_server_requests(*state) <= 12 + 3 * 16); /* 2·log2(100) + 2 extra a poison */
    wait_until(messages_in(worker, PU_OUTCOME_REJECTED) == 3);
    assert_int_equal(outcome_of(worker, PU_OUTCOME_REJECTED).status, 400);
    assert_string_equal(outcome_of(worker, PU_OUTCOME_REJECTED).channel, "/sync/family_1_members");
    assert_int_equal(outcomes_of(worker, PU_OUTCOME_DOWN), 0);
    finish(worker);
}

static void too_large_a_batch_is_halved_and_remembered(void **state)
{
    struct worker *worker = start(state);

    fault_server_fail(*state, FAULT_LARGE, 3000, -1);
    push_numbers(worker->courier, 0, 1000);
    wait_until(stats_of(worker->courier).pending_messages == 0);
    assert_taken_in_order(*state, 0, 1000);
    assert_true(stats_of(worker->courier).retries <= 6); /* not again for every batch */
    assert_int_equal(stats_of(worker->courier).rejected, 0);
    finish(worker);
}

static void a_message_alone_too_large_for_a_proxy_is_given_up(void **state)
{
    struct worker *worker = start(state);

    fault_server_fail(*state, FAULT_LARGE, 10, -1);
    push_numbers(worker->courier, 0, 1);
    wait_until(stats_of(worker->courier).rejected == 1);
    fault_server_fail(*state, FAULT_NONE, 0, 0);
    push_numbers(worker->courier, 0, 100);
    wait_until(stats_of(worker->courier).delivered == 100);
    finish(worker);
}

static void a_refused_message_is_reported_and_the_rest_arrives(void **state)
{
    struct worker *worker = start(state);
    struct pu_outcome rejected;

    assert_result(push_number(worker->courier, 0, NULL), PU_OK);
    assert_result(push_number(worker->courier, 99, "REJECT"), PU_OK);
    assert_result(push_number(worker->courier, 1, NULL), PU_OK);
    wait_until(stats_of(worker->courier).pending_messages == 0);
    assert_taken_in_order(*state, 0, 2);
    wait_until(outcomes_of(worker, PU_OUTCOME_REJECTED) == 1);
    rejected = outcome_of(worker, PU_OUTCOME_REJECTED);
    assert_string_equal(rejected.text, "403:/sync/x:no");
    assert_result(rejected.result, PU_EREJECTED);
    assert_int_equal(stats_of(worker->courier).rejected, 1);
    finish(worker);
}

static void a_message_that_the_server_cannot_take_now_comes_again(void **state)
{
    struct worker *worker = start(state);

    assert_result(push_number(worker->courier, 0, NULL), PU_OK);
    assert_result(push_number(worker->courier, 1, "BUSY"), PU_OK);
    wait_until(stats_of(worker->courier).delivered == 2);
    assert_taken_in_order(*state, 0, 2);
    assert_int_equal(stats_of(worker->courier).rejected, 0);
    finish(worker);
}

static void a_swallowed_message_is_given_up(void **state)
{
    struct worker *worker = start(state);

    fault_server_fail(*state, FAULT_SLOW, 200, 1);
    push_numbers(worker->courier, 0, 1);
    assert_result(push_number(worker->courier, 99, "SWALLOW"), PU_OK);
    push_numbers(worker->courier, 1, 1);
    wait_until(stats_of(worker->courier).pending_messages == 0);
    assert_taken_in_order(*state, 0, 2);
    assert_int_equal(stats_of(worker->courier).rejected, 1);
    wait_until(outcomes_of(worker, PU_OUTCOME_REJECTED) == 1);
    assert_string_equal(outcome_of(worker, PU_OUTCOME_REJECTED).text, "no reply for this message");
    finish(worker);
}

struct configuration_fault {
    enum fault fault;
    long argument;
    enum pu_result result;
};

/* Something a person must set right: kept, told once, at once; delivered when it is right. */
static void a_wrong_configuration_loses_nothing(void **state)
{
    static const struct configuration_fault faults[] = {
        {FAULT_STATUS, 401, PU_ESTATUS}, {FAULT_STATUS, 404, PU_ESTATUS},   {FAULT_STATUS, 302, PU_ESTATUS},
        {FAULT_HTML, 0, PU_EREPLY},      {FAULT_FOREIGN_IDS, 0, PU_EREPLY}, {FAULT_HUGE, 0, PU_EREPLY},
    };

    for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        struct worker *worker = start(state);

        fault_server_fail(*state, faults[i].fault, faults[i].argument, 1);
        push_numbers(worker->courier, (long)i * 10, 10);
        wait_until(outcomes_of(worker, PU_OUTCOME_DOWN) == 1);
        if (outcome_of(worker, PU_OUTCOME_DOWN).result != faults[i].result)
            fail_msg("fault %zu: %s", i, pu_result_name(outcome_of(worker, PU_OUTCOME_DOWN).result));
        assert_int_equal(outcomes_of(worker, PU_OUTCOME_RETRY), 0);
        assert_int_equal(stats_of(worker->courier).pending_messages, 10);
        worker_stop(worker, GENEROUS_MS); /* tries once more at once */
        assert_int_equal(stats_of(worker->courier).delivered, 10);
        assert_int_equal(outcomes_of(worker, PU_OUTCOME_UP), 1);
        worker_free(worker);
    }
    assert_taken_in_order(*state, 0, 60);
}

static void a_lost_acknowledgement_may_repeat_but_never_loses(void **state)
{
    static long taken[101];
    struct worker *worker = start(state);
    size_t count;

    fault_server_fail(*state, FAULT_CLOSE_AFTER, 0, 1);
    push_numbers(worker->courier, 0, 20);
    wait_until(stats_of(worker->courier).pending_messages == 0);
    count = fault_server_taken(*state, taken, 101);
    assert_in_range(count, 21, 40);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(taken[count - 20 + i], i);
    finish(worker);
}

static void a_connection_closed_while_idle_is_no_failure(void **state)
{
    struct fault_server *server = fault_server_start(0);
    int port = fault_server_port(server);
    struct pu_courier_options options = courier_options(port);
    struct worker *worker = worker_start(&options);

    (void)state;
    push_numbers(worker->courier, 0, 1);
    wait_until(stats_of(worker->courier).delivered == 1);
    fault_server_stop(server);
    server = fault_server_start(port);
    assert_non_null(server);
    push_numbers(worker->courier, 1, 1);
    wait_until(stats_of(worker->courier).delivered == 2);
    assert_taken_in_order(server, 1, 1);
    worker_stop(worker, GENEROUS_MS);
    assert_int_equal(worker->outcome_count, 0);
    worker_free(worker);
    fault_server_stop(server);
}

/* Kept connections that are dead when they are used. libcurl sends again by itself, and gives every sixth of these up.
 */
static void assert_no_failure_by(void **state, enum fault fault)
{
    struct worker *worker = start(state);

    fault_server_fail(*state, fault, 0, -1);
    for (long i = 0; i < 100; i++) {
        push_numbers(worker->courier, i, 1);
        wait_until(stats_of(worker->courier).delivered == (uint64_t)i + 1);
    }
    assert_taken_in_order(*state, 0, 100);
    worker_stop(worker, GENEROUS_MS);
    assert_int_equal(worker->outcome_count, 0);
    assert_true(stats_of(worker->courier).retries <= 3); /* then it does not try kept connections any more */
    worker_free(worker);
}

/* As Faye on Puma does. */
static void a_server_that_closes_after_each_reply_is_no_failure(void **state)
{
    assert_no_failure_by(state, FAULT_CLOSE);
}

static void a_server_that_closes_what_is_used_again_is_no_failure(void **state)
{
    assert_no_failure_by(state, FAULT_STALE);
}

static void a_page_instead_of_replies_is_told_once(void **state)
{
    struct worker *worker = start(state);

    fault_server_fail(*state, FAULT_HTML, 0, -1);
    push_numbers(worker->courier, 0, 10);
    wait_until(outcomes_of(worker, PU_OUTCOME_DOWN) == 1);
    assert_string_equal(stats_of(worker->courier).last_error, "the answer is not that of a Faye server");
    worker_stop(worker, 1000); /* tries once more at once */
    assert_int_equal(fault_server_requests(*state), 2);
    assert_int_equal(outcomes_of(worker, PU_OUTCOME_DOWN), 1);
    assert_int_equal(stats_of(worker->courier).delivered, 0);
    assert_int_equal(stats_of(worker->courier).abandoned, 10);
    worker_free(worker);
}

/* A message that kills whoever reads it: the others arrive, and it alone is given up. */
static void a_killer_is_isolated(void **state)
{
    struct worker *worker = start(state);

    fault_server_fail(*state, FAULT_SLOW, 300, 1);
    push_numbers(worker->courier, 0, 1);
    wait_until(fault_server_requests(*state) == 1);
    push_numbers(worker->courier, 1, 2);
    assert_result(push_number(worker->courier, 99, "KILLER"), PU_OK);
    push_numbers(worker->courier, 3, 4);
    worker_stop(worker, 60000); /* cuts one pause; the others are short */
    assert_taken_in_order(*state, 0, 7);
    assert_int_equal(stats_of(worker->courier).rejected, 1);
    assert_int_equal(messages_in(worker, PU_OUTCOME_REJECTED), 1);
    worker_free(worker);
}

/* A server that ends again and again, for reasons of its own, while one message is on its way. */
static void a_lone_message_is_not_blamed_for_a_few_deaths(void **state)
{
    struct worker *worker = start(state);

    fault_server_fail(*state, FAULT_CLOSE_BEFORE, 0, 5);
    push_numbers(worker->courier, 0, 1);
    wait_until(fault_server_requests(*state) == 6);
    push_numbers(worker->courier, 1, 2);
    worker_stop(worker, 60000);
    assert_taken_in_order(*state, 0, 3);
    assert_int_equal(stats_of(worker->courier).rejected, 0);
    worker_free(worker);
}

static void an_old_message_is_dropped_and_reported(void **state)
{
    struct pu_courier_options options = courier_options(fault_server_port(*state));
    struct worker *worker;
    struct pu_outcome dropped;

    options.max_age_ms = 500;
    worker = worker_start(&options);
    fault_server_headers(*state, "Retry-After: 1\r\n");
    fault_server_fail(*state, FAULT_STATUS, 503, 1);
    push_numbers(worker->courier, 0, 30);
    wait_until(messages_in(worker, PU_OUTCOME_DROPPED) == 30); /* told although nothing is left to do */
    assert_int_equal(stats_of(worker->courier).expired, 30);
    push_numbers(worker->courier, 30, 1);
    wait_until(stats_of(worker->courier).delivered == 1);
    assert_taken_in_order(*state, 30, 1);
    dropped = outcome_of(worker, PU_OUTCOME_DROPPED);
    assert_result(dropped.result, PU_ESTATUS);
    assert_string_equal(dropped.text, "not delivered within 0 s");
    finish(worker);
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
        cmocka_unit_test(a_server_that_comes_up_later_gets_everything),
        with_server(a_failed_batch_comes_again_before_anything_newer),
        with_server(every_outage_is_told_anew),
        with_server(a_push_does_not_cut_a_pause_short),
        with_server(stop_cuts_a_pause_short),
        with_server(bisection_finds_exactly_the_poison),
        with_server(too_large_a_batch_is_halved_and_remembered),
        with_server(a_message_alone_too_large_for_a_proxy_is_given_up),
        with_server(a_refused_message_is_reported_and_the_rest_arrives),
        with_server(a_message_that_the_server_cannot_take_now_comes_again),
        with_server(a_swallowed_message_is_given_up),
        with_server(a_wrong_configuration_loses_nothing),
        with_server(a_lost_acknowledgement_may_repeat_but_never_loses),
        cmocka_unit_test(a_connection_closed_while_idle_is_no_failure),
        with_server(a_server_that_closes_after_each_reply_is_no_failure),
        with_server(a_server_that_closes_what_is_used_again_is_no_failure),
        with_server(a_page_instead_of_replies_is_told_once),
        with_server(a_killer_is_isolated),
        with_server(a_lone_message_is_not_blamed_for_a_few_deaths),
        with_server(an_old_message_is_dropped_and_reported),
    };

    return cmocka_run_group_tests_name("faults", tests, set_up_all, NULL);
}
