#include "test_support.h"

#include "pu_ledger.h"

static struct pu_ledger *new_ledger(void)
{
    struct pu_ledger *ledger = NULL;

    assert_result(pu_ledger_new(&ledger), PU_OK);
    return ledger;
}

static void counts_add_up_each_by_itself(void **state)
{
    struct pu_ledger *ledger = new_ledger();

    (void)state;
    for (int count = 0; count < PU_COUNTS; count++) {
        pu_ledger_add(ledger, (enum pu_count)count, 1);
        pu_ledger_add(ledger, (enum pu_count)count, (uint64_t)count);
    }
    for (int count = 0; count < PU_COUNTS; count++)
        assert_int_equal(pu_ledger_count(ledger, (enum pu_count)count), count + 1);
    pu_ledger_free(ledger);
}

static void the_state_is_the_present_one(void **state)
{
    struct pu_ledger *ledger = new_ledger();
    struct pu_ledger_state now;

    (void)state;
    pu_ledger_state(ledger, &now);
    assert_false(now.down);
    assert_int_equal(now.down_since, 0);
    assert_int_equal(now.last_success_at, 0);
    assert_string_equal(now.last_error, "");
    pu_ledger_set_down(ledger, true);
    pu_ledger_failed(ledger, span("no route"));
    pu_ledger_succeeded(ledger);
    pu_ledger_state(ledger, &now);
    assert_true(now.down);
    assert_true(now.down_since > INT64_C(1600000000000000)); /* microseconds since the epoch */
    assert_true(now.last_success_at > now.down_since);
    assert_string_equal(now.last_error, "no route");
    pu_ledger_set_down(ledger, false);
    pu_ledger_state(ledger, &now);
    assert_false(now.down);
    assert_int_equal(now.down_since, 0);
    pu_ledger_free(ledger);
}

static void deliveries_are_told_of_only_to_who_listens(void **state)
{
    struct pu_outcome outcome = {.status = 200, .count = 5, .bytes = 500, .milliseconds = 3};
    struct pu_ledger *ledger = new_ledger();
    struct pu_outcome taken;

    (void)state;
    pu_ledger_delivered(ledger, outcome);
    assert_false(pu_ledger_waiting(ledger));
    pu_ledger_listen(ledger, true);
    pu_ledger_delivered(ledger, outcome);
    pu_ledger_delivered(ledger, outcome); /* each by itself */
    assert_true(pu_ledger_waiting(ledger));
    for (int i = 0; i < 2; i++) {
        assert_true(pu_ledger_take(ledger, &taken));
        assert_int_equal(taken.kind, PU_OUTCOME_DELIVERED);
        assert_int_equal(taken.count, 5);
        assert_int_equal(taken.bytes, 500);
        assert_int_equal(taken.milliseconds, 3);
    }
    pu_ledger_listen(ledger, false);
    pu_ledger_delivered(ledger, outcome);
    assert_false(pu_ledger_take(ledger, &taken));
    pu_ledger_free(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_add_up_each_by_itself),
        cmocka_unit_test(the_state_is_the_present_one),
        cmocka_unit_test(deliveries_are_told_of_only_to_who_listens),
    };

    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
