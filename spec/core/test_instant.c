#include "test_support.h"

#include <stdlib.h>
#include <time.h>

#include "pu_instant.h"

static struct pu_instant at(const char *text)
{
    struct pu_instant instant = {0, 0};

    assert_true(pu_instant_parse(text, strlen(text), &instant));
    return instant;
}

static void assert_format(struct pu_instant instant, int32_t offset, bool utc, unsigned digits, const char *expected)
{
    char text[PU_INSTANT_TEXT];

    assert_bytes(text, pu_instant_format(text, instant, offset, utc, digits), expected);
}

static void writes_iso_8601(void **state)
{
    struct pu_instant instant = {1767323045, 678901234};

    (void)state;
    assert_format(instant, 0, true, 3, "2026-01-02T03:04:05.678Z");
    assert_format(instant, 0, false, 3, "2026-01-02T03:04:05.678+00:00");
    assert_format(instant, 9 * 3600, false, 0, "2026-01-02T12:04:05+09:00");
    assert_format(instant, -(5 * 3600 + 1800), false, 9, "2026-01-01T21:34:05.678901234-05:30");
    assert_format(instant, -17762, false, 1,
                  "2026-01-01T22:08:03.6-04:56"); /* local mean time: its seconds do not show */
    assert_format((struct pu_instant){-1, 999999999}, 0, true, 3, "1969-12-31T23:59:59.999Z");
}

static void writes_no_year_of_other_than_four_digits(void **state)
{
    (void)state;
    assert_format((struct pu_instant){INT64_C(253402300799), 0}, 0, true, 0, "9999-12-31T23:59:59Z");
    assert_format((struct pu_instant){INT64_C(253402300799), 0}, 1, false, 0, "");
    assert_format((struct pu_instant){INT64_C(-62135596800), 0}, 0, true, 0, "0001-01-01T00:00:00Z");
    assert_format((struct pu_instant){INT64_C(-62135596801), 0}, 0, true, 0, "");
}

static void reads_what_databases_give(void **state)
{
    (void)state;
    assert_format(at("2026-01-02 03:04:05"), 0, true, 6, "2026-01-02T03:04:05.000000Z");
    assert_format(at("2026-01-02 03:04:05.6"), 0, true, 6, "2026-01-02T03:04:05.600000Z");
    assert_format(at("2024-02-29 23:59:59.000001"), 0, true, 6, "2024-02-29T23:59:59.000001Z");
    assert_format(at("0001-01-01 00:00:00"), 0, true, 0, "0001-01-01T00:00:00Z");
    assert_format(at("9999-12-31 23:59:59.999999"), 0, true, 6, "9999-12-31T23:59:59.999999Z");
}

static void reads_nothing_else(void **state)
{
    static const char *const texts[] = {"",
                                        "2026-01-02",
                                        "2026-01-02T03:04:05",
                                        "2026-01-02 03:04",
                                        "2026-01-02 03:04:05Z",
                                        "2026-01-02 03:04:05+09",
                                        "2026-01-02 03:04:05.",
                                        "2026-01-02 03:04:05.1234567",
                                        "2026-01-02 03:04:05.12x",
                                        "2026-01-02 03:04:05,123",
                                        "2026-13-02 03:04:05",
                                        "2026-00-02 03:04:05",
                                        "2026-02-29 03:04:05",
                                        "2100-02-29 03:04:05",
                                        "2026-01-00 03:04:05",
                                        "2026-01-02 24:00:00",
                                        "2026-01-02 03:60:05",
                                        "2026-01-02 03:04:60",
                                        "0000-01-02 03:04:05",
                                        "-001-01-02 03:04:05",
                                        "+026-01-02 03:04:05",
                                        " 2026-01-02 03:04:05",
                                        "12026-01-02 03:04:05",
                                        "2026-01-02 03:04:05 BC"};
    struct pu_instant instant = {-7, 7};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        assert_false(pu_instant_parse(texts[i], strlen(texts[i]), &instant));
        assert_int_equal(instant.second, -7);
    }
}

static void tells_dates(void **state)
{
    char text[PU_DATE_TEXT];

    (void)state;
    assert_true(pu_date_is("2024-02-29", 10));
    assert_true(pu_date_is("9999-12-31", 10));
    assert_false(pu_date_is("2023-02-29", 10));
    assert_false(pu_date_is("2023-2-09", 9));
    assert_false(pu_date_is("2023-02-09 ", 11));
    assert_false(pu_date_is("0000-01-01", 10));
    pu_date_format(text, 312, 3, 1);
    assert_bytes(text, sizeof(text), "0312-03-01");
}

/* The C library knows the same calendar. */
static void agrees_with_the_c_library(void **state)
{
    uint64_t random = 20261124;
    char text[PU_INSTANT_TEXT];
    char expected[PU_INSTANT_TEXT];

    (void)state;
    for (int i = 0; i < 100000; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407U;
        time_t second = (time_t)(random >> 16) % 253402300800 - (i % 4 == 0 ? 62135596800 : 0);
        struct tm parts;
        assert_non_null(gmtime_r(&second, &parts));
        if (parts.tm_year < -899 || parts.tm_year > 8099)
            continue;
        size_t length = pu_instant_format(text, (struct pu_instant){second, 0}, 0, true, 0);
        assert_int_equal(strftime(expected, sizeof(expected), "T%H:%M:%SZ", &parts), 10);
        assert_int_equal(length, 20);
        assert_memory_equal(text + 10, expected, 10);
        (void)snprintf(expected, sizeof(expected), "%04d-%02d-%02d", (parts.tm_year + 1900) % 10000, parts.tm_mon + 1,
                       parts.tm_mday);
        assert_memory_equal(text, expected, 10);
        text[10] = ' ';
        assert_int_equal(at((text[19] = '\0', text)).second, second);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_iso_8601),
        cmocka_unit_test(writes_no_year_of_other_than_four_digits),
        cmocka_unit_test(reads_what_databases_give),
        cmocka_unit_test(reads_nothing_else),
        cmocka_unit_test(tells_dates),
        cmocka_unit_test(agrees_with_the_c_library),
    };

    return cmocka_run_group_tests_name("instant", tests, NULL, NULL);
}
