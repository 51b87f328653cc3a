#include "test_support.h"

#include <stdlib.h>

#include "pu_buf.h"

static void appends_and_grows(void **state)
{
    struct pu_buf buf;

    (void)state;
    pu_buf_init(&buf, 100000);
    for (int i = 0; i < 1000; i++)
        assert_result(pu_buf_append_text(&buf, "0123456789"), PU_OK);
    assert_int_equal(buf.length, 10000);
    assert_memory_equal(buf.bytes + 9990, "0123456789", 10);
    pu_buf_cleanup(&buf);
}

static void the_ceiling_holds_and_the_error_sticks(void **state)
{
    struct pu_buf buf;

    (void)state;
    pu_buf_init(&buf, 10);
    assert_result(pu_buf_append_text(&buf, "0123456789"), PU_OK);
    assert_result(pu_buf_append_text(&buf, "x"), PU_ETOOBIG);
    assert_result(pu_buf_append_text(&buf, ""), PU_ETOOBIG);
    assert_null(pu_buf_reserve(&buf, 0));
    assert_bytes(buf.bytes, buf.length, "0123456789");
    pu_buf_clear(&buf);
    assert_result(pu_buf_append_text(&buf, "again"), PU_OK);
    assert_bytes(buf.bytes, buf.length, "again");
    pu_buf_cleanup(&buf);
}

static void a_length_near_the_largest_number_is_too_big(void **state)
{
    struct pu_buf buf;

    (void)state;
    pu_buf_init(&buf, SIZE_MAX - 1);
    assert_result(pu_buf_append_text(&buf, "x"), PU_OK);
    assert_null(pu_buf_reserve(&buf, SIZE_MAX - 1));
    assert_result(buf.result, PU_ETOOBIG);
    pu_buf_cleanup(&buf);
}

static void takes_the_bytes_out(void **state)
{
    struct pu_buf buf;
    size_t length = 7;
    char *bytes;

    (void)state;
    pu_buf_init(&buf, 10);
    assert_null(pu_buf_take(&buf, &length));
    assert_int_equal(length, 0);
    pu_buf_append_text(&buf, "mine");
    bytes = pu_buf_take(&buf, &length);
    assert_bytes(bytes, length, "mine");
    free(bytes);
    assert_result(pu_buf_append_text(&buf, "next"), PU_OK);
    pu_buf_append_text(&buf, "too much for it");
    assert_null(pu_buf_take(&buf, &length));
    pu_buf_cleanup(&buf);
    pu_buf_cleanup(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_and_grows),
        cmocka_unit_test(the_ceiling_holds_and_the_error_sticks),
        cmocka_unit_test(a_length_near_the_largest_number_is_too_big),
        cmocka_unit_test(takes_the_bytes_out),
    };

    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
