#include "test_support.h"

#include <pthread.h>

#include "pu_gaps.h"

static struct pu_gap taken[2000];

static struct pu_gaps *new_gaps(void)
{
    struct pu_gaps *gaps = NULL;

    assert_result(pu_gaps_new(&gaps), PU_OK);
    return gaps;
}

static void mark(struct pu_gaps *gaps, const char *channel, uint64_t seq)
{
    pu_gaps_mark(gaps, span(channel), seq);
}

static void mark_rooms(struct pu_gaps *gaps, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        char channel[32];

        (void)snprintf(channel, sizeof(channel), "/sync/room_%d", i);
        mark(gaps, channel, (uint64_t)i);
    }
}

#define assert_taken(place, text, number)                                                                              \
    do {                                                                                                               \
        assert_bytes(taken[place].channel, taken[place].length, text);                                                 \
        assert_int_equal(taken[place].newest, number);                                                                 \
    } while (0)

static void cleanup(size_t count)
{
    for (size_t i = 0; i < count; i++)
        pu_gap_cleanup(&taken[i]);
}

static void a_channel_is_one_gap_however_much_it_lost(void **state)
{
    struct pu_gaps *gaps = new_gaps();

    (void)state;
    assert_int_equal(pu_gaps_pause(gaps), PU_GAPS_NONE);
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 10), 0);
    for (uint64_t seq = 1; seq <= 1000; seq++)
        mark(gaps, seq % 3 == 0 ? "/sync/b" : "/sync/a", seq);
    mark(gaps, "/sync/a", 5); /* an older one changes nothing */
    assert_int_equal(pu_gaps_pause(gaps), 0);
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 10), 2);
    assert_taken(0, "/sync/a", 1000);
    assert_taken(1, "/sync/b", 999);
    cleanup(2);
    assert_int_equal(pu_gaps_pause(gaps), PU_GAPS_NONE);
    pu_gaps_free(gaps);
}

static void a_gap_is_due_once_all_before_it_is_settled(void **state)
{
    struct pu_gaps *gaps = new_gaps();

    (void)state;
    mark(gaps, "/sync/a", 10);
    mark(gaps, "/sync/b", 20);
    assert_int_equal(pu_gaps_take(gaps, 10, taken, 10), 0);
    assert_int_equal(pu_gaps_take(gaps, 11, taken, 10), 1);
    assert_taken(0, "/sync/a", 10);
    cleanup(1);
    mark(gaps, "/sync/a", 30);
    assert_int_equal(pu_gaps_take(gaps, 30, taken, 10), 1);
    assert_taken(0, "/sync/b", 20);
    cleanup(1);
    assert_int_equal(pu_gaps_pause(gaps), 0);
    pu_gaps_free(gaps);
}

/* While messages are lost all the time, the newest loss never is older than what is sent next. */
static void an_older_loss_does_not_wait_for_a_newer_one(void **state)
{
    struct pu_gaps *gaps = new_gaps();

    (void)state;
    mark(gaps, "/sync/a", 10);
    mark(gaps, "/sync/a", 30);
    assert_int_equal(pu_gaps_take(gaps, 20, taken, 10), 1);
    assert_taken(0, "/sync/a", 19);
    assert_int_equal(taken[0].oldest, 10);
    assert_int_equal(pu_gaps_take(gaps, 20, taken + 1, 10), 0);
    pu_gaps_return(gaps, &taken[0]); /* not told: one gap again */
    assert_int_equal(pu_gaps_take(gaps, 20, taken, 10), 1);
    cleanup(1);
    assert_int_equal(pu_gaps_take(gaps, 31, taken, 10), 1);
    assert_taken(0, "/sync/a", 30);
    cleanup(1);
    assert_int_equal(pu_gaps_pause(gaps), PU_GAPS_NONE);
    pu_gaps_free(gaps);
}

static void a_channel_that_was_told_rests_a_moment(void **state)
{
    struct pu_gaps *gaps = new_gaps();

    (void)state;
    mark(gaps, "/sync/a", 10);
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 10), 1);
    pu_gaps_told(gaps, &taken[0]);
    assert_int_equal(pu_gaps_pause(gaps), PU_GAPS_NONE);
    mark(gaps, "/sync/a", 11);
    mark(gaps, "/sync/b", 12);
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 10), 1);
    assert_taken(0, "/sync/b", 12);
    cleanup(1);
    assert_in_range(pu_gaps_pause(gaps), 1, PU_GAPS_TOLD_MS);
    pu_gaps_hurry(gaps);
    assert_int_equal(pu_gaps_pause(gaps), 0);
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 10), 1);
    assert_taken(0, "/sync/a", 11);
    pu_gaps_told(gaps, &taken[0]);
    mark(gaps, "/sync/a", 13);
    assert_int_equal(pu_gaps_pause(gaps), 0); /* near the end nobody rests */
    pu_gaps_free(gaps);
}

/* They are no reason to tell everyone. */
static void who_rests_makes_room(void **state)
{
    struct pu_gaps *gaps = new_gaps();
    size_t count;

    (void)state;
    mark_rooms(gaps, 0, (int)PU_GAPS_CHANNELS);
    count = pu_gaps_take(gaps, UINT64_MAX, taken, 2000);
    for (size_t i = 0; i < count; i++)
        pu_gaps_told(gaps, &taken[i]);
    mark(gaps, "/sync/other", 5000);
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 10), 1);
    assert_taken(0, "/sync/other", 5000);
    cleanup(1);
    pu_gaps_free(gaps);
}

