#include "test_support.h"

#include "pu_random.h"

static void the_same_state_gives_the_same_numbers(void **state)
{
    struct pu_random one = {.state = 42};
    struct pu_random two = {.state = 42};

    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(pu_random_next(&one), pu_random_next(&two));
}

static void seeds_and_numbers_differ(void **state)
{
    struct pu_random one;
    struct pu_random two;

    (void)state;
    pu_random_seed(&one);
    pu_random_seed(&two);
    assert_int_not_equal(one.state, two.state);
    assert_int_not_equal(pu_random_next(&one), pu_random_next(&one));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_state_gives_the_same_numbers),
        cmocka_unit_test(seeds_and_numbers_differ),
    };

    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
