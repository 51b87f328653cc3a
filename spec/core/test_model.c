/* A model of the whole: producers change values and push them, the server fails as it pleases, the queue is too small,
 * and browsers that take what arrives, and on a resync fetch what holds now, end equal to the producers.
 */
#include "test_support.h"

#include <stdatomic.h>

#include "arrivals.h"
#include "courier_support.h"
#include "pu_clock.h"
#include "pu_random.h"

#define PRODUCERS 3
#define CHANNELS 12 /* each of one producer: channel % PRODUCERS */
#define ROUNDS 80

/* The table, and what the browser of each channel shows. */
struct world {
    atomic_long values[CHANNELS];
    pthread_mutex_t mutex;
    long shown[CHANNELS];
    long resyncs;
};

static void fetch(struct world *world, size_t channel)
{
    world->shown[channel] = atomic_load(&world->values[channel]);
}

static void receive(void *context, const char *message, size_t length)
{
    struct world *world = context;
    struct arrival arrival = arrival_of(message, length);
    size_t channel = strtoul(arrival.channel + strlen("/sync/"), NULL, 10);

    pthread_mutex_lock(&world->mutex);
    world->resyncs += arrival.resync;
    if (!arrival.resync) {
        world->shown[channel] = arrival.number;
    } else if (strcmp(arrival.channel, "/sync/$all") != 0) {
        fetch(world, channel);
    } else {
        for (size_t i = 0; i < CHANNELS; i++)
            fetch(world, i);
    }
    pthread_mutex_unlock(&world->mutex);
}

static const char *word(struct pu_random *random)
{
    static const char *const words[] = {"POISON", "REJECT", "SWALLOW", "BUSY"};
    uint64_t number = pu_random_next(random) % 200;

    return number < 4 ? words[number] : NULL;
}

struct producer {
    pthread_t thread;
    struct world *world;
    struct pu_courier *courier;
    struct pu_random random;
    size_t number;
    atomic_int *producing;
};

/* The row is committed first, then pushed. */
static enum pu_result change(struct producer *producer)
{
    struct world *world = producer->world;
    size_t channel = pu_random_next(&producer->random) % (CHANNELS / PRODUCERS) * PRODUCERS + producer->number;
    long value = atomic_fetch_add(&world->values[channel], 1) + 1;
    char name[32];

    (void)snprintf(name, sizeof(name), "/sync/%zu", channel);
    return push_to(producer->courier, name, value, word(&producer->random));
}

/* Bursts, some of which wait for the queue to empty. */
static void *produce(void *context)
{
    struct producer *producer = context;

    for (int round = 0; round < ROUNDS; round++) {
        for (uint64_t changes = pu_random_next(&producer->random) % 30; changes > 0; changes--) {
            if (change(producer) != PU_OK)
                abort();
        }
        for (uint64_t pauses = pu_random_next(&producer->random) % 2 * 1000 + 1;
             pauses > 0 && stats_of(producer->courier).pending_messages > 20; pauses--)
            short_pause();
    }
    atomic_fetch_sub(producer->producing, 1);
    return NULL;
}

static void fail_somehow(struct fault_server *server, struct pu_random *random)
{
    static const struct {
        enum fault fault;
        long argument;
    } faults[] = {{FAULT_NONE, 0},         {FAULT_SLOW, 20},        {FAULT_HANG, 0},  {FAULT_RESET, 0},
                  {FAULT_LIMIT_DATA, 200}, {FAULT_CLOSE_BEFORE, 0}, {FAULT_CLOSE, 0}, {FAULT_CLOSE_AFTER, 0},
                  {FAULT_STATUS, 503},     {FAULT_LARGE, 3000}};
    size_t chosen = pu_random_next(random) % (sizeof(faults) / sizeof(*faults));

    fault_server_fail(server, faults[chosen].fault, faults[chosen].argument, 1 + (int)(pu_random_next(random) % 2));
}

/* Until the producers have ended. */
static void meddle(struct fault_server *server, struct pu_courier *courier, atomic_int *producing,
                   struct pu_random *random)
{
    while (atomic_load(producing) > 0) {
        if (pu_random_next(random) % 8 == 0)
            fail_somehow(server, random);
        if (pu_random_next(random) % 32 == 0)
            pu_courier_pause(courier);
        short_pause();
        pu_courier_resume(courier);
    }
    fault_server_fail(server, FAULT_NONE, 0, 0);
}

static void browsers_that_obey_end_equal_to_the_table(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct pu_random random = {.state = test_seed()};
    struct fault_server *server = fault_server_open(&(struct fault_options){.taken = receive, .context = world});
    struct pu_courier_options options = courier_options(fault_server_port(server));
    struct producer producers[PRODUCERS];
    atomic_int producing = PRODUCERS;
    struct pu_courier_stats stats;
    struct worker *worker;

    (void)state;
    pthread_mutex_init(&world->mutex, NULL);
    options.queue_messages = 40;
    options.timeout_ms = 300;
    worker = worker_start(&options);
    for (size_t i = 0; i < PRODUCERS; i++) {
        producers[i] = (struct producer){.world = world,
                                         .courier = worker->courier,
                                         .random = {.state = pu_random_next(&random)},
                                         .number = i,
                                         .producing = &producing};
        assert_int_equal(pthread_create(&producers[i].thread, NULL, produce, &producers[i]), 0);
    }
    meddle(server, worker->courier, &producing, &random);
    for (size_t i = 0; i < PRODUCERS; i++)
        assert_int_equal(pthread_join(producers[i].thread, NULL), 0);
    worker_stop(worker, 60000);
    stats = stats_of(worker->courier);
    fault_server_stop(server);
    printf("pushed %d, delivered %d, overflowed %d, rejected %d, retries %d, resyncs %d\n", (int)stats.pushed,
           (int)stats.delivered, (int)stats.overflowed, (int)stats.rejected, (int)stats.retries, (int)stats.resyncs);
    assert_int_equal(stats.pushed, stats.delivered + stats.overflowed + stats.rejected);
    assert_int_equal(stats.untold, 0);
    assert_true(stats.overflowed > 0 && stats.retries > 0 && stats.resyncs > 0);
    for (size_t i = 0; i < CHANNELS; i++) {
        if (world->shown[i] != atomic_load(&world->values[i]))
            fail_msg("channel %zu shows %ld of %ld", i, world->shown[i], atomic_load(&world->values[i]));
    }
    worker_free(worker);
    pthread_mutex_destroy(&world->mutex);
    free(world);
}

static int set_up_all(void **state)
{
    (void)state;
    return pu_courier_setup() != PU_OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(browsers_that_obey_end_equal_to_the_table)};

    return cmocka_run_group_tests_name("model", tests, set_up_all, NULL);
}
