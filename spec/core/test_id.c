#include "test_support.h"

#include "pu_id.h"

#define SOURCE "0123456789abcdef"

static void an_id_is_its_source_and_its_number(void **state)
{
    char id[PU_ID_ROOM];

    (void)state;
    pu_id_write(id, SOURCE, "", 0);
    assert_string_equal(id, SOURCE "-0");
    pu_id_write(id, SOURCE, "r", 42);
    assert_string_equal(id, SOURCE "-r42");
    pu_id_write(id, SOURCE, "p", INT64_MAX);
    assert_string_equal(id, SOURCE "-p9223372036854775807");
}

static void sources_differ_and_are_hex(void **state)
{
    char one[PU_ID_SOURCE_ROOM];
    char other[PU_ID_SOURCE_ROOM];

    (void)state;
    pu_id_source(one);
    pu_id_source(other);
    assert_int_equal(strlen(one), PU_ID_SOURCE);
    assert_int_equal(strspn(one, "0123456789abcdef"), PU_ID_SOURCE);
    assert_string_not_equal(one, other);
}

static bool reads(const char *series, const char *id, uint64_t *number)
{
    return pu_id_read(SOURCE, series, id, strlen(id), number);
}

static void only_ids_of_the_series_are_read(void **state)
{
    static const char *const bad[] = {"",
                                      "1",
                                      SOURCE,
                                      SOURCE "-",
                                      SOURCE "-r7",
                                      SOURCE "-x",
                                      SOURCE "-1x",
                                      SOURCE "--1",
                                      SOURCE "_0",
                                      SOURCE "-18446744073709551617",
                                      "1123456789abcdef-7"};
    uint64_t number = 99;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_false(reads("", bad[i], &number));
    assert_false(reads("r", SOURCE "-7", &number));
    assert_false(reads("r", SOURCE "-r", &number));
    assert_false(reads("r", SOURCE "-p7", &number));
    assert_int_equal(number, 99);
    assert_true(reads("", SOURCE "-7", &number));
    assert_int_equal(number, 7);
    assert_true(reads("r", SOURCE "-r123456789012345678", &number));
    assert_int_equal(number, 123456789012345678);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_its_source_and_its_number),
        cmocka_unit_test(sources_differ_and_are_hex),
        cmocka_unit_test(only_ids_of_the_series_are_read),
    };

    return cmocka_run_group_tests_name("id", tests, NULL, NULL);
}
