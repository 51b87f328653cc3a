#include "test_support.h"

static void every_result_has_its_name_and_a_text(void **state)
{
    (void)state;
    for (int i = 0; i < PU_RESULT_COUNT; i++) {
        assert_memory_equal(pu_result_name((enum pu_result)i), "PU_", 3);
        assert_true(strlen(pu_result_text((enum pu_result)i)) > 1);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(pu_result_text((enum pu_result)i), pu_result_text((enum pu_result)j));
    }
    assert_string_equal(pu_result_name(PU_EFULL), "PU_EFULL");
    assert_string_equal(pu_result_text(PU_OK), "ok");
}

static void a_stranger_is_unknown(void **state)
{
    (void)state;
    assert_string_equal(pu_result_name(PU_RESULT_COUNT), "PU_UNKNOWN");
    assert_string_equal(pu_result_text(PU_RESULT_COUNT), "an unknown result");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_result_has_its_name_and_a_text),
        cmocka_unit_test(a_stranger_is_unknown),
    };

    return cmocka_run_group_tests_name("result", tests, NULL, NULL);
}
