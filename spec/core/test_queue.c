#include "test_support.h"

#include "queue_support.h"

static void a_batch_is_a_json_array_in_order(void **state)
{
    struct pu_queue *queue = new_wide_queue();
    struct pu_batch batch;

    (void)state;
    assert_false(pu_queue_take(queue, 100, 1000, &batch));
    push_all(queue, "abc");
    assert_batch(queue, 100, "[a,b,c]");
    assert_int_equal(batch.count, 3);
    assert_true(pu_clock_monotonic_ms() - batch.pushed_at < 10000);
    push_all(queue, "de"); /* the hand is as it was */
    assert_bytes(batch.body, batch.length, "[a,b,c]");
    settle_all(queue, &batch);
    assert_batch(queue, 100, "[d,e]");
    settle_all(queue, &batch);
    assert_false(pu_queue_take(queue, 100, 1000, &batch));
    push_all(queue, "f");
    assert_batch(queue, 100, "[f]");
    pu_queue_free(queue);
}

static void a_batch_keeps_to_both_limits_but_takes_one_at_least(void **state)
{
    struct pu_queue *queue = new_wide_queue();
    struct pu_batch batch;

    (void)state;
    push_all(queue, "abcdef");
    assert_batch(queue, 2, "[a,b]");
    settle_all(queue, &batch);
    assert_true(pu_queue_take(queue, 100, 5, &batch));
    assert_bytes(batch.body, batch.length, "[c,d,e]");
    assert_true(pu_queue_take(queue, 100, 0, &batch));
    assert_bytes(batch.body, batch.length, "[c]");
    pu_queue_free(queue);
}

static void what_is_not_settled_comes_again_whole_or_in_parts(void **state)
{
    struct pu_queue *queue = new_wide_queue();
    struct pu_batch batch;

    (void)state;
    push_all(queue, "abcd");
    assert_batch(queue, 100, "[a,b,c,d]");
    assert_batch(queue, 2, "[a,b]");
    assert_batch(queue, 100, "[a,b,c,d]"); /* the bracket after b is a comma again */
    assert_batch(queue, 2, "[a,b]");
    settle_all(queue, &batch);
    assert_batch(queue, 1, "[c]");
    assert_batch(queue, 2, "[c,d]");
    settle_all(queue, &batch);
    assert_false(pu_queue_take(queue, 100, 1000, &batch));
    pu_queue_free(queue);
}

static void a_hole_in_a_batch_is_not_sent_again(void **state)
{
    struct pu_queue *queue = new_wide_queue();
    struct pu_batch batch;

    (void)state;
    push_all(queue, "abcdef");
    assert_batch(queue, 100, "[a,b,c,d,e,f]");
    pu_queue_settle(queue, 0);
    pu_queue_settle(queue, 3);
    assert_true(pu_queue_settled(queue, 3));
    assert_false(pu_queue_settled(queue, 4));
    assert_batch(queue, 100, "[b,c]");
    settle_all(queue, &batch);
    assert_batch(queue, 100, "[e,f]");
    pu_queue_free(queue);
}

static void ids_are_numbered_in_order_and_found_again(void **state)
{
    struct pu_queue *queue = new_wide_queue();
    struct pu_queue *other = new_wide_queue();
    struct pu_batch batch;
    char ids[5][PU_ID_ROOM];
    size_t place = 99;

    (void)state;
    for (int i = 0; i < 5; i++) {
        push_all(queue, "x");
        memcpy(ids[i], last_id, sizeof(last_id));
        assert_memory_equal(ids[i], pu_queue_source(queue), PU_ID_SOURCE);
        assert_int_equal(ids[i][PU_ID_SOURCE + 1], '0' + i);
    }
    assert_string_not_equal(pu_queue_source(queue), pu_queue_source(other));
    assert_batch(queue, 1, "[x]");
    settle_all(queue, &batch);
    assert_batch(queue, 3, "[x,x,x]"); /* 1, 2, 3 */
    assert_int_equal(batch.first_seq, 1);
    assert_false(pu_queue_find(queue, ids[0], strlen(ids[0]), &place));
    assert_false(pu_queue_find(queue, ids[4], strlen(ids[4]), &place));
    assert_int_equal(place, 99);
    assert_true(pu_queue_find(queue, ids[3], strlen(ids[3]), &place));
    assert_int_equal(place, 2);
    assert_false(pu_queue_find(other, ids[3], strlen(ids[3]), &place));
    pu_queue_free(queue);
    pu_queue_free(other);
}

static void a_malformed_id_is_not_found(void **state)
{
    static const char *const tails[] = {
        "", "-", "-x", "-1x", "--1", "-18446744073709551617", "-99999999999999999999999", "_0"};
    struct pu_queue *queue = new_wide_queue();
    struct pu_batch batch;
    char id[100];
    size_t place;

    (void)state;
    push_all(queue, "ab");
    assert_batch(queue, 100, "[a,b]");
    for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
        (void)snprintf(id, sizeof(id), "%s%s", pu_queue_source(queue), tails[i]);
        assert_false(pu_queue_find(queue, id, strlen(id), &place));
    }
    assert_false(pu_queue_find(queue, "1", 1, &place));
    pu_queue_free(queue);
}

/* The envelope counts, too: a message may be refused only once it is written. Nothing of it stays. */
static enum pu_result write_with_envelope(struct pu_buf *buf, const struct pu_message *message, const char *id)
{
    pu_buf_append_text(buf, "<<<<");
    return write_object(buf, message, id);
}

