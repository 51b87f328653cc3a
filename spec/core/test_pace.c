#include "test_support.h"

#include "pu_pace.h"

static struct pu_pace new_pace(void)
{
    struct pu_pace pace;

    pu_pace_init(&pace);
    assert_int_equal(pu_pace_messages(&pace, false), PU_PACE_MESSAGES);
    assert_int_equal(pu_pace_bytes(&pace), PU_PACE_BYTES);
    return pace;
}

static void slow_answers_halve_down_to_one(void **state)
{
    static const size_t expected[] = {50, 25, 12, 6, 3, 1, 1};
    struct pu_pace pace = new_pace();

    (void)state;
    pu_pace_answered(&pace, 100, 250); /* not yet slow */
    assert_int_equal(pu_pace_messages(&pace, false), 100);
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
        pu_pace_answered(&pace, pu_pace_messages(&pace, false), 251);
        assert_int_equal(pu_pace_messages(&pace, false), expected[i]);
    }
    assert_int_equal(pu_pace_bytes(&pace), PU_PACE_BYTES / 64);
}

static void quick_ones_double_up_to_the_whole(void **state)
{
    static const size_t expected[] = {2, 4, 8, 16, 32, 64, 100, 100};
    struct pu_pace pace = new_pace();

    (void)state;
    while (pu_pace_messages(&pace, false) > 1)
        pu_pace_answered(&pace, 100, 1000);
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
        pu_pace_answered(&pace, 1, 49);
        assert_int_equal(pu_pace_messages(&pace, false), expected[i]);
    }
    assert_int_equal(pu_pace_bytes(&pace), PU_PACE_BYTES);
}

static void a_small_batch_that_was_slow_says_nothing(void **state)
{
    struct pu_pace pace = new_pace();

    (void)state;
    pu_pace_answered(&pace, 50, 1000);
    assert_int_equal(pu_pace_messages(&pace, false), 100);
    pu_pace_answered(&pace, 51, 1000);
    assert_int_equal(pu_pace_messages(&pace, false), 50);
}

/* Over a long way no answer is quick: a moment's trouble must not make batches small for ever. */
static void a_far_server_gets_large_batches_again(void **state)
{
    struct pu_pace pace = new_pace();

    (void)state;
    pu_pace_answered(&pace, 100, 1000);
    for (int i = 0; i < 9; i++)
        pu_pace_answered(&pace, 50, 100);
    assert_int_equal(pu_pace_messages(&pace, false), 50);
    pu_pace_answered(&pace, 50, 100);
    assert_int_equal(pu_pace_messages(&pace, false), 100);
}

static void one_message_asks_whether_the_server_is_back(void **state)
{
    struct pu_pace pace = new_pace();

    (void)state;
    assert_int_equal(pu_pace_messages(&pace, true), 1);
}

static void a_search_halves_until_it_is_past_or_has_found(void **state)
{
    struct pu_pace pace = new_pace();

    (void)state;
    pu_pace_split(&pace, 100, 1000);
    assert_true(pu_pace_searching(&pace));
    assert_int_equal(pu_pace_messages(&pace, false), 50);
    assert_false(pu_pace_past(&pace, 1099));
    pu_pace_split(&pace, 3, 1050);
    assert_int_equal(pu_pace_messages(&pace, false), 1);
    assert_true(pu_pace_past(&pace, 1053));
    assert_int_equal(pu_pace_messages(&pace, false), 100);
    assert_false(pu_pace_past(&pace, 2000));
    pu_pace_split(&pace, 10, 5);
    pu_pace_found(&pace);
    assert_false(pu_pace_searching(&pace));
}

static void too_large_a_body_is_remembered(void **state)
{
    struct pu_pace pace = new_pace();

    (void)state;
    pu_pace_too_large(&pace, 8000);
    assert_int_equal(pu_pace_bytes(&pace), 4000);
    pu_pace_answered(&pace, 100, 1000);
    pu_pace_answered(&pace, 50, 1);
    assert_int_equal(pu_pace_bytes(&pace), 4000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_answers_halve_down_to_one),
        cmocka_unit_test(quick_ones_double_up_to_the_whole),
        cmocka_unit_test(a_small_batch_that_was_slow_says_nothing),
        cmocka_unit_test(a_far_server_gets_large_batches_again),
        cmocka_unit_test(one_message_asks_whether_the_server_is_back),
        cmocka_unit_test(a_search_halves_until_it_is_past_or_has_found),
        cmocka_unit_test(too_large_a_body_is_remembered),
    };

    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
