#include "test_support.h"

#include <pthread.h>

#include "pu_outcome.h"

static struct pu_outcome outcome_of(enum pu_outcome_kind kind, const char *channel, const char *text)
{
    struct pu_outcome outcome = {.kind = kind, .result = PU_EREJECTED, .count = 1};

    pu_outcome_set(outcome.channel, sizeof(outcome.channel), span(channel));
    pu_outcome_set(outcome.text, sizeof(outcome.text), span(text));
    return outcome;
}

static struct pu_outcomes *new_outcomes(void)
{
    struct pu_outcomes *outcomes = NULL;

    assert_result(pu_outcomes_new(&outcomes), PU_OK);
    return outcomes;
}

static void add(struct pu_outcomes *outcomes, enum pu_outcome_kind kind, const char *channel, const char *text)
{
    struct pu_outcome outcome = outcome_of(kind, channel, text);

    pu_outcomes_add(outcomes, &outcome);
}

static void comes_out_in_order(void **state)
{
    struct pu_outcomes *outcomes = new_outcomes();
    struct pu_outcome taken;

    (void)state;
    assert_false(pu_outcomes_waiting(outcomes));
    assert_false(pu_outcomes_take(outcomes, &taken));
    for (int round = 0; round < 50; round++) { /* several times round the ring */
        add(outcomes, PU_OUTCOME_REJECTED, "/sync/a", "first");
        add(outcomes, PU_OUTCOME_DOWN, "", "second");
        assert_true(pu_outcomes_waiting(outcomes));
        assert_true(pu_outcomes_take(outcomes, &taken));
        assert_string_equal(taken.text, "first");
        assert_string_equal(taken.channel, "/sync/a");
        assert_true(pu_outcomes_take(outcomes, &taken));
        assert_int_equal(taken.kind, PU_OUTCOME_DOWN);
        assert_false(pu_outcomes_take(outcomes, &taken));
    }
    pu_outcomes_free(outcomes);
}

static void equal_neighbours_are_added_up(void **state)
{
    struct pu_outcomes *outcomes = new_outcomes();
    struct pu_outcome taken;

    (void)state;
    add(outcomes, PU_OUTCOME_DROPPED, "/sync/a", "full");
    add(outcomes, PU_OUTCOME_DROPPED, "/sync/a", "full");
    add(outcomes, PU_OUTCOME_REJECTED, "/sync/a", "no");
    add(outcomes, PU_OUTCOME_REJECTED, "/sync/b", "no");
    add(outcomes, PU_OUTCOME_REJECTED, "/sync/b", "other");
    assert_true(pu_outcomes_take(outcomes, &taken));
    assert_int_equal(taken.count, 2);
    assert_string_equal(taken.channel, "/sync/a");
    assert_true(pu_outcomes_take(outcomes, &taken));
    assert_int_equal(taken.count, 2);
    assert_string_equal(taken.channel, ""); /* several */
    assert_true(pu_outcomes_take(outcomes, &taken));
    assert_int_equal(taken.count, 1);
    assert_false(pu_outcomes_take(outcomes, &taken));
    pu_outcomes_free(outcomes);
}

static void a_flood_is_counted_to_the_last_message(void **state)
{
    struct pu_outcomes *outcomes = new_outcomes();
    uint64_t counts[PU_OUTCOME_KINDS] = {0};
    struct pu_outcome taken;
    int places = 0;

    (void)state;
    for (int i = 0; i < 1000; i++)
        add(outcomes, i % 2 == 0 ? PU_OUTCOME_REJECTED : PU_OUTCOME_DROPPED, "/sync/a", i % 4 < 2 ? "x" : "y");
    add(outcomes, PU_OUTCOME_DOWN, "", "the one that matters");
    add(outcomes, PU_OUTCOME_UP, "", "again");
    add(outcomes, PU_OUTCOME_RETRY, "", "again");
    while (pu_outcomes_take(outcomes, &taken)) {
        counts[taken.kind] += taken.count;
        places++;
    }
    assert_true(places <= 64);
    assert_int_equal(counts[PU_OUTCOME_REJECTED], 500);
    assert_int_equal(counts[PU_OUTCOME_DROPPED], 500);
    assert_int_equal(counts[PU_OUTCOME_DOWN], 1);
    assert_int_equal(counts[PU_OUTCOME_UP], 1);
    assert_int_equal(counts[PU_OUTCOME_RETRY], 1);
    pu_outcomes_free(outcomes);
}

static void a_field_is_cut_between_characters_and_cleaned(void **state)
{
    char field[8];

    (void)state;
    pu_outcome_set(field, sizeof(field), span("short"));
    assert_string_equal(field, "short");
    pu_outcome_set(field, sizeof(field), span("1234567"));
    assert_string_equal(field, "1234567");
    pu_outcome_set(field, sizeof(field), span("12345678"));
    assert_string_equal(field, "1234567");
    pu_outcome_set(field, sizeof(field), span("123456é"));
    assert_string_equal(field, "123456");
    pu_outcome_set(field, sizeof(field), span("€€€"));
    assert_string_equal(field, "€€");
    pu_outcome_set(field, sizeof(field), span("a\n\x1b\xE9z"));
    assert_string_equal(field, "a???z");
    pu_outcome_set(field, sizeof(field), (struct pu_span){NULL, 0});
    assert_string_equal(field, "");
}

#define EACH 5000

static void *add_many(void *context)
{
    for (int i = 0; i < EACH; i++)
        add(context, PU_OUTCOME_DROPPED, "/sync/a", i % 3 == 0 ? "x" : "y");
    return NULL;
}

static void writers_and_a_reader(void **state)
{
    struct pu_outcomes *outcomes = new_outcomes();
    struct pu_outcome taken;
    pthread_t threads[2];
    uint64_t count = 0;

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, outcomes), 0);
    while (count < 2 * EACH) {
        if (pu_outcomes_take(outcomes, &taken))
            count += taken.count;
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_false(pu_outcomes_waiting(outcomes));
    pu_outcomes_free(outcomes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_out_in_order),
        cmocka_unit_test(equal_neighbours_are_added_up),
        cmocka_unit_test(a_flood_is_counted_to_the_last_message),
        cmocka_unit_test(a_field_is_cut_between_characters_and_cleaned),
        cmocka_unit_test(writers_and_a_reader),
    };

    return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
