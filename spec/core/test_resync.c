/* What is lost, and who is told to fetch: the order of resyncs among the messages is what makes browsers end equal. */
#include "test_support.h"

#include <stdlib.h>

#include "arrivals.h"
#include "courier_support.h"
#include "pu_clock.h"
#include "pu_gaps.h"

struct scene {
    struct arrivals *arrivals;
    struct fault_server *server;
    struct worker *worker;
};

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    if (scene == NULL)
        return 1;
    scene->arrivals = arrivals_new();
    scene->server = arrivals_server(scene->arrivals);
    *state = scene;
    return scene->server == NULL;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    fault_server_stop(scene->server);
    arrivals_free(scene->arrivals);
    free(scene);
    return 0;
}

/* A courier with a queue of ten messages. */
static struct pu_courier *start(struct scene *scene)
{
    struct pu_courier_options options = courier_options(fault_server_port(scene->server));

    options.queue_messages = 10;
    options.max_message_bytes = 1000;
    options.timeout_ms = 1500;
    scene->worker = worker_start(&options);
    return scene->worker->courier;
}

static void finish(struct scene *scene)
{
    worker_stop(scene->worker, GENEROUS_MS);
    worker_free(scene->worker);
}

/* Message 0 is under way, and stays so until the server is well again. */
static void hold(struct scene *scene)
{
    fault_server_fail(scene->server, FAULT_HANG, 0, -1);
    assert_result(push_to(scene->worker->courier, "/sync/a", 0, NULL), PU_OK);
    wait_until(fault_server_requests(scene->server) >= 1);
}

static void let_go(struct scene *scene)
{
    fault_server_fail(scene->server, FAULT_NONE, 0, 0);
}

static void push_range(struct pu_courier *courier, const char *channel, long first, long last)
{
    for (long number = first; number <= last; number++)
        assert_result(push_to(courier, channel, number, NULL), PU_OK);
}

static void who_lost_is_told_before_anything_newer(void **state)
{
    struct scene *scene = *state;
    struct pu_courier *courier = start(scene);
    struct pu_courier_stats stats;

    hold(scene);
    push_range(courier, "/sync/a", 1, 500);
    push_range(courier, "/sync/b", 501, 1000);
    push_range(courier, "/sync/c", 1001, 1009);
    assert_int_equal(stats_of(courier).overflowed, 1000);
    assert_int_equal(stats_of(courier).pending_messages, 10);
    let_go(scene);
    wait_until(stats_of(courier).pending_messages == 0);
    assert_string_equal(arrivals_text(scene->arrivals), "0 resync:/sync/a resync:/sync/b "
                                                        "1001 1002 1003 1004 1005 1006 1007 1008 1009");
    stats = stats_of(courier);
    assert_int_equal(stats.pushed, 1010);
    assert_int_equal(stats.delivered, 10);
    assert_int_equal(stats.overflowed, 1000);
    assert_int_equal(stats.resyncs, 2);
    assert_int_equal(stats.untold, 0);
    wait_until(messages_in(scene->worker, PU_OUTCOME_DROPPED) == 1000);
    finish(scene);
}

static void overflow_with_channels(struct scene *scene, long channels)
{
    struct pu_courier *courier = start(scene);

    hold(scene);
    for (long i = 1; i <= channels; i++) {
        char channel[32];

        (void)snprintf(channel, sizeof(channel), "/sync/room_%ld", i);
        assert_result(push_to(courier, channel, i, NULL), PU_OK);
    }
    push_range(courier, "/sync/z", 5001, 5009);
    assert_int_equal(stats_of(courier).overflowed, channels);
    let_go(scene);
    wait_until(stats_of(courier).pending_messages == 0);
}

static void a_thousand_channels_are_told_one_by_one(void **state)
{
    struct scene *scene = *state;

    overflow_with_channels(scene, 1000);
    assert_int_equal(stats_of(scene->worker->courier).resyncs, 1000);
    assert_int_equal(arrivals_resyncs(scene->arrivals, PU_GAPS_EVERYONE), 0);
    assert_int_equal(arrivals_resyncs(scene->arrivals, "/sync/room_1"), 1);
    assert_int_equal(arrivals_resyncs(scene->arrivals, "/sync/room_1000"), 1);
    assert_int_equal(scene->arrivals->count, 1 + 1000 + 9);
    assert_int_equal(scene->arrivals->arrivals[1001].number, 5001);
    finish(scene);
}

