#include "test_support.h"

#include <pthread.h>
#include <time.h>

#include "pu_clock.h"

#define STAMPS 20000

static void *take_stamps(void *context)
{
    int64_t *stamps = context;

    for (int i = 0; i < STAMPS; i++)
        stamps[i] = pu_clock_stamp();
    return NULL;
}

static void stamps_are_now_in_microseconds(void **state)
{
    struct timespec before;
    struct timespec after;
    int64_t stamp;

    (void)state;
    clock_gettime(CLOCK_REALTIME, &before);
    stamp = pu_clock_stamp();
    clock_gettime(CLOCK_REALTIME, &after);
    assert_true(stamp >= (int64_t)before.tv_sec * 1000000 + before.tv_nsec / 1000);
    /* earlier stamps of this process may have run ahead of the clock, by one microsecond each */
    assert_true(stamp <= (int64_t)after.tv_sec * 1000000 + after.tv_nsec / 1000 + 2 * STAMPS);
}

static void stamps_rise_and_never_repeat_between_threads(void **state)
{
    static int64_t stamps[2][STAMPS];
    pthread_t threads[2];
    size_t other = 0;

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_stamps, stamps[i]), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < STAMPS; i++) {
        assert_true(i == 0 || stamps[0][i] > stamps[0][i - 1]);
        assert_true(i == 0 || stamps[1][i] > stamps[1][i - 1]);
        while (other < STAMPS && stamps[1][other] < stamps[0][i])
            other++;
        assert_true(other == STAMPS || stamps[1][other] != stamps[0][i]);
    }
}

static void the_waiting_clock_goes_on(void **state)
{
    int64_t before = pu_clock_monotonic_ms();
    const struct timespec pause = {.tv_nsec = 30000000};

    (void)state;
    nanosleep(&pause, NULL);
    assert_true(pu_clock_monotonic_ms() - before >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stamps_are_now_in_microseconds),
        cmocka_unit_test(stamps_rise_and_never_repeat_between_threads),
        cmocka_unit_test(the_waiting_clock_goes_on),
    };

    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