static void what_comes_back_joins_what_was_lost_meanwhile(void **state)
{
    struct pu_gaps *gaps = new_gaps();

    (void)state;
    mark(gaps, "/sync/a", 10);
    mark(gaps, "/sync/b", 11);
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 10), 2);
    mark(gaps, "/sync/a", 12);
    taken[0].refused = 2;
    pu_gaps_return(gaps, &taken[0]);
    pu_gaps_return(gaps, &taken[1]);
    assert_null(taken[0].channel);
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 10), 2);
    assert_taken(0, "/sync/a", 12);
    assert_int_equal(taken[0].refused, 2);
    assert_taken(1, "/sync/b", 11);
    cleanup(2);
    pu_gaps_free(gaps);
}

static void as_many_as_asked_for_the_first_marked_first(void **state)
{
    struct pu_gaps *gaps = new_gaps();

    (void)state;
    mark_rooms(gaps, 0, 1000);
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 3), 3);
    assert_taken(2, "/sync/room_2", 2);
    cleanup(3);
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 2000), 997);
    assert_taken(996, "/sync/room_999", 999);
    cleanup(997);
    pu_gaps_free(gaps);
}

static void one_too_many_is_everyone(void **state)
{
    struct pu_gaps *gaps = new_gaps();

    (void)state;
    mark_rooms(gaps, 0, (int)PU_GAPS_CHANNELS);
    mark(gaps, "/sync/other", 500);
    mark(gaps, "/sync/more", 2000);
    mark(gaps, "/sync/room_3", 1500);
    assert_int_equal(pu_gaps_take(gaps, 2001, taken, 10), 1);
    assert_taken(0, PU_GAPS_EVERYONE, 2000);
    cleanup(1);
    mark(gaps, "/sync/a", 3000); /* told: channels count anew */
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 10), 1);
    assert_taken(0, "/sync/a", 3000);
    cleanup(1);
    pu_gaps_free(gaps);
}

static void what_comes_back_finds_a_place_in_a_full_set(void **state)
{
    struct pu_gaps *gaps = new_gaps();

    (void)state;
    mark(gaps, "/sync/a", 10);
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 1), 1);
    mark_rooms(gaps, 0, (int)PU_GAPS_CHANNELS);
    pu_gaps_return(gaps, &taken[0]);
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 10), 1);
    assert_taken(0, PU_GAPS_EVERYONE, 999);
    cleanup(1);
    pu_gaps_free(gaps);
}

static void a_channel_that_was_forgone_rests(void **state)
{
    struct pu_gaps *gaps = new_gaps();

    (void)state;
    mark(gaps, "/sync/a", 10);
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 1), 1);
    pu_gaps_forgo(gaps, &taken[0]);
    assert_null(taken[0].channel);
    mark(gaps, "/sync/a", 11);
    mark(gaps, "/sync/b", 12);
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 10), 1);
    assert_taken(0, "/sync/b", 12);
    cleanup(1);
    assert_in_range(pu_gaps_pause(gaps), PU_GAPS_TOLD_MS + 1, PU_GAPS_FORGONE_MS);
    pu_gaps_hurry(gaps);
    assert_true(pu_gaps_pause(gaps) > PU_GAPS_TOLD_MS); /* the server's word holds until the end */
    pu_gaps_free(gaps);
}

/* Then each channel has to be told by itself, as long as there is room. */
static void everyone_that_was_forgone_stands_for_nobody(void **state)
{
    struct pu_gaps *gaps = new_gaps();

    (void)state;
    mark(gaps, PU_GAPS_EVERYONE, 10);
    mark(gaps, "/sync/a", 11); /* everyone's as well */
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 10), 1);
    assert_taken(0, PU_GAPS_EVERYONE, 11);
    pu_gaps_forgo(gaps, &taken[0]);
    mark(gaps, "/sync/a", 12);
    assert_int_equal(pu_gaps_take(gaps, UINT64_MAX, taken, 10), 1);
    assert_taken(0, "/sync/a", 12);
    cleanup(1);
    pu_gaps_free(gaps);
}

static void *mark_many(void *context)
{
    for (int i = 0; i < 20; i++)
        mark_rooms(context, i, 300);
    return NULL;
}

static void threads_mark_while_one_takes(void **state)
{
    struct pu_gaps *gaps = new_gaps();
    pthread_t threads[3];

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, mark_many, gaps), 0);
    for (int i = 0; i < 200; i++) {
        size_t count = pu_gaps_take(gaps, UINT64_MAX, taken, 50);

        for (size_t place = 0; place < count; place++) {
            if (place % 2 == 0)
                pu_gaps_return(gaps, &taken[place]);
            else
                pu_gaps_told(gaps, &taken[place]);
        }
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    pu_gaps_free(gaps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_channel_is_one_gap_however_much_it_lost),
        cmocka_unit_test(a_gap_is_due_once_all_before_it_is_settled),
        cmocka_unit_test(an_older_loss_does_not_wait_for_a_newer_one),
        cmocka_unit_test(a_channel_that_was_told_rests_a_moment),
        cmocka_unit_test(who_rests_makes_room),
        cmocka_unit_test(what_comes_back_joins_what_was_lost_meanwhile),
        cmocka_unit_test(as_many_as_asked_for_the_first_marked_first),
        cmocka_unit_test(one_too_many_is_everyone),
        cmocka_unit_test(what_comes_back_finds_a_place_in_a_full_set),
        cmocka_unit_test(a_channel_that_was_forgone_rests),
        cmocka_unit_test(everyone_that_was_forgone_stands_for_nobody),
        cmocka_unit_test(threads_mark_while_one_takes),
    };

    return cmocka_run_group_tests_name("gaps", tests, NULL, NULL);
}