static void one_more_channel_and_everyone_is_told(void **state)
{
    struct scene *scene = *state;

    overflow_with_channels(scene, 1001);
    assert_string_equal(arrivals_text(scene->arrivals), "0 resync:/sync/$all "
                                                        "5001 5002 5003 5004 5005 5006 5007 5008 5009");
    assert_int_equal(stats_of(scene->worker->courier).resyncs, 1);
    finish(scene);
}

/* The batch that holds the word, sent as a whole after message 0. */
static struct pu_courier *push_batch_with(struct scene *scene, const char *word)
{
    struct pu_courier *courier = start(scene);

    fault_server_fail(scene->server, FAULT_SLOW, 200, 1);
    push_range(courier, "/sync/a", 0, 0);
    wait_until(fault_server_requests(scene->server) == 1);
    push_range(courier, "/sync/a", 1, 1);
    assert_result(push_to(courier, "/sync/b", 2, word), PU_OK);
    push_range(courier, "/sync/b", 3, 3);
    wait_until(stats_of(courier).pending_messages == 0);
    wait_until(stats_of(courier).resyncs == 1);
    return courier;
}

static void a_poisoned_messages_channel_is_told_at_its_place(void **state)
{
    struct pu_courier *courier = push_batch_with(*state, "POISON");

    assert_string_equal(arrivals_text(((struct scene *)*state)->arrivals), "0 1 resync:/sync/b 3");
    assert_int_equal(stats_of(courier).rejected, 1);
    finish(*state);
}

static void a_refused_messages_channel_is_told(void **state)
{
    struct pu_courier *courier = push_batch_with(*state, "REJECT");

    assert_string_equal(arrivals_text(((struct scene *)*state)->arrivals), "0 1 3 resync:/sync/b");
    assert_int_equal(stats_of(courier).rejected, 1);
    finish(*state);
}

static void a_swallowed_messages_channel_is_told(void **state)
{
    struct pu_courier *courier = push_batch_with(*state, "SWALLOW");

    assert_string_equal(arrivals_text(((struct scene *)*state)->arrivals), "0 1 3 resync:/sync/b");
    assert_int_equal(stats_of(courier).rejected, 1);
    finish(*state);
}

/* It arrives after a newer one: who takes it for the newest has to fetch. */
static void an_overtaken_messages_channel_is_told(void **state)
{
    struct pu_courier *courier = push_batch_with(*state, "BUSY");

    assert_string_equal(arrivals_text(((struct scene *)*state)->arrivals), "0 1 3 2 resync:/sync/b");
    assert_int_equal(stats_of(courier).rejected, 0);
    assert_int_equal(stats_of(courier).delivered, 4);
    finish(*state);
}

static void what_expires_in_an_outage_is_told_after_it(void **state)
{
    struct scene *scene = *state;
    struct pu_courier_options options = courier_options(fault_server_port(scene->server));
    struct pu_courier *courier;

    options.max_age_ms = 500;
    scene->worker = worker_start(&options);
    courier = scene->worker->courier;
    fault_server_headers(scene->server, "Retry-After: 1\r\n");
    fault_server_fail(scene->server, FAULT_STATUS, 503, 1);
    push_range(courier, "/sync/a", 0, 29);
    wait_until(stats_of(courier).expired == 30);
    wait_until(stats_of(courier).resyncs == 1); /* with nothing else to send */
    push_range(courier, "/sync/a", 30, 30);
    wait_until(stats_of(courier).delivered == 1);
    assert_string_equal(arrivals_text(scene->arrivals), "resync:/sync/a 30");
    finish(scene);
}

