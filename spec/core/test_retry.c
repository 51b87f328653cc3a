#include "test_support.h"

#include "pu_retry.h"

static struct pu_retry after_status(long status)
{
    const struct pu_http_answer answer = {.end = PU_HTTP_ANSWERED, .status = status, .uploaded = true};

    return pu_retry_decide(&answer, 0);
}

static void each_status_has_its_action(void **state)
{
    static const struct {
        long status;
        enum pu_retry_action action;
        enum pu_result result;
    } cases[] = {
        {200, PU_RETRY_READ, PU_OK},
        {204, PU_RETRY_READ, PU_OK},
        {301, PU_RETRY_FIX, PU_ESTATUS},
        {302, PU_RETRY_FIX, PU_ESTATUS},
        {400, PU_RETRY_SPLIT, PU_EREJECTED},
        {401, PU_RETRY_FIX, PU_ESTATUS},
        {403, PU_RETRY_FIX, PU_ESTATUS},
        {404, PU_RETRY_FIX, PU_ESTATUS},
        {405, PU_RETRY_FIX, PU_ESTATUS},
        {407, PU_RETRY_FIX, PU_ESTATUS},
        {408, PU_RETRY_LATER, PU_ESTATUS},
        {413, PU_RETRY_SPLIT_OFF, PU_EREJECTED},
        {414, PU_RETRY_SPLIT_OFF, PU_EREJECTED},
        {422, PU_RETRY_SPLIT, PU_EREJECTED},
        {425, PU_RETRY_LATER, PU_ESTATUS},
        {429, PU_RETRY_LATER, PU_ESTATUS},
        {431, PU_RETRY_SPLIT_OFF, PU_EREJECTED},
        {500, PU_RETRY_LATER, PU_ESTATUS},
        {501, PU_RETRY_FIX, PU_ESTATUS},
        {502, PU_RETRY_LATER, PU_ESTATUS},
        {503, PU_RETRY_LATER, PU_ESTATUS},
        {599, PU_RETRY_LATER, PU_ESTATUS},
        {101, PU_RETRY_FIX, PU_ESTATUS},
        {999, PU_RETRY_FIX, PU_ESTATUS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct pu_retry retry = after_status(cases[i].status);

        if (retry.action != cases[i].action || retry.result != cases[i].result)
            fail_msg("%ld: action %d, %s", cases[i].status, (int)retry.action, pu_result_name(retry.result));
    }
}

static struct pu_retry after_end(enum pu_http_end end, bool reused, bool uploaded, unsigned deaths)
{
    const struct pu_http_answer answer = {.end = end, .reused = reused, .uploaded = uploaded};

    return pu_retry_decide(&answer, deaths);
}

static void each_end_of_a_connection_has_its_action(void **state)
{
    (void)state;
    assert_int_equal(after_end(PU_HTTP_UNREACHABLE, false, false, 0).action, PU_RETRY_LATER);
    assert_result(after_end(PU_HTTP_UNREACHABLE, false, false, 0).result, PU_EUNREACHABLE);
    assert_int_equal(after_end(PU_HTTP_TIMEOUT, true, true, 9).action, PU_RETRY_LATER);
    assert_result(after_end(PU_HTTP_TIMEOUT, true, true, 9).result, PU_ETIMEOUT);
    assert_int_equal(after_end(PU_HTTP_TLS, false, false, 0).action, PU_RETRY_FIX);
    assert_result(after_end(PU_HTTP_TLS, false, false, 0).result, PU_ETLS);
    assert_int_equal(after_end(PU_HTTP_FOREIGN, false, true, 0).action, PU_RETRY_FIX);
    assert_result(after_end(PU_HTTP_FOREIGN, false, true, 0).result, PU_EREPLY);
}

static void a_broken_connection_depends_on_how_it_broke(void **state)
{
    (void)state;
    assert_int_equal(after_end(PU_HTTP_BROKEN, true, true, 9).action, PU_RETRY_FRESH);
    assert_int_equal(after_end(PU_HTTP_BROKEN, false, true, PU_RETRY_DEADLY - 1).action, PU_RETRY_LATER);
    assert_int_equal(after_end(PU_HTTP_BROKEN, false, true, PU_RETRY_DEADLY).action, PU_RETRY_SPLIT);
    assert_result(after_end(PU_HTTP_BROKEN, false, true, PU_RETRY_DEADLY).result, PU_EREJECTED);
    assert_int_equal(after_end(PU_HTTP_BROKEN, false, false, PU_RETRY_DEADLY).action, PU_RETRY_LATER);
}

static void pauses_double_up_to_ten_seconds_half_by_chance(void **state)
{
    (void)state;
    assert_int_equal(pu_retry_pause_ms(1, false, 0, 0), 50);
    assert_int_equal(pu_retry_pause_ms(1, false, 0, 50), 100);
    assert_int_equal(pu_retry_pause_ms(2, false, 0, 0), 100);
    assert_int_equal(pu_retry_pause_ms(5, false, 0, 0), 800);
    assert_int_equal(pu_retry_pause_ms(7, false, 0, 0), 3200);
    assert_int_equal(pu_retry_pause_ms(8, false, 0, 0), 5000);
    assert_int_equal(pu_retry_pause_ms(UINT32_MAX, false, 0, 0), 5000);
    assert_int_equal(pu_retry_pause_ms(1, true, 0, 0), 5000);
    for (uint64_t random = 0; random < 20000; random++) {
        int64_t pause = pu_retry_pause_ms(9, false, 0, random);

        assert_in_range(pause, 5000, 10000);
    }
}

static void the_servers_wish_is_granted_within_a_minute(void **state)
{
    (void)state;
    assert_int_equal(pu_retry_pause_ms(1, false, 7000, 0), 7000);
    assert_int_equal(pu_retry_pause_ms(1, false, 3600000, 0), 60000);
    assert_int_equal(pu_retry_pause_ms(1, true, 1000, 0), 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_status_has_its_action),
        cmocka_unit_test(each_end_of_a_connection_has_its_action),
        cmocka_unit_test(a_broken_connection_depends_on_how_it_broke),
        cmocka_unit_test(pauses_double_up_to_ten_seconds_half_by_chance),
        cmocka_unit_test(the_servers_wish_is_granted_within_a_minute),
    };

    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
