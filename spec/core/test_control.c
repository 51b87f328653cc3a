/* The courier as its owner sees and steers it: pauses, batches as the server can take them, what it knows of itself. */
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

    options.queue_messages = 1000;
    return worker_start(&options);
}

static void finish(struct worker *worker)
{
    worker_stop(worker, GENEROUS_MS);
    worker_free(worker);
}

static void a_pause_sends_nothing_and_the_queue_fills(void **state)
{
    struct worker *worker = start(state);

    assert_false(stats_of(worker->courier).paused);
    pu_courier_pause(worker->courier);
    assert_true(stats_of(worker->courier).paused);
    push_numbers(worker->courier, 0, 1010);
    wait_until(messages_in(worker, PU_OUTCOME_DROPPED) == 10); /* so the loop has looked */
    assert_int_equal(fault_server_requests(*state), 0);
    assert_int_equal(stats_of(worker->courier).pending_messages, 1000);
    pu_courier_resume(worker->courier);
    wait_until(stats_of(worker->courier).pending_messages == 0);
    assert_taken_in_order(*state, 10, 1000);
    assert_false(stats_of(worker->courier).paused);
    finish(worker);
}

static void a_pause_lets_what_is_under_way_end(void **state)
{
    struct worker *worker = start(state);

    fault_server_fail(*state, FAULT_SLOW, 300, 1);
    push_numbers(worker->courier, 0, 1);
    wait_until(fault_server_requests(*state) == 1);
    push_numbers(worker->courier, 1, 5);
    pu_courier_pause(worker->courier);
    wait_until(stats_of(worker->courier).delivered == 1);
    push_numbers(worker->courier, 6, 1005); /* a reason for the loop to look again */
    wait_until(outcomes_of(worker, PU_OUTCOME_DROPPED) > 0);
    assert_int_equal(fault_server_requests(*state), 1);
    pu_courier_resume(worker->courier);
    wait_until(stats_of(worker->courier).pending_messages == 0);
    finish(worker);
}

static void a_stop_ends_a_pause(void **state)
{
    struct worker *worker = start(state);

    pu_courier_pause(worker->courier);
    push_numbers(worker->courier, 0, 250);
    worker_stop(worker, GENEROUS_MS);
    assert_taken_in_order(*state, 0, 250);
    assert_int_equal(stats_of(worker->courier).abandoned, 0);
    worker_free(worker);
}

/* The sizes of the batches, by what is told of each. */
static void batches_shrink_while_the_server_is_slow_and_grow_again(void **state)
{
    static const uint64_t expected[] = {100, 50, 25, 12, 24, 48, 96, 100, 45};
    struct worker *worker = start(state);
    size_t seen = 0;

    pu_courier_listen(worker->courier, true);
    fault_server_fail(*state, FAULT_SLOW, 400, 3);
    pu_courier_pause(worker->courier);
    push_numbers(worker->courier, 0, 500);
    pu_courier_resume(worker->courier);
    wait_until(stats_of(worker->courier).pending_messages == 0);
    wait_until(messages_in(worker, PU_OUTCOME_DELIVERED) == 500);
    for (size_t i = 0; i < worker->outcome_count; i++) {
        const struct pu_outcome *outcome = &worker->outcomes[i];

        assert_int_equal(outcome->kind, PU_OUTCOME_DELIVERED);
        assert_int_equal(outcome->count, expected[seen++]);
        assert_int_equal(outcome->status, 200);
        assert_true(outcome->bytes > 100 * outcome->count);
        assert_true(seen > 3 || outcome->milliseconds >= 390);
    }
    assert_int_equal(seen, sizeof(expected) / sizeof(*expected));
    assert_int_equal(fault_server_requests(*state), seen);
    assert_taken_in_order(*state, 0, 500);
    finish(worker);
}

static void a_delivery_makes_no_outcome_unless_somebody_listens(void **state)
{
    struct worker *worker = start(state);

    push_numbers(worker->courier, 0, 1);
    wait_until(stats_of(worker->courier).delivered == 1);
    pu_courier_listen(worker->courier, true);
    push_numbers(worker->courier, 1, 1);
    wait_until(stats_of(worker->courier).delivered == 2);
    wait_until(outcomes_of(worker, PU_OUTCOME_DELIVERED) == 1);
    pu_courier_listen(worker->courier, false);
    push_numbers(worker->courier, 2, 1);
    wait_until(stats_of(worker->courier).delivered == 3);
    finish(worker);
}

static void it_knows_how_it_is(void **state)
{
    struct worker *worker = start(state);
    struct pu_courier_stats stats = stats_of(worker->courier);

    assert_int_equal(stats.oldest_age_ms, -1);
    assert_int_equal(stats.last_success_at, 0);
    assert_string_equal(stats.last_error, "");
    fault_server_fail(*state, FAULT_STATUS, 404, -1);
    push_numbers(worker->courier, 0, 3);
    wait_until(stats_of(worker->courier).down);
    stats = stats_of(worker->courier);
    assert_string_equal(stats.last_error, "HTTP 404");
    assert_true(stats.down_since > 0);
    assert_in_range(stats.oldest_age_ms, 0, 60000);
    fault_server_fail(*state, FAULT_NONE, 0, 0);
    worker_stop(worker, GENEROUS_MS);
    stats = stats_of(worker->courier);
    assert_false(stats.down);
    assert_int_equal(stats.down_since, 0);
    assert_true(stats.last_success_at > 0);
    assert_int_equal(stats.oldest_age_ms, -1);
    assert_string_equal(stats.last_error, "HTTP 404"); /* the last one stays known */
    worker_free(worker);
}

static void no_error_shows_a_credential(void **state)
{
    struct pu_courier_options options = courier_options(fault_server_port(*state));
    struct worker *worker;
    char url[128];

    (void)snprintf(url, sizeof(url), "http://ann:s3cret@127.0.0.1:%d/faye", fault_server_port(*state));
    options.url = url;
    options.authorization = "Bearer t0ken";
    worker = worker_start(&options);
    fault_server_fail(*state, FAULT_CLOSE_BEFORE, 0, -1);
    push_numbers(worker->courier, 0, 1);
    wait_until(stats_of(worker->courier).last_error[0] != '\0');
    assert_null(strstr(stats_of(worker->courier).last_error, "s3cret"));
    assert_null(strstr(stats_of(worker->courier).last_error, "t0ken"));
    fault_server_fail(*state, FAULT_NONE, 0, 0);
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
        with_server(a_pause_sends_nothing_and_the_queue_fills),
        with_server(a_pause_lets_what_is_under_way_end),
        with_server(a_stop_ends_a_pause),
        with_server(batches_shrink_while_the_server_is_slow_and_grow_again),
        with_server(a_delivery_makes_no_outcome_unless_somebody_listens),
        with_server(it_knows_how_it_is),
        with_server(no_error_shows_a_credential),
    };

    return cmocka_run_group_tests_name("control", tests, set_up_all, NULL);
}