static void a_resync_that_fails_comes_again(void **state)
{
    static const struct {
        enum fault fault;
        long argument;
    } faults[] = {{FAULT_STATUS, 503}, {FAULT_CLOSE_BEFORE, 0}, {FAULT_HANG, 0}, {FAULT_RESET, 0}};
    struct scene *scene = *state;
    struct pu_courier *courier = start(scene);

    for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        char channel[32];
        char expected[128];

        (void)snprintf(channel, sizeof(channel), "/sync/a%zu", i);
        (void)snprintf(expected, sizeof(expected), "resync:%s 2 3 4 5 6 7 8 9 10 11", channel);
        pu_courier_pause(courier);
        push_range(courier, channel, 1, 11);
        fault_server_fail(scene->server, faults[i].fault, faults[i].argument, 1);
        pu_courier_resume(courier);
        wait_until(stats_of(courier).pending_messages == 0);
        assert_string_equal(arrivals_text(scene->arrivals), expected);
        scene->arrivals->count = 0;
    }
    assert_int_equal(stats_of(courier).resyncs, 4);
    finish(scene);
}

/* Each loss is told in the end, but no more often than a browser may well fetch. */
static void a_channel_that_was_told_is_told_again_a_moment_later(void **state)
{
    struct scene *scene = *state;
    struct pu_courier *courier = start(scene);

    for (long i = 1; i <= 20; i++) {
        assert_result(push_to(courier, "/sync/b", i, "REJECT"), PU_OK);
        wait_until(stats_of(courier).rejected == (uint64_t)i);
        if (i == 1)
            wait_until(stats_of(courier).resyncs == 1);
    }
    wait_until(stats_of(courier).resyncs >= 2); /* with nothing else to send */
    worker_stop(scene->worker, GENEROUS_MS);
    assert_in_range(stats_of(courier).resyncs, 2, 10);
    assert_int_equal(arrivals_resyncs(scene->arrivals, "/sync/b"), stats_of(courier).resyncs);
    worker_free(scene->worker);
}

static void a_channel_whose_resync_is_refused_is_left_alone(void **state)
{
    struct scene *scene = *state;
    struct pu_courier *courier = start(scene);
    int requests;

    fault_server_fail(scene->server, FAULT_NONE, 0, 0);
    assert_result(push_to(courier, "/sync/REJECT", 1, NULL), PU_OK);
    wait_until(stats_of(courier).untold == 1);
    assert_result(outcome_of(scene->worker, PU_OUTCOME_REJECTED).result, PU_ERESYNC);
    assert_string_equal(outcome_of(scene->worker, PU_OUTCOME_REJECTED).channel, "/sync/REJECT");
    requests = fault_server_requests(scene->server);
    for (long i = 1; i <= 20; i++) {
        assert_result(push_to(courier, "/sync/REJECT", i, NULL), PU_OK);
        wait_until(stats_of(courier).rejected == (uint64_t)i + 1);
    }
    push_range(courier, "/sync/a", 30, 30);
    wait_until(stats_of(courier).delivered == 1);
    assert_int_equal(stats_of(courier).untold, 1);
    assert_int_equal(fault_server_requests(scene->server), requests + 21);
    finish(scene); /* and a stop does not wait for it */
    assert_string_equal(arrivals_text(scene->arrivals), "30");
}

/* A name that the server cannot even read spoils no other channel's resync. */
static void a_poisoned_resync_is_found_by_halving(void **state)
{
    struct scene *scene = *state;
    struct pu_courier *courier = start(scene);

    pu_courier_pause(courier);
    for (long i = 0; i < 20; i++) {
        char channel[32];

        (void)snprintf(channel, sizeof(channel), i == 13 ? "/sync/POISON" : "/sync/room_%ld", i);
        assert_result(push_to(courier, channel, i, NULL), PU_OK);
    }
    push_range(courier, "/sync/a", 20, 29);
    pu_courier_resume(courier);
    wait_until(stats_of(courier).pending_messages == 0);
    assert_int_equal(stats_of(courier).resyncs, 19);
    assert_int_equal(stats_of(courier).untold, 1);
    assert_int_equal(stats_of(courier).delivered, 10);
    assert_int_equal(outcomes_of(scene->worker, PU_OUTCOME_DOWN), 0);
    assert_true(fault_server_requests(scene->server) < 20);
    finish(scene);
}

