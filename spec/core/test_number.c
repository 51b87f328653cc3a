#include "test_support.h"

#include <math.h>
#include <stdlib.h>

#include "pu_number.h"

static void writes_integers(void **state)
{
    static const struct {
        int64_t number;
        const char *text;
    } cases[] = {{0, "0"},
                 {7, "7"},
                 {-1, "-1"},
                 {1763845123123456, "1763845123123456"},
                 {INT64_MAX, "9223372036854775807"},
                 {INT64_MIN, "-9223372036854775808"}};
    char text[PU_NUMBER_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_bytes(text, pu_number_integer(text, cases[i].number), cases[i].text);
}

static void writes_doubles_as_short_as_they_can_be(void **state)
{
    static const struct {
        double number;
        const char *text; /* "" for those that are left to Ruby */
    } cases[] = {{0.0, "0.0"},
                 {-0.0, "-0.0"},
                 {0.1, "0.1"},
                 {-12.5, "-12.5"},
                 {98.6, "98.6"},
                 {100.0, "100.0"},
                 {0.0001, "0.0001"},
                 {0.00009999, ""},
                 {0.1234567891, "0.1234567891"},
                 {0.12345678912, ""},
                 {1.0 / 3, ""},
                 {999999999999999.0, "999999999999999.0"},
                 {1e15, ""},
                 {123456789012.34, "123456789012.34"},
                 {(double)INFINITY, ""},
                 {(double)NAN, ""}};
    char text[PU_NUMBER_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_bytes(text, pu_number_double(text, cases[i].number), cases[i].text);
}

static double read_back(const char *bytes, size_t length)
{
    char text[PU_NUMBER_TEXT + 1];

    memcpy(text, bytes, length);
    text[length] = '\0';
    return strtod(text, NULL);
}

/* No digit less would do: one step shorter is another number. */
static void what_it_writes_reads_back_as_the_same_double(void **state)
{
    uint64_t random = 20261124;
    char text[PU_NUMBER_TEXT];

    (void)state;
    for (int i = 0; i < 200000; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407U;
        double number = (double)(int64_t)(random >> (random % 40)) / pow(10, (double)(random >> 60));
        size_t length = pu_number_double(text, number);
        if (length == 0)
            continue;
        assert_true(length <= sizeof(text));
        assert_true(read_back(text, length) == number);
        if (text[length - 2] != '.')
            assert_true(read_back(text, length - 1) != number);
    }
}

static void writes_scaled_numbers_as_big_decimal_does(void **state)
{
    static const struct {
        int64_t digits;
        unsigned scale;
        const char *text;
    } cases[] = {{123450, 2, "1234.5"},
                 {1200, 2, "12.0"},
                 {0, 2, "0.0"},
                 {-5, 2, "-0.05"},
                 {7, 0, "7.0"},
                 {70, 0, "70.0"},
                 {1, 15, "0.000000000000001"},
                 {-123, 1, "-12.3"},
                 {999999999999999, 15, "0.999999999999999"}};
    char text[PU_NUMBER_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_bytes(text, pu_number_scaled(text, cases[i].digits, cases[i].scale), cases[i].text);
}

static void finds_the_digits_of_a_double(void **state)
{
    int64_t digits = -1;

    (void)state;
    assert_true(pu_number_to_scaled(1234.5, 2, &digits));
    assert_int_equal(digits, 123450);
    assert_true(pu_number_to_scaled(-0.07, 2, &digits));
    assert_int_equal(digits, -7);
    assert_false(pu_number_to_scaled(0.125, 2, &digits));
    assert_false(pu_number_to_scaled(1e15, 0, &digits));
    assert_false(pu_number_to_scaled((double)NAN, 2, &digits));
    assert_false(pu_number_to_scaled((double)-INFINITY, 2, &digits));
    assert_int_equal(digits, -7);
}

static void counts_significant_digits(void **state)
{
    (void)state;
    assert_int_equal(pu_number_significant(0), 0);
    assert_int_equal(pu_number_significant(1200), 2);
    assert_int_equal(pu_number_significant(-1020), 3);
    assert_int_equal(pu_number_significant(INT64_MIN), 19);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_integers),
        cmocka_unit_test(writes_doubles_as_short_as_they_can_be),
        cmocka_unit_test(what_it_writes_reads_back_as_the_same_double),
        cmocka_unit_test(writes_scaled_numbers_as_big_decimal_does),
        cmocka_unit_test(finds_the_digits_of_a_double),
        cmocka_unit_test(counts_significant_digits),
    };

    return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