static void a_message_refused_after_writing_leaves_nothing(void **state)
{
    const struct pu_queue_options options = {.bytes = 10,
                                             .messages = 100,
                                             .max_message_bytes = 8,
                                             .write = write_with_envelope,
                                             .dropped = keep_dropped,
                                             .context = &drops};
    struct pu_queue *queue = NULL;
    struct pu_batch batch;

    (void)state;
    dropped[0] = '\0';
    assert_result(pu_queue_new(&options, &queue), PU_OK);
    assert_result(push(queue, "123"), PU_OK);
    assert_result(push(queue, "12345"), PU_ETOOBIG);
    assert_string_equal(dropped, "");
    assert_batch(queue, 100, "[<<<<123]");
    settle_all(queue, &batch);
    assert_false(pu_queue_take(queue, 100, 1000, &batch));
    assert_result(push(queue, "2"), PU_OK);
    assert_batch(queue, 100, "[<<<<2]");
    pu_queue_free(queue);
}

static void the_age_of_the_oldest_is_known(void **state)
{
    struct pu_queue *queue = new_wide_queue();
    int64_t before = pu_clock_monotonic_ms();
    struct pu_queue_counts counts;
    struct pu_batch batch;

    (void)state;
    pu_queue_counts(queue, &counts);
    assert_int_equal(counts.oldest_at, 0);
    push_all(queue, "a");
    pu_queue_counts(queue, &counts);
    assert_in_range(counts.oldest_at, before, pu_clock_monotonic_ms());
    assert_batch(queue, 100, "[a]");
    pu_queue_counts(queue, &counts);
    assert_in_range(counts.oldest_at, before, pu_clock_monotonic_ms()); /* in the hand */
    pu_queue_settle(queue, 0);
    pu_queue_release(queue);
    pu_queue_counts(queue, &counts);
    assert_int_equal(counts.oldest_at, 0);
    pu_queue_free(queue);
}

static void a_closed_queue_takes_no_more_but_gives(void **state)
{
    struct pu_queue *queue = new_wide_queue();
    struct pu_batch batch;

    (void)state;
    push_all(queue, "a");
    pu_queue_close(queue);
    assert_result(push(queue, "b"), PU_ECLOSED);
    assert_batch(queue, 100, "[a]");
    pu_queue_free(queue);
}

static void only_a_sleeping_consumer_is_woken_and_once(void **state)
{
    const struct pu_message message = {.object = span("a")};
    struct pu_queue *queue = new_wide_queue();
    struct pu_batch batch;
    bool wake = true;

    (void)state;
    assert_result(pu_queue_push(queue, &message, &wake), PU_OK);
    assert_false(wake);
    assert_false(pu_queue_sleep(queue)); /* something waits */
    assert_batch(queue, 100, "[a]");
    settle_all(queue, &batch);
    assert_true(pu_queue_sleep(queue));
    assert_result(pu_queue_push(queue, &message, &wake), PU_OK);
    assert_true(wake);
    assert_result(pu_queue_push(queue, &message, &wake), PU_OK);
    assert_false(wake);
    assert_batch(queue, 100, "[a,a]");
    settle_all(queue, &batch);
    assert_true(pu_queue_sleep(queue));
    pu_queue_awake(queue);
    assert_result(pu_queue_push(queue, &message, &wake), PU_OK);
    assert_false(wake);
    pu_queue_free(queue);
}

static void refusals_are_counted_per_message(void **state)
{
    struct pu_queue *queue = new_wide_queue();
    struct pu_batch batch;
    struct pu_span second;

    (void)state;
    push_all(queue, "ab");
    assert_batch(queue, 100, "[a,b]");
    assert_int_equal(pu_queue_refuse(queue, 1), 1);
    pu_queue_settle(queue, 0);
    assert_batch(queue, 100, "[b]");
    assert_int_equal(pu_queue_refuse(queue, 0), 2);
    second = pu_queue_message(queue, 0);
    assert_bytes(second.bytes, second.length, "b");
    pu_queue_free(queue);
}

/* A burst of several megabytes, twice: the arenas grow, are given back, and grow again. */
static void bursts_pass_through(void **state)
{
    struct pu_queue *queue = new_queue(8000000, 10000, 100000);
    static char text[3001];
    struct pu_batch batch;

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    for (int burst = 0; burst < 4; burst++) {
        size_t taken = 0;

        for (int i = 0; i < 1000; i++)
            assert_result(push(queue, text), PU_OK);
        while (pu_queue_take(queue, 100, 100000, &batch)) {
            assert_int_equal(batch.length, batch.count * 3001 + 1);
            taken += batch.count;
            settle_all(queue, &batch);
        }
        assert_int_equal(taken, 1000);
    }
    pu_queue_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_is_a_json_array_in_order),
        cmocka_unit_test(a_batch_keeps_to_both_limits_but_takes_one_at_least),
        cmocka_unit_test(what_is_not_settled_comes_again_whole_or_in_parts),
        cmocka_unit_test(a_hole_in_a_batch_is_not_sent_again),
        cmocka_unit_test(ids_are_numbered_in_order_and_found_again),
        cmocka_unit_test(a_malformed_id_is_not_found),
        cmocka_unit_test(a_message_refused_after_writing_leaves_nothing),
        cmocka_unit_test(the_age_of_the_oldest_is_known),
        cmocka_unit_test(a_closed_queue_takes_no_more_but_gives),
        cmocka_unit_test(only_a_sleeping_consumer_is_woken_and_once),
        cmocka_unit_test(refusals_are_counted_per_message),
        cmocka_unit_test(bursts_pass_through),
    };

    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