static void a_stop_tells_first(void **state)
{
    struct scene *scene = *state;
    struct pu_courier *courier = start(scene);

    pu_courier_pause(courier);
    push_range(courier, "/sync/a", 1, 11);
    worker_stop(scene->worker, GENEROUS_MS); /* ends the pause, too */
    assert_string_equal(arrivals_text(scene->arrivals), "resync:/sync/a 2 3 4 5 6 7 8 9 10 11");
    assert_int_equal(stats_of(courier).abandoned, 0);
    worker_free(scene->worker);
}

static void a_stop_at_its_deadline_tells_nobody(void **state)
{
    struct scene *scene = *state;
    struct pu_courier *courier = start(scene);

    hold(scene);
    push_range(courier, "/sync/a", 1, 11);
    assert_in_range(worker_stop(scene->worker, 100), 0, 10000);
    assert_int_equal(stats_of(courier).overflowed, 2);
    assert_int_equal(stats_of(courier).abandoned, 10);
    assert_int_equal(stats_of(courier).pending_messages, 0);
    assert_int_equal(stats_of(courier).resyncs, 0);
    worker_free(scene->worker);
}

/* --- Four threads, a small queue --- */

#define PRODUCERS 4
#define EACH 5000

struct producer {
    pthread_t thread;
    struct pu_courier *courier;
    char channel[32];
};

static void *produce(void *context)
{
    const struct producer *producer = context;

    for (long i = 1; i <= EACH; i++) {
        if (push_to(producer->courier, producer->channel, i, NULL) != PU_OK)
            return "refused";
        if (i % 500 == 0)
            short_pause(); /* or all is over before the first answer */
    }
    return NULL;
}

static void each_loss_of_four_threads_is_told(void **state)
{
    struct scene *scene = *state;
    struct producer producers[PRODUCERS];
    struct pu_courier *courier = start(scene);
    struct pu_courier_stats stats;

    for (int i = 0; i < PRODUCERS; i++) {
        producers[i].courier = courier;
        (void)snprintf(producers[i].channel, sizeof(producers[i].channel), "/sync/%d", i);
        assert_int_equal(pthread_create(&producers[i].thread, NULL, produce, &producers[i]), 0);
    }
    for (int i = 0; i < PRODUCERS; i++) {
        void *complaint = NULL;

        assert_int_equal(pthread_join(producers[i].thread, &complaint), 0);
        assert_null(complaint);
    }
    wait_until(stats_of(courier).pending_messages == 0);
    worker_stop(scene->worker, GENEROUS_MS);
    stats = stats_of(courier);
    assert_int_equal(stats.pushed, PRODUCERS * EACH);
    assert_int_equal(stats.delivered + stats.overflowed, PRODUCERS * EACH);
    assert_true(stats.overflowed > 100);
    assert_int_equal(scene->arrivals->count, stats.delivered + stats.resyncs);
    assert_true(stats.resyncs < stats.overflowed / 4); /* not one a loss */
    for (int i = 0; i < PRODUCERS; i++)
        assert_gaps_told(scene->arrivals, producers[i].channel, 1, EACH);
    worker_free(scene->worker);
}

static int set_up_all(void **state)
{
    (void)state;
    return pu_courier_setup() != PU_OK;
}

#define with_scene(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_scene(who_lost_is_told_before_anything_newer),
        with_scene(a_thousand_channels_are_told_one_by_one),
        with_scene(one_more_channel_and_everyone_is_told),
        with_scene(a_poisoned_messages_channel_is_told_at_its_place),
        with_scene(a_refused_messages_channel_is_told),
        with_scene(a_swallowed_messages_channel_is_told),
        with_scene(an_overtaken_messages_channel_is_told),
        with_scene(what_expires_in_an_outage_is_told_after_it),
        with_scene(a_resync_that_fails_comes_again),
        with_scene(a_channel_that_was_told_is_told_again_a_moment_later),
        with_scene(a_channel_whose_resync_is_refused_is_left_alone),
        with_scene(a_poisoned_resync_is_found_by_halving),
        with_scene(a_stop_tells_first),
        with_scene(a_stop_at_its_deadline_tells_nobody),
        with_scene(each_loss_of_four_threads_is_told),
    };

    return cmocka_run_group_tests_name("resync", tests, set_up_all, NULL);
}
